//! The homomorphic tally: ballots added up while they are sealed.

use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::traits::Identity;

use crate::ballot::VerifiedBallot;
use crate::contest::{Contest, Fingerprint, INTEGER_LIMIT};
use crate::primitives::group::{Element, concat};
use crate::primitives::hash::length_of;
use crate::primitives::labels;
use crate::primitives::wire::{DecodeError, Reader, serde_bytes};

/// The sum of some of a box's ballots: `Σ R` and `Σ C_i`, with the ranges of ballots it covers.
///
/// Sums are not idempotent, so each knows which ballots are in it: it refuses a ballot that it holds
/// already, and two merge only when they share none. A shard that is counted twice after a retry is an
/// error, not a wrong result. When a sum covers every ballot it becomes a [`SealedTally`].
///
/// Cost of adding a ballot: `L + 1` point additions. One that lies before others costs time linear in the
/// number of ranges too.
#[derive(Clone, PartialEq, Eq)]
pub struct PartialSum {
    contest: Fingerprint,
    /// Half-open, sorted, apart from each other.
    covered: Vec<Range<u64>>,
    nonce: RistrettoPoint,
    choices: Vec<RistrettoPoint>,
}

impl PartialSum {
    /// A sum of no ballots.
    #[must_use]
    pub fn new(contest: &Contest) -> Self {
        PartialSum {
            contest: contest.fingerprint(),
            covered: Vec::new(),
            nonce: RistrettoPoint::identity(),
            choices: alloc::vec![RistrettoPoint::identity(); contest.lists().into()],
        }
    }

    /// Adds the ballot with this index in the box, from 0.
    ///
    /// # Errors
    ///
    /// [`TallyError::ForeignContest`], [`TallyError::Lists`] when the sum was read from bytes with another
    /// number of lists, [`TallyError::Overlap`] when the ballot is in the sum already, or
    /// [`TallyError::Index`] when a box with such a ballot would have 2^53 or more. Nothing is changed then.
    pub fn add(&mut self, index: u64, ballot: &VerifiedBallot) -> Result<(), TallyError> {
        self.check_addend(ballot.contest(), ballot.ciphertext().choices.len())?;
        let end = index.saturating_add(1);
        if end >= INTEGER_LIMIT {
            return Err(TallyError::Index { index });
        }
        // The union would give the same for the next ballot in order, and takes longer.
        match self.covered.last_mut() {
            Some(last) if last.end == index => last.end = end,
            Some(last) if last.end > index => {
                self.covered = union(&self.covered, core::slice::from_ref(&(index..end)))?;
            }
            _ => self.covered.push(index..end),
        }
        let ciphertext = ballot.ciphertext();
        self.nonce += ciphertext.nonce;
        for (sum, choice) in self.choices.iter_mut().zip(&ciphertext.choices) {
            *sum += choice;
        }
        Ok(())
    }

    /// Adds another sum, of other ballots of the same contest.
    ///
    /// # Errors
    ///
    /// [`TallyError::ForeignContest`], [`TallyError::Lists`] or [`TallyError::Overlap`]. Nothing is changed
    /// then.
    pub fn merge(&mut self, other: &PartialSum) -> Result<(), TallyError> {
        self.check_addend(other.contest, other.choices.len())?;
        self.covered = union(&self.covered, &other.covered)?;
        self.nonce += other.nonce;
        for (sum, choice) in self.choices.iter_mut().zip(&other.choices) {
            *sum += choice;
        }
        Ok(())
    }

    /// The ranges of ballots in the sum: half-open, ascending, apart from each other.
    #[must_use]
    pub fn covered(&self) -> &[Range<u64>] {
        &self.covered
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
    /// [`TallyError::Gap`] when a ballot is missing, [`TallyError::Beyond`] when there is one too many.
    pub fn finish(self, count: u64) -> Result<SealedTally, TallyError> {
        let covered_from_zero =
            self.covered.first().filter(|first| first.start == 0).map_or(0, |first| first.end);
        if covered_from_zero < count {
            return Err(TallyError::Gap { index: covered_from_zero });
        }
        if let Some(last) = self.covered.last().filter(|last| last.end > count) {
            return Err(TallyError::Beyond { index: last.end.saturating_sub(1), count });
        }
        Ok(SealedTally {
            count,
            nonce: self.nonce.into(),
            choices: self.choices.into_iter().map(Element::from).collect(),
        })
    }

    /// `01 ‖ L ‖ fingerprint ‖ LE64(ranges) ‖ (LE64(start) ‖ LE64(end))… ‖ ΣR ‖ ΣC_1 … ΣC_L`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let lists = u8::try_from(self.choices.len()).unwrap_or(u8::MAX);
        let mut bytes = alloc::vec![labels::WIRE_VERSION, lists];
        bytes.extend(self.contest.to_bytes());
        bytes.extend(length_of(&self.covered).to_le_bytes());
        for range in &self.covered {
            bytes.extend(range.start.to_le_bytes());
            bytes.extend(range.end.to_le_bytes());
        }
        let points = core::iter::once(&self.nonce).chain(&self.choices);
        bytes.extend(points.flat_map(|point| point.compress().to_bytes()));
        bytes
    }

