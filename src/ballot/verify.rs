//! Verification: many ballots in one multiscalar multiplication.

use alloc::vec::Vec;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};

use super::statement::{Beginning, Rounds};
use super::{Ballot, BallotError, BallotProof, VerifiedBallot};
use crate::contest::Contest;
use crate::primitives::group::{Limbs, SmallMultiples, SumOfProducts};
use crate::primitives::labels::{self, item};
use crate::primitives::parallel;
use crate::primitives::transcript::Transcript;

/// Ballots that share one multiscalar multiplication. With fewer, the part of it that does not depend on its
/// size weighs more (4 % at 256); with more, nothing is gained.
const CHUNK: usize = 1024;
/// Batches up to this size use the multiples made in advance of the fixed points. The sum is the same either
/// way, so the comparison with it decides nothing but the time that verification takes.
const FEW: usize = 8;
/// Into how many batches a failed one is cut. Of two, a chunk of nothing but bad ballots would be summed some
/// ten times over before each is alone; of so many, four times.
const CUTS: usize = 8;

/// Verifies ballots together and gives each one's own verdict, in order.
///
/// Every equation of every ballot gets a 128-bit weight from a transcript of all proofs in the batch,
/// and the weighted sum is one multiscalar multiplication, in which the fixed points appear once. There
/// is no RNG. When the sum is not zero the batch is cut into eight, and so on until the bad ballots are alone:
/// a flood of bad ballots takes less than 2.5 times as long as verifying each of them alone.
///
/// Batches of more than 1,024 are cut into pieces; with the feature `parallel` these are spread over rayon's
/// threads. Memory beyond the ballots themselves is some 4 MB a thread. Decoding is apart from this: to
/// verify from wire bytes, [`verify_stream`](super::verify_stream) does both on all threads, in bounded
/// memory.
///
/// # Errors
///
/// [`BallotError::EmptyBatch`] for no ballots, [`BallotError::ForeignContest`] when any ballot was
/// decoded for another contest. Inside, [`BallotError::Proof`] for each ballot whose proof fails.
pub fn verify_batch(
    contest: &Contest,
    ballots: Vec<Ballot>,
) -> Result<Vec<Result<VerifiedBallot, BallotError>>, BallotError> {
    if ballots.is_empty() {
        return Err(BallotError::EmptyBatch);
    }
    ballots.iter().try_for_each(|ballot| check_contest(contest, ballot))?;
    let chunks: Vec<_> = ballots.chunks(parallel::share(ballots.len(), CHUNK)).collect();
    let verdicts: Vec<_> = parallel::map(&chunks, |chunk| verdicts(contest, chunk)).concat();
    Ok(ballots
        .into_iter()
        .zip(verdicts)
        .map(|(ballot, verdict)| verdict.map(|()| VerifiedBallot::from_verified(ballot)))
        .collect())
}

/// A batch of one.
pub(super) fn verify_one(contest: &Contest, ballot: Ballot) -> Result<VerifiedBallot, BallotError> {
    check_contest(contest, &ballot)?;
    check(contest, &[Prepared::new(Beginning::new(&ballot.contest), &ballot)])?;
    Ok(VerifiedBallot::from_verified(ballot))
}

fn check_contest(contest: &Contest, ballot: &Ballot) -> Result<(), BallotError> {
    if ballot.contest == contest.fingerprint() {
        Ok(())
    } else {
        Err(BallotError::ForeignContest { expected: contest.fingerprint(), actual: ballot.contest })
    }
}

/// The verdict of each, in order. All are of this contest.
pub(super) fn verdicts(contest: &Contest, ballots: &[Ballot]) -> Vec<Result<(), BallotError>> {
    let beginning = Beginning::new(&contest.fingerprint());
    let prepared: Vec<_> = ballots.iter().map(|ballot| Prepared::new(beginning.clone(), ballot)).collect();
    let mut verdicts = Vec::with_capacity(ballots.len());
    find_bad(&prepared, &|batch| check(contest, batch), &mut verdicts);
    verdicts
}

/// Appends the verdict of each ballot in the slice, from the verdicts of batches.
pub(super) fn find_bad<T>(
    batch: &[T],
    check: &impl Fn(&[T]) -> Result<(), BallotError>,
    verdicts: &mut Vec<Result<(), BallotError>>,
) {
    let verdict = check(batch);
    if verdict.is_ok() || batch.len() <= 1 {
        verdicts.extend(batch.iter().map(|_| verdict));
    } else {
        batch.chunks(batch.len().div_ceil(CUTS)).for_each(|cut| find_bad(cut, check, verdicts));
    }
}

/// A ballot with its challenges: all of the verification that does not depend on the batch.
pub(super) struct Prepared<'a> {
    ballot: &'a Ballot,
    y: Scalar,
    x: Scalar,
    /// `Σ_{i=0…L} y^i·f_i·(x − f_i) − x·e`, the coefficient of `Q`.
    quadratic: Limbs,
    /// Of the whole proof, responses included.
    digest: [u8; 32],
}

impl<'a> Prepared<'a> {
    /// `beginning` is that of the ballot's contest.
    pub(super) fn new(beginning: Beginning, ballot: &'a Ballot) -> Self {
        let parts = ballot.parts();
        let (mut rounds, y) = beginning.rounds(parts.credential, parts.ciphertext, parts.B);
        let x = rounds.announce(parts.A, parts.S, parts.e);
        Prepared::with_challenges(ballot, y, x, rounds)
    }

