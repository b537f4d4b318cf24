//! Discrete logarithms of small numbers and of packed totals, by baby-step giant-step.

use crate::primitives::messages::messages;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;

use self::keys::{Keys, MOST_ENTRIES, keys};
use self::order::{Walk, Weights, tuple, tuples};
use super::group::Element;
use super::parallel;
use super::text;

mod keys;
mod order;
#[cfg(test)]
mod tests;

/// Packed numbers are below this.
const MOST_PACKED: u64 = 1 << 48;
/// Points encoded at once: enough to share the field inversion, few enough for the cache.
const BATCH: u64 = 256;
/// Steps that a thread takes at a time.
const PIECE: u64 = 8192;
/// Steps of a search's first round; the next have twice as many each, since small totals are common.
const FIRST_ROUND: u64 = 32;

/// Finds the digits of `v` from `v·G`, where `v = d_0 + M·d_1 + … + M^(κ−1)·d_(κ−1)` and the digits, each
/// of them and their sum, are at most `count`. With one digit it is the plain logarithm in `0…count`.
///
/// # How
///
/// Baby-step giant-step (Shanks 1971) in as many dimensions as there are digits. The digits are cut into
/// cubes of side `w`. The table holds the `w^κ` points of the cube at 0 and is made once for all totals. A
/// search brings one cube after the other to 0 and looks whether the total is in it, in ascending order of
/// the digits' sum. So it ends after about `S^κ / (κ!·w^κ)` steps where `S` is the sum of the digits,
/// whatever `M` is. As the totals of a tally share the count of its ballots, all its searches together take
/// no more steps than one whose digits sum to `count` (but for a few steps each). Every cube that holds
/// digits with a sum of at most `count` is visited, and what is found is computed anew: the answer is exact.
///
/// # Cost
///
/// `w` is chosen so that the table costs about half of the longest walk, which is some `√(count / 2)` entries
/// for one digit and some `count / 2` for two. An entry and a step cost one addition and one encoding in a
/// batch of points each. The table has at most 1,500,000 entries, which with the free slots make 16 MB;
/// beyond that the walk grows:
///
/// | digits | count | entries | steps at most |
/// |---|---|---|---|
/// | 1 | 100,000 | 216 | 463 |
/// | 2 | 100,000 | 50,176 | 100,128 |
/// | 2 | 1,000,000 | 499,849 | 1,001,820 |
/// | 2 | 16,777,215 | 1,498,176 | 93,947,778 |
/// | 3 | 10,000 | 274,625 | 620,620 |
/// | 3 | 65,535 | 1,481,544 | 31,850,400 |
/// | 4 | 4,095 | 1,336,336 | 9,381,251 |
///
/// With the feature `parallel` the table is made and each total searched on all cores, with the same
/// results. Time depends on the totals, which are public.
///
/// ```
/// use urne::primitives::{DiscreteLogError, PackedLogTable};
///
/// // Up to 1,000 ballots, where the capacity is 9,999, two lists a slot.
/// let table = PackedLogTable::new(1_000, 10_000, 2)?;
/// // The basepoint is 1·G: one vote for the first list of its slot.
/// let basepoint = [
///     0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e, 0x71, 0xa8, 0x84, 0xa9, 0x61, 0xc5, 0x00, 0x51, 0x5f,
///     0x58, 0xe3, 0x0b, 0x6a, 0xa5, 0x82, 0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d, 0x2d, 0x76,
/// ];
/// assert_eq!(table.find_vartime(&basepoint, 2, 1_000)?, [1, 0]);
/// assert_eq!(table.find_vartime(&[0; 32], 1, 1_000)?, [0]);
/// // Nothing is left of the ballots, so it cannot be a vote.
/// let nothing = table.find_vartime(&basepoint, 2, 0);
/// assert_eq!(nothing, Err(DiscreteLogError::NoneFits { digits: 2, most: 0 }));
/// # Ok::<(), DiscreteLogError>(())
/// ```
#[derive(Clone)]
pub struct PackedLogTable {
    count: u64,
    base: u64,
    /// `1`, `M`, `M^2`, …, one a digit.
    powers: Vec<u64>,
    /// The side `w` of a cube.
    side: u64,
    /// Baby steps: the points of the cube at 0, with the index `y_0 + w·y_1 + w^2·y_2 + …` of `Σ_k y_k·M^k·G`.
    babies: Keys,
    /// From cube to cube in each dimension: `w`, `w·M`, `w·M^2`, ….
    weights: Weights,
}

/// Why a logarithm was not found.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscreteLogError {
    /// The bytes are not the canonical encoding of a point.
    NotAPoint,
    /// There is no such number: a digit is below the base, there is at least one and no more than the table
    /// has, and the base to the power of the digits is at most 2^48.
    Shape {
        /// What digits and their sum are at most.
        count: u64,
        /// The base.
        base: u64,
        /// How many digits.
        digits: u8,
    },
    /// No digits fit the total.
    NoneFits {
        /// How many digits.
        digits: u8,
        /// What each of them and their sum would be at most.
        most: u64,
    },
}

