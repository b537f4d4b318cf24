//! The one thread that owns all ballot boxes.
//!
//! Requests come through a queue of limited length; where it is full the client is told to come back. The thread takes up
//! to 32 of them, makes one transaction of the library for each contest, writes what all of them changed in one
//! transaction of the database, commits, puts the anchors, and only then answers.
//!
//! | what goes wrong | then |
//! |---|---|
//! | entries are not written | nothing has happened: nobody is answered, everybody is told to come back |
//! | another server has written the same entries | the same, and the boxes are made again from the database |
//! | nobody knows whether it was committed, or an anchor is not put | the boxes are made again before anybody is answered: whoever sends the same again gets the truth |
//! | the log does not reach its anchor | the server does not start, or goes on answering nobody |

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use urne::ballot_box::{Anchor, Answer, IdentityChecked, Issue, Transaction};
use urne::{Activation, ActivationNonce, ApprovedContest, BallotBox, Receipt, UnixTime, VoterId};
use zeroize::Zeroizing;

use crate::accounts::rng;
use crate::clock::Clock;
use crate::{Failure, db, files};

mod rebuild;
mod store;
#[cfg(test)]
mod tests;

use store::{NotKept, Row, Store};

/// How many requests share a commit.
const TOGETHER: usize = 32;
/// How many may wait.
const QUEUE: usize = 512;
/// How long the thread leaves a database alone that was not there.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a commit may take: longer than SQLite waits for another who writes.
const LONGEST: Duration = Duration::from_secs(15);

/// A contest with what its box is opened with.
#[derive(Clone)]
pub struct Place {
    pub number: u64,
    pub contest: ApprovedContest,
    pub anchor: PathBuf,
    pub roll: PathBuf,
    pub opening: PathBuf,
}

/// What the thread is started with.
pub struct Setup {
    pub database: db::Place,
    pub key: Zeroizing<[u8; 32]>,
    pub places: Vec<Place>,
    pub clock: Clock,
    /// Goes on with logs whose anchors are lost, at the operator's word.
    pub without_anchor: bool,
}

/// What changes a box.
pub enum Change {
    Activate { voter: VoterId, nonce: ActivationNonce, activation: Activation },
    Deposit { voter: VoterId, ballot: Vec<u8> },
    Challenge { voter: VoterId, ballot: Vec<u8> },
    Reissue { voter: VoterId, issue: Issue },
    Close,
}

/// Why the box refuses: the library's code and text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: &'static str,
    pub text: String,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// Too much is waiting, or the database is away, or nobody knows what became of it: ask the same again.
    ComeBack,
    Refused(Refusal),
}

pub type Answered<T> = Result<T, NoAnswer>;
type Reply = oneshot::Sender<Answered<Option<Receipt>>>;
type Look = Box<dyn FnOnce(&BallotBox, UnixTime) + Send>;

enum Job {
    Change(u64, Box<Change>, Reply),
    Look(u64, Look),
}

/// The way to the thread.
#[derive(Clone)]
pub struct Boxes {
    queue: Arc<Mutex<Option<SyncSender<Job>>>>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
    ready: Arc<AtomicBool>,
}

fn refused<E: std::fmt::Display>(code: &'static str, error: &E) -> NoAnswer {
    NoAnswer::Refused(Refusal { code, text: error.to_string() })
}

fn unknown_contest() -> NoAnswer {
    refused("portal/no-such-contest", &"there is no such contest")
}

impl Boxes {
    /// Makes all boxes from the database, and starts the thread. What does not fit is an error.
    pub fn start(setup: Setup) -> Result<Boxes, Failure> {
        let ready = Arc::new(AtomicBool::new(false));
        let mut keeper = Keeper::new(setup, ready.clone())?;
        keeper.make_boxes()?;
        Ok(Boxes::run(keeper, ready, QUEUE))
    }

    fn run(keeper: Keeper, ready: Arc<AtomicBool>, queue: usize) -> Boxes {
        let (queue, jobs) = sync_channel(queue);
        let thread = std::thread::spawn(move || keeper.run(&jobs));
        Boxes { queue: Arc::new(Mutex::new(Some(queue))), thread: Arc::new(Mutex::new(Some(thread))), ready }
    }

    /// Whether the boxes are there. They are not while the database is away.
    pub fn are_ready(&self) -> bool {
        self.ready.load(Ordering::SeqCst)
    }

