//! False records, each refused for its own reason.
//!
//! Each row takes a good record, makes one thing in it false, and has everything that hangs on it signed,
//! proven and counted anew by trustees and a box who are all in it together. The audit must find exactly
//! what the row says, in the step that it says, and nothing else; steps that can still be carried out
//! pass.

mod ballots;
mod closing;
mod contest;
mod opening;
mod roll;

use serde_json::{Value, json};
use urne::TrusteeIndex;
use urne::audit::{AuditReport, Flaw, Outcome, Step};
use urne::closed_box::BoxFlaw;
use urne::record::RecordError;

use crate::support::forger::{Forger, votes};
use crate::support::text::hex;

/// What the audit must find.
type Verdict = Vec<(Step, Vec<Flaw>)>;

/// A name, and what it makes false.
type Row = (&'static str, fn(&Forger, &mut Value) -> Verdict);

const VOTERS: usize = 7;
const TRUSTEES: u8 = 4;

fn forger() -> Forger {
    Forger::new(2, TRUSTEES.into(), 3, VOTERS)
}

/// Five ballots of seven voters; three lists; any two of four trustees open, three endorse.
fn good(forger: &Forger) -> Value {
    forger.record(&[[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 0], [0, 0, 1]].map(|m| votes(&m)))
}

fn audit(record: &Value) -> AuditReport {
    AuditReport::of_json(record.to_string().as_bytes(), &mut |_| ())
}

#[test]
fn an_honest_forger_is_accepted() {
    let forger = forger();
    let record = good(&forger);
    assert_eq!(record["result"], json!({ "votes": [2, 1, 1], "blank": 1 }));
    let report = audit(&record);
    assert_eq!(report.verdict(), Ok(()), "{report}");
    for (required, trustees, lists) in [(1, 1, 1), (3, 3, 2), (2, 5, 12)] {
        let forger = Forger::new(required, trustees, lists, 4);
        let one = (0..lists).map(|list| i64::from(list == 0)).collect::<Vec<_>>();
        for cast in [&[][..], &[votes(&one), votes(&vec![0; lists])]] {
            let report = audit(&forger.record(cast));
            assert_eq!(report.verdict(), Ok(()), "{report}");
        }
    }
}

/// Steps that have nothing to work on when this one fails.
fn skipped(failed: Step) -> &'static [Step] {
    match failed {
        Step::Contest => &Step::ALL[1..],
        Step::Ballots | Step::Proofs => &Step::ALL[6..],
        Step::Factors => &Step::ALL[8..],
        _ => &[],
    }
}

/// Audits every row of a table and tells of all that are not refused as they should be.
fn check(base: &dyn Fn(&Forger) -> Value, table: &[Row]) {
    let forger = forger();
    let base = base(&forger);
    assert_eq!(audit(&base).verdict(), Ok(()));
    let mut wrong = Vec::new();
    for (name, falsify) in table {
        let mut record = base.clone();
        let verdict = falsify(&forger, &mut record);
        assert_ne!(record, base, "{name} changes nothing");
        let report = audit(&record);
        for step in Step::ALL {
            let expected = match verdict.iter().find(|(failed, _)| *failed == step) {
                Some((_, flaws)) => Outcome::Failed(flaws.clone()),
                None => match verdict.iter().find(|(failed, _)| skipped(*failed).contains(&step)) {
                    Some((because, _)) => Outcome::NotCarriedOut { because: *because },
                    None => Outcome::Passed,
                },
            };
            let actual = report.outcome(step);
            if *actual != expected {
                wrong.push(format!("{name}, step {}: {actual:?} where {expected:?} is due", step.number()));
            }
        }
        assert!(report.verdict().is_err(), "{name}");
        // The contest is given out when its step passed, and not otherwise.
        let holds = *report.outcome(Step::Contest) == Outcome::Passed;
        assert_eq!(report.contest().is_some(), holds, "{name}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn trustee(number: u8) -> TrusteeIndex {
    TrusteeIndex::new(number).unwrap()
}

/// One step fails for one flaw.
fn one(step: Step, flaw: Flaw) -> Verdict {
    vec![(step, vec![flaw])]
}

fn in_box(step: Step, flaw: BoxFlaw) -> Verdict {
    one(step, Flaw::Box(flaw))
}

/// A part of the record cannot be read or breaks a rule.
fn part(step: Step, error: impl Into<RecordError>) -> Verdict {
    one(step, Flaw::Record(error.into()))
}

fn array<'a>(record: &'a mut Value, pointer: &str) -> &'a mut Vec<Value> {
    record.pointer_mut(pointer).unwrap().as_array_mut().unwrap()
}

/// Puts a ballot in the place of one that is there.
fn replace(record: &mut Value, ballot: usize, bytes: &[u8]) {
    record["ballots"][ballot] = json!(hex(bytes));
}

/// Adds to an integer of the record.
fn add(record: &mut Value, pointer: &str, add: u64) {
    let value = record.pointer_mut(pointer).unwrap();
    *value = json!(value.as_u64().unwrap() + add);
}
