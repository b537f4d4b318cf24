//! False keys and approvals.

use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};
use urne::bureau::{KeyError, TrusteeSignatureError};
use urne::contest::ContestError;
use urne::primitives::VerifyingKeyError;
use urne::record::{RecordError, Step};
use urne::{DecodeError, TrusteeIndex};

use super::{LARGE, Row, TRUSTEES, Verdict, array, cast, check, good, large, panel, part, trustee};
use crate::support::forger::{Forger, fingerprint, public, scalar_of, signature};
use crate::support::text::{draw, hex, plus_order, sign, unhex};

fn refused(error: impl Into<RecordError>) -> Verdict {
    part(Step::Contest, error)
}

fn key(forger: &Forger, record: &mut Value, error: KeyError) -> Verdict {
    forger.approve(record);
    refused(ContestError::Key(error))
}

/// Something of the key is changed, and all trustees approve it.
fn of_key(forger: &Forger, record: &mut Value, at: &str, value: Value, error: KeyError) -> Verdict {
    *record["contest"].pointer_mut(at).unwrap() = value;
    key(forger, record, error)
}

fn bad_point(number: u8, slot: usize, error: DecodeError) -> KeyError {
    KeyError::BadPoint { panel: panel(number), slot, error }
}

fn coefficients(number: u8, slot: usize, expected: usize, actual: usize) -> KeyError {
    KeyError::CoefficientCount { panel: panel(number), slot, expected, actual }
}

fn identity_key(number: u8, error: DecodeError) -> KeyError {
    KeyError::BadIdentity { trustee: trustee(number), error }
}

const IDENTITY: DecodeError = DecodeError::Identity { offset: 0 };
const NO_POINT: DecodeError = DecodeError::NotAPoint { offset: 0 };

/// A key of box or issuer that is none.
fn ed25519(
    forger: &Forger,
    record: &mut Value,
    field: &'static str,
    bytes: [u8; 32],
    error: VerifyingKeyError,
) -> Verdict {
    record["contest"][field] = json!(hex(&bytes));
    forger.approve(record);
    refused(RecordError::Key { field, error })
}

/// `y = 1`, the neutral point: under it a signature with `R = s·B` holds of every message.
fn neutral() -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = 1;
    bytes
}

/// `y = p + 3`, which lax decoders take for 3.
fn not_canonical() -> [u8; 32] {
    let mut bytes = [0xff; 32];
    (bytes[0], bytes[31]) = (0xed + 3, 0x7f);
    bytes
}

