//! The box's own log: what it stores.
//!
//! An entry is `kind ‖ version ‖ LE64(length) ‖ body ‖ tag`. Its digest is
//! `H("urne/2 log"; fingerprint, LE64(number), digest of the entry before, body)`, with numbers from 1 and 32
//! zeros before the first; its tag is `H("urne/2 log tag"; log key, digest)`, where the log key is
//! `H("urne/2 log key"; seed of the box key, fingerprint)`. So an entry cannot be edited, moved, left out or put
//! in by anyone without the box key, and the entry where it was done is named. Only the end can be missing:
//! that is what the [`Anchor`](super::Anchor) is for.
//!
//! A tag and not a signature, because a box reads nobody's log but its own, and has the key when it does.
//! Signatures are for what others read: opening, heads, émargements, closing. To verify one takes as long as
//! a quarter of a ballot, for every entry; a tag costs a hash.

use alloc::vec::Vec;
use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Closed, Issue, LogFlaw, Opening, Validity, VoterId};
use crate::ballot::ballot_length;
use crate::contest::{Contest, Fingerprint};
use crate::credential::{PublicCredential, StoredActivation};
use crate::primitives::hash::{FieldHash, length_of};
use crate::primitives::wire::{DecodeError, Kind, Reader, form};
use crate::primitives::{Signature, SigningKey, UnixTime, labels};

/// Something that changed the box, to be stored before anyone is told of it.
#[derive(Clone, PartialEq, Eq)]
pub struct LogEntry {
    number: u64,
    bytes: Vec<u8>,
}

impl LogEntry {
    /// Which entry of the log it is, from 1.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The bytes to append to the stored log.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl AsRef<[u8]> for LogEntry {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for LogEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogEntry({}, {} bytes)", self.number, self.bytes.len())
    }
}

/// What can happen to a box.
pub(super) enum Event {
    /// Voters ascend.
    Open {
        opening: Opening,
        issues: Vec<Issue>,
    },
    Activate {
        voter: VoterId,
        at: UnixTime,
        activation: StoredActivation,
    },
    Reissue {
        at: UnixTime,
        issue: Issue,
    },
    Challenge {
        voter: VoterId,
        at: UnixTime,
        ballot: Vec<u8>,
    },
    Deposit {
        voter: VoterId,
        at: UnixTime,
        ballot: Vec<u8>,
    },
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
                issues.iter().for_each(|issue| write_issue(&mut bytes, issue));
            }
            Event::Activate { voter, at, activation } => {
                write_head(&mut bytes, 1, voter, *at);
                activation.write(&mut bytes);
            }
            Event::Reissue { at, issue } => {
                bytes.push(2);
                bytes.extend(at.seconds().to_le_bytes());
                write_issue(&mut bytes, issue);
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

    pub(super) fn from_bytes(contest: Fingerprint, bytes: &[u8]) -> Result<Self, DecodeError> {
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
                Event::Open { opening, issues: read_issues(contest, reader)? }
            }
            1 => {
                let (voter, at) = (VoterId::read(reader)?, time(reader)?);
                Event::Activate { voter, at, activation: StoredActivation::read(reader)? }
            }
            2 => {
                let (at, offset) = (time(reader)?, reader.offset());
                let mut issue = read_issue(contest, reader)?;
                // Box and issuer have signed the credentials of the opening; these they have not.
                let decoded = issue.credential().decoded().ok_or(DecodeError::NotAPoint { offset })?;
                issue.set_decoded(decoded);
                Event::Reissue { at, issue }
            }
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

/// `C ‖ voter ‖ LE64(issued_at) ‖ validity (1 byte, 0: until the close, 1: seconds) ‖ LE64(seconds)`. The
/// contest is that of the log.
fn write_issue(bytes: &mut Vec<u8>, issue: &Issue) {
    let (kind, seconds) = match issue.validity() {
        Validity::UntilClose => (0, 0),
        Validity::Seconds(seconds) => (1, seconds),
    };
    bytes.extend(issue.credential().to_bytes());
    issue.voter().write(bytes);
    bytes.extend(issue.issued_at().seconds().to_le_bytes());
    bytes.push(kind);
    bytes.extend(seconds.to_le_bytes());
}

fn read_issue(contest: Fingerprint, reader: &mut Reader<'_>) -> Result<Issue, DecodeError> {
    let credential = PublicCredential::read_before(*reader.array()?);
    let voter = VoterId::read(reader)?;
    let issued_at = time(reader)?;
    let offset = reader.offset();
    let validity = match (reader.byte()?, reader.number()?) {
        (0, 0) => Validity::UntilClose,
        (1, seconds) => Validity::Seconds(seconds),
        _ => return Err(DecodeError::Number { offset }),
    };
    Ok(Issue::new(voter, contest, credential, issued_at, validity))
}

/// Those of an opening, whose voters ascend.
fn read_issues(contest: Fingerprint, reader: &mut Reader<'_>) -> Result<Vec<Issue>, DecodeError> {
    let mut issues: Vec<Issue> = Vec::new();
    while !reader.rest().is_empty() {
        let offset = reader.offset();
        let issue = read_issue(contest, reader)?;
        if issues.last().is_some_and(|last| last.voter() >= issue.voter()) {
            return Err(DecodeError::Number { offset });
        }
        issues.push(issue);
    }
    Ok(issues)
}

/// Number of entries so far, and the digest of the last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Link {
    pub(super) entries: u64,
    pub(super) digest: [u8; 32],
}

