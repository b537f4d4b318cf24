//! The published roll of a contest: public credentials, and nothing about who holds them.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use super::opening::moved;
use super::{CredentialsDigest, Opening, OpeningDigest, SignedOpening};
use crate::contest::{Contest, Fingerprint};
use crate::credential::{DecodedCredentials, PublicCredential};
use crate::primitives::hash::digest;
use crate::primitives::wire::{DecodeError, Kind, Reader, form};
use crate::primitives::{Signature, UnixTime, parallel};

mod error;
mod reading;

pub use error::RollError;
pub(crate) use reading::{RollRead, RollReading};

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

/// The published roll of one contest, with its signed opening. Always valid:
///
/// - first the credentials at opening, in ascending order of their bytes, one a voter; then those issued
///   later, in order of issue;
/// - all distinct;
/// - as many not revoked as there are voters, so that a voter never has two and nobody is added; and never
///   more than the contest's capacity;
/// - the opening signed by box and issuer, not later than the contest opens.
#[derive(Clone, PartialEq, Eq)]
pub struct Roll {
    contest: Fingerprint,
    opening: Opening,
    /// Of those at opening.
    credentials: CredentialsDigest,
    opening_digest: OpeningDigest,
    entries: Vec<RollEntry>,
    /// Of each credential's encoding.
    positions: BTreeMap<[u8; 32], usize>,
}

impl Roll {
    /// Checks a published roll.
    ///
    /// # Errors
    ///
    /// The [`RollError`] of the first rule that is broken, with the entry.
    pub fn verify(contest: &Contest, opening: Opening, entries: Vec<RollEntry>) -> Result<Self, RollError> {
        let positions = positions(&entries)?;
        let read = read(opening.voters, &entries);
        let opening_digest = read.check(contest, &opening, None)?;
        let (fingerprint, credentials) = (contest.fingerprint(), read.at_opening);
        Ok(Roll { contest: fingerprint, opening, credentials, opening_digest, entries, positions })
    }

    /// Form: kind ‖ version ‖ fingerprint ‖ LE64(N) ‖ LE64(at) ‖ both signatures ‖ each entry: credential, revoked
    /// (1 byte, 0 or 1).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Roll { contest, opening, entries, .. } = self;
        let mut bytes = form(Kind::Roll);
        bytes.reserve(entries.len().saturating_mul(33).saturating_add(176));
        bytes.extend(contest.to_bytes());
        bytes.extend(opening.voters.to_le_bytes());
        bytes.extend(opening.at.seconds().to_le_bytes());
        bytes.extend(opening.box_signature.to_bytes());
        bytes.extend(opening.issuer_signature.to_bytes());
        for RollEntry { credential, revoked } in entries {
            bytes.extend(credential.as_bytes());
            bytes.push(u8::from(*revoked));
        }
        bytes
    }

    /// Reads what [`Roll::to_bytes`] gave, and checks it as [`Roll::verify`] does.
    ///
    /// Cost: one point decoding a credential, spread over all cores with the feature `parallel`.
    ///
    /// # Errors
    ///
    /// [`RollError::Decode`] for every other form, which names both kinds if it is another;
    /// [`RollError::ForeignContest`] for the roll of another contest; and those of [`Roll::verify`].
    pub fn from_bytes(contest: &Contest, bytes: &[u8]) -> Result<Self, RollError> {
        let mut reader = Reader::form(Kind::Roll, bytes)?;
        let (expected, actual) = (contest.fingerprint(), Fingerprint::from_bytes(*reader.array()?));
        let opening = Opening {
            voters: reader.integer()?,
            at: UnixTime::from_seconds(reader.integer()?),
            box_signature: Signature::from_bytes(*reader.array()?),
            issuer_signature: Signature::from_bytes(*reader.array()?),
        };
        let start = reader.offset();
        let (entries, left) = reader.rest().as_chunks::<33>();
        if !left.is_empty() {
            let expected = bytes.len().saturating_sub(left.len()).saturating_add(33);
            return Err(RollError::Decode(DecodeError::TooShort { expected, actual: bytes.len() }));
        }
        if actual != expected {
            return Err(RollError::ForeignContest { expected, actual });
        }
        let entries = parallel::map(entries, |entry| {
            let mut reader = Reader::new(entry);
            let credential = PublicCredential::from(reader.element()?);
            match reader.byte()? {
                flag @ (0 | 1) => Ok(RollEntry { credential, revoked: flag == 1 }),
                _ => Err(DecodeError::Number { offset: 32 }),
            }
        });
        let entries = entries.into_iter().enumerate().map(|(place, entry)| {
            entry.map_err(|error| moved(error, start.saturating_add(place.saturating_mul(33))))
        });
        Roll::verify(contest, opening, entries.collect::<Result<_, _>>()?)
    }

    /// Revokes a voter's credential and puts a new one in its place. So the number of those that are not
    /// revoked stays as it is.
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
        if let Some(earlier) = self.positions.get(new.as_bytes()) {
            return Err(RollError::Repeated { entry, earlier: *earlier });
        }
        let standing = self
            .positions
            .get(old.as_bytes())
            .and_then(|position| self.entries.get_mut(*position))
            .filter(|entry| !entry.revoked)
            .ok_or(RollError::Unknown { credential: old.to_bytes() })?;
        standing.revoked = true;
        self.entries.push(RollEntry { credential: new, revoked: false });
        self.positions.insert(new.to_bytes(), entry);
        Ok(())
    }

    /// Undoes the last [`reissue`](Roll::reissue), which put a credential in the place of this one.
    pub(super) fn take_back(&mut self, old: &PublicCredential) {
        if let Some(last) = self.entries.pop() {
            self.positions.remove(last.credential.as_bytes());
        }
        let position = self.positions.get(old.as_bytes());
        if let Some(entry) = position.and_then(|position| self.entries.get_mut(*position)) {
            entry.revoked = false;
        }
    }

    /// The contest whose roll it is: its opening was signed for this one.
    #[must_use]
    pub fn contest(&self) -> Fingerprint {
        self.contest
    }

    /// Number of voters, time and signatures of the opening.
    #[must_use]
    pub fn opening(&self) -> &Opening {
        &self.opening
    }

    /// The opening for someone who does not have the whole roll.
    #[must_use]
    pub fn signed_opening(&self) -> SignedOpening {
        SignedOpening::new(self.contest, self.credentials, self.opening)
    }

    /// The digest that box and issuer signed.
    #[must_use]
    pub fn opening_digest(&self) -> OpeningDigest {
        self.opening_digest
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

    /// All credentials whose points are known, for the verification of ballots: none of them is decoded again. The
    /// roll of an open box, which has no use for them, may know none.
    #[must_use]
    pub fn decoded_credentials(&self) -> DecodedCredentials {
        self.entries.iter().map(|entry| entry.credential).collect()
    }

    /// The hash of the roll as it stands.
    #[must_use]
    pub fn digest(&self) -> RollDigest {
        read(self.opening.voters, &self.entries).digest
    }
}

