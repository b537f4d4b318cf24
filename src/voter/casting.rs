//! A ballot on its way, and once it is in the box.

use core::fmt;

use super::dossier::Sent;
use super::{ActiveSession, Dossier, NotAcknowledged, Participation, Resumed};
use crate::ballot::BallotReference;
use crate::ballot_box::{Receipt, VoterState};
use crate::contest::Contest;
use crate::primitives::{UnixTime, Unsent};
use crate::record::{BallotList, CheckError, EndorsedRecord, FoundBallot, GivenRecord};

/// A ballot on its way. It can be sent again if no answer comes: the same bytes count once.
pub struct Casting {
    participation: Participation,
    sent: Sent,
}

impl Casting {
    /// With the dossier that is to be stored before it is sent.
    pub(super) fn new(
        participation: Participation,
        reference: BallotReference,
        ballot: alloc::vec::Vec<u8>,
        sent_at: UnixTime,
    ) -> Unsent<Self> {
        let view = &participation.current.view;
        let sent = Sent {
            contest: view.contest.fingerprint(),
            opening: view.opening,
            voter: participation.others.voter.clone(),
            sent_at,
            reference,
            ballot,
        };
        let casting = Casting { participation, sent };
        Unsent::new(casting.dossier().to_bytes(), casting)
    }

    /// The bytes to send to the ballot box.
    #[must_use]
    pub fn ballot(&self) -> &[u8] {
        &self.sent.ballot
    }

    /// The ballot's reference.
    #[must_use]
    pub fn reference(&self) -> BallotReference {
        self.sent.reference
    }

    /// What was stored before there were bytes to send.
    #[must_use]
    pub fn dossier(&self) -> Dossier {
        Dossier { sent: self.sent.clone(), receipt: None }
    }

    /// Checks the box's answer, all of it, from the voter's own bytes. `received_at` is the voter's own clock
    /// and `tolerance` by how many seconds the box's may differ from it. Store the [dossier](Voted::dossier) of
    /// what it gives in place of the one before.
    ///
    /// # Errors
    ///
    /// [`NotAcknowledged`] with the ballot and the answer, when any part of the answer does not hold: nothing is
    /// lost. Where the device's clock is wrong the same answer passes with a larger tolerance; the same ballot sent
    /// again is answered again, for ever; and an answer that does not hold is what a complaint is made with.
    pub fn acknowledge(
        self,
        receipt: Receipt,
        received_at: UnixTime,
        tolerance: u64,
    ) -> Result<(ActiveSession, Voted), NotAcknowledged<Casting>> {
        let contest = self.participation.contest();
        if let Err(error) = self.sent.check(contest, &receipt, received_at, tolerance) {
            return Err(NotAcknowledged::new(self, receipt, error));
        }
        let Casting { mut participation, sent } = self;
        participation.current.view.state = VoterState::Voted { at: receipt.acknowledgement.at };
        let contest = participation.contest().clone();
        Ok((participation.leave(), Voted::new(contest, sent, receipt)))
    }

    /// Back to the contests after the box has refused the ballot and said why, with the cast to be resumed: a server
    /// can say that it refused a ballot which it took, and then only the same bytes are answered with their receipt.
    ///
    /// Only for a refusal: with no answer, send the same bytes again.
    #[must_use]
    pub fn refused(self) -> (ActiveSession, Resumed) {
        let contest = self.participation.contest().clone();
        (self.participation.leave(), Resumed { contest, sent: self.sent })
    }
}

impl fmt::Debug for Casting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Casting")
            .field("reference", &self.sent.reference)
            .field("sent_at", &self.sent.sent_at)
            .finish_non_exhaustive()
    }
}

/// A vote that is in the box, with everything needed to check that it stays there.
#[derive(Clone)]
pub struct Voted {
    contest: Contest,
    sent: Sent,
    receipt: Receipt,
}

impl Voted {
    /// The receipt has been checked.
    pub(super) fn new(contest: Contest, sent: Sent, receipt: Receipt) -> Self {
        Voted { contest, sent, receipt }
    }

    /// The contest.
    #[must_use]
    pub fn contest(&self) -> &Contest {
        &self.contest
    }

    /// The ballot's bytes.
    #[must_use]
    pub fn ballot(&self) -> &[u8] {
        &self.sent.ballot
    }

    /// The ballot's reference.
    #[must_use]
    pub fn reference(&self) -> BallotReference {
        self.sent.reference
    }

    /// The receipt, which has been checked.
    #[must_use]
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// What the device keeps, with the receipt: to be stored in place of what was stored before the ballot was sent.
    #[must_use]
    pub fn dossier(&self) -> Dossier {
        Dossier { sent: self.sent.clone(), receipt: Some(self.receipt.clone()) }
    }

    /// Checks in the time for complaints: that the closing which the trustees say they were given extends the box as
    /// it was when this ballot entered, and that the ballot is in its place. The way from there to the closing is
    /// made from the record.
    ///
    /// # Errors
    ///
    /// [`CheckError::Fork`] when the ballot was left out or the box was forked, [`CheckError::OtherOpening`] when the
    /// record is under another opening than the vote: hand the [head](CheckError::evidence) to a trustee.
    /// [`CheckError::ForeignContest`] when it is the record of another contest.
    pub fn check_given(&self, record: &GivenRecord) -> Result<FoundBallot, CheckError> {
        self.check(record.ballots())
    }

    /// Checks after the count: that the closing which the trustees endorsed, and no other, extends the box as it was
    /// when this ballot entered, and that the ballot is in its place.
    ///
    /// ```compile_fail,E0308
    /// fn check(voted: &urne::voter::Voted, record: &urne::record::GivenRecord) {
    ///     let _ = voted.check_counted(record); // what nobody has endorsed is not counted
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Voted::check_given`].
    pub fn check_counted(&self, record: &EndorsedRecord) -> Result<FoundBallot, CheckError> {
        self.check(record.ballots())
    }

    fn check(&self, list: &BallotList) -> Result<FoundBallot, CheckError> {
        let (expected, actual) = (self.sent.contest, list.contest().fingerprint());
        if actual != expected {
            return Err(CheckError::ForeignContest { expected, actual });
        }
        // That the proof is of this ballot, and its head under the opening of the vote, was checked when it came.
        list.by_deposit_proof(&self.receipt.deposit_proof)
    }
}

impl fmt::Debug for Voted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Voted")
            .field("reference", &self.sent.reference)
            .field("receipt", &self.receipt)
            .finish_non_exhaustive()
    }
}
