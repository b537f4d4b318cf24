//! The closed ballot box: everything that was cast, under the box's signature, and checked.
//!
//! Tallies are opened and records made only from a [`ClosedBox`], and only complete verification of a
//! published box makes one. So nothing can be decrypted before the close, no single ballot and no
//! subset: there is no type for it.

use alloc::vec::Vec;
use core::fmt;

use crate::ballot::{BallotError, BallotReference, Outcome, ballots_at_a_time, verify_all};
use crate::primitives::ed25519::{SigningKey, Signature};
use crate::contest::{ApprovedContest, Contest, INTEGER_LIMIT};
use crate::credential::PublicCredential;
use crate::primitives::hash::{FieldHash, digest, length_of};
use crate::primitives::labels;
use crate::ballot_box::merkle::{MerklePath, ReferenceTree};
use crate::ballot_box::{Roll, RollDigest};
use crate::ballot::{PartialSum, SealedTally};
use crate::primitives::time::UnixTime;

mod flaw;

pub use flaw::{BoxFlaw, BoxFlaws};

digest! {
    /// The hash that the box signs at the close and that trustees endorse.
    ClosingDigest
}

/// The box's last word: how many ballots it holds and which, under its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Number of ballots.
    pub size: u64,
    /// Root of the Merkle tree (RFC 6962, SHA-256) over the ballots' references, in order of deposit.
    pub root: [u8; 32],
    /// Number of voters signed off.
    pub signings: u64,
    /// When the box signed, not before the contest closes.
    pub at: UnixTime,
    /// The box's signature over all this, the contest and the roll.
    pub signature: Signature,
}

impl Closing {
    /// Signs the closing of a box that holds these ballots, one for each signing of the roll.
    ///
    /// # Errors
    ///
    /// [`BoxFlaw::ForeignRoll`] when the roll is of another contest, [`BoxFlaw::EarlyClosing`] before the
    /// contest closes, [`BoxFlaw::LateNumber`] when the time is not below 2^53.
    pub fn sign(
        contest: &Contest,
        roll: &Roll,
        references: &[BallotReference],
        at: UnixTime,
        key: &SigningKey,
    ) -> Result<Self, BoxFlaw> {
        check_roll_contest(contest, roll)?;
        check_time(contest, at)?;
        let size = length_of(references);
        let root = ReferenceTree::of(references).root();
        let unsigned =
            Closing { size, root, signings: size, at, signature: Signature::from_bytes([0; 64]) };
        let signature = key.sign(unsigned.digest(contest, roll.digest()).as_bytes());
        Ok(Closing { signature, ..unsigned })
    }

    /// The digest that the box signs and that trustees endorse.
    #[must_use]
    pub fn digest(&self, contest: &Contest, roll: RollDigest) -> ClosingDigest {
        let digest = FieldHash::new(labels::CLOSING)
            .bytes(contest.fingerprint().as_bytes())
            .number(self.size)
            .bytes(&self.root)
            .number(self.signings)
            .bytes(roll.as_bytes())
            .number(self.at.seconds())
            .finish();
        ClosingDigest::from_bytes(digest)
    }

    /// Signature, time, and one signing for each ballot.
    pub(crate) fn check(&self, contest: &Contest, roll: RollDigest) -> Vec<BoxFlaw> {
        let mut flaws = Vec::new();
        let digest = self.digest(contest, roll);
        if let Err(error) = contest.description().box_key.verify(digest.as_bytes(), &self.signature) {
            flaws.push(BoxFlaw::ClosingSignature(error));
        }
        if self.signings != self.size {
            flaws.push(BoxFlaw::Signings { size: self.size, signings: self.signings });
        }
        flaws.extend(check_time(contest, self.at).err());
        flaws
    }
}

/// A roll is verified for one contest, under whose fingerprint and box key it was opened.
fn check_roll_contest(contest: &Contest, roll: &Roll) -> Result<(), BoxFlaw> {
    let (expected, actual) = (contest.fingerprint(), roll.contest());
    if actual == expected { Ok(()) } else { Err(BoxFlaw::ForeignRoll { expected, actual }) }
}

