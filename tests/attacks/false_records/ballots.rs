//! False ballots. Box and trustees have all closed over them, added them up and opened the sums.

use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};
use urne::DecodeError;
use urne::audit::{Flaw, Step};
use urne::ballot::BallotError;
use urne::closed_box::BoxFlaw;

use super::{Row, Verdict, check, good, in_box, replace};
use crate::support::forger::{Forger, ballots, setting, votes};
use crate::support::prover::{Item, Parts, Round, Schedule, Witness, prove, prove_beside};
use crate::support::text::{base, hex, plus_order};

/// Ballot 0's proof does not hold.
fn unproven() -> Verdict {
    undone(Step::Proofs, 0, BallotError::Proof)
}

fn undone(step: Step, ballot: usize, error: BallotError) -> Verdict {
    in_box(step, BoxFlaw::Ballot { ballot, error })
}

/// Ballot 0 becomes one of these plaintexts, under the same credential and by a prover of this schedule.
fn cast(forger: &Forger, record: &mut Value, m: &[Scalar], schedule: &Schedule) -> Verdict {
    let ballot = prove(&setting(record), schedule, &Witness::new(forger.voters[0], m));
    replace(record, 0, &ballot.to_bytes());
    forger.finish(record);
    unproven()
}

fn by_the_steps(forger: &Forger, record: &mut Value, m: &[i64]) -> Verdict {
    cast(forger, record, &votes(m), &Schedule::strict())
}

/// Two votes by a prover who leaves this item out of the hash.
fn unhashed(forger: &Forger, record: &mut Value, item: Item) -> Verdict {
    cast(forger, record, &votes(&[1, 1, 0]), &Schedule::strict().without(item))
}

/// Changes parts of ballot 0.
fn change(forger: &Forger, record: &mut Value, change: impl Fn(&mut Parts)) -> Verdict {
    let mut parts = Parts::from_bytes(&ballots(record)[0]);
    change(&mut parts);
    replace(record, 0, &parts.to_bytes());
    forger.finish(record);
    unproven()
}

/// Writes 32 bytes into ballot 1, which then is none, so that its sums stay those of the ballot it was.
fn bytes(forger: &Forger, record: &mut Value, offset: usize, item: [u8; 32], error: DecodeError) -> Verdict {
    let mut ballot = ballots(record)[1].clone();
    ballot[offset..offset + 32].copy_from_slice(&item);
    form(forger, record, &ballot, error.into())
}

fn form(forger: &Forger, record: &mut Value, ballot: &[u8], error: BallotError) -> Verdict {
    replace(record, 1, ballot);
    forger.close(record);
    forger.endorse(record);
    undone(Step::Ballots, 1, error)
}

const CHOICES: &[Row] = &[
    ("votes for two lists", |f, r| by_the_steps(f, r, &[1, 1, 0])),
    ("votes for every list", |f, r| by_the_steps(f, r, &[1, 1, 1])),
    ("a double vote", |f, r| by_the_steps(f, r, &[2, 0, 0])),
    ("a negative vote", |f, r| by_the_steps(f, r, &[0, -1, 0])),
    ("a vote taken from one list for another", |f, r| by_the_steps(f, r, &[2, -1, 0])),
    ("half a vote", |f, r| {
        let half = Scalar::from(2u64).invert();
        cast(f, r, &[half, Scalar::ZERO, Scalar::ZERO], &Schedule::strict())
    }),
    ("half a vote for each of two lists", |f, r| {
        let half = Scalar::from(2u64).invert();
        cast(f, r, &[half, half, Scalar::ZERO], &Schedule::strict())
    }),
    ("votes that wrap round to one", |f, r| {
        let half = Scalar::from(2u64).invert();
        cast(f, r, &[-half, Scalar::ONE + half, Scalar::ZERO], &Schedule::strict())
    }),
    ("two votes beside a proof of one", |f, r| {
        let vote = Witness::new(f.voters[0], &votes(&[1, 0, 0]));
        let two = Witness { m: votes(&[1, 1, 0]), ..vote.clone() };
        replace(r, 0, &prove_beside(&setting(r), &vote, &two).to_bytes());
        f.finish(r);
        unproven()
    }),
    ("two votes, the contest not hashed", |f, r| unhashed(f, r, Item::Contest)),
    ("two votes, the credential not hashed", |f, r| unhashed(f, r, Item::Credential)),
    ("two votes, R not hashed", |f, r| unhashed(f, r, Item::Nonce)),
    ("two votes, the ciphertexts not hashed", |f, r| unhashed(f, r, Item::Choices)),
    ("two votes, A not hashed", |f, r| unhashed(f, r, Item::A)),
    ("two votes, B not hashed", |f, r| unhashed(f, r, Item::B)),
    ("two votes, S not hashed", |f, r| unhashed(f, r, Item::S)),
    ("two votes, B hashed after w", |f, r| {
        cast(f, r, &votes(&[1, 1, 0]), &Schedule::strict().late(Item::B, Round::X))
    }),
];

