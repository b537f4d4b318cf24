//! Benaloh's challenge: a ballot opened on a second device.

use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::scalar::Scalar;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::choice::{Choice, SecretChoice};
use super::seal::encrypt;
use super::{Ballot, BallotError, BallotReference};
use crate::contest::ApprovedContest;
use crate::credential::PublicCredential;
use crate::primitives::declassify;
use crate::primitives::messages::messages;
use crate::primitives::secret::{self, Secret, scrubbed};
use crate::primitives::wire::{DecodeError, Kind, Reader, form, to_hex};

/// A ballot that its voter opened: the choice, the nonce and the bytes. It cannot be cast.
///
/// It is for the voter's second device alone, which [verifies](ChallengedBallot::verify) it. The ballot box
/// gets nothing but [the ballot's bytes](ChallengedBallot::ballot), and refuses that ballot for ever: what a
/// voter tries out says much about what they will cast.
pub struct ChallengedBallot {
    choice: SecretChoice,
    r: Secret<Scalar>,
    ballot: Vec<u8>,
}

impl ChallengedBallot {
    pub(super) fn new(choice: SecretChoice, r: Secret<Scalar>, ballot: Vec<u8>) -> Self {
        ChallengedBallot { choice, r, ballot }
    }

    /// The ballot's bytes, for the ballot box.
    #[must_use]
    pub fn ballot(&self) -> &[u8] {
        &self.ballot
    }

    /// What the second device reads, choice and nonce included: the form's kind and version, then
    /// `choice (1 byte, 0 for blank) ‖ nonce ‖ ballot`.
    #[must_use]
    pub fn expose_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(35 + self.ballot.len()));
        bytes.extend(form(Kind::ChallengedBallot));
        bytes.push(self.choice.number());
        bytes.extend(self.r.as_bytes());
        bytes.extend(&self.ballot);
        bytes
    }

    /// Reads what [`ChallengedBallot::expose_bytes`] gave. What it claims is for
    /// [`verify`](ChallengedBallot::verify) to check.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] when the head is not of that form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::ChallengedBallot, bytes)?;
        let choice = SecretChoice::claimed(reader.byte()?);
        let r = scrubbed::<{ secret::SIGNATURE }, _>(|| reader.scalar().map(Secret::new))?;
        Ok(ChallengedBallot { choice, r, ballot: reader.rest().to_vec() })
    }

    /// Checks, on a second device, that the ballot whose reference was shown holds what the voter meant.
    ///
    /// `credential` is derived on this device from the voter's code, since a device that lies could show the
    /// reference of another voter's ballot. The checks are made in the order of the errors.
    ///
    /// # Errors
    ///
    /// [`ChallengeError::Reference`] when these are not the bytes of the reference,
    /// [`ChallengeError::Ballot`] when they are not a ballot of the contest,
    /// [`ChallengeError::Credential`] when it is another voter's, [`ChallengeError::Choice`],
    /// [`ChallengeError::Nonce`] or [`ChallengeError::Slot`] when it does not hold what the opening says,
    /// [`ChallengeError::Ballot`] when its proof fails, and [`ChallengeError::Meant`] when it says something
    /// else than was meant.
    pub fn verify(
        &self,
        contest: &ApprovedContest,
        shown: &BallotReference,
        credential: &PublicCredential,
        meant: Choice,
    ) -> Result<(), ChallengeError> {
        let contest = contest.contest();
        let actual = BallotReference::of(contest, &self.ballot);
        if actual != *shown {
            return Err(ChallengeError::Reference { expected: *shown, actual });
        }
        let ballot = Ballot::from_bytes(contest, &self.ballot).map_err(ChallengeError::Ballot)?;
        if ballot.credential() != *credential {
            let (expected, actual) = (credential.to_bytes(), ballot.credential().to_bytes());
            return Err(ChallengeError::Credential { expected, actual });
        }
        let lists = contest.lists();
        if !self.choice.is_within(lists) {
            return Err(ChallengeError::Choice { lists });
        }
        let expected = scrubbed::<{ secret::BALLOT }, _>(|| {
            encrypt(contest, &self.r, (1..=lists).map(|list| self.choice.bit(list)))
        });
        let (actual, _) = ballot.parts().ciphertext.as_chunks();
        match expected.iter().zip(actual).position(|(expected, actual)| expected != actual) {
            None => (),
            Some(0) => return Err(ChallengeError::Nonce),
            Some(slot) => return Err(ChallengeError::Slot { slot }),
        }
        ballot.verify(contest).map_err(ChallengeError::Ballot)?;
        let meant = meant.within(lists).map_err(|_| ChallengeError::Meant)?;
        let same = declassify::verdict(meant.number().ct_eq(&self.choice.number()));
        if same { Ok(()) } else { Err(ChallengeError::Meant) }
    }
}

/// The choice and the nonce do not show themselves.
impl fmt::Debug for ChallengedBallot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChallengedBallot(choice and nonce redacted)")
    }
}

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
    /// The ballot is not this voter's.
    Credential {
        /// The encoding of the voter's credential.
        expected: [u8; 32],
        /// That of the ballot's.
        actual: [u8; 32],
    },
    /// The opening names no choice of the contest.
    Choice {
        /// Lists of the contest.
        lists: u8,
    },
    /// `R` is not made from the nonce.
    Nonce,
    /// The ciphertext of a slot is not what the nonce and choice give: the device cheated.
    Slot {
        /// The first such slot, from 1.
        slot: usize,
    },
    /// The ballot holds another choice than the voter meant.
    Meant,
}

