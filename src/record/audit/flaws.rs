//! The flaws of one step.

use alloc::vec::Vec;

use super::Flaw;
use crate::ballot_box::{FirstFlaws, MOST_FLAWS};

/// What is wrong in a step: what concerns the whole of it, then the first ballots, at most twenty flaws in all, and how
/// many more there are.
///
/// So a report stays small whatever the record is, and parts of a box that are looked at apart give the same report as
/// the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaws {
    flaws: Vec<Flaw>,
    more: u64,
}

impl Flaws {
    /// Of the whole, in their order, and of ballots.
    pub(super) fn new(whole: Vec<Flaw>, ballots: FirstFlaws) -> Self {
        let mut flaws = whole;
        flaws.extend(ballots.first().iter().copied().map(Flaw::Box));
        let mut all = Flaws { flaws, more: ballots.more() };
        all.cut();
        all
    }

    pub(super) fn is_empty(&self) -> bool {
        self.flaws.is_empty() && self.more == 0
    }

    /// Puts one before all others.
    pub(super) fn put_first(&mut self, flaw: Flaw) {
        self.flaws.insert(0, flaw);
        self.cut();
    }

    fn cut(&mut self) {
        let cut = self.flaws.len().saturating_sub(MOST_FLAWS);
        self.more = self.more.saturating_add(u64::try_from(cut).unwrap_or(u64::MAX));
        self.flaws.truncate(MOST_FLAWS);
    }

    /// The first of them.
    #[must_use]
    pub fn as_slice(&self) -> &[Flaw] {
        &self.flaws
    }

    /// How many more there are.
    #[must_use]
    pub fn more(&self) -> u64 {
        self.more
    }
}

/// In the order in which an audit tells them: of the whole as they come, then by ballot.
impl From<Vec<Flaw>> for Flaws {
    fn from(mut flaws: Vec<Flaw>) -> Self {
        flaws.sort_by_key(|flaw| match flaw {
            Flaw::Box(flaw) => flaw.order(),
            _ => (None, 0),
        });
        let mut all = Flaws { flaws, more: 0 };
        all.cut();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ballot_box::BoxFlaw;

    /// Whoever has flaws in another order than the audit's gets the report that the audit makes.
    #[test]
    fn flaws_in_any_order_are_told_in_that_of_the_audit() {
        let of_whole = [Flaw::Box(BoxFlaw::Size { expected: 4, actual: 5 }), Flaw::NonceSum];
        let of_ballots = [
            BoxFlaw::UnknownCredential { ballot: 1 },
            BoxFlaw::UnknownCredential { ballot: 3 },
            BoxFlaw::RepeatedCredential { ballot: 3, earlier: 0 },
            BoxFlaw::RepeatedNonce { ballot: 3, earlier: 0 },
            BoxFlaw::UnknownCredential { ballot: 20 },
        ]
        .map(Flaw::Box);
        let mut found: Vec<_> = of_ballots.iter().rev().cloned().collect();
        found.insert(1, of_whole[0].clone());
        found.push(of_whole[1].clone());
        let told = Flaws::from(found);
        assert_eq!(told.as_slice(), [&of_whole[..], &of_ballots].concat());
        assert_eq!(told.more(), 0);
    }

    #[test]
    fn beyond_the_first_twenty_flaws_are_counted() {
        let flaws = |count: usize| -> Flaws {
            let all = (0..count).rev().map(|ballot| Flaw::Box(BoxFlaw::UnknownCredential { ballot }));
            all.collect::<Vec<_>>().into()
        };
        for count in [1, 20, 21, 57] {
            let told = flaws(count);
            let ballots: Vec<_> = told.as_slice().iter().filter_map(Flaw::ballot).collect();
            assert_eq!(ballots, (0..count.min(20)).collect::<Vec<_>>());
            assert_eq!(told.more(), count.saturating_sub(20) as u64);
        }
    }
}
