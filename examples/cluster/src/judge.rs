//! What the driver does: all reports merged, and the record judged.

use std::fs;
use std::io::{BufReader, Read, stdin};
use std::ops::Range;
use std::path::Path;
use std::process::ExitCode;

use urne::record::shard::{
    ENTRY_LENGTH, JoinReport, PartOf, Parts, ReadRoll, RollReader, RollReport, ShardReport, entry_from_bytes,
};
use urne::record::{AnyRecord, ShardError};
use urne::{AuditReport, Contest, Fingerprint};

use crate::folder::{BUCKETS, Folder, List, names, read_name, wrong};
use crate::tool::{Failure, FileError};
use crate::verdict;
use crate::work::{bad, more, say_report};

/// The merged reports of each kind.
struct Merged {
    ballots: ShardReport,
    roll: RollReport,
    joins: JoinReport,
}

/// A report of whichever kind.
enum Report {
    Ballots(ShardReport),
    Roll(RollReport),
    Join(JoinReport),
}

impl Report {
    /// From hex; its first byte is its kind.
    fn read(hex: &str) -> Result<Self, String> {
        let digit = |byte: u8| char::from(byte).to_digit(16).filter(|_| !byte.is_ascii_uppercase());
        let byte = |pair: &[u8; 2]| Some((digit(pair[0])? * 16 + digit(pair[1])?) as u8);
        let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
        let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
        let bytes = bytes.filter(|_| rest.is_empty()).ok_or("a report that is no hex")?;
        let report = match bytes.first() {
            Some(0x72) => JoinReport::from_bytes(&bytes).map(Report::Join),
            Some(0x71) => RollReport::from_bytes(&bytes).map(Report::Roll),
            _ => ShardReport::from_bytes(&bytes).map(Report::Ballots),
        };
        report.map_err(|error| error.to_string())
    }
}

impl Merged {
    fn nothing(contest: &Contest) -> Self {
        Merged {
            ballots: ShardReport::nothing(contest),
            roll: RollReport::nothing(contest),
            joins: JoinReport::nothing(contest),
        }
    }

    fn take(&mut self, report: Report) -> Result<(), ShardError> {
        match report {
            Report::Ballots(report) => self.ballots.merge(report),
            Report::Roll(report) => self.roll.merge(report),
            Report::Join(report) => self.joins.merge(report),
        }
    }
}

/// Merges what was kept: every shard once, none twice, every bucket.
pub fn merge(folder: &Folder) -> Result<(), Failure> {
    let mut merged = Merged::nothing(&folder.contest()?);
    let kept = folder.file("kept");
    for name in names(&kept)? {
        let file = kept.join(&name);
        let report = read_kept(&file, &name)?;
        merged.take(report).map_err(|error| wrong(&file, error))?;
    }
    let missing = [
        (PartOf::Ballots, merged.ballots.missing(folder.count(List::Ballots))),
        (PartOf::Roll, merged.roll.missing(folder.count(List::Roll))),
    ];
    for (of, gaps) in missing {
        if let Some(gap) = gaps.first() {
            return Err(wrong(&kept, ShardError::Missing { of, first: gap.start, end: gap.end }).into());
        }
    }
    if let Some(bucket) = merged.joins.missing().first() {
        return Err(wrong(&kept, format_args!("bucket {} of {BUCKETS} was not joined", bucket / 4)).into());
    }
    merged.ballots.flaws().iter().chain(&merged.joins.flaws()).for_each(bad);
    more(merged.ballots.more_flaws());
    [merged.ballots.to_bytes(), merged.roll.to_bytes(), merged.joins.to_bytes()].iter().for_each(|report| {
        say_report(report);
    });
    Ok(())
}

