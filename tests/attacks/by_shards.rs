//! An audit in parts, as a cluster makes it: shards of ballots and roll in any order, everything carried as bytes,
//! marks joined bucket by bucket. Its report must be that of the whole record.

use urne::record::shard::{
    Join, JoinReport, Mark, Parts, RollReader, RollReport, ShardError, ShardReport, verify_roll_shard,
    verify_shard,
};
use urne::record::{ContestRecord, HexBytes, OpeningRecord, RollEntryRecord};
use urne::{AuditReport, ClosedRecord, Contest, Record};

/// How a record is cut.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// Ballots a shard.
    pub ballots: usize,
    /// Entries of the roll a shard.
    pub entries: usize,
    /// Buckets a join.
    pub buckets: usize,
    /// In `2^bits` passes.
    pub bits: u32,
}

/// Each alone; two and three together, which fits no box; everything at once.
pub const CUTS: [Cut; 3] = [
    Cut { ballots: 1, entries: 1, buckets: 1, bits: 0 },
    Cut { ballots: 3, entries: 2, buckets: 100, bits: 3 },
    Cut { ballots: usize::MAX, entries: usize::MAX, buckets: 256, bits: 1 },
];

/// The parts of a record whose contest can be read.
pub fn parts(
    contest: &Contest,
    opening: &OpeningRecord,
    roll: &[RollEntryRecord],
    ballots: &[HexBytes],
    cut: Cut,
) -> Result<Parts, ShardError> {
    let mut marks: Vec<Mark> = Vec::new();
    let mut reports = Vec::new();
    for (number, of_shard) in ballots.chunks(cut.ballots.min(ballots.len().max(1))).enumerate() {
        let first = (number * cut.ballots.min(ballots.len())) as u64;
        let (report, of_shard) = verify_shard(contest, first, of_shard, None)?;
        let bytes = report.to_bytes();
        assert_eq!(ShardReport::from_bytes(&bytes).as_ref(), Ok(&report));
        reports.push(bytes);
        marks.extend(of_shard);
    }
    // The last come first.
    let mut shards = ShardReport::nothing(contest);
    for report in reports.iter().rev() {
        shards.merge(ShardReport::from_bytes(report).unwrap())?;
    }

    let mut roll_report = RollReport::nothing(contest);
    let chunks: Vec<_> = roll.chunks(cut.entries.min(roll.len().max(1))).enumerate().collect();
    for (number, of_shard) in chunks.into_iter().rev() {
        let first = (number * cut.entries.min(roll.len())) as u64;
        let (report, of_shard) = verify_roll_shard(contest, first, of_shard)?;
        let report = RollReport::from_bytes(&report.to_bytes()).unwrap();
        roll_report.merge(report)?;
        marks.extend(of_shard);
    }
    let mut reader = RollReader::new(opening, roll.len() as u64, roll_report)?;
    roll.iter().try_for_each(|entry| reader.take(entry))?;

    let marks: Vec<_> = marks.iter().rev().map(Mark::to_bytes).collect();
    let mut joins = JoinReport::nothing(contest);
    for first in (0..256).step_by(cut.buckets).rev() {
        let last = (first + cut.buckets - 1).min(255);
        let buckets = first as u8..=last as u8;
        let mut join = Join::in_passes(contest, buckets.clone(), cut.bits);
        let mut passes = 0;
        loop {
            let marks = marks.iter().map(|mark| Mark::from_bytes(mark).unwrap());
            marks.filter(|mark| buckets.contains(&mark.bucket())).try_for_each(|mark| join.take(&mark))?;
            passes += 1;
            if !join.next_pass() {
                break;
            }
        }
        assert_eq!(passes, 1 << cut.bits);
        let report = join.finish();
        assert_eq!(JoinReport::from_bytes(&report.to_bytes()).as_ref(), Ok(&report));
        joins.merge(report)?;
    }
    Ok(Parts { ballots: ballots.len() as u64, shards, roll: reader.finish()?, joins })
}

fn contest(record: &ContestRecord) -> Option<Contest> {
    record.to_contest().ok()
}

/// The report on a record from its parts.
pub fn audit(record: &Record, cut: Cut) -> Result<AuditReport, ShardError> {
    let small = Record { roll: Vec::new(), ballots: Vec::new(), ..record.clone() };
    match contest(&record.contest) {
        None => Ok(AuditReport::of(&small, &mut |_| ())),
        Some(contest) => {
            let parts = parts(&contest, &record.opening, &record.roll, &record.ballots, cut)?;
            AuditReport::of_parts(&small, parts)
        }
    }
}

/// The same of a closed record.
pub fn audit_closed(record: &ClosedRecord, cut: Cut) -> Result<AuditReport, ShardError> {
    let small = ClosedRecord { roll: Vec::new(), ballots: Vec::new(), ..record.clone() };
    match contest(&record.contest) {
        None => Ok(AuditReport::of_closed(&small, &mut |_| ())),
        Some(contest) => {
            let parts = parts(&contest, &record.opening, &record.roll, &record.ballots, cut)?;
            AuditReport::of_closed_parts(&small, parts)
        }
    }
}

/// Whichever of these ways a record is cut in, if it is one, its parts give this report, word for word.
pub fn assert_same(json: &[u8], report: &AuditReport, cuts: &[Cut]) {
    let same = |by_shards: Result<AuditReport, ShardError>, cut: Cut| {
        let by_shards = by_shards.unwrap_or_else(|error| panic!("{cut:?}: {error}\n{report}"));
        assert_eq!((&by_shards, by_shards.to_string()), (report, report.to_string()), "{cut:?}");
    };
    if let Ok(record) = Record::from_json(json) {
        cuts.iter().for_each(|cut| same(audit(&record, *cut), *cut));
    } else if let Ok(record) = ClosedRecord::from_json(json)
        // Under another name it is no record for whoever takes either form.
        && record.protocol == "urne/2 closed"
    {
        cuts.iter().for_each(|cut| same(audit_closed(&record, *cut), *cut));
    }
}
