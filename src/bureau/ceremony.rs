//! The key ceremony: n trustees make an election key together, of which any t of them can open a
//! tally and fewer learn nothing.
//!
//! It is a distributed key generation after Feldman (1987) and Pedersen (1991), in which every dealer
//! commits before anyone reveals, so that nobody chooses its part after having seen the others'. All
//! messages go over one public board that every trustee reads; shares travel on it sealed. No party is
//! trusted, and one honest trustee is enough for nobody to know a relation between the keys of the slots.
//! The key is not claimed to be perfectly uniform.
//!
//! # Before
//!
//! Every trustee draws an [`IdentitySecret`] for this one ceremony and publishes its key `E_i`. All compare
//! the list of keys, and so the [digest](Ceremony::digest) of the ceremony, by a channel of their own. An
//! identity key must never serve in a second ceremony: messages of one with the same label and keys could
//! be replayed in the other, and then an honest trustee be blamed for its own old words.
//!
//! # Steps
//!
//! | step | the trustee | gives out | and is sure that |
//! |---|---|---|---|
//! | [`Ceremony::join`] | draws a polynomial of degree t − 1 for each of m slots, `F_{i,s,k}` being its k-th coefficient times `G` | [`Commitment`] | its choice stands |
//! | [`Committed::reveal`] | waits for all commitments | [`Reveal`] | everyone's choice stands, and its own is seen by the others as it made it |
//! | [`Revealed::check`] | checks every dealer's proof of possession, then the form, then its own shares | complaints, if shares are bad | it holds a good share of every dealer, and every dealer knows what it dealt |
//! | [`Checked::confirm`] | looks for complaints | [`Confirmation`] | nobody known has been dealt a bad share |
//! | [`Confirmed::finish`] | waits for all confirmations | | all have seen the same commitments and the same key, and hold their shares |
//!
//! The states consume each other. An error leaves no state to go on with; a step that failed only because
//! a message was lost or altered on its way is taken again from the stored [`Committed`], or once the
//! reveal is out, from the stored [`Revealed`](Revealed::expose_bytes), which knows the commitments that it
//! was made for. A complaint that stands, though, ends the ceremony for good: it
//! is run anew, with new identity keys.
//!
//! The key is `Φ[s][k] = Σ_i F_{i,s,k}`; trustee j's share of slot s is `x_{j,s} = Σ_i p_{i,s}(j)`.
//! Anyone can check all that is public with [`Ceremony::conclude`], and settle a complaint with
//! [`Ceremony::settle`].
//!
//! # Messages
//!
//! `H` is SHA-256 over a tag and fields that each bear their length; integers are 8 bytes, little-endian.
//!
//! - ceremony = `H("urne/1 ceremony"; label, n, t, m, E_1, …, E_n)`.
//! - commitment_i = `H("urne/1 commitment"; ceremony, i, F_{i,1,0}, …, F_{i,1,t−1}, F_{i,2,0}, …)`, signed by i.
//! - The reveal of i holds all `F_{i,s,k}`, for every trustee j (i too) and slot s the sealed share
//!   `p_{i,s}(j) + mask_s`, and a proof that i knows `e_i` and all `p_{i,s}(0)`. The masks are challenges `mask` of the
//!   transcript `urne/1 share`: `ceremony`, `from` i, `to` j, `commitments` (all points of i), `secret`
//!   (`e_i·E_j`). The proof is Schnorr's over the transcript `urne/1 possession`: `ceremony`, `trustee` i,
//!   `commitments`, `shares`, challenge `w`, `T`, challenge `c`, for the key `Σ_s w^{s−1}·F_{i,s,0} + w^m·E_i`.
//!   It covers the whole reveal and so is i's signature under it.
//! - A complaint of j about i shows `D = e_j·E_i`, with a proof of equal logarithms over the transcript
//!   `urne/1 complaint`: `ceremony`, `from` i, `to` j, `keys` (`E_j ‖ E_i`), `secret` (`D`), `T1`, `T2`, challenge `c`.
//! - A confirmation is a signature of `H("urne/1 key"; ceremony, commitment_1, …, commitment_n, Φ slot by slot)`.
//!
//! # Who is to blame
//!
//! A message whose signature or proof does not hold may have been altered by anyone on its way. It counts
//! as not sent, and names no culprit. A reveal whose proof holds is its dealer's own word: what is wrong in it
//! is the dealer's doing. A complaint whose proof holds is the complainant's own word, and opens the sealed
//! shares: either they are bad, and the dealer is the culprit, or they are good, and the complainant is. A
//! dealer that shows different trustees different reveals, both proven, can only do so without a common
//! board; the two reveals side by side convict it.
//!
//! # Example
//!
//! ```
//! use urne::ceremony::Ceremony;
//! use urne::rand_core::UnwrapErr;
//! use urne::{IdentitySecret, Threshold};
//!
//! let rng = &mut UnwrapErr(getrandom::SysRng);
//! // Each trustee has its own machine; here they stand side by side.
//! let secrets: Vec<_> = (0..3).map(|_| IdentitySecret::generate(rng)).collect();
//! let identities = secrets.iter().map(IdentitySecret::public).collect();
//! let ceremony = Ceremony::new("council 2026", Threshold::new(2, 3)?, 5, identities)?;
//!
//! let (mut committed, mut commitments) = (Vec::new(), Vec::new());
//! for secret in secrets {
//!     let (state, message) = ceremony.join(secret, rng)?;
//!     committed.push(state);
//!     commitments.push(message);
//! }
//!
//! let (mut revealed, mut reveals) = (Vec::new(), Vec::new());
//! for state in committed {
//!     let (state, message) = state.reveal(&commitments, rng)?;
//!     revealed.push(state);
//!     reveals.push(message);
//! }
//!
//! let complaints = [];
//! let (mut confirmed, mut confirmations) = (Vec::new(), Vec::new());
//! for state in revealed {
//!     let (state, message) = state.check(&reveals, rng)?.confirm(&complaints, rng)?;
//!     confirmed.push(state);
//!     confirmations.push(message);
//! }
//!
//! let key = ceremony.conclude(&commitments, &reveals, &complaints, &confirmations)?;
//! for state in confirmed {
//!     let trustee = state.finish(&confirmations, &complaints)?;
//!     assert_eq!(trustee.election_key(), &key);
//! }
//! assert_eq!(key.slots(), 5);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::traits::Identity;
use rand_core::CryptoRng;

