//! Damaged messages, made from a good one and the layout of its wire form. The errors are foreseen from the
//! layout alone: nothing here decodes.

use serde_json::{Value, json};

use super::fixture::{hex, unhex};

/// A part of a wire form.
#[derive(Clone, Copy)]
pub enum Field {
    /// What the form is.
    Kind,
    Version,
    /// A byte that is not 0.
    Positive,
    /// A point other than the identity.
    Point,
    /// A point that may be the identity.
    Sum,
    Scalar,
    /// So many bytes of any value.
    Bytes(usize),
    /// How many items follow, 8 bytes.
    Count,
    /// The length of a voter's id, 8 bytes, 1 to 256.
    IdLength,
    /// Below 2^53, 8 bytes.
    Number,
}

impl Field {
    pub fn length(self) -> usize {
        match self {
            Field::Kind | Field::Version | Field::Positive => 1,
            Field::Point | Field::Sum | Field::Scalar => 32,
            Field::Bytes(length) => length,
            Field::Count | Field::IdLength | Field::Number => 8,
        }
    }
}

/// A name for an error, and the offset where it is met, if it has one.
pub type Expected = Option<(&'static str, Option<usize>)>;

/// The tests of one file. Ids count them.
pub struct Tests {
    prefix: &'static str,
    tests: Vec<Value>,
}

impl Tests {
    pub fn new(prefix: &'static str) -> Self {
        Tests { prefix, tests: Vec::new() }
    }

    pub fn add(&mut self, comment: impl Into<String>, bytes: &[u8], expected: Expected) {
        let id = format!("{}-{}", self.prefix, self.tests.len() + 1);
        let mut test = json!({ "id": id, "comment": comment.into(), "bytes": hex(bytes), "result": "valid" });
        if let Some((error, offset)) = expected {
            test["result"] = "invalid".into();
            test["error"] = error.into();
            if let Some(offset) = offset {
                test["offset"] = offset.into();
            }
        }
        self.tests.push(test);
    }

    pub fn into_file(self, kind: &str, notes: &str) -> Value {
        json!({ "type": kind, "notes": notes, "tests": self.tests })
    }

    /// Everything that can be wrong with a message of this layout by itself.
    pub fn damage(&mut self, good: &[u8], layout: &[(&str, Field)]) {
        assert_eq!(self.damage_fields(good, layout), good.len(), "the layout of {}", self.prefix);
        self.add("the last byte is missing", &good[..good.len() - 1], Some(("TooShort", None)));
        self.add("a byte more", &[good, &[0]].concat(), Some(("TooLong", None)));
        self.add("twice", &[good, good].concat(), Some(("TooLong", None)));
    }

    /// Everything but what comes after the last of these fields, whose end is given back.
    pub fn damage_fields(&mut self, good: &[u8], layout: &[(&str, Field)]) -> usize {
        self.add("a good one", good, None);
        let mut offset = 0;
        for (name, field) in layout {
            self.add(format!("ends before {name}"), &good[..offset], Some(("TooShort", None)));
            self.damage_field(good, name, *field, offset);
            offset += field.length();
        }
        offset
    }

    fn damage_field(&mut self, good: &[u8], name: &str, field: Field, offset: usize) {
        let at = Some(offset);
        let mut with = |what: &str, bytes: &[u8], expected| {
            self.add(format!("{name}: {what}"), &replaced(good, offset, bytes), expected);
        };
        let number = |number: u64| number.to_le_bytes();
        match field {
            Field::Kind => {
                // A ballot, an approval, a signed closing, and two that no form begins with.
                for (what, kind) in [("02", 0x02), ("20", 0x20), ("53", 0x53), ("0", 0), ("255", 255)] {
                    if good[offset] != kind {
                        with(what, &[kind], Some(("Kind", None)));
                    }
                }
            }
            Field::Version => {
                for (what, version) in [("0", 0), ("1", 1), ("255", 255)] {
                    with(what, &[version], Some(("Version", None)));
                }
            }
            Field::Positive => with("0", &[0], Some(("Number", at))),
            Field::Point | Field::Sum => {
                for (what, bad) in BAD_POINTS {
                    with(what, &unhex(bad), Some(("NotAPoint", at)));
                }
                let identity = matches!(field, Field::Point).then_some(("Identity", at));
                with("the identity", &[0; 32], identity);
            }
            Field::Scalar => {
                let original = &good[offset..offset + 32];
                with("the same + l", &plus_order(original), Some(("NotAScalar", at)));
                with("l", &unhex(ORDER), Some(("NotAScalar", at)));
                with("2^256 - 1", &[0xff; 32], Some(("NotAScalar", at)));
            }
            Field::Bytes(_) => (),
            Field::Count => {
                // Times 16 or 32 some of these wrap to a small number.
                for (what, count) in
                    [("2^64 - 1", u64::MAX), ("2^63", 1 << 63), ("2^60", 1 << 60), ("2^59", 1 << 59)]
                {
                    with(what, &number(count), Some(("TooShort", None)));
                }
                with("2^32", &number(1 << 32), Some(("TooShort", None)));
            }
            Field::IdLength => {
                with("0", &number(0), Some(("Number", at)));
                with("257", &number(257), Some(("Number", at)));
                with("2^64 - 1", &number(u64::MAX), Some(("Number", at)));
                // Where more follows than it claims, that is read as the id.
                if good.len() - offset < 8 + 256 {
                    with("256 with a short body", &number(256), Some(("TooShort", None)));
                }
            }
            Field::Number => {
                with("2^53", &number(1 << 53), Some(("Number", at)));
                with("2^64 - 1", &number(u64::MAX), Some(("Number", at)));
            }
        }
    }
}

/// Of RFC 9496 A.3, one of each kind; `point.json` has all.
pub const BAD_POINTS: [(&str, &str); 4] = [
    ("a non-canonical field element", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ("a negative field element", "0100000000000000000000000000000000000000000000000000000000000000"),
    ("x^2 is no square", "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371"),
    ("xy is negative", "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e"),
];

const ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

pub fn replaced(good: &[u8], offset: usize, bytes: &[u8]) -> Vec<u8> {
    let mut damaged = good.to_vec();
    damaged[offset..offset + bytes.len()].copy_from_slice(bytes);
    damaged
}

fn plus_order(scalar: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    scalar
        .iter()
        .zip(unhex(ORDER))
        .map(|(byte, add)| {
            let sum = u16::from(*byte) + u16::from(add) + carry;
            carry = sum >> 8;
            sum.to_le_bytes()[0]
        })
        .collect()
}
