//! Row 15, for an audit in parts: shards that are given twice or lost, of another contest, marks that are lost on
//! their way, and reports that claim what they cannot know. Copies of a ballot are found in two shards as in one.

use urne::ballot::BallotError;
use urne::ballot_box::BoxFlaw;
use urne::primitives::Kind;
use urne::record::shard::{
    Join, JoinReport, Mark, MarkKind, PartOf, Parts, RollReader, RollReport, ShardError, ShardReport,
    verify_roll_shard, verify_shard,
};
use urne::record::{HexBytes, Outcome, Step};
use urne::{AuditReport, Contest, DecodeError, Record};

use crate::by_shards::{CUTS, Cut, audit, parts};
use crate::support::forger::{Forger, Shape, votes};

fn forger() -> Forger {
    Forger::of(&Shape::new(&[(1, 1), (2, 3)], 3, 5))
}

fn record() -> Record {
    let cast = [[1, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 1], [1, 0, 0]].map(|b| votes(&b));
    serde_json::from_value(forger().record(&cast)).unwrap()
}

fn contest(record: &Record) -> Contest {
    record.contest.to_contest().unwrap()
}

/// The record without what its parts are of.
fn small(record: &Record) -> Record {
    Record { roll: Vec::new(), ballots: Vec::new(), ..record.clone() }
}

fn good_parts(record: &Record, cut: Cut) -> Parts {
    parts(&contest(record), &record.opening, &record.roll, &record.ballots, cut).unwrap()
}

fn shard(record: &Record, run: std::ops::Range<usize>) -> ShardReport {
    verify_shard(&contest(record), run.start as u64, &record.ballots[run], None).unwrap().0
}

