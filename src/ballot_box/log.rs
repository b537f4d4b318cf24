//! The box's own log: what it stores, and how it is made again from that.
//!
//! An entry is `LE64(length) ‖ body ‖ signature`. The body begins with the version and a kind; the
//! signature, by the box key, is over `H("urne/1 log"; fingerprint, LE64(number), digest of the entry
//! before, body)`, which is also this entry's digest. So an entry cannot be edited, moved, left out or put
//! in by anyone without the key. Only the end can be missing: [`BallotBox::rebuild`] takes the last head
//! that is known to have been given out and refuses a log that does not reach it.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use super::{ActivationError, BallotBox, CloseError, DepositError, RefusalError, ReissueError};
use crate::ballot::{Ballot, BallotError, ChallengedBallot, VerifiedBallot, verify_batch};
use crate::ballot_box::Issue;
use crate::ballot_box::RollError;
use crate::ballot_box::merkle::ReferenceTree;
use crate::ballot_box::{Head, VoterId};
use crate::contest::{ApprovedContest, Fingerprint};
use crate::credential::{Activation, ActivationNonce};
use crate::primitives::ed25519::{Signature, SigningKey, VerifyingKeyError};
use crate::primitives::hash::{FieldHash, length_of};
use crate::primitives::labels;
use crate::primitives::time::UnixTime;
use crate::primitives::wire::{DecodeError, Reader};

/// Entries whose ballots are verified in one go.
const ENTRIES_AT_A_TIME: usize = 1024;

/// Something that changed the box, to be stored before anyone is told of it.
#[derive(Clone, PartialEq, Eq)]
pub struct LogEntry(Vec<u8>);

impl LogEntry {
    /// The bytes to append to the stored log.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for LogEntry {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for LogEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogEntry({} bytes)", self.0.len())
    }
}

/// What can happen to a box.
pub(super) enum Event {
    Open {
        at: UnixTime,
        voters: BTreeMap<VoterId, Issue>,
    },
    Activate {
        voter: VoterId,
        nonce: ActivationNonce,
        activation: Activation,
        at: UnixTime,
    },
    /// At the time the new code is issued.
    Reissue {
        voter: VoterId,
        issue: Issue,
    },
    Refuse {
        opened: ChallengedBallot,
    },
    Deposit {
        voter: VoterId,
        at: UnixTime,
        ballot: Vec<u8>,
    },
    Close {
        at: UnixTime,
    },
}

impl Event {
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = alloc::vec![labels::WIRE_VERSION];
        match self {
            Event::Open { at, voters } => {
                bytes.push(0);
                bytes.extend(at.seconds().to_le_bytes());
                for (voter, issue) in voters {
                    voter.write(&mut bytes);
                    issue.write(&mut bytes);
                }
            }
            Event::Activate { voter, nonce, activation, at } => {
                bytes.push(1);
                voter.write(&mut bytes);
                bytes.extend(at.seconds().to_le_bytes());
                bytes.extend(nonce.to_bytes());
                bytes.extend(activation.to_bytes());
            }
            Event::Reissue { voter, issue } => {
                bytes.push(2);
                voter.write(&mut bytes);
                issue.write(&mut bytes);
            }
            Event::Refuse { opened } => {
                bytes.push(3);
                bytes.extend(opened.to_bytes());
            }
            Event::Deposit { voter, at, ballot } => {
                bytes.push(4);
                voter.write(&mut bytes);
                bytes.extend(at.seconds().to_le_bytes());
                bytes.extend(ballot);
            }
            Event::Close { at } => {
                bytes.push(5);
                bytes.extend(at.seconds().to_le_bytes());
            }
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::versioned(bytes)?;
        let offset = reader.offset();
        let time = |reader: &mut Reader<'_>| reader.integer().map(UnixTime::from_seconds);
        let event = match reader.byte()? {
            0 => {
                let at = time(&mut reader)?;
                let mut voters = BTreeMap::new();
                while !reader.rest().is_empty() {
                    let offset = reader.offset();
                    let voter = VoterId::read(&mut reader)?;
                    if voters.insert(voter, Issue::read(&mut reader)?).is_some() {
                        return Err(DecodeError::Number { offset });
                    }
                }
                Event::Open { at, voters }
            }
            1 => {
                let (voter, at) = (VoterId::read(&mut reader)?, time(&mut reader)?);
                let nonce = ActivationNonce::from_bytes(*reader.array()?);
                let activation = Activation::from_bytes(reader.take_rest())?;
                Event::Activate { voter, nonce, activation, at }
            }
            2 => Event::Reissue { voter: VoterId::read(&mut reader)?, issue: Issue::read(&mut reader)? },
            3 => Event::Refuse { opened: ChallengedBallot::from_bytes(reader.take_rest())? },
            4 => {
                let (voter, at) = (VoterId::read(&mut reader)?, time(&mut reader)?);
                Event::Deposit { voter, at, ballot: reader.take_rest().to_vec() }
            }
            5 => Event::Close { at: time(&mut reader)? },
            _ => return Err(DecodeError::Number { offset }),
        };
        reader.finish()?;
        Ok(event)
    }
}

