//! The folder of an election, and the server's `portal.toml` in it.
//!
//! ```text
//! DIR/portal/portal.toml   this, with paths from the folder that it is in
//! DIR/portal/box.key       the box's secret key, 32 bytes, readable by the server alone
//! DIR/portal/584.roll      the electoral roll as the issuer gave it (`ElectoralRoll::to_bytes`)
//! DIR/portal/voters.csv    id,email,name,numen,social10,contests (numbers with spaces between)
//! DIR/public/584/approved.json, documents, opening
//! ```
//!
//! At its first start the server reads `voters.csv` into its database and opens each box with its roll and opening; from
//! then on both files are not read again, and the roll is called `584.roll.opened`, so that no box begins anew.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::{Failure, disk};

/// `portal.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// As the browser shows it: `https://vote.example.org`, or `http://localhost:8080`.
    pub origin: String,
    /// Where connections are taken: `127.0.0.1:8080`.
    pub listen: String,
    /// `sqlite:data.sqlite` or `postgres://…`.
    pub database: String,
    /// The folder of all that.
    #[serde(skip)]
    folder: PathBuf,
    #[serde(skip)]
    pub public: PathBuf,
    /// On another disk, in earnest.
    pub anchors: PathBuf,
    /// Scripts, style, wasm and sounds.
    #[serde(rename = "static")]
    pub assets: PathBuf,
    pub mail: String,
    /// The sender of e-mails.
    pub mail_from: String,
    /// Where the issuer listens, on the loopback: `127.0.0.1:8081`.
    pub issuer: String,
    /// For how many seconds complaints about a closing are taken.
    pub complaints_seconds: u64,
    /// Whether the way to a database of another machine may be one that everybody on it can read and change.
    #[serde(default)]
    pub database_in_clear_over_the_network: bool,
    /// Whether a proxy before the server tells where a request is from, in `X-Forwarded-For`.
    #[serde(default)]
    pub behind_proxy: bool,
    /// FOR TESTS ONLY: a file with the seconds that the clock is to be ahead by.
    pub clock_ahead: Option<PathBuf>,
    /// A page for voters, as text with blank lines between paragraphs.
    #[serde(default)]
    pub information: String,
    /// Who of the bureau may log in, in the order of their seats as trustees.
    pub bureau: Vec<Member>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    pub name: String,
    /// As `accounts::hash_password` gives it.
    pub password: String,
}

impl Config {
    /// Reads `portal.toml`; paths in it become paths from here.
    pub fn read(file: &Path) -> Result<Config, Failure> {
        let mut config: Config = disk::get(file, |bytes| toml::from_slice(bytes))?;
        let own = file.parent().unwrap_or(Path::new("."));
        for path in [&mut config.anchors, &mut config.assets].into_iter().chain(&mut config.clock_ahead) {
            *path = own.join(&*path);
        }
        for (text, kind) in [(&mut config.database, "sqlite:"), (&mut config.mail, "folder:")] {
            if let Some(path) = text.strip_prefix(kind) {
                *text = format!("{kind}{}", own.join(path).display());
            }
        }
        Ok(Config { public: own.join("../public"), folder: own.to_path_buf(), ..config })
    }

    /// A file of the server's own.
    pub fn own(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.join(name)
    }

    pub fn box_key(&self) -> Result<Zeroizing<[u8; 32]>, Failure> {
        let key = |bytes: &[u8]| bytes.try_into().map(Zeroizing::new).map_err(|_| "a key has 32 bytes");
        disk::get(self.own("box.key"), key)
    }

    /// The list of signings, which is the bureau's alone.
    pub fn signings(&self, contest: u64) -> PathBuf {
        self.own(format!("{contest}.signings"))
    }
}
