//! A record cut into files.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use urne::record::SmallRecord;
use urne::record::shard::{Split, Stop, split as cut};

use crate::folder::{Folder, identity, wrong};
use crate::tool::{Failure, FileError, OutFile};

/// Cuts the record, if that is not done yet, and says what there is in it.
pub fn split(record: &Path, place: &Path) -> Result<(), Failure> {
    fs::create_dir_all(place).map_err(|error| FileError::new(place, error))?;
    let (source, of_this) = (place.join("source"), identity(record)?);
    match fs::read_to_string(&source) {
        Ok(of) if of == of_this => (),
        Ok(of) => {
            return Err(wrong(place, format_args!("the folder is of another record: {}", of.trim())).into());
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => OutFile::open(&source)?.write(of_this)?,
        Err(error) => return Err(FileError::new(&source, error).into()),
    }
    if !fs::exists(place.join("small.json")).map_err(|error| FileError::new(place, error))? {
        let small = serde_json::to_string(&write_lists(record, place)?)?;
        OutFile::open(&place.join("small.json"))?.write(small)?;
    }
    let folder = Folder::open(place)?;
    println!("ballots\t{}\nroll\t{}", folder.small.ballots, folder.small.entries);
    match folder.small.record.contest().to_contest() {
        Ok(contest) => println!("contest\t{}", contest.fingerprint()),
        // There is nothing to look at; judge says why.
        Err(error) => println!("unreadable\t{error}"),
    }
    Ok(())
}

/// Reads the record once, or twice where its ballots stand before the contest and misled the first try.
fn write_lists(record: &Path, place: &Path) -> Result<SmallRecord, FileError> {
    // A try that was killed has left what it had; one that still runs finds that it is not wanted.
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let name = entry.file_name().into_string().unwrap_or_default();
        if ["ballots.bin", "roll.bin"].iter().any(|list| name.starts_with(&format!(".{list}."))) {
            fs::remove_file(entry.path()).map_err(|error| FileError::new(&entry.path(), error))?;
        }
    }
    let mut length = None;
    loop {
        let [ballots, roll] = ["ballots.bin", "roll.bin"].map(|name| Growing::new(place.join(name)));
        let (ballots, roll) = (ballots?, roll?);
        let input = File::open(record).map_err(|error| FileError::new(record, error))?;
        let mut reader = serde_json::Deserializer::from_reader(BufReader::with_capacity(1 << 16, input));
        let mut sinks = (|bytes: &[u8]| ballots.write(bytes), |bytes: &[u8]| roll.write(bytes));
        let done =
            cut(&mut reader, length, &mut sinks.0, &mut sinks.1).and_then(|done| reader.end().map(|()| done));
        let (written, of_roll) = (ballots.finish(), roll.finish());
        written.and(of_roll)?;
        match done {
            Ok(Split::Done(small)) => return Ok(*small),
            Ok(Split::Again { length: due }) => length = Some(due),
            Err(error) => return Err(wrong(record, error)),
        }
    }
}

/// A file that grows, aside of its place, and the first thing that went wrong with it.
struct Growing {
    place: PathBuf,
    aside: PathBuf,
    state: RefCell<io::Result<BufWriter<File>>>,
}

impl Growing {
    fn new(place: PathBuf) -> Result<Self, FileError> {
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let aside = place.with_file_name(format!(".{name}.{}", std::process::id()));
        let file = File::create(&aside).map_err(|error| FileError::new(&aside, error))?;
        Ok(Growing { place, aside, state: RefCell::new(Ok(BufWriter::with_capacity(1 << 16, file))) })
    }

    fn write(&self, bytes: &[u8]) -> Result<(), Stop> {
        let mut state = self.state.borrow_mut();
        let written = state.as_mut().map_err(|_| Stop)?.write_all(bytes);
        written.map_err(|error| {
            *state = Err(error);
            Stop
        })
    }

    fn finish(self) -> Result<(), FileError> {
        let flushed = self.state.into_inner().and_then(|file| Ok(file.into_inner()?));
        let synced = flushed.and_then(|file| file.sync_all());
        synced.and_then(|()| fs::rename(&self.aside, &self.place)).map_err(|e| FileError::new(&self.place, e))
    }
}
