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
///
/// For sequences, [`Standardization::fit_steps`] has constants of each feature that are the same
/// at every step, and leaves padding alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Standardization<S> {
    mean: Vec<f64>,
    deviation: Vec<f64>,
    /// Whether they are those of each step of a sequence.
    of_steps: bool,
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
    /// Each feature's mean; of a sequence's features if they were
    /// [fitted to its steps](Standardization::fit_steps).
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// Each feature's standard deviation.
    pub fn deviation(&self) -> &[f64] {
        &self.deviation
    }

    /// Whether they are the constants of each step of a sequence.
    pub(crate) fn is_of_steps(&self) -> bool {
        self.of_steps
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
        let fits = mean.len() == S::LEN;
        Self::checked(mean, deviation, fits, false)
    }

    /// Constants of a sequence's features that were kept: the same at every step.
    ///
    /// # Errors
    ///
    /// As [`Standardization::new`]; a sample must be made of whole steps of so many features.
    pub fn of_steps(
        mean: impl Into<Vec<f64>>,
        deviation: impl Into<Vec<f64>>,
    ) -> Result<Self, StandardizationError> {
        let (mean, deviation) = (mean.into(), deviation.into());
        let fits = !mean.is_empty() && S::LEN.is_multiple_of(mean.len());
        Self::checked(mean, deviation, fits, true)
    }

    fn checked(
        mean: Vec<f64>,
        deviation: Vec<f64>,
        fits: bool,
        of_steps: bool,
    ) -> Result<Self, StandardizationError> {
        if !fits || mean.len() != deviation.len() {
            return Err(StandardizationError::Count {
                means: mean.len(),
                deviations: deviation.len(),
                features: S::LEN,
            });
        }
        let mut each = mean.iter().zip(&deviation).enumerate();
        if let Some((feature, (&mean, &deviation))) = each.find(|(_, (mean, deviation))| {
            !mean.is_finite() || !deviation.is_finite() || **deviation <= 0.0
        }) {
            return Err(StandardizationError::Value {
                feature,
                mean,
                deviation,
            });
        }
        Ok(Self {
            mean,
            deviation,
            of_steps,
            sample: PhantomData,
        })
    }

    /// The constants of these samples; mean 0 and deviation 1 if there are none.
    /// Computed in `f64`, in two passes.
    pub fn fit(samples: &[S]) -> Self {
        Self::fit_features(samples, S::LEN, false)
    }

    /// The constants of a sequence's features, over all samples and steps: a sequence
    /// `[FEATURES; steps]` gets one mean and one deviation for each of its features, as a stream
    /// needs them, and as Keras's `Normalization` computes them.
    ///
    /// Steps of zeros at a sequence's end are padding ([`layers::padding`](crate::layers::padding)):
    /// they do not count, and [`Standardization::apply`] leaves them zeros.
    ///
    /// ```
    /// use network_core::data::Standardization;
    /// use network_core::nalgebra::SVector;
    ///
    /// // Two sequences of up to 3 steps of 2 features; the second is one step long.
    /// let mut samples = [
    ///     [2.0_f32, 10.0, 4.0, 10.0, 6.0, 40.0],
    ///     [8.0, 40.0, 0.0, 0.0, 0.0, 0.0],
    /// ]
    /// .map(SVector::<f32, 6>::from);
    /// let constants = Standardization::fit_steps::<2>(&samples);
    /// assert_eq!(constants.mean(), [5.0, 25.0]);
    /// constants.apply(&mut samples[1]);
    /// assert_eq!(samples[1].as_slice()[1..], [1.0, 0.0, 0.0, 0.0, 0.0]);
    /// ```
    pub fn fit_steps<const FEATURES: usize>(samples: &[S]) -> Self {
        const {
            assert!(
                FEATURES > 0 && S::LEN.is_multiple_of(FEATURES),
                "a sequence is made of whole steps"
            );
        }
        Self::fit_features(samples, FEATURES, true)
    }

    fn fit_features(samples: &[S], features: usize, of_steps: bool) -> Self {
        let steps = || samples.iter().flat_map(|x| counted(x, features, of_steps));
        let n = steps().count().max(1) as f64;
        let mut mean = vec![0.0; features];
        for step in steps() {
            for (mean, x) in mean.iter_mut().zip(step) {
                *mean += x.to_f64() / n;
            }
        }
        let mut deviation = vec![0.0; features];
        for step in steps() {
            for ((sum, x), mean) in deviation.iter_mut().zip(step).zip(&mean) {
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
            of_steps,
            sample: PhantomData,
        }
    }

    /// `x = (x - mean) / deviation`.
    pub fn apply(&self, x: &mut S) {
        let features = self.mean.len().max(1);
        let count = counted(x, features, self.of_steps).len();
        let steps = x.as_mut_slice().chunks_exact_mut(features);
        for step in steps.take(count) {
            for ((x, mean), deviation) in step.iter_mut().zip(&self.mean).zip(&self.deviation) {
                *x = Real::from_f64((x.to_f64() - mean) / deviation);
            }
        }
    }

    /// The inverse: `x = x * deviation + mean`. Takes a network's prediction of
    /// standardized targets back to their units, padding too.
    pub fn invert(&self, x: &mut S) {
        let features = self.mean.len().max(1);
        for step in x.as_mut_slice().chunks_exact_mut(features) {
            for ((x, mean), deviation) in step.iter_mut().zip(&self.mean).zip(&self.deviation) {
                *x = Real::from_f64(x.to_f64() * deviation + mean);
            }
        }
    }
}

