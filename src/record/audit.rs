//! The audit: nine steps over a published record, each recomputed from primary data.
//!
//! A step passes, fails with everything that was found, or is not carried out because one before it
//! gave it nothing to work on; the last counts as a failure. An auditor needs the record and nothing
//! else: no key, no secret, no trust in whoever made it.
//!
//! A record says itself who its trustees are. Anyone can make up a contest with trustees, box and voters of
//! their own, and a record of it that holds. That the contest is the one in question shows in its
//! [fingerprint](Contest::fingerprint): compare that of [`AuditReport::contest`] with what the trustees
//! published before the opening.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;

use crate::ballot_box::{BallotPass, BoxFlaw, ClosingDigest, check_references};
use crate::contest::{ApprovedContest, Contest};
use crate::tally::{DecryptionFactors, FactorError, check_quorum, messages};
use crate::primitives::group::first_repeat;
use crate::primitives::hash::length_of;
use crate::record::{Record, RecordError, ResultRecord, TallyRecord};
use crate::ballot_box::roll_digest;
use crate::ballot::SealedTally;

mod flaw;
#[cfg(feature = "serde")]
mod stream;

pub use flaw::Flaw;

/// A step of the audit, in order.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Form of the record, rules of the contest, key, approvals of all trustees.
    Contest,
    /// Every ballot decodes.
    Ballots,
    /// The roll, its signed opening, and each ballot's credential and `R`.
    Roll,
    /// Every ballot's proof.
    Proofs,
    /// References distinct; size and Merkle root.
    References,
    /// The closing's signature, numbers and time, and a quorum of endorsements.
    Closing,
    /// Count and sums.
    Tally,
    /// The decryption factors and their proofs.
    Factors,
    /// The result.
    Result,
}

impl Step {
    /// All nine, in order.
    pub const ALL: [Step; 9] = [
        Step::Contest,
        Step::Ballots,
        Step::Roll,
        Step::Proofs,
        Step::References,
        Step::Closing,
        Step::Tally,
        Step::Factors,
        Step::Result,
    ];

    /// The step's number, from 1.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Step::Contest => 1,
            Step::Ballots => 2,
            Step::Roll => 3,
            Step::Proofs => 4,
            Step::References => 5,
            Step::Closing => 6,
            Step::Tally => 7,
            Step::Factors => 8,
            Step::Result => 9,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::Contest => "contest, key and approvals",
            Step::Ballots => "every ballot decodes",
            Step::Roll => "roll, opening and credentials",
            Step::Proofs => "every ballot's proof",
            Step::References => "references and Merkle root",
            Step::Closing => "closing and endorsements",
            Step::Tally => "count and sums",
            Step::Factors => "decryption factors",
            Step::Result => "result",
        })
    }
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything holds.
    Passed,
    /// What does not hold: at least one flaw.
    Failed(Vec<Flaw>),
    /// The step had nothing to work on, since this earlier step failed.
    NotCarriedOut {
        /// The earlier step.
        because: Step,
    },
}

/// The nine steps and what became of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditReport {
    contest: Option<ApprovedContest>,
    outcomes: Vec<(Step, Outcome)>,
}

impl AuditReport {
    /// Audits a record. `progress` is told how many ballots have been verified, every few hundred.
    ///
    /// Cost: that of verifying the ballots in batches; memory beyond the record some 150 bytes a ballot.
    #[must_use]
    pub fn of(record: &Record, progress: &mut dyn FnMut(usize)) -> Self {
        match record.contest() {
            Ok(contest) => {
                let ballots: Vec<&[u8]> = record.ballots.iter().map(|ballot| ballot.0.as_slice()).collect();
                let pass = BallotPass::over(&contest, &ballots, progress);
                AuditReport::judge(record, contest, pass)
            }
            Err(error) => AuditReport::without_contest(error),
        }
    }

    /// Audits a record in JSON. When it cannot be read, step 1 fails and no other is carried out.
    #[cfg(feature = "serde")]
    #[must_use]
    pub fn of_json(json: &[u8], progress: &mut dyn FnMut(usize)) -> Self {
        match Record::from_json(json) {
            Ok(record) => AuditReport::of(&record, progress),
            Err(error) => AuditReport::without_contest(error),
        }
    }

    /// The report on what cannot be read as a record at all: step 1 fails with this message, and no other is
    /// carried out. What the message quotes of the record is cut short and made printable.
    #[must_use]
    pub fn unreadable(message: &dyn fmt::Display) -> Self {
        AuditReport::without_contest(RecordError::json(message))
    }

