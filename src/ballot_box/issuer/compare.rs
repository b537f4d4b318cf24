//! What an issuer compares before it signs: with its own issues, and with what it has signed before.

use alloc::vec::Vec;

use super::IssuerError;
use super::memory::{Given, OfContest};
use crate::ballot_box::{ClosedBox, ProposedOpening, Roll, VoterId};

impl OfContest {
    /// No other closing was signed.
    pub(super) fn check_not_closed_otherwise(&self, closed: &ClosedBox) -> Result<(), IssuerError> {
        let actual = closed.digest();
        match self.closing {
            Some((signed, _)) if signed != actual => Err(IssuerError::OtherClosing { signed, actual }),
            _ => Ok(()),
        }
    }

    /// The credentials at opening are those that stand, one a voter.
    pub(super) fn check_opening(&self, proposed: &ProposedOpening) -> Result<(), IssuerError> {
        let credentials = proposed.credentials();
        for (entry, credential) in credentials.iter().enumerate() {
            self.check_entry(entry, credential.to_bytes(), false)?;
        }
        // Each of them is another voter's, so it is enough to find the voters whose is not there.
        let missing = self.standing().find(|(_, credential)| {
            credentials.binary_search_by(|listed| listed.as_bytes().cmp(credential)).is_err()
        });
        missing.map_or(Ok(()), |(voter, credential)| {
            Err(IssuerError::Missing { voter: voter.clone(), credential: *credential })
        })
    }

    /// Whether an entry of the roll was issued, and stands or is revoked as it should.
    fn check_entry(&self, entry: usize, credential: [u8; 32], revoked: bool) -> Result<(), IssuerError> {
        let unknown = IssuerError::Unknown { entry: Some(entry), credential };
        let voter = self.owner(&credential).ok_or(unknown.clone())?;
        let given = self.given(voter).ok_or(unknown.clone())?;
        let expected = given.on_roll().find(|(own, _)| **own == credential).ok_or(unknown)?.1;
        if expected == revoked {
            Ok(())
        } else {
            Err(IssuerError::Flag { entry, voter: voter.clone(), expected })
        }
    }

    pub(super) fn check_roll(&self, roll: &Roll) -> Result<(), IssuerError> {
        for (entry, of_roll) in roll.entries().iter().enumerate() {
            self.check_entry(entry, of_roll.credential.to_bytes(), of_roll.revoked)?;
        }
        let on_roll = |(voter, given): (_, &Given)| {
            given.on_roll().map(move |(own, _)| (voter, *own)).collect::<Vec<_>>()
        };
        let missing = self.all().flat_map(on_roll).find(|(_, credential)| roll.entry(credential).is_none());
        missing.map_or(Ok(()), |(voter, credential): (&VoterId, _)| {
            Err(IssuerError::Missing { voter: voter.clone(), credential })
        })
    }
}
