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

/// A monitor that finds a broken word ends, and so tells whatever runs it; started again it goes on, and says so all the same.
#[test]
fn a_broken_word_ends_the_monitor_once() {
    let portal = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", portal.local_addr().unwrap());
    // It has no contest at all.
    std::thread::spawn(move || {
        for stream in portal.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4_096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
        }
    });
    let keep = std::env::temp_dir().join(format!("urne-monitor-ends-{}", std::process::id()));
    let mut monitor = Command::new(MONITOR);
    monitor.args([&url, "--every", "1s", "--fingerprint", &"ab".repeat(32), "--keep"]).arg(&keep);
    monitor.stderr(Stdio::piped());
    let ended = monitor.output().unwrap();
    assert_eq!((ended.status.code(), said(&ended.stderr)), (Some(1), 1));
    let mut again = monitor.spawn().unwrap();
    std::thread::sleep(Duration::from_secs(4));
    assert_eq!(again.try_wait().unwrap(), None, "it has ended");
    assert!(Command::new("kill").args(["-TERM", &again.id().to_string()]).status().unwrap().success());
    let ended = again.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert!(said(&ended.stderr) > 1);
    std::fs::remove_dir_all(keep).unwrap();
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
