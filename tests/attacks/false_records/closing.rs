//! False closings and endorsements. Where the box signs a false closing, trustees endorse it and open the
//! tally under it, so that only the closing itself is wrong.

use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use urne::audit::{Flaw, Step};
use urne::closed_box::BoxFlaw;
use urne::contest::SignatureError;
use urne::decryption::OpeningError;
use urne::record::RecordError;
use urne::{BoxKeyError, DecodeError, UnixTime};

use super::{Row, TRUSTEES, Verdict, add, array, check, good, in_box, one, part, replace, trustee};
use crate::support::forger::{
    CLOSES_AT, Forger, closing_digest, fingerprint, opening_digest, references, scalar_of, signature, votes,
};
use crate::support::text::{hash, hex, merkle_root, number, plus_order, sign, unhex};

/// The box signs what the closing says, and the trustees follow it.
fn signed(forger: &Forger, record: &mut Value) {
    forger.sign_closing(record);
    forger.open_tally(record);
}

fn root(record: &Value) -> [u8; 32] {
    unhex(record["closing"]["root"].as_str().unwrap()).try_into().unwrap()
}

fn unsigned() -> Verdict {
    in_box(Step::Closing, BoxFlaw::ClosingSignature(BoxKeyError::Signature))
}

/// The box's signature is over something else; trustees endorse all the same.
fn signature_of(record: &mut Value, key: &SigningKey, digest: &[u8]) -> Verdict {
    record["closing"]["signature"] = json!(hex(&key.sign(digest).to_bytes()));
    unsigned()
}

/// The box closes over a root of its own.
fn false_root(forger: &Forger, record: &mut Value, false_root: [u8; 32]) -> Verdict {
    let actual = root(record);
    record["closing"]["root"] = json!(hex(&false_root));
    signed(forger, record);
    in_box(Step::References, BoxFlaw::Root { expected: false_root, actual })
}

const CLOSINGS: &[Row] = &[
    ("a ballot more than there are", |f, r| {
        add(r, "/closing/size", 1);
        add(r, "/closing/signings", 1);
        signed(f, r);
        in_box(Step::References, BoxFlaw::Size { expected: 6, actual: 5 })
    }),
    ("a ballot less than there are", |f, r| {
        r["closing"]["size"] = json!(4);
        r["closing"]["signings"] = json!(4);
        signed(f, r);
        in_box(Step::References, BoxFlaw::Size { expected: 4, actual: 5 })
    }),
    ("a root of nothing", |f, r| false_root(f, r, [7; 32])),
    ("the root over the references in another order", |f, r| {
        let mut references = references(r);
        references.swap(0, 1);
        false_root(f, r, merkle_root(&references))
    }),
    ("the root over hashes of the references", |f, r| {
        let leaves: Vec<_> = references(r).iter().map(|leaf| hash("", &[leaf.to_vec()])).collect();
        false_root(f, r, merkle_root(&leaves))
    }),
    ("a ballot dropped", |f, r| {
        let before = root(r);
        array(r, "/ballots").remove(1);
        f.open_tally(r);
        let actual = merkle_root(&references(r));
        let flaws = [BoxFlaw::Size { expected: 5, actual: 4 }, BoxFlaw::Root { expected: before, actual }];
        vec![(Step::References, flaws.map(Flaw::Box).to_vec())]
    }),
    ("a ballot dropped and its voter still signed off", |f, r| {
        array(r, "/ballots").remove(1);
        f.close(r);
        r["closing"]["signings"] = json!(5);
        signed(f, r);
        in_box(Step::Closing, BoxFlaw::Signings { size: 4, signings: 5 })
    }),
    ("a ballot exchanged after the closing", |f, r| {
        let expected = root(r);
        let other = f.ballot(r, &f.voters[0], &votes(&[0, 0, 1]));
        replace(r, 0, &other);
        f.open_tally(r);
        in_box(Step::References, BoxFlaw::Root { expected, actual: merkle_root(&references(r)) })
    }),
    ("ballots in another order", |_, r| {
        let expected = root(r);
        array(r, "/ballots").swap(1, 2);
        in_box(Step::References, BoxFlaw::Root { expected, actual: merkle_root(&references(r)) })
    }),
    ("fewer signings than ballots", |f, r| {
        r["closing"]["signings"] = json!(3);
        signed(f, r);
        in_box(Step::Closing, BoxFlaw::Signings { size: 5, signings: 3 })
    }),
    ("closed a second early", |f, r| {
        r["closing"]["at"] = json!(CLOSES_AT - 1);
        signed(f, r);
        let [at, closes_at] = [CLOSES_AT - 1, CLOSES_AT].map(UnixTime::from_seconds);
        in_box(Step::Closing, BoxFlaw::EarlyClosing { at, closes_at })
    }),
    ("closed at a time that is too large", |f, r| {
        r["closing"]["at"] = json!(1u64 << 53);
        signed(f, r);
        in_box(Step::Closing, BoxFlaw::LateNumber { at: UnixTime::from_seconds(1 << 53) })
    }),
    ("signed by another key", |_, r| {
        let digest = closing_digest(r);
        signature_of(r, &SigningKey::from_bytes(&[8; 32]), &digest)
    }),
    ("signed over the opening", |f, r| {
        let digest = opening_digest(r);
        signature_of(r, &f.box_key, &digest)
    }),
    ("signed over a head of the same size and root", |f, r| {
        let closing = &r["closing"];
        let size = number(closing["size"].as_u64().unwrap());
        let at = number(closing["at"].as_u64().unwrap());
        let digest = hash("urne/1 head", &[fingerprint(r).to_vec(), size, root(r).to_vec(), at]);
        signature_of(r, &f.box_key, &digest)
    }),
    ("signed over another roll", |f, r| {
        let mut before = r.clone();
        array(&mut before, "/roll").pop();
        before["roll"][2]["revoked"] = json!(false);
        signature_of(r, &f.box_key, &closing_digest(&before))
    }),
    ("a malleable signature", |_, r| {
        let signature = unhex(r["closing"]["signature"].as_str().unwrap());
        let same = [&signature[..32], &plus_order(&signature[32..])].concat();
        r["closing"]["signature"] = json!(hex(&same));
        unsigned()
    }),
];

