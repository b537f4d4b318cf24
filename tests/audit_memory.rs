//! Row 20: what an audit takes and says is a small multiple of what it reads, whatever stands there. Measured by an
//! allocator, in a process of its own.

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use urne::AuditReport;
use urne::record::shard::ShardReport;
use urne::record::{Conclusion, Hex, Outcome, RollEntryRecord, Step};

/// Counts the bytes that are held, and the most that ever were.
struct Measured;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

fn taken(bytes: usize) {
    let held = HELD.fetch_add(bytes, Ordering::Relaxed) + bytes;
    MOST.fetch_max(held, Ordering::Relaxed);
}

fn given_back(bytes: usize) {
    HELD.fetch_sub(bytes, Ordering::Relaxed);
}

// What moves to a larger place is held twice for a moment, as the default `realloc` does it.
unsafe impl GlobalAlloc for Measured {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        given_back(layout.size());
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Measured = Measured;

/// One test at a time, since all share one allocator.
static ALONE: Mutex<()> = Mutex::new(());

/// The result, and the most bytes that were held at once beyond those that were before.
fn measured<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let result = work();
    (result, MOST.load(Ordering::Relaxed) - before)
}

const SIZE: usize = 12_000_000;
/// Where each ballot or entry takes its time.
const LESS: usize = 1_000_000;
/// What is held at most for a byte of the record.
const TIMES: usize = 16;

/// A good record, cut before and after its list of this name.
fn around(name: &str) -> (String, String) {
    let path = format!("{}/tests/vectors/record.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let open = format!("\"{name}\": [");
    let start = text.find(&open).unwrap() + open.len();
    let end = start + text[start..].find(']').unwrap();
    (text[..start].to_owned(), text[end..].to_owned())
}

/// Ballots until the record is large: after the contest, as this crate writes them, or before it.
fn with_ballots(size: usize, ballot: impl Fn(usize, &mut String), first: bool) -> String {
    let (before, after) = around("ballots");
    let mut ballots = String::with_capacity(size + 2_000);
    for number in 0.. {
        if ballots.len() >= size {
            break;
        }
        ballots.push_str(if number == 0 { "\"" } else { ",\"" });
        ballot(number, &mut ballots);
        ballots.push('"');
    }
    if first {
        let rest = before.trim_end().strip_suffix("\"ballots\": [").unwrap().trim_start();
        let rest =
            rest.strip_prefix('{').unwrap().to_owned() + after[1..].trim_start().strip_prefix(',').unwrap();
        format!("{{\"ballots\":[{ballots}],{rest}")
    } else {
        format!("{before}{ballots}{after}")
    }
}

fn check(name: &str, record: &str, failed: &[Step]) {
    let (report, most) = measured(|| AuditReport::of_json(record.as_bytes(), &mut |_| ()));
    println!("{name}: {:.1} bytes a byte", most as f64 / record.len() as f64);
    assert_eq!(report.conclusion(), Conclusion::False);
    for step in failed {
        assert!(matches!(report.outcome(*step), Outcome::Failed(_)), "{name}, {step}");
    }
    let (text, most_of_text) = measured(|| report.to_string());
    assert!(text.len() < 20_000, "{name}: {} bytes", text.len());
    assert!(most_of_text < 100_000, "{name}: {most_of_text} bytes");
    assert!(most <= TIMES * record.len(), "{name}: {most} bytes for {}", record.len());
}

#[test]
fn attack_20_an_audit_takes_and_says_a_small_multiple_of_what_it_reads() {
    let _alone = ALONE.lock();
    let path = format!("{}/tests/vectors/record.json", env!("CARGO_MANIFEST_DIR"));
    let good = urne::Record::from_json(&std::fs::read(path).unwrap()).unwrap();
    let ballot = serde_json::to_string(&good.ballots[0]).unwrap();
    let ballot = ballot.trim_matches('"');
    let wrong = [Step::Ballots, Step::References];
    for first in [false, true] {
        let order = if first { ", before the contest" } else { "" };
        let name = |what: &str| format!("{what}{order}");
        let of = |size, write: &dyn Fn(usize, &mut String)| with_ballots(size, write, first);
        check(&name("empty ballots"), &of(SIZE, &|_, _| ()), &wrong);
        // As many different ones as there can be.
        let short = |number: usize, text: &mut String| write!(text, "{number:06x}").unwrap();
        check(&name("three bytes each"), &of(SIZE, &short), &wrong);
        let copies = |_: usize, text: &mut String| text.push_str(ballot);
        check(&name("copies of one ballot"), &of(LESS, &copies), &[Step::Roll, Step::References]);
        // Of the right length, and no points.
        let bent = |number: usize, text: &mut String| {
            text.push_str(&ballot[..4]);
            write!(text, "{number:064x}").unwrap();
            text.push_str(&ballot[68..]);
        };
        check(&name("ballots that are no points"), &of(LESS, &bent), &wrong);
        let long = |_: usize, text: &mut String| text.push_str(&"0".repeat(SIZE));
        check(&name("one long ballot"), &of(SIZE, &long), &[Step::Ballots]);
    }

    let (before, after) = around("roll");
    let entry = serde_json::to_string(&good.roll[0]).unwrap();
    let entries = vec![entry; LESS / 96].join(",");
    check("a roll of one credential", &format!("{before}{entries}{after}"), &[Step::Roll]);
    let multiples = (1..LESS as u64 / 96).map(|number| {
        let credential = RistrettoPoint::mul_base(&Scalar::from(number)).compress().to_bytes();
        serde_json::to_string(&RollEntryRecord { credential: Hex(credential), revoked: false }).unwrap()
    });
    let entries = multiples.collect::<Vec<_>>().join(",");
    check("a large roll", &format!("{before}{entries}{after}"), &[Step::Roll]);
}

/// A report of a shard that names many runs of ballots, each with as many subtrees as a run of its length has, and ends
/// before their roots.
#[test]
fn attack_20_a_report_of_many_runs_takes_a_small_multiple_of_its_bytes() {
    let _alone = ALONE.lock();
    let runs = 100_000u64;
    let mut bytes = vec![0x70, 2];
    bytes.extend([7; 32]);
    bytes.extend(runs.to_le_bytes());
    for run in 0..runs {
        bytes.extend(((run << 34) + 1).to_le_bytes());
        bytes.extend((((run + 1) << 34) - 1).to_le_bytes());
    }
    let (read, most) = measured(|| ShardReport::from_bytes(&bytes));
    assert!(matches!(read, Err(urne::DecodeError::TooShort { .. })), "{read:?}");
    assert!(most <= TIMES * bytes.len(), "{most} bytes for {}", bytes.len());
}
