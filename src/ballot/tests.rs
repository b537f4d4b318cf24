//! Tests of what is private in ballots: the transcript, the weights, the batch.

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use proptest::prelude::*;

use super::statement::{Beginning, Parts, Rounds, Statement};
use super::verify::{Prepared, check, check_weighted, weights};
use super::*;
use crate::record::Record;
use crate::test_support::{Dealt, random_scalar, rng};
use crate::test_vectors::{primitives, unhex};

fn vector_record() -> Record {
    Record::from_json(include_bytes!("../../tests/vectors/record.json")).unwrap()
}

fn seal(dealt: &Dealt, choice: Choice, voter: u64) -> Vec<u8> {
    SealedBallot::seal(&dealt.contest, choice, &dealt.credential(voter), &mut rng(voter)).unwrap().cast()
}

fn prepare(ballot: &Ballot) -> Prepared<'_> {
    Prepared::new(Beginning::new(&ballot.contest), ballot)
}

fn decode(dealt: &Dealt, bytes: &[u8]) -> Ballot {
    Ballot::from_bytes(&dealt.contest, bytes).unwrap()
}

#[test]
fn challenges_digest_and_weights_match_the_vectors() {
    let vectors = &primitives()["record"];
    let record = vector_record();
    let contest = record.contest().unwrap();
    assert_eq!(contest.fingerprint().to_bytes(), unhex(&vectors["fingerprint"]));
    let ballots: Vec<_> =
        record.ballots.iter().map(|bytes| Ballot::from_bytes(&contest, &bytes.0).unwrap()).collect();

    let first = &vectors["first_ballot"];
    let parts = ballots[0].parts();
    let (mut rounds, y) = Rounds::begin(&Statement {
        contest: &contest.fingerprint(),
        credential: parts.credential,
        ciphertext: parts.ciphertext,
    });
    assert_eq!(y.to_bytes(), unhex(&first["y"]));
    assert_eq!(rounds.commit(parts.A, parts.B).to_bytes(), unhex(&first["w"]));
    assert_eq!(rounds.tie(parts.S).to_bytes(), unhex(&first["x"]));
    assert_eq!(rounds.digest(parts.responses), unhex(&first["digest"]));

    let prepared: Vec<_> = ballots.iter().map(prepare).collect();
    let expected = vectors["batch_weights"].as_array().unwrap();
    let actual: Vec<_> = weights(&contest, &prepared).collect();
    assert_eq!(actual.len(), expected.len());
    for ((first, second), expected) in actual.iter().zip(expected) {
        let scalar = |at: usize| Scalar::from(u128::from_le_bytes(unhex(&expected[at])));
        assert_eq!((*first, *second), (scalar(0), scalar(1)));
    }
}

#[test]
fn every_choice_seals_to_a_valid_ballot_of_the_stated_size() {
    for lists in [1, 2, 12, 255] {
        let dealt = Dealt::new(1, 1, lists, u64::from(lists));
        for choice in [Choice::Blank, Choice::List(1), Choice::List(lists)] {
            let bytes = seal(&dealt, choice, 3);
            assert_eq!(bytes.len(), ballot_length(lists));
            let ballot = decode(&dealt, &bytes).verify(&dealt.contest).unwrap();
            // Opened with the known key: C_i − h_i·R is b_i·G.
            let base = RistrettoPoint::mul_base(&Scalar::ONE);
            for (list, (c, h)) in (1..=lists).zip(ballot.ciphertext.choices.iter().zip(&dealt.polynomials)) {
                let plain = c - ballot.ciphertext.nonce * h[0];
                let expected = if choice == Choice::List(list) { base } else { RistrettoPoint::default() };
                assert_eq!(plain, expected);
            }
        }
    }
    assert_eq!(ballot_length(12), 1_026);
}

/// Before anything else is looked at.
#[test]
fn a_ballot_of_another_length_is_refused_for_it() {
    let dealt = Dealt::new(1, 1, 3, 1);
    let good = seal(&dealt, Choice::Blank, 0);
    let expected = ballot_length(3);
    let read = |bytes: &[u8]| Ballot::from_bytes(&dealt.contest, bytes).map(|_| ());
    for actual in [2, 34, 40, expected - 1] {
        let error = DecodeError::TooShort { expected, actual };
        assert_eq!(read(&good[..actual]), Err(error.into()));
    }
    for actual in [expected + 1, 2 * expected] {
        let mut spoilt = good.clone();
        spoilt.resize(actual, 0xff);
        spoilt[2..].fill(0xff);
        assert_eq!(read(&spoilt), Err(DecodeError::TooLong { expected, actual }.into()));
    }
}

