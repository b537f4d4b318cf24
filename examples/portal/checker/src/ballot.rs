//! My ballot in a record, and a ballot that was opened.

use std::borrow::Cow;
use std::io::{BufReader, Read};

use serde::{Deserialize, Serialize};
use urne::ballot::{ChallengeError, ChallengedBallot, ReferenceError};
use urne::ballot_box::{DepositProof, GivenClosing};
use urne::primitives::Kind;
use urne::record::{
    AnyRecord, CheckError, EndorsedRecord, FoundBallot, GivenRecord, HexBytes, PublishedError,
};
use urne::voter::{Dossier, Voted};
use urne::{ApprovedContest, BallotReference, Choice, Credential, Fingerprint, Receipt, VotingCode};

use crate::audit::{PIECE, fingerprint, unread};
use crate::forms::{Refusal, Shown};

refusals!(ChallengeError, CheckError, PublishedError, ReferenceError);

/// How many digits of a reference are enough to compare: 48 bits, which no device has the time to aim at.
const DIGITS: usize = 12;

/// What is known of the record from elsewhere.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Known {
    /// Fingerprints of contests, as the trustees publish them.
    published: Vec<String>,
    /// Of a record that is not counted yet: the closings that trustees say they were given.
    given: Vec<HexBytes>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Code<'a> {
    /// Read where it stands in the request, which is wiped.
    #[serde(borrow)]
    code: Cow<'a, str>,
    /// The reference that the first device showed, or none.
    shown: Option<String>,
    known: Known,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    file: HexBytes,
    known: Known,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Approved {
    approved: String,
    published: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Challenge<'a> {
    opened: HexBytes,
    contest: Approved,
    /// The reference as the first device showed it before it knew that it was watched, or its beginning.
    shown: String,
    #[serde(borrow)]
    code: Cow<'a, str>,
    /// What the voter meant; 0 for blank.
    meant: u8,
}

/// A ballot that was found in a record.
#[derive(Serialize)]
pub(crate) struct Found {
    counted: bool,
    contest: Shown,
    /// From 1.
    place: usize,
    of: usize,
    reference: BallotReference,
    /// Whether the reference that was shown is its own, if it was looked for by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<bool>,
    /// Whose it is, where the file says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    voter: Option<String>,
}

/// A challenged ballot that is honest.
#[derive(Serialize)]
pub(crate) struct Honest {
    reference: BallotReference,
}

/// Fingerprints as the trustees publish them.
fn fingerprints(published: &[String]) -> Result<Vec<Fingerprint>, Refusal> {
    published.iter().map(|hex| fingerprint(hex)).collect()
}

/// A record whose closing is the one that counts.
enum Trusted {
    Given(GivenRecord),
    Endorsed(Box<EndorsedRecord>),
}

impl Trusted {
    fn read(record: &mut dyn Read, known: &Known) -> Result<Self, Refusal> {
        let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(PIECE, record));
        let record = AnyRecord::deserialize(&mut json).and_then(|record| json.end().map(|()| record));
        let record = record.map_err(|error| unreadable(&error))?;
        let published = fingerprints(&known.published)?;
        match record {
            AnyRecord::Counted(record) => {
                Ok(Trusted::Endorsed(Box::new(EndorsedRecord::verify(&record, &published)?)))
            }
            AnyRecord::Closed(record) => {
                let given = known.given.iter().map(|given| GivenClosing::from_bytes(&given.0));
                let given = GivenRecord::verify(&record, &given.collect::<Result<Vec<_>, _>>()?)?;
                check(given.ballots().contest().fingerprint(), &published)?;
                Ok(Trusted::Given(given))
            }
        }
    }

    fn ballots(&self) -> &urne::record::BallotList {
        match self {
            Trusted::Given(record) => record.ballots(),
            Trusted::Endorsed(record) => record.ballots(),
        }
    }

    fn check(&self, voted: &Voted) -> Result<FoundBallot, CheckError> {
        match self {
            Trusted::Given(record) => voted.check_given(record),
            Trusted::Endorsed(record) => voted.check_counted(record),
        }
    }

    fn shown(&self, found: FoundBallot) -> Found {
        Found {
            counted: matches!(self, Trusted::Endorsed(_)),
            contest: self.ballots().contest().into(),
            place: found.index + 1,
            of: self.ballots().references().len(),
            reference: found.reference,
            compared: None,
            voter: None,
        }
    }
}

