//! What a trustee remembers of each contest.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::TrusteeError;
use crate::ballot_box::{ClosedBox, ClosingDigest, Head, OpeningDigest, ReferenceTree, SignedClosing};
use crate::bureau::IdentityKey;
use crate::contest::{Contest, Fingerprint, MOST_TEXT_BYTES};
use crate::primitives::UnixTime;
use crate::primitives::hash::length_of;
use crate::primitives::wire::{DecodeError, Kind, Reader, form};

/// Everything that a trustee must not forget.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory {
    /// By election and number, the contest approved last.
    approved: BTreeMap<(String, u64), Approved>,
    contests: BTreeMap<Fingerprint, OfContest>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Approved {
    contest: Fingerprint,
    opens_at: UnixTime,
}

/// What a trustee remembers of one contest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct OfContest {
    /// Another was approved in its place.
    replaced: bool,
    gave_factors: bool,
    opening: Option<OpeningDigest>,
    endorsed: Option<Endorsed>,
    heads: Vec<(OpeningDigest, Head)>,
    /// A second closing that stopped the count.
    second: Option<SignedClosing>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Endorsed {
    closing: ClosingDigest,
    size: u64,
    root: [u8; 32],
}

impl Memory {
    pub(super) fn approve(&mut self, contest: &Contest, now: UnixTime) -> Result<(), TrusteeError> {
        let fingerprint = contest.fingerprint();
        self.check_not_replaced(fingerprint)?;
        let description = contest.description();
        let approved = Approved { contest: fingerprint, opens_at: description.opens_at };
        let place = (description.election.clone(), description.number);
        match self.approved.get(&place).copied() {
            Some(earlier) if earlier.contest == fingerprint => return Ok(()),
            Some(Approved { contest: earlier, opens_at }) if now >= opens_at => {
                return Err(TrusteeError::OtherContest { approved: earlier, opens_at });
            }
            Some(earlier) => self.contests.entry(earlier.contest).or_default().replaced = true,
            None => (),
        }
        self.approved.insert(place, approved);
        Ok(())
    }

    pub(super) fn check_not_replaced(&self, contest: Fingerprint) -> Result<(), TrusteeError> {
        let replaced = self.contests.get(&contest).is_some_and(|of| of.replaced);
        if replaced { Err(TrusteeError::Replaced { contest }) } else { Ok(()) }
    }

    pub(super) fn keep_opening(
        &mut self,
        contest: Fingerprint,
        opening: OpeningDigest,
        credentials: u64,
        voters: u64,
    ) -> Result<(), TrusteeError> {
        let known = self.contests.get(&contest).and_then(|of| of.opening);
        check_opening(known, opening, credentials, voters)?;
        self.contests.entry(contest).or_default().opening = Some(opening);
        Ok(())
    }

    pub(super) fn keep_head(&mut self, contest: Fingerprint, opening: OpeningDigest, head: &Head) {
        let heads = &mut self.contests.entry(contest).or_default().heads;
        let known = heads
            .iter()
            .any(|(under, known)| *under == opening && (known.size, known.root) == (head.size, head.root));
        if !known {
            heads.push((opening, *head));
        }
    }

    /// Endorses, if everything remembered allows it: then, and only then, something is changed.
    pub(super) fn endorse(&mut self, closed: &ClosedBox, voters: u64) -> Result<(), TrusteeError> {
        let fingerprint = closed.contest().fingerprint();
        let nothing = OfContest::default();
        let known = self.contests.get(&fingerprint).unwrap_or(&nothing);
        let digest = closed.digest();
        if known.second.is_some() {
            return Err(TrusteeError::Stopped { contest: fingerprint });
        }
        if let Some(Endorsed { closing, .. }) = known.endorsed.filter(|endorsed| endorsed.closing != digest) {
            return Err(TrusteeError::OtherClosing { endorsed: closing, actual: digest });
        }
        let opening = closed.roll().opening_digest();
        check_opening(known.opening, opening, closed.roll().opening().voters, voters)?;
        for (under, head) in &known.heads {
            check_head(closed, opening, *under, head)?;
        }
        let of = self.contests.entry(fingerprint).or_default();
        of.opening = Some(opening);
        let closing = closed.closing();
        of.endorsed = Some(Endorsed { closing: digest, size: closing.size, root: closing.root });
        Ok(())
    }

