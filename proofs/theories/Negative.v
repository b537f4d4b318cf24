(* What is not sound when the order of the protocol is changed, or a part of it left out: src/protocol.md §4,
   "the order matters".

   Each counterexample has a statement without a witness, generators between which there is no relation, and
   a cheater who can answer every x, whatever y is.  So no extractor could return a witness or a relation,
   and Soundness.v's theorem is false for the changed verifier.  The last one is about zero knowledge. *)

From mathcomp Require Import all_ssreflect all_algebra.
From urne Require Import Algebra Protocol Openings Completeness ZeroKnowledge Packing Tally Free.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

(* What Soundness.v excludes. *)
Definition false_statement (F : fieldType) (V : lmodType F) L J (c : contest V L J) (st : statement V J) : Prop :=
  forall r s b, ~ witness c st r s b.

(* ---- y before B ----

   Whoever knows y when he chooses B takes b that are no bits, but have the slot totals that he wants and
   no x² term at this one y.  The ballot below votes for list 1 and for list 3 (capacity 1, κ = 2, M = 2);
   it is accepted at every y of F_7, by a table: at each y one quadratic equation in two unknowns is solved,
   as can be done in the large field of the spec. *)

Section YBeforeB.

Notation F := [fieldType of 'F_7].
Notation L := 4%N.
Notation J := (number_of_slots 2 4)%N.
Variable h : 'I_J -> F.
Notation g := (free_generators F L).
Notation c := (packed_contest 1 (isT : 0 < 2)%N (free_G F L) h).

Definition table : seq (seq nat) :=
  [:: [:: 1; 0; 6; 1]; [:: 1; 0; 4; 2]; [:: 6; 1; 5; 5]; [:: 4; 2; 4; 2]; [:: 1; 0; 2; 3]; [:: 4; 2; 0; 4];
      [:: 4; 2; 4; 2]]%N.

Definition bits_for (y : nat) : {ffun 'I_L -> F} := [ffun i : 'I_L => (nth 0 (nth [::] table y) (i : nat))%N%:R].

Lemma table_totals (y : F) j : in_slot c (bits_for y) j = 1.
Proof.
rewrite /in_slot big_mkcond /= !big_ord_recl big_ord0 !ffunE.
by case: j => [[|[|j]] Hj] //; case: y => [[|[|[|[|[|[|[|y]]]]]]] Hy] //; apply/eqP; vm_compute.
Qed.

Lemma table_no_square (y : F) : square_term y (bits_for y) = 0.
Proof.
rewrite /square_term !big_ord_recl big_ord0 !with_zeroth_lift !with_zeroth_ord0 !big_ord_recl big_ord0 !ffunE.
by case: y => [[|[|[|[|[|[|[|y]]]]]]] Hy] //; apply/eqP; vm_compute.
Qed.

(* r·G, r·H_j + G, s·G: one in each of the two slots. *)
Definition two_votes (r s : F) : statement (free F L) J :=
  Statement (r *: cG c) (fun j => r *: cH c j + 1 *: cG c) (s *: cG c).

Lemma two_votes_false r s : false_statement c (two_votes r s).
Proof.
move=> r' s' b [[bit single] [/= /multiples_of_G <- Cj _]].
have one j : in_slot c b j = 1.
  by have := Cj j => /= /addrI /multiples_of_G <-.
have set_in j : exists2 i, slot c i = j & b i = 1.
  case: (pickP (fun i => (slot c i == j) && (b i == 1))) => [i /andP [/eqP ij /eqP bi] | none].
    by exists i.
  have /eqP := one j; rewrite /in_slot big1 => [|i /eqP ij]; first by rewrite eq_sym oner_eq0.
  by case: (bit i) => bi; rewrite bi ?mulr0 //; have := none i; rewrite ij bi !eqxx.
have [i i0 bi] := set_in (@Ordinal J 0 isT); have [i' i1 bi'] := set_in (@Ordinal J 1 isT).
by move: i1; rewrite -(single _ _ bi bi') i0.
Qed.

Theorem y_before_B r s :
  [/\ independent g,
      false_statement c (two_votes r s)
    & forall y, exists B t, forall x, exists rsp, accepts g c (two_votes r s) B t y x rsp].
Proof.
split; [exact: free_independent | exact: two_votes_false | move=> y].
pose o := Opening 0 r s 0 (bits_for y); pose n : nonces F L := Nonces 0 0 0 [ffun => 0].
exists (commit g o), (announce g c y o n) => x; exists (respond x o n).
apply: accepts_without_square_term; last exact: table_no_square.
by split=> // j; rewrite table_totals.
Qed.

End YBeforeB.

(* ---- A and S merged ----

   One equation, the sum of (1) and (2), with T = A + S: then u and e absorb what R has of P and Q. *)

Section Merged.

Variables (F : fieldType) (L J : nat) (H : 'I_J -> free F L) (slot_of : 'I_L -> 'I_J) (weight_of : 'I_L -> F).
Notation g := (free_generators F L).
Notation c := (Contest (free_G F L) H slot_of weight_of).

Definition merged_accepts (st : statement (free F L) J) B (T : free F L) (e y x : F) (rsp : response F L) : Prop :=
  T + x *: (B + statement_sum st y)
  = commit g (answer e x y rsp)
    + (rz rsp *: key_sum c y + (over_slots c y (rf rsp) + y ^+ J.+1 * rk rsp) *: cG c).

(* An honest statement, but R = r·G + p·P + q·Q. *)
Definition spoilt (r s : F) b (p q : F) : statement (free F L) J :=
  Statement (r *: cG c + p *: gP g + q *: gQ g) (fun j => r *: cH c j + in_slot c b j *: cG c) (s *: cG c).

Lemma spoilt_false r s b p q : (p != 0) || (q != 0) -> false_statement c (spoilt r s b p q).
Proof.
move=> spoils r' s' b' [_ [/= R _ _]].
have at_name k : at_axis (inl (inord k)) (r *: free_G F L + p *: named F L 1 + q *: named F L 4)
               = at_axis (inl (inord k)) (r' *: free_G F L) by rewrite R.
have := at_name 1%N; have := at_name 4%N; rewrite !atE !same_name -!val_eqE /= !inordK //= !mulr0 !mulr1 !add0r addr0.
by move=> q0 p0; rewrite q0 p0 eqxx in spoils.
Qed.

Theorem merged_A_and_S (r s : F) b (p q : F) : one_choice b -> (p != 0) || (q != 0) ->
  [/\ independent g,
      false_statement c (spoilt r s b p q)
    & exists B, forall y, exists T e, forall x, exists rsp, merged_accepts (spoilt r s b p q) B T e y x rsp].
Proof.
move=> choice spoils; split; [exact: free_independent | exact: spoilt_false |].
pose o := Opening 0 r s 0 b; pose n : nonces F L := Nonces 0 0 0 [ffun => 0].
exists (commit g o) => y; pose t := announce g c y o n.
exists (tA t + tS t), (te t - q) => x; pose rsp := respond x o n.
exists (Response (rf rsp) (rz rsp) (rk rsp) (ru rsp + x * p)).
pose honest : statement (free F L) J := Statement (r *: cG c) (sC_ (spoilt r s b p q)) (s *: cG c).
have enc : encrypts c honest r s b by [].
have [/equation1E eq1 eq2] := completeness g n x y (conj choice enc : witness c honest (nonce o) (secret o) (bits o)).
have more : answer (te t - q) x y (Response (rf rsp) (rz rsp) (rk rsp) (ru rsp + x * p))
          = add_multiple (answer (te t) x y rsp) x (Opening p 0 0 q [ffun => 0]).
  apply: opening_ext => [||||i] /=; rewrite ?ffunE ?mulr0 ?addr0 //.
  by rewrite mulrBr opprB addrA addrAC.
have spoils_sum : statement_sum (spoilt r s b p q) y
                = statement_sum honest y + commit g (Opening p 0 0 q [ffun => 0]).
  have -> : commit g (Opening p 0 0 q [ffun => 0]) = p *: gP g + q *: gQ g.
    by rewrite /commit /= !scale0r !addr0 big1 ?addr0 // => i _; rewrite ffunE scale0r.
  by rewrite /statement_sum /= -!addrA; congr (_ + _); rewrite addrA addrC -addrA.
rewrite /merged_accepts more commit_add -eq1 -[X in _ = _ + X]eq2 spoils_sum -/(statement_sum honest y).
set X := commit g _; set Y := statement_sum honest y; set Z := commit g _.
rewrite (scalerDr x X) (scalerDr x Y) [LHS]addrACA [RHS]addrAC -[RHS]addrA; congr (_ + _).
by rewrite addrA.
Qed.

End Merged.

(* ---- e sent after x ----

   Then e absorbs the x² term: any b is accepted.  Here one list, and two votes for it. *)

Section LateE.

Variables (F : fieldType) (H : free F 1).
Notation g := (free_generators F 1).
Notation c := (Contest (free_G F 1) (fun _ : 'I_1 => H) (fun _ : 'I_1 => ord0) (fun _ => 1)).

Definition twice (r s : F) : statement (free F 1) 1 :=
  Statement (r *: cG c) (fun _ => r *: H + 2%:R *: cG c) (s *: cG c).

Lemma one_slot b j : in_slot c b j = b ord0.
Proof. by rewrite /in_slot (big_pred1 ord0) /= ?mul1r // => i; rewrite !ord1 eqxx. Qed.

Theorem e_after_x (r s : F) : 2%:R != 0 :> F ->
  [/\ independent g,
      false_statement c (twice r s)
    & exists B, forall y, exists A S, forall x, exists e rsp,
        accepts g c (twice r s) B (Announcement A S e) y x rsp].
Proof.
move=> two_neq0; split; first exact: free_independent.
  move=> r' s' b [[bit _] [/= /multiples_of_G <- /(_ ord0) /addrI /multiples_of_G two _]].
  move: two; rewrite one_slot; case: (bit ord0) => -> /eqP; first by rewrite (negPf two_neq0).
  by rewrite mulr2n -subr_eq0 addrK oner_eq0.
pose o : opening F 1 := Opening 0 r s 0 [ffun => 2%:R]; pose n : nonces F 1 := Nonces 0 0 0 [ffun => 0].
exists (commit g o) => y; exists (prover_A g y n), (prover_S c y n) => x.
exists (e1 y o n - mu o + x * square_term y (bits o)), (respond x o n).
apply: accepts_with_square_term; split=> //= j.
by rewrite one_slot ffunE.
Qed.

End LateE.

(* ---- f_0 left out of (1) ----

   Then nothing says how many bits are set.  Here two lists, and a vote for each. *)

Section NoZeroth.

Variables (F : fieldType) (H : 'I_2 -> free F 2).
Notation g := (free_generators F 2).
Notation c := (Contest (free_G F 2) H (id : 'I_2 -> 'I_2) (fun _ : 'I_2 => 1)).

Definition equation1_without_f_0 (B : free F 2) (t : announcement (free F 2)) (y x : F) (rsp : response F 2) : Prop :=
  tA t + x *: B
  = ru rsp *: gP g + rz rsp *: gN g + rk rsp *: gK g + \sum_(i < 2) rf rsp i *: gP_ g i
    + (\sum_(i < 2) y ^+ i.+1 * rf rsp i * (x - rf rsp i) - x * te t) *: gQ g.

Definition both (r s : F) : statement (free F 2) 2 :=
  Statement (r *: cG c) (fun j => r *: H j + 1 *: cG c) (s *: cG c).

Lemma own_slot b j : in_slot c b j = b j.
Proof. by rewrite /in_slot (big_pred1 j) /= ?mul1r. Qed.

Theorem f_0_left_out (r s : F) :
  [/\ independent g,
      false_statement c (both r s)
    & exists B, forall y, exists t, forall x, exists rsp,
        equation1_without_f_0 B t y x rsp /\ equation2 c (both r s) t y x rsp].
Proof.
split; first exact: free_independent.
  move=> r' s' b [[_ single] [/= /multiples_of_G <- Cj _]].
  have set_at j : b j = 1 by have := Cj j; rewrite own_slot => /addrI /multiples_of_G <-.
  by have := single _ _ (set_at (@Ordinal 2 0 isT)) (set_at (@Ordinal 2 1 isT)).
pose o : opening F 2 := Opening 0 r s 0 [ffun => 1]; pose n : nonces F 2 := Nonces 0 0 0 [ffun => 0].
have enc : encrypts c (both r s) (nonce o) (secret o) (bits o) by split=> //= j; rewrite own_slot ffunE.
exists (commit g o) => y; exists (Announcement 0 (prover_S c y n) 0) => x; exists (respond x o n).
split; last by have [_] := accepts_with_square_term g n x y enc.
have opens : commit g (add_multiple (zeros F 2) x o) = x *: commit g o.
  by rewrite commit_add commit_zeros add0r.
have quadratic0 : \sum_(i < 2) y ^+ i.+1 * rf (respond x o n) i * (x - rf (respond x o n) i) = 0.
  by rewrite big1 // => i _; rewrite !ffunE add0r mulr1 subrr mulr0.
rewrite /equation1_without_f_0 quadratic0 [tA _]/= [te _]/= mulr0 subr0 add0r -opens /commit [LHS]addrAC.
by congr (_ + _ *: _); rewrite /= mulr0 addr0.
Qed.

End NoZeroth.

(* ---- y^{J+1}·C and y^{J+1}·k left out of (2) ----

   Then the credential is anybody's, or none at all: here C = P. *)

Section NoCredential.

Variables (F : fieldType) (L J : nat) (H : 'I_J -> free F L) (slot_of : 'I_L -> 'I_J) (weight_of : 'I_L -> F).
Notation g := (free_generators F L).
Notation c := (Contest (free_G F L) H slot_of weight_of).

Definition equation2_without_C (st : statement (free F L) J) (t : announcement (free F L)) (y x : F)
    (rsp : response F L) : Prop :=
  tS t + x *: (sR st + \sum_(j < J) y ^+ j.+1 *: sC_ st j)
  = rz rsp *: key_sum c y + over_slots c y (rf rsp) *: cG c.

Definition with_credential (r : F) b (C : free F L) : statement (free F L) J :=
  Statement (r *: cG c) (fun j => r *: cH c j + in_slot c b j *: cG c) C.

Theorem C_left_out (r : F) b : one_choice b ->
  [/\ independent g,
      false_statement c (with_credential r b (gP g))
    & exists B, forall y, exists t, forall x, exists rsp,
        equation1 g B t y x rsp /\ equation2_without_C (with_credential r b (gP g)) t y x rsp].
Proof.
move=> choice; split; first exact: free_independent.
  move=> r' s' b' [_ [_ _ /= /(congr1 (at_axis (inl (inord 1)))) /eqP]].
  by rewrite !atE !same_name -!val_eqE /= !inordK //= mulr0 oner_eq0.
pose o := Opening 0 r 0 0 b; pose n : nonces F L := Nonces 0 0 0 [ffun => 0].
have enc : encrypts c (with_credential r b 0) (nonce o) (secret o) (bits o) by split=> //=; rewrite scale0r.
exists (commit g o) => y; exists (announce g c y o n) => x; exists (respond x o n).
have [eq1 eq2] := completeness g n x y (conj choice enc : witness _ _ _ _ _); split=> //.
by move: eq2; rewrite /equation2 /equation2_without_C /= scaler0 !mulr0 !addr0 mulr0 addr0.
Qed.

End NoCredential.

(* ---- μ left out ----

   e is then a function of the choice and the responses. *)

Section NoMu.

Variables (F : fieldType) (V : lmodType F) (L J : nat) (g : generators V L) (c : contest V L J).

Definition real_without_mu r s b y x (rnd : F * F * F * F * {ffun 'I_L -> F}) : view V L :=
  let: (beta, rho, sigma, alpha, a) := rnd in real g c r s b (fun _ => y) x (beta, 0, rho, sigma, alpha, a).

(* Zero knowledge's bijection is none: most draws of the simulator are those of no prover. *)
Theorem no_mu_no_bijection r s b y x : ~ bijective (fun rnd => drawn (real_without_mu r s b y x rnd)).
Proof.
case=> back _ onto.
have e_of rnd : te (sent (real_without_mu r s b y x rnd))
              = linear_term y b [ffun i => rf (replied (real_without_mu r s b y x rnd)) i - x * b i].
  case: rnd => [[[[beta rho] sigma] alpha] a] /=; rewrite subr0.
  rewrite -[LHS]/(linear_term y b a); congr linear_term.
  by apply/ffunP => i; rewrite !ffunE addrK.
pose wrong := linear_term y b [ffun i => 0 - x * b i] + 1.
have := onto (0, wrong, [ffun => 0], 0, 0, 0); set rnd := back _ => same.
have e_wrong : te (sent (real_without_mu r s b y x rnd)) = wrong by rewrite -[LHS]/(drawn _).1.1.1.1.2 same.
have f_zero : rf (replied (real_without_mu r s b y x rnd)) = [ffun => 0] by rewrite -[LHS]/(drawn _).1.1.1.2 same.
have := e_of rnd; rewrite e_wrong f_zero /wrong => /eqP.
rewrite (_ : [ffun i => _ - _] = [ffun i => 0 - x * b i]); last by apply/ffunP => i; rewrite !ffunE.
by rewrite -subr_eq0 addrAC subrr add0r oner_eq0.
Qed.

(* A test of what is public, that every blank ballot passes … *)
Definition looks_blank (y : F) (v : view V L) : bool :=
  te (sent v) == \sum_(i < L.+1) y ^+ i * with_zeroth 0 (rf (replied v)) i * (1 - (i == ord0)%:R *+ 2).

Theorem no_mu_blank r s y x rnd : looks_blank y (real_without_mu r s [ffun => 0] y x rnd).
Proof.
case: rnd => [[[[beta rho] sigma] alpha] a]; rewrite /looks_blank /= subr0; apply/eqP.
apply: eq_bigr => i _; congr (_ * _ * (1 - _ *+ 2)).
  rewrite /with_zeroth; case: unliftP => [j | ] _; first by rewrite !ffunE mulr0 addr0.
  by congr (_ - _); apply: eq_bigr => j _; rewrite !ffunE mulr0 addr0.
case: (unliftP ord0 i) => [j | ] ->; first by rewrite with_zeroth_lift ffunE.
by rewrite with_zeroth_ord0 eqxx big1 ?subr0 // => j _; rewrite ffunE.
Qed.

End NoMu.

(* … and, of one list, a vote fails for all a_1 but one. *)
Section NoMuVote.

Variables (F : fieldType) (V : lmodType F) (J : nat) (g : generators V 1) (c : contest V 1 J).

Add Ring F_ring : (field_ring_laws F).

Theorem no_mu_vote r s y x (rnd : F * F * F * F * {ffun 'I_1 -> F}) :
  1 + y != 0 -> rnd.2 ord0 *+ 2 + x != 0 ->
  ~~ looks_blank y (real_without_mu g c r s [ffun => 1] y x rnd).
Proof.
case: rnd => [[[[beta rho] sigma] alpha] a] /= y1 ax; rewrite /looks_blank /= /e1 /= subr0.
rewrite !big_ord_recl !big_ord0 !with_zeroth_lift !with_zeroth_ord0 !big_ord_recl !big_ord0 !ffunE /=.
have -> : y ^+ bump 0 0 = y by rewrite expr1.
rewrite expr0 -subr_eq0; set a1 := a ord0 in ax *.
rewrite [X in X != 0](_ : _ = - ((1 + y) * (a1 *+ 2 + x))); last by scalar_ring F.
by rewrite oppr_eq0 mulf_neq0.
Qed.

End NoMuVote.
