//! The public side of the trustees: their numbers, threshold and identity keys, and the election key
//! that they made together.

use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroU8;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;

use crate::group::{Element, first_repeat, vartime_sum};
use crate::wire::{DecodeError, Reader, serde_bytes};

/// The number of a trustee, from 1 to 255.
///
/// ```
/// use urne::TrusteeIndex;
///
/// let third = TrusteeIndex::new(3).ok_or("from 1 to 255")?;
/// assert_eq!(third.get(), 3);
/// assert_eq!(TrusteeIndex::new(0), None);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrusteeIndex(NonZeroU8);

impl TrusteeIndex {
    /// `None` for 0.
    #[must_use]
    pub fn new(number: u8) -> Option<Self> {
        NonZeroU8::new(number).map(TrusteeIndex)
    }

    /// The number, 1 for the first trustee.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0.get()
    }

    /// 0 for the first trustee.
    pub(crate) fn position(self) -> usize {
        usize::from(self.get() - 1)
    }

    /// The first `count` trustees.
    pub(crate) fn first(count: usize) -> impl Iterator<Item = TrusteeIndex> {
        (1..=u8::MAX).filter_map(TrusteeIndex::new).take(count)
    }
}

impl fmt::Display for TrusteeIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// How many trustees there are, and how many of them it takes to open a tally: `1 ≤ t ≤ n ≤ 255`.
///
/// ```
/// use urne::Threshold;
///
/// let three_of_seven = Threshold::new(3, 7)?;
/// assert_eq!((three_of_seven.required(), three_of_seven.trustees()), (3, 7));
/// assert!(Threshold::new(8, 7).is_err());
/// # Ok::<(), urne::KeyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    required: NonZeroU8,
    trustees: NonZeroU8,
}

impl Threshold {
    /// `required` of `trustees`.
    ///
    /// # Errors
    ///
    /// [`KeyError::Threshold`] unless `1 ≤ required ≤ trustees`.
    pub fn new(required: u8, trustees: u8) -> Result<Self, KeyError> {
        match (NonZeroU8::new(required), NonZeroU8::new(trustees)) {
            (Some(t), Some(n)) if t <= n => Ok(Threshold { required: t, trustees: n }),
            _ => Err(KeyError::Threshold { required: required.into(), trustees: trustees.into() }),
        }
    }

    /// How many trustees open a tally, `t`.
    #[must_use]
    pub fn required(self) -> u8 {
        self.required.get()
    }

    /// How many trustees there are, `n`.
    #[must_use]
    pub fn trustees(self) -> u8 {
        self.trustees.get()
    }

    /// All trustees.
    pub fn indices(self) -> impl Iterator<Item = TrusteeIndex> {
        TrusteeIndex::first(self.trustees().into())
    }

    /// The trustee with this number, if there is one.
    pub(crate) fn index(self, number: u64) -> Option<TrusteeIndex> {
        u8::try_from(number).ok().and_then(TrusteeIndex::new).filter(|j| self.contains(*j))
    }

    pub(crate) fn contains(self, index: TrusteeIndex) -> bool {
        index.get() <= self.trustees()
    }
}

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

serde_bytes!(IdentityKey, IdentityKey::from_bytes);

/// The identity keys of all trustees, distinct, in order of their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identities(Vec<IdentityKey>);

impl Identities {
    pub(crate) fn new(keys: Vec<IdentityKey>, threshold: Threshold) -> Result<Self, KeyError> {
        if keys.len() != usize::from(threshold.trustees()) {
            return Err(KeyError::IdentityCount {
                expected: threshold.trustees().into(),
                actual: keys.len(),
            });
        }
        if let Some(position) = first_repeat(keys.iter().map(|key| key.to_bytes())) {
            let trustee = TrusteeIndex::first(keys.len()).nth(position);
            return Err(trustee.map_or(
                KeyError::IdentityCount { expected: threshold.trustees().into(), actual: keys.len() },
                |trustee| KeyError::RepeatedIdentity { trustee },
            ));
        }
        Ok(Identities(keys))
    }

