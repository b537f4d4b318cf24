//! Ballots: sealed by a voter, verified by anyone, opened by nobody but their maker.
//!
//! A ballot's way is one way: [`SealedBallot`] (on the voter's device) → bytes → [`Ballot`] (decoded)
//! → [`VerifiedBallot`] (its proof holds) → [`PartialSum`](crate::ballot::PartialSum). A sealed ballot
//! can instead be [challenged](SealedBallot::challenge): then it is opened for all to see and cannot
//! be cast.
//!
//! # What a ballot is
//!
//! With nonce `r` and choice bits `b_1 … b_L` (at most one set; none is blank), the ciphertext is
//! `R = r·G`, `C_i = r·H_i + b_i·G`: ElGamal under one key a list, all with one nonce. The proof shows,
//! for the public credential `C`:
//!
//! *I know `r`, bits `b_i` with `Σ b_i ≤ 1`, and `s`, such that the ciphertext is of these and
//! `C = s·G`.*
//!
//! # Protocol
//!
//! Let `b_0 = 1 − Σ b_i`, and let `P, N, K, Q, P_1 … P_L` be generators between which nobody knows a
//! relation. The transcript holds, in this order:
//!
//! 1. `contest` (fingerprint), `credential` (`C`), `ciphertext` (`R ‖ C_1 … C_L`); challenge `y`.
//! 2. `A`, `B`, commitments to the masks `a_i` and to the bits, with the terms `e0 = −Σ y^i·a_i²` and
//!    `e1 = Σ y^i·a_i·(1 − 2b_i)` of a quadratic polynomial on `Q`; challenge `w`.
//! 3. `S`, which ties the commitments to the ciphertext and to `C`; challenge `x`.
//!
//! Responses are `f_i = a_i + x·b_i`, `z = ρ + x·r`, `k = κ + x·s`, `u = α + x·β`. With
//! `f_0 = x − Σ f_i`, the verifier checks
//!
//! ```text
//! (1)  A + x·B = u·P + z·N + k·K + Σ f_i·P_i + (Σ_{i=0…L} y^i·f_i·(x − f_i))·Q
//! (2)  S + x·(R + Σ w^i·C_i + w^{L+1}·C) = z·(G + Σ w^i·H_i) + (Σ w^i·f_i + w^{L+1}·k)·G
//! ```
//!
//! # Why it is sound
//!
//! `y` comes after the ciphertext, which fixes `r` and every logarithm `m_i` of a plaintext. `B` fixes
//! `(r, s, b)`, by the discrete logarithm assumption between the generators, before `w`; (2) is a
//! polynomial identity in `w`, so these are the ciphertext's own `r` and `m_i`, and `C = s·G`. By (1)
//! the coefficient `Σ y^i·m_i·(1 − m_i)` of `x²` vanishes, with `m_0 = 1 − Σ m_i`, so every `m_i` and
//! `m_0` is a bit: exactly one choice. The proof is (L+1, L+2, 3)-special-sound; for the strong
//! Fiat–Shamir transform of several rounds see Attema, Fehr and Klooß (TCC 2022). It is perfectly
//! zero-knowledge: for `B`, `x` and responses drawn at random, `A` and `S` follow. The construction
//! descends from the bit-vector proofs of Groth and Kohlweiss (EUROCRYPT 2015) and of Bootle et al.,
//! *Short Accountable Ring Signatures* (ESORICS 2015).
//!
//! # Cost and size
//!
//! `2 + 32·(2L + 8)` bytes: 1,026 for 12 lists. Three points of proof whatever `L` is. Verifying decodes
//! `L + 5` points and adds as many to one multiscalar multiplication, which many ballots share.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;

use crate::contest::{ApprovedContest, Fingerprint};
use crate::credential::PublicCredential;
use crate::primitives::wire::{DecodeError, Reader};

mod challenge;
mod choice;
mod reference;
mod seal;
mod sealer;
mod statement;
mod stream;
#[cfg(all(test, feature = "serde"))]
mod tests;
mod verify;

