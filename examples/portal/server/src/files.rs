//! Files that survive a power cut.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Writes a file aside, makes it durable, renames it, and makes that durable: nobody finds half of it.
pub fn put(place: &Path, bytes: &[u8]) -> io::Result<()> {
    put_for(place, bytes, 0o666)
}

/// The same for who `mode` says; a folder that is made for it is its owner's alone where the file is.
pub fn put_for(place: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    // Of two that write the same place at once each writes its own aside, and the later is found whole.
    let number = getrandom::u64().map_err(io::Error::other)?;
    let aside = place.with_added_extension(format!("{number:016x}.part"));
    let folder = place.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(mode | (mode & 0o444) >> 2).create(folder)?;
    let written = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&aside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&aside, place)?;
        File::open(folder)?.sync_all()
    };
    written().inspect_err(|_| _ = fs::remove_file(&aside))
}

/// A file, or `None` where there is none.
pub fn get(place: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(place) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io::Error::new(error.kind(), format!("{}: {error}", place.display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_is_there_whole_and_alone() {
        let folder = std::env::temp_dir().join(format!("urne-files-{}", std::process::id()));
        let place = folder.join("584.anchor");
        assert_eq!(get(&place).unwrap(), None);
        put(&place, b"first, and longer").unwrap();
        put(&place, b"second").unwrap();
        assert_eq!(get(&place).unwrap().unwrap(), b"second");
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
        assert!(texts.contains(&get(&place).unwrap().unwrap()));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }
}
