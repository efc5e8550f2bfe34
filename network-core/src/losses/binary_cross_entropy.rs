//! `BinaryCrossEntropy`: yes or no, for each entry on its own, from logits.

use super::pointwise::{Place, Pointwise};
use super::{LossError, Reduction};
use crate::{Real, Scalar};

/// Binary cross-entropy from logits: the mean over all entries of all samples of
/// `-t ln s(x) - (1 - t) ln(1 - s(x))`, where `s(x) = 1 / (1 + e^-x)`.
///
/// The network's last layer gives logits `x`, not probabilities; the targets `t` are
/// probabilities. As PyTorch's `BCEWithLogitsLoss`, but targets outside 0 to 1
/// are refused. The derivative is `(s(x) - t) / entries`.
///
/// # Examples
///
/// ```
/// use network_core::kernels::SimdPath;
/// use network_core::losses::{BinaryCrossEntropy, Loss};
/// use network_core::nalgebra::Vector1;
///
/// let (logits, target) = ([Vector1::new(0.0_f64)], [Vector1::new(1.0)]);
/// let loss = BinaryCrossEntropy::default().evaluate(SimdPath::detect(), &logits, &target, None)?;
/// assert!((loss - 2.0_f64.ln()).abs() < 1e-15);
/// # Ok::<(), network_core::losses::LossError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BinaryCrossEntropy {
    /// Mean (default) or sum over entries and samples.
    pub reduction: Reduction,
}

impl Pointwise for BinaryCrossEntropy {
    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[inline(always)]
    fn value<R: Real>(&self, prediction: R, target: R) -> R {
        // max(x, 0) - x t is exact for t = 0 and t = 1, so that a loss near 0 keeps
        // all its digits: ln(1 + e^-|x|) is what remains.
        let distance = (-prediction.abs()).softplus();
        (prediction.max(R::ZERO) - prediction * target) + distance
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, prediction: R, target: R) -> R {
        prediction.sigmoid() - target
    }

    fn check_target<T: Scalar>(&self, target: T, place: Place) -> Result<(), LossError> {
        if target >= T::ZERO && target <= T::ONE {
            return Ok(());
        }
        let (Place { sample, feature }, value) = (place, target.to_f64());
        Err(if value.is_finite() {
            LossError::NotAProbability {
                sample,
                feature,
                value,
            }
        } else {
            LossError::NonFiniteTarget { sample, feature }
        })
    }

    fn check_targets<T: Scalar>(&self, target: &[T], sample: usize) -> Result<(), LossError> {
        let is_probability = |t: &T| *t >= T::ZERO && *t <= T::ONE;
        // Without an early exit, so that the check is vectorised.
        if target.iter().fold(true, |all, t| all & is_probability(t)) {
            return Ok(());
        }
        for (feature, target) in target.iter().enumerate() {
            self.check_target(*target, Place { sample, feature })?;
        }
        Ok(())
    }
}
