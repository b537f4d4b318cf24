//! A voter's session, from the list of contests to the acknowledgement.
//!
//! It runs on the voter's side. Each screen is a type, and each button consumes it, so a portal cannot
//! get the order wrong:
//!
//! ```text
//! VoterSession ── enter_code ──▶ ActiveSession ── choose ──▶ Participation
//!                                     ▲                          │ activate_selection
//!                                     │                          ▼
//!                                     │                      Selection ◀─ back ─┐
//!                                     │                          │ select       │
//!                                     │                          ▼              │
//!                                     │                      Confirmation ──────┤
//!                                     │                          │ seal         │
//!                                     │                          ▼              │
//!                                     │                      SealedChoice ──────┘ challenge, back
//!                                     │                          │ cast
//!                                     └───────── acknowledge ── Casting
//! ```
//!
//! What the server says is checked where it comes in: the contest's approvals (by the type
//! [`ApprovedContest`]), its documents ([`Participation::check_documents`]), and every part of the receipt
//! ([`Casting::acknowledge`]). Credentials and nonces never leave.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

use rand_core::CryptoRng;

use crate::activation::{Activation, ActivationNonce};
use crate::ballot::{BallotError, BallotReference, ChallengedBallot, Choice, SealedBallot};
use crate::ballot_box::VoterState;
use crate::closed_box::Closing;
use crate::code::VotingCode;
use crate::contest::{ApprovedContest, Contest};
use crate::credential::Credential;
use crate::documents::DocumentsError;
use crate::merkle::MerklePath;
use crate::receipt::{Receipt, ReceiptError, VoterId};
use crate::roll::RollDigest;
use crate::time::UnixTime;

/// A contest the voter is entitled to, and where they stand in it.
#[derive(Clone, Debug)]
pub struct ContestView {
    contest: ApprovedContest,
    state: VoterState,
}

impl ContestView {
    /// The contest.
    #[must_use]
    pub fn contest(&self) -> &Contest {
        self.contest.contest()
    }

    /// Where the voter stands at this time. The contest's own times are looked at anew.
    #[must_use]
    pub fn state(&self, now: UnixTime) -> VoterState {
        let description = self.contest().description();
        let (opens_at, closes_at) = (description.opens_at, description.closes_at);
        match self.state {
            voted @ VoterState::Voted { .. } => voted,
            _ if now < opens_at => VoterState::NotYetOpen { opens_at },
            _ if now >= closes_at => VoterState::Closed { closes_at },
            VoterState::Open { active, .. } => VoterState::Open { closes_at, active },
            _ => VoterState::Open { closes_at, active: false },
        }
    }

    /// Seconds until the contest closes, 0 after.
    #[must_use]
    pub fn countdown(&self, now: UnixTime) -> u64 {
        self.contest().description().closes_at.seconds().saturating_sub(now.seconds())
    }
}

/// A voter with their contests, before the voting code is entered.
#[derive(Debug)]
pub struct VoterSession {
    voter: VoterId,
    contests: Vec<ContestView>,
}

impl VoterSession {
    /// A session over all contests the voter is entitled to, with the states that the server gave.
    #[must_use]
    pub fn new(voter: VoterId, contests: impl IntoIterator<Item = (ApprovedContest, VoterState)>) -> Self {
        let contests = contests.into_iter().map(|(contest, state)| ContestView { contest, state }).collect();
        VoterSession { voter, contests }
    }

    /// The contests.
    #[must_use]
    pub fn contests(&self) -> &[ContestView] {
        &self.contests
    }

