//! Requests to the box and its answers: files `KIND.CONTEST.VOTER.RANDOM`, each a message in its form. Whose request it
//! is must be known by other means; here, by who may write in the folder that it is in.

use std::fs;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use urne::VoterId;
use urne::rand_core::Rng;

use crate::desk::{Desk, list, name, put, rng, voter};
use crate::tool::Failure;

/// So many times: for a minute.
const PATIENCE: u32 = 3_000;
pub const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// No request is longer.
const MOST_BYTES: u64 = 1 << 15;

/// The box's message, or why it refuses.
pub type Answer = Result<Vec<u8>, String>;

/// Asks and waits. Whoever gives up, or dies, asks the same again: all is answered alike.
pub fn ask(desk: &Desk, kind: &str, contest: u64, of: &VoterId, message: &[u8]) -> Result<Answer, Failure> {
    let name = format!("{kind}.{contest}.{}.{:016x}", name(of), rng().next_u64());
    put(desk.post(folder(kind)).join(&name), message)?;
    let [answer, refusal] = ["answers", "refusals"].map(|folder| desk.post(folder).join(&name));
    for _ in 0..PATIENCE {
        if let Some(place) = [&answer, &refusal].into_iter().find(|place| place.exists()) {
            let message = fs::read(place)?;
            fs::remove_file(place)?;
            return Ok(if *place == refusal { Err(String::from_utf8(message)?) } else { Ok(message) });
        }
        sleep(LOOK_AGAIN);
    }
    Err(format!("the box has not answered {name}").into())
}

/// Who may ask for this.
fn folder(kind: &str) -> &'static str {
    if kind.ends_with("reissue") { "requests-of-issuer" } else { "requests-of-voters" }
}

/// As the box reads it.
pub struct Request {
    place: PathBuf,
    pub kind: String,
    pub contest: u64,
    pub voter: VoterId,
    pub message: Vec<u8>,
}

impl Request {
    /// Those that wait. What is none is removed.
    pub fn waiting(desk: &Desk) -> Result<Vec<Request>, Failure> {
        let mut waiting = Vec::new();
        for from in ["reissue", "vote"].map(folder) {
            for name in list(&desk.post(from))? {
                let place = desk.post(from).join(&name);
                match Request::read(place.clone(), &name).filter(|request| folder(&request.kind) == from) {
                    Some(request) => waiting.push(request),
                    None => fs::remove_file(place)?,
                }
            }
        }
        Ok(waiting)
    }

    fn read(place: PathBuf, name: &str) -> Option<Request> {
        let [kind, contest, of, _] = name.split('.').collect::<Vec<_>>()[..] else { return None };
        let (contest, voter) = (contest.parse().ok()?, voter(of).ok()?);
        fs::metadata(&place).ok().filter(|file| file.is_file() && file.len() <= MOST_BYTES)?;
        let message = fs::read(&place).ok()?;
        Some(Request { place, kind: kind.into(), contest, voter, message })
    }

    /// The request goes last: where the box dies before, it is answered again.
    pub fn answer(self, desk: &Desk, answer: Answer) -> Result<(), Failure> {
        let (folder, message) = match answer {
            Ok(message) => ("answers", message),
            Err(why) => ("refusals", why.into_bytes()),
        };
        put(desk.post(folder).join(self.place.file_name().unwrap_or_default()), message)?;
        Ok(fs::remove_file(self.place)?)
    }
}
