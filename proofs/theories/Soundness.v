(* Special soundness of the ballot's proof: src/protocol.md §4, "why it is sound".

   The extractor is given, for each of max(L+1, J+2) values of y, the e that was said, three values of x and
   the responses to them.  It returns an opening of B or a relation.  It sees no point, so that it cannot use
   the logarithm of one, and it knows neither the layout nor the weights. *)

From mathcomp Require Import all_ssreflect all_algebra.
From urne Require Import Algebra Protocol Openings.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

(* ---- The extractor ---- *)

Section Extractor.

Variables (F : fieldType) (L : nat).

(* The scalars of what a cheater said after one y: e, and the responses to three x. *)
Record branch := Branch { at_y : F; at_e : F; at_x : 'I_3 -> F; answers : 'I_3 -> response F L }.

Implicit Type t : branch.

Definition x0 : 'I_3 := @Ordinal 3 0 isT.
Definition x1 : 'I_3 := @Ordinal 3 1 isT.
Definition x2 : 'I_3 := @Ordinal 3 2 isT.

(* By equation (1) the responses to x open A + x·B. *)
Definition opening_at t k : opening F L := answer (at_e t) (at_x t k) (at_y t) (answers t k).

(* Two of them give openings of B and of A … *)
Definition opening_of_B t : opening F L :=
  add_multiple (zeros F L) (at_x t x1 - at_x t x0)^-1 (add_multiple (opening_at t x1) (-1) (opening_at t x0)).
Definition opening_of_A t : opening F L := add_multiple (opening_at t x0) (- at_x t x0) (opening_of_B t).

(* … and these, an opening of A + x·B for the third. *)
Definition expected t : opening F L := add_multiple (opening_of_A t) (at_x t x2) (opening_of_B t).

Inductive extracted := Witness of opening F L | Relation of opening F L.

