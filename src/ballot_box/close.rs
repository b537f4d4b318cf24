//! The close of a box.

use alloc::vec::Vec;

use rand_core::CryptoRng;

use super::log::{Event, LogEntry};
use super::signings::random_bytes;
use super::{BallotBox, CloseError, Closed, ClosedBox, Closing, NotClosed, Signings};
use crate::ballot::SealedTally;
use crate::primitives::UnixTime;
use crate::primitives::hash::length_of;

impl BallotBox {
    /// Closes the box, once the contest has ended, and signs the closing. Store the entry before anything
    /// leaves. The [`ClosedBox`] is published for the time for complaints and goes to trustees and issuer;
    /// the [`Signings`] go to the bureau alone.
    ///
    /// A box that is made again from the log of a closed box takes nothing more and closes with the same
    /// closing and the same list of signings, byte for byte, whatever time and RNG are; then there is no
    /// entry. Trustees endorse one closing for ever, so a second one would leave the election without a
    /// result.
    ///
    /// Only a box whose closing does not extend a head that it gave out, as after a restart from an old copy of
    /// its log, closes anew, and only while the issuer has not signed: it is made again from the whole log,
    /// without the entry of the first closing.
    ///
    /// # Errors
    ///
    /// [`NotClosed`] with the box as it was, before the contest's end or when signings and ballots do not
    /// match.
    pub fn close<R: CryptoRng + ?Sized>(
        mut self,
        now: UnixTime,
        rng: &mut R,
    ) -> Result<(ClosedBox, Signings, Option<LogEntry>), NotClosed> {
        let fresh = self.closed.is_none();
        let closed = self.closed.unwrap_or_else(|| Closed {
            at: self.time(now),
            random: random_bytes(self.contest.fingerprint(), &self.key, rng),
        });
        let (closing, signings, tally) = match self.prepare_closing(closed) {
            Ok(prepared) => prepared,
            Err(error) => return Err(NotClosed::new(self, error)),
        };
        let entry = if fresh { Some(self.log(&Event::Close(closed))) } else { None };
        let parts = (self.ballots, self.references, self.tree);
        Ok((ClosedBox::from_box(self.contest, self.roll, parts, closing, tally), signings, entry))
    }

    fn prepare_closing(&self, closed: Closed) -> Result<(Closing, Signings, SealedTally), CloseError> {
        let Closed { at, random } = closed;
        self.check_closing_time(at)?;
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

    pub(super) fn check_closing_time(&self, at: UnixTime) -> Result<(), CloseError> {
        let ends_at = self.contest.contest().ends_at();
        if at < ends_at { Err(CloseError::TooEarly { ends_at }) } else { Ok(()) }
    }
}
