//! The monitor: what it finds in a box that keeps its word, and in boxes that do not.

#[path = "common/fixture.rs"]
mod common;

use std::cell::RefCell;
use std::collections::BTreeMap;

use common::{Election, now, rng};
use urne::ballot_box::SignedOpening;
use urne::{ActivationNonce, BallotBox, Choice, ElectoralRoll, Fingerprint, SigningKey, UnixTime, VoterId};
use urne_portal::Failure;
use urne_portal::accounts::hex;
use urne_portal::disk;
use urne_portal::monitor::{Ask, Followed, Found, Stop};

const VOTERS: [&str; 6] = ["v1", "v2", "v3", "v4", "v5", "v6"];

/// A portal's answers, as `api.rs` gives them.
struct Portal<'a> {
    election: &'a Election,
    ballot_box: RefCell<BallotBox>,
    /// Answers in place of its own.
    instead: RefCell<BTreeMap<String, Vec<u8>>>,
}

impl<'a> Portal<'a> {
    fn new(election: &'a Election) -> Self {
        let contest = election.contest(584).clone();
        let roll = disk::get(election.folder.join("portal/584.roll"), |bytes| {
            ElectoralRoll::from_bytes(contest.clone(), bytes)
        });
        let opening = disk::get(election.folder.join("public/584/opening"), SignedOpening::from_bytes);
        let key = SigningKey::from_seed(&election.box_key);
        let opened = BallotBox::open(roll.unwrap(), *opening.unwrap().opening(), key).unwrap().stored();
        Portal { election, ballot_box: RefCell::new(opened), instead: RefCell::default() }
    }

    fn vote(&self, voter: &str, choice: Choice) {
        let (nonce, id, at) = (
            ActivationNonce::generate(&mut rng()),
            VoterId::new(voter).unwrap(),
            UnixTime::from_seconds(now()),
        );
        let mut ballot_box = self.ballot_box.borrow_mut();
        let mut transaction = ballot_box.transaction();
        transaction.activate(&id, &nonce, &self.election.activation(584, voter, &nonce), at).unwrap();
        transaction.deposit(&id, &self.election.ballot(584, voter, choice), at).unwrap();
        transaction.stored();
    }
}

impl Ask for Portal<'_> {
    fn ask(&self, path: &str) -> Result<Vec<u8>, Failure> {
        if let Some(other) = self.instead.borrow().get(path) {
            return if other.is_empty() { Err("no answer".into()) } else { Ok(other.clone()) };
        }
        let ballot_box = self.ballot_box.borrow();
        match path.strip_prefix("/api/584/consistency/") {
            Some(from) => {
                let (from, head) = (from.parse::<u64>()?, ballot_box.head());
                if from > head.size {
                    return Err("404".into());
                }
                let path = ballot_box.consistency(from).map(|path| hex(path.to_bytes())).unwrap_or_default();
                Ok(format!(r#"{{"head":"{}","path":"{path}"}}"#, hex(head.to_bytes())).into_bytes())
            }
            None => disk::read(&self.election.folder.join(&path[1..])),
        }
    }
}

fn follow(portal: &Portal<'_>, published: &[Fingerprint]) -> Result<Followed, Stop> {
    Followed::begin(portal, 584, published, &portal.election.folder.join("kept"))
}

fn published(election: &Election) -> Vec<Fingerprint> {
    vec![election.contest(584).fingerprint()]
}

fn heads(election: &Election, kind: &str) -> usize {
    let kept = std::fs::read_dir(election.folder.join("kept/584")).unwrap();
    kept.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|of| of == kind)).count()
}

