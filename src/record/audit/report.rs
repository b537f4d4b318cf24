//! The report of an audit.

use alloc::vec::Vec;
use core::fmt;

use super::Flaw;
use crate::ballot_box::BoxFlaw;
use crate::contest::Contest;
use crate::primitives::messages::messages;
use crate::record::RecordError;

macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $text:literal;)+) => {
        /// A step of the audit.
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Step { $($(#[$doc])* $name),+ }

        impl Step {
            /// All steps, in order.
            pub const ALL: [Step; 9] = [$(Step::$name),+];

            /// The step's number, from 1.
            #[must_use]
            pub fn number(self) -> u8 {
                match self { $(Step::$name => $number),+ }
            }
        }

        impl fmt::Display for Step {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Step::$name => $text),+ })
            }
        }
    };
}

steps! {
    /// Form of the record; contest, key and approvals.
    Contest = 1, "contest, key and approvals";
    /// Every ballot decodes.
    Ballots = 2, "every ballot decodes";
    /// The roll, its opening, and every ballot's credential.
    Roll = 3, "roll, opening and credentials";
    /// Every ballot's proof.
    Proofs = 4, "every ballot's proof";
    /// References are distinct; size and Merkle root of the closing.
    References = 5, "references and Merkle root";
    /// Both signatures under the closing, and a quorum of endorsements in every panel.
    Closing = 6, "closing and endorsements";
    /// Count and sums.
    Tally = 7, "count and sums";
    /// The decryption factors, their proofs and signatures.
    Factors = 8, "decryption factors";
    /// The votes.
    Result = 9, "result";
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything in it holds.
    Passed,
    /// Something does not.
    Failed(Vec<Flaw>),
    /// It had nothing to work on, which counts as a failure.
    NotCarriedOut {
        /// Why.
        because: Because,
    },
}

/// Why a step was not carried out.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// An earlier step failed.
    Failed(Step),
    /// The record is of a box that is closed and not counted.
    NotCounted,
}

messages! { Because: "not-carried-out";
    Failed(step) => "failed", "not carried out, because step {} failed", step.number();
    NotCounted => "not-counted", "not carried out: closed, not counted";
}

/// What an audit found: the outcome of every step.
///
/// A step passes, fails with everything that was found, or is not carried out because it had nothing to work on;
/// the last counts as a failure. An auditor needs the record and nothing else: no key, no secret, no trust in whoever
/// made it.
///
/// A record says itself who its trustees are. Anyone can make up a contest with trustees, box and voters of
/// their own, and a record of it that holds. That the contest is the one in question shows in its
/// [fingerprint](Contest::fingerprint): compare that of [`AuditReport::contest`] with what the trustees
/// published before the opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditReport {
    contest: Option<Contest>,
    outcomes: Vec<(Step, Outcome)>,
}

impl AuditReport {
    /// Whether the record holds: every step passed. Never so for a closed record, which has no result.
    ///
    /// # Errors
    ///
    /// The report itself, to be shown.
    pub fn verdict(&self) -> Result<(), &AuditReport> {
        let passed = self.outcomes.iter().filter(|(_, outcome)| *outcome == Outcome::Passed).count();
        if passed == Step::ALL.len() { Ok(()) } else { Err(self) }
    }

    /// Whether a closed record holds as far as there is something in it: every step passed but for those that need
    /// the count. It is not an election's result.
    ///
    /// # Errors
    ///
    /// The report itself, also when it is that of a counted record.
    pub fn verdict_of_closed(&self) -> Result<(), &AuditReport> {
        let not_counted = Outcome::NotCarriedOut { because: Because::NotCounted };
        let as_expected = Step::ALL.into_iter().all(|step| {
            let expected = if step >= Step::Factors { &not_counted } else { &Outcome::Passed };
            self.outcome(step) == expected
        });
        if as_expected { Ok(()) } else { Err(self) }
    }

    /// The contest, if it could be read.
    #[must_use]
    pub fn contest(&self) -> Option<&Contest> {
        self.contest.as_ref()
    }

    /// The outcome of every step, in order.
    #[must_use]
    pub fn outcomes(&self) -> &[(Step, Outcome)] {
        &self.outcomes
    }

    /// The outcome of one step.
    #[must_use]
    pub fn outcome(&self, step: Step) -> &Outcome {
        let failed = &Outcome::NotCarriedOut { because: Because::Failed(Step::Contest) };
        self.outcomes.iter().find(|(other, _)| *other == step).map_or(failed, |(_, outcome)| outcome)
    }

    /// The report on a record of which form or contest cannot be read.
    pub(super) fn unread(error: RecordError) -> Self {
        let mut report = AuditReport { contest: None, outcomes: Vec::with_capacity(Step::ALL.len()) };
        report.push(Step::Contest, alloc::vec![Flaw::Record(error)]);
        report.skip_rest(Because::Failed(Step::Contest));
        report
    }

    pub(super) fn begin(contest: Contest) -> Self {
        AuditReport { contest: Some(contest), outcomes: Vec::with_capacity(Step::ALL.len()) }
    }

    pub(super) fn push(&mut self, step: Step, flaws: Vec<Flaw>) {
        let outcome = if flaws.is_empty() { Outcome::Passed } else { Outcome::Failed(flaws) };
        self.outcomes.push((step, outcome));
    }

    pub(super) fn push_box(&mut self, step: Step, flaws: Vec<BoxFlaw>) {
        self.push(step, flaws.into_iter().map(Flaw::Box).collect());
    }

    pub(super) fn skip_rest(&mut self, because: Because) {
        let done = self.outcomes.len();
        let rest = Step::ALL.into_iter().skip(done);
        self.outcomes.extend(rest.map(|step| (step, Outcome::NotCarriedOut { because })));
    }
}

impl fmt::Display for AuditReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (step, outcome) in &self.outcomes {
            let number = step.number();
            match outcome {
                Outcome::Passed => writeln!(f, "{number}. {step}: passed")?,
                Outcome::NotCarriedOut { because } => writeln!(f, "{number}. {step}: {because}")?,
                Outcome::Failed(flaws) => {
                    writeln!(f, "{number}. {step}: FAILED")?;
                    flaws.iter().try_for_each(|flaw| writeln!(f, "     {flaw}"))?;
                }
            }
        }
        Ok(())
    }
}
