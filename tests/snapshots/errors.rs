//! Messages of every error that can be made from outside of the crate.

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use urne::ballot::{BallotError, ChallengeError, ReferenceError, SumError};
use urne::ballot_box::{
    ActivationError, BoxFlaw, ChallengeRefusal, CloseError, ClosingDigest, DepositError, IssueError,
    IssuerError, LogError, LogFlaw, OpenError, OpeningDigest, ReceiptError, RegistrationError, ReissueError,
    RollError, SigningsError,
};
use urne::bureau::{
    CeremonyError, KeyError, MessageKind, RevealFault, TrusteeKeyError, TrusteeSignatureError,
};
use urne::contest::{ContestError, DocumentsError};
use urne::credential::VotingCodeError;
use urne::primitives::{DiscreteLogError, Kind, VerifyingKeyError};
use urne::record::{Flaw, Hex, HexBytes, RecordError};
use urne::tally::{EndorsementError, FactorError, OpeningError};
use urne::trustee::TrusteeError;
use urne::voter::{CheckError, SessionError};
use urne::{DecodeError, Fingerprint, PanelIndex, Proof, UnixTime};

use super::fixture::{self, Election, election, trustee, voter};
use super::{messages, snapshot};

const AT: UnixTime = UnixTime::from_seconds(1_700_000_000);
const LATER: UnixTime = UnixTime::from_seconds(1_800_000_000);

fn fingerprints() -> [Fingerprint; 2] {
    [Fingerprint::from_bytes([1; 32]), Fingerprint::from_bytes([2; 32])]
}

fn openings() -> [OpeningDigest; 2] {
    [OpeningDigest::from_bytes([1; 32]), OpeningDigest::from_bytes([2; 32])]
}

fn closings() -> [ClosingDigest; 2] {
    [ClosingDigest::from_bytes([1; 32]), ClosingDigest::from_bytes([2; 32])]
}

fn decode() -> DecodeError {
    DecodeError::NotAPoint { offset: 34 }
}

fn panel(number: u8) -> PanelIndex {
    PanelIndex::new(number).unwrap()
}

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
            DecodeError::NotHex,
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
            KeyError::NoPanel,
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
            TrusteeKeyError::Decode(decode()),
            TrusteeKeyError::AnotherKey,
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
    let Election { board, complaint, .. } = election();
    let complaint = &complaint.1;
    let mut errors = vec![
        CeremonyError::Label { actual: 1_025 },
        CeremonyError::NoSlots,
        CeremonyError::Key(KeyError::RepeatedSlot { slot: 2 }),
        CeremonyError::Decode(decode()),
        CeremonyError::AnotherCeremony,
        CeremonyError::NotATrustee,
        CeremonyError::Missing { message: MessageKind::Reveal, trustee: dealer },
        CeremonyError::NotOurs { message: MessageKind::Reveal, trustee: dealer },
        CeremonyError::Signature { message: MessageKind::Confirmation, trustee: dealer },
        CeremonyError::Possession { trustee: dealer },
        CeremonyError::TwoCommitments(Box::new([board.commitments[2].clone(), board.commitments[2].clone()])),
        CeremonyError::TwoReveals(Box::new([board.reveals[2].clone(), board.reveals[2].clone()])),
        CeremonyError::BadShares(vec![complaint.clone()]),
        CeremonyError::BadShares(vec![complaint.clone(), complaint.clone()]),
        CeremonyError::Complaint { dealer, complainant, culprit: dealer },
        CeremonyError::Complaint { dealer, complainant, culprit: complainant },
        CeremonyError::ComplaintParties { dealer, complainant: trustee(1) },
        CeremonyError::ComplaintProof { dealer, complainant },
    ];
    errors.extend(faults.map(|fault| CeremonyError::BadReveal { dealer, fault }));
    snapshot("errors_ceremony", messages(&errors));
}