/// Number of entries so far, and the digest of the last.
#[derive(Clone)]
pub(super) struct Chain {
    contest: Fingerprint,
    entries: u64,
    digest: [u8; 32],
}

impl Chain {
    pub(super) fn new(contest: Fingerprint) -> Self {
        Chain { contest, entries: 0, digest: [0; 32] }
    }

    fn next(&self, body: &[u8]) -> [u8; 32] {
        FieldHash::new(labels::LOG)
            .bytes(self.contest.as_bytes())
            .number(self.entries)
            .bytes(&self.digest)
            .bytes(body)
            .finish()
    }

    fn advance(&mut self, digest: [u8; 32]) {
        self.entries = self.entries.saturating_add(1);
        self.digest = digest;
    }

    pub(super) fn append(&mut self, event: &Event, key: &SigningKey) -> LogEntry {
        let body = event.to_bytes();
        let digest = self.next(&body);
        self.advance(digest);
        let mut bytes = length_of(&body).to_le_bytes().to_vec();
        bytes.extend(body);
        bytes.extend(key.sign(&digest).to_bytes());
        LogEntry(bytes)
    }

    /// Reads the next entry, checks its place and signature.
    fn read(&mut self, reader: &mut Reader<'_>, contest: &ApprovedContest) -> Result<Event, LogFlaw> {
        let cut_short = LogFlaw::CutShort { offset: reader.offset() };
        let length = reader.number().map_err(|_| cut_short.clone())?;
        let length = usize::try_from(length).map_err(|_| cut_short.clone())?;
        let body = reader.slice(length).map_err(|_| cut_short.clone())?;
        let signature = Signature::from_bytes(*reader.array().map_err(|_| cut_short)?);
        let digest = self.next(body);
        let key = contest.contest().description().box_key;
        key.verify(&digest, &signature).map_err(LogFlaw::Signature)?;
        self.advance(digest);
        Event::from_bytes(body).map_err(LogFlaw::Malformed)
    }
}

