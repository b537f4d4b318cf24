//! The issuer: what it stores before it answers, what it refuses, and how long a code serves.

mod closings;
#[path = "../common/fixture.rs"]
mod common;
mod guard;
mod post;
mod setup;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use common::{Election, NUMBERS, now};
use http_body_util::BodyExt;
use tower::ServiceExt;
use urne::ballot_box::{ActivationError, IdentityChecked, Issue, SignedOpening};
use urne::contest::ContestDescription;
use urne::{
    Activation, ActivationNonce, ApprovedContest, BallotBox, Contest, Credential, ElectoralRoll, SigningKey,
    UnixTime, VoterId,
};
use urne_portal::i18n::Lang;
use urne_portal::issuing::api::Order;
use urne_portal::issuing::{Desk, IssuerFile, PART, pages};
use urne_portal::page::Assets;
use urne_portal::web::Problem;
use urne_portal::{accounts, disk, programs};

const TOKEN: &str = "the word between portal and issuer";

fn at(seconds: u64) -> UnixTime {
    UnixTime::from_seconds(seconds)
}

/// The issuer's folder beside the election's others.
fn folder(election: &Election) -> PathBuf {
    folder_of(election, &["jo", "bo"].map(str::to_owned))
}

fn folder_of(election: &Election, voters: &[String]) -> PathBuf {
    let folder = election.folder.join("issuer");
    disk::put_secret(&folder.join("issuer.bin"), &election.issuer.borrow().to_bytes()).unwrap();
    let line = |n: usize, id: &str| format!("{id},{id}@host.example,Name {n},N{n},{n:010},584 585\n");
    let lines: String = voters.iter().enumerate().map(|(n, id)| line(n, id)).collect();
    let list = format!("id,email,name,numen,social10,contests\n{lines}");
    disk::put_secret(&folder.join("voters.csv"), list.as_bytes()).unwrap();
    let scripts = election.folder.join("static");
    std::fs::create_dir_all(scripts.join("wasm")).unwrap();
    for name in programs::NEEDED {
        std::fs::write(scripts.join(name), name).unwrap();
    }
    let file = IssuerFile {
        listen: "127.0.0.1:8081".parse().unwrap(),
        public: election.folder.join("public"),
        scripts,
        address: "https://vote.example".into(),
        fingerprints: election.contests.iter().map(|contest| contest.fingerprint()).collect(),
        complaints: 60,
        password: accounts::hash_password("operator's own").unwrap(),
        token: accounts::hex(accounts::token_hash(TOKEN)),
        mail: format!("folder:{}", folder.join("mail-out").display()),
        mail_from: "vote@localhost".into(),
        clock_ahead: None,
    };
    disk::put_secret(&folder.join("issuer.toml"), toml::to_string(&file).unwrap().as_bytes()).unwrap();
    folder
}

fn open(folder: &Path) -> Desk {
    Desk::open(folder).unwrap()
}

fn reissue(
    desk: &mut Desk,
    voter: &str,
    contests: &[u64],
    identity_checked_at: u64,
    now: UnixTime,
) -> Result<Vec<Issue>, Problem> {
    let order = Order { voter: voter.into(), contests: contests.into(), identity_checked_at };
    desk.reissue(&order, now)
}

/// The box of a contest, as the portal opens it.
fn ballot_box(election: &Election, number: u64) -> BallotBox {
    let contest = election.contest(number).clone();
    let roll = disk::get(election.folder.join(format!("portal/{number}.roll")), |bytes| {
        ElectoralRoll::from_bytes(contest.clone(), bytes)
    });
    let opening =
        disk::get(election.folder.join(format!("public/{number}/opening")), SignedOpening::from_bytes);
    let key = SigningKey::from_seed(&election.box_key);
    BallotBox::open(roll.unwrap(), *opening.unwrap().opening(), key).unwrap().stored()
}

fn take(ballot_box: &mut BallotBox, issue: &Issue, now: u64) {
    let mut transaction = ballot_box.transaction();
    transaction
        .reissue(IdentityChecked::by_application(issue.voter().clone()), issue.clone(), at(now))
        .unwrap();
    transaction.stored();
}

