//! What is wrong with a log.

use core::fmt;

use crate::ballot_box::{
    ActivationError, ChallengeRefusal, CloseError, DepositError, OpenError, ReceiptError, ReissueError,
};
use crate::contest::Fingerprint;
use crate::primitives::UnixTime;
use crate::primitives::wire::DecodeError;

/// The first entry of a log that is refused, where it is, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogError {
    /// The entry, from 1; the next after the last where the log ends too early.
    pub entry: u64,
    /// The byte at which it begins, from 0.
    pub offset: u64,
    /// What is wrong with it.
    pub flaw: LogFlaw,
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "log entry {}, at byte {}: {}", self.entry, self.offset, self.flaw)
    }
}

impl core::error::Error for LogError {}

/// What is wrong with an entry of a log.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogFlaw {
    /// There is no entry.
    Empty,
    /// The log ends inside the entry: see [`Rebuilding::cut_torn_end`](super::Rebuilding::cut_torn_end).
    CutShort,
    /// From inside the entry on, the log is zeros to its end: see
    /// [`Rebuilding::cut_torn_end`](super::Rebuilding::cut_torn_end).
    Zeros,
    /// What stands where an entry should begin is none.
    NotAnEntry {
        /// What is there.
        error: DecodeError,
    },
    /// The entry says that it is longer than any can be.
    TooLong {
        /// The length that it gives, in bytes.
        length: u64,
        /// The most that there can be.
        most: u64,
    },
    /// The tag does not hold: the entry was edited, moved, repeated, or not made by this box; or one before it
    /// was left out or put in.
    Tag,
    /// The entry is the box's own and does not decode.
    Malformed(DecodeError),
    /// The first entry does not open the box.
    NotOpened,
    /// The box was open already.
    OpenedTwice,
    /// The box cannot be opened.
    Opening(OpenError),
    /// The time is earlier than that of the entry before.
    TimeWentBack {
        /// Time of the entry before.
        before: UnixTime,
        /// Time of the entry.
        at: UnixTime,
    },
    /// The entry changes nothing, and the box writes no such one.
    NoChange,
    /// The activation is refused.
    Activation(ActivationError),
    /// The reissue is refused.
    Reissue(ReissueError),
    /// The challenge is refused.
    Challenge(ChallengeRefusal),
    /// The deposit is refused.
    Deposit(DepositError),
    /// The closing is refused.
    Closing(CloseError),
    /// The box was closed already.
    ClosedTwice,
    /// The log is read on after its torn end was cut off.
    AfterTheEnd,
    /// The anchor is of another contest.
    ForeignAnchor {
        /// The contest of the log.
        expected: Fingerprint,
        /// The contest of the anchor.
        actual: Fingerprint,
    },
    /// Entries that the anchor knows of are missing, and with them what was answered.
    EndMissing {
        /// How many entries there were.
        expected: u64,
        /// How many the log has.
        actual: u64,
    },
    /// The entry is not the one that the anchor knows under this number: an older log was gone on with, or the
    /// anchor is of another one.
    OtherLog,
    /// The box does not begin with the ballots of the anchor's head, or did not sign it.
    AnchoredHead {
        /// Number of ballots at the head.
        size: u64,
        /// What is wrong with it.
        error: ReceiptError,
    },
}

impl fmt::Display for LogFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LogFlaw::Empty => f.write_str("the log is empty"),
            LogFlaw::CutShort => f.write_str("the log ends inside it"),
            LogFlaw::Zeros => f.write_str("the log is zeros from inside it on"),
            LogFlaw::NotAnEntry { error } => write!(f, "no entry: {error}"),
            LogFlaw::TooLong { length, most } => {
                write!(f, "it says that it has {length} bytes, and none has more than {most}")
            }
            LogFlaw::Tag => {
                f.write_str("its tag does not hold: it was edited, moved, repeated or not written by this box, or one before it is missing")
            }
            LogFlaw::Malformed(error) => error.fmt(f),
            LogFlaw::NotOpened => f.write_str("the first entry does not open the box"),
            LogFlaw::OpenedTwice => f.write_str("the box is open already"),
            LogFlaw::Opening(error) => error.fmt(f),
            LogFlaw::TimeWentBack { before, at } => write!(f, "the time {at} is before {before}"),
            LogFlaw::NoChange => f.write_str("it changes nothing, and a box writes no such entry"),
            LogFlaw::Activation(error) => error.fmt(f),
            LogFlaw::Reissue(error) => error.fmt(f),
            LogFlaw::Challenge(error) => error.fmt(f),
            LogFlaw::Deposit(error) => error.fmt(f),
            LogFlaw::Closing(error) => error.fmt(f),
            LogFlaw::ClosedTwice => f.write_str("the box is closed already"),
            LogFlaw::AfterTheEnd => f.write_str("it comes after the end, which was cut off"),
            LogFlaw::ForeignAnchor { expected, actual } => {
                write!(f, "the anchor is of contest {actual}, the log of {expected}")
            }
            LogFlaw::EndMissing { expected, actual } => {
                write!(f, "the log has lost its end: it has {actual} of the {expected} entries that were stored")
            }
            LogFlaw::OtherLog => f.write_str("it is not the entry that the anchor knows: another log than the one that was gone on with"),
            LogFlaw::AnchoredHead { size, error } => {
                write!(f, "the anchor's head of size {size}: {error}")
            }
        }
    }
}

impl core::error::Error for LogFlaw {}
