//! The log of a box: cut short, edited, reordered, with something left out or put in, and without its end.

use urne::ballot_box::{Head, LogError, LogFlaw, OpenError, OpeningDigest, Validity};
use urne::primitives::{Kind, VerifyingKeyError};
use urne::{BallotBox, Choice, DecodeError, Receipt, Signature, SigningKey};

use crate::polling::{END, Polling, approved, at, box_key, rng};

/// How every entry begins: its kind and the version.
pub const HEAD: [u8; 2] = [0x55, 2];
pub const FALSE_SIGNATURE: LogFlaw = LogFlaw::Signature(VerifyingKeyError::Signature);

/// A log with entries of every kind, and the receipts given.
fn every_kind() -> (Polling, Vec<Receipt>) {
    let mut polling = Polling::open(4);
    polling.reissue(1, Validity::TWO_MINUTES, 5).unwrap();
    polling.activate(0, 6).unwrap();
    let challenged = polling.seal(0, Choice::List(1));
    polling.challenge(0, &challenged, 7).unwrap();
    let ballot = polling.seal(0, Choice::List(1));
    let receipts = vec![
        polling.deposit(0, &ballot, 10).unwrap(),
        polling.vote(1, Choice::List(2), 20).1,
        polling.vote(2, Choice::Blank, 30).1,
    ];
    let (_, _, entry) = polling.rebuilt().close(at(END), &mut rng(5)).unwrap();
    polling.store(entry);
    (polling, receipts)
}

pub fn rebuild(polling: &Polling, log: &[u8], last: Option<&Head>) -> Result<BallotBox, LogError> {
    BallotBox::rebuild(polling.contest.clone(), box_key(), log, last)
}

pub fn refused(polling: &Polling, log: &[u8]) -> (u64, LogFlaw) {
    let LogError { entry, flaw } = rebuild(polling, log, None).unwrap_err();
    (entry, flaw)
}

pub fn entries(log: &[u8]) -> Vec<Vec<u8>> {
    let mut entries = vec![];
    let mut rest = log;
    while !rest.is_empty() {
        assert_eq!(rest[..2], HEAD);
        let length = u64::from_le_bytes(rest[2..10].try_into().unwrap());
        let (entry, after) = rest.split_at(10 + usize::try_from(length).unwrap() + 64);
        entries.push(entry.to_vec());
        rest = after;
    }
    entries
}

#[test]
fn a_log_of_every_kind_of_entry_is_read() {
    let (polling, receipts) = every_kind();
    assert_eq!(entries(&polling.log).len(), 1 + 2 + 2 * 3 + 1);
    let again = polling.rebuilt();
    assert_eq!((again.len(), again.signings()), (3, 3));
    for (voter, receipt) in receipts.iter().enumerate() {
        assert_eq!(again.emargement(&polling.id(voter)).as_ref(), Some(&receipt.emargement));
    }
    assert_eq!(again.roll(), polling.ballot_box.roll());
}

#[test]
fn attack_16_a_log_cut_short_at_any_byte_is_refused_with_the_entry_named() {
    let (polling, receipts) = every_kind();
    let last = receipts[2].deposit_proof.head;
    let mut start = 0;
    for (number, entry) in (0u64..).zip(entries(&polling.log)) {
        // Nothing of the entry is there: that is a shorter log, but for the first, and the head tells.
        let whole = rebuild(&polling, &polling.log[..start], None);
        match number {
            0 => assert_eq!(whole.unwrap_err().flaw, LogFlaw::CutShort { offset: 0 }),
            _ => assert!(whole.unwrap().len() <= 3),
        }
        let with_head = rebuild(&polling, &polling.log[..start], Some(&last)).map(|_| ());
        match number {
            0 => assert_eq!(with_head.unwrap_err().flaw, LogFlaw::CutShort { offset: 0 }),
            9 => assert_eq!(with_head, Ok(())),
            _ => assert!(matches!(with_head.unwrap_err().flaw, LogFlaw::EndMissing { expected: 3, .. })),
        }
        for length in 1..entry.len() {
            let cut = refused(&polling, &polling.log[..start + length]);
            assert_eq!(cut, (number, LogFlaw::CutShort { offset: start }));
        }
        start += entry.len();
    }
}

#[test]
fn attack_16_an_edited_log_is_refused_with_the_entry_named() {
    let (polling, _) = every_kind();
    let mut log = polling.log.clone();
    let mut start = 0;
    for (number, entry) in (0u64..).zip(entries(&polling.log)) {
        for offset in 0..entry.len() {
            log[start + offset] ^= 1 << (offset % 8);
            let (named, flaw) = refused(&polling, &log);
            assert_eq!(named, number, "byte {offset} of entry {number}");
            // A length that reaches past the end looks as if the log were cut short there.
            let expected = match offset {
                0 | 1 => matches!(flaw, LogFlaw::NotAnEntry { offset, .. } if offset == start),
                2..10 => flaw == FALSE_SIGNATURE || flaw == LogFlaw::CutShort { offset: start },
                _ => flaw == FALSE_SIGNATURE,
            };
            assert!(expected, "byte {offset} of entry {number}: {flaw:?}");
            log[start + offset] = polling.log[start + offset];
        }
        start += entry.len();
    }
    assert_eq!(log, polling.log);
}

