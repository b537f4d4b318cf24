//! Tests of what is private in decryption: the statement of the proof.

use super::*;
use crate::ballot::PartialSum;
use crate::test_support::{Dealt, rng};

fn index(number: u8) -> TrusteeIndex {
    TrusteeIndex::new(number).unwrap()
}

fn point(logarithm: u64) -> RistrettoPoint {
    RistrettoPoint::mul_base(&Scalar::from(logarithm))
}

/// A tally of two slots with this count and these sums, as if so many ballots had been added.
fn tally(contest: &Contest, count: u64, sums: [u64; 3]) -> SealedTally {
    let mut bytes = form(Kind::PartialSum);
    bytes.push(2);
    bytes.extend(contest.fingerprint().to_bytes());
    bytes.extend([1, 0, count].map(u64::to_le_bytes).as_flattened());
    bytes.extend(sums.map(|sum| point(sum).compress().to_bytes()).as_flattened());
    PartialSum::from_bytes(&bytes).unwrap().finish(count).unwrap()
}

/// Factors of a trustee whose shares are known, as it would give them.
fn given_by(
    dealt: &Dealt,
    trustee: TrusteeIndex,
    shares: &[Scalar],
    closing: ClosingDigest,
    tally: &SealedTally,
) -> DecryptionFactors {
    let rng = &mut rng(1);
    let (elements, proof) = prove(dealt.contest.contest(), closing, tally, trustee, shares, rng);
    let factors: Vec<_> = elements.iter().map(|factor| *factor.encoding()).collect();
    let proof = proof.to_array();
    let digest = factors_digest(closing, &factors, &proof);
    let signature = FactorsSignature::sign(&dealt.identities[trustee.position()], &digest, rng);
    DecryptionFactors { trustee, factors, proof, signature }
}

#[test]
fn attack_12_factors_altered_on_their_way_name_nobody() {
    let dealt = Dealt::new(&[(1, 2)], 2, Some(1), 1);
    let (contest, closing) = (dealt.contest.contest(), ClosingDigest::from_bytes([9; 32]));
    let sealed = tally(contest, 3, [5, 6, 7]);
    let (one, two) = (index(1), index(2));
    let shares: Vec<Scalar> = dealt.polynomials[0].iter().map(|row| row[0]).collect();
    let given = given_by(&dealt, two, &shares, closing, &sealed);
    assert_eq!(given.verify(contest, closing, &sealed).map(|_| ()), Ok(()));

    // Everything that the signature covers, and whose it is.
    let mut factors = given.factors.clone();
    factors.swap(0, 1);
    let other_closing = ClosingDigest::from_bytes([8; 32]);
    let other_proof = given_by(&dealt, two, &shares, other_closing, &sealed).proof;
    let signed_by_another = given_by(&dealt, one, &shares, closing, &sealed).signature;
    for altered in [
        DecryptionFactors { factors, ..given.clone() },
        DecryptionFactors { factors: given.factors[..1].to_vec(), ..given.clone() },
        DecryptionFactors { proof: other_proof, ..given.clone() },
        DecryptionFactors { signature: signed_by_another, ..given.clone() },
    ] {
        let refused = altered.verify(contest, closing, &sealed).unwrap_err();
        assert_eq!((refused, refused.culprit()), (FactorError::Signature { trustee: two }, None));
    }
    let elsewhere = given.verify(contest, other_closing, &sealed).unwrap_err();
    assert_eq!((elsewhere, elsewhere.culprit()), (FactorError::Signature { trustee: two }, None));

    // Under a good signature it is the trustee's own word.
    let sign = |mut altered: DecryptionFactors| {
        let digest = factors_digest(closing, &altered.factors, &altered.proof);
        altered.signature = FactorsSignature::sign(&dealt.identities[1], &digest, &mut rng(2));
        altered.verify(contest, closing, &sealed).unwrap_err()
    };
    let short = sign(DecryptionFactors { factors: given.factors[..1].to_vec(), ..given.clone() });
    assert_eq!(short, FactorError::Count { trustee: two, expected: 2, actual: 1 });
    let false_proof = sign(DecryptionFactors { proof: other_proof, ..given.clone() });
    assert_eq!(false_proof, FactorError::Proof { trustee: two });
    // What is no point is not looked at before it is known whose word it is.
    let mut factors = given.factors.clone();
    factors[1] = [0xff; 32];
    let no_point = DecryptionFactors { factors, ..given.clone() };
    let unsigned = no_point.verify(contest, closing, &sealed).unwrap_err();
    assert_eq!((unsigned, unsigned.culprit()), (FactorError::Signature { trustee: two }, None));
    assert_eq!(DecryptionFactors::from_bytes(&no_point.to_bytes()), Ok(no_point.clone()));
    let signed = sign(no_point);
    assert_eq!(signed, FactorError::NotAPoint { trustee: two, slot: 2 });
    assert_eq!([short.culprit(), false_proof.culprit(), signed.culprit()], [Some(two); 3]);

    // Nor is what is no scalar, in the proof or in the signature itself.
    for half in [0..32, 32..64] {
        let (mut proof, mut signature) = (given.proof, given.signature);
        proof[half.clone()].fill(0xff);
        signature.0[half].fill(0xff);
        let no_proof = DecryptionFactors { proof, ..given.clone() };
        for unsigned in [no_proof.clone(), DecryptionFactors { signature, ..given.clone() }] {
            assert_eq!(DecryptionFactors::from_bytes(&unsigned.to_bytes()), Ok(unsigned.clone()));
            let refused = unsigned.verify(contest, closing, &sealed).unwrap_err();
            assert_eq!((refused, refused.culprit()), (FactorError::Signature { trustee: two }, None));
        }
        let signed = sign(no_proof);
        assert_eq!((signed, signed.culprit()), (FactorError::Proof { trustee: two }, Some(two)));
    }
}

