//! Codes at the box: entered, and issued anew.

use alloc::boxed::Box;

use super::log::Event;
use super::transaction::{Change, Waiting};
use super::{ActivationError, BallotBox, Issue, ReissueError, Transaction, VoterId};
use crate::credential::{Activation, ActivationNonce, PublicCredential};
use crate::primitives::UnixTime;
use crate::primitives::proof::Rejected;

/// Says that the application has checked who a person is, and that it is this voter.
#[derive(Clone, Debug)]
pub struct IdentityChecked(VoterId);

impl IdentityChecked {
    /// To be called by the application after it has identified the person by its own means.
    #[must_use]
    pub fn by_application(voter: VoterId) -> Self {
        IdentityChecked(voter)
    }
}

impl Transaction<'_> {
    /// Activates a voter's code: the answer to a nonce that the server drew for this voter just now. It must
    /// be entered within its validity and before the contest closes; then it serves until it is used, revoked
    /// by a reissue, or the end. A code that is active already is answered alike until the end.
    ///
    /// The checks, in this order: the end has not come; the voter is on the roll; has not voted; the proof
    /// holds; the credential is the one in force of that voter; and, unless it is active already, the contest
    /// has not closed; the code has not expired. So whoever does not hold a code learns nothing of whose a
    /// public credential is.
    ///
    /// # Errors
    ///
    /// The first of these checks that fails. Nothing is changed then.
    pub fn activate(
        &mut self,
        voter: &VoterId,
        nonce: &ActivationNonce,
        activation: &Activation,
        now: UnixTime,
    ) -> Result<(), ActivationError> {
        let ballot_box = &*self.ballot_box;
        let at = ballot_box.time(now);
        let proof = || activation.verify(ballot_box.contest.contest(), nonce);
        if let Some(activation) = ballot_box.check_activation(voter, &activation.credential(), proof, at)? {
            self.ballot_box.apply_activation(voter, at);
            self.log(&Event::Activate { voter: voter.clone(), at, activation });
        }
        self.answer(Waiting::Activated);
        Ok(())
    }

    /// Takes what the issuer issued to a voter whom the application has identified, and revokes the old code:
    /// from now on only the new credential counts, once it is activated within its validity. The code is sent
    /// when it is answered. When it is refused, the issuer [takes it back](super::Issuer::withdraw); when the
    /// answer is lost, the same issue is given again: while it is in force, it is answered alike at any time.
    ///
    /// # Errors
    ///
    /// [`ReissueError`]: the issue is of another voter or contest; the contest has closed; the voter is not
    /// on the roll, has voted, or has been issued a later code; the credential is on the roll already.
    /// Nothing is changed then.
    pub fn reissue(
        &mut self,
        identity: IdentityChecked,
        issue: Issue,
        now: UnixTime,
    ) -> Result<(), ReissueError> {
        if identity.0 != *issue.voter() {
            return Err(ReissueError::OtherVoter);
        }
        let known = self.ballot_box.voters.get(issue.voter());
        if known.is_none_or(|known| *known.current != issue) {
            let at = self.ballot_box.time(now);
            self.ballot_box.apply_reissue(&issue, at)?;
            self.log(&Event::Reissue { issue, at });
        }
        self.answer(Waiting::Reissued);
        Ok(())
    }
}

impl BallotBox {
    /// `None` when the code is active already. `proof` gives what is stored of a proof that holds for this
    /// credential.
    pub(super) fn check_activation<T>(
        &self,
        voter: &VoterId,
        credential: &PublicCredential,
        proof: impl FnOnce() -> Result<T, Rejected>,
        at: UnixTime,
    ) -> Result<Option<T>, ActivationError> {
        let contest = self.contest.contest();
        let ends_at = contest.ends_at();
        if at >= ends_at {
            return Err(ActivationError::Ended { ends_at });
        }
        let known = self.voters.get(voter).ok_or(ActivationError::NotOnRoll)?;
        if let Some(vote) = known.vote {
            return Err(ActivationError::AlreadyVoted { at: vote.at });
        }
        let proof = proof().map_err(|Rejected| ActivationError::Proof)?;
        if *credential != known.current.credential() {
            let revoked = known.revoked.contains(credential);
            return Err(if revoked { ActivationError::Revoked } else { ActivationError::OtherCode });
        }
        if known.active {
            return Ok(None);
        }
        let closes_at = contest.description().closes_at;
        if at >= closes_at {
            return Err(ActivationError::Closed { closes_at });
        }
        let expires_at = known.current.expires_at(contest);
        if at >= expires_at { Err(ActivationError::Expired { expires_at }) } else { Ok(Some(proof)) }
    }

    pub(super) fn apply_activation(&mut self, voter: &VoterId, at: UnixTime) {
        self.changed(|| Change::Activated(voter.clone()));
        if let Some(known) = self.voters.get_mut(voter) {
            known.active = true;
        }
        self.clock = at;
    }

    /// Whether a voter may be issued a new code: to be asked before the [issuer](super::Issuer) is.
    ///
    /// # Errors
    ///
    /// [`ReissueError::Closed`], [`ReissueError::NotOnRoll`], [`ReissueError::AlreadyVoted`].
    pub fn can_reissue(&self, voter: &VoterId, now: UnixTime) -> Result<(), ReissueError> {
        let closes_at = self.contest.contest().description().closes_at;
        if self.time(now) >= closes_at {
            return Err(ReissueError::Closed { closes_at });
        }
        match self.voters.get(voter).ok_or(ReissueError::NotOnRoll)?.vote {
            Some(vote) => Err(ReissueError::AlreadyVoted { at: vote.at }),
            None => Ok(()),
        }
    }

    pub(super) fn apply_reissue(&mut self, issue: &Issue, at: UnixTime) -> Result<(), ReissueError> {
        let (expected, actual) = (self.contest.fingerprint(), issue.contest());
        if actual != expected {
            return Err(ReissueError::ForeignContest { expected, actual });
        }
        self.can_reissue(issue.voter(), at.max(issue.issued_at()))?;
        let known = self.voters.get_mut(issue.voter()).ok_or(ReissueError::NotOnRoll)?;
        let in_force = known.current.issued_at();
        if issue.issued_at() < in_force {
            return Err(ReissueError::Older { issued_at: issue.issued_at(), in_force });
        }
        let old = known.current.credential();
        self.roll.reissue(&old, issue.credential()).map_err(ReissueError::Roll)?;
        known.revoked.push(old);
        let old = core::mem::replace(&mut known.current, Box::new(issue.clone()));
        let active = core::mem::replace(&mut known.active, false);
        let challenges = core::mem::replace(&mut known.challenges, 0);
        self.changed(|| Change::Reissued { voter: issue.voter().clone(), old, active, challenges });
        self.clock = at;
        Ok(())
    }
}
