//! A contest: what is voted on, when, under which key, and who approved it.
//!
//! A [`Contest`] is built only valid, and its [`Fingerprint`] is a hash of every field: it goes into
//! each ballot's proof, each signature and each reference, so that nothing made for one contest
//! counts in another, and no field can be changed after a ballot is sealed.
//!
//! Before the opening every trustee checks that the contest's key is the one it helped to make, and
//! signs the fingerprint. A contest with all these signatures is an [`ApprovedContest`], and only
//! under such a one can ballots be sealed, verified and counted: an organiser who draws the key alone,
//! or who makes two encryption keys that are related (`H_2 = H_1 + G` lets anyone read a ballot),
//! gets no approvals.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::RistrettoPoint;

use crate::box_key::BoxPublicKey;
use crate::group::{Element, Generators, first_repeat};
use crate::hash::{FieldHash, digest, length_of};
use crate::key::{ElectionKey, KeyError, Threshold, TrusteeIndex};
use crate::labels;
use crate::time::UnixTime;

/// Longest text of a contest or ceremony, in bytes of UTF-8.
pub const MOST_TEXT_BYTES: usize = 1024;
/// Integers of the protocol are below this, so that every JSON reader gets them exactly.
pub(crate) const INTEGER_LIMIT: u64 = 1 << 53;

mod approval;

pub use approval::{Approval, ApprovedContest, SignatureError, TrusteeSignature};

digest! {
    /// The hash of all fields of a contest.
    Fingerprint
}

/// The fields of a contest that are not its key, before anybody has checked them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContestDescription {
    /// Name of the election that the contest belongs to.
    pub election: String,
    /// Number of the contest, which begins every ballot reference. Below 2^53.
    pub number: u64,
    /// Title of the contest.
    pub title: String,
    /// What identifies the lists' statements and candidates, for example a SHA-256. May be empty.
    pub documents: String,
    /// Names of the lists, 1 to 255 of them, in the order of the ballot.
    pub lists: Vec<String>,
    /// First second in which a ballot is taken.
    pub opens_at: UnixTime,
    /// First second in which none is taken any more.
    pub closes_at: UnixTime,
    /// How many trustees must endorse the closing before any gives decryption factors; between the
    /// threshold and the number of trustees. `None` for ⌊(n+t−1)/2⌋+1: any two such quorums
    /// share more trustees than can be dishonest while secrecy holds. The price is that so many must be
    /// there at the close: with 2 of 3 trustees for the threshold, all 3.
    pub quorum: Option<u8>,
    /// Public key of the ballot box.
    pub box_key: BoxPublicKey,
}

/// A valid contest.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
/// # use urne::{BoxSecretKey, ElectionKey, IdentitySecret, UnixTime};
/// use urne::contest::{Contest, ContestDescription, ContestError};
///
/// # let mut rng = ChaCha20Rng::seed_from_u64(7);
/// # let points: Vec<[u8; 32]> =
/// #     (0..3).map(|_| IdentitySecret::generate(&mut rng).public().to_bytes()).collect();
/// # let key = ElectionKey::from_encodings(1, &points[..1], &[vec![points[1]], vec![points[2]]])?;
/// # let box_key = BoxSecretKey::generate(&mut rng).public();
/// let description = ContestDescription {
///     election: "Staff elections 2026".into(),
///     number: 584,
///     title: "Committee".into(),
///     documents: String::new(),
///     lists: vec!["Dawn".into(), "Dusk".into()],
///     opens_at: UnixTime::from_seconds(1_669_878_000),
///     closes_at: UnixTime::from_seconds(1_670_515_200),
///     quorum: None,
///     box_key,
/// };
/// let contest = Contest::new(description.clone(), &key)?;
/// assert_eq!(contest.lists(), 2);
///
/// let mut twice = description;
/// twice.lists[1] = "Dawn".into();
/// assert_eq!(Contest::new(twice, &key).unwrap_err(), ContestError::RepeatedList { list: 2 });
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Contest {
    description: ContestDescription,
    lists: u8,
    quorum: u8,
    /// Exactly `L` slots.
    key: ElectionKey,
    fingerprint: Fingerprint,
    generators: Generators,
}