use crate::bureau::IdentitySecret;
use crate::bureau::position_of;
use crate::bureau::{ElectionKey, Identities, IdentityKey, KeyError, Threshold, TrusteeIndex};
use crate::primitives::group::Element;
use crate::primitives::hash::{FieldHash, digest};
use crate::primitives::labels;
use crate::primitives::wire::DecodeError;

mod complaint;
mod dealing;
mod error;
mod message;
mod possession;
mod rounds;
#[cfg(test)]
mod tests;

pub use complaint::Complaint;
pub use error::{CeremonyError, MessageKind, RevealFault};
pub use message::{Commitment, Confirmation, Reveal};
pub use rounds::{Checked, Committed, Confirmed, Revealed};

use dealing::{Dealing, Proven};

digest! {
    /// What a ceremony is: its label, threshold, number of slots and trustees.
    CeremonyDigest
}

digest! {
    /// What a trustee commits to: the public points of its polynomials, in one ceremony.
    CommitmentDigest
}

digest! {
    /// What a ceremony has led to: all commitments and the key.
    KeyDigest
}

/// The public parameters of a key ceremony.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceremony {
    label: String,
    threshold: Threshold,
    /// At least 1.
    slots: u8,
    identities: Identities,
    digest: CeremonyDigest,
}

impl Ceremony {
    /// How long a label may be, in bytes.
    pub const MAX_LABEL: usize = 1024;

    /// A ceremony for a key of the given number of slots, the highest number of lists a contest with this
    /// key may have. `identities` are the trustees' keys in order of their numbers.
    ///
    /// # Errors
    ///
    /// [`CeremonyError::Label`] for a label of more than [`MAX_LABEL`](Ceremony::MAX_LABEL) bytes;
    /// [`CeremonyError::Key`] for 0 slots, for another number of keys than of trustees, and for a key that
    /// stands on the list twice.
    pub fn new(
        label: &str,
        threshold: Threshold,
        slots: u8,
        identities: Vec<IdentityKey>,
    ) -> Result<Self, CeremonyError> {
        if label.len() > Ceremony::MAX_LABEL {
            return Err(CeremonyError::Label { actual: label.len() });
        }
        if slots == 0 {
            return Err(KeyError::SlotCount { actual: 0 }.into());
        }
        let identities = Identities::new(identities, threshold)?;
        let hash = FieldHash::new(labels::CEREMONY)
            .bytes(label.as_bytes())
            .number(threshold.trustees().into())
            .number(threshold.required().into())
            .number(slots.into())
            .all(identities.as_slice().iter().map(|key| key.0.encoding()));
        let digest = CeremonyDigest::from_bytes(hash.finish());
        Ok(Ceremony { label: label.into(), threshold, slots, identities, digest })
    }

    /// The digest that every message of the ceremony is bound to. The trustees compare it by a channel of
    /// their own before they join.
    #[must_use]
    pub fn digest(&self) -> CeremonyDigest {
        self.digest
    }

    /// The label.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// How many trustees there are, and how many of them open a tally.
    #[must_use]
    pub fn threshold(&self) -> Threshold {
        self.threshold
    }

