//! Why a ceremony does not go on, and whose doing it is.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use super::CeremonyDigest;
use super::message::{Commitment, Reveal};
use super::shares::trustees;
use crate::bureau::{KeyError, TrusteeIndex};
use crate::primitives::Text;
use crate::primitives::messages::messages;
use crate::primitives::text::count;
use crate::primitives::wire::DecodeError;

/// A message that every trustee sends once.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// A [`Commitment`](super::Commitment).
    Commitment,
    /// A [`Reveal`](super::Reveal).
    Reveal,
    /// A [`Confirmation`](super::Confirmation).
    Confirmation,
}

impl fmt::Display for MessageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MessageKind::Commitment => "commitment",
            MessageKind::Reveal => "reveal",
            MessageKind::Confirmation => "confirmation",
        })
    }
}

/// What is wrong with a reveal that is certainly its dealer's own.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevealFault {
    /// Not as many slots as the ceremony has.
    Slots {
        /// The slots of the ceremony.
        expected: usize,
        /// The slots of the reveal.
        actual: usize,
    },
    /// A slot does not have as many points as the threshold of the dealer's panel is.
    Points {
        /// The slot, from 1.
        slot: usize,
        /// The threshold.
        expected: usize,
        /// The number of points.
        actual: usize,
    },
    /// Not one sealed share for every trustee of the dealer's panel and slot.
    Shares {
        /// Trustees of the panel times slots.
        expected: usize,
        /// The number of shares.
        actual: usize,
    },
    /// A point is the identity.
    Identity {
        /// The slot, from 1.
        slot: usize,
        /// Which coefficient of the polynomial it commits to, from 0.
        coefficient: usize,
    },
    /// A sealed share is not a scalar below the group order.
    Share {
        /// The trustee it is sealed for.
        recipient: TrusteeIndex,
        /// The slot, from 1.
        slot: usize,
    },
    /// The points are not those that the dealer has committed to.
    Commitment,
}

messages! { RevealFault: "reveal";
    Slots { expected, actual } => "slots", "{} where the ceremony has {expected}", count(*actual, "slot");
    Points { slot, expected, actual } => "points",
        "slot {slot} has {} where the threshold is {expected}", count(*actual, "point");
    Shares { expected, actual } => "shares", "{} where it takes {expected}", count(*actual, "sealed share");
    Identity { slot, coefficient } => "identity",
        "the point of slot {slot} for the coefficient of x^{coefficient} is the identity";
    Share { recipient, slot } => "share",
        "the share sealed for trustee {recipient}, slot {slot}, is not a scalar";
    Commitment => "commitment", "its points are not those of the dealer's commitment";
}

/// Why a ceremony does not go on.
///
/// [`CeremonyError::culprit`] names a trustee only where nobody else can have caused the error: what a
/// relay could have altered, or anybody could have made up, names nobody.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CeremonyError {
    /// The label is longer than 1,024 bytes.
    Label {
        /// Its length in bytes.
        actual: usize,
    },
    /// A key of no slots.
    NoSlots,
    /// The bureau is none, or the key that would come out is not allowed: the identity in it, or two equal slots.
    Key(KeyError),
    /// The form of a ceremony or of a stored state does not decode, or was altered since it was stored.
    Decode(DecodeError),
    /// The identity secret belongs to no trustee of this ceremony.
    NotATrustee,
    /// A trustee's message has not come.
    Missing {
        /// Its kind.
        message: MessageKind,
        /// The trustee.
        trustee: TrusteeIndex,
    },
    /// The message that is shown as ours is not the one we made: somebody replaced it, perhaps by one
    /// of an earlier ceremony.
    NotOurs {
        /// Its kind.
        message: MessageKind,
        /// Our own number.
        trustee: TrusteeIndex,
    },
    /// The signature of a commitment, or of a confirmation of this very key, does not hold.
    Signature {
        /// The kind of message.
        message: MessageKind,
        /// The trustee who seems to have sent it.
        trustee: TrusteeIndex,
    },
    /// A reveal's proof of possession does not hold, or its points do not decode, so it counts as not sent.
    Possession {
        /// The trustee who seems to have sent it.
        trustee: TrusteeIndex,
    },
    /// A trustee has signed two different commitments. Here are both; the trustee is the culprit.
    TwoCommitments(Box<[Commitment; 2]>),
    /// A trustee has made two reveals of different points or shares, and the proofs of both hold. Here are
    /// both; the trustee is the culprit.
    TwoReveals(Box<[Reveal; 2]>),
    /// A reveal whose proof holds is not what the protocol asks of its dealer, the culprit.
    BadReveal {
        /// The dealer.
        dealer: TrusteeIndex,
        /// What is wrong.
        fault: RevealFault,
    },
    /// A complaint stands and ends the ceremony: nothing of it may be used, and the next one has new
    /// identity keys.
    Complaint {
        /// The trustee complained about.
        dealer: TrusteeIndex,
        /// The trustee who complained.
        complainant: TrusteeIndex,
        /// Which of the two has cheated.
        culprit: TrusteeIndex,
    },
    /// A complaint is not of one trustee about another of its panel, and so is none.
    ComplaintParties {
        /// The trustee complained about.
        dealer: TrusteeIndex,
        /// The trustee who seems to complain.
        complainant: TrusteeIndex,
    },
    /// A complaint's proof does not hold: anyone could have made it, and it says nothing.
    ComplaintProof {
        /// The trustee complained about.
        dealer: TrusteeIndex,
        /// The trustee who seems to complain.
        complainant: TrusteeIndex,
    },
    /// A seat is for the ceremony of another label: an identity key serves in one ceremony, ever.
    OtherLabel {
        /// The label that the seat is for.
        expected: Text,
        /// That of the ceremony.
        actual: Text,
    },
    /// The identity key of a seat has another number in the ceremony than the seat.
    OtherNumber {
        /// The seat's.
        expected: TrusteeIndex,
        /// The identity key's.
        actual: TrusteeIndex,
    },
    /// A seat has joined another ceremony, of the same label.
    OtherCeremony {
        /// The one it has joined.
        expected: CeremonyDigest,
        /// The one it is asked to go on with.
        actual: CeremonyDigest,
    },
    /// A seat has complained, and so never goes on, whatever is put on the board in place of the bad shares. Its
    /// complaints must be published; the next ceremony has new identity keys.
    Complained {
        /// The trustees it has complained about, in order of their numbers. Each of them is a culprit.
        dealers: Vec<TrusteeIndex>,
    },
}

