//! Closings and endorsements.

use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use super::{Row, array, check};
use crate::support::forger::{END, Forger, closing_digest, signature, signed_by};
use crate::support::text::{hex, plus_order, sign};

/// Both sign what the closing says, and the trustees follow.
fn sealed(forger: &Forger, record: &mut Value) {
    forger.sign_closing(record);
    forger.open_tally(record);
}

const CLOSINGS: &[Row] = &[
    // What is stated is compared in step 5; the signatures are over what is there.
    ("another size", &[(5, "the closing has another size")], |_, r| r["closing"]["size"] = json!(6)),
    ("another root", &[(5, "the closing has another root")], |_, r| {
        r["closing"]["root"] = json!("77".repeat(32))
    }),
    (
        "another size, signed",
        &[
            (5, "the closing has another size"),
            (6, "the box did not sign the closing; …"),
            (8, "factors of trustee 1: the signature does not hold; …"),
        ],
        |f, r| {
            r["closing"]["size"] = json!(6);
            sealed(f, r);
        },
    ),
    (
        "another root, signed",
        &[
            (5, "the closing has another root"),
            (6, "the box did not sign the closing; …"),
            (8, "factors of trustee 1: the signature does not hold; …"),
        ],
        |f, r| {
            r["closing"]["root"] = json!("77".repeat(32));
            sealed(f, r);
        },
    ),
    (
        "ballots in another order",
        &[
            (5, "the closing has another root"),
            (6, "the box did not sign the closing; …"),
            (8, "factors of trustee 1: the signature does not hold; …"),
        ],
        |_, r| array(r, "/ballots").swap(0, 1),
    ),
    (
        "other signings",
        &[
            (6, "the box did not sign the closing; …"),
            (8, "factors of trustee 1: the signature does not hold; …"),
        ],
        |_, r| r["closing"]["signings_digest"] = json!("77".repeat(32)),
    ),
    ("other signings, signed", &[], |f, r| {
        r["closing"]["signings_digest"] = json!("77".repeat(32));
        sealed(f, r);
    }),
    ("closed before the end", &[(6, "closed early")], |f, r| {
        r["closing"]["at"] = json!(END - 1);
        sealed(f, r);
    }),
    ("closed later", &[], |f, r| {
        r["closing"]["at"] = json!(END + 1);
        sealed(f, r);
    }),
    ("a closing that only the box signed", &[(6, "the issuer did not sign the closing")], |f, r| {
        r["closing"]["issuer_signature"] = signed_by(&f.box_key, &closing_digest(r));
    }),
    ("a closing that somebody signed", &[(6, "the box did not sign the closing")], |_, r| {
        r["closing"]["box_signature"] = signed_by(&SigningKey::from_bytes(&[1; 32]), &closing_digest(r));
    }),
    ("a signature plus the order", &[(6, "the box did not sign the closing")], |_, r| {
        let signature = hex_bytes(&r["closing"]["box_signature"]);
        let lax = [&signature[..32], &plus_order(&signature[32..])].concat();
        r["closing"]["box_signature"] = json!(hex(&lax));
    }),
    ("a second panel below its quorum", &[(6, "too few endorsements of panel 2")], |_, r| {
        array(r, "/closing/endorsements").truncate(4)
    }),
    ("a first panel below its quorum", &[(6, "too few endorsements of panel 1")], |_, r| {
        drop(array(r, "/closing/endorsements").drain(..2))
    }),
    ("an endorsement twice", &[(6, "endorsement of trustee 4 out of order")], |_, r| {
        let again = r["closing"]["endorsements"][3].clone();
        array(r, "/closing/endorsements").insert(3, again);
    }),
    (
        "a false endorsement beside enough good ones",
        &[(6, "the endorsement of trustee 6 does not hold")],
        |f, r| {
            r["closing"]["endorsements"][5] =
                signature(6, sign(&f.identities[5], "approval", &closing_digest(r)));
        },
    ),
];

fn hex_bytes(value: &Value) -> Vec<u8> {
    crate::support::text::unhex(value.as_str().unwrap())
}

#[test]
fn closings_and_endorsements() {
    check(CLOSINGS);
}