    /// Nothing when all nine steps passed.
    ///
    /// # Errors
    ///
    /// The report itself when any step failed or was not carried out.
    pub fn verdict(&self) -> Result<(), &AuditReport> {
        let passed = self.outcomes.iter().filter(|(_, outcome)| *outcome == Outcome::Passed).count();
        if passed == Step::ALL.len() { Ok(()) } else { Err(self) }
    }

    /// The contest of the record, if step 1 passed.
    #[must_use]
    pub fn contest(&self) -> Option<&ApprovedContest> {
        self.contest.as_ref()
    }

    /// Each step with its outcome, in order.
    #[must_use]
    pub fn outcomes(&self) -> &[(Step, Outcome)] {
        &self.outcomes
    }

    /// What became of one step.
    #[must_use]
    pub fn outcome(&self, step: Step) -> &Outcome {
        let failed = &Outcome::NotCarriedOut { because: Step::Contest };
        self.outcomes.iter().find(|(other, _)| *other == step).map_or(failed, |(_, outcome)| outcome)
    }

    fn without_contest(error: RecordError) -> Self {
        let mut report = AuditReport { contest: None, outcomes: Vec::with_capacity(9) };
        report.push(Step::Contest, alloc::vec![Flaw::Record(error)]);
        report.skip_rest(Step::Contest);
        report
    }

    /// The report on a record whose contest holds, from the pass over its ballots. `record.ballots` itself is
    /// not looked at.
    fn judge(record: &Record, contest: ApprovedContest, pass: BallotPass) -> Self {
        let mut report = AuditReport { contest: None, outcomes: Vec::with_capacity(9) };
        report.push(Step::Contest, Vec::new());
        report.box_steps(record, contest.contest(), pass);
        report.contest = Some(contest);
        report
    }

    /// Steps 2 to 9.
    fn box_steps(&mut self, record: &Record, contest: &Contest, mut pass: BallotPass) {
        let undecodable = core::mem::take(&mut pass.undecodable);
        let unproven = core::mem::take(&mut pass.unproven);
        let summable = undecodable.is_empty() && unproven.is_empty();
        let decodable = undecodable.is_empty();

        self.push_box(Step::Ballots, undecodable);
        self.push(Step::Roll, check_roll(record, contest, &pass));
        self.push_box(Step::Proofs, unproven);
        let closing = record.closing();
        self.push_box(Step::References, check_references(&closing, &pass.references));
        let roll = record.roll.iter().map(|entry| (&entry.credential.0, entry.revoked));
        let roll = roll_digest(roll);
        let mut flaws: Vec<Flaw> = closing.check(contest, roll).into_iter().map(Flaw::Box).collect();
        let digest = closing.digest(contest, roll);
        flaws.extend(check_endorsements(record, contest, digest));
        self.push(Step::Closing, flaws);

        if !summable {
            self.skip_rest(if decodable { Step::Proofs } else { Step::Ballots });
            return;
        }
        match pass.sum.finish(length_of(&pass.references)) {
            Err(error) => {
                self.push(Step::Tally, alloc::vec![Flaw::Box(BoxFlaw::Tally(error))]);
                self.skip_rest(Step::Tally);
            }
            Ok(tally) => {
                self.push(Step::Tally, check_tally(&record.tally, &tally));
                self.opening_steps(record, contest, digest, &tally);
            }
        }
    }

    /// Steps 8 and 9.
    fn opening_steps(
        &mut self,
        record: &Record,
        contest: &Contest,
        closing: ClosingDigest,
        tally: &SealedTally,
    ) {
        match check_factors(record, contest, closing, tally) {
            Err(flaws) => {
                self.push(Step::Factors, flaws);
                self.skip_rest(Step::Factors);
            }
            Ok(factors) => {
                self.push(Step::Factors, Vec::new());
                self.push(Step::Result, check_result(&record.result, contest, tally, &factors));
            }
        }
    }

    fn push(&mut self, step: Step, flaws: Vec<Flaw>) {
        let outcome = if flaws.is_empty() { Outcome::Passed } else { Outcome::Failed(flaws) };
        self.outcomes.push((step, outcome));
    }

    fn push_box(&mut self, step: Step, flaws: Vec<BoxFlaw>) {
        self.push(step, flaws.into_iter().map(Flaw::Box).collect());
    }

    fn skip_rest(&mut self, because: Step) {
        let done = self.outcomes.len();
        let rest = Step::ALL.into_iter().skip(done);
        self.outcomes.extend(rest.map(|step| (step, Outcome::NotCarriedOut { because })));
    }
}

