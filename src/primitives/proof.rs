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
use crate::primitives::secret::{self, scrubbed};
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
        scrubbed::<{ secret::SIGNATURE }, _>(|| {
            let tau = transcript.secrets(&[x.as_bytes()], rng).scalar();
            let T = Element::from(RistrettoPoint::mul_base(&tau));
            let challenge = knowledge_challenge(&mut transcript, &T);
            Proof { challenge, response: *tau + challenge * x }
        })
    }

    /// Checks a proof made by [`Proof::of_knowledge`]: `T = z·G − c·X` gives `c` again.
    #[allow(non_snake_case)]
    pub(crate) fn verify_knowledge(
        &self,
        transcript: Transcript,
        X: &RistrettoPoint,
    ) -> Result<(), Rejected> {
        self.announced(transcript, X).map(|_| ())
    }

    /// Checks the proof like [`Proof::verify_knowledge`] and gives it with its commitment.
    #[allow(non_snake_case)]
    pub(crate) fn announced(
        &self,
        mut transcript: Transcript,
        X: &RistrettoPoint,
    ) -> Result<Announced, Rejected> {
        let T = RistrettoPoint::vartime_double_scalar_mul_basepoint(&-self.challenge, X, &self.response);
        let T = Element::from(T);
        self.accept(knowledge_challenge(&mut transcript, &T))?;
        Ok(Announced { commitment: *T.encoding(), response: self.response })
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
        scrubbed::<{ secret::SIGNATURE }, _>(|| {
            let tau = transcript.secrets(&[x.as_bytes()], rng).scalar();
            let T1 = Element::from(RistrettoPoint::mul_base(&tau));
            let T2 = Element::from(Y * *tau);
            let challenge = equality_challenge(&mut transcript, &T1, &T2);
            Proof { challenge, response: *tau + challenge * x }
        })
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

/// A proof of knowledge with its commitment `T` in place of its challenge: as long as the other form, and many
/// can be verified in one sum, which the other form does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Announced {
    commitment: [u8; 32],
    response: Scalar,
}

impl Announced {
    /// `T ‖ z`.
    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.commitment);
        bytes.extend(self.response.as_bytes());
    }

    /// Reads `T ‖ z`. `T` is decoded when the proof is verified.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Announced { commitment: *reader.array()?, response: reader.scalar()? })
    }
}

/// The verdict on each of many proofs of knowledge, in order: whether `z·G = T + c·X` with the `c` of its
/// transcript, which holds the statement, `X` included.
///
/// One multiscalar multiplication. The weights, of 128 bits, are drawn from `weights`, which holds what all
/// proofs have in common, once it holds every `c` and `z` too; each `c` is a hash of everything else. So the
/// chance that a false proof passes is at most `2^-127`. When the sum is not zero each is verified alone.
#[allow(non_snake_case)]
pub(crate) fn verify_announced<'a>(
    weights: &Transcript,
    proofs: impl IntoIterator<Item = (Transcript, &'a RistrettoPoint, &'a Announced)>,
) -> Vec<Result<(), Rejected>> {
    let proofs: Vec<_> =
        proofs.into_iter().map(|(transcript, X, proof)| Equation::new(transcript, X, proof)).collect();
    let known: Vec<&Equation> = proofs.iter().flatten().collect();
    let all_hold = holds(weights, &known);
    let alone = |equation: &Equation| all_hold || holds(weights, &[equation]);
    proofs
        .iter()
        .map(|equation| match equation {
            Some(equation) if alone(equation) => Ok(()),
            _ => Err(Rejected),
        })
        .collect()
}

/// `z·G = T + c·X`.
#[allow(non_snake_case)]
struct Equation {
    T: RistrettoPoint,
    X: RistrettoPoint,
    c: Scalar,
    z: Scalar,
}

impl Equation {
    /// `None` when `T` is no point.
    #[allow(non_snake_case)]
    fn new(mut transcript: Transcript, X: &RistrettoPoint, proof: &Announced) -> Option<Self> {
        let T = Element::decode(&proof.commitment)?;
        let c = knowledge_challenge(&mut transcript, &T);
        Some(Equation { T: *T.point(), X: *X, c, z: proof.response })
    }
}

/// What the weights are drawn from.
fn weighed(common: &Transcript, equations: &[&Equation]) -> Transcript {
    let mut weights = common.clone();
    for Equation { c, z, .. } in equations {
        weights.append(item::C, c.as_bytes());
        weights.append(item::RESPONSES, z.as_bytes());
    }
    weights
}

