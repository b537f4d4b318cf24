//! A voter's session, from the list of contests to the acknowledgement.
//!
//! It runs on the voter's side. Each screen is a type, and each button consumes it, so a portal cannot
//! get the order wrong:
//!
//! ```text
//! VoterSession ── enter_code ──▶ EnteredCode ── activated ──▶ ActiveSession ◀───────── leave ─┐
//!       ▲                             │                         │  ▲    │ choose             │
//!       └──────────── back ───────────┴──── another_code ───────┘  │    ▼                    │
//!                                                                  │ Participation ──────────┤
//!                                                                  │    │ activate_selection │
//!                                                                  │    ▼                    │
//!                                                                  │ Selection ◀──────────┐ ─┘
//!                                                                  │    │ select          │
//!                                                                  │    ▼                 │
//!                                                                  │ Review ─────── back ─┤
//!                                                                  │    │ seal            │
//!                                                                  │    ▼                 │
//!                                                                  │ SealedChoice ─ back ─┤
//!                                                                  │    │ cast    challenge
//!                                                                  │    ▼                 ▼
//!                                         acknowledge, refused ────┴─ Casting      Challenging
//!                                               │                           noted, back: Selection
//!                                               ▼
//!                                             Voted ── check_given, check_counted
//! ```
//!
//! What the server says is checked where it comes in: the contest's approvals (by the type
//! [`ApprovedContest`]), its fingerprint, against those that the trustees publish, and the opening of its roll
//! ([`VoterSession::new`]), its documents
//! ([`Participation::check_documents`]), and every part of the receipt ([`Casting::acknowledge`]). Credentials and
//! nonces never leave; an opened ballot does, to a second device, and only after the box has noted that it never
//! counts ([`Challenging`]). Where a step is refused, the error gives the state back.
//!
//! Before a ballot is sent, its [`Dossier`] is stored ([`SealedChoice::cast`]). From that, and the published contest,
//! another process sends the same ballot again when an answer was lost, and checks weeks later that it is in the box.
//!
//! # Example
//!
//! A voter who changes a choice, votes blank, and has everything checked. `ballot_box` is a
//! [`BallotBox`](crate::BallotBox) on whose roll the voter stands, with the credential of `code`.
//!
//! ```
//! # use std::collections::BTreeSet;
//! # use urne::{ballot_box::{Issued, SignedBox, Validity}, bureau::{Ceremony, OpenedShares}, rand_core::UnwrapErr, *};
//! # use urne::contest::{ContestDescription, documents_text};
//! use urne::ballot_box::{Answer, Complaints};
//! use urne::record::{EndorsedRecord, GivenRecord};
//! use urne::voter::Dossier;
//! use urne::{ActivationNonce, Choice, ClosedRecord, VoterId, VoterSession};
//!
//! # let rng = &mut UnwrapErr(getrandom::SysRng);
//! # let [before, opens_at, now, closes_at, end] =
//! #     [1_779_999_000, 1_780_000_000, 1_780_000_500, 1_780_086_400, 1_780_088_200].map(UnixTime::from_seconds);
//! # let secret = IdentitySecret::generate(rng);
//! # let bureau = Bureau::new(vec![Panel { threshold: 1, trustees: vec![secret.public()] }])?;
//! # let ceremony = Ceremony::new("council 2026", 1, bureau)?;
//! # let (trustee, commitment) = ceremony.join(secret, rng)?.stored();
//! # let (trustee, reveal) = trustee.reveal(&[commitment], rng)?.stored();
//! # let OpenedShares::Good(trustee) = trustee.check(&[reveal], rng)? else {
//! #     return Err("bad shares: publish the complaints".into());
//! # };
//! # let (trustee, confirmation) = trustee.confirm(&[], rng)?.stored();
//! # let mut trustee = Trustee::after_ceremony(trustee.finish(&[confirmation], &[])?);
//! # let booklet = b"What each list stands for, and who its candidates are.";
//! # let [box_key, issuer_key] = [(); 2].map(|()| SigningKey::generate(rng));
//! # let description = ContestDescription {
//! #     election: "Council 2026".into(),
//! #     number: 584,
//! #     title: "Town council".into(),
//! #     documents: documents_text(booklet),
//! #     lists: vec!["Left bank".into(), "Right bank".into()],
//! #     opens_at,
//! #     closes_at,
//! #     grace: 1_800,
//! #     capacity: 1_000,
//! #     packing: None,
//! #     quorums: None,
//! #     box_key: box_key.public(),
//! #     issuer_key: issuer_key.public(),
//! # };
//! # let contest = Contest::new(description, trustee.key().election_key())?;
//! # let approval = trustee.approve(&contest, before, rng)?.stored();
//! # let contest = ApprovedContest::new(contest, vec![approval])?;
//! # let mut issuer = Issuer::with_empty_memory(issuer_key);
//! let voter = VoterId::new("anne").ok_or("an id has 1 to 256 bytes")?;
//! # let voters = [(voter.clone(), vec![contest.contest()])];
//! # let letters = issuer.issue(&voters, Validity::UntilClose, before, rng)?.stored();
//! # let Issued { code, .. } = letters.into_iter().next().ok_or("one voter")?;
//! # let roll = issuer.electoral_roll(&contest)?;
//! # let opening = issuer.sign_opening(contest.contest(), &roll.propose(before, &box_key)?.stored())?.stored();
//! # let mut ballot_box = BallotBox::open(roll, opening, box_key)?.stored();
//! let published = [contest.contest().fingerprint()]; // as the trustees have it on their own pages
//! let opening = ballot_box.roll().signed_opening();
//! let state = ballot_box.state(&voter, now).ok_or("not on the roll")?;
//! let session = VoterSession::new(voter.clone(), &published, [(contest.clone(), opening, state)])?;
//!
//! // The code answers the server's nonce; each box activates it.
//! let nonce = ActivationNonce::generate(rng);
//! let entered = session.enter_code(&code, &nonce, rng);
//! let mut accepted = vec![];
//! for (contest, activation) in entered.activations() {
//!     let mut transaction = ballot_box.transaction();
//!     transaction.activate(&voter, &nonce, activation, now)?;
//!     // … entries and anchor stored …
//!     transaction.stored();
//!     accepted.push(*contest);
//! }
//! let session = entered.activated(&accepted)?;
//!
//! // Contest 584, its statements checked; a list is selected, and then blank instead.
//! let participation = session.choose(584, now)?;
//! participation.check_documents(booklet)?;
//! let review = participation.activate_selection().select(Choice::List(2))?;
//! assert_eq!(review.list_name(), Some("Right bank"));
//! let review = review.back().select(Choice::Blank)?;
//! assert_eq!(review.list_name(), None);
//!
//! // Sealed on this side; the reference is known before anything is sent.
//! let sealed = review.seal(rng)?;
//! let reference = sealed.reference();
//! let unsent = sealed.cast(now);
//! let mut kept = unsent.to_store().to_vec(); // the vote's dossier: stored before the ballot is sent
//! let casting = unsent.stored();
//!
//! // The box takes the ballot, and its answer is checked against the bytes that were sent.
//! let mut transaction = ballot_box.transaction();
//! transaction.deposit(&voter, casting.ballot(), now)?;
//! // … entries and anchor stored …
//! let receipt = transaction.stored().pop().and_then(Answer::receipt).ok_or("no receipt")?;
//! let (session, voted) = casting.acknowledge(receipt, now, 5)?;
//! assert_eq!(voted.reference(), reference);
//! kept = voted.dossier().to_bytes();
//! assert_eq!(session.remaining(now).count(), 0);
//! assert!(session.choose(584, now).is_err());
//!
//! // After the end, in the time for complaints: the closing that the trustees say they were given has the ballot
//! // in it. All of it comes from the file that was kept and the closed record.
//! # let mut transaction = ballot_box.transaction();
//! # transaction.close(end, rng)?;
//! # transaction.stored();
//! let (closed, signings) = ballot_box.closed().ok_or("not closed")?;
//! let given = [trustee.given(&closed, end)?.stored()];
//! let voted = Dossier::from_bytes(&kept)?.voted(contest.contest())?;
//! let found = voted.check_given(&GivenRecord::verify(&ClosedRecord::new(&closed), &given)?)?;
//! assert_eq!((found.index, found.reference), (0, reference));
//!
//! # let complaints = Complaints { seconds: 0, given: &given };
//! # issuer.given(&closed, end)?.stored();
//! # let signature = issuer.sign_closing(&closed, &complaints, end)?.stored();
//! # let signed = SignedBox::new(closed, signature)?;
//! # let voters = BTreeSet::from([voter]);
//! # let endorsements = [trustee.endorse(&signed, &signings, &voters, &complaints, end, rng)?.stored()];
//! # let ready = [trustee.ready(&signed, &endorsements)?];
//! # let factors = [trustee.give_factors(&signed, &endorsements, &ready, rng)?.stored()];
//! # let opened = OpenedTally::open(&signed, &endorsements, &factors)?;
//! # let record = Record::new(&signed, &opened);
//! // And after the count: so has the one closing that they endorsed.
//! let record = EndorsedRecord::verify(&record, &published)?;
//! assert_eq!(voted.check_counted(&record)?, found);
//!
//! // A second device, which has nothing but the code and the record, compares the reference that was shown.
//! assert_eq!(record.ballots().check_code(&code, &reference)?, found);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;

