//! Ballots that their voters challenge: they never count.

use super::log::Event;
use super::transaction::{Change, Waiting};
use super::{BallotBox, ChallengeRefusal, Transaction, VoterId};
use crate::ballot::{Ballot, VerifiedBallot};
use crate::primitives::UnixTime;

/// How many different ballots can be challenged with one credential.
const MOST_CHALLENGES: u8 = 32;

impl Transaction<'_> {
    /// Takes note of a ballot that its voter challenges (Benaloh) and refuses its `R` for ever, so that
    /// neither this ballot nor any other of its nonce is cast. Only when it is answered does the voter's side
    /// open it, to a second device; the box is told neither choice nor nonce, and cannot tell a challenge from
    /// a lie of the device. A ballot that was challenged before is answered alike. The answer is not signed.
    ///
    /// The checks, in this order: the voter is on the roll; the contest is open, until the end; the voter has
    /// not voted; the ballot decodes; its proof holds; the credential is that voter's and active; `R` is not
    /// in the box; fewer than 32 different `R` were challenged with that credential.
    ///
    /// # Errors
    ///
    /// The first of these checks that fails. Nothing is changed then.
    pub fn challenge(
        &mut self,
        voter: &VoterId,
        ballot: &[u8],
        now: UnixTime,
    ) -> Result<(), ChallengeRefusal> {
        let at = self.ballot_box.time(now);
        self.ballot_box.check_challenger(voter, at)?;
        let contest = self.ballot_box.contest.contest();
        let ballot = Ballot::from_bytes(contest, ballot)
            .and_then(|ballot| ballot.verify(contest))
            .map_err(ChallengeRefusal::Ballot)?;
        if self.ballot_box.check_challenge(voter, &ballot, at)? {
            self.ballot_box.apply_challenge(voter, &ballot, at);
            self.log(&Event::Challenge { voter: voter.clone(), at, ballot: ballot.into_bytes() });
        }
        self.answer(Waiting::Challenged);
        Ok(())
    }
}

impl BallotBox {
    /// What comes before the ballot is looked at.
    pub(super) fn check_challenger(&self, voter: &VoterId, at: UnixTime) -> Result<(), ChallengeRefusal> {
        let known = self.voters.get(voter).ok_or(ChallengeRefusal::NotOnRoll)?;
        let contest = self.contest.contest();
        let (opens_at, ends_at) = (contest.description().opens_at, contest.ends_at());
        if at < opens_at {
            return Err(ChallengeRefusal::NotYetOpen { opens_at });
        }
        if at >= ends_at {
            return Err(ChallengeRefusal::Ended { ends_at });
        }
        match known.vote {
            Some(vote) => Err(ChallengeRefusal::AlreadyVoted { at: vote.at }),
            None => Ok(()),
        }
    }

    /// What comes after the proof. `false` when the ballot's `R` is refused already.
    pub(super) fn check_challenge(
        &self,
        voter: &VoterId,
        ballot: &VerifiedBallot,
        at: UnixTime,
    ) -> Result<bool, ChallengeRefusal> {
        self.check_credential(voter, ballot, at).map_err(ChallengeRefusal::Credential)?;
        let nonce = ballot.nonce();
        if self.deposited.contains(&nonce) {
            return Err(ChallengeRefusal::Deposited);
        }
        if self.challenged.contains(&nonce) {
            return Ok(false);
        }
        let challenges = self.voters.get(voter).map_or(0, |known| known.challenges);
        if challenges >= MOST_CHALLENGES {
            return Err(ChallengeRefusal::TooMany { most: MOST_CHALLENGES });
        }
        Ok(true)
    }

    pub(super) fn apply_challenge(&mut self, voter: &VoterId, ballot: &VerifiedBallot, at: UnixTime) {
        let nonce = ballot.nonce();
        self.changed(|| Change::Challenged { voter: voter.clone(), nonce });
        self.challenged.insert(nonce);
        if let Some(known) = self.voters.get_mut(voter) {
            known.challenges = known.challenges.saturating_add(1);
        }
        self.clock = at;
    }
}
