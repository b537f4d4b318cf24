//! Row 3: a ballot moved to another contest, or order of the lists, capacity, packing, grace, panels, quorum or
//! issuer changed.

use serde_json::{Value, json};
use urne::ballot::BallotError;
use urne::{Ballot, Contest, Record};

use crate::support::forger::{Forger, Shape, setting, votes};
use crate::support::parts::Parts;
use crate::support::prover::{Item, Schedule, Unequal, Witness, prove, verify};

/// Four lists, two a slot; two panels.
fn forger() -> Forger {
    Forger::of(&Shape::new(&[(1, 2), (2, 3)], 4, 4))
}

fn read(record: &Value) -> Contest {
    Record::from_json(record.to_string().as_bytes()).unwrap().contest().unwrap().contest().clone()
}

/// The same trustees, key and voters, with one thing of the contest changed and approved by all.
fn other(forger: &Forger, record: &Value, change: impl Fn(&mut Value)) -> Value {
    let mut other = record.clone();
    change(&mut other["contest"]);
    forger.approve(&mut other);
    other
}

/// Decoded for the other contest, a ballot's proof fails; decoded for its own, it is refused by name.
fn refused(record: &Value, there: &Value, ballot: &[u8], name: &str) {
    let (here, there) = (read(record), read(there));
    assert!(Ballot::from_bytes(&here, ballot).unwrap().verify(&here).is_ok());
    let moved = Ballot::from_bytes(&there, ballot).unwrap();
    assert_eq!(moved.verify(&there).unwrap_err(), BallotError::Proof, "{name}");
    assert_eq!(
        Ballot::from_bytes(&here, ballot).unwrap().verify(&there).unwrap_err(),
        BallotError::ForeignContest { expected: there.fingerprint(), actual: here.fingerprint() },
        "{name}"
    );
}

#[test]
fn attack_3_ballot_moved_to_another_contest() {
    let forger = forger();
    let record = forger.record(&[votes(&[0, 1, 0, 0])]);
    let ballot = forger.ballot(&record, &forger.voters[0], &votes(&[0, 1, 0, 0]));
    let elsewhere: [(&str, Value); 14] = [
        ("/election", json!("Another election")),
        ("/number", json!(585)),
        ("/title", json!("Another committee")),
        ("/documents", json!("other statements")),
        ("/lists", json!(["List 4", "List 3", "List 2", "List 1"])),
        ("/opens_at", json!(1)),
        ("/closes_at", json!(1_790_000_000)),
        ("/grace", json!(0)),
        ("/capacity", json!(999)),
        ("/packing", json!(3)),
        ("/panels/0/quorum", json!(2)),
        ("/panels/1/quorum", json!(2)),
        ("/box_key", json!("3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29")),
        ("/issuer_key", json!("3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29")),
    ];
    for (pointer, value) in elsewhere {
        let there = other(&forger, &record, |contest| {
            *contest.pointer_mut(pointer).unwrap() = value.clone();
        });
        refused(&record, &there, &ballot, pointer);
    }
}

/// The same trustees in other panels, or the same panels in another order: the encryption keys are the same.
#[test]
fn attack_3_panels_changed() {
    let forger = forger();
    let record = forger.record(&[]);
    let ballot = forger.ballot(&record, &forger.voters[0], &votes(&[0, 0, 1, 0]));
    let mut exchanged = forger.clone();
    exchanged.panels.swap(0, 1);
    exchanged.identities.rotate_left(2);
    let there = other(&exchanged, &record, |contest| contest["panels"].as_array_mut().unwrap().swap(0, 1));
    assert_eq!(setting(&there).keys, setting(&record).keys);
    refused(&record, &there, &ballot, "panels exchanged");

    let there = other(&forger, &record, |contest| {
        let moved = contest["panels"][0]["trustees"].as_array_mut().unwrap().pop().unwrap();
        contest["panels"][1]["trustees"].as_array_mut().unwrap().insert(0, moved);
    });
    assert_eq!(setting(&there).keys, setting(&record).keys);
    refused(&record, &there, &ballot, "a trustee moved to the other panel");
}

