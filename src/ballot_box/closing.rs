//! The box's last word, and what box and issuer together sign.

use alloc::vec::Vec;

use super::merkle::ReferenceTree;
use super::{BoxFlaw, OpeningDigest, Roll, RollDigest, SignedBox, SigningsDigest};
use crate::ballot::BallotReference;
use crate::contest::{Contest, Fingerprint};
use crate::primitives::form::named_form;
use crate::primitives::hash::{FieldHash, digest};
use crate::primitives::wire::{DecodeError, INTEGER_LIMIT, Kind, Reader, form};
use crate::primitives::{Signature, SigningKey, UnixTime, labels};

digest! {
    /// The hash that box and issuer sign after the end and that trustees endorse.
    ClosingDigest
}

/// The box's half of a closing: how many ballots it holds, which, and who signed, under its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Number of ballots.
    pub size: u64,
    /// Root of the Merkle tree (RFC 6962, SHA-256) over the ballots' references, in order of deposit.
    pub root: [u8; 32],
    /// Hash of the list of those who signed the roll.
    pub signings_digest: SigningsDigest,
    /// When the box signed, not before the contest's end.
    pub at: UnixTime,
    /// The box's signature over all this, the contest, its opening and the roll.
    pub box_signature: Signature,
}

impl Closing {
    /// Signs the closing of a box that holds these ballots.
    ///
    /// # Errors
    ///
    /// [`BoxFlaw::ForeignRoll`] when the roll is of another contest, [`BoxFlaw::EarlyClosing`] before the
    /// contest's end, [`BoxFlaw::LateNumber`] when the time is not below 2^53.
    pub fn sign(
        contest: &Contest,
        roll: &Roll,
        references: &[BallotReference],
        signings_digest: SigningsDigest,
        at: UnixTime,
        key: &SigningKey,
    ) -> Result<Self, BoxFlaw> {
        let tree = ReferenceTree::of(references);
        Closing::sign_root(contest, roll, (tree.size(), tree.root()), signings_digest, at, key)
    }

    pub(super) fn sign_root(
        contest: &Contest,
        roll: &Roll,
        (size, root): (u64, [u8; 32]),
        signings_digest: SigningsDigest,
        at: UnixTime,
        key: &SigningKey,
    ) -> Result<Self, BoxFlaw> {
        check_roll_contest(contest, roll)?;
        check_time(contest, at)?;
        let box_signature = Signature::from_bytes([0; 64]);
        let unsigned = Closing { size, root, signings_digest, at, box_signature };
        let digest = unsigned.digest(contest, roll.opening_digest(), roll.digest());
        Ok(Closing { box_signature: key.sign(digest.as_bytes()), ..unsigned })
    }

    /// The digest that box and issuer sign and that trustees endorse.
    #[must_use]
    pub fn digest(&self, contest: &Contest, opening: OpeningDigest, roll: RollDigest) -> ClosingDigest {
        self.digest_of(contest.fingerprint(), opening, roll)
    }

    fn digest_of(&self, contest: Fingerprint, opening: OpeningDigest, roll: RollDigest) -> ClosingDigest {
        let Closing { size, root, signings_digest, at, box_signature: _ } = self;
        let digest = FieldHash::new(labels::CLOSING)
            .bytes(contest.as_bytes())
            .bytes(opening.as_bytes())
            .number(*size)
            .bytes(root)
            .bytes(signings_digest.as_bytes())
            .bytes(roll.as_bytes())
            .number(at.seconds())
            .finish();
        ClosingDigest::from_bytes(digest)
    }

    /// The box's signature, and the time.
    pub(crate) fn check(&self, contest: &Contest, opening: OpeningDigest, roll: RollDigest) -> Vec<BoxFlaw> {
        let mut flaws = Vec::new();
        let digest = self.digest(contest, opening, roll);
        if let Err(error) = contest.description().box_key.verify(digest.as_bytes(), &self.box_signature) {
            flaws.push(BoxFlaw::ClosingSignature(error));
        }
        flaws.extend(check_time(contest, self.at).err());
        flaws
    }
}

/// A roll is verified for one contest, under whose fingerprint and keys it was opened.
pub(super) fn check_roll_contest(contest: &Contest, roll: &Roll) -> Result<(), BoxFlaw> {
    let (expected, actual) = (contest.fingerprint(), roll.contest());
    if actual == expected { Ok(()) } else { Err(BoxFlaw::ForeignRoll { expected, actual }) }
}

fn check_time(contest: &Contest, at: UnixTime) -> Result<(), BoxFlaw> {
    let ends_at = contest.ends_at();
    if at < ends_at {
        return Err(BoxFlaw::EarlyClosing { at, ends_at });
    }
    if at.seconds() >= INTEGER_LIMIT {
        return Err(BoxFlaw::LateNumber { at });
    }
    Ok(())
}

/// The issuer's signature on a closing.
pub(crate) fn check_issuer_signature(
    contest: &Contest,
    digest: ClosingDigest,
    signature: &Signature,
) -> Result<(), BoxFlaw> {
    let key = contest.description().issuer_key;
    key.verify(digest.as_bytes(), signature).map_err(BoxFlaw::IssuerSignature)
}

