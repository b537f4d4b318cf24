//! What a voter takes home: acknowledgement, émargement and deposit proof, and how to check them.
//!
//! All are checked with the voter's own ballot bytes, the contest, whose fingerprint holds the box's key, and
//! the [opening](super::SignedOpening); nothing the server says is believed. A [`DepositProof`] shows that
//! the voter's ballot entered the box, under the box's signature, and a consistency path shows that the box
//! was never forked or rewritten from there to the [closing](super::Closing).

use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

use super::merkle::{BrokenPath, MerklePath};
use super::{OpeningDigest, VoterId};
use crate::ballot::BallotReference;
use crate::contest::{Contest, Fingerprint};
use crate::primitives::form::named_form;
use crate::primitives::hash::FieldHash;
use crate::primitives::wire::{DecodeError, Kind, Reader, form};
use crate::primitives::{Signature, SigningKey, UnixTime, labels};

mod error;
mod head;

pub use error::ReceiptError;
pub use head::Head;

/// The signing of the roll (émargement): the box's word that a voter has voted, and when. It says
/// nothing of the ballot and can be given again at any time.
#[derive(Clone, PartialEq, Eq)]
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

    /// Form: kind ‖ version ‖ fingerprint ‖ LE64(length) ‖ voter ‖ LE64(at) ‖ signature.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = form(Kind::Emargement);
        self.write(&mut bytes);
        bytes
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        let Emargement { contest, voter, at, signature } = self;
        bytes.extend(contest.to_bytes());
        voter.write(bytes);
        bytes.extend(at.seconds().to_le_bytes());
        bytes.extend(signature.to_bytes());
    }

    /// Reads what [`Emargement::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::Emargement, bytes)?;
        let emargement = Emargement::read(&mut reader)?;
        reader.finish()?;
        Ok(emargement)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Emargement {
            contest: Fingerprint::from_bytes(*reader.array()?),
            voter: VoterId::read(reader)?,
            at: UnixTime::from_seconds(reader.integer()?),
            signature: Signature::from_bytes(*reader.array()?),
        })
    }
}

named_form!(Emargement: "emargement", DecodeError);

/// Not whose it is: beside it in a [`Receipt`] stands the reference of the ballot.
impl fmt::Debug for Emargement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emargement")
            .field("contest", &self.contest)
            .field("at", &self.at)
            .field("signature", &self.signature)
            .finish_non_exhaustive()
    }
}

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

impl Acknowledgement {
    fn write(&self, bytes: &mut Vec<u8>) {
        let Acknowledgement { contest, at, reference } = self;
        bytes.extend(contest.to_bytes());
        bytes.extend(at.seconds().to_le_bytes());
        reference.write(bytes);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Acknowledgement {
            contest: Fingerprint::from_bytes(*reader.array()?),
            at: UnixTime::from_seconds(reader.integer()?),
            reference: BallotReference::read(reader)?,
        })
    }

    /// Form: kind ‖ version ‖ fingerprint ‖ LE64(at) ‖ LE64(number) ‖ reference.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = form(Kind::Acknowledgement);
        self.write(&mut bytes);
        bytes
    }

    /// Reads what [`Acknowledgement::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::Acknowledgement, bytes)?;
        let acknowledgement = Acknowledgement::read(&mut reader)?;
        reader.finish()?;
        Ok(acknowledgement)
    }
}

named_form!(Acknowledgement: "acknowledgement", DecodeError);

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
    /// the last of the head's tree, and that the box signed that head under this opening.
    ///
    /// # Errors
    ///
    /// [`ReceiptError::OtherBallot`] when the proof is of another ballot, [`ReceiptError::Position`] when
    /// the head is not the one just after it, what [`Head::verify`] finds, and [`ReceiptError::NotIncluded`]
    /// when the path does not lead to the head's root.
    pub fn verify(
        &self,
        contest: &Contest,
        opening: OpeningDigest,
        my_ballot: &[u8],
    ) -> Result<(), ReceiptError> {
        let DepositProof { reference, index, head, path } = self;
        let own = BallotReference::of(contest, my_ballot);
        if own != *reference {
            return Err(ReceiptError::OtherBallot { expected: own, actual: *reference });
        }
        if index.checked_add(1) != Some(head.size) {
            return Err(ReceiptError::Position { index: *index, size: head.size });
        }
        head.verify(contest, opening)?;
        path.verify_inclusion(&own, *index, head.size, &head.root)
            .map_err(|BrokenPath| ReceiptError::NotIncluded { reference: own })
    }

    /// Form: kind ‖ version ‖ LE64(number) ‖ reference ‖ LE64(index) ‖ head, without its kind and version ‖
    /// path.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = form(Kind::DepositProof);
        self.write(&mut bytes);
        bytes
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        let DepositProof { reference, index, head, path } = self;
        reference.write(bytes);
        bytes.extend(index.to_le_bytes());
        head.write(bytes);
        bytes.extend(path.nodes().as_flattened());
    }

    /// Reads what [`DepositProof::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::DepositProof, bytes)?;
        let proof = DepositProof::read(&mut reader)?;
        reader.finish()?;
        Ok(proof)
    }

    /// The path is all that is left.
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(DepositProof {
            reference: BallotReference::read(reader)?,
            index: reader.integer()?,
            head: Head::read(reader)?,
            path: MerklePath::read(reader)?,
        })
    }
}

