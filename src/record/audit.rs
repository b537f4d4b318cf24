//! The audit: nine steps over a published record, each recomputed from primary data.

use alloc::vec::Vec;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;

use super::read::{
    check_protocol, decode_roll, read_approvals, read_contest, read_endorsements, read_factors, read_opening,
};
use super::{
    BoxClosingRecord, ClosedRecord, ContestRecord, FactorsRecord, OpeningRecord, Record, RecordError,
    ResultRecord, RollEntryRecord, SignatureRecord, TallyRecord, form,
};
use crate::ballot::{PartialSum, SealedTally, ballots_at_a_time};
use crate::ballot_box::{
    BallotPass, BoxFlaw, Closing, ClosingDigest, FirstFlaws, Joined, Looked, OpeningDigest, RollDigest,
    RollRead, check_size_and_root,
};
use crate::contest::{ApprovedContest, Contest};
use crate::primitives::labels;
use crate::primitives::{DecodeError, Signature};
use crate::tally::{ElectionResult, GoodFactors, check_quorums, lowest_of_each_panel, messages};

mod flaw;
mod flaws;
mod report;
#[cfg(feature = "serde")]
mod stream;

pub use flaw::Flaw;
pub use flaws::Flaws;
use report::Stated;
pub use report::{AuditReport, Because, Conclusion, Outcome, Step};

/// What was published of a contest, besides its ballots.
pub(in crate::record) struct Published<'a> {
    pub(super) protocol: &'a str,
    pub(super) contest: &'a ContestRecord,
    pub(super) approvals: &'a [SignatureRecord],
    pub(super) opening: &'a OpeningRecord,
    pub(super) roll: &'a [RollEntryRecord],
    pub(super) closing: BoxClosingRecord,
    pub(super) tally: &'a TallyRecord,
    /// `None` in a closed record.
    pub(super) counted: Option<Counted<'a>>,
}

/// What a closed record does not have.
pub(super) struct Counted<'a> {
    pub(super) issuer_signature: Signature,
    pub(super) endorsements: &'a [SignatureRecord],
    pub(super) factors: &'a [FactorsRecord],
    pub(super) result: &'a ResultRecord,
}

impl<'a> From<&'a Record> for Published<'a> {
    fn from(record: &'a Record) -> Self {
        Published {
            protocol: &record.protocol,
            contest: &record.contest,
            approvals: &record.approvals,
            opening: &record.opening,
            roll: &record.roll,
            closing: record.closing.of_box(),
            tally: &record.tally,
            counted: Some(Counted {
                issuer_signature: Signature::from_bytes(record.closing.issuer_signature.0),
                endorsements: &record.closing.endorsements,
                factors: &record.factors,
                result: &record.result,
            }),
        }
    }
}

impl<'a> From<&'a ClosedRecord> for Published<'a> {
    fn from(record: &'a ClosedRecord) -> Self {
        Published {
            protocol: &record.protocol,
            contest: &record.contest,
            approvals: &record.approvals,
            opening: &record.opening,
            roll: &record.roll,
            closing: record.closing.clone(),
            tally: &record.tally,
            counted: None,
        }
    }
}

/// What an audit has found in roll and ballots.
pub(in crate::record) struct Found {
    /// How many ballots there are.
    pub(super) count: usize,
    pub(super) looked: Looked,
    pub(super) joined: Joined,
    pub(super) roll: RollRead,
    /// The first entry of the roll that does not decode.
    pub(super) undecodable: Option<(usize, DecodeError)>,
}

