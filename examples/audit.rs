//! Audits a published election record and prints the nine steps.
//!
//! ```text
//! cargo run --release --example audit -- record.json
//! ```
//!
//! The exit status is 0 only if every step passed, 1 if the record is false in any way, and 2 if the
//! file cannot be read.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use urne::audit::AuditReport;
use urne::record::Record;

/// Checks a published election record: nine steps, each recomputed from the record alone.
#[derive(Parser)]
struct Arguments {
    /// The record, in JSON.
    file: PathBuf,
}

fn main() -> ExitCode {
    let Arguments { file } = Arguments::parse();
    let json = match std::fs::read(&file) {
        Ok(json) => json,
        Err(error) => {
            eprintln!("{}: {error}", file.display());
            return ExitCode::from(2);
        }
    };
    if let Ok(record) = Record::from_json(&json) {
        let contest = &record.contest;
        println!("{} — {} ({})", contest.election, contest.title, contest.number);
        println!(
            "{} lists, {} trustees of whom {} open the tally, {} ballots\n",
            contest.lists.len(),
            contest.trustees.len(),
            contest.threshold,
            record.ballots.len()
        );
    }
    let start = Instant::now();
    let report = AuditReport::of_json(&json, &mut |_| {});
    print!("{report}");
    match report.verdict() {
        Ok(()) => {
            println!("\nThe record holds. ({:.2?})", start.elapsed());
            ExitCode::SUCCESS
        }
        Err(_) => {
            println!("\nThe record does NOT hold.");
            ExitCode::FAILURE
        }
    }
}
