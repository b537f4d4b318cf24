//! What an audit finds.

use crate::ballot_box::BoxFlaw;
use crate::bureau::{PanelIndex, TrusteeIndex};
use crate::contest::Fingerprint;
use crate::primitives::messages::messages;
use crate::primitives::text;
use crate::record::RecordError;
use crate::tally::{EndorsementError, FactorError};

/// One thing that is wrong with a record. Ballots and roll entries are counted from 0, lists and
/// trustees from 1.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A part of the record cannot be read, or breaks a rule.
    Record(RecordError),
    /// The contest is not the one that is meant.
    OtherContest {
        /// The fingerprint that was expected.
        expected: Fingerprint,
        /// The record's own.
        actual: Fingerprint,
    },
    /// A ballot, a reference or the closing.
    Box(BoxFlaw),
    /// An endorsement, or too few of a panel.
    Endorsement(EndorsementError),
    /// The record counts another number of ballots.
    Count {
        /// How many there are.
        expected: u64,
        /// What the record says.
        actual: u64,
    },
    /// The record's `ΣR` is not that of the ballots.
    NonceSum,
    /// The record's sum for a slot is not that of the ballots.
    Sum {
        /// The slot, from 1.
        slot: usize,
    },
    /// A trustee's factors are false, or not its own word.
    Factors(FactorError),
    /// There are fewer factors of a panel than its threshold.
    TooFewFactors {
        /// The panel.
        panel: PanelIndex,
        /// The threshold.
        expected: u8,
        /// How many trustees gave factors.
        actual: usize,
    },
    /// An empty box has no factors.
    FactorsOfEmptyBox,
    /// There are more ballots than the contest can count.
    Capacity {
        /// How many ballots there are.
        count: u64,
        /// The contest's capacity.
        capacity: u64,
    },
    /// A list has more votes than there are ballots.
    TooManyVotes {
        /// The list.
        list: u8,
        /// What the record says.
        votes: u64,
        /// How many ballots there are.
        count: u64,
    },
    /// The factors open a slot's sum to other numbers of votes.
    Votes {
        /// The slot, from 1.
        slot: usize,
    },
    /// Votes and blanks do not add up to the number of ballots.
    Total {
        /// How many ballots there are.
        count: u64,
    },
}

impl Flaw {
    /// The ballot concerned, from 0, if it is one.
    #[must_use]
    pub fn ballot(&self) -> Option<usize> {
        match self {
            Flaw::Box(flaw) => flaw.ballot(),
            _ => None,
        }
    }

    /// The trustee concerned, if it is one.
    #[must_use]
    pub fn trustee(&self) -> Option<TrusteeIndex> {
        match self {
            Flaw::Factors(error) => Some(error.trustee()),
            Flaw::Record(error) => error.trustee(),
            Flaw::Endorsement(error) => error.trustee(),
            _ => None,
        }
    }
}

messages! { Flaw: "audit";
    Record(error) => of error;
    OtherContest { expected, actual } => "other-contest", "the record is of contest {actual}, not of {expected}";
    Box(flaw) => of flaw;
    Endorsement(error) => of error;
    Count { expected, actual } => "count",
        "the record counts {}, and has {expected}", text::count(*actual, "ballot");
    NonceSum => "nonce-sum", "the sum of the ballots' R is another";
    Sum { slot } => "sum", "the sum of the ballots for slot {slot} is another";
    Factors(error) => of error;
    TooFewFactors { panel, expected, actual } => "too-few-factors",
        "panel {panel}: good decryption factors of {} where it takes {expected}",
        text::count(*actual, "trustee");
    FactorsOfEmptyBox => "factors-of-empty-box", "an empty box has no decryption factors";
    Capacity { count, capacity } => "capacity",
        "{} are more than the contest's capacity of {capacity}", text::count(*count, "ballot");
    TooManyVotes { list, votes, count } => "too-many-votes",
        "list {list} cannot have {} of {}", text::count(*votes, "vote"), text::count(*count, "ballot");
    Votes { slot } => "votes", "the lists of slot {slot} do not have these votes by the decryption factors";
    Total { count } => "total", "votes and blanks do not add up to the {}", text::count(*count, "ballot");
}

impl core::error::Error for Flaw {}
