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

/// A tally of two lists with this count and these sums, as if so many ballots had been added.
fn tally(contest: &Contest, count: u64, sums: [u64; 3]) -> SealedTally {
    let mut bytes = [&[1, 2][..], contest.fingerprint().as_bytes()].concat();
    bytes.extend([1, 0, count].map(u64::to_le_bytes).as_flattened());
    bytes.extend(sums.map(|sum| point(sum).compress().to_bytes()).as_flattened());
    PartialSum::from_bytes(&bytes).unwrap().finish(count).unwrap()
}

#[test]
fn attack_1_every_field_of_a_decryption_is_bound() {
    let (dealt, other) = (Dealt::new(2, 3, 2, 1), Dealt::new(2, 3, 2, 2));
    let contest = dealt.contest.contest();
    let closing = ClosingDigest::from_bytes([9; 32]);
    let sealed = tally(contest, 3, [5, 6, 7]);
    let shares: Vec<Scalar> =
        dealt.polynomials.iter().map(|row| row[0] + Scalar::from(2u64) * row[1]).collect();
    let given = DecryptionFactors::new(contest, closing, &sealed, index(2), &shares, &mut rng(1));
    assert_eq!(given.verify(contest, closing, &sealed), Ok(()));

    let keys = contest.key().verification_elements(index(2));
    let verify = |statement: Statement<'_>| {
        // The points of the equations stay as they were, so that the transcript alone must notice.
        let (transcript, w) = statement.transcript();
        given.proof.verify_equality(transcript, &fold(&w, &keys), &point(5), &fold(&w, &given.factors))
    };
    // No `..`: a new field must be added here.
    let Statement { contest: fingerprint, closing, tally: sums, trustee, keys, factors } = Statement {
        contest: contest.fingerprint(),
        closing,
        tally: &sealed,
        trustee: index(2),
        keys: &keys,
        factors: &given.factors,
    };
    let same = || Statement { contest: fingerprint, closing, tally: sums, trustee, keys, factors };
    assert_eq!(verify(same()), Ok(()));
    assert_eq!(verify(Statement { contest: other.contest.fingerprint(), ..same() }), Err(Rejected));
    assert_eq!(verify(Statement { closing: ClosingDigest::from_bytes([8; 32]), ..same() }), Err(Rejected));
    assert_eq!(verify(Statement { trustee: index(1), ..same() }), Err(Rejected));
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
