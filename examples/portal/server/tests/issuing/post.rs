//! E-mails with codes, by a mail server that takes its time, refuses, and goes away.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use axum::Router;
use tokio::time::{sleep, timeout};
use urne_portal::i18n::Lang;
use urne_portal::issuing::letters::groups;
use urne_portal::issuing::{pages, post};
use urne_portal::page::Assets;
use urne_portal::programs;

use super::common::{Election, now};
use super::{StatusCode, TOKEN, VoterId, ask, at, disk, folder, folder_of, open, reissue, send};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mood {
    /// It says nothing until it is in another mood.
    Silent,
    Refuses,
    /// It takes what is for v009 and v029, and says this of all others.
    Picks(&'static str),
    Takes,
}

/// A mail server: its mood, and the e-mails that it took.
#[derive(Clone, Default)]
struct MailServer(Arc<(Mutex<Served>, Condvar)>);

type Served = (Option<Mood>, Vec<String>);

impl MailServer {
    fn start(mood: Mood) -> (MailServer, String) {
        let (server, listener) = (MailServer::default(), TcpListener::bind("127.0.0.1:0").unwrap());
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        server.turn(mood);
        let of = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let of = of.clone();
                std::thread::spawn(move || of.serve(&stream.unwrap()));
            }
        });
        (server, url)
    }

    fn turn(&self, mood: Mood) {
        self.0.0.lock().unwrap().0 = Some(mood);
        self.0.1.notify_all();
    }

    fn mails(&self) -> Vec<String> {
        self.0.0.lock().unwrap().1.clone()
    }

    /// The codes in them.
    fn codes(&self) -> Vec<String> {
        let code =
            |mail: &String| mail.split_once("urne1-").map(|(_, rest)| rest.get(..35).unwrap().to_owned());
        self.mails().iter().filter_map(code).collect()
    }

    fn serve(&self, stream: &TcpStream) {
        let mut out = stream;
        let mut say = |line: &str| out.write_all(format!("{line}\r\n").as_bytes()).is_ok();
        let waits = |state: &mut (Option<Mood>, Vec<String>)| state.0 == Some(Mood::Silent);
        drop(self.0.1.wait_while(self.0.0.lock().unwrap(), waits).unwrap());
        say("220 mail.example");
        let (mut mail, mut in_mail) = (String::new(), false);
        for line in BufReader::new(stream).lines() {
            let Ok(line) = line else { return };
            let mood = self.0.0.lock().unwrap().0;
            let refuses = match mood {
                Some(Mood::Refuses) => Some("450"),
                Some(Mood::Picks(code)) if !line.contains("<v009@") && !line.contains("<v029@") => Some(code),
                _ => None,
            };
            if in_mail && line == "." {
                in_mail = false;
                // What mailers break is whole again.
                self.0.0.lock().unwrap().1.push(std::mem::take(&mut mail).replace("=\n", ""));
                say("250 taken");
            } else if in_mail {
                mail += &format!("{line}\n");
            } else if let Some(code) = refuses.filter(|_| line.starts_with("RCPT")) {
                say(&format!("{code} <jo@host.example>: later"));
            } else if line == "DATA" {
                in_mail = true;
                say("354 go on");
            } else if line == "QUIT" {
                say("221 bye");
                return;
            } else {
                say("250 good");
            }
        }
    }
}

/// An issuer's folder, with that mail server.
fn with_mail(election: &Election, mail: &str) -> PathBuf {
    with_mail_of(folder(election), mail)
}

fn with_mail_of(folder: PathBuf, mail: &str) -> PathBuf {
    let place = folder.join("issuer.toml");
    let file = String::from_utf8(disk::read(&place).unwrap()).unwrap();
    let other = file.lines().filter(|line| !line.starts_with("mail ="));
    let file: String =
        other.map(|line| format!("{line}\n")).chain([format!("mail = \"{mail}\"\n")]).collect();
    std::fs::write(place, file).unwrap();
    folder
}

fn issuer(election: &Election, mail: &str) -> Router {
    pages::router(pages::Office::new(open(&with_mail(election, mail))).unwrap())
}

async fn asked(router: &Router, path: &str, body: serde_json::Value) -> (StatusCode, serde_json::Value) {
    let answer = send(router, ask(Some(TOKEN), path, &body.to_string())).await;
    (answer.status, serde_json::from_str(&answer.text).unwrap())
}

/// The issues of a new code.
async fn reissued(router: &Router, voter: &str) -> Vec<String> {
    let order = serde_json::json!({ "voter": voter, "contests": [584, 585], "identity_checked_at": now() });
    let (status, answer) = asked(router, "/issue/reissue", order).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let mut issues: Vec<String> = serde_json::from_value(answer).unwrap();
    issues.sort();
    issues
}

