//! The result, and the seats that it gives.

use alloc::vec::Vec;

/// The votes of a contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElectionResult {
    votes: Vec<u64>,
    blank: u64,
}

impl ElectionResult {
    pub(crate) fn new(votes: Vec<u64>, blank: u64) -> Self {
        ElectionResult { votes, blank }
    }

    /// Votes of each list, in order of the lists.
    #[must_use]
    pub fn votes(&self) -> &[u64] {
        &self.votes
    }

    /// Blank votes.
    #[must_use]
    pub fn blank(&self) -> u64 {
        self.blank
    }

    /// The seats that each list wins, by [`Seats::by_highest_averages`].
    #[must_use]
    pub fn seats(&self, seats: u64) -> Seats {
        Seats::by_highest_averages(&self.votes, seats)
    }
}

/// Seats by proportional representation: those that the votes give, and a tie for the last ones if there is one.
///
/// Which of tied lists gets a seat is for the law's rule to say (more votes, more candidates, age, a lot), not for
/// arithmetic:
///
/// ```
/// use urne::tally::{Seats, Tie};
///
/// let seats = Seats::by_highest_averages(&[600, 400], 3);
/// assert_eq!(seats.certain(), [2, 1]);
/// assert_eq!(seats.tie(), None);
///
/// // One seat, and two lists that have as good a claim to it.
/// let seats = Seats::by_highest_averages(&[1, 1], 1);
/// assert_eq!(seats.certain(), [0, 0]);
/// assert_eq!(seats.tie(), Some(&Tie { seats: 1, lists: vec![1, 2] }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seats {
    certain: Vec<u64>,
    tie: Option<Tie>,
    vacant: u64,
}

/// Seats that several lists have the same claim to, and that are not enough for one each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// How many seats there are: at least one, and fewer than lists.
    pub seats: u64,
    /// The lists, from 1, ascending. Each gets one of the seats or none.
    pub lists: Vec<usize>,
}

impl Seats {
    /// By highest averages (D'Hondt, Jefferson): one seat after the other to the list that has most votes for each of
    /// its seats, this one included. A list without votes gets none, and where no list has a vote all seats stay
    /// vacant.
    ///
    /// Cost: as many rounds as lists at the most, however many seats there are.
    #[must_use]
    pub fn by_highest_averages(votes: &[u64], seats: u64) -> Self {
        let total: u128 = votes.iter().map(|votes| u128::from(*votes)).sum();
        let Some(share) = Share::of(seats, total) else {
            return Seats { certain: alloc::vec![0; votes.len()], tie: None, vacant: seats };
        };
        // A list's whole share is less than what highest averages give it, and no tie is for less.
        let mut certain: Vec<u64> = votes.iter().map(|votes| share.whole(*votes)).collect();
        let mut left = certain.iter().fold(seats, |left, seats| left.saturating_sub(*seats));
        while left > 0 {
            let best = best(votes, &certain);
            let lists = u64::try_from(best.len()).unwrap_or(u64::MAX);
            if lists > left {
                let lists = best.into_iter().map(|list| list.saturating_add(1)).collect();
                return Seats { certain, tie: Some(Tie { seats: left, lists }), vacant: 0 };
            }
            for list in best {
                if let Some(seats) = certain.get_mut(list) {
                    *seats = seats.saturating_add(1);
                }
            }
            left = left.saturating_sub(lists);
        }
        Seats { certain, tie: None, vacant: 0 }
    }

    /// The seats that each list has whoever wins the tie, in order of the lists.
    #[must_use]
    pub fn certain(&self) -> &[u64] {
        &self.certain
    }

    /// The tie for the last seats, if there is one.
    #[must_use]
    pub fn tie(&self) -> Option<&Tie> {
        self.tie.as_ref()
    }

    /// Seats that nobody gets, because no list has a vote.
    #[must_use]
    pub fn vacant(&self) -> u64 {
        self.vacant
    }
}

/// Seats in proportion to votes.
struct Share {
    seats: u128,
    total: u128,
}

impl Share {
    fn of(seats: u64, total: u128) -> Option<Self> {
        (total > 0).then_some(Share { seats: seats.into(), total })
    }

    /// `⌊votes·seats/total⌋`, which is at most `seats`.
    fn whole(&self, votes: u64) -> u64 {
        let product = u128::from(votes).saturating_mul(self.seats);
        u64::try_from(product.checked_div(self.total).unwrap_or(0)).unwrap_or(u64::MAX)
    }
}

