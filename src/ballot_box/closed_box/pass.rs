//! One pass over the ballots of a box.

use alloc::vec::Vec;

use super::BoxFlaw;
use super::first::FirstFlaws;
use super::joins::Joins;
use crate::ballot::{
    BallotError, BallotReference, Outcome, PartialSum, ballots_at_a_time, piece, verify_piece,
};
use crate::ballot_box::subtrees::Subtrees;
use crate::contest::Contest;
use crate::credential::DecodedCredentials;
use crate::primitives::parallel;

/// What of a ballot no other may have. Encodings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) reference: BallotReference,
    /// Of a ballot that decodes: its credential and `R`.
    pub(crate) decoded: Option<([u8; 32], [u8; 32])>,
}

/// What was found in some ballots of a box, of which nothing is compared with other ballots: a few hundred bytes,
/// however many they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Looked {
    pub(crate) references: Subtrees,
    pub(crate) undecodable: FirstFlaws,
    pub(crate) unproven: FirstFlaws,
    /// The sum of all, whether their proofs hold or not: it is a tally to be opened only when there is no flaw.
    /// `None` when one does not decode.
    pub(crate) sum: Option<PartialSum>,
}

impl Looked {
    pub(crate) fn nothing(contest: &Contest) -> Self {
        Looked {
            references: Subtrees::default(),
            undecodable: FirstFlaws::default(),
            unproven: FirstFlaws::default(),
            sum: Some(PartialSum::new(contest)),
        }
    }

    /// Decodes and verifies ballots on all threads. The first has the index `first`. With `credentials`, the
    /// ballots' own are not decoded again.
    ///
    /// An index at which a box would have 2^53 ballots is in no sum, so that the sum has a gap.
    pub(crate) fn at(
        contest: &Contest,
        first: usize,
        ballots: &[impl AsRef<[u8]> + Sync],
        credentials: Option<&DecodedCredentials>,
    ) -> (Self, Vec<Marks>) {
        let size = parallel::share(ballots.len(), piece(contest));
        let pieces: Vec<_> = (first..).step_by(size).zip(ballots.chunks(size)).collect();
        let parts =
            parallel::map(&pieces, |(first, piece)| Looked::at_piece(contest, *first, piece, credentials));
        let mut all = Looked::nothing(contest);
        let mut marks = Vec::with_capacity(ballots.len());
        for (part, of_part) in parts {
            all.add(part);
            marks.extend(of_part);
        }
        (all, marks)
    }

    /// The same on one thread.
    fn at_piece(
        contest: &Contest,
        first: usize,
        piece: &[impl AsRef<[u8]>],
        credentials: Option<&DecodedCredentials>,
    ) -> (Self, Vec<Marks>) {
        let mut looked = Looked::nothing(contest);
        let mut marks = Vec::with_capacity(piece.len());
        let outcomes = verify_piece(contest, piece, credentials);
        for ((ballot, outcome), bytes) in (first..).zip(outcomes).zip(piece) {
            let index = u64::try_from(ballot).unwrap_or(u64::MAX);
            let (reference, decoded) = match outcome {
                Outcome::Verified(verified) => {
                    // One that cannot be added leaves a gap, which is found when the sum is finished.
                    let _ = looked.sum.as_mut().map(|sum| sum.add(index, &verified));
                    (verified.reference(), Some((verified.credential().to_bytes(), verified.nonce())))
                }
                Outcome::Unproven(unproven) => {
                    looked.unproven.push(BoxFlaw::Ballot { ballot, error: BallotError::Proof });
                    let _ = looked.sum.as_mut().map(|sum| sum.add_unproven(index, &unproven));
                    (unproven.reference(), Some((unproven.credential().to_bytes(), unproven.nonce())))
                }
                Outcome::Undecodable(error) => {
                    looked.undecodable.push(BoxFlaw::Ballot { ballot, error });
                    looked.sum = None;
                    (BallotReference::of(contest, bytes.as_ref()), None)
                }
            };
            marks.push(Marks { reference, decoded });
        }
        let first = u64::try_from(first).unwrap_or(u64::MAX);
        looked.references = Subtrees::of(first, marks.iter().map(|marks| marks.reference.digest()));
        (looked, marks)
    }

    /// What was found in other ballots of the same box, which are known to be others.
    fn add(&mut self, other: Looked) {
        // A sum that is not merged has a gap.
        if let (Some(sum), Some(other)) = (&mut self.sum, &other.sum) {
            let _ = sum.merge(other);
        } else {
            self.sum = None;
        }
        let _ = self.references.merge(other.references);
        self.undecodable.merge(other.undecodable);
        self.unproven.merge(other.unproven);
    }
}

/// What one pass over all ballots of a box gives: everything that needs their points, some hundreds at a time, so
/// that memory does not grow with what is decoded: some 120 bytes a ballot.
pub(crate) struct BallotPass {
    pub(crate) count: usize,
    pub(crate) looked: Looked,
    pub(crate) joins: Joins,
}

impl BallotPass {
    pub(crate) fn new(contest: &Contest) -> Self {
        BallotPass { count: 0, looked: Looked::nothing(contest), joins: Joins::default() }
    }

    /// The next ballots of the box, some hundreds at a time. `progress` is told how many there have been.
    pub(crate) fn take(
        &mut self,
        contest: &Contest,
        ballots: &[impl AsRef<[u8]> + Sync],
        credentials: Option<&DecodedCredentials>,
        progress: &mut dyn FnMut(usize),
    ) {
        self.take_keeping(contest, ballots, credentials, progress, &mut |_| ());
    }

    /// The same, and gives out every reference.
    pub(super) fn take_keeping(
        &mut self,
        contest: &Contest,
        ballots: &[impl AsRef<[u8]> + Sync],
        credentials: Option<&DecodedCredentials>,
        progress: &mut dyn FnMut(usize),
        keep: &mut dyn FnMut(BallotReference),
    ) {
        for ballots in ballots.chunks(ballots_at_a_time(contest)) {
            let (looked, marks) = Looked::at(contest, self.count, ballots, credentials);
            self.looked.add(looked);
            self.joins.take(self.count, &marks);
            marks.iter().for_each(|marks| keep(marks.reference));
            self.count = self.count.saturating_add(ballots.len());
            progress(self.count);
        }
    }
}
