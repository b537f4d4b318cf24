//! Row 15: partial sums that overlap, leave a gap, or are of another contest; and that any split and any order
//! of merging gives the same tally.

use std::sync::LazyLock;

use proptest::prelude::*;
use urne::ballot::{PartialSum, SealedTally, SumError};
use urne::primitives::Kind;
use urne::{
    ApprovedContest, Ballot, Choice, Credential, DecodeError, SealedBallot, VerifiedBallot, VotingCode,
};

use crate::polling::{approved, ceremony, rng};

const BALLOTS: u8 = 12;

static CONTESTS: LazyLock<[ApprovedContest; 2]> = LazyLock::new(|| {
    let (_, mut trustees) = ceremony(&[(1, 1)], 3, 1);
    [584, 585].map(|number| approved(number, 3, &mut trustees))
});

fn verified(contest: &ApprovedContest) -> Vec<VerifiedBallot> {
    (0..BALLOTS)
        .map(|number| {
            let credential = Credential::derive(contest.contest(), &VotingCode::from_bytes([number; 15]));
            let choice = if number % 4 == 0 { Choice::Blank } else { Choice::List(number % 4) };
            let ballot =
                SealedBallot::seal(contest, choice, &credential, &mut rng(number.into())).unwrap().cast();
            Ballot::from_bytes(contest.contest(), &ballot).unwrap().verify(contest.contest()).unwrap()
        })
        .collect()
}

static VERIFIED: LazyLock<Vec<VerifiedBallot>> = LazyLock::new(|| verified(&CONTESTS[0]));

/// The sum of the ballots with these indices.
fn sum(indices: impl IntoIterator<Item = u64>) -> PartialSum {
    let mut sum = PartialSum::new(CONTESTS[0].contest());
    for index in indices {
        sum.add(index, &VERIFIED[usize::try_from(index).unwrap()]).unwrap();
    }
    sum
}

fn whole() -> SealedTally {
    sum(0..BALLOTS.into()).finish(BALLOTS.into()).unwrap()
}

/// Nothing is changed by a refusal.
fn refuses(sum: &PartialSum, change: impl FnOnce(&mut PartialSum) -> Result<(), SumError>) -> SumError {
    let mut changed = sum.clone();
    let error = change(&mut changed).unwrap_err();
    assert_eq!(changed, *sum);
    error
}

#[test]
fn attack_15_overlap() {
    let left = sum(0..6);
    for (other, index) in [(0..6, 0), (5..8, 5), (0..1, 0), (2..4, 2), (3..12, 3)] {
        let other = sum(other);
        assert_eq!(refuses(&left, |left| left.merge(&other)), SumError::Overlap { index });
        assert_eq!(refuses(&other, |other| other.merge(&left)), SumError::Overlap { index });
    }
    for index in 0..6 {
        let ballot = &VERIFIED[0];
        assert_eq!(refuses(&left, |left| left.add(index, ballot)), SumError::Overlap { index });
    }
    // In pieces that lie between each other.
    let (even, odd) = (sum([0, 2, 4]), sum([1, 3, 5]));
    let mut both = even.clone();
    both.merge(&odd).unwrap();
    assert_eq!(both, left);
    assert_eq!(refuses(&both, |both| both.merge(&odd)), SumError::Overlap { index: 1 });
}

#[test]
fn attack_15_gap_and_beyond() {
    let count = BALLOTS.into();
    let gap = |index| Err(SumError::Gap { index });
    assert_eq!(sum(0..11).finish(count).map(|_| ()), gap(11));
    assert_eq!(sum(1..12).finish(count).map(|_| ()), gap(0));
    assert_eq!(sum((0..12).filter(|index| *index != 5)).finish(count).map(|_| ()), gap(5));
    assert_eq!(sum([]).finish(count).map(|_| ()), gap(0));
    // As many ballots as there are, but others.
    assert_eq!(sum((0..12).filter(|index| *index != 5)).finish(11).map(|_| ()), gap(5));
    let beyond = |index, count| Err(SumError::Beyond { index, count });
    assert_eq!(sum(0..12).finish(11).map(|_| ()), beyond(11, 11));
    assert_eq!(sum(0..12).finish(0).map(|_| ()), beyond(11, 0));
    assert_eq!(sum([]).finish(0).map(|tally| tally.count()), Ok(0));
    let limit = 1 << 53;
    let empty = sum([]);
    assert_eq!(refuses(&empty, |sum| sum.add(limit, &VERIFIED[0])), SumError::Index { index: limit });
    assert_eq!(refuses(&empty, |sum| sum.add(u64::MAX, &VERIFIED[0])), SumError::Index { index: u64::MAX });
    // The end of its range would be 2^53.
    assert_eq!(refuses(&empty, |sum| sum.add(limit - 1, &VERIFIED[0])), SumError::Index { index: limit - 1 });
    let mut last = empty;
    assert_eq!(last.add(limit - 2, &VERIFIED[0]), Ok(()));
}

