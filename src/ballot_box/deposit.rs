//! Deposit: the one atomic step.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::log::Event;
use super::transaction::{Change, Waiting};
use super::{
    Acknowledgement, BallotBox, DepositError, DepositProof, Emargement, MerklePath, Receipt, Transaction,
    Vote, VoterId,
};
use crate::ballot::{Ballot, BallotError, Outcome, VerifiedBallot, ballots_at_a_time, verify_all};
use crate::primitives::UnixTime;
use crate::primitives::hash::length_of;

impl Transaction<'_> {
    /// Takes a voter's ballot: all checks, then ballot and signing; or nothing. The answer has émargement and
    /// deposit proof.
    ///
    /// The checks, in this order: the voter is on the roll; the same ballot of the same voter is in the box
    /// already, and then the same answer is given again, at any time; the contest is open, until the end;
    /// the voter has not voted; the ballot decodes; its proof holds; the credential is that voter's, not
    /// revoked, and active; its `R` is neither in the box nor was it challenged.
    ///
    /// Cost: that of verifying one ballot, and O(log n) hashing. The same ballot again is not verified again.
    ///
    /// # Errors
    ///
    /// The first of [`DepositError`]'s checks that fails. Nothing is changed then.
    pub fn deposit(&mut self, voter: &VoterId, ballot: &[u8], now: UnixTime) -> Result<(), DepositError> {
        let at = self.ballot_box.time(now);
        if self.ballot_box.check_depositor(voter, ballot, at)?.is_none() {
            let contest = self.ballot_box.contest.contest();
            let ballot = Ballot::from_bytes(contest, ballot)
                .and_then(|ballot| ballot.verify(contest))
                .map_err(DepositError::Ballot)?;
            self.take(voter, ballot, at)?;
        }
        self.answer(Waiting::Deposited(voter.clone()));
        Ok(())
    }

    /// Takes many ballots whose proofs are verified in batches, and gives each its own verdict, as if they
    /// had been deposited one after the other. A flood of bad ones takes less than 2.5 times as long as
    /// verifying each alone.
    pub fn deposit_batch(
        &mut self,
        deposits: &[(VoterId, Vec<u8>)],
        now: UnixTime,
    ) -> Vec<Result<(), DepositError>> {
        let at = self.ballot_box.time(now);
        // Whatever is refused, or was taken, before its proof is looked at is so after the others too: they
        // change nothing but who has voted.
        let candidates: Vec<_> = deposits
            .iter()
            .enumerate()
            .filter(|(_, (voter, bytes))| {
                matches!(self.ballot_box.check_depositor(voter, bytes, at), Ok(None))
            })
            .map(|(position, (_, bytes))| (position, bytes.as_slice()))
            .collect();
        let mut outcomes = BTreeMap::new();
        for some in candidates.chunks(ballots_at_a_time(self.ballot_box.contest.contest())) {
            let (positions, bytes): (Vec<_>, Vec<_>) = some.iter().copied().unzip();
            let verified = verify_all(self.ballot_box.contest.contest(), &bytes, None);
            outcomes.extend(positions.into_iter().zip(verified));
        }
        deposits
            .iter()
            .enumerate()
            .map(|(position, (voter, bytes))| {
                if self.ballot_box.check_depositor(voter, bytes, at)?.is_none() {
                    let outcome = outcomes.remove(&position);
                    self.take(voter, verdict(outcome).map_err(DepositError::Ballot)?, at)?;
                }
                self.answer(Waiting::Deposited(voter.clone()));
                Ok(())
            })
            .collect()
    }

    /// Takes a ballot whose proof holds, if nothing else is in its way.
    fn take(&mut self, voter: &VoterId, ballot: VerifiedBallot, at: UnixTime) -> Result<(), DepositError> {
        self.ballot_box.check_state(voter, &ballot, at)?;
        let event = Event::Deposit { voter: voter.clone(), at, ballot: ballot.as_bytes().to_vec() };
        self.ballot_box.apply_deposit(voter, ballot, at);
        self.log(&event);
        Ok(())
    }
}

