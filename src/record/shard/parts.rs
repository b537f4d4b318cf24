//! The report from the parts.

use super::{JoinReport, MarkKind, PartOf, ReadRoll, ShardError, ShardReport, check_contest, check_whole};
use crate::ballot_box::BoxFlaw;
use crate::contest::Contest;
use crate::record::audit::{Found, Published};
use crate::record::{AuditReport, ClosedRecord, Record};

/// All that was found in the ballots and the roll of a record, on however many machines.
#[derive(Debug)]
pub struct Parts {
    /// How many ballots the record has.
    pub ballots: u64,
    /// The merged reports of all of them.
    pub shards: ShardReport,
    /// The roll.
    pub roll: ReadRoll,
    /// The merged joins of all buckets.
    pub joins: JoinReport,
}

impl AuditReport {
    /// The report on a record, from its parts and from the record without ballots and roll: the lists are empty. It is
    /// that of [`AuditReport::of`] on the whole record.
    ///
    /// Where form or contest cannot be read, nothing can have been looked at, and [`AuditReport::of`] on the record
    /// without ballots and roll says the same.
    ///
    /// # Errors
    ///
    /// A [`ShardError`] where parts are missing, of another contest, or do not fit together. It says nothing of the
    /// record.
    pub fn of_parts(record: &Record, parts: Parts) -> Result<Self, ShardError> {
        if !record.ballots.is_empty() || !record.roll.is_empty() {
            return Err(ShardError::NotEmpty);
        }
        of_parts(&Published::from(record), parts)
    }

    /// The same of a closed record: that of [`AuditReport::of_closed`].
    ///
    /// # Errors
    ///
    /// Those of [`AuditReport::of_parts`].
    pub fn of_closed_parts(record: &ClosedRecord, parts: Parts) -> Result<Self, ShardError> {
        if !record.ballots.is_empty() || !record.roll.is_empty() {
            return Err(ShardError::NotEmpty);
        }
        of_parts(&Published::from(record), parts)
    }
}

fn of_parts(published: &Published<'_>, parts: Parts) -> Result<AuditReport, ShardError> {
    match published.readable() {
        Err(error) => Ok(AuditReport::unread(error)),
        Ok(contest) => {
            let found = found(&contest, parts)?;
            Ok(published.judge(contest, found))
        }
    }
}

fn found(contest: &Contest, parts: Parts) -> Result<Found, ShardError> {
    let Parts { ballots, shards, roll, joins } = parts;
    let expected = contest.fingerprint();
    for actual in [shards.contest(), roll.report.contest(), joins.contest()] {
        check_contest(expected, actual)?;
    }
    check_whole(PartOf::Ballots, shards.covered(), ballots)?;
    if let Some(bucket) = joins.missing().first() {
        return Err(ShardError::BucketMissing { bucket: *bucket });
    }
    let given = shards.seen.iter().chain(&roll.report.seen);
    for ((given, seen), kind) in given.zip(&joins.seen).zip(MarkKind::ALL) {
        if given != seen {
            return Err(ShardError::Marks { kind, expected: given.marks, actual: seen.marks });
        }
    }
    let entries = roll.report.covered().last().map_or(0, |run| run.end);
    let last_ballot = joins.flaws().iter().filter_map(BoxFlaw::ballot).max();
    let last_entry = joins.joined.repeated.map(|(entry, _)| entry);
    for (of, last, count) in [(PartOf::Ballots, last_ballot, ballots), (PartOf::Roll, last_entry, entries)] {
        let last = last.map(|last| u64::try_from(last).unwrap_or(u64::MAX));
        if let Some(index) = last.filter(|last| *last >= count) {
            return Err(ShardError::Beyond { of, index, count });
        }
    }
    // Sums that are merged have the number of slots of the first, which must be the contest's.
    let mut looked = super::Looked::nothing(contest);
    if let (Some(whole), Some(sum)) = (&mut looked.sum, &shards.looked.sum) {
        whole.merge(sum).map_err(ShardError::Sum)?;
    }
    let count = usize::try_from(ballots).map_err(|_| ShardError::Index { index: ballots })?;
    let ReadRoll { read, report } = roll;
    Ok(Found {
        count,
        looked: shards.looked,
        joined: joins.joined,
        roll: read,
        undecodable: report.undecodable(),
    })
}