use crate::ballot_box::{OpeningDigest, SignedOpening, VoterId, VoterState};
use crate::contest::{ApprovedContest, Contest, Fingerprint};
use crate::credential::{Activation, ActivationNonce, Credential, VotingCode};
use crate::primitives::time::UnixTime;

mod casting;
mod dossier;
mod error;
#[cfg(doctest)]
mod order;
mod participation;

pub use casting::{Casting, Voted};
pub use dossier::{Dossier, Resumed};
pub use error::{
    DossierError, NotAcknowledged, NotActivated, NotChosen, NotSealed, NotSelected, SessionError,
};
pub use participation::{Challenging, Participation, Review, SealedChoice, Selection};

/// A contest the voter is entitled to, and where they stand in it.
#[derive(Clone, Debug)]
pub struct ContestView {
    contest: ApprovedContest,
    opening: OpeningDigest,
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
            // Who entered the code before the close may finish within the grace.
            VoterState::Open { active: true, .. } if now < self.contest().ends_at() => {
                VoterState::Open { closes_at, active: true }
            }
            _ if now >= closes_at => VoterState::Closed { closes_at },
            _ => VoterState::Open { closes_at, active: false },
        }
    }

    /// Seconds until the contest closes, 0 after.
    #[must_use]
    pub fn countdown(&self, now: UnixTime) -> u64 {
        self.contest().description().closes_at.seconds().saturating_sub(now.seconds())
    }

    fn fingerprint(&self) -> Fingerprint {
        self.contest.fingerprint()
    }

    fn number(&self) -> u64 {
        self.contest().description().number
    }
}

