//! Sums of ballots: added up while they are sealed.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::traits::Identity;

use super::{Ballot, Ciphertext, VerifiedBallot};
use crate::contest::{Contest, Fingerprint};
use crate::primitives::form::named_form;
use crate::primitives::group::{Element, concat};
use crate::primitives::messages::messages;
use crate::primitives::text;
use crate::primitives::wire::{DecodeError, INTEGER_LIMIT, Kind, Reader, form};

/// The sum of some of a box's ballots: `Σ R` and `Σ C_j`, with the ranges of ballots it covers.
///
/// Sums are not idempotent, so each knows which ballots are in it: it refuses a ballot that it holds
/// already, and two merge only when they share none. A shard that is counted twice after a retry is an
/// error, not a wrong result. When a sum covers every ballot it becomes a [`SealedTally`].
///
/// Cost of adding a ballot: `J + 1` point additions, and a search among the ranges, which takes time that grows
/// with the logarithm of their number.
#[derive(Clone, PartialEq, Eq)]
pub struct PartialSum {
    contest: Fingerprint,
    covered: Ranges,
    nonce: RistrettoPoint,
    slots: Vec<RistrettoPoint>,
}

impl PartialSum {
    /// A sum of no ballots.
    #[must_use]
    pub fn new(contest: &Contest) -> Self {
        PartialSum {
            contest: contest.fingerprint(),
            covered: Ranges::default(),
            nonce: RistrettoPoint::identity(),
            slots: alloc::vec![RistrettoPoint::identity(); contest.layout().slots()],
        }
    }

    /// Adds the ballot with this index in the box, from 0.
    ///
    /// # Errors
    ///
    /// [`SumError::ForeignContest`], [`SumError::Slots`] when the sum was read from bytes with another
    /// number of slots, [`SumError::Index`] when a box with such a ballot would have 2^53 or more, or
    /// [`SumError::Overlap`] when the ballot is in the sum already. Nothing is changed then.
    pub fn add(&mut self, index: u64, ballot: &VerifiedBallot) -> Result<(), SumError> {
        self.add_ciphertext(index, ballot.contest(), ballot.ciphertext())
    }

    /// Adds a ballot whose proof may not hold: an audit compares sums of whatever ballots there are, and fails
    /// for the proof elsewhere.
    pub(crate) fn add_unproven(&mut self, index: u64, ballot: &Ballot) -> Result<(), SumError> {
        self.add_ciphertext(index, ballot.contest, &ballot.ciphertext)
    }

    fn add_ciphertext(
        &mut self,
        index: u64,
        contest: Fingerprint,
        ciphertext: &Ciphertext,
    ) -> Result<(), SumError> {
        self.check_addend(contest, ciphertext.slots.len())?;
        let end = index.saturating_add(1);
        if end >= INTEGER_LIMIT {
            return Err(SumError::Index { index });
        }
        self.covered.check(&(index..end))?;
        self.covered.insert(index..end);
        self.add_points(&ciphertext.nonce, &ciphertext.slots);
        Ok(())
    }

    /// Adds another sum, of other ballots of the same contest.
    ///
    /// Its ranges are searched for one by one, so that a small sum is merged into a large one quickly, whatever
    /// order the sums come in.
    ///
    /// # Errors
    ///
    /// [`SumError::ForeignContest`], [`SumError::Slots`] or [`SumError::Overlap`]. Nothing is changed
    /// then.
    pub fn merge(&mut self, other: &PartialSum) -> Result<(), SumError> {
        self.check_addend(other.contest, other.slots.len())?;
        other.covered().try_for_each(|range| self.covered.check(&range))?;
        other.covered().for_each(|range| self.covered.insert(range));
        self.add_points(&other.nonce, &other.slots);
        Ok(())
    }

    fn add_points(&mut self, nonce: &RistrettoPoint, slots: &[RistrettoPoint]) {
        self.nonce += nonce;
        for (sum, slot) in self.slots.iter_mut().zip(slots) {
            *sum += slot;
        }
    }

