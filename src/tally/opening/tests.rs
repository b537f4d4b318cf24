//! Tests of the count: totals that no box needs to have held.

use super::*;
use crate::ballot::PartialSum;
use crate::ballot_box::ClosingDigest;
use crate::bureau::{IdentitySecret, KeyDigest, TrusteeKey};
use crate::primitives::Kind;
use crate::primitives::wire::form;
use crate::test_support::{Dealt, rng};
use curve25519_dalek::scalar::Scalar;

const R: u64 = 31_337;

/// A tally of so many ballots whose slots hold these totals, as if they had been added.
fn tally(contest: &Contest, count: u64, totals: &[Scalar]) -> SealedTally {
    if count == 0 {
        return PartialSum::new(contest).finish(0).unwrap();
    }
    let r = Scalar::from(R);
    let keys = contest.encryption_keys();
    let sum = |(total, key): (&Scalar, &Element)| RistrettoPoint::mul_base(total) + r * key.point();
    let sums: Vec<_> = totals.iter().zip(keys).map(sum).collect();
    let mut bytes = form(Kind::PartialSum);
    bytes.push(u8::try_from(sums.len()).unwrap());
    bytes.extend(contest.fingerprint().to_bytes());
    bytes.extend([1, 0, count].map(u64::to_le_bytes).as_flattened());
    for point in [RistrettoPoint::mul_base(&r)].iter().chain(&sums) {
        bytes.extend(point.compress().to_bytes());
    }
    PartialSum::from_bytes(&bytes).unwrap().finish(count).unwrap()
}

/// `Σ M^((i−1) mod κ)·votes_i` for every slot.
fn packed(contest: &Contest, votes: &[u64]) -> Vec<Scalar> {
    let layout = contest.layout();
    let total = |votes: &[u64]| {
        let weighted = votes.iter().zip(layout.weights());
        weighted.map(|(votes, weight)| Scalar::from(*votes) * Scalar::from(*weight)).sum()
    };
    layout.slices(votes).map(total).collect()
}

/// Good factors of all trustees, in order.
fn factors(dealt: &Dealt, tally: &SealedTally) -> Vec<GoodFactors> {
    let contest = dealt.contest.contest();
    let closing = ClosingDigest::from_bytes([9; 32]);
    let of = |trustee: TrusteeIndex| {
        let panel = contest.bureau().panel_of(trustee).unwrap();
        let x = trustee.scalar();
        let share = |slot: &Vec<Scalar>| slot.iter().rev().fold(Scalar::ZERO, |value, c| value * x + c);
        let shares: Vec<_> = dealt.polynomials[panel.position()].iter().map(share).collect();
        let identity = IdentitySecret::from_scalar(*dealt.identities[trustee.position()].scalar());
        let digest = KeyDigest::from_bytes([1; 32]);
        let key = TrusteeKey::from_ceremony(trustee, identity, shares.into(), contest.key().clone(), digest);
        let given = DecryptionFactors::new(contest, closing, tally, &key, &mut rng(1));
        given.verify(contest, closing, tally).unwrap()
    };
    contest.bureau().indices().map(of).collect()
}

fn count(dealt: &Dealt, count: u64, totals: &[Scalar]) -> Result<ElectionResult, OpeningError> {
    let tally = tally(dealt.contest.contest(), count, totals);
    combine(dealt.contest.contest(), &tally, &factors(dealt, &tally))
}

#[test]
fn votes_of_every_packing_are_counted() {
    // Seven lists: the last slot is full, or of one list, or of three.
    for packing in 1..=4 {
        let dealt = Dealt::new(&[(1, 2), (2, 3)], 7, Some(packing), 1);
        let contest = dealt.contest.contest();
        assert_eq!(contest.layout().slots(), 7usize.div_ceil(packing.into()));
        for (votes, blank) in [
            ([3, 0, 2, 5, 0, 1, 4], 2),
            ([0, 0, 0, 0, 0, 0, 0], 17),
            ([17, 0, 0, 0, 0, 0, 0], 0),
            ([0, 0, 0, 0, 0, 0, 17], 0),
            ([0, 8, 0, 0, 0, 9, 0], 0),
        ] {
            let expected = ElectionResult::new(votes.to_vec(), blank);
            assert_eq!(count(&dealt, 17, &packed(contest, &votes)), Ok(expected), "{packing}, {votes:?}");
        }
    }
}

