//! Shards of a roll, and the one reading of all of it.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;

use super::marks::Seen;
use super::{
    Mark, MarkKind, PartOf, ShardError, check_contest, check_whole, count_of, flaws, gaps, start_of,
};
use crate::ballot_box::{RollRead, RollReading};
use crate::contest::{Contest, Fingerprint};
use crate::primitives::DecodeError;
use crate::primitives::form::named_form;
use crate::primitives::hash::FieldHash;
use crate::primitives::labels;
use crate::primitives::wire::{INTEGER_LIMIT, Kind, Reader, form};
use crate::record::read::first_undecodable;
use crate::record::{OpeningRecord, RollEntryRecord};

/// What was found in a shard of the roll, or in several that were merged.
///
/// 48 bytes a shard, and some hundred more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollReport {
    contest: Fingerprint,
    /// Where each shard begins, where it ends, and the digest of its entries.
    shards: BTreeMap<u64, (u64, [u8; 32])>,
    /// The first entry that does not decode.
    undecodable: Option<(usize, DecodeError)>,
    /// Marks of entries, and of entries that are revoked.
    pub(super) seen: [Seen; 2],
}

/// Decodes a run of a roll's entries, the first of which has the index `first`, on all threads.
///
/// Cost: one point decoding an entry, some 6 µs; 41 bytes of marks.
///
/// # Errors
///
/// [`ShardError::Index`] when a roll with these entries would have 2^53 or more. An entry that does not decode is no
/// error: it is in the report.
pub fn verify_roll_shard(
    contest: &Contest,
    first: u64,
    entries: &[RollEntryRecord],
) -> Result<(RollReport, Vec<Mark>), ShardError> {
    let start = start_of(first, entries.len())?;
    let undecodable = first_undecodable(entries).map(|(entry, error)| (start.saturating_add(entry), error));
    let mut digest = ShardDigest::new();
    let mut marks = Vec::with_capacity(entries.len());
    for (index, entry) in (first..).zip(entries) {
        digest.take(entry);
        let kind = if entry.revoked { MarkKind::Revoked } else { MarkKind::Entry };
        marks.push(Mark::new(kind, entry.credential.0, index));
    }
    let end = first.saturating_add(u64::try_from(entries.len()).unwrap_or(u64::MAX));
    let shard = (!entries.is_empty()).then(|| (first, (end, digest.finish())));
    let seen = [MarkKind::Entry, MarkKind::Revoked]
        .map(|kind| Seen::of(marks.iter().filter(|mark| mark.kind() == kind)));
    let shards = shard.into_iter().collect();
    Ok((RollReport { contest: contest.fingerprint(), shards, undecodable, seen }, marks))
}

/// Hash of a shard's entries as they stand, so that whoever reads the whole roll knows that these are the same.
struct ShardDigest(FieldHash);

impl ShardDigest {
    fn new() -> Self {
        ShardDigest(FieldHash::new(labels::ROLL_SHARD))
    }

    fn take(&mut self, RollEntryRecord { credential, revoked }: &RollEntryRecord) {
        self.0.update(&credential.0);
        self.0.update(&[u8::from(*revoked)]);
    }

    fn finish(self) -> [u8; 32] {
        self.0.finish()
    }
}

impl RollReport {
    /// A report of no entries, into which others are merged.
    #[must_use]
    pub fn nothing(contest: &Contest) -> Self {
        let contest = contest.fingerprint();
        RollReport { contest, shards: BTreeMap::new(), undecodable: None, seen: Default::default() }
    }

    /// The contest whose roll it is.
    #[must_use]
    pub fn contest(&self) -> Fingerprint {
        self.contest
    }

    /// The runs of entries that were looked at: half-open, ascending, apart from each other.
    #[must_use]
    pub fn covered(&self) -> Vec<Range<u64>> {
        let mut covered: Vec<Range<u64>> = Vec::new();
        for (start, (end, _)) in &self.shards {
            match covered.last_mut() {
                Some(before) if before.end == *start => before.end = *end,
                _ => covered.push(*start..*end),
            }
        }
        covered
    }

