//! What a trustee keeps when a key ceremony is over.

use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::scalar::Scalar;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::{Bureau, ElectionKey, IdentityKey, IdentitySecret, TrusteeIndex};
use crate::primitives::group::is_logarithm;
use crate::primitives::wire::{DecodeError, Reader};

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
    /// `x_{j,1} … x_{j,m}`.
    shares: Zeroizing<Vec<Scalar>>,
    #[zeroize(skip)]
    public: ElectionKey,
}

impl TrusteeKey {
    /// Checks that the secrets belong to the key: the identity key is on its list, there is one share
    /// for each slot, and `x_{j,s}·G = V_{j,s}`.
    pub(crate) fn new(
        identity: IdentitySecret,
        shares: Zeroizing<Vec<Scalar>>,
        public: ElectionKey,
    ) -> Result<Self, TrusteeKeyError> {
        let index = position_of(&identity.public(), public.bureau()).ok_or(TrusteeKeyError::NotATrustee)?;
        let expected = public.verification_elements(index);
        if shares.len() != expected.len() {
            return Err(TrusteeKeyError::SlotCount { expected: expected.len(), actual: shares.len() });
        }
        for (slot, (share, key)) in (1..).zip(shares.iter().zip(&expected)) {
            if !is_logarithm(share, key.point()) {
                return Err(TrusteeKeyError::Share { trustee: index, slot });
            }
        }
        Ok(TrusteeKey { index, identity, shares, public })
    }

    /// The same without the check, for a ceremony that has made it already, dealer by dealer.
    pub(crate) fn from_ceremony(
        index: TrusteeIndex,
        identity: IdentitySecret,
        shares: Zeroizing<Vec<Scalar>>,
        public: ElectionKey,
    ) -> Self {
        TrusteeKey { index, identity, shares, public }
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

    pub(crate) fn identity(&self) -> &IdentitySecret {
        &self.identity
    }

    /// `x_{j,1} … x_{j,m}`.
    pub(crate) fn shares(&self) -> &[Scalar] {
        &self.shares
    }

    /// The secrets, to be stored where nobody else reads them: `e_j ‖ x_{j,1} … x_{j,m}`,
    /// 32·(1 + m) bytes. The public key is not among them.
    #[must_use]
    pub fn expose_bytes(&self) -> Zeroizing<Vec<u8>> {
        expose(&[], &self.identity, &self.shares)
    }

    /// Reads what [`TrusteeKey::expose_bytes`] gave, for the election key it belongs to.
    ///
    /// # Errors
    ///
    /// A [`TrusteeKeyError`] when the bytes do not decode, or when they are not the secrets of a
    /// trustee of this very key.
    pub fn from_bytes(public: ElectionKey, bytes: &[u8]) -> Result<Self, TrusteeKeyError> {
        let mut reader = Reader::new(bytes);
        let (identity, shares) =
            read_exposed(&mut reader, public.slots()).map_err(TrusteeKeyError::Decode)?;
        reader.finish().map_err(TrusteeKeyError::Decode)?;
        TrusteeKey::new(identity, shares, public)
    }
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

/// An identity secret and the scalars that are kept with it, in one piece after what they belong to.
pub(crate) fn expose(
    belonging_to: &[u8],
    identity: &IdentitySecret,
    scalars: &[Scalar],
) -> Zeroizing<Vec<u8>> {
    // The capacity is right from the start, so that no copy is left behind by growing.
    let secrets = scalars.len().saturating_add(1).saturating_mul(32);
    let mut bytes = Zeroizing::new(Vec::with_capacity(secrets.saturating_add(belonging_to.len())));
    bytes.extend_from_slice(belonging_to);
    bytes.extend_from_slice(identity.scalar().as_bytes());
    for scalar in scalars {
        bytes.extend_from_slice(scalar.as_bytes());
    }
    bytes
}

/// Reads the secrets that [`expose`] gave: an identity secret and `count` scalars.
pub(crate) fn read_exposed(
    reader: &mut Reader<'_>,
    count: usize,
) -> Result<(IdentitySecret, Zeroizing<Vec<Scalar>>), DecodeError> {
    reader.require(count.saturating_add(1).saturating_mul(32))?;
    let offset = reader.offset();
    let identity = IdentitySecret::from_bytes(reader.array()?).ok_or(DecodeError::NotAScalar { offset })?;
    let mut scalars = Zeroizing::new(Vec::with_capacity(count));
    for _ in 0..count {
        scalars.push(reader.scalar()?);
    }
    Ok((identity, scalars))
}

/// Why secrets are not those of a trustee of an election key.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrusteeKeyError {
    /// The stored bytes do not decode.
    Decode(DecodeError),
    /// The identity key is not on the election key's list.
    NotATrustee,
    /// There is not one share for each slot.
    SlotCount {
        /// The slots of the key.
        expected: usize,
        /// The shares given.
        actual: usize,
    },
    /// A share is not the one that the public key commits to, `x·G ≠ V_{j,s}`.
    Share {
        /// The trustee whose share it should be.
        trustee: TrusteeIndex,
        /// The slot, from 1.
        slot: usize,
    },
}

impl fmt::Display for TrusteeKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TrusteeKeyError::Decode(error) => write!(f, "stored key of a trustee: {error}"),
            TrusteeKeyError::NotATrustee => {
                f.write_str("the identity key is not that of a trustee of this election key")
            }
            TrusteeKeyError::SlotCount { expected, actual } => {
                write!(f, "{actual} key shares where the election key has {expected} slots")
            }
            TrusteeKeyError::Share { trustee, slot } => {
                write!(
                    f,
                    "the key share of trustee {trustee} for slot {slot} does not belong to this election key"
                )
            }
        }
    }
}

impl core::error::Error for TrusteeKeyError {}
