//! Deposit: the one atomic step.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::log::{Event, LogEntry};
use super::{BallotBox, DepositError, DepositProofs, Vote};
use crate::ballot::{Ballot, BallotReference, VerifiedBallot, verify_batch};
use crate::ballot_box::merkle::ReferenceTree;
use crate::ballot_box::{Acknowledgement, DepositProof, Emargement, Head, Receipt, VoterId};
use crate::credential::PublicCredential;
use crate::primitives::hash::length_of;
use crate::primitives::time::UnixTime;

/// A deposit that was taken, or had been taken before.
#[derive(Clone, Debug)]
pub struct Deposit {
    /// What the voter is given, once the entry is stored.
    pub receipt: Receipt,
    /// To be stored first. `None` when the same ballot had been deposited before.
    pub entry: Option<LogEntry>,
}

impl BallotBox {
    /// Takes a voter's ballot: all checks, then ballot, signing and both proofs; or nothing. Store the
    /// entry before the receipt is given to the voter.
    ///
    /// Cost: that of verifying one ballot, and O(log n) hashing. The same ballot again is not verified again;
    /// where deposit proofs are given again that takes time linear in the number of ballots.
    ///
    /// # Errors
    ///
    /// The first of [`DepositError`]'s checks that fails. Nothing is changed then.
    pub fn deposit(
        &mut self,
        voter: &VoterId,
        ballot: &[u8],
        now: UnixTime,
    ) -> Result<Deposit, DepositError> {
        let at = self.time(now);
        let ballot = match self.check(voter, ballot, at)? {
            Admission::Repeated(vote) => return Ok(self.repeated(voter, vote)),
            Admission::New(ballot) => *ballot,
        };
        let ballot = ballot.verify(&self.contest).map_err(DepositError::Ballot)?;
        Ok(self.take(voter, ballot, at))
    }

    /// Takes many ballots whose proofs are verified in one batch, and gives each its own answer, as if they
    /// had been deposited one after the other.
    pub fn deposit_batch(
        &mut self,
        deposits: &[(VoterId, Vec<u8>)],
        now: UnixTime,
    ) -> Vec<Result<Deposit, DepositError>> {
        let at = self.time(now);
        let mut candidates = Vec::new();
        for (position, (voter, bytes)) in deposits.iter().enumerate() {
            if let Ok(Admission::New(ballot)) = self.check(voter, bytes, at) {
                candidates.push((position, *ballot));
            }
        }
        let (positions, ballots): (Vec<_>, Vec<_>) = candidates.into_iter().unzip();
        let verdicts = verify_batch(&self.contest, ballots).unwrap_or_default();
        let mut verdicts: BTreeMap<_, _> = positions.into_iter().zip(verdicts).collect();
        // Earlier deposits of the batch change what later ones meet, so every check is made again.
        deposits
            .iter()
            .enumerate()
            .map(|(position, (voter, bytes))| match verdicts.remove(&position) {
                Some(Ok(ballot)) => match self.check_state(voter, &ballot, at)? {
                    Some(vote) => Ok(self.repeated(voter, vote)),
                    None => Ok(self.take(voter, ballot, at)),
                },
                _ => self.deposit(voter, bytes, now),
            })
            .collect()
    }

    /// Everything but the proof.
    fn check(&self, voter: &VoterId, bytes: &[u8], at: UnixTime) -> Result<Admission, DepositError> {
        self.check_window(at)?;
        let ballot = Ballot::from_bytes(&self.contest, bytes).map_err(DepositError::Ballot)?;
        Ok(match self.check_state(voter, &ballot, at)? {
            Some(vote) => Admission::Repeated(vote),
            None => Admission::New(Box::new(ballot)),
        })
    }

    pub(super) fn check_window(&self, at: UnixTime) -> Result<(), DepositError> {
        let description = self.contest.contest().description();
        let (opens_at, closes_at) = (description.opens_at, description.closes_at);
        if at < opens_at {
            return Err(DepositError::NotYetOpen { opens_at });
        }
        if at >= closes_at {
            return Err(DepositError::Closed { closes_at });
        }
        Ok(())
    }

    /// Voter, credential and `R`. The vote when this very ballot is this voter's already.
    pub(super) fn check_state(
        &self,
        voter: &VoterId,
        ballot: &impl Marked,
        at: UnixTime,
    ) -> Result<Option<Vote>, DepositError> {
        let known = self.voters.get(voter).ok_or(DepositError::NotOnRoll)?;
        if let Some(vote) = known.vote {
            let same = vote.reference == ballot.reference();
            return if same { Ok(Some(vote)) } else { Err(DepositError::AlreadyVoted { at: vote.at }) };
        }
        let credential = ballot.credential();
        if credential != known.current.credential {
            let revoked = known.revoked.contains(&credential);
            return Err(if revoked { DepositError::Revoked } else { DepositError::OtherCredential });
        }
        if !known.active {
            let expires_at = known.current.expires_at(self.contest.contest());
            return Err(if at >= expires_at {
                DepositError::Expired { expires_at }
            } else {
                DepositError::NotActive
            });
        }
        let nonce = ballot.nonce();
        if self.opened.contains(&nonce) {
            return Err(DepositError::Opened);
        }
        if self.deposited.contains(&nonce) {
            return Err(DepositError::RepeatedNonce);
        }
        Ok(None)
    }

