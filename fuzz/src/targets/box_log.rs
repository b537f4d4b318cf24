//! The box's log.

use sha2::{Digest, Sha256};
use urne::ballot_box::{
    Anchor, IdentityChecked, LogEntry, LogError, LogFlaw, Receipt, Signings, TornEnd, Validity, VoterState,
};
use urne::primitives::Kind;
use urne::{ActivationNonce, BallotBox, ClosedBox, Roll, UnixTime};

use super::super::fixture::acts::{self, OneByOne};
use super::super::fixture::common::ENDS_AT;
use super::super::fixture::{
    BALLOTS_EACH, BOX_SEED, ISSUES, VOTERS, after_opening, box_key, election, issue, issued, open_box, rng,
    voter,
};
use super::Input;

/// The most operations that one input carries out.
const MOST_OPERATIONS: usize = 30;

/// The first byte says what the others are: a log as it is stored; bodies of entries, which get their tags here so
/// that the replay gets to see them; or operations on a box, whose log must make the same box again.
pub fn box_log(data: &[u8]) {
    let mut input = Input(data);
    match input.byte() % 3 {
        0 => log(input.0),
        1 => bodies(&mut input),
        _ => operations(&mut input),
    }
}

/// In one piece and in many, with an anchor and without.
fn log(bytes: &[u8]) {
    let contest = || election().contest.clone();
    let outcome = |piece: usize, anchor: Option<Anchor>| {
        let mut rebuilding = match anchor {
            Some(anchor) => BallotBox::rebuilding(contest(), box_key(), anchor),
            None => BallotBox::rebuilding_without_anchor(contest(), box_key()),
        };
        let read = bytes.chunks(piece).try_for_each(|piece| rebuilding.read(piece));
        let torn = rebuilding.cut_torn_end();
        (read, torn, rebuilding.finish().map(|it| (it.anchor(), it.stored())))
    };
    let whole = outcome(bytes.len().max(1), None);
    let pieces = outcome(1 + bytes.len() / 7, None);
    assert_eq!((&whole.0, &whole.1), (&pieces.0, &pieces.1));
    assert_eq!(whole.2.as_ref().map(|it| it.0), pieces.2.as_ref().map(|it| it.0));
    if let Ok((_, ballot_box)) = whole.2 {
        check_closes(ballot_box);
    }
    // Whatever it is, it is not less than was promised.
    if let (_, _, Ok((anchor, _))) = outcome(bytes.len().max(1), Some(election().anchor)) {
        assert!(anchor.entries() >= election().anchor.entries());
    }
}

fn rebuild(log: &[u8]) -> Result<BallotBox, LogError> {
    acts::rebuild(election().contest.clone(), box_key(), log)
}

/// Whatever log a box was made from, its closed box is one that anyone verifies.
fn check_closes(mut ballot_box: BallotBox) -> (ClosedBox, Signings) {
    assert_eq!(ballot_box.len(), ballot_box.signings());
    // A log may say that it is later than the end.
    let (closed, signings, _) = ballot_box.close(ENDS_AT, &mut rng(7)).unwrap();
    let (roll, ballots) = (closed.roll().clone(), closed.ballots().to_vec());
    let again =
        ClosedBox::verify(closed.contest().clone(), roll, ballots, *closed.closing(), &mut |_| ()).unwrap();
    assert_eq!(again.tally(), closed.tally());
    assert_eq!(closed.closing().signings_digest, signings.digest());
    assert_eq!(signings.voters().len(), closed.ballots().len());
    (closed, signings)
}

/// After some entries of the election's log: `LE16(length) ‖ body`, again and again.
fn bodies(input: &mut Input<'_>) {
    let kept = usize::from(input.byte()) % (election().log.len() + 1);
    let mut bodies: Vec<&[u8]> = election().log[..kept].iter().map(|entry| body(entry.as_bytes())).collect();
    while !input.is_empty() {
        let length = input.number();
        bodies.push(input.take(length));
    }
    let contest = election().contest.fingerprint().to_bytes();
    let key = hash(&[b"urne/2 log key", &BOX_SEED, &contest]);
    let (mut log, mut digest) = (Vec::new(), [0; 32]);
    for (number, body) in (1u64..).zip(bodies) {
        digest = hash(&[b"urne/2 log", &contest, &number.to_le_bytes(), &digest, body]);
        log.extend([Kind::LogEntry.byte(), 2]);
        log.extend((body.len() as u64).to_le_bytes());
        log.extend(body);
        log.extend(hash(&[b"urne/2 log tag", &key, &digest]));
    }
    match rebuild(&log) {
        Ok(ballot_box) => drop(check_closes(ballot_box)),
        Err(error) => assert!(!matches!(error.flaw, LogFlaw::Tag | LogFlaw::CutShort), "{error}"),
    }
}