#[test]
fn totals_that_are_no_votes_are_refused() {
    for packing in 1..=4 {
        let dealt = Dealt::new(&[(1, 1)], 7, Some(packing), 1);
        let contest = dealt.contest.contest();
        let refused = |totals: &[Scalar], slot, lists, most| {
            let error = DiscreteLogError::NoneFits { digits: lists, most };
            assert_eq!(count(&dealt, 5, totals), Err(OpeningError::NoLogarithm { slot, error }), "{packing}");
        };
        let slots = contest.layout().slots();
        let lists_of_last = 7 - packing * (u8::try_from(slots).unwrap() - 1);
        // One list has more votes than there are ballots, in the first slot and in the last.
        refused(&packed(contest, &[6, 0, 0, 0, 0, 0, 0]), 1, packing, 5);
        refused(&packed(contest, &[0, 0, 0, 0, 0, 0, 6]), slots, lists_of_last, 5);
        // Two lists have, together: within a slot, or across slots, where the first leaves the rest.
        refused(&packed(contest, &[3, 0, 0, 0, 0, 0, 3]), slots, lists_of_last, 2);
        if packing > 1 {
            refused(&packed(contest, &[3, 3, 0, 0, 0, 0, 0]), 1, packing, 5);
        }
        // Less than none, and nothing of the kind.
        let mut totals = packed(contest, &[1, 0, 0, 0, 0, 0, 0]);
        totals[0] = -Scalar::ONE;
        refused(&totals, 1, packing, 5);
        totals[0] = Scalar::from(u64::MAX);
        refused(&totals, 1, packing, 5);
    }
}

#[test]
fn attack_11_too_many_ballots_and_too_few_factors() {
    let dealt = Dealt::new(&[(1, 2), (2, 3)], 3, Some(3), 1);
    let contest = dealt.contest.contest();
    let capacity = contest.layout().capacity();
    assert_eq!(capacity, 400);
    let above = OpeningError::Capacity { count: 401, capacity };
    assert_eq!(count(&dealt, 401, &packed(contest, &[1, 0, 0])), Err(above));
    assert!(count(&dealt, 400, &packed(contest, &[400, 0, 0])).is_ok());

    let few = tally(contest, 3, &packed(contest, &[1, 0, 1]));
    let all = factors(&dealt, &few);
    let expected = ElectionResult::new([1, 0, 1].to_vec(), 1);
    // Those of the lowest numbers are enough.
    let lowest = lowest_of_each_panel(contest.bureau(), &all).unwrap();
    let numbers = |group: &Vec<&GoodFactors>| group.iter().map(|of| of.trustee().get()).collect::<Vec<_>>();
    assert_eq!(lowest.iter().map(numbers).collect::<Vec<_>>(), [[1].to_vec(), [3, 4].to_vec()]);
    assert_eq!(combine(contest, &few, &all), Ok(expected));
    let too_few = |panel, required, good| {
        let panel = PanelIndex::new(panel).unwrap();
        Err(OpeningError::TooFew { panel, required, good, rejected: Vec::new() })
    };
    assert_eq!(combine(contest, &few, &all[..3]), too_few(2, 2, 1));
    assert_eq!(combine(contest, &few, &all[2..]), too_few(1, 1, 0));
    // An empty box needs none.
    let zeros = ElectionResult::new([0; 3].to_vec(), 0);
    assert_eq!(combine(contest, &tally(contest, 0, &[]), &[]), Ok(zeros));
}
