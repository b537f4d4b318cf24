//! A voter's way from the first connection to the receipt.

use axum::http::StatusCode;
use urne::ballot_box::{Emargement, VoterState};
use urne::{ActivationNonce, Choice, Receipt, UnixTime, VoterId};

use crate::fixture;
use crate::{Browser, ORIGIN, PASSWORD, Portal};

impl Browser<'_> {
    pub async fn activate(&mut self, contest: u64, voter: &str) -> crate::Answer {
        let nonce = self.api(&format!("/api/{contest}/nonce"), Vec::new()).await;
        let nonce = ActivationNonce::from_bytes(nonce.body[..].try_into().unwrap());
        let activation = self.portal.election.activation(contest, voter, &nonce);
        self.api(
            &format!("/api/{contest}/activate"),
            [&nonce.to_bytes()[..], &activation.to_bytes()].concat(),
        )
        .await
    }

    pub async fn vote(&mut self, contest: u64, voter: &str, choice: Choice) -> Receipt {
        assert_eq!(self.activate(contest, voter).await.status, StatusCode::NO_CONTENT);
        let ballot = self.portal.election.ballot(contest, voter, choice);
        let answer = self.api(&format!("/api/{contest}/deposit"), ballot).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        Receipt::from_bytes(&answer.body).unwrap()
    }
}

