//! Entries that were read, verified together and carried out one after the other.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::{LogError, LogFlaw};
use crate::ballot::{Outcome, verify_all};
use crate::ballot_box::deposit::verdict;
use crate::ballot_box::log::Event;
use crate::ballot_box::{BallotBox, ChallengeRefusal, DepositError, VoterId};
use crate::credential::{DecodedCredentials, PublicCredential, StoredActivation, verify_stored};
use crate::primitives::proof::Rejected;
use crate::primitives::{UnixTime, parallel};

/// What was found of the entries of a round, of each kind in order.
struct Found<A, B> {
    activations: A,
    ballots: B,
}

impl BallotBox {
    /// Carries out entries, of which `first` is the number of the first; with each comes the byte where it
    /// begins.
    pub(super) fn replay(&mut self, first: u64, events: Vec<(u64, Event)>) -> Result<(), LogError> {
        let activations = self.activations(&events);
        let proofs = verify_stored(self.contest.contest(), &activations);
        let ballots = self.verify_ballots(&events, &activations);
        let credentials = activations.into_iter().map(|(credential, _)| credential);
        let mut found = Found { activations: credentials.zip(proofs), ballots: ballots.into_iter() };
        for (entry, (offset, event)) in (first..).zip(events) {
            self.carry_out(event, &mut found).map_err(|flaw| LogError { entry, offset, flaw })?;
        }
        Ok(())
    }

    /// Each activation, with the credential of its voter at that time and its point.
    fn activations(&self, events: &[(u64, Event)]) -> Vec<(PublicCredential, StoredActivation)> {
        let mut reissued: BTreeMap<&VoterId, PublicCredential> = BTreeMap::new();
        let mut activations = Vec::new();
        for (_, event) in events {
            match event {
                Event::Reissue { issue, .. } => {
                    reissued.insert(issue.voter(), issue.credential());
                }
                Event::Activate { voter, activation, .. } => {
                    let known = || self.voters.get(voter).map(|known| known.current.credential());
                    let credential = reissued.get(voter).copied().or_else(known);
                    // Of nobody on the roll: refused for that before its proof is looked at.
                    let credential = credential.unwrap_or(PublicCredential::read_before([0; 32]));
                    activations.push((credential, *activation));
                }
                _ => (),
            }
        }
        parallel::map(&activations, |(credential, activation)| {
            (credential.decoded().unwrap_or(*credential), *activation)
        })
    }

    /// The verdict on the ballot of each deposit and challenge; proofs are verified in batches, and credentials
    /// that were decoded for their activation are not decoded again.
    fn verify_ballots(
        &self,
        events: &[(u64, Event)],
        activations: &[(PublicCredential, StoredActivation)],
    ) -> Vec<Outcome> {
        let ballots: Vec<_> = events
            .iter()
            .filter_map(|(_, event)| match event {
                Event::Deposit { voter, ballot, .. } | Event::Challenge { voter, ballot, .. } => {
                    Some((voter, ballot.as_slice()))
                }
                _ => None,
            })
            .collect();
        let current = ballots.iter().filter_map(|(voter, _)| self.voters.get(*voter));
        let decoded: DecodedCredentials = current
            .map(|known| known.current.credential())
            .chain(activations.iter().map(|(credential, _)| *credential))
            .collect();
        let ballots: Vec<_> = ballots.into_iter().map(|(_, ballot)| ballot).collect();
        verify_all(self.contest.contest(), &ballots, Some(&decoded))
    }

    fn carry_out(
        &mut self,
        event: Event,
        found: &mut Found<
            impl Iterator<Item = (PublicCredential, Result<(), Rejected>)>,
            impl Iterator<Item = Outcome>,
        >,
    ) -> Result<(), LogFlaw> {
        match event {
            Event::Open { .. } => Err(LogFlaw::OpenedTwice),
            Event::Activate { voter, at, activation: _ } => {
                let found = found.activations.next();
                let (credential, proof) =
                    found.unwrap_or((PublicCredential::read_before([0; 32]), Err(Rejected)));
                self.check_forward(at)?;
                let new = self.check_activation(&voter, &credential, || proof, at);
                new.map_err(LogFlaw::Activation)?.ok_or(LogFlaw::NoChange)?;
                self.apply_activation(&voter, at);
                if let Some(known) = self.voters.get_mut(&voter) {
                    known.current.set_decoded(credential);
                }
                Ok(())
            }
            Event::Reissue { at, issue } => {
                self.check_forward(at)?;
                self.apply_reissue(&issue, at).map_err(LogFlaw::Reissue)
            }
            Event::Challenge { voter, at, ballot: _ } => {
                let outcome = found.ballots.next();
                self.check_forward(at)?;
                self.check_challenger(&voter, at).map_err(LogFlaw::Challenge)?;
                let ballot =
                    verdict(outcome).map_err(ChallengeRefusal::Ballot).map_err(LogFlaw::Challenge)?;
                if !self.check_challenge(&voter, &ballot, at).map_err(LogFlaw::Challenge)? {
                    return Err(LogFlaw::NoChange);
                }
                self.apply_challenge(&voter, &ballot, at);
                Ok(())
            }
            Event::Deposit { voter, at, ballot } => {
                let outcome = found.ballots.next();
                self.check_forward(at)?;
                if self.check_depositor(&voter, &ballot, at).map_err(LogFlaw::Deposit)?.is_some() {
                    return Err(LogFlaw::NoChange);
                }
                let ballot = verdict(outcome).map_err(DepositError::Ballot).map_err(LogFlaw::Deposit)?;
                self.check_state(&voter, &ballot, at).map_err(LogFlaw::Deposit)?;
                self.apply_deposit(&voter, ballot, at);
                Ok(())
            }
            Event::Close(closed) => {
                if self.closed.is_some() {
                    return Err(LogFlaw::ClosedTwice);
                }
                self.check_forward(closed.at)?;
                self.prepare_closing(closed).map_err(LogFlaw::Closing)?;
                self.apply_closing(closed);
                Ok(())
            }
        }
    }

    fn check_forward(&self, at: UnixTime) -> Result<(), LogFlaw> {
        let before = self.clock;
        if at < before { Err(LogFlaw::TimeWentBack { before, at }) } else { Ok(()) }
    }
}
