//! Gains: how much a weight has to make up for the activation after it.

use core::f64::consts::SQRT_2;

/// Gains for the activation that follows a layer, usable in constants.
///
/// A weight's standard deviation is `gain / sqrt(fan)`. The values are those of
/// PyTorch's `calculate_gain`, and for activations which it does not know
/// `1 / sqrt(E[f(z)^2])`, z standard normal, which keeps the mean square of the
/// pre-activations at 1 from layer to layer.
///
/// ```
/// use network_core::init::{Fan, Gain, Init};
///
/// const INIT: Init = Init::HeNormal { gain: Gain::rectifier(0.2), fan: Fan::FanIn };
/// assert_eq!(Gain::rectifier(0.0), Gain::RELU);
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Gain {}

impl Gain {
    /// Identity: no activation.
    pub const IDENTITY: f64 = 1.0;
    /// Sigmoid.
    pub const SIGMOID: f64 = 1.0;
    /// Tanh: 5/3, more than the 1.5925 that keeps the mean square.
    pub const TANH: f64 = 5.0 / 3.0;
    /// ReLU: sqrt 2 (He et al. 2015).
    pub const RELU: f64 = SQRT_2;
    /// SELU: 3/4 as in PyTorch; the paper's own choice is 1, LeCun's initialisation.
    pub const SELU: f64 = 0.75;
    /// ELU with alpha 1.
    pub const ELU: f64 = 1.245_198_300_700_706_6;
    /// GELU.
    pub const GELU: f64 = 1.533_530_441_195_535_3;
    /// SiLU, also called swish.
    pub const SILU: f64 = 1.676_532_470_331_091;
    /// Mish.
    pub const MISH: f64 = 1.486_847_581_273_208;
    /// Hard swish.
    pub const HARD_SWISH: f64 = 1.736_657_212_766_541_6;
    /// Softplus.
    pub const SOFTPLUS: f64 = 1.041_866_835_535_301_8;
    /// Hard tanh.
    pub const HARD_TANH: f64 = 1.392_036_140_448_309_7;

    /// Rectifiers with a slope below 0, such as leaky ReLU and PReLU:
    /// `sqrt(2 / (1 + slope^2))` (He et al. 2015).
    pub const fn rectifier(slope: f64) -> f64 {
        sqrt(2.0 / (1.0 + slope * slope))
    }
}

/// Square root of a number from 0 to 2, in constants.
const fn sqrt(x: f64) -> f64 {
    if x.is_nan() || x <= 0.0 {
        return x;
    }
    // Newton's method from above: the steps go down until rounding ends them.
    let mut root = 2.0;
    loop {
        let next = 0.5 * (root + x / root);
        if next >= root {
            break;
        }
        root = next;
    }
    // A last step with the exact square, product + error (Dekker 1971), for the last bit.
    let split = 134_217_729.0 * root;
    let high = split - (split - root);
    let low = root - high;
    let product = root * root;
    let error = ((high * high - product) + 2.0 * high * low) + low * low;
    root + ((x - product) - error) / (2.0 * root)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{
        Activation, Elu, Gelu, HardSwish, HardTanh, LeakyRelu, Mish, Relu, Silu, Softplus,
    };

    /// `1 / sqrt(E[f(z)^2])` by Simpson's rule on -12..12.
    fn gain(function: impl Activation) -> f64 {
        const STEPS: i32 = 24_000;
        let density = |z: f64| libm::exp(-0.5 * z * z) / libm::sqrt(2.0 * core::f64::consts::PI);
        let step = 24.0 / f64::from(STEPS);
        let sum: f64 = (0..=STEPS)
            .map(|i| {
                let z = -12.0 + step * f64::from(i);
                let weight = match i {
                    0 | STEPS => 1.0,
                    _ if i % 2 == 1 => 4.0,
                    _ => 2.0,
                };
                let value = function.value(z);
                weight * value * value * density(z)
            })
            .sum();
        1.0 / libm::sqrt(sum * step / 3.0)
    }

    #[test]
    fn gains_keep_the_mean_square() {
        for (stated, measured) in [
            (Gain::RELU, gain(Relu)),
            (Gain::rectifier(0.2), gain(LeakyRelu::new(0.2))),
            (Gain::ELU, gain(Elu::default())),
            (Gain::GELU, gain(Gelu)),
            (Gain::SILU, gain(Silu)),
            (Gain::MISH, gain(Mish)),
            (Gain::HARD_SWISH, gain(HardSwish)),
            (Gain::SOFTPLUS, gain(Softplus)),
            (Gain::HARD_TANH, gain(HardTanh)),
        ] {
            assert!(
                (stated - measured).abs() < 1e-9,
                "{stated} instead of {measured}"
            );
        }
    }

    #[test]
    fn the_constant_square_root_is_exact() {
        for slope in [0.0, 0.01, 0.1, 0.2, 0.25, 0.3, 1.0, -3.0, 7.5, 1e3] {
            assert_eq!(
                Gain::rectifier(slope),
                libm::sqrt(2.0 / (1.0 + slope * slope))
            );
        }
        assert_eq!(Gain::rectifier(0.0), SQRT_2);
        assert_eq!(Gain::rectifier(f64::INFINITY), 0.0);
    }
}
