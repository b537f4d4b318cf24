//! Why a bureau or its key is refused.

use super::{PanelIndex, TrusteeIndex};
use crate::primitives::DecodeError;
use crate::primitives::messages::messages;
use crate::primitives::text::count;

/// The rule that a bureau or an election key breaks.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// The form of a key or of its bureau does not decode.
    Decode(DecodeError),
    /// There is no panel.
    NoPanel,
    /// There are more than 255 panels: some have no trustee, or there are too many of these.
    TooManyPanels {
        /// How many there are.
        actual: usize,
    },
    /// There are more than 255 trustees.
    TooManyTrustees {
        /// How many there are.
        actual: usize,
    },
    /// A panel's threshold is impossible: it needs `1 ≤ t_p ≤ n_p`.
    Threshold {
        /// The panel.
        panel: PanelIndex,
        /// The threshold asked for.
        threshold: u8,
        /// The number of its trustees.
        trustees: usize,
    },
    /// An identity key does not decode.
    BadIdentity {
        /// The trustee whose key it is.
        trustee: TrusteeIndex,
        /// What is wrong with it.
        error: DecodeError,
    },
    /// A trustee's identity key is that of an earlier trustee.
    RepeatedIdentity {
        /// The later of the two.
        trustee: TrusteeIndex,
    },
    /// There is not one part of the key for each panel.
    PanelCount {
        /// The number of panels.
        expected: usize,
        /// The number of parts.
        actual: usize,
    },
    /// A key has 1 to 255 slots, the same number in every panel.
    SlotCount {
        /// The panel.
        panel: PanelIndex,
        /// The number of slots.
        actual: usize,
    },
    /// A slot does not have exactly `t_p` points.
    CoefficientCount {
        /// The panel.
        panel: PanelIndex,
        /// The slot, from 1.
        slot: usize,
        /// The panel's threshold.
        expected: usize,
        /// The number of points.
        actual: usize,
    },
    /// A point of the key does not decode, or is the identity.
    BadPoint {
        /// The panel.
        panel: PanelIndex,
        /// The slot, from 1.
        slot: usize,
        /// What is wrong with it.
        error: DecodeError,
    },
    /// The encryption key of a slot is the identity: the panels cancel each other.
    IdentityKeyOfSlot {
        /// The slot, from 1.
        slot: usize,
    },
    /// Two slots have the same encryption key.
    RepeatedSlot {
        /// The later of the two, from 1.
        slot: usize,
    },
}

impl KeyError {
    /// The trustee concerned, if it is one.
    #[must_use]
    pub fn trustee(&self) -> Option<TrusteeIndex> {
        match self {
            KeyError::BadIdentity { trustee, .. } | KeyError::RepeatedIdentity { trustee } => Some(*trustee),
            _ => None,
        }
    }

    /// The panel concerned, if it is one.
    #[must_use]
    pub fn panel(&self) -> Option<PanelIndex> {
        match self {
            KeyError::Threshold { panel, .. }
            | KeyError::SlotCount { panel, .. }
            | KeyError::CoefficientCount { panel, .. }
            | KeyError::BadPoint { panel, .. } => Some(*panel),
            _ => None,
        }
    }
}

messages! { KeyError: "key";
    Decode(error) => "decode", "form of a key: {error}";
    NoPanel => "no-panel", "a bureau has at least one panel";
    TooManyPanels { actual } => "too-many-panels", "{actual} panels where 255 are the most";
    TooManyTrustees { actual } => "too-many-trustees", "{actual} trustees where 255 are the most";
    Threshold { panel, threshold, trustees } => "threshold",
        "panel {panel}: a threshold of {threshold} of {} is impossible", count(*trustees, "trustee");
    BadIdentity { trustee, error } => "bad-identity", "identity key of trustee {trustee}: {error}";
    RepeatedIdentity { trustee } => "repeated-identity",
        "trustee {trustee} has the identity key of an earlier trustee";
    PanelCount { expected, actual } => "panel-count",
        "a key of {} for {}", count(*actual, "part"), count(*expected, "panel");
    SlotCount { panel, actual } => "slot-count",
        "panel {panel}: {} where a key has 1 to 255, as many in every panel", count(*actual, "slot");
    CoefficientCount { panel, slot, expected, actual } => "coefficient-count",
        "panel {panel}: slot {slot} has {} where the threshold is {expected}", count(*actual, "point");
    BadPoint { panel, slot, error } => "bad-point", "panel {panel}: slot {slot} of the key: {error}";
    IdentityKeyOfSlot { slot } => "identity-key-of-slot", "the encryption key of slot {slot} is the identity";
    RepeatedSlot { slot } => "repeated-slot", "slot {slot} has the encryption key of an earlier slot";
}

impl core::error::Error for KeyError {}

impl From<DecodeError> for KeyError {
    fn from(error: DecodeError) -> Self {
        KeyError::Decode(error)
    }
}
