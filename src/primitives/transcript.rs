//! The Fiat–Shamir transcript: Merlin v1.0.

use alloc::vec::Vec;

use curve25519_dalek::scalar::Scalar;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::primitives::group::Element;
use crate::primitives::labels::item;
use crate::primitives::strobe::Strobe;

/// A running hash of a statement from which challenges are drawn. Its state is wiped on drop.
#[derive(Clone)]
pub(crate) struct Transcript(Strobe);

impl Transcript {
    pub(crate) fn new(name: &'static [u8]) -> Self {
        let mut strobe = Strobe::merlin();
        strobe.append(b"dom-sep", name);
        Transcript(strobe)
    }

    pub(crate) fn append(&mut self, label: &'static [u8], bytes: &[u8]) {
        self.0.append(label, bytes);
    }

    pub(crate) fn append_number(&mut self, label: &'static [u8], number: u64) {
        self.append(label, &number.to_le_bytes());
    }

    pub(crate) fn append_element(&mut self, label: &'static [u8], element: &Element) {
        self.append(label, element.encoding());
    }

    pub(crate) fn challenge(&mut self, label: &'static [u8]) -> Scalar {
        let mut wide = Zeroizing::new([0; 64]);
        self.0.challenge(label, wide.as_mut());
        Scalar::from_bytes_mod_order_wide(&wide)
    }

    pub(crate) fn challenge_bytes<const N: usize>(&mut self, label: &'static [u8]) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.challenge(label, &mut bytes);
        bytes
    }

    /// A source of secrets bound to this transcript's statement, to the witness and to fresh
    /// randomness: an RNG that repeats itself does not repeat a secret on another statement, and one
    /// that is broken leaves the secrets as unpredictable as the witness.
    pub(crate) fn secrets<R: CryptoRng + ?Sized>(&self, witness: &[&[u8]], rng: &mut R) -> Secrets {
        let mut fork = self.clone();
        for part in witness {
            fork.append(item::WITNESS, part);
        }
        let mut fresh = Zeroizing::new([0; 32]);
        rng.fill_bytes(fresh.as_mut());
        fork.append(item::RNG, fresh.as_ref());
        Secrets(fork)
    }
}

/// Secrets and nonces drawn from a private fork of a transcript. See [`Transcript::secrets`].
pub(crate) struct Secrets(Transcript);

impl Secrets {
    pub(crate) fn scalar(&mut self) -> Zeroizing<Scalar> {
        Zeroizing::new(self.0.challenge(item::DRAW))
    }

    /// Some secrets at once, which saves permutations.
    pub(crate) fn array<const N: usize>(&mut self) -> Zeroizing<[Scalar; N]> {
        let mut wide = Zeroizing::new([[0; 64]; N]);
        self.0.0.challenge(item::DRAW, wide.as_flattened_mut());
        let mut scalars = Zeroizing::new([Scalar::ZERO; N]);
        for (scalar, wide) in scalars.iter_mut().zip(wide.iter()) {
            *scalar = Scalar::from_bytes_mod_order_wide(wide);
        }
        scalars
    }

    /// As many secrets at once as there turn out to be.
    pub(crate) fn scalars(&mut self, count: usize) -> Zeroizing<Vec<Scalar>> {
        let mut wide = Zeroizing::new(alloc::vec![0; count.saturating_mul(64)]);
        self.0.0.challenge(item::DRAW, &mut wide);
        let (chunks, _) = wide.as_chunks();
        Zeroizing::new(chunks.iter().map(Scalar::from_bytes_mod_order_wide).collect())
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> Zeroizing<[u8; N]> {
        Zeroizing::new(self.0.challenge_bytes(item::DRAW))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_vectors::{primitives, unhex};

    #[test]
    fn transcript_and_hash_match_the_vectors() {
        let vectors = primitives();
        let mut transcript = Transcript::new(b"urne/2 example");
        transcript.append(b"bytes", &(0..200).collect::<alloc::vec::Vec<u8>>());
        transcript.append_number(b"number", 584);
        let first = transcript.challenge(b"first");
        transcript.append(b"more", b"");
        let second = transcript.challenge(b"second");
        assert_eq!(first.to_bytes(), unhex(&vectors["transcript"]["first"]));
        assert_eq!(second.to_bytes(), unhex(&vectors["transcript"]["second"]));

        let digest = crate::primitives::hash::FieldHash::new(b"urne/2 example")
            .bytes(b"a")
            .bytes(b"bc")
            .bytes(b"")
            .finish();
        assert_eq!(digest, unhex(&vectors["hash"]["digest"]));
    }

    #[test]
    fn attack_19_the_state_of_secrets_is_wiped() {
        let secrets = Transcript::new(b"test").secrets(&[], &mut Stuck);
        // No pattern with `..`: a new field must be looked at here.
        let Secrets(Transcript(strobe)) = &secrets;
        crate::test_support::wiped(strobe);
    }

    /// An RNG that returns nothing but zeros.
    struct Stuck;
    impl rand_core::TryRng for Stuck {
        type Error = core::convert::Infallible;
        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            Ok(0)
        }
        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            Ok(0)
        }
        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
            bytes.fill(0);
            Ok(())
        }
    }
    impl rand_core::TryCryptoRng for Stuck {}

    #[test]
    fn attack_8_secrets_depend_on_statement_and_witness_and_rng() {
        use rand_core::SeedableRng;
        let draw = |statement: &[u8], witness: &[&[u8]]| {
            let mut transcript = Transcript::new(b"test");
            transcript.append(b"statement", statement);
            *transcript.secrets(witness, &mut Stuck).scalar()
        };
        let base = draw(b"one", &[b"w"]);
        assert_eq!(base, draw(b"one", &[b"w"]));
        assert_ne!(base, draw(b"two", &[b"w"]));
        assert_ne!(base, draw(b"one", &[b"v"]));
        assert_ne!(draw(b"one", &[b"ab", b"c"]), draw(b"one", &[b"a", b"bc"]));
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1);
        let mut transcript = Transcript::new(b"test");
        transcript.append(b"statement", b"one");
        let mut secrets = transcript.secrets(&[b"w"], &mut rng);
        let drawn = secrets.scalar();
        assert_ne!(base, *drawn);
        assert_ne!(*drawn, *secrets.scalar());
    }
}
