//! What the example prints.

use std::io::IsTerminal;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use urne::{Contest, ElectionResult};

use crate::Arguments;

pub fn title(arguments: &Arguments) {
    println!("CSA ministériel de l'enseignement supérieur et de la recherche, décembre 2022");
    println!("{} ballots, {} lists and blank", arguments.ballots, arguments.lists);
    if let Some(seed) = arguments.seed {
        println!("seed {seed}: this run can be repeated, and its secrets are known to all");
    }
    println!();
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
        println!(
            "{:<32} {:>9.3} s {:>9} {what:<9} {:>9.0} /s",
            self.name,
            elapsed.as_secs_f64(),
            count,
            rate
        );
    }
}

/// A progress bar, which shows nothing where no one looks.
pub fn bar(length: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("    {bar:40} {pos}/{len} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length).with_style(style)
}

/// A bar chart of the result, with seats.
pub fn result(contest: &Contest, result: &ElectionResult, seats: &[u64]) {
    const WIDTH: u64 = 40;
    let lists = &contest.description().lists;
    let widest = lists.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(12);
    let cast: u64 = result.votes().iter().sum();
    let most = result.votes().iter().copied().chain([result.blank()]).max().unwrap_or(0).max(1);
    println!("\nResult (shares of the votes for lists; seats by highest averages)\n");
    let row = |name: &str, votes: u64, tail: String| {
        let bar: String = (0..votes * WIDTH / most).map(|_| '█').collect();
        let padding = widest - name.chars().count();
        println!("  {name}{:padding$}  {bar:<40} {votes:>7} {tail}", "");
    };
    for ((name, votes), seats) in lists.iter().zip(result.votes()).zip(seats) {
        #[allow(clippy::cast_precision_loss)]
        let share = *votes as f64 * 100.0 / cast.max(1) as f64;
        let seats = if *seats == 0 {
            String::new()
        } else {
            format!("{seats:>3} {}", if *seats == 1 { "seat" } else { "seats" })
        };
        row(name, *votes, format!("{share:>6.2} % {seats}"));
    }
    row("(blank)", result.blank(), String::new());
    println!("\n  Shares other than those of UNSA and FERC CGT are invented.\n");
}