#[test]
fn factors_read_only_what_they_write() {
    let dealt = Dealt::new(&[(1, 2)], 2, Some(1), 1);
    let (contest, closing) = (dealt.contest.contest(), ClosingDigest::from_bytes([9; 32]));
    let shares: Vec<Scalar> = dealt.polynomials[0].iter().map(|row| row[0]).collect();
    let given = given_by(&dealt, index(2), &shares, closing, &tally(contest, 3, [5, 6, 7]));
    let bytes = given.to_bytes();
    assert_eq!(DecryptionFactors::from_bytes(&bytes), Ok(given.clone()));
    let length = 2 + 1 + 1 + 2 * 32 + 64 + 64;
    assert_eq!(bytes.len(), length);
    let short = DecodeError::TooShort { expected: length, actual: length - 1 };
    assert_eq!(DecryptionFactors::from_bytes(&bytes[..length - 1]), Err(short));
    let long = DecodeError::TooLong { expected: length, actual: length + 1 };
    assert_eq!(DecryptionFactors::from_bytes(&[&bytes[..], &[0]].concat()), Err(long));
    let mut nobody = bytes;
    nobody[2] = 0;
    assert_eq!(DecryptionFactors::from_bytes(&nobody), Err(DecodeError::Number { offset: 2 }));
    // A number of slots that no form can hold.
    let (proof, signature) = (given.proof, given.signature);
    let of =
        |slots| DecryptionFactors::from_encodings(index(2), &std::vec![[0; 32]; slots], proof, signature);
    assert!(of(255).is_ok());
    assert_eq!(of(256), Err(DecodeError::TooLong { expected: 255 * 32, actual: 256 * 32 }));
}

#[test]
fn attack_1_every_field_of_a_decryption_is_bound() {
    let [dealt, other] = [1, 2].map(|number| Dealt::new(&[(1, 2), (2, 3)], 2, Some(1), number));
    let contest = dealt.contest.contest();
    let closing = ClosingDigest::from_bytes([9; 32]);
    let sealed = tally(contest, 3, [5, 6, 7]);
    // Trustee 4 is the second of the second panel.
    let four = index(4);
    let shares: Vec<Scalar> =
        dealt.polynomials[1].iter().map(|row| row[0] + four.scalar() * row[1]).collect();
    let given = given_by(&dealt, four, &shares, closing, &sealed);
    assert_eq!(given.verify(contest, closing, &sealed).map(|_| ()), Ok(()));

    let keys = contest.key().verification_elements(four);
    let elements: Vec<_> = given.factors.iter().map(|factor| Element::decode(factor).unwrap()).collect();
    let verify = |statement: Statement<'_>| {
        // The points of the equations stay as they were, so that the transcript alone must notice.
        let (transcript, w) = statement.transcript();
        let proof = Proof::from_bytes(&given.proof).unwrap();
        proof.verify_equality(transcript, &fold(&w, &keys), &point(5), &fold(&w, &elements))
    };
    // No `..`: a new field must be added here.
    let Statement { contest: fingerprint, closing, tally: sums, trustee, keys, factors } = Statement {
        contest: contest.fingerprint(),
        closing,
        tally: &sealed,
        trustee: four,
        keys: &keys,
        factors: &elements,
    };
    let same = || Statement { contest: fingerprint, closing, tally: sums, trustee, keys, factors };
    assert_eq!(verify(same()), Ok(()));
    assert_eq!(verify(Statement { contest: other.contest.fingerprint(), ..same() }), Err(Rejected));
    assert_eq!(verify(Statement { closing: ClosingDigest::from_bytes([8; 32]), ..same() }), Err(Rejected));
    assert_eq!(verify(Statement { trustee: index(5), ..same() }), Err(Rejected));
    for (count, sums) in [(4, [5, 6, 7]), (3, [4, 6, 7]), (3, [5, 8, 7]), (3, [5, 6, 8]), (3, [5, 7, 6])] {
        assert_eq!(verify(Statement { tally: &tally(contest, count, sums), ..same() }), Err(Rejected));
    }
    for list in 0..2 {
        let changed = |points: &[Element]| {
            let mut points = points.to_vec();
            points[list] = point(99).into();
            points
        };
        assert_eq!(verify(Statement { keys: &changed(keys), ..same() }), Err(Rejected));
        assert_eq!(verify(Statement { factors: &changed(factors), ..same() }), Err(Rejected));
    }
}
