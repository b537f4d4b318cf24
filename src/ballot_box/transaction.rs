//! Changes of a box, which are stored before anyone is told of them.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use super::log::{Event, Link, LogEntry};
use super::{Anchor, BallotBox, Closed, Closing, Issue, Receipt, VoterId};
use crate::ballot::PartialSum;
use crate::primitives::UnixTime;
use crate::primitives::hash::length_of;

#[cfg(test)]
mod tests;

/// A box that may not be used yet: it has just been opened, or made again from its log.
///
/// 1. The [`entries`](UnstoredBox::entries) are appended to the log (one when the box was opened, none when it
///    was made again), and the log is made durable. After a restart this is to be done too: what has just been
///    read may never have reached the disk.
/// 2. The [`anchor`](UnstoredBox::anchor) is stored in place of the one before, elsewhere.
/// 3. [`stored`](UnstoredBox::stored) gives the box.
#[must_use = "store its entries and its anchor, then use the box"]
pub struct UnstoredBox {
    ballot_box: BallotBox,
    entries: Vec<LogEntry>,
}

impl UnstoredBox {
    pub(super) fn new(ballot_box: BallotBox, entries: Vec<LogEntry>) -> Self {
        UnstoredBox { ballot_box, entries }
    }

    /// What to append to the log.
    #[must_use]
    pub fn entries(&self) -> &[LogEntry] {
        &self.entries
    }

    /// What to store then, elsewhere.
    #[must_use]
    pub fn anchor(&self) -> Anchor {
        self.ballot_box.anchor()
    }

    /// The box. Call it when entries and anchor are durable, and not before.
    #[must_use]
    pub fn stored(self) -> BallotBox {
        self.ballot_box
    }
}

impl fmt::Debug for UnstoredBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnstoredBox").field("entries", &self.entries).finish_non_exhaustive()
    }
}

/// What is answered once it is stored, in the order of the calls that were accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant)] // most are receipts
pub enum Answer {
    /// The code is active.
    Activated,
    /// The ballot is in the box, and this is for its voter: now, or again.
    Deposited(Receipt),
    /// The ballot's `R` is refused for ever: the voter's side may open it.
    Challenged,
    /// The new code is in force: it may be sent.
    Reissued,
    /// The box is closed: see [`BallotBox::closed`].
    Closed(Closing),
}

impl Answer {
    /// The receipt of a deposit.
    #[must_use]
    pub fn receipt(self) -> Option<Receipt> {
        match self {
            Answer::Deposited(receipt) => Some(receipt),
            _ => None,
        }
    }
}

/// An answer that waits to be stored.
pub(super) enum Waiting {
    Activated,
    Deposited(VoterId),
    Challenged,
    Reissued,
    Closed,
}

/// Any number of changes of a box, each checked against those before it. Nothing of them has happened until
/// they are stored: [`BallotBox::transaction`] begins one, and dropping it leaves the box exactly as it was.
///
/// It borrows the box, so that nobody is answered from a state that is not stored. In this order:
///
/// 1. [`entries`](Transaction::entries) are appended to the log, and the log is made durable;
/// 2. the [`anchor`](Transaction::anchor) is stored in place of the one before, elsewhere;
/// 3. [`stored`](Transaction::stored) gives the answers, which may leave now.
///
/// Where there are no entries nothing has changed, as when ballots are sent again, and the first two are left
/// out. If storing fails, drop the transaction, and take what the log may have of it away, or the process ends:
/// the next start finds as much of it as reached the disk. Many deposits in one transaction share the
/// verification of their proofs, the writes, and the waiting for the disk.
///
/// (Whoever [forgets](core::mem::forget) a transaction keeps the box as it was made by it until the next
/// transaction begins, which takes that back first.)
///
/// ```
#[doc = include_str!("../example_contest.txt")]
/// # let voter = VoterId::new("Jo Doe").ok_or("1 to 256 bytes")?;
/// # let voters = [(voter.clone(), vec![contest.contest()])];
/// # let letters = issuer.issue(&voters, Validity::UntilClose, before, rng)?.stored();
/// # let roll = issuer.electoral_roll(&contest)?;
/// # let proposed = roll.propose(before, &box_key)?.stored();
/// # let opening = issuer.sign_opening(contest.contest(), &proposed)?.stored();
/// # let mut ballot_box = BallotBox::open(roll, opening, box_key)?.stored();
/// # let credential = Credential::derive(contest.contest(), &letters[0].code);
/// # let nonce = ActivationNonce::generate(rng);
/// # let activation = Activation::new(&credential, &nonce, rng);
/// # let ballot = SealedBallot::seal(&contest, Choice::List(1), &credential, rng)?.cast();
/// use urne::ballot_box::Answer;
///
/// let mut transaction = ballot_box.transaction();
/// transaction.activate(&voter, &nonce, &activation, now)?;
/// transaction.deposit(&voter, &ballot, now)?;
/// // The disk is full: neither happened, and nobody was told that it did.
/// drop(transaction);
/// assert!(ballot_box.is_empty());
///
/// let mut transaction = ballot_box.transaction();
/// transaction.activate(&voter, &nonce, &activation, now)?;
/// transaction.deposit(&voter, &ballot, now)?;
/// assert_eq!(transaction.entries().len(), 2);
/// // … stored, and the anchor after them …
/// let answers = transaction.stored();
/// assert!(matches!(answers[..], [Answer::Activated, Answer::Deposited(_)]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "dropped, it leaves the box as it was"]
pub struct Transaction<'a> {
    pub(super) ballot_box: &'a mut BallotBox,
    entries: Vec<LogEntry>,
    waiting: Vec<Waiting>,
}

