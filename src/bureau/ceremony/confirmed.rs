//! The last states of a trustee: its shares are good, and it waits for the others to say the same.

use alloc::vec::Vec;

use curve25519_dalek::scalar::Scalar;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::Ceremony;
use super::complaint::Complaint;
use super::dealing::Dealing;
use super::error::CeremonyError;
use super::message::Confirmation;
use crate::bureau::{ElectionKey, IdentitySecret, KeyDigest, SignedBy, TrusteeIndex, TrusteeKey};
use crate::primitives::labels;

/// A trustee that holds a good share from every dealer of its panel, and knows the key that would come out.
pub struct Checked {
    pub(super) ceremony: Ceremony,
    pub(super) index: TrusteeIndex,
    pub(super) identity: IdentitySecret,
    pub(super) shares: Zeroizing<Vec<Scalar>>,
    pub(super) dealings: Vec<Dealing>,
    pub(super) key: ElectionKey,
    pub(super) digest: KeyDigest,
}

impl Checked {
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

    /// Confirms the key, if no complaint stands. The confirmation is to be published.
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
    ) -> Result<(Confirmed, Confirmation), CeremonyError> {
        self.ceremony.check_undisputed(&self.dealings, complaints)?;
        let (purpose, digest) = (labels::PURPOSE_KEY, self.digest.as_bytes());
        let confirmation = Confirmation(SignedBy::sign(self.index, &self.identity, purpose, digest, rng));
        Ok((Confirmed(self), confirmation))
    }
}

/// A trustee that has confirmed the key, and waits for the confirmations of all.
pub struct Confirmed(Checked);

impl Confirmed {
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

    /// Gives the trustee its key, once all have confirmed the same, in any order, and if no complaint
    /// has come up meanwhile.
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
        let Checked { ceremony, index, identity, shares, dealings, key, digest } = self.0;
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
            let Checked { ceremony: _, index: _, identity, shares, dealings: _, key: _, digest: _ } = state;
            wiped(identity);
            wiped(shares);
        };
        let _ = |Confirmed(checked): &Confirmed| wiped(checked);
    }
}
