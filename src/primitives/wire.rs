//! Reading and writing bytes and hex: one way for every type.

use crate::primitives::messages::messages;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::scalar::Scalar;

use super::group::{Element, Limbs, decode_scalar};
use super::labels::WIRE_VERSION;
use super::text::count;

/// Integers of the protocol are below this, so that every JSON reader gets them exactly.
pub(crate) const INTEGER_LIMIT: u64 = 1 << 53;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $byte:literal, $text:literal;)+) => {
        /// What a form of bytes is: its first byte. The second is the protocol's version.
        ///
        /// The one table of all forms that cross a process or are stored. Of a ballot, whose form the protocol
        /// fixes, the first byte is the version itself.
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[$doc])* $name),+ }

        impl Kind {
            /// Every kind, in order of their bytes.
            pub const ALL: &[Kind] = &[$(Kind::$name),+];

            /// The first byte of the form.
            #[must_use]
            pub fn byte(self) -> u8 {
                match self { $(Kind::$name => $byte),+ }
            }

            /// The kind with this byte.
            #[must_use]
            pub fn of_byte(byte: u8) -> Option<Kind> {
                match byte { $($byte => Some(Kind::$name),)+ _ => None }
            }
        }

        impl fmt::Display for Kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Kind::$name => $text),+ })
            }
        }
    };
}

kinds! {
    /// A sealed ballot: its first byte is the protocol's version, and no other follows.
    Ballot = 0x02, "a ballot";
    /// A trustee's commitment in a key ceremony.
    Commitment = 0x10, "a commitment";
    /// A trustee's reveal in a key ceremony.
    Reveal = 0x11, "a reveal";
    /// A complaint in a key ceremony.
    Complaint = 0x12, "a complaint";
    /// A confirmation in a key ceremony.
    Confirmation = 0x13, "a confirmation";
    /// The stored secrets of a trustee that has committed.
    Committed = 0x14, "the secrets of a trustee that has committed";
    /// The stored secrets of a trustee that has revealed.
    Revealed = 0x15, "the secrets of a trustee that has revealed";
    /// The stored secrets of a trustee that has checked its shares.
    Checked = 0x16, "the secrets of a trustee that has checked its shares";
    /// The stored secrets of a trustee that has confirmed the key.
    Confirmed = 0x17, "the secrets of a trustee that has confirmed the key";
    /// What a key ceremony is: its label, number of slots and bureau.
    Ceremony = 0x18, "a ceremony";
    /// The public half of an election key, with its bureau.
    ElectionKey = 0x19, "an election key";
    /// The secret identity key of a trustee before its ceremony.
    IdentitySecret = 0x1a, "a trustee's secret identity key";
    /// A trustee's whole memory in a key ceremony.
    Seat = 0x1b, "a trustee's seat in a ceremony";
    /// A trustee's approval of a contest.
    Approval = 0x20, "an approval";
    /// A trustee's endorsement of a closing.
    Endorsement = 0x21, "an endorsement";
    /// That a trustee is ready to give factors.
    Ready = 0x22, "a trustee's word that it is ready";
    /// A trustee's decryption factors.
    Factors = 0x23, "decryption factors";
    /// A trustee: its key and all that it remembers.
    Trustee = 0x24, "a trustee";
    /// The closing that a trustee says it was given.
    GivenClosing = 0x25, "a trustee's word of the closing it was given";
    /// A credential as the issuer gives it to the roll.
    Issue = 0x30, "an issue";
    /// An opening that the box has signed.
    ProposedOpening = 0x31, "an opening without the issuer's signature";
    /// An opening with both signatures.
    Opening = 0x32, "an opening";
    /// An answer to an activation nonce.
    Activation = 0x33, "an activation";
    /// An issuer: its key and all that it remembers.
    Issuer = 0x34, "an issuer";
    /// The published roll of a contest, with its opening.
    Roll = 0x35, "a roll";
    /// How an application names a voter.
    VoterId = 0x36, "a voter's id";
    /// The issues of a contest's voters before its opening.
    ElectoralRoll = 0x37, "an electoral roll";
    /// The secret key of a ballot box or an issuer.
    SigningKey = 0x38, "a secret signing key";
    /// A ballot opened by its voter.
    ChallengedBallot = 0x40, "a challenged ballot";
    /// A sum of some ballots.
    PartialSum = 0x41, "a partial sum";
    /// A signed size and root of a box.
    Head = 0x50, "a head";
    /// A voter's signing of the roll.
    Emargement = 0x51, "an émargement";
    /// The proof that a ballot entered the box.
    DepositProof = 0x52, "a deposit proof";
    /// The signatures of box and issuer under a closing, with what they sign.
    SignedClosing = 0x53, "a signed closing";
    /// The list of those who signed.
    Signings = 0x54, "a list of signings";
    /// An entry of a box's own log.
    LogEntry = 0x55, "an entry of a box's log";
    /// The way from a leaf or an earlier tree to a Merkle root.
    MerklePath = 0x56, "a Merkle path";
    /// How far a box's log has come.
    Anchor = 0x57, "an anchor";
    /// What a voter's device keeps of a vote.
    Dossier = 0x60, "the dossier of a vote";
    /// The whole answer to a deposit.
    Receipt = 0x61, "a receipt";
    /// The part of it that the voter is shown.
    Acknowledgement = 0x62, "an acknowledgement";
    /// Where a voter stands in a contest.
    VoterState = 0x63, "a voter's state";
    /// What was found in a shard of ballots.
    ShardReport = 0x70, "the report of a shard";
    /// What was found in a shard of the roll.
    RollReport = 0x71, "the report of a shard of the roll";
    /// What was found where marks were compared.
    JoinReport = 0x72, "the report of a join";
}

