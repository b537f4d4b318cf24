//! Audits a published record, counted or closed: who won, and the nine steps that show it.
//!
//! ```text
//! cargo run --release --example audit -- record.json --fingerprint HEX --seats 15
//! ```
//!
//! Anyone can make a record that holds, of a contest of their own. The fingerprint is what the trustees published
//! before the opening; without it, compare the one that is shown.
//!
//! The exit status is 0 only if every step passed, 1 if the record is false in any way, 2 if the file cannot be read
//! or is cut short, 3 if it is a closed record, not counted yet, in which all that is there holds, and 4 if the report
//! could not be written.

#[macro_use]
mod tool;
mod chart;
mod verdict;

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use tool::{Failure, FileError, Line, Progress};
use urne::AuditReport;

const USAGE: &str = "\
Checks a published election record: nine steps, each recomputed from the record alone.

    audit [OPTIONS] FILE

The file is the record, in JSON.

    --fingerprint HEX
        The contest that is meant: its fingerprint, from the trustees.
    --seats N
        How many seats there are, to be shown by highest averages.
";

fn main() -> ExitCode {
    tool::run("Error:", || run(&Line::read(USAGE, 1)?))
}

fn run(line: &Line) -> Result<ExitCode, Failure> {
    let (fingerprint, seats) = (line.option("fingerprint")?, line.option("seats")?);
    let file = Path::new(line.words.first().ok_or_else(|| tool::wrong("which record?"))?);
    let start = Instant::now();
    let mut report = audit(file).map_err(|error| FileError::new(file, error))?;
    if let Some(fingerprint) = fingerprint {
        report = report.expecting(fingerprint);
    }
    verdict::show(&report, seats);
    println!("{} ({:.2?})", report.conclusion(), start.elapsed());
    if fingerprint.is_none() {
        verdict::ask_for_fingerprint(&report);
    }
    Ok(verdict::status(&report))
}

/// Audits the file while it is read, so that it need not fit in memory.
fn audit(file: &Path) -> std::io::Result<AuditReport> {
    let spinner = Progress::new(None);
    let mut progress = |ballots: usize| spinner.set_position(ballots.try_into().unwrap_or(u64::MAX));
    let mut reader = serde_json::Deserializer::from_reader(BufReader::new(File::open(file)?));
    let report =
        AuditReport::of_stream(&mut reader, &mut progress).and_then(|report| reader.end().map(|()| report));
    spinner.finish_and_clear();
    match report {
        Ok(report) => Ok(report),
        Err(error) if error.is_io() => Err(error.into()),
        Err(error) => Ok(AuditReport::unreadable(&error)),
    }
}
