//! Discrete logarithms of small numbers, by baby-step giant-step.

use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;

use super::group::Element;

/// Baby steps never exceed this many, which bounds the table at 16 MiB whatever the limit is.
const MOST_BABY_STEPS: u64 = 1 << 20;
/// Points encoded at once: large enough to share the field inversion, small enough for the cache.
const CHUNK: u64 = 256;

/// Finds `v` from `v·G` for every `v` in `0…limit`, exactly.
///
/// Baby-step giant-step (Shanks 1971): a sorted table of `m` baby steps `i·G` is made once and serves
/// every list of a contest; a search walks `M − j·m·G` until it meets the table. Both sides are
/// doubled and encoded in batches, which shares the field inversion among 256 points and costs a
/// seventh of encoding them one by one; `2X = 2Y` exactly when `X = Y`, the group's order being odd.
///
/// Cost: `m` encodings for the table, 16 bytes an entry, at most `limit/m + 1` encodings a search.
/// Time depends on the value found; totals are public. See [`DiscreteLogTable::new`] for `m`.
///
/// ```
/// use urne::primitives::DiscreteLogTable;
///
/// let table = DiscreteLogTable::new(1_000, 1);
/// // The basepoint is 1·G.
/// let basepoint = [
///     0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e, 0x71, 0xa8, 0x84, 0xa9, 0x61, 0xc5, 0x00, 0x51, 0x5f,
///     0x58, 0xe3, 0x0b, 0x6a, 0xa5, 0x82, 0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d, 0x2d, 0x76,
/// ];
/// assert_eq!(table.find_vartime(&basepoint)?, 1);
/// assert_eq!(table.find_vartime(&[0; 32])?, 0);
/// # Ok::<(), urne::primitives::DiscreteLogError>(())
/// ```
#[derive(Clone)]
pub struct DiscreteLogTable {
    /// First eight bytes of the encoding of `2·i·G`, with `i`; sorted.
    baby_steps: Vec<(u64, u64)>,
    /// How many baby steps, `m`.
    width: u64,
    /// `m·G`.
    giant_step: RistrettoPoint,
    limit: u64,
}

/// Why a logarithm was not found.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscreteLogError {
    /// The bytes are not the canonical encoding of a point.
    NotAPoint,
    /// The logarithm is larger than the table's limit.
    AboveLimit {
        /// The table's limit.
        limit: u64,
    },
}

impl fmt::Display for DiscreteLogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DiscreteLogError::NotAPoint => f.write_str("not the canonical encoding of a point"),
            DiscreteLogError::AboveLimit { limit } => {
                write!(f, "the discrete logarithm is not within 0…{limit}")
            }
        }
    }
}

impl core::error::Error for DiscreteLogError {}

impl DiscreteLogTable {
    /// A table for logarithms in `0…limit`, sized for `searches` searches: `m = √(searches·limit)`
    /// makes the table cost as much as the searches at their worst. `m` is at most 2^20.
    #[must_use]
    pub fn new(limit: u64, searches: u64) -> Self {
        let width = limit.saturating_mul(searches.max(1)).isqrt().clamp(1, MOST_BABY_STEPS);
        let mut baby_steps = Vec::new();
        let mut walk = Walk { next: RistrettoPoint::identity(), step: base(), at: 0 };
        while walk.at < width {
            baby_steps.extend(walk.chunk((width - walk.at).min(CHUNK)));
        }
        baby_steps.sort_unstable();
        DiscreteLogTable { baby_steps, width, giant_step: base() * Scalar::from(width), limit }
    }

    /// The largest logarithm that can be found.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// The `v` in `0…limit` with `v·G` encoded as `element`.
    ///
    /// # Errors
    ///
    /// [`DiscreteLogError::NotAPoint`] when the bytes do not decode, [`DiscreteLogError::AboveLimit`]
    /// when no such `v` exists.
    pub fn find_vartime(&self, element: &[u8; 32]) -> Result<u64, DiscreteLogError> {
        let element = Element::decode(element).ok_or(DiscreteLogError::NotAPoint)?;
        self.find_point_vartime(element.point())
    }

