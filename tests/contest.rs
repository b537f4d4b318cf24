//! Contests that are just allowed, and the quorum that a contest has by itself.

#[path = "support/polling.rs"]
mod polling;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use polling::{approved, ceremony, description};
use urne::contest::{Contest, ContestError, MOST_GRACE, MOST_TEXT_BYTES, Packing};
use urne::primitives::Text;
use urne::{Bureau, ElectionKey, IdentityKey, Panel, PanelIndex, UnixTime};

/// A key of panels of these thresholds and numbers of trustees; nobody knows its secret, which no test here
/// needs.
fn key(panels: &[(usize, usize)], slots: usize) -> ElectionKey {
    let mut logarithm = 1u64;
    let mut next = || {
        logarithm += 1;
        Scalar::from(logarithm)
    };
    let panel = |(threshold, trustees): &(usize, usize)| Panel {
        threshold: u8::try_from(*threshold).unwrap(),
        trustees: (0..*trustees)
            .map(|_| {
                IdentityKey::from_bytes(RistrettoPoint::mul_base(&next()).compress().as_bytes()).unwrap()
            })
            .collect(),
    };
    let bureau = Bureau::new(panels.iter().map(panel).collect()).unwrap();
    let mut point = || RistrettoPoint::mul_base(&next()).compress().to_bytes();
    let matrix = |t: usize, point: &mut dyn FnMut() -> [u8; 32]| -> Vec<Vec<[u8; 32]>> {
        (0..slots).map(|_| (0..t).map(|_| point()).collect()).collect()
    };
    let matrices: Vec<_> = panels.iter().map(|(t, _)| matrix(*t, &mut point)).collect();
    ElectionKey::from_encodings(bureau, &matrices).unwrap()
}

#[test]
fn the_largest_contest_is_accepted() {
    let mut largest = description((1 << 53) - 1, 255);
    let text = Text::from("x".repeat(MOST_TEXT_BYTES));
    (largest.election, largest.title, largest.documents) = (text.clone(), text.clone(), text.clone());
    largest.lists[254] = text;
    largest.opens_at = UnixTime::from_seconds((1 << 53) - 2);
    largest.closes_at = UnixTime::from_seconds((1 << 53) - 1);
    largest.grace = 0;
    (largest.capacity, largest.packing) = ((1 << 48) - 1, Some(Packing::ONE));
    let contest = Contest::new(largest.clone(), &key(&[(1, 1)], 255)).unwrap();
    assert_eq!(contest.description(), &largest);
    assert_eq!((contest.lists(), contest.quorums()), (255, &[1][..]));
    assert_eq!(contest.ends_at(), largest.closes_at);
    // A second more.
    largest.grace = 1;
    let late = ContestError::LargeNumber { field: "closes_at + grace", actual: 1 << 53 };
    assert_eq!(Contest::new(largest.clone(), &key(&[(1, 1)], 255)).unwrap_err(), late);
    (largest.opens_at, largest.closes_at) =
        (UnixTime::from_seconds(0), UnixTime::from_seconds((1 << 53) - 1 - MOST_GRACE));
    largest.grace = MOST_GRACE;
    assert!(Contest::new(largest.clone(), &key(&[(1, 1)], 255)).is_ok());
    largest.grace = MOST_GRACE + 1;
    let refused = Contest::new(largest, &key(&[(1, 1)], 255)).unwrap_err();
    assert_eq!(refused, ContestError::Grace { actual: MOST_GRACE + 1 });
}

#[test]
fn any_two_default_quorums_of_the_largest_panel_share_as_many_trustees_as_its_threshold() {
    let all = (1..=9).flat_map(|n| (1..=n).map(move |t| (t, n))).chain([(1, 252), (128, 252), (252, 252)]);
    for (t, n) in all {
        // Two sets of q among n share at least 2q - n; so q is the least with 2q - n >= t.
        let least = (1..=n).find(|q| 2 * q >= n + t).unwrap();
        let alone = Contest::new(description(1, 1), &key(&[(t, n)], 1)).unwrap();
        assert_eq!(
            alone.quorums().iter().map(|q| usize::from(*q)).collect::<Vec<_>>(),
            [least],
            "{t} of {n}"
        );
        // Beside a smaller one, which takes its threshold.
        if n > 2 {
            let beside = Contest::new(description(1, 1), &key(&[(1, 2), (t, n)], 1)).unwrap();
            assert_eq!(beside.quorums().iter().map(|q| usize::from(*q)).collect::<Vec<_>>(), [1, least]);
        }
    }
}

