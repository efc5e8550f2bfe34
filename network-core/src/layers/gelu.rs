//! `gelu`: `x * Phi(x)`, in its exact form.

use super::Activation;
use crate::Real;
use bytemuck::Zeroable;
use core::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

/// Gaussian error linear unit `x * Phi(x) = x (1 + erf(x / sqrt 2)) / 2`, with
/// derivative `Phi(x) + x phi(x)` (Hendrycks & Gimpel 2016).
///
/// [`GeluTanh`](super::GeluTanh) is its approximation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
pub struct Gelu;

impl Activation for Gelu {
    #[inline(always)]
    fn value<R: Real>(&self, x: R) -> R {
        x * x.normal_cdf()
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, x: R, _y: R) -> R {
        // phi(x) = e^(-x^2 / 2) / sqrt(2 pi)
        let density =
            (R::from_f64(-0.5) * x * x).exp() * R::from_f64(0.5 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2);
        x * density + x.normal_cdf()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    #[test]
    fn agrees_with_its_definition() {
        check::activation(
            Gelu,
            &[],
            &[
                (
                    -30.0,
                    -1.472_014_178_144_456e-196,
                    -4.416_031_690_708_495e-195,
                ),
                (
                    -5.0,
                    -1.433_257_859_395_969_5e-06,
                    -7.146_946_001_792_295e-06,
                ),
                (-1.25, -0.132_062_217_083_569_08, -0.122_661_583_069_422_13),
                (-0.001, -0.000_499_601_057_786_089, 0.499_202_115_705_158_6),
                (0.0, 0.0, 0.5),
                (0.5, 0.345_731_230_637_006_56, 0.867_495_124_656_162_9),
                (2.0, 1.954_499_736_103_641_6, 1.085_231_801_078_197),
                (25.0, 25.0, 1.0),
            ],
        );
    }
}
