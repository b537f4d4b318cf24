//! A contest: what is voted on, when, under which key, and who approved it.
//!
//! A [`Contest`] is built only valid, and its [`Fingerprint`] is a hash of every field: it goes into
//! each ballot's proof, each signature and each reference, so that nothing made for one contest
//! counts in another, and no field can be changed after a ballot is sealed.
//!
//! Before the opening every trustee checks that the contest's key is the one it helped to make, and
//! signs the fingerprint. A contest with all these signatures is an [`ApprovedContest`], and only
//! under such a one is a ballot sealed: an organiser who draws the key alone, or who makes two encryption
//! keys that are related (`H_2 = H_1 + G` lets anyone read a ballot), gets no approvals.
//!
//! # Slots
//!
//! With `M = capacity + 1`, several lists share one slot of the ciphertext: list `i` stands in slot `⌈i/κ⌉`
//! with the weight `M^((i−1) mod κ)`. As no list has more votes than there are voters, the digits of a
//! slot's total to the base `M` are the votes of its lists. [`Layout`] is this arithmetic.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use once_cell::race::OnceBox;

use crate::bureau::{Bureau, ElectionKey};
use crate::primitives::group::{Element, FixedMultiples, Generators, first_repeat};
use crate::primitives::hash::digest;
use crate::primitives::wire::INTEGER_LIMIT;
use crate::primitives::{Text, UnixTime};

mod approval;
mod description;
mod documents;
mod error;
mod layout;
mod names;

pub use approval::{Approval, ApprovedContest};
pub use description::ContestDescription;
pub use documents::{DocumentsError, documents_text};
pub use error::ContestError;
pub use layout::{Layout, Packing};

/// Longest text of a contest or ceremony, in bytes of UTF-8.
pub const MOST_TEXT_BYTES: usize = 1024;
/// Longest time after the close within which a voter may finish, in seconds.
pub const MOST_GRACE: u64 = 86_400;

digest! {
    /// The hash of all fields of a contest.
    Fingerprint
}

/// A valid contest. Cheap to clone.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
/// # use urne::{Bureau, ElectionKey, IdentitySecret, Panel, SigningKey, UnixTime};
/// use urne::contest::{Contest, ContestDescription, ContestError};
///
/// # let mut rng = ChaCha20Rng::seed_from_u64(7);
/// # let keys: Vec<_> = (0..3).map(|_| IdentitySecret::generate(&mut rng).public()).collect();
/// # let bureau = Bureau::new(vec![Panel { threshold: 1, trustees: vec![keys[0]] }])?;
/// # let slots = keys[1..].iter().map(|key| vec![key.to_bytes()]).collect();
/// # let key = ElectionKey::from_encodings(bureau, &[slots])?;
/// # let [box_key, issuer_key] = [(); 2].map(|()| SigningKey::generate(&mut rng).public());
/// let description = ContestDescription {
///     election: "Staff elections 2026".into(),
///     number: 584,
///     title: "Committee".into(),
///     documents: "".into(),
///     lists: vec!["Dawn".into(), "Dusk".into()],
///     opens_at: UnixTime::from_seconds(1_669_878_000),
///     closes_at: UnixTime::from_seconds(1_670_515_200),
///     grace: 1_800,
///     capacity: 300_000,
///     packing: None,
///     quorums: None,
///     box_key,
///     issuer_key,
/// };
/// let contest = Contest::new(description.clone(), &key)?;
/// // Two lists share the one slot.
/// assert_eq!((contest.lists(), contest.layout().slots()), (2, 1));
///
/// let mut twice = description;
/// twice.lists[1] = "Dawn".into();
/// assert_eq!(Contest::new(twice, &key).unwrap_err(), ContestError::RepeatedList { list: 2 });
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Contest(Arc<Inner>);

struct Inner {
    description: ContestDescription,
    layout: Layout,
    /// One a panel.
    quorums: Vec<u8>,
    /// Exactly `J` slots.
    key: ElectionKey,
    fingerprint: Fingerprint,
    generators: Generators,
    /// `M^k·G/2`, so that a ciphertext can be made halved and encoded in a batch.
    half_weights: Vec<RistrettoPoint>,
    /// Of [`Contest::fixed_points`], made when the first few ballots are verified: a voter's device needs none.
    fixed_multiples: OnceBox<FixedMultiples>,
}

impl Contest {
    /// A new contest, of whoever organises it, under the first slots of an election key, as many as its [`Layout`]
    /// has. Beyond what the protocol asks, its texts must be seen by voters as they are, and its lists told apart:
    /// [`ContestDescription::check_names`]. Contests of others are read from their records, where that is not asked.
    ///
    /// Cost: some 20 µs a list, for its generators, and as much for each list of a slot.
    ///
    /// # Errors
    ///
    /// The [`ContestError`] of the first rule that is broken.
    pub fn new(description: ContestDescription, key: &ElectionKey) -> Result<Self, ContestError> {
        let contest = Contest::of_record(description, key)?;
        contest.description().check_names()?;
        Ok(contest)
    }

