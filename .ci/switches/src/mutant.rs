//! The list of `cargo mutants --list --json`.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use serde_json::Value;

use crate::Outcome;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    Value,
    Binary,
    Unary,
    Arm,
    Guard,
    Field,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

#[derive(Clone, Debug)]
pub struct Mutant {
    /// Its switch: the place in the list.
    pub id: usize,
    /// What it is called from one list to the next, while neither it nor the lines around it change.
    pub key: String,
    pub name: String,
    pub file: String,
    pub kind: Kind,
    pub replacement: String,
    pub span: Range<Place>,
    pub diff: String,
}

impl Mutant {
    pub fn room(&self) -> &str {
        let inside = self.file.trim_start_matches("src/");
        inside.split(['/', '.']).next().unwrap_or(inside)
    }
}

/// FNV-1a: the same number with every compiler, unlike the standard library's.
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

pub fn read(list: &Path) -> Outcome<Vec<Mutant>> {
    let text = std::fs::read_to_string(list).map_err(|error| format!("{}: {error}", list.display()))?;
    let values: Vec<Value> =
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", list.display()))?;
    let mut seen: HashMap<String, usize> = HashMap::new();
    let one = |(id, value): (usize, &Value)| {
        mutant(id, value, &mut seen)
            .ok_or_else(|| format!("mutant {id} of {} is not understood", list.display()))
    };
    values.iter().enumerate().map(one).collect()
}

fn mutant(id: usize, value: &Value, seen: &mut HashMap<String, usize>) -> Option<Mutant> {
    let kind = match value["genre"].as_str()? {
        "FnValue" => Kind::Value,
        "BinaryOperator" => Kind::Binary,
        "UnaryOperator" => Kind::Unary,
        "MatchArm" => Kind::Arm,
        "MatchArmGuard" => Kind::Guard,
        "StructField" => Kind::Field,
        _ => return None,
    };
    let place = |end: &str| {
        let number =
            |name: &str| value["span"][end][name].as_u64().and_then(|number| usize::try_from(number).ok());
        Some(Place { line: number("line")?, column: number("column")? })
    };
    let (file, diff) = (value["file"].as_str()?.to_owned(), value["diff"].as_str()?.to_owned());
    // Without the numbers of its lines, which move when others do.
    let lines: Vec<&str> = diff.lines().filter(|line| !line.starts_with("@@")).collect();
    let key = format!("{file} {:016x}", hash(&lines.join("\n")));
    let count = seen.entry(key.clone()).and_modify(|count| *count += 1).or_insert(0);
    Some(Mutant {
        id,
        key: format!("{key} {count}"),
        name: value["name"].as_str()?.to_owned(),
        file,
        kind,
        replacement: value["replacement"].as_str()?.to_owned(),
        span: place("start")?..place("end")?,
        diff,
    })
}