#[test]
fn a_code_that_was_issued_anew_serves_for_two_minutes() {
    let election = Election::new(&["jo", "bo"]);
    let mut desk = open(&folder(&election));
    let issued_at = now();
    let issues = reissue(&mut desk, "jo", &NUMBERS, issued_at, at(issued_at)).unwrap();
    assert_eq!(issues.len(), 2);
    let jo = VoterId::new("jo").unwrap();
    let (issued, in_time) = desk.drawn(&jo, at(issued_at + 119)).unwrap();
    assert!(in_time);
    for (after, works) in [(119, true), (120, false)] {
        let mut ballot_box = ballot_box(&election, 584);
        take(&mut ballot_box, &issues[0], issued_at);
        let nonce = ActivationNonce::generate(&mut common::rng());
        // The letter's code is revoked at once.
        let old = election.activation(584, "jo", &nonce);
        let refused = ballot_box.transaction().activate(&jo, &nonce, &old, at(issued_at + 1)).unwrap_err();
        assert!(!matches!(refused, ActivationError::Expired { .. }), "{refused}");
        let credential = Credential::derive(election.contest(584).contest(), &issued.code);
        let activation = Activation::new(&credential, &nonce, &mut common::rng());
        let activated = ballot_box.transaction().activate(&jo, &nonce, &activation, at(issued_at + after));
        assert_eq!(activated.is_ok(), works, "after {after} s: {activated:?}");
        assert!(works || matches!(activated, Err(ActivationError::Expired { .. })), "{activated:?}");
    }
    // Nor is it sent when its time is over: it is forgotten, and another can be drawn.
    assert!(!desk.drawn(&jo, at(issued_at + 120)).unwrap().1);
    desk.sent(&[issued]).unwrap();
    let again = reissue(&mut desk, "jo", &NUMBERS, issued_at + 130, at(issued_at + 130)).unwrap();
    assert_ne!(again, issues);
}

/// Setup refuses names with what is not seen; an issuer that has them already is not kept from its voters.
#[test]
fn an_issuer_starts_with_names_that_it_took_before() {
    let election = Election::new(&["jo", "bo"]);
    let folder = folder(&election);
    let list = std::fs::read_to_string(folder.join("voters.csv")).unwrap();
    std::fs::write(folder.join("voters.csv"), list.replace("Name 0", "Zo\u{ad}\u{200b}é")).unwrap();
    assert_eq!(open(&folder).letters().len(), 2);
}

/// A contest that was made anew after the codes were issued has none: its roll would have nobody.
#[test]
fn no_roll_is_made_of_a_contest_without_codes() {
    let election = Election::new(&["jo", "bo"]);
    let folder = folder(&election);
    assert_eq!(open(&folder).issue_all(at(now())).unwrap().len(), 2);
    let before = election.contest(585);
    let description =
        ContestDescription { title: "CSA 585 anew".into(), ..before.contest().description().clone() };
    let mut trustee = common::only_trustee("anew", 2);
    let anew = Contest::new(description, trustee.key().election_key()).unwrap();
    let approval = trustee.approve(&anew, at(now() - 2_000), &mut common::rng()).unwrap().stored();
    let anew = ApprovedContest::new(anew, vec![approval]).unwrap();
    std::fs::write(election.folder.join("public/585/approved.json"), anew.to_json()).unwrap();
    let place = folder.join("issuer.toml");
    let file = std::fs::read_to_string(&place).unwrap();
    let (old, new) = (before.fingerprint().to_string(), anew.fingerprint().to_string());
    std::fs::write(&place, file.replace(&old, &new)).unwrap();
    let refused = open(&folder).issue_all(at(now())).unwrap_err().to_string();
    assert!(refused.contains("contest 585 has no codes"), "{refused}");
}

