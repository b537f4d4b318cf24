//! What can be wrong with a box.

use core::fmt;

use crate::ballot::{BallotError, SumError};
use crate::contest::Fingerprint;
use crate::primitives::text::count;
use crate::primitives::wire::to_hex;
use crate::primitives::{UnixTime, VerifyingKeyError};

/// One thing that is wrong with a box. Ballots are counted from 0, in order of deposit.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoxFlaw {
    /// A ballot does not decode, or its proof does not hold.
    Ballot {
        /// The ballot.
        ballot: usize,
        /// What is wrong with it.
        error: BallotError,
    },
    /// The roll is of another contest.
    ForeignRoll {
        /// The contest at hand.
        expected: Fingerprint,
        /// The contest whose roll it is.
        actual: Fingerprint,
    },
    /// A ballot's credential is not on the roll.
    UnknownCredential {
        /// The ballot.
        ballot: usize,
    },
    /// A ballot's credential is revoked.
    RevokedCredential {
        /// The ballot.
        ballot: usize,
    },
    /// A ballot's credential has been used before.
    RepeatedCredential {
        /// The later ballot.
        ballot: usize,
        /// The earlier ballot.
        earlier: usize,
    },
    /// A ballot has the same `R` as another.
    RepeatedNonce {
        /// The later ballot.
        ballot: usize,
        /// The earlier ballot.
        earlier: usize,
    },
    /// A ballot stands in the box twice.
    RepeatedReference {
        /// The later ballot.
        ballot: usize,
        /// The earlier ballot.
        earlier: usize,
    },
    /// The closing names another number of ballots.
    Size {
        /// What the closing says.
        expected: u64,
        /// How many there are.
        actual: usize,
    },
    /// The closing's Merkle root is not that of the ballots.
    Root {
        /// What the closing says.
        expected: [u8; 32],
        /// The root of the ballots.
        actual: [u8; 32],
    },
    /// The box's signature on the closing does not hold.
    ClosingSignature(VerifyingKeyError),
    /// The issuer's signature on the closing does not hold.
    IssuerSignature(VerifyingKeyError),
    /// The closing is of another contest.
    ForeignClosing {
        /// The contest at hand.
        expected: Fingerprint,
        /// The contest whose closing it is.
        actual: Fingerprint,
    },
    /// The box was closed before the contest's end.
    EarlyClosing {
        /// When the box was closed.
        at: UnixTime,
        /// The end: the close and the grace after it.
        ends_at: UnixTime,
    },
    /// The time of the closing is not below 2^53.
    LateNumber {
        /// When the box was closed.
        at: UnixTime,
    },
    /// The ballots cannot be added up.
    Tally(SumError),
}

impl BoxFlaw {
    /// The ballot concerned, from 0, if it is one.
    #[must_use]
    pub fn ballot(&self) -> Option<usize> {
        match self {
            BoxFlaw::Ballot { ballot, .. }
            | BoxFlaw::UnknownCredential { ballot }
            | BoxFlaw::RevokedCredential { ballot }
            | BoxFlaw::RepeatedCredential { ballot, .. }
            | BoxFlaw::RepeatedNonce { ballot, .. }
            | BoxFlaw::RepeatedReference { ballot, .. } => Some(*ballot),
            _ => None,
        }
    }
}

impl BoxFlaw {
    /// The order of flaws in a step: of the whole first, then by ballot; of one ballot by kind.
    pub(crate) fn order(&self) -> (Option<usize>, u8) {
        let kind = match self {
            BoxFlaw::RepeatedCredential { .. } => 1,
            BoxFlaw::RepeatedNonce { .. } => 2,
            _ => 0,
        };
        (self.ballot(), kind)
    }
}

impl fmt::Display for BoxFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BoxFlaw::Ballot { ballot, error } => write!(f, "ballot {ballot}: {error}"),
            BoxFlaw::ForeignRoll { expected, actual } => {
                write!(f, "the roll is that of contest {actual}, not of {expected}")
            }
            BoxFlaw::UnknownCredential { ballot } => {
                write!(f, "ballot {ballot}: its credential is not on the roll")
            }
            BoxFlaw::RevokedCredential { ballot } => {
                write!(f, "ballot {ballot}: its credential is revoked")
            }
            BoxFlaw::RepeatedCredential { ballot, earlier } => {
                write!(f, "ballot {ballot}: its credential was used by ballot {earlier}")
            }
            BoxFlaw::RepeatedNonce { ballot, earlier } => {
                write!(f, "ballot {ballot}: its R is that of ballot {earlier}")
            }
            BoxFlaw::RepeatedReference { ballot, earlier } => {
                write!(f, "ballot {ballot}: the same as ballot {earlier}")
            }
            BoxFlaw::Size { expected, actual } => {
                write!(f, "the closing is of {}, and the box has {actual}", count(*expected, "ballot"))
            }
            BoxFlaw::Root { expected, actual } => write!(
                f,
                "the closing's Merkle root is {} and that of the ballots {}",
                to_hex(expected),
                to_hex(actual)
            ),
            BoxFlaw::ClosingSignature(error) => write!(f, "the box's signature on the closing: {error}"),
            BoxFlaw::IssuerSignature(error) => write!(f, "the issuer's signature on the closing: {error}"),
            BoxFlaw::ForeignClosing { expected, actual } => {
                write!(f, "the closing is that of contest {actual}, not of {expected}")
            }
            BoxFlaw::EarlyClosing { at, ends_at } => {
                write!(f, "the box was closed at {at}, before the end of the contest at {ends_at}")
            }
            BoxFlaw::Tally(error) => write!(f, "sum of the ballots: {error}"),
            BoxFlaw::LateNumber { at } => write!(f, "the closing at {at} is not below 2^53"),
        }
    }
}

impl core::error::Error for BoxFlaw {}
