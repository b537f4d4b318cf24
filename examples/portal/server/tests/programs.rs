//! The programs where standard output or standard error ends early or is full: they end with their status, and never in a
//! panic, whose status is 101.

#[path = "common/fixture.rs"]
mod common;

use std::fs::OpenOptions;
use std::io::{Read, Write, pipe};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::Election;
use urne::ballot_box::SignedOpening;
use urne::{ElectoralRoll, Issuer, SigningKey, UnixTime};

/// A disk that is full, and a pipe that nobody reads.
fn ends() -> [Stdio; 2] {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    [full.into(), writer.into()]
}

fn status(program: &str, arguments: &[&str], out: Stdio, err: Stdio) -> Option<i32> {
    Command::new(program).args(arguments).stdout(out).stderr(err).status().unwrap().code()
}

const MONITOR: &str = env!("CARGO_BIN_EXE_portal-monitor");
const SETUP: &str = env!("CARGO_BIN_EXE_portal-setup");
const ISSUER: &str = env!("CARGO_BIN_EXE_portal-issuer");
const PORTAL: &str = env!("CARGO_BIN_EXE_portal");

#[test]
fn what_cannot_be_said_is_no_panic() {
    let (zeros, keep) = ("00".repeat(32), std::env::temp_dir());
    // Nobody listens on port 1.
    let silent = ["http://127.0.0.1:1", "--once", "--fingerprint", &zeros, "--keep", keep.to_str().unwrap()];
    let setup = ["there-is-no-such-folder", "--election", "there-is-no-such-file", "--voters", "nor-this"];
    let cases: [(&str, &[&str], i32); 9] = [
        (MONITOR, &["--help"], 0),
        (MONITOR, &[], 2),
        (MONITOR, &silent, 3),
        (SETUP, &["--help"], 0),
        (SETUP, &["--nothing"], 2),
        (SETUP, &setup, 1),
        (ISSUER, &[], 2),
        (ISSUER, &["there-is-no-such-folder"], 1),
        (PORTAL, &["there-is-no-such-file"], 1),
    ];
    for (program, arguments, expected) in cases {
        for (out, err) in ends().into_iter().zip(ends()) {
            assert_eq!(status(program, arguments, out, err), Some(expected), "{program} {arguments:?}");
        }
    }
}

/// What the portal of an election shows, served as files; its address.
fn served(election: &Election) -> String {
    let portal = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", portal.local_addr().unwrap());
    let folder = election.folder.clone();
    std::thread::spawn(move || {
        for stream in portal.incoming() {
            let (mut stream, mut asked) = (stream.unwrap(), [0; 4_096]);
            let read = stream.read(&mut asked).unwrap_or(0);
            let asked = String::from_utf8_lossy(&asked[..read]).into_owned();
            let file = folder.join(asked.split(' ').nth(1).unwrap_or("/").trim_start_matches('/'));
            let (status, body) = std::fs::read(file).map_or(("404 Not Found", vec![]), |it| ("200 OK", it));
            let head =
                format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(&[head.into_bytes(), body].concat());
        }
    });
    url
}

fn monitor(election: &Election) -> Command {
    let mut monitor = Command::new(MONITOR);
    let fingerprint = election.contest(584).fingerprint().to_string();
    monitor.args([&served(election), "--every", "1s", "--fingerprint", &fingerprint, "--keep"]);
    monitor.arg(election.folder.join("kept")).stderr(Stdio::piped());
    monitor
}

