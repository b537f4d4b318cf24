(* What is not sound when the order of the protocol, or a part of it, is changed: src/protocol.md §4,
   "the order matters".

   Each counterexample has a statement without a witness, generators between which there is no relation, and
   a cheater who can answer every x, whatever y is.  So no extractor could return a witness or a relation,
   and Soundness.v's theorem is false for the changed verifier.  The last one is about zero knowledge. *)

From mathcomp Require Import all_ssreflect all_algebra.
From urne Require Import Algebra Protocol Openings Completeness Packing Tally.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

(* ---- A group without relations: a basis G, P, N, K, Q, P_1 … P_L ---- *)

Section Free.

Variables (F : fieldType) (L J : nat).

Definition axes : finType := [finType of 'I_5 + 'I_L].
Definition free : lmodType F := [lmodType F of {ffun axes -> F^o}].
Definition axis (a : axes) : free := [ffun k => (k == a)%:R].

Definition named (k : nat) : free := axis (inl (inord k)).
Definition free_G : free := named 0.
Definition free_generators : generators free L :=
  Generators (named 1) (named 2) (named 3) (named 4) (fun i => axis (inr i)).

(* A point's coordinate. *)
Definition at_axis (a : axes) (X : free) : F := (X : {ffun axes -> F^o}) a.
Lemma at_add a X Y : at_axis a (X + Y) = at_axis a X + at_axis a Y. Proof. exact: ffunE. Qed.
Lemma at_scale a k X : at_axis a (k *: X) = k * at_axis a X. Proof. exact: ffunE. Qed.
Lemma at_sum a (X : 'I_L -> free) : at_axis a (\sum_(i < L) X i) = \sum_(i < L) at_axis a (X i).
Proof. exact: sum_ffunE. Qed.
Lemma at_one a b : at_axis a (axis b) = (a == b)%:R. Proof. exact: ffunE. Qed.
Definition atE := (at_add, at_scale, at_sum, at_one).

Lemma same_list (i k : 'I_L) : (inr i == inr k :> axes) = (i == k). Proof. by []. Qed.
Lemma same_name (i k : 'I_5) : (inl i == inl k :> axes) = (i == k). Proof. by []. Qed.

Lemma commit_list o i : at_axis (inr i) (commit free_generators o) = bits o i.
Proof.
rewrite /commit !atE /= !mulr0 !add0r (bigD1 i) //= !atE eqxx mulr1 big1 ?addr0 // => k ki.
by rewrite !atE same_list eq_sym (negPf ki) mulr0.
Qed.

Lemma commit_named o (k : nat) : (k < 5)%N ->
  at_axis (inl (inord k)) (commit free_generators o) = nth 0 [:: 0; beta o; nonce o; secret o; mu o] k.
Proof.
rewrite /commit !atE big1 ?addr0 => [k5 | i _]; last by rewrite !atE mulr0.
rewrite !same_name -!val_eqE /= !inordK //.
by case: k k5 => [|[|[|[|[|]]]]] //= _; rewrite ?mulr0 ?mulr1 ?addr0 ?add0r.
Qed.

Lemma free_independent : independent free_generators.
Proof.
move=> o [nonzero zero]; apply: nonzero.
have zero_at a : at_axis a (commit free_generators o) = 0 by rewrite zero /at_axis ffunE.
apply: opening_ext => [||||i] /=; try by rewrite ffunE -commit_list zero_at.
- by have := @commit_named o 1 isT; rewrite zero_at.
- by have := @commit_named o 2 isT; rewrite zero_at.
- by have := @commit_named o 3 isT; rewrite zero_at.
- by have := @commit_named o 4 isT; rewrite zero_at.
Qed.

Lemma free_G_neq0 : free_G != 0.
Proof.
apply/eqP => /(congr1 (at_axis (inl (inord 0)))) /eqP; rewrite !atE eqxx.
by rewrite /at_axis ffunE oner_eq0.
Qed.

Lemma multiples_of_G (u v : F) : u *: free_G = v *: free_G -> u = v.
Proof.
by move/eqP; rewrite -subr_eq0 -scalerBl scaler_eq0 (negPf free_G_neq0) orbF subr_eq0 => /eqP.
Qed.

End Free.

(* What Soundness.v excludes. *)
Definition false_statement (F : fieldType) (V : lmodType F) L J (c : contest V L J) (st : statement V J) : Prop :=
  forall r s b, ~ witness c st r s b.

(* ---- y before B ----

   Whoever knows y when he chooses B takes b that are no bits, but have the slot totals that he wants and
   no x² term at this one y.  The ballot below votes for list 1 and for list 3 (capacity 1, κ = 2, M = 2);
   it is accepted at every y of F_7, by a table.  For the large field of the spec it is the same equation. *)

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
