//! The hash of a list of fields, and the 32-byte digests made with it.

use sha2::{Digest, Sha256};

/// SHA-256 over a tag and any number of fields, each preceded by its length, so that two different
/// lists of fields never give the same input.
pub(crate) struct FieldHash(Sha256);

impl FieldHash {
    pub(crate) fn new(tag: &[u8]) -> Self {
        FieldHash(Sha256::new()).bytes(tag)
    }

    pub(crate) fn bytes(mut self, field: &[u8]) -> Self {
        self.update(field);
        self
    }

    pub(crate) fn update(&mut self, field: &[u8]) {
        self.0.update(length_of(field).to_le_bytes());
        self.0.update(field);
    }

    pub(crate) fn number(self, field: u64) -> Self {
        self.bytes(&field.to_le_bytes())
    }

    pub(crate) fn all<'a>(self, fields: impl IntoIterator<Item = &'a [u8; 32]>) -> Self {
        fields.into_iter().fold(self, |hash, field| hash.bytes(field))
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// The length of a slice as the protocol's 64-bit integer.
pub(crate) fn length_of<T>(slice: &[T]) -> u64 {
    // A slice longer than 2^64 elements does not exist on any target Rust supports.
    u64::try_from(slice.len()).unwrap_or(u64::MAX)
}

/// A public 32-byte digest with its own type, shown as lower-case hex.
macro_rules! digest {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 32]);

        impl $name {
            /// The digest's 32 bytes.
            #[must_use]
            pub fn to_bytes(self) -> [u8; 32] {
                self.0
            }

            /// A digest from its 32 bytes; every value is possible.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 32]) -> Self {
                $name(bytes)
            }

            #[allow(dead_code)]
            pub(crate) fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(&$crate::primitives::wire::to_hex(&self.0))
            }
        }

        /// From 64 lower-case hex digits.
        impl core::str::FromStr for $name {
            type Err = $crate::primitives::wire::DecodeError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::primitives::wire::array_from_hex(text)
                    .map($name)
                    .ok_or($crate::primitives::wire::DecodeError::NotHex)
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        $crate::primitives::wire::serde_bytes!($name, |bytes| <[u8; 32]>::try_from(bytes).map($name));
    };
}
pub(crate) use digest;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    /// The input that the hash would absorb, spelled out.
    fn input(fields: &[Vec<u8>]) -> Vec<u8> {
        let mut out = Vec::new();
        for field in fields {
            out.extend(length_of(field).to_le_bytes());
            out.extend(field);
        }
        out
    }

    fn hash(fields: &[Vec<u8>]) -> [u8; 32] {
        fields.iter().fold(FieldHash::new(b"t"), |h, f| h.bytes(f)).finish()
    }

    /// By a cargo feature of sha2: keys are hashed too.
    #[test]
    fn attack_19_the_state_of_a_hash_is_wiped() {
        let FieldHash(hash) = FieldHash::new(b"tag");
        crate::test_support::wiped(&hash);
    }

    #[test]
    fn attack_2_boundaries_between_fields_matter() {
        let split = |parts: &[&[u8]]| hash(&parts.iter().map(|p| p.to_vec()).collect::<Vec<_>>());
        assert_ne!(split(&[b"ab", b"c"]), split(&[b"a", b"bc"]));
        assert_ne!(split(&[b"ab"]), split(&[b"ab", b""]));
        assert_ne!(split(&[b"", b"ab"]), split(&[b"ab", b""]));
        // Between the tag and the first field too.
        assert_ne!(FieldHash::new(b"tag").bytes(b"x").finish(), FieldHash::new(b"tagx").bytes(b"").finish());
    }

    proptest! {
        #[test]
        fn attack_2_different_lists_of_fields_never_share_an_input(
            a in prop::collection::vec(prop::collection::vec(0u8..4, 0..10), 0..6),
            b in prop::collection::vec(prop::collection::vec(0u8..4, 0..10), 0..6),
        ) {
            prop_assert_eq!(a == b, input(&a) == input(&b));
            prop_assert_eq!(a == b, hash(&a) == hash(&b));
        }

        /// The same bytes cut at two different places.
        #[test]
        fn attack_2_one_string_cut_differently(bytes in prop::collection::vec(any::<u8>(), 2..40), i in 0usize..40, j in 0usize..40) {
            let (i, j) = (i % bytes.len(), j % bytes.len());
            let cut = |at: usize| [bytes[..at].to_vec(), bytes[at..].to_vec()];
            prop_assert_eq!(i == j, hash(&cut(i)) == hash(&cut(j)));
        }
    }
}
