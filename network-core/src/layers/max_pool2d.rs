//! `max_pool2d`: the largest number that a window sees.

mod halves;

use super::geometry::Geometry;
use crate::kernels::{self, Number, SimdPath, Task, Window};
use crate::{Generator, Layer, Pass, Real, Scalar};
use bytemuck::{Zeroable, cast_slice, cast_slice_mut};
use core::marker::PhantomData;
use nalgebra::SVector;

/// `y[c, p] = max x[c, p * stride + (ky, kx) - padding]` over the entries of a window,
/// channel by channel; beyond the image there is nothing. The gradient goes to the
/// first of the largest entries, as in PyTorch.
///
/// On a sequence, which is an image of one channel with a row for each step, a window
/// of one column pools over steps.
///
/// # Shapes
///
/// `x`: `INPUT` = channels x height x width, as the geometry `G` says; `y`: `OUTPUT` =
/// channels x rows x columns, where there are `(height + 2 padding - kernel) / stride + 1`
/// rows, rounded down. No parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
pub struct MaxPool2d<T: Scalar, G: Geometry, const INPUT: usize, const OUTPUT: usize> {
    kind: PhantomData<(T, G)>,
}

/// How many outputs are worked on side by side.
const LANES: usize = 16;

struct Forward<'a, T> {
    window: Window,
    x: &'a [T],
    y: &'a mut [T],
}

impl<T: Scalar> Task<T> for Forward<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(self) {
        let (w, x, y) = (self.window, R::slice(self.x), R::slice_mut(self.y));
        if halves::halves(&w) {
            halves::forward(w.output[1], x, y);
            return;
        }
        let planes = x.chunks_exact(w.height * w.width);
        for (x, y) in planes.zip(y.chunks_exact_mut(w.pixels())) {
            for (row, y) in y.chunks_exact_mut(w.output[1]).enumerate() {
                y.fill(R::from_f64(f64::NEG_INFINITY));
                for ky in 0..w.kernel[0] {
                    let Some(iy) = w.row(ky, row) else { continue };
                    let x = &x[iy * w.width..(iy + 1) * w.width];
                    for kx in 0..w.kernel[1] {
                        let (low, high) = w.inside(kx, 0, y.len());
                        if low == high {
                            continue;
                        }
                        let from = low * w.stride[1] + kx - w.padding[1];
                        let y = y[low..high].iter_mut();
                        if w.stride[1] == 1 {
                            y.zip(&x[from..]).for_each(|(y, x)| *y = larger(*y, *x));
                        } else {
                            y.zip(x[from..].iter().step_by(w.stride[1]))
                                .for_each(|(y, x)| *y = larger(*y, *x));
                        }
                    }
                }
            }
        }
    }
}

/// The larger number; NaN if one of them is.
#[inline(always)]
#[allow(clippy::eq_op, reason = "only NaN differs from itself")]
fn larger<R: Real>(a: R, b: R) -> R {
    R::select(b > a || b != b, b, a)
}

struct Backward<'a, T> {
    window: Window,
    x: &'a [T],
    y: &'a [T],
    d_y: &'a [T],
    d_x: &'a mut [T],
}

impl<T: Scalar> Task<T> for Backward<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(self) {
        let w = self.window;
        let (x, y, d_y) = (R::slice(self.x), R::slice(self.y), R::slice(self.d_y));
        let d_x = R::slice_mut(self.d_x);
        if halves::halves(&w) {
            halves::backward(w.output[1], x, y, d_y, d_x);
            return;
        }
        d_x.fill(R::ZERO);
        let plane = w.height * w.width;
        let inputs = x.chunks_exact(plane).zip(d_x.chunks_exact_mut(plane));
        let outputs = y.chunks_exact(w.pixels()).zip(d_y.chunks_exact(w.pixels()));
        for ((x, d_x), (y, d_y)) in inputs.zip(outputs) {
            let rows = y
                .chunks_exact(w.output[1])
                .zip(d_y.chunks_exact(w.output[1]));
            for (row, (y, d_y)) in rows.enumerate() {
                for first in (0..y.len()).step_by(LANES) {
                    let end = (first + LANES).min(y.len());
                    backward_lanes(&w, row, first, end, x, y, d_y, d_x);
                }
            }
        }
    }
}

/// The outputs `first..end` of a row.
#[inline(always)]
fn backward_lanes<R: Real>(
    w: &Window,
    row: usize,
    first: usize,
    end: usize,
    x: &[R],
    y: &[R],
    d_y: &[R],
    d_x: &mut [R],
) {
    let mut left = [R::ZERO; LANES];
    left[..end - first].copy_from_slice(&d_y[first..end]);
    for ky in 0..w.kernel[0] {
        let Some(iy) = w.row(ky, row) else { continue };
        for kx in 0..w.kernel[1] {
            let (low, high) = w.inside(kx, first, end);
            for column in low..high {
                let at = iy * w.width + column * w.stride[1] + kx - w.padding[1];
                let hit = x[at] == y[column];
                let left = &mut left[column - first];
                d_x[at] += R::select(hit, *left, R::ZERO);
                *left = R::select(hit, R::ZERO, *left);
            }
        }
    }
}

