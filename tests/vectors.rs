//! Values and records made by an independent implementation of the protocol.

use urne::audit::AuditReport;

fn audit(name: &str) -> AuditReport {
    let json = std::fs::read(format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    AuditReport::of_json(&json, &mut |_| {})
}

#[test]
fn the_four_records_pass() {
    for name in ["record.json", "record-12-lists.json", "record-empty.json", "record-single.json"] {
        let report = audit(name);
        assert_eq!(report.verdict(), Ok(()), "{name}:\n{report}");
    }
}
