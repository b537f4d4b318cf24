//! Each mutant against the tests that pass its switch.

use std::collections::{BTreeMap, HashMap};
use std::fs::OpenOptions;
use std::io::Write;
use std::sync::Mutex;
use std::time::Duration;

use crate::mutant::{self, Mutant};
use crate::tests::{self, Test, Verdict};
use crate::{Kept, Outcome};

/// Tests are run in bundles that take about so long, the quick ones first: most mutants are caught by the first bundle.
const BUNDLES: [u64; 6] = [50, 150, 600, 2_500, 10_000, 40_000];

/// `SWITCHES_SECONDS`: no more tests for a mutant that lived through so many. It is written down as unfinished.
fn limit() -> Outcome<Duration> {
    match std::env::var("SWITCHES_SECONDS") {
        Ok(text) => text.parse().map(Duration::from_secs).map_err(|_| format!("SWITCHES_SECONDS: {text}?")),
        Err(_) => Ok(Duration::MAX),
    }
}

pub fn trial(kept: &Kept, rooms: &[&str]) -> Outcome<()> {
    let mutants = mutant::read(&kept.path("list"))?;
    let tests = tests::read(kept)?;
    let unbuilt = kept.read_if_there("unbuilt")?;
    let unbuilt: HashMap<&str, &str> = unbuilt.lines().filter_map(|line| line.split_once('\t')).collect();
    let known = known(kept)?;
    let settled =
        |mutant: &Mutant| known.get(&mutant.key).is_some_and(|verdict| verdict.starts_with("caught"));
    let mut waiting: Vec<&Mutant> = mutants
        .iter()
        .filter(|mutant| !unbuilt.contains_key(mutant.key.as_str()) && !settled(mutant))
        .collect();
    if !rooms.is_empty() {
        let place = |mutant: &Mutant| rooms.iter().position(|room| *room == mutant.room());
        waiting.retain(|mutant| place(mutant).is_some());
        waiting.sort_by_key(|mutant| place(mutant));
    }
    // What nobody knows yet goes first, then the survivors once more.
    waiting.sort_by_key(|mutant| known.contains_key(&mutant.key));
    let limit = limit()?;
    let results = OpenOptions::new().create(true).append(true).open(kept.path("results"));
    let results = Mutex::new(results.map_err(|error| format!("results: {error}"))?);
    tests::in_turn(&waiting, |mutant, place| {
        let verdict = one(kept, mutant, &tests, limit, place)?;
        let mut results = results.lock().map_err(|_| "another trial broke off")?;
        writeln!(results, "{}\t{verdict}", mutant.key).map_err(|error| format!("results: {error}"))?;
        if !verdict.starts_with("caught") {
            eprintln!("{verdict}: {}", mutant.name);
        }
        Ok(())
    })
}

/// The last word on each mutant.
pub fn known(kept: &Kept) -> Outcome<HashMap<String, String>> {
    let text = kept.read_if_there("results")?;
    let pairs = text.lines().filter_map(|line| line.split_once('\t'));
    Ok(pairs.map(|(key, verdict)| (key.to_owned(), verdict.to_owned())).collect())
}

fn one(kept: &Kept, mutant: &Mutant, tests: &[Test], limit: Duration, place: usize) -> Outcome<String> {
    let mut waiting: Vec<&Test> = tests.iter().filter(|test| test.passed.contains(&mutant.id)).collect();
    if waiting.is_empty() {
        return Ok("survives: no test passes it".into());
    }
    // Of two that are as quick, the one that passes fewer switches has more to do with this one.
    waiting.sort_by_key(|test| (test.time.as_millis() / 20, test.passed.len()));
    let (count, mut spent) = (waiting.len(), Duration::ZERO);
    let mut waiting = waiting.as_slice();
    for bundle in BUNDLES.iter().chain(std::iter::repeat(&BUNDLES[BUNDLES.len() - 1])) {
        if waiting.is_empty() {
            break;
        }
        if spent > limit {
            return Ok(format!(
                "survives so far: {} of {count} tests, {} s",
                count - waiting.len(),
                spent.as_secs()
            ));
        }
        let mut time = Duration::ZERO;
        let fits = |test: &&&Test| {
            time += test.time;
            time <= Duration::from_millis(*bundle)
        };
        let size = waiting.iter().take_while(fits).count().max(1);
        let (now, rest) = waiting.split_at(size);
        waiting = rest;
        let mut by_binary: BTreeMap<&str, Vec<&Test>> = BTreeMap::new();
        for test in now {
            by_binary.entry(&test.binary).or_default().push(test);
        }
        for (binary, tests) in by_binary {
            let names: Vec<&str> = tests.iter().map(|test| test.name.as_str()).collect();
            let time: Duration = tests.iter().map(|test| test.time).sum();
            let most = Duration::from_secs(3) + time * 8;
            spent += time;
            let id = mutant.id.to_string();
            let by = tests::short(binary);
            match tests::run(kept, binary, &names, most, ("SWITCH_ON", &id), place)?.0 {
                Verdict::Passed => {}
                Verdict::Failed(test) => return Ok(format!("caught by {by} {test}")),
                Verdict::Late => {
                    let (long, names) = (most.as_secs(), names.join(" "));
                    return Ok(format!("caught by time: over {long} s in {by} {names}"));
                }
            }
        }
    }
    Ok(format!("survives: {count} tests"))
}
