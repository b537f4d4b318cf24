//! A ballot on its way, and once it is in the box.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

use super::{ActiveSession, CheckError, NotAcknowledged, Participation};
use crate::ballot::BallotReference;
use crate::ballot_box::{
    BrokenPath, Closing, GivenClosing, MerklePath, OpeningDigest, Receipt, RollDigest, VoterState,
};
use crate::contest::{ApprovedContest, Contest};
use crate::primitives::UnixTime;
use crate::tally::EndorsedClosing;

/// A ballot on its way. It can be sent again if no answer comes: the same bytes count once.
pub struct Casting {
    participation: Participation,
    reference: BallotReference,
    ballot: Vec<u8>,
    sent_at: UnixTime,
}

impl Casting {
    pub(super) fn new(
        participation: Participation,
        reference: BallotReference,
        ballot: Vec<u8>,
        sent_at: UnixTime,
    ) -> Self {
        Casting { participation, reference, ballot, sent_at }
    }

    /// The bytes to send to the ballot box.
    #[must_use]
    pub fn ballot(&self) -> &[u8] {
        &self.ballot
    }

    /// The ballot's reference.
    #[must_use]
    pub fn reference(&self) -> BallotReference {
        self.reference
    }

    /// Checks the box's answer, all of it, from the voter's own bytes. `received_at` is the voter's own clock
    /// and `tolerance` by how many seconds the box's may differ from it.
    ///
    /// # Errors
    ///
    /// [`NotAcknowledged`] with the ballot, to be sent again or complained about, when any part of the
    /// answer does not hold.
    pub fn acknowledge(
        self,
        receipt: Receipt,
        received_at: UnixTime,
        tolerance: u64,
    ) -> Result<(ActiveSession, Voted), NotAcknowledged> {
        let window = self.window(received_at, tolerance);
        let Participation { others, current, .. } = &self.participation;
        if let Err(error) =
            receipt.verify(current.view.contest(), current.view.opening, &others.voter, &self.ballot, window)
        {
            return Err(NotAcknowledged::new(self, error));
        }
        let Casting { mut participation, reference, ballot, .. } = self;
        let view = &mut participation.current.view;
        view.state = VoterState::Voted { at: receipt.acknowledgement.at };
        let (contest, opening) = (view.contest.clone(), view.opening);
        Ok((participation.leave(), Voted { contest, opening, ballot, reference, receipt }))
    }

    fn window(&self, received_at: UnixTime, tolerance: u64) -> RangeInclusive<UnixTime> {
        let from = self.sent_at.seconds().saturating_sub(tolerance);
        let to = received_at.seconds().saturating_add(tolerance);
        UnixTime::from_seconds(from)..=UnixTime::from_seconds(to)
    }

    /// Back to the contests after the box has refused the ballot and said why. Only for a refusal: with no
    /// answer, send the same bytes again.
    #[must_use]
    pub fn refused(self) -> ActiveSession {
        self.participation.leave()
    }
}

impl fmt::Debug for Casting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Casting")
            .field("reference", &self.reference)
            .field("sent_at", &self.sent_at)
            .finish_non_exhaustive()
    }
}

/// A vote that is in the box, with everything needed to check that it stays there.
#[derive(Clone)]
pub struct Voted {
    contest: ApprovedContest,
    opening: OpeningDigest,
    ballot: Vec<u8>,
    reference: BallotReference,
    receipt: Receipt,
}

impl Voted {
    /// The contest.
    #[must_use]
    pub fn contest(&self) -> &Contest {
        self.contest.contest()
    }

    /// The ballot's bytes.
    #[must_use]
    pub fn ballot(&self) -> &[u8] {
        &self.ballot
    }

    /// The ballot's reference.
    #[must_use]
    pub fn reference(&self) -> BallotReference {
        self.reference
    }

    /// The receipt, which has been checked.
    #[must_use]
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// Checks in the time for complaints: that the closing which the trustees say they were given extends the box as
    /// it was when this ballot entered. `roll` is the digest of the closed record's roll, and `path` goes from the
    /// size of the receipt's head to that of the closing.
    ///
    /// # Errors
    ///
    /// [`CheckError::Fork`] when the ballot was left out or the box was forked: hand its head to a trustee. The others
    /// say that this is not the closing which the trustees were given.
    pub fn check_given(
        &self,
        closing: &Closing,
        roll: RollDigest,
        given: &[GivenClosing],
        path: &MerklePath,
    ) -> Result<(), CheckError> {
        let digest = closing.digest(self.contest(), self.opening, roll);
        let other = given.iter().find(|given| given.closing != digest);
        if let Some(GivenClosing { trustee, closing }) = other.copied() {
            return Err(CheckError::OtherGiven { trustee, closing });
        }
        if given.is_empty() {
            return Err(CheckError::NobodyWasGiven);
        }
        self.check_extends(closing.size, &closing.root, path)
    }

    /// Checks after the count: that the closing which the trustees endorsed, and no other, extends the box as it was
    /// when this ballot entered. `path` goes from the size of the receipt's head to that of the closing.
    ///
    /// # Errors
    ///
    /// [`CheckError::Fork`] when the ballot was left out or the box was forked, [`CheckError::Opening`] when the closing
    /// is under another opening.
    pub fn check_counted(&self, endorsed: &EndorsedClosing, path: &MerklePath) -> Result<(), CheckError> {
        let closing = endorsed.closing();
        let (expected, actual) = (self.opening, closing.opening());
        if (closing.contest(), actual) != (self.contest.fingerprint(), expected) {
            return Err(CheckError::Opening { expected, actual });
        }
        self.check_extends(closing.size(), &closing.root(), path)
    }

    fn check_extends(&self, size: u64, root: &[u8; 32], path: &MerklePath) -> Result<(), CheckError> {
        // That the ballot is the last of this head's was checked when the receipt came.
        let head = self.receipt.deposit_proof.head;
        path.verify_consistency((head.size, &head.root), (size, root)).map_err(|BrokenPath| {
            CheckError::Fork { opening: self.opening, head: Box::new(head), closing: size }
        })
    }
}

impl fmt::Debug for Voted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Voted")
            .field("reference", &self.reference)
            .field("receipt", &self.receipt)
            .finish_non_exhaustive()
    }
}
