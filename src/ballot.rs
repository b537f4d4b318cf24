//! Ballots: sealed by a voter, verified by anyone, opened alone by nobody but their maker, unless a threshold of
//! every panel works together.
//!
//! A ballot's way is one way: [`SealedBallot`] (on the voter's device) → bytes → [`Ballot`] (decoded)
//! → [`VerifiedBallot`] (its proof holds) → [`PartialSum`]. A sealed ballot can instead be
//! [challenged](SealedBallot::challenge): then a second device sees what is in it, and it cannot be cast.
//!
//! # Statement
//!
//! The voter has a nonce `r`, bits `b_1 … b_L`, one for each list, and the secret `s` of a credential. Lists
//! stand in slots as the contest's [`Layout`] says: list `i` in slot `⌈i/κ⌉` with the weight
//! `W_i = M^((i−1) mod κ)`. The ciphertext is
//!
//! ```text
//! R = r·G,   C_j = r·H_j + m_j·G   for j = 1 … J,   where m_j = Σ W_i·b_i over the lists i of slot j:
//! ```
//!
//! ElGamal under one key a slot, all with one nonce. The proof shows, for the public credential `C`:
//!
//! *I know `r`, bits `b_i ∈ {0, 1}` of which at most one is set, and `s`, such that the ciphertext is made of
//! these and `C = s·G`.*
//!
//! No bit set is a blank vote. As `s` is in the proof, the proof is also the voter's signature on the ballot.
//!
//! # Protocol
//!
//! Let `P, N, K, Q, P_1 … P_L` be generators between which nobody knows a relation, and `b_0 = 1 − Σ b_i` the
//! bit of the blank vote. Prover and verifier fill one transcript, in this order:
//!
//! 1. `contest` (fingerprint), `credential` (`C`), `ciphertext` (`R ‖ C_1 … C_J`).
//! 2. `B = β·P + r·N + s·K + μ·Q + Σ b_i·P_i`, a commitment to all of the witness, with fresh `β` and `μ`.
//!    Challenge `y`.
//! 3. With fresh `ρ, σ, α, a_1 … a_L`, and `a_0 = −Σ a_i`, the prover has the two lower coefficients of a
//!    quadratic polynomial: `e_0 = −Σ y^i·a_i²` and `e_1 = Σ y^i·a_i·(1 − 2b_i)`, over `i = 0 … L`. It sends
//!
//!    ```text
//!    A = α·P + ρ·N + σ·K + e_0·Q + Σ a_i·P_i
//!    S = ρ·(G + Σ y^j·H_j) + (Σ y^j·(Σ W_i·a_i over the lists i of slot j) + y^{J+1}·σ)·G
//!    e = e_1 − μ
//!    ```
//!
//!    Challenge `x`.
//! 4. Responses `f_i = a_i + x·b_i`, `z = ρ + x·r`, `k = σ + x·s`, `u = α + x·β`.
//!
//! # Equations
//!
//! With `f_0 = x − Σ f_i`, the verifier checks
//!
//! ```text
//! (1)  A + x·B = u·P + z·N + k·K + Σ f_i·P_i + (Σ_{i=0…L} y^i·f_i·(x − f_i) − x·e)·Q
//! (2)  S + x·(R + Σ y^j·C_j + y^{J+1}·C)
//!          = z·(G + Σ y^j·H_j) + (Σ y^j·(Σ W_i·f_i over the lists i of slot j) + y^{J+1}·k)·G
//! ```
//!
//! An honest ballot passes: `f_i·(x − f_i) = b_i·(1 − b_i)·x² + a_i·(1 − 2b_i)·x − a_i²`, so that the weighted
//! sum is `e_1·x + e_0` for bits, and `e_1 − e` is the `μ` in `B`.
//!
//! # Why it is sound
//!
//! Whoever could open `B` in two ways would know a relation between the generators, and nobody does, trustees
//! included. So `B` fixes `r`, `s`, `μ` and all `b_i` before any challenge. From answers to several `x` under
//! one `y`, (1) gives an opening of `B` and says that the coefficient of `x²` on `Q`,
//! `Σ_{i=0…L} y^i·b_i·(1 − b_i)`, is zero: `e` and `μ` stand with `x` and `1` alone and cannot hide it. It is a
//! polynomial in `y` of degree `L`; zero at `L + 1` challenges, it is zero throughout. Then every `b_i` is a bit,
//! and so is `b_0 = 1 − Σ b_i`: at most one list. Both sides of (2) are polynomials in `y` of degree `J + 1`,
//! with nothing but `G` and the `H_j` on the right; compared coefficient by coefficient they say `R = r·G`,
//! `C_j = r·H_j + m_j·G` with `m_j` of these very bits, and `C = s·G`. Three values of `x` for each of
//! `max(L + 1, J + 2)` values of `y` give the witness (special soundness), and a false statement has at most
//! `max(L, J + 1)` values of `y` that suit it.
//!
//! **Why `y` comes after `B`.** The plaintext of a slot does not say which bits are in it: modulo the group
//! order, `b_1 + M·b_2` takes each value in a great many ways, and a prover that chose its bits after `y` would
//! find some, none of them bits, whose quadratic terms vanish at this one `y`. With `B` in the transcript
//! first it is bound to one choice. The cross terms `e_1` depend on `y`, hence are not in `B`; that they can be
//! sent afterwards, as `e`, before `x` is known, is what lets `B` come first.
//!
//! **Why `μ`.** `e_1` is made of the bits: sent bare, beside responses that are known, it would tell the choice.
//! `μ` hides it, and by being in `B` it takes part in (1) and nowhere else.
//!
//! **Why (1) and (2) stay apart**, each with an announcement and, in a batch, a weight of its own. In their sum
//! the free terms `u·P` and `x·e·Q` would swallow a multiple of `P` or `Q` that a cheater hides in `R` or a
//! `C_j`; such a ballot would count, and the sum of the box could not be opened any more.
//!
//! # Zero knowledge
//!
//! Choose `B`, `e`, `x` and the responses uniformly: then (1) gives `A` and (2) gives `S`. The prover's
//! randomness `(β, μ, ρ, σ, α, a_1 … a_L)` is mapped to `(B, e, f_1 … f_L, z, k, u)` one to one for every
//! witness, so that these look exactly like a prover's: the simulation is perfect. Responses are unique, and
//! `x` alone is programmed, which makes the proof simulation-extractable: nobody makes a ballot out of another
//! without its secrets.
//!
//! # Cost and size
//!
//! `2 + 32·(J + L + 9)` bytes: 866 for 12 lists, two a slot. Three points of proof, whatever `L` is. Verifying
//! decodes `J + 5` points and adds as many to one multiscalar multiplication, which many ballots share.
//!
//! # Sources
//!
//! The commitment to bits and their quadratic polynomial: Groth and Kohlweiss, *One-out-of-Many Proofs*
//! (EUROCRYPT 2015, figure 1), and Bootle, Cerulli, Chaidos, Ghadafi, Groth, Petit, *Short Accountable
//! Ring Signatures* (ESORICS 2015). Many candidates in one plaintext: Cramer, Gennaro and
//! Schoenmakers (EUROCRYPT 1997) and Groth, *Non-interactive Zero-Knowledge Arguments for Voting* (ACNS 2005).
//! One nonce for many keys: Kurosawa (PKC 2002). Fiat–Shamir over several rounds: Attema, Fehr and Klooß
//! (TCC 2022). What must be hashed: Bernhard, Pereira and Warinschi (ASIACRYPT 2012).

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::ristretto::RistrettoPoint;