/// A closing with both signatures and everything that they are over, without the box: it shows to anyone what
/// box and issuer have signed, and two of them that they signed twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedClosing {
    contest: Fingerprint,
    opening: OpeningDigest,
    roll: RollDigest,
    closing: Closing,
    issuer_signature: Signature,
}

impl SignedClosing {
    /// That of a box.
    #[must_use]
    pub fn of(signed: &SignedBox) -> Self {
        let closed = signed.closed();
        SignedClosing {
            contest: closed.contest().fingerprint(),
            opening: closed.roll().opening_digest(),
            roll: closed.roll().digest(),
            closing: *closed.closing(),
            issuer_signature: *signed.issuer_signature(),
        }
    }

    /// What a record says that both have signed.
    pub(crate) fn from_parts(
        contest: Fingerprint,
        opening: OpeningDigest,
        roll: RollDigest,
        closing: Closing,
        issuer_signature: Signature,
    ) -> Self {
        SignedClosing { contest, opening, roll, closing, issuer_signature }
    }

    /// The contest.
    #[must_use]
    pub fn contest(&self) -> Fingerprint {
        self.contest
    }

    /// The opening that box and roll are under.
    #[must_use]
    pub fn opening(&self) -> OpeningDigest {
        self.opening
    }

    /// The roll at the closing.
    #[must_use]
    pub fn roll(&self) -> RollDigest {
        self.roll
    }

    /// The box's half, with its signature.
    #[must_use]
    pub fn closing(&self) -> &Closing {
        &self.closing
    }

    /// Number of ballots.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.closing.size
    }

    /// Root of the Merkle tree over the ballots' references.
    #[must_use]
    pub fn root(&self) -> [u8; 32] {
        self.closing.root
    }

    /// The issuer's signature.
    #[must_use]
    pub fn issuer_signature(&self) -> &Signature {
        &self.issuer_signature
    }

    /// Checks contest, time and both signatures, and gives the digest that they are over. Of the ballots it
    /// says nothing.
    ///
    /// # Errors
    ///
    /// The first [`BoxFlaw`]: [`ForeignClosing`](BoxFlaw::ForeignClosing),
    /// [`ClosingSignature`](BoxFlaw::ClosingSignature), [`EarlyClosing`](BoxFlaw::EarlyClosing),
    /// [`LateNumber`](BoxFlaw::LateNumber), [`IssuerSignature`](BoxFlaw::IssuerSignature).
    pub fn verify(&self, contest: &Contest) -> Result<ClosingDigest, BoxFlaw> {
        let (expected, actual) = (contest.fingerprint(), self.contest);
        if actual != expected {
            return Err(BoxFlaw::ForeignClosing { expected, actual });
        }
        let flaws = self.closing.check(contest, self.opening, self.roll);
        flaws.into_iter().next().map_or(Ok(()), Err)?;
        let digest = self.closing.digest(contest, self.opening, self.roll);
        check_issuer_signature(contest, digest, &self.issuer_signature)?;
        Ok(digest)
    }

    /// Form: kind ‖ version ‖ fingerprint ‖ opening digest ‖ LE64(size) ‖ root ‖ signings digest ‖ roll
    /// digest ‖ LE64(at) ‖ the box's signature ‖ the issuer's.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let SignedClosing { contest, opening, roll, closing, issuer_signature } = self;
        let Closing { size, root, signings_digest, at, box_signature } = closing;
        let mut bytes = form(Kind::SignedClosing);
        bytes.extend(contest.to_bytes());
        bytes.extend(opening.to_bytes());
        bytes.extend(size.to_le_bytes());
        bytes.extend(root);
        bytes.extend(signings_digest.to_bytes());
        bytes.extend(roll.to_bytes());
        bytes.extend(at.seconds().to_le_bytes());
        bytes.extend(box_signature.to_bytes());
        bytes.extend(issuer_signature.to_bytes());
        bytes
    }

    /// Reads what [`SignedClosing::to_bytes`] gave. Whether it holds is for [`verify`](SignedClosing::verify)
    /// to check.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::SignedClosing, bytes)?;
        let contest = Fingerprint::from_bytes(*reader.array()?);
        let opening = OpeningDigest::from_bytes(*reader.array()?);
        let (size, root) = (reader.integer()?, *reader.array()?);
        let signings_digest = SigningsDigest::from_bytes(*reader.array()?);
        let roll = RollDigest::from_bytes(*reader.array()?);
        let at = UnixTime::from_seconds(reader.integer()?);
        let box_signature = Signature::from_bytes(*reader.array()?);
        let issuer_signature = Signature::from_bytes(*reader.array()?);
        reader.finish()?;
        let closing = Closing { size, root, signings_digest, at, box_signature };
        Ok(SignedClosing { contest, opening, roll, closing, issuer_signature })
    }
}

named_form!(SignedClosing: "closing", DecodeError);

