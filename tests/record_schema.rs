//! `src/record/record.schema.json`, which other implementations can check a record's form with, says what the library
//! does: it takes every good record, and refuses every bad one of `tests/vectors/negative` and every field changed
//! alone, but for what a schema cannot say. The validator below knows the words that the schema uses, and no other.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::{Map, Value, json};
use urne::contest::ContestDescription;
use urne::record::RecordError;
use urne::{ApprovedContest, ClosedRecord, Contest, Record};

/// What no schema sees: JSON that says more than its values do.
const NOT_OF_A_SCHEMA: [&str; 6] = [
    "a duplicate name",
    "a duplicate name, written otherwise",
    "a duplicate name deep inside",
    "an integer as a decimal",
    "an integer with an exponent",
    "minus zero",
];

/// Errors of form. What comes after is the audit's.
const FORM: [&str; 5] =
    ["Record/Json", "Record/CutShort", "Record/Protocol", "Record/LargeNumber", "Record/Number"];

fn file(path: &str) -> Vec<u8> {
    fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

struct Schema(Value);

impl Schema {
    fn read() -> Self {
        Schema(serde_json::from_slice(&file("src/record/record.schema.json")).unwrap())
    }

    fn accepts(&self, value: &Value) -> bool {
        self.holds(&self.0, value)
    }

    /// Every word must hold that the schema at this place uses.
    fn holds(&self, schema: &Value, value: &Value) -> bool {
        schema.as_object().unwrap().iter().all(|(word, of)| match word.as_str() {
            "$schema" | "$defs" | "title" | "description" => true,
            "$ref" => self.holds(self.0.pointer(&of.as_str().unwrap()[1..]).expect("a definition"), value),
            "oneOf" => of.as_array().unwrap().iter().filter(|one| self.holds(one, value)).count() == 1,
            "const" => value == of,
            "type" => match of.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
                other => panic!("the type {other} is not known here"),
            },
            "required" => members(value, |members| names(of).iter().all(|name| members.contains_key(*name))),
            "additionalProperties" => {
                assert_eq!(of, &json!(false));
                let known = schema["properties"].as_object().unwrap();
                members(value, |members| members.keys().all(|name| known.contains_key(name)))
            }
            "properties" => members(value, |members| {
                let known = of.as_object().unwrap();
                known.iter().all(|(name, of)| members.get(name).is_none_or(|member| self.holds(of, member)))
            }),
            "items" => value.as_array().is_none_or(|items| items.iter().all(|item| self.holds(of, item))),
            "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= of.as_u64().unwrap()),
            "maxItems" => value.as_array().is_none_or(|items| items.len() as u64 <= of.as_u64().unwrap()),
            "minLength" => text(value, |text| text.chars().count() as u64 >= of.as_u64().unwrap()),
            "maxLength" => text(value, |text| text.chars().count() as u64 <= of.as_u64().unwrap()),
            "minimum" => value.as_f64().is_none_or(|number| number >= of.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= of.as_f64().unwrap()),
            "pattern" => text(value, |text| matches(of.as_str().unwrap(), text)),
            other => panic!("the word {other} is not known here"),
        })
    }
}

fn members(value: &Value, holds: impl Fn(&Map<String, Value>) -> bool) -> bool {
    value.as_object().is_none_or(holds)
}

fn text(value: &Value, holds: impl Fn(&str) -> bool) -> bool {
    value.as_str().is_none_or(holds)
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect()
}

fn matches(pattern: &str, text: &str) -> bool {
    let hex = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    match pattern {
        "^([0-9a-f]{2})*$" => hex && text.len().is_multiple_of(2),
        "^[0-9a-f]{64}$" => hex && text.len() == 64,
        "^[0-9a-f]{128}$" => hex && text.len() == 128,
        other => panic!("the pattern {other} is not known here"),
    }
}

fn good() -> Vec<Value> {
    let names = ["own-record", "record", "record-packed", "record-12-lists", "record-empty", "record-single"];
    names
        .iter()
        .map(|name| serde_json::from_slice(&file(&format!("tests/vectors/{name}.json"))).unwrap())
        .collect()
}

/// What the box of this record published before it was counted.
fn closed(record: &Value) -> Value {
    let mut closed = record.clone();
    closed["protocol"] = json!("urne/2 closed");
    let members = closed.as_object_mut().unwrap();
    assert!(members.remove("factors").is_some() && members.remove("result").is_some());
    let closing = members["closing"].as_object_mut().unwrap();
    assert!(closing.remove("issuer_signature").is_some() && closing.remove("endorsements").is_some());
    closed
}

