//! Messages of every error that can be made from outside of the crate.

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use urne::audit::Flaw;
use urne::ballot::{BallotError, ChallengeError, ReferenceError};
use urne::ballot_box::{
    ActivationError, CloseError, DepositError, LogError, LogFlaw, RefusalError, ReissueError,
};
use urne::ceremony::{CeremonyError, MessageKind, RevealFault};
use urne::closed_box::{BoxFlaw, ClosingDigest};
use urne::contest::{ContestError, SignatureError};
use urne::decryption::{FactorError, OpeningError};
use urne::electoral_roll::RegistrationError;
use urne::primitives::DiscreteLogError;
use urne::receipt::ReceiptError;
use urne::record::{Hex, HexBytes, RecordError};
use urne::roll::RollError;
use urne::tally::TallyError;
use urne::voter::SessionError;
use urne::{
    BoxKeyError, DecodeError, DocumentsError, Fingerprint, KeyError, Proof, Threshold, TrusteeError,
    TrusteeKeyError, UnixTime, VotingCodeError,
};

use super::fixture::{election, trustee, voter};
use super::{messages, snapshot};

const AT: UnixTime = UnixTime::from_seconds(1_700_000_000);
const LATER: UnixTime = UnixTime::from_seconds(1_800_000_000);

fn fingerprints() -> [Fingerprint; 2] {
    [Fingerprint::from_bytes([1; 32]), Fingerprint::from_bytes([2; 32])]
}

fn decode() -> DecodeError {
    DecodeError::NotAPoint { offset: 34 }
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
            DecodeError::Version { actual: 2 },
            DecodeError::Number { offset: 1 },
            DecodeError::NotHex,
        ]),
    );
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
    let references = election().closed.references();
    snapshot(
        "errors_challenge",
        messages(&[
            ChallengeError::Reference { expected: references[0], actual: references[1] },
            ChallengeError::Ballot(BallotError::Proof),
            ChallengeError::Choice { lists: 3, actual: 4 },
            ChallengeError::Nonce,
            ChallengeError::List { list: 2 },
        ]),
    );
}

#[test]
fn of_keys_and_contests() {
    snapshot(
        "errors_key",
        messages(&[
            KeyError::Threshold { required: 4, trustees: 3 },
            KeyError::IdentityCount { expected: 3, actual: 2 },
            KeyError::BadIdentity { trustee: trustee(2), error: decode() },
            KeyError::RepeatedIdentity { trustee: trustee(2) },
            KeyError::SlotCount { actual: 256 },
            KeyError::CoefficientCount { slot: 1, expected: 2, actual: 3 },
            KeyError::BadPoint { slot: 1, error: decode() },
            KeyError::RepeatedSlot { slot: 2 },
        ]),
    );
    snapshot(
        "errors_trustee_key",
        messages(&[
            TrusteeKeyError::Decode(decode()),
            TrusteeKeyError::NotATrustee,
            TrusteeKeyError::SlotCount { expected: 3, actual: 2 },
            TrusteeKeyError::Share { trustee: trustee(1), slot: 2 },
        ]),
    );
    let signature = SignatureError::Invalid { trustee: trustee(2) };
    snapshot(
        "errors_signature",
        messages(&[
            SignatureError::UnknownTrustee { trustee: trustee(9), trustees: 3 },
            SignatureError::Repeated { trustee: trustee(2) },
            signature,
        ]),
    );
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
            ContestError::Quorum { threshold: Threshold::new(2, 3).unwrap(), actual: 1 },
            ContestError::TooFewSlots { lists: 3, slots: 2 },
            ContestError::Key(KeyError::RepeatedSlot { slot: 2 }),
            ContestError::Approval(signature),
            ContestError::MissingApproval { trustee: trustee(3) },
        ]),
    );
    snapshot(
        "errors_box_key",
        messages(&[BoxKeyError::NotAKey, BoxKeyError::SmallOrder, BoxKeyError::Signature]),
    );
    snapshot("errors_documents", messages(&[DocumentsError::Form, DocumentsError::Other]));
}

