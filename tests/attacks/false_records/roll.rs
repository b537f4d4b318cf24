//! False rolls. Everything after the roll is made anew, so that the closing is signed over the roll as it
//! stands, unless the row says otherwise.

use ed25519_dalek::SigningKey;
use serde_json::{Value, json};
use urne::ballot_box::{BoxFlaw, RollError};
use urne::record::{Flaw, RecordError, Step};
use urne::{DecodeError, UnixTime};

use super::{
    FALSE, LARGE, Row, Verdict, add, anew, array, check, good, in_box, large, malleable, of_another_closing,
    part,
};
use crate::support::forger::{CAPACITY, Forger, OPENS_AT, opening_digest, public, signed_by};
use crate::support::text::{hex, plus_order, unhex};

fn refused(forger: &Forger, record: &mut Value, error: RollError) -> Verdict {
    forger.finish(record);
    part(Step::Roll, error)
}

const NOT_BY_BOX: RollError = RollError::BoxSignature(FALSE);
const NOT_BY_ISSUER: RollError = RollError::IssuerSignature(FALSE);

/// Box and issuer sign the roll as it stands.
fn signed(forger: &Forger, record: &mut Value, error: RollError) -> Verdict {
    forger.sign_opening(record);
    refused(forger, record, error)
}

fn entry(credential: &str, revoked: bool) -> Value {
    json!({ "credential": credential, "revoked": revoked })
}

/// Somebody whom nobody put on the roll, with a credential after all others in their order (an encoding is even).
fn stranger() -> Value {
    let last = (1u64..).map(|secret| public(&secret.into())).find(|credential| credential.starts_with("fe"));
    entry(&last.unwrap(), false)
}

/// An entry of a voter who does not vote, with these bytes for its credential.
fn credential(forger: &Forger, record: &mut Value, bytes: [u8; 32], error: DecodeError) -> Verdict {
    record["roll"][5]["credential"] = json!(hex(&bytes));
    forger.sign_opening(record);
    forger.finish(record);
    part(Step::Roll, RecordError::Credential { entry: 5, error })
}

/// The roll has been changed after the closing, in one thing.
fn after_closing(flaw: Flaw) -> Verdict {
    [(Step::Roll, vec![flaw])].into_iter().chain(of_another_closing()).collect()
}

const ROLLS: &[Row] = &[
    ("a voter added at the end", |f, r| {
        array(r, "/roll").push(stranger());
        refused(f, r, RollError::Standing { voters: 7, actual: 8 })
    }),
    ("a voter added among those at opening, which is not signed again", |f, r| {
        array(r, "/roll").insert(7, stranger());
        add(r, "/opening/voters", 1);
        refused(f, r, NOT_BY_BOX)
    }),
    ("a voter added among those at opening, which the box signs alone", |f, r| {
        array(r, "/roll").insert(7, stranger());
        add(r, "/opening/voters", 1);
        r["opening"]["box_signature"] = signed_by(&f.box_key, &opening_digest(r));
        refused(f, r, NOT_BY_ISSUER)
    }),
    ("a voter added among those at opening, which the issuer signs alone", |f, r| {
        array(r, "/roll").insert(7, stranger());
        add(r, "/opening/voters", 1);
        r["opening"]["issuer_signature"] = signed_by(&f.issuer_key, &opening_digest(r));
        refused(f, r, NOT_BY_BOX)
    }),
    ("a voter exchanged for another after the opening", |f, r| {
        r["roll"][6] = stranger();
        refused(f, r, NOT_BY_BOX)
    }),
    ("a reissue that does not revoke", |f, r| {
        r["roll"][2]["revoked"] = json!(false);
        refused(f, r, RollError::Standing { voters: 7, actual: 8 })
    }),
    ("a revocation hidden after the closing", |_, r| {
        r["roll"][2]["revoked"] = json!(false);
        after_closing(Flaw::Record(RollError::Standing { voters: 7, actual: 8 }.into()))
    }),
    ("a late entry exchanged after the closing", |_, r| {
        r["roll"][7] = stranger();
        after_closing(Flaw::Box(BoxFlaw::UnknownCredential { ballot: 2 }))
    }),
    ("a voter revoked without a new code", |f, r| {
        r["roll"][6]["revoked"] = json!(true);
        refused(f, r, RollError::Standing { voters: 7, actual: 6 })
    }),
    ("a used credential revoked, and another issued", |f, r| {
        r["roll"][0]["revoked"] = json!(true);
        array(r, "/roll").push(stranger());
        f.finish(r);
        in_box(Step::Roll, BoxFlaw::RevokedCredential { ballot: 0 })
    }),
    ("credentials at opening not in ascending order", |f, r| {
        array(r, "/roll").swap(5, 6);
        signed(f, r, RollError::Order { entry: 6 })
    }),
    ("a credential twice", |f, r| {
        let again = entry(r["roll"][0]["credential"].as_str().unwrap(), true);
        array(r, "/roll").push(again);
        refused(f, r, RollError::Repeated { entry: 8, earlier: 0 })
    }),
    ("a credential twice at opening", |f, r| {
        r["roll"][6] = r["roll"][5].clone();
        signed(f, r, RollError::Repeated { entry: 6, earlier: 5 })
    }),
    ("a revoked credential issued again", |f, r| {
        let again = entry(r["roll"][2]["credential"].as_str().unwrap(), false);
        r["roll"][7]["revoked"] = json!(true);
        array(r, "/roll").push(again);
        refused(f, r, RollError::Repeated { entry: 8, earlier: 2 })
    }),
    ("more voters than entries", |f, r| {
        r["opening"]["voters"] = json!(9);
        signed(f, r, RollError::TooShort { voters: 9, entries: 8 })
    }),
    ("fewer voters than were on the roll", |f, r| {
        r["opening"]["voters"] = json!(6);
        signed(f, r, RollError::Standing { voters: 6, actual: 7 })
    }),
    ("nobody on the roll", |f, r| {
        r["opening"]["voters"] = json!(0);
        signed(f, r, RollError::Voters { voters: 0, capacity: CAPACITY })
    }),
    ("more voters than there can be", |f, r| {
        r["contest"]["capacity"] = json!(6);
        anew(f, r);
        part(Step::Roll, RollError::Voters { voters: 7, capacity: 6 })
    }),
    ("a number of voters that is too large", |_, r| {
        r["opening"]["voters"] = json!(LARGE);
        large("voters")
    }),
    ("the identity for a credential", |f, r| credential(f, r, [0; 32], DecodeError::Identity { offset: 0 })),
    ("a credential that is no point", |f, r| {
        credential(f, r, [0xff; 32], DecodeError::NotAPoint { offset: 0 })
    }),
    ("a credential that is not canonical", |f, r| {
        let bytes = unhex(r["roll"][5]["credential"].as_str().unwrap());
        credential(f, r, plus_order(&bytes), DecodeError::NotAPoint { offset: 0 })
    }),
];

