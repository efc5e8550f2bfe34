//! `CrossEntropy`: one class out of many, from logits; softmax and loss in one pass.

use super::sum::{LANES, Sum, largest, sum};
use super::{Loss, LossError, Reduction, check_finite_targets, check_lengths};
use crate::hyperparameter::Range;
use crate::kernels::{self, SimdPath, Unary};
use crate::{Real, Scalar};
use bytemuck::{cast_slice, cast_slice_mut};
use nalgebra::SVector;

/// Cross-entropy from logits: the mean over samples of `-sum_c t_c ln p_c`, where
/// `p = softmax(x)`.
///
/// The network's last layer gives logits `x`, one per class, not probabilities. The
/// target is a class (`usize`, counted from 0), or a vector `t` of one weight per class
/// (usually probabilities; any finite numbers are taken, as in PyTorch). Label smoothing
/// (Szegedy et al. 2016) moves each target towards the uniform distribution over the `N` classes:
/// `t' = (1 - label_smoothing) t + label_smoothing / N`.
///
/// As PyTorch's `CrossEntropyLoss`: the mean is over samples, not entries. The
/// derivative of a sample's loss is `p sum_c t'_c - t'`.
///
/// # Examples
///
/// ```
/// use network_core::kernels::SimdPath;
/// use network_core::losses::{CrossEntropy, Loss};
/// use network_core::nalgebra::Vector4;
///
/// let logits = [Vector4::new(0.0_f64, 0.0, 0.0, 0.0)];
/// let loss = CrossEntropy::default().evaluate(SimdPath::detect(), &logits, &[2_usize], None)?;
/// assert!((loss - 4.0_f64.ln()).abs() < 1e-15);
/// # Ok::<(), network_core::losses::LossError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CrossEntropy {
    /// How much of each target is spread over all classes; 0 (default) to 1.
    pub label_smoothing: f64,
    /// Mean (default) or sum over samples.
    pub reduction: Reduction,
}

/// A sample's target t, whichever way it is given.
trait Target<T> {
    /// `sum_c t_c`.
    fn total(&self) -> T;
    /// `sum_c t_c (x_c - shift)`.
    fn dot(&self, x: &[T], shift: T) -> T;
    /// `d_c -= factor t_c` for every c.
    fn subtract(&self, factor: T, d: &mut [T]);
}

impl<T: Scalar> Target<T> for usize {
    fn total(&self) -> T {
        T::ONE
    }
    fn dot(&self, x: &[T], shift: T) -> T {
        x[*self] - shift
    }
    fn subtract(&self, factor: T, d: &mut [T]) {
        d[*self] -= factor;
    }
}

impl<T: Scalar, const N: usize> Target<T> for SVector<T, N> {
    fn total(&self) -> T {
        sum(self.as_slice())
    }
    fn dot(&self, x: &[T], shift: T) -> T {
        let t = self.as_slice();
        let mut sum = Sum::zero();
        sum.add_each(N, |c| t[c] * (x[c] - shift));
        sum.total()
    }
    fn subtract(&self, factor: T, d: &mut [T]) {
        for (d, t) in d.iter_mut().zip(self.as_slice()) {
            *d -= factor * *t;
        }
    }
}

/// How many samples are worked on at a time if the derivative is asked for.
const GROUP: usize = 32;
/// How many entries are worked on at a time if it is not.
const BLOCK: usize = 256;
const _: () = assert!(BLOCK.is_multiple_of(LANES));

/// `e^(x - shift)` into `z`, for samples side by side with a shift each.
fn shifted_exp<T: Scalar>(path: SimdPath, x: &[T], shift: &[T], classes: usize, z: &mut [T]) {
    for ((z, x), shift) in z.chunks_mut(classes).zip(x.chunks(classes)).zip(shift) {
        for (z, x) in z.iter_mut().zip(x) {
            *z = *x - *shift;
        }
    }
    kernels::map(path, &Exp, z);
}

#[derive(Clone, Copy)]
struct Exp;
impl Unary for Exp {
    #[inline(always)]
    fn call<R: Real>(&self, x: R) -> R {
        x.exp()
    }
}

impl CrossEntropy {
    /// Mean cross-entropy with smoothed labels.
    pub const fn with_label_smoothing(label_smoothing: f64) -> Self {
        Self {
            label_smoothing,
            reduction: Reduction::Mean,
        }
    }

    /// With z = e^(x - max x) and s = sum_c z_c: `-sum_c t'_c ln p_c` is
    /// `ln s sum_c t'_c - sum_c t'_c (x_c - max x)`.
    fn sample<T: Scalar>(&self, target: &impl Target<T>, x: &[T], max: T, sum_exp: T) -> T {
        let logarithm = sum_exp.ln();
        let hard = target.total() * logarithm - target.dot(x, max);
        // Without smoothing, x_c = -inf (a class ruled out) must not meet a factor of 0.
        if self.label_smoothing == 0.0 {
            return hard;
        }
        let mut shifted = Sum::zero();
        shifted.add_each(x.len(), |c| x[c] - max);
        let uniform = logarithm - shifted.total() * T::from_f64(1.0 / x.len() as f64);
        hard * T::from_f64(1.0 - self.label_smoothing) + uniform * T::from_f64(self.label_smoothing)
    }

