//! One contest, from its statements to a sealed ballot.

use rand_core::CryptoRng;

use super::{ActiveSession, Casting, Entitlement, NotSealed, NotSelected};
use crate::ballot::{BallotReference, ChallengedBallot, Choice, SealedBallot, SecretChoice};
use crate::contest::Contest;
use crate::contest::DocumentsError;
use crate::primitives::secret::{self, overwrite};
use crate::primitives::{UnixTime, Unsent};

/// A contest on the screen, its lists and statements to be read; nothing can be selected yet.
#[derive(Debug)]
pub struct Participation {
    /// The session without this contest.
    pub(super) others: ActiveSession,
    /// Where this contest stood, and goes back to.
    pub(super) position: usize,
    pub(super) current: Entitlement,
}

impl Participation {
    /// The contest.
    #[must_use]
    pub fn contest(&self) -> &Contest {
        self.current.view.contest()
    }

    /// Checks that the statements and candidates shown are those the contest was approved with.
    ///
    /// # Errors
    ///
    /// A [`DocumentsError`] when they are not, or the contest does not say.
    pub fn check_documents(&self, booklet: &[u8]) -> Result<(), DocumentsError> {
        self.contest().check_documents(booklet)
    }

    /// "I want to vote": from here a list, or blank, can be selected.
    #[must_use]
    pub fn activate_selection(self) -> Selection {
        Selection(self)
    }

    /// Back to the list of contests.
    #[must_use]
    pub fn leave(self) -> ActiveSession {
        let Participation { others: mut session, position, current } = self;
        session.entitlements.insert(position, current);
        session
    }
}

/// A contest in which the voter can select.
#[derive(Debug)]
pub struct Selection(Participation);

impl Selection {
    /// The contest.
    #[must_use]
    pub fn contest(&self) -> &Contest {
        self.0.contest()
    }

    /// Selects a list or blank, to be confirmed.
    ///
    /// # Errors
    ///
    /// [`NotSelected`] with the selection as it was, when the contest has no such list.
    #[inline(never)]
    pub fn select(self, choice: Choice) -> Result<Review, NotSelected> {
        let chosen = choice.within(self.contest().lists());
        overwrite::<{ secret::CHOICE }>();
        match chosen {
            Ok(choice) => Ok(Review { participation: self.0, choice }),
            Err(error) => Err(NotSelected::new(self, error)),
        }
    }

    /// Back to the list of contests.
    #[must_use]
    pub fn leave(self) -> ActiveSession {
        self.0.leave()
    }
}

/// The choice on the screen once more, by its name. Nothing is sealed yet.
#[derive(Debug)]
pub struct Review {
    participation: Participation,
    choice: SecretChoice,
}

impl Review {
    /// The contest.
    #[must_use]
    pub fn contest(&self) -> &Contest {
        self.participation.contest()
    }

    /// The name of the list chosen, as the contest has it; `None` for blank.
    #[must_use]
    pub fn list_name(&self) -> Option<&str> {
        let position = usize::from(self.choice.number()).checked_sub(1)?;
        self.contest().description().lists.get(position).map(|name| name.as_str())
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
    /// [`NotSealed`] when the choice cannot be sealed, which after [`Selection::select`] does not happen.
    pub fn seal<R: CryptoRng + ?Sized>(self, rng: &mut R) -> Result<SealedChoice, NotSealed> {
        let Entitlement { view, credential } = &self.participation.current;
        match SealedBallot::seal_chosen(view.contest(), self.choice.clone(), credential, rng) {
            Ok(sealed) => Ok(SealedChoice { participation: self.participation, sealed }),
            Err(error) => Err(NotSealed::new(self, error)),
        }
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

    /// Challenges the ballot, to see whether the device sealed what it was told to. It can be cast no more.
    #[must_use]
    pub fn challenge(self) -> Challenging {
        Challenging { participation: self.participation, opened: self.sealed.challenge() }
    }

    /// "I vote": final. `sent_at` is the voter's own clock.
    ///
    /// The bytes to be stored first are those of the vote's [`Dossier`](super::Dossier): whatever happens once the
    /// ballot is on its way, it can then be sent again. Each contest has a dossier of its own.
    pub fn cast(self, sent_at: UnixTime) -> Unsent<Casting> {
        let reference = self.sealed.reference();
        Casting::new(self.participation, reference, self.sealed.cast(), sent_at)
    }
}

/// A ballot that is being challenged: first the box takes note of it, so that it never counts, and only then is it
/// opened to a second device.
#[derive(Debug)]
pub struct Challenging {
    participation: Participation,
    opened: ChallengedBallot,
}

impl Challenging {
    /// The bytes to send to the box, which never takes this ballot from then on. Neither choice nor nonce is in them.
    #[must_use]
    pub fn ballot(&self) -> &[u8] {
        self.opened.ballot()
    }

    /// The box has taken note: the opened ballot, to be shown to a second device and to nobody else, and back to
    /// the selection.
    #[must_use]
    pub fn noted(self) -> (ChallengedBallot, Selection) {
        (self.opened, Selection(self.participation))
    }

    /// Back to the selection without opening the ballot, when the box could not take note of it.
    #[must_use]
    pub fn back(self) -> Selection {
        Selection(self.participation)
    }
}
