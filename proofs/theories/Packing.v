(* Several lists in one slot: src/protocol.md §2 and §7.  Natural numbers only, no group: the weights are
   powers of M = capacity + 1, and the digits of a slot's total are the votes of its lists. *)

From mathcomp Require Import all_ssreflect.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Local Open Scope nat_scope.

(* ---- Digits ---- *)

Section Digits.

Variables (M : nat) (digit : nat -> nat).
Hypothesis digit_small : forall d, digit d < M.

Definition number_of n := \sum_(d < n) M ^ d * digit d.

Lemma number_ofS n : number_of n.+1 = number_of n + M ^ n * digit n.
Proof. by rewrite /number_of big_ord_recr. Qed.

Lemma number_small n : number_of n < M ^ n.
Proof.
elim: n => [|n IH]; first by rewrite /number_of big_ord0.
rewrite number_ofS expnSr; apply: (@leq_trans (M ^ n + M ^ n * digit n)).
  by rewrite -addSn leq_add2r.
by rewrite -mulnS leq_mul2l digit_small orbT.
Qed.

Lemma number_digit n k : k < n -> number_of n %/ M ^ k %% M = digit k.
Proof.
move=> kn; have M_gt0 : 0 < M by apply: leq_ltn_trans (digit_small 0).
suff [high ->] : exists high, number_of n = (high * M + digit k) * M ^ k + number_of k.
  by rewrite divnMDl ?expn_gt0 ?M_gt0 // divn_small ?number_small // addn0 modnMDl modn_small.
elim: n kn => // n IH; rewrite ltnS leq_eqVlt number_ofS => /predU1P [-> | kn].
  by exists 0; rewrite mul0n add0n addnC mulnC.
have [high ->] := IH kn; exists (high + M ^ (n - k.+1) * digit n).
have -> : M ^ n = M ^ (n - k.+1) * M * M ^ k by rewrite -mulnA -expnS -expnD subnK.
rewrite !mulnDl -!addnA; congr (_ + _); rewrite [RHS]addnC -addnA; congr (_ + (_ + _)).
by rewrite mulnAC (mulnAC (M ^ _)).
Qed.

End Digits.

(* ---- The layout of §2 ---- *)

Section Layout.

Variables (capacity kappa L : nat).
Hypothesis kappa_gt0 : 0 < kappa.

Notation M := capacity.+1.

(* J = ⌈L/κ⌉; list i, counted from 0, stands in slot ⌊i/κ⌋ with the weight M^(i mod κ). *)
Definition number_of_slots := (L + kappa.-1) %/ kappa.
Notation J := number_of_slots.

Lemma slot_lt (i : 'I_L) : i %/ kappa < J.
Proof.
have -> : (i %/ kappa).+1 = (i + kappa) %/ kappa by rewrite divnDr ?divnn ?kappa_gt0 ?addn1.
by apply: leq_div2r; rewrite -[kappa in _ + kappa](prednK kappa_gt0) addnS -addSn leq_add2r.
Qed.

Definition packed_slot (i : 'I_L) : 'I_J := Ordinal (slot_lt i).
Definition packed_weight (i : 'I_L) : nat := M ^ (i %% kappa).

(* v_s = Σ_{i in slot s} M^((i−1) mod κ)·votes_i. *)
Definition slot_total (votes : 'I_L -> nat) (s : 'I_J) : nat :=
  \sum_(i < L | packed_slot i == s) packed_weight i * votes i.

(* §7: the digits of v_s to base M, least first. *)
Definition digit_of (totals : 'I_J -> nat) (i : 'I_L) : nat :=
  totals (packed_slot i) %/ M ^ (i %% kappa) %% M.

Section OneResult.

Variable votes : 'I_L -> nat.
Hypothesis votes_small : forall i, votes i <= capacity.

(* The lists of a slot are told apart by i mod κ. *)
Lemma same_place (i i' : 'I_L) : packed_slot i = packed_slot i' -> i %% kappa = i' %% kappa -> i = i'.
Proof.
move=> /(congr1 val) /= slots places; apply: val_inj.
by rewrite /= (divn_eq i kappa) slots places -divn_eq.
Qed.

Definition votes_at (s : 'I_J) (d : nat) : nat :=
  \sum_(i < L | (packed_slot i == s) && (i %% kappa == d)) votes i.

Lemma votes_at_list (i : 'I_L) : votes_at (packed_slot i) (i %% kappa) = votes i.
Proof.
rewrite /votes_at (big_pred1 i) // => i'; apply/andP/eqP => [[/eqP slots /eqP places] | -> //].
exact: same_place.
Qed.

Lemma votes_at_small s d : votes_at s d < M.
Proof.
rewrite ltnS; case: (pickP (fun i : 'I_L => (packed_slot i == s) && (i %% kappa == d))) => [i | none].
  by case/andP => /eqP <- /eqP <-; rewrite votes_at_list.
by rewrite /votes_at big_pred0.
Qed.

Lemma slot_total_number s : slot_total votes s = number_of M (votes_at s) kappa.
Proof.
pose place (i : 'I_L) := Ordinal (ltn_pmod i kappa_gt0).
rewrite /slot_total (partition_big place xpredT) //=; apply: eq_bigr => d _.
rewrite big_distrr /=; apply: eq_big => i; first by rewrite -val_eqE.
by case/andP => _ /eqP <-.
Qed.

Lemma slot_total_small s : slot_total votes s < M ^ kappa.
Proof. by rewrite slot_total_number; apply/number_small/votes_at_small. Qed.

Theorem digits_are_votes i : digit_of (slot_total votes) i = votes i.
Proof.
rewrite /digit_of slot_total_number number_digit ?votes_at_list ?ltn_pmod //.
exact: votes_at_small.
Qed.

End OneResult.

Theorem packing_unique votes votes' :
  (forall i, votes i <= capacity) -> (forall i, votes' i <= capacity) ->
  slot_total votes =1 slot_total votes' -> votes =1 votes'.
Proof.
move=> small small' same i.
by rewrite -(digits_are_votes small) -(digits_are_votes small') /digit_of same.
Qed.

(* The range in which §7 looks for v_s: count·M^(κ_s − 1), κ_s being the number of lists in the slot. *)
Definition lists_in (s : 'I_J) : nat := #|[pred i : 'I_L | packed_slot i == s]|.

Lemma place_lt (i : 'I_L) : i %% kappa < lists_in (packed_slot i).
Proof.
have lt (d : 'I_(i %% kappa).+1) : i %/ kappa * kappa + d < L.
  apply: leq_ltn_trans (ltn_ord i); apply: (@leq_trans (i %/ kappa * kappa + i %% kappa)).
    by rewrite leq_add2l -ltnS ltn_ord.
  by rewrite -divn_eq.
pose below (d : 'I_(i %% kappa).+1) : 'I_L := Ordinal (lt d).
have inj : injective below by move=> d d' /(congr1 val) /= /addnI /val_inj.
rewrite -[X in X <= _]card_ord -(card_image inj); apply: subset_leq_card; apply/subsetP => _ /imageP [d _ ->].
have d_small : d < kappa by apply: leq_trans (ltn_ord d) _; rewrite ltn_mod.
by rewrite inE -val_eqE /= divnMDl // (divn_small d_small) addn0.
Qed.

Theorem slot_total_range votes count s : \sum_(i < L) votes i <= count ->
  slot_total votes s <= count * M ^ (lists_in s).-1.
Proof.
move=> few; apply: (@leq_trans (\sum_(i < L | packed_slot i == s) M ^ (lists_in s).-1 * votes i)).
  apply: leq_sum => i /eqP <-; rewrite leq_mul2r leq_pexp2l ?orbT //.
  by rewrite -ltnS prednK ?place_lt // (leq_ltn_trans _ (place_lt i)).
rewrite -big_distrr /= [X in X <= _]mulnC leq_mul2r; apply/orP; right; apply: leq_trans few.
by rewrite [X in _ <= X](bigID (fun i => packed_slot i == s)) leq_addr.
Qed.

End Layout.
