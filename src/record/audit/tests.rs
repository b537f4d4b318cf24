//! Tests of what an audit carries out when something fails, over the other implementation's records.

use super::*;
use crate::bureau::{PanelIndex, TrusteeIndex};
use crate::contest::ContestError;
use crate::primitives::VerifyingKeyError;
use crate::record::Hex;
use crate::tally::{EndorsementError, FactorError};
use alloc::string::{String, ToString};

fn record() -> Record {
    Record::from_json(include_bytes!("../../../tests/vectors/record.json")).unwrap()
}

/// Two panels, with one trustee more in each than must give factors.
fn of_two_panels() -> Record {
    Record::from_json(include_bytes!("../../../tests/vectors/record-12-lists.json")).unwrap()
}

/// What the box had published before.
fn closed(record: &Record) -> ClosedRecord {
    ClosedRecord {
        protocol: "urne/2 closed".into(),
        contest: record.contest.clone(),
        approvals: record.approvals.clone(),
        opening: record.opening.clone(),
        roll: record.roll.clone(),
        ballots: record.ballots.clone(),
        closing: record.closing.of_box(),
        tally: record.tally.clone(),
    }
}

fn audit(record: &Record) -> AuditReport {
    let report = AuditReport::of(record, &mut |_| ());
    let json = record.to_json();
    assert_eq!(AuditReport::of_json(json.as_bytes(), &mut |_| ()), report, "the stream says the same");
    report
}

fn audit_closed(record: &ClosedRecord) -> AuditReport {
    let report = AuditReport::of_closed(record, &mut |_| ());
    let json = record.to_json();
    assert_eq!(AuditReport::of_json(json.as_bytes(), &mut |_| ()), report, "the stream says the same");
    report
}

/// `p`assed, `F`ailed, `-` not carried out, step by step.
fn shape(report: &AuditReport) -> String {
    let letter = |(_, outcome): &(Step, Outcome)| match outcome {
        Outcome::Passed => 'p',
        Outcome::Failed(_) => 'F',
        Outcome::NotCarriedOut { .. } => '-',
    };
    report.outcomes().iter().map(letter).collect()
}

fn because(report: &AuditReport, step: Step) -> Because {
    match report.outcome(step) {
        Outcome::NotCarriedOut { because } => *because,
        other => panic!("{other:?}"),
    }
}

fn flaws(report: &AuditReport, step: Step) -> &[Flaw] {
    match report.outcome(step) {
        Outcome::Failed(flaws) => flaws.as_slice(),
        other => panic!("{other:?}"),
    }
}

fn trustee(number: u8) -> TrusteeIndex {
    TrusteeIndex::new(number).unwrap()
}

/// The last response of a ballot becomes another scalar: its ciphertext stays as it is.
fn unprove(ballots: &mut [crate::record::HexBytes], ballot: usize) {
    let last = ballots[ballot].0.len() - 32;
    ballots[ballot].0[last] ^= 1;
}

#[test]
fn a_counted_record_is_no_closed_one_and_a_closed_one_is_no_result() {
    let counted = audit(&record());
    assert_eq!(counted.verdict(), Ok(()));
    assert!(counted.verdict_of_closed().is_err());
    let report = audit_closed(&closed(&record()));
    assert_eq!(shape(&report), "ppppppp--");
    assert_eq!([Step::Factors, Step::Result].map(|step| because(&report, step)), [Because::NotCounted; 2]);
    assert!(report.verdict().is_err());
    assert_eq!(report.verdict_of_closed(), Ok(()));
    // One under the name of the other.
    let mut renamed = record();
    renamed.protocol = "urne/2 closed".into();
    let expected = Flaw::Record(RecordError::Protocol { expected: "urne/2" });
    let report = AuditReport::of(&renamed, &mut |_| ());
    assert_eq!((shape(&report).as_str(), flaws(&report, Step::Contest)), ("F--------", &[expected][..]));
    let mut renamed = closed(&record());
    renamed.protocol = "urne/2".into();
    let expected = Flaw::Record(RecordError::Protocol { expected: "urne/2 closed" });
    let report = AuditReport::of_closed(&renamed, &mut |_| ());
    assert_eq!((shape(&report).as_str(), flaws(&report, Step::Contest)), ("F--------", &[expected][..]));
}

/// A change, and what is found then.
type Change<T, Found> = (fn(&mut T), Found);