/// As many ballots as the closing says, under its root.
pub(crate) fn check_size_and_root(closing: &Closing, size: usize, root: [u8; 32]) -> Vec<BoxFlaw> {
    let mut flaws = Vec::new();
    if usize::try_from(closing.size) != Ok(size) {
        flaws.push(BoxFlaw::Size { expected: closing.size, actual: size });
    }
    if closing.root != root {
        flaws.push(BoxFlaw::Root { expected: closing.root, actual: root });
    }
    flaws
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::VerifyingKeyError;
    use crate::test_vectors::{approved_contest, primitives, record, unhex};

    /// Of the other implementation's record, whose signatures hold.
    fn signed() -> SignedClosing {
        let (vector, record) = (&primitives()["record"], record("record"));
        let of = &record["closing"];
        let number = |name: &str| of[name].as_u64().unwrap();
        let signature = |name: &str| Signature::from_bytes(unhex(&of[name]));
        let closing = Closing {
            size: number("size"),
            root: unhex(&of["root"]),
            signings_digest: SigningsDigest::from_bytes(unhex(&of["signings_digest"])),
            at: UnixTime::from_seconds(number("at")),
            box_signature: signature("box_signature"),
        };
        SignedClosing {
            contest: Fingerprint::from_bytes(unhex(&vector["fingerprint"])),
            opening: OpeningDigest::from_bytes(unhex(&vector["opening_digest"])),
            roll: RollDigest::from_bytes(unhex(&vector["roll_digest"])),
            closing,
            issuer_signature: signature("issuer_signature"),
        }
    }

    #[test]
    fn a_closing_of_the_other_implementation_holds() {
        let contest = approved_contest("record");
        let digest = signed().verify(contest.contest()).unwrap();
        assert_eq!(digest.to_bytes(), unhex(&primitives()["record"]["closing_digest"]));
    }

    #[test]
    fn attack_1_every_field_of_a_closing_is_signed_by_both() {
        let contest = approved_contest("record");
        let contest = contest.contest();
        let good = signed();
        // No `..`: a new field must be added here.
        let SignedClosing { contest: _, opening: _, roll: _, closing, issuer_signature: _ } = good;
        let Closing { size: _, root: _, signings_digest: _, at: _, box_signature: _ } = closing;
        let changes: [fn(&mut SignedClosing); 6] = [
            |signed| signed.opening = OpeningDigest::from_bytes([1; 32]),
            |signed| signed.roll = RollDigest::from_bytes([1; 32]),
            |signed| signed.closing.size += 1,
            |signed| signed.closing.root[0] ^= 1,
            |signed| signed.closing.signings_digest = SigningsDigest::from_bytes([1; 32]),
            |signed| signed.closing.at = UnixTime::from_seconds(signed.closing.at.seconds() + 1),
        ];
        let refused = VerifyingKeyError::Signature;
        let digest = good.verify(contest).unwrap();
        for (change, field) in changes.into_iter().zip(0..) {
            let mut changed = good;
            change(&mut changed);
            assert_eq!(changed.verify(contest), Err(BoxFlaw::ClosingSignature(refused)), "field {field}");
            let digest = changed.closing.digest(contest, changed.opening, changed.roll);
            let issuer = check_issuer_signature(contest, digest, &good.issuer_signature);
            assert_eq!(issuer, Err(BoxFlaw::IssuerSignature(refused)), "field {field}");
        }
        assert_eq!(check_issuer_signature(contest, digest, &good.issuer_signature), Ok(()));
        // Neither signature stands for the other.
        let mut swapped = good;
        swapped.issuer_signature = good.closing.box_signature;
        assert_eq!(swapped.verify(contest), Err(BoxFlaw::IssuerSignature(refused)));
        swapped =
            SignedClosing { closing: Closing { box_signature: good.issuer_signature, ..closing }, ..good };
        assert_eq!(swapped.verify(contest), Err(BoxFlaw::ClosingSignature(refused)));
        let mut foreign = good;
        foreign.contest = Fingerprint::from_bytes([1; 32]);
        let [expected, actual] = [contest.fingerprint(), foreign.contest];
        assert_eq!(foreign.verify(contest), Err(BoxFlaw::ForeignClosing { expected, actual }));
    }

    #[test]
    fn signed_closings_read_only_what_they_write() {
        let bytes = signed().to_bytes();
        assert_eq!(SignedClosing::from_bytes(&bytes), Ok(signed()));
        let length = bytes.len();
        let short = DecodeError::TooShort { expected: length, actual: length - 1 };
        assert_eq!(SignedClosing::from_bytes(&bytes[..length - 1]), Err(short));
        let long = DecodeError::TooLong { expected: length, actual: length + 1 };
        assert_eq!(SignedClosing::from_bytes(&[&bytes[..], &[0]].concat()), Err(long));
        for offset in [66, 170] {
            let mut large = bytes.clone();
            large[offset..offset + 8].copy_from_slice(&INTEGER_LIMIT.to_le_bytes());
            assert_eq!(SignedClosing::from_bytes(&large), Err(DecodeError::Number { offset }));
        }
    }
}
