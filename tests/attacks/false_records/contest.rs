//! Contests that break a rule or were changed. Where the contest itself is false, all trustees approve it.

use serde_json::{Value, json};
use urne::UnixTime;
use urne::ballot::BallotError;
use urne::ballot_box::BoxFlaw;
use urne::bureau::{KeyError, TrusteeSignatureError};
use urne::contest::ContestError;
use urne::record::{Flaw, RecordError, Step};
use urne::{DecodeError, TrusteeIndex};

use super::{
    LARGE, Row, Verdict, array, check, good, large, of_another_closing, other_root, panel, part, trustee,
    unproven, unsigned_closing, unsigned_factors, unsigned_opening,
};
use crate::support::forger::{CAPACITY, CLOSES_AT, Forger, GRACE, OPENS_AT, public};
use crate::support::text::hex;

fn refused(error: impl Into<RecordError>) -> Verdict {
    part(Step::Contest, error)
}

/// All trustees approve the contest with this value changed.
fn rule(
    forger: &Forger,
    record: &mut Value,
    pointer: &str,
    value: Value,
    error: impl Into<RecordError>,
) -> Verdict {
    *record["contest"].pointer_mut(pointer).unwrap() = value;
    forger.approve(record);
    refused(error)
}

fn too_large(forger: &Forger, record: &mut Value, field: &'static str) -> Verdict {
    record["contest"][field] = json!(LARGE);
    forger.approve(record);
    large(field)
}

fn long(field: &'static str, actual: usize) -> ContestError {
    ContestError::LongText { field, actual }
}

fn threshold(number: u8, threshold: u8, trustees: usize) -> ContestError {
    ContestError::Key(KeyError::Threshold { panel: panel(number), threshold, trustees })
}

fn quorum(actual: u8) -> ContestError {
    ContestError::Quorum { panel: panel(2), threshold: 2, trustees: 4, actual }
}

fn packing(capacity: u64, actual: u8) -> ContestError {
    ContestError::Packing { lists: 3, capacity, actual }
}

