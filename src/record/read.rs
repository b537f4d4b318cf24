//! From what stands in a record to checked types. Every error says what does not hold.

use alloc::vec::Vec;

use super::{
    BoxClosingRecord, ClosedRecord, ContestRecord, FactorsRecord, Hex, OpeningRecord, PanelRecord,
    ProofRecord, Record, RecordError, RollEntryRecord, SignatureRecord, TallyRecord,
};
use crate::ballot_box::{ClosedBox, Closing, Opening, Roll, RollEntry, SignedBox, SigningsDigest};
use crate::bureau::{Bureau, ElectionKey, IdentityKey, KeyError, Panel, TrusteeIndex};
use crate::contest::{Approval, ApprovedContest, Contest, ContestDescription, ContestError, Packing};
use crate::credential::{DecodedCredentials, PublicCredential};
use crate::primitives::labels;
use crate::primitives::parallel;
use crate::primitives::{DecodeError, Proof, Signature, UnixTime, VerifyingKey};
use crate::tally::{DecryptionFactors, Endorsement, FactorsSignature};

impl Record {
    /// The contest, with all its approvals.
    ///
    /// # Errors
    ///
    /// A [`RecordError`]: another protocol, a contest that breaks a rule, or an approval that does not hold or is
    /// missing.
    pub fn contest(&self) -> Result<ApprovedContest, RecordError> {
        approved(&self.protocol, labels::PROTOCOL, &self.contest, &self.approvals)
    }

    /// The roll, checked.
    ///
    /// # Errors
    ///
    /// A [`RecordError`] that names the entry or the rule.
    pub fn roll(&self, contest: &Contest) -> Result<Roll, RecordError> {
        read_roll(contest, &self.opening, &self.roll)
    }

    /// The box, verified again with both signatures under its closing: steps 1 to 7 of the audit, but for the
    /// endorsements. `progress` is told how many ballots have been verified, every few hundred.
    ///
    /// # Errors
    ///
    /// A [`RecordError`] with the first flaws found.
    pub fn signed_box(&self, progress: &mut dyn FnMut(usize)) -> Result<SignedBox, RecordError> {
        let contest = self.contest()?;
        let roll = self.roll(contest.contest())?;
        let ballots = self.ballots.iter().map(|ballot| ballot.0.clone()).collect();
        let closing = &self.closing;
        let issuer_signature = Signature::from_bytes(closing.issuer_signature.0);
        let closed = ClosedBox::verify(contest, roll, ballots, closing.of_box().read(), progress)?;
        check_tally(&self.tally, &closed)?;
        Ok(SignedBox::new(closed, issuer_signature)?)
    }
}

impl ClosedRecord {
    /// The contest, with all its approvals.
    ///
    /// # Errors
    ///
    /// Those of [`Record::contest`].
    pub fn contest(&self) -> Result<ApprovedContest, RecordError> {
        approved(&self.protocol, labels::PROTOCOL_CLOSED, &self.contest, &self.approvals)
    }

    /// The roll, checked.
    ///
    /// # Errors
    ///
    /// Those of [`Record::roll`].
    pub fn roll(&self, contest: &Contest) -> Result<Roll, RecordError> {
        read_roll(contest, &self.opening, &self.roll)
    }

    /// The closed box, verified: steps 1 to 5 of the audit, 7, and the box's half of 6. It is what a trustee
    /// endorses when the issuer has signed it too ([`SignedBox::new`]). `progress` is told how many ballots have
    /// been verified, every few hundred.
    ///
    /// # Errors
    ///
    /// A [`RecordError`] with the first flaws found.
    pub fn verify(&self, progress: &mut dyn FnMut(usize)) -> Result<ClosedBox, RecordError> {
        let contest = self.contest()?;
        let roll = self.roll(contest.contest())?;
        let ballots = self.ballots.iter().map(|ballot| ballot.0.clone()).collect();
        let closed = ClosedBox::verify(contest, roll, ballots, self.closing.read(), progress)?;
        check_tally(&self.tally, &closed)?;
        Ok(closed)
    }
}

impl ContestRecord {
    /// The contest, whoever has approved it: enough to look at its ballots, as an
    /// [audit in parts](crate::record::shard) does.
    ///
    /// # Errors
    ///
    /// A [`RecordError`] for a contest that breaks a rule.
    pub fn to_contest(&self) -> Result<Contest, RecordError> {
        read_contest(self)
    }
}

/// Step 7: count and sums as stated are those of the ballots.
fn check_tally(stated: &TallyRecord, closed: &ClosedBox) -> Result<(), RecordError> {
    if *stated == TallyRecord::from(closed.tally()) { Ok(()) } else { Err(RecordError::Tally) }
}

impl super::ClosingRecord {
    /// The half that the box has signed.
    pub(super) fn of_box(&self) -> BoxClosingRecord {
        BoxClosingRecord {
            size: self.size,
            root: self.root,
            signings_digest: self.signings_digest,
            at: self.at,
            box_signature: self.box_signature,
        }
    }
}