impl Published<'_> {
    /// What every step needs: form and contest. A bad approval does not hinder it.
    pub(super) fn readable(&self) -> Result<Contest, RecordError> {
        let expected = if self.counted.is_some() { labels::PROTOCOL } else { labels::PROTOCOL_CLOSED };
        check_protocol(self.protocol, expected)?;
        form::check_integers(self)?;
        let contest = read_contest(self.contest)?;
        form::check_lengths(self, &contest)?;
        Ok(contest)
    }

    fn audit<B: AsRef<[u8]> + Sync>(
        &self,
        ballots: impl IntoIterator<Item = B>,
        progress: &mut dyn FnMut(usize),
    ) -> AuditReport {
        match self.readable() {
            Err(error) => AuditReport::unread(error),
            Ok(contest) => {
                let credentials = decode_roll(self.roll);
                let mut pass = BallotPass::new(&contest);
                let mut ballots = ballots.into_iter();
                loop {
                    let next: Vec<B> = ballots.by_ref().take(ballots_at_a_time(&contest)).collect();
                    if next.is_empty() {
                        break;
                    }
                    pass.take(&contest, &next, credentials.as_ref().ok(), progress);
                }
                self.judge_all(contest, credentials.err(), pass)
            }
        }
    }

    /// The report, when all ballots have been looked at. `undecodable` is the first entry of the roll that does not
    /// decode.
    fn judge_all(
        &self,
        contest: Contest,
        undecodable: Option<(usize, DecodeError)>,
        pass: BallotPass,
    ) -> AuditReport {
        let BallotPass { count, looked, mut joins } = pass;
        for (entry, RollEntryRecord { credential, revoked }) in self.roll.iter().enumerate() {
            joins.take_entry(entry, credential.0, *revoked);
        }
        let entries = self.roll.iter().map(|entry| (&entry.credential.0, entry.revoked));
        let roll = RollRead::of(self.opening.voters, entries);
        self.judge(contest, Found { count, looked, joined: joins.finish(), roll, undecodable })
    }

    /// The report, when form and contest can be read and everything in roll and ballots has been found.
    pub(super) fn judge(&self, contest: Contest, found: Found) -> AuditReport {
        let Found { count, looked, joined, roll, undecodable } = found;
        let mut report = AuditReport::begin(contest.clone(), self.stated(count));
        report.push(Step::Contest, self.check_approvals(&contest));

        let opening = read_opening(self.opening);
        let of_roll = match undecodable {
            Some((entry, error)) => Err(RecordError::Credential { entry, error }),
            None => roll.check(&contest, &opening, joined.repeated).map_err(RecordError::Roll),
        };
        let Joined { roll: on_roll, repeats, references, repeated: _ } = joined;
        // Of what is no roll nothing is said of the ballots' credentials but that they repeat.
        let mut credentials = if of_roll.is_ok() { on_roll } else { FirstFlaws::default() };
        let summable = looked.undecodable.is_empty();
        report.push_with(Step::Ballots, Vec::new(), looked.undecodable);
        credentials.merge(repeats);
        report.push_with(Step::Roll, of_roll.err().map(Flaw::Record).into_iter().collect(), credentials);
        report.push_with(Step::Proofs, Vec::new(), looked.unproven);
        let (stated, root) = (self.closing.read(), looked.references.root());
        let of_tree = check_size_and_root(&stated, count, root).into_iter().map(Flaw::Box);
        report.push_with(Step::References, of_tree.collect(), references);

        // From here on size and root are those of the ballots, whatever the closing says.
        let size = u64::try_from(count).unwrap_or(u64::MAX);
        let closing = Closing { size, root, ..stated };
        let (opening, roll) = (roll.opening_digest(&contest, &opening), roll.digest);
        let digest = closing.digest(&contest, opening, roll);
        report.push(Step::Closing, self.check_closing(&contest, &closing, opening, roll));

        if !summable {
            report.skip_rest(Because::Failed(Step::Ballots));
            return report;
        }
        // Of ballots that all decode there is a sum.
        let sum = looked.sum.unwrap_or_else(|| PartialSum::new(&contest));
        let tally = match sum.finish(size) {
            Ok(tally) => tally,
            Err(error) => {
                report.push(Step::Tally, alloc::vec![Flaw::Box(BoxFlaw::Tally(error))]);
                report.skip_rest(Because::Failed(Step::Tally));
                return report;
            }
        };
        report.push(Step::Tally, check_tally(self.tally, &tally));
        let Some(counted) = &self.counted else {
            report.skip_rest(Because::NotCounted);
            return report;
        };
        let (flaws, factors) = counted.check_factors(&contest, digest, &tally);
        report.push(Step::Factors, flaws);
        match factors {
            None => report.skip_rest(Because::Failed(Step::Factors)),
            Some(factors) => {
                report.push(Step::Result, check_result(counted.result, &contest, &tally, &factors));
            }
        }
        report
    }

    /// What the record says of itself.
    fn stated(&self, ballots: usize) -> Stated {
        let result = self.counted.as_ref().map(|counted| {
            let ResultRecord { votes, blank } = counted.result;
            ElectionResult::new(votes.clone(), *blank)
        });
        Stated { voters: self.opening.voters, ballots: u64::try_from(ballots).unwrap_or(u64::MAX), result }
    }

    fn check_approvals(&self, contest: &Contest) -> Vec<Flaw> {
        let approved = read_approvals(contest, self.approvals).and_then(|approvals| {
            ApprovedContest::new(contest.clone(), approvals).map_err(RecordError::Contest)
        });
        approved.err().map(Flaw::Record).into_iter().collect()
    }

    fn check_closing(
        &self,
        contest: &Contest,
        closing: &Closing,
        opening: OpeningDigest,
        roll: RollDigest,
    ) -> Vec<Flaw> {
        let mut flaws: Vec<Flaw> = closing.check(contest, opening, roll).into_iter().map(Flaw::Box).collect();
        let Some(Counted { issuer_signature, endorsements, .. }) = &self.counted else { return flaws };
        let digest = closing.digest(contest, opening, roll);
        let issuer_key = contest.description().issuer_key;
        let signed = issuer_key.verify(digest.as_bytes(), issuer_signature);
        flaws.extend(signed.err().map(|error| Flaw::Box(BoxFlaw::IssuerSignature(error))));
        let endorsed =
            read_endorsements(contest, endorsements).map_err(Flaw::Record).and_then(|endorsements| {
                check_quorums(contest, digest, &endorsements).map_err(Flaw::Endorsement)
            });
        flaws.extend(endorsed.err());
        flaws
    }
}

