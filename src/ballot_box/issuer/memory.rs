//! What an issuer remembers, and its form.
//!
//! Credentials are kept as their encodings: they are compared, and never computed with, and decoding those of a large
//! roll would make every restart slow.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::vec::Vec;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Issued, IssuerError};
use crate::ballot_box::{ClosingDigest, GivenAt, Issue, Opening, OpeningDigest, Validity, VoterId};
use crate::contest::Fingerprint;
use crate::credential::{PublicCredential, VotingCode};
use crate::primitives::stored::{self, Storing};
use crate::primitives::wire::{DecodeError, Kind, Reader};
use crate::primitives::{Signature, SigningKey, UnixTime, declassify};

/// Everything that an issuer must not forget.
#[derive(Default)]
pub(super) struct Memory {
    /// How many codes were drawn.
    pub(super) drawn: u64,
    pub(super) contests: BTreeMap<Fingerprint, OfContest>,
}

/// What an issuer remembers of one contest.
#[derive(Default)]
pub(super) struct OfContest {
    pub(super) opening: Option<(OpeningDigest, Opening)>,
    pub(super) given: Option<GivenAt>,
    pub(super) closing: Option<(ClosingDigest, Signature)>,
    voters: BTreeMap<VoterId, Given>,
    /// Of every credential that was given, whether it stands or is revoked.
    owners: BTreeMap<[u8; 32], VoterId>,
    /// Of those that were taken back.
    taken_back: BTreeMap<[u8; 32], VoterId>,
}

/// The credentials of a voter, in order of issue. The last stands, the others are revoked.
pub(super) struct Given {
    credentials: Vec<GivenCredential>,
    /// How many were revoked before the opening, and so never stood on the roll.
    before_opening: usize,
}

struct GivenCredential {
    encoding: [u8; 32],
    issued_at: UnixTime,
    validity: Validity,
    /// Until its letter is sent. In a place of its own, so that no copy is left behind when the list moves.
    code: Option<Box<VotingCode>>,
}

impl Given {
    /// Those on the roll, with whether they are revoked.
    pub(super) fn on_roll(&self) -> impl Iterator<Item = (&[u8; 32], bool)> {
        let last = self.credentials.len().saturating_sub(1);
        let all = self.credentials.iter().enumerate().map(move |(place, own)| (&own.encoding, place < last));
        all.skip(self.before_opening)
    }
}

impl GivenCredential {
    fn issue(&self, voter: &VoterId, contest: Fingerprint) -> Option<Issue> {
        // The memory holds encodings of points alone: each was one when it was issued.
        let credential = PublicCredential::from_bytes(&self.encoding).ok()?;
        Some(Issue::new(voter.clone(), contest, credential, self.issued_at, self.validity))
    }
}

impl OfContest {
    /// How many voters there are.
    pub(super) fn voters(&self) -> u64 {
        u64::try_from(self.voters.len()).unwrap_or(u64::MAX)
    }

    pub(super) fn has(&self, voter: &VoterId) -> bool {
        self.voters.contains_key(voter)
    }

    pub(super) fn opened(&self) -> bool {
        self.opening.is_some()
    }

    /// Whose a credential is, or was before it was taken back.
    pub(super) fn owner(&self, credential: &[u8; 32]) -> Option<&VoterId> {
        self.owners.get(credential).or_else(|| self.taken_back.get(credential))
    }

    pub(super) fn given(&self, voter: &VoterId) -> Option<&Given> {
        self.voters.get(voter)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&VoterId, &Given)> {
        self.voters.iter()
    }

    fn last(&self) -> impl Iterator<Item = (&VoterId, &GivenCredential)> {
        self.voters.iter().filter_map(|(voter, given)| Some((voter, given.credentials.last()?)))
    }

    /// The credential of each voter that stands.
    pub(super) fn standing(&self) -> impl Iterator<Item = (&VoterId, &[u8; 32])> {
        self.last().map(|(voter, own)| (voter, &own.encoding))
    }

