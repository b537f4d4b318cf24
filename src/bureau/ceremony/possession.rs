//! The proof of possession, which is also the dealer's signature under its reveal.
//!
//! Statement: the dealer knows `e_i` with `E_i = e_i·G` and, for each slot, `p_{i,s}(0)` with
//! `F_{i,s,0} = p_{i,s}(0)·G`. Schnorr's protocol over a random linear combination: `w` is drawn after
//! all of the statement, and one proof of knowledge of the logarithm of
//! `X = Σ_s w^{s−1}·F_{i,s,0} + w^m·E_i` is made. From m + 1 different `w` the logarithms follow by a
//! Vandermonde system, so that whoever does not know one of them, because it copied another trustee's
//! point or made its own from it, cannot answer. 64 bytes; one multiscalar multiplication of m + 3
//! points verifies it.
//!
//! Transcript: `ceremony`, `trustee`, `commitments` (all `F_i`, slot-major), `shares` (all sealed
//! shares, recipient-major), then the challenge `w`, `T` and the challenge `c`. `E_i` is in the ceremony's
//! digest. The cuts between the slots are not in the transcript, but in the equation: they say which
//! points take part.

use alloc::vec::Vec;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::VartimeMultiscalarMul;
use rand_core::CryptoRng;

use super::CeremonyDigest;
use crate::bureau::IdentitySecret;
use crate::bureau::{IdentityKey, TrusteeIndex};
use crate::primitives::group::{Element, powers};
use crate::primitives::labels::{self, item};
use crate::primitives::proof::{Proof, Rejected};
use crate::primitives::secret::{self, Secret, scrubbed};
use crate::primitives::transcript::Transcript;

pub(super) struct Possession<'a> {
    pub(super) ceremony: &'a CeremonyDigest,
    pub(super) trustee: TrusteeIndex,
    pub(super) identity: &'a IdentityKey,
    pub(super) commitments: &'a [Vec<[u8; 32]>],
    pub(super) shares: &'a [[u8; 32]],
}