impl BallotBox {
    /// Makes a box again from its stored entries, one after the other, and verifies everything on the way:
    /// places and signatures of the entries, the roll, every activation, and every deposit with its proof.
    ///
    /// `last` is the latest head known to have been given to a voter, if any is: a log that does not reach
    /// it has lost its end, and with it votes that were acknowledged.
    ///
    /// A crash while the last entry was being written leaves it cut short. Nobody has been told of it; the
    /// error says at which offset it begins, and the log can be cut there. A length that was damaged in the
    /// middle of the log looks the same, so give `last` when the log that was cut is rebuilt.
    ///
    /// Cost: that of verifying the ballots in batches.
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
        let first = chain.read(&mut reader, &contest).map_err(refuse(0))?;
        let Event::Open { at, voters } = first else {
            return Err(refuse(0)(LogFlaw::NotOpened));
        };
        let ballot_box = BallotBox::begin(contest, &voters, at, key).map_err(LogFlaw::Opening);
        let mut ballot_box = BallotBox { chain, ..ballot_box.map_err(refuse(0))? };
        while !reader.rest().is_empty() {
            ballot_box.replay_some(&mut reader)?;
        }
        if let Some(last) = last {
            ballot_box.check_reaches(last).map_err(refuse(ballot_box.chain.entries))?;
        }
        Ok(ballot_box)
    }

    /// Replays the next entries, a thousand or so. Those before one that cannot be read are replayed
    /// first, so that the earliest flaw is named.
    fn replay_some(&mut self, reader: &mut Reader<'_>) -> Result<(), LogError> {
        let first = self.chain.entries;
        let mut events = Vec::new();
        let mut unreadable = None;
        while events.len() < ENTRIES_AT_A_TIME && !reader.rest().is_empty() {
            match self.chain.read(reader, &self.contest) {
                Ok(event) => events.push(event),
                Err(flaw) => {
                    unreadable = Some(LogError { entry: first.saturating_add(length_of(&events)), flaw });
                    break;
                }
            }
        }
        let mut ballots = self.verify_deposits(&events).into_iter();
        for (entry, event) in (first..).zip(events) {
            self.replay(event, &mut ballots).map_err(|flaw| LogError { entry, flaw })?;
        }
        unreadable.map_or(Ok(()), Err)
    }

    /// The verdict on the ballot of each deposit, in order; proofs are verified in a batch.
    fn verify_deposits(&self, events: &[Event]) -> Vec<Result<VerifiedBallot, BallotError>> {
        let decoded = events.iter().filter_map(|event| match event {
            Event::Deposit { ballot, .. } => Some(Ballot::from_bytes(&self.contest, ballot)),
            _ => None,
        });
        let mut errors = Vec::new();
        let mut sound = Vec::new();
        for ballot in decoded {
            match ballot {
                Ok(ballot) => {
                    sound.push(ballot);
                    errors.push(None);
                }
                Err(error) => errors.push(Some(error)),
            }
        }
        let mut verdicts = verify_batch(&self.contest, sound).unwrap_or_default().into_iter();
        let verdict = |error: Option<BallotError>| match error {
            Some(error) => Err(error),
            None => verdicts.next().unwrap_or(Err(BallotError::EmptyBatch)),
        };
        errors.into_iter().map(verdict).collect()
    }

    fn replay(
        &mut self,
        event: Event,
        ballots: &mut impl Iterator<Item = Result<VerifiedBallot, BallotError>>,
    ) -> Result<(), LogFlaw> {
        let clock = self.clock;
        let forward = move |at: UnixTime| {
            if at < clock { Err(LogFlaw::TimeWentBack { before: clock, at }) } else { Ok(()) }
        };
        match event {
            Event::Open { .. } => Err(LogFlaw::OpenedTwice),
            Event::Activate { voter, nonce, activation, at } => {
                forward(at)?;
                self.check_activation(&voter, &nonce, &activation, at).map_err(LogFlaw::Activation)?;
                self.apply_activation(&voter, at);
                Ok(())
            }
            Event::Reissue { voter, issue } => {
                forward(issue.issued_at)?;
                self.apply_reissue(&voter, issue).map_err(LogFlaw::Reissue)
            }
            Event::Refuse { opened } => {
                self.apply_refusal(&opened).map_err(LogFlaw::Refusal)?;
                Ok(())
            }
            Event::Deposit { voter, at, ballot: _ } => {
                let ballot = ballots
                    .next()
                    .unwrap_or(Err(BallotError::EmptyBatch))
                    .map_err(|error| LogFlaw::Deposit(DepositError::Ballot(error)))?;
                forward(at)?;
                self.check_window(at).map_err(LogFlaw::Deposit)?;
                match self.check_state(&voter, &ballot, at).map_err(LogFlaw::Deposit)? {
                    Some(vote) => Err(LogFlaw::Deposit(DepositError::AlreadyVoted { at: vote.at })),
                    None => {
                        self.apply_deposit(&voter, ballot, at);
                        Ok(())
                    }
                }
            }
            Event::Close { at } => {
                if self.closed.is_some() {
                    return Err(LogFlaw::ClosedTwice);
                }
                forward(at)?;
                self.check_closing_time(at).map_err(LogFlaw::Closing)?;
                self.closed = Some(at);
                self.clock = at;
                Ok(())
            }
        }
    }

    /// Whether the box has grown from, or to, a head that it gave out.
    fn check_reaches(&self, last: &Head) -> Result<(), LogFlaw> {
        let Head { size, root, .. } = *last;
        if last.verify(self.contest.contest()).is_err() {
            return Err(LogFlaw::OtherHead { size });
        }
        let known = usize::try_from(size).ok().and_then(|size| self.references.get(..size));
        let known = known.ok_or(LogFlaw::EndMissing { expected: size, actual: self.tree.size() })?;
        if ReferenceTree::of(known).root() == root { Ok(()) } else { Err(LogFlaw::OtherHead { size }) }
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

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "log entry {}: {}", self.entry, self.flaw)
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
    /// The signature does not hold: the entry was edited, moved, or not made by this box.
    Signature(VerifyingKeyError),
    /// The entry is signed and does not decode.
    Malformed(DecodeError),
    /// The first entry does not open the box.
    NotOpened,
    /// The box was open already.
    OpenedTwice,
    /// The roll cannot be opened.
    Opening(RollError),
    /// The time is earlier than that of the entry before.
    TimeWentBack {
        /// Time of the entry before.
        before: UnixTime,
        /// Time of the entry.
        at: UnixTime,
    },
    /// The activation is refused.
    Activation(ActivationError),
    /// The reissue is refused.
    Reissue(ReissueError),
    /// The opened ballot is refused.
    Refusal(RefusalError),
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

impl fmt::Display for LogFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LogFlaw::CutShort { offset } => write!(f, "cut short; it begins at byte {offset}"),
            LogFlaw::Signature(error) => error.fmt(f),
            LogFlaw::Malformed(error) => error.fmt(f),
            LogFlaw::NotOpened => f.write_str("the first entry does not open the box"),
            LogFlaw::OpenedTwice => f.write_str("the box is open already"),
            LogFlaw::Opening(error) => error.fmt(f),
            LogFlaw::TimeWentBack { before, at } => write!(f, "the time {at} is before {before}"),
            LogFlaw::Activation(error) => error.fmt(f),
            LogFlaw::Reissue(error) => error.fmt(f),
            LogFlaw::Refusal(error) => error.fmt(f),
            LogFlaw::Deposit(error) => error.fmt(f),
            LogFlaw::Closing(error) => error.fmt(f),
            LogFlaw::ClosedTwice => f.write_str("the box is closed already"),
            LogFlaw::EndMissing { expected, actual } => {
                write!(f, "the log ends with {actual} ballots where {expected} were acknowledged")
            }
            LogFlaw::OtherHead { size } => {
                write!(f, "the first {size} ballots are not those of the head that was given out")
            }
        }
    }
}

impl core::error::Error for LogFlaw {}