    /// The sum over samples, without derivative: any width, in a block on the stack.
    fn value<T: Scalar, const N: usize, Y: Target<T>>(
        &self,
        path: SimdPath,
        prediction: &[SVector<T, N>],
        target: &[Y],
    ) -> f64 {
        let mut total = 0.0;
        let mut block = [T::ZERO; BLOCK];
        let mut max = [T::ZERO; BLOCK];
        let group = (BLOCK / N).max(1);
        for (x, target) in prediction.chunks(group).zip(target.chunks(group)) {
            for (max, x) in max.iter_mut().zip(x) {
                *max = largest(x.as_slice());
            }
            if N > BLOCK {
                let mut sum_exp = Sum::zero();
                for x in x[0].as_slice().chunks(BLOCK) {
                    let z = &mut block[..x.len()];
                    shifted_exp(path, x, &max, x.len(), z);
                    sum_exp.add(z);
                }
                total += self
                    .sample(&target[0], x[0].as_slice(), max[0], sum_exp.total())
                    .to_f64();
            } else {
                let z = &mut block[..x.len() * N];
                shifted_exp(path, cast_slice(x), &max, N, z);
                for (((z, x), max), target) in z.chunks(N).zip(x).zip(&max).zip(target) {
                    total += self.sample(target, x.as_slice(), *max, sum(z)).to_f64();
                }
            }
        }
        total
    }

    /// The sum over samples, and `scale` times its derivative.
    fn value_and_derivative<T: Scalar, const N: usize, Y: Target<T>>(
        &self,
        path: SimdPath,
        prediction: &[SVector<T, N>],
        target: &[Y],
        d_prediction: &mut [SVector<T, N>],
        scale: f64,
    ) -> f64 {
        let mut total = 0.0;
        let mut max = [T::ZERO; GROUP];
        let hard = T::from_f64(scale * (1.0 - self.label_smoothing));
        let uniform = T::from_f64(scale * self.label_smoothing / N as f64);
        let smoothed = T::from_f64(scale * self.label_smoothing);
        let groups = prediction.chunks(GROUP).zip(target.chunks(GROUP));
        for ((x, target), d) in groups.zip(d_prediction.chunks_mut(GROUP)) {
            for (max, x) in max.iter_mut().zip(x) {
                *max = largest(x.as_slice());
            }
            shifted_exp(path, cast_slice(x), &max, N, cast_slice_mut(d));
            for (((z, x), max), target) in d.iter_mut().zip(x).zip(&max).zip(target) {
                let z = z.as_mut_slice();
                let sum_exp = sum(z);
                total += self.sample(target, x.as_slice(), *max, sum_exp).to_f64();
                // d = scale (p sum_c t'_c - t'), where p = z / s.
                let factor = (target.total() * hard + smoothed) / sum_exp;
                for z in z.iter_mut() {
                    *z = *z * factor - uniform;
                }
                target.subtract(hard, z);
            }
        }
        total
    }

    fn reduce<T: Scalar, const N: usize, Y: Target<T>>(
        &self,
        path: SimdPath,
        prediction: &[SVector<T, N>],
        target: &[Y],
        d_prediction: Option<&mut [SVector<T, N>]>,
    ) -> T {
        let scale = self.reduction.scale(prediction.len());
        let total = match d_prediction {
            Some(d) => self.value_and_derivative(path, prediction, target, d, scale),
            None => self.value(path, prediction, target),
        };
        T::from_f64(total * scale)
    }

    fn check<T, const N: usize, Y>(
        &self,
        prediction: &[SVector<T, N>],
        target: &[Y],
        d_prediction: Option<&[SVector<T, N>]>,
    ) -> Result<(), LossError> {
        Range::Fraction.check("label_smoothing", self.label_smoothing)?;
        check_lengths(prediction.len(), target.len(), d_prediction.map(<[_]>::len))?;
        if N == 0 {
            Err(LossError::EmptyBatch)
        } else {
            Ok(())
        }
    }
}

/// Targets are classes, counted from 0.
impl<T: Scalar, const N: usize> Loss<SVector<T, N>, usize> for CrossEntropy {
    fn reduction(&self) -> Reduction {
        self.reduction
    }

    fn evaluate(
        &self,
        path: SimdPath,
        prediction: &[SVector<T, N>],
        target: &[usize],
        d_prediction: Option<&mut [SVector<T, N>]>,
    ) -> Result<T, LossError> {
        self.check(prediction, target, d_prediction.as_deref())?;
        if let Some(sample) = target.iter().position(|class| *class >= N) {
            return Err(LossError::ClassOutOfRange {
                sample,
                class: target[sample],
                classes: N,
            });
        }
        Ok(self.reduce(path, prediction, target, d_prediction))
    }
}

/// Targets are one weight per class.
impl<T: Scalar, const N: usize> Loss<SVector<T, N>, SVector<T, N>> for CrossEntropy {
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
        self.check(prediction, target, d_prediction.as_deref())?;
        let loss: T = self.reduce(path, prediction, target, d_prediction);
        if !loss.is_finite() {
            check_finite_targets(target)?;
        }
        Ok(loss)
    }
}