    /// What of a roll of so many entries is missing.
    #[must_use]
    pub fn missing(&self, entries: u64) -> Vec<Range<u64>> {
        gaps(self.covered(), entries)
    }

    /// The first entry, from 0, that does not decode, and why.
    #[must_use]
    pub fn undecodable(&self) -> Option<(usize, DecodeError)> {
        self.undecodable
    }

    /// Merges the report of other entries of the same roll. Cost: two searches for each shard of the report that has
    /// fewer.
    ///
    /// # Errors
    ///
    /// [`ShardError::ForeignContest`], [`ShardError::Overlap`]. Nothing is changed then.
    pub fn merge(&mut self, other: RollReport) -> Result<(), ShardError> {
        check_contest(self.contest, other.contest)?;
        let RollReport { contest: _, mut shards, undecodable, seen } = other;
        let more = self.shards.len() >= shards.len();
        let (few, many) = if more { (&shards, &self.shards) } else { (&self.shards, &shards) };
        let overlap = few.iter().find_map(|(start, (end, _))| {
            let before = many.range(..=start).next_back().filter(|(_, (end, _))| end > start);
            before.map(|_| *start).or_else(|| many.range(start..end).next().map(|(next, _)| *next))
        });
        if let Some(index) = overlap {
            return Err(ShardError::Overlap { of: PartOf::Roll, index });
        }
        if !more {
            core::mem::swap(&mut self.shards, &mut shards);
        }
        self.shards.extend(shards);
        let first = self.undecodable.into_iter().chain(undecodable);
        self.undecodable = first.min_by_key(|(entry, _)| *entry);
        self.seen.iter_mut().zip(&seen).for_each(|(all, seen)| all.add(seen));
        Ok(())
    }

    /// Form: kind ‖ version ‖ fingerprint ‖ marks of both kinds ‖ LE64(shards) ‖ (LE64(start) ‖ LE64(end) ‖ digest)…
    /// ‖ 0, or 1 and LE64(entry) with why it does not decode.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let RollReport { contest, shards, undecodable, seen } = self;
        let mut bytes = form(Kind::RollReport);
        bytes.extend(contest.to_bytes());
        seen.iter().for_each(|seen| seen.write(&mut bytes));
        bytes.extend(u64::try_from(shards.len()).unwrap_or(u64::MAX).to_le_bytes());
        for (start, (end, digest)) in shards {
            bytes.extend(start.to_le_bytes());
            bytes.extend(end.to_le_bytes());
            bytes.extend(digest);
        }
        match undecodable {
            None => bytes.push(0),
            Some((entry, error)) => {
                bytes.push(1);
                bytes.extend(u64::try_from(*entry).unwrap_or(u64::MAX).to_le_bytes());
                flaws::write_decode_error(error, &mut bytes);
            }
        }
        bytes
    }

    /// Reads what [`RollReport::to_bytes`] gave. Everything in it is bounded first.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::RollReport, bytes)?;
        let contest = Fingerprint::from_bytes(*reader.array()?);
        let offset = reader.offset();
        let seen = [Seen::read(&mut reader)?, Seen::read(&mut reader)?];
        let shards = usize::try_from(reader.number()?).map_err(|_| DecodeError::Number { offset })?;
        let mut free_from = 0;
        let shards = reader.many(shards, 48, |reader| {
            let offset = reader.offset();
            let (start, end) = (reader.integer()?, reader.integer()?);
            if start < free_from || end <= start {
                return Err(DecodeError::Number { offset });
            }
            free_from = end;
            Ok((start, (end, *reader.array()?)))
        })?;
        let runs: Vec<_> = shards.iter().map(|(start, (end, _))| *start..*end).collect();
        let [entries, revoked] = seen.each_ref().map(|seen| seen.marks);
        if entries.checked_add(revoked) != Some(count_of(&runs)) {
            return Err(DecodeError::Number { offset });
        }
        let offset = reader.offset();
        let undecodable = match reader.byte()? {
            0 => None,
            1 => {
                let entry = reader.integer()?;
                if !runs.iter().any(|run| run.contains(&entry)) {
                    return Err(DecodeError::Number { offset });
                }
                let entry = usize::try_from(entry).map_err(|_| DecodeError::Number { offset })?;
                Some((entry, flaws::read_decode_error(&mut reader)?))
            }
            _ => return Err(DecodeError::Number { offset }),
        };
        reader.finish()?;
        Ok(RollReport { contest, shards: shards.into_iter().collect(), undecodable, seen })
    }
}