    /// Reads what [`PartialSum::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset, also when the ranges are empty, unsorted, or touch.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::versioned(bytes)?;
        let offset = reader.offset();
        let lists = match reader.byte()? {
            0 => return Err(DecodeError::Number { offset }),
            lists => usize::from(lists),
        };
        let contest = Fingerprint::from_bytes(*reader.array()?);
        let offset = reader.offset();
        let ranges = usize::try_from(reader.number()?).map_err(|_| DecodeError::Number { offset })?;
        // Exclusive end of the range before; the first may begin at 0.
        let mut free_from = 0;
        let covered = reader.many(ranges, 16, |reader| {
            let offset = reader.offset();
            let (start, end) = (reader.integer()?, reader.integer()?);
            if start < free_from || end <= start {
                return Err(DecodeError::Number { offset });
            }
            free_from = end.saturating_add(1);
            Ok(start..end)
        })?;
        let nonce = *reader.sum()?.point();
        let choices = reader.many(lists, 32, |reader| reader.sum().map(|sum| *sum.point()))?;
        reader.finish()?;
        Ok(PartialSum { contest, covered, nonce, choices })
    }

    /// A sum that was read from bytes can name a contest and have another number of lists.
    fn check_addend(&self, contest: Fingerprint, lists: usize) -> Result<(), TallyError> {
        if contest != self.contest {
            return Err(TallyError::ForeignContest { expected: self.contest, actual: contest });
        }
        if lists != self.choices.len() {
            return Err(TallyError::Lists { expected: self.choices.len(), actual: lists });
        }
        Ok(())
    }
}

serde_bytes!(PartialSum, PartialSum::from_bytes);

impl fmt::Debug for PartialSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartialSum")
            .field("contest", &self.contest)
            .field("covered", &self.covered)
            .finish_non_exhaustive()
    }
}

/// The union of two sorted lists of ranges, coalesced; an error when they overlap.
fn union(left: &[Range<u64>], right: &[Range<u64>]) -> Result<Vec<Range<u64>>, TallyError> {
    let mut all: Vec<_> = left.iter().chain(right).cloned().collect();
    all.sort_unstable_by_key(|range| range.start);
    let mut union: Vec<Range<u64>> = Vec::with_capacity(all.len());
    for range in all {
        match union.last_mut() {
            Some(last) if range.start < last.end => return Err(TallyError::Overlap { index: range.start }),
            Some(last) if range.start == last.end => last.end = range.end,
            _ => union.push(range),
        }
    }
    Ok(union)
}

/// The sum of all ballots of a box, still sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedTally {
    count: u64,
    nonce: Element,
    choices: Vec<Element>,
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

    /// The encodings of `ΣC_1 … ΣC_L`.
    #[must_use]
    pub fn choices(&self) -> Vec<[u8; 32]> {
        self.choices.iter().map(|sum| *sum.encoding()).collect()
    }

    pub(crate) fn nonce_element(&self) -> &Element {
        &self.nonce
    }

    pub(crate) fn choice_elements(&self) -> &[Element] {
        &self.choices
    }

    /// `ΣR ‖ ΣC_1 … ΣC_L`.
    pub(crate) fn encodings(&self) -> Vec<u8> {
        concat(core::iter::once(&self.nonce).chain(&self.choices))
    }
}

/// Why ballots or sums cannot be added.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TallyError {
    /// The ballot or sum belongs to another contest.
    ForeignContest {
        /// The contest of the sum.
        expected: Fingerprint,
        /// The contest of what was to be added.
        actual: Fingerprint,
    },
    /// The sums are over different numbers of lists.
    Lists {
        /// Lists of the sum.
        expected: usize,
        /// Lists of what was to be added.
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

impl fmt::Display for TallyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TallyError::ForeignContest { expected, actual } => {
                write!(f, "made for contest {actual}, not for {expected}")
            }
            TallyError::Lists { expected, actual } => {
                write!(f, "a sum over {actual} lists where there are {expected}")
            }
            TallyError::Overlap { index } => write!(f, "ballot {index} is in the sum already"),
            TallyError::Gap { index } => write!(f, "ballot {index} is missing from the sum"),
            TallyError::Beyond { index, count } => {
                write!(f, "the sum holds ballot {index} of a box with {count} ballots")
            }
            TallyError::Index { index } => {
                write!(f, "ballot index {index}: a box has fewer than 2^53 ballots")
            }
        }
    }
}