#[test]
fn attack_16_false_records_of_stuffed_rolls() {
    check(&good, ROLLS);
}

/// Box or issuer has signed something else.
fn box_signs(forger: &Forger, record: &mut Value, key: &SigningKey, digest: &[u8]) -> Verdict {
    record["opening"]["box_signature"] = signed_by(key, digest);
    refused(forger, record, NOT_BY_BOX)
}

fn issuer_signs(forger: &Forger, record: &mut Value, key: &SigningKey, digest: &[u8]) -> Verdict {
    record["opening"]["issuer_signature"] = signed_by(key, digest);
    refused(forger, record, NOT_BY_ISSUER)
}

const OPENINGS: &[Row] = &[
    ("opened a second late", |f, r| {
        r["opening"]["at"] = json!(OPENS_AT + 1);
        let [at, opens_at] = [OPENS_AT + 1, OPENS_AT].map(UnixTime::from_seconds);
        signed(f, r, RollError::Late { at, opens_at })
    }),
    ("opened at a time that is too large", |_, r| {
        r["opening"]["at"] = json!(LARGE);
        large("at")
    }),
    ("the time of opening changed", |f, r| {
        add(r, "/opening/at", 1);
        refused(f, r, NOT_BY_BOX)
    }),
    ("signed by another key for the box", |f, r| {
        let digest = opening_digest(r);
        box_signs(f, r, &SigningKey::from_bytes(&[8; 32]), &digest)
    }),
    ("signed by another key for the issuer", |f, r| {
        let digest = opening_digest(r);
        issuer_signs(f, r, &SigningKey::from_bytes(&[8; 32]), &digest)
    }),
    ("signed by the box alone", |f, r| {
        let digest = opening_digest(r);
        issuer_signs(f, r, &f.box_key, &digest)
    }),
    ("signed by the issuer alone", |f, r| {
        let digest = opening_digest(r);
        box_signs(f, r, &f.issuer_key, &digest)
    }),
    ("the opening of another contest", |f, r| {
        let mut other = r.clone();
        other["contest"]["number"] = json!(585);
        f.sign_opening(&mut other);
        r["opening"] = other["opening"].clone();
        refused(f, r, NOT_BY_BOX)
    }),
    ("the closing's signature of the box", |f, r| {
        r["opening"]["box_signature"] = r["closing"]["box_signature"].clone();
        refused(f, r, NOT_BY_BOX)
    }),
    ("the closing's signature of the issuer", |f, r| {
        r["opening"]["issuer_signature"] = r["closing"]["issuer_signature"].clone();
        refused(f, r, NOT_BY_ISSUER)
    }),
    ("a malleable signature of the box", |f, r| {
        malleable(r, "/opening/box_signature");
        refused(f, r, NOT_BY_BOX)
    }),
    ("a malleable signature of the issuer", |f, r| {
        malleable(r, "/opening/issuer_signature");
        refused(f, r, NOT_BY_ISSUER)
    }),
    ("a signature over the digest as hex", |f, r| {
        let text = hex(&opening_digest(r));
        box_signs(f, r, &f.box_key, text.as_bytes())
    }),
];

#[test]
fn attack_16_false_records_of_openings() {
    check(&good, OPENINGS);
}
