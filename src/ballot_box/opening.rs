//! The opening of a roll: how many voters there are and with which credentials, signed by box and issuer.
//!
//! Neither alone can stuff the roll, before the contest opens or after: the first `N` credentials are fixed
//! by an opening that both sign, once, and a late entry takes the place of a revoked one. The box
//! [proposes](super::ElectoralRoll::propose), and the [issuer](super::Issuer::sign_opening) compares with
//! what it issued.

use alloc::vec::Vec;

use super::RollError;
use crate::contest::{Contest, Fingerprint};
use crate::credential::PublicCredential;
use crate::primitives::form::named_form;
use crate::primitives::hash::{FieldHash, digest, length_of};
use crate::primitives::wire::{DecodeError, Kind, Reader, form};
use crate::primitives::{Signature, SigningKey, UnixTime, VerifyingKeyError, labels, parallel};

digest! {
    /// The hash that box and issuer sign before the contest opens. Heads and closing are made under it.
    OpeningDigest
}

digest! {
    /// The hash of the credentials at opening, in ascending order.
    CredentialsDigest
}

/// When a roll was opened and with how many voters, under the signatures of box and issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// How many voters there are, `N`: the first `N` entries stood on the roll at opening.
    pub voters: u64,
    /// When the box signed, not later than the contest's opening.
    pub at: UnixTime,
    /// The box's signature over the contest, the first `N` credentials and the time.
    pub box_signature: Signature,
    /// The issuer's signature over the same.
    pub issuer_signature: Signature,
}

/// The digest of an opening over these credentials, whether it holds or not.
pub(crate) fn opening_digest<'a>(
    contest: &Contest,
    voters: u64,
    credentials: impl Iterator<Item = &'a [u8; 32]>,
    at: UnixTime,
) -> OpeningDigest {
    digest_of(contest.fingerprint(), voters, credentials_digest(credentials), at)
}

pub(super) fn digest_of(
    contest: Fingerprint,
    voters: u64,
    credentials: CredentialsDigest,
    at: UnixTime,
) -> OpeningDigest {
    let digest = FieldHash::new(labels::OPENING)
        .bytes(contest.as_bytes())
        .number(voters)
        .bytes(credentials.as_bytes())
        .number(at.seconds())
        .finish();
    OpeningDigest::from_bytes(digest)
}

pub(super) fn credentials_digest<'a>(credentials: impl Iterator<Item = &'a [u8; 32]>) -> CredentialsDigest {
    CredentialsDigest::from_bytes(FieldHash::new(labels::CREDENTIALS).all(credentials).finish())
}

/// Number of voters and time of an opening.
pub(super) fn check_numbers(contest: &Contest, voters: u64, at: UnixTime) -> Result<(), RollError> {
    let capacity = contest.layout().capacity();
    if voters == 0 || voters > capacity {
        return Err(RollError::Voters { voters, capacity });
    }
    let opens_at = contest.description().opens_at;
    if at > opens_at { Err(RollError::Late { at, opens_at }) } else { Ok(()) }
}

impl Opening {
    pub(super) fn check_signatures(&self, contest: &Contest, digest: OpeningDigest) -> Result<(), RollError> {
        let description = contest.description();
        check_signature(contest, digest, &self.box_signature).map_err(RollError::BoxSignature)?;
        description
            .issuer_key
            .verify(digest.as_bytes(), &self.issuer_signature)
            .map_err(RollError::IssuerSignature)
    }
}

fn check_signature(
    contest: &Contest,
    digest: OpeningDigest,
    signature: &Signature,
) -> Result<(), VerifyingKeyError> {
    contest.description().box_key.verify(digest.as_bytes(), signature)
}

/// An opening that the box has signed and the issuer has not: it goes to the issuer with all its credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposedOpening {
    contest: Fingerprint,
    at: UnixTime,
    box_signature: Signature,
    credentials: Vec<PublicCredential>,
}

impl ProposedOpening {
    /// Puts the credentials in order, checks everything, and signs.
    pub(super) fn sign(
        contest: &Contest,
        mut credentials: Vec<PublicCredential>,
        at: UnixTime,
        key: &SigningKey,
    ) -> Result<Self, RollError> {
        credentials.sort_unstable();
        let box_signature = Signature::from_bytes([0; 64]);
        let unsigned = ProposedOpening { contest: contest.fingerprint(), at, box_signature, credentials };
        let digest = unsigned.check(contest)?;
        let proposed = ProposedOpening { box_signature: key.sign(digest.as_bytes()), ..unsigned };
        proposed.verify(contest).map(|_| proposed)
    }

