//! `silu`: `x * sigmoid(x)`, also called swish.

use super::Activation;
use crate::Real;
use bytemuck::Zeroable;

/// Sigmoid linear unit `x s` with `s = 1 / (1 + e^-x)`, and derivative
/// `s (1 + x (1 - s))` (Elfwing et al. 2017; Ramachandran et al. 2017 as swish).
#[doc(alias = "swish")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
pub struct Silu;

impl Activation for Silu {
    #[inline(always)]
    fn value<R: Real>(&self, x: R) -> R {
        x * x.sigmoid()
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, x: R, _y: R) -> R {
        let s = x.sigmoid();
        s * (R::ONE + x * (R::ONE - s))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    #[test]
    fn agrees_with_its_definition() {
        check::activation(
            Silu,
            &[],
            &[
                (
                    -30.0,
                    -2.807_286_890_651_789_6e-12,
                    -2.713_710_660_963_134e-12,
                ),
                (-5.0, -0.033_464_254_621_424_28, -0.026_547_432_429_665_92),
                (
                    -1.25,
                    -0.278_375_173_531_636_04,
                    0.006_319_155_084_687_581_5,
                ),
                (
                    -0.001,
                    -0.000_499_750_000_020_833_4,
                    0.499_500_000_083_333_34,
                ),
                (0.0, 0.0, 0.5),
                (0.5, 0.311_229_665_600_927_3, 0.739_961_187_302_651_8),
                (2.0, 1.761_594_155_955_764_9, 1.090_784_248_784_895_5),
                (25.0, 24.999_999_999_652_8, 1.000_000_000_333_310_7),
            ],
        );
    }
}
