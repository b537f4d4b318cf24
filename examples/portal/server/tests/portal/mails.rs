//! Links by e-mail: how many a voter can be sent.

use axum::http::StatusCode;

use crate::{Browser, Portal};

async fn ask(browser: &mut Browser<'_>, email: &str) -> StatusCode {
    let (name, digits) = browser.captcha("/forgotten").await;
    let fields = [("email", email), ("captcha_name", &name), ("captcha", &digits)];
    browser.post("/forgotten", &fields).await.status
}

#[tokio::test]
async fn a_mailbox_is_filled_from_nowhere_and_its_links_serve() {
    let portal = Portal::new().await;
    // Each from another address.
    for from in 0..30_u8 {
        let mut browser = portal.browser();
        browser.from = [10, from, 0, 1];
        assert_eq!(ask(&mut browser, "ada@example.org").await, StatusCode::OK, "answered alike");
    }
    // After the answer.
    let mut before = 0;
    for _ in 0..50 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let now = portal.mails().len();
        if now > 0 && now == before {
            break;
        }
        before = now;
    }
    let mails = portal.mails();
    assert_eq!(mails.len(), 10, "an hour's worth");
    // Who was kept from one more link by others has these: each of them serves.
    let link = mails[9].split("/password/").nth(1).unwrap().get(..64).unwrap();
    assert_eq!(portal.browser().get(&format!("/password/{link}")).await.status, StatusCode::OK);
    // An hour later, and other voters meanwhile.
    let mut browser = portal.browser();
    ask(&mut browser, "bo@example.org").await;
    portal.set_ahead(3_600);
    ask(&mut browser, "ada@example.org").await;
    for _ in 0..100 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        if portal.mails().len() == 12 {
            return;
        }
    }
    panic!("{} e-mails", portal.mails().len());
}
