//! What both modules read and write: refusals by the library's codes, fingerprints, contests.

use std::fmt::Display;

use serde::Serialize;
use urne::ballot::BallotError;
use urne::ballot_box::ReceiptError;
use urne::contest::DocumentsError;
use urne::credential::VotingCodeError;
use urne::record::RecordError;
use urne::voter::{DossierError, SessionError};
use urne::{Contest, DecodeError, Fingerprint};

/// Why a request was not carried out.
#[derive(Debug, Serialize)]
pub(crate) struct Refusal {
    /// The library's code, or one of our own, by which the page finds its text.
    code: &'static str,
    /// In English, for whoever helps the voter.
    text: String,
    /// Where a voting code is mistyped, from 1.
    position: Option<usize>,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, text: impl Display) -> Self {
        Refusal { code, text: text.to_string(), position: None }
    }

    /// The page gave what is no request. What it gave may be secret, and is not repeated.
    pub(crate) fn request(error: &serde_json::Error) -> Self {
        Refusal::new("page/request", format_args!("no request, from column {}", error.column()))
    }
}

/// The answer in JSON: `{"Ok": …}` or `{"Err": …}`, as serde writes a `Result`.
pub(crate) fn written(answer: &Result<impl Serialize, Refusal>) -> Vec<u8> {
    // Nothing in an answer is refused by the writer.
    serde_json::to_vec(answer).unwrap_or_default()
}

macro_rules! refusals {
    ($($error:ty),+) => {$(
        impl From<$error> for Refusal {
            fn from(error: $error) -> Self {
                Refusal::new(error.code(), &error)
            }
        }
    )+};
}

refusals!(BallotError, DecodeError, DocumentsError, DossierError, ReceiptError, RecordError, SessionError);

impl From<VotingCodeError> for Refusal {
    fn from(error: VotingCodeError) -> Self {
        let position = match error {
            VotingCodeError::Foreign { position, .. } | VotingCodeError::Character { position } => {
                Some(position)
            }
            VotingCodeError::Mistyped { position } => position,
            _ => None,
        };
        Refusal { position, ..Refusal::new(error.code(), error) }
    }
}

/// What is shown of a contest. Texts are escaped, since they are anybody's.
#[derive(Serialize)]
pub(crate) struct Shown {
    number: u64,
    election: String,
    title: String,
    lists: Vec<String>,
    fingerprint: Fingerprint,
    /// How many there are.
    trustees: usize,
}

impl From<&Contest> for Shown {
    fn from(contest: &Contest) -> Self {
        let description = contest.description();
        Shown {
            number: description.number,
            election: description.election.to_string(),
            title: description.title.to_string(),
            lists: description.lists.iter().map(ToString::to_string).collect(),
            fingerprint: contest.fingerprint(),
            trustees: contest.bureau().panels().iter().map(|panel| panel.trustees.len()).sum(),
        }
    }
}
