//! Every way to change one thing in a record and nothing else.

use serde_json::{Value, json};

/// A record with one field changed, and a name for the change: the field's place and what became of it.
pub fn changes(record: &Value) -> Vec<(String, Value)> {
    let mut places = Vec::new();
    walk(record, &mut String::new(), &mut places);
    let mut changes = Vec::new();
    for place in &places {
        let value = record.pointer(place).unwrap();
        for (what, other) in others(value) {
            let mut changed = record.clone();
            *changed.pointer_mut(place).unwrap() = other;
            changes.push((format!("{place} {what}"), changed));
        }
    }
    changes
}

/// The places of all values but the record itself, as JSON pointers.
fn walk(value: &Value, place: &mut String, places: &mut Vec<String>) {
    let within: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    places.push(place.clone());
    for (name, value) in within {
        let length = place.len();
        place.push('/');
        place.push_str(&name);
        walk(value, place, places);
        place.truncate(length);
    }
}

/// What a value may become.
fn others(value: &Value) -> Vec<(&'static str, Value)> {
    let mut others = match value {
        Value::Null => Vec::new(),
        Value::Bool(flag) => vec![("turned round", json!(!flag)), ("as a number", json!(u8::from(*flag)))],
        Value::Number(number) => {
            let number = number.as_u64().unwrap();
            let less = number.checked_sub(1).map(|less| ("less", json!(less)));
            let more = [("more", json!(number + 1)), ("as text", json!(number.to_string()))];
            more.into_iter().chain(less).collect()
        }
        Value::String(text) => texts(text),
        Value::Array(list) => lists(list),
        Value::Object(object) => {
            let without = object.keys().map(|name| {
                let mut object = object.clone();
                object.remove(name);
                ("without a name", Value::Object(object))
            });
            let mut more = object.clone();
            more.insert("more".into(), json!(0));
            without.chain([("with a name more", Value::Object(more))]).collect()
        }
    };
    others.push(("null", Value::Null));
    others
}

fn texts(text: &str) -> Vec<(&'static str, Value)> {
    let mut others =
        vec![("longer", json!(format!("{text}0"))), ("longer by two", json!(format!("{text}00")))];
    let is_hex = text.len() >= 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    if is_hex {
        // The lowest bit of the first byte and of the last.
        for at in [1, text.len() - 1] {
            let digit = u8::from_str_radix(&text[at..=at], 16).unwrap() ^ 1;
            others.push(("in a digit", json!(format!("{}{digit:x}{}", &text[..at], &text[at + 1..]))));
        }
        others.push(("shorter", json!(text[2..])));
        if text.to_uppercase() != text {
            others.push(("in upper case", json!(text.to_uppercase())));
        }
    }
    others
}

fn lists(list: &[Value]) -> Vec<(&'static str, Value)> {
    let mut others = Vec::new();
    if let Some((first, rest)) = list.split_first() {
        others.push(("without the first", json!(rest)));
        others.push(("without the last", json!(list[..list.len() - 1])));
        others.push(("with the first twice", json!([std::slice::from_ref(first), list].concat())));
    }
    if list.len() > 1 {
        let mut reversed = list.to_vec();
        reversed.reverse();
        if reversed != list {
            others.push(("the other way round", json!(reversed)));
        }
    }
    others
}
