//! An election with the boxes of three contests, asked in JSON as the server of the portal is asked by a page.

use serde_json::{Value, json};
use urne::ballot_box::VoterState;
use urne::{Activation, ActivationNonce, ClosedRecord, UnixTime};

// The library's own test election. It takes `common` and `BOOKLET` from the root of whoever uses it.
#[path = "../../../../../tests/voter_session/election.rs"]
#[allow(dead_code)]
pub mod election;

use crate::common::OPENS_AT;
pub use election::OneByOne;
use election::{Closed, Election, id};

/// Statements and candidates, of two of the contests.
pub const BOOKLET: &[u8] = br#"{"lists":[]}"#;

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn unhex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

/// What is asked, before the close and after it.
pub enum Server {
    Voting(Box<Election>),
    Closed(Box<Closed>),
    Gone,
}

impl Server {
    pub fn new() -> Self {
        Server::Voting(Box::new(Election::new()))
    }

    /// The answer to `{"what": …}`, `{"ok": …}` or `{"refused": code}`.
    pub fn ask(&mut self, request: &Value) -> Value {
        let what = request["what"].as_str().unwrap();
        let (next, answer) = match (std::mem::replace(self, Server::Gone), what) {
            (Server::Voting(election), "close") => {
                let closed = election.close(request["number"].as_u64().unwrap());
                let given = closed.given().map(|given| hex(&given.to_bytes()));
                let record = ClosedRecord::new(closed.closed()).to_json();
                (Server::Closed(Box::new(closed)), json!({ "ok": { "record": record, "given": given } }))
            }
            (Server::Voting(mut election), _) => {
                let answer = voting(&mut election, what, request);
                (Server::Voting(election), answer)
            }
            (Server::Closed(mut closed), "count") => {
                let record = closed.counted().to_json();
                (Server::Closed(closed), json!({ "ok": { "record": record } }))
            }
            _ => panic!("{what} does not belong here"),
        };
        *self = next;
        answer
    }
}

fn voting(election: &mut Election, what: &str, request: &Value) -> Value {
    let name = request["voter"].as_str().unwrap_or("anne").to_owned();
    let now = UnixTime::from_seconds(request["now"].as_u64().unwrap_or(OPENS_AT.seconds()));
    let number = request["number"].as_u64().unwrap_or(584);
    let bytes = || unhex(request["bytes"].as_str().unwrap());
    let voter = id(&name);
    let refused = |code: &str| json!({ "refused": code });
    match what {
        "session" => {
            let given = election.boxes.iter().map(|it| {
                let state: VoterState = it.state(&voter, now).unwrap();
                json!({
                    "approved": it.contest().to_json(),
                    "opening": hex(&it.roll().signed_opening().to_bytes()),
                    "state": hex(&state.to_bytes()),
                })
            });
            let published = election.published();
            let published: Vec<_> = published.iter().map(ToString::to_string).collect();
            let open = json!({
                "voter": hex(name.as_bytes()),
                "published": published,
                "contests": given.collect::<Vec<_>>(),
            });
            let code = election.code(&name).expose_text().to_string();
            json!({ "ok": { "open": open, "code": code, "documents": hex(BOOKLET) } })
        }
        "reissue" => {
            let code = election.reissue(&name, number, now);
            json!({ "ok": { "code": code.expose_text().to_string() } })
        }
        "activate" => {
            let bytes = bytes();
            let (nonce, activation) = bytes.split_first_chunk().unwrap();
            let nonce = ActivationNonce::from_bytes(*nonce);
            let activation = Activation::from_bytes(activation).unwrap();
            match election.ballot_box(number).activate(&voter, &nonce, &activation, now) {
                Ok(_) => json!({ "ok": null }),
                Err(error) => refused(error.code()),
            }
        }
        "challenge" => match election.ballot_box(number).challenge(&voter, &bytes(), now) {
            Ok(_) => json!({ "ok": null }),
            Err(error) => refused(error.code()),
        },
        "deposit" => match election.ballot_box(number).deposit(&voter, &bytes(), now) {
            Ok(deposit) => json!({ "ok": { "receipt": hex(&deposit.receipt.to_bytes()) } }),
            Err(error) => refused(error.code()),
        },
        _ => panic!("{what} does not belong here"),
    }
}
