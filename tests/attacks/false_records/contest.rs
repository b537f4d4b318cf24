//! False contests, keys and approvals. Where the contest itself is false, the whole election is held
//! anew under it, approvals and all.

use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};
use urne::audit::{Flaw, Step};
use urne::ballot::BallotError;
use urne::closed_box::BoxFlaw;
use urne::contest::{ContestError, SignatureError};
use urne::record::RecordError;
use urne::{BoxKeyError, DecodeError, KeyError, Threshold, UnixTime};

use super::{Row, TRUSTEES, Verdict, array, check, good, part, trustee};
use crate::support::forger::{CLOSES_AT, Forger, OPENS_AT, fingerprint, public, scalar_of, signature};
use crate::support::text::{hex, plus_order, sign, unhex};

fn refused(error: impl Into<RecordError>) -> Verdict {
    part(Step::Contest, error)
}

/// All trustees approve the contest with this field changed.
fn rule(forger: &Forger, record: &mut Value, field: &str, value: Value, error: ContestError) -> Verdict {
    record["contest"][field] = value;
    forger.approve(record);
    refused(error)
}

/// A field is changed after all trustees approved the contest as it was.
fn changed(record: &mut Value, pointer: &str, value: Value) -> Verdict {
    *record.pointer_mut(pointer).unwrap() = value;
    refused(ContestError::Approval(SignatureError::Invalid { trustee: trustee(1) }))
}

fn large() -> u64 {
    1 << 53
}

const RULES: &[Row] = &[
    ("another protocol", |_, r| {
        r["protocol"] = json!("urne/2");
        refused(RecordError::Protocol)
    }),
    ("a list twice", |f, r| {
        let lists = json!(["List 1", "List 2", "List 1"]);
        rule(f, r, "lists", lists, ContestError::RepeatedList { list: 3 })
    }),
    ("a list without a name", |f, r| {
        rule(f, r, "lists", json!(["List 1", "", "List 3"]), ContestError::EmptyList { list: 2 })
    }),
    ("no list and no key", |f, r| {
        r["contest"]["lists"] = json!([]);
        rule(f, r, "key", json!([]), KeyError::SlotCount { actual: 0 }.into())
    }),
    ("256 lists", |f, r| {
        let point = |n: u64| vec![public(&(2 * n + 2).into()), public(&(2 * n + 3).into())];
        r["contest"]["lists"] = (0..256).map(|list| format!("List {list}")).collect();
        let key = (0..256).map(point).collect();
        rule(f, r, "key", key, KeyError::SlotCount { actual: 256 }.into())
    }),
    ("a name of the election that is too long", |f, r| {
        let error = ContestError::LongText { field: "election", actual: 1025 };
        rule(f, r, "election", json!("x".repeat(1025)), error)
    }),
    ("a title that is too long", |f, r| {
        // 1,024 bytes are 512 characters here.
        let error = ContestError::LongText { field: "title", actual: 1026 };
        rule(f, r, "title", json!("é".repeat(513)), error)
    }),
    ("documents that are too long", |f, r| {
        let error = ContestError::LongText { field: "documents", actual: 5000 };
        rule(f, r, "documents", json!("x".repeat(5000)), error)
    }),
    ("a list with too long a name", |f, r| {
        let error = ContestError::LongText { field: "lists", actual: 1025 };
        rule(f, r, "lists", json!(["List 1", "x".repeat(1025), "List 3"]), error)
    }),
    ("a number that is too large", |f, r| {
        let error = ContestError::LargeNumber { field: "number", actual: large() };
        rule(f, r, "number", json!(large()), error)
    }),
    ("a close that is too far off", |f, r| {
        let error = ContestError::LargeNumber { field: "closes_at", actual: large() };
        rule(f, r, "closes_at", json!(large()), error)
    }),
    ("closes before it opens", |f, r| {
        let [opens_at, closes_at] = [OPENS_AT, OPENS_AT - 1].map(UnixTime::from_seconds);
        let error = ContestError::ClosesBeforeOpening { opens_at, closes_at };
        rule(f, r, "closes_at", json!(OPENS_AT - 1), error)
    }),
    ("closes as it opens", |f, r| {
        let [opens_at, closes_at] = [CLOSES_AT; 2].map(UnixTime::from_seconds);
        let error = ContestError::ClosesBeforeOpening { opens_at, closes_at };
        rule(f, r, "opens_at", json!(CLOSES_AT), error)
    }),
    ("a quorum below the threshold", |f, r| {
        let threshold = Threshold::new(2, TRUSTEES).unwrap();
        rule(f, r, "quorum", json!(1), ContestError::Quorum { threshold, actual: 1 })
    }),
    ("a quorum above the trustees", |f, r| {
        let threshold = Threshold::new(2, TRUSTEES).unwrap();
        rule(f, r, "quorum", json!(5), ContestError::Quorum { threshold, actual: 5 })
    }),
    ("a quorum that does not fit a byte", |f, r| {
        // 256 + 3, which cut to a byte would be right.
        r["contest"]["quorum"] = json!(259);
        f.approve(r);
        refused(RecordError::Number { field: "quorum", actual: 259 })
    }),
    ("a threshold that does not fit a byte", |f, r| {
        r["contest"]["threshold"] = json!(258);
        f.approve(r);
        refused(RecordError::Number { field: "threshold", actual: 258 })
    }),
    ("a threshold of nobody", |f, r| {
        rule(f, r, "threshold", json!(0), KeyError::Threshold { required: 0, trustees: 4 }.into())
    }),
    ("a threshold above the trustees", |f, r| {
        rule(f, r, "threshold", json!(5), KeyError::Threshold { required: 5, trustees: 4 }.into())
    }),
];