#[test]
fn sealing_refuses_what_is_no_choice_or_not_for_this_contest() {
    let dealt = Dealt::new(1, 1, 3, 1);
    let other = Dealt::new(1, 1, 3, 2);
    let refuse = |choice, credential: &_| {
        SealedBallot::seal(&dealt.contest, choice, credential, &mut rng(1)).unwrap_err()
    };
    let own = dealt.credential(1);
    assert_eq!(refuse(Choice::List(0), &own), BallotError::Choice { lists: 3 });
    assert_eq!(refuse(Choice::List(4), &own), BallotError::Choice { lists: 3 });
    assert_eq!(
        refuse(Choice::List(1), &other.credential(1)),
        BallotError::ForeignContest {
            expected: dealt.contest.fingerprint(),
            actual: other.contest.fingerprint()
        }
    );
}

/// Verifies with the ballot's own points and responses, and the transcript as given.
fn holds_with(
    dealt: &Dealt,
    ballot: &Ballot,
    statement: &Statement<'_>,
    commitments: (&[u8], &[u8], &[u8]),
) -> bool {
    let (mut rounds, y) = Rounds::begin(statement);
    let w = rounds.commit(commitments.0, commitments.1);
    let x = rounds.tie(commitments.2);
    let prepared = Prepared::with_challenges(ballot, y, w, x, rounds);
    check(&dealt.contest, &[prepared]).is_ok()
}

#[test]
fn attack_1_every_field_of_a_ballot_is_bound() {
    let dealt = Dealt::new(1, 1, 3, 1);
    let ballot = decode(&dealt, &seal(&dealt, Choice::List(2), 5));
    // No `..`: a new field must be added here.
    let Parts { credential, ciphertext, A, B, S, responses } = ballot.parts();
    let contest = dealt.contest.fingerprint();
    let Statement { contest, credential, ciphertext } =
        Statement { contest: &contest, credential, ciphertext };
    let other_contest = Dealt::new(1, 1, 3, 2).contest.fingerprint();
    let flip = |bytes: &[u8], at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1;
        bytes
    };
    fn st<'a>(contest: &'a Fingerprint, credential: &'a [u8], ciphertext: &'a [u8]) -> Statement<'a> {
        Statement { contest, credential, ciphertext }
    }
    assert!(holds_with(&dealt, &ballot, &st(contest, credential, ciphertext), (A, B, S)));
    assert!(!holds_with(&dealt, &ballot, &st(&other_contest, credential, ciphertext), (A, B, S)));
    assert!(!holds_with(&dealt, &ballot, &st(contest, &flip(credential, 0), ciphertext), (A, B, S)));
    for at in (0..ciphertext.len()).step_by(32) {
        let changed = flip(ciphertext, at);
        assert!(!holds_with(&dealt, &ballot, &st(contest, credential, &changed), (A, B, S)));
    }
    let same = st(contest, credential, ciphertext);
    assert!(!holds_with(&dealt, &ballot, &same, (&flip(A, 0), B, S)));
    assert!(!holds_with(&dealt, &ballot, &same, (A, &flip(B, 0), S)));
    assert!(!holds_with(&dealt, &ballot, &same, (A, B, &flip(S, 0))));

    // The responses decide the weights of a batch.
    let digest = |responses: &[u8]| Rounds::begin(&same).0.digest(responses);
    for at in (0..responses.len()).step_by(32) {
        assert_ne!(digest(responses), digest(&flip(responses, at)));
    }
}

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
    verify_batch(&dealt.contest, ballots)
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
    let dealt = Dealt::new(1, 1, 1, 1);
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

#[test]
fn attack_7_an_empty_batch_is_an_error() {
    let dealt = Dealt::new(1, 1, 1, 1);
    assert_eq!(verify_batch(&dealt.contest, Vec::new()).unwrap_err(), BallotError::EmptyBatch);
}

#[test]
fn a_batch_refuses_ballots_of_another_contest() {
    let (dealt, other) = (Dealt::new(1, 1, 1, 1), Dealt::new(1, 1, 1, 2));
    let batch = vec![
        decode(&dealt, &seal(&dealt, Choice::Blank, 1)),
        decode(&other, &seal(&other, Choice::Blank, 1)),
    ];
    let foreign = BallotError::ForeignContest {
        expected: dealt.contest.fingerprint(),
        actual: other.contest.fingerprint(),
    };
    assert_eq!(verify_batch(&dealt.contest, batch.clone()).unwrap_err(), foreign);
    assert_eq!(batch[1].clone().verify(&dealt.contest).unwrap_err(), foreign);
}

