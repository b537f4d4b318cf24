//! The published roll of a contest: public credentials, and nothing about who holds them.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use crate::primitives::ed25519::{VerifyingKeyError, SigningKey, Signature};
use crate::contest::{Contest, Fingerprint};
use crate::credential::PublicCredential;
use crate::primitives::hash::{FieldHash, digest, length_of};
use crate::primitives::labels;
use crate::primitives::time::UnixTime;

digest! {
    /// The hash of the published roll: every credential with its revoked flag, in order.
    RollDigest
}

/// One credential of the roll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollEntry {
    /// The public credential.
    pub credential: PublicCredential,
    /// Whether a later one has taken its place.
    pub revoked: bool,
}

/// When the roll was opened, under the ballot box's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollOpening {
    /// How many voters there are, `N`: the first `N` entries stood on the roll at opening.
    pub voters: u64,
    /// When the box signed, not later than the contest's opening.
    pub at: UnixTime,
    /// The box's signature over the contest, the first `N` credentials and the time.
    pub signature: Signature,
}

/// The published roll of one contest, with its signed opening. Always valid:
///
/// - first the credentials at opening, in ascending order of their bytes, one a voter; then those issued
///   later, in order of issue;
/// - all distinct;
/// - as many not revoked as there are voters, so that a voter never has two and nobody is added;
/// - the opening signed by the box, not later than the contest opens.
#[derive(Clone, PartialEq, Eq)]
pub struct Roll {
    contest: Fingerprint,
    opening: RollOpening,
    entries: Vec<RollEntry>,
    positions: BTreeMap<PublicCredential, usize>,
}

impl Roll {
    /// Opens the roll of a contest with one credential a voter, in any order.
    ///
    /// # Errors
    ///
    /// A [`RollError`] when a credential is there twice or the time is after the contest's opening.
    pub fn open(
        contest: &Contest,
        mut credentials: Vec<PublicCredential>,
        at: UnixTime,
        key: &SigningKey,
    ) -> Result<Self, RollError> {
        credentials.sort_unstable();
        let voters = length_of(&credentials);
        let digest = opening_digest(contest, voters, credentials.iter(), at);
        let opening = RollOpening { voters, at, signature: key.sign(&digest) };
        let entries =
            credentials.into_iter().map(|credential| RollEntry { credential, revoked: false }).collect();
        Roll::verify(contest, opening, entries)
    }

    /// Checks a published roll.
    ///
    /// # Errors
    ///
    /// The [`RollError`] of the first rule that is broken, with the entry.
    pub fn verify(
        contest: &Contest,
        opening: RollOpening,
        entries: Vec<RollEntry>,
    ) -> Result<Self, RollError> {
        let mut positions = BTreeMap::new();
        for (entry, RollEntry { credential, .. }) in entries.iter().enumerate() {
            if let Some(earlier) = positions.insert(*credential, entry) {
                return Err(RollError::Repeated { entry, earlier });
            }
        }
        let at_opening = usize::try_from(opening.voters)
            .ok()
            .and_then(|voters| entries.get(..voters))
            .ok_or(RollError::TooShort { voters: opening.voters, entries: entries.len() })?;
        // Two that are equal were refused above.
        let descends = at_opening
            .windows(2)
            .position(|pair| matches!(pair, [first, second] if first.credential > second.credential));
        if let Some(before) = descends {
            return Err(RollError::Order { entry: before.saturating_add(1) });
        }
        let standing = entries.iter().filter(|entry| !entry.revoked).count();
        if u64::try_from(standing) != Ok(opening.voters) {
            return Err(RollError::Standing { voters: opening.voters, actual: standing });
        }
        let digest =
            opening_digest(contest, opening.voters, at_opening.iter().map(|e| &e.credential), opening.at);
        let description = contest.description();
        description.box_key.verify(&digest, &opening.signature).map_err(RollError::Signature)?;
        if opening.at > description.opens_at {
            return Err(RollError::Late { at: opening.at, opens_at: description.opens_at });
        }
        Ok(Roll { contest: contest.fingerprint(), opening, entries, positions })
    }

    /// Revokes a voter's credential and puts a new one in its place.
    ///
    /// Whether the voter has voted is for the ballot box to check first: a used credential is never
    /// revoked.
    ///
    /// # Errors
    ///
    /// [`RollError::Unknown`] when the old credential is not on the roll or already revoked,
    /// [`RollError::Repeated`] when the new one is already there. Nothing is changed then.
    pub fn reissue(&mut self, old: &PublicCredential, new: PublicCredential) -> Result<(), RollError> {
        let entry = self.entries.len();
        if let Some(earlier) = self.positions.get(&new) {
            return Err(RollError::Repeated { entry, earlier: *earlier });
        }
        let standing = self
            .positions
            .get(old)
            .and_then(|position| self.entries.get_mut(*position))
            .filter(|entry| !entry.revoked)
            .ok_or(RollError::Unknown { credential: old.to_bytes() })?;
        standing.revoked = true;
        self.entries.push(RollEntry { credential: new, revoked: false });
        self.positions.insert(new, entry);
        Ok(())
    }