#[test]
fn attack_14_false_records_of_contests_against_the_rules() {
    check(&good, RULES);
}

/// A box key that is none.
fn box_key(forger: &Forger, record: &mut Value, bytes: [u8; 32], error: BoxKeyError) -> Verdict {
    record["contest"]["box_key"] = json!(hex(&bytes));
    forger.approve(record);
    refused(RecordError::BoxKey(error))
}

fn key_point(forger: &Forger, record: &mut Value, at: &str, bytes: [u8; 32], error: KeyError) -> Verdict {
    *record["contest"].pointer_mut(at).unwrap() = json!(hex(&bytes));
    forger.approve(record);
    refused(ContestError::Key(error))
}

const KEYS: &[Row] = &[
    ("two lists under one key", |f, r| {
        r["contest"]["key"][2][0] = r["contest"]["key"][0][0].clone();
        f.approve(r);
        refused(ContestError::Key(KeyError::RepeatedSlot { slot: 3 }))
    }),
    ("the identity for an encryption key", |f, r| {
        let error = KeyError::BadPoint { slot: 2, error: DecodeError::Identity { offset: 0 } };
        key_point(f, r, "/key/1/0", [0; 32], error)
    }),
    ("the identity for another coefficient", |f, r| {
        let error = KeyError::BadPoint { slot: 3, error: DecodeError::Identity { offset: 0 } };
        key_point(f, r, "/key/2/1", [0; 32], error)
    }),
    ("a point of the key that is not canonical", |f, r| {
        let error = KeyError::BadPoint { slot: 1, error: DecodeError::NotAPoint { offset: 0 } };
        key_point(f, r, "/key/0/1", [0xff; 32], error)
    }),
    ("a coefficient too few", |f, r| {
        array(r, "/contest/key/1").pop();
        f.approve(r);
        refused(ContestError::Key(KeyError::CoefficientCount { slot: 2, expected: 2, actual: 1 }))
    }),
    ("a coefficient too many", |f, r| {
        array(r, "/contest/key/0").push(json!(public(&Scalar::from(5u64))));
        f.approve(r);
        refused(ContestError::Key(KeyError::CoefficientCount { slot: 1, expected: 2, actual: 3 }))
    }),
    ("a list without a key", |f, r| {
        array(r, "/contest/key").pop();
        f.approve(r);
        refused(RecordError::KeySlots { expected: 3, actual: 2 })
    }),
    ("a key without a list", |f, r| {
        array(r, "/contest/lists").pop();
        f.approve(r);
        refused(RecordError::KeySlots { expected: 2, actual: 3 })
    }),
    ("two trustees with one identity key", |f, r| {
        r["contest"]["trustees"][3] = r["contest"]["trustees"][1].clone();
        let mut one = f.clone();
        one.identities[3] = one.identities[1];
        one.approve(r);
        refused(ContestError::Key(KeyError::RepeatedIdentity { trustee: trustee(4) }))
    }),
    ("the identity for a trustee's key", |f, r| {
        let error = DecodeError::Identity { offset: 0 };
        key_point(f, r, "/trustees/2", [0; 32], KeyError::BadIdentity { trustee: trustee(3), error })
    }),
    ("no trustee", |f, r| {
        r["contest"]["trustees"] = json!([]);
        f.approve(r);
        refused(ContestError::Key(KeyError::Threshold { required: 2, trustees: 0 }))
    }),
    ("a box key of small order", |f, r| {
        // y = 1, the neutral point: under it a signature with R = S·B holds of every message.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        box_key(f, r, neutral, BoxKeyError::SmallOrder)
    }),
    ("a box key that is not canonical", |f, r| {
        // y = p + 3, which lax decoders take for 3.
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (0xed + 3, 0x7f);
        box_key(f, r, bytes, BoxKeyError::NotAKey)
    }),
];

