//! A credential as it was issued to a voter.

use alloc::vec::Vec;
use core::fmt;

use super::VoterId;
use crate::contest::{Contest, Fingerprint};
use crate::credential::PublicCredential;
use crate::primitives::UnixTime;
use crate::primitives::form::named_form;
use crate::primitives::wire::{DecodeError, Kind, Reader, form};

/// How long after it was issued a code can be activated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Until the contest closes, as for a code sent by letter.
    UntilClose,
    /// For so many seconds, as for a code sent by e-mail.
    Seconds(u64),
}

impl Validity {
    /// Two minutes, as the real system gives a code reissued by e-mail.
    pub const TWO_MINUTES: Validity = Validity::Seconds(120);

    /// 1 byte, 0: until the close, 1: seconds ‖ LE64(seconds).
    pub(super) fn to_bytes(self) -> [u8; 9] {
        let (kind, seconds) = match self {
            Validity::UntilClose => (0, 0),
            Validity::Seconds(seconds) => (1, seconds),
        };
        let mut bytes = [kind; 9];
        bytes.iter_mut().skip(1).zip(seconds.to_le_bytes()).for_each(|(to, byte)| *to = byte);
        bytes
    }

    /// Reads what [`Validity::to_bytes`] gave.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let offset = reader.offset();
        match (reader.byte()?, reader.number()?) {
            (0, 0) => Ok(Validity::UntilClose),
            (1, seconds) => Ok(Validity::Seconds(seconds)),
            _ => Err(DecodeError::Number { offset }),
        }
    }
}

/// A credential as the [`Issuer`](super::Issuer) gave it to a voter for one contest: what the roll and the
/// ballot box are told of a voting code, which stands in none.
///
/// It says which credential is whose, so it is kept as the voters' ids are. It is not signed: whoever takes
/// one has it from the issuer, over a channel of theirs.
#[derive(Clone, PartialEq, Eq)]
pub struct Issue {
    voter: VoterId,
    contest: Fingerprint,
    credential: PublicCredential,
    issued_at: UnixTime,
    validity: Validity,
}

impl Issue {
    pub(super) fn new(
        voter: VoterId,
        contest: Fingerprint,
        credential: PublicCredential,
        issued_at: UnixTime,
        validity: Validity,
    ) -> Self {
        Issue { voter, contest, credential, issued_at, validity }
    }

    /// The same credential, with its point.
    pub(super) fn set_decoded(&mut self, credential: PublicCredential) {
        debug_assert_eq!(self.credential, credential);
        self.credential = credential;
    }

    /// The voter.
    #[must_use]
    pub fn voter(&self) -> &VoterId {
        &self.voter
    }

    /// The contest.
    #[must_use]
    pub fn contest(&self) -> Fingerprint {
        self.contest
    }

    /// The public credential.
    #[must_use]
    pub fn credential(&self) -> PublicCredential {
        self.credential
    }

    /// When its code was issued.
    #[must_use]
    pub fn issued_at(&self) -> UnixTime {
        self.issued_at
    }

    /// How long its code can be activated.
    #[must_use]
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// The first second in which the code can no more be activated: never after the contest closes.
    #[must_use]
    pub fn expires_at(&self, contest: &Contest) -> UnixTime {
        let closes_at = contest.description().closes_at;
        match self.validity {
            Validity::UntilClose => closes_at,
            Validity::Seconds(seconds) => closes_at.min(self.issued_at.saturating_add(seconds)),
        }
    }

