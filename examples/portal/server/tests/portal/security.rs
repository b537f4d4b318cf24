//! What others may try.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use urne::Choice;

use crate::{ORIGIN, PASSWORD, Portal, form};

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
    sqlx::query("DELETE FROM entitled WHERE voter = 'di' AND contest = 585")
        .execute(&portal.app.db)
        .await
        .map(drop)
        .unwrap();
    let mut di = portal.logged_in("di").await;
    assert_eq!(di.get("/contests/585").await.status, StatusCode::NOT_FOUND);
    let vote = di.get("/vote").await.text();
    assert!(vote.contains("CSA 584") && !vote.contains("CSA 585"), "{vote}");
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