(* Two openings of one point differ by a relation; where all agree, B's opening is the witness. *)
Definition extract n (tree : 'I_n.+1 -> branch) : extracted :=
  if [pick k | expected (tree k) != opening_at (tree k) x2] is Some k then
    Relation (add_multiple (expected (tree k)) (-1) (opening_at (tree k) x2))
  else if [pick k | opening_of_B (tree k) != opening_of_B (tree ord0)] is Some k then
    Relation (add_multiple (opening_of_B (tree k)) (-1) (opening_of_B (tree ord0)))
  else
    Witness (opening_of_B (tree ord0)).

End Extractor.

Arguments Witness {F L}.
Arguments Relation {F L}.

(* ---- Bits from the x² term at L + 1 values of y ---- *)

Section Bits.

Variables (F : fieldType) (L : nat) (b : {ffun 'I_L -> F}).

Lemma square_terms_bits n (y : 'I_n -> F) : injective y -> (L < n)%N ->
  (forall k, square_term (y k) b = 0) -> forall i, with_zeroth 1 b i = 0 \/ with_zeroth 1 b i = 1.
Proof.
move=> y_inj Ln zero i.
have /eqP := @module_poly_zero_many F [lmodType F of F^o] n L.+1 y _ y_inj Ln zero i.
rewrite mulf_eq0 subr_eq0 => /orP [/eqP -> | /eqP <-]; [by left | by right].
Qed.

Lemma bits_one_choice : char_above F L ->
  (forall i, with_zeroth 1 b i = 0 \/ with_zeroth 1 b i = 1) -> one_choice b.
Proof.
move=> charF bits01.
have bit i : b i = 0 \/ b i = 1 by rewrite -(with_zeroth_lift 1 b i).
split=> // i i' bi bi'; apply/eqP/negPn/negP => ii'.
set set_bits := [pred i | b i == 1].
have sum_b : \sum_(i < L) b i = #|set_bits|%:R.
  rewrite (bigID set_bits) /= [X in _ + X]big1 => [|k]; last by case: (bit k) => ->; rewrite ?eqxx.
  rewrite addr0 -sumr_const; apply: eq_big => k; first by rewrite inE.
  by move/eqP.
have two : (1 < #|set_bits|)%N.
  by rewrite (cardD1 i) (cardD1 i') !inE bi bi' eqxx eq_sym ii'.
have few : (#|set_bits| <= L)%N by rewrite -[X in (_ <= X)%N]card_ord max_card.
case: (bits01 ord0); rewrite with_zeroth_ord0 sum_b => /eqP.
  rewrite subr_eq0 eq_sym -subr_eq0 -(natrB _ (ltnW two)).
  by apply/negP/charF; rewrite subn_gt0 two (leq_trans (leq_subr _ _)).
rewrite subr_eq addrC -subr_eq subrr eq_sym.
by apply/negP/charF; rewrite few (ltnW two).
Qed.

End Bits.

(* ---- The statement from equation (2) at J + 2 values of y ---- *)

Section Statement.

Variables (F : fieldType) (V : lmodType F) (L J : nat) (c : contest V L J).
Implicit Type st : statement V J.

(* R + Σ y^j·C_j + y^{J+1}·C is a polynomial in y with these J + 2 coefficients. *)
Definition coefficient st (i : 'I_J.+2) : V :=
  if nat_of_ord i is j'.+1 then if insub j' is Some j then sC_ st j else sC st else sR st.

Lemma coefficient_first st : coefficient st ord0 = sR st. Proof. by []. Qed.

Lemma coefficient_slot st (j : 'I_J) : coefficient st (lift ord0 (widen_ord (leqnSn J) j)) = sC_ st j.
Proof. by rewrite /coefficient lift0 /= valK. Qed.

Lemma coefficient_last st : coefficient st (lift ord0 ord_max) = sC st.
Proof. by rewrite /coefficient lift0 /= insubF ?ltnn. Qed.

Lemma statement_sumE st y : statement_sum st y = \sum_(i < J.+2) y ^+ i *: coefficient st i.
Proof.
rewrite big_ord_recl big_ord_recr /= coefficient_last expr0 scale1r addrA /statement_sum.
by congr (_ + _ + _); apply: eq_bigr => j _; rewrite coefficient_slot /bump /= add1n.
Qed.

Lemma statement_sums_encrypts n (y : 'I_n -> F) st r s b : injective y -> (J.+1 < n)%N ->
  (forall k, statement_sum st (y k)
             = r *: key_sum c (y k) + (over_slots c (y k) b + y k ^+ J.+1 * s) *: cG c) ->
  encrypts c st r s b.
Proof.
move=> y_inj Jn sums.
pose made := Statement (r *: cG c) (fun j => r *: cH c j + in_slot c b j *: cG c) (s *: cG c).
have made_of : encrypts c made r s b by [].
have same i : coefficient st i = coefficient made i.
  apply/eqP; rewrite -subr_eq0; apply/eqP; move: i.
  apply: (module_poly_zero_many y_inj Jn) => k; under eq_bigr do rewrite scalerBr.
  by rewrite sumrB -!statement_sumE sums (encrypts_sum _ made_of) subrr.
split.
- by rewrite -coefficient_first same.
- by move=> j; rewrite -coefficient_slot same coefficient_slot.
- by rewrite -coefficient_last same coefficient_last.
Qed.

End Statement.

(* ---- What one y gives ---- *)

Section OneBranch.

Variables (F : fieldType) (V : lmodType F) (L J : nat).
Variables (g : generators V L) (c : contest V L J) (st : statement V J) (B : V).
Variables (t : branch F L) (A S : V).

Add Ring F_ring : (field_ring_laws F).

Hypothesis x_distinct : injective (at_x t).
Hypothesis accepted : forall k, accepts g c st B (Announcement A S (at_e t)) (at_y t) (at_x t k) (answers t k).

Let opens k : commit g (opening_at t k) = A + at_x t k *: B.
Proof. by case: (accepted k) => /equation1E ->. Qed.

Let x10 : at_x t x1 - at_x t x0 != 0.
Proof. by rewrite subr_eq0; apply/eqP => /x_distinct. Qed.

Lemma opening_of_B_opens : commit g (opening_of_B t) = B.
Proof.
rewrite /opening_of_B !commit_add commit_zeros add0r !opens scaleN1r opprD addrACA subrr add0r.
by rewrite -scalerBl scalerA mulVf // scale1r.
Qed.

Lemma opening_of_A_opens : commit g (opening_of_A t) = A.
Proof. by rewrite /opening_of_A commit_add opening_of_B_opens opens scaleNr addrK. Qed.

Lemma expected_opens : commit g (expected t) = commit g (opening_at t x2).
Proof. by rewrite /expected commit_add opening_of_A_opens opening_of_B_opens opens. Qed.

Hypothesis as_expected : expected t = opening_at t x2.

(* Then all three answers lie on the line through A and B. *)
Let on_line k : opening_at t k = add_multiple (opening_of_A t) (at_x t k) (opening_of_B t).
Proof.
have at_x0 (u v : F) : u = u + - at_x t x0 * v + at_x t x0 * v by scalar_ring F.
have at_x1 (u v : F) :
    v = u + - at_x t x0 * (0 + (at_x t x1 - at_x t x0)^-1 * (v + -1 * u))
        + at_x t x1 * (0 + (at_x t x1 - at_x t x0)^-1 * (v + -1 * u)).
  rewrite add0r -addrA -mulrDl mulrA [- _ + _]addrC mulfV // mul1r mulN1r addrC -addrA.
  by rewrite addNr addr0.
have first : opening_at t x0 = add_multiple (opening_of_A t) (at_x t x0) (opening_of_B t).
  by apply: opening_ext => [||||i]; rewrite ?ffunE; apply: at_x0.
have second : opening_at t x1 = add_multiple (opening_of_A t) (at_x t x1) (opening_of_B t).
  by apply: opening_ext => [||||i]; rewrite ?ffunE; apply: at_x1.
by case: k => [[|[|[|]]]] //= k3; rewrite (bool_irrelevance k3 isT).
Qed.

Let line_f k : rf (answers t k)
             = add_vector (bits (opening_of_A t)) (at_x t k) (bits (opening_of_B t)).
Proof. by rewrite -[LHS]/(bits (opening_at t k)) on_line. Qed.

Lemma branch_square_term : square_term (at_y t) (bits (opening_of_B t)) = 0.
Proof.
set a := opening_of_A t; set b := opening_of_B t.
apply: (@quadratic_zero F (at_x t) (constant_term (at_y t) (bits a) - mu a)
          (linear_term (at_y t) (bits b) (bits a) - at_e t - mu b)) => // k.
have f_k := line_f k.
have : mu (opening_at t k) = mu a + at_x t k * mu b by rewrite on_line.
rewrite [in LHS]/opening_at [LHS]/= f_k three_terms => /eqP.
rewrite -subr_eq0 => /eqP <-.
set k0 := constant_term _ _; set k1 := linear_term _ _ _; set k2 := square_term _ _.
by scalar_ring F.
Qed.

Lemma branch_statement_sum : let b := opening_of_B t in
  statement_sum st (at_y t)
  = nonce b *: key_sum c (at_y t) + (over_slots c (at_y t) (bits b) + at_y t ^+ J.+1 * secret b) *: cG c.
Proof.
move=> b; set a := opening_of_A t; set y := at_y t.
pose side (o : opening F L) := nonce o *: key_sum c y + (over_slots c y (bits o) + y ^+ J.+1 * secret o) *: cG c.
apply/eqP; rewrite -/(side b) -subr_eq0; apply/eqP.
pose v : 'I_2 -> V := fun i => if i == ord0 then S - side a else statement_sum st y - side b.
apply: (@module_poly_zero_many F V 3 2 (at_x t) v x_distinct isT _ ord_max) => k.
rewrite !big_ord_recl big_ord0 /v /= addr0 expr0 scale1r expr1.
case: (accepted k) => _; rewrite /equation2 -/(statement_sum st y) => sum_k.
have -> : S - side a + at_x t k *: (statement_sum st y - side b)
        = S + at_x t k *: statement_sum st y - (side a + at_x t k *: side b).
  by rewrite scalerBr opprD !addrA; congr (_ - _); rewrite addrAC.
rewrite sum_k; apply/eqP; rewrite subr_eq0; apply/eqP.
have -> : rz (answers t k) = nonce a + at_x t k * nonce b by rewrite -[LHS]/(nonce (opening_at t k)) on_line.
have -> : rk (answers t k) = secret a + at_x t k * secret b by rewrite -[LHS]/(secret (opening_at t k)) on_line.
rewrite line_f over_slots_add /side scalerDr !scalerA [RHS]addrACA -!scalerDl; congr (_ *: _ + _ *: _).
set sa := over_slots _ _ _; set sb := over_slots _ _ _; set yJ := y ^+ _.
by scalar_ring F.
Qed.

End OneBranch.

(* ---- All of them ---- *)

Section SpecialSoundness.

Variables (F : fieldType) (V : lmodType F) (L J : nat).
Variables (g : generators V L) (c : contest V L J) (st : statement V J) (B : V).

(* max(L+1, J+2), written as a successor. *)
Notation number_of_y := (maxn L J.+1).+1.

(* With the A and S that were said after each y, all is accepted; the y differ, and the x after one y. *)
Definition accepting_tree n (tree : 'I_n -> branch F L) (A S : 'I_n -> V) : Prop :=
  [/\ injective (fun k => at_y (tree k)),
      forall k, injective (at_x (tree k))
    & forall k m, accepts g c st B (Announcement (A k) (S k) (at_e (tree k)))
                          (at_y (tree k)) (at_x (tree k) m) (answers (tree k) m)].

Theorem special_soundness (tree : 'I_number_of_y -> branch F L) A S :
  char_above F L -> accepting_tree tree A S ->
  match extract tree with
  | Witness o => B = commit g o /\ witness c st (nonce o) (secret o) (bits o)
  | Relation o => relation g o
  end.
Proof.
move=> charF [y_distinct x_distinct accepted]; rewrite /extract.
case: pickP => [k third | all_expected].
  split; first exact: add_multiple_neq.
  by rewrite commit_add (expected_opens (x_distinct k) (accepted k)) scaleN1r subrr.
have as_expected k : expected (tree k) = opening_at (tree k) x2 by move/negbFE/eqP: (all_expected k).
have opens k := opening_of_B_opens (x_distinct k) (accepted k).
case: pickP => [k differs | all_same].
  split; first exact: add_multiple_neq.
  by rewrite commit_add !opens scaleN1r subrr.
have same k : opening_of_B (tree k) = opening_of_B (tree ord0) by move/negbFE/eqP: (all_same k).
split; first by rewrite opens.
split.
  apply: bits_one_choice => //; apply: (square_terms_bits y_distinct); first by rewrite ltnS leq_maxl.
  by move=> k; rewrite -(same k); apply: (branch_square_term (x_distinct k)).
apply: (statement_sums_encrypts y_distinct); first by rewrite ltnS leq_maxr.
by move=> k; rewrite -(same k); apply: (branch_statement_sum (x_distinct k) (accepted k)).
Qed.

(* Where nobody knows a relation, it is a witness.  Nothing is asked of G and H_j. *)
Corollary soundness (tree : 'I_number_of_y -> branch F L) A S :
  char_above F L -> independent g -> accepting_tree tree A S ->
  exists o, [/\ extract tree = Witness o, B = commit g o & witness c st (nonce o) (secret o) (bits o)].
Proof.
move=> charF indep acc; have := special_soundness charF acc.
by case: (extract tree) => o; [case; exists o | move/indep].
Qed.

(* A false statement has at most max(L, J+1) bad values of y: those at which some A, S, e can be answered
   for three values of x. *)
Corollary bad_challenges (ys : seq F) :
  char_above F L -> independent g -> ~ (exists r s b, witness c st r s b) -> uniq ys ->
  (forall y, y \in ys -> exists (t : branch F L) A S,
     [/\ at_y t = y, injective (at_x t)
       & forall m, accepts g c st B (Announcement A S (at_e t)) y (at_x t m) (answers t m)]) ->
  (size ys <= maxn L J.+1)%N.
Proof.
move=> charF indep false ys_uniq bad; rewrite leqNgt; apply/negP => many.
have [tree [A [S tree_ok]]] : exists (tree : nat -> branch F L) (A S : nat -> V), forall k, (k < size ys)%N ->
    [/\ at_y (tree k) = ys`_k, injective (at_x (tree k))
      & forall m, accepts g c st B (Announcement (A k) (S k) (at_e (tree k)))
                          ys`_k (at_x (tree k) m) (answers (tree k) m)].
  elim: ys bad {ys_uniq many} => [_ | y ys IH bad].
    by exists (fun _ => Branch 0 0 (fun _ => 0) (fun _ => Response [ffun => 0] 0 0 0)), (fun _ => 0), (fun _ => 0).
  have [t [At [St t_ok]]] := bad y (mem_head _ _).
  have [tree [A [S tree_ok]]] := IH (fun y' in_ys => bad y' (@mem_behead _ (y :: ys) y' in_ys)).
  exists (fun k => if k is k'.+1 then tree k' else t), (fun k => if k is k'.+1 then A k' else At),
    (fun k => if k is k'.+1 then S k' else St).
  by case=> [|k] //= /tree_ok.
have acc : accepting_tree (fun k : 'I_number_of_y => tree k) (fun k => A k) (fun k => S k).
  have lt k : ((k : 'I_number_of_y) < size ys)%N by apply: leq_trans many; rewrite ltn_ord.
  split=> [k k' /= | k | k m]; last 2 first.
  - by case: (tree_ok k (lt k)).
  - by case: (tree_ok k (lt k)) => ->.
  case: (tree_ok k (lt k)) (tree_ok k' (lt k')) => -> _ _ [-> _ _] /eqP.
  by rewrite nth_uniq ?lt // => /eqP /val_inj.
have [o [_ _ wit]] := soundness charF indep acc.
by apply: false; exists (nonce o), (secret o), (bits o).
Qed.

End SpecialSoundness.
