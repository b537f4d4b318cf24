//! Sealing on a device that keeps no tables, with 2, 13 and 50 choices, and next to one variable-base
//! multiplication, measured in pairs (see `support/pairs.rs`).

mod support;

use std::hint::black_box;

use criterion::Criterion;
use curve25519_dalek::ristretto::RistrettoPoint;
use rand_chacha::ChaCha20Rng;
use support::pairs::{Side, ratios};
use support::{contest, random_scalar};
use urne::rand_core::SeedableRng;
use urne::{ApprovedContest, Choice, Credential, SealedBallot, VotingCode};

const LISTS: [u8; 3] = [1, 12, 49];

fn seal(contest: &ApprovedContest, credential: &Credential, rng: &mut ChaCha20Rng) -> SealedBallot {
    SealedBallot::seal(contest, black_box(Choice::List(1)), credential, rng).unwrap()
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let contests: Vec<_> = LISTS
        .iter()
        .map(|lists| {
            let contest = contest(*lists);
            let credential = Credential::derive(contest.contest(), &VotingCode::generate(&mut rng));
            (lists + 1, contest, credential)
        })
        .collect();
    let mut group = criterion.benchmark_group("seal");
    for (choices, contest, credential) in &contests {
        group.bench_function(choices.to_string(), |bench| {
            bench.iter(|| seal(contest, credential, &mut rng));
        });
    }
    group.finish();
    criterion.final_summary();

    let point = RistrettoPoint::mul_base(&random_scalar(&mut rng));
    let scalar = random_scalar(&mut rng);
    let mut multiplication = Side::new(1, || black_box(&point) * black_box(&scalar));
    for (choices, contest, credential) in &contests {
        let mut ours = Side::new(1, || seal(contest, credential, &mut rng));
        ratios(&mut ours, &mut multiplication).print(&format!("seal_{choices}"), "multiplication");
    }
}
