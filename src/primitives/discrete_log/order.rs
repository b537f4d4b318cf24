//! Tuples of numbers in ascending order of their sum: how many there are, which stands where, and a walk
//! along them that costs one addition of points for each.

use alloc::vec::Vec;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;

/// How many tuples of so many numbers have a sum of at most `most`: `(most + numbers choose numbers)`.
/// It never exceeds `(most + 1)^numbers`, which callers keep within 2^48.
pub(super) fn tuples(most: u64, numbers: u64) -> u64 {
    let all = u128::from(most) + u128::from(numbers);
    let few = u128::from(most.min(numbers));
    let choices = (1..=few).fold(1, |product, i| product * (all - few + i) / i);
    u64::try_from(choices).unwrap_or(u64::MAX)
}

/// The tuple of rank `rank`, where `most` bounds the sum. Ranks go by the sum, then by the last number, then by
/// the one before it, and so on; the first number is what the others leave of the sum.
pub(super) fn tuple(rank: u64, numbers: u64, most: u64) -> Vec<u64> {
    let smaller = |sum: u64| sum.checked_sub(1).map_or(0, |sum| tuples(sum, numbers));
    let sum = largest(most, |sum| smaller(sum) <= rank);
    let (mut rank, mut left) = (rank - smaller(sum), sum);
    let mut tuple = Vec::new();
    for others in (1..numbers).rev() {
        // How many begin, seen from the end, with less than this.
        let before = |number: u64| tuples(left, others) - tuples(left - number, others);
        let number = largest(left, |number| before(number) <= rank);
        rank -= before(number);
        left -= number;
        tuple.push(number);
    }
    tuple.push(left);
    tuple.reverse();
    tuple
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

/// The weights `w_0`, `w_1`, … of the numbers of a tuple, with the steps of every walk over them.
#[derive(Clone)]
pub(super) struct Weights {
    first: u64,
    /// `−w_0·G`.
    first_step: RistrettoPoint,
    /// `w_k` and `(w_0 − w_k)·G` for every `k ≥ 1`.
    others: Vec<(u64, RistrettoPoint)>,
}

impl Weights {
    pub(super) fn new(first: u64, others: impl IntoIterator<Item = u64>) -> Self {
        let lighter = |by: u64| RistrettoPoint::mul_base(&(Scalar::from(first) - Scalar::from(by)));
        let first_step = -RistrettoPoint::mul_base(&first.into());
        let others = others.into_iter().map(|weight| (weight, lighter(weight))).collect();
        Weights { first, first_step, others }
    }
}

/// The points `X − Σ_k j_k·w_k·G` for tuples `(j_0, j_1, …)` in order of rank, without end.
///
/// With the sum `t` of a tuple this is `X − t·w_0·G − Σ_{k ≥ 1} j_k·(w_k − w_0)·G`. The point without the
/// terms below `k` is kept for every `k`, so that a number that grows while those below it fall back to 0
/// costs one addition.
pub(super) struct Walk<'a> {
    weights: &'a Weights,
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

impl<'a> Walk<'a> {
    /// Begins at a tuple of at most as many numbers as there are weights.
    pub(super) fn new(from: &RistrettoPoint, tuple: &[u64], weights: &'a Weights) -> Self {
        let sum: u64 = tuple.iter().sum();
        let left = tuple.first().copied().unwrap_or(0);
        let first = Scalar::from(weights.first);
        let mut taken = first * Scalar::from(sum);
        let start = from - RistrettoPoint::mul_base(&taken);
        let mut point = start;
        let mut levels = Vec::new();
        for (number, (weight, _)) in tuple.iter().skip(1).zip(&weights.others).rev() {
            if *number > 0 {
                taken += (Scalar::from(*weight) - first) * Scalar::from(*number);
                point = from - RistrettoPoint::mul_base(&taken);
            }
            levels.push(Level { number: *number, point });
        }
        levels.reverse();
        Walk { weights, start, levels, sum, left }
    }

    fn advance(&mut self) {
        let lowest = self.levels.iter().position(|level| level.number > 0);
        let grows = if self.left > 0 { 0 } else { lowest.map_or(self.levels.len(), |lowest| lowest + 1) };
        let (lower, higher) = self.levels.split_at_mut_checked(grows).unwrap_or_default();
        match (higher.first_mut(), self.weights.others.get(grows)) {
            (Some(level), Some((_, step))) => {
                level.number += 1;
                level.point += step;
                self.left += lower.iter().map(|level| level.number).sum::<u64>();
                self.left -= 1;
                lower.iter_mut().for_each(|below| *below = Level { number: 0, point: level.point });
            }
            _ => {
                self.sum += 1;
                self.left = self.sum;
                self.start += self.weights.first_step;
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

    /// All tuples, made without ranks.
    fn all(numbers: u64, most: u64) -> Vec<Vec<u64>> {
        let mut tuples = vec![vec![]];
        for _ in 0..numbers {
            tuples = tuples
                .into_iter()
                .flat_map(|tuple: Vec<u64>| (0..=most).map(move |number| [&[number], &tuple[..]].concat()))
                .collect();
        }
        tuples.retain(|tuple| tuple.iter().sum::<u64>() <= most);
        tuples.sort_by_key(|tuple| {
            let from_the_end: Vec<_> = tuple.iter().rev().copied().collect();
            (tuple.iter().sum::<u64>(), from_the_end)
        });
        tuples
    }

    #[test]
    fn ranks_and_walks_name_every_tuple_once_and_in_order() {
        let all_weights = [3, 70, 1_600, 40_000, 1_000_000];
        let from = RistrettoPoint::mul_base(&Scalar::from(123_456_789u64));
        for (numbers, most) in [(1, 0), (1, 9), (2, 0), (2, 1), (2, 12), (3, 7), (4, 5), (5, 4)] {
            let all = all(numbers, most);
            assert_eq!(tuples(most, numbers), all.len() as u64);
            let numbered = &all_weights[..numbers as usize];
            // More weights than numbers change nothing.
            let weights = [
                Weights::new(3, numbered[1..].iter().copied()),
                Weights::new(3, all_weights[1..].iter().copied()),
            ];
            let points: Vec<_> = all
                .iter()
                .map(|tuple| {
                    let taken: u64 = tuple.iter().zip(numbered).map(|(number, weight)| number * weight).sum();
                    from - RistrettoPoint::mul_base(&Scalar::from(taken))
                })
                .collect();
            for (rank, expected) in all.iter().enumerate() {
                assert_eq!(&tuple(rank as u64, numbers, most), expected);
                assert_eq!(&tuple(rank as u64, numbers, most + 3), expected);
                for weights in &weights {
                    let walk = Walk::new(&from, expected, weights);
                    let walked: Vec<_> = walk.take(all.len() - rank).collect();
                    assert_eq!(walked, points[rank..], "{numbers} numbers up to {most} from {expected:?}");
                }
            }
        }
    }

    #[test]
    fn large_ranks() {
        assert_eq!(tuples(1, 48), 49);
        assert_eq!(tuples(3, 24), 2_925);
        assert_eq!(tuples((1 << 48) - 1, 1), 1 << 48);
        assert_eq!(tuples((1 << 24) - 1, 2), (1 << 23) * ((1 << 24) + 1));
        assert_eq!(tuple((1 << 48) - 1, 1, (1 << 48) - 1), [(1 << 48) - 1]);
        let last = tuples((1 << 24) - 1, 2) - 1;
        assert_eq!(tuple(last, 2, (1 << 24) - 1), [0, (1 << 24) - 1]);
        assert_eq!(tuple(last - 1, 2, (1 << 24) - 1), [1, (1 << 24) - 2]);
        let mut expected = vec![0; 48];
        expected[47] = 1;
        assert_eq!(tuple(48, 48, 1), expected);
    }
}