pub use challenge::{ChallengeError, ChallengedBallot};
pub use choice::Choice;
pub use reference::{BallotReference, ReferenceError};
pub use seal::SealedBallot;
pub use sealer::Sealer;
pub(crate) use stream::{Outcome, ballots_at_a_time, verify_all};
pub use stream::{VerifyStream, verify_stream};
pub use verify::verify_batch;

use statement::Parts;

/// Length in bytes of a ballot for a number of lists.
///
/// ```
/// assert_eq!(urne::ballot::ballot_length(12), 1_026);
/// ```
#[must_use]
pub fn ballot_length(lists: u8) -> usize {
    2 + 32 * (2 * usize::from(lists) + 8)
}

/// A ballot that decodes for a contest. Nothing is known of its proof yet.
///
/// Every point is decoded once, here, and kept through verification and tally.
#[derive(Clone)]
pub struct Ballot {
    contest: Fingerprint,
    reference: BallotReference,
    bytes: Vec<u8>,
    credential: PublicCredential,
    // Boxed, since ballots are moved about by the thousand.
    ciphertext: Box<Ciphertext>,
    proof: Box<BallotProof>,
}

/// `R` and `C_1 … C_L`.
#[derive(Clone)]
pub(crate) struct Ciphertext {
    pub(crate) nonce: RistrettoPoint,
    pub(crate) choices: Vec<RistrettoPoint>,
}

#[derive(Clone)]
#[allow(non_snake_case)]
struct BallotProof {
    A: RistrettoPoint,
    B: RistrettoPoint,
    S: RistrettoPoint,
    f: Vec<Scalar>,
    z: Scalar,
    k: Scalar,
    u: Scalar,
}

impl Ballot {
    /// Decodes a ballot of this contest: `01 ‖ L ‖ C ‖ R ‖ C_1 … C_L ‖ A ‖ B ‖ S ‖ f_1 … f_L ‖ z ‖ k ‖ u`,
    /// and nothing else.
    ///
    /// Cost: `L + 5` point decodings, some 7 µs each.
    ///
    /// # Errors
    ///
    /// [`BallotError::Lists`] when it has another number of lists than the contest, and
    /// [`BallotError::Decode`] for every other flaw, with its offset.
    #[allow(non_snake_case)]
    pub fn from_bytes(contest: &ApprovedContest, bytes: &[u8]) -> Result<Self, BallotError> {
        let lists = contest.contest().lists();
        let mut reader = Reader::versioned(bytes)?;
        let actual = reader.byte()?;
        if actual != lists {
            return Err(BallotError::Lists { expected: lists, actual });
        }
        let expected = ballot_length(lists);
        match bytes.len() {
            actual if actual < expected => return Err(DecodeError::TooShort { expected, actual }.into()),
            actual if actual > expected => return Err(DecodeError::TooLong { expected, actual }.into()),
            _ => (),
        }
        let lists = usize::from(lists);
        let credential = reader.element()?;
        let ciphertext = Box::new(Ciphertext {
            nonce: *reader.element()?.point(),
            choices: reader.many(lists, 32, |r| r.element().map(|e| *e.point()))?,
        });
        let (A, B, S) = (reader.element()?, reader.element()?, reader.element()?);
        let f = reader.many(lists, 32, Reader::scalar)?;
        let (z, k, u) = (reader.scalar()?, reader.scalar()?, reader.scalar()?);
        reader.finish()?;
        Ok(Ballot {
            contest: contest.fingerprint(),
            reference: BallotReference::of(contest.contest(), bytes),
            bytes: bytes.to_vec(),
            credential: PublicCredential::from(credential),
            ciphertext,
            proof: Box::new(BallotProof { A: *A.point(), B: *B.point(), S: *S.point(), f, z, k, u }),
        })
    }

    /// The wire form.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The ballot's reference, computed from its bytes.
    #[must_use]
    pub fn reference(&self) -> BallotReference {
        self.reference
    }

