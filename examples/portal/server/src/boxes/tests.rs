//! What may become of a commit, and what becomes of the boxes then.

use std::sync::{Arc, Mutex};

use urne::ballot_box::VoterState;
use urne::{ActivationNonce, Choice};

use super::*;
use crate::accounts::rng;

#[path = "../../tests/common/fixture.rs"]
mod fixture;

use fixture::Election;

const VOTERS: [&str; 4] = ["ada", "bo", "cy", "di"];

fn setup(election: &Election, anchors: &str) -> Setup {
    let place = |contest: &ApprovedContest| {
        let number = contest.contest().description().number;
        Place {
            number,
            contest: contest.clone(),
            anchor: election.folder.join(anchors).join(format!("{number}.anchor")),
            roll: election.folder.join(format!("portal/{number}.roll")),
            opening: election.folder.join(format!("public/{number}/opening")),
        }
    };
    Setup {
        database: db::Place::read(&url(election), false).unwrap(),
        key: Zeroizing::new(election.box_key),
        places: election.contests.iter().map(place).collect(),
        clock: Clock::new(Some(election.folder.join("ahead"))).unwrap(),
        without_anchor: false,
    }
}

fn url(election: &Election) -> String {
    format!("sqlite:{}", election.folder.join("data.sqlite").display())
}

fn set_ahead(election: &Election, seconds: u64) {
    std::fs::write(election.folder.join("ahead"), seconds.to_string()).unwrap();
}

/// Blocks: not to be called inside of a runtime.
fn tables(election: &Election) {
    drop(block_on(setup(election, "anchors").database.open()).unwrap());
}

struct Server {
    boxes: Boxes,
    faults: Faults,
}

/// What may happen to a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// It is committed and the answer is lost.
    AnswerLost,
    /// The connection is lost, and it is not committed.
    CommitLost,
    /// The database is away from then on.
    Away,
}

#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Option<Fault>>>);

impl Faults {
    fn is(&self, fault: Fault) -> bool {
        *self.0.lock().unwrap() == Some(fault)
    }

    fn lost(&self, fault: Fault) -> Result<(), NotKept> {
        if self.is(fault) { Err(NotKept::Unknown("a test".into())) } else { Ok(()) }
    }

    pub fn connecting(&self) -> sqlx::Result<()> {
        if self.is(Fault::Away) { Err(sqlx::Error::PoolClosed) } else { Ok(()) }
    }

    pub fn before_commit(&self) -> Result<(), NotKept> {
        self.lost(Fault::CommitLost)
    }

    pub fn after_commit(&self) -> Result<(), NotKept> {
        self.lost(Fault::AnswerLost)
    }
}

impl Server {
    fn start(election: &Election, anchors: &str, most_pages: Option<u32>) -> Result<Server, String> {
        tables(election);
        let mut setup = setup(election, anchors);
        // Pages that the file may have at most.
        if let Some(pages) = most_pages {
            setup.database.told.push_str(&format!("; PRAGMA max_page_count = {pages}"));
        }
        let mut keeper = Keeper::new(setup).unwrap();
        let faults = keeper.store.faults.clone();
        keeper.make_boxes().map_err(|error| error.to_string())?;
        Ok(Server { boxes: Boxes::run(keeper, QUEUE), faults })
    }

    fn set(&self, fault: Option<Fault>) {
        *self.faults.0.lock().unwrap() = fault;
    }

    async fn activate(&self, election: &Election, voter: &str) -> Answered<()> {
        let nonce = ActivationNonce::generate(&mut rng());
        let activation = election.activation(584, voter, &nonce);
        let voter = id(voter);
        let activated = self.boxes.change(584, move |of, now| {
            of.activate(&voter, &nonce, &activation, now).map_err(|error| refused(error.code(), &error))
        });
        activated.await
    }

    async fn deposit(&self, voter: &str, ballot: &[u8]) -> Answered<Receipt> {
        self.boxes.deposit(584, id(voter), ballot.to_vec()).await
    }

    async fn len(&self) -> usize {
        self.boxes.look(584, |of, _| of.len()).await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.boxes.stop();
    }
}

