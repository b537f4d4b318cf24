//! Ballots alone: honest provers, forgers of every kind, and choices that are none.

use curve25519_dalek::scalar::Scalar;

use crate::support::forger::{Forger, Shape, setting, votes};
use crate::support::forgeries::{forgeries, invalid};
use crate::support::parts::{Parts, Setting};
use crate::support::prover::{Item, Schedule, Unequal, Witness, prove, prove_beside, verify};
use crate::support::text::base;

fn scene() -> (Forger, Setting) {
    let forger = Forger::of(&Shape::new(&[(1, 2), (2, 3)], 3, 6));
    let setting = setting(&forger.opened());
    assert_eq!((setting.packing, setting.keys.len()), (2, 2));
    (forger, setting)
}

/// The tables below prove something only if honest ballots of the same prover pass everywhere.
#[test]
fn an_honest_prover_is_accepted() {
    let (forger, setting) = scene();
    for b in [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]] {
        let witness = Witness::new(forger.voters[0], &votes(&b));
        let ballot = prove(&setting, &Schedule::strict(), &witness);
        assert_eq!(verify(&setting, &Schedule::strict(), &ballot), Ok(()));
        let slots: Vec<_> = setting.packed(&votes(&b)).iter().map(base).collect();
        assert_eq!(forger.plaintexts(&ballot), slots);
        let bytes = ballot.to_bytes();
        assert_eq!(bytes.len(), 2 + 32 * (2 + 3 + 9));
        assert_eq!(Parts::read(&setting, &bytes), Ok(ballot));
    }
    // A prover with a weak schedule passes the verifier with the same, and only that one.
    let witness = Witness::new(forger.voters[0], &votes(&[1, 0, 0]));
    for item in Item::ALL {
        let weak = Schedule::strict().without(item);
        let ballot = prove(&setting, &weak, &witness);
        assert_eq!(verify(&setting, &weak, &ballot), Ok(()), "{item:?}");
        assert!(verify(&setting, &Schedule::strict(), &ballot).is_err(), "{item:?}");
    }
}

#[test]
fn forgeries_pass_only_their_weak_verifier() {
    let (forger, setting) = scene();
    let all = forgeries(&forger, &setting);
    assert_eq!(all.len(), 14);
    let bits = [Scalar::ZERO, Scalar::ONE, setting.radix];
    for forgery in all {
        let name = forgery.name;
        assert_eq!(verify(&setting, &forgery.weak, &forgery.ballot), Ok(()), "{name}");
        assert!(verify(&setting, &Schedule::strict(), &forgery.ballot).is_err(), "{name}");
        let plaintexts = forger.plaintexts(&forgery.ballot);
        if let Some(slots) = forgery.slots {
            assert_eq!(plaintexts, slots.iter().map(base).collect::<Vec<_>>(), "{name}");
        }
        // It is no vote: slots hold something else, or more than one vote.
        let honest = plaintexts.iter().map(|m| bits.iter().position(|bit| base(bit) == *m));
        let voted: Option<Vec<_>> = honest.collect();
        assert!(voted.is_none_or(|voted| voted.iter().filter(|bit| **bit > 0).count() > 1), "{name}");
    }
}

#[test]
fn choices_that_are_none_are_refused() {
    let (forger, setting) = scene();
    let strict = Schedule::strict();
    let vote = Witness::new(forger.voters[0], &votes(&[1, 0, 0]));
    let mut same_slots = Vec::new();
    for (name, b) in invalid(&setting) {
        let ballot = prove(&setting, &strict, &Witness::new(forger.voters[0], &b));
        // It is the quadratic equation that refuses it; the tie to the ciphertext is honest.
        assert_eq!(verify(&setting, &strict, &ballot), Err(Unequal(1)), "{name}");
        let ballot = prove_beside(&setting, &vote, &Witness { b: b.clone(), ..vote.clone() });
        if setting.packed(&b) == setting.packed(&vote.b) {
            // The slots are those of the vote that the proof is of, and nothing is false.
            assert_eq!(verify(&setting, &strict, &ballot), Ok(()), "{name}");
            same_slots.push(name);
        } else {
            assert_eq!(verify(&setting, &strict, &ballot), Err(Unequal(2)), "{name}");
        }
    }
    assert_eq!(
        same_slots,
        [
            "the slot of a vote from a list's debt",
            "a vote as a fraction of the next list",
            "the slot's total wraps to one"
        ]
    );
}

#[test]
fn ballots_of_another_form_are_refused() {
    let (forger, setting) = scene();
    let good = prove(&setting, &Schedule::strict(), &Witness::new(forger.voters[0], &votes(&[0, 0, 1])));
    let bytes = good.to_bytes();
    type Bend = fn(&mut Vec<u8>);
    let bent: [(&str, Bend); 8] = [
        ("nothing", Vec::clear),
        ("version 1", |bytes| bytes[0] = 1),
        ("four lists", |bytes| bytes[1] = 4),
        ("a byte more", |bytes| bytes.push(0)),
        ("a byte less", |bytes| bytes.truncate(bytes.len() - 1)),
        ("the identity", |bytes| bytes[34..66].fill(0)),
        ("no point", |bytes| bytes[66..98].fill(0xff)),
        ("no scalar", |bytes| bytes[2 + 32 * 13..].fill(0xff)),
    ];
    for (name, bend) in bent {
        let mut bytes = bytes.clone();
        bend(&mut bytes);
        assert!(Parts::read(&setting, &bytes).is_err(), "{name}");
    }
}