    /// The ranges of ballots in the sum: half-open, ascending, apart from each other.
    pub fn covered(&self) -> impl ExactSizeIterator<Item = Range<u64>> + '_ {
        self.covered.0.iter().map(|(start, end)| *start..*end)
    }

    /// The contest whose ballots these are.
    #[must_use]
    pub fn contest(&self) -> Fingerprint {
        self.contest
    }

    /// The sum of a whole box of `count` ballots.
    ///
    /// # Errors
    ///
    /// [`SumError::Gap`] when a ballot is missing, [`SumError::Beyond`] when there is one too many.
    pub fn finish(self, count: u64) -> Result<SealedTally, SumError> {
        let covered_from_zero = self.covered.0.get(&0).copied().unwrap_or(0);
        if covered_from_zero < count {
            return Err(SumError::Gap { index: covered_from_zero });
        }
        let end = self.covered.0.last_key_value().map_or(0, |(_, end)| *end);
        if end > count {
            return Err(SumError::Beyond { index: end.saturating_sub(1), count });
        }
        Ok(SealedTally {
            count,
            nonce: self.nonce.into(),
            sums: self.slots.into_iter().map(Element::from).collect(),
        })
    }

    /// The form's kind and version, then
    /// `J ‖ fingerprint ‖ LE64(ranges) ‖ (LE64(start) ‖ LE64(end))… ‖ ΣR ‖ ΣC_1 … ΣC_J`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = form(Kind::PartialSum);
        bytes.push(u8::try_from(self.slots.len()).unwrap_or(u8::MAX));
        bytes.extend(self.contest.to_bytes());
        bytes.extend(u64::try_from(self.covered.0.len()).unwrap_or(u64::MAX).to_le_bytes());
        for Range { start, end } in self.covered() {
            bytes.extend(start.to_le_bytes());
            bytes.extend(end.to_le_bytes());
        }
        let points = core::iter::once(&self.nonce).chain(&self.slots);
        bytes.extend(points.flat_map(|point| point.compress().to_bytes()));
        bytes
    }

    /// Reads what [`PartialSum::to_bytes`] gave. Nothing in it shows that its ballots were verified: it is as good as who
    /// wrote it.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset, also when the ranges are empty, unsorted, or touch.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::PartialSum, bytes)?;
        let offset = reader.offset();
        let slots = match reader.byte()? {
            0 => return Err(DecodeError::Number { offset }),
            slots => usize::from(slots),
        };
        let contest = Fingerprint::from_bytes(*reader.array()?);
        let offset = reader.offset();
        let ranges = usize::try_from(reader.number()?).map_err(|_| DecodeError::Number { offset })?;
        // The least start of the next range; the first may begin at 0.
        let mut free_from = 0;
        let covered = reader.many(ranges, 16, |reader| {
            let offset = reader.offset();
            let (start, end) = (reader.integer()?, reader.integer()?);
            if start < free_from || end <= start {
                return Err(DecodeError::Number { offset });
            }
            free_from = end.saturating_add(1);
            Ok((start, end))
        })?;
        let covered = Ranges(covered.into_iter().collect());
        let nonce = *reader.sum()?.point();
        let slots = reader.many(slots, 32, |reader| reader.sum().map(|sum| *sum.point()))?;
        reader.finish()?;
        Ok(PartialSum { contest, covered, nonce, slots })
    }

    /// A sum that was read from bytes can name a contest and have another number of slots.
    fn check_addend(&self, contest: Fingerprint, slots: usize) -> Result<(), SumError> {
        if contest != self.contest {
            return Err(SumError::ForeignContest { expected: self.contest, actual: contest });
        }
        if slots != self.slots.len() {
            return Err(SumError::Slots { expected: self.slots.len(), actual: slots });
        }
        Ok(())
    }
}

named_form!(PartialSum: "partial-sum", DecodeError);

impl fmt::Debug for PartialSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartialSum")
            .field("contest", &self.contest)
            .field("covered", &self.covered)
            .finish_non_exhaustive()
    }
}

/// Half-open ranges that are not empty and neither overlap nor touch: each one's end by its start.
#[derive(Clone, Default, PartialEq, Eq)]
struct Ranges(BTreeMap<u64, u64>);

impl Ranges {
    /// That nothing of a range is in here.
    fn check(&self, range: &Range<u64>) -> Result<(), SumError> {
        if self.0.range(..range.start).next_back().is_some_and(|(_, end)| *end > range.start) {
            return Err(SumError::Overlap { index: range.start });
        }
        match self.0.range(range.clone()).next() {
            Some((start, _)) => Err(SumError::Overlap { index: *start }),
            None => Ok(()),
        }
    }

    /// Puts in a range of which nothing is in here, and joins it to what it touches.
    fn insert(&mut self, range: Range<u64>) {
        let end = self.0.remove(&range.end).unwrap_or(range.end);
        match self.0.range_mut(..range.start).next_back() {
            Some((_, before)) if *before == range.start => *before = end,
            _ => {
                self.0.insert(range.start, end);
            }
        }
    }
}

impl fmt::Debug for Ranges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(start, end)| *start..*end)).finish()
    }
}

