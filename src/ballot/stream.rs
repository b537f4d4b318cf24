//! Ballots verified as they come, in bounded memory.

use alloc::vec::Vec;
use core::iter::Fuse;

use super::verify::verdicts;
use super::{Ballot, BallotError, VerifiedBallot};
use crate::contest::Contest;
use crate::credential::DecodedCredentials;
use crate::primitives::parallel;

/// Ballots that one thread decodes and verifies at a time. Twice as many take some six percent longer: what
/// the larger multiscalar multiplication gains is lost where the decoded points no longer fit into the cache
/// and the allocator gives their memory back each time. A third as many take four percent longer.
const PIECE: usize = 384;
/// The same of ballots of one slot or two: they are small, and the part of the multiscalar multiplication that
/// does not depend on its size weighs more.
const PIECE_OF_FEW_SLOTS: usize = 512;

/// How many ballots of this contest one thread decodes and verifies at a time.
pub(crate) fn piece(contest: &Contest) -> usize {
    if contest.layout().slots() <= 2 { PIECE_OF_FEW_SLOTS } else { PIECE }
}

/// How many ballots of this contest it takes to keep all threads busy.
pub(crate) fn ballots_at_a_time(contest: &Contest) -> usize {
    piece(contest).saturating_mul(parallel::threads())
}

/// Verifies ballots from an iterator over their wire forms and gives the verdict of each, in order.
///
/// Some hundreds of ballots (per thread, with the feature `parallel`) are decoded and verified together and
/// then given out, so memory does not grow with their number. The first verdict comes when the first
/// hundreds have been read. A stream may have the credentials of its roll decoded in advance; the verdicts are
/// the same without. For errors with the ballot's index, and to add up what holds:
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use urne::ballot::{PartialSum, verify_stream};
/// # let record = urne::Record::from_json(include_bytes!("../../tests/vectors/record.json"))?;
/// # let contest = record.contest()?;
/// # let lines = record.ballots.iter().map(|ballot| ballot.0.clone());
///
/// // `contest` is an `ApprovedContest`, `lines` any iterator over bytes.
/// let mut sum = PartialSum::new(contest.contest());
/// for (index, verdict) in (0..).zip(verify_stream(contest.contest(), lines, None)) {
///     let ballot = verdict.map_err(|error| format!("ballot {index}: {error}"))?;
///     sum.add(index, &ballot)?;
/// }
/// # assert!(sum.covered().eq([0..record.tally.count]));
/// # Ok(())
/// # }
/// ```
pub fn verify_stream<'a, I>(
    contest: &'a Contest,
    ballots: I,
    decoded: Option<&'a DecodedCredentials>,
) -> VerifyStream<'a, I::IntoIter>
where
    I: IntoIterator,
    I::Item: AsRef<[u8]> + Sync,
{
    VerifyStream { contest, decoded, ballots: ballots.into_iter().fuse(), verdicts: Vec::new().into_iter() }
}

/// The verdicts of [`verify_stream`]: a [`VerifiedBallot`], or why the ballot is refused.
#[derive(Debug)]
#[must_use = "nothing is verified until it is read"]
pub struct VerifyStream<'a, I: Iterator> {
    contest: &'a Contest,
    decoded: Option<&'a DecodedCredentials>,
    ballots: Fuse<I>,
    verdicts: alloc::vec::IntoIter<Outcome>,
}

impl<I> Iterator for VerifyStream<'_, I>
where
    I: Iterator,
    I::Item: AsRef<[u8]> + Sync,
{
    type Item = Result<VerifiedBallot, BallotError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.verdicts.as_slice().is_empty() {
            let next: Vec<_> = self.ballots.by_ref().take(ballots_at_a_time(self.contest)).collect();
            self.verdicts = verify_all(self.contest, &next, self.decoded).into_iter();
        }
        self.verdicts.next().map(|outcome| match outcome {
            Outcome::Verified(ballot) => Ok(ballot),
            Outcome::Unproven(_) => Err(BallotError::Proof),
            Outcome::Undecodable(error) => Err(error),
        })
    }
}

