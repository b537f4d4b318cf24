//! What must be stored before it is sent.

use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

/// A message that may leave only when what its sender must remember of it is stored.
///
/// Every act of a role that must survive a restart gives one: [`to_store`](Unsent::to_store) is the role's whole
/// memory after the act, to be written in place of what was stored before, and [`stored`](Unsent::stored) gives
/// the message once that is durable. A process that dies in between has sent nothing. One whose write fails writes the
/// same bytes again, or asks for the same act again, which gives the same message or says why not. (A
/// [reissue](crate::Issuer::reissue) alone draws another code each time.)
///
/// The bytes are wiped when this is dropped. It cannot be cloned or serialised, and prints without what is in it.
///
/// ```
/// # use urne::Unsent;
/// use std::{fs, io::Write, path::Path};
///
/// /// Stores what belongs to a message, and gives the message.
/// fn store<M>(path: &Path, unsent: Unsent<M>) -> std::io::Result<M> {
///     let aside = path.with_extension("new");
///     let mut file = fs::File::create(&aside)?;
///     file.write_all(unsent.to_store())?;
///     file.sync_all()?;
///     fs::rename(&aside, path)?;
///     fs::File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()?;
///     Ok(unsent.stored())
/// }
/// ```
#[must_use = "store what it holds, then send its message"]
pub struct Unsent<M> {
    to_store: Zeroizing<Vec<u8>>,
    message: M,
}

impl<M> Unsent<M> {
    /// A message, and the memory that its sender has from then on.
    pub(crate) fn new(to_store: impl Into<Zeroizing<Vec<u8>>>, message: M) -> Self {
        Unsent { to_store: to_store.into(), message }
    }

    /// The whole memory of the sender, to be stored in place of what was stored before. It may be secret.
    #[must_use]
    pub fn to_store(&self) -> &[u8] {
        &self.to_store
    }

    /// The message. Call it when the bytes are durable, and not before.
    pub fn stored(self) -> M {
        self.message
    }
}

impl<M> fmt::Debug for Unsent<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unsent({} bytes to store, redacted)", self.to_store.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    #[test]
    fn the_message_comes_out_and_neither_half_is_printed() {
        let unsent = Unsent::new(b"secret bytes".to_vec(), String::from("secret message"));
        assert_eq!(unsent.to_store(), b"secret bytes");
        assert_eq!(alloc::format!("{unsent:?}"), "Unsent(12 bytes to store, redacted)");
        assert_eq!(unsent.stored(), "secret message");
    }

    #[test]
    fn attack_19_what_is_to_be_stored_is_wiped() {
        // No `..`: a new field must be looked at here.
        let _ = |Unsent { to_store, message: _ }: &Unsent<()>| {
            let _: &Zeroizing<Vec<u8>> = to_store;
        };
    }
}
