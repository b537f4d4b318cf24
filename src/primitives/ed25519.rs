//! Ed25519 keys: that of the ballot box, and that of whoever issues voting codes. Both sign opening and
//! closing.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use ed25519_dalek::Signer;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::group::decode_scalar;
use super::labels::{self, item};
use super::messages::messages;
use super::secret::{self, scrubbed};
use super::transcript::Transcript;
use super::wire::{DecodeError, Kind, Reader, form, hex_text, serde_bytes};

/// The public key of a ballot box or issuer: Ed25519 (RFC 8032), canonical and not of small order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VerifyingKey(ed25519_dalek::VerifyingKey);

/// Why such a key or a signature by it is refused.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyingKeyError {
    /// The bytes are not the canonical encoding of a point of the curve.
    NotAKey,
    /// The key has small order: anyone could sign for it.
    SmallOrder,
    /// The signature does not hold under strict verification.
    Signature,
}

messages! { VerifyingKeyError: "ed25519";
    NotAKey => "not-a-key", "the key is not a canonical Ed25519 public key";
    SmallOrder => "small-order", "the key has small order";
    Signature => "signature", "the signature does not hold";
}

impl core::error::Error for VerifyingKeyError {}

impl VerifyingKey {
    /// Reads a public key.
    ///
    /// # Errors
    ///
    /// [`VerifyingKeyError::NotAKey`] or [`VerifyingKeyError::SmallOrder`].
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, VerifyingKeyError> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| VerifyingKeyError::NotAKey)?;
        // ed25519-dalek takes y ≥ p; RFC 8032 does not.
        if key.to_edwards().compress().as_bytes() != bytes {
            return Err(VerifyingKeyError::NotAKey);
        }
        if key.is_weak() {
            return Err(VerifyingKeyError::SmallOrder);
        }
        Ok(VerifyingKey(key))
    }

    /// The key's 32 bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        self.0.to_bytes()
    }

    pub(crate) fn verify(&self, digest: &[u8; 32], signature: &Signature) -> Result<(), VerifyingKeyError> {
        // Whatever features other crates of the build turn on: one makes ed25519-dalek take `s ≥ ℓ`.
        let (r, s) = (signature.0.first_chunk(), signature.0.last_chunk());
        if !r.is_some_and(is_reduced) || s.and_then(decode_scalar).is_none() {
            return Err(VerifyingKeyError::Signature);
        }
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        self.0.verify_strict(digest, &signature).map_err(|_| VerifyingKeyError::Signature)
    }
}

/// Whether the `y` of an encoded point is below `2^255 − 19`. (Of the points with a sign where there is none, `x = 0`,
/// both have small order, which strict verification refuses.)
fn is_reduced(encoding: &[u8; 32]) -> bool {
    let [lowest, between @ .., highest] = encoding;
    *lowest < 0xed || highest & 0x7f != 0x7f || between.iter().any(|byte| *byte != 0xff)
}

serde_bytes!(VerifyingKey, |bytes| {
    let bytes = <&[u8; 32]>::try_from(bytes).map_err(|_| VerifyingKeyError::NotAKey)?;
    VerifyingKey::from_bytes(bytes)
});

hex_text!(VerifyingKey, VerifyingKeyError, |bytes| {
    VerifyingKey::from_bytes(&bytes.ok_or(VerifyingKeyError::NotAKey)?)
});

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({self})")
    }
}

/// A signature by such a key, 64 bytes, over a 32-byte digest. Checked when it is used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl Signature {
    /// A signature from its bytes; whether it holds is for its user to check.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 64]) -> Self {
        Signature(bytes)
    }

    /// The signature's bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 64] {
        self.0
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({})", crate::primitives::wire::to_hex(&self.0))
    }
}

serde_bytes!(Signature, |bytes| <[u8; 64]>::try_from(bytes).map(Signature));

/// The secret key of a ballot box or issuer. Wiped on drop; nothing of it stays on the stack of whoever signs.
pub struct SigningKey(Box<ed25519_dalek::SigningKey>);

