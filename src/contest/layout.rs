//! Where lists stand in a ballot: several share a slot, each with a weight of its own.

use alloc::vec::Vec;
use core::num::NonZeroU8;

use super::ContestError;

/// `(capacity + 1)^κ` is at most this, so that a slot's total is found.
const MOST_COMBINATIONS: u64 = 1 << 48;
/// By default two lists share a slot where `(capacity + 1)²` is at most this.
const MOST_COMBINATIONS_BY_DEFAULT: u64 = 1 << 40;

/// How many lists share a ciphertext slot, `κ`, at least 1.
///
/// More lists a slot make ballots smaller and faster; the price is a longer search for the totals, and the
/// limit `(capacity + 1)^κ ≤ 2^48`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Packing(NonZeroU8);

impl Packing {
    /// One list a slot.
    pub const ONE: Packing = Packing(NonZeroU8::MIN);

    /// `None` for 0.
    #[must_use]
    pub fn new(lists: u8) -> Option<Self> {
        NonZeroU8::new(lists).map(Packing)
    }

    /// How many lists share a slot.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0.get()
    }

    /// Two lists a slot where there are two lists and the capacity is not too large, else one.
    fn by_default(lists: u8, capacity: u64) -> Self {
        let combinations = base(capacity).checked_pow(2);
        let fits = combinations.is_some_and(|all| all <= MOST_COMBINATIONS_BY_DEFAULT);
        if lists >= 2 && fits { Packing(NonZeroU8::MIN.saturating_add(1)) } else { Packing::ONE }
    }
}

/// `M`, which no number of votes reaches.
fn base(capacity: u64) -> u64 {
    capacity.saturating_add(1)
}

/// Slots and weights of a contest: list `i` stands in slot `⌈i/κ⌉` with the weight `M^((i−1) mod κ)`, where
/// `M = capacity + 1`. There are `J = ⌈L/κ⌉` slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    lists: u8,
    packing: Packing,
    capacity: u64,
    /// `1, M, …, M^(κ−1)`.
    weights: Vec<u64>,
}

impl Layout {
    /// Checks capacity and packing; without one, the default is taken.
    pub(super) fn new(lists: u8, capacity: u64, packing: Option<Packing>) -> Result<Self, ContestError> {
        if capacity == 0 || capacity >= MOST_COMBINATIONS {
            return Err(ContestError::Capacity { actual: capacity });
        }
        let packing = packing.unwrap_or_else(|| Packing::by_default(lists, capacity));
        let error = ContestError::Packing { lists, capacity, actual: packing.get() };
        let combinations = base(capacity).checked_pow(packing.get().into());
        if packing.get() > lists || combinations.is_none_or(|all| all > MOST_COMBINATIONS) {
            return Err(error);
        }
        let weights = (0..u32::from(packing.get())).map_while(|k| base(capacity).checked_pow(k)).collect();
        Ok(Layout { lists, packing, capacity, weights })
    }

    /// How many lists there are, `L`.
    #[must_use]
    pub fn lists(&self) -> u8 {
        self.lists
    }

    /// How many lists share a slot, `κ`.
    #[must_use]
    pub fn packing(&self) -> Packing {
        self.packing
    }

    /// How many ballots can be counted at the most.
    #[must_use]
    pub fn capacity(&self) -> u64 {
        self.capacity
    }

    /// `M = capacity + 1`.
    #[must_use]
    pub fn base(&self) -> u64 {
        base(self.capacity)
    }

    /// How many slots there are, `J`.
    #[must_use]
    pub fn slots(&self) -> usize {
        usize::from(self.lists.div_ceil(self.packing.get()))
    }

    /// The weights inside a slot: `1, M, …, M^(κ−1)`. The last slot may use only the first of them.
    #[must_use]
    pub fn weights(&self) -> &[u64] {
        &self.weights
    }

    /// Something of every list, in order, cut into the slots in which the lists stand.
    pub(crate) fn slices<'a, T>(&self, of_lists: &'a [T]) -> core::slice::Chunks<'a, T> {
        of_lists.chunks(self.packing.get().into())
    }

    /// For every slot, in order, the numbers of its lists with their weights.
    pub(crate) fn lists_of_slots(
        &self,
    ) -> impl Iterator<Item = impl Iterator<Item = (u8, u64)> + Clone + '_> + Clone + '_ {
        (1..=self.lists).step_by(self.packing.get().into()).map(|first| {
            let in_slot = (first..=self.lists).take(self.packing.get().into());
            in_slot.zip(self.weights.iter().copied())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn layout(lists: u8, capacity: u64, packing: u8) -> Result<Layout, ContestError> {
        Layout::new(lists, capacity, Packing::new(packing))
    }

    #[test]
    fn lists_stand_in_slots_with_powers_of_the_base() {
        let slots = |lists, capacity, packing| -> Vec<Vec<_>> {
            layout(lists, capacity, packing).unwrap().lists_of_slots().map(Iterator::collect).collect()
        };
        assert_eq!(slots(5, 9, 2), [vec![(1, 1), (2, 10)], vec![(3, 1), (4, 10)], vec![(5, 1)]]);
        assert_eq!(slots(4, 9, 4), [[(1, 1), (2, 10), (3, 100), (4, 1000)]]);
        assert_eq!(slots(2, 9, 1), [[(1, 1)], [(2, 1)]]);
        for (lists, packing, expected) in [(5, 2, 3), (6, 2, 3), (255, 1, 255), (255, 2, 128), (1, 1, 1)] {
            let layout = layout(lists, 9, packing).unwrap();
            assert_eq!(layout.slots(), expected);
            assert_eq!(layout.lists_of_slots().count(), expected);
            let all: Vec<u8> = (1..=lists).collect();
            assert_eq!(layout.slices(&all).len(), expected);
        }
    }

    #[test]
    fn packing_and_capacity_have_limits() {
        for capacity in [0, MOST_COMBINATIONS, u64::MAX] {
            assert_eq!(layout(2, capacity, 1), Err(ContestError::Capacity { actual: capacity }));
        }
        assert!(layout(2, MOST_COMBINATIONS - 1, 1).is_ok());
        // 2^24 squared is 2^48.
        assert!(layout(2, (1 << 24) - 1, 2).is_ok());
        for (lists, capacity, actual) in
            [(2, 1 << 24, 2), (2, 9, 3), (255, 1, 49), (64, 1, 64), (255, 9, 255)]
        {
            let refused = ContestError::Packing { lists, capacity, actual };
            assert_eq!(layout(lists, capacity, actual), Err(refused));
        }
        assert!(layout(48, 1, 48).is_ok());
    }

    #[test]
    fn two_lists_share_a_slot_by_default_where_they_fit() {
        let default = |lists, capacity| Layout::new(lists, capacity, None).unwrap().packing().get();
        assert_eq!(default(1, 400), 1);
        assert_eq!(default(2, 400), 2);
        assert_eq!(default(12, (1 << 20) - 1), 2);
        assert_eq!(default(12, 1 << 20), 1);
        assert_eq!(default(12, MOST_COMBINATIONS - 1), 1);
    }
}