messages! { DiscreteLogError: "logarithm";
    NotAPoint => "not-a-point", "not the canonical encoding of a point";
    Shape { count, base, digits } => "shape",
        "no packed number has {} to base {base}, up to {count} each", text::count(*digits, "digit");
    NoneFits { digits, most } => "none-fits",
        "the discrete logarithm is not {} with a sum of at most {most}", text::count(*digits, "digit");
}

impl core::error::Error for DiscreteLogError {}

impl PackedLogTable {
    /// A table for numbers of up to `digits` digits to base `base`, whose sum is at most `count`.
    ///
    /// # Errors
    ///
    /// [`DiscreteLogError::Shape`] unless `count < base`, `digits ≥ 1` and `base^digits ≤ 2^48`.
    pub fn new(count: u64, base: u64, digits: u8) -> Result<Self, DiscreteLogError> {
        let size = base.checked_pow(digits.into()).filter(|size| *size <= MOST_PACKED);
        if size.is_none() || count >= base || digits == 0 {
            return Err(DiscreteLogError::Shape { count, base, digits });
        }
        let side = side(count, digits);
        let powers: Vec<_> =
            core::iter::successors(Some(1), |power| Some(power * base)).take(digits.into()).collect();
        let weights = Weights::new(side, powers.iter().skip(1).map(|power| side * power));
        let babies = baby_steps(side, &powers);
        Ok(PackedLogTable { count, base, powers, side, babies, weights })
    }

    /// What digits, and their sum, are at most.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The digits, least first, of the `v` with `v·G` encoded as `total`: `digits` of them, which may be fewer
    /// than the table's, as the last slot of a contest can have fewer lists than the others. Each of them and
    /// their sum are at most `most` and at most the table's count. For a slot of a tally, `most` is what the
    /// slots before it have left of the ballots.
    ///
    /// # Errors
    ///
    /// [`DiscreteLogError::NotAPoint`] when the bytes do not decode, [`DiscreteLogError::Shape`] when the
    /// table is not for so many digits or `digits` is 0, [`DiscreteLogError::NoneFits`] when no such digits
    /// exist, after as many steps as the table of costs says.
    pub fn find_vartime(
        &self,
        total: &[u8; 32],
        digits: u8,
        most: u64,
    ) -> Result<Vec<u64>, DiscreteLogError> {
        let element = Element::decode(total).ok_or(DiscreteLogError::NotAPoint)?;
        self.find_point_vartime(element.point(), digits, most)
    }

    /// [`PackedLogTable::find_vartime`] of a point.
    pub(crate) fn find_point_vartime(
        &self,
        total: &RistrettoPoint,
        digits: u8,
        most: u64,
    ) -> Result<Vec<u64>, DiscreteLogError> {
        let powers = self.powers.get(..digits.into()).filter(|powers| !powers.is_empty());
        let Some(powers) = powers else {
            return Err(DiscreteLogError::Shape { count: self.count, base: self.base, digits });
        };
        let most = most.min(self.count);
        let search = Search { table: self, total, powers, digits: digits.into(), most };
        let cubes = tuples(most / self.side, digits.into());
        let (mut done, mut round) = (0, FIRST_ROUND);
        while done < cubes {
            let end = cubes.min(done + round);
            let found = parallel::map(&pieces(done..end), |ranks| search.among(ranks.clone()));
            if let Some(digits) = found.into_iter().flatten().next() {
                return Ok(digits);
            }
            done = end;
            round = (round * 2).min(most_of_a_round());
        }
        Err(DiscreteLogError::NoneFits { digits, most })
    }
}

impl fmt::Debug for PackedLogTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PackedLogTable")
            .field("count", &self.count)
            .field("base", &self.base)
            .field("digits", &self.powers.len())
            .field("side", &self.side)
            .field("slots", &self.babies.slots())
            .finish_non_exhaustive()
    }
}

/// The side of a cube that makes table and walk cheapest together. The longest walk counts half, since one
/// total seldom has all votes, and shared out over several they cost less.
fn side(count: u64, digits: u8) -> u64 {
    let entries = |side: u64| side.checked_pow(digits.into()).filter(|entries| *entries <= MOST_ENTRIES);
    let steps = |side: u64| tuples(count / side, digits.into());
    (1..)
        .map_while(|side| Some((side, entries(side)?)))
        // Beyond this the table grows for less than it saves.
        .take_while(|(side, entries)| *side == 1 || *entries <= steps(side - 1))
        .min_by_key(|(side, entries)| entries + steps(*side) / 2)
        .map_or(1, |(side, _)| side)
}

