//! The vectors in `tests/vectors/negative`: what every wire form accepts and refuses, and with which error.
//! The README there explains the files to implementations in other languages.
//!
//! Those made from a good message are made again here and compared. `UPDATE_VECTORS=1 cargo test --test
//! negative_vectors` writes them anew.

use std::path::PathBuf;
use std::{env, fs};

use serde_json::Value;
use urne::record::{AuditReport, Outcome};
use urne::{ApprovedContest, Ballot, BallotReference, Record, VotingCode};

#[path = "negative/files.rs"]
mod files;
mod fixture;
#[path = "negative/layout.rs"]
mod layout;
#[path = "negative/voter.rs"]
mod voter;

use fixture::{forms, hex, unhex};

/// Files that are written by hand; what they hold is not made from anything.
const BY_HAND: [&str; 5] = ["point", "scalar", "ballot-reference", "voting-code", "record"];

/// Forms that have a file of their own; that of ballots is checked with the contest it names.
const FORMS: [&str; 25] = [
    "point",
    "commitment",
    "reveal",
    "complaint",
    "confirmation",
    "approval",
    "endorsement",
    "ready",
    "decryption-factors",
    "issue",
    "proposed-opening",
    "opening",
    "activation",
    "challenged-ballot",
    "partial-sum",
    "head",
    "emargement",
    "deposit-proof",
    "signed-closing",
    "signings",
    "merkle-path",
    "receipt",
    "acknowledgement",
    "voter-state",
    "dossier",
];

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/negative")
}

fn read(name: &str) -> Value {
    let path = directory().join(format!("{name}.json"));
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap()
}

/// The files that a test names are beside the others, one level up.
fn base(file: &Value, name: &str) -> String {
    fs::read_to_string(directory().join(file[name].as_str().unwrap())).unwrap()
}

/// The contest of the record of an independent implementation, and a ballot of it.
fn recorded() -> (ApprovedContest, Vec<u8>) {
    let json = fs::read(directory().join("../record.json")).unwrap();
    let record = Record::from_json(&json).unwrap();
    (record.contest().unwrap(), record.ballots[0].0.clone())
}

/// The name of an error: the variants of its `Debug` form from the outside in, without their fields and without
/// the steps of decoding; and its offset.
fn named(debug: &str) -> (String, Option<u64>) {
    let mut names = Vec::new();
    let mut rest = debug;
    loop {
        let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        if end == 0 {
            break;
        }
        names.push(&rest[..end]);
        match rest[end..].strip_prefix('(') {
            Some(inner) => rest = inner,
            None => break,
        }
    }
    names.retain(|name| !["Decode", "Memory"].contains(name));
    let offset = debug.split_once("offset: ").map(|(_, rest)| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap()
    });
    (names.join("/"), offset)
}

/// Checks the result of one test against what it says.
fn check(test: &Value, result: Result<(), String>) {
    let what = format!("{}: {}", test["id"], test["comment"]);
    match (test["result"].as_str(), result) {
        (Some("valid"), Ok(())) => assert!(test.get("error").is_none(), "{what}"),
        (Some("invalid"), Err(error)) => {
            let (name, offset) = named(&error);
            assert_eq!(test["error"], name, "{what}: {error}");
            if let Some(offset) = offset {
                assert_eq!(test["offset"], offset, "{what}");
            } else {
                assert!(test.get("offset").is_none(), "{what}");
            }
        }
        (_, result) => panic!("{what}: {result:?} where {} is expected", test["result"]),
    }
}

fn tests(file: &Value) -> &[Value] {
    file["tests"].as_array().unwrap()
}

fn bytes(test: &Value) -> Vec<u8> {
    unhex(test["bytes"].as_str().unwrap())
}

/// What decodes must encode to the same bytes.
fn check_form(name: &str) {
    let form = forms::form(name);
    for test in tests(&read(name)) {
        let bytes = bytes(test);
        check(test, (form.read)(&bytes).map(|again| assert_eq!(again, bytes, "{}", test["id"])));
    }
}

#[test]
fn attack_6_binary_forms_accept_and_refuse_what_the_vectors_say() {
    for name in FORMS {
        check_form(name);
    }
}

