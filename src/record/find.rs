//! A voter's ballot in what was published, from the record alone.
//!
//! A voter who looks for a ballot wants to know that it is in the box that counts. Two records say which box that
//! is, by what the trustees publish themselves: a [`GivenRecord`] in the time for complaints, an
//! [`EndorsedRecord`] after the count. Both give a [`BallotList`], in which the ballot is found by the voting code, the
//! credential, the reference, or the deposit proof. Nothing is asked from a server, and no proof is verified: that is
//! for the [audit](crate::AuditReport), which says of the whole record whether it holds.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::read::{read_endorsements, read_opening};
use super::{ClosedRecord, HexBytes, OpeningRecord, Record, RollEntryRecord};
use crate::ballot::{BallotReference, ballot_length};
use crate::ballot_box::{
    Closing, ClosingDigest, DepositProof, GivenClosing, OpeningDigest, ReceiptError, ReferenceTree,
    RollDigest, RollRead, SignedClosing, check_size_and_root,
};
use crate::contest::{Contest, Fingerprint};
use crate::credential::{Credential, PublicCredential, VotingCode};
use crate::primitives::Signature;
use crate::primitives::labels::WIRE_VERSION;
use crate::tally::EndorsedClosing;

mod error;

pub use error::{CheckError, PublishedError};

/// Where a record has a ballot, and what its reference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundBallot {
    /// Its place in the box, from 0.
    pub index: usize,
    /// Its reference, computed from its bytes.
    pub reference: BallotReference,
}

/// A closed record whose closing the trustees say that they were given.
///
/// It is what a voter checks against in the time for complaints. A box can sign two closings, and show each voter
/// the one that has their ballot; so a record counts for nothing until its digest is that which the trustees publish,
/// each by a channel of its own.
#[derive(Clone, Debug)]
pub struct GivenRecord(BallotList);

impl GivenRecord {
    /// Reads a closed record, and compares its closing with what the trustees say.
    ///
    /// Cost: hashing the record once.
    ///
    /// # Errors
    ///
    /// [`PublishedError::NobodyWasGiven`] when no trustee says anything, [`PublishedError::OtherGiven`] when one of
    /// them was given another closing, [`PublishedError::Record`] when contest or approvals do not hold,
    /// [`PublishedError::Closing`] when the closing is not that of the record's ballots, or not signed by the box.
    pub fn verify(record: &ClosedRecord, given: &[GivenClosing]) -> Result<Self, PublishedError> {
        let contest = record.contest()?.contest().clone();
        let closing = record.closing.read();
        let list = BallotList::read(contest, &record.opening, &record.roll, closing, &record.ballots)?;
        let digest = list.digest;
        if let Some(GivenClosing { trustee, closing }) = given.iter().find(|given| given.closing != digest) {
            return Err(PublishedError::OtherGiven { trustee: *trustee, closing: *closing });
        }
        if given.is_empty() { Err(PublishedError::NobodyWasGiven) } else { Ok(GivenRecord(list)) }
    }

    /// Its ballots.
    #[must_use]
    pub fn ballots(&self) -> &BallotList {
        &self.0
    }
}

/// A record of a contest that the trustees publish, whose closing they endorsed.
///
/// It is what a voter checks against after the count. Trustees endorse one closing of a contest, ever.
#[derive(Clone, Debug)]
pub struct EndorsedRecord {
    list: BallotList,
    closing: EndorsedClosing,
}

impl EndorsedRecord {
    /// Reads a record, and checks the signatures and endorsements under its closing.
    ///
    /// `published` are the fingerprints of contests as the trustees publish them. Anybody can make up a contest with
    /// trustees of their own, and those would endorse whatever suits them.
    ///
    /// Cost: hashing the record once, and a signature a trustee, twice.
    ///
    /// # Errors
    ///
    /// [`PublishedError::NotPublished`] when the contest is none of those published, [`PublishedError::Record`] when
    /// contest or approvals do not hold or an endorsement does not decode, [`PublishedError::Closing`] when the
    /// closing is not that of the record's ballots, or not signed by the box, [`PublishedError::Endorsement`] when the
    /// issuer has not signed it or too few trustees have endorsed it.
    pub fn verify(record: &Record, published: &[Fingerprint]) -> Result<Self, PublishedError> {
        let contest = record.contest()?.contest().clone();
        let fingerprint = contest.fingerprint();
        if !published.contains(&fingerprint) {
            return Err(PublishedError::NotPublished { fingerprint });
        }
        let closing = record.closing.of_box().read();
        let endorsements = read_endorsements(&contest, &record.closing.endorsements)?;
        let list = BallotList::read(contest, &record.opening, &record.roll, closing, &record.ballots)?;
        let issuer_signature = Signature::from_bytes(record.closing.issuer_signature.0);
        let signed =
            SignedClosing::from_parts(fingerprint, list.opening, list.roll, closing, issuer_signature);
        let closing = EndorsedClosing::verify(&list.contest, signed, &endorsements)?;
        Ok(EndorsedRecord { list, closing })
    }

