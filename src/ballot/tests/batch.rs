//! Attack 7: what a batch hides and what it does not.

use alloc::vec;
use alloc::vec::Vec;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use proptest::prelude::*;

use super::*;
use crate::ballot::verify::{check_weighted, find_bad};
use crate::test_support::random_scalar;

/// A response changed by one: the smallest lie.
fn spoiled(dealt: &Dealt, voter: u64) -> Vec<u8> {
    let mut bytes = seal(dealt, Choice::Blank, voter);
    let at = bytes.len() - 32;
    let u = Scalar::from_canonical_bytes(bytes[at..].try_into().unwrap()).unwrap();
    bytes[at..].copy_from_slice((u + Scalar::ONE).as_bytes());
    bytes
}

fn verdicts(dealt: &Dealt, ballots: &[Vec<u8>]) -> Vec<bool> {
    let ballots = ballots.iter().map(|bytes| decode(dealt, bytes)).collect();
    verify_batch(dealt.contest.contest(), ballots)
        .unwrap()
        .into_iter()
        .map(|verdict| match verdict {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error, BallotError::Proof);
                false
            }
        })
        .collect()
}

#[test]
fn attack_7_bad_ballots_are_named_wherever_they_stand() {
    let dealt = Dealt::simple(1, 1);
    let good: Vec<_> = (0..8).map(|voter| seal(&dealt, Choice::List(1), voter)).collect();
    let bad = spoiled(&dealt, 99);
    // Up to 8 ballots use multiples made in advance. One ballot of one list has six points of its own: 28 to 34
    // ballots go across the switch from Straus to Pippenger at 190 points. 1,024 is the edge of chunks.
    for size in [1, 2, 3, 8, 9, 28, 30, 31, 32, 34, 255, 1_023, 1_024, 1_025, 2_100] {
        let batch: Vec<_> = (0..size).map(|i| good[i % 8].clone()).collect();
        assert!(verdicts(&dealt, &batch).iter().all(|good| *good), "{size}");
        let places = [vec![0], vec![size / 2], vec![size - 1], vec![0, size / 2, size - 1]];
        for places in places {
            let mut batch = batch.clone();
            for place in &places {
                batch[*place] = bad.clone();
            }
            let verdicts = verdicts(&dealt, &batch);
            for (at, good) in verdicts.iter().enumerate() {
                assert_eq!(*good, !places.contains(&at), "size {size}, ballot {at}");
            }
        }
    }
}

/// Nothing but bad ballots, as many as are summed at a time: each is in four batches before it stands alone. One bad
/// ballot among them costs little more than a second sum.
#[test]
fn attack_7_a_flood_of_bad_ballots_is_summed_a_few_times() {
    let summed = |size: usize, bad: &dyn Fn(usize) -> bool| {
        let ballots: Vec<_> = (0..size).collect();
        let sums = core::cell::Cell::new(0);
        let check = |batch: &[usize]| {
            sums.set(sums.get() + batch.len());
            if batch.iter().any(|ballot| bad(*ballot)) { Err(BallotError::Proof) } else { Ok(()) }
        };
        let mut verdicts = Vec::new();
        find_bad(&ballots, &check, &mut verdicts);
        let named: Vec<_> = verdicts.iter().map(Result::is_err).collect();
        assert_eq!(named, ballots.iter().map(|ballot| bad(*ballot)).collect::<Vec<_>>());
        sums.get()
    };
    for size in [1, 2, 8, 9, 64, 65, 1_000, 1_024] {
        assert!(summed(size, &|_| true) <= 5 * size, "{size}");
        assert_eq!(summed(size, &|_| false), size);
    }
    for bad in [0, 511, 1_023] {
        assert_eq!(summed(1_024, &|ballot| ballot == bad), 1_024 + 1_024 + 128 + 16 + 2);
    }
}

#[test]
fn attack_7_an_empty_batch_is_an_error() {
    let dealt = Dealt::simple(1, 1);
    assert_eq!(verify_batch(dealt.contest.contest(), Vec::new()).unwrap_err(), BallotError::EmptyBatch);
}

#[test]
fn a_batch_refuses_ballots_of_another_contest() {
    let (dealt, other) = (Dealt::simple(1, 1), Dealt::simple(1, 2));
    let batch = vec![
        decode(&dealt, &seal(&dealt, Choice::Blank, 1)),
        decode(&other, &seal(&other, Choice::Blank, 1)),
    ];
    let foreign = BallotError::ForeignContest {
        expected: dealt.contest.contest().fingerprint(),
        actual: other.contest.contest().fingerprint(),
    };
    assert_eq!(verify_batch(dealt.contest.contest(), batch.clone()).unwrap_err(), foreign);
    assert_eq!(batch[1].clone().verify(dealt.contest.contest()).unwrap_err(), foreign);
}

