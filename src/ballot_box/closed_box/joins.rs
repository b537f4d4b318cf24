//! What is found only where all ballots of a box are compared: values that stand twice, and credentials that are not
//! on the roll.

use alloc::vec::Vec;

use super::BoxFlaw;
use super::first::FirstFlaws;
use super::pass::Marks;
use crate::primitives::parallel;

/// A value and the ballot that has it.
type Entry = ([u8; 32], usize);

/// The marks of a box's ballots, in any order: some 120 bytes a ballot that decodes. Of those that do not, equal ones
/// are kept once, so that a record of millions of empty ballots takes no more than one of as many different ones.
#[derive(Default)]
pub(crate) struct Joins {
    references: Vec<Entry>,
    credentials: Vec<Entry>,
    nonces: Vec<Entry>,
    /// References of ballots that do not decode. None of them is that of one that does, since equal ballots decode
    /// alike.
    undecodable: Collapsing,
    /// Credentials of the roll with their entries, and whether they are revoked.
    roll: Vec<([u8; 32], usize, bool)>,
}

/// What the comparison has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Joined {
    /// Ballots whose credentials are not on the roll or revoked.
    pub(crate) roll: FirstFlaws,
    /// The first entry of the roll whose credential stands before it too, with that one.
    pub(crate) repeated: Option<(usize, usize)>,
    /// Credentials and `R` that stand twice.
    pub(crate) repeats: FirstFlaws,
    /// References that stand twice.
    pub(crate) references: FirstFlaws,
}

impl Joined {
    /// Adds what was found among other values.
    pub(crate) fn merge(&mut self, other: Joined) {
        let Joined { roll, repeated, repeats, references } = other;
        self.roll.merge(roll);
        self.repeats.merge(repeats);
        self.references.merge(references);
        self.repeated = self.repeated.into_iter().chain(repeated).min();
    }
}

impl Joins {
    /// The marks of a run of ballots.
    pub(crate) fn take(&mut self, first: usize, marks: &[Marks]) {
        for (ballot, Marks { reference, decoded }) in (first..).zip(marks) {
            match decoded {
                None => self.take_undecodable(reference.digest(), ballot),
                Some((credential, nonce)) => {
                    self.take_reference(reference.digest(), ballot);
                    self.take_credential(*credential, ballot);
                    self.take_nonce(*nonce, ballot);
                }
            }
        }
    }

    /// The reference of a ballot that decodes.
    pub(crate) fn take_reference(&mut self, reference: [u8; 32], ballot: usize) {
        self.references.push((reference, ballot));
    }

    /// The reference of a ballot that does not decode.
    pub(crate) fn take_undecodable(&mut self, reference: [u8; 32], ballot: usize) {
        self.undecodable.take(reference, ballot);
    }

    pub(crate) fn take_credential(&mut self, credential: [u8; 32], ballot: usize) {
        self.credentials.push((credential, ballot));
    }

    pub(crate) fn take_nonce(&mut self, nonce: [u8; 32], ballot: usize) {
        self.nonces.push((nonce, ballot));
    }

    /// The next entry of the roll; they may come in any order.
    pub(crate) fn take_entry(&mut self, entry: usize, credential: [u8; 32], revoked: bool) {
        self.roll.push((credential, entry, revoked));
    }

    /// Compares all.
    pub(crate) fn finish(self) -> Joined {
        let Joins { mut references, mut credentials, mut nonces, undecodable, mut roll } = self;
        for entries in [&mut references, &mut credentials, &mut nonces] {
            parallel::sort(entries);
        }
        parallel::sort(&mut roll);
        let mut joined = Joined { references: undecodable.finish(), ..Joined::default() };
        for (ballot, earlier) in repeats(&references) {
            joined.references.push(BoxFlaw::RepeatedReference { ballot, earlier });
        }
        for (ballot, earlier) in repeats(&credentials) {
            joined.repeats.push(BoxFlaw::RepeatedCredential { ballot, earlier });
        }
        for (ballot, earlier) in repeats(&nonces) {
            joined.repeats.push(BoxFlaw::RepeatedNonce { ballot, earlier });
        }
        joined.roll = on_roll(&credentials, &roll);
        let again = roll.windows(2).filter_map(|pair| match pair {
            [(first, earlier, _), (second, entry, _)] if first == second => Some((*entry, *earlier)),
            _ => None,
        });
        joined.repeated = again.min();
        joined
    }
}