    /// Takes the voting code and answers the server's nonce for every contest in which the voter has not
    /// voted. Send each answer to the box of its contest.
    #[must_use]
    pub fn enter_code<R: CryptoRng + ?Sized>(
        self,
        code: &VotingCode,
        nonce: &ActivationNonce,
        rng: &mut R,
    ) -> (ActiveSession, Vec<Activation>) {
        // Each credential is made where it stays: moving it to another list would leave a copy behind.
        let contests: Vec<_> = self
            .contests
            .into_iter()
            .map(|view| {
                let credential = Credential::derive(view.contest(), code);
                (view, credential)
            })
            .collect();
        let activations = contests
            .iter()
            .filter(|(view, _)| !matches!(view.state, VoterState::Voted { .. }))
            .map(|(_, credential)| Activation::new(credential, nonce, rng))
            .collect();
        (ActiveSession { voter: self.voter, contests }, activations)
    }
}

/// A voter with their contests and the credentials of their code.
#[derive(Debug)]
pub struct ActiveSession {
    voter: VoterId,
    contests: Vec<(ContestView, Credential)>,
}

impl ActiveSession {
    /// The contests.
    pub fn contests(&self) -> impl Iterator<Item = &ContestView> {
        self.contests.iter().map(|(view, _)| view)
    }

    /// The contests in which the voter can still vote.
    pub fn remaining(&self, now: UnixTime) -> impl Iterator<Item = &ContestView> {
        self.contests().filter(move |view| matches!(view.state(now), VoterState::Open { .. }))
    }

    /// Goes to a contest, by its number.
    ///
    /// # Errors
    ///
    /// [`NotChosen`] with the session as it was, when the voter is not entitled to such a contest, has
    /// voted in it, or it is not open.
    pub fn choose(self, number: u64, now: UnixTime) -> Result<Participation, NotChosen> {
        let found = self.contests().position(|view| view.contest().description().number == number);
        let Some(position) = found else {
            return Err(NotChosen::new(self, SessionError::UnknownContest { number }));
        };
        let state = self.contests().nth(position).map(|view| view.state(now));
        match state {
            Some(VoterState::Open { .. }) => Ok(Participation { session: self, position }),
            Some(VoterState::Voted { at }) => Err(NotChosen::new(self, SessionError::AlreadyVoted { at })),
            Some(VoterState::NotYetOpen { opens_at }) => {
                Err(NotChosen::new(self, SessionError::NotYetOpen { opens_at }))
            }
            Some(VoterState::Closed { closes_at }) => {
                Err(NotChosen::new(self, SessionError::Closed { closes_at }))
            }
            None => Err(NotChosen::new(self, SessionError::UnknownContest { number })),
        }
    }
}

/// A contest on the screen, its lists and statements to be read; nothing can be selected yet.
#[derive(Debug)]
pub struct Participation {
    session: ActiveSession,
    position: usize,
}

impl Participation {
    fn current(&self) -> Option<&(ContestView, Credential)> {
        self.session.contests.get(self.position)
    }

    /// The contest. (It is always there; an `Option` only because nothing here can panic.)
    #[must_use]
    pub fn contest(&self) -> Option<&Contest> {
        self.current().map(|(view, _)| view.contest())
    }

    /// Checks that the statements and candidates shown are those the contest was approved with.
    ///
    /// # Errors
    ///
    /// A [`DocumentsError`] when they are not, or the contest does not say.
    pub fn check_documents(&self, booklet: &[u8]) -> Result<(), DocumentsError> {
        self.contest().ok_or(DocumentsError::Form)?.check_documents(booklet)
    }

    /// "I want to vote": from here a list, or blank, can be selected.
    #[must_use]
    pub fn activate_selection(self) -> Selection {
        Selection(self)
    }

    /// Back to the list of contests.
    #[must_use]
    pub fn leave(self) -> ActiveSession {
        self.session
    }
}

/// A contest in which the voter can select.
#[derive(Debug)]
pub struct Selection(Participation);

impl Selection {
    /// The contest.
    #[must_use]
    pub fn contest(&self) -> Option<&Contest> {
        self.0.contest()
    }

