//! The files of what goes between server and voter, and of what a voter keeps.

use serde_json::Value;

use super::files::{BOX_HEAD, HEAD, VOTER, paths, simple};
use super::fixture::election;
use super::fixture::forms::good;
use super::layout::{Field, Tests, replaced};

use Field::{Bytes, Number};

const ACKNOWLEDGEMENT: [(&str, Field); 4] =
    [("fingerprint", Bytes(32)), ("at", Number), ("number", Number), ("reference", Bytes(32))];

pub fn acknowledgement() -> Value {
    simple(
        "acknowledgement",
        "62 ‖ 02 ‖ fingerprint ‖ LE64(at) ‖ LE64(number) ‖ reference; integers are below 2^53. Decoding only.",
        &[&HEAD, &ACKNOWLEDGEMENT],
    )
}

/// The parts of a receipt up to the path of its deposit proof.
fn receipt_fields() -> Vec<(&'static str, Field)> {
    let emargement = [("fingerprint of the émargement", Bytes(32))];
    let signed = [("at of the émargement", Number), ("signature of the émargement", Bytes(64))];
    let proof = [("number of the proof", Number), ("reference of the proof", Bytes(32)), ("index", Number)];
    [&ACKNOWLEDGEMENT[..], &emargement, &VOTER, &signed, &proof, &BOX_HEAD].concat()
}

/// There is none without a deposit proof, whose path takes all that is left.
pub fn receipt() -> Value {
    let good = &good("receipt")[..];
    let mut tests = Tests::new("receipt");
    let fixed = tests.damage_fields(good, &[&HEAD[..], &receipt_fields()].concat());
    let (head, node) = good.split_at(fixed);
    for (what, path, expected) in paths(node) {
        tests.add(format!("path: {what}"), &[head, &path].concat(), expected);
    }
    tests.into_file(
        "receipt",
        "61 ‖ 02 ‖ acknowledgement ‖ émargement ‖ deposit proof, each without its kind and version. Decoding only: the \
         parts are not compared.",
    )
}

pub fn voter_state() -> Value {
    let good = &good("voter-state")[..];
    let mut tests = Tests::new("voter-state");
    tests.damage(good, &[&HEAD[..], &[("state", Bytes(1)), ("time", Number)]].concat());
    for state in [0, 1, 3, 4] {
        tests.add(format!("state: {state}"), &replaced(good, 2, &[state]), None);
    }
    for state in [5, 255] {
        tests.add(format!("state: {state}"), &replaced(good, 2, &[state]), Some(("Number", Some(2))));
    }
    tests.into_file(
        "voter-state",
        "63 ‖ 02 ‖ state (1 byte: 0 not yet open, 1 open, 2 open and active, 3 voted, 4 closed) ‖ LE64 of its time, below \
         2^53.",
    )
}

/// Whoever reads it compares the reference with that of the ballot.
pub fn dossier() -> Value {
    let good = &good("dossier")[..];
    let mut tests = Tests::new("dossier");
    let ballot = election().closed().ballots()[1].len();
    let own = [("sent at", Number), ("length of the ballot", Bytes(8))];
    let mut fixed = tests.damage_fields(
        good,
        &[&HEAD[..], &[("fingerprint", Bytes(32)), ("opening", Bytes(32))], &VOTER, &own].concat(),
    );
    let length = fixed - 8;
    fixed += ballot;
    let reference = fixed + 8;
    let damaged = Some(("Digest", Some(reference)));
    let flipped = |at: usize| replaced(good, at, &[good[at] ^ 1]);
    tests.add("fingerprint: another", &flipped(2), damaged);
    tests.add("ballot: another first byte", &flipped(length + 8), damaged);
    tests.add("ballot: another last byte", &flipped(fixed - 1), damaged);
    tests.add("reference: another first byte", &flipped(reference), damaged);
    tests.add("reference: another last byte", &flipped(reference + 31), damaged);
    let short = Some(("TooShort", None));
    tests.add("ends in the ballot", &good[..fixed - 1], short);
    tests.add("ends before the number", &good[..fixed], short);
    tests.add("ends before the reference", &good[..reference], short);
    let number = |number: u64| replaced(good, fixed, &number.to_le_bytes());
    tests.add("number: 2^53 - 1", &number((1 << 53) - 1), None);
    tests.add("number: 2^53", &number(1 << 53), Some(("Number", Some(fixed))));
    for (what, claimed) in [("2^32", 1 << 32), ("2^64 - 1", u64::MAX)] {
        let bytes = replaced(good, length, &u64::to_le_bytes(claimed));
        tests.add(format!("length of the ballot: {what}"), &bytes, short);
    }
    let receipt = reference + 32;
    tests.add("ends before the receipt", &good[..receipt], short);
    tests.add("no receipt", &replaced(&good[..receipt + 1], receipt, &[0]), None);
    tests.add("no receipt, and then one", &replaced(good, receipt, &[0]), Some(("TooLong", None)));
    tests.add("receipt: 1, and none", &good[..receipt + 1], short);
    tests.add("receipt: 2", &replaced(good, receipt, &[2]), Some(("Number", Some(receipt))));
    tests.add("the last byte is missing", &good[..good.len() - 1], Some(("TooLong", None)));
    tests.add("a byte more", &[good, &[0]].concat(), Some(("TooLong", None)));
    tests.into_file(
        "dossier",
        "60 ‖ 02 ‖ fingerprint ‖ opening digest ‖ LE64(length) ‖ voter (1 to 256 bytes) ‖ LE64(sent at) ‖ \
         LE64(length) ‖ ballot ‖ LE64(number) ‖ reference ‖ 0, or 1 and a receipt without its kind and version; integers \
         are below 2^53. The reference is that of fingerprint and ballot. Decoding only: a device's own file.",
    )
}
