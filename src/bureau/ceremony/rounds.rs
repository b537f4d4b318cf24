//! One trustee's way through a ceremony. Each state is consumed by the step that leaves it.

use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use rand_core::CryptoRng;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::complaint::{self, Complaint};
use super::dealing::{Dealing, Seal, shared_secret};
use super::error::{CeremonyError, MessageKind};
use super::message::{Commitment, Confirmation, Reveal};
use super::possession::Possession;
use super::{Ceremony, CommitmentDigest, KeyDigest, commitment_digest};
use crate::bureau::IdentitySecret;
use crate::bureau::{ElectionKey, TrusteeIndex};
use crate::bureau::{TrusteeKey, expose, read_exposed};
use crate::primitives::declassify;
use crate::primitives::group::{Element, concat, is_zero};
use crate::primitives::labels::{self, item};
use crate::primitives::transcript::Transcript;
use crate::primitives::wire::{DecodeError, Reader};

/// A trustee that has drawn its polynomials and committed to them.
///
/// If a ceremony outlasts a process it is stored with [`Committed::expose_bytes`], until the reveal.
pub struct Committed {
    ceremony: Ceremony,
    index: TrusteeIndex,
    identity: IdentitySecret,
    /// Slot-major, t for each slot, the constant term first.
    coefficients: Zeroizing<Vec<Scalar>>,
    /// `F_{i,s,k}`, in the same order.
    points: Vec<Element>,
    digest: CommitmentDigest,
}

impl Committed {
    /// Draws the polynomials. They depend on the ceremony, on the identity secret and on the RNG, so
    /// that a broken RNG does not bring those of another ceremony again.
    pub(super) fn draw<R: CryptoRng + ?Sized>(
        ceremony: &Ceremony,
        identity: IdentitySecret,
        rng: &mut R,
    ) -> Result<Self, CeremonyError> {
        let index = ceremony.index_of(&identity.public())?;
        let mut transcript = Transcript::new(labels::SECRETS);
        transcript.append(item::STATEMENT, b"polynomials");
        transcript.append(item::CEREMONY, ceremony.digest.as_bytes());
        transcript.append_number(item::TRUSTEE, index.get().into());
        let mut secrets = transcript.secrets(&[identity.scalar().as_bytes()], rng);
        let count = ceremony.coefficients();
        let mut coefficients = Zeroizing::new(Vec::with_capacity(count));
        for _ in 0..count {
            coefficients.push(*secrets.scalar());
        }
        Committed::new(ceremony, identity, coefficients)
    }

    fn new(
        ceremony: &Ceremony,
        identity: IdentitySecret,
        coefficients: Zeroizing<Vec<Scalar>>,
    ) -> Result<Self, CeremonyError> {
        let index = ceremony.index_of(&identity.public())?;
        let points: Vec<Element> =
            coefficients.iter().map(|coefficient| RistrettoPoint::mul_base(coefficient).into()).collect();
        let digest = commitment_digest(&ceremony.digest, index, &points);
        Ok(Committed { ceremony: ceremony.clone(), index, identity, coefficients, points, digest })
    }

    /// This trustee's number.
    #[must_use]
    pub fn index(&self) -> TrusteeIndex {
        self.index
    }

    /// The signed commitment, to be published. Each call makes a new signature of the same digest.
    #[must_use]
    pub fn commitment<R: CryptoRng + ?Sized>(&self, rng: &mut R) -> Commitment {
        let signature = self.identity.sign(labels::PURPOSE_COMMITMENT, self.digest.as_bytes(), rng);
        Commitment { trustee: self.index, digest: self.digest, signature }
    }

    /// The ceremony's digest and the secrets, to be stored where nobody else reads them: the identity
    /// secret, then the coefficients of the polynomials slot after slot, the constant term first;
    /// 32·(2 + m·t) bytes.
    #[must_use]
    pub fn expose_bytes(&self) -> Zeroizing<Vec<u8>> {
        expose(self.ceremony.digest.as_bytes(), &self.identity, &self.coefficients)
    }

    /// Reads what [`Committed::expose_bytes`] gave, for the ceremony it belongs to.
    ///
    /// # Errors
    ///
    /// [`CeremonyError::AnotherCeremony`] for the secrets of any other; [`CeremonyError::Decode`] for
    /// bytes of another length or form, or a coefficient of 0; [`CeremonyError::NotATrustee`] when the
    /// identity key is not on the ceremony's list.
    pub fn from_bytes(ceremony: &Ceremony, bytes: &[u8]) -> Result<Self, CeremonyError> {
        let mut reader = Reader::new(bytes);
        let committed = Committed::read(ceremony, &mut reader)?;
        reader.finish().map_err(CeremonyError::Decode)?;
        Ok(committed)
    }

