//! Why a ballot box refuses.

use core::fmt;

use super::{BoxFlaw, RollError};
use crate::ballot::{BallotError, SumError};
use crate::contest::Fingerprint;
use crate::primitives::UnixTime;
use crate::primitives::text::count;

/// Why a box is not opened.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The key is not the contest's box key: what the box signed would not hold.
    OtherKey,
    /// The roll does not hold under this opening.
    Roll(RollError),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::OtherKey => f.write_str("the key is not the contest's box key"),
            OpenError::Roll(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for OpenError {}

/// Why a ballot was not taken, in the order in which the checks are made. The box is as it was.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepositError {
    /// The voter is not on the roll.
    NotOnRoll,
    /// The contest is not open yet.
    NotYetOpen {
        /// When it opens.
        opens_at: UnixTime,
    },
    /// The contest has ended: it has closed, and the grace is over.
    Ended {
        /// When it ended.
        ends_at: UnixTime,
    },
    /// The voter has voted, with another ballot.
    AlreadyVoted {
        /// When.
        at: UnixTime,
    },
    /// The bytes are no ballot of this contest, or the proof does not hold.
    Ballot(BallotError),
    /// The credential is not the one issued to this voter.
    OtherCredential,
    /// The credential was this voter's and is revoked.
    Revoked,
    /// The code was never activated, and it is too late to.
    Expired {
        /// When it was too late: at the close, or before.
        expires_at: UnixTime,
    },
    /// The code has not been activated.
    NotActive,
    /// The ballot was challenged by its voter and cannot be cast.
    Challenged,
    /// A ballot with the same `R` is in the box.
    RepeatedNonce,
}

impl fmt::Display for DepositError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DepositError::NotOnRoll => f.write_str("the voter is not on the roll of this contest"),
            DepositError::NotYetOpen { opens_at } => write!(f, "the contest opens at {opens_at}"),
            DepositError::Ended { ends_at } => write!(f, "the contest ended at {ends_at}"),
            DepositError::AlreadyVoted { at } => write!(f, "the voter has voted at {at}"),
            DepositError::Ballot(error) => error.fmt(f),
            DepositError::OtherCredential => {
                f.write_str("the ballot's credential is not the one issued to this voter")
            }
            DepositError::Revoked => f.write_str("the voter's code has been revoked by a later one"),
            DepositError::Expired { expires_at } => {
                write!(f, "the voter's code was not activated before {expires_at}")
            }
            DepositError::NotActive => f.write_str("the voter's code has not been activated"),
            DepositError::Challenged => {
                f.write_str("the ballot was challenged by its voter and cannot be cast: seal another")
            }
            DepositError::RepeatedNonce => f.write_str("a ballot with the same R is in the box"),
        }
    }
}

impl core::error::Error for DepositError {}

/// Why a code was not activated, in the order in which the checks are made. The box is as it was.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActivationError {
    /// The contest has ended: it has closed, and the grace is over.
    Ended {
        /// When it ended.
        ends_at: UnixTime,
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
    /// The contest has closed, and the code was not active then.
    Closed {
        /// When it closed.
        closes_at: UnixTime,
    },
    /// The code was to be activated earlier.
    Expired {
        /// The first second in which it was too late.
        expires_at: UnixTime,
    },
}

impl fmt::Display for ActivationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ActivationError::Ended { ends_at } => write!(f, "the contest ended at {ends_at}"),
            ActivationError::NotOnRoll => f.write_str("the voter is not on the roll of this contest"),
            ActivationError::AlreadyVoted { at } => write!(f, "the voter has voted at {at}"),
            ActivationError::Proof => f.write_str("the proof of activation does not hold"),
            ActivationError::Revoked => f.write_str("the code has been revoked by a later one"),
            ActivationError::OtherCode => f.write_str("the code is not the one issued to this voter"),
            ActivationError::Closed { closes_at } => {
                write!(f, "the contest closed at {closes_at}: a code is entered before")
            }
            ActivationError::Expired { expires_at } => {
                write!(f, "the code expired at {expires_at}: ask for a new one")
            }
        }
    }
}