#[test]
fn of_issuer_and_roll() {
    let [expected, actual] = fingerprints();
    let roll = RollError::Repeated { entry: 5, earlier: 2 };
    snapshot(
        "errors_roll",
        messages(&[
            roll,
            RollError::TooShort { voters: 5, entries: 4 },
            RollError::TooShort { voters: 2, entries: 1 },
            RollError::Order { entry: 1 },
            RollError::Standing { voters: 4, actual: 5 },
            RollError::Standing { voters: 1, actual: 0 },
            RollError::Standing { voters: 2, actual: 1 },
            RollError::ForeignContest { expected, actual },
            RollError::Voters { voters: 0, capacity: 9 },
            RollError::Voters { voters: 10, capacity: 9 },
            RollError::BoxSignature(VerifyingKeyError::Signature),
            RollError::IssuerSignature(VerifyingKeyError::Signature),
            RollError::Late { at: LATER, opens_at: AT },
            RollError::Unknown { credential: [1; 32] },
        ]),
    );
    snapshot(
        "errors_registration",
        messages(&[
            RegistrationError::ForeignContest { expected, actual },
            RegistrationError::RepeatedVoter { voter: voter(1) },
            RegistrationError::UnknownVoter { voter: voter(1) },
            RegistrationError::Full { capacity: 1_000 },
            RegistrationError::RepeatedCredential { other: voter(2) },
        ]),
    );
    snapshot(
        "errors_issue",
        messages(&[
            IssueError::NoContest,
            IssueError::RepeatedContest { number: 584 },
            IssueError::OtherKey { number: 584 },
            IssueError::Closed { number: 584, closes_at: AT },
            IssueError::HasCode { number: 584 },
            IssueError::NoCode { number: 584 },
            IssueError::Opened { number: 584 },
            IssueError::Full { number: 584, capacity: 1_000 },
            IssueError::RepeatedCode { number: 584 },
        ]),
    );
    let ([signed, actual], credential) = (openings(), [1; 32]);
    let [closed, other] = closings();
    snapshot(
        "errors_issuer",
        messages(&[
            IssuerError::OtherKey { number: 584 },
            IssuerError::Opening(roll),
            IssuerError::NotOpened { actual },
            IssuerError::OtherOpening { signed, actual },
            IssuerError::Unknown { entry: Some(3), credential },
            IssuerError::Unknown { entry: None, credential },
            IssuerError::Flag { entry: 3, voter: voter(1), expected: true },
            IssuerError::Flag { entry: 3, voter: voter(1), expected: false },
            IssuerError::Missing { voter: voter(1), credential },
            IssuerError::BeforeOpening { credential },
            IssuerError::Closed { signed: closed },
            IssuerError::OtherClosing { signed: closed, actual: other },
        ]),
    );
    snapshot("errors_signings", messages(&[SigningsError::Repeated { voter: voter(1) }]));
}

#[test]
fn of_the_box() {
    let [expected, actual] = fingerprints();
    let roll = RollError::Repeated { entry: 5, earlier: 2 };
    snapshot("errors_open", messages(&[OpenError::OtherKey, OpenError::Roll(roll)]));
    snapshot(
        "errors_deposit",
        messages(&[
            DepositError::NotOnRoll,
            DepositError::NotYetOpen { opens_at: AT },
            DepositError::Ended { ends_at: AT },
            DepositError::AlreadyVoted { at: AT },
            DepositError::Ballot(BallotError::Proof),
            DepositError::OtherCredential,
            DepositError::Revoked,
            DepositError::Expired { expires_at: AT },
            DepositError::NotActive,
            DepositError::Challenged,
            DepositError::RepeatedNonce,
        ]),
    );
    snapshot(
        "errors_activation",
        messages(&[
            ActivationError::Ended { ends_at: AT },
            ActivationError::NotOnRoll,
            ActivationError::AlreadyVoted { at: AT },
            ActivationError::Proof,
            ActivationError::Revoked,
            ActivationError::OtherCode,
            ActivationError::Closed { closes_at: AT },
            ActivationError::Expired { expires_at: AT },
        ]),
    );
    snapshot(
        "errors_reissue",
        messages(&[
            ReissueError::OtherVoter,
            ReissueError::ForeignContest { expected, actual },
            ReissueError::Closed { closes_at: AT },
            ReissueError::NotOnRoll,
            ReissueError::AlreadyVoted { at: AT },
            ReissueError::Older { issued_at: AT, in_force: LATER },
            ReissueError::Roll(roll),
        ]),
    );
    snapshot(
        "errors_challenge_refusal",
        messages(&[
            ChallengeRefusal::NotOnRoll,
            ChallengeRefusal::NotYetOpen { opens_at: AT },
            ChallengeRefusal::Ended { ends_at: AT },
            ChallengeRefusal::AlreadyVoted { at: AT },
            ChallengeRefusal::Ballot(BallotError::Proof),
            ChallengeRefusal::Credential(DepositError::NotActive),
            ChallengeRefusal::Deposited,
            ChallengeRefusal::TooMany { most: 32 },
        ]),
    );
    snapshot(
        "errors_close",
        messages(&[
            CloseError::TooEarly { ends_at: AT },
            CloseError::Signings { ballots: 3, signings: 2 },
            CloseError::Signings { ballots: 1, signings: 1 },
            CloseError::Closing(BoxFlaw::LateNumber { at: LATER }),
            CloseError::Tally(SumError::Gap { index: 2 }),
        ]),
    );
    let flaws = [
        LogFlaw::CutShort { offset: 1_000 },
        LogFlaw::NotAnEntry {
            offset: 1_000,
            error: DecodeError::Kind { expected: Kind::LogEntry, actual: Kind::Head.byte() },
        },
        LogFlaw::Signature(VerifyingKeyError::Signature),
        LogFlaw::Malformed(decode()),
        LogFlaw::NotOpened,
        LogFlaw::OpenedTwice,
        LogFlaw::Registration(RegistrationError::RepeatedVoter { voter: voter(1) }),
        LogFlaw::Opening(OpenError::OtherKey),
        LogFlaw::TimeWentBack { before: LATER, at: AT },
        LogFlaw::NoChange,
        LogFlaw::Activation(ActivationError::Proof),
        LogFlaw::Reissue(ReissueError::NotOnRoll),
        LogFlaw::Challenge(ChallengeRefusal::Deposited),
        LogFlaw::Deposit(DepositError::NotActive),
        LogFlaw::Closing(CloseError::TooEarly { ends_at: AT }),
        LogFlaw::ClosedTwice,
        LogFlaw::EndMissing { expected: 3, actual: 2 },
        LogFlaw::EndMissing { expected: 2, actual: 1 },
        LogFlaw::OtherHead { size: 2 },
        LogFlaw::OtherHead { size: 1 },
    ];
    let errors = flaws.map(|flaw| LogError { entry: 7, flaw });
    snapshot("errors_log", errors.map(|error| format!("{error}\n")).concat());
}

