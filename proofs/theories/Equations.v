(* Equations (1) and (2) of src/protocol.md §4 as lists of terms, a scalar and a point, that a program can
   print and another evaluate.  That these lists are the equations of Protocol.v is proved here; Emit.v
   prints them into equations.txt, from which a test of the Rust code can read them. *)

From mathcomp Require Import all_ssreflect all_algebra.
From urne Require Import Algebra Protocol Openings.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

(* 0, 1, …, n − 1: unlike mathcomp's own list of them, one that Coq can print. *)
Fixpoint ordinals n : seq 'I_n := if n is m.+1 then ord0 :: [seq lift ord0 i | i <- ordinals m] else [::].

Lemma ordinals_sum (M : zmodType) n (E : 'I_n -> M) : \sum_(i <- ordinals n) E i = \sum_(i < n) E i.
Proof.
elim: n E => [|n IH] E; first by rewrite big_nil big_ord0.
by rewrite big_cons big_map big_ord_recl IH.
Qed.

(* ---- Terms ---- *)

Section Terms.

Variables (L J : nat) (slot_of : 'I_L -> 'I_J).

Inductive scalar_name := Name_x | Name_y | Name_e | Name_z | Name_k | Name_u | Name_f of 'I_L | Name_w of 'I_L.
Inductive point_name :=
  | Name_A | Name_S | Name_B | Name_R | Name_C_ of 'I_J | Name_C
  | Name_G | Name_H of 'I_J | Name_P | Name_N | Name_K | Name_Q | Name_P_ of 'I_L.

Inductive scalar :=
  | Zero | One | Named of scalar_name | Power_of_y of nat
  | Add of scalar & scalar | Subtract of scalar & scalar | Multiply of scalar & scalar.

Definition term : Type := scalar * point_name.

Definition sum (s : seq scalar) : scalar := foldr Add Zero s.
Definition lists : seq 'I_L := ordinals L.
Definition slots : seq 'I_J := ordinals J.

Notation X := (Named Name_x).
Notation f i := (Named (Name_f i)).

Definition f_0 : scalar := Subtract X (sum [seq f i | i <- lists]).
Definition times_x_minus (y_i f_i : scalar) : scalar := Multiply (Multiply y_i f_i) (Subtract X f_i).

Definition quadratic : scalar :=
  Subtract (Add (times_x_minus One f_0) (sum [seq times_x_minus (Power_of_y i.+1) (f i) | i : 'I_L <- lists]))
           (Multiply X (Named Name_e)).

Definition left1 : seq term := [:: (One, Name_A); (X, Name_B)].
Definition right1 : seq term :=
  [:: (Named Name_u, Name_P); (Named Name_z, Name_N); (Named Name_k, Name_K)]
  ++ [seq (f i, Name_P_ i) | i <- lists]
  ++ [:: (quadratic, Name_Q)].

Definition m_sum : scalar :=
  sum [seq Multiply (Power_of_y j.+1) (sum [seq Multiply (Named (Name_w i)) (f i) | i <- lists & slot_of i == j])
      | j : 'I_J <- slots].

Definition left2 : seq term :=
  [:: (One, Name_S); (X, Name_R)]
  ++ [seq (Multiply X (Power_of_y j.+1), Name_C_ j) | j : 'I_J <- slots]
  ++ [:: (Multiply X (Power_of_y J.+1), Name_C)].
Definition right2 : seq term :=
  [:: (Named Name_z, Name_G)]
  ++ [seq (Multiply (Named Name_z) (Power_of_y j.+1), Name_H j) | j : 'I_J <- slots]
  ++ [:: (Add m_sum (Multiply (Power_of_y J.+1) (Named Name_k)), Name_G)].

End Terms.

Arguments Zero {L}.
Arguments One {L}.
Arguments Named {L}.
Arguments Power_of_y {L}.

(* ---- Their values are the equations ---- *)

Section Values.

Variables (F : fieldType) (V : lmodType F) (L J : nat).
Variables (g : generators V L) (c : contest V L J) (st : statement V J) (B : V).
Variables (t : announcement V) (y x : F) (rsp : response F L).

Definition scalar_value (n : scalar_name L) : F :=
  match n with
  | Name_x => x | Name_y => y | Name_e => te t
  | Name_z => rz rsp | Name_k => rk rsp | Name_u => ru rsp
  | Name_f i => rf rsp i | Name_w i => weight c i
  end.

Definition point_value (n : point_name L J) : V :=
  match n with
  | Name_A => tA t | Name_S => tS t | Name_B => B
  | Name_R => sR st | Name_C_ j => sC_ st j | Name_C => sC st
  | Name_G => cG c | Name_H j => cH c j
  | Name_P => gP g | Name_N => gN g | Name_K => gK g | Name_Q => gQ g | Name_P_ i => gP_ g i
  end.

Fixpoint value (s : scalar L) : F :=
  match s with
  | Zero => 0
  | One => 1
  | Named n => scalar_value n
  | Power_of_y n => y ^+ n
  | Add a b => value a + value b
  | Subtract a b => value a - value b
  | Multiply a b => value a * value b
  end.

Definition total (ts : seq (term L J)) : V := \sum_(tm <- ts) value tm.1 *: point_value tm.2.

Lemma value_sum s : value (sum s) = \sum_(a <- s) value a.
Proof. by elim: s => [|a s IH] /=; rewrite ?big_nil // big_cons IH. Qed.

Lemma total_cat ts ts' : total (ts ++ ts') = total ts + total ts'.
Proof. exact: big_cat. Qed.

Lemma total_cons a ts : total (a :: ts) = value a.1 *: point_value a.2 + total ts.
Proof. exact: big_cons. Qed.

Lemma total_nil : total [::] = 0.
Proof. exact: big_nil. Qed.

Lemma total_map n (a : 'I_n -> term L J) :
  total [seq a i | i <- ordinals n] = \sum_(i < n) value (a i).1 *: point_value (a i).2.
Proof. by rewrite /total big_map ordinals_sum. Qed.

Lemma value_quadratic :
  value (quadratic L)
  = \sum_(i < L.+1) y ^+ i * with_zeroth x (rf rsp) i * (x - with_zeroth x (rf rsp) i) - x * te t.
Proof.
rewrite /quadratic /= !value_sum !big_map !ordinals_sum big_ord_recl with_zeroth_ord0 expr0.
congr (_ + _ - _); apply: eq_bigr => i _.
by rewrite with_zeroth_lift lift0.
Qed.

Theorem equation1_terms : equation1 g B t y x rsp <-> total (left1 L J) = total (right1 L J).
Proof.
rewrite /left1 /right1 !total_cat !total_cons !total_nil total_map value_quadratic /=.
by rewrite !addr0 scale1r !addrA.
Qed.

Lemma value_m_sum : value (Add (m_sum (slot c)) (Multiply (Power_of_y J.+1) (Named (Name_k L))))
                  = over_slots c y (rf rsp) + y ^+ J.+1 * rk rsp.
Proof.
rewrite /m_sum /= value_sum big_map ordinals_sum; congr (_ + _); apply: eq_bigr => j _ /=.
by rewrite value_sum big_map big_filter big_mkcond ordinals_sum -big_mkcond.
Qed.

Theorem equation2_terms : equation2 c st t y x rsp <-> total (left2 L J) = total (right2 (slot c)).
Proof.
rewrite /left2 /right2 !total_cat !total_cons !total_nil !total_map value_m_sum /= !addr0 scale1r.
rewrite /equation2 /key_sum !scalerDr !scaler_sumr scalerA.
under [X in tS t + (_ + X + _)]eq_bigr do rewrite scalerA.
under [X in _ = _ + X + _]eq_bigr do rewrite scalerA.
by rewrite !addrA.
Qed.

End Values.
