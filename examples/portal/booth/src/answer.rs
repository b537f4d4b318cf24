//! What the page is answered, in JSON.

use serde::Serialize;
use urne::record::HexBytes;
use urne::{Activation, BallotReference, Fingerprint};

use crate::forms::Shown;
use crate::qr::Drawn;

/// Tagged by nothing: whoever asks knows what is answered.
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
