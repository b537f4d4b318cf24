//! The ballot box while it is open: activation, deposit, reissue, and the proofs it gives to voters.
//!
//! A [`BallotBox`] is opened from an [`ElectoralRoll`], takes ballots between the contest's opening and
//! close, and becomes a [`ClosedBox`], from which alone tallies and records are made. Time comes in with
//! every call; a time that is earlier than that of the last change counts as that one, so that the times the
//! box signs never decrease.
//!
//! # One atomic step
//!
//! [`BallotBox::deposit`] does all checks, then takes the ballot, signs the voter off and gives both
//! proofs; or it does nothing and says precisely why. The same ballot deposited again by the same voter,
//! as after a lost connection, gives the same acknowledgement and no second vote. A vote is final.
//!
//! # Its own log
//!
//! Everything that changes the box gives a [`LogEntry`] to be stored **before** the answer is given to
//! anyone; [`BallotBox::rebuild`] makes the same box again from the stored entries and verifies each as it
//! goes. Entries are chained and signed, so one that is edited, moved or cut is named. If an entry cannot
//! be stored, drop the box and rebuild it: nothing was promised to anyone yet.
//!
//! The log says which voter sent which sealed ballot. Nobody opens a ballot with that, but it is as much
//! to be kept from others as the voters' ids are; what is published comes from the [`ClosedBox`].

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::fmt;

use crate::ballot::{BallotReference, ChallengedBallot};
use crate::ballot::{PartialSum, SealedTally};
use crate::ballot_box::merkle::ReferenceTree;
use crate::ballot_box::{ClosedBox, Closing};
use crate::ballot_box::{ElectoralRoll, Issue, Validity};
use crate::ballot_box::{Emargement, VoterId};
use crate::ballot_box::{Roll, RollError};
use crate::contest::ApprovedContest;
use crate::credential::PublicCredential;
use crate::credential::{Activation, ActivationNonce};
use crate::primitives::ed25519::SigningKey;
use crate::primitives::hash::length_of;
use crate::primitives::proof::Rejected;
use crate::primitives::time::UnixTime;

mod deposit;
mod error;
mod log;

pub use deposit::Deposit;
pub use error::{ActivationError, CloseError, DepositError, NotClosed, RefusalError, ReissueError};
pub use log::{LogEntry, LogError, LogFlaw};

use log::{Chain, Event};

/// Whether a deposit proof is given again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DepositProofs {
    /// With the deposit and never again: the rule of the real system.
    #[default]
    Once,
    /// As often as the voter asks.
    Always,
}

/// Says that the application has checked who a person is, and that it is this voter.
#[derive(Clone, Debug)]
pub struct IdentityChecked(VoterId);

impl IdentityChecked {
    /// To be called by the application after it has identified the person by its own means.
    #[must_use]
    pub fn by_application(voter: VoterId) -> Self {
        IdentityChecked(voter)
    }
}

/// What the box knows of a voter.
struct Voter {
    /// The issue in force.
    current: Issue,
    /// Those it took the place of.
    revoked: Vec<PublicCredential>,
    active: bool,
    vote: Option<Vote>,
}

/// That a voter has voted.
#[derive(Clone, Copy)]
struct Vote {
    /// Place of the ballot in the box.
    index: usize,
    reference: BallotReference,
    at: UnixTime,
}

/// Where a voter stands in a contest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoterState {
    /// The contest is not open yet.
    NotYetOpen {
        /// When it opens.
        opens_at: UnixTime,
    },
    /// The voter can vote.
    Open {
        /// When the contest closes.
        closes_at: UnixTime,
        /// Whether the voter's code is active.
        active: bool,
    },
    /// The voter has voted.
    Voted {
        /// When.
        at: UnixTime,
    },
    /// The contest is closed, and the voter has not voted.
    Closed {
        /// When it closed.
        closes_at: UnixTime,
    },
}

