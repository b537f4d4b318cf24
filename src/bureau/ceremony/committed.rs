//! The first state of a trustee: its polynomials are drawn and committed to.

use alloc::vec::Vec;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::dealing::{Seal, shared_secret};
use super::error::{CeremonyError, MessageKind};
use super::message::{Commitment, Reveal};
use super::possession::Possession;
use super::revealed::Revealed;
use super::{Ceremony, CommitmentDigest, Part, commitment_digest};
use crate::bureau::{IdentitySecret, TrusteeIndex, read_scalars, store_secrets};
use crate::primitives::group::{Element, concat, is_zero};
use crate::primitives::labels::{self, item};
use crate::primitives::secret::{self, scrubbed};
use crate::primitives::stored::{self, Storing};
use crate::primitives::transcript::Transcript;
use crate::primitives::wire::{DecodeError, Kind, Reader};
use crate::primitives::{Unsent, declassify};

/// A trustee that has drawn its polynomials and committed to them.
///
/// It is stored before the commitment is published, and kept until the reveal. Without it the trustee cannot go on,
/// and takes a new identity key.
pub struct Committed {
    pub(super) ceremony: Ceremony,
    pub(super) index: TrusteeIndex,
    pub(super) part: Part,
    pub(super) identity: IdentitySecret,
    /// Slot-major, t for each slot, the constant term first.
    coefficients: Zeroizing<Vec<Scalar>>,
    /// `F_{i,s,k}`, in the same order.
    points: Vec<Element>,
    pub(super) digest: CommitmentDigest,
}

impl Committed {
    /// Draws the polynomials. They depend on the ceremony, on the identity secret and on the RNG, so
    /// that a broken RNG does not bring those of another ceremony again.
    pub(super) fn draw<R: CryptoRng + ?Sized>(
        ceremony: &Ceremony,
        identity: IdentitySecret,
        rng: &mut R,
    ) -> Result<Self, CeremonyError> {
        let index = ceremony.index_of(&identity)?;
        let part = ceremony.part(index).ok_or(CeremonyError::NotATrustee)?;
        let count = usize::from(ceremony.slots).saturating_mul(part.coefficients);
        let coefficients = scrubbed::<{ secret::SIGNATURE }, _>(|| {
            let mut transcript = Transcript::new(labels::SECRETS);
            transcript.append(item::STATEMENT, b"polynomials");
            transcript.append(item::CEREMONY, ceremony.digest.as_bytes());
            transcript.append_number(item::TRUSTEE, index.get().into());
            transcript.secrets(&[identity.scalar().as_bytes()], rng).scalars(count)
        });
        Ok(Committed::new(ceremony, index, part, identity, coefficients))
    }

    fn new(
        ceremony: &Ceremony,
        index: TrusteeIndex,
        part: Part,
        identity: IdentitySecret,
        coefficients: Zeroizing<Vec<Scalar>>,
    ) -> Self {
        let points: Vec<Element> = scrubbed::<{ secret::SIGNATURE }, _>(|| {
            coefficients.iter().map(|coefficient| RistrettoPoint::mul_base(coefficient).into()).collect()
        });
        let digest = commitment_digest(&ceremony.digest, index, &points);
        Committed { ceremony: ceremony.clone(), index, part, identity, coefficients, points, digest }
    }

    /// The ceremony.
    #[must_use]
    pub fn ceremony(&self) -> &Ceremony {
        &self.ceremony
    }

    /// This trustee's number.
    #[must_use]
    pub fn index(&self) -> TrusteeIndex {
        self.index
    }

    /// The signed commitment, to be published. Each call makes a new signature of the same digest.
    #[must_use]
    pub fn commitment<R: CryptoRng + ?Sized>(&self, rng: &mut R) -> Commitment {
        let signature = self.identity.sign(labels::PURPOSE_COMMITMENT, self.digest.as_bytes(), rng);
        Commitment { trustee: self.index, digest: self.digest, signature }
    }