const RULES: &[Row] = &[
    ("another protocol", |_, r| {
        r["protocol"] = json!("urne/3");
        refused(RecordError::Protocol { expected: "urne/2" })
    }),
    ("the protocol in capitals", |_, r| {
        r["protocol"] = json!("URNE/2");
        refused(RecordError::Protocol { expected: "urne/2" })
    }),
    ("a list twice", |f, r| {
        let lists = json!(["List 1", "List 2", "List 1"]);
        rule(f, r, "/lists", lists, ContestError::RepeatedList { list: 3 })
    }),
    ("a list without a name", |f, r| {
        rule(f, r, "/lists", json!(["List 1", "", "List 3"]), ContestError::EmptyList { list: 2 })
    }),
    ("no list", |f, r| rule(f, r, "/lists", json!([]), ContestError::NoList)),
    ("256 lists", |f, r| {
        let lists = (0..256).map(|list| format!("List {list}")).collect();
        rule(f, r, "/lists", lists, ContestError::TooManyLists { actual: 256 })
    }),
    ("a name of the election that is too long", |f, r| {
        rule(f, r, "/election", json!("x".repeat(1025)), long("election", 1025))
    }),
    ("a title that is too long", |f, r| {
        // 1,024 bytes are 512 characters here.
        rule(f, r, "/title", json!("é".repeat(513)), long("title", 1026))
    }),
    ("documents that are too long", |f, r| {
        rule(f, r, "/documents", json!("x".repeat(5000)), long("documents", 5000))
    }),
    ("a list with too long a name", |f, r| {
        rule(f, r, "/lists/1", json!("x".repeat(1025)), long("lists", 1025))
    }),
    ("a number that is too large", |f, r| too_large(f, r, "number")),
    ("an opening that is too far off", |f, r| too_large(f, r, "opens_at")),
    ("a close that is too far off", |f, r| too_large(f, r, "closes_at")),
    ("a grace that is too large for a number", |f, r| too_large(f, r, "grace")),
    ("a capacity that is too large for a number", |f, r| too_large(f, r, "capacity")),
    ("a packing that is too large for a number", |f, r| too_large(f, r, "packing")),
    ("an end that is too far off", |f, r| {
        let actual = LARGE - 1 + GRACE;
        let error = ContestError::LargeNumber { field: "closes_at + grace", actual };
        rule(f, r, "/closes_at", json!(LARGE - 1), error)
    }),
    ("closes before it opens", |f, r| {
        let [opens_at, closes_at] = [OPENS_AT, OPENS_AT - 1].map(UnixTime::from_seconds);
        let error = ContestError::ClosesBeforeOpening { opens_at, closes_at };
        rule(f, r, "/closes_at", json!(OPENS_AT - 1), error)
    }),
    ("closes as it opens", |f, r| {
        let [opens_at, closes_at] = [CLOSES_AT; 2].map(UnixTime::from_seconds);
        let error = ContestError::ClosesBeforeOpening { opens_at, closes_at };
        rule(f, r, "/opens_at", json!(CLOSES_AT), error)
    }),
    ("more than a day of grace", |f, r| {
        rule(f, r, "/grace", json!(86_401), ContestError::Grace { actual: 86_401 })
    }),
    ("no capacity", |f, r| rule(f, r, "/capacity", json!(0), ContestError::Capacity { actual: 0 })),
    ("a capacity of 2^48", |f, r| {
        rule(f, r, "/capacity", json!(1u64 << 48), ContestError::Capacity { actual: 1 << 48 })
    }),
    ("slots whose totals cannot be told apart", |f, r| {
        // (2^24 + 1)² is above 2^48.
        rule(f, r, "/capacity", json!(1 << 24), packing(1 << 24, 2))
    }),
    ("no list a slot", |f, r| {
        rule(f, r, "/packing", json!(0), RecordError::Number { field: "packing", actual: 0 })
    }),
    ("a packing that does not fit a byte", |f, r| {
        // 256 + 2, which cut to a byte would be right.
        rule(f, r, "/packing", json!(258), RecordError::Number { field: "packing", actual: 258 })
    }),
    ("more lists a slot than lists", |f, r| rule(f, r, "/packing", json!(4), packing(CAPACITY, 4))),
    ("more slots than keys", |f, r| {
        rule(f, r, "/packing", json!(1), ContestError::TooFewSlots { slots: 3, actual: 2 })
    }),
    ("fewer slots than keys", |f, r| {
        let error = RecordError::Length { field: "key", expected: 1, actual: 2 };
        rule(f, r, "/packing", json!(3), error)
    }),
    ("no panel", |f, r| rule(f, r, "/panels", json!([]), ContestError::Key(KeyError::NoPanel))),
    ("a panel without trustees", |f, r| rule(f, r, "/panels/0/trustees", json!([]), threshold(1, 1, 0))),
    ("256 trustees", |f, r| {
        let keys = (0u64..254).map(|number| public(&(number + 2).into())).collect();
        rule(f, r, "/panels/1/trustees", keys, ContestError::Key(KeyError::TooManyTrustees { actual: 256 }))
    }),
    ("a threshold of nobody", |f, r| rule(f, r, "/panels/0/threshold", json!(0), threshold(1, 0, 2))),
    ("a threshold above the panel", |f, r| rule(f, r, "/panels/1/threshold", json!(5), threshold(2, 5, 4))),
    ("a threshold that does not fit a byte", |f, r| {
        let error = RecordError::Number { field: "threshold", actual: 258 };
        rule(f, r, "/panels/1/threshold", json!(258), error)
    }),
    ("a quorum that does not fit a byte", |f, r| {
        let error = RecordError::Number { field: "quorum", actual: 259 };
        rule(f, r, "/panels/1/quorum", json!(259), error)
    }),
    ("a quorum below the threshold", |f, r| rule(f, r, "/panels/1/quorum", json!(1), quorum(1))),
    ("a quorum above the panel", |f, r| rule(f, r, "/panels/1/quorum", json!(5), quorum(5))),
    ("no panel with a majority", |f, r| rule(f, r, "/panels/1/quorum", json!(2), ContestError::LowQuorums)),
];

