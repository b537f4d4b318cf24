//! The JSON form of a record. serde's derived code would take arrays for objects, so the objects read
//! themselves: names in any order, each exactly once, no other.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{ClosedRecord, Hex, HexBytes, Record, RecordError};
use crate::primitives::labels;

macro_rules! from_and_to_json {
    ($($name:ident is $expected:expr, not $other:expr;)+) => {$(
        impl $name {
            /// Reads a record from JSON: UTF-8 without byte order mark, one object, nothing after it.
            ///
            /// # Errors
            ///
            /// [`RecordError::Json`] with what is wrong, line and column, and [`RecordError::Protocol`] for a
            /// counted record where a closed one is needed, or the other way.
            pub fn from_json(json: &[u8]) -> Result<Self, RecordError> {
                serde_json::from_slice(json).map_err(|error| match serde_json::from_slice(json) {
                    // The two have other fields, so an error would be about one of these.
                    Ok(Protocol { protocol }) if protocol == $other => {
                        RecordError::Protocol { expected: $expected }
                    }
                    _ => RecordError::json(&error),
                })
            }

            /// Writes the record as JSON, two spaces a level.
            #[must_use]
            pub fn to_json(&self) -> String {
                // Strings, integers and lists of them always have a JSON form.
                serde_json::to_string_pretty(self).unwrap_or_default()
            }
        }
    )+};
}

from_and_to_json! {
    Record is labels::PROTOCOL, not labels::PROTOCOL_CLOSED;
    ClosedRecord is labels::PROTOCOL_CLOSED, not labels::PROTOCOL;
}

/// What a record says of itself.
#[derive(Deserialize)]
pub(super) struct Protocol {
    pub(super) protocol: crate::primitives::Text,
}

/// `Serialize` and `Deserialize` of a struct as a JSON object with exactly its fields.
macro_rules! strict_object {
    ($name:ident { $($field:ident),+ }) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeStruct;
                let names: &[&str] = &[$(stringify!($field)),+];
                let mut object = serializer.serialize_struct(stringify!($name), names.len())?;
                $(object.serialize_field(stringify!($field), &self.$field)?;)+
                object.end()
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Object;

                impl<'de> serde::de::Visitor<'de> for Object {
                    type Value = $name;

                    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<M: serde::de::MapAccess<'de>>(self, mut map: M) -> Result<$name, M::Error> {
                        use serde::de::Error;
                        $(let mut $field = None;)+
                        while let Some(name) = map.next_key::<alloc::string::String>()? {
                            match name.as_str() {
                                $(stringify!($field) => {
                                    $crate::record::json::set(&mut $field, stringify!($field), &mut map)?;
                                })+
                                other => {
                                    return Err(Error::unknown_field(
                                        &alloc::format!("{}", $crate::primitives::escaped(other)),
                                        &[$(stringify!($field)),+],
                                    ));
                                }
                            }
                        }
                        Ok($name {
                            $($field: $field.ok_or_else(|| Error::missing_field(stringify!($field)))?),+
                        })
                    }
                }

                deserializer.deserialize_map(Object)
            }
        }
    };
}
pub(super) use strict_object;

/// Reads the value of a name that may come only once.
pub(crate) fn set<'de, M: de::MapAccess<'de>, T: Deserialize<'de>>(
    field: &mut Option<T>,
    name: &'static str,
    map: &mut M,
) -> Result<(), M::Error> {
    if field.is_some() {
        return Err(de::Error::duplicate_field(name));
    }
    *field = Some(map.next_value()?);
    Ok(())
}

impl<const N: usize> Serialize for Hex<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&crate::primitives::wire::to_hex(&self.0))
    }
}

impl<'de, const N: usize> Deserialize<'de> for Hex<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<const N: usize>;
        impl<const N: usize> de::Visitor<'_> for Text<N> {
            type Value = Hex<N>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} characters of lower-case hex", N.saturating_mul(2))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Hex<N>, E> {
                crate::primitives::wire::array_from_hex(text)
                    .map(Hex)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl Serialize for HexBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&crate::primitives::wire::to_hex(&self.0))
    }
}

impl<'de> Deserialize<'de> for HexBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Vec<u8>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("lower-case hex of an even length")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<u8>, E> {
                crate::primitives::wire::from_hex(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text).map(HexBytes)
    }
}