/// Where the log stands, and what makes tags.
pub(super) struct Chain {
    contest: Fingerprint,
    key: Zeroizing<[u8; 32]>,
    pub(super) last: Link,
}

/// `kind ‖ version ‖ LE64(length)`.
pub(super) const HEAD: usize = 10;
const TAG: usize = 32;

impl Chain {
    pub(super) fn new(contest: Fingerprint, key: &SigningKey) -> Self {
        let seed = key.expose_seed();
        let key = FieldHash::new(labels::LOG_KEY).bytes(seed.as_ref()).bytes(contest.as_bytes());
        let last = Link { entries: 0, digest: [0; 32] };
        Chain { contest, key: Zeroizing::new(key.finish()), last }
    }

    fn next(&self, body: &[u8]) -> Link {
        let entries = self.last.entries.saturating_add(1);
        let digest = FieldHash::new(labels::LOG)
            .bytes(self.contest.as_bytes())
            .number(entries)
            .bytes(&self.last.digest)
            .bytes(body)
            .finish();
        Link { entries, digest }
    }

    fn tag(&self, link: &Link) -> [u8; 32] {
        FieldHash::new(labels::LOG_TAG).bytes(self.key.as_ref()).bytes(&link.digest).finish()
    }

    pub(super) fn append(&mut self, event: &Event) -> LogEntry {
        let body = event.to_bytes();
        self.last = self.next(&body);
        let mut bytes = form(Kind::LogEntry);
        bytes.extend(length_of(&body).to_le_bytes());
        bytes.extend(body);
        bytes.extend(self.tag(&self.last));
        LogEntry { number: self.last.entries, bytes }
    }

    /// How many bytes there must be to go on with an entry that begins like this: those of its head, or all
    /// of it.
    pub(super) fn needed(&self, contest: &Contest, bytes: &[u8]) -> Result<usize, LogFlaw> {
        let not_an_entry = |error| LogFlaw::NotAnEntry { error };
        match Reader::form(Kind::LogEntry, bytes) {
            Ok(mut reader) => {
                let Ok(length) = reader.number() else { return Ok(HEAD) };
                let most = most_bytes(contest, self.last.entries == 0);
                if length > most {
                    return Err(LogFlaw::TooLong { length, most });
                }
                let length = usize::try_from(length).map_err(|_| LogFlaw::TooLong { length, most })?;
                Ok(length.saturating_add(HEAD + TAG))
            }
            Err(DecodeError::TooShort { .. }) => Ok(HEAD),
            Err(error) => Err(not_an_entry(error)),
        }
    }