#[test]
fn a_box_that_grows_keeps_its_word_and_its_heads_are_kept() {
    let election = Election::new(&VOTERS);
    let portal = Portal::new(&election);
    let mut followed = follow(&portal, &published(&election)).unwrap();
    assert_eq!(followed.look(&portal).unwrap(), Found::Good { ballots: 0 });
    for (ballots, voter) in (1..).zip(VOTERS) {
        portal.vote(voter, Choice::List(1));
        assert_eq!(followed.look(&portal).unwrap(), Found::Good { ballots });
        assert_eq!(followed.look(&portal).unwrap(), Found::Good { ballots });
    }
    assert_eq!(heads(&election, "head"), 7, "one of each size");
    // They are written for the trustees, and not read again: a month of them would be thousands a step.
    let kept = std::fs::read_dir(election.folder.join("kept/584")).unwrap();
    for place in
        kept.map(|entry| entry.unwrap().path()).filter(|place| place.extension() == Some("head".as_ref()))
    {
        std::fs::rename(&place, place.with_extension("handed-over")).unwrap();
    }
    portal.instead.borrow_mut().insert("/api/584/consistency/0".into(), Vec::new());
    assert_eq!(followed.look(&portal).unwrap(), Found::Good { ballots: 6 });
    portal.instead.borrow_mut().clear();
    for place in
        std::fs::read_dir(election.folder.join("kept/584")).unwrap().map(|entry| entry.unwrap().path())
    {
        if place.extension() == Some("handed-over".as_ref()) {
            std::fs::rename(&place, place.with_extension("head")).unwrap();
        }
    }
    // Another day, from what is kept.
    let mut followed = follow(&portal, &published(&election)).unwrap();
    assert_eq!(followed.look(&portal).unwrap(), Found::Good { ballots: 6 });
}

#[test]
fn a_box_that_is_forked_or_cut_is_found_out() {
    let election = Election::new(&VOTERS);
    let (portal, fork) = (Portal::new(&election), Portal::new(&election));
    let mut followed = follow(&portal, &published(&election)).unwrap();
    portal.vote("v1", Choice::List(1));
    portal.vote("v2", Choice::List(1));
    assert_eq!(followed.look(&portal).unwrap(), Found::Good { ballots: 2 });
    // The same box, beside it: smaller, as large, larger.
    for (size, voter) in (0..).zip(["v3", "v4", "v5"]) {
        let found = followed.look(&fork).unwrap();
        assert!(matches!(&found, Found::Broken(_)), "{size}: {found}");
        fork.vote(voter, Choice::List(2));
    }
    let found = followed.look(&fork).unwrap();
    assert!(matches!(&found, Found::Broken(_)), "{found}");
    assert!(heads(&election, "broken") >= 3, "each is kept, as evidence");
    // What is kept of the true one still stands.
    portal.vote("v6", Choice::Blank);
    assert_eq!(followed.look(&portal).unwrap(), Found::Good { ballots: 3 });
}

#[test]
fn no_answer_is_no_evidence() {
    let election = Election::new(&VOTERS);
    let portal = Portal::new(&election);
    let mut followed = follow(&portal, &published(&election)).unwrap();
    portal.vote("v1", Choice::List(1));
    followed.look(&portal).unwrap();
    for answer in ["", "<html>", r#"{"head":"00","path":""}"#, r#"{"head":"zz","path":""}"#] {
        for path in ["/api/584/consistency/1", "/api/584/consistency/0"] {
            portal.instead.borrow_mut().insert(path.into(), answer.into());
        }
        let found = followed.look(&portal).unwrap();
        assert!(matches!(&found, Found::NoAnswer(_)), "{answer}: {found}");
    }
}

#[test]
fn another_contest_or_a_second_opening_is_not_followed() {
    let election = Election::new(&VOTERS);
    let portal = Portal::new(&election);
    let other = [election.contest(585).fingerprint()];
    assert!(matches!(follow(&portal, &other), Err(Stop::Broken(_))));
    follow(&portal, &published(&election)).unwrap();
    // Opened again a second later, with both signatures.
    let contest = election.contest(584);
    let roll = disk::get(election.folder.join("portal/584.roll"), |bytes| {
        ElectoralRoll::from_bytes(contest.clone(), bytes)
    });
    let (roll, opening) =
        (roll.unwrap(), disk::get(election.folder.join("public/584/opening"), SignedOpening::from_bytes));
    let later = UnixTime::from_seconds(opening.unwrap().at().seconds() + 1);
    let proposed = roll.propose(later, &SigningKey::from_seed(&election.box_key)).unwrap().stored();
    let mut issuer = urne::Issuer::from_bytes(&election.issuer_before).unwrap();
    let second = issuer.sign_opening(contest.contest(), &proposed).unwrap().stored();
    portal.instead.borrow_mut().insert("/public/584/opening".into(), proposed.signed(&second).to_bytes());
    assert!(matches!(follow(&portal, &published(&election)), Err(Stop::Broken(_))));
    portal.instead.borrow_mut().insert("/public/584/opening".into(), Vec::new());
    assert!(
        matches!(follow(&portal, &published(&election)), Err(Stop::Failed(_))),
        "no answer is no evidence"
    );
}
