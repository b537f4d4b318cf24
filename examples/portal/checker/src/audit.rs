//! The audit of a record.

use std::io::{BufReader, Read};

use serde::Deserialize;
use urne::record::{AuditReport, Conclusion, Outcome};
use urne::tally::Tie;

use crate::forms::{Refusal, contest};
use crate::json::{Json, object};

/// How much of a file is read at once.
pub(crate) const PIECE: usize = 1 << 18;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Audit {
    /// The fingerprint of the contest that is meant, from the trustees or the letter.
    expected: Option<String>,
    /// How many seats there are to give.
    seats: Option<u64>,
}

impl Audit {
    pub(crate) fn answer(
        self,
        record: &mut dyn Read,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Json, Refusal> {
        let expected = self.expected.map(|hex| hex.parse().map_err(Refusal::fingerprint)).transpose()?;
        let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(PIECE, record));
        let report = AuditReport::of_stream(&mut json, progress);
        let mut report = match report.and_then(|report| json.end().map(|()| report)) {
            Ok(report) => report,
            Err(error) if error.is_io() => return Err(unread()),
            Err(error) => AuditReport::unreadable(&error),
        };
        if let Some(expected) = expected {
            report = report.expecting(expected);
        }
        Ok(shown(&report, self.seats))
    }
}

pub(crate) fn unread() -> Refusal {
    Refusal::new("page/unread", "the file cannot be read")
}

fn shown(report: &AuditReport, seats: Option<u64>) -> Json {
    let conclusion = report.conclusion();
    let steps = report.outcomes().iter().map(|(step, outcome)| {
        let (outcome, flaws, more) = match outcome {
            Outcome::Passed => ("passed", Vec::new(), 0),
            Outcome::Failed(flaws) => {
                let shown = flaws.as_slice().iter();
                let shown = shown.map(|flaw| object! { "code": flaw.code(), "text": flaw.to_string() });
                ("failed", shown.collect(), flaws.more())
            }
            Outcome::NotCarriedOut { because } => {
                let because = object! { "code": because.code(), "text": because.to_string() };
                ("not-carried-out", vec![because], 0)
            }
        };
        object! { "number": u64::from(step.number()), "outcome": outcome, "flaws": flaws, "more": more }
    });
    object! {
        "conclusion": conclusion.code(),
        "holds": conclusion == Conclusion::Holds,
        "contest": report.contest().map(contest),
        "voters": report.voters(),
        "ballots": report.ballots(),
        "steps": steps.collect::<Json>(),
        "result": result(report, seats),
    }
}

/// Null unless the record holds: votes and seats of each list, and blank.
fn result(report: &AuditReport, seats: Option<u64>) -> Json {
    let Some(result) = report.result() else { return Json::Null };
    let seats = seats.map(|seats| result.seats(seats)).map(|seats| {
        let tie = seats.tie().map(|Tie { seats, lists }| object! { "seats": *seats, "lists": lists.clone() });
        object! { "certain": seats.certain().to_vec(), "tie": tie, "vacant": seats.vacant() }
    });
    object! { "votes": result.votes().to_vec(), "blank": result.blank(), "seats": seats }
}