    /// Selects a list or blank, to be confirmed.
    ///
    /// # Errors
    ///
    /// [`NotSelected`] with the selection as it was, when the contest has no such list.
    pub fn select(self, choice: Choice) -> Result<Confirmation, NotSelected> {
        let lists = self.contest().map_or(0, Contest::lists);
        match choice.within(lists) {
            Ok(_) => Ok(Confirmation { participation: self.0, choice }),
            Err(error) => Err(NotSelected { selection: Box::new(self), error }),
        }
    }
}

/// The choice on the screen once more, by its name. Nothing is sealed yet.
#[derive(Debug)]
pub struct Confirmation {
    participation: Participation,
    choice: Choice,
}

impl Confirmation {
    /// The contest.
    #[must_use]
    pub fn contest(&self) -> Option<&Contest> {
        self.participation.contest()
    }

    /// The name of the list chosen, as the contest has it; `None` for blank.
    #[must_use]
    pub fn list_name(&self) -> Option<&str> {
        match self.choice {
            Choice::Blank => None,
            Choice::List(list) => {
                let position = usize::from(list).checked_sub(1)?;
                self.contest()?.description().lists.get(position).map(|name| name.as_str())
            }
        }
    }

    /// Back, to change the choice.
    #[must_use]
    pub fn back(self) -> Selection {
        Selection(self.participation)
    }

    /// Seals the choice. The reference can be shown now; nothing has been sent.
    ///
    /// # Errors
    ///
    /// [`BallotError`] when the choice cannot be sealed, which after [`Selection::select`] does not happen.
    pub fn seal<R: CryptoRng + ?Sized>(self, rng: &mut R) -> Result<SealedChoice, BallotError> {
        let (view, credential) = self.participation.current().ok_or(BallotError::Choice { lists: 0 })?;
        let sealed = SealedBallot::seal(&view.contest, self.choice, credential, rng)?;
        Ok(SealedChoice { participation: self.participation, sealed })
    }
}

/// A sealed ballot on the voter's device: cast it, or challenge it, or go back.
#[derive(Debug)]
pub struct SealedChoice {
    participation: Participation,
    sealed: SealedBallot,
}

impl SealedChoice {
    /// The ballot's reference, computed on the voter's side.
    #[must_use]
    pub fn reference(&self) -> BallotReference {
        self.sealed.reference()
    }

    /// Back, to change the choice; the sealed ballot is dropped.
    #[must_use]
    pub fn back(self) -> Selection {
        Selection(self.participation)
    }

    /// Opens the ballot to see whether the device sealed what it was told to. It can be cast no more; the
    /// voter selects again.
    #[must_use]
    pub fn challenge(self) -> (ChallengedBallot, Selection) {
        (self.sealed.challenge(), Selection(self.participation))
    }

    /// "I vote": final. `sent_at` is the voter's own clock.
    #[must_use]
    pub fn cast(self, sent_at: UnixTime) -> Casting {
        let reference = self.sealed.reference();
        Casting { participation: self.participation, reference, ballot: self.sealed.cast(), sent_at }
    }
}

/// A ballot on its way. It can be sent again if no answer comes: the same bytes count once.
#[derive(Debug)]
pub struct Casting {
    participation: Participation,
    reference: BallotReference,
    ballot: Vec<u8>,
    sent_at: UnixTime,
}

impl Casting {
    /// The bytes to send to the ballot box.
    #[must_use]
    pub fn ballot(&self) -> &[u8] {
        &self.ballot
    }

    /// The ballot's reference.
    #[must_use]
    pub fn reference(&self) -> BallotReference {
        self.reference
    }

