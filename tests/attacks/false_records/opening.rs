//! False sums, decryption factors and results.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};
use urne::DecodeError;
use urne::audit::{Flaw, Step};
use urne::decryption::FactorError;
use urne::record::RecordError;

use super::{Row, TRUSTEES, Verdict, add, array, check, good, one, part, trustee};
use crate::support::forger::{Forger, public, scalar_of};
use crate::support::text::{base, challenge, decode, hex, plus_order, powers, unhex};

const SUMS: &[Row] = &[
    ("another count", |_, r| {
        add(r, "/tally/count", 1);
        one(Step::Tally, Flaw::Count { expected: 5, actual: 6 })
    }),
    ("another sum of R", |_, r| {
        r["tally"]["nonce"] = json!(public(&Scalar::from(5u64)));
        one(Step::Tally, Flaw::NonceSum)
    }),
    ("another sum for a list", |_, r| {
        r["tally"]["sums"][1] = json!(public(&Scalar::from(5u64)));
        one(Step::Tally, Flaw::Sum { list: 2 })
    }),
    ("the sums of two lists exchanged", |_, r| {
        array(r, "/tally/sums").swap(0, 2);
        vec![(Step::Tally, vec![Flaw::Sum { list: 1 }, Flaw::Sum { list: 3 }])]
    }),
    ("sums with a vote more", |_, r| {
        let sum = decode(&unhex(r["tally"]["sums"][0].as_str().unwrap())) + base(&Scalar::ONE);
        r["tally"]["sums"][0] = json!(hex(sum.compress().as_bytes()));
        one(Step::Tally, Flaw::Sum { list: 1 })
    }),
    ("a sum that is no point", |_, r| {
        r["tally"]["sums"][2] = json!("ff".repeat(32));
        one(Step::Tally, Flaw::Sum { list: 3 })
    }),
    ("a sum too few", |_, r| {
        array(r, "/tally/sums").pop();
        one(Step::Tally, Flaw::SumCount { expected: 3, actual: 2 })
    }),
    ("a sum too many", |_, r| {
        array(r, "/tally/sums").push(json!("00".repeat(32)));
        one(Step::Tally, Flaw::SumCount { expected: 3, actual: 4 })
    }),
    ("the sums of another box", |f, r| {
        let mut other = r.clone();
        array(&mut other, "/ballots").swap_remove(0);
        f.add_up(&mut other);
        other["tally"]["count"] = json!(5);
        r["tally"] = other["tally"].clone();
        let flaws = [Flaw::NonceSum, Flaw::Sum { list: 1 }, Flaw::Sum { list: 2 }, Flaw::Sum { list: 3 }];
        vec![(Step::Tally, flaws.to_vec())]
    }),
];

#[test]
fn attack_15_false_records_of_sums() {
    check(&good, SUMS);
}

fn refused(error: FactorError) -> Verdict {
    one(Step::Factors, Flaw::Factors(error))
}

fn false_factors(number: u8) -> Verdict {
    refused(FactorError::Proof { trustee: trustee(number) })
}

/// The factors of the trustee's true shares, but for one list.
fn shifted(forger: &Forger, number: u64) -> Vec<Scalar> {
    let mut shares = forger.shares(number);
    shares[1] += Scalar::ONE;
    shares
}

