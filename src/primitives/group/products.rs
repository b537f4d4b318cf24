//! Sums of many products of scalars that are reduced once, at the end.
//!
//! A multiplication modulo the group order is two Montgomery reductions for one product of 256 bits; where
//! only the sum of many products matters, reducing it once is several times cheaper. Public data only.

use curve25519_dalek::scalar::Scalar;

/// An integer below 2^256, the least significant 64 bits first.
#[derive(Clone, Copy)]
pub(crate) struct Limbs([u64; 4]);

impl From<&Scalar> for Limbs {
    fn from(scalar: &Scalar) -> Self {
        let (words, _) = scalar.as_bytes().as_chunks();
        let mut limbs = [0; 4];
        for (limb, word) in limbs.iter_mut().zip(words) {
            *limb = u64::from_le_bytes(*word);
        }
        Limbs(limbs)
    }
}

impl From<u64> for Limbs {
    fn from(number: u64) -> Self {
        Limbs([number, 0, 0, 0])
    }
}

/// `Σ a·b` over scalars, not reduced.
///
/// 576 bits: a product of two scalars is below 2^506, so that 2^64 of them fit and more than there is
/// memory for.
#[derive(Clone, Copy, Default)]
pub(crate) struct SumOfProducts([u64; 9]);

impl SumOfProducts {
    /// Adds `a·b`.
    pub(crate) fn add(&mut self, a: &Limbs, b: &Limbs) {
        let mut product = [0; 8];
        for (place, a) in a.0.iter().enumerate() {
            let mut carry = 0;
            let mut row = product.iter_mut().skip(place);
            for (b, limb) in b.0.iter().zip(&mut row) {
                (*limb, carry) = a.carrying_mul_add(*b, *limb, carry);
            }
            // The row's own end, which nothing has been added to yet.
            if let Some(limb) = row.next() {
                *limb = carry;
            }
        }
        let mut carry = false;
        for (sum, limb) in self.0.iter_mut().zip(product.into_iter().chain([0])) {
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
