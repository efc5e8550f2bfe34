//! The activation functions: value, derivative and the places where they are not smooth.

use std::fmt;
use std::sync::Arc;

use crate::special::{normal_cdf, normal_pdf};

const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
const SELU_LAMBDA: f64 = 1.050_700_987_355_480_5;

/// An activation function `phi`, applied to each unit.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Activation {
    /// `x`
    Identity,
    /// `1 / (1 + exp(-x))`
    Sigmoid,
    /// `clamp(x / 6 + 1 / 2, 0, 1)`
    HardSigmoid,
    /// `tanh(x)`
    Tanh,
    /// `clamp(x, -1, 1)`
    HardTanh,
    /// `x / (1 + |x|)`
    Softsign,
    /// `max(x, 0)`
    Relu,
    /// `clamp(x, 0, 6)`
    Relu6,
    /// `x` for positive `x`, else `slope * x`.
    LeakyRelu(f64),
    /// As [`Activation::LeakyRelu`], with a slope that is trained; the value is its first one.
    Prelu(f64),
    /// `x` for positive `x`, else `alpha (exp(x) - 1)` ([Clevert 2015](https://arxiv.org/abs/1511.07289)).
    Elu(f64),
    /// The self-normalising unit ([Klambauer 2017](https://arxiv.org/abs/1706.02515)).
    Selu,
    /// `x Phi(x)` with the exact normal distribution ([Hendrycks 2016](https://arxiv.org/abs/1606.08415)).
    Gelu,
    /// The tanh approximation of [`Activation::Gelu`].
    GeluTanh,
    /// `x sigmoid(x)`, also called swish.
    Silu,
    /// `x clamp(x + 3, 0, 6) / 6` ([Howard 2019](https://arxiv.org/abs/1905.02244)).
    HardSwish,
    /// `ln(1 + exp(x))`
    Softplus,
    /// `x tanh(softplus(x))` ([Misra 2019](https://arxiv.org/abs/1908.08681)).
    Mish,
    /// A function of the user's own, given with its derivative.
    Custom(Custom),
    /// A function of the user's own, known by samples.
    Sampled(Arc<Samples>),
}

/// A named function with its derivative.
#[derive(Clone, Copy, Debug)]
pub struct Custom {
    /// Name to print.
    pub name: &'static str,
    /// The function.
    pub value: fn(f64) -> f64,
    /// Its derivative.
    pub derivative: fn(f64) -> f64,
}

impl PartialEq for Custom {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && std::ptr::fn_addr_eq(self.value, other.value)
            && std::ptr::fn_addr_eq(self.derivative, other.derivative)
    }
}

/// A function sampled at equal steps, straight between the samples and beyond them.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    start: f64,
    step: f64,
    values: Vec<f64>,
}

impl Samples {
    /// Returns the function through `values[i]` at `start + i * step`, or `None` for fewer than
    /// two samples, a step that is not positive, or samples that are not finite.
    pub fn new(start: f64, step: f64, values: Vec<f64>) -> Option<Self> {
        let sane = values.len() >= 2
            && step > 0.0
            && start.is_finite()
            && values.iter().all(|value| value.is_finite());
        sane.then_some(Self {
            start,
            step,
            values,
        })
    }

    fn value_and_slope(&self, x: f64) -> (f64, f64) {
        let last = self.values.len() - 2;
        let index = ((x - self.start) / self.step)
            .floor()
            .clamp(0.0, last as f64);
        let left = self.values[index as usize];
        let slope = (self.values[index as usize + 1] - left) / self.step;
        (left + slope * (x - self.start - index * self.step), slope)
    }
}