/// Every credential on the roll, and not revoked. Both ascend. Of a credential that stands on the roll twice, which is
/// no roll, one entry is looked at.
fn on_roll(credentials: &[Entry], roll: &[([u8; 32], usize, bool)]) -> FirstFlaws {
    let mut roll = roll.iter().peekable();
    let mut flaws = FirstFlaws::default();
    for (credential, ballot) in credentials {
        while roll.next_if(|(other, ..)| other < credential).is_some() {}
        match roll.peek() {
            Some((other, _, revoked)) if other == credential => {
                if *revoked {
                    flaws.push(BoxFlaw::RevokedCredential { ballot: *ballot });
                }
            }
            _ => flaws.push(BoxFlaw::UnknownCredential { ballot: *ballot }),
        }
    }
    flaws
}

/// Of ascending entries each whose value stands before too, with the first that has it.
fn repeats(entries: &[Entry]) -> impl Iterator<Item = (usize, usize)> {
    entries
        .chunk_by(|(left, _), (right, _)| left == right)
        .filter_map(|same| same.split_first())
        .flat_map(|((_, first), later)| later.iter().map(|(_, ballot)| (*ballot, *first)))
}

/// References of which equal ones are kept once, with the first of their ballots.
#[derive(Default)]
struct Collapsing {
    entries: Vec<Entry>,
    /// How many were left when they were last collapsed.
    distinct: usize,
    repeats: FirstFlaws,
}

impl Collapsing {
    /// So many are collected before any are collapsed.
    const FEW: usize = 1 << 12;

    fn take(&mut self, value: [u8; 32], ballot: usize) {
        self.entries.push((value, ballot));
        if self.entries.len() >= self.distinct.max(Self::FEW).saturating_mul(2) {
            self.collapse();
        }
    }

    fn collapse(&mut self) {
        parallel::sort(&mut self.entries);
        for (ballot, earlier) in repeats(&self.entries) {
            // This ballot may have been the first that was known, where they come in another order.
            for known in self.repeats.first_mut() {
                if let BoxFlaw::RepeatedReference { earlier: of, .. } = known
                    && *of == ballot
                {
                    *of = earlier;
                }
            }
            self.repeats.push(BoxFlaw::RepeatedReference { ballot, earlier });
        }
        self.entries.dedup_by(|(later, _), (first, _)| later == first);
        self.distinct = self.entries.len();
    }

    fn finish(mut self) -> FirstFlaws {
        self.collapse();
        self.repeats
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ballot::BallotReference;
    use alloc::collections::BTreeMap;
    use proptest::prelude::*;

    fn value(number: u8) -> [u8; 32] {
        [number; 32]
    }

    fn reference_of(number: u8) -> BallotReference {
        BallotReference::from_parts(1, value(number)).unwrap()
    }

    /// What a map of the entries says when one is put in again.
    fn first_again(entries: &[(u8, usize)]) -> Option<(usize, usize)> {
        let mut seen = BTreeMap::new();
        entries.iter().find_map(|(credential, entry)| Some((*entry, seen.insert(*credential, *entry)?)))
    }

    /// Every later ballot of a value, with the first.
    fn later(of: &[(u8, usize)]) -> Vec<(usize, usize)> {
        let mut sorted = of.to_vec();
        sorted.sort_unstable_by_key(|(_, ballot)| *ballot);
        let mut first = BTreeMap::new();
        sorted
            .iter()
            .filter_map(|(value, ballot)| match first.entry(*value) {
                alloc::collections::btree_map::Entry::Occupied(entry) => Some((*ballot, *entry.get())),
                alloc::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert(*ballot);
                    None
                }
            })
            .collect()
    }

