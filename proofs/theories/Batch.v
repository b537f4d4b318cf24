(* A batch of ballots: src/protocol.md §4, "verification of a batch". *)

From mathcomp Require Import all_ssreflect all_algebra.
From urne Require Import Algebra Protocol Openings.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

Section Batch.

Variables (F : fieldType) (V : lmodType F) (L J : nat).
Variables (g : generators V L) (c : contest V L J).

(* A ballot with the challenges of its transcript. *)
Record ballot :=
  Ballot { said_statement : statement V J; said_B : V; said_more : announcement V;
           has_y : F; has_x : F; responded : response F L }.

Definition verifies (b : ballot) : Prop :=
  accepts g c (said_statement b) (said_B b) (said_more b) (has_y b) (has_x b) (responded b).

(* Left side minus right side, of (1) and of (2): each has a weight of its own. *)
Definition error (b : ballot) (second : bool) : V :=
  let: Ballot st B t y x rsp := b in
  if second then
    tS t + x *: statement_sum st y
    - (rz rsp *: key_sum c y + (over_slots c y (rf rsp) + y ^+ J.+1 * rk rsp) *: cG c)
  else tA t + x *: B - commit g (answer (te t) x y rsp).

Lemma verifies_errors b : verifies b <-> error b false = 0 /\ error b true = 0.
Proof.
have eq0 (X Y : V) : X = Y <-> X - Y = 0.
  by split=> [-> | /eqP]; rewrite ?subrr // subr_eq0 => /eqP.
case: b => st B t y x rsp; rewrite /verifies /accepts /= -!eq0; split=> -[eq1 eq2]; split=> //.
  exact/equation1E.
exact/equation1E.
Qed.

Variables (n : nat) (ballots : 'I_n -> ballot).

(* One weight for each ballot and equation. *)
Definition weights := {ffun 'I_n * bool -> F}.

Definition weighted_sum (w : weights) : V := \sum_(k : 'I_n * bool) w k *: error (ballots k.1) k.2.

Theorem batch_complete w : (forall i, verifies (ballots i)) -> weighted_sum w = 0.
Proof.
move=> all_good; apply: big1 => -[i second] _ /=.
by have /verifies_errors [e1 e2] := all_good i; case: second; rewrite ?e1 ?e2 scaler0.
Qed.

(* If an equation fails, at most one value of its weight makes the sum vanish, the others being fixed. *)
Theorem batch_sound (k : 'I_n * bool) (w w' : weights) : error (ballots k.1) k.2 != 0 ->
  (forall k', k' != k -> w k' = w' k') -> weighted_sum w = 0 -> weighted_sum w' = 0 -> w k = w' k.
Proof.
move=> fails same sum0 sum0'.
have: weighted_sum w - weighted_sum w' = (w k - w' k) *: error (ballots k.1) k.2.
  rewrite -sumrB (bigD1 k) //= big1 => [|k' k'k]; last by rewrite same // subrr.
  by rewrite addr0 scalerBl.
rewrite sum0 sum0' subrr => /esym/eqP; rewrite scaler_eq0 (negPf fails) orbF subr_eq0.
by move/eqP.
Qed.

(* Weights are drawn below D + 1 (2^128 in the spec), and 0 is read as 1: of all draws for the equation
   that fails, two at most make the sum vanish. *)
Definition weight_of (D : nat) (d : 'I_D.+1) : F := if d == ord0 then 1 else (d : nat)%:R.

Definition set_weight (w : weights) k v : weights := [ffun k' => if k' == k then v else w k'].

Theorem batch_draws (D : nat) (k : 'I_n * bool) (w : weights) : char_above F D ->
  error (ballots k.1) k.2 != 0 ->
  (#|[set d : 'I_D.+1 | (weighted_sum (set_weight w k (weight_of d)) == 0)%R]| <= 2)%N.
Proof.
move=> charF fails; set bad := [set d | _].
have inj d d' : d \in bad -> d' \in bad -> weight_of d = weight_of d'.
  rewrite !inE => /eqP sum0 /eqP sum0'.
  have := batch_sound fails _ sum0 sum0'; rewrite !ffunE eqxx; apply=> k' k'k.
  by rewrite !ffunE (negPf k'k).
have nat_inj (d d' : 'I_D.+1) : (d : nat)%:R = (d' : nat)%:R :> F -> d = d'.
  by move/(natr_injective charF)=> same; apply/val_inj/same; rewrite -ltnS.
case: (set_0Vmem (bad :\ ord0)) => [none | [d]]; last rewrite !inE => /andP [d0 d_bad].
  by rewrite (cardsD1 ord0) none cards0 addn0; case: (_ \in _).
apply: (@leq_trans #|[set ord0; d]|); last by rewrite cards2; case: (_ != _).
apply/subset_leq_card/subsetP => d' d'_bad.
rewrite !inE; case: eqP => //= /eqP d'0; apply/eqP/nat_inj.
have d_in : d \in bad by rewrite inE.
by have := inj _ _ d'_bad d_in; rewrite /weight_of (negPf d0) (negPf d'0).
Qed.

End Batch.
