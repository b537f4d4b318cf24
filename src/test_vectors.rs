//! Values made by an independent implementation, for the unit tests of private parts. The public
//! parts are checked against the same files in `tests/vectors.rs`.

use serde_json::Value;

pub(crate) fn primitives() -> Value {
    serde_json::from_str(include_str!("../tests/vectors/primitives.json")).unwrap()
}

pub(crate) fn unhex<const N: usize>(value: &Value) -> [u8; N] {
    crate::wire::array_from_hex(value.as_str().unwrap()).unwrap()
}
