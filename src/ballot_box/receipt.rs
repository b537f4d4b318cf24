//! What a voter takes home: acknowledgement, émargement and deposit proof, and how to check them.
//!
//! All are checked with the voter's own ballot bytes and the contest, whose fingerprint holds the box's
//! key; nothing the server says is believed. A [`DepositProof`] shows that the voter's ballot entered
//! the box, under the box's signature, and a consistency path shows that the box was never forked or
//! rewritten from there to the [closing](crate::ballot_box::Closing).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

use crate::ballot::BallotReference;
use crate::primitives::ed25519::{SigningKey, Signature};
use crate::ballot_box::Closing;
use crate::contest::{Contest, Fingerprint};
use crate::primitives::hash::{FieldHash, length_of};
use crate::primitives::labels;
use crate::ballot_box::merkle::{BrokenPath, MerklePath};
use crate::ballot_box::RollDigest;
use crate::primitives::time::UnixTime;
use crate::primitives::wire::{DecodeError, Reader, serde_bytes};

mod error;

pub use error::ReceiptError;

/// Longest voter id, in bytes.
pub const MOST_VOTER_ID_BYTES: usize = 256;

/// How an application names a voter: 1 to 256 bytes of its own choice. Never published.
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

impl fmt::Display for VoterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for VoterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VoterId({self})")
    }
}

/// The state of the box after a deposit, under the box's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of ballots.
    pub size: u64,
    /// Merkle root over their references.
    pub root: [u8; 32],
    /// When the last of them was deposited; never decreases.
    pub at: UnixTime,
    /// The box's signature.
    pub signature: Signature,
}

impl Head {
    pub(crate) fn sign(
        contest: Fingerprint,
        size: u64,
        root: [u8; 32],
        at: UnixTime,
        key: &SigningKey,
    ) -> Self {
        Head { size, root, at, signature: key.sign(&head_digest(contest, size, &root, at)) }
    }

    /// Checks the box's signature.
    ///
    /// # Errors
    ///
    /// [`ReceiptError::Head`] when it does not hold.
    pub fn verify(&self, contest: &Contest) -> Result<(), ReceiptError> {
        let Head { size, root, at, signature } = self;
        let digest = head_digest(contest.fingerprint(), *size, root, *at);
        contest.description().box_key.verify(&digest, signature).map_err(ReceiptError::Head)
    }

    /// Checks that the box at this head is the beginning of the closed box.
    ///
    /// # Errors
    ///
    /// [`ReceiptError::Head`], [`ReceiptError::Closing`] when the closing's signature does not hold,
    /// [`ReceiptError::ClosedEarlier`] when it is of an earlier time, and [`ReceiptError::Fork`] when the
    /// path does not lead from this head to the closing: the box was forked, rewritten or cut.
    pub fn verify_consistency(
        &self,
        contest: &Contest,
        closing: &Closing,
        roll: RollDigest,
        path: &MerklePath,
    ) -> Result<(), ReceiptError> {
        self.verify(contest)?;
        let digest = closing.digest(contest, roll);
        contest
            .description()
            .box_key
            .verify(digest.as_bytes(), &closing.signature)
            .map_err(ReceiptError::Closing)?;
        if closing.at < self.at {
            return Err(ReceiptError::ClosedEarlier { head: self.at, closing: closing.at });
        }
        path.verify_consistency((self.size, &self.root), (closing.size, &closing.root))
            .map_err(|BrokenPath| ReceiptError::Fork { size: self.size, closing: closing.size })
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.size.to_le_bytes());
        bytes.extend(self.root);
        bytes.extend(self.at.seconds().to_le_bytes());
        bytes.extend(self.signature.to_bytes());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Head {
            size: reader.integer()?,
            root: *reader.array()?,
            at: UnixTime::from_seconds(reader.integer()?),
            signature: Signature::from_bytes(*reader.array()?),
        })
    }

    /// `01 ‖ LE64(size) ‖ root ‖ LE64(at) ‖ signature`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = alloc::vec![labels::WIRE_VERSION];
        self.write(&mut bytes);
        bytes
    }

    /// Reads what [`Head::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::versioned(bytes)?;
        let head = Head::read(&mut reader)?;
        reader.finish()?;
        Ok(head)
    }
}

