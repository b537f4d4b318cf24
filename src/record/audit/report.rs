//! The report of an audit.

use alloc::vec::Vec;
use core::fmt;

use super::{Flaw, Flaws};
use crate::ballot_box::FirstFlaws;
use crate::contest::{Contest, Fingerprint};
use crate::primitives::escaped;
use crate::primitives::messages::messages;
use crate::primitives::text::count;
use crate::record::RecordError;
use crate::tally::ElectionResult;

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
    Failed(Flaws),
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

/// What an audit comes to.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// Every step passed: the result is what the voters chose.
    Holds,
    /// A closed record in which everything holds that is there. It has no result.
    ClosedNotCounted,
    /// The input ends before the record does, as a file does that was not copied to its end. Nothing is said of what
    /// it would have been.
    NotWhole,
    /// Something does not hold.
    False,
}

messages! { Conclusion: "audit";
    Holds => "holds", "The record holds.";
    ClosedNotCounted => "closed-not-counted", "Closed, not counted: what is there holds.";
    NotWhole => "not-whole", "Not a whole record: it is cut short.";
    False => "false", "The record does NOT hold.";
}

/// What a record says of itself, besides its contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stated {
    /// In the opening.
    pub(super) voters: u64,
    /// How many stand there.
    pub(super) ballots: u64,
    /// `None` in a closed record.
    pub(super) result: Option<ElectionResult>,
}

/// What an audit found: who won, and the outcome of every step.
///
/// A step passes, fails with what was found first, or is not carried out because it had nothing to work on; the last
/// counts as a failure. An auditor needs the record and nothing else: no key, no secret, no trust in whoever made it.
///
/// A record says itself who its trustees are. Anyone can make up a contest with trustees, box and voters of
/// their own, and a record of it that holds. That the contest is the one in question shows in its
/// [fingerprint](AuditReport::fingerprint): give [`AuditReport::expecting`] the one that the trustees published before
/// the opening.
///
/// Its text has all of it, texts of the record escaped: contest, fingerprint, numbers, steps, the votes if everything
/// holds, and the conclusion. Where an application shows these last two in its own way, `{:#}` leaves them out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditReport {
    contest: Option<Contest>,
    stated: Option<Stated>,
    outcomes: Vec<(Step, Outcome)>,
}

