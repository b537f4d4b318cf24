//! Sealing: what happens on the voter's device.

use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;
use rand_core::CryptoRng;
use subtle::ConditionallySelectable;
use zeroize::Zeroizing;

use super::choice::{Choice, SecretChoice};
use super::sealer::Tables;
use super::statement::{Rounds, Statement};
use super::{BallotError, BallotReference, ChallengedBallot, ballot_length};
use crate::contest::{ApprovedContest, Contest};
use crate::credential::Credential;
use crate::primitives::declassify;
use crate::primitives::group::{Element, powers, secret_sum, vartime_sum};
use crate::primitives::labels::{self, item};
use crate::primitives::transcript::Transcript;

/// A ballot on the device of its voter, who may cast it or challenge it, but not both.
///
/// It keeps the nonce until then, and wipes it when it is dropped.
pub struct SealedBallot {
    reference: BallotReference,
    bytes: Vec<u8>,
    choice: SecretChoice,
    nonce: Zeroizing<Scalar>,
}

impl SealedBallot {
    /// Seals a choice under the contest's key and the voter's credential.
    ///
    /// Constant-time in the choice, the credential and the nonces, except that an invalid choice is an
    /// error. All secrets are hedged: they depend on the statement, the choice, the credential and 32
    /// bytes of the RNG, so that an RNG that repeats itself does not repeat a nonce on another ballot.
    ///
    /// Cost: about `J + L/4 + 6` variable-base multiplications, no tables.
    ///
    /// # Errors
    ///
    /// [`BallotError::Choice`] when the choice is no list of the contest,
    /// [`BallotError::ForeignContest`] when the credential is for another contest.
    pub fn seal<R: CryptoRng + ?Sized>(
        contest: &ApprovedContest,
        choice: Choice,
        credential: &Credential,
        rng: &mut R,
    ) -> Result<Self, BallotError> {
        SealedBallot::seal_with(contest.contest(), None, choice, credential, rng)
    }

    /// `tables`, if any, are of this contest.
    #[allow(non_snake_case)]
    pub(super) fn seal_with<R: CryptoRng + ?Sized>(
        contest: &Contest,
        tables: Option<&Tables>,
        choice: Choice,
        credential: &Credential,
        rng: &mut R,
    ) -> Result<Self, BallotError> {
        let lists = contest.lists();
        if credential.contest() != contest.fingerprint() {
            return Err(BallotError::ForeignContest {
                expected: contest.fingerprint(),
                actual: credential.contest(),
            });
        }
        let choice = choice.within(lists)?;
        let generators = contest.generators();
        let s = credential.secret();
        let public = credential.public();
        // b_0 … b_L: b_0 stands for blank. No list of the bits themselves is made, since nothing wipes a
        // `subtle::Choice`.
        let bits = || (1..=lists).map(|i| choice.bit(i));
        let b: Zeroizing<Vec<Scalar>> =
            Zeroizing::new((0..=lists).map(|i| Scalar::from(choice.bit(i).unwrap_u8())).collect());

        let mut private = Transcript::new(labels::SECRETS);
        private.append(item::STATEMENT, b"ballot");
        private.append(item::CONTEST, contest.fingerprint().as_bytes());
        private.append(item::CREDENTIAL, public.as_bytes());
        let mut secrets = private.secrets(&[&[choice.number()], s.as_bytes()], rng);

        let [r, beta, mu, rho, sigma, alpha] = [(); 6].map(|()| secrets.scalar());
        let ciphertext = encrypt(contest, tables, &r, bits()).concat();

        let chosen: Zeroizing<RistrettoPoint> = Zeroizing::new(
            bits()
                .zip(&generators.choices)
                .map(|(bit, P_i)| RistrettoPoint::conditional_select(&RistrettoPoint::identity(), P_i, bit))
                .sum(),
        );
        let masks = [&*beta, &*r, s, &*mu];
        let hidden = Zeroizing::new(match tables {
            Some(tables) => tables.secret_sum(masks),
            None => secret_sum(masks.into_iter().zip(fixed_points(contest))),
        });
        let B = Element::from(*hidden + *chosen);
        let statement = Statement {
            contest: &contest.fingerprint(),
            credential: public.as_bytes(),
            ciphertext: &ciphertext,
        };
        let (mut rounds, y) = Rounds::begin(&statement, B.encoding());

        // a_0 … a_L, with a_0 = −Σ a_i.
        let mut a = Zeroizing::new(Vec::with_capacity(b.len()));
        a.push(Scalar::ZERO);
        a.extend(secrets.scalars(lists.into()).iter());
        let sum: Zeroizing<Scalar> = Zeroizing::new(a.iter().sum());
        if let Some(first) = a.first_mut() {
            *first = -*sum;
        }
        let (mut e_0, mut e_1) = (Zeroizing::new(Scalar::ZERO), Zeroizing::new(Scalar::ZERO));
        for ((y_i, a_i), i) in powers(&y).zip(a.iter()).zip(0..=lists) {
            let masked = Zeroizing::new(y_i * a_i);
            *e_0 -= *masked * a_i;
            // 1 − 2b_i is 1 or −1.
            let negated = Zeroizing::new(-*masked);
            *e_1 += Scalar::conditional_select(&masked, &negated, choice.bit(i));
        }
        let e = declassify::bytes((*e_1 - *mu).to_bytes());

        let lists_a = a.get(1..).unwrap_or_default();
        let masks = [&*alpha, &*rho, &*sigma, &*e_0].into_iter().chain(lists_a);
        let A = secret_sum(masks.zip(fixed_points(contest).chain(&generators.choices)));
        // ρ·(G + Σ y^j·H_j): the point is public, the multiplication by ρ is not.
        let layout = contest.layout();
        let weights: Vec<Scalar> = powers(&y).skip(1).take(layout.slots() + 1).collect();
        let of_slots = weights.iter().take(layout.slots()).copied();
        let mixed_keys = match tables {
            Some(tables) => tables.vartime_key_sum(of_slots.collect()),
            None => vartime_sum(of_slots.zip(contest.encryption_keys().iter().map(Element::point))),
        };
        let mixed_key = RISTRETTO_BASEPOINT_POINT + mixed_keys;
        let mut tied = Zeroizing::new(Scalar::ZERO);
        for (y_j, a_i) in weights.iter().zip(layout.slices(lists_a)) {
            for (a_i, weight) in a_i.iter().zip(layout.weights()) {
                *tied += *Zeroizing::new(*Zeroizing::new(a_i * Scalar::from(*weight)) * y_j);
            }
        }
        if let Some(last) = weights.last() {
            *tied += *Zeroizing::new(last * *sigma);
        }
        let S = mixed_key * *rho + RistrettoPoint::mul_base(&tied);
        let (A, S) = (Element::from(A), Element::from(S));
        let x = rounds.announce(A.encoding(), S.encoding(), &e);

        let mut bytes = Vec::with_capacity(ballot_length(layout));
        bytes.extend([labels::WIRE_VERSION, lists]);
        bytes.extend(public.as_bytes());
        bytes.extend(&ciphertext);
        for part in [B.encoding(), A.encoding(), S.encoding(), &e] {
            bytes.extend(part);
        }
        let masks = lists_a.iter().chain([&*rho, &*sigma, &*alpha]);
        let masked = b.iter().skip(1).chain([&*r, s, &*beta]);
        for (mask, value) in masks.zip(masked) {
            bytes.extend((mask + x * value).as_bytes());
        }
        Ok(SealedBallot { reference: BallotReference::of(contest, &bytes), bytes, choice, nonce: r })
    }

