//! What setup does with the issuer: alone, in time, and with fingerprints of its own.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::Command;

use urne::{Contest, ElectoralRoll, SigningKey};
use urne_portal::disk;
use urne_portal::i18n::Lang;
use urne_portal::issuing::pages;

use super::common::{Election, NUMBERS, now, only_trustee, rng};
use super::{Desk, at, folder as issuers};

/// The folder of an election in the making; it goes with it.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Folder {
    /// The demonstration's, with a bureau of one.
    fn new(name: &str) -> Folder {
        let folder = Folder(std::env::temp_dir().join(format!("urne-setup-{name}-{}", std::process::id())));
        let demo = std::fs::read_to_string(portal("demo/election.toml")).unwrap();
        let (head, rest) = demo.split_once("[[panel]]").unwrap();
        let (_, contests) = rest.split_once("[[contest]]").unwrap();
        let panel = "[[panel]]\nthreshold = 1\ntrustees = [\"Ada\"]\n";
        disk::put_secret(
            &folder.at("election.toml"),
            format!("{head}{panel}[[contest]]{contests}").as_bytes(),
        )
        .unwrap();
        std::fs::write(folder.at("ahead"), "0").unwrap();
        folder
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The status, and what is said.
    fn setup(&self) -> (Option<i32>, String) {
        let mut setup = Command::new(env!("CARGO_BIN_EXE_portal-setup"));
        setup.arg(&self.0).args(["--opens-in", "60", "--closes-in", "2h"]);
        for (option, file) in [
            ("--election", self.at("election.toml")),
            ("--voters", portal("demo/voters.csv")),
            ("--scripts", portal("static")),
            ("--clock-ahead", self.at("ahead")),
        ] {
            setup.arg(option).arg(file);
        }
        let output = setup.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }

    /// The only trustee makes the key, and approves every contest.
    fn approved(&self) -> Vec<Contest> {
        assert_eq!(self.setup().0, Some(3));
        let ceremony = std::fs::read_to_string(self.at("trustees/ceremony")).unwrap();
        let slots = ceremony.strip_prefix("--slots ").unwrap().split(' ').next().unwrap().parse().unwrap();
        let (mut trustee, rng) = (only_trustee("setup", slots), &mut rng());
        let board = self.at("trustees/exchange/board");
        disk::put_secret(&board.join("ceremony/key"), &trustee.key().election_key().to_bytes()).unwrap();
        let (status, said) = self.setup();
        assert!(status == Some(3) && said.contains("the trustees' approvals"), "{status:?} {said}");
        let mut contests = Vec::new();
        for number in disk::contests(&self.at("public")).unwrap() {
            let place = board.join(number.to_string());
            let contest = disk::get(place.join("contest.json"), Contest::from_json).unwrap();
            let approval = trustee.approve(&contest, at(now()), rng).unwrap().stored();
            disk::put_secret(&place.join("1.approval"), &approval.to_bytes()).unwrap();
            contests.push(contest);
        }
        contests
    }
}

