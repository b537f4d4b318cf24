//! Row 17, signatures where they stand: in a record, and in what a voter takes home. The key and signature by
//! themselves are tested beside the code.

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::{Signature, SigningKey, Verifier, VerifyingKey};
use sha2::{Digest, Sha512};
use urne::audit::{AuditReport, Flaw, Outcome, Step};
use urne::closed_box::BoxFlaw;
use urne::decryption::OpenedTally;
use urne::receipt::ReceiptError;
use urne::record::{Hex, RecordError};
use urne::roll::RollError;
use urne::{BoxKeyError, BoxSignature, Choice, Record};

use crate::polling::{Polling, at, box_key, endorse_and_decrypt, hash_of_fields};

const FALSE: BoxKeyError = BoxKeyError::Signature;

/// A good record, and the digests that the box signed for it: of the opening and of the closing.
fn record() -> (Record, [u8; 32], [u8; 32]) {
    let mut polling = Polling::open(2);
    polling.vote(0, Choice::List(1), 10);
    let (closed, mut trustees) = polling.close();
    let (endorsements, factors) = endorse_and_decrypt(&closed, &mut trustees);
    let opened = OpenedTally::open(&closed, &endorsements, &factors).unwrap();
    let record = Record::new(&closed, &opened);
    let entries: Vec<_> = closed.roll().entries().iter().map(|entry| entry.credential.to_bytes()).collect();
    let (contest, opened_at) = (closed.contest().fingerprint().to_bytes(), record.opening.at.to_le_bytes());
    let mut fields: Vec<&[u8]> = vec![&contest, &[2, 0, 0, 0, 0, 0, 0, 0]];
    fields.extend(entries.iter().map(|entry| &entry[..]));
    fields.push(&opened_at);
    let opening = hash_of_fields("urne/1 opening", &fields);
    (record, opening, closed.digest().to_bytes())
}

/// The flaws of a step; all others passed, or were not carried out because of it.
fn flaws(record: &Record, step: Step) -> Vec<Flaw> {
    let report = AuditReport::of(record, &mut |_| ());
    for (other, outcome) in report.outcomes().iter().filter(|(other, _)| *other != step) {
        assert!(
            matches!(outcome, Outcome::Passed)
                || matches!(outcome, Outcome::NotCarriedOut { because } if *because == step),
            "{other}:\n{report}"
        );
    }
    match report.outcome(step) {
        Outcome::Failed(flaws) => flaws.clone(),
        other => panic!("{other:?}"),
    }
}

