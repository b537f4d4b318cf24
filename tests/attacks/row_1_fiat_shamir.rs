//! Row 1: forgers against verifiers whose transcript lacks one item.
//!
//! Each forger knows every logarithm `h_j` of the keys, and makes a ballot that is no vote. It succeeds
//! against a verifier that hashes one item too late or not at all, so the forgery is real; it fails
//! against ours, which hashes everything in time. How each works stands with the forgers, in
//! `tests/support/forgeries.rs`.

use curve25519_dalek::scalar::Scalar;
use urne::ballot::{BallotError, verify_batch};
use urne::{Ballot, Contest, Record};

use crate::support::forger::{Forger, Shape, setting, votes};
use crate::support::forgeries::{Forgery, forgeries};
use crate::support::parts::{Parts, Setting};
use crate::support::prover::{Item, Schedule, Witness, prove, verify};
use crate::support::text::{base, draw};

struct Scene {
    forger: Forger,
    setting: Setting,
    contest: Contest,
}

impl Scene {
    /// Three lists of which the first two share a slot; two panels.
    fn new() -> Self {
        let forger = Forger::of(&Shape::new(&[(1, 2), (2, 3)], 3, 6));
        let record = forger.record(&[votes(&[1, 0, 0])]);
        let contest = Record::from_json(record.to_string().as_bytes()).unwrap().contest().unwrap();
        Scene { setting: setting(&record), forger, contest: contest.contest().clone() }
    }

    fn decode(&self, ballot: &Parts) -> Ballot {
        Ballot::from_bytes(&self.contest, &ballot.to_bytes()).unwrap()
    }

    /// A ballot passes the weak verifier, and neither the strict one nor the crate, alone or in a batch.
    fn succeeds_only_against(&self, weak: &Schedule, forged: &Parts, name: &str) {
        assert_eq!(verify(&self.setting, weak, forged), Ok(()), "{name} works against a weak verifier");
        assert!(verify(&self.setting, &Schedule::strict(), forged).is_err(), "{name}");
        let forged = self.decode(forged);
        assert_eq!(forged.clone().verify(&self.contest).unwrap_err(), BallotError::Proof, "{name}");
        let honest = Witness::new(self.forger.voters[2], &votes(&[0, 0, 1]));
        let honest = self.decode(&prove(&self.setting, &Schedule::strict(), &honest));
        let verdicts = verify_batch(&self.contest, vec![honest.clone(), forged, honest]).unwrap();
        let verdicts: Vec<_> = verdicts.into_iter().map(|verdict| verdict.map(|_| ())).collect();
        assert_eq!(verdicts, [Ok(()), Err(BallotError::Proof), Ok(())], "{name}");
    }

    /// A forgery is no vote: its slots hold something else than one vote or none.
    fn is_no_vote(&self, forgery: &Forgery) {
        let plaintexts = self.forger.plaintexts(&forgery.ballot);
        if let Some(slots) = &forgery.slots {
            assert_eq!(plaintexts, slots.iter().map(base).collect::<Vec<_>>(), "{}", forgery.name);
        }
        for b in [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]] {
            let vote: Vec<_> = self.setting.packed(&votes(&b)).iter().map(base).collect();
            assert_ne!(plaintexts, vote, "{}", forgery.name);
        }
    }
}

/// All forgeries of this name, of which there are so many.
fn only_a_weak_verifier_takes(name: &str, count: usize) {
    let scene = Scene::new();
    let all = forgeries(&scene.forger, &scene.setting);
    let of_name: Vec<_> = all.iter().filter(|forgery| forgery.name == name).collect();
    assert_eq!(of_name.len(), count, "{name}");
    for forgery in of_name {
        scene.is_no_vote(forgery);
        scene.succeeds_only_against(&forgery.weak, &forgery.ballot, name);
    }
}

/// The tests below prove something only if honest ballots of the same prover pass everywhere.
#[test]
fn an_honest_prover_is_accepted() {
    let scene = Scene::new();
    for b in [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]] {
        let witness = Witness::new(scene.forger.voters[0], &votes(&b));
        let ballot = prove(&scene.setting, &Schedule::strict(), &witness);
        assert_eq!(verify(&scene.setting, &Schedule::strict(), &ballot), Ok(()));
        let slots: Vec<_> = scene.setting.packed(&votes(&b)).iter().map(base).collect();
        assert_eq!(scene.forger.plaintexts(&ballot), slots);
        assert!(scene.decode(&ballot).verify(&scene.contest).is_ok());
    }
    // Every forgery below has a test.
    assert_eq!(forgeries(&scene.forger, &scene.setting).len(), 4 + 2 + 4 * 2);
}

