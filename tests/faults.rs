//! A machine that stops at every byte that a portal writes, to its log or to its anchor: after the restart nothing
//! that was acknowledged is lost, and nothing counts twice.

#[path = "support/polling.rs"]
mod polling;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::LazyLock;

use polling::{END, Elector, OPENED, Polling, at, box_key, rng, sign_opening, verified};
use urne::ballot_box::{Anchor, Answer, LogEntry, Transaction};
use urne::{Activation, ActivationNonce, ApprovedContest, BallotBox, Choice, ElectoralRoll, Receipt};

const VOTERS: usize = 2;

/// What a file system leaves of a write in which the machine stopped.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Leaves {
    /// What was written, and no more.
    Short,
    /// A file that has grown to its whole length, and zeros where nothing was written.
    Zeros,
}

/// The files of a portal, on a machine that stops after so many bytes: what was written before is there, and the call
/// that reaches the last of them does not come back.
struct Disk {
    log: PathBuf,
    anchor: PathBuf,
    left: usize,
    leaves: Leaves,
}

impl Disk {
    /// Appends entries to the log.
    fn append(&mut self, entries: &[LogEntry]) -> io::Result<()> {
        let bytes: Vec<u8> = entries.iter().flat_map(|entry| entry.as_bytes()).copied().collect();
        let mut file = OpenOptions::new().append(true).create(true).open(&self.log)?;
        let written = bytes.len().min(self.left);
        file.write_all(&bytes[..written])?;
        self.left -= written;
        if self.left > 0 || bytes.is_empty() {
            return Ok(());
        }
        if self.leaves == Leaves::Zeros {
            file.write_all(&vec![0; bytes.len() - written])?;
        }
        Err(io::Error::other("power failure"))
    }

    /// Writes the anchor aside and puts it in place of the one before.
    fn replace(&mut self, anchor: &Anchor) -> io::Result<()> {
        let (bytes, aside) = (anchor.to_bytes(), self.anchor.with_extension("new"));
        let written = bytes.len().min(self.left);
        fs::write(&aside, &bytes[..written])?;
        self.left -= written;
        if self.left == 0 {
            return Err(io::Error::other("power failure"));
        }
        fs::rename(aside, &self.anchor)
    }

    fn store(&mut self, transaction: Transaction<'_>) -> io::Result<Vec<Answer>> {
        if !transaction.entries().is_empty() {
            self.append(transaction.entries())?;
            self.replace(&transaction.anchor())?;
        }
        Ok(transaction.stored())
    }
}

/// What the portal keeps while it runs.
struct Portal {
    ballot_box: BallotBox,
    disk: Disk,
}

impl Portal {
    /// Activation and deposit; the receipt has reached the voter only if this is `Ok`.
    fn vote(&mut self, voter: &Voter, seconds: i64) -> io::Result<Receipt> {
        let id = &voter.elector.id;
        let mut transaction = self.ballot_box.transaction();
        // Someone who has voted and asks again has nothing to activate.
        if transaction.activate(id, &NONCE, &voter.activation, at(seconds)).is_ok() {
            self.disk.store(transaction)?;
        } else {
            drop(transaction);
        }
        let mut transaction = self.ballot_box.transaction();
        transaction.deposit(id, &voter.ballot, at(seconds)).unwrap();
        let [answer] = self.disk.store(transaction)?.try_into().unwrap();
        Ok(answer.receipt().unwrap())
    }

    /// Both voters at once.
    fn vote_together(&mut self, voters: &[Voter], seconds: i64) -> io::Result<Vec<Receipt>> {
        let mut transaction = self.ballot_box.transaction();
        for voter in voters {
            let _ = transaction.activate(&voter.elector.id, &NONCE, &voter.activation, at(seconds));
        }
        let deposits: Vec<_> =
            voters.iter().map(|voter| (voter.elector.id.clone(), voter.ballot.clone())).collect();
        assert!(transaction.deposit_batch(&deposits, at(seconds)).iter().all(Result::is_ok));
        Ok(self.disk.store(transaction)?.into_iter().filter_map(Answer::receipt).collect())
    }
}

static NONCE: LazyLock<ActivationNonce> = LazyLock::new(|| ActivationNonce::from_bytes([3; 32]));

struct Voter {
    elector: Elector,
    activation: Activation,
    ballot: Vec<u8>,
}

struct Scene {
    contest: ApprovedContest,
    voters: Vec<Voter>,
    roll: ElectoralRoll,
    log: PathBuf,
    anchor: PathBuf,
    leaves: Leaves,
    together: bool,
}

