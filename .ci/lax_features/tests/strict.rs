//! Attacks on signatures, wire forms and JSON, in a build whose dependencies were made lax by somebody else.
#![allow(dead_code, non_snake_case)]

#[path = "../../../tests/support/dealer.rs"]
mod dealer;
#[path = "../../../tests/support/polling.rs"]
mod polling;
#[path = "../../../tests/support/mod.rs"]
mod support;

#[path = "../../../tests/attacks/false_records.rs"]
mod false_records;
#[path = "../../../tests/attacks/row_17_signatures.rs"]
mod row_17_signatures;
#[path = "../../../tests/attacks/row_20_lax_json.rs"]
mod row_20_lax_json;
#[path = "../../../tests/attacks/row_6_wire_forms.rs"]
mod row_6_wire_forms;

/// That the features are there: otherwise the tests beside this one show nothing.
#[test]
fn the_dependencies_are_lax() {
    use curve25519_dalek::scalar::Scalar;
    use ed25519_dalek::{Signature, Signer, SigningKey};

    let key = SigningKey::from_bytes(&[7; 32]);
    let good = key.sign(b"message").to_bytes();
    let (r, s) = good.split_at(32);
    let mut sum = [0; 32];
    let mut carry = 1u16;
    for ((to, byte), add) in sum.iter_mut().zip(s).zip((-Scalar::ONE).to_bytes()) {
        carry += u16::from(*byte) + u16::from(add);
        *to = carry.to_le_bytes()[0];
        carry >>= 8;
    }
    let malleable = Signature::from_bytes(&[r, &sum].concat().try_into().unwrap());
    assert!(key.verifying_key().verify_strict(b"message", &malleable).is_ok());

    // `arbitrary_precision`, `preserve_order`, `unbounded_depth`, `raw_value`.
    let text = r#"{"b":1e400,"a":123456789012345678901234567890}"#;
    assert_eq!(serde_json::from_str::<serde_json::Value>(text).unwrap().to_string(), text.replace("e400", "e+400"));
    let deep = "[".repeat(200) + &"]".repeat(200);
    let mut reader = serde_json::Deserializer::from_str(&deep);
    reader.disable_recursion_limit();
    assert!(<serde_json::Value as serde::Deserialize>::deserialize(&mut reader).is_ok());
    assert_eq!(serde_json::from_str::<&serde_json::value::RawValue>(" 1.50").unwrap().get(), "1.50");
}
