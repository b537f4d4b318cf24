//! What keeps the operator's pages answering, and quiet.

use std::sync::{Arc, Mutex};

use urne_portal::Failure;

use super::*;

#[tokio::test]
async fn not_many_passwords_wait_to_be_looked_at() {
    let election = Election::new(&["jo", "bo"]);
    let router = pages::router(pages::Office::new(open(&folder(&election))).unwrap());
    let guesses: Vec<_> = (0..60)
        .map(|_| {
            let router = router.clone();
            tokio::spawn(async move { send(&router, form("/login", "", "password=guess")).await })
        })
        .collect();
    let mut refused = 0;
    for guess in guesses {
        let answer = guess.await.unwrap();
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(answer.text, "429 Too Many Requests\n");
            refused += 1;
        } else {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        }
    }
    // They come at once, before the first is done with.
    assert_eq!(refused, 60 - 16);
    // Nobody waits any more, and every place is free again.
    for _ in 0..17 {
        operator(&router).await;
    }
}

struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is logged while the second of the two is kept.
fn logged() -> (Arc<Mutex<Vec<u8>>>, tracing::subscriber::DefaultGuard) {
    let written = Arc::new(Mutex::new(Vec::new()));
    let to = written.clone();
    let log = tracing_subscriber::fmt().with_ansi(false).with_writer(move || Log(to.clone())).finish();
    (written, tracing::subscriber::set_default(log))
}

/// A portal that was taken over writes nobody's name into the log, and another site's page nothing.
#[tokio::test]
async fn what_is_refused_is_logged_without_ids() {
    let election = Election::new(&["v0123", "bo"]);
    let folder = folder_of(&election, &["v0123", "bo"].map(str::to_owned));
    let router = pages::router(pages::Office::new(open(&folder)).unwrap());
    let (written, _until_the_end) = logged();
    for (contests, status) in [("[584,584]", StatusCode::CONFLICT), ("\"v0123\"", StatusCode::BAD_REQUEST)] {
        let order = format!(r#"{{"voter":"v0123","contests":{contests},"identity_checked_at":{}}}"#, now());
        let refused = send(&router, ask(Some(TOKEN), "/issue/reissue", &order)).await;
        assert_eq!(refused.status, status, "{}", refused.text);
        assert!(refused.text.contains("v0123"), "the portal is told: {}", refused.text);
    }
    let foreign = request("GET", "/foreign").header("origin", "https://evil.example");
    assert_eq!(send(&router, foreign.body(Body::empty()).unwrap()).await.status, StatusCode::FORBIDDEN);
    let other = Request::get("/foreign").header("host", "evil.example").body(Body::empty()).unwrap();
    assert_eq!(send(&router, other).await.status, StatusCode::MISDIRECTED_REQUEST);
    let log = String::from_utf8(written.lock().unwrap().clone()).unwrap();
    assert_eq!(log.matches("POST /issue/reissue: issue/").count(), 2, "{log}");
    assert!(!log.contains("v0123") && !log.contains("foreign"), "{log}");
}

#[tokio::test]
async fn what_went_wrong_inside_is_in_the_log_and_not_on_the_page() {
    let (written, _until_the_end) = logged();
    let election = Election::new(&["jo", "bo"]);
    let office = pages::Office::new(open(&folder(&election))).unwrap();
    let router = pages::router(office.clone());
    let (cookie, _) = operator(&router).await;
    assert!(office.act(|_| -> Result<(), Failure> { panic!("an act that fails") }).await.is_err());
    for path in ["/", "/letters/1"] {
        let page = request("GET", path).header("cookie", &cookie).body(Body::empty()).unwrap();
        let page = send(&router, page).await;
        assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(page.text, "500 Internal Server Error\n");
        assert!(page.policy);
    }
    let log = String::from_utf8(written.lock().unwrap().clone()).unwrap();
    for asked in ["GET /", "GET /letters/1"] {
        let failed = format!("{asked}: the issuer has failed: start it again");
        assert!(log.lines().any(|line| line.contains("ERROR") && line.ends_with(&failed)), "{log}");
    }
}
