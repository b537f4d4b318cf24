//! The values of another implementation.

use curve25519_dalek::scalar::Scalar;
use serde_json::Value;

use crate::support::code;
use crate::support::digests::{
    ballots, closing_digest, fingerprint, head_digest, opening_digest, parts, references, roll_digest,
    setting, signings_digest,
};
use crate::support::forger::closed_form;
use crate::support::prover::{Schedule, batch_weights, digest};
use crate::support::text::{
    Bytes, base, challenge, encode, generator, hash, hex, merkle_root, powers, sign_with, signed, unhex,
};
use crate::support::verifier::{audit, audit_closed};
use crate::vector;

fn json(name: &str) -> Value {
    serde_json::from_slice(&vector(name)).unwrap()
}

fn bytes(value: &Value) -> Bytes {
    unhex(value.as_str().unwrap()).try_into().unwrap()
}

const RECORDS: [&str; 5] =
    ["record.json", "record-packed.json", "record-12-lists.json", "record-single.json", "record-empty.json"];

#[test]
fn the_records_pass() {
    for name in RECORDS {
        let report = audit(&vector(name));
        assert!(report.accepts(), "{name}: {report:?}");
        let record = json(name);
        assert_eq!(report.fingerprint, Some(fingerprint(&record)), "{name}");
        let report = audit_closed(closed_form(&record).to_string().as_bytes());
        assert!(report.accepts(), "{name}, closed: {report:?}");
        // What a record states is what it hashes to.
        assert_eq!(record["closing"]["root"], hex(&merkle_root(&references(&record))), "{name}");
    }
}

#[test]
fn generators_transcripts_and_hashes() {
    let vectors = json("primitives.json");
    let generators = &vectors["generators"];
    for name in ["blind", "nonce", "credential", "quadratic"] {
        assert_eq!(generators[name], hex(&encode(&generator(name, 0))), "{name}");
    }
    let choices = generators["choice"].as_object().unwrap();
    assert_eq!(choices.len(), 4);
    for (index, point) in choices {
        assert_eq!(*point, hex(&encode(&generator("choice", index.parse().unwrap()))), "{index}");
    }

    let mut transcript = merlin::Transcript::new(b"urne/2 example");
    transcript.append_message(b"bytes", &(0..200).collect::<Vec<u8>>());
    transcript.append_u64(b"number", 584);
    assert_eq!(vectors["transcript"]["first"], hex(&challenge(&mut transcript, b"first").to_bytes()));
    transcript.append_message(b"more", b"");
    assert_eq!(vectors["transcript"]["second"], hex(&challenge(&mut transcript, b"second").to_bytes()));

    let fields = [b"a".to_vec(), b"bc".to_vec(), Vec::new()];
    assert_eq!(vectors["hash"]["digest"], hex(&hash("urne/2 example", &fields)));
}

#[test]
fn signature() {
    let vectors = &json("primitives.json")["signature"];
    let (secret, tau) = (Scalar::from(7u64), Scalar::from(5u64));
    assert_eq!(vectors["key"], hex(&encode(&base(&secret))));
    let fingerprint = fingerprint(&json("record.json"));
    let (c, z) = sign_with(&tau, &secret, "approval", &fingerprint);
    assert_eq!(vectors["challenge"], hex(&c.to_bytes()));
    assert_eq!(vectors["response"], hex(&z.to_bytes()));
    assert!(signed(&base(&secret), "approval", &fingerprint, &(c, z)));
    assert!(!signed(&base(&secret), "endorsement", &fingerprint, &(c, z)));
    assert!(!signed(&base(&tau), "approval", &fingerprint, &(c, z)));
}

#[test]
fn codes_and_credential() {
    let vectors = json("primitives.json");
    let counting: [u8; 15] = std::array::from_fn(|at| at.try_into().unwrap());
    assert_eq!(vectors["code"]["bytes"], hex(&counting));
    let text = code::show(&counting);
    assert_eq!(vectors["code"]["text"], text);
    assert_eq!(vectors["code"]["all_ones"], code::show(&[0xff; 15]));
    assert_eq!(code::read(&text), Some(counting));
    assert_eq!(code::read(&text.to_uppercase().replace('-', " - ")), Some(counting));
    assert_eq!(code::read(&text.replace('q', "p")), None);
    assert_eq!(code::read(&text[1..]), None);

    let credential = &vectors["credential"];
    assert_eq!(
        (&credential["contest"], &credential["code"]),
        (&"record.json".into(), &hex(&counting).into())
    );
    let secret = code::credential(&fingerprint(&json("record.json")), &counting);
    assert_eq!(credential["secret"], hex(&secret.to_bytes()));
    assert_eq!(credential["public"], hex(&encode(&base(&secret))));
}

#[test]
fn digests_of_the_record() {
    let vectors = &json("primitives.json")["record"];
    let record = json("record.json");
    assert_eq!(vectors["fingerprint"], hex(&fingerprint(&record)));
    assert_eq!(vectors["roll_digest"], hex(&roll_digest(&record)));
    assert_eq!(vectors["opening_digest"], hex(&opening_digest(&record)));
    assert_eq!(vectors["closing_digest"], hex(&closing_digest(&record)));

    let signings = &vectors["signings_digest"];
    let ids: Vec<_> =
        signings["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().into()).collect();
    assert_eq!(signings["digest"], hex(&signings_digest(&bytes(&signings["random"]), &ids)));

    let head = &vectors["opening_and_head"];
    let [size, at] = ["size", "at"].map(|name| head[name].as_u64().unwrap());
    assert_eq!(head["head_digest"], hex(&head_digest(&record, size, &bytes(&head["root"]), at)));

    let references: Vec<_> = references(&record).iter().map(|reference| hex(reference)).collect();
    assert_eq!(vectors["references"], Value::from(references.clone()));
    assert_eq!(vectors["shown"], format!("{})", record["contest"]["number"]) + &references[0]);
}

#[test]
fn challenges_weights_and_verification_keys() {
    let vectors = &json("primitives.json")["record"];
    let record = json("record.json");
    let setting = setting(&record);
    let ballots = parts(&record);
    for (ballot, bytes) in ballots.iter().zip(self::ballots(&record)) {
        assert_eq!(ballot.to_bytes(), bytes);
    }
    let first = &vectors["first_ballot"];
    let challenges = Schedule::strict().challenges(&setting, &ballots[0]);
    assert_eq!(first["y"], hex(&challenges.y.to_bytes()));
    assert_eq!(first["x"], hex(&challenges.x.to_bytes()));
    assert_eq!(first["digest"], hex(&digest(&setting, &ballots[0])));

    let weights = batch_weights(&setting, &ballots);
    let weights: Vec<_> = weights.iter().map(|pair| pair.map(|weight| hex(&weight.to_le_bytes()))).collect();
    assert_eq!(vectors["batch_weights"], serde_json::json!(weights));

    // V_{2,s} = Σ_k 2^k·Φ[s][k]
    let rows = record["contest"]["panels"][0]["key"].as_array().unwrap().iter();
    let keys = rows.map(|row| {
        let points = row.as_array().unwrap().iter();
        let points = points.map(|point| crate::support::text::decode(&bytes(point)));
        let two = powers(Scalar::from(2u64));
        hex(&encode(&points.zip(two).map(|(point, power)| point * power).sum()))
    });
    assert_eq!(vectors["verification_keys_of_trustee_2"], Value::from(keys.collect::<Vec<_>>()));
}