/// A voter with their contests, before the voting code is entered.
pub struct VoterSession {
    voter: VoterId,
    contests: Vec<ContestView>,
}

impl VoterSession {
    /// A session over all contests the voter is entitled to, with the openings of their rolls and the states that
    /// the server gave. Everything that a box signs later must be under its opening.
    ///
    /// `published` are the fingerprints of contests as the trustees themselves publish them, not as the server has
    /// them: a server can make up a contest with the same texts and with trustees of its own, who approve it and can
    /// read what is sealed under it.
    ///
    /// # Errors
    ///
    /// [`SessionError::NotPublished`] when a contest is none of those published,
    /// [`SessionError::RepeatedContest`] when two of them have the same number, [`SessionError::Opening`] when an
    /// opening is not signed by both box and issuer of its contest.
    pub fn new(
        voter: VoterId,
        published: &[Fingerprint],
        contests: impl IntoIterator<Item = (ApprovedContest, SignedOpening, VoterState)>,
    ) -> Result<Self, SessionError> {
        let view = |(contest, opening, state): (ApprovedContest, SignedOpening, VoterState)| {
            let number = contest.contest().description().number;
            let fingerprint = contest.contest().fingerprint();
            if !published.contains(&fingerprint) {
                return Err(SessionError::NotPublished { number, fingerprint });
            }
            let verified = opening.verify(contest.contest());
            let opening = verified.map_err(|error| SessionError::Opening { number, error })?;
            Ok(ContestView { contest, opening, state })
        };
        let contests: Vec<_> = contests.into_iter().map(view).collect::<Result<_, _>>()?;
        let mut numbers = BTreeSet::new();
        match contests.iter().map(ContestView::number).find(|number| !numbers.insert(*number)) {
            Some(number) => Err(SessionError::RepeatedContest { number }),
            None => Ok(VoterSession { voter, contests }),
        }
    }

