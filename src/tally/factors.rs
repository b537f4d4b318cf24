//! A trustee's decryption factors.
//!
//! # Statement and protocol
//!
//! Trustee `j`, who holds `x_{j,s}` with `V_{j,s} = x_{j,s}·G` public, publishes
//! `D_{j,s} = x_{j,s}·ΣR` for every slot `s`, and proves that it used the same `x_{j,s}`. One proof
//! serves all slots: a challenge `w`, drawn after the factors, folds them into
//! `X = Σ w^{s−1}·V_{j,s}` and `Z = Σ w^{s−1}·D_{j,s}`, and a proof that `X` and `Z` have the same
//! logarithm to the bases `G` and `ΣR` (Chaum and Pedersen 1992) does the rest. A false factor would
//! have to vanish in a polynomial of degree below 255 at a random `w`.
//!
//! The transcript holds contest, closing, count, sums, trustee, keys and factors, then `w`, `T1`, `T2`.
//! 64 bytes and two double multiplications a trustee, whatever the number of slots.
//!
//! Beside the proof stands the trustee's signature over closing, factors and proof. Without it anybody could
//! alter factors on their way and have the trustee blamed: factors without a good signature count as not
//! sent, and name nobody. So it is checked first, over the bytes as they came; only then are they decoded, and
//! a trustee that has signed what is no point or no scalar is named.

use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use rand_core::CryptoRng;

use crate::ballot::SealedTally;
use crate::ballot_box::ClosingDigest;
use crate::bureau::{IdentityKey, IdentitySecret, TrusteeIndex, TrusteeKey};
use crate::contest::{Contest, Fingerprint};
use crate::primitives::form::named_form;
use crate::primitives::group::{Element, concat, powers, vartime_sum};
use crate::primitives::hash::FieldHash;
use crate::primitives::labels::{self, item};
use crate::primitives::messages::messages;
use crate::primitives::proof::{Proof, Rejected};
use crate::primitives::secret::{self, scrubbed};
use crate::primitives::text::count;
use crate::primitives::transcript::Transcript;
use crate::primitives::wire::{DecodeError, Kind, Reader, form, to_hex};

#[cfg(test)]
mod tests;

/// What a decryption proof is about.
struct Statement<'a> {
    contest: Fingerprint,
    closing: ClosingDigest,
    tally: &'a SealedTally,
    trustee: TrusteeIndex,
    keys: &'a [Element],
    factors: &'a [Element],
}

impl Statement<'_> {
    /// The transcript with the whole statement in it, and the challenge that folds the slots.
    fn transcript(&self) -> (Transcript, Scalar) {
        let Statement { contest, closing, tally, trustee, keys, factors } = self;
        let mut transcript = Transcript::new(labels::DECRYPTION);
        transcript.append(item::CONTEST, contest.as_bytes());
        transcript.append(item::CLOSING, closing.as_bytes());
        transcript.append_number(item::COUNT, tally.count());
        transcript.append(item::SUMS, &tally.encodings());
        transcript.append_number(item::TRUSTEE, trustee.get().into());
        transcript.append(item::KEYS, &concat(*keys));
        transcript.append(item::FACTORS, &concat(*factors));
        let w = transcript.challenge(item::W);
        (transcript, w)
    }
}

/// `Σ w^{s−1}·P_s`
fn fold(w: &Scalar, points: &[Element]) -> RistrettoPoint {
    vartime_sum(powers(w).zip(points.iter().map(Element::point)))
}

/// A trustee's signature over its factors and their proof, which makes them its own word: `c ‖ z` as they came.
/// Whether they are scalars is found when the factors are verified: without a good signature they count as not sent,
/// and name nobody.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FactorsSignature([u8; 64]);

impl FactorsSignature {
    /// A signature as read from a record.
    #[must_use]
    pub fn from_bytes(signature: [u8; 64]) -> Self {
        FactorsSignature(signature)
    }

    /// `c ‖ z`.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 64] {
        self.0
    }

    fn sign<R: CryptoRng + ?Sized>(identity: &IdentitySecret, digest: &[u8; 32], rng: &mut R) -> Self {
        FactorsSignature(identity.sign(labels::PURPOSE_FACTORS, digest, rng).to_array())
    }

    fn verify(&self, identity: &IdentityKey, digest: &[u8; 32]) -> Result<(), Rejected> {
        let signature = Proof::from_bytes(&self.0).map_err(|_| Rejected)?;
        identity.verify(labels::PURPOSE_FACTORS, digest, &signature)
    }
}

impl fmt::Debug for FactorsSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FactorsSignature({})", to_hex(&self.0))
    }
}

/// What a trustee signs of its factors. `proof` is `c ‖ z`, whatever these are.
fn factors_digest(closing: ClosingDigest, factors: &[[u8; 32]], proof: &[u8; 64]) -> [u8; 32] {
    let (halves, _) = proof.as_chunks::<32>();
    FieldHash::new(labels::FACTORS).bytes(closing.as_bytes()).all(factors.iter().chain(halves)).finish()
}

