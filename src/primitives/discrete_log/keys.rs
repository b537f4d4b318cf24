//! Where baby steps are looked up: a hash table of eight bytes a slot.

use alloc::vec;
use alloc::vec::Vec;

use curve25519_dalek::ristretto::RistrettoPoint;

/// Most slots of a table: 16 MB.
const MOST_SLOTS: u64 = 2_000_000;
/// Most entries: three slots in four, so that looking up what is not there stays short.
pub(super) const MOST_ENTRIES: u64 = MOST_SLOTS / 4 * 3;
/// Bits of a slot that hold an index plus one. The others hold part of the key.
const INDEX_BITS: u32 = 21;
const INDEX_MASK: u64 = (1 << INDEX_BITS) - 1;

/// Eight bytes that stand for the double of each point: `2X = 2Y` exactly when `X = Y`, the group's order
/// being odd, and encoding doubles shares one field inversion among all of them, which costs a seventh of
/// encoding the points one by one.
pub(super) fn keys(points: &[RistrettoPoint]) -> impl Iterator<Item = u64> + use<> {
    RistrettoPoint::double_and_compress_batch(points)
        .into_iter()
        .map(|encoding| encoding.to_bytes().first_chunk().map_or(0, |head| u64::from_le_bytes(*head)))
}

/// Indices by key, with linear probing. A key's high bits say where it stands, its low bits stand in the
/// slot: other keys are taken for it about once in 2^40 times, so what is found wants a check.
#[derive(Clone)]
pub(super) struct Keys {
    /// `key << INDEX_BITS | index + 1`, or 0 where nothing is.
    slots: Vec<u64>,
}

impl Keys {
    /// Room for so many entries, at most [`MOST_ENTRIES`].
    pub(super) fn with_capacity(entries: u64) -> Self {
        let slots = (entries.min(MOST_ENTRIES) * 4).div_ceil(3).max(2);
        Keys { slots: vec![0; usize::try_from(slots).unwrap_or(usize::MAX)] }
    }

    /// To be called at most as often as there is room, with an index below [`MOST_ENTRIES`].
    pub(super) fn insert(&mut self, key: u64, index: u64) {
        let home = self.home(key);
        let (before, after) = self.slots.split_at_mut(home);
        if let Some(free) = after.iter_mut().chain(before).find(|slot| **slot == 0) {
            *free = (key << INDEX_BITS) | (index + 1);
        }
    }

    /// Indices that may have been inserted with this key, among them all that were.
    pub(super) fn get(&self, key: u64) -> impl Iterator<Item = u64> + '_ {
        let (before, after) = self.slots.split_at(self.home(key));
        let tag = key << INDEX_BITS;
        after
            .iter()
            .chain(before)
            .take_while(|slot| **slot != 0)
            .filter(move |slot| **slot & !INDEX_MASK == tag)
            .map(|slot| (slot & INDEX_MASK) - 1)
    }

    pub(super) fn slots(&self) -> usize {
        self.slots.len()
    }

    /// The slot where looking for a key begins; below the number of slots.
    fn home(&self, key: u64) -> usize {
        let slots = u128::try_from(self.slots.len()).unwrap_or(0);
        usize::try_from((u128::from(key) * slots) >> 64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_entries_are_found_in_a_full_table_and_past_its_end() {
        for entries in [1, 2, 3, 100] {
            for key in [0, 1, u64::MAX - 5, u64::MAX] {
                let mut table = Keys::with_capacity(entries);
                for index in 0..entries {
                    table.insert(key ^ (index % 2), index);
                }
                let even: Vec<_> = table.get(key).collect();
                assert_eq!(even, (0..entries).step_by(2).collect::<Vec<_>>());
                assert_eq!(table.get(key ^ 2).count(), 0);
            }
        }
    }

    #[test]
    fn the_largest_table_has_16_megabytes_and_holds_its_indices() {
        assert_eq!(Keys::with_capacity(MOST_ENTRIES).slots() * size_of::<u64>(), 16_000_000);
        const { assert!(MOST_ENTRIES < INDEX_MASK) };
        let mut table = Keys::with_capacity(MOST_ENTRIES);
        table.insert(u64::MAX, MOST_ENTRIES - 1);
        assert_eq!(table.get(u64::MAX).collect::<Vec<_>>(), [MOST_ENTRIES - 1]);
    }
}
