//! What the example prints.

use std::time::Instant;

use urne::{Contest, ElectionResult};

use crate::Arguments;
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
pub fn result(contest: &Contest, result: &ElectionResult, seats: &[u64]) {
    let lists = &contest.description().lists;
    let widest = lists.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(12);
    let cast: u64 = result.votes().iter().sum();
    let most = result.votes().iter().copied().chain([result.blank()]).max().unwrap_or(0).max(1);
    println!("\nResult (shares of the votes for lists; seats by highest averages)\n");
    // What is left beside the name, the votes, the share and the seats.
    let length = width().saturating_sub(widest + 31).clamp(3, 40);
    let row = |name: &str, votes: u64, tail: String| {
        let full = u128::from(votes) * length as u128 / u128::from(most);
        let bar: String = (0..full).map(|_| '█').collect();
        let padding = widest - name.chars().count();
        println!("  {name}{:padding$}  {bar:<length$} {votes:>7} {tail}", "");
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
