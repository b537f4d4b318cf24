//! What the page asks for, in JSON: `{"choose": {"number": 584, …}}`, `"back"`. And what it is answered.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use urne::record::HexBytes;
use urne::{Activation, ActivationNonce, BallotReference, Fingerprint, UnixTime};

use crate::forms::Shown;
use crate::qr::Drawn;

/// Each button and each answer of the server. Tagged from outside, so that serde reads the fields where they stand and
/// keeps no copy of them.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Request<'a> {
    /// A session over the contests of a voter: their id, fingerprints as the trustees publish them, and what the server
    /// gives of each contest.
    Open { voter: HexBytes, published: Vec<Fingerprint>, contests: Vec<Given> },
    /// Where the voter stands in each contest now.
    Standings { now: u64 },
    /// Takes the voting code, and answers the server's nonce. It is read where it stands in the request, which is wiped:
    /// in JSON it has no escapes if it can be a code at all.
    EnterCode {
        #[serde(borrow)]
        code: Cow<'a, str>,
        nonce: ActivationNonce,
    },
    /// The boxes of these contests have accepted the answer.
    Activated(Vec<Fingerprint>),
    /// Drops the credentials, if there are any, for another code.
    AnotherCode,
    /// To a contest, with its documents as the server has them.
    Choose { number: u64, documents: HexBytes, now: u64 },
    /// "Je veux voter, j'active la sélection de mon choix de vote".
    ActivateSelection,
    /// A list, or 0 for blank: seals it. Its name and the reference can be shown.
    Select { choice: u8 },
    /// "Retour": to the choice, also when the box has not noted a ballot to be tested; or from there to the contests.
    Back,
    /// "Je vote": gives the dossier, to be stored before there is a ballot to send.
    Cast { now: u64 },
    /// The dossier is stored: gives the ballot.
    Stored,
    /// The box has answered.
    Acknowledge { receipt: HexBytes, now: u64 },
    /// The box has refused the ballot.
    Refused,
    /// "Tester ce bulletin": gives the ballot, for the box to take note of.
    Challenge,
    /// The box has taken note. `address` is that of the page of the second device.
    Noted { address: String },
    /// Forgets everything.
    Close,
    /// What came of a vote, as its dossier says.
    Earlier(Kept),
    /// The box has answered to the ballot of a dossier.
    AcknowledgeEarlier { kept: Kept, receipt: HexBytes, now: u64 },
}

/// What the server gives of a contest.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    pub(crate) approved: String,
    pub(crate) opening: HexBytes,
    pub(crate) state: HexBytes,
}

/// A dossier that the browser has kept.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kept {
    /// Whose page it is: a dossier of another's is refused.
    pub(crate) voter: HexBytes,
    pub(crate) dossier: HexBytes,
    pub(crate) approved: String,
}

/// What the page is answered. Tagged by nothing: whoever asks knows what is answered.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    Done,
    /// The voter's contests.
    Contests(Vec<Shown>),
    /// Where the voter stands in each of them, in their order, and since or until when.
    Standings(Vec<(&'static str, u64)>),
    /// What the boxes of these contests are to be sent, after the nonce.
    Activations(Vec<(Fingerprint, Activation)>),
    /// The name of the list that was chosen, or none of a blank ballot.
    Sealed {
        name: Option<String>,
        reference: BallotReference,
    },
    /// A dossier to store, or a ballot to send.
    Bytes(HexBytes),
    /// A ballot that is opened to a second device.
    Opened {
        opened: HexBytes,
        qr: Option<Drawn>,
    },
    /// A ballot of which no answer came.
    Waiting {
        reference: BallotReference,
        ballot: HexBytes,
    },
    /// What the voter is shown of a vote, and keeps.
    Voted {
        at: u64,
        reference: BallotReference,
        proof: HexBytes,
        dossier: HexBytes,
    },
}

pub(crate) fn time(seconds: u64) -> UnixTime {
    UnixTime::from_seconds(seconds)
}