/// The sum of all ballots of a box, still sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedTally {
    count: u64,
    nonce: Element,
    /// One a slot.
    sums: Vec<Element>,
}

impl SealedTally {
    /// How many ballots were added.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The encoding of `ΣR`.
    #[must_use]
    pub fn nonce(&self) -> [u8; 32] {
        *self.nonce.encoding()
    }

    /// The encodings of `ΣC_1 … ΣC_J`.
    #[must_use]
    pub fn sums(&self) -> Vec<[u8; 32]> {
        self.sums.iter().map(|sum| *sum.encoding()).collect()
    }

    pub(crate) fn nonce_element(&self) -> &Element {
        &self.nonce
    }

    pub(crate) fn sum_elements(&self) -> &[Element] {
        &self.sums
    }

    /// `ΣR ‖ ΣC_1 … ΣC_J`.
    pub(crate) fn encodings(&self) -> Vec<u8> {
        concat(core::iter::once(&self.nonce).chain(&self.sums))
    }
}

/// Why ballots or sums cannot be added.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SumError {
    /// The ballot or sum belongs to another contest.
    ForeignContest {
        /// The contest of the sum.
        expected: Fingerprint,
        /// The contest of what was to be added.
        actual: Fingerprint,
    },
    /// The sums are over different numbers of slots.
    Slots {
        /// Slots of the sum.
        expected: usize,
        /// Slots of what was to be added.
        actual: usize,
    },
    /// A ballot is in the sum already.
    Overlap {
        /// Its index, or the first of several.
        index: u64,
    },
    /// A ballot is missing.
    Gap {
        /// The first that is.
        index: u64,
    },
    /// A ballot lies beyond the end of the box.
    Beyond {
        /// The last such.
        index: u64,
        /// How many ballots the box has.
        count: u64,
    },
    /// An index is so large that the number of ballots would not be below 2^53.
    Index {
        /// The index.
        index: u64,
    },
}

messages! { SumError: "sum";
    ForeignContest { expected, actual } => "foreign-contest", "made for contest {actual}, not for {expected}";
    Slots { expected, actual } => "slots", "a sum over {}, not {expected}", text::count(*actual, "slot");
    Overlap { index } => "overlap", "ballot {} is in the sum already", text::nth(*index);
    Gap { index } => "gap", "ballot {} is missing from the sum", text::nth(*index);
    Beyond { index, count } => "beyond",
        "the sum holds ballot {} of a box with {}", text::nth(*index), text::count(*count, "ballot");
    Index { index } => "index", "ballot {}: a box has fewer than 2^53 ballots", text::nth(*index);
}