impl BoxClosingRecord {
    pub(super) fn read(&self) -> Closing {
        let BoxClosingRecord { size, root, signings_digest, at, box_signature } = self;
        Closing {
            size: *size,
            root: root.0,
            signings_digest: SigningsDigest::from_bytes(signings_digest.0),
            at: UnixTime::from_seconds(*at),
            box_signature: Signature::from_bytes(box_signature.0),
        }
    }
}

pub(super) fn approved(
    protocol: &str,
    expected: &'static str,
    contest: &ContestRecord,
    approvals: &[SignatureRecord],
) -> Result<ApprovedContest, RecordError> {
    check_protocol(protocol, expected)?;
    let contest = read_contest(contest)?;
    let approvals = read_approvals(&contest, approvals)?;
    Ok(ApprovedContest::new(contest, approvals)?)
}

pub(super) fn check_protocol(actual: &str, expected: &'static str) -> Result<(), RecordError> {
    if actual == expected { Ok(()) } else { Err(RecordError::Protocol { expected }) }
}

/// The contest without its approvals.
pub(super) fn read_contest(record: &ContestRecord) -> Result<Contest, RecordError> {
    let ContestRecord {
        election,
        number,
        title,
        documents,
        lists,
        opens_at,
        closes_at,
        grace,
        capacity,
        packing,
        panels,
        box_key,
        issuer_key,
    } = record;
    let small = |field, actual: u64| u8::try_from(actual).map_err(|_| RecordError::Number { field, actual });
    let key = |field, key: &Hex<32>| {
        VerifyingKey::from_bytes(&key.0).map_err(|error| RecordError::Key { field, error })
    };
    let packing = small("packing", *packing)?;
    let quorums = panels.iter().map(|panel| small("quorum", panel.quorum)).collect::<Result<_, _>>()?;
    let description = ContestDescription {
        election: election.clone(),
        number: *number,
        title: title.clone(),
        documents: documents.clone(),
        lists: lists.clone(),
        opens_at: UnixTime::from_seconds(*opens_at),
        closes_at: UnixTime::from_seconds(*closes_at),
        grace: *grace,
        capacity: *capacity,
        packing: Some(Packing::new(packing).ok_or(RecordError::Number { field: "packing", actual: 0 })?),
        quorums: Some(quorums),
        box_key: key("box_key", box_key)?,
        issuer_key: key("issuer_key", issuer_key)?,
    };
    let bureau = read_bureau(panels)?;
    let matrix = |panel: &PanelRecord| panel.key.iter().map(|slot| unhex_all(slot)).collect();
    let matrices: Vec<Vec<Vec<[u8; 32]>>> = panels.iter().map(matrix).collect();
    let key = ElectionKey::from_encodings(bureau, &matrices).map_err(ContestError::Key)?;
    let contest = Contest::of_record(description, &key)?;
    let (expected, actual) = (contest.layout().slots(), key.slots());
    if actual != expected {
        return Err(RecordError::Length { field: "key", expected, actual });
    }
    Ok(contest)
}

fn read_bureau(panels: &[PanelRecord]) -> Result<Bureau, RecordError> {
    let actual = panels.iter().map(|panel| panel.trustees.len()).sum();
    if actual > usize::from(u8::MAX) {
        return Err(ContestError::Key(KeyError::TooManyTrustees { actual }).into());
    }
    let mut numbers = TrusteeIndex::first(actual);
    let mut identity = |key: &Hex<32>| {
        let read = IdentityKey::from_bytes(&key.0);
        match (read, numbers.next()) {
            (Ok(key), _) => Ok(key),
            (Err(error), Some(trustee)) => Err(ContestError::Key(KeyError::BadIdentity { trustee, error })),
            (Err(_), None) => Err(ContestError::Key(KeyError::TooManyTrustees { actual })),
        }
    };
    let mut read = Vec::with_capacity(panels.len());
    for PanelRecord { threshold, trustees, .. } in panels {
        let threshold = u8::try_from(*threshold)
            .map_err(|_| RecordError::Number { field: "threshold", actual: *threshold })?;
        let trustees = trustees.iter().map(&mut identity).collect::<Result<_, _>>()?;
        read.push(Panel { threshold, trustees });
    }
    Ok(Bureau::new(read).map_err(ContestError::Key)?)
}

/// Numbers of trustees strictly ascend, and each is one of the bureau's.
fn read_trustee(
    bureau: &Bureau,
    before: &mut Option<TrusteeIndex>,
    number: u64,
) -> Result<TrusteeIndex, RecordError> {
    let trustees = bureau.trustees();
    let trustee = bureau.index(number).ok_or(RecordError::UnknownTrustee { number, trustees })?;
    if before.is_some_and(|before| before >= trustee) {
        return Err(RecordError::Order { trustee });
    }
    *before = Some(trustee);
    Ok(trustee)
}

fn read_proof(trustee: TrusteeIndex, challenge: &Hex<32>, response: &Hex<32>) -> Result<Proof, RecordError> {
    Proof::from_bytes(&[challenge.0, response.0].concat())
        .map_err(|error| RecordError::Proof { trustee, error })
}

