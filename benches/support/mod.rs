//! What the benches share: contests, ballots, the cost of the arithmetic alone, and ratios of figures
//! that were measured in the same run.
#![allow(dead_code)]

#[path = "../../examples/common/mod.rs"]
pub mod common;
pub mod plot;

use std::hint::black_box;
use std::path::Path;

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::VartimeMultiscalarMul;
use rand_chacha::ChaCha20Rng;
use urne::rand_core::{Rng, SeedableRng};
use urne::{
    ApprovedContest, BoxSecretKey, Choice, Credential, SealedBallot, Threshold, VerifiedBallot, VotingCode,
};

/// A contest with a key that one trustee made; fixed seed.
pub fn contest(lists: u8) -> ApprovedContest {
    let mut rng = ChaCha20Rng::seed_from_u64(lists.into());
    let threshold = Threshold::new(1, 1).unwrap();
    let (key, trustees) = common::run_ceremony("bench", threshold, lists, &mut rng).unwrap();
    let box_key = BoxSecretKey::generate(&mut rng);
    common::approved_contest(lists, &key, &trustees, &box_key, &mut rng).unwrap()
}

/// So many ballots, as bytes, from a pool of at most 256 that repeat.
pub fn ballots(contest: &ApprovedContest, count: usize) -> Vec<Vec<u8>> {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let lists = contest.contest().lists();
    let pool: Vec<_> = (0..=lists)
        .cycle()
        .take(count.min(256))
        .map(|number| {
            let choice = if number == 0 { Choice::Blank } else { Choice::List(number) };
            let credential = Credential::derive(contest.contest(), &VotingCode::generate(&mut rng));
            SealedBallot::seal(contest, choice, &credential, &mut rng).unwrap().cast()
        })
        .collect();
    pool.iter().cycle().take(count).cloned().collect()
}

pub fn random_scalar(rng: &mut ChaCha20Rng) -> Scalar {
    let mut wide = [0; 64];
    rng.fill_bytes(&mut wide);
    Scalar::from_bytes_mod_order_wide(&wide)
}

/// The arithmetic that no verifier of this proof can do without, for so many ballots: decode `L + 5`
/// points each, and multiply them all in one multiscalar multiplication with scalars of full size.
pub struct Limit {
    encodings: Vec<CompressedRistretto>,
    scalars: Vec<Scalar>,
}

impl Limit {
    pub fn new(lists: u8, ballots: usize) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let count = ballots * (usize::from(lists) + 5);
        let scalars: Vec<_> = (0..count).map(|_| random_scalar(&mut rng)).collect();
        let pool: Vec<_> =
            scalars.iter().take(1024).map(|s| RistrettoPoint::mul_base(s).compress()).collect();
        let encodings = pool.iter().cycle().take(count).copied().collect();
        Limit { encodings, scalars }
    }

    pub fn run(&self) -> RistrettoPoint {
        let points: Vec<_> = self.encodings.iter().map(|e| e.decompress().unwrap()).collect();
        RistrettoPoint::vartime_multiscalar_mul(black_box(&self.scalars), &points)
    }
}

/// All verified ballots, none of which may be refused.
pub fn take_all<E: std::fmt::Debug>(
    verdicts: impl Iterator<Item = Result<VerifiedBallot, E>>,
) -> Vec<VerifiedBallot> {
    verdicts.map(Result::unwrap).collect()
}

/// Prints `ratio NAME AGAINST VALUE`, the first measurement's median over the second's times `scale`, if
/// this run measured both. The names are Criterion's: `group/function`.
pub fn ratio(name: &str, against: &str, ours: &str, theirs: &str, scale: f64) {
    if let (Some(ours), Some(theirs)) = (median(ours), median(theirs)) {
        println!("ratio {name} {against} {:.3}", ours / (theirs * scale));
    }
}

fn median(id: &str) -> Option<f64> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("target/criterion").join(id).join("new/estimates.json");
    let estimates: serde_json::Value = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    estimates["median"]["point_estimate"].as_f64()
}

/// Whether Criterion only runs everything once, so that there is nothing to compare.
pub fn only_testing() -> bool {
    std::env::args().any(|argument| argument == "--test")
}
