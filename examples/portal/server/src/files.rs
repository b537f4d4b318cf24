//! Files that survive a power cut.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Writes a file aside, makes it durable, renames it, and makes that durable: nobody finds half of it.
pub fn put(place: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = place.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut name = place.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    let aside = folder.join(name);
    let mut file = File::create(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&aside, place)?;
    File::open(folder)?.sync_all()
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
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        // Where the new one cannot be written the old one stays.
        fs::create_dir(folder.join("584.anchor.part")).unwrap();
        assert!(put(&place, b"third").is_err());
        assert_eq!(get(&place).unwrap().unwrap(), b"second");
        fs::remove_dir_all(folder).unwrap();
    }
}