    /// Takes a ballot for which every check has passed.
    fn take(&mut self, voter: &VoterId, ballot: VerifiedBallot, at: UnixTime) -> Deposit {
        let event = Event::Deposit { voter: voter.clone(), at, ballot: ballot.as_bytes().to_vec() };
        let vote = self.apply_deposit(voter, ballot, at);
        let entry = self.log(&event);
        let deposit_proof = self.proof_of_last(&self.tree, vote);
        Deposit { receipt: self.receipt(voter, vote, deposit_proof), entry: Some(entry) }
    }

    pub(super) fn apply_deposit(&mut self, voter: &VoterId, ballot: VerifiedBallot, at: UnixTime) -> Vote {
        let vote = Vote { index: self.ballots.len(), reference: ballot.reference(), at };
        // The index is new and the ballot is of this contest, so adding cannot fail; were it to, the
        // closing would find the sum short.
        let added = self.sum.add(length_of(&self.ballots), &ballot);
        debug_assert_eq!(added, Ok(()));
        self.deposited.insert(ballot.nonce());
        self.references.push(vote.reference);
        self.tree.push(&vote.reference);
        self.ballots.push(ballot.into_bytes());
        if let Some(known) = self.voters.get_mut(voter) {
            known.vote = Some(vote);
        }
        self.clock = at;
        vote
    }

    /// The answer to a ballot that had been taken before.
    fn repeated(&self, voter: &VoterId, vote: Vote) -> Deposit {
        Deposit { receipt: self.receipt(voter, vote, self.proof_again(vote)), entry: None }
    }

    /// The deposit proof of a voter again, when the box gives them again. Linear in the number of ballots.
    #[must_use]
    pub fn deposit_proof(&self, voter: &VoterId) -> Option<DepositProof> {
        self.proof_again(self.voters.get(voter)?.vote?)
    }

    fn proof_again(&self, vote: Vote) -> Option<DepositProof> {
        match self.proofs {
            DepositProofs::Once => None,
            DepositProofs::Always => {
                let tree = ReferenceTree::of(self.references.get(..=vote.index)?);
                self.proof_of_last(&tree, vote)
            }
        }
    }

    /// The proof of the vote whose ballot is the last in the tree.
    fn proof_of_last(&self, tree: &ReferenceTree, vote: Vote) -> Option<DepositProof> {
        let Vote { reference, at, .. } = vote;
        let (contest, size) = (self.contest.fingerprint(), tree.size());
        let index = size.checked_sub(1)?;
        let head = Head::sign(contest, size, tree.root(), at, &self.key);
        Some(DepositProof { reference, index, head, path: tree.inclusion(index)? })
    }

    fn receipt(&self, voter: &VoterId, vote: Vote, deposit_proof: Option<DepositProof>) -> Receipt {
        let Vote { reference, at, .. } = vote;
        let contest = self.contest.fingerprint();
        Receipt {
            acknowledgement: Acknowledgement { contest, at, reference },
            emargement: self.sign_off(voter, vote),
            deposit_proof,
        }
    }

    pub(super) fn sign_off(&self, voter: &VoterId, vote: Vote) -> Emargement {
        Emargement::sign(self.contest.fingerprint(), voter.clone(), vote.at, &self.key)
    }
}

/// Whether a ballot is to be verified and taken, or has been before.
enum Admission {
    Repeated(Vote),
    New(Box<Ballot>),
}

/// What is checked of a ballot besides its proof.
pub(super) trait Marked {
    fn reference(&self) -> BallotReference;
    fn credential(&self) -> PublicCredential;
    fn nonce(&self) -> [u8; 32];
}

impl Marked for Ballot {
    fn reference(&self) -> BallotReference {
        Ballot::reference(self)
    }
    fn credential(&self) -> PublicCredential {
        Ballot::credential(self)
    }
    fn nonce(&self) -> [u8; 32] {
        Ballot::nonce(self)
    }
}

impl Marked for VerifiedBallot {
    fn reference(&self) -> BallotReference {
        VerifiedBallot::reference(self)
    }
    fn credential(&self) -> PublicCredential {
        VerifiedBallot::credential(self)
    }
    fn nonce(&self) -> [u8; 32] {
        VerifiedBallot::nonce(self)
    }
}
