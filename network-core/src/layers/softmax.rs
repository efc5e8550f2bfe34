//! `softmax`: scores turned into probabilities.

use super::sums::sum_of;
use crate::kernels::SimdPath;
use crate::{Generator, Layer, Pass, Real, Scalar};
use bytemuck::Zeroable;
use core::marker::PhantomData;
use nalgebra::SVector;

/// `y_i = e^(x_i) / sum_j e^(x_j)` over the features of each sample, computed
/// around the largest score, so that no score is too large.
///
/// For training a classifier, leave it out and use a cross-entropy loss from
/// logits, which is more exact.
///
/// # Shapes
///
/// `x`, `y`: `N`. No parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
pub struct Softmax<T: Scalar, const N: usize> {
    scalar: PhantomData<T>,
}

#[inline(always)]
fn softmax<R: Real>(x: &[R], y: &mut [R]) {
    let Some((first, rest)) = x.split_first() else {
        return;
    };
    let largest = rest.iter().fold(*first, |a, b| R::select(*b > a, *b, a));
    for (y, x) in y.iter_mut().zip(x) {
        *y = (*x - largest).exp();
    }
    let scale = R::ONE / sum_of([&*y], |[y]| y);
    for y in y {
        *y *= scale;
    }
}

/// `d_x = y (d_y - sum(d_y y))`
#[inline(always)]
fn d_softmax<R: Real>(y: &[R], d_y: &[R], d_x: &mut [R]) {
    let mean = sum_of([d_y, y], |[d, y]| d * y);
    for ((d_x, y), d) in d_x.iter_mut().zip(y).zip(d_y) {
        *d_x = *y * (*d - mean);
    }
}

impl<T: Scalar, const N: usize> Layer for Softmax<T, N> {
    type Scalar = T;
    type Input = SVector<T, N>;
    type Output = SVector<T, N>;
    type Config = ();
    type Gradient = ();
    type Cache<const BATCH: usize> = ();

    fn initialize(&mut self, _config: &(), _generator: &mut Generator) {}

    fn infer(
        &self,
        _path: SimdPath,
        x: &[Self::Input],
        y: &mut [Self::Output],
        _scratch: &mut [T],
    ) {
        for (x, y) in x.iter().zip(y) {
            softmax(x.as_slice(), y.as_mut_slice());
        }
    }

    fn forward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        _cache: &mut (),
        scratch: &mut [T],
    ) {
        self.infer(pass.path, x, y, scratch);
    }

    fn backward<const BATCH: usize>(
        &self,
        _pass: &mut Pass<'_>,
        _x: &[Self::Input],
        y: &[Self::Output],
        d_y: &[Self::Output],
        d_x: Option<&mut [Self::Input]>,
        _cache: &mut (),
        _gradient: &mut (),
        _scratch: &mut [T],
    ) {
        if let Some(d_x) = d_x {
            for ((y, d_y), d_x) in y.iter().zip(d_y).zip(d_x) {
                d_softmax(y.as_slice(), d_y.as_slice(), d_x.as_mut_slice());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    #[test]
    fn makes_probabilities() {
        let layer = Softmax::<f64, 3>::zeroed();
        let y = check::infer(&layer, &[SVector::from([1.0, 2.0, 3.0])]);
        let expected = [
            0.090_030_573_170_380_46,
            0.244_728_471_054_797_67,
            0.665_240_955_774_821_9,
        ];
        check::assert_close("y", y[0].as_slice(), &expected, 1e-15);
    }

    #[test]
    fn a_shift_of_all_scores_changes_nothing() {
        let layer = Softmax::<f64, 2>::zeroed();
        let x = [[0.0, 1.0], [1e6, 1e6 + 1.0], [-1e300, -1e300]].map(SVector::from);
        let y = check::infer(&layer, &x);
        assert_eq!(y[0], y[1]);
        assert_eq!(y[2], SVector::from([0.5, 0.5]));
        let minus_infinity = [SVector::from([f64::NEG_INFINITY, 3.0])];
        assert_eq!(
            check::infer(&layer, &minus_infinity)[0],
            SVector::from([0.0, 1.0])
        );
    }

    #[test]
    fn gradients_agree_with_differences() {
        check::gradients(&mut Softmax::<f64, 1>::zeroed(), check::anywhere);
        check::gradients(&mut Softmax::<f64, 5>::zeroed(), check::anywhere);
        check::gradients(&mut Softmax::<f64, 33>::zeroed(), check::anywhere);
    }

    #[test]
    fn extreme_inputs_stay_finite() {
        check::stays_finite(&Softmax::<f32, 1>::zeroed());
        check::stays_finite(&Softmax::<f32, 10>::zeroed());
        check::stays_finite(&Softmax::<f64, 17>::zeroed());
        check::infers_as_it_trains(&Softmax::<f32, 10>::zeroed());
    }
}
