//! Splits: which samples go into the training set and which are kept back.

use super::permutation::random_order;
use super::{DataError, Dataset, Target};
use crate::Sample;

impl<X: Sample, Y: Target> Dataset<X, Y> {
    /// Splits at random: `fraction` of the samples (rounded) into the first data
    /// set, the others into the second; both in random order.
    ///
    /// # Errors
    ///
    /// [`DataError::Fraction`] if `fraction` is not between 0 and 1 or a part
    /// would be empty.
    pub fn split(&self, fraction: f64, seed: u64) -> Result<(Self, Self), DataError> {
        let first = self.first_part(fraction)?;
        let order = random_order(self.len(), seed);
        Ok((self.subset(&order[..first])?, self.subset(&order[first..])?))
    }

    /// How many samples `fraction` of them are, if that leaves some on both sides.
    fn first_part(&self, fraction: f64) -> Result<usize, DataError> {
        let samples = self.len();
        let first = (fraction * samples as f64).round();
        // Also false for NaN.
        if fraction > 0.0 && fraction < 1.0 && first >= 1.0 && first < samples as f64 {
            Ok(first as usize)
        } else {
            Err(DataError::Fraction { fraction, samples })
        }
    }
}

impl<X: Sample> Dataset<X, usize> {
    /// As [`Dataset::split`], but with every class in the same proportion in both
    /// parts, as near as whole samples allow: what is left over by rounding down
    /// goes to the classes with the largest remainders, so that the first part
    /// has as many samples as [`Dataset::split`] gives it.
    ///
    /// # Errors
    ///
    /// [`DataError::Fraction`].
    pub fn split_stratified(&self, fraction: f64, seed: u64) -> Result<(Self, Self), DataError> {
        let first = self.first_part(fraction)?;
        let order = random_order(self.len(), seed);

        // Sorted by class, so a target of usize::MAX costs no more than any other.
        let mut classes: Vec<(usize, usize)> = Vec::new();
        let mut sorted = self.targets.clone();
        sorted.sort_unstable();
        for class in sorted {
            match classes.last_mut() {
                Some((last, count)) if *last == class => *count += 1,
                _ => classes.push((class, 1)),
            }
        }

        let quota = |count: usize| fraction * count as f64;
        let mut take: Vec<usize> = classes
            .iter()
            .map(|&(_, count)| quota(count).floor() as usize)
            .collect();
        let mut by_remainder: Vec<usize> = (0..classes.len()).collect();
        by_remainder.sort_by(|&a, &b| {
            let remainder = |class: usize| quota(classes[class].1).fract();
            remainder(b).total_cmp(&remainder(a)).then(a.cmp(&b))
        });
        let left_over = first.saturating_sub(take.iter().sum());
        for &class in by_remainder.iter().take(left_over) {
            take[class] += 1;
        }

        let mut parts = (
            Vec::with_capacity(first),
            Vec::with_capacity(self.len() - first),
        );
        for index in order {
            let class = classes.partition_point(|&(class, _)| class < self.targets[index]);
            if take[class] > 0 {
                take[class] -= 1;
                parts.0.push(index);
            } else {
                parts.1.push(index);
            }
        }
        Ok((self.subset(&parts.0)?, self.subset(&parts.1)?))
    }
}