    pub(crate) fn get(&self, index: TrusteeIndex) -> Option<&IdentityKey> {
        self.0.get(index.position())
    }

    pub(crate) fn as_slice(&self) -> &[IdentityKey] {
        &self.0
    }
}

/// The election key `Φ` and who holds it.
///
/// `Φ` is a matrix of points: `m` slots, one for each list a contest may have, by `t` coefficients.
/// `H_s = Φ[s][0]` encrypts for slot `s`, and `V_{j,s} = Σ_k j^k·Φ[s][k]` checks what trustee `j`
/// decrypts there. Every slot has a key of its own, so that one nonce can serve all slots of a ballot
/// (multi-recipient ElGamal: Kurosawa 2002; Bellare, Boldyreva and Staddon 2003).
///
/// It comes out of a [`ceremony`](crate::ceremony), or out of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElectionKey {
    threshold: Threshold,
    identities: Identities,
    /// `m` slots of exactly `t` points.
    slots: Vec<Vec<Element>>,
}

impl ElectionKey {
    pub(crate) fn new(
        threshold: Threshold,
        identities: Identities,
        slots: Vec<Vec<Element>>,
    ) -> Result<Self, KeyError> {
        if slots.is_empty() || slots.len() > usize::from(u8::MAX) {
            return Err(KeyError::SlotCount { actual: slots.len() });
        }
        let expected = usize::from(threshold.required());
        if let Some(slot) = slots.iter().position(|slot| slot.len() != expected) {
            let actual = slots.get(slot).map_or(0, Vec::len);
            return Err(KeyError::CoefficientCount { slot: slot.saturating_add(1), expected, actual });
        }
        if let Some(slot) = first_repeat(slots.iter().map(|slot| slot.first().map(Element::encoding))) {
            return Err(KeyError::RepeatedSlot { slot: slot.saturating_add(1) });
        }
        Ok(ElectionKey { threshold, identities, slots })
    }

    /// Reads the public key of an election from its canonical encodings: identity keys in order of
    /// the trustees, and for each slot its `t` points.
    ///
    /// Whether the trustees made this key is for their [`Approval`](crate::contest::Approval)s to say.
    ///
    /// # Errors
    ///
    /// A [`KeyError`] that names the trustee or the slot.
    pub fn from_encodings(
        required: u8,
        identities: &[[u8; 32]],
        slots: &[Vec<[u8; 32]>],
    ) -> Result<Self, KeyError> {
        let trustees = u8::try_from(identities.len())
            .map_err(|_| KeyError::Threshold { required: required.into(), trustees: identities.len() })?;
        let threshold = Threshold::new(required, trustees)?;
        let keys = identities
            .iter()
            .zip(threshold.indices())
            .map(|(bytes, trustee)| {
                IdentityKey::from_bytes(bytes).map_err(|error| KeyError::BadIdentity { trustee, error })
            })
            .collect::<Result<_, _>>()?;
        let slots = (1..)
            .zip(slots)
            .map(|(slot, points)| {
                let read = |bytes: &[u8; 32]| {
                    Reader::new(bytes).element().map_err(|error| KeyError::BadPoint { slot, error })
                };
                points.iter().map(read).collect()
            })
            .collect::<Result<_, _>>()?;
        ElectionKey::new(threshold, Identities::new(keys, threshold)?, slots)
    }

    /// How many trustees there are and how many open a tally.
    #[must_use]
    pub fn threshold(&self) -> Threshold {
        self.threshold
    }

    /// The identity keys, in order of the trustees.
    #[must_use]
    pub fn identities(&self) -> &[IdentityKey] {
        self.identities.as_slice()
    }

    pub(crate) fn identity(&self, index: TrusteeIndex) -> Option<&IdentityKey> {
        self.identities.get(index)
    }

