//! Records with one thing false in them, and what the verifier says of which step.
//!
//! Where a signature, proof or sum hangs on what is bent, the forger makes it anew, so that the lie alone
//! is left to be found.

mod ballots;
mod closed;
mod closing;
mod contest;
mod roll;
mod tally;

use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};

use crate::support::fields::{self, changes};
use crate::support::forger::{Forger, Shape, closed_form, votes};
use crate::support::text::hex;
use crate::support::verifier::{Outcome, Report};
use crate::{audit, audit_closed};

/// The steps that fail, and why; a reason that ends in `…` goes on.
type Failed = &'static [(usize, &'static str)];

/// A name, what the verifier must say, and what is made false.
type Row = (&'static str, Failed, fn(&Forger, &mut Value));

/// Five ballots of seven voters, three lists of which two share a slot; the president or the secretary,
/// and two of four delegates, of whom three endorse. The third voter has a code issued anew.
fn good() -> (Forger, Value) {
    let forger = Forger::of(&Shape::new(&[(1, 2), (2, 4)], 3, 7));
    let record = forger.record(&cast());
    (forger, record)
}

/// What the first voters choose.
fn cast() -> Vec<Vec<Scalar>> {
    [[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 0], [0, 0, 1]].map(|b| votes(&b)).to_vec()
}

fn check(table: &[Row]) {
    let (forger, good) = good();
    assert!(audit(good.to_string().as_bytes()).accepts());
    let mut wrong = Vec::new();
    for (name, failed, bend) in table {
        let mut record = good.clone();
        bend(&forger, &mut record);
        assert_ne!(record, good, "{name} changes nothing");
        let report = audit(record.to_string().as_bytes());
        if !says(&report, failed) || report.skipped() != skipped(&report) {
            wrong.push(format!("{name}: {failed:?} is due, not {report:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether these steps failed for these reasons, and no other.
fn says(report: &Report, failed: Failed) -> bool {
    let because = |(step, reason): &(usize, &str)| match (report.outcome(*step), reason.strip_suffix('…')) {
        (Outcome::Failed(actual), Some(beginning)) => actual.starts_with(beginning),
        (Outcome::Failed(actual), None) => actual == reason,
        _ => false,
    };
    report.failed() == failed.iter().map(|(step, _)| *step).collect::<Vec<_>>() && failed.iter().all(because)
}

/// Whether factors are such that there is no total to compare the result with: too few are good, or some cannot
/// even be read.
fn undone(why: &str) -> bool {
    ["too few factors", "out of order", "who is none", "no scalar"].iter().any(|part| why.contains(part))
}

/// The steps that cannot be carried out. Only a contest that keeps the rules has a fingerprint.
fn skipped(report: &Report) -> Vec<usize> {
    let failed = report.failed();
    match report.fingerprint {
        None => (2..=9).collect(),
        _ if failed.contains(&2) => vec![7, 8, 9],
        _ if matches!(report.outcomes.get(7), Some(Outcome::Failed(why)) if undone(why)) => vec![9],
        _ => vec![],
    }
}

fn array<'a>(record: &'a mut Value, pointer: &str) -> &'a mut Vec<Value> {
    record.pointer_mut(pointer).unwrap().as_array_mut().unwrap()
}

/// A ballot in the place of another, and everything after it.
fn put(forger: &Forger, record: &mut Value, index: usize, ballot: &[u8]) {
    record["ballots"][index] = json!(hex(ballot));
    forger.finish(record);
}

/// The rest of a record of a changed contest, with ballots of the same votes.
fn anew(forger: &Forger, record: &mut Value) {
    forger.approve(record);
    forger.sign_opening(record);
    for (voter, b) in cast().iter().enumerate() {
        record["ballots"][voter] = json!(hex(&forger.ballot(record, &forger.credential(voter), b)));
    }
    forger.finish(record);
}

/// Every field changed alone, or left out, and every list shorter, longer or in another order: but for
/// endorsements and factors that are more than are due, nothing may be missing.
#[test]
fn every_field_changed_alone() {
    let forger = Forger::of(&Shape::new(&[(1, 2), (2, 3)], 3, 4));
    let record = forger.record(&cast()[..2]);
    let changes = changes(&record);
    assert!(changes.len() > 500, "{}", changes.len());
    let accepted: Vec<_> = changes
        .iter()
        .filter(|(_, changed)| audit(changed.to_string().as_bytes()).accepts())
        .map(|(name, _)| name.as_str())
        .collect();
    let spare = [
        "/closing/endorsements without the first",
        "/factors without the first",
        "/factors without the last",
    ];
    assert_eq!(accepted, spare);

    let closed = closed_form(&record);
    for (name, changed) in fields::changes(&closed) {
        assert!(!audit_closed(changed.to_string().as_bytes()).accepts(), "{name}");
    }
}