/// The report in a file, which is of the shard or bucket that the file is named by.
fn read_kept(file: &Path, name: &str) -> Result<Report, FileError> {
    let text = fs::read_to_string(file).map_err(|error| FileError::new(file, error))?;
    let last = text.strip_suffix('\n').and_then(|text| text.lines().last());
    let hex = last.and_then(|line| line.strip_prefix("report\t"));
    let hex = hex.ok_or_else(|| wrong(file, "it is cut off: the last line is no report"))?;
    let report = Report::read(hex).map_err(|error| wrong(file, error))?;
    let is_of = |covered: &[Range<u64>], list| {
        let named = read_name(name).filter(|(of, ..)| *of == list);
        named.is_some_and(|(_, first, count)| {
            covered == std::slice::from_ref(&(first..first.saturating_add(count)))
        })
    };
    let as_named = match &report {
        Report::Ballots(report) => is_of(&report.covered(), List::Ballots),
        Report::Roll(report) => is_of(&report.covered(), List::Roll),
        Report::Join(report) => {
            let bucket = name.strip_prefix("join-").and_then(|bucket| bucket.parse::<u8>().ok());
            let missing = report.missing();
            bucket.is_some_and(|bucket| (0..=u8::MAX).all(|of| missing.contains(&of) != (of / 4 == bucket)))
        }
    };
    if as_named { Ok(report) } else { Err(wrong(file, "a report of another shard than the name says")) }
}

/// Judges the record from the merged reports, in the words of an audit on one machine.
pub fn judge(
    folder: &Folder,
    fingerprint: Option<Fingerprint>,
    seats: Option<u64>,
) -> Result<ExitCode, Failure> {
    let mut report = audit(folder)?;
    if let Some(fingerprint) = fingerprint {
        report = report.expecting(fingerprint);
    }
    verdict::show(&report, seats);
    println!("{}", report.conclusion());
    if fingerprint.is_none() {
        verdict::ask_for_fingerprint(&report);
    }
    Ok(verdict::status(&report))
}

fn audit(folder: &Folder) -> Result<AuditReport, Failure> {
    let Ok(contest) = folder.small.record.contest().to_contest() else {
        // Nothing can have been looked at.
        return Ok(match &folder.small.record {
            AnyRecord::Counted(record) => AuditReport::of(record, &mut |_| ()),
            AnyRecord::Closed(record) => AuditReport::of_closed(record, &mut |_| ()),
        });
    };
    let mut merged = Merged::nothing(&contest);
    let input = Path::new("standard input");
    for line in stdin().lines() {
        let line = line.map_err(|error| FileError::new(input, error))?;
        if let Some(hex) = line.strip_prefix("report\t") {
            merged
                .take(Report::read(hex).map_err(|error| wrong(input, error))?)
                .map_err(|e| wrong(input, e))?;
        }
    }
    let Merged { ballots, roll, joins } = merged;
    let roll = read_roll(folder, roll)?;
    let parts = Parts { ballots: folder.small.ballots, shards: ballots, roll, joins };
    Ok(folder.small.audit(parts).map_err(|error| wrong(input, error))?)
}

/// Reads the whole roll once: its digest is one hash.
fn read_roll(folder: &Folder, report: RollReport) -> Result<ReadRoll, FileError> {
    let opening = match &folder.small.record {
        AnyRecord::Counted(record) => &record.opening,
        AnyRecord::Closed(record) => &record.opening,
    };
    let (place, file, _) = folder.list(List::Roll)?;
    let refused = |error| wrong(&place, error);
    let mut reader = RollReader::new(opening, folder.small.entries, report).map_err(refused)?;
    let mut file = BufReader::with_capacity(1 << 16, file);
    let mut bytes = [0; ENTRY_LENGTH];
    for _ in 0..folder.small.entries {
        file.read_exact(&mut bytes).map_err(|error| FileError::new(&place, error))?;
        let entry = entry_from_bytes(&bytes)
            .ok_or_else(|| wrong(&place, "an entry that is neither revoked nor not revoked"))?;
        reader.take(&entry).map_err(refused)?;
    }
    reader.finish().map_err(refused)
}
