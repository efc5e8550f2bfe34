//! `upsample`: every pixel repeated.

use super::avg_pool2d::{Spread, Sums};
use super::geometry::Geometry;
use crate::kernels::{self, SimdPath};
use crate::{Generator, Layer, Pass, Scalar};
use bytemuck::{Zeroable, cast_slice, cast_slice_mut};
use core::marker::PhantomData;
use nalgebra::SVector;

/// `y[c, i, j] = x[c, i / factor, j / factor]`, rounded down: the nearest neighbour.
///
/// # Shapes
///
/// `x`: `INPUT` = channels x height x width; `y`: `OUTPUT`, the larger image. `G` is the
/// way back: a kernel of the factor's size that moves over the larger image in steps of
/// its size. A sequence is an image of one channel with a row for each step. No
/// parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
pub struct Upsample<T: Scalar, G: Geometry, const INPUT: usize, const OUTPUT: usize> {
    kind: PhantomData<(T, G)>,
}

impl<T: Scalar, G: Geometry, const INPUT: usize, const OUTPUT: usize> Layer
    for Upsample<T, G, INPUT, OUTPUT>
{
    type Scalar = T;
    type Input = SVector<T, INPUT>;
    type Output = SVector<T, OUTPUT>;
    type Config = ();
    type Gradient = ();
    type Cache<const BATCH: usize> = ();

    fn initialize(&mut self, (): &(), _generator: &mut Generator) {
        const { super::geometry::check_pooling(&G::WINDOW, OUTPUT, INPUT) }
    }

    fn infer(&self, path: SimdPath, x: &[Self::Input], y: &mut [Self::Output], _scratch: &mut [T]) {
        let task = Spread {
            window: G::WINDOW,
            share: 1.0,
            d_y: cast_slice(x),
            d_x: cast_slice_mut(y),
        };
        kernels::run::<T, _>(path, task);
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
        let task = Sums {
            window: G::WINDOW,
            share: 1.0,
            x: cast_slice(d_y),
            y: cast_slice_mut(d_x),
        };
        kernels::run::<T, _>(pass.path, task);
    }
}

#[cfg(test)]
mod tests {
    use super::super::geometry::{Image, Pair, Slide};
    use super::*;
    use crate::layers::check;

    /// 2 x 2 x 3 to 2 x 4 x 9.
    type Larger<T> = Upsample<T, Slide<Image<2, 4, 9>, Pair<2, 3>, Pair<2, 3>>, 12, 72>;

    #[test]
    fn repeats_pixels() {
        let layer = Upsample::<f64, Slide<Image<1, 2, 4>, Pair<2, 2>, Pair<2, 2>>, 2, 8>::default();
        let y = check::infer(&layer, &[SVector::from([1.0, 2.0])]);
        assert_eq!(y, [SVector::from([1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0])]);
    }

    #[test]
    fn gradients_agree_with_differences() {
        check::gradients(&mut Larger::<f64>::default(), check::anywhere);
        check::agrees_on_all_paths(&Larger::<f32>::default());
        check::infers_as_it_trains(&Larger::<f32>::default());
        check::stays_finite(&Larger::<f32>::default());
    }
}
