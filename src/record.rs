//! The election record: everything that anyone needs to check a contest, as data.
//!
//! A [`Record`] is what was published; nothing in it is known to be true, or even to decode. The
//! [audit](crate::audit) recomputes all of it. With the feature `serde` a record reads and writes the
//! JSON form of the protocol, strictly: no duplicate, unknown or missing name, no wrong type, no
//! upper-case hex, nothing after the object.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::primitives::ed25519::{VerifyingKey, Signature};
use crate::ballot_box::{ClosedBox, Closing};
use crate::contest::{ApprovedContest, Contest, ContestDescription, ContestError, TrusteeSignature};
use crate::credential::PublicCredential;
use crate::tally::{DecryptionFactors, OpenedTally};
use crate::bureau::{ElectionKey, Threshold, TrusteeIndex};
use crate::primitives::labels;
use crate::primitives::proof::Proof;
use crate::ballot_box::{Roll, RollEntry, RollOpening};
use crate::primitives::time::UnixTime;

mod error;
#[cfg(feature = "serde")]
pub(crate) mod json;

pub use error::RecordError;

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
/// # let contest = record.contest()?;
/// # let file = record.ballots.iter().map(|b| serde_json::to_string(b).unwrap() + "\n").collect::<String>();
///
/// // `file` holds lines like "0104c2…", quotes included.
/// let lines = file.lines().map(serde_json::from_str::<HexBytes>).collect::<Result<Vec<_>, _>>()?;
/// assert!(verify_stream(&contest, lines).all(|verdict| verdict.is_ok()));
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
    /// The record of one contest.
    Record {
        /// Always `urne/1`.
        protocol: String,
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

    /// The fields of a contest, as they go into its fingerprint.
    ContestRecord {
        /// Name of the election.
        election: String,
        /// Number of the contest.
        number: u64,
        /// Title of the contest.
        title: String,
        /// What identifies the lists' statements.
        documents: String,
        /// Names of the lists.
        lists: Vec<String>,
        /// Unix seconds.
        opens_at: u64,
        /// Unix seconds.
        closes_at: u64,
        /// Identity keys of the trustees, in order.
        trustees: Vec<Hex<32>>,
        /// How many trustees open a tally.
        threshold: u64,
        /// How many trustees must endorse the closing.
        quorum: u64,
        /// For each list, `t` points.
        key: Vec<Vec<Hex<32>>>,
        /// The ballot box's Ed25519 key.
        box_key: Hex<32>,
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

    /// The opening of the roll.
    OpeningRecord {
        /// How many voters.
        voters: u64,
        /// Unix seconds.
        at: u64,
        /// By the box.
        signature: Hex<64>,
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
        /// Number of voters signed off.
        signings: u64,
        /// Unix seconds.
        at: u64,
        /// By the box.
        signature: Hex<64>,
        /// By the trustees.
        endorsements: Vec<SignatureRecord>,
    }

    /// The sum of the ballots.
    TallyRecord {
        /// How many there are.
        count: u64,
        /// `ΣR`.
        nonce: Hex<32>,
        /// `ΣC_1 … ΣC_L`.
        sums: Vec<Hex<32>>,
    }

    /// A trustee's decryption factors.
    FactorsRecord {
        /// The trustee's number.
        trustee: u64,
        /// `D_1 … D_L`.
        factors: Vec<Hex<32>>,
        /// `c`.
        challenge: Hex<32>,
        /// `z`.
        response: Hex<32>,
    }

    /// The result.
    ResultRecord {
        /// Votes of each list.
        votes: Vec<u64>,
        /// Blank votes.
        blank: u64,
    }
}

impl Record {
    /// The record of a closed box and its opened tally.
    #[must_use]
    pub fn new(closed: &ClosedBox, opened: &OpenedTally) -> Self {
        let contest = closed.contest().contest();
        let description = contest.description();
        let (roll, closing, tally) = (closed.roll(), closed.closing(), closed.tally());
        Record {
            protocol: labels::PROTOCOL.into(),
            contest: ContestRecord {
                election: description.election.clone(),
                number: description.number,
                title: description.title.clone(),
                documents: description.documents.clone(),
                lists: description.lists.clone(),
                opens_at: description.opens_at.seconds(),
                closes_at: description.closes_at.seconds(),
                trustees: contest.key().identities().iter().map(|key| Hex(key.to_bytes())).collect(),
                threshold: contest.threshold().required().into(),
                quorum: contest.quorum().into(),
                key: contest.key().to_encodings().into_iter().map(hex_all).collect(),
                box_key: Hex(description.box_key.to_bytes()),
            },
            approvals: closed.contest().approvals().iter().map(SignatureRecord::from).collect(),
            opening: OpeningRecord {
                voters: roll.opening().voters,
                at: roll.opening().at.seconds(),
                signature: Hex(roll.opening().signature.to_bytes()),
            },
            roll: roll
                .entries()
                .iter()
                .map(|entry| RollEntryRecord {
                    credential: Hex(entry.credential.to_bytes()),
                    revoked: entry.revoked,
                })
                .collect(),
            ballots: closed.ballots().iter().cloned().map(HexBytes).collect(),
            closing: ClosingRecord {
                size: closing.size,
                root: Hex(closing.root),
                signings: closing.signings,
                at: closing.at.seconds(),
                signature: Hex(closing.signature.to_bytes()),
                endorsements: opened.endorsements().iter().map(SignatureRecord::from).collect(),
            },
            tally: TallyRecord {
                count: tally.count(),
                nonce: Hex(tally.nonce()),
                sums: hex_all(tally.choices()),
            },
            factors: opened
                .factors()
                .iter()
                .map(|factors| FactorsRecord {
                    trustee: factors.trustee().get().into(),
                    factors: hex_all(factors.factors()),
                    challenge: Hex(factors.proof().challenge()),
                    response: Hex(factors.proof().response()),
                })
                .collect(),
            result: ResultRecord { votes: opened.result().votes().to_vec(), blank: opened.result().blank() },
        }
    }

    /// The contest of the record, with its approvals checked.
    ///
    /// # Errors
    ///
    /// A [`RecordError`] that names the trustee or the field.
    pub fn contest(&self) -> Result<ApprovedContest, RecordError> {
        approved_contest(&self.protocol, &self.contest, &self.approvals)
    }

    /// The roll, checked against the contest.
    ///
    /// # Errors
    ///
    /// A [`RecordError`] that names the entry.
    pub fn roll(&self, contest: &Contest) -> Result<Roll, RecordError> {
        let OpeningRecord { voters, at, signature } = &self.opening;
        let opening = RollOpening {
            voters: *voters,
            at: UnixTime::from_seconds(*at),
            signature: Signature::from_bytes(signature.0),
        };
        let entries = self
            .roll
            .iter()
            .enumerate()
            .map(|(entry, RollEntryRecord { credential, revoked })| {
                PublicCredential::from_bytes(&credential.0)
                    .map(|credential| RollEntry { credential, revoked: *revoked })
                    .map_err(|error| RecordError::Credential { entry, error })
            })
            .collect::<Result<_, _>>()?;
        Ok(Roll::verify(contest, opening, entries)?)
    }

    /// The closing, whose signature is not checked here.
    #[must_use]
    pub fn closing(&self) -> Closing {
        let ClosingRecord { size, root, signings, at, signature, endorsements: _ } = &self.closing;
        Closing {
            size: *size,
            root: root.0,
            signings: *signings,
            at: UnixTime::from_seconds(*at),
            signature: Signature::from_bytes(signature.0),
        }
    }

    /// The endorsements of the closing, which are not checked here.
    ///
    /// # Errors
    ///
    /// A [`RecordError`] when one is by nobody or does not decode.
    pub fn endorsements(&self, threshold: Threshold) -> Result<Vec<TrusteeSignature>, RecordError> {
        signatures(&self.closing.endorsements, threshold)
    }

    /// The decryption factors, whose proofs are not checked here.
    ///
    /// # Errors
    ///
    /// A [`RecordError`] when some are by nobody or do not decode.
    pub fn factors(&self, threshold: Threshold) -> Result<Vec<DecryptionFactors>, RecordError> {
        self.factors
            .iter()
            .map(|FactorsRecord { trustee, factors, challenge, response }| {
                let trustee = index(threshold, *trustee)?;
                let proof = proof(trustee, challenge, response)?;
                DecryptionFactors::from_encodings(trustee, &unhex_all(factors), proof)
                    .map_err(|error| RecordError::Factor { trustee, error })
            })
            .collect()
    }
}

/// The contest that these parts of a record say, checked.
pub(crate) fn approved_contest(
    protocol: &str,
    contest: &ContestRecord,
    approvals: &[SignatureRecord],
) -> Result<ApprovedContest, RecordError> {
    if protocol != labels::PROTOCOL {
        return Err(RecordError::Protocol);
    }
    let ContestRecord {
        election,
        number,
        title,
        documents,
        lists,
        opens_at,
        closes_at,
        trustees,
        threshold,
        quorum,
        key,
        box_key,
    } = contest;
    let small = |field, actual: u64| u8::try_from(actual).map_err(|_| RecordError::Number { field, actual });
    let description = ContestDescription {
        election: election.clone(),
        number: *number,
        title: title.clone(),
        documents: documents.clone(),
        lists: lists.clone(),
        opens_at: UnixTime::from_seconds(*opens_at),
        closes_at: UnixTime::from_seconds(*closes_at),
        quorum: Some(small("quorum", *quorum)?),
        box_key: VerifyingKey::from_bytes(&box_key.0).map_err(RecordError::BoxKey)?,
    };
    if key.len() != lists.len() {
        return Err(RecordError::KeySlots { expected: lists.len(), actual: key.len() });
    }
    let key = ElectionKey::from_encodings(
        small("threshold", *threshold)?,
        &unhex_all(trustees),
        &key.iter().map(|slot| unhex_all(slot)).collect::<Vec<_>>(),
    )
    .map_err(ContestError::Key)?;
    let contest = Contest::new(description, &key)?;
    let approvals = signatures(approvals, contest.threshold())?;
    Ok(ApprovedContest::new(contest, approvals)?)
}

fn hex_all(bytes: impl IntoIterator<Item = [u8; 32]>) -> Vec<Hex<32>> {
    bytes.into_iter().map(Hex).collect()
}

fn unhex_all(hex: &[Hex<32>]) -> Vec<[u8; 32]> {
    hex.iter().map(|hex| hex.0).collect()
}

impl From<&TrusteeSignature> for SignatureRecord {
    fn from(by: &TrusteeSignature) -> Self {
        SignatureRecord {
            trustee: by.trustee().get().into(),
            challenge: Hex(by.signature().challenge()),
            response: Hex(by.signature().response()),
        }
    }
}

fn signatures(
    records: &[SignatureRecord],
    threshold: Threshold,
) -> Result<Vec<TrusteeSignature>, RecordError> {
    records
        .iter()
        .map(|SignatureRecord { trustee, challenge, response }| {
            let trustee = index(threshold, *trustee)?;
            Ok(TrusteeSignature::new(trustee, proof(trustee, challenge, response)?))
        })
        .collect()
}

fn index(threshold: Threshold, number: u64) -> Result<TrusteeIndex, RecordError> {
    threshold.index(number).ok_or(RecordError::UnknownTrustee { number, trustees: threshold.trustees() })
}

fn proof(trustee: TrusteeIndex, challenge: &Hex<32>, response: &Hex<32>) -> Result<Proof, RecordError> {
    Proof::from_bytes(&[challenge.0, response.0].concat())
        .map_err(|error| RecordError::Proof { trustee, error })
}
