//! Signatures of trustees with their numbers. Each purpose has a type of its own.

use rand_core::CryptoRng;

use super::{Bureau, IdentitySecret, TrusteeIndex};
use crate::primitives::group::first_repeat;
use crate::primitives::messages::messages;
use crate::primitives::proof::Proof;

/// A trustee's number and its signature over a digest, for a purpose that the type around it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SignedBy {
    pub(crate) trustee: TrusteeIndex,
    pub(crate) signature: Proof,
}

impl SignedBy {
    pub(crate) fn sign<R: CryptoRng + ?Sized>(
        trustee: TrusteeIndex,
        identity: &IdentitySecret,
        purpose: &'static [u8],
        digest: &[u8; 32],
        rng: &mut R,
    ) -> Self {
        SignedBy { trustee, signature: identity.sign(purpose, digest, rng) }
    }

    pub(crate) fn verify(
        &self,
        bureau: &Bureau,
        purpose: &'static [u8],
        digest: &[u8; 32],
    ) -> Result<(), TrusteeSignatureError> {
        let trustee = self.trustee;
        let unknown = TrusteeSignatureError::UnknownTrustee { trustee, trustees: bureau.trustees() };
        let key = bureau.identity(trustee).ok_or(unknown)?;
        key.verify(purpose, digest, &self.signature).map_err(|_| TrusteeSignatureError::Invalid { trustee })
    }

    /// Checks signatures that must all hold and be of distinct trustees.
    pub(crate) fn verify_all(
        signatures: impl Iterator<Item = SignedBy> + Clone,
        bureau: &Bureau,
        purpose: &'static [u8],
        digest: &[u8; 32],
    ) -> Result<(), TrusteeSignatureError> {
        let trustees = signatures.clone().map(|by| by.trustee);
        if let Some(trustee) = first_repeat(trustees.clone()).and_then(|at| trustees.clone().nth(at)) {
            return Err(TrusteeSignatureError::Repeated { trustee });
        }
        signatures.into_iter().try_for_each(|by| by.verify(bureau, purpose, digest))
    }
}

/// A type for the signature of one purpose: made by a trustee, read from a record or from its form, and
/// verified only together with what it signs.
macro_rules! trustee_signature {
    ($(#[$doc:meta])* $name:ident, $kind:ident, $file:literal) => {
        $(#[$doc])*
        ///
        /// Form: kind ‖ version ‖ trustee (1 byte) ‖ `c` ‖ `z`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(pub(crate) $crate::bureau::SignedBy);

        impl $name {
            /// Puts a trustee's number to its signature, as read from a record.
            #[must_use]
            pub fn new(trustee: $crate::bureau::TrusteeIndex, signature: $crate::primitives::Proof) -> Self {
                $name($crate::bureau::SignedBy { trustee, signature })
            }

            /// Who signed, or is said to have.
            #[must_use]
            pub fn trustee(&self) -> $crate::bureau::TrusteeIndex {
                self.0.trustee
            }

            /// The signature.
            #[must_use]
            pub fn signature(&self) -> &$crate::primitives::Proof {
                &self.0.signature
            }

            /// The form.
            #[must_use]
            pub fn to_bytes(self) -> alloc::vec::Vec<u8> {
                let mut bytes = $crate::primitives::wire::form($crate::primitives::Kind::$kind);
                bytes.push(self.0.trustee.get());
                bytes.extend(self.0.signature.to_bytes());
                bytes
            }

            /// Reads the form.
            ///
            /// # Errors
            ///
            /// A [`DecodeError`](crate::primitives::DecodeError): for a form of another kind it names both.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, $crate::primitives::DecodeError> {
                use $crate::primitives::wire::{DecodeError, Reader};
                let mut reader = Reader::form($crate::primitives::Kind::$kind, bytes)?;
                let offset = reader.offset();
                let trustee = $crate::bureau::TrusteeIndex::new(reader.byte()?);
                let trustee = trustee.ok_or(DecodeError::Number { offset })?;
                let signature = $crate::primitives::Proof::read(&mut reader)?;
                reader.finish()?;
                Ok($name::new(trustee, signature))
            }
        }

        $crate::primitives::form::named_form!($name: $file, $crate::primitives::DecodeError);
    };
}
pub(crate) use trustee_signature;

/// Why a trustee's signature is refused.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrusteeSignatureError {
    /// There is no trustee with this number.
    UnknownTrustee {
        /// The number given.
        trustee: TrusteeIndex,
        /// How many trustees there are.
        trustees: u8,
    },
    /// The trustee's signature stands there twice.
    Repeated {
        /// The trustee.
        trustee: TrusteeIndex,
    },
    /// The signature does not hold.
    Invalid {
        /// The trustee whose it should be.
        trustee: TrusteeIndex,
    },
}

impl TrusteeSignatureError {
    /// The trustee whose signature is refused.
    #[must_use]
    pub fn trustee(&self) -> TrusteeIndex {
        match self {
            TrusteeSignatureError::UnknownTrustee { trustee, .. }
            | TrusteeSignatureError::Repeated { trustee }
            | TrusteeSignatureError::Invalid { trustee } => *trustee,
        }
    }
}

messages! { TrusteeSignatureError: "signature";
    UnknownTrustee { trustee, trustees } => "unknown-trustee", "there is no trustee {trustee} among {trustees}";
    Repeated { trustee } => "repeated", "trustee {trustee} stands there twice";
    Invalid { trustee } => "invalid", "the signature of trustee {trustee} does not hold";
}

impl core::error::Error for TrusteeSignatureError {}
