//! Every log that a restart may find: cut at any byte, with zeros after it or not; with an entry lost, repeated,
//! moved or from another day; older than it should be. Whatever the anchor knows, it gives the same box, or a
//! refusal that says what is wrong and where; never a box that promises less than was promised.

use urne::ballot_box::{Anchor, Answer, DepositError, Head, LogError, LogFlaw, TornEnd, Validity};
use urne::{BallotBox, Choice, Receipt, VoterId};

use crate::log::{HEAD, entries};
use crate::polling::acts::{self, OneByOne};
use crate::polling::{END, Polling, at, box_key, rng};

/// What somebody was told when an entry was stored, and whether a box still stands by it.
type Promise = Box<dyn Fn(&mut BallotBox) -> bool>;

/// A day at a box with entries of every kind.
struct Day {
    polling: Polling,
    entries: Vec<Vec<u8>>,
    /// After each entry; the first is that of the opening.
    anchors: Vec<Anchor>,
    /// With the number of the entry after which it was made.
    promises: Vec<(usize, Promise)>,
}

fn has_voted(voter: VoterId, receipt: Receipt) -> Promise {
    Box::new(move |ballot_box| ballot_box.receipt_again(&voter).as_ref() == Some(&receipt))
}

/// Neither an old code nor a ballot that was opened serves again.
fn refuses(voter: VoterId, ballot: Vec<u8>, error: DepositError) -> Promise {
    Box::new(move |ballot_box| {
        let refused = ballot_box.transaction().deposit(&voter, &ballot, at(END - 1));
        let voted = matches!(refused, Err(DepositError::AlreadyVoted { .. }));
        let ended = matches!(refused, Err(DepositError::Ended { .. }));
        voted || ended || refused == Err(error)
    })
}

impl Day {
    fn new(closed: bool) -> Self {
        let polling = Polling::with(&[(1, 1)], 1, 4);
        let anchors = vec![polling.anchor];
        let mut day = Day { polling, entries: vec![], anchors, promises: vec![] };
        day.vote(0, 10);
        // A code is lost, and another takes its place.
        day.polling.activate(1, 20).unwrap();
        day.note();
        let old = day.polling.seal(1, Choice::Blank);
        day.polling.reissue(1, Validity::UntilClose, 30).unwrap();
        day.note();
        day.promise(refuses(day.polling.id(1), old, DepositError::Revoked));
        // A ballot is challenged.
        day.polling.activate(2, 40).unwrap();
        day.note();
        let opened = day.polling.seal(2, Choice::List(1));
        day.polling.challenge(2, &opened, 50).unwrap();
        day.note();
        day.promise(refuses(day.polling.id(2), opened, DepositError::Challenged));
        day.vote(1, 60);
        if closed {
            let (closed, signings, entry) = day.polling.ballot_box.close(at(END), &mut rng(5)).unwrap();
            day.polling.store(entry);
            day.note();
            day.promise(Box::new(move |ballot_box| {
                let (now, later) = (at(END + 99), &mut rng(6));
                let (again, listed, entry) = ballot_box.close(now, later).unwrap();
                (again.closing(), &listed, entry) == (closed.closing(), &signings, None)
            }));
        }
        day.entries = entries(&day.polling.log);
        assert_eq!(day.entries.len(), day.anchors.len());
        day
    }

    fn vote(&mut self, voter: usize, seconds: i64) {
        self.polling.activate(voter, seconds).unwrap();
        self.note();
        let ballot = self.polling.seal(voter, Choice::List(1));
        let receipt = self.polling.deposit(voter, &ballot, seconds).unwrap();
        self.note();
        self.promise(has_voted(self.polling.id(voter), receipt));
    }

    fn note(&mut self) {
        self.anchors.push(self.polling.anchor);
    }

    fn promise(&mut self, promise: Promise) {
        self.promises.push((self.anchors.len(), promise));
    }

    /// How many entries are whole in the first `bytes` of the log, and where the next begins.
    fn whole(&self, bytes: usize) -> (usize, usize) {
        let mut end = 0;
        let whole = self.entries.iter().take_while(|entry| {
            let fits = end + entry.len() <= bytes;
            end += if fits { entry.len() } else { 0 };
            fits
        });
        (whole.count(), end)
    }

    /// The box that comes of a log when so many entries had been answered; what was cut off is said.
    fn restart(&self, log: &[u8], answered: usize) -> Result<(BallotBox, Option<TornEnd>), LogError> {
        let anchor = &self.anchors[answered - 1];
        let restarted = acts::rebuild_to(self.polling.contest.clone(), box_key(), log, Some(anchor));
        restarted.map(|(mut ballot_box, torn)| {
            self.check(&mut ballot_box, answered);
            (ballot_box, torn)
        })
    }

