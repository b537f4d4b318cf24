//! Closed records.

use curve25519_dalek::scalar::Scalar;
use serde_json::json;

use super::{Row, array, good, says, skipped};
use crate::audit_closed;
use crate::support::forger::{END, closed_form, closing_digest, public, signed_by};

#[test]
fn closed_records() {
    let (forger, record) = good();
    let table: &[Row] = &[
        ("nothing", &[], |_, _| ()),
        ("signed by the issuer", &[(1, "closing has an unknown \"issuer_signature\"")], |_, r| {
            r["closing"]["issuer_signature"] = json!("00".repeat(64))
        }),
        ("endorsed", &[(1, "closing has an unknown \"endorsements\"")], |_, r| {
            r["closing"]["endorsements"] = json!([])
        }),
        ("with factors", &[(1, "the record has an unknown \"factors\"")], |_, r| r["factors"] = json!([])),
        ("with a result", &[(1, "the record has an unknown \"result\"")], |_, r| {
            r["result"] = json!({ "votes": [0, 0, 0], "blank": 5 })
        }),
        ("without a tally", &[(1, "the record has no tally")], |_, r| {
            drop(r.as_object_mut().unwrap().remove("tally"))
        }),
        ("another protocol", &[(1, "the protocol is not urne/2 closed")], |_, r| {
            r["protocol"] = json!("urne/2")
        }),
        ("an approval missing", &[(1, "not every trustee approves")], |_, r| {
            drop(array(r, "/approvals").pop())
        }),
        (
            "a revocation hidden",
            &[(3, "8 entries not revoked for 7 voters"), (6, "the box did not sign the closing")],
            |_, r| r["roll"][2]["revoked"] = json!(false),
        ),
        ("closed early", &[(6, "closed early")], |f, r| {
            r["closing"]["at"] = json!(END - 1);
            f.sign_closing(r);
            r["closing"].as_object_mut().unwrap().remove("issuer_signature");
        }),
        ("signed by the issuer in place of the box", &[(6, "the box did not sign the closing")], |f, r| {
            r["closing"]["box_signature"] = signed_by(&f.issuer_key, &closing_digest(r));
        }),
        ("another sum", &[(7, "another sum of slot 2")], |_, r| {
            r["tally"]["sums"][1] = json!(public(&Scalar::ONE))
        }),
        (
            "a ballot dropped",
            &[
                (5, "the closing has another size; the closing has another root"),
                (6, "the box did not sign the closing"),
                (7, "another count; …"),
            ],
            |_, r| drop(array(r, "/ballots").pop()),
        ),
        (
            "a ballot that is none",
            &[
                (2, "ballot 4: not a ballot of version 2"),
                (5, "the closing has another root"),
                (6, "the box did not sign the closing"),
            ],
            |_, r| r["ballots"][4] = json!(""),
        ),
    ];
    for (name, failed, bend) in table {
        let mut closed = closed_form(&record);
        bend(&forger, &mut closed);
        let report = audit_closed(closed.to_string().as_bytes());
        assert!(says(&report, failed), "{name}: {failed:?} is due, not {report:?}");
        assert_eq!(report.outcomes.len(), 7);
        let skipped = skipped(&report).into_iter().filter(|step| *step <= 7);
        assert_eq!(report.skipped(), skipped.collect::<Vec<_>>(), "{name}");
    }
}