use crate::contest::{Contest, Fingerprint, Layout};
use crate::credential::{DecodedCredentials, PublicCredential};
use crate::primitives::group::{Element, Limbs};
use crate::primitives::messages::messages;
use crate::primitives::text::count;
use crate::primitives::wire::{DecodeError, Reader};

mod challenge;
mod choice;
mod reference;
mod seal;
mod sealer;
mod statement;
mod stream;
mod sum;
#[cfg(test)]
mod tests;
mod verify;

pub use challenge::{ChallengeError, ChallengedBallot};
pub use choice::Choice;
pub(crate) use choice::SecretChoice;
pub use reference::{BallotReference, ReferenceError};
pub use seal::SealedBallot;
pub use sealer::Sealer;
pub(crate) use stream::{Outcome, ballots_at_a_time, piece, verify_all, verify_piece};
pub use stream::{VerifyStream, verify_stream};
pub use sum::{PartialSum, SealedTally, SumError};
pub use verify::verify_batch;

use statement::Parts;

/// Length in bytes of a ballot for a contest's slots and lists: `2 + 32·(J + L + 9)`.
#[must_use]
pub fn ballot_length(layout: &Layout) -> usize {
    2 + 32 * (layout.slots() + usize::from(layout.lists()) + 9)
}

/// A ballot that decodes for a contest. Nothing is known of its proof yet.
///
/// Every point is decoded once, here, and kept through verification and tally.
#[derive(Clone)]
pub struct Ballot {
    contest: Fingerprint,
    reference: BallotReference,
    bytes: Vec<u8>,
    credential: Element,
    // Boxed, since ballots are moved about by the thousand.
    ciphertext: Box<Ciphertext>,
    proof: Box<BallotProof>,
}

/// `R` and `C_1 … C_J`.
#[derive(Clone)]
pub(crate) struct Ciphertext {
    pub(crate) nonce: RistrettoPoint,
    pub(crate) slots: Vec<RistrettoPoint>,
}

