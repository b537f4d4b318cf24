(* A group of which all is known: a basis G, P, N, K, Q, P_1 … P_L, so that there is no relation between the
   generators.  For the counterexamples of Negative.v. *)

From mathcomp Require Import all_ssreflect all_algebra.
From urne Require Import Algebra Protocol Openings.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

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
