//! The electoral roll of a contest while it is made up: who may vote, and with which credential.

use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::vec::Vec;
use core::fmt;

use super::{Issue, ProposedOpening, RollError, VoterId};
use crate::contest::{ApprovedContest, Fingerprint};
use crate::credential::PublicCredential;
use crate::primitives::messages::messages;
use crate::primitives::wire::{DecodeError, Kind, Reader, form};
use crate::primitives::{SigningKey, UnixTime, Unsent};

/// Who may vote in a contest, each with the credential that was issued to them. It is not published: opening
/// a [`BallotBox`](super::BallotBox) with it publishes the credentials alone.
#[derive(Clone)]
pub struct ElectoralRoll {
    contest: ApprovedContest,
    voters: BTreeMap<VoterId, Issue>,
    credentials: BTreeMap<PublicCredential, VoterId>,
}

impl ElectoralRoll {
    /// An empty roll.
    #[must_use]
    pub fn new(contest: ApprovedContest) -> Self {
        ElectoralRoll { contest, voters: BTreeMap::new(), credentials: BTreeMap::new() }
    }

    /// Puts the voter of an issue on the roll.
    ///
    /// # Errors
    ///
    /// [`RegistrationError`] when the issue is for another contest, the roll is full, or voter or credential
    /// are on it already. Nothing is changed then.
    pub fn register(&mut self, issue: Issue) -> Result<(), RegistrationError> {
        self.check_contest(&issue)?;
        let voter = issue.voter();
        if self.voters.contains_key(voter) {
            return Err(RegistrationError::RepeatedVoter { voter: voter.clone() });
        }
        let capacity = self.contest.contest().layout().capacity();
        if u64::try_from(self.voters.len()).unwrap_or(u64::MAX) >= capacity {
            return Err(RegistrationError::Full { capacity });
        }
        self.take(issue)
    }

    /// Puts a new issue in the place of the one that its voter has on the roll, as for a letter that was lost
    /// before the opening.
    ///
    /// # Errors
    ///
    /// [`RegistrationError`] when the issue is for another contest, its voter is not on the roll, or the
    /// credential is on it already. Nothing is changed then.
    pub fn replace(&mut self, issue: Issue) -> Result<(), RegistrationError> {
        self.check_contest(&issue)?;
        let old = self.voters.get(issue.voter());
        let old = old.ok_or_else(|| RegistrationError::UnknownVoter { voter: issue.voter().clone() })?;
        let old = old.credential();
        self.take(issue)?;
        self.credentials.remove(&old);
        Ok(())
    }

