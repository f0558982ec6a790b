//! Random permutations that depend only on the seed, their number and the number of values.
//!
//! The shuffle is written here, not taken from the crate `rand`, which may change the order of its random numbers between
//! versions.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

/// Number and seed of the permutations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PermutationOptions {
    /// Number of permutations, N. The first ones do not depend on it.
    pub count: usize,
    /// The seed: the same seed gives the same permutations of n individuals on every machine.
    pub seed: u64,
}

/// The random numbers of one permutation.
#[derive(Debug, Clone)]
pub(super) struct Generator(Xoshiro256PlusPlus);

impl Generator {
    /// The generators of the permutations: each starts 2¹²⁸ numbers after the one before it, so that their
    /// sequences do not overlap.
    ///
    /// Source: xoshiro256++ of Blackman & Vigna 2021, ACM Trans. Math. Softw. 47:36, seeded by SplitMix64.
    pub(super) fn sequence(options: PermutationOptions) -> Vec<Self> {
        let mut next = Xoshiro256PlusPlus::seed_from_u64(options.seed);
        let mut generator = || {
            let generator = Self(next.clone());
            next.jump();
            generator
        };
        (0..options.count).map(|_| generator()).collect()
    }

    /// Brings `values` into random order, every order with the same probability.
    ///
    /// Source: Fisher-Yates in the form of Durstenfeld 1964, Commun. ACM 7:420.
    pub(super) fn shuffle<T>(mut self, values: &mut [T]) {
        for last in (1..values.len()).rev() {
            values.swap(last, self.below(last as u64 + 1) as usize);
        }
    }

    /// A random integer from 0 to `n` − 1, each with exactly the same probability.
    ///
    /// Source: Lemire 2019, ACM Trans. Model. Comput. Simul. 29:3.
    fn below(&mut self, n: u64) -> u64 {
        let mut product = u128::from(self.0.next_u64()) * u128::from(n);
        if (product as u64) < n {
            // 2⁶⁴ mod n: products with a lower part below it would make some integers more probable.
            let excess = n.wrapping_neg() % n;
            while (product as u64) < excess {
                product = u128::from(self.0.next_u64()) * u128::from(n);
            }
        }
        (product >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permutations(seed: u64, count: usize, n: usize) -> Vec<Vec<usize>> {
        let shuffled = |generator: Generator| {
            let mut order: Vec<usize> = (0..n).collect();
            generator.shuffle(&mut order);
            order
        };
        let generators = Generator::sequence(PermutationOptions { count, seed });
        generators.into_iter().map(shuffled).collect()
    }

    #[test]
    fn permutations_are_those_of_an_independent_implementation() {
        // By a Python program with the published algorithms.
        let expected = [
            (
                0,
                [
                    [1, 4, 5, 8, 6, 7, 0, 2, 9, 3],
                    [8, 0, 5, 6, 9, 3, 2, 7, 4, 1],
                    [4, 8, 9, 1, 2, 0, 5, 6, 7, 3],
                ],
            ),
            (
                42,
                [
                    [5, 3, 1, 0, 9, 6, 4, 7, 2, 8],
                    [4, 8, 1, 2, 5, 9, 6, 0, 3, 7],
                    [6, 5, 0, 4, 8, 9, 1, 2, 3, 7],
                ],
            ),
            (
                u64::MAX,
                [
                    [0, 4, 6, 5, 2, 9, 1, 7, 8, 3],
                    [4, 7, 2, 0, 6, 9, 3, 1, 8, 5],
                    [0, 4, 3, 5, 8, 2, 6, 1, 7, 9],
                ],
            ),
        ];
        for (seed, expected) in expected {
            assert_eq!(permutations(seed, 3, 10), expected);
            assert_eq!(permutations(seed, 2, 10), expected[..2]);
        }
        assert_eq!(permutations(1, 2, 0), [[0; 0]; 2]);
        assert_eq!(permutations(1, 2, 1), [[0], [0]]);
    }

    #[test]
    fn all_orders_are_equally_probable() {
        let (count, mut seen) = (24_000, std::collections::BTreeMap::new());
        for order in permutations(7, count, 4) {
            *seen.entry(order).or_insert(0) += 1;
        }
        assert_eq!(seen.len(), 24);
        let expected = count as f64 / 24.0;
        let deviation = |n: &i32| (f64::from(*n) - expected).powi(2) / expected;
        let chi2: f64 = seen.values().map(deviation).sum();
        // χ² with 23 degrees of freedom is below 58.6 with probability 0.99994.
        assert!(chi2 < 58.6, "{chi2}");
    }
}