#[test]
fn attack_14_false_records_of_bad_keys() {
    check(&good, KEYS);
}

const CHANGES: &[Row] = &[
    ("the election's name", |_, r| changed(r, "/contest/election", json!("Falsified election "))),
    ("the number", |_, r| changed(r, "/contest/number", json!(585))),
    ("the title", |_, r| changed(r, "/contest/title", json!("Committee\u{200b}"))),
    ("the documents", |_, r| changed(r, "/contest/documents", json!("x"))),
    ("a list's name", |_, r| changed(r, "/contest/lists/2", json!("List 4"))),
    ("the order of the lists", |_, r| changed(r, "/contest/lists", json!(["List 2", "List 1", "List 3"]))),
    ("text moved from the title to the documents", |_, r| {
        r["contest"]["documents"] = json!("tee");
        changed(r, "/contest/title", json!("Commit"))
    }),
    ("the opening time", |_, r| changed(r, "/contest/opens_at", json!(OPENS_AT - 1))),
    ("the closing time", |_, r| changed(r, "/contest/closes_at", json!(CLOSES_AT + 1))),
    ("the quorum", |_, r| changed(r, "/contest/quorum", json!(2))),
    ("a trustee", |_, r| changed(r, "/contest/trustees/3", json!(public(&Scalar::from(5u64))))),
    ("an encryption key", |_, r| changed(r, "/contest/key/1/0", json!(public(&Scalar::from(5u64))))),
    ("a verification key", |_, r| changed(r, "/contest/key/1/1", json!(public(&Scalar::from(5u64))))),
    ("the order of the key", |_, r| {
        let swapped = json!([r["contest"]["key"][1], r["contest"]["key"][0], r["contest"]["key"][2]]);
        changed(r, "/contest/key", swapped)
    }),
    ("a threshold of one, with a key to match", |_, r| {
        for slot in 0..3 {
            array(r, &format!("/contest/key/{slot}")).pop();
        }
        changed(r, "/contest/threshold", json!(1))
    }),
    ("the box key", |_, r| {
        let other = ed25519_dalek::SigningKey::from_bytes(&[8; 32]).verifying_key();
        changed(r, "/contest/box_key", json!(hex(other.as_bytes())))
    }),
    ("changed and approved again, after the ballots were cast", |f, r| {
        r["contest"]["lists"] = json!(["List 2", "List 1", "List 3"]);
        f.approve(r);
        f.sign_opening(r);
        f.finish(r);
        let bad = |ballot| Flaw::Box(BoxFlaw::Ballot { ballot, error: BallotError::Proof });
        vec![(Step::Proofs, (0..5).map(bad).collect())]
    }),
];