#[test]
fn attack_14_false_records_of_contests_against_the_rules() {
    check(&good, RULES);
}

/// Something of the contest is changed after all trustees approved it as it was: nothing that was signed or proven
/// is for it any more.
fn changed(record: &mut Value, pointer: &str, value: Value) -> Verdict {
    *record["contest"].pointer_mut(pointer).unwrap() = value;
    of_another_contest(record, 1)
}

fn approval_invalid(number: u8) -> (Step, Vec<Flaw>) {
    let trustee: TrusteeIndex = trustee(number);
    let error = ContestError::Approval(TrusteeSignatureError::Invalid { trustee });
    (Step::Contest, vec![Flaw::Record(error.into())])
}

/// The first panel has this threshold.
fn of_another_contest(record: &Value, threshold: u8) -> Verdict {
    vec![
        approval_invalid(1),
        unsigned_opening(),
        unproven(0..5),
        (Step::References, vec![other_root(record)]),
        unsigned_closing(),
        unsigned_factors(threshold),
    ]
}

/// A change of both panels, or of their order.
fn of_panels(record: &mut Value, threshold: u8, change: impl Fn(&mut Vec<Value>)) -> Verdict {
    change(array(record, "/contest/panels"));
    of_another_contest(record, threshold)
}

const CHANGES: &[Row] = &[
    ("the election's name", |_, r| changed(r, "/election", json!("Falsified election "))),
    ("the number", |_, r| changed(r, "/number", json!(585))),
    ("the title", |_, r| changed(r, "/title", json!("Committee\u{200b}"))),
    ("the documents", |_, r| changed(r, "/documents", json!("x"))),
    ("a list's name", |_, r| changed(r, "/lists/2", json!("List 4"))),
    ("the order of the lists", |_, r| changed(r, "/lists", json!(["List 2", "List 1", "List 3"]))),
    ("text moved from the title to the documents", |_, r| {
        r["contest"]["documents"] = json!("tee");
        changed(r, "/title", json!("Commit"))
    }),
    ("the opening time", |_, r| changed(r, "/opens_at", json!(OPENS_AT - 1))),
    ("the closing time", |_, r| changed(r, "/closes_at", json!(CLOSES_AT - 1))),
    ("the grace", |_, r| changed(r, "/grace", json!(GRACE - 1))),
    ("time moved from the close to the grace", |_, r| {
        r["contest"]["closes_at"] = json!(CLOSES_AT - 60);
        changed(r, "/grace", json!(GRACE + 60))
    }),
    ("the capacity", |_, r| changed(r, "/capacity", json!(CAPACITY + 1))),
    ("the packing, with a key and sums to match", |_, r| {
        r["contest"]["packing"] = json!(3);
        for panel in 0..2 {
            array(r, &format!("/contest/panels/{panel}/key")).pop();
        }
        array(r, "/tally/sums").pop();
        for factors in 0..6 {
            array(r, &format!("/factors/{factors}/factors")).pop();
        }
        let long = |ballot| {
            let error = BallotError::Decode(DecodeError::TooLong { expected: 418, actual: 450 });
            Flaw::Box(BoxFlaw::Ballot { ballot, error })
        };
        vec![
            approval_invalid(1),
            (Step::Ballots, (0..5).map(long).collect()),
            unsigned_opening(),
            (Step::References, vec![other_root(r)]),
            unsigned_closing(),
        ]
    }),
    ("the quorum of the first panel", |_, r| changed(r, "/panels/0/quorum", json!(2))),
    ("the quorum of the second panel", |_, r| changed(r, "/panels/1/quorum", json!(4))),
    ("a trustee", |_, r| changed(r, "/panels/1/trustees/3", json!(public(&5u64.into())))),
    ("a trustee more", |_, r| {
        of_panels(r, 1, |panels| {
            panels[1]["trustees"].as_array_mut().unwrap().push(json!(public(&5u64.into())))
        })
    }),
    ("a trustee moved to the other panel", |_, r| {
        of_panels(r, 1, |panels| {
            let moved = panels[0]["trustees"].as_array_mut().unwrap().pop().unwrap();
            panels[1]["trustees"].as_array_mut().unwrap().insert(0, moved);
        })
    }),
    ("the panels exchanged", |_, r| of_panels(r, 2, |panels| panels.swap(0, 1))),
    ("one panel of all", |_, r| {
        of_panels(r, 1, |panels| {
            let second = panels.pop().unwrap();
            panels[0]["trustees"]
                .as_array_mut()
                .unwrap()
                .extend(second["trustees"].as_array().unwrap().iter().cloned());
            panels[0]["quorum"] = json!(4);
        })
    }),
    ("an encryption key", |_, r| changed(r, "/panels/1/key/1/0", json!(public(&5u64.into())))),
    ("a verification key", |_, r| changed(r, "/panels/1/key/1/1", json!(public(&5u64.into())))),
    ("the order of the key", |_, r| {
        of_panels(r, 1, |panels| {
            for panel in panels {
                panel["key"].as_array_mut().unwrap().swap(0, 1);
            }
        })
    }),
    ("a part of the key moved to the other panel, the encryption key the same", |_, r| {
        of_panels(r, 1, |panels| {
            let constant = panels[0]["key"][0][0].clone();
            panels[0]["key"][0][0] = panels[1]["key"][0][0].clone();
            panels[1]["key"][0][0] = constant;
        })
    }),
    ("a threshold of one, with a key to match", |_, r| {
        for slot in 0..2 {
            array(r, &format!("/contest/panels/1/key/{slot}")).pop();
        }
        changed(r, "/panels/1/threshold", json!(1))
    }),
    ("the box key", |_, r| {
        let other = ed25519_dalek::SigningKey::from_bytes(&[8; 32]).verifying_key();
        changed(r, "/box_key", json!(hex(other.as_bytes())))
    }),
    ("the issuer key", |_, r| {
        let other = ed25519_dalek::SigningKey::from_bytes(&[8; 32]).verifying_key();
        changed(r, "/issuer_key", json!(hex(other.as_bytes())))
    }),
    ("the keys of box and issuer exchanged", |_, r| {
        let box_key = r["contest"]["box_key"].clone();
        r["contest"]["box_key"] = r["contest"]["issuer_key"].clone();
        changed(r, "/issuer_key", box_key)
    }),
];