serde_bytes!(Head, Head::from_bytes);

fn head_digest(contest: Fingerprint, size: u64, root: &[u8; 32], at: UnixTime) -> [u8; 32] {
    FieldHash::new(labels::HEAD)
        .bytes(contest.as_bytes())
        .number(size)
        .bytes(root)
        .number(at.seconds())
        .finish()
}

/// The signing of the roll (émargement): the box's word that a voter has voted, and when. It says
/// nothing of the ballot and can be given again at any time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emargement {
    /// The contest.
    pub contest: Fingerprint,
    /// The voter.
    pub voter: VoterId,
    /// When the voter voted.
    pub at: UnixTime,
    /// The box's signature.
    pub signature: Signature,
}

impl Emargement {
    pub(crate) fn sign(contest: Fingerprint, voter: VoterId, at: UnixTime, key: &SigningKey) -> Self {
        let signature = key.sign(&signing_digest(contest, &voter, at));
        Emargement { contest, voter, at, signature }
    }

    /// Checks the box's signature.
    ///
    /// # Errors
    ///
    /// [`ReceiptError::ForeignContest`] or [`ReceiptError::Emargement`].
    pub fn verify(&self, contest: &Contest) -> Result<(), ReceiptError> {
        let Emargement { contest: fingerprint, voter, at, signature } = self;
        check_contest(contest, *fingerprint)?;
        let digest = signing_digest(*fingerprint, voter, *at);
        contest.description().box_key.verify(&digest, signature).map_err(ReceiptError::Emargement)
    }

    /// `01 ‖ fingerprint ‖ LE64(length) ‖ voter ‖ LE64(at) ‖ signature`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = alloc::vec![labels::WIRE_VERSION];
        bytes.extend(self.contest.to_bytes());
        self.voter.write(&mut bytes);
        bytes.extend(self.at.seconds().to_le_bytes());
        bytes.extend(self.signature.to_bytes());
        bytes
    }

    /// Reads what [`Emargement::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::versioned(bytes)?;
        let emargement = Emargement {
            contest: Fingerprint::from_bytes(*reader.array()?),
            voter: VoterId::read(&mut reader)?,
            at: UnixTime::from_seconds(reader.integer()?),
            signature: Signature::from_bytes(*reader.array()?),
        };
        reader.finish()?;
        Ok(emargement)
    }
}

serde_bytes!(Emargement, Emargement::from_bytes);

fn signing_digest(contest: Fingerprint, voter: &VoterId, at: UnixTime) -> [u8; 32] {
    FieldHash::new(labels::SIGNING)
        .bytes(contest.as_bytes())
        .bytes(voter.as_bytes())
        .number(at.seconds())
        .finish()
}

/// What the voter is told when a ballot is in: contest, time and reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The contest.
    pub contest: Fingerprint,
    /// When the ballot was deposited.
    pub at: UnixTime,
    /// Reference of the ballot that was deposited.
    pub reference: BallotReference,
}

/// The proof that a ballot entered the box (preuve de dépôt).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepositProof {
    /// Reference of the ballot.
    pub reference: BallotReference,
    /// Its place in the box, from 0.
    pub index: u64,
    /// The box just after it: `index + 1` ballots.
    pub head: Head,
    /// The way from the reference to the head's root.
    pub path: MerklePath,
}

