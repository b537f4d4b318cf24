(* Sums of openings, and the two equations read as equations between openings.  Used by all that follows. *)

From mathcomp Require Import all_ssreflect all_algebra.
From urne Require Import Algebra Protocol.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

Section Openings.

Variables (F : fieldType) (L : nat).
Notation opening := (opening F L).
Implicit Types (o p : opening) (x y : F) (f : {ffun 'I_L -> F}).

Add Ring F_ring : (field_ring_laws F).

(* Openings can be compared. *)
Definition tuple_of_opening o := (beta o, nonce o, secret o, mu o, bits o).
Definition opening_of_tuple (v : F * F * F * F * {ffun 'I_L -> F}) : opening :=
  let: (b, r, s, m, f) := v in Opening b r s m f.
Lemma tuple_of_openingK : cancel tuple_of_opening opening_of_tuple. Proof. by case. Qed.
Definition opening_eqMixin := CanEqMixin tuple_of_openingK.
Canonical opening_eqType := Eval hnf in EqType opening opening_eqMixin.

Lemma opening_ext o p : beta o = beta p -> nonce o = nonce p -> secret o = secret p -> mu o = mu p ->
  (forall i, bits o i = bits p i) -> o = p.
Proof.
case: o p => [b r s m f] [b' r' s' m' f'] /= -> -> -> -> ff'.
by congr Opening; apply/ffunP.
Qed.

Definition add_vector f x (g : {ffun 'I_L -> F}) : {ffun 'I_L -> F} := [ffun i => f i + x * g i].

(* o + x·p. *)
Definition add_multiple o x p : opening :=
  Opening (beta o + x * beta p) (nonce o + x * nonce p) (secret o + x * secret p) (mu o + x * mu p)
          (add_vector (bits o) x (bits p)).

Lemma add_multiple_zero o p : add_multiple o (-1) p = zeros F L -> o = p.
Proof.
have eq0 (u v : F) : u + -1 * v = 0 -> u = v by move/eqP; rewrite mulN1r subr_eq0 => /eqP.
case=> eb er es em /ffunP ef; apply: opening_ext => [||||i]; apply: eq0 => //.
by move: (ef i); rewrite !ffunE.
Qed.

Lemma add_multiple_neq o p : o != p -> add_multiple o (-1) p <> zeros F L.
Proof. by move=> neq /add_multiple_zero op; rewrite op eqxx in neq. Qed.

Lemma with_zeroth_lift total f i : with_zeroth total f (lift ord0 i) = f i.
Proof. by rewrite /with_zeroth liftK. Qed.

Lemma with_zeroth_ord0 total f : with_zeroth total f ord0 = total - \sum_(i < L) f i.
Proof. by rewrite /with_zeroth unlift_none. Qed.

Lemma with_zeroth_add (t u : F) f x g i :
  with_zeroth (t + x * u) (add_vector f x g) i = with_zeroth t f i + x * with_zeroth u g i.
Proof.
rewrite /with_zeroth; case: unliftP => [j | ] _; first by rewrite ffunE.
have sums : \sum_(i < L) add_vector f x g i = \sum_(i < L) f i + x * \sum_(i < L) g i.
  by rewrite mulr_sumr -big_split /=; apply: eq_bigr => j _; rewrite ffunE.
by rewrite ?sums; move: (\sum_(i < L) f i) (\sum_(i < L) g i) => sum_f sum_g; scalar_ring F.
Qed.

(* The x² term: with f = a + x·b, what stands before Q in (1). *)
Definition square_term y f : F := \sum_(i < L.+1) y ^+ i * (with_zeroth 1 f i * (1 - with_zeroth 1 f i)).
Definition linear_term y f (a : {ffun 'I_L -> F}) : F :=
  \sum_(i < L.+1) y ^+ i * with_zeroth 0 a i * (1 - with_zeroth 1 f i *+ 2).
Definition constant_term y (a : {ffun 'I_L -> F}) : F :=
  - \sum_(i < L.+1) y ^+ i * with_zeroth 0 a i ^+ 2.

Lemma three_terms x y a b :
  \sum_(i < L.+1) y ^+ i * with_zeroth x (add_vector a x b) i * (x - with_zeroth x (add_vector a x b) i)
  = constant_term y a + x * linear_term y b a + x ^+ 2 * square_term y b.
Proof.
rewrite /constant_term /linear_term /square_term -sumrN !mulr_sumr -!big_split /=; apply: eq_bigr => i _.
have -> : with_zeroth x (add_vector a x b) i = with_zeroth 0 a i + x * with_zeroth 1 b i.
  by rewrite -with_zeroth_add mulr1 add0r.
set bi := with_zeroth 1 b i; set ai := with_zeroth 0 a i; set yi := y ^+ i.
by scalar_ring F.
Qed.

(* ---- In the group ---- *)

Variables (V : lmodType F) (J : nat) (g : generators V L) (c : contest V L J).
Implicit Types (st : statement V J) (B : V) (t : announcement V) (rsp : response F L).

Lemma commit_add o x p : commit g (add_multiple o x p) = commit g o + x *: commit g p.
Proof.
rewrite /commit /= !scalerDr !scalerA [RHS]addrACA; congr (_ + _); last first.
  rewrite scaler_sumr -big_split /=; apply: eq_bigr => i _.
  by rewrite ffunE scalerDl scalerA.
by do 3![rewrite [RHS]addrACA; congr (_ + _); last by rewrite scalerDl]; rewrite scalerDl.
Qed.

Lemma commit_zeros : commit g (zeros F L) = 0.
Proof. by rewrite /commit /= !scale0r big1 ?addr0 // => i _; rewrite ffunE scale0r. Qed.

(* §4 (1): the responses open A + x·B. *)
Definition answer (e x y : F) rsp : opening :=
  Opening (ru rsp) (rz rsp) (rk rsp)
          (\sum_(i < L.+1) y ^+ i * with_zeroth x (rf rsp) i * (x - with_zeroth x (rf rsp) i) - x * e)
          (rf rsp).

Lemma equation1E B t y x rsp :
  equation1 g B t y x rsp <-> tA t + x *: B = commit g (answer (te t) x y rsp).
Proof. by rewrite /equation1 /commit /= [X in _ <-> _ = X]addrAC. Qed.

(* §4 (2): both sides in terms of G + Σ y^j·H_j and G. *)
Lemma in_slot_add a x b j : in_slot c (add_vector a x b) j = in_slot c a j + x * in_slot c b j.
Proof.
rewrite /in_slot mulr_sumr -big_split /=; apply: eq_bigr => i _.
by rewrite ffunE mulrDr mulrCA.
Qed.

Lemma over_slots_add y a x b : over_slots c y (add_vector a x b) = over_slots c y a + x * over_slots c y b.
Proof.
rewrite /over_slots mulr_sumr -big_split /=; apply: eq_bigr => j _.
by rewrite in_slot_add mulrDr mulrCA.
Qed.

(* R + Σ y^j·C_j + y^{J+1}·C. *)
Definition statement_sum st y : V :=
  sR st + \sum_(j < J) y ^+ j.+1 *: sC_ st j + y ^+ J.+1 *: sC st.

Lemma encrypts_sum st r s b y : encrypts c st r s b ->
  statement_sum st y = r *: key_sum c y + (over_slots c y b + y ^+ J.+1 * s) *: cG c.
Proof.
case=> [R Cj C]; rewrite /statement_sum R C /key_sum /over_slots.
under eq_bigr do rewrite Cj scalerDr !scalerA.
rewrite big_split /= scalerDr scaler_sumr scalerDl scaler_suml scalerA !addrA.
by congr (_ + _ + _ + _); apply: eq_bigr => j _; rewrite scalerA mulrC.
Qed.

End Openings.
