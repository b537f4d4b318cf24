//! Values and records made by an independent implementation of the protocol, and one record of our own
//! that must verify for ever.
#![cfg(feature = "serde")]

use serde_json::Value;
use urne::ballot_box::{SignedBox, SignedClosing};
use urne::primitives::Kind;
use urne::record::AuditReport;
use urne::{
    ApprovedContest, Ballot, BallotReference, ClosedRecord, Credential, IdentitySecret, Record, TrusteeIndex,
    VotingCode,
};

fn read(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn record(name: &str) -> Record {
    Record::from_json(&read(&format!("tests/vectors/{name}"))).unwrap()
}

fn primitives() -> Value {
    serde_json::from_slice(&read("tests/vectors/primitives.json")).unwrap()
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn references(record: &Record, contest: &ApprovedContest) -> Vec<BallotReference> {
    record.ballots.iter().map(|bytes| BallotReference::of(contest.contest(), &bytes.0)).collect()
}

/// The signed box of a record, by way of everything that a trustee checks.
fn signed(record: &Record) -> SignedBox {
    record.signed_box(&mut |_| ()).unwrap()
}

#[test]
fn the_records_pass() {
    for name in ["record", "record-packed", "record-12-lists", "record-empty", "record-single", "own-record"]
    {
        let record = record(&format!("{name}.json"));
        let report = AuditReport::of(&record, &mut |_| {});
        assert_eq!(report.verdict(), Ok(()), "{name}:\n{report}");
        let report = AuditReport::of_json(record.to_json().as_bytes(), &mut |_| {});
        assert_eq!(report.verdict(), Ok(()), "{name}, written again:\n{report}");
        // The ballots give the closing and the sums of the record.
        let signed = signed(&record);
        let closed = signed.closed();
        assert_eq!(hex(closed.tally().nonce()), hex(record.tally.nonce.0), "{name}");
        assert_eq!(closed.tally().count(), record.tally.count, "{name}");
        let closing = SignedClosing::of(&signed).verify(closed.contest().contest());
        assert_eq!(closing, Ok(closed.digest()), "{name}");
        // Without what came after the complaints it is a closed record that holds.
        let before = ClosedRecord::new(closed);
        let report = AuditReport::of_closed(&before, &mut |_| {});
        assert_eq!(report.verdict_of_closed(), Ok(()), "{name}, closed:\n{report}");
        assert!(report.verdict().is_err(), "{name}: a closed record is no result");
        assert_eq!(before.verify(&mut |_| ()).unwrap().digest(), closed.digest());
    }
}

#[test]
fn digests_references_and_keys_match_the_vectors() {
    let vectors = primitives()["record"].take();
    let record = record("record.json");
    let contest = record.contest().unwrap();
    assert_eq!(hex(contest.fingerprint().to_bytes()), vectors["fingerprint"]);
    let roll = record.roll(contest.contest()).unwrap();
    assert_eq!(hex(roll.digest().to_bytes()), vectors["roll_digest"]);
    assert_eq!(hex(roll.opening_digest().to_bytes()), vectors["opening_digest"]);
    let signed = signed(&record);
    assert_eq!(hex(signed.closed().digest().to_bytes()), vectors["closing_digest"]);

    let references = references(&record, &contest);
    let digests: Vec<_> = references.iter().map(|reference| hex(reference.digest())).collect();
    assert_eq!(Value::from(digests), vectors["references"]);
    assert_eq!(references[0].to_string(), vectors["shown"]);
    let first = Ballot::from_bytes(contest.contest(), &record.ballots[0].0).unwrap();
    assert_eq!(first.reference(), references[0]);

    let second = TrusteeIndex::new(2).unwrap();
    let keys: Vec<_> = contest.contest().key().verification_keys(second).iter().map(hex).collect();
    assert_eq!(Value::from(keys), vectors["verification_keys_of_trustee_2"]);
}

#[test]
fn codes_credential_and_identity_key_match_the_vectors() {
    let vectors = primitives();
    let code = VotingCode::from_bytes(std::array::from_fn(|at| at.try_into().unwrap()));
    assert_eq!(hex(*code.expose_bytes()), vectors["code"]["bytes"]);
    assert_eq!(code.expose_text().as_str(), vectors["code"]["text"]);
    let read: VotingCode = vectors["code"]["text"].as_str().unwrap().parse().unwrap();
    assert_eq!(read.expose_bytes(), code.expose_bytes());
    let ones = VotingCode::from_bytes([0xff; 15]);
    assert_eq!(ones.expose_text().as_str(), vectors["code"]["all_ones"]);

    let credential = &vectors["credential"];
    assert_eq!(credential["contest"], "record.json");
    assert_eq!(credential["code"], vectors["code"]["bytes"]);
    let contest = record("record.json").contest().unwrap();
    let derived = Credential::derive(contest.contest(), &code);
    assert_eq!(hex(derived.public().to_bytes()), credential["public"]);

    let mut seven = vec![Kind::IdentitySecret.byte(), 2, 7];
    seven.resize(34, 0);
    let key = IdentitySecret::from_bytes(&seven).unwrap().public();
    assert_eq!(hex(key.to_bytes()), vectors["signature"]["key"]);
}

/// Where each value of `primitives.json` is checked: the beginning of its path, a file and a test in it.
/// Texts named `comment` or `steps` say how the values were made. `ceremony.json` has a test of its own, which
/// takes every value out of it.
const CHECKED: &[(&str, &str, &str)] = &[
    ("generators/", "src/primitives/group.rs", "attack_9_generators_come_from_their_names"),
    ("transcript/", "src/primitives/transcript.rs", "transcript_and_hash_match_the_vectors"),
    ("hash/digest", "src/primitives/transcript.rs", "transcript_and_hash_match_the_vectors"),
    ("signature/", "src/bureau/identity.rs", "signature_matches_the_vector"),
    ("code/", "tests/vectors.rs", "codes_credential_and_identity_key_match_the_vectors"),
    ("record/fingerprint", "tests/vectors.rs", "digests_references_and_keys_match_the_vectors"),
    ("record/roll_digest", "tests/vectors.rs", "digests_references_and_keys_match_the_vectors"),
    ("record/opening_digest", "tests/vectors.rs", "digests_references_and_keys_match_the_vectors"),
    ("record/closing_digest", "tests/vectors.rs", "digests_references_and_keys_match_the_vectors"),
    ("record/signings_digest/", "src/ballot_box/signings.rs", "digest_of_the_signings_matches_the_vector"),
    ("record/opening_and_head/", "src/ballot_box/receipt/head.rs", "head_digest_matches_the_vector"),
    ("record/references/", "tests/vectors.rs", "digests_references_and_keys_match_the_vectors"),
    ("record/shown", "tests/vectors.rs", "digests_references_and_keys_match_the_vectors"),
    ("record/first_ballot/", "src/ballot/tests.rs", "challenges_digest_and_weights_match_the_vectors"),
    ("record/batch_weights/", "src/ballot/tests.rs", "challenges_digest_and_weights_match_the_vectors"),
    (
        "record/verification_keys_of_trustee_2/",
        "tests/vectors.rs",
        "digests_references_and_keys_match_the_vectors",
    ),
    ("credential/", "src/credential/secret.rs", "secret_and_public_credential_match_the_vector"),
];

fn leaves(value: &Value, path: String, leaves: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| self::leaves(value, format!("{path}/{name}"), leaves));
        }
        Value::Array(items) => {
            (0..)
                .zip(items)
                .for_each(|(at, value): (u8, _)| self::leaves(value, format!("{path}/{at}"), leaves));
        }
        _ => leaves.push(path),
    }
}

