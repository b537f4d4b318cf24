//! The first flaws of many: a box of bad ballots must not make a report larger than itself.

use alloc::vec::Vec;
use core::fmt;

use super::BoxFlaw;
use crate::primitives::text::count;

/// How many flaws of a step are told one by one. Of the others their number is.
pub(crate) const MOST_FLAWS: usize = 20;

/// The first flaws of ballots, in order of the ballots, and how many more there are.
///
/// Whatever order flaws come in, and in however many parts of the box they were looked for, the same are kept and
/// the same number is left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FirstFlaws {
    /// At most [`MOST_FLAWS`], ascending.
    first: Vec<BoxFlaw>,
    more: u64,
}

impl FirstFlaws {
    pub(crate) fn push(&mut self, flaw: BoxFlaw) {
        let place = self.first.partition_point(|other| other.order() <= flaw.order());
        if place >= MOST_FLAWS {
            self.more = self.more.saturating_add(1);
            return;
        }
        self.first.insert(place, flaw);
        if self.first.len() > MOST_FLAWS {
            self.first.truncate(MOST_FLAWS);
            self.more = self.more.saturating_add(1);
        }
    }

    /// Those of another part of the box, or of another kind.
    pub(crate) fn merge(&mut self, other: FirstFlaws) {
        let FirstFlaws { first, more } = other;
        first.into_iter().for_each(|flaw| self.push(flaw));
        self.more = self.more.saturating_add(more);
    }

    /// Flaws in order, at most so many as are told, and the number of the others.
    pub(crate) fn from_parts(first: Vec<BoxFlaw>, more: u64) -> Self {
        FirstFlaws { first, more }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// How many there are in all.
    pub(crate) fn count(&self) -> u64 {
        u64::try_from(self.first.len()).unwrap_or(u64::MAX).saturating_add(self.more)
    }

    pub(crate) fn first(&self) -> &[BoxFlaw] {
        &self.first
    }

    pub(crate) fn first_mut(&mut self) -> &mut [BoxFlaw] {
        &mut self.first
    }

    /// How many there are beyond the first.
    pub(crate) fn more(&self) -> u64 {
        self.more
    }
}

impl FromIterator<BoxFlaw> for FirstFlaws {
    fn from_iter<I: IntoIterator<Item = BoxFlaw>>(flaws: I) -> Self {
        let mut first = FirstFlaws::default();
        flaws.into_iter().for_each(|flaw| first.push(flaw));
        first
    }
}

/// What is wrong with a box: of each step of the audit what concerns the whole, then the first flaws of ballots, and
/// the number of the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoxFlaws {
    flaws: Vec<BoxFlaw>,
    more: u64,
}

impl BoxFlaws {
    pub(super) fn none() -> Self {
        BoxFlaws { flaws: Vec::new(), more: 0 }
    }

    pub(super) fn one(flaw: BoxFlaw) -> Self {
        BoxFlaws { flaws: alloc::vec![flaw], more: 0 }
    }

    /// What a step has found: of the whole, and of its ballots.
    pub(super) fn push_step(&mut self, whole: impl IntoIterator<Item = BoxFlaw>, ballots: &FirstFlaws) {
        self.flaws.extend(whole);
        self.flaws.extend(ballots.first());
        self.more = self.more.saturating_add(ballots.more());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.flaws.is_empty() && self.more == 0
    }

    /// The flaws, in the order of the audit's steps; of the ballots in each step the first twenty.
    #[must_use]
    pub fn as_slice(&self) -> &[BoxFlaw] {
        &self.flaws
    }

    /// How many more there are.
    #[must_use]
    pub fn more(&self) -> u64 {
        self.more
    }
}

impl fmt::Display for BoxFlaws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, rest)) = self.flaws.split_first() else { return f.write_str("no flaw") };
        let others = u64::try_from(rest.len()).unwrap_or(u64::MAX).saturating_add(self.more);
        match others {
            0 => first.fmt(f),
            others => write!(f, "{first} (and {})", count(others, "more flaw")),
        }
    }
}

impl core::error::Error for BoxFlaws {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Some flaws of a ballot, told apart by kind.
    fn flaw((ballot, kind): (usize, u8)) -> BoxFlaw {
        match kind {
            0 => BoxFlaw::UnknownCredential { ballot },
            1 => BoxFlaw::RepeatedCredential { ballot, earlier: 0 },
            _ => BoxFlaw::RepeatedNonce { ballot, earlier: 0 },
        }
    }

    proptest! {
        /// Against all of them, sorted.
        #[test]
        fn the_first_are_kept_whatever_order_and_parts_they_come_in(
            found in prop::collection::btree_set((0usize..60, 0u8..3), 0..80),
            shuffle in prop::collection::vec(any::<u64>(), 80),
            cut in 0usize..80,
        ) {
            let mut sorted: Vec<_> = found.iter().copied().collect();
            sorted.sort_unstable();
            let expected: Vec<_> = sorted.iter().take(MOST_FLAWS).copied().map(flaw).collect();
            let mut shuffled: Vec<_> = sorted.iter().copied().zip(shuffle).collect();
            shuffled.sort_unstable_by_key(|(_, place)| *place);
            let (one, other) = shuffled.split_at(cut.min(shuffled.len()));
            let of = |part: &[((usize, u8), u64)]| part.iter().map(|(f, _)| flaw(*f)).collect::<FirstFlaws>();
            for (mut whole, part) in [(of(one), of(other)), (of(other), of(one))] {
                whole.merge(part);
                prop_assert_eq!(whole.first(), &expected[..]);
                prop_assert_eq!(whole.more(), (sorted.len() - expected.len()) as u64);
            }
        }
    }
}
