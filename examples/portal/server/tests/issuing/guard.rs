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

#[tokio::test]
async fn what_went_wrong_inside_is_in_the_log_and_not_on_the_page() {
    let written = Arc::new(Mutex::new(Vec::new()));
    let to = written.clone();
    let log = tracing_subscriber::fmt().with_ansi(false).with_writer(move || Log(to.clone())).finish();
    let _guard = tracing::subscriber::set_default(log);
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
