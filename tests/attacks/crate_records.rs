//! Whole polling days on the crate's types, with panels, lists and packings of all sorts: what the crate makes of
//! them, the verifier of the second implementation accepts, closed and counted. That the crate accepts what the
//! second implementation makes is tested in `tests/agreement.rs`.

use urne::contest::{ContestDescription, Packing};
use urne::record::AuditReport;
use urne::record::shard::ShardError;
use urne::tally::Endorsement;
use urne::{Choice, ClosedRecord, OpenedTally, Record};

use crate::by_shards::{CUTS, parts};
use crate::polling::{Ended, Polling, approve, ceremony, description};
use crate::support::verifier::{audit, audit_closed};

/// One to three panels.
const BUREAUS: [&[(u8, u8)]; 6] =
    [&[(1, 1)], &[(2, 3)], &[(1, 2), (2, 4)], &[(2, 2), (1, 1)], &[(1, 1), (2, 3), (1, 2)], &[(3, 3)]];

const VOTERS: u8 = 7;

/// A polling day on which so many of seven voters vote. The second has the code issued anew.
fn day(panels: &[(u8, u8)], description: ContestDescription, ballots: u8) -> (ClosedRecord, Record) {
    let lists = u8::try_from(description.lists.len()).unwrap();
    let slots = description.packing.map_or(lists, |packing| lists.div_ceil(packing.get()));
    // The key may have more slots than the contest needs.
    let (_, mut trustees) = ceremony(panels, slots.saturating_add(1), 1);
    let contest = approve(description, &mut trustees);
    let mut polling = Polling::of(contest, trustees, VOTERS);
    polling.reissue(1, urne::ballot_box::Validity::UntilClose, 5).unwrap();
    let mut expected = vec![0; usize::from(lists) + 1];
    for ballot in 0..ballots {
        // The later the list, the fewer its votes; 0 is blank.
        let choice = (ballot * ballot / 2 + ballot) % (lists.saturating_add(1));
        expected[usize::from(choice)] += 1;
        let choice = if choice == 0 { Choice::Blank } else { Choice::List(choice) };
        polling.vote(ballot.into(), choice, 10);
    }
    let mut ended = polling.sign_off();
    let (endorsements, factors) =
        if ballots > 0 { ended.endorse_and_decrypt() } else { (endorse(&mut ended), vec![]) };
    let opened = OpenedTally::open(&ended.signed, &endorsements, &factors).unwrap();
    assert_eq!((opened.result().votes(), opened.result().blank()), (&expected[1..], expected[0]));
    assert_eq!(opened.rejected(), []);
    (ClosedRecord::new(ended.signed.closed()), Record::new(&ended.signed, &opened))
}

/// Nobody gives factors for an empty box.
fn endorse(ended: &mut Ended) -> Vec<Endorsement> {
    let mut trustees = ended.take_trustees();
    trustees.iter_mut().map(|trustee| ended.endorse(trustee).unwrap()).collect()
}

/// Both audits accept both records of the day, and agree on the fingerprint.
fn accepted(panels: &[(u8, u8)], description: ContestDescription, ballots: u8, name: &str) {
    let (closed, record) = day(panels, description, ballots);
    let report = AuditReport::of(&record, &mut |_| ());
    assert_eq!(report.verdict(), Ok(()), "{name}: {report}");
    let second = audit(record.to_json().as_bytes());
    assert!(second.accepts(), "{name}: {second:?}");
    let fingerprint = report.contest().unwrap().fingerprint().to_bytes();
    assert_eq!(second.fingerprint, Some(fingerprint), "{name}");

    let report = AuditReport::of_closed(&closed, &mut |_| ());
    assert_eq!(report.verdict_of_closed(), Ok(()), "{name}: {report}");
    let second = audit_closed(serde_json::to_string(&closed).unwrap().as_bytes());
    assert!(second.accepts(), "{name}, closed: {second:?}");
    assert_eq!(second.fingerprint, Some(fingerprint), "{name}, closed");
}

#[test]
fn records_of_the_crate_pass_the_second_implementation() {
    let mut bureaus = BUREAUS.iter().cycle();
    for lists in 1..=12 {
        for packing in 1..=lists.min(4) {
            let panels = bureaus.next().unwrap();
            let packed = Packing::new(packing);
            // Each of the three for every number of lists.
            let ballots = [0, 1, VOTERS][usize::from(lists + packing) % 3];
            let name = format!("{lists} lists, {packing} a slot, panels {panels:?}, {ballots} ballots");
            let contest = ContestDescription { packing: packed, ..description(584, lists) };
            accepted(panels, contest, ballots, &name);
        }
    }
}

/// A record judged by its parts comes without roll and ballots, so that nobody takes what it has for what was looked at.
#[test]
fn attack_15_a_closed_record_with_its_lists_is_not_judged_by_parts() {
    let (closed, _) = day(BUREAUS[0], description(584, 2), 3);
    let parts = || {
        let contest = closed.contest.to_contest().unwrap();
        parts(&contest, &closed.opening, &closed.roll, &closed.ballots, CUTS[2]).unwrap()
    };
    let small = ClosedRecord { roll: vec![], ballots: vec![], ..closed.clone() };
    let report = AuditReport::of_closed_parts(&small, parts()).unwrap();
    assert_eq!(report, AuditReport::of_closed(&closed, &mut |_| ()));
    for with in [
        ClosedRecord { roll: closed.roll.clone(), ..small.clone() },
        ClosedRecord { ballots: closed.ballots.clone(), ..small.clone() },
    ] {
        assert_eq!(AuditReport::of_closed_parts(&with, parts()), Err(ShardError::NotEmpty));
    }
}

#[test]
fn records_of_the_crate_with_everything_by_default() {
    for (capacity, packing) in [(1_000, 2), (1 << 20, 1), (VOTERS.into(), 2)] {
        let contest = ContestDescription { capacity, ..description(584, 5) };
        let (_, record) = day(&[(1, 2), (2, 5)], contest.clone(), 5);
        assert_eq!(record.contest.packing, packing);
        let quorums: Vec<_> = record.contest.panels.iter().map(|panel| panel.quorum).collect();
        assert_eq!(quorums, [1, 4]);
        accepted(&[(1, 2), (2, 5)], contest, 5, &format!("capacity {capacity}"));
    }
}

/// Quorums of one's own, no grace, texts that are empty or not ASCII, the one key of an office that is both.
#[test]
fn records_of_the_crate_with_nothing_by_default() {
    let contest = ContestDescription {
        quorums: Some(vec![2, 2]),
        grace: 0,
        election: "".into(),
        title: "Comité «\"\\\u{1f5f3}»".into(),
        documents: "\u{0}".into(),
        number: 0,
        ..description(584, 3)
    };
    accepted(&[(1, 2), (2, 3)], contest, 4, "of one's own");
}
