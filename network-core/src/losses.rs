//! Losses: one number for how far predictions are from targets, and its derivative.

mod binary_cross_entropy;
mod cross_entropy;
mod huber;
mod mae;
mod masked;
mod mse;
mod pointwise;
mod sum;

pub use binary_cross_entropy::BinaryCrossEntropy;
pub use cross_entropy::CrossEntropy;
pub use huber::Huber;
pub use mae::Mae;
pub use masked::Masked;
pub use mse::Mse;

use crate::Sample;
use crate::hyperparameter::HyperparameterError;
use crate::kernels::SimdPath;

/// A loss of predictions `P` against targets `Y`, and its derivative with respect to the predictions.
pub trait Loss<P: Sample, Y> {
    /// The loss of a batch; writes dL/dprediction if asked for.
    ///
    /// The loss has the same bits whether or not the derivative is asked for.
    /// Predictions that are not finite are no error: they give a loss that is not finite.
    ///
    /// # Errors
    ///
    /// If the targets do not fit the predictions, or a hyperparameter is out of range.
    /// The content of `d_prediction` then means nothing.
    fn evaluate(
        &self,
        path: SimdPath,
        prediction: &[P],
        target: &[Y],
        d_prediction: Option<&mut [P]>,
    ) -> Result<P::Scalar, LossError>;

    /// How the losses of a batch become one number: what has to be known to join
    /// the losses and gradients of several batches. [`Reduction::Mean`] unless
    /// overridden.
    fn reduction(&self) -> Reduction {
        Reduction::Mean
    }
}

/// How the losses of the entries (or samples) become one number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reduction {
    /// Their mean.
    #[default]
    Mean,
    /// Their sum.
    Sum,
}

impl Reduction {
    /// What the sum of `count` losses is multiplied by.
    fn scale(self, count: usize) -> f64 {
        match self {
            Self::Mean => 1.0 / count as f64,
            Self::Sum => 1.0,
        }
    }
}

/// What is wrong with the targets of a loss, or with the loss itself.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LossError {
    /// There are not as many targets as predictions.
    #[error("{targets} targets do not fit {predictions} predictions")]
    Length {
        /// Number of predictions.
        predictions: usize,
        /// Number of targets.
        targets: usize,
    },
    /// The memory for the derivative is not as long as the predictions.
    #[error("memory for {derivatives} derivatives does not fit {predictions} predictions")]
    DerivativeLength {
        /// Number of predictions.
        predictions: usize,
        /// Number of derivatives.
        derivatives: usize,
    },
    /// There is nothing to take the mean of.
    #[error("the batch is empty")]
    EmptyBatch,
    /// A class target is not one of the network's classes.
    #[error(
        "sample {sample} has class {class}, but the network has {classes} outputs: \
         classes count from 0"
    )]
    ClassOutOfRange {
        /// Index of the sample within the batch, or within the data set if one was evaluated.
        sample: usize,
        /// Its class.
        class: usize,
        /// The number of classes.
        classes: usize,
    },
    /// A target is NaN or infinite.
    #[error("the target of sample {sample}, feature {feature} is not a finite number")]
    NonFiniteTarget {
        /// Index of the sample within the batch, or within the data set if one was evaluated.
        sample: usize,
        /// Index of the entry within the sample.
        feature: usize,
    },
    /// A target that is a probability is not between 0 and 1.
    #[error(
        "the target of sample {sample}, feature {feature} is {value}, \
         but a probability is between 0 and 1"
    )]
    NotAProbability {
        /// Index of the sample within the batch, or within the data set if one was evaluated.
        sample: usize,
        /// Index of the entry within the sample.
        feature: usize,
        /// The target.
        value: f64,
    },
    /// An entry of a mask is no weight.
    #[error(
        "the mask of sample {sample}, feature {feature} is {value}, \
         but a weight is a finite number that is not below 0"
    )]
    NotAWeight {
        /// Index of the sample within the batch, or within the data set if one was evaluated.
        sample: usize,
        /// Index of the entry within the sample.
        feature: usize,
        /// The entry.
        value: f64,
    },
    /// A hyperparameter of the loss is out of range.
    #[error(transparent)]
    Hyperparameter(#[from] HyperparameterError),
}

impl LossError {
    /// The same error with another number for the sample, such as its number in the
    /// data set for that in the batch.
    #[cfg(feature = "std")]
    pub(crate) fn renumbered(mut self, number: impl Fn(usize) -> usize) -> Self {
        match &mut self {
            Self::ClassOutOfRange { sample, .. }
            | Self::NonFiniteTarget { sample, .. }
            | Self::NotAProbability { sample, .. }
            | Self::NotAWeight { sample, .. } => *sample = number(*sample),
            Self::Length { .. }
            | Self::DerivativeLength { .. }
            | Self::EmptyBatch
            | Self::Hyperparameter(_) => {}
        }
        self
    }
}

/// Checks what every loss needs: a batch that is not empty, and slices of one length.
fn check_lengths(
    predictions: usize,
    targets: usize,
    derivatives: Option<usize>,
) -> Result<(), LossError> {
    if predictions != targets {
        return Err(LossError::Length {
            predictions,
            targets,
        });
    }
    match derivatives {
        Some(derivatives) if derivatives != predictions => Err(LossError::DerivativeLength {
            predictions,
            derivatives,
        }),
        _ if predictions == 0 => Err(LossError::EmptyBatch),
        _ => Ok(()),
    }
}

/// The first target that is NaN or infinite, as an error.
///
/// Each loss calls it only when the loss itself is not finite, as a bad target
/// makes it: the good case costs nothing.
fn check_finite_targets<P: Sample>(target: &[P]) -> Result<(), LossError> {
    use crate::Real;
    for (sample, target) in target.iter().enumerate() {
        if let Some(feature) = target.as_slice().iter().position(|t| !t.is_finite()) {
            return Err(LossError::NonFiniteTarget { sample, feature });
        }
    }
    Ok(())
}
