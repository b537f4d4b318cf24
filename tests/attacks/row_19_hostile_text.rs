//! Row 19, the part about text from outside: names of elections, contests, lists and voters, and what a reader of JSON
//! quotes, which a terminal would obey or which would not be seen.
//!
//! In the sources every such text is a [`Text`] or a [`VoterId`], which are shown escaped. What derives its `Debug` has
//! it of them; whatever shows one by a `Debug` or `Display` of its own stands in the table here. Both are looked for in
//! the sources, so that a new one is found.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Display};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use urne::ballot::Sealer;
use urne::ballot_box::VoterState;
use urne::ballot_box::{IssuerError, SigningsError, Validity};
use urne::bureau::{Board, Ceremony, Seat};
use urne::contest::ContestError;
use urne::credential::ActivationNonce;
use urne::primitives::{Text, escaped};
use urne::record::{Flaw, PublishedError, RecordError};
use urne::trustee::TrusteeError;
use urne::{
    AuditReport, Bureau, Choice, ClosedRecord, Contest, IdentitySecret, Panel, Record, TrusteeIndex, VoterId,
    VoterSession, VotingCode,
};

use crate::polling::{Office, approved, at, ceremony, rng};
use crate::support::forger::{Forger, Shape, closed_form, votes};

/// One of each sort.
const HOSTILE: &str = "Da\u{1b}[2Jwn\r\n\t\0\u{7f}\u{9b}\u{ad}\u{34f}\u{61c}\u{115f}\u{180e}\u{200b}\u{200e}\u{200f}\
    \u{2028}\u{2029}\u{202a}\u{202e}\u{2060}\u{2066}\u{2069}\u{2800}\u{3000}\u{3164}\u{e000}\u{fe0f}\u{feff}\u{fffb}\
    \u{e0041}\u{e0100}\u{10fffd}";

/// Written once more, from the Unicode standard: what no terminal is to get.
fn is_hostile(character: char) -> bool {
    character.is_control()
        || character.is_whitespace() && character != ' '
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{10ffff}')
}

