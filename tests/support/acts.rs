//! A box that is asked one thing at a time, each in a transaction of its own; what is to be stored is for the
//! test to store.
#![allow(dead_code)]

use urne::ballot_box::{
    ActivationError, Anchor, Answer, ChallengeRefusal, CloseError, DepositError, IdentityChecked, Issue,
    LogEntry, LogError, ReissueError, Signings, TornEnd, UnstoredBox,
};
use urne::rand_core::CryptoRng;
use urne::{
    Activation, ActivationNonce, ApprovedContest, BallotBox, ClosedBox, Receipt, SigningKey, UnixTime,
    VoterId,
};

/// A deposit that was taken, or had been taken before.
#[derive(Clone, Debug, PartialEq)]
pub struct Deposit {
    pub receipt: Receipt,
    /// `None` when the same ballot had been deposited before.
    pub entry: Option<LogEntry>,
}

/// The box with its first entry, both of which are stored.
pub fn opened(unstored: UnstoredBox) -> (BallotBox, LogEntry) {
    let entry = unstored.entries()[0].clone();
    (unstored.stored(), entry)
}

/// A box made again from a log of one piece, without an anchor.
pub fn rebuild(contest: ApprovedContest, key: SigningKey, log: &[u8]) -> Result<BallotBox, LogError> {
    rebuild_to(contest, key, log, None).map(|(ballot_box, _)| ballot_box)
}

/// The same with one, and with what was cut off if there is a torn end.
pub fn rebuild_to(
    contest: ApprovedContest,
    key: SigningKey,
    log: &[u8],
    anchor: Option<&Anchor>,
) -> Result<(BallotBox, Option<TornEnd>), LogError> {
    let mut rebuilding = match anchor {
        Some(anchor) => BallotBox::rebuilding(contest, key, *anchor),
        None => BallotBox::rebuilding_without_anchor(contest, key),
    };
    rebuilding.read(log)?;
    let torn = anchor.and_then(|_| rebuilding.cut_torn_end());
    Ok((rebuilding.finish()?.stored(), torn))
}

pub trait OneByOne {
    fn activate(
        &mut self,
        voter: &VoterId,
        nonce: &ActivationNonce,
        activation: &Activation,
        now: UnixTime,
    ) -> Result<Option<LogEntry>, ActivationError>;

    fn reissue(
        &mut self,
        identity: IdentityChecked,
        issue: Issue,
        now: UnixTime,
    ) -> Result<Option<LogEntry>, ReissueError>;

    fn challenge(
        &mut self,
        voter: &VoterId,
        ballot: &[u8],
        now: UnixTime,
    ) -> Result<Option<LogEntry>, ChallengeRefusal>;

    fn deposit(&mut self, voter: &VoterId, ballot: &[u8], now: UnixTime) -> Result<Deposit, DepositError>;

    fn deposit_batch(
        &mut self,
        deposits: &[(VoterId, Vec<u8>)],
        now: UnixTime,
    ) -> Vec<Result<Deposit, DepositError>>;

    fn close<R: CryptoRng>(
        &mut self,
        now: UnixTime,
        rng: &mut R,
    ) -> Result<(ClosedBox, Signings, Option<LogEntry>), CloseError>;
}

impl OneByOne for BallotBox {
    fn activate(
        &mut self,
        voter: &VoterId,
        nonce: &ActivationNonce,
        activation: &Activation,
        now: UnixTime,
    ) -> Result<Option<LogEntry>, ActivationError> {
        let mut transaction = self.transaction();
        transaction.activate(voter, nonce, activation, now)?;
        let entry = transaction.entries().first().cloned();
        assert_eq!(transaction.stored(), [Answer::Activated]);
        Ok(entry)
    }

    fn reissue(
        &mut self,
        identity: IdentityChecked,
        issue: Issue,
        now: UnixTime,
    ) -> Result<Option<LogEntry>, ReissueError> {
        let mut transaction = self.transaction();
        transaction.reissue(identity, issue, now)?;
        let entry = transaction.entries().first().cloned();
        assert_eq!(transaction.stored(), [Answer::Reissued]);
        Ok(entry)
    }

    fn challenge(
        &mut self,
        voter: &VoterId,
        ballot: &[u8],
        now: UnixTime,
    ) -> Result<Option<LogEntry>, ChallengeRefusal> {
        let mut transaction = self.transaction();
        transaction.challenge(voter, ballot, now)?;
        let entry = transaction.entries().first().cloned();
        assert_eq!(transaction.stored(), [Answer::Challenged]);
        Ok(entry)
    }

    fn deposit(&mut self, voter: &VoterId, ballot: &[u8], now: UnixTime) -> Result<Deposit, DepositError> {
        let mut transaction = self.transaction();
        transaction.deposit(voter, ballot, now)?;
        let entry = transaction.entries().first().cloned();
        let [answer] = transaction.stored().try_into().unwrap();
        Ok(Deposit { receipt: answer.receipt().unwrap(), entry })
    }

    fn deposit_batch(
        &mut self,
        deposits: &[(VoterId, Vec<u8>)],
        now: UnixTime,
    ) -> Vec<Result<Deposit, DepositError>> {
        let before = self.len();
        let mut transaction = self.transaction();
        let verdicts = transaction.deposit_batch(deposits, now);
        let entries = transaction.entries().to_vec();
        let mut receipts = transaction.stored().into_iter().map(|answer| answer.receipt().unwrap());
        let mut entries = entries.into_iter();
        let mut next = before;
        let mut taken = |receipt: Receipt| {
            // The first answer with its place in the box is that of a new ballot.
            let entry = (receipt.deposit_proof.index == next as u64).then(|| entries.next().unwrap());
            next += usize::from(entry.is_some());
            Deposit { receipt, entry }
        };
        let answers =
            verdicts.into_iter().map(|verdict| verdict.map(|()| taken(receipts.next().unwrap()))).collect();
        assert!(receipts.next().is_none());
        answers
    }

    fn close<R: CryptoRng>(
        &mut self,
        now: UnixTime,
        rng: &mut R,
    ) -> Result<(ClosedBox, Signings, Option<LogEntry>), CloseError> {
        let mut transaction = self.transaction();
        transaction.close(now, rng)?;
        let entry = transaction.entries().first().cloned();
        let answers = transaction.stored();
        let (closed, signings) = self.closed().unwrap();
        assert_eq!(answers, [Answer::Closed(*closed.closing())]);
        Ok((closed, signings, entry))
    }
}
