//! Requests to the box, files `KIND/CONTEST.VOTER.RANDOM`, and its answers. Whose request it is must be known by other
//! means; here, by who may write in the folder that it is in.

use std::fs;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;
use urne::VoterId;
use urne::rand_core::Rng;

use crate::desk::{Desk, rng, voter};
use crate::tool::{Failure, put, read};

/// The first two come from the issuer, the others from voters.
const KINDS: [&str; 7] = ["can-reissue", "reissue", "state", "nonce", "activate", "challenge", "deposit"];
/// So many times: for a minute.
const PATIENCE: u32 = 3_000;
pub const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// No request is longer.
const MOST_BYTES: u64 = 1 << 15;

/// Asks and waits: for the box's message, or why it refuses. Whoever gives up, or dies, asks the same again: all is
/// answered alike.
pub fn ask<T: DeserializeOwned>(
    desk: &Desk,
    kind: &str,
    contest: u64,
    of: &VoterId,
    message: &[u8],
) -> Result<Result<T, String>, Failure> {
    let name = format!("{contest}.{of}.{:016x}", rng().next_u64());
    put(desk.post.folder(kind).file(&name), message)?;
    let answer = desk.post.folder("answers").file(&name);
    for _ in 0..PATIENCE {
        if answer.exists() {
            let answered = serde_json::from_slice(&read(&answer)?)?;
            fs::remove_file(&answer)?;
            return Ok(answered);
        }
        sleep(LOOK_AGAIN);
    }
    Err(format!("the box has not answered {kind} {name}").into())
}

/// As the box reads it.
pub struct Request {
    file: PathBuf,
    pub kind: &'static str,
    pub contest: u64,
    pub voter: VoterId,
    pub message: Vec<u8>,
}

impl Request {
    /// Those that wait. What is none is left alone.
    pub fn waiting(desk: &Desk) -> Result<Vec<Request>, Failure> {
        let mut waiting = Vec::new();
        for kind in KINDS {
            let folder = desk.post.folder(kind);
            waiting.extend(
                folder.list()?.iter().filter_map(|name| Request::read(kind, name, folder.file(name))),
            );
        }
        Ok(waiting)
    }

    fn read(kind: &'static str, name: &str, file: PathBuf) -> Option<Request> {
        let [contest, of, _] = name.split('.').collect::<Vec<_>>()[..] else { return None };
        fs::metadata(&file).ok().filter(|there| there.is_file() && there.len() <= MOST_BYTES)?;
        let (contest, voter, message) = (contest.parse().ok()?, voter(of).ok()?, fs::read(&file).ok()?);
        Some(Request { file, kind, contest, voter, message })
    }

    /// The request goes last: where the box dies before, it is answered again.
    pub fn answer(&self, desk: &Desk, answer: Result<Value, String>) -> Result<(), Failure> {
        let name = self.file.file_name().unwrap_or_default();
        put(desk.post.folder("answers").0.join(name), serde_json::to_vec(&answer)?)?;
        Ok(fs::remove_file(&self.file)?)
    }
}
