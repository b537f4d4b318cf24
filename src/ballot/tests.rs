//! Tests of what is private in ballots: the transcript, the weights, the batch.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use proptest::prelude::*;

use super::statement::{Beginning, Parts, Rounds, Statement};
use super::verify::{Prepared, check, weights};
use super::*;
use crate::credential::{Credential, VotingCode};
use crate::test_support::{Dealt, rng};
use crate::test_vectors::{approved_contest, primitives, record, unhex};

mod batch;
mod secrets;

/// The ballots of one of the vectors' records.
fn ballots_of(name: &str) -> Vec<Vec<u8>> {
    let record = record(name);
    let ballots = record["ballots"].as_array().unwrap();
    ballots.iter().map(|hex| base16ct::lower::decode_vec(hex.as_str().unwrap()).unwrap()).collect()
}

fn seal(dealt: &Dealt, choice: Choice, voter: u64) -> Vec<u8> {
    SealedBallot::seal(&dealt.contest, choice, &dealt.credential(voter), &mut rng(voter)).unwrap().cast()
}

fn prepare(ballot: &Ballot) -> Prepared<'_> {
    Prepared::new(Beginning::new(&ballot.contest), ballot)
}

fn decode(dealt: &Dealt, bytes: &[u8]) -> Ballot {
    Ballot::from_bytes(dealt.contest.contest(), bytes).unwrap()
}

/// The multiples of the fixed points cost a phone more than all else that it does with a contest; only verifying needs
/// them.
#[test]
fn a_device_that_opens_a_contest_and_seals_makes_no_tables() {
    let contest = approved_contest("record-12-lists");
    let credential = Credential::derive(contest.contest(), &VotingCode::from_bytes([1; 15]));
    let sealed = SealedBallot::seal(&contest, Choice::List(1), &credential, &mut rng(1)).unwrap();
    let ballot = Ballot::from_bytes(contest.contest(), &sealed.cast()).unwrap();
    assert!(!contest.contest().has_fixed_multiples());
    ballot.verify(contest.contest()).unwrap();
    assert!(contest.contest().has_fixed_multiples());
}

#[test]
fn challenges_digest_and_weights_match_the_vectors() {
    let vectors = &primitives()["record"];
    let contest = approved_contest("record");
    let contest = contest.contest();
    let ballots: Vec<_> =
        ballots_of("record").iter().map(|bytes| Ballot::from_bytes(contest, bytes).unwrap()).collect();
    for (ballot, reference) in ballots.iter().zip(vectors["references"].as_array().unwrap()) {
        assert_eq!(ballot.reference().digest(), unhex(reference));
    }

    let first = &vectors["first_ballot"];
    let parts = ballots[0].parts();
    let statement = Statement {
        contest: &contest.fingerprint(),
        credential: parts.credential,
        ciphertext: parts.ciphertext,
    };
    let (mut rounds, y) = Rounds::begin(&statement, parts.B);
    assert_eq!(y.to_bytes(), unhex(&first["y"]));
    assert_eq!(rounds.announce(parts.A, parts.S, parts.e).to_bytes(), unhex(&first["x"]));
    assert_eq!(rounds.digest(parts.responses), unhex(&first["digest"]));

    let prepared: Vec<_> = ballots.iter().map(prepare).collect();
    let expected = vectors["batch_weights"].as_array().unwrap();
    let actual: Vec<_> = weights(contest, &prepared).collect();
    assert_eq!(actual.len(), expected.len());
    for ((first, second), expected) in actual.iter().zip(expected) {
        let scalar = |at: usize| Scalar::from(u128::from_le_bytes(unhex(&expected[at])));
        assert_eq!((*first, *second), (scalar(0), scalar(1)));
    }
}