impl core::error::Error for SumError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ballot::{Ballot, Choice, SealedBallot};
    use crate::test_support::{Dealt, rng};
    use alloc::collections::BTreeSet;
    use proptest::prelude::*;

    fn one_ballot(dealt: &Dealt) -> VerifiedBallot {
        let sealed = SealedBallot::seal(&dealt.contest, Choice::Blank, &dealt.credential(1), &mut rng(1));
        let contest = dealt.contest.contest();
        Ballot::from_bytes(contest, &sealed.unwrap().cast()).unwrap().verify(contest).unwrap()
    }

    #[test]
    fn attack_15_sums_with_another_number_of_slots_are_not_added() {
        let dealt = Dealt::simple(3, 1);
        let mut sum = PartialSum::new(dealt.contest.contest());
        // The same fingerprint with one slot less, as a broken shard could send it.
        let mut bytes = sum.to_bytes();
        bytes[2] = 1;
        bytes.truncate(bytes.len() - 32);
        let mut lying = PartialSum::from_bytes(&bytes).unwrap();
        assert_eq!(sum.merge(&lying), Err(SumError::Slots { expected: 2, actual: 1 }));

        let ballot = one_ballot(&dealt);
        assert_eq!(lying.add(0, &ballot), Err(SumError::Slots { expected: 1, actual: 2 }));
        assert_eq!(sum.add(0, &ballot), Ok(()));
    }

    /// Every second ballot of a box that somebody filled with bad ones: as many ranges as ballots. Work that
    /// grew with the ranges at each of them would take minutes, whichever order they come in, and so would
    /// it where one far ballot after the other is merged.
    #[test]
    fn attack_15_a_sum_with_many_gaps_takes_no_longer_for_each_ballot() {
        let dealt = Dealt::simple(1, 1);
        let contest = dealt.contest.contest();
        let ballot = one_ballot(&dealt);
        let last = 1 << 18;
        let ascending = || (0u64..last / 2 + 1).map(|half| 2 * half);
        let mut sum = PartialSum::new(contest);
        ascending().for_each(|index| sum.add(index, &ballot).unwrap());
        let mut backwards = PartialSum::new(contest);
        let mut merged = PartialSum::new(contest);
        for index in ascending().rev() {
            backwards.add(index, &ballot).unwrap();
            let mut one = PartialSum::new(contest);
            one.add(index, &ballot).unwrap();
            merged.merge(&one).unwrap();
        }
        assert!(sum == backwards && sum == merged);
        assert_eq!(sum.covered().len(), (1 << 17) + 1);
        assert_eq!(sum.covered().last(), Some(last..last + 1));
        // Back into a gap, next to the end, and where a ballot is already.
        assert_eq!(sum.add(1, &ballot), Ok(()));
        assert_eq!(sum.add(last - 1, &ballot), Ok(()));
        assert_eq!(sum.covered().next(), Some(0..3));
        assert_eq!(sum.covered().last(), Some(last - 2..last + 1));
        for index in [0, 2, last] {
            assert_eq!(sum.add(index, &ballot), Err(SumError::Overlap { index }));
        }
        assert_eq!(sum.covered().len(), (1 << 17) - 1);
    }

    /// A box has fewer than 2^53 ballots, so its last index is at most 2^53 − 2.
    #[test]
    fn indices_and_ranges_stay_below_the_limit() {
        let dealt = Dealt::simple(1, 1);
        let ballot = one_ballot(&dealt);
        let mut sum = PartialSum::new(dealt.contest.contest());
        for index in [INTEGER_LIMIT - 1, INTEGER_LIMIT, u64::MAX] {
            assert_eq!(sum.add(index, &ballot), Err(SumError::Index { index }));
        }
        assert_eq!(sum.add(INTEGER_LIMIT - 2, &ballot), Ok(()));
        let bytes = sum.to_bytes();
        assert_eq!(PartialSum::from_bytes(&bytes), Ok(sum));
        // The range's end, moved up by one.
        let mut beyond = bytes.clone();
        beyond[51..59].copy_from_slice(&INTEGER_LIMIT.to_le_bytes());
        assert_eq!(PartialSum::from_bytes(&beyond), Err(DecodeError::Number { offset: 51 }));
    }

    #[test]
    fn a_sum_is_finished_when_it_covers_the_box_and_no_more() {
        let dealt = Dealt::simple(1, 1);
        let ballot = one_ballot(&dealt);
        let of = |indices: &[u64]| {
            let mut sum = PartialSum::new(dealt.contest.contest());
            indices.iter().for_each(|index| sum.add(*index, &ballot).unwrap());
            sum
        };
        assert_eq!(of(&[]).finish(0).unwrap().count(), 0);
        assert_eq!(of(&[1, 0]).finish(2).unwrap().count(), 2);
        assert_eq!(of(&[]).finish(1), Err(SumError::Gap { index: 0 }));
        assert_eq!(of(&[1]).finish(1), Err(SumError::Gap { index: 0 }));
        assert_eq!(of(&[0, 2]).finish(3), Err(SumError::Gap { index: 1 }));
        assert_eq!(of(&[0, 1]).finish(1), Err(SumError::Beyond { index: 1, count: 1 }));
        assert_eq!(of(&[0, 5]).finish(1), Err(SumError::Beyond { index: 5, count: 1 }));
        assert_eq!(of(&[5]).finish(0), Err(SumError::Beyond { index: 5, count: 0 }));
    }

    proptest! {
        /// Against a plain set of numbers.
        #[test]
        fn ranges_are_what_was_put_in(inserted in prop::collection::vec((0u64..60, 1u64..8), 0..30)) {
            let (mut ranges, mut model) = (Ranges::default(), BTreeSet::new());
            for (start, length) in inserted {
                let range = start..start + length;
                match range.clone().find(|number| model.contains(number)) {
                    Some(index) => prop_assert_eq!(ranges.check(&range), Err(SumError::Overlap { index })),
                    None => {
                        prop_assert_eq!(ranges.check(&range), Ok(()));
                        model.extend(range.clone());
                        ranges.insert(range);
                    }
                }
                let numbers = ranges.0.iter().flat_map(|(start, end)| *start..*end);
                prop_assert!(numbers.eq(model.iter().copied()));
                // Neighbours never touch.
                let gaps = ranges.0.iter().zip(ranges.0.keys().skip(1)).all(|((_, end), next)| end < next);
                prop_assert!(gaps);
            }
        }
    }
}
