//! `Mse`: the mean squared error.

use super::{Loss, LossError, Reduction};
use crate::kernels::SimdPath;
use crate::{Real, Sample, Scalar};
use nalgebra::SVector;

/// Mean squared error: the mean of `(prediction - target)^2` over all entries of all samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mse {
    /// Mean (default) or sum over entries and samples.
    pub reduction: Reduction,
}

impl<T: Scalar, const N: usize> Loss<SVector<T, N>, SVector<T, N>> for Mse {
    fn evaluate(
        &self,
        _path: SimdPath,
        prediction: &[SVector<T, N>],
        target: &[SVector<T, N>],
        d_prediction: Option<&mut [SVector<T, N>]>,
    ) -> Result<T, LossError> {
        if prediction.len() != target.len() {
            return Err(LossError::Length {
                predictions: prediction.len(),
                targets: target.len(),
            });
        }
        let scale = match self.reduction {
            Reduction::Mean => T::from_f64(1.0 / (N * prediction.len().max(1)) as f64),
            Reduction::Sum => T::ONE,
        };
        let mut sum = T::ZERO;
        for (p, t) in prediction.iter().zip(target) {
            for (p, t) in p.as_slice().iter().zip(t.as_slice()) {
                let error = *p - *t;
                sum = error.mul_add(error, sum);
            }
        }
        if let Some(d) = d_prediction {
            for ((d, p), t) in d.iter_mut().zip(prediction).zip(target) {
                for ((d, p), t) in d.as_mut_slice().iter_mut().zip(p.as_slice()).zip(t.as_slice()) {
                    *d = (*p - *t) * (scale + scale);
                }
            }
        }
        Ok(sum * scale)
    }
}