/// The steps of a sequence that are no padding; of another sample, all of it as one.
fn counted<S: Sample>(
    x: &S,
    features: usize,
    of_steps: bool,
) -> impl ExactSizeIterator<Item = &[S::Scalar]> {
    let mut entries = x.as_slice();
    while of_steps
        && let Some((rest, last)) = entries.split_at_checked(entries.len().wrapping_sub(features))
        && last.iter().all(|x| x.to_f64() == 0.0)
    {
        entries = rest;
    }
    entries.chunks_exact(features.max(1))
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
    fn constants_of_steps_are_those_of_the_steps_alone() {
        type Steps = Standardization<SVector<f64, 6>>;
        let samples = [
            [1.0, 10.0, 0.0, 0.0, 3.0, 30.0],
            [8.0, -10.0, 5.0, 7.0, 0.0, 0.0],
        ]
        .map(SVector::<f64, 6>::from);
        let steps = [
            [1.0, 10.0],
            [0.0, 0.0],
            [3.0, 30.0],
            [8.0, -10.0],
            [5.0, 7.0],
        ];
        let alone = Standardization::fit(&steps.map(SVector::<f64, 2>::from));
        let constants = Steps::fit_steps::<2>(&samples);
        assert_eq!(constants.mean(), alone.mean());
        assert_eq!(constants.deviation(), alone.deviation());
        assert_eq!(
            Steps::of_steps(alone.mean(), alone.deviation()),
            Ok(constants.clone())
        );
        assert!(Steps::new(alone.mean(), alone.deviation()).is_err());
        assert!(Steps::of_steps([0.0; 4], [1.0; 4]).is_err());
        assert!(Steps::of_steps([], []).is_err());

        let mut x = samples[1];
        constants.apply(&mut x);
        let mut step = SVector::<f64, 2>::new(5.0, 7.0);
        alone.apply(&mut step);
        assert_eq!(x.as_slice()[2..], [step[0], step[1], 0.0, 0.0]);
        constants.invert(&mut x);
        assert!(
            (x - SVector::from([8.0, -10.0, 5.0, 7.0, alone.mean()[0], alone.mean()[1]])).amax()
                < 1e-12
        );

        // All padding, and no samples.
        let mut zeros = SVector::<f64, 6>::zeros();
        constants.apply(&mut zeros);
        assert_eq!(zeros.amax(), 0.0);
        assert_eq!(Steps::fit_steps::<2>(&[]).deviation(), [1.0, 1.0]);
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
