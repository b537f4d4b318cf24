//! Answers in JSON. serde_json's own values bring the tables by which floating-point numbers are printed, which every voter
//! would fetch and no answer has.

/// A value of an answer.
#[derive(Clone, Debug)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(u64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

/// An object by its fields.
macro_rules! object {
    ($($name:literal: $value:expr),+ $(,)?) => {
        $crate::json::Json::Object(vec![$(($name, $crate::json::Json::from($value))),+])
    };
}
pub(crate) use object;

impl Json {
    /// The object with one more field.
    pub(crate) fn with(self, name: &'static str, value: impl Into<Json>) -> Json {
        let mut fields = if let Json::Object(fields) = self { fields } else { Vec::new() };
        fields.push((name, value.into()));
        Json::Object(fields)
    }

    pub(crate) fn written(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, to: &mut String) {
        match self {
            Json::Null => to.push_str("null"),
            Json::Bool(true) => to.push_str("true"),
            Json::Bool(false) => to.push_str("false"),
            Json::Number(number) => to.push_str(&number.to_string()),
            Json::Text(text) => quote(text, to),
            Json::List(values) => {
                let mut before = '[';
                for value in values {
                    to.push(before);
                    value.write(to);
                    before = ',';
                }
                to.push_str(if values.is_empty() { "[]" } else { "]" });
            }
            Json::Object(fields) => {
                let mut before = '{';
                for (name, value) in fields {
                    to.push(before);
                    quote(name, to);
                    to.push(':');
                    value.write(to);
                    before = ',';
                }
                to.push_str(if fields.is_empty() { "{}" } else { "}" });
            }
        }
    }
}

fn quote(text: &str, to: &mut String) {
    to.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => to.extend(['\\', c]),
            c if c < ' ' => to.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => to.push(c),
        }
    }
    to.push('"');
}

impl From<bool> for Json {
    fn from(value: bool) -> Json {
        Json::Bool(value)
    }
}

impl From<u64> for Json {
    fn from(number: u64) -> Json {
        Json::Number(number)
    }
}

impl From<usize> for Json {
    /// No machine has so much memory that it would not fit.
    fn from(number: usize) -> Json {
        Json::Number(u64::try_from(number).unwrap_or(u64::MAX))
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Json {
        Json::Text(text)
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Json {
        value.map_or(Json::Null, T::into)
    }
}

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(values: Vec<T>) -> Json {
        Json::List(values.into_iter().map(T::into).collect())
    }
}

impl<T: Into<Json>> FromIterator<T> for Json {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Json {
        Json::List(values.into_iter().map(T::into).collect())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_written_reads_as_what_was_meant() {
        let text = "\"\\/\n\u{1}\u{1f}\u{7f}é東\u{2028}";
        let value = object! {
            "text": text,
            "numbers": vec![0u64, u64::MAX],
            "none": None::<u64>,
            "empty": Vec::<u64>::new(),
            "yes": true,
        };
        let value = object! { "value": value }.with("no", false);
        let read: serde_json::Value = serde_json::from_str(&value.written()).unwrap();
        let expected = serde_json::json!({
            "value": { "text": text, "numbers": [0, u64::MAX], "none": null, "empty": [], "yes": true },
            "no": false,
        });
        assert_eq!(read, expected);
    }
}