impl Activation {
    /// Returns `phi(x)`.
    pub fn value(&self, x: f64) -> f64 {
        match self {
            Self::Identity => x,
            Self::Sigmoid => sigmoid(x),
            Self::HardSigmoid => (x / 6.0 + 0.5).clamp(0.0, 1.0),
            Self::Tanh => x.tanh(),
            Self::HardTanh => x.clamp(-1.0, 1.0),
            Self::Softsign => x / (1.0 + x.abs()),
            Self::Relu => x.max(0.0),
            Self::Relu6 => x.clamp(0.0, 6.0),
            Self::LeakyRelu(slope) | Self::Prelu(slope) => {
                if x > 0.0 {
                    x
                } else {
                    slope * x
                }
            }
            Self::Elu(alpha) => elu(x, *alpha),
            Self::Selu => SELU_LAMBDA * elu(x, SELU_ALPHA),
            Self::Gelu => x * normal_cdf(x),
            Self::GeluTanh => 0.5 * x * (1.0 + gelu_inner(x).tanh()),
            Self::Silu => x * sigmoid(x),
            Self::HardSwish => x * (x + 3.0).clamp(0.0, 6.0) / 6.0,
            Self::Softplus => softplus(x),
            Self::Mish => x * softplus(x).tanh(),
            Self::Custom(custom) => (custom.value)(x),
            Self::Sampled(samples) => samples.value_and_slope(x).0,
        }
    }

    /// Returns `phi'(x)`; at a kink, the value from the left.
    pub fn derivative(&self, x: f64) -> f64 {
        let inside = |low: f64, high: f64| f64::from(u8::from(x > low && x <= high));
        match self {
            Self::Identity => 1.0,
            Self::Sigmoid => sigmoid(x) * sigmoid(-x),
            Self::HardSigmoid => inside(-3.0, 3.0) / 6.0,
            Self::Tanh => 1.0 - x.tanh().powi(2),
            Self::HardTanh => inside(-1.0, 1.0),
            Self::Softsign => (1.0 + x.abs()).powi(-2),
            Self::Relu => inside(0.0, f64::INFINITY),
            Self::Relu6 => inside(0.0, 6.0),
            Self::LeakyRelu(slope) | Self::Prelu(slope) => {
                if x > 0.0 {
                    1.0
                } else {
                    *slope
                }
            }
            Self::Elu(alpha) => elu_derivative(x, *alpha),
            Self::Selu => SELU_LAMBDA * elu_derivative(x, SELU_ALPHA),
            Self::Gelu => normal_cdf(x) + x * normal_pdf(x),
            Self::GeluTanh => {
                let t = gelu_inner(x).tanh();
                let inner = GELU_C * (1.0 + 3.0 * 0.044_715 * x * x);
                0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * inner
            }
            Self::Silu => sigmoid(x) * (1.0 + x * sigmoid(-x)),
            Self::HardSwish => {
                if x > 3.0 {
                    1.0
                } else {
                    inside(-3.0, 3.0) * (2.0 * x + 3.0) / 6.0
                }
            }
            Self::Softplus => sigmoid(x),
            Self::Mish => {
                let t = softplus(x).tanh();
                t + x * (1.0 - t * t) * sigmoid(x)
            }
            Self::Custom(custom) => (custom.derivative)(x),
            Self::Sampled(samples) => samples.value_and_slope(x).1,
        }
    }

    /// Returns the points where the function or its derivative is not smooth.
    pub fn kinks(&self) -> Vec<f64> {
        match self {
            Self::HardSigmoid | Self::HardSwish => vec![-3.0, 3.0],
            Self::HardTanh => vec![-1.0, 1.0],
            Self::Relu6 => vec![0.0, 6.0],
            // A user's function may turn anywhere: panels of 1/8 up to +-8.
            Self::Custom(_) | Self::Sampled(_) => (-64..=64).map(|i| f64::from(i) / 8.0).collect(),
            // The others turn at zero, which is always a panel edge, or nowhere.
            _ => Vec::new(),
        }
    }

    /// Returns the slope left of zero if the function is straight on both sides of zero with
    /// slope one on the right: then everything has a closed form.
    pub fn homogeneous_slope(&self) -> Option<f64> {
        match self {
            Self::Identity => Some(1.0),
            Self::Relu => Some(0.0),
            Self::LeakyRelu(slope) | Self::Prelu(slope) => Some(*slope),
            _ => None,
        }
    }

    /// Returns whether its parameter, if any, is finite.
    pub fn is_sane(&self) -> bool {
        match self {
            Self::LeakyRelu(x) | Self::Prelu(x) | Self::Elu(x) => x.is_finite(),
            _ => true,
        }
    }