messages! { ChallengeError: "challenge";
    Reference { expected, actual } => "reference", "the opened ballot is {actual}, not {expected} as shown";
    Ballot(error) => "ballot", "the opened ballot: {error}";
    Credential { expected, actual } => "credential",
        "the opened ballot is of credential {}, not of {}", to_hex(actual), to_hex(expected);
    Choice { lists } => "choice", "the opening names neither blank nor one of the lists 1 to {lists}";
    Nonce => "nonce", "the ballot was not made with the nonce of its opening";
    Slot { slot } => "slot", "the ballot does not encrypt the opened choice in slot {slot}";
    Meant => "meant", "the ballot holds another choice than the voter meant";
}

impl core::error::Error for ChallengeError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ballot::SealedBallot;
    use crate::test_support::{Dealt, rng, wiped};

    #[test]
    fn a_second_device_sees_a_device_that_lies() {
        let dealt = Dealt::simple(3, 1);
        let contest = &dealt.contest;
        let (own, theirs) = (dealt.credential(1), dealt.credential(2));
        let seal = |choice, credential| SealedBallot::seal(contest, choice, credential, &mut rng(1)).unwrap();
        let read = |bytes: &[u8]| ChallengedBallot::from_bytes(bytes).unwrap();
        for choice in [Choice::Blank, Choice::List(1), Choice::List(3)] {
            let sealed = seal(choice, &own);
            let shown = sealed.reference();
            let opened = sealed.challenge();
            let verify = |bytes: &[u8], meant| read(bytes).verify(contest, &shown, &own.public(), meant);
            let bytes = opened.expose_bytes();
            assert_eq!(verify(&bytes, choice), Ok(()));
            assert_eq!(opened.ballot(), &bytes[35..]);
            for meant in [Choice::Blank, Choice::List(1), Choice::List(2), Choice::List(3)] {
                let expected = if meant == choice { Ok(()) } else { Err(ChallengeError::Meant) };
                assert_eq!(verify(&bytes, meant), expected);
            }
            assert_eq!(verify(&bytes, Choice::List(4)), Err(ChallengeError::Meant));
            assert_eq!(verify(&bytes, Choice::List(0)), Err(ChallengeError::Meant));

            // Another ballot than the one whose reference was shown.
            let other = seal(choice, &theirs);
            let (expected, actual) = (other.reference(), shown);
            assert_eq!(
                opened.verify(contest, &expected, &own.public(), choice),
                Err(ChallengeError::Reference { expected, actual })
            );
            // A clash: the reference that was shown is another voter's, and so is the ballot.
            let (expected, actual) = (own.public().to_bytes(), theirs.public().to_bytes());
            let other_shown = other.reference();
            assert_eq!(
                other.challenge().verify(contest, &other_shown, &own.public(), choice),
                Err(ChallengeError::Credential { expected, actual })
            );

            // The device sealed this choice and says that it sealed another, or with another nonce. Lists 1 and
            // 2 share the first slot.
            let lie = |at: usize, byte: u8| {
                let mut bytes = bytes.clone();
                bytes[at] = byte;
                verify(&bytes, Choice::List(2))
            };
            assert_eq!(lie(2, 2), Err(ChallengeError::Slot { slot: 1 }));
            assert_eq!(lie(2, 4), Err(ChallengeError::Choice { lists: 3 }));
            assert_eq!(lie(3, bytes[3] ^ 1), Err(ChallengeError::Nonce));
        }
        // The last slot.
        let sealed = seal(Choice::Blank, &own);
        let shown = sealed.reference();
        let mut bytes = sealed.challenge().expose_bytes();
        bytes[2] = 3;
        assert_eq!(
            read(&bytes).verify(contest, &shown, &own.public(), Choice::List(3)),
            Err(ChallengeError::Slot { slot: 2 })
        );
    }

    /// Whoever lies about the proof has a ballot with a reference of its own, which it may have shown.
    #[test]
    fn an_opened_ballot_must_decode_and_its_proof_must_hold() {
        let dealt = Dealt::simple(3, 1);
        let own = dealt.credential(1);
        let sealed = SealedBallot::seal(&dealt.contest, Choice::List(1), &own, &mut rng(1)).unwrap();
        let bytes = sealed.challenge().expose_bytes();
        let verify = |bytes: &[u8]| {
            let shown = BallotReference::of(dealt.contest.contest(), &bytes[35..]);
            let opened = ChallengedBallot::from_bytes(bytes).unwrap();
            opened.verify(&dealt.contest, &shown, &own.public(), Choice::List(1))
        };
        assert_eq!(verify(&bytes), Ok(()));
        let end = bytes.len();
        let mut lie = bytes.clone();
        lie[end - 32] ^= 1;
        assert_eq!(verify(&lie), Err(ChallengeError::Ballot(BallotError::Proof)));
        let ballot = bytes.len() - 35;
        let short = DecodeError::TooShort { expected: ballot, actual: ballot - 1 };
        assert_eq!(verify(&bytes[..end - 1]), Err(ChallengeError::Ballot(short.into())));
        assert_eq!(
            ChallengedBallot::from_bytes(&bytes[..30]).unwrap_err(),
            DecodeError::TooShort { expected: 35, actual: 30 }
        );
        // A ballot is no challenged ballot.
        let kind = DecodeError::Kind { expected: Kind::ChallengedBallot, actual: 2 };
        assert_eq!(ChallengedBallot::from_bytes(&bytes[35..]).unwrap_err(), kind);
    }

    #[test]
    fn attack_19_choice_and_nonce_of_an_opened_ballot_are_wiped() {
        // No `..`: a new field must be looked at here.
        let _ = |ChallengedBallot { choice, r, ballot: _ }: &ChallengedBallot| {
            wiped(choice);
            wiped(r);
        };
    }
}
