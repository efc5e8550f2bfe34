//! Weight initialisations, reduced to the one number the theory needs: `fan_in * Var(W)`.

use std::fmt;

/// A size that is a number, or a constant whose value is not known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// A number.
    Known(usize),
    /// A constant, numbered so that equal numbers mean the same constant.
    Symbol(usize),
}

impl Width {
    /// Returns the number, if it is one.
    pub fn known(self) -> Option<usize> {
        match self {
            Self::Known(n) => Some(n),
            Self::Symbol(_) => None,
        }
    }

    /// Returns `self / other` where it can be told: two numbers, or a constant and itself.
    pub fn ratio(self, other: Self) -> Option<f64> {
        match (self, other) {
            (Self::Known(_), Self::Known(0)) => None,
            (Self::Known(a), Self::Known(b)) => Some(a as f64 / b as f64),
            _ => (self == other).then_some(1.0),
        }
    }
}

impl From<usize> for Width {
    fn from(width: usize) -> Self {
        Self::Known(width)
    }
}

/// How the weights of a layer are drawn. Normal and uniform variants of one variance differ in
/// nothing that the theory sees.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Init {
    /// All zero.
    Zeros,
    /// All the same value: no different from one unit, so treated as carrying no variance.
    Constant(f64),
    /// Uniform on +-limit.
    Uniform(f64),
    /// Normal with this standard deviation.
    Normal(f64),
    /// Variance `2 / (fan_in + fan_out)` ([Glorot 2010](https://proceedings.mlr.press/v9/glorot10a.html)).
    XavierUniform,
    /// As [`Init::XavierUniform`], drawn from a normal law.
    XavierNormal,
    /// Variance `2 / fan_in` ([He 2015](https://arxiv.org/abs/1502.01852)).
    HeUniform,
    /// As [`Init::HeUniform`], drawn from a normal law.
    HeNormal,
    /// Variance `2 / fan_out`.
    HeFanOutUniform,
    /// As [`Init::HeFanOutUniform`], drawn from a normal law.
    HeFanOutNormal,
    /// Variance `1 / fan_in`.
    LecunUniform,
    /// As [`Init::LecunUniform`], drawn from a normal law.
    LecunNormal,
    /// Uniform on +-1/sqrt(fan_in), variance `1 / (3 fan_in)`: what PyTorch's `Linear` does.
    PytorchDefault,
    /// Orthogonal rows or columns ([Saxe 2014](https://arxiv.org/abs/1312.6120)).
    Orthogonal,
    /// Ones on the diagonal. Not random, so outside the theory.
    Identity,
}

impl Init {
    /// Returns `sigma_w^2 = gain^2 * fan_in * Var(W)`, or `None` where that needs the value of
    /// a width that is not known, or is outside the theory.
    pub fn sigma_w2(self, fan_in: Width, fan_out: Width, gain: f64) -> Option<f64> {
        let count = || fan_in.known().map(|n| n as f64);
        let unscaled = match self {
            Self::Zeros | Self::Constant(_) => 0.0,
            Self::Uniform(limit) => count()? * limit * limit / 3.0,
            Self::Normal(deviation) => count()? * deviation * deviation,
            Self::XavierUniform | Self::XavierNormal => 2.0 / (1.0 + fan_out.ratio(fan_in)?),
            Self::HeUniform | Self::HeNormal => 2.0,
            Self::HeFanOutUniform | Self::HeFanOutNormal => 2.0 * fan_in.ratio(fan_out)?,
            Self::LecunUniform | Self::LecunNormal => 1.0,
            Self::PytorchDefault => 1.0 / 3.0,
            Self::Orthogonal => fan_in.ratio(fan_out)?.min(1.0),
            Self::Identity => return None,
        };
        Some(gain * gain * unscaled)
    }

    /// Returns whether the weights fluctuate less than independent ones: the error bar of a
    /// finite width is then smaller.
    pub fn is_orthogonal(self) -> bool {
        self == Self::Orthogonal
    }
}

impl fmt::Display for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zeros => "zeros",
            Self::Constant(value) => return write!(f, "constant({value})"),
            Self::Uniform(limit) => return write!(f, "uniform({limit})"),
            Self::Normal(deviation) => return write!(f, "normal({deviation})"),
            Self::XavierUniform => "xavier_uniform",
            Self::XavierNormal => "xavier_normal",
            Self::HeUniform => "he_uniform",
            Self::HeNormal => "he_normal",
            Self::HeFanOutUniform => "he_fan_out_uniform",
            Self::HeFanOutNormal => "he_fan_out_normal",
            Self::LecunUniform => "lecun_uniform",
            Self::LecunNormal => "lecun_normal",
            Self::PytorchDefault => "pytorch_default",
            Self::Orthogonal => "orthogonal",
            Self::Identity => "identity",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variances_are_those_of_the_papers() {
        let sigma =
            |init: Init, a: usize, b: usize| init.sigma_w2(a.into(), b.into(), 1.0).unwrap();
        assert_eq!(sigma(Init::XavierNormal, 30, 10), 1.5);
        assert_eq!(sigma(Init::HeNormal, 30, 10), 2.0);
        assert_eq!(sigma(Init::HeFanOutNormal, 30, 10), 6.0);
        assert_eq!(sigma(Init::LecunUniform, 30, 10), 1.0);
        assert_eq!(sigma(Init::PytorchDefault, 30, 10), 1.0 / 3.0);
        assert_eq!(sigma(Init::Orthogonal, 10, 30), 1.0 / 3.0);
        assert_eq!(sigma(Init::Orthogonal, 30, 10), 1.0);
        assert_eq!(sigma(Init::Normal(1.0), 256, 3), 256.0);
        assert_eq!(sigma(Init::Zeros, 30, 10), 0.0);
    }

    #[test]
    fn ratios_are_enough_for_symbolic_widths() {
        let hidden = Width::Symbol(0);
        assert_eq!(Init::XavierNormal.sigma_w2(hidden, hidden, 1.0), Some(1.0));
        assert_eq!(
            Init::XavierNormal.sigma_w2(hidden, Width::Symbol(1), 1.0),
            None
        );
        assert_eq!(Init::HeNormal.sigma_w2(hidden, 3.into(), 2.0), Some(8.0));
        assert_eq!(Init::Normal(0.1).sigma_w2(hidden, hidden, 1.0), None);
        assert_eq!(Init::XavierNormal.sigma_w2(0.into(), 0.into(), 1.0), None);
    }
}