/// Adds to a response of a decoded ballot, past its bytes and so past its transcript.
fn shift(ballot: &mut Ballot, delta: Scalar) {
    ballot.proof.u += delta;
}

#[test]
fn attack_7_errors_that_cancel_pass_equal_weights_and_fail_ours() {
    let dealt = Dealt::new(1, 1, 2, 1);
    let contest = &dealt.contest;
    let delta = random_scalar(&mut rng(7));
    // Two ballots with errors +δ·P and −δ·P in equation (1).
    let mut pair: Vec<_> =
        (0..2).map(|voter| decode(&dealt, &seal(&dealt, Choice::List(1), voter))).collect();
    shift(&mut pair[0], delta);
    shift(&mut pair[1], -delta);
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
    assert_eq!(one.verify(&dealt.contest).unwrap_err(), BallotError::Proof);
}

/// A forger who knew the weights before it chose its responses would fit two errors to them. Ours depend on
/// the responses.
#[test]
fn attack_7_errors_fitted_to_known_weights() {
    let dealt = Dealt::new(1, 1, 2, 1);
    let contest = &dealt.contest;
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
            bytes[at..].copy_from_slice((ballot.proof.u + error).as_bytes());
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
    let dealt = Dealt::new(1, 1, 1, 1);
    let ballots: Vec<_> = (0..3).map(|voter| decode(&dealt, &seal(&dealt, Choice::Blank, voter))).collect();
    let prepared: Vec<_> = ballots.iter().map(prepare).collect();
    let mut seen: Vec<Scalar> = Vec::new();
    for batch in [&prepared[..], &prepared[..2], &prepared[1..]] {
        for (first, second) in weights(&dealt.contest, batch) {
            for weight in [first, second] {
                assert!(!seen.contains(&weight));
                assert_eq!(weight.as_bytes()[16..], [0; 16]);
                seen.push(weight);
            }
        }
    }
}

#[test]
fn attack_8_a_stuck_rng_repeats_no_nonce_on_another_statement() {
    let dealt = Dealt::new(1, 1, 2, 1);
    let other = Dealt::new(1, 1, 2, 2);
    let sealed = |dealt: &Dealt, choice, voter| {
        // Same seed each time: an RNG that repeats.
        let bytes =
            SealedBallot::seal(&dealt.contest, choice, &dealt.credential(voter), &mut rng(0)).unwrap().cast();
        decode(dealt, &bytes)
    };
    let base = sealed(&dealt, Choice::List(1), 1);
    assert_eq!(base.bytes, sealed(&dealt, Choice::List(1), 1).bytes, "the RNG does repeat");
    for different in [
        sealed(&other, Choice::List(1), 1),
        sealed(&dealt, Choice::List(2), 1),
        sealed(&dealt, Choice::Blank, 1),
        sealed(&dealt, Choice::List(1), 2),
    ] {
        assert_ne!(base.ciphertext.nonce, different.ciphertext.nonce);
        assert_ne!(base.proof.A, different.proof.A);
        assert_ne!(base.proof.B, different.proof.B);
        assert_ne!(base.proof.S, different.proof.S);
    }
}

#[test]
fn nonces_of_one_ballot_are_all_different() {
    // From f_i = a_i + x·b_i, z, k and u with everything known, every mask comes back; they must differ.
    let dealt = Dealt::new(1, 1, 12, 1);
    let ballot = decode(&dealt, &seal(&dealt, Choice::Blank, 1));
    let mut masks = ballot.proof.f.clone(); // b_i = 0, so these are the a_i
    masks.sort_by_key(Scalar::to_bytes);
    masks.dedup();
    assert_eq!(masks.len(), 12);
}

#[test]
fn attack_19_what_is_secret_does_not_show_itself() {
    let dealt = Dealt::new(1, 1, 2, 1);
    let sealed =
        SealedBallot::seal(&dealt.contest, Choice::List(2), &dealt.credential(1), &mut rng(1)).unwrap();
    let shown = alloc::format!("{sealed:?} {:?} {:?}", Choice::List(2), dealt.credential(1));
    assert_eq!(shown.matches("redacted").count(), 3);
    let secret = crate::primitives::wire::to_hex(dealt.credential(1).secret().as_bytes());
    assert!(!shown.contains(&secret));
}

