//! How verification grows: time and peak memory from one ballot to a million, streamed from a file on one and
//! on two threads, next to the peer and to the limit (see `peers.rs`); 12 lists and blank.
//!
//! ```text
//! cargo bench --features parallel --bench scale
//! ```
//!
//! prints a table in Markdown and draws `benches/scale.svg` from its own numbers. Each line is a process of its
//! own, so that its peak memory is its own. The file holds a pool of 256 sealed ballots again and again:
//! verification looks at each ballot anew, and does not know that it has seen it. (In an election the same
//! ballot twice is refused, by the box and by the audit.)

mod support;

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use elastic_elgamal::app::{ChoiceParams, EncryptedChoice, SingleChoice};
use elastic_elgamal::{Keypair, group::Ristretto};
use rand_chacha::ChaCha20Rng;
use support::plot::{Plot, Series};
use support::{Limit, ballots, contest, only_testing, points_of_a_ballot};
use urne::ballot::{PartialSum, ballot_length, verify_stream};
use urne::rand_core::SeedableRng;

const LISTS: u8 = 12;
/// Ballots that share one multiscalar multiplication.
const PIECE: usize = 1024;
const SIZES: [usize; 8] = [1, 10, 100, 1_000, 10_000, 52_025, 200_000, 1_000_000];
/// The peer takes the same time for each ballot; more of them would only take longer.
const MOST_PEER: usize = 1_000;
/// So does the limit, from here on.
const MOST_LIMIT: usize = 52_025;
const THREADS: [usize; 2] = [1, 2];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|argument| argument == "measure") {
        Some(at) => measure(&arguments[at + 1], arguments[at + 2].parse().unwrap()),
        None => run(if only_testing() { &SIZES[..3] } else { &SIZES }),
    }
}

/// In a process of its own: verifies and adds up so many ballots from the file, and prints seconds and peak
/// memory in kB.
fn measure(file: &str, count: usize) {
    let contest = contest(LISTS);
    let mut file = BufReader::new(File::open(file).unwrap());
    let lines = (0..count).map(|_| {
        let mut ballot = vec![0; ballot_length(contest.contest().layout())];
        file.read_exact(&mut ballot).unwrap();
        ballot
    });
    let start = Instant::now();
    let mut sum = PartialSum::new(contest.contest());
    for (index, verdict) in (0..).zip(verify_stream(contest.contest(), lines, None)) {
        sum.add(index, &verdict.unwrap()).unwrap();
    }
    let elapsed = start.elapsed().as_secs_f64();
    assert_eq!(sum.finish(count as u64).unwrap().count(), count as u64);
    println!("{elapsed} {}", peak_memory());
}

/// Of this process, in kB; Linux only.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0)
}

fn run(sizes: &[usize]) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/scale-ballots.bin");
    write_ballots(&file, sizes.iter().copied().max().unwrap_or(1));
    let threads: &[usize] = if cfg!(feature = "parallel") { &THREADS } else { &THREADS[..1] };
    let ours: Vec<Vec<(f64, u64)>> = threads
        .iter()
        .map(|threads| sizes.iter().map(|size| in_process(&file, *size, *threads)).collect())
        .collect();
    std::fs::remove_file(&file).unwrap();

    println!("\n| ballots |{}", header(threads));
    println!("|---|{}", "---|---|".repeat(threads.len()));
    for (row, size) in sizes.iter().enumerate() {
        let cells: Vec<_> = ours
            .iter()
            .map(|rows| format!("{:.3} s | {:.0} MB", rows[row].0, rows[row].1 as f64 / 1024.0))
            .collect();
        println!("| {size} | {} |", cells.join(" | "));
    }
    if !only_testing() {
        plot(sizes, threads, &ours);
    }
}

fn header(threads: &[usize]) -> String {
    threads
        .iter()
        .map(|n| format!(" {n} thread{}: time | peak memory |", if *n == 1 { "" } else { "s" }))
        .collect()
}

fn write_ballots(file: &Path, count: usize) {
    let pool = ballots(&contest(LISTS), PIECE.min(count));
    let mut file = BufWriter::new(File::create(file).unwrap());
    for ballot in pool.iter().cycle().take(count) {
        file.write_all(ballot).unwrap();
    }
    file.flush().unwrap();
}

fn in_process(file: &PathBuf, count: usize, threads: usize) -> (f64, u64) {
    let output = Command::new(std::env::current_exe().unwrap())
        .arg("measure")
        .arg(file)
        .arg(count.to_string())
        .env("RAYON_NUM_THREADS", threads.to_string())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let (seconds, kilobytes) = text.trim().split_once(' ').unwrap();
    (seconds.parse().unwrap(), kilobytes.parse().unwrap())
}

fn plot(sizes: &[usize], threads: &[usize], ours: &[Vec<(f64, u64)>]) {
    // Microseconds a ballot.
    let each = |size: usize, seconds: f64| (size as f64, seconds * 1e6 / size as f64);
    let mut series =
        vec![Series::new("elastic-elgamal", sizes.iter().copied().filter(|n| *n <= MOST_PEER).map(peer))];
    for (threads, rows) in threads.iter().zip(ours) {
        let name = format!("urne, {threads} thread{}", if *threads == 1 { "" } else { "s" });
        series.push(Series::new(
            &name,
            sizes.iter().zip(rows).map(|(size, (seconds, _))| each(*size, *seconds)),
        ));
    }
    series
        .push(Series::new("limit, 1 thread", sizes.iter().copied().filter(|n| *n <= MOST_LIMIT).map(limit)));
    for line in &series {
        for (size, microseconds) in &line.points {
            println!("point {:?} {size} {microseconds:.1}", line.name);
        }
    }
    let svg = Plot {
        title: "Verifying ballots of 13 choices, from wire bytes",
        x: "ballots verified",
        y: "µs a ballot",
        series: &series,
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/scale.svg");
    std::fs::write(&path, svg.to_svg()).unwrap();
    println!("plot in {}", path.display());
}

fn peer(count: usize) -> (f64, f64) {
    let mut rng = ChaCha20Rng::seed_from_u64(6);
    let keys = Keypair::<Ristretto>::generate(&mut rng);
    let params = ChoiceParams::single(keys.public().clone(), usize::from(LISTS) + 1);
    let bytes = postcard::to_stdvec(&EncryptedChoice::single(&params, 1, &mut rng)).unwrap();
    let start = Instant::now();
    for _ in 0..count {
        let ballot: EncryptedChoice<Ristretto, SingleChoice> = postcard::from_bytes(&bytes).unwrap();
        ballot.verify(&params).unwrap();
    }
    (count as f64, start.elapsed().as_secs_f64() * 1e6 / count as f64)
}

/// In pieces, as there is nothing to gain from larger ones.
fn limit(count: usize) -> (f64, f64) {
    let points = points_of_a_ballot(&contest(LISTS));
    let whole = Limit::new(points * PIECE);
    let rest = Limit::new(points * (count % PIECE));
    let start = Instant::now();
    for _ in 0..count / PIECE {
        whole.run();
    }
    if !count.is_multiple_of(PIECE) {
        rest.run();
    }
    (count as f64, start.elapsed().as_secs_f64() * 1e6 / count as f64)
}
