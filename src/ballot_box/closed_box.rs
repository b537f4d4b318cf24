//! The closed ballot box: everything that was cast, under the box's signature, and checked.
//!
//! Tallies are opened and records made only from a box that is closed, and only complete verification of a
//! published box makes one. So nothing can be decrypted before the end, no single ballot and no subset: there
//! is no type for it. A [`ClosedBox`] is what the box publishes for the time for complaints; with the
//! issuer's signature it becomes a [`SignedBox`], which trustees endorse.

use alloc::vec::Vec;
use core::fmt;

use super::closing::{check_issuer_signature, check_roll_contest, check_size_and_root};
use super::merkle::{MerklePath, ReferenceTree};
use super::{Closing, ClosingDigest, Head, ReceiptError, Roll, RollEntry};
use crate::ballot::{BallotReference, PartialSum, SealedTally};
use crate::contest::ApprovedContest;
use crate::primitives::Signature;
use crate::primitives::hash::length_of;

mod first;
mod flaw;
mod joins;
mod pass;

pub use first::BoxFlaws;
pub(crate) use first::{FirstFlaws, MOST_FLAWS};
pub use flaw::BoxFlaw;
pub(crate) use joins::{Joined, Joins};
pub(crate) use pass::{BallotPass, Looked, Marks};

/// A box that is closed and in which everything holds: roll, ballots, proofs, references, sum, and the box's
/// half of the closing.
#[derive(Clone)]
pub struct ClosedBox {
    contest: ApprovedContest,
    roll: Roll,
    ballots: Vec<Vec<u8>>,
    references: Vec<BallotReference>,
    tree: ReferenceTree,
    closing: Closing,
    digest: ClosingDigest,
    tally: SealedTally,
}

impl ClosedBox {
    /// Verifies a published box: steps 1 to 5 and 7 of the audit and the box's half of step 6, all
    /// recomputed. `ballots` are in order of deposit. `progress` is told how many ballots have been verified,
    /// every few hundred.
    ///
    /// Cost: that of verifying the ballots in batches (see [`verify_stream`](crate::ballot::verify_stream));
    /// memory beyond the ballots' bytes is some 220 bytes a ballot and as many a credential.
    ///
    /// # Errors
    ///
    /// The flaws found, each with the ballot it is in: of each step the first twenty ballots'.
    pub fn verify(
        contest: ApprovedContest,
        roll: Roll,
        ballots: Vec<Vec<u8>>,
        closing: Closing,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Self, BoxFlaws> {
        let of = contest.contest();
        let (opening, roll_digest) = (roll.opening_digest(), roll.digest());
        let credentials = roll.decoded_credentials();
        let mut references = Vec::with_capacity(ballots.len());
        let mut keep = |reference| references.push(reference);
        let mut pass = BallotPass::new(of);
        pass.take_keeping(of, &ballots, Some(&credentials), progress, &mut keep);
        let tree = ReferenceTree::of(&references);
        let BallotPass { looked, mut joins, count } = pass;
        for (entry, RollEntry { credential, revoked }) in roll.entries().iter().enumerate() {
            joins.take_entry(entry, credential.to_bytes(), *revoked);
        }
        let Looked { undecodable, unproven, sum, .. } = looked;
        let Joined { roll: mut on_roll, repeats, references: repeated, .. } = joins.finish();
        on_roll.merge(repeats);
        let mut flaws = BoxFlaws::none();
        flaws.push_step([], &undecodable);
        flaws.push_step(check_roll_contest(of, &roll).err(), &on_roll);
        flaws.push_step([], &unproven);
        flaws.push_step(check_size_and_root(&closing, count, tree.root()), &repeated);
        flaws.push_step(closing.check(of, opening, roll_digest), &FirstFlaws::default());
        if !flaws.is_empty() {
            return Err(flaws);
        }
        // Of ballots that all decode there is a sum.
        let sum = sum.unwrap_or_else(|| PartialSum::new(of));
        let tally = sum.finish(length_of(&ballots)).map_err(|error| BoxFlaws::one(BoxFlaw::Tally(error)))?;
        Ok(ClosedBox::from_box(contest, roll, (ballots, references, tree), closing, tally))
    }

    /// What a ballot box that verified every ballot as it came in closes with.
    pub(super) fn from_box(
        contest: ApprovedContest,
        roll: Roll,
        (ballots, references, tree): (Vec<Vec<u8>>, Vec<BallotReference>, ReferenceTree),
        closing: Closing,
        tally: SealedTally,
    ) -> Self {
        let digest = closing.digest(contest.contest(), roll.opening_digest(), roll.digest());
        ClosedBox { contest, roll, ballots, references, tree, closing, digest, tally }
    }

    /// The contest, with its approvals.
    #[must_use]
    pub fn contest(&self) -> &ApprovedContest {
        &self.contest
    }

    /// The roll at the closing.
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

    /// The box's half of the closing.
    #[must_use]
    pub fn closing(&self) -> &Closing {
        &self.closing
    }

    /// The digest of the closing, which every trustee publishes for the time for complaints, the issuer
    /// signs, and trustees endorse.
    #[must_use]
    pub fn digest(&self) -> ClosingDigest {
        self.digest
    }

    /// The consistency path from the box of the first `size` ballots to this one, for the voter who holds
    /// a head of that size. `None` when there were never so many ballots, or for 0. O(log n).
    #[must_use]
    pub fn consistency(&self, size: u64) -> Option<MerklePath> {
        self.tree.consistency(size, self.tree.size())
    }

    /// Checks that a head that someone was given is under this box's opening, not larger than the box, and
    /// has the root of its first ballots. O(log n), and no path is asked for.
    ///
    /// # Errors
    ///
    /// What [`Head::verify`] finds: a head that the box did not sign is nothing; one under another opening
    /// ([`ReceiptError::OtherOpening`]) or that the box does not extend ([`ReceiptError::Fork`]) is evidence.
    pub fn check_head(&self, head: &Head) -> Result<(), ReceiptError> {
        head.verify(self.contest.contest(), self.roll.opening_digest())?;
        head.check_root(self.tree.root_of(head.size), self.references.len())
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

/// A closed box that the issuer has signed too: the one that trustees endorse.
#[derive(Clone, Debug)]
pub struct SignedBox {
    closed: ClosedBox,
    issuer_signature: Signature,
}

impl SignedBox {
    /// Puts the issuer's [signature](super::Issuer::sign_closing) to a closed box.
    ///
    /// # Errors
    ///
    /// [`BoxFlaw::IssuerSignature`] when it does not hold for this closing.
    pub fn new(closed: ClosedBox, issuer_signature: Signature) -> Result<Self, BoxFlaws> {
        let contest = closed.contest().contest();
        match check_issuer_signature(contest, closed.digest(), &issuer_signature) {
            Ok(()) => Ok(SignedBox { closed, issuer_signature }),
            Err(flaw) => Err(BoxFlaws::one(flaw)),
        }
    }

    /// The box.
    #[must_use]
    pub fn closed(&self) -> &ClosedBox {
        &self.closed
    }

    /// The issuer's signature on the closing.
    #[must_use]
    pub fn issuer_signature(&self) -> &Signature {
        &self.issuer_signature
    }
}
