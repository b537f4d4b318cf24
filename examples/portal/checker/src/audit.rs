//! The audit of a record.

use std::io::{BufReader, Read};

use serde::{Deserialize, Serialize};
use urne::Fingerprint;
use urne::record::{AuditReport, Conclusion, Outcome};
use urne::tally::Tie;

use crate::forms::{Refusal, Shown};

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
    ) -> Result<Report, Refusal> {
        let expected = self.expected.map(|hex| fingerprint(&hex)).transpose()?;
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

/// A fingerprint as the trustees publish it.
pub(crate) fn fingerprint(hex: &str) -> Result<Fingerprint, Refusal> {
    hex.parse().map_err(|error| Refusal::new("page/fingerprint", format_args!("fingerprint: {error}")))
}

/// What the page shows of a report.
#[derive(Serialize)]
pub(crate) struct Report {
    conclusion: &'static str,
    holds: bool,
    contest: Option<Shown>,
    voters: Option<u64>,
    ballots: Option<u64>,
    steps: Vec<Step>,
    result: Option<Outcomes>,
}

#[derive(Serialize)]
struct Step {
    number: u8,
    outcome: &'static str,
    flaws: Vec<Flaw>,
    /// How many there are beside these.
    more: u64,
}

#[derive(Serialize)]
struct Flaw {
    code: &'static str,
    text: String,
}

/// Votes and seats of each list, and blank.
#[derive(Serialize)]
struct Outcomes {
    votes: Vec<u64>,
    blank: u64,
    seats: Option<Seats>,
}

#[derive(Serialize)]
struct Seats {
    certain: Vec<u64>,
    tie: Option<Tied>,
    vacant: u64,
}

#[derive(Serialize)]
struct Tied {
    seats: u64,
    lists: Vec<usize>,
}

fn shown(report: &AuditReport, seats: Option<u64>) -> Report {
    let conclusion = report.conclusion();
    let steps = report.outcomes().iter().map(|(step, outcome)| {
        let (outcome, flaws, more) = match outcome {
            Outcome::Passed => ("passed", Vec::new(), 0),
            Outcome::Failed(flaws) => {
                let shown = flaws.as_slice().iter();
                let shown = shown.map(|flaw| Flaw { code: flaw.code(), text: flaw.to_string() });
                ("failed", shown.collect(), flaws.more())
            }
            Outcome::NotCarriedOut { because } => {
                let because = Flaw { code: because.code(), text: because.to_string() };
                ("not-carried-out", vec![because], 0)
            }
        };
        Step { number: step.number(), outcome, flaws, more }
    });
    Report {
        conclusion: conclusion.code(),
        holds: conclusion == Conclusion::Holds,
        contest: report.contest().map(Shown::from),
        voters: report.voters(),
        ballots: report.ballots(),
        steps: steps.collect(),
        result: result(report, seats),
    }
}

/// Nothing unless the record holds.
fn result(report: &AuditReport, seats: Option<u64>) -> Option<Outcomes> {
    let result = report.result()?;
    let seats = seats.map(|seats| result.seats(seats)).map(|seats| {
        let tie = seats.tie().map(|Tie { seats, lists }| Tied { seats: *seats, lists: lists.clone() });
        Seats { certain: seats.certain().to_vec(), tie, vacant: seats.vacant() }
    });
    Some(Outcomes { votes: result.votes().to_vec(), blank: result.blank(), seats })
}