/// Why bytes are not what they were read as.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// Not the canonical encoding of a point (RFC 9496 §4.3.1).
    NotAPoint {
        /// Where the 32 bytes begin.
        offset: usize,
    },
    /// The identity point where the protocol wants any other.
    Identity {
        /// Where the 32 bytes begin.
        offset: usize,
    },
    /// Not a scalar below the group order.
    NotAScalar {
        /// Where the 32 bytes begin.
        offset: usize,
    },
    /// The bytes end before the value does.
    TooShort {
        /// Length that was needed.
        expected: usize,
        /// Length that was there.
        actual: usize,
    },
    /// Bytes are left over after the value.
    TooLong {
        /// Length of the value.
        expected: usize,
        /// Length that was there.
        actual: usize,
    },
    /// The version byte is not this protocol's.
    Version {
        /// The byte found.
        actual: u8,
    },
    /// The form is of another kind.
    Kind {
        /// The kind that was needed.
        expected: Kind,
        /// The first byte; see [`Kind::of_byte`].
        actual: u8,
    },
    /// A number outside of what the field may hold.
    Number {
        /// Where the number begins.
        offset: usize,
    },
    /// A digest that is not that of what stands beside it: the bytes were damaged where they were kept.
    Digest {
        /// Where the digest begins.
        offset: usize,
    },
    /// Not lower-case hex of an even length.
    NotHex,
    /// What a role has stored is not what was written: the tag at its end does not hold.
    Altered,
}