/// Where each credential stands, by its encoding.
fn positions(entries: &[RollEntry]) -> Result<BTreeMap<[u8; 32], usize>, RollError> {
    // Those that ascend are distinct, and a tree is made of them in one go.
    let ascending = entries
        .windows(2)
        .take_while(|pair| matches!(pair, [first, second] if first.credential < second.credential))
        .count()
        .saturating_add(1)
        .min(entries.len());
    let (first, later) = entries.split_at_checked(ascending).unwrap_or((entries, &[]));
    let encodings = first.iter().map(|entry| entry.credential.to_bytes());
    let mut positions: BTreeMap<_, _> = encodings.zip(0..).collect();
    for (entry, RollEntry { credential, .. }) in (ascending..).zip(later) {
        if let Some(earlier) = positions.insert(credential.to_bytes(), entry) {
            return Err(RollError::Repeated { entry, earlier });
        }
    }
    Ok(positions)
}

impl fmt::Debug for Roll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Roll")
            .field("contest", &self.contest)
            .field("opening", &self.opening)
            .field("entries", &self.entries)
            .finish_non_exhaustive()
    }
}

fn read(voters: u64, entries: &[RollEntry]) -> RollRead {
    RollRead::of(voters, entries.iter().map(|entry| (entry.credential.as_bytes(), entry.revoked)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_vectors::{approved_contest, primitives, record, unhex};

    fn entries() -> Vec<RollEntry> {
        let record = record("record");
        let entries = record["roll"].as_array().unwrap();
        let entry = |entry: &serde_json::Value| RollEntry {
            credential: PublicCredential::from_bytes(&unhex::<32>(&entry["credential"])).unwrap(),
            revoked: entry["revoked"].as_bool().unwrap(),
        };
        entries.iter().map(entry).collect()
    }

    fn opening() -> Opening {
        let record = record("record");
        let opening = &record["opening"];
        let signature = |name: &str| Signature::from_bytes(unhex(&opening[name]));
        Opening {
            voters: opening["voters"].as_u64().unwrap(),
            at: UnixTime::from_seconds(opening["at"].as_u64().unwrap()),
            box_signature: signature("box_signature"),
            issuer_signature: signature("issuer_signature"),
        }
    }

    #[test]
    fn a_roll_of_the_other_implementation_holds() {
        let contest = approved_contest("record");
        let roll = Roll::verify(contest.contest(), opening(), entries()).unwrap();
        let vector = &primitives()["record"];
        assert_eq!(roll.digest().to_bytes(), unhex(&vector["roll_digest"]));
        assert_eq!(roll.opening_digest().to_bytes(), unhex(&vector["opening_digest"]));
        assert_eq!(roll.signed_opening().verify(contest.contest()), Ok(roll.opening_digest()));
        let decoded = roll.decoded_credentials();
        assert_eq!(decoded.len(), 11);
        for entry in roll.entries() {
            let known = decoded.get(entry.credential.as_bytes()).map(PublicCredential::from);
            assert_eq!(known, Some(entry.credential));
        }
    }

    #[test]
    fn every_rule_of_the_roll_is_checked() {
        let contest = approved_contest("record");
        let good = entries();
        let verify = |change: &dyn Fn(&mut Opening, &mut Vec<RollEntry>)| {
            let (mut opening, mut entries) = (opening(), good.clone());
            change(&mut opening, &mut entries);
            Roll::verify(contest.contest(), opening, entries).map(|_| ()).unwrap_err()
        };
        let repeated = RollError::Repeated { entry: 11, earlier: 3 };
        assert_eq!(verify(&|_, entries| entries.push(entries[3])), repeated);
        assert_eq!(verify(&|_, entries| entries.swap(4, 5)), RollError::Order { entry: 5 });
        let standing = |actual| RollError::Standing { voters: 10, actual };
        assert_eq!(verify(&|_, entries| entries[0].revoked = true), standing(9));
        assert_eq!(verify(&|_, entries| entries[7].revoked = false), standing(11));
        assert_eq!(verify(&|_, entries| entries.truncate(10)), standing(9));
        let short = RollError::TooShort { voters: 10, entries: 9 };
        assert_eq!(verify(&|_, entries| entries.truncate(9)), short);
        let capacity = contest.contest().layout().capacity();
        for voters in [0, capacity + 1, u64::MAX] {
            let wrong = RollError::Voters { voters, capacity };
            assert_eq!(verify(&|opening, _| opening.voters = voters), wrong);
        }
    }
}
