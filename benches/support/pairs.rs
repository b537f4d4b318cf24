//! Measuring in pairs: ours, theirs, ours, theirs …, so that whatever else the machine does falls on both alike.
//!
//! Each side is timed over a block of whole batches that takes at least 50 ms. Every pair of neighbouring blocks
//! gives one ratio; what is printed is the median of these ratios with their quartiles.
//!
//! On Linux the time is what the thread spent on a processor, as the scheduler counts it: waiting for one that others
//! keep busy is nobody's work. Elsewhere, and where several threads are measured, it is the time on the wall.

use std::hint::black_box;
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
pub fn processor_time() -> Duration {
    // The count is brought up to date when the thread gives up the processor.
    std::thread::yield_now();
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|counts| counts.split(' ').next()?.parse().ok());
    counted.map_or_else(wall_time, Duration::from_nanos)
}

pub fn wall_time() -> Duration {
    static BEGIN: OnceLock<Instant> = OnceLock::new();
    BEGIN.get_or_init(Instant::now).elapsed()
}

impl<T, F: FnMut() -> T> Side<F> {
    pub fn new(units: usize, once: F) -> Self {
        Side { once, units: units as f64, times: 1, clock: processor_time }
    }

    /// Of several threads.
    pub fn threaded(units: usize, once: F) -> Self {
        Side { clock: wall_time, ..Side::new(units, once) }
    }

    fn block(&mut self) -> Duration {
        let start = (self.clock)();
        (0..self.times).for_each(|_| drop(black_box((self.once)())));
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

/// Seconds of something that is done once.
pub fn seconds(once: impl FnOnce()) -> f64 {
    let start = processor_time();
    once();
    processor_time().saturating_sub(start).as_secs_f64()
}

/// Seconds a unit of both sides, of many pairs.
pub struct Ratios(Vec<[f64; 2]>);

impl Ratios {
    /// The ratios of so many units and something more on each side.
    pub fn composed(mut self, units: f64, more: [f64; 2]) -> Self {
        for pair in &mut self.0 {
            *pair = [0, 1].map(|side| pair[side] * units + more[side]);
        }
        self
    }

    /// Every ratio times this.
    pub fn times(mut self, factor: f64) -> Self {
        self.0.iter_mut().for_each(|[over, _]| *over *= factor);
        self
    }

    /// The median and the quartiles below and above it.
    fn quartiles(&self) -> [f64; 3] {
        let mut ratios: Vec<_> = self.0.iter().map(|[over, under]| over / under).collect();
        ratios.sort_by(f64::total_cmp);
        [2, 1, 3].map(|quarters| ratios[(ratios.len() - 1) * quarters / 4])
    }

    pub fn print(&self, name: &str, against: &str) {
        let [median, first, third] = self.quartiles();
        // Small ones with as many digits that say something.
        let digits = if median < 0.1 { 5 } else { 3 };
        println!("ratio {name} {against} {median:.digits$} {first:.digits$} {third:.digits$}");
    }
}

/// The first side's time a unit over the second's. With `--test` one pair, of one run each.
pub fn ratios<T, U>(over: &mut Side<impl FnMut() -> T>, under: &mut Side<impl FnMut() -> U>) -> Ratios {
    let pairs = if super::only_testing() {
        1
    } else {
        over.prepare();
        under.prepare();
        PAIRS
    };
    Ratios((0..pairs).map(|_| [over.measure(), under.measure()]).collect())
}
