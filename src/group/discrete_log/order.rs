//! Lists of numbers in ascending order of their sum: how many there are, which stands where, and a walk
//! along them that costs one addition of points for each.

use alloc::vec::Vec;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;

/// How many lists of so many numbers have a sum of at most `most`: `(most + numbers choose numbers)`.
/// It never exceeds `(most + 1)^numbers`, which callers keep within 2^48.
pub(super) fn lists(most: u64, numbers: u64) -> u64 {
    let all = u128::from(most) + u128::from(numbers);
    let few = u128::from(most.min(numbers));
    let choices = (1..=few).fold(1, |product, i| product * (all - few + i) / i);
    u64::try_from(choices).unwrap_or(u64::MAX)
}

/// The list of rank `rank`, where `most` bounds the sum. Ranks go by the sum, then by the last number, then by
/// the one before it, and so on; the first number is what the others leave of the sum.
pub(super) fn list(rank: u64, numbers: u64, most: u64) -> Vec<u64> {
    let smaller = |sum: u64| sum.checked_sub(1).map_or(0, |sum| lists(sum, numbers));
    let sum = largest(most, |sum| smaller(sum) <= rank);
    let (mut rank, mut left) = (rank - smaller(sum), sum);
    let mut list = Vec::new();
    for others in (1..numbers).rev() {
        // How many begin, seen from the end, with less than this.
        let before = |number: u64| lists(left, others) - lists(left - number, others);
        let number = largest(left, |number| before(number) <= rank);
        rank -= before(number);
        left -= number;
        list.push(number);
    }
    list.push(left);
    list.reverse();
    list
}

/// The largest of `0…end` that fits, where 0 does and all below one that does.
fn largest(end: u64, fits: impl Fn(u64) -> bool) -> u64 {
    let (mut yes, mut no) = (0, end + 1);
    while no - yes > 1 {
        let middle = yes + (no - yes) / 2;
        if fits(middle) { yes = middle } else { no = middle }
    }
    yes
}

/// The points `X − Σ_k j_k·w_k·G` for lists `(j_0, j_1, …)` in order of rank, without end.
///
/// With the sum `t` of a list this is `X − t·w_0·G − Σ_{k ≥ 1} j_k·(w_k − w_0)·G`. The point without the
/// terms below `k` is kept for every `k`, so that a number that grows while those below it fall back to 0
/// costs one addition.
pub(super) struct Walk<'a> {
    steps: &'a [RistrettoPoint],
    /// `X − t·w_0·G`.
    start: RistrettoPoint,
    /// Of `j_1`, `j_2`, ….
    levels: Vec<Level>,
    /// The sum `t`.
    sum: u64,
    /// `j_0`.
    left: u64,
}

struct Level {
    number: u64,
    /// `start` less the terms of this level and those above it.
    point: RistrettoPoint,
}

/// The steps of every walk over the weights `w_0`, `w_1`, …: `−w_0·G`, then `(w_0 − w_k)·G`.
pub(super) fn steps(weights: &[u64]) -> Vec<RistrettoPoint> {
    let first = weights.first().copied().unwrap_or(0);
    let others = weights.iter().skip(1).map(|weight| Scalar::from(first) - Scalar::from(*weight));
    core::iter::once(-Scalar::from(first)).chain(others).map(|step| RistrettoPoint::mul_base(&step)).collect()
}

impl<'a> Walk<'a> {
    /// Begins at a list of at most as many numbers as there are weights, `steps` being those of [`steps`].
    pub(super) fn new(
        from: &RistrettoPoint,
        list: &[u64],
        weights: &[u64],
        steps: &'a [RistrettoPoint],
    ) -> Self {
        let sum = list.iter().sum();
        let left = list.first().copied().unwrap_or(0);
        let first = Scalar::from(weights.first().copied().unwrap_or(0));
        let mut offset = first * Scalar::from(sum);
        let start = from - RistrettoPoint::mul_base(&offset);
        let mut point = start;
        let mut levels = Vec::new();
        for (number, weight) in list.iter().zip(weights).skip(1).rev() {
            if *number > 0 {
                offset += (Scalar::from(*weight) - first) * Scalar::from(*number);
                point = from - RistrettoPoint::mul_base(&offset);
            }
            levels.push(Level { number: *number, point });
        }
        levels.reverse();
        Walk { steps, start, levels, sum, left }
    }

