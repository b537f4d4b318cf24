//! Copies the repository, plants its mutants, and takes out again those that the compiler refuses.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::mutant::{self, Mutant};
use crate::plant::{self, Planted};
use crate::{Kept, Outcome};

/// The profile of `Cargo.toml` that all is built in.
const PROFILE: &str = "mutants";

pub fn plant_and_build(kept: &Kept, list: &Path, source: &Path) -> Outcome<()> {
    let mutants = mutant::read(list)?;
    copy(source, &kept.tree, &mutants)?;
    let mut out: BTreeMap<usize, String> = BTreeMap::new();
    // A mutant that did not build last time, and has not changed, is not tried again.
    let before = kept.read_if_there("unbuilt")?;
    let before: HashMap<&str, &str> = before.lines().filter_map(|line| line.split_once('\t')).collect();
    for mutant in &mutants {
        if let Some(why) = before.get(mutant.key.as_str()) {
            out.insert(mutant.id, (*why).to_owned());
        }
    }
    for round in 1.. {
        let planted = plant_all(kept, source, &mutants, &out)?;
        for file in planted.values() {
            out.extend(file.apart.iter().map(|(id, why)| (*id, (*why).to_owned())));
        }
        let refused = check(kept, &planted)?;
        eprintln!("round {round}: the compiler refuses {} mutants", refused.len());
        let done = refused.is_empty();
        out.extend(refused);
        let line = |(id, why): (&usize, &String)| format!("{}\t{why}\n", mutants[*id].key);
        kept.write("unbuilt", &out.iter().map(line).collect::<String>())?;
        if done {
            break;
        }
    }
    std::fs::copy(list, kept.path("list")).map_err(|error| format!("{}: {error}", list.display()))?;
    let tests = build_tests(kept)?;
    kept.write("binaries", &(tests.join("\n") + "\n"))
}

/// All that git knows or would take, but the files that are planted. What is equal already stays untouched.
fn copy(source: &Path, tree: &Path, mutants: &[Mutant]) -> Outcome<()> {
    let planted: HashSet<&str> = mutants.iter().map(|mutant| mutant.file.as_str()).collect();
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(source)
        .output()
        .map_err(|error| format!("git: {error}"))?;
    let names = String::from_utf8(listed.stdout).map_err(|error| format!("git: {error}"))?;
    for name in
        names.split('\0').filter(|name| !name.is_empty() && !planted.contains(name) && *name != "src/lib.rs")
    {
        if source.join(name).is_file() {
            let bytes = std::fs::read(source.join(name)).map_err(|error| format!("{name}: {error}"))?;
            write_if_new(&tree.join(name), &bytes)?;
        }
    }
    let library =
        std::fs::read_to_string(source.join("src/lib.rs")).map_err(|error| format!("src/lib.rs: {error}"))?;
    let switch = plant::SWITCH.replace("COUNT", &mutants.len().to_string());
    write_if_new(&tree.join("src/lib.rs"), (library + &switch).as_bytes())
}

fn write_if_new(path: &Path, bytes: &[u8]) -> Outcome<()> {
    let fault = |error: std::io::Error| format!("{}: {error}", path.display());
    if std::fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(fault)?;
    }
    std::fs::write(path, bytes).map_err(fault)
}

fn plant_all(
    kept: &Kept,
    source: &Path,
    mutants: &[Mutant],
    out: &BTreeMap<usize, String>,
) -> Outcome<BTreeMap<String, Planted>> {
    let without = out.keys().copied().collect();
    let mut by_file: BTreeMap<&str, Vec<&Mutant>> = BTreeMap::new();
    for mutant in mutants {
        by_file.entry(&mutant.file).or_default().push(mutant);
    }
    let mut planted = BTreeMap::new();
    for (file, mutants) in by_file {
        let text = std::fs::read_to_string(source.join(file)).map_err(|error| format!("{file}: {error}"))?;
        let done = plant::plant(&text, &mutants, &without).map_err(|error| format!("{file}: {error}"))?;
        write_if_new(&kept.tree.join(file), done.text.as_bytes())?;
        planted.insert(file.to_owned(), done);
    }
    Ok(planted)
}

