//! The Merkle tree over the ballots' references: RFC 6962 with SHA-256.

use alloc::vec::Vec;
use core::fmt;

use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use sha2::{Digest, Sha256};

use crate::ballot::BallotReference;
use crate::primitives::form::named_form;
use crate::primitives::hash::length_of;
use crate::primitives::wire::{DecodeError, INTEGER_LIMIT, Kind, Reader, form};

/// No path is longer: trees have fewer than 2^53 leaves, and a consistency path one node more.
const MOST_NODES: usize = 64;

// The crate ct-merkle keeps a tree too, and proves from its present size alone; its verification is used below.
/// The references of a box, in order of deposit, with the hash of every whole subtree above them: 64 bytes a
/// ballot. Of every earlier state of the box, root and paths are found in O(log n).
///
/// A box has one of its own. Whoever answers many voters from a published record makes one of its ballots'
/// references, once.
///
/// ```
/// use urne::BallotReference;
/// use urne::ballot_box::ReferenceTree;
///
/// let references: Vec<BallotReference> =
///     (0..5).map(|number| format!("584){number:064x}").parse()).collect::<Result<_, _>>()?;
/// let tree = ReferenceTree::of(&references);
/// assert_eq!(tree.size(), 5);
/// assert_eq!(tree.consistency(3, 5).map(|path| path.nodes().len()), Some(4));
/// // The box as it was with three ballots, and one of them in it.
/// assert_eq!(tree.root_of(3), Some(ReferenceTree::of(&references[..3]).root()));
/// assert_eq!(tree.inclusion(2, 3).map(|path| path.nodes().len()), Some(1));
/// # Ok::<(), urne::ballot::ReferenceError>(())
/// ```
#[derive(Clone, Default)]
#[cfg_attr(test, derive(PartialEq))]
pub struct ReferenceTree {
    /// The leaves' hashes, the hashes of each two of them, and so on.
    levels: Vec<Vec<[u8; 32]>>,
}

impl ReferenceTree {
    /// Of an empty box.
    #[must_use]
    pub fn new() -> Self {
        ReferenceTree::default()
    }

    /// Of the box with these ballots, in the order of their deposit.
    pub fn of<'a>(references: impl IntoIterator<Item = &'a BallotReference>) -> Self {
        let mut tree = ReferenceTree::new();
        references.into_iter().for_each(|reference| tree.push(reference));
        tree
    }

    /// The next ballot's.
    pub fn push(&mut self, reference: &BallotReference) {
        let mut hash = leaf_hash(&reference.digest());
        for level in &mut self.levels {
            level.push(hash);
            // The second of a pair completes the subtree above both.
            match level.as_slice() {
                [.., left, right] if level.len().is_multiple_of(2) => hash = node_hash(left, right),
                _ => return,
            }
        }
        self.levels.push(alloc::vec![hash]);
    }

    /// Takes out all but the first `size` leaves.
    pub(crate) fn truncate(&mut self, size: usize) {
        let mut nodes = size;
        for level in &mut self.levels {
            level.truncate(nodes);
            nodes /= 2;
        }
        self.levels.retain(|level| !level.is_empty());
    }

    /// How many ballots the box has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| length_of(leaves))
    }

    /// The root of all.
    #[must_use]
    pub fn root(&self) -> [u8; 32] {
        self.subtree(0, self.size()).unwrap_or_default()
    }

    /// The root of the first `size` leaves, if there are as many.
    #[must_use]
    pub fn root_of(&self, size: u64) -> Option<[u8; 32]> {
        if size <= self.size() { self.subtree(0, size) } else { None }
    }

    /// The path from a leaf to the root of the first `size` leaves, if there are such.
    #[must_use]
    pub fn inclusion(&self, index: u64, size: u64) -> Option<MerklePath> {
        if index >= size || size > self.size() {
            return None;
        }
        let mut path = Vec::new();
        let (mut start, mut end) = (0, size);
        while end - start > 1 {
            let middle = start + cut(end - start);
            if index < middle {
                path.push(self.subtree(middle, end)?);
                end = middle;
            } else {
                path.push(self.subtree(start, middle)?);
                start = middle;
            }
        }
        path.reverse();
        Some(MerklePath(path))
    }

    /// The path from the tree of the first `old` leaves to that of the first `new`. `None` from 0, which says
    /// nothing, and where there are not as many.
    #[must_use]
    pub fn consistency(&self, old: u64, new: u64) -> Option<MerklePath> {
        if old == 0 || old > new || new > self.size() {
            return None;
        }
        let mut path = Vec::new();
        let (mut start, mut end) = (0, new);
        while end != old {
            let middle = start + cut(end - start);
            if old <= middle {
                path.push(self.subtree(middle, end)?);
                end = middle;
            } else {
                path.push(self.subtree(start, middle)?);
                start = middle;
            }
        }
        // The old root is known to the verifier; what ends with it in the middle of the tree is not.
        if start > 0 {
            path.push(self.subtree(start, end)?);
        }
        path.reverse();
        Some(MerklePath(path))
    }

    /// The root over the leaves from `start` up to `end`, where `start` is a multiple of a power of two that
    /// is not below their number, as in all subtrees of RFC 6962.
    fn subtree(&self, start: u64, end: u64) -> Option<[u8; 32]> {
        let leaves = end.checked_sub(start)?;
        if leaves == 0 {
            return Some(empty_root());
        }
        if leaves.is_power_of_two() {
            let level = self.levels.get(usize::try_from(leaves.trailing_zeros()).ok()?)?;
            return level.get(usize::try_from(start / leaves).ok()?).copied();
        }
        let middle = start + cut(leaves);
        Some(node_hash(&self.subtree(start, middle)?, &self.subtree(middle, end)?))
    }
}

