//! Makes the folder of an election, in steps that can each be taken again: whoever runs it a second time goes on where
//! something was missing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use urne::bureau::ElectionKey;
use urne::contest::{Approval, ContestDescription, documents_text};
use urne::rand_core::Rng;
use urne::{ApprovedContest, Contest, SigningKey, UnixTime};
use zeroize::Zeroizing;

use self::election::{Election, Plan, Seats};
use crate::clock::Clock;
use crate::election::Elector;
use crate::issuing::{Desk, IssuerFile, in_time};
use crate::{Failure, accounts, disk};

pub mod election;

/// Where trustees' messages are, and the ceremony's.
const CEREMONY: &str = "ceremony";

/// What is not in the election's file.
pub struct Settings {
    /// Where the portal listens, and the issuer.
    pub listen: String,
    pub issuer: std::net::SocketAddr,
    pub database: String,
    pub mail: String,
    pub mail_from: String,
    /// Scripts, style, wasm.
    pub scripts: PathBuf,
    pub anchors: PathBuf,
    /// FOR TESTS ONLY: the clock of portal and issuer is ahead by what is in this file.
    pub clock_ahead: Option<PathBuf>,
    pub behind_proxy: bool,
    /// In place of the file's dates: so many seconds after the contests are made.
    pub opens_in: Option<u64>,
    pub closes_in: Option<u64>,
}

/// A time on a command line: `90`, `90s`, `15m`, `2h`, `7d`.
pub fn seconds(text: &str) -> Result<u64, &'static str> {
    let units = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
    let unit = units.iter().find_map(|(unit, of)| Some((text.strip_suffix(unit)?, *of)));
    let (number, of) = unit.unwrap_or((text, 1));
    let seconds = number.parse::<u64>().ok().and_then(|number| number.checked_mul(of));
    seconds.ok_or("a time is written 90s, 15m, 2h or 7d")
}

/// An election's folder in the making.
pub struct Setup {
    pub folder: PathBuf,
    pub election: Election,
    pub electors: Vec<Elector>,
    pub settings: Settings,
}

/// What has to come from people before the next step.
pub type Missing = Option<String>;

impl Setup {
    /// Takes every step for which everything is there; nothing is half done where one goes wrong. Its caller has the
    /// issuer's folder [alone](crate::issuing::alone).
    pub fn run(&self, clock: &Clock) -> Result<Missing, Failure> {
        self.keys()?;
        let Some(key) = self.election_key()? else {
            let ceremony = self.ceremony();
            disk::put(&self.folder.join("trustees/ceremony"), ceremony.as_bytes())?;
            let place = self.board(CEREMONY).join("key");
            return Ok(Some(format!(
                "the trustees' key, as {}, of a ceremony with {ceremony}",
                place.display()
            )));
        };
        let contests = self.contests(&key, clock.now())?;
        self.own_files(&contests)?;
        let Some(approved) = self.approvals(&contests)? else {
            let list: String = contests.iter().map(|(n, of)| format!("{n}={}\n", of.fingerprint())).collect();
            disk::put(&self.folder.join("trustees/fingerprints"), list.as_bytes())?;
            let place = self.board("N").join("J.approval");
            return Ok(Some(format!(
                "the trustees' approvals, on the bureau's page or as {}, of\n{list}",
                place.display()
            )));
        };
        self.publish(&approved)?;
        self.open(&approved, || clock.now())?;
        Ok(None)
    }

    fn portal(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.join("portal").join(name)
    }

    fn issuer(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.join("issuer").join(name)
    }

    fn public(&self, number: u64) -> PathBuf {
        self.folder.join("public").join(number.to_string())
    }

    fn board(&self, name: &str) -> PathBuf {
        self.folder.join("trustees/exchange/board").join(name)
    }

    /// Of the box and of the issuer, each in a file of its own.
    fn keys(&self) -> Result<(), Failure> {
        if !self.portal("box.key").exists() {
            let key = SigningKey::generate(&mut accounts::rng());
            disk::put_secret(&self.portal("box.key"), &key.expose_seed()[..])?;
        }
        Desk::public_key(&self.folder.join("issuer"))?;
        Ok(())
    }

