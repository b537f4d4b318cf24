//! A box made again from what it stored.

use alloc::vec::Vec;
use core::fmt;

use super::deposit::verdict;
use super::log::{Chain, Event};
use super::{
    ActivationError, BallotBox, ChallengeRefusal, CloseError, DepositError, ElectoralRoll, Head, OpenError,
    RegistrationError, ReissueError,
};
use crate::ballot::{Outcome, ballots_at_a_time, verify_all};
use crate::contest::ApprovedContest;
use crate::primitives::hash::length_of;
use crate::primitives::messages::messages;
use crate::primitives::proof::Rejected;
use crate::primitives::text::{count, nth};
use crate::primitives::wire::{DecodeError, Reader};
use crate::primitives::{SigningKey, UnixTime, VerifyingKeyError, parallel};

impl BallotBox {
    /// Makes a box again from its stored entries, one after the other, and verifies everything on the way:
    /// places and signatures of the entries, the roll and its opening, every activation, and every deposit
    /// and challenge with the ballot's proof.
    ///
    /// `last` is the latest head known to have been given to a voter or monitor, if any is: a log that does
    /// not reach it has lost its end, and with it votes that were acknowledged.
    ///
    /// A crash while the last entry was being written leaves it cut short. Nobody has been told of it; the
    /// error says at which offset it begins, and the log can be cut there. A length that was damaged in the
    /// middle of the log looks the same, so give `last` when the log that was cut is rebuilt.
    ///
    /// Cost: that of verifying the ballots in batches, and an activation for each voter.
    ///
    /// # Errors
    ///
    /// [`LogError`] with the number of the first entry that is refused, and why.
    pub fn rebuild(
        contest: ApprovedContest,
        key: SigningKey,
        log: &[u8],
        last: Option<&Head>,
    ) -> Result<Self, LogError> {
        let mut reader = Reader::new(log);
        let mut chain = Chain::new(contest.fingerprint());
        let refuse = |entry| move |flaw| LogError { entry, flaw };
        let first = chain.read(&mut reader, contest.contest()).map_err(refuse(0))?;
        let Event::Open { opening, issues } = first else {
            return Err(refuse(0)(LogFlaw::NotOpened));
        };
        let mut roll = ElectoralRoll::new(contest);
        for issue in issues {
            roll.register(issue).map_err(LogFlaw::Registration).map_err(refuse(0))?;
        }
        let (contest, voters) = roll.into_parts();
        let ballot_box = BallotBox::begin(contest, opening, &voters, key).map_err(LogFlaw::Opening);
        let mut ballot_box = BallotBox { chain, ..ballot_box.map_err(refuse(0))? };
        while !reader.rest().is_empty() {
            ballot_box.replay_some(&mut reader)?;
        }
        if let Some(last) = last {
            ballot_box.check_reaches(last).map_err(refuse(ballot_box.chain.entries()))?;
        }
        Ok(ballot_box)
    }

    /// Replays the next entries, some hundreds. Those before one that cannot be read are replayed
    /// first, so that the earliest flaw is named.
    fn replay_some(&mut self, reader: &mut Reader<'_>) -> Result<(), LogError> {
        let first = self.chain.entries();
        let most = ballots_at_a_time();
        let mut events = Vec::new();
        let mut unreadable = None;
        while events.len() < most && !reader.rest().is_empty() {
            match self.chain.read(reader, self.contest.contest()) {
                Ok(event) => events.push(event),
                Err(flaw) => {
                    unreadable = Some(LogError { entry: first.saturating_add(length_of(&events)), flaw });
                    break;
                }
            }
        }
        let mut outcomes = self.verify_ballots(&events).into_iter();
        let proofs = self.verify_activations(&events);
        for ((entry, event), proof) in (first..).zip(events).zip(proofs) {
            self.replay(event, proof, &mut outcomes).map_err(|flaw| LogError { entry, flaw })?;
        }
        unreadable.map_or(Ok(()), Err)
    }

    /// The verdict on the ballot of each deposit and challenge, in order; proofs are verified in batches.
    fn verify_ballots(&self, events: &[Event]) -> Vec<Outcome> {
        let ballots = events.iter().filter_map(|event| match event {
            Event::Deposit { ballot, .. } | Event::Challenge { ballot, .. } => Some(ballot.as_slice()),
            _ => None,
        });
        verify_all(self.contest.contest(), &ballots.collect::<Vec<_>>(), None)
    }

    /// Whether each activation's proof holds, over all cores with the feature `parallel`; other events have
    /// none.
    fn verify_activations(&self, events: &[Event]) -> Vec<Result<(), Rejected>> {
        let contest = self.contest.contest();
        parallel::map(events, |event| match event {
            Event::Activate { nonce, activation, .. } => activation.verify(contest, nonce),
            _ => Ok(()),
        })
    }

