//! Messages as files in folders: `WHO.KIND` of one of many, `KIND` of the role that alone writes it.

use std::fmt::Display;
use std::fs::File;
use std::io::{Error, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use urne::Form;

pub use crate::tool::{Failure, FileError, exists, names, put_over as put, read, shown};

pub type Done = Result<(), Failure>;

pub fn send<M: Form>(folder: &Path, message: &M) -> Done {
    put(folder.join(M::NAME), message.to_form())
}

pub fn send_as<M: Form>(who: impl Display, folder: &Path, message: &M) -> Done {
    put(folder.join(format!("{who}.{}", M::NAME)), message.to_form())
}

pub fn get<M: Form>(folder: &Path) -> Result<M, Failure> {
    open(&folder.join(M::NAME))
}

/// Everybody's of a kind. What does not decode counts as not sent: anybody can have put it there.
pub fn all<M: Form>(folder: &Path) -> Result<Vec<M>, Failure> {
    let names = names(folder)?.into_iter().filter(|name| name.ends_with(&format!(".{}", M::NAME)));
    let opened = names.map(|name| open(&folder.join(name)));
    Ok(opened.filter_map(|it| it.inspect_err(|error| eprintln!("not a message: {error}")).ok()).collect())
}

pub fn open<M: Form>(file: &Path) -> Result<M, Failure> {
    let most = if M::NAME.ends_with(".json") { 1 << 30 } else { 1 << 26 };
    M::from_form(&read_plain(file, most)?).map_err(|error| format!("{}: {error}", shown(file)).into())
}

/// Of a folder in which others write: a pipe would never end, a link lead into a role's own folder, a huge file fill
/// the memory.
pub fn read_plain(file: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    let read = |opened: File| {
        let (plain, mut bytes) = (opened.metadata()?.is_file(), Vec::new());
        if !plain || opened.take(most + 1).read_to_end(&mut bytes)? as u64 > most {
            return Err(Error::new(ErrorKind::InvalidInput, format!("no plain file of up to {most} bytes")));
        }
        Ok(bytes)
    };
    let opened = File::options().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOFOLLOW).open(file);
    Ok(opened.and_then(read).map_err(|error| FileError::new(file, error))?)
}
