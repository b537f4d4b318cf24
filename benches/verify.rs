//! Verification from wire bytes: one ballot, batches, and floods of bad ballots, with 2, 13 and 50 choices.
//! One thread, unless built with the feature `parallel`.
//!
//! The ratios are measured in pairs (see `support/pairs.rs`): `limit` is ours over the arithmetic that cannot be
//! avoided; `alone` is a batch of bad ballots over verifying each of them alone.

mod support;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};
use support::pairs::{Side, ratios};
use support::{Limit, ballots, contest, points_of_a_ballot};
use urne::ballot::verify_stream;
use urne::{ApprovedContest, Ballot};

const LISTS: [u8; 3] = [1, 12, 49];
const SIZES: [usize; 4] = [16, 256, 1024, 4096];
/// Of a flood.
const FLOOD: usize = 1024;

fn good_ones(contest: &ApprovedContest, bytes: &[Vec<u8>]) -> usize {
    verify_stream(contest.contest(), bytes, None).filter(Result::is_ok).count()
}

/// The same ballots, every so-many-th of them with a false response.
fn spoiled(bytes: &[Vec<u8>], every: usize) -> Vec<Vec<u8>> {
    let mut bytes = bytes.to_vec();
    for ballot in bytes.iter_mut().step_by(every) {
        let u = ballot.len() - 32;
        ballot[u] ^= 1;
    }
    bytes
}

/// What a flood of bad ballots costs, against the same ballots alone.
fn flood(lists: u8) {
    let contest = contest(lists);
    let bytes = ballots(&contest, FLOOD);
    // All of them; one in each of the smallest pieces; a few.
    for every in [1, 8, 64, FLOOD] {
        let bytes = spoiled(&bytes, every);
        let expected = FLOOD - FLOOD / every;
        let mut batch = Side::new(FLOOD, || assert_eq!(good_ones(&contest, &bytes), expected));
        let alone = |bytes: &Vec<u8>| {
            Ballot::from_bytes(contest.contest(), black_box(bytes)).unwrap().verify(contest.contest()).is_ok()
        };
        let mut alone = Side::new(FLOOD, || {
            assert_eq!(bytes.iter().filter(|bytes| alone(bytes)).count(), expected);
        });
        ratios(&mut batch, &mut alone).print(&format!("flood_1_in_{every}_{}", lists + 1), "alone");
    }
}

fn limit(lists: u8) {
    let contest = contest(lists);
    for size in SIZES {
        let bytes = ballots(&contest, size);
        let mut ours = Side::new(size, || assert_eq!(good_ones(&contest, &bytes), size));
        let limit = Limit::new(size * points_of_a_ballot(&contest));
        let mut limit = Side::new(size, || limit.run());
        ratios(&mut ours, &mut limit).print(&format!("verify_{size}_{}", lists + 1), "limit");
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for lists in LISTS {
        let contest = contest(lists);
        let bytes = ballots(&contest, 4096);
        let mut group = criterion.benchmark_group(format!("verify_{}", lists + 1));
        group.sample_size(10).sampling_mode(SamplingMode::Flat).warm_up_time(Duration::from_millis(500));
        group.measurement_time(Duration::from_secs(3));
        group.bench_function("one", |bench| {
            let contest = contest.contest();
            bench
                .iter(|| Ballot::from_bytes(contest, black_box(&bytes[0])).unwrap().verify(contest).unwrap());
        });
        for size in SIZES {
            group.throughput(Throughput::Elements(size as u64));
            group.bench_function(BenchmarkId::new("batch", size), |bench| {
                bench.iter(|| good_ones(&contest, black_box(&bytes[..size])));
            });
        }
        group.finish();
    }
    criterion.final_summary();
    for lists in LISTS {
        limit(lists);
        flood(lists);
    }
}
