//! Row 3: a ballot moved to another contest, or the order of its options changed.

use serde_json::{Value, json};
use urne::ballot::BallotError;
use urne::{ApprovedContest, Ballot, Record};

use crate::support::forger::{Forger, setting, votes};
use crate::support::prover::{Item, Parts, Schedule, Unequal, Witness, prove, verify};

fn read(record: &Value) -> ApprovedContest {
    Record::from_json(record.to_string().as_bytes()).unwrap().contest().unwrap()
}

/// The same trustees, key and voters, with one field of the contest changed and approved by all.
fn other(forger: &Forger, record: &Value, change: impl Fn(&mut Value)) -> Value {
    let mut other = record.clone();
    change(&mut other["contest"]);
    forger.approve(&mut other);
    other
}

#[test]
fn attack_3_ballot_moved_to_another_contest() {
    let forger = Forger::new(2, 3, 3, 4);
    let record = forger.record(&[votes(&[0, 1, 0])]);
    let here = read(&record);
    let bytes = forger.ballot(&record, &forger.voters[0], &votes(&[0, 1, 0]));
    assert!(Ballot::from_bytes(&here, &bytes).unwrap().verify(&here).is_ok());

    let elsewhere: [(&str, Value); 9] = [
        ("election", json!("Another election")),
        ("number", json!(585)),
        ("title", json!("Another committee")),
        ("documents", json!("other statements")),
        ("lists", json!(["List 3", "List 2", "List 1"])),
        ("opens_at", json!(1)),
        ("closes_at", json!(1_790_000_000)),
        ("quorum", json!(2)),
        ("box_key", json!("3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29")),
    ];
    for (field, value) in elsewhere {
        let there = read(&other(&forger, &record, |contest| contest[field] = value.clone()));
        let moved = Ballot::from_bytes(&there, &bytes).unwrap();
        assert_eq!(moved.verify(&there).unwrap_err(), BallotError::Proof, "{field}");
        // Decoded for one contest, verified in the other.
        assert_eq!(
            Ballot::from_bytes(&here, &bytes).unwrap().verify(&there).unwrap_err(),
            BallotError::ForeignContest { expected: there.fingerprint(), actual: here.fingerprint() },
            "{field}"
        );
    }
}

/// The move works where the contest is not hashed: with the lists in the other order the vote for list 1
/// is one for list 3.
#[test]
fn attack_3_order_of_the_lists_changed() {
    let forger = Forger::new(2, 3, 3, 4);
    let record = forger.record(&[]);
    let reordered = other(&forger, &record, |contest| contest["lists"].as_array_mut().unwrap().reverse());
    let witness = Witness::new(forger.voters[0], &votes(&[1, 0, 0]));
    let weak = Schedule::strict().without(Item::Contest);
    let ballot = prove(&setting(&record), &weak, &witness);
    assert_eq!(verify(&setting(&reordered), &weak, &ballot), Ok(()));
    let ballot = prove(&setting(&record), &Schedule::strict(), &witness);
    assert_eq!(verify(&setting(&reordered), &Schedule::strict(), &ballot), Err(Unequal(1)));
    let contest = read(&reordered);
    let moved = Ballot::from_bytes(&contest, &ballot.to_bytes()).unwrap();
    assert_eq!(moved.verify(&contest).unwrap_err(), BallotError::Proof);
}

/// The options exchanged inside the ballot: the ciphertexts alone, the responses alone, and both.
#[test]
fn attack_3_options_exchanged_in_the_ballot() {
    let forger = Forger::new(2, 3, 3, 4);
    let record = forger.record(&[]);
    let contest = read(&record);
    let ballot = forger.ballot(&record, &forger.voters[0], &votes(&[1, 0, 0]));
    for (ciphertexts, responses) in [(true, false), (false, true), (true, true)] {
        let mut parts = Parts::from_bytes(&ballot);
        if ciphertexts {
            parts.choices.swap(0, 2);
        }
        if responses {
            parts.f.swap(0, 2);
        }
        let exchanged = Ballot::from_bytes(&contest, &parts.to_bytes()).unwrap();
        assert_eq!(exchanged.verify(&contest).unwrap_err(), BallotError::Proof);
    }
}

/// The key's slots in another order too: then the ciphertexts are good for the exchanged lists, and only
/// the contest's hash is left to notice.
#[test]
fn attack_3_slots_of_the_key_exchanged() {
    let forger = Forger::new(2, 3, 3, 4);
    let record = forger.record(&[]);
    let mut ballot = Parts::from_bytes(&forger.ballot(&record, &forger.voters[0], &votes(&[1, 0, 0])));
    ballot.choices.swap(0, 2);
    let contest = read(&other(&forger, &record, |contest| contest["key"].as_array_mut().unwrap().swap(0, 2)));
    let moved = Ballot::from_bytes(&contest, &ballot.to_bytes()).unwrap();
    assert_eq!(moved.verify(&contest).unwrap_err(), BallotError::Proof);
}
