//! Standardization: each feature to mean 0 and deviation 1, and back.

use crate::{Real, Sample};
use core::marker::PhantomData;

/// The constants that bring each feature of `S` to mean 0 and standard deviation 1:
/// `z = (x - mean) / deviation`.
///
/// The deviation is that of the population (divided by `n`, not `n - 1`), as
/// scikit-learn's `StandardScaler` has it. A feature that never changes has
/// deviation 1, so that it becomes 0.
/// Fit them on the training set alone: anything else lets the test set leak into
/// training.
#[derive(Clone, Debug, PartialEq)]
pub struct Standardization<S> {
    mean: Vec<f64>,
    deviation: Vec<f64>,
    sample: PhantomData<S>,
}

impl<S> Standardization<S> {
    /// Each feature's mean.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// Each feature's standard deviation.
    pub fn deviation(&self) -> &[f64] {
        &self.deviation
    }
}

impl<S: Sample> Standardization<S> {
    /// The constants of these samples; mean 0 and deviation 1 if there are none.
    /// Computed in `f64`, in two passes.
    pub fn fit(samples: &[S]) -> Self {
        let n = samples.len().max(1) as f64;
        let mut mean = vec![0.0; S::LEN];
        for sample in samples {
            for (mean, x) in mean.iter_mut().zip(sample.as_slice()) {
                *mean += x.to_f64() / n;
            }
        }
        let mut deviation = vec![0.0; S::LEN];
        for sample in samples {
            for ((sum, x), mean) in deviation.iter_mut().zip(sample.as_slice()).zip(&mean) {
                let difference = x.to_f64() - mean;
                *sum += difference * difference / n;
            }
        }
        for (deviation, mean) in deviation.iter_mut().zip(&mean) {
            *deviation = deviation.sqrt();
            // Below this the differences are rounding errors of a constant.
            if *deviation <= 10.0 * f64::EPSILON * mean.abs() || !deviation.is_normal() {
                *deviation = 1.0;
            }
        }
        Self {
            mean,
            deviation,
            sample: PhantomData,
        }
    }

    /// `x = (x - mean) / deviation`.
    pub fn apply(&self, x: &mut S) {
        for ((x, mean), deviation) in x
            .as_mut_slice()
            .iter_mut()
            .zip(&self.mean)
            .zip(&self.deviation)
        {
            *x = Real::from_f64((x.to_f64() - mean) / deviation);
        }
    }

    /// The inverse: `x = x * deviation + mean`. Takes a network's prediction of
    /// standardized targets back to their units.
    pub fn invert(&self, x: &mut S) {
        for ((x, mean), deviation) in x
            .as_mut_slice()
            .iter_mut()
            .zip(&self.mean)
            .zip(&self.deviation)
        {
            *x = Real::from_f64(x.to_f64() * deviation + mean);
        }
    }
}