impl fmt::Debug for ReferenceTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReferenceTree({} leaves)", self.size())
    }
}

/// Where RFC 6962 cuts a list of at least two: at the largest power of two below its length.
fn cut(leaves: u64) -> u64 {
    leaves.checked_next_power_of_two().map_or(1 << 63, |power| power / 2)
}

/// The root of a tree without leaves.
pub(super) fn empty_root() -> [u8; 32] {
    Sha256::digest([]).into()
}

pub(super) fn leaf_hash(leaf: &[u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update([0]).chain_update(leaf).finalize().into()
}

pub(super) fn node_hash(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The hashes that lead from a leaf, or from an earlier tree, to a root: an inclusion path (RFC 6962
/// §2.1.1) or a consistency path (§2.1.2).
#[derive(Clone, PartialEq, Eq)]
pub struct MerklePath(Vec<[u8; 32]>);

/// A path does not lead where it should. Callers name what it was to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BrokenPath;

impl MerklePath {
    /// The path from the only leaf of a tree to its root.
    pub(super) fn empty() -> Self {
        MerklePath(Vec::new())
    }

    /// The nodes, from the leaf up.
    #[must_use]
    pub fn nodes(&self) -> &[[u8; 32]] {
        &self.0
    }

    /// Form: kind ‖ version ‖ nodes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = form(Kind::MerklePath);
        bytes.extend(self.0.as_flattened());
        bytes
    }

    /// Reads a path of at most 64 nodes.
    ///
    /// # Errors
    ///
    /// When the length of the nodes is no multiple of 32, or longer than any tree needs.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::MerklePath, bytes)?;
        let path = MerklePath::read(&mut reader)?;
        reader.finish()?;
        Ok(path)
    }

    /// The nodes that are left.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (rest, offset) = (reader.rest().len(), reader.offset());
        let nodes = rest / 32;
        if nodes > MOST_NODES {
            let [expected, actual] = [MOST_NODES.saturating_mul(32), rest].map(|n| offset.saturating_add(n));
            return Err(DecodeError::TooLong { expected, actual });
        }
        reader.many(nodes, 32, |reader| reader.array().copied()).map(MerklePath)
    }

    /// Whether the reference is the leaf at this index of the tree with this size and root.
    pub(crate) fn verify_inclusion(
        &self,
        reference: &BallotReference,
        index: u64,
        size: u64,
        root: &[u8; 32],
    ) -> Result<(), BrokenPath> {
        if index >= size || size >= INTEGER_LIMIT {
            return Err(BrokenPath);
        }
        let proof = InclusionProof::<Sha256>::try_from_bytes(self.0.concat()).map_err(|_| BrokenPath)?;
        RootHash::<Sha256>::new((*root).into(), size)
            .verify_inclusion(&reference.digest(), index, &proof)
            .map_err(|_| BrokenPath)
    }

    /// Whether the tree of `old` leaves is the beginning of the tree of `new` leaves.
    pub(crate) fn verify_consistency(
        &self,
        (old, old_root): (u64, &[u8; 32]),
        (new, new_root): (u64, &[u8; 32]),
    ) -> Result<(), BrokenPath> {
        if old == 0 || old > new || new >= INTEGER_LIMIT {
            return Err(BrokenPath);
        }
        if old == new {
            return if self.0.is_empty() && old_root == new_root { Ok(()) } else { Err(BrokenPath) };
        }
        let proof = ConsistencyProof::<Sha256>::try_from_bytes(self.0.concat()).map_err(|_| BrokenPath)?;
        let old = RootHash::new((*old_root).into(), old);
        RootHash::<Sha256>::new((*new_root).into(), new)
            .verify_consistency(&old, &proof)
            .map_err(|_| BrokenPath)
    }
}