impl Contest {
    /// A contest under the first slots of an election key, one slot a list.
    ///
    /// Cost: some 20 µs a list, for its generators.
    ///
    /// # Errors
    ///
    /// The [`ContestError`] of the first rule that is broken.
    pub fn new(description: ContestDescription, key: &ElectionKey) -> Result<Self, ContestError> {
        let lists = check_lists(&description.lists)?;
        for (field, text) in [
            ("election", &description.election),
            ("title", &description.title),
            ("documents", &description.documents),
        ] {
            if text.len() > MOST_TEXT_BYTES {
                return Err(ContestError::LongText { field, actual: text.len() });
            }
        }
        let (opens_at, closes_at) = (description.opens_at, description.closes_at);
        for (field, number) in [
            ("number", description.number),
            ("opens_at", opens_at.seconds()),
            ("closes_at", closes_at.seconds()),
        ] {
            if number >= INTEGER_LIMIT {
                return Err(ContestError::LargeNumber { field, actual: number });
            }
        }
        if opens_at >= closes_at {
            return Err(ContestError::ClosesBeforeOpening { opens_at, closes_at });
        }
        let threshold = key.threshold();
        let quorum = description.quorum.unwrap_or_else(|| default_quorum(threshold));
        if quorum < threshold.required() || quorum > threshold.trustees() {
            return Err(ContestError::Quorum { threshold, actual: quorum });
        }
        let key = key.prefix(lists.into()).ok_or(ContestError::TooFewSlots { lists, slots: key.slots() })?;
        Ok(Contest {
            fingerprint: fingerprint(&description, quorum, &key),
            generators: Generators::new(lists),
            description,
            lists,
            quorum,
            key,
        })
    }

    /// The hash of every field.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The fields as they were given.
    #[must_use]
    pub fn description(&self) -> &ContestDescription {
        &self.description
    }

    /// How many lists there are, `L`: list 1 to list `L`.
    #[must_use]
    pub fn lists(&self) -> u8 {
        self.lists
    }

    /// How many trustees must endorse the closing.
    #[must_use]
    pub fn quorum(&self) -> u8 {
        self.quorum
    }

    /// The key, with as many slots as there are lists.
    #[must_use]
    pub fn key(&self) -> &ElectionKey {
        &self.key
    }

    /// How many trustees there are and how many open a tally.
    #[must_use]
    pub fn threshold(&self) -> Threshold {
        self.key.threshold()
    }

    pub(crate) fn generators(&self) -> &Generators {
        &self.generators
    }

    /// `H_1 … H_L`.
    pub(crate) fn encryption_keys(&self) -> impl Iterator<Item = &Element> {
        self.key.encryption_keys()
    }

    /// The points that all ballots share: `G`, `P`, `N`, `K`, `Q`, `P_1 … P_L`, `H_1 … H_L`.
    pub(crate) fn fixed_points(&self) -> impl Iterator<Item = &RistrettoPoint> {
        let g = &self.generators;
        [&RISTRETTO_BASEPOINT_POINT, &g.blind, &g.nonce, &g.credential, &g.quadratic]
            .into_iter()
            .chain(&g.choices)
            .chain(self.encryption_keys().map(Element::point))
    }

    /// Checks that a signature is this trustee's, for this purpose, over this digest.
    pub(crate) fn verify_signature(
        &self,
        purpose: &'static [u8],
        digest: &[u8; 32],
        by: &TrusteeSignature,
    ) -> Result<(), SignatureError> {
        let trustee = by.trustee();
        let key = self
            .key
            .identity(trustee)
            .ok_or(SignatureError::UnknownTrustee { trustee, trustees: self.threshold().trustees() })?;
        key.verify(purpose, digest, by.signature()).map_err(|_| SignatureError::Invalid { trustee })
    }

    /// Checks signatures that must all hold and be of distinct trustees.
    pub(crate) fn verify_signatures(
        &self,
        purpose: &'static [u8],
        digest: &[u8; 32],
        signatures: &[TrusteeSignature],
    ) -> Result<(), SignatureError> {
        if let Some(repeat) =
            first_repeat(signatures.iter().map(|s| s.trustee())).and_then(|at| signatures.get(at))
        {
            return Err(SignatureError::Repeated { trustee: repeat.trustee() });
        }
        signatures.iter().try_for_each(|signature| self.verify_signature(purpose, digest, signature))
    }
}

impl PartialEq for Contest {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }
}

impl Eq for Contest {}

impl fmt::Debug for Contest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contest")
            .field("fingerprint", &self.fingerprint)
            .field("description", &self.description)
            .finish_non_exhaustive()
    }
}

fn check_lists(lists: &[String]) -> Result<u8, ContestError> {
    let count = u8::try_from(lists.len()).map_err(|_| ContestError::TooManyLists { actual: lists.len() })?;
    if count == 0 {
        return Err(ContestError::NoList);
    }
    for (list, name) in (1..=u8::MAX).zip(lists) {
        if name.is_empty() {
            return Err(ContestError::EmptyList { list });
        }
        if name.len() > MOST_TEXT_BYTES {
            return Err(ContestError::LongText { field: "lists", actual: name.len() });
        }
    }
    match first_repeat(lists).and_then(|at| u8::try_from(at).ok()) {
        Some(at) => Err(ContestError::RepeatedList { list: at.saturating_add(1) }),
        None => Ok(count),
    }
}

fn default_quorum(threshold: Threshold) -> u8 {
    let (n, t) = (u16::from(threshold.trustees()), u16::from(threshold.required()));
    // Never more than n, since t is not.
    u8::try_from((n + t - 1) / 2 + 1).unwrap_or(u8::MAX)
}

