//! What others may try.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use urne::Choice;

use urne_portal::on;

use crate::{Answer, ORIGIN, PASSWORD, Portal, form};

/// A page but for what is drawn anew every time.
fn shown(answer: &Answer) -> (StatusCode, String) {
    let text = answer.text();
    let captcha = text.split("/captcha/").nth(1).and_then(|rest| rest.split('.').next());
    (answer.status, captcha.map_or(text.clone(), |captcha| text.replace(captcha, "CAPTCHA")))
}

#[tokio::test]
async fn known_and_unknown_addresses_are_answered_alike() {
    let portal = Portal::new().await;
    portal.set_password("ada").await;
    let mut answers = Vec::new();
    // Wrong password; no password set yet; nobody.
    for email in ["ada@example.org", "bo@example.org", "no@example.org"] {
        let answer = portal.browser().log_in(email, "wrong horse battery").await;
        answers.push((answer.status, shown(&answer).1.replace(email, "EMAIL")));
    }
    assert_eq!(answers[0].0, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answers[0].1.contains("L’adresse ou le mot de passe n’est pas le bon."));
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    let mut answers = Vec::new();
    for email in ["ada@example.org", "no@example.org", "no address"] {
        let mut browser = portal.browser();
        let (name, digits) = browser.captcha("/forgotten").await;
        let fields = [("email", email), ("captcha_name", &name), ("captcha", &digits)];
        answers.push(shown(&browser.post("/forgotten", &fields).await));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.0 == StatusCode::OK));
    // To one of them, after the answer.
    for _ in 0..200 {
        if portal.mails().is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(portal.mails().len(), 1);
}

/// Both hash a password: what takes some hundred times as long as the rest shows in both.
#[tokio::test]
async fn it_takes_as_long_to_refuse_nobody() {
    let portal = Portal::new().await;
    portal.set_password("ada").await;
    let time = async |email: &str| {
        let mut least = Duration::MAX;
        for from in 0..5 {
            let mut browser = portal.browser();
            browser.from[3] = from;
            let (name, digits) = browser.captcha("/").await;
            let fields =
                [("email", email), ("password", "wrong"), ("captcha_name", &name), ("captcha", &digits)];
            let begun = std::time::Instant::now();
            browser.post("/login", &fields).await;
            least = least.min(begun.elapsed());
        }
        least
    };
    let (known, unknown) = (time("ada@example.org").await, time("no@example.org").await);
    assert!(unknown * 3 > known && known * 3 > unknown, "{known:?} {unknown:?}");
}

#[tokio::test]
async fn a_login_takes_the_digits_of_the_picture() {
    let portal = Portal::new().await;
    portal.set_password("ada").await;
    let mut browser = portal.browser();
    let (name, digits) = browser.captcha("/").await;
    let login = |digits: &str| {
        form(&[
            ("email", "ada@example.org"),
            ("password", PASSWORD),
            ("captcha_name", &name),
            ("captcha", digits),
        ])
    };
    let wrong = if digits == "000000" { "000001" } else { "000000" };
    for body in [login(wrong), login(&digits)] {
        let request = browser.request("POST", "/login").header("origin", ORIGIN);
        let request =
            request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(body));
        let answer = browser.send(request.unwrap()).await;
        // The second time it has been used up.
        assert!(
            answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.text().contains("chiffres recopiés")
        );
    }
    let (name, _) = browser.captcha("/").await;
    let picture = browser.get(&format!("/captcha/{name}.svg")).await;
    assert_eq!((picture.status, picture.header("content-type")), (StatusCode::OK, "image/svg+xml"));
}

