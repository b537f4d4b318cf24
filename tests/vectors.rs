//! Values and records made by an independent implementation of the protocol, and one record of our own
//! that must verify for ever.
#![cfg(feature = "serde")]

use serde_json::Value;
use urne::audit::AuditReport;
use urne::closed_box::ClosedBox;
use urne::{
    ApprovedContest, Ballot, BallotReference, Credential, IdentitySecret, Record, TrusteeIndex, VotingCode,
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

/// The closed box of a record, by way of everything that a trustee checks.
fn closed(record: &Record) -> ClosedBox {
    let contest = record.contest().unwrap();
    let roll = record.roll(contest.contest()).unwrap();
    let ballots = record.ballots.iter().map(|bytes| bytes.0.clone()).collect();
    ClosedBox::verify(contest, roll, ballots, record.closing(), &mut |_| ()).unwrap()
}

#[test]
fn the_records_pass() {
    let records =
        ["record.json", "record-12-lists.json", "record-empty.json", "record-single.json", "own-record.json"];
    for name in records {
        let record = record(name);
        let report = AuditReport::of(&record, &mut |_| {});
        assert_eq!(report.verdict(), Ok(()), "{name}:\n{report}");
        let report = AuditReport::of_json(record.to_json().as_bytes(), &mut |_| {});
        assert_eq!(report.verdict(), Ok(()), "{name}, written again:\n{report}");
        // The ballots give the closing and the sums of the record.
        let closed = closed(&record);
        assert_eq!(hex(closed.tally().nonce()), hex(record.tally.nonce.0), "{name}");
        assert_eq!(closed.tally().count(), record.tally.count, "{name}");
        let contest = closed.contest().contest();
        assert_eq!(closed.digest(), record.closing().digest(contest, closed.roll().digest()), "{name}");
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
    let closing = record.closing().digest(contest.contest(), roll.digest());
    assert_eq!(hex(closing.to_bytes()), vectors["closing_digest"]);
    assert_eq!(closing, closed(&record).digest());

    let references = references(&record, &contest);
    let digests: Vec<_> = references.iter().map(|reference| hex(reference.digest())).collect();
    assert_eq!(Value::from(digests), vectors["references"]);
    assert_eq!(references[0].to_string(), vectors["shown"]);
    let first = Ballot::from_bytes(&contest, &record.ballots[0].0).unwrap();
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

    let mut seven = [0; 32];
    seven[0] = 7;
    let key = IdentitySecret::from_bytes(&seven).unwrap().public();
    assert_eq!(hex(key.to_bytes()), vectors["signature"]["key"]);
}

/// Where each value of the two files is checked: the beginning of its path, a file and a test in it.
/// Texts named `comment` or `steps` say how the values were made.
const CHECKED: &[(&str, &str, &str)] = &[
    ("primitives/generators/", "src/group.rs", "attack_9_generators_come_from_their_names"),
    ("primitives/transcript/", "src/transcript.rs", "transcript_and_hash_match_the_vectors"),
    ("primitives/hash/digest", "src/transcript.rs", "transcript_and_hash_match_the_vectors"),
    ("primitives/signature/", "src/signature.rs", "signature_matches_the_vector"),
    ("primitives/code/", "tests/vectors.rs", "codes_credential_and_identity_key_match_the_vectors"),
    ("primitives/record/fingerprint", "tests/vectors.rs", "digests_references_and_keys_match_the_vectors"),
    ("primitives/record/roll_digest", "tests/vectors.rs", "digests_references_and_keys_match_the_vectors"),
    ("primitives/record/opening_digest", "src/roll.rs", "opening_digest_matches_the_vector"),
    ("primitives/record/closing_digest", "tests/vectors.rs", "digests_references_and_keys_match_the_vectors"),
    ("primitives/record/references/", "tests/vectors.rs", "digests_references_and_keys_match_the_vectors"),
    ("primitives/record/shown", "tests/vectors.rs", "digests_references_and_keys_match_the_vectors"),
    (
        "primitives/record/first_ballot/",
        "src/ballot/tests.rs",
        "challenges_digest_and_weights_match_the_vectors",
    ),
    (
        "primitives/record/batch_weights/",
        "src/ballot/tests.rs",
        "challenges_digest_and_weights_match_the_vectors",
    ),
    (
        "primitives/record/verification_keys_of_trustee_2/",
        "tests/vectors.rs",
        "digests_references_and_keys_match_the_vectors",
    ),
    ("primitives/credential/", "src/credential.rs", "secret_and_public_credential_match_the_vector"),
    ("ceremony/", "tests/ceremony.rs", "a_ceremony_matches_the_vectors"),
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
    for file in ["primitives", "ceremony"] {
        let value = serde_json::from_slice(&read(&format!("tests/vectors/{file}.json"))).unwrap();
        leaves(&value, file.to_owned(), &mut all);
    }
    all.retain(|path| !path.ends_with("/comment") && !path.ends_with("/steps"));
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
        for name in begin.split('/').skip(1).filter(|name| !name.is_empty()) {
            assert!(body.contains(&format!("\"{name}\"")), "{test} does not read {name}");
        }
    }
    // All parts of the ceremony have one check, which reads each by its name.
    let source = String::from_utf8(read("tests/ceremony.rs")).unwrap();
    for part in all.iter().filter_map(|path| path.strip_prefix("ceremony/")) {
        let name = part.split('/').next().unwrap();
        assert!(source.contains(&format!("v[\"{name}\"]")), "{name}");
    }
}

/// Unit tests stand in a module of their file.
fn indent(file: &str) -> &'static str {
    if file.starts_with("src/") && !file.ends_with("tests.rs") { "    " } else { "" }
}

