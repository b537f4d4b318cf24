//! Messages of every error that can be made from outside of the crate.

use urne::ballot_box::{ClosingDigest, OpeningDigest};
use urne::{DecodeError, Fingerprint, PanelIndex, UnixTime};

#[path = "errors/ballot_box.rs"]
mod ballot_box;
#[path = "errors/bureau.rs"]
mod bureau;
#[path = "errors/codes.rs"]
mod codes;
#[path = "errors/tally.rs"]
mod tally;

pub use codes::Coded;

const AT: UnixTime = UnixTime::from_seconds(1_700_000_000);
const LATER: UnixTime = UnixTime::from_seconds(1_800_000_000);

fn fingerprints() -> [Fingerprint; 2] {
    [Fingerprint::from_bytes([1; 32]), Fingerprint::from_bytes([2; 32])]
}

fn openings() -> [OpeningDigest; 2] {
    [OpeningDigest::from_bytes([1; 32]), OpeningDigest::from_bytes([2; 32])]
}

fn closings() -> [ClosingDigest; 2] {
    [ClosingDigest::from_bytes([1; 32]), ClosingDigest::from_bytes([2; 32])]
}

fn decode() -> DecodeError {
    DecodeError::NotAPoint { offset: 34 }
}

fn panel(number: u8) -> PanelIndex {
    PanelIndex::new(number).unwrap()
}