fn check_time(contest: &Contest, at: UnixTime) -> Result<(), BoxFlaw> {
    let closes_at = contest.description().closes_at;
    if at < closes_at {
        return Err(BoxFlaw::EarlyClosing { at, closes_at });
    }
    if at.seconds() >= INTEGER_LIMIT {
        return Err(BoxFlaw::LateNumber { at });
    }
    Ok(())
}

/// A box that is closed and in which everything holds: roll, ballots, proofs, references, closing.
#[derive(Clone)]
pub struct ClosedBox {
    contest: ApprovedContest,
    roll: Roll,
    ballots: Vec<Vec<u8>>,
    references: Vec<BallotReference>,
    closing: Closing,
    digest: ClosingDigest,
    tally: SealedTally,
}

impl ClosedBox {
    /// Verifies a published box: steps 1 to 7 of the audit, all recomputed. `ballots` are in order of
    /// deposit. `progress` is told how many ballots have been verified, every few hundred.
    ///
    /// Cost: that of verifying the ballots in batches (see [`verify_stream`](crate::ballot::verify_stream)); memory beyond the ballots'
    /// bytes is some 150 bytes a ballot.
    ///
    /// # Errors
    ///
    /// Every flaw found, each with the ballot it is in.
    pub fn verify(
        contest: ApprovedContest,
        roll: Roll,
        ballots: Vec<Vec<u8>>,
        closing: Closing,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Self, BoxFlaws> {
        let roll_digest = roll.digest();
        let pass = BallotPass::over(&contest, &ballots, progress);
        let mut on_roll = pass.check_roll(&roll);
        on_roll.extend(pass.check_repeats());
        let BallotPass { references, marks: _, undecodable, unproven, sum } = pass;
        let mut flaws = undecodable;
        flaws.extend(check_roll_contest(contest.contest(), &roll).err());
        flaws.extend(on_roll);
        flaws.extend(unproven);
        flaws.extend(check_references(&closing, &references));
        flaws.extend(closing.check(contest.contest(), roll_digest));
        if !flaws.is_empty() {
            return Err(BoxFlaws(flaws));
        }
        let tally =
            sum.finish(length_of(&ballots)).map_err(|error| BoxFlaws(alloc::vec![BoxFlaw::Tally(error)]))?;
        let digest = closing.digest(contest.contest(), roll_digest);
        Ok(ClosedBox { contest, roll, ballots, references, closing, digest, tally })
    }

    /// What a ballot box that verified every ballot as it came in closes with.
    pub(crate) fn from_box(
        contest: ApprovedContest,
        roll: Roll,
        ballots: Vec<Vec<u8>>,
        references: Vec<BallotReference>,
        closing: Closing,
        tally: SealedTally,
    ) -> Self {
        let digest = closing.digest(contest.contest(), roll.digest());
        ClosedBox { contest, roll, ballots, references, closing, digest, tally }
    }

    /// The contest, with its approvals.
    #[must_use]
    pub fn contest(&self) -> &ApprovedContest {
        &self.contest
    }

    /// The roll at the close.
    #[must_use]
    pub fn roll(&self) -> &Roll {
        &self.roll
    }

    /// The wire forms of all ballots, in order of deposit.
    #[must_use]
    pub fn ballots(&self) -> &[Vec<u8>] {
        &self.ballots
    }

    /// The references of all ballots, in order of deposit.
    #[must_use]
    pub fn references(&self) -> &[BallotReference] {
        &self.references
    }

    /// The signed closing.
    #[must_use]
    pub fn closing(&self) -> &Closing {
        &self.closing
    }

    /// The digest of the closing, which trustees endorse.
    #[must_use]
    pub fn digest(&self) -> ClosingDigest {
        self.digest
    }

    /// The consistency path from the box of the first `size` ballots to this one, for the voter who holds
    /// a head of that size. `None` when there were never so many ballots, or for 0. Linear in the number of
    /// ballots.
    #[must_use]
    pub fn consistency(&self, size: u64) -> Option<MerklePath> {
        ReferenceTree::of(&self.references).consistency(size)
    }

    /// The sum of all ballots.
    #[must_use]
    pub fn tally(&self) -> &SealedTally {
        &self.tally
    }
}

impl fmt::Debug for ClosedBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClosedBox")
            .field("contest", &self.contest.fingerprint())
            .field("closing", &self.closing)
            .finish_non_exhaustive()
    }
}

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
    /// The sum of all ballots whose proof holds.
    pub(crate) sum: PartialSum,
}