    /// How many slots, and so how many lists a contest may have at most.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.slots.len()
    }

    /// The canonical encodings of `Φ`: for each slot its `t` points.
    #[must_use]
    pub fn to_encodings(&self) -> Vec<Vec<[u8; 32]>> {
        self.slots.iter().map(|slot| slot.iter().map(|point| *point.encoding()).collect()).collect()
    }

    /// All points, slot after slot.
    pub(crate) fn points(&self) -> impl Iterator<Item = &Element> {
        self.slots.iter().flatten()
    }

    /// The encryption keys `H_s`.
    pub(crate) fn encryption_keys(&self) -> impl Iterator<Item = &Element> {
        self.slots.iter().filter_map(|slot| slot.first())
    }

    /// The first slots of this key, or `None` when it has fewer.
    pub(crate) fn prefix(&self, slots: usize) -> Option<ElectionKey> {
        let slots = self.slots.get(..slots)?.to_vec();
        Some(ElectionKey { threshold: self.threshold, identities: self.identities.clone(), slots })
    }

    /// `V_{j,1} … V_{j,m}`, with which trustee `j`'s decryption is checked. Encodings.
    #[must_use]
    pub fn verification_keys(&self, trustee: TrusteeIndex) -> Vec<[u8; 32]> {
        self.verification_elements(trustee).iter().map(|key| *key.encoding()).collect()
    }

    pub(crate) fn verification_elements(&self, trustee: TrusteeIndex) -> Vec<Element> {
        self.slots.iter().map(|slot| evaluate(slot, trustee).into()).collect()
    }
}

/// `Σ_k j^k·F_k`: the commitment to a polynomial, evaluated at a trustee's number.
pub(crate) fn evaluate(commitment: &[Element], trustee: TrusteeIndex) -> RistrettoPoint {
    vartime_sum(powers(&trustee.into()).zip(commitment.iter().map(Element::point)))
}

/// `1, x, x², …`
pub(crate) fn powers(x: &Scalar) -> impl Iterator<Item = Scalar> + use<> {
    let x = *x;
    core::iter::successors(Some(Scalar::ONE), move |power| Some(power * x))
}

impl From<TrusteeIndex> for Scalar {
    fn from(index: TrusteeIndex) -> Self {
        Scalar::from(index.get())
    }
}

/// Lagrange coefficients at 0 over the given trustee numbers: `λ_j = Π_{i≠j} i/(i − j)`.
///
/// The numbers must be distinct, or a coefficient is 0.
pub(crate) fn lagrange_at_zero(trustees: &[TrusteeIndex]) -> Vec<Scalar> {
    trustees
        .iter()
        .map(|j| {
            let others = || trustees.iter().filter(|i| *i != j).map(|i| Scalar::from(*i));
            let numerator: Scalar = others().product();
            let denominator: Scalar = others().map(|i| i - Scalar::from(*j)).product();
            numerator * denominator.invert()
        })
        .collect()
}

/// Why an election key or the list of its trustees is refused.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// `t` of `n` is impossible: it needs `1 ≤ t ≤ n ≤ 255`.
    Threshold {
        /// The threshold asked for.
        required: usize,
        /// The number of trustees.
        trustees: usize,
    },
    /// There are not as many identity keys as trustees.
    IdentityCount {
        /// The number of trustees.
        expected: usize,
        /// The number of keys.
        actual: usize,
    },
    /// An identity key does not decode.
    BadIdentity {
        /// The trustee whose key it is.
        trustee: TrusteeIndex,
        /// What is wrong with it.
        error: DecodeError,
    },
    /// A trustee's identity key is that of an earlier trustee.
    RepeatedIdentity {
        /// The later of the two.
        trustee: TrusteeIndex,
    },
    /// A key has 1 to 255 slots.
    SlotCount {
        /// The number of slots.
        actual: usize,
    },
    /// A slot does not have exactly `t` points.
    CoefficientCount {
        /// The slot, from 1.
        slot: usize,
        /// The threshold `t`.
        expected: usize,
        /// The number of points.
        actual: usize,
    },
    /// A point of the key does not decode.
    BadPoint {
        /// The slot, from 1.
        slot: usize,
        /// What is wrong with it.
        error: DecodeError,
    },
    /// Two slots have the same encryption key.
    RepeatedSlot {
        /// The later of the two, from 1.
        slot: usize,
    },
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyError::Threshold { required, trustees } => {
                write!(f, "a threshold of {required} of {trustees} trustees is impossible")
            }
            KeyError::IdentityCount { expected, actual } => {
                write!(f, "{actual} identity keys for {expected} trustees")
            }
            KeyError::BadIdentity { trustee, error } => {
                write!(f, "identity key of trustee {trustee}: {error}")
            }
            KeyError::RepeatedIdentity { trustee } => {
                write!(f, "trustee {trustee} has the identity key of an earlier trustee")
            }
            KeyError::SlotCount { actual } => write!(f, "{actual} slots where a key has 1 to 255"),
            KeyError::CoefficientCount { slot, expected, actual } => {
                write!(f, "slot {slot} of the key has {actual} points where the threshold is {expected}")
            }
            KeyError::BadPoint { slot, error } => write!(f, "slot {slot} of the key: {error}"),
            KeyError::RepeatedSlot { slot } => {
                write!(f, "slot {slot} has the encryption key of an earlier slot")
            }
        }
    }
}

