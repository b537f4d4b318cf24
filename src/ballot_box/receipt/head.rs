//! The signed state of a box.

use alloc::vec::Vec;

use super::{ReceiptError, check_contest};
use crate::ballot::BallotReference;
use crate::ballot_box::merkle::{BrokenPath, MerklePath, ReferenceTree};
use crate::ballot_box::{Closing, ClosingDigest, OpeningDigest, RollDigest};
use crate::contest::{Contest, Fingerprint};
use crate::primitives::form::named_form;
use crate::primitives::hash::FieldHash;
use crate::primitives::wire::{DecodeError, Kind, Reader, form};
use crate::primitives::{Signature, SigningKey, UnixTime, labels};

/// How many ballots a box has and which, under the box's signature. A voter gets one with the deposit, and a
/// monitor whenever it asks; whoever holds one can hand it to a trustee, who endorses no closing that does
/// not extend it.
///
/// It names its contest and the opening that it was made under, so that one under a second opening, signed by
/// the box, is evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The contest.
    pub contest: Fingerprint,
    /// The opening of the roll.
    pub opening: OpeningDigest,
    /// Number of ballots.
    pub size: u64,
    /// Merkle root over their references.
    pub root: [u8; 32],
    /// When the last of them was deposited, or the roll opened; never decreases.
    pub at: UnixTime,
    /// The box's signature.
    pub signature: Signature,
}

impl Head {
    pub(crate) fn sign(
        contest: Fingerprint,
        opening: OpeningDigest,
        size: u64,
        root: [u8; 32],
        at: UnixTime,
        key: &SigningKey,
    ) -> Self {
        let unsigned = Head { contest, opening, size, root, at, signature: Signature::from_bytes([0; 64]) };
        Head { signature: key.sign(&unsigned.digest()), ..unsigned }
    }

    fn digest(&self) -> [u8; 32] {
        let Head { contest, opening, size, root, at, signature: _ } = self;
        FieldHash::new(labels::HEAD)
            .bytes(contest.as_bytes())
            .bytes(opening.as_bytes())
            .number(*size)
            .bytes(root)
            .number(at.seconds())
            .finish()
    }

    /// Checks that it is of this contest, that the box signed it, and that it is under this opening, in this
    /// order: what fails the last check only is the box's own word against itself.
    ///
    /// # Errors
    ///
    /// [`ReceiptError::ForeignContest`], [`ReceiptError::Head`], [`ReceiptError::OtherOpening`].
    pub fn verify(&self, contest: &Contest, opening: OpeningDigest) -> Result<(), ReceiptError> {
        check_contest(contest, self.contest)?;
        let key = contest.description().box_key;
        key.verify(&self.digest(), &self.signature).map_err(ReceiptError::Head)?;
        let (expected, actual) = (opening, self.opening);
        if actual == expected { Ok(()) } else { Err(ReceiptError::OtherOpening { expected, actual }) }
    }

    /// Checks that the box at this head is the beginning of the closed box, and gives the digest of the
    /// closing. Compare it with what the trustees publish: in the time for complaints with that which they
    /// say they were given, and afterwards with that which they endorsed. A box can sign two closings;
    /// trustees endorse one.
    ///
    /// # Errors
    ///
    /// What [`Head::verify`] finds, [`ReceiptError::Closing`] when the closing's signature by the box does
    /// not hold, [`ReceiptError::ClosedEarlier`] when it is of an earlier time, and [`ReceiptError::Fork`]
    /// when the path does not lead from this head to the closing: the box was forked, rewritten or cut.
    pub fn verify_consistency(
        &self,
        contest: &Contest,
        opening: OpeningDigest,
        closing: &Closing,
        roll: RollDigest,
        path: &MerklePath,
    ) -> Result<ClosingDigest, ReceiptError> {
        self.verify(contest, opening)?;
        let digest = closing.digest(contest, opening, roll);
        contest
            .description()
            .box_key
            .verify(digest.as_bytes(), &closing.box_signature)
            .map_err(ReceiptError::Closing)?;
        if closing.at < self.at {
            return Err(ReceiptError::ClosedEarlier { head: self.at, closing: closing.at });
        }
        let fork = ReceiptError::Fork { size: self.size, closing: closing.size };
        if self.begins(closing.size, &closing.root, path) { Ok(digest) } else { Err(fork) }
    }

    /// Checks that a later head of the box, as a monitor asks for now and then, extends this one. `path` leads from this
    /// head's size to the later one's ([`BallotBox::consistency`](crate::BallotBox::consistency)); from a head of no
    /// ballots none is asked for, and any is taken.
    ///
    /// # Errors
    ///
    /// What [`Head::verify`] finds in either, [`ReceiptError::HeadEarlier`] when the later head is of an earlier time, and
    /// [`ReceiptError::Fork`] when the box was forked, rewritten or cut. Both heads, given to a trustee, are evidence then.
    pub fn verify_extension(
        &self,
        contest: &Contest,
        opening: OpeningDigest,
        later: &Head,
        path: &MerklePath,
    ) -> Result<(), ReceiptError> {
        self.verify(contest, opening)?;
        later.verify(contest, opening)?;
        if later.at < self.at {
            return Err(ReceiptError::HeadEarlier { head: self.at, later: later.at });
        }
        let fork = ReceiptError::Fork { size: self.size, closing: later.size };
        if self.begins(later.size, &later.root, path) { Ok(()) } else { Err(fork) }
    }

