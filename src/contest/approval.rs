//! The contest that all its trustees have approved.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use super::{Contest, ContestError, Fingerprint};
use crate::bureau::{SignedBy, trustee_signature};
use crate::primitives::labels;

trustee_signature! {
    /// A trustee's word that the contest is what was agreed, under the key that it helped to make.
    Approval, Approval, "approval"
}

impl Approval {
    /// Checks approvals that must all hold and be of distinct trustees.
    pub(crate) fn verify_all(contest: &Contest, approvals: &[Approval]) -> Result<(), ContestError> {
        let signatures = approvals.iter().map(|approval| approval.0);
        let fingerprint = contest.fingerprint();
        SignedBy::verify_all(signatures, contest.bureau(), labels::PURPOSE_APPROVAL, fingerprint.as_bytes())
            .map_err(ContestError::Approval)
    }
}

/// A contest that all its trustees have approved: the only one for which a voter seals. Cheap to clone.
#[derive(Clone)]
pub struct ApprovedContest {
    contest: Contest,
    approvals: Arc<[Approval]>,
}

impl ApprovedContest {
    /// Checks the approvals of all trustees, one each, in any order.
    ///
    /// # Errors
    ///
    /// [`ContestError::Approval`] when one is false or repeated, [`ContestError::MissingApproval`] when
    /// one is not there. Each names the trustee.
    pub fn new(contest: Contest, mut approvals: Vec<Approval>) -> Result<Self, ContestError> {
        Approval::verify_all(&contest, &approvals)?;
        let missing = contest.bureau().indices().find(|j| approvals.iter().all(|by| by.trustee() != *j));
        if let Some(trustee) = missing {
            return Err(ContestError::MissingApproval { trustee });
        }
        approvals.sort_by_key(Approval::trustee);
        Ok(ApprovedContest { contest, approvals: approvals.into() })
    }

    /// The contest itself.
    #[must_use]
    pub fn contest(&self) -> &Contest {
        &self.contest
    }

    /// The approvals, in order of the trustees.
    #[must_use]
    pub fn approvals(&self) -> &[Approval] {
        &self.approvals
    }

    /// The contest's fingerprint.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.contest.fingerprint()
    }
}

impl PartialEq for ApprovedContest {
    fn eq(&self, other: &Self) -> bool {
        self.contest == other.contest && self.approvals == other.approvals
    }
}

impl Eq for ApprovedContest {}

impl fmt::Debug for ApprovedContest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ApprovedContest").field(&self.contest).finish()
    }
}
