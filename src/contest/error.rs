//! Why a contest is refused.

use core::fmt;

use super::{MOST_GRACE, MOST_TEXT_BYTES};
use crate::bureau::{KeyError, PanelIndex, TrusteeIndex, TrusteeSignatureError};
use crate::primitives::UnixTime;
use crate::primitives::text::count;

/// The rule that a contest breaks.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContestError {
    /// There is no list.
    NoList,
    /// There are more than 255 lists.
    TooManyLists {
        /// How many there are.
        actual: usize,
    },
    /// A list's name is empty.
    EmptyList {
        /// The list, from 1.
        list: u8,
    },
    /// A list has the name of an earlier one.
    RepeatedList {
        /// The later of the two, from 1.
        list: u8,
    },
    /// A text is longer than [`MOST_TEXT_BYTES`].
    LongText {
        /// Name of the field.
        field: &'static str,
        /// Its length in bytes.
        actual: usize,
    },
    /// An integer is not below 2^53.
    LargeNumber {
        /// Name of the field.
        field: &'static str,
        /// The number.
        actual: u64,
    },
    /// The contest does not open before it closes.
    ClosesBeforeOpening {
        /// When it opens.
        opens_at: UnixTime,
        /// When it closes.
        closes_at: UnixTime,
    },
    /// The time after the close is longer than [`MOST_GRACE`].
    Grace {
        /// How long it is, in seconds.
        actual: u64,
    },
    /// The capacity is not between 1 and 2^48 − 1.
    Capacity {
        /// The capacity.
        actual: u64,
    },
    /// More lists share a slot than there are, or `(capacity + 1)^κ` is above 2^48.
    Packing {
        /// How many lists there are.
        lists: u8,
        /// The capacity.
        capacity: u64,
        /// How many lists would share a slot.
        actual: u8,
    },
    /// There is not one quorum a panel.
    QuorumCount {
        /// The number of panels.
        expected: usize,
        /// The number of quorums.
        actual: usize,
    },
    /// A panel's quorum is below its threshold or above its number of trustees.
    Quorum {
        /// The panel.
        panel: PanelIndex,
        /// Its threshold.
        threshold: u8,
        /// The number of its trustees.
        trustees: usize,
        /// The quorum.
        actual: u8,
    },
    /// No panel's quorum is more than half of its trustees, so that two closings could be endorsed with nobody
    /// lying.
    LowQuorums,
    /// The key has fewer slots than the contest's ballots.
    TooFewSlots {
        /// How many slots a ballot has.
        slots: usize,
        /// How many the key has.
        actual: usize,
    },
    /// The bureau or its key is malformed.
    Key(KeyError),
    /// An approval is false, repeated, or by nobody.
    Approval(TrusteeSignatureError),
    /// A trustee has not approved.
    MissingApproval {
        /// The first such trustee.
        trustee: TrusteeIndex,
    },
}

impl ContestError {
    /// The trustee concerned, if it is one.
    #[must_use]
    pub fn trustee(&self) -> Option<TrusteeIndex> {
        match self {
            ContestError::Key(error) => error.trustee(),
            ContestError::MissingApproval { trustee } => Some(*trustee),
            ContestError::Approval(error) => Some(error.trustee()),
            _ => None,
        }
    }

    /// The panel concerned, if it is one.
    #[must_use]
    pub fn panel(&self) -> Option<PanelIndex> {
        match self {
            ContestError::Key(error) => error.panel(),
            ContestError::Quorum { panel, .. } => Some(*panel),
            _ => None,
        }
    }
}

impl fmt::Display for ContestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ContestError::NoList => f.write_str("the contest has no list"),
            ContestError::TooManyLists { actual } => write!(f, "{actual} lists where 255 are the most"),
            ContestError::EmptyList { list } => write!(f, "list {list} has an empty name"),
            ContestError::RepeatedList { list } => write!(f, "list {list} has the name of an earlier list"),
            ContestError::LongText { field, actual } => {
                write!(f, "{field}: {} where {MOST_TEXT_BYTES} are the most", count(*actual, "byte"))
            }
            ContestError::LargeNumber { field, actual } => write!(f, "{field}: {actual} is not below 2^53"),
            ContestError::ClosesBeforeOpening { opens_at, closes_at } => {
                write!(f, "the contest opens at {opens_at} and closes at {closes_at}, which is not later")
            }
            ContestError::Grace { actual } => {
                write!(f, "grace: {actual} s after the close where {MOST_GRACE} are the most")
            }
            ContestError::Capacity { actual } => {
                write!(f, "a capacity of {actual} is not between 1 and 2^48 − 1")
            }
            ContestError::Packing { lists, capacity, actual } => write!(
                f,
                "{} a slot: the contest has {}, and ({capacity} + 1)^{actual} can be at most 2^48",
                count(*actual, "list"),
                count(*lists, "list")
            ),
            ContestError::QuorumCount { expected, actual } => {
                write!(f, "{} for {}", count(*actual, "quorum"), count(*expected, "panel"))
            }
            ContestError::Quorum { panel, threshold, trustees, actual } => write!(
                f,
                "panel {panel}: a quorum of {actual} is not between the threshold of {threshold} and the \
                 {}",
                count(*trustees, "trustee")
            ),
            ContestError::LowQuorums => {
                f.write_str("in no panel is the quorum more than half of the trustees")
            }
            ContestError::TooFewSlots { slots, actual } => {
                write!(f, "the key has {} where a ballot has {slots}", count(*actual, "slot"))
            }
            ContestError::Key(error) => write!(f, "key: {error}"),
            ContestError::Approval(error) => write!(f, "approval: {error}"),
            ContestError::MissingApproval { trustee } => {
                write!(f, "trustee {trustee} has not approved the contest")
            }
        }
    }
}

impl core::error::Error for ContestError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            ContestError::Key(error) => Some(error),
            ContestError::Approval(error) => Some(error),
            _ => None,
        }
    }
}

impl From<KeyError> for ContestError {
    fn from(error: KeyError) -> Self {
        ContestError::Key(error)
    }
}