    /// How many slots the key will have.
    #[must_use]
    pub fn slots(&self) -> u8 {
        self.slots
    }

    /// The identity keys, in order of the trustees.
    #[must_use]
    pub fn identities(&self) -> &[IdentityKey] {
        self.identities.as_slice()
    }

    /// Joins as the trustee whose identity secret it is, which is consumed: it serves in one ceremony only.
    /// The commitment is to be published.
    ///
    /// # Errors
    ///
    /// [`CeremonyError::NotATrustee`] when the key is not on the list.
    pub fn join<R: CryptoRng + ?Sized>(
        &self,
        secret: IdentitySecret,
        rng: &mut R,
    ) -> Result<(Committed, Commitment), CeremonyError> {
        let committed = Committed::draw(self, secret, rng)?;
        let commitment = committed.commitment(rng);
        Ok((committed, commitment))
    }

    /// Decides who is to blame for a complaint: the dealer if the shares it sealed for the complainant are
    /// bad, the complainant if they are good. `reveal` is the dealer's.
    ///
    /// # Errors
    ///
    /// The complaint does not stand: its proof does not hold ([`CeremonyError::ComplaintProof`]), it bears an
    /// unknown number, or the reveal is another trustee's or its proof does not hold. A reveal that
    /// is the dealer's own but malformed needs no complaint and gives [`CeremonyError::BadReveal`], which
    /// names the dealer.
    pub fn settle(&self, reveal: &Reveal, complaint: &Complaint) -> Result<TrusteeIndex, CeremonyError> {
        self.identity(complaint.complainant)?;
        self.identity(complaint.dealer)?;
        if reveal.trustee != complaint.dealer {
            return Err(CeremonyError::Missing { message: MessageKind::Reveal, trustee: complaint.dealer });
        }
        let dealing = Dealing::new(self, &Proven::new(self, reveal)?)?;
        self.settle_dealing(&dealing, complaint)
    }

    /// Checks everything public of a whole ceremony, messages in any order, and gives its key.
    ///
    /// Complaints whose proof does not hold are passed over: anyone could have made them.
    ///
    /// # Errors
    ///
    /// What the trustees' own steps give as well, except for what needs their secrets.
    pub fn conclude(
        &self,
        commitments: &[Commitment],
        reveals: &[Reveal],
        complaints: &[Complaint],
        confirmations: &[Confirmation],
    ) -> Result<ElectionKey, CeremonyError> {
        let commitments = self.check_commitments(commitments)?;
        let dealings = self.check_form(&commitments, &self.check_possession(reveals)?)?;
        self.check_undisputed(&dealings, complaints)?;
        let key = self.combine(&dealings)?;
        self.check_confirmations(&self.key_digest(&commitments, &key), confirmations)?;
        Ok(key)
    }

    /// How many coefficients each trustee draws.
    fn coefficients(&self) -> usize {
        usize::from(self.slots).saturating_mul(self.threshold.required().into())
    }

    fn index_of(&self, key: &IdentityKey) -> Result<TrusteeIndex, CeremonyError> {
        position_of(key, self.identities()).ok_or(CeremonyError::NotATrustee)
    }

    fn identity(&self, trustee: TrusteeIndex) -> Result<&IdentityKey, CeremonyError> {
        let trustees = self.threshold.trustees();
        self.identities.get(trustee).ok_or(CeremonyError::UnknownTrustee { trustee, trustees })
    }

