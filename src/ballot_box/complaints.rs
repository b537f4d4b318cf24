//! The time for complaints between a closing and its count.

use alloc::vec::Vec;

use super::{ClosedBox, ClosingDigest};
use crate::bureau::TrusteeIndex;
use crate::primitives::UnixTime;
use crate::primitives::form::named_form;
use crate::primitives::messages::messages;
use crate::primitives::stored::Storing;
use crate::primitives::wire::{DecodeError, Kind, Reader, form};

/// What a trustee publishes, by a channel of its own, when it is [given](crate::Trustee::given) a closed record.
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

named_form!(GivenClosing: "given", DecodeError);

/// What issuer and trustees go by when they sign a closing: how long complaints of it are taken, and what trustees say
/// that they were given.
#[derive(Clone, Copy, Debug)]
pub struct Complaints<'a> {
    /// For so many seconds, as agreed with the dates, from when whoever signs was given the closed record. That is in
    /// its own memory, by its own clock: see [`Trustee::given`](crate::Trustee::given) and
    /// [`Issuer::given`](super::Issuer::given).
    pub seconds: u64,
    /// What the trustees that can be reached have published.
    pub given: &'a [GivenClosing],
}

/// The closing that a role was given last, and when. A part of its memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GivenAt {
    pub(crate) closing: ClosingDigest,
    pub(crate) at: UnixTime,
}

impl GivenAt {
    /// What a role knows when it is given this closing too. The same again changes nothing; with another, as a box makes
    /// it when a complaint was right, the time begins anew.
    pub(crate) fn note(
        known: Option<Self>,
        closed: &ClosedBox,
        now: UnixTime,
    ) -> Result<Self, ComplaintsError> {
        let (closing, closed_at) = (closed.digest(), closed.closing().at);
        match known {
            Some(known) if known.closing == closing => Ok(known),
            _ if now < closed_at => Err(ComplaintsError::GivenEarly { given_at: now, closed_at }),
            _ => Ok(GivenAt { closing, at: now }),
        }
    }

    /// Whether this closing is what was given, no trustee says that it was given another, and the time for complaints
    /// is over.
    pub(crate) fn check(
        known: Option<Self>,
        closing: ClosingDigest,
        complaints: &Complaints<'_>,
        now: UnixTime,
    ) -> Result<(), ComplaintsError> {
        let GivenAt { closing: given, at } = known.ok_or(ComplaintsError::NotGiven { closing })?;
        if given != closing {
            return Err(ComplaintsError::Another { given, actual: closing });
        }
        if let Some(GivenClosing { trustee, closing }) =
            complaints.given.iter().find(|of| of.closing != closing)
        {
            return Err(ComplaintsError::OtherGiven { trustee: *trustee, closing: *closing });
        }
        let until = at.saturating_add(complaints.seconds);
        if now < until { Err(ComplaintsError::StillTaken { until }) } else { Ok(()) }
    }

    /// digest ‖ LE64(at), inside of what a role stores.
    pub(crate) fn store(&self, storing: &mut Storing) {
        storing.write(self.closing.as_bytes());
        storing.number(self.at.seconds());
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let closing = ClosingDigest::from_bytes(*reader.array()?);
        Ok(GivenAt { closing, at: UnixTime::from_seconds(reader.integer()?) })
    }
}

/// Why a closing is not to be signed yet.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComplaintsError {
    /// Whoever is to sign was not given this closing, so that no time has begun.
    NotGiven {
        /// The closing.
        closing: ClosingDigest,
    },
    /// Whoever is to sign was given another closing of the contest last.
    Another {
        /// What it was given.
        given: ClosingDigest,
        /// This one.
        actual: ClosingDigest,
    },
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
    NotGiven { closing } => "not-given",
        "closing {closing} was never noted as given: the time for complaints begins with that";
    Another { given, actual } => "another", "closing {given} of this contest was given last, not {actual}";
    OtherGiven { trustee, closing } => "other-given", "trustee {trustee} was given another closing, {closing}";
    GivenEarly { given_at, closed_at } => "given-early",
        "the closed record was given at {given_at}, before the box closed at {closed_at}";
    StillTaken { until } => "still-taken", "complaints are taken until {until}";
}

impl core::error::Error for ComplaintsError {}