#[test]
fn what_is_issued_is_stored_before_it_is_answered() {
    let election = Election::new(&["jo", "bo"]);
    let folder = folder(&election);
    let mut desk = open(&folder);
    let before = std::fs::read(folder.join("issuer.bin")).unwrap();
    // Its disk is gone for a while.
    let away = folder.with_extension("away");
    std::fs::rename(&folder, &away).unwrap();
    std::fs::write(&folder, b"no folder").unwrap();
    let refused = reissue(&mut desk, "jo", &NUMBERS, now(), at(now())).unwrap_err();
    assert!(matches!(&refused, Problem::Internal(why) if why.contains("/issuer")), "{refused:?}");
    std::fs::remove_file(&folder).unwrap();
    std::fs::rename(&away, &folder).unwrap();
    assert_eq!(std::fs::read(folder.join("issuer.bin")).unwrap(), before);
    let jo = VoterId::new("jo").unwrap();
    assert!(desk.drawn(&jo, at(now())).is_none(), "what is not stored was not drawn");
    let issues = reissue(&mut desk, "jo", &NUMBERS, now(), at(now())).unwrap();
    // A process that died before the portal had its answer gives the same again, and sends the same code.
    drop(desk);
    let mut desk = open(&folder);
    let again = reissue(&mut desk, "jo", &NUMBERS, now(), at(now())).unwrap();
    assert!(again.len() == issues.len() && again.iter().all(|issue| issues.contains(issue)));
    let (issued, _) = desk.drawn(&jo, at(now())).unwrap();
    let credential = Credential::derive(election.contest(584).contest(), &issued.code).public();
    assert!(issues.iter().any(|issue| issue.credential() == credential));
    desk.sent(&[issued]).unwrap();
    assert!(open(&folder).drawn(&jo, at(now())).is_none(), "a code that was sent is forgotten");
}

#[test]
fn the_issuer_refuses_what_the_portal_may_not_ask() {
    let election = Election::new(&["jo", "bo"]);
    let mut desk = open(&folder(&election));
    let now = now();
    let code = |refused: Result<Vec<Issue>, Problem>| match refused {
        Err(Problem::Refused(StatusCode::CONFLICT, refusal)) => refusal.code,
        other => panic!("{other:?}"),
    };
    assert_eq!(code(reissue(&mut desk, "nobody", &NUMBERS, now, at(now))), "issue/unknown-voter");
    assert_eq!(code(reissue(&mut desk, "", &NUMBERS, now, at(now))), "issue/unknown-voter");
    assert_eq!(code(reissue(&mut desk, "jo", &[584, 999], now, at(now))), "issue/foreign-contest");
    assert_eq!(code(reissue(&mut desk, "jo", &NUMBERS, now - 61, at(now))), "issue/identity");
    assert_eq!(code(reissue(&mut desk, "jo", &NUMBERS, now + 61, at(now))), "issue/identity");
    // Nobody's mailbox is flooded: by six in an hour, however often they are asked for.
    let mut drawn = |later: &u64| {
        let at = at(now + later);
        let asked = reissue(&mut desk, "jo", &NUMBERS, at.seconds(), at);
        let Some((issued, _)) = desk.drawn(&VoterId::new("jo").unwrap(), at) else {
            assert_eq!(code(asked), "issue/too-often");
            return false;
        };
        desk.sent(&[issued]).unwrap();
        true
    };
    assert_eq!((0..3_600).step_by(20).filter(&mut drawn).collect::<Vec<_>>(), [0, 20, 40, 60, 80, 100]);
    reissue(&mut desk, "bo", &NUMBERS, now + 120, at(now + 120)).unwrap();
    reissue(&mut desk, "jo", &NUMBERS, now + 3_600, at(now + 3_600)).unwrap();
}

#[test]
fn what_the_box_refuses_is_taken_back() {
    let election = Election::new(&["jo", "bo"]);
    let folder = folder(&election);
    let mut desk = open(&folder);
    let issues = reissue(&mut desk, "jo", &NUMBERS, now(), at(now())).unwrap();
    for issue in &issues {
        desk.withdraw(issue).unwrap();
    }
    // The letter's code stands again: of it the issuer knows what the box knows.
    drop(desk);
    let desk = open(&folder);
    assert!(desk.drawn(&VoterId::new("jo").unwrap(), at(now())).is_none());
    assert_eq!(desk.letters().len(), 2);
}