/// A prover with a weak schedule passes the verifier with the same, and only that one: so every item is hashed.
#[test]
fn attack_1_every_item_is_hashed() {
    let scene = Scene::new();
    let witness = Witness::new(scene.forger.voters[0], &votes(&[1, 0, 0]));
    for item in Item::ALL {
        let weak = Schedule::strict().without(item);
        scene.succeeds_only_against(&weak, &prove(&scene.setting, &weak, &witness), &format!("{item:?}"));
    }
}

#[test]
fn attack_1_S_after_x() {
    only_a_weak_verifier_takes("S after x", 1);
}

#[test]
fn attack_1_A_after_x() {
    only_a_weak_verifier_takes("A after x", 1);
}

#[test]
fn attack_1_e_after_x() {
    only_a_weak_verifier_takes("e after x", 1);
}

#[test]
fn attack_1_B_after_x() {
    only_a_weak_verifier_takes("B after x", 1);
}

#[test]
fn attack_1_B_after_y_with_a_false_secret() {
    only_a_weak_verifier_takes("B after y, with a false secret", 1);
}

/// What packing makes possible: the bits of a slot are chosen after `y`.
#[test]
fn attack_1_B_after_y_with_other_bits() {
    only_a_weak_verifier_takes("B after y, with other bits", 1);
}

#[test]
fn attack_1_slots_after_y_in_its_kernel() {
    only_a_weak_verifier_takes("the slots after y, in its kernel", 2);
}

#[test]
fn attack_1_ciphertext_after_y_error_absorbed_by_y_to_the_0_with_known_logarithms() {
    only_a_weak_verifier_takes("the ciphertext after y, the error absorbed by y^0", 2);
}

#[test]
fn attack_1_R_after_y_error_absorbed_by_y_to_the_0() {
    only_a_weak_verifier_takes("R after y, the error absorbed by y^0", 2);
}

#[test]
fn attack_1_credential_after_y_error_absorbed_by_y_to_the_J_plus_1() {
    only_a_weak_verifier_takes("C after y, the error absorbed by y^{J+1}", 2);
}

/// All items are hashed by name and not only by position: a verifier of the strict order with two points
/// exchanged between their labels gets other challenges.
#[test]
fn attack_1_points_exchanged() {
    let scene = Scene::new();
    let witness = Witness::new(scene.forger.voters[0], &votes(&[1, 0, 0]));
    let honest = prove(&scene.setting, &Schedule::strict(), &witness);
    let Parts { A, B, S, .. } = honest;
    for (A, B, S) in [(B, A, S), (S, B, A), (A, S, B)] {
        let exchanged = scene.decode(&Parts { A, B, S, ..honest.clone() });
        assert_eq!(exchanged.verify(&scene.contest).unwrap_err(), BallotError::Proof);
    }
}

/// Equations (1) and (2) must stay apart. In their sum, `u` absorbs a multiple of `P` that a cheater hides in `R`,
/// and `e` one of `Q` in a slot: every step of the proof is honest, the vote is one, and nobody could open a sum
/// with this ballot in it.
#[test]
fn attack_1_a_generator_hidden_in_the_ciphertext() {
    let scene = Scene::new();
    let witness = Witness::new(scene.forger.voters[0], &votes(&[0, 0, 1]));
    let hidden = draw(&[b"hidden"]);
    for of_quadratic in [false, true] {
        let mut proving = crate::support::prover::Proving::new(&scene.setting, &witness);
        if of_quadratic {
            proving.parts.slots[0] += proving.generators.Q * hidden;
        } else {
            proving.parts.nonce += proving.generators.P * hidden;
        }
        proving.commit(&witness);
        let strict = Schedule::strict();
        let y = strict.challenges(&scene.setting, &proving.parts).y;
        proving.mask(y);
        proving.tie(y);
        proving.correct(y, &witness);
        if of_quadratic {
            // The coefficient of Q in (1) loses what (2) has too much: x·y·hidden.
            proving.parts.e -= y * hidden;
        }
        let x = strict.challenges(&scene.setting, &proving.parts).x;
        proving.respond(x, &witness);
        if !of_quadratic {
            proving.parts.u += x * hidden;
        }
        let parts = proving.parts;
        assert!(holds_in_sum(&scene.setting, &parts), "a verifier of the sum takes it");
        assert!(verify(&scene.setting, &strict, &parts).is_err());
        assert_eq!(scene.decode(&parts).verify(&scene.contest).unwrap_err(), BallotError::Proof);
    }
}

/// Whether the sum of the two equations holds, as a verifier has it that takes one weight for both.
fn holds_in_sum(setting: &Setting, parts: &Parts) -> bool {
    use crate::support::parts::Generators;
    use crate::support::prover::{first_right, folded, second_right};
    let generators = Generators::new(setting.lists);
    let challenges = Schedule::strict().challenges(setting, parts);
    let x: Scalar = challenges.x;
    let left = parts.A + parts.B * x + parts.S + folded(challenges.y, parts) * x;
    left == first_right(&generators, &challenges, parts) + second_right(setting, challenges.y, parts)
}