    /// The issues of all voters, as they go from the issuer to the box before the opening. As confidential as the voters'
    /// ids. Form: kind ‖ version ‖ fingerprint ‖ LE64(voters) ‖ of each, in order of their ids: LE64(length), id, `C`,
    /// LE64(issued_at), validity (1 byte, 0: until the close, 1: seconds), LE64(seconds).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = form(Kind::ElectoralRoll);
        bytes.extend(self.contest.fingerprint().to_bytes());
        bytes.extend(u64::try_from(self.voters.len()).unwrap_or(u64::MAX).to_le_bytes());
        self.voters.values().for_each(|issue| issue.write_of_contest(&mut bytes));
        bytes
    }

    /// Reads what [`ElectoralRoll::to_bytes`] gave, for its contest.
    ///
    /// Cost: one point decoding a voter.
    ///
    /// # Errors
    ///
    /// [`RegistrationError::Decode`] for every other form, which names both kinds if it is another; and those of
    /// [`ElectoralRoll::register`].
    pub fn from_bytes(contest: ApprovedContest, bytes: &[u8]) -> Result<Self, RegistrationError> {
        let mut reader = Reader::form(Kind::ElectoralRoll, bytes)?;
        let (expected, actual) = (contest.fingerprint(), Fingerprint::from_bytes(*reader.array()?));
        if actual != expected {
            return Err(RegistrationError::ForeignContest { expected, actual });
        }
        let mut roll = ElectoralRoll::new(contest);
        for _ in 0..reader.integer()? {
            let offset = reader.offset();
            let issue = Issue::read_of_contest(expected, &mut reader)?;
            // It has one form.
            if roll.voters.last_key_value().is_some_and(|(last, _)| last > issue.voter()) {
                return Err(RegistrationError::Decode(DecodeError::Number { offset }));
            }
            roll.register(issue)?;
        }
        reader.finish()?;
        Ok(roll)
    }

    fn check_contest(&self, issue: &Issue) -> Result<(), RegistrationError> {
        let (expected, actual) = (self.contest.fingerprint(), issue.contest());
        if actual == expected { Ok(()) } else { Err(RegistrationError::ForeignContest { expected, actual }) }
    }

    fn take(&mut self, issue: Issue) -> Result<(), RegistrationError> {
        match self.credentials.entry(issue.credential()) {
            Entry::Occupied(other) => {
                Err(RegistrationError::RepeatedCredential { other: other.get().clone() })
            }
            Entry::Vacant(entry) => {
                entry.insert(issue.voter().clone());
                self.voters.insert(issue.voter().clone(), issue);
                Ok(())
            }
        }
    }

    /// The contest.
    #[must_use]
    pub fn contest(&self) -> &ApprovedContest {
        &self.contest
    }

    /// How many voters are on the roll.
    #[must_use]
    pub fn len(&self) -> usize {
        self.voters.len()
    }

    /// Whether nobody is on the roll.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.voters.is_empty()
    }

    /// What was issued to a voter, if they are on the roll.
    #[must_use]
    pub fn get(&self, voter: &VoterId) -> Option<&Issue> {
        self.voters.get(voter)
    }

    /// Signs the opening with the box key. It goes to the [issuer](super::Issuer::sign_opening), whose
    /// signature it needs too; then the box is [opened](super::BallotBox::open).
    ///
    /// The issuer signs one opening, and another second makes another: what is stored is the proposal in its
    /// [form](ProposedOpening::to_bytes), until the box's log takes its place. A box that finds it there sends it again,
    /// and proposes nothing else.
    ///
    /// # Errors
    ///
    /// [`RollError::Voters`] for an empty roll, [`RollError::Late`] after the contest has opened, and
    /// [`RollError::BoxSignature`] when the key is not the contest's box key.
    pub fn propose(&self, now: UnixTime, key: &SigningKey) -> Result<Unsent<ProposedOpening>, RollError> {
        let credentials = self.credentials.keys().copied().collect();
        let proposed = ProposedOpening::sign(self.contest.contest(), credentials, now, key)?;
        Ok(Unsent::new(proposed.to_bytes(), proposed))
    }

    pub(super) fn into_parts(self) -> (ApprovedContest, BTreeMap<VoterId, Issue>) {
        (self.contest, self.voters)
    }
}

/// Which credential is whose is nobody's business, so it is not shown.
impl fmt::Debug for ElectoralRoll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ElectoralRoll")
            .field("contest", &self.contest.fingerprint())
            .field("voters", &self.voters.len())
            .finish_non_exhaustive()
    }
}

/// Why a voter cannot be put on the roll.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistrationError {
    /// The form of an electoral roll does not decode.
    Decode(DecodeError),
    /// The issue is for another contest.
    ForeignContest {
        /// The contest of the roll.
        expected: Fingerprint,
        /// The contest of the issue.
        actual: Fingerprint,
    },
    /// The voter is on the roll already.
    RepeatedVoter {
        /// The voter.
        voter: VoterId,
    },
    /// The voter is not on the roll.
    UnknownVoter {
        /// The voter.
        voter: VoterId,
    },
    /// There are as many voters as the contest's capacity.
    Full {
        /// The capacity.
        capacity: u64,
    },
    /// The credential is on the roll already.
    RepeatedCredential {
        /// Whose it is.
        other: VoterId,
    },
}

messages! { RegistrationError: "registration";
    Decode(error) => "form", "form of an electoral roll: {error}";
    ForeignContest { expected, actual } => "foreign-contest", "issued for contest {actual}, not for {expected}";
    RepeatedVoter { voter } => "repeated-voter",
        "voter {voter} is on the roll already: replace the issue if it is a new one";
    UnknownVoter { voter } => "unknown-voter", "voter {voter} is not on the roll";
    Full { capacity } => "full", "the roll has as many voters as the contest's capacity of {capacity}";
    RepeatedCredential { other } => "repeated-credential",
        "the credential is on the roll already, as that of voter {other}";
}

impl core::error::Error for RegistrationError {}

impl From<DecodeError> for RegistrationError {
    fn from(error: DecodeError) -> Self {
        RegistrationError::Decode(error)
    }
}
