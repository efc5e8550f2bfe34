//! `tanh`: the hyperbolic tangent.

use super::Activation;
use crate::Real;
use bytemuck::Zeroable;

/// Hyperbolic tangent, with derivative `1 - y^2`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
pub struct Tanh;

impl Activation for Tanh {
    const DERIVATIVE_FROM_OUTPUT: bool = true;

    #[inline(always)]
    fn value<R: Real>(&self, x: R) -> R {
        x.tanh()
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, _x: R, y: R) -> R {
        R::ONE - y * y
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    #[test]
    fn agrees_with_its_definition() {
        check::activation(
            Tanh,
            &[],
            &[
                (-30.0, -1.0, 3.502_604_305_078_608e-26),
                (-5.0, -0.999_909_204_262_595_1, 0.000_181_583_230_943_806_7),
                (-1.25, -0.848_283_639_957_512_9, 0.280_414_866_180_432_65),
                (-0.001, -0.000_999_999_666_666_8, 0.999_999_000_000_666_7),
                (0.0, 0.0, 1.0),
                (0.5, 0.462_117_157_260_009_74, 0.786_447_732_965_927_4),
                (2.0, 0.964_027_580_075_816_9, 0.070_650_824_853_164_47),
                (25.0, 1.0, 7.714_999_391_855_671e-22),
            ],
        );
    }
}
