//! The protocol's text as code: encodings, hashes, transcripts, generators, signatures, the tree.

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use sha2::{Digest, Sha256, Sha512};

pub type Bytes = [u8; 32];

/// The order of the group, little-endian.
pub const ORDER: Bytes = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

pub fn base(logarithm: &Scalar) -> RistrettoPoint {
    RistrettoPoint::mul_base(logarithm)
}

pub fn encode(point: &RistrettoPoint) -> Bytes {
    point.compress().to_bytes()
}

/// A point by its canonical encoding, the identity too.
pub fn read_point(bytes: &[u8]) -> Option<RistrettoPoint> {
    CompressedRistretto::from_slice(bytes).ok()?.decompress()
}

/// A scalar by its canonical encoding.
pub fn read_scalar(bytes: &[u8]) -> Option<Scalar> {
    Scalar::from_canonical_bytes(bytes.try_into().ok()?).into()
}

/// A point that is known to be one.
pub fn decode(bytes: &[u8]) -> RistrettoPoint {
    read_point(bytes).unwrap()
}

/// A scalar that is known to be one.
pub fn scalar(bytes: &[u8]) -> Scalar {
    read_scalar(bytes).unwrap()
}

/// The same scalar plus the order: other bytes for the same number.
pub fn plus_order(scalar: &[u8]) -> Bytes {
    let mut sum = [0; 32];
    let mut carry = 0;
    for ((sum, byte), order) in sum.iter_mut().zip(scalar).zip(ORDER) {
        let total = u16::from(*byte) + u16::from(order) + carry;
        *sum = total.to_le_bytes()[0];
        carry = total >> 8;
    }
    sum
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// `H(tag; fields…)`
pub fn hash(tag: &str, fields: &[Vec<u8>]) -> Bytes {
    let mut hash = Sha256::new();
    for field in [&tag.as_bytes().to_vec()].into_iter().chain(fields) {
        hash.update(u64::try_from(field.len()).unwrap().to_le_bytes());
        hash.update(field);
    }
    hash.finalize().into()
}

/// `LE64(n)`
pub fn number(number: u64) -> Vec<u8> {
    number.to_le_bytes().to_vec()
}

/// The length of a list as a field of a hash.
pub fn length(length: usize) -> Vec<u8> {
    number(u64::try_from(length).unwrap())
}

pub fn challenge(transcript: &mut merlin::Transcript, label: &'static [u8]) -> Scalar {
    let mut wide = [0; 64];
    transcript.challenge_bytes(label, &mut wide);
    Scalar::from_bytes_mod_order_wide(&wide)
}

/// `Gen(name, i)`
pub fn generator(name: &str, index: u32) -> RistrettoPoint {
    let input = [b"urne/2 generator\0", name.as_bytes(), &[0], &index.to_le_bytes()].concat();
    RistrettoPoint::from_uniform_bytes(&Sha512::digest(input).into())
}

/// A number drawn from its name: any will do for a forger, as long as it is another under another name.
pub fn draw(name: &[&[u8]]) -> Scalar {
    let mut hash = Sha512::new();
    for part in name {
        hash.update(u64::try_from(part.len()).unwrap().to_le_bytes());
        hash.update(part);
    }
    Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
}

/// `1, x, x², …`
pub fn powers(x: Scalar) -> impl Iterator<Item = Scalar> {
    std::iter::successors(Some(Scalar::ONE), move |power| Some(power * x))
}

/// The transcript of a trustee's signature, up to `T`.
fn signature_transcript(key: &RistrettoPoint, purpose: &str, digest: &Bytes) -> merlin::Transcript {
    let mut transcript = merlin::Transcript::new(b"urne/2 signature");
    transcript.append_message(b"purpose", purpose.as_bytes());
    transcript.append_message(b"digest", digest);
    transcript.append_message(b"key", &encode(key));
    transcript
}

/// A trustee's signature `(c, z)`.
pub fn sign(secret: &Scalar, purpose: &str, digest: &Bytes) -> (Scalar, Scalar) {
    let tau = draw(&[b"signature", secret.as_bytes(), purpose.as_bytes(), digest]);
    sign_with(&tau, secret, purpose, digest)
}

/// The same with a nonce that the caller chooses.
pub fn sign_with(tau: &Scalar, secret: &Scalar, purpose: &str, digest: &Bytes) -> (Scalar, Scalar) {
    let mut transcript = signature_transcript(&base(secret), purpose, digest);
    transcript.append_message(b"T", &encode(&base(tau)));
    let c = challenge(&mut transcript, b"c");
    (c, tau + c * secret)
}

/// Whether a trustee's signature holds.
pub fn signed(key: &RistrettoPoint, purpose: &str, digest: &Bytes, (c, z): &(Scalar, Scalar)) -> bool {
    let mut transcript = signature_transcript(key, purpose, digest);
    transcript.append_message(b"T", &encode(&(base(z) - key * c)));
    challenge(&mut transcript, b"c") == *c
}

/// The root of the RFC 6962 tree over the leaves.
pub fn merkle_root(leaves: &[Bytes]) -> Bytes {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => Sha256::new().chain_update([0]).chain_update(leaf).finalize().into(),
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            let nodes = [merkle_root(left), merkle_root(right)];
            Sha256::new().chain_update([1]).chain_update(nodes[0]).chain_update(nodes[1]).finalize().into()
        }
    }
}
