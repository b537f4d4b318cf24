//! Contests against the rules, contests changed, and approvals.

use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};

use super::{Row, anew, array, check, good};
use crate::audit;
use crate::support::forger::{CLOSES_AT, Forger, OPENS_AT, fingerprint, public, scalar_of, signature};
use crate::support::text::{hex, plus_order, sign};

/// A field of the contest is changed, and all trustees approve it.
fn contest(forger: &Forger, record: &mut Value, pointer: &str, value: Value) {
    *record["contest"].pointer_mut(pointer).unwrap() = value;
    forger.approve(record);
}

const CONTESTS: &[Row] = &[
    ("no list", &[(1, "2 lists a slot of 0 lists")], |f, r| contest(f, r, "/lists", json!([]))),
    ("256 lists", &[(1, "not 1 to 255 lists")], |f, r| {
        r["contest"]["packing"] = json!(128);
        r["result"]["votes"] = json!([0; 256].to_vec());
        contest(f, r, "/lists", (0..256).map(|list| format!("List {list}")).collect());
    }),
    ("a list twice", &[(1, "a list twice")], |f, r| contest(f, r, "/lists/1", json!("List 1"))),
    ("a list without a name", &[(1, "a list without a name")], |f, r| contest(f, r, "/lists/1", json!(""))),
    ("a long title", &[(1, "a text of more than 1,024 bytes")], |f, r| {
        contest(f, r, "/title", json!("é".repeat(513)))
    }),
    ("closes as it opens", &[(1, "it closes before it opens")], |f, r| {
        contest(f, r, "/closes_at", json!(OPENS_AT))
    }),
    ("more than a day of grace", &[(1, "more than a day of grace")], |f, r| {
        contest(f, r, "/grace", json!(86_401))
    }),
    ("an end too far off", &[(1, "the end is too far off")], |f, r| {
        contest(f, r, "/closes_at", json!((1u64 << 53) - 1))
    }),
    ("no capacity", &[(1, "capacity is not between 1 and 2^48")], |f, r| {
        contest(f, r, "/capacity", json!(0))
    }),
    ("a capacity of 2^48", &[(1, "capacity is not between 1 and 2^48")], |f, r| {
        contest(f, r, "/capacity", json!(1u64 << 48))
    }),
    ("slots too large", &[(1, "a slot holds more than 2^48")], |f, r| {
        contest(f, r, "/capacity", json!((1u64 << 24)))
    }),
    ("no list a slot", &[(1, "0 lists a slot of 3 lists")], |f, r| contest(f, r, "/packing", json!(0))),
    ("more lists a slot than lists", &[(1, "4 lists a slot of 3 lists")], |f, r| {
        contest(f, r, "/packing", json!(4))
    }),
    ("another number of slots", &[(1, "2 factors where 3 are due")], |f, r| {
        contest(f, r, "/packing", json!(1))
    }),
    ("no panel", &[(1, "no panel")], |f, r| contest(f, r, "/panels", json!([]))),
    ("256 trustees", &[(1, "more than 255 trustees")], |f, r| {
        contest(f, r, "/panels/1/quorum", json!(200));
        let keys = (0u64..254).map(|trustee| public(&Scalar::from(trustee + 2))).collect();
        contest(f, r, "/panels/1/trustees", keys);
    }),
    ("a threshold of nobody", &[(1, "a threshold outside its panel")], |f, r| {
        contest(f, r, "/panels/0/threshold", json!(0))
    }),
    ("a threshold above the panel", &[(1, "a threshold outside its panel")], |f, r| {
        contest(f, r, "/panels/1/threshold", json!(5))
    }),
    ("a quorum below the threshold", &[(1, "a quorum outside its panel")], |f, r| {
        contest(f, r, "/panels/1/quorum", json!(1))
    }),
    ("a quorum above the panel", &[(1, "a quorum outside its panel")], |f, r| {
        contest(f, r, "/panels/1/quorum", json!(5))
    }),
    (
        "no panel with a majority",
        &[(1, "no panel has a quorum of more than half of its trustees")],
        |f, r| contest(f, r, "/panels/1/quorum", json!(2)),
    ),
    ("an identity key in two panels", &[(1, "an identity key twice")], |f, r| {
        let key = r["contest"]["panels"][0]["trustees"][0].clone();
        contest(f, r, "/panels/1/trustees/3", key);
    }),
    (
        "the identity among the trustees",
        &[(1, "trustees has something that is no point, or the identity")],
        |f, r| {
            contest(f, r, "/panels/1/trustees/3", json!("00".repeat(32)));
        },
    ),
    ("the identity in the key", &[(1, "the key has something that is no point, or the identity")], |f, r| {
        contest(f, r, "/panels/1/key/0/1", json!("00".repeat(32)))
    }),
    ("no point in the key", &[(1, "the key has something that is no point, or the identity")], |f, r| {
        contest(f, r, "/panels/1/key/0/1", json!("ff".repeat(32)))
    }),
    ("a coefficient too few", &[(1, "not a key of one point a trustee needed")], |f, r| {
        array(r, "/contest/panels/1/key/0").pop();
        f.approve(r);
    }),
    ("a slot too many", &[(1, "not a key of one row a slot")], |f, r| {
        array(r, "/contest/panels/1/key").push(json!([public(&2u64.into()), public(&3u64.into())]));
        f.approve(r);
    }),
    ("two slots under one key", &[(1, "an encryption key twice")], |f, r| {
        for panel in 0..2 {
            r["contest"]["panels"][panel]["key"][1][0] = r["contest"]["panels"][panel]["key"][0][0].clone();
        }
        f.approve(r);
    }),
    ("panels that cancel each other", &[(1, "the identity for an encryption key")], |f, r| {
        contest(f, r, "/panels/0/key/1/0", json!(public(&-f.panels[1].polynomials[1][0])));
    }),
    ("a box key of small order", &[(1, "box_key is no key")], |f, r| {
        contest(f, r, "/box_key", json!("01".to_owned() + &"00".repeat(31)))
    }),
    ("an issuer key that is not canonical", &[(1, "issuer_key is no key")], |f, r| {
        // y = p + 3, which lax decoders take for 3.
        contest(f, r, "/issuer_key", json!(format!("f0{}7f", "ff".repeat(30))));
    }),
];

