//! Who signed the roll: what the bureau keeps, and its digest, which alone is published.

use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;

use super::VoterId;
use crate::contest::Fingerprint;
use crate::primitives::SigningKey;
use crate::primitives::form::form_by;
use crate::primitives::hash::{FieldHash, digest, length_of};
use crate::primitives::labels::{self, item};
use crate::primitives::messages::messages;
use crate::primitives::transcript::Transcript;
use crate::primitives::wire::{DecodeError, Kind, Reader, form};

digest! {
    /// The hash of the list of signings, under which nobody finds a name without the 32 random bytes.
    SigningsDigest
}

/// The list of all who signed: distinct ids in ascending order, and 32 random bytes that keep the digest from
/// telling who is on it. No times and no order of signing, since the record has the ballots in order of
/// deposit.
///
/// The bureau keeps both, checks them before it endorses, and can show them to a court.
///
/// ```
/// use urne::ballot_box::{Signings, SigningsError, VoterId};
///
/// let [jo, ann] = ["Jo Doe", "Ann Other"].map(|name| VoterId::new(name).expect("1 to 256 bytes"));
/// let signings = Signings::new([7; 32], vec![jo.clone(), ann.clone()])?;
/// assert_eq!(signings.voters(), [ann, jo.clone()]);
/// assert_ne!(signings.digest(), Signings::new([8; 32], signings.voters().to_vec())?.digest());
/// let twice = Signings::new([7; 32], vec![jo.clone(), jo.clone()]);
/// assert_eq!(twice, Err(SigningsError::Repeated { voter: jo }));
/// # Ok::<(), SigningsError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Signings {
    random: [u8; 32],
    voters: Vec<VoterId>,
}

impl Signings {
    /// The list of these voters, in any order.
    ///
    /// # Errors
    ///
    /// [`SigningsError`] when a voter is there twice.
    pub fn new(random: [u8; 32], mut voters: Vec<VoterId>) -> Result<Self, SigningsError> {
        voters.sort_unstable();
        let repeated = voters.windows(2).find_map(|pair| match pair {
            [one, other] if one == other => Some(one.clone()),
            _ => None,
        });
        match repeated {
            Some(voter) => Err(SigningsError::Repeated { voter }),
            None => Ok(Signings { random, voters }),
        }
    }

    /// Voters that are known to be distinct and in order.
    pub(super) fn sorted(random: [u8; 32], voters: Vec<VoterId>) -> Self {
        Signings { random, voters }
    }

    /// The random bytes.
    #[must_use]
    pub fn random(&self) -> &[u8; 32] {
        &self.random
    }

    /// The voters, in ascending order of their bytes.
    #[must_use]
    pub fn voters(&self) -> &[VoterId] {
        &self.voters
    }

    /// What stands in the closing.
    #[must_use]
    pub fn digest(&self) -> SigningsDigest {
        let hash = FieldHash::new(labels::SIGNINGS).bytes(&self.random).number(length_of(&self.voters));
        let hash = self.voters.iter().fold(hash, |hash, voter| hash.bytes(voter.as_bytes()));
        SigningsDigest::from_bytes(hash.finish())
    }

    /// Form: kind ‖ version ‖ random bytes ‖ for each voter LE64(length) ‖ voter.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = form(Kind::Signings);
        bytes.extend(self.random);
        self.voters.iter().for_each(|voter| voter.write(&mut bytes));
        bytes
    }

    /// Reads what [`Signings::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset: that of the voter when they do not ascend.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::Signings, bytes)?;
        let random = *reader.array()?;
        let mut voters: Vec<VoterId> = Vec::new();
        while !reader.rest().is_empty() {
            let offset = reader.offset();
            let voter = VoterId::read(&mut reader)?;
            if voters.last().is_some_and(|last| *last >= voter) {
                return Err(DecodeError::Number { offset });
            }
            voters.push(voter);
        }
        Ok(Signings { random, voters })
    }
}

form_by! { from_bytes, to_bytes; Signings: "signings", DecodeError; }

/// The names are nobody's business, and the random bytes would give them away.
impl fmt::Debug for Signings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signings({} voters, redacted)", self.voters.len())
    }
}

/// The 32 bytes of a list of signings. With an RNG that repeats or stands still, they are as unpredictable as
/// the box key is.
pub(super) fn random_bytes<R: CryptoRng + ?Sized>(
    contest: Fingerprint,
    key: &SigningKey,
    rng: &mut R,
) -> [u8; 32] {
    let mut transcript = Transcript::new(labels::SECRETS);
    transcript.append(item::STATEMENT, b"signings");
    transcript.append(item::CONTEST, contest.as_bytes());
    *transcript.secrets(&[key.expose_seed().as_ref()], rng).bytes()
}

/// Why a list of signings is refused.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SigningsError {
    /// A voter is on it twice.
    Repeated {
        /// The voter.
        voter: VoterId,
    },
}

messages! { SigningsError: "signings";
    Repeated { voter } => "repeated", "voter {voter} is on the list of signings twice";
}

impl core::error::Error for SigningsError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::rng;
    use crate::test_vectors::{primitives, unhex};
    use alloc::format;

    #[test]
    fn digest_of_the_signings_matches_the_vector() {
        let vector = &primitives()["record"]["signings_digest"];
        let ids = vector["ids"].as_array().unwrap();
        let voters = ids.iter().map(|id| VoterId::new(id.as_str().unwrap()).unwrap()).collect();
        let signings = Signings::new(unhex(&vector["random"]), voters).unwrap();
        assert_eq!(signings.digest().to_bytes(), unhex(&vector["digest"]));
        assert_eq!(Signings::from_bytes(&signings.to_bytes()), Ok(signings));
    }

    #[test]
    fn attack_6_a_list_that_does_not_ascend_is_refused() {
        let [a, b] = ["a", "b"].map(|id| VoterId::new(id).unwrap());
        let written = |voters: Vec<VoterId>| Signings::sorted([1; 32], voters).to_bytes();
        let good = written([a.clone(), b.clone()].to_vec());
        assert!(Signings::from_bytes(&good).is_ok());
        for voters in [[b.clone(), a.clone()], [a.clone(), a.clone()]] {
            let refused = Err(DecodeError::Number { offset: 34 + 9 });
            assert_eq!(Signings::from_bytes(&written(voters.to_vec())), refused);
        }
        let short = Err(DecodeError::TooShort { expected: 52, actual: 51 });
        assert_eq!(Signings::from_bytes(&good[..51]), short);
    }

    #[test]
    fn attack_19_the_list_is_not_printed() {
        let signings = Signings::new([1; 32], [VoterId::new("Jo").unwrap()].to_vec()).unwrap();
        assert_eq!(format!("{signings:?}"), "Signings(1 voters, redacted)");
    }

    #[test]
    fn attack_8_the_random_bytes_depend_on_contest_key_and_rng() {
        let [one, other] = [1, 2].map(|byte| Fingerprint::from_bytes([byte; 32]));
        let [key, another] = [1, 2].map(|byte| SigningKey::from_seed(&[byte; 32]));
        let base = random_bytes(one, &key, &mut rng(1));
        assert_eq!(base, random_bytes(one, &key, &mut rng(1)));
        assert_ne!(base, random_bytes(other, &key, &mut rng(1)));
        assert_ne!(base, random_bytes(one, &another, &mut rng(1)));
        assert_ne!(base, random_bytes(one, &key, &mut rng(2)));
    }
}