/// A ballot box, from the opening of its roll to its close.
///
/// ```
#[doc = include_str!("example_contest.txt")]
/// use urne::electoral_roll::{Issue, Validity};
///
/// // The application registers a voter with the public credential of the code that was sent to them.
/// let (voter, code) = (VoterId::new("Jo Doe").ok_or("1 to 256 bytes")?, VotingCode::generate(rng));
/// let credential = Credential::derive(contest.contest(), &code);
/// let mut roll = ElectoralRoll::new(contest.clone());
/// let (public, validity) = (credential.public(), Validity::UntilClose);
/// roll.register(voter.clone(), Issue { credential: public, issued_at: before, validity })?;
/// let (mut ballot_box, entry) = BallotBox::open(roll, before, box_key)?;
/// let mut log = entry.as_bytes().to_vec();
///
/// // The voter enters the code, seals a choice and sends it.
/// let nonce = ActivationNonce::generate(rng);
/// let answer = Activation::new(&credential, &nonce, rng);
/// if let Some(entry) = ballot_box.activate(&voter, &nonce, &answer, now)? {
///     log.extend(entry.as_bytes());
/// }
/// let ballot = SealedBallot::seal(&contest, Choice::List(1), &credential, rng)?.cast();
/// let deposit = ballot_box.deposit(&voter, &ballot, now)?;
/// // Stored first, then the voter is told.
/// log.extend(deposit.entry.iter().flat_map(|entry| entry.as_bytes()));
/// deposit.receipt.verify(contest.contest(), &voter, &ballot, now..=now)?;
///
/// // Sent again, as after a lost connection, it is still one vote.
/// let again = ballot_box.deposit(&voter, &ballot, now)?;
/// assert_eq!(again.receipt.acknowledgement, deposit.receipt.acknowledgement);
/// assert_eq!((ballot_box.len(), ballot_box.signings()), (1, 1));
///
/// let (closed, entry) = ballot_box.close(closes_at)?;
/// log.extend(entry.iter().flat_map(|entry| entry.as_bytes()));
/// assert_eq!(closed.closing().size, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct BallotBox {
    contest: ApprovedContest,
    key: SigningKey,
    proofs: DepositProofs,
    roll: Roll,
    voters: BTreeMap<VoterId, Voter>,
    ballots: Vec<Vec<u8>>,
    references: Vec<BallotReference>,
    tree: ReferenceTree,
    sum: PartialSum,
    /// `R` of every ballot in the box.
    deposited: BTreeSet<[u8; 32]>,
    /// `R` of every ballot that was opened by its voter.
    opened: BTreeSet<[u8; 32]>,
    /// The time of the last change.
    clock: UnixTime,
    /// When the box was closed, in one that is made again from the log of a closed box.
    closed: Option<UnixTime>,
    chain: Chain,
}

impl BallotBox {
    /// Opens the roll, which the box signs and from which it begins. Store the entry.
    ///
    /// # Errors
    ///
    /// [`RollError::Late`] after the contest has opened, and [`RollError::Signature`] when the key is not
    /// the contest's box key.
    pub fn open(roll: ElectoralRoll, now: UnixTime, key: SigningKey) -> Result<(Self, LogEntry), RollError> {
        let (contest, voters) = roll.into_parts();
        let mut ballot_box = BallotBox::begin(contest, &voters, now, key)?;
        let entry = ballot_box.log(&Event::Open { at: now, voters });
        Ok((ballot_box, entry))
    }

    fn begin(
        contest: ApprovedContest,
        voters: &BTreeMap<VoterId, Issue>,
        at: UnixTime,
        key: SigningKey,
    ) -> Result<Self, RollError> {
        let credentials = voters.values().map(|issue| issue.credential).collect();
        let roll = Roll::open(contest.contest(), credentials, at, &key)?;
        let voter = |issue: &Issue| Voter { current: *issue, revoked: Vec::new(), active: false, vote: None };
        Ok(BallotBox {
            sum: PartialSum::new(contest.contest()),
            chain: Chain::new(contest.fingerprint()),
            contest,
            key,
            proofs: DepositProofs::default(),
            roll,
            voters: voters.iter().map(|(id, issue)| (id.clone(), voter(issue))).collect(),
            ballots: Vec::new(),
            references: Vec::new(),
            tree: ReferenceTree::new(),
            deposited: BTreeSet::new(),
            opened: BTreeSet::new(),
            clock: at,
            closed: None,
        })
    }

    fn log(&mut self, event: &Event) -> LogEntry {
        self.chain.append(event, &self.key)
    }

    /// Sets whether deposit proofs are given again. Not part of the log: say it after a rebuild too.
    pub fn set_deposit_proofs(&mut self, proofs: DepositProofs) {
        self.proofs = proofs;
    }

    /// The contest.
    #[must_use]
    pub fn contest(&self) -> &ApprovedContest {
        &self.contest
    }

