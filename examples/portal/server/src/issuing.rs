//! The issuer of voting codes: a process of its own, with its own key, file, port and login. What it does is stored before
//! anything of it is answered or sent.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use urne::ballot_box::{
    Complaints, GivenClosing, Issue, Issued, ProposedOpening, SignedBox, SignedClosing, Validity,
};
use urne::{
    ApprovedContest, ClosedBox, ClosedRecord, ElectoralRoll, Issuer, SigningKey, UnixTime, Unsent, VoterId,
};

use zeroize::Zeroizing;

use crate::accounts::rng;
use crate::election::{Elector, Plan, read_electors};
use crate::{Failure, disk, files};

pub mod api;
pub mod letters;
pub mod pages;
pub mod post;

/// How often in an hour a voter can have a new code: a flood of e-mails helps nobody.
const MOST_REISSUES: usize = 6;
const HOUR: u64 = 3_600;
/// How old a check of identity may be when a code is asked for, by the issuer's own clock.
const IDENTITY_SECONDS: u64 = 60;

/// `issuer.toml`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerFile {
    /// Where it listens: an address of this machine, which nobody else reaches.
    pub listen: std::net::SocketAddr,
    /// The folder of what is public.
    pub public: PathBuf,
    /// The portal's scripts, whose hashes are printed on letters.
    pub scripts: PathBuf,
    /// The portal, as voters type it.
    pub address: String,
    /// How long complaints are taken after a closing.
    pub complaints: u64,
    /// The operator's password, as argon2 makes it.
    pub password: String,
    /// The hash of the token that the portal shows, in hex.
    pub token: String,
    /// `folder:mail-out` or `smtp://…`, as the portal's.
    pub mail: String,
    pub mail_from: String,
    /// FOR TESTS ONLY: a file with the seconds that the clock is to be ahead by.
    #[serde(default)]
    pub clock_ahead: Option<PathBuf>,
}

/// The issuer with what it knows of the election.
pub struct Desk {
    folder: PathBuf,
    pub file: IssuerFile,
    issuer: Issuer,
    /// The issuer as it was stored last.
    stored: Zeroizing<Vec<u8>>,
    contests: BTreeMap<u64, ApprovedContest>,
    electors: BTreeMap<VoterId, Elector>,
    reissues: BTreeMap<VoterId, Vec<UnixTime>>,
}

/// Why nothing was issued, as the portal is told.
#[derive(Debug, Serialize)]
pub struct Refusal {
    pub code: String,
    pub text: String,
}

impl Refusal {
    fn new(code: &str, text: impl Into<String>) -> Self {
        Refusal { code: code.to_owned(), text: text.into() }
    }
}

/// How far a contest has come, for the operator.
pub struct Progress {
    pub number: u64,
    pub title: String,
    pub fingerprint: String,
    pub voters: usize,
    pub opened: bool,
    pub signed: bool,
    /// The closing that was given, from when on complaints were taken.
    pub given_at: Option<UnixTime>,
}

/// When a closed record was first seen, by the issuer's own clock.
#[derive(Serialize, Deserialize)]
struct Seen {
    closing: String,
    at: u64,
}

impl Desk {
    /// A new issuer, with a key of its own and nothing issued. Its folder is made; it must not have one yet.
    pub fn create(folder: &Path) -> Result<urne::VerifyingKey, Failure> {
        let place = folder.join("issuer.bin");
        if place.exists() {
            return Err(format!("{} is there already, and exists once", place.display()).into());
        }
        let key = SigningKey::generate(&mut rng());
        let public = key.public();
        disk::put_secret(&place, &Issuer::with_empty_memory(key).to_bytes())?;
        Ok(public)
    }

    /// The public half of the key, of an issuer whose contests are still to be made.
    pub fn public_key(folder: &Path) -> Result<urne::VerifyingKey, Failure> {
        Ok(read_issuer(folder)?.0.public_key())
    }