    /// The closing that was endorsed.
    #[must_use]
    pub fn closing(&self) -> &EndorsedClosing {
        &self.closing
    }

    /// Its ballots.
    #[must_use]
    pub fn ballots(&self) -> &BallotList {
        &self.list
    }
}

/// The ballots under a closing, in order of deposit: what a voter looks for theirs in.
#[derive(Clone)]
pub struct BallotList {
    contest: Contest,
    opening: OpeningDigest,
    roll: RollDigest,
    digest: ClosingDigest,
    references: Vec<BallotReference>,
    tree: ReferenceTree,
    /// By the credential, the ballots that have it.
    of_credentials: BTreeMap<[u8; 32], Vec<usize>>,
}

impl BallotList {
    fn read(
        contest: Contest,
        opening: &OpeningRecord,
        roll: &[RollEntryRecord],
        closing: Closing,
        ballots: &[HexBytes],
    ) -> Result<Self, PublishedError> {
        let opening = read_opening(opening);
        let read =
            RollRead::of(opening.voters, roll.iter().map(|entry| (&entry.credential.0, entry.revoked)));
        let (opening, roll) = (read.opening_digest(&contest, &opening), read.digest);
        let references: Vec<_> =
            ballots.iter().map(|ballot| BallotReference::of(&contest, &ballot.0)).collect();
        let tree = ReferenceTree::of(&references);
        let of_box = closing.check(&contest, opening, roll);
        let flaws = check_size_and_root(&closing, references.len(), tree.root()).into_iter().chain(of_box);
        flaws.into_iter().next().map_or(Ok(()), |flaw| Err(PublishedError::Closing(flaw)))?;
        let mut of_credentials = BTreeMap::new();
        for (index, ballot) in ballots.iter().enumerate() {
            if let Some(credential) = credential_of(&contest, &ballot.0) {
                of_credentials.entry(credential).or_insert_with(Vec::new).push(index);
            }
        }
        let digest = closing.digest(&contest, opening, roll);
        Ok(BallotList { contest, opening, roll, digest, references, tree, of_credentials })
    }

    /// The contest.
    #[must_use]
    pub fn contest(&self) -> &Contest {
        &self.contest
    }

    /// The opening that the record's roll is under.
    #[must_use]
    pub fn opening(&self) -> OpeningDigest {
        self.opening
    }

    /// The digest of the closing.
    #[must_use]
    pub fn closing(&self) -> ClosingDigest {
        self.digest
    }

    /// The references of all ballots, in order of deposit.
    #[must_use]
    pub fn references(&self) -> &[BallotReference] {
        &self.references
    }

    /// The voter's ballot, for whoever checks on a second device with nothing but the code and the record, and has
    /// its reference before them as the first device showed it. The credential is derived here from the code: a
    /// device that lies can show one voter the reference of another's ballot (a clash), which is in the record as it
    /// should be, so that a reference which is only looked up proves nothing.
    ///
    /// ```
    /// # #[cfg(feature = "serde")]
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use urne::record::EndorsedRecord;
    /// use urne::{Record, VotingCode};
    /// # let json = include_bytes!("../../tests/vectors/record.json");
    /// # let published = [Record::from_json(json)?.contest()?.contest().fingerprint()];
    /// # let code = VotingCode::from_bytes([7; 15]);
    /// # let shown = "584)4ec96770ba023972ed0a4ec40bb3197b86ae54a931bbfef06128a081dcc83724".parse()?;
    ///
    /// // The code as typed, the reference as shown, the record from anywhere, and the contest's fingerprint as
    /// // the trustees publish it.
    /// let record = EndorsedRecord::verify(&Record::from_json(json)?, &published)?;
    /// match record.ballots().check_code(&code, &shown) {
    ///     Ok(found) => println!("your ballot is number {} in the box", found.index + 1),
    ///     Err(error) => println!("{error}"),
    /// }
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "serde"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    ///
    /// [`CheckError::OtherReference`] when the code's ballot is another than was shown, and those of
    /// [`by_credential`](BallotList::by_credential).
    pub fn check_code(&self, code: &VotingCode, shown: &BallotReference) -> Result<FoundBallot, CheckError> {
        let found = self.by_code(code)?;
        if found.reference == *shown {
            Ok(found)
        } else {
            Err(CheckError::OtherReference { shown: *shown, found: found.reference })
        }
    }

