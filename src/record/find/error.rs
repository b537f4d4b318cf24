//! Why a record is not the one that counts, and why a ballot is not in it.

use alloc::boxed::Box;

use crate::ballot::BallotReference;
use crate::ballot_box::{BoxFlaw, ClosingDigest, Head, OpeningDigest, ReceiptError};
use crate::bureau::TrusteeIndex;
use crate::contest::Fingerprint;
use crate::primitives::messages::messages;
use crate::primitives::text::count;
use crate::record::RecordError;
use crate::tally::EndorsementError;

/// Why a record is not the one that the trustees were given, or endorsed.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublishedError {
    /// Contest, approvals or endorsements cannot be read, or do not hold.
    Record(RecordError),
    /// The contest is none of those whose fingerprints the trustees publish: somebody may have made it up.
    NotPublished {
        /// Its fingerprint.
        fingerprint: Fingerprint,
    },
    /// The closing is not that of the record's ballots, or the box has not signed it.
    Closing(BoxFlaw),
    /// No trustee has said what it was given, so that this can be any closing.
    NobodyWasGiven,
    /// A trustee was given another closing.
    OtherGiven {
        /// The trustee.
        trustee: TrusteeIndex,
        /// What it was given.
        closing: ClosingDigest,
    },
    /// The issuer has not signed the closing, or too few trustees have endorsed it.
    Endorsement(EndorsementError),
}

messages! { PublishedError: "published";
    Record(error) => of error;
    NotPublished { fingerprint } => "not-published",
        "contest {fingerprint} is none of those that the trustees publish: somebody may have made it up";
    Closing(flaw) => "closing", "the record is not what its closing is over: {flaw}";
    NobodyWasGiven => "nobody-was-given", "no trustee has said which closing it was given: ask one";
    OtherGiven { trustee, closing } => "other-given", "trustee {trustee} was given another closing, {closing}";
    Endorsement(error) => of error;
}

impl core::error::Error for PublishedError {}

impl From<RecordError> for PublishedError {
    fn from(error: RecordError) -> Self {
        PublishedError::Record(error)
    }
}

impl From<EndorsementError> for PublishedError {
    fn from(error: EndorsementError) -> Self {
        PublishedError::Endorsement(error)
    }
}

/// Why a voter does not find their ballot in the box.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckError {
    /// The record is of another contest.
    ForeignContest {
        /// The contest of the vote.
        expected: Fingerprint,
        /// The contest of the record.
        actual: Fingerprint,
    },
    /// No ballot has the credential: nobody has voted with this code.
    NoBallot,
    /// Two ballots have the credential. An audit of the record fails for it.
    TwoBallots {
        /// Place of the first, from 0.
        first: usize,
        /// Place of the next, from 0.
        second: usize,
    },
    /// The ballot of the code is another than the one whose reference was shown: the device has shown another
    /// voter's, or cast another ballot than it said.
    OtherReference {
        /// The reference shown.
        shown: BallotReference,
        /// That of the code's ballot.
        found: BallotReference,
    },
    /// No ballot of the box has this reference, or not in its place.
    NotInTheBox {
        /// The reference.
        reference: BallotReference,
    },
    /// The head is none of this contest that the box has signed: it says nothing of the box.
    Head(ReceiptError),
    /// The box signed the head under another opening than that of the record. Hand the head to a trustee.
    OtherOpening {
        /// The head, with the opening that it is under.
        head: Box<Head>,
        /// The opening of the record.
        record: OpeningDigest,
    },
    /// The closed box does not extend the head: the ballot was left out, or the box was forked. Hand the head to a
    /// trustee.
    Fork {
        /// The head.
        head: Box<Head>,
        /// How many ballots the closing has.
        closing: u64,
    },
}

impl CheckError {
    /// The head to be handed to a trustee ([`Trustee::show_head`](crate::Trustee::show_head)): the box's own word
    /// against its closing.
    #[must_use]
    pub fn evidence(&self) -> Option<&Head> {
        match self {
            CheckError::OtherOpening { head, .. } | CheckError::Fork { head, .. } => Some(head),
            CheckError::ForeignContest { .. }
            | CheckError::NoBallot
            | CheckError::TwoBallots { .. }
            | CheckError::OtherReference { .. }
            | CheckError::NotInTheBox { .. }
            | CheckError::Head(_) => None,
        }
    }
}

messages! { CheckError: "check";
    ForeignContest { expected, actual } => "foreign-contest",
        "the record is of contest {actual}, your vote is in {expected}";
    NoBallot => "no-ballot", "no ballot in the box was cast with this code";
    TwoBallots { first, second } => "two-ballots",
        "ballots {} and {} of the box were both cast with this code: show them to a trustee",
        first.saturating_add(1), second.saturating_add(1);
    OtherReference { shown, found } => "other-reference",
        "the ballot that was cast with this code is {found}, not {shown} as shown: tell the office";
    NotInTheBox { reference } => "not-in-the-box", "ballot {reference} is not in the box, or not in its place";
    Head(error) => of error;
    OtherOpening { head, record } => "other-opening",
        "the box signed your head under opening {}, the record is under {record}: hand it to a trustee", head.opening;
    Fork { head, closing } => "fork",
        "the closing of {} does not extend your head of {}: hand it to a trustee",
        count(*closing, "ballot"), count(head.size, "ballot");
}

impl core::error::Error for CheckError {}
