//! What came of it: a line a room, and every survivor with its change.

use std::collections::{BTreeMap, HashMap};

use crate::mutant;
use crate::trial;
use crate::{Kept, Outcome};

#[derive(Default)]
struct Count {
    mutants: usize,
    caught: usize,
    survive: usize,
    unfinished: usize,
    unbuilt: usize,
    apart: usize,
    waiting: usize,
}

pub fn report(kept: &Kept) -> Outcome<()> {
    let mutants = mutant::read(&kept.path("list"))?;
    let known = trial::known(kept)?;
    let unbuilt = kept.read_if_there("unbuilt")?;
    let unbuilt: HashMap<&str, &str> = unbuilt.lines().filter_map(|line| line.split_once('\t')).collect();
    let mut rooms: BTreeMap<&str, Count> = BTreeMap::new();
    let (mut survivors, mut apart) = (String::new(), String::new());
    for mutant in &mutants {
        let count = rooms.entry(mutant.room()).or_default();
        count.mutants += 1;
        match (unbuilt.get(mutant.key.as_str()), known.get(&mutant.key)) {
            (Some(why), _) if why.starts_with("apart") => {
                count.apart += 1;
                apart += &format!("{}\t{why}\n", mutant.name);
            }
            (Some(_), _) => count.unbuilt += 1,
            (None, None) => count.waiting += 1,
            (None, Some(verdict)) if verdict.starts_with("caught") => count.caught += 1,
            (None, Some(verdict)) => {
                if verdict.starts_with("survives so far") {
                    count.unfinished += 1;
                } else {
                    count.survive += 1;
                }
                survivors += &format!("== {}\n{verdict}\n{}\n", mutant.name, mutant.diff);
            }
        }
    }
    kept.write("survivors", &survivors)?;
    kept.write("apart", &apart)?;
    println!(
        "| room | mutants | caught | do not build | survive | not with all tests yet | apart | not yet tried |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (room, count) in rooms {
        let Count { mutants, caught, survive, unfinished, unbuilt, apart, waiting } = count;
        println!(
            "| `{room}` | {mutants} | {caught} | {unbuilt} | {survive} | {unfinished} | {apart} | {waiting} |"
        );
    }
    println!("\nSurvivors: {}; apart: {}", kept.path("survivors").display(), kept.path("apart").display());
    Ok(())
}
