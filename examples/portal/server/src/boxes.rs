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
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use urne::ballot_box::{Answer, Transaction};
use urne::{ApprovedContest, BallotBox, Receipt, UnixTime, VoterId};
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::{Failure, db, disk};

mod rebuild;
mod store;
#[cfg(test)]
mod tests;

use store::{NotKept, Store};

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

/// Why the box refuses: the library's code and text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
type Reply<T> = oneshot::Sender<Answered<T>>;
type Change = Box<dyn FnOnce(&mut Transaction<'_>, UnixTime) -> Answered<()> + Send>;
type Look = Box<dyn FnOnce(&BallotBox, UnixTime) + Send>;

enum Job {
    Change(u64, Change, Reply<()>),
    Deposit(u64, VoterId, Vec<u8>, Reply<Receipt>),
    Look(u64, Look),
    /// The last. What it holds is dropped at the thread's very end.
    Stop(Sender<()>),
}

/// The way to the thread.
#[derive(Clone)]
pub struct Boxes {
    queue: SyncSender<Job>,
    ready: Arc<AtomicBool>,
}

pub fn refused<E: std::fmt::Display>(code: &'static str, error: &E) -> NoAnswer {
    NoAnswer::Refused(Refusal { code, text: error.to_string() })
}

fn unknown_contest() -> NoAnswer {
    refused("portal/no-such-contest", &"there is no such contest")
}

impl Boxes {
    /// Makes all boxes from the database, and starts the thread. What does not fit is an error.
    pub fn start(setup: Setup) -> Result<Boxes, Failure> {
        let mut keeper = Keeper::new(setup)?;
        keeper.make_boxes()?;
        Ok(Boxes::run(keeper, QUEUE))
    }

    fn run(keeper: Keeper, queue: usize) -> Boxes {
        let (queue, jobs) = sync_channel(queue);
        let ready = keeper.ready.clone();
        std::thread::spawn(move || keeper.run(jobs));
        Boxes { queue, ready }
    }

    /// Whether the boxes are there. They are not while the database is away.
    pub fn are_ready(&self) -> bool {
        self.ready.load(Ordering::SeqCst)
    }

    async fn ask<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Answered<T> {
        let (reply, answer) = oneshot::channel();
        // It is full, or the thread has ended.
        self.queue.try_send(job(reply)).map_err(|_| NoAnswer::ComeBack)?;
        answer.await.unwrap_or(Err(NoAnswer::ComeBack))
    }

    /// Changes a box; answered when it is stored. Whoever stops waiting changes nothing of it: the request is in the
    /// queue, and not in the waiting future.
    pub async fn change(
        &self,
        contest: u64,
        change: impl FnOnce(&mut Transaction<'_>, UnixTime) -> Answered<()> + Send + 'static,
    ) -> Answered<()> {
        self.ask(|reply| Job::Change(contest, Box::new(change), reply)).await
    }

    /// A change as the others, for which there is a receipt.
    pub async fn deposit(&self, contest: u64, voter: VoterId, ballot: Vec<u8>) -> Answered<Receipt> {
        self.ask(|reply| Job::Deposit(contest, voter, ballot, reply)).await
    }

    /// Looks at a box as it is stored.
    pub async fn look<T: Send + 'static>(
        &self,
        contest: u64,
        look: impl FnOnce(&BallotBox, UnixTime) -> T + Send + 'static,
    ) -> Answered<T> {
        let look = |reply: Reply<T>| move |of: &BallotBox, now| drop(reply.send(Ok(look(of, now))));
        self.ask(|reply| Job::Look(contest, Box::new(look(reply)))).await
    }

    /// Answers what waits, takes nothing more, and ends the thread. Blocks.
    pub fn stop(&self) {
        let (held, end) = channel();
        match self.queue.send(Job::Stop(held)) {
            // Nothing is ever sent: it waits for the end.
            Ok(()) => _ = end.recv(),
            Err(_) => tracing::warn!("the thread of the boxes had ended before"),
        }
    }
}

/// What the thread has.
struct Keeper {
    // Of its own, so that nothing but the box waits for the box.
    runtime: Runtime,
    store: Store,
    setup: Setup,
    /// What the database has, where they are ready.
    boxes: BTreeMap<u64, (Place, BallotBox)>,
    ready: Arc<AtomicBool>,
    not_before: Instant,
}

/// A contest's part of what is stored together: what is no deposit first, in its order, and deposits as a batch.
struct Part<'a> {
    place: &'a Place,
    transaction: Transaction<'a>,
    changes: Vec<(Reply<()>, Answered<()>)>,
    ballots: Vec<(VoterId, Vec<u8>)>,
    replies: Vec<Reply<Receipt>>,
    /// Of the ballots.
    outcomes: Vec<Answered<()>>,
}

impl Keeper {
    fn new(setup: Setup) -> Result<Keeper, Failure> {
        Ok(Keeper {
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
            store: Store::new(setup.database.clone()),
            setup,
            boxes: BTreeMap::new(),
            ready: Arc::default(),
            not_before: Instant::now(),
        })
    }