fn stored(issue: &str, lang: &str) -> serde_json::Value {
    serde_json::json!({ "issue": issue, "lang": lang })
}

#[tokio::test]
async fn nobody_waits_for_a_mail_server_that_is_slow_with_anothers_e_mail() {
    let election = Election::new(&["jo", "bo"]);
    let (server, url) = MailServer::start(Mood::Silent);
    let router = issuer(&election, &url);
    let issues = reissued(&router, "jo").await;
    let (slow, issue) = (router.clone(), issues[0].clone());
    let jo = tokio::spawn(async move { asked(&slow, "/issue/stored", stored(&issue, "en")).await });
    sleep(Duration::from_millis(300)).await;
    let bo =
        timeout(Duration::from_secs(5), reissued(&router, "bo")).await.expect("bo waits for jo's e-mail");
    // Nor is anything drawn for jo that the e-mail under way has not.
    assert_eq!(reissued(&router, "jo").await, issues);
    // Asked twice, it is one e-mail.
    let (twice, issue) = (router.clone(), issues[1].clone());
    let again = tokio::spawn(async move { asked(&twice, "/issue/stored", stored(&issue, "en")).await });
    sleep(Duration::from_millis(300)).await;
    server.turn(Mood::Takes);
    for told in [jo.await.unwrap(), again.await.unwrap()] {
        assert_eq!(told, (StatusCode::OK, "yes".into()));
    }
    let told = asked(&router, "/issue/stored", stored(&bo[0], "fr")).await;
    assert_eq!(told.1, "yes");
    let mails = server.mails();
    assert_eq!(mails.len(), 2);
    // In the language of who reads it.
    assert!(
        mails[0].contains("Your new voting code") && mails[0].contains("To: jo@host.example"),
        "{}",
        mails[0]
    );
    assert!(
        mails[1].contains("Votre nouveau code") && mails[1].contains("To: bo@host.example"),
        "{}",
        mails[1]
    );
}

#[tokio::test]
async fn what_was_not_sent_is_sent_again_and_with_the_same_code() {
    let election = Election::new(&["jo", "bo"]);
    let (server, url) = MailServer::start(Mood::Refuses);
    let router = issuer(&election, &url);
    let issues = reissued(&router, "jo").await;
    let (status, told) = asked(&router, "/issue/stored", stored(&issues[0], "fr")).await;
    assert_eq!((status, &told["code"]), (StatusCode::SERVICE_UNAVAILABLE, &"issue/not-sent".into()));
    assert!(!told.to_string().contains("host.example"), "{told}");
    // A voter who asks again has the same code coming.
    assert_eq!(reissued(&router, "jo").await, issues);
    server.turn(Mood::Takes);
    // By itself.
    timeout(Duration::from_secs(20), async {
        while server.mails().is_empty() {
            sleep(Duration::from_millis(100)).await;
        }
    })
    .await
    .expect("it is not sent again");
    // And no more than once: whoever asks is told that it was.
    let told = asked(&router, "/issue/stored", stored(&issues[0], "fr")).await;
    assert_eq!(told.1, "yes");
    assert_eq!(server.codes().len(), 1);
    // Another code is another issue; of the first nothing is known any more then.
    let other = reissued(&router, "jo").await;
    assert_ne!(other, issues);
    assert_eq!(asked(&router, "/issue/stored", stored(&other[0], "fr")).await.1, "yes");
    let told = asked(&router, "/issue/stored", stored(&issues[0], "fr")).await;
    assert_eq!(told.1, "unknown");
    let codes = server.codes();
    assert!(codes.len() == 2 && codes[0] != codes[1]);
}

/// An e-mail that left is not sent again because it could not be stored that it did.
#[tokio::test]
async fn an_e_mail_that_left_is_stored_again_and_not_sent_again() {
    let election = Election::new(&["jo", "bo"]);
    let (server, url) = MailServer::start(Mood::Takes);
    let folder = with_mail(&election, &url);
    let router = pages::router(pages::Office::new(open(&folder)).unwrap());
    let issues = reissued(&router, "jo").await;
    // What is to be stored finds a folder in its place, which is not empty.
    let (place, aside) = (folder.join("issuer.bin"), folder.join("aside"));
    std::fs::rename(&place, &aside).unwrap();
    std::fs::create_dir_all(place.join("full")).unwrap();
    let (status, _) = asked(&router, "/issue/stored", stored(&issues[0], "fr")).await;
    assert_eq!((status, server.mails().len()), (StatusCode::SERVICE_UNAVAILABLE, 1));
    // While it goes on trying by itself.
    sleep(Duration::from_secs(6)).await;
    assert_eq!(server.mails().len(), 1);
    std::fs::remove_dir_all(&place).unwrap();
    std::fs::rename(&aside, &place).unwrap();
    let told = asked(&router, "/issue/stored", stored(&issues[0], "fr")).await;
    assert_eq!(told, (StatusCode::OK, "yes".into()));
    assert_eq!(server.mails().len(), 1);
    // And it is stored: nothing is drawn any more.
    let again = asked(&router, "/issue/stored", stored(&issues[0], "fr")).await;
    assert_eq!(again.1, "yes");
    assert_ne!(reissued(&router, "jo").await, issues);
}

