//! The electoral roll of a contest while it is made up: who may vote, and with which credential.
//!
//! An application registers its voters under ids of its own, with the public credential of the code that
//! was sent to each. Opening the roll gives a [`BallotBox`](crate::BallotBox), which keeps the ids, and
//! publishes only the credentials.

use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::vec::Vec;
use core::fmt;

use crate::contest::{ApprovedContest, Contest};
use crate::credential::PublicCredential;
use crate::ballot_box::VoterId;
use crate::primitives::time::UnixTime;
use crate::primitives::wire::{DecodeError, Reader};

/// How long after it was issued a code can be activated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Until the contest closes, as for a code sent by letter.
    UntilClose,
    /// For so many seconds, as for a code sent by e-mail.
    Seconds(u64),
}

impl Validity {
    /// Two minutes, as the real system gives a code reissued by e-mail.
    pub const TWO_MINUTES: Validity = Validity::Seconds(120);
}

/// A credential as it was issued to a voter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The public credential.
    pub credential: PublicCredential,
    /// When its code was issued.
    pub issued_at: UnixTime,
    /// How long its code can be activated.
    pub validity: Validity,
}

impl Issue {
    /// The first second in which the code can no more be activated.
    #[must_use]
    pub fn expires_at(&self, contest: &Contest) -> UnixTime {
        match self.validity {
            Validity::UntilClose => contest.description().closes_at,
            Validity::Seconds(seconds) => {
                UnixTime::from_seconds(self.issued_at.seconds().saturating_add(seconds))
            }
        }
    }

    /// `credential ‖ LE64(issued_at) ‖ kind (0: until close, 1: seconds) ‖ LE64(seconds)`.
    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        let (kind, seconds) = match self.validity {
            Validity::UntilClose => (0, 0),
            Validity::Seconds(seconds) => (1, seconds),
        };
        bytes.extend(self.credential.to_bytes());
        bytes.extend(self.issued_at.seconds().to_le_bytes());
        bytes.push(kind);
        bytes.extend(seconds.to_le_bytes());
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let credential = PublicCredential::from(reader.element()?);
        let issued_at = UnixTime::from_seconds(reader.number()?);
        let offset = reader.offset();
        let validity = match (reader.byte()?, reader.number()?) {
            (0, 0) => Validity::UntilClose,
            (1, seconds) => Validity::Seconds(seconds),
            _ => return Err(DecodeError::Number { offset }),
        };
        Ok(Issue { credential, issued_at, validity })
    }
}

/// The roll of one contest before it opens.
///
/// ```
#[doc = include_str!("example_contest.txt")]
/// use urne::electoral_roll::{Issue, RegistrationError, Validity};
///
/// let code = VotingCode::generate(rng);
/// let credential = Credential::derive(contest.contest(), &code).public();
/// let issue = Issue { credential, issued_at: before, validity: Validity::UntilClose };
/// assert_eq!(issue.expires_at(contest.contest()), closes_at);
///
/// let [one, other] = ["Jo Doe", "Ann Other"].map(VoterId::new);
/// let (one, other) = one.zip(other).ok_or("1 to 256 bytes")?;
/// let mut roll = ElectoralRoll::new(contest);
/// roll.register(one.clone(), issue)?;
/// let twice = RegistrationError::RepeatedCredential { other: one };
/// assert_eq!(roll.register(other, issue), Err(twice));
///
/// let (ballot_box, _) = BallotBox::open(roll, before, box_key)?;
/// assert_eq!(ballot_box.roll().opening().voters, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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

    /// Puts a voter on the roll.
    ///
    /// # Errors
    ///
    /// [`RegistrationError`] when the voter or the credential is there already. Nothing is changed then.
    pub fn register(&mut self, voter: VoterId, issue: Issue) -> Result<(), RegistrationError> {
        if self.voters.contains_key(&voter) {
            return Err(RegistrationError::RepeatedVoter { voter });
        }
        match self.credentials.entry(issue.credential) {
            Entry::Occupied(other) => {
                Err(RegistrationError::RepeatedCredential { other: other.get().clone() })
            }
            Entry::Vacant(entry) => {
                entry.insert(voter.clone());
                self.voters.insert(voter, issue);
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

    pub(crate) fn into_parts(self) -> (ApprovedContest, BTreeMap<VoterId, Issue>) {
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
    /// The voter is on the roll already.
    RepeatedVoter {
        /// The voter.
        voter: VoterId,
    },
    /// The credential is another voter's.
    RepeatedCredential {
        /// The other voter.
        other: VoterId,
    },
}

impl fmt::Display for RegistrationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RegistrationError::RepeatedVoter { voter } => write!(f, "{voter} is on the roll already"),
            RegistrationError::RepeatedCredential { other } => {
                write!(f, "the credential is that of {other}")
            }
        }
    }
}

impl core::error::Error for RegistrationError {}