/// What the types of one name show.
#[derive(Default)]
struct Shown(BTreeMap<&'static str, Vec<String>>);

impl Shown {
    fn debug<T: Debug>(&mut self, name: &'static str, value: &T) {
        let lines = format!("{value:#?}");
        let shown = self.0.entry(name).or_default();
        shown.push(format!("{value:?}"));
        shown.extend(lines.lines().map(str::to_owned));
    }

    fn both<T: Debug + Display>(&mut self, name: &'static str, value: &T) {
        self.debug(name, value);
        let shown = value.to_string();
        self.0.entry(name).or_default().extend(shown.lines().map(str::to_owned));
    }
}

fn id() -> VoterId {
    VoterId::new(HOSTILE).unwrap()
}

/// Types that show of voters and texts nothing, or only what a part of them that is here shows.
const BY_THEIR_PARTS: &[&str] = &[
    "ActiveSession",
    "BallotList",
    // Its step is an audit's and no ceremony's.
    "Because",
    "Casting",
    "Dossier",
    "Issued",
    "NotAcknowledged",
    "NotSealed",
    "NotSelected",
    "Rebuilding",
    "Resumed",
    "Transaction",
    "UnstoredBox",
    "Voted",
];

/// A record that holds, of a contest in which every text is hostile.
fn record() -> Value {
    let forger = Forger::of(&Shape::new(&[(1, 1), (2, 3)], 3, 3));
    let mut record = json!({ "protocol": "urne/2", "contest": forger.contest() });
    for field in ["election", "title", "documents"] {
        record["contest"][field] = json!(HOSTILE);
    }
    for list in 0..3 {
        record["contest"]["lists"][list] = json!(format!("{list}{HOSTILE}"));
    }
    forger.approve(&mut record);
    let opens_at = record["contest"]["opens_at"].as_u64().unwrap();
    forger.open_roll(&mut record, opens_at - 60);
    let ballot = forger.ballot(&record, &forger.credential(0), &votes(&[1, 0, 0]));
    record["ballots"] = json!([ballot.iter().map(|byte| format!("{byte:02x}")).collect::<String>()]);
    forger.finish(&mut record);
    record
}

/// From the record: contest and audit.
fn of_the_record(shown: &mut Shown) {
    let json = record();
    let closed = ClosedRecord::from_json(closed_form(&json).to_string().as_bytes()).unwrap();
    let record = Record::from_json(json.to_string().as_bytes()).unwrap();
    let report = AuditReport::of(&record, &mut |_| ());
    assert!(report.verdict().is_ok(), "{report}");
    shown.both("AuditReport", &report);
    let contest = record.contest().unwrap();
    shown.debug("Record", &record);
    shown.debug("ClosedRecord", &closed);
    shown.debug("ClosedBox", &closed.verify(&mut |_| ()).unwrap());
    shown.debug("ApprovedContest", &contest);
    shown.debug("Contest", contest.contest());
    shown.debug("ContestDescription", contest.contest().description());
    shown.debug("Sealer", &Sealer::new(&contest));
    // An organiser is refused it, with the texts.
    let mut description = contest.contest().description().clone();
    description.lists[1] = description.lists[0].as_str().trim_end_matches('\u{10fffd}').into();
    let refused = Contest::new(description, contest.contest().key()).unwrap_err();
    assert!(matches!(refused, ContestError::LookAlikes { .. }));
    shown.both("ContestError", &refused);

    // What a reader of JSON quotes: a name, and a value.
    let mut value = json.clone();
    value["result"]["blank"] = json!(HOSTILE);
    for json in [format!("{{{}:1}}", json!(HOSTILE)), value.to_string()] {
        let error = Record::from_json(json.as_bytes()).unwrap_err();
        assert!(error.to_string().contains(r"u{1b}[2Jwn"), "{error}");
        let report = AuditReport::of_json(json.as_bytes(), &mut |_| ());
        shown.both("RecordError", &error);
        shown.both("PublishedError", &PublishedError::Record(error.clone()));
        shown.both("Flaw", &Flaw::Record(error));
        shown.both("AuditReport", &report);
    }
    shown.both("RecordError", &RecordError::Json { message: HOSTILE.into() });
    shown.both("RecordError", &RecordError::CutShort { message: HOSTILE.into() });
}

/// From an election in which a voter's id is hostile.
fn of_the_election(shown: &mut Shown) {
    let (_, mut trustees) = ceremony(&[(1, 1)], 2, 1);
    let contest = approved(584, 2, &mut trustees);
    let mut office = Office::of(contest, trustees, 0);
    office.register(HOSTILE);
    office.register("another");
    shown.debug("ElectoralRoll", &office.roll);
    shown.debug("Issuer", &office.issuer);
    shown.debug("Issue", &office.electors[0].issue);
    let registered = office.roll.register(office.electors[0].issue.clone()).unwrap_err();
    let has_code = office.issuer.issue(
        &[(id(), vec![office.contest.contest()])],
        Validity::UntilClose,
        at(-1_000),
        &mut rng(8),
    );
    shown.both("IssueError", &has_code.map(|_| ()).unwrap_err());
    shown.both("RegistrationError", &registered);

    let mut polling = office.open();
    of_the_session(shown, &polling);
    let (_, receipt) = polling.vote(0, Choice::List(1), 10);
    shown.debug("Emargement", &receipt.emargement);
    shown.debug("Receipt", &receipt);
    shown.debug("BallotBox", &polling.ballot_box);
    let mut ended = polling.sign_off();
    // The office knows another in the place of the one who signed.
    assert!(ended.voters.remove(&id()) && ended.voters.insert(VoterId::new("a third").unwrap()));
    shown.debug("Signings", &ended.signings);
    let mut trustee = ended.take_trustees().remove(0);
    let refused = ended.endorse(&mut trustee).map(|_| ()).unwrap_err();
    assert_eq!(refused, TrusteeError::NotAVoter { voter: id() });
    shown.both("TrusteeError", &refused);
    shown.debug("Trustee", &trustee);
    let credential = [1; 32];
    for error in [
        IssuerError::Flag { entry: 0, voter: id(), expected: true },
        IssuerError::Missing { voter: id(), credential },
    ] {
        shown.both("IssuerError", &error);
    }
    shown.both("SigningsError", &SigningsError::Repeated { voter: id() });
}

/// From the key ceremony: its label, and the seat of a trustee in it.
fn of_the_ceremony(shown: &mut Shown) {
    let seat = |label: &str| {
        Seat::new(label, TrusteeIndex::new(1).unwrap(), IdentitySecret::generate(&mut rng(9))).unwrap()
    };
    let trustees = vec![seat(HOSTILE).identity()];
    let bureau = Bureau::new(vec![Panel { threshold: 1, trustees }]).unwrap();
    let ceremony = Ceremony::new(HOSTILE, 1, bureau).unwrap();
    shown.debug("Ceremony", &ceremony);
    shown.debug("Seat", &seat(HOSTILE));
    shown.debug("Step", &seat(HOSTILE).next(&ceremony, &Board::default(), &mut rng(10)).unwrap());
    let error = seat("another").next(&ceremony, &Board::default(), &mut rng(10)).unwrap_err();
    shown.both("CeremonyError", &error);
}

fn of_the_session(shown: &mut Shown, polling: &crate::polling::Polling) {
    let contest = polling.contest.clone();
    let closes_at = contest.contest().description().closes_at;
    let opening = polling.ballot_box.roll().signed_opening();
    let state = VoterState::Open { closes_at, active: false };
    let published = [contest.fingerprint()];
    let session = VoterSession::new(id(), &published, [(contest, opening, state)]).unwrap();
    shown.debug("VoterSession", &session);
    let (code, nonce) = (VotingCode::from_bytes([1; 15]), ActivationNonce::from_bytes([2; 32]));
    let refused = session.enter_code(&code, &nonce, &mut rng(9)).activated(&[]).unwrap_err();
    shown.both("NotActivated", &refused);
    let entered = refused.into_state().enter_code(&code, &nonce, &mut rng(9));
    shown.debug("EnteredCode", &entered);
    shown.both("NotChosen", &entered.activated(&published).unwrap().choose(1, at(10)).unwrap_err());
}

fn shown() -> Shown {
    let mut shown = Shown::default();
    shown.both("Text", &Text::from(HOSTILE));
    shown.both("Escaped", &escaped(HOSTILE));
    shown.both("VoterId", &id());
    of_the_record(&mut shown);
    of_the_election(&mut shown);
    of_the_ceremony(&mut shown);
    shown
}

#[test]
fn attack_19_hostile_text_is_shown_escaped_by_everything_that_carries_it() {
    let Shown(shown) = shown();
    for (name, lines) in &shown {
        for line in lines {
            let found: Vec<_> = line.chars().filter(|character| is_hostile(*character)).collect();
            assert!(found.is_empty(), "{name} shows {found:?}");
        }
    }
    // It is there, and can be read.
    for name in [
        "AuditReport",
        "CeremonyError",
        "ContestDescription",
        "ContestError",
        "Record",
        "RegistrationError",
        "VoterId",
    ] {
        assert!(shown[name].iter().any(|line| line.contains(r"Da\u{1b}[2Jwn\u{d}\u{a}")), "{name}");
    }
}

/// The bodies of all structs and enums of the sources, and the names of those that have a `Debug` or `Display` of
/// their own.
fn sources() -> (BTreeMap<String, String>, BTreeSet<String>) {
    let mut text = String::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    let word = |text: &str| -> String {
        text.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
    };
    let mut bodies = BTreeMap::<String, String>::new();
    let mut shows = BTreeSet::new();
    for start in ["struct ", "enum "] {
        for rest in text.split(start).skip(1) {
            let Some(open) = rest.find(['{', '(', ';']).filter(|open| !rest[*open..].starts_with(';')) else {
                continue;
            };
            bodies.entry(word(rest)).or_default().push_str(inside(&rest[open..]));
        }
    }
    // Objects of the record, which a macro declares.
    let objects = text.split("\nobjects! {").nth(1).map(|rest| rest.split("\n}").next().unwrap()).unwrap();
    for object in objects.split("\n    }") {
        if let Some((name, body)) = object.split_once('{') {
            bodies.insert(name.split_whitespace().last().unwrap().to_owned(), body.to_owned());
        }
    }
    for start in ["Display for ", "Debug for ", "\nmessages! { "] {
        shows.extend(text.split(start).skip(1).map(word));
    }
    // States that are given back with an error.
    for rest in text.split("\nrefused! {").skip(1) {
        let (name, body) = rest.split("\n}").next().unwrap().split_once('(').unwrap();
        bodies.insert(name.trim().to_owned(), format!("({body}"));
        shows.insert(name.trim().to_owned());
    }
    (bodies, shows)
}

/// Up to the bracket that closes the first.
fn inside(text: &str) -> &str {
    let mut depth = 0;
    for (at, character) in text.char_indices() {
        match character {
            '{' | '(' => depth += 1,
            '}' | ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..at];
        }
    }
    text
}