    /// Whether a box of this size and root begins with the box at this head.
    fn begins(&self, size: u64, root: &[u8; 32], path: &MerklePath) -> bool {
        // Of no ballots, there is one root, and every box begins with it.
        if self.size == 0 {
            return self.root == ReferenceTree::new().root();
        }
        path.verify_consistency((self.size, &self.root), (size, root)) != Err(BrokenPath)
    }

    /// Checks that the box at this head is the beginning of these references, which are those of a record in
    /// its order: no path is asked for. Linear in the head's size.
    ///
    /// # Errors
    ///
    /// What [`Head::verify`] finds, and [`ReceiptError::Fork`].
    pub fn verify_references(
        &self,
        contest: &Contest,
        opening: OpeningDigest,
        references: &[BallotReference],
    ) -> Result<(), ReceiptError> {
        self.verify(contest, opening)?;
        let first = usize::try_from(self.size).ok().and_then(|size| references.get(..size));
        let root = first.map(|first| ReferenceTree::of(first).root());
        self.check_root(root, references.len())
    }

    /// Compares the root with that of the first ballots of a box, `None` where it has not as many.
    pub(crate) fn check_root(&self, root: Option<[u8; 32]>, ballots: usize) -> Result<(), ReceiptError> {
        let closing = u64::try_from(ballots).unwrap_or(u64::MAX);
        if root == Some(self.root) { Ok(()) } else { Err(ReceiptError::Fork { size: self.size, closing }) }
    }

    pub(in crate::ballot_box) fn write(&self, bytes: &mut Vec<u8>) {
        let Head { contest, opening, size, root, at, signature } = self;
        bytes.extend(contest.to_bytes());
        bytes.extend(opening.to_bytes());
        bytes.extend(size.to_le_bytes());
        bytes.extend(root);
        bytes.extend(at.seconds().to_le_bytes());
        bytes.extend(signature.to_bytes());
    }

    pub(in crate::ballot_box) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Head {
            contest: Fingerprint::from_bytes(*reader.array()?),
            opening: OpeningDigest::from_bytes(*reader.array()?),
            size: reader.integer()?,
            root: *reader.array()?,
            at: UnixTime::from_seconds(reader.integer()?),
            signature: Signature::from_bytes(*reader.array()?),
        })
    }

    /// Form: kind ‖ version ‖ fingerprint ‖ opening digest ‖ LE64(size) ‖ root ‖ LE64(at) ‖ signature.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = form(Kind::Head);
        self.write(&mut bytes);
        bytes
    }

    /// Reads what [`Head::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::Head, bytes)?;
        let head = Head::read(&mut reader)?;
        reader.finish()?;
        Ok(head)
    }
}

named_form!(Head: "head", DecodeError);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::Dealt;
    use crate::test_vectors::{primitives, record, unhex};

    fn head(dealt: &Dealt, opening: OpeningDigest, size: u64) -> Head {
        let (root, at) = (ReferenceTree::new().root(), UnixTime::from_seconds(1_500));
        Head::sign(dealt.contest.fingerprint(), opening, size, root, at, &dealt.box_key)
    }

    #[test]
    fn head_digest_matches_the_vector() {
        let vector = &primitives()["record"];
        let of = &vector["opening_and_head"];
        let head = Head {
            contest: Fingerprint::from_bytes(unhex(&vector["fingerprint"])),
            opening: OpeningDigest::from_bytes(unhex(&vector["opening_digest"])),
            size: of["size"].as_u64().unwrap(),
            root: unhex(&of["root"]),
            at: UnixTime::from_seconds(of["at"].as_u64().unwrap()),
            signature: Signature::from_bytes([0; 64]),
        };
        assert_eq!(head.digest(), unhex(&of["head_digest"]));
        // The root is that of the record's references, all of them.
        assert_eq!(record("record")["closing"]["root"], of["root"]);
        let shown = vector["references"].as_array().unwrap().iter();
        let references: Vec<BallotReference> =
            shown.map(|digest| BallotReference::from_parts(584, unhex(digest)).unwrap()).collect();
        assert_eq!(ReferenceTree::of(&references).root(), head.root);
        assert_eq!(head.check_root(ReferenceTree::of(&references).root_of(8), 8), Ok(()));
        let fork = Err(ReceiptError::Fork { size: 8, closing: 7 });
        assert_eq!(head.check_root(ReferenceTree::of(&references[..7]).root_of(8), 7), fork);
    }

    #[test]
    fn attack_16_a_head_under_a_second_opening_is_evidence() {
        let (dealt, other) = (Dealt::simple(1, 1), Dealt::simple(1, 2));
        let contest = dealt.contest.contest();
        let [expected, actual] = [1, 2].map(|byte| OpeningDigest::from_bytes([byte; 32]));
        assert_eq!(head(&dealt, expected, 0).verify(contest, expected), Ok(()));
        let second = head(&dealt, actual, 0);
        let refused = Err(ReceiptError::OtherOpening { expected, actual });
        assert_eq!(second.verify(contest, expected), refused);
        // What the box has not signed is nothing.
        let forged = Head { size: 1, ..second };
        let signature = crate::primitives::VerifyingKeyError::Signature;
        assert_eq!(forged.verify(contest, expected), Err(ReceiptError::Head(signature)));
        let renamed = Head { opening: expected, ..second };
        assert_eq!(renamed.verify(contest, expected), Err(ReceiptError::Head(signature)));
        let foreign = head(&other, expected, 0).verify(contest, expected);
        let [expected, actual] = [&dealt, &other].map(|dealt| dealt.contest.fingerprint());
        assert_eq!(foreign, Err(ReceiptError::ForeignContest { expected, actual }));
    }
}