impl Scene {
    fn new(name: &str, leaves: Leaves, together: bool) -> Self {
        let mut polling = Polling::with(&[(1, 1)], 1, VOTERS.try_into().unwrap());
        let ballots: Vec<_> = (0..VOTERS).map(|voter| polling.seal(voter, Choice::List(1))).collect();
        let mut roll = ElectoralRoll::new(polling.contest.clone());
        for elector in &polling.electors {
            roll.register(elector.issue.clone()).unwrap();
        }
        let voters = polling.electors.into_iter().zip(ballots);
        let voters = voters.map(|(elector, ballot)| {
            let activation = Activation::new(&elector.credential, &NONCE, &mut rng(1));
            Voter { elector, activation, ballot }
        });
        // Two runs at once share no file.
        let name = format!("{name}-{}", std::process::id());
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let [log, anchor] = ["log", "anchor"].map(|extension| path.with_extension(extension));
        let (contest, voters) = (polling.contest.clone(), voters.collect());
        let scene = Scene { contest, voters, roll, log, anchor, leaves, together };
        scene.remove();
        scene
    }

    fn disk(&self, left: usize) -> Disk {
        let (log, anchor) = (self.log.clone(), self.anchor.clone());
        Disk { log, anchor, left, leaves: self.leaves }
    }

    /// Polling day, on a machine that stops after so many bytes. The receipts that reached their voters.
    fn day(&self, stops_after: usize) -> (Vec<Receipt>, usize) {
        let mut given = vec![];
        let mut disk = self.disk(stops_after);
        let _ = self.run(&mut disk, &mut given);
        (given, stops_after - disk.left)
    }

    fn run(&self, disk: &mut Disk, given: &mut Vec<Receipt>) -> io::Result<()> {
        let opening = sign_opening(&self.roll, OPENED);
        let unstored = BallotBox::open(self.roll.clone(), opening, box_key()).unwrap();
        disk.append(unstored.entries())?;
        disk.replace(&unstored.anchor())?;
        let mut portal = Portal { ballot_box: unstored.stored(), disk: self.disk(disk.left) };
        let result = (|| {
            if self.together {
                given.extend(portal.vote_together(&self.voters, 10)?);
                return Ok(());
            }
            for (seconds, voter) in (10..).zip(&self.voters) {
                given.push(portal.vote(voter, seconds)?);
            }
            Ok(())
        })();
        disk.left = portal.disk.left;
        result
    }

    /// The box after the restart, as the documentation of `Rebuilding` says. `None` when not even the anchor of
    /// the opening was stored: then nothing was answered, and the box is opened again.
    fn restart(&self) -> Option<BallotBox> {
        let log = fs::read(&self.log).unwrap_or_default();
        let Ok(anchor) = fs::read(&self.anchor) else {
            let _ = fs::remove_file(&self.log);
            return None;
        };
        let anchor = Anchor::from_bytes(&anchor).unwrap();
        let mut rebuilding = BallotBox::rebuilding(self.contest.clone(), box_key(), anchor);
        log.chunks(100).for_each(|piece| rebuilding.read(piece).unwrap());
        if let Some(torn) = rebuilding.cut_torn_end() {
            assert!(!torn.zeros || self.leaves != Leaves::Short, "{torn}");
            let file = OpenOptions::new().write(true).open(&self.log).unwrap();
            file.set_len(torn.offset).unwrap();
        }
        let unstored = rebuilding.finish().unwrap();
        File::open(&self.log).unwrap().sync_all().unwrap();
        self.disk(usize::MAX).replace(&unstored.anchor()).unwrap();
        Some(unstored.stored())
    }

    fn remove(&self) {
        for path in [&self.log, &self.anchor, &self.anchor.with_extension("new")] {
            let _ = fs::remove_file(path);
        }
    }
}

/// Gives how many votes were found stored whose voters had not been answered.
fn stop_at_any_byte(scene: &Scene) -> usize {
    let (given, length) = scene.day(usize::MAX);
    assert_eq!(given.len(), VOTERS);
    let mut unanswered = 0;
    for stops_after in 1..=length {
        scene.remove();
        let (given, _) = scene.day(stops_after);
        let Some(ballot_box) = scene.restart() else {
            assert!(given.is_empty());
            continue;
        };
        // Whoever was answered has voted, at the time that was told, and gets the same answer.
        for (receipt, voter) in given.iter().zip(&scene.voters) {
            assert_eq!(ballot_box.receipt_again(&voter.elector.id).as_ref(), Some(receipt));
        }
        let stored = ballot_box.len();
        assert_eq!(ballot_box.signings(), stored);
        assert!(stored >= given.len(), "at byte {stops_after}");
        unanswered += stored - given.len();

        // Everyone sends again what they sent before, later; the log goes on in the same file.
        let mut portal = Portal { ballot_box, disk: scene.disk(usize::MAX) };
        let again: Vec<_> = scene.voters.iter().map(|voter| portal.vote(voter, 500).unwrap()).collect();
        for (first, second) in given.iter().zip(&again) {
            assert_eq!(first, second);
        }
        assert_eq!((portal.ballot_box.len(), portal.ballot_box.signings()), (VOTERS, VOTERS));
        for (receipt, voter) in again.iter().zip(&scene.voters) {
            let (contest, id) = (scene.contest.contest(), &voter.elector.id);
            let opening = portal.ballot_box.roll().opening_digest();
            assert_eq!(receipt.verify(contest, opening, id, &voter.ballot, at(10)..=at(500)), Ok(()));
        }
        // A last restart, then the close. What is counted is one ballot for each.
        drop(portal);
        let mut ballot_box = scene.restart().unwrap();
        let mut transaction = ballot_box.transaction();
        transaction.close(at(END), &mut rng(2)).unwrap();
        scene.disk(usize::MAX).store(transaction).unwrap();
        let closed = verified(&ballot_box.closed().unwrap().0);
        let ballots: Vec<_> = scene.voters.iter().map(|voter| voter.ballot.clone()).collect();
        assert_eq!(closed.ballots(), ballots);
        for receipt in &again {
            assert_eq!(closed.check_head(&receipt.deposit_proof.head), Ok(()));
        }
    }
    scene.remove();
    unanswered
}