impl Possession<'_> {
    fn transcript(&self) -> (Transcript, Scalar) {
        let mut transcript = Transcript::new(labels::POSSESSION);
        transcript.append(item::CEREMONY, self.ceremony.as_bytes());
        transcript.append_number(item::TRUSTEE, self.trustee.get().into());
        transcript.append(item::COMMITMENTS, self.commitments.concat().as_flattened());
        transcript.append(item::SHARES, self.shares.as_flattened());
        let w = transcript.challenge(item::W);
        (transcript, w)
    }

    /// `X`, or nothing when one of its points is missing or does not decode.
    #[allow(non_snake_case)]
    fn combined_key(&self, w: &Scalar) -> Option<RistrettoPoint> {
        let X = self
            .commitments
            .iter()
            .map(|slot| slot.first().and_then(Element::decode))
            .chain([Some(self.identity.0)])
            .map(|element| element.map(|element| *element.point()))
            .collect::<Option<Vec<_>>>()?;
        Some(RistrettoPoint::vartime_multiscalar_mul(powers(w).take(X.len()).collect::<Vec<_>>(), X))
    }

    /// `constants` are the `p_{i,s}(0)`, in order of the slots.
    pub(super) fn prove<'s, R: CryptoRng + ?Sized>(
        &self,
        constants: impl Iterator<Item = &'s Scalar>,
        identity: &'s IdentitySecret,
        rng: &mut R,
    ) -> Proof {
        let (transcript, w) = self.transcript();
        // The sum in a place of its own, and what it was made with overwritten.
        let secret = scrubbed::<{ secret::SIGNATURE }, _>(|| {
            let secrets = constants.chain([identity.scalar()]);
            Secret::new(secrets.zip(powers(&w)).map(|(secret, power)| power * secret).sum::<Scalar>())
        });
        Proof::of_knowledge(transcript, &secret, rng)
    }

    #[allow(non_snake_case)]
    pub(super) fn verify(&self, proof: &Proof) -> Result<(), Rejected> {
        let (transcript, w) = self.transcript();
        let X = self.combined_key(&w).ok_or(Rejected)?;
        proof.verify_knowledge(transcript, &X)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use rand_core::SeedableRng;

    #[test]
    fn attack_1_every_field_of_a_possession_proof_is_bound() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1);
        let secret = IdentitySecret::generate(&mut rng);
        let other = IdentitySecret::generate(&mut rng).public();
        let constants = [Scalar::from(5u64), Scalar::from(7u64)];
        let point = |n: u64| RistrettoPoint::mul_base(&Scalar::from(n)).compress().to_bytes();
        let commitments = vec![vec![point(5), point(6)], vec![point(7), point(8)]];
        let shares = vec![[1; 32], [2; 32], [3; 32], [4; 32]];
        let digest = CeremonyDigest::from_bytes([9; 32]);
        let one = TrusteeIndex::new(1).unwrap();
        let two = TrusteeIndex::new(2).unwrap();
        let public = secret.public();
        let statement = Possession {
            ceremony: &digest,
            trustee: one,
            identity: &public,
            commitments: &commitments,
            shares: &shares,
        };
        let proof = statement.prove(constants.iter(), &secret, &mut rng);

        // No `..`: a new field must be added here.
        let Possession { ceremony, trustee, identity, commitments, shares } = statement;
        let verify = |ceremony: &CeremonyDigest,
                      trustee: TrusteeIndex,
                      identity: &IdentityKey,
                      commitments: &[Vec<[u8; 32]>],
                      shares: &[[u8; 32]]| {
            Possession { ceremony, trustee, identity, commitments, shares }.verify(&proof)
        };
        assert_eq!(verify(ceremony, trustee, identity, commitments, shares), Ok(()));
        assert_eq!(
            verify(&CeremonyDigest::from_bytes([8; 32]), trustee, identity, commitments, shares),
            Err(Rejected)
        );
        assert_eq!(verify(ceremony, two, identity, commitments, shares), Err(Rejected));
        assert_eq!(verify(ceremony, trustee, &other, commitments, shares), Err(Rejected));
        for (slot, coefficient) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let mut changed = commitments.to_vec();
            changed[slot][coefficient] = point(99);
            assert_eq!(verify(ceremony, trustee, identity, &changed, shares), Err(Rejected));
        }
        for share in 0..shares.len() {
            let mut changed = shares.to_vec();
            changed[share][0] ^= 1;
            assert_eq!(verify(ceremony, trustee, identity, commitments, &changed), Err(Rejected));
        }
        assert_eq!(verify(ceremony, trustee, identity, commitments, &shares[1..]), Err(Rejected));
        // The same points, cut into slots at another place or swapped.
        let cut = |lengths: &[usize]| {
            let mut rest = commitments.concat().into_iter();
            lengths.iter().map(|n| rest.by_ref().take(*n).collect()).collect::<Vec<Vec<_>>>()
        };
        assert_eq!(verify(ceremony, trustee, identity, &cut(&[2, 2]), shares), Ok(()));
        for lengths in
            [&[4][..], &[1, 3], &[3, 1], &[2, 1, 1], &[1, 1, 2], &[2, 0, 2], &[2, 2, 0], &[0, 2, 2]]
        {
            assert_eq!(
                verify(ceremony, trustee, identity, &cut(lengths), shares),
                Err(Rejected),
                "{lengths:?}"
            );
        }
        let swapped: Vec<_> = commitments.iter().rev().cloned().collect();
        assert_eq!(verify(ceremony, trustee, identity, &swapped, shares), Err(Rejected));
    }

    /// Without `w`, or with a `w` known before the points, a copied point can be cancelled by another.
    #[test]
    fn attack_10_points_that_cancel_do_not_pass() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(2);
        let secret = IdentitySecret::generate(&mut rng);
        let public = secret.public();
        let victim = *IdentitySecret::generate(&mut rng).public().0.point();
        let known = Scalar::from(5u64);
        let digest = CeremonyDigest::from_bytes([9; 32]);
        let guess = Scalar::from(3u64);
        // F_1 + g·F_2 = 5·G with nobody knowing the log of either: for the guesses w = 1 and w = 3.
        for g in [Scalar::ONE, guess] {
            let second = -(victim * g.invert());
            let first = victim + RistrettoPoint::mul_base(&known);
            let commitments = [first, second].map(|point| vec![point.compress().to_bytes()]).to_vec();
            let statement = Possession {
                ceremony: &digest,
                trustee: TrusteeIndex::new(1).unwrap(),
                identity: &public,
                commitments: &commitments,
                shares: &[],
            };
            let (transcript, w) = statement.transcript();
            // Accepted if w were g …
            let secret_for_guess = known + g * g * secret.scalar();
            let proof = Proof::of_knowledge(transcript.clone(), &secret_for_guess, &mut rng);
            let combined = statement.combined_key(&g).unwrap();
            assert_eq!(proof.verify_knowledge(transcript, &combined), Ok(()));
            // … but it is not.
            assert_ne!(w, g);
            assert_eq!(statement.verify(&proof), Err(Rejected));
        }
    }
}
