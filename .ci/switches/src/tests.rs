//! The tests, one by one, and which switches each passes.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use crate::{Kept, Outcome};

pub struct Test {
    pub binary: String,
    pub name: String,
    pub time: Duration,
    pub passed: BTreeSet<usize>,
}

#[derive(PartialEq, Eq, Debug)]
pub enum Verdict {
    Passed,
    /// The first that failed, where the harness still could say it.
    Failed(String),
    Late,
}

/// Kibibytes of address space: a mutant that asks for all memory gets none.
const MEMORY: &str = "8000000";

/// Runs some tests of one binary, one after the other.
pub fn run(
    kept: &Kept,
    binary: &str,
    names: &[&str],
    most: Duration,
    switch: (&str, &str),
    place: usize,
) -> Outcome<(Verdict, Duration)> {
    let output = kept.path(&format!("output-{place}"));
    let fault = |error: std::io::Error| format!("{binary}: {error}");
    let file = File::create(&output).map_err(fault)?;
    let mut child = Command::new("sh")
        .args([
            "-c",
            "ulimit -v \"$1\"; shift; exec \"$@\"",
            "sh",
            MEMORY,
            binary,
            "--exact",
            "--test-threads=1",
        ])
        .args(names)
        .current_dir(&kept.tree)
        .env("CARGO_MANIFEST_DIR", &kept.tree)
        .env("INSTA_WORKSPACE_ROOT", &kept.tree)
        .env("INSTA_UPDATE", "no")
        .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "true")
        .env("CI", "true")
        .env(switch.0, switch.1)
        .stdin(Stdio::null())
        .stdout(file)
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(fault)?;
    let (start, mut used) = (Instant::now(), Duration::ZERO);
    let status = loop {
        // Of the processor, so that a busy machine makes nobody late; but what only sleeps is late some day.
        used = processor(child.id()).unwrap_or(used);
        if let Some(status) = child.try_wait().map_err(fault)? {
            break status;
        }
        if used > most || start.elapsed() > most * 20 {
            child.kill().map_err(fault)?;
            child.wait().map_err(fault)?;
            return Ok((Verdict::Late, used));
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let text = String::from_utf8_lossy(&std::fs::read(&output).map_err(fault)?).into_owned();
    if status.success() {
        let all = format!("test result: ok. {} passed", names.len());
        return if text.contains(&all) {
            Ok((Verdict::Passed, used))
        } else {
            Err(format!("{binary}: ran other tests than asked"))
        };
    }
    let failed = text
        .lines()
        .find_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED").map(str::to_owned));
    Ok((Verdict::Failed(failed.unwrap_or_else(|| format!("one of {}", names.join(" ")))), used))
}

/// How long it has computed: in hundredths of a second, as Linux counts.
fn processor(process: u32) -> Option<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, after_its_name) = text.rsplit_once(')')?;
    let mut numbers =
        after_its_name.split_whitespace().skip(11).map_while(|number| number.parse::<u64>().ok());
    Some(Duration::from_millis((numbers.next()? + numbers.next()?) * 10))
}

pub fn short(binary: &str) -> &str {
    let name = Path::new(binary).file_name().and_then(|name| name.to_str()).unwrap_or(binary);
    name.rsplit_once('-').map_or(name, |(name, _)| name)
}

/// Asks every test of the unchanged code. One that fails there tells nothing, and is named. What a binary said that was not
/// built again since stays.
pub fn reach(kept: &Kept) -> Outcome<()> {
    let before = kept.read_if_there("tests")?;
    let (mut lines, mut waiting) = (String::new(), Vec::new());
    let binaries = kept.read("binaries")?;
    for binary in binaries.lines() {
        if written(&kept.path("tests")) > written(Path::new(binary)) {
            let own = |line: &&str| line.split('\t').next() == Some(binary);
            lines.extend(before.lines().filter(own).flat_map(|line| [line, "\n"]));
            continue;
        }
        let listed = Command::new(binary).args(["--list", "--format=terse"]).output();
        let listed = listed.map_err(|error| format!("{binary}: {error}"))?.stdout;
        let listed = String::from_utf8(listed).map_err(|error| format!("{binary}: {error}"))?;
        let names = listed.lines().filter_map(|line| line.strip_suffix(": test"));
        waiting.extend(names.map(|name| (binary, name.to_owned())));
    }
    let (lines, failed) = (Mutex::new(lines), AtomicUsize::new(0));
    in_turn(&waiting, |(binary, name), place| {
        let file = kept.path(&format!("passed-{place}"));
        std::fs::write(&file, "").map_err(|error| format!("{}: {error}", file.display()))?;
        let asking = ("SWITCHES_PASSED", file.to_str().ok_or("the tree's path is no UTF-8")?);
        let (verdict, used) = run(kept, binary, &[name], Duration::from_secs(600), asking, place)?;
        if verdict != Verdict::Passed {
            eprintln!("{} {name} fails without a mutant: left out", short(binary));
            failed.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        let passed = kept.read(&format!("passed-{place}"))?.replace('\n', " ");
        let mut lines = lines.lock().map_err(|_| "another test broke off")?;
        *lines += &format!("{binary}\t{name}\t{}\t{passed}\n", used.as_millis());
        Ok(())
    })?;
    let lines = lines.into_inner().map_err(|_| "another test broke off")?;
    eprintln!("{} tests, {} left out now", lines.lines().count(), failed.into_inner());
    kept.write("tests", &lines)
}

/// Does something with all of a list, `SWITCHES_JOBS` at a time, and stops at the first error. Each is told in which place it is.
pub fn in_turn<T: Sync>(list: &[T], work: impl Fn(&T, usize) -> Outcome<()> + Sync) -> Outcome<()> {
    let jobs = match std::env::var("SWITCHES_JOBS") {
        Ok(text) => text.parse().map_err(|_| format!("SWITCHES_JOBS: {text}?"))?,
        Err(_) => 1,
    };
    let next = AtomicUsize::new(0);
    let all = |place| -> Outcome<()> {
        while let Some(one) = list.get(next.fetch_add(1, Ordering::Relaxed)) {
            work(one, place).inspect_err(|_| next.store(list.len(), Ordering::Relaxed))?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs).map(|place| scope.spawn(move || all(place))).collect();
        let mut threads = threads.into_iter();
        threads.try_for_each(|thread| thread.join().map_err(|_| "a thread panicked".to_owned())?)
    })
}

fn written(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file).and_then(|data| data.modified()).ok()
}

pub fn read(kept: &Kept) -> Outcome<Vec<Test>> {
    let test = |line: &str| {
        let mut parts = line.split('\t');
        Some(Test {
            binary: parts.next()?.to_owned(),
            name: parts.next()?.to_owned(),
            time: Duration::from_millis(parts.next()?.parse().ok()?),
            passed: parts.next()?.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?,
        })
    };
    let text = kept.read("tests")?;
    text.lines()
        .map(|line| test(line).ok_or_else(|| format!("a line of `tests` is not understood: {line}")))
        .collect()
}
