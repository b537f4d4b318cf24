//! The log of a box: edited, reordered, with something left out or put in, of another contest; and read in pieces
//! of any length. What a restart finds is in `restart.rs`.

use proptest::prelude::*;
use urne::ballot_box::{LogError, LogFlaw, MOST_VOTER_ID_BYTES, OpenError, Validity};
use urne::primitives::Kind;
use urne::{BallotBox, Choice, DecodeError, Receipt, SigningKey};

use crate::polling::acts::{self, OneByOne};
use crate::polling::{END, Polling, approved, at, box_key, rng};

/// How every entry begins: its kind and the version.
pub const HEAD: [u8; 2] = [0x55, 2];

/// A log with entries of every kind, and the receipts given.
pub fn every_kind() -> (Polling, Vec<Receipt>) {
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
    let (_, _, entry) = polling.ballot_box.close(at(END), &mut rng(5)).unwrap();
    polling.store(entry);
    (polling, receipts)
}

pub fn rebuild(polling: &Polling, log: &[u8]) -> Result<BallotBox, LogError> {
    acts::rebuild(polling.contest.clone(), box_key(), log)
}

pub fn refused(polling: &Polling, log: &[u8]) -> LogError {
    rebuild(polling, log).map(|_| ()).unwrap_err()
}

pub fn entries(log: &[u8]) -> Vec<Vec<u8>> {
    let mut entries = vec![];
    let mut rest = log;
    while !rest.is_empty() {
        assert_eq!(rest[..2], HEAD);
        let length = u64::from_le_bytes(rest[2..10].try_into().unwrap());
        let (entry, after) = rest.split_at(10 + usize::try_from(length).unwrap() + 32);
        entries.push(entry.to_vec());
        rest = after;
    }
    entries
}

/// The error of an entry with this number, from 0, of a log that is good before it.
pub fn error_in(good: &[Vec<u8>], number: usize, flaw: LogFlaw) -> LogError {
    let offset = good[..number].iter().map(Vec::len).sum::<usize>() as u64;
    LogError { entry: number as u64 + 1, offset, flaw }
}

#[test]
fn a_log_of_every_kind_of_entry_is_read() {
    let (polling, receipts) = every_kind();
    assert_eq!(entries(&polling.log).len(), 1 + 2 + 2 * 3 + 1);
    let again = polling.rebuilt();
    assert_eq!((again.len(), again.signings()), (3, 3));
    for (voter, receipt) in receipts.iter().enumerate() {
        assert_eq!(again.emargement(&polling.id(voter)).as_ref(), Some(&receipt.emargement));
        assert_eq!(again.receipt_again(&polling.id(voter)).as_ref(), Some(receipt));
    }
    assert_eq!(again.roll(), polling.ballot_box.roll());
    let [(again, listed), (closed, signings)] = [&again, &polling.ballot_box].map(|it| it.closed().unwrap());
    assert_eq!((again.closing(), listed), (closed.closing(), signings));
}

#[test]
fn attack_16_an_edited_log_is_refused_with_the_entry_named() {
    let (polling, _) = every_kind();
    let good = entries(&polling.log);
    let mut log = polling.log.clone();
    let mut start = 0;
    for (number, entry) in good.iter().enumerate() {
        let last = number + 1 == good.len();
        for offset in 0..entry.len() {
            log[start + offset] ^= 1 << (offset % 8);
            let error = refused(&polling, &log);
            assert_eq!((error.entry, error.offset), (number as u64 + 1, start as u64), "byte {offset}");
            let expected = match (offset, &error.flaw) {
                (0 | 1, flaw) => matches!(flaw, LogFlaw::NotAnEntry { .. }),
                // A length that reaches past the end looks as if the log were cut short there.
                (2..10, LogFlaw::TooLong { length, most }) => length > most,
                (2..10, LogFlaw::CutShort) => true,
                (_, LogFlaw::Tag) => true,
                // As if it were not wholly written.
                (_, LogFlaw::Zeros) => last && offset + 1 == entry.len() && log.ends_with(&[0]),
                _ => false,
            };
            assert!(expected, "byte {offset} of entry {number}: {:?}", error.flaw);
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
            let error = refused(&polling, &swapped.concat());
            // A long entry in the place of the opening or a short one says so.
            assert_eq!(error, error_in(&good, first, LogFlaw::Tag));
        }
        let mut repeated = good.clone();
        repeated.insert(first, good[first].clone());
        let error = refused(&polling, &repeated.concat());
        assert_eq!(error, error_in(&good, first + 1, LogFlaw::Tag));
        let mut without = good.clone();
        without.remove(first);
        if first + 1 < good.len() {
            assert_eq!(refused(&polling, &without.concat()), error_in(&good, first, LogFlaw::Tag));
        }
    }
}

