//! Opening the tally: each trustee's decryption factors, and the result from any `t` of them.
//!
//! # Statement and protocol
//!
//! Trustee `j`, who holds `x_{j,s}` with `V_{j,s} = x_{j,s}·G` public, publishes
//! `D_{j,s} = x_{j,s}·ΣR` for every list `s`, and proves that it used the same `x_{j,s}`. One proof
//! serves all lists: a challenge `w`, drawn after the factors, folds them into
//! `X = Σ w^{s−1}·V_{j,s}` and `Z = Σ w^{s−1}·D_{j,s}`, and a proof that `X` and `Z` have the same
//! logarithm to the bases `G` and `ΣR` (Chaum and Pedersen 1992) does the rest. A false factor would
//! have to vanish in a polynomial of degree below 255 at a random `w`.
//!
//! The transcript holds contest, closing, count, sums, trustee, keys and factors, then `w`, `T1`, `T2`.
//! 64 bytes and two double multiplications a trustee, whatever the number of lists.
//!
//! # Opening
//!
//! With Lagrange coefficients `λ_j` at 0 over any `t` trustees, `M_s = ΣC_s − Σ_j λ_j·D_{j,s}` is
//! `v_s·G`, and `v_s`, the votes of list `s`, is found by baby-step giant-step in `0…count`.

use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use rand_core::CryptoRng;

use crate::closed_box::{ClosedBox, ClosingDigest};
use crate::contest::{Contest, Fingerprint, SignatureError, TrusteeSignature};
use crate::group::{DiscreteLogError, Element, PackedLogTable, concat, vartime_sum};
use crate::key::{TrusteeIndex, lagrange_at_zero, powers};
use crate::labels::{self, item};
use crate::proof::{Proof, Rejected};
use crate::tally::SealedTally;
use crate::transcript::Transcript;
use crate::wire::{DecodeError, Reader, serde_bytes};

#[cfg(test)]
mod tests;

/// A trustee's word that it verified this closed box. See [`Trustee::endorse`](crate::Trustee::endorse).
pub type Endorsement = TrusteeSignature;

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
    /// The transcript with the whole statement in it, and the challenge that folds the lists.
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

/// A trustee's decryption factors for one closed box, with their proof.
#[derive(Clone, PartialEq, Eq)]
pub struct DecryptionFactors {
    trustee: TrusteeIndex,
    factors: Vec<Element>,
    proof: Proof,
}

impl DecryptionFactors {
    /// Factors from secret shares. Constant-time in the shares.
    pub(crate) fn new<R: CryptoRng + ?Sized>(
        contest: &Contest,
        closing: ClosingDigest,
        tally: &SealedTally,
        trustee: TrusteeIndex,
        shares: &[Scalar],
        rng: &mut R,
    ) -> Self {
        let nonce = tally.nonce_element().point();
        let shares = || shares.iter().take(contest.lists().into());
        let factors: Vec<Element> = shares().map(|share| Element::from(nonce * share)).collect();
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
        let witness =
            zeroize::Zeroizing::new(powers(&w).zip(shares()).map(|(power, x)| power * x).sum::<Scalar>());
        let proof = Proof::of_equality(transcript, nonce, &witness, rng);
        DecryptionFactors { trustee, factors, proof }
    }

    /// Reads factors from canonical encodings, one a list, as they stand in a record.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] when one of them is not a point; its offset is 32 times the list's position.
    pub fn from_encodings(
        trustee: TrusteeIndex,
        factors: &[[u8; 32]],
        proof: Proof,
    ) -> Result<Self, DecodeError> {
        let bytes = factors.concat();
        let factors = Reader::new(&bytes).many(factors.len(), 32, Reader::sum)?;
        Ok(DecryptionFactors { trustee, factors, proof })
    }

    /// Whose factors these are, or are said to be.
    #[must_use]
    pub fn trustee(&self) -> TrusteeIndex {
        self.trustee
    }

    /// The encodings of the factors, one a list.
    #[must_use]
    pub fn factors(&self) -> Vec<[u8; 32]> {
        self.factors.iter().map(|factor| *factor.encoding()).collect()
    }

    /// The proof that they are right.
    #[must_use]
    pub fn proof(&self) -> &Proof {
        &self.proof
    }

    /// Checks the factors against the public key, for one closing and its sums.
    pub(crate) fn verify(
        &self,
        contest: &Contest,
        closing: ClosingDigest,
        tally: &SealedTally,
    ) -> Result<(), FactorError> {
        let trustee = self.trustee;
        if !contest.threshold().contains(trustee) {
            let trustees = contest.threshold().trustees();
            return Err(FactorError::UnknownTrustee { trustee, trustees });
        }
        let expected = usize::from(contest.lists());
        if self.factors.len() != expected {
            return Err(FactorError::Count { trustee, expected, actual: self.factors.len() });
        }
        let keys = contest.key().verification_elements(trustee);
        let statement = Statement {
            contest: contest.fingerprint(),
            closing,
            tally,
            trustee,
            keys: &keys,
            factors: &self.factors,
        };
        let (transcript, w) = statement.transcript();
        self.proof
            .verify_equality(
                transcript,
                &fold(&w, &keys),
                tally.nonce_element().point(),
                &fold(&w, &self.factors),
            )
            .map_err(|Rejected| FactorError::Proof { trustee })
    }

