//! Why an issuer refuses.

use core::fmt;

use crate::ballot_box::{ClosingDigest, ComplaintsError, OpeningDigest, RollError, VoterId};
use crate::primitives::UnixTime;
use crate::primitives::messages::messages;
use crate::primitives::text::nth;
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

messages! { IssueError: "issue";
    RepeatedVoter { voter } => "repeated-voter", "voter {voter} is named twice";
    NoContest { voter } => "no-contest", "voter {voter}: a code is issued for at least one contest";
    RepeatedContest { voter, number } => "repeated-contest", "voter {voter}: contest {number} is named twice";
    OtherKey { number } => "other-key", "contest {number} has the key of another issuer";
    Closed { number, closes_at } => "closed", "contest {number} closed at {closes_at}";
    HasCode { voter, number } => "has-code",
        "voter {voter} has a code for contest {number}: reissue to replace it";
    NoCode { voter, number } => "no-code",
        "voter {voter} has no code for contest {number} that could be replaced: issue one";
    Opened { number } => "opened", "the opening of contest {number} is signed: nobody is added to its roll";
    Full { number, capacity } => "full", "contest {number} has as many voters as its capacity of {capacity}";
    RepeatedCode { voter, number } => "repeated-code",
        "the code drawn for voter {voter} in contest {number} was drawn before: the RNG repeats itself";
}

impl core::error::Error for IssueError {}

/// Why an issuer does not sign, or takes nothing back. Entries of the roll are counted from 0.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssuerError {
    /// The closing is not what issuer and trustees were given, or complaints of it are still taken.
    Complaints(ComplaintsError),
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

messages! { IssuerError: "issuer";
    OtherKey { number } => "other-key", "contest {number} has the key of another issuer";
    Opening(error) => of error;
    NotOpened { actual } => "not-opened", "no opening was signed, and the box is under opening {actual}";
    OtherOpening { signed, actual } => "other-opening",
        "opening {signed} was signed, and this is {actual}: there is one for a contest";
    Unknown { entry, credential } => "unknown",
        "{}credential {} was not issued", at_entry(*entry), to_hex(credential);
    Flag { entry, voter, expected } => "flag",
        "{}the credential of voter {voter} {}", at_entry(Some(*entry)), flag(*expected);
    Missing { voter, credential } => "missing",
        "credential {} of voter {voter} is not on the roll: withdraw it if the box refused it",
        to_hex(credential);
    BeforeOpening { credential } => "before-opening",
        "credential {} was issued before the opening, which is signed", to_hex(credential);
    Closed { signed } => "closed", "closing {signed} is signed, and nothing changes after it";
    Complaints(error) => of error;
    OtherClosing { signed, actual } => "other-closing",
        "closing {signed} was signed, and this is {actual}: there is one for a contest";
}

impl core::error::Error for IssuerError {}

/// Where on the roll it is, if it is there.
fn at_entry(entry: Option<usize>) -> impl fmt::Display {
    fmt::from_fn(move |f| entry.map_or(Ok(()), |entry| write!(f, "roll entry {}: ", nth(entry))))
}

fn flag(expected: bool) -> &'static str {
    if expected { "stands and was revoked by a later one" } else { "is revoked, and none was issued later" }
}