fn id(voter: &str) -> VoterId {
    VoterId::new(voter).unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn close(of: &mut Transaction<'_>, now: UnixTime) -> Answered<()> {
    of.close(now, &mut rng()).map_err(|error| refused(error.code(), &error))
}

#[test]
fn a_vote_is_stored_and_found_after_a_restart() {
    let election = Election::new(&VOTERS);
    let ballot = election.ballot(584, "ada", Choice::List(1));
    let first = {
        let server = Server::start(&election, "anchors", None).unwrap();
        block_on(async {
            let refused = server.deposit("ada", &ballot).await;
            assert!(
                matches!(refused, Err(NoAnswer::Refused(Refusal { code: "deposit/not-active", .. }))),
                "{refused:?}"
            );
            server.activate(&election, "ada").await.unwrap();
            server.deposit("ada", &ballot).await.unwrap()
        })
    };
    let now = UnixTime::from_seconds(fixture::now());
    let window = UnixTime::from_seconds(now.seconds() - 60)..=now;
    let contest = election.contest(584).contest();
    first.verify(contest, election.openings[0], &id("ada"), &ballot, window).unwrap();
    let server = Server::start(&election, "anchors", None).unwrap();
    block_on(async {
        assert_eq!(server.deposit("ada", &ballot).await.unwrap(), first);
        assert_eq!(server.len().await, 1);
        let other = election.ballot(584, "ada", Choice::Blank);
        let refused = server.deposit("ada", &other).await;
        assert!(matches!(refused, Err(NoAnswer::Refused(Refusal { code: "deposit/already-voted", .. }))));
        assert_eq!(server.boxes.change(999, close).await, Err(unknown_contest()));
        assert_eq!(server.boxes.deposit(999, id("ada"), ballot).await, Err(unknown_contest()));
    });
}

/// Whatever the client was told: the same ballot again gets the truth, and counts once.
#[test]
fn a_commit_of_which_nobody_knows_is_found_out_before_anybody_is_answered() {
    for (fault, kept) in [(Fault::AnswerLost, 1), (Fault::CommitLost, 0)] {
        let election = Election::new(&VOTERS);
        let server = Server::start(&election, "anchors", None).unwrap();
        let ballot = election.ballot(584, "ada", Choice::List(2));
        block_on(async {
            server.activate(&election, "ada").await.unwrap();
            server.set(Some(fault));
            assert_eq!(server.deposit("ada", &ballot).await, Err(NoAnswer::ComeBack));
            assert!(!server.boxes.are_ready());
            server.set(None);
            assert_eq!(server.len().await, kept, "{fault:?}");
            assert!(server.boxes.are_ready());
            let receipt = server.deposit("ada", &ballot).await.unwrap();
            assert_eq!((receipt.deposit_proof.index, server.len().await), (0, 1));
        });
    }
}

#[test]
fn while_the_database_is_away_nobody_is_answered_and_then_everybody() {
    let election = Election::new(&VOTERS);
    let server = Server::start(&election, "anchors", None).unwrap();
    let ballot = election.ballot(584, "ada", Choice::List(2));
    block_on(async {
        server.activate(&election, "ada").await.unwrap();
        server.set(Some(Fault::AnswerLost));
        assert_eq!(server.deposit("ada", &ballot).await, Err(NoAnswer::ComeBack));
        server.set(Some(Fault::Away));
        for _ in 0..3 {
            assert_eq!(server.deposit("ada", &ballot).await, Err(NoAnswer::ComeBack));
            assert_eq!(server.boxes.look(584, |of, _| of.len()).await, Err(NoAnswer::ComeBack));
        }
        server.set(None);
        tokio::time::sleep(PATIENCE).await;
        assert_eq!(server.deposit("ada", &ballot).await.unwrap().deposit_proof.index, 0);
    });
}

/// Another process has the file for itself: nothing is written, nothing has happened, and the boxes stay as they are.
#[test]
fn what_is_not_written_has_not_happened() {
    use sqlx::Connection;
    let election = Election::new(&VOTERS);
    let server = Server::start(&election, "anchors", None).unwrap();
    let ballot = election.ballot(584, "ada", Choice::List(2));
    block_on(async {
        server.activate(&election, "ada").await.unwrap();
        let mut other = sqlx::SqliteConnection::connect(&url(&election)).await.unwrap();
        sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
        assert_eq!(server.deposit("ada", &ballot).await, Err(NoAnswer::ComeBack));
        assert!(server.boxes.are_ready());
        assert_eq!(server.len().await, 0);
        sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
        server.deposit("ada", &ballot).await.unwrap();
    });
}

#[test]
fn a_full_disk_loses_no_vote_that_was_answered() {
    const MANY: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let election = Election::new(&MANY);
    // So many pages as the opening takes, and a few.
    drop(Server::start(&election, "anchors", None).unwrap());
    let pages = std::fs::metadata(election.folder.join("data.sqlite")).unwrap().len() / 4_096;
    let server = Server::start(&election, "anchors", Some(u32::try_from(pages + 1).unwrap())).unwrap();
    let mut answered = Vec::new();
    block_on(async {
        let mut refused = 0;
        for voter in MANY {
            let ballot = election.ballot(584, voter, Choice::Blank);
            if server.activate(&election, voter).await.is_ok() {
                match server.deposit(voter, &ballot).await {
                    Ok(_) => answered.push((voter, ballot)),
                    error => assert_eq!(error, Err(NoAnswer::ComeBack)),
                }
            }
            refused += usize::from(answered.last().is_none_or(|(last, _)| *last != voter));
        }
        assert!(refused > 0, "the disk was never full");
        assert_eq!(server.len().await, answered.len());
    });
    drop(server);
    let server = Server::start(&election, "anchors", None).unwrap();
    block_on(async {
        assert_eq!(server.len().await, answered.len());
        for (voter, ballot) in &answered {
            server.deposit(voter, ballot).await.unwrap();
        }
        assert_eq!(server.len().await, answered.len());
    });
}

#[test]
fn two_servers_do_not_fork_a_box() {
    let election = Election::new(&VOTERS);
    let one = Server::start(&election, "anchors", None).unwrap();
    // The second has anchors of its own, from when it looked first.
    std::fs::create_dir(election.folder.join("others")).unwrap();
    for number in fixture::NUMBERS {
        let name = format!("{number}.anchor");
        std::fs::copy(
            election.folder.join("anchors").join(&name),
            election.folder.join("others").join(&name),
        )
        .unwrap();
    }
    let two = Server::start(&election, "others", None).unwrap();
    let (ada, bo) =
        (election.ballot(584, "ada", Choice::List(1)), election.ballot(584, "bo", Choice::List(2)));
    block_on(async {
        one.activate(&election, "ada").await.unwrap();
        let ada = one.deposit("ada", &ada).await.unwrap();
        // The second does not know of it; its own first entry has a number that is taken.
        assert_eq!(two.activate(&election, "bo").await, Err(NoAnswer::ComeBack));
        assert_eq!(two.len().await, 1);
        two.activate(&election, "bo").await.unwrap();
        let bo = two.deposit("bo", &bo).await.unwrap();
        assert_eq!((ada.deposit_proof.index, bo.deposit_proof.index), (0, 1));
        // Nobody votes twice by asking the other.
        let again = election.ballot(584, "bo", Choice::Blank);
        // The first does not know of the second's entries until its own are refused.
        assert_eq!(one.activate(&election, "cy").await, Err(NoAnswer::ComeBack));
        let refused = one.deposit("bo", &again).await;
        assert!(
            matches!(refused, Err(NoAnswer::Refused(Refusal { code: "deposit/already-voted", .. }))),
            "{refused:?}"
        );
        let head = two.boxes.look(584, |of, _| of.head()).await.unwrap();
        assert_eq!(one.boxes.look(584, move |of, _| of.check_head(&head)).await.unwrap(), Ok(()));
    });
}

#[test]
fn a_log_that_does_not_reach_its_anchor_is_refused() {
    let election = Election::new(&VOTERS);
    {
        let server = Server::start(&election, "anchors", None).unwrap();
        block_on(async {
            server.activate(&election, "ada").await.unwrap();
            server.deposit("ada", &election.ballot(584, "ada", Choice::List(1))).await.unwrap();
        });
    }
    let refused = || Server::start(&election, "anchors", None).err().unwrap();
    let run = |statement: &'static str| {
        block_on(async {
            use sqlx::Connection;
            let mut to = sqlx::SqliteConnection::connect(&url(&election)).await.unwrap();
            sqlx::query(statement).execute(&mut to).await.unwrap();
        });
    };
    // A vote of which nobody is told any more.
    run("CREATE TABLE kept AS SELECT * FROM entries WHERE contest = 584 AND number = 3");
    run("DELETE FROM entries WHERE contest = 584 AND number = 3");
    assert!(refused().contains("contest 584") && refused().contains("3"), "{}", refused());
    run("INSERT INTO entries SELECT * FROM kept");
    run("DELETE FROM receipts");
    assert!(refused().contains("1 ballots in the log and 0 receipts"), "{}", refused());
    run("INSERT INTO receipts(contest, voter, at) VALUES (584, 'ada', 0)");
    let anchor = election.folder.join("anchors/584.anchor");
    let kept = std::fs::read(&anchor).unwrap();
    std::fs::remove_file(&anchor).unwrap();
    assert!(refused().contains("584.anchor is missing"), "{}", refused());
    std::fs::write(&anchor, &kept[1..]).unwrap();
    assert!(refused().contains("584.anchor"), "{}", refused());
    std::fs::write(&anchor, &kept).unwrap();
    Server::start(&election, "anchors", None).unwrap();
    // The operator takes it on.
    std::fs::remove_file(&anchor).unwrap();
    drop(Boxes::start(Setup { without_anchor: true, ..setup(&election, "anchors") }).unwrap());
    assert_eq!(std::fs::read(&anchor).unwrap(), kept);
    run("DELETE FROM entries");
    assert!(refused().contains("contest 584"), "{}", refused());
}