impl core::error::Error for KeyError {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn index(number: u8) -> TrusteeIndex {
        TrusteeIndex::new(number).unwrap()
    }

    #[test]
    fn interpolation_at_zero_over_any_subset() {
        // p(x) = 5 + 7x + 11x²
        let p = |x: u64| Scalar::from(5 + 7 * x + 11 * x * x);
        for subset in [[1, 2, 3], [3, 1, 7], [255, 4, 90]] {
            let trustees: Vec<_> = subset.iter().map(|j| index(*j)).collect();
            let value: Scalar =
                lagrange_at_zero(&trustees).iter().zip(subset).map(|(lambda, j)| lambda * p(j.into())).sum();
            assert_eq!(value, Scalar::from(5u64));
        }
    }

    #[test]
    fn evaluation_matches_the_polynomial_in_the_exponent() {
        let commitment: Vec<Element> =
            [5u64, 7, 11].iter().map(|c| RistrettoPoint::mul_base(&Scalar::from(*c)).into()).collect();
        assert_eq!(
            evaluate(&commitment, index(9)),
            RistrettoPoint::mul_base(&Scalar::from(5u64 + 7 * 9 + 11 * 81))
        );
    }

    #[test]
    fn thresholds_that_are_impossible() {
        for (required, trustees) in [(0, 0), (0, 3), (4, 3), (1, 0)] {
            assert_eq!(
                Threshold::new(required, trustees),
                Err(KeyError::Threshold { required: required.into(), trustees: trustees.into() })
            );
        }
        assert!(Threshold::new(255, 255).is_ok());
    }

    #[test]
    fn malformed_keys_name_the_trustee_or_slot() {
        let point = |n: u64| RistrettoPoint::mul_base(&Scalar::from(n)).compress().to_bytes();
        let ids = [point(1), point(2)];
        let read = |slots: &[Vec<[u8; 32]>]| ElectionKey::from_encodings(2, &ids, slots);
        assert!(read(&[vec![point(3), point(4)]]).is_ok());
        assert_eq!(read(&[]), Err(KeyError::SlotCount { actual: 0 }));
        assert_eq!(
            read(&[vec![point(3), point(4)], vec![point(5)]]),
            Err(KeyError::CoefficientCount { slot: 2, expected: 2, actual: 1 })
        );
        assert_eq!(
            read(&[vec![point(3), point(4)], vec![point(3), point(5)]]),
            Err(KeyError::RepeatedSlot { slot: 2 })
        );
        assert_eq!(
            read(&[vec![point(3), [0; 32]]]),
            Err(KeyError::BadPoint { slot: 1, error: DecodeError::Identity { offset: 0 } })
        );
        assert_eq!(
            ElectionKey::from_encodings(1, &[point(1), point(1)], &[vec![point(3)]]),
            Err(KeyError::RepeatedIdentity { trustee: index(2) })
        );
        assert_eq!(
            ElectionKey::from_encodings(1, &[[0xff; 32]], &[vec![point(3)]]),
            Err(KeyError::BadIdentity { trustee: index(1), error: DecodeError::NotAPoint { offset: 0 } })
        );
    }
}
