//! Credentials: what a voter's code becomes in one contest.

use core::fmt;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use subtle::ConstantTimeEq;
use zeroize::ZeroizeOnDrop;

use super::VotingCode;
use crate::contest::{Contest, Fingerprint};
use crate::primitives::group::Element;
use crate::primitives::labels::{self, item};
use crate::primitives::secret::{self, Secret, scrubbed};
use crate::primitives::transcript::Transcript;
use crate::primitives::wire::{DecodeError, Reader, hex_text, serde_bytes};

/// A voter's secret for one contest: the scalar `s` behind the public credential `C = s·G`.
///
/// It comes from the voting code and the contest's fingerprint, so the credentials of one voter in two
/// contests cannot be linked by anyone who does not know the code. A ballot's proof shows knowledge of
/// it, which makes the proof the voter's signature on the ballot.
#[derive(ZeroizeOnDrop)]
pub struct Credential {
    secret: Secret<Scalar>,
    #[zeroize(skip)]
    public: Element,
    #[zeroize(skip)]
    contest: Fingerprint,
}

impl Credential {
    /// The credential of a code in a contest. Constant-time in the code.
    #[must_use]
    pub fn derive(contest: &Contest, code: &VotingCode) -> Self {
        scrubbed::<{ secret::SIGNATURE }, _>(|| {
            let mut transcript = Transcript::new(labels::CREDENTIAL);
            transcript.append(item::CONTEST, contest.fingerprint().as_bytes());
            transcript.append(item::CODE, code.as_bytes());
            let secret = Secret::new(transcript.challenge(item::SECRET));
            let public = Element::from(RistrettoPoint::mul_base(&secret));
            Credential { secret, public, contest: contest.fingerprint() }
        })
    }

    /// The public half, which stands on the roll.
    #[must_use]
    pub fn public(&self) -> PublicCredential {
        self.public.into()
    }

    pub(crate) fn element(&self) -> Element {
        self.public
    }

    /// The contest it is for.
    #[must_use]
    pub fn contest(&self) -> Fingerprint {
        self.contest
    }

    pub(crate) fn secret(&self) -> &Scalar {
        &self.secret
    }
}

impl ConstantTimeEq for Credential {
    fn ct_eq(&self, other: &Self) -> subtle::Choice {
        self.secret.ct_eq(&*other.secret)
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential(of {}, redacted)", self.public())
    }
}

/// A voter's public credential `C` for one contest: a point other than the identity.
#[derive(Clone, Copy)]
pub struct PublicCredential {
    encoding: [u8; 32],
    /// `None` where the encoding is known to be one and has not been decoded.
    point: Option<RistrettoPoint>,
}

impl PublicCredential {
    /// The canonical encoding.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        self.encoding
    }

    /// Reads a credential.
    ///
    /// # Errors
    ///
    /// When the bytes are not the canonical encoding of a point, or are the identity.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let element = reader.element()?;
        reader.finish()?;
        Ok(element.into())
    }

    /// An encoding that was read as a credential before, under the tag of a box's own log: most of a large
    /// roll never vote, and decoding takes longer than everything else that is done with them.
    pub(crate) fn read_before(encoding: [u8; 32]) -> Self {
        PublicCredential { encoding, point: None }
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.encoding
    }

    /// The point, unless it has not been decoded.
    pub(crate) fn known_point(&self) -> Option<&RistrettoPoint> {
        self.point.as_ref()
    }

    /// The same with its point. `None` when there is none after all.
    pub(crate) fn decoded(&self) -> Option<Self> {
        match self.point {
            Some(_) => Some(*self),
            None => PublicCredential::from_bytes(&self.encoding).ok(),
        }
    }
}

impl From<Element> for PublicCredential {
    fn from(element: Element) -> Self {
        PublicCredential { encoding: *element.encoding(), point: Some(*element.point()) }
    }
}

impl PartialEq for PublicCredential {
    fn eq(&self, other: &Self) -> bool {
        self.encoding == other.encoding
    }
}

impl Eq for PublicCredential {}

/// In the order of the encodings, which is the order of the roll at opening.
impl Ord for PublicCredential {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

/// Which is also how it is looked up.
impl core::borrow::Borrow<[u8; 32]> for PublicCredential {
    fn borrow(&self) -> &[u8; 32] {
        self.as_bytes()
    }
}

impl PartialOrd for PublicCredential {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for PublicCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicCredential({self})")
    }
}

serde_bytes!(PublicCredential, PublicCredential::from_bytes);
hex_text!(PublicCredential, DecodeError, |bytes| PublicCredential::from_bytes(
    &bytes.ok_or(DecodeError::NotHex)?
));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_vectors::{approved_contest, primitives, unhex};
    use alloc::borrow::ToOwned;
    use alloc::string::ToString;

    #[test]
    fn secret_and_public_credential_match_the_vector() {
        let contest = approved_contest("record");
        let vector = &primitives()["credential"];
        let code = crate::primitives::wire::array_from_hex(vector["code"].as_str().unwrap()).unwrap();
        let credential = Credential::derive(contest.contest(), &VotingCode::from_bytes(code));
        assert_eq!(credential.secret().to_bytes(), unhex(&vector["secret"]));
        assert_eq!(credential.public().to_bytes(), unhex(&vector["public"]));
        let text = vector["public"].as_str().unwrap();
        assert_eq!(
            (credential.public().to_string(), text.parse()),
            (text.to_owned(), Ok(credential.public()))
        );
        for bad in [&text.to_uppercase(), &text[1..], &"0".repeat(64)] {
            assert!(bad.parse::<PublicCredential>().is_err(), "{bad}");
        }
    }
}
