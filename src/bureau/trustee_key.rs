//! What a trustee keeps when a key ceremony is over.

use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::scalar::Scalar;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::{Bureau, ElectionKey, IdentityKey, IdentitySecret, TrusteeIndex};
use crate::primitives::group::is_logarithm;
use crate::primitives::hash::{FieldHash, digest};
use crate::primitives::labels;
use crate::primitives::messages::messages;
use crate::primitives::wire::{DecodeError, Kind, Reader, form};

digest! {
    /// What a ceremony has led to: all commitments and the key.
    KeyDigest
}

/// The secret half of an election key that one trustee holds: its identity secret `e_j`, and for each
/// slot its share `x_{j,s}` of the decryption key, with the public key they belong to.
///
/// It comes out of a [`ceremony`](crate::bureau::ceremony), or out of storage. It is wiped on drop, cannot be
/// cloned, and prints without its secrets.
#[derive(ZeroizeOnDrop)]
pub struct TrusteeKey {
    #[zeroize(skip)]
    index: TrusteeIndex,
    identity: IdentitySecret,
    /// One for each slot, `x_{j,1} … x_{j,m}`.
    shares: Zeroizing<Vec<Scalar>>,
    #[zeroize(skip)]
    public: ElectionKey,
    #[zeroize(skip)]
    key_digest: KeyDigest,
}

impl TrusteeKey {
    /// Of a ceremony, which has checked dealer by dealer that the secrets belong to the key.
    pub(crate) fn from_ceremony(
        index: TrusteeIndex,
        identity: IdentitySecret,
        shares: Zeroizing<Vec<Scalar>>,
        public: ElectionKey,
        key_digest: KeyDigest,
    ) -> Self {
        TrusteeKey { index, identity, shares, public, key_digest }
    }

    /// The trustee's number.
    #[must_use]
    pub fn index(&self) -> TrusteeIndex {
        self.index
    }

    /// The public key that all trustees made together.
    #[must_use]
    pub fn election_key(&self) -> &ElectionKey {
        &self.public
    }

    /// What all trustees of the ceremony have confirmed.
    #[must_use]
    pub fn key_digest(&self) -> KeyDigest {
        self.key_digest
    }

    pub(crate) fn identity(&self) -> &IdentitySecret {
        &self.identity
    }

    /// `x_{j,1} … x_{j,m}`.
    pub(crate) fn shares(&self) -> &[Scalar] {
        &self.shares
    }

    /// The secrets, to be stored where nobody else reads them: kind ‖ version ‖ the ceremony's key digest ‖
    /// digest of the whole election key ‖ `e_j ‖ x_{j,1} … x_{j,m}`, 2 + 32·(3 + m) bytes. The public key is
    /// not among them, but they are read back with this very key only.
    #[must_use]
    pub fn expose_bytes(&self) -> Zeroizing<Vec<u8>> {
        let binding = binding(&self.key_digest, &self.public);
        let head = [&form(Kind::TrusteeKey)[..], self.key_digest.as_bytes(), &binding].concat();
        expose(&head, &self.identity, &self.shares, 0)
    }

    /// Reads what [`TrusteeKey::expose_bytes`] gave, for the election key it belongs to.
    ///
    /// # Errors
    ///
    /// [`TrusteeKeyError::AnotherKey`] for every other election key, be it different in one point of another
    /// panel only; [`TrusteeKeyError::Decode`] for bytes of another kind, length or form;
    /// [`TrusteeKeyError::NotATrustee`] and [`TrusteeKeyError::Share`] for secrets that have been changed.
    pub fn from_bytes(public: ElectionKey, bytes: &[u8]) -> Result<Self, TrusteeKeyError> {
        let mut reader = Reader::form(Kind::TrusteeKey, bytes)?;
        let key_digest = KeyDigest::from_bytes(*reader.array()?);
        if *reader.array()? != binding(&key_digest, &public) {
            return Err(TrusteeKeyError::AnotherKey);
        }
        let identity = read_identity(&mut reader)?;
        let shares = read_scalars(&mut reader, public.slots())?;
        reader.finish()?;
        let index = position_of(&identity.public(), public.bureau()).ok_or(TrusteeKeyError::NotATrustee)?;
        for (slot, (share, key)) in (1..).zip(shares.iter().zip(&public.verification_elements(index))) {
            if !is_logarithm(share, key.point()) {
                return Err(TrusteeKeyError::Share { trustee: index, slot });
            }
        }
        Ok(TrusteeKey { index, identity, shares, public, key_digest })
    }
}

