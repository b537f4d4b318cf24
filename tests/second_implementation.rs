//! The second implementation of the protocol in `tests/support`, tested without the crate.
mod support;

use support::forger::{Forger, votes};
use support::verifier::audit;

fn vector(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn the_verifier_accepts_the_records_of_another_implementation() {
    for name in [
        "record.json",
        "record-packed.json",
        "record-12-lists.json",
        "record-single.json",
        "record-empty.json",
    ] {
        let report = audit(&vector(name));
        assert!(report.accepts(), "{name}: {report:?}");
    }
}

#[test]
fn forger_records_pass() {
    let forger = Forger::new(2, 4, 3, 7);
    let record = forger.record(&[[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 0], [0, 0, 1]].map(|m| votes(&m)));
    let report = audit(record.to_string().as_bytes());
    assert!(report.accepts(), "{report:?}");
    println!("{}", record["result"]);
}
