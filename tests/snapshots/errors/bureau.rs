//! Of forms, texts, ballots, keys, contests and the ceremony.

use urne::DecodeError;
use urne::ballot::{BallotError, ChallengeError, ReferenceError, SumError};
use urne::bureau::{
    CeremonyDigest, CeremonyError, KeyError, MessageKind, RevealFault, TrusteeKeyError, TrusteeSignatureError,
};
use urne::contest::{ContestError, DocumentsError};
use urne::credential::VotingCodeError;
use urne::primitives::{Kind, VerifyingKeyError};

use super::super::fixture::{self, Election, election, trustee};
use super::super::{messages, snapshot};
use super::{AT, LATER, decode, fingerprints, panel};

#[test]
fn of_decoding() {
    snapshot(
        "errors_decode",
        messages(&[
            decode(),
            DecodeError::Identity { offset: 2 },
            DecodeError::NotAScalar { offset: 66 },
            DecodeError::TooShort { expected: 97, actual: 96 },
            DecodeError::TooLong { expected: 97, actual: 98 },
            DecodeError::Version { actual: 1 },
            DecodeError::Kind { expected: Kind::Approval, actual: Kind::Endorsement.byte() },
            DecodeError::Kind { expected: Kind::Approval, actual: 0 },
            DecodeError::Number { offset: 1 },
            DecodeError::Digest { offset: 2 },
            DecodeError::NotHex,
            DecodeError::Altered,
            DecodeError::Digest { offset: 35 },
        ]),
    );
    let kinds = Kind::ALL.iter().map(|kind| format!("{:#04x}: {kind}\n", kind.byte()));
    snapshot("kinds", kinds.collect());
    snapshot(
        "errors_reference",
        messages(&[
            ReferenceError::Separator,
            ReferenceError::Number,
            ReferenceError::Length { actual: 63 },
            ReferenceError::Hex,
        ]),
    );
    snapshot(
        "errors_voting_code",
        messages(&[
            VotingCodeError::Foreign { code_point: 0x2011, position: 6 },
            VotingCodeError::Length { expected: 35, actual: 34 },
            VotingCodeError::Prefix,
            VotingCodeError::Character { position: 6 },
            VotingCodeError::Mistyped { position: Some(7) },
            VotingCodeError::Mistyped { position: None },
        ]),
    );
}

#[test]
fn of_ballots() {
    let [expected, actual] = fingerprints();
    snapshot(
        "errors_ballot",
        messages(&[
            BallotError::Decode(decode()),
            BallotError::Lists { expected: 3, actual: 2 },
            BallotError::ForeignContest { expected, actual },
            BallotError::Choice { lists: 3 },
            BallotError::Proof,
            BallotError::EmptyBatch,
        ]),
    );
    let references = election().closed().references();
    let [own, others] = [0, 1].map(|voter| fixture::issued(voter, 0).0.to_bytes());
    snapshot(
        "errors_challenge",
        messages(&[
            ChallengeError::Reference { expected: references[0], actual: references[1] },
            ChallengeError::Ballot(BallotError::Proof),
            ChallengeError::Credential { expected: own, actual: others },
            ChallengeError::Choice { lists: 3 },
            ChallengeError::Nonce,
            ChallengeError::Slot { slot: 2 },
            ChallengeError::Meant,
        ]),
    );
    snapshot(
        "errors_sum",
        messages(&[
            SumError::ForeignContest { expected, actual },
            SumError::Slots { expected: 3, actual: 2 },
            SumError::Overlap { index: 3 },
            SumError::Gap { index: 3 },
            SumError::Beyond { index: 9, count: 9 },
            SumError::Index { index: 1 << 53 },
        ]),
    );
}

