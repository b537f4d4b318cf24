//! The library under valgrind's memcheck with all secrets marked: `valgrind memcheck SCENARIO`.
//!
//! `.ci/constant_time` runs every scenario. Those that are planted must be reported, the others not.

use std::hint::black_box;
use std::process::ExitCode;

use rand_chacha::ChaCha20Rng;
use urne::ballot_box::Complaints;
use urne::ballot::Sealer;
use urne::rand_core::{self, CryptoRng, Rng, TryCryptoRng, TryRng};
use urne::tally::{DecryptionFactors, Endorsement};
use urne::*;
use urne_constant_time::election::{self, Wire};
use urne_constant_time::memory::{is_watched, make_public, make_secret, secret_bytes};

#[cfg(not(urne_constant_time))]
compile_error!("memcheck wants RUSTFLAGS='--cfg urne_constant_time'; see .ci/constant_time");

/// Each with its name. A planted leak is reported in the function of its name.
const SCENARIOS: [(&str, fn()); 9] = [
    ("ceremony", ceremony),
    ("codes", codes),
    ("sealing", sealing),
    ("sealer", sealer),
    ("decryption", decryption),
    ("planted_branch", planted_branch),
    ("planted_branch_on_bits", planted_branch_on_bits),
    ("planted_index", planted_index),
    ("planted_comparison", planted_comparison),
];

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    let Some((_, scenario)) = SCENARIOS.iter().find(|(known, _)| *known == name) else {
        eprintln!("scenarios: {}", SCENARIOS.map(|(name, _)| name).join(" "));
        return ExitCode::from(2);
    };
    if !is_watched() {
        eprintln!("not under valgrind: nothing would be checked");
        return ExitCode::from(2);
    }
    let seen = if is_x86_feature_detected!("avx2") { "has" } else { "does not have" };
    println!("{name}: the processor that valgrind shows {seen} AVX2");
    #[cfg(urne_constant_time)]
    urne::declassify_hook::set(make_public);
    scenario();
    ExitCode::SUCCESS
}

/// An RNG whose output is secret.
struct SecretRng(ChaCha20Rng);

impl TryRng for SecretRng {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        self.0.fill_bytes(bytes);
        make_secret(bytes);
        Ok(())
    }
}

impl TryCryptoRng for SecretRng {}

fn secret_rng(seed: u64) -> impl CryptoRng {
    SecretRng(election::rng(seed))
}

/// What goes over the wire is public.
const PUBLISHED: Wire = |mut bytes| {
    make_public(&mut *bytes);
    bytes
};

/// What is stored is secret, each 32 bytes of it: the marks have not been lost on the way.
fn all_secret(bytes: &[u8]) {
    assert!(bytes.chunks(32).all(|scalar| secret_bytes(scalar).contains(&true)), "a stored secret is public");
}

fn trustees(panels: &[(u8, u8)], slots: u8) -> Vec<Trustee> {
    election::key_ceremony(panels, slots, PUBLISHED, all_secret, &mut secret_rng(1))
}

/// Under the key of one trustee.
fn contest(lists: u8, packing: u8) -> ApprovedContest {
    let mut trustees = trustees(&[(1, 1)], lists.div_ceil(packing));
    election::contest(&mut trustees, lists, packing, PUBLISHED, &mut secret_rng(2)).contest
}

fn code(number: u8) -> VotingCode {
    let mut bytes = [number; 15];
    make_secret(&mut bytes);
    VotingCode::from_bytes(bytes)
}

fn choice(mut choice: Choice) -> Choice {
    make_secret(&mut choice);
    black_box(choice)
}

/// Coefficients, shares, their sealing and opening, proofs of possession, signatures, stored keys.
fn ceremony() {
    for (panels, slots) in [(&[(1, 1)][..], 1), (&[(2, 3)], 4), (&[(1, 2), (2, 3)], 2)] {
        let all: u8 = panels.iter().map(|(_, trustees)| trustees).sum();
        assert_eq!(trustees(panels, slots).len(), usize::from(all));
    }
}

/// Codes, credentials, activations.
fn codes() {
    let contest = contest(1, 1);
    let drawn = VotingCode::generate(&mut secret_rng(3));
    for code in [drawn, code(1)] {
        all_secret(code.expose_bytes().as_ref());
        let credential = Credential::derive(contest.contest(), &code);
        let nonce = ActivationNonce::generate(&mut election::rng(4));
        let activation = Activation::new(&credential, &nonce, &mut secret_rng(5)).to_bytes();
        assert_eq!(secret_bytes(&activation[..33]), [false; 33]);
        all_secret(&activation[65..]);
        assert!(Activation::from_bytes(&PUBLISHED(activation)).is_ok());
    }
}

/// Ballots as a voter's own device makes them.
fn sealing() {
    seal_every_choice(|_| None);
}

/// Ballots made with tables, whose entries no secret may choose by their address.
fn sealer() {
    seal_every_choice(|contest| Some(Sealer::new(contest)));
}