impl SigningKey {
    /// A fresh key, as good as the RNG: there is nothing to hedge with.
    #[must_use]
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        scrubbed::<{ secret::SIGNATURE }, _>(|| {
            let mut transcript = Transcript::new(labels::SECRETS);
            transcript.append(item::STATEMENT, b"signing key");
            SigningKey::from_seed(&transcript.secrets(&[], rng).bytes())
        })
    }

    /// A key from its 32-byte seed (RFC 8032 §5.1.5).
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        scrubbed::<{ secret::SIGNATURE }, _>(|| {
            SigningKey(Box::new(ed25519_dalek::SigningKey::from_bytes(seed)))
        })
    }

    /// The seed itself.
    #[must_use]
    pub fn expose_seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The secret itself, to be stored where nobody else reads it: kind ‖ version ‖ seed.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // The capacity is right from the start, so that no copy is left behind by growing.
        let mut bytes = Zeroizing::new(Vec::with_capacity(34));
        bytes.extend(form(Kind::SigningKey));
        bytes.extend_from_slice(self.0.as_bytes());
        bytes
    }

    /// Reads what [`SigningKey::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] for every other form, which names both kinds if it is another.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::SigningKey, bytes)?;
        let seed = reader.array()?;
        reader.finish()?;
        Ok(SigningKey::from_seed(seed))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> VerifyingKey {
        VerifyingKey(self.0.verifying_key())
    }

    pub(crate) fn sign(&self, digest: &[u8; 32]) -> Signature {
        Signature(scrubbed::<{ secret::SIGNATURE }, _>(|| self.0.sign(digest).to_bytes()))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey(of {:?}, redacted)", self.public())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::constants::EIGHT_TORSION;
    use curve25519_dalek::edwards::EdwardsPoint;
    use curve25519_dalek::scalar::Scalar;
    use sha2::{Digest, Sha512};

    /// By a cargo feature of ed25519-dalek.
    #[test]
    fn attack_19_the_signing_key_is_wiped() {
        let SigningKey(key) = SigningKey::from_seed(&[7; 32]);
        crate::test_support::wiped(&*key);
    }

    #[test]
    fn signing_keys_read_only_what_they_write() {
        let key = SigningKey::from_seed(&[7; 32]);
        let bytes = key.to_bytes();
        assert_eq!(bytes[..], [&[0x38, 2][..], &[7; 32]].concat());
        assert_eq!(SigningKey::from_bytes(&bytes).unwrap().expose_seed(), key.expose_seed());
        let length =
            |actual| SigningKey::from_bytes(&[&bytes[..], &[0]].concat()[..actual]).map(|_| ()).unwrap_err();
        assert_eq!(length(33), DecodeError::TooShort { expected: 34, actual: 33 });
        assert_eq!(length(35), DecodeError::TooLong { expected: 34, actual: 35 });
        let mut other = bytes.to_vec();
        other[0] = Kind::IdentitySecret.byte();
        let kind = DecodeError::Kind { expected: Kind::SigningKey, actual: other[0] };
        assert_eq!(SigningKey::from_bytes(&other).map(|_| ()), Err(kind));
    }

    #[test]
    fn attack_17_public_keys_are_read_from_their_own_text_alone() {
        let key = SigningKey::from_seed(&[7; 32]).public();
        let text = alloc::format!("{key}");
        assert_eq!(text.parse(), Ok(key));
        assert_eq!(text.len(), 64);
        for bad in [text.to_uppercase().as_str(), &text[1..], "", &"0".repeat(64).replace('0', "f")] {
            assert_eq!(bad.parse::<VerifyingKey>(), Err(VerifyingKeyError::NotAKey), "{bad}");
        }
        let weak = alloc::format!("01{}", "00".repeat(31));
        assert_eq!(weak.parse::<VerifyingKey>(), Err(VerifyingKeyError::SmallOrder));
    }

    #[test]
    fn attack_17_small_order_keys_are_refused() {
        for point in EIGHT_TORSION {
            assert_eq!(
                VerifyingKey::from_bytes(point.compress().as_bytes()),
                Err(VerifyingKeyError::SmallOrder)
            );
        }
    }

    #[test]
    fn attack_17_non_canonical_keys_are_refused() {
        // y = p + 3: decodes to the same point as y = 3, of large order, under lax rules.
        let mut found = 0;
        for low in 0..19u8 {
            let mut bytes = [0xff; 32];
            bytes[31] = 0x7f;
            bytes[0] = 0xed + low;
            if ed25519_dalek::VerifyingKey::from_bytes(&bytes).is_ok() {
                found += 1;
                assert_eq!(VerifyingKey::from_bytes(&bytes), Err(VerifyingKeyError::NotAKey));
            }
        }
        assert!(found > 5, "the table must hold keys that a lax decoder takes");
    }

    #[test]
    fn attack_17_the_y_of_r_is_reduced() {
        let encoding = |lowest, between: u8, highest| {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[15], bytes[31]) = (lowest, between, highest);
            bytes
        };
        for lowest in 0..=u8::MAX {
            for sign in [0, 0x80] {
                assert_eq!(is_reduced(&encoding(lowest, 0xff, 0x7f | sign)), lowest < 0xed);
                assert!(is_reduced(&encoding(lowest, 0xfe, 0x7f | sign)));
                assert!(is_reduced(&encoding(lowest, 0xff, 0x7e | sign)));
            }
        }
    }

    #[test]
    fn attack_17_a_signature_without_a_key_passes_a_lax_verifier_only() {
        // With A of small order and R = S·G, one in eight messages satisfies S·G = R + k·A.
        let weak = ed25519_dalek::VerifyingKey::from_bytes(EIGHT_TORSION[1].compress().as_bytes()).unwrap();
        let s = Scalar::from(42u64);
        let r = EdwardsPoint::mul_base(&s).compress().to_bytes();
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&r);
        signature[32..].copy_from_slice(s.as_bytes());
        let signature = ed25519_dalek::Signature::from_bytes(&signature);
        let message = (0..100u8)
            .map(|i| [i; 32])
            .find(|m| {
                let k: [u8; 64] = Sha512::new()
                    .chain_update(r)
                    .chain_update(weak.as_bytes())
                    .chain_update(m)
                    .finalize()
                    .into();
                Scalar::from_bytes_mod_order_wide(&k).as_bytes()[0].is_multiple_of(8)
            })
            .unwrap();
        use ed25519_dalek::Verifier;
        assert!(weak.verify(&message, &signature).is_ok(), "the forgery works where checks are lax");
        let strict = VerifyingKey(weak).verify(&message, &Signature(signature.to_bytes()));
        assert_eq!(strict, Err(VerifyingKeyError::Signature));
        assert!(VerifyingKey::from_bytes(weak.as_bytes()).is_err());
    }

    #[test]
    fn attack_17_malleable_signatures_are_refused() {
        let key = SigningKey::from_seed(&[7; 32]);
        let good = key.sign(&[1; 32]);
        assert_eq!(key.public().verify(&[1; 32], &good), Ok(()));
        assert_eq!(key.public().verify(&[2; 32], &good), Err(VerifyingKeyError::Signature));

        // S + ℓ.
        let order = crate::primitives::wire::array_from_hex::<32>(
            "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
        )
        .unwrap();
        let mut bytes = good.to_bytes();
        let mut carry = 0u16;
        for (byte, add) in bytes[32..].iter_mut().zip(order) {
            let sum = u16::from(*byte) + u16::from(add) + carry;
            *byte = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
        assert_eq!(key.public().verify(&[1; 32], &Signature(bytes)), Err(VerifyingKeyError::Signature));

        // R moved by a torsion point, with S made to match: holds only when multiplied by the cofactor.
        let secret = key.0.to_scalar();
        let nonce = Scalar::from(99u64);
        let shifted = (EdwardsPoint::mul_base(&nonce) + EIGHT_TORSION[1]).compress().to_bytes();
        let k: [u8; 64] = Sha512::new()
            .chain_update(shifted)
            .chain_update(key.public().to_bytes())
            .chain_update([1; 32])
            .finalize()
            .into();
        let s = nonce + Scalar::from_bytes_mod_order_wide(&k) * secret;
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&shifted);
        bytes[32..].copy_from_slice(s.as_bytes());
        assert_eq!(key.public().verify(&[1; 32], &Signature(bytes)), Err(VerifyingKeyError::Signature));
    }
}