#[test]
fn attack_15_a_shard_given_twice_or_lost_is_refused_by_name() {
    let record = record();
    let contest = contest(&record);
    let overlap = |index| Err(ShardError::Overlap { of: PartOf::Ballots, index });
    let mut merged = shard(&record, 0..2);
    let before = merged.clone();
    for (run, index) in [(0..2, 0), (1..2, 1), (1..4, 1), (0..5, 0)] {
        assert_eq!(merged.merge(shard(&record, run)), overlap(index));
        assert_eq!(merged, before, "nothing is changed");
    }
    assert_eq!(merged.merge(shard(&record, 3..5)), Ok(()));
    assert_eq!(merged.covered(), vec![0..2, 3..5]);
    assert_eq!(merged.missing(5), std::slice::from_ref(&(2..3)));
    assert_eq!(merged.missing(7), vec![2..3, 5..7]);
    let of_roll = verify_roll_shard(&contest, 2, &record.roll[2..4]).unwrap().0;
    assert_eq!(of_roll.missing(7), vec![0..2, 4..7]);

    let with = |change: &dyn Fn(&mut Parts)| {
        let mut parts = good_parts(&record, CUTS[1]);
        change(&mut parts);
        AuditReport::of_parts(&small(&record), parts)
    };
    let whole = AuditReport::of(&record, &mut |_| ());
    assert_eq!(with(&|_| ()), Ok(whole.clone()));
    let missing = ShardError::Missing { of: PartOf::Ballots, first: 2, end: 3 };
    assert_eq!(with(&|parts| parts.shards = merged.clone()), Err(missing));
    let missing = ShardError::Missing { of: PartOf::Ballots, first: 5, end: 6 };
    assert_eq!(with(&|parts| parts.ballots = 6), Err(missing));
    let beyond = ShardError::Beyond { of: PartOf::Ballots, index: 4, count: 4 };
    assert_eq!(with(&|parts| parts.ballots = 4), Err(beyond));

    let of_roll = |run: std::ops::Range<usize>| {
        verify_roll_shard(&contest, run.start as u64, &record.roll[run]).unwrap().0
    };
    let entries = record.roll.len() as u64;
    let mut roll = of_roll(0..3);
    let overlap = ShardError::Overlap { of: PartOf::Roll, index: 2 };
    assert_eq!(roll.merge(of_roll(2..4)), Err(overlap));
    let missing = ShardError::Missing { of: PartOf::Roll, first: 3, end: entries };
    assert_eq!(RollReader::new(&record.opening, entries, roll.clone()).unwrap_err(), missing);
    let mut apart = of_roll(0..1);
    assert_eq!(apart.merge(of_roll(3..4)), Ok(()));
    assert_eq!((apart.covered(), apart.undecodable()), (vec![0..1, 3..4], None));
    assert_eq!(roll.merge(of_roll(3..record.roll.len())), Ok(()));
    assert_eq!(roll.covered(), std::slice::from_ref(&(0..entries)));
    // Two shards and one, whichever is merged into the other.
    let two = || {
        let mut two = of_roll(0..1);
        two.merge(of_roll(3..4)).unwrap();
        two
    };
    for (start, end) in (0..5usize).flat_map(|start| (start + 1..6).map(move |end| (start, end))) {
        let meets = [(0, 1), (3, 4)].iter().find(|(from, to)| *from < end && start < *to);
        let expected = meets.map_or(Ok(()), |(from, _)| {
            Err(ShardError::Overlap { of: PartOf::Roll, index: start.max(*from) as u64 })
        });
        let (mut into_two, mut into_one) = (two(), of_roll(start..end));
        assert_eq!(into_two.merge(of_roll(start..end)), expected, "{start}..{end}");
        assert_eq!(into_one.merge(two()), expected, "{start}..{end}");
        assert_eq!(into_one == into_two, expected.is_ok(), "{start}..{end}");
    }
    let mut reader = RollReader::new(&record.opening, entries, roll).unwrap();
    reader.take(&record.roll[0]).unwrap();
    let missing = ShardError::Missing { of: PartOf::Roll, first: 1, end: entries };
    assert_eq!(reader.finish().unwrap_err(), missing);

    // Buckets.
    let join = |buckets| Join::new(&contest, buckets).finish();
    let mut joins = join(0..=99);
    assert_eq!(joins.merge(join(99..=255)), Err(ShardError::BucketTwice { bucket: 99 }));
    joins.merge(join(101..=255)).unwrap();
    assert_eq!(joins.missing(), [100]);
    let missing = ShardError::BucketMissing { bucket: 100 };
    assert_eq!(with(&|parts| parts.joins = joins.clone()), Err(missing));
    // And a record that is not without them, or not without one of them.
    let (roll, ballots) = (record.roll.clone(), record.ballots.clone());
    for whole in [record.clone(), Record { roll, ..small(&record) }, Record { ballots, ..small(&record) }] {
        let refused = AuditReport::of_parts(&whole, good_parts(&record, CUTS[0])).unwrap_err();
        assert_eq!(refused, ShardError::NotEmpty);
    }
}

#[test]
fn attack_15_shards_of_another_contest_are_not_merged() {
    let record = record();
    let mut other = record.clone();
    other.contest.number += 1;
    let [expected, actual] = [&record, &other].map(|record| contest(record).fingerprint());
    let foreign = ShardError::ForeignContest { expected, actual };
    assert_eq!(shard(&record, 0..2).merge(shard(&other, 2..5)), Err(foreign));
    let roll = |record: &Record| verify_roll_shard(&contest(record), 0, &record.roll).unwrap().0;
    assert_eq!(RollReport::nothing(&contest(&record)).merge(roll(&other)), Err(foreign));
    let join = |record: &Record, buckets| Join::new(&contest(record), buckets).finish();
    assert_eq!(join(&record, 0..=7).merge(join(&other, 8..=255)), Err(foreign));
    let parts = good_parts(&other, CUTS[0]);
    assert_eq!(AuditReport::of_parts(&small(&record), parts).unwrap_err(), foreign);
    // A machine that looked at other ballots: the root is another.
    let mut swapped = record.clone();
    swapped.ballots.swap(1, 2);
    let report = AuditReport::of_parts(&small(&record), good_parts(&swapped, CUTS[0])).unwrap();
    assert!(matches!(report.outcome(Step::References), Outcome::Failed(_)));
}