#[test]
fn letters_have_what_a_voter_compares_and_leave_after_the_opening() {
    let election = Election::new(&["jo", "bo"]);
    let folder = folder(&election);
    let mut desk = open(&folder);
    let place = election.folder.join("public/585/opening");
    let opening = std::fs::read(&place).unwrap();
    std::fs::remove_file(&place).unwrap();
    assert!(pages::render(&desk, Lang::Fr, 1).is_err(), "no letter leaves before the opening");
    std::fs::write(&place, opening).unwrap();
    let letters = pages::render(&desk, Lang::Fr, 1).unwrap();
    let text = letters.split("<section").find(|letter| letter.contains("Name 0")).unwrap();
    let code = election.letter("jo").code.expose_text();
    assert!(
        text.contains(code.as_str()) && !text.contains(election.letter("bo").code.expose_text().as_str())
    );
    for contest in &election.contests {
        let grouped = urne_portal::issuing::letters::groups(contest.fingerprint());
        assert!(text.contains(&grouped));
    }
    assert_eq!(text.matches("<svg").count(), 1);
    assert!(text.contains("https://vote.example"));
    let all = pages::render(&desk, Lang::En, 1).unwrap();
    assert_eq!(all.matches("class=\"letter\"").count(), 2);
    for (name, hash) in programs::list(&Assets::read(&desk.file.scripts).unwrap()) {
        assert!(
            text.contains(&name) && text.contains(&urne_portal::issuing::letters::groups(&hash)),
            "{name}"
        );
    }
    let jo = desk.letters().into_iter().find(|letter| letter.voter.as_bytes() == b"jo").unwrap();
    desk.sent(&[jo]).unwrap();
    drop(desk);
    let mut desk = open(&folder);
    let left = pages::render(&desk, Lang::Fr, 1).unwrap();
    assert!(!left.contains("Name 0") && !left.contains(code.as_str()), "its code is forgotten");
    assert!(left.contains("Name 1") && left.contains(election.letter("bo").code.expose_text().as_str()));
    let bo = desk.letters();
    desk.sent(&bo).unwrap();
    assert!(pages::render(&desk, Lang::Fr, 1).is_err(), "none is left");
}

struct Answer {
    status: StatusCode,
    cookie: String,
    policy: bool,
    text: String,
}

async fn send(router: &axum::Router, request: Request<Body>) -> Answer {
    let answer = router.clone().oneshot(request).await.unwrap();
    let cookie = answer.headers().get("set-cookie").map_or("", |cookie| cookie.to_str().unwrap());
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let policy = answer.headers().contains_key("content-security-policy");
    let status = answer.status();
    let text = String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap();
    Answer { status, cookie, policy, text }
}

fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header("host", "127.0.0.1:8081")
}

