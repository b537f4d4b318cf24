//! Roots of the whole subtrees over some of a box's references: what parts of a box give of its Merkle tree.
//!
//! The tree of RFC 6962 over a box is made of whole subtrees of 2^k leaves that begin at multiples of 2^k. The root
//! of such a subtree does not depend on what lies around it, so that parts of a box can give roots of their own, a few
//! for each run of ballots, from which the root of the whole follows.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;

use super::merkle::{leaf_hash, node_hash};
use crate::primitives::wire::{DecodeError, Reader};

/// A whole subtree of `2^level` leaves. Where it begins, at a multiple of that, it is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Subtree {
    level: u32,
    root: [u8; 32],
}

impl Subtree {
    /// At most 2^53 leaves.
    fn size(&self) -> u64 {
        1u64.checked_shl(self.level).unwrap_or(u64::MAX)
    }

    fn end(&self, start: u64) -> u64 {
        start.saturating_add(self.size())
    }
}

/// The largest whole subtrees over some of the references, by where they begin: fewer than 2·53 a run of ballots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Subtrees(BTreeMap<u64, Subtree>);

impl Subtrees {
    /// Over a run of references of which the first has this index.
    pub(crate) fn of(first: u64, references: impl IntoIterator<Item = [u8; 32]>) -> Self {
        let mut subtrees = Subtrees::default();
        for (start, reference) in (first..).zip(references) {
            subtrees.insert(start, Subtree { level: 0, root: leaf_hash(&reference) });
        }
        subtrees
    }

    /// Puts in a subtree of which nothing is in here, and joins it with its neighbours to larger ones: one search for
    /// each, and one more.
    fn insert(&mut self, mut start: u64, mut new: Subtree) {
        loop {
            let sibling = start ^ new.size();
            match self.0.get(&sibling) {
                Some(other) if other.level == new.level => {
                    let (left, right) = if sibling < start { (other, &new) } else { (&new, other) };
                    let root = node_hash(&left.root, &right.root);
                    self.0.remove(&sibling);
                    start = start.min(sibling);
                    new = Subtree { level: new.level.saturating_add(1), root };
                }
                _ => break,
            }
        }
        self.0.insert(start, new);
    }

    /// That nothing of others is in here. An error is the first index that is in both.
    ///
    /// Two searches for each of the others, however many are here.
    pub(crate) fn check(&self, others: &Subtrees) -> Result<(), u64> {
        for (start, other) in &others.0 {
            let before = self.0.range(..*start).next_back();
            if before.is_some_and(|(before, subtree)| subtree.end(*before) > *start) {
                return Err(*start);
            }
            if let Some((within, _)) = self.0.range(*start..other.end(*start)).next() {
                return Err(*within);
            }
        }
        Ok(())
    }

    /// Those of another part of the box. An error is the first index that is in both; nothing is changed then.
    ///
    /// The others are searched for one by one, so that a small part is merged into a large one quickly, whatever
    /// order parts come in.
    pub(crate) fn merge(&mut self, others: Subtrees) -> Result<(), u64> {
        self.check(&others)?;
        others.0.into_iter().for_each(|(start, subtree)| self.insert(start, subtree));
        Ok(())
    }

    /// The runs of ballots that these are over: half-open, ascending, apart from each other.
    pub(crate) fn covered(&self) -> Vec<Range<u64>> {
        let mut covered: Vec<Range<u64>> = Vec::new();
        for (start, subtree) in &self.0 {
            match covered.last_mut() {
                Some(before) if before.end == *start => before.end = subtree.end(*start),
                _ => covered.push(*start..subtree.end(*start)),
            }
        }
        covered
    }

    /// LE64(runs) ‖ (LE64(start) ‖ LE64(end))… ‖ the roots of the largest whole subtrees of each run.
    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        let covered = self.covered();
        bytes.extend(u64::try_from(covered.len()).unwrap_or(u64::MAX).to_le_bytes());
        for run in covered {
            bytes.extend(run.start.to_le_bytes());
            bytes.extend(run.end.to_le_bytes());
        }
        self.0.values().for_each(|subtree| bytes.extend(subtree.root));
    }

    /// Reads what was written: runs that ascend and do not touch, below the limit of indices.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let offset = reader.offset();
        let runs = usize::try_from(reader.number()?).map_err(|_| DecodeError::Number { offset })?;
        let mut free_from = 0;
        let runs = reader.many(runs, 16, |reader| {
            let offset = reader.offset();
            let (start, end) = (reader.integer()?, reader.integer()?);
            if start < free_from || end <= start {
                return Err(DecodeError::Number { offset });
            }
            free_from = end.saturating_add(1);
            Ok(start..end)
        })?;
        // Counted before anything is kept of them: a run of 16 bytes can have a hundred.
        let count = runs.iter().cloned().flat_map(largest).count();
        let mut places = runs.into_iter().flat_map(largest);
        let subtrees = reader.many(count, 32, |reader| {
            let (start, level) = places.next().unwrap_or_default();
            Ok((start, Subtree { level, root: *reader.array()? }))
        })?;
        Ok(Subtrees(subtrees.into_iter().collect()))
    }

    /// The root of the whole tree, where these are over all of it.
    pub(crate) fn root(&self) -> [u8; 32] {
        let mut roots = self.0.values().rev().map(|subtree| subtree.root);
        match roots.next() {
            None => super::merkle::empty_root(),
            Some(last) => roots.fold(last, |right, left| node_hash(&left, &right)),
        }
    }
}

