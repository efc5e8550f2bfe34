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

/// Why [`Standardization::new`] refused.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StandardizationError {
    /// Not one mean and one deviation for every feature.
    #[error(
        "cannot standardize samples of {features} features with {means} means and {deviations} deviations"
    )]
    Count {
        /// Means given.
        means: usize,
        /// Deviations given.
        deviations: usize,
        /// Features of a sample.
        features: usize,
    },
    /// Not finite, or a deviation that is not above 0.
    #[error(
        "cannot standardize feature {feature} with mean {mean} and deviation {deviation}: both must be finite, and the deviation above 0"
    )]
    Value {
        /// The feature, counted from 0.
        feature: usize,
        /// Its mean.
        mean: f64,
        /// Its deviation.
        deviation: f64,
    },
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
    /// Constants that were kept, such as those of the program that trained the network.
    ///
    /// # Errors
    ///
    /// If there is not one of each for every feature, all finite, deviations above 0.
    ///
    /// ```
    /// use network_core::data::Standardization;
    /// use network_core::nalgebra::SVector;
    ///
    /// # fn main() -> Result<(), network_core::data::StandardizationError> {
    /// let constants = Standardization::<SVector<f32, 2>>::new([3.0, 0.5], [2.0, 0.1])?;
    /// let mut x = SVector::from([5.0, 0.5]);
    /// constants.apply(&mut x);
    /// assert_eq!(x.as_slice(), [1.0, 0.0]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(
        mean: impl Into<Vec<f64>>,
        deviation: impl Into<Vec<f64>>,
    ) -> Result<Self, StandardizationError> {
        let (mean, deviation) = (mean.into(), deviation.into());
        if mean.len() != S::LEN || deviation.len() != S::LEN {
            return Err(StandardizationError::Count {
                means: mean.len(),
                deviations: deviation.len(),
                features: S::LEN,
            });
        }
        let wrong = |feature: &usize| {
            let deviation = deviation[*feature];
            !mean[*feature].is_finite() || !deviation.is_finite() || deviation <= 0.0
        };
        if let Some(feature) = (0..S::LEN).find(wrong) {
            return Err(StandardizationError::Value {
                feature,
                mean: mean[feature],
                deviation: deviation[feature],
            });
        }
        Ok(Self {
            mean,
            deviation,
            sample: PhantomData,
        })
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::SVector;

    #[test]
    fn kept_constants_do_the_same() {
        let samples = [[1.0, 10.0], [3.0, 30.0], [8.0, -10.0]].map(SVector::<f64, 2>::from);
        let fitted = Standardization::fit(&samples);
        let kept = Standardization::new(fitted.mean(), fitted.deviation());
        assert_eq!(kept, Ok(fitted));
    }

    #[test]
    fn constants_that_mean_nothing_are_refused() {
        type Kept = Standardization<SVector<f32, 2>>;
        let count = Kept::new([0.0; 3], [1.0; 2]).map_err(|error| error.to_string());
        assert_eq!(
            count,
            Err(
                "cannot standardize samples of 2 features with 3 means and 2 deviations".to_owned()
            )
        );
        for (mean, deviation) in [
            (0.0, 0.0),
            (0.0, -1.0),
            (f64::NAN, 1.0),
            (0.0, f64::INFINITY),
        ] {
            assert!(matches!(
                Kept::new([0.0, mean], [1.0, deviation]),
                Err(StandardizationError::Value { feature: 1, .. })
            ));
        }
    }
}
