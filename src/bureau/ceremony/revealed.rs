//! The second state of a trustee: its points are out, and the others' choices are fixed.

use alloc::vec::Vec;

use curve25519_dalek::scalar::Scalar;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::committed::Committed;
use super::complaint::{self, Complaint};
use super::confirmed::Checked;
use super::dealing::{Dealing, Proven, shared_secret};
use super::error::{CeremonyError, MessageKind};
use super::message::{Commitment, Reveal};
use super::shares::{BadShares, OpenedShares};
use super::{Ceremony, CommitmentDigest};
use crate::bureau::{IdentityKey, IdentitySecret, TrusteeIndex};
use crate::primitives::group::Element;
use crate::primitives::proof::Proof;
use crate::primitives::secret::{self, scrubbed};
use crate::primitives::stored::{self, Storing};
use crate::primitives::wire::{Kind, Reader};

/// A trustee that has revealed, and waits for the reveals of all.
///
/// It is stored before the reveal is published, in place of the [`Committed`].
pub struct Revealed {
    committed: Committed,
    /// Of all trustees, in order, with their signatures: what was revealed against.
    commitments: Vec<Commitment>,
}

impl Revealed {
    /// Commitments of all trustees, in order; our own must be among them.
    pub(super) fn new(committed: Committed, commitments: Vec<Commitment>) -> Result<Self, CeremonyError> {
        let trustee = committed.index;
        if commitments.get(trustee.position()).is_some_and(|ours| ours.digest == committed.digest) {
            Ok(Revealed { committed, commitments })
        } else {
            Err(CeremonyError::NotOurs { message: MessageKind::Commitment, trustee })
        }
    }

    /// The reveal, to be published. Each call makes a new proof of the same dealing.
    #[must_use]
    pub fn reveal<R: CryptoRng + ?Sized>(&self, rng: &mut R) -> Reveal {
        self.committed.sign_dealing(self.committed.sealed_shares(), rng)
    }

    /// The commitments of all trustees that were revealed against, in order. From here on no others count.
    #[must_use]
    pub fn commitments(&self) -> &[Commitment] {
        &self.commitments
    }