    /// A contest that somebody has made, by the protocol's rules alone.
    pub(crate) fn of_record(
        description: ContestDescription,
        key: &ElectionKey,
    ) -> Result<Self, ContestError> {
        let lists = check_lists(&description.lists)?;
        check_texts(&description)?;
        check_times(&description)?;
        let layout = Layout::new(lists, description.capacity, description.packing)?;
        let quorums = match &description.quorums {
            Some(quorums) => quorums.clone(),
            None => default_quorums(key.bureau()),
        };
        check_quorums(key.bureau(), &quorums)?;
        let (slots, actual) = (layout.slots(), key.slots());
        let key = key.prefix(slots).ok_or(ContestError::TooFewSlots { slots, actual })?;
        Ok(Contest(Arc::new(Inner {
            fingerprint: description::fingerprint(&description, &layout, &quorums, &key),
            generators: Generators::new(lists),
            half_weights: half_weights(&layout),
            description,
            layout,
            quorums,
            key,
            fixed_multiples: OnceBox::new(),
        })))
    }

    /// The hash of every field.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.0.fingerprint
    }

    /// The fields as they were given.
    #[must_use]
    pub fn description(&self) -> &ContestDescription {
        &self.0.description
    }

    /// How many lists there are, `L`: list 1 to list `L`.
    #[must_use]
    pub fn lists(&self) -> u8 {
        self.0.layout.lists()
    }

    /// Where the lists stand in a ballot.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.0.layout
    }

    /// How many trustees of each panel must endorse the closing.
    #[must_use]
    pub fn quorums(&self) -> &[u8] {
        &self.0.quorums
    }

    /// The key, with as many slots as the ballot has.
    #[must_use]
    pub fn key(&self) -> &ElectionKey {
        &self.0.key
    }

    /// Who holds the key.
    #[must_use]
    pub fn bureau(&self) -> &Bureau {
        self.0.key.bureau()
    }

    /// The end: the first second in which no ballot is taken any more, `closes_at + grace`.
    #[must_use]
    pub fn ends_at(&self) -> UnixTime {
        let ContestDescription { closes_at, grace, .. } = self.0.description;
        closes_at.saturating_add(grace)
    }

    pub(crate) fn generators(&self) -> &Generators {
        &self.0.generators
    }

    /// For every place in a slot, half of what a vote for its list adds: `M^k·G/2`.
    pub(crate) fn half_weights(&self) -> &[RistrettoPoint] {
        &self.0.half_weights
    }

    /// `H_1 … H_J`.
    pub(crate) fn encryption_keys(&self) -> &[Element] {
        self.0.key.encryption_keys()
    }

    /// The points that all ballots share: `G`, `P`, `N`, `K`, `Q`, `P_1 … P_L`, `H_1 … H_J`.
    pub(crate) fn fixed_points(&self) -> impl Iterator<Item = &RistrettoPoint> {
        let g = &self.0.generators;
        [&RISTRETTO_BASEPOINT_POINT, &g.blind, &g.nonce, &g.credential, &g.quadratic]
            .into_iter()
            .chain(&g.choices)
            .chain(self.encryption_keys().iter().map(Element::point))
    }

    /// Multiples of [`Contest::fixed_points`], made at the first call: some 20 µs and 10 kB a point.
    pub(crate) fn fixed_multiples(&self) -> &FixedMultiples {
        self.0.fixed_multiples.get_or_init(|| Box::new(FixedMultiples::new(self.fixed_points())))
    }

    /// Whether they have been made.
    #[cfg(test)]
    pub(crate) fn has_fixed_multiples(&self) -> bool {
        self.0.fixed_multiples.get().is_some()
    }
}

impl PartialEq for Contest {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint() == other.fingerprint()
    }
}

impl Eq for Contest {}

impl fmt::Debug for Contest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contest")
            .field("fingerprint", &self.fingerprint())
            .field("description", self.description())
            .finish_non_exhaustive()
    }
}

fn half_weights(layout: &Layout) -> Vec<RistrettoPoint> {
    let half = |weight: &u64| RistrettoPoint::mul_base(&Scalar::from(*weight).div_by_2());
    layout.weights().iter().map(half).collect()
}

