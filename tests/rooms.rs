//! The rooms of the house stand in the order of an election, and none names one that comes after it.

use std::fs;
use std::path::{Path, PathBuf};

/// In order; the cellar first.
const ROOMS: [&str; 10] = [
    "primitives",
    "bureau",
    "contest",
    "credential",
    "ballot",
    "ballot_box",
    "tally",
    "trustee",
    "record",
    "voter",
];

fn place(room: &str) -> Option<usize> {
    ROOMS.iter().position(|name| *name == room)
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Names that follow `crate::` in a line of code: the first of a path, or all that stand in its braces.
fn named(line: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut names = Vec::new();
    for after in line.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            Some(group) => names.extend(group.split(',').map(word)),
            None => names.push(word(after)),
        }
    }
    names
}

/// A noun of the front page counts as the room that it comes from.
fn room_of_noun(library: &str, noun: &str) -> Option<usize> {
    let uses = library.split("pub use ").skip(1);
    let of = uses.filter(|text| {
        let text = text.split(';').next().unwrap();
        text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == noun)
    });
    of.filter_map(|text| place(text.split("::").next().unwrap())).next()
}

#[test]
fn no_room_names_a_later_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let library = fs::read_to_string(root.join("lib.rs")).unwrap();
    let mut files = Vec::new();
    sources(&root, &mut files);
    let (mut checked, mut arrows, mut wrong) = (0, 0, Vec::new());
    for file in &files {
        let inside = file.strip_prefix(&root).unwrap();
        let room = inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs");
        // What the unit tests of all rooms share, and the front page.
        let Some(own) = place(room) else {
            assert!(["lib", "test_support", "test_vectors"].contains(&room), "{room} is no room");
            continue;
        };
        checked += 1;
        for (number, line) in (1..).zip(fs::read_to_string(file).unwrap().lines()) {
            let code = line.split("//").next().unwrap();
            for name in named(code) {
                let Some(other) = place(&name).or_else(|| room_of_noun(&library, &name)) else {
                    let shared = ["test_support", "test_vectors"].contains(&name.as_str());
                    assert!(shared, "{}:{number}: crate::{name} is in no room", inside.display());
                    continue;
                };
                arrows += 1;
                if other > own {
                    wrong.push(format!("{}:{number}: {room} names {}", inside.display(), ROOMS[other]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // So that the test cannot pass by having looked at nothing.
    assert!(checked > 60 && arrows > 200, "{checked} files, {arrows} arrows");
}

#[test]
fn names_are_found_where_they_stand() {
    assert_eq!(named("use crate::ballot::Ballot;"), ["ballot"]);
    assert_eq!(named("use crate::{record, voter};"), ["record", "voter"]);
    assert_eq!(named("let x = crate::tally::f(crate::Record::new());"), ["tally", "Record"]);
    let library = "pub use record::{AuditReport, Record};\npub use voter::VoterSession;";
    assert_eq!(room_of_noun(library, "Record"), place("record"));
    assert_eq!(room_of_noun(library, "VoterSession"), place("voter"));
    assert_eq!(room_of_noun(library, "Nobody"), None);
}