/// One list a slot, two, three; twelve lists and a single one.
#[test]
fn all_ballots_of_the_other_implementation_verify() {
    for (name, count) in [
        ("record", 8),
        ("record-12-lists", 5),
        ("record-packed", 6),
        ("record-single", 2),
        ("record-empty", 0),
    ] {
        let contest = approved_contest(name);
        let contest = contest.contest();
        let bytes = ballots_of(name);
        assert_eq!(bytes.len(), count);
        let ballots: Vec<_> = bytes.iter().map(|bytes| Ballot::from_bytes(contest, bytes).unwrap()).collect();
        let mut sum = PartialSum::new(contest);
        for (index, ballot) in (0..).zip(&ballots) {
            sum.add(index, &ballot.clone().verify(contest).unwrap()).unwrap();
        }
        if count > 0 {
            assert!(verify_batch(contest, ballots).unwrap().iter().all(Result::is_ok));
        }
        let tally = sum.finish(count as u64).unwrap();
        let stated = &record(name)["tally"];
        assert_eq!(tally.nonce(), unhex(&stated["nonce"]), "{name}");
        let sums: Vec<[u8; 32]> = stated["sums"].as_array().unwrap().iter().map(unhex).collect();
        assert_eq!(tally.sums(), sums, "{name}");
    }
}

/// What a slot holds, with the key that one trustee dealt.
fn plaintexts(dealt: &Dealt, ballot: &Ballot) -> Vec<RistrettoPoint> {
    let Ciphertext { nonce, slots } = &*ballot.ciphertext;
    slots.iter().zip(&dealt.polynomials[0]).map(|(c, h)| c - nonce * h[0]).collect()
}

/// What it should hold: the weight of the chosen list in its slot, and nothing elsewhere.
fn expected_plaintexts(layout: &Layout, choice: Choice) -> Vec<RistrettoPoint> {
    layout
        .lists_of_slots()
        .map(|mut slot| slot.find(|(list, _)| choice == Choice::List(*list)).map_or(0, |(_, weight)| weight))
        .map(|plain| RistrettoPoint::mul_base(&Scalar::from(plain)))
        .collect()
}

fn check_every_choice(lists: u8, packing: Option<u8>) {
    let dealt = Dealt::new(&[(1, 1)], lists, packing, u64::from(lists));
    let layout = dealt.contest.contest().layout();
    for choice in [Choice::Blank, Choice::List(1), Choice::List(lists.div_ceil(2)), Choice::List(lists)] {
        let bytes = seal(&dealt, choice, 3);
        assert_eq!(bytes.len(), ballot_length(layout));
        let ballot = decode(&dealt, &bytes);
        assert_eq!(plaintexts(&dealt, &ballot), expected_plaintexts(layout, choice));
        assert!(ballot.verify(dealt.contest.contest()).is_ok());
    }
}

#[test]
fn every_choice_seals_to_a_valid_ballot_of_the_stated_size() {
    for (lists, packing) in [
        (1, None),
        (2, None),
        (2, Some(1)),
        (12, None),
        (7, Some(3)),
        (5, Some(5)),
        (255, None),
        (255, Some(1)),
    ] {
        check_every_choice(lists, packing);
    }
    assert_eq!(ballot_length(Dealt::simple(12, 1).contest.contest().layout()), 866);
}

/// Before anything else is looked at.
#[test]
fn a_ballot_of_another_length_is_refused_for_it() {
    let dealt = Dealt::simple(3, 1);
    let good = seal(&dealt, Choice::Blank, 0);
    let expected = 2 + 32 * (2 + 3 + 9);
    let read = |bytes: &[u8]| Ballot::from_bytes(dealt.contest.contest(), bytes).map(|_| ());
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
    let dealt = Dealt::simple(3, 1);
    let other = Dealt::simple(3, 2);
    let refuse = |choice, credential: &_| {
        SealedBallot::seal(&dealt.contest, choice, credential, &mut rng(1)).unwrap_err()
    };
    let own = dealt.credential(1);
    assert_eq!(refuse(Choice::List(0), &own), BallotError::Choice { lists: 3 });
    assert_eq!(refuse(Choice::List(4), &own), BallotError::Choice { lists: 3 });
    assert_eq!(
        refuse(Choice::List(1), &other.credential(1)),
        BallotError::ForeignContest {
            expected: dealt.contest.contest().fingerprint(),
            actual: other.contest.contest().fingerprint()
        }
    );
}

