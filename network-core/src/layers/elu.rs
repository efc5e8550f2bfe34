//! `elu`: `x` above 0, `alpha * (e^x - 1)` below.

use super::Activation;
use crate::Real;
use bytemuck::Zeroable;

/// Exponential linear unit: `x` for `x > 0`, else `alpha * (e^x - 1)`, with
/// derivative `alpha` at 0 (Clevert et al. 2016).
///
/// `alpha` is not negative: the derivative is read off the output.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
pub struct Elu {
    /// The output ends at `-alpha` below 0: at least 0.
    pub alpha: f64,
}

impl Elu {
    /// ELU of an `alpha`, which is checked.
    ///
    /// # Panics
    ///
    /// If `alpha` is negative or not finite; in a constant, that is a compile error.
    pub const fn new(alpha: f64) -> Self {
        assert!(
            alpha >= 0.0 && alpha.is_finite(),
            "the alpha of an ELU is a finite number of at least 0"
        );
        Self { alpha }
    }
}

impl Default for Elu {
    /// An `alpha` of 1.
    fn default() -> Self {
        Self::new(1.0)
    }
}

impl Activation for Elu {
    const DERIVATIVE_FROM_OUTPUT: bool = true;

    #[inline(always)]
    fn value<R: Real>(&self, x: R) -> R {
        R::select(x > R::ZERO, x, R::from_f64(self.alpha) * x.exp_m1())
    }

    // Below 0, alpha * e^x = y + alpha.
    #[inline(always)]
    fn derivative<R: Real>(&self, _x: R, y: R) -> R {
        R::select(y > R::ZERO, R::ONE, y + R::from_f64(self.alpha))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    #[test]
    fn agrees_with_its_definition() {
        check::activation(
            Elu::default(),
            &[0.0],
            &[
                (-30.0, -0.999_999_999_999_906_4, 9.357_622_968_840_175e-14),
                (-5.0, -0.993_262_053_000_914_5, 0.006_737_946_999_085_467),
                (-1.25, -0.713_495_203_139_809_9, 0.286_504_796_860_190_1),
                (-0.001, -0.000_999_500_166_625_008_5, 0.999_000_499_833_375),
                (0.0, 0.0, 1.0),
                (0.5, 0.5, 1.0),
                (2.0, 2.0, 1.0),
                (25.0, 25.0, 1.0),
            ],
        );
    }

    #[test]
    fn alpha_scales_what_is_below_zero() {
        check::activation(
            Elu::new(0.5),
            &[0.0],
            &[
                (-30.0, -0.499_999_999_999_953_2, 4.678_811_484_420_087_4e-14),
                (-5.0, -0.496_631_026_500_457_26, 0.003_368_973_499_542_733_5),
                (-1.25, -0.356_747_601_569_904_9, 0.143_252_398_430_095_05),
                (
                    -0.001,
                    -0.000_499_750_083_312_504_2,
                    0.499_500_249_916_687_5,
                ),
                (0.0, 0.0, 0.5),
                (0.5, 0.5, 1.0),
                (2.0, 2.0, 1.0),
                (25.0, 25.0, 1.0),
            ],
        );
        check::activation(Elu::new(0.0), &[0.0], &[(-2.0, 0.0, 0.0), (2.0, 2.0, 1.0)]);
    }

    #[test]
    #[should_panic(expected = "at least 0")]
    fn a_negative_alpha_is_refused() {
        let _ = Elu::new(-1.0);
    }
}
