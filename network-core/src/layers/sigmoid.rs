//! `sigmoid`: `1 / (1 + e^-x)`.

use super::Activation;
use crate::Real;
use bytemuck::Zeroable;

/// Logistic function `y = 1 / (1 + e^-x)`, with derivative `y (1 - y)`, which is at
/// most 1/4: the reason why gradients vanish in deep sigmoid networks.
#[doc(alias = "logistic")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
pub struct Sigmoid;

impl Activation for Sigmoid {
    const DERIVATIVE_FROM_OUTPUT: bool = true;

    #[inline(always)]
    fn value<R: Real>(&self, x: R) -> R {
        x.sigmoid()
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, _x: R, y: R) -> R {
        y * (R::ONE - y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    #[test]
    fn agrees_with_its_definition() {
        check::activation(
            Sigmoid,
            &[],
            &[
                (-30.0, 9.357_622_968_839_299e-14, 9.357_622_968_838_423e-14),
                (-5.0, 0.006_692_850_924_284_855_4, 0.006_648_056_670_790_155),
                (-1.25, 0.222_700_138_825_308_84, 0.173_104_786_992_497),
                (-0.001, 0.499_750_000_020_833_3, 0.249_999_937_500_010_43),
                (0.0, 0.5, 0.25),
                (0.5, 0.622_459_331_201_854_6, 0.235_003_712_201_594_5),
                (2.0, 0.880_797_077_977_882_4, 0.104_993_585_403_506_52),
                (25.0, 0.999_999_999_986_112_1, 1.388_794_386_457_827e-11),
            ],
        );
    }
}