#[test]
fn attack_15_marks_that_are_lost_or_come_twice_are_noticed() {
    let record = record();
    let contest = contest(&record);
    let (_, mut marks) = verify_shard(&contest, 0, &record.ballots, None).unwrap();
    marks.extend(verify_roll_shard(&contest, 0, &record.roll).unwrap().1);
    let joined = |marks: &[Mark]| {
        let mut join = Join::new(&contest, 0..=255);
        marks.iter().try_for_each(|mark| join.take(mark)).unwrap();
        let parts = Parts { joins: join.finish(), ..good_parts(&record, CUTS[2]) };
        AuditReport::of_parts(&small(&record), parts)
    };
    assert_eq!(joined(&marks).unwrap().verdict(), Ok(()));
    for at in 0..marks.len() {
        let kind = marks[at].kind();
        let given = marks.iter().filter(|mark| mark.kind() == kind).count() as u64;
        let error = |actual| Err(ShardError::Marks { kind, expected: given, actual });
        let mut lost = marks.clone();
        lost.remove(at);
        assert_eq!(joined(&lost), error(given - 1));
        let mut twice = marks.clone();
        twice.push(marks[at]);
        assert_eq!(joined(&twice), error(given + 1));
        // One in the place of another of its kind.
        let other = marks.iter().position(|mark| mark.kind() == kind && *mark != marks[at]);
        if let Some(other) = other {
            lost.push(marks[other]);
            assert_eq!(joined(&lost), error(given));
        }
    }
    // Damaged anywhere on its way.
    for (at, byte) in (0..marks.len()).flat_map(|at| (0..41).map(move |byte| (at, byte))) {
        let mut bytes = marks[at].to_bytes();
        bytes[byte] ^= 1;
        let mut damaged = marks.clone();
        let Ok(mark) = Mark::from_bytes(&bytes) else { continue };
        damaged[at] = mark;
        let noticed = joined(&damaged);
        assert!(matches!(noticed, Err(ShardError::Marks { .. })), "byte {byte} of mark {at}: {noticed:?}");
    }
    let kinds: std::collections::HashSet<_> = marks.iter().map(Mark::kind).collect();
    assert!(kinds.contains(&MarkKind::Revoked) && kinds.len() >= 5, "{kinds:?}");
    // They are spread, so that joins can be.
    let buckets: std::collections::HashSet<_> = marks.iter().map(Mark::bucket).collect();
    assert!(buckets.len() > marks.len() / 4, "{buckets:?}");
    // Whoever ends before the last pass has left marks out.
    for ends_after in 1..=4 {
        let mut join = Join::in_passes(&contest, 0..=255, 2);
        for _ in 0..ends_after {
            marks.iter().try_for_each(|mark| join.take(mark)).unwrap();
            join.next_pass();
        }
        let parts = Parts { joins: join.finish(), ..good_parts(&record, CUTS[2]) };
        let report = AuditReport::of_parts(&small(&record), parts);
        assert_eq!(report.is_ok(), ends_after == 4, "{ends_after}: {report:?}");
    }
    let bucket = marks[0].bucket();
    let mut elsewhere = Join::new(&contest, bucket.wrapping_add(1)..=bucket.wrapping_add(1));
    assert_eq!(elsewhere.take(&marks[0]), Err(ShardError::Bucket { bucket }));
}

#[test]
fn attack_15_a_shard_that_decoded_another_roll_is_noticed() {
    let record = record();
    let contest = contest(&record);
    let mut other = record.roll.clone();
    other[1].revoked = !other[1].revoked;
    let mut report = verify_roll_shard(&contest, 0, &other[..2]).unwrap().0;
    report.merge(verify_roll_shard(&contest, 2, &record.roll[2..]).unwrap().0).unwrap();
    let mut reader = RollReader::new(&record.opening, record.roll.len() as u64, report).unwrap();
    reader.take(&record.roll[0]).unwrap();
    assert_eq!(reader.take(&record.roll[1]), Err(ShardError::OtherRoll { first: 0 }));
}

