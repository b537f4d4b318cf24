//! Why parts of an audit cannot be put together.

use core::fmt;

use super::MarkKind;
use crate::ballot::SumError;
use crate::contest::Fingerprint;
use crate::primitives::messages::messages;
use crate::primitives::text::{count, nth};

/// What a part is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartOf {
    /// The ballots of a box.
    Ballots,
    /// The entries of a roll.
    Roll,
}

impl fmt::Display for PartOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PartOf::Ballots => "ballot",
            PartOf::Roll => "roll entry",
        })
    }
}

/// Why parts of an audit cannot be made or put together. It is never something that is wrong with the record: that is
/// in the report.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShardError {
    /// A part is of another contest.
    ForeignContest {
        /// The contest at hand.
        expected: Fingerprint,
        /// The contest of the part.
        actual: Fingerprint,
    },
    /// An index is so large that their number would not be below 2^53.
    Index {
        /// The index, from 0.
        index: u64,
    },
    /// A shard was given twice, or two of them overlap.
    Overlap {
        /// Of what.
        of: PartOf,
        /// The first index that is in both, from 0.
        index: u64,
    },
    /// A shard is missing.
    Missing {
        /// Of what.
        of: PartOf,
        /// The first index that is missing, from 0.
        first: u64,
        /// The one after the last of the gap.
        end: u64,
    },
    /// A shard is of more than the record has.
    Beyond {
        /// Of what.
        of: PartOf,
        /// The last such index, from 0.
        index: u64,
        /// How many there are.
        count: u64,
    },
    /// Sums cannot be added.
    Sum(SumError),
    /// A mark is not of the buckets that are joined.
    Bucket {
        /// Its bucket.
        bucket: u8,
    },
    /// Two joins are of the same bucket.
    BucketTwice {
        /// The bucket.
        bucket: u8,
    },
    /// No join is of this bucket.
    BucketMissing {
        /// The bucket.
        bucket: u8,
    },
    /// The joins did not see the marks that the shards gave: some are lost, came twice, or are others.
    Marks {
        /// Marks of which kind.
        kind: MarkKind,
        /// How many the shards gave.
        expected: u64,
        /// How many the joins saw.
        actual: u64,
    },
    /// Entries of the roll that was read are not those that a shard decoded.
    OtherRoll {
        /// The first entry of the shard, from 0.
        first: u64,
    },
    /// The record has ballots or a roll of its own, which are not those of the parts.
    NotEmpty,
}

messages! { ShardError: "shard";
    ForeignContest { expected, actual } => "foreign-contest", "a part of contest {actual}, not of {expected}";
    Index { index } => "index", "number {}: there are fewer than 2^53", nth(*index);
    Overlap { of, index } => "overlap", "{of} {} is in two shards", nth(*index);
    Missing { of, first, end } => "missing",
        "no shard has {of} {} and up to {end}: {} missing", nth(*first), end.saturating_sub(*first);
    Beyond { of, index, count } => "beyond", "a shard has {of} {}, where there are {count}", nth(*index);
    Sum(error) => of error;
    Bucket { bucket } => "bucket", "a mark of bucket {bucket}, which is joined elsewhere";
    BucketTwice { bucket } => "bucket-twice", "bucket {bucket} was joined twice";
    BucketMissing { bucket } => "bucket-missing", "bucket {bucket} was not joined";
    Marks { kind, expected, actual } => "marks",
        "the shards gave {} for {kind}, and the joins saw {actual}, or others", count(*expected, "mark");
    OtherRoll { first } => "other-roll",
        "the roll that was read is not that of the shard that begins with entry {}", nth(*first);
    NotEmpty => "not-empty", "the record has ballots or a roll of its own beside those of the shards";
}

impl core::error::Error for ShardError {}
