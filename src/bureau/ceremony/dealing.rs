//! What a dealer hands out: from raw reveal, to one whose proof holds, to one of the right form.
//!
//! The three are types, so that no step can be left out: a [`Dealing`] is made from a [`Proven`] reveal
//! only, and shares are opened, and complaints made, from a [`Dealing`] only. This is what keeps a
//! complaint from turning into a Diffie–Hellman oracle: `D = e_j·E_i` is published only where the dealer
//! has proved that it knows `e_i`, and so could compute `D` all along.

use alloc::vec::Vec;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use zeroize::Zeroizing;

use super::error::{CeremonyError, RevealFault};
use super::message::Reveal;
use super::possession::Possession;
use super::{Ceremony, CeremonyDigest, CommitmentDigest, Part, commitment_digest};
use crate::bureau::{IdentityKey, IdentitySecret, TrusteeIndex, evaluate};
use crate::primitives::group::{Element, concat, decode_scalar, is_logarithm};
use crate::primitives::labels::{self, item};
use crate::primitives::transcript::Transcript;

/// A reveal whose points decode and whose proof of possession holds: its dealer's own word.
pub(super) struct Proven<'a> {
    reveal: &'a Reveal,
    /// Slot by slot, of whatever shape the reveal has.
    points: Vec<Vec<Element>>,
    /// What the dealer was to deal.
    part: Part,
}

impl<'a> Proven<'a> {
    pub(super) fn new(ceremony: &Ceremony, reveal: &'a Reveal) -> Result<Self, CeremonyError> {
        let Reveal { trustee, commitments, shares, proof } = reveal;
        let not_sent = || CeremonyError::Possession { trustee: *trustee };
        let part = ceremony.part(*trustee).ok_or_else(not_sent)?;
        let identity = ceremony.bureau.identity(*trustee).ok_or_else(not_sent)?;
        Possession { ceremony: &ceremony.digest, trustee: *trustee, identity, commitments, shares }
            .verify(proof)
            .map_err(|_| not_sent())?;
        // The other points only now, so that a forged reveal of many points costs little.
        let row = |row: &Vec<[u8; 32]>| row.iter().map(Element::decode).collect::<Option<_>>();
        let points = commitments.iter().map(row).collect::<Option<_>>().ok_or_else(not_sent)?;
        Ok(Proven { reveal, points, part })
    }

    pub(super) fn reveal(&self) -> &'a Reveal {
        self.reveal
    }
}

/// A reveal whose proof holds and whose form is right: m slots of as many points as the threshold of the
/// dealer's panel is, none the identity, and m sealed shares for each trustee of the panel.
#[derive(Clone, Debug)]
pub(super) struct Dealing {
    reveal: Reveal,
    part: Part,
    /// `F_{i,s,k}`: m slots of exactly t points.
    commitments: Vec<Vec<Element>>,
    /// Recipient-major, m for each trustee of the panel. Public: they are masked.
    sealed: Vec<Scalar>,
}

