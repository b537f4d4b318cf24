//! The election record: everything that anyone needs to check a contest, as data.
//!
//! A [`Record`] is what was published; nothing in it is known to be true, or even to decode. The
//! [audit](AuditReport) recomputes all of it. With the feature `serde` a record reads and writes the
//! JSON form of the protocol, strictly: no duplicate, unknown or missing name, no wrong type, no
//! upper-case hex, nothing but white space around the object.
//!
//! A [`ClosedRecord`] is what the box publishes when it has closed, before complaints, endorsements and the count:
//! steps 1 to 5, 7 and the box's half of 6 can be audited in it. It is not an election's result.
//!
//! A contest that trustees review, and one that they have approved, have the same shapes in files of their own:
//! [`Contest::to_json`](crate::Contest::to_json), [`ApprovedContest::to_json`](crate::ApprovedContest::to_json).

use alloc::vec::Vec;
use core::fmt;

use crate::primitives::Text;

mod audit;
#[cfg(feature = "serde")]
mod contests;
mod error;
mod find;
mod form;
#[cfg(feature = "serde")]
mod json;
mod make;
#[cfg(feature = "serde")]
mod pieces;
mod read;
pub mod shard;

pub use audit::{AuditReport, Because, Conclusion, Flaw, Flaws, Outcome, Step};
pub use error::RecordError;
pub use find::{BallotList, CheckError, EndorsedRecord, FoundBallot, GivenRecord, PublishedError};
#[cfg(feature = "serde")]
pub use shard::AnyRecord;
pub use shard::ShardError;

/// Bytes that stand in a record as lower-case hex of exactly `2·N` characters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hex<const N: usize>(pub [u8; N]);

impl<const N: usize> fmt::Debug for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::primitives::wire::to_hex(&self.0))
    }
}

/// Bytes of any length that stand in a record as lower-case hex.
///
/// It reads a line of JSON as well, for files that hold one ballot a line:
///
/// ```
/// # #[cfg(feature = "serde")]
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use urne::ballot::verify_stream;
/// use urne::record::HexBytes;
/// # let record = urne::Record::from_json(include_bytes!("../tests/vectors/record.json"))?;
/// # let approved = record.contest()?;
/// # let contest = approved.contest();
/// # let file = record.ballots.iter().map(|b| serde_json::to_string(b).unwrap() + "\n").collect::<String>();
///
/// // `file` holds lines like "0204c2…", quotes included.
/// let lines = file.lines().map(serde_json::from_str::<HexBytes>).collect::<Result<Vec<_>, _>>()?;
/// assert!(verify_stream(contest, lines, None).all(|verdict| verdict.is_ok()));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "serde"))]
/// # fn main() {}
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct HexBytes(pub Vec<u8>);

impl AsRef<[u8]> for HexBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for HexBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::primitives::wire::to_hex(&self.0))
    }
}

/// Declares the objects of a record, so that the names of their fields stand in one place.
macro_rules! objects {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),+ $(,)? })+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub struct $name { $($(#[$field_doc])* pub $field: $type),+ }

            #[cfg(feature = "serde")]
            json::strict_object!($name { $($field),+ });
        )+
    };
}