/// Neither log nor anchor: a box that was opened once is not opened again as if nobody had voted.
#[test]
fn a_box_that_was_opened_does_not_begin_anew() {
    let election = Election::new(&VOTERS);
    {
        let server = Server::start(&election, "anchors", None).unwrap();
        block_on(async {
            server.activate(&election, "ada").await.unwrap();
            server.deposit("ada", &election.ballot(584, "ada", Choice::List(1))).await.unwrap();
        });
    }
    for name in ["data.sqlite", "data.sqlite-wal", "data.sqlite-shm"] {
        let _ = std::fs::remove_file(election.folder.join(name));
    }
    std::fs::remove_dir_all(election.folder.join("anchors")).unwrap();
    for without_anchor in [false, true] {
        tables(&election);
        let setup = Setup { without_anchor, ..setup(&election, "anchors") };
        let refused = Boxes::start(setup).err().unwrap().to_string();
        assert!(refused.contains("contest 584: neither its log nor its anchor is there"), "{refused}");
    }
    // What made it open is kept, and taken by the operator alone.
    let roll = election.folder.join("portal/584.roll");
    assert!(!roll.exists() && roll.with_extension("roll.opened").is_file());
}

#[test]
fn an_anchor_that_cannot_be_put_lets_nobody_be_answered() {
    let election = Election::new(&VOTERS);
    let server = Server::start(&election, "anchors", None).unwrap();
    let ballot = election.ballot(584, "ada", Choice::List(1));
    // Its place is taken, and what was there is elsewhere.
    let (anchor, aside) = (election.folder.join("anchors/584.anchor"), election.folder.join("anchors/aside"));
    block_on(async {
        server.activate(&election, "ada").await.unwrap();
        std::fs::rename(&anchor, &aside).unwrap();
        std::fs::create_dir(&anchor).unwrap();
        assert_eq!(server.deposit("ada", &ballot).await, Err(NoAnswer::ComeBack));
        assert_eq!(server.deposit("ada", &ballot).await, Err(NoAnswer::ComeBack));
        std::fs::remove_dir(&anchor).unwrap();
        std::fs::rename(&aside, &anchor).unwrap();
        tokio::time::sleep(PATIENCE).await;
        assert_eq!(server.deposit("ada", &ballot).await.unwrap().deposit_proof.index, 0);
    });
    assert!(anchor.is_file());
}

