//! Random orders, by an algorithm of our own: those of `rand` may change from
//! version to version, and the same seed has to give the same order.

use crate::Generator;
use rand::{Rng, SeedableRng};

/// A random order of `0..n`: Fisher and Yates' algorithm (Durstenfeld 1964).
pub(crate) fn random_order(n: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    shuffle(&mut order, &mut Generator::seed_from_u64(seed));
    order
}

/// Puts a slice into random order; every order is equally likely.
pub(crate) fn shuffle<T>(values: &mut [T], generator: &mut Generator) {
    for last in (1..values.len()).rev() {
        values.swap(last, below(last + 1, generator));
    }
}

/// A number below `bound`, each equally likely: Lemire's method (2019), which
/// rejects the few draws that would favour some numbers.
fn below(bound: usize, generator: &mut Generator) -> usize {
    let bound = bound as u64;
    let too_few = bound.wrapping_neg() % bound;
    loop {
        let product = u128::from(generator.next_u64()) * u128::from(bound);
        if product as u64 >= too_few {
            return (product >> 64) as usize;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_order_for_ever() {
        assert_eq!(random_order(10, 1), random_order(10, 1));
        assert_ne!(random_order(10, 1), random_order(10, 2));
        assert_eq!(random_order(10, 1), [4, 7, 9, 3, 2, 1, 5, 0, 6, 8]);
    }

    #[test]
    fn every_order_of_three_is_equally_likely() {
        let mut counts = std::collections::BTreeMap::new();
        for seed in 0..6000 {
            *counts.entry(random_order(3, seed)).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6);
        // Each count is binomial with mean 1000 and deviation 28.9: 5 deviations.
        assert!(
            counts.values().all(|count| (855..=1145).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn nothing_and_one_thing_stay_as_they_are() {
        assert!(random_order(0, 1).is_empty());
        assert_eq!(random_order(1, 1), [0]);
    }
}