impl BallotPass {
    pub(crate) fn over(
        contest: &ApprovedContest,
        ballots: &[impl AsRef<[u8]> + Sync],
        progress: &mut dyn FnMut(usize),
    ) -> Self {
        let mut pass = BallotPass::new(contest);
        for ballots in ballots.chunks(ballots_at_a_time()) {
            pass.take(contest, ballots);
            progress(pass.references.len());
        }
        pass
    }

    pub(crate) fn new(contest: &ApprovedContest) -> Self {
        BallotPass {
            references: Vec::new(),
            marks: Vec::new(),
            undecodable: Vec::new(),
            unproven: Vec::new(),
            sum: PartialSum::new(contest.contest()),
        }
    }

    /// The next ballots of the box.
    pub(crate) fn take(&mut self, contest: &ApprovedContest, ballots: &[impl AsRef<[u8]> + Sync]) {
        for (outcome, bytes) in verify_all(contest, ballots).into_iter().zip(ballots) {
            let ballot = self.references.len();
            let mark =
                |credential: PublicCredential, nonce| Mark { credential: credential.to_bytes(), nonce };
            let (reference, mark) = match outcome {
                Outcome::Verified(verified) => {
                    let added = self.sum.add(u64::try_from(ballot).unwrap_or(u64::MAX), &verified);
                    self.unproven.extend(added.err().map(BoxFlaw::Tally));
                    (verified.reference(), Some(mark(verified.credential(), verified.nonce())))
                }
                Outcome::Unproven(unproven) => {
                    self.unproven.push(BoxFlaw::Ballot { ballot, error: BallotError::Proof });
                    (unproven.reference(), Some(mark(unproven.credential(), unproven.nonce())))
                }
                Outcome::Undecodable(error) => {
                    self.undecodable.push(BoxFlaw::Ballot { ballot, error });
                    (BallotReference::of(contest.contest(), bytes.as_ref()), None)
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

/// Each ballot whose value stands earlier too, and the first that has it; in order of the ballots.
fn repeats(mut values: Vec<([u8; 32], usize)>) -> Vec<(usize, usize)> {
    values.sort_unstable();
    let same = values.chunk_by(|(left, _), (right, _)| left == right);
    let mut repeats: Vec<_> = same
        .filter_map(|same| same.split_first())
        .flat_map(|((_, first), later)| later.iter().map(|(_, ballot)| (*ballot, *first)))
        .collect();
    repeats.sort_unstable();
    repeats
}

/// References distinct, as many as the closing says, under its root.
pub(crate) fn check_references(closing: &Closing, references: &[BallotReference]) -> Vec<BoxFlaw> {
    let mut flaws = Vec::new();
    let digests = references.iter().enumerate().map(|(ballot, reference)| (reference.digest(), ballot));
    for (ballot, earlier) in repeats(digests.collect()) {
        flaws.push(BoxFlaw::RepeatedReference { ballot, earlier });
    }
    if closing.size != length_of(references) {
        flaws.push(BoxFlaw::Size { expected: closing.size, actual: references.len() });
    }
    let root = ReferenceTree::of(references).root();
    if closing.root != root {
        flaws.push(BoxFlaw::Root { expected: closing.root, actual: root });
    }
    flaws
}
