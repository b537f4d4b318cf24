(* Prints the terms of Equations.v for some contests, in the layout of src/protocol.md §2.  Nothing is
   proved here, and nothing rests on it: proofs/check compares what it prints with equations.txt. *)

From Coq Require Import String DecimalString.
From mathcomp Require Import all_ssreflect.
From urne Require Import Equations Packing.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Local Open Scope string_scope.

Definition decimal (n : nat) : string := NilEmpty.string_of_uint (Nat.to_uint n).
Definition numbered (name : string) (i : nat) : string := name ++ decimal i.+1.
Definition newline : string := String (Ascii.ascii_of_nat 10) "".

Section Emit.

Variables (kappa L J : nat).

(* §2: w_i is M^((i − 1) mod κ). *)
Definition print_weight (i : nat) : string := "M^" ++ decimal (i %% kappa).

Definition print_scalar_name (n : scalar_name L) : string :=
  match n with
  | Name_x => "x" | Name_y => "y" | Name_e => "e" | Name_z => "z" | Name_k => "k" | Name_u => "u"
  | Name_f i => numbered "f" i | Name_w i => print_weight i
  end.

Definition print_point_name (n : point_name L J) : string :=
  match n with
  | Name_A => "A" | Name_S => "S" | Name_B => "B" | Name_R => "R" | Name_C_ j => numbered "C" j | Name_C => "C"
  | Name_G => "G" | Name_H j => numbered "H" j
  | Name_P => "P" | Name_N => "N" | Name_K => "K" | Name_Q => "Q" | Name_P_ i => numbered "P" i
  end.

(* Reverse Polish. *)
Fixpoint print_scalar (s : scalar L) : string :=
  match s with
  | Zero => "0"
  | One => "1"
  | Named n => print_scalar_name n
  | Power_of_y n => "y^" ++ decimal n
  | Add a b => print_scalar a ++ " " ++ print_scalar b ++ " +"
  | Subtract a b => print_scalar a ++ " " ++ print_scalar b ++ " -"
  | Multiply a b => print_scalar a ++ " " ++ print_scalar b ++ " *"
  end.

Definition print_terms (name : string) (ts : seq (term L J)) : string :=
  foldr (fun t rest => name ++ " " ++ print_point_name t.2 ++ " " ++ print_scalar t.1 ++ newline ++ rest) "" ts.

End Emit.

Section Contests.

Variables (kappa L : nat).
Hypothesis kappa_gt0 : 0 < kappa.
Notation J := (number_of_slots kappa L).

Definition print_contest : string :=
  newline ++ "contest " ++ decimal L ++ " " ++ decimal kappa ++ newline
  ++ print_terms kappa "left1" (left1 L J) ++ print_terms kappa "right1" (right1 L J)
  ++ print_terms kappa "left2" (left2 L J)
  ++ print_terms kappa "right2" (right2 (packed_slot kappa_gt0 (L := L))).

End Contests.

Definition head : string :=
  "# Equations (1) and (2) of src/protocol.md section 4, printed by proofs/emit from Equations.v." ++ newline
  ++ "# contest <lists> <lists in a slot>, then lines <side> <point> <scalar in reverse Polish>;" ++ newline
  ++ "# a side is the sum of its lines, scalar times point, and left1 = right1, left2 = right2." ++ newline
  ++ "# Names as there: f1 is f_1, P1 is P_1, y^2 a power, M is capacity + 1; + - * take two scalars." ++ newline.

Definition text : string :=
  head ++ print_contest 1 (isT : 0 < 1) ++ print_contest 2 (isT : 0 < 1) ++ print_contest 2 (isT : 0 < 2)
  ++ print_contest 3 (isT : 0 < 2) ++ print_contest 5 (isT : 0 < 3) ++ print_contest 12 (isT : 0 < 1)
  ++ print_contest 12 (isT : 0 < 2) ++ print_contest 12 (isT : 0 < 5) ++ print_contest 40 (isT : 0 < 2).

Set Printing Depth 1000000.
Eval vm_compute in text.