#[test]
fn of_closed_boxes() {
    let [expected, actual] = fingerprints();
    let flaws = [
        BoxFlaw::Ballot { ballot: 1, error: BallotError::Proof },
        BoxFlaw::UnknownCredential { ballot: 1 },
        BoxFlaw::RevokedCredential { ballot: 1 },
        BoxFlaw::RepeatedCredential { ballot: 2, earlier: 1 },
        BoxFlaw::RepeatedNonce { ballot: 2, earlier: 1 },
        BoxFlaw::RepeatedReference { ballot: 2, earlier: 1 },
        BoxFlaw::ForeignRoll { expected, actual },
        BoxFlaw::Size { expected: 3, actual: 2 },
        BoxFlaw::Size { expected: 1, actual: 0 },
        BoxFlaw::Size { expected: 2, actual: 1 },
        BoxFlaw::Root { expected: [1; 32], actual: [2; 32] },
        BoxFlaw::ClosingSignature(VerifyingKeyError::Signature),
        BoxFlaw::IssuerSignature(VerifyingKeyError::Signature),
        BoxFlaw::ForeignClosing { expected, actual },
        BoxFlaw::EarlyClosing { at: AT, ends_at: LATER },
        BoxFlaw::LateNumber { at: LATER },
        BoxFlaw::Tally(SumError::Gap { index: 2 }),
    ];
    snapshot("errors_box_flaw", messages(&flaws));
    // A flaw of a ballot names it, and no other flaw names one.
    assert_eq!(
        flaws.each_ref().map(BoxFlaw::ballot),
        [[Some(1); 3].as_slice(), &[Some(2); 3], &[None; 11]].concat()[..]
    );
}

