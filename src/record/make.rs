//! Records of what happened.

use alloc::vec::Vec;

use super::{
    BoxClosingRecord, ClosedRecord, ClosingRecord, ContestRecord, FactorsRecord, Hex, HexBytes,
    OpeningRecord, PanelRecord, ProofRecord, Record, ResultRecord, RollEntryRecord, SignatureRecord,
    TallyRecord,
};
use crate::ballot::SealedTally;
use crate::ballot_box::{ClosedBox, Closing, Roll, SignedBox};
use crate::bureau::TrusteeIndex;
use crate::contest::{ApprovedContest, Contest};
use crate::primitives::Proof;
use crate::primitives::labels;
use crate::tally::OpenedTally;

impl Record {
    /// The record of a box whose tally was opened.
    #[must_use]
    pub fn new(signed: &SignedBox, opened: &OpenedTally) -> Self {
        let closed = signed.closed();
        let BoxClosingRecord { size, root, signings_digest, at, box_signature } =
            BoxClosingRecord::from(closed.closing());
        let endorsements = opened.endorsements().iter().map(|by| signature(by.trustee(), by.signature()));
        Record {
            protocol: labels::PROTOCOL.into(),
            contest: ContestRecord::from(closed.contest().contest()),
            approvals: approvals(closed.contest()),
            opening: opening(closed.roll()),
            roll: roll(closed.roll()),
            ballots: ballots(closed),
            closing: ClosingRecord {
                size,
                root,
                signings_digest,
                at,
                box_signature,
                issuer_signature: Hex(signed.issuer_signature().to_bytes()),
                endorsements: endorsements.collect(),
            },
            tally: TallyRecord::from(closed.tally()),
            factors: opened
                .factors()
                .iter()
                .map(|factors| FactorsRecord {
                    trustee: factors.trustee().get().into(),
                    factors: hex_all(factors.factors().iter().copied()),
                    proof: ProofRecord::of(factors.proof()),
                    signature: ProofRecord::of(&factors.signature().to_bytes()),
                })
                .collect(),
            result: ResultRecord { votes: opened.result().votes().to_vec(), blank: opened.result().blank() },
        }
    }
}

impl ClosedRecord {
    /// The record of a closed box that is not counted yet.
    #[must_use]
    pub fn new(closed: &ClosedBox) -> Self {
        ClosedRecord {
            protocol: labels::PROTOCOL_CLOSED.into(),
            contest: ContestRecord::from(closed.contest().contest()),
            approvals: approvals(closed.contest()),
            opening: opening(closed.roll()),
            roll: roll(closed.roll()),
            ballots: ballots(closed),
            closing: BoxClosingRecord::from(closed.closing()),
            tally: TallyRecord::from(closed.tally()),
        }
    }
}

impl From<&Contest> for ContestRecord {
    fn from(contest: &Contest) -> Self {
        let description = contest.description();
        let panels = contest.bureau().panels().iter().zip(contest.quorums());
        ContestRecord {
            election: description.election.clone(),
            number: description.number,
            title: description.title.clone(),
            documents: description.documents.clone(),
            lists: description.lists.clone(),
            opens_at: description.opens_at.seconds(),
            closes_at: description.closes_at.seconds(),
            grace: description.grace,
            capacity: description.capacity,
            packing: contest.layout().packing().get().into(),
            panels: panels
                .zip(contest.key().to_encodings())
                .map(|((panel, quorum), key)| PanelRecord {
                    threshold: panel.threshold.into(),
                    quorum: (*quorum).into(),
                    trustees: panel.trustees.iter().map(|key| Hex(key.to_bytes())).collect(),
                    key: key.into_iter().map(hex_all).collect(),
                })
                .collect(),
            box_key: Hex(description.box_key.to_bytes()),
            issuer_key: Hex(description.issuer_key.to_bytes()),
        }
    }
}

impl From<&Closing> for BoxClosingRecord {
    fn from(closing: &Closing) -> Self {
        let Closing { size, root, signings_digest, at, box_signature } = *closing;
        BoxClosingRecord {
            size,
            root: Hex(root),
            signings_digest: Hex(signings_digest.to_bytes()),
            at: at.seconds(),
            box_signature: Hex(box_signature.to_bytes()),
        }
    }
}

impl From<&SealedTally> for TallyRecord {
    fn from(tally: &SealedTally) -> Self {
        TallyRecord { count: tally.count(), nonce: Hex(tally.nonce()), sums: hex_all(tally.sums()) }
    }
}

impl From<&Proof> for ProofRecord {
    fn from(proof: &Proof) -> Self {
        ProofRecord { challenge: Hex(proof.challenge()), response: Hex(proof.response()) }
    }
}

impl ProofRecord {
    /// `c ‖ z`, whatever they are.
    fn of(bytes: &[u8; 64]) -> Self {
        let [mut challenge, mut response] = [[0; 32]; 2];
        let (first, second) = bytes.split_at(32);
        challenge.copy_from_slice(first);
        response.copy_from_slice(second);
        ProofRecord { challenge: Hex(challenge), response: Hex(response) }
    }
}

fn signature(trustee: TrusteeIndex, signature: &Proof) -> SignatureRecord {
    let ProofRecord { challenge, response } = ProofRecord::from(signature);
    SignatureRecord { trustee: trustee.get().into(), challenge, response }
}

pub(super) fn approvals(contest: &ApprovedContest) -> Vec<SignatureRecord> {
    contest.approvals().iter().map(|by| signature(by.trustee(), by.signature())).collect()
}

fn opening(roll: &Roll) -> OpeningRecord {
    let opening = roll.opening();
    OpeningRecord {
        voters: opening.voters,
        at: opening.at.seconds(),
        box_signature: Hex(opening.box_signature.to_bytes()),
        issuer_signature: Hex(opening.issuer_signature.to_bytes()),
    }
}

fn roll(roll: &Roll) -> Vec<RollEntryRecord> {
    roll.entries()
        .iter()
        .map(|entry| RollEntryRecord { credential: Hex(entry.credential.to_bytes()), revoked: entry.revoked })
        .collect()
}

fn ballots(closed: &ClosedBox) -> Vec<HexBytes> {
    closed.ballots().iter().cloned().map(HexBytes).collect()
}

fn hex_all(bytes: impl IntoIterator<Item = [u8; 32]>) -> Vec<Hex<32>> {
    bytes.into_iter().map(Hex).collect()
}
