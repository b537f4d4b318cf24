//! That a trustee is ready to give factors.

use alloc::vec::Vec;

use super::TrusteeError;
use crate::ballot_box::ClosingDigest;
use crate::bureau::{Bureau, TrusteeIndex};
use crate::primitives::wire::{DecodeError, Kind, Reader, form, serde_bytes};

/// A trustee present in the session that opens the tally says that it is ready for this closing.
///
/// It is not signed: it is a word among those in one room, who see each other, and proves nothing to anybody
/// else. It carries the digest of the closing, so that two halves of a session cannot open different ones
/// without one of them noticing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    /// Who is ready.
    pub trustee: TrusteeIndex,
    /// For which closing.
    pub closing: ClosingDigest,
}

impl Ready {
    /// Form: kind ‖ version ‖ trustee (1 byte) ‖ digest of the closing.
    #[must_use]
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = form(Kind::Ready);
        bytes.push(self.trustee.get());
        bytes.extend(self.closing.to_bytes());
        bytes
    }

    /// Reads what [`Ready::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::Ready, bytes)?;
        let offset = reader.offset();
        let trustee = TrusteeIndex::new(reader.byte()?).ok_or(DecodeError::Number { offset })?;
        let closing = ClosingDigest::from_bytes(*reader.array()?);
        reader.finish()?;
        Ok(Ready { trustee, closing })
    }
}

serde_bytes!(Ready, Ready::from_bytes);

/// Everybody present is ready for this closing, this trustee among them, and of every panel at least the
/// threshold.
pub(super) fn check(
    ready: &[Ready],
    bureau: &Bureau,
    closing: ClosingDigest,
    own: TrusteeIndex,
) -> Result<(), TrusteeError> {
    if let Some(Ready { trustee, closing }) = ready.iter().find(|ready| ready.closing != closing) {
        return Err(TrusteeError::ReadyForAnother { trustee: *trustee, closing: *closing });
    }
    let is_ready = |trustee: &TrusteeIndex| ready.iter().any(|ready| ready.trustee == *trustee);
    for (panel, of) in bureau.numbered() {
        let actual = bureau.members(panel).filter(is_ready).count();
        if actual < usize::from(of.threshold) {
            return Err(TrusteeError::NotReady { panel, required: of.threshold, actual });
        }
    }
    if is_ready(&own) { Ok(()) } else { Err(TrusteeError::NotAmongReady { trustee: own }) }
}