impl core::error::Error for TallyError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ballot::{Ballot, Choice, SealedBallot};
    use crate::test_support::{Dealt, rng};

    #[test]
    fn attack_15_sums_with_another_number_of_lists_are_not_added() {
        let dealt = Dealt::new(1, 1, 2, 1);
        let mut sum = PartialSum::new(dealt.contest.contest());
        // The same fingerprint with one list less, as a broken shard could send it.
        let mut bytes = sum.to_bytes();
        bytes[1] = 1;
        bytes.truncate(bytes.len() - 32);
        let mut lying = PartialSum::from_bytes(&bytes).unwrap();
        assert_eq!(sum.merge(&lying), Err(TallyError::Lists { expected: 2, actual: 1 }));

        let sealed = SealedBallot::seal(&dealt.contest, Choice::Blank, &dealt.credential(1), &mut rng(1));
        let ballot = Ballot::from_bytes(&dealt.contest, &sealed.unwrap().cast()).unwrap();
        let ballot = ballot.verify(&dealt.contest).unwrap();
        assert_eq!(lying.add(0, &ballot), Err(TallyError::Lists { expected: 1, actual: 2 }));
        assert_eq!(sum.add(0, &ballot), Ok(()));
    }

    /// Every second ballot of a box that somebody filled with bad ones: as many ranges as ballots. Work that
    /// grew with the ranges at each of them would take minutes.
    #[test]
    fn attack_20_a_sum_with_many_gaps_is_made_in_linear_time() {
        let dealt = Dealt::new(1, 1, 1, 1);
        let sealed = SealedBallot::seal(&dealt.contest, Choice::Blank, &dealt.credential(1), &mut rng(1));
        let ballot = Ballot::from_bytes(&dealt.contest, &sealed.unwrap().cast()).unwrap();
        let ballot = ballot.verify(&dealt.contest).unwrap();
        let mut sum = PartialSum::new(dealt.contest.contest());
        let last = 1 << 19;
        for index in (0..=last).step_by(2) {
            assert_eq!(sum.add(index, &ballot), Ok(()));
        }
        assert_eq!(sum.covered().len(), (1 << 18) + 1);
        assert_eq!(sum.covered().last(), Some(&(last..last + 1)));
        // Back into a gap, next to the end, and where a ballot is already.
        assert_eq!(sum.add(1, &ballot), Ok(()));
        assert_eq!(sum.add(last - 1, &ballot), Ok(()));
        assert_eq!(sum.covered().first(), Some(&(0..3)));
        assert_eq!(sum.covered().last(), Some(&(last - 2..last + 1)));
        for index in [0, 2, last] {
            assert_eq!(sum.add(index, &ballot), Err(TallyError::Overlap { index }));
        }
        assert_eq!(sum.covered().len(), (1 << 18) - 1);
    }

    /// A box has fewer than 2^53 ballots, so its last index is at most 2^53 − 2.
    #[test]
    fn indices_and_ranges_stay_below_the_limit() {
        let dealt = Dealt::new(1, 1, 1, 1);
        let sealed = SealedBallot::seal(&dealt.contest, Choice::Blank, &dealt.credential(1), &mut rng(1));
        let ballot = Ballot::from_bytes(&dealt.contest, &sealed.unwrap().cast()).unwrap();
        let ballot = ballot.verify(&dealt.contest).unwrap();
        let mut sum = PartialSum::new(dealt.contest.contest());
        for index in [INTEGER_LIMIT - 1, INTEGER_LIMIT, u64::MAX] {
            assert_eq!(sum.add(index, &ballot), Err(TallyError::Index { index }));
        }
        assert_eq!(sum.add(INTEGER_LIMIT - 2, &ballot), Ok(()));
        let bytes = sum.to_bytes();
        assert_eq!(PartialSum::from_bytes(&bytes), Ok(sum));
        // The range's end, moved up by one.
        let mut beyond = bytes.clone();
        beyond[50..58].copy_from_slice(&INTEGER_LIMIT.to_le_bytes());
        assert_eq!(PartialSum::from_bytes(&beyond), Err(DecodeError::Number { offset: 50 }));
    }
}
