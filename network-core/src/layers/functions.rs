//! Functions of one number that several activations share.

use crate::Real;

/// `x` moved into `[low, high]`; not-a-number stays what it is, so that it is found.
#[inline(always)]
pub(super) fn clamp<R: Real>(x: R, low: R, high: R) -> R {
    R::select(x < low, low, R::select(x > high, high, x))
}

/// `e^x - 1` without cancellation near 0, for `x <= 0`.
///
/// `e^x - 1 = 2t / (1 - t)` with `t = tanh(x / 2)`, where `1 - t` lies in `[1, 2]`.
#[inline(always)]
pub(super) fn exp_m1_below_zero<R: Real>(x: R) -> R {
    let t = (x * R::from_f64(0.5)).tanh();
    (t + t) / (R::ONE - t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clamp_keeps_not_a_number() {
        assert_eq!(clamp(-2.0, -1.0, 1.0), -1.0);
        assert_eq!(clamp(2.0, -1.0, 1.0), 1.0);
        assert_eq!(clamp(0.5, -1.0, 1.0), 0.5);
        assert!(clamp(f32::NAN, -1.0, 1.0).is_nan());
    }

    #[test]
    fn exp_m1_keeps_its_digits_near_zero() {
        for x in [-1e-300, -1e-12, -1e-3, -0.5, -3.0, -40.0, -1e4] {
            let expected = libm::expm1(x);
            assert!(
                (exp_m1_below_zero(x) - expected).abs() <= 4e-16 * expected.abs(),
                "at {x}"
            );
        }
        assert_eq!(exp_m1_below_zero(0.0), 0.0);
    }
}