impl<T: Scalar, G: Geometry, const INPUT: usize, const OUTPUT: usize> Layer
    for MaxPool2d<T, G, INPUT, OUTPUT>
{
    type Scalar = T;
    type Input = SVector<T, INPUT>;
    type Output = SVector<T, OUTPUT>;
    type Config = ();
    type Gradient = ();
    type Cache<const BATCH: usize> = ();

    fn initialize(&mut self, (): &(), _generator: &mut Generator) {
        const { super::geometry::check_pooling(&G::WINDOW, INPUT, OUTPUT) }
    }

    fn infer(&self, path: SimdPath, x: &[Self::Input], y: &mut [Self::Output], _scratch: &mut [T]) {
        let task = Forward {
            window: G::WINDOW,
            x: cast_slice(x),
            y: cast_slice_mut(y),
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
        x: &[Self::Input],
        y: &[Self::Output],
        d_y: &[Self::Output],
        d_x: Option<&mut [Self::Input]>,
        _cache: &mut (),
        _gradient: &mut (),
        _scratch: &mut [T],
    ) {
        let Some(d_x) = d_x else { return };
        let task = Backward {
            window: G::WINDOW,
            x: cast_slice(x),
            y: cast_slice(y),
            d_y: cast_slice(d_y),
            d_x: cast_slice_mut(d_x),
        };
        kernels::run::<T, _>(pass.path, task);
    }
}

#[cfg(test)]
mod tests {
    use super::super::geometry::{Image, Pair, Slide};
    use super::*;
    use crate::layers::check;

    type Halves<T> = MaxPool2d<T, Slide<Image<2, 4, 6>, Pair<2, 2>, Pair<2, 2>>, 48, 12>;
    /// Rows of so many windows: fewer than are worked on at a time, as many, and more.
    type Wide<const N: usize, const IN: usize, const OUT: usize> =
        MaxPool2d<f64, Slide<Image<2, 4, N>, Pair<2, 2>, Pair<2, 2>>, IN, OUT>;
    /// 2 x 5 x 7, kernel 3 x 2, stride 2 x 1, padding 1: 2 x 3 x 8, windows overlap.
    type Odd<T> = MaxPool2d<T, Slide<Image<2, 5, 7>, Pair<3, 2>, Pair<2, 1>, Pair<1, 1>>, 70, 48>;
    /// Four steps of three features, two at a time.
    type Steps<T> = MaxPool2d<T, Slide<Image<1, 4, 3>, Pair<2, 1>, Pair<2, 1>>, 12, 6>;

    #[test]
    fn takes_the_largest_and_sends_the_gradient_to_the_first() {
        let layer =
            MaxPool2d::<f64, Slide<Image<1, 2, 4>, Pair<2, 2>, Pair<2, 2>>, 8, 2>::default();
        let x = [[1.0, 5.0, 2.0, 2.0, 0.0, -1.0, 2.0, 2.0]].map(SVector::from);
        let y = check::infer(&layer, &x);
        assert_eq!(y, [[5.0, 2.0]].map(SVector::from));
        let mut d_x = x;
        let d_y = [[10.0, 20.0]].map(SVector::from);
        check::backward(
            &layer,
            &x,
            &y,
            &d_y,
            Some(&mut d_x),
            &mut (),
            &mut (),
            false,
        );
        assert_eq!(
            d_x,
            [[0.0, 10.0, 20.0, 0.0, 0.0, 0.0, 0.0, 0.0]].map(SVector::from)
        );
        let y = check::infer(
            &Steps::<f64>::default(),
            &[SVector::from([
                1.0, 2.0, 3.0, 3.0, 1.0, 2.0, -1.0, -2.0, -3.0, -2.0, -3.0, -1.0,
            ])],
        );
        assert_eq!(y, [SVector::from([3.0, 2.0, 3.0, -1.0, -2.0, -1.0])]);
    }

    #[test]
    fn not_a_number_is_not_hidden() {
        let layer =
            MaxPool2d::<f32, Slide<Image<1, 2, 2>, Pair<2, 2>, Pair<2, 2>>, 4, 1>::default();
        for k in 0..4 {
            let mut x = SVector::from([1.0; 4]);
            x[k] = f32::NAN;
            assert!(check::infer(&layer, &[x])[0][0].is_nan());
        }
    }

    #[test]
    fn gradients_agree_with_differences() {
        check::gradients(&mut Halves::<f64>::default(), check::ranked);
        check::gradients(&mut Wide::<16, 128, 32>::default(), check::ranked);
        check::gradients(&mut Wide::<28, 224, 56>::default(), check::ranked);
        check::gradients(&mut Wide::<74, 592, 148>::default(), check::ranked);
        check::gradients(&mut Odd::<f64>::default(), check::ranked);
        check::gradients(&mut Steps::<f64>::default(), check::ranked);
    }

    #[test]
    fn every_path_gives_the_same_bits() {
        check::agrees_on_all_paths(&Halves::<f32>::default());
        check::agrees_on_all_paths(&Odd::<f32>::default());
        check::infers_as_it_trains(&Odd::<f64>::default());
        check::stays_finite(&Odd::<f32>::default());
    }
}
