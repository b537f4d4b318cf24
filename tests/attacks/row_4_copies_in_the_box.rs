//! Row 4 at the box: a ballot that was seen on its way and is deposited by somebody else, or again. What a
//! copier can do to the bytes themselves is tested beside the proof.

use urne::ballot::{BallotError, PartialSum, SumError, verify_batch};
use urne::ballot_box::{BoxFlaw, Closing, DepositError, Validity};
use urne::{Ballot, BallotReference, Choice, ClosedBox};

use crate::polling::acts::OneByOne;
use crate::polling::{END, Polling, at, box_key};
use crate::row_16_challenges::of_one_nonce;

const LIST_1: Choice = Choice::List(1);

/// The ballot with another credential in it.
fn under(ballot: &[u8], credential: urne::PublicCredential) -> Vec<u8> {
    let mut copy = ballot.to_vec();
    copy[2..34].copy_from_slice(&credential.to_bytes());
    copy
}

#[test]
fn attack_4_copy_as_it_is_by_another_voter() {
    let mut polling = Polling::open(3);
    let (ballot, _) = polling.vote(0, LIST_1, 10);
    polling.activate(1, 20).unwrap();
    assert_eq!(polling.deposit(1, &ballot, 20).unwrap_err(), DepositError::OtherCredential);
    assert_eq!(polling.ballot_box.len(), 1);
    polling.assert_unchanged();
}

#[test]
fn attack_4_copy_by_another_voter_before_the_voter() {
    let mut polling = Polling::open(3);
    polling.activate(0, 10).unwrap();
    polling.activate(1, 10).unwrap();
    let ballot = polling.seal(0, LIST_1);
    let own = polling.electors[1].credential.public();
    assert_eq!(polling.deposit(1, &ballot, 20).unwrap_err(), DepositError::OtherCredential);
    assert_eq!(
        polling.deposit(1, &under(&ballot, own), 20).unwrap_err(),
        DepositError::Ballot(BallotError::Proof)
    );
    // Nothing of the copy's stands in the voter's way.
    polling.deposit(0, &ballot, 30).unwrap();
    polling.assert_unchanged();
}

#[test]
fn attack_4_copy_under_the_copiers_credential() {
    let mut polling = Polling::open(3);
    let (ballot, _) = polling.vote(0, LIST_1, 10);
    polling.activate(1, 20).unwrap();
    let copy = under(&ballot, polling.electors[1].credential.public());
    assert_eq!(polling.deposit(1, &copy, 20).unwrap_err(), DepositError::Ballot(BallotError::Proof));
    polling.assert_unchanged();
}

#[test]
fn attack_4_copies_in_one_batch() {
    let mut polling = Polling::open(4);
    for voter in 0..3 {
        polling.activate(voter, 10).unwrap();
    }
    let ballot = polling.seal(0, LIST_1);
    let copy = under(&ballot, polling.electors[1].credential.public());
    let batch = [
        (polling.id(1), copy.clone()),
        (polling.id(2), ballot.clone()),
        (polling.id(0), ballot),
        (polling.id(1), copy),
    ];
    let [early, other, own, late] = polling.ballot_box.deposit_batch(&batch, at(20)).try_into().unwrap();
    assert_eq!(early.unwrap_err(), DepositError::Ballot(BallotError::Proof));
    assert_eq!(other.unwrap_err(), DepositError::OtherCredential);
    polling.store(own.unwrap().entry);
    assert_eq!(late.unwrap_err(), DepositError::Ballot(BallotError::Proof));
    polling.assert_unchanged();
}

/// Two voters, one `R` and different choices, both with good proofs: whoever comes first is in the box.
#[test]
fn attack_4_nonce_of_another_voters_ballot() {
    for [first, second] in [[0, 1], [1, 0]] {
        let mut polling = Polling::open(3);
        polling.activate(0, 10).unwrap();
        polling.activate(1, 10).unwrap();
        let ballots = [(0, 1), (1, 2)].map(|(voter, list)| of_one_nonce(&polling, voter, list));
        assert!(polling.rebuilt().deposit(&polling.id(second), &ballots[second], at(20)).is_ok());
        let batch = [first, second].map(|voter| (polling.id(voter), ballots[voter].clone()));
        let [one, other] = polling.rebuilt().deposit_batch(&batch, at(20)).try_into().unwrap();
        assert!(one.is_ok());
        assert_eq!(other.unwrap_err(), DepositError::RepeatedNonce);

        polling.deposit(first, &ballots[first], 20).unwrap();
        for _ in 0..2 {
            assert_eq!(
                polling.deposit(second, &ballots[second], 20).unwrap_err(),
                DepositError::RepeatedNonce
            );
            polling.ballot_box = polling.rebuilt();
        }
        polling.assert_unchanged();
    }
}

#[test]
fn attack_4_copy_by_the_same_voter_under_a_new_code() {
    let mut polling = Polling::open(3);
    polling.activate(0, 10).unwrap();
    let ballot = polling.seal(0, LIST_1);
    polling.reissue(0, Validity::UntilClose, 20).unwrap();
    polling.activate(0, 30).unwrap();
    let copy = under(&ballot, polling.electors[0].credential.public());
    assert_eq!(polling.deposit(0, &copy, 40).unwrap_err(), DepositError::Ballot(BallotError::Proof));
    polling.assert_unchanged();
}

/// A lying box takes the copy, signs everything, and gives half of the ballots to each of two counters.
#[test]
fn attack_4_copies_in_two_shards() {
    let mut polling = Polling::open(2);
    let (ballot, _) = polling.vote(0, LIST_1, 10);
    polling.vote(1, Choice::Blank, 20);
    let contest = polling.contest.clone();
    let (closed, _) = polling.close();
    let shard = |first: u64, ballots: &[Vec<u8>]| {
        let decoded =
            ballots.iter().map(|bytes| Ballot::from_bytes(contest.contest(), bytes).unwrap()).collect();
        let mut sum = PartialSum::new(contest.contest());
        for (index, verdict) in (first..).zip(verify_batch(contest.contest(), decoded).unwrap()) {
            sum.add(index, &verdict.unwrap()).unwrap();
        }
        sum
    };
    let [one, other] = [closed.ballots()[0].clone(), closed.ballots()[1].clone()];
    assert_eq!(one, ballot);

    // Each shard alone is sound: only the whole box shows that a ballot is there twice.
    let stuffed = vec![one.clone(), other, one];
    let (left, right) = stuffed.split_at(2);
    let mut sum = shard(0, left);
    sum.merge(&shard(2, right)).unwrap();
    assert_eq!(sum.finish(3).unwrap().count(), 3);
    let references: Vec<_> =
        stuffed.iter().map(|ballot| BallotReference::of(contest.contest(), ballot)).collect();
    let signings = closed.closing().signings_digest;
    let closing =
        Closing::sign(contest.contest(), closed.roll(), &references, signings, at(END), &box_key()).unwrap();
    let flaws =
        ClosedBox::verify(contest.clone(), closed.roll().clone(), stuffed, closing, &mut |_| ()).unwrap_err();
    assert_eq!(
        flaws.as_slice(),
        [
            BoxFlaw::RepeatedCredential { ballot: 2, earlier: 0 },
            BoxFlaw::RepeatedNonce { ballot: 2, earlier: 0 },
            BoxFlaw::RepeatedReference { ballot: 2, earlier: 0 },
        ]
    );
    // And a shard that is handed in twice, as after a retry, is not counted twice.
    let mut sum = shard(0, closed.ballots());
    assert_eq!(sum.merge(&shard(1, &closed.ballots()[1..])), Err(SumError::Overlap { index: 1 }));
}
