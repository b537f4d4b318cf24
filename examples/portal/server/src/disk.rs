//! Messages in files, and files that are their owner's alone.

use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::{Failure, files};

/// An error of a file, with its name.
pub fn named(place: &Path, error: impl std::fmt::Display) -> Failure {
    format!("{}: {error}", place.display()).into()
}

/// Reads a file. Errors of all of these name it.
pub fn read(place: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(place).map_err(|error| named(place, error))
}

/// Reads a message in its form. It may have been a secret, so that its bytes are wiped.
pub fn get<T, E: std::fmt::Display>(
    place: impl AsRef<Path>,
    form: impl Fn(&[u8]) -> Result<T, E>,
) -> Result<T, Failure> {
    let place = place.as_ref();
    form(&Zeroizing::new(read(place)?)).map_err(|error| named(place, error))
}

/// Reads everybody's messages of a kind, `J.KIND`. What does not decode is an error, with its name.
pub fn all<T, E: std::fmt::Display>(
    folder: &Path,
    kind: &str,
    form: impl Fn(&[u8]) -> Result<T, E>,
) -> Result<Vec<T>, Failure> {
    let mut places = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| named(folder, error))? {
        places.push(entry?.path());
    }
    places.retain(|place| place.extension().is_some_and(|extension| extension == kind));
    places.sort();
    places.into_iter().map(|place| get(place, &form)).collect()
}

/// Reads a file of settings; what is wrong is said with line and column.
pub fn read_toml<T: DeserializeOwned>(place: &Path) -> Result<T, Failure> {
    let text = fs::read_to_string(place).map_err(|error| named(place, error))?;
    toml::from_str(&text).map_err(|error| named(place, error))
}

/// The contests in a folder: its folders that are named by a number.
pub fn contests(folder: &Path) -> Result<Vec<u64>, Failure> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| named(folder, error))? {
        numbers.extend(entry?.file_name().to_str().and_then(|name| name.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Writes a file that only its owner may read, as [`files::put`] does others. What was there before stays where it fails.
pub fn put_secret(place: &Path, bytes: &[u8]) -> Result<(), Failure> {
    files::put_for(place, bytes, 0o600).map_err(|error| named(place, error))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

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
}