const KEYS: &[Row] = &[
    ("two slots under one key", |f, r| {
        for panel in 0..2 {
            r["contest"]["panels"][panel]["key"][1][0] = r["contest"]["panels"][panel]["key"][0][0].clone();
        }
        key(f, r, KeyError::RepeatedSlot { slot: 2 })
    }),
    ("two slots under one key that the panels share out differently", |f, r| {
        // h_2 of the first panel is such that the sums are the same.
        let h = f.logarithm(0) - f.panels[1].polynomials[1][0];
        of_key(f, r, "/panels/0/key/1/0", json!(public(&h)), KeyError::RepeatedSlot { slot: 2 })
    }),
    ("panels that cancel each other", |f, r| {
        let minus = json!(public(&-f.panels[1].polynomials[1][0]));
        of_key(f, r, "/panels/0/key/1/0", minus, KeyError::IdentityKeyOfSlot { slot: 2 })
    }),
    ("the identity for a panel's part of an encryption key", |f, r| {
        of_key(f, r, "/panels/0/key/1/0", json!("00".repeat(32)), bad_point(1, 2, IDENTITY))
    }),
    ("the identity for another coefficient", |f, r| {
        of_key(f, r, "/panels/1/key/0/1", json!("00".repeat(32)), bad_point(2, 1, IDENTITY))
    }),
    ("a point of the key that is none", |f, r| {
        of_key(f, r, "/panels/1/key/1/1", json!("ff".repeat(32)), bad_point(2, 2, NO_POINT))
    }),
    ("a coefficient too few", |f, r| {
        array(r, "/contest/panels/1/key/1").pop();
        key(f, r, coefficients(2, 2, 2, 1))
    }),
    ("a coefficient too many", |f, r| {
        array(r, "/contest/panels/0/key/0").push(json!(public(&5u64.into())));
        key(f, r, coefficients(1, 1, 1, 2))
    }),
    ("a slot without coefficients", |f, r| {
        array(r, "/contest/panels/0/key/0").clear();
        key(f, r, coefficients(1, 1, 1, 0))
    }),
    ("a panel with a slot less than the other", |f, r| {
        array(r, "/contest/panels/1/key").pop();
        key(f, r, KeyError::SlotCount { panel: panel(2), actual: 1 })
    }),
    ("a panel without a key", |f, r| {
        array(r, "/contest/panels/1/key").clear();
        key(f, r, KeyError::SlotCount { panel: panel(2), actual: 0 })
    }),
    ("a slot without a key", |f, r| {
        for panel in 0..2 {
            array(r, &format!("/contest/panels/{panel}/key")).pop();
        }
        f.approve(r);
        refused(ContestError::TooFewSlots { slots: 2, actual: 1 })
    }),
    ("a key without a slot", |f, r| {
        array(r, "/contest/panels/0/key").push(json!([public(&5u64.into())]));
        array(r, "/contest/panels/1/key").push(json!([public(&6u64.into()), public(&7u64.into())]));
        f.approve(r);
        refused(RecordError::Length { field: "key", expected: 2, actual: 3 })
    }),
    ("two trustees of a panel with one identity key", |f, r| {
        let same = r["contest"]["panels"][1]["trustees"][0].clone();
        of_key(f, r, "/panels/1/trustees/3", same, KeyError::RepeatedIdentity { trustee: trustee(6) })
    }),
    ("one trustee in both panels", |f, r| {
        let same = r["contest"]["panels"][0]["trustees"][1].clone();
        of_key(f, r, "/panels/1/trustees/2", same, KeyError::RepeatedIdentity { trustee: trustee(5) })
    }),
    ("the identity for a trustee's key", |f, r| {
        of_key(f, r, "/panels/1/trustees/2", json!("00".repeat(32)), identity_key(5, IDENTITY))
    }),
    ("a trustee's key that is no point", |f, r| {
        of_key(f, r, "/panels/0/trustees/1", json!("ff".repeat(32)), identity_key(2, NO_POINT))
    }),
    ("a box key of small order", |f, r| ed25519(f, r, "box_key", neutral(), VerifyingKeyError::SmallOrder)),
    ("an issuer key of small order", |f, r| {
        ed25519(f, r, "issuer_key", neutral(), VerifyingKeyError::SmallOrder)
    }),
    ("a box key that is not canonical", |f, r| {
        ed25519(f, r, "box_key", not_canonical(), VerifyingKeyError::NotAKey)
    }),
    ("an issuer key that is not canonical", |f, r| {
        ed25519(f, r, "issuer_key", not_canonical(), VerifyingKeyError::NotAKey)
    }),
];

#[test]
fn attack_14_false_records_of_bad_keys() {
    check(&good, KEYS);
}

fn approval(error: TrusteeSignatureError) -> Verdict {
    refused(ContestError::Approval(error))
}

fn invalid(number: u8) -> Verdict {
    approval(TrusteeSignatureError::Invalid { trustee: trustee(number) })
}

fn missing(number: u8) -> Verdict {
    let trustee: TrusteeIndex = trustee(number);
    refused(ContestError::MissingApproval { trustee })
}

fn order(number: u8) -> Verdict {
    refused(RecordError::Order { trustee: trustee(number) })
}

fn unknown(number: u64) -> Verdict {
    refused(RecordError::UnknownTrustee { number, trustees: TRUSTEES })
}

/// This trustee's approval by some key and for some purpose.
fn approved_by(record: &mut Value, number: u8, secret: &Scalar, purpose: &str) -> Verdict {
    let digest = fingerprint(record);
    record["approvals"][usize::from(number) - 1] = signature(number.into(), sign(secret, purpose, &digest));
    invalid(number)
}

