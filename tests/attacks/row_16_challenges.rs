//! Row 16, challenged ballots at the box: what a voter opens never counts, whatever the device said of it,
//! and the box is told neither choice nor nonce.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use urne::ballot::{BallotError, ChallengeError};
use urne::ballot_box::{ChallengeRefusal, DepositError, LogError, LogFlaw, Validity};
use urne::{BallotReference, Choice};

use crate::polling::acts::{self, OneByOne};
use crate::polling::{END, OPEN_FOR, Polling, at, box_key, rng};
use crate::support::code;
use crate::support::parts::Setting;
use crate::support::prover::{Schedule, Witness, prove};
use crate::support::text::{base, decode, draw, encode};

const LIST_1: Choice = Choice::List(1);

/// How many ballots can be challenged with one code.
const MOST: usize = 32;

fn challenge(polling: &mut Polling, voter: usize, ballot: &[u8], seconds: i64) -> Option<usize> {
    let entry = polling.ballot_box.challenge(&polling.id(voter), ballot, at(seconds)).unwrap();
    let length = entry.as_ref().map(|entry| entry.as_bytes().len());
    polling.store(entry);
    length
}

#[test]
fn attack_16_challenged_ballot() {
    let mut polling = Polling::open(3);
    polling.activate(0, 10).unwrap();
    let [ballot, other] = [LIST_1, Choice::List(2)].map(|choice| polling.seal(0, choice));
    assert!(challenge(&mut polling, 0, &ballot, 10).is_some());
    assert_eq!(challenge(&mut polling, 0, &ballot, 11), None, "once is enough, and it is answered alike");
    assert_eq!(polling.deposit(0, &ballot, 20).unwrap_err(), DepositError::Challenged);
    let batch = [(polling.id(0), ballot.clone())];
    let in_batch = polling.ballot_box.deposit_batch(&batch, at(20)).remove(0);
    assert_eq!(in_batch.unwrap_err(), DepositError::Challenged);
    // For ever: after a crash too, and also in the grace.
    polling.ballot_box = polling.rebuilt();
    assert_eq!(challenge(&mut polling, 0, &ballot, 25), None);
    assert_eq!(polling.deposit(0, &ballot, OPEN_FOR + 30).unwrap_err(), DepositError::Challenged);
    // The voter seals another, which counts.
    polling.deposit(0, &other, OPEN_FOR + 40).unwrap();
    let voted = ChallengeRefusal::AlreadyVoted { at: at(OPEN_FOR + 40) };
    for ballot in [&ballot, &other, &vec![]] {
        assert_eq!(polling.challenge(0, ballot, OPEN_FOR + 50).unwrap_err(), voted);
    }
    let (closed, _) = polling.close();
    assert_eq!(closed.ballots(), [other]);
}

/// What the second device finds out comes after the box has taken note: a device that lied cannot cast the
/// ballot that it was caught with, nor call it another's.
#[test]
fn attack_16_challenged_ballot_of_a_device_that_lied_about_the_choice() {
    let mut polling = Polling::open(3);
    polling.activate(0, 10).unwrap();
    // The voter meant list 1, and the device sealed list 2.
    let sealed = polling.sealed(0, Choice::List(2));
    let (shown, opened) = (sealed.reference(), sealed.challenge());
    let ballot = opened.ballot().to_vec();
    assert!(challenge(&mut polling, 0, &ballot, 20).is_some());
    let credential = polling.electors[0].credential.public();
    let verdict = opened.verify(&polling.contest, &shown, &credential, LIST_1);
    assert_eq!(verdict, Err(ChallengeError::Meant));
    assert_eq!(polling.deposit(0, &ballot, 30).unwrap_err(), DepositError::Challenged);
    // It shows the reference of another of its ballots instead: the box has note of neither choice nor
    // reference, but of what it was sent.
    let honest = polling.sealed(0, LIST_1);
    let verdict = honest.challenge().verify(&polling.contest, &shown, &credential, LIST_1);
    assert!(matches!(verdict, Err(ChallengeError::Reference { expected, .. }) if expected == shown));
    assert_eq!(shown, BallotReference::of(polling.contest.contest(), &ballot));
    polling.assert_unchanged();
}

