//! What every role has: the command line, a clock, its folders, and what the board has of a contest.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use urne::ballot_box::{SignedBox, SignedClosing};
use urne::rand_core::UnwrapErr;
use urne::{ApprovedContest, ClosedBox, ClosedRecord, Contest, Fingerprint, UnixTime, VoterId};

use crate::post::{Done, Failure, get, read};
use crate::tool::{Line, is_usage, value_of, wrong};

/// On the command line and at a place: of all contests, or one.
pub struct Desk {
    pub role: &'static str,
    pub step: &'static str,
    pub name: &'static str, // of a ceremony or a voter
    pub options: &'static Line,
    pub number: u64,             // of the contest
    pub meant: Vec<Fingerprint>, // which one it is
    pub own: PathBuf,            // which nobody else reads
    pub anchors: PathBuf,        // of the box, on another disk
    pub board: PathBuf,          // for all to read
    pub post: PathBuf,           // from one role to another
}

impl Desk {
    pub fn of_command_line() -> Result<Self, Failure> {
        let options: &Line = Box::leak(Box::new(Line::read(include_str!("../README.md"), 3)?));
        for name in ["later", "work-factor"].into_iter().filter(|name| options.has(name)) {
            eprintln!("FOR TESTS ONLY: --{name}");
        }
        let [role, step, name] = [0, 1, 2].map(|word| options.words.get(word).map_or("", String::as_str));
        // An option has one value: a second would be a word.
        let ceremony =
            matches!((role, step), ("ceremony", _) | ("office", "ceremony" | "conclude" | "contest"));
        if !name.is_empty() && !ceremony && !matches!((role, step), ("issuer", "reissue") | ("voter", "vote"))
        {
            return Err(wrong(format!("{name:?} is a word too many")));
        }
        // Also where it is not needed: the second value of an option is no name.
        (!name.is_empty()).then(|| plain(name)).transpose()?;
        let of = |name| Ok::<PathBuf, Failure>(options.option(name)?.unwrap_or_else(|| name.into()));
        let (own, anchors, exchange) = (of("own")?, of("anchors")?, of("exchange")?);
        let (board, post) = (exchange.join("board"), exchange.join("post"));
        Ok(Desk { role, step, name, options, number: 0, meant: vec![], own, anchors, board, post })
    }

    pub fn unknown(&self) -> Done {
        Err(wrong(format!("there is no role and step {:?} {:?}", self.role, self.step)))
    }

    pub fn now(&self) -> Result<UnixTime, Failure> {
        let later: u64 = self.options.option("later")?.unwrap_or(0);
        Ok(UnixTime::from_seconds(SystemTime::UNIX_EPOCH.elapsed()?.as_secs().saturating_add(later)))
    }

    /// The contests that are meant: `--contest NUMBER=FINGERPRINT`, as trustees publish it, of each.
    pub fn contests(&self) -> Result<Vec<Desk>, Failure> {
        let mut contests = BTreeMap::new();
        for named in self.options.all::<String>("contest")? {
            let (number, meant) =
                named.split_once('=').ok_or_else(|| wrong("a contest is NUMBER=FINGERPRINT"))?;
            let number: u64 = value_of("contest", number)?;
            if contests.insert(number, self.at(number, value_of("contest", meant)?)).is_some() {
                return Err(wrong(format!("contest {number} is named twice")));
            }
        }
        contests.first_key_value().ok_or_else(|| wrong("--contest is needed"))?;
        Ok(contests.into_values().collect())
    }

    fn at(&self, number: u64, meant: Fingerprint) -> Desk {
        let of = |folder: &Path| folder.join(number.to_string());
        let (own, anchors, board, post) = (of(&self.own), of(&self.anchors), of(&self.board), of(&self.post));
        Desk { number, meant: vec![meant], own, anchors, board, post, ..*self }
    }

    pub fn says(&self, what: impl Display) {
        eprintln!("contest {}: {what}", self.number);
    }

    /// Anybody can put a contest on a board: it counts if it is the one that is meant.
    pub fn check(&self, contest: &Contest) -> Done {
        let (number, fingerprint) = (contest.description().number, contest.fingerprint());
        let meant = number == self.number && self.meant.contains(&fingerprint);
        let other = || format!("on the board is another than is meant: contest {number}, {fingerprint}");
        Ok(meant.then_some(()).ok_or_else(other)?)
    }

    pub fn contest(&self) -> Result<ApprovedContest, Failure> {
        let contest: ApprovedContest = get(&self.board)?;
        self.check(contest.contest())?;
        Ok(contest)
    }

    /// What the box has closed. Whoever reads it verifies it anew.
    pub fn closed(&self) -> Result<ClosedBox, Failure> {
        let closed = get::<ClosedRecord>(&self.board)?.verify(&mut |_| ())?;
        self.check(closed.contest().contest())?;
        Ok(closed)
    }

    /// The same with the issuer's signature.
    pub fn signed(&self) -> Result<SignedBox, Failure> {
        Ok(SignedBox::new(self.closed()?, *get::<SignedClosing>(&self.board)?.issuer_signature())?)
    }

    /// The electoral list: a line a voter, with the numbers of their contests.
    pub fn voters(&self) -> Result<Vec<(VoterId, Vec<u64>)>, Failure> {
        let line = |line: &str| -> Result<_, Failure> {
            let (id, numbers) = line.split_once(' ').ok_or("a voter without a contest")?;
            Ok((voter_id(id)?, numbers.split_whitespace().map(str::parse).collect::<Result<_, _>>()?))
        };
        let list = String::from_utf8(self.file("voters")?)?;
        let at = |n, error| Failure::from(format!("--voters, line {n}: {error}"));
        list.lines().zip(1..).map(|(voter, n)| line(voter).map_err(|error| at(n, error))).collect()
    }

    /// Those of this contest.
    pub fn electorate(&self) -> Result<BTreeSet<VoterId>, Failure> {
        let voters = self.voters()?.into_iter().filter(|(_, of)| of.contains(&self.number));
        Ok(voters.map(|(voter, _)| voter).collect())
    }

    /// What is in the file that an option names.
    pub fn file(&self, option: &str) -> Result<Vec<u8>, Failure> {
        read(self.options.one::<PathBuf>(option)?)
    }

    /// The folder of the ceremony that is named.
    pub fn ceremony(&self) -> Result<PathBuf, Failure> {
        Ok(self.board.join(plain(self.name)?))
    }
}

/// One contest after the other: what fails in one is said, and stops none of the others. It is an error at the end; but
/// one of the command line is said once, as it is of all.
pub fn through(contests: Vec<Desk>, mut act: impl FnMut(Desk) -> Done) -> Done {
    let mut failed = Vec::new();
    for at in contests {
        let number = at.number.to_string();
        match act(at) {
            Err(error) if is_usage(&error) => return Err(error),
            Err(error) => {
                eprintln!("contest {number}: {error}");
                failed.push(number);
            }
            Ok(()) => (),
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("not done: contest {}", failed.join(", ")).into()) }
}

/// A name, of a voter or a ceremony, that is a good name of a file.
fn plain(name: &str) -> Result<&str, Failure> {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    plain.then_some(name).ok_or_else(|| wrong(format!("{name:?} is no name, of letters, digits and -")))
}

pub fn voter_id(name: &str) -> Result<VoterId, Failure> {
    Ok(VoterId::new(plain(name)?).ok_or("a voter's name is too long")?)
}

/// Of the system. It panics where the system has none.
pub fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}