    /// The ceremony and the secrets, to be stored where nobody else reads them: kind ‖ version ‖ the ceremony, as in
    /// its own form ‖ identity secret ‖ the coefficients of the polynomials slot after slot, the constant term
    /// first ‖ a tag of 32 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut storing = Storing::form(Kind::Committed, 0);
        self.store(&mut storing);
        storing.finish()
    }

    /// What stands between kind and tag.
    pub(super) fn store(&self, storing: &mut Storing) {
        let Committed { ceremony, index: _, part: _, identity, coefficients, points: _, digest: _ } = self;
        let mut public = Vec::new();
        ceremony.write(&mut public);
        storing.write(&public);
        store_secrets(storing, identity, coefficients);
    }

    /// Reads what [`Committed::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// [`CeremonyError::Decode`] for bytes of another kind, length or form, a coefficient of 0, or bytes that were
    /// altered since; [`CeremonyError::NotATrustee`] when the identity key is not on the ceremony's list; and those
    /// of [`Ceremony::from_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CeremonyError> {
        let mut reader = Reader::form(Kind::Committed, bytes)?;
        let committed = Committed::read(&mut reader)?;
        stored::finish(reader, bytes)?;
        Ok(committed)
    }

    /// Reads what [`Committed::store`] gave.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, CeremonyError> {
        let ceremony = Ceremony::read(reader)?;
        // How many coefficients there are depends on whose they are.
        let identity = IdentitySecret::read(reader)?;
        let index = ceremony.index_of(&identity)?;
        let part = ceremony.part(index).ok_or(CeremonyError::NotATrustee)?;
        let count = usize::from(ceremony.slots).saturating_mul(part.coefficients);
        let start = reader.offset();
        let coefficients = read_scalars(reader, count)?;
        // It would commit to the identity point, which the others refuse.
        let zero = scrubbed::<{ secret::SIGNATURE }, _>(|| coefficients.iter().position(is_zero));
        if let Some(position) = zero {
            let offset = start.saturating_add(position.saturating_mul(32));
            return Err(CeremonyError::Decode(DecodeError::Number { offset }));
        }
        Ok(Committed::new(&ceremony, index, part, identity, coefficients))
    }

    /// Reveals the polynomials' public points and deals the shares, once the commitments of the whole bureau
    /// are in, in any order. The reveal is to be published.
    ///
    /// Once it is, no other commitments must be accepted: a trustee who has seen our points could
    /// choose its own anew. So what is to be stored before that is the [`Revealed`], in place of the [`Committed`].
    ///
    /// # Errors
    ///
    /// Nothing is revealed when a commitment is missing or its signature does not hold, or when one that
    /// our signature holds under is not the one we made; these name no culprit, and the stored state can try
    /// again. With a culprit: [`CeremonyError::TwoCommitments`].
    pub fn reveal<R: CryptoRng + ?Sized>(
        self,
        commitments: &[Commitment],
        rng: &mut R,
    ) -> Result<Unsent<(Revealed, Reveal)>, CeremonyError> {
        let trustee = self.index;
        let commitments = self.ceremony.check_commitments(commitments).map_err(|error| {
            // One of the two is not ours, and we know that we did not cheat.
            let ours = error.culprit() == Some(trustee);
            if ours { CeremonyError::NotOurs { message: MessageKind::Commitment, trustee } } else { error }
        })?;
        let revealed = Revealed::new(self, commitments)?;
        let reveal = revealed.reveal(rng);
        Ok(Unsent::new(revealed.to_bytes(), (revealed, reveal)))
    }

    /// `p_{i,s}(j) + mask_s` for every trustee of the panel and slot, recipient-major.
    pub(super) fn sealed_shares(&self) -> Vec<[u8; 32]> {
        scrubbed::<{ secret::SIGNATURE }, _>(|| self.seal_shares())
    }

    fn seal_shares(&self) -> Vec<[u8; 32]> {
        let Part { coefficients, recipients } = &self.part;
        let slots = usize::from(self.ceremony.slots);
        let encoded = concat(&self.points);
        let mut shares = Vec::with_capacity(slots.saturating_mul(recipients.len()));
        let keys = recipients.iter().filter_map(|to| Some((*to, self.ceremony.bureau.identity(*to)?)));
        for (to, key) in keys {
            let secret = Zeroizing::new(shared_secret(&self.identity, key).compress().to_bytes());
            let masks = Seal {
                ceremony: &self.ceremony.digest,
                from: self.index,
                to,
                commitments: &encoded,
                secret: &secret,
            }
            .masks(slots);
            for (polynomial, mask) in self.coefficients.chunks(*coefficients).zip(masks.iter()) {
                let share = Zeroizing::new(value_at(polynomial, to));
                shares.push(declassify::bytes((*share + mask).to_bytes()));
            }
        }
        shares
    }

    /// The points as a reveal holds them, slot by slot.
    pub(super) fn commitments(&self) -> Vec<Vec<[u8; 32]>> {
        let row = |row: &[Element]| row.iter().map(|point| *point.encoding()).collect();
        self.points.chunks(self.part.coefficients).map(row).collect()
    }

    /// The reveal of these shares, with the proof of possession.
    pub(super) fn sign_dealing<R: CryptoRng + ?Sized>(&self, shares: Vec<[u8; 32]>, rng: &mut R) -> Reveal {
        let commitments = self.commitments();
        let polynomials = self.coefficients.chunks(self.part.coefficients);
        let constants = polynomials.filter_map(|polynomial| polynomial.first());
        let proof = Possession {
            ceremony: &self.ceremony.digest,
            trustee: self.index,
            identity: &self.identity.public(),
            commitments: &commitments,
            shares: &shares,
        }
        .prove(constants, &self.identity, rng);
        Reveal { trustee: self.index, commitments, shares, proof }
    }
}

/// `p(j)`. Constant-time in the coefficients.
fn value_at(polynomial: &[Scalar], trustee: TrusteeIndex) -> Scalar {
    let x = trustee.scalar();
    polynomial.iter().rev().fold(Scalar::ZERO, |value, coefficient| value * x + coefficient)
}

secret_state!(Committed);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::wiped;

    /// The state says that it is wiped; here it is checked of what it holds.
    #[test]
    fn attack_19_every_secret_of_a_commitment_is_wiped() {
        // No `..`: a new field must be looked at here.
        let _ = |state: &Committed| {
            let Committed { ceremony: _, index: _, part: _, identity, coefficients, points: _, digest: _ } =
                state;
            wiped(identity);
            wiped(coefficients);
        };
    }
}