impl Counted<'_> {
    /// What is wrong with the factors, and the good ones if they are enough to compare the result with.
    fn check_factors(
        &self,
        contest: &Contest,
        closing: ClosingDigest,
        tally: &SealedTally,
    ) -> (Vec<Flaw>, Option<Vec<GoodFactors>>) {
        // Their number is that of the trustees at the most, since these ascend.
        let factors = match read_factors(contest, self.factors) {
            Ok(factors) => factors,
            Err(error) => return (alloc::vec![Flaw::Record(error)], None),
        };
        if tally.count() == 0 {
            let flaws = if factors.is_empty() { Vec::new() } else { alloc::vec![Flaw::FactorsOfEmptyBox] };
            return (flaws, Some(Vec::new()));
        }
        let mut flaws = Vec::new();
        let mut good = Vec::new();
        for factors in factors {
            match factors.verify(contest, closing, tally) {
                Ok(factors) => good.push(factors),
                Err(error) => flaws.push(Flaw::Factors(error)),
            }
        }
        match lowest_of_each_panel(contest.bureau(), &good) {
            Ok(_) => (flaws, Some(good)),
            Err((panel, expected, actual)) => {
                flaws.push(Flaw::TooFewFactors { panel, expected, actual });
                (flaws, None)
            }
        }
    }
}