#[test]
fn of_keys_and_contests() {
    snapshot(
        "errors_key",
        messages(&[
            KeyError::Decode(decode()),
            KeyError::NoPanel,
            KeyError::TooManyPanels { actual: 256 },
            KeyError::TooManyTrustees { actual: 256 },
            KeyError::Threshold { panel: panel(2), threshold: 4, trustees: 3 },
            KeyError::Threshold { panel: panel(2), threshold: 2, trustees: 1 },
            KeyError::BadIdentity { trustee: trustee(2), error: decode() },
            KeyError::RepeatedIdentity { trustee: trustee(2) },
            KeyError::PanelCount { expected: 2, actual: 1 },
            KeyError::PanelCount { expected: 1, actual: 2 },
            KeyError::SlotCount { panel: panel(2), actual: 256 },
            KeyError::SlotCount { panel: panel(2), actual: 1 },
            KeyError::CoefficientCount { panel: panel(2), slot: 1, expected: 2, actual: 3 },
            KeyError::CoefficientCount { panel: panel(2), slot: 1, expected: 2, actual: 1 },
            KeyError::BadPoint { panel: panel(1), slot: 1, error: decode() },
            KeyError::IdentityKeyOfSlot { slot: 2 },
            KeyError::RepeatedSlot { slot: 2 },
        ]),
    );
    snapshot(
        "errors_trustee_key",
        messages(&[
            TrusteeKeyError::Key(KeyError::Decode(decode())),
            TrusteeKeyError::NotATrustee,
            TrusteeKeyError::Share { trustee: trustee(1), slot: 2 },
        ]),
    );
    let signature = TrusteeSignatureError::Invalid { trustee: trustee(2) };
    snapshot(
        "errors_signature",
        messages(&[
            TrusteeSignatureError::UnknownTrustee { trustee: trustee(9), trustees: 3 },
            TrusteeSignatureError::Repeated { trustee: trustee(2) },
            signature,
        ]),
    );
    let quorum =
        |threshold, trustees, actual| ContestError::Quorum { panel: panel(2), threshold, trustees, actual };
    let packing = |lists, capacity, actual| ContestError::Packing { lists, capacity, actual };
    snapshot(
        "errors_contest",
        messages(&[
            ContestError::NoList,
            ContestError::TooManyLists { actual: 256 },
            ContestError::EmptyList { list: 2 },
            ContestError::LookAlikes {
                list: 3,
                earlier: 2,
                names: ["Dawn", "Dawn "].map(urne::primitives::Text::from).into(),
            },
            ContestError::Unseen { field: "title", list: None, code_point: 0x202e, position: 5 },
            ContestError::Unseen { field: "lists", list: Some(2), code_point: 0x20, position: 1 },
            ContestError::RepeatedList { list: 2 },
            ContestError::LongText { field: "title", actual: 1_025 },
            ContestError::LargeNumber { field: "number", actual: 1 << 53 },
            ContestError::ClosesBeforeOpening { opens_at: LATER, closes_at: AT },
            ContestError::Grace { actual: 86_401 },
            ContestError::Capacity { actual: 0 },
            ContestError::Capacity { actual: 1 << 48 },
            packing(3, 1_000, 4),
            packing(1, 1_000, 2),
            packing(12, 1_000_000, 3),
            ContestError::QuorumCount { expected: 2, actual: 1 },
            ContestError::QuorumCount { expected: 1, actual: 2 },
            quorum(2, 3, 1),
            quorum(1, 1, 2),
            ContestError::LowQuorums,
            ContestError::TooFewSlots { slots: 3, actual: 1 },
            ContestError::TooFewSlots { slots: 1, actual: 0 },
            ContestError::Key(KeyError::RepeatedSlot { slot: 2 }),
            ContestError::Approval(signature),
            ContestError::MissingApproval { trustee: trustee(3) },
        ]),
    );
    snapshot(
        "errors_verifying_key",
        messages(&[VerifyingKeyError::NotAKey, VerifyingKeyError::SmallOrder, VerifyingKeyError::Signature]),
    );
    snapshot("errors_documents", messages(&[DocumentsError::Form, DocumentsError::Other]));
}

#[test]
fn of_the_ceremony() {
    let (dealer, complainant) = (trustee(3), trustee(5));
    let faults = [
        RevealFault::Slots { expected: 3, actual: 2 },
        RevealFault::Slots { expected: 2, actual: 1 },
        RevealFault::Points { slot: 1, expected: 2, actual: 3 },
        RevealFault::Points { slot: 1, expected: 2, actual: 1 },
        RevealFault::Shares { expected: 9, actual: 8 },
        RevealFault::Shares { expected: 2, actual: 1 },
        RevealFault::Identity { slot: 1, coefficient: 0 },
        RevealFault::Share { recipient: complainant, slot: 2 },
        RevealFault::Commitment,
    ];
    let Election { board, ceremony, .. } = election();
    let mut errors = vec![
        CeremonyError::Label { actual: 1_025 },
        CeremonyError::NoSlots,
        CeremonyError::Key(KeyError::RepeatedSlot { slot: 2 }),
        CeremonyError::Decode(decode()),
        CeremonyError::NotATrustee,
        CeremonyError::Missing { message: MessageKind::Reveal, trustee: dealer },
        CeremonyError::NotOurs { message: MessageKind::Reveal, trustee: dealer },
        CeremonyError::Signature { message: MessageKind::Confirmation, trustee: dealer },
        CeremonyError::Possession { trustee: dealer },
        CeremonyError::TwoCommitments(Box::new([board.commitments[2].clone(), board.commitments[2].clone()])),
        CeremonyError::TwoReveals(Box::new([board.reveals[2].clone(), board.reveals[2].clone()])),
        CeremonyError::Complaint { dealer, complainant, culprit: dealer },
        CeremonyError::Complaint { dealer, complainant, culprit: complainant },
        CeremonyError::ComplaintParties { dealer, complainant: trustee(1) },
        CeremonyError::ComplaintProof { dealer, complainant },
        CeremonyError::OtherLabel { expected: "council".into(), actual: "council\u{202e}".into() },
        CeremonyError::OtherNumber { expected: dealer, actual: complainant },
        CeremonyError::OtherCeremony {
            expected: ceremony.digest(),
            actual: CeremonyDigest::from_bytes([7; 32]),
        },
        CeremonyError::Complained { dealers: vec![dealer] },
        CeremonyError::Complained { dealers: vec![dealer, complainant] },
    ];
    snapshot("errors_reveal", messages(&faults));
    errors.extend(faults.map(|fault| CeremonyError::BadReveal { dealer, fault }));
    snapshot("errors_ceremony", messages(&errors));
}
