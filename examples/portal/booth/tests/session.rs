//! The booth against the boxes of an election, as a page drives it.

use common::{ENDS_AT, OPENS_AT};
use getrandom::SysRng;
use serde_json::{Value, json};
use support::election::NUMBERS;
use support::{BOOKLET, Server, hex, unhex};
use urne::ballot_box::DepositProof;
use urne::rand_core::UnwrapErr;
use urne::voter::Dossier;
use urne_booth::Booth;

#[path = "../../../../tests/common/mod.rs"]
mod common;
mod support;

/// A page of Anne's, whose clock stands still.
struct Page {
    booth: Booth,
    server: Server,
    now: u64,
    open: Value,
    code: String,
}

impl Page {
    fn new() -> Self {
        let (server, now) = (Server::new(), OPENS_AT.seconds() + 60);
        let mut page = Page { booth: Booth::default(), server, now, open: Value::Null, code: String::new() };
        let session = page.ask(json!({ "what": "session" }));
        (page.open, page.code) = (session["open"].clone(), session["code"].as_str().unwrap().to_owned());
        page
    }

    fn call(&mut self, request: Value) -> Result<Value, String> {
        let answer = self.booth.call(request.to_string().as_bytes(), &mut UnwrapErr(SysRng));
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        match answer.get("Ok") {
            Some(ok) => Ok(ok.clone()),
            None => Err(answer["Err"]["code"].as_str().unwrap().to_owned()),
        }
    }

    fn server(&mut self, mut request: Value) -> Value {
        request["now"] = self.now.into();
        self.server.ask(&request)
    }

    fn ask(&mut self, request: Value) -> Value {
        self.server(request)["ok"].clone()
    }

    fn open(&mut self) -> Value {
        self.call(json!({ "open": self.open })).unwrap()
    }

    fn enter(&mut self, code: &str) -> Result<Value, String> {
        let entered = self.call(json!({ "enter_code": { "code": code, "nonce": "07".repeat(32) } }))?;
        let mut accepted = Vec::new();
        let published = self.open["published"].as_array().unwrap().clone();
        for activation in entered.as_array().unwrap() {
            let at = published.iter().position(|fingerprint| *fingerprint == activation[0]).unwrap();
            let body = "07".repeat(32) + activation[1].as_str().unwrap();
            let request = json!({ "what": "activate", "number": NUMBERS[at], "bytes": body });
            if self.server(request).get("ok").is_some() {
                accepted.push(activation[0].clone());
            }
        }
        self.call(json!({ "activated": accepted }))
    }

    fn active(&mut self) {
        let code = self.code.clone();
        self.open();
        self.enter(&code).unwrap();
    }

    fn choose(&mut self, number: u64) -> Result<Value, String> {
        let documents = hex(BOOKLET);
        self.call(json!({ "choose": { "number": number, "documents": documents, "now": self.now } }))
    }

    /// To the confirmation of a choice in contest 584: name and reference.
    fn sealed(&mut self, choice: u8) -> (Value, String) {
        self.choose(584).unwrap();
        self.call(json!("activate_selection")).unwrap();
        self.select(choice)
    }

    fn select(&mut self, choice: u8) -> (Value, String) {
        let sealed = self.call(json!({ "select": { "choice": choice } })).unwrap();
        (sealed["name"].clone(), sealed["reference"].as_str().unwrap().to_owned())
    }

    /// The dossier, and the ballot.
    fn cast(&mut self) -> (Value, Value) {
        let dossier = self.call(json!({ "cast": { "now": self.now } })).unwrap();
        let ballot = self.call(json!("stored")).unwrap();
        (dossier, ballot)
    }

    fn deposit(&mut self, ballot: &Value) -> Value {
        self.ask(json!({ "what": "deposit", "bytes": ballot }))["receipt"].clone()
    }

    fn acknowledge(&mut self, receipt: &Value) -> Result<Value, String> {
        self.call(json!({ "acknowledge": { "receipt": receipt, "now": self.now } }))
    }

    fn states(&mut self) -> Vec<String> {
        let standings = self.call(json!({ "standings": { "now": self.now } })).unwrap();
        let state = |standing: &Value| standing[0].as_str().unwrap().to_owned();
        standings.as_array().unwrap().iter().map(state).collect()
    }

    /// The contest 584 as it was published.
    fn approved(&self) -> Value {
        self.open["contests"][1]["approved"].clone()
    }
}

