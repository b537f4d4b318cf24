//! What can be wrong with a box.

use crate::ballot::{BallotError, SumError};
use crate::contest::Fingerprint;
use crate::primitives::messages::messages;
use crate::primitives::text::{count, nth};
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

messages! { BoxFlaw: "box";
    Ballot { ballot, error } => "ballot", "ballot {}: {error}", nth(*ballot);
    ForeignRoll { expected, actual } => "foreign-roll",
        "the roll is that of contest {actual}, not of {expected}";
    UnknownCredential { ballot } => "unknown-credential",
        "ballot {}: its credential is not on the roll", nth(*ballot);
    RevokedCredential { ballot } => "revoked-credential", "ballot {}: its credential is revoked", nth(*ballot);
    RepeatedCredential { ballot, earlier } => "repeated-credential",
        "ballot {}: its credential was used by ballot {}", nth(*ballot), nth(*earlier);
    RepeatedNonce { ballot, earlier } => "repeated-nonce",
        "ballot {}: its R is that of ballot {}", nth(*ballot), nth(*earlier);
    RepeatedReference { ballot, earlier } => "repeated-reference",
        "ballot {}: the same as ballot {}", nth(*ballot), nth(*earlier);
    Size { expected, actual } => "size",
        "the closing is of {}, and the box has {actual}", count(*expected, "ballot");
    Root { expected, actual } => "root",
        "the closing's Merkle root is {} and that of the ballots {}", to_hex(expected), to_hex(actual);
    ClosingSignature(error) => "closing-signature", "the box's signature on the closing: {error}";
    IssuerSignature(error) => "issuer-signature", "the issuer's signature on the closing: {error}";
    ForeignClosing { expected, actual } => "foreign-closing",
        "the closing is that of contest {actual}, not of {expected}";
    EarlyClosing { at, ends_at } => "early-closing",
        "the box was closed at {at}, before the end of the contest at {ends_at}";
    Tally(error) => "tally", "sum of the ballots: {error}";
    LateNumber { at } => "late-number", "the closing at {at} is not below 2^53";
}

impl core::error::Error for BoxFlaw {}
