//! The checker on records of the library's vectors, as a page asks it.

use std::io::{self, Read};

use common::OPENS_AT;
use serde_json::{Value, json};
use support::{BOOKLET, Server};
use urne::record::AuditReport;
use urne::{Choice, Record, VotingCode};

#[path = "../../../../tests/common/mod.rs"]
mod common;
#[path = "../../booth/tests/support/mod.rs"]
#[allow(dead_code)]
mod support;

const RECORD: &[u8] = include_bytes!("../../../../tests/vectors/record.json");

fn call(request: Value, mut record: &[u8]) -> Value {
    let answer = urne_checker::call(request.to_string().as_bytes(), &mut record, &mut |_| ());
    serde_json::from_slice(&answer).unwrap()
}

fn audit(record: &[u8]) -> Value {
    call(json!({ "audit": { "expected": null, "seats": 15 } }), record)["Ok"].clone()
}

fn fingerprint() -> String {
    Record::from_json(RECORD).unwrap().contest().unwrap().fingerprint().to_string()
}

#[test]
fn a_report_says_what_the_librarys_own_says() {
    let mut told = 0;
    let request = json!({ "audit": { "expected": fingerprint(), "seats": 15 } });
    let answer =
        urne_checker::call(request.to_string().as_bytes(), &mut &*RECORD, &mut |ballots| told = ballots);
    let shown: Value = serde_json::from_slice(&answer).unwrap();
    let shown = &shown["Ok"];
    let report = AuditReport::of_json(RECORD, &mut |_| ());
    let (contest, result) = (report.contest().unwrap(), report.result().unwrap());
    assert_eq!(shown["conclusion"], report.conclusion().code());
    assert_eq!(shown["contest"]["fingerprint"], contest.fingerprint().to_string());
    assert_eq!(shown["contest"]["lists"].as_array().unwrap().len(), usize::from(contest.lists()));
    assert_eq!((&shown["voters"], &shown["ballots"]), (&json!(report.voters()), &json!(report.ballots())));
    assert_eq!(told as u64, report.ballots().unwrap());
    assert_eq!(shown["result"]["votes"], json!(result.votes()));
    assert_eq!(shown["result"]["blank"], result.blank());
    assert_eq!(shown["result"]["seats"]["certain"], json!(result.seats(15).certain()));
    // The same of a record that is false in many ways.
    let record = String::from_utf8(RECORD.to_vec()).unwrap();
    let record = record.replace("\"capacity\": ", "\"capacity\": 1").into_bytes();
    let (shown, report) = (audit(&record), AuditReport::of_json(&record, &mut |_| ()));
    assert!(report.verdict().is_err());
    assert_eq!(shown["result"], Value::Null);
    for (shown, (step, outcome)) in shown["steps"].as_array().unwrap().iter().zip(report.outcomes()) {
        assert_eq!(shown["number"], step.number());
        let flaws = match outcome {
            urne::record::Outcome::Failed(flaws) => {
                flaws.as_slice().iter().map(|flaw| flaw.to_string()).collect()
            }
            urne::record::Outcome::NotCarriedOut { because } => vec![because.to_string()],
            urne::record::Outcome::Passed => vec![],
        };
        let texts: Vec<_> =
            shown["flaws"].as_array().unwrap().iter().map(|flaw| flaw["text"].as_str().unwrap()).collect();
        assert_eq!(texts, flaws);
    }
}

#[test]
fn a_record_that_is_cut_short_or_goes_on_never_holds() {
    for length in (0..RECORD.len() - 2).step_by(61) {
        assert_eq!(audit(&RECORD[..length])["conclusion"], "audit/not-whole", "{length}");
    }
    assert_eq!(audit(&[RECORD, b"{}"].concat())["conclusion"], "audit/false");
    assert_eq!(audit(&[RECORD, b"\n"].concat())["conclusion"], "audit/holds");
}

#[test]
fn a_file_that_cannot_be_read_on_is_no_false_record() {
    struct Broken<'a>(&'a [u8]);
    impl Read for Broken<'_> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let length = self.0.read(to)?;
            if length == 0 { Err(io::Error::other("gone")) } else { Ok(length) }
        }
    }
    let known = json!({ "published": [], "given": [] });
    for request in [
        json!({ "audit": { "expected": null, "seats": null } }),
        json!({ "code": { "code": VotingCode::from_bytes([7; 15]).expose_text().as_str(), "shown": null, "known": known } }),
    ] {
        let answer =
            urne_checker::call(request.to_string().as_bytes(), &mut Broken(&RECORD[..9_000]), &mut |_| ());
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(answer["Err"]["code"], "page/unread");
    }
}

#[test]
fn a_ballot_is_found_by_its_code() {
    let mut server = Server::new();
    let Server::Voting(election) = &mut server else { panic!() };
    let session = election.active("anne", OPENS_AT);
    let (_, voted) = election.vote("anne", session, 584, Choice::List(2), OPENS_AT);
    let [code, other] = ["anne", "bruno"].map(|voter| election.code(voter).expose_text().to_uppercase());
    let published = voted.contest().fingerprint().to_string();
    let closed = server.ask(&json!({ "what": "close", "number": 584 }))["ok"].clone();
    let counted = server.ask(&json!({ "what": "count" }))["ok"].clone();
    let reference = voted.reference().to_string();
    let by_code = |record: &Value, code: &str, shown: Option<&str>, published: &str| {
        let known = json!({ "published": [published], "given": closed["given"] });
        let request = json!({ "code": { "code": code, "shown": shown, "known": known } });
        call(request, record["record"].as_str().unwrap().as_bytes())
    };
    for (record, is_counted) in [(&closed, false), (&counted, true)] {
        let found = by_code(record, &code, Some(&reference), &published)["Ok"].clone();
        assert_eq!((&found["reference"], &found["counted"]), (&json!(reference), &json!(is_counted)));
        assert_eq!((&found["place"], &found["of"], &found["compared"]), (&json!(1), &json!(1), &json!(true)));
        let refused = |code: &str, shown: Option<&str>, published: &str| {
            by_code(record, code, shown, published)["Err"]["code"].clone()
        };
        assert_eq!(refused(&code, Some(&reference), &"0".repeat(64)), "published/not-published");
        assert_eq!(refused(&code, Some(&reference), "0"), "page/fingerprint");
        assert_eq!(refused(&code, Some("584"), &published), "reference/separator");
        let lie = format!("584){}", "0".repeat(64));
        assert_eq!(refused(&code, Some(&lie), &published), "check/other-reference");
        assert_eq!(refused(&other, None, &published), "check/no-ballot");
        // A dossier says whose it is, which a deposit proof does not know.
        for (file, whose) in [
            (voted.dossier().to_bytes(), json!("anne")),
            (voted.receipt().deposit_proof.to_bytes(), Value::Null),
        ] {
            let known = json!({ "published": [published], "given": closed["given"] });
            let request = json!({ "file": { "file": support::hex(&file), "known": known } });
            let found = &call(request, record["record"].as_str().unwrap().as_bytes())["Ok"];
            assert_eq!((&found["reference"], &found["voter"]), (&json!(reference), &whose));
        }
    }
}