#[derive(Clone)]
#[allow(non_snake_case)]
struct BallotProof {
    B: RistrettoPoint,
    A: RistrettoPoint,
    S: RistrettoPoint,
    e: Limbs,
    f: Vec<Limbs>,
    z: Limbs,
    k: Limbs,
    u: Limbs,
}

impl Ballot {
    /// Decodes a ballot of this contest:
    /// `02 ‖ L ‖ C ‖ R ‖ C_1 … C_J ‖ B ‖ A ‖ S ‖ e ‖ f_1 … f_L ‖ z ‖ k ‖ u`, and nothing else.
    ///
    /// Cost: `J + 5` point decodings, some 7 µs each.
    ///
    /// # Errors
    ///
    /// [`BallotError::Lists`] when it has another number of lists than the contest, and
    /// [`BallotError::Decode`] for every other flaw, with its offset.
    pub fn from_bytes(contest: &Contest, bytes: &[u8]) -> Result<Self, BallotError> {
        Ballot::from_bytes_with(contest, bytes, None)
    }

    /// The same, with the same verdict, where some credentials have been decoded before.
    ///
    /// # Errors
    ///
    /// Those of [`Ballot::from_bytes`].
    #[allow(non_snake_case)]
    pub fn from_bytes_with(
        contest: &Contest,
        bytes: &[u8],
        decoded: Option<&DecodedCredentials>,
    ) -> Result<Self, BallotError> {
        let layout = contest.layout();
        let mut reader = Reader::versioned(bytes)?;
        let (expected, actual) = (layout.lists(), reader.byte()?);
        if actual != expected {
            return Err(BallotError::Lists { expected, actual });
        }
        let expected = ballot_length(layout);
        match bytes.len() {
            actual if actual < expected => return Err(DecodeError::TooShort { expected, actual }.into()),
            actual if actual > expected => return Err(DecodeError::TooLong { expected, actual }.into()),
            _ => (),
        }
        let known = reader.rest().first_chunk().and_then(|encoding| decoded?.get(encoding));
        let credential = match known {
            Some(credential) => reader.slice(32).map(|_| credential)?,
            None => reader.element()?,
        };
        let ciphertext = Box::new(Ciphertext {
            nonce: *reader.element()?.point(),
            slots: reader.many(layout.slots(), 32, |r| r.element().map(|e| *e.point()))?,
        });
        let (B, A, S) = (reader.element()?, reader.element()?, reader.element()?);
        let e = reader.limbs()?;
        let f = reader.many(layout.lists().into(), 32, Reader::limbs)?;
        let (z, k, u) = (reader.limbs()?, reader.limbs()?, reader.limbs()?);
        reader.finish()?;
        Ok(Ballot {
            contest: contest.fingerprint(),
            reference: BallotReference::of(contest, bytes),
            bytes: bytes.to_vec(),
            credential,
            ciphertext,
            proof: Box::new(BallotProof { B: *B.point(), A: *A.point(), S: *S.point(), e, f, z, k, u }),
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
        self.credential.into()
    }

    /// The contest that the ballot was decoded for.
    #[must_use]
    pub fn contest(&self) -> Fingerprint {
        self.contest
    }

    /// The encoding of `R`, which no two ballots of a box may share.
    #[must_use]
    pub fn nonce(&self) -> [u8; 32] {
        statement::nonce(&self.bytes)
    }

    /// Verifies the proof: a batch of one. See [`verify_batch`].
    ///
    /// # Errors
    ///
    /// [`BallotError::Proof`], or [`BallotError::ForeignContest`] when the ballot was decoded for another
    /// contest.
    pub fn verify(self, contest: &Contest) -> Result<VerifiedBallot, BallotError> {
        verify::verify_one(contest, self)
    }

    fn parts(&self) -> Parts<'_> {
        Parts::of(&self.bytes, self.ciphertext.slots.len())
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
        VerifiedBallot { contest, reference, bytes, credential: credential.into(), ciphertext }
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
        statement::nonce(&self.bytes)
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

messages! { BallotError: "ballot";
    Decode(error) => of error;
    Lists { expected, actual } => "lists",
        "the ballot has {} where the contest has {expected}", count(*actual, "list");
    ForeignContest { expected, actual } => "foreign-contest", "made for contest {actual}, not for {expected}";
    Choice { lists } => "choice", "the choice is neither blank nor one of the lists 1 to {lists}";
    Proof => "proof", "the ballot's proof does not hold";
    EmptyBatch => "empty-batch", "an empty batch of ballots has nothing to verify";
}

impl core::error::Error for BallotError {}

impl From<DecodeError> for BallotError {
    fn from(error: DecodeError) -> Self {
        BallotError::Decode(error)
    }
}