named_form!(DepositProof: "deposit-proof", DecodeError);

/// What the box answers to a deposit, and to the same deposit again.
///
/// ```
#[doc = include_str!("../example_contest.txt")]
/// # let voter = VoterId::new("Jo Doe").ok_or("1 to 256 bytes")?;
/// # let voters = [(voter.clone(), vec![contest.contest()])];
/// # let letters = issuer.issue(&voters, Validity::UntilClose, before, rng)?.stored();
/// # let Issued { code, .. } = letters.into_iter().next().ok_or("one voter")?;
/// # let roll = issuer.electoral_roll(&contest)?;
/// # let opening = issuer.sign_opening(contest.contest(), &roll.propose(before, &box_key)?.stored())?.stored();
/// # let mut ballot_box = BallotBox::open(roll, opening, box_key)?.stored();
/// # let credential = Credential::derive(contest.contest(), &code);
/// # let nonce = ActivationNonce::generate(rng);
/// # let mut transaction = ballot_box.transaction();
/// # transaction.activate(&voter, &nonce, &Activation::new(&credential, &nonce, rng), now)?;
/// # transaction.stored();
/// use urne::ballot_box::{Answer, DepositProof, ReceiptError};
///
/// // From the server, with the contest: whoever votes checks both signatures under the opening.
/// let opening = ballot_box.roll().signed_opening().verify(contest.contest())?;
/// let ballot = SealedBallot::seal(&contest, Choice::List(1), &credential, rng)?.cast();
/// let mut transaction = ballot_box.transaction();
/// transaction.deposit(&voter, &ballot, now)?;
/// let receipt = transaction.stored().pop().and_then(Answer::receipt).ok_or("no receipt")?;
/// // By the voter's own clock, within a minute.
/// let window = UnixTime::from_seconds(1_440)..=UnixTime::from_seconds(1_560);
/// receipt.verify(contest.contest(), opening, &voter, &ballot, window)?;
///
/// // Kept in a file, and checked again when the box is closed: the ballot is still in it.
/// let kept = receipt.deposit_proof.to_bytes();
/// # let mut transaction = ballot_box.transaction();
/// # transaction.close(end, rng)?;
/// # transaction.stored();
/// let (closed, _) = ballot_box.closed().ok_or("not closed")?;
/// let proof = DepositProof::from_bytes(&kept)?;
/// proof.verify(contest.contest(), opening, &ballot)?;
/// let path = closed.consistency(proof.head.size).ok_or("the box has shrunk")?;
/// let (closing, roll) = (closed.closing(), closed.roll().digest());
/// let digest = proof.head.verify_consistency(contest.contest(), opening, closing, roll, &path)?;
/// // Compared with what the trustees publish.
/// assert_eq!(digest, closed.digest());
///
/// // It is about this ballot and no other.
/// let other = SealedBallot::seal(&contest, Choice::List(1), &credential, rng)?.cast();
/// let refused = proof.verify(contest.contest(), opening, &other);
/// assert!(matches!(refused, Err(ReceiptError::OtherBallot { .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Contest, time and reference.
    pub acknowledgement: Acknowledgement,
    /// The signing of the roll.
    pub emargement: Emargement,
    /// The proof of deposit.
    pub deposit_proof: DepositProof,
}

impl Receipt {
    /// Checks an answer against what the voter sent: that every part of it is about this contest, this voter
    /// and these ballot bytes, agrees on the time, and holds. `opening` is that whose signatures the voter's
    /// side has [checked](super::SignedOpening::verify). `window` is when, by the voter's own clock, the
    /// ballot was sent and the answer came, with as much tolerance as that clock needs; a box that back-dates
    /// a vote is caught by it.
    ///
    /// # Errors
    ///
    /// The [`ReceiptError`] of the first check that fails.
    pub fn verify(
        &self,
        contest: &Contest,
        opening: OpeningDigest,
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
        let open = contest.description().opens_at <= at && at < contest.ends_at();
        if !open || !window.contains(&at) || emargement.at != at {
            return Err(ReceiptError::Time { at });
        }
        if deposit_proof.head.at != at {
            return Err(ReceiptError::Time { at: deposit_proof.head.at });
        }
        deposit_proof.verify(contest, opening, my_ballot)
    }

