//! How an application names its voters.

use alloc::vec::Vec;
use core::fmt;

use crate::primitives::escaped;
use crate::primitives::form::named_form;
use crate::primitives::hash::length_of;
use crate::primitives::wire::{DecodeError, Kind, Reader, form};

/// Longest voter id, in bytes.
pub const MOST_VOTER_ID_BYTES: usize = 256;

/// How an application names a voter: 1 to 256 bytes of its own choice. Never published.
///
/// Ids are shown as text, [`escaped`]:
///
/// ```
/// use urne::ballot_box::VoterId;
///
/// let id = VoterId::new("Zoë\u{1b}[2J\u{202e}").ok_or("1 to 256 bytes")?;
/// assert_eq!(id.to_string(), r"Zoë\u{1b}[2J\u{202e}");
/// assert!(VoterId::new([0; 257]).is_none());
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VoterId(Vec<u8>);

impl VoterId {
    /// An id from its bytes; `None` unless there are 1 to 256 of them.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Option<Self> {
        let bytes = bytes.into();
        (1..=MOST_VOTER_ID_BYTES).contains(&bytes.len()).then_some(VoterId(bytes))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Form: kind ‖ version ‖ the bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = form(Kind::VoterId);
        bytes.extend(&self.0);
        bytes
    }

    /// Reads what [`VoterId::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] for every other form, which names both kinds if it is another.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::VoterId, bytes)?;
        let (offset, actual) = (reader.offset(), bytes.len());
        reader.require(1)?;
        let id = VoterId::new(reader.take_rest());
        id.ok_or(DecodeError::TooLong { expected: offset.saturating_add(MOST_VOTER_ID_BYTES), actual })
    }

    /// `LE64(length) ‖ bytes`.
    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(length_of(&self.0).to_le_bytes());
        bytes.extend(&self.0);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let offset = reader.offset();
        let length = usize::try_from(reader.number()?).unwrap_or(usize::MAX);
        if length > MOST_VOTER_ID_BYTES {
            return Err(DecodeError::Number { offset });
        }
        VoterId::new(reader.slice(length)?).ok_or(DecodeError::Number { offset })
    }
}

named_form!(VoterId: "voter-id", DecodeError);

/// [`escaped`]: nothing in it is obeyed by a terminal or hidden.
impl fmt::Display for VoterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&escaped(&self.0), f)
    }
}

impl fmt::Debug for VoterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VoterId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;

    fn shown(bytes: &[u8]) -> alloc::string::String {
        VoterId::new(bytes).unwrap().to_string()
    }

    #[test]
    fn attack_19_ids_are_shown_without_anything_that_a_terminal_obeys() {
        assert_eq!(shown("Jo O'Doe é 東".as_bytes()), "Jo O'Doe é 東");
        assert_eq!(shown(b"a\x1b[31m\r\n\t\0\x7f"), r"a\u{1b}[31m\u{d}\u{a}\u{9}\u{0}\u{7f}");
        let unseen = "\u{202e}\u{2066}\u{200b}\u{feff}\u{85}\u{2028}\u{ad}";
        assert_eq!(shown(unseen.as_bytes()), r"\u{202e}\u{2066}\u{200b}\u{feff}\u{85}\u{2028}\u{ad}");
        assert_eq!(shown(b"\xff\\"), r"\x{ff}\\");
        assert_ne!(shown(b"\xff"), shown(br"\x{ff}"));
        assert_eq!(format!("{:?}", VoterId::new("a\n").unwrap()), r"VoterId(a\u{a})");
    }

    #[test]
    fn a_voter_id_reads_only_what_it_writes() {
        for length in [1, 2, 256] {
            let id = VoterId::new(alloc::vec![7; length]).unwrap();
            assert_eq!(VoterId::from_bytes(&id.to_bytes()), Ok(id));
        }
        let form = |length| [form(Kind::VoterId), alloc::vec![7; length]].concat();
        let short = DecodeError::TooShort { expected: 3, actual: 2 };
        assert_eq!(VoterId::from_bytes(&form(0)), Err(short));
        let long = DecodeError::TooLong { expected: 258, actual: 259 };
        assert_eq!(VoterId::from_bytes(&form(257)), Err(long));
    }

    #[test]
    fn ids_have_1_to_256_bytes() {
        assert!(VoterId::new([]).is_none());
        assert!(VoterId::new([0; 257]).is_none());
        let longest = VoterId::new([7; 256]).unwrap();
        let mut bytes = Vec::new();
        longest.write(&mut bytes);
        assert_eq!(VoterId::read(&mut Reader::new(&bytes)), Ok(longest));
        for length in [0, 257, u64::MAX] {
            let bytes = [&length.to_le_bytes()[..], &[7; 300]].concat();
            assert_eq!(VoterId::read(&mut Reader::new(&bytes)), Err(DecodeError::Number { offset: 0 }));
        }
    }
}