/// The portal has the contest.
fn show(election: &Election) {
    let shown = format!(r#"{{"584":"{}"}}"#, election.contest(584).fingerprint());
    std::fs::write(election.folder.join("public/fingerprints.json"), shown).unwrap();
}

/// A monitor that finds a broken word ends, and so tells whatever runs it; started again it goes on, and says so all the same.
#[test]
fn a_broken_word_ends_the_monitor_once() {
    let election = Election::new(&["ada"]);
    show(&election);
    // The one before has kept an opening, and the portal shows another, which is signed too.
    let (place, kept) = (election.folder.join("public/584/opening"), election.folder.join("kept"));
    std::fs::create_dir_all(kept.join("584")).unwrap();
    std::fs::copy(&place, kept.join("584/opening")).unwrap();
    let first = SignedOpening::from_bytes(&std::fs::read(&place).unwrap()).unwrap();
    std::fs::write(&place, another_opening(&election, &first).to_bytes()).unwrap();
    let mut monitor = monitor(&election);
    let ended = monitor.output().unwrap();
    assert_eq!((ended.status.code(), said(&ended.stderr)), (Some(1), 1));
    let mut again = monitor.spawn().unwrap();
    std::thread::sleep(Duration::from_secs(4));
    assert_eq!(again.try_wait().unwrap(), None, "it has ended");
    assert!(Command::new("kill").args(["-TERM", &again.id().to_string()]).status().unwrap().success());
    let ended = again.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert!(said(&ended.stderr) > 1);
}

/// A second later, with both signatures.
fn another_opening(election: &Election, first: &SignedOpening) -> SignedOpening {
    let contest = election.contest(584);
    let roll = std::fs::read(election.folder.join("portal/584.roll")).unwrap();
    let roll = ElectoralRoll::from_bytes(contest.clone(), &roll).unwrap();
    let later = UnixTime::from_seconds(first.at().seconds() + 1);
    let proposed = roll.propose(later, &SigningKey::from_seed(&election.box_key)).unwrap().stored();
    let mut issuer = Issuer::from_bytes(&election.issuer_before).unwrap();
    proposed.signed(&issuer.sign_opening(contest.contest(), &proposed).unwrap().stored())
}

/// What nobody has signed may be a fault of the network: it ends the monitor as often as it is found, and is not remembered.
#[test]
fn what_nobody_has_signed_ends_the_monitor_and_is_forgotten() {
    let election = Election::new(&["ada"]);
    let mut monitor = monitor(&election);
    let ends = |monitor: &mut Command| {
        let ended = monitor.output().unwrap();
        let log = String::from_utf8(ended.stderr).unwrap();
        assert_eq!((ended.status.code(), said(log.as_bytes())), (Some(1), 0), "{log}");
        assert_eq!(log.matches("WRONG, THOUGH NOBODY HAS SIGNED IT").count(), 1, "{log}");
    };
    // It has no contest at all, as often as it is asked.
    ends(&mut monitor);
    ends(&mut monitor);
    show(&election);
    // A page of somebody else's in its place.
    let (place, aside) = (election.folder.join("public/584/approved.json"), election.folder.join("aside"));
    std::fs::rename(&place, &aside).unwrap();
    std::fs::write(&place, "<html>").unwrap();
    ends(&mut monitor);
    std::fs::rename(&aside, &place).unwrap();
    // The contest is there, though its box does not answer here.
    let ended = monitor.arg("--once").output().unwrap();
    assert_eq!(ended.status.code(), Some(3), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(std::fs::read_dir(election.folder.join("kept")).unwrap().count(), 1, "the contest's folder");
}

/// How often it is said that a box has broken its word.
fn said(log: &[u8]) -> usize {
    String::from_utf8_lossy(log).matches("HAS BROKEN ITS WORD").count()
}

#[test]
fn a_server_whose_log_is_full_serves_and_stops() {
    for (out, err) in ends().into_iter().zip(ends()) {
        let election = Election::new(&["ada"]);
        let own = election.folder.join("portal");
        let list = "id,email,name,numen,social10,contests\nada,ada@example.org,Ada,12E34567890ABC,2780175000,584 585\n";
        std::fs::write(own.join("voters.csv"), list).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let assets = concat!(env!("CARGO_MANIFEST_DIR"), "/../static");
        let text = format!(
            "origin = \"http://localhost:{port}\"\nlisten = \"127.0.0.1:{port}\"\nissuer = \"127.0.0.1:1\"\n\
             database = \"sqlite:data.sqlite\"\nanchors = \"../anchors\"\nmail = \"folder:mail-out\"\n\
             mail_from = \"vote@localhost\"\nstatic = \"{assets}\"\ncomplaints_seconds = 60\nbureau = []\n"
        );
        std::fs::write(own.join("portal.toml"), text).unwrap();
        let mut server =
            Command::new(PORTAL).arg(own.join("portal.toml")).stdout(out).stderr(err).spawn().unwrap();
        let begun = Instant::now();
        let mut page = Vec::new();
        while page.is_empty() {
            assert_eq!(server.try_wait().unwrap(), None, "it has ended");
            assert!(begun.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(50));
            if let Ok(mut answer) = ureq::get(format!("http://127.0.0.1:{port}/healthz")).call() {
                answer.body_mut().as_reader().read_to_end(&mut page).unwrap();
            }
        }
        let process = server.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
        assert_eq!(server.wait().unwrap().code(), Some(0));
    }
}
