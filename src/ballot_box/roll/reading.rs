//! What the rules of a roll need of its entries, read one after the other: digests, numbers and order.

use super::super::opening::{check_numbers, digest_of};
use super::super::{CredentialsDigest, Opening, OpeningDigest};
use super::{RollDigest, RollError};
use crate::contest::Contest;
use crate::primitives::hash::FieldHash;
use crate::primitives::labels;

/// Entries read one after the other, in constant memory; they need not decode.
pub(crate) struct RollReading {
    /// How many stood there at opening.
    voters: u64,
    roll: FieldHash,
    at_opening: FieldHash,
    entries: usize,
    standing: usize,
    last: Option<[u8; 32]>,
    descends: Option<usize>,
}

/// What was read.
#[derive(Clone, Copy)]
pub(crate) struct RollRead {
    pub(crate) digest: RollDigest,
    /// Of those at opening, or of all where there are fewer.
    pub(crate) at_opening: CredentialsDigest,
    pub(crate) entries: usize,
    /// Entries that are not revoked.
    standing: usize,
    /// The first of those at opening that is below the one before it.
    descends: Option<usize>,
}

impl RollReading {
    /// Of a roll with so many entries, of which so many stood there at opening.
    pub(crate) fn new(entries: u64, voters: u64) -> Self {
        RollReading {
            voters,
            roll: FieldHash::new(labels::ROLL).number(entries),
            at_opening: FieldHash::new(labels::CREDENTIALS),
            entries: 0,
            standing: 0,
            last: None,
            descends: None,
        }
    }

    /// The next entry.
    pub(crate) fn take(&mut self, credential: &[u8; 32], revoked: bool) {
        self.roll.update(credential);
        self.roll.update(&[u8::from(revoked)]);
        if u64::try_from(self.entries).is_ok_and(|entry| entry < self.voters) {
            self.at_opening.update(credential);
            if self.descends.is_none() && self.last.is_some_and(|last| last > *credential) {
                self.descends = Some(self.entries);
            }
            self.last = Some(*credential);
        }
        self.standing = self.standing.saturating_add(usize::from(!revoked));
        self.entries = self.entries.saturating_add(1);
    }

    pub(crate) fn finish(self) -> RollRead {
        RollRead {
            digest: RollDigest::from_bytes(self.roll.finish()),
            at_opening: CredentialsDigest::from_bytes(self.at_opening.finish()),
            entries: self.entries,
            standing: self.standing,
            descends: self.descends,
        }
    }
}

impl RollRead {
    pub(crate) fn of<'a>(voters: u64, entries: impl ExactSizeIterator<Item = (&'a [u8; 32], bool)>) -> Self {
        let mut reading = RollReading::new(u64::try_from(entries.len()).unwrap_or(u64::MAX), voters);
        entries.for_each(|(credential, revoked)| reading.take(credential, revoked));
        reading.finish()
    }

    /// The digest of the opening over these entries, whether it holds or not.
    pub(crate) fn opening_digest(&self, contest: &Contest, opening: &Opening) -> OpeningDigest {
        digest_of(contest.fingerprint(), opening.voters, self.at_opening, opening.at)
    }

    /// Every rule of a roll but that its entries decode. `repeated` is the first entry whose credential stands before
    /// it too, with that one.
    pub(crate) fn check(
        &self,
        contest: &Contest,
        opening: &Opening,
        repeated: Option<(usize, usize)>,
    ) -> Result<OpeningDigest, RollError> {
        if let Some((entry, earlier)) = repeated {
            return Err(RollError::Repeated { entry, earlier });
        }
        let (voters, entries) = (opening.voters, self.entries);
        check_numbers(contest, voters, opening.at)?;
        if u64::try_from(entries).is_ok_and(|entries| entries < voters) {
            return Err(RollError::TooShort { voters, entries });
        }
        // Two that are equal were refused above.
        if let Some(entry) = self.descends {
            return Err(RollError::Order { entry });
        }
        if u64::try_from(self.standing) != Ok(voters) {
            return Err(RollError::Standing { voters, actual: self.standing });
        }
        let digest = self.opening_digest(contest, opening);
        opening.check_signatures(contest, digest)?;
        Ok(digest)
    }
}