    /// From now on the credentials that stand are on the roll.
    pub(super) fn open(&mut self, digest: OpeningDigest, opening: Opening) {
        for given in self.voters.values_mut() {
            given.before_opening = given.credentials.len().saturating_sub(1);
        }
        self.opening = Some((digest, opening));
    }
}

impl Memory {
    /// A credential that nobody was given before.
    pub(super) fn give(&mut self, issue: &Issue, code: &VotingCode) {
        let of = self.contests.entry(issue.contest()).or_default();
        let encoding = issue.credential().to_bytes();
        of.owners.insert(encoding, issue.voter().clone());
        let given = of.voters.entry(issue.voter().clone());
        let given = given.or_insert(Given { credentials: Vec::new(), before_opening: 0 });
        given.credentials.push(GivenCredential {
            encoding,
            issued_at: issue.issued_at(),
            validity: issue.validity(),
            code: Some(Box::new(code.clone())),
        });
    }

    pub(super) fn take_back(&mut self, issue: &Issue) -> Result<(), IssuerError> {
        let credential = issue.credential().to_bytes();
        let unknown = IssuerError::Unknown { entry: None, credential };
        let of = self.contests.get_mut(&issue.contest()).ok_or(unknown.clone())?;
        if let Some((signed, _)) = &of.closing {
            return Err(IssuerError::Closed { signed: *signed });
        }
        if of.owner(&credential) != Some(issue.voter()) {
            return Err(unknown);
        }
        if of.taken_back.contains_key(&credential) {
            return Ok(());
        }
        let opened = of.opening.is_some();
        let Entry::Occupied(mut given) = of.voters.entry(issue.voter().clone()) else { return Err(unknown) };
        let Given { credentials, before_opening } = given.get_mut();
        let place = credentials.iter().position(|own| own.encoding == credential).ok_or(unknown)?;
        if opened && place <= *before_opening {
            return Err(IssuerError::BeforeOpening { credential });
        }
        credentials.remove(place);
        if credentials.is_empty() {
            given.remove();
        }
        of.owners.remove(&credential);
        of.taken_back.insert(credential, issue.voter().clone());
        Ok(())
    }

    pub(super) fn issues(&self, contest: Fingerprint) -> Vec<Issue> {
        let of = self.contests.get(&contest);
        let last = of.into_iter().flat_map(OfContest::last);
        last.filter_map(|(voter, own)| own.issue(voter, contest)).collect()
    }

    pub(super) fn issues_of(&self, contest: Fingerprint, voter: &VoterId) -> Vec<Issue> {
        let given = self.contests.get(&contest).and_then(|of| of.given(voter));
        let on_roll = given.into_iter().flat_map(|given| given.credentials.iter().skip(given.before_opening));
        on_roll.filter_map(|own| own.issue(voter, contest)).collect()
    }

    /// Whether an issue's voter has another on the roll of its contest; before the opening only the last is.
    pub(super) fn is_reissued(&self, issue: &Issue) -> bool {
        let of = self.contests.get(&issue.contest()).filter(|of| of.opened());
        let given = of.and_then(|of| of.given(issue.voter()));
        given.is_some_and(|given| given.on_roll().nth(1).is_some())
    }

    pub(super) fn unsent_codes(&self) -> Vec<Issued> {
        let mut unsent: BTreeMap<&VoterId, Vec<Issued>> = BTreeMap::new();
        for (contest, of) in &self.contests {
            for (voter, own) in of.last() {
                let Some((code, issue)) = own.code.as_deref().zip(own.issue(voter, *contest)) else {
                    continue;
                };
                let letters = unsent.entry(voter).or_default();
                match letters.iter_mut().find(|letter| same(&letter.code, code)) {
                    Some(letter) => {
                        letter.reissued |= self.is_reissued(&issue);
                        letter.issues.push(issue);
                    }
                    None => {
                        let (voter, code, reissued) = (voter.clone(), code.clone(), self.is_reissued(&issue));
                        letters.push(Issued { voter, code, issues: alloc::vec![issue], reissued });
                    }
                }
            }
        }
        unsent.into_values().flatten().collect()
    }