    /// The roll as it is published: no voter ids.
    #[must_use]
    pub fn roll(&self) -> &Roll {
        &self.roll
    }

    /// How many ballots are in the box.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ballots.len()
    }

    /// Whether no ballot is in the box.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ballots.is_empty()
    }

    /// How many voters have been signed off.
    #[must_use]
    pub fn signings(&self) -> usize {
        self.voters.values().filter(|voter| voter.vote.is_some()).count()
    }

    /// Where a voter stands. `None` when they are not on the roll.
    #[must_use]
    pub fn state(&self, voter: &VoterId, now: UnixTime) -> Option<VoterState> {
        let description = self.contest.contest().description();
        let (opens_at, closes_at) = (description.opens_at, description.closes_at);
        let voter = self.voters.get(voter)?;
        let now = self.time(now);
        Some(match voter.vote {
            Some(vote) => VoterState::Voted { at: vote.at },
            None if now < opens_at => VoterState::NotYetOpen { opens_at },
            None if now >= closes_at => VoterState::Closed { closes_at },
            None => VoterState::Open { closes_at, active: voter.active },
        })
    }

    /// The signing of a voter, again. `None` when they have not voted.
    #[must_use]
    pub fn emargement(&self, voter: &VoterId) -> Option<Emargement> {
        let vote = self.voters.get(voter)?.vote?;
        Some(self.sign_off(voter, vote))
    }

    /// Activates a voter's code: the answer to a nonce that the server drew for this voter just now. Store
    /// the entry, if there is one; a code that is active already stays so.
    ///
    /// # Errors
    ///
    /// The first of [`ActivationError`]'s checks that fails. Nothing is changed then.
    pub fn activate(
        &mut self,
        voter: &VoterId,
        nonce: &ActivationNonce,
        activation: &Activation,
        now: UnixTime,
    ) -> Result<Option<LogEntry>, ActivationError> {
        let at = self.time(now);
        if !self.check_activation(voter, nonce, activation, at)? {
            return Ok(None);
        }
        self.apply_activation(voter, at);
        let event = Event::Activate { voter: voter.clone(), nonce: *nonce, activation: *activation, at };
        Ok(Some(self.log(&event)))
    }

    /// `false` when the code is active already. The proof comes before everything that would tell someone
    /// who does not hold the code whose a public credential is.
    fn check_activation(
        &self,
        voter: &VoterId,
        nonce: &ActivationNonce,
        activation: &Activation,
        at: UnixTime,
    ) -> Result<bool, ActivationError> {
        let contest = self.contest.contest();
        let closes_at = contest.description().closes_at;
        if at >= closes_at {
            return Err(ActivationError::Closed { closes_at });
        }
        let known = self.voters.get(voter).ok_or(ActivationError::NotOnRoll)?;
        if let Some(vote) = known.vote {
            return Err(ActivationError::AlreadyVoted { at: vote.at });
        }
        activation.verify(contest, nonce).map_err(|Rejected| ActivationError::Proof)?;
        let credential = activation.credential();
        if credential != known.current.credential {
            let revoked = known.revoked.contains(&credential);
            return Err(if revoked { ActivationError::Revoked } else { ActivationError::OtherCode });
        }
        let expires_at = known.current.expires_at(contest);
        if !known.active && at >= expires_at {
            return Err(ActivationError::Expired { expires_at });
        }
        Ok(!known.active)
    }

    fn apply_activation(&mut self, voter: &VoterId, at: UnixTime) {
        if let Some(known) = self.voters.get_mut(voter) {
            known.active = true;
        }
        self.clock = at;
    }

    /// Issues a new code to a voter whom the application has identified, and revokes the old one: from now
    /// on only the new credential counts, once it is activated within its validity. Store the entry before
    /// the code is sent.
    ///
    /// # Errors
    ///
    /// [`ReissueError`]: the voter is not on the roll or has voted, the contest is closed, or the
    /// credential is on the roll already. Nothing is changed then.
    pub fn reissue(
        &mut self,
        identity: IdentityChecked,
        credential: PublicCredential,
        validity: Validity,
        now: UnixTime,
    ) -> Result<LogEntry, ReissueError> {
        let IdentityChecked(voter) = identity;
        let issue = Issue { credential, issued_at: self.time(now), validity };
        self.apply_reissue(&voter, issue)?;
        Ok(self.log(&Event::Reissue { voter, issue }))
    }

    fn apply_reissue(&mut self, voter: &VoterId, issue: Issue) -> Result<(), ReissueError> {
        let closes_at = self.contest.contest().description().closes_at;
        if issue.issued_at >= closes_at {
            return Err(ReissueError::Closed { closes_at });
        }
        let known = self.voters.get_mut(voter).ok_or(ReissueError::NotOnRoll)?;
        if let Some(vote) = known.vote {
            return Err(ReissueError::AlreadyVoted { at: vote.at });
        }
        let old = known.current.credential;
        self.roll.reissue(&old, issue.credential).map_err(ReissueError::Roll)?;
        known.revoked.push(old);
        known.current = issue;
        known.active = false;
        self.clock = issue.issued_at;
        Ok(())
    }

    /// Takes an opening that a voter made of a ballot (Benaloh's challenge), checks it, and refuses that
    /// ballot's `R` for ever. Store the entry; `None` when it was refused already.
    ///
    /// # Errors
    ///
    /// [`RefusalError`]: the box is closed, the ballot's credential is none of the roll's (so that the log
    /// does not grow with what outsiders make up), the opening does not hold, or the ballot is in the box.
    pub fn refuse_opened(&mut self, opened: &ChallengedBallot) -> Result<Option<LogEntry>, RefusalError> {
        if !self.apply_refusal(opened)? {
            return Ok(None);
        }
        Ok(Some(self.log(&Event::Refuse { opened: opened.clone() })))
    }

    fn apply_refusal(&mut self, opened: &ChallengedBallot) -> Result<bool, RefusalError> {
        if self.closed.is_some() {
            return Err(RefusalError::Closed);
        }
        if self.roll.entry(&opened.credential()).is_none() {
            return Err(RefusalError::UnknownCredential);
        }
        let reference = BallotReference::of(self.contest.contest(), opened.ballot());
        opened.verify(&self.contest, &reference).map_err(RefusalError::Opening)?;
        let nonce = opened.nonce();
        if self.deposited.contains(&nonce) {
            return Err(RefusalError::Deposited);
        }
        Ok(self.opened.insert(nonce))
    }

    /// The time of an event: never earlier than the one before.
    fn time(&self, now: UnixTime) -> UnixTime {
        now.max(self.clock)
    }

    /// Closes the box, once the contest is closed, and signs the closing. Store the entry before the closing
    /// is given to anyone.
    ///
    /// A box that is made again from the log of a closed box takes nothing more and closes with the same
    /// closing, byte for byte, whatever the time is; then there is no entry. Trustees endorse one closing for
    /// ever, so a second one would leave the election without a result.
    ///
    /// # Errors
    ///
    /// [`NotClosed`] with the box as it was, before the contest closes or when signings and ballots do not
    /// match.
    pub fn close(mut self, now: UnixTime) -> Result<(ClosedBox, Option<LogEntry>), NotClosed> {
        let at = self.closed.unwrap_or(self.time(now));
        let (closing, tally) = match self.prepare_closing(at) {
            Ok(prepared) => prepared,
            Err(error) => return Err(NotClosed::new(self, error)),
        };
        let entry = if self.closed.is_none() { Some(self.log(&Event::Close { at })) } else { None };
        let closed =
            ClosedBox::from_box(self.contest, self.roll, self.ballots, self.references, closing, tally);
        Ok((closed, entry))
    }

    fn prepare_closing(&self, at: UnixTime) -> Result<(Closing, SealedTally), CloseError> {
        self.check_closing_time(at)?;
        let (ballots, signings) = (self.ballots.len(), self.signings());
        if ballots != signings {
            return Err(CloseError::Signings { ballots, signings });
        }
        let closing = Closing::sign(self.contest.contest(), &self.roll, &self.references, at, &self.key)
            .map_err(CloseError::Closing)?;
        let tally = self.sum.clone().finish(length_of(&self.ballots)).map_err(CloseError::Tally)?;
        Ok((closing, tally))
    }

    fn check_closing_time(&self, at: UnixTime) -> Result<(), CloseError> {
        let closes_at = self.contest.contest().description().closes_at;
        if at < closes_at { Err(CloseError::TooEarly { closes_at }) } else { Ok(()) }
    }
}

impl fmt::Debug for BallotBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BallotBox")
            .field("contest", &self.contest.fingerprint())
            .field("voters", &self.voters.len())
            .field("ballots", &self.ballots.len())
            .finish_non_exhaustive()
    }
}
