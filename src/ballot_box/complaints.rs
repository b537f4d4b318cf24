//! The time for complaints between a closing and its count.

use alloc::vec::Vec;

use super::{ClosedBox, ClosingDigest};
use crate::bureau::TrusteeIndex;
use crate::primitives::UnixTime;
use crate::primitives::messages::messages;
use crate::primitives::wire::{DecodeError, Kind, Reader, form, serde_bytes};

/// What a trustee publishes, by a channel of its own, when it is given a closed record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenClosing {
    /// The trustee.
    pub trustee: TrusteeIndex,
    /// The digest of the closing that it was given.
    pub closing: ClosingDigest,
}

impl GivenClosing {
    /// Form: kind ‖ version ‖ trustee (1 byte) ‖ digest of the closing.
    #[must_use]
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = form(Kind::GivenClosing);
        bytes.push(self.trustee.get());
        bytes.extend(self.closing.to_bytes());
        bytes
    }

    /// Reads what [`GivenClosing::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] for every other form, which names both kinds if it is another.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::GivenClosing, bytes)?;
        let offset = reader.offset();
        let trustee = TrusteeIndex::new(reader.byte()?).ok_or(DecodeError::Number { offset })?;
        let closing = ClosingDigest::from_bytes(*reader.array()?);
        reader.finish()?;
        Ok(GivenClosing { trustee, closing })
    }
}

serde_bytes!(GivenClosing, GivenClosing::from_bytes);

/// That the time for complaints about a closing is over by the clock of whoever made this, and that no trustee says
/// that it was given another closing. Issuer and trustees each make their own before they sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AfterComplaints {
    closing: ClosingDigest,
}

impl AfterComplaints {
    /// `given` is what the trustees that can be reached have published, `given_at` when this party was given the
    /// closed record, by its own clock, and `seconds` how long complaints are taken from then, as agreed with the
    /// dates.
    ///
    /// # Errors
    ///
    /// [`ComplaintsError::StillTaken`] before that time is over, [`ComplaintsError::GivenEarly`] when the record would
    /// have been given before it was closed, [`ComplaintsError::OtherGiven`] when a trustee was given another closing.
    pub fn of(
        closed: &ClosedBox,
        given: &[GivenClosing],
        given_at: UnixTime,
        seconds: u64,
        now: UnixTime,
    ) -> Result<Self, ComplaintsError> {
        let (closing, closed_at) = (closed.digest(), closed.closing().at);
        if let Some(GivenClosing { trustee, closing }) = given.iter().find(|given| given.closing != closing) {
            return Err(ComplaintsError::OtherGiven { trustee: *trustee, closing: *closing });
        }
        if given_at < closed_at {
            return Err(ComplaintsError::GivenEarly { given_at, closed_at });
        }
        let until = UnixTime::from_seconds(given_at.seconds().saturating_add(seconds));
        if now < until { Err(ComplaintsError::StillTaken { until }) } else { Ok(AfterComplaints { closing }) }
    }

    /// The closing that nobody has complained of in time.
    #[must_use]
    pub fn closing(&self) -> ClosingDigest {
        self.closing
    }
}

/// Why a closing is not to be signed yet.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComplaintsError {
    /// A trustee was given another closing.
    OtherGiven {
        /// The trustee.
        trustee: TrusteeIndex,
        /// What it was given.
        closing: ClosingDigest,
    },
    /// The record was given out before the box closed, or a clock is wrong.
    GivenEarly {
        /// When it was given.
        given_at: UnixTime,
        /// When the box says that it closed.
        closed_at: UnixTime,
    },
    /// Complaints are still taken.
    StillTaken {
        /// Until when.
        until: UnixTime,
    },
}

messages! { ComplaintsError: "complaints";
    OtherGiven { trustee, closing } => "other-given", "trustee {trustee} was given another closing, {closing}";
    GivenEarly { given_at, closed_at } => "given-early",
        "the closed record was given at {given_at}, before the box closed at {closed_at}";
    StillTaken { until } => "still-taken", "complaints are taken until {until}";
}

impl core::error::Error for ComplaintsError {}
