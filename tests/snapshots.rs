//! Snapshots of every form in which a value leaves the crate, from a fixed election: a change of format or of a
//! message is seen in review. After a wanted change: `cargo insta review`, or `INSTA_UPDATE=always`.

use std::env;
use std::fmt::{Debug, Display};

use serde::Serialize;
use serde::de::DeserializeOwned;
use urne::ballot_box::{SignedClosing, VoterState};
use urne::contest::ContestDescription;
use urne::record::{AuditReport, Hex, HexBytes};
use urne::voter::Dossier;
use urne::{ActivationNonce, ApprovedContest, BallotReference, ClosedRecord, Contest, Record, VotingCode};

#[path = "snapshots/errors.rs"]
mod errors;
mod fixture;

use errors::Coded;
use fixture::common::CLOSES_AT;
use fixture::forms::{FORMS, Form, good};
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

/// The JSON form, which is the same hex.
fn in_json<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, bytes: &[u8]) {
    let json = serde_json::to_string(value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&json).unwrap(), *value);
    assert_eq!(json, format!("{:?}", hex(bytes)));
}

#[test]
fn every_wire_form() {
    for Form { name, good, .. } in FORMS {
        snapshot(&format!("wire_{}", name.replace('-', "_")), lines(&good(election())));
    }
    // Of a trustee that was shown a second closing, there is more in the memory.
    snapshot("wire_trustee_memory_stopped", lines(&election().stopped));
    let log: Vec<_> = election().log.iter().map(|entry| lines(entry.as_bytes())).collect();
    snapshot("stored_log", log.join("\n"));
}

#[test]
fn public_messages_are_the_same_hex_in_json() {
    let Election { board, complaint, endorsements, ready, factors, contest, .. } = election();
    in_json(&board.commitments[2], &good("commitment"));
    in_json(&board.reveals[2], &good("reveal"));
    in_json(&complaint.1, &good("complaint"));
    in_json(&board.confirmations[1], &good("confirmation"));
    in_json(&contest.approvals()[3], &good("approval"));
    in_json(&endorsements[2], &good("endorsement"));
    in_json(&ready[4], &good("ready"));
    in_json(&factors[3], &good("decryption-factors"));
    let Election { activation, proposed, receipts, signed, .. } = election();
    in_json(activation, &good("activation"));
    in_json(proposed, &good("proposed-opening"));
    in_json(&signed.closed().roll().signed_opening(), &good("opening"));
    in_json(&receipts[1].deposit_proof.head, &good("head"));
    in_json(&receipts[1].emargement, &good("emargement"));
    in_json(&receipts[1].deposit_proof, &good("deposit-proof"));
    in_json(&receipts[1], &good("receipt"));
    in_json(&receipts[1].acknowledgement, &good("acknowledgement"));
    let dossier = Dossier::from_bytes(&good("dossier")).unwrap();
    in_json(&dossier, &good("dossier"));
    in_json(&VoterState::Open { closes_at: CLOSES_AT, active: true }, &good("voter-state"));
    in_json(&SignedClosing::of(signed), &good("signed-closing"));
    in_json(&signed.closed().consistency(2).unwrap(), &good("merkle-path"));
    let nonce = ActivationNonce::from_bytes([3; 32]);
    in_json(&nonce, &nonce.to_bytes());
    let signature = signed.issuer_signature();
    in_json(signature, &signature.to_bytes());
}

#[test]
fn texts() {
    let Election { ballots, contest, .. } = election();
    let reference = BallotReference::of(contest.contest(), &ballots[0]);
    assert_eq!(serde_json::to_string(&reference).unwrap(), format!("\"{reference}\""));
    snapshot("text_ballot_reference", reference.to_string());
    let code = VotingCode::from_bytes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
    snapshot("text_voting_code", code.expose_text().to_string());
}

#[test]
fn digests() {
    let Election { ceremony, contest, signings, board, trustees, .. } = election();
    let closed = election().closed();
    let text = [
        ("ceremony", ceremony.digest().to_string()),
        ("commitment of trustee 1", board.commitments[0].digest().to_string()),
        ("key", trustees[0].key().key_digest().to_string()),
        ("fingerprint", contest.fingerprint().to_string()),
        ("opening", closed.roll().opening_digest().to_string()),
        ("roll", closed.roll().digest().to_string()),
        ("signings", signings.digest().to_string()),
        ("closing", closed.digest().to_string()),
    ];
    snapshot("digests", text.map(|(name, digest)| format!("{name}: {digest}\n")).concat());
}

