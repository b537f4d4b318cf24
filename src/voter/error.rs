//! Why a voter's session does not go on, with the state to go on from.

use alloc::boxed::Box;
use core::fmt;

use super::{ActiveSession, Casting, Review, Selection, VoterSession};
use crate::ballot::BallotError;
use crate::ballot_box::{ClosingDigest, Head, OpeningDigest, ReceiptError, RollError};
use crate::bureau::TrusteeIndex;
use crate::contest::Fingerprint;
use crate::primitives::messages::messages;
use crate::primitives::text::count;
use crate::primitives::time::UnixTime;

/// What a session refuses.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionError {
    /// The contest is none of those whose fingerprints the trustees publish: somebody may have made it up.
    NotPublished {
        /// The number it has.
        number: u64,
        /// Its fingerprint.
        fingerprint: Fingerprint,
    },
    /// Two of the contests have the same number.
    RepeatedContest {
        /// The number.
        number: u64,
    },
    /// The voter is not entitled to such a contest.
    UnknownContest {
        /// The number given.
        number: u64,
    },
    /// The voter has voted.
    AlreadyVoted {
        /// When.
        at: UnixTime,
    },
    /// The contest is not open yet.
    NotYetOpen {
        /// When it opens.
        opens_at: UnixTime,
    },
    /// The contest is closed.
    Closed {
        /// When it closed.
        closes_at: UnixTime,
    },
    /// The box of the contest, or of any contest, has not activated the code.
    NotActive,
    /// The voter has voted in every contest, so that a code has nothing to activate.
    NothingToActivate,
    /// The opening of a contest's roll does not hold.
    Opening {
        /// The contest's number.
        number: u64,
        /// What is wrong with it.
        error: RollError,
    },
}

messages! { SessionError: "session";
    NotPublished { number, fingerprint } => "not-published",
        "contest {number}, {fingerprint}, is none of those that the trustees publish: do not vote in it, and tell them";
    RepeatedContest { number } => "repeated-contest", "two contests have the number {number}";
    UnknownContest { number } => "unknown-contest", "you have no contest {number}";
    AlreadyVoted { at } => "already-voted", "you have voted in this contest, at {at}";
    NotYetOpen { opens_at } => "not-yet-open", "the contest opens at {opens_at}: come back then";
    Closed { closes_at } => "closed", "the contest closed at {closes_at}";
    NotActive => "not-active",
        "the voting code is not active: check it and enter it again, or ask for a new one before the contest closes";
    NothingToActivate => "nothing-to-activate", "you have voted in every contest: no code is needed any more";
    Opening { number, error } => "opening", "contest {number}: {error}";
}

impl core::error::Error for SessionError {}

/// Declares an error that gives back the state it was met in.
macro_rules! refused {
    ($(#[$doc:meta])* $name:ident($state:ty, $error:ty)) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name {
            state: Box<$state>,
            error: $error,
        }

        impl $name {
            pub(super) fn new(state: $state, error: $error) -> Self {
                $name { state: Box::new(state), error }
            }

            /// What was wrong.
            #[must_use]
            pub fn error(&self) -> $error {
                self.error
            }

            /// The code of what was wrong.
            #[must_use]
            pub fn code(&self) -> &'static str {
                self.error.code()
            }

            /// The state, as it was.
            #[must_use]
            pub fn into_state(self) -> $state {
                *self.state
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.error.fmt(f)
            }
        }

        impl core::error::Error for $name {}
    };
}

refused! {
    /// No box has activated the code; the session is as before it was entered.
    NotActivated(VoterSession, SessionError)
}

refused! {
    /// A contest was not gone to.
    NotChosen(ActiveSession, SessionError)
}

refused! {
    /// A choice was not selected.
    NotSelected(Selection, BallotError)
}

refused! {
    /// A choice was not sealed.
    NotSealed(Review, BallotError)
}

refused! {
    /// The box's answer does not hold.
    NotAcknowledged(Casting, ReceiptError)
}

/// Why a voter's check of a closing fails.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckError {
    /// No trustee has said what it was given, so that this can be any closing.
    NobodyWasGiven,
    /// A trustee was given another closing.
    OtherGiven {
        /// The trustee.
        trustee: TrusteeIndex,
        /// What it was given.
        closing: ClosingDigest,
    },
    /// The closing is of another contest, or under another opening than the voter's receipt.
    Opening {
        /// The opening of the receipt.
        expected: OpeningDigest,
        /// The opening of the closing.
        actual: OpeningDigest,
    },
    /// The closing does not extend the head that the voter holds: the ballot was left out, or the box was forked.
    /// Hand the head to a trustee, with the digest of its opening.
    Fork {
        /// The opening that the head is under.
        opening: OpeningDigest,
        /// The voter's head.
        head: Box<Head>,
        /// How many ballots the closing has.
        closing: u64,
    },
}

messages! { CheckError: "check";
    NobodyWasGiven => "nobody-was-given", "no trustee has said which closing it was given: ask one";
    OtherGiven { trustee, closing } => "other-given", "trustee {trustee} was given another closing, {closing}";
    Opening { expected, actual } => "opening",
        "the closing is under opening {actual}, the receipt under {expected}";
    Fork { head, closing, .. } => "fork",
        "the closing of {} does not extend your head of {}: hand it to a trustee",
        count(*closing, "ballot"), count(head.size, "ballot");
}

impl core::error::Error for CheckError {}
