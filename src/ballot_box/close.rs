//! The close of a box.

use alloc::vec::Vec;

use rand_core::CryptoRng;

use super::log::Event;
use super::signings::random_bytes;
use super::transaction::Waiting;
use super::{BallotBox, CloseError, Closed, ClosedBox, Closing, Signings, Transaction};
use crate::ballot::SealedTally;
use crate::primitives::UnixTime;
use crate::primitives::hash::length_of;

impl Transaction<'_> {
    /// Closes the box, once the contest has ended. The answer has the closing that the box signs;
    /// [`BallotBox::closed`] gives what is published, and the list of signings. It takes nothing more, and
    /// goes on giving voters who have voted their answers again.
    ///
    /// A box that is closed already, also when it was made again from its log, is answered with the same
    /// closing, whatever time and RNG are. Trustees endorse one closing for ever, so a second one would leave
    /// the election without a result.
    ///
    /// Only a box whose closing does not extend a head that it gave out, as after a restart from an old copy of
    /// its log, closes anew, and only while the issuer has not signed: it is made again from the whole log,
    /// without the entry of the first closing.
    ///
    /// # Errors
    ///
    /// [`CloseError`] before the contest's end or when signings and ballots do not match. Nothing is changed
    /// then.
    pub fn close<R: CryptoRng + ?Sized>(&mut self, now: UnixTime, rng: &mut R) -> Result<(), CloseError> {
        let ballot_box = &*self.ballot_box;
        if ballot_box.closed.is_none() {
            let (contest, key) = (ballot_box.contest.fingerprint(), &ballot_box.key);
            let closed = Closed { at: ballot_box.time(now), random: random_bytes(contest, key, rng) };
            ballot_box.prepare_closing(closed)?;
            self.ballot_box.apply_closing(closed);
            self.log(&Event::Close(closed));
        }
        self.answer(Waiting::Closed);
        Ok(())
    }
}

impl BallotBox {
    /// What a closed box publishes for the time for complaints and gives to trustees and issuer, and the list
    /// of signings, which is for the bureau alone: the same, byte for byte, however often it is asked. `None`
    /// until the box is [closed](Transaction::close).
    ///
    /// Cost: copies of roll and ballots, and a hash of the roll.
    #[must_use]
    pub fn closed(&self) -> Option<(ClosedBox, Signings)> {
        // It has been prepared before, when the box was closed.
        let (closing, signings, tally) = self.prepare_closing(self.closed?).ok()?;
        let parts = (self.ballots.clone(), self.references.clone(), self.tree.clone());
        let closed = ClosedBox::from_box(self.contest.clone(), self.roll.clone(), parts, closing, tally);
        Some((closed, signings))
    }

    pub(super) fn closing(&self) -> Option<Closing> {
        self.prepare_closing(self.closed?).ok().map(|(closing, ..)| closing)
    }

    pub(super) fn apply_closing(&mut self, closed: Closed) {
        self.closed = Some(closed);
        self.clock = closed.at;
    }

    pub(super) fn prepare_closing(
        &self,
        closed: Closed,
    ) -> Result<(Closing, Signings, SealedTally), CloseError> {
        let Closed { at, random } = closed;
        let ends_at = self.contest.contest().ends_at();
        if at < ends_at {
            return Err(CloseError::TooEarly { ends_at });
        }
        let signed = self.voters.iter().filter(|(_, voter)| voter.vote.is_some());
        let voters: Vec<_> = signed.map(|(id, _)| id.clone()).collect();
        let (ballots, signings) = (self.ballots.len(), voters.len());
        if ballots != signings {
            return Err(CloseError::Signings { ballots, signings });
        }
        let signings = Signings::sorted(random, voters);
        let root = (self.tree.size(), self.tree.root());
        let contest = self.contest.contest();
        let closing = Closing::sign_root(contest, &self.roll, root, signings.digest(), at, &self.key)
            .map_err(CloseError::Closing)?;
        let tally = self.sum.clone().finish(length_of(&self.ballots)).map_err(CloseError::Tally)?;
        Ok((closing, signings, tally))
    }
}
