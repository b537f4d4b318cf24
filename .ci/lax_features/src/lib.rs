//! Nothing but the test that the features in `Cargo.toml` are there: without them the attacks beside it show nothing.

#[cfg(test)]
mod tests {
    use curve25519_dalek::scalar::Scalar;
    use ed25519_dalek::{Signature, Signer, SigningKey};
    use serde::Deserialize;
    use serde_json::Value;
    use serde_json::value::RawValue;

    #[test]
    fn the_dependencies_are_lax() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let mut bytes = key.sign(b"message").to_bytes();
        // S + ℓ, that is S + (ℓ − 1) + 1.
        let mut carry = 1u16;
        for (byte, add) in bytes[32..].iter_mut().zip((-Scalar::ONE).to_bytes()) {
            carry += u16::from(*byte) + u16::from(add);
            *byte = carry.to_le_bytes()[0];
            carry >>= 8;
        }
        let malleable = Signature::from_bytes(&bytes);
        assert!(key.verifying_key().verify_strict(b"message", &malleable).is_ok());

        let text = r#"{"b":123456789012345678901234567890,"a":1}"#;
        assert_eq!(serde_json::from_str::<Value>(text).unwrap().to_string(), text);
        let deep = "[".repeat(200) + &"]".repeat(200);
        assert!(serde_json::from_str::<Value>(&deep).is_err());
        let mut reader = serde_json::Deserializer::from_str(&deep);
        reader.disable_recursion_limit();
        assert!(Value::deserialize(&mut reader).is_ok());
        assert_eq!(serde_json::from_str::<&RawValue>("1.50").unwrap().get(), "1.50");
    }
}