/// What the stored secrets are bound to: the ceremony's outcome, and everything that is public of the key.
fn binding(key_digest: &KeyDigest, public: &ElectionKey) -> [u8; 32] {
    public.hash(FieldHash::new(labels::STORED_KEY).bytes(key_digest.as_bytes())).finish()
}

impl fmt::Debug for TrusteeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrusteeKey(of trustee {}, redacted)", self.index)
    }
}

/// The number of the trustee with this identity key.
pub(crate) fn position_of(key: &IdentityKey, bureau: &Bureau) -> Option<TrusteeIndex> {
    bureau.indices().zip(bureau.identities()).find(|(_, listed)| *listed == key).map(|(j, _)| j)
}

/// An identity secret and the scalars that are kept with it, in one piece after what they belong to, with
/// room for so many bytes more.
pub(crate) fn expose(
    belonging_to: &[u8],
    identity: &IdentitySecret,
    scalars: &[Scalar],
    more: usize,
) -> Zeroizing<Vec<u8>> {
    // The capacity is right from the start, so that no copy is left behind by growing.
    let secrets = scalars.len().saturating_add(1).saturating_mul(32);
    let length = secrets.saturating_add(belonging_to.len()).saturating_add(more);
    let mut bytes = Zeroizing::new(Vec::with_capacity(length));
    bytes.extend_from_slice(belonging_to);
    bytes.extend_from_slice(identity.scalar().as_bytes());
    for scalar in scalars {
        bytes.extend_from_slice(scalar.as_bytes());
    }
    bytes
}

/// Reads the identity secret that [`expose`] gave.
pub(crate) fn read_identity(reader: &mut Reader<'_>) -> Result<IdentitySecret, DecodeError> {
    let offset = reader.offset();
    IdentitySecret::from_bytes(reader.array()?).ok_or(DecodeError::NotAScalar { offset })
}

/// Reads the `count` scalars that follow it.
pub(crate) fn read_scalars(
    reader: &mut Reader<'_>,
    count: usize,
) -> Result<Zeroizing<Vec<Scalar>>, DecodeError> {
    reader.require(count.saturating_mul(32))?;
    let mut scalars = Zeroizing::new(Vec::with_capacity(count));
    for _ in 0..count {
        scalars.push(reader.scalar()?);
    }
    Ok(scalars)
}

/// Why secrets are not those of a trustee of an election key.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrusteeKeyError {
    /// The stored bytes do not decode.
    Decode(DecodeError),
    /// The secrets were stored with another election key.
    AnotherKey,
    /// The identity key is not on the election key's list.
    NotATrustee,
    /// A share is not the one that the public key commits to, `x·G ≠ V_{j,s}`.
    Share {
        /// The trustee whose share it should be.
        trustee: TrusteeIndex,
        /// The slot, from 1.
        slot: usize,
    },
}

messages! { TrusteeKeyError: "trustee-key";
    Decode(error) => "decode", "stored key of a trustee: {error}";
    AnotherKey => "another-key", "stored key of a trustee: of another election key";
    NotATrustee => "not-a-trustee", "the identity key is not that of a trustee of this election key";
    Share { trustee, slot } => "share",
        "the key share of trustee {trustee} for slot {slot} does not belong to this election key";
}

impl core::error::Error for TrusteeKeyError {}

impl From<DecodeError> for TrusteeKeyError {
    fn from(error: DecodeError) -> Self {
        TrusteeKeyError::Decode(error)
    }
}
