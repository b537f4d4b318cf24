//! An audit of a record in nine steps, from its bytes alone.
//!
//! It says of each step whether it passed, failed or was not carried out. It is slow and simple: every
//! ballot is verified alone.

mod ed25519;
mod form;
pub mod json;
mod rules;
mod steps;

use super::text::Bytes;
use form::Record;
use rules::Contest;
use steps::Audit;

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    /// With everything that is wrong, one after the other.
    Failed(String),
    /// With the number of the step that stands in the way.
    NotCarriedOut(u8),
}

/// The steps in their order, with what became of each: nine of a record, seven of a closed record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub outcomes: Vec<Outcome>,
    /// Of the contest, if it keeps the rules. It means nothing until it is compared.
    pub fingerprint: Option<Bytes>,
}

impl Report {
    /// The outcome of the step with this number.
    pub fn outcome(&self, step: usize) -> &Outcome {
        &self.outcomes[step - 1]
    }

    /// Whether every step passed.
    pub fn accepts(&self) -> bool {
        self.outcomes.iter().all(|outcome| *outcome == Outcome::Passed)
    }

    /// The numbers of the steps that failed.
    pub fn failed(&self) -> Vec<usize> {
        self.numbers(|outcome| matches!(outcome, Outcome::Failed(_)))
    }

    /// The numbers of the steps that were not carried out.
    pub fn skipped(&self) -> Vec<usize> {
        self.numbers(|outcome| matches!(outcome, Outcome::NotCarriedOut(_)))
    }

    fn numbers(&self, which: impl Fn(&Outcome) -> bool) -> Vec<usize> {
        (1..).zip(&self.outcomes).filter(|(_, outcome)| which(outcome)).map(|(step, _)| step).collect()
    }
}

/// What is wrong, as far as a step has come.
#[derive(Default)]
struct Flaws(Vec<String>);

impl Flaws {
    fn add(&mut self, flaw: impl Into<String>) {
        self.0.push(flaw.into());
    }

    fn unless(&mut self, holds: bool, flaw: impl Into<String>) {
        if !holds {
            self.add(flaw);
        }
    }

    fn outcome(self) -> Outcome {
        if self.0.is_empty() { Outcome::Passed } else { Outcome::Failed(self.0.join("; ")) }
    }
}

/// The audit of an election record.
pub fn audit(bytes: &[u8]) -> Report {
    run(bytes, false)
}

/// The audit of what the box publishes at the close.
pub fn audit_closed(bytes: &[u8]) -> Report {
    run(bytes, true)
}

fn run(bytes: &[u8], closed: bool) -> Report {
    let steps = if closed { 7 } else { 9 };
    let read = Record::read(bytes, closed).and_then(|record| {
        let contest = Contest::check(&record.contest)?;
        Ok((record, contest))
    });
    let (record, contest) = match read {
        Ok(read) => read,
        Err(flaw) => {
            let mut outcomes = vec![Outcome::NotCarriedOut(1); steps];
            outcomes[0] = Outcome::Failed(flaw);
            return Report { outcomes, fingerprint: None };
        }
    };
    let fingerprint = Some(contest.setting.fingerprint);
    let all = Audit::new(&record, &contest);
    let approvals = steps::approvals(&record, &contest);
    let ballots = all.ballots();
    let mut outcomes = vec![approvals, ballots, all.roll(), all.proofs(), all.references(), all.closing()];
    if outcomes[1] != Outcome::Passed {
        outcomes.resize(steps, Outcome::NotCarriedOut(2));
        return Report { outcomes, fingerprint };
    }
    outcomes.push(all.tally());
    if let Some(opened) = &record.opened {
        let (factors, totals) = all.factors(opened);
        outcomes.push(factors);
        outcomes.push(match totals {
            Some(totals) => all.result(opened, &totals),
            None => Outcome::NotCarriedOut(8),
        });
    }
    Report { outcomes, fingerprint }
}
