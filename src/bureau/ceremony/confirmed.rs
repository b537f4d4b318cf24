//! The last states of a trustee: its shares are good, and it waits for the others to say the same.

use alloc::vec::Vec;

use curve25519_dalek::scalar::Scalar;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::complaint::Complaint;
use super::dealing::{Dealing, Proven};
use super::error::CeremonyError;
use super::message::{Confirmation, Reveal};
use super::{Ceremony, CommitmentDigest};
use crate::bureau::{
    ElectionKey, IdentitySecret, KeyDigest, SignedBy, TrusteeIndex, TrusteeKey, check_shares, read_scalars,
    store_secrets,
};
use crate::primitives::stored::{self, Storing};
use crate::primitives::wire::{DecodeError, Kind, Reader};
use crate::primitives::{Unsent, labels};

/// A trustee that holds a good share from every dealer of its panel, and knows the key that would come out.
pub struct Checked {
    pub(super) ceremony: Ceremony,
    pub(super) index: TrusteeIndex,
    pub(super) identity: IdentitySecret,
    pub(super) shares: Zeroizing<Vec<Scalar>>,
    /// Of all trustees, in order.
    commitments: Vec<CommitmentDigest>,
    pub(super) dealings: Vec<Dealing>,
    pub(super) key: ElectionKey,
    pub(super) digest: KeyDigest,
}

impl Checked {
    /// The key that these dealings come to.
    pub(super) fn new(
        ceremony: Ceremony,
        index: TrusteeIndex,
        identity: IdentitySecret,
        shares: Zeroizing<Vec<Scalar>>,
        commitments: Vec<CommitmentDigest>,
        dealings: Vec<Dealing>,
    ) -> Result<Self, CeremonyError> {
        let key = ceremony.combine(&dealings)?;
        let digest = ceremony.key_digest(commitments.iter(), &key);
        Ok(Checked { ceremony, index, identity, shares, commitments, dealings, key, digest })
    }

    /// The secrets and all that they were made from, to be stored where nobody else reads them: kind ‖ version ‖ the
    /// ceremony, as in its own form ‖ identity secret ‖ `x_{j,1} … x_{j,m}` ‖ of every trustee in order the digest of
    /// its commitment and its reveal, without kind and version ‖ a tag of 32 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        self.store(Kind::Checked)
    }

    fn store(&self, kind: Kind) -> Zeroizing<Vec<u8>> {
        let Checked { ceremony, index: _, identity, shares, commitments, dealings, key: _, digest: _ } = self;
        let mut storing = Storing::form(kind, 0);
        let mut public = Vec::new();
        ceremony.write(&mut public);
        storing.write(&public);
        store_secrets(&mut storing, identity, shares);
        for (digest, dealing) in commitments.iter().zip(dealings) {
            let mut reveal = Vec::new();
            dealing.reveal().write(&mut reveal);
            storing.write(digest.as_bytes());
            storing.write(&reveal);
        }
        storing.finish()
    }

    /// Reads what [`Checked::to_bytes`] gave, and verifies all of it again.
    ///
    /// # Errors
    ///
    /// [`CeremonyError::Decode`] for bytes of another kind, length or form, or that were altered since; and those of
    /// [`Ceremony::from_bytes`] and [`Revealed::check`](super::Revealed::check).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CeremonyError> {
        Checked::read(Kind::Checked, bytes)
    }

    fn read(kind: Kind, bytes: &[u8]) -> Result<Self, CeremonyError> {
        let mut reader = Reader::form(kind, bytes)?;
        let ceremony = Ceremony::read(&mut reader)?;
        let identity = IdentitySecret::read(&mut reader)?;
        let index = ceremony.index_of(&identity)?;
        let shares = read_scalars(&mut reader, ceremony.slots.into())?;
        let (mut commitments, mut reveals) = (Vec::new(), Vec::new());
        for trustee in ceremony.bureau.indices() {
            let digest = CommitmentDigest::from_bytes(*reader.array()?);
            let offset = reader.offset();
            let reveal = Reveal::read(&mut reader)?;
            if reveal.trustee != trustee {
                return Err(CeremonyError::Decode(DecodeError::Number { offset }));
            }
            commitments.push(digest);
            reveals.push(reveal);
        }
        stored::finish(reader, bytes)?;
        let mut dealings = Vec::with_capacity(reveals.len());
        for (digest, reveal) in commitments.iter().zip(&reveals) {
            let dealing = Dealing::new(&ceremony, Proven::new(&ceremony, reveal)?)?;
            dealing.matches(&ceremony, digest)?;
            dealings.push(dealing);
        }
        let checked = Checked::new(ceremony, index, identity, shares, commitments, dealings)?;
        // Whoever can make the tag has written shares of something else.
        check_shares(&checked.shares, &checked.key, index).map_err(|_| DecodeError::Altered)?;
        Ok(checked)
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

    /// What all trustees confirm: a digest of the ceremony, of all commitments and of the key.
    #[must_use]
    pub fn key_digest(&self) -> KeyDigest {
        self.digest
    }

    /// Confirms the key, if no complaint stands. The confirmation is to be published. What is to be stored before
    /// that is the [`Confirmed`].
    ///
    /// A complaint that is none is passed over: anyone could have made it. The reveal that it carries is
    /// looked at all the same.
    ///
    /// # Errors
    ///
    /// [`CeremonyError::Complaint`], with the culprit, for the first complaint that stands, or
    /// [`CeremonyError::TwoReveals`], for the first that carries a proven reveal which is not the one that we
    /// were shown. Either ends the ceremony for good.
    pub fn confirm<R: CryptoRng + ?Sized>(
        self,
        complaints: &[Complaint],
        rng: &mut R,
    ) -> Result<Unsent<(Confirmed, Confirmation)>, CeremonyError> {
        self.ceremony.check_undisputed(&self.dealings, complaints)?;
        let confirmed = Confirmed(self);
        let confirmation = confirmed.confirmation(rng);
        Ok(Unsent::new(confirmed.to_bytes(), (confirmed, confirmation)))
    }
}