#[test]
fn attack_22_a_stop_at_any_byte_loses_nothing_and_counts_nothing_twice() {
    for (name, leaves) in [("short", Leaves::Short), ("zeros", Leaves::Zeros)] {
        // The moments between storing and answering are among them.
        assert!(stop_at_any_byte(&Scene::new(name, leaves, false)) > VOTERS);
    }
}

#[test]
fn attack_22_a_stop_at_any_byte_of_a_transaction_of_all() {
    for (name, leaves) in [("all-short", Leaves::Short), ("all-zeros", Leaves::Zeros)] {
        assert!(stop_at_any_byte(&Scene::new(name, leaves, true)) > VOTERS);
    }
}

#[test]
fn attack_22_a_stop_at_any_byte_of_the_closing_gives_one_closing() {
    for (name, leaves) in [("closing-short", Leaves::Short), ("closing-zeros", Leaves::Zeros)] {
        let scene = Scene::new(name, leaves, false);
        scene.day(usize::MAX);
        let [log, anchor] = [&scene.log, &scene.anchor].map(|path| fs::read(path).unwrap());
        let close = |ballot_box: &mut BallotBox, disk: &mut Disk, seconds: i64, seed: u64| {
            let mut transaction = ballot_box.transaction();
            transaction.close(at(END + seconds), &mut rng(seed)).unwrap();
            let fresh = transaction.entries().len();
            disk.store(transaction).map(|_| fresh)
        };
        let mut first = scene.restart().unwrap();
        let mut disk = scene.disk(usize::MAX);
        assert_eq!(close(&mut first, &mut disk, 3, 7).unwrap(), 1);
        let (first, listed) = first.closed().unwrap();
        let entry = fs::read(&scene.log).unwrap().len() - log.len();
        for stops_after in 1..=usize::MAX - disk.left {
            fs::write(&scene.log, &log).unwrap();
            fs::write(&scene.anchor, &anchor).unwrap();
            let mut ballot_box = scene.restart().unwrap();
            let mut disk = scene.disk(stops_after);
            assert!(close(&mut ballot_box, &mut disk, 3, 7).is_err());
            assert!(ballot_box.closed().is_none(), "what is not stored has not happened");
            // Later, by a clock that is later and an RNG that has gone on. Only a closing that was stored binds;
            // no other was given to anyone.
            let stored = stops_after >= entry;
            let mut again = scene.restart().unwrap();
            let fresh = close(&mut again, &mut scene.disk(usize::MAX), 60, 8).unwrap();
            assert_eq!(fresh == 0, stored, "at byte {stops_after}");
            let (second, same) = again.closed().unwrap();
            assert_eq!((first.closing() == second.closing(), listed == same), (stored, stored));
            assert_eq!(second.closing().at, at(END + if stored { 3 } else { 60 }));
        }
        scene.remove();
    }
}

/// A disk that is full, and not a machine that stops: the transaction is dropped, what the log got of it is cut off,
/// and the box goes on as it was. A voter who sends again in between gets nothing that is not stored.
#[test]
fn attack_22_a_write_that_fails_has_not_happened() {
    let scene = Scene::new("full", Leaves::Short, false);
    scene.day(usize::MAX);
    let before = fs::read(&scene.log).unwrap();
    let mut polling = Polling::with(&[(1, 1)], 1, 3);
    polling.activate(0, 10).unwrap();
    let [ballot, other] = [Choice::List(1), Choice::Blank].map(|choice| polling.seal(0, choice));
    let (id, head) = (polling.id(0), polling.ballot_box.head());
    for left in 1..100 {
        let mut transaction = polling.ballot_box.transaction();
        transaction.deposit(&id, &ballot, at(20)).unwrap();
        let mut disk = scene.disk(left);
        assert!(disk.store(transaction).is_err());
        let file = OpenOptions::new().write(true).open(&scene.log).unwrap();
        file.set_len(before.len().try_into().unwrap()).unwrap();
        assert_eq!((polling.ballot_box.receipt_again(&id), polling.ballot_box.head()), (None, head));
    }
    // Not even that ballot is bound to the voter.
    polling.deposit(0, &other, 30).unwrap();
    polling.assert_unchanged();
    scene.remove();
}
