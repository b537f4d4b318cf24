//! What every role has: command line, clock, and folders of messages, `WHO.KIND`, or `KIND` where one role writes.

use std::fmt::Display;
use std::fs::{File, symlink_metadata};
use std::io::{Error, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use urne::ballot_box::{SignedBox, SignedClosing};
use urne::rand_core::UnwrapErr;
use urne::{ApprovedContest, ClosedBox, ClosedRecord, Contest, Fingerprint, Form, UnixTime, VoterId};

pub use crate::tool::{Failure, FileError, exists, names, put_over as put, read, remove};
use crate::tool::{Line, is_usage, shown, wrong};

/// On the command line and at a place: of all contests, or one.
pub struct Desk {
    pub role: &'static str,
    pub step: &'static str,
    pub name: &'static str, // of a ceremony or a voter
    pub options: &'static Line,
    pub number: u64,      // of the contest
    pub own: PathBuf,     // which nobody else reads
    pub anchors: PathBuf, // of the box, on another disk
    pub board: PathBuf,   // for all to read
    pub post: PathBuf,    // from one role to another
}

impl Desk {
    pub fn of_command_line() -> Result<Self, Failure> {
        let options: &Line = Box::leak(Box::new(Line::read(include_str!("../README.md"), 3)?));
        for name in ["later", "work-factor"].into_iter().filter(|name| options.has(name)) {
            eprintln!("FOR TESTS ONLY: --{name}");
        }
        let [role, step, name] = [0, 1, 2].map(|word| options.words.get(word).map_or("", String::as_str));
        let of = |name| Ok::<PathBuf, Failure>(options.option(name)?.unwrap_or_else(|| name.into()));
        let (own, anchors, exchange) = (of("own")?, of("anchors")?, of("exchange")?);
        let (board, post) = (exchange.join("board"), exchange.join("post"));
        Ok(Desk { role, step, name, options, number: 0, own, anchors, board, post })
    }

    pub fn unknown(&self) -> Result<(), Failure> {
        Err(wrong(format!("there is no role and step {:?} {:?}", self.role, self.step)))
    }

    pub fn now(&self) -> Result<UnixTime, Failure> {
        let later: u64 = self.options.option("later")?.unwrap_or(0);
        Ok(UnixTime::from_seconds(SystemTime::UNIX_EPOCH.elapsed()?.as_secs().saturating_add(later)))
    }

    /// The same for one contest.
    pub fn at(&self, number: u64) -> Desk {
        let of = |folder: &Path| folder.join(number.to_string());
        let (own, anchors, board, post) = (of(&self.own), of(&self.anchors), of(&self.board), of(&self.post));
        Desk { number, own, anchors, board, post, ..*self }
    }

    pub fn contests(&self) -> Result<Vec<Desk>, Failure> {
        self.having(|at| &at.board, &[Contest::NAME, ApprovedContest::NAME])
    }

    /// The contests of which a folder has one of these files. Another folder in it can be anybody's, and is left out.
    pub fn having(&self, folder: fn(&Desk) -> &PathBuf, kinds: &[&str]) -> Result<Vec<Desk>, Failure> {
        let mut places: Vec<_> = numbered(folder(self))?.into_iter().map(|n| self.at(n)).collect();
        places.retain(|at| {
            // What cannot be looked at is there, and whoever reads it says why it cannot.
            let missing = |error: Error| error.kind() == ErrorKind::NotFound;
            let there = |kind| !symlink_metadata(folder(at).join(kind)).is_err_and(missing);
            let found = kinds.iter().any(there);
            if !found {
                at.says(format!("no {} is there; it is left out", kinds[0]));
            }
            found
        });
        places.first().ok_or_else(|| format!("no {} in {}", kinds[0], shown(folder(self))))?;
        Ok(places)
    }

    pub fn says(&self, what: impl Display) {
        eprintln!("contest {}: {what}", self.number);
    }

    /// The folder of the ceremony that is named, which is not to be taken for a contest's.
    pub fn ceremony(&self) -> Result<PathBuf, Failure> {
        match plain("a ceremony", self.name)?.contains(|c: char| c.is_ascii_alphabetic()) {
            true => Ok(self.board.join(self.name)),
            false => Err(wrong("a ceremony's label has a letter")),
        }
    }

    /// The electoral list: a line a voter, with the numbers of their contests.
    pub fn voters(&self) -> Result<Vec<(VoterId, Vec<u64>)>, Failure> {
        let line = |line: &str| -> Result<_, Failure> {
            let (id, numbers) = line.split_once(' ').ok_or("a voter without a contest")?;
            Ok((voter_id(id)?, numbers.split_whitespace().map(str::parse).collect::<Result<_, _>>()?))
        };
        String::from_utf8(self.file("voters")?)?.lines().map(line).collect()
    }

    /// What is in the file that an option names.
    pub fn file(&self, option: &str) -> Result<Vec<u8>, Failure> {
        read(self.options.one::<PathBuf>(option)?)
    }

    /// Anybody can put a contest on a board: it is taken if trustees publish it, each by a channel of their own.
    pub fn check(&self, contest: &Contest) -> Result<(), Failure> {
        let fingerprint = contest.fingerprint();
        if !self.options.all::<Fingerprint>("fingerprint")?.contains(&fingerprint) {
            let number = self.number;
            return Err(format!("contest {number} on the board is none that is meant: {fingerprint}").into());
        }
        self.of_number(contest)
    }

    /// And it is to be in the folder of its number: whoever reads 584 is to see what 584 is.
    fn of_number(&self, contest: &Contest) -> Result<(), Failure> {
        let number = contest.description().number;
        let other = || format!("contest {} on the board is contest {number}", self.number);
        Ok((number == self.number).then_some(()).ok_or_else(other)?)
    }

    pub fn contest(&self) -> Result<ApprovedContest, Failure> {
        let contest: ApprovedContest = get(&self.board)?;
        self.of_number(contest.contest())?;
        Ok(contest)
    }

    /// What the box has closed. Whoever reads it verifies it anew.
    pub fn closed(&self) -> Result<ClosedBox, Failure> {
        let closed = get::<ClosedRecord>(&self.board)?.verify(&mut |_| ())?;
        self.of_number(closed.contest().contest())?;
        Ok(closed)
    }

    /// The same with the issuer's signature.
    pub fn signed(&self) -> Result<SignedBox, Failure> {
        Ok(SignedBox::new(self.closed()?, *get::<SignedClosing>(&self.board)?.issuer_signature())?)
    }
}

/// The folders in one that are named by a number, as numbers are written. `0584` and `+584` would be 584 once more.
pub fn numbered(within: &Path) -> Result<Vec<u64>, Failure> {
    let folder = |name: &str| symlink_metadata(within.join(name)).is_ok_and(|it| it.is_dir());
    let number = |name: &String| name.parse().ok().filter(|n: &u64| n.to_string() == *name && folder(name));
    Ok(names(within)?.iter().filter_map(number).collect())
}

/// One contest after the other: what fails in one is said, and stops none of the others. It is an error at the end; but
/// one of the command line is said once, as it is of all.
pub fn through(
    contests: impl IntoIterator<Item = Desk>,
    mut act: impl FnMut(Desk) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut failed = Vec::new();
    for at in contests {
        let number = at.number;
        match act(at) {
            Err(error) if is_usage(&error) => return Err(error),
            Err(error) => {
                eprintln!("contest {number}: {error}");
                failed.push(number.to_string());
            }
            Ok(()) => (),
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("not done: contest {}", failed.join(", ")).into()) }
}

/// Of the role that alone writes it.
pub fn send<M: Form>(folder: &Path, message: &M) -> Result<(), Failure> {
    put(folder.join(M::NAME), message.to_form())
}

/// Of one of many.
pub fn send_as<M: Form>(who: impl Display, folder: &Path, message: &M) -> Result<(), Failure> {
    put(folder.join(format!("{who}.{}", M::NAME)), message.to_form())
}

pub fn get<M: Form>(folder: &Path) -> Result<M, Failure> {
    open(&folder.join(M::NAME))
}

pub fn open<M: Form>(file: &Path) -> Result<M, Failure> {
    let most = if M::NAME.ends_with(".json") { 1 << 30 } else { 1 << 26 };
    M::from_form(&read_plain(file, most)?).map_err(|error| format!("{}: {error}", shown(file)).into())
}

/// Of a folder in which others write: a pipe would never end, a link lead into a role's own folder, a huge file fill
/// the memory.
pub fn read_plain(file: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    let read = || {
        let flags = libc::O_NONBLOCK | libc::O_NOFOLLOW;
        let file = File::options().read(true).custom_flags(flags).open(file)?;
        let (plain, mut bytes) = (file.metadata()?.is_file(), Vec::new());
        if !plain || file.take(most + 1).read_to_end(&mut bytes)? as u64 > most {
            return Err(Error::new(ErrorKind::InvalidInput, format!("no plain file of up to {most} bytes")));
        }
        Ok(bytes)
    };
    Ok(read().map_err(|error| FileError::new(file, error))?)
}

/// Everybody's of a kind. What does not decode counts as not sent: anybody can have put it there.
pub fn all<M: Form>(folder: &Path) -> Result<Vec<M>, Failure> {
    let names = names(folder)?.into_iter().filter(|name| name.ends_with(&format!(".{}", M::NAME)));
    let opened = names.map(|name| open(&folder.join(name)));
    Ok(opened.filter_map(|it| it.inspect_err(|error| eprintln!("not a message: {error}")).ok()).collect())
}

/// A name that is a good name of a file.
fn plain<'a>(whose: &str, name: &'a str) -> Result<&'a str, Failure> {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    plain.then_some(name).ok_or_else(|| wrong(format!("{whose} is named by letters, digits and -")))
}

pub fn voter_id(name: &str) -> Result<VoterId, Failure> {
    Ok(VoterId::new(plain("a voter", name)?).ok_or("a voter's name is too long")?)
}

/// Of the system. It panics where the system has none.
pub fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}
