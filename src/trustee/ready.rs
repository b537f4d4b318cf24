//! That a trustee is ready to give factors.

use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use super::TrusteeError;
use crate::ballot_box::ClosingDigest;
use crate::bureau::{Bureau, TrusteeIndex};
use crate::primitives::form::named_form;
use crate::primitives::wire::{DecodeError, Kind, Reader, form};

/// A trustee present in the session that opens the tally says that it is ready for this closing.
///
/// It is not signed: it is a word among those in one room, who see each other, and proves nothing to anybody
/// else. So it comes from people, who type or scan what they heard and saw, and from no place in which others write: whoever
/// could write it there would have factors given before all are together. It carries the digest of the closing, so that two halves of a session cannot open different ones
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

named_form!(Ready: "ready", DecodeError);

/// As it is said: `3=` and the digits of the closing's digest.
impl fmt::Display for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.trustee, self.closing)
    }
}

/// As it is typed or scanned by those who were told.
///
/// ```
/// # let text = "3=ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c";
/// let said: urne::trustee::Ready = text.parse()?;
/// assert_eq!((said.trustee.get(), said.to_string().as_str()), (3, text));
/// # Ok::<(), urne::DecodeError>(())
/// ```
impl FromStr for Ready {
    type Err = DecodeError;

    fn from_str(text: &str) -> Result<Self, DecodeError> {
        let (number, closing) = text.split_once('=').unwrap_or_default();
        let trustee = number.parse().ok().filter(|of: &u8| of.to_string() == number);
        let trustee = trustee.and_then(TrusteeIndex::new).ok_or(DecodeError::Number { offset: 0 })?;
        Ok(Ready { trustee, closing: closing.parse()? })
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bureau::PanelIndex;
    use crate::test_support::Dealt;

    fn index(number: u8) -> TrusteeIndex {
        TrusteeIndex::new(number).unwrap()
    }

    /// Panels of trustees 1 and 2, of whom one is needed, and 3 to 5, of whom two are.
    #[test]
    fn attack_13_all_are_ready_for_the_same_and_enough_of_every_panel() {
        let dealt = Dealt::new(&[(1, 2), (2, 3)], 1, None, 1);
        let bureau = dealt.contest.contest().bureau();
        let [closing, other] = [1, 2].map(|byte| ClosingDigest::from_bytes([byte; 32]));
        let ready = |trustees: &[u8]| -> Vec<Ready> {
            trustees.iter().map(|number| Ready { trustee: index(*number), closing }).collect()
        };
        let verdict =
            |trustees: &[u8], own| check(&ready(trustees), bureau, closing, index(own)).map_err(Some);
        for enough in [&[1, 3, 4][..], &[2, 5, 3], &[1, 2, 3, 4, 5], &[1, 3, 3, 5, 1]] {
            assert_eq!(verdict(enough, 3), Ok(()));
        }
        let too_few = |panel, required, actual| {
            let panel = PanelIndex::new(panel).unwrap();
            Err(Some(TrusteeError::NotReady { panel, required, actual }))
        };
        assert_eq!(verdict(&[], 1), too_few(1, 1, 0));
        assert_eq!(verdict(&[3, 4, 5], 3), too_few(1, 1, 0));
        assert_eq!(verdict(&[1, 2, 3], 3), too_few(2, 2, 1));
        // Nobody is two, and who is no trustee is nobody.
        assert_eq!(verdict(&[1, 3, 3], 3), too_few(2, 2, 1));
        assert_eq!(verdict(&[1, 3, 6], 3), too_few(2, 2, 1));
        // The trustee itself must be among them.
        assert_eq!(verdict(&[1, 3, 4], 5), Err(Some(TrusteeError::NotAmongReady { trustee: index(5) })));
        // One half of a session for another closing.
        for at in 0..3 {
            let mut mixed = ready(&[1, 3, 4]);
            mixed[at].closing = other;
            let trustee = mixed[at].trustee;
            let refused = Err(TrusteeError::ReadyForAnother { trustee, closing: other });
            assert_eq!(check(&mixed, bureau, closing, index(1)), refused);
        }
    }

    #[test]
    fn ready_reads_only_what_it_writes() {
        let ready = Ready { trustee: index(7), closing: ClosingDigest::from_bytes([1; 32]) };
        let bytes = ready.to_bytes();
        assert_eq!(Ready::from_bytes(&bytes), Ok(ready));
        assert_eq!(Ready::from_bytes(&bytes[..34]), Err(DecodeError::TooShort { expected: 35, actual: 34 }));
        let long = [&bytes[..], &[0]].concat();
        assert_eq!(Ready::from_bytes(&long), Err(DecodeError::TooLong { expected: 35, actual: 36 }));
        let mut nobody = bytes;
        nobody[2] = 0;
        assert_eq!(Ready::from_bytes(&nobody), Err(DecodeError::Number { offset: 2 }));
        let said = ready.to_string();
        assert_eq!(said.parse(), Ok(ready));
        for other in [
            said.replace("7=", "07="),
            said.replace("7=", "0="),
            said.replace('=', ""),
            said.replace('=', " ="),
        ] {
            assert_eq!(other.parse::<Ready>(), Err(DecodeError::Number { offset: 0 }), "{other}");
        }
        for other in [&said[..65], &said.replace("=01", "=0A"), &said.replace('=', "= ")] {
            assert_eq!(other.parse::<Ready>(), Err(DecodeError::NotHex), "{other}");
        }
    }
}
