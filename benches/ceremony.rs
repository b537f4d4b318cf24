//! The key ceremony: all rounds of all trustees in one process, with 12 slots.

mod support;

use criterion::Criterion;
use rand_chacha::ChaCha20Rng;
use support::common::run_ceremony;
use urne::Threshold;
use urne::rand_core::SeedableRng;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("ceremony");
    group.sample_size(10);
    for (required, trustees) in [(1, 1), (3, 7), (5, 13)] {
        let threshold = Threshold::new(required, trustees).unwrap();
        group.bench_function(format!("{required}_of_{trustees}"), |bench| {
            bench.iter(|| {
                let mut rng = ChaCha20Rng::seed_from_u64(4);
                run_ceremony("bench", threshold, 12, &mut rng).unwrap()
            });
        });
    }
    group.finish();
    criterion.final_summary();
}
