//! What a trustee keeps when a key ceremony is over.

use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::scalar::Scalar;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::{Bureau, ElectionKey, IdentityKey, IdentitySecret, KeyError, TrusteeIndex};
use crate::primitives::group::is_logarithm;
use crate::primitives::hash::digest;
use crate::primitives::messages::messages;
use crate::primitives::secret::{self, scrubbed};
use crate::primitives::stored::Storing;
use crate::primitives::wire::{DecodeError, Reader};

digest! {
    /// What a ceremony has led to: all commitments and the key.
    KeyDigest
}

/// The secret half of an election key that one trustee holds: its identity secret `e_j`, and for each
/// slot its share `x_{j,s}` of the decryption key, with the public key they belong to.
///
/// It comes out of a [`ceremony`](crate::bureau::ceremony) and goes into a `Trustee`, which stores it together with
/// what the trustee remembers: it has no form of its own. It is wiped on drop, cannot be cloned, and prints without
/// its secrets.
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

    /// What a trustee stores of it: the election key, as in its own form ‖ the ceremony's key digest ‖
    /// `e_j ‖ x_{j,1} … x_{j,m}`.
    pub(crate) fn store(&self, storing: &mut Storing) {
        let TrusteeKey { index: _, identity, shares, public, key_digest } = self;
        let mut key = Vec::new();
        public.write(&mut key);
        storing.write(&key);
        storing.write(key_digest.as_bytes());
        store_secrets(storing, identity, shares);
    }

    /// Reads what [`TrusteeKey::store`] gave.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, TrusteeKeyError> {
        let public = ElectionKey::read(reader).map_err(TrusteeKeyError::Key)?;
        let key_digest = KeyDigest::from_bytes(*reader.array()?);
        let identity = IdentitySecret::read(reader)?;
        let shares = read_scalars(reader, public.slots())?;
        let index = position_of(&identity.public(), public.bureau()).ok_or(TrusteeKeyError::NotATrustee)?;
        check_shares(&shares, &public, index)?;
        Ok(TrusteeKey { index, identity, shares, public, key_digest })
    }
}

/// That the shares are those that a key commits to for this trustee. Constant-time in the shares.
pub(crate) fn check_shares(
    shares: &[Scalar],
    public: &ElectionKey,
    trustee: TrusteeIndex,
) -> Result<(), TrusteeKeyError> {
    let keys = public.verification_elements(trustee);
    let wrong = scrubbed::<{ secret::SIGNATURE }, _>(|| {
        shares.iter().zip(&keys).position(|(share, key)| !is_logarithm(share, key.point()))
    });
    wrong.map_or(Ok(()), |place| Err(TrusteeKeyError::Share { trustee, slot: place.saturating_add(1) }))
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

/// An identity secret and the scalars that are kept with it.
pub(crate) fn store_secrets(storing: &mut Storing, identity: &IdentitySecret, scalars: &[Scalar]) {
    storing.write(identity.scalar().as_bytes());
    scalars.iter().for_each(|scalar| storing.write(scalar.as_bytes()));
}

/// Reads `count` scalars.
pub(crate) fn read_scalars(
    reader: &mut Reader<'_>,
    count: usize,
) -> Result<Zeroizing<Vec<Scalar>>, DecodeError> {
    reader.require(count.saturating_mul(32))?;
    scrubbed::<{ secret::SIGNATURE }, _>(|| {
        let mut scalars = Zeroizing::new(Vec::with_capacity(count));
        for _ in 0..count {
            scalars.push(reader.scalar()?);
        }
        Ok(scalars)
    })
}

/// Why secrets are not those of a trustee of an election key.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrusteeKeyError {
    /// The bytes do not decode, or the election key that is stored with the secrets is none.
    Key(KeyError),
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
    Key(error) => of error;
    NotATrustee => "not-a-trustee", "the identity key is not that of a trustee of this election key";
    Share { trustee, slot } => "share",
        "the key share of trustee {trustee} for slot {slot} does not belong to this election key";
}

impl core::error::Error for TrusteeKeyError {}

impl From<DecodeError> for TrusteeKeyError {
    fn from(error: DecodeError) -> Self {
        TrusteeKeyError::Key(KeyError::Decode(error))
    }
}