impl Code<'_> {
    pub(crate) fn answer(self, record: &mut dyn Read) -> Result<Found, Refusal> {
        let code = self.code.parse::<VotingCode>()?;
        let shown = self.shown.map(|shown| shown.parse::<BallotReference>()).transpose()?;
        let trusted = Trusted::read(record, &self.known)?;
        let found = match shown {
            Some(shown) => trusted.ballots().check_code(&code, &shown),
            None => trusted.ballots().by_code(&code),
        };
        Ok(Found { compared: Some(shown.is_some()), ..trusted.shown(found?) })
    }
}

impl File {
    pub(crate) fn answer(self, record: &mut dyn Read) -> Result<Found, Refusal> {
        let bytes = &self.file.0[..];
        let kind = bytes.first().copied().and_then(Kind::of_byte);
        let proof = match kind {
            Some(Kind::DepositProof) => DepositProof::from_bytes(bytes)?,
            Some(Kind::Receipt) => Receipt::from_bytes(bytes)?.deposit_proof,
            Some(Kind::Dossier) => return dossier(Dossier::from_bytes(bytes)?, record, &self.known),
            _ => {
                return Err(Refusal::new("page/file", "neither a deposit proof nor a receipt nor a dossier"));
            }
        };
        let trusted = Trusted::read(record, &self.known)?;
        Ok(trusted.shown(trusted.ballots().by_deposit_proof(&proof)?))
    }
}

/// Of a dossier it is said whose it is: in a browser that several share it may be another's.
fn dossier(dossier: Dossier, record: &mut dyn Read, known: &Known) -> Result<Found, Refusal> {
    let trusted = Trusted::read(record, known)?;
    let voter = dossier.voter().to_string();
    let found = trusted.check(&dossier.voted(trusted.ballots().contest())?)?;
    Ok(Found { voter: Some(voter), ..trusted.shown(found) })
}

impl Approved {
    fn read(&self) -> Result<ApprovedContest, Refusal> {
        let approved = ApprovedContest::from_json(self.approved.as_bytes())?;
        check(approved.fingerprint(), &fingerprints(&self.published)?)?;
        Ok(approved)
    }

    pub(crate) fn answer(self) -> Result<Shown, Refusal> {
        Ok(self.read()?.contest().into())
    }
}

impl Challenge<'_> {
    pub(crate) fn answer(self) -> Result<Honest, Refusal> {
        let contest = self.contest.read()?;
        let code = self.code.parse::<VotingCode>()?;
        let opened = ChallengedBallot::from_bytes(&self.opened.0)?;
        let reference = BallotReference::of(contest.contest(), opened.ballot());
        let shown = compared(&self.shown, reference)?;
        let credential = Credential::derive(contest.contest(), &code).public();
        let meant = if self.meant == 0 { Choice::Blank } else { Choice::List(self.meant) };
        opened.verify(&contest, &shown, &credential, meant)?;
        Ok(Honest { reference })
    }
}

/// The reference that was shown: all of it, or its beginning, which is then compared here.
fn compared(shown: &str, reference: BallotReference) -> Result<BallotReference, Refusal> {
    let shown = shown.trim().to_lowercase();
    let digits = shown.split_once(')').map_or(0, |(_, digits)| digits.len());
    if digits >= DIGITS && reference.to_string().starts_with(&shown) {
        return Ok(reference);
    }
    match shown.parse() {
        Ok(shown) => Ok(shown),
        Err(_) if (DIGITS..64).contains(&digits) => Err(Refusal::new(
            "challenge/reference",
            format_args!("the opened ballot is {reference}, which does not begin as shown"),
        )),
        Err(error) => Err(error.into()),
    }
}

/// The record's JSON, as far as the reader came, is not quoted at length.
fn unreadable(error: &serde_json::Error) -> Refusal {
    if error.is_io() {
        return unread();
    }
    let code = if error.is_eof() { "record/cut-short" } else { "record/json" };
    let (line, column) = (error.line(), error.column());
    Refusal::new(code, format_args!("not a record: line {line}, column {column}"))
}

/// That the contest is one of those that trustees publish. A closed record does not ask for it.
fn check(fingerprint: Fingerprint, published: &[Fingerprint]) -> Result<(), Refusal> {
    let known = published.contains(&fingerprint);
    if known { Ok(()) } else { Err(PublishedError::NotPublished { fingerprint }.into()) }
}