    fn box_key(&self) -> Result<SigningKey, Failure> {
        let bytes = Zeroizing::new(disk::read(&self.portal("box.key"))?);
        let bytes = bytes[..].try_into().map_err(|_| "box.key: a key has 32 bytes")?;
        Ok(SigningKey::from_seed(bytes))
    }

    /// Of the ceremony, which the trustees hold on their own machines.
    fn election_key(&self) -> Result<Option<ElectionKey>, Failure> {
        let place = self.board(CEREMONY).join("key");
        if place.exists() { Ok(Some(disk::get(place, ElectionKey::from_bytes)?)) } else { Ok(None) }
    }

    /// What examples/roles is told of the ceremony.
    fn ceremony(&self) -> String {
        // Two lists share a slot, or each has its own: a key that is long enough for both.
        let lists = self.election.plans.iter().map(|plan| plan.documents.lists.len());
        let panel = |of: &Seats| format!(" --panel {}/{}", of.threshold, of.trustees.len());
        let panels: String = self.election.panels.iter().map(panel).collect();
        format!("--slots {}{panels}", lists.max().unwrap_or(1))
    }

    /// The contests under the key, with what voters read of them.
    fn contests(&self, key: &ElectionKey, now: UnixTime) -> Result<BTreeMap<u64, Contest>, Failure> {
        let from_now = |seconds: u64| UnixTime::from_seconds(now.seconds().saturating_add(seconds));
        let opens_at = self.settings.opens_in.map_or(self.election.opens_at, from_now);
        let closes_at = self.settings.closes_in.map_or(self.election.closes_at, from_now);
        let mut contests = BTreeMap::new();
        for Plan { documents, capacity } in &self.election.plans {
            let number = documents.number;
            let board = self.board(&number.to_string());
            if !board.join("contest.json").exists() {
                let text = serde_json::to_vec_pretty(documents)?;
                let description = ContestDescription {
                    election: self.election.name.as_str().into(),
                    number,
                    title: documents.title.as_str().into(),
                    documents: documents_text(&text),
                    lists: documents.lists.iter().map(|list| list.name.as_str().into()).collect(),
                    opens_at,
                    closes_at,
                    grace: self.election.grace,
                    capacity: *capacity,
                    packing: None,
                    quorums: None,
                    box_key: self.box_key()?.public(),
                    issuer_key: Desk::public_key(&self.folder.join("issuer"))?,
                };
                let contest =
                    Contest::new(description, key).map_err(|error| format!("contest {number}: {error}"))?;
                disk::put(&board.join("documents"), &text)?;
                disk::put(&board.join("contest.json"), contest.to_json().as_bytes())?;
            }
            // For the trustees, who approve it, and bring that to the bureau's page or here.
            for name in ["contest.json", "documents"] {
                disk::put(&self.public(number).join(name), &disk::read(&board.join(name))?)?;
            }
            contests.insert(number, disk::get(board.join("contest.json"), Contest::from_json)?);
        }
        Ok(contests)
    }

    /// By all trustees, each of which has compared the fingerprint with what the office says.
    fn approvals(
        &self,
        contests: &BTreeMap<u64, Contest>,
    ) -> Result<Option<BTreeMap<u64, ApprovedContest>>, Failure> {
        let mut approved = BTreeMap::new();
        for (number, contest) in contests {
            let mut approvals = disk::all::<Approval>(&self.board(&number.to_string()))?;
            for uploaded in disk::all::<Approval>(&self.public(*number))? {
                if approvals.iter().all(|known| known.trustee() != uploaded.trustee()) {
                    approvals.push(uploaded);
                }
            }
            if approvals.len() < self.election.trustees() {
                return Ok(None);
            }
            let of = ApprovedContest::new(contest.clone(), approvals)
                .map_err(|error| format!("contest {number}: {error}"))?;
            approved.insert(*number, of);
        }
        Ok(Some(approved))
    }

    fn publish(&self, approved: &BTreeMap<u64, ApprovedContest>) -> Result<(), Failure> {
        let mut fingerprints = BTreeMap::new();
        for (number, contest) in approved {
            let board = self.board(&number.to_string());
            let json = contest.to_json();
            for place in [self.public(*number), board.clone()] {
                disk::put(&place.join("approved.json"), json.as_bytes())?;
            }
            fingerprints.insert(number.to_string(), contest.fingerprint().to_string());
        }
        let all = serde_json::to_vec_pretty(&fingerprints)?;
        disk::put(&self.folder.join("public/fingerprints.json"), &all)
    }

