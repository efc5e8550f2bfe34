//! What losses have in common that are a sum of a function of each entry and its target.

use super::sum::sum;
use super::{
    BinaryCrossEntropy, Huber, Loss, LossError, Mae, Masked, Mse, Reduction, check_finite_targets,
    check_lengths,
};
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
    /// How the entries' losses become one.
    fn reduction(&self) -> Reduction;
    /// The entry's loss.
    fn value<R: Real>(&self, prediction: R, target: R) -> R;
    /// Its derivative.
    fn derivative<R: Real>(&self, prediction: R, target: R) -> R;

    /// Whether its hyperparameters are in range.
    fn check(&self) -> Result<(), LossError> {
        Ok(())
    }

    /// Whether it has a loss for a target that is finite.
    fn check_target<T: Scalar>(&self, _target: T, _place: Place) -> Result<(), LossError> {
        Ok(())
    }

    /// [`Pointwise::check_target`] of all entries of a sample.
    fn check_targets<T: Scalar>(&self, _target: &[T], _sample: usize) -> Result<(), LossError> {
        Ok(())
    }
}

/// Where an entry is.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) sample: usize,
    pub(super) feature: usize,
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
fn evaluate<T: Scalar, const N: usize>(
    function: impl Pointwise,
    path: SimdPath,
    prediction: &[SVector<T, N>],
    target: &[SVector<T, N>],
    d_prediction: Option<&mut [SVector<T, N>]>,
) -> Result<T, LossError> {
    function.check()?;
    let derivatives = d_prediction.as_deref().map(<[_]>::len);
    check_lengths(prediction.len(), target.len(), derivatives)?;
    if N == 0 {
        return Err(LossError::EmptyBatch);
    }
    for (sample, target) in target.iter().enumerate() {
        function.check_targets(target.as_slice(), sample)?;
    }
    let p: &[T] = cast_slice(prediction);
    let t: &[T] = cast_slice(target);
    let mut d: Option<&mut [T]> = d_prediction.map(cast_slice_mut);

    let scale = function.reduction().scale(p.len());
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

/// As [`evaluate`], of the entries whose mask is not 0: see [`Masked`].
fn evaluate_masked<T: Scalar, const N: usize>(
    function: impl Pointwise,
    path: SimdPath,
    prediction: &[SVector<T, N>],
    target: &[Masked<SVector<T, N>>],
    mut d_prediction: Option<&mut [SVector<T, N>]>,
) -> Result<T, LossError> {
    function.check()?;
    let derivatives = d_prediction.as_deref().map(<[_]>::len);
    check_lengths(prediction.len(), target.len(), derivatives)?;
    if N == 0 {
        return Err(LossError::EmptyBatch);
    }
    let derivative = Derivative {
        function,
        scale: 1.0,
    };
    let mut values = [T::ZERO; BLOCK];
    let mut total = 0.0;
    for (sample, (p, Masked { target, mask })) in prediction.iter().zip(target).enumerate() {
        check_masked(function, sample, target.as_slice(), mask.as_slice())?;
        let scale = match function.reduction() {
            Reduction::Sum => 1.0,
            // A sample that does not count at all has a sum of 0, not a mean.
            Reduction::Mean => match sum(mask.as_slice()).to_f64() {
                0.0 => 0.0,
                weight => 1.0 / weight / prediction.len() as f64,
            },
        };
        let blocks = p.as_slice().chunks(BLOCK);
        let blocks = blocks.zip(target.as_slice().chunks(BLOCK));
        let blocks = blocks.zip(mask.as_slice().chunks(BLOCK));
        for (index, ((p, t), mask)) in blocks.enumerate() {
            let values = &mut values[..p.len()];
            values.copy_from_slice(p);
            kernels::map2(path, &Value(function), values, t);
            weigh(values, mask, T::ONE);
            total += sum(values).to_f64() * scale;
            if let Some(d) = &mut d_prediction {
                let d = &mut d[sample].as_mut_slice()[index * BLOCK..][..p.len()];
                d.copy_from_slice(p);
                kernels::map2(path, &derivative, d, t);
                weigh(d, mask, T::from_f64(scale));
            }
        }
    }
    Ok(T::from_f64(total))
}

/// `value *= scale * mask`, and 0 where the mask is, whatever stands there.
fn weigh<T: Scalar>(values: &mut [T], mask: &[T], scale: T) {
    for (value, mask) in values.iter_mut().zip(mask) {
        *value = if *mask == T::ZERO {
            T::ZERO
        } else {
            *value * (scale * *mask)
        };
    }
}

/// The first weight of a sample that is none, or target that counts and has no loss.
fn check_masked<T: Scalar>(
    function: impl Pointwise,
    sample: usize,
    target: &[T],
    mask: &[T],
) -> Result<(), LossError> {
    for (feature, (target, mask)) in target.iter().zip(mask).enumerate() {
        if !(*mask >= T::ZERO && mask.is_finite()) {
            return Err(LossError::NotAWeight {
                sample,
                feature,
                value: mask.to_f64(),
            });
        }
        if *mask != T::ZERO {
            if !target.is_finite() {
                return Err(LossError::NonFiniteTarget { sample, feature });
            }
            function.check_target(*target, Place { sample, feature })?;
        }
    }
    Ok(())
}

macro_rules! losses {
    ($($loss:ty),*) => {$(
        impl<T: Scalar, const N: usize> Loss<SVector<T, N>, SVector<T, N>> for $loss {
            fn reduction(&self) -> Reduction {
                self.reduction
            }

            fn evaluate(
                &self,
                path: SimdPath,
                prediction: &[SVector<T, N>],
                target: &[SVector<T, N>],
                d_prediction: Option<&mut [SVector<T, N>]>,
            ) -> Result<T, LossError> {
                evaluate(*self, path, prediction, target, d_prediction)
            }
        }

        impl<T: Scalar, const N: usize> Loss<SVector<T, N>, Masked<SVector<T, N>>> for $loss {
            fn reduction(&self) -> Reduction {
                self.reduction
            }

            fn evaluate(
                &self,
                path: SimdPath,
                prediction: &[SVector<T, N>],
                target: &[Masked<SVector<T, N>>],
                d_prediction: Option<&mut [SVector<T, N>]>,
            ) -> Result<T, LossError> {
                evaluate_masked(*self, path, prediction, target, d_prediction)
            }
        }
    )*};
}

losses!(Mse, Mae, Huber, BinaryCrossEntropy);