#[tokio::test]
async fn a_code_whose_time_is_over_is_forgotten_and_said_to_be() {
    let election = Election::new(&["jo", "bo"]);
    let folder = folder(&election);
    let mut desk = open(&folder);
    let issues = reissue(&mut desk, "jo", &[584, 585], now() - 130, at(now() - 130)).unwrap();
    let office = pages::Office::new(desk).unwrap();
    let issue = issues[0].clone();
    let sent = post::send(&office, issue.clone(), Lang::Fr).await.unwrap();
    assert_eq!(sent, post::Sent::Over);
    assert!(open(&folder).drawn(&VoterId::new("jo").unwrap(), at(now())).is_none());
    let sent = post::send(&office, issue, Lang::Fr).await.unwrap();
    assert_eq!(sent, post::Sent::Unknown);
    assert!(!folder.join("mail-out").exists());
}

#[tokio::test]
async fn codes_go_by_mail_where_letters_do_not_and_what_fails_stays() {
    let election = Election::new(&["jo", "bo"]);
    let (server, url) = MailServer::start(Mood::Refuses);
    let folder = with_mail(&election, &url);
    let office = pages::Office::new(open(&folder)).unwrap();
    let error = post::send_all(&office, Lang::En).await.unwrap_err().to_string();
    assert!(
        error.starts_with("2 e-mails could not be sent") && error.ends_with("refuses it with 450"),
        "{error}"
    );
    assert_eq!(open(&folder).letters().len(), 2);
    server.turn(Mood::Takes);
    post::send_all(&office, Lang::En).await.unwrap();
    let codes = server.codes();
    assert!(codes.len() == 2 && codes[0] != codes[1]);
    assert_eq!(open(&folder).letters().len(), 0);
    // With all that a letter gives to be compared.
    let programs = programs::list(&Assets::read(&election.folder.join("static")).unwrap());
    assert!(programs.len() > 9);
    for mail in server.mails() {
        for contest in &election.contests {
            assert!(mail.contains(&groups(contest.fingerprint())), "{mail}");
        }
        for (name, hash) in &programs {
            assert!(mail.contains(name) && mail.contains(&groups(hash)), "{name}: {mail}");
        }
    }
    // Nothing is sent twice.
    post::send_all(&office, Lang::En).await.unwrap();
    assert_eq!(server.mails().len(), 2);
}

/// A mail server that takes one in twenty, the others perhaps after a quarter of a minute each, is given up, and what it took is
/// taken; addresses that it does not know are no reason to, but where they are sixty in a row.
#[tokio::test]
async fn sending_all_ends_where_hardly_any_are_taken() {
    let voters: Vec<_> = (0..140).map(|n| format!("v{n:03}")).collect();
    let election = Election::new(&voters.iter().map(String::as_str).collect::<Vec<_>>());
    let (server, url) = MailServer::start(Mood::Picks("450"));
    let folder = with_mail_of(folder_of(&election, &voters), &url);
    let office = pages::Office::new(open(&folder)).unwrap();
    let error = post::send_all(&office, Lang::En).await.unwrap_err().to_string();
    // The tenth is taken, and makes good for one of the nine before.
    assert!(error.starts_with("11 e-mails could not be sent"), "{error}");
    assert_eq!((server.codes().len(), open(&folder).letters().len()), (1, 139));
    server.turn(Mood::Picks("550"));
    let error = post::send_all(&office, Lang::En).await.unwrap_err().to_string();
    // 28 before the one that is taken, so that of the first twenty none was, and sixty after it.
    assert!(error.starts_with("88 e-mails could not be sent"), "{error}");
    // What was taken before is not sent again.
    let codes = server.codes();
    assert_eq!((codes.len(), open(&folder).letters().len()), (2, 138));
    assert_ne!(codes[0], codes[1]);
}