    pub(super) fn letter_sent(&mut self, letter: &Issued) {
        for of in self.contests.values_mut() {
            let Some(given) = of.voters.get_mut(&letter.voter) else { continue };
            let is_sent =
                |own: &GivenCredential| own.code.as_deref().is_some_and(|code| same(code, &letter.code));
            let Some(sent) = given.credentials.iter().rposition(is_sent) else { continue };
            given.credentials.iter_mut().take(sent.saturating_add(1)).for_each(|own| own.code = None);
        }
    }
}

/// Whether a letter's code is the one that was given.
fn same(one: &VotingCode, other: &VotingCode) -> bool {
    declassify::verdict(one.ct_eq(other))
}

/// Flags of a contest's part.
const OPENING: u8 = 1;
const CLOSING: u8 = 2;
const GIVEN: u8 = 4;

/// The form is described at [`Issuer::to_bytes`](super::Issuer::to_bytes).
pub(super) fn store(key: &SigningKey, memory: &Memory) -> Zeroizing<Vec<u8>> {
    let Memory { drawn, contests } = memory;
    let voters: usize = contests.values().map(|of| of.owners.len()).fold(0, usize::saturating_add);
    let mut storing = Storing::form(Kind::Issuer, voters.saturating_mul(128));
    storing.write(key.expose_seed().as_ref());
    storing.number(*drawn);
    storing.number(u64::try_from(contests.len()).unwrap_or(u64::MAX));
    for (contest, of) in contests {
        storing.write(&contest.to_bytes());
        of.store(&mut storing);
    }
    storing.finish()
}

/// Reads what [`store`] gave.
pub(super) fn read(bytes: &[u8]) -> Result<(SigningKey, Memory), DecodeError> {
    let mut reader = Reader::form(Kind::Issuer, bytes)?;
    let key = SigningKey::from_seed(reader.array()?);
    let mut memory = Memory { drawn: reader.number()?, contests: BTreeMap::new() };
    for _ in 0..reader.integer()? {
        let offset = reader.offset();
        let contest = Fingerprint::from_bytes(*reader.array()?);
        if memory.contests.last_key_value().is_some_and(|(last, _)| *last >= contest) {
            return Err(DecodeError::Number { offset });
        }
        let of = OfContest::read(&mut reader)?;
        memory.contests.insert(contest, of);
    }
    stored::finish(reader, bytes)?;
    Ok((key, memory))
}

impl OfContest {
    fn store(&self, storing: &mut Storing) {
        let OfContest { opening, given, closing, voters, owners: _, taken_back } = self;
        let [opened, noted, closed] =
            [(opening.is_some(), OPENING), (given.is_some(), GIVEN), (closing.is_some(), CLOSING)]
                .map(|(set, flag)| if set { flag } else { 0 });
        storing.write(&[opened | noted | closed]);
        if let Some((digest, Opening { voters, at, box_signature, issuer_signature })) = opening {
            storing.write(digest.as_bytes());
            storing.number(*voters);
            storing.number(at.seconds());
            storing.write(&box_signature.to_bytes());
            storing.write(&issuer_signature.to_bytes());
        }
        if let Some(given) = given {
            given.store(storing);
        }
        if let Some((digest, signature)) = closing {
            storing.write(digest.as_bytes());
            storing.write(&signature.to_bytes());
        }
        storing.number(self.voters());
        for (voter, Given { credentials, before_opening }) in voters {
            storing.part(voter.as_bytes());
            storing.number(u64::try_from(*before_opening).unwrap_or(u64::MAX));
            storing.count(credentials);
            credentials.iter().for_each(|own| own.store(storing));
        }
        storing.number(u64::try_from(taken_back.len()).unwrap_or(u64::MAX));
        for (credential, voter) in taken_back {
            storing.write(credential);
            storing.part(voter.as_bytes());
        }
    }