/// A trustee's decryption factors for one closed box, with their proof and its signature.
#[derive(Clone, PartialEq, Eq)]
pub struct DecryptionFactors {
    trustee: TrusteeIndex,
    /// As they came, and so is the proof.
    factors: Vec<[u8; 32]>,
    proof: [u8; 64],
    signature: FactorsSignature,
}

impl DecryptionFactors {
    /// Factors from a trustee's key. Constant-time in its secrets.
    pub(crate) fn new<R: CryptoRng + ?Sized>(
        contest: &Contest,
        closing: ClosingDigest,
        tally: &SealedTally,
        key: &TrusteeKey,
        rng: &mut R,
    ) -> Self {
        let (elements, proof) = scrubbed::<{ secret::SIGNATURE }, _>(|| {
            prove(contest, closing, tally, key.index(), key.shares(), rng)
        });
        let factors: Vec<_> = elements.iter().map(|factor| *factor.encoding()).collect();
        let proof = proof.to_array();
        let digest = factors_digest(closing, &factors, &proof);
        let signature = FactorsSignature::sign(key.identity(), &digest, rng);
        DecryptionFactors { trustee: key.index(), factors, proof, signature }
    }

    /// Factors as they stand in a record, one a slot, with the `c ‖ z` of their proof. Whether they are points and
    /// scalars is found when they are verified: first it must be known whose they are.
    ///
    /// # Errors
    ///
    /// [`DecodeError::TooLong`] when there are more than 255, which no contest has slots for.
    pub fn from_encodings(
        trustee: TrusteeIndex,
        factors: &[[u8; 32]],
        proof: [u8; 64],
        signature: FactorsSignature,
    ) -> Result<Self, DecodeError> {
        let most = usize::from(u8::MAX);
        if factors.len() > most {
            let [expected, actual] = [most, factors.len()].map(|slots| slots.saturating_mul(32));
            return Err(DecodeError::TooLong { expected, actual });
        }
        Ok(DecryptionFactors { trustee, factors: factors.to_vec(), proof, signature })
    }

    /// Whose factors these are, or are said to be.
    #[must_use]
    pub fn trustee(&self) -> TrusteeIndex {
        self.trustee
    }

    /// The encodings of the factors, one a slot.
    #[must_use]
    pub fn factors(&self) -> &[[u8; 32]] {
        &self.factors
    }

    /// `c ‖ z` of the proof that they are right, as they came.
    #[must_use]
    pub fn proof(&self) -> &[u8; 64] {
        &self.proof
    }

    /// The trustee's signature.
    #[must_use]
    pub fn signature(&self) -> &FactorsSignature {
        &self.signature
    }

    /// Checks the signature, and then the factors against the public key, for one closing and its sums.
    pub(crate) fn verify(
        &self,
        contest: &Contest,
        closing: ClosingDigest,
        tally: &SealedTally,
    ) -> Result<GoodFactors, FactorError> {
        let trustee = self.trustee;
        let trustees = contest.bureau().trustees();
        let unknown = FactorError::UnknownTrustee { trustee, trustees };
        let identity = contest.bureau().identity(trustee).ok_or(unknown)?;
        let digest = factors_digest(closing, &self.factors, &self.proof);
        self.signature.verify(identity, &digest).map_err(|Rejected| FactorError::Signature { trustee })?;
        let expected = contest.layout().slots();
        if self.factors.len() != expected {
            return Err(FactorError::Count { trustee, expected, actual: self.factors.len() });
        }
        let decode =
            |(slot, encoding)| Element::decode(encoding).ok_or(FactorError::NotAPoint { trustee, slot });
        let factors = (1..).zip(&self.factors).map(decode).collect::<Result<Vec<_>, _>>()?;
        let keys = contest.key().verification_elements(trustee);
        let statement = Statement {
            contest: contest.fingerprint(),
            closing,
            tally,
            trustee,
            keys: &keys,
            factors: &factors,
        };
        let (transcript, w) = statement.transcript();
        let proof = Proof::from_bytes(&self.proof).map_err(|_| FactorError::Proof { trustee })?;
        proof
            .verify_equality(transcript, &fold(&w, &keys), tally.nonce_element().point(), &fold(&w, &factors))
            .map_err(|Rejected| FactorError::Proof { trustee })?;
        Ok(GoodFactors { given: self.clone(), elements: factors })
    }

