//! The end of a log that was being written when the machine stopped.

use core::fmt;

use super::LogFlaw;
use crate::primitives::text::count;
use crate::primitives::wire::DecodeError;

/// An entry at the end of a log that was left out, since it was being written when the machine stopped. Nobody
/// had been told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TornEnd {
    /// Which entry it was to be, from 1.
    pub entry: u64,
    /// Where it begins, and the length to which the log is to be cut.
    pub offset: u64,
    /// How many bytes there are from there to the end of the log.
    pub bytes: u64,
    /// Whether they are zeros from somewhere on, as a file system leaves what was not written; otherwise the
    /// log ends inside the entry.
    pub zeros: bool,
}

impl fmt::Display for TornEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TornEnd { entry, offset, bytes, zeros } = self;
        let why = if *zeros { "the log is zeros" } else { "the log ends" };
        write!(
            f,
            "{why} inside entry {entry}, which was not wholly written: {} from byte {offset} on left out",
            count(*bytes, "byte")
        )
    }
}

/// An entry that is none. If bytes that may be its beginning are followed by nothing but zeros, it was being
/// written when the machine stopped.
pub(super) struct Doubt {
    flaw: LogFlaw,
    /// How many bytes may have been written: fewer than make up the entry, or what is wrong is not that.
    most: u64,
    /// How many were, up to the last that is not zero.
    written: u64,
    seen: u64,
}

impl Doubt {
    /// `length` is that of the entry where the flaw is its tag.
    pub(super) fn new(flaw: &LogFlaw, length: usize) -> Self {
        let most = match flaw {
            LogFlaw::Tag => length.saturating_sub(1),
            // Its kind was written, its version was not.
            LogFlaw::NotAnEntry { error: DecodeError::Version { .. } } => 1,
            _ => 0,
        };
        let most = u64::try_from(most).unwrap_or(u64::MAX);
        Doubt { flaw: flaw.clone(), most, written: 0, seen: 0 }
    }

    /// The flaw when what follows is not zeros alone.
    pub(super) fn go_on(&mut self, bytes: &[u8]) -> Result<(), LogFlaw> {
        let number = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
        if let Some(last) = bytes.iter().rposition(|byte| *byte != 0) {
            self.written = self.seen.saturating_add(number(last)).saturating_add(1);
        }
        self.seen = self.seen.saturating_add(number(bytes.len()));
        if self.written > self.most { Err(self.flaw.clone()) } else { Ok(()) }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.seen
    }
}