    pub(super) fn check_endorsed(
        &self,
        contest: Fingerprint,
        closing: ClosingDigest,
    ) -> Result<(), TrusteeError> {
        let known = self.contests.get(&contest);
        if known.is_some_and(|known| known.second.is_some()) {
            return Err(TrusteeError::Stopped { contest });
        }
        match known.and_then(|known| known.endorsed) {
            None => Err(TrusteeError::NotEndorsed { closing }),
            Some(endorsed) if endorsed.closing != closing => {
                Err(TrusteeError::OtherClosing { endorsed: endorsed.closing, actual: closing })
            }
            Some(_) => Ok(()),
        }
    }

    pub(super) fn gave_factors(&self, contest: Fingerprint) -> bool {
        self.contests.get(&contest).is_some_and(|of| of.gave_factors)
    }

    pub(super) fn give_factors(&mut self, contest: Fingerprint) {
        self.contests.entry(contest).or_default().gave_factors = true;
    }

    /// A second closing, whose signatures hold.
    pub(super) fn stop(&mut self, contest: Fingerprint, second: &SignedClosing) -> Result<(), TrusteeError> {
        let known = self.contests.get(&contest).and_then(|of| of.endorsed);
        match known {
            None => Err(TrusteeError::NothingEndorsed { contest }),
            Some(Endorsed { size, root, .. }) if (size, root) == (second.size(), second.root()) => {
                Err(TrusteeError::SameClosing { size })
            }
            Some(_) => {
                self.contests.entry(contest).or_default().second = Some(*second);
                Ok(())
            }
        }
    }

    /// Form: kind ‖ version ‖ identity key ‖ LE64(approvals) ‖ each: text, LE64(number), fingerprint,
    /// LE64(opens_at) ‖ LE64(contests) ‖ each: fingerprint, flags (1 byte), what the flags say is there, heads.
    pub(super) fn to_bytes(&self, identity: &IdentityKey) -> Vec<u8> {
        let mut bytes = form(Kind::TrusteeMemory);
        bytes.extend(identity.to_bytes());
        bytes.extend(count(self.approved.len()));
        for ((election, number), approved) in &self.approved {
            bytes.extend(count(election.len()));
            bytes.extend(election.as_bytes());
            bytes.extend(number.to_le_bytes());
            bytes.extend(approved.contest.to_bytes());
            bytes.extend(approved.opens_at.seconds().to_le_bytes());
        }
        bytes.extend(count(self.contests.len()));
        for (contest, of) in &self.contests {
            bytes.extend(contest.to_bytes());
            of.write(&mut bytes);
        }
        bytes
    }

    pub(super) fn from_bytes(identity: &IdentityKey, bytes: &[u8]) -> Result<Self, TrusteeError> {
        let mut reader = Reader::form(Kind::TrusteeMemory, bytes)?;
        if *reader.array()? != identity.to_bytes() {
            return Err(TrusteeError::MemoryOfAnother);
        }
        let mut memory = Memory::default();
        for _ in 0..reader.integer()? {
            let offset = reader.offset();
            let length = usize::try_from(reader.integer()?).unwrap_or(usize::MAX);
            let text = core::str::from_utf8(reader.slice(length)?).ok();
            let election =
                text.filter(|_| length <= MOST_TEXT_BYTES).ok_or(DecodeError::Number { offset })?;
            let place = (String::from(election), reader.integer()?);
            let contest = Fingerprint::from_bytes(*reader.array()?);
            let approved = Approved { contest, opens_at: UnixTime::from_seconds(reader.integer()?) };
            ascending(memory.approved.last_key_value().map(|(last, _)| last), &place, offset)?;
            memory.approved.insert(place, approved);
        }
        for _ in 0..reader.integer()? {
            let offset = reader.offset();
            let contest = Fingerprint::from_bytes(*reader.array()?);
            ascending(memory.contests.last_key_value().map(|(last, _)| last), &contest, offset)?;
            let of = OfContest::read(&mut reader)?;
            memory.contests.insert(contest, of);
        }
        reader.finish()?;
        Ok(memory)
    }
}

