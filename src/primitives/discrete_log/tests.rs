use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use proptest::prelude::*;

use super::*;

fn point(value: u64) -> RistrettoPoint {
    RistrettoPoint::mul_base(&Scalar::from(value))
}

fn pack(digits: &[u64], base: u64) -> u64 {
    digits.iter().rev().fold(0, |packed, digit| packed * base + digit)
}

fn table(count: u64, base: u64, digits: u8) -> PackedLogTable {
    PackedLogTable::new(count, base, digits).unwrap()
}

/// What must be found, by brute force: the digits of a number, when they fit.
fn expected(value: u64, base: u64, digits: u8, most: u64) -> Result<Vec<u64>, DiscreteLogError> {
    let mut rest = value;
    let found: Vec<_> = (0..digits)
        .map(|_| {
            let digit = rest % base;
            rest /= base;
            digit
        })
        .collect();
    let fits = rest == 0 && found.iter().sum::<u64>() <= most;
    fits.then_some(found).ok_or(DiscreteLogError::NoneFits { digits, most })
}

/// Every number of a range, and some that are far off.
fn check_all(table: &PackedLogTable, base: u64, digits: u8, most: u64, values: Range<u64>) {
    for value in values {
        assert_eq!(
            table.find_point_vartime(&point(value), digits, most),
            expected(value, base, digits, most.min(table.count())),
            "{value} as {digits} digits to base {base} within {most}, {table:?}"
        );
    }
    let missing = Err(DiscreteLogError::NoneFits { digits, most: most.min(table.count()) });
    for stranger in
        [-point(1), -point(base), point(1 << 48), RistrettoPoint::mul_base(&-Scalar::from(1u64 << 40))]
    {
        assert_eq!(table.find_point_vartime(&stranger, digits, most), missing);
    }
}

#[test]
fn every_number_of_one_digit_and_none_above() {
    for count in [0, 1, 2, 3, 4, 7, 8, 9, 100, 257] {
        let table = table(count, 1_000, 1);
        assert_eq!(table.count(), count);
        check_all(&table, 1_000, 1, count, 0..count + 20);
        check_all(&table, 1_000, 1, count / 2, 0..count + 20);
    }
}

#[test]
fn every_number_of_two_to_four_digits_and_every_short_last_slot() {
    for (count, base, digits) in [
        (0, 1, 3),
        (1, 2, 4),
        (2, 3, 4),
        (4, 6, 4),
        (5, 6, 3),
        (11, 12, 3),
        (9, 15, 3),
        (30, 40, 2),
        (0, 40, 2),
    ] {
        let table = table(count, base, digits);
        for short in 1..=digits {
            for most in [count / 2, count + 5] {
                check_all(&table, base, short, most, 0..base.pow(digits.into()) + 3);
            }
        }
    }
}

#[test]
fn cubes_larger_than_one_and_many_dimensions() {
    // Sides are above 1 for some, and 1 for others, where the cube at 0 is a single point.
    for (count, base, digits) in [(1, 2, 48), (3, 4, 24), (7, 8, 16), (15, 16, 12), (24, 64, 8), (50, 256, 6)]
    {
        let table = table(count, base, digits);
        let last = usize::from(digits - 1);
        let mut all = vec![vec![0; digits.into()]];
        for place in [0, 1, last / 2, last] {
            let mut digits = vec![0; digits.into()];
            digits[place] = count;
            all.push(digits.clone());
            digits[place] = count / 2;
            digits[last - place] += count - count / 2;
            all.push(digits);
        }
        for found in all {
            let total = point(pack(&found, base));
            assert_eq!(table.find_point_vartime(&total, digits, count), Ok(found.clone()), "{table:?}");
            if found.iter().sum::<u64>() == count {
                let too_few = count - 1;
                assert_eq!(
                    table.find_point_vartime(&total, digits, too_few),
                    Err(DiscreteLogError::NoneFits { digits, most: too_few })
                );
            }
        }
    }
}

#[test]
fn totals_of_a_hundred_thousand_ballots_in_slots_of_two() {
    let (count, base) = (100_000, 1_000_001);
    let table = table(count, base, 2);
    for digits in
        [[0, 0], [1, 0], [0, 1], [count, 0], [0, count], [33_333, 66_667], [50_000, 50_000], [12_345, 54_321]]
    {
        let total = point(pack(&digits, base));
        assert_eq!(table.find_point_vartime(&total, 2, count), Ok(digits.to_vec()));
    }
    for digits in [[count + 1, 0], [0, count + 1], [1, count], [count, 1], [base - 1, 0], [60_000, 60_000]] {
        let total = point(pack(&digits, base));
        assert_eq!(
            table.find_point_vartime(&total, 2, count),
            Err(DiscreteLogError::NoneFits { digits: 2, most: count })
        );
    }
    assert_eq!(table.find_point_vartime(&point(99_999), 1, count), Ok(vec![99_999]));
    assert!(table.find_point_vartime(&point(base), 1, count).is_err());
    let random = RistrettoPoint::from_uniform_bytes(&[7; 64]);
    assert!(table.find_point_vartime(&random, 2, count).is_err());
    assert!(table.find_point_vartime(&-point(1), 2, count).is_err());
}

