//! Row 5: ballots that hold no valid choice, by provers who follow every step, or every step but one. Two of the
//! three lists share a slot; the choices that are none stand in `tests/support/forgeries.rs`.

use curve25519_dalek::scalar::Scalar;
use urne::ballot::{BallotError, verify_batch};
use urne::{Ballot, Contest, Record};

use crate::support::forger::{Forger, Shape, setting, votes};
use crate::support::forgeries::invalid;
use crate::support::parts::{Parts, Setting};
use crate::support::prover::{Item, Round, Schedule, Unequal, Witness, prove, prove_beside, verify};
use crate::support::text::base;

struct Scene {
    forger: Forger,
    setting: Setting,
    contest: Contest,
}

impl Scene {
    fn new() -> Self {
        let forger = Forger::of(&Shape::new(&[(1, 2), (2, 3)], 3, 4));
        let record = forger.record(&[]);
        let contest = Record::from_json(record.to_string().as_bytes()).unwrap().contest().unwrap();
        Scene { setting: setting(&record), forger, contest: contest.contest().clone() }
    }

    fn decode(&self, ballot: &Parts) -> Ballot {
        Ballot::from_bytes(&self.contest, &ballot.to_bytes()).unwrap()
    }

    /// The crate's verdict of a ballot alone, and the same in a batch between two good ones.
    fn verdict(&self, ballot: &Parts) -> Result<(), BallotError> {
        let alone = self.decode(ballot).verify(&self.contest).map(|_| ());
        let good = Witness::new(self.forger.voters[1], &votes(&[0, 0, 1]));
        let good = self.decode(&prove(&self.setting, &Schedule::strict(), &good));
        let batch = vec![good.clone(), self.decode(ballot), good];
        let verdicts = verify_batch(&self.contest, batch).unwrap();
        let verdicts: Vec<_> = verdicts.into_iter().map(|verdict| verdict.map(|_| ())).collect();
        assert_eq!(verdicts, [Ok(()), alone, Ok(())]);
        alone
    }

    /// A prover who follows every step for these numbers is refused.
    fn refused(&self, name: &str, b: &[Scalar]) {
        let strict = Schedule::strict();
        let ballot = prove(&self.setting, &strict, &Witness::new(self.forger.voters[0], b));
        // It is the quadratic equation that refuses it; the tie to the ciphertext is honest.
        assert_eq!(verify(&self.setting, &strict, &ballot), Err(Unequal(1)), "{name}");
        assert_eq!(self.verdict(&ballot), Err(BallotError::Proof), "{name}");
    }
}

#[test]
fn attack_5_provers_who_follow_every_step() {
    let scene = Scene::new();
    let all = invalid(&scene.setting);
    assert_eq!(all.len(), 24);
    for (name, b) in all {
        scene.refused(name, &b);
    }
}

/// The list of the row that packing adds, each by itself: what it is, and what the slot then holds.
#[test]
fn attack_5_numbers_that_a_slot_does_not_tell_from_a_vote() {
    let scene = Scene::new();
    let (zero, one, M) = (Scalar::ZERO, Scalar::ONE, scene.setting.radix);
    let half = (one + one).invert();
    let first = |slot: Scalar, b: [Scalar; 3], name: &str| {
        assert_eq!(scene.setting.packed(&b)[0], slot, "{name}");
        scene.refused(name, &b);
    };
    first(one + M, [one, one, zero], "two lists of one slot");
    first(M, [M, zero, zero], "a slot of M, the next list's weight");
    first(one, [M + one, -one, zero], "(M + 1, −1), a vote for the first list");
    first(one, [zero, M.invert(), zero], "a vote for the first list as a fraction of the second");
    first(M, [M + M, -one, zero], "(2M, −1), a vote for the second list");
    first(zero, [-M, one, zero], "(−M, 1), a blank slot");
    // As integers below ℓ, both are about ℓ/2: the slot's total wraps.
    let wrapped = (one + half) * M.invert();
    first(one, [-half, wrapped, zero], "a total that wraps to one");
    first(zero, [-half, half * M.invert(), zero], "a total that wraps to nothing");
}

