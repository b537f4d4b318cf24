//! A box of the size of December 2022 made again from its log, 270,824 voters of whom 52,025 have voted, against the
//! verification of its ballots in batches alone. The log has the activation of every one of them too.
//!
//! Filling the box takes some minutes and is not measured; `cargo bench --bench restart -- 8` takes an eighth of the
//! voters and ballots. With `--features parallel` both sides take all cores.

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "support/polls.rs"]
mod polls;
#[path = "support/mod.rs"]
mod support;

use std::hint::black_box;
use std::time::Duration;

use polls::Polls;
use support::only_testing;
use support::pairs::{processor_time, wall_time};
use urne::ballot::verify_stream;
use urne::rand_core::SeedableRng;

const VOTERS: u64 = 270_824;
const BALLOTS: u64 = 52_025;
const LISTS: u8 = 12;
const PAIRS: usize = 5;

fn time<T>(what: impl FnOnce() -> T) -> Duration {
    let clock = if cfg!(feature = "parallel") { wall_time } else { processor_time };
    let start = clock();
    drop(black_box(what()));
    clock().saturating_sub(start)
}

fn main() {
    // Only to see that it runs, a hundredth will do.
    let asked = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let share = if only_testing() { 100 } else { asked.unwrap_or(1) };
    let mut polls = Polls::new(VOTERS / share, BALLOTS / share, LISTS);
    let ballots = {
        // As many as there are, out of the log: the box gives them out when it is closed.
        let mut transaction = polls.ballot_box.transaction();
        transaction.close(common::ENDS_AT, &mut rand_chacha::ChaCha20Rng::from_seed([1; 32])).unwrap();
        transaction.stored();
        polls.ballot_box.closed().unwrap().0.ballots().to_vec()
    };
    let contest = polls.contest.clone();
    let verify = || verify_stream(contest.contest(), &ballots, None).filter(Result::is_ok).count();
    assert_eq!(verify(), ballots.len());
    let pairs = if only_testing() { 1 } else { PAIRS };
    let mut pairs: Vec<_> = (0..pairs).map(|_| (time(|| polls.restarted()), time(verify))).collect();
    pairs.sort_by(|one, other| {
        let ratio = |(restart, verify): &(Duration, Duration)| restart.as_secs_f64() / verify.as_secs_f64();
        ratio(one).total_cmp(&ratio(other))
    });
    let ratio = |of: usize| pairs[of].0.as_secs_f64() / pairs[of].1.as_secs_f64();
    let (least, most) = (ratio(0), ratio(pairs.len() - 1));
    let (restart, verify) = pairs[pairs.len() / 2];
    println!(
        "{} voters, {} ballots, a log of {} MB: restart {restart:.1?}, verification in batches {verify:.1?}",
        VOTERS / share,
        ballots.len(),
        polls.log.len() / 1_000_000
    );
    println!("ratio restart against_verification {:.3} {least:.3} {most:.3}", ratio(pairs.len() / 2));
}
