(* Every main theorem (each `Theorem` and `Corollary` of this directory), with what it rests on.
   proofs/check compiles this file and wants "Closed under the global context" of each. *)

From urne Require Import Completeness Soundness Unique ZeroKnowledge Batch Packing Tally Threshold Election.
From urne Require Import Equations Negative.

(* Completeness *)
Print Assumptions completeness.

(* Special soundness *)
Print Assumptions special_soundness.
Print Assumptions soundness.
Print Assumptions bad_challenges.

(* Zero knowledge *)
Print Assumptions zero_knowledge_bijection.
Print Assumptions real_is_simulated.
Print Assumptions accepted_determined.
Print Assumptions zero_knowledge.
Print Assumptions zero_knowledge_in_field.

(* Unique responses *)
Print Assumptions unique_responses.
Print Assumptions responses_unique.

(* Batch *)
Print Assumptions batch_complete.
Print Assumptions batch_sound.
Print Assumptions batch_draws.

(* Packing and the count *)
Print Assumptions packing_unique.
Print Assumptions digits_are_votes.
Print Assumptions slot_total_range.
Print Assumptions opened_true_totals.
Print Assumptions audit_exact.
Print Assumptions audit_capacity.

(* Threshold *)
Print Assumptions verification_key.
Print Assumptions panels_open_key.
Print Assumptions panels_open.
Print Assumptions coalition_learns_nothing.
Print Assumptions coalition_one_way.
Print Assumptions below_threshold.

(* All together *)
Print Assumptions election_exact.
Print Assumptions election_of_transcripts.

(* The equations as text *)
Print Assumptions equation1_terms.
Print Assumptions equation2_terms.

(* Counterexamples *)
Print Assumptions y_before_B.
Print Assumptions merged_A_and_S.
Print Assumptions e_after_x.
Print Assumptions f_0_left_out.
Print Assumptions C_left_out.
Print Assumptions no_mu_no_bijection.
Print Assumptions no_mu_blank.
Print Assumptions no_mu_vote.
