//! False sums and decryption factors.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};
use urne::record::{Flaw, RecordError, Step};
use urne::tally::FactorError;

use super::{
    LARGE, Row, TRUSTEES, Verdict, add, array, check, good, large, length, one, panel, part, trustee,
};
use crate::support::forger::{Forger, factors_digest, pair, public, scalar_of};
use crate::support::text::{base, challenge, decode, hex, plus_order, powers, sign, unhex};

pub(super) fn all_sums() -> Vec<Flaw> {
    vec![Flaw::NonceSum, Flaw::Sum { slot: 1 }, Flaw::Sum { slot: 2 }]
}

const SUMS: &[Row] = &[
    ("another count", |_, r| {
        add(r, "/tally/count", 1);
        one(Step::Tally, Flaw::Count { expected: 5, actual: 6 })
    }),
    ("another count, and factors for it", |f, r| {
        add(r, "/tally/count", 1);
        f.decrypt(r);
        let mut factors: Vec<_> = (1..=TRUSTEES).map(proof).collect();
        factors.push(too_few(1, 1, 0));
        vec![(Step::Tally, vec![Flaw::Count { expected: 5, actual: 6 }]), (Step::Factors, factors)]
    }),
    ("a count that is too large", |_, r| {
        r["tally"]["count"] = json!(LARGE);
        large("count")
    }),
    ("another sum of R", |_, r| {
        r["tally"]["nonce"] = json!(public(&Scalar::from(5u64)));
        one(Step::Tally, Flaw::NonceSum)
    }),
    ("the identity for the sum of R", |_, r| {
        r["tally"]["nonce"] = json!("00".repeat(32));
        one(Step::Tally, Flaw::NonceSum)
    }),
    ("another sum for a slot", |_, r| {
        r["tally"]["sums"][1] = json!(public(&Scalar::from(5u64)));
        one(Step::Tally, Flaw::Sum { slot: 2 })
    }),
    ("the sums of two slots exchanged", |_, r| {
        array(r, "/tally/sums").swap(0, 1);
        vec![(Step::Tally, vec![Flaw::Sum { slot: 1 }, Flaw::Sum { slot: 2 }])]
    }),
    ("sums with a vote more", |_, r| {
        let sum = decode(&unhex(r["tally"]["sums"][0].as_str().unwrap())) + base(&Scalar::ONE);
        r["tally"]["sums"][0] = json!(hex(sum.compress().as_bytes()));
        one(Step::Tally, Flaw::Sum { slot: 1 })
    }),
    ("sums with a vote more, opened as such", |_, r| {
        let sum = decode(&unhex(r["tally"]["sums"][1].as_str().unwrap())) + base(&Scalar::ONE);
        r["tally"]["sums"][1] = json!(hex(sum.compress().as_bytes()));
        r["result"] = json!({ "votes": [2, 1, 2], "blank": 0 });
        vec![(Step::Tally, vec![Flaw::Sum { slot: 2 }]), (Step::Result, vec![Flaw::Votes { slot: 2 }])]
    }),
    ("a sum that is no point", |_, r| {
        r["tally"]["sums"][1] = json!("ff".repeat(32));
        one(Step::Tally, Flaw::Sum { slot: 2 })
    }),
    ("a sum too few", |_, r| {
        array(r, "/tally/sums").pop();
        length("sums", 2, 1)
    }),
    ("a sum too many", |_, r| {
        array(r, "/tally/sums").push(json!("00".repeat(32)));
        length("sums", 2, 3)
    }),
    ("the sums of another box", |f, r| {
        let mut other = r.clone();
        array(&mut other, "/ballots").swap_remove(0);
        f.add_up(&mut other);
        other["tally"]["count"] = json!(5);
        r["tally"] = other["tally"].clone();
        vec![(Step::Tally, all_sums())]
    }),
];

#[test]
fn attack_15_false_records_of_sums() {
    check(&good, SUMS);
}

