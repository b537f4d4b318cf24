//! Ballots that are none, and ballots that are no votes.

use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};

use super::{Row, check, put};
use crate::support::forger::{Forger, ballots, setting, votes};
use crate::support::parts::Parts;
use crate::support::prover::{Item, Schedule, Witness, prove};
use crate::support::text::{base, hex};

fn change(forger: &Forger, record: &mut Value, change: impl Fn(&mut Parts)) {
    let mut parts = Parts::from_bytes(&ballots(record)[0]);
    change(&mut parts);
    put(forger, record, 0, &parts.to_bytes());
}

/// Ballot 1 becomes bytes that are none; the sums stay.
fn bytes(forger: &Forger, record: &mut Value, change: impl Fn(&mut Vec<u8>)) {
    let mut ballot = ballots(record)[1].clone();
    change(&mut ballot);
    record["ballots"][1] = json!(hex(&ballot));
    forger.close(record);
    forger.endorse(record);
}

const BALLOTS: &[Row] = &[
    ("two votes in one slot", &[(4, "ballot 0: equation (1) does not hold")], |f, r| {
        put(f, r, 0, &f.ballot(r, &f.voters[0], &votes(&[1, 1, 0])));
    }),
    ("a vote from a debt", &[(4, "ballot 0: equation (1) does not hold")], |f, r| {
        let next = 1_001;
        put(f, r, 0, &f.ballot(r, &f.voters[0], &votes(&[next + 1, -1, 0])));
    }),
    ("e not hashed", &[(4, "ballot 0: equation (1) does not hold")], |f, r| {
        let witness = Witness::new(f.voters[0], &votes(&[1, 0, 0]));
        put(f, r, 0, &prove(&setting(r), &Schedule::strict().without(Item::E), &witness).to_bytes());
    }),
    ("a ballot of another contest", &[(4, "ballot 0: equation (1) does not hold")], |f, r| {
        let mut elsewhere = r.clone();
        elsewhere["contest"]["number"] = json!(585);
        put(f, r, 0, &f.ballot(&elsewhere, &f.voters[0], &votes(&[1, 0, 0])));
    }),
    ("under another credential", &[(4, "ballot 0: equation (1) does not hold")], |f, r| {
        change(f, r, |parts| parts.credential = base(&f.voters[6]))
    }),
    ("a response off by one", &[(4, "ballot 0: equation (1) does not hold")], |f, r| {
        change(f, r, |parts| parts.u += Scalar::ONE)
    }),
    ("e off by one", &[(4, "ballot 0: equation (1) does not hold")], |f, r| {
        change(f, r, |parts| parts.e += Scalar::ONE)
    }),
    ("another B", &[(4, "ballot 0: equation (1) does not hold")], |f, r| {
        change(f, r, |parts| parts.B += base(&Scalar::ONE))
    }),
    ("a ballot that is none", &[(2, "ballot 1: not a ballot of version 2")], |f, r| {
        bytes(f, r, |ballot| ballot.clear())
    }),
    ("a ballot of version 1", &[(2, "ballot 1: not a ballot of version 2")], |f, r| {
        bytes(f, r, |ballot| ballot[0] = 1)
    }),
    ("a byte too many", &[(2, "ballot 1: 451 bytes where 450 are due")], |f, r| {
        bytes(f, r, |ballot| ballot.push(0))
    }),
    ("the identity for B", &[(2, "ballot 1: the identity at byte 130")], |f, r| {
        bytes(f, r, |ballot| ballot[130..162].fill(0))
    }),
    (
        "a ballot that is none, beside one of two votes under a revoked credential",
        &[
            (2, "ballot 1: not a ballot of version 2"),
            (3, "ballot 2 has a revoked credential"),
            (4, "ballot 2: equation (1) does not hold"),
        ],
        |f, r| {
            put(f, r, 2, &f.ballot(r, &f.voters[2], &votes(&[0, 1, 1])));
            bytes(f, r, |ballot| ballot.clear());
        },
    ),
];

#[test]
fn false_ballots() {
    check(BALLOTS);
}
