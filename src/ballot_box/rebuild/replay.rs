//! Entries that were read, verified together and carried out one after the other.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::{LogError, LogFlaw};
use crate::ballot::{Outcome, verify_all};
use crate::ballot_box::deposit::verdict;
use crate::ballot_box::log::Event;
use crate::ballot_box::{ActivationError, BallotBox, ChallengeRefusal, DepositError};
use crate::contest::Contest;
use crate::credential::{PublicCredential, StoredActivation, verify_stored};
use crate::primitives::UnixTime;

/// Activations whose proofs are still to be verified, by credential, each with its entry and the byte where that
/// begins.
///
/// A ballot shows that whoever sealed it holds the credential's secret, which is what an activation shows. So where
/// the voter has voted the ballot's proof stands for both; the proofs of those who entered a code and have not
/// voted with it are verified in the end, together.
#[derive(Default)]
pub(super) struct Unproven(BTreeMap<[u8; 32], (u64, u64, StoredActivation)>);

impl Unproven {
    /// Verifies all. The error is that of the first entry.
    pub(super) fn verify(self, contest: &Contest) -> Result<(), LogError> {
        let mut all: Vec<_> = self.0.into_values().collect();
        all.sort_unstable_by_key(|(entry, ..)| *entry);
        let activations: Vec<_> = all.iter().map(|(.., activation)| *activation).collect();
        let verdicts = verify_stored(contest, &activations);
        let bad = all.iter().zip(verdicts).find(|(_, verdict)| verdict.is_err());
        bad.map_or(Ok(()), |((entry, offset, _), _)| {
            let flaw = LogFlaw::Activation(ActivationError::Proof);
            Err(LogError { entry: *entry, offset: *offset, flaw })
        })
    }
}

impl BallotBox {
    /// Carries out entries, of which `first` is the number of the first; with each comes the byte where it
    /// begins.
    pub(super) fn replay(
        &mut self,
        first: u64,
        events: Vec<(u64, Event)>,
        unproven: &mut Unproven,
    ) -> Result<(), LogError> {
        let mut ballots = self.verify_ballots(&events).into_iter();
        for (entry, (offset, event)) in (first..).zip(events) {
            match &event {
                Event::Activate { activation, .. } => {
                    unproven.0.insert(*activation.credential(), (entry, offset, *activation));
                }
                Event::Deposit { ballot, .. } => {
                    // After the version and the number of lists.
                    let credential = ballot.get(2..).and_then(|rest| rest.first_chunk());
                    credential.map(|credential: &[u8; 32]| unproven.0.remove(credential));
                }
                _ => (),
            }
            self.carry_out(event, &mut ballots).map_err(|flaw| LogError { entry, offset, flaw })?;
        }
        Ok(())
    }

    /// The verdict on the ballot of each deposit and challenge, in order; proofs are verified in batches.
    fn verify_ballots(&self, events: &[(u64, Event)]) -> Vec<Outcome> {
        let ballots = events.iter().filter_map(|(_, event)| match event {
            Event::Deposit { ballot, .. } | Event::Challenge { ballot, .. } => Some(ballot.as_slice()),
            _ => None,
        });
        verify_all(self.contest.contest(), &ballots.collect::<Vec<_>>(), None)
    }

    fn carry_out(
        &mut self,
        event: Event,
        ballots: &mut impl Iterator<Item = Outcome>,
    ) -> Result<(), LogFlaw> {
        match event {
            Event::Open { .. } => Err(LogFlaw::OpenedTwice),
            Event::Activate { voter, at, activation } => {
                self.check_forward(at)?;
                let credential = PublicCredential::read_before(*activation.credential());
                // Its proof is verified later, or a ballot's in its place.
                let new = self.check_activation(&voter, &credential, || Ok(()), at);
                new.map_err(LogFlaw::Activation)?.ok_or(LogFlaw::NoChange)?;
                self.apply_activation(&voter, at);
                Ok(())
            }
            Event::Reissue { at, issue } => {
                self.check_forward(at)?;
                self.apply_reissue(&issue, at).map_err(LogFlaw::Reissue)
            }
            Event::Challenge { voter, at, ballot: _ } => {
                let outcome = ballots.next();
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
                let outcome = ballots.next();
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