    /// The ballot that was cast with this code.
    ///
    /// # Errors
    ///
    /// Those of [`by_credential`](BallotList::by_credential).
    pub fn by_code(&self, code: &VotingCode) -> Result<FoundBallot, CheckError> {
        self.by_credential(&Credential::derive(&self.contest, code).public())
    }

    /// The ballot that was cast with this credential. Only bytes that can be a ballot of the contest are looked at.
    ///
    /// # Errors
    ///
    /// [`CheckError::NoBallot`] when there is none, [`CheckError::TwoBallots`] when there are two, which an audit
    /// refuses.
    pub fn by_credential(&self, credential: &PublicCredential) -> Result<FoundBallot, CheckError> {
        let of_it = self.of_credentials.get(credential.as_bytes()).map_or(&[][..], Vec::as_slice);
        match *of_it {
            [] => Err(CheckError::NoBallot),
            [index] => self.found(index),
            [first, second, ..] => Err(CheckError::TwoBallots { first, second }),
        }
    }

    /// The ballot with this reference. That one is there does not say whose it is: see
    /// [`check_code`](BallotList::check_code).
    ///
    /// # Errors
    ///
    /// [`CheckError::NotInTheBox`].
    pub fn by_reference(&self, reference: &BallotReference) -> Result<FoundBallot, CheckError> {
        let index = self.references.iter().position(|listed| listed == reference);
        index.map_or(Err(CheckError::NotInTheBox { reference: *reference }), |index| self.found(index))
    }

    /// The ballot of a deposit proof: the box at the proof's head is the beginning of this one. The way from there
    /// to the closing is made from the record.
    ///
    /// # Errors
    ///
    /// [`CheckError::Head`] when the proof's head is of another contest or not signed by the box, which says nothing
    /// of the box; [`CheckError::OtherOpening`] when it is under another opening, and [`CheckError::Fork`] when this
    /// box does not extend it: both give the head, which is evidence to be handed to a trustee.
    /// [`CheckError::NotInTheBox`] when the proof is of another ballot than the one that it says.
    pub fn by_deposit_proof(&self, proof: &DepositProof) -> Result<FoundBallot, CheckError> {
        let DepositProof { reference, index, head, path: _ } = proof;
        match head.verify(&self.contest, self.opening) {
            Ok(()) => (),
            Err(ReceiptError::OtherOpening { expected, .. }) => {
                return Err(CheckError::OtherOpening { head: Box::new(*head), record: expected });
            }
            Err(error) => return Err(CheckError::Head(error)),
        }
        if self.tree.root_of(head.size) != Some(head.root) {
            return Err(CheckError::Fork { head: Box::new(*head), closing: self.tree.size() });
        }
        let index = usize::try_from(*index).ok();
        match index.and_then(|index| self.found(index).ok()).filter(|found| found.reference == *reference) {
            Some(found) => Ok(found),
            None => Err(CheckError::NotInTheBox { reference: *reference }),
        }
    }

    fn found(&self, index: usize) -> Result<FoundBallot, CheckError> {
        let reference = self.references.get(index).copied().ok_or(CheckError::NoBallot)?;
        Ok(FoundBallot { index, reference })
    }
}

impl core::fmt::Debug for BallotList {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("BallotList")
            .field("contest", &self.contest.fingerprint())
            .field("closing", &self.digest)
            .field("ballots", &self.references.len())
            .finish_non_exhaustive()
    }
}

/// A ballot begins `02 ‖ L ‖ C`, and has the contest's length. Its other points are for the audit to decode.
fn credential_of(contest: &Contest, ballot: &[u8]) -> Option<[u8; 32]> {
    if ballot.len() != ballot_length(contest.layout()) {
        return None;
    }
    let rest = ballot.strip_prefix(&[WIRE_VERSION, contest.lists()])?;
    rest.first_chunk().copied()
}
