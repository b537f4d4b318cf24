//! Closings that are given: each is noted by itself, once.

use std::time::SystemTime;

use urne::ClosedRecord;
use urne_portal::issuing::closings;

use super::common::{CLOSES_IN, GRACE, rng};
use super::*;

#[tokio::test]
async fn a_false_closing_keeps_no_other_from_being_noted_and_has_none_verified_again() {
    let election = Election::new(&["jo", "bo"]);
    let folder = folder(&election);
    let (place, ahead) = (folder.join("issuer.toml"), folder.join("ahead"));
    std::fs::write(&ahead, (CLOSES_IN + GRACE + 200).to_string()).unwrap();
    let file = std::fs::read_to_string(&place).unwrap();
    std::fs::write(&place, format!("clock_ahead = \"{}\"\n{file}", ahead.display())).unwrap();
    let closed_json = |number: u64| election.folder.join(format!("public/{number}/closed.json"));
    let mut ballot_box = ballot_box(&election, 585);
    let mut transaction = ballot_box.transaction();
    transaction.close(at(now() + CLOSES_IN + GRACE + 100), &mut rng()).unwrap();
    transaction.stored();
    let record = ClosedRecord::new(&ballot_box.closed().unwrap().0).to_json();
    std::fs::write(closed_json(584), "{}").unwrap();
    std::fs::write(closed_json(585), record).unwrap();

    let office = pages::Office::new(open(&folder)).unwrap();
    let router = pages::router(office.clone());
    tokio::spawn(closings::watch(office));
    let (cookie, _) = operator(&router).await;
    let page = || request("GET", "/").header("cookie", &cookie).header("accept-language", "en");
    let noted = async || {
        let home = send(&router, page().body(Body::empty()).unwrap()).await;
        home.text.matches("complaints are taken until").count()
    };
    let written =
        || -> SystemTime { std::fs::metadata(folder.join("issuer.bin")).unwrap().modified().unwrap() };
    tokio::time::timeout(Duration::from_secs(30), async {
        while noted().await == 0 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    })
    .await
    .expect("it is not noted");
    assert_eq!(noted().await, 1);
    let before = written();
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert_eq!(written(), before, "it was noted again");
}
