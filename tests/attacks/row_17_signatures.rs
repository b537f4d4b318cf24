//! Row 17, signatures where they stand: in a record, and in what a voter takes home. The key and signature by
//! themselves are tested beside the code.

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::{Signature, SigningKey, Verifier, VerifyingKey};
use sha2::{Digest, Sha512};
use urne::ballot_box::{BoxFlaw, ReceiptError, RollError};
use urne::primitives::VerifyingKeyError;
use urne::record::{AuditReport, Because, Flaw, Hex, Outcome, RecordError, Step};
use urne::{Choice, OpenedTally, Record};

use crate::polling::{Polling, at, box_key, hash_of_fields, issuer_key};

const FALSE: VerifyingKeyError = VerifyingKeyError::Signature;

/// A good record, and the digests that box and issuer signed for it: of the opening and of the closing.
fn record() -> (Record, [u8; 32], [u8; 32]) {
    let mut polling = Polling::open(2);
    polling.vote(0, Choice::List(1), 10);
    let mut ended = polling.sign_off();
    let (endorsements, factors) = ended.endorse_and_decrypt();
    let opened = OpenedTally::open(&ended.signed, &endorsements, &factors).unwrap();
    let record = Record::new(&ended.signed, &opened);
    let closed = ended.signed.closed();
    let entries: Vec<_> = closed.roll().entries().iter().map(|entry| entry.credential.to_bytes()).collect();
    let credentials: Vec<_> = entries.iter().map(|entry| &entry[..]).collect();
    let credentials = hash_of_fields("urne/2 credentials", &credentials);
    let (contest, opened_at) = (closed.contest().fingerprint().to_bytes(), record.opening.at.to_le_bytes());
    let fields: [&[u8]; 4] = [&contest, &[2, 0, 0, 0, 0, 0, 0, 0], &credentials, &opened_at];
    let opening = hash_of_fields("urne/2 opening", &fields);
    assert_eq!(opening, closed.roll().opening_digest().to_bytes());
    (record, opening, closed.digest().to_bytes())
}

/// Who signs: box or issuer.
#[derive(Clone, Copy, Debug)]
enum Signer {
    Box,
    Issuer,
}

const BOTH: [Signer; 2] = [Signer::Box, Signer::Issuer];

