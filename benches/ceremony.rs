//! The key ceremony: all rounds of all trustees in one process, with 12 slots.

#[path = "../tests/common/mod.rs"]
mod common;

use common::run_ceremony;
use criterion::Criterion;
use rand_chacha::ChaCha20Rng;
use urne::rand_core::SeedableRng;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("ceremony");
    group.sample_size(10);
    let bureaus: [(&str, &[(u8, u8)]); 4] = [
        ("1_of_1", &[(1, 1)]),
        ("3_of_7", &[(3, 7)]),
        ("5_of_13", &[(5, 13)]),
        ("1_of_2_and_2_of_5", &common::PANELS),
    ];
    for (name, panels) in bureaus {
        group.bench_function(name, |bench| {
            bench.iter(|| {
                let mut rng = ChaCha20Rng::seed_from_u64(4);
                run_ceremony("bench", panels, 12, &mut rng).unwrap()
            });
        });
    }
    group.finish();
    criterion.final_summary();
}
