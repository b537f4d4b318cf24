//! What a trustee remembers of each contest.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::TrusteeError;
use crate::ballot_box::{
    ClosedBox, ClosingDigest, Complaints, GivenAt, Head, OpeningDigest, ReceiptError, SignedClosing,
};
use crate::contest::{Contest, Fingerprint, MOST_TEXT_BYTES};
use crate::primitives::stored::Storing;
use crate::primitives::wire::{DecodeError, Reader};
use crate::primitives::{Proof, Text, UnixTime};
use crate::tally::DecryptionFactors;

/// Everything that a trustee must not forget.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory {
    /// The smallest box for which factors are given.
    pub(super) minimum: u64,
    /// By election and number, the contest approved last.
    approved: BTreeMap<(Text, u64), Approved>,
    contests: BTreeMap<Fingerprint, OfContest>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Approved {
    contest: Fingerprint,
    opens_at: UnixTime,
    signature: Proof,
}

/// What a trustee remembers of one contest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct OfContest {
    /// Another was approved in its place.
    replaced: bool,
    opening: Option<OpeningDigest>,
    /// The closing that it was given last.
    given: Option<GivenAt>,
    endorsed: Option<Endorsed>,
    /// Those that were given for the closing endorsed.
    factors: Option<DecryptionFactors>,
    /// Each of another opening, size or root.
    heads: BTreeMap<HeadKey, Head>,
    /// Closings with both signatures, each of another size or root than the others and than that endorsed.
    shown: Vec<SignedClosing>,
}

/// What tells heads apart that say different things of the box.
type HeadKey = (OpeningDigest, u64, [u8; 32]);