const FACTORS: &[Row] = &[
    ("factors below the threshold", |_, r| {
        array(r, "/factors").truncate(1);
        one(Step::Factors, Flaw::TooFewFactors { expected: 2, actual: 1 })
    }),
    ("no factors", |_, r| {
        array(r, "/factors").clear();
        one(Step::Factors, Flaw::TooFewFactors { expected: 2, actual: 0 })
    }),
    ("a threshold made up with one trustee twice", |_, r| {
        array(r, "/factors").truncate(1);
        let again = r["factors"][0].clone();
        array(r, "/factors").push(again);
        refused(FactorError::Repeated { trustee: trustee(1) })
    }),
    ("a trustee twice above the threshold", |_, r| {
        let again = r["factors"][3].clone();
        array(r, "/factors").push(again);
        refused(FactorError::Repeated { trustee: trustee(4) })
    }),
    ("a trustee twice, the second time with a false factor", |_, r| {
        // Only the first is verified: a record could repeat it without end.
        let mut again = r["factors"][3].clone();
        again["factors"][0] = json!(public(&Scalar::from(5u64)));
        array(r, "/factors").push(again);
        refused(FactorError::Repeated { trustee: trustee(4) })
    }),
    ("a factor that is false", |_, r| {
        r["factors"][1]["factors"][0] = json!(public(&Scalar::from(5u64)));
        false_factors(2)
    }),
    ("false factors with a proof for them", |f, r| {
        r["factors"][2] = f.factors(r, 3, &shifted(f, 3));
        false_factors(3)
    }),
    ("false factors with the proof of the true ones", |f, r| {
        let (c, z) = (r["factors"][0]["challenge"].clone(), r["factors"][0]["response"].clone());
        r["factors"][0] = f.factors(r, 1, &shifted(f, 1));
        (r["factors"][0]["challenge"], r["factors"][0]["response"]) = (c, z);
        false_factors(1)
    }),
    ("false factors above the threshold", |f, r| {
        r["factors"][3] = f.factors(r, 4, &shifted(f, 4));
        false_factors(4)
    }),
    ("factors that the challenge leaves out, in its kernel", |f, r| {
        // With w known in advance, D_1 moves by Δ and D_2 by −Δ/w: the folded factors stay as they were.
        let nonce = decode(&unhex(r["tally"]["nonce"].as_str().unwrap()));
        let good: Vec<_> = f.shares(2).iter().map(|x| nonce * x).collect();
        let mut factors = good.clone();
        let w = challenge(&mut f.decryption(r, 2), b"w");
        factors[0] += base(&Scalar::ONE);
        factors[1] -= base(&w.invert());
        let folded = |factors: &[RistrettoPoint]| {
            powers(w).zip(factors).map(|(w_s, D)| D * w_s).sum::<RistrettoPoint>()
        };
        assert_eq!(folded(&factors), folded(&good));
        r["factors"][1] = f.prove_factors(r, 2, &f.shares(2), &factors, false);
        false_factors(2)
    }),
    ("the factors of two lists exchanged", |_, r| {
        array(r, "/factors/0/factors").swap(0, 1);
        false_factors(1)
    }),
    ("one trustee's factors under another's name", |_, r| {
        r["factors"][1]["trustee"] = json!(3);
        r["factors"][2]["trustee"] = json!(2);
        let flaws = [3, 2].map(|number| Flaw::Factors(FactorError::Proof { trustee: trustee(number) }));
        vec![(Step::Factors, flaws.to_vec())]
    }),
    ("factors for another closing of the same ballots", |f, r| {
        let mut other = r.clone();
        add(&mut other, "/closing/at", 1);
        f.decrypt(&mut other);
        r["factors"][1] = other["factors"][1].clone();
        false_factors(2)
    }),
    ("factors for another tally", |f, r| {
        let mut other = r.clone();
        array(&mut other, "/ballots").pop();
        f.finish(&mut other);
        r["factors"][0] = other["factors"][0].clone();
        false_factors(1)
    }),
    ("factors for another contest", |f, r| {
        let mut other = r.clone();
        other["contest"]["number"] = json!(585);
        f.decrypt(&mut other);
        r["factors"][2] = other["factors"][2].clone();
        false_factors(3)
    }),
    ("a factor too few", |f, r| {
        r["factors"][0] = f.factors(r, 1, &f.shares(1)[..2]);
        refused(FactorError::Count { trustee: trustee(1), expected: 3, actual: 2 })
    }),
    ("a factor too many", |_, r| {
        array(r, "/factors/1/factors").push(json!("00".repeat(32)));
        refused(FactorError::Count { trustee: trustee(2), expected: 3, actual: 4 })
    }),
    ("the identity for a factor", |_, r| {
        r["factors"][3]["factors"][2] = json!("00".repeat(32));
        false_factors(4)
    }),
    ("a factor that is no point", |_, r| {
        r["factors"][3]["factors"][2] = json!("ff".repeat(32));
        let error = DecodeError::NotAPoint { offset: 64 };
        part(Step::Factors, RecordError::Factor { trustee: trustee(4), error })
    }),
    ("a response off by one", |_, r| {
        let z = scalar_of(&r["factors"][1]["response"]) + Scalar::ONE;
        r["factors"][1]["response"] = json!(hex(&z.to_bytes()));
        false_factors(2)
    }),
    ("a response plus the order", |_, r| {
        let z = unhex(r["factors"][1]["response"].as_str().unwrap());
        r["factors"][1]["response"] = json!(hex(&plus_order(&z)));
        let error = DecodeError::NotAScalar { offset: 32 };
        part(Step::Factors, RecordError::Proof { trustee: trustee(2), error })
    }),
    ("factors of trustee 0", |_, r| {
        r["factors"][0]["trustee"] = json!(0);
        part(Step::Factors, RecordError::UnknownTrustee { number: 0, trustees: TRUSTEES })
    }),
    ("factors of a trustee too many", |f, r| {
        let factors = f.factors(r, 5, &f.shares(5));
        array(r, "/factors").push(factors);
        part(Step::Factors, RecordError::UnknownTrustee { number: 5, trustees: TRUSTEES })
    }),
];

