//! Sealing: what happens on the voter's device.

use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
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
use crate::primitives::group::{Element, secret_sum};
use crate::primitives::labels::{self, item};
use crate::primitives::secret::{self, Secret, overwrite, scrubbed};
use crate::primitives::transcript::Transcript;

/// A ballot on the device of its voter, who may cast it or challenge it, but not both.
///
/// It keeps the nonce until then, and wipes it when it is dropped. Of nonce, choice and credential nothing stays on the
/// stack of whoever seals.
pub struct SealedBallot {
    reference: BallotReference,
    bytes: Vec<u8>,
    choice: SecretChoice,
    nonce: Secret<Scalar>,
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
    // Not inlined: the choice comes in registers, and the caller's frame need not hold it.
    #[inline(never)]
    pub fn seal<R: CryptoRng + ?Sized>(
        contest: &ApprovedContest,
        choice: Choice,
        credential: &Credential,
        rng: &mut R,
    ) -> Result<Self, BallotError> {
        let sealed = SealedBallot::seal_with(contest.contest(), None, choice, credential, rng);
        // The frame below has saved registers that this one held the choice in.
        overwrite::<{ secret::CHOICE }>();
        sealed
    }

    /// `tables`, if any, are of this contest. The caller overwrites this frame.
    #[inline(never)]
    pub(super) fn seal_with<R: CryptoRng + ?Sized>(
        contest: &Contest,
        tables: Option<&Tables>,
        choice: Choice,
        credential: &Credential,
        rng: &mut R,
    ) -> Result<Self, BallotError> {
        // First, so that this frame need not keep the choice over another call.
        let choice = choice.within(contest.lists());
        check_credential(contest, credential)?;
        Ok(SealedBallot::seal_by(contest, tables, choice?, credential, rng))
    }

    /// A choice that is one of this contest.
    pub(crate) fn seal_chosen<R: CryptoRng + ?Sized>(
        contest: &Contest,
        choice: SecretChoice,
        credential: &Credential,
        rng: &mut R,
    ) -> Result<Self, BallotError> {
        check_credential(contest, credential)?;
        Ok(SealedBallot::seal_by(contest, None, choice, credential, rng))
    }