fn key_of(head: &Head) -> HeadKey {
    (head.opening, head.size, head.root)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Endorsed {
    closing: ClosingDigest,
    size: u64,
    root: [u8; 32],
    signature: Proof,
}

impl OfContest {
    /// Two closings, one of them endorsed or not, have been signed by box and issuer.
    fn second(&self) -> &[SignedClosing] {
        let first = usize::from(self.endorsed.is_none());
        if self.shown.len() > first { &self.shown } else { &[] }
    }
}

impl Memory {
    /// Whether the contest may be approved, with the signature if it was before.
    pub(super) fn check_approval(
        &self,
        contest: &Contest,
        now: UnixTime,
    ) -> Result<Option<Proof>, TrusteeError> {
        let fingerprint = contest.fingerprint();
        self.check_not_replaced(fingerprint)?;
        let opens_at = contest.description().opens_at;
        match self.approved.get(&place_of(contest)) {
            Some(earlier) if earlier.contest == fingerprint => Ok(Some(earlier.signature)),
            Some(Approved { contest: earlier, opens_at, .. }) if now >= *opens_at => {
                Err(TrusteeError::OtherContest { approved: *earlier, opens_at: *opens_at })
            }
            // An opening under a late approval would be back-dated.
            _ if now >= opens_at => Err(TrusteeError::LateApproval { now, opens_at }),
            _ => Ok(None),
        }
    }

    /// When everything has been checked.
    pub(super) fn approve(&mut self, contest: &Contest, signature: Proof) {
        let opens_at = contest.description().opens_at;
        let approved = Approved { contest: contest.fingerprint(), opens_at, signature };
        if let Some(earlier) = self.approved.insert(place_of(contest), approved) {
            self.contests.entry(earlier.contest).or_default().replaced = true;
        }
    }

    fn check_not_replaced(&self, contest: Fingerprint) -> Result<(), TrusteeError> {
        let replaced = self.contests.get(&contest).is_some_and(|of| of.replaced);
        if replaced { Err(TrusteeError::Replaced { contest }) } else { Ok(()) }
    }

    /// The contest was approved, and no other in its place.
    pub(super) fn check_approved(&self, contest: &Contest) -> Result<(), TrusteeError> {
        let fingerprint = contest.fingerprint();
        self.check_not_replaced(fingerprint)?;
        match self.approved.get(&place_of(contest)) {
            Some(approved) if approved.contest == fingerprint => Ok(()),
            _ => Err(TrusteeError::NotApproved { contest: fingerprint }),
        }
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

    pub(super) fn keep_head(&mut self, head: &Head) {
        self.contests.entry(head.contest).or_default().heads.entry(key_of(head)).or_insert(*head);
    }

    /// No other closing stands in the way, and the opening is the right one.
    pub(super) fn check_closing(&self, closed: &ClosedBox, voters: u64) -> Result<(), TrusteeError> {
        let contest = closed.contest().fingerprint();
        let nothing = OfContest::default();
        let known = self.contests.get(&contest).unwrap_or(&nothing);
        let (closing, digest) = (closed.closing(), closed.digest());
        let same = |shown: &SignedClosing| (shown.size(), shown.root()) == (closing.size, closing.root);
        if !known.shown.iter().all(same) {
            return Err(TrusteeError::Stopped { contest });
        }
        if let Some(Endorsed { closing, .. }) = known.endorsed.filter(|endorsed| endorsed.closing != digest) {
            return Err(TrusteeError::OtherClosing { endorsed: closing, actual: digest });
        }
        let roll = closed.roll();
        check_opening(known.opening, roll.opening_digest(), roll.opening().voters, voters)
    }

    pub(super) fn keep_given(&mut self, closed: &ClosedBox, now: UnixTime) -> Result<(), TrusteeError> {
        let (contest, actual) = (closed.contest().fingerprint(), closed.digest());
        let known = self.contests.get(&contest);
        if let Some(Endorsed { closing, .. }) =
            known.and_then(|of| of.endorsed).filter(|of| of.closing != actual)
        {
            return Err(TrusteeError::OtherClosing { endorsed: closing, actual });
        }
        let given = known.and_then(|of| of.given);
        let given = GivenAt::note(given, closed, now).map_err(TrusteeError::Complaints)?;
        self.contests.entry(contest).or_default().given = Some(given);
        Ok(())
    }

    /// The closing is the one that was given, and nobody complains of it any more.
    pub(super) fn check_complaints(
        &self,
        closed: &ClosedBox,
        complaints: &Complaints<'_>,
        now: UnixTime,
    ) -> Result<(), TrusteeError> {
        let known = self.contests.get(&closed.contest().fingerprint()).and_then(|of| of.given);
        GivenAt::check(known, closed.digest(), complaints, now).map_err(TrusteeError::Complaints)
    }

    /// The box has grown from every head shown.
    pub(super) fn check_heads(&self, closed: &ClosedBox) -> Result<(), TrusteeError> {
        let known = self.contests.get(&closed.contest().fingerprint());
        known.into_iter().flat_map(|of| of.heads.values()).try_for_each(|head| check_head(closed, head))
    }

    /// When everything has been checked.
    pub(super) fn endorse(&mut self, closed: &ClosedBox, signature: Proof) {
        let of = self.contests.entry(closed.contest().fingerprint()).or_default();
        of.opening = Some(closed.roll().opening_digest());
        let closing = closed.closing();
        let (size, root) = (closing.size, closing.root);
        of.endorsed = Some(Endorsed { closing: closed.digest(), size, root, signature });
        // What was shown before is of this size and root.
        of.shown.clear();
    }

    pub(super) fn check_endorsed(
        &self,
        contest: Fingerprint,
        closing: ClosingDigest,
    ) -> Result<(), TrusteeError> {
        let known = self.contests.get(&contest);
        if known.is_some_and(|known| !known.second().is_empty()) {
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

    /// The signature of the closing endorsed.
    pub(super) fn endorsement(&self, contest: Fingerprint) -> Option<Proof> {
        self.contests.get(&contest)?.endorsed.map(|endorsed| endorsed.signature)
    }

    /// The factors given.
    pub(super) fn factors(&self, contest: Fingerprint) -> Option<&DecryptionFactors> {
        self.contests.get(&contest)?.factors.as_ref()
    }

    pub(super) fn give_factors(&mut self, contest: Fingerprint, factors: DecryptionFactors) {
        self.contests.entry(contest).or_default().factors = Some(factors);
    }

    /// A closing whose signatures hold. Any two stop the trustee, so that no more are kept.
    pub(super) fn keep_closing(&mut self, shown: &SignedClosing) -> Result<(), TrusteeError> {
        let of = self.contests.entry(shown.contest()).or_default();
        let (size, root) = (shown.size(), shown.root());
        let endorsed = of.endorsed.map(|endorsed| (endorsed.size, endorsed.root));
        let mut known = of.shown.iter().map(|known| (known.size(), known.root())).chain(endorsed);
        if known.any(|known| known == (size, root)) {
            return Err(TrusteeError::SameClosing { size });
        }
        if of.second().is_empty() {
            of.shown.push(*shown);
        }
        Ok(())
    }

    pub(super) fn second_closings(&self, contest: Fingerprint) -> &[SignedClosing] {
        self.contests.get(&contest).map_or(&[], OfContest::second)
    }

    /// Its part of what a [`Trustee`](super::Trustee) stores; the form is described there.
    pub(super) fn store(&self, storing: &mut Storing) {
        let Memory { minimum, approved, contests } = self;
        storing.number(*minimum);
        storing.number(count(approved.len()));
        for ((election, number), Approved { contest, opens_at, signature }) in approved {
            storing.part(election.as_bytes());
            storing.number(*number);
            storing.write(&contest.to_bytes());
            storing.number(opens_at.seconds());
            storing.write(&signature.to_bytes());
        }
        storing.number(count(contests.len()));
        for (contest, of) in contests {
            storing.write(&contest.to_bytes());
            of.store(storing);
        }
    }

    /// Reads what [`Memory::store`] gave.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut memory = Memory { minimum: reader.number()?, ..Memory::default() };
        for _ in 0..reader.integer()? {
            let offset = reader.offset();
            let length = usize::try_from(reader.integer()?).unwrap_or(usize::MAX);
            let text = core::str::from_utf8(reader.slice(length)?).ok();
            let election =
                text.filter(|_| length <= MOST_TEXT_BYTES).ok_or(DecodeError::Number { offset })?;
            let place = (Text::from(election), reader.integer()?);
            let contest = Fingerprint::from_bytes(*reader.array()?);
            let opens_at = UnixTime::from_seconds(reader.integer()?);
            ascending(memory.approved.last_key_value().map(|(last, _)| last), &place, offset)?;
            memory.approved.insert(place, Approved { contest, opens_at, signature: Proof::read(reader)? });
        }
        for _ in 0..reader.integer()? {
            let offset = reader.offset();
            let contest = Fingerprint::from_bytes(*reader.array()?);
            ascending(memory.contests.last_key_value().map(|(last, _)| last), &contest, offset)?;
            let of = OfContest::read(contest, reader)?;
            memory.contests.insert(contest, of);
        }
        Ok(memory)
    }
}

/// Flags of [`OfContest`]'s form.
const REPLACED: u8 = 1;
const FACTORS: u8 = 2;
const OPENING: u8 = 4;
const ENDORSED: u8 = 8;
const GIVEN: u8 = 16;

impl OfContest {
    fn store(&self, storing: &mut Storing) {
        let OfContest { replaced, opening, given, endorsed, factors, heads, shown } = self;
        let flags = [
            (*replaced, REPLACED),
            (factors.is_some(), FACTORS),
            (opening.is_some(), OPENING),
            (endorsed.is_some(), ENDORSED),
            (given.is_some(), GIVEN),
        ];
        storing.write(&[flags.iter().filter(|(set, _)| *set).fold(0, |all, (_, flag)| all | flag)]);
        if let Some(opening) = opening {
            storing.write(&opening.to_bytes());
        }
        if let Some(given) = given {
            given.store(storing);
        }
        if let Some(Endorsed { closing, size, root, signature }) = endorsed {
            storing.write(&closing.to_bytes());
            storing.number(*size);
            storing.write(root);
            storing.write(&signature.to_bytes());
        }
        if let Some(factors) = factors {
            storing.part(&factors.to_bytes());
        }
        storing.number(count(shown.len()));
        shown.iter().for_each(|shown| storing.part(&shown.to_bytes()));
        storing.number(count(heads.len()));
        heads.values().for_each(|head| storing.part(&head.to_bytes()));
    }

    /// Reads what a trustee's acts can have led to, and nothing else.
    fn read(contest: Fingerprint, reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let offset = reader.offset();
        let flags = reader.byte()?;
        if flags & !(REPLACED | FACTORS | OPENING | ENDORSED | GIVEN) != 0 {
            return Err(DecodeError::Number { offset });
        }
        let mut of = OfContest { replaced: flags & REPLACED != 0, ..OfContest::default() };
        // Factors are given after an endorsement, and that keeps to an opening and is of what was given.
        let [factors, opening, endorsed, given] =
            [FACTORS, OPENING, ENDORSED, GIVEN].map(|flag| flags & flag != 0);
        if (factors && !endorsed) || (endorsed && !(opening && given)) {
            return Err(DecodeError::Number { offset });
        }
        if opening {
            of.opening = Some(OpeningDigest::from_bytes(*reader.array()?));
        }
        if given {
            of.given = Some(GivenAt::read(reader)?);
        }
        if endorsed {
            let offset = reader.offset();
            let closing = ClosingDigest::from_bytes(*reader.array()?);
            if of.given.is_some_and(|given| given.closing != closing) {
                return Err(DecodeError::Number { offset });
            }
            let (size, root) = (reader.integer()?, *reader.array()?);
            of.endorsed = Some(Endorsed { closing, size, root, signature: Proof::read(reader)? });
        }
        if factors {
            of.factors = Some(DecryptionFactors::from_bytes(part(reader)?)?);
        }
        for _ in 0..reader.integer()? {
            let offset = reader.offset();
            let shown = SignedClosing::from_bytes(part(reader)?)?;
            let (size, root) = (shown.size(), shown.root());
            let of_endorsed =
                of.endorsed.is_some_and(|endorsed| (endorsed.size, endorsed.root) == (size, root));
            let repeated = of.shown.iter().any(|other| (other.size(), other.root()) == (size, root));
            if shown.contest() != contest || !of.second().is_empty() || of_endorsed || repeated {
                return Err(DecodeError::Number { offset });
            }
            of.shown.push(shown);
        }
        for _ in 0..reader.integer()? {
            let offset = reader.offset();
            let head = Head::from_bytes(part(reader)?)?;
            if head.contest != contest {
                return Err(DecodeError::Number { offset });
            }
            ascending(of.heads.last_key_value().map(|(last, _)| last), &key_of(&head), offset)?;
            of.heads.insert(key_of(&head), head);
        }
        Ok(of)
    }
}

/// Reads a form inside of this one.
fn part<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], DecodeError> {
    let length = usize::try_from(reader.integer()?).unwrap_or(usize::MAX);
    reader.slice(length)
}

fn count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Of which contests one is approved at a time.
fn place_of(contest: &Contest) -> (Text, u64) {
    let description = contest.description();
    (description.election.clone(), description.number)
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

/// The head is under the box's opening, and the box has grown from it.
fn check_head(closed: &ClosedBox, head: &Head) -> Result<(), TrusteeError> {
    closed.check_head(head).map_err(|error| match error {
        ReceiptError::OtherOpening { actual, .. } => {
            TrusteeError::HeadUnderAnother { opening: actual, head: Box::new(*head) }
        }
        ReceiptError::Fork { closing, .. } => TrusteeError::Head { head: Box::new(*head), size: closing },
        // It held when it was shown.
        other => TrusteeError::HeadSignature(other),
    })
}

#[cfg(test)]
mod tests;