/// The lists with most votes for each seat, one more included; ascending, and none where no list has a vote.
fn best(votes: &[u64], seats: &[u64]) -> Vec<usize> {
    let mut best: Vec<usize> = Vec::new();
    let mut most = (0u64, 1u128);
    for (list, (votes, seats)) in votes.iter().zip(seats).enumerate().filter(|(_, (votes, _))| **votes > 0) {
        let average = (*votes, u128::from(*seats).saturating_add(1));
        // a/b against c/d as a·d against c·b; the divisors are below 2^64, or a list has all votes.
        let [ours, theirs] = [(average.0, most.1), (most.0, average.1)]
            .map(|(votes, seats)| u128::from(votes).saturating_mul(seats));
        if ours > theirs {
            most = average;
            best.clear();
        }
        if ours >= theirs {
            best.push(list);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    fn tie(seats: u64, lists: &[usize]) -> Option<Tie> {
        Some(Tie { seats, lists: lists.to_vec() })
    }

    #[test]
    fn seats_of_examples_that_are_known() {
        // The example of most textbooks.
        let seats = Seats::by_highest_averages(&[100_000, 80_000, 30_000, 20_000], 8);
        assert_eq!((seats.certain(), seats.tie()), (&[4, 3, 1, 0][..], None));
        // Absolute majorities, nobody, one list.
        assert_eq!(Seats::by_highest_averages(&[7], 15).certain(), [15]);
        assert_eq!(Seats::by_highest_averages(&[], 15).vacant(), 15);
        assert_eq!(
            Seats::by_highest_averages(&[0, 0], 15),
            Seats { certain: vec![0, 0], tie: None, vacant: 15 }
        );
        assert_eq!(Seats::by_highest_averages(&[3, 0], 15).certain(), [15, 0]);
        assert_eq!(Seats::by_highest_averages(&[3, 1], 0).certain(), [0, 0]);
    }

    #[test]
    fn ties_are_told() {
        let of = |votes: &[u64], seats| Seats::by_highest_averages(votes, seats);
        assert_eq!(of(&[1, 1], 1), Seats { certain: vec![0, 0], tie: tie(1, &[1, 2]), vacant: 0 });
        assert_eq!(of(&[1, 1], 2), Seats { certain: vec![1, 1], tie: None, vacant: 0 });
        assert_eq!(of(&[5, 5, 5], 2).tie().cloned(), tie(2, &[1, 2, 3]));
        // 6, 3, 3: after the first seat all three have an average of 3.
        assert_eq!(of(&[6, 3, 3], 2), Seats { certain: vec![1, 0, 0], tie: tie(1, &[1, 2, 3]), vacant: 0 });
        assert_eq!(of(&[6, 3, 3], 4), Seats { certain: vec![2, 1, 1], tie: None, vacant: 0 });
        // Lists 1 and 3 for the last seat; list 2 has a lower claim.
        assert_eq!(of(&[4, 3, 8], 2), Seats { certain: vec![0, 0, 1], tie: tie(1, &[1, 3]), vacant: 0 });
    }

    #[test]
    fn the_largest_numbers_take_no_longer() {
        let seats = Seats::by_highest_averages(&[u64::MAX, u64::MAX, 1], u64::MAX);
        assert_eq!(seats.certain().iter().sum::<u64>() + seats.tie().map_or(0, |tie| tie.seats), u64::MAX);
        assert_eq!(Seats::by_highest_averages(&[u64::MAX], u64::MAX).certain(), [u64::MAX]);
    }

    proptest! {
        /// Against every average of every list, sorted: a seat is certain if its average is above that of the last
        /// seat, or if all of that average get one.
        #[test]
        fn seats_are_those_of_the_sorted_averages(votes in prop::collection::vec(0u64..30, 1..7), seats in 0u64..25) {
            let found = Seats::by_highest_averages(&votes, seats);
            let mut averages: Vec<(u64, u64, usize)> = votes
                .iter()
                .zip(1usize..)
                .filter(|(votes, _)| **votes > 0)
                .flat_map(|(votes, list)| (1..=seats).map(move |seat| (*votes, seat, list)))
                .collect();
            averages.sort_by(|(a, b, _), (c, d, _)| (c * b).cmp(&(a * d)));
            let count = usize::try_from(seats).unwrap();
            if averages.is_empty() {
                prop_assert_eq!(found, Seats { certain: vec![0; votes.len()], tie: None, vacant: seats });
                return Ok(());
            }
            let (last, divisor, _) = averages[count - 1];
            let same = |(a, b, _): &&(u64, u64, usize)| a * divisor == last * b;
            let above = averages.iter().filter(|(a, b, _)| a * divisor > last * b).count();
            let mut of_last: Vec<_> = averages.iter().filter(same).map(|(_, _, list)| *list).collect();
            of_last.sort_unstable();
            let mut certain = vec![0u64; votes.len()];
            averages.iter().take(above).for_each(|(_, _, list)| certain[list - 1] += 1);
            let mut expected = None;
            if of_last.len() == count - above {
                of_last.iter().for_each(|list| certain[list - 1] += 1);
            } else {
                expected = tie((count - above) as u64, &of_last);
            }
            prop_assert_eq!(found, Seats { certain, tie: expected, vacant: 0 });
        }
    }
}