#[test]
fn attack_6_scalars_accept_and_refuse_what_the_vectors_say() {
    let proof = forms::form("proof").read;
    for test in tests(&read("scalar")) {
        // As the response of a proof, whose challenge is 0.
        let bytes = [vec![0; 32], bytes(test)].concat();
        let result = proof(&bytes).map(|again| assert_eq!(again, bytes));
        let result = result.map_err(|error| error.replace("offset: 32", "offset: 0"));
        check(test, result);
    }
}

#[test]
fn attack_6_ballots_accept_and_refuse_what_the_vectors_say() {
    let (contest, _) = recorded();
    for test in tests(&read("ballot")) {
        let verified = Ballot::from_bytes(contest.contest(), &bytes(test))
            .and_then(|ballot| ballot.verify(contest.contest()));
        check(test, verified.map(drop).map_err(|error| format!("{error:?}")));
    }
}

#[test]
fn attack_20_texts_accept_and_refuse_what_the_vectors_say() {
    for test in tests(&read("ballot-reference")) {
        let parsed = test["text"].as_str().unwrap().parse::<BallotReference>();
        check(test, parsed.map(drop).map_err(|error| format!("{error:?}")));
    }
    for test in tests(&read("voting-code")) {
        let parsed = test["text"].as_str().unwrap().parse::<VotingCode>();
        let read = parsed.map(|code| assert_eq!(test["bytes"], hex(code.expose_bytes().as_ref())));
        check(test, read.map_err(|error| format!("{error:?}")));
    }
}

#[test]
fn attack_20_records_fail_where_the_vectors_say() {
    let file = read("record");
    let base = base(&file, "base");
    for test in tests(&file) {
        let json = match (test["text"].as_str(), test["replace"].as_str()) {
            (Some(text), None) => text.as_bytes().to_vec(),
            (None, Some(old)) => {
                assert!(base.contains(old), "{}: nothing to replace", test["id"]);
                base.replacen(old, test["by"].as_str().unwrap(), 1).into_bytes()
            }
            _ => bytes(test),
        };
        let report = AuditReport::of_json(&json, &mut |_| ());
        let failed = report.outcomes().iter().find_map(|(step, outcome)| match outcome {
            Outcome::Failed(flaws) => Some((step.number(), &flaws.as_slice()[0])),
            _ => None,
        });
        match failed {
            None => {
                assert_eq!(report.verdict(), Ok(()));
                check(test, Ok(()));
            }
            Some((step, flaw)) => {
                assert_eq!(test["step"], step, "{}: {}\n{report}", test["id"], test["comment"]);
                // An offset is inside of a part here, and says nothing to a reader of the whole.
                check(test, Err(format!("{flaw:?}").replace("offset:", "inside:")));
            }
        }
    }
}

#[test]
fn the_vectors_are_those_that_are_made_from_good_messages() {
    let (contest, ballot) = recorded();
    let files = files::all(&contest, &ballot);
    for (name, file) in &files {
        let text = serde_json::to_string_pretty(file).unwrap() + "\n";
        let path = directory().join(format!("{name}.json"));
        if env::var_os("UPDATE_VECTORS").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == text, "{} is no longer what is made: see UPDATE_VECTORS", path.display());
    }
    // Nothing in the directory is neither made nor read.
    let mut known: Vec<_> = BY_HAND.into_iter().chain(files.iter().map(|(name, _)| *name)).collect();
    known.sort_unstable();
    let mut present: Vec<_> = fs::read_dir(directory())
        .unwrap()
        .filter_map(|entry| Some(entry.unwrap().file_name().to_str()?.strip_suffix(".json")?.to_owned()))
        .collect();
    present.sort_unstable();
    assert_eq!(present, known);
}

#[test]
fn every_test_of_a_file_has_an_id_of_its_own() {
    for entry in fs::read_dir(directory()).unwrap() {
        let path = entry.unwrap().path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".json")) else {
            continue;
        };
        let file = read(name);
        for (number, test) in (1..).zip(tests(&file)) {
            assert_eq!(test["id"], format!("{name}-{number}"));
        }
        let refused = tests(&file).iter().filter(|test| test["result"] == "invalid").count();
        assert!(refused > 0 && refused < tests(&file).len(), "{name}: both results must occur");
    }
}