#[test]
fn attack_16_an_entry_of_another_contest_or_box_is_refused() {
    let (mut polling, _) = every_kind();
    let good = entries(&polling.log);
    let first = |flaw| LogError { entry: 1, offset: 0, flaw };
    let other = approved(585, 2, &mut polling.trustees);
    let elsewhere = acts::rebuild(other.clone(), box_key(), &polling.log).map(|_| ());
    assert_eq!(elsewhere, Err(first(LogFlaw::Tag)));
    // An opening, by the same keys, at the same place, in the other contest.
    let elsewhere = Polling::of(other.clone(), vec![], 4);
    let foreign = &elsewhere.log;
    assert!(acts::rebuild(other, box_key(), foreign).is_ok(), "it is sound where it belongs");
    let mut mixed = good.clone();
    mixed[0] = foreign.clone();
    assert_eq!(refused(&polling, &mixed.concat()), first(LogFlaw::Tag));
    // Another key than the contest's would sign in vain from now on.
    let key = SigningKey::from_seed(&[8; 32]);
    let wrong = acts::rebuild(polling.contest.clone(), key, &polling.log).map(|_| ());
    assert_eq!(wrong, Err(first(LogFlaw::Opening(OpenError::OtherKey))));
    // An anchor of the other contest.
    let mut rebuilding = BallotBox::rebuilding(polling.contest.clone(), box_key(), elsewhere.anchor);
    let [expected, actual] = [&polling, &elsewhere].map(|it| it.contest.fingerprint());
    let flaw = LogFlaw::ForeignAnchor { expected, actual };
    assert_eq!(rebuilding.read(&polling.log), Err(first(flaw)));
}

/// Nobody sets memory aside for what a length claims.
#[test]
fn attack_20_a_length_that_lies_is_refused_by_its_head() {
    let (polling, _) = every_kind();
    let opening = entries(&polling.log)[0].clone();
    for (number, before) in [(1, vec![]), (2, opening)] {
        for length in [1 << 40, u64::MAX / 2, u64::MAX] {
            let log = [&before[..], &HEAD, &u64::to_le_bytes(length)].concat();
            let LogError { entry, offset, flaw } = refused(&polling, &log);
            assert_eq!((entry, offset), (number, before.len() as u64));
            assert!(matches!(flaw, LogFlaw::TooLong { length: named, .. } if named == length), "{flaw:?}");
        }
    }
    // The longest there can be is waited for.
    let LogFlaw::TooLong { most, .. } =
        refused(&polling, &[&polling.log[..], &HEAD, &u64::MAX.to_le_bytes()].concat()).flaw
    else {
        panic!("it is too long");
    };
    let longest = |length: u64| [&polling.log[..], &HEAD, &length.to_le_bytes()].concat();
    assert_eq!(refused(&polling, &longest(most)).flaw, LogFlaw::CutShort);
    let too_long = LogFlaw::TooLong { length: most + 1, most };
    assert_eq!(refused(&polling, &longest(most + 1)).flaw, too_long);
}

