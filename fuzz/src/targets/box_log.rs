//! The box's log.

use sha2::{Digest, Sha256};
use urne::ballot_box::{Head, IdentityChecked, LogError, LogFlaw, Signings, Validity, VoterState};
use urne::primitives::Kind;
use urne::{ActivationNonce, BallotBox, ClosedBox, Roll, UnixTime};

use super::super::fixture::common::ENDS_AT;
use super::super::fixture::{
    BALLOTS_EACH, ISSUES, VOTERS, after_opening, box_key, election, issue, issued, open_box, rng, sign, voter,
};
use super::Input;

/// The most operations that one input carries out.
const MOST_OPERATIONS: usize = 30;

/// The first byte says what the others are: a log as it is stored; bodies of entries, which are signed here so
/// that the replay gets to see them; or operations on a box, whose log must make the same box again.
pub fn box_log(data: &[u8]) {
    let mut input = Input(data);
    match input.byte() % 3 {
        0 => drop(rebuild(input.0, None).map(check_closes)),
        1 => bodies(&mut input),
        _ => operations(&mut input),
    }
}

fn rebuild(log: &[u8], last: Option<&Head>) -> Result<BallotBox, LogError> {
    BallotBox::rebuild(election().contest.clone(), box_key(), log, last)
}

/// Whatever log a box was made from, its closed box is one that anyone verifies.
fn check_closes(ballot_box: BallotBox) -> (ClosedBox, Signings) {
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
    let (mut log, mut digest) = (Vec::new(), [0; 32]);
    for (number, body) in (0u64..).zip(bodies) {
        digest = hash(&[b"urne/2 log", &contest, &number.to_le_bytes(), &digest, body]);
        log.extend([Kind::LogEntry.byte(), 2]);
        log.extend((body.len() as u64).to_le_bytes());
        log.extend(body);
        log.extend(sign(&digest).to_bytes());
    }
    match rebuild(&log, None) {
        Ok(ballot_box) => drop(check_closes(ballot_box)),
        Err(error) => assert!(!matches!(error.flaw, LogFlaw::Signature(_)), "{error}"),
    }
}

/// Without kind, version and length before it and the signature after it.
pub fn body(entry: &[u8]) -> &[u8] {
    &entry[10..entry.len() - 64]
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
    /// How many ballots the box held after each entry.
    sizes: Vec<u64>,
    last: Option<Head>,
    now: UnixTime,
}

/// All that can be seen of a box.
fn seen(ballot_box: &BallotBox, now: UnixTime) -> (usize, usize, Roll, Vec<Option<VoterState>>) {
    let states = (0..VOTERS).map(|number| ballot_box.state(&voter(number), now)).collect();
    (ballot_box.len(), ballot_box.signings(), ballot_box.roll().clone(), states)
}

fn operations(input: &mut Input<'_>) {
    let cut = input.number();
    let (ballot_box, entry) = open_box(&election().contest);
    let mut used = Used {
        ballot_box,
        entries: vec![entry.as_bytes().to_vec()],
        sizes: vec![0],
        last: None,
        now: after_opening(0),
    };
    for _ in 0..MOST_OPERATIONS {
        if input.is_empty() {
            break;
        }
        used.operation(input.byte(), input.byte());
    }
    let log = used.entries.concat();
    let again = rebuild(&log, used.last.as_ref()).unwrap();
    assert_eq!(seen(&again, used.now), seen(&used.ballot_box, used.now));
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
                self.entries.push(entry);
                self.sizes.push(self.ballot_box.len() as u64);
            }
            None => assert_eq!(seen(&self.ballot_box, self.now), before),
        }
    }

    fn activate(&mut self, number: u8, issue: u8, stale: bool) -> Option<Vec<u8>> {
        let nonce = ActivationNonce::from_bytes([u8::from(stale); 32]);
        let (_, activation) = issued(number, issue);
        let entry = self.ballot_box.activate(&voter(number), &nonce, &activation, self.now).ok()??;
        Some(entry.as_bytes().to_vec())
    }

    fn reissue(&mut self, number: u8, code: u8, validity: u8) -> Option<Vec<u8>> {
        let validity = match validity {
            0 => Validity::UntilClose,
            seconds => Validity::Seconds(seconds.into()),
        };
        let identity = IdentityChecked::by_application(voter(number));
        let issue = issue(&election().contest, number, code, self.now, validity);
        let entry = self.ballot_box.reissue(identity, issue, self.now).ok()?;
        Some(entry.as_bytes().to_vec())
    }

    fn deposit(&mut self, number: u8, ballot: u8, damage: u8) -> Option<Vec<u8>> {
        let mut bytes = ballot_of(number, ballot);
        if damage > 30 {
            let at = usize::from(damage) * bytes.len() / 256;
            bytes[at] ^= 1;
        }
        let deposit = self.ballot_box.deposit(&voter(number), &bytes, self.now).ok()?;
        let opening = self.ballot_box.roll().opening_digest();
        let proof = deposit.receipt.deposit_proof;
        proof.verify(election().contest.contest(), opening, &bytes).unwrap();
        // A ballot that was taken before is answered with the head of then.
        if self.last.is_none_or(|last| last.size < proof.head.size) {
            self.last = Some(proof.head);
        }
        deposit.entry.map(|entry| entry.as_bytes().to_vec())
    }

    fn challenge(&mut self, number: u8, ballot: u8) -> Option<Vec<u8>> {
        let bytes = ballot_of(number, ballot);
        let entry = self.ballot_box.challenge(&voter(number), &bytes, self.now).ok()??;
        // From now on it is refused, whatever comes.
        assert!(self.ballot_box.deposit(&voter(number), &bytes, self.now).is_err());
        Some(entry.as_bytes().to_vec())
    }

    /// A log that ends early: between two entries it gives the box as it was, inside of one it says where to cut.
    /// Neither passes for a log that reaches the last head given out.
    fn check_cut(&self, cut: usize) {
        let mut end = 0;
        let whole = self.entries.iter().take_while(|entry| {
            let fits = end + entry.len() <= cut;
            end += if fits { entry.len() } else { 0 };
            fits
        });
        let whole = whole.count();
        let log = self.entries.concat();
        let result = rebuild(&log[..cut], None);
        if whole == 0 || end < cut {
            let flaw = LogFlaw::CutShort { offset: end };
            assert_eq!(result.err(), Some(LogError { entry: whole as u64, flaw }));
            return;
        }
        let size = self.sizes[whole - 1];
        assert_eq!(result.unwrap().len() as u64, size);
        if let Some(last) = self.last.filter(|last| last.size > size) {
            let flaw = LogFlaw::EndMissing { expected: last.size, actual: size };
            let lost = rebuild(&log[..cut], Some(&last));
            assert_eq!(lost.err(), Some(LogError { entry: whole as u64, flaw }));
        }
    }
}

/// One of the voter's ballots, or of the next.
fn ballot_of(number: u8, ballot: u8) -> Vec<u8> {
    let of_voter = usize::from(number % VOTERS * BALLOTS_EACH);
    let ballots = &election().ballots;
    ballots[(of_voter + usize::from(ballot % 4)) % ballots.len()].clone()
}
