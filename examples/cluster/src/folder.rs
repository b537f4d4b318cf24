//! The folder of an audit, on storage that all machines share.
//!
//! ```text
//! source                      which file it was cut from
//! ballots.bin roll.bin        the two lists, at fixed lengths
//! small.json                  everything else; its being there says that the split is done
//! marks/BB/ballots-K-N        what no other ballot may have: bucket BB of 64, shard of N ballots from K
//! marks/BB/roll-K-N           the same of the roll
//! kept/ballots-K-N roll-K-N   the lines of finished shards, written by the driver's workers
//! kept/join-BB                and of finished joins
//! ```

use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use urne::Contest;
use urne::record::SmallRecord;
use urne::record::shard::{ENTRY_LENGTH, Mark};

use crate::tool::FileError;

/// Files that marks are written to. Each holds those of four of the library's 256 buckets.
pub const BUCKETS: u8 = 64;

/// One of a record's long lists.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum List {
    Ballots,
    Roll,
}

impl List {
    pub const BOTH: [List; 2] = [List::Ballots, List::Roll];

    pub fn name(self) -> &'static str {
        match self {
            List::Ballots => "ballots",
            List::Roll => "roll",
        }
    }
}

pub struct Folder {
    place: PathBuf,
    pub small: SmallRecord,
}

/// Something that a file should not be.
pub fn wrong(file: &Path, text: impl Display) -> FileError {
    FileError::new(file, io::Error::other(text.to_string()))
}

impl Folder {
    pub fn open(place: &Path) -> Result<Self, FileError> {
        let file = place.join("small.json");
        let bytes = fs::read(&file).map_err(|error| FileError::new(&file, error))?;
        let small = serde_json::from_slice(&bytes).map_err(|error| wrong(&file, error))?;
        Ok(Folder { place: place.to_owned(), small })
    }

    pub fn file(&self, name: impl AsRef<Path>) -> PathBuf {
        self.place.join(name)
    }

    pub fn marks(&self) -> PathBuf {
        self.file("marks")
    }

    pub fn contest(&self) -> Result<Contest, FileError> {
        self.small.record.contest().to_contest().map_err(|error| wrong(&self.file("small.json"), error))
    }

    /// How many there are in a list.
    pub fn count(&self, list: List) -> u64 {
        match list {
            List::Ballots => self.small.ballots,
            List::Roll => self.small.entries,
        }
    }

    /// Bytes of each.
    fn length(&self, list: List) -> Result<usize, FileError> {
        match list {
            List::Ballots => {
                let length = usize::try_from(self.small.length).ok().filter(|length| *length > 0);
                length.ok_or_else(|| wrong(&self.file("small.json"), "ballots of no length"))
            }
            List::Roll => Ok(ENTRY_LENGTH),
        }
    }

    /// The file of a list, which must have the length that its number gives, and the length of each.
    pub fn list(&self, list: List) -> Result<(PathBuf, File, usize), FileError> {
        let (place, length) = (self.file(format!("{}.bin", list.name())), self.length(list)?);
        let named = |error| FileError::new(&place, error);
        let file = File::open(&place).map_err(named)?;
        let actual = file.metadata().map_err(named)?.len();
        let expected = u128::from(self.count(list)) * length as u128;
        if u128::from(actual) != expected {
            return Err(wrong(&place, format_args!("{actual} bytes where there should be {expected}")));
        }
        Ok((place, file, length))
    }

    /// A run of a list, and the length of each.
    pub fn read(&self, list: List, first: u64, count: u64) -> Result<(Vec<u8>, usize), FileError> {
        let (place, mut file, length) = self.list(list)?;
        let all = self.count(list);
        if first.checked_add(count).is_none_or(|end| end > all) {
            return Err(wrong(&place, format_args!("{count} from {first} on, where there are {all}")));
        }
        let mut bytes = vec![0; usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(length)];
        let read = file.seek(SeekFrom::Start(first.saturating_mul(length as u64)));
        read.and_then(|_| file.read_exact(&mut bytes)).map_err(|error| FileError::new(&place, error))?;
        Ok((bytes, length))
    }
}

/// The name of a shard's files.
pub fn shard_name(list: List, first: u64, count: u64) -> String {
    format!("{}-{first}-{count}", list.name())
}

/// List, first and number, of such a name.
pub fn read_name(name: &str) -> Option<(List, u64, u64)> {
    let mut parts = name.split('-');
    let list = parts.next()?;
    let list = List::BOTH.into_iter().find(|known| known.name() == list)?;
    let (first, count) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    parts.next().is_none().then_some((list, first, count))
}

/// The files in a folder, by name, but for those that are being written; none if there is no such folder.
pub fn names(folder: &Path) -> Result<Vec<String>, FileError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.and_then(Iterator::collect::<io::Result<Vec<_>>>),
    };
    let entries = entries.map_err(|error| FileError::new(folder, error))?;
    let mut names: Vec<_> = entries.iter().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| !name.starts_with('.'));
    names.sort_unstable();
    Ok(names)
}

/// Writes a shard's marks, a file a bucket: aside first, so that nobody finds half of one. Whoever does the same shard
/// again writes the same bytes in its place.
pub fn write_marks(folder: &Path, name: &str, marks: &[Mark]) -> Result<(), FileError> {
    let mut buckets = vec![Vec::new(); BUCKETS.into()];
    for mark in marks {
        buckets[usize::from(mark.bucket() / 4)].extend(mark.to_bytes());
    }
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos();
    let aside = format!(".{name}.{}.{now}", std::process::id());
    for (bucket, bytes) in buckets.iter().enumerate() {
        let folder = folder.join(format!("{bucket:02}"));
        let place = folder.join(name);
        let written = fs::create_dir_all(&folder).and_then(|()| {
            File::create(folder.join(&aside))?.write_all(bytes)?;
            fs::rename(folder.join(&aside), &place)
        });
        written.map_err(|error| FileError::new(&place, error))?;
    }
    Ok(())
}

/// What tells a file from another, and from itself after it was changed.
pub fn identity(file: &Path) -> Result<String, FileError> {
    let named = |error| FileError::new(file, error);
    let (data, place) = (fs::metadata(file).map_err(named)?, fs::canonicalize(file).map_err(named)?);
    let (size, seconds, nanos) = (data.len(), data.mtime(), data.mtime_nsec());
    Ok(format!("{}\t{size}\t{seconds}.{nanos:09}\n", crate::tool::shown(&place)))
}
