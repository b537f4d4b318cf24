//! Row 5: ballots that hold no valid choice, by provers who follow every step, or every step but one.

use curve25519_dalek::scalar::Scalar;
use urne::ballot::{BallotError, verify_batch};
use urne::{Ballot, Record};

use crate::support::forger::{Forger, setting, votes};
use crate::support::prover::{Item, Round, Schedule, Unequal, Witness, prove, prove_beside, verify};

/// Names and plaintexts, for three lists.
fn invalid() -> Vec<(&'static str, Vec<Scalar>)> {
    let (zero, one) = (Scalar::ZERO, Scalar::ONE);
    let two = one + one;
    let half = two.invert();
    // As an integer about ℓ/2: added to its like it wraps round.
    let huge = -half;
    let third = (two + one).invert();
    // Here m·(1 − m) over m_0 … m_3 adds up to 0, so that only the powers of y tell it from a vote.
    let balanced = vec![two * third, -third, two * third];
    assert_eq!(balanced.iter().map(|m| m * (one - m)).sum::<Scalar>(), zero);
    assert_eq!(balanced.iter().sum::<Scalar>(), one);
    vec![
        ("two lists", votes(&[1, 1, 0])),
        ("all lists", votes(&[1, 1, 1])),
        ("weight two", votes(&[2, 0, 0])),
        ("a thousand votes", votes(&[0, 1000, 0])),
        ("minus one", votes(&[0, -1, 0])),
        ("one moved to a friend", votes(&[2, -1, 0])),
        ("one from each to a friend", votes(&[-1, -1, 3])),
        ("a half", vec![half, zero, zero]),
        ("two halves", vec![half, half, zero]),
        ("thirds", vec![third; 3]),
        ("wraps to one", vec![huge, one - huge, zero]),
        ("wraps to blank", vec![huge, -huge, zero]),
        ("wraps by half the order twice", vec![huge, huge, two]),
        ("balanced where all powers of y are 1", balanced),
        ("two lists and a debt", votes(&[1, 1, -1])),
    ]
}

#[test]
fn attack_5_provers_who_follow_every_step() {
    let forger = Forger::new(2, 3, 3, 4);
    let record = forger.record(&[]);
    let setting = setting(&record);
    let contest = Record::from_json(record.to_string().as_bytes()).unwrap().contest().unwrap();
    let valid = forger.ballot(&record, &forger.voters[1], &votes(&[0, 0, 1]));
    for (name, m) in invalid() {
        let ballot = prove(&setting, &Schedule::strict(), &Witness::new(forger.voters[0], &m));
        // It is the quadratic equation that refuses it; the tie to the ciphertext is honest.
        assert_eq!(verify(&setting, &Schedule::strict(), &ballot), Err(Unequal(1)), "{name}");
        let decoded = Ballot::from_bytes(&contest, &ballot.to_bytes()).unwrap();
        assert_eq!(decoded.clone().verify(&contest).unwrap_err(), BallotError::Proof, "{name}");
        // In a batch too, between good ones.
        let good = Ballot::from_bytes(&contest, &valid).unwrap();
        let verdicts = verify_batch(&contest, vec![good.clone(), decoded, good]).unwrap();
        let verdicts: Vec<_> = verdicts.into_iter().map(|verdict| verdict.map(|_| ())).collect();
        assert_eq!(verdicts, [Ok(()), Err(BallotError::Proof), Ok(())], "{name}");
    }
}

/// The proof is one for a vote, and follows every step; but the ciphertext beside it holds something else.
/// Equation (2) refuses it.
#[test]
fn attack_5_proof_of_a_vote_beside_another_ciphertext() {
    let forger = Forger::new(2, 3, 3, 4);
    let record = forger.record(&[]);
    let setting = setting(&record);
    let contest = Record::from_json(record.to_string().as_bytes()).unwrap().contest().unwrap();
    let vote = Witness::new(forger.voters[0], &votes(&[1, 0, 0]));
    for (name, m) in invalid() {
        let ballot = prove_beside(&setting, &vote, &Witness { m, ..vote.clone() });
        assert_eq!(verify(&setting, &Schedule::strict(), &ballot), Err(Unequal(2)), "{name}");
        let decoded = Ballot::from_bytes(&contest, &ballot.to_bytes()).unwrap();
        assert_eq!(decoded.verify(&contest).unwrap_err(), BallotError::Proof, "{name}");
    }
    // Another nonce in the ciphertext than in the proof.
    let other = Witness { r: vote.r + Scalar::ONE, ..vote.clone() };
    let ballot = prove_beside(&setting, &vote, &other);
    assert_eq!(verify(&setting, &Schedule::strict(), &ballot), Err(Unequal(2)));
    let decoded = Ballot::from_bytes(&contest, &ballot.to_bytes()).unwrap();
    assert_eq!(decoded.verify(&contest).unwrap_err(), BallotError::Proof);
}

/// The same vectors by provers who leave one item out of their hash or hash it a round late.
#[test]
fn attack_5_provers_who_leave_out_one_item() {
    let forger = Forger::new(2, 3, 3, 4);
    let record = forger.record(&[]);
    let setting = setting(&record);
    let contest = Record::from_json(record.to_string().as_bytes()).unwrap().contest().unwrap();
    let items = [Item::Contest, Item::Credential, Item::Nonce, Item::Choices, Item::A, Item::B, Item::S];
    let schedules = items.into_iter().flat_map(|item| {
        [
            Schedule::strict().without(item),
            Schedule::strict().late(item, Round::W),
            Schedule::strict().late(item, Round::X),
        ]
    });
    for schedule in schedules {
        for (name, m) in invalid() {
            let ballot = prove(&setting, &schedule, &Witness::new(forger.voters[0], &m));
            let decoded = Ballot::from_bytes(&contest, &ballot.to_bytes()).unwrap();
            assert_eq!(decoded.verify(&contest).unwrap_err(), BallotError::Proof, "{name}");
        }
    }
}