/// Ballots of all choices, in a contest of one list and in such with one, two and three lists a slot, the last slot
/// not full; and those that are refused.
fn seal_every_choice(sealer: fn(&ApprovedContest) -> Option<Sealer>) {
    for (lists, packing) in [(1, 1), (5, 1), (5, 2), (4, 3)] {
        let contest = contest(lists, packing);
        let credential = Credential::derive(contest.contest(), &code(1));
        let sealer = sealer(&contest);
        let seal = |choice| match &sealer {
            Some(sealer) => sealer.seal(choice, &credential, &mut secret_rng(3)),
            None => SealedBallot::seal(&contest, choice, &credential, &mut secret_rng(3)),
        };
        for number in 0..=lists {
            let chosen = if number == 0 { Choice::Blank } else { Choice::List(number) };
            let bytes = seal(choice(chosen)).unwrap().cast();
            // Version, lists, credential, R, C_j, B, A, S and e are public by now, the responses not yet.
            let published = 2 + 32 * (contest.contest().layout().slots() + 6);
            assert!(!secret_bytes(&bytes[..published]).contains(&true));
            all_secret(&bytes[published..]);
            let ballot = Ballot::from_bytes(contest.contest(), &PUBLISHED(bytes)).unwrap();
            assert!(ballot.verify(contest.contest()).is_ok());
        }
        for refused in [0, lists + 1] {
            let error = seal(choice(Choice::List(refused))).unwrap_err();
            assert_eq!(error, ballot::BallotError::Choice { lists });
        }
    }
}

/// Approvals, endorsements and decryption factors from secret shares, up to the result.
fn decryption() {
    let mut trustees = trustees(&[(1, 2), (2, 3)], 2);
    let rng = &mut secret_rng(2);
    let setting = election::contest(&mut trustees, 3, 2, PUBLISHED, rng);
    let chosen = [Choice::List(3), Choice::Blank, Choice::List(1), Choice::List(3)].map(choice);
    let (signed, signings, voters) = election::vote(setting, &chosen, PUBLISHED, rng);
    let (voters, at) = (voters.into_iter().collect(), signed.closed().closing().at);
    let complaints = Complaints { seconds: 0, given: &[] };
    let endorsements: Vec<_> = trustees
        .iter_mut()
        .map(|trustee| {
            trustee.given(signed.closed(), at).unwrap().stored();
            let endorsement = trustee.endorse(&signed, &signings, &voters, &complaints, at, rng).unwrap().stored();
            Endorsement::from_bytes(&PUBLISHED(endorsement.to_bytes())).unwrap()
        })
        .collect();
    let ready: Vec<_> =
        trustees.iter().map(|trustee| trustee.ready(&signed, &endorsements).unwrap()).collect();
    let factors: Vec<_> = trustees
        .iter_mut()
        .map(|trustee| {
            let bytes = trustee.give_factors(&signed, &endorsements, &ready, rng).unwrap().stored().to_bytes();
            let proof_and_signature = bytes.len() - 128;
            // Factors are public by now, the responses of proof and signature not yet.
            assert!(!secret_bytes(&bytes[..proof_and_signature]).contains(&true));
            all_secret(&bytes[proof_and_signature + 32..proof_and_signature + 64]);
            all_secret(&bytes[proof_and_signature + 96..]);
            DecryptionFactors::from_bytes(&PUBLISHED(bytes)).unwrap()
        })
        .collect();
    let opened = OpenedTally::open(&signed, &endorsements, &factors).unwrap();
    assert_eq!((opened.result().votes(), opened.result().blank()), (&[1, 0, 2][..], 1));
    assert!(opened.rejected().is_empty());
}

/// A device that seals a blank ballot in another way.
#[inline(never)]
fn planted_branch() {
    let contest = contest(2, 2);
    let credential = Credential::derive(contest.contest(), &code(1));
    let seal = |choice| SealedBallot::seal(&contest, choice, &credential, &mut secret_rng(3));
    let sealed = match choice(Choice::List(1)) {
        Choice::Blank => black_box(seal)(Choice::Blank),
        Choice::List(list) => black_box(seal)(Choice::List(list)),
    };
    assert!(sealed.is_ok());
}

/// A sum that skips the lists that are not chosen.
#[inline(never)]
fn planted_branch_on_bits() {
    let mut bits = [0u8, 1, 0];
    make_secret(&mut bits);
    let mut sum = 0u64;
    for (bit, value) in bits.iter().zip([3, 5, 7]) {
        if *bit == 1 {
            sum = black_box(sum + value);
        }
    }
    black_box(sum);
}

/// A table with a place for each choice.
#[inline(never)]
fn planted_index() {
    if let Choice::List(mut list) = Choice::List(1) {
        make_secret(&mut list);
        let table: [u64; 256] = std::array::from_fn(|i| i as u64);
        black_box(black_box(&table)[usize::from(list)]);
    }
}

/// A code compared byte by byte.
#[inline(never)]
fn planted_comparison() {
    let same = |a: &[u8], b: &[u8]| a.iter().zip(b).all(|(a, b)| a == b);
    black_box(black_box(same)(code(1).expose_bytes().as_ref(), black_box(&[1; 15])));
}