/// The ballot by a device that uses one nonce for all it seals.
pub fn of_one_nonce(polling: &Polling, voter: usize, votes_for: u8) -> Vec<u8> {
    let contest = polling.contest.contest();
    let layout = contest.layout();
    let fingerprint = contest.fingerprint().to_bytes();
    let matrices = contest.key().to_encodings();
    let key = |slot: usize| matrices.iter().map(|panel| decode(&panel[slot][0])).sum::<RistrettoPoint>();
    let setting = Setting {
        fingerprint,
        keys: (0..layout.slots()).map(key).collect(),
        lists: contest.lists().into(),
        packing: layout.packing().get().into(),
        radix: Scalar::from(layout.base()),
    };
    let elector = &polling.electors[voter];
    let s = code::credential(&fingerprint, &elector.code.expose_bytes());
    assert_eq!(encode(&base(&s)), elector.credential.public().to_bytes());
    let bits: Vec<_> = (1..=contest.lists()).map(|list| Scalar::from(u8::from(list == votes_for))).collect();
    let witness = Witness { r: draw(&[b"one nonce"]), ..Witness::new(s, &bits) };
    prove(&setting, &Schedule::strict(), &witness).to_bytes()
}

/// An opening shows the nonce, and with it every ballot that was made with it.
#[test]
fn attack_16_another_choice_with_the_nonce_of_a_challenged_ballot() {
    let mut polling = Polling::open(3);
    polling.activate(0, 10).unwrap();
    polling.activate(1, 10).unwrap();
    let [challenged, other] = [1, 2].map(|list| of_one_nonce(&polling, 0, list));
    let of_another_voter = of_one_nonce(&polling, 1, 2);
    // It could be cast if the first had not been challenged.
    assert!(polling.rebuilt().deposit(&polling.id(0), &other, at(20)).is_ok());

    assert!(challenge(&mut polling, 0, &challenged, 15).is_some());
    for _ in 0..2 {
        assert_eq!(polling.deposit(0, &other, 20).unwrap_err(), DepositError::Challenged);
        assert_eq!(polling.deposit(1, &of_another_voter, 20).unwrap_err(), DepositError::Challenged);
        let batch = [(polling.id(0), other.clone())];
        let in_batch = polling.ballot_box.deposit_batch(&batch, at(20)).remove(0);
        assert_eq!(in_batch.unwrap_err(), DepositError::Challenged);
        assert_eq!(challenge(&mut polling, 0, &other, 20), None, "its nonce is refused already");
        assert_eq!(challenge(&mut polling, 1, &of_another_voter, 20), None);
        polling.ballot_box = polling.rebuilt();
    }
    polling.assert_unchanged();
}

#[test]
fn attack_16_challenge_with_the_nonce_of_a_ballot_in_the_box() {
    let mut polling = Polling::open(3);
    polling.activate(0, 10).unwrap();
    polling.activate(1, 10).unwrap();
    let [cast, of_other] = [(0, 1), (1, 2)].map(|(voter, list)| of_one_nonce(&polling, voter, list));
    let id = polling.id(1);
    assert!(polling.rebuilt().challenge(&id, &of_other, at(20)).unwrap().is_some());

    polling.deposit(0, &cast, 20).unwrap();
    for _ in 0..2 {
        // To open it would show how voter 0 voted.
        assert_eq!(polling.challenge(1, &of_other, 30).unwrap_err(), ChallengeRefusal::Deposited);
        polling.ballot_box = polling.rebuilt();
    }
    polling.assert_unchanged();
}

#[test]
fn attack_16_challenge_in_the_order_of_its_checks() {
    let mut polling = Polling::open(4);
    let [own, of_other] = [0, 1].map(|voter| polling.seal(voter, LIST_1));
    let mut damaged = own.clone();
    let lowest = own.len() - 32;
    damaged[lowest] ^= 1;
    let early = ChallengeRefusal::NotYetOpen { opens_at: at(0) };
    assert_eq!(polling.challenge(0, &[], -1).unwrap_err(), early);
    let undecodable =
        ChallengeRefusal::Ballot(BallotError::Decode(urne::DecodeError::TooShort { expected: 1, actual: 0 }));
    assert_eq!(polling.challenge(0, &[], 5).unwrap_err(), undecodable);
    assert_eq!(polling.challenge(0, &damaged, 5).unwrap_err(), ChallengeRefusal::Ballot(BallotError::Proof));
    let credential = |error| ChallengeRefusal::Credential(error);
    assert_eq!(polling.challenge(0, &own, 5).unwrap_err(), credential(DepositError::NotActive));
    assert_eq!(polling.challenge(0, &of_other, 5).unwrap_err(), credential(DepositError::OtherCredential));
    polling.activate(0, 10).unwrap();
    polling.reissue(0, Validity::TWO_MINUTES, 20).unwrap();
    assert_eq!(polling.challenge(0, &own, 30).unwrap_err(), credential(DepositError::Revoked));
    let fresh = polling.seal(0, LIST_1);
    let expired = DepositError::Expired { expires_at: at(140) };
    assert_eq!(polling.challenge(0, &fresh, 140).unwrap_err(), credential(expired));
    let ended = ChallengeRefusal::Ended { ends_at: at(END) };
    assert_eq!(polling.challenge(0, &[], END).unwrap_err(), ended);
    polling.assert_unchanged();
}