/// Credentials that were decoded before change no verdict, whatever they are.
#[test]
fn decoded_credentials_change_no_verdict() {
    let (dealt, other) = (Dealt::simple(2, 1), Dealt::simple(2, 2));
    let contest = dealt.contest.contest();
    let decoded: DecodedCredentials = [dealt.credential(1), dealt.credential(2), other.credential(1)]
        .iter()
        .map(crate::credential::Credential::public)
        .collect();
    assert_eq!((decoded.len(), decoded.is_empty()), (3, false));
    assert!(DecodedCredentials::default().is_empty());
    let mut ballots: Vec<_> = [1, 2, 3, 2, 1].map(|voter| seal(&dealt, Choice::List(1), voter)).into();
    // No point; the identity; the credential of another voter, and one of another contest.
    ballots[0][2..34].fill(0xff);
    ballots.push([&ballots[1][..2], &[0; 32], &ballots[1][34..]].concat());
    ballots[3][2..34].copy_from_slice(&dealt.credential(1).public().to_bytes());
    ballots[4][2..34].copy_from_slice(&other.credential(1).public().to_bytes());
    let verdicts = |decoded| -> Vec<_> {
        verify_stream(contest, &ballots, decoded)
            .map(|verdict| verdict.map(|ballot| ballot.credential()))
            .collect()
    };
    let with = verdicts(Some(&decoded));
    assert_eq!(with, verdicts(None));
    let no_point = BallotError::Decode(DecodeError::NotAPoint { offset: 2 });
    let identity = BallotError::Decode(DecodeError::Identity { offset: 2 });
    let good = |voter| Ok(dealt.credential(voter).public());
    let bad = Err(BallotError::Proof);
    assert_eq!(with, [Err(no_point), good(2), good(3), bad, bad, Err(identity)]);
}

/// Verifies with the ballot's own points and responses, and the transcript as given.
fn holds_with(dealt: &Dealt, ballot: &Ballot, statement: &Statement<'_>, sent: [&[u8]; 4]) -> bool {
    let [b, a, s, e] = sent;
    let (mut rounds, y) = Rounds::begin(statement, b);
    let x = rounds.announce(a, s, e);
    let prepared = Prepared::with_challenges(ballot, y, x, rounds);
    check(dealt.contest.contest(), &[prepared]).is_ok()
}

/// Adds to a response of a decoded ballot, past its bytes and so past its transcript.
fn shift(response: &mut Limbs, delta: Scalar) {
    *response = response.minus(&Limbs::from(&-delta));
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes
}

#[test]
#[allow(non_snake_case)]
fn attack_1_every_field_of_a_ballot_is_bound() {
    let dealt = Dealt::simple(3, 1);
    let ballot = decode(&dealt, &seal(&dealt, Choice::List(2), 5));
    // No `..`: a new field must be added here.
    let Parts { credential, ciphertext, B, A, S, e, responses } = ballot.parts();
    let contest = dealt.contest.contest().fingerprint();
    let statement = Statement { contest: &contest, credential, ciphertext };
    let Statement { contest: _, credential, ciphertext } = statement;
    let sent = [B, A, S, e];
    let holds = |statement: &Statement<'_>, sent: [&[u8]; 4]| holds_with(&dealt, &ballot, statement, sent);
    assert!(holds(&statement, sent));

    let other = Dealt::simple(3, 2).contest.contest().fingerprint();
    assert!(!holds(&Statement { contest: &other, ..statement }, sent));
    assert!(!holds(&Statement { credential: &flipped(credential, 0), ..statement }, sent));
    // R and every C_j.
    assert_eq!(ciphertext.len(), 32 * 3);
    for at in (0..ciphertext.len()).step_by(32) {
        assert!(!holds(&Statement { ciphertext: &flipped(ciphertext, at), ..statement }, sent));
    }
    for (at, part) in sent.iter().enumerate() {
        let changed = flipped(part, 0);
        let mut all: [&[u8]; 4] = sent;
        all[at] = &changed;
        assert!(!holds(&statement, all), "{at}");
    }

    // The responses decide the weights of a batch.
    let digest = |responses: &[u8]| Rounds::begin(&statement, B).0.digest(responses);
    assert_eq!(responses.len(), 32 * (3 + 3));
    for at in (0..responses.len()).step_by(32) {
        assert_ne!(digest(responses), digest(&flipped(responses, at)));
    }
}