#[test]
fn contests_against_the_rules() {
    check(CONTESTS);
}

/// Every field of the contest may have another value, if everything is made for it.
#[test]
fn contests_made_anew() {
    let (forger, good) = good();
    let changes: [(&str, Value); 11] = [
        ("/election", json!("")),
        ("/number", json!(0)),
        ("/title", json!("x".repeat(1_024))),
        ("/documents", json!("sha256:…")),
        ("/lists", json!(["List 3", "List 2", "List 1"])),
        ("/opens_at", json!(CLOSES_AT - 1)),
        ("/closes_at", json!((1u64 << 53) - 1 - 1_800)),
        ("/grace", json!(0)),
        ("/capacity", json!((1u64 << 24) - 1)),
        ("/panels/0/quorum", json!(2)),
        ("/panels/1/quorum", json!(4)),
    ];
    for (pointer, value) in changes {
        let mut record = good.clone();
        *record["contest"].pointer_mut(pointer).unwrap() = value;
        // Signed for what it was, it fails from the first step on; nothing stops the others.
        let report = audit(record.to_string().as_bytes());
        assert_eq!(report.failed()[..3], [1, 3, 4], "{pointer}: {report:?}");
        assert!(report.fingerprint.is_some(), "{pointer}");
        anew(&forger, &mut record);
        let report = audit(record.to_string().as_bytes());
        assert!(report.accepts(), "{pointer}: {report:?}");
    }
}

const APPROVALS: &[Row] = &[
    ("an approval missing", &[(1, "not every trustee approves")], |_, r| drop(array(r, "/approvals").pop())),
    ("an approval twice", &[(1, "approval of trustee 6 out of order")], |_, r| {
        let again = r["approvals"][5].clone();
        array(r, "/approvals").push(again);
    }),
    ("approvals in another order", &[(1, "approval of trustee 1 out of order")], |_, r| {
        array(r, "/approvals").swap(0, 1)
    }),
    ("an approval of trustee 0", &[(1, "approval of trustee 0 out of order; …")], |_, r| {
        r["approvals"][0]["trustee"] = json!(0)
    }),
    ("an approval of nobody", &[(1, "approval of trustee 7, who is none; …")], |f, r| {
        let e = sign(&f.identities[0], "approval", &fingerprint(r));
        array(r, "/approvals").push(signature(7, e));
    }),
    (
        "an endorsement for an approval",
        &[(1, "the approval of trustee 2 does not hold; not every trustee approves")],
        |f, r| {
            r["approvals"][1] = signature(2, sign(&f.identities[1], "endorsement", &fingerprint(r)));
        },
    ),
    (
        "a response plus the order",
        &[(1, "the approval of trustee 1 does not hold; not every trustee approves")],
        |_, r| {
            let z = scalar_of(&r["approvals"][0]["response"]);
            r["approvals"][0]["response"] = json!(hex(&plus_order(z.as_bytes())));
        },
    ),
];

#[test]
fn approvals() {
    check(APPROVALS);
}
