//! Row 8: an RNG that returns the same bytes for ever. Whoever knows the secrets finds every nonce again
//! from the proofs; over all statements none may come twice.

use std::collections::BTreeSet;

use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};
use urne::ballot::ChallengedBallot;
use urne::rand_core::{TryCryptoRng, TryRng};
use urne::tally::DecryptionFactors;
use urne::{
    Activation, ActivationNonce, ApprovedContest, Choice, ClosedBox, Credential, Proof, Record, SealedBallot,
    VotingCode,
};

use crate::dealer::{forgetful, trustee_secrets};
use crate::polling::{COMPLAINTS, Ended, Polling, approve, at, ceremony, description};
use crate::support::code;
use crate::support::forger::{Forger, fingerprint, setting, votes};
use crate::support::prover::{Masks, Parts, Schedule, Witness};
use crate::support::text::{Bytes, base, challenge, encode, powers, scalar};

/// An RNG that returns one byte for ever.
pub struct Stuck(pub u8);

impl TryRng for Stuck {
    type Error = core::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(u32::from_le_bytes([self.0; 4]))
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(u64::from_le_bytes([self.0; 8]))
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.fill(self.0);
        Ok(())
    }
}

impl TryCryptoRng for Stuck {}

/// Secrets that have been seen.
#[derive(Default)]
struct Seen(BTreeSet<[u8; 32]>);

impl Seen {
    fn fresh(&mut self, secret: Scalar, what: &str) {
        assert_ne!(secret, Scalar::ZERO, "{what}");
        assert!(self.0.insert(secret.to_bytes()), "{what} comes a second time");
    }

    /// The nonce of a proof `(c, z)` for a known secret.
    fn nonce(&mut self, proof: &Proof, secret: &Scalar, what: &str) {
        self.fresh(scalar(&proof.response()) - scalar(&proof.challenge()) * secret, what);
    }
}

/// Two contests of the same trustees with the same key, box and voters.
fn two_contests(forger: &Forger) -> [Value; 2] {
    let record = forger.record(&[votes(&[1, 0, 0]), votes(&[0, 1, 0])]);
    let mut other = record.clone();
    other["contest"]["number"] = json!(585);
    forger.approve(&mut other);
    [record, other]
}

fn read(record: &Value) -> ApprovedContest {
    Record::from_json(record.to_string().as_bytes()).unwrap().contest().unwrap()
}

#[test]
fn attack_8_sealing_with_a_stuck_rng() {
    let forger = Forger::new(2, 3, 3, 4);
    let contests = two_contests(&forger);
    for byte in [0, 0xff] {
        let mut seen = Seen::default();
        for record in &contests {
            let contest = read(record);
            for code in [1, 2] {
                let code = VotingCode::from_bytes([code; 15]);
                let s = credential_secret(&fingerprint(record), &code);
                let credential = Credential::derive(contest.contest(), &code);
                assert_eq!(credential.public().to_bytes(), encode(&base(&s)));
                for choice in 0..=3 {
                    let choice = if choice == 0 { Choice::Blank } else { Choice::List(choice) };
                    let seal =
                        || SealedBallot::seal(&contest, choice, &credential, &mut Stuck(byte)).unwrap();
                    let opened = seal().challenge();
                    assert_eq!(opened.ballot(), seal().cast(), "the RNG does repeat");
                    for (secret, what) in secrets_of(record, &opened, &s) {
                        seen.fresh(secret, what);
                    }
                }
            }
        }
        assert_eq!(seen.0.len(), 2 * 2 * 4 * (4 + 3));
    }
}

/// `r`, `ρ`, `σ`, `a_1 … a_L` and `μ`, from `e`, the responses and what the voter knows.
fn secrets_of(record: &Value, opened: &ChallengedBallot, s: &Scalar) -> Vec<(Scalar, &'static str)> {
    let bytes = opened.expose_bytes();
    let (choice, r) = (usize::from(bytes[2]), scalar(&bytes[3..35]));
    let parts = Parts::from_bytes(opened.ballot());
    assert_eq!(parts.nonce, base(&r));
    let challenges = Schedule::strict().challenges(&setting(record), &parts);
    let x = challenges.x;
    let mut secrets = vec![(r, "r"), (parts.z - x * r, "rho"), (parts.k - x * s, "sigma")];
    let b: Vec<_> = (1..=parts.f.len()).map(|list| Scalar::from(u8::from(list == choice))).collect();
    let a: Vec<_> = parts.f.iter().zip(&b).map(|(f, b)| f - x * b).collect();
    secrets.extend(a.iter().map(|a| (*a, "a_i")));
    let zero = Scalar::ZERO;
    let masks = Masks { beta: zero, mu: zero, rho: zero, sigma: zero, alpha: zero, a };
    secrets.push((masks.e_1(challenges.y, &Witness { r, s: *s, b }) - parts.e, "mu"));
    secrets
}