/// Challenges are stored for ever, so their number is bounded.
#[test]
fn attack_16_a_33rd_challenge_with_one_code() {
    let mut polling = Polling::open(3);
    polling.activate(0, 10).unwrap();
    let ballots: Vec<_> = (0..=MOST).map(|_| polling.seal(0, LIST_1)).collect();
    for ballot in &ballots[..MOST] {
        assert!(challenge(&mut polling, 0, ballot, 20).is_some());
        assert_eq!(challenge(&mut polling, 0, &ballots[0], 20), None, "the same again counts once");
    }
    let too_many = ChallengeRefusal::TooMany { most: 32 };
    for _ in 0..2 {
        assert_eq!(polling.challenge(0, &ballots[MOST], 30).unwrap_err(), too_many);
        // Those before are answered as they were.
        for ballot in &ballots[..MOST] {
            assert_eq!(challenge(&mut polling, 0, ballot, 30), None);
        }
        polling.ballot_box = polling.rebuilt();
    }
    // The count is of the code, not of the voter; another voter has their own.
    polling.activate(1, 40).unwrap();
    let of_other = polling.seal(1, LIST_1);
    assert!(challenge(&mut polling, 1, &of_other, 40).is_some());
    let last = polling.rebuilt().deposit(&polling.id(0), &ballots[MOST], at(50));
    assert!(last.is_ok(), "what was not challenged can be cast");
    polling.reissue(0, Validity::UntilClose, 60).unwrap();
    polling.activate(0, 70).unwrap();
    let fresh = polling.seal(0, LIST_1);
    assert!(challenge(&mut polling, 0, &fresh, 80).is_some());
    polling.assert_unchanged();
}

/// In one transaction too, each is counted after those before it.
#[test]
fn attack_16_a_33rd_challenge_in_one_transaction() {
    let mut polling = Polling::open(2);
    polling.activate(0, 10).unwrap();
    let ballots: Vec<_> = (0..=MOST).map(|_| polling.seal(0, LIST_1)).collect();
    let id = polling.id(0);
    let mut transaction = polling.ballot_box.transaction();
    let mut challenge = |ballot: &[u8]| transaction.challenge(&id, ballot, at(20));
    assert!(ballots[..MOST].iter().all(|ballot| challenge(ballot).is_ok()));
    assert_eq!(challenge(&ballots[MOST]), Err(ChallengeRefusal::TooMany { most: 32 }));
    assert_eq!(transaction.deposit(&id, &ballots[0], at(20)), Err(DepositError::Challenged));
    drop(transaction);
    // It was never stored: none of them is challenged.
    polling.deposit(0, &ballots[0], 30).unwrap();
    polling.assert_unchanged();
}

/// A log in which a challenge was left out would let the ballot be cast after all.
#[test]
fn attack_16_challenge_left_out_of_the_log() {
    let mut polling = Polling::open(2);
    polling.activate(0, 10).unwrap();
    let [ballot, other] = [LIST_1, Choice::List(2)].map(|choice| polling.seal(0, choice));
    let before = polling.log.len();
    let length = challenge(&mut polling, 0, &ballot, 20).unwrap();
    polling.deposit(0, &other, 30).unwrap();
    let without = [&polling.log[..before], &polling.log[before + length..]].concat();
    let rebuilt = acts::rebuild(polling.contest.clone(), box_key(), &without).map(|_| ());
    let offset = before.try_into().unwrap();
    assert_eq!(rebuilt, Err(LogError { entry: 3, offset, flaw: LogFlaw::Tag }));
}

/// The list of signings and the record say nothing of who has challenged.
#[test]
fn attack_16_a_challenge_is_no_vote() {
    let mut polling = Polling::open(2);
    polling.activate(0, 10).unwrap();
    let ballot = polling.seal(0, LIST_1);
    assert!(challenge(&mut polling, 0, &ballot, 20).is_some());
    assert_eq!((polling.ballot_box.len(), polling.ballot_box.signings()), (0, 0));
    assert_eq!(polling.ballot_box.head().size, 0);
    let (closed, signings, _) = polling.ballot_box.close(at(END), &mut rng(1)).unwrap();
    assert_eq!((closed.closing().size, signings.voters().len()), (0, 0));
}
