//! `softplus`: `ln(1 + e^x)`.

use super::Activation;
use crate::Real;
use bytemuck::Zeroable;

/// Smooth ReLU `ln(1 + e^x)`, with derivative `sigmoid(x)` (Dugas et al. 2001).
///
/// PyTorch switches to `x` itself above 20; this stays exact, which differs by at
/// most 2.1e-9.
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
pub struct Softplus;

impl Activation for Softplus {
    const DERIVATIVE_FROM_OUTPUT: bool = true;

    #[inline(always)]
    fn value<R: Real>(&self, x: R) -> R {
        x.softplus()
    }

    // sigmoid(x) = 1 - e^-y
    #[inline(always)]
    fn derivative<R: Real>(&self, _x: R, y: R) -> R {
        -(-y).exp_m1()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    #[test]
    fn agrees_with_its_definition() {
        check::activation(
            Softplus,
            &[],
            &[
                (-30.0, 9.357_622_968_839_737e-14, 9.357_622_968_839_299e-14),
                (-5.0, 0.006_715_348_489_118_068, 0.006_692_850_924_284_855_4),
                (-1.25, 0.251_929_081_345_372_9, 0.222_700_138_825_308_84),
                (-0.001, 0.692_647_305_559_940_1, 0.499_750_000_020_833_3),
                (0.0, core::f64::consts::LN_2, 0.5),
                (0.5, 0.974_076_984_180_106_7, 0.622_459_331_201_854_6),
                (2.0, 2.126_928_011_042_972_7, 0.880_797_077_977_882_4),
                (25.0, 25.000_000_000_013_888, 0.999_999_999_986_112_1),
            ],
        );
    }
}
