//! Why a voter refuses what a box gave.

use crate::ballot::BallotReference;
use crate::ballot_box::OpeningDigest;
use crate::contest::Fingerprint;
use crate::primitives::messages::messages;
use crate::primitives::text::{count, nth};
use crate::primitives::{UnixTime, VerifyingKeyError};

/// Why what a box gave a voter is refused.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptError {
    /// It is about another contest.
    ForeignContest {
        /// The contest at hand.
        expected: Fingerprint,
        /// The contest it is about.
        actual: Fingerprint,
    },
    /// It is about another ballot.
    OtherBallot {
        /// Reference of the voter's own ballot.
        expected: BallotReference,
        /// The reference given.
        actual: BallotReference,
    },
    /// It is about another voter.
    OtherVoter,
    /// A time is outside of the contest's or the voter's window, or differs between the parts.
    Time {
        /// The time given.
        at: UnixTime,
    },
    /// The head is not the one just after the ballot.
    Position {
        /// The ballot's index.
        index: u64,
        /// The head's size.
        size: u64,
    },
    /// The path does not lead from the ballot to the head.
    NotIncluded {
        /// Reference of the ballot.
        reference: BallotReference,
    },
    /// The box's signature on the head does not hold.
    Head(VerifyingKeyError),
    /// The box signed the head under another opening.
    OtherOpening {
        /// The opening at hand.
        expected: OpeningDigest,
        /// The opening of the head.
        actual: OpeningDigest,
    },
    /// The box's signature on the émargement does not hold.
    Emargement(VerifyingKeyError),
    /// The box's signature on the closing does not hold.
    Closing(VerifyingKeyError),
    /// The closing is of an earlier time than the head.
    ClosedEarlier {
        /// Time of the head.
        head: UnixTime,
        /// Time of the closing.
        closing: UnixTime,
    },
    /// A later head is of an earlier time.
    HeadEarlier {
        /// Time of the head.
        head: UnixTime,
        /// Time of the later one.
        later: UnixTime,
    },
    /// The box, closed or at a later head, does not begin with the box at the head.
    Fork {
        /// Size at the head.
        size: u64,
        /// Size at the closing, or at the later head.
        closing: u64,
    },
}

messages! { ReceiptError: "receipt";
    ForeignContest { expected, actual } => "foreign-contest", "made for contest {actual}, not for {expected}";
    OtherBallot { expected, actual } => "other-ballot", "about ballot {actual}, not {expected} as sent";
    OtherVoter => "other-voter", "the émargement is of another voter";
    Time { at } => "time", "the time {at} is not when the ballot was sent, or parts of the receipt disagree";
    Position { index, size } => "position",
        "the head of {} is not the one just after ballot {}", count(*size, "ballot"), nth(*index);
    NotIncluded { reference } => "not-included", "ballot {reference} is not in the tree of the head";
    Head(error) => "head", "head: {error}";
    OtherOpening { expected, actual } => "other-opening",
        "the box signed the head under opening {actual}, not {expected}: show it to a trustee";
    Emargement(error) => "emargement", "émargement: {error}";
    Closing(error) => "closing", "closing: {error}";
    ClosedEarlier { head, closing } => "closed-earlier",
        "the closing at {closing} is earlier than the head at {head}";
    HeadEarlier { head, later } => "head-earlier",
        "the later head at {later} is earlier than the head at {head}";
    Fork { size, closing } => "fork",
        "the box of {} does not begin with the {} of the head",
        count(*closing, "ballot"), count(*size, "ballot");
}

impl core::error::Error for ReceiptError {}