    /// The body of an entry of which all bytes are there, if it is the next.
    pub(super) fn read<'a>(&mut self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let (rest, tag) = bytes.split_last_chunk::<TAG>()?;
        let (_, body) = rest.split_first_chunk::<HEAD>()?;
        let link = self.next(body);
        if !bool::from(self.tag(&link).ct_eq(tag)) {
            return None;
        }
        self.last = link;
        Some(body)
    }
}

/// The longest body: of an opening one issue for each voter that there may be, of anything else a ballot.
fn most_bytes(contest: &Contest, first: bool) -> u64 {
    let voter = 8 + super::MOST_VOTER_ID_BYTES;
    let [issue, ballot] = [32 + voter + 17, 1 + voter + 8 + ballot_length(contest.layout())]
        .map(|bytes| u64::try_from(bytes).unwrap_or(u64::MAX));
    if first {
        contest.layout().capacity().saturating_mul(issue).saturating_add(145)
    } else {
        ballot.max(issue.saturating_add(9))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{Dealt, wiped};

    fn chain(seed: u8) -> Chain {
        Chain::new(Fingerprint::from_bytes([1; 32]), &SigningKey::from_seed(&[seed; 32]))
    }

    fn close(at: u64) -> Event {
        Event::Close(Closed { at: UnixTime::from_seconds(at), random: [3; 32] })
    }

    #[test]
    fn attack_19_the_log_key_is_wiped() {
        // No pattern with `..`: a new field must be looked at here.
        let Chain { contest: _, key, last: _ } = &chain(1);
        wiped(key);
    }

    /// Of the box key, the contest, the number, the entry before, and the body.
    #[test]
    fn attack_1_a_tag_is_of_everything() {
        let entry = chain(1).append(&close(1));
        assert_eq!(entry.number(), 1);
        let read = |mut chain: Chain| chain.read(entry.as_bytes()).is_some();
        assert!(read(chain(1)));
        assert!(!read(chain(2)));
        assert!(!read(Chain { contest: Fingerprint::from_bytes([2; 32]), ..chain(1) }));
        // Under another contest the key is another too, and not only the digest.
        let other = Chain::new(Fingerprint::from_bytes([2; 32]), &SigningKey::from_seed(&[1; 32]));
        assert_ne!(other.key, chain(1).key);
        assert!(!read(Chain { contest: Fingerprint::from_bytes([1; 32]), ..other }));
        let [number, before] = [(1, [0; 32]), (0, [1; 32])].map(|(entries, digest)| Link { entries, digest });
        assert!(!read(Chain { last: number, ..chain(1) }));
        assert!(!read(Chain { last: before, ..chain(1) }));
        let mut edited = entry.as_bytes().to_vec();
        edited[HEAD + 1] ^= 1;
        assert!(chain(1).read(&edited).is_none());
        assert_ne!(chain(1).append(&close(2)).as_bytes()[HEAD + 41..], entry.as_bytes()[HEAD + 41..]);
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        let contest = Dealt::simple(1, 1);
        let contest = contest.contest.contest();
        let (mut writer, mut reader) = (chain(1), chain(1));
        for at in 1..4 {
            let entry = writer.append(&close(at));
            let bytes = entry.as_bytes();
            for length in 0..HEAD {
                assert_eq!(reader.needed(contest, &bytes[..length]), Ok(HEAD));
            }
            assert_eq!(reader.needed(contest, &bytes[..HEAD]), Ok(bytes.len()));
            let body = reader.read(bytes).unwrap();
            let event = Event::from_bytes(Fingerprint::from_bytes([1; 32]), body).unwrap();
            assert_eq!(event.to_bytes(), body);
            assert_eq!(reader.last, writer.last);
        }
    }
}
