//! The issuer of voting codes: a process of its own, with its own key, file, port and login. What it does is stored before
//! anything of it is answered or sent.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use urne::ballot_box::{
    Complaints, Issue, Issued, IssuerError, ProposedOpening, SignedBox, SignedClosing, Validity,
};
use urne::{
    ApprovedContest, ClosedBox, ElectoralRoll, Fingerprint, Issuer, SigningKey, UnixTime, Unsent,
    VerifyingKey, VoterId,
};
use zeroize::Zeroizing;

use self::api::Order;
use crate::accounts::rng;
use crate::clock::Clock;
use crate::contests::{self, Contest, Contests};
use crate::election::{self, Elector};
use crate::i18n::Lang;
use crate::limits::{self, Limits};
use crate::page::Assets;
use crate::web::Problem;
use crate::{Failure, disk};

pub mod api;
pub mod closings;
pub mod letters;
pub mod pages;
pub mod post;

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
    /// The portal's scripts, whose hashes are printed on letters, as they are when the issuer is started.
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
    clock: Clock,
    assets: Assets,
    issuer: Issuer,
    /// The issuer as it was stored last.
    stored: Zeroizing<Vec<u8>>,
    contests: Arc<Contests>,
    electors: BTreeMap<VoterId, Elector>,
    limits: Limits,
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
        Ok(disk::get(place, Issuer::from_bytes)?.public_key())
    }

    /// The issuer from what it stored last, with its contests and its own copy of the voters' list.
    pub fn open(folder: &Path) -> Result<Self, Failure> {
        let place = folder.join("issuer.toml");
        let file: IssuerFile = disk::get(&place, |bytes| toml::from_slice(bytes))?;
        let issuer = disk::get(folder.join("issuer.bin"), Issuer::from_bytes)?;
        let (contests, _) = contests::read_all(&file.public)?;
        for (number, contest) in &contests {
            let shown = contest.approved.fingerprint();
            if !file.fingerprints.contains(&shown) {
                let why = format!("contest {number}, {shown}, is not among its fingerprints");
                return Err(disk::named(&place, why));
            }
            if contest.approved.contest().description().issuer_key != issuer.public_key() {
                return Err(format!("contest {number} is under another issuer's key").into());
            }
        }
        let all = file.fingerprints.len();
        if contests.len() != all {
            return Err(disk::named(&file.public, format!("it has {} of {all} contests", contests.len())));
        }
        let electors = election::electors(&folder.join("voters.csv"), &contests.keys().copied().collect())?;
        Ok(Desk {
            clock: Clock::new(file.clock_ahead.clone())?,
            // All of them, so that nothing is missing when letters are printed.
            assets: Assets::read(&file.scripts)?,
            stored: issuer.to_bytes(),
            contests: Arc::new(contests),
            electors: electors.into_iter().filter_map(|one| Some((one.voter()?, one))).collect(),
            limits: Limits::default(),
            folder: folder.to_owned(),
            file,
            issuer,
        })
    }

    /// Stores what belongs to a message, and gives the message. Where it cannot be stored the issuer is as it was.
    fn store<M>(&mut self, unsent: Unsent<M>) -> Result<M, Failure> {
        if let Err(error) = disk::put_secret(&self.folder.join("issuer.bin"), unsent.to_store()) {
            self.issuer = Issuer::from_bytes(&self.stored)?;
            return Err(error);
        }
        self.stored = unsent.to_store().to_vec().into();
        Ok(unsent.stored())
    }

    /// Draws the codes of all voters, once, and gives the rolls for the box.
    pub fn issue_all(&mut self, now: UnixTime) -> Result<BTreeMap<u64, ElectoralRoll>, Failure> {
        // There may be others in its memory: contests that were made anew since.
        if self.contests.values().all(|of| self.issuer.issues(of.approved.contest()).is_empty()) {
            let order = |(voter, elector): (&VoterId, &Elector)| {
                (voter.clone(), of(&self.contests, &elector.contests))
            };
            let orders: Vec<_> = self.electors.iter().map(order).collect();
            let unsent = self.issuer.issue(&orders, Validity::UntilClose, now, &mut rng())?;
            self.store(unsent)?;
        }
        if let Some(of) =
            self.contests.values().find(|of| self.issuer.issues(of.approved.contest()).is_empty())
        {
            return Err(format!("contest {} has no codes, though others have: set up anew", of.number).into());
        }
        let roll = |(number, of): (&u64, &Contest)| Ok((*number, self.issuer.electoral_roll(&of.approved)?));
        self.contests.iter().map(roll).collect()
    }

    /// Signs every opening that the box proposes, after comparing it with the codes that were issued. Once a contest would
    /// be open nothing is signed for it, nor for those after it.
    pub fn sign_openings(&mut self, now: impl Fn() -> UnixTime) -> Result<(), Failure> {
        for of in self.contests.clone().values() {
            let (number, contest) = (of.number, &of.approved);
            let proposed = disk::get(of.folder.join("proposed"), ProposedOpening::from_bytes)?;
            in_time(number, contest, now())?;
            let unsent = self.issuer.sign_opening(contest.contest(), &proposed)?;
            // It has looked at the whole roll: what is late by now leaves neither this process nor its memory.
            if let Err(late) = in_time(number, contest, now()) {
                self.issuer = Issuer::from_bytes(&self.stored)?;
                return Err(late);
            }
            let opening = self.store(unsent)?;
            disk::put(&of.folder.join("opening"), &proposed.signed(&opening).to_bytes())?;
        }
        Ok(())
    }

    /// Letters that were not sent yet, of voters who had no new code since, in order of the voters.
    pub fn letters(&self) -> Vec<Issued> {
        let mut letters = self.issuer.unsent_codes();
        let meant = |issue: &Issue| self.file.fingerprints.contains(&issue.contest());
        letters.retain(|letter| {
            !letter.reissued && self.electors.contains_key(&letter.voter) && letter.issues.iter().all(meant)
        });
        letters
    }

    /// Those that may leave, once the opening of every contest is signed, by parts, as they are printed, from 1. What is in
    /// which does not change when others have left.
    pub fn parts(&self, lang: Lang) -> Result<BTreeMap<usize, Vec<Issued>>, Failure> {
        if !self.opened() {
            return Err(lang.text("issuer-not-opened").into());
        }
        let all: Vec<_> = self.electors.keys().collect();
        let mut parts = BTreeMap::<_, Vec<_>>::new();
        for letter in self.letters() {
            let at = all.partition_point(|voter| **voter < letter.voter);
            parts.entry(at / PART + 1).or_default().push(letter);
        }
        Ok(parts)
    }

    /// The letters of a part.
    pub fn part(&self, lang: Lang, part: usize) -> Result<Vec<Issued>, Failure> {
        Ok(self.parts(lang)?.remove(&part).ok_or_else(|| lang.text("issuer-no-letters"))?)
    }

    /// The opening of every contest is signed: letters may be sent.
    pub fn opened(&self) -> bool {
        self.contests.values().all(|of| of.has("opening"))
    }

    /// Forgets codes that are on their way. One that was drawn for the same voter since is kept.
    pub fn sent(&mut self, sent: &[Issued]) -> Result<(), Failure> {
        let unsent = self.issuer.letters_sent(sent);
        self.store(unsent)
    }

    /// A new code for a voter whom the portal has identified, in the contests that the box allows. The same again gives
    /// the same until it is known what became of it.
    pub fn reissue(&mut self, order: &Order, now: UnixTime) -> Result<Vec<Issue>, Problem> {
        let Order { voter, contests, identity_checked_at } = order;
        let unknown = || Problem::refused("issue/unknown-voter", &"no such voter");
        let voter = VoterId::new(voter.as_str()).ok_or_else(unknown)?;
        let elector = self.electors.get(&voter).ok_or_else(unknown)?;
        if identity_checked_at.abs_diff(now.seconds()) > IDENTITY_SECONDS {
            return Err(Problem::refused("issue/identity", &"the identity was not checked just now"));
        }
        if !contests.iter().all(|number| elector.contests.contains(number)) {
            return Err(Problem::refused("issue/foreign-contest", &"not all are contests of the voter"));
        }
        if let Some((drawn, _)) = self.drawn(&voter, now) {
            return Ok(drawn.issues);
        }
        let counted = self.limits.request(limits::CODES, "code", &order.voter, now.seconds().cast_signed());
        counted.map_err(|_| Problem::refused("issue/too-often", &"too many codes"))?;
        let of = of(&self.contests, contests);
        let unsent = self.issuer.reissue(&voter, &of, Validity::TWO_MINUTES, now, &mut rng());
        let unsent = unsent.map_err(|error| Problem::refused(error.code(), &error))?;
        Ok(self.store(unsent)?.issues)
    }

    /// The code for an e-mail that was drawn and not sent, and whether it can still be used.
    pub fn drawn(&self, voter: &VoterId, now: UnixTime) -> Option<(Issued, bool)> {
        let mut unsent = self.issuer.unsent_codes().into_iter();
        let issued = unsent.find(|letter| letter.voter == *voter && letter.reissued)?;
        let in_time = issued.issues.iter().any(|issue| {
            let contest = self.contests.values().find(|of| of.approved.fingerprint() == issue.contest());
            contest.is_some_and(|of| now < issue.expires_at(of.approved.contest()))
        });
        Some((issued, in_time))
    }

    /// Takes back what the box has refused.
    pub fn withdraw(&mut self, issue: &Issue) -> Result<(), Problem> {
        let unsent = self.issuer.withdraw(issue).map_err(|error| Problem::refused(error.code(), &error))?;
        Ok(self.store(unsent)?)
    }

    /// Notes that a closing was given, by the issuer's own clock: from then on complaints are taken. Another closing begins
    /// the time anew; the same that is given again does not.
    pub fn note(&mut self, closed: &ClosedBox, now: UnixTime) -> Result<(), Failure> {
        let given = self.issuer.given(closed, now).map_err(|error| of_contest(closed, &error))?;
        self.store(given)
    }

    /// Signs the closings about which nobody complained in time, and publishes the signatures.
    pub fn sign_closings(&mut self, all: Vec<ClosedBox>, now: UnixTime) -> Result<(), Failure> {
        if all.len() != self.contests.len() {
            return Err("not every contest is closed".into());
        }
        for closed in all {
            let number = closed.contest().contest().description().number;
            let place = self.file.public.join(number.to_string());
            let complaints = Complaints { seconds: self.file.complaints, given: &disk::all(&place)? };
            let unsent = self.issuer.sign_closing(&closed, &complaints, now);
            let signature = self.store(unsent.map_err(|error| of_contest(&closed, &error))?)?;
            let signed = SignedClosing::of(&SignedBox::new(closed, signature)?);
            disk::put(&place.join("closing"), &signed.to_bytes())?;
        }
        Ok(())
    }
}

/// The contests of these numbers.
fn of<'a>(contests: &'a Contests, numbers: &[u64]) -> Vec<&'a urne::Contest> {
    numbers.iter().filter_map(|number| Some(contests.get(number)?.approved.contest())).collect()
}

/// What is wrong with a closing.
fn of_contest(closed: &ClosedBox, error: &IssuerError) -> Failure {
    format!("contest {}: {error}", closed.contest().contest().description().number).into()
}