fn check_lists(lists: &[Text]) -> Result<u8, ContestError> {
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

fn check_texts(description: &ContestDescription) -> Result<(), ContestError> {
    let ContestDescription { election, title, documents, .. } = description;
    let texts = [("election", election), ("title", title), ("documents", documents)];
    let long = texts.into_iter().find(|(_, text)| text.len() > MOST_TEXT_BYTES);
    long.map_or(Ok(()), |(field, text)| Err(ContestError::LongText { field, actual: text.len() }))
}

fn check_times(description: &ContestDescription) -> Result<(), ContestError> {
    let ContestDescription { number, opens_at, closes_at, grace, .. } = *description;
    if grace > MOST_GRACE {
        return Err(ContestError::Grace { actual: grace });
    }
    let end = closes_at.saturating_add(grace).seconds();
    let numbers = [("number", number), ("opens_at", opens_at.seconds()), ("closes_at + grace", end)];
    if let Some((field, actual)) = numbers.into_iter().find(|(_, number)| *number >= INTEGER_LIMIT) {
        return Err(ContestError::LargeNumber { field, actual });
    }
    if opens_at >= closes_at {
        Err(ContestError::ClosesBeforeOpening { opens_at, closes_at })
    } else {
        Ok(())
    }
}

/// The safe quorum in the panel of most trustees, the first of them if several; the threshold in the others.
fn default_quorums(bureau: &Bureau) -> Vec<u8> {
    let size = |position: usize| bureau.panels().get(position).map_or(0, |panel| panel.trustees.len());
    let safe = (0..bureau.panels().len()).rev().max_by_key(|position| size(*position));
    let quorum = |position: usize| {
        let threshold = bureau.panels().get(position).map_or(0, |panel| panel.threshold);
        if safe != Some(position) {
            return threshold;
        }
        let sum = size(position).saturating_add(threshold.into()).saturating_sub(1);
        // Never more than the panel has, since the threshold is not.
        u8::try_from(sum / 2 + 1).unwrap_or(u8::MAX)
    };
    (0..bureau.panels().len()).map(quorum).collect()
}

fn check_quorums(bureau: &Bureau, quorums: &[u8]) -> Result<(), ContestError> {
    let (expected, actual) = (bureau.panels().len(), quorums.len());
    if actual != expected {
        return Err(ContestError::QuorumCount { expected, actual });
    }
    for ((panel, of), quorum) in bureau.numbered().zip(quorums) {
        let trustees = of.trustees.len();
        if *quorum < of.threshold || usize::from(*quorum) > trustees {
            let (threshold, actual) = (of.threshold, *quorum);
            return Err(ContestError::Quorum { panel, threshold, trustees, actual });
        }
    }
    let safe = |(of, quorum): (&crate::bureau::Panel, &u8)| usize::from(*quorum) * 2 > of.trustees.len();
    if bureau.panels().iter().zip(quorums).any(safe) { Ok(()) } else { Err(ContestError::LowQuorums) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bureau::{IdentityKey, IdentitySecret, Panel};
    use crate::test_vectors::{approved_contest, primitives, record, unhex};

    /// Two panels, three lists a slot, a single list: whatever is not hashed as the other implementation does
    /// would make its trustees' approvals false.
    #[test]
    fn fingerprints_are_those_that_the_other_implementation_approved() {
        let fingerprint = approved_contest("record").fingerprint().to_bytes();
        assert_eq!(fingerprint, unhex(&primitives()["record"]["fingerprint"]));
        for name in ["record-packed", "record-12-lists", "record-single", "record-empty"] {
            let contest = approved_contest(name);
            let approvals = record(name)["approvals"].as_array().unwrap().len();
            assert_eq!(contest.approvals().len(), approvals);
            assert_eq!(approvals, usize::from(contest.contest().bureau().trustees()));
        }
    }

    #[test]
    fn the_default_quorum_is_safe_in_the_first_of_the_largest_panels() {
        let quorums = |panels: &[(u8, u64)]| {
            let mut next = 1u64;
            let mut key = || {
                next += 1;
                IdentitySecret::from_scalar(curve25519_dalek::scalar::Scalar::from(next)).public()
            };
            let panel = |(threshold, trustees): &(u8, u64)| {
                let trustees: Vec<IdentityKey> = (0..*trustees).map(|_| key()).collect();
                Panel { threshold: *threshold, trustees }
            };
            default_quorums(&Bureau::new(panels.iter().map(panel).collect()).unwrap())
        };
        assert_eq!(quorums(&[(2, 3)]), [3]);
        assert_eq!(quorums(&[(2, 5)]), [4]);
        assert_eq!(quorums(&[(3, 7)]), [5]);
        assert_eq!(quorums(&[(2, 11)]), [7]);
        assert_eq!(quorums(&[(255, 255)]), [255]);
        assert_eq!(quorums(&[(1, 2), (2, 5)]), [1, 4]);
        assert_eq!(quorums(&[(2, 5), (1, 2), (3, 5)]), [4, 1, 3]);
    }
}
