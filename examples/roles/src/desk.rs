//! The command line, the clock, and the folders of the contests.

use std::path::PathBuf;
use std::time::SystemTime;

use urne::ballot_box::{ClosedBox, SignedBox, SignedClosing};
use urne::rand_core::UnwrapErr;
use urne::{ApprovedContest, ClosedRecord, Contest, Fingerprint, UnixTime, VoterId};

use crate::folder::Folder;
use crate::tool::{Failure, Line, read, wrong};

pub struct Desk {
    pub role: String,
    pub step: String,
    /// Of a ceremony or a voter.
    pub name: String,
    pub options: Line,
    /// The role's own folder, which nobody else reads.
    pub own: Folder,
    /// For all to read.
    pub board: Folder,
    /// From one role to another.
    pub post: Folder,
}

/// A contest's folders.
pub struct Place {
    pub number: u64,
    pub board: Folder,
    pub post: Folder,
}

impl Desk {
    pub fn of_command_line() -> Result<Self, Failure> {
        let options = Line::read(include_str!("../README.md"), 3)?;
        for name in ["later", "work-factor"].into_iter().filter(|name| options.has(name)) {
            eprintln!("FOR TESTS ONLY: --{name}");
        }
        let [role, step, name] = [0, 1, 2].map(|word| options.words.get(word).cloned().unwrap_or_default());
        let folder =
            |name: &str| Ok::<_, Failure>(Folder(options.option(name)?.unwrap_or_else(|| name.into())));
        let (own, exchange) = (folder("own")?, folder("exchange")?);
        let (board, post) = (exchange.folder("board"), exchange.folder("post"));
        Ok(Desk { role, step, name, options, own, board, post })
    }

    pub fn unknown(&self) -> Result<(), Failure> {
        Err(wrong(format!("there is no role and step {:?} {:?}", self.role, self.step)))
    }

    pub fn now(&self) -> Result<UnixTime, Failure> {
        let later: u64 = self.options.option("later")?.unwrap_or(0);
        Ok(UnixTime::from_seconds(SystemTime::UNIX_EPOCH.elapsed()?.as_secs().saturating_add(later)))
    }

    pub fn place(&self, number: u64) -> Place {
        Place { number, board: self.board.folder(number), post: self.post.folder(number) }
    }

    /// The contests on the board: its folders that are named by a number.
    pub fn contests(&self) -> Result<Vec<Place>, Failure> {
        let numbers = self.board.list()?.into_iter().filter_map(|name| name.parse().ok());
        Ok(numbers.map(|number| self.place(number)).collect())
    }

    /// The contests that are meant, as the trustees publish them, each by a channel of its own.
    pub fn meant(&self) -> Result<Vec<Fingerprint>, Failure> {
        self.options.all("fingerprint")
    }

    /// The electoral list: a line a voter, with the numbers of their contests.
    pub fn voters(&self) -> Result<Vec<(VoterId, Vec<u64>)>, Failure> {
        let line = |line: &str| -> Result<_, Failure> {
            let (id, numbers) = line.split_once(' ').ok_or("a voter without a contest")?;
            Ok((voter(id)?, numbers.split_whitespace().map(str::parse).collect::<Result<_, _>>()?))
        };
        String::from_utf8(read(self.options.one::<PathBuf>("voters")?)?)?.lines().map(line).collect()
    }
}

impl Place {
    /// Anybody can put a contest on a board: it is taken if it is meant.
    pub fn check(&self, desk: &Desk, contest: &Contest) -> Result<(), Failure> {
        let (number, fingerprint) = (self.number, contest.fingerprint());
        if desk.meant()?.contains(&fingerprint) && contest.description().number == number {
            return Ok(());
        }
        Err(format!("contest {number} on the board is none of those that are meant: {fingerprint}").into())
    }

    pub fn approved(&self) -> Result<ApprovedContest, Failure> {
        self.board.get()
    }

    /// What the box has closed. Whoever reads it verifies it anew.
    pub fn closed(&self) -> Result<ClosedBox, Failure> {
        Ok(self.board.get::<ClosedRecord>()?.verify(&mut |_| ())?)
    }

    /// The same with the issuer's signature.
    pub fn signed(&self) -> Result<SignedBox, Failure> {
        Ok(SignedBox::new(self.closed()?, *self.board.get::<SignedClosing>()?.issuer_signature())?)
    }
}

/// Voters are named by letters, digits and `-`, which are good names of files.
pub fn voter(name: &str) -> Result<VoterId, Failure> {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    Ok(VoterId::new(name).filter(|_| plain).ok_or("a voter is named by letters, digits and -")?)
}

/// Of the system. It panics where the system has none.
pub fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}