/// Flags of [`OfContest`]'s form.
const REPLACED: u8 = 1;
const GAVE_FACTORS: u8 = 2;
const OPENING: u8 = 4;
const ENDORSED: u8 = 8;
const SECOND: u8 = 16;

impl OfContest {
    fn write(&self, bytes: &mut Vec<u8>) {
        let OfContest { replaced, gave_factors, opening, endorsed, heads, second } = self;
        let flags = [
            (*replaced, REPLACED),
            (*gave_factors, GAVE_FACTORS),
            (opening.is_some(), OPENING),
            (endorsed.is_some(), ENDORSED),
            (second.is_some(), SECOND),
        ];
        bytes.push(flags.iter().filter(|(set, _)| *set).fold(0, |all, (_, flag)| all | flag));
        bytes.extend(opening.iter().flat_map(|opening| opening.to_bytes()));
        if let Some(Endorsed { closing, size, root }) = endorsed {
            bytes.extend(closing.to_bytes());
            bytes.extend(size.to_le_bytes());
            bytes.extend(root);
        }
        if let Some(second) = second {
            let second = second.to_bytes();
            bytes.extend(count(second.len()));
            bytes.extend(second);
        }
        bytes.extend(length_of(heads).to_le_bytes());
        for (opening, head) in heads {
            bytes.extend(opening.to_bytes());
            let head = head.to_bytes();
            bytes.extend(count(head.len()));
            bytes.extend(head);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let offset = reader.offset();
        let flags = reader.byte()?;
        if flags & !(REPLACED | GAVE_FACTORS | OPENING | ENDORSED | SECOND) != 0 {
            return Err(DecodeError::Number { offset });
        }
        let mut of = OfContest {
            replaced: flags & REPLACED != 0,
            gave_factors: flags & GAVE_FACTORS != 0,
            ..OfContest::default()
        };
        if flags & OPENING != 0 {
            of.opening = Some(OpeningDigest::from_bytes(*reader.array()?));
        }
        if flags & ENDORSED != 0 {
            let closing = ClosingDigest::from_bytes(*reader.array()?);
            of.endorsed = Some(Endorsed { closing, size: reader.integer()?, root: *reader.array()? });
        }
        if flags & SECOND != 0 {
            of.second = Some(SignedClosing::from_bytes(part(reader)?)?);
        }
        for _ in 0..reader.integer()? {
            let opening = OpeningDigest::from_bytes(*reader.array()?);
            of.heads.push((opening, Head::from_bytes(part(reader)?)?));
        }
        Ok(of)
    }
}

/// A form inside the memory, after its length.
fn part<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], DecodeError> {
    let length = usize::try_from(reader.integer()?).unwrap_or(usize::MAX);
    reader.slice(length)
}

fn count(count: usize) -> [u8; 8] {
    u64::try_from(count).unwrap_or(u64::MAX).to_le_bytes()
}

/// A memory has one form: its maps are written in order.
fn ascending<T: Ord>(last: Option<&T>, next: &T, offset: usize) -> Result<(), DecodeError> {
    if last.is_none_or(|last| last < next) { Ok(()) } else { Err(DecodeError::Number { offset }) }
}

/// The opening is the one kept to, or none is and it has as many credentials as there are voters.
fn check_opening(
    kept: Option<OpeningDigest>,
    actual: OpeningDigest,
    credentials: u64,
    voters: u64,
) -> Result<(), TrusteeError> {
    match kept {
        Some(kept) if kept != actual => Err(TrusteeError::OtherOpening { kept, actual }),
        Some(_) => Ok(()),
        None if credentials != voters => Err(TrusteeError::Voters { expected: voters, actual: credentials }),
        None => Ok(()),
    }
}

/// The box of this closing has grown from the head.
fn check_head(
    closed: &ClosedBox,
    opening: OpeningDigest,
    under: OpeningDigest,
    head: &Head,
) -> Result<(), TrusteeError> {
    if under != opening {
        return Err(TrusteeError::HeadUnderAnother { opening: under, head: Box::new(*head) });
    }
    let first = usize::try_from(head.size).ok().and_then(|size| closed.references().get(..size));
    match first {
        Some(first) if ReferenceTree::of(first).root() == head.root => Ok(()),
        _ => Err(TrusteeError::Head { head: Box::new(*head), size: closed.closing().size }),
    }
}