impl core::error::Error for ActivationError {}

/// Why a new code was not taken. The box is as it was.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReissueError {
    /// The issue is of another voter than the one who was identified.
    OtherVoter,
    /// The issue is for another contest.
    ForeignContest {
        /// The contest of the box.
        expected: Fingerprint,
        /// The contest of the issue.
        actual: Fingerprint,
    },
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
    /// The voter has been issued a later code.
    Older {
        /// When this one was issued.
        issued_at: UnixTime,
        /// When the one in force was.
        in_force: UnixTime,
    },
    /// The new credential is on the roll already.
    Roll(RollError),
}

impl fmt::Display for ReissueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReissueError::OtherVoter => f.write_str("issued to another voter than the one identified"),
            ReissueError::ForeignContest { expected, actual } => {
                write!(f, "issued for contest {actual}, not for {expected}")
            }
            ReissueError::Closed { closes_at } => write!(f, "the contest closed at {closes_at}"),
            ReissueError::NotOnRoll => f.write_str("the voter is not on the roll of this contest"),
            ReissueError::AlreadyVoted { at } => write!(f, "the voter has voted at {at}"),
            ReissueError::Older { issued_at, in_force } => {
                write!(f, "issued at {issued_at}, before the one in force at {in_force}")
            }
            ReissueError::Roll(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ReissueError {}

/// Why the box took no note of a challenge, in the order in which the checks are made. The box is as it was,
/// and the ballot must not be opened: it could still be cast.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeRefusal {
    /// The voter is not on the roll.
    NotOnRoll,
    /// The contest is not open yet.
    NotYetOpen {
        /// When it opens.
        opens_at: UnixTime,
    },
    /// The contest has ended.
    Ended {
        /// When it ended.
        ends_at: UnixTime,
    },
    /// The voter has voted.
    AlreadyVoted {
        /// When.
        at: UnixTime,
    },
    /// The bytes are no ballot of this contest, or the proof does not hold.
    Ballot(BallotError),
    /// The ballot's credential is not the voter's, or not active. The ballot could not be cast either.
    Credential(DepositError),
    /// A ballot with the same `R` is in the box.
    Deposited,
    /// As many ballots as can be have been challenged with this credential.
    TooMany {
        /// How many can be.
        most: u8,
    },
}

impl fmt::Display for ChallengeRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChallengeRefusal::NotOnRoll => f.write_str("the voter is not on the roll of this contest"),
            ChallengeRefusal::NotYetOpen { opens_at } => write!(f, "the contest opens at {opens_at}"),
            ChallengeRefusal::Ended { ends_at } => write!(f, "the contest ended at {ends_at}"),
            ChallengeRefusal::AlreadyVoted { at } => write!(f, "the voter has voted at {at}"),
            ChallengeRefusal::Ballot(error) => error.fmt(f),
            ChallengeRefusal::Credential(error) => error.fmt(f),
            ChallengeRefusal::Deposited => f.write_str("a ballot with the same R is in the box"),
            ChallengeRefusal::TooMany { most } => {
                write!(
                    f,
                    "{most} ballots were challenged with this code: cast the next, or ask for a new code"
                )
            }
        }
    }
}

impl core::error::Error for ChallengeRefusal {}

/// Why a box cannot be closed.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseError {
    /// The contest has not ended.
    TooEarly {
        /// When it ends: at the close and the grace after it.
        ends_at: UnixTime,
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
    Tally(SumError),
}

impl fmt::Display for CloseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CloseError::TooEarly { ends_at } => write!(f, "the contest ends at {ends_at}"),
            CloseError::Signings { ballots, signings } => {
                write!(f, "{} for {}", count(*signings, "signing"), count(*ballots, "ballot"))
            }
            CloseError::Closing(flaw) => flaw.fmt(f),
            CloseError::Tally(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for CloseError {}