/// Without kind, version and length before it and the tag after it.
pub fn body(entry: &[u8]) -> &[u8] {
    &entry[10..entry.len() - 32]
}

fn hash(fields: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for field in fields {
        hash.update((field.len() as u64).to_le_bytes());
        hash.update(field);
    }
    hash.finalize().into()
}

/// A box in use, with what it has told.
struct Used {
    ballot_box: BallotBox,
    entries: Vec<Vec<u8>>,
    /// After each entry.
    anchors: Vec<Anchor>,
    now: UnixTime,
}

/// Where a voter stands, and the receipt of whoever has voted.
type SeenVoter = (Option<VoterState>, Option<Receipt>);

/// All that can be seen of a box.
fn seen(ballot_box: &BallotBox, now: UnixTime) -> (usize, usize, Roll, Vec<SeenVoter>) {
    let state = |number| {
        let voter = voter(number);
        (ballot_box.state(&voter, now), ballot_box.receipt_again(&voter))
    };
    (ballot_box.len(), ballot_box.signings(), ballot_box.roll().clone(), (0..VOTERS).map(state).collect())
}

fn operations(input: &mut Input<'_>) {
    let cut = input.number();
    let (mut ballot_box, entry) = open_box(&election().contest);
    let anchors = vec![ballot_box.transaction().anchor()];
    let mut used =
        Used { ballot_box, entries: vec![entry.as_bytes().to_vec()], anchors, now: after_opening(0) };
    for _ in 0..MOST_OPERATIONS {
        if input.is_empty() {
            break;
        }
        used.operation(input.byte(), input.byte());
    }
    let log = used.entries.concat();
    let (again, torn) = used.rebuilt(&log, used.anchors.len()).unwrap();
    assert_eq!((seen(&again, used.now), torn), (seen(&used.ballot_box, used.now), None));
    used.check_cut(if cut.is_multiple_of(2) {
        used.entries.iter().take(cut / 2 % (used.entries.len() + 1)).map(Vec::len).sum()
    } else {
        cut / 2 % (log.len() + 1)
    });
    let [(closed, signings), (again, same)] = [used.ballot_box, again].map(check_closes);
    assert_eq!(closed.closing(), again.closing());
    assert_eq!(closed.tally(), again.tally());
    assert_eq!(signings, same);
}

impl Used {
    /// The box that comes of a log when so many entries had been answered.
    fn rebuilt(&self, log: &[u8], answered: usize) -> Result<(BallotBox, Option<TornEnd>), LogError> {
        let anchor = &self.anchors[answered - 1];
        acts::rebuild_to(election().contest.clone(), box_key(), log, Some(anchor))
    }

    fn operation(&mut self, operation: u8, argument: u8) {
        let before = seen(&self.ballot_box, self.now);
        let number = argument % (VOTERS + 1);
        let stored = match operation % 6 {
            0 => self.activate(number, argument / 8 % ISSUES, argument >= 128),
            1 => self.reissue(number, argument / 8 % ISSUES, operation / 6),
            2 => self.deposit(number, argument / 8, operation / 6),
            3 => self.challenge(number, argument / 8),
            4 => {
                let unit = [1, 60, 3_600, 86_400][usize::from(operation / 6 % 4)];
                self.now = UnixTime::from_seconds(self.now.seconds() + u64::from(argument) * unit);
                return;
            }
            _ => {
                self.now = UnixTime::from_seconds(self.now.seconds().saturating_sub(argument.into()));
                return;
            }
        };
        match stored {
            Some(entry) => {
                self.entries.push(entry.as_bytes().to_vec());
                self.anchors.push(self.ballot_box.transaction().anchor());
                assert_eq!(entry.number(), self.entries.len() as u64);
            }
            None => assert_eq!(seen(&self.ballot_box, self.now), before),
        }
    }