#[test]
fn attack_7_errors_that_cancel_pass_equal_weights_and_fail_ours() {
    let dealt = Dealt::simple(2, 1);
    let contest = dealt.contest.contest();
    let delta = random_scalar(&mut rng(7));
    // Two ballots with errors +δ·P and −δ·P in equation (1).
    let mut pair: Vec<_> =
        (0..2).map(|voter| decode(&dealt, &seal(&dealt, Choice::List(1), voter))).collect();
    shift(&mut pair[0].proof.u, delta);
    shift(&mut pair[1].proof.u, -delta);
    let prepared: Vec<_> = pair.iter().map(prepare).collect();
    let equal = || prepared.iter().map(|_| (Scalar::ONE, Scalar::ONE));
    assert_eq!(check_weighted(contest, &prepared, equal()), Ok(()));
    assert_eq!(check(contest, &prepared), Err(BallotError::Proof));

    // One ballot with +δ·G in A, so in equation (1), and −δ·G in S, so in equation (2).
    let mut one = decode(&dealt, &seal(&dealt, Choice::List(1), 3));
    let error = RistrettoPoint::mul_base(&delta);
    one.proof.A += error;
    one.proof.S -= error;
    let prepared = [prepare(&one)];
    let equal = core::iter::once((Scalar::ONE, Scalar::ONE));
    assert_eq!(check_weighted(contest, &prepared, equal), Ok(()));
    assert_eq!(check(contest, &prepared), Err(BallotError::Proof));
    assert_eq!(one.verify(dealt.contest.contest()).unwrap_err(), BallotError::Proof);
}

/// A forger who knew the weights before it chose its responses would fit two errors to them. Ours depend on
/// the responses.
#[test]
fn attack_7_errors_fitted_to_known_weights() {
    let dealt = Dealt::simple(2, 1);
    let contest = dealt.contest.contest();
    let honest = [1, 2].map(|voter| decode(&dealt, &seal(&dealt, Choice::List(1), voter)));
    let prepared: Vec<_> = honest.iter().map(prepare).collect();
    let known: Vec<_> = weights(contest, &prepared).collect();
    // In equation (1): known_0·known_1 − known_1·known_0 = 0.
    let errors = [known[1].0, -known[0].0];
    let fitted: Vec<_> = honest
        .iter()
        .zip(errors)
        .map(|(ballot, error)| {
            let mut bytes = ballot.bytes.clone();
            let at = bytes.len() - 32;
            let u = Scalar::from_canonical_bytes(bytes[at..].try_into().unwrap()).unwrap();
            bytes[at..].copy_from_slice((u + error).as_bytes());
            decode(&dealt, &bytes)
        })
        .collect();
    let prepared: Vec<_> = fitted.iter().map(prepare).collect();
    assert_eq!(check_weighted(contest, &prepared, known.into_iter()), Ok(()), "it works with known weights");
    assert_eq!(check(contest, &prepared), Err(BallotError::Proof));
    assert_eq!(verdicts(&dealt, &[fitted[0].bytes.clone(), fitted[1].bytes.clone()]), [false, false]);
}

#[test]
fn weights_differ_between_equations_ballots_and_batches() {
    let dealt = Dealt::simple(1, 1);
    let ballots: Vec<_> = (0..3).map(|voter| decode(&dealt, &seal(&dealt, Choice::Blank, voter))).collect();
    let prepared: Vec<_> = ballots.iter().map(prepare).collect();
    let mut seen: Vec<Scalar> = Vec::new();
    for batch in [&prepared[..], &prepared[..2], &prepared[1..]] {
        for (first, second) in weights(dealt.contest.contest(), batch) {
            for weight in [first, second] {
                assert!(!seen.contains(&weight));
                assert_eq!(weight.as_bytes()[16..], [0; 16]);
                seen.push(weight);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn attack_7_a_batch_says_of_each_ballot_what_it_gets_alone(
        ballots in prop::collection::vec((arb_choice(2), any::<u64>(), prop::option::weighted(0.3, 66usize..386)), 1..12),
    ) {
        let dealt = Dealt::simple(2, 1);
        let bytes: Vec<_> = ballots
            .iter()
            .map(|(choice, voter, damage)| {
                let mut bytes = seal(&dealt, *choice, *voter);
                if let Some(at) = damage {
                    bytes[*at] ^= 1;
                }
                bytes
            })
            .filter(|bytes| Ballot::from_bytes(dealt.contest.contest(), bytes).is_ok())
            .collect();
        prop_assume!(!bytes.is_empty());
        let alone: Vec<_> =
            bytes.iter().map(|bytes| decode(&dealt, bytes).verify(dealt.contest.contest()).is_ok()).collect();
        prop_assert_eq!(verdicts(&dealt, &bytes), alone);
    }
}
