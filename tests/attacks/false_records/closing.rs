//! False closings and endorsements. Size and root of what is signed are those of the ballots, whatever the
//! closing says: a signature over a false one is none.

use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};
use urne::ballot_box::BoxFlaw;
use urne::bureau::TrusteeSignatureError;
use urne::record::{Flaw, RecordError, Step};
use urne::tally::EndorsementError;
use urne::{DecodeError, UnixTime};

use super::{
    FALSE, LARGE, Row, TRUSTEES, Verdict, add, array, check, good, in_box, large, malleable,
    of_another_closing, one, other_root, panel, part, replace, trustee,
};
use crate::support::digests::head_digest;
use crate::support::forger::{
    CLOSES_AT, END, Forger, closing_digest, opening_digest, references, scalar_of, signature, signed_by,
    votes,
};
use crate::support::text::{hash, hex, merkle_root, plus_order, sign, unhex};

/// Both sign what the closing says, and the trustees follow it.
fn signed(forger: &Forger, record: &mut Value) {
    forger.sign_closing(record);
    forger.open_tally(record);
}

/// Flaws of step 5, and everything that is signed is for another closing.
fn other_tree(flaws: Vec<Flaw>) -> Verdict {
    [(Step::References, flaws)].into_iter().chain(of_another_closing()).collect()
}

fn other_size(expected: u64, actual: usize) -> Flaw {
    Flaw::Box(BoxFlaw::Size { expected, actual })
}

fn unsigned_by_box() -> Verdict {
    in_box(Step::Closing, BoxFlaw::ClosingSignature(FALSE))
}

fn unsigned_by_issuer() -> Verdict {
    in_box(Step::Closing, BoxFlaw::IssuerSignature(FALSE))
}

/// The box's signature is over something else.
fn box_signs(record: &mut Value, key: &SigningKey, digest: &[u8]) -> Verdict {
    record["closing"]["box_signature"] = signed_by(key, digest);
    unsigned_by_box()
}

fn issuer_signs(record: &mut Value, key: &SigningKey, digest: &[u8]) -> Verdict {
    record["closing"]["issuer_signature"] = signed_by(key, digest);
    unsigned_by_issuer()
}

/// All close over a root of their own.
fn false_root(forger: &Forger, record: &mut Value, root: [u8; 32]) -> Verdict {
    record["closing"]["root"] = json!(hex(&root));
    signed(forger, record);
    other_tree(vec![other_root(record)])
}

fn early(forger: &Forger, record: &mut Value, at: u64) -> Verdict {
    record["closing"]["at"] = json!(at);
    signed(forger, record);
    let [at, ends_at] = [at, END].map(UnixTime::from_seconds);
    in_box(Step::Closing, BoxFlaw::EarlyClosing { at, ends_at })
}

