//! The form of a record, as text.

use crate::audit;
use crate::support::forger::{Forger, votes};

fn record() -> String {
    Forger::new(1, 1, 2, 3).record(&[votes(&[1, 0])]).to_string()
}

fn passes(text: &str) -> bool {
    audit(text.as_bytes()).accepts()
}

/// Refused for its form, and nothing more is looked at.
fn refused(text: &str, name: &str) {
    let report = audit(text.as_bytes());
    assert_eq!(report.failed(), [1], "{name}");
    assert_eq!(report.skipped(), [2, 3, 4, 5, 6, 7, 8, 9], "{name}");
}

#[test]
fn the_same_record_written_otherwise() {
    let text = record();
    assert!(passes(&text));
    assert!(passes(&format!(" \t\r\n{text}\n\n")));
    assert!(passes(&text.replace(':', " :\n").replace(',', "\t,\r")));
    // Escapes in names and texts.
    assert!(passes(&text.replace("\"election\"", "\"\\u0065lection\"")));
    assert!(passes(&text.replace("Committee", "C\\u006Fmmittee")));
    let pretty: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(passes(&serde_json::to_string_pretty(&pretty).unwrap()));
    // Names in another order: from the last to the first.
    let object = pretty.as_object().unwrap();
    let fields: Vec<_> = object.iter().rev().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    assert!(passes(&format!("{{{}}}", fields.join(","))));
}

#[test]
fn texts_with_escapes_are_those_they_stand_for() {
    let forger = Forger::new(1, 1, 2, 3);
    let mut record = forger.opened();
    record["contest"]["title"] = "é\u{1f5f3}\"\\/\u{8}\u{c}\n\r\t\0".into();
    forger.approve(&mut record);
    forger.sign_opening(&mut record);
    record["ballots"] = serde_json::json!([]);
    forger.finish(&mut record);
    let text = record.to_string();
    assert!(passes(&text));
    let escaped =
        text.replace('é', "\\u00e9").replace('\u{1f5f3}', "\\uD83D\\uDDF3").replace("\\t", "\\u0009");
    assert_ne!(escaped, text);
    assert!(passes(&escaped.replace('/', "\\/")));
    for half in ["\\uD83D", "\\uDDF3", "\\uD83D\\u0041", "\\uDDF3\\uD83D", "\\uD83Dx"] {
        refused(&text.replace('\u{1f5f3}', half), half);
    }
}

#[test]
fn lax_forms_are_refused() {
    let text = record();
    let replaced: &[(&str, &str, &str)] = &[
        ("an unknown name", "{\"approvals\"", "{\"approval\":1,\"approvals\""),
        ("an unknown name within", "\"at\":", "\"extra\":null,\"at\":"),
        ("a name twice", "\"blank\":0", "\"blank\":0,\"blank\":0"),
        ("a name twice by an escape", "\"blank\":0", "\"blank\":0,\"bl\\u0061nk\":0"),
        ("a name missing", "\"blank\":0,", ""),
        ("a null", "\"blank\":0", "\"blank\":null"),
        ("a number as text", "\"number\":584", "\"number\":\"584\""),
        ("a point", "\"number\":584", "\"number\":584.0"),
        ("an exponent", "\"number\":584", "\"number\":584e0"),
        ("a sign", "\"number\":584", "\"number\":-584"),
        ("minus nought", "\"blank\":0", "\"blank\":-0"),
        ("a leading zero", "\"number\":584", "\"number\":0584"),
        ("two zeros", "\"blank\":0", "\"blank\":00"),
        ("2^53", "\"number\":584", "\"number\":9007199254740992"),
        ("2^64 and 584", "\"number\":584", "\"number\":18446744073709552200"),
        ("one for true", "\"revoked\":true", "\"revoked\":1"),
        ("text for true", "\"revoked\":true", "\"revoked\":\"true\""),
        ("true for one", "\"packing\":2", "\"packing\":true"),
        ("an object for a list", "\"lists\":[\"List 1\",\"List 2\"]", "\"lists\":{}"),
        ("a list for a text", "\"title\":\"Committee\"", "\"title\":[\"Committee\"]"),
        ("upper-case hex", "\"ballots\":[\"02", "\"ballots\":[\"0A"),
        ("a digit too many", "\"ballots\":[\"02", "\"ballots\":[\"002"),
        ("a space in hex", "\"ballots\":[\"02", "\"ballots\":[\"0 2"),
        ("a prefix", "\"ballots\":[\"02", "\"ballots\":[\"0x02"),
        ("a short root", "\"root\":\"", "\"root\":\"00"),
        ("a comment", "{\"approvals\"", "/**/{\"approvals\""),
        ("a comma at the end", "]}}", "],}}"),
        ("single quotes", "\"Committee\"", "'Committee'"),
        ("a control character", "Committee", "Comm\u{1}ittee"),
        ("a line break", "Committee", "Comm\nittee"),
        ("an unknown escape", "Committee", "\\Committee"),
        ("another protocol", "urne/2", "urne/3"),
        ("another protocol's letters", "urne/2", "Urne/2"),
    ];
    for (name, from, to) in replaced {
        let bent = text.replacen(from, to, 1);
        assert_ne!(bent, text, "{name}");
        refused(&bent, name);
    }
    for (name, bent) in [
        ("a byte order mark", format!("\u{feff}{text}")),
        ("something after", format!("{text}0")),
        ("two records", format!("{text}{text}")),
        ("a list of it", format!("[{text}]")),
        ("a no-break space", format!("{text}\u{a0}")),
        ("cut short", text[..text.len() - 1].into()),
        ("nothing", String::new()),
        ("deep", "[".repeat(100_000)),
        ("deep within", text.replacen("\"List 1\"", &"[".repeat(100_000), 1)),
    ] {
        refused(&bent, name);
    }
    let latin: Vec<u8> =
        text.replacen("Committee", "~", 1).bytes().map(|b| if b == b'~' { 0xe9 } else { b }).collect();
    assert_eq!(audit(&latin).failed(), [1], "not UTF-8");
}