    /// Returns whether the function is exactly zero, with zero slope, on a half line: a unit
    /// that sits there for every input can no longer learn.
    pub fn can_die(&self) -> bool {
        matches!(self, Self::Relu | Self::Relu6)
            || matches!(self, Self::LeakyRelu(slope) | Self::Prelu(slope) if *slope == 0.0)
    }

    /// Returns whether the function is flat at both ends.
    pub fn saturates(&self) -> bool {
        matches!(
            self,
            Self::Sigmoid | Self::HardSigmoid | Self::Tanh | Self::HardTanh | Self::Softsign
        )
    }

    /// Returns the largest slope of a function that [saturates](Self::saturates).
    pub fn peak_slope(&self) -> f64 {
        self.derivative(0.0)
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Identity => "identity",
            Self::Sigmoid => "sigmoid",
            Self::HardSigmoid => "hard_sigmoid",
            Self::Tanh => "tanh",
            Self::HardTanh => "hard_tanh",
            Self::Softsign => "softsign",
            Self::Relu => "relu",
            Self::Relu6 => "relu6",
            Self::LeakyRelu(slope) => return write!(f, "leaky_relu({slope})"),
            Self::Prelu(slope) => return write!(f, "prelu({slope})"),
            Self::Elu(1.0) => "elu",
            Self::Elu(alpha) => return write!(f, "elu({alpha})"),
            Self::Selu => "selu",
            Self::Gelu => "gelu",
            Self::GeluTanh => "gelu_tanh",
            Self::Silu => "silu",
            Self::HardSwish => "hard_swish",
            Self::Softplus => "softplus",
            Self::Mish => "mish",
            Self::Custom(custom) => custom.name,
            Self::Sampled(_) => "sampled",
        };
        f.write_str(name)
    }
}

/// `sqrt(2 / pi)`
const GELU_C: f64 = 0.797_884_560_802_865_4;

fn gelu_inner(x: f64) -> f64 {
    GELU_C * (x + 0.044_715 * x * x * x)
}

pub(crate) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn elu(x: f64, alpha: f64) -> f64 {
    if x > 0.0 { x } else { alpha * x.exp_m1() }
}

fn elu_derivative(x: f64, alpha: f64) -> f64 {
    if x > 0.0 { 1.0 } else { alpha * x.exp() }
}

pub(crate) fn selu_constants() -> (f64, f64) {
    (SELU_LAMBDA, SELU_ALPHA)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_are_slopes() {
        let all = [
            Activation::Sigmoid,
            Activation::HardSigmoid,
            Activation::Tanh,
            Activation::HardTanh,
            Activation::Softsign,
            Activation::Relu,
            Activation::Relu6,
            Activation::LeakyRelu(0.2),
            Activation::Elu(1.3),
            Activation::Selu,
            Activation::Gelu,
            Activation::GeluTanh,
            Activation::Silu,
            Activation::HardSwish,
            Activation::Softplus,
            Activation::Mish,
        ];
        for activation in all {
            for x in [-7.1, -2.3, -0.4, 0.3, 1.7, 6.5] {
                let h = 1e-5;
                let slope = (activation.value(x + h) - activation.value(x - h)) / (2.0 * h);
                let derivative = activation.derivative(x);
                assert!(
                    (slope - derivative).abs() < 1e-8,
                    "{activation} at {x}: {derivative} is not {slope}"
                );
            }
        }
    }

    #[test]
    fn samples_are_checked_and_extended() {
        assert!(Samples::new(0.0, 1.0, vec![1.0]).is_none());
        assert!(Samples::new(0.0, 0.0, vec![1.0, 2.0]).is_none());
        let samples = Samples::new(-1.0, 1.0, vec![0.0, 0.0, 2.0]).unwrap();
        let activation = Activation::Sampled(Arc::new(samples));
        assert_eq!(activation.value(0.5), 1.0);
        assert_eq!(activation.value(3.0), 6.0);
        assert_eq!(activation.value(-5.0), 0.0);
        assert_eq!(activation.derivative(0.5), 2.0);
    }
}
