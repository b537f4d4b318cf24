//! Why a ballot box refuses.

use super::{BoxFlaw, RollError};
use crate::ballot::{BallotError, SumError};
use crate::contest::Fingerprint;
use crate::primitives::UnixTime;
use crate::primitives::messages::messages;
use crate::primitives::text::count;

/// Why a box is not opened.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The key is not the contest's box key: what the box signed would not hold.
    OtherKey,
    /// The roll does not hold under this opening.
    Roll(RollError),
}

messages! { OpenError: "open";
    OtherKey => "other-key", "the key is not the contest's box key";
    Roll(error) => of error;
}

impl core::error::Error for OpenError {}

/// Why a ballot was not taken, in the order in which the checks are made. The box is as it was.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepositError {
    /// The voter is not on the roll.
    NotOnRoll,
    /// The contest is not open yet.
    NotYetOpen {
        /// When it opens.
        opens_at: UnixTime,
    },
    /// The contest has ended: it has closed, and the grace is over.
    Ended {
        /// When it ended.
        ends_at: UnixTime,
    },
    /// The voter has voted, with another ballot.
    AlreadyVoted {
        /// When.
        at: UnixTime,
    },
    /// The bytes are no ballot of this contest, or the proof does not hold.
    Ballot(BallotError),
    /// The credential is not the one issued to this voter.
    OtherCredential,
    /// The credential was this voter's and is revoked.
    Revoked,
    /// The code was never activated, and it is too late to.
    Expired {
        /// When it was too late: at the close, or before.
        expires_at: UnixTime,
    },
    /// The code has not been activated.
    NotActive,
    /// The ballot was challenged by its voter and cannot be cast.
    Challenged,
    /// A ballot with the same `R` is in the box.
    RepeatedNonce,
}

messages! { DepositError: "deposit";
    NotOnRoll => "not-on-roll", "the voter is not on the roll of this contest";
    NotYetOpen { opens_at } => "not-yet-open", "the contest opens at {opens_at}: cast the ballot then";
    Ended { ends_at } => "ended", "the contest ended at {ends_at}: no ballot is taken any more";
    AlreadyVoted { at } => "already-voted", "the voter has voted with another ballot, at {at}: that one counts";
    Ballot(error) => of error;
    OtherCredential => "other-credential", "the ballot's credential is not the one issued to this voter: enter the code of this voter's own letter";
    Revoked => "revoked", "the voter's code has been revoked by a later one: enter the latest";
    Expired { expires_at } => "expired", "the voter's code was not activated before {expires_at}: ask for a new one while the contest is open";
    NotActive => "not-active", "the voter's code has not been activated: enter it first";
    Challenged => "challenged", "the ballot was challenged by its voter and cannot be cast: seal another";
    RepeatedNonce => "repeated-nonce", "a ballot with the same R is in the box: seal another";
}

impl core::error::Error for DepositError {}

/// Why a code was not activated, in the order in which the checks are made. The box is as it was.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActivationError {
    /// The contest has ended: it has closed, and the grace is over.
    Ended {
        /// When it ended.
        ends_at: UnixTime,
    },
    /// The voter is not on the roll.
    NotOnRoll,
    /// The voter has voted.
    AlreadyVoted {
        /// When.
        at: UnixTime,
    },
    /// The proof does not hold for this nonce.
    Proof,
    /// The code was this voter's and is revoked.
    Revoked,
    /// The code is well-formed and not this voter's.
    OtherCode,
    /// The contest has closed, and the code was not active then.
    Closed {
        /// When it closed.
        closes_at: UnixTime,
    },
    /// The code was to be activated earlier.
    Expired {
        /// The first second in which it was too late.
        expires_at: UnixTime,
    },
}

messages! { ActivationError: "activation";
    Ended { ends_at } => "ended", "the contest ended at {ends_at}: no code is taken any more";
    NotOnRoll => "not-on-roll", "the voter is not on the roll of this contest";
    AlreadyVoted { at } => "already-voted", "the voter has voted at {at}";
    Proof => "proof", "the proof of activation does not hold: enter the code again, for a new nonce";
    Revoked => "revoked", "the code has been revoked by a later one: enter the latest";
    OtherCode => "other-code", "the code is not the one issued to this voter: enter that of this voter's own letter";
    Closed { closes_at } => "closed", "the contest closed at {closes_at}: a code can be entered only before that";
    Expired { expires_at } => "expired", "the code expired at {expires_at}: ask for a new one";
}

