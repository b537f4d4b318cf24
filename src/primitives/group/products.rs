//! Sums of many products of scalars that are reduced once, at the end.
//!
//! A multiplication modulo the group order is two Montgomery reductions for one product of 256 bits; where
//! only the sum of many products matters, reducing it once is several times cheaper. And a scalar that is read
//! need not be reduced to see that it was. Public data only: this takes as long as the numbers make it.

use curve25519_dalek::scalar::Scalar;

/// The group order ℓ.
const ORDER: Limbs = Limbs([0x5812_631a_5cf5_d3ed, 0x14de_f9de_a2f7_9cd6, 0, 0x1000_0000_0000_0000]);

/// An integer below 2^256, the least significant 64 bits first.
#[derive(Clone, Copy)]
pub(crate) struct Limbs([u64; 4]);

impl Limbs {
    pub(crate) const ZERO: Limbs = Limbs([0; 4]);

    /// `None` unless the bytes are a scalar below the group order.
    pub(crate) fn decode(bytes: &[u8; 32]) -> Option<Self> {
        let limbs = Limbs::from_bytes(bytes);
        limbs.is_reduced().then_some(limbs)
    }

    fn from_bytes(bytes: &[u8; 32]) -> Self {
        let (words, _) = bytes.as_chunks();
        let mut limbs = [0; 4];
        for (limb, word) in limbs.iter_mut().zip(words) {
            *limb = u64::from_le_bytes(*word);
        }
        Limbs(limbs)
    }

    fn is_reduced(&self) -> bool {
        self.0.iter().rev().lt(ORDER.0.iter().rev())
    }

    /// `a − b` modulo the group order, of two numbers below it.
    pub(crate) fn minus(&self, other: &Limbs) -> Self {
        match self.borrowing_sub(other) {
            (difference, false) => difference,
            (difference, true) => difference.carrying_add(&ORDER).0,
        }
    }

    fn carrying_add(&self, other: &Limbs) -> (Self, bool) {
        let (mut sum, mut carry) = (*self, false);
        for (limb, other) in sum.0.iter_mut().zip(other.0) {
            (*limb, carry) = limb.carrying_add(other, carry);
        }
        (sum, carry)
    }

    fn borrowing_sub(&self, other: &Limbs) -> (Self, bool) {
        let (mut difference, mut borrow) = (*self, false);
        for (limb, other) in difference.0.iter_mut().zip(other.0) {
            (*limb, borrow) = limb.borrowing_sub(other, borrow);
        }
        (difference, borrow)
    }
}

impl From<&Scalar> for Limbs {
    fn from(scalar: &Scalar) -> Self {
        Limbs::from_bytes(scalar.as_bytes())
    }
}

/// `Σ w·a` over scalars `a` and small factors `w`, not reduced: an integer below 2^320.
///
/// A product of a scalar and a factor below 2^48 is below 2^301, so that there may be 2^19 of them.
#[derive(Clone, Copy, Default)]
pub(crate) struct SmallMultiples([u64; 5]);

impl SmallMultiples {
    /// Adds `factor·a`; the factor is below 2^48.
    pub(crate) fn add(&mut self, a: &Limbs, factor: u64) {
        let mut carry = 0;
        for (sum, a) in self.0.iter_mut().zip(a.0.into_iter().chain([0])) {
            (*sum, carry) = factor.carrying_mul_add(a, *sum, carry);
        }
    }
}

/// `Σ a·b` over scalars, not reduced.
///
/// 576 bits: a product of two scalars is below 2^506, so that 2^64 of them fit and more than there is
/// memory for; one of a scalar and of multiples by the weights of a slot, whose sum is below 2^48, is below 2^555,
/// and 2^21 of them fit.
#[derive(Clone, Copy, Default)]
pub(crate) struct SumOfProducts([u64; 9]);

impl SumOfProducts {
    /// Adds `a·b`.
    pub(crate) fn add(&mut self, a: &Limbs, b: &Limbs) {
        self.add_rows(a, &b.0);
    }

    /// Adds `a·b`, where `b` is a sum of small multiples.
    pub(crate) fn add_multiples(&mut self, a: &Limbs, b: &SmallMultiples) {
        self.add_rows(a, &b.0);
    }

    fn add_rows<const N: usize>(&mut self, a: &Limbs, b: &[u64; N]) {
        let mut product = [0; 9];
        for (place, a) in a.0.iter().enumerate() {
            let mut carry = 0;
            let mut row = product.iter_mut().skip(place);
            for (b, limb) in b.iter().zip(&mut row) {
                (*limb, carry) = a.carrying_mul_add(*b, *limb, carry);
            }
            // The row's own end, which nothing has been added to yet.
            if let Some(limb) = row.next() {
                *limb = carry;
            }
        }
        let mut carry = false;
        for (sum, limb) in self.0.iter_mut().zip(product) {
            (*sum, carry) = sum.carrying_add(limb, carry);
        }
    }

