(* The bureau of panels: src/protocol.md §1, §6 and §7, one slot's key.

   Trustees are numbered through the whole bureau (here from 0, so that trustee j has the number j + 1).
   Every trustee deals a polynomial to its own panel; a panel's polynomial is the sum of its dealers'. *)

From mathcomp Require Import all_ssreflect all_algebra.
From urne Require Import Algebra.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

Section Bureau.

Variables (F : fieldType) (n panels : nat).
Variables (panel : 'I_n -> 'I_panels) (t : 'I_panels -> nat).
Hypothesis charF : char_above F n.

Add Ring F_ring : (field_ring_laws F).

Definition number (j : 'I_n) : F := j.+1%:R.

Lemma number_injective : injective number.
Proof. by move=> j j' /(natr_injective charF) same; apply/val_inj/succn_inj/same; apply: ltn_ord. Qed.

Lemma number_neq0 j : number j != 0.
Proof. by apply: charF; rewrite ltn_ord. Qed.

(* What the trustees deal, §6: polynomials of degree below their panel's threshold. *)
Definition dealt : Type := 'I_n -> {poly F}.
Definition well_dealt (d : dealt) : Prop := forall i, (size (d i) <= t (panel i))%N.

Definition panel_poly (d : dealt) (p : 'I_panels) : {poly F} := \sum_(i < n | panel i == p) d i.

(* x_j, and the secret of H_s = Σ_p Φ_p[s][0]. *)
Definition share (d : dealt) (j : 'I_n) : F := (panel_poly d (panel j)).[number j].
Definition secret_key (d : dealt) : F := \sum_p (panel_poly d p).[0].

Lemma panel_poly_size d p : well_dealt d -> (size (panel_poly d p) <= t p)%N.
Proof.
by move=> well; apply: leq_trans (size_sum _ _ _) _; apply/bigmax_leqP => i /eqP <-; apply: well.
Qed.

(* §1: V_{j,s} = Σ_k j^k·Φ_p[s][k] is x_j·G, with Φ_p[s][k] the panel polynomial's coefficients times G. *)
Theorem verification_key (V : lmodType F) (G : V) d j : well_dealt d ->
  share d j *: G = \sum_(k < t (panel j)) number j ^+ k *: ((panel_poly d (panel j))`_k *: G).
Proof.
move=> well; rewrite /share (horner_coef_wide _ (panel_poly_size _ well)) scaler_suml.
by apply: eq_bigr => k _; rewrite scalerA mulrC.
Qed.

(* ---- t_p trustees of every panel open ---- *)

Section Opening.

(* Any t_p distinct trustees of each panel p. *)
Variable chosen : forall p, 'I_(t p) -> 'I_n.
Hypothesis chosen_distinct : forall p, injective (@chosen p).
Hypothesis chosen_panel : forall p k, panel (@chosen p k) = p.

(* λ_j = Π_{m ≠ j} m/(m − j). *)
Definition lambda p (k : 'I_(t p)) : F :=
  \prod_(m < t p | m != k) (number (chosen m) / (number (chosen m) - number (chosen k))).

Lemma lambdaE p k : @lambda p k = (lagrange (fun m => number (@chosen p m)) k).[0].
Proof.
rewrite /lagrange horner_prod; apply: eq_bigr => m _.
by rewrite hornerZ hornerXsubC sub0r mulrN -mulNr -invrN opprB mulrC.
Qed.

Theorem panels_open_key d : well_dealt d ->
  \sum_p \sum_(k < t p) lambda k * share d (chosen k) = secret_key d.
Proof.
move=> well; apply: eq_bigr => p _.
have inj : injective (fun k => number (@chosen p k)) by move=> k k' /number_injective /chosen_distinct.
rewrite [in RHS](interpolation inj (panel_poly_size p well)) horner_sum; apply: eq_bigr => k _.
by rewrite hornerZ /share chosen_panel lambdaE mulrC.
Qed.

(* §7: with D_j = x_j·R_Σ, what is taken from C_Σ. *)
Theorem panels_open (V : lmodType F) (R : V) d : well_dealt d ->
  \sum_p \sum_(k < t p) lambda k *: (share d (chosen k) *: R) = secret_key d *: R.
Proof.
move=> well; rewrite -(panels_open_key well) scaler_suml; apply: eq_bigr => p _.
by rewrite scaler_suml; apply: eq_bigr => k _; rewrite scalerA.
Qed.

End Opening.

(* ---- A coalition with fewer than t_p of one panel ---- *)

(* Seen from one dealer outside of it, in the panel p0 where it has too few. *)
Section Coalition.

Variables (coalition : {set 'I_n}) (p0 : 'I_panels) (dealer : 'I_n).
Notation inside := [set j in coalition | panel j == p0].
Hypothesis dealer_panel : panel dealer = p0.

(* What it sees: every polynomial but the dealer's (so those of all other panels, too), and the shares
   that the dealer gave to those of the coalition in its panel. *)
Definition same_view (d d' : dealt) : Prop :=
  (forall i, i != dealer -> d' i = d i)
  /\ (forall j, j \in inside -> (d' dealer).[number j] = (d dealer).[number j]).

Lemma secret_key_change d d' : (forall i, i != dealer -> d' i = d i) ->
  secret_key d' = secret_key d + ((d' dealer).[0] - (d dealer).[0]).
Proof.
move=> others; rewrite /secret_key (bigD1 p0) //= [in RHS](bigD1 p0) //=.
rewrite [X in _ + X = _](eq_bigr (fun p => (panel_poly d p).[0])) => [|p pp0]; last first.
  congr _.[_]; apply: eq_bigr => i /eqP ip; apply: others; apply: contraNneq pp0 => i_dealer.
  by rewrite -ip i_dealer dealer_panel.
rewrite addrAC; congr (_ + _); rewrite /panel_poly !horner_sum.
rewrite (bigD1 dealer) ?dealer_panel //= [in RHS](bigD1 dealer) ?dealer_panel //=.
rewrite [X in _ + X = _](eq_bigr (fun i => (d i).[0])) => [|i /andP [_ /others ->] //].
set rest := \sum_(i < n | _) _; set u := _.[0]; set v := (d dealer).[0]; by scalar_ring F.
Qed.

(* Every value of the secret remains possible … *)
Theorem coalition_learns_nothing d secret' : well_dealt d -> (#|inside| < t p0)%N ->
  exists d', [/\ well_dealt d', same_view d d' & secret_key d' = secret'].
Proof.
move=> well few.
pose vanishing : {poly F} := \prod_(j in inside) (1 - (number j)^-1 *: 'X).
have vanishing0 : vanishing.[0] = 1.
  by rewrite horner_prod big1 // => j _; rewrite hornerD hornerN hornerZ hornerX hornerC mulr0 subr0.
have vanishing_at j : j \in inside -> vanishing.[number j] = 0.
  move=> j_in; rewrite horner_prod (bigD1 j) //= hornerD hornerN hornerZ hornerX hornerC.
  by rewrite mulVf ?number_neq0 // subrr mul0r.
have vanishing_size : (size vanishing <= t p0)%N.
  apply: leq_trans (size_prod_linear _ _) few => j.
  rewrite (leq_trans (size_add _ _)) // geq_max size_poly1 size_opp.
  by rewrite (leq_trans (size_scale_leq _ _)) // size_polyX.
pose d' i := if i == dealer then d dealer + (secret' - secret_key d) *: vanishing else d i.
have others i : i != dealer -> d' i = d i by rewrite /d' => /negPf ->.
have at_dealer : d' dealer = d dealer + (secret' - secret_key d) *: vanishing by rewrite /d' eqxx.
exists d'; split.
- move=> i; rewrite /d'; case: eqP => [-> | _]; last exact: well.
  rewrite (leq_trans (size_add _ _)) // geq_max well dealer_panel.
  exact: leq_trans (size_scale_leq _ _) vanishing_size.
- split=> // j j_in; rewrite at_dealer hornerD hornerZ vanishing_at //.
  by rewrite mulr0 addr0.
- rewrite (secret_key_change others) at_dealer hornerD hornerZ vanishing0 mulr1.
  by rewrite [_ + (secret' - _)]addrC addrK addrC subrK.
Qed.

(* … and with t_p − 1 of the panel in exactly one way, so that all values are equally likely. *)
Theorem coalition_one_way d d' d'' : well_dealt d' -> well_dealt d'' -> #|inside|.+1 = t p0 ->
  same_view d d' -> same_view d d'' -> secret_key d' = secret_key d'' -> d' =1 d''.
Proof.
move=> well' well'' enough [others' at'] [others'' at''] same i.
case: (eqVneq i dealer) => [-> | i_other]; last by rewrite others' ?others''.
apply/eqP; rewrite -subr_eq0; apply/eqP.
apply: (@roots_geq_poly_eq0 _ _ (0 :: [seq number j | j <- enum inside])).
- apply/andP; split; rewrite /root.
    move: same; rewrite (secret_key_change others') (secret_key_change others'').
    by move/addrI/addIr => same0; rewrite hornerD hornerN same0 subrr.
  apply/allP => _ /mapP [j j_in ->]; rewrite mem_enum in j_in.
  by rewrite /root hornerD hornerN at' // at'' // subrr.
- rewrite /= map_inj_uniq ?enum_uniq ?andbT; last exact: number_injective.
  by apply/mapP => -[j _ /esym/eqP]; rewrite (negPf (number_neq0 j)).
- rewrite /= size_map -cardE enough (leq_trans (size_add _ _)) // geq_max size_opp.
  by rewrite -dealer_panel well' well''.
Qed.

End Coalition.

(* Whoever has fewer than t_p of some panel: all it dealt and all shares it was given, in every panel, fit
   with every value of the secret. *)
Theorem below_threshold (coalition : {set 'I_n}) p d secret' : well_dealt d ->
  (#|[set j in coalition | panel j == p]| < t p)%N -> (t p <= #|[set j | panel j == p]|)%N ->
  exists d', [/\ well_dealt d',
                 forall i, i \in coalition -> d' i = d i,
                 forall i j, j \in coalition -> panel i = panel j -> (d' i).[number j] = (d i).[number j]
               & secret_key d' = secret'].
Proof.
move=> well few enough.
have [dealer dealer_panel honest] : exists2 i, panel i = p & i \notin coalition.
  have /subsetPn [i] : ~~ ([set j | panel j == p] \subset [set j in coalition | panel j == p]).
    by apply/negP => /subset_leq_card; rewrite leqNgt (leq_trans few enough).
  by rewrite !inE => /eqP ip; rewrite ip eqxx andbT; exists i.
have [d' [well' [others at_inside] sum]] := coalition_learns_nothing dealer_panel secret' well few.
exists d'; split=> // [i i_in | i j j_in ij].
  by apply: others; apply: contraNneq honest => <-.
case: (eqVneq i dealer) => [i_dealer | /others -> //]; rewrite i_dealer; apply: at_inside.
by rewrite inE j_in -ij i_dealer dealer_panel eqxx.
Qed.

End Bureau.
