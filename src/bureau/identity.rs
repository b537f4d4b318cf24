//! The identity keys of trustees, and their signatures: Schnorr over ristretto255, bound to a purpose and a
//! digest.

use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use rand_core::CryptoRng;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::primitives::form::named_form;
use crate::primitives::group::{Element, decode_scalar, is_zero};
use crate::primitives::labels::{self, item};
use crate::primitives::proof::{Proof, Rejected};
use crate::primitives::secret::{self, Secret, scrubbed};
use crate::primitives::transcript::Transcript;
use crate::primitives::wire::{DecodeError, Kind, Reader, form, hex_text};

/// The public identity key `E` of a trustee, with which its signatures are checked and shares for it
/// are sealed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct IdentityKey(pub(crate) Element);

impl IdentityKey {
    /// The key's canonical encoding.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        *self.0.encoding()
    }

    /// Reads a key.
    ///
    /// # Errors
    ///
    /// When the bytes are not the canonical encoding of a point, or are the identity.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let element = reader.element()?;
        reader.finish()?;
        Ok(IdentityKey(element))
    }
}

impl fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdentityKey({:?})", self.0)
    }
}

named_form!(IdentityKey: "identity", DecodeError);
hex_text!(IdentityKey, DecodeError, |bytes| IdentityKey::from_bytes(&bytes.ok_or(DecodeError::NotHex)?));

/// What a trustee signs.
struct Statement<'a> {
    purpose: &'static [u8],
    digest: &'a [u8; 32],
    key: &'a IdentityKey,
}

impl Statement<'_> {
    fn transcript(&self) -> Transcript {
        let mut transcript = Transcript::new(labels::SIGNATURE);
        transcript.append(item::PURPOSE, self.purpose);
        transcript.append(item::DIGEST, self.digest);
        transcript.append_element(item::KEY, &self.key.0);
        transcript
    }
}

impl IdentityKey {
    pub(crate) fn verify(
        &self,
        purpose: &'static [u8],
        digest: &[u8; 32],
        signature: &Proof,
    ) -> Result<(), Rejected> {
        let statement = Statement { purpose, digest, key: self };
        signature.verify_knowledge(statement.transcript(), self.0.point())
    }
}

/// The secret identity key `e` of a trustee. It signs, and opens shares sealed for the trustee.
///
/// Drawn for one ceremony and never used in another, which is why joining a ceremony consumes it. It is stored before its
/// public half leaves, in a [`Seat`](crate::bureau::Seat), which joins no other ceremony; by itself, the state that joining
/// gives takes its place.
#[derive(ZeroizeOnDrop)]
pub struct IdentitySecret {
    secret: Secret<Scalar>,
    #[zeroize(skip)]
    public: IdentityKey,
}

impl IdentitySecret {
    /// A fresh key, as good as the RNG: there is nothing to hedge with.
    #[must_use]
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        scrubbed::<{ secret::SIGNATURE }, _>(|| {
            let mut transcript = Transcript::new(labels::SECRETS);
            transcript.append(item::STATEMENT, b"identity");
            IdentitySecret::from_scalar(*transcript.secrets(&[], rng).scalar())
        })
    }

    /// For work that is scrubbed.
    pub(crate) fn from_scalar(secret: Scalar) -> Self {
        let public = IdentityKey(Element::from(RistrettoPoint::mul_base(&secret)));
        IdentitySecret { secret: Secret::new(secret), public }
    }

    /// The secret itself, to be stored where nobody else reads it until it joins its ceremony: kind ‖ version ‖
    /// `e`.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // The capacity is right from the start, so that no copy is left behind by growing.
        let mut bytes = Zeroizing::new(Vec::with_capacity(34));
        bytes.extend(form(Kind::IdentitySecret));
        bytes.extend_from_slice(self.secret.as_bytes());
        bytes
    }

    /// Reads what [`IdentitySecret::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] for every other form, which names both kinds if it is another;
    /// [`DecodeError::NotAScalar`] unless it is a scalar below the group order and not zero.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::IdentitySecret, bytes)?;
        let identity = IdentitySecret::read(&mut reader)?;
        reader.finish()?;
        Ok(identity)
    }

    /// Reads the secret alone.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let offset = reader.offset();
        let bytes = reader.array()?;
        let identity = scrubbed::<{ secret::SIGNATURE }, _>(|| {
            decode_scalar(bytes).filter(|secret| !is_zero(secret)).map(IdentitySecret::from_scalar)
        });
        identity.ok_or(DecodeError::NotAScalar { offset })
    }

    /// The public half, `E = e·G`.
    #[must_use]
    pub fn public(&self) -> IdentityKey {
        self.public
    }

    pub(crate) fn scalar(&self) -> &Scalar {
        &self.secret
    }

    pub(crate) fn sign<R: CryptoRng + ?Sized>(
        &self,
        purpose: &'static [u8],
        digest: &[u8; 32],
        rng: &mut R,
    ) -> Proof {
        let statement = Statement { purpose, digest, key: &self.public };
        Proof::of_knowledge(statement.transcript(), &self.secret, rng)
    }
}

impl core::fmt::Debug for IdentitySecret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "IdentitySecret(of {:?}, redacted)", self.public)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_vectors::{primitives, unhex};
    use rand_core::SeedableRng;

    #[test]
    fn signature_matches_the_vector() {
        let vectors = primitives();
        let vector = &vectors["signature"];
        let key = IdentitySecret::from_scalar(Scalar::from(7u64)).public();
        assert_eq!(key.to_bytes(), unhex(&vector["key"]));
        let challenge: [u8; 32] = unhex(&vector["challenge"]);
        let response: [u8; 32] = unhex(&vector["response"]);
        let signature = Proof::from_bytes(&[challenge, response].concat()).unwrap();
        let digest = unhex(&vectors["record"]["fingerprint"]);
        assert_eq!(key.verify(labels::PURPOSE_APPROVAL, &digest, &signature), Ok(()));
        // The vector's nonce is 5, which fixes the response.
        assert_eq!(
            signature.response(),
            (Scalar::from(5u64) + decode_scalar(&challenge).unwrap() * Scalar::from(7u64)).to_bytes()
        );
    }

    #[test]
    fn attack_1_every_field_of_a_signature_is_bound() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1);
        let secret = IdentitySecret::generate(&mut rng);
        let other = IdentitySecret::generate(&mut rng).public();
        let key = secret.public();
        let (purpose, digest) = (labels::PURPOSE_APPROVAL, [1; 32]);
        let signature = secret.sign(purpose, &digest, &mut rng);
        let verify = |statement: Statement<'_>| {
            // The point of the equation stays the signer's: only the transcript changes.
            signature.verify_knowledge(statement.transcript(), key.0.point())
        };
        // No `..`: a new field must be added here.
        let Statement { purpose, digest, key } = Statement { purpose, digest: &digest, key: &key };
        assert_eq!(verify(Statement { purpose, digest, key }), Ok(()));
        assert_eq!(verify(Statement { purpose: labels::PURPOSE_KEY, digest, key }), Err(Rejected));
        assert_eq!(verify(Statement { purpose, digest: &[2; 32], key }), Err(Rejected));
        assert_eq!(verify(Statement { purpose, digest, key: &other }), Err(Rejected));
    }
}