impl Dealing {
    /// Every error names the dealer, who has signed what is wrong.
    pub(super) fn new(ceremony: &Ceremony, proven: Proven<'_>) -> Result<Self, CeremonyError> {
        let Proven { reveal, points: commitments, part } = proven;
        let dealer = reveal.trustee;
        let blame = |fault| CeremonyError::BadReveal { dealer, fault };
        let slots = usize::from(ceremony.slots);
        if commitments.len() != slots {
            return Err(blame(RevealFault::Slots { expected: slots, actual: commitments.len() }));
        }
        let expected = part.coefficients;
        for (slot, row) in (1..).zip(&commitments) {
            if row.len() != expected {
                return Err(blame(RevealFault::Points { slot, expected, actual: row.len() }));
            }
        }
        let expected = slots.saturating_mul(part.recipients.len());
        if reveal.shares.len() != expected {
            return Err(blame(RevealFault::Shares { expected, actual: reveal.shares.len() }));
        }
        for (slot, row) in (1..).zip(&commitments) {
            if let Some(coefficient) = row.iter().position(Element::is_identity) {
                return Err(blame(RevealFault::Identity { slot, coefficient }));
            }
        }
        let places = part.recipients.iter().flat_map(|to| (1..=slots).map(move |slot| (*to, slot)));
        let sealed = places
            .zip(&reveal.shares)
            .map(|((recipient, slot), bytes)| {
                decode_scalar(bytes).ok_or_else(|| blame(RevealFault::Share { recipient, slot }))
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Dealing { reveal: reveal.clone(), part, commitments, sealed })
    }

    pub(super) fn dealer(&self) -> TrusteeIndex {
        self.reveal.trustee
    }

    pub(super) fn reveal(&self) -> &Reveal {
        &self.reveal
    }

    pub(super) fn commitments(&self) -> &[Vec<Element>] {
        &self.commitments
    }

    /// Checks that the points are those the dealer has committed to.
    pub(super) fn matches(
        &self,
        ceremony: &Ceremony,
        committed: &CommitmentDigest,
    ) -> Result<(), CeremonyError> {
        let dealer = self.dealer();
        if commitment_digest(&ceremony.digest, dealer, self.commitments.iter().flatten()) == *committed {
            Ok(())
        } else {
            Err(CeremonyError::BadReveal { dealer, fault: RevealFault::Commitment })
        }
    }

    /// Takes the masks off the shares for trustee `to`; none for a trustee of another panel. `secret` is
    /// the encoding of `e_j·E_i`.
    pub(super) fn open(
        &self,
        ceremony: &Ceremony,
        to: TrusteeIndex,
        secret: &[u8; 32],
    ) -> Option<Zeroizing<Vec<Scalar>>> {
        let position = self.part.recipients.iter().position(|recipient| *recipient == to)?;
        let slots = usize::from(ceremony.slots);
        let masks = Seal {
            ceremony: &ceremony.digest,
            from: self.dealer(),
            to,
            commitments: &concat(self.commitments.iter().flatten()),
            secret,
        }
        .masks(slots);
        let mut opened = Zeroizing::new(Vec::with_capacity(slots));
        let sealed = self.sealed.iter().skip(position.saturating_mul(slots));
        opened.extend(sealed.zip(masks.iter()).map(|(share, mask)| share - mask));
        Some(opened)
    }

    /// Whether `p_{i,s}(j)·G = Σ_k j^k·F_{i,s,k}` in every slot. Constant-time in the shares.
    pub(super) fn holds(&self, to: TrusteeIndex, opened: &[Scalar]) -> bool {
        opened.len() == self.commitments.len()
            && opened
                .iter()
                .zip(&self.commitments)
                .all(|(share, row)| is_logarithm(share, &evaluate(row, to)))
    }
}

/// What the masks of the shares from one dealer to one trustee depend on.
pub(super) struct Seal<'a> {
    pub(super) ceremony: &'a CeremonyDigest,
    pub(super) from: TrusteeIndex,
    pub(super) to: TrusteeIndex,
    /// All points of the dealer, slot-major.
    pub(super) commitments: &'a [u8],
    /// The encoding of `e_i·E_j`.
    pub(super) secret: &'a [u8; 32],
}

impl Seal<'_> {
    /// One mask for each slot.
    pub(super) fn masks(&self, slots: usize) -> Zeroizing<Vec<Scalar>> {
        let mut transcript = Transcript::new(labels::SHARE);
        transcript.append(item::CEREMONY, self.ceremony.as_bytes());
        transcript.append_number(item::FROM, self.from.get().into());
        transcript.append_number(item::TO, self.to.get().into());
        transcript.append(item::COMMITMENTS, self.commitments);
        transcript.append(item::SECRET, self.secret);
        let mut masks = Zeroizing::new(Vec::with_capacity(slots));
        masks.extend((0..slots).map(|_| transcript.challenge(item::MASK)));
        masks
    }
}

/// The point that two trustees share, `e_i·E_j = e_j·E_i`.
pub(super) fn shared_secret(ours: &IdentitySecret, theirs: &IdentityKey) -> Zeroizing<RistrettoPoint> {
    Zeroizing::new(theirs.0.point() * ours.scalar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_a_seal_changes_every_mask() {
        let index = |number| TrusteeIndex::new(number).unwrap();
        let digest = CeremonyDigest::from_bytes([9; 32]);
        let other = CeremonyDigest::from_bytes([8; 32]);
        let seal =
            Seal { ceremony: &digest, from: index(1), to: index(2), commitments: &[1; 64], secret: &[2; 32] };
        // No `..`: a new field must be added here.
        let Seal { ceremony, from, to, commitments, secret } = seal;
        let same = || Seal { ceremony, from, to, commitments, secret };
        let base = same().masks(2);
        assert_ne!(base[0], base[1]);
        assert_eq!(*same().masks(2), *base);
        for changed in [
            Seal { ceremony: &other, ..same() },
            Seal { from: index(3), ..same() },
            Seal { to: index(3), ..same() },
            Seal { from: index(2), to: index(1), ..same() },
            Seal { commitments: &[3; 64], ..same() },
            Seal { secret: &[4; 32], ..same() },
        ] {
            let masks = changed.masks(2);
            assert!(masks.iter().all(|mask| !base.contains(mask)));
        }
    }
}
