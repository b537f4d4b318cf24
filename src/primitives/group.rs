//! The group: ristretto255 (RFC 9496) points that keep their encoding, scalars and generators.
//!
//! Capitals are points, lower-case letters scalars, and the group is written additively. `G` is the
//! basepoint. A point read from outside is decoded once and carries its 32 bytes along, because
//! transcripts and records want the bytes and equations want the point.

use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint, VartimeRistrettoPrecomputation};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{MultiscalarMul, VartimeMultiscalarMul, VartimePrecomputedMultiscalarMul};
use sha2::{Digest, Sha512};
use subtle::ConstantTimeEq;

use crate::primitives::{declassify, labels};

mod products;

pub(crate) use products::{Limbs, SmallMultiples, SumOfProducts};

/// A decoded point together with its canonical encoding. It is public, whatever it was made from: it has
/// been published, or is about to be.
#[derive(Clone, Copy)]
pub(crate) struct Element {
    point: RistrettoPoint,
    encoding: [u8; 32],
}

impl Element {
    /// `None` unless the bytes are canonical. The identity is let through: most readers want
    /// [`Reader::element`](super::wire::Reader::element), which refuses it.
    pub(crate) fn decode(bytes: &[u8; 32]) -> Option<Self> {
        let point = CompressedRistretto(*bytes).decompress()?;
        Some(Element { point, encoding: *bytes })
    }

    /// A point that was decoded from this encoding before.
    pub(crate) fn decoded(point: RistrettoPoint, encoding: [u8; 32]) -> Self {
        Element { point, encoding }
    }

    pub(crate) fn point(&self) -> &RistrettoPoint {
        &self.point
    }

    pub(crate) fn encoding(&self) -> &[u8; 32] {
        &self.encoding
    }

    pub(crate) fn is_identity(&self) -> bool {
        self.encoding == [0; 32]
    }
}

impl From<RistrettoPoint> for Element {
    fn from(point: RistrettoPoint) -> Self {
        Element { encoding: declassify::bytes(point.compress().to_bytes()), point }
    }
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.encoding == other.encoding
    }
}

impl Eq for Element {}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::primitives::wire::to_hex(&self.encoding))
    }
}

/// `None` unless the bytes are a scalar below the group order. Of a secret, only that becomes known.
pub(crate) fn decode_scalar(bytes: &[u8; 32]) -> Option<Scalar> {
    let scalar = Scalar::from_canonical_bytes(*bytes);
    declassify::verdict(scalar.is_some()).then(|| scalar.unwrap_or(Scalar::ZERO))
}

/// Whether a scalar is 0. Of a secret, only that becomes known.
pub(crate) fn is_zero(scalar: &Scalar) -> bool {
    declassify::verdict(scalar.ct_eq(&Scalar::ZERO))
}

/// The encodings of many elements, one after the other.
pub(crate) fn concat<'a>(elements: impl IntoIterator<Item = &'a Element>) -> Vec<u8> {
    elements.into_iter().flat_map(|element| element.encoding).collect()
}

/// The index of the first value that stands earlier in the list too.
pub(crate) fn first_repeat<T: Ord>(values: impl IntoIterator<Item = T>) -> Option<usize> {
    let mut seen = alloc::collections::BTreeSet::new();
    values.into_iter().position(|value| !seen.insert(value))
}

/// Points between which nobody knows a relation, made from their names alone.
///
/// `Gen(name, i)` is the one-way map of RFC 9496 §4.3.4 over
/// SHA-512(`"urne/2 generator"` ‖ 0 ‖ name ‖ 0 ‖ LE32(i)). No function of this crate takes a
/// generator from its caller: a generator with a known logarithm would let a prover open a
/// commitment to two values (the trapdoor of the Scytl–Swiss Post system, 2019).
#[derive(Clone)]
pub(crate) struct Generators {
    /// `P`: hides the commitments `A` and `B`.
    pub(crate) blind: RistrettoPoint,
    /// `N`: carries the ElGamal nonce.
    pub(crate) nonce: RistrettoPoint,
    /// `K`: carries the credential.
    pub(crate) credential: RistrettoPoint,
    /// `Q`: carries the quadratic terms.
    pub(crate) quadratic: RistrettoPoint,
    /// `P_1 … P_L`: carry the choice.
    pub(crate) choices: Vec<RistrettoPoint>,
}

impl Generators {
    /// The generators of a contest with the given number of lists.
    pub(crate) fn new(lists: u8) -> Self {
        Generators {
            blind: generator(labels::GENERATOR_BLIND, 0),
            nonce: generator(labels::GENERATOR_NONCE, 0),
            credential: generator(labels::GENERATOR_CREDENTIAL, 0),
            quadratic: generator(labels::GENERATOR_QUADRATIC, 0),
            choices: (1..=lists).map(|i| generator(labels::GENERATOR_CHOICE, u32::from(i))).collect(),
        }
    }
}

fn generator(name: &[u8], index: u32) -> RistrettoPoint {
    let hash = Sha512::new()
        .chain_update(labels::GENERATOR)
        .chain_update([0])
        .chain_update(name)
        .chain_update([0])
        .chain_update(index.to_le_bytes())
        .finalize();
    RistrettoPoint::from_uniform_bytes(&hash.into())
}