#[test]
fn of_receipts_and_sessions() {
    let [expected, actual] = fingerprints();
    let references = election().closed().references();
    let [opening, other_opening] = openings();
    snapshot(
        "errors_receipt",
        messages(&[
            ReceiptError::ForeignContest { expected, actual },
            ReceiptError::OtherBallot { expected: references[0], actual: references[1] },
            ReceiptError::OtherVoter,
            ReceiptError::Time { at: AT },
            ReceiptError::Position { index: 2, size: 4 },
            ReceiptError::Position { index: 2, size: 1 },
            ReceiptError::NotIncluded { reference: references[0] },
            ReceiptError::Head(VerifyingKeyError::Signature),
            ReceiptError::OtherOpening { expected: opening, actual: other_opening },
            ReceiptError::Emargement(VerifyingKeyError::Signature),
            ReceiptError::Closing(VerifyingKeyError::Signature),
            ReceiptError::ClosedEarlier { head: LATER, closing: AT },
            ReceiptError::Fork { size: 2, closing: 3 },
            ReceiptError::Fork { size: 1, closing: 1 },
        ]),
    );
    let roll = RollError::Late { at: LATER, opens_at: AT };
    snapshot(
        "errors_session",
        messages(&[
            SessionError::RepeatedContest { number: 584 },
            SessionError::UnknownContest { number: 584 },
            SessionError::AlreadyVoted { at: AT },
            SessionError::NotYetOpen { opens_at: AT },
            SessionError::Closed { closes_at: AT },
            SessionError::NotActive,
            SessionError::Opening { number: 584, error: roll },
        ]),
    );
    let [_, closing] = closings();
    let fork = |receipt: usize, closing| CheckError::Fork {
        opening,
        head: Box::new(election().receipts[receipt].deposit_proof.head),
        closing,
    };
    snapshot(
        "errors_check",
        messages(&[
            CheckError::NobodyWasGiven,
            CheckError::OtherGiven { trustee: trustee(2), closing },
            CheckError::Opening { expected: opening, actual: other_opening },
            fork(1, 3),
            fork(0, 1),
        ]),
    );
}

#[test]
fn of_the_tally() {
    let endorsements = [
        EndorsementError::Closing(BoxFlaw::EarlyClosing { at: AT, ends_at: LATER }),
        EndorsementError::Signature(TrusteeSignatureError::Repeated { trustee: trustee(1) }),
        EndorsementError::Quorum { panel: panel(2), required: 3, actual: 2 },
        EndorsementError::Quorum { panel: panel(2), required: 2, actual: 1 },
        EndorsementError::Quorum { panel: panel(1), required: 1, actual: 0 },
    ];
    snapshot("errors_endorsement", messages(&endorsements));
    let factors = [
        FactorError::UnknownTrustee { trustee: trustee(9), trustees: 3 },
        FactorError::Signature { trustee: trustee(1) },
        FactorError::NotAPoint { trustee: trustee(1), slot: 2 },
        FactorError::Count { trustee: trustee(1), expected: 3, actual: 2 },
        FactorError::Count { trustee: trustee(1), expected: 2, actual: 1 },
        FactorError::Proof { trustee: trustee(1) },
    ];
    snapshot("errors_factor", messages(&factors));
    let too_few = |required, good, rejected: &[FactorError]| OpeningError::TooFew {
        panel: panel(2),
        required,
        good,
        rejected: rejected.to_vec(),
    };
    snapshot(
        "errors_opening",
        messages(&[
            OpeningError::Endorsement(endorsements[2]),
            OpeningError::Capacity { count: 1_001, capacity: 1_000 },
            OpeningError::Capacity { count: 2, capacity: 1 },
            too_few(2, 1, &factors[4..]),
            too_few(2, 1, &[]),
            too_few(1, 0, &factors[5..]),
            OpeningError::NoLogarithm { slot: 2, error: DiscreteLogError::NoneFits { digits: 1, most: 9 } },
        ]),
    );
    let logarithms = [
        DiscreteLogError::NotAPoint,
        DiscreteLogError::Shape { count: 9, base: 10, digits: 15 },
        DiscreteLogError::Shape { count: 9, base: 9, digits: 1 },
        DiscreteLogError::NoneFits { digits: 1, most: 9 },
        DiscreteLogError::NoneFits { digits: 2, most: 9 },
    ];
    snapshot("errors_discrete_log", messages(&logarithms));
}

