//! Files that survive a power cut, messages in them, and files that are their owner's alone. Errors name the file.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, DirEntry, File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

use urne::Form;
use zeroize::Zeroizing;

use crate::Failure;

/// An error of a file, with its name.
pub fn named(place: &Path, error: impl std::fmt::Display) -> Failure {
    format!("{}: {error}", place.display()).into()
}

/// Writes a file aside, makes it durable, renames it, and makes that durable: nobody finds half of it. What was there
/// before stays where it fails.
pub fn put(place: &Path, bytes: &[u8]) -> Result<(), Failure> {
    put_for(place, bytes, 0o666)
}

/// The same for its owner alone, with the folder that is made for it.
pub fn put_secret(place: &Path, bytes: &[u8]) -> Result<(), Failure> {
    put_for(place, bytes, 0o600)
}

fn put_for(place: &Path, bytes: &[u8], mode: u32) -> Result<(), Failure> {
    let folder = place.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    make_folder(folder, mode | (mode & 0o444) >> 2)?;
    let write = || {
        // Of two that write the same place at once each writes its own aside, and the later is found whole.
        let aside = tempfile::Builder::new().permissions(Permissions::from_mode(mode)).tempfile_in(folder)?;
        aside.as_file().write_all(bytes)?;
        aside.as_file().sync_all()?;
        aside.persist(place)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(|error| named(place, error))
}

/// Makes a folder where it is missing, and those that it is in.
pub fn make_folder(folder: &Path, mode: u32) -> Result<(), Failure> {
    DirBuilder::new().recursive(true).mode(mode).create(folder).map_err(|error| named(folder, error))
}

/// Takes a folder for this process, as long as what it gives is kept: of two with one memory, one would forget what the
/// other did.
pub fn alone(folder: &Path, who: &str) -> Result<File, Failure> {
    let lock = File::create(folder.join("lock")).map_err(|error| named(folder, error))?;
    lock.try_lock().map_err(|error| named(folder, format!("{who} runs: {error}")))?;
    Ok(lock)
}

/// Reads a file.
pub fn read(place: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(place).map_err(|error| named(place, error))
}

/// Reads a message in its form, of which nothing else is left in memory: some are secret.
pub fn get<T, E: std::fmt::Display>(
    place: impl AsRef<Path>,
    form: impl Fn(&[u8]) -> Result<T, E>,
) -> Result<T, Failure> {
    let place = place.as_ref();
    form(&Zeroizing::new(read(place)?)).map_err(|error| named(place, error))
}

/// A file, or `None` where there is none.
pub fn find(place: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match fs::read(place) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        read => read.map(Some).map_err(|error| named(place, error)),
    }
}

/// Reads everybody's messages of a kind, `J.KIND`. What does not decode is an error, with its name.
pub fn all<M: Form>(folder: &Path) -> Result<Vec<M>, Failure> {
    let of_kind = |name: &String| name.rsplit_once('.').is_some_and(|(_, kind)| kind == M::NAME);
    let names = names(folder)?.into_iter().filter(of_kind);
    names.map(|name| get(folder.join(name), M::from_form)).collect()
}

/// What is in a folder, in order.
pub fn names(folder: &Path) -> Result<Vec<String>, Failure> {
    let name = |entry: io::Result<DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    let names = fs::read_dir(folder).and_then(|all| all.map(name).collect::<io::Result<BTreeSet<_>>>());
    Ok(names.map_err(|error| named(folder, error))?.into_iter().collect())
}

/// The contests in a folder: its folders that are named by a number.
pub fn contests(folder: &Path) -> Result<Vec<u64>, Failure> {
    let mut numbers: Vec<u64> = names(folder)?.iter().filter_map(|name| name.parse().ok()).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_file_is_whole_and_its_owners_and_where_it_cannot_be_written_is_said() {
        let folder = std::env::temp_dir().join(format!("urne-disk-{}", std::process::id()));
        let place = folder.join("deep/one");
        fs::create_dir_all(folder.join("deep")).unwrap();
        fs::write(&place, b"first, and longer").unwrap();
        put_secret(&place, b"second").unwrap();
        assert_eq!(read(&place).unwrap(), b"second");
        assert_eq!(fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.join("deep")).unwrap().count(), 1, "nothing is left aside");
        // A folder that is made for it is its owner's too.
        put_secret(&folder.join("own/one"), b"x").unwrap();
        assert_eq!(fs::metadata(folder.join("own")).unwrap().permissions().mode() & 0o777, 0o700);
        // Its place is taken by a folder.
        fs::create_dir(folder.join("deep/two")).unwrap();
        fs::create_dir(folder.join("deep/two/full")).unwrap();
        let error = put_secret(&folder.join("deep/two"), b"x").unwrap_err().to_string();
        assert!(error.contains("deep/two: "), "{error}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_is_put_is_there_whole_and_alone() {
        let folder = std::env::temp_dir().join(format!("urne-files-{}", std::process::id()));
        let place = folder.join("584.anchor");
        assert!(find(&place).unwrap().is_none());
        put(&place, b"first, and longer").unwrap();
        put(&place, b"second").unwrap();
        assert_eq!(read(&place).unwrap(), b"second");
        // Where the new one cannot be put nothing is left of it, and what was there stays.
        fs::create_dir_all(folder.join("taken/by a folder")).unwrap();
        assert!(put(&folder.join("taken"), b"third").is_err());
        assert!(folder.join("taken/by a folder").exists());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn two_at_once_do_not_meet() {
        let folder = std::env::temp_dir().join(format!("urne-files-two-{}", std::process::id()));
        let place = folder.join("584.anchor");
        let texts = [vec![b'a'; 100_000], vec![b'b'; 100_001]];
        std::thread::scope(|scope| {
            for text in &texts {
                scope.spawn(|| (0..100).for_each(|_| put(&place, text).unwrap()));
            }
        });
        assert!(texts.contains(&read(&place).unwrap()));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }

    /// In `/proc` nobody may make anything, not even root.
    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        for place in ["/proc/none/one", "/dev/null/none/one"].map(Path::new) {
            let folder = place.parent().unwrap().display();
            let error = put(place, b"x").unwrap_err().to_string();
            assert!(error.starts_with(&format!("{folder}: ")), "{error}");
        }
    }

    #[test]
    fn what_cannot_be_looked_for_is_not_missing() {
        let error = find(Path::new("/dev/null/one")).unwrap_err().to_string();
        assert!(error.starts_with("/dev/null/one: "), "{error}");
    }
}
