//! What the example prints.

use std::time::Instant;

use urne::{Contest, ElectionResult};

use crate::Arguments;
use crate::chart::chart;
use crate::tool::{Progress, width};

pub fn title(arguments: &Arguments) {
    println!("CSA ministériel de l'enseignement supérieur et de la recherche, décembre 2022");
    println!("{} ballots, {} lists and blank", arguments.ballots, arguments.lists);
    if let Some(seed) = arguments.seed {
        println!("seed {seed}: this run can be repeated, and its secrets are known to all");
    }
    println!(
        "Staged in one process: every role, the voters and their choices, the clock; one trustee who stays away"
    );
    println!("and one who cheats, where the bureau can spare them.\n");
}

/// Capacity, packing, panels and fingerprint.
pub fn contest(contest: &Contest) {
    let layout = contest.layout();
    println!(
        "    capacity {}, {} lists a slot, {} slots, {} bytes a ballot",
        layout.capacity(),
        layout.packing().get(),
        layout.slots(),
        urne::ballot::ballot_length(layout)
    );
    for ((panel, of), quorum) in contest.bureau().numbered().zip(contest.quorums()) {
        println!(
            "    panel {panel}: {} of {} trustees open the tally, {quorum} endorse the closing",
            of.threshold,
            of.trustees.len()
        );
    }
    println!("    fingerprint {}", contest.fingerprint());
}

/// A phase of the election, timed.
pub struct Phase {
    name: &'static str,
    start: Instant,
}

impl Phase {
    pub fn start(name: &'static str) -> Self {
        Phase { name, start: Instant::now() }
    }

    pub fn done(self, count: u64, what: &str) {
        let elapsed = self.start.elapsed();
        #[allow(clippy::cast_precision_loss)]
        let rate = count as f64 / elapsed.as_secs_f64();
        let (name, seconds) = (self.name, elapsed.as_secs_f64());
        if width() < 78 {
            println!("{name:<30} {seconds:>7.2} s {count:>8} {what}");
        } else {
            println!("{name:<32} {seconds:>9.3} s {count:>9} {what:<9} {rate:>9.0} /s");
        }
    }
}

/// A progress bar, which shows nothing where no one looks.
pub fn bar(length: u64) -> Progress {
    Progress::new(Some(length))
}

/// A bar chart of the result, with seats.
pub fn result(contest: &Contest, result: &ElectionResult, seats: u64) {
    println!("\nResult (shares of the votes for lists; seats by highest averages)\n");
    chart(&contest.description().lists, result, Some(seats));
    println!("\n  Shares other than those of UNSA and FERC CGT are invented.\n");
}
