(* An honest ballot verifies: src/protocol.md §4. *)

From mathcomp Require Import all_ssreflect all_algebra.
From urne Require Import Algebra Protocol Openings.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

Section Completeness.

Variables (F : fieldType) (V : lmodType F) (L J : nat).
Variables (g : generators V L) (c : contest V L J).
Implicit Types (o : opening F L) (n : nonces F L) (st : statement V J) (x y : F).

Add Ring F_ring : (field_ring_laws F).

(* A and S are a commitment and a sum of the nonces, as B and the statement are of the witness. *)
Definition opening_A y n : opening F L := Opening (alpha n) (rho n) (sigma n) (e0 y n) (an n).

Lemma prover_A_commit y n : prover_A g y n = commit g (opening_A y n).
Proof. by []. Qed.

(* For any scalars b, bits or not, the prover could answer if e were x·(x² term) more than it is … *)
Lemma accepts_with_square_term st o n x y : encrypts c st (nonce o) (secret o) (bits o) ->
  accepts g c st (commit g o)
    (Announcement (prover_A g y n) (prover_S c y n) (e1 y o n - mu o + x * square_term y (bits o)))
    y x (respond x o n).
Proof.
move=> enc; split.
  apply/equation1E; rewrite /= prover_A_commit -commit_add; congr commit.
  rewrite /add_multiple /answer /= three_terms; congr Opening.
  change (e1 y o n) with (linear_term y (bits o) (an n)).
  change (e0 y n) with (constant_term y (an n)).
  set k0 := constant_term _ _; set k1 := linear_term _ _ _; set k2 := square_term _ _.
  by scalar_ring F.
rewrite /equation2 /= -/(statement_sum st y) (encrypts_sum y enc) /prover_S over_slots_add.
rewrite scalerDr !scalerA addrACA -!scalerDl; congr (_ *: _ + _ *: _).
set sa := over_slots _ _ _; set sb := over_slots _ _ _; set yJ := y ^+ _.
by scalar_ring F.
Qed.

(* … and can where that term vanishes.  Soundness.v rests on this happening for no other b at enough values
   of y; Negative.v, on its happening where y is known before b is chosen. *)
Lemma accepts_without_square_term st o n x y :
  encrypts c st (nonce o) (secret o) (bits o) -> square_term y (bits o) = 0 ->
  accepts g c st (commit g o) (announce g c y o n) y x (respond x o n).
Proof. by move=> enc zero; have := accepts_with_square_term n x y enc; rewrite zero mulr0 addr0. Qed.

(* §4: of b_0 = 1 − Σ b_i, b_1, …, b_L every one is a bit. *)
Lemma one_choice_bits (b : {ffun 'I_L -> F}) i :
  one_choice b -> with_zeroth 1 b i = 0 \/ with_zeroth 1 b i = 1.
Proof.
case=> bit single; rewrite /with_zeroth; case: unliftP => [j | ] _; first exact: bit.
case: (pickP (fun j => b j == 1)) => [j /eqP bj | none].
  left; rewrite (bigD1 j) //= bj big1 ?addr0 ?subrr // => k kj.
  by case: (bit k) => // bk; rewrite (single _ _ bk bj) eqxx in kj.
by right; rewrite big1 ?subr0 // => k _; case: (bit k) => // bk; move: (none k); rewrite bk eqxx.
Qed.

Lemma one_choice_no_square y (b : {ffun 'I_L -> F}) : one_choice b -> square_term y b = 0.
Proof.
move=> choice; apply: big1 => i _; case: (one_choice_bits i choice) => ->.
  by rewrite mul0r mulr0.
by rewrite subrr !mulr0.
Qed.

Theorem completeness st o n x y :
  witness c st (nonce o) (secret o) (bits o) ->
  accepts g c st (commit g o) (announce g c y o n) y x (respond x o n).
Proof.
by case=> choice enc; apply: accepts_without_square_term => //; apply: one_choice_no_square.
Qed.

End Completeness.