#[test]
fn attack_16_false_records_of_closings() {
    check(&good, CLOSINGS);
}

fn endorsement(error: SignatureError) -> Verdict {
    one(Step::Closing, Flaw::Opening(OpeningError::Endorsement(error)))
}

fn invalid(number: u8) -> Verdict {
    endorsement(SignatureError::Invalid { trustee: trustee(number) })
}

const PATH: &str = "/closing/endorsements";

const ENDORSEMENTS: &[Row] = &[
    ("an endorsement below the quorum", |_, r| {
        array(r, PATH).truncate(2);
        one(Step::Closing, Flaw::Opening(OpeningError::Quorum { required: 3, actual: 2 }))
    }),
    ("no endorsement", |_, r| {
        array(r, PATH).clear();
        one(Step::Closing, Flaw::Opening(OpeningError::Quorum { required: 3, actual: 0 }))
    }),
    ("a quorum made up with one endorsement twice", |_, r| {
        array(r, PATH).truncate(2);
        let again = array(r, PATH)[0].clone();
        array(r, PATH).push(again);
        endorsement(SignatureError::Repeated { trustee: trustee(1) })
    }),
    ("an endorsement by another key", |_, r| {
        let digest = closing_digest(r);
        array(r, PATH)[1] = signature(2, sign(&Scalar::from(5u64), "endorsement", &digest));
        invalid(2)
    }),
    ("a false endorsement above the quorum", |_, r| {
        let z = scalar_of(&array(r, PATH)[3]["response"]) + Scalar::ONE;
        array(r, PATH)[3]["response"] = json!(hex(&z.to_bytes()));
        invalid(4)
    }),
    ("an endorsement under another trustee's name", |f, r| {
        let digest = closing_digest(r);
        array(r, PATH)[2] = signature(3, sign(&f.identities[3], "endorsement", &digest));
        invalid(3)
    }),
    ("endorsements of another closing", |f, r| {
        let mut other = r.clone();
        add(&mut other, "/closing/at", 1);
        f.endorse(&mut other);
        r["closing"]["endorsements"] = other["closing"]["endorsements"].clone();
        invalid(1)
    }),
    ("one endorsement of a closing with a ballot less", |f, r| {
        let mut other = r.clone();
        array(&mut other, "/ballots").pop();
        f.finish(&mut other);
        array(r, PATH)[3] = other["closing"]["endorsements"][3].clone();
        invalid(4)
    }),
    ("an approval for an endorsement", |f, r| {
        let digest = closing_digest(r);
        array(r, PATH)[0] = signature(1, sign(&f.identities[0], "approval", &digest));
        invalid(1)
    }),
    ("an endorsement by trustee 0", |_, r| {
        array(r, PATH)[0]["trustee"] = json!(0);
        part(Step::Closing, RecordError::UnknownTrustee { number: 0, trustees: TRUSTEES })
    }),
    ("an endorsement by a trustee too many", |f, r| {
        let digest = closing_digest(r);
        array(r, PATH).push(signature(5, sign(&f.identities[0], "endorsement", &digest)));
        part(Step::Closing, RecordError::UnknownTrustee { number: 5, trustees: TRUSTEES })
    }),
    ("an endorsement plus the order", |_, r| {
        let c = unhex(array(r, PATH)[1]["challenge"].as_str().unwrap());
        array(r, PATH)[1]["challenge"] = json!(hex(&plus_order(&c)));
        let error = DecodeError::NotAScalar { offset: 0 };
        part(Step::Closing, RecordError::Proof { trustee: trustee(2), error })
    }),
];

#[test]
fn attack_13_false_records_of_endorsements() {
    check(&good, ENDORSEMENTS);
}
