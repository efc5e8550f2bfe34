//! The inner loops, on slices: the only module that may hold `unsafe` code, and
//! the only one that knows instruction sets.
//!
//! Every output element is accumulated in one fixed order, whatever the path.

#![allow(unsafe_code, reason = "the kernel module is where it belongs")]

mod affine;
mod elementwise;
pub(crate) mod math;
mod number;
mod path;
pub(crate) mod primitive;
mod run;
mod sum;

pub use affine::{Affine, Block};
pub use elementwise::{
    Binary, LANES, Ternary, Unary, Update, map, map_to, map2, map3, update,
};
#[doc(hidden)]
pub use number::Unfused;
pub use number::Number;
pub use path::{SimdPath, simd_path};
pub use run::{Task, run};
pub use sum::{sum, sum_of_squares};

use crate::Scalar;
#[doc(hidden)]
pub trait Products {}
impl Products for f32 {}
impl Products for f64 {}

/// `Y = W X + b` for a batch: `y[o, s] = b[o] + sum_i W[o, i] x[i, s]`.
///
/// All column-major: `weight` is `OUTPUT x INPUT`, `x` is `INPUT x n`, `y` is
/// `OUTPUT x n`; `bias` has `OUTPUT` entries, or none.
pub fn dense_forward<T: Scalar, const INPUT: usize, const OUTPUT: usize>(
    _path: SimdPath,
    weight: &[T],
    bias: &[T],
    x: &[T],
    y: &mut [T],
) {
    for (x, y) in x.chunks_exact(INPUT).zip(y.chunks_exact_mut(OUTPUT)) {
        if bias.is_empty() {
            y.fill(T::ZERO);
        } else {
            y.copy_from_slice(bias);
        }
        for (column, x) in weight.chunks_exact(OUTPUT).zip(x) {
            for (y, w) in y.iter_mut().zip(column) {
                *y = *w * *x + *y;
            }
        }
    }
}

/// `dX = W^T dY` for a batch; layouts as in [`dense_forward`].
pub fn dense_d_input<T: Scalar, const INPUT: usize, const OUTPUT: usize>(
    _path: SimdPath,
    weight: &[T],
    d_y: &[T],
    d_x: &mut [T],
) {
    for (d_y, d_x) in d_y.chunks_exact(OUTPUT).zip(d_x.chunks_exact_mut(INPUT)) {
        for (d_x, column) in d_x.iter_mut().zip(weight.chunks_exact(OUTPUT)) {
            *d_x = column.iter().zip(d_y).fold(T::ZERO, |sum, (w, d)| *w * *d + sum);
        }
    }
}

/// `dW = dY X^T` and `db = dY 1` for a batch; layouts as in [`dense_forward`].
/// Adds to the old gradient if `accumulate`, else replaces it.
pub fn dense_d_weight<T: Scalar, const INPUT: usize, const OUTPUT: usize>(
    _path: SimdPath,
    x: &[T],
    d_y: &[T],
    d_weight: &mut [T],
    d_bias: &mut [T],
    accumulate: bool,
) {
    if !accumulate {
        d_weight.fill(T::ZERO);
        d_bias.fill(T::ZERO);
    }
    for (x, d_y) in x.chunks_exact(INPUT).zip(d_y.chunks_exact(OUTPUT)) {
        for (column, x) in d_weight.chunks_exact_mut(OUTPUT).zip(x) {
            for (d_w, d) in column.iter_mut().zip(d_y) {
                *d_w = *d * *x + *d_w;
            }
        }
        for (d_b, d) in d_bias.iter_mut().zip(d_y) {
            *d_b += *d;
        }
    }
}