#[test]
fn of_the_ceremony() {
    let (dealer, complainant) = (trustee(1), trustee(2));
    let faults = [
        RevealFault::Slots { expected: 3, actual: 2 },
        RevealFault::Points { slot: 1, expected: 2, actual: 3 },
        RevealFault::Shares { expected: 9, actual: 8 },
        RevealFault::Point { slot: 1, coefficient: 0, error: decode() },
        RevealFault::Share { recipient: complainant, slot: 2 },
        RevealFault::Commitment,
    ];
    let mut errors = vec![
        CeremonyError::Label { actual: 1_025 },
        CeremonyError::Key(KeyError::SlotCount { actual: 0 }),
        CeremonyError::Decode(decode()),
        CeremonyError::AnotherCeremony,
        CeremonyError::NotATrustee,
        CeremonyError::UnknownTrustee { trustee: trustee(9), trustees: 3 },
        CeremonyError::Repeated { message: MessageKind::Commitment, trustee: dealer },
        CeremonyError::Missing { message: MessageKind::Reveal, trustee: dealer },
        CeremonyError::NotOurs { message: MessageKind::Reveal, trustee: dealer },
        CeremonyError::Signature { message: MessageKind::Confirmation, trustee: dealer },
        CeremonyError::Possession { trustee: dealer },
        CeremonyError::BadShares(vec![election().complaint.clone(), election().complaint.clone()]),
        CeremonyError::Complaint { dealer, complainant, culprit: dealer },
        CeremonyError::ComplaintProof { dealer, complainant },
    ];
    errors.extend(faults.map(|fault| CeremonyError::BadReveal { dealer, fault }));
    snapshot("errors_ceremony", messages(&errors));
}

#[test]
fn of_the_roll_and_the_box() {
    let roll = RollError::Repeated { entry: 5, earlier: 2 };
    snapshot(
        "errors_roll",
        messages(&[
            roll,
            RollError::TooShort { voters: 5, entries: 4 },
            RollError::Order { entry: 1 },
            RollError::Standing { voters: 4, actual: 5 },
            RollError::Signature(BoxKeyError::Signature),
            RollError::Late { at: LATER, opens_at: AT },
            RollError::Unknown { credential: [1; 32] },
        ]),
    );
    snapshot(
        "errors_registration",
        messages(&[
            RegistrationError::RepeatedVoter { voter: voter(1) },
            RegistrationError::RepeatedCredential { other: voter(2) },
        ]),
    );
    snapshot(
        "errors_deposit",
        messages(&[
            DepositError::NotYetOpen { opens_at: AT },
            DepositError::Closed { closes_at: AT },
            DepositError::Ballot(BallotError::Proof),
            DepositError::NotOnRoll,
            DepositError::AlreadyVoted { at: AT },
            DepositError::OtherCredential,
            DepositError::Revoked,
            DepositError::Expired { expires_at: AT },
            DepositError::NotActive,
            DepositError::Opened,
            DepositError::RepeatedNonce,
        ]),
    );
    snapshot(
        "errors_activation",
        messages(&[
            ActivationError::Closed { closes_at: AT },
            ActivationError::NotOnRoll,
            ActivationError::AlreadyVoted { at: AT },
            ActivationError::Revoked,
            ActivationError::OtherCode,
            ActivationError::Expired { expires_at: AT },
            ActivationError::Proof,
        ]),
    );
    snapshot(
        "errors_reissue",
        messages(&[
            ReissueError::Closed { closes_at: AT },
            ReissueError::NotOnRoll,
            ReissueError::AlreadyVoted { at: AT },
            ReissueError::Roll(roll),
        ]),
    );
    let refusals = [
        RefusalError::Closed,
        RefusalError::UnknownCredential,
        RefusalError::Opening(ChallengeError::Nonce),
        RefusalError::Deposited,
    ];
    snapshot("errors_refusal", messages(&refusals));
    snapshot(
        "errors_close",
        messages(&[
            CloseError::TooEarly { closes_at: AT },
            CloseError::Signings { ballots: 3, signings: 2 },
            CloseError::Closing(BoxFlaw::LateNumber { at: LATER }),
            CloseError::Tally(TallyError::Gap { index: 2 }),
        ]),
    );
    let flaws = [
        LogFlaw::CutShort { offset: 1_000 },
        LogFlaw::Signature(BoxKeyError::Signature),
        LogFlaw::Malformed(decode()),
        LogFlaw::NotOpened,
        LogFlaw::OpenedTwice,
        LogFlaw::Opening(roll),
        LogFlaw::TimeWentBack { before: LATER, at: AT },
        LogFlaw::Activation(ActivationError::Proof),
        LogFlaw::Reissue(ReissueError::NotOnRoll),
        LogFlaw::Refusal(RefusalError::Deposited),
        LogFlaw::Deposit(DepositError::NotActive),
        LogFlaw::EndMissing { expected: 3, actual: 2 },
        LogFlaw::OtherHead { size: 2 },
    ];
    let errors = flaws.map(|flaw| LogError { entry: 7, flaw });
    snapshot("errors_log", errors.map(|error| format!("{error}\n")).concat());
}