    pub(crate) fn find_point_vartime(&self, point: &RistrettoPoint) -> Result<u64, DiscreteLogError> {
        let above = DiscreteLogError::AboveLimit { limit: self.limit };
        let steps = (self.limit / self.width).saturating_add(1);
        let mut walk = Walk { next: *point, step: -self.giant_step, at: 0 };
        // Small counts are common: begin with short chunks.
        let mut size = 8;
        while walk.at < steps {
            for (key, giant) in walk.chunk((steps - walk.at).min(size)) {
                let first = self.baby_steps.partition_point(|(baby, _)| *baby < key);
                let candidates = self.baby_steps.iter().skip(first).take_while(|(baby, _)| *baby == key);
                for (_, baby) in candidates {
                    let value = giant.saturating_mul(self.width).saturating_add(*baby);
                    if value <= self.limit && RistrettoPoint::mul_base(&Scalar::from(value)) == *point {
                        return Ok(value);
                    }
                }
            }
            size = (size * 2).min(CHUNK);
        }
        Err(above)
    }
}

impl fmt::Debug for DiscreteLogTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DiscreteLogTable")
            .field("limit", &self.limit)
            .field("baby_steps", &self.width)
            .finish_non_exhaustive()
    }
}

/// A walk in equal steps that hands out keys of the doubled points.
struct Walk {
    next: RistrettoPoint,
    step: RistrettoPoint,
    at: u64,
}

impl Walk {
    fn chunk(&mut self, size: u64) -> impl Iterator<Item = (u64, u64)> + use<> {
        let first = self.at;
        let mut points = Vec::new();
        for _ in 0..size {
            points.push(self.next);
            self.next += self.step;
        }
        self.at = first.saturating_add(size);
        RistrettoPoint::double_and_compress_batch(&points)
            .into_iter()
            .zip(first..)
            .map(|(encoding, index)| (key(&encoding.to_bytes()), index))
    }
}

fn key(encoding: &[u8; 32]) -> u64 {
    encoding.first_chunk().map_or(0, |head| u64::from_le_bytes(*head))
}

fn base() -> RistrettoPoint {
    curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point(value: u64) -> RistrettoPoint {
        RistrettoPoint::mul_base(&Scalar::from(value))
    }

    #[test]
    fn every_value_up_to_the_limit_and_none_above() {
        for limit in [0, 1, 2, 3, 4, 7, 8, 9, 100, 257] {
            let table = DiscreteLogTable::new(limit, 1);
            assert_eq!(table.limit(), limit);
            for value in 0..=limit {
                assert_eq!(table.find_point_vartime(&point(value)), Ok(value), "limit {limit}");
            }
            for value in [limit + 1, limit + 2, 2 * limit + 20] {
                assert_eq!(
                    table.find_point_vartime(&point(value)),
                    Err(DiscreteLogError::AboveLimit { limit })
                );
            }
            assert!(table.find_point_vartime(&-point(1)).is_err());
        }
    }

    #[test]
    fn counts_of_two_to_the_32_are_exact() {
        let limit = 1 << 32;
        let table = DiscreteLogTable::new(limit, 12);
        for value in [0, 1, 0xffff, 0x1_0000, 0x1234_5678, limit - 1, limit] {
            assert_eq!(table.find_point_vartime(&point(value)), Ok(value));
        }
        assert!(table.find_point_vartime(&point(limit + 1)).is_err());
    }

    #[test]
    fn bytes_that_are_no_point() {
        let table = DiscreteLogTable::new(10, 1);
        assert_eq!(table.find_vartime(&[0xff; 32]), Err(DiscreteLogError::NotAPoint));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn finds_any_value(limit in 0u64..1_000_000, searches in 1u64..50, fraction in 0.0f64..=1.0) {
            let value = ((limit as f64) * fraction) as u64;
            let table = DiscreteLogTable::new(limit, searches);
            prop_assert_eq!(table.find_point_vartime(&point(value.min(limit))), Ok(value.min(limit)));
        }
    }
}