/// Without comments and tests.
fn read(path: &Path, text: &mut String) {
    for entry in fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.file_stem().is_some_and(|name| name == "tests") {
            continue;
        }
        if entry.is_dir() {
            read(&entry, text);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&entry).unwrap();
            let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let code = source.lines().map(|line| line.split("//").next().unwrap());
            text.extend(code.flat_map(|line| [line, "\n"]));
        }
    }
}

/// Whether a type is named where a type is: after a colon, a bracket or another type.
fn mentions(body: &str, name: &str) -> bool {
    body.match_indices(name).any(|(at, _)| {
        let before =
            body[..at].trim_end_matches(|c: char| c.is_alphanumeric() || c == ':' && at > 0 || c == '_');
        let before = if body[..at].ends_with("::") { before } else { &body[..at] };
        let before = before.strip_suffix(' ').unwrap_or(before);
        let ends = body[at + name.len()..].chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '_');
        ends && before.ends_with([':', '(', '<', '&', '[', ','])
    })
}

/// A text that is kept as it came would be shown as it came by a derived `Debug`.
#[test]
fn attack_19_no_public_type_keeps_a_text_as_it_came() {
    let (bodies, _) = sources();
    let raw: Vec<_> = bodies
        .iter()
        .filter(|(_, body)| {
            let text = body.replace("&'static str", "");
            ["String", "char", "str"]
                .iter()
                .any(|name| mentions(&text, name) || text.contains(&format!("a {name}")))
        })
        .map(|(name, _)| name.as_str())
        .collect();
    // `Text` itself, a name while it is compared, a record while it is read: none of them is shown.
    assert_eq!(raw, ["Name", "Published", "Text"]);
}

#[test]
fn attack_19_whatever_shows_a_text_in_its_own_way_is_in_the_table() {
    let (bodies, shows) = sources();
    assert!(bodies.len() > 150 && shows.len() > 50, "{} {}", bodies.len(), shows.len());
    let mut carriers = BTreeSet::from(["Text", "VoterId"].map(str::to_owned));
    loop {
        let more: Vec<_> = bodies
            .iter()
            .filter(|(name, body)| {
                !carriers.contains(*name) && carriers.iter().any(|carrier| mentions(body, carrier))
            })
            .map(|(name, _)| name.clone())
            .collect();
        if more.is_empty() {
            break;
        }
        carriers.extend(more);
    }
    assert!(carriers.contains("AuditReport") && carriers.contains("VoterSession"));
    let Shown(table) = shown();
    let missing: Vec<_> = carriers
        .intersection(&shows)
        .filter(|name| !table.contains_key(name.as_str()) && !BY_THEIR_PARTS.contains(&name.as_str()))
        .collect();
    assert!(missing.is_empty(), "how they show hostile text is not tested: {missing:?}");
}
