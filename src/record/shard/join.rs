//! Marks compared, bucket by bucket.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use super::flaws::Tag;
use super::marks::Seen;
use super::{Mark, MarkKind, ShardError, check_contest, flaws};
use crate::ballot_box::{BoxFlaw, Joined, Joins};
use crate::contest::{Contest, Fingerprint};
use crate::primitives::form::named_form;
use crate::primitives::wire::{DecodeError, INTEGER_LIMIT, Kind, Reader, form};

/// Compares the marks of some buckets, in any order: of all 256 on one machine, or of a few on each of many.
///
/// Memory: some 50 to 100 bytes a mark of a pass.
pub struct Join {
    contest: Fingerprint,
    buckets: Buckets,
    passes: Passes,
    joins: Joins,
    seen: [Seen; 6],
    joined: Joined,
}

/// Where a join stands: at one of `2^bits` passes.
#[derive(Clone, Copy)]
struct Passes {
    bits: u32,
    pass: u16,
}

impl Join {
    /// A join of these buckets.
    #[must_use]
    pub fn new(contest: &Contest, buckets: RangeInclusive<u8>) -> Self {
        Self::in_passes(contest, buckets, 0)
    }

    /// A join of these buckets in `2^bits` passes, 256 at most, for so much less memory: every pass is given all marks,
    /// and compares its own. Whoever ends before the last has a report that misses marks, and the audit refuses it.
    #[must_use]
    pub fn in_passes(contest: &Contest, buckets: RangeInclusive<u8>, bits: u32) -> Self {
        let mut own = Buckets::default();
        buckets.for_each(|bucket| own.put(bucket));
        Join {
            contest: contest.fingerprint(),
            buckets: own,
            passes: Passes { bits: bits.min(8), pass: 0 },
            joins: Joins::default(),
            seen: Default::default(),
            joined: Joined::default(),
        }
    }

    /// A mark of one of the buckets. One of another pass is passed over.
    ///
    /// # Errors
    ///
    /// [`ShardError::Bucket`] for a mark of another, [`ShardError::Index`] when this machine cannot count so far.
    pub fn take(&mut self, mark: &Mark) -> Result<(), ShardError> {
        if !self.buckets.has(mark.bucket()) {
            return Err(ShardError::Bucket { bucket: mark.bucket() });
        }
        let index = usize::try_from(mark.index()).map_err(|_| ShardError::Index { index: mark.index() })?;
        let value = mark.value();
        // By the byte after that of the bucket, so that equal values are in one pass.
        let [_, second, ..] = value;
        if (u16::from(second) << self.passes.bits) >> 8 != self.passes.pass {
            return Ok(());
        }
        match mark.kind() {
            MarkKind::Reference => self.joins.take_reference(value, index),
            MarkKind::Undecodable => self.joins.take_undecodable(value, index),
            MarkKind::Credential => self.joins.take_credential(value, index),
            MarkKind::Nonce => self.joins.take_nonce(value, index),
            MarkKind::Entry => self.joins.take_entry(index, value, false),
            MarkKind::Revoked => self.joins.take_entry(index, value, true),
        }
        let of_kind = self.seen.iter_mut().zip(MarkKind::ALL).find(|(_, kind)| *kind == mark.kind());
        if let Some((seen, _)) = of_kind {
            seen.see(mark);
        }
        Ok(())
    }

    /// Compares what this pass has taken; `false` after the last pass.
    pub fn next_pass(&mut self) -> bool {
        self.joined.merge(core::mem::take(&mut self.joins).finish());
        let last = (1u16 << self.passes.bits).saturating_sub(1);
        self.passes.pass = self.passes.pass.saturating_add(1);
        self.passes.pass <= last
    }

    /// Compares all that were taken.
    #[must_use]
    pub fn finish(mut self) -> JoinReport {
        self.next_pass();
        let Join { contest, buckets, seen, joined, .. } = self;
        JoinReport { contest, buckets, seen, joined }
    }
}

impl core::fmt::Debug for Join {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Join").field("contest", &self.contest).finish_non_exhaustive()
    }
}

/// What stands twice, or is not on the roll, in some buckets or in all.
///
/// At most some two thousand bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinReport {
    contest: Fingerprint,
    buckets: Buckets,
    pub(super) seen: [Seen; 6],
    pub(super) joined: Joined,
}

impl JoinReport {
    /// A report of no bucket, into which others are merged.
    #[must_use]
    pub fn nothing(contest: &Contest) -> Self {
        JoinReport {
            contest: contest.fingerprint(),
            buckets: Buckets::default(),
            seen: Default::default(),
            joined: Joined::default(),
        }
    }

    /// The contest whose marks these are.
    #[must_use]
    pub fn contest(&self) -> Fingerprint {
        self.contest
    }

    /// The buckets that are not joined.
    #[must_use]
    pub fn missing(&self) -> Vec<u8> {
        (0..=u8::MAX).filter(|bucket| !self.buckets.has(*bucket)).collect()
    }