    /// The box is one of this day, not before what was answered, and stands by all that was promised.
    fn check(&self, ballot_box: &mut BallotBox, answered: usize) {
        let anchor = ballot_box.transaction().anchor();
        let entries = usize::try_from(anchor.entries()).unwrap();
        assert!(entries >= answered);
        assert_eq!(anchor, self.anchors[entries - 1]);
        for (entry, promise) in &self.promises {
            assert!(*entry > answered || promise(ballot_box), "the promise of entry {entry}");
        }
    }

    fn log(&self) -> &[u8] {
        &self.polling.log
    }
}

fn number(length: usize) -> u64 {
    length.try_into().unwrap()
}

#[test]
fn attack_22_a_log_cut_at_any_byte() {
    for closed in [false, true] {
        let day = Day::new(closed);
        let from = if closed { day.log().len() - day.entries[day.entries.len() - 1].len() } else { 0 };
        for length in from..=day.log().len() {
            let log = &day.log()[..length];
            let (whole, start) = day.whole(length);
            let (entry, offset) = (number(whole) + 1, number(start));
            // Of what was answered a whole entry is missing, or a part of one.
            if whole < day.entries.len() {
                let refused = day.restart(log, whole + 1).map(|_| ()).unwrap_err();
                let flaw = LogFlaw::EndMissing { expected: entry, actual: entry - 1 };
                assert_eq!(refused, LogError { entry, offset, flaw });
            }
            // All of it is there, and a part of what nobody had been answered for.
            if whole > 0 {
                let (mut ballot_box, torn) = day.restart(log, whole).unwrap();
                let bytes = number(length - start);
                let expected = TornEnd { entry, offset, bytes, zeros: false };
                assert_eq!(torn, (bytes > 0).then_some(expected));
                assert_eq!(ballot_box.transaction().anchor().entries(), entry - 1);
            }
        }
    }
}

#[test]
fn attack_22_a_log_that_is_zeros_from_any_byte_on() {
    let day = Day::new(true);
    let length = day.log().len();
    for written in day.entries[0].len()..length {
        for more in [0, 4_096] {
            let log = [&day.log()[..written], &vec![0; length - written + more]].concat();
            let same = log.iter().zip(day.log()).take_while(|(one, other)| one == other).count();
            let (whole, start) = day.whole(same);
            let (entry, offset) = (number(whole) + 1, number(start));
            if whole == day.entries.len() && more == 0 {
                continue;
            }
            let (_, torn) = day.restart(&log, whole).unwrap();
            let bytes = number(log.len() - start);
            assert_eq!(torn, Some(TornEnd { entry, offset, bytes, zeros: true }), "from byte {written}");
            if whole < day.entries.len() && more == 0 {
                let refused = day.restart(&log, whole + 1).map(|_| ()).unwrap_err();
                assert_eq!((refused.entry, refused.offset), (entry, offset));
                assert!(matches!(refused.flaw, LogFlaw::Tag | LogFlaw::NotAnEntry { .. }), "{refused}");
            }
        }
    }
    // Not even the opening: nothing was answered, so there is no anchor.
    for written in 0..day.entries[0].len() - 1 {
        let log = [&day.log()[..written], &vec![0; 4_096]].concat();
        let mut rebuilding = BallotBox::rebuilding_without_anchor(day.polling.contest.clone(), box_key());
        rebuilding.read(&log).unwrap();
        let torn = TornEnd { entry: 1, offset: 0, bytes: number(log.len()), zeros: true };
        // A length whose last bytes were not written may name fewer zeros than there are, or none.
        assert_eq!(rebuilding.cut_torn_end(), Some(torn), "from byte {written}");
        let empty = LogError { entry: 1, offset: 0, flaw: LogFlaw::Empty };
        assert_eq!(rebuilding.finish().map(|_| ()), Err(empty));
    }
}

#[test]
fn attack_22_an_entry_that_is_lost_repeated_or_moved() {
    let day = Day::new(true);
    let good = &day.entries;
    let last = good.len();
    let refused = |log: Vec<Vec<u8>>, answered: usize| day.restart(&log.concat(), answered).map(|_| ());
    for answered in 1..=last {
        for place in 0..last {
            let offset = number(good[..place].iter().map(Vec::len).sum());
            let tag =
                |place: usize, offset| Err(LogError { entry: number(place) + 1, offset, flaw: LogFlaw::Tag });
            let mut lost = good.clone();
            lost.remove(place);
            let expected = match place + 1 == last {
                false => tag(place, offset),
                // The last: a log that lost its end.
                true if answered == last => {
                    let flaw = LogFlaw::EndMissing { expected: number(last), actual: number(last) - 1 };
                    Err(LogError { entry: number(last), offset, flaw })
                }
                true => Ok(()),
            };
            assert_eq!(refused(lost, answered), expected, "{place} is lost");
            let mut repeated = good.clone();
            repeated.insert(place + 1, good[place].clone());
            let expected = tag(place + 1, offset + number(good[place].len()));
            assert_eq!(refused(repeated, answered), expected, "{place} is repeated");
            for other in place + 1..last {
                let mut moved = good.clone();
                moved.swap(place, other);
                assert_eq!(refused(moved, answered), tag(place, offset), "{place} and {other} are swapped");
            }
            // A hole of zeros, which what comes after it tells from an end.
            let mut zeros = good.clone();
            zeros[place].fill(0);
            if place + 1 < last {
                let error = refused(zeros, answered).unwrap_err();
                assert_eq!((error.entry, error.offset), (number(place) + 1, offset));
                assert!(matches!(error.flaw, LogFlaw::NotAnEntry { .. }), "{error}");
            }
        }
    }
}