#[test]
fn of_receipts_and_sessions() {
    let [expected, actual] = fingerprints();
    let references = election().closed.references();
    snapshot(
        "errors_receipt",
        messages(&[
            ReceiptError::ForeignContest { expected, actual },
            ReceiptError::OtherBallot { expected: references[0], actual: references[1] },
            ReceiptError::OtherVoter,
            ReceiptError::Time { at: AT },
            ReceiptError::Position { index: 2, size: 4 },
            ReceiptError::NotIncluded { reference: references[0] },
            ReceiptError::Head(BoxKeyError::Signature),
            ReceiptError::Emargement(BoxKeyError::Signature),
            ReceiptError::Closing(BoxKeyError::Signature),
            ReceiptError::ClosedEarlier { head: LATER, closing: AT },
            ReceiptError::Fork { size: 2, closing: 3 },
        ]),
    );
    snapshot(
        "errors_session",
        messages(&[
            SessionError::UnknownContest { number: 584 },
            SessionError::AlreadyVoted { at: AT },
            SessionError::NotYetOpen { opens_at: AT },
            SessionError::Closed { closes_at: AT },
        ]),
    );
}

#[test]
fn of_the_tally() {
    let [expected, actual] = fingerprints();
    snapshot(
        "errors_tally",
        messages(&[
            TallyError::ForeignContest { expected, actual },
            TallyError::Lists { expected: 3, actual: 2 },
            TallyError::Overlap { index: 3 },
            TallyError::Gap { index: 3 },
            TallyError::Beyond { index: 9, count: 9 },
            TallyError::Index { index: 1 << 53 },
        ]),
    );
    let flaws = [
        BoxFlaw::Ballot { ballot: 1, error: BallotError::Proof },
        BoxFlaw::UnknownCredential { ballot: 1 },
        BoxFlaw::RevokedCredential { ballot: 1 },
        BoxFlaw::RepeatedCredential { ballot: 2, earlier: 1 },
        BoxFlaw::RepeatedNonce { ballot: 2, earlier: 1 },
        BoxFlaw::RepeatedReference { ballot: 2, earlier: 1 },
        BoxFlaw::ForeignRoll { expected, actual },
        BoxFlaw::Size { expected: 3, actual: 2 },
        BoxFlaw::Root { expected: [1; 32], actual: [2; 32] },
        BoxFlaw::ClosingSignature(BoxKeyError::Signature),
        BoxFlaw::Signings { size: 3, signings: 2 },
        BoxFlaw::EarlyClosing { at: AT, closes_at: LATER },
        BoxFlaw::LateNumber { at: LATER },
        BoxFlaw::Tally(TallyError::Gap { index: 2 }),
    ];
    snapshot("errors_box_flaw", messages(&flaws));
    // A flaw of a ballot names it, and no other flaw names one.
    assert_eq!(
        flaws.each_ref().map(BoxFlaw::ballot),
        [[Some(1); 3].as_slice(), &[Some(2); 3], &[None; 8]].concat()[..]
    );
    let factors = [
        FactorError::UnknownTrustee { trustee: trustee(9), trustees: 3 },
        FactorError::Repeated { trustee: trustee(1) },
        FactorError::Count { trustee: trustee(1), expected: 3, actual: 2 },
        FactorError::Proof { trustee: trustee(1) },
    ];
    snapshot("errors_factor", messages(&factors));
    let quorum = OpeningError::Quorum { required: 3, actual: 2 };
    snapshot(
        "errors_opening",
        messages(&[
            OpeningError::Endorsement(SignatureError::Repeated { trustee: trustee(1) }),
            quorum.clone(),
            OpeningError::TooFew { required: 2, good: 1, rejected: factors[2..].to_vec() },
            OpeningError::NoLogarithm { list: 2, error: DiscreteLogError::NoneFits { digits: 1, most: 9 } },
            OpeningError::Votes { count: 9 },
        ]),
    );
    let logarithms = [
        DiscreteLogError::NotAPoint,
        DiscreteLogError::Shape { count: 9, base: 10, digits: 15 },
        DiscreteLogError::NoneFits { digits: 1, most: 9 },
        DiscreteLogError::NoneFits { digits: 2, most: 9 },
    ];
    snapshot("errors_discrete_log", messages(&logarithms));
    let [endorsed, closing] = [ClosingDigest::from_bytes([1; 32]), ClosingDigest::from_bytes([2; 32])];
    snapshot(
        "errors_trustee",
        messages(&[
            TrusteeError::ForeignKey { contest: actual },
            TrusteeError::StillOpen { now: UnixTime::from_seconds(1), closes_at: UnixTime::from_seconds(2) },
            TrusteeError::OtherClosing { endorsed, actual: closing },
            TrusteeError::NotEndorsed { closing },
            TrusteeError::Endorsements(quorum),
            TrusteeError::Empty,
            TrusteeError::BelowMinimum { minimum: 10, count: 9 },
        ]),
    );
}

