//! `Mae`: the mean absolute error.

use super::Reduction;
use super::pointwise::Pointwise;
use crate::Real;

/// Mean absolute error: the mean of `|prediction - target|` over all entries of all samples.
///
/// As PyTorch's `L1Loss`. Its derivative is the error's sign divided by the number of
/// entries, and 0 where the error is 0.
///
/// # Examples
///
/// ```
/// use network_core::kernels::SimdPath;
/// use network_core::losses::{Loss, Mae};
/// use network_core::nalgebra::Vector2;
///
/// let (prediction, target) = ([Vector2::new(1.0, 2.0)], [Vector2::new(0.0, 5.0)]);
/// let loss = Mae::default().evaluate(SimdPath::detect(), &prediction, &target, None)?;
/// assert_eq!(loss, (1.0 + 3.0) / 2.0);
/// # Ok::<(), network_core::losses::LossError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mae {
    /// Mean (default) or sum over entries and samples.
    pub reduction: Reduction,
}

impl Pointwise for Mae {
    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[inline(always)]
    fn value<R: Real>(&self, prediction: R, target: R) -> R {
        (prediction - target).abs()
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, prediction: R, target: R) -> R {
        let positive = R::select(prediction > target, R::ONE, R::ZERO);
        let negative = R::select(prediction < target, R::ONE, R::ZERO);
        positive - negative
    }
}