#[test]
fn every_step_of_a_closed_record_can_fail() {
    let changes: [Change<ClosedRecord, &str>; 9] = [
        (|record| record.approvals[0].response = record.approvals[1].response, "Fpppppp--"),
        (|record| record.ballots[0].0.truncate(9), "pFppFF---"),
        (|record| record.roll[0].revoked = true, "ppFppFp--"),
        (|record| unprove(&mut record.ballots, 0), "pppFFFp--"),
        (|record| record.closing.size += 1, "ppppFpp--"),
        (|record| record.closing.root.0[0] ^= 1, "ppppFpp--"),
        (|record| record.closing.at += 1, "pppppFp--"),
        (|record| record.closing.box_signature.0[0] ^= 1, "pppppFp--"),
        (|record| record.tally.count += 1, "ppppppF--"),
    ];
    for (change, expected) in changes {
        let mut closed = closed(&record());
        change(&mut closed);
        let report = audit_closed(&closed);
        assert_eq!(shape(&report), expected);
        assert!(report.verdict_of_closed().is_err() && report.verdict().is_err());
    }
    // What is not carried out because something failed is not what has not been counted.
    let mut closed = closed(&record());
    closed.ballots[0].0.pop();
    let report = audit_closed(&closed);
    assert_eq!(because(&report, Step::Factors), Because::Failed(Step::Ballots));
}

