//! The record in JSON.

use serde_json::Value;
use urne::ballot_box::{Closing, SigningsDigest};
use urne::contest::ContestDescription;
use urne::record::{AuditReport, Hex};
use urne::{ApprovedContest, ClosedRecord, Contest, Record, Signature, UnixTime};

use super::super::fixture::{election, sign, sign_as_issuer};
use super::Input;

/// The first byte says whether the others are JSON, or edits of the election's record or closed record, after
/// which box and issuer may sign the closing anew. Without the trustees nothing that matters can be changed.
pub fn record(data: &[u8]) {
    let mut input = Input(data);
    match input.byte() % 4 {
        0 => raw(input.0),
        1 => edited(&mut input, false),
        2 => edited(&mut input, true),
        _ => edited_closed(&mut input),
    }
}

fn raw(json: &[u8]) {
    let report = AuditReport::of_json(json, &mut |_| ());
    assert!(!report.to_string().is_empty());
    check_streamed(json, &report);
    match (Record::from_json(json), ClosedRecord::from_json(json)) {
        (Ok(record), other) => {
            // The two have other fields.
            assert!(other.is_err());
            assert_eq!(Record::from_json(record.to_json().as_bytes()), Ok(record.clone()));
            if record.protocol != "urne/2 closed" {
                assert_eq!(AuditReport::of(&record, &mut |_| ()), report);
            }
            check(&record, &report);
        }
        (Err(_), Ok(record)) => {
            assert!(report.verdict().is_err());
            assert_eq!(ClosedRecord::from_json(record.to_json().as_bytes()), Ok(record.clone()));
            if record.protocol == "urne/2 closed" {
                assert_eq!(AuditReport::of_closed(&record, &mut |_| ()), report);
            }
            check_closed(&record, &report);
        }
        (Err(_), Err(_)) => assert!(report.verdict().is_err() && report.verdict_of_closed().is_err()),
    }
    contests(json);
}

/// A contest that is read, described, reviewed or approved, is written as what it was read from, and passes for none of
/// the others.
fn contests(json: &[u8]) {
    let described = ContestDescription::from_json(json);
    let (reviewed, approved) = (Contest::from_json(json), ApprovedContest::from_json(json));
    let read = [described.is_ok(), reviewed.is_ok(), approved.is_ok(), Record::from_json(json).is_ok()];
    assert!(read.iter().filter(|read| **read).count() <= 1);
    if let Ok(described) = described {
        assert_eq!(ContestDescription::from_json(described.to_json().as_bytes()), Ok(described));
    }
    if let Ok(reviewed) = reviewed {
        assert_eq!(Contest::from_json(reviewed.to_json().as_bytes()), Ok(reviewed));
    }
    if let Ok(approved) = approved {
        assert_eq!(ApprovedContest::from_json(approved.to_json().as_bytes()), Ok(approved));
    }
}

fn edit_all(input: &mut Input<'_>, mut value: Value) -> Vec<u8> {
    while !input.is_empty() {
        let (node, operation, argument) = (input.number(), input.byte(), input.number());
        edit(&mut value, node, operation, argument);
    }
    serde_json::to_vec(&value).unwrap()
}

fn edited(input: &mut Input<'_>, signed: bool) {
    let json = edit_all(input, serde_json::to_value(&election().record).unwrap());
    let Ok(mut record) = Record::from_json(&json) else { return };
    if signed {
        sign_closing(&mut record);
    }
    let report = AuditReport::of(&record, &mut |_| ());
    assert!(!report.to_string().is_empty());
    if record.protocol != "urne/2 closed" {
        check_streamed(record.to_json().as_bytes(), &report);
    }
    check(&record, &report);
}

fn edited_closed(input: &mut Input<'_>) {
    let json = edit_all(input, serde_json::to_value(&election().closed_record).unwrap());
    let Ok(record) = ClosedRecord::from_json(&json) else { return };
    let report = AuditReport::of_closed(&record, &mut |_| ());
    assert!(!report.to_string().is_empty());
    if record.protocol == "urne/2 closed" {
        check_streamed(record.to_json().as_bytes(), &report);
    }
    check_closed(&record, &report);
}

/// The audit of a record while it is read gives the same report, and reads what is a record and nothing else.
fn check_streamed(json: &[u8], report: &AuditReport) {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let streamed =
        AuditReport::of_stream(&mut reader, &mut |_| ()).and_then(|report| reader.end().map(|()| report));
    match streamed {
        Ok(streamed) => assert_eq!(streamed, *report),
        Err(_) => assert!(report.verdict().is_err() && report.verdict_of_closed().is_err()),
    }
}