    /// The contest.
    #[must_use]
    pub fn contest(&self) -> Fingerprint {
        self.contest
    }

    /// When the box signed.
    #[must_use]
    pub fn at(&self) -> UnixTime {
        self.at
    }

    /// The credentials, one a voter, in ascending order of their encodings.
    #[must_use]
    pub fn credentials(&self) -> &[PublicCredential] {
        &self.credentials
    }

    /// Checks everything that the issuer need not compare: the contest, that the credentials ascend, their
    /// number, the time, and the box's signature.
    ///
    /// # Errors
    ///
    /// The [`RollError`] of the first rule that is broken.
    pub fn verify(&self, contest: &Contest) -> Result<OpeningDigest, RollError> {
        let digest = self.check(contest)?;
        check_signature(contest, digest, &self.box_signature).map_err(RollError::BoxSignature)?;
        Ok(digest)
    }

    fn check(&self, contest: &Contest) -> Result<OpeningDigest, RollError> {
        check_contest(contest, self.contest)?;
        let descends = self.credentials.windows(2).position(|pair| match pair {
            [first, second] => first >= second,
            _ => false,
        });
        if let Some(before) = descends {
            return Err(RollError::Order { entry: before.saturating_add(1) });
        }
        let voters = length_of(&self.credentials);
        check_numbers(contest, voters, self.at)?;
        Ok(opening_digest(contest, voters, self.encodings(), self.at))
    }

    fn encodings(&self) -> impl Iterator<Item = &[u8; 32]> {
        self.credentials.iter().map(PublicCredential::as_bytes)
    }

    /// The opening with this signature of the issuer's.
    pub(super) fn with(&self, issuer_signature: Signature) -> Opening {
        let ProposedOpening { at, box_signature, .. } = *self;
        Opening { voters: length_of(&self.credentials), at, box_signature, issuer_signature }
    }

    /// What the issuer gives back for it, with the hash of the credentials in their place: the form in which an
    /// [`Opening`] goes from the issuer to the box, to trustees and to voters. Whether it holds is for
    /// [`SignedOpening::verify`] to check.
    #[must_use]
    pub fn signed(&self, opening: &Opening) -> SignedOpening {
        SignedOpening::new(self.contest, credentials_digest(self.encodings()), *opening)
    }

    /// Form: kind ‖ version ‖ fingerprint ‖ LE64(at) ‖ signature ‖ credentials.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = form(Kind::ProposedOpening);
        bytes.extend(self.contest.to_bytes());
        bytes.extend(self.at.seconds().to_le_bytes());
        bytes.extend(self.box_signature.to_bytes());
        self.credentials.iter().for_each(|credential| bytes.extend(credential.as_bytes()));
        bytes
    }

    /// Reads what [`ProposedOpening::to_bytes`] gave. Whether it holds is for
    /// [`verify`](ProposedOpening::verify) to check.
    ///
    /// Cost: one point decoding a credential, spread over all cores with the feature `parallel`.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::ProposedOpening, bytes)?;
        let contest = Fingerprint::from_bytes(*reader.array()?);
        let at = UnixTime::from_seconds(reader.integer()?);
        let box_signature = Signature::from_bytes(*reader.array()?);
        let offset = reader.offset();
        let (encodings, left) = reader.rest().as_chunks::<32>();
        if !left.is_empty() {
            let expected = bytes.len().saturating_sub(left.len()).saturating_add(32);
            return Err(DecodeError::TooShort { expected, actual: bytes.len() });
        }
        let credentials = parallel::map(encodings, |encoding| PublicCredential::from_bytes(encoding))
            .into_iter()
            .enumerate()
            .map(|(position, credential)| {
                credential.map_err(|error| moved(error, offset.saturating_add(position.saturating_mul(32))))
            })
            .collect::<Result<_, _>>()?;
        Ok(ProposedOpening { contest, at, box_signature, credentials })
    }
}

named_form!(ProposedOpening: "proposed", DecodeError);

/// The error of a point that was read alone, at its place in the whole.
pub(super) fn moved(error: DecodeError, offset: usize) -> DecodeError {
    match error {
        DecodeError::NotAPoint { .. } => DecodeError::NotAPoint { offset },
        DecodeError::Identity { .. } => DecodeError::Identity { offset },
        DecodeError::Number { offset: inside } => {
            DecodeError::Number { offset: offset.saturating_add(inside) }
        }
        other => other,
    }
}

