//! Why a ballot box refuses.

use alloc::boxed::Box;
use core::fmt;

use super::BallotBox;
use crate::ballot::TallyError;
use crate::ballot::{BallotError, ChallengeError};
use crate::ballot_box::BoxFlaw;
use crate::ballot_box::RollError;
use crate::primitives::time::UnixTime;

/// Why a ballot was not taken, in the order in which the checks are made. The box is as it was.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepositError {
    /// The contest is not open yet.
    NotYetOpen {
        /// When it opens.
        opens_at: UnixTime,
    },
    /// The contest is closed.
    Closed {
        /// When it closed.
        closes_at: UnixTime,
    },
    /// The bytes are no ballot of this contest, or, after all other checks, the proof does not hold.
    Ballot(BallotError),
    /// The voter is not on the roll.
    NotOnRoll,
    /// The voter has voted, with another ballot.
    AlreadyVoted {
        /// When.
        at: UnixTime,
    },
    /// The credential is not the one issued to this voter.
    OtherCredential,
    /// The credential was this voter's and is revoked.
    Revoked,
    /// The code was never activated, and it is too late to.
    Expired {
        /// When it was too late.
        expires_at: UnixTime,
    },
    /// The code has not been activated.
    NotActive,
    /// The ballot was opened by its voter and cannot be cast.
    Opened,
    /// A ballot with the same `R` is in the box.
    RepeatedNonce,
}

impl fmt::Display for DepositError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DepositError::NotYetOpen { opens_at } => write!(f, "the contest opens at {opens_at}"),
            DepositError::Closed { closes_at } => write!(f, "the contest closed at {closes_at}"),
            DepositError::Ballot(error) => error.fmt(f),
            DepositError::NotOnRoll => f.write_str("the voter is not on the roll of this contest"),
            DepositError::AlreadyVoted { at } => write!(f, "the voter has voted at {at}"),
            DepositError::OtherCredential => {
                f.write_str("the ballot's credential is not the one issued to this voter")
            }
            DepositError::Revoked => f.write_str("the voter's code has been revoked by a later one"),
            DepositError::Expired { expires_at } => {
                write!(f, "the voter's code was not activated before {expires_at}")
            }
            DepositError::NotActive => f.write_str("the voter's code has not been activated"),
            DepositError::Opened => f.write_str("the ballot was opened by its voter and cannot be cast"),
            DepositError::RepeatedNonce => f.write_str("a ballot with the same R is in the box"),
        }
    }
}

impl core::error::Error for DepositError {}

/// Why a code was not activated, in the order in which the checks are made. The box is as it was.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActivationError {
    /// The contest is closed.
    Closed {
        /// When it closed.
        closes_at: UnixTime,
    },
    /// The voter is not on the roll.
    NotOnRoll,
    /// The voter has voted.
    AlreadyVoted {
        /// When.
        at: UnixTime,
    },
    /// The proof does not hold for this nonce.
    Proof,
    /// The code was this voter's and is revoked.
    Revoked,
    /// The code is well-formed and not this voter's.
    OtherCode,
    /// The code was to be activated earlier.
    Expired {
        /// The first second in which it was too late.
        expires_at: UnixTime,
    },
}

impl fmt::Display for ActivationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ActivationError::Closed { closes_at } => write!(f, "the contest closed at {closes_at}"),
            ActivationError::NotOnRoll => f.write_str("the voter is not on the roll of this contest"),
            ActivationError::AlreadyVoted { at } => write!(f, "the voter has voted at {at}"),
            ActivationError::Revoked => f.write_str("the code has been revoked by a later one"),
            ActivationError::OtherCode => f.write_str("the code is not the one issued to this voter"),
            ActivationError::Expired { expires_at } => write!(f, "the code expired at {expires_at}"),
            ActivationError::Proof => f.write_str("the proof of activation does not hold"),
        }
    }
}

impl core::error::Error for ActivationError {}

/// Why no new code was issued. The box is as it was.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReissueError {
    /// The contest is closed.
    Closed {
        /// When it closed.
        closes_at: UnixTime,
    },
    /// The voter is not on the roll.
    NotOnRoll,
    /// The voter has voted.
    AlreadyVoted {
        /// When.
        at: UnixTime,
    },
    /// The new credential is on the roll already.
    Roll(RollError),
}

impl fmt::Display for ReissueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReissueError::Closed { closes_at } => write!(f, "the contest closed at {closes_at}"),
            ReissueError::NotOnRoll => f.write_str("the voter is not on the roll of this contest"),
            ReissueError::AlreadyVoted { at } => write!(f, "the voter has voted at {at}"),
            ReissueError::Roll(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ReissueError {}

/// Why an opened ballot was not noted.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalError {
    /// The box is closed.
    Closed,
    /// The credential of the opened ballot is not on the roll, so it could not be cast anyway.
    UnknownCredential,
    /// The opening does not hold.
    Opening(ChallengeError),
    /// The ballot is in the box.
    Deposited,
}

impl fmt::Display for RefusalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RefusalError::Closed => f.write_str("the box is closed"),
            RefusalError::UnknownCredential => {
                f.write_str("the credential of the opened ballot is not on the roll")
            }
            RefusalError::Opening(error) => error.fmt(f),
            RefusalError::Deposited => f.write_str("the opened ballot is in the box"),
        }
    }
}

impl core::error::Error for RefusalError {}

/// Why a box cannot be closed.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseError {
    /// The contest is still open.
    TooEarly {
        /// When it closes.
        closes_at: UnixTime,
    },
    /// There is not one signing for each ballot.
    Signings {
        /// Number of ballots.
        ballots: usize,
        /// Number of signings.
        signings: usize,
    },
    /// The closing cannot be signed.
    Closing(BoxFlaw),
    /// The ballots cannot be added up.
    Tally(TallyError),
}

impl fmt::Display for CloseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CloseError::TooEarly { closes_at } => write!(f, "the contest closes at {closes_at}"),
            CloseError::Signings { ballots, signings } => {
                write!(f, "{signings} signings for {ballots} ballots")
            }
            CloseError::Closing(flaw) => flaw.fmt(f),
            CloseError::Tally(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for CloseError {}

/// A box that was not closed, as it was, and why.
#[derive(Debug)]
pub struct NotClosed {
    ballot_box: Box<BallotBox>,
    error: CloseError,
}

impl NotClosed {
    pub(super) fn new(ballot_box: BallotBox, error: CloseError) -> Self {
        NotClosed { ballot_box: Box::new(ballot_box), error }
    }

    /// Why it was not closed.
    #[must_use]
    pub fn error(&self) -> CloseError {
        self.error
    }

    /// The box, still open.
    #[must_use]
    pub fn into_box(self) -> BallotBox {
        *self.ballot_box
    }
}

impl fmt::Display for NotClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl core::error::Error for NotClosed {}
