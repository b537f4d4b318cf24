(* The count: src/protocol.md §7 and §8 step 9.

   F must be large enough for no slot's total to wrap around: its characteristic is 0 or at least M^κ. *)

From mathcomp Require Import all_ssreflect all_algebra.
From urne Require Import Algebra Protocol Openings Completeness Packing.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

Section Tally.

Variables (F : fieldType) (V : lmodType F) (capacity kappa L : nat).
Hypothesis kappa_gt0 : (0 < kappa)%N.
Notation J := (number_of_slots kappa L).
Notation M := capacity.+1.

(* The contest of §2, H_s = h_s·G. *)
Variables (G : V) (h : 'I_J -> F).
Definition packed_contest : contest V L J :=
  Contest G (fun s => h s *: G) (packed_slot kappa_gt0) (fun i => (packed_weight capacity kappa i)%:R).

Notation c := packed_contest.
Notation slot_total := (slot_total capacity kappa_gt0).

(* §8 step 9, M_s being the opened slots. *)
Definition step9 (count : nat) (votes : 'I_L -> nat) (blank : nat) (opened : 'I_J -> V) : Prop :=
  [/\ (count <= capacity)%N,
      forall i, (votes i <= count)%N,
      forall s, (slot_total votes s)%:R *: G = opened s
    & (\sum_(i < L) votes i + blank = count)%N].

(* The second check follows from the last; the spec has it so that v_s is computed of small numbers only. *)
Lemma votes_below_count count (votes : 'I_L -> nat) blank :
  (\sum_(i < L) votes i + blank = count)%N -> forall i, (votes i <= count)%N.
Proof. by move=> <- i; rewrite (bigD1 i) //= -addnA leq_addr. Qed.

(* ---- The ballots, of which the proofs say that they hold bits, one at most set ---- *)

Variables (count : nat) (st : 'I_count -> statement V J).
Variables (r s : 'I_count -> F) (b : 'I_count -> {ffun 'I_L -> F}).
Hypothesis ballots_valid : forall k, witness c (st k) (r k) (s k) (b k).

Definition true_votes (i : 'I_L) : nat := #|[pred k | b k i == 1]|.
Definition true_blank : nat := #|[pred k | [forall i, b k i == 0]]|.

(* §7: R_Σ and C_Σ,s, and with the secrets of the keys M_s = C_Σ,s − h_s·R_Σ. *)
Definition sum_R : V := \sum_k sR (st k).
Definition sum_C (slot : 'I_J) : V := \sum_k sC_ (st k) slot.
Definition opened (slot : 'I_J) : V := sum_C slot - h slot *: sum_R.

Lemma true_votes_count : (\sum_(i < L) true_votes i + true_blank = count)%N.
Proof.
have -> : (\sum_(i < L) true_votes i = \sum_(k < count) \sum_(i < L | (b k i == 1)%R) 1)%N.
  under [RHS]eq_bigr do rewrite big_mkcond; rewrite exchange_big; apply: eq_bigr => i _ /=.
  by rewrite -big_mkcond sum1_card.
have -> : true_blank = (\sum_(k < count) [forall i, (b k i == 0)%R])%N.
  by rewrite /true_blank -sum1_card big_mkcond; apply: eq_bigr => k _; rewrite inE; case: ifP.
rewrite -big_split /= -[RHS]card_ord -sum1_card.
apply: eq_bigr => k _; have [[bit single] _] := ballots_valid k.
case: (pickP (fun i => b k i == 1)) => [i bi | none].
  rewrite (big_pred1 i) => [|i' /=]; last first.
    by apply/eqP/eqP => [bi' | ->]; [apply: single => //; apply/eqP | apply/eqP].
  by case: forallP => // /(_ i); rewrite (eqP bi) oner_eq0.
rewrite big_pred0 //; case: forallP => // -[] i.
by case: (bit i) => bi; rewrite bi ?eqxx //; have := none i; rewrite /= bi eqxx.
Qed.

Lemma bits_sum i : \sum_k b k i = (true_votes i)%:R.
Proof.
rewrite /true_votes -sum1_card natr_sum [RHS]big_mkcond /=; apply: eq_bigr => k _; rewrite inE.
have [[bit _] _] := ballots_valid k.
by case: (bit i) => ->; rewrite ?eqxx // eq_sym oner_eq0.
Qed.

Theorem opened_true_totals slot : opened slot = (slot_total true_votes slot)%:R *: G.
Proof.
rewrite /opened /sum_C /sum_R scaler_sumr -sumrB.
have m_k k : sC_ (st k) slot - h slot *: sR (st k) = in_slot c (b k) slot *: G.
  by have [_ [-> -> _]] := ballots_valid k; rewrite /= scalerA mulrC -scalerA addrC addKr.
under eq_bigr do rewrite m_k; rewrite -scaler_suml; congr (_ *: _).
rewrite exchange_big natr_sum /=; apply: eq_bigr => i _.
by rewrite -mulr_sumr bits_sum natrM.
Qed.

(* Step 9 accepts the true votes and no others. *)
Theorem audit_exact votes blank :
  G != 0 -> char_above F (M ^ kappa).-1 -> (count <= capacity)%N ->
  step9 count votes blank opened <-> votes =1 true_votes /\ blank = true_blank.
Proof.
move=> G0 charF few; have true_small i : (true_votes i <= count)%N.
  by rewrite -[X in (_ <= X)%N]card_ord max_card.
split=> [[_ _ totals sum] | [votesE ->]]; last first.
  split=> // [i | slot |]; first by rewrite votesE.
    by rewrite opened_true_totals; congr (_%:R *: _); apply: eq_bigr => i _; rewrite votesE.
  by rewrite -[RHS]true_votes_count; congr (_ + _)%N; apply: eq_bigr => i _; rewrite votesE.
have le votes' i : (votes' i <= count)%N -> (votes' i <= capacity)%N by move/leq_trans; apply.
have small := votes_below_count sum.
have same : votes =1 true_votes.
  apply: (@packing_unique capacity kappa L kappa_gt0) => [i | i | slot]; [exact: le | exact: le |].
  apply: (natr_injective charF);
    try by rewrite -ltnS prednK ?expn_gt0 // slot_total_small // => i; apply: le.
  have /eqP := totals slot; rewrite opened_true_totals -subr_eq0 -scalerBl scaler_eq0 (negPf G0) orbF.
  by rewrite subr_eq0 => /eqP.
split=> //; apply/eqP; rewrite -(eqn_add2l (\sum_(i < L) true_votes i)) true_votes_count -sum.
by apply/eqP; congr (_ + _)%N; apply: eq_bigr => i _; rewrite same.
Qed.

(* Where count is above capacity it accepts nothing. *)
Theorem audit_capacity votes blank opened' : (capacity < count)%N -> ~ step9 count votes blank opened'.
Proof. by move=> many [few]; rewrite leqNgt many in few. Qed.

End Tally.