impl ProofRecord {
    /// `c ‖ z`, whatever they are.
    fn bytes(&self) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes.copy_from_slice([self.challenge.0, self.response.0].as_flattened());
        bytes
    }
}

fn read_signatures(
    bureau: &Bureau,
    records: &[SignatureRecord],
) -> Result<Vec<(TrusteeIndex, Proof)>, RecordError> {
    let mut before = None;
    records
        .iter()
        .map(|SignatureRecord { trustee, challenge, response }| {
            let trustee = read_trustee(bureau, &mut before, *trustee)?;
            Ok((trustee, read_proof(trustee, challenge, response)?))
        })
        .collect()
}

pub(super) fn read_approvals(
    contest: &Contest,
    records: &[SignatureRecord],
) -> Result<Vec<Approval>, RecordError> {
    let read = read_signatures(contest.bureau(), records)?;
    Ok(read.into_iter().map(|(trustee, signature)| Approval::new(trustee, signature)).collect())
}

pub(super) fn read_endorsements(
    contest: &Contest,
    records: &[SignatureRecord],
) -> Result<Vec<Endorsement>, RecordError> {
    let read = read_signatures(contest.bureau(), records)?;
    Ok(read.into_iter().map(|(trustee, signature)| Endorsement::new(trustee, signature)).collect())
}

pub(super) fn read_factors(
    contest: &Contest,
    records: &[FactorsRecord],
) -> Result<Vec<DecryptionFactors>, RecordError> {
    let mut before = None;
    records
        .iter()
        .map(|FactorsRecord { trustee, factors, proof, signature }| {
            let trustee = read_trustee(contest.bureau(), &mut before, *trustee)?;
            // Whether these are scalars is asked once it is known whose they are.
            let (proof, signature) = (proof.bytes(), FactorsSignature::from_bytes(signature.bytes()));
            let (expected, actual) = (contest.layout().slots(), factors.len());
            DecryptionFactors::from_encodings(trustee, &unhex_all(factors), proof, signature)
                .map_err(|_| RecordError::Length { field: "factors", expected, actual })
        })
        .collect()
}

fn read_roll(
    contest: &Contest,
    opening: &OpeningRecord,
    roll: &[RollEntryRecord],
) -> Result<Roll, RecordError> {
    // Decoding a point is most of the work that a roll takes.
    let entries = parallel::map(roll, |RollEntryRecord { credential, revoked }| {
        PublicCredential::from_bytes(&credential.0)
            .map(|credential| RollEntry { credential, revoked: *revoked })
    });
    let entries = entries
        .into_iter()
        .enumerate()
        .map(|(entry, read)| read.map_err(|error| RecordError::Credential { entry, error }))
        .collect::<Result<_, _>>()?;
    Ok(Roll::verify(contest, read_opening(opening), entries)?)
}

pub(super) fn read_opening(opening: &OpeningRecord) -> Opening {
    let OpeningRecord { voters, at, box_signature, issuer_signature } = opening;
    Opening {
        voters: *voters,
        at: UnixTime::from_seconds(*at),
        box_signature: Signature::from_bytes(box_signature.0),
        issuer_signature: Signature::from_bytes(issuer_signature.0),
    }
}

/// All credentials of a roll, or the first entry that does not decode.
pub(super) fn decode_roll(roll: &[RollEntryRecord]) -> Result<DecodedCredentials, (usize, DecodeError)> {
    let read = parallel::map(roll, |entry| PublicCredential::from_bytes(&entry.credential.0));
    let read = read.into_iter().enumerate();
    read.map(|(entry, read)| read.map_err(|error| (entry, error))).collect()
}

/// The first entry that does not decode.
pub(super) fn first_undecodable(roll: &[RollEntryRecord]) -> Option<(usize, DecodeError)> {
    let errors = parallel::map(roll, |entry| PublicCredential::from_bytes(&entry.credential.0).err());
    errors.into_iter().enumerate().find_map(|(entry, error)| Some((entry, error?)))
}

fn unhex_all(hex: &[Hex<32>]) -> Vec<[u8; 32]> {
    hex.iter().map(|hex| hex.0).collect()
}

#[cfg(all(test, feature = "serde"))]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_read_only_with_the_tally_of_its_ballots() {
        let json = include_bytes!("../../tests/vectors/record.json");
        let record = Record::from_json(json).unwrap();
        let signed = record.signed_box(&mut |_| ()).unwrap();
        let closed = ClosedRecord::new(signed.closed());
        let changes: [fn(&mut TallyRecord); 4] = [
            |tally| tally.count += 1,
            |tally| tally.nonce = tally.sums[0],
            |tally| tally.sums.swap(0, 1),
            |tally| tally.sums.truncate(1),
        ];
        for change in changes {
            let (mut record, mut closed) = (record.clone(), closed.clone());
            change(&mut record.tally);
            change(&mut closed.tally);
            assert_eq!(record.signed_box(&mut |_| ()).unwrap_err(), RecordError::Tally);
            assert_eq!(closed.verify(&mut |_| ()).unwrap_err(), RecordError::Tally);
        }
        assert_eq!(closed.verify(&mut |_| ()).unwrap().tally(), signed.closed().tally());
    }
}
