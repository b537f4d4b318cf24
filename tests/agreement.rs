//! The crate's audit and that of the second implementation, step by step, over all records that either of
//! them makes: honest ones of every shape, and bent ones.
#![cfg(feature = "serde")]

#[path = "support/polling.rs"]
mod polling;
#[path = "second_implementation/records/mod.rs"]
mod records;
#[path = "support/mod.rs"]
mod support;

use polling::{Ended, Polling, ceremony, description};
use support::verifier::{self, Report};
use support::{code, digests, text};
use urne::ballot_box::Validity;
use urne::contest::Packing;
use urne::record::{AuditReport, Because, Outcome, Step};
use urne::tally::Endorsement;
use urne::{Choice, ClosedRecord, OpenedTally, Record, Trustee};

/// What became of a step, without why.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Passed,
    Failed,
    NotCarriedOut(u8),
}

fn of_second(report: &Report) -> Vec<Verdict> {
    let verdict = |outcome: &verifier::Outcome| match outcome {
        verifier::Outcome::Passed => Verdict::Passed,
        verifier::Outcome::Failed(_) => Verdict::Failed,
        verifier::Outcome::NotCarriedOut(because) => Verdict::NotCarriedOut(*because),
    };
    report.outcomes.iter().map(verdict).collect()
}

/// The steps that are reported: those after the seventh are none of a closed record's.
fn of_crate(report: &AuditReport, steps: usize) -> Vec<Verdict> {
    let verdict = |step: &Step| match report.outcome(*step) {
        Outcome::Passed => Verdict::Passed,
        Outcome::Failed(_) => Verdict::Failed,
        Outcome::NotCarriedOut { because: Because::Failed(step) } => Verdict::NotCarriedOut(step.number()),
        other => panic!("{other:?}"),
    };
    Step::ALL[..steps].iter().map(verdict).collect()
}

/// Both reports, which must be one; in memory and from a stream, as the crate has it.
fn agreed(bytes: &[u8], second: Report, in_memory: Option<AuditReport>, closed: bool) -> Report {
    let expected = of_second(&second);
    let steps = expected.len();
    let shown = || String::from_utf8_lossy(&bytes[..bytes.len().min(200)]);
    let fingerprint = |report: &AuditReport| report.contest().map(|contest| contest.fingerprint().to_bytes());
    if let Some(report) = in_memory {
        assert_eq!(of_crate(&report, steps), expected, "{}\n{report}\n{second:?}", shown());
        assert_eq!(fingerprint(&report), second.fingerprint, "{report}");
        let verdict = if closed { report.verdict_of_closed() } else { report.verdict() };
        assert_eq!(verdict.is_ok(), second.accepts(), "{report}");
    } else {
        assert_eq!(second.failed(), [1], "the crate cannot read {}\n{second:?}", shown());
        assert_eq!(second.fingerprint, None);
    }
    // The stream takes either form.
    let report = AuditReport::of_json(bytes, &mut |_| ());
    let verdict = if closed { report.verdict_of_closed() } else { report.verdict() };
    assert_eq!(verdict.is_ok(), second.accepts(), "{}\n{report}\n{second:?}", shown());
    if second.fingerprint.is_some() {
        assert_eq!(of_crate(&report, steps), expected, "{}\n{report}\n{second:?}", shown());
    }
    second
}

fn audit(bytes: &[u8]) -> Report {
    let in_memory = Record::from_json(bytes).ok().map(|record| AuditReport::of(&record, &mut |_| ()));
    agreed(bytes, verifier::audit(bytes), in_memory, false)
}

fn audit_closed(bytes: &[u8]) -> Report {
    let record = serde_json::from_slice::<ClosedRecord>(bytes).ok();
    let in_memory = record.map(|record| AuditReport::of_closed(&record, &mut |_| ()));
    agreed(bytes, verifier::audit_closed(bytes), in_memory, true)
}

#[test]
fn records_of_another_implementation() {
    for name in [
        "record.json",
        "record-packed.json",
        "record-12-lists.json",
        "record-single.json",
        "record-empty.json",
    ] {
        let path = format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
        let report = audit(&std::fs::read(path).unwrap());
        assert!(report.accepts(), "{name}: {report:?}");
    }
}

/// One to three panels.
const BUREAUS: [&[(u8, u8)]; 5] =
    [&[(1, 2), (2, 5)], &[(2, 3)], &[(1, 1)], &[(1, 1), (2, 2), (2, 3)], &[(3, 4), (1, 2)]];

#[test]
fn records_of_the_crate() {
    let mut bureaus = BUREAUS.iter().cycle();
    for lists in 1u8..=12 {
        for packing in 1..=lists.min(4) {
            let panels = bureaus.next().unwrap();
            for ballots in [0, 1, 5] {
                let (_, mut trustees) = ceremony(panels, lists.div_ceil(packing), lists.into());
                let mut description = description(584, lists);
                description.packing = Packing::new(packing);
                let contest = polling::approve(description, &mut trustees);
                let record = held(Polling::of(contest, trustees, 7), lists, ballots);
                assert_eq!(record.tally.count, u64::from(ballots));
            }
        }
    }
}

/// The record of an election in which these lists are voted for in turn, and a code is issued anew.
fn held(mut polling: Polling, lists: u8, ballots: u8) -> Record {
    polling.reissue(1, Validity::UntilClose, 5).unwrap();
    for voter in 0..ballots {
        let list = voter % (lists + 1);
        let choice = if list == 0 { Choice::Blank } else { Choice::List(list) };
        polling.vote(voter.into(), choice, 10);
    }
    let fingerprint = polling.contest.fingerprint().to_bytes();
    for elector in &polling.electors {
        let bytes = elector.code.expose_bytes();
        assert_eq!(*elector.code.expose_text(), code::show(&bytes));
        let secret = code::credential(&fingerprint, &bytes);
        assert_eq!(elector.credential.public().to_bytes(), text::encode(&text::base(&secret)));
    }
    let mut ended = polling.sign_off();
    let closed = serde_json::to_string(&ClosedRecord::new(ended.signed.closed())).unwrap();
    assert!(audit_closed(closed.as_bytes()).accepts());

    let (endorsements, factors) =
        if ballots == 0 { (endorsed(&mut ended), Vec::new()) } else { ended.endorse_and_decrypt() };
    let opened = OpenedTally::open(&ended.signed, &endorsements, &factors).unwrap();
    let record = Record::new(&ended.signed, &opened);
    let json = record.to_json();
    let report = audit(json.as_bytes());
    assert!(report.accepts(), "{report:?}");

    // What is signed and not in the record as it stands.
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(ended.signed.closed().digest().to_bytes(), digests::closing_digest(&value));
    let signings = &ended.signings;
    let ids: Vec<_> = signings.voters().iter().map(|voter| voter.as_bytes().to_vec()).collect();
    assert_eq!(ids.len(), usize::from(ballots));
    let digest = digests::signings_digest(signings.random(), &ids);
    assert_eq!(value["closing"]["signings_digest"], text::hex(&digest));
    record
}

/// An empty box is endorsed, and needs no factors.
fn endorsed(ended: &mut Ended) -> Vec<Endorsement> {
    let Ended { signed, signings, voters, trustees } = ended;
    let (now, mut rng) = (signed.closed().closing().at, polling::rng(6));
    let endorse = |trustee: &mut Trustee| {
        trustee.given(signed.closed(), now).unwrap().stored();
        trustee.endorse(signed, signings, voters, &polling::COMPLAINTS, now, &mut rng).unwrap().stored()
    };
    trustees.iter_mut().map(endorse).collect()
}