/// Whether the weighted sum of all equations holds.
#[allow(non_snake_case)]
fn holds(weights: &Transcript, equations: &[&Equation]) -> bool {
    let mut weights = weighed(weights, equations);
    let mut of_base = Scalar::ZERO;
    let mut terms = Vec::with_capacity(equations.len().saturating_mul(2));
    for Equation { T, X, c, z } in equations {
        let weight = match u128::from_le_bytes(weights.challenge_bytes(item::WEIGHT)) {
            0 => Scalar::ONE,
            weight => Scalar::from(weight),
        };
        of_base += weight * z;
        terms.extend([(weight, T), (weight * c, X)]);
    }
    vartime_sum(terms) == RistrettoPoint::mul_base(&of_base)
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

#[cfg(test)]
#[allow(non_snake_case)]
mod tests {
    use super::*;
    use crate::test_support::{random_scalar, rng};

    fn statement(number: u64) -> Transcript {
        let mut transcript = Transcript::new(b"test");
        transcript.append_number(b"number", number);
        transcript
    }

    fn proofs(count: u64) -> Vec<(RistrettoPoint, Announced)> {
        let one = |number: u64| {
            let x = random_scalar(&mut rng(number));
            let X = RistrettoPoint::mul_base(&x);
            let proof = Proof::of_knowledge(statement(number), &x, &mut rng(number));
            (X, proof.announced(statement(number), &X).unwrap())
        };
        (0..count).map(one).collect()
    }

    fn verdicts(proofs: &[(RistrettoPoint, Announced)]) -> Vec<Result<(), Rejected>> {
        let all = (0..).zip(proofs).map(|(number, (X, proof))| (statement(number), X, proof));
        verify_announced(&Transcript::new(b"weights"), all)
    }

    #[test]
    fn announced_proofs_read_only_what_they_write() {
        let (_, proof) = proofs(1)[0];
        let mut bytes = Vec::new();
        proof.write(&mut bytes);
        assert_eq!(bytes.len(), 64);
        assert_eq!(Announced::read(&mut Reader::new(&bytes)), Ok(proof));
        bytes[63] = 0xff;
        let error = DecodeError::NotAScalar { offset: 32 };
        assert_eq!(Announced::read(&mut Reader::new(&bytes)), Err(error));
    }

    #[test]
    fn attack_7_each_false_proof_of_a_batch_is_named() {
        assert_eq!(verdicts(&[]), []);
        for count in [1, 2, 5, 200] {
            let good = proofs(count);
            assert!(verdicts(&good).iter().all(Result::is_ok));
            let last = good.len() - 1;
            for bad in [0, last / 2, last] {
                let changes: [fn(&mut (RistrettoPoint, Announced)); 4] = [
                    |(X, _)| *X = *X + *X,
                    |(_, proof)| proof.response += Scalar::ONE,
                    |(_, proof)| proof.commitment = [0xff; 32],
                    |(X, proof)| proof.commitment = X.compress().to_bytes(),
                ];
                for change in changes {
                    let mut proofs = good.clone();
                    change(&mut proofs[bad]);
                    let expected: Vec<_> =
                        (0..good.len()).map(|at| if at == bad { Err(Rejected) } else { Ok(()) }).collect();
                    assert_eq!(verdicts(&proofs), expected, "{bad} of {count}");
                }
            }
        }
    }

    /// With equal weights the two errors would cancel.
    #[test]
    fn attack_7_errors_of_two_proofs_that_cancel() {
        let mut proofs = proofs(3);
        proofs[0].1.response += Scalar::ONE;
        proofs[2].1.response -= Scalar::ONE;
        let equations: Vec<_> = (0..)
            .zip(&proofs)
            .map(|(number, (X, proof))| Equation::new(statement(number), X, proof).unwrap())
            .collect();
        let sums = equations.iter().fold((Scalar::ZERO, RistrettoPoint::default()), |(z, sum), equation| {
            (z + equation.z, sum + equation.T + equation.c * equation.X)
        });
        assert_eq!(RistrettoPoint::mul_base(&sums.0), sums.1, "unweighted, they cancel");
        assert_eq!(verdicts(&proofs), [Err(Rejected), Ok(()), Err(Rejected)]);
    }

    /// A false proof that is made to suit weights it does not take part in.
    #[test]
    fn attack_1_the_weights_depend_on_every_proof() {
        let proofs = proofs(2);
        let equation = |at: usize| Equation::new(statement(at as u64), &proofs[at].0, &proofs[at].1).unwrap();
        let [first, second] = [0, 1].map(equation);
        let weights = Transcript::new(b"weights");
        let weight = |equations: &[&Equation]| -> [u8; 16] {
            weighed(&weights, equations).challenge_bytes(item::WEIGHT)
        };
        let base = weight(&[&first, &second]);
        let mut changed = equation(1);
        changed.z += Scalar::ONE;
        assert_ne!(base, weight(&[&first, &changed]));
        changed = equation(1);
        changed.c += Scalar::ONE;
        assert_ne!(base, weight(&[&first, &changed]));
        assert_ne!(base, weight(&[&second, &first]));
    }
}
