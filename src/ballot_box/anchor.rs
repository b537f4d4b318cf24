//! What is kept apart from the log, to tell when its end is lost.

use alloc::vec::Vec;

use super::Head;
use super::log::Link;
use crate::contest::Fingerprint;
use crate::primitives::form::named_form;
use crate::primitives::wire::{DecodeError, Kind, Reader, form};

/// How far a box's log has come: the number of its entries, the digest of the last, which is chained to all
/// before it, and the head of the box after it.
///
/// One replaces the other, once a transaction: stored after the entries, elsewhere than these (another disk,
/// another machine, so that what takes back the log does not take back both), and before anyone is answered.
/// A box that is made again from its log must reach it. 218 bytes; nothing in it is secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    pub(super) link: Link,
    head: Head,
}

impl Anchor {
    pub(super) fn new(link: Link, head: Head) -> Self {
        Anchor { link, head }
    }

    /// The contest.
    #[must_use]
    pub fn contest(&self) -> Fingerprint {
        self.head.contest
    }

    /// How many entries the log has.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.link.entries
    }

    /// The head of the box, as voters and monitors get it.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Form: kind ‖ version ‖ LE64(entries) ‖ digest of the last entry ‖ fingerprint ‖ opening digest ‖
    /// LE64(size) ‖ root ‖ LE64(at) ‖ signature.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = form(Kind::Anchor);
        bytes.extend(self.link.entries.to_le_bytes());
        bytes.extend(self.link.digest);
        self.head.write(&mut bytes);
        bytes
    }

    /// Reads what [`Anchor::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset. An anchor of no entry is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::Anchor, bytes)?;
        let offset = reader.offset();
        let entries = match reader.integer()? {
            0 => return Err(DecodeError::Number { offset }),
            entries => entries,
        };
        let digest = *reader.array()?;
        let head = Head::read(&mut reader)?;
        reader.finish()?;
        Ok(Anchor { link: Link { entries, digest }, head })
    }
}

named_form!(Anchor: "anchor", DecodeError);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ballot_box::OpeningDigest;
    use crate::primitives::wire::INTEGER_LIMIT;
    use crate::primitives::{SigningKey, UnixTime};

    #[test]
    fn anchors_read_only_what_they_write() {
        let (contest, opening) = (Fingerprint::from_bytes([1; 32]), OpeningDigest::from_bytes([5; 32]));
        let key = SigningKey::from_seed(&[7; 32]);
        let head = Head::sign(contest, opening, 3, [2; 32], UnixTime::from_seconds(1_500), &key);
        let anchor = Anchor::new(Link { entries: 9, digest: [8; 32] }, head);
        let bytes = anchor.to_bytes();
        assert_eq!(bytes.len(), 2 + 8 + 32 + 176);
        assert_eq!(Anchor::from_bytes(&bytes), Ok(anchor));
        let short = DecodeError::TooShort { expected: bytes.len(), actual: bytes.len() - 1 };
        assert_eq!(Anchor::from_bytes(&bytes[..bytes.len() - 1]), Err(short));
        let long = DecodeError::TooLong { expected: bytes.len(), actual: bytes.len() + 1 };
        assert_eq!(Anchor::from_bytes(&[&bytes[..], &[0]].concat()), Err(long));
        for (offset, number) in [(2, 0), (2, INTEGER_LIMIT), (106, INTEGER_LIMIT)] {
            let mut bad = bytes.clone();
            bad[offset..offset + 8].copy_from_slice(&number.to_le_bytes());
            assert_eq!(Anchor::from_bytes(&bad), Err(DecodeError::Number { offset }));
        }
        let kind = DecodeError::Kind { expected: Kind::Anchor, actual: Kind::Head.byte() };
        assert_eq!(Anchor::from_bytes(&head.to_bytes()), Err(kind));
    }
}