    /// The contests, in the order given.
    #[must_use]
    pub fn contests(&self) -> &[ContestView] {
        &self.contests
    }

    /// Takes the voting code and answers the server's nonce for every contest in which the voter has not
    /// voted.
    #[must_use]
    pub fn enter_code<R: CryptoRng + ?Sized>(
        self,
        code: &VotingCode,
        nonce: &ActivationNonce,
        rng: &mut R,
    ) -> EnteredCode {
        let VoterSession { voter, contests } = self;
        let mut activations = Vec::new();
        let mut entitlements = Vec::with_capacity(contests.len());
        for view in contests {
            let credential = Credential::derive(view.contest(), code);
            if !matches!(view.state, VoterState::Voted { .. }) {
                activations.push((view.fingerprint(), Activation::new(&credential, nonce, rng)));
            }
            entitlements.push(Entitlement { view, credential });
        }
        EnteredCode { session: ActiveSession { voter, entitlements }, activations }
    }
}

/// A contest with the credential of the code that was entered.
///
/// One screen hands the contest on to the next by value. The credential's secret stands in a place of its own, so that
/// no copy stays behind in a list or on the stack, and the one there is gets wiped.
#[derive(Debug)]
struct Entitlement {
    view: ContestView,
    credential: Credential,
}

/// A voting code that was entered, and its answers, which are to be sent to the boxes.
#[derive(Debug)]
pub struct EnteredCode {
    session: ActiveSession,
    activations: Vec<(Fingerprint, Activation)>,
}

impl EnteredCode {
    /// The answers to the server's nonce, each for the box of its contest.
    #[must_use]
    pub fn activations(&self) -> &[(Fingerprint, Activation)] {
        &self.activations
    }

    /// Goes on, once the boxes of these contests have accepted their answers. In the others the voter needs
    /// another code, as after a reissue for some contests only.
    ///
    /// # Errors
    ///
    /// [`NotActivated`], with [`SessionError::NotAccepted`], when no box has accepted: the code is not this
    /// voter's, was revoked, or came too late; with [`SessionError::NothingToActivate`] when the
    /// voter has voted in every contest.
    pub fn activated(self, accepted: &[Fingerprint]) -> Result<ActiveSession, NotActivated> {
        let EnteredCode { mut session, activations } = self;
        let active = |contest| {
            accepted.contains(&contest) && activations.iter().any(|(answered, _)| *answered == contest)
        };
        let views = session.entitlements.iter_mut().map(|entitlement| &mut entitlement.view);
        let mut open: Vec<_> = views.filter(|view| !matches!(view.state, VoterState::Voted { .. })).collect();
        if open.is_empty() {
            return Err(NotActivated::new(session.another_code(), SessionError::NothingToActivate));
        }
        if !open.iter().any(|view| active(view.fingerprint())) {
            return Err(NotActivated::new(session.another_code(), SessionError::NotAccepted));
        }
        for view in &mut open {
            let closes_at = view.contest().description().closes_at;
            view.state = VoterState::Open { closes_at, active: active(view.fingerprint()) };
        }
        Ok(session)
    }

