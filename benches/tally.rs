//! The tally: adding verified ballots, the whole way from wire bytes, and discrete logarithms of totals.

mod support;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use support::{ballots, contest, only_testing, ratio, take_all};
use urne::ballot::verify_stream;
use urne::group::DiscreteLogTable;
use urne::tally::PartialSum;
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
    let all = take_all(verify_stream(&contest, &bytes));

    let mut group = criterion.benchmark_group("tally_13");
    group.sample_size(20).throughput(Throughput::Elements(BALLOTS as u64));
    group.bench_function("add", |bench| bench.iter(|| add(&contest, black_box(&all))));
    let points: Vec<_> = (1..=BALLOTS as u64).map(|i| RistrettoPoint::mul_base(&Scalar::from(i))).collect();
    group.bench_function("13_additions", |bench| {
        bench.iter(|| {
            let mut sums = [RistrettoPoint::default(); 13];
            for point in black_box(&points) {
                for sum in &mut sums {
                    *sum += point;
                }
            }
            sums
        });
    });
    group.bench_function("from_bytes", |bench| {
        bench.iter(|| add(&contest, &take_all(verify_stream(&contest, black_box(&bytes)))));
    });
    group.finish();

    let mut group = criterion.benchmark_group("discrete_log");
    group.sample_size(20);
    for exponent in 4..=7 {
        let count = 10u64.pow(exponent);
        group.bench_with_input(BenchmarkId::new("table_for_12", count), &count, |bench, count| {
            bench.iter(|| DiscreteLogTable::new(*count, 12));
        });
        let table = DiscreteLogTable::new(count, 12);
        // Twelve totals that share the count as the lists of a contest do.
        let totals: Vec<_> = (1..=12u64)
            .map(|list| RistrettoPoint::mul_base(&Scalar::from(count * list / 78)).compress().to_bytes())
            .collect();
        group.bench_with_input(BenchmarkId::new("twelve_totals", count), &totals, |bench, totals| {
            bench.iter(|| totals.iter().map(|total| table.find_vartime(total).unwrap()).sum::<u64>());
        });
    }
    group.finish();
    criterion.final_summary();
    if !only_testing() {
        ratio("add_13", "additions", "tally_13/add", "tally_13/13_additions", 1.0);
    }
}
