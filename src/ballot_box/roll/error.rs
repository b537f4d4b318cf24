//! Why a roll is refused.

use crate::contest::Fingerprint;
use crate::primitives::messages::messages;
use crate::primitives::text::{count, nth};
use crate::primitives::wire::to_hex;
use crate::primitives::{DecodeError, UnixTime, VerifyingKeyError};

/// The rule that a published roll breaks. Entries are counted from 0.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollError {
    /// The form of a roll does not decode.
    Decode(DecodeError),
    /// A credential stands on the roll twice.
    Repeated {
        /// The later entry.
        entry: usize,
        /// The earlier entry.
        earlier: usize,
    },
    /// There are fewer entries than voters.
    TooShort {
        /// How many voters the opening names.
        voters: u64,
        /// How many entries there are.
        entries: usize,
    },
    /// The credentials at opening do not ascend.
    Order {
        /// The first entry that is below the one before it.
        entry: usize,
    },
    /// There are not as many credentials in force as voters.
    Standing {
        /// How many voters the opening names.
        voters: u64,
        /// How many entries are not revoked.
        actual: usize,
    },
    /// The opening is of another contest.
    ForeignContest {
        /// The contest at hand.
        expected: Fingerprint,
        /// The contest it was made for.
        actual: Fingerprint,
    },
    /// There is no voter, or there are more than the contest's capacity.
    Voters {
        /// How many voters the opening names.
        voters: u64,
        /// How many there can be.
        capacity: u64,
    },
    /// The box's signature on the opening does not hold.
    BoxSignature(VerifyingKeyError),
    /// The issuer's signature on the opening does not hold.
    IssuerSignature(VerifyingKeyError),
    /// The roll was opened after the contest.
    Late {
        /// When it was opened.
        at: UnixTime,
        /// When the contest opened.
        opens_at: UnixTime,
    },
    /// The credential is not on the roll, or revoked.
    Unknown {
        /// The credential's encoding.
        credential: [u8; 32],
    },
}

messages! { RollError: "roll";
    Decode(error) => "form", "form of a roll: {error}";
    Repeated { entry, earlier } => "repeated",
        "roll entry {} has the credential of entry {}", nth(*entry), nth(*earlier);
    TooShort { voters, entries } => "too-short",
        "the roll has {} for {}", count(*entries, "credential"), count(*voters, "voter");
    Order { entry } => "order", "roll entry {} is out of order: credentials at opening ascend", nth(*entry);
    Standing { voters, actual } => "standing",
        "the roll has {} not revoked for {}", count(*actual, "credential"), count(*voters, "voter");
    ForeignContest { expected, actual } => "foreign-contest",
        "the opening was made for contest {actual}, not for {expected}";
    Voters { voters, capacity } => "voters",
        "the opening names {} where there can be 1 to {capacity}", count(*voters, "voter");
    BoxSignature(error) => "box-signature", "the box's signature on the opening: {error}";
    IssuerSignature(error) => "issuer-signature", "the issuer's signature on the opening: {error}";
    Late { at, opens_at } => "late", "the roll was opened at {at}, after the contest at {opens_at}";
    Unknown { credential } => "unknown", "credential {} is not on the roll or is revoked", to_hex(credential);
}

impl core::error::Error for RollError {}

impl From<DecodeError> for RollError {
    fn from(error: DecodeError) -> Self {
        RollError::Decode(error)
    }
}
