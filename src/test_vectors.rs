//! Values made by an independent implementation, for the unit tests of private parts. The public
//! parts are checked against the same files in `tests/vectors.rs`.

use alloc::vec::Vec;

use serde_json::Value;

use crate::bureau::{Bureau, ElectionKey, IdentityKey, Panel, TrusteeIndex};
use crate::contest::{Approval, ApprovedContest, Contest, ContestDescription, Packing};
use crate::primitives::Text;
use crate::primitives::{Proof, UnixTime, VerifyingKey};

pub(crate) fn primitives() -> Value {
    serde_json::from_str(include_str!("../tests/vectors/primitives.json")).unwrap()
}

/// A record of that implementation: `record`, `record-packed`, `record-12-lists`, `record-single` or
/// `record-empty`.
pub(crate) fn record(name: &str) -> Value {
    serde_json::from_str(match name {
        "record" => include_str!("../tests/vectors/record.json"),
        "record-packed" => include_str!("../tests/vectors/record-packed.json"),
        "record-12-lists" => include_str!("../tests/vectors/record-12-lists.json"),
        "record-single" => include_str!("../tests/vectors/record-single.json"),
        "record-empty" => include_str!("../tests/vectors/record-empty.json"),
        other => panic!("no record {other}"),
    })
    .unwrap()
}

pub(crate) fn unhex<const N: usize>(value: &Value) -> [u8; N] {
    crate::primitives::wire::array_from_hex(value.as_str().unwrap()).unwrap()
}

/// The contest of one of the records, read without the room that reads records.
pub(crate) fn approved_contest(name: &str) -> ApprovedContest {
    let record = record(name);
    let contest = &record["contest"];
    let text = |name: &str| Text::from(contest[name].as_str().unwrap());
    let number = |name: &str| contest[name].as_u64().unwrap();
    let small = |value: &Value| u8::try_from(value.as_u64().unwrap()).unwrap();
    let list = |value: &Value| value.as_array().unwrap().clone();
    let panels = list(&contest["panels"]);
    let trustees = |panel: &Value| {
        list(&panel["trustees"])
            .iter()
            .map(|key| IdentityKey::from_bytes(&unhex::<32>(key)).unwrap())
            .collect()
    };
    let bureau = panels
        .iter()
        .map(|panel| Panel { threshold: small(&panel["threshold"]), trustees: trustees(panel) })
        .collect();
    let matrix = |panel: &Value| {
        list(&panel["key"]).iter().map(|slot| list(slot).iter().map(unhex).collect()).collect()
    };
    let matrices: Vec<Vec<Vec<[u8; 32]>>> = panels.iter().map(matrix).collect();
    let key = ElectionKey::from_encodings(Bureau::new(bureau).unwrap(), &matrices).unwrap();
    let description = ContestDescription {
        election: text("election"),
        number: number("number"),
        title: text("title"),
        documents: text("documents"),
        lists: list(&contest["lists"]).iter().map(|list| Text::from(list.as_str().unwrap())).collect(),
        opens_at: UnixTime::from_seconds(number("opens_at")),
        closes_at: UnixTime::from_seconds(number("closes_at")),
        grace: number("grace"),
        capacity: number("capacity"),
        packing: Packing::new(small(&contest["packing"])),
        quorums: Some(panels.iter().map(|panel| small(&panel["quorum"])).collect()),
        box_key: VerifyingKey::from_bytes(&unhex(&contest["box_key"])).unwrap(),
        issuer_key: VerifyingKey::from_bytes(&unhex(&contest["issuer_key"])).unwrap(),
    };
    let approval = |approval: &Value| {
        let proof = [unhex::<32>(&approval["challenge"]), unhex::<32>(&approval["response"])].concat();
        Approval::new(
            TrusteeIndex::new(small(&approval["trustee"])).unwrap(),
            Proof::from_bytes(&proof).unwrap(),
        )
    };
    let approvals = list(&record["approvals"]).iter().map(approval).collect();
    ApprovedContest::new(Contest::new(description, &key).unwrap(), approvals).unwrap()
}