    /// Form: kind ‖ version ‖ trustee (1 byte) ‖ J (1 byte) ‖ `D_1 … D_J` ‖ `c` ‖ `z` of the proof ‖ `c` ‖ `z`
    /// of the signature.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let slots = u8::try_from(self.factors.len()).unwrap_or(u8::MAX);
        let mut bytes = form(Kind::Factors);
        bytes.extend([self.trustee.get(), slots]);
        bytes.extend(self.factors.as_flattened());
        bytes.extend(self.proof);
        bytes.extend(self.signature.to_bytes());
        bytes
    }

    /// Reads what [`DecryptionFactors::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::Factors, bytes)?;
        let offset = reader.offset();
        let trustee = TrusteeIndex::new(reader.byte()?).ok_or(DecodeError::Number { offset })?;
        let slots = usize::from(reader.byte()?);
        let factors = reader.many(slots, 32, |reader| reader.array().copied())?;
        let proof = *reader.array()?;
        let signature = FactorsSignature(*reader.array()?);
        reader.finish()?;
        Ok(DecryptionFactors { trustee, factors, proof, signature })
    }
}

/// Factors that hold for one closing and its sums, with their points.
#[derive(Debug)]
pub(crate) struct GoodFactors {
    given: DecryptionFactors,
    elements: Vec<Element>,
}

impl GoodFactors {
    pub(crate) fn trustee(&self) -> TrusteeIndex {
        self.given.trustee
    }

    pub(super) fn elements(&self) -> &[Element] {
        &self.elements
    }

    pub(super) fn into_given(self) -> DecryptionFactors {
        self.given
    }
}

/// `D_{j,s}` and their proof. Constant-time in the shares.
fn prove<R: CryptoRng + ?Sized>(
    contest: &Contest,
    closing: ClosingDigest,
    tally: &SealedTally,
    trustee: TrusteeIndex,
    shares: &[Scalar],
    rng: &mut R,
) -> (Vec<Element>, Proof) {
    let nonce = tally.nonce_element().point();
    let shares = || shares.iter().take(contest.layout().slots());
    let factors: Vec<Element> = shares().map(|share| Element::from(nonce * share)).collect();
    let keys = contest.key().verification_elements(trustee);
    let statement =
        Statement { contest: contest.fingerprint(), closing, tally, trustee, keys: &keys, factors: &factors };
    let (transcript, w) = statement.transcript();
    let witness =
        zeroize::Zeroizing::new(powers(&w).zip(shares()).map(|(power, x)| power * x).sum::<Scalar>());
    let proof = Proof::of_equality(transcript, nonce, &witness, rng);
    (factors, proof)
}

impl fmt::Debug for DecryptionFactors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecryptionFactors").field("trustee", &self.trustee).finish_non_exhaustive()
    }
}

named_form!(DecryptionFactors: "factors", DecodeError);

/// Why a trustee's factors are left out.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorError {
    /// There is no trustee with this number.
    UnknownTrustee {
        /// The number given.
        trustee: TrusteeIndex,
        /// How many trustees there are.
        trustees: u8,
    },
    /// The signature does not hold: these are not the trustee's own word, and count as not sent.
    Signature {
        /// The trustee in whose name they are.
        trustee: TrusteeIndex,
    },
    /// There is not one factor a slot.
    Count {
        /// The trustee.
        trustee: TrusteeIndex,
        /// How many slots there are.
        expected: usize,
        /// How many factors.
        actual: usize,
    },
    /// The trustee has signed a factor that is no point.
    NotAPoint {
        /// The trustee.
        trustee: TrusteeIndex,
        /// The slot, from 1.
        slot: usize,
    },
    /// The proof does not hold, or is none: for this closing and these sums the factors are false.
    Proof {
        /// The trustee.
        trustee: TrusteeIndex,
    },
}

impl FactorError {
    /// The trustee in whose name the factors are.
    #[must_use]
    pub fn trustee(&self) -> TrusteeIndex {
        match self {
            FactorError::UnknownTrustee { trustee, .. }
            | FactorError::Signature { trustee }
            | FactorError::Count { trustee, .. }
            | FactorError::NotAPoint { trustee, .. }
            | FactorError::Proof { trustee } => *trustee,
        }
    }

    /// The trustee to blame: only one whose own word is false. Anyone can have made what bears no good
    /// signature.
    #[must_use]
    pub fn culprit(&self) -> Option<TrusteeIndex> {
        match self {
            FactorError::Count { trustee, .. }
            | FactorError::NotAPoint { trustee, .. }
            | FactorError::Proof { trustee } => Some(*trustee),
            FactorError::UnknownTrustee { .. } | FactorError::Signature { .. } => None,
        }
    }
}

messages! { FactorError: "factors";
    UnknownTrustee { trustee, trustees } => "unknown-trustee",
        "decryption factors: there is no trustee {trustee} among {trustees}";
    Signature { trustee } => "signature",
        "the signature under decryption factors in the name of trustee {trustee} does not hold: they count as not sent";
    Count { trustee, expected, actual } => "count",
        "trustee {trustee} gave {} for {}", count(*actual, "factor"), count(*expected, "slot");
    NotAPoint { trustee, slot } => "not-a-point",
        "trustee {trustee} signed a factor for slot {slot} that is no point";
    Proof { trustee } => "proof",
        "the decryption factors of trustee {trustee} are false: their proof does not hold";
}

impl core::error::Error for FactorError {}