    fn read(ceremony: &Ceremony, reader: &mut Reader<'_>) -> Result<Self, CeremonyError> {
        if reader.array().map_err(CeremonyError::Decode)? != ceremony.digest.as_bytes() {
            return Err(CeremonyError::AnotherCeremony);
        }
        let (identity, coefficients) =
            read_exposed(reader, ceremony.coefficients()).map_err(CeremonyError::Decode)?;
        // It would commit to the identity point, which the others refuse.
        if let Some(position) = coefficients.iter().position(is_zero) {
            let offset = position.saturating_add(2).saturating_mul(32);
            return Err(CeremonyError::Decode(DecodeError::Number { offset }));
        }
        Committed::new(ceremony, identity, coefficients)
    }

    /// Reveals the polynomials' public points and deals the shares, once the commitments of all
    /// trustees are in, in any order. The reveal is to be published.
    ///
    /// Once it is, no other commitments must be accepted: a trustee who has seen our points could
    /// choose its own anew. So from here on the [`Revealed`] is stored, not the [`Committed`].
    ///
    /// # Errors
    ///
    /// Nothing is revealed when a commitment is missing, comes twice, bears an unknown number or a
    /// signature that does not hold, or when the one shown as ours is not the one we made. No such error
    /// has a culprit. The state is gone; the stored one can try again.
    pub fn reveal<R: CryptoRng + ?Sized>(
        self,
        commitments: &[Commitment],
        rng: &mut R,
    ) -> Result<(Revealed, Reveal), CeremonyError> {
        let commitments = self.ceremony.check_commitments(commitments)?;
        let revealed = Revealed::new(self, commitments)?;
        let reveal = revealed.reveal(rng);
        Ok((revealed, reveal))
    }

    /// `p_{i,s}(j) + mask_s` for every trustee and slot, recipient-major.
    fn sealed_shares(&self) -> Vec<[u8; 32]> {
        let count = usize::from(self.ceremony.threshold.required());
        let slots = usize::from(self.ceremony.slots);
        let encoded = concat(&self.points);
        let mut shares = Vec::with_capacity(slots.saturating_mul(self.ceremony.threshold.trustees().into()));
        for (to, key) in self.ceremony.threshold.indices().zip(self.ceremony.identities()) {
            let secret = Zeroizing::new(shared_secret(&self.identity, key).compress().to_bytes());
            let masks = Seal {
                ceremony: &self.ceremony.digest,
                from: self.index,
                to,
                commitments: &encoded,
                secret: &secret,
            }
            .masks(slots);
            for (polynomial, mask) in self.coefficients.chunks(count).zip(masks.iter()) {
                let share = Zeroizing::new(value_at(polynomial, to));
                shares.push(declassify::bytes((*share + mask).to_bytes()));
            }
        }
        shares
    }

    /// The points as a reveal holds them, slot by slot.
    fn commitments(&self) -> Vec<Vec<[u8; 32]>> {
        let count = usize::from(self.ceremony.threshold.required());
        let row = |row: &[Element]| row.iter().map(|point| *point.encoding()).collect();
        self.points.chunks(count).map(row).collect()
    }

    /// Whether a reveal in our name holds our points and shares. Its proof may be another than the one we know of:
    /// every proof of the same has its own nonce.
    fn dealt(&self, reveal: &Reveal) -> bool {
        reveal.commitments == self.commitments() && reveal.shares == self.sealed_shares()
    }

    /// The reveal of these shares, with the proof of possession.
    pub(super) fn sign_dealing<R: CryptoRng + ?Sized>(&self, shares: Vec<[u8; 32]>, rng: &mut R) -> Reveal {
        let count = usize::from(self.ceremony.threshold.required());
        let commitments = self.commitments();
        let constants = self.coefficients.chunks(count).filter_map(|polynomial| polynomial.first());
        let proof = Possession {
            ceremony: &self.ceremony.digest,
            trustee: self.index,
            identity: &self.identity.public(),
            commitments: &commitments,
            shares: &shares,
        }
        .prove(constants, &self.identity, rng);
        Reveal { trustee: self.index, commitments, shares, proof }
    }
}