#[test]
fn attack_16_a_reordered_log_is_refused_with_the_entry_named() {
    let (polling, _) = every_kind();
    let good = entries(&polling.log);
    for first in 0..good.len() {
        for second in first + 1..good.len() {
            let mut swapped = good.clone();
            swapped.swap(first, second);
            let named = refused(&polling, &swapped.concat());
            assert_eq!(named, (first as u64, FALSE_SIGNATURE));
        }
        let mut repeated = good.clone();
        repeated.insert(first, good[first].clone());
        assert_eq!(refused(&polling, &repeated.concat()), (first as u64 + 1, FALSE_SIGNATURE));
        let mut without = good.clone();
        without.remove(first);
        if first + 1 < good.len() {
            assert_eq!(refused(&polling, &without.concat()), (first as u64, FALSE_SIGNATURE));
        }
    }
}

#[test]
fn attack_16_an_entry_of_another_contest_or_box_is_refused() {
    let (mut polling, _) = every_kind();
    let mut good = entries(&polling.log);
    let other = approved(585, 2, &mut polling.trustees);
    assert_eq!(
        BallotBox::rebuild(other.clone(), box_key(), &polling.log, None).map(|_| ()),
        Err(LogError { entry: 0, flaw: FALSE_SIGNATURE })
    );
    // An opening, signed by the same keys, at the same place, in the other contest.
    let elsewhere = Polling::of(other.clone(), vec![], 4);
    let foreign = &elsewhere.log;
    assert!(BallotBox::rebuild(other, box_key(), foreign, None).is_ok(), "it is sound where it belongs");
    good[0] = foreign.clone();
    assert_eq!(refused(&polling, &good.concat()), (0, FALSE_SIGNATURE));
    // Another key than the contest's would sign in vain from now on.
    let key = SigningKey::from_bytes(&[8; 32]);
    let refused = BallotBox::rebuild(polling.contest.clone(), key, &polling.log, None).map(|_| ());
    let flaw = LogFlaw::Opening(OpenError::OtherKey);
    assert_eq!(refused, Err(LogError { entry: 0, flaw }));
}

#[test]
fn attack_16_a_log_whose_end_is_zeros() {
    let (polling, _) = every_kind();
    let good = entries(&polling.log);
    let (last, before) = good.split_last().unwrap();
    let (start, number) = (before.concat().len(), before.len() as u64);
    // The file has grown, and what was to be written was not.
    let zeros = [&polling.log[..start], &vec![0; last.len()]].concat();
    let error = DecodeError::Kind { expected: Kind::LogEntry, actual: 0 };
    assert_eq!(refused(&polling, &zeros), (number, LogFlaw::NotAnEntry { offset: start, error }));
    for written in [1, 2, 9, 10, last.len() - 64, last.len() - 1] {
        let mut torn = polling.log.clone();
        torn[start + written..].fill(0);
        let (entry, flaw) = refused(&polling, &torn);
        assert_eq!(entry, number, "{written} bytes");
        let error = DecodeError::Version { actual: 0 };
        let no_version = LogFlaw::NotAnEntry { offset: start, error };
        assert!(written > 1 || flaw == no_version, "{flaw:?}");
        assert!(written < 2 || flaw == FALSE_SIGNATURE, "{flaw:?}");
    }
    // And one byte after the end.
    let longer = [&polling.log[..], &[0]].concat();
    let offset = polling.log.len();
    let error = DecodeError::Kind { expected: Kind::LogEntry, actual: 0 };
    assert_eq!(refused(&polling, &longer), (number + 1, LogFlaw::NotAnEntry { offset, error }));
}

#[test]
fn attack_16_a_log_that_lost_its_end_is_refused_by_the_last_head() {
    let (polling, receipts) = every_kind();
    let head = |of: &Receipt| of.deposit_proof.head;
    let good = entries(&polling.log);
    for receipt in &receipts {
        assert!(rebuild(&polling, &polling.log, Some(&head(receipt))).is_ok());
    }
    // Without the last deposit and all after it.
    let short = good[..8].concat();
    assert!(rebuild(&polling, &short, Some(&head(&receipts[1]))).is_ok());
    let lost = LogError { entry: 8, flaw: LogFlaw::EndMissing { expected: 3, actual: 2 } };
    assert_eq!(rebuild(&polling, &short, Some(&head(&receipts[2]))).map(|_| ()), Err(lost));
    // A log as long, of other votes.
    let mut fork = Polling::open(4);
    for voter in [3, 1, 0] {
        fork.vote(voter, Choice::Blank, 10);
    }
    let other = LogError { entry: 7, flaw: LogFlaw::OtherHead { size: 3 } };
    assert_eq!(rebuild(&fork, &fork.log, Some(&head(&receipts[2]))).map(|_| ()), Err(other));
    // A head that the box did not sign says nothing, however large.
    let mut forged = head(&receipts[2]);
    forged.size = u64::MAX;
    let other = LogFlaw::OtherHead { size: u64::MAX };
    assert_eq!(rebuild(&polling, &polling.log, Some(&forged)).unwrap_err().flaw, other);
    let mut forged = head(&receipts[2]);
    forged.opening = OpeningDigest::from_bytes([1; 32]);
    let other = LogFlaw::OtherHead { size: 3 };
    assert_eq!(rebuild(&polling, &polling.log, Some(&forged)).unwrap_err().flaw, other);
    let mut forged = head(&receipts[2]);
    forged.signature = Signature::from_bytes([0; 64]);
    let other = LogFlaw::OtherHead { size: 3 };
    assert_eq!(rebuild(&polling, &polling.log, Some(&forged)).unwrap_err().flaw, other);
}