    fn send(&self, job: Job) -> Answered<()> {
        let queue = self.queue.lock().unwrap_or_else(|broken| broken.into_inner());
        let sent = queue.as_ref().map(|queue| queue.try_send(job));
        match sent {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_) | TrySendError::Disconnected(_))) | None => {
                Err(NoAnswer::ComeBack)
            }
        }
    }

    /// Changes a box; answered when it is stored. Whoever stops waiting changes nothing of it: the request is in the
    /// queue, and not in the waiting future.
    pub async fn change(&self, contest: u64, change: Change) -> Answered<Option<Receipt>> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Change(contest, Box::new(change), reply))?;
        answer.await.unwrap_or(Err(NoAnswer::ComeBack))
    }

    /// Looks at a box as it is stored.
    pub async fn look<T: Send + 'static>(
        &self,
        contest: u64,
        look: impl FnOnce(&BallotBox, UnixTime) -> T + Send + 'static,
    ) -> Answered<T> {
        let (reply, answer) = oneshot::channel();
        let look = move |ballot_box: &BallotBox, now| drop(reply.send(look(ballot_box, now)));
        self.send(Job::Look(contest, Box::new(look)))?;
        answer.await.map_err(|_| NoAnswer::ComeBack)
    }

    /// Answers what waits, takes nothing more, and ends the thread. Blocks.
    pub fn stop(&self) {
        drop(self.queue.lock().unwrap_or_else(|broken| broken.into_inner()).take());
        let thread = self.thread.lock().unwrap_or_else(|broken| broken.into_inner()).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread of the boxes had panicked");
        }
    }
}

/// What the thread has.
struct Keeper {
    runtime: Runtime,
    store: Store,
    setup: Setup,
    /// Empty while they are not known to be what the database has.
    boxes: BTreeMap<u64, BallotBox>,
    ready: Arc<AtomicBool>,
    not_before: Instant,
}

/// A contest's part of what is stored together.
struct Part<'a> {
    number: u64,
    transaction: Transaction<'a>,
    changes: Vec<(Reply, Answered<()>)>,
    deposits: Vec<(Reply, Answered<()>)>,
    receipts: Vec<VoterId>,
}

impl Keeper {
    fn new(setup: Setup, ready: Arc<AtomicBool>) -> Result<Keeper, Failure> {
        // Of its own, so that nothing but the box waits for the box.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let store = Store::new(setup.database.clone());
        Ok(Keeper { runtime, store, setup, boxes: BTreeMap::new(), ready, not_before: Instant::now() })
    }

    fn make_boxes(&mut self) -> Result<(), Failure> {
        self.boxes = self.runtime.block_on(rebuild::all(&mut self.store, &self.setup))?;
        self.ready.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn run(mut self, jobs: &Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            let mut batch = vec![first];
            batch.extend(jobs.try_iter().take(TOGETHER - 1));
            let try_again = !self.ready.load(Ordering::SeqCst) && Instant::now() >= self.not_before;
            if try_again && let Err(error) = self.make_boxes() {
                tracing::error!("boxes not made again: {error}");
                self.not_before = Instant::now() + PATIENCE;
            }
            // Where there are no boxes nobody is answered, which each finds out by its channel.
            if self.ready.load(Ordering::SeqCst) {
                self.serve(batch);
            }
        }
    }

    fn serve(&mut self, batch: Vec<Job>) {
        let now = self.setup.clock.now();
        let (mut of_contests, mut looks) = (BTreeMap::<u64, Vec<(Change, Reply)>>::new(), Vec::new());
        for job in batch {
            match job {
                Job::Change(contest, change, reply) => {
                    of_contests.entry(contest).or_default().push((*change, reply))
                }
                Job::Look(contest, look) => looks.push((contest, look)),
            }
        }
        if !self.change(of_contests, now) {
            return;
        }
        // Looks are answered from what is stored.
        for (contest, look) in looks {
            if let Some(ballot_box) = self.boxes.get(&contest) {
                look(ballot_box, now);
            }
        }
    }