const APPROVALS: &[Row] = &[
    ("an approval missing", |_, r| {
        array(r, "/approvals").remove(2);
        missing(3)
    }),
    ("the approvals of one panel", |_, r| {
        array(r, "/approvals").truncate(2);
        missing(3)
    }),
    ("no approval", |_, r| {
        r["approvals"] = json!([]);
        missing(1)
    }),
    ("an approval twice, another missing", |_, r| {
        r["approvals"][3] = r["approvals"][0].clone();
        order(1)
    }),
    ("an approval twice, none missing", |_, r| {
        let again = r["approvals"][5].clone();
        array(r, "/approvals").push(again);
        order(6)
    }),
    ("approvals in another order", |_, r| {
        array(r, "/approvals").swap(3, 4);
        order(4)
    }),
    ("an approval by another key", |_, r| approved_by(r, 2, &Scalar::from(5u64), "approval")),
    ("an approval under another trustee's name", |f, r| approved_by(r, 2, &f.identities[0], "approval")),
    ("an endorsement for an approval", |f, r| approved_by(r, 3, &f.identities[2], "endorsement")),
    ("a signature of factors for an approval", |f, r| approved_by(r, 4, &f.identities[3], "factors")),
    ("the endorsement of the closing among the approvals", |_, r| {
        r["approvals"][5] = r["closing"]["endorsements"][5].clone();
        invalid(6)
    }),
    ("an approval of another contest", |f, r| {
        let mut other = r.clone();
        other["contest"]["number"] = json!(585);
        r["approvals"][3] = signature(4, sign(&f.identities[3], "approval", &fingerprint(&other)));
        invalid(4)
    }),
    ("an approval with the response off by one", |_, r| {
        let z = scalar_of(&r["approvals"][0]["response"]) + Scalar::ONE;
        r["approvals"][0]["response"] = json!(hex(&z.to_bytes()));
        invalid(1)
    }),
    ("an approval plus the order", |_, r| {
        let z = unhex(r["approvals"][0]["response"].as_str().unwrap());
        r["approvals"][0]["response"] = json!(hex(&plus_order(&z)));
        refused(RecordError::Proof { trustee: trustee(1), error: DecodeError::NotAScalar { offset: 32 } })
    }),
    ("an approval by trustee 0", |_, r| {
        r["approvals"][0]["trustee"] = json!(0);
        unknown(0)
    }),
    ("an approval by a trustee too many", |f, r| {
        let digest = fingerprint(r);
        array(r, "/approvals").push(signature(7, sign(&f.identities[0], "approval", &digest)));
        unknown(7)
    }),
    ("an approval by trustee 257, who is not trustee 1", |_, r| {
        r["approvals"][0]["trustee"] = json!(257);
        unknown(257)
    }),
    ("an approval by a number that is too large", |_, r| {
        r["approvals"][5]["trustee"] = json!(LARGE);
        large("trustee")
    }),
    ("the organiser draws a key alone, holds the election under it, and nobody approves", |f, r| {
        let mut organiser = f.clone();
        for (number, secret) in
            organiser.panels.iter_mut().flat_map(|panel| panel.polynomials.iter_mut().flatten()).enumerate()
        {
            *secret = draw(&[b"organiser", &number.to_le_bytes()]);
        }
        let approvals = r["approvals"].clone();
        *r = organiser.record(&cast());
        r["approvals"] = approvals;
        invalid(1)
    }),
    ("keys that differ by G, under which anyone reads a ballot, and nobody approves", |f, r| {
        let mut organiser = f.clone();
        organiser.panels[0].polynomials[1][0] = f.logarithm(0) + Scalar::ONE - f.panels[1].polynomials[1][0];
        let approvals = r["approvals"].clone();
        *r = organiser.record(&cast());
        r["approvals"] = approvals;
        invalid(1)
    }),
];

#[test]
fn attack_14_false_records_of_approvals() {
    check(&good, APPROVALS);
}