fn fingerprint(description: &ContestDescription, quorum: u8, key: &ElectionKey) -> Fingerprint {
    // No `..`: a new field must be hashed here.
    let ContestDescription {
        election,
        number,
        title,
        documents,
        lists,
        opens_at,
        closes_at,
        quorum: _,
        box_key,
    } = description;
    let threshold = key.threshold();
    let mut hash = FieldHash::new(labels::CONTEST)
        .bytes(election.as_bytes())
        .number(*number)
        .bytes(title.as_bytes())
        .bytes(documents.as_bytes())
        .number(length_of(lists));
    for list in lists {
        hash = hash.bytes(list.as_bytes());
    }
    let digest = hash
        .number(opens_at.seconds())
        .number(closes_at.seconds())
        .number(threshold.trustees().into())
        .number(threshold.required().into())
        .number(quorum.into())
        .all(key.identities().iter().map(|identity| identity.0.encoding()))
        .all(key.points().map(Element::encoding))
        .bytes(&box_key.to_bytes())
        .finish();
    Fingerprint::from_bytes(digest)
}

/// The rule that a contest breaks.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContestError {
    /// There is no list.
    NoList,
    /// There are more than 255 lists.
    TooManyLists {
        /// How many there are.
        actual: usize,
    },
    /// A list's name is empty.
    EmptyList {
        /// The list, from 1.
        list: u8,
    },
    /// A list has the name of an earlier one.
    RepeatedList {
        /// The later of the two, from 1.
        list: u8,
    },
    /// A text is longer than [`MOST_TEXT_BYTES`].
    LongText {
        /// Name of the field.
        field: &'static str,
        /// Its length in bytes.
        actual: usize,
    },
    /// An integer is not below 2^53.
    LargeNumber {
        /// Name of the field.
        field: &'static str,
        /// The number.
        actual: u64,
    },
    /// The contest does not open before it closes.
    ClosesBeforeOpening {
        /// When it opens.
        opens_at: UnixTime,
        /// When it closes.
        closes_at: UnixTime,
    },
    /// The quorum is below the threshold or above the number of trustees.
    Quorum {
        /// Threshold and number of trustees.
        threshold: Threshold,
        /// The quorum.
        actual: u8,
    },
    /// The key has fewer slots than there are lists.
    TooFewSlots {
        /// How many lists.
        lists: u8,
        /// How many slots.
        slots: usize,
    },
    /// The key is malformed.
    Key(KeyError),
    /// An approval is false, repeated, or by nobody.
    Approval(SignatureError),
    /// A trustee has not approved.
    MissingApproval {
        /// The first such trustee.
        trustee: TrusteeIndex,
    },
}

impl ContestError {
    /// The trustee concerned, if it is one.
    #[must_use]
    pub fn trustee(&self) -> Option<TrusteeIndex> {
        match self {
            ContestError::Key(
                KeyError::BadIdentity { trustee, .. } | KeyError::RepeatedIdentity { trustee },
            )
            | ContestError::MissingApproval { trustee } => Some(*trustee),
            ContestError::Approval(error) => Some(error.trustee()),
            _ => None,
        }
    }
}

impl fmt::Display for ContestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ContestError::NoList => f.write_str("the contest has no list"),
            ContestError::TooManyLists { actual } => write!(f, "{actual} lists where 255 are the most"),
            ContestError::EmptyList { list } => write!(f, "list {list} has an empty name"),
            ContestError::RepeatedList { list } => write!(f, "list {list} has the name of an earlier list"),
            ContestError::LongText { field, actual } => {
                write!(f, "{field}: {actual} bytes where {MOST_TEXT_BYTES} are the most")
            }
            ContestError::LargeNumber { field, actual } => write!(f, "{field}: {actual} is not below 2^53"),
            ContestError::ClosesBeforeOpening { opens_at, closes_at } => {
                write!(f, "the contest opens at {opens_at} and closes at {closes_at}, which is not later")
            }
            ContestError::Quorum { threshold, actual } => write!(
                f,
                "a quorum of {actual} is not between the threshold of {} and the {} trustees",
                threshold.required(),
                threshold.trustees()
            ),
            ContestError::TooFewSlots { lists, slots } => {
                write!(f, "the key has {slots} slots for {lists} lists")
            }
            ContestError::Key(error) => write!(f, "key: {error}"),
            ContestError::Approval(error) => write!(f, "approval: {error}"),
            ContestError::MissingApproval { trustee } => {
                write!(f, "trustee {trustee} has not approved the contest")
            }
        }
    }
}

impl core::error::Error for ContestError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            ContestError::Key(error) => Some(error),
            ContestError::Approval(error) => Some(error),
            _ => None,
        }
    }
}

impl From<KeyError> for ContestError {
    fn from(error: KeyError) -> Self {
        ContestError::Key(error)
    }
}