    /// `01 ‖ trustee ‖ L ‖ D_1 … D_L ‖ c ‖ z`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let lists = u8::try_from(self.factors.len()).unwrap_or(u8::MAX);
        let mut bytes = alloc::vec![labels::WIRE_VERSION, self.trustee.get(), lists];
        bytes.extend(concat(&self.factors));
        bytes.extend(self.proof.to_bytes());
        bytes
    }

    /// Reads what [`DecryptionFactors::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::versioned(bytes)?;
        let offset = reader.offset();
        let trustee = TrusteeIndex::new(reader.byte()?).ok_or(DecodeError::Number { offset })?;
        let lists = usize::from(reader.byte()?);
        let factors = reader.many(lists, 32, Reader::sum)?;
        let proof = Proof::read(&mut reader)?;
        reader.finish()?;
        Ok(DecryptionFactors { trustee, factors, proof })
    }
}

impl fmt::Debug for DecryptionFactors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecryptionFactors").field("trustee", &self.trustee).finish_non_exhaustive()
    }
}

serde_bytes!(DecryptionFactors, DecryptionFactors::from_bytes);

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
    /// The trustee has given factors already.
    Repeated {
        /// The trustee.
        trustee: TrusteeIndex,
    },
    /// There is not one factor a list.
    Count {
        /// The trustee.
        trustee: TrusteeIndex,
        /// How many lists there are.
        expected: usize,
        /// How many factors.
        actual: usize,
    },
    /// The proof does not hold: for this closing and these sums the factors are false.
    Proof {
        /// The trustee.
        trustee: TrusteeIndex,
    },
}

impl FactorError {
    /// The trustee whose factors are refused.
    #[must_use]
    pub fn trustee(&self) -> TrusteeIndex {
        match self {
            FactorError::UnknownTrustee { trustee, .. }
            | FactorError::Repeated { trustee }
            | FactorError::Count { trustee, .. }
            | FactorError::Proof { trustee } => *trustee,
        }
    }
}

impl fmt::Display for FactorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FactorError::UnknownTrustee { trustee, trustees } => {
                write!(f, "there is no trustee {trustee} among {trustees}")
            }
            FactorError::Repeated { trustee } => write!(f, "trustee {trustee} gave factors twice"),
            FactorError::Count { trustee, expected, actual } => {
                write!(f, "trustee {trustee} gave {actual} factors for {expected} lists")
            }
            FactorError::Proof { trustee } => {
                write!(f, "the decryption factors of trustee {trustee} are false: their proof does not hold")
            }
        }
    }
}

impl core::error::Error for FactorError {}

/// The votes of a contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElectionResult {
    votes: Vec<u64>,
    blank: u64,
}

impl ElectionResult {
    /// Votes of each list, in order of the lists.
    #[must_use]
    pub fn votes(&self) -> &[u64] {
        &self.votes
    }

    /// Blank votes.
    #[must_use]
    pub fn blank(&self) -> u64 {
        self.blank
    }
}

/// A tally that trustees have opened.
#[derive(Clone, Debug)]
pub struct OpenedTally {
    result: ElectionResult,
    endorsements: Vec<Endorsement>,
    factors: Vec<DecryptionFactors>,
    rejected: Vec<FactorError>,
}

impl OpenedTally {
    /// Opens the tally of a closed box with the factors of any `t` trustees.
    ///
    /// False factors are left out and their trustees named in [`OpenedTally::rejected`]; an empty box
    /// needs no factors, and none are kept.
    ///
    /// # Errors
    ///
    /// [`OpeningError::Endorsement`] when an endorsement is false or repeated,
    /// [`OpeningError::Quorum`] when there are too few, and [`OpeningError::TooFew`] when fewer than
    /// `t` trustees gave good factors, with what was wrong with the others.
    pub fn open(
        closed: &ClosedBox,
        endorsements: &[Endorsement],
        factors: &[DecryptionFactors],
    ) -> Result<Self, OpeningError> {
        let contest = closed.contest().contest();
        check_quorum(contest, closed.digest(), endorsements)?;
        let mut endorsements = endorsements.to_vec();
        endorsements.sort_by_key(TrusteeSignature::trustee);

        let tally = closed.tally();
        let mut good: Vec<DecryptionFactors> = Vec::new();
        let mut rejected = Vec::new();
        if tally.count() > 0 {
            for candidate in factors {
                let trustee = candidate.trustee;
                match candidate.verify(contest, closed.digest(), tally) {
                    Ok(()) if good.iter().any(|other| other.trustee == trustee) => {
                        rejected.push(FactorError::Repeated { trustee });
                    }
                    Ok(()) => good.push(candidate.clone()),
                    Err(error) => rejected.push(error),
                }
            }
        }
        good.sort_by_key(DecryptionFactors::trustee);
        let result = match combine(contest, tally, &good) {
            Err(OpeningError::TooFew { required, good, .. }) => {
                return Err(OpeningError::TooFew { required, good, rejected });
            }
            other => other?,
        };
        Ok(OpenedTally { result, endorsements, factors: good, rejected })
    }