/// The log of an older copy, which was gone on with: another box, as far as its voters know.
#[test]
fn attack_22_a_log_that_was_rolled_back_and_gone_on_with() {
    let day = Day::new(false);
    for kept in 1..day.entries.len() {
        let older = day.entries[..kept].concat();
        let mut fork = acts::rebuild(day.polling.contest.clone(), box_key(), &older).unwrap();
        let mut log = older.clone();
        // The last voter, who was not there on the day, and whoever could not vote yet.
        let mut polling = Polling::with(&[(1, 1)], 1, 4);
        for (voter, seconds) in [(3, 70), (0, 80), (1, 90), (2, 95)] {
            polling.activate(voter, seconds).ok();
            let elector = &polling.electors[voter];
            let nonce = urne::ActivationNonce::from_bytes([4; 32]);
            let answer = urne::Activation::new(&elector.credential, &nonce, &mut rng(1));
            if let Ok(Some(entry)) = fork.activate(&elector.id, &nonce, &answer, at(seconds)) {
                log.extend(entry.as_bytes());
            }
            let (id, ballot) = (polling.id(voter), polling.seal(voter, Choice::Blank));
            if let Ok(deposit) = fork.deposit(&id, &ballot, at(seconds)) {
                log.extend(deposit.entry.iter().flat_map(|entry| entry.as_bytes()));
            }
        }
        let forked = entries(&log);
        assert!(forked.len() > kept + 1);
        for answered in kept + 1..=day.entries.len() {
            let LogError { entry, offset, flaw } = day.restart(&log, answered).map(|_| ()).unwrap_err();
            if answered <= forked.len() {
                assert_eq!((entry, flaw), (number(answered), LogFlaw::OtherLog));
                let before: usize = forked[..answered - 1].iter().map(Vec::len).sum();
                assert_eq!(offset, number(before));
            } else {
                let flaw_of = |actual| LogFlaw::EndMissing { expected: number(answered), actual };
                assert_eq!(flaw, flaw_of(number(forked.len())));
            }
        }
        // A copy that was gone on with from where it was answered to is the day's, as far as that went.
        let anchor = &day.anchors[kept - 1];
        assert!(acts::rebuild_to(day.polling.contest.clone(), box_key(), &log, Some(anchor)).is_ok());
    }
}

/// An anchor with another head than the box had, or none that it signed.
#[test]
fn attack_22_an_anchor_whose_head_is_not_the_boxs() {
    let day = Day::new(false);
    let anchor = day.anchors[day.anchors.len() - 1];
    let with = |head: &Head| {
        let mut bytes = anchor.to_bytes();
        bytes.truncate(42);
        // Without its kind and version.
        bytes.extend(&head.to_bytes()[2..]);
        let anchor = Anchor::from_bytes(&bytes).unwrap();
        let log = day.log();
        acts::rebuild_to(day.polling.contest.clone(), box_key(), log, Some(&anchor)).map(|_| ())
    };
    assert_eq!(with(anchor.head()), Ok(()));
    let mut forged = *anchor.head();
    forged.root[0] ^= 1;
    let LogError { flaw, .. } = with(&forged).unwrap_err();
    assert!(matches!(flaw, LogFlaw::AnchoredHead { size: 2, .. }), "{flaw:?}");
    // Of a box with one more vote.
    let mut more = Day::new(false);
    more.vote(3, 100);
    let LogError { flaw, .. } = with(more.anchors[more.anchors.len() - 1].head()).unwrap_err();
    assert!(matches!(flaw, LogFlaw::AnchoredHead { size: 3, .. }), "{flaw:?}");
}

#[test]
fn attack_22_without_an_anchor_only_by_another_name_and_heads_tell() {
    let day = Day::new(false);
    let head = *day.anchors[day.anchors.len() - 1].head();
    let short = day.entries[..day.entries.len() - 1].concat();
    let rebuilt = acts::rebuild(day.polling.contest.clone(), box_key(), &short).unwrap();
    let fork = urne::ballot_box::ReceiptError::Fork { size: 2, closing: 1 };
    assert_eq!(rebuilt.check_head(&head), Err(fork), "it promises less, and a voter's head says so");
    let whole = acts::rebuild(day.polling.contest.clone(), box_key(), day.log()).unwrap();
    assert_eq!(whole.check_head(&head), Ok(()));
}

