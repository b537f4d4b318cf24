//! False rolls. Everything after the roll is made anew, so that the closing is signed over the roll as it
//! stands.

use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use urne::audit::Step;
use urne::record::RecordError;
use urne::roll::RollError;
use urne::{BoxKeyError, DecodeError, UnixTime};

use super::{Row, Verdict, add, array, check, good, part};
use crate::support::forger::{Forger, OPENS_AT, opening_digest, public};
use crate::support::text::{hex, plus_order, unhex};

fn refused(forger: &Forger, record: &mut Value, error: RollError) -> Verdict {
    forger.finish(record);
    part(Step::Roll, error)
}

fn entry(credential: &str, revoked: bool) -> Value {
    json!({ "credential": credential, "revoked": revoked })
}

/// Somebody whom nobody put on the roll, with a credential after all others in their order (an encoding is even).
fn stranger() -> Value {
    let last = (1u64..).map(|secret| public(&secret.into())).find(|credential| credential.starts_with("fe"));
    entry(&last.unwrap(), false)
}

/// An entry with these bytes for its credential.
fn credential(forger: &Forger, record: &mut Value, bytes: [u8; 32], error: DecodeError) -> Verdict {
    record["roll"][5]["credential"] = json!(hex(&bytes));
    forger.sign_opening(record);
    forger.finish(record);
    part(Step::Roll, RecordError::Credential { entry: 5, error })
}

const TABLE: &[Row] = &[
    ("a voter added at the end", |f, r| {
        array(r, "/roll").push(stranger());
        refused(f, r, RollError::Standing { voters: 7, actual: 8 })
    }),
    ("a voter added among those at opening, which is not signed again", |f, r| {
        array(r, "/roll").insert(7, stranger());
        add(r, "/opening/voters", 1);
        refused(f, r, RollError::Signature(BoxKeyError::Signature))
    }),
    ("a voter exchanged for another after the opening", |f, r| {
        r["roll"][6] = stranger();
        refused(f, r, RollError::Signature(BoxKeyError::Signature))
    }),
    ("a reissue that does not revoke", |f, r| {
        r["roll"][2]["revoked"] = json!(false);
        refused(f, r, RollError::Standing { voters: 7, actual: 8 })
    }),
    ("a voter revoked without a new code", |f, r| {
        r["roll"][6]["revoked"] = json!(true);
        refused(f, r, RollError::Standing { voters: 7, actual: 6 })
    }),
    ("credentials at opening not in ascending order", |f, r| {
        array(r, "/roll").swap(5, 6);
        f.sign_opening(r);
        refused(f, r, RollError::Order { entry: 6 })
    }),
    ("a credential twice", |f, r| {
        let again = entry(r["roll"][0]["credential"].as_str().unwrap(), true);
        array(r, "/roll").push(again);
        refused(f, r, RollError::Repeated { entry: 8, earlier: 0 })
    }),
    ("a credential twice at opening", |f, r| {
        r["roll"][6] = r["roll"][5].clone();
        f.sign_opening(r);
        refused(f, r, RollError::Repeated { entry: 6, earlier: 5 })
    }),
    ("more voters than entries", |f, r| {
        r["opening"]["voters"] = json!(9);
        refused(f, r, RollError::TooShort { voters: 9, entries: 8 })
    }),
    ("fewer voters than were on the roll", |f, r| {
        r["opening"]["voters"] = json!(6);
        f.sign_opening(r);
        refused(f, r, RollError::Standing { voters: 6, actual: 7 })
    }),
    ("the identity for a credential", |f, r| credential(f, r, [0; 32], DecodeError::Identity { offset: 0 })),
    ("a credential that is not canonical", |f, r| {
        let bytes = unhex(r["roll"][5]["credential"].as_str().unwrap());
        credential(f, r, plus_order(&bytes), DecodeError::NotAPoint { offset: 0 })
    }),
    ("opened a second late", |f, r| {
        r["opening"]["at"] = json!(OPENS_AT + 1);
        f.sign_opening(r);
        let [at, opens_at] = [OPENS_AT + 1, OPENS_AT].map(UnixTime::from_seconds);
        refused(f, r, RollError::Late { at, opens_at })
    }),
    ("the time of opening changed", |f, r| {
        add(r, "/opening/at", 1);
        refused(f, r, RollError::Signature(BoxKeyError::Signature))
    }),
    ("the opening signed by another key", |f, r| {
        Forger { box_key: SigningKey::from_bytes(&[8; 32]), ..f.clone() }.sign_opening(r);
        refused(f, r, RollError::Signature(BoxKeyError::Signature))
    }),
    ("the opening of another contest", |f, r| {
        let mut other = r.clone();
        other["contest"]["number"] = json!(585);
        f.sign_opening(&mut other);
        r["opening"] = other["opening"].clone();
        refused(f, r, RollError::Signature(BoxKeyError::Signature))
    }),
    ("the closing's signature under the opening", |f, r| {
        r["opening"]["signature"] = r["closing"]["signature"].clone();
        refused(f, r, RollError::Signature(BoxKeyError::Signature))
    }),
    ("a malleable signature of the opening", |f, r| {
        let signature = unhex(r["opening"]["signature"].as_str().unwrap());
        let same = [&signature[..32], &plus_order(&signature[32..])].concat();
        r["opening"]["signature"] = json!(hex(&same));
        refused(f, r, RollError::Signature(BoxKeyError::Signature))
    }),
    ("a signature over the digest as hex", |f, r| {
        let text = hex(&opening_digest(r));
        r["opening"]["signature"] = json!(hex(&f.box_key.sign(text.as_bytes()).to_bytes()));
        refused(f, r, RollError::Signature(BoxKeyError::Signature))
    }),
];

#[test]
fn attack_16_false_records_of_stuffed_rolls() {
    check(&good, TABLE);
}
