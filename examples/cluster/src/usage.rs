//! What a program took, as Linux counts it.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use crate::tool::FileError;

/// One write, so that lines of programs side by side stay whole.
pub fn note(file: &Path, command: &str) -> Result<(), FileError> {
    // Nanoseconds on a processor: the program is one thread.
    let counts = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let seconds = counts.split(' ').next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1e9;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    let line = format!("{command}\t{seconds:.6}\t{}\n", peak.unwrap_or("NaN"));
    let opened = File::options().append(true).create(true).open(file);
    opened.and_then(|mut file| file.write_all(line.as_bytes())).map_err(|error| FileError::new(file, error))
}
