//! Rolls, openings, and who voted.

use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};

use super::{Row, anew, array, check, put};
use crate::support::forger::{Forger, OPENS_AT, opening_digest, public, setting, signed_by, votes};
use crate::support::prover::{Schedule, Witness, prove};

/// The roll is changed, opening and closing are signed anew.
fn rolled(forger: &Forger, record: &mut Value) {
    forger.sign_opening(record);
    forger.finish(record);
}

const ROLLS: &[Row] = &[
    ("a credential that is no point", &[(3, "entry 7 of the roll is no point; …")], |f, r| {
        r["roll"][7]["credential"] = json!("ff".repeat(32));
        f.finish(r);
    }),
    ("the identity for a credential", &[(3, "entry 7 of the roll is no point; …")], |f, r| {
        r["roll"][7]["credential"] = json!("00".repeat(32));
        f.finish(r);
    }),
    ("a credential twice", &[(3, "entry 8 of the roll repeats one")], |f, r| {
        let mut again = r["roll"][6].clone();
        again["revoked"] = json!(true);
        array(r, "/roll").push(again);
        f.finish(r);
    }),
    ("first credentials in another order", &[(3, "the first entries of the roll do not ascend")], |f, r| {
        array(r, "/roll").swap(5, 6);
        rolled(f, r);
    }),
    ("a voter more than the opening says", &[(3, "8 entries not revoked for 7 voters")], |f, r| {
        array(r, "/roll").push(json!({ "credential": public(&Scalar::from(5u64)), "revoked": false }));
        f.finish(r);
    }),
    ("nobody on the roll", &[(3, "not 1 to capacity voters; 7 entries not revoked for 0 voters")], |f, r| {
        r["opening"]["voters"] = json!(0);
        rolled(f, r);
    }),
    ("more voters than entries", &[(3, "fewer entries on the roll than voters; …")], |f, r| {
        r["opening"]["voters"] = json!(9);
        rolled(f, r);
    }),
    ("more voters than capacity", &[(3, "not 1 to capacity voters")], |f, r| {
        r["contest"]["capacity"] = json!(6);
        anew(f, r);
    }),
    ("opened late", &[(3, "opened late")], |f, r| {
        r["opening"]["at"] = json!(OPENS_AT + 1);
        rolled(f, r);
    }),
    ("an opening that only the box signed", &[(3, "the issuer did not sign the opening")], |f, r| {
        r["opening"]["issuer_signature"] = signed_by(&f.box_key, &opening_digest(r));
    }),
    ("an opening that only the issuer signed", &[(3, "the box did not sign the opening")], |f, r| {
        r["opening"]["box_signature"] = signed_by(&f.issuer_key, &opening_digest(r));
    }),
    ("a revoked credential used", &[(3, "ballot 2 has a revoked credential")], |f, r| {
        votes_under(f, r, 2, &f.voters[2])
    }),
    (
        "a credential that is not on the roll",
        &[(3, "ballot 3 has a credential that is not on the roll")],
        |f, r| votes_under(f, r, 3, &Scalar::from(77u64)),
    ),
    ("a credential used twice", &[(3, "ballot 3 repeats a credential")], |f, r| {
        votes_under(f, r, 3, &f.voters[1])
    }),
    ("an R used twice", &[(3, "ballot 3 repeats an R")], |f, r| {
        let first = Witness::new(f.voters[0], &votes(&[1, 0, 0]));
        let witness = Witness { r: first.r, ..Witness::new(f.voters[3], &votes(&[0, 0, 0])) };
        put(f, r, 3, &prove(&setting(r), &Schedule::strict(), &witness).to_bytes());
    }),
    (
        "a ballot copied",
        &[(3, "ballot 5 repeats a credential; ballot 5 repeats an R"), (5, "ballot 5 repeats a reference")],
        |f, r| {
            let copy = r["ballots"][1].clone();
            array(r, "/ballots").push(copy);
            f.finish(r);
        },
    ),
];

/// A vote for list 3 under this credential.
fn votes_under(forger: &Forger, record: &mut Value, index: usize, credential: &Scalar) {
    let ballot = forger.ballot(record, credential, &votes(&[0, 0, 1]));
    put(forger, record, index, &ballot);
}

#[test]
fn rolls_and_openings() {
    check(ROLLS);
}