#[test]
fn a_bad_approval_stops_nothing() {
    let missing = |number| ContestError::MissingApproval { trustee: trustee(number) };
    let changes: [Change<Record, Option<RecordError>>; 6] = [
        (|record| record.approvals.truncate(2), Some(RecordError::Contest(missing(3)))),
        (|record| record.approvals.clear(), Some(RecordError::Contest(missing(1)))),
        (|record| record.approvals.swap(0, 1), Some(RecordError::Order { trustee: trustee(1) })),
        (
            |record| record.approvals[2].trustee = 4,
            Some(RecordError::UnknownTrustee { number: 4, trustees: 3 }),
        ),
        (|record| record.approvals[1].challenge.0[31] = 0xff, None),
        (|record| record.approvals[1].challenge = record.approvals[0].challenge, None),
    ];
    for (change, expected) in changes {
        let mut record = record();
        change(&mut record);
        let report = audit(&record);
        assert_eq!(shape(&report), "Fpppppppp");
        assert!(report.contest().is_some() && report.verdict().is_err());
        match (flaws(&report, Step::Contest), expected) {
            ([Flaw::Record(error)], Some(expected)) => assert_eq!(*error, expected),
            ([flaw], None) => assert_eq!(flaw.trustee(), Some(trustee(2))),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_contest_that_cannot_be_read_stops_everything() {
    let changes: [fn(&mut Record); 6] = [
        |record| record.contest.lists.clear(),
        |record| record.contest.panels[0].key[0][0] = Hex([0xff; 32]),
        |record| record.contest.box_key = Hex([0; 32]),
        |record| record.tally.sums.clear(),
        |record| record.factors[0].factors.push(Hex([0; 32])),
        |record| record.result.votes.push(0),
    ];
    for change in changes {
        let mut record = record();
        change(&mut record);
        let report = audit(&record);
        assert_eq!(shape(&report), "F--------");
        assert_eq!(because(&report, Step::Result), Because::Failed(Step::Contest));
        assert_eq!(report.contest(), None);
    }
}

#[test]
fn a_ballot_that_does_not_decode_stops_the_sums_alone() {
    let mut record = record();
    record.ballots[2].0.pop();
    unprove(&mut record.ballots, 5);
    record.ballots[6] = record.ballots[7].clone();
    let report = audit(&record);
    assert_eq!(shape(&report), "pFFFFF---");
    for step in [Step::Tally, Step::Factors, Step::Result] {
        assert_eq!(because(&report, step), Because::Failed(Step::Ballots));
    }
    // The others are looked at: a proof, a credential used twice, a reference that stands there twice.
    let ballots = |step| flaws(&report, step).iter().filter_map(Flaw::ballot).collect::<Vec<_>>();
    assert_eq!(ballots(Step::Ballots), [2]);
    assert_eq!(ballots(Step::Proofs), [5]);
    assert_eq!(ballots(Step::Roll), [7, 7]);
    assert_eq!(ballots(Step::References), [7]);
    // And the closing is checked over size and root as they are.
    let closing = flaws(&report, Step::Closing);
    let signature = VerifyingKeyError::Signature;
    assert_eq!(closing[0], Flaw::Box(BoxFlaw::ClosingSignature(signature)));
    assert_eq!(closing[1], Flaw::Box(BoxFlaw::IssuerSignature(signature)));
}

#[test]
fn a_ballot_whose_proof_fails_stops_no_sum() {
    let mut record = record();
    unprove(&mut record.ballots, 5);
    let report = audit(&record);
    // Its bytes are others, so that reference, root and closing are; the sums are the same.
    assert_eq!(shape(&report), "pppFFFpF-");
    // A sum that leaves it out, or counts it otherwise, is found.
    let mut without = record.clone();
    without.tally.count -= 1;
    assert_eq!(flaws(&audit(&without), Step::Tally), [Flaw::Count { expected: 8, actual: 7 }]);
    let mut other = record;
    other.tally.nonce = other.tally.sums[0];
    assert_eq!(flaws(&audit(&other), Step::Tally), [Flaw::NonceSum]);
}

#[test]
fn endorsements_are_checked_one_and_all() {
    let quorum = |panel, required, actual| {
        let panel = PanelIndex::new(panel).unwrap();
        Flaw::Endorsement(EndorsementError::Quorum { panel, required, actual, rejected: alloc::vec![] })
    };
    let changes: [Change<Vec<SignatureRecord>, Flaw>; 5] = [
        (|given| given.retain(|by| by.trustee > 2), quorum(1, 1, 0)),
        (|given| given.truncate(4), quorum(2, 4, 3)),
        (|given| given.clear(), quorum(1, 1, 0)),
        (|given| given.swap(0, 1), Flaw::Record(RecordError::Order { trustee: trustee(1) })),
        (|given| given[4].trustee = 8, Flaw::Record(RecordError::UnknownTrustee { number: 8, trustees: 7 })),
    ];
    for (change, expected) in changes {
        let mut record = of_two_panels();
        change(&mut record.closing.endorsements);
        let report = audit(&record);
        assert_eq!(shape(&report), "pppppFppp");
        assert_eq!(flaws(&report, Step::Closing), [expected]);
    }
    let mut record = of_two_panels();
    record.closing.endorsements[2].challenge = record.closing.endorsements[1].challenge;
    let report = audit(&record);
    assert_eq!(flaws(&report, Step::Closing)[0].trustee(), Some(trustee(4)));
}

#[test]
fn attack_12_a_false_factor_fails_its_step_and_the_result_is_compared_all_the_same() {
    // Trustees 1, and 3 to 7: each panel has enough without the one that is bent.
    let bend: [fn(&mut FactorsRecord); 5] = [
        |of| of.factors.swap(0, 1),
        |of| of.factors[5] = Hex([0xff; 32]),
        |of| of.factors[5] = Hex([0; 32]),
        |of| of.proof.response = of.proof.challenge,
        |of| of.signature.response = of.signature.challenge,
    ];
    for at in [0, 6] {
        for bend in bend {
            let mut record = of_two_panels();
            bend(&mut record.factors[at]);
            let report = audit(&record);
            let refused = FactorError::Signature { trustee: trustee(u8::try_from(at + 1).unwrap()) };
            assert_eq!(shape(&report), "pppppppFp");
            assert_eq!(flaws(&report, Step::Factors), [Flaw::Factors(refused)]);
            assert_eq!(refused.culprit(), None, "anyone can have bent it");
        }
    }
    // With too few good ones of a panel, the result is not compared.
    let mut record = of_two_panels();
    record.factors.drain(..2);
    let report = audit(&record);
    let panel = PanelIndex::new(1).unwrap();
    assert_eq!(flaws(&report, Step::Factors), [Flaw::TooFewFactors { panel, expected: 1, actual: 0 }]);
    assert_eq!(because(&report, Step::Result), Because::Failed(Step::Factors));
    // Those that are given need not be all, nor of those who endorsed.
    let mut record = of_two_panels();
    record.factors.retain(|of| [2, 6, 7].contains(&of.trustee));
    assert_eq!(audit(&record).verdict(), Ok(()));
}

/// The report of another contest's record fails for that alone, whatever it says.
#[test]
fn the_contest_that_is_meant_is_an_argument() {
    let (record, other) = (record(), of_two_panels());
    let [fingerprint, expected] =
        [&record, &other].map(|record| record.contest().unwrap().contest().fingerprint());
    let report = audit(&record);
    assert_eq!(report.fingerprint(), Some(fingerprint));
    assert_eq!(report.clone().expecting(fingerprint), report);
    let refused = report.clone().expecting(expected);
    assert_eq!((shape(&refused).as_str(), refused.conclusion()), ("Fpppppppp", Conclusion::False));
    let flaw = Flaw::OtherContest { expected, actual: fingerprint };
    assert_eq!(flaws(&refused, Step::Contest), core::slice::from_ref(&flaw));
    assert_eq!((report.result().is_some(), refused.result()), (true, None));
    // Before what else is wrong with the step; and a closed record likewise.
    let mut unapproved = record.clone();
    unapproved.approvals.clear();
    let report = audit(&unapproved).expecting(expected);
    assert_eq!((flaws(&report, Step::Contest).len(), &flaws(&report, Step::Contest)[0]), (2, &flaw));
    let report = audit_closed(&closed(&record));
    assert_eq!(report.clone().expecting(fingerprint).conclusion(), Conclusion::ClosedNotCounted);
    assert_eq!(report.expecting(expected).conclusion(), Conclusion::False);
    // Of a record that cannot be read there is nothing to compare.
    let mut unread = record;
    unread.contest.lists.clear();
    let report = audit(&unread);
    assert_eq!((report.fingerprint(), report.clone().expecting(expected)), (None, report));
}

#[test]
fn the_report_says_who_won() {
    let record = record();
    let report = audit(&record);
    assert_eq!((report.voters(), report.ballots()), (Some(10), Some(8)));
    let result = report.result().unwrap();
    assert_eq!((result.votes(), result.blank()), (&record.result.votes[..], record.result.blank));
    // A closed record, and one that does not hold, have none.
    let closed = audit_closed(&closed(&record));
    assert_eq!((closed.voters(), closed.ballots(), closed.result()), (Some(10), Some(8), None));
    let mut wrong = record.clone();
    wrong.result.blank += 1;
    assert_eq!(audit(&wrong).result(), None);
    let text = report.to_string();
    for said in [
        &alloc::format!("fingerprint {}", report.fingerprint().unwrap()),
        "10 voters, 8 ballots",
        &alloc::format!("{}: {} vote", record.contest.lists[0], record.result.votes[0]),
        "The record holds.",
    ] {
        assert!(text.contains(said), "{said} in {text}");
    }
}

/// Of more bad ballots than a report tells one by one, the first are told and the others counted; what is wrong with
/// the whole is told in any case.
#[test]
fn attack_20_a_report_tells_the_first_flaws_and_counts_the_others() {
    let mut record = record();
    let good = record.ballots[0].clone();
    record.ballots.clear();
    for ballot in 0..50 {
        let mut bytes = good.clone();
        bytes.0.truncate(if ballot % 2 == 0 { 9 } else { bytes.0.len() });
        record.ballots.push(bytes);
    }
    let report = audit(&record);
    assert_eq!(shape(&report), "pFFpFF---");
    let of = |step| {
        let Outcome::Failed(flaws) = report.outcome(step) else { panic!("{step}") };
        let ballots: Vec<_> = flaws.as_slice().iter().filter_map(Flaw::ballot).collect();
        (ballots, flaws.as_slice().len(), flaws.more())
    };
    assert_eq!(of(Step::Ballots), ((0..40).step_by(2).collect(), 20, 5));
    // Each good one but the first repeats credential and R.
    let twice: Vec<_> = (3..23).step_by(2).flat_map(|ballot| [ballot; 2]).collect();
    assert_eq!(of(Step::Roll), (twice, 20, 28));
    // Size and root, and then the first copies of both kinds.
    assert_eq!(of(Step::References), ((2..20).collect(), 20, 30));
    assert!(report.to_string().contains("and 28 more flaws\n"), "{report}");
    // The same of a box that is verified.
    let mut closed = closed(&record);
    closed.closing.size = 50;
    match closed.verify(&mut |_| ()) {
        Err(RecordError::Box(flaws)) => {
            let told = flaws.as_slice();
            assert_eq!((told.len(), flaws.more()), (20 + 20 + 1 + 20 + 1, 5 + 28 + 28));
            assert_eq!(told.iter().filter(|flaw| flaw.ballot().is_none()).count(), 2);
        }
        other => panic!("{other:?}"),
    }
}