#[test]
fn attack_3_false_records_of_changed_contests() {
    check(&good, CHANGES);
}

fn invalid(number: u8) -> Verdict {
    refused(ContestError::Approval(SignatureError::Invalid { trustee: trustee(number) }))
}

const APPROVALS: &[Row] = &[
    ("an approval missing", |_, r| {
        array(r, "/approvals").remove(2);
        refused(ContestError::MissingApproval { trustee: trustee(3) })
    }),
    ("no approval", |_, r| {
        r["approvals"] = json!([]);
        refused(ContestError::MissingApproval { trustee: trustee(1) })
    }),
    ("an approval twice, another missing", |_, r| {
        r["approvals"][3] = r["approvals"][0].clone();
        refused(ContestError::Approval(SignatureError::Repeated { trustee: trustee(1) }))
    }),
    ("an approval twice, none missing", |_, r| {
        let again = r["approvals"][1].clone();
        array(r, "/approvals").push(again);
        refused(ContestError::Approval(SignatureError::Repeated { trustee: trustee(2) }))
    }),
    ("an approval by another key", |_, r| {
        let digest = fingerprint(r);
        r["approvals"][1] = signature(2, sign(&Scalar::from(5u64), "approval", &digest));
        invalid(2)
    }),
    ("an approval under another trustee's name", |f, r| {
        let digest = fingerprint(r);
        r["approvals"][1] = signature(2, sign(&f.identities[0], "approval", &digest));
        invalid(2)
    }),
    ("an approval of another contest", |f, r| {
        let mut other = r.clone();
        other["contest"]["number"] = json!(585);
        r["approvals"][3] = signature(4, sign(&f.identities[3], "approval", &fingerprint(&other)));
        invalid(4)
    }),
    ("a signature for another purpose", |f, r| {
        let digest = fingerprint(r);
        r["approvals"][2] = signature(3, sign(&f.identities[2], "endorsement", &digest));
        invalid(3)
    }),
    ("an approval with the response off by one", |_, r| {
        let z = scalar_of(&r["approvals"][0]["response"]) + Scalar::ONE;
        r["approvals"][0]["response"] = json!(hex(&z.to_bytes()));
        invalid(1)
    }),
    ("an approval plus the order", |_, r| {
        let z = unhex(r["approvals"][0]["response"].as_str().unwrap());
        r["approvals"][0]["response"] = json!(hex(&plus_order(&z)));
        refused(RecordError::Proof { trustee: trustee(1), error: DecodeError::NotAScalar { offset: 32 } })
    }),
    ("an approval by trustee 0", |_, r| {
        r["approvals"][0]["trustee"] = json!(0);
        refused(RecordError::UnknownTrustee { number: 0, trustees: TRUSTEES })
    }),
    ("an approval by a trustee too many", |f, r| {
        let digest = fingerprint(r);
        array(r, "/approvals").push(signature(5, sign(&f.identities[0], "approval", &digest)));
        refused(RecordError::UnknownTrustee { number: 5, trustees: TRUSTEES })
    }),
    ("an approval by trustee 257, who is not trustee 1", |_, r| {
        r["approvals"][0]["trustee"] = json!(257);
        refused(RecordError::UnknownTrustee { number: 257, trustees: TRUSTEES })
    }),
    ("the organiser draws a key alone, and nobody approves", |_, r| {
        // Encryption keys whose logarithms the organiser knows.
        r["contest"]["key"] =
            [5u64, 7, 9].map(|h| json!([public(&h.into()), public(&(h + 1).into())])).into_iter().collect();
        invalid(1)
    }),
];

#[test]
fn attack_14_false_records_of_approvals() {
    check(&good, APPROVALS);
}
