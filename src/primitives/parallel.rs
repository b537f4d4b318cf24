//! Work on all items of a list: over rayon's threads with the feature `parallel`, one after the other
//! without. The results are the same and in the same order.

use alloc::vec::Vec;

/// `f` of every item, in order.
#[cfg(not(feature = "parallel"))]
pub(crate) fn map<T: Sync, U: Send>(items: &[T], f: impl Fn(&T) -> U + Sync + Send) -> Vec<U> {
    items.iter().map(f).collect()
}

/// `f` of every item, in order.
#[cfg(feature = "parallel")]
pub(crate) fn map<T: Sync, U: Send>(items: &[T], f: impl Fn(&T) -> U + Sync + Send) -> Vec<U> {
    use rayon::prelude::*;
    items.par_iter().map(f).collect()
}

/// Sorts a list; equal items may change places.
#[cfg(not(feature = "parallel"))]
pub(crate) fn sort<T: Ord + Send>(items: &mut [T]) {
    items.sort_unstable();
}

/// Sorts a list; equal items may change places.
#[cfg(feature = "parallel")]
pub(crate) fn sort<T: Ord + Send>(items: &mut [T]) {
    use rayon::prelude::*;
    items.par_sort_unstable();
}

/// How many threads there are.
#[cfg(not(feature = "parallel"))]
pub(crate) fn threads() -> usize {
    1
}

/// How many threads there are.
#[cfg(feature = "parallel")]
pub(crate) fn threads() -> usize {
    rayon::current_num_threads()
}

/// How many of so many items a thread takes at a time, so that all have work: at least 1, at most `most`.
pub(crate) fn share(items: usize, most: usize) -> usize {
    items.div_ceil(threads().max(1)).clamp(1, most.max(1))
}
