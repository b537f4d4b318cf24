//! Contests that are just allowed, and the quorum that a contest has by itself.

#[path = "support/polling.rs"]
mod polling;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use polling::{approved, ceremony, description};
use urne::contest::{Contest, MOST_TEXT_BYTES};
use urne::{ElectionKey, UnixTime};

/// A key of n trustees, of whom t open a tally; nobody knows its secret, which no test here needs.
fn key(t: usize, n: usize, slots: usize) -> ElectionKey {
    let mut logarithm = 1u64;
    let mut point = || {
        logarithm += 1;
        RistrettoPoint::mul_base(&Scalar::from(logarithm)).compress().to_bytes()
    };
    let identities: Vec<_> = (0..n).map(|_| point()).collect();
    let slots: Vec<Vec<_>> = (0..slots).map(|_| (0..t).map(|_| point()).collect()).collect();
    ElectionKey::from_encodings(u8::try_from(t).unwrap(), &identities, &slots).unwrap()
}

#[test]
fn the_largest_contest_is_accepted() {
    let mut largest = description((1 << 53) - 1, 255);
    let text = "x".repeat(MOST_TEXT_BYTES);
    (largest.election, largest.title, largest.documents) = (text.clone(), text.clone(), text.clone());
    largest.lists[254] = text;
    largest.opens_at = UnixTime::from_seconds((1 << 53) - 2);
    largest.closes_at = UnixTime::from_seconds((1 << 53) - 1);
    let contest = Contest::new(largest.clone(), &key(1, 1, 255)).unwrap();
    assert_eq!(contest.description(), &largest);
    assert_eq!((contest.lists(), contest.quorum()), (255, 1));
}

#[test]
fn any_two_default_quorums_share_as_many_trustees_as_open_a_tally() {
    let all = (1..=9).flat_map(|n| (1..=n).map(move |t| (t, n))).chain([(1, 255), (128, 255), (255, 255)]);
    for (t, n) in all {
        let contest = Contest::new(description(1, 1), &key(t, n, 1)).unwrap();
        // Two sets of q among n share at least 2q - n; so q is the least with 2q - n >= t.
        let least = (1..=n).find(|q| 2 * q >= n + t).unwrap();
        assert_eq!(usize::from(contest.quorum()), least, "{t} of {n}");
    }
}

#[test]
fn a_contest_is_equal_to_itself_only() {
    let key = key(1, 1, 2);
    let contest = Contest::new(description(1, 2), &key).unwrap();
    assert_eq!(contest, Contest::new(description(1, 2), &key).unwrap());
    assert_ne!(contest, Contest::new(description(2, 2), &key).unwrap());
    assert_ne!(contest, Contest::new(description(1, 1), &key).unwrap());
}

#[test]
fn slots_of_a_key_that_are_left_over_are_no_part_of_a_contest() {
    let (_, trustees) = ceremony(2, 3, 4, 1);
    let contest = approved(1, 2, &trustees);
    assert_eq!(contest.contest().key().slots(), 2);
    assert_eq!(trustees[0].key().election_key().slots(), 4);
}