    /// The issuer from what it stored last, with its contests and its own copy of the voters' list.
    pub fn open(folder: &Path) -> Result<Self, Failure> {
        let place = folder.join("issuer.toml");
        let file: IssuerFile = disk::read_toml(&place)?;
        let (issuer, stored) = read_issuer(folder)?;
        let (mut contests, mut plans) = (BTreeMap::new(), Vec::new());
        for number in disk::contests(&file.public)? {
            let of = file.public.join(number.to_string());
            let contest = disk::get(of.join("approved.json"), ApprovedContest::from_json)?;
            let documents: crate::election::Documents = {
                let bytes = disk::read(&of.join("documents"))?;
                contest.contest().check_documents(&bytes)?;
                serde_json::from_slice(&bytes)?
            };
            if contest.contest().description().issuer_key != issuer.public_key() {
                return Err(format!("contest {number} is under another issuer's key").into());
            }
            let capacity = contest.contest().description().capacity;
            plans.push(Plan { documents, capacity });
            contests.insert(number, contest);
        }
        let voters = folder.join("voters.csv");
        let text = fs::read_to_string(&voters).map_err(|error| disk::named(&voters, error))?;
        let electors = read_electors(&voters, &text, &plans)?;
        let electors = electors.into_iter().filter_map(|one| Some((one.voter()?, one))).collect();
        let (folder, reissues) = (folder.to_owned(), BTreeMap::new());
        Ok(Desk { folder, file, issuer, stored, contests, electors, reissues })
    }

    /// Stores what belongs to a message, and gives the message. Where it cannot be stored the issuer is as it was.
    fn store<M>(&mut self, unsent: Unsent<M>) -> Result<M, Failure> {
        match disk::put_secret(&self.folder.join("issuer.bin"), unsent.to_store()) {
            Ok(()) => {
                self.stored = unsent.to_store().to_vec().into();
                Ok(unsent.stored())
            }
            Err(error) => {
                self.issuer = Issuer::from_bytes(&self.stored)?;
                Err(error)
            }
        }
    }

    /// Draws the codes of all voters, once, and gives the rolls for the box.
    pub fn issue_all(&mut self, now: UnixTime) -> Result<BTreeMap<u64, ElectoralRoll>, Failure> {
        if self.contests.values().all(|contest| self.issuer.issues(contest.contest()).is_empty()) {
            let of = |elector: &Elector| {
                let contests = elector.contests.iter().filter_map(|number| self.contests.get(number));
                contests.map(ApprovedContest::contest).collect::<Vec<_>>()
            };
            let orders: Vec<_> =
                self.electors.iter().map(|(voter, elector)| (voter.clone(), of(elector))).collect();
            let unsent = self.issuer.issue(&orders, Validity::UntilClose, now, &mut rng())?;
            self.store(unsent)?;
        }
        let mut rolls = BTreeMap::new();
        for (number, contest) in &self.contests {
            let mut roll = ElectoralRoll::new(contest.clone());
            self.issuer.issues(contest.contest()).into_iter().try_for_each(|issue| roll.register(issue))?;
            rolls.insert(*number, roll);
        }
        Ok(rolls)
    }

    /// Signs every opening that the box proposes, after comparing it with the codes that were issued.
    pub fn sign_openings(&mut self) -> Result<(), Failure> {
        for (number, contest) in self.contests.clone() {
            let of = self.file.public.join(number.to_string());
            let proposed = disk::get(of.join("proposed"), ProposedOpening::from_bytes)?;
            let unsent = self.issuer.sign_opening(contest.contest(), &proposed)?;
            let opening = self.store(unsent)?;
            files::put(&of.join("opening"), &proposed.signed(&opening).to_bytes())?;
        }
        Ok(())
    }

    /// Letters that were not sent yet, of voters who had no new code since, in order of the voters.
    pub fn letters(&self) -> Vec<(Issued, &Elector)> {
        let first = self.issuer.unsent_codes().into_iter().filter(|letter| !by_mail(letter));
        first
            .filter_map(|letter| Some((self.electors.get(&letter.voter)?, letter)))
            .map(|(elector, letter)| (letter, elector))
            .collect()
    }

    /// The opening of every contest is signed: letters may be sent.
    pub fn opened(&self) -> bool {
        self.contests.keys().all(|number| self.of(*number).join("opening").exists())
    }

    /// Forgets codes that are on their way. One that was drawn for the same voter since is kept.
    pub fn sent(&mut self, sent: &[Issued]) -> Result<(), Failure> {
        let unsent = self.issuer.letters_sent(sent);
        self.store(unsent)
    }