#[test]
fn of_trustees() {
    let [contest, _] = fingerprints();
    let ([kept, actual], [endorsed, closing]) = (openings(), closings());
    let head = Box::new(election().receipts[1].deposit_proof.head);
    let one = Box::new(election().receipts[0].deposit_proof.head);
    let quorum = EndorsementError::Quorum { panel: panel(2), required: 3, actual: 2 };
    snapshot(
        "errors_trustee",
        messages(&[
            TrusteeError::Memory(decode()),
            TrusteeError::MemoryOfAnother,
            TrusteeError::ForeignKey { contest },
            TrusteeError::OtherContest { approved: contest, opens_at: AT },
            TrusteeError::Replaced { contest },
            TrusteeError::Opening(RollError::Order { entry: 1 }),
            TrusteeError::Opened { now: LATER, opens_at: AT },
            TrusteeError::Voters { expected: 4, actual: 5 },
            TrusteeError::Voters { expected: 1, actual: 2 },
            TrusteeError::Voters { expected: 2, actual: 1 },
            TrusteeError::OtherOpening { kept, actual },
            TrusteeError::HeadSignature(ReceiptError::Head(VerifyingKeyError::Signature)),
            TrusteeError::StillOpen { now: AT, ends_at: LATER },
            TrusteeError::SigningsDigest,
            TrusteeError::SigningsCount { ballots: 3, signings: 2 },
            TrusteeError::SigningsCount { ballots: 1, signings: 0 },
            TrusteeError::SigningsCount { ballots: 2, signings: 1 },
            TrusteeError::NotAVoter { voter: voter(9) },
            TrusteeError::OtherGiven { trustee: trustee(2), closing },
            TrusteeError::HeadUnderAnother { opening: actual, head: head.clone() },
            TrusteeError::Head { head, size: 3 },
            TrusteeError::Head { head: one, size: 1 },
            TrusteeError::OtherClosing { endorsed, actual: closing },
            TrusteeError::NotEndorsed { closing },
            TrusteeError::NotApproved { contest },
            TrusteeError::HeadForm(decode()),
            TrusteeError::SecondClosing(BoxFlaw::IssuerSignature(VerifyingKeyError::Signature)),
            TrusteeError::SameClosing { size: 3 },
            TrusteeError::SameClosing { size: 1 },
            TrusteeError::Stopped { contest },
            TrusteeError::Endorsements(quorum),
            TrusteeError::Empty,
            TrusteeError::BelowMinimum { minimum: 10, count: 9 },
            TrusteeError::BelowMinimum { minimum: 2, count: 1 },
            TrusteeError::ReadyForAnother { trustee: trustee(2), closing },
            TrusteeError::NotReady { panel: panel(2), required: 2, actual: 1 },
            TrusteeError::NotReady { panel: panel(1), required: 1, actual: 0 },
            TrusteeError::NotAmongReady { trustee: trustee(2) },
        ]),
    );
}

#[test]
fn of_the_record() {
    let mistakes = [&b""[..], b"{", b"[]", b"{\"protocol\":1}", b"{\"note\":1}", b"{}", b"\xff"];
    let mut errors: Vec<_> =
        mistakes.into_iter().map(|json| urne::Record::from_json(json).unwrap_err()).collect();
    let counted = election().record.to_json();
    errors.push(urne::ClosedRecord::from_json(counted.as_bytes()).unwrap_err());
    let closed = election().closed_record.to_json();
    errors.push(urne::Record::from_json(closed.as_bytes()).unwrap_err());
    errors.extend([
        RecordError::Protocol { expected: "urne/2" },
        RecordError::Number { field: "quorum", actual: 256 },
        RecordError::LargeNumber { field: "capacity", actual: 1 << 53 },
        RecordError::Length { field: "sums", expected: 3, actual: 2 },
        RecordError::Length { field: "votes", expected: 2, actual: 1 },
        RecordError::Key { field: "box_key", error: VerifyingKeyError::SmallOrder },
        RecordError::Contest(ContestError::NoList),
        RecordError::UnknownTrustee { number: 4, trustees: 3 },
        RecordError::UnknownTrustee { number: 2, trustees: 1 },
        RecordError::Order { trustee: trustee(1) },
        RecordError::Proof { trustee: trustee(1), error: DecodeError::NotAScalar { offset: 32 } },
        RecordError::Credential { entry: 4, error: decode() },
        RecordError::Roll(RollError::Order { entry: 1 }),
    ]);
    // A box that does not hold, in one thing and in several.
    for ballots in [2, 3] {
        let mut record = election().closed_record.clone();
        record.ballots.truncate(2);
        if ballots == 3 {
            record.ballots.push(record.ballots[0].clone());
        }
        errors.push(record.closed_box(&mut |_| ()).unwrap_err());
    }
    snapshot("errors_record", messages(&errors));
    snapshot(
        "errors_flaw",
        messages(&[
            Flaw::Record(RecordError::Order { trustee: trustee(1) }),
            Flaw::Box(BoxFlaw::UnknownCredential { ballot: 7 }),
            Flaw::Endorsement(EndorsementError::Quorum { panel: panel(2), required: 3, actual: 2 }),
            Flaw::Count { expected: 3, actual: 2 },
            Flaw::Count { expected: 1, actual: 1 },
            Flaw::NonceSum,
            Flaw::Sum { slot: 2 },
            Flaw::Factors(FactorError::Proof { trustee: trustee(1) }),
            Flaw::TooFewFactors { panel: panel(2), expected: 3, actual: 2 },
            Flaw::TooFewFactors { panel: panel(2), expected: 2, actual: 1 },
            Flaw::FactorsOfEmptyBox,
            Flaw::Capacity { count: 10, capacity: 9 },
            Flaw::TooManyVotes { list: 2, votes: 10, count: 9 },
            Flaw::TooManyVotes { list: 2, votes: 2, count: 1 },
            Flaw::Votes { slot: 2 },
            Flaw::Total { count: 9 },
            Flaw::Total { count: 1 },
        ]),
    );
}

