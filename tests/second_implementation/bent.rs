//! Records with one thing false in them, and the steps in which the verifier says so.
//!
//! Where a signature, proof or sum hangs on what is bent, the forger makes it anew, so that the lie alone
//! is left to be found.

use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use crate::support::forger::{
    CLOSES_AT, END, Forger, OPENS_AT, Shape, ballots, closed_form, closing_digest, fingerprint,
    opening_digest, pair, public, scalar_of, setting, signature, signed_by, votes,
};
use crate::support::parts::Parts;
use crate::support::prover::{Item, Schedule, Witness, prove};
use crate::support::text::{base, hex, plus_order, sign};
use crate::support::verifier::{Report, audit, audit_closed};

/// A name, what it makes false, and the steps that fail for it.
type Row = (&'static str, fn(&Forger, &mut Value), &'static [usize]);

/// Five ballots of seven voters, three lists of which two share a slot; the president or the secretary,
/// and two of four delegates, of whom three endorse. The third voter has a code issued anew.
fn good() -> (Forger, Value) {
    let forger = Forger::of(&Shape::new(&[(1, 2), (2, 4)], 3, 7));
    let cast = [[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 0], [0, 0, 1]].map(|b| votes(&b));
    let record = forger.record(&cast);
    (forger, record)
}