    /// `false` where the boxes are no longer what is stored.
    fn change(&mut self, mut of_contests: BTreeMap<u64, Vec<(Change, Reply)>>, now: UnixTime) -> bool {
        let mut parts = Vec::new();
        for (number, ballot_box) in &mut self.boxes {
            if let Some(changes) = of_contests.remove(number) {
                parts.push(part(*number, ballot_box, changes, now));
            }
        }
        for (_, reply) in of_contests.into_values().flatten() {
            drop(reply.send(Err(unknown_contest())));
        }
        match store(&self.runtime, &mut self.store, &self.setup.places, &parts, now) {
            Ok(()) => {
                parts.into_iter().for_each(answer);
                true
            }
            Err(error) => {
                let as_before = matches!(error, NotKept::Nothing(_));
                if !as_before {
                    // Before anybody hears of it.
                    self.ready.store(false, Ordering::SeqCst);
                }
                // Dropped, the parts leave the boxes as they were, and nobody is answered.
                drop(parts);
                tracing::error!("not stored: {error}");
                if !as_before {
                    self.boxes.clear();
                }
                as_before
            }
        }
    }
}

/// All requests of a contest in one transaction: what is no deposit first, in its order, and deposits as a batch.
fn part<'a>(
    number: u64,
    ballot_box: &'a mut BallotBox,
    requests: Vec<(Change, Reply)>,
    now: UnixTime,
) -> Part<'a> {
    let mut transaction = ballot_box.transaction();
    let (mut changes, mut ballots, mut replies) = (Vec::new(), Vec::new(), Vec::new());
    for (request, reply) in requests {
        match request {
            Change::Deposit { voter, ballot } => {
                ballots.push((voter, ballot));
                replies.push(reply);
            }
            other => changes.push((reply, change(&mut transaction, other, now))),
        }
    }
    let outcomes = transaction.deposit_batch(&ballots, now);
    let outcomes = outcomes.into_iter().map(|outcome| outcome.map_err(|error| refused(error.code(), &error)));
    let deposits: Vec<_> = replies.into_iter().zip(outcomes).collect();
    let accepted = ballots.into_iter().zip(&deposits).filter(|(_, (_, outcome))| outcome.is_ok());
    let receipts = accepted.map(|((voter, _), _)| voter).collect();
    Part { number, transaction, changes, deposits, receipts }
}

fn change(transaction: &mut Transaction<'_>, change: Change, now: UnixTime) -> Answered<()> {
    macro_rules! told {
        ($done:expr) => {
            $done.map_err(|error| refused(error.code(), &error))
        };
    }
    match change {
        Change::Activate { voter, nonce, activation } => {
            told!(transaction.activate(&voter, &nonce, &activation, now))
        }
        // The caller takes them as a batch.
        Change::Deposit { voter, ballot } => told!(transaction.deposit(&voter, &ballot, now)),
        Change::Challenge { voter, ballot } => told!(transaction.challenge(&voter, &ballot, now)),
        Change::Reissue { voter, issue } => {
            told!(transaction.reissue(IdentityChecked::by_application(voter), issue, now))
        }
        Change::Close => told!(transaction.close(now, &mut rng())),
    }
}

/// Entries and receipts of all contests in one commit, then the anchors.
fn store(
    runtime: &Runtime,
    store: &mut Store,
    places: &[Place],
    parts: &[Part<'_>],
    now: UnixTime,
) -> Result<(), NotKept> {
    let changed = || parts.iter().filter(|part| !part.transaction.entries().is_empty());
    let entries: Vec<Row<'_>> = changed()
        .flat_map(|part| {
            part.transaction
                .entries()
                .iter()
                .map(move |entry| (part.number, entry.number(), entry.as_bytes()))
        })
        .collect();
    if entries.is_empty() {
        return Ok(());
    }
    let receipts: Vec<_> =
        changed().flat_map(|part| part.receipts.iter().map(move |voter| (part.number, voter, now))).collect();
    runtime.block_on(store.keep(&entries, &receipts))?;
    for part in changed() {
        put_anchor(places, part.number, &part.transaction.anchor()).map_err(NotKept::Unknown)?;
    }
    Ok(())
}

fn put_anchor(places: &[Place], number: u64, anchor: &Anchor) -> Result<(), String> {
    let place = places.iter().find(|place| place.number == number).ok_or("no place for an anchor")?;
    let put = files::put(&place.anchor, &anchor.to_bytes());
    put.map_err(|error| format!("{}: {error}", place.anchor.display()))
}

/// Everything is stored. Receipts come in the order of the deposits that were accepted.
fn answer(part: Part<'_>) {
    let mut receipts = part.transaction.stored().into_iter().filter_map(Answer::receipt);
    for (reply, outcome) in part.changes {
        drop(reply.send(outcome.map(|()| None)));
    }
    for (reply, outcome) in part.deposits {
        drop(reply.send(outcome.map(|()| receipts.next())));
    }
}
