//! The inner loops, on slices: the only module that may hold `unsafe` code, and
//! the only one that knows instruction sets.
//!
//! Every output element is accumulated in one fixed order, whatever the path.

#![allow(unsafe_code, reason = "the kernel module is where it belongs")]

mod affine;

pub use affine::{Affine, Block};

use crate::{Real, Scalar};

/// The instruction set that the kernels run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SimdPath(());

impl SimdPath {
    /// The best path of this machine; found once, then read from a cache.
    #[inline]
    pub fn detect() -> Self {
        Self(())
    }
}

/// A function of one number, for [`map`].
pub trait Unary {
    /// The function's value.
    fn call<R: Real>(&self, x: R) -> R;
}

/// A function of two numbers, for [`map2`].
pub trait Binary {
    /// The function's value.
    fn call<R: Real>(&self, a: R, b: R) -> R;
}

/// A function of three numbers, for [`map3`].
pub trait Ternary {
    /// The function's value.
    fn call<R: Real>(&self, a: R, b: R, c: R) -> R;
}

/// One entry's optimizer update, for [`update`].
pub trait Update<const STATES: usize> {
    /// From an entry's value, gradient and state to its new value and state.
    fn call<R: Real>(&self, value: R, gradient: R, state: [R; STATES]) -> (R, [R; STATES]);
}

/// `a = f(a)` for every entry.
pub fn map<T: Scalar>(_path: SimdPath, f: &impl Unary, a: &mut [T]) {
    for a in a {
        *a = f.call(*a);
    }
}

/// `y = f(x)` for every entry.
pub fn map_to<T: Scalar>(_path: SimdPath, f: &impl Unary, x: &[T], y: &mut [T]) {
    for (x, y) in x.iter().zip(y) {
        *y = f.call(*x);
    }
}

/// `a = f(a, b)` for every entry.
pub fn map2<T: Scalar>(_path: SimdPath, f: &impl Binary, a: &mut [T], b: &[T]) {
    for (a, b) in a.iter_mut().zip(b) {
        *a = f.call(*a, *b);
    }
}

/// `a = f(a, b, c)` for every entry.
pub fn map3<T: Scalar>(_path: SimdPath, f: &impl Ternary, a: &mut [T], b: &[T], c: &[T]) {
    for ((a, b), c) in a.iter_mut().zip(b).zip(c) {
        *a = f.call(*a, *b, *c);
    }
}

/// One optimizer update of every entry.
pub fn update<T: Scalar, const STATES: usize>(
    _path: SimdPath,
    f: &impl Update<STATES>,
    value: &mut [T],
    gradient: &[T],
    mut state: [&mut [T]; STATES],
) {
    for (index, (value, gradient)) in value.iter_mut().zip(gradient).enumerate() {
        let old = core::array::from_fn(|k| state[k][index]);
        let (new_value, new) = f.call(*value, *gradient, old);
        *value = new_value;
        for k in 0..STATES {
            state[k][index] = new[k];
        }
    }
}

/// The sum of squares of all entries, in a fixed order.
pub fn sum_of_squares<T: Scalar>(_path: SimdPath, a: &[T]) -> T {
    a.iter().fold(T::ZERO, |sum, a| a.mul_add(*a, sum))
}

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
                *y = w.mul_add(*x, *y);
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
            *d_x = column.iter().zip(d_y).fold(T::ZERO, |sum, (w, d)| w.mul_add(*d, sum));
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
                *d_w = d.mul_add(*x, *d_w);
            }
        }
        for (d_b, d) in d_bias.iter_mut().zip(d_y) {
            *d_b += *d;
        }
    }
}
