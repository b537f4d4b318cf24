//! One pass over the ballots of a box.

use alloc::vec::Vec;

use super::BoxFlaw;
use crate::ballot::{BallotError, BallotReference, Outcome, PartialSum, ballots_at_a_time, verify_all};
use crate::ballot_box::Roll;
use crate::ballot_box::closing::repeats;
use crate::contest::Contest;
use crate::credential::{DecodedCredentials, PublicCredential};

/// What of a ballot no other may have. Encodings.
#[derive(Clone, Copy)]
struct Mark {
    credential: [u8; 32],
    /// `R`.
    nonce: [u8; 32],
}

/// What one pass over the ballots of a box gives: everything that needs their points, some hundreds
/// at a time, so that memory does not grow with what is decoded: some 150 bytes a ballot.
pub(crate) struct BallotPass {
    pub(crate) references: Vec<BallotReference>,
    /// Of each ballot that decodes.
    marks: Vec<Option<Mark>>,
    pub(crate) undecodable: Vec<BoxFlaw>,
    pub(crate) unproven: Vec<BoxFlaw>,
    /// The sum of all ballots that decode, whether their proof holds or not: it is a tally to be opened only
    /// when there is no flaw.
    pub(crate) sum: PartialSum,
}

impl BallotPass {
    /// With `credentials`, the ballots' own are not decoded again.
    pub(crate) fn over(
        contest: &Contest,
        ballots: &[impl AsRef<[u8]> + Sync],
        credentials: Option<&DecodedCredentials>,
        progress: &mut dyn FnMut(usize),
    ) -> Self {
        let mut pass = BallotPass::new(contest);
        for ballots in ballots.chunks(ballots_at_a_time()) {
            pass.take(contest, ballots, credentials);
            progress(pass.references.len());
        }
        pass
    }

    pub(crate) fn new(contest: &Contest) -> Self {
        BallotPass {
            references: Vec::new(),
            marks: Vec::new(),
            undecodable: Vec::new(),
            unproven: Vec::new(),
            sum: PartialSum::new(contest),
        }
    }

    /// The next ballots of the box.
    pub(crate) fn take(
        &mut self,
        contest: &Contest,
        ballots: &[impl AsRef<[u8]> + Sync],
        credentials: Option<&DecodedCredentials>,
    ) {
        for (outcome, bytes) in verify_all(contest, ballots, credentials).into_iter().zip(ballots) {
            let ballot = self.references.len();
            let index = u64::try_from(ballot).unwrap_or(u64::MAX);
            let mark =
                |credential: PublicCredential, nonce| Mark { credential: credential.to_bytes(), nonce };
            let (reference, mark) = match outcome {
                Outcome::Verified(verified) => {
                    let added = self.sum.add(index, &verified);
                    self.unproven.extend(added.err().map(BoxFlaw::Tally));
                    (verified.reference(), Some(mark(verified.credential(), verified.nonce())))
                }
                Outcome::Unproven(unproven) => {
                    self.unproven.push(BoxFlaw::Ballot { ballot, error: BallotError::Proof });
                    let added = self.sum.add_unproven(index, &unproven);
                    self.unproven.extend(added.err().map(BoxFlaw::Tally));
                    (unproven.reference(), Some(mark(unproven.credential(), unproven.nonce())))
                }
                Outcome::Undecodable(error) => {
                    self.undecodable.push(BoxFlaw::Ballot { ballot, error });
                    (BallotReference::of(contest, bytes.as_ref()), None)
                }
            };
            self.references.push(reference);
            self.marks.push(mark);
        }
    }

    /// Every credential on the roll and not revoked.
    pub(crate) fn check_roll(&self, roll: &Roll) -> Vec<BoxFlaw> {
        self.marked()
            .filter_map(|(ballot, mark)| match roll.entry(&mark.credential) {
                None => Some(BoxFlaw::UnknownCredential { ballot }),
                Some(entry) if entry.revoked => Some(BoxFlaw::RevokedCredential { ballot }),
                Some(_) => None,
            })
            .collect()
    }

    /// Every credential used once; no `R` twice.
    pub(crate) fn check_repeats(&self) -> Vec<BoxFlaw> {
        let credentials = repeats(self.marked().map(|(ballot, mark)| (mark.credential, ballot)).collect());
        let nonces = repeats(self.marked().map(|(ballot, mark)| (mark.nonce, ballot)).collect());
        let credentials =
            credentials.into_iter().map(|(ballot, earlier)| BoxFlaw::RepeatedCredential { ballot, earlier });
        let nonces = nonces.into_iter().map(|(ballot, earlier)| BoxFlaw::RepeatedNonce { ballot, earlier });
        credentials.chain(nonces).collect()
    }

    fn marked(&self) -> impl Iterator<Item = (usize, &Mark)> {
        self.marks.iter().enumerate().filter_map(|(ballot, mark)| Some((ballot, mark.as_ref()?)))
    }
}