    /// A new code for a voter whom the portal has identified, in the contests that the box allows. The same again gives
    /// the same until it is known what became of it.
    pub fn reissue(
        &mut self,
        voter: &str,
        contests: &[u64],
        identity_checked_at: u64,
        now: UnixTime,
    ) -> Result<Vec<Issue>, Refusal> {
        let unknown = || Refusal::new("issue/unknown-voter", "no such voter");
        let voter = VoterId::new(voter.as_bytes()).ok_or_else(unknown)?;
        let elector = self.electors.get(&voter).ok_or_else(unknown)?;
        if identity_checked_at.abs_diff(now.seconds()) > IDENTITY_SECONDS {
            return Err(Refusal::new("issue/identity", "the identity was not checked just now"));
        }
        if !contests.iter().all(|number| elector.contests.contains(number)) {
            return Err(Refusal::new("issue/foreign-contest", "not all of these are contests of the voter"));
        }
        if let Some(drawn) = self.pending(&voter) {
            return Ok(drawn.issues);
        }
        let last = self.reissues.entry(voter.clone()).or_default();
        last.retain(|at| now.seconds().saturating_sub(at.seconds()) < HOUR);
        if last.len() >= MOST_REISSUES {
            return Err(Refusal::new("issue/too-often", "too many codes in an hour"));
        }
        last.push(now);
        let of = contests.iter().filter_map(|number| Some(self.contests.get(number)?.contest()));
        let of: Vec<_> = of.collect();
        let unsent = self.issuer.reissue(&voter, &of, Validity::TWO_MINUTES, now, &mut rng());
        let unsent = unsent.map_err(|error| Refusal::new(error.code(), error.to_string()))?;
        let issued = self.store(unsent).map_err(|error| not_stored(&error))?;
        Ok(issued.issues)
    }

    /// The code for an e-mail that was drawn and not sent, and whether it can still be used.
    pub fn drawn(&self, voter: &VoterId, now: UnixTime) -> Option<(Issued, bool)> {
        let issued = self.pending(voter)?;
        let in_time = issued.issues.iter().any(|issue| {
            let contest = self.contests.values().find(|of| of.fingerprint() == issue.contest());
            contest.is_some_and(|contest| now < issue.expires_at(contest.contest()))
        });
        Some((issued, in_time))
    }

    /// Takes back what the box has refused.
    pub fn withdraw(&mut self, issue: &[u8]) -> Result<(), Refusal> {
        let issue =
            Issue::from_bytes(issue).map_err(|error| Refusal::new(error.code(), error.to_string()))?;
        let unsent =
            self.issuer.withdraw(&issue).map_err(|error| Refusal::new(error.code(), error.to_string()))?;
        self.store(unsent).map_err(|error| not_stored(&error))
    }

    /// A code for an e-mail that was drawn and not sent.
    fn pending(&self, voter: &VoterId) -> Option<Issued> {
        self.issuer.unsent_codes().into_iter().find(|letter| letter.voter == *voter && by_mail(letter))
    }

    fn of(&self, number: u64) -> PathBuf {
        self.file.public.join(number.to_string())
    }

    /// Of every contest, for the operator's first page.
    pub fn progress(&self) -> Vec<Progress> {
        let of = |(number, contest): (&u64, &ApprovedContest)| Progress {
            number: *number,
            title: contest.contest().description().title.to_string(),
            fingerprint: contest.fingerprint().to_string(),
            voters: self.issuer.issues(contest.contest()).len(),
            opened: self.of(*number).join("opening").exists(),
            signed: self.of(*number).join("closing").exists(),
            given_at: self.seen(*number).ok().flatten().map(|seen| UnixTime::from_seconds(seen.at)),
        };
        self.contests.iter().map(of).collect()
    }

    fn seen(&self, number: u64) -> Result<Option<Seen>, Failure> {
        let place = self.folder.join(format!("{number}.seen"));
        if !place.exists() {
            return Ok(None);
        }
        Ok(Some(serde_json::from_slice(&disk::read(&place)?)?))
    }