/// The move works where the contest is not hashed: with the lists in the other order the vote for list 1
/// is one for list 4.
#[test]
fn attack_3_order_of_the_lists_changed() {
    let forger = forger();
    let record = forger.record(&[]);
    let reordered = other(&forger, &record, |contest| contest["lists"].as_array_mut().unwrap().reverse());
    let witness = Witness::new(forger.voters[0], &votes(&[1, 0, 0, 0]));
    let weak = Schedule::strict().without(Item::Contest);
    let ballot = prove(&setting(&record), &weak, &witness);
    assert_eq!(verify(&setting(&reordered), &weak, &ballot), Ok(()));
    let ballot = prove(&setting(&record), &Schedule::strict(), &witness);
    assert_eq!(verify(&setting(&reordered), &Schedule::strict(), &ballot), Err(Unequal(1)));
    refused(&record, &reordered, &ballot.to_bytes(), "lists reordered");
}

/// Other weights, in as many slots: even where the contest is not hashed, the tie to the slots fails.
#[test]
fn attack_3_packing_and_capacity_changed() {
    let forger = forger();
    let record = forger.record(&[]);
    let witness = Witness::new(forger.voters[0], &votes(&[1, 0, 0, 0]));
    for (field, value) in [("packing", 3), ("capacity", 1_001)] {
        let there = other(&forger, &record, |contest| contest[field] = json!(value));
        assert_eq!(setting(&there).keys, setting(&record).keys);
        let weak = Schedule::strict().without(Item::Contest);
        let ballot = prove(&setting(&record), &weak, &witness);
        assert_eq!(verify(&setting(&there), &weak, &ballot), Err(Unequal(2)), "{field}");
        let ballot = prove(&setting(&record), &Schedule::strict(), &witness);
        refused(&record, &there, &ballot.to_bytes(), field);
    }
}

/// Lists exchanged inside the ballot: the slots alone, the responses of one slot or of two alone, and both.
#[test]
fn attack_3_lists_exchanged_in_the_ballot() {
    let forger = forger();
    let record = forger.record(&[]);
    let contest = read(&record);
    let ballot = forger.ballot(&record, &forger.voters[0], &votes(&[1, 0, 0, 0]));
    let exchanges: [fn(&mut Parts); 4] = [
        |parts| parts.slots.swap(0, 1),
        |parts| parts.f.swap(0, 1),
        |parts| parts.f.swap(0, 2),
        |parts| {
            parts.slots.swap(0, 1);
            parts.f.swap(0, 2);
            parts.f.swap(1, 3);
        },
    ];
    for exchange in exchanges {
        let mut parts = Parts::from_bytes(&ballot);
        exchange(&mut parts);
        let exchanged = Ballot::from_bytes(&contest, &parts.to_bytes()).unwrap();
        assert_eq!(exchanged.verify(&contest).unwrap_err(), BallotError::Proof);
    }
}

/// The key's slots in another order too: then the ciphertexts are good for the exchanged lists, and only
/// the contest's hash is left to notice.
#[test]
fn attack_3_slots_of_the_key_exchanged() {
    let forger = forger();
    let record = forger.record(&[]);
    let mut ballot = Parts::from_bytes(&forger.ballot(&record, &forger.voters[0], &votes(&[1, 0, 0, 0])));
    ballot.slots.swap(0, 1);
    let contest = read(&other(&forger, &record, |contest| {
        for panel in contest["panels"].as_array_mut().unwrap() {
            panel["key"].as_array_mut().unwrap().swap(0, 1);
        }
    }));
    let moved = Ballot::from_bytes(&contest, &ballot.to_bytes()).unwrap();
    assert_eq!(moved.verify(&contest).unwrap_err(), BallotError::Proof);
}
