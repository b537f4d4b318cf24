//! A crash at every byte that a portal writes to its log: after the restart nothing that was acknowledged is
//! lost, and nothing counts twice.

#[path = "support/polling.rs"]
mod polling;

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::LazyLock;

use polling::{END, Elector, OPENED, Polling, at, box_key, rng, sign_opening, verified};
use urne::ballot_box::{Head, LogEntry, LogFlaw};
use urne::{Activation, ActivationNonce, ApprovedContest, BallotBox, Choice, ElectoralRoll, Receipt};

const VOTERS: usize = 2;

/// A file on a machine that dies after so many bytes: what was written before is there, and the call that
/// reaches the last of them does not come back.
struct Disk {
    file: File,
    left: usize,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(&bytes[..bytes.len().min(self.left)])?;
        self.left -= written;
        if self.left == 0 { Err(io::Error::other("power failure")) } else { Ok(written) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// What the portal keeps while it runs. A log entry is stored first, then the answer is given.
struct Portal {
    ballot_box: BallotBox,
    disk: Disk,
}

impl Portal {
    fn store(&mut self, entry: Option<LogEntry>) -> io::Result<()> {
        entry.map_or(Ok(()), |entry| self.disk.write_all(entry.as_bytes()))
    }

    /// Activation and deposit; the receipt has reached the voter only if this is `Ok`.
    fn vote(&mut self, voter: &Voter, seconds: i64) -> io::Result<Receipt> {
        let activated = self.ballot_box.activate(&voter.elector.id, &NONCE, &voter.activation, at(seconds));
        // Someone who has voted and asks again has nothing to activate.
        if let Ok(entry) = activated {
            self.store(entry)?;
        }
        let deposit = self.ballot_box.deposit(&voter.elector.id, &voter.ballot, at(seconds)).unwrap();
        self.store(deposit.entry)?;
        Ok(deposit.receipt)
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
    path: PathBuf,
}

impl Scene {
    fn new(name: &str) -> Self {
        let mut polling = Polling::with(&[(1, 1)], 1, VOTERS.try_into().unwrap());
        let ballots: Vec<_> = (0..VOTERS).map(|voter| polling.seal(voter, Choice::List(1))).collect();
        let voters = polling.electors.into_iter().zip(ballots);
        let voters = voters.map(|(elector, ballot)| {
            let activation = Activation::new(&elector.credential, &NONCE, &mut rng(1));
            Voter { elector, activation, ballot }
        });
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        Scene { contest: polling.contest.clone(), voters: voters.collect(), path }
    }

    fn disk(&self, left: usize) -> Disk {
        let file = OpenOptions::new().append(true).create(true).open(&self.path).unwrap();
        Disk { file, left }
    }

    /// Polling day, on a machine that dies after so many bytes. The receipts that reached their voters.
    fn day(&self, dies_after: usize) -> Vec<Receipt> {
        let mut given = vec![];
        // The machine dies in the middle of this, and what was given before it did is all that counts.
        let _ = self.run(dies_after, &mut given);
        given
    }

    fn run(&self, dies_after: usize, given: &mut Vec<Receipt>) -> io::Result<()> {
        let mut roll = ElectoralRoll::new(self.contest.clone());
        for Voter { elector, .. } in &self.voters {
            roll.register(elector.issue.clone()).unwrap();
        }
        let opening = sign_opening(&roll, OPENED);
        let (ballot_box, entry) = BallotBox::open(roll, opening, box_key()).unwrap();
        let mut portal = Portal { ballot_box, disk: self.disk(dies_after) };
        portal.store(Some(entry))?;
        for (seconds, voter) in (10..).zip(&self.voters) {
            given.push(portal.vote(voter, seconds)?);
        }
        Ok(())
    }

    /// The box after the restart, as the documentation of `rebuild` says: an entry cut short is cut off, and
    /// the last head given out must be reached. `None` when not even the opening was stored.
    fn restart(&self, last: Option<&Head>) -> Option<BallotBox> {
        let mut log = vec![];
        File::open(&self.path).unwrap().read_to_end(&mut log).unwrap();
        let rebuild = |log: &[u8]| BallotBox::rebuild(self.contest.clone(), box_key(), log, last);
        match rebuild(&log) {
            Ok(ballot_box) => Some(ballot_box),
            Err(error) => {
                let LogFlaw::CutShort { offset } = error.flaw else { panic!("{error}") };
                let file = OpenOptions::new().write(true).open(&self.path).unwrap();
                file.set_len(offset.try_into().unwrap()).unwrap();
                (offset > 0).then(|| rebuild(&log[..offset]).unwrap())
            }
        }
    }

    fn remove(&self) {
        if self.path.exists() {
            std::fs::remove_file(&self.path).unwrap();
        }
    }
}

#[test]
fn a_crash_at_any_byte_loses_nothing_and_counts_nothing_twice() {
    let scene = Scene::new("deposits.log");
    scene.remove();
    assert_eq!(scene.day(usize::MAX).len(), VOTERS);
    let length = usize::try_from(std::fs::metadata(&scene.path).unwrap().len()).unwrap();

    let mut unanswered = 0;
    for dies_after in 1..=length {
        scene.remove();
        let given = scene.day(dies_after);
        let head = |receipt: &Receipt| receipt.deposit_proof.head;
        let Some(ballot_box) = scene.restart(given.last().map(head).as_ref()) else {
            assert!(given.is_empty());
            continue;
        };
        // Whoever was answered has voted, at the time that was told.
        for (receipt, voter) in given.iter().zip(&scene.voters) {
            assert_eq!(ballot_box.emargement(&voter.elector.id).as_ref(), Some(&receipt.emargement));
        }
        // A vote may be stored whose voter was not answered, one at most.
        let stored = ballot_box.len();
        assert_eq!(ballot_box.signings(), stored);
        assert!(stored == given.len() || stored == given.len() + 1, "at byte {dies_after}");
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
        let ballot_box = scene.restart(None).unwrap();
        let (closed, ..) = ballot_box.close(at(END), &mut rng(2)).unwrap();
        let closed = verified(&closed);
        let ballots: Vec<_> = scene.voters.iter().map(|voter| voter.ballot.clone()).collect();
        assert_eq!(closed.ballots(), ballots);
        for receipt in &given {
            assert_eq!(closed.check_head(&head(receipt)), Ok(()));
        }
    }
    // The very moments between storing and answering were among them.
    assert_eq!(unanswered, VOTERS);
    scene.remove();
}

#[test]
fn a_crash_at_any_byte_of_the_closing_gives_one_closing() {
    let scene = Scene::new("closing.log");
    scene.remove();
    let receipts = scene.day(usize::MAX);
    let last = receipts[VOTERS - 1].deposit_proof.head;
    let log = std::fs::read(&scene.path).unwrap();
    let close = |seconds: i64, seed: u64| {
        scene.restart(Some(&last)).unwrap().close(at(END + seconds), &mut rng(seed)).unwrap()
    };
    let (first, listed, entry) = close(3, 7);
    let length = entry.unwrap().as_bytes().len();
    for dies_after in 1..=length {
        std::fs::write(&scene.path, &log).unwrap();
        let (.., entry) = close(3, 7);
        assert!(scene.disk(dies_after).write_all(entry.unwrap().as_bytes()).is_err());
        // Later, by a clock that is later and an RNG that has gone on. Only a closing that was stored binds;
        // no other was given to anyone.
        let stored = dies_after == length;
        let (second, again, entry) = close(60, 8);
        assert_eq!(entry.is_none(), stored, "at byte {dies_after}");
        assert_eq!((first.closing() == second.closing(), listed == again), (stored, stored));
        assert_eq!(second.closing().at, at(END + if stored { 3 } else { 60 }));
    }
    scene.remove();
}
