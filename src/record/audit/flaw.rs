//! What an audit finds.

use core::fmt;

use crate::ballot_box::BoxFlaw;
use crate::tally::{FactorError, OpeningError};
use crate::bureau::TrusteeIndex;
use crate::record::RecordError;

/// One thing that is wrong with a record. Ballots and roll entries are counted from 0, lists and
/// trustees from 1.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A part of the record cannot be read, or breaks a rule.
    Record(RecordError),
    /// A ballot, a reference or the closing.
    Box(BoxFlaw),
    /// An endorsement, or too few of them.
    Opening(OpeningError),
    /// The record counts another number of ballots.
    Count {
        /// How many there are.
        expected: u64,
        /// What the record says.
        actual: u64,
    },
    /// The record's `ΣR` is not that of the ballots.
    NonceSum,
    /// The record does not have one sum a list.
    SumCount {
        /// How many lists.
        expected: usize,
        /// How many sums.
        actual: usize,
    },
    /// The record's sum for a list is not that of the ballots.
    Sum {
        /// The list.
        list: u8,
    },
    /// A trustee's factors are false or repeated.
    Factors(FactorError),
    /// There are fewer factors than the threshold.
    TooFewFactors {
        /// The threshold.
        expected: usize,
        /// How many trustees gave factors.
        actual: usize,
    },
    /// An empty box has no factors.
    FactorsOfEmptyBox,
    /// The record does not have one number of votes a list.
    VoteCount {
        /// How many lists.
        expected: usize,
        /// How many numbers.
        actual: usize,
    },
    /// The factors open a list's sum to another number of votes.
    Votes {
        /// The list.
        list: u8,
        /// What the record says.
        votes: u64,
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
            Flaw::Opening(OpeningError::Endorsement(error)) => Some(error.trustee()),
            _ => None,
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::Record(error) => error.fmt(f),
            Flaw::Box(flaw) => flaw.fmt(f),
            Flaw::Opening(error) => error.fmt(f),
            Flaw::Count { expected, actual } => {
                write!(f, "the record counts {actual} ballots where there are {expected}")
            }
            Flaw::NonceSum => f.write_str("the sum of the ballots' R is another"),
            Flaw::SumCount { expected, actual } => write!(f, "{actual} sums for {expected} lists"),
            Flaw::Sum { list } => write!(f, "the sum of the ballots for list {list} is another"),
            Flaw::Factors(error) => error.fmt(f),
            Flaw::TooFewFactors { expected, actual } => {
                write!(f, "{actual} trustees gave decryption factors where {expected} must")
            }
            Flaw::FactorsOfEmptyBox => f.write_str("an empty box has no decryption factors"),
            Flaw::VoteCount { expected, actual } => {
                write!(f, "{actual} numbers of votes for {expected} lists")
            }
            Flaw::Votes { list, votes } => {
                write!(f, "list {list} does not have {votes} votes by the decryption factors")
            }
            Flaw::Total { count } => {
                write!(f, "votes and blanks do not add up to the {count} ballots")
            }
        }
    }
}

impl core::error::Error for Flaw {}
