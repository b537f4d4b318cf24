//! Messages as files: `WHO.KIND`, or `KIND` where one role writes it.

use std::fmt::Display;
use std::fs;
use std::path::PathBuf;

use urne::ballot_box::{GivenClosing, Head, ProposedOpening, SignedClosing, SignedOpening, Signings};
use urne::bureau::{Ceremony, Commitment, Complaint, Confirmation, Reveal};
use urne::contest::Approval;
use urne::tally::{DecryptionFactors, Endorsement};
use urne::trustee::Ready;
use urne::voter::Dossier;
use urne::{ApprovedContest, ClosedRecord, Contest, ElectionKey, IdentityKey, Record};

use crate::tool::{Failure, FileError, put, read, shown};

/// A message in its form, and how its file is called.
pub trait Message: Sized {
    const KIND: &str;
    fn read(bytes: &[u8]) -> Result<Self, Failure>;
    fn form(&self) -> Vec<u8>;
}

macro_rules! messages {
    ($read:ident, $write:ident: $($name:ident $kind:literal),+) => {$(
        impl Message for $name {
            const KIND: &str = $kind;
            fn read(bytes: &[u8]) -> Result<Self, Failure> {
                Ok($name::$read(bytes)?)
            }
            fn form(&self) -> Vec<u8> {
                self.$write().into()
            }
        }
    )+};
}

messages! { from_bytes, to_bytes:
    Ceremony "ceremony", IdentityKey "identity", Commitment "commitment", Reveal "reveal", Complaint "complaint",
    Confirmation "confirmation", ElectionKey "key", Approval "approval", ProposedOpening "proposed",
    SignedOpening "opening", Head "head", Signings "signings", GivenClosing "given", SignedClosing "closing",
    Endorsement "endorsement", Ready "ready", DecryptionFactors "factors", Dossier "dossier"
}
messages! { from_json, to_json:
    Contest "contest.json", ApprovedContest "approved.json", ClosedRecord "closed.json", Record "record.json"
}

pub struct Folder(pub PathBuf);

impl Folder {
    pub fn file(&self, name: impl Display) -> PathBuf {
        self.0.join(name.to_string())
    }

    pub fn folder(&self, name: impl Display) -> Folder {
        Folder(self.file(name))
    }

    /// The names in it, in order, but for files that are being written aside.
    pub fn list(&self) -> Result<Vec<String>, Failure> {
        let entries =
            fs::create_dir_all(&self.0).and_then(|()| fs::read_dir(&self.0)?.collect::<Result<Vec<_>, _>>());
        let entries = entries.map_err(|error| FileError::new(&self.0, error))?;
        let mut names: Vec<_> =
            entries.iter().filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.retain(|name| !name.ends_with(".part"));
        names.sort_unstable();
        Ok(names)
    }

    pub fn put<M: Message>(&self, message: &M) -> Result<(), Failure> {
        put(self.file(M::KIND), message.form())
    }

    pub fn put_of<M: Message>(&self, who: impl Display, message: &M) -> Result<(), Failure> {
        put(self.file(format!("{who}.{}", M::KIND)), message.form())
    }

    pub fn get<M: Message>(&self) -> Result<M, Failure> {
        open(self.file(M::KIND))
    }

    /// Everybody's of a kind. What does not decode counts as not sent: anybody can have put it there.
    pub fn all<M: Message>(&self) -> Result<Vec<M>, Failure> {
        let names = self.list()?.into_iter().filter(|name| name.ends_with(&format!(".{}", M::KIND)));
        let opened = names.map(|name| open(self.file(name)));
        Ok(opened.filter_map(|it| it.inspect_err(|error| eprintln!("not a message: {error}")).ok()).collect())
    }
}

pub fn open<M: Message>(file: PathBuf) -> Result<M, Failure> {
    M::read(&read(&file)?).map_err(|error| format!("{}: {error}", shown(&file)).into())
}