/// `S + ℓ`.
fn plus_order(signature: [u8; 64]) -> [u8; 64] {
    let order = (-Scalar::ONE).to_bytes();
    let mut changed = signature;
    let mut carry = 1u16;
    for (byte, add) in changed[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    changed
}

/// A signature by the holder of the key with `R` as given, which is `r·G` up to a point of small order.
fn signed_with(r: [u8; 32], nonce: Scalar, digest: &[u8; 32]) -> [u8; 64] {
    let key = SigningKey::from_bytes(&box_key().expose_bytes());
    let hash =
        Sha512::new().chain_update(r).chain_update(key.verifying_key().as_bytes()).chain_update(digest);
    let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
    let s = nonce + k * key.to_scalar();
    [r, s.to_bytes()].concat().try_into().unwrap()
}

/// What a strict verifier refuses and the holder of the key can make; the first is good.
fn variants(digest: &[u8; 32]) -> Vec<[u8; 64]> {
    let nonce = Scalar::from(99u64);
    let r = EdwardsPoint::mul_base(&nonce);
    let good = signed_with(r.compress().to_bytes(), nonce, digest);
    let mut all = vec![good, plus_order(good)];
    // R moved by a point of small order.
    all.extend(EIGHT_TORSION[1..].iter().map(|t| signed_with((r + t).compress().to_bytes(), nonce, digest)));
    // R of small order itself: the identity, as it is written and as p + 1.
    let mut non_canonical = [0xff; 32];
    (non_canonical[0], non_canonical[31]) = (0xee, 0x7f);
    let mut identity = [0; 32];
    identity[0] = 1;
    all.extend([identity, non_canonical].map(|r| signed_with(r, Scalar::ZERO, digest)));
    all
}

#[test]
fn attack_17_record_with_a_box_key_of_small_order() {
    let (good, _, _) = record();
    assert!(AuditReport::of(&good, &mut |_| ()).verdict().is_ok());
    for point in EIGHT_TORSION {
        let mut record = good.clone();
        record.contest.box_key = Hex(point.compress().to_bytes());
        let expected = Flaw::Record(RecordError::BoxKey(BoxKeyError::SmallOrder));
        assert_eq!(flaws(&record, Step::Contest), [expected]);
    }
    // y = p + 3 and its like.
    let mut found = 0;
    for low in 0..19u8 {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (0xed + low, 0x7f);
        let mut record = good.clone();
        record.contest.box_key = Hex(bytes);
        let expected = Flaw::Record(RecordError::BoxKey(BoxKeyError::NotAKey));
        assert_eq!(flaws(&record, Step::Contest), [expected]);
        found += usize::from(VerifyingKey::from_bytes(&bytes).is_ok());
    }
    assert!(found > 5, "some of them pass a lax decoder");
}

/// With the identity for a key, `R = S·G` signs everything: whoever checks lightly takes any closing from anyone.
#[test]
fn attack_17_record_signed_without_a_key() {
    let (mut record, _, closing) = record();
    let mut identity = [0; 32];
    identity[0] = 1;
    let s = Scalar::from(7u64);
    let r = EdwardsPoint::mul_base(&s).compress().to_bytes();
    let signature: [u8; 64] = [r, s.to_bytes()].concat().try_into().unwrap();
    let lax = VerifyingKey::from_bytes(&identity).unwrap();
    assert!(lax.verify(&closing, &Signature::from_bytes(&signature)).is_ok(), "the forgery works");
    assert!(lax.verify(b"whatever", &Signature::from_bytes(&signature)).is_ok());
    record.contest.box_key = Hex(identity);
    record.closing.signature = Hex(signature);
    record.opening.signature = Hex(signature);
    let expected = Flaw::Record(RecordError::BoxKey(BoxKeyError::SmallOrder));
    assert_eq!(flaws(&record, Step::Contest), [expected]);
}

#[test]
fn attack_17_record_with_a_malleable_closing_signature() {
    let (good, _, digest) = record();
    let with = |signature| {
        let mut record = good.clone();
        record.closing.signature = Hex(signature);
        record
    };
    let [first, bad @ ..] = &variants(&digest)[..] else { panic!() };
    assert!(AuditReport::of(&with(*first), &mut |_| ()).verdict().is_ok());
    assert_eq!(bad.len(), 1 + 7 + 2);
    for signature in bad {
        let expected = Flaw::Box(BoxFlaw::ClosingSignature(FALSE));
        assert_eq!(flaws(&with(*signature), Step::Closing), [expected]);
    }
}

#[test]
fn attack_17_record_with_a_malleable_opening_signature() {
    let (good, digest, _) = record();
    let with = |signature| {
        let mut record = good.clone();
        record.opening.signature = Hex(signature);
        record
    };
    let [first, bad @ ..] = &variants(&digest)[..] else { panic!() };
    assert!(AuditReport::of(&with(*first), &mut |_| ()).verdict().is_ok());
    for signature in bad {
        let expected = Flaw::Record(RecordError::Roll(RollError::Signature(FALSE)));
        assert_eq!(flaws(&with(*signature), Step::Roll), [expected]);
    }
}

#[test]
fn attack_17_receipts_with_malleable_signatures() {
    let mut polling = Polling::open(2);
    let (ballot, receipt) = polling.vote(0, Choice::List(1), 10);
    let contest = polling.contest.contest();
    let verify = |receipt: &urne::Receipt| receipt.verify(contest, &polling.id(0), &ballot, at(10)..=at(10));
    let (fingerprint, time) = (contest.fingerprint().to_bytes(), at(10).seconds().to_le_bytes());
    let head = receipt.deposit_proof.as_ref().unwrap().head;
    let digests = [
        hash_of_fields("urne/1 signing", &[&fingerprint, polling.id(0).as_bytes(), &time]),
        hash_of_fields("urne/1 head", &[&fingerprint, &head.size.to_le_bytes(), &head.root, &time]),
    ];
    let with = |which: usize, signature: [u8; 64]| {
        let mut receipt = receipt.clone();
        let signature = BoxSignature::from_bytes(signature);
        match which {
            0 => receipt.emargement.signature = signature,
            _ => receipt.deposit_proof.as_mut().unwrap().head.signature = signature,
        }
        verify(&receipt)
    };
    for (which, expected) in
        [ReceiptError::Emargement(FALSE), ReceiptError::Head(FALSE)].into_iter().enumerate()
    {
        let [first, bad @ ..] = &variants(&digests[which])[..] else { panic!() };
        assert_eq!(with(which, *first), Ok(()));
        for signature in bad {
            assert_eq!(with(which, *signature), Err(expected));
        }
    }
}
