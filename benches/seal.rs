//! Sealing on a device that keeps no tables, with 2, 13 and 50 choices, next to one variable-base
//! multiplication.

mod support;

use std::hint::black_box;

use criterion::Criterion;
use curve25519_dalek::ristretto::RistrettoPoint;
use rand_chacha::ChaCha20Rng;
use support::{contest, only_testing, random_scalar, ratio};
use urne::rand_core::SeedableRng;
use urne::{Choice, Credential, SealedBallot, VotingCode};

const LISTS: [u8; 3] = [1, 12, 49];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let mut group = criterion.benchmark_group("seal");
    for lists in LISTS {
        let contest = contest(lists);
        let credential = Credential::derive(contest.contest(), &VotingCode::generate(&mut rng));
        group.bench_function(format!("{}", lists + 1), |bench| {
            bench.iter(|| {
                SealedBallot::seal(&contest, black_box(Choice::List(1)), &credential, &mut rng).unwrap()
            });
        });
    }
    let point = RistrettoPoint::mul_base(&random_scalar(&mut rng));
    let scalar = random_scalar(&mut rng);
    group.bench_function("multiplication", |bench| bench.iter(|| black_box(&point) * black_box(&scalar)));
    group.finish();
    criterion.final_summary();
    if only_testing() {
        return;
    }
    for lists in LISTS {
        let choices = lists + 1;
        let ours = format!("seal/{choices}");
        ratio(&format!("seal_{choices}"), "multiplication", &ours, "seal/multiplication", 1.0);
    }
}