messages! { DecodeError: "decode";
    NotAPoint { offset } => "not-a-point",
        "the bytes at offset {offset} are not the canonical encoding of a point";
    Identity { offset } => "identity", "the point at offset {offset} is the identity";
    NotAScalar { offset } => "not-a-scalar",
        "the bytes at offset {offset} are not a scalar below the group order";
    TooShort { expected, actual } => "too-short",
        "too short: {} where it takes {expected}", count(*actual, "byte");
    TooLong { expected, actual } => "too-long",
        "too long: {} where it takes {expected}", count(*actual, "byte");
    Version { actual } => "version", "version byte {actual:#04x} where {WIRE_VERSION:#04x} is needed";
    Kind { expected, actual } => "kind", "{}, where {expected} is needed", found(*actual);
    Number { offset } => "number", "the number at offset {offset} is out of range";
    Digest { offset } => "digest", "the digest at offset {offset} is not that of the bytes beside it: they are damaged";
    NotHex => "not-hex", "not lower-case hex of an even length";
    Altered => "altered", "altered or damaged since it was stored: the tag at its end does not hold";
}

impl core::error::Error for DecodeError {}

/// What the first byte of a form says that it is.
fn found(byte: u8) -> impl fmt::Display {
    fmt::from_fn(move |f| match Kind::of_byte(byte) {
        Some(kind) => write!(f, "this is {kind}"),
        None => write!(f, "first byte {byte:#04x}"),
    })
}

/// Reads a wire form from front to back.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    length: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes, length: bytes.len() }
    }

    /// A reader of a form that begins with its kind and the version byte.
    pub(crate) fn form(kind: Kind, bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        match reader.byte()? {
            actual if actual != kind.byte() => return Err(DecodeError::Kind { expected: kind, actual }),
            _ => (),
        }
        match reader.byte()? {
            WIRE_VERSION => Ok(reader),
            actual => Err(DecodeError::Version { actual }),
        }
    }

    /// A reader of a ballot, which begins with the version byte. The first byte of anything else says what it
    /// is.
    pub(crate) fn versioned(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        match reader.byte()? {
            WIRE_VERSION => Ok(reader),
            actual if Kind::of_byte(actual).is_some() => {
                Err(DecodeError::Kind { expected: Kind::Ballot, actual })
            }
            actual => Err(DecodeError::Version { actual }),
        }
    }

    pub(crate) fn offset(&self) -> usize {
        self.length - self.rest.len()
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], DecodeError> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(DecodeError::TooShort {
            expected: self.offset().saturating_add(N),
            actual: self.length,
        })?;
        self.rest = rest;
        Ok(head)
    }

    pub(crate) fn slice(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let (head, rest) = self.rest.split_at_checked(length).ok_or(DecodeError::TooShort {
            expected: self.offset().saturating_add(length),
            actual: self.length,
        })?;
        self.rest = rest;
        Ok(head)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, DecodeError> {
        self.array().map(|[byte]| *byte)
    }

    pub(crate) fn number(&mut self) -> Result<u64, DecodeError> {
        self.array().map(|bytes| u64::from_le_bytes(*bytes))
    }

    /// An integer of the protocol: below 2^53.
    pub(crate) fn integer(&mut self) -> Result<u64, DecodeError> {
        let offset = self.offset();
        self.number().and_then(|integer| {
            if integer < INTEGER_LIMIT { Ok(integer) } else { Err(DecodeError::Number { offset }) }
        })
    }

    pub(crate) fn scalar(&mut self) -> Result<Scalar, DecodeError> {
        let offset = self.offset();
        decode_scalar(self.array()?).ok_or(DecodeError::NotAScalar { offset })
    }

    /// A scalar that is public, to be used in sums of products.
    pub(crate) fn limbs(&mut self) -> Result<Limbs, DecodeError> {
        let offset = self.offset();
        Limbs::decode(self.array()?).ok_or(DecodeError::NotAScalar { offset })
    }

    /// A point other than the identity.
    pub(crate) fn element(&mut self) -> Result<Element, DecodeError> {
        let offset = self.offset();
        let element = self.sum()?;
        if element.is_identity() { Err(DecodeError::Identity { offset }) } else { Ok(element) }
    }

    /// Any point: sums, partial sums and decryption factors may be the identity.
    pub(crate) fn sum(&mut self) -> Result<Element, DecodeError> {
        let offset = self.offset();
        Element::decode(self.array()?).ok_or(DecodeError::NotAPoint { offset })
    }

    /// Checks that so many bytes are left.
    pub(crate) fn require(&self, needed: usize) -> Result<(), DecodeError> {
        if self.rest.len() < needed {
            let expected = self.offset().saturating_add(needed);
            return Err(DecodeError::TooShort { expected, actual: self.length });
        }
        Ok(())
    }

    /// `count` values in a row. The whole length is checked before anything is allocated.
    pub(crate) fn many<T>(
        &mut self,
        count: usize,
        size: usize,
        mut read: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        self.require(count.saturating_mul(size))?;
        let mut values = Vec::with_capacity(count);
        for _ in 0..count {
            values.push(read(self)?);
        }
        Ok(values)
    }

    /// Everything that has not been read.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Everything that has not been read, which is read with this.
    pub(crate) fn take_rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.rest)
    }

    pub(crate) fn finish(self) -> Result<(), DecodeError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(DecodeError::TooLong { expected: self.offset(), actual: self.length })
        }
    }
}