#[test]
fn a_full_queue_says_so_and_a_stop_answers_what_is_in_it() {
    let election = Election::new(&VOTERS);
    tables(&election);
    let mut keeper = Keeper::new(setup(&election, "anchors")).unwrap();
    keeper.make_boxes().unwrap();
    let boxes = Boxes::run(keeper, 2);
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        // The thread is held up, two wait, and the next is told to come back.
        let (begun, has_begun) = oneshot::channel();
        let held = boxes.clone();
        let held = tokio::spawn(async move {
            held.look(584, move |_, _| {
                begun.send(()).unwrap();
                wait.recv().unwrap();
            })
            .await
        });
        has_begun.await.unwrap();
        let mut waiting = [(); 2].map(|()| Box::pin(boxes.look(584, |of, _| of.len())));
        for answer in &mut waiting {
            assert!(tokio::time::timeout(Duration::ZERO, answer).await.is_err());
        }
        assert_eq!(boxes.look(584, |of, _| of.len()).await, Err(NoAnswer::ComeBack));
        go.send(()).unwrap();
        held.await.unwrap().unwrap();
        let stop = boxes.clone();
        tokio::task::spawn_blocking(move || stop.stop()).await.unwrap();
        for answer in waiting {
            assert_eq!(answer.await, Ok(0));
        }
        assert_eq!(boxes.look(584, |of, _| of.len()).await, Err(NoAnswer::ComeBack));
    });
}

