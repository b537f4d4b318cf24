//! Why a contest is refused.

use alloc::boxed::Box;
use core::fmt;

use super::{MOST_GRACE, MOST_TEXT_BYTES};
use crate::bureau::{KeyError, PanelIndex, TrusteeIndex, TrusteeSignatureError};
use crate::primitives::UnixTime;
use crate::primitives::messages::messages;
use crate::primitives::text::{Text, count};

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
    /// Two lists have names that voters could take for each other. For whoever makes a contest, not for its verifiers:
    /// see [`ContestDescription::check_names`](super::ContestDescription::check_names).
    LookAlikes {
        /// The later of the two, from 1.
        list: u8,
        /// The earlier, from 1.
        earlier: u8,
        /// Name of the earlier, name of the later.
        names: Box<[Text; 2]>,
    },
    /// A character is not seen, or not as itself. For whoever makes a contest, not for its verifiers.
    Unseen {
        /// Name of the field.
        field: &'static str,
        /// The list, from 1, if it is in a list's name.
        list: Option<u8>,
        /// The character's number in Unicode.
        code_point: u32,
        /// Which character of the text, from 1.
        position: usize,
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

messages! { ContestError: "contest";
    NoList => "no-list", "the contest has no list";
    TooManyLists { actual } => "too-many-lists", "{actual} lists where 255 are the most";
    EmptyList { list } => "empty-list", "list {list} has an empty name";
    RepeatedList { list } => "repeated-list", "list {list} has the name of an earlier list";
    LookAlikes { list, earlier, names } => "look-alikes",
        "list {list}, {:?}, looks like list {earlier}, {:?}", second(names), first(names);
    Unseen { field, list, code_point, position } => "unseen",
        "{}: character {position}, U+{code_point:04X}, is not seen as itself there", place(field, *list);
    LongText { field, actual } => "long-text",
        "{field}: {} where {MOST_TEXT_BYTES} are the most", count(*actual, "byte");
    LargeNumber { field, actual } => "large-number", "{field}: {actual} is not below 2^53";
    ClosesBeforeOpening { opens_at, closes_at } => "closes-before-opening",
        "the contest opens at {opens_at} and closes at {closes_at}, which is not later";
    Grace { actual } => "grace", "grace: {actual} s after the close where {MOST_GRACE} are the most";
    Capacity { actual } => "capacity", "a capacity of {actual} is not between 1 and 2^48 − 1";
    Packing { lists, capacity, actual } => "packing",
        "{} a slot: the contest has {}, and ({capacity} + 1)^{actual} can be at most 2^48",
        count(*actual, "list"), count(*lists, "list");
    QuorumCount { expected, actual } => "quorum-count",
        "{} for {}", count(*actual, "quorum"), count(*expected, "panel");
    Quorum { panel, threshold, trustees, actual } => "quorum",
        "panel {panel}: a quorum of {actual} is not between the threshold of {threshold} and the {}",
        count(*trustees, "trustee");
    LowQuorums => "low-quorums", "in no panel is the quorum more than half of the trustees";
    TooFewSlots { slots, actual } => "too-few-slots",
        "the key has {} where a ballot has {slots}", count(*actual, "slot");
    Key(error) => "key", "key: {error}";
    Approval(error) => "approval", "approval: {error}";
    MissingApproval { trustee } => "missing-approval", "trustee {trustee} has not approved the contest";
}

fn first([first, _]: &[Text; 2]) -> &Text {
    first
}

fn second([_, second]: &[Text; 2]) -> &Text {
    second
}

/// Whose text it is.
fn place(field: &str, list: Option<u8>) -> impl fmt::Display {
    fmt::from_fn(move |f| match list {
        Some(list) => write!(f, "list {list}"),
        None => f.write_str(field),
    })
}

impl core::error::Error for ContestError {}

impl From<KeyError> for ContestError {
    fn from(error: KeyError) -> Self {
        ContestError::Key(error)
    }
}