    /// Settings, passwords, the token between portal and issuer, and each one's copy of the voters' list.
    fn own_files(&self, contests: &BTreeMap<u64, Contest>) -> Result<(), Failure> {
        let mut list = csv::Writer::from_writer(Vec::new());
        list.write_record(["id", "email", "name", "numen", "social10", "contests"])?;
        for Elector { id, email, name, numen, social10, contests, .. } in &self.electors {
            let numbers: Vec<_> = contests.iter().map(u64::to_string).collect();
            list.write_record([id, email, name, numen, social10, &numbers.join(" ")])?;
        }
        let list = list.into_inner().map_err(|error| error.to_string())?;
        for place in [self.portal("voters.csv"), self.issuer("voters.csv")] {
            disk::put_secret(&place, &list)?;
        }
        // As examples/roles reads it.
        let line = |of: &Elector| {
            let numbers: Vec<_> = of.contests.iter().map(u64::to_string).collect();
            format!("{} {}\n", of.id, numbers.join(" "))
        };
        let lines: String = self.electors.iter().map(line).collect();
        disk::put_secret(&self.folder.join("trustees/voters"), lines.as_bytes())?;
        if self.portal("portal.toml").exists() && self.issuer("issuer.toml").exists() {
            return Ok(());
        }
        let token = accounts::random_token();
        disk::put_secret(&self.portal("issuer.token"), token.as_bytes())?;
        let operator = password();
        disk::put_secret(&self.issuer("password.txt"), format!("{operator}\n").as_bytes())?;
        let absolute = |path: &Path| fs::canonicalize(path).map_err(|error| disk::named(path, error));
        let settings = &self.settings;
        let clock_ahead = settings.clock_ahead.as_deref().map(absolute).transpose()?;
        let file = IssuerFile {
            listen: settings.issuer,
            public: absolute(&self.folder.join("public"))?,
            scripts: absolute(&settings.scripts)?,
            address: self.election.address.clone(),
            fingerprints: contests.values().map(Contest::fingerprint).collect(),
            complaints: self.election.complaints,
            password: accounts::hash_password(&operator)?,
            token: accounts::hex(accounts::token_hash(&token)),
            mail: own_folder(&settings.mail, &self.folder.join("issuer"))?,
            mail_from: settings.mail_from.clone(),
            clock_ahead: clock_ahead.clone(),
        };
        disk::put_secret(&self.issuer("issuer.toml"), toml::to_string(&file)?.as_bytes())?;

        let mut passwords = String::new();
        let mut bureau = Vec::new();
        for name in self.election.panels.iter().flat_map(|panel| &panel.trustees) {
            let own = password();
            passwords.push_str(&format!("{name}: {own}\n"));
            let mut member = toml::Table::new();
            member.insert("name".into(), name.clone().into());
            member.insert("password".into(), accounts::hash_password(&own)?.into());
            bureau.push(toml::Value::Table(member));
        }
        disk::put_secret(&self.portal("bureau-passwords.txt"), passwords.as_bytes())?;
        let path = |path: &Path| Ok::<_, Failure>(absolute(path)?.display().to_string());
        fs::create_dir_all(&settings.anchors)?;
        let mut file = toml::Table::new();
        for (name, value) in [
            ("origin", self.election.address.clone()),
            ("listen", settings.listen.clone()),
            ("database", settings.database.clone()),
            ("anchors", path(&settings.anchors)?),
            ("static", path(&settings.scripts)?),
            ("mail", settings.mail.clone()),
            ("mail_from", settings.mail_from.clone()),
            ("issuer", settings.issuer.to_string()),
            ("information", self.election.information.clone()),
        ] {
            file.insert(name.into(), value.into());
        }
        if let Some(clock) = clock_ahead {
            file.insert("clock_ahead".into(), clock.display().to_string().into());
        }
        file.insert("behind_proxy".into(), settings.behind_proxy.into());
        file.insert("complaints_seconds".into(), toml_integer(self.election.complaints));
        file.insert("bureau".into(), toml::Value::Array(bureau));
        disk::put_secret(&self.portal("portal.toml"), toml::to_string(&file)?.as_bytes())
    }