const CLOSINGS: &[Row] = &[
    ("a size that is not the one signed", |_, r| {
        r["closing"]["size"] = json!(6);
        one(Step::References, other_size(6, 5))
    }),
    ("a root that is not the one signed", |_, r| {
        r["closing"]["root"] = json!("77".repeat(32));
        one(Step::References, other_root(r))
    }),
    ("a ballot more than there are, signed", |f, r| {
        r["closing"]["size"] = json!(6);
        signed(f, r);
        other_tree(vec![other_size(6, 5)])
    }),
    ("a ballot less than there are, signed", |f, r| {
        r["closing"]["size"] = json!(4);
        signed(f, r);
        other_tree(vec![other_size(4, 5)])
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
    ("a ballot dropped", |_, r| {
        array(r, "/ballots").remove(1);
        let mut verdict = other_tree(vec![other_size(5, 4), other_root(r)]);
        let sums = [1, 2].map(|slot| Flaw::Sum { slot });
        let tally = [Flaw::Count { expected: 4, actual: 5 }, Flaw::NonceSum].into_iter().chain(sums);
        verdict.push((Step::Tally, tally.collect()));
        verdict
    }),
    ("a ballot dropped, the rest added up and opened", |f, r| {
        array(r, "/ballots").remove(1);
        f.open_tally(r);
        other_tree(vec![other_size(5, 4), other_root(r)])
    }),
    ("a ballot added after the closing", |f, r| {
        let late = f.ballot(r, &f.voters[5], &votes(&[0, 0, 1]));
        array(r, "/ballots").push(json!(hex(&late)));
        f.open_tally(r);
        other_tree(vec![other_size(5, 6), other_root(r)])
    }),
    ("a ballot exchanged after the closing", |f, r| {
        let other = f.ballot(r, &f.voters[0], &votes(&[0, 0, 1]));
        replace(r, 0, &other);
        f.open_tally(r);
        other_tree(vec![other_root(r)])
    }),
    ("ballots in another order", |_, r| {
        array(r, "/ballots").swap(1, 2);
        other_tree(vec![other_root(r)])
    }),
    ("another list of signings", |_, r| {
        r["closing"]["signings_digest"] = json!("77".repeat(32));
        of_another_closing()
    }),
    ("another time of the closing", |_, r| {
        add(r, "/closing/at", 1);
        of_another_closing()
    }),
    ("closed a second early", |f, r| early(f, r, END - 1)),
    ("closed in the grace", |f, r| early(f, r, CLOSES_AT)),
    ("closed before it opened", |f, r| early(f, r, 0)),
    ("closed at a time that is too large", |f, r| {
        r["closing"]["at"] = json!(LARGE);
        signed(f, r);
        large("at")
    }),
    ("a size that is too large", |_, r| {
        r["closing"]["size"] = json!(LARGE);
        large("size")
    }),
    ("signed by another key for the box", |_, r| {
        let digest = closing_digest(r);
        box_signs(r, &SigningKey::from_bytes(&[8; 32]), &digest)
    }),
    ("signed by another key for the issuer", |_, r| {
        let digest = closing_digest(r);
        issuer_signs(r, &SigningKey::from_bytes(&[8; 32]), &digest)
    }),
    ("signed by the box alone", |f, r| {
        let digest = closing_digest(r);
        issuer_signs(r, &f.box_key, &digest)
    }),
    ("signed by the issuer alone", |f, r| {
        let digest = closing_digest(r);
        box_signs(r, &f.issuer_key, &digest)
    }),
    ("both signatures exchanged", |_, r| {
        let closing = r["closing"].clone();
        r["closing"]["box_signature"] = closing["issuer_signature"].clone();
        r["closing"]["issuer_signature"] = closing["box_signature"].clone();
        let flaws = [BoxFlaw::ClosingSignature(FALSE), BoxFlaw::IssuerSignature(FALSE)];
        vec![(Step::Closing, flaws.map(Flaw::Box).to_vec())]
    }),
    ("signed by the box over the opening", |f, r| {
        let digest = opening_digest(r);
        box_signs(r, &f.box_key, &digest)
    }),
    ("signed by the issuer over the opening", |_, r| {
        r["closing"]["issuer_signature"] = r["opening"]["issuer_signature"].clone();
        unsigned_by_issuer()
    }),
    ("signed over a head of the same size and root", |f, r| {
        let digest = head_digest(r, 5, &super::root(r), END);
        box_signs(r, &f.box_key, &digest)
    }),
    ("signed over another roll", |f, r| {
        let mut before = r.clone();
        array(&mut before, "/roll").pop();
        before["roll"][2]["revoked"] = json!(false);
        box_signs(r, &f.box_key, &closing_digest(&before))
    }),
    ("signed under another opening", |f, r| {
        let mut other = r.clone();
        other["opening"]["at"] = json!(0);
        issuer_signs(r, &f.issuer_key, &closing_digest(&other))
    }),
    ("signed over the digest as hex", |f, r| {
        let text = hex(&closing_digest(r));
        box_signs(r, &f.box_key, text.as_bytes())
    }),
    ("a malleable signature of the box", |_, r| {
        malleable(r, "/closing/box_signature");
        unsigned_by_box()
    }),
    ("a malleable signature of the issuer", |_, r| {
        malleable(r, "/closing/issuer_signature");
        unsigned_by_issuer()
    }),
];

#[test]
fn attack_16_false_records_of_closings() {
    check(&good, CLOSINGS);
}

fn endorsement(error: TrusteeSignatureError) -> Verdict {
    one(Step::Closing, Flaw::Endorsement(EndorsementError::Signature(error)))
}

fn invalid(number: u8) -> Verdict {
    endorsement(TrusteeSignatureError::Invalid { trustee: trustee(number) })
}

fn below(number: u8, required: u8, actual: usize) -> Verdict {
    let panel = panel(number);
    one(
        Step::Closing,
        Flaw::Endorsement(EndorsementError::Quorum { panel, required, actual, rejected: vec![] }),
    )
}

fn order(number: u8) -> Verdict {
    part(Step::Closing, RecordError::Order { trustee: trustee(number) })
}

fn unknown(number: u64) -> Verdict {
    part(Step::Closing, RecordError::UnknownTrustee { number, trustees: TRUSTEES })
}

/// This trustee's endorsement of what the record says, by another key or for another purpose.
fn endorsed_by(record: &mut Value, number: u8, secret: &Scalar, purpose: &str) -> Verdict {
    let digest = closing_digest(record);
    array(record, PATH)[usize::from(number) - 1] = signature(number.into(), sign(secret, purpose, &digest));
    invalid(number)
}

const PATH: &str = "/closing/endorsements";

/// The second panel needs three of four, the first one of two.
const ENDORSEMENTS: &[Row] = &[
    ("the second panel below its quorum", |_, r| {
        array(r, PATH).truncate(4);
        below(2, 3, 2)
    }),
    ("the first panel below its quorum", |_, r| {
        array(r, PATH).drain(..2);
        below(1, 1, 0)
    }),
    ("more of the first panel than it needs, and too few of the second", |_, r| {
        array(r, PATH).drain(2..4);
        below(2, 3, 2)
    }),
    ("no endorsement", |_, r| {
        array(r, PATH).clear();
        below(1, 1, 0)
    }),
    ("a quorum made up with one endorsement twice", |_, r| {
        array(r, PATH).truncate(4);
        let again = array(r, PATH)[3].clone();
        array(r, PATH).push(again);
        order(4)
    }),
    ("an endorsement twice above the quorum", |_, r| {
        let again = array(r, PATH)[5].clone();
        array(r, PATH).push(again);
        order(6)
    }),
    ("endorsements in another order", |_, r| {
        array(r, PATH).swap(0, 1);
        order(1)
    }),
    ("an endorsement by another key", |_, r| endorsed_by(r, 2, &Scalar::from(5u64), "endorsement")),
    ("a false endorsement above the quorum", |_, r| {
        let z = scalar_of(&array(r, PATH)[5]["response"]) + Scalar::ONE;
        array(r, PATH)[5]["response"] = json!(hex(&z.to_bytes()));
        invalid(6)
    }),
    ("an endorsement under another trustee's name", |f, r| {
        endorsed_by(r, 3, &f.identities[3], "endorsement")
    }),
    ("an approval for an endorsement", |f, r| endorsed_by(r, 1, &f.identities[0], "approval")),
    ("a signature of factors for an endorsement", |f, r| endorsed_by(r, 5, &f.identities[4], "factors")),
    ("the approval of the contest among the endorsements", |_, r| {
        array(r, PATH)[0] = r["approvals"][0].clone();
        invalid(1)
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
    ("an endorsement by trustee 0", |_, r| {
        array(r, PATH)[0]["trustee"] = json!(0);
        unknown(0)
    }),
    ("an endorsement by a trustee too many", |f, r| {
        let digest = closing_digest(r);
        array(r, PATH).push(signature(7, sign(&f.identities[0], "endorsement", &digest)));
        unknown(7)
    }),
    ("an endorsement by trustee 257, who is not trustee 1", |_, r| {
        array(r, PATH)[0]["trustee"] = json!(257);
        unknown(257)
    }),
    ("an endorsement by a number that is too large", |_, r| {
        array(r, PATH)[0]["trustee"] = json!(LARGE);
        large("trustee")
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
