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
    ApprovedContest, ClosedBox, ClosedRecord, ElectoralRoll, Fingerprint, Issuer, SigningKey, UnixTime,
    Unsent, VerifyingKey, VoterId,
};
use zeroize::Zeroizing;

use crate::accounts::rng;
use crate::contests::{Contest, Contests};
use crate::election::{Elector, read_electors};
use crate::{Failure, disk};

pub mod api;
pub mod letters;
pub mod pages;
pub mod post;

/// How often in an hour a voter can have a new code: a flood of e-mails helps nobody.
const MOST_REISSUES: usize = 6;
const HOUR: u64 = 3_600;
/// How many voters' letters are printed as one page.
pub const PART: usize = 500;
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
    /// Of all contests, as the trustees publish them: nothing is signed or printed where what the server shows differs.
    pub fingerprints: Vec<Fingerprint>,
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
    contests: Contests,
    electors: BTreeMap<VoterId, Elector>,
    reissues: BTreeMap<VoterId, Vec<UnixTime>>,
}

/// Why nothing was issued, as the portal is told.
#[derive(Debug, Serialize)]
pub struct Refusal {
    pub code: &'static str,
    pub text: String,
}

impl Refusal {
    fn new(code: &'static str, text: impl ToString) -> Self {
        Refusal { code, text: text.to_string() }
    }
}

impl From<Failure> for Refusal {
    fn from(error: Failure) -> Self {
        tracing::error!("the issuer's file: {error}");
        Refusal::new("issue/not-stored", "nothing could be stored")
    }
}

/// When a closed record was first seen, by the issuer's own clock.
#[derive(Serialize, Deserialize)]
struct Seen {
    closing: String,
    at: u64,
}

/// Takes an issuer's folder for this process, as long as what it gives is kept: of two with one memory, one would forget
/// what the other did.
pub fn alone(folder: &Path) -> Result<fs::File, Failure> {
    let lock = fs::File::create(folder.join("lock")).map_err(|error| disk::named(folder, error))?;
    lock.try_lock().map_err(|error| format!("{}: an issuer or a setup runs: {error}", folder.display()))?;
    Ok(lock)
}

/// An opening is signed before the contest opens: later no trustee would keep it.
pub fn in_time(number: u64, contest: &ApprovedContest, now: UnixTime) -> Result<(), Failure> {
    let opens_at = contest.contest().description().opens_at;
    if now < opens_at {
        return Ok(());
    }
    let late = format!("it opens at {opens_at}, before its opening is signed");
    Err(format!("contest {number}: {late}: set up anew, to open later").into())
}

impl Desk {
    /// The public half of an issuer's key, whose contests are still to be made. An issuer that is not there yet is made, with
    /// nothing issued.
    pub fn public_key(folder: &Path) -> Result<VerifyingKey, Failure> {
        let place = folder.join("issuer.bin");
        if !place.exists() {
            let issuer = Issuer::with_empty_memory(SigningKey::generate(&mut rng()));
            disk::put_secret(&place, &issuer.to_bytes())?;
        }
        Ok(read_issuer(folder)?.0.public_key())
    }

