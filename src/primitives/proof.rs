//! The two Σ-protocols from which signatures, possession proofs, complaints and decryption proofs
//! are made.
//!
//! Both are Schnorr's protocol (1991), the second for two bases at once (Chaum and Pedersen 1992),
//! made non-interactive by the strong Fiat–Shamir transform: the caller hands in a transcript that
//! already holds the whole statement, one function for prover and verifier. A proof is sent as its
//! challenge and response, and the verifier rebuilds the commitments from these. Compared with
//! sending the commitments this keeps every proof at 64 bytes and leaves nothing to decode.

use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use rand_core::CryptoRng;

use crate::primitives::group::{Element, vartime_sum};
use crate::primitives::labels::item;
use crate::primitives::transcript::Transcript;
use crate::primitives::wire::{DecodeError, Reader, serde_bytes};

/// A compact Σ-protocol proof: challenge `c` and response `z`, 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    challenge: Scalar,
    response: Scalar,
}

/// The equation of a [`Proof`] does not hold. Callers name the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rejected;

impl Proof {
    /// Length of [`Proof::to_bytes`].
    pub const LENGTH: usize = 64;

    #[cfg(test)]
    pub(crate) fn new(challenge: Scalar, response: Scalar) -> Self {
        Proof { challenge, response }
    }

    /// The challenge's 32 bytes, little-endian.
    #[must_use]
    pub fn challenge(&self) -> [u8; 32] {
        self.challenge.to_bytes()
    }

    /// The response's 32 bytes, little-endian.
    #[must_use]
    pub fn response(&self) -> [u8; 32] {
        self.response.to_bytes()
    }

    /// `c ‖ z`.
    #[must_use]
    pub fn to_bytes(self) -> Vec<u8> {
        [self.challenge(), self.response()].concat()
    }

    /// `c ‖ z`.
    pub(crate) fn to_array(self) -> [u8; 64] {
        let mut bytes = [0; 64];
        let halves = [self.challenge(), self.response()];
        bytes.copy_from_slice(halves.as_flattened());
        bytes
    }

    /// Reads `c ‖ z`.
    ///
    /// # Errors
    ///
    /// When there are not 64 bytes, or one of the two is not below the group order.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let proof = Proof::read(&mut reader)?;
        reader.finish()?;
        Ok(proof)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Proof { challenge: reader.scalar()?, response: reader.scalar()? })
    }

    /// Proves knowledge of `x` with `X = x·G`. The transcript holds the statement, `X` included.
    ///
    /// `T = τ·G`, `c = H(…, T)`, `z = τ + c·x`. One fixed-base multiplication, constant-time.
    #[allow(non_snake_case)]
    pub(crate) fn of_knowledge<R: CryptoRng + ?Sized>(
        mut transcript: Transcript,
        x: &Scalar,
        rng: &mut R,
    ) -> Self {
        let tau = transcript.secrets(&[x.as_bytes()], rng).scalar();
        let T = Element::from(RistrettoPoint::mul_base(&tau));
        let challenge = knowledge_challenge(&mut transcript, &T);
        Proof { challenge, response: *tau + challenge * x }
    }

    /// Checks a proof made by [`Proof::of_knowledge`]: `T = z·G − c·X` gives `c` again.
    #[allow(non_snake_case)]
    pub(crate) fn verify_knowledge(
        &self,
        mut transcript: Transcript,
        X: &RistrettoPoint,
    ) -> Result<(), Rejected> {
        let T = RistrettoPoint::vartime_double_scalar_mul_basepoint(&-self.challenge, X, &self.response);
        self.accept(knowledge_challenge(&mut transcript, &T.into()))
    }

    /// Proves knowledge of `x` with `X = x·G` and `Z = x·Y`. The transcript holds the statement,
    /// `X`, `Y` and `Z` included.
    ///
    /// `T1 = τ·G`, `T2 = τ·Y`, `c = H(…, T1, T2)`, `z = τ + c·x`. Constant-time.
    #[allow(non_snake_case)]
    pub(crate) fn of_equality<R: CryptoRng + ?Sized>(
        mut transcript: Transcript,
        Y: &RistrettoPoint,
        x: &Scalar,
        rng: &mut R,
    ) -> Self {
        let tau = transcript.secrets(&[x.as_bytes()], rng).scalar();
        let T1 = Element::from(RistrettoPoint::mul_base(&tau));
        let T2 = Element::from(Y * *tau);
        let challenge = equality_challenge(&mut transcript, &T1, &T2);
        Proof { challenge, response: *tau + challenge * x }
    }

    /// Checks a proof made by [`Proof::of_equality`]: `T1 = z·G − c·X` and `T2 = z·Y − c·Z` give `c`
    /// again.
    #[allow(non_snake_case)]
    pub(crate) fn verify_equality(
        &self,
        mut transcript: Transcript,
        X: &RistrettoPoint,
        Y: &RistrettoPoint,
        Z: &RistrettoPoint,
    ) -> Result<(), Rejected> {
        let minus_c = -self.challenge;
        let T1 = RistrettoPoint::vartime_double_scalar_mul_basepoint(&minus_c, X, &self.response);
        let T2 = vartime_sum([(self.response, Y), (minus_c, Z)]);
        self.accept(equality_challenge(&mut transcript, &T1.into(), &T2.into()))
    }

    fn accept(&self, challenge: Scalar) -> Result<(), Rejected> {
        if challenge == self.challenge { Ok(()) } else { Err(Rejected) }
    }
}

#[allow(non_snake_case)]
fn knowledge_challenge(transcript: &mut Transcript, T: &Element) -> Scalar {
    transcript.append_element(item::T, T);
    transcript.challenge(item::C)
}

#[allow(non_snake_case)]
fn equality_challenge(transcript: &mut Transcript, T1: &Element, T2: &Element) -> Scalar {
    transcript.append_element(item::T1, T1);
    transcript.append_element(item::T2, T2);
    transcript.challenge(item::C)
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proof({})", crate::primitives::wire::to_hex(&self.to_bytes()))
    }
}

serde_bytes!(Proof, Proof::from_bytes);