#[test]
fn a_challenged_ballot_shows_its_choice_and_a_cheating_device_is_caught() {
    let dealt = Dealt::new(1, 1, 3, 1);
    let contest = &dealt.contest;
    for choice in [Choice::Blank, Choice::List(1), Choice::List(3)] {
        let sealed = SealedBallot::seal(contest, choice, &dealt.credential(1), &mut rng(1)).unwrap();
        let reference = sealed.reference();
        let opened = sealed.challenge();
        assert_eq!(opened.verify(contest, &reference), Ok(choice));
        assert_eq!(ChallengedBallot::from_bytes(&opened.to_bytes()), Ok(opened.clone()));

        let other = SealedBallot::seal(contest, choice, &dealt.credential(2), &mut rng(1)).unwrap();
        assert_eq!(
            opened.verify(contest, &other.reference()),
            Err(ChallengeError::Reference { expected: other.reference(), actual: reference })
        );

        // The device sealed this choice and says that it sealed another, or with another nonce.
        let mut lie = opened.to_bytes();
        lie[1] = 2;
        let first = if choice == Choice::List(1) { 1 } else { 2 };
        assert_eq!(
            ChallengedBallot::from_bytes(&lie).unwrap().verify(contest, &reference),
            Err(ChallengeError::List { list: first })
        );
        lie[1] = 4;
        assert_eq!(
            ChallengedBallot::from_bytes(&lie).unwrap().verify(contest, &reference),
            Err(ChallengeError::Choice { lists: 3, actual: 4 })
        );
        let mut lie = opened.to_bytes();
        lie[2] ^= 1;
        assert_eq!(
            ChallengedBallot::from_bytes(&lie).unwrap().verify(contest, &reference),
            Err(ChallengeError::Nonce)
        );
    }
}

#[test]
fn references_read_only_what_they_show() {
    let hex = "0cfa".repeat(16);
    let good = alloc::format!("584){hex}");
    assert_eq!(good.parse::<BallotReference>().unwrap().to_string(), good);
    let cases = [
        (alloc::format!("584{hex}"), ReferenceError::Separator),
        (alloc::format!("0584){hex}"), ReferenceError::Number),
        (alloc::format!("+584){hex}"), ReferenceError::Number),
        (alloc::format!("){hex}"), ReferenceError::Number),
        (alloc::format!(" 584){hex}"), ReferenceError::Number),
        (alloc::format!("9007199254740992){hex}"), ReferenceError::Number),
        (alloc::format!("584){hex}0"), ReferenceError::Length { actual: 65 }),
        (alloc::format!("584) {hex}"), ReferenceError::Length { actual: 65 }),
        (alloc::format!("584){}", &hex[1..]), ReferenceError::Length { actual: 63 }),
        (alloc::format!("584){}", hex.to_uppercase()), ReferenceError::Hex),
        (alloc::format!("584%29%29{}", &hex[3..]), ReferenceError::Hex),
    ];
    for (text, error) in cases {
        assert_eq!(text.parse::<BallotReference>(), Err(error), "{text}");
    }
    assert_eq!(alloc::format!("0){hex}").parse::<BallotReference>().unwrap().number(), 0);
}

/// Choices for a contest of so many lists.
fn arb_choice(lists: u8) -> impl Strategy<Value = Choice> {
    (0..=lists).prop_map(|number| if number == 0 { Choice::Blank } else { Choice::List(number) })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn attack_7_a_batch_says_of_each_ballot_what_it_gets_alone(
        ballots in prop::collection::vec((arb_choice(2), any::<u64>(), prop::option::weighted(0.3, 66usize..386)), 1..12),
    ) {
        let dealt = Dealt::new(1, 1, 2, 1);
        let bytes: Vec<_> = ballots
            .iter()
            .map(|(choice, voter, damage)| {
                let mut bytes = seal(&dealt, *choice, *voter);
                if let Some(at) = damage {
                    bytes[*at] ^= 1;
                }
                bytes
            })
            .filter(|bytes| Ballot::from_bytes(&dealt.contest, bytes).is_ok())
            .collect();
        prop_assume!(!bytes.is_empty());
        let alone: Vec<_> =
            bytes.iter().map(|bytes| decode(&dealt, bytes).verify(&dealt.contest).is_ok()).collect();
        prop_assert_eq!(verdicts(&dealt, &bytes), alone);
    }

    #[test]
    fn attack_6_bytes_are_a_ballot_or_not_never_two(
        choice in arb_choice(2), at in 0usize..386, bit in 0u8..8,
    ) {
        let dealt = Dealt::new(1, 1, 2, 1);
        let mut bytes = seal(&dealt, choice, 1);
        bytes[at] ^= 1 << bit;
        if let Ok(ballot) = Ballot::from_bytes(&dealt.contest, &bytes) {
            prop_assert_eq!(ballot.as_bytes(), &bytes[..]);
            prop_assert_eq!(ballot.verify(&dealt.contest).unwrap_err(), BallotError::Proof);
        }
    }
}
