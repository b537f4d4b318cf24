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

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use elastic_elgamal::app::{ChoiceParams, EncryptedChoice, SingleChoice};
use elastic_elgamal::{Keypair, group::Ristretto};
use rand_chacha::ChaCha20Rng;
use support::plot::{Plot, Series};
use support::{Limit, ballots, contest, only_testing, points_of_a_ballot};
use urne::ballot::{PartialSum, ballot_length, verify_stream};
use urne::rand_core::SeedableRng;
use urne::record::{
    ClosingRecord, ContestRecord, Hex, HexBytes, OpeningRecord, Outcome, ResultRecord, RollEntryRecord, Step,
    TallyRecord,
};
use urne::{AuditReport, Record};

const LISTS: u8 = 12;
/// Ballots that share one multiscalar multiplication.
const PIECE: usize = 1024;
const SIZES: [usize; 8] = [1, 10, 100, 1_000, 10_000, 52_025, 200_000, 1_000_000];
/// The peer takes the same time for each ballot; more of them would only take longer.
const MOST_PEER: usize = 1_000;
/// So does the limit, from here on.
const MOST_LIMIT: usize = 52_025;
const THREADS: [usize; 2] = [1, 2];
const AUDITED: [usize; 3] = [1_000, 52_025, 1_000_000];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let place = |word: &str| arguments.iter().position(|argument| argument == word);
    if let Some(at) = place("measure") {
        measure(&arguments[at + 1], arguments[at + 2].parse().unwrap());
    } else if let Some(at) = place("audit") {
        audit(arguments[at + 1].parse().unwrap());
    } else {
        run(if only_testing() { &SIZES[..3] } else { &SIZES });
        audits(if only_testing() { &AUDITED[..1] } else { &AUDITED });
    }
}

/// The audit of a whole record in memory, a voter on the roll for every ballot, on one thread and on two. What no
/// thread shares with another is the time of the main one.
fn audits(sizes: &[usize]) {
    let threads: &[usize] = if cfg!(feature = "parallel") { &THREADS } else { &THREADS[..1] };
    println!(
        "\n| ballots audited | threads | time | main thread | others | peak memory |\n|---|---|---|---|---|---|"
    );
    for size in sizes {
        let mut times = Vec::new();
        for threads in threads {
            let output = Command::new(std::env::current_exe().unwrap())
                .arg("audit")
                .arg(size.to_string())
                .env("RAYON_NUM_THREADS", threads.to_string())
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let text = String::from_utf8(output.stdout).unwrap();
            let numbers: Vec<f64> = text.split_whitespace().map(|number| number.parse().unwrap()).collect();
            let [elapsed, main, others, kilobytes] = numbers[..] else { panic!("{text}") };
            let megabytes = kilobytes / 1024.0;
            println!(
                "| {size} | {threads} | {elapsed:.2} s | {main:.2} s | {others:.2} s | {megabytes:.0} MB |"
            );
            times.push((elapsed, main, others));
        }
        if let [(one, ..), (two, main, others)] = times[..] {
            let bound = (main + others) / (main + others / 2.0);
            println!("two threads: {:.2} times one; by what they share, at most {bound:.2}", one / two);
        }
    }
}

/// In a process of its own: audits such a record, and prints seconds, CPU seconds of the main thread and of the others,
/// and peak memory in kB.
fn audit(count: usize) {
    let record = record(count);
    let before = threads_cpu();
    let start = Instant::now();
    let report = AuditReport::of(&record, &mut |_| ());
    let elapsed = start.elapsed().as_secs_f64();
    let after = threads_cpu();
    // The ballots are a pool that repeats, and nobody has signed anything; but all of it was looked at.
    assert_eq!(*report.outcome(Step::Ballots), Outcome::Passed);
    assert_eq!(*report.outcome(Step::Proofs), Outcome::Passed);
    assert!(matches!(report.outcome(Step::Result), Outcome::NotCarriedOut { .. } | Outcome::Failed(_)));
    println!("{elapsed} {} {} {}", after.0 - before.0, after.1 - before.1, peak_memory());
}

/// CPU seconds of the main thread and of all others; Linux only, where a tick is 10 ms.
fn threads_cpu() -> (f64, f64) {
    let main = std::process::id().to_string();
    let mut seconds = (0.0, 0.0);
    for thread in std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
        let ticks: f64 = fields.split(' ').skip(11).take(2).filter_map(|n| n.parse::<f64>().ok()).sum();
        let of = if *thread.file_name() == *main { &mut seconds.0 } else { &mut seconds.1 };
        *of += ticks / 100.0;
    }
    seconds
}

fn record(count: usize) -> Record {
    let approved = contest(LISTS);
    let none = Hex([0; 64]);
    let credentials = (1..=count as u64).map(|secret| {
        let credential = RistrettoPoint::mul_base(&Scalar::from(secret)).compress().to_bytes();
        RollEntryRecord { credential: Hex(credential), revoked: false }
    });
    let ballots: Vec<_> = ballots(&approved, count).into_iter().map(HexBytes).collect();
    let sums = vec![Hex([0; 32]); approved.contest().layout().slots()];
    Record {
        protocol: "urne/2".into(),
        contest: ContestRecord::from(approved.contest()),
        approvals: Vec::new(),
        opening: OpeningRecord { voters: count as u64, at: 0, box_signature: none, issuer_signature: none },
        roll: credentials.collect(),
        ballots,
        closing: ClosingRecord {
            size: count as u64,
            root: Hex([0; 32]),
            signings_digest: Hex([0; 32]),
            at: 0,
            box_signature: none,
            issuer_signature: none,
            endorsements: Vec::new(),
        },
        tally: TallyRecord { count: count as u64, nonce: Hex([0; 32]), sums },
        factors: Vec::new(),
        result: ResultRecord { votes: vec![0; LISTS.into()], blank: 0 },
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
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scale-ballots.bin");
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
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scale.svg");
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
