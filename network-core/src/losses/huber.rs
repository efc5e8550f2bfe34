//! `Huber`: squared near zero, absolute far away.

use super::pointwise::Pointwise;
use super::{LossError, Reduction};
use crate::Real;
use crate::hyperparameter::Range;

/// Huber's loss (1964): with `e = prediction - target`, the mean over all entries of all samples of
/// `e^2 / 2` where `|e| <= delta`, and of `delta (|e| - delta / 2)` elsewhere.
///
/// As PyTorch's `HuberLoss`. A single outlier pulls with at most `delta`: the derivative
/// is `e` clamped to `-delta ..= delta`, divided by the number of entries.
///
/// # Examples
///
/// ```
/// use network_core::kernels::SimdPath;
/// use network_core::losses::{Huber, Loss};
/// use network_core::nalgebra::Vector2;
///
/// let (prediction, target) = ([Vector2::new(0.5, 9.0)], [Vector2::new(0.0, 0.0)]);
/// let loss = Huber::new(1.0).evaluate(SimdPath::detect(), &prediction, &target, None)?;
/// assert_eq!(loss, (0.125 + 8.5) / 2.0);
/// # Ok::<(), network_core::losses::LossError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Huber {
    /// Where the square ends and the line begins; positive.
    pub delta: f64,
    /// Mean (default) or sum over entries and samples.
    pub reduction: Reduction,
}

impl Huber {
    /// The mean over all entries, with the line beginning at `delta`.
    pub const fn new(delta: f64) -> Self {
        Self {
            delta,
            reduction: Reduction::Mean,
        }
    }
}

impl Default for Huber {
    /// `delta` is 1.
    fn default() -> Self {
        Self::new(1.0)
    }
}

impl Pointwise for Huber {
    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[inline(always)]
    fn value<R: Real>(&self, prediction: R, target: R) -> R {
        // With c = min(|e|, delta) both pieces are c (|e| - c / 2).
        let size = (prediction - target).abs();
        let clamped = size.min(R::from_f64(self.delta));
        clamped * (size - R::from_f64(0.5) * clamped)
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, prediction: R, target: R) -> R {
        let delta = R::from_f64(self.delta);
        (prediction - target).min(delta).max(-delta)
    }

    fn check(&self) -> Result<(), LossError> {
        Ok(Range::Positive.check("delta", self.delta)?)
    }
}