fn check(table: &[Row]) {
    let (forger, good) = good();
    assert!(audit(good.to_string().as_bytes()).accepts());
    let mut wrong = Vec::new();
    for (name, bend, failed) in table {
        let mut record = good.clone();
        bend(&forger, &mut record);
        assert_ne!(record, good, "{name} changes nothing");
        let report = audit(record.to_string().as_bytes());
        if report.failed() != *failed || report.skipped() != skipped(&report, failed) {
            wrong.push(format!("{name}: {failed:?} is due, not {report:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The steps that cannot be carried out when these fail. Only a contest that was read has a fingerprint.
fn skipped(report: &Report, failed: &[usize]) -> Vec<usize> {
    match failed {
        _ if report.fingerprint.is_none() => (2..=9).collect(),
        _ if failed.contains(&2) => vec![7, 8, 9],
        _ if failed.contains(&8) => vec![9],
        _ => vec![],
    }
}

fn array<'a>(record: &'a mut Value, pointer: &str) -> &'a mut Vec<Value> {
    record.pointer_mut(pointer).unwrap().as_array_mut().unwrap()
}

/// A field of the contest is changed, and everything after it made anew, ballots too.
fn contest(forger: &Forger, record: &mut Value, pointer: &str, value: Value) {
    *record["contest"].pointer_mut(pointer).unwrap() = value;
    forger.approve(record);
}

const CONTESTS: &[Row] = &[
    ("no list", |f, r| contest(f, r, "/lists", json!([])), &[1]),
    ("a list twice", |f, r| contest(f, r, "/lists/1", json!("List 1")), &[1]),
    ("a list without a name", |f, r| contest(f, r, "/lists/1", json!("")), &[1]),
    ("a long title", |f, r| contest(f, r, "/title", json!("é".repeat(513))), &[1]),
    ("closes as it opens", |f, r| contest(f, r, "/closes_at", json!(OPENS_AT)), &[1]),
    ("more than a day of grace", |f, r| contest(f, r, "/grace", json!(86_401)), &[1]),
    ("an end too far off", |f, r| contest(f, r, "/closes_at", json!((1u64 << 53) - 1)), &[1]),
    ("no capacity", |f, r| contest(f, r, "/capacity", json!(0)), &[1]),
    ("a capacity of 2^48", |f, r| contest(f, r, "/capacity", json!(1u64 << 48)), &[1]),
    ("slots too large", |f, r| contest(f, r, "/capacity", json!((1u64 << 24))), &[1]),
    ("no list a slot", |f, r| contest(f, r, "/packing", json!(0)), &[1]),
    ("more lists a slot than lists", |f, r| contest(f, r, "/packing", json!(4)), &[1]),
    ("another number of slots", |f, r| contest(f, r, "/packing", json!(1)), &[1]),
    ("no panel", |f, r| contest(f, r, "/panels", json!([])), &[1]),
    ("a threshold of nobody", |f, r| contest(f, r, "/panels/0/threshold", json!(0)), &[1]),
    ("a threshold above the panel", |f, r| contest(f, r, "/panels/1/threshold", json!(5)), &[1]),
    ("a quorum below the threshold", |f, r| contest(f, r, "/panels/1/quorum", json!(1)), &[1]),
    ("a quorum above the panel", |f, r| contest(f, r, "/panels/1/quorum", json!(5)), &[1]),
    ("no panel with a majority", |f, r| contest(f, r, "/panels/1/quorum", json!(2)), &[1]),
    (
        "an identity key in two panels",
        |f, r| {
            let key = r["contest"]["panels"][0]["trustees"][0].clone();
            contest(f, r, "/panels/1/trustees/3", key);
        },
        &[1],
    ),
    (
        "the identity among the trustees",
        |f, r| {
            contest(f, r, "/panels/1/trustees/3", json!("00".repeat(32)));
        },
        &[1],
    ),
    ("the identity in the key", |f, r| contest(f, r, "/panels/1/key/0/1", json!("00".repeat(32))), &[1]),
    ("no point in the key", |f, r| contest(f, r, "/panels/1/key/0/1", json!("ff".repeat(32))), &[1]),
    (
        "a coefficient too few",
        |f, r| {
            array(r, "/contest/panels/1/key/0").pop();
            f.approve(r);
        },
        &[1],
    ),
    (
        "a slot too many",
        |f, r| {
            array(r, "/contest/panels/1/key").push(json!([public(&2u64.into()), public(&3u64.into())]));
            f.approve(r);
        },
        &[1],
    ),
    (
        "two slots under one key",
        |f, r| {
            for panel in 0..2 {
                r["contest"]["panels"][panel]["key"][1][0] =
                    r["contest"]["panels"][panel]["key"][0][0].clone();
            }
            f.approve(r);
        },
        &[1],
    ),
    (
        "panels that cancel each other",
        |f, r| {
            contest(f, r, "/panels/0/key/1/0", json!(public(&-f.panels[1].polynomials[1][0])));
        },
        &[1],
    ),
    (
        "a box key of small order",
        |f, r| contest(f, r, "/box_key", json!("01".to_owned() + &"00".repeat(31))),
        &[1],
    ),
    (
        "an issuer key that is not canonical",
        |f, r| {
            // y = p + 3, which lax decoders take for 3.
            contest(f, r, "/issuer_key", json!(format!("f0{}7f", "ff".repeat(30))));
        },
        &[1],
    ),
];

#[test]
fn contests_against_the_rules() {
    check(CONTESTS);
}

/// The rest of a record of a changed contest, with ballots of the same votes.
fn anew(forger: &Forger, record: &mut Value) {
    forger.approve(record);
    forger.sign_opening(record);
    let keys = [[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 0], [0, 0, 1]].map(|b| votes(&b));
    for (voter, b) in keys.iter().enumerate() {
        record["ballots"][voter] = json!(hex(&forger.ballot(record, &forger.credential(voter), b)));
    }
    forger.finish(record);
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
    ("an approval missing", |_, r| drop(array(r, "/approvals").pop()), &[1]),
    (
        "an approval twice",
        |_, r| {
            let again = r["approvals"][5].clone();
            array(r, "/approvals").push(again);
        },
        &[1],
    ),
    ("approvals in another order", |_, r| array(r, "/approvals").swap(0, 1), &[1]),
    ("an approval of trustee 0", |_, r| r["approvals"][0]["trustee"] = json!(0), &[1]),
    (
        "an approval of nobody",
        |f, r| {
            let e = sign(&f.identities[0], "approval", &fingerprint(r));
            array(r, "/approvals").push(signature(7, e));
        },
        &[1],
    ),
    (
        "an endorsement for an approval",
        |f, r| {
            r["approvals"][1] = signature(2, sign(&f.identities[1], "endorsement", &fingerprint(r)));
        },
        &[1],
    ),
    (
        "a response plus the order",
        |_, r| {
            let z = scalar_of(&r["approvals"][0]["response"]);
            r["approvals"][0]["response"] = json!(hex(&plus_order(z.as_bytes())));
        },
        &[1],
    ),
];

#[test]
fn approvals() {
    check(APPROVALS);
}

/// The roll is changed, opening and closing are signed anew.
fn rolled(forger: &Forger, record: &mut Value) {
    forger.sign_opening(record);
    forger.finish(record);
}

const ROLLS: &[Row] = &[
    (
        "a credential that is no point",
        |f, r| {
            r["roll"][7]["credential"] = json!("ff".repeat(32));
            f.finish(r);
        },
        &[3],
    ),
    (
        "the identity for a credential",
        |f, r| {
            r["roll"][7]["credential"] = json!("00".repeat(32));
            f.finish(r);
        },
        &[3],
    ),
    (
        "a credential twice",
        |f, r| {
            let mut again = r["roll"][6].clone();
            again["revoked"] = json!(true);
            array(r, "/roll").push(again);
            f.finish(r);
        },
        &[3],
    ),
    (
        "first credentials in another order",
        |f, r| {
            array(r, "/roll").swap(5, 6);
            rolled(f, r);
        },
        &[3],
    ),
    (
        "a voter more than the opening says",
        |f, r| {
            array(r, "/roll").push(json!({ "credential": public(&Scalar::from(5u64)), "revoked": false }));
            f.finish(r);
        },
        &[3],
    ),
    (
        "nobody on the roll",
        |f, r| {
            r["opening"]["voters"] = json!(0);
            rolled(f, r);
        },
        &[3],
    ),
    (
        "more voters than entries",
        |f, r| {
            r["opening"]["voters"] = json!(9);
            rolled(f, r);
        },
        &[3],
    ),
    (
        "more voters than capacity",
        |f, r| {
            r["contest"]["capacity"] = json!(6);
            anew(f, r);
        },
        &[3],
    ),
    (
        "opened late",
        |f, r| {
            r["opening"]["at"] = json!(OPENS_AT + 1);
            rolled(f, r);
        },
        &[3],
    ),
    (
        "an opening that only the box signed",
        |f, r| {
            r["opening"]["issuer_signature"] = signed_by(&f.box_key, &opening_digest(r));
        },
        &[3],
    ),
    (
        "an opening that only the issuer signed",
        |f, r| {
            r["opening"]["box_signature"] = signed_by(&f.issuer_key, &opening_digest(r));
        },
        &[3],
    ),
    ("a revoked credential used", |f, r| cast(f, r, 2, &f.voters[2]), &[3]),
    ("a credential that is not on the roll", |f, r| cast(f, r, 3, &Scalar::from(77u64)), &[3]),
    ("a credential used twice", |f, r| cast(f, r, 3, &f.voters[1]), &[3]),
    (
        "an R used twice",
        |f, r| {
            let first = Witness::new(f.voters[0], &votes(&[1, 0, 0]));
            let witness = Witness { r: first.r, ..Witness::new(f.voters[3], &votes(&[0, 0, 0])) };
            put(f, r, 3, &prove(&setting(r), &Schedule::strict(), &witness).to_bytes());
        },
        &[3],
    ),
    (
        "a ballot copied",
        |f, r| {
            let copy = r["ballots"][1].clone();
            array(r, "/ballots").push(copy);
            f.finish(r);
        },
        &[3, 5],
    ),
];

/// A ballot in the place of another, and everything after it.
fn put(forger: &Forger, record: &mut Value, index: usize, ballot: &[u8]) {
    record["ballots"][index] = json!(hex(ballot));
    forger.finish(record);
}

/// A vote for list 3 under this credential.
fn cast(forger: &Forger, record: &mut Value, index: usize, credential: &Scalar) {
    let ballot = forger.ballot(record, credential, &votes(&[0, 0, 1]));
    put(forger, record, index, &ballot);
}

#[test]
fn rolls_and_openings() {
    check(ROLLS);
}

fn change(forger: &Forger, record: &mut Value, change: impl Fn(&mut Parts)) {
    let mut parts = Parts::from_bytes(&ballots(record)[0]);
    change(&mut parts);
    put(forger, record, 0, &parts.to_bytes());
}

/// Ballot 1 becomes bytes that are none; the sums stay.
fn bytes(forger: &Forger, record: &mut Value, change: impl Fn(&mut Vec<u8>)) {
    let mut ballot = ballots(record)[1].clone();
    change(&mut ballot);
    record["ballots"][1] = json!(hex(&ballot));
    forger.close(record);
    forger.endorse(record);
}

const BALLOTS: &[Row] = &[
    (
        "two votes in one slot",
        |f, r| {
            put(f, r, 0, &f.ballot(r, &f.voters[0], &votes(&[1, 1, 0])));
        },
        &[4],
    ),
    (
        "a vote from a debt",
        |f, r| {
            let M = 1_001;
            put(f, r, 0, &f.ballot(r, &f.voters[0], &votes(&[M + 1, -1, 0])));
        },
        &[4],
    ),
    (
        "e not hashed",
        |f, r| {
            let witness = Witness::new(f.voters[0], &votes(&[1, 0, 0]));
            put(f, r, 0, &prove(&setting(r), &Schedule::strict().without(Item::E), &witness).to_bytes());
        },
        &[4],
    ),
    (
        "a ballot of another contest",
        |f, r| {
            let mut elsewhere = r.clone();
            elsewhere["contest"]["number"] = json!(585);
            put(f, r, 0, &f.ballot(&elsewhere, &f.voters[0], &votes(&[1, 0, 0])));
        },
        &[4],
    ),
    ("under another credential", |f, r| change(f, r, |parts| parts.credential = base(&f.voters[6])), &[4]),
    ("a response off by one", |f, r| change(f, r, |parts| parts.u += Scalar::ONE), &[4]),
    ("e off by one", |f, r| change(f, r, |parts| parts.e += Scalar::ONE), &[4]),
    ("another B", |f, r| change(f, r, |parts| parts.B += base(&Scalar::ONE)), &[4]),
    ("a ballot that is none", |f, r| bytes(f, r, |ballot| ballot.clear()), &[2]),
    ("a ballot of version 1", |f, r| bytes(f, r, |ballot| ballot[0] = 1), &[2]),
    ("a byte too many", |f, r| bytes(f, r, |ballot| ballot.push(0)), &[2]),
    ("the identity for B", |f, r| bytes(f, r, |ballot| ballot[130..162].fill(0)), &[2]),
    (
        "a ballot that is none, beside one of two votes under a revoked credential",
        |f, r| {
            put(f, r, 2, &f.ballot(r, &f.voters[2], &votes(&[0, 1, 1])));
            bytes(f, r, |ballot| ballot.clear());
        },
        &[2, 3, 4],
    ),
];

#[test]
fn false_ballots() {
    check(BALLOTS);
}

/// Both sign what the closing says, and the trustees follow.
fn sealed(forger: &Forger, record: &mut Value) {
    forger.sign_closing(record);
    forger.open_tally(record);
}

const CLOSINGS: &[Row] = &[
    // What is stated is compared in step 5; the signatures are over what is there.
    ("another size", |_, r| r["closing"]["size"] = json!(6), &[5]),
    ("another root", |_, r| r["closing"]["root"] = json!("77".repeat(32)), &[5]),
    (
        "another size, signed",
        |f, r| {
            r["closing"]["size"] = json!(6);
            sealed(f, r);
        },
        &[5, 6, 8],
    ),
    (
        "another root, signed",
        |f, r| {
            r["closing"]["root"] = json!("77".repeat(32));
            sealed(f, r);
        },
        &[5, 6, 8],
    ),
    ("ballots in another order", |_, r| array(r, "/ballots").swap(0, 1), &[5, 6, 8]),
    ("other signings", |_, r| r["closing"]["signings_digest"] = json!("77".repeat(32)), &[6, 8]),
    (
        "other signings, signed",
        |f, r| {
            r["closing"]["signings_digest"] = json!("77".repeat(32));
            sealed(f, r);
        },
        &[],
    ),
    (
        "closed before the end",
        |f, r| {
            r["closing"]["at"] = json!(END - 1);
            sealed(f, r);
        },
        &[6],
    ),
    (
        "closed later",
        |f, r| {
            r["closing"]["at"] = json!(END + 1);
            sealed(f, r);
        },
        &[],
    ),
    (
        "a closing that only the box signed",
        |f, r| {
            r["closing"]["issuer_signature"] = signed_by(&f.box_key, &closing_digest(r));
        },
        &[6],
    ),
    (
        "a closing that somebody signed",
        |_, r| {
            r["closing"]["box_signature"] = signed_by(&SigningKey::from_bytes(&[1; 32]), &closing_digest(r));
        },
        &[6],
    ),
    (
        "a signature plus the order",
        |_, r| {
            let signature = hex_bytes(&r["closing"]["box_signature"]);
            let lax = [&signature[..32], &plus_order(&signature[32..])].concat();
            r["closing"]["box_signature"] = json!(hex(&lax));
        },
        &[6],
    ),
    ("a second panel below its quorum", |_, r| array(r, "/closing/endorsements").truncate(4), &[6]),
    ("a first panel below its quorum", |_, r| drop(array(r, "/closing/endorsements").drain(..2)), &[6]),
    (
        "an endorsement twice",
        |_, r| {
            let again = r["closing"]["endorsements"][3].clone();
            array(r, "/closing/endorsements").insert(3, again);
        },
        &[6],
    ),
    (
        "a false endorsement beside enough good ones",
        |f, r| {
            r["closing"]["endorsements"][5] =
                signature(6, sign(&f.identities[5], "approval", &closing_digest(r)));
        },
        &[6],
    ),
];

fn hex_bytes(value: &Value) -> Vec<u8> {
    crate::support::text::unhex(value.as_str().unwrap())
}

#[test]
fn closings_and_endorsements() {
    check(CLOSINGS);
}

fn shifted(forger: &Forger, trustee: u64) -> Vec<Scalar> {
    let mut shares = forger.shares(trustee);
    shares[1] += Scalar::ONE;
    shares
}

const TALLIES: &[Row] = &[
    ("another count", |_, r| r["tally"]["count"] = json!(6), &[7]),
    ("another sum of R", |_, r| r["tally"]["nonce"] = json!(public(&Scalar::ONE)), &[7]),
    ("another sum of a slot", |_, r| r["tally"]["sums"][1] = json!(public(&Scalar::ONE)), &[7]),
    ("a sum that is no point", |_, r| r["tally"]["sums"][0] = json!("ff".repeat(32)), &[7]),
    ("a sum too few", |_, r| drop(array(r, "/tally/sums").pop()), &[1]),
    (
        "another count, and factors for it",
        |f, r| {
            r["tally"]["count"] = json!(6);
            f.decrypt(r);
        },
        &[7, 8],
    ),
    ("factors of one panel", |_, r| array(r, "/factors").truncate(2), &[8]),
    ("factors below the threshold", |_, r| array(r, "/factors").truncate(3), &[8]),
    ("no factors", |_, r| array(r, "/factors").clear(), &[8]),
    (
        "factors twice",
        |_, r| {
            let again = r["factors"][5].clone();
            array(r, "/factors").push(again);
        },
        &[8],
    ),
    ("factors in another order", |_, r| array(r, "/factors").swap(0, 1), &[8]),
    (
        "false factors under a good signature, beside enough good ones",
        |f, r| {
            r["factors"][5] = f.factors(r, 6, &shifted(f, 6));
        },
        &[8],
    ),
    ("a factor changed", |_, r| r["factors"][0]["factors"][0] = json!(public(&Scalar::ONE)), &[8]),
    (
        "a factor changed and signed",
        |f, r| {
            let mut object = r["factors"][0].clone();
            object["factors"][0] = json!(public(&Scalar::ONE));
            f.sign_factors(r, &mut object);
            r["factors"][0] = object;
        },
        &[8],
    ),
    (
        "a factor that is no point, signed",
        |f, r| {
            let mut object = r["factors"][0].clone();
            object["factors"][0] = json!("ff".repeat(32));
            f.sign_factors(r, &mut object);
            r["factors"][0] = object;
        },
        &[8],
    ),
    (
        "good factors under another's signature",
        |f, r| {
            r["factors"][1]["signature"] = pair(sign(&f.identities[0], "factors", &[0; 32]));
        },
        &[8],
    ),
    (
        "factors of a trustee who is none",
        |f, r| {
            let mut object = r["factors"][5].clone();
            object["trustee"] = json!(7);
            array(r, "/factors").push(object);
            let _ = f;
        },
        &[8],
    ),
    ("a factor too few", |_, r| drop(array(r, "/factors/0/factors").pop()), &[1]),
    ("a vote more", |_, r| r["result"]["votes"][0] = json!(3), &[9]),
    ("a vote moved in a slot", |_, r| r["result"]["votes"] = json!([1, 2, 1]), &[9]),
    ("a vote moved to another slot", |_, r| r["result"]["votes"] = json!([1, 1, 2]), &[9]),
    ("a blank vote more", |_, r| r["result"]["blank"] = json!(2), &[9]),
    (
        "the same totals with digits above the count",
        |_, r| {
            r["result"]["votes"] = json!([2 + 1_001, 0, 1]);
        },
        &[9],
    ),
    ("votes of a list too few", |_, r| drop(array(r, "/result/votes").pop()), &[1]),
    (
        "votes below nought for all of 2^53",
        |_, r| {
            let most = (1u64 << 53) - 1;
            r["result"] = json!({ "votes": [most, most, most], "blank": most });
        },
        &[9],
    ),
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

#[test]
fn closed_records() {
    let (forger, record) = good();
    type Bend = fn(&Forger, &mut Value);
    let table: &[(&str, Bend, &[usize])] = &[
        ("nothing", |_, _| (), &[]),
        ("signed by the issuer", |_, r| r["closing"]["issuer_signature"] = json!("00".repeat(64)), &[1]),
        ("endorsed", |_, r| r["closing"]["endorsements"] = json!([]), &[1]),
        ("with factors", |_, r| r["factors"] = json!([]), &[1]),
        ("with a result", |_, r| r["result"] = json!({ "votes": [0, 0, 0], "blank": 5 }), &[1]),
        ("without a tally", |_, r| drop(r.as_object_mut().unwrap().remove("tally")), &[1]),
        ("another protocol", |_, r| r["protocol"] = json!("urne/2"), &[1]),
        ("an approval missing", |_, r| drop(array(r, "/approvals").pop()), &[1]),
        ("a revocation hidden", |_, r| r["roll"][2]["revoked"] = json!(false), &[3, 6]),
        (
            "closed early",
            |f, r| {
                r["closing"]["at"] = json!(END - 1);
                f.sign_closing(r);
                r["closing"].as_object_mut().unwrap().remove("issuer_signature");
            },
            &[6],
        ),
        (
            "signed by the issuer in place of the box",
            |f, r| {
                r["closing"]["box_signature"] = signed_by(&f.issuer_key, &closing_digest(r));
            },
            &[6],
        ),
        ("another sum", |_, r| r["tally"]["sums"][1] = json!(public(&Scalar::ONE)), &[7]),
        ("a ballot dropped", |_, r| drop(array(r, "/ballots").pop()), &[5, 6, 7]),
        ("a ballot that is none", |_, r| r["ballots"][4] = json!(""), &[2, 5, 6]),
    ];
    for (name, bend, failed) in table {
        let mut closed = closed_form(&record);
        bend(&forger, &mut closed);
        let report = audit_closed(closed.to_string().as_bytes());
        assert_eq!(report.failed(), *failed, "{name}: {report:?}");
        assert_eq!(report.outcomes.len(), 7);
        if failed.contains(&2) {
            assert_eq!(report.skipped(), [7]);
        }
    }
}
