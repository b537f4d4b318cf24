//! Of issuer, roll and box, and of what voters hold.

use urne::DecodeError;
use urne::ballot::{BallotError, SumError};
use urne::ballot_box::{
    ActivationError, BoxFlaw, ChallengeRefusal, CloseError, ComplaintsError, DepositError, IssueError,
    IssuerError, LogError, LogFlaw, OpenError, ReceiptError, RegistrationError, ReissueError, RollError,
    SigningsError, TornEnd,
};
use urne::primitives::{Kind, VerifyingKeyError};
use urne::record::{CheckError, PublishedError, RecordError};
use urne::tally::EndorsementError;
use urne::voter::{DossierError, SessionError};

use super::super::fixture::{election, trustee, voter};
use super::super::{messages, snapshot};
use super::{AT, LATER, closings, decode, fingerprints, openings, panel};

#[test]
fn of_issuer_and_roll() {
    let [expected, actual] = fingerprints();
    let roll = RollError::Repeated { entry: 5, earlier: 2 };
    snapshot(
        "errors_roll",
        messages(&[
            RollError::Decode(decode()),
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
            RollError::Decode(decode()),
            RollError::Unknown { credential: [1; 32] },
        ]),
    );
    snapshot(
        "errors_registration",
        messages(&[
            RegistrationError::Decode(decode()),
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
            IssueError::RepeatedVoter { voter: voter(1) },
            IssueError::NoContest { voter: voter(1) },
            IssueError::RepeatedContest { voter: voter(1), number: 584 },
            IssueError::OtherKey { number: 584 },
            IssueError::Closed { number: 584, closes_at: AT },
            IssueError::HasCode { voter: voter(1), number: 584 },
            IssueError::NoCode { voter: voter(1), number: 584 },
            IssueError::Opened { number: 584 },
            IssueError::Full { number: 584, capacity: 1_000 },
            IssueError::RepeatedCode { voter: voter(1), number: 584 },
        ]),
    );
    let ([signed, actual], credential) = (openings(), [1; 32]);
    let [closed, other] = closings();
    snapshot(
        "errors_issuer",
        messages(&[
            IssuerError::Complaints(ComplaintsError::NotGiven { closing: closed }),
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
    snapshot(
        "errors_complaints",
        messages(&[
            ComplaintsError::NotGiven { closing: closed },
            ComplaintsError::Another { given: closed, actual: other },
            ComplaintsError::OtherGiven { trustee: trustee(2), closing: other },
            ComplaintsError::GivenEarly { given_at: AT, closed_at: LATER },
            ComplaintsError::StillTaken { until: LATER },
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
        LogFlaw::Empty,
        LogFlaw::CutShort,
        LogFlaw::Zeros,
        LogFlaw::NotAnEntry {
            error: DecodeError::Kind { expected: Kind::LogEntry, actual: Kind::Head.byte() },
        },
        LogFlaw::TooLong { length: 1 << 40, most: 1_000 },
        LogFlaw::Tag,
        LogFlaw::Malformed(decode()),
        LogFlaw::NotOpened,
        LogFlaw::OpenedTwice,
        LogFlaw::Opening(OpenError::OtherKey),
        LogFlaw::TimeWentBack { before: LATER, at: AT },
        LogFlaw::NoChange,
        LogFlaw::Activation(ActivationError::Proof),
        LogFlaw::Reissue(ReissueError::NotOnRoll),
        LogFlaw::Challenge(ChallengeRefusal::Deposited),
        LogFlaw::Deposit(DepositError::NotActive),
        LogFlaw::Closing(CloseError::TooEarly { ends_at: AT }),
        LogFlaw::ClosedTwice,
        LogFlaw::AfterTheEnd,
        LogFlaw::ForeignAnchor { expected, actual },
        LogFlaw::EndMissing { expected: 3, actual: 2 },
        LogFlaw::EndMissing { expected: 2, actual: 1 },
        LogFlaw::OtherLog,
        LogFlaw::AnchoredHead { size: 2, error: ReceiptError::Fork { size: 2, closing: 1 } },
    ];
    let errors = flaws.map(|flaw| LogError { entry: 7, offset: 1_000, flaw });
    let torn = [(20, false), (1, false), (300, true)].map(|(bytes, zeros)| TornEnd {
        entry: 7,
        offset: 1_000,
        bytes,
        zeros,
    });
    let torn = torn.map(|torn| format!("{torn}\n")).concat();
    snapshot("errors_log", errors.map(|error| format!("{}: {error}\n", error.code())).concat() + &torn);
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
            SessionError::NotPublished { number: 584, fingerprint: actual },
            SessionError::RepeatedContest { number: 584 },
            SessionError::UnknownContest { number: 584 },
            SessionError::AlreadyVoted { at: AT },
            SessionError::NotYetOpen { opens_at: AT },
            SessionError::Closed { closes_at: AT },
            SessionError::NotAccepted,
            SessionError::NotActive { number: 584 },
            SessionError::NothingToActivate,
            SessionError::Opening { number: 584, error: roll },
        ]),
    );
    let [_, closing] = closings();
    snapshot(
        "errors_published",
        messages(&[
            PublishedError::Record(RecordError::Tally),
            PublishedError::NotPublished { fingerprint: actual },
            PublishedError::Closing(BoxFlaw::Size { expected: 3, actual: 2 }),
            PublishedError::NobodyWasGiven,
            PublishedError::OtherGiven { trustee: trustee(2), closing },
            PublishedError::Endorsement(EndorsementError::Quorum {
                panel: panel(2),
                required: 3,
                actual: 2,
                rejected: vec![],
            }),
        ]),
    );
    let head = |receipt: usize| Box::new(election().receipts[receipt].deposit_proof.head);
    snapshot(
        "errors_check",
        messages(&[
            CheckError::ForeignContest { expected, actual },
            CheckError::NoBallot,
            CheckError::TwoBallots { first: 0, second: 2 },
            CheckError::OtherReference { shown: references[0], found: references[1] },
            CheckError::NotInTheBox { reference: references[0] },
            CheckError::Head(ReceiptError::Head(VerifyingKeyError::Signature)),
            CheckError::OtherOpening { head: head(1), record: other_opening },
            CheckError::Fork { head: head(1), closing: 3 },
            CheckError::Fork { head: head(0), closing: 1 },
        ]),
    );
    snapshot(
        "errors_dossier",
        messages(&[
            DossierError::OtherContest { expected, actual },
            DossierError::NoReceipt,
            DossierError::Receipt(ReceiptError::OtherVoter),
        ]),
    );
}
