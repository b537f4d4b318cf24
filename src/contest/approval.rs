//! Signatures of trustees with their numbers, and the contest that all have approved.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;

use super::{Contest, ContestError, Fingerprint};
use crate::group::FixedMultiples;
use crate::key::TrusteeIndex;
use crate::labels;
use crate::proof::Proof;
use crate::signature::IdentitySecret;
use crate::wire::{DecodeError, Reader, serde_bytes};

/// A trustee's signature with its number: an approval of a contest, or an endorsement of a closing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrusteeSignature {
    trustee: TrusteeIndex,
    signature: Proof,
}

impl TrusteeSignature {
    /// Puts a trustee's number to its signature, as read from a record.
    #[must_use]
    pub fn new(trustee: TrusteeIndex, signature: Proof) -> Self {
        TrusteeSignature { trustee, signature }
    }

    pub(crate) fn sign<R: CryptoRng + ?Sized>(
        trustee: TrusteeIndex,
        identity: &IdentitySecret,
        purpose: &'static [u8],
        digest: &[u8; 32],
        rng: &mut R,
    ) -> Self {
        TrusteeSignature { trustee, signature: identity.sign(purpose, digest, rng) }
    }

    /// Who signed, or is said to have.
    #[must_use]
    pub fn trustee(&self) -> TrusteeIndex {
        self.trustee
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &Proof {
        &self.signature
    }

    /// `01 ‖ trustee (1 byte) ‖ c ‖ z`.
    #[must_use]
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = alloc::vec![labels::WIRE_VERSION, self.trustee.get()];
        bytes.extend(self.signature.to_bytes());
        bytes
    }

    /// Reads what [`TrusteeSignature::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] that names the offset.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::versioned(bytes)?;
        let offset = reader.offset();
        let trustee = TrusteeIndex::new(reader.byte()?).ok_or(DecodeError::Number { offset })?;
        let signature = Proof::read(&mut reader)?;
        reader.finish()?;
        Ok(TrusteeSignature { trustee, signature })
    }
}

serde_bytes!(TrusteeSignature, TrusteeSignature::from_bytes);

/// A trustee's word that the contest is under the key it helped to make.
pub type Approval = TrusteeSignature;

/// A contest that all its trustees have approved. Cheap to clone.
#[derive(Clone)]
pub struct ApprovedContest(Arc<Approved>);

struct Approved {
    contest: Contest,
    approvals: Vec<Approval>,
    /// Of [`Contest::fixed_points`].
    fixed_multiples: FixedMultiples,
}

impl ApprovedContest {
    /// Checks the approvals of all trustees, one each, in any order.
    ///
    /// Cost: besides the signatures, some 20 µs and 10 kB for each of `2L + 5` points, of which multiples
    /// are made in advance for the verification of single ballots.
    ///
    /// # Errors
    ///
    /// [`ContestError::Approval`] when one is false or repeated, [`ContestError::MissingApproval`] when
    /// one is not there. Each names the trustee.
    pub fn new(contest: Contest, mut approvals: Vec<Approval>) -> Result<Self, ContestError> {
        let digest = contest.fingerprint.to_bytes();
        contest
            .verify_signatures(labels::PURPOSE_APPROVAL, &digest, &approvals)
            .map_err(ContestError::Approval)?;
        let missing = |j: &TrusteeIndex| approvals.iter().all(|approval| approval.trustee != *j);
        if let Some(trustee) = contest.threshold().indices().find(missing) {
            return Err(ContestError::MissingApproval { trustee });
        }
        approvals.sort_by_key(TrusteeSignature::trustee);
        let fixed_multiples = FixedMultiples::new(contest.fixed_points());
        Ok(ApprovedContest(Arc::new(Approved { contest, approvals, fixed_multiples })))
    }

    /// The contest itself.
    #[must_use]
    pub fn contest(&self) -> &Contest {
        &self.0.contest
    }

    /// The approvals, in order of the trustees.
    #[must_use]
    pub fn approvals(&self) -> &[Approval] {
        &self.0.approvals
    }

    /// The contest's fingerprint.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.contest().fingerprint
    }

    pub(crate) fn fixed_multiples(&self) -> &FixedMultiples {
        &self.0.fixed_multiples
    }
}

impl PartialEq for ApprovedContest {
    fn eq(&self, other: &Self) -> bool {
        self.contest() == other.contest() && self.approvals() == other.approvals()
    }
}

impl Eq for ApprovedContest {}

impl fmt::Debug for ApprovedContest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ApprovedContest").field(self.contest()).finish()
    }
}

/// Why a trustee's signature is refused.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureError {
    /// There is no trustee with this number.
    UnknownTrustee {
        /// The number given.
        trustee: TrusteeIndex,
        /// How many trustees there are.
        trustees: u8,
    },
    /// The trustee has signed here already.
    Repeated {
        /// The trustee.
        trustee: TrusteeIndex,
    },
    /// The signature does not hold.
    Invalid {
        /// The trustee in whose name it is.
        trustee: TrusteeIndex,
    },
}

impl SignatureError {
    /// The trustee whose signature is refused.
    #[must_use]
    pub fn trustee(&self) -> TrusteeIndex {
        match self {
            SignatureError::UnknownTrustee { trustee, .. }
            | SignatureError::Repeated { trustee }
            | SignatureError::Invalid { trustee } => *trustee,
        }
    }
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SignatureError::UnknownTrustee { trustee, trustees } => {
                write!(f, "there is no trustee {trustee} among {trustees}")
            }
            SignatureError::Repeated { trustee } => write!(f, "trustee {trustee} appears twice"),
            SignatureError::Invalid { trustee } => {
                write!(f, "the signature of trustee {trustee} does not hold")
            }
        }
    }
}

impl core::error::Error for SignatureError {}