    /// Form: kind ‖ version ‖ fingerprint ‖ LE64(length) ‖ voter ‖ `C` ‖ LE64(issued_at) ‖ validity (1 byte,
    /// 0: until the close, 1: seconds) ‖ LE64(seconds).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = form(Kind::Issue);
        self.write(&mut bytes);
        bytes
    }

    /// Reads what [`Issue::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::Issue, bytes)?;
        let issue = Issue::read(&mut reader)?;
        reader.finish()?;
        Ok(issue)
    }

    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.contest.to_bytes());
        self.write_of_contest(bytes);
    }

    /// What follows the contest.
    pub(super) fn write_of_contest(&self, bytes: &mut Vec<u8>) {
        let Issue { voter, contest: _, credential, issued_at, validity } = self;
        voter.write(bytes);
        bytes.extend(credential.to_bytes());
        bytes.extend(issued_at.seconds().to_le_bytes());
        bytes.extend(validity.to_bytes());
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let contest = Fingerprint::from_bytes(*reader.array()?);
        Issue::read_of_contest(contest, reader)
    }

    /// Reads what [`Issue::write_of_contest`] gave.
    pub(super) fn read_of_contest(
        contest: Fingerprint,
        reader: &mut Reader<'_>,
    ) -> Result<Self, DecodeError> {
        let voter = VoterId::read(reader)?;
        let credential = PublicCredential::from(reader.element()?);
        let issued_at = UnixTime::from_seconds(reader.integer()?);
        let validity = Validity::read(reader)?;
        Ok(Issue { voter, contest, credential, issued_at, validity })
    }
}

named_form!(Issue: "issue", DecodeError);

/// Whose credential it is is nobody's business, so neither is shown.
impl fmt::Debug for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issue")
            .field("contest", &self.contest)
            .field("issued_at", &self.issued_at)
            .field("validity", &self.validity)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::Dealt;

    fn issue(dealt: &Dealt, validity: Validity) -> Issue {
        let voter = VoterId::new("Jo").unwrap();
        let (contest, credential) = (dealt.contest.fingerprint(), dealt.credential(1).public());
        Issue::new(voter, contest, credential, UnixTime::from_seconds(1_900), validity)
    }

    #[test]
    fn issues_read_only_what_they_write() {
        let dealt = Dealt::simple(1, 1);
        for validity in [Validity::UntilClose, Validity::TWO_MINUTES, Validity::Seconds(u64::MAX)] {
            let issue = issue(&dealt, validity);
            let bytes = issue.to_bytes();
            assert_eq!(Issue::from_bytes(&bytes), Ok(issue));
            let length = bytes.len();
            let short = DecodeError::TooShort { expected: length, actual: length - 1 };
            assert_eq!(Issue::from_bytes(&bytes[..length - 1]), Err(short));
            let longer = [&bytes[..], &[0]].concat();
            let long = DecodeError::TooLong { expected: length, actual: length + 1 };
            assert_eq!(Issue::from_bytes(&longer), Err(long));
        }
        // A second way to write "until the close".
        let mut bytes = issue(&dealt, Validity::UntilClose).to_bytes();
        let offset = bytes.len() - 9;
        *bytes.last_mut().unwrap() = 1;
        assert_eq!(Issue::from_bytes(&bytes), Err(DecodeError::Number { offset }));
        bytes[offset] = 2;
        assert_eq!(Issue::from_bytes(&bytes), Err(DecodeError::Number { offset }));
    }

    #[test]
    fn attack_19_an_issue_does_not_show_whose_credential_it_is() {
        let dealt = Dealt::simple(1, 1);
        let issue = issue(&dealt, Validity::UntilClose);
        let shown = alloc::format!("{issue:?}");
        assert!(
            !shown.contains("Jo") && !shown.contains(&alloc::format!("{}", issue.credential())),
            "{shown}"
        );
    }

    #[test]
    fn no_code_can_be_activated_after_the_close() {
        let dealt = Dealt::simple(1, 1);
        let expires = |validity| issue(&dealt, validity).expires_at(dealt.contest.contest()).seconds();
        assert_eq!(expires(Validity::UntilClose), 2_000);
        assert_eq!(expires(Validity::Seconds(0)), 1_900);
        assert_eq!(expires(Validity::Seconds(99)), 1_999);
        assert_eq!(expires(Validity::Seconds(101)), 2_000);
        assert_eq!(expires(Validity::Seconds(u64::MAX)), 2_000);
    }
}