    /// The votes.
    #[must_use]
    pub fn result(&self) -> &ElectionResult {
        &self.result
    }

    /// The endorsements of the closing, in order of the trustees.
    #[must_use]
    pub fn endorsements(&self) -> &[Endorsement] {
        &self.endorsements
    }

    /// The good factors, in order of the trustees.
    #[must_use]
    pub fn factors(&self) -> &[DecryptionFactors] {
        &self.factors
    }

    /// What was left out, and whose it was.
    #[must_use]
    pub fn rejected(&self) -> &[FactorError] {
        &self.rejected
    }
}

/// Checks that at least a quorum of distinct trustees endorse this closing, and that every endorsement
/// given is good.
pub(crate) fn check_quorum(
    contest: &Contest,
    closing: ClosingDigest,
    endorsements: &[Endorsement],
) -> Result<(), OpeningError> {
    contest
        .verify_signatures(labels::PURPOSE_ENDORSEMENT, closing.as_bytes(), endorsements)
        .map_err(OpeningError::Endorsement)?;
    if endorsements.len() < usize::from(contest.quorum()) {
        return Err(OpeningError::Quorum { required: contest.quorum(), actual: endorsements.len() });
    }
    Ok(())
}

/// The result from the factors of the `t` lowest trustees, all of them good and in order.
pub(crate) fn combine(
    contest: &Contest,
    tally: &SealedTally,
    factors: &[DecryptionFactors],
) -> Result<ElectionResult, OpeningError> {
    let count = tally.count();
    let required = usize::from(contest.threshold().required());
    if count == 0 {
        return Ok(ElectionResult { votes: alloc::vec![0; contest.lists().into()], blank: 0 });
    }
    let factors = factors.get(..required).ok_or(OpeningError::TooFew {
        required: contest.threshold().required(),
        good: factors.len(),
        rejected: Vec::new(),
    })?;
    let messages = messages(tally, factors);
    let votes = find_votes(count, &messages)?;
    let cast = votes.iter().try_fold(0, |sum: u64, votes| sum.checked_add(*votes));
    let blank = cast.and_then(|cast| count.checked_sub(cast)).ok_or(OpeningError::Votes { count })?;
    Ok(ElectionResult { votes, blank })
}

/// `M_s = ΣC_s − Σ_j λ_j·D_{j,s}` for every list.
pub(crate) fn messages(tally: &SealedTally, factors: &[DecryptionFactors]) -> Vec<RistrettoPoint> {
    let trustees: Vec<_> = factors.iter().map(DecryptionFactors::trustee).collect();
    let lambdas = lagrange_at_zero(&trustees);
    tally
        .choice_elements()
        .iter()
        .enumerate()
        .map(|(list, sum)| {
            let of_list = factors.iter().filter_map(|factors| factors.factors.get(list));
            sum.point() - vartime_sum(lambdas.iter().copied().zip(of_list.map(Element::point)))
        })
        .collect()
}

fn find_votes(count: u64, messages: &[RistrettoPoint]) -> Result<Vec<u64>, OpeningError> {
    let in_list = |list| move |error| OpeningError::NoLogarithm { list, error };
    let table = PackedLogTable::new(count, count.saturating_add(1), 1).map_err(in_list(1))?;
    let mut votes = Vec::new();
    for (list, message) in (1..=u8::MAX).zip(messages) {
        votes.extend(table.find_point_vartime(message, 1, count).map_err(in_list(list))?);
    }
    Ok(votes)
}

/// Why a tally cannot be opened.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpeningError {
    /// An endorsement is false, repeated, or by nobody.
    Endorsement(SignatureError),
    /// Too few trustees have endorsed the closing.
    Quorum {
        /// How many must.
        required: u8,
        /// How many have.
        actual: usize,
    },
    /// Too few trustees gave good factors.
    TooFew {
        /// How many must.
        required: u8,
        /// How many did.
        good: usize,
        /// What was wrong with the others.
        rejected: Vec<FactorError>,
    },
    /// A total is not a number of votes within the count, so something that was verified is false.
    NoLogarithm {
        /// The list, from 1.
        list: u8,
        /// What the search says.
        error: DiscreteLogError,
    },
    /// The lists have more votes together than there are ballots.
    Votes {
        /// How many ballots there are.
        count: u64,
    },
}

impl fmt::Display for OpeningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpeningError::Endorsement(error) => write!(f, "endorsement: {error}"),
            OpeningError::Quorum { required, actual } => {
                write!(f, "{actual} trustees endorse the closing where {required} must")
            }
            OpeningError::TooFew { required, good, rejected } => {
                write!(f, "{good} trustees gave good decryption factors where {required} must")?;
                rejected.iter().try_for_each(|error| write!(f, "; {error}"))
            }
            OpeningError::NoLogarithm { list, error } => write!(f, "total of list {list}: {error}"),
            OpeningError::Votes { count } => {
                write!(f, "the lists have more votes than the {count} ballots")
            }
        }
    }
}

impl core::error::Error for OpeningError {}
