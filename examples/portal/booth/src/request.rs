//! What the page asks for, in JSON: `{"choose": {"number": 584, …}}`, `"back"`.

use std::borrow::Cow;

use serde::Deserialize;
use urne::UnixTime;
use urne::record::HexBytes;

/// Each button and each answer of the server. Tagged from outside, so that serde reads the fields where they stand and
/// keeps no copy of them.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Request<'a> {
    /// A session over the contests of a voter.
    Open(Open),
    /// Takes the voting code, and answers the server's nonce. It is read where it stands in the request, which is wiped:
    /// in JSON it has no escapes if it can be a code at all.
    EnterCode {
        #[serde(borrow)]
        code: Cow<'a, str>,
        nonce: HexBytes,
    },
    /// The boxes of these contests have accepted the answer.
    Activated { accepted: Vec<u64>, now: u64 },
    /// Drops the credentials, for another code.
    AnotherCode,
    /// To a contest, with its documents as the server has them.
    Choose { number: u64, documents: HexBytes, now: u64 },
    /// "Je veux voter, j'active la sélection de mon choix de vote".
    ActivateSelection,
    /// A list, or 0 for blank.
    Select { choice: u8 },
    /// Seals the choice on the screen. The reference can be shown.
    Seal,
    /// "Retour": to the choice, or from there to the contests.
    Back,
    /// "Je vote": gives the dossier, to be stored before there is a ballot to send.
    Cast { now: u64 },
    /// The dossier is stored: gives the ballot.
    Stored,
    /// The box has answered.
    Acknowledge { receipt: HexBytes, now: u64 },
    /// The box has refused the ballot.
    Refused { now: u64 },
    /// "Tester ce bulletin": gives the ballot, for the box to take note of.
    Challenge,
    /// The box has taken note. `address` is that of the page of the second device.
    Noted { address: String },
    /// The box has not.
    NotNoted,
    /// The contests, as they stand now.
    Contests { now: u64 },
    /// Forgets everything.
    Close,
    /// Goes on with a vote that was on its way when the page was closed.
    Resume(Resume),
    /// The box has answered to the ballot of that vote.
    AcknowledgeResumed(AcknowledgeResumed),
    /// The acknowledgement and deposit proof of a dossier.
    Proof(Resume),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Open {
    /// The voter's id.
    pub(crate) voter: HexBytes,
    /// Fingerprints as the trustees publish them.
    pub(crate) published: Vec<String>,
    pub(crate) contests: Vec<Given>,
    pub(crate) now: u64,
}

/// What the server gives of a contest.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    pub(crate) approved: String,
    pub(crate) opening: HexBytes,
    pub(crate) state: HexBytes,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resume {
    /// Whose page it is: a dossier of another's is refused.
    pub(crate) voter: HexBytes,
    pub(crate) dossier: HexBytes,
    pub(crate) approved: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcknowledgeResumed {
    pub(crate) receipt: HexBytes,
    pub(crate) now: u64,
}

pub(crate) fn time(seconds: u64) -> UnixTime {
    UnixTime::from_seconds(seconds)
}