    /// What [`Committed::to_bytes`] gives, under a kind of its own, with of every trustee in order the digest of its
    /// commitment and the signature `c ‖ z` before the tag.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut storing = Storing::form(Kind::Revealed, 0);
        self.committed.store(&mut storing);
        for Commitment { trustee: _, digest, signature } in &self.commitments {
            storing.write(digest.as_bytes());
            storing.write(&signature.to_bytes());
        }
        storing.finish()
    }

    /// Reads what [`Revealed::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// Those of [`Committed::from_bytes`], [`CeremonyError::Signature`] when the signature of a commitment
    /// does not hold, and [`CeremonyError::NotOurs`] when ours is not the one we made.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CeremonyError> {
        let mut reader = Reader::form(Kind::Revealed, bytes)?;
        let committed = Committed::read(&mut reader)?;
        let mut commitments = Vec::with_capacity(committed.ceremony.bureau.trustees().into());
        for trustee in committed.ceremony.bureau.indices() {
            let digest = CommitmentDigest::from_bytes(*reader.array()?);
            commitments.push(Commitment { trustee, digest, signature: Proof::read(&mut reader)? });
        }
        stored::finish(reader, bytes)?;
        let commitments = committed.ceremony.check_commitments(&commitments)?;
        Revealed::new(committed, commitments)
    }

    /// The ceremony.
    #[must_use]
    pub fn ceremony(&self) -> &Ceremony {
        &self.committed.ceremony
    }

    /// This trustee's number.
    #[must_use]
    pub fn index(&self) -> TrusteeIndex {
        self.committed.index
    }

    pub(super) fn identity(&self) -> &IdentitySecret {
        &self.committed.identity
    }

    /// Checks the reveals of the whole bureau, in any order, and opens the shares that the panel's dealers
    /// sealed for this trustee.
    ///
    /// All proofs of possession come first. As long as one of them does not hold, no share of any
    /// dealer is opened and no complaint made: a complaint publishes `e_j·E_i`, which for a dealer that
    /// made its identity key from another trustee's would be a Diffie–Hellman oracle.
    ///
    /// # Errors
    ///
    /// Without a culprit: a reveal is missing or its proof does not hold, or one that our proof holds for is
    /// not the one we made; the stored state can try again. [`CeremonyError::Key`] when the key that comes
    /// out has the identity in it, or two equal slots.
    /// With a culprit: [`CeremonyError::TwoReveals`] and [`CeremonyError::BadReveal`].
    ///
    /// Bad shares are no error but an outcome, [`OpenedShares::Bad`]: its complaints must be published.
    pub fn check<R: CryptoRng + ?Sized>(
        self,
        reveals: &[Reveal],
        rng: &mut R,
    ) -> Result<OpenedShares, CeremonyError> {
        let Revealed { committed, commitments } = self;
        let proven = committed.check_reveals(reveals)?;
        let Committed { ceremony, index, part, identity, .. } = committed;
        let dealings = ceremony.check_form(&commitments, proven)?;

        let mut shares = Zeroizing::new(alloc::vec![Scalar::ZERO; usize::from(ceremony.slots)]);
        let mut complaints = Vec::new();
        for dealer in part.recipients {
            let missing = || CeremonyError::Missing { message: MessageKind::Reveal, trustee: dealer };
            let dealing = dealings.get(dealer.position()).ok_or_else(missing)?;
            let dealer_key = ceremony.bureau.identity(dealer).ok_or_else(missing)?;
            let good = scrubbed::<{ secret::SIGNATURE }, _>(|| {
                let secret = shared_secret(&identity, dealer_key);
                let encoded = Zeroizing::new(secret.compress().to_bytes());
                let opened = dealing.open(&ceremony, index, &encoded);
                let opened = opened.filter(|opened| dealing.holds(index, opened));
                for (sum, share) in shares.iter_mut().zip(opened.iter().flat_map(|opened| opened.iter())) {
                    *sum += share;
                }
                opened.is_some()
            });
            if !good {
                complaints.push(complain(&ceremony, index, &identity, dealing, dealer_key, rng));
            }
        }
        if !complaints.is_empty() {
            return Ok(OpenedShares::Bad(BadShares::new(complaints)));
        }
        let commitments = commitments.iter().map(Commitment::digest).collect();
        Checked::new(ceremony, index, identity, shares, commitments, dealings).map(OpenedShares::Good)
    }
}

impl Committed {
    /// The proven reveals of all trustees, ours being the one we made.
    fn check_reveals<'a>(&self, reveals: &'a [Reveal]) -> Result<Vec<Proven<'a>>, CeremonyError> {
        let trustee = self.index;
        let not_ours = CeremonyError::NotOurs { message: MessageKind::Reveal, trustee };
        let proven = match self.ceremony.check_possession(reveals) {
            // One of the two is not ours, and we know that we did not cheat.
            Err(error) if error.culprit() == Some(trustee) => return Err(not_ours),
            checked => checked?,
        };
        let ours = proven.get(trustee.position()).map(Proven::reveal);
        let made =
            |shown: &Reveal| shown.commitments == self.commitments() && shown.shares == self.sealed_shares();
        if ours.is_some_and(made) { Ok(proven) } else { Err(not_ours) }
    }
}

/// From a [`Dealing`] only, whose dealer has proved that it knows its identity secret.
pub(super) fn complain<R: CryptoRng + ?Sized>(
    ceremony: &Ceremony,
    complainant: TrusteeIndex,
    identity: &IdentitySecret,
    dealing: &Dealing,
    dealer_key: &IdentityKey,
    rng: &mut R,
) -> Complaint {
    let secret = Element::from(*shared_secret(identity, dealer_key));
    let proof = complaint::Statement {
        ceremony: &ceremony.digest,
        dealer: dealing.dealer(),
        complainant,
        dealer_key,
        complainant_key: &identity.public(),
        secret: &secret,
    }
    .prove(identity, rng);
    Complaint { complainant, secret, proof, reveal: dealing.reveal().clone() }
}

secret_state!(Revealed);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::wiped;

    /// The state says that it is wiped; here it is checked of what it holds.
    #[test]
    fn attack_19_every_secret_of_a_reveal_is_wiped() {
        // No `..`: a new field must be looked at here.
        let _ = |Revealed { committed, commitments: _ }: &Revealed| wiped(committed);
    }
}
