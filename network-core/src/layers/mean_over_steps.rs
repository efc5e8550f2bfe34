//! `mean_over_steps`: the mean of a sequence's steps.

use crate::kernels::{self, Binary, SimdPath, Unary};
use crate::{Generator, Layer, Pass, Real, Scalar, Step};
use bytemuck::Zeroable;
use core::marker::PhantomData;
use nalgebra::SVector;

/// The mean of a sequence's steps, feature by feature.
///
/// # Shapes
///
/// `x`: steps of `FEATURES` (`X` numbers), `y`: `FEATURES`. No parameters.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(transparent)]
pub struct MeanOverSteps<T: Scalar, const FEATURES: usize, const X: usize>(PhantomData<T>);

#[derive(Clone, Copy)]
pub(super) struct Sum;
impl Binary for Sum {
    #[inline(always)]
    fn call<R: Real>(&self, a: R, b: R) -> R {
        a + b
    }
}

#[derive(Clone, Copy)]
pub(super) struct Over(pub(super) f64);
impl Unary for Over {
    #[inline(always)]
    fn call<R: Real>(&self, x: R) -> R {
        x / R::from_f64(self.0)
    }
}

impl<T: Scalar, const FEATURES: usize, const X: usize> Layer for MeanOverSteps<T, FEATURES, X> {
    type Scalar = T;
    type Input = SVector<T, X>;
    type Output = SVector<T, FEATURES>;
    type Config = ();
    type Gradient = ();
    type Cache<const BATCH: usize> = ();

    fn initialize(&mut self, (): &(), _generator: &mut Generator) {
        const { assert!(X.is_multiple_of(FEATURES) && X > 0) };
    }

    fn infer(&self, path: SimdPath, x: &[Self::Input], y: &mut [Self::Output], _scratch: &mut [T]) {
        for (x, y) in x.iter().zip(y) {
            let y = y.as_mut_slice();
            y.fill(T::ZERO);
            for step in x.as_slice().chunks_exact(FEATURES) {
                kernels::map2(path, &Sum, y, step);
            }
            kernels::map(path, &Over((X / FEATURES) as f64), y);
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
        pass: &mut Pass<'_>,
        _x: &[Self::Input],
        _y: &[Self::Output],
        d_y: &[Self::Output],
        d_x: Option<&mut [Self::Input]>,
        _cache: &mut (),
        _gradient: &mut (),
        _scratch: &mut [T],
    ) {
        let Some(d_x) = d_x else { return };
        for (d_x, d_y) in d_x.iter_mut().zip(d_y) {
            for step in d_x.as_mut_slice().chunks_exact_mut(FEATURES) {
                step.copy_from_slice(d_y.as_slice());
            }
            let over = Over((X / FEATURES) as f64);
            kernels::map(pass.path, &over, d_x.as_mut_slice());
        }
    }
}

/// The sum of the steps so far, and how many there were.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
pub struct MeanState<T: Scalar, const FEATURES: usize> {
    sum: SVector<T, FEATURES>,
    count: u64,
}

impl<T: Scalar, const FEATURES: usize, const X: usize> Step for MeanOverSteps<T, FEATURES, X> {
    type State = MeanState<T, FEATURES>;

    fn advance(
        &self,
        path: SimdPath,
        x: &[T],
        y: &mut [T],
        state: &mut Self::State,
        _scratch: &mut [T],
    ) {
        kernels::map2(path, &Sum, state.sum.as_mut_slice(), x);
        state.count += 1;
        y.copy_from_slice(state.sum.as_slice());
        kernels::map(path, &Over(state.count as f64), y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    #[test]
    fn averages_each_feature() {
        let layer = check::layer::<MeanOverSteps<f64, 2, 6>>(&(), 0);
        let x = [SVector::from([1.0, 2.0, 3.0, 5.0, 5.0, 5.0])];
        assert_eq!(check::infer(&*layer, &x), [SVector::from([3.0, 4.0])]);
        check::infers_as_it_trains(&*layer);
        check::agrees_on_all_paths(&*layer);
    }

    #[test]
    fn gradients_agree_with_differences() {
        check::gradients(
            &mut *check::layer::<MeanOverSteps<f64, 2, 6>>(&(), 0),
            check::anywhere,
        );
        check::gradients(
            &mut *check::layer::<MeanOverSteps<f64, 17, 51>>(&(), 0),
            check::anywhere,
        );
    }
}
