//! A complaint about a bad share, and who is to blame.
//!
//! Statement: `D = e_j·E_i` for the complainant's key `E_j = e_j·G`, an equality of logarithms (Chaum
//! and Pedersen 1992). `D` is the secret that both sides share, so anyone can take the mask off the
//! shares that dealer `i` sealed for `j`, and check them. 64 bytes of proof; four points to verify. The
//! reveal that holds these shares comes with the complaint; its own proof makes it the dealer's word.
//!
//! Transcript: `ceremony`, `from` (i), `to` (j), `keys` (`E_j ‖ E_i`), `secret` (`D`), then `T1`, `T2` and the
//! challenge `c`.

use alloc::vec::Vec;

use rand_core::CryptoRng;

use super::CeremonyDigest;
use super::message::{Reveal, read_trustee};
use crate::bureau::{IdentityKey, IdentitySecret, TrusteeIndex};
use crate::primitives::form::named_form;
use crate::primitives::group::Element;
use crate::primitives::labels::{self, item};
use crate::primitives::proof::{Proof, Rejected};
use crate::primitives::transcript::Transcript;
use crate::primitives::wire::{DecodeError, Kind, Reader, form};

/// A trustee's public statement that the shares a dealer sealed for it are not the committed ones.
///
/// It carries the dealer's reveal and opens these shares, so that anyone can see from it alone who is right:
/// [`Ceremony::settle`](super::Ceremony::settle). A complaint whose proof holds ends the ceremony,
/// whoever is to blame.
///
/// Form: kind ‖ version ‖ complainant (1) ‖ `D` ‖ `c` ‖ `z` ‖ the dealer's [`Reveal`], without its own kind
/// and version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    pub(super) complainant: TrusteeIndex,
    /// `D = e_j·E_i`.
    pub(super) secret: Element,
    pub(super) proof: Proof,
    pub(super) reveal: Reveal,
}

impl Complaint {
    /// The trustee complained about, `i`.
    #[must_use]
    pub fn dealer(&self) -> TrusteeIndex {
        self.reveal.trustee
    }

    /// The trustee who complains, or seems to, `j`.
    #[must_use]
    pub fn complainant(&self) -> TrusteeIndex {
        self.complainant
    }

    /// The encoding of `D = e_j·E_i`, with which anyone opens the shares.
    #[must_use]
    pub fn secret(&self) -> [u8; 32] {
        *self.secret.encoding()
    }

    /// The proof of `D`, not verified by reading it.
    #[must_use]
    pub fn proof(&self) -> &Proof {
        &self.proof
    }

    /// The reveal complained about, with its own proof.
    #[must_use]
    pub fn reveal(&self) -> &Reveal {
        &self.reveal
    }

    /// The form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = form(Kind::Complaint);
        bytes.push(self.complainant.get());
        bytes.extend(self.secret.encoding());
        bytes.extend(self.proof.to_bytes());
        self.reveal.write(&mut bytes);
        bytes
    }

    /// Reads the form. The proofs are verified when the message is used.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] for every other form, which names both kinds if it is another; a trustee's number
    /// of 0 is [`DecodeError::Number`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::Complaint, bytes)?;
        let message = Complaint {
            complainant: read_trustee(&mut reader)?,
            secret: reader.element()?,
            proof: Proof::read(&mut reader)?,
            reveal: Reveal::read(&mut reader)?,
        };
        reader.finish()?;
        Ok(message)
    }
}

named_form!(Complaint: "complaint", DecodeError);

pub(super) struct Statement<'a> {
    pub(super) ceremony: &'a CeremonyDigest,
    pub(super) dealer: TrusteeIndex,
    pub(super) complainant: TrusteeIndex,
    pub(super) dealer_key: &'a IdentityKey,
    pub(super) complainant_key: &'a IdentityKey,
    pub(super) secret: &'a Element,
}