/// What became of the bytes of a ballot.
#[derive(Debug)]
pub(crate) enum Outcome {
    Verified(VerifiedBallot),
    /// It decodes and its proof does not hold.
    Unproven(Ballot),
    Undecodable(BallotError),
}

/// Decodes and verifies ballots, spread over all threads, in order.
pub(crate) fn verify_all(
    contest: &Contest,
    ballots: &[impl AsRef<[u8]> + Sync],
    decoded: Option<&DecodedCredentials>,
) -> Vec<Outcome> {
    let pieces: Vec<_> = ballots.chunks(parallel::share(ballots.len(), piece(contest))).collect();
    parallel::map(&pieces, |piece| verify_piece(contest, piece, decoded)).into_iter().flatten().collect()
}

/// The same on one thread, all together.
pub(crate) fn verify_piece(
    contest: &Contest,
    piece: &[impl AsRef<[u8]>],
    decoded: Option<&DecodedCredentials>,
) -> Vec<Outcome> {
    let mut ballots = Vec::with_capacity(piece.len());
    let mut errors = Vec::new();
    for (position, bytes) in piece.iter().enumerate() {
        match Ballot::from_bytes_with(contest, bytes.as_ref(), decoded) {
            Ok(ballot) => ballots.push(ballot),
            Err(error) => errors.push((position, error)),
        }
    }
    let verdicts = verdicts(contest, &ballots);
    let mut outcomes: Vec<_> = ballots
        .into_iter()
        .zip(verdicts)
        .map(|(ballot, verdict)| match verdict {
            Ok(()) => Outcome::Verified(VerifiedBallot::from_verified(ballot)),
            Err(_) => Outcome::Unproven(ballot),
        })
        .collect();
    // In ascending order, so each position is its place among all.
    for (position, error) in errors {
        outcomes.insert(position.min(outcomes.len()), Outcome::Undecodable(error));
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ballot::{Choice, SealedBallot};
    use crate::primitives::wire::DecodeError;
    use crate::test_support::{Dealt, rng};

    #[test]
    fn every_ballot_gets_its_own_verdict_in_its_place() {
        let dealt = Dealt::simple(1, 1);
        let good = |voter| {
            SealedBallot::seal(&dealt.contest, Choice::Blank, &dealt.credential(voter), &mut rng(voter))
                .unwrap()
                .cast()
        };
        let pool: Vec<_> = (0..4).map(good).collect();
        // Across the edges of two pieces; the last one short.
        let piece = piece(dealt.contest.contest());
        let size = 2 * piece + 5;
        let mut ballots: Vec<_> = (0..size).map(|at| pool[at % 4].clone()).collect();
        let undecodable = [0, 1, 7, piece - 1, piece, size - 1];
        let unproven = [2, piece - 2, piece + 1, 2 * piece];
        for at in undecodable {
            ballots[at].pop();
        }
        for at in unproven {
            ballots[at][2..34].copy_from_slice(&dealt.credential(99).public().to_bytes());
        }
        let length = pool[0].len();
        let mut seen = 0;
        for (at, verdict) in verify_stream(dealt.contest.contest(), &ballots, None).enumerate() {
            seen += 1;
            match verdict {
                Ok(ballot) => assert_eq!(ballot.as_bytes(), &ballots[at][..]),
                Err(BallotError::Proof) => assert!(unproven.contains(&at), "{at}"),
                Err(error) => {
                    let short = DecodeError::TooShort { expected: length, actual: length - 1 };
                    assert_eq!(error, BallotError::Decode(short));
                    assert!(undecodable.contains(&at), "{at}");
                }
            }
        }
        assert_eq!(seen, size);
    }

    #[test]
    fn no_more_is_read_than_is_verified() {
        let dealt = Dealt::simple(1, 1);
        let mut read = 0;
        let endless = core::iter::repeat_with(|| {
            read += 1;
            [0u8; 4]
        });
        let refused =
            verify_stream(dealt.contest.contest(), endless, None).take(3).filter(Result::is_err).count();
        assert_eq!(refused, 3);
        assert_eq!(read, ballots_at_a_time(dealt.contest.contest()));
        let none: [&[u8]; 0] = [];
        assert_eq!(verify_stream(dealt.contest.contest(), none, None).count(), 0);
    }
}