/// A record of the election's own contest that passes says what the election's record says.
fn check(record: &Record, report: &AuditReport) {
    let known = &election().record;
    if report.verdict().is_ok() && record.contest == known.contest {
        assert_eq!(record.opening, known.opening);
        assert_eq!(record.roll, known.roll);
        assert_eq!(record.ballots, known.ballots);
        assert_eq!(record.closing.root, known.closing.root);
        assert_eq!(record.closing.at, known.closing.at);
        assert_eq!(record.closing.signings_digest, known.closing.signings_digest);
        assert_eq!(record.tally, known.tally);
        assert_eq!(record.result, known.result);
    }
}

/// A closed record has nothing that is not signed.
fn check_closed(record: &ClosedRecord, report: &AuditReport) {
    let known = &election().closed_record;
    if report.verdict_of_closed().is_ok() && record.contest == known.contest {
        assert_eq!(record, known);
    }
}

fn sign_closing(record: &mut Record) {
    let Ok(contest) = record.contest() else { return };
    let contest = contest.contest();
    let Ok(roll) = record.roll(contest) else { return };
    let digest = closing(record).digest(contest, roll.opening_digest(), roll.digest()).to_bytes();
    record.closing.box_signature = Hex(sign(&digest).to_bytes());
    record.closing.issuer_signature = Hex(sign_as_issuer(&digest).to_bytes());
}

fn closing(record: &Record) -> Closing {
    let closing = &record.closing;
    Closing {
        size: closing.size,
        root: closing.root.0,
        signings_digest: SigningsDigest::from_bytes(closing.signings_digest.0),
        at: UnixTime::from_seconds(closing.at),
        box_signature: Signature::from_bytes(closing.box_signature.0),
    }
}

/// Changes one node, counted from the root.
fn edit(root: &mut Value, node: usize, operation: u8, argument: usize) {
    let paths = paths(root);
    let path = &paths[node % paths.len()];
    if operation >= 128 {
        let copied = root.pointer(&paths[argument % paths.len()]).cloned().unwrap_or_default();
        // A node inside of itself would grow without end.
        if copied.to_string().len() < 10_000 {
            *root.pointer_mut(path).unwrap() = copied;
        }
        return;
    }
    match root.pointer_mut(path).unwrap() {
        Value::Null => (),
        Value::Bool(bool) => *bool = !*bool,
        Value::Number(number) => {
            let old = number.as_u64().unwrap_or_default();
            let limits = [0, 1, 255, 256, (1 << 53) - 1, 1 << 53, u64::MAX];
            *number = match operation % 4 {
                0 => old.wrapping_add(1),
                1 => old.wrapping_sub(1),
                2 => limits[argument % limits.len()],
                _ => argument.try_into().unwrap(),
            }
            .into();
        }
        Value::String(text) => {
            let mut characters: Vec<char> = text.chars().collect();
            let new = char::from(b"0123456789abcdef Ff-"[argument / 256 % 20]);
            match (characters.len(), operation % 3) {
                (0, _) | (_, 2) => characters.push(new),
                (length, 1) => drop(characters.remove(argument % length)),
                (length, _) => characters[argument % length] = new,
            }
            *text = characters.into_iter().collect();
        }
        Value::Array(items) if !items.is_empty() => {
            let (first, second) = (argument % items.len(), argument / 256 % items.len());
            match operation % 3 {
                0 => drop(items.remove(first)),
                1 => items.push(items[first].clone()),
                _ => items.swap(first, second),
            }
        }
        Value::Array(_) => (),
        Value::Object(fields) => {
            let name = fields.keys().nth(argument % fields.len().max(1)).cloned().unwrap_or_default();
            match operation % 2 {
                0 => drop(fields.remove(&name)),
                _ => drop(fields.insert(format!("{name}s"), Value::Null)),
            }
        }
    }
}

/// The JSON pointers of all nodes.
fn paths(root: &Value) -> Vec<String> {
    fn walk(value: &Value, path: &str, paths: &mut Vec<String>) {
        paths.push(path.to_owned());
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    walk(item, &format!("{path}/{index}"), paths);
                }
            }
            Value::Object(fields) => {
                for (name, field) in fields {
                    walk(field, &format!("{path}/{name}"), paths);
                }
            }
            _ => (),
        }
    }
    let mut paths = Vec::new();
    walk(root, "", &mut paths);
    paths
}
