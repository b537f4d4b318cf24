//! Auditing a record in parts: shards of ballots and roll on as many machines as there are, and one report.
//!
//! The library does no I/O: whoever runs a cluster carries bytes between these functions.
//!
//! 1. [`verify_shard`] looks at a run of ballots: it decodes them, checks their proofs, adds them up and hashes them
//!    into the Merkle tree. [`verify_roll_shard`] decodes a run of the roll. Each gives a report of some hundred bytes
//!    and, for every ballot and entry, its [`Mark`]s: what no other may have.
//! 2. Marks are sorted into buckets by their [first byte](Mark::bucket). A [`Join`] compares those of one or more
//!    buckets: references, credentials and `R` that stand twice, credentials that are not on the roll or revoked.
//! 3. Reports of a kind are merged, in any order; one that is given twice is refused, and each says what is still
//!    [missing](ShardReport::missing).
//! 4. Whoever judges reads the roll once ([`RollReader`]), since its digest is one hash over all of it, and puts the
//!    parts together with the record, which needs neither ballots nor roll any more: [`of_parts`](crate::AuditReport::of_parts). The
//!    report is word for word that of an audit of the whole record.
//!
//! A report is a claim of the machine that made it. Sums carry no proof: who does not trust the machines has some
//! shards looked at again elsewhere and compares bytes. What can be checked is: a report is bounded before it is
//! believed, ranges and numbers of marks must fit together, and the root of the references must be the one that was
//! signed.

use alloc::vec::Vec;
use core::ops::Range;

use crate::ballot::{BallotReference, PartialSum};
use crate::ballot_box::{BoxFlaw, Looked, Marks, Subtrees};
use crate::contest::{Contest, Fingerprint};
use crate::credential::DecodedCredentials;
use crate::primitives::form::named_form;
use crate::primitives::wire::{DecodeError, INTEGER_LIMIT, Kind, Reader, form};

mod error;
mod flaws;
mod join;
mod marks;
mod parts;
mod roll;
#[cfg(feature = "serde")]
mod split;

pub use error::{PartOf, ShardError};
pub use join::{Join, JoinReport};
use marks::Seen;
pub use marks::{Mark, MarkKind};
pub use parts::Parts;
pub use roll::{ReadRoll, RollReader, RollReport, verify_roll_shard};
#[cfg(feature = "serde")]
pub use split::{AnyRecord, ENTRY_LENGTH, Sink, Split, Stop, entry_from_bytes, entry_to_bytes, split};

/// What was found in a shard of ballots, or in several that were merged.
///
/// Some hundred bytes for a run of ballots, whatever is wrong with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardReport {
    contest: Fingerprint,
    looked: Looked,
    /// Marks of references, of references of ballots that do not decode, of credentials and of `R`.
    seen: [Seen; 4],
}

const KINDS: [MarkKind; 4] =
    [MarkKind::Reference, MarkKind::Undecodable, MarkKind::Credential, MarkKind::Nonce];

/// Looks at a run of a box's ballots, the first of which has the index `first`: decodes and verifies them on all
/// threads, adds them up, and hashes their references into subtrees of the box's Merkle tree. Where some credentials
/// were decoded before, the verdicts are the same.
///
/// Cost and memory are those of [`verify_stream`](crate::ballot::verify_stream), and 123 bytes of marks a ballot.
///
/// # Errors
///
/// [`ShardError::Index`] when a box with these ballots would have 2^53 or more. Bad ballots are no error: they are
/// in the report.
pub fn verify_shard(
    contest: &Contest,
    first: u64,
    ballots: &[impl AsRef<[u8]> + Sync],
    decoded: Option<&DecodedCredentials>,
) -> Result<(ShardReport, Vec<Mark>), ShardError> {
    let start = start_of(first, ballots.len())?;
    let (looked, of_ballots) = Looked::at(contest, start, ballots, decoded);
    let mut marks = Vec::with_capacity(ballots.len().saturating_mul(3));
    for (index, Marks { reference, decoded }) in (first..).zip(of_ballots) {
        let reference = BallotReference::digest(&reference);
        match decoded {
            None => marks.push(Mark::new(MarkKind::Undecodable, reference, index)),
            Some((credential, nonce)) => marks.extend([
                Mark::new(MarkKind::Reference, reference, index),
                Mark::new(MarkKind::Credential, credential, index),
                Mark::new(MarkKind::Nonce, nonce, index),
            ]),
        }
    }
    let seen = KINDS.map(|kind| Seen::of(marks.iter().filter(|mark| mark.kind() == kind)));
    Ok((ShardReport { contest: contest.fingerprint(), looked, seen }, marks))
}