/// Every value of the proof alone, past its bytes and so past the transcript: the equations hold them all.
#[test]
#[allow(non_snake_case)]
fn attack_1_every_value_of_a_proof_is_in_an_equation() {
    let dealt = Dealt::simple(3, 1);
    let ballot = decode(&dealt, &seal(&dealt, Choice::List(2), 5));
    let G = RistrettoPoint::mul_base(&Scalar::ONE);
    // No `..`: a new field must be added here.
    let BallotProof { B: _, A: _, S: _, e: _, f, z: _, k: _, u: _ } = &*ballot.proof;
    let Ciphertext { nonce: _, slots } = &*ballot.ciphertext;
    type Change = Box<dyn Fn(&mut Ballot)>;
    let mut changes: Vec<Change> = vec![
        Box::new(move |ballot| ballot.proof.B += G),
        Box::new(move |ballot| ballot.proof.A += G),
        Box::new(move |ballot| ballot.proof.S += G),
        Box::new(|ballot| shift(&mut ballot.proof.e, Scalar::ONE)),
        Box::new(|ballot| shift(&mut ballot.proof.z, Scalar::ONE)),
        Box::new(|ballot| shift(&mut ballot.proof.k, Scalar::ONE)),
        Box::new(|ballot| shift(&mut ballot.proof.u, Scalar::ONE)),
        Box::new(move |ballot| ballot.ciphertext.nonce += G),
    ];
    for at in 0..f.len() {
        changes.push(Box::new(move |ballot| shift(&mut ballot.proof.f[at], Scalar::ONE)));
    }
    for at in 0..slots.len() {
        changes.push(Box::new(move |ballot| ballot.ciphertext.slots[at] += G));
    }
    assert!(check(dealt.contest.contest(), &[prepare(&ballot)]).is_ok());
    assert_eq!(changes.len(), 8 + 3 + 2);
    for (at, change) in changes.iter().enumerate() {
        let mut changed = ballot.clone();
        change(&mut changed);
        assert!(check(dealt.contest.contest(), &[prepare(&changed)]).is_err(), "{at}");
    }
}

/// Choices for a contest of so many lists.
fn arb_choice(lists: u8) -> impl Strategy<Value = Choice> {
    (0..=lists).prop_map(|number| if number == 0 { Choice::Blank } else { Choice::List(number) })
}

/// One to twelve lists, one to four a slot where there are so many, and a choice.
fn arb_contest_and_choice() -> impl Strategy<Value = (u8, u8, Choice)> {
    (1u8..=12).prop_flat_map(|lists| (Just(lists), 1..=lists.min(4), arb_choice(lists)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_sealed_verifies_and_holds_the_choice((lists, packing, choice) in arb_contest_and_choice(), voter: u64) {
        let dealt = Dealt::new(&[(1, 1)], lists, Some(packing), 1);
        let layout = dealt.contest.contest().layout();
        prop_assert_eq!(layout.slots(), usize::from(lists.div_ceil(packing)));
        let bytes = seal(&dealt, choice, voter);
        prop_assert_eq!(bytes.len(), 2 + 32 * (layout.slots() + usize::from(lists) + 9));
        let ballot = decode(&dealt, &bytes);
        prop_assert_eq!(plaintexts(&dealt, &ballot), expected_plaintexts(layout, choice));
        prop_assert!(ballot.verify(dealt.contest.contest()).is_ok());
    }

    #[test]
    fn attack_6_bytes_are_a_ballot_or_not_never_two(
        choice in arb_choice(2), at in 0usize..386, bit in 0u8..8,
    ) {
        let dealt = Dealt::simple(2, 1);
        let mut bytes = seal(&dealt, choice, 1);
        bytes[at] ^= 1 << bit;
        if let Ok(ballot) = Ballot::from_bytes(dealt.contest.contest(), &bytes) {
            prop_assert_eq!(ballot.as_bytes(), &bytes[..]);
            prop_assert_eq!(ballot.verify(dealt.contest.contest()).unwrap_err(), BallotError::Proof);
        }
    }
}