fn proof(number: u8) -> Flaw {
    Flaw::Factors(FactorError::Proof { trustee: trustee(number) })
}

fn unsigned(number: u8) -> Flaw {
    Flaw::Factors(FactorError::Signature { trustee: trustee(number) })
}

fn too_few(number: u8, expected: u8, actual: usize) -> Flaw {
    Flaw::TooFewFactors { panel: panel(number), expected, actual }
}

/// False, and the trustee's own word.
fn own_word(number: u8) -> Verdict {
    one(Step::Factors, proof(number))
}

/// Not the trustee's word: nobody is to blame.
fn not_sent(number: u8) -> Verdict {
    one(Step::Factors, unsigned(number))
}

fn order(number: u8) -> Verdict {
    part(Step::Factors, RecordError::Order { trustee: trustee(number) })
}

fn unknown(number: u64) -> Verdict {
    part(Step::Factors, RecordError::UnknownTrustee { number, trustees: TRUSTEES })
}

/// The factors of the trustee's true shares, but for one slot.
fn shifted(forger: &Forger, number: u64) -> Vec<Scalar> {
    let mut shares = forger.shares(number);
    shares[1] += Scalar::ONE;
    shares
}

/// The trustee signs its factors as they stand.
fn sign_again(forger: &Forger, record: &mut Value, position: usize) {
    let mut object = record["factors"][position].clone();
    forger.sign_factors(record, &mut object);
    record["factors"][position] = object;
}

fn plus_one(record: &mut Value, pointer: &str) {
    let value = record.pointer_mut(pointer).unwrap();
    *value = json!(hex(&(scalar_of(value) + Scalar::ONE).to_bytes()));
}

/// The factors of a trustee for another record of the same bureau, in the place of those for this one.
fn of_another(forger: &Forger, record: &mut Value, position: usize, change: impl Fn(&mut Value)) {
    let mut other = record.clone();
    change(&mut other);
    forger.decrypt(&mut other);
    record["factors"][position] = other["factors"][position].clone();
}

/// A signature in the place of that of trustee 2.
fn signed_by(record: &mut Value, secret: &Scalar, purpose: &str) -> Verdict {
    let digest = factors_digest(record, &record["factors"][1]);
    record["factors"][1]["signature"] = pair(sign(secret, purpose, &digest));
    not_sent(2)
}