objects! {
    /// The record of one contest, counted.
    Record {
        /// Always `urne/2`.
        protocol: Text,
        /// The contest.
        contest: ContestRecord,
        /// The approvals of all trustees.
        approvals: Vec<SignatureRecord>,
        /// The opening of the roll.
        opening: OpeningRecord,
        /// The roll at the close.
        roll: Vec<RollEntryRecord>,
        /// The ballots, in order of deposit.
        ballots: Vec<HexBytes>,
        /// The closing of the box.
        closing: ClosingRecord,
        /// The sum of the ballots.
        tally: TallyRecord,
        /// The good decryption factors.
        factors: Vec<FactorsRecord>,
        /// The result.
        result: ResultRecord,
    }

    /// What the box publishes when it has closed, before complaints and count.
    ClosedRecord {
        /// Always `urne/2 closed`.
        protocol: Text,
        /// The contest.
        contest: ContestRecord,
        /// The approvals of all trustees.
        approvals: Vec<SignatureRecord>,
        /// The opening of the roll.
        opening: OpeningRecord,
        /// The roll at the close.
        roll: Vec<RollEntryRecord>,
        /// The ballots, in order of deposit.
        ballots: Vec<HexBytes>,
        /// The closing, signed by the box alone.
        closing: BoxClosingRecord,
        /// The sum of the ballots.
        tally: TallyRecord,
    }

    /// The fields of a contest, as they go into its fingerprint.
    ContestRecord {
        /// Name of the election.
        election: Text,
        /// Number of the contest.
        number: u64,
        /// Title of the contest.
        title: Text,
        /// What identifies the lists' statements.
        documents: Text,
        /// Names of the lists.
        lists: Vec<Text>,
        /// Unix seconds.
        opens_at: u64,
        /// Unix seconds.
        closes_at: u64,
        /// Seconds after the close.
        grace: u64,
        /// The most voters.
        capacity: u64,
        /// Lists a slot, `κ`.
        packing: u64,
        /// The bureau.
        panels: Vec<PanelRecord>,
        /// The ballot box's Ed25519 key.
        box_key: Hex<32>,
        /// The issuer's Ed25519 key.
        issuer_key: Hex<32>,
    }

    /// A panel of the bureau, with its part of the key.
    PanelRecord {
        /// How many of its trustees open a tally.
        threshold: u64,
        /// How many of its trustees must endorse the closing.
        quorum: u64,
        /// Identity keys of its trustees, in order.
        trustees: Vec<Hex<32>>,
        /// For each slot, `t_p` points.
        key: Vec<Vec<Hex<32>>>,
    }

    /// A trustee's signature.
    SignatureRecord {
        /// The trustee's number.
        trustee: u64,
        /// `c`.
        challenge: Hex<32>,
        /// `z`.
        response: Hex<32>,
    }

    /// A proof or signature that stands beside its trustee's number.
    ProofRecord {
        /// `c`.
        challenge: Hex<32>,
        /// `z`.
        response: Hex<32>,
    }

    /// The opening of the roll.
    OpeningRecord {
        /// How many voters.
        voters: u64,
        /// Unix seconds.
        at: u64,
        /// By the box.
        box_signature: Hex<64>,
        /// By the issuer.
        issuer_signature: Hex<64>,
    }

    /// An entry of the roll.
    RollEntryRecord {
        /// The public credential.
        credential: Hex<32>,
        /// Whether a later one has taken its place.
        revoked: bool,
    }

    /// The closing of the box.
    ClosingRecord {
        /// Number of ballots.
        size: u64,
        /// Merkle root over the references.
        root: Hex<32>,
        /// Digest of the list of those who signed.
        signings_digest: Hex<32>,
        /// Unix seconds.
        at: u64,
        /// By the box.
        box_signature: Hex<64>,
        /// By the issuer.
        issuer_signature: Hex<64>,
        /// By the trustees.
        endorsements: Vec<SignatureRecord>,
    }

    /// The closing of the box before anybody else has signed it.
    BoxClosingRecord {
        /// Number of ballots.
        size: u64,
        /// Merkle root over the references.
        root: Hex<32>,
        /// Digest of the list of those who signed.
        signings_digest: Hex<32>,
        /// Unix seconds.
        at: u64,
        /// By the box.
        box_signature: Hex<64>,
    }

    /// The sum of the ballots.
    TallyRecord {
        /// How many there are.
        count: u64,
        /// `ΣR`.
        nonce: Hex<32>,
        /// `ΣC_1 … ΣC_J`.
        sums: Vec<Hex<32>>,
    }

    /// A trustee's decryption factors.
    FactorsRecord {
        /// The trustee's number.
        trustee: u64,
        /// `D_1 … D_J`.
        factors: Vec<Hex<32>>,
        /// That they are right.
        proof: ProofRecord,
        /// That they are the trustee's.
        signature: ProofRecord,
    }

    /// The result.
    ResultRecord {
        /// Votes of each list.
        votes: Vec<u64>,
        /// Blank votes.
        blank: u64,
    }
}

#[cfg(feature = "serde")]
objects! {
    /// What is left of a record when its [two lists](shard::split()) are in files of their own.
    SmallRecord {
        /// The record, whose lists are empty.
        record: AnyRecord,
        /// How many ballots there are.
        ballots: u64,
        /// Bytes that each has in its file.
        length: u64,
        /// How many entries the roll has.
        entries: u64,
        /// Ballots of another length, ascending; in the file each is so many zeros.
        odd: Vec<OddBallot>,
    }

    /// A ballot of another length than the contest's.
    OddBallot {
        /// Its place in the box, from 0.
        index: u64,
        /// Its bytes.
        ballot: HexBytes,
    }
}