/// One line a step, and one for each flaw below it.
impl fmt::Display for AuditReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (step, outcome) in &self.outcomes {
            let number = step.number();
            match outcome {
                Outcome::Passed => writeln!(f, "{number}. {step}: passed")?,
                Outcome::NotCarriedOut { because } => {
                    writeln!(
                        f,
                        "{number}. {step}: not carried out, because step {} failed",
                        because.number()
                    )?;
                }
                Outcome::Failed(flaws) => {
                    writeln!(f, "{number}. {step}: FAILED")?;
                    flaws.iter().try_for_each(|flaw| writeln!(f, "     {flaw}"))?;
                }
            }
        }
        Ok(())
    }
}

fn check_roll(record: &Record, contest: &Contest, pass: &BallotPass) -> Vec<Flaw> {
    let mut flaws: Vec<Flaw> = match record.roll(contest) {
        Ok(roll) => pass.check_roll(&roll).into_iter().map(Flaw::Box).collect(),
        Err(error) => alloc::vec![Flaw::Record(error)],
    };
    flaws.extend(pass.check_repeats().into_iter().map(Flaw::Box));
    flaws
}

fn check_endorsements(record: &Record, contest: &Contest, closing: ClosingDigest) -> Vec<Flaw> {
    let checked = record
        .endorsements(contest.threshold())
        .map_err(Flaw::Record)
        .and_then(|endorsements| check_quorum(contest, closing, &endorsements).map_err(Flaw::Opening));
    checked.err().into_iter().collect()
}

fn check_tally(record: &TallyRecord, tally: &SealedTally) -> Vec<Flaw> {
    let TallyRecord { count, nonce, sums } = record;
    let mut flaws = Vec::new();
    if *count != tally.count() {
        flaws.push(Flaw::Count { expected: tally.count(), actual: *count });
    }
    if nonce.0 != tally.nonce() {
        flaws.push(Flaw::NonceSum);
    }
    let expected = tally.choices();
    if sums.len() != expected.len() {
        flaws.push(Flaw::SumCount { expected: expected.len(), actual: sums.len() });
    }
    for (list, (sum, expected)) in (1..=u8::MAX).zip(sums.iter().zip(&expected)) {
        if sum.0 != *expected {
            flaws.push(Flaw::Sum { list });
        }
    }
    flaws
}

/// The factors of the `t` lowest trustees, when all are good and there are enough.
fn check_factors(
    record: &Record,
    contest: &Contest,
    closing: ClosingDigest,
    tally: &SealedTally,
) -> Result<Vec<DecryptionFactors>, Vec<Flaw>> {
    let mut factors =
        record.factors(contest.threshold()).map_err(|error| alloc::vec![Flaw::Record(error)])?;
    if tally.count() == 0 {
        return if factors.is_empty() { Ok(factors) } else { Err(alloc::vec![Flaw::FactorsOfEmptyBox]) };
    }
    // Only the first factors of each trustee are verified: their proofs are long, and a false record could
    // repeat them without end.
    let mut trustees = BTreeSet::new();
    let mut flaws: Vec<Flaw> = factors
        .iter()
        .filter(|factors| trustees.insert(factors.trustee()))
        .filter_map(|factors| factors.verify(contest, closing, tally).err())
        .map(Flaw::Factors)
        .collect();
    let repeat = first_repeat(factors.iter().map(DecryptionFactors::trustee)).and_then(|at| factors.get(at));
    flaws.extend(repeat.map(|repeat| Flaw::Factors(FactorError::Repeated { trustee: repeat.trustee() })));
    let required = usize::from(contest.threshold().required());
    if factors.len() < required {
        flaws.push(Flaw::TooFewFactors { expected: required, actual: factors.len() });
    }
    if !flaws.is_empty() {
        return Err(flaws);
    }
    factors.sort_by_key(DecryptionFactors::trustee);
    factors.truncate(required);
    Ok(factors)
}

fn check_result(
    record: &ResultRecord,
    contest: &Contest,
    tally: &SealedTally,
    factors: &[DecryptionFactors],
) -> Vec<Flaw> {
    let ResultRecord { votes, blank } = record;
    let expected = usize::from(contest.lists());
    if votes.len() != expected {
        return alloc::vec![Flaw::VoteCount { expected, actual: votes.len() }];
    }
    let mut flaws = Vec::new();
    for (list, (votes, message)) in (1..=u8::MAX).zip(votes.iter().zip(messages(tally, factors))) {
        if RistrettoPoint::mul_base(&Scalar::from(*votes)) != message {
            flaws.push(Flaw::Votes { list, votes: *votes });
        }
    }
    let total = votes.iter().chain([blank]).try_fold(0, |sum: u64, votes| sum.checked_add(*votes));
    if total != Some(tally.count()) {
        flaws.push(Flaw::Total { count: tally.count() });
    }
    flaws
}