#[tokio::test]
async fn from_the_first_connection_to_the_receipt() {
    let portal = Portal::new().await;
    let mut browser = portal.browser();
    let (name, digits) = browser.captcha("/first").await;
    let sent = browser
        .post("/first", &[("email", " ADA@example.org "), ("captcha_name", &name), ("captcha", &digits)])
        .await;
    assert_eq!(sent.status, StatusCode::OK);
    let mail = loop {
        // It is sent after the answer.
        if let [mail] = &portal.mails()[..]
            && mail.contains("/password/")
        {
            break mail.clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    let token = mail.split(&format!("{ORIGIN}/password/")).nth(1).unwrap().split_whitespace().next().unwrap();
    let path = format!("/password/{token}");
    assert_eq!(browser.get(&path).await.status, StatusCode::OK);
    let refused = browser.post(&path, &[("password", "short"), ("again", "short")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let refused = browser.post(&path, &[("password", PASSWORD), ("again", "something else")]).await;
    assert!(refused.text().contains("Les deux saisies diffèrent."));
    assert_eq!(
        browser.post(&path, &[("password", PASSWORD), ("again", PASSWORD)]).await.status,
        StatusCode::OK
    );
    // A link serves once.
    assert_eq!(
        browser.post(&path, &[("password", PASSWORD), ("again", PASSWORD)]).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(browser.get(&path).await.status, StatusCode::BAD_REQUEST);

    assert_eq!(browser.log_in("ada@example.org", PASSWORD).await.header("location"), "/home");
    let home = browser.get("/home").await;
    browser.csrf = home.field("csrf");
    let countdown = home.text();
    let shown = |name: &str| -> u64 {
        let rest = countdown.split(&format!("data-{name}=\"")).nth(1).unwrap();
        rest.split('"').next().unwrap().parse().unwrap()
    };
    let (left, most) = (shown("until") - shown("now"), fixture::CLOSES_IN);
    assert!((most - 60..=most).contains(&left), "{left} of {most}: {countdown}");
    assert!(
        countdown.contains("data-text=\"Fermeture du vote dans DAYS jours HOURS heures MINUTES minutes\"")
    );
    assert!(home.text().contains("CSA 584"));
    for path in [
        "/information",
        "/help",
        "/rolls",
        "/contests/584",
        "/complaint",
        "/me",
        "/vote",
        "/reissue",
        "/check",
        "/audit",
    ] {
        assert_eq!(browser.get(path).await.status, StatusCode::OK, "{path}");
    }
    assert!(browser.get("/contests/584?lang=en").await.text().contains("Statement"));
    assert!(browser.get("/home").await.text().contains("My contests"));

    let state = browser.get("/api/584/state").await;
    assert!(matches!(VoterState::from_bytes(&state.body).unwrap(), VoterState::Open { active: false, .. }));
    let receipt = browser.vote(584, "ada", Choice::List(2)).await;
    let now = UnixTime::from_seconds(fixture::now());
    let window = UnixTime::from_seconds(now.seconds() - 60)..=now;
    let (contest, ada) = (portal.election.contest(584).contest(), VoterId::new("ada").unwrap());
    // Of the ballot that was sent, which is not kept here: its parts agree, and hold.
    assert_eq!(receipt.emargement.voter, ada);
    receipt.emargement.verify(contest).unwrap();
    receipt.deposit_proof.head.verify(contest, portal.election.openings[0]).unwrap();
    assert!(window.contains(&receipt.acknowledgement.at));
    assert_eq!(Receipt::from_bytes(&browser.get("/api/584/receipt").await.body).unwrap(), receipt);

    let page = browser.get("/emargement/584").await.text();
    let shown =
        page.split("<code>").filter_map(|part| hex::decode(part.split('<').next()?).ok()).last().unwrap();
    assert_eq!(Emargement::from_bytes(&shown).unwrap(), receipt.emargement);
    assert_eq!(browser.get("/emargement/585").await.status, StatusCode::NOT_FOUND);
    // A second vote is refused in the language of the page.
    let second = browser.api("/api/584/deposit", portal.election.ballot(584, "ada", Choice::Blank)).await;
    assert_eq!((second.status, second.code().as_str()), (StatusCode::CONFLICT, "deposit/already-voted"));
    assert!(second.text().contains("that vote is final"));
    assert!(browser.get("/home").await.text().contains("/emargement/584"));

    let out = browser.post_signed("/logout", &[]).await;
    assert_eq!(out.header("location"), "/");
    assert_eq!(browser.get("/home").await.header("location"), "/");
}

#[tokio::test]
async fn a_challenged_ballot_is_never_taken() {
    let portal = Portal::new().await;
    let mut browser = portal.logged_in("bo").await;
    let early = browser.api("/api/584/challenge", portal.election.ballot(584, "bo", Choice::Blank)).await;
    assert_eq!(early.code(), "deposit/not-active");
    browser.activate(584, "bo").await;
    let ballot = portal.election.ballot(584, "bo", Choice::List(1));
    assert_eq!(browser.api("/api/584/challenge", ballot.clone()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(browser.api("/api/584/deposit", ballot).await.code(), "deposit/challenged");
    browser.vote(584, "bo", Choice::List(1)).await;
}

#[tokio::test]
async fn an_activation_answers_the_nonce_of_its_own_session_once() {
    let portal = Portal::new().await;
    let (mut ada, mut bo) = (portal.logged_in("ada").await, portal.logged_in("bo").await);
    let nonce = ada.api("/api/584/nonce", Vec::new()).await.body;
    let drawn = ActivationNonce::from_bytes(nonce[..].try_into().unwrap());
    let body = |voter, nonce: &ActivationNonce| {
        [&nonce.to_bytes()[..], &portal.election.activation(584, voter, nonce).to_bytes()].concat()
    };
    // Another's, one's own that was not drawn, a short one; then the right one, once.
    assert_eq!(bo.api("/api/584/activate", body("bo", &drawn)).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(ada.api("/api/584/activate", vec![0; 31]).await.code(), "decode/too-short");
    let own = ActivationNonce::from_bytes([1; 32]);
    let right = body("ada", &drawn);
    // A nonce is for all contests; the answer to it is of one.
    assert_eq!(ada.api("/api/585/activate", right.clone()).await.code(), "activation/proof");
    assert_eq!(ada.api("/api/584/activate", right.clone()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(ada.api("/api/584/activate", right).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(ada.api("/api/584/activate", body("ada", &own)).await.status, StatusCode::BAD_REQUEST);
    // Another voter's code is told from a wrong one by the box.
    let nonce = bo.api("/api/584/nonce", Vec::new()).await.body;
    let drawn = ActivationNonce::from_bytes(nonce[..].try_into().unwrap());
    assert_eq!(bo.api("/api/584/activate", body("ada", &drawn)).await.code(), "activation/other-code");
    // And after five minutes none serves.
    let nonce = bo.api("/api/584/nonce", Vec::new()).await.body;
    let drawn = ActivationNonce::from_bytes(nonce[..].try_into().unwrap());
    portal.set_ahead(301);
    assert_eq!(bo.api("/api/584/activate", body("bo", &drawn)).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_complaint_has_a_receipt_and_an_answer() {
    let portal = Portal::new().await;
    let mut ada = portal.logged_in("ada").await;
    assert_eq!(
        ada.post_signed("/complaint", &[("text", "  \n")]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let long = "🗳".repeat(5_001);
    assert!(ada.post_signed("/complaint", &[("text", &long)]).await.text().contains("5\u{202f}000"));
    let sent = ada.post_signed("/complaint", &[("text", "Il manque <i>un</i> scrutin")]).await;
    assert_eq!(sent.header("location"), "/complaint");
    let page = ada.get("/complaint").await.text();
    // printf 'Il manque <i>un</i> scrutin' | sha256sum
    assert!(page.contains("Il manque &#60;i&#62;un&#60;/i&#62; scrutin"), "{page}");
    assert!(!portal.logged_in("bo").await.get("/complaint").await.text().contains("scrutin</p>"));
    let mut member = portal.member().await;
    let id = member.get("/bureau/complaints").await.field("id");
    let answered =
        member.post_signed("/bureau/complaints", &[("id", &id), ("answer", "C’est corrigé.")]).await;
    assert_eq!(answered.header("location"), "/bureau/complaints");
    assert!(ada.get("/complaint").await.text().contains("C’est corrigé."));
    // One that is too long is told so, and not that it is empty.
    let long = member.post_signed("/bureau/complaints", &[("id", &id), ("answer", &"🗳".repeat(5_001))]).await;
    assert_eq!(long.status, StatusCode::BAD_REQUEST);
    assert!(long.text().contains("La réponse dépasse"), "{}", long.text());
    // What turns a text about, or is not seen in it, is shown and not obeyed.
    ada.post_signed("/complaint", &[("text", "Liste\u{202e}\u{200b} deux\r\nfois")]).await;
    for page in [ada.get("/complaint").await.text(), member.get("/bureau/complaints").await.text()] {
        assert!(page.contains("<p>Liste\\u{202e}\\u{200b} deux\nfois</p>"), "{page}");
    }
    // An answer stays.
    member.post_signed("/bureau/complaints", &[("id", &id), ("answer", "Non.")]).await;
    assert!(!ada.get("/complaint").await.text().contains("Non."));
}

/// Of characters that take 12 bytes each on the way.
#[tokio::test]
async fn the_longest_complaint_and_its_longest_answer_arrive() {
    let portal = Portal::new().await;
    let mut ada = portal.logged_in("ada").await;
    let (asked, answered) = ("🗳".repeat(5_000), "🙂".repeat(5_000));
    let sent = ada.post_signed("/complaint", &[("text", &asked)]).await;
    assert_eq!((sent.status, sent.header("location")), (StatusCode::SEE_OTHER, "/complaint"));
    let mut member = portal.member().await;
    let page = member.get("/bureau/complaints").await;
    assert!(page.text().contains(&asked) && page.text().contains("maxlength=\"5000\""));
    let sent =
        member.post_signed("/bureau/complaints", &[("id", &page.field("id")), ("answer", &answered)]).await;
    assert_eq!(sent.header("location"), "/bureau/complaints", "{}", sent.status);
    let page = ada.get("/complaint").await.text();
    assert!(page.contains(&answered) && page.contains("maxlength=\"5000\""));
    // Browsers send an end of line as two characters, and count one.
    let lines = "a\r\n".repeat(2_499) + "b";
    let sent = ada.post_signed("/complaint", &[("text", &lines)]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let id = member.get("/bureau/complaints").await.field("id");
    let sent = member.post_signed("/bureau/complaints", &[("id", &id), ("answer", &lines)]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_slow_issuer_keeps_only_so_many_waiting() {
    use std::time::{Duration, Instant};
    use urne_portal::issuer::{MOST_ASKED, reissue};
    use urne_portal::web::Problem;
    let issuer = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = issuer.local_addr().unwrap().to_string();
    let portal = Portal::with(|config| config.issuer = address).await;
    std::fs::write(portal.election.folder.join("portal/issuer.token"), "a word\n").unwrap();
    let ask = || {
        let app = portal.app.clone();
        tokio::spawn(async move { reissue(&app, "cy", urne_portal::i18n::Lang::Fr).await })
    };
    let waiting: Vec<_> = (0..MOST_ASKED).map(|_| ask()).collect();
    // It takes what it is asked, and does not answer.
    let mut taken = Vec::new();
    for _ in 0..MOST_ASKED {
        taken.push(issuer.accept().await.unwrap());
    }
    let begun = Instant::now();
    let refused = ask().await.unwrap();
    assert!(matches!(refused, Err(Problem::ComeBack)), "{refused:?}");
    assert!(begun.elapsed() < Duration::from_secs(5), "at once: {:?}", begun.elapsed());
    let none = tokio::time::timeout(Duration::from_millis(200), issuer.accept()).await;
    assert!(none.is_err(), "the issuer is not asked");
    // Once these are done with, others have their turn.
    drop(taken);
    for one in waiting {
        assert!(matches!(one.await.unwrap(), Err(Problem::ComeBack)));
    }
    let next = ask();
    drop(issuer.accept().await.unwrap());
    assert!(matches!(next.await.unwrap(), Err(Problem::ComeBack)));
}

#[tokio::test]
async fn who_can_only_be_told_to_come_back_has_used_up_nothing() {
    let portal = Portal::new().await;
    let mut browser = portal.logged_in("di").await;
    let all = u32::try_from(urne_portal::issuer::MOST_ASKED).unwrap();
    let _turns = portal.app.asking.try_acquire_many(all).unwrap();
    // More often than one may ask for an e-mail.
    for _ in 0..8 {
        let away = browser.post_signed("/reissue", &[("identity", "2780175003")]).await;
        assert_eq!((away.status, away.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "1"));
    }
}

#[tokio::test]
async fn a_new_code_is_asked_of_the_issuer_after_the_identity_only() {
    use std::io::{Read, Write};
    let issuer = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = issuer.local_addr().unwrap().to_string();
    let mut portal = Portal::with(|config| config.issuer = address).await;
    std::fs::write(portal.election.folder.join("portal/issuer.token"), "a word\n").unwrap();
    let contests: Vec<_> = portal.election.contests.clone();
    let of = [contests[0].contest(), contests[1].contest()];
    let (validity, rng) = (urne::ballot_box::Validity::TWO_MINUTES, &mut fixture::rng());
    let now = UnixTime::from_seconds(fixture::now());
    let cy = VoterId::new("cy").unwrap();
    let letter = portal.election.issuer.borrow_mut().reissue(&cy, &of, validity, now, rng).unwrap().stored();
    let issues: Vec<_> =
        letter.issues.iter().map(|issue| urne_portal::accounts::hex(issue.to_bytes())).collect();
    let last_issue = issues[1].clone();
    portal.election.letters.retain(|of| of.voter != cy);
    portal.election.letters.push(letter);
    // It sends the code; it could not; its time was over, and then it sends another. It hands over what it was asked.
    let asked = std::thread::spawn(move || {
        let issues = serde_json::json!(issues).to_string();
        let [sent, not_sent, over] = ["yes", "unknown", "over"].map(|told| format!("\"{told}\""));
        let again = || issues.clone();
        let answers = [again(), sent.clone(), again(), not_sent, again(), over, again(), sent];
        answers.map(|answer| {
            let (mut stream, _) = issuer.accept().unwrap();
            let (mut asked, mut piece) = (String::new(), [0; 4_096]);
            while !asked.ends_with('}') {
                let length = stream.read(&mut piece).unwrap();
                asked += std::str::from_utf8(&piece[..length]).unwrap();
            }
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", answer.len());
            stream.write_all((head + &answer).as_bytes()).unwrap();
            asked
        })
    });
    let mut browser = portal.logged_in("cy").await;
    let wrong = browser.post_signed("/reissue", &[("identity", "12E3456789ABC")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    browser.get("/home?lang=en").await;
    let identity = [("identity", "12e 3456782 abc")];
    let sent = browser.post_signed("/reissue", &identity).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.text());
    assert!(sent.text().contains("has just been sent"));
    let not_sent = browser.post_signed("/reissue", &identity).await;
    assert_eq!(not_sent.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        not_sent.text().contains("could not be sent yet") && !not_sent.text().contains("has just been sent")
    );
    let another = browser.post_signed("/reissue", &identity).await;
    assert!(another.status == StatusCode::OK && another.text().contains("has just been sent"));
    let [first, second, ..] = asked.join().unwrap();
    assert!(first.starts_with("POST /issue/reissue ") && first.contains("Bearer a word\r\n"), "{first}");
    let body: serde_json::Value = serde_json::from_str(first.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!((&body["voter"], &body["contests"]), (&"cy".into(), &serde_json::json!([584, 585])));
    assert!(second.starts_with("POST /issue/stored "), "{second}");
    let body: serde_json::Value = serde_json::from_str(second.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!(body["lang"], "en");
    assert!(last_issue.ends_with(body["issue"].as_str().unwrap()), "{second}");
    // The new code is in force: it activates within two minutes, and not after.
    browser.vote(584, "cy", Choice::Blank).await;
    portal.set_ahead(121);
    assert_eq!(browser.activate(585, "cy").await.code(), "activation/expired");
    // Guessing is slowed down.
    for _ in 0..5 {
        browser.post_signed("/reissue", &[("identity", "0000000000")]).await;
    }
    let slowed = browser.post_signed("/reissue", &[("identity", "2780175002")]).await;
    assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS);
    // There is no issuer any more: the voter is told to come back.
    portal.set_ahead(2_000);
    let mut browser = portal.logged_in("di").await;
    let away = browser.post_signed("/reissue", &[("identity", "2780175003")]).await;
    assert_eq!((away.status, away.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "1"));
}

/// The box may have revoked the old code by then, and so the new one is sent all the same.
#[tokio::test]
async fn a_new_code_is_sent_also_to_who_hangs_up() {
    use std::io::{Read, Write};
    use std::time::Duration;
    let issuer = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = issuer.local_addr().unwrap().to_string();
    let portal = Portal::with(|config| config.issuer = address).await;
    std::fs::write(portal.election.folder.join("portal/issuer.token"), "a word\n").unwrap();
    let contests: Vec<_> = portal.election.contests.clone();
    let (validity, rng) = (urne::ballot_box::Validity::TWO_MINUTES, &mut fixture::rng());
    let (now, cy) = (UnixTime::from_seconds(fixture::now()), VoterId::new("cy").unwrap());
    let of = [contests[0].contest(), contests[1].contest()];
    let letter = portal.election.issuer.borrow_mut().reissue(&cy, &of, validity, now, rng).unwrap().stored();
    let issues: Vec<_> =
        letter.issues.iter().map(|issue| urne_portal::accounts::hex(issue.to_bytes())).collect();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let issues = serde_json::json!(issues).to_string();
        for answer in [issues, "\"yes\"".to_owned()] {
            let (mut stream, _) = issuer.accept().unwrap();
            let (mut asked, mut piece) = (String::new(), [0; 4_096]);
            while !asked.ends_with('}') {
                let length = stream.read(&mut piece).unwrap();
                asked += std::str::from_utf8(&piece[..length]).unwrap();
            }
            // Until nobody waits any more.
            std::thread::sleep(Duration::from_millis(900));
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", answer.len());
            stream.write_all((head + &answer).as_bytes()).unwrap();
            tell.send(asked).unwrap();
        }
    });
    let mut browser = portal.logged_in("cy").await;
    let asking = browser.post_signed("/reissue", &[("identity", "12e 3456782 abc")]);
    assert!(tokio::time::timeout(Duration::from_millis(500), asking).await.is_err(), "it was answered");
    let heard = tokio::task::spawn_blocking(move || {
        [(); 2].map(|()| told.recv_timeout(Duration::from_secs(10)).unwrap_or_default())
    });
    let [first, second] = heard.await.unwrap();
    assert!(first.starts_with("POST /issue/reissue "), "{first}");
    assert!(second.starts_with("POST /issue/stored "), "nothing was sent: {second}");
}

/// A box that has no time has not answered, and takes the same again.
#[tokio::test]
async fn a_nonce_that_came_to_no_box_serves_again() {
    let portal = Portal::new().await;
    let mut ada = portal.logged_in("ada").await;
    let nonce = ada.api("/api/584/nonce", Vec::new()).await.body;
    let drawn = urne::ActivationNonce::from_bytes(nonce[..].try_into().unwrap());
    let body = [nonce, portal.election.activation(584, "ada", &drawn).to_bytes().to_vec()].concat();
    portal.app.boxes.stop();
    let known = || portal.app.nonces.lock().unwrap().len();
    for _ in 0..2 {
        let answer = ada.api("/api/584/activate", body.clone()).await;
        assert_eq!((answer.status, known()), (StatusCode::SERVICE_UNAVAILABLE, 2));
    }
    // Another's nonce uses it up.
    let wrong = [vec![7; 32], body[32..].to_vec()].concat();
    assert_eq!(ada.api("/api/584/activate", wrong).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(known(), 1);
}

#[tokio::test]
async fn help_says_for_how_long_a_code_serves_after_the_close() {
    let portal = Portal::new().await;
    assert!(
        fixture::GRACE / 60 == 1
            && portal.browser().get("/help").await.text().contains("dans la minute qui suit.")
    );
}

#[tokio::test]
async fn monitors_follow_heads() {
    use urne::ballot_box::{Head, MerklePath};
    let portal = Portal::new().await;
    let mut browser = portal.logged_in("ada").await;
    let contest = portal.election.contest(584).contest().clone();
    let head = async |browser: &mut Browser<'_>| {
        let heads: std::collections::BTreeMap<String, String> =
            serde_json::from_slice(&browser.get("/api/heads").await.body).unwrap();
        Head::from_bytes(&hex::decode(&heads["584"]).unwrap()).unwrap()
    };
    assert_eq!(head(&mut browser).await.size, 0);
    browser.vote(584, "ada", Choice::List(1)).await;
    let one = head(&mut browser).await;
    for voter in ["bo", "cy"] {
        portal.logged_in(voter).await.vote(584, voter, Choice::List(1)).await;
    }
    let answer: serde_json::Value =
        serde_json::from_slice(&browser.get("/api/584/consistency/1").await.body).unwrap();
    let bytes = |name: &str| hex::decode(answer[name].as_str().unwrap()).unwrap();
    let (later, path) =
        (Head::from_bytes(&bytes("head")).unwrap(), MerklePath::from_bytes(&bytes("path")).unwrap());
    assert_eq!(later.size, 3);
    one.verify_extension(&contest, portal.election.openings[0], &later, &path).unwrap();
    assert_eq!(browser.get("/api/584/consistency/4").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/api/9/consistency/0").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/healthz").await.status, StatusCode::OK);
    portal.app.boxes.stop();
    assert_eq!(browser.get("/api/heads").await.status, StatusCode::SERVICE_UNAVAILABLE);
}
