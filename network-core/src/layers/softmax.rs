//! `softmax`: scores turned into probabilities.

use super::sums::sum_of;
use crate::kernels::{self, LANES, Number, SimdPath, Task};
use crate::step::step_alone;
use crate::{Generator, Layer, Pass, Real, Scalar};
use bytemuck::{Zeroable, cast_slice, cast_slice_mut};
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

/// All samples, `features` numbers each.
struct Forward<'a, T> {
    features: usize,
    x: &'a [T],
    y: &'a mut [T],
}

impl<T: Scalar> Task<T> for Forward<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(self) {
        let x = R::slice(self.x).chunks_exact(self.features);
        let y = R::slice_mut(self.y).chunks_exact_mut(self.features);
        for (x, y) in x.zip(y) {
            softmax(x, y);
        }
    }
}

#[inline(always)]
fn softmax<R: Real>(x: &[R], y: &mut [R]) {
    let Some((first, rest)) = x.split_first() else {
        return;
    };
    let largest = rest.iter().fold(*first, |a, b| R::select(*b > a, *b, a));
    let (x, x_rest) = x.as_chunks();
    let (chunks, y_rest) = y.as_chunks_mut();
    for (x, y) in x.iter().zip(chunks) {
        *y = exponentials(*x, largest);
    }
    // The rest is padded to a full vector.
    let mut padded = [largest; LANES];
    padded[..x_rest.len()].copy_from_slice(x_rest);
    let padded = exponentials(padded, largest);
    y_rest.copy_from_slice(&padded[..y_rest.len()]);

    let sum = sum_of(
        [&*y],
        #[inline(always)]
        |[y]| y,
    );
    let scale = R::ONE / sum;
    for y in y {
        *y *= scale;
    }
}

/// `e^(x - largest)`
#[inline(always)]
fn exponentials<R: Real>(mut x: [R; LANES], largest: R) -> [R; LANES] {
    for x in &mut x {
        *x = (*x - largest).exp();
    }
    x
}

struct Backward<'a, T> {
    features: usize,
    y: &'a [T],
    d_y: &'a [T],
    d_x: &'a mut [T],
}

impl<T: Scalar> Task<T> for Backward<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(self) {
        let y = R::slice(self.y).chunks_exact(self.features);
        let d_y = R::slice(self.d_y).chunks_exact(self.features);
        let d_x = R::slice_mut(self.d_x).chunks_exact_mut(self.features);
        for ((y, d_y), d_x) in y.zip(d_y).zip(d_x) {
            d_softmax(y, d_y, d_x);
        }
    }
}

/// `d_x = y (d_y - sum(d_y y))`
#[inline(always)]
fn d_softmax<R: Real>(y: &[R], d_y: &[R], d_x: &mut [R]) {
    let mean = sum_of(
        [d_y, y],
        #[inline(always)]
        |[d, y]| d * y,
    );
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

    fn infer(&self, path: SimdPath, x: &[Self::Input], y: &mut [Self::Output], _scratch: &mut [T]) {
        let work = Forward {
            features: N,
            x: cast_slice::<_, T>(x),
            y: cast_slice_mut(y),
        };
        kernels::run(path, work);
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
        pass: &mut Pass<'_>,
        _x: &[Self::Input],
        y: &[Self::Output],
        d_y: &[Self::Output],
        d_x: Option<&mut [Self::Input]>,
        _cache: &mut (),
        _gradient: &mut (),
        _scratch: &mut [T],
    ) {
        if let Some(d_x) = d_x {
            let work = Backward {
                features: N,
                y: cast_slice::<_, T>(y),
                d_y: cast_slice(d_y),
                d_x: cast_slice_mut(d_x),
            };
            kernels::run(pass.path, work);
        }
    }
}

step_alone!([T: Scalar, const N: usize] Softmax<T, N>);

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
    fn all_instruction_sets_agree() {
        check::agrees_on_all_paths(&Softmax::<f32, 10>::zeroed());
        check::agrees_on_all_paths(&Softmax::<f64, 43>::zeroed());
    }

    #[test]
    fn extreme_inputs_stay_finite() {
        check::stays_finite(&Softmax::<f32, 1>::zeroed());
        check::stays_finite(&Softmax::<f32, 10>::zeroed());
        check::stays_finite(&Softmax::<f64, 17>::zeroed());
        check::infers_as_it_trains(&Softmax::<f32, 10>::zeroed());
    }
}