    /// Back, to enter another code.
    #[must_use]
    pub fn back(self) -> VoterSession {
        self.session.another_code()
    }
}

/// A voter with their contests and the credentials of their code.
pub struct ActiveSession {
    voter: VoterId,
    entitlements: Vec<Entitlement>,
}

impl ActiveSession {
    /// The contests, in the order given.
    pub fn contests(&self) -> impl Iterator<Item = &ContestView> {
        self.entitlements.iter().map(|entitlement| &entitlement.view)
    }

    /// The contests that can be gone to: open, not voted in yet, and activated with this code.
    pub fn remaining(&self, now: UnixTime) -> impl Iterator<Item = &ContestView> {
        self.contests().filter(move |view| matches!(view.state(now), VoterState::Open { active: true, .. }))
    }

    /// Goes to a contest, by its number.
    ///
    /// # Errors
    ///
    /// [`NotChosen`] with the session as it was, when the voter is not entitled to such a contest, has
    /// voted in it, it is not open, or the code is not active in it.
    pub fn choose(mut self, number: u64, now: UnixTime) -> Result<Participation, NotChosen> {
        match self.find(number, now) {
            Err(error) => Err(NotChosen::new(self, error)),
            Ok(position) => {
                let current = self.entitlements.remove(position);
                Ok(Participation { others: self, position, current })
            }
        }
    }

    /// Where the contest stands in the list, if the voter can vote in it.
    fn find(&self, number: u64, now: UnixTime) -> Result<usize, SessionError> {
        let mut views = self.contests().enumerate();
        let (position, view) =
            views.find(|(_, view)| view.number() == number).ok_or(SessionError::UnknownContest { number })?;
        match view.state(now) {
            VoterState::Open { active: true, .. } => Ok(position),
            VoterState::Open { active: false, .. } => Err(SessionError::NotActive { number }),
            VoterState::Voted { at } => Err(SessionError::AlreadyVoted { at }),
            VoterState::NotYetOpen { opens_at } => Err(SessionError::NotYetOpen { opens_at }),
            VoterState::Closed { closes_at } => Err(SessionError::Closed { closes_at }),
        }
    }

    /// Drops the credentials, to enter another code: one that was issued anew, for some contests or all.
    #[must_use]
    pub fn another_code(self) -> VoterSession {
        let contests = self.entitlements.into_iter().map(|entitlement| entitlement.view).collect();
        VoterSession { voter: self.voter, contests }
    }
}

/// Without the voter, as later states are.
impl fmt::Debug for VoterSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VoterSession").field("contests", &self.contests).finish_non_exhaustive()
    }
}

/// Not whose it is: beside it stand credentials, and in later states the ballot's reference.
impl fmt::Debug for ActiveSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActiveSession").field("entitlements", &self.entitlements).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::wiped;

    #[test]
    fn attack_19_the_credentials_of_a_session_are_wiped() {
        // No `..`: a new field must be looked at here.
        let _ = |Entitlement { view: _, credential }: &Entitlement| wiped(credential);
        let _ =
            |ActiveSession { voter: _, entitlements }: ActiveSession| -> Vec<Entitlement> { entitlements };
        let _ = |EnteredCode { session, activations }: EnteredCode| -> (ActiveSession, Vec<(Fingerprint, Activation)>) {
            (session, activations)
        };
    }
}