    /// The public credential that the ballot claims.
    #[must_use]
    pub fn credential(&self) -> PublicCredential {
        self.credential
    }

    /// The contest that the ballot was decoded for.
    #[must_use]
    pub fn contest(&self) -> Fingerprint {
        self.contest
    }

    /// The encoding of `R`, which no two ballots of a box may share.
    #[must_use]
    pub fn nonce(&self) -> [u8; 32] {
        self.parts().nonce()
    }

    /// Verifies the proof: a batch of one. See [`verify_batch`].
    ///
    /// # Errors
    ///
    /// [`BallotError::Proof`], or [`BallotError::ForeignContest`] when the ballot was decoded for another
    /// contest.
    pub fn verify(self, contest: &ApprovedContest) -> Result<VerifiedBallot, BallotError> {
        verify::verify_one(contest, self)
    }

    fn parts(&self) -> Parts<'_> {
        Parts::of(&self.bytes)
    }
}

impl fmt::Debug for Ballot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ballot({})", self.reference)
    }
}

/// A ballot whose proof holds: it encrypts exactly one list or blank, and its maker knows the secret of
/// its credential. Only verification makes one.
#[derive(Clone)]
pub struct VerifiedBallot {
    contest: Fingerprint,
    reference: BallotReference,
    bytes: Vec<u8>,
    credential: PublicCredential,
    ciphertext: Box<Ciphertext>,
}

impl VerifiedBallot {
    fn from_verified(ballot: Ballot) -> Self {
        let Ballot { contest, reference, bytes, credential, ciphertext, proof: _ } = ballot;
        VerifiedBallot { contest, reference, bytes, credential, ciphertext }
    }

    /// The wire form.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The wire form, without a copy.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The ballot's reference.
    #[must_use]
    pub fn reference(&self) -> BallotReference {
        self.reference
    }

    /// The public credential under which the ballot was sealed.
    #[must_use]
    pub fn credential(&self) -> PublicCredential {
        self.credential
    }

    /// The contest it counts in.
    #[must_use]
    pub fn contest(&self) -> Fingerprint {
        self.contest
    }

    /// The encoding of `R`, which no two ballots of a box may share.
    #[must_use]
    pub fn nonce(&self) -> [u8; 32] {
        Parts::of(&self.bytes).nonce()
    }

    pub(crate) fn ciphertext(&self) -> &Ciphertext {
        &self.ciphertext
    }
}

impl fmt::Debug for VerifiedBallot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifiedBallot({})", self.reference)
    }
}

/// Why a ballot cannot be made or is refused.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BallotError {
    /// The bytes are not a ballot.
    Decode(DecodeError),
    /// The ballot has another number of lists than the contest.
    Lists {
        /// Lists of the contest.
        expected: u8,
        /// Lists of the ballot.
        actual: u8,
    },
    /// The ballot or credential belongs to another contest.
    ForeignContest {
        /// The contest at hand.
        expected: Fingerprint,
        /// The contest it was made for.
        actual: Fingerprint,
    },
    /// The choice is no list of the contest.
    Choice {
        /// Lists of the contest.
        lists: u8,
    },
    /// The proof does not hold.
    Proof,
    /// There is no ballot in the batch.
    EmptyBatch,
}

impl fmt::Display for BallotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BallotError::Decode(error) => error.fmt(f),
            BallotError::Lists { expected, actual } => {
                write!(f, "the ballot has {actual} lists where the contest has {expected}")
            }
            BallotError::ForeignContest { expected, actual } => {
                write!(f, "made for contest {actual}, not for {expected}")
            }
            BallotError::Choice { lists } => {
                write!(f, "the choice is neither blank nor one of the lists 1 to {lists}")
            }
            BallotError::Proof => f.write_str("the ballot's proof does not hold"),
            BallotError::EmptyBatch => f.write_str("an empty batch of ballots has nothing to verify"),
        }
    }
}

impl core::error::Error for BallotError {}

impl From<DecodeError> for BallotError {
    fn from(error: DecodeError) -> Self {
        BallotError::Decode(error)
    }
}
