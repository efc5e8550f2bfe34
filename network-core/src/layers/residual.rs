//! `residual { .. }` and `add(label)`: `y = skip + scale * branch`, and its derivative.
//!
//! Not a [`Layer`](crate::Layer), since it has two inputs: generated code calls these steps.
//! The widths of the two sides are separate parameters although they are equal: where
//! the macro cannot tell, a compile-time check says so in better words than a type error.

use crate::kernels::{self, Binary, SimdPath, Unary};
use crate::{Real, Scalar};
use bytemuck::{cast_slice, cast_slice_mut};
use nalgebra::SVector;

/// `b + scale * a`.
#[derive(Clone, Copy)]
struct AddScaled(f64);
impl Binary for AddScaled {
    #[inline(always)]
    fn call<R: Real>(&self, a: R, b: R) -> R {
        a.mul_add(R::from_f64(self.0), b)
    }
}

#[derive(Clone, Copy)]
struct Sum;
impl Binary for Sum {
    #[inline(always)]
    fn call<R: Real>(&self, a: R, b: R) -> R {
        a + b
    }
}

#[derive(Clone, Copy)]
struct Scaled(f64);
impl Unary for Scaled {
    #[inline(always)]
    fn call<R: Real>(&self, x: R) -> R {
        x * R::from_f64(self.0)
    }
}

/// `y = skip + scale * branch`.
///
/// # Panics
///
/// If the numbers of samples differ.
pub fn forward<T: Scalar, const SKIP: usize, const BRANCH: usize>(
    path: SimdPath,
    scale: f64,
    skip: &[SVector<T, SKIP>],
    branch: &[SVector<T, BRANCH>],
    y: &mut [SVector<T, BRANCH>],
) {
    y.copy_from_slice(branch);
    forward_in_place(path, scale, skip, y);
}

/// `y = skip + scale * y`, where `y` holds the branch.
///
/// # Panics
///
/// If the numbers of samples differ.
pub fn forward_in_place<T: Scalar, const SKIP: usize, const BRANCH: usize>(
    path: SimdPath,
    scale: f64,
    skip: &[SVector<T, SKIP>],
    y: &mut [SVector<T, BRANCH>],
) {
    assert_eq!(skip.len(), y.len(), "skip and branch have as many samples");
    if scale == 1.0 {
        add(path, y, skip);
    } else {
        let (y, skip) = (cast_slice_mut::<_, T>(y), cast_slice::<_, T>(skip));
        kernels::map2(path, &AddScaled(scale), y, skip);
    }
}

/// `d_branch = scale * d_y`; with a scale of 1 also `d_skip = d_y`.
///
/// # Panics
///
/// If the numbers of samples differ.
pub fn backward<T: Scalar, const OUTPUT: usize, const INPUT: usize>(
    path: SimdPath,
    scale: f64,
    d_y: &[SVector<T, OUTPUT>],
    d_branch: &mut [SVector<T, INPUT>],
) {
    let (d_y, d_branch) = (cast_slice::<_, T>(d_y), cast_slice_mut::<_, T>(d_branch));
    if scale == 1.0 {
        d_branch.copy_from_slice(d_y);
    } else {
        kernels::map_to(path, &Scaled(scale), d_y, d_branch);
    }
}

/// `sum += d`: a value that was used twice gets both derivatives.
///
/// # Panics
///
/// If the numbers of samples differ.
pub fn add<T: Scalar, const D: usize, const N: usize>(
    path: SimdPath,
    sum: &mut [SVector<T, N>],
    d: &[SVector<T, D>],
) {
    assert_eq!(sum.len(), d.len(), "both summands have as many samples");
    kernels::map2(path, &Sum, cast_slice_mut::<_, T>(sum), cast_slice(d));
}

#[cfg(test)]
mod tests {
    use super::*;

    const SKIP: [SVector<f64, 2>; 2] = [
        SVector::<f64, 2>::new(1.0, 2.0),
        SVector::<f64, 2>::new(3.0, 4.0),
    ];
    const BRANCH: [SVector<f64, 2>; 2] = [
        SVector::<f64, 2>::new(10.0, 20.0),
        SVector::<f64, 2>::new(30.0, 40.0),
    ];

    #[test]
    fn forward_adds_the_scaled_branch() {
        let path = SimdPath::detect();
        let mut y = [SVector::zeros(); 2];
        forward(path, 0.5, &SKIP, &BRANCH, &mut y);
        assert_eq!(y, [SVector::from([6.0, 12.0]), SVector::from([18.0, 24.0])]);
        forward(path, 1.0, &SKIP, &BRANCH, &mut y);
        assert_eq!(
            y,
            [SVector::from([11.0, 22.0]), SVector::from([33.0, 44.0])]
        );
    }

    #[test]
    fn backward_scales_and_adds() {
        let path = SimdPath::detect();
        let mut d = [SVector::<f64, 2>::zeros(); 2];
        backward(path, 0.5, &BRANCH, &mut d);
        assert_eq!(d, [SVector::from([5.0, 10.0]), SVector::from([15.0, 20.0])]);
        add(path, &mut d, &SKIP);
        assert_eq!(d, [SVector::from([6.0, 12.0]), SVector::from([18.0, 24.0])]);
    }
}
