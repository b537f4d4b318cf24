//! The bulletin reference by which a voter finds a ballot again.

use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::contest::{Contest, Fingerprint};
use crate::primitives::hash::FieldHash;
use crate::primitives::labels;
use crate::primitives::messages::messages;
use crate::primitives::wire::{DecodeError, INTEGER_LIMIT, Reader};

/// A ballot's reference: the contest's number and a hash of the contest's fingerprint and the ballot's
/// bytes.
///
/// The voter's side computes it from the very bytes it sends; it is never taken from a server (Debant
/// and Hirschi 2023 show what happens otherwise). It is shown as `584)` and 64 hex digits:
///
/// ```
/// use urne::BallotReference;
///
/// let shown = "584)4ec96770ba023972ed0a4ec40bb3197b86ae54a931bbfef06128a081dcc83724";
/// let reference: BallotReference = shown.parse()?;
/// assert_eq!(reference.number(), 584);
/// assert_eq!(reference.to_string(), shown);
/// assert_eq!(shown.replace(')', "%29").parse(), Ok(reference));
/// # Ok::<(), urne::ballot::ReferenceError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BallotReference {
    number: u64,
    digest: [u8; 32],
}

impl BallotReference {
    /// The reference of a ballot's bytes in a contest.
    #[must_use]
    pub fn of(contest: &Contest, ballot: &[u8]) -> Self {
        let digest = BallotReference::digest_of(contest.fingerprint(), ballot);
        BallotReference { number: contest.description().number, digest }
    }

    /// The hash that references a ballot, without its contest at hand.
    pub(crate) fn digest_of(contest: Fingerprint, ballot: &[u8]) -> [u8; 32] {
        FieldHash::new(labels::REFERENCE).bytes(contest.as_bytes()).bytes(ballot).finish()
    }

    /// `LE64(number) ‖ hash`.
    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.number.to_le_bytes());
        bytes.extend(self.digest);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(BallotReference { number: reader.integer()?, digest: *reader.array()? })
    }

    /// `None` unless the number is below 2^53.
    #[cfg(test)]
    pub(crate) fn from_parts(number: u64, digest: [u8; 32]) -> Option<Self> {
        (number < INTEGER_LIMIT).then_some(BallotReference { number, digest })
    }

    /// The contest's number.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The hash, which is the leaf that stands for the ballot in the box's Merkle tree.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }
}

impl fmt::Display for BallotReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}){}", self.number, crate::primitives::wire::to_hex(&self.digest))
    }
}

impl fmt::Debug for BallotReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BallotReference({self})")
    }
}

impl FromStr for BallotReference {
    type Err = ReferenceError;

    /// Reads the shown form. `%29` is taken for `)`, since portals put references into links; nothing
    /// else is.
    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let (number, digest) =
            text.split_once(')').or_else(|| text.split_once("%29")).ok_or(ReferenceError::Separator)?;
        let all_digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits || (number.starts_with('0') && number != "0") {
            return Err(ReferenceError::Number);
        }
        let number: u64 = number.parse().map_err(|_| ReferenceError::Number)?;
        if number >= INTEGER_LIMIT {
            return Err(ReferenceError::Number);
        }
        if digest.len() != 64 {
            return Err(ReferenceError::Length { actual: digest.chars().count() });
        }
        let digest = crate::primitives::wire::array_from_hex(digest).ok_or(ReferenceError::Hex)?;
        Ok(BallotReference { number, digest })
    }
}

/// Why a text is not a ballot reference.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceError {
    /// There is no `)`.
    Separator,
    /// What stands before `)` is not a contest's number: digits without a leading zero, below 2^53.
    Number,
    /// There are not 64 characters after `)`.
    Length {
        /// How many there are.
        actual: usize,
    },
    /// A character after `)` is not a lower-case hex digit.
    Hex,
}

messages! { ReferenceError: "reference";
    Separator => "separator", "a ballot reference has a ) after the contest's number";
    Number => "number", "a ballot reference begins with the contest's number, without leading zeros";
    Length { actual } => "length", "a ballot reference has 64 characters after ), not {actual}";
    Hex => "hex", "a ballot reference has only 0-9 and a-f after )";
}

impl core::error::Error for ReferenceError {}

#[cfg(feature = "serde")]
impl serde::Serialize for BallotReference {
    /// The shown form, in every format.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for BallotReference {
    /// The shown form and no other: `%29` is for links.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = alloc::string::String::deserialize(deserializer)?;
        if text.contains('%') {
            return Err(serde::de::Error::custom(ReferenceError::Separator));
        }
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn references_read_only_what_they_show() {
        let hex = "0cfa".repeat(16);
        let good = alloc::format!("584){hex}");
        assert_eq!(good.parse::<BallotReference>().unwrap().to_string(), good);
        let cases = [
            (alloc::format!("584{hex}"), ReferenceError::Separator),
            (alloc::format!("0584){hex}"), ReferenceError::Number),
            (alloc::format!("+584){hex}"), ReferenceError::Number),
            (alloc::format!("){hex}"), ReferenceError::Number),
            (alloc::format!(" 584){hex}"), ReferenceError::Number),
            (alloc::format!("9007199254740992){hex}"), ReferenceError::Number),
            (alloc::format!("584){hex}0"), ReferenceError::Length { actual: 65 }),
            (alloc::format!("584) {hex}"), ReferenceError::Length { actual: 65 }),
            (alloc::format!("584){}", &hex[1..]), ReferenceError::Length { actual: 63 }),
            (alloc::format!("584){}", hex.to_uppercase()), ReferenceError::Hex),
            (alloc::format!("584%29%29{}", &hex[3..]), ReferenceError::Hex),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<BallotReference>(), Err(error), "{text}");
        }
        assert_eq!(alloc::format!("0){hex}").parse::<BallotReference>().unwrap().number(), 0);
    }
}
