//! `last`: the last step of a sequence.

use crate::kernels::SimdPath;
use crate::{Generator, Layer, Pass, Scalar, Step};
use bytemuck::Zeroable;
use core::marker::PhantomData;
use nalgebra::SVector;

/// The last step of a sequence.
///
/// # Shapes
///
/// `x`: steps of `FEATURES` (`X` numbers), `y`: `FEATURES`. No parameters.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(transparent)]
pub struct Last<T: Scalar, const FEATURES: usize, const X: usize>(PhantomData<T>);

impl<T: Scalar, const FEATURES: usize, const X: usize> Layer for Last<T, FEATURES, X> {
    type Scalar = T;
    type Input = SVector<T, X>;
    type Output = SVector<T, FEATURES>;
    type Config = ();
    type Gradient = ();
    type Cache<const BATCH: usize> = ();

    fn initialize(&mut self, (): &(), _generator: &mut Generator) {
        const { assert!(X.is_multiple_of(FEATURES) && X > 0) };
    }

    fn infer(
        &self,
        _path: SimdPath,
        x: &[Self::Input],
        y: &mut [Self::Output],
        _scratch: &mut [T],
    ) {
        for (x, y) in x.iter().zip(y) {
            y.copy_from_slice(&x.as_slice()[X - FEATURES..]);
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
        _y: &[Self::Output],
        d_y: &[Self::Output],
        d_x: Option<&mut [Self::Input]>,
        _cache: &mut (),
        _gradient: &mut (),
        _scratch: &mut [T],
    ) {
        let Some(d_x) = d_x else { return };
        for (d_x, d_y) in d_x.iter_mut().zip(d_y) {
            let (before, last) = d_x.as_mut_slice().split_at_mut(X - FEATURES);
            before.fill(T::ZERO);
            last.copy_from_slice(d_y.as_slice());
        }
    }
}

/// The newest step.
impl<T: Scalar, const FEATURES: usize, const X: usize> Step for Last<T, FEATURES, X> {
    type State = ();

    fn advance(&self, _path: SimdPath, x: &[T], y: &mut [T], (): &mut (), _scratch: &mut [T]) {
        y.copy_from_slice(x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    #[test]
    fn takes_the_last_step() {
        let layer = check::layer::<Last<f64, 2, 6>>(&(), 0);
        let x = [SVector::from([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])];
        assert_eq!(check::infer(&*layer, &x), [SVector::from([5.0, 6.0])]);
        check::infers_as_it_trains(&*layer);
    }

    #[test]
    fn gradients_agree_with_differences() {
        check::gradients(
            &mut *check::layer::<Last<f64, 2, 6>>(&(), 0),
            check::anywhere,
        );
        check::gradients(
            &mut *check::layer::<Last<f64, 3, 3>>(&(), 0),
            check::anywhere,
        );
    }
}
