//! Ed25519, verified strictly.

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use sha2::{Digest, Sha512};

use super::super::text::{Bytes, read_scalar};

/// A point by its canonical encoding, on the curve, of an order that does not divide 8.
fn point(bytes: &[u8]) -> Option<EdwardsPoint> {
    let point = CompressedEdwardsY::from_slice(bytes).ok()?.decompress()?;
    (point.compress().as_bytes() == bytes && !point.is_small_order()).then_some(point)
}

/// Whether these bytes can be a key at all.
pub fn is_key(key: &Bytes) -> bool {
    point(key).is_some()
}

/// Whether `s·B = R + k·A`, and every part of it is in its one form.
pub fn verify(key: &Bytes, message: &[u8], signature: &[u8; 64]) -> bool {
    let (nonce, response) = signature.split_at(32);
    let (Some(A), Some(R), Some(s)) = (point(key), point(nonce), read_scalar(response)) else {
        return false;
    };
    let hash = Sha512::new().chain_update(nonce).chain_update(key).chain_update(message).finalize();
    let k = Scalar::from_bytes_mod_order_wide(&hash.into());
    EdwardsPoint::mul_base(&s) == R + A * k
}