/// The beginning of a form.
pub(crate) fn form(kind: Kind) -> Vec<u8> {
    alloc::vec![kind.byte(), WIRE_VERSION]
}

pub(crate) fn to_hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

#[cfg(feature = "serde")]
pub(crate) fn from_hex(text: &str) -> Result<Vec<u8>, DecodeError> {
    base16ct::lower::decode_vec(text).map_err(|_| DecodeError::NotHex)
}

/// Lower-case hex of exactly `N` bytes.
pub(crate) fn array_from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    // base16ct would leave the end as it is where the text is shorter.
    if text.len() != N.saturating_mul(2) {
        return None;
    }
    base16ct::lower::decode(text, &mut bytes).ok()?;
    Some(bytes)
}

/// Values that have one wire form: hex in human-readable formats, bytes in others.
#[cfg(feature = "serde")]
pub(crate) mod serde_wire {
    use super::*;
    use serde::{Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&to_hex(bytes))
        } else {
            serializer.serialize_bytes(bytes)
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(Hex)
        } else {
            deserializer.deserialize_byte_buf(Bytes)
        }
    }

    struct Hex;
    impl de::Visitor<'_> for Hex {
        type Value = Vec<u8>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string of lower-case hex")
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<u8>, E> {
            from_hex(text).map_err(E::custom)
        }
    }

    struct Bytes;
    impl<'de> de::Visitor<'de> for Bytes {
        type Value = Vec<u8>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("bytes")
        }
        fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }
        fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
            Ok(bytes)
        }
        /// Of a format, or a writer of one, that has no bytes but lists of numbers. What the list says of its own
        /// length is not believed.
        fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Vec<u8>, A::Error> {
            let mut bytes = Vec::new();
            while let Some(byte) = list.next_element()? {
                bytes.push(byte);
            }
            Ok(bytes)
        }
    }
}

/// `Serialize` and `Deserialize` by a type's wire form: `to_bytes`, and a function that reads it.
macro_rules! serde_bytes {
    ($name:ident, $read:expr) => {
        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::primitives::wire::serde_wire::serialize(self.to_bytes().as_ref(), serializer)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let bytes = $crate::primitives::wire::serde_wire::deserialize(deserializer)?;
                let read: fn(&[u8]) -> Result<$name, _> = $read;
                read(&bytes).map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use serde_bytes;

/// `Display` and `FromStr` of 32 public bytes: 64 lower-case hex digits.
macro_rules! hex_text {
    ($name:ident, $error:ty, $read:expr) => {
        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(&$crate::primitives::wire::to_hex(&self.to_bytes()))
            }
        }

        /// From 64 lower-case hex digits.
        impl core::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let read: fn(Option<[u8; 32]>) -> Result<$name, $error> = $read;
                read($crate::primitives::wire::array_from_hex(text))
            }
        }
    };
}
pub(crate) use hex_text;
