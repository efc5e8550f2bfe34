//! `residual { .. }`: a branch added to what goes around it, `y = skip + scale * branch`.
//!
//! Not a layer, but the steps that `network!` writes around one (He et al. 2016;
//! `scale`: Szegedy et al. 2017).

use crate::kernels::{self, Binary, SimdPath, Unary};
use crate::{Real, Scalar};
use bytemuck::{cast_slice, cast_slice_mut};
use nalgebra::SVector;

/// The scale as `f64`, which keeps every `f32` as it is.
struct Scaled(f64);
impl Unary for Scaled {
    #[inline(always)]
    fn call<R: Real>(&self, d: R) -> R {
        R::from_f64(self.0) * d
    }
}
impl Binary for Scaled {
    #[inline(always)]
    fn call<R: Real>(&self, branch: R, skip: R) -> R {
        branch.mul_add(R::from_f64(self.0), skip)
    }
}

/// `y = skip + scale * branch`.
///
/// # Panics
///
/// If the slices differ in length.
pub fn forward<T: Scalar, const N: usize>(
    path: SimdPath,
    scale: T,
    skip: &[SVector<T, N>],
    branch: &[SVector<T, N>],
    y: &mut [SVector<T, N>],
) {
    y.copy_from_slice(branch);
    forward_in_place(path, scale, skip, y);
}

/// `y = skip + scale * y`, where `y` holds the branch.
///
/// # Panics
///
/// If the slices differ in length.
pub fn forward_in_place<T: Scalar, const N: usize>(
    path: SimdPath,
    scale: T,
    skip: &[SVector<T, N>],
    y: &mut [SVector<T, N>],
) {
    assert_eq!(skip.len(), y.len(), "skip and branch have as many samples");
    let scaled = Scaled(scale.to_f64());
    kernels::map2(path, &scaled, cast_slice_mut::<_, T>(y), cast_slice(skip));
}

/// `d_branch = scale * d_y`.
///
/// # Panics
///
/// If the slices differ in length.
pub fn backward_branch<T: Scalar, const N: usize>(
    path: SimdPath,
    scale: T,
    d_y: &[SVector<T, N>],
    d_branch: &mut [SVector<T, N>],
) {
    assert_eq!(
        d_y.len(),
        d_branch.len(),
        "d_y and d_branch have as many samples"
    );
    let scaled = Scaled(scale.to_f64());
    kernels::map_to(
        path,
        &scaled,
        cast_slice::<_, T>(d_y),
        cast_slice_mut(d_branch),
    );
}

/// `d_skip += d_y`: the gradient that goes around the branch joins what came
/// through it.
///
/// # Panics
///
/// If the slices differ in length.
pub fn backward_skip<T: Scalar, const N: usize>(
    path: SimdPath,
    d_y: &[SVector<T, N>],
    d_skip: &mut [SVector<T, N>],
) {
    super::add::backward(path, d_y, d_skip);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    #[test]
    fn adds_the_scaled_branch() {
        let path = SimdPath::detect();
        let skip = [[1.0, 2.0], [3.0, 4.0]].map(SVector::<f32, 2>::from);
        let branch = [[10.0, 20.0], [30.0, -40.0]].map(SVector::from);
        let mut y = [SVector::from([f32::NAN; 2]); 2];
        forward(path, 0.5, &skip, &branch, &mut y);
        assert_eq!(y, [[6.0, 12.0], [18.0, -16.0]].map(SVector::from));
        let mut y = branch;
        forward_in_place(path, 1.0, &skip, &mut y);
        assert_eq!(y, [[11.0, 22.0], [33.0, -36.0]].map(SVector::from));
    }

    // y = skip + scale * branch is linear: its derivatives are its differences.
    #[test]
    fn backward_is_the_derivative() {
        let path = SimdPath::detect();
        for scale in [1.0, 0.25, -2.0, 0.0] {
            let [skip, branch, d_y] =
                [1, 2, 3].map(|seed| check::normal::<SVector<f64, 5>>(3, seed));
            let loss = |skip: &[SVector<f64, 5>], branch: &[SVector<f64, 5>]| {
                let mut y = branch.to_vec();
                forward_in_place(path, scale, skip, &mut y);
                y.iter().zip(&d_y).map(|(y, d)| y.dot(d)).sum::<f64>()
            };
            let mut d_branch = check::samples(3, |_, _| f64::NAN);
            backward_branch(path, scale, &d_y, &mut d_branch);
            let mut d_skip = check::samples(3, |_, _| 1.0);
            backward_skip(path, &d_y, &mut d_skip);
            for (s, f) in [(0, 0), (1, 4), (2, 2)] {
                let mut moved = skip.clone();
                moved[s][f] += 1.0;
                let difference = loss(&moved, &branch) - loss(&skip, &branch);
                assert!((d_skip[s][f] - 1.0 - difference).abs() < 1e-12);
                let mut moved = branch.clone();
                moved[s][f] += 1.0;
                let difference = loss(&skip, &moved) - loss(&skip, &branch);
                assert!((d_branch[s][f] - difference).abs() < 1e-12);
            }
        }
    }
}
