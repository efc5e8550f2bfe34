//! `Mse`: the mean squared error.

use super::Reduction;
use super::pointwise::Pointwise;
use crate::Real;

/// Mean squared error: the mean of `(prediction - target)^2` over all entries of all samples.
///
/// As PyTorch's `MSELoss`. Its derivative is `2 (prediction - target) / entries`.
///
/// # Examples
///
/// ```
/// use network_core::kernels::SimdPath;
/// use network_core::losses::{Loss, Mse};
/// use network_core::nalgebra::Vector2;
///
/// let (prediction, target) = ([Vector2::new(1.0, 2.0)], [Vector2::new(0.0, 5.0)]);
/// let loss = Mse::default().evaluate(SimdPath::detect(), &prediction, &target, None)?;
/// assert_eq!(loss, (1.0 + 9.0) / 2.0);
/// # Ok::<(), network_core::losses::LossError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mse {
    /// Mean (default) or sum over entries and samples.
    pub reduction: Reduction,
}

impl Pointwise for Mse {
    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[inline(always)]
    fn value<R: Real>(&self, prediction: R, target: R) -> R {
        let error = prediction - target;
        error * error
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, prediction: R, target: R) -> R {
        let error = prediction - target;
        error + error
    }
}