impl DepositProof {
    /// Checks everything from the voter's own ballot bytes: that they are the ballot of the reference,
    /// the last of the head's tree, and that the box signed that head.
    ///
    /// # Errors
    ///
    /// [`ReceiptError::OtherBallot`] when the proof is of another ballot, [`ReceiptError::Position`] when
    /// the head is not the one just after it, [`ReceiptError::NotIncluded`] when the path does not lead to
    /// the head's root, and [`ReceiptError::Head`] when the box did not sign it.
    pub fn verify(&self, contest: &Contest, my_ballot: &[u8]) -> Result<(), ReceiptError> {
        let DepositProof { reference, index, head, path } = self;
        let own = BallotReference::of(contest, my_ballot);
        if own != *reference {
            return Err(ReceiptError::OtherBallot { expected: own, actual: *reference });
        }
        if index.checked_add(1) != Some(head.size) {
            return Err(ReceiptError::Position { index: *index, size: head.size });
        }
        head.verify(contest)?;
        path.verify_inclusion(&own, *index, head.size, &head.root)
            .map_err(|BrokenPath| ReceiptError::NotIncluded { reference: own })
    }

    /// `01 ‖ LE64(number) ‖ reference ‖ LE64(index) ‖ LE64(size) ‖ root ‖ LE64(at) ‖ signature ‖ path`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = alloc::vec![labels::WIRE_VERSION];
        bytes.extend(self.reference.number().to_le_bytes());
        bytes.extend(self.reference.digest());
        bytes.extend(self.index.to_le_bytes());
        self.head.write(&mut bytes);
        bytes.extend(self.path.to_bytes());
        bytes
    }

    /// Reads what [`DepositProof::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::versioned(bytes)?;
        let offset = reader.offset();
        let number = reader.number()?;
        let reference =
            BallotReference::from_parts(number, *reader.array()?).ok_or(DecodeError::Number { offset })?;
        let index = reader.integer()?;
        let head = Head::read(&mut reader)?;
        let path = MerklePath::from_bytes(reader.rest())?;
        Ok(DepositProof { reference, index, head, path })
    }
}

serde_bytes!(DepositProof, DepositProof::from_bytes);

/// What the box answers to a deposit.
///
/// ```
#[doc = include_str!("example_contest.txt")]
/// # use urne::electoral_roll::{Issue, Validity};
/// # let voter = VoterId::new("Jo Doe").ok_or("1 to 256 bytes")?;
/// # let credential = Credential::derive(contest.contest(), &VotingCode::generate(rng));
/// # let mut roll = ElectoralRoll::new(contest.clone());
/// # let (public, validity) = (credential.public(), Validity::UntilClose);
/// # roll.register(voter.clone(), Issue { credential: public, issued_at: before, validity })?;
/// # let (mut ballot_box, _) = BallotBox::open(roll, before, box_key)?;
/// # let nonce = ActivationNonce::generate(rng);
/// # ballot_box.activate(&voter, &nonce, &Activation::new(&credential, &nonce, rng), now)?;
/// use urne::receipt::{DepositProof, ReceiptError};
///
/// let ballot = SealedBallot::seal(&contest, Choice::List(1), &credential, rng)?.cast();
/// let receipt = ballot_box.deposit(&voter, &ballot, now)?.receipt;
/// // By the voter's own clock, within a minute.
/// let window = UnixTime::from_seconds(1_440)..=UnixTime::from_seconds(1_560);
/// receipt.verify(contest.contest(), &voter, &ballot, window)?;
///
/// // Kept in a file, and checked again when the box is closed: the ballot is still in it.
/// let kept = receipt.deposit_proof.ok_or("given with the first answer")?.to_bytes();
/// let (closed, _) = ballot_box.close(closes_at)?;
/// let proof = DepositProof::from_bytes(&kept)?;
/// proof.verify(contest.contest(), &ballot)?;
/// let path = closed.consistency(proof.head.size).ok_or("the box has shrunk")?;
/// let roll = closed.roll().digest();
/// proof.head.verify_consistency(contest.contest(), closed.closing(), roll, &path)?;
///
/// // It is about this ballot and no other.
/// let other = SealedBallot::seal(&contest, Choice::List(1), &credential, rng)?.cast();
/// let refused = proof.verify(contest.contest(), &other);
/// assert!(matches!(refused, Err(ReceiptError::OtherBallot { .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Contest, time and reference.
    pub acknowledgement: Acknowledgement,
    /// The signing of the roll.
    pub emargement: Emargement,
    /// The proof of deposit; not there when it has been given before and the box gives it only once.
    pub deposit_proof: Option<DepositProof>,
}