#[test]
fn attack_5_false_records_of_invalid_choices() {
    check(&good, CHOICES);
}

const MOVED: &[Row] = &[
    ("a ballot of another contest", |f, r| {
        let mut elsewhere = r.clone();
        elsewhere["contest"]["number"] = json!(585);
        let ballot = f.ballot(&elsewhere, &f.voters[0], &votes(&[1, 0, 0]));
        replace(r, 0, &ballot);
        f.finish(r);
        unproven()
    }),
    ("a ballot put under another voter's credential", |f, r| {
        change(f, r, |parts| parts.credential = base(&f.voters[6]))
    }),
    ("options of a ballot exchanged", |f, r| {
        change(f, r, |parts| {
            parts.choices.swap(0, 1);
            parts.f.swap(0, 1);
        })
    }),
    ("a ballot re-randomised", |f, r| {
        let keys = setting(r).keys;
        change(f, r, |parts| {
            parts.nonce += base(&Scalar::ONE);
            for (C, H) in parts.choices.iter_mut().zip(&keys) {
                *C += H;
            }
            parts.z += Scalar::ONE;
        })
    }),
    ("the proof of another ballot", |f, r| {
        let other = Parts::from_bytes(&ballots(r)[4]);
        change(f, r, |parts| {
            let Parts { credential, nonce, choices, .. } = parts.clone();
            *parts = Parts { credential, nonce, choices, ..other.clone() };
        })
    }),
    ("the ciphertext of another ballot", |f, r| {
        let other = Parts::from_bytes(&ballots(r)[4]);
        let moved = change(f, r, |parts| parts.choices = other.choices.clone());
        assert_eq!(moved, unproven());
        moved
    }),
    ("a response off by one", |f, r| change(f, r, |parts| parts.u += Scalar::ONE)),
    ("two bad ballots", |f, r| {
        change(f, r, |parts| parts.z += Scalar::ONE);
        let mut last = Parts::from_bytes(&ballots(r)[4]);
        last.z -= Scalar::ONE;
        replace(r, 4, &last.to_bytes());
        f.finish(r);
        let flaws = [0, 4].map(|ballot| Flaw::Box(BoxFlaw::Ballot { ballot, error: BallotError::Proof }));
        vec![(Step::Proofs, flaws.to_vec())]
    }),
    ("a ballot copied as it is", |f, r| {
        let copy = r["ballots"][1].clone();
        r["ballots"].as_array_mut().unwrap().push(copy);
        f.finish(r);
        let (ballot, earlier) = (5, 1);
        vec![
            (
                Step::Roll,
                vec![
                    Flaw::Box(BoxFlaw::RepeatedCredential { ballot, earlier }),
                    Flaw::Box(BoxFlaw::RepeatedNonce { ballot, earlier }),
                ],
            ),
            (Step::References, vec![Flaw::Box(BoxFlaw::RepeatedReference { ballot, earlier })]),
        ]
    }),
    ("two ballots of one voter", |f, r| {
        let second = f.ballot(r, &f.voters[1], &votes(&[0, 0, 1]));
        r["ballots"].as_array_mut().unwrap().push(json!(hex(&second)));
        f.finish(r);
        in_box(Step::Roll, BoxFlaw::RepeatedCredential { ballot: 5, earlier: 1 })
    }),
    ("two ballots with one R", |f, r| {
        let r_of_0 = Witness::new(f.voters[0], &votes(&[1, 0, 0])).r;
        let witness = Witness { r: r_of_0, ..Witness::new(f.voters[4], &votes(&[0, 0, 1])) };
        let ballot = prove(&setting(r), &Schedule::strict(), &witness);
        replace(r, 4, &ballot.to_bytes());
        f.finish(r);
        in_box(Step::Roll, BoxFlaw::RepeatedNonce { ballot: 4, earlier: 0 })
    }),
    ("a ballot under a revoked credential", |f, r| {
        let ballot = f.ballot(r, &f.voters[2], &votes(&[1, 0, 0]));
        replace(r, 2, &ballot);
        f.finish(r);
        in_box(Step::Roll, BoxFlaw::RevokedCredential { ballot: 2 })
    }),
    ("a ballot under a credential that is not on the roll", |f, r| {
        let ballot = f.ballot(r, &Scalar::from(77u64), &votes(&[1, 0, 0]));
        replace(r, 3, &ballot);
        f.finish(r);
        in_box(Step::Roll, BoxFlaw::UnknownCredential { ballot: 3 })
    }),
];