pub fn credential_secret(contest: &Bytes, code: &VotingCode) -> Scalar {
    code::credential(contest, &code.expose_bytes())
}

#[test]
fn attack_8_activation_with_a_stuck_rng() {
    let forger = Forger::new(2, 3, 3, 4);
    for byte in [0, 0xff] {
        let mut seen = Seen::default();
        for record in &two_contests(&forger) {
            let contest = read(record);
            for code in [1, 2] {
                let code = VotingCode::from_bytes([code; 15]);
                let s = credential_secret(&fingerprint(record), &code);
                let credential = Credential::derive(contest.contest(), &code);
                for nonce in [3, 4] {
                    let nonce = ActivationNonce::from_bytes([nonce; 32]);
                    let bytes = Activation::new(&credential, &nonce, &mut Stuck(byte)).to_bytes();
                    let proof = Proof::from_bytes(&bytes[34..]).unwrap();
                    seen.nonce(&proof, &s, "nonce of an activation");
                }
            }
        }
    }
}

/// `Σ_s w^{s−1}·x_{j,s}`, for which the proof of these factors is.
fn folded(closed: &ClosedBox, factors: &DecryptionFactors, shares: &[Scalar]) -> Scalar {
    let tally = closed.tally();
    let sums = [&tally.nonce()[..], tally.sums().as_flattened()].concat();
    let keys: Vec<u8> = shares.iter().flat_map(|x| encode(&base(x))).collect();
    let mut transcript = merlin::Transcript::new(b"urne/2 decryption");
    transcript.append_message(b"contest", &closed.contest().fingerprint().to_bytes());
    transcript.append_message(b"closing", &closed.digest().to_bytes());
    transcript.append_u64(b"count", tally.count());
    transcript.append_message(b"sums", &sums);
    transcript.append_u64(b"trustee", factors.trustee().get().into());
    transcript.append_message(b"keys", &keys);
    transcript.append_message(b"factors", factors.factors().as_flattened());
    let w = challenge(&mut transcript, b"w");
    powers(w).zip(shares).map(|(w_s, x)| w_s * x).sum()
}

/// Three trustees in two panels, two contests, and two closings of each.
#[test]
fn attack_8_approval_endorsement_and_decryption_with_a_stuck_rng() {
    let (_, trustees) = ceremony(&[(1, 1), (2, 2)], 2, 1);
    for byte in [0, 0xff] {
        let rng = &mut Stuck(byte);
        let mut seen = Seen::default();
        for number in [584, 585] {
            let copies = || trustees.iter().map(forgetful).collect::<Vec<_>>();
            let contest = approve(description(number, 3), &mut copies());
            for mut trustee in copies() {
                let approval = trustee.approve(contest.contest(), at(-9_000), rng).unwrap().stored();
                seen.nonce(approval.signature(), &trustee_secrets(&trustee).0, "nonce of an approval");
            }
            for ballots in [2, 1] {
                let mut trustees = copies();
                for trustee in &mut trustees {
                    trustee.approve(contest.contest(), at(-9_000), rng).unwrap().stored();
                }
                let mut polling = Polling::of(contest.clone(), trustees, 3);
                for voter in 0..ballots {
                    polling.vote(voter, Choice::List(1), 10);
                }
                let Ended { signed, signings, voters, mut trustees } = polling.sign_off();
                let now = signed.closed().closing().at;
                let mut endorsements = Vec::new();
                for trustee in &mut trustees {
                    trustee.given(signed.closed(), now).unwrap().stored();
                    let endorsed = trustee.endorse(&signed, &signings, &voters, &COMPLAINTS, now, rng);
                    let endorsement = endorsed.unwrap().stored();
                    seen.nonce(
                        endorsement.signature(),
                        &trustee_secrets(trustee).0,
                        "nonce of an endorsement",
                    );
                    endorsements.push(endorsement);
                }
                let ready: Vec<_> =
                    trustees.iter().map(|trustee| trustee.ready(&signed, &endorsements).unwrap()).collect();
                for trustee in &mut trustees {
                    let factors = trustee.give_factors(&signed, &endorsements, &ready, rng).unwrap().stored();
                    let (e, shares) = trustee_secrets(trustee);
                    let x = folded(signed.closed(), &factors, &shares);
                    seen.nonce(&Proof::from_bytes(factors.proof()).unwrap(), &x, "nonce of a decryption");
                    let signature = Proof::from_bytes(&factors.signature().to_bytes()).unwrap();
                    seen.nonce(&signature, &e, "nonce of a signature of factors");
                }
            }
        }
        assert_eq!(seen.0.len(), 3 * (2 + 4 + 2 * 4));
    }
}