#[test]
fn a_vote_from_the_code_to_the_acknowledgement() {
    let mut page = Page::new();
    let contests = page.open();
    assert_eq!(contests[1]["number"], 584);
    assert_eq!(contests[1]["lists"], json!(["List 1", "List 2", "List 3"]));
    assert_eq!(contests[1]["fingerprint"], page.open["published"][1]);
    let code = page.code.clone();
    page.enter(&code).unwrap();
    assert_eq!(page.states()[0], "active");

    // A choice, and back to change it: another ballot, which is the one that is sent.
    let (name, first) = page.sealed(2);
    assert_eq!(name, "List 2");
    page.call(json!("back")).unwrap();
    let (name, reference) = page.select(0);
    assert_eq!(name, Value::Null);
    assert_ne!(first, reference);
    let (dossier, ballot) = page.cast();
    // What is stored before the ballot is sent has the ballot in it, and no receipt.
    let kept = Dossier::from_bytes(&unhex(dossier.as_str().unwrap())).unwrap();
    assert_eq!(hex(kept.ballot()), ballot.as_str().unwrap());
    assert_eq!((kept.reference().to_string(), kept.receipt()), (reference.clone(), None));

    let receipt = page.deposit(&ballot);
    let voted = page.acknowledge(&receipt).unwrap();
    assert_eq!(voted["reference"], reference);
    assert_eq!(voted["at"], page.now);
    let proof = DepositProof::from_bytes(&unhex(voted["proof"].as_str().unwrap())).unwrap();
    assert_eq!((proof.reference.to_string(), proof.index), (reference, 0));
    assert_eq!(page.states(), ["active", "voted", "active"]);
    assert_eq!(page.choose(584).unwrap_err(), "session/already-voted");

    // The same device makes the deposit proof again.
    let again = json!({ "voter": hex(b"anne"), "dossier": voted["dossier"], "approved": page.approved() });
    assert_eq!(page.call(json!({ "earlier": again })).unwrap(), voted);
    // The ballot was blank.
    let approved = page.approved();
    let closed = page.server.ask(&json!({ "what": "close", "number": 584 }));
    assert!(closed["ok"]["record"].as_str().unwrap().contains(ballot.as_str().unwrap()));
    let counted = page.server.ask(&json!({ "what": "count" }));
    let counted: Value = serde_json::from_str(counted["ok"]["record"].as_str().unwrap()).unwrap();
    assert_eq!(counted["result"], json!({ "votes": [0, 0, 0], "blank": 1 }));
    assert!(approved.is_string());
}

#[test]
fn a_list_is_the_list_that_counts() {
    let mut page = Page::new();
    page.active();
    page.sealed(3);
    let (_, ballot) = page.cast();
    page.deposit(&ballot);
    page.server.ask(&json!({ "what": "close", "number": 584 }));
    let counted = page.server.ask(&json!({ "what": "count" }));
    let counted: Value = serde_json::from_str(counted["ok"]["record"].as_str().unwrap()).unwrap();
    assert_eq!(counted["result"], json!({ "votes": [0, 0, 1], "blank": 0 }));
}

#[test]
fn a_mistyped_code_says_where_and_leaves_the_session() {
    let mut page = Page::new();
    page.open();
    let code = page.code.clone();
    let nonce = "07".repeat(32);
    let wrong = format!("{}b{}", &code[..9], &code[10..]);
    let request = json!({ "enter_code": { "code": wrong, "nonce": nonce } }).to_string();
    let answer = page.booth.call(request.as_bytes(), &mut UnwrapErr(SysRng));
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    // The tenth character typed is the ninth without its hyphen.
    assert_eq!((&answer["Err"]["code"], &answer["Err"]["position"]), (&json!("code/character"), &json!(9)));
    assert!(!answer.to_string().contains(&wrong));
    // What JSON must escape is no code, and is said to be none.
    let quoted = json!({ "enter_code": { "code": "urne1\"\n", "nonce": nonce } });
    assert_eq!(page.call(quoted).unwrap_err(), "code/foreign");
    let short = json!({ "enter_code": { "code": code, "nonce": "07" } });
    assert_eq!(page.call(short).unwrap_err(), "page/request");
    page.enter(&code.to_uppercase()).unwrap();
}

