//! What an audit says, and its exit status, whoever looked at the record: one machine or many.

use std::process::ExitCode;

use urne::AuditReport;
use urne::record::Conclusion;

use crate::chart;

/// Everything but the conclusion.
pub fn show(report: &AuditReport, seats: Option<u64>) {
    if let Some(contest) = report.contest() {
        let layout = contest.layout();
        let (lists, packing) = (layout.lists(), layout.packing().get());
        println!("{lists} lists, {packing} a slot, capacity {}", layout.capacity());
        for ((panel, of), quorum) in contest.bureau().numbered().zip(contest.quorums()) {
            println!(
                "panel {panel}: {} of {} trustees open the tally, {quorum} endorse the closing",
                of.threshold,
                of.trustees.len()
            );
        }
    }
    println!("{report:#}");
    if let Some((contest, result)) = report.contest().zip(report.result()) {
        chart::chart(&contest.description().lists, result, seats);
        println!();
    }
}

/// What a reader must still do who has not said which contest is meant.
pub fn ask_for_fingerprint(report: &AuditReport) {
    if report.fingerprint().is_some() {
        println!(
            "That it is of the contest in question, its fingerprint says: compare it, or give --fingerprint."
        );
    }
}

pub fn status(report: &AuditReport) -> ExitCode {
    match report.conclusion() {
        Conclusion::Holds => ExitCode::SUCCESS,
        Conclusion::NotWhole => ExitCode::from(2),
        Conclusion::ClosedNotCounted => ExitCode::from(3),
        _ => ExitCode::FAILURE,
    }
}