/// The index of the first of so many, if all of them are below the limit.
fn start_of(first: u64, count: usize) -> Result<usize, ShardError> {
    let end = u64::try_from(count).ok().and_then(|count| first.checked_add(count));
    match (end, usize::try_from(first)) {
        (Some(end), Ok(start)) if end < INTEGER_LIMIT => Ok(start),
        _ => Err(ShardError::Index { index: first }),
    }
}

impl ShardReport {
    /// A report of no ballots, into which others are merged.
    #[must_use]
    pub fn nothing(contest: &Contest) -> Self {
        ShardReport {
            contest: contest.fingerprint(),
            looked: Looked::nothing(contest),
            seen: Default::default(),
        }
    }

    /// The contest whose ballots these are.
    #[must_use]
    pub fn contest(&self) -> Fingerprint {
        self.contest
    }

    /// The runs of ballots that were looked at: half-open, ascending, apart from each other.
    #[must_use]
    pub fn covered(&self) -> Vec<Range<u64>> {
        self.looked.references.covered()
    }

    /// What of a box of so many ballots is missing.
    #[must_use]
    pub fn missing(&self, ballots: u64) -> Vec<Range<u64>> {
        gaps(self.covered(), ballots)
    }

    /// The flaws of single ballots, the first twenty that do not decode and the first twenty whose proof does not
    /// hold, in order of the ballots.
    #[must_use]
    pub fn flaws(&self) -> Vec<BoxFlaw> {
        let Looked { undecodable, unproven, .. } = &self.looked;
        let mut flaws: Vec<_> = undecodable.first().iter().chain(unproven.first()).copied().collect();
        flaws.sort_by_key(BoxFlaw::order);
        flaws
    }

    /// How many more flaws there are.
    #[must_use]
    pub fn more_flaws(&self) -> u64 {
        let Looked { undecodable, unproven, .. } = &self.looked;
        undecodable.more().saturating_add(unproven.more())
    }

    /// Merges the report of other ballots of the same box.
    ///
    /// Its runs are searched for one by one, so that a small report is merged into a large one quickly, whatever order
    /// reports come in.
    ///
    /// # Errors
    ///
    /// [`ShardError::ForeignContest`], [`ShardError::Overlap`] when some ballots are in both, [`ShardError::Sum`]
    /// for another number of slots. Nothing is changed then.
    pub fn merge(&mut self, other: ShardReport) -> Result<(), ShardError> {
        check_contest(self.contest, other.contest)?;
        let ShardReport { contest: _, looked, seen } = other;
        let overlap = |index| ShardError::Overlap { of: PartOf::Ballots, index };
        self.looked.references.check(&looked.references).map_err(overlap)?;
        match (&mut self.looked.sum, &looked.sum) {
            // Changes nothing where it fails.
            (Some(sum), Some(other)) => sum.merge(other).map_err(ShardError::Sum)?,
            (sum, _) => *sum = None,
        }
        self.looked.references.merge(looked.references).map_err(overlap)?;
        self.looked.undecodable.merge(looked.undecodable);
        self.looked.unproven.merge(looked.unproven);
        self.seen.iter_mut().zip(&seen).for_each(|(all, seen)| all.add(seen));
        Ok(())
    }