    /// Checks the box's answer, all of it, from the voter's own bytes. `received_at` is the voter's own clock
    /// and `tolerance` by how many seconds the box's may differ from it.
    ///
    /// # Errors
    ///
    /// [`NotAcknowledged`] with the ballot, to be sent again or complained about, when any part of the
    /// answer does not hold.
    pub fn acknowledge(
        self,
        receipt: Receipt,
        received_at: UnixTime,
        tolerance: u64,
    ) -> Result<(ActiveSession, Voted), NotAcknowledged> {
        let window = self.window(received_at, tolerance);
        let Some((view, _)) = self.participation.current() else {
            return Err(NotAcknowledged { casting: Box::new(self), error: ReceiptError::OtherVoter });
        };
        let voter = &self.participation.session.voter;
        if let Err(error) = receipt.verify(view.contest(), voter, &self.ballot, window) {
            return Err(NotAcknowledged { casting: Box::new(self), error });
        }
        let contest = view.contest.clone();
        let Participation { mut session, position } = self.participation;
        let at = receipt.acknowledgement.at;
        if let Some((view, _)) = session.contests.get_mut(position) {
            view.state = VoterState::Voted { at };
        }
        Ok((session, Voted { contest, ballot: self.ballot, reference: self.reference, receipt }))
    }

    fn window(&self, received_at: UnixTime, tolerance: u64) -> RangeInclusive<UnixTime> {
        let from = self.sent_at.seconds().saturating_sub(tolerance);
        let to = received_at.seconds().saturating_add(tolerance);
        UnixTime::from_seconds(from)..=UnixTime::from_seconds(to)
    }
}

/// A vote that is in the box, with everything needed to check that it stays there.
#[derive(Clone, Debug)]
pub struct Voted {
    contest: ApprovedContest,
    ballot: Vec<u8>,
    reference: BallotReference,
    receipt: Receipt,
}

impl Voted {
    /// The contest.
    #[must_use]
    pub fn contest(&self) -> &Contest {
        self.contest.contest()
    }

    /// The ballot's bytes.
    #[must_use]
    pub fn ballot(&self) -> &[u8] {
        &self.ballot
    }

    /// The ballot's reference.
    #[must_use]
    pub fn reference(&self) -> BallotReference {
        self.reference
    }

    /// The receipt, which has been checked.
    #[must_use]
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// Checks after the close that the closed box begins with the box as it was when this ballot entered:
    /// it was not taken out, and the box was not forked.
    ///
    /// # Errors
    ///
    /// A [`ReceiptError`], [`ReceiptError::NotIncluded`] also when there is no deposit proof to check from.
    pub fn check_closing(
        &self,
        closing: &Closing,
        roll: RollDigest,
        path: &MerklePath,
    ) -> Result<(), ReceiptError> {
        let missing = ReceiptError::NotIncluded { reference: self.reference };
        let proof = self.receipt.deposit_proof.as_ref().ok_or(missing)?;
        proof.verify(self.contest(), &self.ballot)?;
        proof.head.verify_consistency(self.contest(), closing, roll, path)
    }
}

/// Why a contest cannot be gone to.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionError {
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
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SessionError::UnknownContest { number } => write!(f, "the voter has no contest {number}"),
            SessionError::AlreadyVoted { at } => write!(f, "the voter has voted at {at}"),
            SessionError::NotYetOpen { opens_at } => write!(f, "the contest opens at {opens_at}"),
            SessionError::Closed { closes_at } => write!(f, "the contest closed at {closes_at}"),
        }
    }
}

impl core::error::Error for SessionError {}

/// Declares an error that gives back the state it was met in.
macro_rules! refused {
    ($(#[$doc:meta])* $name:ident($field:ident: $state:ty, $error:ty)) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name {
            $field: Box<$state>,
            error: $error,
        }

        impl $name {
            /// What was wrong.
            #[must_use]
            pub fn error(&self) -> $error {
                self.error
            }

            /// The state, as it was.
            #[must_use]
            pub fn into_state(self) -> $state {
                *self.$field
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
    /// A contest was not gone to.
    NotChosen(session: ActiveSession, SessionError)
}

impl NotChosen {
    fn new(session: ActiveSession, error: SessionError) -> Self {
        NotChosen { session: Box::new(session), error }
    }
}

refused! {
    /// A choice was not selected.
    NotSelected(selection: Selection, BallotError)
}

refused! {
    /// The box's answer does not hold.
    NotAcknowledged(casting: Casting, ReceiptError)
}
