//! Endorsements of a closing, and how many there must be.

use core::fmt;

use crate::ballot_box::{BoxFlaw, ClosingDigest, SignedClosing};
use crate::bureau::{PanelIndex, SignedBy, TrusteeIndex, TrusteeSignatureError, trustee_signature};
use crate::contest::Contest;
use crate::primitives::labels;

trustee_signature! {
    /// A trustee's word that it verified the box of this closing, and endorses no other. See
    /// [`Trustee::endorse`](crate::Trustee::endorse).
    Endorsement, Endorsement
}

/// Checks that every endorsement given is good, that they are of distinct trustees, and that in every panel at
/// least its quorum have endorsed this closing.
pub(crate) fn check_quorums(
    contest: &Contest,
    closing: ClosingDigest,
    endorsements: &[Endorsement],
) -> Result<(), EndorsementError> {
    let bureau = contest.bureau();
    let signatures = endorsements.iter().map(|endorsement| endorsement.0);
    SignedBy::verify_all(signatures, bureau, labels::PURPOSE_ENDORSEMENT, closing.as_bytes())
        .map_err(EndorsementError::Signature)?;
    for ((panel, _), required) in bureau.numbered().zip(contest.quorums()) {
        let of_panel = |by: &&Endorsement| bureau.panel_of(by.trustee()) == Some(panel);
        let actual = endorsements.iter().filter(of_panel).count();
        if actual < usize::from(*required) {
            return Err(EndorsementError::Quorum { panel, required: *required, actual });
        }
    }
    Ok(())
}

/// A closing with both signatures that the quorum of every panel endorse: the one that counts. A box can sign two
/// closings; trustees endorse one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndorsedClosing {
    closing: SignedClosing,
    digest: ClosingDigest,
}

impl EndorsedClosing {
    /// Checks the signatures of box and issuer, and the endorsements.
    ///
    /// # Errors
    ///
    /// An [`EndorsementError`] that says which do not hold, or are too few.
    pub fn verify(
        contest: &Contest,
        closing: SignedClosing,
        endorsements: &[Endorsement],
    ) -> Result<Self, EndorsementError> {
        let digest = closing.verify(contest).map_err(EndorsementError::Closing)?;
        check_quorums(contest, digest, endorsements)?;
        Ok(EndorsedClosing { closing, digest })
    }

    /// The closing.
    #[must_use]
    pub fn closing(&self) -> &SignedClosing {
        &self.closing
    }

    /// What the trustees endorsed.
    #[must_use]
    pub fn digest(&self) -> ClosingDigest {
        self.digest
    }
}

/// Why a closing does not count as endorsed.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndorsementError {
    /// The closing is not one of this contest that box and issuer have signed.
    Closing(BoxFlaw),
    /// An endorsement is false, repeated, or by nobody.
    Signature(TrusteeSignatureError),
    /// Too few trustees of a panel have endorsed the closing.
    Quorum {
        /// The panel.
        panel: PanelIndex,
        /// How many must.
        required: u8,
        /// How many have.
        actual: usize,
    },
}

impl EndorsementError {
    /// The trustee concerned, if it is one.
    #[must_use]
    pub fn trustee(&self) -> Option<TrusteeIndex> {
        match self {
            EndorsementError::Signature(error) => Some(error.trustee()),
            EndorsementError::Closing(_) | EndorsementError::Quorum { .. } => None,
        }
    }
}

impl fmt::Display for EndorsementError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EndorsementError::Closing(error) => error.fmt(f),
            EndorsementError::Signature(error) => write!(f, "endorsement: {error}"),
            EndorsementError::Quorum { panel, required, actual } => {
                write!(f, "panel {panel}: {actual} trustees endorse the closing where {required} must")
            }
        }
    }
}

impl core::error::Error for EndorsementError {}
