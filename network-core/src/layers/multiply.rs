//! `multiply(label)`: `y = a * b`, entry by entry, and its derivatives: the gate of
//! highway networks and gated units.
//!
//! Not a [`Layer`](crate::Layer), since it has two inputs: generated code calls these steps.

use crate::kernels::{self, Binary, SimdPath};
use crate::{Real, Scalar};
use bytemuck::{cast_slice, cast_slice_mut};
use nalgebra::SVector;

#[derive(Clone, Copy)]
struct Product;
impl Binary for Product {
    #[inline(always)]
    fn call<R: Real>(&self, a: R, b: R) -> R {
        a * b
    }
}

/// `y = a * b`.
///
/// # Panics
///
/// If the numbers of samples differ.
pub fn forward<T: Scalar, const A: usize, const B: usize>(
    path: SimdPath,
    a: &[SVector<T, A>],
    b: &[SVector<T, B>],
    y: &mut [SVector<T, B>],
) {
    y.copy_from_slice(b);
    kernels::map2(path, &Product, cast_slice_mut::<_, T>(y), cast_slice(a));
}

/// `d_a = d_y * b`, where `b` is the other factor.
///
/// # Panics
///
/// If the numbers of samples differ.
pub fn backward<T: Scalar, const Y: usize, const B: usize, const A: usize>(
    path: SimdPath,
    d_y: &[SVector<T, Y>],
    b: &[SVector<T, B>],
    d_a: &mut [SVector<T, A>],
) {
    let d_a = cast_slice_mut::<_, T>(d_a);
    d_a.copy_from_slice(cast_slice(d_y));
    kernels::map2(path, &Product, d_a, cast_slice(b));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiplies_entry_by_entry() {
        let a = [SVector::from([1.0, 2.0]), SVector::from([3.0, 4.0])];
        let b = [SVector::from([5.0, 6.0]), SVector::from([7.0, -8.0])];
        let mut y = [SVector::zeros(); 2];
        forward(SimdPath::detect(), &a, &b, &mut y);
        assert_eq!(y, [[5.0, 12.0], [21.0, -32.0]].map(SVector::from));
        let d_y = [SVector::from([1.0, 10.0]); 2];
        let mut d_a = [SVector::<f64, 2>::zeros(); 2];
        backward(SimdPath::detect(), &d_y, &b, &mut d_a);
        assert_eq!(d_a, [[5.0, 60.0], [7.0, -80.0]].map(SVector::from));
    }
}