/// `p(j)`. Constant-time in the coefficients.
fn value_at(polynomial: &[Scalar], trustee: TrusteeIndex) -> Scalar {
    let x = Scalar::from(trustee);
    polynomial.iter().rev().fold(Scalar::ZERO, |value, coefficient| value * x + coefficient)
}

/// A trustee that has revealed, and waits for the reveals of all.
///
/// If a ceremony outlasts a process it is stored with [`Revealed::expose_bytes`] before the reveal is
/// published, in place of the [`Committed`]; every later state is made again from it and from the
/// published messages.
pub struct Revealed {
    committed: Committed,
    /// Of all trustees, in order.
    commitments: Vec<CommitmentDigest>,
}

impl Revealed {
    /// Commitments of all trustees, in order; our own must be among them.
    pub(super) fn new(
        committed: Committed,
        commitments: Vec<CommitmentDigest>,
    ) -> Result<Self, CeremonyError> {
        let trustee = committed.index;
        if commitments.get(trustee.position()) == Some(&committed.digest) {
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

    /// What [`Committed::expose_bytes`] gives, then the digests of all trustees' commitments in order;
    /// 32·(2 + m·t + n) bytes.
    #[must_use]
    pub fn expose_bytes(&self) -> Zeroizing<Vec<u8>> {
        let secrets = self.committed.expose_bytes();
        let digests = self.commitments.iter().flat_map(|digest| digest.as_bytes());
        // The capacity is right from the start, so that no copy is left behind by growing.
        let length = secrets.len().saturating_add(self.commitments.len().saturating_mul(32));
        let mut bytes = Zeroizing::new(Vec::with_capacity(length));
        bytes.extend_from_slice(&secrets);
        bytes.extend(digests);
        bytes
    }

    /// Reads what [`Revealed::expose_bytes`] gave, for the ceremony it belongs to.
    ///
    /// # Errors
    ///
    /// Those of [`Committed::from_bytes`], and [`CeremonyError::NotOurs`] when our commitment is not
    /// among the digests.
    pub fn from_bytes(ceremony: &Ceremony, bytes: &[u8]) -> Result<Self, CeremonyError> {
        let mut reader = Reader::new(bytes);
        let committed = Committed::read(ceremony, &mut reader)?;
        let commitments = reader
            .many(ceremony.threshold.trustees().into(), 32, |reader| {
                reader.array().map(|digest| CommitmentDigest::from_bytes(*digest))
            })
            .map_err(CeremonyError::Decode)?;
        reader.finish().map_err(CeremonyError::Decode)?;
        Revealed::new(committed, commitments)
    }

    /// This trustee's number.
    #[must_use]
    pub fn index(&self) -> TrusteeIndex {
        self.committed.index
    }

    /// Checks the reveals of all trustees, in any order, and opens the shares sealed for this one.
    ///
    /// All proofs of possession come first. As long as one of them does not hold, no share of any
    /// dealer is opened and no complaint made: a complaint publishes `e_j·E_i`, which for a dealer that
    /// made its identity key from another trustee's would be a Diffie–Hellman oracle.
    ///
    /// # Errors
    ///
    /// Without a culprit, as if the reveal had not been sent: a reveal is missing, comes twice, bears an
    /// unknown number or a proof that does not hold, or the one shown as ours is not the one we made.
    /// With a culprit: [`CeremonyError::BadReveal`]; and [`CeremonyError::BadShares`] with the complaints
    /// to publish. [`CeremonyError::Key`] when two slots would have the same key.
    pub fn check<R: CryptoRng + ?Sized>(
        self,
        reveals: &[Reveal],
        rng: &mut R,
    ) -> Result<Checked, CeremonyError> {
        let Revealed { committed, commitments } = self;
        let proven = committed.ceremony.check_possession(reveals)?;
        if !proven.get(committed.index.position()).is_some_and(|ours| committed.dealt(ours.reveal())) {
            return Err(CeremonyError::NotOurs { message: MessageKind::Reveal, trustee: committed.index });
        }
        let Committed { ceremony, index, identity, .. } = committed;
        let dealings = ceremony.check_form(&commitments, &proven)?;

        let mut shares = Zeroizing::new(alloc::vec![Scalar::ZERO; usize::from(ceremony.slots)]);
        let mut complaints = Vec::new();
        for dealing in &dealings {
            let dealer_key = ceremony.identity(dealing.dealer())?;
            let secret = shared_secret(&identity, dealer_key);
            let encoded = Zeroizing::new(secret.compress().to_bytes());
            let opened = dealing.open(&ceremony, index, &encoded);
            if dealing.holds(index, &opened) {
                for (sum, share) in shares.iter_mut().zip(opened.iter()) {
                    *sum += share;
                }
            } else {
                complaints.push(complain(&ceremony, index, &identity, dealing, rng)?);
            }
        }
        if !complaints.is_empty() {
            return Err(CeremonyError::BadShares(complaints));
        }

        let key = ceremony.combine(&dealings)?;
        let digest = ceremony.key_digest(&commitments, &key);
        Ok(Checked { ceremony, index, identity, shares, dealings, key, digest })
    }
}

/// From a [`Dealing`] only, whose dealer has proved that it knows its identity secret.
pub(super) fn complain<R: CryptoRng + ?Sized>(
    ceremony: &Ceremony,
    index: TrusteeIndex,
    identity: &IdentitySecret,
    dealing: &Dealing,
    rng: &mut R,
) -> Result<Complaint, CeremonyError> {
    let dealer = dealing.dealer();
    let dealer_key = ceremony.identity(dealer)?;
    let secret = Element::from(*shared_secret(identity, dealer_key));
    let proof = complaint::Statement {
        ceremony: &ceremony.digest,
        dealer,
        complainant: index,
        dealer_key,
        complainant_key: &identity.public(),
        secret: &secret,
    }
    .prove(identity, rng);
    Ok(Complaint { dealer, complainant: index, secret, proof })
}

/// A trustee that holds a good share from every dealer, and knows the key that would come out.
pub struct Checked {
    ceremony: Ceremony,
    index: TrusteeIndex,
    identity: IdentitySecret,
    shares: Zeroizing<Vec<Scalar>>,
    dealings: Vec<Dealing>,
    key: ElectionKey,
    digest: KeyDigest,
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
    /// A complaint whose proof does not hold is passed over: anyone could have made it.
    ///
    /// # Errors
    ///
    /// [`CeremonyError::Complaint`], with the culprit, for the first complaint that stands. It ends the
    /// ceremony for good.
    pub fn confirm<R: CryptoRng + ?Sized>(
        self,
        complaints: &[Complaint],
        rng: &mut R,
    ) -> Result<(Confirmed, Confirmation), CeremonyError> {
        self.ceremony.check_undisputed(&self.dealings, complaints)?;
        let signature = self.identity.sign(labels::PURPOSE_KEY, self.digest.as_bytes(), rng);
        let confirmation = Confirmation { trustee: self.index, signature };
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
    /// [`CeremonyError::Complaint`], with the culprit, as in [`Checked::confirm`]. Without a culprit: a
    /// confirmation is missing, comes twice, bears an unknown number, or is not for this very key. Somebody
    /// may have altered it, or its sender may have seen other messages than we have.
    pub fn finish(
        self,
        confirmations: &[Confirmation],
        complaints: &[Complaint],
    ) -> Result<TrusteeKey, CeremonyError> {
        let Checked { ceremony, index, identity, shares, dealings, key, digest } = self.0;
        ceremony.check_undisputed(&dealings, complaints)?;
        ceremony.check_confirmations(&digest, confirmations)?;
        Ok(TrusteeKey::from_ceremony(index, identity, shares, key))
    }
}

macro_rules! secret_state {
    ($($name:ident)*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "(trustee {}, redacted)"), self.index())
            }
        }

        // Every secret in it wipes itself: the identity secret and the scalars in `Zeroizing`.
        impl ZeroizeOnDrop for $name {}
    )*};
}
secret_state!(Committed Revealed Checked Confirmed);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::wiped;

    /// The states say that they are wiped; here it is checked of what they hold.
    #[test]
    fn attack_19_every_secret_of_a_state_is_wiped() {
        // No `..`: a new field must be looked at here.
        let _ = |Committed { ceremony: _, index: _, identity, coefficients, points: _, digest: _ }: &Committed| {
            wiped(identity);
            wiped(coefficients);
        };
        let _ = |Revealed { committed, commitments: _ }: &Revealed| wiped(committed);
        let _ = |state: &Checked| {
            let Checked { ceremony: _, index: _, identity, shares, dealings: _, key: _, digest: _ } = state;
            wiped(identity);
            wiped(shares);
        };
        let _ = |Confirmed(checked): &Confirmed| wiped(checked);
    }
}