#[test]
fn of_the_record() {
    let mistakes = [&b""[..], b"{", b"[]", b"{\"protocol\":1}", b"{\"note\":1}", b"{}", b"\xff"];
    let mut errors: Vec<_> =
        mistakes.into_iter().map(|json| urne::Record::from_json(json).unwrap_err()).collect();
    errors.extend([
        RecordError::Protocol,
        RecordError::Number { field: "quorum", actual: 256 },
        RecordError::BoxKey(BoxKeyError::SmallOrder),
        RecordError::KeySlots { expected: 3, actual: 2 },
        RecordError::Contest(ContestError::NoList),
        RecordError::UnknownTrustee { number: 4, trustees: 3 },
        RecordError::Proof { trustee: trustee(1), error: DecodeError::NotAScalar { offset: 32 } },
        RecordError::Credential { entry: 4, error: decode() },
        RecordError::Roll(RollError::Order { entry: 1 }),
        RecordError::Factor { trustee: trustee(1), error: decode() },
    ]);
    snapshot("errors_record", messages(&errors));
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

/// The trustees that errors name, and the ballots: who is told which to look at must not be told another.
#[test]
fn whom_they_name() {
    let [one, two] = [1, 2].map(trustee);
    let repeated = SignatureError::Repeated { trustee: one };
    let decoding = KeyError::BadIdentity { trustee: two, error: decode() };
    let contest = [
        (ContestError::Key(decoding), Some(two)),
        (ContestError::Key(KeyError::RepeatedIdentity { trustee: two }), Some(two)),
        (ContestError::Key(KeyError::SlotCount { actual: 0 }), None),
        (ContestError::Approval(repeated), Some(one)),
        (ContestError::MissingApproval { trustee: two }, Some(two)),
        (ContestError::NoList, None),
    ];
    let record = [
        (RecordError::Proof { trustee: one, error: decode() }, Some(one)),
        (RecordError::Factor { trustee: two, error: decode() }, Some(two)),
        (RecordError::Protocol, None),
    ];
    let factors = [
        FactorError::UnknownTrustee { trustee: two, trustees: 1 },
        FactorError::Repeated { trustee: two },
        FactorError::Count { trustee: two, expected: 3, actual: 2 },
        FactorError::Proof { trustee: two },
    ];
    for (error, trustee) in contest {
        assert_eq!(error.trustee(), trustee, "{error}");
        assert_eq!(RecordError::Contest(error).trustee(), trustee);
    }
    for (error, trustee) in record {
        assert_eq!(error.trustee(), trustee, "{error}");
        assert_eq!(Flaw::Record(error).trustee(), trustee);
    }
    for error in factors {
        assert_eq!(Flaw::Factors(error).trustee(), Some(two));
    }
    assert_eq!(Flaw::Opening(OpeningError::Endorsement(repeated)).trustee(), Some(one));
    assert_eq!(Flaw::Opening(OpeningError::Quorum { required: 3, actual: 2 }).trustee(), None);
    assert_eq!(Flaw::NonceSum.trustee(), None);

    assert_eq!(Flaw::Box(BoxFlaw::UnknownCredential { ballot: 7 }).ballot(), Some(7));
    assert_eq!(Flaw::Box(BoxFlaw::Size { expected: 3, actual: 2 }).ballot(), None);
    assert_eq!(Flaw::Sum { list: 7 }.ballot(), None);
}