    /// What verifies closings apart from the issuer, since that takes a while for a large box.
    pub fn closings(&self) -> Closings {
        Closings { public: self.file.public.clone(), numbers: self.contests.keys().copied().collect() }
    }

    /// The closings that are there and were not noted, or were written anew since.
    pub fn unseen(&self) -> Result<Closings, Failure> {
        let mut numbers = Vec::new();
        for number in self.contests.keys() {
            let written = fs::metadata(self.of(*number).join("closed.json")).and_then(|of| of.modified());
            let noted = fs::metadata(self.folder.join(format!("{number}.seen"))).and_then(|of| of.modified());
            match (written, noted) {
                (Ok(written), Ok(noted)) if written <= noted => (),
                (Ok(_), _) => numbers.push(*number),
                (Err(_), _) => (),
            }
        }
        Ok(Closings { public: self.file.public.clone(), numbers })
    }

    /// Notes when closings were first given, by the issuer's own clock: from then on complaints are taken.
    pub fn note(&mut self, closed: &BTreeMap<u64, ClosedBox>, now: UnixTime) -> Result<(), Failure> {
        for (number, closed) in closed {
            let given =
                self.issuer.given(closed, now).map_err(|error| format!("contest {number}: {error}"))?;
            self.store(given)?;
            let closing = closed.digest().to_string();
            // Another closing begins the time anew; the same that was written again does not.
            let before = self.seen(*number)?.filter(|seen| seen.closing == closing);
            let seen = before.unwrap_or(Seen { closing, at: now.seconds() });
            files::put(&self.folder.join(format!("{number}.seen")), &serde_json::to_vec(&seen)?)?;
        }
        Ok(())
    }

    /// Signs the closings about which nobody complained in time, and publishes the signatures.
    pub fn sign_closings(&mut self, closed: BTreeMap<u64, ClosedBox>, now: UnixTime) -> Result<(), Failure> {
        self.note(&closed, now)?;
        if closed.len() != self.contests.len() {
            return Err("not every contest is closed".into());
        }
        for (number, closed) in closed {
            let place = self.of(number);
            let given = disk::all(&place, "given", GivenClosing::from_bytes)?;
            let complaints = Complaints { seconds: self.file.complaints, given: &given };
            let unsent = self.issuer.sign_closing(&closed, &complaints, now);
            let unsent = unsent.map_err(|error| format!("contest {number}: {error}"))?;
            let signature = self.store(unsent)?;
            let signed = SignedClosing::of(&SignedBox::new(closed, signature)?);
            files::put(&place.join("closing"), &signed.to_bytes())?;
        }
        Ok(())
    }
}

/// Where closed records are, and of which contests.
pub struct Closings {
    public: PathBuf,
    numbers: Vec<u64>,
}

impl Closings {
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Those that are there, verified.
    pub fn verified(&self) -> Result<BTreeMap<u64, ClosedBox>, Failure> {
        let mut closed = BTreeMap::new();
        for number in &self.numbers {
            let of = self.public.join(number.to_string());
            if of.join("closed.json").exists() {
                let record = disk::get(of.join("closed.json"), ClosedRecord::from_json)?;
                // Of the contest that was approved, whatever the file says.
                let contest = disk::get(of.join("approved.json"), ApprovedContest::from_json)?;
                let verified = record.verify(&mut |_| ())?;
                if verified.contest().fingerprint() != contest.fingerprint() {
                    return Err(format!("the closed record is not of contest {number}").into());
                }
                closed.insert(*number, verified);
            }
        }
        Ok(closed)
    }
}

fn by_mail(letter: &Issued) -> bool {
    letter.issues.iter().any(|issue| issue.validity() != Validity::UntilClose)
}

fn not_stored(error: &Failure) -> Refusal {
    tracing::error!("the issuer's file: {error}");
    Refusal::new("issue/not-stored", "nothing could be stored")
}

fn read_issuer(folder: &Path) -> Result<(Issuer, Zeroizing<Vec<u8>>), Failure> {
    let place = folder.join("issuer.bin");
    let bytes = Zeroizing::new(disk::read(&place)?);
    let issuer = Issuer::from_bytes(&bytes).map_err(|error| disk::named(&place, error))?;
    Ok((issuer, bytes))
}
