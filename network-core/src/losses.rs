//! Losses: one number for how far predictions are from targets, and its derivative.

mod mse;

pub use mse::Mse;

use crate::Sample;
use crate::kernels::SimdPath;

/// A loss and its derivative with respect to the predictions.
pub trait Loss<P: Sample, Y> {
    /// The loss of a batch; writes dL/dprediction if asked for.
    ///
    /// # Errors
    ///
    /// If the targets do not fit the predictions.
    fn evaluate(
        &self,
        path: SimdPath,
        prediction: &[P],
        target: &[Y],
        d_prediction: Option<&mut [P]>,
    ) -> Result<P::Scalar, LossError>;
}

/// How the losses of the entries become one number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// Their mean.
    #[default]
    Mean,
    /// Their sum.
    Sum,
}

/// What is wrong with the targets of a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
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
}