    pub(super) fn with_challenges(ballot: &'a Ballot, y: Scalar, x: Scalar, rounds: Rounds) -> Self {
        let BallotProof { e, f, .. } = &*ballot.proof;
        let (x_limbs, y_limbs) = (Limbs::from(&x), Limbs::from(&y));
        let f_0 = f.iter().fold(x_limbs, |rest, f_i| rest.minus(f_i));
        // Horner's rule, from i = L down to 0.
        let sum = f.iter().rev().chain([&f_0]).fold(Limbs::ZERO, |sum, f_i| {
            let mut next = SumOfProducts::default();
            next.add(&sum, &y_limbs);
            next.add(f_i, &x_limbs.minus(f_i));
            Limbs::from(&next.reduce())
        });
        let mut cross = SumOfProducts::default();
        cross.add(&x_limbs, e);
        let quadratic = sum.minus(&Limbs::from(&cross.reduce()));
        Prepared { ballot, y, x, quadratic, digest: rounds.digest(ballot.parts().responses) }
    }
}

/// Whether the weighted sum of all equations is zero.
pub(super) fn check(contest: &Contest, batch: &[Prepared<'_>]) -> Result<(), BallotError> {
    check_weighted(contest, batch, weights(contest, batch))
}

/// Two weights a ballot, for its equations (1) and (2), from a transcript of all proofs.
pub(super) fn weights<'a>(
    contest: &Contest,
    batch: &'a [Prepared<'_>],
) -> impl Iterator<Item = (Scalar, Scalar)> + use<'a> {
    let mut transcript = Transcript::new(labels::BATCH);
    transcript.append(item::CONTEST, contest.fingerprint().as_bytes());
    for prepared in batch {
        transcript.append(item::BALLOT, &prepared.digest);
    }
    let mut weight = move || {
        let weight = u128::from_le_bytes(transcript.challenge_bytes(item::WEIGHT));
        Scalar::from(if weight == 0 { 1 } else { weight })
    };
    batch.iter().map(move |_| (weight(), weight()))
}

/// The equations, weighted and summed; `W_i` is the weight of list `i` in its slot:
///
/// ```text
/// (1)  A + x·B − u·P − z·N − k·K − Σ f_i·P_i − q·Q
/// (2)  S + x·(R + Σ y^j·C_j + y^{J+1}·C) − z·(G + Σ y^j·H_j) − (Σ y^j·(Σ W_i·f_i) + y^{J+1}·k)·G
/// ```
#[allow(non_snake_case)]
pub(super) fn check_weighted(
    contest: &Contest,
    batch: &[Prepared<'_>],
    weights: impl Iterator<Item = (Scalar, Scalar)>,
) -> Result<(), BallotError> {
    let layout = contest.layout();
    let (lists, slots) = (usize::from(layout.lists()), layout.slots());
    // Of the vectors, which would grow if it were too small.
    let size = batch.len() * (slots + 5) + lists + slots + 5;
    let mut scalars = Vec::with_capacity(size);
    let mut points: Vec<&RistrettoPoint> = Vec::with_capacity(size);
    // Coefficients of the fixed points, to be subtracted.
    let [mut G, mut P, mut N, mut K, mut Q] = [SumOfProducts::default(); 5];
    let mut P_i = alloc::vec![SumOfProducts::default(); lists];
    let mut H_j = alloc::vec![SumOfProducts::default(); slots];

    for (prepared, (first, second)) in batch.iter().zip(weights) {
        let Prepared { ballot, y, x, quadratic, digest: _ } = prepared;
        let proof = &ballot.proof;
        scalars.extend([first, first * x, second, second * x]);
        points.extend([&proof.A, &proof.B, &proof.S, &ballot.ciphertext.nonce]);
        let first = Limbs::from(&first);
        P.add(&first, &proof.u);
        N.add(&first, &proof.z);
        K.add(&first, &proof.k);
        Q.add(&first, quadratic);
        G.add(&Limbs::from(&second), &proof.z);
        for (f_i, P_i) in proof.f.iter().zip(&mut P_i) {
            P_i.add(&first, f_i);
        }
        // second·y^j
        let mut power = second;
        for ((C_j, f_i), H_j) in ballot.ciphertext.slots.iter().zip(layout.slices(&proof.f)).zip(&mut H_j) {
            power *= y;
            scalars.push(power * x);
            points.push(C_j);
            let mut plain = SmallMultiples::default();
            for (f_i, weight) in f_i.iter().zip(layout.weights()) {
                plain.add(f_i, *weight);
            }
            let power = Limbs::from(&power);
            H_j.add(&power, &proof.z);
            G.add_multiples(&power, &plain);
        }
        power *= y;
        scalars.push(power * x);
        points.push(ballot.credential.point());
        G.add(&Limbs::from(&power), &proof.k);
    }

    let fixed: Vec<Scalar> =
        [G, P, N, K, Q].iter().chain(&P_i).chain(&H_j).map(|sum| -sum.reduce()).collect();
    let sum = if batch.len() <= FEW {
        contest.fixed_multiples().vartime_sum(fixed, scalars, points)
    } else {
        scalars.extend(fixed);
        points.extend(contest.fixed_points());
        RistrettoPoint::vartime_multiscalar_mul(scalars, points)
    };
    if sum.is_identity() { Ok(()) } else { Err(BallotError::Proof) }
}
