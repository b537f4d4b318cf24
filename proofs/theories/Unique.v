(* Two different accepted responses to one B, A, S, e, y, x give a relation: src/protocol.md §4. *)

From mathcomp Require Import all_ssreflect all_algebra.
From urne Require Import Algebra Protocol Openings.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

Section Unique.

Variables (F : fieldType) (V : lmodType F) (L J : nat).
Variables (g : generators V L) (c : contest V L J) (st : statement V J) (B : V).
Variables (t : announcement V) (y x : F).

(* The responses are the coefficients of all generators but Q. *)
Definition relation_of_responses (rsp rsp' : response F L) : opening F L :=
  add_multiple (answer (te t) x y rsp) (-1) (answer (te t) x y rsp').

Lemma answer_injective (rsp rsp' : response F L) : answer (te t) x y rsp = answer (te t) x y rsp' -> rsp = rsp'.
Proof. by case: rsp rsp' => [f z k u] [f' z' k' u'] [-> -> -> _ ->]. Qed.

Theorem unique_responses rsp rsp' :
  accepts g c st B t y x rsp -> accepts g c st B t y x rsp' -> rsp <> rsp' ->
  relation g (relation_of_responses rsp rsp').
Proof.
move=> [/equation1E opens _] [/equation1E opens' _] differ; split.
  by move/add_multiple_zero/answer_injective.
by rewrite commit_add -opens -opens' scaleN1r subrr.
Qed.

Corollary responses_unique rsp rsp' : independent g ->
  accepts g c st B t y x rsp -> accepts g c st B t y x rsp' -> rsp = rsp'.
Proof.
move=> indep acc acc'; apply: answer_injective; apply/eqP/negPn/negP => /eqP differ.
apply: indep (unique_responses acc acc' _) => same; by apply: differ; rewrite same.
Qed.

End Unique.