#[test]
fn counts_of_two_to_the_32_are_exact() {
    let limit = 1 << 32;
    let table = table(limit, limit + 1, 1);
    for value in [0, 1, 0xffff, 0x1_0000, 0x1234_5678, limit - 1, limit] {
        assert_eq!(table.find_point_vartime(&point(value), 1, limit), Ok(vec![value]));
    }
    assert!(table.find_point_vartime(&point(limit + 1), 1, limit).is_err());
}

/// Entries of the table and most steps of a search, with cubes of this side.
fn costs(side: u64, count: u64, digits: u8) -> (u64, u64) {
    (side.pow(digits.into()), order::tuples(count / side, digits.into()))
}

#[test]
fn costs_are_those_of_the_documentation() {
    for (count, digits, expected) in [
        (100_000, 1, (216, 463)),
        (100_000, 2, (50_176, 100_128)),
        (1_000_000, 2, (499_849, 1_001_820)),
        ((1 << 24) - 1, 2, (1_498_176, 93_947_778)),
        (10_000, 3, (274_625, 620_620)),
        ((1 << 16) - 1, 3, (1_481_544, 31_850_400)),
        ((1 << 12) - 1, 4, (1_336_336, 9_381_251)),
    ] {
        assert_eq!(costs(side(count, digits), count, digits), expected, "{count}, {digits} digits");
    }
}

#[test]
fn sides_are_in_bounds_and_at_most_twice_as_dear_as_the_best() {
    for (count, digits) in [(0, 255), (1, 48), (2, 30), (3, 24), (0, 1), (1 << 32, 1), (MOST_PACKED - 1, 1)] {
        assert!(costs(side(count, digits), count, digits).0 <= MOST_ENTRIES);
    }
    for digits in 1..=48u8 {
        for bits in 1..=(48 / digits).min(20) {
            let count = (1u64 << bits) - 1;
            let chosen = side(count, digits);
            assert!(chosen <= count + 1);
            let sum = |side| {
                let (entries, steps) = costs(side, count, digits);
                entries + steps
            };
            let best = (1..=count + 1)
                .take_while(|side| side.checked_pow(digits.into()).is_some_and(|all| all <= MOST_ENTRIES))
                .map(sum)
                .min();
            assert!(sum(chosen) <= 2 * best.unwrap(), "{count}, {digits} digits: {chosen}");
        }
    }
}

#[test]
fn what_is_no_packed_number_is_refused() {
    for (count, base, digits) in
        [(10, 10, 1), (0, 0, 1), (0, 2, 0), (1, 2, 49), (0, (1 << 48) + 1, 1), (3, 1 << 24 | 1, 2)]
    {
        let error = PackedLogTable::new(count, base, digits).unwrap_err();
        assert_eq!(error, DiscreteLogError::Shape { count, base, digits });
    }
    assert!(PackedLogTable::new(3, 1 << 24, 2).is_ok());
    assert!(PackedLogTable::new(1, 2, 48).is_ok());
    let table = table(10, 11, 2);
    for digits in [0, 3] {
        let error = table.find_vartime(&[0; 32], digits, 10).unwrap_err();
        assert_eq!(error, DiscreteLogError::Shape { count: 10, base: 11, digits });
    }
}

#[test]
fn bytes_that_are_no_point() {
    assert_eq!(table(10, 11, 1).find_vartime(&[0xff; 32], 1, 10), Err(DiscreteLogError::NotAPoint));
}

#[test]
fn ranges_are_cut_without_gaps() {
    for (start, end, length) in [(0, 0, 5), (0, 1, 5), (3, 13, 5), (3, 14, 5), (7, 7, 1), (0, 5, 1)] {
        let cut: Vec<_> = batches(start..end, length).collect();
        assert!(cut.iter().all(|part| !part.is_empty() && part.end - part.start <= length));
        assert_eq!(cut.into_iter().flatten().collect::<Vec<_>>(), (start..end).collect::<Vec<_>>());
    }
}

fn totals() -> impl Strategy<Value = (u64, u64, Vec<u64>)> {
    (1u8..=6)
        .prop_flat_map(|digits| {
            let bits = [0, 40, 16, 12, 9, 7, 6][usize::from(digits)];
            (1u64..1 << bits, proptest::collection::vec(0.0f64..1.0, usize::from(digits) + 1))
        })
        .prop_flat_map(|(base, shares)| (Just(base), 0..base, Just(shares)))
        .prop_map(|(base, count, shares)| {
            let count = if shares.len() == 2 { count.min(1 << 32) } else { count };
            // The last share is of those who voted blank.
            let sum: f64 = shares.iter().sum::<f64>().max(1e-9);
            let votes = shares.iter().map(|share| (count as f64 * share / sum) as u64);
            (base, count, votes.take(shares.len() - 1).collect())
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn finds_any_digits_and_needs_all_their_votes((base, count, digits) in totals()) {
        let len = digits.len() as u8;
        let table = table(count, base, len);
        let total = point(pack(&digits, base));
        let sum: u64 = digits.iter().sum();
        for most in [count, sum, u64::MAX] {
            prop_assert_eq!(table.find_point_vartime(&total, len, most), Ok(digits.clone()));
        }
        if let Some(most) = sum.checked_sub(1) {
            let missing = Err(DiscreteLogError::NoneFits { digits: len, most });
            prop_assert_eq!(table.find_point_vartime(&total, len, most), missing);
        }
    }
}
