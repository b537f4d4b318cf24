//! What is hashed and signed of a record that is a JSON value, as it stands, however false.

use serde_json::Value;

use super::parts::{Parts, Setting};
use super::text::{Bytes, decode, hash, length, number, unhex};
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;

pub fn hexes(value: &Value) -> Vec<Vec<u8>> {
    array(value).iter().map(|text| unhex(text.as_str().unwrap())).collect()
}

pub fn array(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn text(object: &Value, name: &str) -> Vec<u8> {
    object[name].as_str().unwrap().as_bytes().to_vec()
}

fn integer(object: &Value, name: &str) -> Vec<u8> {
    number(object[name].as_u64().unwrap())
}

fn bytes(object: &Value, name: &str) -> Vec<u8> {
    unhex(object[name].as_str().unwrap())
}

pub fn fingerprint(record: &Value) -> Bytes {
    let contest = &record["contest"];
    let lists = array(&contest["lists"]);
    let mut fields = vec![
        text(contest, "election"),
        integer(contest, "number"),
        text(contest, "title"),
        text(contest, "documents"),
        length(lists.len()),
    ];
    fields.extend(lists.iter().map(|list| list.as_str().unwrap().as_bytes().to_vec()));
    let panels = array(&contest["panels"]);
    fields
        .extend(["opens_at", "closes_at", "grace", "capacity", "packing"].map(|name| integer(contest, name)));
    fields.push(length(panels.len()));
    for panel in panels {
        let trustees = hexes(&panel["trustees"]);
        fields.extend([length(trustees.len()), integer(panel, "threshold"), integer(panel, "quorum")]);
        fields.extend(trustees);
        fields.extend(array(&panel["key"]).iter().flat_map(hexes));
    }
    fields.extend(["box_key", "issuer_key"].map(|name| bytes(contest, name)));
    hash("urne/2 contest", &fields)
}

/// The contest as ballots need it.
pub fn setting(record: &Value) -> Setting {
    let contest = &record["contest"];
    let panels = array(&contest["panels"]);
    let slots = array(&panels[0]["key"]).len();
    let key = |slot: usize, panel: &Value| decode(&unhex(panel["key"][slot][0].as_str().unwrap()));
    Setting {
        fingerprint: fingerprint(record),
        keys: (0..slots).map(|s| panels.iter().map(|p| key(s, p)).sum::<RistrettoPoint>()).collect(),
        lists: array(&contest["lists"]).len(),
        packing: contest["packing"].as_u64().unwrap().try_into().unwrap(),
        radix: Scalar::from(contest["capacity"].as_u64().unwrap()) + Scalar::ONE,
    }
}

pub fn opening_digest(record: &Value) -> Bytes {
    let opening = &record["opening"];
    let voters = opening["voters"].as_u64().unwrap();
    let first = array(&record["roll"]).iter().take(voters.try_into().unwrap());
    let credentials: Vec<_> = first.map(|entry| bytes(entry, "credential")).collect();
    let fields = [
        fingerprint(record).to_vec(),
        number(voters),
        hash("urne/2 credentials", &credentials).to_vec(),
        integer(opening, "at"),
    ];
    hash("urne/2 opening", &fields)
}

pub fn roll_digest(record: &Value) -> Bytes {
    let roll = array(&record["roll"]);
    let mut fields = vec![length(roll.len())];
    for entry in roll {
        let revoked = u8::from(entry["revoked"].as_bool().unwrap());
        fields.extend([bytes(entry, "credential"), vec![revoked]]);
    }
    hash("urne/2 roll", &fields)
}

/// Size and root are those that the closing states. A verifier takes the true ones.
pub fn closing_digest(record: &Value) -> Bytes {
    let closing = &record["closing"];
    let fields = [
        fingerprint(record).to_vec(),
        opening_digest(record).to_vec(),
        integer(closing, "size"),
        bytes(closing, "root"),
        bytes(closing, "signings_digest"),
        roll_digest(record).to_vec(),
        integer(closing, "at"),
    ];
    hash("urne/2 closing", &fields)
}

/// A head of this record's box over its first `size` ballots.
pub fn head_digest(record: &Value, size: u64, root: &Bytes, at: u64) -> Bytes {
    let (fingerprint, opening) = (fingerprint(record).to_vec(), opening_digest(record).to_vec());
    hash("urne/2 head", &[fingerprint, opening, number(size), root.to_vec(), number(at)])
}

/// The list of those who signed, in any order.
pub fn signings_digest(random: &[u8], ids: &[Vec<u8>]) -> Bytes {
    let mut ids = ids.to_vec();
    ids.sort();
    hash("urne/2 signings", &[vec![random.to_vec(), length(ids.len())], ids].concat())
}

pub fn ballots(record: &Value) -> Vec<Vec<u8>> {
    hexes(&record["ballots"])
}

/// All ballots, which must decode.
pub fn parts(record: &Value) -> Vec<Parts> {
    ballots(record).iter().map(|bytes| Parts::from_bytes(bytes)).collect()
}

pub fn reference(fingerprint: &Bytes, ballot: &[u8]) -> Bytes {
    hash("urne/2 reference", &[fingerprint.to_vec(), ballot.to_vec()])
}

pub fn references(record: &Value) -> Vec<Bytes> {
    let fingerprint = fingerprint(record);
    ballots(record).iter().map(|ballot| reference(&fingerprint, ballot)).collect()
}
