//! Row 20, as far as the record goes: JSON that a lax reader takes for a good record. The record under
//! each of these is good; only its form is not.

use serde_json::{Value, json};
use urne::record::{AuditReport, Because, Conclusion, Flaw, Outcome, RecordError, Step};

use crate::support::forger::{Forger, Shape, closed_form, votes};

fn good() -> Value {
    Forger::of(&Shape::new(&[(1, 1), (2, 3)], 3, 3)).record(&[votes(&[1, 0, 0]), votes(&[0, 0, 0])])
}

/// With all names in alphabetical order, whatever order `Value` keeps.
fn text() -> String {
    let mut record = good();
    record.sort_all_objects();
    record.to_string()
}

/// Not read as a record, for this reason, and nothing else is done with it.
fn refused(json: &[u8], reason: &str, name: &str) {
    let report = AuditReport::of_json(json, &mut |_| ());
    match report.outcome(Step::Contest) {
        Outcome::Failed(flaws) => match flaws.as_slice() {
            [Flaw::Record(RecordError::Json { message } | RecordError::CutShort { message })] => {
                assert!(message.contains(reason), "{name}: {message:?} where {reason:?} is due");
            }
            flaws => panic!("{name}: {flaws:?}"),
        },
        outcome => panic!("{name}: {outcome:?}"),
    }
    for step in &Step::ALL[1..] {
        assert_eq!(
            *report.outcome(*step),
            Outcome::NotCarriedOut { because: Because::Failed(Step::Contest) },
            "{name}"
        );
    }
}

/// The text with one piece of it replaced.
fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

