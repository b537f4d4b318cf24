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
use crate::primitives::form::named_form;
use crate::primitives::group::Element;
use crate::primitives::labels::{self, item};
use crate::primitives::parallel;
use crate::primitives::proof::{Announced, Proof, Rejected, verify_announced};
use crate::primitives::transcript::Transcript;
use crate::primitives::wire::{DecodeError, Kind, Reader, form, hex_text, serde_bytes};

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
        write!(f, "ActivationNonce({self})")
    }
}

serde_bytes!(ActivationNonce, |bytes| <[u8; 32]>::try_from(bytes).map(ActivationNonce));
hex_text!(ActivationNonce, DecodeError, |bytes| bytes.map(ActivationNonce).ok_or(DecodeError::NotHex));

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
    credential: Element,
    proof: Proof,
}

impl Activation {
    /// Answers a server's nonce. Constant-time in the credential.
    #[must_use]
    pub fn new<R: CryptoRng + ?Sized>(credential: &Credential, nonce: &ActivationNonce, rng: &mut R) -> Self {
        let (contest, public) = (credential.contest(), credential.public());
        let statement = Statement { contest: &contest, credential: &public, nonce };
        let proof = Proof::of_knowledge(statement.transcript(), credential.secret(), rng);
        Activation { credential: credential.element(), proof }
    }

    /// The credential to be activated.
    #[must_use]
    pub fn credential(&self) -> PublicCredential {
        self.credential.into()
    }

    /// What a box stores of it, when it holds.
    pub(crate) fn verify(
        &self,
        contest: &Contest,
        nonce: &ActivationNonce,
    ) -> Result<StoredActivation, Rejected> {
        let contest = contest.fingerprint();
        let statement = Statement { contest: &contest, credential: &self.credential(), nonce };
        let proof = self.proof.announced(statement.transcript(), self.credential.point())?;
        Ok(StoredActivation { credential: *self.credential.encoding(), nonce: *nonce, proof })
    }

    /// Form: kind ‖ version ‖ `C` ‖ `c` ‖ `z`.
    #[must_use]
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = form(Kind::Activation);
        bytes.extend(self.credential.encoding());
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
        let credential = reader.element()?;
        let proof = Proof::read(&mut reader)?;
        reader.finish()?;
        Ok(Activation { credential, proof })
    }
}

named_form!(Activation: "activation", DecodeError);

/// An activation as the box stores it: `C ‖ nonce ‖ T ‖ z`. With the commitment in place of the challenge many are
/// verified in one sum, in a third of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StoredActivation {
    credential: [u8; 32],
    nonce: ActivationNonce,
    proof: Announced,
}

impl StoredActivation {
    /// The encoding of the credential, which has not been decoded.
    pub(crate) fn credential(&self) -> &[u8; 32] {
        &self.credential
    }

    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.credential);
        bytes.extend(self.nonce.0);
        self.proof.write(bytes);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (credential, nonce) = (*reader.array()?, ActivationNonce(*reader.array()?));
        Ok(StoredActivation { credential, nonce, proof: Announced::read(reader)? })
    }
}

/// Activations that share one sum. With more, nothing is gained.
const PIECE: usize = 1_024;

/// The verdict on each of many activations that were stored, in order; spread over all cores with the feature
/// `parallel`.
pub(crate) fn verify_stored(
    contest: &Contest,
    activations: &[StoredActivation],
) -> Vec<Result<(), Rejected>> {
    let contest = contest.fingerprint();
    let mut weights = Transcript::new(labels::ACTIVATIONS);
    weights.append(item::CONTEST, contest.as_bytes());
    let pieces: Vec<_> = activations.chunks(parallel::share(activations.len(), PIECE)).collect();
    let verify = |piece: &&[StoredActivation]| {
        let credentials: Vec<_> =
            piece.iter().map(|stored| PublicCredential::from_bytes(&stored.credential).ok()).collect();
        let known = piece.iter().zip(&credentials);
        let proofs = known.filter_map(|(StoredActivation { nonce, proof, .. }, credential)| {
            let credential = credential.as_ref()?;
            let statement = Statement { contest: &contest, credential, nonce };
            Some((statement.transcript(), credential.known_point()?, proof))
        });
        let mut verdicts = verify_announced(&weights, proofs).into_iter();
        // What is no credential has no proof.
        let mut verdict = |known: &Option<PublicCredential>| match known {
            Some(_) => verdicts.next().unwrap_or(Err(Rejected)),
            None => Err(Rejected),
        };
        credentials.iter().map(&mut verdict).collect::<Vec<_>>()
    };
    parallel::map(&pieces, verify).into_iter().flatten().collect()
}

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
        assert!(activation.verify(dealt.contest.contest(), &nonce).is_ok());
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
    fn attack_7_each_false_activation_among_many_is_named() {
        let (dealt, other) = (Dealt::simple(1, 1), Dealt::simple(1, 2));
        let contest = dealt.contest.contest();
        let stored = |voter: u64| {
            let (credential, nonce) = (dealt.credential(voter), ActivationNonce([voter as u8; 32]));
            let activation = Activation::new(&credential, &nonce, &mut rng(voter));
            activation.verify(contest, &nonce).unwrap()
        };
        assert_eq!(verify_stored(contest, &[]), []);
        let good: Vec<_> = (0..PIECE as u64 + 3).map(stored).collect();
        assert!(verify_stored(contest, &good).iter().all(Result::is_ok));
        assert!(verify_stored(other.contest.contest(), &good[..3]).iter().all(Result::is_err));
        let mut bad = good.clone();
        let places = [0, 1, PIECE - 1, PIECE, good.len() - 1];
        // Another nonce, another credential, none, another answer, and a commitment that is no point.
        bad[places[0]].nonce.0[0] ^= 1;
        bad[places[1]].credential = dealt.credential(7_000).public().to_bytes();
        bad[places[2]].credential = [0; 32];
        bad[places[3]].proof = good[0].proof;
        let mut bytes = Vec::new();
        good[places[4]].write(&mut bytes);
        bytes[64..96].fill(0xff);
        bad[places[4]] = StoredActivation::read(&mut Reader::new(&bytes)).unwrap();
        for (place, verdict) in verify_stored(contest, &bad).into_iter().enumerate() {
            assert_eq!(verdict.is_err(), places.contains(&place), "{place}");
        }
    }

    #[test]
    fn stored_activations_read_only_what_they_write() {
        let dealt = Dealt::simple(1, 1);
        let nonce = ActivationNonce([1; 32]);
        let activation = Activation::new(&dealt.credential(1), &nonce, &mut rng(1));
        let stored = activation.verify(dealt.contest.contest(), &nonce).unwrap();
        let mut bytes = Vec::new();
        stored.write(&mut bytes);
        let mut reader = Reader::new(&bytes);
        assert_eq!((StoredActivation::read(&mut reader), reader.finish()), (Ok(stored), Ok(())));
        assert_eq!(bytes.len(), 128);
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