#[test]
fn of_values_in_json() {
    fn error<T: DeserializeOwned + Debug>(json: &str) -> String {
        format!("{json:.24}: {}\n", serde_json::from_str::<T>(json).unwrap_err())
    }
    let hex = |digits: usize| format!("\"{}\"", "a".repeat(digits));
    let text = [
        error::<Proof>("1"),
        error::<Proof>(&hex(126)),
        error::<Proof>(&hex(127)),
        error::<HexBytes>("1"),
        error::<HexBytes>(&hex(1)),
        error::<Hex<32>>("1"),
        error::<Hex<32>>(&hex(62)),
        error::<Hex<32>>(&hex(66)),
        error::<Hex<1>>("\"aA\""),
    ];
    snapshot("errors_json", text.concat());
}

/// The trustees and panels that errors name, and the ballots: who is told which to look at must not be told
/// another.
#[test]
fn whom_they_name() {
    let [one, two] = [1, 2].map(trustee);
    let repeated = TrusteeSignatureError::Repeated { trustee: one };
    let decoding = KeyError::BadIdentity { trustee: two, error: decode() };
    let slots = KeyError::SlotCount { panel: panel(2), actual: 0 };
    let quorum = ContestError::Quorum { panel: panel(2), threshold: 2, trustees: 3, actual: 1 };
    let contest = [
        (ContestError::Key(decoding), Some(two), None),
        (ContestError::Key(KeyError::RepeatedIdentity { trustee: two }), Some(two), None),
        (ContestError::Key(slots), None, Some(panel(2))),
        (ContestError::Key(KeyError::NoPanel), None, None),
        (ContestError::Approval(repeated), Some(one), None),
        (ContestError::MissingApproval { trustee: two }, Some(two), None),
        (quorum, None, Some(panel(2))),
        (ContestError::LowQuorums, None, None),
        (ContestError::NoList, None, None),
    ];
    let record = [
        (RecordError::Proof { trustee: one, error: decode() }, Some(one)),
        (RecordError::Order { trustee: two }, Some(two)),
        (RecordError::Protocol { expected: "urne/2" }, None),
    ];
    // Whose name is on factors, and who is to blame.
    let factors = [
        (FactorError::UnknownTrustee { trustee: two, trustees: 1 }, None),
        (FactorError::Signature { trustee: two }, None),
        (FactorError::NotAPoint { trustee: two, slot: 1 }, Some(two)),
        (FactorError::Count { trustee: two, expected: 3, actual: 2 }, Some(two)),
        (FactorError::Proof { trustee: two }, Some(two)),
    ];
    for (error, trustee, panel) in contest {
        assert_eq!((error.trustee(), error.panel()), (trustee, panel), "{error}");
        assert_eq!(RecordError::Contest(error).trustee(), trustee);
    }
    for (error, trustee) in record {
        assert_eq!(error.trustee(), trustee, "{error}");
        assert_eq!(Flaw::Record(error).trustee(), trustee);
    }
    for (error, culprit) in factors {
        assert_eq!(error.culprit(), culprit, "{error}");
        assert_eq!(Flaw::Factors(error).trustee(), Some(two));
    }
    assert_eq!(Flaw::Endorsement(EndorsementError::Signature(repeated)).trustee(), Some(one));
    let few = EndorsementError::Quorum { panel: panel(2), required: 3, actual: 2 };
    assert_eq!(Flaw::Endorsement(few).trustee(), None);
    assert_eq!(Flaw::NonceSum.trustee(), None);

    assert_eq!(Flaw::Box(BoxFlaw::UnknownCredential { ballot: 7 }).ballot(), Some(7));
    assert_eq!(Flaw::Box(BoxFlaw::Size { expected: 3, actual: 2 }).ballot(), None);
    assert_eq!(Flaw::Sum { slot: 7 }.ballot(), None);
}