impl AuditReport {
    /// Audits a record. `progress` is told how many ballots have been verified, every few hundred.
    ///
    /// Cost: that of verifying the ballots in batches; memory beyond the record is some 120 bytes a ballot.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use urne::record::{AuditReport, Step, Outcome};
    /// # let record = urne::Record::from_json(include_bytes!("../../tests/vectors/record.json"))?;
    ///
    /// let report = AuditReport::of(&record, &mut |_| ());
    /// assert!(report.verdict().is_ok());
    ///
    /// // Anything that is changed fails a step.
    /// let mut false_result = record.clone();
    /// false_result.result.blank += 1;
    /// let report = AuditReport::of(&false_result, &mut |_| ());
    /// assert!(report.verdict().is_err());
    /// assert!(matches!(report.outcome(Step::Result), Outcome::Failed(_)));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn of(record: &Record, progress: &mut dyn FnMut(usize)) -> Self {
        Published::from(record).audit(&record.ballots, progress)
    }

    /// Audits a closed record: steps 1 to 5, 7, and the box's half of 6. The others are not carried out, so that
    /// its [`verdict`](AuditReport::verdict) is never that of an election; see
    /// [`verdict_of_closed`](AuditReport::verdict_of_closed).
    #[must_use]
    pub fn of_closed(record: &ClosedRecord, progress: &mut dyn FnMut(usize)) -> Self {
        Published::from(record).audit(&record.ballots, progress)
    }

    /// The report on a record that cannot be read as JSON. One that is cut short is told apart
    /// ([`Conclusion::NotWhole`]).
    #[cfg(feature = "serde")]
    #[must_use]
    pub fn unreadable(error: &serde_json::Error) -> Self {
        AuditReport::unread(RecordError::json(error))
    }
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
    // As many as there are slots, as the form of the record was checked for.
    for (slot, (sum, expected)) in (1..).zip(sums.iter().zip(tally.sums())) {
        if sum.0 != expected {
            flaws.push(Flaw::Sum { slot });
        }
    }
    flaws
}

/// The numbers of votes are within the count, which is within the capacity; only then do the totals say that they
/// are the votes, since digits that overflow could make the same total.
fn check_result(
    record: &ResultRecord,
    contest: &Contest,
    tally: &SealedTally,
    factors: &[GoodFactors],
) -> Vec<Flaw> {
    let ResultRecord { votes, blank } = record;
    let (count, layout) = (tally.count(), contest.layout());
    if count > layout.capacity() {
        return alloc::vec![Flaw::Capacity { count, capacity: layout.capacity() }];
    }
    let above = (1..=u8::MAX).zip(votes).filter(|(_, votes)| **votes > count);
    let mut flaws: Vec<Flaw> =
        above.map(|(list, votes)| Flaw::TooManyVotes { list, votes: *votes, count }).collect();
    if flaws.is_empty() && count > 0 {
        flaws.extend(check_totals(votes, contest, tally, factors));
    }
    let total = votes.iter().chain([blank]).try_fold(0, |sum: u64, votes| sum.checked_add(*votes));
    if total != Some(count) {
        flaws.push(Flaw::Total { count });
    }
    flaws
}

fn check_totals(votes: &[u64], contest: &Contest, tally: &SealedTally, factors: &[GoodFactors]) -> Vec<Flaw> {
    // Not too few: otherwise this step is not carried out.
    let Ok(groups) = lowest_of_each_panel(contest.bureau(), factors) else { return Vec::new() };
    let layout = contest.layout();
    let slots = layout.slices(votes).zip(messages(tally, &groups));
    let differs = |(slot, (votes, message)): (usize, (&[u64], RistrettoPoint))| {
        let weighted = votes.iter().zip(layout.weights());
        let total: Scalar =
            weighted.map(|(votes, weight)| Scalar::from(*votes) * Scalar::from(*weight)).sum();
        (RistrettoPoint::mul_base(&total) != message).then_some(Flaw::Votes { slot })
    };
    (1..).zip(slots).filter_map(differs).collect()
}

#[cfg(all(test, feature = "serde"))]
mod tests;
