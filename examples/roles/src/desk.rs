//! The command line, the clock, and where messages lie.

use std::error::Error;
use std::fmt::Display;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::SystemTime;

use clap::{ArgMatches, error};
use serde::de::DeserializeOwned;
use urne::rand_core::UnwrapErr;
use urne::{ApprovedContest, Choice, Contest, Fingerprint, UnixTime, VoterId};

use crate::tool::{Failure, FileError, OutFile};

pub struct Desk {
    arguments: ArgMatches,
    /// The role's own folder.
    pub own: PathBuf,
    exchange: PathBuf,
}

/// A contest's folders, for all to read and from role to role.
pub struct Place {
    pub number: u64,
    pub board: PathBuf,
    pub post: PathBuf,
}

impl Desk {
    pub fn new(arguments: ArgMatches) -> Result<Self, Failure> {
        for name in ["later", "work-factor"].into_iter().filter(|name| arguments.contains_id(name)) {
            eprintln!("FOR TESTS ONLY: --{name}");
        }
        let folder = |name: &str| PathBuf::from(arguments.get_one::<String>(name).map_or(name, String::as_str));
        Ok(Desk { own: folder("own"), exchange: folder("exchange"), arguments })
    }

    /// The values of an argument.
    pub fn all<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Vec<T>, Failure> {
        let values = self.arguments.get_many::<String>(name).into_iter().flatten();
        let wrong = |text: &str, error: T::Err| wrong(format!("{name} {text}: {error}"));
        values.map(|text| text.parse().map_err(|error| wrong(text, error))).collect()
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

    /// The contests on the board.
    pub fn contests(&self) -> Result<Vec<Place>, Failure> {
        let names = list(&self.board(""))?;
        Ok(names.iter().filter_map(|name| name.parse().ok()).map(|number| self.place(number)).collect())
    }

    /// Anybody can put a contest on the board: it is the one that is meant if it has the fingerprint that was given.
    pub fn check(&self, contest: &Contest, place: &Place) -> Result<(), Failure> {
        let (number, actual) = (place.number, contest.fingerprint());
        match self.all::<Of<Fingerprint>>("fingerprint")?.iter().find(|of| of.number == number) {
            Some(expected) if expected.is == actual && contest.description().number == number => Ok(()),
            _ => Err(format!("contest {number} on the board is another than is meant: {actual}").into()),
        }
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

/// `584=…`: something of a contest.
pub struct Of<T> {
    pub number: u64,
    pub is: T,
}

fn of<T, E: Display>(text: &str, read: impl Fn(&str) -> Result<T, E>) -> Result<Of<T>, String> {
    let (number, is) = text.split_once('=').ok_or("it begins with a contest's number, as in 584=")?;
    let number = number.parse().map_err(|_| format!("{number} is not a number"))?;
    read(is).map(|is| Of { number, is }).map_err(|error| error.to_string())
}

impl FromStr for Of<Fingerprint> {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        of(text, |hex| json(&format!("{hex:?}")))
    }
}

impl FromStr for Of<Choice> {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        of(text, |choice| if choice == "blank" { Ok(Choice::Blank) } else { choice.parse().map(Choice::List) })
    }
}

pub fn json<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    serde_json::from_str(text)
}

/// Voters are named by letters, digits and `-`, which are good names of files.
pub fn voter(name: &str) -> Result<VoterId, Failure> {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    Ok(VoterId::new(name).filter(|_| plain).ok_or("a voter is named by letters, digits and -")?)
}

pub fn name(voter: &VoterId) -> String {
    String::from_utf8_lossy(voter.as_bytes()).into_owned()
}

/// The electoral list.
pub fn voters(desk: &Desk) -> Result<Vec<(VoterId, Vec<u64>)>, Failure> {
    let text = get(&desk.one::<PathBuf>("voters")?, |bytes| String::from_utf8(bytes.to_vec()))?;
    let line = |line: &str| -> Result<_, Failure> {
        let mut words = line.split_whitespace();
        let id = voter(words.next().unwrap_or(""))?;
        Ok((id, words.map(str::parse).collect::<Result<_, _>>()?))
    };
    text.lines().map(line).collect()
}

/// Of the system. It panics where the system has none.
pub fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

/// Names of the files in a folder, in order; none where there is no folder yet.
pub fn list(folder: &Path) -> Result<Vec<String>, Failure> {
    let named = |error| FileError::new(folder, error);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(named)?.collect::<Result<Vec<_>, _>>().map_err(named)?,
    };
    let mut names: Vec<_> = entries.iter().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    // Not what is being written aside.
    names.retain(|name| !name.ends_with(".part"));
    names.sort_unstable();
    Ok(names)
}

/// Reads a message in its form.
pub fn get<T, E: Error>(
    place: impl AsRef<Path>,
    form: impl Fn(&[u8]) -> Result<T, E>,
) -> Result<T, Failure> {
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
    Ok(read.filter_map(|message| message.inspect_err(|error| eprintln!("not a message: {error}")).ok()).collect())
}

/// Writes a file aside, makes it durable, renames it, and makes that durable: nobody finds half of it, and it survives a
/// power cut.
pub fn put(place: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> Result<(), FileError> {
    let folder = place.as_ref().parent().unwrap_or(Path::new("."));
    let sync = || {
        // A new folder has its name in another.
        for folder in folder.ancestors().filter(|folder| !folder.as_os_str().is_empty()) {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    };
    fs::create_dir_all(folder).map_err(|error| FileError::new(folder, error))?;
    OutFile::open(place.as_ref())?.write(bytes)?;
    sync().map_err(|error| FileError::new(folder, error))
}
