//! Where secrets stay, and what is wiped of where they were worked with.
//!
//! A value that is wiped when it is dropped leaves copies nevertheless: every move is one, a caller's frame keeps
//! what it was handed, and the curve's arithmetic spills limbs and digits of a scalar to the stack, where they stay
//! until something else is called. Safe Rust cannot find those copies. So what is kept stands in a place of its own
//! ([`Secret`]), whose moves move a pointer; and what is worked with is worked with in frames below one function
//! ([`scrubbed`]), which overwrites that part of the stack afterwards. `tests/left_behind.rs` looks for what is left.

use alloc::boxed::Box;
use core::ops::{Deref, DerefMut};

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A secret in a place of its own, which is wiped when it is dropped. Moving it leaves no copy behind.
#[derive(Clone)]
pub(crate) struct Secret<T: Zeroize>(Box<T>);

impl<T: Zeroize> Secret<T> {
    /// The value is moved there, so this is for work that is [`scrubbed`].
    pub(crate) fn new(value: T) -> Self {
        Secret(Box::new(value))
    }
}

impl<T: Zeroize> Deref for Secret<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> DerefMut for Secret<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Zeroize> Zeroize for Secret<T> {
    fn zeroize(&mut self) {
        T::zeroize(&mut self.0);
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl<T: Zeroize> ZeroizeOnDrop for Secret<T> {}

/// Words of the stack that sealing and opening a ballot use at most, with some to spare.
pub(crate) const BALLOT: usize = 8 * 1_024;
/// Words that anything else with a secret uses: a signature, a proof of knowledge, a credential, a code.
pub(crate) const SIGNATURE: usize = 4 * 1_024;

/// Words that reading a choice uses.
pub(crate) const CHOICE: usize = 128;

/// Does some work with secrets, and overwrites `WORDS` words of the stack below, where it was done.
///
/// What it gives back must not hold a secret but in a [`Secret`] or on the heap, and what it takes it takes by
/// reference: both stand in the caller's frame, which is not overwritten. Inlined there, because a frame of its own
/// would keep what it saves of the caller's registers.
#[inline(always)]
pub(crate) fn scrubbed<const WORDS: usize, T>(work: impl FnOnce() -> T) -> T {
    let result = apart(work);
    overwrite::<WORDS>();
    result
}

/// In frames that begin where those of [`overwrite`] do.
#[inline(never)]
fn apart<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// Overwrites the stack below the caller. Volatile, since nobody reads it.
#[inline(never)]
pub(crate) fn overwrite<const WORDS: usize>() {
    let mut frame = [0u64; WORDS];
    frame.zeroize();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_19_a_secret_is_wiped() {
        let mut secret = Secret::new([7u8; 32]);
        crate::test_support::wiped(&secret);
        let copy = secret.clone();
        secret.zeroize();
        assert_eq!((*secret, *copy), ([0; 32], [7; 32]));
    }

    /// In memory that is free again, of which an allocator uses the beginning for itself.
    #[cfg(target_os = "linux")]
    #[test]
    fn attack_19_a_secret_that_is_dropped_leaves_nothing_where_it_stood() {
        let memory = crate::test_support::OwnMemory::open();
        let secret = Secret::new([7u8; 64]);
        let place = core::ptr::from_ref(&*secret).expose_provenance();
        assert_eq!(memory.at::<64>(place), [7; 64]);
        drop(secret);
        let left = memory.at::<64>(place);
        assert!(!left.windows(4).any(|four| four == [7; 4]), "{left:?}");
    }

    #[test]
    fn scrubbed_work_gives_its_result() {
        assert_eq!(scrubbed::<SIGNATURE, _>(|| 7), 7);
    }
}