    /// The sum modulo the group order.
    pub(crate) fn reduce(&self) -> Scalar {
        let [low @ .., high] = &self.0;
        let mut wide = [0; 64];
        let (words, _) = wide.as_chunks_mut();
        for (word, limb) in words.iter_mut().zip(low) {
            *word = limb.to_le_bytes();
        }
        let low = Scalar::from_bytes_mod_order_wide(&wide);
        if *high == 0 { low } else { low + Scalar::from(*high) * two_to_the_512() }
    }
}

fn two_to_the_512() -> Scalar {
    let two_to_the_128 = Scalar::from(u128::MAX) + Scalar::ONE;
    let two_to_the_256 = two_to_the_128 * two_to_the_128;
    two_to_the_256 * two_to_the_256
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn arb_scalar() -> impl Strategy<Value = Scalar> {
        prop_oneof![
            any::<[u8; 32]>().prop_map(Scalar::from_bytes_mod_order),
            any::<u128>().prop_map(Scalar::from),
            Just(Scalar::ZERO),
            Just(-Scalar::ONE),
        ]
    }

    proptest! {
        #[test]
        fn the_sum_is_that_of_the_products(pairs in prop::collection::vec((arb_scalar(), arb_scalar()), 0..20)) {
            let mut sum = SumOfProducts::default();
            for (a, b) in &pairs {
                sum.add(&a.into(), &b.into());
            }
            let expected: Scalar = pairs.iter().map(|(a, b)| a * b).sum();
            prop_assert_eq!(sum.reduce(), expected);
        }
    }

    proptest! {
        #[test]
        fn limbs_are_read_and_subtracted_like_scalars(a in arb_scalar(), b in arb_scalar()) {
            let bytes = |limbs: Limbs| limbs.0.map(u64::to_le_bytes).concat();
            let [a_limbs, b_limbs] = [a, b].map(|scalar| Limbs::decode(scalar.as_bytes()).unwrap());
            prop_assert_eq!(bytes(a_limbs), a.to_bytes());
            prop_assert_eq!(bytes(a_limbs.minus(&b_limbs)), (a - b).to_bytes());
        }

        #[test]
        fn attack_6_limbs_at_or_above_the_order_are_refused(bytes: [u8; 32], near in -300i32..300) {
            prop_assert_eq!(Limbs::decode(&bytes).is_some(), bool::from(Scalar::from_canonical_bytes(bytes).is_some()));
            // And around the order: ℓ + near.
            let mut bytes = (-Scalar::ONE).to_bytes();
            let low = i32::from(bytes[0]) + i32::from(bytes[1]) * 256 + 1 + near;
            bytes[..2].copy_from_slice(&low.to_le_bytes()[..2]);
            prop_assert_eq!(Limbs::decode(&bytes).is_some(), near < 0);
        }
    }

    proptest! {
        #[test]
        fn small_multiples_are_summed_and_multiplied(
            a in arb_scalar(), terms in prop::collection::vec((arb_scalar(), 0u64..1 << 48), 0..50),
        ) {
            let mut multiples = SmallMultiples::default();
            for (b, factor) in &terms {
                multiples.add(&b.into(), *factor);
            }
            let mut sum = SumOfProducts::default();
            sum.add_multiples(&Limbs::from(&a), &multiples);
            sum.add_multiples(&Limbs::from(&a), &multiples);
            let expected: Scalar = terms.iter().map(|(b, factor)| b * Scalar::from(*factor)).sum();
            prop_assert_eq!(sum.reduce(), (a + a) * expected);
        }
    }

    #[test]
    fn the_largest_products_carry_into_the_last_limb() {
        // (ℓ − 1)² is above 2^504: 300 of them need more than 512 bits.
        let largest = -Scalar::ONE;
        let mut sum = SumOfProducts::default();
        for _ in 0..300 {
            sum.add(&Limbs::from(&largest), &Limbs::from(&largest));
        }
        assert_ne!(sum.0[8], 0);
        assert_eq!(sum.reduce(), Scalar::from(300u64));
        let all_ones: Vec<u8> = alloc::vec![0xff; 32];
        let not_reduced = Limbs([u64::MAX; 4]);
        let mut sum = SumOfProducts::default();
        sum.add(&not_reduced, &not_reduced);
        let value = Scalar::from_bytes_mod_order(all_ones.try_into().unwrap());
        assert_eq!(sum.reduce(), value * value);
    }
}