fn check_contest(contest: &Contest, actual: Fingerprint) -> Result<(), RollError> {
    let expected = contest.fingerprint();
    if actual == expected { Ok(()) } else { Err(RollError::ForeignContest { expected, actual }) }
}

/// An opening with the hash of its credentials in their place: what a voter or a trustee needs to check
/// signatures and heads, without the whole roll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedOpening {
    contest: Fingerprint,
    credentials: CredentialsDigest,
    opening: Opening,
}

impl SignedOpening {
    pub(super) fn new(contest: Fingerprint, credentials: CredentialsDigest, opening: Opening) -> Self {
        SignedOpening { contest, credentials, opening }
    }

    /// The contest.
    #[must_use]
    pub fn contest(&self) -> Fingerprint {
        self.contest
    }

    /// How many voters there are. Compare it with what the electoral office has published.
    #[must_use]
    pub fn voters(&self) -> u64 {
        self.opening.voters
    }

    /// When the box signed.
    #[must_use]
    pub fn at(&self) -> UnixTime {
        self.opening.at
    }

    /// Number, time and signatures.
    #[must_use]
    pub fn opening(&self) -> &Opening {
        &self.opening
    }

    /// Checks contest, number of voters, time and both signatures, and gives the digest under which heads and
    /// closing must be.
    ///
    /// # Errors
    ///
    /// The [`RollError`] of the first rule that is broken.
    pub fn verify(&self, contest: &Contest) -> Result<OpeningDigest, RollError> {
        let SignedOpening { contest: fingerprint, credentials, opening } = self;
        check_contest(contest, *fingerprint)?;
        check_numbers(contest, opening.voters, opening.at)?;
        let digest = digest_of(*fingerprint, opening.voters, *credentials, opening.at);
        opening.check_signatures(contest, digest)?;
        Ok(digest)
    }

    /// Form: kind ‖ version ‖ fingerprint ‖ LE64(N) ‖ hash of the credentials ‖ LE64(at) ‖ both signatures.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let SignedOpening { contest, credentials, opening } = self;
        let mut bytes = form(Kind::Opening);
        bytes.extend(contest.to_bytes());
        bytes.extend(opening.voters.to_le_bytes());
        bytes.extend(credentials.to_bytes());
        bytes.extend(opening.at.seconds().to_le_bytes());
        bytes.extend(opening.box_signature.to_bytes());
        bytes.extend(opening.issuer_signature.to_bytes());
        bytes
    }

    /// Reads what [`SignedOpening::to_bytes`] gave. Whether it holds is for [`verify`](SignedOpening::verify)
    /// to check.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::Opening, bytes)?;
        let contest = Fingerprint::from_bytes(*reader.array()?);
        let voters = reader.integer()?;
        let credentials = CredentialsDigest::from_bytes(*reader.array()?);
        let opening = Opening {
            voters,
            at: UnixTime::from_seconds(reader.integer()?),
            box_signature: Signature::from_bytes(*reader.array()?),
            issuer_signature: Signature::from_bytes(*reader.array()?),
        };
        reader.finish()?;
        Ok(SignedOpening { contest, credentials, opening })
    }
}

