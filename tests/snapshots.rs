//! Snapshots of every form in which a value leaves the crate, from a fixed election: a change of format or of a
//! message is seen in review. After a wanted change: `cargo insta review`, or `INSTA_UPDATE=always`.

use std::env;
use std::fmt::{Debug, Display};

use serde::Serialize;
use serde::de::DeserializeOwned;
use urne::audit::AuditReport;
use urne::record::{Hex, HexBytes, Record};
use urne::tally::PartialSum;
use urne::{ActivationNonce, Ballot, BallotReference, VotingCode};

#[path = "snapshots/errors.rs"]
mod errors;
mod fixture;

use fixture::{Election, election, hex};

/// A snapshot that no setting of the environment accepts where it must not be accepted.
fn snapshot(name: &str, text: String) {
    let force = env::var("INSTA_FORCE_PASS").unwrap_or_else(|_| "0".into());
    assert_eq!(force, "0", "a snapshot that always passes checks nothing");
    if env::var_os("CI").is_some() {
        let update = env::var("INSTA_UPDATE").unwrap_or_else(|_| "no".into());
        assert_eq!(update, "no", "INSTA_UPDATE in CI");
    }
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

/// Hex in lines of 32 bytes.
fn lines(bytes: &[u8]) -> String {
    bytes.chunks(32).map(|line| hex(line) + "\n").collect()
}

/// The bytes, and the JSON form where it is not the same hex.
fn wire<T: Serialize + DeserializeOwned + PartialEq + Debug>(name: &str, value: &T, bytes: &[u8]) {
    let json = serde_json::to_string(value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&json).unwrap(), *value);
    let json = if json == format!("{:?}", hex(bytes)) { "the same hex".into() } else { json };
    snapshot(&format!("wire_{name}"), format!("{}json: {json}\n", lines(bytes)));
}

#[test]
fn messages_of_the_ceremony_and_of_trustees() {
    let Election { board, complaint, endorsements, factors, contest, .. } = election();
    wire("commitment", &board.commitments[0], &board.commitments[0].to_bytes());
    wire("reveal", &board.reveals[0], &board.reveals[0].to_bytes());
    wire("complaint", complaint, &complaint.to_bytes());
    wire("confirmation", &board.confirmations[0], &board.confirmations[0].to_bytes());
    let approval = contest.approvals()[0];
    wire("approval", &approval, &approval.to_bytes());
    wire("endorsement", &endorsements[0], &endorsements[0].to_bytes());
    wire("proof", endorsements[0].signature(), &endorsements[0].signature().to_bytes());
    wire("decryption_factors", &factors[0], &factors[0].to_bytes());
}

#[test]
fn messages_of_voters() {
    let Election { activation, ballots, challenged, contest, .. } = election();
    wire("activation", activation, &activation.to_bytes());
    let nonce = ActivationNonce::from_bytes([3; 32]);
    wire("activation_nonce", &nonce, &nonce.to_bytes());
    let (credential, _) = fixture::issued(0, 0);
    wire("public_credential", &credential, &credential.to_bytes());
    wire("challenged_ballot", &challenged[1], &challenged[1].to_bytes());
    snapshot("wire_ballot", lines(&ballots[0]));
    let reference = BallotReference::of(contest.contest(), &ballots[0]);
    assert_eq!(serde_json::to_string(&reference).unwrap(), format!("\"{reference}\""));
    snapshot("text_ballot_reference", reference.to_string());
    let code = VotingCode::from_bytes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
    snapshot("text_voting_code", code.expose_text().to_string());
}

#[test]
fn messages_of_the_box() {
    let Election { receipts, closed, contest, ballots, log, .. } = election();
    let receipt = &receipts[2];
    let proof = receipt.deposit_proof.as_ref().unwrap();
    wire("head", &proof.head, &proof.head.to_bytes());
    wire("box_signature", &proof.head.signature, &proof.head.signature.to_bytes());
    wire("emargement", &receipt.emargement, &receipt.emargement.to_bytes());
    wire("deposit_proof", proof, &proof.to_bytes());
    let path = closed.consistency(2).unwrap();
    wire("merkle_path", &path, &path.to_bytes());
    let mut sum = PartialSum::new(contest.contest());
    for (index, bytes) in [0, 1, 4].into_iter().zip(ballots) {
        let ballot = Ballot::from_bytes(contest, bytes).unwrap().verify(contest).unwrap();
        sum.add(index, &ballot).unwrap();
    }
    wire("partial_sum", &sum, &sum.to_bytes());
    let entries: Vec<_> = log.iter().map(|entry| lines(entry.as_bytes())).collect();
    snapshot("stored_log", entries.join("\n"));
}

#[test]
fn digests() {
    let Election { ceremony, contest, closed, board, .. } = election();
    let text = [
        ("ceremony", ceremony.digest().to_string()),
        ("commitment of trustee 1", board.commitments[0].digest().to_string()),
        ("fingerprint", contest.fingerprint().to_string()),
        ("roll", closed.roll().digest().to_string()),
        ("closing", closed.digest().to_string()),
    ];
    snapshot("digests", text.map(|(name, digest)| format!("{name}: {digest}\n")).concat());
}

#[test]
fn the_record_in_json() {
    let json = election().record.to_json();
    assert_eq!(Record::from_json(json.as_bytes()).as_ref(), Ok(&election().record));
    snapshot("json_record", json);
}

fn audited(damage: impl FnOnce(&mut Record)) -> String {
    let mut record = election().record.clone();
    damage(&mut record);
    AuditReport::of(&record, &mut |_| ()).to_string()
}

#[test]
fn reports_of_the_audit() {
    let reports = [
        ("as it is", audited(|_| ())),
        ("no JSON", AuditReport::of_json(b"{", &mut |_| ()).to_string()),
        ("another title", audited(|record| record.contest.title.push('!'))),
        ("a ballot cut short", audited(|record| record.ballots[1].0.truncate(449))),
        ("a ballot's last response changed", audited(|record| flip(&mut record.ballots[1], 385))),
        ("a ballot twice", audited(|record| record.ballots.push(record.ballots[0].clone()))),
        ("a ballot left out", audited(|record| drop(record.ballots.pop()))),
        (
            "every revoked flag turned",
            audited(|record| record.roll.iter_mut().for_each(|e| e.revoked ^= true)),
        ),
        ("two endorsements left out", audited(|record| record.closing.endorsements.truncate(1))),
        ("closed early", audited(|record| record.closing.at = 0)),
        ("a sum changed", audited(|record| record.tally.sums[1] = Hex([0; 32]))),
        ("false factors", audited(|record| record.factors[1].factors.swap(0, 1))),
        ("too few factors", audited(|record| record.factors.truncate(1))),
        ("votes moved", audited(|record| record.result.votes.rotate_left(1))),
        ("a blank more", audited(|record| record.result.blank += 1)),
    ];
    snapshot("reports", reports.map(|(what, report)| format!("# {what}\n{report}")).join("\n"));
}

fn flip(bytes: &mut HexBytes, at: usize) {
    // The lowest byte of the last scalar.
    bytes.0[at - 31] ^= 1;
}

/// One line an error, after the name that its `Debug` form begins with.
fn messages<E: Debug + Display>(errors: &[E]) -> String {
    let name = |error: &E| {
        let debug = format!("{error:?}");
        let end = debug.find(|c: char| !c.is_alphanumeric()).unwrap_or(debug.len());
        debug[..end].to_owned()
    };
    errors.iter().map(|error| format!("{}: {error}\n", name(error))).collect()
}