impl Receipt {
    /// Checks an answer against what the voter sent: that every part of it is about this contest, this
    /// voter and these ballot bytes, agrees on the time, and holds. `window` is when, by the voter's own
    /// clock, the ballot was sent and the answer came, with as much tolerance as that clock needs; a
    /// box that back-dates a vote is caught by it.
    ///
    /// A receipt without a deposit proof can be right: that of a ballot sent again, from a box that gives the
    /// proof once. With the first answer to a ballot sent once it must be there, and without it the voter
    /// cannot check the closing; complain.
    ///
    /// # Errors
    ///
    /// The [`ReceiptError`] of the first check that fails.
    pub fn verify(
        &self,
        contest: &Contest,
        voter: &VoterId,
        my_ballot: &[u8],
        window: RangeInclusive<UnixTime>,
    ) -> Result<(), ReceiptError> {
        let Receipt { acknowledgement, emargement, deposit_proof } = self;
        check_contest(contest, acknowledgement.contest)?;
        let own = BallotReference::of(contest, my_ballot);
        if acknowledgement.reference != own {
            return Err(ReceiptError::OtherBallot { expected: own, actual: acknowledgement.reference });
        }
        if emargement.voter != *voter {
            return Err(ReceiptError::OtherVoter);
        }
        emargement.verify(contest)?;
        let at = acknowledgement.at;
        let description = contest.description();
        let open = description.opens_at <= at && at < description.closes_at;
        if !open || !window.contains(&at) || emargement.at != at {
            return Err(ReceiptError::Time { at });
        }
        let Some(proof) = deposit_proof else { return Ok(()) };
        if proof.head.at != at {
            return Err(ReceiptError::Time { at: proof.head.at });
        }
        proof.verify(contest, my_ballot)
    }
}

fn check_contest(contest: &Contest, actual: Fingerprint) -> Result<(), ReceiptError> {
    let expected = contest.fingerprint();
    if actual == expected { Ok(()) } else { Err(ReceiptError::ForeignContest { expected, actual }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contest::INTEGER_LIMIT;

    /// Integers of the protocol are below 2^53, in every wire form.
    #[test]
    fn attack_6_times_and_sizes_at_the_limit_are_refused() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let contest = Fingerprint::from_bytes([1; 32]);
        let most = INTEGER_LIMIT - 1;
        let head = Head::sign(contest, most, [2; 32], UnixTime::from_seconds(most), &key);
        let voter = VoterId::new([3]).unwrap();
        let emargement = Emargement::sign(contest, voter, UnixTime::from_seconds(most), &key);
        let reference = BallotReference::from_parts(most, [4; 32]).unwrap();
        let path = MerklePath::from_bytes(&[]).unwrap();
        let proof = DepositProof { reference, index: most, head, path };

        let raised = |bytes: &[u8], offset: usize| {
            let mut bytes = bytes.to_vec();
            bytes[offset..offset + 8].copy_from_slice(&INTEGER_LIMIT.to_le_bytes());
            bytes
        };
        let bytes = head.to_bytes();
        assert_eq!(Head::from_bytes(&bytes), Ok(head));
        for offset in [1, 41] {
            assert_eq!(Head::from_bytes(&raised(&bytes, offset)), Err(DecodeError::Number { offset }));
        }
        let bytes = emargement.to_bytes();
        assert_eq!(Emargement::from_bytes(&bytes), Ok(emargement));
        assert_eq!(Emargement::from_bytes(&raised(&bytes, 42)), Err(DecodeError::Number { offset: 42 }));
        let bytes = proof.to_bytes();
        assert_eq!(DepositProof::from_bytes(&bytes), Ok(proof));
        for offset in [1, 41, 49, 89] {
            assert_eq!(
                DepositProof::from_bytes(&raised(&bytes, offset)),
                Err(DecodeError::Number { offset })
            );
        }
    }
}