    /// The flaws found, of each of three kinds the first twenty: ballots whose credentials are not on the roll or
    /// revoked, credentials and `R` that stand twice, references that stand twice.
    #[must_use]
    pub fn flaws(&self) -> Vec<BoxFlaw> {
        let Joined { roll, repeats, references, repeated: _ } = &self.joined;
        [roll, repeats, references].into_iter().flat_map(|flaws| flaws.first().iter().copied()).collect()
    }

    /// Merges the report of other buckets.
    ///
    /// # Errors
    ///
    /// [`ShardError::ForeignContest`], [`ShardError::BucketTwice`]. Nothing is changed then.
    pub fn merge(&mut self, other: JoinReport) -> Result<(), ShardError> {
        check_contest(self.contest, other.contest)?;
        let JoinReport { contest: _, buckets, seen, joined } = other;
        if let Some(bucket) = (0..=u8::MAX).find(|bucket| self.buckets.has(*bucket) && buckets.has(*bucket)) {
            return Err(ShardError::BucketTwice { bucket });
        }
        self.buckets.add(&buckets);
        self.seen.iter_mut().zip(&seen).for_each(|(all, seen)| all.add(seen));
        self.joined.merge(joined);
        Ok(())
    }

    /// Form: kind ‖ version ‖ fingerprint ‖ buckets (32 bytes, the lowest bit first) ‖ marks of each kind ‖ flaws of
    /// three kinds ‖ 0, or 1 with the first entry that repeats another, and that.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let JoinReport { contest, buckets, seen, joined } = self;
        let Joined { roll, repeats, references, repeated } = joined;
        let mut bytes = form(Kind::JoinReport);
        bytes.extend(contest.to_bytes());
        bytes.extend(buckets.0);
        seen.iter().for_each(|seen| seen.write(&mut bytes));
        [roll, repeats, references].into_iter().for_each(|list| flaws::write(list, &mut bytes));
        match repeated {
            None => bytes.push(0),
            Some((entry, earlier)) => {
                bytes.push(1);
                for index in [entry, earlier] {
                    bytes.extend(u64::try_from(*index).unwrap_or(u64::MAX).to_le_bytes());
                }
            }
        }
        bytes
    }

    /// Reads what [`JoinReport::to_bytes`] gave. Everything in it is bounded first: no more flaws than marks.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::JoinReport, bytes)?;
        let contest = Fingerprint::from_bytes(*reader.array()?);
        let buckets = Buckets(*reader.array()?);
        let mut seen = <[Seen; 6]>::default();
        for seen in &mut seen {
            *seen = Seen::read(&mut reader)?;
        }
        let all = 0..INTEGER_LIMIT;
        let anywhere = core::slice::from_ref(&all);
        let offset = reader.offset();
        let roll = flaws::read(&mut reader, &[Tag::UnknownCredential, Tag::RevokedCredential], anywhere)?;
        let repeats = flaws::read(&mut reader, &[Tag::RepeatedCredential, Tag::RepeatedNonce], anywhere)?;
        let references = flaws::read(&mut reader, &[Tag::RepeatedReference], anywhere)?;
        let [of_references, undecodable, credentials, nonces, entries, revoked] =
            seen.each_ref().map(|seen| seen.marks);
        let within = roll.count() <= credentials
            && repeats.count() <= credentials.saturating_add(nonces)
            && references.count() <= of_references.saturating_add(undecodable);
        let repeated = match reader.byte()? {
            0 => None,
            1 => {
                let index = |reader: &mut Reader<'_>| {
                    reader
                        .integer()
                        .and_then(|n| usize::try_from(n).map_err(|_| DecodeError::Number { offset }))
                };
                Some((index(&mut reader)?, index(&mut reader)?))
            }
            _ => return Err(DecodeError::Number { offset }),
        };
        let two = entries.saturating_add(revoked) >= 2;
        if !within || repeated.is_some_and(|(entry, earlier)| earlier >= entry || !two) {
            return Err(DecodeError::Number { offset });
        }
        reader.finish()?;
        let joined = Joined { roll, repeats, references, repeated };
        Ok(JoinReport { contest, buckets, seen, joined })
    }
}

named_form!(JoinReport: "join-report", DecodeError);

/// A set of buckets, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Buckets([u8; 32]);

impl Buckets {
    fn put(&mut self, bucket: u8) {
        if let Some(byte) = self.0.get_mut(usize::from(bucket / 8)) {
            *byte |= 1 << (bucket % 8);
        }
    }

    fn has(&self, bucket: u8) -> bool {
        self.0.get(usize::from(bucket / 8)).is_some_and(|byte| byte & (1 << (bucket % 8)) != 0)
    }

    fn add(&mut self, other: &Buckets) {
        self.0.iter_mut().zip(other.0).for_each(|(byte, other)| *byte |= other);
    }
}