fn cargo(kept: &Kept, arguments: &[&str]) -> Outcome<(bool, Vec<Value>)> {
    let output = Command::new("cargo")
        .args(arguments)
        .args(["--package", "urne", "--lib", "--tests", "--profile", PROFILE, "--message-format", "json"])
        .current_dir(&kept.tree)
        .env("RUSTFLAGS", "--cap-lints=allow")
        .env("CARGO_TARGET_DIR", kept.path("target"))
        .env("INSTA_WORKSPACE_ROOT", &kept.tree)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    let text = String::from_utf8(output.stdout).map_err(|error| format!("cargo: {error}"))?;
    let lines = text
        .lines()
        .map(|line| serde_json::from_str(line).map_err(|error| format!("cargo: {error}: {line}")));
    Ok((output.status.success(), lines.collect::<Outcome<_>>()?))
}

/// Each mutant that an error points at, with the error.
fn check(kept: &Kept, planted: &BTreeMap<String, Planted>) -> Outcome<BTreeMap<usize, String>> {
    let (built, messages) = cargo(kept, &["check"])?;
    let mut refused = BTreeMap::new();
    let mut unknown = Vec::new();
    for message in messages.iter().map(|message| &message["message"]) {
        if message["level"].as_str() != Some("error") || message["spans"].as_array().is_none_or(Vec::is_empty)
        {
            continue;
        }
        let text = message["message"].as_str().unwrap_or_default().replace(['\n', '\t'], " ");
        let why = format!("{}: {text}", message["code"]["code"].as_str().unwrap_or("error"));
        let found = blame(message, planted);
        if found.is_empty() {
            unknown.push(message["rendered"].as_str().unwrap_or_default().to_owned());
        }
        // A function that is known at compile time asks no switch: no word about the mutant itself.
        let why = if why.starts_with("E0015") { format!("apart: {why}") } else { why };
        refused.extend(found.into_iter().map(|id| (id, why.clone())));
    }
    if !built && refused.is_empty() {
        return Err(format!("it does not build, and no mutant is to blame:\n{}", unknown.join("\n")));
    }
    Ok(refused)
}

fn blame(message: &Value, planted: &BTreeMap<String, Planted>) -> Vec<usize> {
    let mut places = Vec::new();
    for span in message["spans"].as_array().into_iter().flatten() {
        // Out of the macros it comes from.
        let mut outermost = span;
        while outermost["expansion"]["span"].is_object() {
            outermost = &outermost["expansion"]["span"];
        }
        let number = |name: &str| outermost[name].as_u64().and_then(|number| usize::try_from(number).ok());
        if let (Some(file), Some(start), Some(end)) =
            (outermost["file_name"].as_str(), number("byte_start"), number("byte_end"))
        {
            places.push((file, start..end, span["is_primary"].as_bool() == Some(true)));
        }
    }
    let overlap = |one: &Range<usize>, other: &Range<usize>| one.start < other.end && other.start < one.end;
    // First what it points at, then what it mentions, then all mutants around that.
    for primary in [true, false] {
        let mut found = Vec::new();
        for (file, range, _) in places.iter().filter(|place| place.2 == primary) {
            let own = planted.get(*file).into_iter().flat_map(|planted| &planted.own);
            found.extend(own.filter(|(own, _)| overlap(own, range)).map(|(_, id)| *id));
        }
        if !found.is_empty() {
            return found;
        }
    }
    for (file, range, _) in places {
        let around = planted.get(file).into_iter().flat_map(|planted| &planted.around);
        let holds = around.filter(|(around, _)| around.start <= range.start && range.end <= around.end);
        if let Some((_, ids)) = holds.min_by_key(|(around, _)| around.len()) {
            return ids.clone();
        }
    }
    Vec::new()
}

fn build_tests(kept: &Kept) -> Outcome<Vec<String>> {
    let (built, messages) = cargo(kept, &["test", "--no-run"])?;
    if !built {
        let rendered = messages.iter().filter_map(|message| message["message"]["rendered"].as_str());
        return Err(format!("the tests do not build:\n{}", rendered.collect::<String>()));
    }
    let tests = messages.iter().filter(|message| message["profile"]["test"].as_bool() == Some(true));
    Ok(tests.filter_map(|message| message["executable"].as_str().map(str::to_owned)).collect())
}
