//! The equations that are proved in Coq, evaluated on ballots of this crate.
//!
//! `proofs/equations.txt` is printed from the development, where it is proved that these terms are equations (1) and
//! (2). This test reads it, knows nothing of the equations itself, and finds that they hold for the ballots that the
//! crate seals, and that crate and equations agree on ballots in which one thing was changed. So text, Coq and code
//! speak of the same equations.

#[path = "support/polling.rs"]
mod polling;
#[path = "support/mod.rs"]
mod support;

use std::collections::BTreeMap;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;
use polling::{approve, ceremony, description, rng};
use support::parts::{Generators, Parts, Setting};
use support::prover::{Challenges, Schedule};
use support::text::{base, decode};
use urne::contest::Packing;
use urne::{ApprovedContest, Ballot, Choice, Credential, SealedBallot, VotingCode};

/// A side of an equation: a scalar, in reverse Polish, for each point.
type Side = Vec<(String, Vec<String>)>;

/// The equations for one number of lists and of lists a slot.
#[derive(Default)]
struct Equations {
    lists: u8,
    packing: u8,
    sides: BTreeMap<String, Side>,
}

fn read(text: &str) -> Vec<Equations> {
    let mut all: Vec<Equations> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["contest", lists, packing] => all.push(Equations {
                lists: lists.parse().unwrap(),
                packing: packing.parse().unwrap(),
                sides: BTreeMap::new(),
            }),
            [side, point, ref scalar @ ..] => {
                let scalar = scalar.iter().map(|word| (*word).to_owned()).collect();
                let sides = &mut all.last_mut().unwrap().sides;
                sides.entry(side.to_owned()).or_default().push((point.to_owned(), scalar));
            }
            _ => panic!("{line}"),
        }
    }
    all
}

/// What the names stand for in one ballot.
struct Values<'a> {
    setting: &'a Setting,
    generators: &'a Generators,
    parts: &'a Parts,
    challenges: Challenges,
}

impl Values<'_> {
    fn point(&self, name: &str) -> RistrettoPoint {
        let Values { setting, generators, parts, .. } = self;
        let nth = |points: &[RistrettoPoint], number: &str| points[number.parse::<usize>().unwrap() - 1];
        match name {
            "A" => parts.A,
            "B" => parts.B,
            "S" => parts.S,
            "R" => parts.nonce,
            "C" => parts.credential,
            "G" => base(&Scalar::ONE),
            "P" => generators.P,
            "N" => generators.N,
            "K" => generators.K,
            "Q" => generators.Q,
            _ => match name.split_at(1) {
                ("P", number) => nth(&generators.P_i, number),
                ("C", number) => nth(&parts.slots, number),
                ("H", number) => nth(&setting.keys, number),
                _ => panic!("no point {name}"),
            },
        }
    }

    fn scalar(&self, words: &[String]) -> Scalar {
        let Values { setting, parts, challenges: Challenges { y, x }, .. } = self;
        let power = |of: &Scalar, exponent: &str| -> Scalar {
            (0..exponent.parse::<usize>().unwrap()).map(|_| of).product()
        };
        let mut stack: Vec<Scalar> = Vec::new();
        for word in words {
            let value = match word.as_str() {
                "+" | "-" | "*" => {
                    let (right, left) = (stack.pop().unwrap(), stack.pop().unwrap());
                    match word.as_str() {
                        "+" => left + right,
                        "-" => left - right,
                        _ => left * right,
                    }
                }
                "x" => *x,
                "e" => parts.e,
                "z" => parts.z,
                "k" => parts.k,
                "u" => parts.u,
                other => match other.split_at(1) {
                    ("f", number) => parts.f[number.parse::<usize>().unwrap() - 1],
                    ("y", exponent) => power(y, exponent.strip_prefix('^').unwrap()),
                    ("M", exponent) => power(&setting.radix, exponent.strip_prefix('^').unwrap()),
                    _ => Scalar::from(other.parse::<u64>().unwrap()),
                },
            };
            stack.push(value);
        }
        assert_eq!(stack.len(), 1, "{words:?}");
        stack[0]
    }

    fn sum(&self, side: &Side) -> RistrettoPoint {
        side.iter().fold(RistrettoPoint::identity(), |sum, (point, scalar)| {
            sum + self.point(point) * self.scalar(scalar)
        })
    }

    /// Whether each of the two equations holds.
    fn hold(&self, equations: &Equations) -> [bool; 2] {
        let side = |name: &str| self.sum(&equations.sides[name]);
        [side("left1") == side("right1"), side("left2") == side("right2")]
    }
}

