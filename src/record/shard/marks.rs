//! What must be compared across shards.

use alloc::vec::Vec;
use core::fmt;

use crate::primitives::wire::{DecodeError, Reader};

/// What a mark is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkKind {
    /// The reference of a ballot that decodes.
    Reference,
    /// The reference of a ballot that does not.
    Undecodable,
    /// The credential of a ballot.
    Credential,
    /// The `R` of a ballot.
    Nonce,
    /// The credential of an entry of the roll.
    Entry,
    /// The credential of an entry of the roll that is revoked.
    Revoked,
}

impl MarkKind {
    /// Every kind, in order of their bytes.
    pub(super) const ALL: [MarkKind; 6] = [
        MarkKind::Reference,
        MarkKind::Undecodable,
        MarkKind::Credential,
        MarkKind::Nonce,
        MarkKind::Entry,
        MarkKind::Revoked,
    ];

    pub(super) fn byte(self) -> u8 {
        match self {
            MarkKind::Reference => 0,
            MarkKind::Undecodable => 1,
            MarkKind::Credential => 2,
            MarkKind::Nonce => 3,
            MarkKind::Entry => 4,
            MarkKind::Revoked => 5,
        }
    }
}

impl fmt::Display for MarkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MarkKind::Reference => "references",
            MarkKind::Undecodable => "ballots that do not decode",
            MarkKind::Credential => "credentials",
            MarkKind::Nonce => "R",
            MarkKind::Entry => "entries of the roll",
            MarkKind::Revoked => "revoked entries of the roll",
        })
    }
}

/// A value that must be compared with those of all other ballots or entries: 41 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    kind: MarkKind,
    value: [u8; 32],
    index: u64,
}

impl Mark {
    /// Bytes of a mark.
    pub const LENGTH: usize = 41;

    pub(super) fn new(kind: MarkKind, value: [u8; 32], index: u64) -> Self {
        Mark { kind, value, index }
    }

    /// What it is of.
    #[must_use]
    pub fn kind(&self) -> MarkKind {
        self.kind
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> [u8; 32] {
        self.value
    }

    /// The ballot or entry, from 0.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Marks that may be equal are in the same of 256 buckets: the first byte of the value.
    #[must_use]
    pub fn bucket(&self) -> u8 {
        let [first, ..] = self.value;
        first
    }

    /// Kind (1 byte) ‖ value ‖ LE64(index). There is no version: marks are made and used in one audit.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Mark::LENGTH] {
        let mut bytes = [0; Mark::LENGTH];
        let fields = [self.kind.byte()].into_iter().chain(self.value).chain(self.index.to_le_bytes());
        bytes.iter_mut().zip(fields).for_each(|(byte, field)| *byte = field);
        bytes
    }

    /// Reads what [`Mark::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset: another length, an unknown kind, an index that is not below 2^53.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let byte = reader.byte()?;
        let kind = MarkKind::ALL.into_iter().find(|kind| kind.byte() == byte);
        let kind = kind.ok_or(DecodeError::Number { offset: 0 })?;
        let mark = Mark { kind, value: *reader.array()?, index: reader.integer()? };
        reader.finish()?;
        Ok(mark)
    }
}

/// How many marks there were, and a sum over them that does not depend on their order: marks that are lost, given
/// twice or damaged on their way are noticed. It does not hinder whoever makes up marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) marks: u64,
    sum: u128,
}

/// Odd, and with bits all over: the fraction of the golden ratio.
const MULTIPLIER: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

impl Seen {
    pub(super) fn of<'a>(marks: impl Iterator<Item = &'a Mark>) -> Self {
        let mut seen = Seen::default();
        marks.for_each(|mark| seen.see(mark));
        seen
    }

    pub(super) fn see(&mut self, mark: &Mark) {
        // An odd multiplier: whatever one half changes by, the sum of both changes.
        let (halves, _) = mark.value.as_chunks();
        let value = halves.iter().fold(0u128, |value, half| {
            value.wrapping_mul(MULTIPLIER).wrapping_add(u128::from_le_bytes(*half))
        });
        let weight = u128::from(mark.index).saturating_mul(2).saturating_add(1);
        self.marks = self.marks.saturating_add(1);
        self.sum = self.sum.wrapping_add(value.wrapping_mul(weight));
    }

    pub(super) fn add(&mut self, other: &Seen) {
        self.marks = self.marks.saturating_add(other.marks);
        self.sum = self.sum.wrapping_add(other.sum);
    }

    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.marks.to_le_bytes());
        bytes.extend(self.sum.to_le_bytes());
    }

    /// Of fewer than 2^53 marks.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let marks = reader.integer()?;
        Ok(Seen { marks, sum: u128::from_le_bytes(*reader.array()?) })
    }
}