    /// The contest whose roll it is: the box signed its opening for this one.
    #[must_use]
    pub fn contest(&self) -> Fingerprint {
        self.contest
    }

    /// The signed opening.
    #[must_use]
    pub fn opening(&self) -> &RollOpening {
        &self.opening
    }

    /// All entries, in order.
    #[must_use]
    pub fn entries(&self) -> &[RollEntry] {
        &self.entries
    }

    /// The entry of a credential, if it is on the roll.
    #[must_use]
    pub fn get(&self, credential: &PublicCredential) -> Option<&RollEntry> {
        self.entry(credential.as_bytes())
    }

    /// The entry of the credential with this encoding.
    pub(crate) fn entry(&self, credential: &[u8; 32]) -> Option<&RollEntry> {
        self.positions.get(credential).and_then(|position| self.entries.get(*position))
    }

    /// The hash of the roll as it stands.
    #[must_use]
    pub fn digest(&self) -> RollDigest {
        roll_digest(self.entries.iter().map(|entry| (entry.credential.as_bytes(), entry.revoked)))
    }
}

impl fmt::Debug for Roll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Roll")
            .field("contest", &self.contest)
            .field("opening", &self.opening)
            .field("entries", &self.entries)
            .finish()
    }
}

/// The digest of a roll's entries, which need not be valid.
pub(crate) fn roll_digest<'a>(entries: impl ExactSizeIterator<Item = (&'a [u8; 32], bool)>) -> RollDigest {
    let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
    let hash = entries.fold(FieldHash::new(labels::ROLL).number(count), |hash, (credential, revoked)| {
        hash.bytes(credential).bytes(&[u8::from(revoked)])
    });
    RollDigest::from_bytes(hash.finish())
}

fn opening_digest<'a>(
    contest: &Contest,
    voters: u64,
    credentials: impl Iterator<Item = &'a PublicCredential>,
    at: UnixTime,
) -> [u8; 32] {
    FieldHash::new(labels::OPENING)
        .bytes(contest.fingerprint().as_bytes())
        .number(voters)
        .all(credentials.map(PublicCredential::as_bytes))
        .number(at.seconds())
        .finish()
}

/// The rule that a published roll breaks. Entries are counted from 0.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollError {
    /// A credential stands on the roll twice.
    Repeated {
        /// The later entry.
        entry: usize,
        /// The earlier entry.
        earlier: usize,
    },
    /// There are fewer entries than voters.
    TooShort {
        /// How many voters the opening names.
        voters: u64,
        /// How many entries there are.
        entries: usize,
    },
    /// The credentials at opening do not ascend.
    Order {
        /// The first entry that is below the one before it.
        entry: usize,
    },
    /// There are not as many credentials in force as voters.
    Standing {
        /// How many voters the opening names.
        voters: u64,
        /// How many entries are not revoked.
        actual: usize,
    },
    /// The box's signature on the opening does not hold.
    Signature(VerifyingKeyError),
    /// The roll was opened after the contest.
    Late {
        /// When it was opened.
        at: UnixTime,
        /// When the contest opened.
        opens_at: UnixTime,
    },
    /// The credential is not on the roll, or revoked.
    Unknown {
        /// The credential's encoding.
        credential: [u8; 32],
    },
}

impl fmt::Display for RollError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RollError::Repeated { entry, earlier } => {
                write!(f, "roll entry {entry} has the credential of entry {earlier}")
            }
            RollError::TooShort { voters, entries } => {
                write!(f, "the roll has {entries} entries for {voters} voters")
            }
            RollError::Order { entry } => {
                write!(f, "roll entry {entry} is out of order: credentials at opening ascend")
            }
            RollError::Standing { voters, actual } => {
                write!(f, "{actual} credentials are not revoked where there are {voters} voters")
            }
            RollError::Signature(error) => write!(f, "opening of the roll: {error}"),
            RollError::Late { at, opens_at } => {
                write!(f, "the roll was opened at {at}, after the contest at {opens_at}")
            }
            RollError::Unknown { credential } => {
                write!(f, "credential {} is not on the roll or is revoked", crate::primitives::wire::to_hex(credential))
            }
        }
    }
}

impl core::error::Error for RollError {}

#[cfg(all(test, feature = "serde"))]
mod tests {
    use super::*;
    use crate::record::Record;
    use crate::test_vectors::{primitives, unhex};

    #[test]
    fn opening_digest_matches_the_vector() {
        let record = Record::from_json(include_bytes!("../tests/vectors/record.json")).unwrap();
        let contest = record.contest().unwrap();
        let roll = record.roll(contest.contest()).unwrap();
        let RollOpening { voters, at, .. } = *roll.opening();
        let credentials = roll.entries().iter().take(10).map(|entry| &entry.credential);
        let digest = opening_digest(contest.contest(), voters, credentials, at);
        assert_eq!(digest, unhex(&primitives()["record"]["opening_digest"]));
    }
}
