//! The public credentials of a roll, decoded once.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::ristretto::RistrettoPoint;

use super::PublicCredential;
use crate::primitives::group::Element;

/// Public credentials by their encodings, for the verification of many ballots: a ballot whose credential is
/// among them need not decode it again, which is one point of some eleven. The verdict is the same with them
/// and without, whatever they hold.
///
/// [`Roll::decoded_credentials`](crate::ballot_box::Roll::decoded_credentials) makes them from a roll.
#[derive(Clone, Default)]
pub struct DecodedCredentials(BTreeMap<[u8; 32], RistrettoPoint>);

impl DecodedCredentials {
    /// The credential with this encoding, if it is among them.
    pub(crate) fn get(&self, encoding: &[u8; 32]) -> Option<Element> {
        self.0.get(encoding).map(|point| Element::decoded(*point, *encoding))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<PublicCredential> for DecodedCredentials {
    fn from_iter<I: IntoIterator<Item = PublicCredential>>(credentials: I) -> Self {
        let pairs = credentials
            .into_iter()
            .filter_map(|credential| Some((credential.to_bytes(), *credential.known_point()?)));
        // Collected first, so that the tree is built in one go.
        DecodedCredentials(pairs.collect::<Vec<_>>().into_iter().collect())
    }
}

impl fmt::Debug for DecodedCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecodedCredentials({})", self.len())
    }
}