/// One of the first panel's two is needed, and two of the second panel's four.
const FACTORS: &[Row] = &[
    ("factors of the first panel alone", |_, r| {
        array(r, "/factors").truncate(2);
        one(Step::Factors, too_few(2, 2, 0))
    }),
    ("factors of the second panel alone", |_, r| {
        array(r, "/factors").drain(..2);
        one(Step::Factors, too_few(1, 1, 0))
    }),
    ("factors below the second threshold", |_, r| {
        array(r, "/factors").truncate(3);
        one(Step::Factors, too_few(2, 2, 1))
    }),
    ("no factors", |_, r| {
        array(r, "/factors").clear();
        one(Step::Factors, too_few(1, 1, 0))
    }),
    ("a threshold made up with one trustee twice", |_, r| {
        array(r, "/factors").truncate(3);
        let again = r["factors"][2].clone();
        array(r, "/factors").push(again);
        order(3)
    }),
    ("a trustee twice above the threshold", |_, r| {
        let again = r["factors"][5].clone();
        array(r, "/factors").push(again);
        order(6)
    }),
    ("a trustee twice, the second time with a false factor", |f, r| {
        let again = f.factors(r, 6, &shifted(f, 6));
        array(r, "/factors").push(again);
        order(6)
    }),
    ("factors in another order", |_, r| {
        array(r, "/factors").swap(0, 1);
        order(1)
    }),
    ("a factor changed on its way", |_, r| {
        r["factors"][1]["factors"][0] = json!(public(&Scalar::from(5u64)));
        not_sent(2)
    }),
    ("a factor changed, and signed", |f, r| {
        r["factors"][1]["factors"][0] = json!(public(&Scalar::from(5u64)));
        sign_again(f, r, 1);
        own_word(2)
    }),
    ("false factors with a proof for them", |f, r| {
        r["factors"][2] = f.factors(r, 3, &shifted(f, 3));
        own_word(3)
    }),
    ("false factors with the proof of the true ones, signed", |f, r| {
        let proof = r["factors"][0]["proof"].clone();
        r["factors"][0] = f.factors(r, 1, &shifted(f, 1));
        r["factors"][0]["proof"] = proof;
        sign_again(f, r, 0);
        own_word(1)
    }),
    ("false factors above the threshold", |f, r| {
        r["factors"][5] = f.factors(r, 6, &shifted(f, 6));
        own_word(6)
    }),
    ("false factors of all the first panel", |f, r| {
        for number in [1, 2] {
            r["factors"][number - 1] = f.factors(r, number as u64, &shifted(f, number as u64));
        }
        vec![(Step::Factors, vec![proof(1), proof(2), too_few(1, 1, 0)])]
    }),
    ("false factors of all but one of the second panel", |f, r| {
        for number in [3, 4, 5] {
            r["factors"][number - 1] = f.factors(r, number as u64, &shifted(f, number as u64));
        }
        vec![(Step::Factors, vec![proof(3), proof(4), proof(5), too_few(2, 2, 1)])]
    }),
    ("false factors, and the result that they give", |f, r| {
        // Δ·λ_j·R is no multiple of G that anybody knows: the result is whatever it is said to be.
        r["factors"][2] = f.factors(r, 3, &shifted(f, 3));
        r["result"] = json!({ "votes": [1, 2, 1], "blank": 1 });
        vec![(Step::Factors, vec![proof(3)]), (Step::Result, vec![Flaw::Votes { slot: 1 }])]
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
        own_word(2)
    }),
    ("the factors of two slots exchanged", |_, r| {
        array(r, "/factors/0/factors").swap(0, 1);
        not_sent(1)
    }),
    ("the factors of two slots exchanged, and signed", |f, r| {
        array(r, "/factors/0/factors").swap(0, 1);
        sign_again(f, r, 0);
        own_word(1)
    }),
    ("two trustees' factors under each other's names", |_, r| {
        array(r, "/factors").swap(2, 3);
        (r["factors"][2]["trustee"], r["factors"][3]["trustee"]) = (json!(3), json!(4));
        vec![(Step::Factors, vec![unsigned(3), unsigned(4)])]
    }),
    ("two trustees' factors under each other's names, and signed", |f, r| {
        array(r, "/factors").swap(2, 3);
        (r["factors"][2]["trustee"], r["factors"][3]["trustee"]) = (json!(3), json!(4));
        sign_again(f, r, 2);
        sign_again(f, r, 3);
        vec![(Step::Factors, vec![proof(3), proof(4)])]
    }),
    ("factors by the share of a trustee of the other panel", |f, r| {
        r["factors"][0] = f.factors(r, 1, &f.shares(3));
        own_word(1)
    }),
    ("factors for another closing of the same ballots", |f, r| {
        of_another(f, r, 1, |other| add(other, "/closing/at", 1));
        not_sent(2)
    }),
    ("factors for another closing of the same ballots, signed for this one", |f, r| {
        of_another(f, r, 1, |other| add(other, "/closing/at", 1));
        sign_again(f, r, 1);
        own_word(2)
    }),
    ("factors for another tally", |f, r| {
        of_another(f, r, 0, |other| {
            array(other, "/ballots").pop();
            f.close(other);
            f.add_up(other);
        });
        not_sent(1)
    }),
    ("factors for another tally, signed for this one", |f, r| {
        of_another(f, r, 0, |other| {
            array(other, "/ballots").pop();
            f.add_up(other);
        });
        sign_again(f, r, 0);
        own_word(1)
    }),
    ("factors for another contest", |f, r| {
        of_another(f, r, 2, |other| other["contest"]["number"] = json!(585));
        not_sent(3)
    }),
    ("factors for another contest, signed for this one", |f, r| {
        of_another(f, r, 2, |other| other["contest"]["number"] = json!(585));
        sign_again(f, r, 2);
        own_word(3)
    }),
    ("a factor too few", |f, r| {
        r["factors"][0] = f.factors(r, 1, &f.shares(1)[..1]);
        length("factors", 2, 1)
    }),
    ("a factor too many", |_, r| {
        array(r, "/factors/1/factors").push(json!("00".repeat(32)));
        length("factors", 2, 3)
    }),
    ("the identity for a factor", |f, r| {
        r["factors"][5]["factors"][1] = json!("00".repeat(32));
        sign_again(f, r, 5);
        own_word(6)
    }),
    ("a factor that is no point", |_, r| {
        r["factors"][5]["factors"][1] = json!("ff".repeat(32));
        not_sent(6)
    }),
    ("a factor that is no point, and signed", |f, r| {
        r["factors"][5]["factors"][1] = json!("ff".repeat(32));
        sign_again(f, r, 5);
        one(Step::Factors, Flaw::Factors(FactorError::NotAPoint { trustee: trustee(6), slot: 2 }))
    }),
    ("a factor that is no point, and that nobody signed", |_, r| {
        r["factors"][5]["factors"][1] = json!("ff".repeat(32));
        not_sent(6)
    }),
    ("a response off by one", |_, r| {
        plus_one(r, "/factors/1/proof/response");
        not_sent(2)
    }),
    ("a response off by one, and signed", |f, r| {
        plus_one(r, "/factors/1/proof/response");
        sign_again(f, r, 1);
        own_word(2)
    }),
    ("a challenge off by one, and signed", |f, r| {
        plus_one(r, "/factors/1/proof/challenge");
        sign_again(f, r, 1);
        own_word(2)
    }),
    ("a response plus the order", |f, r| {
        let z = unhex(r["factors"][1]["proof"]["response"].as_str().unwrap());
        r["factors"][1]["proof"]["response"] = json!(hex(&plus_order(&z)));
        sign_again(f, r, 1);
        own_word(2)
    }),
    ("a signature off by one", |_, r| {
        plus_one(r, "/factors/1/signature/response");
        not_sent(2)
    }),
    ("a signature plus the order", |_, r| {
        let c = unhex(r["factors"][1]["signature"]["challenge"].as_str().unwrap());
        r["factors"][1]["signature"]["challenge"] = json!(hex(&plus_order(&c)));
        not_sent(2)
    }),
    ("a signature by another key", |_, r| signed_by(r, &Scalar::from(5u64), "factors")),
    ("a signature by another trustee", |f, r| signed_by(r, &f.identities[0], "factors")),
    ("a signature as of an endorsement", |f, r| signed_by(r, &f.identities[1], "endorsement")),
    ("the endorsement for the signature", |_, r| {
        let endorsement = r["closing"]["endorsements"][1].clone();
        let signature = &mut r["factors"][1]["signature"];
        signature["challenge"] = endorsement["challenge"].clone();
        signature["response"] = endorsement["response"].clone();
        not_sent(2)
    }),
    ("factors of trustee 0", |_, r| {
        r["factors"][0]["trustee"] = json!(0);
        unknown(0)
    }),
    ("factors of a trustee too many", |_, r| {
        let mut more = r["factors"][5].clone();
        more["trustee"] = json!(7);
        array(r, "/factors").push(more);
        unknown(7)
    }),
    ("factors of trustee 257, who is not trustee 1", |_, r| {
        r["factors"][0]["trustee"] = json!(257);
        unknown(257)
    }),
    ("factors of a number that is too large", |_, r| {
        r["factors"][5]["trustee"] = json!(LARGE);
        large("trustee")
    }),
];

#[test]
fn attack_12_false_records_of_factors() {
    check(&good, FACTORS);
}
