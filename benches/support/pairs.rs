//! Measuring in pairs: ours, theirs, ours, theirs …, so that whatever else the machine does falls on both alike.
//!
//! Each side is timed over a block of whole batches that takes at least 50 ms. Every pair of neighbouring blocks
//! gives one ratio; what is printed is the median of these ratios with their quartiles.
//!
//! On Linux the time is what the thread spent on a processor, as the scheduler counts it: waiting for one that others
//! keep busy is nobody's work. Elsewhere, and where several threads are measured, it is the time on the wall.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// What a block takes at least.
const BLOCK: Duration = Duration::from_millis(50);
/// How many pairs there are.
const PAIRS: usize = 31;

/// One side: what is done once, and how many units (ballots, say) are done by it.
pub struct Side<F> {
    once: F,
    units: f64,
    /// So many times make a block.
    times: u32,
    clock: fn() -> Duration,
}

/// Of the thread on a processor, where the system tells.
fn processor_time() -> Duration {
    // The count is brought up to date when the thread gives up the processor.
    std::thread::yield_now();
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|counts| counts.split(' ').next()?.parse().ok());
    counted.map_or_else(wall_time, Duration::from_nanos)
}

fn wall_time() -> Duration {
    static BEGIN: OnceLock<Instant> = OnceLock::new();
    BEGIN.get_or_init(Instant::now).elapsed()
}

impl<F: FnMut()> Side<F> {
    pub fn new(units: usize, once: F) -> Self {
        Side { once, units: units as f64, times: 1, clock: processor_time }
    }

    /// Of several threads.
    pub fn threaded(units: usize, once: F) -> Self {
        Side { clock: wall_time, ..Side::new(units, once) }
    }

    fn block(&mut self) -> Duration {
        let start = (self.clock)();
        (0..self.times).for_each(|_| (self.once)());
        (self.clock)().saturating_sub(start)
    }

    /// Runs warm, and finds out how many times make a block.
    fn prepare(&mut self) {
        self.block();
        while self.block() < BLOCK {
            self.times *= 2;
        }
    }

    /// Seconds a unit.
    fn measure(&mut self) -> f64 {
        self.block().as_secs_f64() / f64::from(self.times) / self.units
    }
}

/// Ratios of many pairs, in ascending order.
pub struct Ratios(Vec<f64>);

impl Ratios {
    /// The quantile from 0 to 4, in quarters.
    fn quarter(&self, quarters: usize) -> f64 {
        self.0[(self.0.len() - 1) * quarters / 4]
    }

    pub fn median(&self) -> f64 {
        self.quarter(2)
    }

    pub fn print(&self, name: &str, against: &str) {
        println!("ratio {name} {against} {:.3} {:.3} {:.3}", self.median(), self.quarter(1), self.quarter(3));
    }
}

/// The first side's time a unit over the second's. With `--test` one pair, of one run each.
pub fn ratios(over: &mut Side<impl FnMut()>, under: &mut Side<impl FnMut()>) -> Ratios {
    let pairs = if super::only_testing() {
        1
    } else {
        over.prepare();
        under.prepare();
        PAIRS
    };
    let mut ratios: Vec<_> = (0..pairs).map(|_| over.measure() / under.measure()).collect();
    ratios.sort_by(f64::total_cmp);
    Ratios(ratios)
}
