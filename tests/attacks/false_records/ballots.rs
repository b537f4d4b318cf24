//! False ballots. Box, issuer and trustees have all closed over them, added them up and opened the sums.

use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};
use urne::DecodeError;
use urne::ballot::BallotError;
use urne::ballot_box::BoxFlaw;
use urne::record::{Flaw, Step};

use super::{Row, Verdict, check, forger, good, in_box, replace, result_flaws, unexpected, unproven};
use crate::support::forger::{Forger, ballots, setting, votes};
use crate::support::forgeries::{forgeries, invalid};
use crate::support::parts::Parts;
use crate::support::prover::{Item, Round, Schedule, Witness, prove, prove_beside};
use crate::support::text::{base, hex, plus_order};

/// Box, issuer and trustees make the rest of the record for its ballots as they are. These proofs do not hold, and
/// the totals may be none.
fn finished(forger: &Forger, record: &mut Value, ballots: &[usize]) -> Verdict {
    forger.finish(record);
    let proofs = (!ballots.is_empty()).then(|| unproven(ballots.iter().copied()));
    proofs.into_iter().chain(result_flaws(forger, record)).collect()
}

/// Ballot 0 becomes this one.
fn cast(forger: &Forger, record: &mut Value, ballot: &Parts) -> Verdict {
    replace(record, 0, &ballot.to_bytes());
    finished(forger, record, &[0])
}