/// A trustee that has confirmed the key, and waits for the confirmations of all.
pub struct Confirmed(Checked);

impl Confirmed {
    /// The confirmation, to be published. Each call makes a new signature of the same digest.
    #[must_use]
    pub fn confirmation<R: CryptoRng + ?Sized>(&self, rng: &mut R) -> Confirmation {
        let Checked { index, identity, digest, .. } = &self.0;
        Confirmation(SignedBy::sign(*index, identity, labels::PURPOSE_KEY, digest.as_bytes(), rng))
    }

    /// What [`Checked::to_bytes`] gives, under a kind of its own.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        self.0.store(Kind::Confirmed)
    }

    /// Reads what [`Confirmed::to_bytes`] gave, and verifies all of it again.
    ///
    /// # Errors
    ///
    /// Those of [`Checked::from_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CeremonyError> {
        Checked::read(Kind::Confirmed, bytes).map(Confirmed)
    }

    /// The ceremony.
    #[must_use]
    pub fn ceremony(&self) -> &Ceremony {
        &self.0.ceremony
    }

    /// This trustee's number.
    #[must_use]
    pub fn index(&self) -> TrusteeIndex {
        self.0.index
    }

    /// What all trustees confirm: a digest of the ceremony, of all commitments and of the key.
    #[must_use]
    pub fn key_digest(&self) -> KeyDigest {
        self.0.digest
    }

    pub(super) fn identity(&self) -> &IdentitySecret {
        &self.0.identity
    }

    /// Gives the trustee its key, once all have confirmed the same, in any order, and if no complaint
    /// has come up meanwhile. Keep what is stored of this state until the trustee with its key is stored, and destroy
    /// it then.
    ///
    /// # Errors
    ///
    /// Those of [`Checked::confirm`]. Without a culprit: a confirmation is missing, or is not for this very
    /// key. Somebody may have altered it, or its sender may have seen other messages than we have.
    pub fn finish(
        self,
        confirmations: &[Confirmation],
        complaints: &[Complaint],
    ) -> Result<TrusteeKey, CeremonyError> {
        let Checked { ceremony, index, identity, shares, commitments: _, dealings, key, digest } = self.0;
        ceremony.check_undisputed(&dealings, complaints)?;
        ceremony.check_confirmations(&digest, confirmations)?;
        Ok(TrusteeKey::from_ceremony(index, identity, shares, key, digest))
    }
}

secret_state!(Checked Confirmed);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::wiped;

    /// The states say that they are wiped; here it is checked of what they hold.
    #[test]
    fn attack_19_every_secret_of_a_checked_state_is_wiped() {
        // No `..`: a new field must be looked at here.
        let _ = |state: &Checked| {
            let Checked {
                ceremony: _,
                index: _,
                identity,
                shares,
                commitments: _,
                dealings: _,
                key: _,
                digest: _,
            } = state;
            wiped(identity);
            wiped(shares);
        };
        let _ = |Confirmed(checked): &Confirmed| wiped(checked);
    }
}