#[test]
fn attack_12_false_records_of_factors() {
    check(&good, FACTORS);
}

fn votes(list: u8, votes: u64) -> Flaw {
    Flaw::Votes { list, votes }
}

/// The true result is 2, 1, 1 and one blank.
const RESULTS: &[Row] = &[
    ("the votes of two lists exchanged", |_, r| {
        r["result"]["votes"] = json!([1, 2, 1]);
        vec![(Step::Result, vec![votes(1, 1), votes(2, 2)])]
    }),
    ("a blank vote given to a list", |_, r| {
        r["result"] = json!({ "votes": [2, 1, 2], "blank": 0 });
        one(Step::Result, votes(3, 2))
    }),
    ("a vote more than ballots", |_, r| {
        r["result"]["votes"][0] = json!(3);
        vec![(Step::Result, vec![votes(1, 3), Flaw::Total { count: 5 }])]
    }),
    ("a blank vote too many", |_, r| {
        r["result"]["blank"] = json!(2);
        one(Step::Result, Flaw::Total { count: 5 })
    }),
    ("a blank vote too few", |_, r| {
        r["result"]["blank"] = json!(0);
        one(Step::Result, Flaw::Total { count: 5 })
    }),
    ("blank votes that wrap round", |_, r| {
        // 2 + 1 + (2^64 − 1) + 3 is 5 in 64 bits.
        r["result"] = json!({ "votes": [2, 1, u64::MAX], "blank": 3 });
        vec![(Step::Result, vec![votes(3, u64::MAX), Flaw::Total { count: 5 }])]
    }),
    ("a list without votes", |_, r| {
        array(r, "/result/votes").pop();
        one(Step::Result, Flaw::VoteCount { expected: 3, actual: 2 })
    }),
    ("votes without a list", |_, r| {
        array(r, "/result/votes").push(json!(0));
        one(Step::Result, Flaw::VoteCount { expected: 3, actual: 4 })
    }),
];

#[test]
fn attack_12_false_records_of_results() {
    check(&good, RESULTS);
}

fn empty(forger: &Forger) -> Value {
    forger.record(&[])
}

const EMPTY: &[Row] = &[
    ("factors in an empty box", |f, r| {
        let factors = f.factors(r, 1, &f.shares(1));
        array(r, "/factors").push(factors);
        one(Step::Factors, Flaw::FactorsOfEmptyBox)
    }),
    ("votes in an empty box", |_, r| {
        r["result"]["votes"] = json!([1, 0, 0]);
        vec![(Step::Result, vec![votes(1, 1), Flaw::Total { count: 0 }])]
    }),
    ("a blank vote in an empty box", |_, r| {
        r["result"]["blank"] = json!(1);
        one(Step::Result, Flaw::Total { count: 0 })
    }),
    ("a count in an empty box", |_, r| {
        r["tally"]["count"] = json!(1);
        one(Step::Tally, Flaw::Count { expected: 0, actual: 1 })
    }),
];

#[test]
fn attack_12_false_records_of_empty_boxes() {
    check(&empty, EMPTY);
}
