//! What must not grow with a box, nor with what somebody sends: consistency paths, sums, opening a contest, an issuer's memory.
//! All in pairs (see `support/pairs.rs`).

mod support;

use std::hint::black_box;

use rand_chacha::ChaCha20Rng;
use support::pairs::{Side, ratios, seconds};
use support::{ballots, contest, only_testing};
use urne::ballot::PartialSum;
use urne::ballot_box::{ReferenceTree, Validity};
use urne::contest::ContestDescription;
use urne::rand_core::SeedableRng;
use urne::{
    ApprovedContest, Ballot, BallotReference, Choice, Contest, Credential, Issuer, Record, SealedBallot,
    SigningKey, UnixTime, VoterId, VotingCode,
};

fn main() {
    // Only to see that it runs, a hundredth will do.
    let large = if only_testing() { 10_000 } else { 1_000_000 };
    paths(large);
    sums(large);
    device();
    issuer(if only_testing() { 1_000 } else { 270_824 });
}

/// References as ballots have them.
fn reference(contest: &ApprovedContest, number: u64) -> BallotReference {
    BallotReference::of(contest.contest(), &number.to_le_bytes())
}

/// A path of a box with a million ballots against one with a thousand: from an eighth of them, from two eighths …
fn paths(large: u64) {
    const SMALL: u64 = 1_000;
    let contest = contest(1);
    let tree = |size: u64| {
        let mut tree = ReferenceTree::new();
        (0..size).for_each(|number| tree.push(&reference(&contest, number)));
        tree
    };
    let (large_tree, small_tree) = (tree(large), tree(SMALL));
    let eighths = |size: u64| (1..8).map(move |eighth| size * eighth / 8 + 1);
    let consistency = |tree: &ReferenceTree| {
        eighths(tree.size()).for_each(|old| drop(black_box(tree.consistency(old, tree.size()).unwrap())));
    };
    let mut over = Side::new(7, || consistency(&large_tree));
    let mut under = Side::new(7, || consistency(&small_tree));
    ratios(&mut over, &mut under).print(&format!("consistency_{large}"), "1000");
    let inclusion = |tree: &ReferenceTree| {
        eighths(tree.size()).for_each(|index| drop(black_box(tree.inclusion(index, tree.size()).unwrap())));
    };
    let mut over = Side::new(7, || inclusion(&large_tree));
    let mut under = Side::new(7, || inclusion(&small_tree));
    ratios(&mut over, &mut under).print(&format!("inclusion_{large}"), "1000");
}

/// A shard's message that claims so many ranges of one ballot each, far apart: 16 bytes a range.
fn far_ranges(contest: &ApprovedContest, ranges: u64) -> Vec<u8> {
    // After kind, version, slots and fingerprint.
    const RANGES: usize = 2 + 1 + 32;
    let mut bytes = PartialSum::new(contest.contest()).to_bytes();
    let points = bytes.split_off(RANGES + 8);
    bytes.truncate(RANGES);
    bytes.extend(ranges.to_le_bytes());
    for start in (0..ranges).map(|range| 4 * range) {
        bytes.extend([start, start + 1].map(u64::to_le_bytes).as_flattened());
    }
    bytes.extend(points);
    bytes
}

/// Adding a ballot to a sum into which such a message was merged, against adding it to a sum that is whole; and taking
/// the message itself, a range, against taking one of a thousandth of its length.
fn sums(large: u64) {
    let contest = contest(12);
    let ballot = Ballot::from_bytes(contest.contest(), &ballots(&contest, 1).swap_remove(0)).unwrap();
    let ballot = ballot.verify(contest.contest()).unwrap();
    let message = far_ranges(&contest, large);
    let take = |message: &[u8]| {
        let mut sum = PartialSum::new(contest.contest());
        sum.merge(&PartialSum::from_bytes(message).unwrap()).unwrap();
        sum
    };
    // Into the gaps, and behind them when these are full.
    let (mut far, mut gap) = (take(&message), 0);
    let mut over = Side::new(1, || {
        far.add(4 * gap + 2, &ballot).unwrap();
        gap += 1;
    });
    // One after the other, as a box does.
    let (mut whole, mut next) = (PartialSum::new(contest.contest()), 0);
    let mut under = Side::new(1, || {
        whole.add(next, &ballot).unwrap();
        next += 1;
    });
    ratios(&mut over, &mut under).print(&format!("add_after_{large}_ranges"), "one_range");

    let small = far_ranges(&contest, large / 1_000);
    let mut over = Side::new(large as usize, || take(black_box(&message)));
    let mut under = Side::new(large as usize / 1_000, || take(black_box(&small)));
    ratios(&mut over, &mut under).print(&format!("take_{large}_ranges"), "a_thousandth");
}

/// What a voter's device does before it can seal, against sealing: a contest of 12 lists under seven trustees.
fn device() {
    let record = Record::from_json(include_bytes!("../tests/vectors/record-12-lists.json")).unwrap();
    let contest = record.contest().unwrap();
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let credential = Credential::derive(contest.contest(), &VotingCode::generate(&mut rng));
    let mut open = Side::new(1, || record.contest().unwrap());
    let mut seal =
        Side::new(1, || SealedBallot::seal(&contest, Choice::List(1), &credential, &mut rng).unwrap());
    ratios(&mut open, &mut seal).print("open_13", "seal");
}

/// What an issuer writes and reads of a roll as large as that of December 2022, with no letter sent yet: for every code
/// that is issued anew, and after every restart.
fn issuer(voters: u64) {
    let key = SigningKey::from_seed(&[7; 32]);
    let other = contest(1);
    let description =
        ContestDescription { issuer_key: key.public(), ..other.contest().description().clone() };
    let contest = Contest::new(description, other.contest().key()).unwrap();
    let mut issuer = Issuer::with_empty_memory(key);
    let ids = (0..voters).map(|voter| VoterId::new(format!("voter {voter}")).unwrap());
    let orders: Vec<_> = ids.map(|id| (id, vec![&contest])).collect();
    let (before, mut rng) = (UnixTime::from_seconds(1_669_870_000), ChaCha20Rng::seed_from_u64(1));
    let draw = seconds(|| drop(issuer.issue(&orders, Validity::UntilClose, before, &mut rng).unwrap()));
    let stored = issuer.to_bytes();
    let mut write = Side::new(1, || issuer.to_bytes());
    let mut read = Side::new(1, || Issuer::from_bytes(&stored).unwrap());
    ratios(&mut write, &mut read).print(&format!("store_issuer_{voters}"), "read");
    for (what, took) in [
        ("write", seconds(|| drop(issuer.to_bytes()))),
        ("read", seconds(|| drop(Issuer::from_bytes(&stored)))),
    ] {
        println!(
            "seconds {what}_issuer_{voters} {took:.3} of {} bytes; codes drawn in {draw:.3}",
            stored.len()
        );
    }
}
