//! Row 8: an RNG that returns the same bytes for ever. Whoever knows the secrets finds every nonce again
//! from the proofs; over all statements none may come twice.

use std::collections::BTreeSet;

use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};
use urne::ballot::ChallengedBallot;
use urne::closed_box::ClosedBox;
use urne::rand_core::{TryCryptoRng, TryRng};
use urne::{
    Activation, ActivationNonce, Choice, Credential, Proof, Record, SealedBallot, Trustee, TrusteeKey,
    VotingCode,
};

use crate::support::forger::{Forger, ballots, fingerprint, setting, votes};
use crate::support::prover::{Parts, Schedule};
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
    fn nonce(&mut self, proof: &Proof, secret: &Scalar, what: &str) -> Scalar {
        let tau = scalar(&proof.response()) - scalar(&proof.challenge()) * secret;
        self.fresh(tau, what);
        tau
    }
}

/// Two contests of the same trustees with the same key, box and voters.
fn two_contests(forger: &Forger) -> [Value; 2] {
    let record = forger.record(&[votes(&[1, 0, 0]), votes(&[0, 1, 0])]);
    let mut other = record.clone();
    other["contest"]["number"] = json!(585);
    forger.approve(&mut other);
    forger.open_roll(&mut other, record["opening"]["at"].as_u64().unwrap());
    other["ballots"] = json!([]);
    forger.finish(&mut other);
    [record, other]
}

fn read(record: &Value) -> Record {
    Record::from_json(record.to_string().as_bytes()).unwrap()
}

#[test]
fn attack_8_sealing_with_a_stuck_rng() {
    let forger = Forger::new(2, 3, 3, 4);
    let contests = two_contests(&forger);
    for byte in [0, 0xff] {
        let mut seen = Seen::default();
        for record in &contests {
            let contest = read(record).contest().unwrap();
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
        assert_eq!(seen.0.len(), 2 * 2 * 4 * (3 + 3));
    }
}

/// `r`, `ρ`, `κ` and `a_1 … a_L`, from the responses and what the voter knows.
fn secrets_of(record: &Value, opened: &ChallengedBallot, s: &Scalar) -> Vec<(Scalar, &'static str)> {
    let bytes = opened.to_bytes();
    let (choice, r) = (usize::from(bytes[1]), scalar(&bytes[2..34]));
    let parts = Parts::from_bytes(opened.ballot());
    assert_eq!(parts.nonce, base(&r));
    let x = Schedule::strict().challenges(&setting(record), &parts).x;
    let mut secrets = vec![(r, "r"), (parts.z - x * r, "rho"), (parts.k - x * s, "kappa")];
    for (list, f) in (1..).zip(&parts.f) {
        secrets.push((if list == choice { f - x } else { *f }, "a_i"));
    }
    secrets
}

pub fn credential_secret(contest: &Bytes, code: &VotingCode) -> Scalar {
    let mut transcript = merlin::Transcript::new(b"urne/1 credential");
    transcript.append_message(b"contest", contest);
    transcript.append_message(b"code", code.expose_bytes().as_ref());
    challenge(&mut transcript, b"secret")
}

#[test]
fn attack_8_activation_with_a_stuck_rng() {
    let forger = Forger::new(2, 3, 3, 4);
    for byte in [0, 0xff] {
        let mut seen = Seen::default();
        for record in &two_contests(&forger) {
            let contest = read(record).contest().unwrap();
            for code in [1, 2] {
                let code = VotingCode::from_bytes([code; 15]);
                let s = credential_secret(&fingerprint(record), &code);
                let credential = Credential::derive(contest.contest(), &code);
                for nonce in [3, 4] {
                    let nonce = ActivationNonce::from_bytes([nonce; 32]);
                    let bytes = Activation::new(&credential, &nonce, &mut Stuck(byte)).to_bytes();
                    let proof = Proof::from_bytes(&bytes[33..]).unwrap();
                    seen.nonce(&proof, &s, "nonce of an activation");
                }
            }
        }
    }
}

#[test]
fn attack_8_approval_endorsement_and_decryption_with_a_stuck_rng() {
    let forger = Forger::new(2, 3, 3, 4);
    let mut records = two_contests(&forger).to_vec();
    // Other closings of the first contest: one second later, and one ballot less.
    let mut later = records[0].clone();
    later["closing"]["at"] = json!(later["closing"]["at"].as_u64().unwrap() + 1);
    forger.sign_closing(&mut later);
    let mut smaller = records[0].clone();
    smaller["ballots"].as_array_mut().unwrap().pop();
    forger.finish(&mut smaller);
    records.extend([later, smaller]);
    for byte in [0, 0xff] {
        let mut seen = Seen::default();
        for (which, record) in records.iter().enumerate() {
            for j in 1..=3u64 {
                let rng = &mut Stuck(byte);
                let closed = closed(record);
                let mut trustee = trustee(&forger, record, j);
                let e = &forger.identities[usize::try_from(j).unwrap() - 1];
                // The third and fourth records are of the first contest.
                if which < 2 {
                    let approval = trustee.approve(closed.contest().contest(), rng).unwrap();
                    seen.nonce(approval.signature(), e, "nonce of an approval");
                }
                let endorsements: Vec<_> = (1..=3)
                    .map(|j| {
                        self::trustee(&forger, record, j).endorse(&closed, closed.closing().at, rng).unwrap()
                    })
                    .collect();
                let own = trustee.endorse(&closed, closed.closing().at, rng).unwrap();
                seen.nonce(own.signature(), e, "nonce of an endorsement");
                if closed.tally().count() > 0 {
                    let factors = trustee.decrypt(&closed, &endorsements, rng).unwrap();
                    let mut transcript = forger.decryption(record, j);
                    transcript.append_message(b"factors", factors.factors().as_flattened());
                    let w = challenge(&mut transcript, b"w");
                    let secret = powers(w).zip(forger.shares(j)).map(|(w_s, x)| w_s * x).sum::<Scalar>();
                    seen.nonce(factors.proof(), &secret, "nonce of a decryption");
                }
            }
        }
        assert_eq!(seen.0.len(), 3 * (2 + 4 + 3));
    }
}

fn closed(record: &Value) -> ClosedBox {
    let read = read(record);
    let contest = read.contest().unwrap();
    let roll = read.roll(contest.contest()).unwrap();
    ClosedBox::verify(contest, roll, ballots(record), read.closing(), &mut |_| ()).unwrap()
}

fn trustee(forger: &Forger, record: &Value, j: u64) -> Trustee {
    let key = read(record).contest().unwrap().contest().key().clone();
    let e = forger.identities[usize::try_from(j).unwrap() - 1];
    let secrets: Vec<u8> = [e].iter().chain(&forger.shares(j)).flat_map(Scalar::to_bytes).collect();
    Trustee::new(TrusteeKey::from_bytes(key, &secrets).unwrap())
}