fn baby_steps(side: u64, powers: &[u64]) -> Keys {
    let entries = powers.iter().fold(1, |entries, _| entries * side);
    let carries = carries(side, powers);
    let mut table = Keys::with_capacity(entries);
    let mut done = 0;
    while done < entries {
        let end = entries.min(done + most_of_a_round());
        let found = parallel::map(&pieces(done..end), |indices| {
            let cube = Cube::new(indices.start, side, powers, &carries);
            in_batches(cube, indices.clone()).collect::<Vec<_>>()
        });
        for (key, index) in found.into_iter().flatten() {
            table.insert(key, index);
        }
        done = end;
    }
    table
}

/// What is added where digit `k` grows by 1 and those below it fall from `side − 1` to 0.
fn carries(side: u64, powers: &[u64]) -> Vec<RistrettoPoint> {
    let mut below = Scalar::ZERO;
    let mut carries = Vec::new();
    for power in powers {
        let power = Scalar::from(*power);
        carries.push(RistrettoPoint::mul_base(&(power - below)));
        below += power * Scalar::from(side - 1);
    }
    carries
}

/// The points of the cube at 0, in order of their index; after the last of them it is repeated.
struct Cube<'a> {
    digits: Vec<u64>,
    side: u64,
    carries: &'a [RistrettoPoint],
    next: RistrettoPoint,
}

impl<'a> Cube<'a> {
    fn new(index: u64, side: u64, powers: &[u64], carries: &'a [RistrettoPoint]) -> Self {
        let digits = digits(index, side, powers.len());
        Cube { next: RistrettoPoint::mul_base(&packed(&digits, powers).into()), digits, side, carries }
    }
}

impl Iterator for Cube<'_> {
    type Item = RistrettoPoint;

    fn next(&mut self) -> Option<RistrettoPoint> {
        let point = self.next;
        for (digit, carry) in self.digits.iter_mut().zip(self.carries) {
            if *digit + 1 < self.side {
                *digit += 1;
                self.next += carry;
                break;
            }
            *digit = 0;
        }
        Some(point)
    }
}

/// A search for one total.
struct Search<'a> {
    table: &'a PackedLogTable,
    total: &'a RistrettoPoint,
    /// As many as there are digits.
    powers: &'a [u64],
    digits: u64,
    most: u64,
}

impl Search<'_> {
    /// The digits, if they are in the cubes of these ranks.
    fn among(&self, ranks: Range<u64>) -> Option<Vec<u64>> {
        let PackedLogTable { weights, babies, .. } = self.table;
        let walk = Walk::new(self.total, &self.cube(ranks.start), weights);
        in_batches(walk, ranks)
            .find_map(|(key, rank)| babies.get(key).find_map(|index| self.checked(&self.cube(rank), index)))
    }

    /// Where the cube of a rank stands, counted in cubes.
    fn cube(&self, rank: u64) -> Vec<u64> {
        tuple(rank, self.digits, self.most / self.table.side)
    }

    /// The digits of a hit, if it is none by accident.
    fn checked(&self, cube: &[u64], index: u64) -> Option<Vec<u64>> {
        let side = self.table.side;
        let digits: Vec<_> = digits(index, side, self.powers.len())
            .into_iter()
            .zip(cube)
            .map(|(baby, cubes)| cubes * side + baby)
            .collect();
        let fits = digits.iter().sum::<u64>() <= self.most
            && RistrettoPoint::mul_base(&packed(&digits, self.powers).into()) == *self.total;
        fits.then_some(digits)
    }
}

/// The last of so many digits to base `side` takes what is left.
fn digits(index: u64, side: u64, digits: usize) -> Vec<u64> {
    core::iter::successors(Some(index), |rest| Some(rest / side))
        .map(|rest| rest % side)
        .take(digits)
        .collect()
}

fn packed(digits: &[u64], powers: &[u64]) -> u64 {
    digits.iter().zip(powers).map(|(digit, power)| digit * power).sum()
}

/// Keys of the points, each with its number.
fn in_batches(
    mut points: impl Iterator<Item = RistrettoPoint>,
    numbers: Range<u64>,
) -> impl Iterator<Item = (u64, u64)> {
    let mut batch = Vec::new();
    batches(numbers, BATCH).flat_map(move |numbers| {
        batch.clear();
        batch.extend(numbers.clone().zip(&mut points).map(|(_, point)| point));
        keys(&batch).zip(numbers)
    })
}

/// What all threads take at once.
fn most_of_a_round() -> u64 {
    u64::try_from(parallel::threads()).unwrap_or(1).max(1) * PIECE
}

/// A range in pieces for the threads, none shorter than a batch but the last.
fn pieces(range: Range<u64>) -> Vec<Range<u64>> {
    let threads = u64::try_from(parallel::threads()).unwrap_or(1).max(1);
    let length = (range.end - range.start).div_ceil(threads).max(BATCH);
    batches(range, length).collect()
}

/// A range cut after every `length`.
fn batches(range: Range<u64>, length: u64) -> impl Iterator<Item = Range<u64>> {
    let end = range.end;
    core::iter::successors(Some(range.start), move |start| Some(start + length))
        .take_while(move |start| *start < end)
        .map(move |start| start..end.min(start + length))
}