/// Beginnings and levels of the largest whole subtrees that make up a run.
fn largest(run: Range<u64>) -> impl Iterator<Item = (u64, u32)> {
    let mut start = run.start;
    core::iter::from_fn(move || {
        let left = run.end.checked_sub(start).filter(|left| *left > 0)?;
        let level = start.trailing_zeros().min(left.ilog2());
        let subtree = (start, level);
        start = start.saturating_add(1u64.checked_shl(level)?);
        Some(subtree)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ballot::BallotReference;
    use crate::ballot_box::merkle::ReferenceTree;
    use alloc::format;
    use alloc::vec;
    use proptest::prelude::*;

    fn references(count: usize) -> Vec<[u8; 32]> {
        (0..count).map(|number| [u8::try_from(number).unwrap(); 32]).collect()
    }

    fn root(references: &[[u8; 32]]) -> [u8; 32] {
        let of = |bytes: &[u8; 32]| -> BallotReference {
            format!("1){}", crate::primitives::wire::to_hex(bytes)).parse().unwrap()
        };
        ReferenceTree::of(&references.iter().map(of).collect::<Vec<_>>()).root()
    }

    #[test]
    fn parts_that_overlap_are_not_merged() {
        let all = references(12);
        let of = |range: Range<usize>| Subtrees::of(range.start as u64, all[range].iter().copied());
        for (one, other, index) in
            [(0..4, 3..6, 3), (3..6, 0..4, 3), (0..8, 2..3, 2), (2..3, 0..8, 2), (5..7, 5..7, 5)]
        {
            let mut subtrees = of(one.clone());
            assert_eq!(subtrees.merge(of(other)), Err(index));
            assert_eq!(subtrees, of(one));
        }
    }

    #[test]
    fn what_was_written_is_read_and_nothing_else() {
        let all = references(12);
        let mut subtrees = Subtrees::of(5, all[5..9].to_vec());
        subtrees.merge(Subtrees::of(1, all[1..3].to_vec())).unwrap();
        let mut bytes = Vec::new();
        subtrees.write(&mut bytes);
        // Two runs; 1, 2; 5, 6 and 7, 8.
        assert_eq!(bytes.len(), 8 + 2 * 16 + 5 * 32);
        assert_eq!(Subtrees::read(&mut Reader::new(&bytes)), Ok(subtrees));
        let changed = |at: usize, number: u64| {
            let mut bytes = bytes.clone();
            bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
            Subtrees::read(&mut Reader::new(&bytes))
        };
        let refused = |offset| Err(DecodeError::Number { offset });
        // Empty, touching, descending, too large; more than there is.
        assert_eq!(changed(16, 1), refused(8));
        assert_eq!(changed(16, 5), refused(24));
        assert_eq!(changed(24, 0), refused(24));
        assert_eq!(changed(32, 1 << 53), refused(32));
        let short = |expected| Err(DecodeError::TooShort { expected, actual: bytes.len() });
        assert_eq!(changed(0, 1 << 40), short(8 + (16 << 40)));
        assert!(matches!(changed(32, (1 << 53) - 1), Err(DecodeError::TooShort { .. })));
    }

    #[test]
    fn covered_runs_are_told() {
        let all = references(12);
        let mut subtrees = Subtrees::of(5, all[5..9].to_vec());
        subtrees.merge(Subtrees::of(1, all[1..3].to_vec())).unwrap();
        assert_eq!(subtrees.covered(), vec![1..3, 5..9]);
        subtrees.merge(Subtrees::of(3, all[3..5].to_vec())).unwrap();
        assert_eq!(subtrees.covered(), vec![1..9]);
        assert_eq!(Subtrees::default().covered(), vec![]);
    }

    #[test]
    fn single_ballots_in_any_order_make_the_same_tree() {
        let all: Vec<_> = (0u16..1_000).map(|number| [number.to_le_bytes(); 16].concat()).collect();
        let all: Vec<[u8; 32]> = all.iter().map(|bytes| bytes[..].try_into().unwrap()).collect();
        let mut merged = Subtrees::default();
        // 389 and 1,000 have no factor in common: every ballot comes once, and hardly ever beside the one before.
        for index in (0..all.len()).map(|step| step * 389 % all.len()) {
            merged.merge(Subtrees::of(index as u64, [all[index]])).unwrap();
            assert_eq!(merged.merge(Subtrees::of(index as u64, [all[0]])), Err(index as u64));
        }
        assert_eq!(merged, Subtrees::of(0, all.clone()));
        assert_eq!(merged.root(), root(&all));
        assert_eq!(merged.0.len(), 1_000u32.count_ones() as usize);
    }

    proptest! {
        /// However a box is cut, and in whatever order its parts come, the root is that of the tree.
        #[test]
        fn the_root_is_that_of_the_tree(
            size in 0usize..140, cuts in prop::collection::vec(0usize..140, 0..6), order in any::<u64>(),
        ) {
            let all = references(size);
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(size)).chain([0, size]).collect();
            cuts.sort_unstable();
            let mut parts: Vec<_> =
                cuts.windows(2).map(|cut| Subtrees::of(cut[0] as u64, all[cut[0]..cut[1]].to_vec())).collect();
            let mut order = order;
            let mut merged = Subtrees::default();
            while !parts.is_empty() {
                let next = parts.swap_remove(order as usize % parts.len());
                order = order.rotate_right(7);
                merged.merge(next).unwrap();
            }
            prop_assert_eq!(merged.root(), root(&all));
            prop_assert_eq!(&merged, &Subtrees::of(0, all.clone()));
            let whole: Vec<_> = (size > 0).then_some(0..size as u64).into_iter().collect();
            prop_assert_eq!(merged.covered(), whole);
            let mut bytes = Vec::new();
            merged.write(&mut bytes);
            prop_assert_eq!(Subtrees::read(&mut Reader::new(&bytes)), Ok(merged));
        }
    }
}
