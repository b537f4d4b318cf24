(* Zero knowledge for given y and x: src/protocol.md §4.

   In a group of dimension one (of prime order, the spec's case) whose generator P is not zero, the prover's
   randomness and what a simulator draws are two names for one thing, so that both make the same transcripts
   equally often.  Here y may even be any function of B, as a hash is: a simulator has only to choose x. *)

From mathcomp Require Import all_ssreflect all_algebra all_fingroup.
From urne Require Import Algebra Protocol Openings Completeness.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

(* P ≠ 0, and every point is a multiple of P. *)
Definition dimension_one (F : fieldType) (V : lmodType F) (P : V) : Prop :=
  P != 0 /\ forall X, exists a, X == a *: P.

Lemma dimension_one_log (F : fieldType) (V : lmodType F) (P : V) :
  dimension_one P -> bijective (fun a : F => a *: P).
Proof.
case=> P0 spans; exists (fun X => xchoose (spans X)) => [a | X]; last by rewrite -(eqP (xchooseP (spans X))).
have := xchooseP (spans (a *: P)); rewrite -subr_eq0 -scalerBl scaler_eq0 (negPf P0) orbF subr_eq0.
by move/eqP => <-.
Qed.

(* So it is in the field itself, of which the spec's group is a copy. *)
Lemma field_dimension_one (F : fieldType) (P : F^o) : P != 0 -> dimension_one P.
Proof. by move=> P0; split=> // X; exists ((X : F) / P); rewrite [_ *: _](divfK P0). Qed.

Section Simulator.

Variables (F : fieldType) (V : lmodType F) (L J : nat).
Variables (g : generators V L) (c : contest V L J).

(* All that the prover sends. *)
Record view := View { sent_B : V; sent : announcement V; replied : response F L }.

(* What the prover draws: β, μ, ρ, σ, α, a_1 … a_L. *)
Definition randomness : Type := F * F * F * F * F * {ffun 'I_L -> F}.

Definition real (r s : F) (b : {ffun 'I_L -> F}) (y : V -> F) (x : F) (rnd : randomness) : view :=
  let: (beta, mu, rho, sigma, alpha, a) := rnd in
  let o := Opening beta r s mu b in
  let n := Nonces rho sigma alpha a in
  View (commit g o) (announce g c (y (commit g o)) o n) (respond x o n).

(* What the simulator draws: B, e, f_1 … f_L, z, k, u. *)
Definition draws : Type := V * F * {ffun 'I_L -> F} * F * F * F.

Definition drawn (v : view) : draws :=
  (sent_B v, te (sent v), rf (replied v), rz (replied v), rk (replied v), ru (replied v)).

(* It knows the statement, y and x; A and S follow by (1) and (2). *)
Definition simulate (st : statement V J) (y : V -> F) (x : F) (d : draws) : view :=
  let: (B, e, f, z, k, u) := d in
  let rsp := Response f z k u in
  let A := commit g (answer e x (y B) rsp) - x *: B in
  let S := z *: key_sum c (y B) + (over_slots c (y B) f + y B ^+ J.+1 * k) *: cG c
           - x *: statement_sum st (y B) in
  View B (Announcement A S e) rsp.

Definition accepted (st : statement V J) (y : V -> F) (x : F) (v : view) : Prop :=
  accepts g c st (sent_B v) (sent v) (y (sent_B v)) x (replied v).

Lemma simulated_accepted st y x d : accepted st y x (simulate st y x d).
Proof.
case: d => [[[[[B e] f] z] k] u]; split; first by apply/equation1E; rewrite /= subrK.
by rewrite /equation2 /= -/(statement_sum st (y B)) subrK.
Qed.

(* An accepted view is what the simulator makes of its drawn part. *)
Theorem accepted_determined st y x v : accepted st y x v -> v = simulate st y x (drawn v).
Proof.
case: v => B [A S e] [f z k u] [/equation1E /= eq1 eq2].
by rewrite /simulate /= -eq1 addrK -eq2 /= -/(statement_sum st (y B)) addrK.
Qed.

Variables (st : statement V J) (r s : F) (b : {ffun 'I_L -> F}) (y : V -> F) (x : F).

Theorem real_is_simulated rnd : witness c st r s b ->
  real r s b y x rnd = simulate st y x (drawn (real r s b y x rnd)).
Proof.
move=> wit; apply: accepted_determined.
by case: rnd => [[[[[beta mu] rho] sigma] alpha] a]; apply: completeness.
Qed.

Hypothesis P_spans : dimension_one (gP g).

Add Ring F_ring : (field_ring_laws F).

Theorem zero_knowledge_bijection : bijective (fun rnd => drawn (real r s b y x rnd)).
Proof.
have [log logK Klog] := dimension_one_log P_spans.
pose others (mu : F) : V := r *: gN g + s *: gK g + mu *: gQ g + \sum_(i < L) b i *: gP_ g i.
pose e1_of B (a : {ffun 'I_L -> F}) := linear_term (y B) b a.
have commitE beta mu : commit g (Opening beta r s mu b) = beta *: gP g + others mu.
  by rewrite /commit /others !addrA.
pose back (d : draws) : randomness :=
  let: (B, e, f, z, k, u) := d in
  let a := [ffun i => f i - x * b i] in
  let mu := e1_of B a - e in
  let beta := log (B - others mu) in
  (beta, mu, z - x * r, k - x * s, u - x * beta, a).
exists back.
  case=> [[[[[beta mu] rho] sigma] alpha] a].
  have aK : [ffun i => (respond x (Opening beta r s mu b) (Nonces rho sigma alpha a)).(rf) i - x * b i] = a.
    by apply/ffunP => i; rewrite !ffunE addrK.
  rewrite /back /drawn /= aK.
  set o := Opening beta r s mu b; set B := commit g o.
  have muK : e1_of B a - (e1 (y B) o (Nonces rho sigma alpha a) - mu) = mu.
    by rewrite /e1_of -/(e1 (y B) o (Nonces rho sigma alpha a)) opprB addrC subrK.
  by rewrite muK /B commitE addrK logK !addrK.
case=> [[[[[B e] f] z] k] u]; rewrite /drawn /= commitE Klog subrK /= !subrK.
rewrite /e1 /= -/(linear_term (y B) b _) -/(e1_of B _) opprB addrC subrK.
do 4![congr (_, _)].
by apply/ffunP => i; rewrite !ffunE subrK.
Qed.

End Simulator.

Arguments real {F V L J}.
Arguments simulate {F V L J}.

(* ---- Counting, in a finite group ---- *)

Section Counting.

Variables (F : finFieldType) (V : finLmodType F) (L J : nat).
Variables (g : generators V L) (c : contest V L J) (st : statement V J).
Hypothesis P_spans : dimension_one (gP g).

Definition fin_randomness : finType := [finType of F * F * F * F * F * {ffun 'I_L -> F}].
Definition fin_draws : finType := [finType of V * F * {ffun 'I_L -> F} * F * F * F].

(* There are as many random strings of the prover as of the simulator, and for any test of a transcript as
   many of the one make it succeed as of the other: the two distributions are equal. *)
Theorem zero_knowledge r s b (y : V -> F) (x : F) (test : view V L -> bool) : witness c st r s b ->
  #|fin_randomness| = #|fin_draws|
  /\ #|[set rnd : fin_randomness | test (real g c r s b y x rnd)]|
     = #|[set d : fin_draws | test (simulate g c st y x d)]|.
Proof.
move=> wit; have bij := zero_knowledge_bijection c r s b y x P_spans.
split; first exact: (bij_eq_card bij).
rewrite -(on_card_preimset (f := fun rnd => drawn (real g c r s b y x rnd) : fin_draws)); last exact: onW_bij.
by apply: eq_card => rnd; rewrite !inE -(real_is_simulated g y x rnd wit).
Qed.

End Counting.

(* The same in the field as its own space of dimension one, where P ≠ 0 is all that is asked. *)
Corollary zero_knowledge_in_field (F : finFieldType) L J (V := [finLmodType F of F^o]) (g : generators V L)
    (c : contest V L J) (st : statement V J) r s b (y : V -> F) (x : F) (test : view V L -> bool) :
  gP g != 0 -> witness c st r s b ->
  #|[set rnd : fin_randomness F L | test (real g c r s b y x rnd)]|
  = #|[set d : fin_draws V L | test (simulate g c st y x d)]|.
Proof.
by move=> P0 wit; have [_ ->] := zero_knowledge (field_dimension_one P0) y x test wit.
Qed.