    /// The reference, to be shown to the voter before they say whether to cast or to challenge.
    #[must_use]
    pub fn reference(&self) -> BallotReference {
        self.reference
    }

    /// The bytes to send to the ballot box. The nonce is wiped: the ballot can be opened no more.
    #[must_use]
    pub fn cast(self) -> Vec<u8> {
        self.bytes
    }

    /// Opens the ballot instead of casting it, so that a second device can see that this one encrypted what
    /// it was told to (Benaloh 2006). The box refuses an opened ballot.
    #[must_use]
    pub fn challenge(self) -> ChallengedBallot {
        ChallengedBallot::new(self.choice, self.nonce, self.bytes)
    }
}

impl fmt::Debug for SealedBallot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedBallot({}, choice and nonce redacted)", self.reference)
    }
}

/// `P`, `N`, `K`, `Q`.
pub(super) fn fixed_points(contest: &Contest) -> impl Iterator<Item = &RistrettoPoint> {
    let g = contest.generators();
    [&g.blind, &g.nonce, &g.credential, &g.quadratic].into_iter()
}

/// The encodings of `R = r·G`, `C_j = r·H_j + m_j·G`, which are published; one bit a list.
///
/// Everything is computed halved and doubled while it is encoded, which shares one field inversion
/// among all the points. What a vote adds to its slot is selected list by list, whatever the choice.
pub(super) fn encrypt(
    contest: &Contest,
    tables: Option<&Tables>,
    r: &Scalar,
    mut bits: impl Iterator<Item = subtle::Choice>,
) -> Vec<[u8; 32]> {
    let layout = contest.layout();
    let half = Zeroizing::new(r.div_by_2());
    let mut points = Zeroizing::new(Vec::with_capacity(layout.slots() + 1));
    points.push(RistrettoPoint::mul_base(&half));
    for ((position, key), lists) in contest.encryption_keys().iter().enumerate().zip(layout.lists_of_slots())
    {
        let table = tables.and_then(|tables| tables.key(position));
        let mut point = Zeroizing::new(table.map_or_else(|| key.point() * *half, |table| table * &*half));
        // As many bits are taken as there are lists in the slot.
        for ((_, half_weight), bit) in lists.zip(contest.half_weights()).zip(bits.by_ref()) {
            let vote = RistrettoPoint::conditional_select(&RistrettoPoint::identity(), half_weight, bit);
            *point += *Zeroizing::new(vote);
        }
        points.push(*point);
    }
    RistrettoPoint::double_and_compress_batch(points.iter())
        .into_iter()
        .map(|encoding| declassify::bytes(encoding.to_bytes()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::wiped;

    #[test]
    fn attack_19_choice_and_nonce_of_a_sealed_ballot_are_wiped() {
        // No `..`: a new field must be looked at here.
        let _ = |SealedBallot { reference: _, bytes: _, choice, nonce }: &SealedBallot| {
            wiped(choice);
            wiped(nonce);
        };
    }
}
