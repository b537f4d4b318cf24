//! Closings that are given: each is noted by itself, once.

use std::time::SystemTime;

use urne::ClosedRecord;
use urne_portal::issuing::closings;

use super::common::{CLOSES_IN, GRACE, rng};
use super::*;

/// An issuer's folder after the close, by its clock.
fn folder_after_the_close(election: &Election) -> PathBuf {
    let folder = folder(election);
    let (place, ahead) = (folder.join("issuer.toml"), folder.join("ahead"));
    std::fs::write(&ahead, (CLOSES_IN + GRACE + 200).to_string()).unwrap();
    let file = std::fs::read_to_string(&place).unwrap();
    std::fs::write(&place, format!("clock_ahead = \"{}\"\n{file}", ahead.display())).unwrap();
    folder
}

/// The closed record of a box without ballots.
fn closed_record(election: &Election, number: u64) -> String {
    let mut ballot_box = ballot_box(election, number);
    let mut transaction = ballot_box.transaction();
    transaction.close(at(now() + CLOSES_IN + GRACE + 100), &mut rng()).unwrap();
    transaction.stored();
    ClosedRecord::new(&ballot_box.closed().unwrap().0).to_json()
}

#[tokio::test]
async fn a_false_closing_keeps_no_other_from_being_noted_and_has_none_verified_again() {
    let election = Election::new(&["jo", "bo"]);
    let folder = folder_after_the_close(&election);
    let closed_json = |number: u64| election.folder.join(format!("public/{number}/closed.json"));
    std::fs::write(closed_json(584), "{}").unwrap();
    std::fs::write(closed_json(585), closed_record(&election, 585)).unwrap();

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

/// However often a record is written that fails after a while, it is not verified all the time.
#[tokio::test]
async fn a_closing_that_fails_waits_although_it_is_written_anew() {
    let election = Election::new(&["jo", "bo"]);
    let folder = folder_after_the_close(&election);
    let (place, anew) = (election.folder.join("public/584/closed.json"), election.folder.join("anew"));
    std::fs::write(&anew, closed_record(&election, 584)).unwrap();
    // A pipe: the issuer reads it for as long as nobody writes.
    assert!(std::process::Command::new("mkfifo").arg(&place).status().unwrap().success());
    let before = std::fs::read(folder.join("issuer.bin")).unwrap();
    let is_noted = || std::fs::read(folder.join("issuer.bin")).unwrap() != before;
    tokio::spawn(closings::watch(pages::Office::new(open(&folder)).unwrap()));
    let pipe = place.clone();
    let writes = tokio::task::spawn_blocking(move || {
        let mut pipe = std::fs::OpenOptions::new().write(true).open(pipe).unwrap();
        std::thread::sleep(Duration::from_millis(500));
        std::io::Write::write_all(&mut pipe, b"{}").unwrap();
    });
    writes.await.unwrap();
    std::fs::rename(&anew, &place).unwrap();
    // Twenty times what it took, and then at the next look.
    tokio::time::sleep(Duration::from_secs(9)).await;
    assert!(!is_noted(), "it did not wait");
    tokio::time::timeout(Duration::from_secs(30), async {
        while !is_noted() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    })
    .await
    .expect("it is not noted");
}
