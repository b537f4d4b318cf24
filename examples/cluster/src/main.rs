//! One shard of an audit, and what puts shards together: the program that a cluster's workers run. `README.md` says how.

#[macro_use]
#[path = "../../tool.rs"]
mod tool;
#[path = "../../chart.rs"]
mod chart;
#[path = "../../verdict.rs"]
mod verdict;

mod cut;
mod folder;
mod judge;
mod usage;
mod work;

use std::io::stdin;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use folder::{BUCKETS, Folder, List};
use tool::{Failure, FileError, Line};

const USAGE: &str = "\
Audits a record in shards. The README beside this program says who does what where.

    urne-shard split RECORD FOLDER
        Cuts a record, in JSON, into ballots.bin, roll.bin and small.json.
    urne-shard verify FOLDER
        Verifies a run of ballots.
    urne-shard roll FOLDER
        Decodes a run of the roll.
    urne-shard join FOLDER [BUCKET]
        Compares the marks of a bucket, 0 to 63; without it, of a bucket a line of standard input.
    urne-shard merge FOLDER
        Merges the lines that were kept of all shards and joins in FOLDER/kept.
    urne-shard judge FOLDER
        Judges the record: the lines of merge come on standard input.

Of verify and roll:

    --first K
        The first of the run, from 0. Without it, first and number a line of standard input.
    --count N
        How many. Without it, all that are left.
    --marks FOLDER
        Where marks are written, if not into FOLDER/marks.

Of judge:

    --fingerprint HEX
        The contest that is meant: its fingerprint, from the trustees.
    --seats N
        How many seats there are, to be shown by highest averages.

Of all:

    --usage FILE
        Adds a line to this file: the command, its CPU seconds, its greatest memory in kB.

Lines out are separated by tabs, numbers in them count from 0, and a report comes last. The status is 0 whatever is \
wrong with the record, but for judge, whose status is that of an audit: 0 it holds, 1 it is false, 3 it is closed and \
not counted. It is 2 when a file cannot be read or written, or parts do not fit together, \
and 4 when standard output cannot be written.
";

fn main() -> ExitCode {
    tool::run("Error:", || {
        let line = Line::read(USAGE, 3)?;
        let status = run(&line)?;
        if let (Some(file), Some(command)) = (line.option::<PathBuf>("usage")?, line.words.first()) {
            usage::note(&file, command)?;
        }
        Ok(status)
    })
}

fn run(line: &Line) -> Result<ExitCode, Failure> {
    let words: Vec<_> = line.words.iter().map(String::as_str).collect();
    match *words {
        ["split", record, folder] => cut::split(Path::new(record), Path::new(folder))?,
        ["verify", folder] => said(shards(line, folder, List::Ballots))?,
        ["roll", folder] => said(shards(line, folder, List::Roll))?,
        ["join", folder] => said(join(folder, None))?,
        ["join", folder, bucket] => said(join(folder, Some(bucket)))?,
        ["merge", folder] => judge::merge(&Folder::open(Path::new(folder))?)?,
        ["judge", folder] => {
            let (fingerprint, seats) = (line.option("fingerprint")?, line.option("seats")?);
            return judge::judge(&Folder::open(Path::new(folder))?, fingerprint, seats);
        }
        _ => return Err(tool::wrong("which command, on what?")),
    }
    Ok(ExitCode::SUCCESS)
}

fn shards(line: &Line, folder: &str, list: List) -> Result<(), Failure> {
    let folder = Folder::open(Path::new(folder))?;
    let marks = line.option("marks")?.unwrap_or_else(|| folder.marks());
    let run = |first, count| work::shard(&folder, list, first, count, &marks);
    match (line.option("first")?, line.option("count")?) {
        (Some(first), count) => run(first, count),
        (None, Some(_)) => Err(tool::wrong("--count needs --first")),
        (None, None) => lines(|line| {
            let (first, count) = line.split_once('\t')?;
            Some(run(first.parse().ok()?, Some(count.parse().ok()?)))
        }),
    }
}

fn join(folder: &str, bucket: Option<&str>) -> Result<(), Failure> {
    let folder = Folder::open(Path::new(folder))?;
    let join = |bucket: &str| {
        let bucket = bucket.parse().ok().filter(|bucket| *bucket < BUCKETS)?;
        Some(work::join(&folder, bucket))
    };
    match bucket {
        Some(bucket) => join(bucket).unwrap_or_else(|| Err(tool::wrong("buckets are 0 to 63"))),
        None => lines(join),
    }
}

/// Does what each line of standard input asks for; `None` if it makes no sense.
fn lines(mut work: impl FnMut(&str) -> Option<Result<(), Failure>>) -> Result<(), Failure> {
    for line in stdin().lines() {
        let line = line.map_err(|error| FileError::new("standard input".as_ref(), error))?;
        work(&line).unwrap_or_else(|| {
            Err(folder::wrong("standard input".as_ref(), format_args!("{line:?} is no shard")).into())
        })?;
    }
    Ok(())
}

/// What went wrong is a line too, for the driver: standard error stays with the worker.
fn said(outcome: Result<(), Failure>) -> Result<(), Failure> {
    outcome.inspect_err(|error| println!("error\t{error}"))
}