    fn seal_by<R: CryptoRng + ?Sized>(
        contest: &Contest,
        tables: Option<&Tables>,
        choice: SecretChoice,
        credential: &Credential,
        rng: &mut R,
    ) -> Self {
        let (reference, bytes, nonce) =
            scrubbed::<{ secret::BALLOT }, _>(|| make(contest, tables, &choice, credential, rng));
        SealedBallot { reference, bytes, choice, nonce }
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

fn check_credential(contest: &Contest, credential: &Credential) -> Result<(), BallotError> {
    let (expected, actual) = (contest.fingerprint(), credential.contest());
    if actual == expected { Ok(()) } else { Err(BallotError::ForeignContest { expected, actual }) }
}

/// Reference, bytes and nonce of a ballot.
#[allow(non_snake_case)]
fn make<R: CryptoRng + ?Sized>(
    contest: &Contest,
    tables: Option<&Tables>,
    choice: &SecretChoice,
    credential: &Credential,
    rng: &mut R,
) -> (BallotReference, Vec<u8>, Secret<Scalar>) {
    let lists = contest.lists();
    let s = credential.secret();
    let public = credential.public();
    // b_1 … b_L. No list of the bits themselves is made, since nothing wipes a `subtle::Choice`.
    let bits = || (1..=lists).map(|i| choice.bit(i));

    let mut private = Transcript::new(labels::SECRETS);
    private.append(item::STATEMENT, b"ballot");
    private.append(item::CONTEST, contest.fingerprint().as_bytes());
    private.append(item::CREDENTIAL, public.as_bytes());
    let mut secrets = private.secrets(&[&[choice.number()], s.as_bytes()], rng);

    let drawn = secrets.array();
    let [r, beta, mu, rho, sigma, alpha] = &*drawn;
    let lists_a = secrets.scalars(lists.into());
    let mut half_points = half_ciphertext(contest, tables, r, bits());
    let masks = [beta, r, s, mu];
    // With half of every P_i at hand, B is computed halved too and encoded with the ciphertext.
    let (ciphertext, B) = match tables {
        Some(tables) => {
            let halves = Zeroizing::new(masks.map(Scalar::div_by_2));
            let hidden = Zeroizing::new(tables.secret_sum(halves.iter()));
            half_points.push(*hidden + *selected(bits().zip(tables.half_choices())));
            let mut encodings = encode_doubled(&half_points);
            let B = encodings.pop().unwrap_or_default();
            (encodings, B)
        }
        None => {
            let hidden = Zeroizing::new(secret_sum(masks.into_iter().zip(fixed_points(contest))));
            let chosen = selected(bits().zip(&contest.generators().choices));
            (encode_doubled(&half_points), published((*hidden + *chosen).compress()))
        }
    };
    let ciphertext = ciphertext.concat();
    let statement =
        Statement { contest: &contest.fingerprint(), credential: public.as_bytes(), ciphertext: &ciphertext };
    let (mut rounds, y) = Rounds::begin(&statement, &B);

    let a_0: Zeroizing<Scalar> = Zeroizing::new(-lists_a.iter().sum::<Scalar>());
    let (mut e_0, mut e_1) = (Zeroizing::new(Scalar::ZERO), Zeroizing::new(Scalar::ZERO));
    // Horner's rule, from i = L down to 0.
    for (a_i, i) in lists_a.iter().rev().chain([&*a_0]).zip((0..=lists).rev()) {
        *e_0 = *e_0 * y - *Zeroizing::new(a_i * a_i);
        // 1 − 2b_i is 1 or −1.
        let negated = Zeroizing::new(-a_i);
        *e_1 = *e_1 * y + *Zeroizing::new(Scalar::conditional_select(a_i, &negated, choice.bit(i)));
    }
    let e = declassify::bytes((*e_1 - mu).to_bytes());

    // A and S are computed halved: see `encode_doubled`.
    let masks = [alpha, rho, sigma, &*e_0].into_iter().chain(lists_a.iter());
    let halves: Zeroizing<Vec<Scalar>> = Zeroizing::new(masks.map(Scalar::div_by_2).collect());
    let half_A = match tables {
        Some(tables) => tables.secret_sum(halves.iter()),
        None => secret_sum(halves.iter().zip(fixed_points(contest))),
    };
    let layout = contest.layout();
    // Horner's rule again, in M within a slot and in y over all of them.
    let base = Scalar::from(layout.base());
    let mut tied = Zeroizing::new(*sigma);
    for in_slot in layout.slices(&lists_a).rev() {
        let mut in_slot = in_slot.iter().rev();
        let mut plain = Zeroizing::new(in_slot.next().copied().unwrap_or_default());
        for a_i in in_slot {
            *plain = *plain * base + a_i;
        }
        *tied = *tied * y + *plain;
    }
    *tied *= y;
    // ρ·(G + Σ y^j·H_j) + tied·G, in which G stands once: the scalars of G, H_1 … H_J.
    let mut of_key = Zeroizing::new(rho.div_by_2());
    let mut of_keys = Zeroizing::new(Vec::with_capacity(layout.slots() + 1));
    of_keys.push(*of_key + *Zeroizing::new(tied.div_by_2()));
    for _ in 0..layout.slots() {
        *of_key *= y;
        of_keys.push(*of_key);
    }
    let keys = contest.encryption_keys().iter().map(Element::point);
    let half_S = match tables {
        Some(tables) => tables.secret_key_sum(&of_keys),
        None => secret_sum(of_keys.iter().zip([&RISTRETTO_BASEPOINT_POINT].into_iter().chain(keys))),
    };
    let announcements = encode_doubled(&[half_A, half_S]).concat();
    let (A, S) = announcements.split_at(32);
    let x = rounds.announce(A, S, &e);

    let mut bytes = Vec::with_capacity(ballot_length(layout));
    bytes.extend([labels::WIRE_VERSION, lists]);
    bytes.extend(public.as_bytes());
    bytes.extend(&ciphertext);
    for part in [&B, A, S, &e] {
        bytes.extend(part);
    }
    let masks = lists_a.iter().chain([rho, sigma, alpha]);
    // x·b_i is x or 0.
    let of_bits = bits().map(|bit| Scalar::conditional_select(&Scalar::ZERO, &x, bit));
    let of_masked = [r, s, beta].into_iter().map(|value| x * value);
    for (mask, product) in masks.zip(of_bits.chain(of_masked)) {
        bytes.extend((mask + *Zeroizing::new(product)).as_bytes());
    }
    (BallotReference::of(contest, &bytes), bytes, Secret::new(*r))
}

impl fmt::Debug for SealedBallot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedBallot({}, choice and nonce redacted)", self.reference)
    }
}