/// What a torn end leaves in the file must be cut off before anything is appended.
#[test]
fn attack_22_what_is_written_after_a_torn_end_is_refused() {
    let day = Day::new(false);
    let kept = day.entries.len() - 1;
    let start = day.entries[..kept].concat().len();
    let torn = &day.log()[..start + 20];
    let log = [torn, &day.entries[kept]].concat();
    let refused = day.restart(&log, kept).map(|_| ()).unwrap_err();
    assert_eq!((refused.entry, refused.offset), (number(kept) + 1, number(start)));
    // Nor is it read on with.
    let anchor = day.anchors[kept - 1];
    let rebuilding = || BallotBox::rebuilding(day.polling.contest.clone(), box_key(), anchor);
    let error = LogError { entry: number(kept) + 1, offset: number(start), flaw: LogFlaw::AfterTheEnd };
    for asked_again in [false, true] {
        let mut rebuilding = rebuilding();
        rebuilding.read(torn).unwrap();
        assert!(rebuilding.cut_torn_end().is_some());
        if asked_again {
            assert_eq!(rebuilding.cut_torn_end(), None);
        }
        assert_eq!(rebuilding.read(&day.entries[kept]), Err(error.clone()));
    }
    // Where nothing was torn it is.
    let mut whole = rebuilding();
    whole.read(&day.log()[..start]).unwrap();
    assert_eq!(whole.cut_torn_end(), None);
    assert_eq!(whole.read(&day.entries[kept]), Ok(()));
    // Without the call, the end is named and nothing is dropped.
    for (end, flaw) in [(&HEAD[..], LogFlaw::CutShort), (&[0; 9], LogFlaw::Zeros)] {
        let mut rebuilding = rebuilding();
        rebuilding.read(&[&day.log()[..start], end].concat()).unwrap();
        let error = LogError { entry: number(kept) + 1, offset: number(start), flaw };
        assert_eq!(rebuilding.finish().map(|_| ()), Err(error));
    }
}

/// In one transaction, a crash after some of its entries: nobody was answered, and what was stored counts.
#[test]
fn a_transaction_of_many_is_found_as_far_as_it_was_stored() {
    let mut polling = Polling::with(&[(1, 1)], 1, 3);
    let ballots: Vec<_> = (0..2).map(|voter| polling.seal(voter, Choice::List(1))).collect();
    let ids: Vec<_> = (0..2).map(|voter| polling.id(voter)).collect();
    let nonce = urne::ActivationNonce::from_bytes([4; 32]);
    let answers: Vec<_> = (0..2)
        .map(|voter| urne::Activation::new(&polling.electors[voter].credential, &nonce, &mut rng(1)))
        .collect();
    let ask = |ballot_box: &mut BallotBox, log: &mut Vec<u8>, seconds: i64| {
        let mut transaction = ballot_box.transaction();
        for voter in 0..2 {
            // Whoever has voted has nothing to activate.
            let _ = transaction.activate(&ids[voter], &nonce, &answers[voter], at(seconds));
            transaction.deposit(&ids[voter], &ballots[voter], at(seconds)).unwrap();
        }
        transaction.entries().iter().for_each(|entry| log.extend(entry.as_bytes()));
        let receipts = transaction.stored().into_iter().filter_map(Answer::receipt);
        receipts.collect::<Vec<Receipt>>()
    };
    let (before, anchor) = (polling.log.clone(), polling.anchor);
    let mut log = before.clone();
    ask(&mut polling.ballot_box, &mut log, 10);
    for length in before.len()..=log.len() {
        let contest = polling.contest.clone();
        let (mut again, torn) =
            acts::rebuild_to(contest.clone(), box_key(), &log[..length], Some(&anchor)).unwrap();
        let mut kept = log[..torn.map_or(length, |torn| usize::try_from(torn.offset).unwrap())].to_vec();
        let stored = again.len();
        // All send again, and get one answer, whatever was stored of them before.
        let first = ask(&mut again, &mut kept, 500);
        assert_eq!((again.len(), again.signings()), (2, 2));
        assert_eq!(ask(&mut again, &mut kept, 900), first);
        let times: Vec<_> = first.iter().map(|receipt| receipt.acknowledgement.at).collect();
        let expected: Vec<_> = (0..2).map(|voter| at(if voter < stored { 10 } else { 500 })).collect();
        assert_eq!(times, expected);
        let anchor = again.transaction().anchor();
        assert!(acts::rebuild_to(contest, box_key(), &kept, Some(&anchor)).is_ok());
    }
}