named_form!(RollReport: "roll-report", DecodeError);

/// Reads the whole roll once, entry by entry, in constant memory: its digest is one hash over all of it, which no
/// shard can give. It finds order and numbers too, and that the shards decoded the same entries.
///
/// Cost: four hashes an entry of some 50 bytes each.
pub struct RollReader {
    reading: RollReading,
    /// Shards that are not read to their end, the next one last.
    left: Vec<(Range<u64>, [u8; 32])>,
    digest: ShardDigest,
    next: u64,
    report: RollReport,
}

impl RollReader {
    /// A reader of a roll with so many entries, all of which are in the merged report of its shards.
    ///
    /// # Errors
    ///
    /// [`ShardError::Missing`], [`ShardError::Beyond`].
    pub fn new(opening: &OpeningRecord, entries: u64, report: RollReport) -> Result<Self, ShardError> {
        if entries >= INTEGER_LIMIT {
            return Err(ShardError::Index { index: entries });
        }
        check_whole(PartOf::Roll, report.covered(), entries)?;
        let left = report.shards.iter().rev();
        let left = left.map(|(start, (end, digest))| (*start..*end, *digest)).collect();
        let reading = RollReading::new(entries, opening.voters);
        Ok(RollReader { reading, left, digest: ShardDigest::new(), next: 0, report })
    }

    /// The next entry.
    ///
    /// # Errors
    ///
    /// [`ShardError::OtherRoll`] when the shard that ends here had other entries, [`ShardError::Beyond`] for one more
    /// than there are.
    pub fn take(&mut self, entry: &RollEntryRecord) -> Result<(), ShardError> {
        let Some((run, expected)) = self.left.last().cloned() else {
            return Err(ShardError::Beyond { of: PartOf::Roll, index: self.next, count: self.next });
        };
        self.reading.take(&entry.credential.0, entry.revoked);
        self.digest.take(entry);
        self.next = self.next.saturating_add(1);
        if self.next == run.end {
            self.left.pop();
            let digest = core::mem::replace(&mut self.digest, ShardDigest::new()).finish();
            if digest != expected {
                return Err(ShardError::OtherRoll { first: run.start });
            }
        }
        Ok(())
    }

    /// What was read.
    ///
    /// # Errors
    ///
    /// [`ShardError::Missing`] when there are fewer entries than there should be.
    pub fn finish(self) -> Result<ReadRoll, ShardError> {
        match self.left.first() {
            Some((last, _)) => Err(ShardError::Missing { of: PartOf::Roll, first: self.next, end: last.end }),
            None => Ok(ReadRoll { read: self.reading.finish(), report: self.report }),
        }
    }
}

impl core::fmt::Debug for RollReader {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("RollReader").field("next", &self.next).finish_non_exhaustive()
    }
}

/// A roll that was decoded in shards and read once: all that its audit needs.
pub struct ReadRoll {
    pub(super) read: RollRead,
    pub(super) report: RollReport,
}

impl core::fmt::Debug for ReadRoll {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ReadRoll").field("report", &self.report).finish_non_exhaustive()
    }
}
