//! A voter's ballot in a record, found by the credential.

use super::{ClosedRecord, HexBytes, Record};
use crate::ballot::{BallotReference, ballot_length};
use crate::contest::Contest;
use crate::credential::PublicCredential;
use crate::primitives::labels::WIRE_VERSION;

/// Where a record has the ballot of a credential, and what its reference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundBallot {
    /// Its place in the box, from 0.
    pub index: usize,
    /// Its reference, computed from its bytes.
    pub reference: BallotReference,
}

impl Record {
    /// The ballot that was cast with this credential, for whoever checks on a second device: it
    /// [derives](crate::Credential::derive) the credential there from the voter's code, and compares the reference
    /// with the one that the first device showed. A device that lies can show one voter the reference of another's
    /// ballot (a clash), which is in the record as it should be; so a reference that is only looked up proves
    /// nothing.
    ///
    /// `None` when no ballot of the contest's form has this credential. In a record whose
    /// [audit](crate::AuditReport) passes no two have the same; in any other it is the first.
    ///
    /// ```
    /// # #[cfg(feature = "serde")]
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use urne::Ballot;
    /// # let record = urne::Record::from_json(include_bytes!("../../tests/vectors/record.json"))?;
    /// # let approved = record.contest()?;
    /// # let contest = approved.contest();
    /// # let credential = Ballot::from_bytes(contest, &record.ballots[3].0)?.credential();
    /// # let shown = Ballot::from_bytes(contest, &record.ballots[3].0)?.reference();
    ///
    /// let found = record.ballot_of(contest, &credential).ok_or("no ballot of yours is in the box")?;
    /// assert_eq!((found.index, found.reference), (3, shown));
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "serde"))]
    /// # fn main() {}
    /// ```
    #[must_use]
    pub fn ballot_of(&self, contest: &Contest, credential: &PublicCredential) -> Option<FoundBallot> {
        find(&self.ballots, contest, credential)
    }
}

impl ClosedRecord {
    /// The ballot that was cast with this credential, as [`Record::ballot_of`] finds it: in the time for
    /// complaints.
    #[must_use]
    pub fn ballot_of(&self, contest: &Contest, credential: &PublicCredential) -> Option<FoundBallot> {
        find(&self.ballots, contest, credential)
    }
}

/// A ballot begins `02 ‖ L ‖ C`, and has the contest's length. Its other points are for the audit to decode.
fn find(ballots: &[HexBytes], contest: &Contest, credential: &PublicCredential) -> Option<FoundBallot> {
    let length = ballot_length(contest.layout());
    let head = [&[WIRE_VERSION, contest.lists()][..], credential.as_bytes()].concat();
    let is_its = |ballot: &HexBytes| ballot.0.len() == length && ballot.0.starts_with(&head);
    let index = ballots.iter().position(is_its)?;
    let ballot = ballots.get(index)?;
    Some(FoundBallot { index, reference: BallotReference::of(contest, &ballot.0) })
}