impl BallotBox {
    /// Begins changes. See [`Transaction`].
    pub fn transaction(&mut self) -> Transaction<'_> {
        self.take_back();
        self.before = Some(Before {
            ballots: self.ballots.len(),
            sum: self.sum.clone(),
            clock: self.clock,
            head_at: self.head_at,
            closed: self.closed,
            last: self.chain.last,
            changes: Vec::new(),
        });
        Transaction { ballot_box: self, entries: Vec::new(), waiting: Vec::new() }
    }

    /// How far the log has come.
    pub(super) fn anchor(&self) -> Anchor {
        Anchor::new(self.chain.last, self.head())
    }
}

impl Transaction<'_> {
    /// What is to be appended to the log. None when nothing has changed.
    #[must_use]
    pub fn entries(&self) -> &[LogEntry] {
        &self.entries
    }

    /// What is to be stored after the entries, elsewhere, in place of the anchor before.
    #[must_use]
    pub fn anchor(&self) -> Anchor {
        self.ballot_box.anchor()
    }

    /// The answers, in the order of the calls that gave `Ok`, one for each of them; in a batch, of each `Ok` in
    /// it. Call it when entries and anchor are durable, and not before.
    pub fn stored(mut self) -> Vec<Answer> {
        self.ballot_box.before = None;
        let waiting = core::mem::take(&mut self.waiting);
        let ballot_box = &*self.ballot_box;
        let answer = |waiting: &Waiting| match waiting {
            Waiting::Activated => Some(Answer::Activated),
            // Whoever's deposit was accepted has voted.
            Waiting::Deposited(voter) => ballot_box.receipt_again(voter).map(Answer::Deposited),
            Waiting::Challenged => Some(Answer::Challenged),
            Waiting::Reissued => Some(Answer::Reissued),
            // A closing is prepared once before it is accepted.
            Waiting::Closed => ballot_box.closing().map(Answer::Closed),
        };
        waiting.iter().filter_map(answer).collect()
    }

    pub(super) fn log(&mut self, event: &Event) {
        let entry = self.ballot_box.chain.append(event);
        self.entries.push(entry);
    }

    pub(super) fn answer(&mut self, waiting: Waiting) {
        self.waiting.push(waiting);
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        self.ballot_box.take_back();
    }
}

impl fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction").field("entries", &self.entries).finish_non_exhaustive()
    }
}

/// What a box was before the changes that are not stored yet, as far as they change it.
pub(super) struct Before {
    ballots: usize,
    sum: PartialSum,
    clock: UnixTime,
    head_at: UnixTime,
    closed: Option<Closed>,
    last: Link,
    changes: Vec<Change>,
}

/// What each change takes to be undone.
pub(super) enum Change {
    Activated(VoterId),
    Reissued { voter: VoterId, old: Box<Issue>, active: bool, challenges: u8 },
    Challenged { voter: VoterId, nonce: [u8; 32] },
    Deposited { voter: VoterId, nonce: [u8; 32] },
}

impl BallotBox {
    /// Takes note of a change, where it may have to be undone: not while the box is made again.
    pub(super) fn changed(&mut self, change: impl FnOnce() -> Change) {
        if let Some(before) = &mut self.before {
            before.changes.push(change());
        }
    }

    /// Undoes everything that is not stored.
    fn take_back(&mut self) {
        let Some(Before { ballots, sum, clock, head_at, closed, last, changes }) = self.before.take() else {
            return;
        };
        for change in changes.into_iter().rev() {
            self.undo(change);
        }
        self.ballots.truncate(ballots);
        self.references.truncate(ballots);
        self.tree.truncate(ballots);
        debug_assert_eq!(self.tree.size(), length_of(&self.ballots));
        (self.sum, self.clock, self.head_at, self.closed) = (sum, clock, head_at, closed);
        self.chain.last = last;
    }

    fn undo(&mut self, change: Change) {
        match change {
            Change::Activated(voter) => {
                if let Some(known) = self.voters.get_mut(&voter) {
                    known.active = false;
                }
            }
            Change::Reissued { voter, old, active, challenges } => {
                self.roll.take_back(&old.credential());
                if let Some(known) = self.voters.get_mut(&voter) {
                    known.revoked.pop();
                    known.current = old;
                    (known.active, known.challenges) = (active, challenges);
                }
            }
            Change::Challenged { voter, nonce } => {
                self.challenged.remove(&nonce);
                if let Some(known) = self.voters.get_mut(&voter) {
                    known.challenges = known.challenges.saturating_sub(1);
                }
            }
            Change::Deposited { voter, nonce } => {
                self.deposited.remove(&nonce);
                if let Some(known) = self.voters.get_mut(&voter) {
                    known.vote = None;
                }
            }
        }
    }
}