named_form!(SignedOpening: "opening", DecodeError);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ballot_box::{Roll, RollEntry};
    use crate::test_support::Dealt;
    use crate::test_vectors;

    fn proposed(dealt: &Dealt) -> ProposedOpening {
        let credentials = (1..=4).map(|voter| dealt.credential(voter).public()).collect();
        let at = UnixTime::from_seconds(900);
        ProposedOpening::sign(dealt.contest.contest(), credentials, at, &dealt.box_key).unwrap()
    }

    #[test]
    fn openings_read_only_what_they_write() {
        let dealt = Dealt::simple(1, 1);
        let (contest, proposed) = (dealt.contest.contest(), proposed(&dealt));
        let bytes = proposed.to_bytes();
        assert_eq!(ProposedOpening::from_bytes(&bytes), Ok(proposed.clone()));
        let length = bytes.len();
        let short = DecodeError::TooShort { expected: length, actual: length - 1 };
        assert_eq!(ProposedOpening::from_bytes(&bytes[..length - 1]), Err(short));
        let mut bad = bytes.clone();
        bad[length - 32..].fill(0);
        let identity = DecodeError::Identity { offset: length - 32 };
        assert_eq!(ProposedOpening::from_bytes(&bad), Err(identity));
        bad[length - 1] = 0xff;
        let no_point = DecodeError::NotAPoint { offset: length - 32 };
        assert_eq!(ProposedOpening::from_bytes(&bad), Err(no_point));

        let digest = proposed.verify(contest).unwrap();
        let opening = proposed.with(dealt.issuer_key.sign(digest.as_bytes()));
        let signed = proposed.signed(&opening);
        let bytes = signed.to_bytes();
        assert_eq!(SignedOpening::from_bytes(&bytes), Ok(signed));
        assert_eq!(signed.verify(contest), Ok(digest));
        let short = DecodeError::TooShort { expected: 210, actual: 209 };
        assert_eq!(SignedOpening::from_bytes(&bytes[..209]), Err(short));
        let kind = DecodeError::Kind { expected: Kind::Opening, actual: Kind::ProposedOpening.byte() };
        assert_eq!(SignedOpening::from_bytes(&proposed.to_bytes()), Err(kind));
    }

    #[test]
    fn attack_16_an_opening_needs_both_signatures_order_and_time() {
        let dealt = Dealt::simple(1, 1);
        let contest = dealt.contest.contest();
        let good = proposed(&dealt);
        let verify = |change: &dyn Fn(&mut ProposedOpening)| {
            let mut changed = good.clone();
            change(&mut changed);
            let voters = length_of(&changed.credentials);
            let digest =
                digest_of(changed.contest, voters, credentials_digest(changed.encodings()), changed.at);
            changed.box_signature = dealt.box_key.sign(digest.as_bytes());
            changed.verify(contest).map(|_| ())
        };
        assert_eq!(verify(&|_| ()), Ok(()));
        assert_eq!(verify(&|opening| opening.credentials.swap(1, 2)), Err(RollError::Order { entry: 2 }));
        let twice = |opening: &mut ProposedOpening| opening.credentials[1] = opening.credentials[0];
        assert_eq!(verify(&twice), Err(RollError::Order { entry: 1 }));
        let nobody = RollError::Voters { voters: 0, capacity: 1_000_000 };
        assert_eq!(verify(&|opening| opening.credentials.clear()), Err(nobody));
        assert_eq!(verify(&|opening| opening.at = UnixTime::from_seconds(1_000)), Ok(()));
        let [at, opens_at] = [1_001, 1_000].map(UnixTime::from_seconds);
        assert_eq!(verify(&|opening| opening.at = at), Err(RollError::Late { at, opens_at }));
        let foreign = Fingerprint::from_bytes([1; 32]);
        let expected = RollError::ForeignContest { expected: contest.fingerprint(), actual: foreign };
        assert_eq!(verify(&|opening| opening.contest = foreign), Err(expected));

        let mut other = good.clone();
        other.box_signature = dealt.issuer_key.sign(&[0; 32]);
        let refused = VerifyingKeyError::Signature;
        assert_eq!(other.verify(contest), Err(RollError::BoxSignature(refused)));

        // The whole opening: each signature alone.
        let digest = good.verify(contest).unwrap();
        let entries: Vec<_> =
            good.credentials().iter().map(|c| RollEntry { credential: *c, revoked: false }).collect();
        let verdict = |opening| Roll::verify(contest, opening, entries.clone()).map(|_| ());
        let signature = dealt.issuer_key.sign(digest.as_bytes());
        assert_eq!(verdict(good.with(signature)), Ok(()));
        let by_box = good.with(good.box_signature);
        assert_eq!(verdict(by_box), Err(RollError::IssuerSignature(refused)));
        let by_issuer = Opening { box_signature: signature, ..good.with(signature) };
        assert_eq!(verdict(by_issuer), Err(RollError::BoxSignature(refused)));
    }

    #[test]
    fn opening_digest_matches_the_vector() {
        let contest = test_vectors::approved_contest("record");
        let record = test_vectors::record("record");
        let entries = record["roll"].as_array().unwrap();
        let credentials: Vec<[u8; 32]> =
            entries.iter().take(10).map(|entry| test_vectors::unhex(&entry["credential"])).collect();
        let at = UnixTime::from_seconds(record["opening"]["at"].as_u64().unwrap());
        let digest = opening_digest(contest.contest(), 10, credentials.iter(), at);
        let expected = &test_vectors::primitives()["record"]["opening_digest"];
        assert_eq!(digest.to_bytes(), test_vectors::unhex(expected));
    }
}
