//! Row 8, the key ceremony with an RNG that repeats itself.

use curve25519_dalek::scalar::Scalar;
use urne::IdentitySecret;
use urne::bureau::{Ceremony, Committed};

use crate::dealer::*;
use crate::row_8_nonces::Stuck;

/// The nonce of a Schnorr proof, for whoever knows the secret.
fn nonce(proof: &urne::Proof, secret: &Scalar) -> Scalar {
    scalar(&proof.response()) - scalar(&proof.challenge()) * secret
}

#[test]
fn attack_8_a_stuck_rng_repeats_nothing_in_another_ceremony() {
    for byte in [0, 0xff] {
        let secret = |j: u8| IdentitySecret::generate(&mut rng(j.into()));
        // Two of two, and one alone.
        let keys = [1, 2, 3].map(|j| secret(j).public());
        let bureau = || bureau(&[(2, 2), (1, 1)], &keys);
        let mut seen = std::collections::BTreeSet::new();
        let mut fresh = |scalar: &Scalar, what: &str| assert!(seen.insert(scalar.to_bytes()), "{what} again");
        for (label, slots) in [("one", 2), ("two", 2), ("one", 3)] {
            let ceremony = Ceremony::new(label, slots, bureau()).unwrap();
            let mut commitments = Vec::new();
            let mut stored = Vec::new();
            for j in 1..=3 {
                let (state, commitment) = ceremony.join(secret(j), &mut Stuck(byte)).unwrap().stored();
                let known = scalars(committed_secrets(&ceremony, &state.to_bytes()));
                for coefficient in &known[1..] {
                    fresh(coefficient, "coefficient");
                }
                fresh(&nonce(commitment.signature(), &known[0]), "nonce of a commitment");
                commitments.push(commitment);
                stored.push(state.to_bytes());
            }
            let reveals: Vec<_> = stored
                .iter()
                .map(|bytes| {
                    let state = Committed::from_bytes(bytes).unwrap();
                    state.reveal(&commitments, &mut Stuck(byte)).unwrap().stored().1
                })
                .collect();
            for (bytes, reveal) in stored.iter().zip(&reveals) {
                // The secret of the proof, as a verifier would combine the points.
                let all = scalars(committed_secrets(&ceremony, bytes));
                let mut transcript = merlin::Transcript::new(b"urne/2 possession");
                transcript.append_message(b"ceremony", &ceremony.digest().to_bytes());
                transcript.append_u64(b"trustee", reveal.trustee().get().into());
                transcript.append_message(b"commitments", &reveal.commitments().concat().concat());
                transcript.append_message(b"shares", &reveal.shares().concat());
                let w = challenge(&mut transcript, b"w");
                let threshold = reveal.commitments()[0].len();
                let constants = all[1..].chunks(threshold).map(|row| row[0]).chain([all[0]]);
                let secret: Scalar = constants.rev().fold(Scalar::ZERO, |sum, part| sum * w + part);
                let tau = nonce(reveal.proof(), &secret);
                transcript.append_message(b"T", &encode(&tau));
                assert_eq!(challenge(&mut transcript, b"c").to_bytes(), reveal.proof().challenge());
                fresh(&tau, "nonce of a reveal");

                let state = Committed::from_bytes(bytes).unwrap();
                let (state, _) = state.reveal(&commitments, &mut Stuck(byte)).unwrap().stored();
                let checked = good(state.check(&reveals, &mut Stuck(byte)).unwrap());
                let confirmation = checked.confirm(&[], &mut Stuck(byte)).unwrap().stored().1;
                fresh(&nonce(confirmation.signature(), &all[0]), "nonce of a confirmation");
            }
        }
    }
}

#[test]
fn attack_8_a_good_rng_gives_other_polynomials_in_the_same_ceremony() {
    let setup = Setup::new(PANELS, 2, 50);
    let again = setup.again("a ceremony", 51);
    assert_eq!(setup.ceremony, again.ceremony);
    for (one, other) in setup.stored.iter().zip(&again.stored) {
        // The identity secret, then the polynomials.
        let [one, other] = [one, other].map(|stored| committed_secrets(&setup.ceremony, stored).split_at(32));
        assert_eq!(one.0, other.0);
        assert!(one.1.chunks(32).zip(other.1.chunks(32)).all(|(a, b)| a != b));
    }
}