/// `P`, `N`, `K`, `Q`, `P_1 … P_L`.
pub(super) fn fixed_points(contest: &Contest) -> impl Iterator<Item = &RistrettoPoint> {
    let g = contest.generators();
    [&g.blind, &g.nonce, &g.credential, &g.quadratic].into_iter().chain(&g.choices)
}

/// The encodings of `R = r·G`, `C_j = r·H_j + m_j·G`, which are published; one bit a list, at most one of them set.
///
/// What a vote adds to its slot is selected list by list, whatever the choice.
pub(super) fn encrypt(
    contest: &Contest,
    r: &Scalar,
    bits: impl Iterator<Item = subtle::Choice>,
) -> Vec<[u8; 32]> {
    encode_doubled(&half_ciphertext(contest, None, r, bits))
}

/// Halves of `R` and every `C_j`, with room for one more point.
fn half_ciphertext(
    contest: &Contest,
    tables: Option<&Tables>,
    r: &Scalar,
    mut bits: impl Iterator<Item = subtle::Choice>,
) -> Zeroizing<Vec<RistrettoPoint>> {
    let layout = contest.layout();
    let half = Zeroizing::new(r.div_by_2());
    let mut points = Zeroizing::new(Vec::with_capacity(layout.slots() + 2));
    points.push(RistrettoPoint::mul_base(&half));
    for ((position, key), lists) in contest.encryption_keys().iter().enumerate().zip(layout.lists_of_slots())
    {
        let table = tables.and_then(|tables| tables.key(position));
        let masked = Zeroizing::new(table.map_or_else(|| key.point() * *half, |table| table * &*half));
        // As many bits are taken as there are lists in the slot.
        let of_lists = lists.zip(contest.half_weights()).zip(bits.by_ref());
        points.push(*masked + *selected(of_lists.map(|((_, half_weight), bit)| (bit, half_weight))));
    }
    points
}

/// The point whose bit is set, of which there is at most one; else the identity.
fn selected<'a>(
    points: impl Iterator<Item = (subtle::Choice, &'a RistrettoPoint)>,
) -> Zeroizing<RistrettoPoint> {
    let mut selected = Zeroizing::new(RistrettoPoint::identity());
    for (bit, point) in points {
        selected.conditional_assign(point, bit);
    }
    selected
}

/// The encodings of points that were computed halved. Doubling them while they are encoded shares one field
/// inversion among all.
fn encode_doubled(halves: &[RistrettoPoint]) -> Vec<[u8; 32]> {
    RistrettoPoint::double_and_compress_batch(halves).into_iter().map(published).collect()
}

fn published(encoding: CompressedRistretto) -> [u8; 32] {
    declassify::bytes(encoding.to_bytes())
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
