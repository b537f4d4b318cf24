//! The page of requirements names tests, and they exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Names of all functions of the Rust files below a folder.
fn functions(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let tests = text.split("#[test]\n").skip(1).filter_map(|test| test.split("fn ").nth(1));
            names.extend(tests.filter_map(|test| test.split('(').next()).map(String::from));
        }
    }
}

#[test]
fn every_row_names_what_meets_it_and_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut known = BTreeSet::new();
    functions(&root.join("tests"), &mut known);
    functions(&root.join("src"), &mut known);
    let page = fs::read_to_string(root.join("src/requirements.md")).unwrap();
    let rows: Vec<Vec<_>> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
        .map(|line| line.split(" | ").collect())
        .collect();
    assert!(rows.len() > 40, "{} rows", rows.len());
    for row in rows.iter().filter(|row| row.last() != Some(&"tests")) {
        let met = row[row.len() - 2];
        assert!(!met.trim().is_empty(), "nothing meets {row:?}");
        let named: Vec<_> = row[row.len() - 1].split(", ").map(|name| name.trim_matches('`')).collect();
        let unknown: Vec<_> = named.iter().filter(|name| !known.contains(**name)).collect();
        assert!(unknown.is_empty(), "no such tests: {unknown:?}");
    }
}
