//! The places where a value made from secrets becomes public.
//!
//! What is computed from a secret is secret, until the protocol publishes it: an encoded point, a sealed
//! share, the verdict that a stored key is none. From there on code may branch on it. Every such place
//! calls one of these functions, which do nothing.
//!
//! Under `--cfg urne_constant_time` they call a hook as well. The crate in `constant_time/` runs the library
//! under valgrind with all secrets marked undefined, and its hook marks what comes through here as defined
//! again. Any other branch or index that depends on a secret is then an error.

/// Bytes that are published.
pub(crate) fn bytes<const N: usize>(bytes: [u8; N]) -> [u8; N] {
    #[cfg(urne_constant_time)]
    let bytes = hook::through(bytes);
    bytes
}

/// A verdict that becomes known: whether a secret is of the right form, or belongs to a public key.
pub(crate) fn verdict(verdict: subtle::Choice) -> bool {
    #[cfg(urne_constant_time)]
    let verdict = subtle::Choice::from(u8::from(hook::through([verdict.unwrap_u8()]) == [1]));
    verdict.into()
}

/// What `constant_time/` sets. There in its builds only.
#[cfg(urne_constant_time)]
pub mod hook {
    extern crate std;
    use std::sync::OnceLock;

    /// What is called with everything that becomes public. It gets the bytes to itself, so that the
    /// compiler cannot go on with a copy that the hook has not seen.
    pub type Hook = fn(&mut [u8]);

    static HOOK: OnceLock<Hook> = OnceLock::new();

    /// Sets the hook, once.
    ///
    /// # Panics
    ///
    /// When it is set already.
    pub fn set(hook: Hook) {
        assert!(HOOK.set(hook).is_ok(), "the hook is set already");
    }

    pub(super) fn through<const N: usize>(mut bytes: [u8; N]) -> [u8; N] {
        if let Some(hook) = HOOK.get() {
            hook(&mut bytes);
        }
        bytes
    }
}
