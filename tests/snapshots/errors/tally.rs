//! Of the count, trustees and records, and whom errors name.

use serde::de::DeserializeOwned;
use std::fmt::Debug;
use urne::ballot::SumError;
use urne::ballot_box::{BoxFlaw, ComplaintsError, ReceiptError, RollError};
use urne::bureau::{KeyError, TrusteeKeyError, TrusteeSignatureError};
use urne::contest::ContestError;
use urne::primitives::{DiscreteLogError, VerifyingKeyError};
use urne::record::shard::{MarkKind, PartOf};
use urne::record::{Because, Conclusion, Flaw, Hex, HexBytes, RecordError, ShardError, Step};
use urne::tally::{EndorsementError, FactorError, OpeningError};
use urne::trustee::TrusteeError;
use urne::{DecodeError, Fingerprint, Proof};

use super::super::fixture::{election, trustee, voter};
use super::super::{messages, snapshot};
use super::{AT, LATER, closings, decode, fingerprints, openings, panel};

#[test]
fn of_the_tally() {
    let endorsements = [
        EndorsementError::Closing(BoxFlaw::EarlyClosing { at: AT, ends_at: LATER }),
        EndorsementError::Signature(TrusteeSignatureError::Repeated { trustee: trustee(1) }),
        EndorsementError::Quorum { panel: panel(2), required: 3, actual: 2, rejected: vec![] },
        EndorsementError::Quorum { panel: panel(2), required: 2, actual: 1, rejected: vec![] },
        EndorsementError::Quorum { panel: panel(1), required: 1, actual: 0, rejected: vec![] },
        EndorsementError::Quorum {
            panel: panel(1),
            required: 2,
            actual: 1,
            rejected: [1, 4]
                .map(|number| TrusteeSignatureError::Invalid { trustee: trustee(number) })
                .to_vec(),
        },
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
            OpeningError::Endorsement(endorsements[2].clone()),
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
    let quorum = EndorsementError::Quorum { panel: panel(2), required: 3, actual: 2, rejected: vec![] };
    snapshot(
        "errors_trustee",
        messages(&[
            TrusteeError::Memory(decode()),
            TrusteeError::Memory(DecodeError::Altered),
            TrusteeError::Key(TrusteeKeyError::Share { trustee: trustee(1), slot: 2 }),
            TrusteeError::ForeignKey { contest },
            TrusteeError::OtherContest { approved: contest, opens_at: AT },
            TrusteeError::LateApproval { now: LATER, opens_at: AT },
            TrusteeError::Replaced { contest },
            TrusteeError::LateApproval { now: LATER, opens_at: AT },
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
            TrusteeError::Complaints(ComplaintsError::Another { given: endorsed, actual: closing }),
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
        RecordError::Tally,
    ]);
    // A box that does not hold, in one thing and in several.
    for ballots in [2, 3] {
        let mut record = election().closed_record.clone();
        record.ballots.truncate(2);
        if ballots == 3 {
            record.ballots.push(record.ballots[0].clone());
        }
        errors.push(record.verify(&mut |_| ()).unwrap_err());
    }
    snapshot("errors_record", messages(&errors));
    snapshot(
        "errors_flaw",
        messages(&[
            Flaw::Record(RecordError::Order { trustee: trustee(1) }),
            Flaw::OtherContest {
                expected: Fingerprint::from_bytes([1; 32]),
                actual: Fingerprint::from_bytes([2; 32]),
            },
            Flaw::Box(BoxFlaw::UnknownCredential { ballot: 7 }),
            Flaw::Endorsement(EndorsementError::Quorum {
                panel: panel(2),
                required: 3,
                actual: 2,
                rejected: vec![],
            }),
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

#[test]
fn of_an_audit_and_its_parts() {
    let [expected, actual] = fingerprints();
    let (ballots, roll, kind) = (PartOf::Ballots, PartOf::Roll, MarkKind::Credential);
    let kinds =
        [MarkKind::Reference, MarkKind::Undecodable, MarkKind::Nonce, MarkKind::Entry, MarkKind::Revoked];
    let mut errors = vec![
        ShardError::ForeignContest { expected, actual },
        ShardError::Index { index: 1 << 53 },
        ShardError::Overlap { of: ballots, index: 0 },
        ShardError::Overlap { of: roll, index: 1 },
        ShardError::Missing { of: ballots, first: 2, end: 10 },
        ShardError::Missing { of: roll, first: 10, end: 11 },
        ShardError::Beyond { of: ballots, index: 10, count: 9 },
        ShardError::Beyond { of: roll, index: 1, count: 1 },
        ShardError::Sum(SumError::Gap { index: 3 }),
        ShardError::Bucket { bucket: 255 },
        ShardError::BucketTwice { bucket: 0 },
        ShardError::BucketMissing { bucket: 1 },
        ShardError::Marks { kind, expected: 1, actual: 2 },
        ShardError::OtherRoll { first: 20 },
        ShardError::NotEmpty,
    ];
    errors.extend(kinds.map(|kind| ShardError::Marks { kind, expected: 2, actual: 1 }));
    snapshot("errors_shard", messages(&errors));
    let why: Vec<_> = Step::ALL.map(Because::Failed).into_iter().chain([Because::NotCounted]).collect();
    let conclusions =
        [Conclusion::Holds, Conclusion::ClosedNotCounted, Conclusion::NotWhole, Conclusion::False];
    let text = messages(&why) + &messages(&conclusions);
    snapshot("errors_audit", text);
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
    let few = EndorsementError::Quorum { panel: panel(2), required: 3, actual: 2, rejected: vec![] };
    assert_eq!(Flaw::Endorsement(few).trustee(), None);
    assert_eq!(Flaw::NonceSum.trustee(), None);

    assert_eq!(Flaw::Box(BoxFlaw::UnknownCredential { ballot: 7 }).ballot(), Some(7));
    assert_eq!(Flaw::Box(BoxFlaw::Size { expected: 3, actual: 2 }).ballot(), None);
    assert_eq!(Flaw::Sum { slot: 7 }.ballot(), None);
}