/// Whether `x·G = X` for a secret `x`. Only that becomes known.
#[allow(non_snake_case)]
pub(crate) fn is_logarithm(x: &Scalar, X: &RistrettoPoint) -> bool {
    declassify::verdict(RistrettoPoint::mul_base(x).ct_eq(X))
}

/// `1, x, x², …`
pub(crate) fn powers(x: &Scalar) -> impl Iterator<Item = Scalar> + use<> {
    let x = *x;
    core::iter::successors(Some(Scalar::ONE), move |power| Some(power * x))
}

/// `Σ x·P` over public terms.
///
/// dalek panics when its two iterators differ in length or do not know it; this one cannot.
pub(crate) fn vartime_sum<'a>(
    terms: impl IntoIterator<Item = (Scalar, &'a RistrettoPoint)>,
) -> RistrettoPoint {
    let (scalars, points): (Vec<Scalar>, Vec<&RistrettoPoint>) = terms.into_iter().unzip();
    RistrettoPoint::vartime_multiscalar_mul(scalars, points)
}

/// `Σ x·P` over secret scalars and public points, in constant time.
pub(crate) fn secret_sum<'a>(
    terms: impl IntoIterator<Item = (&'a Scalar, &'a RistrettoPoint)>,
) -> RistrettoPoint {
    let (scalars, points): (Vec<&Scalar>, Vec<&RistrettoPoint>) = terms.into_iter().unzip();
    RistrettoPoint::multiscalar_mul(scalars, points)
}

/// Points of which multiples are made in advance, for sums that use them again and again with few others.
///
/// Some 10 kB and 20 µs a point.
pub(crate) struct FixedMultiples(VartimeRistrettoPrecomputation);

impl FixedMultiples {
    pub(crate) fn new<'a>(points: impl Iterator<Item = &'a RistrettoPoint>) -> Self {
        FixedMultiples(VartimeRistrettoPrecomputation::new(points))
    }

    /// `Σ x·P` over the fixed points, in their order, and over others.
    pub(crate) fn vartime_sum(
        &self,
        fixed: Vec<Scalar>,
        scalars: Vec<Scalar>,
        points: Vec<&RistrettoPoint>,
    ) -> RistrettoPoint {
        self.0.vartime_mixed_multiscalar_mul(fixed, scalars, points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_vectors::{primitives, unhex};
    use alloc::collections::BTreeSet;
    use curve25519_dalek::traits::IsIdentity;

    #[test]
    fn attack_9_generators_come_from_their_names() {
        let vectors = primitives();
        let generators = Generators::new(255);
        let expected = &vectors["generators"];
        let encode = |point: &RistrettoPoint| point.compress().to_bytes();
        assert_eq!(encode(&generators.blind), unhex(&expected["blind"]));
        assert_eq!(encode(&generators.nonce), unhex(&expected["nonce"]));
        assert_eq!(encode(&generators.credential), unhex(&expected["credential"]));
        assert_eq!(encode(&generators.quadratic), unhex(&expected["quadratic"]));
        for (index, value) in expected["choice"].as_object().unwrap() {
            let index: usize = index.parse().unwrap();
            assert_eq!(encode(&generators.choices[index - 1]), unhex(value));
        }
        // Recomputed here from the names, byte by byte, without the function under test.
        let recomputed = |name: &str, index: u8| {
            let input = [b"urne/2 generator\0", name.as_bytes(), &[0, index, 0, 0, 0]].concat();
            RistrettoPoint::from_uniform_bytes(&Sha512::digest(&input).into())
        };
        assert_eq!(generators.blind, recomputed("blind", 0));
        assert_eq!(generators.nonce, recomputed("nonce", 0));
        assert_eq!(generators.credential, recomputed("credential", 0));
        assert_eq!(generators.quadratic, recomputed("quadratic", 0));
        for (i, choice) in (1..=255).zip(&generators.choices) {
            assert_eq!(*choice, recomputed("choice", i));
        }
    }

    #[test]
    fn generators_are_distinct() {
        let g = Generators::new(255);
        let mut all = BTreeSet::new();
        for point in [g.blind, g.nonce, g.credential, g.quadratic, RistrettoPoint::mul_base(&Scalar::ONE)]
            .iter()
            .chain(&g.choices)
        {
            assert!(!point.is_identity());
            assert!(all.insert(point.compress().to_bytes()));
        }
        assert_eq!(all.len(), 260);
    }

    /// RFC 9496, appendix A.3: encodings that must be refused.
    #[test]
    fn attack_6_bad_encodings_of_rfc_9496_are_refused() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/vectors/bad-encodings.json")).unwrap();
        let bad = vectors["encodings"].as_array().unwrap();
        assert_eq!(bad.len(), 29);
        for hex in bad {
            assert!(Element::decode(&unhex(hex)).is_none(), "{hex}");
        }
        assert!(Element::decode(&[0; 32]).unwrap().is_identity());
    }

    #[test]
    fn attack_6_scalars_at_or_above_the_order_are_refused() {
        let order = crate::primitives::wire::array_from_hex(
            "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
        )
        .unwrap();
        assert!(decode_scalar(&order).is_none());
        assert!(decode_scalar(&[0xff; 32]).is_none());
        let below = (-Scalar::ONE).to_bytes();
        assert_eq!(decode_scalar(&below), Some(-Scalar::ONE));
    }
}