/// Records that differ from a good one in the first ballot, each with a name and what must be found.
fn check_all(records: impl Iterator<Item = (String, Value, Verdict)>, count: usize) {
    let mut wrong = Vec::new();
    let mut audited = 0;
    for (name, record, verdict) in records {
        audited += 1;
        wrong.extend(unexpected(&record, &verdict).into_iter().map(|line| format!("{name}, {line}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(audited, count);
}

/// Provers who follow every step for a choice that is none.
#[test]
fn attack_5_false_records_of_invalid_choices() {
    let forger = forger();
    let good = good(&forger);
    let records = invalid(&setting(&good)).into_iter().map(|(name, b)| {
        let mut record = good.clone();
        let ballot = prove(&setting(&record), &Schedule::strict(), &Witness::new(forger.voters[0], &b));
        let verdict = cast(&forger, &mut record, &ballot);
        (name.to_owned(), record, verdict)
    });
    check_all(records, 24);
}

/// Votes for two lists of one slot beside a proof that leaves out one item of the hash, or hashes it late.
#[test]
fn attack_5_false_records_of_provers_who_leave_out_one_item() {
    let forger = forger();
    let good = good(&forger);
    let schedules = Item::ALL.into_iter().flat_map(|item| {
        let late = [Round::Y, Round::X].map(|round| (format!("late, {round:?}"), round));
        let late = late.map(|(name, round)| (name, Schedule::strict().late(item, round)));
        let all = [("left out".to_owned(), Schedule::strict().without(item))].into_iter().chain(late);
        all.map(move |(name, schedule)| (item, name, schedule)).collect::<Vec<_>>()
    });
    let records = schedules.map(|(item, name, schedule)| {
        let mut record = good.clone();
        let two = Witness::new(forger.voters[0], &votes(&[1, 1, 0]));
        let verdict = cast(&forger, &mut record, &prove(&setting(&good), &schedule, &two));
        (format!("{item:?} {name}"), record, verdict)
    });
    check_all(records, 24);
}

/// Every forgery that a verifier with a weaker transcript takes.
#[test]
fn attack_1_false_records_of_forgeries() {
    let forger = forger();
    let good = good(&forger);
    let records = forgeries(&forger, &setting(&good)).into_iter().map(|forgery| {
        let mut record = good.clone();
        let verdict = cast(&forger, &mut record, &forgery.ballot);
        let of_roll = match forgery.name {
            // The forger needs no credential of its own, and has taken that of ballot 1.
            "S after x" => Some(BoxFlaw::RepeatedCredential { ballot: 1, earlier: 0 }),
            name if name.starts_with("C after y") => Some(BoxFlaw::UnknownCredential { ballot: 0 }),
            _ => None,
        };
        let of_roll = of_roll.map(|flaw| (Step::Roll, vec![Flaw::Box(flaw)]));
        (forgery.name.to_owned(), record, of_roll.into_iter().chain(verdict).collect())
    });
    check_all(records, 14);
}

/// Changes parts of ballot 0.
fn change(forger: &Forger, record: &mut Value, change: impl Fn(&mut Parts)) -> Verdict {
    let mut parts = Parts::from_bytes(&ballots(record)[0]);
    change(&mut parts);
    cast(forger, record, &parts)
}

/// A ballot of another record in the place of ballot 0.
fn of_another(forger: &Forger, record: &mut Value, change: impl Fn(&mut Value)) -> Verdict {
    let mut elsewhere = record.clone();
    change(&mut elsewhere["contest"]);
    let ballot = forger.ballot(&elsewhere, &forger.voters[0], &votes(&[1, 0, 0]));
    replace(record, 0, &ballot);
    finished(forger, record, &[0])
}

/// A good ballot of this credential in the place of one that is there.
fn under(forger: &Forger, record: &mut Value, at: usize, credential: &Scalar, flaw: BoxFlaw) -> Verdict {
    let ballot = forger.ballot(record, credential, &votes(&[1, 0, 0]));
    replace(record, at, &ballot);
    forger.finish(record);
    in_box(Step::Roll, flaw)
}

const MOVED: &[Row] = &[
    ("a ballot of another contest", |f, r| of_another(f, r, |contest| contest["number"] = json!(585))),
    ("a ballot of a contest with the lists in another order", |f, r| {
        of_another(f, r, |contest| contest["lists"].as_array_mut().unwrap().reverse())
    }),
    ("a ballot of a contest of another capacity", |f, r| {
        of_another(f, r, |contest| contest["capacity"] = json!(999))
    }),
    ("a ballot of a contest with another grace", |f, r| {
        of_another(f, r, |contest| contest["grace"] = json!(0))
    }),
    ("a ballot of a contest with another quorum", |f, r| {
        of_another(f, r, |contest| contest["panels"][1]["quorum"] = json!(4))
    }),
    ("a ballot of a contest with another issuer", |f, r| {
        of_another(f, r, |contest| contest["issuer_key"] = contest["box_key"].clone())
    }),
    ("a ballot of a contest with the panels exchanged", |f, r| {
        of_another(f, r, |contest| contest["panels"].as_array_mut().unwrap().swap(0, 1))
    }),
    ("two votes beside a proof of one", |f, r| {
        let vote = Witness::new(f.voters[0], &votes(&[1, 0, 0]));
        let two = Witness { b: votes(&[1, 1, 0]), ..vote.clone() };
        let ballot = prove_beside(&setting(r), &vote, &two);
        cast(f, r, &ballot)
    }),
    ("a ballot put under another voter's credential", |f, r| {
        change(f, r, |parts| parts.credential = base(&f.voters[6]))
    }),
    ("lists of one slot exchanged", |f, r| change(f, r, |parts| parts.f.swap(0, 1))),
    ("slots exchanged", |f, r| change(f, r, |parts| parts.slots.swap(0, 1))),
    ("a ballot re-randomised", |f, r| {
        let keys = setting(r).keys;
        change(f, r, |parts| {
            parts.nonce += base(&Scalar::ONE);
            for (C, H) in parts.slots.iter_mut().zip(&keys) {
                *C += H;
            }
            parts.z += Scalar::ONE;
        })
    }),
    ("a vote added to a slot", |f, r| change(f, r, |parts| parts.slots[1] += base(&Scalar::ONE))),
    ("a vote turned into one for the next list", |f, r| {
        let next = setting(r).radix - Scalar::ONE;
        change(f, r, |parts| {
            parts.slots[0] += base(&next);
            parts.f.swap(0, 1);
        })
    }),
    ("the proof of another ballot", |f, r| {
        let other = Parts::from_bytes(&ballots(r)[4]);
        change(f, r, |parts| {
            let Parts { credential, nonce, slots, .. } = parts.clone();
            *parts = Parts { credential, nonce, slots, ..other.clone() };
        })
    }),
    ("the slots of another ballot", |f, r| {
        let other = Parts::from_bytes(&ballots(r)[4]);
        change(f, r, |parts| parts.slots = other.slots.clone())
    }),
    ("another B", |f, r| change(f, r, |parts| parts.B += base(&Scalar::ONE))),
    ("another A", |f, r| change(f, r, |parts| parts.A += base(&Scalar::ONE))),
    ("another S", |f, r| change(f, r, |parts| parts.S += base(&Scalar::ONE))),
    ("e off by one", |f, r| change(f, r, |parts| parts.e += Scalar::ONE)),
    ("f_2 off by one", |f, r| change(f, r, |parts| parts.f[1] += Scalar::ONE)),
    ("z off by one", |f, r| change(f, r, |parts| parts.z += Scalar::ONE)),
    ("k off by one", |f, r| change(f, r, |parts| parts.k += Scalar::ONE)),
    ("u off by one", |f, r| change(f, r, |parts| parts.u += Scalar::ONE)),
    ("two bad ballots with opposite errors", |f, r| {
        for (ballot, error) in [(0, Scalar::ONE), (4, -Scalar::ONE)] {
            let mut parts = Parts::from_bytes(&ballots(r)[ballot]);
            parts.z += error;
            replace(r, ballot, &parts.to_bytes());
        }
        finished(f, r, &[0, 4])
    }),
    ("a ballot copied as it is", |f, r| {
        let copy = r["ballots"][1].clone();
        r["ballots"].as_array_mut().unwrap().push(copy);
        f.finish(r);
        let (ballot, earlier) = (5, 1);
        let of_roll =
            [BoxFlaw::RepeatedCredential { ballot, earlier }, BoxFlaw::RepeatedNonce { ballot, earlier }];
        let of_references = [BoxFlaw::RepeatedReference { ballot, earlier }];
        vec![
            (Step::Roll, of_roll.map(Flaw::Box).to_vec()),
            (Step::References, of_references.map(Flaw::Box).to_vec()),
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
        under(f, r, 2, &f.voters[2], BoxFlaw::RevokedCredential { ballot: 2 })
    }),
    ("a ballot under a credential that is not on the roll", |f, r| {
        under(f, r, 3, &Scalar::from(77u64), BoxFlaw::UnknownCredential { ballot: 3 })
    }),
    ("a bad ballot under a revoked credential", |f, r| {
        let ballot = f.ballot(r, &f.voters[2], &votes(&[0, 1, 1]));
        replace(r, 2, &ballot);
        let revoked = Flaw::Box(BoxFlaw::RevokedCredential { ballot: 2 });
        let rest = finished(f, r, &[2]);
        [(Step::Roll, vec![revoked])].into_iter().chain(rest).collect()
    }),
];

#[test]
fn attack_4_false_records_of_moved_and_copied_ballots() {
    check(&good, MOVED);
}

/// Where the parts of a ballot of three lists and two slots begin.
mod offset {
    pub const CREDENTIAL: usize = 2;
    /// `e`, after seven points.
    pub const E: usize = CREDENTIAL + 7 * 32;
    /// After seven scalars.
    pub const LENGTH: usize = E + 7 * 32;
}

/// Ballot 1 becomes bytes that are none, so that the sums stay those of the ballot it was.
fn form(forger: &Forger, record: &mut Value, ballot: &[u8], error: BallotError) -> Verdict {
    replace(record, 1, ballot);
    forger.close(record);
    forger.endorse(record);
    in_box(Step::Ballots, BoxFlaw::Ballot { ballot: 1, error })
}

const FORMS: &[Row] = &[
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
    ("the form of one list a slot", |f, r| {
        let ballot = [&ballots(r)[1][..], &[0; 32]].concat();
        let (expected, actual) = (offset::LENGTH, offset::LENGTH + 32);
        form(f, r, &ballot, DecodeError::TooLong { expected, actual }.into())
    }),
    ("no bytes at all", |f, r| form(f, r, &[], DecodeError::TooShort { expected: 1, actual: 0 }.into())),
    ("version 1", |f, r| {
        let ballot = [&[1], &ballots(r)[1][1..]].concat();
        form(f, r, &ballot, DecodeError::Version { actual: 1 }.into())
    }),
    ("version 3", |f, r| {
        let ballot = [&[3], &ballots(r)[1][1..]].concat();
        form(f, r, &ballot, DecodeError::Version { actual: 3 }.into())
    }),
    ("another number of lists", |f, r| {
        let ballot = [&[2, 4], &ballots(r)[1][2..]].concat();
        form(f, r, &ballot, BallotError::Lists { expected: 3, actual: 4 })
    }),
    ("a ballot that is none beside a bad one", |f, r| {
        let two = f.ballot(r, &f.voters[0], &votes(&[1, 1, 0]));
        replace(r, 0, &two);
        f.finish(r);
        let mut verdict = form(f, r, &[], DecodeError::TooShort { expected: 1, actual: 0 }.into());
        verdict.push(unproven([0]));
        verdict
    }),
];

#[test]
fn attack_6_false_records_of_ballots_that_are_none() {
    check(&good, FORMS);
}

/// In the place of every point the identity and bytes that are no point, and every scalar plus the order.
#[test]
fn attack_6_false_records_of_re_encoded_ballots() {
    let forger = forger();
    let good = good(&forger);
    let ballot = ballots(&good)[1].clone();
    let points = (offset::CREDENTIAL..offset::E).step_by(32).flat_map(|offset| {
        let bad =
            [([0; 32], DecodeError::Identity { offset }), ([0xff; 32], DecodeError::NotAPoint { offset })];
        bad.map(|(item, error)| (offset, item, error))
    });
    let scalars = (offset::E..offset::LENGTH)
        .step_by(32)
        .map(|offset| (offset, plus_order(&ballot[offset..offset + 32]), DecodeError::NotAScalar { offset }));
    let records = points.chain(scalars).map(|(offset, item, error)| {
        let (mut record, mut other) = (good.clone(), ballot.clone());
        other[offset..offset + 32].copy_from_slice(&item);
        let verdict = form(&forger, &mut record, &other, error.into());
        (format!("{error} at {offset}"), record, verdict)
    });
    check_all(records, 7 * 2 + 7);
}
