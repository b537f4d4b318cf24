//! Deposits, against each other and against verification:
//!
//! - one deposit, whole (checks, verification, log entry, émargement, head and path), into a box that holds 10^3 and
//!   10^5 ballots already: it costs one verification and O(log n) hashing, so the two should be alike;
//! - the same ballot sent again, against the first time: it is answered without verification;
//! - a flood of bad ballots in one batch, against verifying each of them alone.
//!
//! Filling the boxes takes a minute or two and is not measured.

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "support/polls.rs"]
mod polls;

use std::time::{Duration, Instant};

use common::OPENS_AT;
use criterion::{BenchmarkId, Criterion, SamplingMode};
use polls::Polls;
use urne::{Ballot, VoterId};

const SIZES: [u64; 2] = [1_000, 100_000];
/// Deposits that are timed in one go.
const AT_A_TIME: usize = 32;
/// How often two sides are compared.
const PAIRS: usize = 31;
/// Criterion asks for about twenty goes.
const SPARE: usize = (40 + 2 * PAIRS) * AT_A_TIME;
/// Bad ballots in a flood.
const FLOOD: usize = 1_024;

/// A box, and the ballots of voters who have entered their codes and not voted yet.
struct Filled {
    polls: Polls,
    waiting: Vec<(VoterId, Vec<u8>)>,
}

impl Filled {
    fn new(size: u64, spare: u64) -> Self {
        let mut polls = Polls::new(size + spare, size, 1);
        let waiting = polls.activate(size..size + spare);
        Filled { polls, waiting }
    }

    fn next(&mut self) -> Vec<(VoterId, Vec<u8>)> {
        self.waiting.split_off(self.waiting.len() - AT_A_TIME)
    }

    /// How long these deposits take, each in a transaction of its own.
    fn deposit(&mut self, deposits: &[(VoterId, Vec<u8>)]) -> f64 {
        let start = Instant::now();
        for (voter, ballot) in deposits {
            let mut transaction = self.polls.ballot_box.transaction();
            transaction.deposit(voter, ballot, OPENS_AT).unwrap();
            transaction.stored();
        }
        start.elapsed().as_secs_f64()
    }

    fn flood(&mut self, bad: &[(VoterId, Vec<u8>)]) -> f64 {
        let start = Instant::now();
        let mut transaction = self.polls.ballot_box.transaction();
        assert!(transaction.deposit_batch(bad, OPENS_AT).iter().all(Result::is_err));
        start.elapsed().as_secs_f64()
    }

    fn alone(&self, bad: &[(VoterId, Vec<u8>)]) -> f64 {
        let contest = self.polls.contest.contest();
        let start = Instant::now();
        for (_, ballot) in bad {
            assert!(Ballot::from_bytes(contest, ballot).unwrap().verify(contest).is_err());
        }
        start.elapsed().as_secs_f64()
    }
}

fn main() {
    let only_testing = std::env::args().any(|argument| argument == "--test");
    let mut criterion = Criterion::default()
        .configure_from_args()
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(200));
    let mut group = criterion.benchmark_group("deposit");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    // Only to see that it runs, a hundredth will do.
    let share = if only_testing { 100 } else { 1 };
    let spare = u64::try_from(SPARE).unwrap();
    let mut boxes = SIZES.map(|size| (size, Filled::new(size / share, spare)));
    for (size, filled) in &mut boxes {
        // Every go times as many deposits, each of another voter, whatever Criterion asks for; it is told what
        // it would have got.
        group.bench_function(BenchmarkId::from_parameter(*size), |bench| {
            bench.iter_custom(|iterations| {
                let next = filled.next();
                Duration::from_secs_f64(filled.deposit(&next) / AT_A_TIME as f64 * iterations as f64)
            });
        });
    }
    group.finish();
    criterion.final_summary();
    let pairs = if only_testing { 1 } else { PAIRS };
    let [(_, small), (_, large)] = &mut boxes;
    // In pairs: the large box, the small one, and again.
    print("100000_against_1000", pairs, || {
        let [of_large, of_small] = [large.next(), small.next()];
        large.deposit(&of_large) / small.deposit(&of_small)
    });
    print("again_against_first", pairs, || {
        let next = large.next();
        let first = large.deposit(&next);
        large.deposit(&next) / first
    });
    // With another last response each, so that they decode.
    let mut bad: Vec<_> = small.waiting.iter().cycle().take(FLOOD / share as usize).cloned().collect();
    for ((_, ballot), change) in bad.iter_mut().zip(1..) {
        let last = ballot.len() - 32;
        ballot[last] ^= u8::try_from(change % 255 + 1).unwrap();
    }
    print("flood_against_each_alone", pairs.div_ceil(3), || small.flood(&bad) / small.alone(&bad));
}

/// Median and quartiles of a ratio.
fn print(label: &str, pairs: usize, mut ratio: impl FnMut() -> f64) {
    let mut ratios: Vec<f64> = (0..pairs).map(|_| ratio()).collect();
    ratios.sort_by(f64::total_cmp);
    let [median, first, third] = [2, 1, 3].map(|quarters| ratios[(ratios.len() - 1) * quarters / 4]);
    println!("ratio deposit {label} {median:.3} {first:.3} {third:.3}");
}
