//! `selu`: ELU scaled so that mean 0 and variance 1 stay what they are.

use super::Activation;
use crate::Real;
use bytemuck::Zeroable;

/// Scaled exponential linear unit: `scale * x` for `x > 0`, else
/// `scale * alpha * (e^x - 1)`, with derivative `scale * alpha` at 0
/// (Klambauer et al. 2017). It goes with `init = lecun_normal`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
pub struct Selu;

impl Selu {
    /// Slope above 0.
    pub const SCALE: f64 = 1.050_700_987_355_480_5;
    /// The output ends at `-SCALE * ALPHA`.
    pub const ALPHA: f64 = 1.673_263_242_354_377_2;
}

impl Activation for Selu {
    const DERIVATIVE_FROM_OUTPUT: bool = true;

    #[inline(always)]
    fn value<R: Real>(&self, x: R) -> R {
        R::select(
            x > R::ZERO,
            R::from_f64(Self::SCALE) * x,
            R::from_f64(Self::SCALE * Self::ALPHA) * x.exp_m1(),
        )
    }

    // Below 0, scale * alpha * e^x = y + scale * alpha.
    #[inline(always)]
    fn derivative<R: Real>(&self, _x: R, y: R) -> R {
        R::select(
            y > R::ZERO,
            R::from_f64(Self::SCALE),
            y + R::from_f64(Self::SCALE * Self::ALPHA),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    #[test]
    fn agrees_with_its_definition() {
        check::activation(
            Selu,
            &[0.0],
            &[
                (-30.0, -1.758_099_340_847_212_3, 1.645_163_077_341_618_5e-13),
                (-5.0, -1.746_253_360_669_620_2, 0.011_845_980_177_756_72),
                (-1.25, -1.254_395_446_337_865, 0.503_703_894_509_511_8),
                (
                    -0.001,
                    -0.001_757_220_584_120_270_5,
                    1.756_342_120_263_256_5,
                ),
                (0.0, 0.0, 1.758_099_340_847_376_8),
                (0.5, 0.525_350_493_677_740_2, 1.050_700_987_355_480_5),
                (2.0, 2.101_401_974_710_961, 1.050_700_987_355_480_5),
                (25.0, 26.267_524_683_887_01, 1.050_700_987_355_480_5),
            ],
        );
    }
}