    /// The issuer from what it stored last, with its contests and its own copy of the voters' list.
    pub fn open(folder: &Path) -> Result<Self, Failure> {
        let place = folder.join("issuer.toml");
        let file: IssuerFile = disk::get(&place, |bytes| toml::from_slice(bytes))?;
        let (issuer, stored) = read_issuer(folder)?;
        let mut contests = BTreeMap::new();
        for number in disk::contests(&file.public)? {
            let of = file.public.join(number.to_string());
            let contest = Contest::read(number, of.clone()).map_err(|error| disk::named(&of, error))?;
            let shown = contest.approved.fingerprint();
            if !file.fingerprints.contains(&shown) {
                return Err(
                    format!("contest {number}: {shown} is no fingerprint of {}", place.display()).into()
                );
            }
            let description = contest.approved.contest().description();
            if description.issuer_key != issuer.public_key() {
                return Err(format!("contest {number} is under another issuer's key").into());
            }
            contests.insert(number, contest);
        }
        if contests.len() != file.fingerprints.len() {
            let (all, public) = (file.fingerprints.len(), file.public.display());
            return Err(format!("{public} has {} of {all} contests", contests.len()).into());
        }
        let voters = folder.join("voters.csv");
        let text = fs::read_to_string(&voters).map_err(|error| disk::named(&voters, error))?;
        let electors = read_electors(&voters, &text, &contests.keys().copied().collect())?;
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
        if self.contests.values().all(|of| self.issuer.issues(of.approved.contest()).is_empty()) {
            let order = |(voter, elector): (&VoterId, &Elector)| {
                (voter.clone(), of(&self.contests, &elector.contests))
            };
            let orders: Vec<_> = self.electors.iter().map(order).collect();
            let unsent = self.issuer.issue(&orders, Validity::UntilClose, now, &mut rng())?;
            self.store(unsent)?;
        }
        let mut rolls = BTreeMap::new();
        for (number, contest) in &self.contests {
            let mut roll = ElectoralRoll::new(contest.approved.clone());
            let issues = self.issuer.issues(contest.approved.contest());
            issues.into_iter().try_for_each(|issue| roll.register(issue))?;
            rolls.insert(*number, roll);
        }
        Ok(rolls)
    }

    /// Signs every opening that the box proposes, after comparing it with the codes that were issued. Once a contest would
    /// be open nothing is signed for it, nor for those after it.
    pub fn sign_openings(&mut self, now: impl Fn() -> UnixTime) -> Result<(), Failure> {
        let contests = self.contests.values().map(|of| (of.number, of.folder.clone(), of.approved.clone()));
        for (number, folder, contest) in contests.collect::<Vec<_>>() {
            let proposed = disk::get(folder.join("proposed"), ProposedOpening::from_bytes)?;
            in_time(number, &contest, now())?;
            let unsent = self.issuer.sign_opening(contest.contest(), &proposed)?;
            // It has looked at the whole roll: what is late by now leaves neither this process nor its memory.
            if let Err(late) = in_time(number, &contest, now()) {
                self.issuer = Issuer::from_bytes(&self.stored)?;
                return Err(late);
            }
            let opening = self.store(unsent)?;
            disk::put(&folder.join("opening"), &proposed.signed(&opening).to_bytes())?;
        }
        Ok(())
    }

    /// Letters that were not sent yet, of voters who had no new code since, in order of the voters.
    pub fn letters(&self) -> Vec<(Issued, &Elector)> {
        let first = self.issuer.unsent_codes().into_iter().filter(|letter| !by_mail(letter));
        let with_elector = |letter: Issued| {
            let elector = self.electors.get(&letter.voter)?;
            Some((letter, elector))
        };
        first.filter_map(with_elector).collect()
    }

    /// The same by parts, as they are printed, from 1. What is in which does not change when others have left.
    pub fn parts(&self) -> BTreeMap<usize, Vec<(Issued, &Elector)>> {
        let all: Vec<_> = self.electors.keys().collect();
        let mut parts = BTreeMap::<_, Vec<_>>::new();
        for letter in self.letters() {
            let at = all.partition_point(|voter| **voter < letter.0.voter);
            parts.entry(at / PART + 1).or_default().push(letter);
        }
        parts
    }

    /// The opening of every contest is signed: letters may be sent.
    pub fn opened(&self) -> bool {
        self.contests.values().all(|of| of.folder.join("opening").exists())
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
        let of = of(&self.contests, contests);
        let unsent = self.issuer.reissue(&voter, &of, Validity::TWO_MINUTES, now, &mut rng());
        let unsent = unsent.map_err(|error| Refusal::new(error.code(), error))?;
        Ok(self.store(unsent)?.issues)
    }

    /// The code for an e-mail that was drawn and not sent, and whether it can still be used.
    pub fn drawn(&self, voter: &VoterId, now: UnixTime) -> Option<(Issued, bool)> {
        let issued = self.pending(voter)?;
        let in_time = issued.issues.iter().any(|issue| {
            let contest = self.contests.values().find(|of| of.approved.fingerprint() == issue.contest());
            contest.is_some_and(|of| now < issue.expires_at(of.approved.contest()))
        });
        Some((issued, in_time))
    }