    fn advance(&mut self) {
        let lowest = self.levels.iter().position(|level| level.number > 0);
        let grows = if self.left > 0 { 0 } else { lowest.map_or(self.levels.len(), |lowest| lowest + 1) };
        let (lower, higher) = self.levels.split_at_mut_checked(grows).unwrap_or_default();
        match (higher.first_mut(), self.steps.get(grows + 1)) {
            (Some(level), Some(step)) => {
                level.number += 1;
                level.point += step;
                self.left += lower.iter().map(|level| level.number).sum::<u64>();
                self.left -= 1;
                lower.iter_mut().for_each(|below| *below = Level { number: 0, point: level.point });
            }
            _ => {
                self.sum += 1;
                self.left = self.sum;
                self.start += self.steps.first().copied().unwrap_or_default();
                self.levels.iter_mut().for_each(|level| *level = Level { number: 0, point: self.start });
            }
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = RistrettoPoint;

    fn next(&mut self) -> Option<RistrettoPoint> {
        let point = self.levels.first().map_or(self.start, |level| level.point);
        self.advance();
        Some(point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    /// All lists, made without ranks.
    fn all(numbers: u64, most: u64) -> Vec<Vec<u64>> {
        let mut lists = vec![vec![]];
        for _ in 0..numbers {
            lists = lists
                .into_iter()
                .flat_map(|list: Vec<u64>| (0..=most).map(move |number| [&[number], &list[..]].concat()))
                .collect();
        }
        lists.retain(|list| list.iter().sum::<u64>() <= most);
        lists.sort_by_key(|list| {
            let from_the_end: Vec<_> = list.iter().rev().copied().collect();
            (list.iter().sum::<u64>(), from_the_end)
        });
        lists
    }

    #[test]
    fn ranks_and_walks_name_every_list_once_and_in_order() {
        let weights = [3, 70, 1_600, 40_000, 1_000_000];
        let from = RistrettoPoint::mul_base(&Scalar::from(123_456_789u64));
        for (numbers, most) in [(1, 0), (1, 9), (2, 0), (2, 1), (2, 12), (3, 7), (4, 5), (5, 4)] {
            let all = all(numbers, most);
            assert_eq!(lists(most, numbers), all.len() as u64);
            let weights = &weights[..numbers as usize];
            let steps = steps(weights);
            let points: Vec<_> = all
                .iter()
                .map(|list| {
                    let taken: u64 = list.iter().zip(weights).map(|(number, weight)| number * weight).sum();
                    from - RistrettoPoint::mul_base(&Scalar::from(taken))
                })
                .collect();
            for (rank, expected) in all.iter().enumerate() {
                assert_eq!(&list(rank as u64, numbers, most), expected);
                assert_eq!(&list(rank as u64, numbers, most + 3), expected);
                let walked: Vec<_> =
                    Walk::new(&from, expected, weights, &steps).take(all.len() - rank).collect();
                assert_eq!(walked, points[rank..], "{numbers} numbers up to {most} from {expected:?}");
            }
        }
    }

    #[test]
    fn large_ranks() {
        assert_eq!(lists(1, 48), 49);
        assert_eq!(lists(3, 24), 2_925);
        assert_eq!(lists((1 << 48) - 1, 1), 1 << 48);
        assert_eq!(lists((1 << 24) - 1, 2), (1 << 23) * ((1 << 24) + 1));
        assert_eq!(list((1 << 48) - 1, 1, (1 << 48) - 1), [(1 << 48) - 1]);
        let last = lists((1 << 24) - 1, 2) - 1;
        assert_eq!(list(last, 2, (1 << 24) - 1), [0, (1 << 24) - 1]);
        assert_eq!(list(last - 1, 2, (1 << 24) - 1), [1, (1 << 24) - 2]);
        let mut expected = vec![0; 48];
        expected[47] = 1;
        assert_eq!(list(48, 48, 1), expected);
    }
}
