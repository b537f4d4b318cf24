//! What workers do: a shard of the ballots or of the roll, and the join of a bucket.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::Path;

use urne::ballot_box::BoxFlaw;
use urne::record::shard::{Join, Mark, entry_from_bytes, verify_roll_shard, verify_shard};

use crate::folder::{Folder, List, names, read_name, shard_name, write_marks, wrong};
use crate::tool::{Failure, FileError};

/// A run of a list: its marks go into their buckets, its report is the last line.
pub fn shard(
    folder: &Folder,
    list: List,
    first: u64,
    count: Option<u64>,
    marks_into: &Path,
) -> Result<(), Failure> {
    let contest = folder.contest()?;
    let count = count.unwrap_or(folder.count(list).saturating_sub(first));
    let (bytes, length) = folder.read(list, first, count)?;
    let pieces = bytes.chunks_exact(length);
    let (marks, report) = match list {
        List::Ballots => {
            let of = |(index, stored)| folder.small.ballot(index, stored);
            let ballots: Vec<_> = (first..).zip(pieces).map(of).collect();
            let refused = |error| wrong(&folder.file("ballots.bin"), error);
            let (report, marks) = verify_shard(&contest, first, &ballots, None).map_err(refused)?;
            report.flaws().iter().for_each(bad);
            more(report.more_flaws());
            (marks, report.to_bytes())
        }
        List::Roll => {
            let entry = |piece: &[u8]| entry_from_bytes(piece.try_into().ok()?);
            let entries: Option<Vec<_>> = pieces.map(entry).collect();
            let entries = entries.ok_or_else(|| {
                wrong(&folder.file("roll.bin"), "an entry that is neither revoked nor not revoked")
            })?;
            let refused = |error| wrong(&folder.file("roll.bin"), error);
            let (report, marks) = verify_roll_shard(&contest, first, &entries).map_err(refused)?;
            if let Some((entry, error)) = report.undecodable() {
                println!("bad\t{entry}\t{}\t{error}", error.code());
            }
            (marks, report.to_bytes())
        }
    };
    write_marks(marks_into, &shard_name(list, first, count), &marks)?;
    say_report(&report);
    Ok(())
}

/// `bad⇥INDEX⇥CODE⇥TEXT`
pub fn bad(flaw: &BoxFlaw) {
    let Some(ballot) = flaw.ballot() else { return };
    let code = match flaw {
        BoxFlaw::Ballot { error, .. } => error.code(),
        other => other.code(),
    };
    println!("bad\t{ballot}\t{code}\t{flaw}");
}

pub fn more(flaws: u64) {
    if flaws > 0 {
        println!("more\t{flaws}");
    }
}

/// `report⇥HEX`
pub fn say_report(bytes: &[u8]) {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    println!("report\t{hex}");
}

/// Marks that a pass compares at once, as long as there are at most `2^MOST_BITS` passes.
const MARKS_A_PASS: u64 = 4_096;
const MOST_BITS: u32 = 6;

/// All marks of a bucket, of whatever shards, in passes, so that memory does not grow with the record.
pub fn join(folder: &Folder, bucket: u8) -> Result<(), Failure> {
    let contest = folder.contest()?;
    let place = folder.marks().join(format!("{bucket:02}"));
    let names = names(&place)?;
    check_whole(folder, &place, &names)?;
    let mut files = Vec::new();
    for file in names.iter().map(|name| place.join(name)) {
        let length = fs::metadata(&file).map_err(|error| FileError::new(&file, error))?.len();
        if !length.is_multiple_of(Mark::LENGTH as u64) {
            return Err(wrong(&file, "a mark is cut off").into());
        }
        files.push((file, length / Mark::LENGTH as u64));
    }
    let marks: u64 = files.iter().map(|(_, marks)| marks).sum();
    let bits = (0..MOST_BITS).find(|bits| marks >> bits <= MARKS_A_PASS).unwrap_or(MOST_BITS);
    // Four of the library's buckets are one of ours.
    let mut join = Join::in_passes(&contest, bucket * 4..=bucket * 4 + 3, bits);
    loop {
        for (file, marks) in &files {
            let failed = |error| FileError::new(file, error);
            // Of the roll, which ascends, a shard's marks can all be in one bucket.
            let mut marks_of = BufReader::with_capacity(Mark::LENGTH << 9, File::open(file).map_err(failed)?);
            let mut mark = [0; Mark::LENGTH];
            for _ in 0..*marks {
                marks_of.read_exact(&mut mark).map_err(failed)?;
                let mark = Mark::from_bytes(&mark).map_err(|error| wrong(file, error))?;
                join.take(&mark).map_err(|error| wrong(file, error))?;
            }
        }
        if !join.next_pass() {
            break;
        }
    }
    let report = join.finish();
    report.flaws().iter().for_each(bad);
    say_report(&report.to_bytes());
    Ok(())
}

/// That there is a file of every shard, and no two of one.
fn check_whole(folder: &Folder, place: &Path, files: &[String]) -> Result<(), FileError> {
    let mut shards = Vec::new();
    for name in files {
        shards.push((read_name(name).ok_or_else(|| wrong(&place.join(name), "no shard's marks"))?, name));
    }
    shards.sort_by_key(|((_, first, _), _)| *first);
    for list in List::BOTH {
        let mut next = 0;
        for ((_, first, count), name) in shards.iter().filter(|((of, ..), _)| *of == list) {
            if *first < next {
                return Err(wrong(&place.join(name), "these marks are in another shard's file too"));
            }
            if *first > next {
                break;
            }
            next = first.saturating_add(*count);
        }
        if next != folder.count(list) {
            let (list, all) = (list.name(), folder.count(list));
            let text = format!("marks of {list} from {next} on are missing, of {all}");
            return Err(wrong(place, text));
        }
    }
    Ok(())
}