#[tokio::test]
async fn who_guesses_waits_and_locks_nobody_out() {
    let portal = Portal::new().await;
    portal.set_password("ada").await;
    let mut evil = portal.browser();
    evil.from = [203, 0, 113, 7];
    for _ in 0..5 {
        assert_eq!(evil.log_in("ada@example.org", "guess").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // Even with the right password, and told for how long.
    let told = evil.log_in("ada@example.org", PASSWORD).await;
    assert!(
        told.status == StatusCode::TOO_MANY_REQUESTS && told.text().contains("Réessayez dans "),
        "{}",
        told.text()
    );
    let mut ada = portal.browser();
    assert_eq!(ada.log_in("ada@example.org", PASSWORD).await.header("location"), "/home");
    portal.app.clock.set_ahead(12);
    assert_eq!(evil.log_in("ada@example.org", PASSWORD).await.header("location"), "/home");
    // Nor a browser that was logged in before, from the very address of who guesses.
    for _ in 0..5 {
        evil.cookies.clear();
        evil.log_in("ada@example.org", "guess").await;
    }
    evil.cookies.clear();
    assert_eq!(evil.log_in("ada@example.org", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    ada.from = evil.from;
    assert_eq!(ada.log_in("ada@example.org", PASSWORD).await.header("location"), "/home");
    // Its word is of that account, and not to be made up.
    let mark = ada.cookies["__Host-device"].clone();
    for forged in [mark.replacen(|c: char| c.is_ascii_digit(), "x", 1), "x.y".into(), mark] {
        let mut other = portal.browser();
        other.cookies.insert("__Host-device".into(), forged);
        for _ in 0..6 {
            other.log_in("bo@example.org", "guess").await;
        }
        assert_eq!(other.log_in("bo@example.org", "guess").await.status, StatusCode::TOO_MANY_REQUESTS);
    }
}

/// A school has one address: whoever there sends what is no login, or fails at one account, keeps nobody else out.
#[tokio::test]
async fn one_behind_an_address_keeps_nobody_else_there_out() {
    let portal = Portal::new().await;
    portal.set_password("ada").await;
    let mut evil = portal.browser();
    for _ in 0..1_300 {
        let answer = evil.post("/login", &[("email", "ada@example.org"), ("captcha", "1")]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    for _ in 0..5 {
        evil.log_in("bo@example.org", "guess").await;
    }
    assert_eq!(evil.log_in("bo@example.org", "guess").await.status, StatusCode::TOO_MANY_REQUESTS);
    let mut ada = portal.browser();
    assert_eq!(ada.from, evil.from);
    assert_eq!(ada.log_in("ada@example.org", PASSWORD).await.header("location"), "/home");
    // Links too are asked for by who copies the digits.
    for path in ["/first", "/forgotten"] {
        for _ in 0..700 {
            evil.post(path, &[("email", "ada@example.org"), ("captcha", "1")]).await;
        }
        let (name, digits) = ada.captcha(path).await;
        let fields = [("email", "ada@example.org"), ("captcha_name", &name), ("captcha", &digits)];
        assert_eq!(ada.post(path, &fields).await.status, StatusCode::OK);
    }
}

/// A browser's word is of its account: with that of another it is no source of its own.
#[tokio::test]
async fn a_browsers_word_is_not_made_up_of_another_accounts() {
    let portal = Portal::new().await;
    portal.set_password("ada").await;
    let mut ada = portal.browser();
    ada.log_in("ada@example.org", PASSWORD).await;
    let word = ada.cookies["__Host-device"].clone();
    let (nonce, mark) = word.split_once('.').unwrap();
    // Of accounts whose names end that of ada, which begins in the word instead.
    for begun in ["a", "ad"] {
        let account = &"ada@example.org"[begun.len()..];
        let mut evil = portal.browser();
        for _ in 0..5 {
            evil.log_in(account, "guess").await;
        }
        evil.cookies.insert("__Host-device".into(), format!("{nonce}{begun}.{mark}"));
        assert_eq!(evil.log_in(account, "guess").await.status, StatusCode::TOO_MANY_REQUESTS, "{account}");
    }
    // Nor is the bureau's of a voter's name.
    let mut member = portal.member().await;
    let word = member.cookies["__Host-device"].clone();
    for _ in 0..5 {
        member.cookies.clear();
        member.log_in("ada@example.org", "guess").await;
    }
    member.cookies.insert("__Host-device".into(), word);
    assert_eq!(member.log_in("ada@example.org", "guess").await.status, StatusCode::TOO_MANY_REQUESTS);
}

/// Digits are spoken as one sound, under a name that does not say them; of one digit alone there is none.
#[tokio::test]
async fn no_sound_is_served_under_the_name_of_its_digit() {
    let assets = std::env::temp_dir().join(format!("urne-sounds-{}", std::process::id()));
    let sounds = assets.join("sounds/fr");
    std::fs::create_dir_all(&sounds).unwrap();
    let head = b"RIFF....WAVEfmt \x10\0\0\0\x01\0\x01\0\x22\x56\0\0\x44\xac\0\0\x02\0\x10\0data....";
    for digit in 0..10u8 {
        std::fs::write(sounds.join(format!("{digit}.wav")), [&head[..], &[digit; 8]].concat()).unwrap();
    }
    std::fs::create_dir_all(assets.join("wasm")).unwrap();
    for name in urne_portal::programs::NEEDED {
        std::fs::write(assets.join(name), name).unwrap();
    }
    let portal = Portal::with(|config| config.assets = assets.clone()).await;
    let mut browser = portal.browser();
    let (name, digits) = browser.captcha("/").await;
    assert!(browser.get("/").await.text().contains("<audio"));
    let spoken = browser.get(&format!("/captcha/{name}.wav")).await;
    assert_eq!((spoken.status, spoken.header("content-type")), (StatusCode::OK, "audio/wav"));
    let heard: String = spoken.body[44..].chunks(8 + 17_640).map(|digit| digit[0].to_string()).collect();
    assert_eq!(heard, digits);
    assert!(!name.contains(&digits));
    for digit in 0..10 {
        for path in [format!("/static/sounds/fr/{digit}.wav"), format!("/captcha/{digit}.wav")] {
            assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
    std::fs::remove_dir_all(assets).unwrap();
}

#[tokio::test]
async fn a_name_of_a_megabyte_is_not_read() {
    let portal = Portal::new().await;
    let mut browser = portal.browser();
    let (name, digits) = browser.captcha("/bureau/login").await;
    let long = "x".repeat(1 << 20);
    for path in ["/bureau/login", "/login", "/forgotten"] {
        let fields = [("email", long.as_str()), ("captcha_name", &name), ("captcha", &digits)];
        assert_eq!(browser.post(path, &fields).await.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
    // The captcha was not used up by it; and a name as long as a form may be is nobody's.
    let fields =
        [("email", &long[..20_000]), ("password", "x"), ("captcha_name", &name), ("captcha", &digits)];
    assert_eq!(browser.post("/bureau/login", &fields).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let short = "x".repeat(5_000);
    let fields =
        [("email", short.as_str()), ("password", "x"), ("captcha_name", &name), ("captcha", &digits)];
    assert_eq!(browser.post("/bureau/login", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// What everybody may read of the boxes does not fill the queue that votes come through.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn votes_go_on_while_anybody_asks_for_heads() {
    let portal = Portal::new().await;
    let mut ada = portal.logged_in("ada").await;
    ada.activate(584, "ada").await;
    let ballot = portal.election.ballot(584, "ada", Choice::List(1));
    // The box is busy, and more ask than it lets wait.
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let boxes = portal.app.boxes.clone();
    let busy = tokio::spawn(async move {
        let hold = move |_: &urne::BallotBox, _| {
            begun.send(()).unwrap();
            wait.recv().unwrap();
        };
        boxes.look(584, hold).await
    });
    has_begun.await.unwrap();
    let ask = |_| {
        let request = Request::get("/api/heads").body(Body::empty()).unwrap();
        tokio::spawn(tower::ServiceExt::oneshot(portal.router.clone(), request))
    };
    let asked: Vec<_> = (0..600).map(ask).collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let release = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        go.send(()).unwrap();
    };
    let (voted, ()) = tokio::join!(ada.api("/api/584/deposit", ballot), release);
    assert_eq!(voted.status, StatusCode::OK, "{}", voted.text());
    busy.await.unwrap().unwrap();
    let (mut answered, mut told) = (0, 0);
    for answer in asked {
        let answer = answer.await.unwrap().unwrap();
        match answer.status() {
            StatusCode::OK => answered += 1,
            status => {
                assert_eq!(
                    (status, &answer.headers()["retry-after"]),
                    (StatusCode::SERVICE_UNAVAILABLE, &"1".parse().unwrap())
                );
                told += 1;
            }
        }
    }
    assert!(answered > 0 && told > 500, "{answered} answered, {told} told to come back");
}

/// What has voters' data or links in it is the server's alone.
#[tokio::test]
async fn files_are_the_servers_alone() {
    use std::os::unix::fs::PermissionsExt;
    let portal = Portal::new().await;
    portal.logged_in("ada").await.vote(584, "ada", Choice::Blank).await;
    let mut browser = portal.browser();
    let (name, digits) = browser.captcha("/first").await;
    let fields = [("email", "ada@example.org"), ("captcha_name", &name), ("captcha", &digits)];
    browser.post("/first", &fields).await;
    for _ in 0..200 {
        if portal.mails().is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    let own = portal.election.folder.join("portal");
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let mails: Vec<_> =
        std::fs::read_dir(own.join("mail-out")).unwrap().map(|of| of.unwrap().path()).collect();
    assert_eq!((mails.len(), mode(&own.join("mail-out")), mode(&mails[0])), (1, 0o700, 0o600));
    if std::env::var("URNE_TEST_DATABASE").is_err() {
        for name in ["data.sqlite", "data.sqlite-wal", "data.sqlite-shm"] {
            assert_eq!(mode(&own.join(name)), 0o600, "{name}");
        }
    }
}

#[tokio::test]
async fn a_request_from_another_page_changes_nothing() {
    let portal = Portal::new().await;
    let mut ada = portal.logged_in("ada").await;
    let csrf = ada.csrf.clone();
    let complain = |origin: Option<&str>, site: Option<&str>, csrf: &str| {
        let mut request = ada.request("POST", "/complaint");
        for (name, value) in [("origin", origin), ("sec-fetch-site", site)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let body = form(&[("csrf", csrf), ("text", "forged")]);
        request
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap()
    };
    let requests = [
        (complain(Some("https://evil.example"), Some("cross-site"), &csrf), false),
        (complain(Some("https://evil.example"), Some("same-origin"), &csrf), false),
        (complain(Some("null"), None, &csrf), false),
        (complain(None, Some("same-site"), &csrf), false),
        (complain(None, None, &csrf), false),
        (complain(Some(ORIGIN), None, ""), false),
        (complain(Some(ORIGIN), None, &csrf[1..]), false),
        (complain(None, Some("same-origin"), &csrf), true),
        (complain(Some(ORIGIN), Some("same-origin"), &csrf), true),
    ];
    for (number, (request, taken)) in requests.into_iter().enumerate() {
        let status = ada.send(request).await.status;
        assert_eq!(status, if taken { StatusCode::SEE_OTHER } else { StatusCode::FORBIDDEN }, "{number}");
    }
    // What the booth sends, with the word of another session or none.
    let other = portal.logged_in("bo").await.csrf.clone();
    for word in [String::new(), other] {
        ada.csrf = word;
        let refused = ada.api("/api/584/nonce", Vec::new()).await;
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::FORBIDDEN, "portal/forged"));
    }
    let mut nobody = portal.browser();
    assert_eq!(nobody.api("/api/584/nonce", Vec::new()).await.code(), "portal/login");
    // Nobody is logged out by others either.
    assert_eq!(ada.post("/logout", &[("csrf", "x")]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(ada.get("/home").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_is_new_at_every_login() {
    let portal = Portal::new().await;
    portal.set_password("ada").await;
    let mut browser = portal.browser();
    // A cookie that somebody else has put there.
    browser.cookies.insert("__Host-session".into(), "a".repeat(64));
    let answer = browser.log_in("ada@example.org", PASSWORD).await;
    let cookie = answer.header("set-cookie");
    let token = cookie.strip_prefix("__Host-session=").unwrap().split(';').next().unwrap();
    assert_eq!((token.len(), token == "a".repeat(64)), (64, false));
    let rest: Vec<_> = cookie.split("; ").skip(1).collect();
    assert_eq!(rest, ["Path=/", "Secure", "HttpOnly", "SameSite=Strict"]);
    // The database has the hash alone.
    let file = ["data.sqlite", "data.sqlite-wal"]
        .map(|name| std::fs::read(portal.election.folder.join("portal").join(name)).unwrap_or_default());
    let file = file.concat();
    let has = |bytes: &[u8]| file.windows(bytes.len()).any(|window| window == bytes);
    assert!(!has(token.as_bytes()));
    let kept: Vec<(Vec<u8>,)> =
        on!(&portal.app.db, pool => sqlx::query_as("SELECT hash FROM sessions").fetch_all(pool).await)
            .unwrap();
    assert_eq!(kept, [(urne_portal::accounts::token_hash(token),)]);
    // What it had before ends with the login.
    let first = browser.cookies.clone();
    browser.log_in("ada@example.org", PASSWORD).await;
    browser.cookies = first;
    assert!(browser.get("/home").await.status.is_redirection());
}

#[tokio::test]
async fn a_second_login_ends_the_first_which_is_told() {
    let portal = Portal::new().await;
    let mut first = portal.logged_in("ada").await;
    let mut second = portal.logged_in("ada").await;
    // Setting the password has ended it without more; a login tells.
    let third = portal.browser().log_in("ada@example.org", PASSWORD).await;
    assert_eq!(third.header("location"), "/home");
    let told = second.get("/home").await;
    assert_eq!(told.header("location"), "/?ended=1");
    assert!(second.get("/?ended=1").await.text().contains("vous vous êtes connecté ailleurs"));
    let refused = second.api("/api/584/nonce", Vec::new()).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (StatusCode::UNAUTHORIZED, "portal/ended-elsewhere")
    );
    assert_eq!(first.get("/home").await.header("location"), "/");
    // Another voter's session goes on.
    let mut bo = portal.logged_in("bo").await;
    portal.logged_in("cy").await;
    assert_eq!(bo.get("/home").await.status, StatusCode::OK);
}

#[tokio::test]
async fn sessions_end_also_when_a_clock_is_set() {
    let portal = Portal::new().await;
    let mut ada = portal.logged_in("ada").await;
    for step in 1..=20 {
        portal.app.clock.set_ahead(step * 1_500);
        assert_eq!(ada.get("/home").await.status, StatusCode::OK, "{step}");
    }
    portal.app.clock.set_ahead(30_000 + 1_900);
    assert!(ada.get("/home").await.status.is_redirection());
    // Back by hours: who was seen in the future is not seen for ever.
    portal.app.clock.set_ahead(100_000);
    let mut bo = portal.logged_in("bo").await;
    portal.app.clock.set_ahead(0);
    assert!(bo.get("/home").await.status.is_redirection());
    // A link that was made then serves no longer than any.
    let token =
        urne_portal::accounts::new_link(&portal.app.db, "cy", portal.app.clock.seconds()).await.unwrap();
    portal.app.clock.set_ahead(3_601);
    assert_eq!(portal.browser().get(&format!("/password/{token}")).await.status, StatusCode::BAD_REQUEST);
}

/// What was idle when the server stopped is no younger when it starts again.
#[tokio::test]
async fn a_session_ends_through_a_restart() {
    let portal = Portal::new().await;
    let cookies = portal.logged_in("ada").await.cookies;
    portal.app.clock.set_ahead(1_900);
    portal.app.boxes.stop();
    let restarted = |ahead: u64| {
        let (config, folder) = (portal.app.config.clone(), portal.app.folder.clone());
        let cookies = cookies.clone();
        async move {
            let app = urne_portal::web::App::new(config, folder, false).await.unwrap();
            app.clock.set_ahead(ahead);
            let cookie = format!("__Host-session={}", cookies["__Host-session"]);
            let request = Request::get("/home").header(header::COOKIE, cookie).body(Body::empty()).unwrap();
            let router = urne_portal::web::router(&app);
            let answer = tower::ServiceExt::oneshot(router, request).await.unwrap();
            app.boxes.stop();
            answer.status()
        }
    };
    // One that was used of late lives through it.
    assert_eq!(restarted(1_700).await, StatusCode::OK);
    assert_eq!(restarted(1_700 + 1_900).await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn every_answer_has_the_headers() {
    let portal = Portal::new().await;
    let mut ada = portal.logged_in("ada").await;
    for path in [
        "/",
        "/home",
        "/nowhere",
        "/static/style.css",
        "/public/584/approved.json",
        "/api/584/state",
        "/api/9/state",
        "/captcha/x.svg",
    ] {
        let answer = ada.get(path).await;
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        let kept =
            if path.starts_with("/static") || path.starts_with("/public") { "no-cache" } else { "no-store" };
        assert_eq!(answer.header("cache-control"), kept, "{path}");
    }
    // No script and no style stands in a page itself.
    for path in ["/", "/home", "/vote", "/check", "/audit", "/contests/584", "/rolls"] {
        let page = ada.get(path).await.text();
        assert!(
            !page.contains("<style") && !page.contains(" style=") && !page.contains(" onclick"),
            "{path}"
        );
        for script in page.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(tag.contains(" src=\"/static/") && tag.contains("integrity=\"sha384-"), "{path}: {tag}");
        }
    }
}

#[tokio::test]
async fn names_from_outside_are_text() {
    let portal = Portal::new().await;
    let mut ada = portal.logged_in("ada").await;
    for path in
        ["/home", "/me", "/contests/584", "/rolls?name=%3Cimg", "/rolls?name=%22%3E%3Cscript%3E", "/vote"]
    {
        let page = ada.get(path).await.text();
        assert!(
            !page.contains("<img src=x") && !page.contains("<script>alert") && !page.contains("<b>bold"),
            "{path}: {page}"
        );
    }
    assert!(ada.get("/me").await.text().contains("&#60;img src=x"));
    assert!(ada.get("/rolls?name=%3Cimg").await.text().contains("2 inscriptions"));
    let page = portal.browser().log_in("\"><script>alert(1)</script>@x", "x").await.text();
    assert!(!page.contains("<script>alert"), "{page}");
    // A pattern is no pattern of the database's.
    assert!(!ada.get("/rolls?name=%25%25%25").await.text().contains("inscriptions trouvées"));
    assert!(ada.get("/rolls?name=%C3%89LA").await.text().contains("Élan Di"));
}

#[tokio::test]
async fn paths_lead_nowhere_else() {
    let portal = Portal::new().await;
    let mut browser = portal.browser();
    assert_eq!(browser.get("/public/584/approved.json").await.status, StatusCode::OK);
    assert_eq!(browser.get("/public/fingerprints.json").await.status, StatusCode::OK);
    std::fs::write(portal.election.folder.join("public/584/1.given"), "x").unwrap();
    assert_eq!(browser.get("/public/584/1.given").await.status, StatusCode::OK);
    for path in [
        "/public/584/../../portal/box.key",
        "/public/584/..%2f..%2fportal%2fbox.key",
        "/public/584/%2e%2e/%2e%2e/portal/box.key",
        "/public/584/....//box.key",
        "/public/584%2f..%2f..%2fportal/box.key",
        "/public/584//etc/passwd",
        "/public/584/%2fetc%2fpasswd",
        "/public/584/approved.json%00.given",
        "/public/584/01.given",
        "/public/584/+1.given",
        "/public/584/1.secret",
        "/public/portal/box.key",
        "/static/../server/Cargo.toml",
        "/static/..%2fserver%2fCargo.toml",
        "/static/%2e%2e/server/Cargo.toml",
        "/static//etc/passwd",
        "/captcha/..%2f..%2fx.svg",
    ] {
        let answer = browser.get(path).await;
        assert!(
            matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST),
            "{path}: {}",
            answer.status
        );
    }
}

#[tokio::test]
async fn what_is_too_long_is_not_read() {
    let portal = Portal::new().await;
    let mut ada = portal.logged_in("ada").await;
    let long = ada.api("/api/584/deposit", vec![2; 40_000]).await;
    assert_eq!((long.status, long.code().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "portal/too-large"));
    let text = "x".repeat(40_000);
    assert_eq!(ada.post_signed("/complaint", &[("text", &text)]).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(
        ada.post_signed("/complaint", &[("text", "a"), ("text", "b")]).await.status,
        StatusCode::BAD_REQUEST
    );
    let request =
        ada.request("POST", "/complaint").header("origin", ORIGIN).body(Body::from("text=x")).unwrap();
    assert_eq!(ada.send(request).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

/// Over a connection: one that only begins is ended, one that is being answered is answered when the server stops.
#[tokio::test]
async fn connections_end() {
    let portal = Portal::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(urne_portal::serve::serve(listener, portal.router.clone(), async {
        let _ = stopped.await;
    }));
    let mut slow = tokio::net::TcpStream::connect(address).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX: ").await.unwrap();
    let mut idle = tokio::net::TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut answer = [0; 12];
    idle.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    let mut rest = Vec::new();
    let begun = std::time::Instant::now();
    let _ = tokio::time::timeout(Duration::from_secs(15), slow.read_to_end(&mut rest)).await.unwrap();
    assert!(begun.elapsed() > Duration::from_secs(8), "{:?}", begun.elapsed());
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(5), server).await.unwrap().unwrap();
}

#[tokio::test]
async fn one_voters_receipt_is_nobody_elses() {
    let portal = Portal::new().await;
    let receipt = portal.logged_in("ada").await.vote(584, "ada", Choice::List(1)).await;
    let mut bo = portal.logged_in("bo").await;
    for path in ["/api/584/receipt", "/emargement/584"] {
        assert_eq!(bo.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        let answer = portal.browser().get(path).await;
        assert!(answer.status == StatusCode::UNAUTHORIZED || answer.header("location") == "/", "{path}");
        let answer = portal.member().await.get(path).await;
        assert!(answer.status == StatusCode::UNAUTHORIZED || answer.header("location") == "/", "{path}");
    }
    // Nor for having the ballot: it is of a credential that is not bo's.
    bo.activate(584, "bo").await;
    let ballot = portal.election.ballot(584, "ada", Choice::Blank);
    assert_eq!(bo.api("/api/584/deposit", ballot).await.code(), "deposit/other-credential");
    let own = bo.vote(585, "bo", Choice::Blank).await;
    assert_ne!(own.emargement.voter, receipt.emargement.voter);
}

#[tokio::test]
async fn a_voter_is_shown_the_contests_that_are_theirs() {
    let portal = Portal::new().await;
    on!(&portal.app.db, pool => {
        sqlx::query("DELETE FROM entitled WHERE voter = 'di' AND contest = 585").execute(pool).await.map(drop).unwrap();
    });
    let mut di = portal.logged_in("di").await;
    assert_eq!(di.get("/contests/585").await.status, StatusCode::NOT_FOUND);
    let vote = di.get("/vote").await.text();
    assert!(vote.contains("584") && !vote.contains("585"), "{vote}");
    // Of voters of the other contest nothing is found.
    let found = di.get("/rolls?name=zo").await.text();
    assert!(found.contains("CSA 584") && !found.contains("CSA 585"), "{found}");
}

#[tokio::test]
async fn a_proxy_is_believed_where_there_is_one() {
    for (behind_proxy, alike) in [(false, true), (true, false)] {
        let portal = Portal::with(|config| config.behind_proxy = behind_proxy).await;
        portal.set_password("ada").await;
        let from = async |last: &str| {
            let mut browser = portal.browser();
            // What stands before the proxy's own word anybody can write.
            browser.forwarded = Some(format!("10.0.0.{}, {last}", last.len()));
            browser
        };
        for _ in 0..5 {
            from("198.51.100.1").await.log_in("ada@example.org", "guess").await;
        }
        let same = from("198.51.100.1").await.log_in("ada@example.org", PASSWORD).await;
        assert_eq!(same.status, StatusCode::TOO_MANY_REQUESTS);
        let other = from("198.51.100.23").await.log_in("ada@example.org", PASSWORD).await;
        assert_eq!(other.status == StatusCode::TOO_MANY_REQUESTS, alike, "{behind_proxy}");
    }
}

/// A mail server says whose mail it does not take; the log does not.
#[tokio::test]
async fn an_error_of_a_mail_server_names_nobody() {
    use std::io::{BufRead, Write};
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mail = format!("smtp://{}", server.local_addr().unwrap());
    let refused = std::thread::spawn(move || {
        let (stream, _) = server.accept().unwrap();
        let (mut lines, mut stream) = (std::io::BufReader::new(stream.try_clone().unwrap()), stream);
        stream.write_all(b"220 x\r\n").unwrap();
        let mut line = String::new();
        while lines.read_line(&mut line).unwrap() > 0 {
            let refused = line.starts_with("RCPT");
            let answer =
                if refused { format!("550 5.1.1 no such mailbox: {line}") } else { "250 x\r\n".into() };
            stream.write_all(answer.as_bytes()).unwrap();
            if refused {
                return line;
            }
            line.clear();
        }
        line
    });
    let portal = Portal::with(|config| config.mail = mail).await;
    let mut browser = portal.browser();
    let (name, digits) = browser.captcha("/first").await;
    let fields = [("email", "ada@example.org"), ("captcha_name", &name), ("captcha", &digits)];
    browser.post("/first", &fields).await;
    let refused = tokio::task::spawn_blocking(|| refused.join().unwrap()).await.unwrap();
    assert!(refused.contains("ada@example.org"), "{refused}");
    for _ in 0..200 {
        if !crate::log().contains("a link was not sent") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    let log = crate::log();
    let line = log.lines().find(|line| line.contains("a link was not sent")).unwrap();
    assert!(line.contains("550") && !log.contains("example.org"), "{line}");
}

/// Also at a level of detail that nobody runs it with.
#[tokio::test]
async fn the_log_names_nobody() {
    let portal = Portal::new().await;
    let mut ada = portal.logged_in("ada").await;
    let token =
        urne_portal::accounts::new_link(&portal.app.db, "ada", portal.app.clock.seconds()).await.unwrap();
    ada.get(&format!("/password/{token}?lang=en")).await;
    ada.vote(584, "ada", Choice::List(1)).await;
    ada.log_in("nobody@example.org", "a wrong password").await;
    ada.post_signed("/complaint", &[("text", "what is complained of")]).await;
    ada.get("/rolls?name=zoé").await;
    let log = crate::log();
    let session = ada.cookies["__Host-session"].clone();
    for secret in [
        "example.org",
        PASSWORD,
        "a wrong password",
        "complained of",
        "zo%C3%A9",
        &token,
        &session,
        &ada.csrf,
        "12E345678",
    ] {
        assert!(!log.contains(secret), "{secret}");
    }
    assert!(log.contains("POST /api/{contest}/deposit 200 ") && log.contains("GET /password/{token} 200 "));
}