    /// Codes, rolls, and the opening with both signatures. Codes of many voters take long: the clock is looked at again
    /// before each signature.
    fn open(
        &self,
        approved: &BTreeMap<u64, ApprovedContest>,
        now: impl Fn() -> UnixTime,
    ) -> Result<(), Failure> {
        if approved.keys().all(|number| self.public(*number).join("opening").exists()) {
            // A crash may have come before this.
            return self.show_openings(approved);
        }
        for (number, contest) in approved {
            in_time(*number, contest, now())?;
        }
        let mut desk = Desk::open(&self.folder.join("issuer"))?;
        for (number, roll) in desk.issue_all(now())? {
            disk::put_secret(&self.portal(format!("{number}.roll")), &roll.to_bytes())?;
            let place = self.public(number).join("proposed");
            // The box signs one opening.
            if !place.exists() {
                let contest = approved.get(&number).ok_or("a contest that nobody approved")?;
                let at = now();
                in_time(number, contest, at)?;
                let proposed = roll.propose(at, &self.box_key()?)?;
                disk::put(&place, proposed.to_store())?;
                proposed.stored();
            }
        }
        desk.sign_openings(&now)?;
        self.show_openings(approved)
    }

    fn show_openings(&self, approved: &BTreeMap<u64, ApprovedContest>) -> Result<(), Failure> {
        for number in approved.keys() {
            let opening = disk::read(&self.public(*number).join("opening"))?;
            disk::put(&self.board(&number.to_string()).join("opening"), &opening)?;
        }
        Ok(())
    }
}

fn toml_integer(number: u64) -> toml::Value {
    toml::Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A folder's name is that of a folder in the owner's own.
fn own_folder(mail: &str, own: &Path) -> Result<String, Failure> {
    let Some(folder) = mail.strip_prefix("folder:") else { return Ok(mail.to_owned()) };
    let own = fs::canonicalize(own).map_err(|error| disk::named(own, error))?;
    Ok(format!("folder:{}", own.join(folder).display()))
}

/// 80 random bits, in letters that cannot be taken for each other.
fn password() -> String {
    let letters = b"abcdefghjkmnpqrstuvwxyz23456789-";
    let mut bytes = [0; 16];
    accounts::rng().fill_bytes(&mut bytes);
    bytes.iter().map(|byte| char::from(letters[usize::from(byte % 32)])).collect()
}

/// A URL with the password that is in a file of its own: whoever may list processes reads command lines.
pub fn with_password(option: &str, to: &str, password: Option<&str>) -> Result<String, Failure> {
    let url = url::Url::parse(to).ok();
    if url.as_ref().is_some_and(|url| url.password().is_some()) {
        let what = "a password, which everybody on this machine can read: put it in a file, and give that as";
        return Err(format!("--{option} has {what} --{option}-password-file").into());
    }
    let Some(password) = password else { return Ok(to.to_owned()) };
    let set = url.and_then(|mut url| url.set_password(Some(password.trim_end())).ok().map(|()| url));
    let set = set.filter(|url| !url.username().is_empty());
    Ok(set
        .ok_or_else(|| format!("--{option}-password-file is for a URL with a user, as smtps://USER@HOST"))?
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_with_its_unit() {
        for (text, read) in [("90", 90), ("90s", 90), ("15m", 900), ("2h", 7_200), ("7d", 604_800)] {
            assert_eq!(seconds(text), Ok(read), "{text}");
        }
        for wrong in ["", "m", "1w", "-1s", "99999999999999999999d", "é"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_password_comes_from_a_file() {
        let given = with_password("mail", "smtps://jo@mail.example", Some("p@ss:/wörd\n")).unwrap();
        assert!(crate::mail::Mailer::new(&given, "vote@localhost").is_ok());
        assert_eq!(given, "smtps://jo:p%40ss%3A%2Fw%C3%B6rd@mail.example");
        for none in ["folder:mail-out", "sqlite:data.sqlite", "postgres://jo@localhost/vote"] {
            assert_eq!(with_password("mail", none, None).unwrap(), none);
        }
        let error = with_password("mail", "smtps://jo:secret@mail.example", None).unwrap_err().to_string();
        assert!(error.contains("--mail-password-file") && !error.contains("secret"), "{error}");
        for nobodys in ["folder:mail-out", "smtps://mail.example"] {
            assert!(with_password("mail", nobodys, Some("secret")).is_err(), "{nobodys}");
        }
    }
}