    /// Reads what an issuer's acts can have led to, and nothing else.
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let offset = reader.offset();
        let flags = reader.byte()?;
        // A closing is given under an opening, and signed when it was given.
        if ![0, OPENING, OPENING | GIVEN, OPENING | GIVEN | CLOSING].contains(&flags) {
            return Err(DecodeError::Number { offset });
        }
        let mut of = OfContest::default();
        if flags & OPENING != 0 {
            let digest = OpeningDigest::from_bytes(*reader.array()?);
            let opening = Opening {
                voters: reader.integer()?,
                at: UnixTime::from_seconds(reader.integer()?),
                box_signature: Signature::from_bytes(*reader.array()?),
                issuer_signature: Signature::from_bytes(*reader.array()?),
            };
            of.opening = Some((digest, opening));
        }
        if flags & GIVEN != 0 {
            of.given = Some(GivenAt::read(reader)?);
        }
        if flags & CLOSING != 0 {
            let offset = reader.offset();
            let digest = ClosingDigest::from_bytes(*reader.array()?);
            if of.given.is_some_and(|given| given.closing != digest) {
                return Err(DecodeError::Number { offset });
            }
            of.closing = Some((digest, Signature::from_bytes(*reader.array()?)));
        }
        let mut voters: Vec<(VoterId, Given)> = Vec::new();
        let mut owners = Vec::new();
        let offset = reader.offset();
        for _ in 0..reader.integer()? {
            let offset = reader.offset();
            let voter = VoterId::read(reader)?;
            if voters.last().is_some_and(|(last, _)| *last >= voter) {
                return Err(DecodeError::Number { offset });
            }
            let given = Given::read(of.opening.is_some(), reader)?;
            owners.extend(given.credentials.iter().map(|own| (own.encoding, voter.clone())));
            voters.push((voter, given));
        }
        let credentials = owners.len();
        // All at once, which is quicker than one after the other.
        of.voters = voters.into_iter().collect();
        of.owners = owners.into_iter().collect();
        // Each is given once.
        if of.owners.len() != credentials {
            return Err(DecodeError::Number { offset });
        }
        for _ in 0..reader.integer()? {
            let offset = reader.offset();
            let credential = *reader.array()?;
            let descends = of.taken_back.last_key_value().is_some_and(|(last, _)| *last >= credential);
            if descends || of.owners.contains_key(&credential) {
                return Err(DecodeError::Number { offset });
            }
            of.taken_back.insert(credential, VoterId::read(reader)?);
        }
        Ok(of)
    }
}

impl Given {
    fn read(opened: bool, reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let offset = reader.offset();
        let (before_opening, count) = (reader.integer()?, reader.integer()?);
        // One stands, and those before the opening are told apart from then on.
        if count == 0 || before_opening >= count || (before_opening > 0 && !opened) {
            return Err(DecodeError::Number { offset });
        }
        let [before_opening, count] =
            [before_opening, count].map(|number| usize::try_from(number).unwrap_or(usize::MAX));
        let credentials = reader.many(count, GivenCredential::LEAST_BYTES, GivenCredential::read)?;
        Ok(Given { credentials, before_opening })
    }
}

impl GivenCredential {
    /// Without a code.
    const LEAST_BYTES: usize = 32 + 8 + 9 + 1;

    fn store(&self, storing: &mut Storing) {
        let GivenCredential { encoding, issued_at, validity, code } = self;
        storing.write(encoding);
        storing.number(issued_at.seconds());
        storing.write(&validity.to_bytes());
        storing.write(&[u8::from(code.is_some())]);
        if let Some(code) = code {
            storing.write(code.expose_bytes().as_ref());
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let encoding = *reader.array()?;
        let issued_at = UnixTime::from_seconds(reader.integer()?);
        let validity = Validity::read(reader)?;
        let offset = reader.offset();
        let code = match reader.byte()? {
            0 => None,
            1 => Some(Box::new(VotingCode::from_bytes(*reader.array()?))),
            _ => return Err(DecodeError::Number { offset }),
        };
        Ok(GivenCredential { encoding, issued_at, validity, code })
    }
}

#[cfg(test)]
mod tests;