impl AuditReport {
    /// Holds the record against the contest that is meant: where its fingerprint is another than this one, the
    /// first step fails for that, whatever else is true of it.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use urne::AuditReport;
    /// # let record = urne::Record::from_json(include_bytes!("../../../tests/vectors/record.json"))?;
    /// # let published = record.contest()?.fingerprint().to_string();
    ///
    /// // `published` are 64 hex digits from the trustees, or from the letter to the voters.
    /// let report = AuditReport::of(&record, &mut |_| ()).expecting(published.parse()?);
    /// assert!(report.verdict().is_ok());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn expecting(mut self, expected: Fingerprint) -> Self {
        let Some(actual) = self.fingerprint().filter(|actual| *actual != expected) else { return self };
        let flaw = Flaw::OtherContest { expected, actual };
        if let Some((_, outcome)) = self.outcomes.first_mut() {
            match outcome {
                Outcome::Failed(flaws) => flaws.put_first(flaw),
                _ => *outcome = Outcome::Failed(alloc::vec![flaw].into()),
            }
        }
        self
    }

    /// What it comes to, in one word.
    #[must_use]
    pub fn conclusion(&self) -> Conclusion {
        if self.verdict().is_ok() {
            Conclusion::Holds
        } else if self.verdict_of_closed().is_ok() {
            Conclusion::ClosedNotCounted
        } else if self.is_cut_short() {
            Conclusion::NotWhole
        } else {
            Conclusion::False
        }
    }

    fn is_cut_short(&self) -> bool {
        matches!(self.outcome(Step::Contest), Outcome::Failed(flaws)
            if matches!(flaws.as_slice(), [Flaw::Record(RecordError::CutShort { .. })]))
    }

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

    /// The fingerprint of the contest, if it could be read. It means nothing until it is
    /// [compared](AuditReport::expecting) with one from a source that the reader trusts.
    #[must_use]
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        self.contest.as_ref().map(Contest::fingerprint)
    }

    /// How many voters the opening names. [`Step::Roll`] says whether there were so many.
    #[must_use]
    pub fn voters(&self) -> Option<u64> {
        self.stated.as_ref().map(|stated| stated.voters)
    }

    /// How many ballots stand in the record.
    #[must_use]
    pub fn ballots(&self) -> Option<u64> {
        self.stated.as_ref().map(|stated| stated.ballots)
    }

    /// The result, if every step passed: a record that does not hold has none.
    #[must_use]
    pub fn result(&self) -> Option<&ElectionResult> {
        self.verdict().ok()?;
        self.stated.as_ref()?.result.as_ref()
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
    pub(in crate::record) fn unread(error: RecordError) -> Self {
        let outcomes = Vec::with_capacity(Step::ALL.len());
        let mut report = AuditReport { contest: None, stated: None, outcomes };
        report.push(Step::Contest, alloc::vec![Flaw::Record(error)]);
        report.skip_rest(Because::Failed(Step::Contest));
        report
    }

    pub(super) fn begin(contest: Contest, stated: Stated) -> Self {
        let outcomes = Vec::with_capacity(Step::ALL.len());
        AuditReport { contest: Some(contest), stated: Some(stated), outcomes }
    }

    pub(super) fn push(&mut self, step: Step, whole: Vec<Flaw>) {
        self.push_with(step, whole, FirstFlaws::default());
    }

    /// What is wrong with the whole, and with ballots.
    pub(super) fn push_with(&mut self, step: Step, whole: Vec<Flaw>, ballots: FirstFlaws) {
        let flaws = Flaws::new(whole, ballots);
        let outcome = if flaws.is_empty() { Outcome::Passed } else { Outcome::Failed(flaws) };
        self.outcomes.push((step, outcome));
    }

    pub(super) fn skip_rest(&mut self, because: Because) {
        let done = self.outcomes.len();
        let rest = Step::ALL.into_iter().skip(done);
        self.outcomes.extend(rest.map(|step| (step, Outcome::NotCarriedOut { because })));
    }

    fn fmt_contest(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(contest), Some(stated)) = (&self.contest, &self.stated) else { return Ok(()) };
        let description = contest.description();
        let [election, title] = [&description.election, &description.title].map(escaped);
        writeln!(f, "{election} — {title} ({})", description.number)?;
        writeln!(f, "fingerprint {}", contest.fingerprint())?;
        let Stated { voters, ballots, result: _ } = *stated;
        writeln!(f, "{}, {}", count(voters, "voter"), count(ballots, "ballot"))
    }

    fn fmt_result(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(contest), Some(result)) = (&self.contest, self.result()) else { return Ok(()) };
        for (list, votes) in contest.description().lists.iter().zip(result.votes()) {
            writeln!(f, "     {}: {}", escaped(list), count(*votes, "vote"))?;
        }
        writeln!(f, "     blank: {}", count(result.blank(), "vote"))
    }
}

impl fmt::Display for AuditReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_contest(f)?;
        for (step, outcome) in &self.outcomes {
            let number = step.number();
            match outcome {
                Outcome::Passed => writeln!(f, "{number}. {step}: passed")?,
                Outcome::NotCarriedOut { because } => writeln!(f, "{number}. {step}: {because}")?,
                Outcome::Failed(flaws) => {
                    writeln!(f, "{number}. {step}: FAILED")?;
                    flaws.as_slice().iter().try_for_each(|flaw| writeln!(f, "     {flaw}"))?;
                    if flaws.more() > 0 {
                        writeln!(f, "     and {}", count(flaws.more(), "more flaw"))?;
                    }
                }
            }
        }
        if f.alternate() {
            return Ok(());
        }
        self.fmt_result(f)?;
        writeln!(f, "{}", self.conclusion())
    }
}