#[test]
fn attack_4_copies_that_fall_into_two_shards_are_found() {
    let mut record = record();
    record.ballots[4] = record.ballots[1].clone();
    let report = audit(&record, CUTS[0]).unwrap();
    assert_eq!(report, AuditReport::of(&record, &mut |_| ()));
    let (ballot, earlier) = (4, 1);
    let of_ballots = |step: Step| match report.outcome(step) {
        Outcome::Failed(flaws) => {
            flaws.as_slice().iter().filter(|flaw| flaw.ballot().is_some()).cloned().collect()
        }
        _ => Vec::new(),
    };
    let flaws = [BoxFlaw::RepeatedCredential { ballot, earlier }, BoxFlaw::RepeatedNonce { ballot, earlier }];
    assert_eq!(of_ballots(Step::Roll), flaws.map(urne::record::Flaw::Box));
    let flaw = BoxFlaw::RepeatedReference { ballot, earlier };
    assert_eq!(of_ballots(Step::References), [urne::record::Flaw::Box(flaw)]);
    assert_eq!(good_parts(&record, CUTS[0]).joins.flaws(), [flaws[0], flaws[1], flaw]);
}

/// More bad ballots than a report tells, cut in all ways.
#[test]
fn attack_20_reports_of_parts_stay_small_and_merge_to_the_same_text() {
    let mut record = record();
    let good = record.ballots.clone();
    record.ballots = (0..70)
        .map(|number| {
            let mut ballot = good[number % good.len()].clone();
            let last = ballot.0.len() - 32;
            match number % 7 {
                0 => ballot.0.clear(),
                1 => ballot.0.truncate(number),
                2 => ballot.0[1] = 9,
                3 => ballot.0[last] ^= 1,
                4 => ballot.0[33] |= 0x80,
                _ => (),
            }
            ballot
        })
        .collect();
    let whole = AuditReport::of(&record, &mut |_| ());
    let Outcome::Failed(flaws) = whole.outcome(Step::Ballots) else { panic!("{whole}") };
    assert_eq!((flaws.as_slice().len(), flaws.more()), (20, 20));
    for cut in CUTS.into_iter().chain([Cut { ballots: 13, entries: 3, buckets: 7, bits: 8 }]) {
        let report = audit(&record, cut).unwrap();
        assert_eq!(report.to_string(), whole.to_string());
        let parts = good_parts(&record, cut);
        assert!(parts.shards.to_bytes().len() < 2_000 && parts.joins.to_bytes().len() < 2_500);
        let told = parts.shards.flaws().len() as u64;
        assert!((20..=40).contains(&told));
        assert_eq!(told + parts.shards.more_flaws(), 50);
    }
}