impl BallotBox {
    /// What comes before the ballot is looked at. The vote when this very ballot is this voter's already.
    pub(super) fn check_depositor(
        &self,
        voter: &VoterId,
        bytes: &[u8],
        at: UnixTime,
    ) -> Result<Option<Vote>, DepositError> {
        let known = self.voters.get(voter).ok_or(DepositError::NotOnRoll)?;
        if let Some(vote) = known.vote {
            let own = self.ballots.get(vote.index);
            if own.is_some_and(|own| own.as_slice() == bytes) {
                return Ok(Some(vote));
            }
        }
        let contest = self.contest.contest();
        let (opens_at, ends_at) = (contest.description().opens_at, contest.ends_at());
        if at < opens_at {
            return Err(DepositError::NotYetOpen { opens_at });
        }
        if at >= ends_at {
            return Err(DepositError::Ended { ends_at });
        }
        match known.vote {
            Some(vote) => Err(DepositError::AlreadyVoted { at: vote.at }),
            None => Ok(None),
        }
    }

    /// What comes after the proof: credential and `R`.
    pub(super) fn check_state(
        &self,
        voter: &VoterId,
        ballot: &VerifiedBallot,
        at: UnixTime,
    ) -> Result<(), DepositError> {
        self.check_credential(voter, ballot, at)?;
        let nonce = ballot.nonce();
        if self.challenged.contains(&nonce) {
            return Err(DepositError::Challenged);
        }
        if self.deposited.contains(&nonce) {
            return Err(DepositError::RepeatedNonce);
        }
        Ok(())
    }

    /// The ballot's credential is the voter's, not revoked, and active.
    pub(super) fn check_credential(
        &self,
        voter: &VoterId,
        ballot: &VerifiedBallot,
        at: UnixTime,
    ) -> Result<(), DepositError> {
        let known = self.voters.get(voter).ok_or(DepositError::NotOnRoll)?;
        let credential = ballot.credential();
        if credential != known.current.credential() {
            let revoked = known.revoked.contains(&credential);
            return Err(if revoked { DepositError::Revoked } else { DepositError::OtherCredential });
        }
        if known.active {
            return Ok(());
        }
        let expires_at = known.current.expires_at(self.contest.contest());
        Err(if at >= expires_at { DepositError::Expired { expires_at } } else { DepositError::NotActive })
    }

    pub(super) fn apply_deposit(&mut self, voter: &VoterId, ballot: VerifiedBallot, at: UnixTime) {
        let vote = Vote { index: self.ballots.len(), reference: ballot.reference(), at };
        // The index is new and the ballot is of this contest, so adding cannot fail; were it to, the
        // closing would find the sum short.
        let added = self.sum.add(length_of(&self.ballots), &ballot);
        debug_assert_eq!(added, Ok(()));
        let nonce = ballot.nonce();
        self.changed(|| Change::Deposited { voter: voter.clone(), nonce });
        self.deposited.insert(nonce);
        self.references.push(vote.reference);
        self.tree.push(&vote.reference);
        self.ballots.push(ballot.into_bytes());
        if let Some(known) = self.voters.get_mut(voter) {
            known.vote = Some(vote);
        }
        self.clock = at;
        self.head_at = at;
    }

    /// The receipt of a voter, with émargement and deposit proof: the same as was given first, for ever.
    /// O(log n). `None` when they have not voted.
    #[must_use]
    pub fn receipt_again(&self, voter: &VoterId) -> Option<Receipt> {
        let vote = self.voters.get(voter)?.vote?;
        let Vote { reference, at, .. } = vote;
        Some(Receipt {
            acknowledgement: Acknowledgement { contest: self.contest.fingerprint(), at, reference },
            emargement: self.sign_off(voter, vote),
            deposit_proof: self.proof(vote),
        })
    }

    /// The head just after the ballot came in, and the path to it.
    fn proof(&self, vote: Vote) -> DepositProof {
        let Vote { index, reference, at } = vote;
        let index = u64::try_from(index).unwrap_or(u64::MAX);
        let size = index.saturating_add(1);
        // The ballot is in the tree, so there are both. A path to another root would not pass the voter's
        // check.
        let root = self.tree.root_of(size).unwrap_or_default();
        let path = self.tree.inclusion(index, size).unwrap_or_else(MerklePath::empty);
        DepositProof { reference, index, head: self.sign_head(size, root, at), path }
    }

    pub(super) fn sign_off(&self, voter: &VoterId, vote: Vote) -> Emargement {
        Emargement::sign(self.contest.fingerprint(), voter.clone(), vote.at, &self.key)
    }
}

/// A ballot that holds, or why it does not.
pub(super) fn verdict(outcome: Option<Outcome>) -> Result<VerifiedBallot, BallotError> {
    match outcome {
        Some(Outcome::Verified(ballot)) => Ok(ballot),
        Some(Outcome::Undecodable(error)) => Err(error),
        // There is an outcome for every ballot; one without was not verified.
        Some(Outcome::Unproven(_)) | None => Err(BallotError::Proof),
    }
}
