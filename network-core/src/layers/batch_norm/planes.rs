//! Batch norm of features that are runs of entries, such as the channels of images.

use super::super::sums::{inverse_deviation, sum_of};
use super::{Backward, Forward, Infer};
use crate::Scalar;
use crate::kernels::{Number, Task};

/// Work in which each feature is a run of `inner` entries.
pub(super) struct Planes<W> {
    pub(super) inner: usize,
    pub(super) work: W,
}

/// The runs of a feature.
#[inline(always)]
fn runs<R>(
    x: &[R],
    feature: usize,
    features: usize,
    inner: usize,
) -> impl Iterator<Item = &[R]> + Clone {
    x.chunks_exact(inner).skip(feature).step_by(features)
}

/// The runs of a feature, to be changed.
#[inline(always)]
fn runs_mut<R>(
    x: &mut [R],
    feature: usize,
    features: usize,
    inner: usize,
) -> impl Iterator<Item = &mut [R]> {
    x.chunks_exact_mut(inner).skip(feature).step_by(features)
}

/// `y = (x - mean) * factor + bias` for a feature.
#[inline(always)]
fn affine<'a, R: crate::Real>(
    x: impl Iterator<Item = &'a [R]>,
    y: impl Iterator<Item = &'a mut [R]>,
    mean: R,
    factor: R,
    bias: R,
) {
    for (x, y) in x.zip(y) {
        for (x, y) in x.iter().zip(y) {
            *y = (*x - mean).mul_add(factor, bias);
        }
    }
}

impl<T: Scalar> Task<T> for Planes<Forward<'_, T>> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(self) {
        let Self { inner, work } = self;
        let (features, epsilon) = (work.features, R::new(work.epsilon));
        let (x, y) = (R::slice(work.x), R::slice_mut(work.y));
        let share = R::ONE / R::from_f64((x.len() / features) as f64);
        for c in 0..features {
            let mut mean = R::ZERO;
            for x in runs(x, c, features, inner) {
                mean += sum_of(
                    [x],
                    #[inline(always)]
                    |[x]| x,
                );
            }
            mean *= share;
            // Around the mean, not E[x^2] - mean^2, which cancels.
            let mut variance = R::ZERO;
            for x in runs(x, c, features, inner) {
                variance += sum_of(
                    [x],
                    #[inline(always)]
                    |[x]| (x - mean) * (x - mean),
                );
            }
            variance *= share;
            let inverse = inverse_deviation(variance, epsilon);
            work.mean[c] = mean.get();
            work.variance[c] = variance.get();
            work.inverse_deviation[c] = inverse.get();
            affine(
                runs(x, c, features, inner),
                runs_mut(y, c, features, inner),
                mean,
                R::new(work.weight[c]) * inverse,
                R::new(work.bias[c]),
            );
        }
    }
}

impl<T: Scalar> Task<T> for Planes<Infer<'_, T>> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(self) {
        let Self { inner, work } = self;
        let features = work.features;
        let (x, y) = (R::slice(work.x), R::slice_mut(work.y));
        for c in 0..features {
            let inverse = inverse_deviation(R::new(work.variance[c]), R::new(work.epsilon));
            affine(
                runs(x, c, features, inner),
                runs_mut(y, c, features, inner),
                R::new(work.mean[c]),
                R::new(work.weight[c]) * inverse,
                R::new(work.bias[c]),
            );
        }
    }
}

impl<T: Scalar> Task<T> for Planes<Backward<'_, T>> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(self) {
        let Self { inner, work } = self;
        let features = work.features;
        let (x, d_y) = (R::slice(work.x), R::slice(work.d_y));
        let share = R::ONE / R::from_f64((x.len() / features) as f64);
        let mut d_x = work.d_x.map(R::slice_mut);
        for c in 0..features {
            let mean = R::new(work.mean[c]);
            let inverse = R::new(work.inverse_deviation[c]);
            let (mut d_weight, mut d_bias) = (R::ZERO, R::ZERO);
            let pairs = runs(x, c, features, inner).zip(runs(d_y, c, features, inner));
            for (x, d_y) in pairs.clone() {
                d_weight += sum_of(
                    [x, d_y],
                    #[inline(always)]
                    |[x, d_y]| d_y * ((x - mean) * inverse),
                );
                d_bias += sum_of(
                    [d_y],
                    #[inline(always)]
                    |[d_y]| d_y,
                );
            }
            let kept = [&mut work.d_weight[c], &mut work.d_bias[c]];
            for (to, new) in kept.into_iter().zip([d_weight, d_bias]) {
                let old = if work.accumulate {
                    R::new(*to)
                } else {
                    R::ZERO
                };
                *to = (old + new).get();
            }
            if let Some(d_x) = d_x.as_deref_mut() {
                let factor = R::new(work.weight[c]) * inverse;
                let (d_weight, d_bias) = (d_weight * share, d_bias * share);
                for ((x, d_y), d_x) in pairs.zip(runs_mut(d_x, c, features, inner)) {
                    for ((x, d_y), d_x) in x.iter().zip(d_y).zip(d_x) {
                        let normalised = (*x - mean) * inverse;
                        *d_x = factor * (*d_y - d_bias - normalised * d_weight);
                    }
                }
            }
        }
    }
}