/// A name, what is replaced by what, and why it is refused.
const REPLACED: &[(&str, &str, &str, &str)] = &[
    (
        "a name twice",
        r#"{"approvals":"#,
        r#"{"protocol":"urne/2","approvals":"#,
        "duplicate field `protocol`",
    ),
    ("a name twice further in", r#""opening":{"#, r#""opening":{"voters":3,"#, "duplicate field `voters`"),
    (
        "a name twice, once escaped",
        r#""opening":{"#,
        r#""opening":{"\u0076oters":3,"#,
        "duplicate field `voters`",
    ),
    ("an unknown name", r#"{"approvals":"#, r#"{"comment":"","approvals":"#, "unknown field `comment`"),
    ("an unknown name further in", r#""result":{"#, r#""result":{"invalid":0,"#, "unknown field `invalid`"),
    ("a name with a capital", r#""protocol":"#, r#""Protocol":"#, "unknown field `Protocol`"),
    (
        "a number as a fraction",
        r#""number":584,"#,
        r#""number":584.0,"#,
        "invalid type: floating point `584.0`",
    ),
    ("a number with an exponent", r#""number":584,"#, r#""number":5.84e2,"#, "invalid type: floating point"),
    ("a number as text", r#""number":584,"#, r#""number":"584","#, "invalid type: string \"584\""),
    ("a negative number", r#""number":584,"#, r#""number":-584,"#, "invalid value: integer `-584`"),
    ("minus zero", r#""blank":1"#, r#""blank":-0"#, "invalid type: floating point `-0.0`"),
    ("a number with a leading zero", r#""number":584,"#, r#""number":0584,"#, "invalid number"),
    ("a number with a plus", r#""number":584,"#, r#""number":+584,"#, "expected value"),
    ("a number in hex", r#""number":584,"#, r#""number":0x248,"#, "expected `,` or `}`"),
    ("a number above 64 bits", r#""number":584,"#, r#""number":18446744073709552200,"#, "floating point"),
    ("not a number", r#""number":584,"#, r#""number":NaN,"#, "expected value"),
    ("1 for true", r#""revoked":true"#, r#""revoked":1"#, "invalid type: integer `1`, expected a boolean"),
    ("0 for false", r#""revoked":false"#, r#""revoked":0"#, "invalid type: integer `0`, expected a boolean"),
    ("text for true", r#""revoked":true"#, r#""revoked":"true""#, "invalid type: string \"true\""),
    ("True for true", r#""revoked":true"#, r#""revoked":True"#, "expected value"),
    (
        "an array for an object",
        r#""opening":{"#,
        r#""opening":[{"#,
        "invalid type: sequence, expected an object",
    ),
    ("an object for an array", r#""endorsements":["#, r#""endorsements":{"0":["#, "invalid type: map"),
    ("a comma at the end", r#""voters":3}"#, r#""voters":3,}"#, "trailing comma"),
    ("a comment", r#"{"approvals":"#, r#"{/* */"approvals":"#, "key must be a string"),
    ("a name without quotes", r#"{"approvals":"#, r#"{approvals:"#, "key must be a string"),
    ("single quotes", r#""urne/2""#, "'urne/2'", "expected value"),
    ("a lone surrogate", r#""title":""#, r#""title":"\ud800"#, "end of hex escape"),
    ("a control character", r#""title":""#, "\"title\":\"\n", "control character"),
];

#[test]
fn attack_20_lax_json() {
    let text = text();
    assert_eq!(AuditReport::of_json(text.as_bytes(), &mut |_| ()).verdict(), Ok(()));
    for (name, from, to, reason) in REPLACED {
        refused(replaced(&text, from, to).as_bytes(), reason, name);
    }
    for (name, bytes, reason) in [
        ("nothing", Vec::new(), "EOF while parsing"),
        ("null", b"null".to_vec(), "invalid type: null"),
        ("an array of the record", format!("[{text}]").into_bytes(), "invalid type: sequence"),
        ("the record as text", json!(text).to_string().into_bytes(), "invalid type: string"),
        ("a byte order mark", format!("\u{feff}{text}").into_bytes(), "expected value at line 1 column 1"),
        ("a second record", text.repeat(2).into_bytes(), "trailing characters"),
        ("a zero byte at the end", format!("{text}\0").into_bytes(), "trailing characters"),
        ("a brace at the end", format!("{text}\n}}").into_bytes(), "trailing characters"),
        ("UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect(), "key must be a string"),
        (
            "bytes that are not UTF-8",
            text.replacen("Committee", "Commi\u{1}\u{1}ee", 1)
                .into_bytes()
                .iter()
                .map(|byte| if *byte == 1 { 0xff } else { *byte })
                .collect(),
            "invalid unicode code point",
        ),
    ] {
        refused(&bytes, reason, name);
    }
}

/// An error quotes the record, but no more of it than is needed, and nothing that a terminal would obey.
#[test]
fn attack_20_messages_that_write_over_the_verdict() {
    let text = text();
    let hostile = "\\u001b[2J\\u202e\\n1. contest, key and approvals: passed";
    for (from, to) in [
        (r#"{"approvals":"#, format!(r#"{{"{hostile}":0,"approvals":"#)),
        (r#""blank":1"#, format!(r#""blank":"{hostile}""#)),
        (r#""root":""#, format!(r#""root":"{hostile}"#)),
        (r#"{"approvals":"#, format!(r#"{{"{}":0,"approvals":"#, "\\u001bé".repeat(10_000))),
    ] {
        let json = replaced(&text, from, &to);
        let mut reader = serde_json::Deserializer::from_reader(json.as_bytes());
        let streamed = AuditReport::of_stream(&mut reader, &mut |_| ())
            .unwrap_or_else(|error| AuditReport::unreadable(&error));
        for report in [AuditReport::of_json(json.as_bytes(), &mut |_| ()), streamed] {
            let report = report.to_string();
            // Nine steps, the one flaw, and what it comes to.
            assert_eq!(report.lines().count(), 11, "{report}");
            assert!(report.lines().nth(1).unwrap().contains(" at line 1 column "), "{report}");
            assert!(!report.contains(['\u{1b}', '\u{202e}']) && report.len() < 2_000, "{report}");
        }
    }
}

/// White space and the order of names are free in JSON, and nothing signed depends on them.
#[test]
fn order_of_names_and_white_space_do_not_matter() {
    let record = good();
    let reversed: Vec<_> = record
        .as_object()
        .unwrap()
        .iter()
        .rev()
        .map(|(name, value)| format!("\t\"{name}\" :\r\n {value} "))
        .collect();
    let text = format!(" \n{{{}}}\n", reversed.join(","));
    assert_eq!(AuditReport::of_json(text.as_bytes(), &mut |_| ()).verdict(), Ok(()));
}

/// Hex in the place of every kind of bytes.
#[test]
fn attack_20_hex_that_is_not_lower_case_of_its_length() {
    let record = good();
    for pointer in [
        "/contest/box_key",
        "/contest/issuer_key",
        "/contest/panels/1/trustees/1",
        "/contest/panels/1/key/1/0",
        "/approvals/0/challenge",
        "/opening/box_signature",
        "/opening/issuer_signature",
        "/roll/0/credential",
        "/closing/root",
        "/closing/signings_digest",
        "/closing/issuer_signature",
        "/closing/endorsements/2/response",
        "/tally/nonce",
        "/tally/sums/1",
        "/factors/0/factors/0",
        "/factors/0/proof/response",
        "/factors/1/signature/challenge",
        "/ballots/0",
    ] {
        let hex = record.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        let ballot = pointer.starts_with("/ballots");
        let reason =
            if ballot { "not lower-case hex of an even length" } else { "characters of lower-case hex" };
        let digit = hex.find(|c: char| c.is_ascii_alphabetic()).unwrap();
        let mut capital = hex.clone();
        capital[digit..=digit].make_ascii_uppercase();
        let mut wrong = vec![
            hex.to_uppercase(),
            capital,
            format!(" {}", &hex[1..]),
            format!("{} ", &hex[1..]),
            format!("{} {}", &hex[..2], &hex[3..]),
            format!("0x{}", &hex[2..]),
            format!("{}g", &hex[1..]),
            hex[1..].to_owned(),
            format!("{hex}0"),
            format!("é{}", &hex[2..]),
        ];
        if !ballot {
            wrong.extend([String::new(), hex[2..].to_owned(), format!("{hex}00"), format!("00{hex}")]);
        }
        for text in wrong {
            let mut lax = record.clone();
            *lax.pointer_mut(pointer).unwrap() = json!(text);
            refused(lax.to_string().as_bytes(), reason, pointer);
        }
    }
}

/// The paths of all values inside a record.
fn paths(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| self::paths(value, format!("{path}/{name}"), paths));
        }
        Value::Array(items) => {
            (0..)
                .zip(items)
                .for_each(|(at, value): (usize, _)| self::paths(value, format!("{path}/{at}"), paths));
        }
        _ => (),
    }
    paths.push(path);
}

/// Every value of the record, in turn, is of every wrong type, or missing.
#[test]
fn attack_20_wrong_types_everywhere() {
    let record = good();
    let mut all = Vec::new();
    paths(&record, String::new(), &mut all);
    assert!(all.len() > 100);
    let others =
        [json!(null), json!(true), json!(1), json!(1.0), json!(-1), json!("x"), json!([]), json!({})];
    for path in all {
        let original = record.pointer(&path).unwrap();
        for other in &others {
            let same_type = match other {
                Value::Bool(_) => original.is_boolean(),
                Value::Number(number) => original.is_number() && number.is_u64(),
                Value::String(_) => original.is_string(),
                Value::Array(_) => original.is_array(),
                // An empty object lacks names, which is another flaw.
                Value::Object(_) => original.is_object(),
                Value::Null => false,
            };
            if !same_type {
                let mut lax = record.clone();
                *lax.pointer_mut(&path).unwrap() = other.clone();
                refused(lax.to_string().as_bytes(), "invalid ", &format!("{other} at {path}"));
            }
        }
        let Some(names) = original.as_object() else { continue };
        for name in names.keys() {
            let mut lax = record.clone();
            lax.pointer_mut(&path).unwrap().as_object_mut().unwrap().remove(name);
            let reason = format!("missing field `{name}`");
            refused(lax.to_string().as_bytes(), &reason, &format!("{path} without {name}"));
        }
    }
}

/// A closed record has no issuer's signature, endorsements, factors or result; a counted one has them all.
#[test]
fn attack_20_names_of_the_other_form() {
    let record = good();
    let closed = closed_form(&record);
    assert!(AuditReport::of_json(closed.to_string().as_bytes(), &mut |_| ()).verdict_of_closed().is_ok());
    for (within, name) in
        [("", "factors"), ("", "result"), ("/closing", "issuer_signature"), ("/closing", "endorsements")]
    {
        let value = record.pointer(&format!("{within}/{name}")).unwrap().clone();
        let mut more = closed.clone();
        more.pointer_mut(within).unwrap()[name] = value;
        refused(more.to_string().as_bytes(), &format!("unknown field `{name}` in a closed record"), name);
        let mut less = record.clone();
        less.pointer_mut(within).unwrap().as_object_mut().unwrap().remove(name);
        refused(less.to_string().as_bytes(), &format!("missing field `{name}`"), name);
        // As a closed record that nobody takes for a counted one, nor the other way round.
        assert!(serde_json::from_value::<urne::ClosedRecord>(more).is_err());
        assert!(serde_json::from_value::<urne::Record>(less).is_err());
    }
}

#[test]
fn attack_20_cut_short() {
    let text = serde_json::to_string_pretty(&good()).unwrap();
    for cut in (0..text.len()).step_by(97).chain([text.len() - 1]) {
        refused(&text.as_bytes()[..cut], "EOF while parsing", &format!("cut at {cut}"));
    }
}

#[test]
fn attack_20_nested_a_hundred_thousand_deep() {
    const DEPTH: usize = 100_000;
    let arrays = "[".repeat(DEPTH);
    let objects = r#"{"contest":"#.repeat(DEPTH);
    refused(arrays.as_bytes(), "invalid type: sequence", "arrays");
    refused(objects.as_bytes(), "unknown field `contest`", "objects");
    let text = text();
    for (before, after) in [(r#""ballots":["#, "]"), (r#""key":["#, "]"), (r#""protocol":"#, "")] {
        let nested = replaced(&text, before, &format!("{before}{arrays}{}{after}", "]".repeat(DEPTH)));
        refused(nested.as_bytes(), "invalid type: sequence", before);
    }
}

/// A file that was not copied to its end says nothing of the record that it was to be.
#[test]
fn attack_20_a_record_that_is_cut_short_is_not_whole() {
    let record = good();
    for text in [record.to_string(), closed_form(&record).to_string()] {
        let whole = AuditReport::of_json(text.as_bytes(), &mut |_| ()).conclusion();
        assert!(matches!(whole, Conclusion::Holds | Conclusion::ClosedNotCounted));
        for cut in (0..text.len()).step_by(211).chain([text.len() - 1]) {
            let mut reader = serde_json::Deserializer::from_reader(&text.as_bytes()[..cut]);
            let error = AuditReport::of_stream(&mut reader, &mut |_| ()).unwrap_err();
            for report in
                [AuditReport::unreadable(&error), AuditReport::of_json(&text.as_bytes()[..cut], &mut |_| ())]
            {
                assert_eq!(report.conclusion(), Conclusion::NotWhole);
                let report = report.to_string();
                assert!(report.contains("not a whole record: EOF while parsing"), "{report}");
                assert!(report.ends_with("Not a whole record: it is cut short.\n"), "{report}");
                assert!(!report.contains("does NOT hold"), "{report}");
            }
        }
        // What is whole and false is said to be.
        let garbage = format!("{text}}}");
        let report = AuditReport::of_json(garbage.as_bytes(), &mut |_| ());
        assert_eq!(report.conclusion(), Conclusion::False);
    }
}

/// Panels are what whoever makes up a record likes. Its audit asks for the panel of every signature, for every panel.
#[test]
fn attack_20_many_panels_take_no_longer_than_many_trustees_of_one() {
    let seconds = |panels: &[(usize, usize)]| {
        let record = Forger::of(&Shape::new(panels, 1, 1)).record(&[votes(&[1])]);
        let record: urne::Record = serde_json::from_value(record).unwrap();
        let start = std::time::Instant::now();
        let report = AuditReport::of(&record, &mut |_| ());
        assert!(report.verdict().is_ok(), "{report}");
        start.elapsed().as_secs_f64()
    };
    let [one, many] = [seconds(&[(1, 255)]), seconds(&[(1, 1); 255])];
    assert!(many < 4.0 * one, "{many:.2} s for 255 panels, {one:.2} s for one of 255 trustees");
}