#[test]
fn a_code_that_no_box_accepts_is_no_code_and_another_one_is() {
    let mut page = Page::new();
    page.open();
    // Bruno's.
    let other = page.ask(json!({ "what": "session", "voter": "bruno" }))["code"].as_str().unwrap().to_owned();
    assert_eq!(page.enter(&other).unwrap_err(), "session/not-accepted");
    // Issued anew for one contest: the letter's serves in the others.
    let code = page.code.clone();
    let new = page.ask(json!({ "what": "reissue", "number": 584 }))["code"].as_str().unwrap().to_owned();
    page.enter(&code).unwrap();
    assert_eq!(page.states(), ["active", "open", "active"]);
    assert_eq!(page.choose(584).unwrap_err(), "session/not-active");
    page.call(json!("another_code")).unwrap();
    page.enter(&new).unwrap();
    assert_eq!(page.states(), ["open", "active", "open"]);
    // Not from the middle of a choice, which is left first; and twice is once.
    page.sealed(1);
    assert_eq!(page.call(json!("another_code")).unwrap_err(), "page/order");
    for request in ["back", "back", "another_code", "another_code"] {
        page.call(json!(request)).unwrap();
    }
    page.enter(&code).unwrap();
    assert_eq!(page.states(), ["active", "open", "active"]);
}

#[test]
fn a_false_contest_is_not_opened() {
    let page = Page::new();
    let altered = |change: &dyn Fn(&mut Value)| {
        let mut open = page.open.clone();
        change(&mut open);
        let answer =
            Booth::default().call(json!({ "open": open }).to_string().as_bytes(), &mut UnwrapErr(SysRng));
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        answer["Err"]["code"].as_str().unwrap_or("opened").to_owned()
    };
    assert_eq!(altered(&|_| ()), "opened");
    // None that the trustees publish.
    assert_eq!(altered(&|open| open["published"][1] = open["published"][0].clone()), "session/not-published");
    // Another title than the trustees approved.
    let retitled = |open: &mut Value| {
        let approved =
            open["contests"][1]["approved"].as_str().unwrap().replace("Committee 584", "Committee 585");
        open["contests"][1]["approved"] = approved.into();
    };
    assert_eq!(altered(&retitled), "contest/approval");
    // The opening of another contest, and one that is not signed.
    let moved = |open: &mut Value| open["contests"][1]["opening"] = open["contests"][0]["opening"].clone();
    assert!(altered(&moved).starts_with("session/opening"));
    let unsigned = |open: &mut Value| {
        let mut opening = unhex(open["contests"][1]["opening"].as_str().unwrap());
        *opening.last_mut().unwrap() ^= 1;
        open["contests"][1]["opening"] = hex(&opening).into();
    };
    assert!(altered(&unsigned).starts_with("session/opening"));
    let twice = |open: &mut Value| {
        let first = open["contests"][0].clone();
        open["contests"].as_array_mut().unwrap().push(first);
    };
    assert_eq!(altered(&twice), "session/repeated-contest");
}

#[test]
fn other_documents_than_were_approved_are_not_shown() {
    let mut page = Page::new();
    page.active();
    let choose = json!({ "choose": { "number": 584, "documents": hex(b"other"), "now": page.now } });
    assert_eq!(page.call(choose).unwrap_err(), "documents/other");
    // Contest 47 names none, so that nothing can be shown for it.
    assert_eq!(page.choose(47).unwrap_err(), "documents/form");
    assert_eq!(page.call(json!("activate_selection")).unwrap_err(), "page/order");
    page.choose(584).unwrap();
}

#[test]
fn a_false_receipt_is_refused_and_the_true_one_still_taken() {
    let mut page = Page::new();
    page.active();
    page.sealed(1);
    let (_, ballot) = page.cast();
    let receipt = page.deposit(&ballot);
    let bytes = unhex(receipt.as_str().unwrap());
    for at in 0..bytes.len() {
        let mut lie = bytes.clone();
        lie[at] ^= 1;
        assert!(page.acknowledge(&hex(&lie).into()).is_err(), "byte {at} is not looked at");
    }
    // The clock of the device is an hour behind; put right, the same receipt holds.
    page.now -= 3_600;
    assert_eq!(page.acknowledge(&receipt).unwrap_err(), "receipt/time");
    page.now += 3_600;
    // No way out but by the box's answer.
    for request in ["back", "another_code", "stored", "challenge"] {
        assert_eq!(page.call(json!(request)).unwrap_err(), "page/order");
    }
    page.acknowledge(&receipt).unwrap();
}