    /// Form: kind ‖ version ‖ fingerprint ‖ runs and roots ‖ flaws of decoding ‖ flaws of proofs ‖ marks of each kind ‖
    /// 0, or 1 and the partial sum where all ballots decode.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let ShardReport { contest, looked, seen } = self;
        let Looked { references, undecodable, unproven, sum } = looked;
        let mut bytes = form(Kind::ShardReport);
        bytes.extend(contest.to_bytes());
        references.write(&mut bytes);
        flaws::write(undecodable, &mut bytes);
        flaws::write(unproven, &mut bytes);
        seen.iter().for_each(|seen| seen.write(&mut bytes));
        match sum {
            None => bytes.push(0),
            Some(sum) => {
                bytes.push(1);
                bytes.extend(sum.to_bytes());
            }
        }
        bytes
    }

    /// Reads what [`ShardReport::to_bytes`] gave. Everything in it is bounded first: a report claims nothing of
    /// ballots that it does not cover, nor more flaws than ballots.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::ShardReport, bytes)?;
        let contest = Fingerprint::from_bytes(*reader.array()?);
        let references = Subtrees::read(&mut reader)?;
        let covered = references.covered();
        let undecodable = flaws::read(&mut reader, &[flaws::Tag::Decoding], &covered)?;
        let unproven = flaws::read(&mut reader, &[flaws::Tag::Proof], &covered)?;
        let offset = reader.offset();
        let mut seen = <[Seen; 4]>::default();
        for seen in &mut seen {
            *seen = Seen::read(&mut reader)?;
        }
        // A ballot has one reference, and the marks that fit it.
        let [references_seen, undecodable_seen, credentials, nonces] = seen.each_ref().map(|seen| seen.marks);
        let ballots = count_of(&covered);
        let whole = references_seen.checked_add(undecodable_seen) == Some(ballots);
        if !whole || credentials != references_seen || nonces != references_seen {
            return Err(DecodeError::Number { offset });
        }
        if undecodable.count() != undecodable_seen || unproven.count() > references_seen {
            return Err(DecodeError::Number { offset });
        }
        let offset = reader.offset();
        let sum = match (reader.byte()?, undecodable_seen) {
            (0, 1..) => None,
            (1, 0) => Some(PartialSum::from_bytes(reader.take_rest())?),
            _ => return Err(DecodeError::Number { offset }),
        };
        if sum
            .as_ref()
            .is_some_and(|sum| sum.contest() != contest || !sum.covered().eq(covered.iter().cloned()))
        {
            return Err(DecodeError::Number { offset });
        }
        reader.finish()?;
        Ok(ShardReport { contest, looked: Looked { references, undecodable, unproven, sum }, seen })
    }
}

named_form!(ShardReport: "shard-report", DecodeError);

fn check_contest(expected: Fingerprint, actual: Fingerprint) -> Result<(), ShardError> {
    if actual == expected { Ok(()) } else { Err(ShardError::ForeignContest { expected, actual }) }
}

/// How many there are in all.
fn count_of(covered: &[Range<u64>]) -> u64 {
    covered.iter().fold(0, |sum: u64, run| sum.saturating_add(run.end.saturating_sub(run.start)))
}

/// What ascending runs leave out of the first `count`.
fn gaps(covered: Vec<Range<u64>>, count: u64) -> Vec<Range<u64>> {
    let mut gaps = Vec::new();
    let mut next = 0;
    for run in covered.into_iter().chain(Some(count..count)) {
        let end = run.start.min(count);
        if next < end {
            gaps.push(next..end);
        }
        next = next.max(run.end);
    }
    gaps
}

/// That these runs are exactly the first `count`.
fn check_whole(of: PartOf, covered: Vec<Range<u64>>, count: u64) -> Result<(), ShardError> {
    if let Some(last) = covered.last().filter(|last| last.end > count) {
        return Err(ShardError::Beyond { of, index: last.end.saturating_sub(1), count });
    }
    match gaps(covered, count).first() {
        Some(gap) => Err(ShardError::Missing { of, first: gap.start, end: gap.end }),
        None => Ok(()),
    }
}
