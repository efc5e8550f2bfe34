//! `avg_pool2d`: the mean of the numbers that a window sees.

use super::geometry::Geometry;
use super::sums::sum_of;
use crate::kernels::{self, Number, SimdPath, Task, Window};
use crate::{Generator, Layer, Pass, Scalar};
use bytemuck::{Zeroable, cast_slice, cast_slice_mut};
use core::marker::PhantomData;
use nalgebra::SVector;

/// `y[c, p] = 1/K sum x[c, p * stride + (ky, kx) - padding]` over the K entries of a
/// window, channel by channel; beyond the image, x is 0 and counts, as in PyTorch.
///
/// With a window as large as the image it is `global_avg_pool`. On a sequence, which is
/// an image of one channel with a row for each step, a window of one column pools over
/// steps.
///
/// # Shapes
///
/// As those of [`MaxPool2d`](super::MaxPool2d). No parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
pub struct AvgPool2d<T: Scalar, G: Geometry, const INPUT: usize, const OUTPUT: usize> {
    kind: PhantomData<(T, G)>,
}

/// Calls `visit` for every entry of the window, with the image's entries and the
/// output's that belong together: `x[i * stride + .0]` and `y[.1 + i]`, `.2` of them.
#[inline(always)]
fn pairs(w: &Window, mut visit: impl FnMut(usize, usize, usize)) {
    for row in 0..w.output[0] {
        for ky in 0..w.kernel[0] {
            let Some(iy) = w.row(ky, row) else { continue };
            for kx in 0..w.kernel[1] {
                let (low, high) = w.inside(kx, 0, w.output[1]);
                if high > low {
                    let from = iy * w.width + low * w.stride[1] + kx - w.padding[1];
                    visit(from, row * w.output[1] + low, high - low);
                }
            }
        }
    }
}

/// `y = share * (sums of x over windows)`.
pub(super) struct Sums<'a, T> {
    pub(super) window: Window,
    pub(super) share: f64,
    pub(super) x: &'a [T],
    pub(super) y: &'a mut [T],
}

impl<T: Scalar> Task<T> for Sums<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(self) {
        let (w, x, y) = (self.window, R::slice(self.x), R::slice_mut(self.y));
        let share = R::from_f64(self.share);
        let planes = x.chunks_exact(w.height * w.width);
        for (x, y) in planes.zip(y.chunks_exact_mut(w.pixels())) {
            if w.pixels() == 1 && w.taps() == x.len() {
                y[0] = sum_of([x], |[x]| x) * share;
                continue;
            }
            y.fill(R::ZERO);
            pairs(
                &w,
                #[inline(always)]
                |from, to, count| {
                    let y = y[to..to + count].iter_mut();
                    if w.stride[1] == 1 {
                        y.zip(&x[from..]).for_each(|(y, x)| *y += *x);
                    } else {
                        y.zip(x[from..].iter().step_by(w.stride[1]))
                            .for_each(|(y, x)| *y += *x);
                    }
                },
            );
            for y in y {
                *y *= share;
            }
        }
    }
}

/// `d_x = share * (d_y of all windows that see it)`.
pub(super) struct Spread<'a, T> {
    pub(super) window: Window,
    pub(super) share: f64,
    pub(super) d_y: &'a [T],
    pub(super) d_x: &'a mut [T],
}

impl<T: Scalar> Task<T> for Spread<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(self) {
        let (w, d_y, d_x) = (self.window, R::slice(self.d_y), R::slice_mut(self.d_x));
        let share = R::from_f64(self.share);
        let planes = d_x.chunks_exact_mut(w.height * w.width);
        for (d_x, d_y) in planes.zip(d_y.chunks_exact(w.pixels())) {
            if w.pixels() == 1 && w.taps() == d_x.len() {
                d_x.fill(d_y[0] * share);
                continue;
            }
            d_x.fill(R::ZERO);
            pairs(
                &w,
                #[inline(always)]
                |from, to, count| {
                    let d_y = d_y[to..to + count].iter();
                    if w.stride[1] == 1 {
                        d_y.zip(&mut d_x[from..])
                            .for_each(|(d_y, d_x)| *d_x += *d_y * share);
                    } else {
                        d_y.zip(d_x[from..].iter_mut().step_by(w.stride[1]))
                            .for_each(|(d_y, d_x)| *d_x += *d_y * share);
                    }
                },
            );
        }
    }
}

impl<T: Scalar, G: Geometry, const INPUT: usize, const OUTPUT: usize>
    AvgPool2d<T, G, INPUT, OUTPUT>
{
    const SHARE: f64 = 1.0 / G::WINDOW.taps() as f64;
}

impl<T: Scalar, G: Geometry, const INPUT: usize, const OUTPUT: usize> Layer
    for AvgPool2d<T, G, INPUT, OUTPUT>
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
        let task = Sums {
            window: G::WINDOW,
            share: Self::SHARE,
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
        _x: &[Self::Input],
        _y: &[Self::Output],
        d_y: &[Self::Output],
        d_x: Option<&mut [Self::Input]>,
        _cache: &mut (),
        _gradient: &mut (),
        _scratch: &mut [T],
    ) {
        let Some(d_x) = d_x else { return };
        let task = Spread {
            window: G::WINDOW,
            share: Self::SHARE,
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

    /// 2 x 5 x 7, kernel 3 x 2, stride 2 x 1, padding 1: 2 x 3 x 8, windows overlap.
    type Odd<T> = AvgPool2d<T, Slide<Image<2, 5, 7>, Pair<3, 2>, Pair<2, 1>, Pair<1, 1>>, 70, 48>;
    type Halves<T> = AvgPool2d<T, Slide<Image<2, 5, 7>, Pair<2, 2>, Pair<2, 2>>, 70, 12>;
    type Global<T> = AvgPool2d<T, Slide<Image<3, 5, 4>, Pair<5, 4>>, 60, 3>;

    #[test]
    fn takes_the_mean_and_counts_padding() {
        let layer = AvgPool2d::<f64, Slide<Image<1, 2, 2>, Pair<2, 2>, Pair<2, 2>, Pair<1, 1>>, 4, 4>::default();
        let y = check::infer(&layer, &[SVector::from([4.0, 8.0, -4.0, 2.0])]);
        assert_eq!(y, [SVector::from([1.0, 2.0, -1.0, 0.5])]);
        let layer = AvgPool2d::<f64, Slide<Image<2, 1, 2>, Pair<1, 2>>, 4, 2>::default();
        let y = check::infer(&layer, &[SVector::from([4.0, 8.0, -4.0, 2.0])]);
        assert_eq!(y, [SVector::from([6.0, -1.0])]);
    }

    #[test]
    fn gradients_agree_with_differences() {
        check::gradients(&mut Odd::<f64>::default(), check::anywhere);
        check::gradients(&mut Halves::<f64>::default(), check::anywhere);
        check::gradients(&mut Global::<f64>::default(), check::anywhere);
    }

    #[test]
    fn every_path_gives_the_same_bits() {
        check::agrees_on_all_paths(&Odd::<f32>::default());
        check::agrees_on_all_paths(&Global::<f32>::default());
        check::infers_as_it_trains(&Halves::<f64>::default());
        check::stays_finite(&Odd::<f32>::default());
    }
}
