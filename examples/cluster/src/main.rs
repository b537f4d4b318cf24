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

use clap::{Args, Parser, Subcommand};
use folder::{BUCKETS, Folder, List};
use tool::{Failure, FileError};
use urne::Fingerprint;

/// Audits a record in shards. Lines out are separated by tabs, numbers in them count from 0, and a report comes last. The
/// status is 0 whatever is wrong with the record, but for judge, whose status is that of an audit: 0 it holds, 1 it is
/// false, 3 it is closed and not counted. It is 2 when a file cannot be read or written, or parts do not fit together.
#[derive(Parser)]
#[command(name = "urne-shard")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Adds a line to this file: the command, its CPU seconds, its greatest memory in kB.
    #[arg(long, value_name = "FILE", global = true)]
    usage: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Cuts a record, in JSON, into ballots.bin, roll.bin and small.json in a folder.
    Split { record: PathBuf, folder: PathBuf },
    /// Verifies a run of ballots.
    Verify {
        folder: PathBuf,
        #[command(flatten)]
        run: Run,
    },
    /// Decodes a run of the roll.
    Roll {
        folder: PathBuf,
        #[command(flatten)]
        run: Run,
    },
    /// Compares the marks of a bucket, 0 to 63.
    Join {
        folder: PathBuf,
        /// Without it, a bucket a line of standard input.
        #[arg(value_parser = clap::value_parser!(u8).range(..i64::from(BUCKETS)))]
        bucket: Option<u8>,
    },
    /// Merges the lines that were kept of all shards and joins in FOLDER/kept.
    Merge { folder: PathBuf },
    /// Judges the record: the lines of merge come on standard input.
    Judge {
        folder: PathBuf,
        /// The contest that is meant: its fingerprint, from the trustees.
        #[arg(long, value_name = "HEX")]
        fingerprint: Option<Fingerprint>,
        /// How many seats there are, to be shown by highest averages.
        #[arg(long, value_name = "N")]
        seats: Option<u64>,
    },
}

#[derive(Args)]
struct Run {
    /// The first of them, from 0. Without it, first and number a line of standard input.
    #[arg(long, value_name = "K")]
    first: Option<u64>,
    /// How many. Without it, all that are left.
    #[arg(long, value_name = "N", requires = "first")]
    count: Option<u64>,
    /// Where marks are written, if not into FOLDER/marks.
    #[arg(long, value_name = "FOLDER")]
    marks: Option<PathBuf>,
}

fn main() -> ExitCode {
    tool::run("Error:", || {
        let Arguments { command, usage } = tool::arguments()?;
        let name = command.name();
        let status = command.run()?;
        if let Some(file) = usage {
            usage::note(&file, name)?;
        }
        Ok(status)
    })
}

impl Command {
    fn name(&self) -> &'static str {
        match self {
            Command::Split { .. } => "split",
            Command::Verify { .. } => "verify",
            Command::Roll { .. } => "roll",
            Command::Join { .. } => "join",
            Command::Merge { .. } => "merge",
            Command::Judge { .. } => "judge",
        }
    }

    fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Command::Split { record, folder } => cut::split(&record, &folder)?,
            Command::Verify { folder, run } => said(run.each(&folder, List::Ballots))?,
            Command::Roll { folder, run } => said(run.each(&folder, List::Roll))?,
            Command::Join { folder, bucket } => said(join(&folder, bucket))?,
            Command::Merge { folder } => judge::merge(&Folder::open(&folder)?)?,
            Command::Judge { folder, fingerprint, seats } => {
                return judge::judge(&Folder::open(&folder)?, fingerprint, seats);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Run {
    fn each(self, folder: &Path, list: List) -> Result<(), Failure> {
        let folder = Folder::open(folder)?;
        let marks = self.marks.unwrap_or_else(|| folder.marks());
        let run = |first, count| work::shard(&folder, list, first, count, &marks);
        match self.first {
            Some(first) => run(first, self.count),
            None => lines(|line| {
                let (first, count) = line.split_once('\t')?;
                Some(run(first.parse().ok()?, Some(count.parse().ok()?)))
            }),
        }
    }
}

fn join(folder: &Path, bucket: Option<u8>) -> Result<(), Failure> {
    let folder = Folder::open(folder)?;
    match bucket {
        Some(bucket) => work::join(&folder, bucket),
        None => lines(|line| {
            let bucket = line.parse().ok().filter(|bucket| *bucket < BUCKETS)?;
            Some(work::join(&folder, bucket))
        }),
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
