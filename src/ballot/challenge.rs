//! Benaloh's challenge: a ballot opened for all to see.

use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::scalar::Scalar;

use super::choice::Choice;
use super::seal::encrypt;
use super::statement::Parts;
use super::{Ballot, BallotError, BallotReference};
use crate::contest::ApprovedContest;
use crate::primitives::labels;
use crate::primitives::wire::{DecodeError, Reader, serde_bytes};

/// A ballot that its voter opened: the choice, the nonce and the bytes. It cannot be cast.
///
/// Anyone checks with [`ChallengedBallot::verify`] that the ballot whose reference was shown encrypts
/// this choice.
#[derive(Clone, PartialEq, Eq)]
pub struct ChallengedBallot {
    choice: u8,
    r: Scalar,
    ballot: Vec<u8>,
}

impl ChallengedBallot {
    pub(super) fn new(choice: u8, r: Scalar, ballot: Vec<u8>) -> Self {
        ChallengedBallot { choice, r, ballot }
    }

    /// The ballot's bytes.
    #[must_use]
    pub fn ballot(&self) -> &[u8] {
        &self.ballot
    }

    /// The encoding of the ballot's credential; zeros when the bytes are too short to be a ballot.
    pub(crate) fn credential(&self) -> [u8; 32] {
        Parts::of(&self.ballot).credential.first_chunk().copied().unwrap_or_default()
    }

    /// The encoding of the ballot's `R`; zeros when the bytes are too short to be a ballot.
    pub(crate) fn nonce(&self) -> [u8; 32] {
        Parts::of(&self.ballot).nonce()
    }

    /// `01 ‖ choice (1 byte, 0 for blank) ‖ nonce ‖ ballot`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = alloc::vec![labels::WIRE_VERSION, self.choice];
        bytes.extend(self.r.as_bytes());
        bytes.extend(&self.ballot);
        bytes
    }

    /// Reads what [`ChallengedBallot::to_bytes`] gave. What it claims is for
    /// [`verify`](ChallengedBallot::verify) to check.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] when the head is not of that form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::versioned(bytes)?;
        let choice = reader.byte()?;
        let r = reader.scalar()?;
        Ok(ChallengedBallot { choice, r, ballot: reader.rest().to_vec() })
    }

    /// Checks the opening against the reference that was shown before it, and gives the choice that
    /// the ballot encrypts.
    ///
    /// # Errors
    ///
    /// [`ChallengeError::Reference`] when these are not the bytes of the reference,
    /// [`ChallengeError::Ballot`] when they are not a ballot of the contest or its proof does not hold,
    /// and [`ChallengeError::Choice`], [`ChallengeError::Nonce`] or [`ChallengeError::List`] when it
    /// does not encrypt what the opening says.
    pub fn verify(
        &self,
        contest: &ApprovedContest,
        shown: &BallotReference,
    ) -> Result<Choice, ChallengeError> {
        let actual = BallotReference::of(contest.contest(), &self.ballot);
        if actual != *shown {
            return Err(ChallengeError::Reference { expected: *shown, actual });
        }
        let ballot = Ballot::from_bytes(contest, &self.ballot)
            .and_then(|ballot| ballot.verify(contest))
            .map_err(ChallengeError::Ballot)?;
        let lists = contest.contest().lists();
        let choice = Choice::from_number(self.choice, lists)
            .ok_or(ChallengeError::Choice { lists, actual: self.choice })?;
        let bits = (1..=lists).map(|list| subtle::Choice::from(u8::from(list == self.choice)));
        let expected = encrypt(contest.contest(), None, &self.r, bits);
        let actual = Parts::of(ballot.as_bytes()).ciphertext.chunks(32);
        let differs = expected.iter().zip(actual).position(|(expected, actual)| expected != actual);
        match differs.map(u8::try_from) {
            None => Ok(choice),
            Some(Ok(0)) => Err(ChallengeError::Nonce),
            Some(Ok(list)) => Err(ChallengeError::List { list }),
            Some(Err(_)) => Err(ChallengeError::Nonce),
        }
    }
}

impl fmt::Debug for ChallengedBallot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChallengedBallot").field("choice", &self.choice).finish_non_exhaustive()
    }
}

serde_bytes!(ChallengedBallot, ChallengedBallot::from_bytes);

/// Why an opened ballot does not show what it should.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeError {
    /// The ballot is not the one whose reference was shown.
    Reference {
        /// The reference shown.
        expected: BallotReference,
        /// The reference of these bytes.
        actual: BallotReference,
    },
    /// The ballot is none of this contest, or its proof does not hold.
    Ballot(BallotError),
    /// The opening names no choice of the contest.
    Choice {
        /// Lists of the contest.
        lists: u8,
        /// The number named.
        actual: u8,
    },
    /// `R` is not made from the nonce.
    Nonce,
    /// The ciphertext for a list is not what the nonce and choice give: the device cheated.
    List {
        /// The first such list.
        list: u8,
    },
}

impl fmt::Display for ChallengeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChallengeError::Reference { expected, actual } => {
                write!(f, "the opened ballot is {actual}, not {expected} as shown")
            }
            ChallengeError::Ballot(error) => write!(f, "the opened ballot: {error}"),
            ChallengeError::Choice { lists, actual } => {
                write!(f, "the opening names list {actual} where the contest has {lists}")
            }
            ChallengeError::Nonce => f.write_str("the ballot was not made with the nonce of its opening"),
            ChallengeError::List { list } => {
                write!(f, "the ballot does not encrypt the opened choice at list {list}")
            }
        }
    }
}

impl core::error::Error for ChallengeError {}