/// Nor is a slot of `M` a vote where the slot has one list only.
#[test]
fn attack_5_a_weight_that_the_last_slot_does_not_have() {
    let scene = Scene::new();
    let (zero, M) = (Scalar::ZERO, scene.setting.radix);
    scene.refused("M for the only list of a slot", &[zero, zero, M]);
    // Beside an honest proof of a vote for list 2, which has that weight in the other slot.
    let vote = Witness::new(scene.forger.voters[0], &votes(&[0, 1, 0]));
    let other = Witness { b: vec![zero, zero, M], ..vote.clone() };
    let ballot = prove_beside(&scene.setting, &vote, &other);
    assert_eq!(verify(&scene.setting, &Schedule::strict(), &ballot), Err(Unequal(2)));
    assert_eq!(scene.verdict(&ballot), Err(BallotError::Proof));
}

/// The proof is one for a vote, and follows every step; but the ciphertext beside it holds something else.
/// Equation (2) refuses it.
#[test]
fn attack_5_proof_of_a_vote_beside_another_ciphertext() {
    let scene = Scene::new();
    let strict = Schedule::strict();
    let vote = Witness::new(scene.forger.voters[0], &votes(&[1, 0, 0]));
    let honest = scene.setting.packed(&vote.b);
    let mut same = 0;
    for (name, b) in invalid(&scene.setting) {
        let ballot = prove_beside(&scene.setting, &vote, &Witness { b: b.clone(), ..vote.clone() });
        if scene.setting.packed(&b) == honest {
            // The slots are those of the vote, and so is the whole ballot.
            assert_eq!(ballot, prove(&scene.setting, &strict, &vote), "{name}");
            assert_eq!(scene.verdict(&ballot), Ok(()), "{name}");
            same += 1;
            continue;
        }
        assert_eq!(verify(&scene.setting, &strict, &ballot), Err(Unequal(2)), "{name}");
        assert_eq!(scene.verdict(&ballot), Err(BallotError::Proof), "{name}");
    }
    assert_eq!(same, 3);
    // Another vote, and another nonce in the ciphertext than in the proof.
    let others = [
        Witness { b: votes(&[0, 1, 0]), ..vote.clone() },
        Witness { b: votes(&[0, 0, 0]), ..vote.clone() },
        Witness { r: vote.r + Scalar::ONE, ..vote.clone() },
    ];
    for other in others {
        let ballot = prove_beside(&scene.setting, &vote, &other);
        assert_eq!(verify(&scene.setting, &strict, &ballot), Err(Unequal(2)));
        assert_eq!(scene.verdict(&ballot), Err(BallotError::Proof));
    }
}

/// The same numbers by provers who leave one item out of their hash or hash it with another round.
#[test]
fn attack_5_provers_who_leave_out_one_item() {
    let scene = Scene::new();
    let all = invalid(&scene.setting);
    for item in Item::ALL {
        let late = [Round::Y, Round::X].map(|round| Schedule::strict().late(item, round));
        for schedule in [Schedule::strict().without(item)].into_iter().chain(late) {
            for (name, b) in &all {
                let ballot = prove(&scene.setting, &schedule, &Witness::new(scene.forger.voters[0], b));
                let verdict = scene.decode(&ballot).verify(&scene.contest);
                assert_eq!(verdict.unwrap_err(), BallotError::Proof, "{name}, {item:?}");
            }
        }
    }
}

/// Two ballots, neither of them a vote, that add up to a vote for list 1 and one for list 2: a sum cannot tell, and
/// each proof does.
#[test]
fn attack_5_ballots_that_are_votes_only_together() {
    let scene = Scene::new();
    let (zero, one) = (Scalar::ZERO, Scalar::ONE);
    let half = (one + one).invert();
    let both: Vec<_> = scene.setting.packed(&[one, one, zero]).iter().map(base).collect();
    for (left, right) in [
        ([half, half, zero], [half, half, zero]),
        ([one, one, one], [zero, zero, -one]),
        ([-half, zero, zero], [one + half, one, zero]),
        ([one + one, -one, zero], [-one, one + one, zero]),
    ] {
        let ballots = [left, right].map(|b| {
            let witness = Witness::new(scene.forger.voters[0], &b);
            prove(&scene.setting, &Schedule::strict(), &witness)
        });
        let [first, second] = ballots.each_ref().map(|ballot| scene.forger.plaintexts(ballot));
        let sum: Vec<_> = first.iter().zip(&second).map(|(a, b)| a + b).collect();
        assert_eq!(sum, both);
        for ballot in &ballots {
            assert_eq!(scene.verdict(ballot), Err(BallotError::Proof));
        }
        let batch = ballots.iter().map(|ballot| scene.decode(ballot)).collect();
        let verdicts = verify_batch(&scene.contest, batch).unwrap();
        assert!(verdicts.iter().all(Result::is_err));
    }
}
