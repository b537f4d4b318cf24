//! What workers do: a shard of the ballots or of the roll, and the join of a bucket.

use std::fs;
use std::path::Path;

use urne::ballot_box::BoxFlaw;
use urne::record::shard::{Join, JoinReport, Mark, entry_from_bytes, verify_roll_shard, verify_shard};

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

/// All marks of a bucket, of whatever shards. The library's buckets are joined one after the other, so that memory is
/// that of one.
pub fn join(folder: &Folder, bucket: u8) -> Result<(), Failure> {
    let contest = folder.contest()?;
    let place = folder.marks().join(format!("{bucket:02}"));
    let files = names(&place)?;
    check_whole(folder, &place, &files)?;
    let mut all = JoinReport::nothing(&contest);
    for of_library in (0..4).map(|part| bucket * 4 + part) {
        let mut join = Join::new(&contest, of_library..=of_library);
        for file in files.iter().map(|name| place.join(name)) {
            let bytes = fs::read(&file).map_err(|error| FileError::new(&file, error))?;
            let (marks, rest) = bytes.as_chunks::<{ Mark::LENGTH }>();
            if !rest.is_empty() {
                return Err(wrong(&file, "a mark is cut off").into());
            }
            // The byte after the kind is the value's first.
            for mark in marks.iter().filter(|mark| mark[1] == of_library) {
                let mark = Mark::from_bytes(mark).map_err(|error| wrong(&file, error))?;
                join.take(&mark).map_err(|error| wrong(&file, error))?;
            }
        }
        all.merge(join.finish()).map_err(|error| wrong(&place, error))?;
    }
    all.flaws().iter().for_each(bad);
    say_report(&all.to_bytes());
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
