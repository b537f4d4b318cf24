//! The tally: adding verified ballots, the whole way from wire bytes, and discrete logarithms of totals.

mod support;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use support::pairs::{Side, ratios};
use support::{ballots, contest, take_all};
use urne::ballot::{PartialSum, verify_stream};
use urne::primitives::PackedLogTable;
use urne::{ApprovedContest, VerifiedBallot};

const BALLOTS: usize = 1024;

fn add(contest: &ApprovedContest, ballots: &[VerifiedBallot]) -> PartialSum {
    let mut sum = PartialSum::new(contest.contest());
    for (index, ballot) in (0..).zip(ballots) {
        sum.add(index, ballot).unwrap();
    }
    sum
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let contest = contest(12);
    let bytes = ballots(&contest, BALLOTS);
    let all = take_all(verify_stream(contest.contest(), &bytes, None));

    let mut group = criterion.benchmark_group("tally_13");
    group.sample_size(20).throughput(Throughput::Elements(BALLOTS as u64));
    group.bench_function("add", |bench| bench.iter(|| add(&contest, black_box(&all))));
    group.bench_function("from_bytes", |bench| {
        bench.iter(|| add(&contest, &take_all(verify_stream(contest.contest(), black_box(&bytes), None))));
    });
    group.finish();

    let mut group = criterion.benchmark_group("discrete_log");
    group.sample_size(20);
    for (packing, exponent) in [(1, 5), (1, 6), (2, 4), (2, 5), (2, 6)] {
        let (count, base) = (10u64.pow(exponent), 1_000_001u64);
        let name = format!("{packing}_a_slot");
        group.bench_with_input(BenchmarkId::new(format!("table_{name}"), count), &count, |bench, count| {
            bench.iter(|| PackedLogTable::new(*count, base, packing).unwrap());
        });
        let table = PackedLogTable::new(count, base, packing).unwrap();
        // Twelve totals that share the count as the lists of a contest do.
        let votes: Vec<_> = (1..=12).map(|list| count * list / 78).collect();
        let totals: Vec<_> = votes
            .chunks(packing.into())
            .map(|votes| votes.iter().rev().fold(0, |packed, votes| packed * base + votes))
            .map(|packed| RistrettoPoint::mul_base(&Scalar::from(packed)).compress().to_bytes())
            .collect();
        let find = |total: &[u8; 32]| table.find_vartime(total, packing, count).unwrap();
        assert_eq!(totals.iter().flat_map(&find).collect::<Vec<_>>(), votes);
        group.bench_with_input(
            BenchmarkId::new(format!("totals_{name}"), count),
            &totals,
            |bench, totals| {
                bench.iter(|| totals.iter().flat_map(&find).sum::<u64>());
            },
        );
    }
    group.finish();
    criterion.final_summary();

    // What adding cannot do without: one addition for the nonce and one for each of six slots.
    let points: Vec<_> = (1..=BALLOTS as u64).map(|i| RistrettoPoint::mul_base(&Scalar::from(i))).collect();
    let mut additions = Side::new(BALLOTS, || {
        let mut sums = [RistrettoPoint::default(); 7];
        for point in black_box(&points) {
            for sum in &mut sums {
                *sum += point;
            }
        }
        sums
    });
    let mut ours = Side::new(BALLOTS, || add(&contest, black_box(&all)));
    ratios(&mut ours, &mut additions).print("add_13", "additions");
}
