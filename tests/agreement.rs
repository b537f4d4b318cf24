//! The crate's audit and that of the second implementation, step by step, over all records that the second
//! implementation makes: honest ones of every shape, and bent ones.
#![cfg(feature = "serde")]

#[path = "second_implementation/records/mod.rs"]
mod records;
#[path = "support/mod.rs"]
mod support;

use support::verifier::{self, Report};
use urne::record::{AuditReport, Because, Outcome, Step};
use urne::{ClosedRecord, Record};

/// What became of a step, without why.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Passed,
    Failed,
    NotCarriedOut(u8),
}

fn of_second(report: &Report) -> Vec<Verdict> {
    let verdict = |outcome: &verifier::Outcome| match outcome {
        verifier::Outcome::Passed => Verdict::Passed,
        verifier::Outcome::Failed(_) => Verdict::Failed,
        verifier::Outcome::NotCarriedOut(because) => Verdict::NotCarriedOut(*because),
    };
    report.outcomes.iter().map(verdict).collect()
}

/// The steps that are reported: those after the seventh are none of a closed record's.
fn of_crate(report: &AuditReport, steps: usize) -> Vec<Verdict> {
    let verdict = |step: &Step| match report.outcome(*step) {
        Outcome::Passed => Verdict::Passed,
        Outcome::Failed(_) => Verdict::Failed,
        Outcome::NotCarriedOut { because: Because::Failed(step) } => Verdict::NotCarriedOut(step.number()),
        other => panic!("{other:?}"),
    };
    Step::ALL[..steps].iter().map(verdict).collect()
}

/// Both reports, which must be one; in memory and from a stream, as the crate has it.
fn agreed(bytes: &[u8], second: Report, in_memory: Option<AuditReport>, closed: bool) -> Report {
    let expected = of_second(&second);
    let steps = expected.len();
    let shown = || String::from_utf8_lossy(&bytes[..bytes.len().min(200)]);
    let fingerprint = |report: &AuditReport| report.contest().map(|contest| contest.fingerprint().to_bytes());
    if let Some(report) = in_memory {
        assert_eq!(of_crate(&report, steps), expected, "{}\n{report}\n{second:?}", shown());
        assert_eq!(fingerprint(&report), second.fingerprint, "{report}");
        let verdict = if closed { report.verdict_of_closed() } else { report.verdict() };
        assert_eq!(verdict.is_ok(), second.accepts(), "{report}");
    } else {
        assert_eq!(second.failed(), [1], "the crate cannot read {}\n{second:?}", shown());
        assert_eq!(second.fingerprint, None);
    }
    // The stream takes either form.
    let report = AuditReport::of_json(bytes, &mut |_| ());
    let verdict = if closed { report.verdict_of_closed() } else { report.verdict() };
    assert_eq!(verdict.is_ok(), second.accepts(), "{}\n{report}\n{second:?}", shown());
    if second.fingerprint.is_some() {
        assert_eq!(of_crate(&report, steps), expected, "{}\n{report}\n{second:?}", shown());
    }
    second
}

fn audit(bytes: &[u8]) -> Report {
    let in_memory = Record::from_json(bytes).ok().map(|record| AuditReport::of(&record, &mut |_| ()));
    agreed(bytes, verifier::audit(bytes), in_memory, false)
}

fn audit_closed(bytes: &[u8]) -> Report {
    let record = serde_json::from_slice::<ClosedRecord>(bytes).ok();
    let in_memory = record.map(|record| AuditReport::of_closed(&record, &mut |_| ()));
    agreed(bytes, verifier::audit_closed(bytes), in_memory, true)
}

#[test]
fn records_of_another_implementation() {
    for name in [
        "record.json",
        "record-packed.json",
        "record-12-lists.json",
        "record-single.json",
        "record-empty.json",
    ] {
        let path = format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
        let report = audit(&std::fs::read(path).unwrap());
        assert!(report.accepts(), "{name}: {report:?}");
    }
}
