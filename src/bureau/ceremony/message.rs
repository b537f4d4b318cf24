//! The messages of the regular course: commitment, reveal, confirmation.

use alloc::vec::Vec;

use super::CommitmentDigest;
use crate::bureau::{TrusteeIndex, trustee_signature};
use crate::primitives::form::named_form;
use crate::primitives::proof::Proof;
use crate::primitives::wire::{DecodeError, Kind, Reader, form};

/// A trustee's signed commitment to the polynomials it will reveal.
///
/// Form, 99 bytes: kind ‖ version ‖ trustee (1) ‖ digest (32) ‖ `c` ‖ `z`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    pub(super) trustee: TrusteeIndex,
    pub(super) digest: CommitmentDigest,
    pub(super) signature: Proof,
}

impl Commitment {
    /// Whose commitment it says it is.
    #[must_use]
    pub fn trustee(&self) -> TrusteeIndex {
        self.trustee
    }

    /// What the trustee commits to.
    #[must_use]
    pub fn digest(&self) -> CommitmentDigest {
        self.digest
    }

    /// The trustee's signature, not verified by reading it.
    #[must_use]
    pub fn signature(&self) -> &Proof {
        &self.signature
    }

    /// The form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = form(Kind::Commitment);
        bytes.push(self.trustee.get());
        bytes.extend(self.digest.as_bytes());
        bytes.extend(self.signature.to_bytes());
        bytes
    }

    /// Reads the form. The signature is verified when the message is used.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] for every other form, which names both kinds if it is another; a trustee's number
    /// of 0 is [`DecodeError::Number`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::Commitment, bytes)?;
        let message = Commitment {
            trustee: read_trustee(&mut reader)?,
            digest: CommitmentDigest::from_bytes(*reader.array()?),
            signature: Proof::read(&mut reader)?,
        };
        reader.finish()?;
        Ok(message)
    }
}

named_form!(Commitment: "commitment", DecodeError);

/// What a trustee reveals once all have committed: the public points of its polynomials, a sealed
/// share for every trustee of its panel and slot, and the proof of possession that also signs all of it.
///
/// Points and shares are kept as they came. Whether there are as many as there should be, and whether
/// the shares decode, is found out only after the proof: what is wrong in a reveal whose proof holds is the
/// dealer's own doing.
///
/// Form: kind ‖ version ‖ trustee (1) ‖ slots (1) ‖ for each slot: points (1), 32 bytes each ‖
/// LE64(shares) ‖ 32 bytes each ‖ `c` ‖ `z`. With m slots and a panel of n trustees and threshold t,
/// 76 + m·(1 + 32·(t + n)) bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reveal {
    pub(super) trustee: TrusteeIndex,
    pub(super) commitments: Vec<Vec<[u8; 32]>>,
    pub(super) shares: Vec<[u8; 32]>,
    pub(super) proof: Proof,
}

impl Reveal {
    /// Whose reveal it says it is.
    #[must_use]
    pub fn trustee(&self) -> TrusteeIndex {
        self.trustee
    }

    /// The points `F_{i,s,k}` as they came: for each slot, one for each coefficient.
    #[must_use]
    pub fn commitments(&self) -> &[Vec<[u8; 32]>] {
        &self.commitments
    }

    /// The sealed shares as they came, recipient-major: those of all slots for the first trustee of the
    /// dealer's panel, then those for the second, and so on.
    #[must_use]
    pub fn shares(&self) -> &[[u8; 32]] {
        &self.shares
    }

    /// The proof of possession, not verified by reading it.
    #[must_use]
    pub fn proof(&self) -> &Proof {
        &self.proof
    }

    /// Whether another reveal has the same points and shares. Its proof may be another: every proof of the
    /// same has its own nonce.
    pub(super) fn deals_as(&self, other: &Reveal) -> bool {
        self.commitments == other.commitments && self.shares == other.shares
    }

    /// The form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = form(Kind::Reveal);
        self.write(&mut bytes);
        bytes
    }

    /// What follows kind and version, here and in a complaint.
    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(self.trustee.get());
        bytes.push(count(&self.commitments));
        for slot in &self.commitments {
            bytes.push(count(slot));
            bytes.extend(slot.as_flattened());
        }
        bytes.extend(crate::primitives::hash::length_of(&self.shares).to_le_bytes());
        bytes.extend(self.shares.as_flattened());
        bytes.extend(self.proof.to_bytes());
    }

    /// Reads the form, of any shape. Shape, points, shares and proof are checked when the message
    /// is used.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] for every other form, which names both kinds if it is another; a trustee's number
    /// of 0 is [`DecodeError::Number`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::Reveal, bytes)?;
        let reveal = Reveal::read(&mut reader)?;
        reader.finish()?;
        Ok(reveal)
    }

    /// Reads what [`Reveal::write`] wrote.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let trustee = read_trustee(reader)?;
        let slots = reader.byte()?;
        let commitments = reader.many(slots.into(), 1, |reader| {
            let points = reader.byte()?;
            reader.many(points.into(), 32, |reader| reader.array().copied())
        })?;
        let offset = reader.offset();
        let shares = usize::try_from(reader.number()?).map_err(|_| DecodeError::Number { offset })?;
        let shares = reader.many(shares, 32, |reader| reader.array().copied())?;
        Ok(Reveal { trustee, commitments, shares, proof: Proof::read(reader)? })
    }
}

named_form!(Reveal: "reveal", DecodeError);

trustee_signature! {
    /// A trustee's signature under the key that has come out: it holds a good share of this very key and
    /// knows of no complaint.
    Confirmation, Confirmation, "confirmation"
}

pub(super) fn read_trustee(reader: &mut Reader<'_>) -> Result<TrusteeIndex, DecodeError> {
    let offset = reader.offset();
    TrusteeIndex::new(reader.byte()?).ok_or(DecodeError::Number { offset })
}

/// A count that is at most 255, because it was read from one byte or is one of a ceremony.
fn count<T>(slice: &[T]) -> u8 {
    u8::try_from(slice.len()).unwrap_or(u8::MAX)
}