#[test]
fn a_contest_is_equal_to_itself_only() {
    let key = key(&[(1, 1)], 2);
    let contest = Contest::new(description(1, 2), &key).unwrap();
    assert_eq!(contest, Contest::new(description(1, 2), &key).unwrap());
    assert_ne!(contest, Contest::new(description(2, 2), &key).unwrap());
    assert_ne!(contest, Contest::new(description(1, 1), &key).unwrap());
    let mut longer = description(1, 2);
    longer.grace += 1;
    assert_ne!(contest, Contest::new(longer, &key).unwrap());
}

#[test]
fn slots_of_a_key_that_are_left_over_are_no_part_of_a_contest() {
    let (_, mut trustees) = ceremony(&[(2, 3)], 4, 1);
    // Two lists share a slot.
    let contest = approved(1, 4, &mut trustees);
    assert_eq!(contest.contest().key().slots(), 2);
    assert_eq!(trustees[0].key().election_key().slots(), 4);
}

#[test]
fn a_text_is_what_was_given() {
    let text = Text::from("Comité");
    assert_eq!(AsRef::<str>::as_ref(&text), "Comité");
    assert!(text == *"Comité" && text != *"Comite");
}

#[test]
fn names_of_other_words_are_two() {
    let mut contest = description(1, 2);
    contest.lists = ["New Dawn", "NewDawn"].map(Into::into).to_vec();
    assert!(Contest::new(contest, &key(&[(1, 1)], 2)).is_ok());
}

#[test]
fn quorums_are_between_threshold_and_trustees_and_one_is_more_than_half() {
    let key = key(&[(1, 2), (2, 4)], 4);
    let with = |quorums: &[u8]| {
        let mut description = description(1, 4);
        description.quorums = Some(quorums.to_vec());
        Contest::new(description, &key)
    };
    for quorums in [[1, 3], [1, 4], [2, 2], [2, 4]] {
        assert_eq!(with(&quorums).unwrap().quorums(), quorums);
    }
    let quorum = |panel, threshold, trustees, actual| {
        let panel = PanelIndex::new(panel).unwrap();
        ContestError::Quorum { panel, threshold, trustees, actual }
    };
    let refused = [
        (&[0, 3][..], quorum(1, 1, 2, 0)),
        (&[3, 3], quorum(1, 1, 2, 3)),
        (&[1, 1], quorum(2, 2, 4, 1)),
        (&[1, 5], quorum(2, 2, 4, 5)),
        (&[1, 2], ContestError::LowQuorums),
        (&[1], ContestError::QuorumCount { expected: 2, actual: 1 }),
        (&[1, 3, 1], ContestError::QuorumCount { expected: 2, actual: 3 }),
    ];
    for (quorums, error) in refused {
        assert_eq!(with(quorums).unwrap_err(), error);
    }
}

#[test]
fn capacity_and_packing_at_their_limits() {
    let key = key(&[(1, 1)], 4);
    let with = |lists, capacity, packing: Option<u8>| {
        let mut description = description(1, lists);
        description.capacity = capacity;
        description.packing = packing.map(|lists| Packing::new(lists).unwrap());
        Contest::new(description, &key).map(|contest| contest.layout().packing().get())
    };
    // (capacity + 1)^κ is 2^48 exactly, and then a little more.
    for (packing, most) in [(1, (1 << 48) - 1), (2, (1 << 24) - 1), (3, (1 << 16) - 1), (4, (1 << 12) - 1)] {
        assert_eq!(with(4, most, Some(packing)), Ok(packing));
        let refused = with(4, most + 1, Some(packing)).unwrap_err();
        let expected = if packing == 1 {
            ContestError::Capacity { actual: most + 1 }
        } else {
            ContestError::Packing { lists: 4, capacity: most + 1, actual: packing }
        };
        assert_eq!(refused, expected);
    }
    assert_eq!(with(4, 0, None), Err(ContestError::Capacity { actual: 0 }));
    let crowded = ContestError::Packing { lists: 4, capacity: 1, actual: 5 };
    assert_eq!(with(4, 1, Some(5)), Err(crowded));
    // By default two lists a slot up to (capacity + 1)^2 = 2^40, and never for a single list.
    let largest = (1 << 20) - 1;
    assert_eq!([with(4, largest, None), with(4, largest + 1, None), with(1, 1, None)], [Ok(2), Ok(1), Ok(1)]);
    // The key has a slot for each of four, not of five.
    assert_eq!(with(8, 1, Some(2)), Ok(2));
    let slots = ContestError::TooFewSlots { slots: 5, actual: 4 };
    assert_eq!(with(9, 1, Some(2)), Err(slots));
}