#[test]
fn attack_15_another_contest() {
    let [contest, other] = &*CONTESTS;
    let foreign = &verified(other)[0];
    let mut of_other = PartialSum::new(other.contest());
    of_other.add(7, foreign).unwrap();
    let own = sum(0..3);
    let error = SumError::ForeignContest { expected: contest.fingerprint(), actual: other.fingerprint() };
    assert_eq!(refuses(&own, |own| own.add(3, foreign)), error);
    assert_eq!(refuses(&own, |own| own.merge(&of_other)), error);
    // Read from bytes it is still of that contest.
    let read = PartialSum::from_bytes(&of_other.to_bytes()).unwrap();
    assert_eq!(read.contest(), other.fingerprint());
    assert_eq!(refuses(&own, |own| own.merge(&read)), error);
}

#[test]
fn attack_15_bytes_that_lie_about_what_is_covered() {
    let good = sum([0, 1, 4, 5]);
    let bytes = good.to_bytes();
    assert_eq!(PartialSum::from_bytes(&bytes), Ok(good));
    // Kind, version, J, fingerprint, number of ranges, then the ranges.
    let at = 3 + 32 + 8;
    assert_eq!(bytes[..3], [Kind::PartialSum.byte(), 2, 2]);
    let with = |ranges: &[(u64, u64)]| {
        let mut changed = bytes[..at - 8].to_vec();
        changed.extend((ranges.len() as u64).to_le_bytes());
        changed
            .extend(ranges.iter().flat_map(|(start, end)| [start.to_le_bytes(), end.to_le_bytes()].concat()));
        changed.extend(&bytes[at + 32..]);
        PartialSum::from_bytes(&changed).map(|sum| sum.covered().collect::<Vec<_>>())
    };
    assert_eq!(with(&[(0, 2), (4, 6)]), Ok(vec![0..2, 4..6]));
    let most = (1 << 53) - 1;
    assert_eq!(with(&[(0, 1), (2, most)]), Ok(vec![0..1, 2..most]));
    // With the number that is found out, counted from 0.
    let lies: [(&[(u64, u64)], usize); 8] = [
        (&[(4, 6), (0, 2)], 2),
        (&[(0, 4), (2, 6)], 2),
        (&[(0, 2), (2, 6)], 2),
        (&[(0, 2), (0, 2)], 2),
        (&[(3, 3)], 0),
        (&[(3, 2)], 0),
        (&[(0, 1 << 53)], 1),
        (&[(0, u64::MAX), (u64::MAX, u64::MAX)], 1),
    ];
    for (ranges, bad) in lies {
        assert_eq!(with(ranges), Err(DecodeError::Number { offset: at + 8 * bad }), "{ranges:?}");
    }
    // A number of ranges that is not there.
    for lie in [3u64, 1 << 32, u64::MAX] {
        let mut changed = bytes.clone();
        changed[at - 8..at].copy_from_slice(&lie.to_le_bytes());
        assert!(PartialSum::from_bytes(&changed).is_err(), "{lie}");
    }
    let mut none = bytes.clone();
    none[2] = 0;
    assert_eq!(PartialSum::from_bytes(&none), Err(DecodeError::Number { offset: 2 }));
    for length in 0..bytes.len() {
        assert!(PartialSum::from_bytes(&bytes[..length]).is_err(), "{length}");
    }
}