    fn replay(
        &mut self,
        event: Event,
        proof: Result<(), Rejected>,
        outcomes: &mut impl Iterator<Item = Outcome>,
    ) -> Result<(), LogFlaw> {
        match event {
            Event::Open { .. } => Err(LogFlaw::OpenedTwice),
            Event::Activate { voter, at, nonce: _, activation } => {
                self.check_forward(at)?;
                let new = self.check_activation(&voter, &activation.credential(), || proof, at);
                if !new.map_err(LogFlaw::Activation)? {
                    return Err(LogFlaw::NoChange);
                }
                self.apply_activation(&voter, at);
                Ok(())
            }
            Event::Reissue { at, issue } => {
                self.check_forward(at)?;
                self.apply_reissue(&issue, at).map_err(LogFlaw::Reissue)
            }
            Event::Challenge { voter, at, ballot: _ } => {
                let outcome = outcomes.next();
                self.check_forward(at)?;
                self.check_challenger(&voter, at).map_err(LogFlaw::Challenge)?;
                let ballot =
                    verdict(outcome).map_err(ChallengeRefusal::Ballot).map_err(LogFlaw::Challenge)?;
                if !self.check_challenge(&voter, &ballot, at).map_err(LogFlaw::Challenge)? {
                    return Err(LogFlaw::NoChange);
                }
                self.apply_challenge(&voter, &ballot, at);
                Ok(())
            }
            Event::Deposit { voter, at, ballot } => {
                let outcome = outcomes.next();
                self.check_forward(at)?;
                if self.check_depositor(&voter, &ballot, at).map_err(LogFlaw::Deposit)?.is_some() {
                    return Err(LogFlaw::NoChange);
                }
                let ballot = verdict(outcome).map_err(DepositError::Ballot).map_err(LogFlaw::Deposit)?;
                self.check_state(&voter, &ballot, at).map_err(LogFlaw::Deposit)?;
                self.apply_deposit(&voter, ballot, at);
                Ok(())
            }
            Event::Close(closed) => {
                if self.closed.is_some() {
                    return Err(LogFlaw::ClosedTwice);
                }
                self.check_forward(closed.at)?;
                self.check_closing_time(closed.at).map_err(LogFlaw::Closing)?;
                self.closed = Some(closed);
                self.clock = closed.at;
                Ok(())
            }
        }
    }

    fn check_forward(&self, at: UnixTime) -> Result<(), LogFlaw> {
        let before = self.clock;
        if at < before { Err(LogFlaw::TimeWentBack { before, at }) } else { Ok(()) }
    }

    /// Whether the box has grown from, or to, a head that it gave out.
    fn check_reaches(&self, last: &Head) -> Result<(), LogFlaw> {
        let Head { size, root, .. } = *last;
        if last.verify(self.contest.contest(), self.roll.opening_digest()).is_err() {
            return Err(LogFlaw::OtherHead { size });
        }
        let known = self.tree.root_of(size);
        let known = known.ok_or(LogFlaw::EndMissing { expected: size, actual: self.tree.size() })?;
        if known == root { Ok(()) } else { Err(LogFlaw::OtherHead { size }) }
    }
}

/// The first entry of a log that is refused, and why. Entries are counted from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogError {
    /// The entry.
    pub entry: u64,
    /// What is wrong with it.
    pub flaw: LogFlaw,
}

impl LogError {
    /// The code of what is wrong.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.flaw.code()
    }
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "log entry {}: {}", nth(self.entry), self.flaw)
    }
}

impl core::error::Error for LogError {}

/// What is wrong with an entry of a log.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogFlaw {
    /// The log ends inside the entry.
    CutShort {
        /// Where the entry begins.
        offset: usize,
    },
    /// What stands where an entry should begin is none.
    NotAnEntry {
        /// Where it begins.
        offset: usize,
        /// What is there.
        error: DecodeError,
    },
    /// The signature does not hold: the entry was edited, moved, or not made by this box.
    Signature(VerifyingKeyError),
    /// The entry is signed and does not decode.
    Malformed(DecodeError),
    /// The first entry does not open the box.
    NotOpened,
    /// The box was open already.
    OpenedTwice,
    /// An issue cannot stand on the roll.
    Registration(RegistrationError),
    /// The box cannot be opened.
    Opening(OpenError),
    /// The time is earlier than that of the entry before.
    TimeWentBack {
        /// Time of the entry before.
        before: UnixTime,
        /// Time of the entry.
        at: UnixTime,
    },
    /// The entry changes nothing, and the box writes no such one.
    NoChange,
    /// The activation is refused.
    Activation(ActivationError),
    /// The reissue is refused.
    Reissue(ReissueError),
    /// The challenge is refused.
    Challenge(ChallengeRefusal),
    /// The deposit is refused.
    Deposit(DepositError),
    /// The closing is refused.
    Closing(CloseError),
    /// The box was closed already.
    ClosedTwice,
    /// Ballots that were acknowledged are missing.
    EndMissing {
        /// How many ballots there were.
        expected: u64,
        /// How many the log has.
        actual: u64,
    },
    /// The box's first ballots are not those of the head that was given out, or the box did not sign it.
    OtherHead {
        /// Size at the head.
        size: u64,
    },
}

messages! { LogFlaw: "log";
    CutShort { offset } => "cut-short", "cut short: it begins at byte offset {offset}";
    NotAnEntry { offset, error } => "not-an-entry", "no entry at byte offset {offset}: {error}";
    Signature(error) => of error;
    Malformed(error) => of error;
    NotOpened => "not-opened", "the first entry does not open the box";
    OpenedTwice => "opened-twice", "the box is open already";
    Registration(error) => of error;
    Opening(error) => of error;
    TimeWentBack { before, at } => "time-went-back", "the time {at} is before {before}";
    NoChange => "no-change", "it changes nothing, and a box writes no such entry";
    Activation(error) => of error;
    Reissue(error) => of error;
    Challenge(error) => of error;
    Deposit(error) => of error;
    Closing(error) => of error;
    ClosedTwice => "closed-twice", "the box is closed already";
    EndMissing { expected, actual } => "end-missing",
        "the log ends with {}, and {expected} were acknowledged", count(*actual, "ballot");
    OtherHead { size } => "other-head",
        "the box does not begin with the {} of the head that was given out", count(*size, "ballot");
}

impl core::error::Error for LogFlaw {}