#[test]
fn the_record_in_json() {
    let json = election().record.to_json();
    assert_eq!(Record::from_json(json.as_bytes()).as_ref(), Ok(&election().record));
    snapshot("json_record", json);
    let json = election().closed_record.to_json();
    assert_eq!(ClosedRecord::from_json(json.as_bytes()).as_ref(), Ok(&election().closed_record));
    snapshot("json_closed_record", json);
}

#[test]
fn contests_in_json() {
    let approved = &election().contest;
    let (contest, description) = (approved.contest(), approved.contest().description());
    let json = [description.to_json(), contest.to_json(), approved.to_json()];
    assert_eq!(ContestDescription::from_json(json[0].as_bytes()).as_ref(), Ok(description));
    assert_eq!(Contest::from_json(json[1].as_bytes()).as_ref(), Ok(contest));
    assert_eq!(ApprovedContest::from_json(json[2].as_bytes()).as_ref(), Ok(approved));
    let [description, contest, approved] = json;
    snapshot("json_contest_description", description);
    snapshot("json_contest", contest);
    snapshot("json_approved_contest", approved);
}

fn audited(damage: impl FnOnce(&mut Record)) -> String {
    let mut record = election().record.clone();
    damage(&mut record);
    AuditReport::of(&record, &mut |_| ()).to_string()
}

fn audited_closed(damage: impl FnOnce(&mut ClosedRecord)) -> String {
    let mut record = election().closed_record.clone();
    damage(&mut record);
    AuditReport::of_closed(&record, &mut |_| ()).to_string()
}

fn reports<const N: usize>(name: &str, reports: [(&str, String); N]) {
    snapshot(name, reports.map(|(what, report)| format!("# {what}\n{report}")).join("\n"));
}

#[test]
fn reports_of_the_audit() {
    reports(
        "reports",
        [
            ("as it is", audited(|_| ())),
            ("no JSON", AuditReport::of_json(b"{", &mut |_| ()).to_string()),
            ("another title", audited(|record| record.contest.title = "Committee!".into())),
            ("another quorum", audited(|record| record.contest.panels[1].quorum = 2)),
            ("an approval left out", audited(|record| record.approvals.retain(|by| by.trustee != 4))),
            ("a ballot cut short", audited(|record| record.ballots[1].0.truncate(449))),
            ("a ballot's last response changed", audited(|record| flip(&mut record.ballots[1]))),
            ("a ballot twice", audited(|record| record.ballots.push(record.ballots[0].clone()))),
            ("a ballot left out", audited(|record| drop(record.ballots.pop()))),
            (
                "every revoked flag turned",
                audited(|record| record.roll.iter_mut().for_each(|e| e.revoked ^= true)),
            ),
            ("another opening", audited(|record| record.opening.at -= 1)),
            (
                "an endorsement of the second panel left out",
                audited(|record| record.closing.endorsements.retain(|by| by.trustee != 4)),
            ),
            (
                "the first panel's endorsements left out",
                audited(|record| record.closing.endorsements.retain(|by| by.trustee > 2)),
            ),
            ("no signature of the issuer", audited(|record| record.closing.issuer_signature = Hex([0; 64]))),
            ("closed early", audited(|record| record.closing.at = 0)),
            ("a sum changed", audited(|record| record.tally.sums[1] = Hex([0; 32]))),
            ("factors changed on their way", audited(|record| record.factors[1].factors.swap(0, 1))),
            ("too few factors", audited(|record| record.factors.truncate(3))),
            ("votes moved", audited(|record| record.result.votes.rotate_left(1))),
            ("a blank more", audited(|record| record.result.blank += 1)),
        ],
    );
    reports(
        "reports_closed",
        [
            ("as it is", audited_closed(|_| ())),
            ("a ballot left out", audited_closed(|record| drop(record.ballots.pop()))),
            ("a ballot cut short", audited_closed(|record| record.ballots[1].0.truncate(449))),
            ("a sum changed", audited_closed(|record| record.tally.sums[1] = Hex([0; 32]))),
        ],
    );
}

/// Changes the lowest byte of the last scalar.
fn flip(bytes: &mut HexBytes) {
    let at = bytes.0.len() - 32;
    bytes.0[at] ^= 1;
}

/// One line an error: its code and its text. Every code of its own must be among them.
fn messages<E: Coded + Display>(errors: &[E]) -> String {
    let said: Vec<_> = errors.iter().map(Coded::code).collect();
    let missing = E::CODES.iter().find(|code| !said.contains(code));
    assert_eq!(missing, None, "{}", E::NAME);
    errors.iter().map(|error| format!("{}: {error}\n", error.code())).collect()
}
