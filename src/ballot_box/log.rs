//! The box's own log: what it stores.
//!
//! An entry is `kind ‖ version ‖ LE64(length) ‖ body ‖ signature`. The signature, by the box key, is over
//! `H("urne/2 log"; fingerprint, LE64(number), digest of the entry before, body)`, which is also this entry's
//! digest. So an entry cannot be edited, moved, left out or put in by anyone without the key. Only the end
//! can be missing: [`BallotBox::rebuild`](super::BallotBox::rebuild) takes the last head that is known to
//! have been given out and refuses a log that does not reach it.

use alloc::vec::Vec;
use core::fmt;

use super::{Closed, Issue, LogFlaw, Opening, VoterId};
use crate::contest::{Contest, Fingerprint};
use crate::credential::{Activation, ActivationNonce};
use crate::primitives::hash::{FieldHash, length_of};
use crate::primitives::wire::{DecodeError, Kind, Reader, form};
use crate::primitives::{Signature, SigningKey, UnixTime, labels};

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
    Open { opening: Opening, issues: Vec<Issue> },
    Activate { voter: VoterId, at: UnixTime, nonce: ActivationNonce, activation: Activation },
    Reissue { at: UnixTime, issue: Issue },
    Challenge { voter: VoterId, at: UnixTime, ballot: Vec<u8> },
    Deposit { voter: VoterId, at: UnixTime, ballot: Vec<u8> },
    Close(Closed),
}

impl Event {
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self {
            Event::Open { opening, issues } => {
                let Opening { voters, at, box_signature, issuer_signature } = opening;
                bytes.push(0);
                bytes.extend(voters.to_le_bytes());
                bytes.extend(at.seconds().to_le_bytes());
                bytes.extend(box_signature.to_bytes());
                bytes.extend(issuer_signature.to_bytes());
                issues.iter().for_each(|issue| issue.write(&mut bytes));
            }
            Event::Activate { voter, at, nonce, activation } => {
                write_head(&mut bytes, 1, voter, *at);
                bytes.extend(nonce.to_bytes());
                bytes.extend(activation.to_bytes());
            }
            Event::Reissue { at, issue } => {
                bytes.push(2);
                bytes.extend(at.seconds().to_le_bytes());
                issue.write(&mut bytes);
            }
            Event::Challenge { voter, at, ballot } => {
                write_head(&mut bytes, 3, voter, *at);
                bytes.extend(ballot);
            }
            Event::Deposit { voter, at, ballot } => {
                write_head(&mut bytes, 4, voter, *at);
                bytes.extend(ballot);
            }
            Event::Close(Closed { at, random }) => {
                bytes.push(5);
                bytes.extend(at.seconds().to_le_bytes());
                bytes.extend(random);
            }
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let reader = &mut reader;
        let event = match reader.byte()? {
            0 => {
                let opening = Opening {
                    voters: reader.integer()?,
                    at: time(reader)?,
                    box_signature: Signature::from_bytes(*reader.array()?),
                    issuer_signature: Signature::from_bytes(*reader.array()?),
                };
                let mut issues = Vec::new();
                while !reader.rest().is_empty() {
                    issues.push(Issue::read(reader)?);
                }
                Event::Open { opening, issues }
            }
            1 => {
                let (voter, at) = (VoterId::read(reader)?, time(reader)?);
                let nonce = ActivationNonce::from_bytes(*reader.array()?);
                let activation = Activation::from_bytes(reader.take_rest())?;
                Event::Activate { voter, at, nonce, activation }
            }
            2 => Event::Reissue { at: time(reader)?, issue: Issue::read(reader)? },
            3 => {
                let (voter, at) = (VoterId::read(reader)?, time(reader)?);
                Event::Challenge { voter, at, ballot: reader.take_rest().to_vec() }
            }
            4 => {
                let (voter, at) = (VoterId::read(reader)?, time(reader)?);
                Event::Deposit { voter, at, ballot: reader.take_rest().to_vec() }
            }
            5 => Event::Close(Closed { at: time(reader)?, random: *reader.array()? }),
            _ => return Err(DecodeError::Number { offset: 0 }),
        };
        if reader.rest().is_empty() {
            Ok(event)
        } else {
            Err(DecodeError::TooLong { expected: reader.offset(), actual: bytes.len() })
        }
    }
}

fn write_head(bytes: &mut Vec<u8>, event: u8, voter: &VoterId, at: UnixTime) {
    bytes.push(event);
    voter.write(bytes);
    bytes.extend(at.seconds().to_le_bytes());
}

fn time(reader: &mut Reader<'_>) -> Result<UnixTime, DecodeError> {
    reader.integer().map(UnixTime::from_seconds)
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

    pub(super) fn entries(&self) -> u64 {
        self.entries
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
        let mut bytes = form(Kind::LogEntry);
        bytes.extend(length_of(&body).to_le_bytes());
        bytes.extend(body);
        bytes.extend(key.sign(&digest).to_bytes());
        LogEntry(bytes)
    }

    /// Reads the next entry, checks its place and signature.
    pub(super) fn read(&mut self, reader: &mut Reader<'_>, contest: &Contest) -> Result<Event, LogFlaw> {
        let offset = reader.offset();
        let cut_short = LogFlaw::CutShort { offset };
        match Reader::form(Kind::LogEntry, reader.rest()) {
            Err(DecodeError::TooShort { .. }) => return Err(cut_short),
            Err(error) => return Err(LogFlaw::NotAnEntry { offset, error }),
            Ok(_) => reader.slice(2).map_err(|_| cut_short.clone())?,
        };
        let length = reader.number().map_err(|_| cut_short.clone())?;
        let length = usize::try_from(length).map_err(|_| cut_short.clone())?;
        let body = reader.slice(length).map_err(|_| cut_short.clone())?;
        let signature = Signature::from_bytes(*reader.array().map_err(|_| cut_short)?);
        let digest = self.next(body);
        let key = contest.description().box_key;
        key.verify(&digest, &signature).map_err(LogFlaw::Signature)?;
        self.advance(digest);
        Event::from_bytes(body).map_err(LogFlaw::Malformed)
    }
}
