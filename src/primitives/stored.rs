//! What a role stores: its secrets and its memory in one form, and at its end a tag that nobody makes without
//! the secrets.
//!
//! The tag is a challenge of the transcript `urne/2 stored` over everything before it. The secrets are among that,
//! so whoever can write the file and not read it changes nothing in it: not the election key, not one point of
//! another panel, not an endorsement. It does not tell an old file from the last one.

use alloc::vec::Vec;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::declassify;
use super::hash::length_of;
use super::labels::{self, WIRE_VERSION, item};
use super::transcript::Transcript;
use super::wire::{DecodeError, Kind, Reader};

/// Bytes on their way into storage. They grow without leaving copies behind.
pub(crate) struct Storing(Zeroizing<Vec<u8>>);

impl Storing {
    /// The beginning of a form of about so many bytes.
    pub(crate) fn form(kind: Kind, capacity: usize) -> Self {
        let mut storing = Storing(Zeroizing::new(Vec::with_capacity(capacity.saturating_add(64))));
        storing.write(&[kind.byte(), WIRE_VERSION]);
        storing
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let needed = self.0.len().saturating_add(bytes.len());
        if needed > self.0.capacity() {
            let mut grown = Zeroizing::new(Vec::with_capacity(needed.max(self.0.len().saturating_mul(2))));
            grown.extend_from_slice(&self.0);
            // The old one is wiped.
            self.0 = grown;
        }
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn number(&mut self, number: u64) {
        self.write(&number.to_le_bytes());
    }

    /// How many there are of what follows.
    pub(crate) fn count<T>(&mut self, of: &[T]) {
        self.number(length_of(of));
    }

    /// A form inside of this one, with its length before it.
    pub(crate) fn part(&mut self, part: &[u8]) {
        self.count(part);
        self.write(part);
    }

    /// The whole form, with its tag.
    pub(crate) fn finish(mut self) -> Zeroizing<Vec<u8>> {
        let tag = tag(&self.0);
        self.write(&tag);
        self.0
    }
}

fn tag(stored: &[u8]) -> [u8; 32] {
    let mut transcript = Transcript::new(labels::STORED);
    transcript.append(item::STORED, stored);
    transcript.challenge_bytes(item::TAG)
}

/// Reads the tag, which is the last field, and checks it. `stored` is the whole of what the reader reads.
pub(crate) fn finish(mut reader: Reader<'_>, stored: &[u8]) -> Result<(), DecodeError> {
    let found = *reader.array::<32>()?;
    reader.finish()?;
    let before = stored.get(..stored.len().saturating_sub(32)).unwrap_or(&[]);
    if declassify::verdict(found.ct_eq(&tag(before))) { Ok(()) } else { Err(DecodeError::Altered) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
        let mut storing = Storing::form(Kind::Trustee, 0);
        parts.iter().for_each(|part| storing.write(part));
        storing.finish()
    }

    fn read(stored: &[u8]) -> Result<(), DecodeError> {
        let mut reader = Reader::form(Kind::Trustee, stored)?;
        reader.slice(stored.len().saturating_sub(34))?;
        finish(reader, stored)
    }

    #[test]
    fn however_it_grows_the_same_comes_out() {
        let whole: Vec<u8> = (0..=255).cycle().take(1_000).collect();
        let pieces: Vec<_> = whole.chunks(7).collect();
        assert_eq!(*written(&pieces), *written(&[&whole]));
        assert_eq!(written(&[]).len(), 34);
    }

    #[test]
    fn attack_22_what_was_altered_anywhere_is_not_read() {
        let stored = written(&[&[7; 300]]);
        assert_eq!(read(&stored), Ok(()));
        for at in 2..stored.len() {
            let mut altered = stored.to_vec();
            altered[at] ^= 1;
            assert_eq!(read(&altered), Err(DecodeError::Altered), "{at}");
        }
        for length in 2..stored.len() {
            assert!(read(&stored[..length]).is_err(), "{length}");
        }
        // The tag is of these bytes and no others: not of their beginning, nor with more after them.
        let longer = [&stored[..stored.len() - 32], &[0], &stored[stored.len() - 32..]].concat();
        assert_eq!(read(&longer), Err(DecodeError::Altered));
    }

    /// In memory that is free again, of which an allocator uses the beginning for itself.
    #[cfg(target_os = "linux")]
    #[test]
    fn attack_19_what_grows_leaves_nothing_where_it_stood() {
        let memory = crate::test_support::OwnMemory::open();
        let mut storing = Storing::form(Kind::Trustee, 0);
        storing.write(&[7; 40]);
        let before = storing.0.as_ptr().expose_provenance();
        assert_eq!(memory.at::<42>(before)[2..], [7; 40]);
        storing.write(&[8; 4_000]);
        let left = memory.at::<42>(before);
        // Never where it stood: growing there is what nobody can wipe after.
        assert_ne!(storing.0.as_ptr().addr(), before);
        assert!(!left.windows(4).any(|four| four == [7; 4]), "{left:?}");
    }

    #[test]
    fn attack_19_what_is_stored_is_wiped() {
        // No `..`: a new field must be looked at here.
        let _ = |Storing(bytes): &Storing| {
            let _: &Zeroizing<Vec<u8>> = bytes;
        };
    }
}