/// Every byte of a report changed: what is read is what was written, and everything else is refused.
#[test]
fn attack_20_reports_read_only_what_they_write() {
    let mut record = record();
    record.ballots[2].0.pop();
    let last = record.ballots[3].0.len() - 32;
    record.ballots[3].0[last] ^= 1;
    record.ballots[4] = record.ballots[0].clone();
    record.roll[1].credential.0 = [0xff; 32];
    record.roll.push(record.roll[0].clone());
    let parts = good_parts(&record, CUTS[2]);
    let summed = shard(&record, 0..2);
    let (roll, _) = verify_roll_shard(&contest(&record), 0, &record.roll).unwrap();
    assert_eq!(roll.undecodable(), Some((1, DecodeError::NotAPoint { offset: 0 })));
    fn check(bytes: &[u8], again: impl Fn(&[u8]) -> Result<Vec<u8>, DecodeError>) {
        assert_eq!(again(bytes).as_deref(), Ok(bytes));
        for cut in 0..bytes.len() {
            assert!(again(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        for at in 0..bytes.len() {
            for change in [1, 0x80, 0xff] {
                let mut changed = bytes.to_vec();
                changed[at] ^= change;
                assert!(again(&changed).is_err() || again(&changed).unwrap() == changed, "byte {at}");
            }
        }
        let kind = again(&[&[0x41], &bytes[1..]].concat());
        assert!(matches!(kind, Err(DecodeError::Kind { .. })));
        assert!(again(&[bytes, &[0]].concat()).is_err());
    }
    for report in [&parts.shards, &summed] {
        check(&report.to_bytes(), |bytes| ShardReport::from_bytes(bytes).map(|report| report.to_bytes()));
    }
    check(&roll.to_bytes(), |bytes| RollReport::from_bytes(bytes).map(|report| report.to_bytes()));
    check(&parts.joins.to_bytes(), |bytes| JoinReport::from_bytes(bytes).map(|report| report.to_bytes()));
    let (_, marks) = verify_shard(&contest(&record), 0, &record.ballots, None).unwrap();
    check_mark(&marks[0]);
}

/// What a report says of marks, and the sum it brings along, are of the ballots that it covers.
#[test]
fn attack_15_a_report_agrees_with_itself() {
    let record = record();
    let bytes = shard(&record, 0..2).to_bytes();
    // Kind, version, fingerprint; one run and its root; two lists of no flaws.
    let seen = 2 + 32 + 8 + 16 + 32 + 2 * 9;
    // So many references, ballots that do not decode, credentials and points `R`.
    let with = |marks: [u64; 4]| {
        let mut changed = bytes.clone();
        for (kind, marks) in marks.iter().enumerate() {
            changed[seen + kind * 24..][..8].copy_from_slice(&marks.to_le_bytes());
        }
        ShardReport::from_bytes(&changed).map(|report| report.to_bytes())
    };
    assert_eq!(with([2, 0, 2, 2]), Ok(bytes.clone()));
    for marks in [[2, 0, 1, 2], [2, 0, 2, 1], [1, 0, 1, 1], [1, 1, 1, 1]] {
        assert_eq!(with(marks), Err(DecodeError::Number { offset: seen }), "{marks:?}");
    }
    // The sum of other ballots, and of another contest.
    let sum = seen + 4 * 24;
    let other = shard(&record, 2..4).to_bytes();
    let mut foreign = bytes.clone();
    foreign[sum + 1 + 2 + 1] ^= 1;
    for changed in [[&bytes[..sum], &other[sum..]].concat(), foreign] {
        let refused = ShardReport::from_bytes(&changed).map(|_| ());
        assert_eq!(refused, Err(DecodeError::Number { offset: sum }));
    }
    // Of the roll: runs that ascend, apart from each other.
    let of_roll = |run: std::ops::Range<usize>| {
        verify_roll_shard(&contest(&record), run.start as u64, &record.roll[run]).unwrap().0
    };
    let mut roll = of_roll(0..1);
    roll.merge(of_roll(3..4)).unwrap();
    let bytes = roll.to_bytes();
    let second = 2 + 32 + 2 * 24 + 8 + 48;
    assert_eq!(bytes[second..second + 16], [3u64, 4].map(u64::to_le_bytes).concat());
    for run in [[0u64, 1], [4, 3]] {
        let mut changed = bytes.clone();
        changed[second..second + 16].copy_from_slice(&run.map(u64::to_le_bytes).concat());
        let refused = RollReport::from_bytes(&changed).map(|_| ());
        assert_eq!(refused, Err(DecodeError::Number { offset: second }));
    }
}

/// Every reason why a form does not decode is told and read again, those too that no ballot gives today.
#[test]
fn reports_tell_every_error_of_a_form() {
    let mut record = record();
    record.ballots[1] = HexBytes(Vec::new());
    let bytes = shard(&record, 0..3).to_bytes();
    // Kind, version, fingerprint; one run; two roots of subtrees; no more flaws, and one; what it is, and of which ballot.
    let error = 2 + 32 + 8 + 16 + 2 * 32 + 8 + 1 + 1 + 8;
    let (before, after) = (&bytes[..error], &bytes[error + 1 + 2 * 8..]);
    let (expected, actual, offset) = (Kind::Head, 7, 9);
    let errors: [(&[u64], DecodeError); 11] = [
        (&[9], DecodeError::NotAPoint { offset }),
        (&[9], DecodeError::Identity { offset }),
        (&[9], DecodeError::NotAScalar { offset }),
        (&[8, 7], DecodeError::TooShort { expected: 8, actual: 7 }),
        (&[8, 9], DecodeError::TooLong { expected: 8, actual: 9 }),
        (&[7], DecodeError::Version { actual }),
        (&[Kind::Head.byte().into(), 7], DecodeError::Kind { expected, actual }),
        (&[9], DecodeError::Number { offset }),
        (&[], DecodeError::NotHex),
        (&[9], DecodeError::Digest { offset }),
        (&[], DecodeError::Altered),
    ];
    for (tag, (numbers, error)) in (0..).zip(errors) {
        let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        let told = [before, &[tag], &numbers, after].concat();
        let report = ShardReport::from_bytes(&told).unwrap();
        assert_eq!(report.flaws(), [BoxFlaw::Ballot { ballot: 1, error: BallotError::Decode(error) }]);
        assert_eq!(report.to_bytes(), told);
    }
    let unknown = ShardReport::from_bytes(&[before, &[11], after].concat());
    assert_eq!(unknown.map(|_| ()), Err(DecodeError::Number { offset: error }));
    // A flaw is told once.
    let (list, flaw) = (error - 2 * 9, error - 9);
    let twice = [&bytes[..flaw - 1], &[2], &bytes[flaw..error + 17], &bytes[flaw..]].concat();
    let refused = ShardReport::from_bytes(&twice).map(|_| ());
    assert_eq!(refused, Err(DecodeError::Number { offset: list }));
}

/// No more flaws than there are marks, and two entries of the roll that are one.
#[test]
fn attack_15_a_join_claims_nothing_beyond_its_marks() {
    let mut record = record();
    record.ballots[4] = record.ballots[1].clone();
    record.roll.push(record.roll[0].clone());
    let bytes = good_parts(&record, CUTS[0]).joins.to_bytes();
    // Kind, version, fingerprint and buckets; of each kind of marks how many, and a sum; the flaws.
    let seen = |kind: usize| 2 + 32 + 32 + kind * 24;
    let refused = Err(DecodeError::Number { offset: seen(6) });
    let with = |changes: &[(usize, u64)]| {
        let mut changed = bytes.clone();
        for (place, number) in changes {
            changed[*place..place + 8].copy_from_slice(&number.to_le_bytes());
        }
        JoinReport::from_bytes(&changed).map(|report| report.to_bytes())
    };
    assert_eq!(with(&[]), Ok(bytes.clone()));
    // References and ballots that do not decode; credentials, which the roll has not, and points `R`.
    assert_eq!(with(&[(seen(0), 0), (seen(1), 0)]), refused);
    assert_eq!(with(&[(seen(2), 0), (seen(3), 0)]), refused);
    // The last that it tells is which entry of the roll repeats which.
    let (entry, earlier) = (bytes.len() - 16, bytes.len() - 8);
    assert_eq!(bytes[entry..], [record.roll.len() as u64 - 1, 0].map(u64::to_le_bytes).concat());
    // Whoever has the whole record knows how many entries there are.
    let entries = record.roll.len() as u64;
    let judged = |entry_again: u64| {
        let changed = [&bytes[..entry], &entry_again.to_le_bytes(), &bytes[earlier..]].concat();
        let parts =
            Parts { joins: JoinReport::from_bytes(&changed).unwrap(), ..good_parts(&record, CUTS[0]) };
        AuditReport::of_parts(&small(&record), parts).map(|_| ())
    };
    assert_eq!(judged(entries - 1), Ok(()));
    let beyond = ShardError::Beyond { of: PartOf::Roll, index: entries, count: entries };
    assert_eq!(judged(entries), Err(beyond));
    assert_eq!(with(&[(entry, 1), (earlier, 1)]), refused);
    assert_eq!(with(&[(entry, 1), (earlier, 2)]), refused);
    assert_eq!(with(&[(seen(4), 1), (seen(5), 0)]), refused);
}

/// What a ballot repeats stands before it.
#[test]
fn attack_15_a_repeat_of_itself_or_of_a_later_ballot_is_none() {
    let mut record = record();
    record.ballots[4] = record.ballots[1].clone();
    let bytes = good_parts(&record, CUTS[0]).joins.to_bytes();
    let pair = [4u64, 1].map(u64::to_le_bytes).concat();
    let places: Vec<usize> = (0..bytes.len() - 16).filter(|at| bytes[*at..at + 16] == pair).collect();
    assert_eq!(places.len(), 3);
    for (place, earlier) in places.iter().flat_map(|place| [(*place, 4u64), (*place, 5)]) {
        let mut changed = bytes.clone();
        changed[place + 8..place + 16].copy_from_slice(&earlier.to_le_bytes());
        let refused = JoinReport::from_bytes(&changed).map(|_| ());
        assert_eq!(refused, Err(DecodeError::Number { offset: place - 1 }));
    }
    // Nor is there one of a ballot that the record has not.
    let mut changed = bytes.clone();
    places.iter().for_each(|place| changed[*place..*place + 8].copy_from_slice(&5u64.to_le_bytes()));
    let parts = Parts { joins: JoinReport::from_bytes(&changed).unwrap(), ..good_parts(&record, CUTS[0]) };
    let beyond = ShardError::Beyond { of: PartOf::Ballots, index: 5, count: 5 };
    assert_eq!(AuditReport::of_parts(&small(&record), parts).map(|_| ()), Err(beyond));
}

fn check_mark(mark: &Mark) {
    let bytes = mark.to_bytes();
    assert_eq!(Mark::from_bytes(&bytes), Ok(*mark));
    assert_eq!(Mark::from_bytes(&bytes[..40]), Err(DecodeError::TooShort { expected: 41, actual: 40 }));
    let refused = |at: usize, byte: u8, offset| {
        let mut changed = bytes;
        changed[at] = byte;
        assert_eq!(Mark::from_bytes(&changed), Err(DecodeError::Number { offset }));
    };
    refused(0, 6, 0);
    refused(39, 0x20, 33);
}

/// A report bounds what it claims by the ballots it covers before it is believed.
#[test]
fn attack_15_a_report_claims_nothing_beyond_its_ballots() {
    let record = record();
    let mut bad = record.clone();
    bad.ballots[1] = HexBytes(Vec::new());
    let bytes = shard(&bad, 0..3).to_bytes();
    // Kind, version, fingerprint; one run; two roots of subtrees.
    let runs = 2 + 32;
    let flaws = runs + 8 + 16 + 2 * 32;
    let at = |place: usize, number: u64| {
        let mut changed = bytes.clone();
        changed[place..place + 8].copy_from_slice(&number.to_le_bytes());
        ShardReport::from_bytes(&changed)
    };
    assert!(ShardReport::from_bytes(&bytes).is_ok());
    // So many runs, or ballots, that memory would not hold them.
    assert!(matches!(at(runs, u64::MAX), Err(DecodeError::TooShort { .. } | DecodeError::Number { .. })));
    assert!(matches!(at(runs + 16, (1 << 53) - 1), Err(DecodeError::TooShort { .. })));
    // More flaws than are told one by one, where these are fewer; a flaw of a ballot that it does not have.
    assert_eq!(at(flaws, 1), Err(DecodeError::Number { offset: flaws }));
    let flaw = flaws + 8 + 1;
    assert_eq!(at(flaw + 1, 3), Err(DecodeError::Number { offset: flaw }));
    // A shard that would end beyond the limit.
    let contest = contest(&record);
    let first = (1 << 53) - 2;
    assert!(verify_shard(&contest, first - 1, &record.ballots[..2], None).is_ok());
    let index = ShardError::Index { index: first };
    assert_eq!(verify_shard(&contest, first, &record.ballots[..2], None).unwrap_err(), index);
    assert_eq!(
        verify_shard(&contest, u64::MAX, &record.ballots[..2], None).unwrap_err(),
        ShardError::Index { index: u64::MAX }
    );
}
