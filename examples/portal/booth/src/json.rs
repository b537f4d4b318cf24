//! Answers in JSON. serde_json's own values bring the tables by which floating-point numbers are printed, which every voter
//! would fetch and no answer has.

use serde::{Serialize, Serializer};

/// A value of an answer.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(u64),
    Text(String),
    List(Vec<Json>),
    #[serde(serialize_with = "in_order")]
    Object(Vec<(&'static str, Json)>),
}

fn in_order<S: Serializer>(fields: &[(&'static str, Json)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(fields.iter().map(|(name, value)| (name, value)))
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
}

macro_rules! values {
    ($($of:ty, $value:ident => $json:expr;)+) => {$(
        impl From<$of> for Json {
            fn from($value: $of) -> Json {
                $json
            }
        }
    )+};
}

values! {
    bool, value => Json::Bool(value);
    u64, value => Json::Number(value);
    // No machine has so much memory that it would not fit.
    usize, value => Json::Number(u64::try_from(value).unwrap_or(u64::MAX));
    &str, value => Json::Text(value.to_owned());
    String, value => Json::Text(value);
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Json {
        value.map_or(Json::Null, T::into)
    }
}

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(values: Vec<T>) -> Json {
        values.into_iter().collect()
    }
}

impl<T: Into<Json>> FromIterator<T> for Json {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Json {
        Json::List(values.into_iter().map(T::into).collect())
    }
}