    /// Takes back what the box has refused.
    pub fn withdraw(&mut self, issue: &Issue) -> Result<(), Refusal> {
        let unsent = self.issuer.withdraw(issue).map_err(|error| Refusal::new(error.code(), error))?;
        Ok(self.store(unsent)?)
    }

    /// A code for an e-mail that was drawn and not sent.
    fn pending(&self, voter: &VoterId) -> Option<Issued> {
        self.issuer.unsent_codes().into_iter().find(|letter| letter.voter == *voter && by_mail(letter))
    }

    /// How many voters a contest has.
    pub fn voters(&self, of: &Contest) -> usize {
        self.issuer.issues(of.approved.contest()).len()
    }

    /// Until when complaints are taken, in seconds, of a contest whose closing was given.
    pub fn complaints_until(&self, of: &Contest) -> Option<u64> {
        let seen = self.seen(of.number).ok().flatten()?;
        Some(seen.at.saturating_add(self.file.complaints))
    }

    fn seen(&self, number: u64) -> Result<Option<Seen>, Failure> {
        let seen = disk::find(&self.seen_place(number))?;
        Ok(seen.map(|seen| serde_json::from_slice(&seen)).transpose()?)
    }

    fn seen_place(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number}.seen"))
    }

    /// The closed records that are there; or, of them, those that were not noted or were written anew since.
    pub fn closings(&self, unseen: bool) -> Vec<Closing> {
        let written = |place: &Path| fs::metadata(place).and_then(|of| of.modified()).ok();
        let closings = self.contests.values().map(|contest| Closing {
            number: contest.number,
            contest: contest.approved.fingerprint(),
            place: contest.folder.join("closed.json"),
        });
        let noted = |of: &Closing| if unseen { written(&self.seen_place(of.number)) } else { None };
        closings.filter(|of| written(&of.place) > noted(of)).collect()
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
            disk::put(&self.seen_place(*number), &serde_json::to_vec(&seen)?)?;
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
            let place = self.file.public.join(number.to_string());
            let given = disk::all(&place, "given", GivenClosing::from_bytes)?;
            let complaints = Complaints { seconds: self.file.complaints, given: &given };
            let unsent = self.issuer.sign_closing(&closed, &complaints, now);
            let unsent = unsent.map_err(|error| format!("contest {number}: {error}"))?;
            let signature = self.store(unsent)?;
            let signed = SignedClosing::of(&SignedBox::new(closed, signature)?);
            disk::put(&place.join("closing"), &signed.to_bytes())?;
        }
        Ok(())
    }
}

/// A closed record that was published, of a contest by the issuer's own word.
pub struct Closing {
    number: u64,
    contest: Fingerprint,
    place: PathBuf,
}

/// Verifies closed records: apart from the issuer, since that takes a while for a large box.
pub fn verified(closings: &[Closing]) -> Result<BTreeMap<u64, ClosedBox>, Failure> {
    let mut closed = BTreeMap::new();
    for Closing { number, contest, place } in closings {
        let verified = disk::get(place, ClosedRecord::from_json)?.verify(&mut |_| ())?;
        if verified.contest().fingerprint() != *contest {
            return Err(format!("the closed record is not of contest {number}").into());
        }
        closed.insert(*number, verified);
    }
    Ok(closed)
}

/// The contests of these numbers.
fn of<'a>(contests: &'a Contests, numbers: &[u64]) -> Vec<&'a urne::Contest> {
    numbers.iter().filter_map(|number| Some(contests.get(number)?.approved.contest())).collect()
}

fn by_mail(letter: &Issued) -> bool {
    letter.issues.iter().any(|issue| issue.validity() != Validity::UntilClose)
}

fn read_issuer(folder: &Path) -> Result<(Issuer, Zeroizing<Vec<u8>>), Failure> {
    let place = folder.join("issuer.bin");
    let bytes = Zeroizing::new(disk::read(&place)?);
    let issuer = Issuer::from_bytes(&bytes).map_err(|error| disk::named(&place, error))?;
    Ok((issuer, bytes))
}