fn setting(contest: &ApprovedContest) -> Setting {
    let contest = contest.contest();
    let panels = contest.key().to_encodings();
    let slots = contest.layout().slots();
    let key = |slot: usize| panels.iter().map(|panel| decode(&panel[slot][0])).sum();
    Setting {
        fingerprint: contest.fingerprint().to_bytes(),
        keys: (0..slots).map(key).collect(),
        lists: contest.lists().into(),
        packing: contest.layout().packing().get().into(),
        radix: Scalar::from(contest.layout().base()),
    }
}

/// Every scalar and every point of a ballot, changed alone.
fn changed(parts: &Parts) -> Vec<Parts> {
    let (one, point) = (Scalar::ONE, base(&Scalar::from(99u64)));
    let mut all = vec![
        Parts { e: parts.e + one, ..parts.clone() },
        Parts { z: parts.z + one, ..parts.clone() },
        Parts { k: parts.k + one, ..parts.clone() },
        Parts { u: parts.u + one, ..parts.clone() },
        Parts { A: parts.A + point, ..parts.clone() },
        Parts { B: parts.B + point, ..parts.clone() },
        Parts { S: parts.S + point, ..parts.clone() },
        Parts { nonce: parts.nonce + point, ..parts.clone() },
        Parts { credential: parts.credential + point, ..parts.clone() },
    ];
    for list in 0..parts.f.len() {
        let mut with = parts.clone();
        with.f[list] += one;
        all.push(with);
    }
    for slot in 0..parts.slots.len() {
        let mut with = parts.clone();
        with.slots[slot] += point;
        all.push(with);
    }
    all
}

#[test]
fn the_equations_that_are_proved_are_those_of_the_code() {
    let all = read(include_str!("../proofs/equations.txt"));
    let (_, mut trustees) = ceremony(&[(1, 2), (2, 3)], 40, 1);
    let (mut honest, mut refused) = (0, 0);
    for (number, equations) in (1..).zip(&all) {
        let mut described = description(number, equations.lists);
        // (capacity + 1)^κ is at most 2^48.
        described.capacity = 100;
        described.packing = Packing::new(equations.packing);
        let contest = approve(described, &mut trustees);
        let (setting, generators) = (setting(&contest), Generators::new(equations.lists.into()));
        let holds = |parts: &Parts| {
            let challenges = Schedule::strict().challenges(&setting, parts);
            Values { setting: &setting, generators: &generators, parts, challenges }.hold(equations)
        };
        let accepted = |bytes: &[u8]| {
            let contest = contest.contest();
            Ballot::from_bytes(contest, bytes).and_then(|ballot| ballot.verify(contest)).is_ok()
        };
        for seed in 0..40u8 {
            let choice = match seed % (equations.lists + 1) {
                0 => Choice::Blank,
                list => Choice::List(list),
            };
            let credential = Credential::derive(contest.contest(), &VotingCode::from_bytes([seed; 15]));
            let ballot =
                SealedBallot::seal(&contest, choice, &credential, &mut rng(seed.into())).unwrap().cast();
            let parts = Parts::read(&setting, &ballot).unwrap();
            assert_eq!(
                (holds(&parts), accepted(&ballot)),
                ([true; 2], true),
                "{choice:?} of {}",
                equations.lists
            );
            honest += 1;
            if seed > 1 {
                continue;
            }
            for changed in changed(&parts) {
                let expected = holds(&changed) == [true; 2];
                assert_eq!(accepted(&changed.to_bytes()), expected, "{changed:?}");
                refused += u32::from(!expected);
            }
        }
    }
    assert_eq!(honest, 40 * u32::try_from(all.len()).unwrap());
    assert!(honest >= 300 && refused >= 300, "{honest} honest ballots, {refused} refused");
}