    proptest! {
        /// Whatever order they come in and however often they are collapsed.
        #[test]
        fn repeats_of_undecodable_ballots_name_the_first(
            values in prop::collection::vec(0u8..12, 0..120), shuffle in prop::collection::vec(any::<u64>(), 120),
            collapsed in prop::collection::vec(0u8..8, 120),
        ) {
            let all: Vec<_> = values.into_iter().zip(0usize..).collect();
            let mut shuffled: Vec<_> = all.iter().copied().zip(shuffle).collect();
            shuffled.sort_unstable_by_key(|(_, place)| *place);
            let mut collapsing = Collapsing::default();
            for (((of, ballot), _), collapse) in shuffled.into_iter().zip(collapsed) {
                collapsing.take(value(of), ballot);
                if collapse == 0 {
                    collapsing.collapse();
                }
            }
            let expected =
                later(&all).into_iter().map(|(ballot, earlier)| BoxFlaw::RepeatedReference { ballot, earlier });
            prop_assert_eq!(collapsing.finish(), expected.collect::<FirstFlaws>());
        }

        #[test]
        fn marks_are_compared_with_each_other_and_with_the_roll(
            marks in prop::collection::vec((0u8..40, 0u8..12, 0u8..12, any::<bool>()), 0..80),
            roll in prop::collection::btree_map(0u8..12, any::<bool>(), 0..12),
            again in prop::collection::vec(0u8..12, 0..3),
        ) {
            // A reference says whether its ballot decodes.
            let marks: Vec<_> = marks.into_iter().map(|(reference, credential, nonce, decodes)| Marks {
                reference: reference_of(reference + if decodes { 0 } else { 100 }),
                decoded: decodes.then_some((value(credential), value(nonce))),
            }).collect();
            let mut joins = Joins::default();
            let cut = marks.len() / 3;
            joins.take(cut, &marks[cut..]);
            joins.take(0, &marks[..cut]);
            for (entry, (credential, revoked)) in roll.iter().enumerate() {
                joins.take_entry(entry, value(*credential), *revoked);
            }
            for (entry, credential) in (roll.len()..).zip(again.iter().copied()) {
                joins.take_entry(entry, value(credential), true);
            }
            let (again_too, joined) = (again.clone(), joins.finish());
            let entries: Vec<_> = roll.keys().copied().chain(again).zip(0usize..).collect();
            prop_assert_eq!(joined.repeated, first_again(&entries));

            let numbered = || marks.iter().zip(0usize..);
            let references: Vec<_> = numbered().map(|(marks, ballot)| (marks.reference.digest()[0], ballot)).collect();
            let expected =
                later(&references).into_iter().map(|(ballot, earlier)| BoxFlaw::RepeatedReference { ballot, earlier });
            prop_assert_eq!(joined.references, expected.collect::<FirstFlaws>());
            let decoded: Vec<_> = numbered()
                .filter_map(|(marks, ballot)| marks.decoded.map(|(c, r)| (c[0], r[0], ballot)))
                .collect();
            let credentials: Vec<_> = decoded.iter().map(|(credential, _, ballot)| (*credential, *ballot)).collect();
            let nonces: Vec<_> = decoded.iter().map(|(_, nonce, ballot)| (*nonce, *ballot)).collect();
            let expected = later(&credentials)
                .into_iter()
                .map(|(ballot, earlier)| BoxFlaw::RepeatedCredential { ballot, earlier })
                .chain(later(&nonces).into_iter().map(|(ballot, earlier)| BoxFlaw::RepeatedNonce { ballot, earlier }));
            prop_assert_eq!(joined.repeats, expected.collect::<FirstFlaws>());
            let expected = credentials.into_iter().filter_map(|(credential, ballot)| match roll.get(&credential) {
                None if again_too.contains(&credential) => Some(BoxFlaw::RevokedCredential { ballot }),
                None => Some(BoxFlaw::UnknownCredential { ballot }),
                Some(revoked) => revoked.then_some(BoxFlaw::RevokedCredential { ballot }),
            });
            prop_assert_eq!(joined.roll, expected.collect::<FirstFlaws>());
        }
    }
}