impl fmt::Debug for MerklePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MerklePath({} nodes)", length_of(&self.0))
    }
}

named_form!(MerklePath: "merkle-path", DecodeError);

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use ct_merkle::mem_backed_tree::MemoryBackedTree;

    fn reference(number: usize) -> BallotReference {
        format!("1){number:064x}").parse().unwrap()
    }

    fn tree(size: usize) -> ReferenceTree {
        ReferenceTree::of((0..size).map(reference).collect::<Vec<_>>().iter())
    }

    fn hash(prefix: u8, parts: &[&[u8]]) -> [u8; 32] {
        let start = Sha256::new().chain_update([prefix]);
        parts.iter().fold(start, |hash, part| hash.chain_update(part)).finalize().into()
    }

    /// Where RFC 6962 cuts a list of more than one: at the largest power of two below its length.
    fn cut(leaves: &[[u8; 32]]) -> (&[[u8; 32]], &[[u8; 32]]) {
        leaves.split_at(leaves.len().next_power_of_two() / 2)
    }

    /// `MTH` of RFC 6962 §2.1.
    fn root_of(leaves: &[[u8; 32]]) -> [u8; 32] {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => hash(0, &[leaf]),
            _ => hash(1, &[&root_of(cut(leaves).0), &root_of(cut(leaves).1)]),
        }
    }

    /// `PATH` of §2.1.1.
    fn path_of(index: usize, leaves: &[[u8; 32]]) -> Vec<[u8; 32]> {
        if leaves.len() == 1 {
            return Vec::new();
        }
        let (left, right) = cut(leaves);
        let (mut path, sibling) = match index.checked_sub(left.len()) {
            None => (path_of(index, left), right),
            Some(index) => (path_of(index, right), left),
        };
        path.push(root_of(sibling));
        path
    }

    /// `SUBPROOF` of §2.1.2; `known` is its `b`.
    fn consistency_of(old: usize, leaves: &[[u8; 32]], known: bool) -> Vec<[u8; 32]> {
        if old == leaves.len() {
            return if known { Vec::new() } else { [root_of(leaves)].to_vec() };
        }
        let (left, right) = cut(leaves);
        let (mut path, sibling) = match old.checked_sub(left.len()) {
            Some(old) if old > 0 => (consistency_of(old, right, false), left),
            _ => (consistency_of(old, left, known), right),
        };
        path.push(root_of(sibling));
        path
    }

    /// Another implementation reads these paths, so they must be those of the RFC node for node.
    #[test]
    fn roots_and_paths_are_those_of_rfc_6962() {
        assert_eq!(tree(0).root(), root_of(&[]));
        // One tree gives the paths of all its earlier states.
        let whole = tree(40);
        for size in 1..34 {
            let tree = tree(size);
            let leaves: Vec<_> = (0..size).map(|number| reference(number).digest()).collect();
            assert_eq!(tree.root(), root_of(&leaves));
            assert_eq!(whole.root_of(size as u64), Some(root_of(&leaves)));
            for index in 0..size {
                let path = tree.inclusion(index as u64, size as u64).unwrap();
                assert_eq!(path.nodes(), path_of(index, &leaves));
                assert_eq!(whole.inclusion(index as u64, size as u64), Some(path));
                let old = index + 1;
                let path = tree.consistency(old as u64, size as u64).unwrap();
                assert_eq!(path.nodes(), consistency_of(old, &leaves, true), "{old} of {size}");
                assert_eq!(whole.consistency(old as u64, size as u64), Some(path));
            }
        }
        assert_eq!((whole.root_of(0), whole.root_of(41)), (Some(root_of(&[])), None));
    }

    /// The crate whose verification is used proves the same from its own tree.
    #[test]
    fn roots_and_paths_are_those_of_ct_merkle() {
        let mut theirs = MemoryBackedTree::<Sha256, [u8; 32]>::new();
        let whole = tree(70);
        for size in 1..=70u64 {
            theirs.push(reference(size as usize - 1).digest());
            let root: [u8; 32] = (*theirs.root().as_bytes()).into();
            assert_eq!(whole.root_of(size), Some(root));
            for index in 0..size {
                let path = theirs.prove_inclusion(index as usize);
                assert_eq!(whole.inclusion(index, size).unwrap().nodes().concat(), path.as_bytes());
                let path = theirs.prove_consistency((size - index - 1) as usize);
                assert_eq!(whole.consistency(index + 1, size).unwrap().nodes().concat(), path.as_bytes());
            }
        }
    }

    #[test]
    fn every_leaf_is_in_its_tree_and_nowhere_else() {
        for size in 1..20 {
            let tree = tree(size);
            let root = tree.root();
            for index in 0..size as u64 {
                let path = tree.inclusion(index, size as u64).unwrap();
                assert_eq!(MerklePath::from_bytes(&path.to_bytes()), Ok(path.clone()));
                let at = |reference, index, root| path.verify_inclusion(&reference, index, size as u64, root);
                let own = reference(index as usize);
                assert_eq!(at(own, index, &root), Ok(()));
                assert_eq!(at(reference(99), index, &root), Err(BrokenPath));
                assert_eq!(at(own, index, &[0; 32]), Err(BrokenPath));
                assert_eq!(at(own, size as u64, &root), Err(BrokenPath));
                for other in (0..size as u64).filter(|other| *other != index) {
                    assert_eq!(at(own, other, &root), Err(BrokenPath));
                }
            }
            assert!(tree.inclusion(size as u64, size as u64).is_none());
            assert!(tree.inclusion(0, size as u64 + 1).is_none());
        }
    }

    #[test]
    fn a_path_has_at_most_64_nodes() {
        let of = |bytes: usize| [&form(Kind::MerklePath)[..], &alloc::vec![7; bytes]].concat();
        assert_eq!(MerklePath::from_bytes(&of(64 * 32)).unwrap().to_bytes(), of(64 * 32));
        let too_long = |expected, actual| Err(DecodeError::TooLong { expected, actual });
        assert_eq!(MerklePath::from_bytes(&of(65 * 32)), too_long(2_050, 2_082));
        assert_eq!(MerklePath::from_bytes(&of(33)), too_long(34, 35));
    }

    #[test]
    fn every_tree_begins_with_its_beginnings_and_no_other() {
        for size in 1..20usize {
            let new = tree(size);
            for old in 1..=size {
                let path = new.consistency(old as u64, size as u64).unwrap();
                let from = tree(old);
                let check = |old_root: [u8; 32], new_root: [u8; 32]| {
                    path.verify_consistency((old as u64, &old_root), (size as u64, &new_root))
                };
                assert_eq!(check(from.root(), new.root()), Ok(()));
                assert_eq!(check([1; 32], new.root()), Err(BrokenPath));
                assert_eq!(check(from.root(), [1; 32]), Err(BrokenPath));
                let mut forked: Vec<_> = (0..size).map(reference).collect();
                forked[old - 1] = reference(99);
                assert_eq!(check(from.root(), ReferenceTree::of(&forked).root()), Err(BrokenPath));
            }
            // Sizes that ct-merkle would panic at.
            assert!(new.consistency(0, size as u64).is_none());
            assert!(new.consistency(size as u64 + 1, size as u64).is_none());
            assert!(new.consistency(1, size as u64 + 1).is_none());
            let path = MerklePath(Vec::new());
            assert!(path.verify_consistency((0, &new.root()), (size as u64, &new.root())).is_err());
            // Every tree begins with nothing, which says nothing: not even an empty one follows from it.
            assert!(path.verify_consistency((0, &new.root()), (0, &new.root())).is_err());
            assert!(path.verify_consistency((u64::MAX, &[0; 32]), (u64::MAX, &[0; 32])).is_err());
            assert!(path.verify_inclusion(&reference(0), u64::MAX - 1, u64::MAX, &[0; 32]).is_err());
        }
    }
}
