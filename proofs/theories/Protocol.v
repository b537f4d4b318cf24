(* The ballot's proof as src/protocol.md §4 has it: statement, prover, verifier.

   The scalars are a field F; the group is an F-vector space V, written with capitals, in which `a *: X` is
   the spec's a·X.  There are L lists and J slots, with any layout and any weights.  Indices start at 0 here
   and at 1 in the spec: `b i` with i : 'I_L is b_{i+1}, and `y ^+ j.+1` stands beside `sC j`, which is C_{j+1}. *)

From mathcomp Require Import all_ssreflect all_algebra.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

Section Protocol.

Variables (F : fieldType) (V : lmodType F) (L J : nat).

(* One scalar for each list: b_1 … b_L, a_1 … a_L, f_1 … f_L. *)
Notation scalars := {ffun 'I_L -> F}.

(* ---- What is public ---- *)

(* §0: P, N, K, Q, P_1 … P_L. *)
Record generators := Generators { gP : V; gN : V; gK : V; gQ : V; gP_ : 'I_L -> V }.

(* §1, §2: the basepoint, the slots' keys H_1 … H_J, each list's slot and its weight there. *)
Record contest := Contest { cG : V; cH : 'I_J -> V; slot : 'I_L -> 'I_J; weight : 'I_L -> F }.

(* §4: the ciphertext R, C_1 … C_J and the public credential C. *)
Record statement := Statement { sR : V; sC_ : 'I_J -> V; sC : V }.

(* §4 step 4: the second message A, S, e. *)
Record announcement := Announcement { tA : V; tS : V; te : F }.

(* §4 step 5: the responses f_1 … f_L, z, k, u. *)
Record response := Response { rf : scalars; rz : F; rk : F; ru : F }.

Implicit Types (g : generators) (c : contest) (st : statement) (t : announcement) (rsp : response).
Implicit Types (B : V) (x y : F) (f : scalars).

(* ---- Sums that both sides use ---- *)

(* §4: f_0 = x − Σ f_i, and likewise b_0 = 1 − Σ b_i, a_0 = −Σ a_i: the scalars 0 … L, of which the 0th
   makes their sum `total`. *)
Definition with_zeroth (total : F) f (i : 'I_L.+1) : F :=
  if unlift ord0 i is Some i' then f i' else total - \sum_(i' < L) f i'.

(* §4: Σ_{j=1…J} y^j·Σ_{i in slot j} weight_i·f_i. *)
Definition in_slot c f (j : 'I_J) : F := \sum_(i < L | slot c i == j) weight c i * f i.
Definition over_slots c y f : F := \sum_(j < J) y ^+ j.+1 * in_slot c f j.

(* §4: G + Σ_{j=1…J} y^j·H_j. *)
Definition key_sum c y : V := cG c + \sum_(j < J) y ^+ j.+1 *: cH c j.

(* ---- Verifier, §4 ---- *)

Definition equation1 g B t y x rsp : Prop :=
  let f := with_zeroth x (rf rsp) in
  tA t + x *: B
  = ru rsp *: gP g + rz rsp *: gN g + rk rsp *: gK g + \sum_(i < L) rf rsp i *: gP_ g i
    + (\sum_(i < L.+1) y ^+ i * f i * (x - f i) - x * te t) *: gQ g.

Definition equation2 c st t y x rsp : Prop :=
  tS t + x *: (sR st + \sum_(j < J) y ^+ j.+1 *: sC_ st j + y ^+ J.+1 *: sC st)
  = rz rsp *: key_sum c y + (over_slots c y (rf rsp) + y ^+ J.+1 * rk rsp) *: cG c.

Definition accepts g c st B t y x rsp : Prop :=
  equation1 g B t y x rsp /\ equation2 c st t y x rsp.

(* ---- The relation that is proved, §4 ---- *)

(* What B opens to: β, r, s, μ and b_1 … b_L. *)
Record opening := Opening { beta : F; nonce : F; secret : F; mu : F; bits : scalars }.

(* §4 step 2: B = β·P + r·N + s·K + μ·Q + Σ b_i·P_i. *)
Definition commit g (o : opening) : V :=
  beta o *: gP g + nonce o *: gN g + secret o *: gK g + mu o *: gQ g + \sum_(i < L) bits o i *: gP_ g i.

(* Bits, of which at most one is set. *)
Definition one_choice (b : scalars) : Prop :=
  (forall i, b i = 0 \/ b i = 1) /\ (forall i i', b i = 1 -> b i' = 1 -> i = i').

(* R = r·G, C_j = r·H_j + m_j·G with m_j made of b, C = s·G. *)
Definition encrypts c st (r s : F) (b : scalars) : Prop :=
  [/\ sR st = r *: cG c,
      forall j, sC_ st j = r *: cH c j + in_slot c b j *: cG c
    & sC st = s *: cG c].

Definition witness c st (r s : F) (b : scalars) : Prop := one_choice b /\ encrypts c st r s b.

(* A non-trivial relation between P, N, K, Q, P_1 … P_L: coefficients, not all zero, whose combination of
   the generators is zero. *)
Definition zeros : opening := Opening 0 0 0 0 [ffun => 0].

Definition relation g (o : opening) : Prop := o <> zeros /\ commit g o = 0.

Definition independent g : Prop := forall o, ~ relation g o.

(* ---- Prover, §4 steps 2 to 5.  The witness and β, μ are an opening; the rest is drawn in step 4. ---- *)

Record nonces := Nonces { rho : F; sigma : F; alpha : F; an : scalars }.

Implicit Types (o : opening) (n : nonces).

(* e_0 = −Σ y^i·a_i², e_1 = Σ y^i·a_i·(1 − 2b_i), over i = 0 … L. *)
Definition e0 y n : F := - \sum_(i < L.+1) y ^+ i * with_zeroth 0 (an n) i ^+ 2.
Definition e1 y o n : F :=
  \sum_(i < L.+1) y ^+ i * with_zeroth 0 (an n) i * (1 - (with_zeroth 1 (bits o) i) *+ 2).

Definition prover_A g y n : V :=
  alpha n *: gP g + rho n *: gN g + sigma n *: gK g + e0 y n *: gQ g + \sum_(i < L) an n i *: gP_ g i.

Definition prover_S c y n : V :=
  rho n *: key_sum c y + (over_slots c y (an n) + y ^+ J.+1 * sigma n) *: cG c.

Definition announce g c y o n : announcement :=
  Announcement (prover_A g y n) (prover_S c y n) (e1 y o n - mu o).

Definition respond x o n : response :=
  Response [ffun i => an n i + x * bits o i] (rho n + x * nonce o) (sigma n + x * secret o)
           (alpha n + x * beta o).

End Protocol.

Arguments Opening {F L}.
Arguments Nonces {F L}.
Arguments Response {F L}.
