//! Gradient clipping: an upper bound on each entry, or on the norm of all entries.

use crate::gradient::{entries, entries_mut};
use crate::hyperparameter::{HyperparameterError, Range};
use crate::kernels::{self, SimdPath, Unary};
use crate::{Layer, Real, Scalar};

/// Why a gradient was not clipped; it is as it was.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ClipError {
    /// An entry is NaN or infinite: no factor can mend that.
    #[error("entry {entry} of the gradient is not a finite number")]
    NonFinite {
        /// Index of the first such entry, in the order of [`entries`].
        entry: usize,
    },
    /// The bound is out of range.
    #[error(transparent)]
    Hyperparameter(#[from] HyperparameterError),
}

/// The norm `sqrt(sum of squares)` of a network's (or layer's) whole gradient.
///
/// It neither overflows nor underflows before the result itself does, and is
/// summed in one fixed order.
///
/// # Errors
///
/// If an entry is NaN or infinite.
pub fn norm<L: Layer>(gradient: &L::Gradient) -> Result<f64, ClipError> {
    euclidean_norm(entries::<L>(gradient))
}

/// Clips the gradient's global norm: if it is above `max_norm`, multiplies every entry by
/// `max_norm / (norm + 1e-6)` (Pascanu et al. 2013). Returns the norm before.
///
/// As PyTorch's `clip_grad_norm_` (whence the 1e-6) with `error_if_nonfinite`.
///
/// # Examples
///
/// ```
/// use network_core::prelude::*;
///
/// network! {
///     struct Line(1) -> 1 { head: dense(1); }
/// }
///
/// let mut gradient = Line::gradient();
/// (gradient.head.weight[0], gradient.head.bias[0]) = (3.0, 4.0);
/// let norm = clip_by_norm::<Line>(&mut gradient, 1.0)?;
/// assert_eq!(norm, 5.0);
/// assert!((gradient.head.weight[0] - 0.6).abs() < 1e-6);
/// # Ok::<(), ClipError>(())
/// ```
///
/// # Errors
///
/// If an entry is NaN or infinite, or `max_norm` is not a positive number. The gradient is then
/// as it was.
pub fn clip_by_norm<L: Layer>(gradient: &mut L::Gradient, max_norm: f64) -> Result<f64, ClipError> {
    Range::Positive.check("max_norm", max_norm)?;
    let gradient = entries_mut::<L>(gradient);
    let norm = euclidean_norm(gradient)?;
    let factor = max_norm / (norm + 1e-6);
    if factor < 1.0 {
        kernels::map(SimdPath::detect(), &Scale(factor), gradient);
    }
    Ok(norm)
}

/// Clips every entry of the gradient to `-max_value ..= max_value`.
///
/// As PyTorch's `clip_grad_value_`: an infinite entry becomes the bound, NaN stays.
///
/// # Errors
///
/// If `max_value` is not a positive number.
pub fn clip_by_value<L: Layer>(
    gradient: &mut L::Gradient,
    max_value: f64,
) -> Result<(), HyperparameterError> {
    Range::Positive.check("max_value", max_value)?;
    kernels::map(
        SimdPath::detect(),
        &Clamp(max_value),
        entries_mut::<L>(gradient),
    );
    Ok(())
}

#[derive(Clone, Copy)]
struct Scale(f64);
impl Unary for Scale {
    #[inline(always)]
    fn call<R: Real>(&self, x: R) -> R {
        x * R::from_f64(self.0)
    }
}

#[derive(Clone, Copy)]
struct Clamp(f64);
impl Unary for Clamp {
    #[inline(always)]
    fn call<R: Real>(&self, x: R) -> R {
        // Not `min` and `max`, which would make a number of NaN.
        let bound = R::from_f64(self.0);
        let x = R::select(x > bound, bound, x);
        R::select(x < -bound, -bound, x)
    }
}

/// How many entries are summed in `T`; the sums of blocks are added in `f64`.
const BLOCK: usize = 256;

fn euclidean_norm<T: Scalar>(entries: &[T]) -> Result<f64, ClipError> {
    let path = SimdPath::detect();
    let squares: f64 = entries
        .chunks(BLOCK)
        .map(|block| kernels::sum_of_squares(path, block).to_f64())
        .sum();
    // Far from where squares of `f32` (1e-38 to 3e38) or `f64` lose digits at the low
    // end: entries that vanish when squared then do not count beside the others.
    if squares.is_finite() && squares > 1e-20 {
        return Ok(libm::sqrt(squares));
    }
    // The rare cases: no entry at all, an entry that is not finite, or squares that do
    // not fit. With the largest entry m, the norm is m sqrt(sum (x / m)^2).
    let mut largest = 0.0_f64;
    for (entry, x) in entries.iter().enumerate() {
        if !x.is_finite() {
            return Err(ClipError::NonFinite { entry });
        }
        largest = largest.max(x.abs().to_f64());
    }
    if largest == 0.0 {
        return Ok(0.0);
    }
    let squares: f64 = entries
        .iter()
        .map(|x| {
            let ratio = x.to_f64() / largest;
            ratio * ratio
        })
        .sum();
    Ok(largest * libm::sqrt(squares))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn norm<T: Scalar>(entries: &[f64]) -> Result<f64, ClipError> {
        euclidean_norm(&entries.iter().map(|x| T::from_f64(*x)).collect::<Vec<_>>())
    }

    fn assert_norm<T: Scalar>(entries: &[f64], expected: f64, tolerance: f64) {
        let norm = norm::<T>(entries).unwrap();
        assert!(
            (norm - expected).abs() <= tolerance * expected,
            "{}: {norm}, not {expected}",
            T::NAME
        );
    }

    #[test]
    fn the_norm_is_euclidean() {
        assert_norm::<f32>(&[3.0, -4.0], 5.0, 1e-7);
        assert_norm::<f64>(&[3.0, -4.0], 5.0, 1e-15);
        assert_eq!(norm::<f32>(&[]), Ok(0.0));
        assert_eq!(norm::<f32>(&[0.0, -0.0]), Ok(0.0));
    }

    #[test]
    fn squares_neither_overflow_nor_vanish() {
        assert_norm::<f32>(&[3e30, 4e30], 5e30, 1e-6);
        assert_norm::<f32>(&[3e-30, 4e-30], 5e-30, 1e-6);
        assert_norm::<f64>(&[3e200, 4e200], 5e200, 1e-14);
        assert_norm::<f64>(&[3e-200, 4e-200], 5e-200, 1e-14);
        assert_norm::<f64>(&[3e-320, 4e-320], 5e-320, 1e-3);
        // Half of the sum of squares is in entries whose squares are subnormal in `f32`.
        let mut mixed = std::vec![1e-20; 1_000_000];
        mixed[0] = 1e-17;
        assert_norm::<f32>(&mixed, 1e-17 * 2.0_f64.sqrt(), 1e-5);
    }

    #[test]
    fn the_norm_of_a_million_entries_keeps_its_digits() {
        assert_norm::<f32>(
            &std::vec![0.1; 1_000_000],
            f64::from(0.1_f32) * 1000.0,
            3e-6,
        );
    }

    #[test]
    fn an_entry_that_is_not_finite_is_named() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut entries = vec![1.0; 5000];
            entries[4321] = bad;
            assert_eq!(
                norm::<f32>(&entries),
                Err(ClipError::NonFinite { entry: 4321 })
            );
        }
    }
}