/// A sum that claims these ranges, over so many slots.
fn claims(ranges: impl ExactSizeIterator<Item = (u64, u64)>, slots: u8) -> PartialSum {
    let mut bytes = vec![Kind::PartialSum.byte(), 2, slots];
    bytes.extend(CONTESTS[0].fingerprint().to_bytes());
    bytes.extend((ranges.len() as u64).to_le_bytes());
    bytes.extend(ranges.flat_map(|(start, end)| [start.to_le_bytes(), end.to_le_bytes()]).flatten());
    bytes.extend(vec![0; 32 * (1 + usize::from(slots))]);
    PartialSum::from_bytes(&bytes).unwrap()
}

#[test]
fn attack_15_another_number_of_slots() {
    let mut own = sum(0..3);
    let other = claims([(5, 6)].into_iter(), 1);
    assert_eq!(refuses(&own, |own| own.merge(&other)), SumError::Slots { expected: 2, actual: 1 });
    let refused = refuses(&other, |other| other.add(9, &VERIFIED[0]));
    assert_eq!(refused, SumError::Slots { expected: 1, actual: 2 });
    assert_eq!(own.merge(&claims([(5, 6)].into_iter(), 2)), Ok(()));
}

/// A million ranges far from each other, as hostile shards would make them, and everything put in from behind. Each
/// step searches among them; if it moved or went through them, these would be more than 10^11 moves, and the test
/// would not come to its end.
#[test]
fn attack_15_millions_of_far_ranges() {
    const RANGES: u32 = 1 << 20;
    const FAR: u64 = 1 << 30;
    let at =
        |number: u32, offset: u64| (u64::from(number) * FAR + offset, u64::from(number) * FAR + offset + 1);
    let mut sum = claims((0..RANGES).map(|n| at(n, 0)), 2);
    assert_eq!(sum.covered().len(), 1 << 20);
    // Ballots one by one, the last first, each a range of its own.
    let mut most = 1 << 20;
    for number in (0..RANGES).rev().step_by(8) {
        let (index, _) = at(number, 10);
        assert_eq!(sum.add(index, &VERIFIED[0]), Ok(()));
        assert_eq!(sum.add(index, &VERIFIED[0]), Err(SumError::Overlap { index }));
        most += 1;
    }
    assert_eq!(sum.covered().len(), most);
    // Sums of one ballot, and at last one with a million ranges more, all of them between those.
    for number in (0..RANGES).rev().step_by(128) {
        assert_eq!(sum.merge(&claims([at(number, 20)].into_iter(), 2)), Ok(()));
    }
    let between = claims((0..RANGES).map(|n| at(n, 30)), 2);
    assert_eq!(sum.merge(&between), Ok(()));
    assert_eq!(sum.merge(&between), Err(SumError::Overlap { index: 30 }));
    assert_eq!(sum.covered().len(), (1 << 20) + most + (1 << 13));
    assert_eq!(sum.finish(u64::from(u32::MAX)).map(|_| ()), Err(SumError::Gap { index: 1 }));
}

proptest! {
    /// Every ballot goes into one of some sums, in any order; these are merged in any order, some of them after
    /// a way over the wire.
    #[test]
    fn attack_15_any_split_and_any_order_give_the_same_tally(
        shards in prop::collection::vec(0usize..5, usize::from(BALLOTS)),
        order in Just((0..u64::from(BALLOTS)).collect::<Vec<_>>()).prop_shuffle(),
        merges in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<bool>()), 4),
    ) {
        let mut sums: Vec<_> = (0..5)
            .map(|shard| sum(order.iter().copied().filter(|index| shards[usize::try_from(*index).unwrap()] == shard)))
            .collect();
        for (one, other, over_the_wire) in merges {
            let mut one = sums.swap_remove(one.index(sums.len()));
            let other = other.index(sums.len());
            let other = &mut sums[other];
            if over_the_wire {
                one = PartialSum::from_bytes(&one.to_bytes()).unwrap();
            }
            other.merge(&one).unwrap();
            // A shard that comes twice is noticed, unless it held nothing.
            if let Some(first) = one.covered().next() {
                prop_assert_eq!(other.merge(&one), Err(SumError::Overlap { index: first.start }));
            }
        }
        prop_assert_eq!(sums.len(), 1);
        prop_assert_eq!(sums.remove(0).finish(BALLOTS.into()), Ok(whole()));
    }
}
