//! What others may try at a login, and when a session ends.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

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
    // Right ones that come too late are not said to be wrong alone.
    let (name, digits) = browser.captcha("/").await;
    portal.set_ahead(901);
    let fields = [("email", "ada@example.org"), ("captcha_name", &name), ("captcha", &digits)];
    assert!(browser.post("/login", &fields).await.text().contains("ou ils ont expiré"));
    portal.set_ahead(0);
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
    portal.set_ahead(121);
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
    // Where there are no sounds nothing says that there are.
    let english = browser.get("/?lang=en").await.text();
    assert!(english.contains("alt=\"Picture of six digits\"") && !english.contains("<audio"), "{english}");
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
        sqlx::query_as("SELECT hash FROM sessions").fetch_all(&portal.app.db).await.unwrap();
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
        portal.set_ahead(step * 1_500);
        assert_eq!(ada.get("/home").await.status, StatusCode::OK, "{step}");
    }
    portal.set_ahead(30_000 + 1_900);
    assert!(ada.get("/home").await.status.is_redirection());
    // Back by hours: who was seen in the future is not seen for ever.
    portal.set_ahead(100_000);
    let mut bo = portal.logged_in("bo").await;
    portal.set_ahead(0);
    assert!(bo.get("/home").await.status.is_redirection());
    // A link that was made then serves no longer than any.
    let token =
        urne_portal::accounts::new_link(&portal.app.db, "cy", portal.app.clock.seconds()).await.unwrap();
    portal.set_ahead(3_601);
    assert_eq!(portal.browser().get(&format!("/password/{token}")).await.status, StatusCode::BAD_REQUEST);
}

/// What was idle when the server stopped is no younger when it starts again.
#[tokio::test]
async fn a_session_ends_through_a_restart() {
    let portal = Portal::new().await;
    let cookies = portal.logged_in("ada").await.cookies;
    portal.set_ahead(1_900);
    portal.app.boxes.stop();
    let restarted = |ahead: u64| {
        portal.set_ahead(ahead);
        let config = portal.app.config.clone();
        let cookies = cookies.clone();
        async move {
            let app = urne_portal::web::App::new(config, false).await.unwrap();
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

/// A member of the bureau who is none any more, or whose password was replaced, is out when the server starts anew.
#[tokio::test]
async fn a_members_session_ends_with_the_member_and_the_password() {
    let portal = Portal::new().await;
    let cookies = portal.member().await.cookies;
    portal.app.boxes.stop();
    let other = urne_portal::accounts::hash_password("another password").unwrap();
    for (password, removed, status) in [
        (None, false, StatusCode::OK),
        (Some(other), false, StatusCode::SEE_OTHER),
        (None, true, StatusCode::SEE_OTHER),
    ] {
        let mut config = portal.app.config.clone();
        config.bureau[0].password = password.unwrap_or_else(|| config.bureau[0].password.clone());
        config.bureau.retain(|member| !removed || member.name != "president");
        let app = urne_portal::web::App::new(config, false).await.unwrap();
        let cookie = format!("__Host-session={}", cookies["__Host-session"]);
        let request = Request::get("/bureau").header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        let answer = tower::ServiceExt::oneshot(urne_portal::web::router(&app), request).await.unwrap();
        app.boxes.stop();
        assert_eq!(answer.status(), status, "removed: {removed}");
    }
}

/// Neither is done without the other.
#[tokio::test]
async fn a_link_is_not_used_up_where_no_password_is_set() {
    use urne_portal::accounts::{link, new_link, set_password};
    let portal = Portal::new().await;
    let (db, now) = (&portal.app.db, portal.app.clock.seconds());
    // A database that takes no password twice: another voter's is not stored.
    let unique = "CREATE UNIQUE INDEX one ON voters(password)";
    sqlx::query(unique).execute(db).await.unwrap();
    let others = new_link(db, "bo", now).await.unwrap();
    assert_eq!(set_password(db, &others, "hash", now).await.unwrap().as_deref(), Some("bo"));
    let token = new_link(db, "ada", now).await.unwrap();
    set_password(db, &token, "hash", now).await.unwrap_err();
    assert_eq!(link(db, &token, now).await.unwrap().as_deref(), Some("ada"));
    assert_eq!(set_password(db, &token, "another", now).await.unwrap().as_deref(), Some("ada"));
    assert_eq!(set_password(db, &token, "another", now).await.unwrap(), None);
}

/// When a session was last used is noted where it can be; a page is read all the same.
#[tokio::test]
async fn pages_are_read_from_a_database_that_takes_nothing() {
    let portal = Portal::new().await;
    let mut ada = portal.logged_in("ada").await;
    // Whatever time is noted is taken already.
    let (db, now) = (&portal.app.db, portal.app.clock.seconds());
    for at in now + 90..now + 130 {
        sqlx::query(
            "INSERT INTO sessions(hash, bureau, who, csrf, created, seen) VALUES ($1, 0, 'bo', '', $2, $2)",
        )
        .bind(at.to_be_bytes().to_vec())
        .bind(at)
        .execute(db)
        .await
        .unwrap();
    }
    sqlx::query("CREATE UNIQUE INDEX one ON sessions(seen)").execute(db).await.unwrap();
    portal.set_ahead(100);
    assert_eq!(ada.get("/home").await.status, StatusCode::OK);
    let seen: Vec<(i64,)> =
        sqlx::query_as("SELECT seen FROM sessions WHERE who = 'ada'").fetch_all(db).await.unwrap();
    assert!(seen[0].0 < now + 90, "it was noted");
}

/// Who has set a password, and never logged in, is not kept out by who guesses from the same address.
#[tokio::test]
async fn a_browser_that_set_its_password_is_a_source_of_its_own() {
    let portal = Portal::new().await;
    let token =
        urne_portal::accounts::new_link(&portal.app.db, "ada", portal.app.clock.seconds()).await.unwrap();
    let mut ada = portal.browser();
    let set = ada.post(&format!("/password/{token}"), &[("password", PASSWORD), ("again", PASSWORD)]).await;
    assert_eq!(set.status, StatusCode::OK);
    let mut neighbour = portal.browser();
    for _ in 0..6 {
        neighbour.log_in("ada@example.org", "guess").await;
    }
    let mut elsewhere = portal.browser();
    assert_eq!(elsewhere.log_in("ada@example.org", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(ada.log_in("ada@example.org", PASSWORD).await.header("location"), "/home");
}
