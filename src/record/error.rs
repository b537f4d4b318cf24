//! Why a record cannot be read.

#[cfg(feature = "serde")]
use alloc::string::{String, ToString};

use crate::ballot_box::{BoxFlaws, RollError};
use crate::bureau::TrusteeIndex;
use crate::contest::ContestError;
use crate::primitives::ed25519::VerifyingKeyError;
use crate::primitives::messages::messages;
use crate::primitives::text::{Text, nth};
use crate::primitives::wire::DecodeError;

/// Bytes of an error message from which on it is cut.
#[cfg(feature = "serde")]
const LONGEST_MESSAGE: usize = 400;

/// Why a record, or a part of it, cannot be read.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordError {
    /// Not a record in JSON.
    Json {
        /// What the reader says.
        message: Text,
    },
    /// The input ends before the record does.
    CutShort {
        /// What the reader says.
        message: Text,
    },
    /// The record is of another protocol, or closed where a counted one is needed, or the other way.
    Protocol {
        /// The protocol that was needed.
        expected: &'static str,
    },
    /// A number that is at most 255 is larger, or one that is at least 1 is 0.
    Number {
        /// Name of the field.
        field: &'static str,
        /// The number.
        actual: u64,
    },
    /// An integer is not below 2^53.
    LargeNumber {
        /// Name of the field.
        field: &'static str,
        /// The number.
        actual: u64,
    },
    /// A list of fixed length has another.
    Length {
        /// Name of the field.
        field: &'static str,
        /// The length it must have.
        expected: usize,
        /// The length it has.
        actual: usize,
    },
    /// The key of box or issuer is none.
    Key {
        /// Name of the field.
        field: &'static str,
        /// What is wrong with it.
        error: VerifyingKeyError,
    },
    /// The contest breaks a rule, or an approval does not hold.
    Contest(ContestError),
    /// There is no trustee with this number.
    UnknownTrustee {
        /// The number.
        number: u64,
        /// How many trustees there are.
        trustees: u8,
    },
    /// The trustee stands twice in a list, or after one with a higher number.
    Order {
        /// The trustee.
        trustee: TrusteeIndex,
    },
    /// A signature or proof does not decode.
    Proof {
        /// The trustee whose it should be.
        trustee: TrusteeIndex,
        /// What is wrong with it.
        error: DecodeError,
    },
    /// A credential of the roll does not decode.
    Credential {
        /// The entry, from 0.
        entry: usize,
        /// What is wrong with it.
        error: DecodeError,
    },
    /// The roll breaks a rule.
    Roll(RollError),
    /// The box does not hold.
    Box(BoxFlaws),
    /// Count or sums as stated are not those of the ballots.
    Tally,
}

impl RecordError {
    /// What is wrong with the JSON, in short.
    #[cfg(feature = "serde")]
    pub(crate) fn json(error: &serde_json::Error) -> Self {
        let message = Text::from(shortened(&error.to_string()));
        if error.is_eof() { RecordError::CutShort { message } } else { RecordError::Json { message } }
    }

    /// The trustee concerned, if it is one.
    #[must_use]
    pub fn trustee(&self) -> Option<TrusteeIndex> {
        match self {
            RecordError::Order { trustee } | RecordError::Proof { trustee, .. } => Some(*trustee),
            RecordError::Contest(error) => error.trustee(),
            _ => None,
        }
    }
}

/// An error quotes the record, and is not to be as long as it.
#[cfg(feature = "serde")]
fn shortened(quoted: &str) -> String {
    if quoted.len() <= LONGEST_MESSAGE {
        return quoted.into();
    }
    let cut: String = quoted.chars().take(LONGEST_MESSAGE / 4).collect();
    // serde_json ends with the place.
    let place = quoted.rsplit_once(" at line ").filter(|(_, place)| place.len() <= LONGEST_MESSAGE / 4);
    match place {
        Some((_, place)) => alloc::format!("{cut}… at line {place}"),
        None => alloc::format!("{cut}…"),
    }
}

messages! { RecordError: "record";
    Json { message } => "json", "not a record in JSON: {message}";
    CutShort { message } => "cut-short", "not a whole record: {message}";
    Protocol { expected } => "protocol", "the record's protocol is not {expected}";
    Number { field, actual } => "number", "{field}: {actual} is not from 1 to 255";
    LargeNumber { field, actual } => "large-number", "{field}: {actual} is not below 2^53";
    Length { field, expected, actual } => "length", "{field}: a list of {actual} where {expected} are needed";
    Key { field, error } => "key", "{field}: {error}";
    Contest(error) => of error;
    UnknownTrustee { number, trustees } => "unknown-trustee", "there is no trustee {number} among {trustees}";
    Order { trustee } => "order", "trustee {trustee} stands there twice, or after one with a higher number";
    Proof { trustee, error } => "proof", "signature or proof of trustee {trustee}: {error}";
    Credential { entry, error } => "credential", "roll entry {}: {error}", nth(*entry);
    Roll(error) => of error;
    Box(flaws) => "box", "{flaws}";
    Tally => "tally", "the tally as stated is not that of the ballots";
}

impl core::error::Error for RecordError {}

impl From<ContestError> for RecordError {
    fn from(error: ContestError) -> Self {
        RecordError::Contest(error)
    }
}

impl From<BoxFlaws> for RecordError {
    fn from(flaws: BoxFlaws) -> Self {
        RecordError::Box(flaws)
    }
}

impl From<RollError> for RecordError {
    fn from(error: RollError) -> Self {
        RecordError::Roll(error)
    }
}

#[cfg(all(test, feature = "serde"))]
mod tests {
    use super::*;

    #[test]
    fn long_messages_of_the_json_reader_are_cut_and_keep_their_place() {
        let message = shortened;
        let [longest, quarter] = [LONGEST_MESSAGE, LONGEST_MESSAGE / 4].map(|length| "x".repeat(length));
        assert_eq!(message(&longest), longest);
        assert_eq!(message(&(longest.clone() + "x")), quarter.clone() + "…");
        let placed = |place: &str| message(&alloc::format!("{longest} at line {place}"));
        assert_eq!(placed("1 column 2"), alloc::format!("{quarter}… at line 1 column 2"));
        // A place that is itself too long to be one.
        assert_eq!(placed(&quarter), alloc::format!("{quarter}… at line {quarter}"));
        assert_eq!(placed(&(quarter.clone() + "x")), quarter + "…");
    }
}