#[test]
fn attack_3_false_records_of_changed_contests() {
    check(&good, CHANGES);
}

/// A contest changed after the ballots were cast, and everything else made anew by all who are in it together: the
/// voters are not.
fn ballots_as_they_were(forger: &Forger, record: &mut Value, pointer: &str, value: Value) -> Verdict {
    *record["contest"].pointer_mut(pointer).unwrap() = value;
    forger.approve(record);
    forger.sign_opening(record);
    forger.finish(record);
    vec![unproven(0..5)]
}

const AFTERWARDS: &[Row] = &[
    ("the lists in another order", |f, r| {
        ballots_as_they_were(f, r, "/lists", json!(["List 2", "List 1", "List 3"]))
    }),
    ("another quorum", |f, r| ballots_as_they_were(f, r, "/panels/0/quorum", json!(2))),
    ("more grace", |f, r| ballots_as_they_were(f, r, "/grace", json!(GRACE + 1))),
    ("another box", |f, r| {
        let other = Forger { box_key: ed25519_dalek::SigningKey::from_bytes(&[8; 32]), ..f.clone() };
        ballots_as_they_were(&other, r, "/box_key", json!(hex(other.box_key.verifying_key().as_bytes())))
    }),
    ("closed and counted for another contest", |f, r| {
        let mut other = r.clone();
        other["contest"]["number"] = json!(585);
        f.close(&mut other);
        f.open_tally(&mut other);
        r["closing"] = other["closing"].clone();
        r["factors"] = other["factors"].clone();
        let root = (Step::References, vec![other_root(r)]);
        [root].into_iter().chain(of_another_closing()).collect()
    }),
];

#[test]
fn attack_3_false_records_of_contests_changed_after_the_ballots() {
    check(&good, AFTERWARDS);
}