impl Statement<'_> {
    fn transcript(&self) -> Transcript {
        let mut transcript = Transcript::new(labels::COMPLAINT);
        transcript.append(item::CEREMONY, self.ceremony.as_bytes());
        transcript.append_number(item::FROM, self.dealer.get().into());
        transcript.append_number(item::TO, self.complainant.get().into());
        let keys = [self.complainant_key.to_bytes(), self.dealer_key.to_bytes()];
        transcript.append(item::KEYS, keys.as_flattened());
        transcript.append_element(item::SECRET, self.secret);
        transcript
    }

    pub(super) fn prove<R: CryptoRng + ?Sized>(&self, identity: &IdentitySecret, rng: &mut R) -> Proof {
        Proof::of_equality(self.transcript(), self.dealer_key.0.point(), identity.scalar(), rng)
    }

    pub(super) fn verify(&self, proof: &Proof) -> Result<(), Rejected> {
        proof.verify_equality(
            self.transcript(),
            self.complainant_key.0.point(),
            self.dealer_key.0.point(),
            self.secret.point(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::SeedableRng;

    #[test]
    fn attack_1_every_field_of_a_complaint_is_bound() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1);
        let identity = IdentitySecret::generate(&mut rng);
        let [dealer_key, complainant_key, other] = [
            IdentitySecret::generate(&mut rng).public(),
            identity.public(),
            IdentitySecret::generate(&mut rng).public(),
        ];
        let secret = Element::from(dealer_key.0.point() * identity.scalar());
        let digest = CeremonyDigest::from_bytes([9; 32]);
        let index = |number| TrusteeIndex::new(number).unwrap();
        let statement = Statement {
            ceremony: &digest,
            dealer: index(1),
            complainant: index(2),
            dealer_key: &dealer_key,
            complainant_key: &complainant_key,
            secret: &secret,
        };
        let proof = statement.prove(&identity, &mut rng);
        let points = [complainant_key, dealer_key, IdentityKey(secret)].map(|key| *key.0.point());
        // Both with the changed field in the equations, and with the equations left as they were, so
        // that the transcript alone must notice.
        let verify = |statement: Statement<'_>| {
            let [complainant, dealer, secret] = &points;
            let whole = statement.verify(&proof);
            assert_eq!(proof.verify_equality(statement.transcript(), complainant, dealer, secret), whole);
            whole
        };

        // No `..`: a new field must be added here.
        let Statement { ceremony, dealer, complainant, dealer_key, complainant_key, secret } = statement;
        let same = || Statement { ceremony, dealer, complainant, dealer_key, complainant_key, secret };
        assert_eq!(verify(same()), Ok(()));
        let changed = CeremonyDigest::from_bytes([8; 32]);
        assert_eq!(verify(Statement { ceremony: &changed, ..same() }), Err(Rejected));
        assert_eq!(verify(Statement { dealer: index(3), ..same() }), Err(Rejected));
        assert_eq!(verify(Statement { complainant: index(3), ..same() }), Err(Rejected));
        assert_eq!(verify(Statement { dealer_key: &other, ..same() }), Err(Rejected));
        assert_eq!(verify(Statement { complainant_key: &other, ..same() }), Err(Rejected));
        assert_eq!(verify(Statement { secret: &other.0, ..same() }), Err(Rejected));
    }

    #[test]
    fn attack_8_a_stuck_rng_repeats_no_nonce_of_a_complaint() {
        let rng = || rand_chacha::ChaCha20Rng::seed_from_u64(1);
        let index = |number| TrusteeIndex::new(number).unwrap();
        let secrets = [5u64, 7, 11].map(|e| IdentitySecret::from_scalar(e.into()));
        let mut nonces = alloc::collections::BTreeSet::new();
        for ceremony in [8, 9] {
            for (dealer, complainant) in [(1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2)] {
                let identity = &secrets[complainant - 1];
                let dealer_key = secrets[dealer - 1].public();
                let statement = Statement {
                    ceremony: &CeremonyDigest::from_bytes([ceremony; 32]),
                    dealer: index(u8::try_from(dealer).unwrap()),
                    complainant: index(u8::try_from(complainant).unwrap()),
                    dealer_key: &dealer_key,
                    complainant_key: &identity.public(),
                    secret: &Element::from(dealer_key.0.point() * identity.scalar()),
                };
                let proof = statement.prove(identity, &mut rng());
                assert_eq!(proof, statement.prove(identity, &mut rng()), "the RNG does repeat");
                let [c, z] = [proof.challenge(), proof.response()]
                    .map(|bytes| crate::primitives::group::decode_scalar(&bytes).unwrap());
                assert!(nonces.insert((z - c * identity.scalar()).to_bytes()));
            }
        }
        assert_eq!(nonces.len(), 12);
    }
}