/// Who hangs up before the answer has voted all the same.
#[test]
fn whoever_stops_waiting_changes_nothing() {
    let election = Election::new(&VOTERS);
    let server = Server::start(&election, "anchors", None).unwrap();
    let ballot = election.ballot(584, "ada", Choice::List(1));
    block_on(async {
        server.activate(&election, "ada").await.unwrap();
        let given_up = tokio::time::timeout(Duration::ZERO, server.deposit("ada", &ballot)).await;
        assert!(given_up.is_err() || given_up.is_ok_and(|answer| answer.is_ok()));
        assert_eq!(server.len().await, 1);
    });
}

#[test]
fn the_box_keeps_its_time_when_the_clock_is_set_back() {
    let election = Election::new(&VOTERS);
    let server = Server::start(&election, "anchors", None).unwrap();
    block_on(async {
        for voter in ["ada", "bo"] {
            server.activate(&election, voter).await.unwrap();
        }
        set_ahead(&election, 500);
        let later = server.deposit("ada", &election.ballot(584, "ada", Choice::Blank)).await.unwrap();
        set_ahead(&election, 0);
        let then = server.deposit("bo", &election.ballot(584, "bo", Choice::Blank)).await.unwrap();
        assert!(then.acknowledgement.at >= later.acknowledgement.at);
        set_ahead(&election, fixture::CLOSES_IN + fixture::GRACE + 10);
        let state = server.boxes.look(584, |of, now| of.state(&id("cy"), now)).await.unwrap();
        assert!(matches!(state, Some(VoterState::Closed { .. })), "{state:?}");
        server.boxes.change(584, close).await.unwrap();
        // Closed, it stays so.
        set_ahead(&election, 0);
        let refused = server.deposit("cy", &election.ballot(584, "cy", Choice::Blank)).await;
        assert!(
            matches!(refused, Err(NoAnswer::Refused(Refusal { code: "deposit/ended", .. }))),
            "{refused:?}"
        );
    });
}

#[test]
fn many_at_once_share_a_commit_and_get_their_own_receipts() {
    let election = Election::new(&VOTERS);
    let server = Server::start(&election, "anchors", None).unwrap();
    let ballots = VOTERS.map(|voter| (voter, election.ballot(584, voter, Choice::List(1))));
    block_on(async {
        for voter in VOTERS {
            server.activate(&election, voter).await.unwrap();
        }
        // One of them is no ballot, and stops nobody.
        let [a, b, c, d] = &ballots;
        let (a_, b_, c_, d_) = tokio::join!(
            server.deposit(a.0, &a.1),
            server.deposit(b.0, &b.1),
            server.deposit(c.0, b"no ballot"),
            server.deposit(d.0, &d.1)
        );
        assert!(matches!(c_, Err(NoAnswer::Refused(_))));
        for ((voter, ballot), receipt) in [(a, a_), (b, b_), (d, d_)] {
            let receipt = receipt.unwrap();
            let now = UnixTime::from_seconds(fixture::now());
            let window = UnixTime::from_seconds(now.seconds() - 60)..=now;
            let contest = election.contest(584).contest();
            receipt.verify(contest, election.openings[0], &id(voter), ballot, window).unwrap();
        }
        assert_eq!(server.len().await, 3);
    });
}