#[test]
fn good_records_are_accepted_counted_and_closed() {
    let schema = Schema::read();
    for record in good() {
        assert!(schema.accepts(&record));
        let closed = closed(&record);
        ClosedRecord::from_json(closed.to_string().as_bytes()).unwrap();
        assert!(schema.accepts(&closed));
        // Neither passes for the other.
        for (mut record, protocol) in [(record, "urne/2 closed"), (closed, "urne/2")] {
            record["protocol"] = json!(protocol);
            assert!(!schema.accepts(&record));
        }
    }
}

#[test]
fn negative_vectors_of_form_are_refused_and_no_others() {
    let schema = Schema::read();
    let vectors: Value = serde_json::from_slice(&file("tests/vectors/negative/record.json")).unwrap();
    let base = String::from_utf8(file("tests/vectors/own-record.json")).unwrap();
    let (mut refused, mut not_seen) = (0, BTreeSet::new());
    for test in vectors["tests"].as_array().unwrap() {
        let field = |name: &str| test[name].as_str();
        let bytes = match (field("text"), field("bytes")) {
            (Some(text), _) => text.as_bytes().to_vec(),
            (None, Some(hex)) => (0..hex.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
                .collect(),
            (None, None) => base.replacen(field("replace").unwrap(), field("by").unwrap(), 1).into_bytes(),
        };
        let accepted = serde_json::from_slice(&bytes).is_ok_and(|value| schema.accepts(&value));
        let comment = field("comment").unwrap();
        match (field("error"), test["step"].as_u64()) {
            (Some(error), _) if FORM.contains(&error) && NOT_OF_A_SCHEMA.contains(&comment) => {
                assert!(accepted, "{comment}: a schema sees it after all");
                not_seen.insert(comment);
            }
            (Some(error), _) if FORM.contains(&error) => {
                assert!(!accepted, "{comment}");
                refused += 1;
            }
            // Good, or found by a later step: the schema must not be stricter than the protocol.
            (None, _) | (_, Some(2..)) => assert!(accepted, "{comment}"),
            _ => {}
        }
    }
    assert!(refused > 40, "{refused}");
    assert_eq!(not_seen, BTreeSet::from(NOT_OF_A_SCHEMA));
}

/// Every place in a value, as a JSON pointer.
fn places(value: &Value, at: String, all: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, of)| places(of, format!("{at}/{name}"), all))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, of)| places(of, format!("{at}/{index}"), all))
        }
        _ => {}
    }
    all.push(at);
}

/// Of every type, and hex that is a byte short.
fn others() -> [Value; 8] {
    [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!("x"),
        json!("ab".repeat(31)),
        json!([]),
        json!({}),
    ]
}

/// Whether the form is right, whatever rules of contests are broken.
fn has_form<T>(read: Result<T, RecordError>) -> bool {
    !read.is_err_and(|error| {
        use RecordError::{CutShort, Json, LargeNumber, Number, Protocol};
        matches!(error, CutShort { .. } | Json { .. } | LargeNumber { .. } | Number { .. } | Protocol { .. })
    })
}

#[test]
fn what_the_library_reads_is_what_the_schema_accepts_field_by_field() {
    let schema = Schema::read();
    let record = good().swap_remove(0);
    let approved = Record::from_json(record.to_string().as_bytes()).unwrap().contest().unwrap();
    let value = |json: String| serde_json::from_str::<Value>(&json).unwrap();
    for (record, reads) in [
        (record.clone(), (|json| Record::from_json(json).is_ok()) as fn(&[u8]) -> bool),
        (closed(&record), |json| ClosedRecord::from_json(json).is_ok()),
        (value(approved.to_json()), |json| has_form(ApprovedContest::from_json(json))),
        (value(approved.contest().to_json()), |json| has_form(Contest::from_json(json))),
        (value(approved.contest().description().to_json()), |json| {
            has_form(ContestDescription::from_json(json))
        }),
    ] {
        let mut all = Vec::new();
        places(&record, String::new(), &mut all);
        assert!(all.len() > 10);
        assert!(schema.accepts(&record) && reads(record.to_string().as_bytes()));
        for place in &all {
            let check = |change: &dyn Fn(&mut Value)| {
                let mut changed = record.clone();
                change(changed.pointer_mut(place).unwrap());
                let read = reads(changed.to_string().as_bytes());
                // What is read may still break a rule of contests, which the schema may know.
                assert!(read || !schema.accepts(&changed), "{place}: accepted, but not read");
                read
            };
            for other in others() {
                check(&|value| *value = other.clone());
            }
            check(&|value| {
                if let Some(members) = value.as_object_mut() {
                    members.insert("x".into(), json!(1));
                }
            });
            for name in record.pointer(place).and_then(Value::as_object).into_iter().flat_map(Map::keys) {
                let without = check(&|value| drop(value.as_object_mut().unwrap().remove(name)));
                assert!(!without, "{place} is read without {name}");
            }
        }
    }
}