/// A value that nobody checks, and a test that is gone, are found here.
#[test]
fn every_value_has_its_check() {
    let mut all = Vec::new();
    leaves(&primitives(), String::new(), &mut all);
    all.retain(|path| !path.ends_with("/comment") && !path.ends_with("/steps"));
    let all: Vec<&str> = all.iter().map(|path| &path[1..]).collect();
    for path in &all {
        let places = CHECKED.iter().filter(|(begin, ..)| path.starts_with(begin)).count();
        assert_eq!(places, 1, "{path}");
    }
    for (begin, file, test) in CHECKED {
        assert!(all.iter().any(|path| path.starts_with(begin)), "{begin} stands for nothing");
        let source = String::from_utf8(read(file)).unwrap();
        let (_, body) = source.split_once(&format!("#[test]\n{}fn {test}()", indent(file))).expect(test);
        // The names that lead to the value stand in the test.
        let body = body.split_once("#[test]").map_or(body, |(body, _)| body);
        for name in begin.split('/').filter(|name| !name.is_empty()) {
            assert!(body.contains(&format!("\"{name}\"")), "{test} does not read {name}");
        }
    }
}

/// Unit tests stand in a module of their file.
fn indent(file: &str) -> &'static str {
    if file.starts_with("src/") && !file.ends_with("tests.rs") { "    " } else { "" }
}

/// What was once published must verify for ever, byte by byte: a record of the crate's own, of two panels (one
/// of two, two of three) and three lists, two a slot. It holds a credential that was revoked for another, an
/// endorsement of only one trustee of the first panel, and factors of no more trustees than it takes.
#[test]
fn our_own_record_stays_what_it_is() {
    let json = read("tests/vectors/own-record.json");
    let record = Record::from_json(&json).unwrap();
    assert_eq!(record.to_json().as_bytes(), json);

    let signed = signed(&record);
    let closed = signed.closed();
    let contest = closed.contest();
    assert_eq!(
        contest.fingerprint().to_string(),
        "0e70a7fcce69f94d708faeb4a3cd09c849c01768ffd2001de1e6496acaf94a7b"
    );
    assert_eq!(
        closed.digest().to_string(),
        "05ec79eb650ccd07b06f0c9a3bab9ff5f9ceaee547e63a207a54a4442ee0b9ba"
    );
    let shown: Vec<_> = references(&record, contest).iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "584)9289e4bb89a3552f8dea674e878ffd17b4228a269c1eae4d7fb50720a29b148b",
            "584)d2f69e990b712fe06529c7c313500560e8a34afa50743a3c5ca1280cbc629340",
            "584)d5b71744d8a9864892d7845435236b86f0355800e1705b8566bea83e198ca3bf",
        ]
    );
    assert_eq!((record.result.votes, record.result.blank), (vec![1, 1, 0], 1));
    let revoked: Vec<_> =
        (0..).zip(&record.roll).filter(|(_, e)| e.revoked).map(|(at, _): (u8, _)| at).collect();
    assert_eq!((revoked, record.roll.len(), record.opening.voters), (vec![1], 5, 4));
    let endorsements = record.closing.endorsements.iter().map(|by| by.trustee);
    assert_eq!(endorsements.collect::<Vec<_>>(), [1, 3, 4, 5]);
    let factors: Vec<_> = record.factors.iter().map(|factors| factors.trustee).collect();
    assert_eq!(factors, [1, 3, 5]);
    let panels = record.contest.panels.iter().map(|panel| (panel.threshold, panel.quorum));
    assert_eq!((panels.collect(), record.contest.packing), (vec![(1, 1), (2, 3)], 2));
}
