//! Why an issuer refuses.

use core::fmt;

use crate::ballot_box::{ClosingDigest, OpeningDigest, RollError, VoterId};
use crate::primitives::UnixTime;
use crate::primitives::wire::to_hex;

/// Why no code was issued. Contests are named by their numbers.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssueError {
    /// A voter was named twice.
    RepeatedVoter {
        /// The voter.
        voter: VoterId,
    },
    /// No contest was named for a voter.
    NoContest {
        /// The voter.
        voter: VoterId,
    },
    /// A contest was named twice for a voter.
    RepeatedContest {
        /// The voter.
        voter: VoterId,
        /// The contest.
        number: u64,
    },
    /// The contest is under another issuer key.
    OtherKey {
        /// The contest.
        number: u64,
    },
    /// The contest has closed.
    Closed {
        /// The contest.
        number: u64,
        /// When it closed.
        closes_at: UnixTime,
    },
    /// The voter has a code for the contest.
    HasCode {
        /// The voter.
        voter: VoterId,
        /// The contest.
        number: u64,
    },
    /// The voter has no code for the contest that a new one could take the place of.
    NoCode {
        /// The voter.
        voter: VoterId,
        /// The contest.
        number: u64,
    },
    /// The opening of the contest is signed: nobody is added to its roll.
    Opened {
        /// The contest.
        number: u64,
    },
    /// There are as many voters as the contest's capacity.
    Full {
        /// The contest.
        number: u64,
        /// Its capacity.
        capacity: u64,
    },
    /// The code was drawn before: the random number generator repeats itself.
    RepeatedCode {
        /// The voter.
        voter: VoterId,
        /// The contest.
        number: u64,
    },
}

impl fmt::Display for IssueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IssueError::RepeatedVoter { voter } => write!(f, "voter {voter} is named twice"),
            IssueError::NoContest { voter } => {
                write!(f, "voter {voter}: a code is issued for at least one contest")
            }
            IssueError::RepeatedContest { voter, number } => {
                write!(f, "voter {voter}: contest {number} is named twice")
            }
            IssueError::OtherKey { number } => {
                write!(f, "contest {number} has the key of another issuer")
            }
            IssueError::Closed { number, closes_at } => write!(f, "contest {number} closed at {closes_at}"),
            IssueError::HasCode { voter, number } => {
                write!(f, "voter {voter} has a code for contest {number}: reissue to replace it")
            }
            IssueError::NoCode { voter, number } => {
                write!(f, "voter {voter} has no code for contest {number} that could be replaced: issue one")
            }
            IssueError::Opened { number } => {
                write!(f, "the opening of contest {number} is signed: nobody is added to its roll")
            }
            IssueError::Full { number, capacity } => {
                write!(f, "contest {number} has as many voters as its capacity of {capacity}")
            }
            IssueError::RepeatedCode { voter, number } => write!(
                f,
                "the code drawn for voter {voter} in contest {number} was drawn before: the RNG repeats itself"
            ),
        }
    }
}

impl core::error::Error for IssueError {}

/// Why an issuer does not sign, or takes nothing back. Entries of the roll are counted from 0.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssuerError {
    /// The time for complaints that was waited for was about another closing.
    OtherComplaints {
        /// The closing it was about.
        waited: ClosingDigest,
        /// The closing at hand.
        actual: ClosingDigest,
    },
    /// The contest is under another issuer key.
    OtherKey {
        /// The contest's number.
        number: u64,
    },
    /// The proposed opening does not hold.
    Opening(RollError),
    /// No opening of the contest was signed.
    NotOpened {
        /// The opening of the box.
        actual: OpeningDigest,
    },
    /// Another opening was signed.
    OtherOpening {
        /// The one that was signed.
        signed: OpeningDigest,
        /// The one at hand.
        actual: OpeningDigest,
    },
    /// A credential was not issued, or not for this contest, or, on a roll, was taken back.
    Unknown {
        /// The entry of the roll, if it stands there.
        entry: Option<usize>,
        /// The credential's encoding.
        credential: [u8; 32],
    },
    /// A credential is revoked and should stand, or the other way round.
    Flag {
        /// The entry of the roll.
        entry: usize,
        /// Whose it is.
        voter: VoterId,
        /// Whether it should be revoked.
        expected: bool,
    },
    /// A credential that was issued is not there.
    Missing {
        /// Whose it is.
        voter: VoterId,
        /// The credential's encoding.
        credential: [u8; 32],
    },
    /// The credential was issued before the opening, which is signed: it cannot be taken back.
    BeforeOpening {
        /// The credential's encoding.
        credential: [u8; 32],
    },
    /// The closing is signed, and nothing can be changed.
    Closed {
        /// The one that was signed.
        signed: ClosingDigest,
    },
    /// Another closing was signed.
    OtherClosing {
        /// The one that was signed.
        signed: ClosingDigest,
        /// The one at hand.
        actual: ClosingDigest,
    },
}

impl fmt::Display for IssuerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IssuerError::OtherKey { number } => write!(f, "contest {number} has the key of another issuer"),
            IssuerError::Opening(error) => error.fmt(f),
            IssuerError::NotOpened { actual } => {
                write!(f, "no opening was signed, and the box is under opening {actual}")
            }
            IssuerError::OtherOpening { signed, actual } => {
                write!(f, "opening {signed} was signed, and this is {actual}: there is one for a contest")
            }
            IssuerError::Unknown { entry: Some(entry), credential } => {
                write!(f, "roll entry {entry}: credential {} was not issued", to_hex(credential))
            }
            IssuerError::Unknown { entry: None, credential } => {
                write!(f, "credential {} was not issued", to_hex(credential))
            }
            IssuerError::Flag { entry, voter, expected: true } => {
                write!(
                    f,
                    "roll entry {entry}: the credential of voter {voter} stands and was revoked by a later one"
                )
            }
            IssuerError::Flag { entry, voter, expected: false } => {
                write!(
                    f,
                    "roll entry {entry}: the credential of voter {voter} is revoked, and none was issued later"
                )
            }
            IssuerError::Missing { voter, credential } => write!(
                f,
                "credential {} of voter {voter} is not on the roll: withdraw it if the box refused it",
                to_hex(credential)
            ),
            IssuerError::BeforeOpening { credential } => {
                write!(f, "credential {} was issued before the opening, which is signed", to_hex(credential))
            }
            IssuerError::Closed { signed } => {
                write!(f, "closing {signed} is signed, and nothing changes after it")
            }
            IssuerError::OtherComplaints { waited, actual } => {
                write!(f, "complaints were waited for about closing {waited}, not about {actual}")
            }
            IssuerError::OtherClosing { signed, actual } => {
                write!(f, "closing {signed} was signed, and this is {actual}: there is one for a contest")
            }
        }
    }
}

impl core::error::Error for IssuerError {}
