//! Activation: entering a voting code proves that the voter holds it.
//!
//! The server sends 32 fresh bytes, and the voter's side answers for each contest with a proof that it
//! holds the secret `s` of its public credential `C`. The proof is Schnorr's over contest, credential and
//! nonce; the server learns nothing of the code, and an answer to one nonce is none to another.

use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;

use crate::contest::{Contest, Fingerprint};
use crate::credential::{Credential, PublicCredential};
use crate::primitives::labels::{self, item};
use crate::primitives::proof::{Proof, Rejected};
use crate::primitives::transcript::Transcript;
use crate::primitives::wire::{DecodeError, Kind, Reader, form, serde_bytes};

/// 32 bytes that a server draws for one voter's activation and uses no second time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ActivationNonce([u8; 32]);

impl ActivationNonce {
    /// Fresh bytes.
    #[must_use]
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        ActivationNonce(bytes)
    }

    /// The bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    /// A nonce as received from the server.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        ActivationNonce(bytes)
    }
}

impl fmt::Debug for ActivationNonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ActivationNonce({})", crate::primitives::wire::to_hex(&self.0))
    }
}

serde_bytes!(ActivationNonce, |bytes| <[u8; 32]>::try_from(bytes).map(ActivationNonce));

/// What the proof is about.
struct Statement<'a> {
    contest: &'a Fingerprint,
    credential: &'a PublicCredential,
    nonce: &'a ActivationNonce,
}

impl Statement<'_> {
    fn transcript(&self) -> Transcript {
        let Statement { contest, credential, nonce } = self;
        let mut transcript = Transcript::new(labels::ACTIVATION);
        transcript.append(item::CONTEST, contest.as_bytes());
        transcript.append(item::CREDENTIAL, credential.as_bytes());
        transcript.append(item::NONCE, &nonce.0);
        transcript
    }
}

/// A voter's answer for one contest: the credential and the proof that its secret is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activation {
    credential: PublicCredential,
    proof: Proof,
}

impl Activation {
    /// Answers a server's nonce. Constant-time in the credential.
    #[must_use]
    pub fn new<R: CryptoRng + ?Sized>(credential: &Credential, nonce: &ActivationNonce, rng: &mut R) -> Self {
        let (contest, public) = (credential.contest(), credential.public());
        let statement = Statement { contest: &contest, credential: &public, nonce };
        let proof = Proof::of_knowledge(statement.transcript(), credential.secret(), rng);
        Activation { credential: public, proof }
    }

    /// The credential to be activated.
    #[must_use]
    pub fn credential(&self) -> PublicCredential {
        self.credential
    }

    pub(crate) fn verify(&self, contest: &Contest, nonce: &ActivationNonce) -> Result<(), Rejected> {
        let contest = contest.fingerprint();
        let statement = Statement { contest: &contest, credential: &self.credential, nonce };
        self.proof.verify_knowledge(statement.transcript(), self.credential.point())
    }

    /// Form: kind ‖ version ‖ `C` ‖ `c` ‖ `z`.
    #[must_use]
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = form(Kind::Activation);
        bytes.extend(self.credential.as_bytes());
        bytes.extend(self.proof.to_bytes());
        bytes
    }

    /// Reads what [`Activation::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::Activation, bytes)?;
        let credential = PublicCredential::from(reader.element()?);
        let proof = Proof::read(&mut reader)?;
        reader.finish()?;
        Ok(Activation { credential, proof })
    }
}

serde_bytes!(Activation, Activation::from_bytes);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{Dealt, rng};

    #[test]
    fn attack_1_every_field_of_an_activation_is_bound() {
        let (dealt, other) = (Dealt::simple(1, 1), Dealt::simple(1, 2));
        let credential = dealt.credential(1);
        let nonce = ActivationNonce([1; 32]);
        let activation = Activation::new(&credential, &nonce, &mut rng(1));
        assert_eq!(activation.verify(dealt.contest.contest(), &nonce), Ok(()));
        let verify = |statement: Statement<'_>| {
            activation.proof.verify_knowledge(statement.transcript(), activation.credential.point())
        };
        let (contest, public) = (dealt.contest.fingerprint(), credential.public());
        // No `..`: a new field must be added here.
        let Statement { contest, credential, nonce } =
            Statement { contest: &contest, credential: &public, nonce: &nonce };
        assert_eq!(verify(Statement { contest, credential, nonce }), Ok(()));
        let foreign = other.contest.fingerprint();
        assert_eq!(verify(Statement { contest: &foreign, credential, nonce }), Err(Rejected));
        let another = dealt.credential(2).public();
        assert_eq!(verify(Statement { contest, credential: &another, nonce }), Err(Rejected));
        let stale = ActivationNonce([2; 32]);
        assert_eq!(verify(Statement { contest, credential, nonce: &stale }), Err(Rejected));
    }

    #[test]
    fn activations_read_only_what_they_write() {
        let dealt = Dealt::simple(1, 1);
        let activation = Activation::new(&dealt.credential(1), &ActivationNonce([1; 32]), &mut rng(1));
        let bytes = activation.to_bytes();
        assert_eq!(Activation::from_bytes(&bytes), Ok(activation));
        assert_eq!(
            Activation::from_bytes(&bytes[..97]),
            Err(DecodeError::TooShort { expected: 98, actual: 97 })
        );
        let mut longer = bytes.clone();
        longer.push(0);
        assert_eq!(Activation::from_bytes(&longer), Err(DecodeError::TooLong { expected: 98, actual: 99 }));
    }
}
