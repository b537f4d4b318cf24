//! Why a voter's session does not go on, with the state to go on from.

use alloc::boxed::Box;
use core::fmt;

use super::{ActiveSession, Review, Selection, VoterSession};
use crate::ballot::BallotError;
use crate::ballot_box::{Receipt, ReceiptError, RollError};
use crate::contest::Fingerprint;
use crate::primitives::messages::messages;
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
    /// No box has accepted the code: it is not this voter's, was revoked, or came too late.
    NotAccepted,
    /// The box of this contest has not activated the code: there the voter needs another.
    NotActive {
        /// The contest's number.
        number: u64,
    },
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
    NotAccepted => "not-accepted",
        "the voting code is not accepted: check it and enter it again, or ask for a new one before the contest closes";
    NotActive { number } => "not-active",
        "your voting code does not serve in contest {number}: enter the one that you were given for it last";
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

/// The box's answer does not hold. Both the ballot and the answer are given back: what went wrong may be the device's
/// clock, and then the same answer passes with a larger tolerance.
pub struct NotAcknowledged<S> {
    state: Box<S>,
    receipt: Box<Receipt>,
    error: ReceiptError,
}

impl<S> NotAcknowledged<S> {
    pub(super) fn new(state: S, receipt: Receipt, error: ReceiptError) -> Self {
        NotAcknowledged { state: Box::new(state), receipt: Box::new(receipt), error }
    }

    /// The code of what was wrong.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.error.code()
    }

    /// What was wrong.
    #[must_use]
    pub fn error(&self) -> ReceiptError {
        self.error
    }

    /// The answer.
    #[must_use]
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// The ballot on its way, as it was, and the answer.
    #[must_use]
    pub fn into_parts(self) -> (S, Receipt) {
        (*self.state, *self.receipt)
    }
}

impl<S> fmt::Debug for NotAcknowledged<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotAcknowledged")
            .field("receipt", &self.receipt)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

impl<S> fmt::Display for NotAcknowledged<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<S> core::error::Error for NotAcknowledged<S> {}

/// Why a dossier is of no use here.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DossierError {
    /// This is not the contest of the vote.
    OtherContest {
        /// The contest of the vote.
        expected: Fingerprint,
        /// The contest at hand.
        actual: Fingerprint,
    },
    /// There is no receipt in it: the ballot was never acknowledged. Send it again.
    NoReceipt,
    /// The receipt in it does not hold.
    Receipt(ReceiptError),
}

messages! { DossierError: "dossier";
    OtherContest { expected, actual } => "other-contest",
        "the dossier is of a vote in contest {expected}, not in {actual}";
    NoReceipt => "no-receipt", "there is no receipt in the dossier: send the same ballot again, and it comes";
    Receipt(error) => of error;
}

impl core::error::Error for DossierError {}
