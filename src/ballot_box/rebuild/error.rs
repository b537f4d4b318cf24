//! What is wrong with a log.

use core::fmt;

use crate::ballot_box::{
    ActivationError, ChallengeRefusal, CloseError, DepositError, OpenError, ReceiptError, ReissueError,
};
use crate::contest::Fingerprint;
use crate::primitives::UnixTime;
use crate::primitives::messages::messages;
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

impl LogError {
    /// The code of what is wrong.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.flaw.code()
    }
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

messages! { LogFlaw: "log";
    Empty => "empty", "the log is empty";
    CutShort => "cut-short", "the log ends inside it";
    Zeros => "zeros", "the log is zeros from inside it on";
    NotAnEntry { error } => "not-an-entry", "no entry: {error}";
    TooLong { length, most } => "too-long", "it says that it has {length} bytes, and none has more than {most}";
    Tag => "tag",
        "its tag does not hold: it was edited, moved, repeated or not written by this box, or one before it is missing";
    Malformed(error) => of error;
    NotOpened => "not-opened", "the first entry does not open the box";
    OpenedTwice => "opened-twice", "the box is open already";
    Opening(error) => of error;
    TimeWentBack { before, at } => "time-went-back", "the time {at} is before {before}";
    NoChange => "no-change", "it changes nothing, and a box writes no such entry";
    Activation(error) => of error;
    Reissue(error) => of error;
    Challenge(error) => of error;
    Deposit(error) => of error;
    Closing(error) => of error;
    ClosedTwice => "closed-twice", "the box is closed already";
    AfterTheEnd => "after-the-end", "it comes after the end, which was cut off";
    ForeignAnchor { expected, actual } => "foreign-anchor",
        "the anchor is of contest {actual}, the log of {expected}";
    EndMissing { expected, actual } => "end-missing",
        "the log has lost its end: it has {actual} of the {expected} entries that were stored";
    OtherLog => "other-log",
        "it is not the entry that the anchor knows: another log than the one that was gone on with";
    AnchoredHead { size, error } => "anchored-head", "the anchor's head of size {size}: {error}";
}

impl core::error::Error for LogFlaw {}
