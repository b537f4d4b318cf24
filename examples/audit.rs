//! Audits a published record, counted or closed, and prints the nine steps.
//!
//! ```text
//! cargo run --release --example audit -- record.json
//! ```
//!
//! The exit status is 0 only if every step passed, 1 if the record is false in any way, 2 if the
//! file cannot be read, 3 if it is a closed record, not counted yet, in which all that is there holds, and 4 if the
//! report could not be written.

#[macro_use]
mod tool;

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use tool::{Failure, FileError, Progress};
use urne::AuditReport;

/// Checks a published election record: nine steps, each recomputed from the record alone.
#[derive(Parser)]
struct Arguments {
    /// The record, in JSON.
    file: PathBuf,
}

fn main() -> ExitCode {
    tool::run("Error:", || run(&tool::arguments()?))
}

fn run(Arguments { file }: &Arguments) -> Result<ExitCode, Failure> {
    let start = Instant::now();
    let report = audit(file).map_err(|error| FileError::new(file, error))?;
    if let Some(contest) = report.contest() {
        let (description, layout) = (contest.description(), contest.layout());
        println!("{} — {} ({})", shown(&description.election), shown(&description.title), description.number);
        println!(
            "{} lists, {} a slot, capacity {}",
            layout.lists(),
            layout.packing().get(),
            layout.capacity()
        );
        for ((panel, of), quorum) in contest.bureau().numbered().zip(contest.quorums()) {
            println!(
                "panel {panel}: {} of {} trustees open the tally, {quorum} endorse the closing",
                of.threshold,
                of.trustees.len()
            );
        }
        println!("fingerprint {}\n", contest.fingerprint());
    }
    print!("{report}");
    Ok(match report.verdict() {
        Ok(()) => {
            println!("\nThe record holds. ({:.2?})", start.elapsed());
            ExitCode::SUCCESS
        }
        Err(_) if report.verdict_of_closed().is_ok() => {
            println!("\nClosed, not counted: what is there holds. ({:.2?})", start.elapsed());
            ExitCode::from(3)
        }
        Err(_) => {
            println!("\nThe record does NOT hold.");
            ExitCode::FAILURE
        }
    })
}

/// A text of the record, which may be anybody's, without what would move the cursor or colour the screen.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
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
