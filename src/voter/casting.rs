//! A ballot on its way, and once it is in the box.

use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

use super::{ActiveSession, NotAcknowledged, Participation};
use crate::ballot::BallotReference;
use crate::ballot_box::VoterState;
use crate::ballot_box::Closing;
use crate::contest::{ApprovedContest, Contest};
use crate::ballot_box::merkle::MerklePath;
use crate::ballot_box::{Receipt, ReceiptError};
use crate::ballot_box::RollDigest;
use crate::primitives::time::UnixTime;

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
    /// The deposit proof may be missing, since a box gives it only once and its first answer may have been
    /// lost. When it is missing from the first answer, complain.
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
        if let Err(error) = receipt.verify(current.view.contest(), &others.voter, &self.ballot, window) {
            return Err(NotAcknowledged::new(self, error));
        }
        let Casting { mut participation, reference, ballot, .. } = self;
        let view = &mut participation.current.view;
        view.state = VoterState::Voted { at: receipt.acknowledgement.at };
        let contest = view.contest.clone();
        Ok((participation.leave(), Voted { contest, ballot, reference, receipt }))
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

    /// Checks after the close that the closed box begins with the box as it was when this ballot entered:
    /// it was not taken out, and the box was not forked.
    ///
    /// # Errors
    ///
    /// A [`ReceiptError`], [`ReceiptError::NotIncluded`] also when there is no deposit proof to check from.
    pub fn check_closing(
        &self,
        closing: &Closing,
        roll: RollDigest,
        path: &MerklePath,
    ) -> Result<(), ReceiptError> {
        let missing = ReceiptError::NotIncluded { reference: self.reference };
        // That the ballot is the last of this head's was checked when the receipt came.
        let proof = self.receipt.deposit_proof.as_ref().ok_or(missing)?;
        proof.head.verify_consistency(self.contest(), closing, roll, path)
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
