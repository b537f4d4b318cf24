//! Verification from wire bytes: one ballot and batches, with 2, 13 and 50 choices, next to the
//! arithmetic that cannot be avoided. One thread, unless built with the feature `parallel`.

mod support;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};
use support::{Limit, ballots, contest, only_testing, ratio};
use urne::ballot::verify_stream;
use urne::{ApprovedContest, Ballot};

const LISTS: [u8; 3] = [1, 12, 49];
const SIZES: [usize; 4] = [16, 256, 1024, 4096];

fn batch(contest: &ApprovedContest, bytes: &[Vec<u8>]) -> usize {
    verify_stream(contest, bytes).map(Result::unwrap).count()
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for lists in LISTS {
        let contest = contest(lists);
        let choices = lists + 1;
        let mut group = criterion.benchmark_group(format!("verify_{choices}"));
        group.sample_size(10).sampling_mode(SamplingMode::Flat).warm_up_time(Duration::from_millis(500));
        group.throughput(Throughput::Elements(1));
        let one = ballots(&contest, 1).swap_remove(0);
        group.bench_function("one", |bench| {
            bench.iter(|| Ballot::from_bytes(&contest, black_box(&one)).unwrap().verify(&contest).unwrap());
        });
        for size in SIZES {
            let bytes = ballots(&contest, size);
            group.throughput(Throughput::Elements(size as u64));
            group.bench_with_input(BenchmarkId::new("batch", size), &bytes, |bench, bytes| {
                bench.iter(|| batch(&contest, black_box(bytes)));
            });
            if size == 1024 {
                let limit = Limit::new(lists, size);
                group.bench_function("limit_1024", |bench| bench.iter(|| limit.run()));
            }
        }
        group.finish();
    }
    criterion.final_summary();
    if only_testing() {
        return;
    }
    for lists in LISTS {
        let group = format!("verify_{}", lists + 1);
        let limit = format!("{group}/limit_1024");
        let name = |what: &str| format!("verify_{what}_{}", lists + 1);
        ratio(&name("batch"), "limit", &format!("{group}/batch/1024"), &limit, 1.0);
        ratio(&name("one"), "limit", &format!("{group}/one"), &limit, 1.0 / 1024.0);
    }
}
