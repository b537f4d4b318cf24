//! Mutation testing in one build. Every mutant that `cargo mutants --list` names is planted in a copy of the library behind a
//! switch, `if crate::switch::on(17) { mutated } else { original }`; the tests are built once; each test says once which
//! switches it passes; then each mutant is tried with the tests that pass it, the quickest first, until one fails.
//!
//! `switches plant LIST SOURCE TREE` plants and builds, `switches reach TREE` asks the tests, `switches trial TREE [ROOM]…` tries, and
//! `switches report TREE` counts. What is known of a mutant is kept in TREE's `mutants/`, and the next trial goes on from there.

mod build;
mod mutant;
mod plant;
mod report;
mod tests;
mod trial;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub type Outcome<T> = Result<T, String>;

/// Where a tree keeps what it knows.
pub struct Kept {
    pub tree: PathBuf,
}

impl Kept {
    pub fn path(&self, name: &str) -> PathBuf {
        self.tree.join("mutants").join(name)
    }

    pub fn read(&self, name: &str) -> Outcome<String> {
        let path = self.path(name);
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Nothing where there is none yet.
    pub fn read_if_there(&self, name: &str) -> Outcome<String> {
        if self.path(name).exists() { self.read(name) } else { Ok(String::new()) }
    }

    pub fn write(&self, name: &str, text: &str) -> Outcome<()> {
        let path = self.path(name);
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
    }
}

fn run(arguments: &[String]) -> Outcome<()> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let kept = |tree: &str| -> Outcome<Kept> {
        let tree = Path::new(tree).canonicalize().map_err(|error| format!("{tree}: {error}"))?;
        let folder = tree.join("mutants");
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Kept { tree })
    };
    match words.as_slice() {
        ["plant", list, source, tree] => {
            std::fs::create_dir_all(tree).map_err(|error| format!("{tree}: {error}"))?;
            build::plant_and_build(&kept(tree)?, Path::new(list), Path::new(source))
        }
        ["reach", tree] => tests::reach(&kept(tree)?),
        ["trial", tree, rooms @ ..] => trial::trial(&kept(tree)?, rooms),
        ["report", tree] => report::report(&kept(tree)?),
        _ => Err("switches plant LIST SOURCE TREE | reach TREE | trial TREE [ROOM]… | report TREE".into()),
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("switches: {error}");
            ExitCode::FAILURE
        }
    }
}