impl CeremonyError {
    /// The trustee who has certainly broken the protocol, if the error shows one.
    #[must_use]
    pub fn culprit(&self) -> Option<TrusteeIndex> {
        match self {
            CeremonyError::TwoCommitments(both) => {
                let [first, _] = both.as_ref();
                Some(first.trustee)
            }
            CeremonyError::TwoReveals(both) => {
                let [first, _] = both.as_ref();
                Some(first.trustee)
            }
            CeremonyError::BadReveal { dealer, .. } => Some(*dealer),
            CeremonyError::Complaint { culprit, .. } => Some(*culprit),
            CeremonyError::Complained { dealers } => dealers.first().copied(),
            CeremonyError::Label { .. }
            | CeremonyError::NoSlots
            | CeremonyError::Key(_)
            | CeremonyError::Decode(_)
            | CeremonyError::NotATrustee
            | CeremonyError::Missing { .. }
            | CeremonyError::NotOurs { .. }
            | CeremonyError::Signature { .. }
            | CeremonyError::Possession { .. }
            | CeremonyError::ComplaintParties { .. }
            | CeremonyError::ComplaintProof { .. }
            | CeremonyError::OtherLabel { .. }
            | CeremonyError::OtherNumber { .. }
            | CeremonyError::OtherCeremony { .. } => None,
        }
    }
}

messages! { CeremonyError: "ceremony";
    Label { actual } => "label", "a label of {actual} bytes where {} are allowed", super::Ceremony::MAX_LABEL;
    NoSlots => "no-slots", "a key of no slots";
    Key(error) => of error;
    Decode(error) => "decode", "form of a ceremony: {error}";
    NotATrustee => "not-a-trustee", "the identity key is not that of a trustee of this ceremony";
    Missing { message, trustee } => "missing", "no {message} from trustee {trustee}";
    NotOurs { message, trustee } => "not-ours",
        "the {message} shown as ours, trustee {trustee}, is not the one we made";
    Signature { message, trustee } => "signature",
        "no {message} from trustee {trustee}: the one in its name is not signed by it, and counts as not sent";
    Possession { trustee } => "possession",
        "no reveal from trustee {trustee}: the proof of the one in its name does not hold, and it counts as not sent";
    TwoCommitments(both) => "two-commitments",
        "trustee {} has signed two commitments, {} and {}",
        first(both).trustee, first(both).digest, second(both).digest;
    TwoReveals(both) => "two-reveals",
        "trustee {} has made two reveals of different points or shares", first(both).trustee;
    BadReveal { dealer, fault } => "bad-reveal", "the reveal of trustee {dealer} is wrong: {fault}";
    Complaint { dealer, complainant, culprit } => "complaint",
        "trustee {complainant} complains about trustee {dealer}, and trustee {culprit} is to blame";
    ComplaintParties { dealer, complainant } => "complaint-parties",
        "a complaint of trustee {complainant} about trustee {dealer}, where it takes two trustees of one panel";
    ComplaintProof { dealer, complainant } => "complaint-proof",
        "the proof of the complaint of trustee {complainant} about trustee {dealer} does not hold";
    OtherLabel { expected, actual } => "other-label",
        "a seat of the ceremony {expected:?}, and this is the ceremony {actual:?}";
    OtherNumber { expected, actual } => "other-number",
        "the seat of trustee {expected}, whose identity key is that of trustee {actual}";
    OtherCeremony { expected, actual } => "other-ceremony",
        "the seat has joined the ceremony {expected}, and this is {actual}, of the same label";
    Complained { dealers } => "complained",
        "we have complained about {}, and go on with nothing of this ceremony: the complaints must be published",
        trustees(dealers.iter().copied());
}

fn first<T>([first, _]: &[T; 2]) -> &T {
    first
}

fn second<T>([_, second]: &[T; 2]) -> &T {
    second
}

impl core::error::Error for CeremonyError {}

impl From<KeyError> for CeremonyError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Decode(error) => CeremonyError::Decode(error),
            other => CeremonyError::Key(other),
        }
    }
}

impl From<DecodeError> for CeremonyError {
    fn from(error: DecodeError) -> Self {
        CeremonyError::Decode(error)
    }
}
