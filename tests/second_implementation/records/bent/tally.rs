//! Sums, factors and results.

use curve25519_dalek::scalar::Scalar;
use serde_json::json;

use super::{Row, anew, array, check, good};
use crate::audit;
use crate::support::forger::{Forger, pair, public};
use crate::support::text::sign;

fn shifted(forger: &Forger, trustee: u64) -> Vec<Scalar> {
    let mut shares = forger.shares(trustee);
    shares[1] += Scalar::ONE;
    shares
}

const TALLIES: &[Row] = &[
    ("another count", &[(7, "another count")], |_, r| r["tally"]["count"] = json!(6)),
    ("another sum of R", &[(7, "another sum of R")], |_, r| {
        r["tally"]["nonce"] = json!(public(&Scalar::ONE))
    }),
    ("another sum of a slot", &[(7, "another sum of slot 2")], |_, r| {
        r["tally"]["sums"][1] = json!(public(&Scalar::ONE))
    }),
    ("a sum that is no point", &[(7, "another sum of slot 1")], |_, r| {
        r["tally"]["sums"][0] = json!("ff".repeat(32))
    }),
    ("a sum too few", &[(1, "1 sums where 2 are due")], |_, r| drop(array(r, "/tally/sums").pop())),
    (
        "another count, and factors for it",
        &[(7, "another count"), (8, "factors of trustee 1: the proof does not hold; …")],
        |f, r| {
            r["tally"]["count"] = json!(6);
            f.decrypt(r);
        },
    ),
    ("factors of one panel", &[(8, "too few factors of panel 2")], |_, r| array(r, "/factors").truncate(2)),
    ("factors below the threshold", &[(8, "too few factors of panel 2")], |_, r| {
        array(r, "/factors").truncate(3)
    }),
    ("no factors", &[(8, "too few factors of panel 1; too few factors of panel 2")], |_, r| {
        array(r, "/factors").clear()
    }),
    ("factors twice", &[(8, "factors of trustee 6 out of order")], |_, r| {
        let again = r["factors"][5].clone();
        array(r, "/factors").push(again);
    }),
    ("factors in another order", &[(8, "factors of trustee 1 out of order")], |_, r| {
        array(r, "/factors").swap(0, 1)
    }),
    (
        "false factors under a good signature, beside enough good ones",
        &[(8, "factors of trustee 6: the proof does not hold")],
        |f, r| {
            r["factors"][5] = f.factors(r, 6, &shifted(f, 6));
        },
    ),
    ("a factor changed", &[(8, "factors of trustee 1: the signature does not hold")], |_, r| {
        r["factors"][0]["factors"][0] = json!(public(&Scalar::ONE))
    }),
    ("a factor changed and signed", &[(8, "factors of trustee 1: the proof does not hold")], |f, r| {
        let mut object = r["factors"][0].clone();
        object["factors"][0] = json!(public(&Scalar::ONE));
        f.sign_factors(r, &mut object);
        r["factors"][0] = object;
    }),
    ("a factor that is no point", &[(8, "factors of trustee 1: the signature does not hold")], |_, r| {
        r["factors"][0]["factors"][0] = json!("ff".repeat(32));
    }),
    (
        "a factor that is no point, signed",
        &[(8, "factors of trustee 1: a factor that is no point")],
        |f, r| {
            let mut object = r["factors"][0].clone();
            object["factors"][0] = json!("ff".repeat(32));
            f.sign_factors(r, &mut object);
            r["factors"][0] = object;
        },
    ),
    (
        "good factors under another's signature",
        &[(8, "factors of trustee 2: the signature does not hold")],
        |f, r| {
            r["factors"][1]["signature"] = pair(sign(&f.identities[0], "factors", &[0; 32]));
        },
    ),
    (
        "factors of a trustee who is none",
        &[(8, "factors of trustee 7, who is none; factors of trustee 7: who is none")],
        |f, r| {
            let mut object = r["factors"][5].clone();
            object["trustee"] = json!(7);
            array(r, "/factors").push(object);
            let _ = f;
        },
    ),
    ("a factor too few", &[(1, "1 factors where 2 are due")], |_, r| {
        drop(array(r, "/factors/0/factors").pop())
    }),
    ("a vote more", &[(9, "votes and blank votes are not as many as ballots")], |_, r| {
        r["result"]["votes"][0] = json!(3)
    }),
    ("a vote moved in a slot", &[(9, "the total of slot 1 holds other votes")], |_, r| {
        r["result"]["votes"] = json!([1, 2, 1])
    }),
    ("a vote moved to another slot", &[(9, "the total of slot 1 holds other votes; …")], |_, r| {
        r["result"]["votes"] = json!([1, 1, 2])
    }),
    ("a blank vote more", &[(9, "votes and blank votes are not as many as ballots")], |_, r| {
        r["result"]["blank"] = json!(2)
    }),
    ("the same totals with digits above the count", &[(9, "more votes than ballots; …")], |_, r| {
        r["result"]["votes"] = json!([2 + 1_001, 0, 1]);
    }),
    ("votes of a list too few", &[(1, "2 votes where 3 are due")], |_, r| {
        drop(array(r, "/result/votes").pop())
    }),
    ("votes below nought for all of 2^53", &[(9, "more votes than ballots; …")], |_, r| {
        let most = (1u64 << 53) - 1;
        r["result"] = json!({ "votes": [most, most, most], "blank": most });
    }),
];

#[test]
fn tallies_factors_and_results() {
    check(TALLIES);
}

#[test]
fn an_empty_box_has_no_factors() {
    let (forger, ballots) = good();
    let mut record = forger.record(&[]);
    assert!(audit(record.to_string().as_bytes()).accepts());
    record["factors"] = ballots["factors"].clone();
    assert_eq!(audit(record.to_string().as_bytes()).failed(), [8]);
    record["factors"] = json!([forger.factors(&record, 1, &forger.shares(1))]);
    assert_eq!(audit(record.to_string().as_bytes()).failed(), [8]);
    // More ballots than there can be voters.
    let mut record = ballots;
    record["contest"]["capacity"] = json!(4);
    anew(&forger, &mut record);
    assert_eq!(audit(record.to_string().as_bytes()).failed(), [3, 9]);
}