/// What was once published must verify for ever, byte by byte. Made with
/// `cargo run --release --example election -- --ballots 12 --lists 4 --trustees 4 --threshold 2 --seed 7`.
/// It holds a credential that was revoked for another, and leaves out the factors of a trustee who lied.
#[test]
fn our_own_record_stays_what_it_is() {
    let json = read("tests/vectors/own-record.json");
    let record = Record::from_json(&json).unwrap();
    assert_eq!(record.to_json().as_bytes(), json);

    let closed = closed(&record);
    let contest = closed.contest();
    assert_eq!(
        contest.fingerprint().to_string(),
        "08ed5cce9a2fbe7e469d4f19365cfbf2d4ee3c1936fd70c624189785b43f54ef"
    );
    assert_eq!(
        closed.digest().to_string(),
        "9c7fc3e4f8549950d708c37d6bb743949f55a4fa8a451175582e16bb63898df8"
    );
    let shown: Vec<_> = references(&record, contest).iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "584)8b602bbdc3efe334347b38bf1a27faae80c84dad3cf3c825d807fb8d356b304c",
            "584)66aa895b1b1ce7dc8880913f183532b25d358dbdee67db7961b5095e8d97dc12",
            "584)8f5ce0346b6d9df5c650edd3e1046aa4af3eb295425462d0d8fbcfb0726a08a1",
            "584)1712426acd03b8c350c985e3cfd2507d6ce2cea80c77b3311f5c3676e16aba1b",
            "584)d06c1345c7e270a39aa37360c637531781fec73de4c11e80d2fa332a83c36604",
            "584)898abb6fa32effb4218ce304ad49f3a1fb187a5e9c8fd2e977da90594563f627",
            "584)7ce9f8637a0fcb2b74ecef3ecdf72fda741bc53b53c962670fc2d00148a4639a",
            "584)04a77976603e9bf762b096f4d8594bcc36703cd24ec87f1e4611edcb73895ece",
            "584)d2260eeb6b6eebbdb95f06ae0f302658a0c794828840d497aa32ed4f7158e857",
            "584)f2c7ab2d51b0d05b6ec699c3c26806050283c1842c60cf36931e7076ea5d6063",
            "584)f74a4d81679b662152e76e2616296570001df37ab042c64cb75f5b56e142a2e4",
            "584)6a2ea45dbeac5f07b744234d706e513c79cfcee44684434a6f294b214d74b312",
        ]
    );
    assert_eq!(record.result.votes, [2, 3, 3, 2]);
    assert_eq!(record.result.blank, 2);
    let revoked: Vec<_> =
        (0..).zip(&record.roll).filter(|(_, e)| e.revoked).map(|(at, _): (u8, _)| at).collect();
    assert_eq!((revoked, record.roll.len(), record.opening.voters), (vec![20], 64, 63));
    let factors: Vec<_> = record.factors.iter().map(|factors| factors.trustee).collect();
    assert_eq!(factors, [1, 3, 4]);
}
