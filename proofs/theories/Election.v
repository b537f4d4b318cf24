(* The count as the record has it: ballots, keys made by the panels, factors of t_p trustees of every panel,
   and step 9: src/protocol.md §1, §4, §7, §8. *)

From mathcomp Require Import all_ssreflect all_algebra.
From urne Require Import Algebra Protocol Soundness Packing Tally Threshold.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

Section Election.

Variables (F : fieldType) (V : lmodType F) (capacity kappa L : nat).
Hypothesis kappa_gt0 : (0 < kappa)%N.
Notation J := (number_of_slots kappa L).

(* The bureau, and what was dealt for each slot. *)
Variables (n panels : nat) (panel : 'I_n -> 'I_panels) (t : 'I_panels -> nat) (d : 'I_J -> dealt F n).
Hypothesis well : forall s, well_dealt panel t (d s).

Variables (G : V) (count : nat) (st : 'I_count -> statement V J).
Notation c := (packed_contest capacity kappa_gt0 G (fun s => secret_key panel (d s))).

(* Any t_p distinct trustees of every panel. *)
Variable chosen : forall p, 'I_(t p) -> 'I_n.
Hypothesis chosen_distinct : forall p, injective (@chosen p).
Hypothesis chosen_panel : forall p k, panel (@chosen p k) = p.

(* §7: D_{j,s} = x_{j,s}·R_Σ, and M_s = C_Σ,s − Σ_p Σ_j λ_j·D_{j,s}. *)
Definition factor j slot : V := share panel (d slot) j *: sum_R st.
Definition opened_by_panels slot : V :=
  sum_C st slot - \sum_p \sum_(k < t p) lambda F chosen k *: factor (chosen k) slot.

Hypothesis G_neq0 : G != 0.

(* Where every ballot has a witness, step 9 accepts the true result and no other. *)
Theorem election_exact r s b votes blank : (forall k, witness c (st k) (r k) (s k) (b k)) ->
  char_above F n -> char_above F (capacity.+1 ^ kappa).-1 -> (count <= capacity)%N ->
  step9 capacity kappa_gt0 G count votes blank opened_by_panels
  <-> votes =1 true_votes b /\ blank = true_blank b.
Proof.
move=> valid charn charM few; rewrite -(audit_exact valid votes blank G_neq0 charM few).
have same slot : opened_by_panels slot = opened (fun s => secret_key panel (d s)) st slot.
  rewrite /opened_by_panels /opened; congr (_ - _).
  exact: (panels_open charn chosen_distinct chosen_panel).
by split=> -[? ? totals ?]; split=> // slot; rewrite totals same.
Qed.

(* Where every ballot's transcripts are a tree of accepted ones, that is the sum of what the extractor reads
   in each: nobody knowing a relation between the generators. *)
Variables (g : generators V L) (B : 'I_count -> V).
Notation number_of_y := (maxn L J.+1).+1.
Variables (tree : 'I_count -> 'I_number_of_y -> branch F L) (A S : 'I_count -> 'I_number_of_y -> V).

Definition choice_in k : {ffun 'I_L -> F} := if extract (tree k) is Witness o then bits o else [ffun => 0].

Theorem election_of_transcripts votes blank :
  independent g -> (forall k, accepting_tree g c (st k) (B k) (tree k) (A k) (S k)) ->
  char_above F L -> char_above F n -> char_above F (capacity.+1 ^ kappa).-1 -> (count <= capacity)%N ->
  step9 capacity kappa_gt0 G count votes blank opened_by_panels
  <-> votes =1 true_votes choice_in /\ blank = true_blank choice_in.
Proof.
move=> indep accepted charL.
pose opens k := if extract (tree k) is Witness o then o else zeros F L.
apply: (@election_exact (fun k => nonce (opens k)) (fun k => secret (opens k))) => k.
rewrite /opens /choice_in.
by have [o [-> _ wit]] := soundness charL indep (accepted k).
Qed.

End Election.
