(* What the other files use of algebra, and is not in mathcomp 1.15: a ring normaliser for the scalars,
   interpolation, and polynomial identities with values in a module.  Nothing here is about ballots. *)

From mathcomp Require Import all_ssreflect all_algebra.
Require Export Ring.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

(* ---- `ring` for a mathcomp field.  Coq's tactic wants one spelling of each operation; these are it. ---- *)

Section OneSpelling.

Variable F : fieldType.

Definition fzero : F := 0.
Definition fone : F := 1.
Definition fadd (x y : F) : F := x + y.
Definition fmul (x y : F) : F := x * y.
Definition fopp (x : F) : F := - x.
Definition fsub (x y : F) : F := x - y.

Lemma fzeroE : 0 = fzero. Proof. by []. Qed.
Lemma foneE : 1 = fone. Proof. by []. Qed.
Lemma faddE x y : x + y = fadd x y. Proof. by []. Qed.
Lemma fmulE x y : x * y = fmul x y. Proof. by []. Qed.
Lemma foppE x : - x = fopp x. Proof. by []. Qed.

Lemma field_ring_laws : @ring_theory F fzero fone fadd fmul fsub fopp eq.
Proof.
split; rewrite /fzero /fone /fadd /fmul /fsub /fopp //.
- exact: add0r.
- exact: addrC.
- exact: addrA.
- exact: mul1r.
- exact: mulrC.
- exact: mulrA.
- exact: mulrDl.
- exact: subrr.
Qed.

End OneSpelling.

Ltac scalar_ring F :=
  rewrite ?expr2 ?expr1 ?mulr2n ?mulr1n ?mulr0n ?(faddE, fmulE, foppE, fzeroE, foneE);
  match goal with |- @eq _ ?a ?b => change (@eq (GRing.Field.sort F) a b) end; ring.

(* ---- Natural numbers in a field ---- *)

(* 1, 2, …, n are not zero in F: the characteristic is 0 or above n. *)
Definition char_above (F : fieldType) (n : nat) : Prop := forall m, (0 < m <= n)%N -> m%:R != 0 :> F.

Lemma natr_injective (F : fieldType) D n m : char_above F D -> (n <= D)%N -> (m <= D)%N ->
  n%:R = m%:R :> F -> n = m.
Proof.
move=> charF; wlog le : n m / (n <= m)%N => [wlog nD mD e | _ mD e].
  by case/orP: (leq_total n m) => le; [apply: wlog | apply/esym/wlog].
apply/eqP; rewrite eqn_leq le leqNgt -subn_gt0 /=; apply/negP => lt.
have /charF/eqP[] : (0 < m - n <= D)%N by rewrite lt (leq_trans (leq_subr _ _)).
by rewrite natrB // e subrr.
Qed.

(* ---- Polynomials ---- *)

Lemma size_prod_linear (F : fieldType) (I : finType) (A : pred I) (E : I -> {poly F}) :
  (forall i, (size (E i) <= 2)%N) -> (size (\prod_(i in A) E i)%R <= #|A|.+1)%N.
Proof.
move=> linear; apply: leq_trans (size_prod_leq _ _) _.
apply: (@leq_trans ((\sum_(i in A) 2).+1 - #|A|)).
  by apply: leq_sub2r; rewrite ltnS; apply: leq_sum => i _.
by rewrite sum_nat_const muln2 -addnn -addSn addnK.
Qed.

(* ---- Interpolation: Lagrange's polynomials for n distinct numbers. ---- *)

Section Lagrange.

Variables (F : fieldType) (n : nat) (t : 'I_n -> F).

(* The polynomial of degree below n that is 1 at t k and 0 at the other numbers. *)
Definition lagrange (k : 'I_n) : {poly F} :=
  \prod_(m < n | m != k) ((t k - t m)^-1 *: ('X - (t m)%:P)).

Lemma size_lagrange k : (size (lagrange k) <= n)%N.
Proof.
apply: leq_trans (size_prod_linear _ _) _ => [m | ].
  by apply: leq_trans (size_scale_leq _ _) _; rewrite size_XsubC.
by rewrite cardC1 card_ord; case: n k => [[] | ].
Qed.

Hypothesis t_distinct : injective t.

Lemma lagrange_at k m : (lagrange k).[t m] = (m == k)%:R.
Proof.
rewrite /lagrange horner_prod; case: eqP => [-> | /eqP mk].
  apply: big1 => j jk; rewrite hornerZ hornerXsubC mulVf // subr_eq0.
  by apply: contraNneq jk => /t_distinct ->.
by rewrite (bigD1 m) //= hornerZ hornerXsubC subrr mulr0 mul0r.
Qed.

(* A polynomial of degree below n that vanishes at n distinct numbers is zero. *)
Lemma poly_zero (p : {poly F}) : (size p <= n)%N -> (forall k, p.[t k] = 0) -> p = 0.
Proof.
move=> size_p zero; apply: (@roots_geq_poly_eq0 _ _ [seq t k | k : 'I_n]).
- by apply/allP => _ /imageP [k _ ->]; rewrite /root zero.
- by rewrite map_inj_uniq ?enum_uniq.
- by rewrite size_map size_enum_ord.
Qed.

Lemma interpolation (p : {poly F}) : (size p <= n)%N -> p = \sum_(k < n) p.[t k] *: lagrange k.
Proof.
move=> size_p; apply/eqP; rewrite -subr_eq0; apply/eqP/poly_zero.
  rewrite (leq_trans (size_add _ _)) // geq_max size_p size_opp /=.
  apply: leq_trans (size_sum _ _ _) _; apply/bigmax_leqP => k _.
  exact: leq_trans (size_scale_leq _ _) (size_lagrange k).
move=> m; rewrite hornerD hornerN horner_sum (bigD1 m) //= big1 => [|k km].
  by rewrite hornerZ lagrange_at eqxx mulr1 addr0 subrr.
by rewrite hornerZ lagrange_at eq_sym (negPf km) mulr0.
Qed.

Lemma lagrange_coefs (i j : 'I_n) : \sum_(k < n) (lagrange k)`_j * t k ^+ i = (j == i)%:R.
Proof.
have /(congr1 (fun p : {poly F} => p`_j)) : 'X^i = \sum_(k < n) ('X^i).[t k] *: lagrange k.
  by apply: interpolation; rewrite size_polyXn.
rewrite coefXn coef_sum => ->; apply: eq_bigr => k _.
by rewrite coefZ hornerXn mulrC.
Qed.

(* A polynomial with coefficients in a module that vanishes at n distinct numbers, its degree below n. *)
Lemma module_poly_zero (V : lmodType F) (v : 'I_n -> V) :
  (forall k, \sum_(i < n) t k ^+ i *: v i = 0) -> forall j, v j = 0.
Proof.
move=> zero j.
have : \sum_(k < n) (lagrange k)`_j *: (\sum_(i < n) t k ^+ i *: v i) = 0.
  by apply: big1 => k _; rewrite zero scaler0.
under eq_bigr do rewrite scaler_sumr.
rewrite exchange_big (bigD1 j) //= [X in _ + X]big1 => [|i ij].
  under eq_bigr do rewrite scalerA.
  by rewrite -scaler_suml lagrange_coefs eqxx scale1r addr0.
under eq_bigr do rewrite scalerA.
by rewrite -scaler_suml lagrange_coefs eq_sym (negPf ij) scale0r.
Qed.

End Lagrange.

(* The same where more numbers are given than are needed. *)
Lemma module_poly_zero_many (F : fieldType) (V : lmodType F) n d (t : 'I_n -> F) (v : 'I_d -> V) :
  injective t -> (d <= n)%N -> (forall k, \sum_(i < d) t k ^+ i *: v i = 0) -> forall j, v j = 0.
Proof.
move=> t_inj dn zero j.
apply: (@module_poly_zero F d (fun i => t (widen_ord dn i)) _ V v) => [i i' /t_inj /(congr1 val) /= e | k].
  exact: val_inj.
exact: zero.
Qed.

(* Three values of a quadratic. *)
Lemma quadratic_zero (F : fieldType) (x : 'I_3 -> F) (c0 c1 c2 : F) :
  injective x -> (forall k, c0 + x k * c1 + x k ^+ 2 * c2 = 0) -> c2 = 0.
Proof.
move=> x_inj zero.
have := @module_poly_zero F 3 x x_inj [lmodType F of F^o] (tnth [tuple c0; c1; c2]).
move=> /(_ _ ord_max); apply => k.
rewrite !big_ord_recl big_ord0 /= !(tnth_nth 0) /= addr0.
by rewrite expr0 scale1r addrA -[RHS](zero k) expr1.
Qed.