/// What a box writes for voters of the longest names is taken, and not a byte more.
#[test]
fn attack_20_an_entry_may_be_as_long_as_the_longest_name_makes_it() {
    let (polling, _) = every_kind();
    let bodies: Vec<u64> = entries(&polling.log).iter().map(|entry| entry.len() as u64 - 10 - 32).collect();
    let most =
        |before: &[u8]| match refused(&polling, &[before, &HEAD, &u64::MAX.to_le_bytes()].concat()).flaw {
            LogFlaw::TooLong { most, .. } => most,
            flaw => panic!("{flaw:?}"),
        };
    let names: Vec<usize> = (0..4).map(|voter| polling.id(voter).as_bytes().len()).collect();
    assert_eq!(names, [names[0]; 4]);
    let longer = (MOST_VOTER_ID_BYTES - names[0]) as u64;
    // A ballot is the longest that comes after the opening.
    assert_eq!(most(&polling.log), bodies[1..].iter().max().unwrap() + longer);
    // Number of voters, time and two signatures; then as many voters as the contest has room for.
    let (head, capacity) = (1 + 8 + 8 + 2 * 64, polling.contest.contest().description().capacity);
    assert_eq!(most(&[]), head + capacity * ((bodies[0] - head) / 4 + longer));
}

#[test]
fn what_a_log_begins_with_is_named() {
    let (polling, _) = every_kind();
    assert_eq!(refused(&polling, &[]), LogError { entry: 1, offset: 0, flaw: LogFlaw::Empty });
    let head = polling.ballot_box.head().to_bytes();
    let error = DecodeError::Kind { expected: Kind::LogEntry, actual: Kind::Head.byte() };
    let flaw = LogFlaw::NotAnEntry { error };
    assert_eq!(refused(&polling, &head), LogError { entry: 1, offset: 0, flaw });
}

/// Once refused, a log stays so.
#[test]
fn a_flaw_is_told_again_and_again() {
    let (polling, _) = every_kind();
    let mut rebuilding = BallotBox::rebuilding_without_anchor(polling.contest.clone(), box_key());
    let mut log = polling.log.clone();
    log[100] ^= 1;
    let error = LogError { entry: 1, offset: 0, flaw: LogFlaw::Tag };
    assert_eq!(rebuilding.read(&log), Err(error.clone()));
    assert_eq!(rebuilding.read(&polling.log), Err(error.clone()));
    assert_eq!(rebuilding.cut_torn_end(), None);
    assert_eq!(rebuilding.finish().map(|_| ()), Err(error));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// In whatever pieces a log comes, and whatever is wrong with it, the outcome is the same.
    #[test]
    fn a_log_in_pieces_is_the_same_log(
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
        edit in prop::option::of((any::<prop::sample::Index>(), 1..=255u8)),
        zeros in 0..200usize,
    ) {
        thread_local!(static LOG: Polling = every_kind().0);
        LOG.with(|polling| {
            let mut log = [&polling.log[..], &vec![0; zeros]].concat();
            if let Some((place, change)) = edit {
                let place = place.index(log.len());
                log[place] ^= change;
            }
            let outcome = |pieces: &[&[u8]]| {
                let mut rebuilding =
                    BallotBox::rebuilding_without_anchor(polling.contest.clone(), box_key());
                let read = pieces.iter().try_for_each(|piece| rebuilding.read(piece));
                let torn = rebuilding.cut_torn_end();
                let finished = rebuilding.finish().map(|it| it.anchor());
                (read, torn, finished)
            };
            let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(log.len())).collect();
            places.extend([0, log.len()]);
            places.sort_unstable();
            let pieces: Vec<_> = places.windows(2).map(|pair| &log[pair[0]..pair[1]]).collect();
            prop_assert_eq!(outcome(&pieces), outcome(&[&log]));
            let bytes: Vec<_> = log.chunks(1).collect();
            prop_assert_eq!(outcome(&bytes), outcome(&[&log]));
            Ok(())
        })?;
    }
}
