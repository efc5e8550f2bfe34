//! `add(label)`: an earlier output added to what flows, `y = x + other`.
//!
//! Not a layer, but the steps that `network!` writes.

use crate::kernels::{self, Binary, SimdPath};
use crate::{Real, Scalar};
use bytemuck::{cast_slice, cast_slice_mut};
use nalgebra::SVector;

pub(super) struct Sum;
impl Binary for Sum {
    #[inline(always)]
    fn call<R: Real>(&self, a: R, b: R) -> R {
        a + b
    }
}

/// `y = x + other`.
///
/// # Panics
///
/// If the slices differ in length.
pub fn forward<T: Scalar, const N: usize>(
    path: SimdPath,
    x: &[SVector<T, N>],
    other: &[SVector<T, N>],
    y: &mut [SVector<T, N>],
) {
    y.copy_from_slice(x);
    forward_in_place(path, other, y);
}

/// `y += other`.
///
/// # Panics
///
/// If the slices differ in length.
pub fn forward_in_place<T: Scalar, const N: usize>(
    path: SimdPath,
    other: &[SVector<T, N>],
    y: &mut [SVector<T, N>],
) {
    assert_eq!(other.len(), y.len(), "both summands have as many samples");
    kernels::map2(path, &Sum, cast_slice_mut::<_, T>(y), cast_slice(other));
}

/// `d_other += d_y`: the gradient joins what other readers of `other` gave.
///
/// # Panics
///
/// If the slices differ in length.
pub fn backward<T: Scalar, const N: usize>(
    path: SimdPath,
    d_y: &[SVector<T, N>],
    d_other: &mut [SVector<T, N>],
) {
    forward_in_place(path, d_y, d_other);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_entry_by_entry() {
        let path = SimdPath::detect();
        let a = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]].map(SVector::<f64, 3>::from);
        let b = [[10.0, 20.0, 30.0], [40.0, 50.0, -60.0]].map(SVector::from);
        let sum = [[11.0, 22.0, 33.0], [44.0, 55.0, -54.0]].map(SVector::from);
        let mut y = [SVector::from([f64::NAN; 3]); 2];
        forward(path, &a, &b, &mut y);
        assert_eq!(y, sum);
        let mut y = b;
        forward_in_place(path, &a, &mut y);
        assert_eq!(y, sum);
        let mut d_other = b;
        backward(path, &a, &mut d_other);
        assert_eq!(d_other, sum);
    }

    #[test]
    #[should_panic(expected = "as many samples")]
    fn refuses_batches_of_two_sizes() {
        let a = [SVector::from([1.0f32]); 2];
        forward_in_place(SimdPath::detect(), &a[..1], &mut a.clone());
    }
}