impl core::error::Error for ActivationError {}

/// Why a new code was not taken. The box is as it was.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReissueError {
    /// The issue is of another voter than the one who was identified.
    OtherVoter,
    /// The issue is for another contest.
    ForeignContest {
        /// The contest of the box.
        expected: Fingerprint,
        /// The contest of the issue.
        actual: Fingerprint,
    },
    /// The contest is closed.
    Closed {
        /// When it closed.
        closes_at: UnixTime,
    },
    /// The voter is not on the roll.
    NotOnRoll,
    /// The voter has voted.
    AlreadyVoted {
        /// When.
        at: UnixTime,
    },
    /// The voter has been issued a later code.
    Older {
        /// When this one was issued.
        issued_at: UnixTime,
        /// When the one in force was.
        in_force: UnixTime,
    },
    /// The new credential is on the roll already.
    Roll(RollError),
}

messages! { ReissueError: "reissue";
    OtherVoter => "other-voter", "issued to another voter than the one identified";
    ForeignContest { expected, actual } => "foreign-contest", "issued for contest {actual}, not for {expected}";
    Closed { closes_at } => "closed", "the contest closed at {closes_at}";
    NotOnRoll => "not-on-roll", "the voter is not on the roll of this contest";
    AlreadyVoted { at } => "already-voted", "the voter has voted at {at}";
    Older { issued_at, in_force } => "older", "issued at {issued_at}, before the one in force at {in_force}";
    Roll(error) => of error;
}

impl core::error::Error for ReissueError {}

/// Why the box took no note of a challenge, in the order in which the checks are made. The box is as it was,
/// and the ballot must not be opened: it could still be cast.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeRefusal {
    /// The voter is not on the roll.
    NotOnRoll,
    /// The contest is not open yet.
    NotYetOpen {
        /// When it opens.
        opens_at: UnixTime,
    },
    /// The contest has ended.
    Ended {
        /// When it ended.
        ends_at: UnixTime,
    },
    /// The voter has voted.
    AlreadyVoted {
        /// When.
        at: UnixTime,
    },
    /// The bytes are no ballot of this contest, or the proof does not hold.
    Ballot(BallotError),
    /// The ballot's credential is not the voter's, or not active. The ballot could not be cast either.
    Credential(DepositError),
    /// A ballot with the same `R` is in the box.
    Deposited,
    /// As many ballots as can be have been challenged with this credential.
    TooMany {
        /// How many can be.
        most: u8,
    },
}

messages! { ChallengeRefusal: "challenge-refused";
    NotOnRoll => "not-on-roll", "the voter is not on the roll of this contest";
    NotYetOpen { opens_at } => "not-yet-open", "the contest opens at {opens_at}";
    Ended { ends_at } => "ended", "the contest ended at {ends_at}";
    AlreadyVoted { at } => "already-voted", "the voter has voted at {at}";
    Ballot(error) => of error;
    Credential(error) => of error;
    Deposited => "deposited", "a ballot with the same R is in the box";
    TooMany { most } => "too-many",
        "{most} ballots were challenged with this code: cast the next, or ask for a new code";
}

impl core::error::Error for ChallengeRefusal {}

/// Why a box cannot be closed.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseError {
    /// The contest has not ended.
    TooEarly {
        /// When it ends: at the close and the grace after it.
        ends_at: UnixTime,
    },
    /// There is not one signing for each ballot.
    Signings {
        /// Number of ballots.
        ballots: usize,
        /// Number of signings.
        signings: usize,
    },
    /// The closing cannot be signed.
    Closing(BoxFlaw),
    /// The ballots cannot be added up.
    Tally(SumError),
}

messages! { CloseError: "close";
    TooEarly { ends_at } => "too-early", "the contest ends at {ends_at}";
    Signings { ballots, signings } => "signings",
        "{} for {}", count(*signings, "signing"), count(*ballots, "ballot");
    Closing(flaw) => of flaw;
    Tally(error) => of error;
}

impl core::error::Error for CloseError {}
