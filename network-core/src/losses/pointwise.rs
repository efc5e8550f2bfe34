//! What losses have in common that are a sum of a function of each entry and its target.

use super::sum::sum;
use super::{LossError, Reduction, check_finite_targets, check_lengths};
use crate::kernels::{self, Binary, SimdPath};
use crate::{Real, Scalar};
use bytemuck::{cast_slice, cast_slice_mut};
use nalgebra::SVector;

/// How many entries are worked on at a time: they stay in the first-level cache.
const BLOCK: usize = 256;

/// One entry's loss and its derivative with respect to the prediction.
///
/// A target that is not finite must give a value that is not finite.
pub(super) trait Pointwise: Copy {
    /// The entry's loss.
    fn value<R: Real>(&self, prediction: R, target: R) -> R;
    /// Its derivative.
    fn derivative<R: Real>(&self, prediction: R, target: R) -> R;
}

#[derive(Clone, Copy)]
struct Value<F>(F);
impl<F: Pointwise> Binary for Value<F> {
    #[inline(always)]
    fn call<R: Real>(&self, prediction: R, target: R) -> R {
        self.0.value(prediction, target)
    }
}

#[derive(Clone, Copy)]
struct Derivative<F> {
    function: F,
    scale: f64,
}
impl<F: Pointwise> Binary for Derivative<F> {
    #[inline(always)]
    fn call<R: Real>(&self, prediction: R, target: R) -> R {
        R::from_f64(self.scale) * self.function.derivative(prediction, target)
    }
}

/// The reduced loss over all entries of all samples, and its derivative.
///
/// Each block is summed in `T`, the blocks in `f64`: the error does not grow with the batch.
pub(super) fn evaluate<T: Scalar, const N: usize>(
    function: impl Pointwise,
    reduction: Reduction,
    path: SimdPath,
    prediction: &[SVector<T, N>],
    target: &[SVector<T, N>],
    d_prediction: Option<&mut [SVector<T, N>]>,
) -> Result<T, LossError> {
    let derivatives = d_prediction.as_deref().map(<[_]>::len);
    check_lengths(prediction.len(), target.len(), derivatives)?;
    if N == 0 {
        return Err(LossError::EmptyBatch);
    }
    let p: &[T] = cast_slice(prediction);
    let t: &[T] = cast_slice(target);
    let mut d: Option<&mut [T]> = d_prediction.map(cast_slice_mut);

    let scale = reduction.scale(p.len());
    let derivative = Derivative { function, scale };
    let mut values = [T::ZERO; BLOCK];
    let mut total = 0.0;
    for (index, (p, t)) in p.chunks(BLOCK).zip(t.chunks(BLOCK)).enumerate() {
        let values = &mut values[..p.len()];
        values.copy_from_slice(p);
        kernels::map2(path, &Value(function), values, t);
        total += sum(values).to_f64();
        if let Some(d) = &mut d {
            let d = &mut d[index * BLOCK..][..p.len()];
            d.copy_from_slice(p);
            kernels::map2(path, &derivative, d, t);
        }
    }
    if !total.is_finite() {
        check_finite_targets(target)?;
    }
    Ok(T::from_f64(total * scale))
}