/// The flaws of a step; all others passed, or were not carried out because of it.
fn flaws(record: &Record, step: Step) -> Vec<Flaw> {
    let report = AuditReport::of(record, &mut |_| ());
    for (other, outcome) in report.outcomes().iter().filter(|(other, _)| *other != step) {
        assert!(
            matches!(outcome, Outcome::Passed)
                || matches!(outcome, Outcome::NotCarriedOut { because } if *because == Because::Failed(step)),
            "{other}:\n{report}"
        );
    }
    match report.outcome(step) {
        Outcome::Failed(flaws) => flaws.as_slice().to_vec(),
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
fn signed_with(signer: Signer, r: [u8; 32], nonce: Scalar, digest: &[u8; 32]) -> [u8; 64] {
    let key = match signer {
        Signer::Box => box_key(),
        Signer::Issuer => issuer_key(),
    };
    let key = SigningKey::from_bytes(&key.expose_seed());
    let hash =
        Sha512::new().chain_update(r).chain_update(key.verifying_key().as_bytes()).chain_update(digest);
    let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
    let s = nonce + k * key.to_scalar();
    [r, s.to_bytes()].concat().try_into().unwrap()
}

/// What a strict verifier refuses and the holder of the key can make; the first is good.
fn variants(signer: Signer, digest: &[u8; 32]) -> Vec<[u8; 64]> {
    let nonce = Scalar::from(99u64);
    let r = EdwardsPoint::mul_base(&nonce);
    let good = signed_with(signer, r.compress().to_bytes(), nonce, digest);
    let mut all = vec![good, plus_order(good)];
    // R moved by a point of small order.
    all.extend(
        EIGHT_TORSION[1..].iter().map(|t| signed_with(signer, (r + t).compress().to_bytes(), nonce, digest)),
    );
    // R of small order itself: the identity, as it is written and as p + 1.
    let mut non_canonical = [0xff; 32];
    (non_canonical[0], non_canonical[31]) = (0xee, 0x7f);
    let mut identity = [0; 32];
    identity[0] = 1;
    all.extend([identity, non_canonical].map(|r| signed_with(signer, r, Scalar::ZERO, digest)));
    all
}

/// The contest with another key of one of them.
fn with_key(record: &Record, signer: Signer, key: [u8; 32]) -> Record {
    let mut record = record.clone();
    match signer {
        Signer::Box => record.contest.box_key = Hex(key),
        Signer::Issuer => record.contest.issuer_key = Hex(key),
    }
    record
}

fn bad_key(signer: Signer, error: VerifyingKeyError) -> Flaw {
    let field = match signer {
        Signer::Box => "box_key",
        Signer::Issuer => "issuer_key",
    };
    Flaw::Record(RecordError::Key { field, error })
}

#[test]
fn attack_17_record_with_a_key_of_small_order() {
    let (good, _, _) = record();
    assert!(AuditReport::of(&good, &mut |_| ()).verdict().is_ok());
    for signer in BOTH {
        for point in EIGHT_TORSION {
            let record = with_key(&good, signer, point.compress().to_bytes());
            assert_eq!(flaws(&record, Step::Contest), [bad_key(signer, VerifyingKeyError::SmallOrder)]);
        }
        // y = p + 3 and its like.
        let mut found = 0;
        for low in 0..19u8 {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[31]) = (0xed + low, 0x7f);
            let record = with_key(&good, signer, bytes);
            assert_eq!(flaws(&record, Step::Contest), [bad_key(signer, VerifyingKeyError::NotAKey)]);
            found += usize::from(VerifyingKey::from_bytes(&bytes).is_ok());
        }
        assert!(found > 5, "some of them pass a lax decoder");
    }
}

/// With the identity for a key, `R = S·G` signs everything: whoever checks lightly takes any closing from
/// anyone.
#[test]
fn attack_17_record_signed_without_a_key() {
    let (good, _, closing) = record();
    let mut identity = [0; 32];
    identity[0] = 1;
    let s = Scalar::from(7u64);
    let r = EdwardsPoint::mul_base(&s).compress().to_bytes();
    let signature: [u8; 64] = [r, s.to_bytes()].concat().try_into().unwrap();
    let lax = VerifyingKey::from_bytes(&identity).unwrap();
    assert!(lax.verify(&closing, &Signature::from_bytes(&signature)).is_ok(), "the forgery works");
    assert!(lax.verify(b"whatever", &Signature::from_bytes(&signature)).is_ok());
    for signer in BOTH {
        let mut record = with_key(&good, signer, identity);
        put_closing(&mut record, signer, signature);
        put_opening(&mut record, signer, signature);
        assert_eq!(flaws(&record, Step::Contest), [bad_key(signer, VerifyingKeyError::SmallOrder)]);
    }
}

fn put_closing(record: &mut Record, signer: Signer, signature: [u8; 64]) {
    match signer {
        Signer::Box => record.closing.box_signature = Hex(signature),
        Signer::Issuer => record.closing.issuer_signature = Hex(signature),
    }
}

fn put_opening(record: &mut Record, signer: Signer, signature: [u8; 64]) {
    match signer {
        Signer::Box => record.opening.box_signature = Hex(signature),
        Signer::Issuer => record.opening.issuer_signature = Hex(signature),
    }
}

#[test]
fn attack_17_record_with_a_malleable_closing_signature() {
    let (good, _, digest) = record();
    for signer in BOTH {
        let with = |signature| {
            let mut record = good.clone();
            put_closing(&mut record, signer, signature);
            record
        };
        let [first, bad @ ..] = &variants(signer, &digest)[..] else { panic!() };
        assert!(AuditReport::of(&with(*first), &mut |_| ()).verdict().is_ok());
        assert_eq!(bad.len(), 1 + 7 + 2);
        let expected = Flaw::Box(match signer {
            Signer::Box => BoxFlaw::ClosingSignature(FALSE),
            Signer::Issuer => BoxFlaw::IssuerSignature(FALSE),
        });
        for signature in bad {
            assert_eq!(
                flaws(&with(*signature), Step::Closing),
                std::slice::from_ref(&expected),
                "{signer:?}"
            );
        }
    }
}

#[test]
fn attack_17_record_with_a_malleable_opening_signature() {
    let (good, digest, _) = record();
    for signer in BOTH {
        let with = |signature| {
            let mut record = good.clone();
            put_opening(&mut record, signer, signature);
            record
        };
        let [first, bad @ ..] = &variants(signer, &digest)[..] else { panic!() };
        assert!(AuditReport::of(&with(*first), &mut |_| ()).verdict().is_ok());
        let error = match signer {
            Signer::Box => RollError::BoxSignature(FALSE),
            Signer::Issuer => RollError::IssuerSignature(FALSE),
        };
        let expected = Flaw::Record(RecordError::Roll(error));
        for signature in bad {
            assert_eq!(flaws(&with(*signature), Step::Roll), std::slice::from_ref(&expected), "{signer:?}");
        }
    }
}

/// A signature of the one where the other's should be, under the same digest.
#[test]
fn attack_17_record_with_signatures_of_box_and_issuer_exchanged() {
    let (good, _, _) = record();
    let mut record = good.clone();
    let closing = &mut record.closing;
    std::mem::swap(&mut closing.box_signature, &mut closing.issuer_signature);
    let expected = [BoxFlaw::ClosingSignature(FALSE), BoxFlaw::IssuerSignature(FALSE)].map(Flaw::Box);
    assert_eq!(flaws(&record, Step::Closing), expected);
    let mut record = good;
    let opening = &mut record.opening;
    std::mem::swap(&mut opening.box_signature, &mut opening.issuer_signature);
    let expected = Flaw::Record(RecordError::Roll(RollError::BoxSignature(FALSE)));
    assert_eq!(flaws(&record, Step::Roll), [expected]);
}

#[test]
fn attack_17_receipts_with_malleable_signatures() {
    let mut polling = Polling::open(2);
    let (ballot, receipt) = polling.vote(0, Choice::List(1), 10);
    let contest = polling.contest.contest();
    let verify = |receipt: &urne::Receipt| {
        receipt.verify(contest, polling.opening, &polling.id(0), &ballot, at(10)..=at(10))
    };
    let (fingerprint, time) = (contest.fingerprint().to_bytes(), at(10).seconds().to_le_bytes());
    let (opening, head) = (polling.opening.to_bytes(), receipt.deposit_proof.head);
    let size = head.size.to_le_bytes();
    let digests = [
        hash_of_fields("urne/2 signing", &[&fingerprint, polling.id(0).as_bytes(), &time]),
        hash_of_fields("urne/2 head", &[&fingerprint, &opening, &size, &head.root, &time]),
    ];
    let with = |which: usize, signature: [u8; 64]| {
        let mut receipt = receipt.clone();
        let signature = urne::Signature::from_bytes(signature);
        match which {
            0 => receipt.emargement.signature = signature,
            _ => receipt.deposit_proof.head.signature = signature,
        }
        verify(&receipt)
    };
    for (which, expected) in
        [ReceiptError::Emargement(FALSE), ReceiptError::Head(FALSE)].into_iter().enumerate()
    {
        let [first, bad @ ..] = &variants(Signer::Box, &digests[which])[..] else { panic!() };
        assert_eq!(with(which, *first), Ok(()));
        for signature in bad {
            assert_eq!(with(which, *signature), Err(expected));
        }
    }
}