fn form(path: &str, cookie: &str, body: &str) -> Request<Body> {
    request("POST", path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", cookie)
        .body(Body::from(body.to_owned()))
        .unwrap()
}

fn ask(token: Option<&str>, path: &str, body: &str) -> Request<Body> {
    let request = request("POST", path);
    let request = match token {
        Some(token) => request.header("authorization", format!("Bearer {token}")),
        None => request,
    };
    request.body(Body::from(body.to_owned())).unwrap()
}

#[tokio::test]
async fn only_the_portal_and_the_operator_are_answered() {
    let election = Election::new(&["jo", "bo"]);
    let router = pages::router(pages::Office::new(open(&folder(&election))).unwrap());
    let order = format!(r#"{{"voter":"jo","contests":[584,585],"identity_checked_at":{}}}"#, now());
    for path in ["/issue/reissue", "/issue/stored", "/issue/withdraw"] {
        for token in [None, Some(""), Some("another")] {
            assert_eq!(send(&router, ask(token, path, &order)).await.status, StatusCode::UNAUTHORIZED);
        }
    }
    let answer = send(&router, ask(Some(TOKEN), "/issue/reissue", &order)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert!(answer.policy && !answer.text.contains("urne1"));
    assert_eq!(
        send(&router, ask(Some(TOKEN), "/issue/stored", r#"{"issue":"0"}"#)).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(send(&router, ask(Some(TOKEN), "/issue/reissue", "{")).await.status, StatusCode::BAD_REQUEST);
    let no_issue = send(&router, ask(Some(TOKEN), "/issue/withdraw", r#"{"issue":"01006e6f"}"#)).await;
    assert_eq!(no_issue.status, StatusCode::BAD_REQUEST);
    assert!(no_issue.text.contains("issue/form"), "{}", no_issue.text);

    // A name of somebody else's that points here.
    let other = Request::get("/login").header("host", "evil.example:8081").body(Body::empty()).unwrap();
    assert_eq!(send(&router, other).await.status, StatusCode::MISDIRECTED_REQUEST);
    for path in ["/", "/letters/1"] {
        let answer = send(&router, request("GET", path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(!answer.text.contains("urne1"));
    }
    let wrong = send(&router, form("/login", "", "password=guess")).await;
    assert_eq!((wrong.status, wrong.cookie.as_str()), (StatusCode::UNAUTHORIZED, ""));
    let right = send(&router, form("/login", "", "password=operator%27s+own")).await;
    assert_eq!(right.status, StatusCode::SEE_OTHER);
    assert!(right.cookie.starts_with("__Host-issuer="));
    let page = |path: &str| request("GET", path).header("cookie", &right.cookie).body(Body::empty()).unwrap();
    let home = send(&router, page("/")).await;
    let csrf =
        home.text.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let letters = send(&router, page("/letters/1")).await;
    assert_eq!(
        (letters.status, letters.text.matches("urne1-").count()),
        (StatusCode::OK, 1),
        "jo's was replaced"
    );
    // Without the word against forgery nothing happens.
    for path in ["/letters/sent", "/letters/mail", "/closings"] {
        let forged = send(&router, form(path, &right.cookie, "csrf=0")).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(send(&router, page("/letters/1")).await.status, StatusCode::OK);
    // Of no part, and of one that there is not, nothing is forgotten.
    for part in ["", "&part=2"] {
        let refused =
            send(&router, form("/letters/sent", &right.cookie, &format!("csrf={csrf}{part}"))).await;
        assert!(refused.text.contains("Refusé : "), "{}", refused.text);
        assert_eq!(send(&router, page("/letters/1")).await.status, StatusCode::OK);
    }
    send(&router, form("/letters/sent", &right.cookie, &format!("csrf={csrf}&part=1"))).await;
    assert_eq!(send(&router, page("/letters/1")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(send(&router, form("/logout", &right.cookie, "")).await.status, StatusCode::SEE_OTHER);
    assert_eq!(send(&router, page("/")).await.status, StatusCode::SEE_OTHER, "logged out");
}

/// The page is an operator's, logged in: its cookie, and the word against forgery.
async fn operator(router: &axum::Router) -> (String, String) {
    let login = send(router, form("/login", "", "password=operator%27s+own")).await;
    assert_eq!(login.status, StatusCode::SEE_OTHER, "{}", login.text);
    let home = request("GET", "/").header("cookie", &login.cookie).body(Body::empty()).unwrap();
    let home = send(router, home).await;
    let csrf = home.text.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    (login.cookie, csrf.to_owned())
}

#[tokio::test]
async fn letters_are_printed_and_forgotten_in_parts() {
    let voters: Vec<_> = (0..=PART).map(|n| format!("v{n:04}")).collect();
    let election = Election::new(&voters.iter().map(String::as_str).collect::<Vec<_>>());
    let router = pages::router(pages::Office::new(open(&folder_of(&election, &voters))).unwrap());
    let (cookie, csrf) = operator(&router).await;
    let page = |path: &str| {
        let asked = request("GET", path).header("cookie", &cookie).header("accept-language", "en");
        asked.body(Body::empty()).unwrap()
    };
    let codes = |text: &str| -> Vec<String> {
        text.split("urne1-").skip(1).map(|rest| rest.get(..35).unwrap().to_owned()).collect()
    };
    let (first, second) = (send(&router, page("/letters/1")).await, send(&router, page("/letters/2")).await);
    assert!(first.text.contains("Part 1 of 2") && second.text.contains("Part 2 of 2"));
    assert_eq!((codes(&first.text).len(), codes(&second.text).len()), (PART, 1));
    assert!(!codes(&first.text).contains(&codes(&second.text)[0]), "a letter is in one part");
    assert_eq!(send(&router, page("/letters/3")).await.status, StatusCode::NOT_FOUND);
    let home = send(&router, page("/")).await;
    assert!(home.text.contains(&format!("Part 1: print {PART} letters")), "{}", home.text);
    // The letter of a voter who had another code meanwhile moves no other into another part.
    let order = format!(r#"{{"voter":"v0000","contests":[584,585],"identity_checked_at":{}}}"#, now());
    assert_eq!(send(&router, ask(Some(TOKEN), "/issue/reissue", &order)).await.status, StatusCode::OK);
    let less = send(&router, page("/letters/1")).await;
    assert_eq!(codes(&less.text), codes(&first.text)[1..]);
    // One part has left: the other is still there.
    send(&router, form("/letters/sent", &cookie, &format!("csrf={csrf}&part=1"))).await;
    assert_eq!(send(&router, page("/letters/1")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(codes(&send(&router, page("/letters/2")).await.text), codes(&second.text));
}

#[tokio::test]
async fn another_sites_page_is_refused_and_who_guesses_keeps_nobody_out() {
    let election = Election::new(&["jo", "bo"]);
    let router = pages::router(pages::Office::new(open(&folder(&election))).unwrap());
    let login = |name: &str, value: &str| {
        let mut login = form("/login", "", "password=operator%27s+own");
        login
            .headers_mut()
            .insert(axum::http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        login
    };
    // Even with the right password: it is not looked at.
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1:8080"),
        ("origin", "http://localhost:8081"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let refused = send(&router, login(name, value)).await;
        assert_eq!((refused.status, refused.cookie.as_str()), (StatusCode::FORBIDDEN, ""), "{name}: {value}");
    }
    for (name, value) in [("origin", "http://127.0.0.1:8081"), ("sec-fetch-site", "same-origin")] {
        assert_eq!(send(&router, login(name, value)).await.status, StatusCode::SEE_OTHER, "{name}: {value}");
    }
    // Nor does the token between portal and issuer open anything to a browser.
    let order = format!(r#"{{"voter":"jo","contests":[584,585],"identity_checked_at":{}}}"#, now());
    let mut ordered = ask(Some(TOKEN), "/issue/reissue", &order);
    ordered.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
    assert_eq!(send(&router, ordered).await.status, StatusCode::FORBIDDEN);

    // Each who guesses waits for a second, and the operator for none of them.
    let guesses: Vec<_> = (0..12)
        .map(|_| {
            let router = router.clone();
            tokio::spawn(async move { send(&router, form("/login", "", "password=guess")).await.status })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let begun = Instant::now();
    operator(&router).await;
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    for guess in guesses {
        assert_eq!(guess.await.unwrap(), StatusCode::UNAUTHORIZED);
    }
    assert!(begun.elapsed() > Duration::from_millis(900), "who guesses waits");
}

#[test]
fn nothing_is_signed_or_printed_where_the_server_shows_another_contest() {
    let election = Election::new(&["jo", "bo"]);
    let folder = folder(&election);
    let place = folder.join("issuer.toml");
    let file = std::fs::read_to_string(&place).unwrap();
    let own = election.contest(585).fingerprint().to_string();
    let refused = |file: &str| {
        std::fs::write(&place, file).unwrap();
        Desk::open(&folder).err().map(|error| error.to_string()).unwrap_or_default()
    };
    // To the issuer the public one is another than was published by the trustees.
    let error = refused(&file.replace(&own, &"0".repeat(64)));
    assert!(
        error.contains("contest 585") && error.contains(&own) && error.contains("issuer.toml"),
        "{error}"
    );
    // One that is published, and not shown.
    let gone = election.folder.join("public/585");
    std::fs::rename(&gone, election.folder.join("public/away")).unwrap();
    assert!(refused(&file).contains("has 1 of 2 contests"), "{}", refused(&file));
    std::fs::rename(election.folder.join("public/away"), &gone).unwrap();
    assert_eq!(refused(&file), "");
    // A file of before, without any, is no file.
    let without: String =
        file.lines().filter(|line| !line.contains(&own)).map(|line| format!("{line}\n")).collect();
    assert!(refused(&without).contains("fingerprints"), "{}", refused(&without));
}
