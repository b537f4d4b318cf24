//! The monitor: what it finds in a box that keeps its word, and in boxes that do not.

#[path = "common/fixture.rs"]
mod common;

use std::cell::RefCell;
use std::collections::BTreeMap;

use common::{CLOSES_IN, Election, GRACE, now, rng};
use urne::ballot_box::{Complaints, Head, SignedBox, SignedOpening};
use urne::trustee::TrusteeError;
use urne::{ActivationNonce, BallotBox, Choice, ElectoralRoll, Fingerprint, SigningKey, UnixTime, VoterId};
use urne_portal::Failure;
use urne_portal::accounts::hex;
use urne_portal::disk;
use urne_portal::monitor::{Ask, Followed, Found, Stop, Watch};

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

impl Portal<'_> {
    /// The trustee's word on the box as it is, closed and signed.
    fn endorsed(&self) -> Result<(), TrusteeError> {
        let (later, rng) = (UnixTime::from_seconds(now() + CLOSES_IN + GRACE + 100), &mut rng());
        let mut ballot_box = self.ballot_box.borrow_mut();
        let mut transaction = ballot_box.transaction();
        transaction.close(later, rng).unwrap();
        transaction.stored();
        let (closed, signings) = ballot_box.closed().unwrap();
        let complaints = Complaints { seconds: 0, given: &[] };
        let mut issuer = urne::Issuer::from_bytes(&self.election.issuer_after).unwrap();
        issuer.given(&closed, later).unwrap().stored();
        let signature = issuer.sign_closing(&closed, &complaints, later).unwrap().stored();
        let voters = VOTERS.map(|voter| VoterId::new(voter).unwrap()).into();
        let mut trustee = self.election.trustee.borrow_mut();
        trustee.given(&closed, later).unwrap().stored();
        let signed = SignedBox::new(closed, signature).unwrap();
        trustee.endorse(&signed, &signings, &voters, &complaints, later, rng).map(|word| _ = word.stored())
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

/// What is kept for the trustees, as `urne-roles trustee show-heads` reads it: every `*.head` of the folder.
fn heads(election: &Election) -> Vec<Head> {
    disk::all::<Head>(&election.folder.join("kept/584/heads")).unwrap()
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
    assert_eq!(heads(&election).len(), 7, "one of each size");
    // They are written for the trustees, and not read again: a month of them would be thousands a step.
    let heads = election.folder.join("kept/584/heads");
    std::fs::rename(&heads, heads.with_extension("handed-over")).unwrap();
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
    // What is kept of the true one still stands.
    portal.vote("v6", Choice::Blank);
    assert_eq!(followed.look(&portal).unwrap(), Found::Good { ballots: 3 });
    // Each is kept as evidence: with what the monitor kept, the trustee endorses neither of the two.
    let all = heads(&election);
    assert_eq!(all.iter().map(|head| head.size).collect::<Vec<_>>(), [0, 1, 2, 2, 3, 3]);
    let contest = election.contest(584).contest();
    for head in &all {
        election.trustee.borrow_mut().show_head(contest, head).unwrap().stored();
    }
    for of in [&portal, &fork] {
        let refused = of.endorsed().unwrap_err();
        assert!(matches!(refused, TrusteeError::Head { .. }), "{refused}");
    }
}

#[test]
fn a_broken_word_is_said_also_where_its_evidence_cannot_be_kept() {
    let election = Election::new(&VOTERS);
    let (portal, fork) = (Portal::new(&election), Portal::new(&election));
    let mut followed = follow(&portal, &published(&election)).unwrap();
    portal.vote("v1", Choice::List(1));
    followed.look(&portal).unwrap();
    // Nothing can be written there.
    let heads = election.folder.join("kept/584/heads");
    std::fs::remove_dir_all(&heads).unwrap();
    std::fs::write(&heads, "").unwrap();
    for (size, voter) in (0..).zip(["v2", "v3"]) {
        let found = followed.look(&fork).unwrap();
        let head = hex(fork.ballot_box.borrow().head().to_bytes());
        let Found::Broken(why) = &found else { panic!("{size}: {found}") };
        assert!(why.contains("is not kept") && why.contains(&head), "{size}: {why}");
        fork.vote(voter, Choice::List(2));
    }
}

/// What a box has shown once holds, also where its head could not be kept.
#[test]
fn a_head_that_cannot_be_kept_counts_and_is_kept_later() {
    let election = Election::new(&VOTERS);
    let portal = Portal::new(&election);
    let mut followed = follow(&portal, &published(&election)).unwrap();
    portal.vote("v1", Choice::List(1));
    followed.look(&portal).unwrap();
    let of_one = [0, 1].map(|from| {
        let path = format!("/api/584/consistency/{from}");
        (portal.ask(&path).unwrap(), path)
    });
    let (heads_are, aside) = (election.folder.join("kept/584/heads"), election.folder.join("aside"));
    std::fs::rename(&heads_are, &aside).unwrap();
    std::fs::write(&heads_are, "").unwrap();
    portal.vote("v2", Choice::List(1));
    followed.look(&portal).unwrap_err();
    // The box goes back to what it was before.
    let back = of_one.into_iter().map(|(answer, path)| (path, answer));
    portal.instead.borrow_mut().extend(back.chain([("/api/584/consistency/2".into(), Vec::new())]));
    let found = followed.look(&portal).unwrap();
    assert!(matches!(&found, Found::Broken(why) if why.starts_with("it had 2 ballots and has 1")), "{found}");
    portal.instead.borrow_mut().clear();
    std::fs::remove_file(&heads_are).unwrap();
    std::fs::rename(&aside, &heads_are).unwrap();
    assert_eq!(followed.look(&portal).unwrap(), Found::Good { ballots: 2 });
    assert_eq!(heads(&election).iter().map(|head| head.size).collect::<Vec<_>>(), [1, 2]);
}

/// Without `last`, or with the heads of a monitor that kept them beside the opening, it begins at the greatest of them.
#[test]
fn what_was_seen_is_not_forgotten_where_the_last_head_is_missing() {
    let election = Election::new(&VOTERS);
    let (portal, fork) = (Portal::new(&election), Portal::new(&election));
    let mut followed = follow(&portal, &published(&election)).unwrap();
    for voter in ["v1", "v2"] {
        portal.vote(voter, Choice::List(1));
        followed.look(&portal).unwrap();
    }
    fork.vote("v3", Choice::List(2));
    let kept = election.folder.join("kept/584");
    for before in [false, true] {
        std::fs::remove_file(kept.join("last")).unwrap();
        if before {
            for head in std::fs::read_dir(kept.join("heads")).unwrap() {
                let head = head.unwrap();
                std::fs::rename(head.path(), kept.join(head.file_name())).unwrap();
            }
        }
        let mut followed = follow(&fork, &published(&election)).unwrap();
        assert_eq!(followed.look(&fork).unwrap(), Found::Broken("it had 2 ballots and has 1".into()));
        assert_eq!(followed.look(&portal).unwrap(), Found::Good { ballots: 2 });
        // They are the trustees', with that of the fork.
        assert_eq!(heads(&election).iter().map(|head| head.size).collect::<Vec<_>>(), [1, 1, 2]);
        std::fs::write(kept.join("last"), portal.ballot_box.borrow().head().to_bytes()).unwrap();
    }
}

#[test]
fn what_one_contest_does_stops_none_of_the_others() {
    let election = Election::new(&VOTERS);
    let (portal, fork) = (Portal::new(&election), Portal::new(&election));
    let meant: Vec<_> = [585, 584].map(|number| election.contest(number).fingerprint()).into();
    let keep = election.folder.join("kept");
    let watch = |portal: &Portal<'_>, watch: &mut Watch| {
        let found = watch.look(portal).into_iter();
        found.map(|(of, found)| format!("{of}: {}", &found.to_string()[..9])).collect::<Vec<_>>()
    };
    let claims = serde_json::json!({ "584": meant[1].to_string(), "585": meant[0].to_string() }).to_string();
    let say = |portal: &Portal<'_>, path: &str, text: &str| {
        portal.instead.borrow_mut().insert(path.into(), text.into());
    };
    for portal in [&portal, &fork] {
        say(portal, "/public/fingerprints.json", &claims);
    }
    let mut all = Watch::new(meant.clone(), keep.clone()).unwrap();
    // One does not show its contest: the other is followed.
    say(&portal, "/public/585/approved.json", "");
    portal.vote("v1", Choice::Blank);
    let unknown = format!("{}: no answer", meant[0]);
    assert_eq!(watch(&portal, &mut all), [unknown.clone(), "584: 1 ballot,".into()]);
    // It does, but its box does not answer; and the other is forked.
    portal.instead.borrow_mut().remove("/public/585/approved.json");
    fork.vote("v2", Choice::Blank);
    assert_eq!(watch(&portal, &mut all), ["585: no answer", "584: 1 ballot,"]);
    assert_eq!(
        (watch(&fork, &mut all), all.broken()),
        (["585: no answer", "584: THE BOX H"].map(str::to_owned).into(), 1)
    );
    // Nor is it forgotten: not where the box shows again what it did before, nor by a monitor that is started again.
    assert_eq!(watch(&portal, &mut all), ["585: no answer", "584: THE BOX H"]);
    let mut all = Watch::new(meant.clone(), keep).unwrap();
    assert_eq!(all.broken(), 1);
    let found = all.look(&portal).pop().unwrap().1.to_string();
    assert!(
        found.contains("does not begin with the 1 ballot of the head")
            && found.ends_with("; now: 1 ballot, all those before among them"),
        "{found}"
    );
    assert_eq!(watch(&portal, &mut all), ["585: no answer", "584: THE BOX H"]);
    // A contest that the portal does not have, or a portal without any answer.
    let other = Fingerprint::from_bytes([0; 32]);
    let mut all = Watch::new(vec![other, meant[1], meant[1]], election.folder.join("kept-2")).unwrap();
    assert_eq!(watch(&portal, &mut all), [format!("{other}: WRONG, TH"), "584: 1 ballot,".into()]);
    // Nobody has signed that, nor that another contest is the one that is meant, nor a head with another's signature: nothing is kept of it.
    say(&portal, "/public/fingerprints.json", &format!(r#"{{"585":"{}"}}"#, meant[1]));
    let mut others = Watch::new(vec![other, meant[1]], election.folder.join("kept-2")).unwrap();
    let wrong = [other, meant[1]].map(|of| format!("{of}: WRONG, TH"));
    assert_eq!((watch(&portal, &mut others), others.broken()), (wrong.into(), 0));
    say(&portal, "/public/fingerprints.json", &claims);
    let answer = String::from_utf8(portal.ask("/api/584/consistency/1").unwrap()).unwrap();
    let signature = hex(&portal.ballot_box.borrow().head().signature.to_bytes()[32..]);
    say(&portal, "/api/584/consistency/1", &answer.replace(&signature, &"01".repeat(32)));
    let unsigned = [format!("{other}: WRONG, TH"), "584: WRONG, TH".into()];
    assert_eq!((watch(&portal, &mut all), all.broken()), (unsigned.into(), 0));
    assert_eq!(disk::names(&election.folder.join("kept-2")).unwrap(), ["584"]);
    assert_eq!(disk::names(&election.folder.join("kept-2/584/heads")).unwrap().len(), 1);
    let mut all = Watch::new(meant.clone(), election.folder.join("kept-3")).unwrap();
    say(&portal, "/public/fingerprints.json", "");
    assert_eq!(watch(&portal, &mut all), [unknown, format!("{}: no answer", meant[1])]);
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
    assert!(matches!(follow(&portal, &other), Err(Stop::Unsigned(_))));
    let mut followed = follow(&portal, &published(&election)).unwrap();
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
    let second = proposed.signed(&second);
    portal.instead.borrow_mut().insert("/public/584/opening".into(), second.to_bytes());
    // A head of that box is signed, and evidence.
    let key = SigningKey::from_seed(&election.box_key);
    let head = BallotBox::open(roll, *second.opening(), key).unwrap().stored().head();
    let answer = format!(r#"{{"head":"{}","path":""}}"#, hex(head.to_bytes()));
    portal.instead.borrow_mut().insert("/api/584/consistency/0".into(), answer.into());
    assert!(matches!(followed.look(&portal).unwrap(), Found::Broken(_)));
    assert_eq!(heads(&election), [head]);
    // Also where it cannot be kept: a folder is in its place, which is not empty.
    let place = election.folder.join("kept/584/second-opening");
    std::fs::create_dir_all(place.join("full")).unwrap();
    let refused = follow(&portal, &published(&election)).err().unwrap();
    assert!(matches!(&refused, Stop::Broken(why) if why.contains("not kept")), "{refused:?}");
    std::fs::remove_dir_all(&place).unwrap();
    assert!(matches!(follow(&portal, &published(&election)), Err(Stop::Broken(_))));
    portal.instead.borrow_mut().insert("/public/584/opening".into(), Vec::new());
    assert!(
        matches!(follow(&portal, &published(&election)), Err(Stop::Failed(_))),
        "no answer is no evidence"
    );
}