#[test]
fn a_vote_is_resumed_after_a_reload() {
    let mut page = Page::new();
    page.active();
    let (_, reference) = page.sealed(2);
    let (dossier, ballot) = page.cast();
    page.deposit(&ballot); // whose answer is lost
    page.booth = Booth::default();
    let of = json!({ "voter": hex(b"anne"), "dossier": dossier, "approved": page.approved() });
    let resumed = page.call(json!({ "earlier": of })).unwrap();
    assert_eq!(resumed, json!({ "ballot": ballot, "reference": reference }));
    page.now += 86_400;
    let receipt = page.deposit(&ballot);
    let mut lie = unhex(receipt.as_str().unwrap());
    lie[40] ^= 1;
    let with = |receipt: &Value, now: u64| json!({ "acknowledge_earlier": { "kept": of, "receipt": receipt, "now": now } });
    assert_eq!(page.call(with(&"".into(), page.now)).unwrap_err(), "decode/too-short");
    assert!(page.call(with(&hex(&lie).into(), page.now)).is_err());
    let voted = page.call(with(&receipt, page.now)).unwrap();
    assert_eq!((&voted["reference"], &voted["at"]), (&json!(reference), &json!(page.now - 86_400)));
    // Nor is it what another voter's page goes on with, or shows.
    for dossier in [&dossier, &voted["dossier"]] {
        let approved = page.approved();
        let of = |voter: &[u8]| json!({ "voter": hex(voter), "dossier": dossier, "approved": approved });
        assert_eq!(page.call(json!({ "earlier": of(b"bruno") })).unwrap_err(), "dossier/other-voter");
        let others = json!({ "kept": of(b"bruno"), "receipt": receipt, "now": page.now });
        let refused = page.call(json!({ "acknowledge_earlier": others })).unwrap_err();
        assert_eq!(refused, "dossier/other-voter");
        page.call(json!({ "earlier": of(b"anne") })).unwrap();
    }
    // Of another contest it is none.
    let other = json!({ "voter": hex(b"anne"), "dossier": dossier, "approved": page.open["contests"][0]["approved"] });
    assert_eq!(page.call(json!({ "earlier": other })).unwrap_err(), "dossier/other-contest");
}

#[test]
fn a_refused_ballot_leaves_the_session_and_the_dossier() {
    let mut page = Page::new();
    page.active();
    page.sealed(2);
    let (dossier, ballot) = page.cast();
    page.now = ENDS_AT.seconds();
    let refused = page.server(json!({ "what": "deposit", "bytes": ballot }));
    assert_eq!(refused["refused"], "deposit/ended");
    page.call(json!("refused")).unwrap();
    assert_eq!(page.states()[1], "closed");
    let of = json!({ "voter": hex(b"anne"), "dossier": dossier, "approved": page.approved() });
    assert_eq!(page.call(json!({ "earlier": of })).unwrap()["ballot"], ballot);
}

#[test]
fn a_challenged_ballot_is_opened_only_once_the_box_has_noted_it() {
    let mut page = Page::new();
    page.active();
    page.sealed(2);
    let ballot = page.call(json!("challenge")).unwrap();
    // It can be cast no more, and the page has no opened ballot yet.
    assert_eq!(page.call(json!({ "cast": { "now": page.now } })).unwrap_err(), "page/order");
    assert_eq!(page.server(json!({ "what": "challenge", "bytes": ballot }))["ok"], Value::Null);
    let opened = page.call(json!({ "noted": { "address": "https://vote.example/check" } })).unwrap();
    assert!(opened["opened"].as_str().unwrap().ends_with(ballot.as_str().unwrap()));
    assert!(opened["qr"]["width"].as_u64().unwrap() > 50);
    assert_eq!(page.server(json!({ "what": "deposit", "bytes": ballot }))["refused"], "deposit/challenged");
    // A second one that the box does not note is not opened; then a vote.
    page.select(2);
    page.call(json!("challenge")).unwrap();
    assert_eq!(page.call(json!("back")).unwrap(), Value::Null);
    page.select(1);
    let (_, ballot) = page.cast();
    let receipt = page.deposit(&ballot);
    page.acknowledge(&receipt).unwrap();
}

#[test]
fn no_answer_holds_code_choice_or_nonce() {
    let mut page = Page::new();
    let code = page.code.clone();
    page.open();
    let nonce = "07".repeat(32);
    let entered = page.call(json!({ "enter_code": { "code": code, "nonce": nonce } })).unwrap();
    assert!(!entered.to_string().contains(&code[6..]));
    // What is no request is not repeated.
    let answer = page.booth.call(format!("{{\"enter\": \"{code}\"").as_bytes(), &mut UnwrapErr(SysRng));
    assert!(!String::from_utf8(answer).unwrap().contains(&code[6..]));
    page.call(json!("close")).unwrap();
    assert_eq!(page.call(json!("another_code")).unwrap_err(), "page/order");
}