    fn make_boxes(&mut self) -> Result<(), Failure> {
        self.boxes.clear();
        self.boxes = self.runtime.block_on(rebuild::all(&mut self.store, &self.setup))?;
        self.ready.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn run(mut self, jobs: Receiver<Job>) -> Option<Sender<()>> {
        let mut end = None;
        while end.is_none()
            && let Ok(first) = jobs.recv()
        {
            let mut batch = vec![first];
            batch.extend(jobs.try_iter().take(TOGETHER - 1));
            let try_again = !self.ready.load(Ordering::SeqCst) && Instant::now() >= self.not_before;
            if try_again && let Err(error) = self.make_boxes() {
                tracing::error!("boxes not made again: {error}");
                self.not_before = Instant::now() + PATIENCE;
            }
            end = self.serve(batch);
        }
        end
    }

    fn serve(&mut self, batch: Vec<Job>) -> Option<Sender<()>> {
        let now = self.setup.clock.now();
        let (mut looks, mut end) = (Vec::new(), None);
        let boxes = self.boxes.iter_mut();
        let mut parts: BTreeMap<u64, Part<'_>> =
            boxes.map(|(number, (place, of))| (*number, Part::new(place, of))).collect();
        for job in batch {
            match job {
                Job::Stop(held) => end = Some(held),
                // Where there are no boxes nobody is answered, which each finds out by its channel.
                _ if !self.ready.load(Ordering::SeqCst) => (),
                Job::Change(contest, change, reply) => match parts.get_mut(&contest) {
                    Some(part) => part.changes.push((reply, change(&mut part.transaction, now))),
                    None => drop(reply.send(Err(unknown_contest()))),
                },
                Job::Deposit(contest, voter, ballot, reply) => match parts.get_mut(&contest) {
                    Some(part) => {
                        part.ballots.push((voter, ballot));
                        part.replies.push(reply);
                    }
                    None => drop(reply.send(Err(unknown_contest()))),
                },
                Job::Look(contest, look) => looks.push((contest, look)),
            }
        }
        parts.values_mut().for_each(|part| part.deposit(now));
        match store(&self.runtime, &mut self.store, &parts, now) {
            Ok(()) => parts.into_values().for_each(Part::answer),
            Err(error) => {
                tracing::error!("not stored: {error}");
                // Before anybody hears of it. Dropped, the parts leave the boxes as they were, and nobody is answered.
                self.ready.store(matches!(error, NotKept::Nothing(_)), Ordering::SeqCst);
                drop(parts);
            }
        }
        // Looks are answered from what is stored.
        for (contest, look) in looks {
            if self.ready.load(Ordering::SeqCst)
                && let Some((_, ballot_box)) = self.boxes.get(&contest)
            {
                look(ballot_box, now);
            }
        }
        end
    }
}

impl<'a> Part<'a> {
    fn new(place: &'a Place, ballot_box: &'a mut BallotBox) -> Self {
        let transaction = ballot_box.transaction();
        let (changes, ballots, replies, outcomes) = Default::default();
        Part { place, transaction, changes, ballots, replies, outcomes }
    }

    fn deposit(&mut self, now: UnixTime) {
        let outcomes = self.transaction.deposit_batch(&self.ballots, now).into_iter();
        self.outcomes = outcomes.map(|of| of.map_err(|error| refused(error.code(), &error))).collect();
    }

    /// Those whose ballots were accepted.
    fn voters(&self) -> impl Iterator<Item = &VoterId> {
        let ballots = self.ballots.iter().zip(&self.outcomes);
        ballots.filter(|(_, outcome)| outcome.is_ok()).map(|((voter, _), _)| voter)
    }

    /// Everything is stored. Receipts come in the order of the deposits that were accepted.
    fn answer(self) {
        let mut receipts = self.transaction.stored().into_iter().filter_map(Answer::receipt);
        for (reply, outcome) in self.changes {
            drop(reply.send(outcome));
        }
        for (reply, outcome) in self.replies.into_iter().zip(self.outcomes) {
            drop(reply.send(outcome.and_then(|()| receipts.next().ok_or(NoAnswer::ComeBack))));
        }
    }
}

/// Entries and receipts of all contests in one commit, then the anchors.
fn store(
    runtime: &Runtime,
    store: &mut Store,
    parts: &BTreeMap<u64, Part<'_>>,
    now: UnixTime,
) -> Result<(), NotKept> {
    let (mut entries, mut receipts) = (Vec::new(), Vec::new());
    for (number, part) in parts {
        entries.extend(part.transaction.entries().iter().map(|entry| (*number, entry)));
        receipts.extend(part.voters().map(|voter| (*number, voter, now)));
    }
    if entries.is_empty() {
        return Ok(());
    }
    runtime.block_on(store.keep(&entries, &receipts))?;
    for part in parts.values().filter(|part| !part.transaction.entries().is_empty()) {
        let put = disk::put(&part.place.anchor, &part.transaction.anchor().to_bytes());
        put.map_err(|error| NotKept::Unknown(error.to_string()))?;
    }
    Ok(())
}