    /// Every change is first made and dropped, which leaves no trace: the entry is the same.
    fn activate(&mut self, number: u8, issue: u8, stale: bool) -> Option<LogEntry> {
        let nonce = ActivationNonce::from_bytes([u8::from(stale); 32]);
        let (_, activation) = issued(number, issue);
        let mut dropped = self.ballot_box.transaction();
        let _ = dropped.activate(&voter(number), &nonce, &activation, self.now);
        let tried = dropped.entries().first().cloned();
        drop(dropped);
        let entry = self.ballot_box.activate(&voter(number), &nonce, &activation, self.now).ok().flatten();
        assert_eq!(entry, tried);
        entry
    }

    fn reissue(&mut self, number: u8, code: u8, validity: u8) -> Option<LogEntry> {
        let validity = match validity {
            0 => Validity::UntilClose,
            seconds => Validity::Seconds(seconds.into()),
        };
        let identity = || IdentityChecked::by_application(voter(number));
        let issue = issue(&election().contest, number, code, self.now, validity);
        let mut dropped = self.ballot_box.transaction();
        let _ = dropped.reissue(identity(), issue.clone(), self.now);
        let tried = dropped.entries().first().cloned();
        drop(dropped);
        // The one in force is answered alike, and nothing is stored.
        let entry = self.ballot_box.reissue(identity(), issue, self.now).ok().flatten();
        assert_eq!(entry, tried);
        entry
    }

    fn deposit(&mut self, number: u8, ballot: u8, damage: u8) -> Option<LogEntry> {
        let mut bytes = ballot_of(number, ballot);
        if damage > 30 {
            let at = usize::from(damage) * bytes.len() / 256;
            bytes[at] ^= 1;
        }
        let mut dropped = self.ballot_box.transaction();
        let _ = dropped.deposit(&voter(number), &bytes, self.now);
        let tried = dropped.entries().first().cloned();
        drop(dropped);
        let deposit = self.ballot_box.deposit(&voter(number), &bytes, self.now).ok()?;
        let opening = self.ballot_box.roll().opening_digest();
        let proof = deposit.receipt.deposit_proof;
        proof.verify(election().contest.contest(), opening, &bytes).unwrap();
        assert_eq!(deposit.entry, tried);
        tried
    }

    fn challenge(&mut self, number: u8, ballot: u8) -> Option<LogEntry> {
        let bytes = ballot_of(number, ballot);
        let entry = self.ballot_box.challenge(&voter(number), &bytes, self.now).ok()?;
        // From now on it is refused, whatever comes.
        assert!(self.ballot_box.deposit(&voter(number), &bytes, self.now).is_err());
        entry
    }

    /// A log that ends early: between two entries it gives the box as it was, inside of one it says where to cut.
    /// Neither passes where more was answered.
    fn check_cut(&self, cut: usize) {
        let mut end = 0;
        let whole = self.entries.iter().take_while(|entry| {
            let fits = end + entry.len() <= cut;
            end += if fits { entry.len() } else { 0 };
            fits
        });
        let whole = whole.count();
        let log = self.entries.concat();
        let (entry, offset) = (whole as u64 + 1, end as u64);
        if whole < self.entries.len() {
            let flaw = LogFlaw::EndMissing { expected: entry, actual: entry - 1 };
            let lost = self.rebuilt(&log[..cut], whole + 1).err();
            assert_eq!(lost, Some(LogError { entry, offset, flaw }));
        }
        if whole > 0 {
            let (mut ballot_box, torn) = self.rebuilt(&log[..cut], whole).unwrap();
            assert_eq!(ballot_box.transaction().anchor(), self.anchors[whole - 1]);
            let expected = TornEnd { entry, offset, bytes: (cut - end) as u64, zeros: false };
            assert_eq!(torn, (cut > end).then_some(expected));
        }
    }
}

/// One of the voter's ballots, or of the next.
fn ballot_of(number: u8, ballot: u8) -> Vec<u8> {
    let of_voter = usize::from(number % VOTERS * BALLOTS_EACH);
    let ballots = &election().ballots;
    ballots[(of_voter + usize::from(ballot % 4)) % ballots.len()].clone()
}
