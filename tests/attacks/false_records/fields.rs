//! Every field of the record changed alone, and records of the other form.

use serde_json::Value;
use urne::record::{AuditReport, Because, Outcome, Step};

use super::{forger, good};
use crate::by_shards::{self, CUTS};
use crate::support::fields::changes;
use crate::support::forger::{Forger, Shape, closed_form, votes};
use crate::support::verifier::{self, Report};

/// The audit of the whole, and of its parts in one way, since there are so many.
fn audit(record: &Value) -> AuditReport {
    let json = record.to_string();
    let report = AuditReport::of_json(json.as_bytes(), &mut |_| ());
    by_shards::assert_same(json.as_bytes(), &report, &CUTS[1..2]);
    report
}

/// What became of the steps, as a line of letters.
fn ours(record: &Value, steps: usize) -> String {
    let report = audit(record);
    let letter = |step: &Step| match report.outcome(*step) {
        Outcome::Passed => 'p',
        Outcome::Failed(_) => 'F',
        Outcome::NotCarriedOut { .. } => '-',
    };
    Step::ALL[..steps].iter().map(letter).collect()
}

fn theirs(report: &Report) -> String {
    let letter = |outcome: &verifier::Outcome| match outcome {
        verifier::Outcome::Passed => 'p',
        verifier::Outcome::Failed(_) => 'F',
        verifier::Outcome::NotCarriedOut(_) => '-',
    };
    report.outcomes.iter().map(letter).collect()
}

/// Nothing in a record can be changed, left out, added or put in another order, but that endorsements and
/// factors may be missing where there are more than are due.
#[test]
fn attack_1_every_field_of_a_record_changed_alone() {
    let forger = Forger::of(&Shape::new(&[(1, 2), (2, 3)], 3, 4));
    let record = forger.record(&[votes(&[1, 0, 0]), votes(&[0, 0, 1])]);
    let changes = changes(&record);
    assert!(changes.len() > 500, "{}", changes.len());
    let mut accepted = Vec::new();
    for (name, changed) in &changes {
        let report = verifier::audit(changed.to_string().as_bytes());
        assert_eq!(ours(changed, 9), theirs(&report), "{name}: {report:?}");
        if audit(changed).verdict().is_ok() {
            accepted.push(name.as_str());
        }
    }
    let spare = [
        "/closing/endorsements without the first",
        "/factors without the first",
        "/factors without the last",
    ];
    assert_eq!(accepted, spare);
}

#[test]
fn attack_1_every_field_of_a_closed_record_changed_alone() {
    let forger = Forger::of(&Shape::new(&[(1, 2), (2, 3)], 3, 4));
    let closed = closed_form(&forger.record(&[votes(&[1, 0, 0]), votes(&[0, 0, 1])]));
    assert!(audit(&closed).verdict_of_closed().is_ok());
    for (name, changed) in changes(&closed) {
        let report = verifier::audit_closed(changed.to_string().as_bytes());
        // The crate takes either form: what is no closed record any more may be read as the other.
        if report.fingerprint.is_some() {
            assert_eq!(ours(&changed, 7), theirs(&report), "{name}: {report:?}");
        }
        assert!(audit(&changed).verdict_of_closed().is_err() && !report.accepts(), "{name}");
    }
}

/// A closed record is no election's result, and a counted one is no closed record.
#[test]
fn attack_13_a_closed_record_in_the_place_of_a_counted_one() {
    let record = good(&forger());
    let report = audit(&closed_form(&record));
    assert!(report.verdict().is_err());
    for step in [Step::Factors, Step::Result] {
        assert_eq!(*report.outcome(step), Outcome::NotCarriedOut { because: Because::NotCounted });
    }
    assert_eq!(report.verdict_of_closed(), Ok(()));
    assert!(audit(&record).verdict_of_closed().is_err());
}
