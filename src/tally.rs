//! The count: endorsements of one closing, decryption factors, and the result.
//!
//! After the time for complaints every trustee verifies the closed box and [endorses](Endorsement) its closing.
//! When in every panel the quorum has, they give [`DecryptionFactors`] in one session, and any threshold of
//! good ones of each panel open the total: an [`OpenedTally`] with its [`ElectionResult`]. What a trustee checks
//! before each of these is in [`crate::trustee`].

mod endorsement;
mod factors;
mod opening;
mod result;

pub(crate) use endorsement::check_quorums;
pub use endorsement::{EndorsedClosing, Endorsement, EndorsementError, GivenEndorsements};
pub(crate) use factors::GoodFactors;
pub use factors::{DecryptionFactors, FactorError, FactorsSignature};
pub use opening::{OpenedTally, OpeningError};
pub(crate) use opening::{lowest_of_each_panel, messages};
pub use result::{ElectionResult, Seats, Tie};