    /// One message of every trustee, in order.
    fn one_each<'a, T>(
        &self,
        kind: MessageKind,
        messages: &'a [T],
        sender: impl Fn(&T) -> TrusteeIndex,
    ) -> Result<Vec<(TrusteeIndex, &'a T)>, CeremonyError> {
        let mut sorted = BTreeMap::new();
        for message in messages {
            let trustee = sender(message);
            self.identity(trustee)?;
            if sorted.insert(trustee, message).is_some() {
                return Err(CeremonyError::Repeated { message: kind, trustee });
            }
        }
        let missing = |trustee| CeremonyError::Missing { message: kind, trustee };
        let take = |trustee| sorted.remove(&trustee).map(|m| (trustee, m)).ok_or(missing(trustee));
        self.threshold.indices().map(take).collect()
    }

    fn check_commitments(&self, messages: &[Commitment]) -> Result<Vec<CommitmentDigest>, CeremonyError> {
        let kind = MessageKind::Commitment;
        self.one_each(kind, messages, |message| message.trustee)?
            .into_iter()
            .map(|(trustee, message)| {
                self.identity(trustee)?
                    .verify(labels::PURPOSE_COMMITMENT, message.digest.as_bytes(), &message.signature)
                    .map_err(|_| CeremonyError::Signature { message: kind, trustee })?;
                Ok(message.digest)
            })
            .collect()
    }

    /// All proofs of possession, before anything else is looked at in any reveal.
    fn check_possession<'a>(&self, messages: &'a [Reveal]) -> Result<Vec<Proven<'a>>, CeremonyError> {
        self.one_each(MessageKind::Reveal, messages, |message| message.trustee)?
            .into_iter()
            .map(|(_, message)| Proven::new(self, message))
            .collect()
    }

    /// What each dealer can be blamed for without a complaint.
    fn check_form(
        &self,
        commitments: &[CommitmentDigest],
        proven: &[Proven<'_>],
    ) -> Result<Vec<Dealing>, CeremonyError> {
        proven
            .iter()
            .zip(commitments)
            .map(|(proven, committed)| {
                let dealing = Dealing::new(self, proven)?;
                dealing.matches(self, committed)?;
                Ok(dealing)
            })
            .collect()
    }

    fn check_undisputed(&self, dealings: &[Dealing], complaints: &[Complaint]) -> Result<(), CeremonyError> {
        for complaint in complaints {
            let Complaint { dealer, complainant, .. } = *complaint;
            let Some(dealing) = dealings.get(dealer.position()) else { continue };
            if let Ok(culprit) = self.settle_dealing(dealing, complaint) {
                return Err(CeremonyError::Complaint { dealer, complainant, culprit });
            }
        }
        Ok(())
    }

    fn settle_dealing(
        &self,
        dealing: &Dealing,
        complaint: &Complaint,
    ) -> Result<TrusteeIndex, CeremonyError> {
        let Complaint { dealer, complainant, secret, proof } = complaint;
        complaint::Statement {
            ceremony: &self.digest,
            dealer: *dealer,
            complainant: *complainant,
            dealer_key: self.identity(*dealer)?,
            complainant_key: self.identity(*complainant)?,
            secret,
        }
        .verify(proof)
        .map_err(|_| CeremonyError::ComplaintProof { dealer: *dealer, complainant: *complainant })?;
        let opened = dealing.open(self, *complainant, secret.encoding());
        Ok(if dealing.holds(*complainant, &opened) { *complainant } else { *dealer })
    }

    fn check_confirmations(
        &self,
        digest: &KeyDigest,
        messages: &[Confirmation],
    ) -> Result<(), CeremonyError> {
        let kind = MessageKind::Confirmation;
        for (trustee, message) in self.one_each(kind, messages, |message| message.trustee)? {
            self.identity(trustee)?
                .verify(labels::PURPOSE_KEY, digest.as_bytes(), &message.signature)
                .map_err(|_| CeremonyError::Signature { message: kind, trustee })?;
        }
        Ok(())
    }

    /// `Φ[s][k] = Σ_i F_{i,s,k}`.
    fn combine(&self, dealings: &[Dealing]) -> Result<ElectionKey, CeremonyError> {
        let row = alloc::vec![RistrettoPoint::identity(); usize::from(self.threshold.required())];
        let mut sums = alloc::vec![row; usize::from(self.slots)];
        for dealing in dealings {
            let points = dealing.commitments().iter().flatten();
            for (sum, point) in sums.iter_mut().flatten().zip(points) {
                *sum += point.point();
            }
        }
        let slots: Vec<Vec<Element>> =
            sums.into_iter().map(|row| row.into_iter().map(Element::from).collect()).collect();
        // Only if all dealers conspire; nobody could read such a key.
        if let Some(position) = slots.iter().position(|row| row.iter().any(Element::is_identity)) {
            let error = DecodeError::Identity { offset: 0 };
            return Err(KeyError::BadPoint { slot: position.saturating_add(1), error }.into());
        }
        Ok(ElectionKey::new(self.threshold, self.identities.clone(), slots)?)
    }

    fn key_digest(&self, commitments: &[CommitmentDigest], key: &ElectionKey) -> KeyDigest {
        let hash = FieldHash::new(labels::KEY)
            .bytes(self.digest.as_bytes())
            .all(commitments.iter().map(CommitmentDigest::as_bytes))
            .all(key.points().map(Element::encoding));
        KeyDigest::from_bytes(hash.finish())
    }
}

/// `H("urne/1 commitment"; ceremony, i, F_{i,1,0}, …)`.
fn commitment_digest<'a>(
    ceremony: &CeremonyDigest,
    trustee: TrusteeIndex,
    points: impl IntoIterator<Item = &'a Element>,
) -> CommitmentDigest {
    let hash = FieldHash::new(labels::COMMITMENT)
        .bytes(ceremony.as_bytes())
        .number(trustee.get().into())
        .all(points.into_iter().map(Element::encoding));
    CommitmentDigest::from_bytes(hash.finish())
}