#[test]
fn attack_4_false_records_of_moved_and_copied_ballots() {
    check(&good, MOVED);
}

/// Where the parts of a ballot of three lists begin.
mod offset {
    pub const CREDENTIAL: usize = 2;
    pub const NONCE: usize = 34;
    pub const SECOND_CHOICE: usize = 98;
    pub const A: usize = 162;
    pub const FIRST_RESPONSE: usize = 258;
    pub const LENGTH: usize = 450;
}

const FORMS: &[Row] = &[
    ("a response plus the order", |f, r| {
        let response = ballots(r)[1][offset::FIRST_RESPONSE..][..32].to_vec();
        let error = DecodeError::NotAScalar { offset: offset::FIRST_RESPONSE };
        bytes(f, r, offset::FIRST_RESPONSE, plus_order(&response), error)
    }),
    ("the identity for R", |f, r| {
        bytes(f, r, offset::NONCE, [0; 32], DecodeError::Identity { offset: offset::NONCE })
    }),
    ("the identity for a credential", |f, r| {
        bytes(f, r, offset::CREDENTIAL, [0; 32], DecodeError::Identity { offset: offset::CREDENTIAL })
    }),
    ("the identity for a ciphertext", |f, r| {
        bytes(f, r, offset::SECOND_CHOICE, [0; 32], DecodeError::Identity { offset: offset::SECOND_CHOICE })
    }),
    ("a point that is not canonical", |f, r| {
        bytes(f, r, offset::A, [0xff; 32], DecodeError::NotAPoint { offset: offset::A })
    }),
    ("a byte too many", |f, r| {
        let ballot = [&ballots(r)[1][..], &[0]].concat();
        let (expected, actual) = (offset::LENGTH, offset::LENGTH + 1);
        form(f, r, &ballot, DecodeError::TooLong { expected, actual }.into())
    }),
    ("a byte too few", |f, r| {
        let ballot = ballots(r)[1][..offset::LENGTH - 1].to_vec();
        let (expected, actual) = (offset::LENGTH, offset::LENGTH - 1);
        form(f, r, &ballot, DecodeError::TooShort { expected, actual }.into())
    }),
    ("no bytes at all", |f, r| form(f, r, &[], DecodeError::TooShort { expected: 1, actual: 0 }.into())),
    ("another version", |f, r| {
        let ballot = [&[2], &ballots(r)[1][1..]].concat();
        form(f, r, &ballot, DecodeError::Version { actual: 2 }.into())
    }),
    ("another number of lists", |f, r| {
        let ballot = [&[1, 4], &ballots(r)[1][2..]].concat();
        form(f, r, &ballot, BallotError::Lists { expected: 3, actual: 4 })
    }),
];

#[test]
fn attack_6_false_records_of_re_encoded_ballots() {
    check(&good, FORMS);
}