fn portal(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

#[test]
fn two_do_not_work_with_one_issuers_memory() {
    let folder = Folder::new("alone");
    assert_eq!(folder.setup().0, Some(3), "it waits for the ceremony");
    let place = folder.at("issuer/issuer.bin");
    std::fs::remove_file(&place).unwrap();
    // An issuer that runs.
    let alone = disk::alone(&folder.at("issuer"), "an issuer or a setup").unwrap();
    let (status, said) = folder.setup();
    assert!(status == Some(1) && said.contains("an issuer or a setup runs"), "{status:?} {said}");
    assert!(!place.exists(), "nothing is made meanwhile");
    drop(alone);
    assert_eq!(folder.setup().0, Some(3));
    assert!(place.exists());
}

#[test]
fn no_opening_is_signed_once_the_vote_would_be_open() {
    let folder = Folder::new("late");
    let contests = folder.approved();
    let opening = |contest: &Contest| folder.at(&format!("public/{}/opening", contest.description().number));
    std::fs::write(folder.at("ahead"), "61").unwrap();
    let (status, said) = folder.setup();
    assert!(status == Some(1) && said.contains("before its opening is signed"), "{status:?} {said}");
    assert!(!contests.iter().any(|contest| opening(contest).exists()));
    // In time it is, by an issuer that has the fingerprints for its own.
    std::fs::write(folder.at("ahead"), "0").unwrap();
    let (status, said) = folder.setup();
    assert_eq!(status, Some(0), "{said}");
    assert!(contests.iter().all(|contest| opening(contest).exists()));
    let desk = Desk::open(&folder.at("issuer")).unwrap();
    let own: Vec<_> = contests.iter().map(Contest::fingerprint).collect();
    assert_eq!(desk.file.fingerprints, own);
    assert_eq!(desk.letters().len(), 120);
    // Once it is open, setup that is run again has nothing to sign; what a crash left out of the trustees' sight it shows.
    let shown = folder.at(&format!("trustees/exchange/board/{}/opening", contests[0].description().number));
    std::fs::remove_file(&shown).unwrap();
    std::fs::write(folder.at("ahead"), "61").unwrap();
    assert_eq!(folder.setup().0, Some(0));
    assert_eq!(std::fs::read(&shown).unwrap(), std::fs::read(opening(&contests[0])).unwrap());
}

#[test]
fn the_clock_is_looked_at_again_before_each_signature() {
    let election = Election::new(&["jo", "bo"]);
    let folder = issuers(&election);
    disk::put_secret(&folder.join("issuer.bin"), &election.issuer_before).unwrap();
    let opening = |number: u64| election.folder.join(format!("public/{number}/opening"));
    let opens_at = election.contest(584).contest().description().opens_at.seconds();
    for number in NUMBERS {
        let contest = election.contest(number).clone();
        let roll = disk::get(election.folder.join(format!("portal/{number}.roll")), |bytes| {
            ElectoralRoll::from_bytes(contest.clone(), bytes)
        });
        let key = SigningKey::from_seed(&election.box_key);
        let proposed = roll.unwrap().propose(at(opens_at - 10), &key).unwrap();
        let place = election.folder.join(format!("public/{number}/proposed"));
        std::fs::write(place, proposed.to_store()).unwrap();
        std::fs::remove_file(opening(number)).unwrap();
    }
    // The clock is looked at before and after each signature: each time in turn it is the first that is too late.
    for (late_at, signed) in [(0, [false; 2]), (1, [false; 2]), (2, [true, false]), (3, [true, false])] {
        let looked = Cell::new(0);
        let clock = || at(opens_at - 1 + u64::from(looked.replace(looked.get() + 1) >= late_at));
        let mut desk = Desk::open(&folder).unwrap();
        let before = std::fs::read(folder.join("issuer.bin")).unwrap();
        let error = desk.sign_openings(clock).unwrap_err().to_string();
        assert!(error.contains("before its opening is signed"), "{error}");
        assert_eq!(NUMBERS.map(|number| opening(number).exists()), signed, "late at {late_at}");
        let stored = std::fs::read(folder.join("issuer.bin")).unwrap();
        assert_eq!(stored != before, late_at == 2, "late at {late_at}: what is stored");
        // No letter is printed, and none said to have left.
        assert!(!desk.opened() && desk.letters().len() == 2);
        assert!(pages::render(&desk, Lang::Fr, 1).is_err());
        // Nor is a signature that came too late in the memory that is stored next.
        desk.sent(&[]).unwrap();
        assert_eq!(std::fs::read(folder.join("issuer.bin")).unwrap(), stored);
    }
    let mut desk = Desk::open(&folder).unwrap();
    desk.sign_openings(|| at(opens_at - 1)).unwrap();
    assert!(desk.opened());
}

/// The dates passed while codes were drawn: the same organiser begins again in the same folder, with the issuer's key.
#[test]
fn contests_that_are_made_anew_have_codes_of_their_own() {
    let folder = Folder::new("anew");
    for _ in 0..2 {
        folder.approved();
        let (status, said) = folder.setup();
        assert_eq!(status, Some(0), "{said}");
        // Those of the contests before are none of its letters.
        assert_eq!(Desk::open(&folder.at("issuer")).unwrap().letters().len(), 120);
        for made in ["trustees", "public"] {
            std::fs::remove_dir_all(folder.at(made)).unwrap();
        }
        std::fs::remove_file(folder.at("issuer/issuer.toml")).unwrap();
    }
}
