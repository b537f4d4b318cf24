//! The command line, the clock, and where messages lie.

use std::error::Error;
use std::fmt::Display;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::SystemTime;

use clap::{Arg, ArgAction, ArgMatches, Command, error};
use urne::rand_core::UnwrapErr;
use urne::{ApprovedContest, Contest, Fingerprint, UnixTime, VoterId};

use crate::tool::{Failure, FileError, OutFile};

/// Each with a value; some may be given several times.
const OPTIONS: &str = "anchors booklet choice complaints description digest exchange fingerprint given-at later letter \
    opened own panel reference seat slots voters work-factor";

pub struct Desk {
    arguments: ArgMatches,
    /// The role's own folder, which nobody else reads.
    pub own: PathBuf,
    exchange: PathBuf,
}

/// A contest's folders: on the board, for all to read, and in the post, from role to role.
pub struct Place {
    pub number: u64,
    pub board: PathBuf,
    pub post: PathBuf,
}

impl Desk {
    pub fn of_command_line() -> Result<Self, Failure> {
        let places = ["role", "step", "name"].map(|name| Arg::new(name).required(name != "name"));
        let options = OPTIONS.split(' ').map(|name| Arg::new(name).long(name).action(ArgAction::Append));
        let command = Command::new("urne-roles").args(places).args(options);
        let arguments = command.after_help(include_str!("../README.md")).try_get_matches()?;
        for name in ["later", "work-factor"].into_iter().filter(|name| arguments.contains_id(name)) {
            eprintln!("FOR TESTS ONLY: --{name}");
        }
        let folder =
            |name: &str| PathBuf::from(arguments.get_one::<String>(name).map_or(name, String::as_str));
        Ok(Desk { own: folder("own"), exchange: folder("exchange"), arguments })
    }

    /// The values of an argument.
    pub fn all<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Vec<T>, Failure> {
        let values = self.arguments.get_many::<String>(name).into_iter().flatten();
        values.map(|text| text.parse().map_err(|error| wrong(format!("{name} {text}: {error}")))).collect()
    }

    pub fn one<T: FromStr<Err: Display>>(&self, name: &str) -> Result<T, Failure> {
        self.all(name)?.pop().ok_or_else(|| wrong(format!("{name} is needed")))
    }

    pub fn unknown(&self) -> Result<(), Failure> {
        Err(wrong("there is no such role or step".into()))
    }

    pub fn now(&self) -> Result<UnixTime, Failure> {
        let later: u64 = self.all("later")?.pop().unwrap_or(0);
        Ok(UnixTime::from_seconds(SystemTime::UNIX_EPOCH.elapsed()?.as_secs().saturating_add(later)))
    }

    pub fn board(&self, folder: impl AsRef<Path>) -> PathBuf {
        self.exchange.join("board").join(folder)
    }

    pub fn post(&self, folder: impl AsRef<Path>) -> PathBuf {
        self.exchange.join("post").join(folder)
    }

    pub fn place(&self, number: u64) -> Place {
        Place { number, board: self.board(number.to_string()), post: self.post(number.to_string()) }
    }

    /// The contests on the board: its folders that are named by a number.
    pub fn contests(&self) -> Result<Vec<Place>, Failure> {
        let names = list(&self.board(""))?;
        Ok(names.iter().filter_map(|name| name.parse().ok()).map(|number| self.place(number)).collect())
    }

    /// The contests that are meant, as the trustees publish them, each by a channel of its own.
    pub fn published(&self) -> Result<Vec<Fingerprint>, Failure> {
        let read = |hex: &String| serde_json::from_value(hex.as_str().into());
        self.all("fingerprint")?
            .iter()
            .map(|hex| read(hex).map_err(|error| wrong(error.to_string())))
            .collect()
    }

    /// Anybody can put a contest on a board: it is meant if it is published.
    pub fn check(&self, contest: &Contest, Place { number, .. }: &Place) -> Result<(), Failure> {
        let fingerprint = contest.fingerprint();
        if self.published()?.contains(&fingerprint) && contest.description().number == *number {
            return Ok(());
        }
        Err(format!("contest {number} on the board is none of those that are meant: {fingerprint}").into())
    }
}

impl Place {
    pub fn approved(&self) -> Result<ApprovedContest, Failure> {
        get(self.board.join("approved.json"), ApprovedContest::from_json)
    }
}

fn wrong(text: String) -> Failure {
    clap::Error::raw(error::ErrorKind::ValueValidation, text + "; see --help\n").into()
}

/// Voters are named by letters, digits and `-`, which are good names of files.
pub fn voter(name: &str) -> Result<VoterId, Failure> {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    Ok(VoterId::new(name).filter(|_| plain).ok_or("a voter is named by letters, digits and -")?)
}

pub fn name(voter: &VoterId) -> String {
    String::from_utf8_lossy(voter.as_bytes()).into_owned()
}

/// The electoral list: a line a voter, with the numbers of their contests.
pub fn voters(desk: &Desk) -> Result<Vec<(VoterId, Vec<u64>)>, Failure> {
    let line = |line: &str| -> Result<_, Failure> {
        let (id, numbers) = line.split_once(' ').ok_or("a voter without a contest")?;
        Ok((voter(id)?, numbers.split_whitespace().map(str::parse).collect::<Result<_, _>>()?))
    };
    get(desk.one::<String>("voters")?, |bytes| String::from_utf8(bytes.to_vec()))?.lines().map(line).collect()
}

/// Of the system. It panics where the system has none.
pub fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

/// The files in a folder, in order of their names, but for those that are being written aside.
pub fn list(folder: &Path) -> Result<Vec<String>, Failure> {
    fs::create_dir_all(folder).map_err(|error| FileError::new(folder, error))?;
    let entries = fs::read_dir(folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let entries = entries.map_err(|error| FileError::new(folder, error))?;
    let mut names: Vec<_> = entries.iter().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| !name.ends_with(".part"));
    names.sort_unstable();
    Ok(names)
}

/// Reads a message in its form.
pub fn get<T, E: Error>(place: impl AsRef<Path>, form: impl Fn(&[u8]) -> Result<T, E>) -> Result<T, Failure> {
    let place = place.as_ref();
    let bytes = fs::read(place).map_err(|error| FileError::new(place, error))?;
    form(&bytes).map_err(|error| format!("{}: {error}", place.display()).into())
}

/// Reads everybody's messages of a kind. What does not decode counts as not sent: anybody can have put it there.
pub fn all<T, E: Error>(
    folder: &Path,
    kind: &str,
    form: impl Fn(&[u8]) -> Result<T, E>,
) -> Result<Vec<T>, Failure> {
    let names = list(folder)?.into_iter().filter(|name| name.ends_with(kind));
    let read = names.map(|name| get(folder.join(name), &form));
    Ok(read
        .filter_map(|message| message.inspect_err(|error| eprintln!("not a message: {error}")).ok())
        .collect())
}

/// Writes a file aside, makes it durable, renames it, and makes that durable: nobody finds half of it, and it survives a
/// power cut.
pub fn put(place: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> Result<(), FileError> {
    let folder = place.as_ref().parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| FileError::new(folder, error))?;
    OutFile::open(place.as_ref())?.write(bytes)?;
    // A folder that is new has its own name in another.
    let mut folders = folder.ancestors().filter(|folder| !folder.as_os_str().is_empty());
    let synced = folders.try_for_each(|folder| File::open(folder)?.sync_all());
    synced.map_err(|error| FileError::new(folder, error))
}