    /// The parts one after the other, without their kinds.
    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        let Receipt { acknowledgement, emargement, deposit_proof } = self;
        acknowledgement.write(bytes);
        emargement.write(bytes);
        deposit_proof.write(bytes);
    }

    /// The deposit proof's path is all that is left.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Receipt {
            acknowledgement: Acknowledgement::read(reader)?,
            emargement: Emargement::read(reader)?,
            deposit_proof: DepositProof::read(reader)?,
        })
    }

    /// Form: kind ‖ version ‖ acknowledgement ‖ émargement ‖ deposit proof, each without its kind and version. There
    /// is none without a deposit proof.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = form(Kind::Receipt);
        self.write(&mut bytes);
        bytes
    }

    /// Reads what [`Receipt::to_bytes`] gave. Whether it holds is for [`verify`](Receipt::verify) to check.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::Receipt, bytes)?;
        let receipt = Receipt::read(&mut reader)?;
        reader.finish()?;
        Ok(receipt)
    }
}

named_form!(Receipt: "receipt", DecodeError);

fn check_contest(contest: &Contest, actual: Fingerprint) -> Result<(), ReceiptError> {
    let expected = contest.fingerprint();
    if actual == expected { Ok(()) } else { Err(ReceiptError::ForeignContest { expected, actual }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::wire::INTEGER_LIMIT;

    #[test]
    fn attack_19_what_is_printed_of_a_receipt_does_not_say_whose_ballot_it_is() {
        let key = SigningKey::from_seed(&[7; 32]);
        let (contest, opening) = (Fingerprint::from_bytes([1; 32]), OpeningDigest::from_bytes([5; 32]));
        let (voter, at) = (VoterId::new("Jo Doe").unwrap(), UnixTime::from_seconds(1_500));
        let reference = BallotReference::from_parts(584, [4; 32]).unwrap();
        let head = Head::sign(contest, opening, 1, [2; 32], at, &key);
        let receipt = Receipt {
            acknowledgement: Acknowledgement { contest, at, reference },
            emargement: Emargement::sign(contest, voter, at, &key),
            deposit_proof: DepositProof { reference, index: 0, head, path: MerklePath::empty() },
        };
        let shown = alloc::format!("{receipt:?}");
        assert!(shown.contains("584)0404") && !shown.contains("Jo Doe"), "{shown}");
    }

    /// Integers of the protocol are below 2^53, in every wire form.
    #[test]
    fn attack_6_times_and_sizes_at_the_limit_are_refused() {
        let key = SigningKey::from_seed(&[7; 32]);
        let (contest, opening) = (Fingerprint::from_bytes([1; 32]), OpeningDigest::from_bytes([5; 32]));
        let most = INTEGER_LIMIT - 1;
        let head = Head::sign(contest, opening, most, [2; 32], UnixTime::from_seconds(most), &key);
        let voter = VoterId::new([3]).unwrap();
        let emargement = Emargement::sign(contest, voter, UnixTime::from_seconds(most), &key);
        let reference = BallotReference::from_parts(most, [4; 32]).unwrap();
        let path = MerklePath::read(&mut Reader::new(&[])).unwrap();
        let proof = DepositProof { reference, index: most, head, path };

        let raised = |bytes: &[u8], offset: usize| {
            let mut bytes = bytes.to_vec();
            bytes[offset..offset + 8].copy_from_slice(&INTEGER_LIMIT.to_le_bytes());
            bytes
        };
        let bytes = head.to_bytes();
        assert_eq!(Head::from_bytes(&bytes), Ok(head));
        for offset in [66, 106] {
            assert_eq!(Head::from_bytes(&raised(&bytes, offset)), Err(DecodeError::Number { offset }));
        }
        let bytes = emargement.to_bytes();
        assert_eq!(Emargement::from_bytes(&bytes), Ok(emargement));
        assert_eq!(Emargement::from_bytes(&raised(&bytes, 43)), Err(DecodeError::Number { offset: 43 }));
        let bytes = proof.to_bytes();
        assert_eq!(DepositProof::from_bytes(&bytes), Ok(proof));
        for offset in [2, 42, 114, 154] {
            assert_eq!(
                DepositProof::from_bytes(&raised(&bytes, offset)),
                Err(DecodeError::Number { offset })
            );
        }
    }
}
