//! Initial values of parameters: the schemes by name, and how they fill a tensor.

mod gain;
mod orthogonal;

pub use gain::Gain;

use crate::{Generator, Scalar};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

/// How a parameter starts.
///
/// `fan_in` is the number of inputs that each output of the layer sums, `fan_out`
/// the number of outputs that each input goes to. Uniform schemes draw from
/// `[-sqrt(3 v), sqrt(3 v))` and normal ones from `N(0, v)`, where v is the variance
/// given below.
///
/// Numbers are drawn in `f64` and then rounded, output by output (row by row, as
/// PyTorch stores a weight), so that networks of `f32` and `f64` start alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// All zero.
    Zeros,
    /// All one value.
    Constant(f64),
    /// Uniform from `low` (included) to `high` (excluded).
    Uniform {
        /// The smallest value.
        low: f64,
        /// The end of the range.
        high: f64,
    },
    /// Normal.
    Normal {
        /// Its mean.
        mean: f64,
        /// Its standard deviation.
        standard_deviation: f64,
    },
    /// Uniform with variance `2 gain^2 / (fan_in + fan_out)` (Glorot & Bengio 2010).
    #[doc(alias = "GlorotUniform")]
    XavierUniform {
        /// Multiplies the standard deviation: see [`Gain`].
        gain: f64,
    },
    /// Normal with variance `2 gain^2 / (fan_in + fan_out)` (Glorot & Bengio 2010).
    #[doc(alias = "GlorotNormal")]
    XavierNormal {
        /// Multiplies the standard deviation: see [`Gain`].
        gain: f64,
    },
    /// Uniform with variance `gain^2 / fan` (He et al. 2015).
    #[doc(alias = "KaimingUniform")]
    HeUniform {
        /// Multiplies the standard deviation: sqrt 2 for ReLU, see [`Gain::rectifier`].
        gain: f64,
        /// Which fan.
        fan: Fan,
    },
    /// Normal with variance `gain^2 / fan` (He et al. 2015).
    #[doc(alias = "KaimingNormal")]
    HeNormal {
        /// Multiplies the standard deviation: sqrt 2 for ReLU, see [`Gain::rectifier`].
        gain: f64,
        /// Which fan.
        fan: Fan,
    },
    /// Uniform with variance `1 / fan_in` (LeCun et al. 1998).
    LecunUniform,
    /// Normal with variance `1 / fan_in` (LeCun et al. 1998); what SELU needs.
    LecunNormal,
    /// `gain` times a random (semi-)orthogonal matrix of one row for each output:
    /// its columns, or its rows if those are fewer, have length 1 and are
    /// orthogonal (Saxe et al. 2014). Variance `gain^2 / max(fan_in, rows)`.
    Orthogonal {
        /// Multiplies the matrix: see [`Gain`].
        gain: f64,
    },
    /// Uniform with variance `1 / (3 fan_in)`, for weight and bias: what PyTorch's
    /// `Linear` and `Conv` do, `kaiming_uniform_(a=sqrt(5))` in its words.
    PytorchDefault,
}

/// The fan that [`Init::HeNormal`] and [`Init::HeUniform`] divide by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fan {
    /// `fan_in`: the forward pass keeps its scale.
    #[default]
    FanIn,
    /// `fan_out`: the backward pass keeps its scale.
    FanOut,
}

impl Init {
    /// Fills a weight of `value.len() / fan_in` rows and `fan_in` columns, which is
    /// stored column by column.
    ///
    /// For a dense layer `fan_out` is the number of rows; for a convolution it is
    /// that times the size of the kernel.
    pub fn fill<T: Scalar>(
        &self,
        fan_out: usize,
        fan_in: usize,
        value: &mut [T],
        generator: &mut Generator,
    ) {
        let rows = value.len().checked_div(fan_in).unwrap_or(0);
        self.fill_tensor(fan_out, fan_in, rows, value, generator);
    }

    /// Fills the bias of a layer whose weight has these fans.
    ///
    /// [`Init::Orthogonal`] makes a vector of length `gain`.
    pub fn fill_bias<T: Scalar>(
        &self,
        fan_out: usize,
        fan_in: usize,
        value: &mut [T],
        generator: &mut Generator,
    ) {
        self.fill_tensor(fan_out, fan_in, value.len(), value, generator);
    }

    fn fill_tensor<T: Scalar>(
        &self,
        fan_out: usize,
        fan_in: usize,
        rows: usize,
        value: &mut [T],
        generator: &mut Generator,
    ) {
        let variance = match *self {
            Self::Zeros => return value.fill(T::ZERO),
            Self::Constant(constant) => return value.fill(T::from_f64(constant)),
            Self::Uniform { low, high } => {
                return draw(rows, value, || low + (high - low) * unit(generator));
            }
            Self::Normal {
                mean,
                standard_deviation,
            } => {
                return draw(rows, value, || {
                    mean + standard_deviation * normal(generator)
                });
            }
            Self::Orthogonal { gain } => return orthogonal::fill(rows, gain, value, generator),
            Self::XavierUniform { gain } | Self::XavierNormal { gain } => {
                2.0 * gain * gain / (fan_in + fan_out) as f64
            }
            Self::HeUniform { gain, fan } | Self::HeNormal { gain, fan } => match fan {
                Fan::FanIn => gain * gain / fan_in as f64,
                Fan::FanOut => gain * gain / fan_out as f64,
            },
            Self::LecunUniform | Self::LecunNormal => 1.0 / fan_in as f64,
            Self::PytorchDefault => 1.0 / (3 * fan_in) as f64,
        };
        match self {
            Self::XavierNormal { .. } | Self::HeNormal { .. } | Self::LecunNormal => {
                let deviation = libm::sqrt(variance);
                draw(rows, value, || deviation * normal(generator));
            }
            _ => {
                let bound = libm::sqrt(3.0 * variance);
                draw(rows, value, || bound * (2.0 * unit(generator) - 1.0));
            }
        }
    }
}

/// Fills a column-major matrix row by row.
fn draw<T: Scalar>(rows: usize, value: &mut [T], mut sample: impl FnMut() -> f64) {
    for row in 0..rows {
        for entry in value.iter_mut().skip(row).step_by(rows) {
            *entry = T::from_f64(sample());
        }
    }
}

/// Uniform in `[0, 1)`, in steps of 2^-53.
fn unit(generator: &mut Generator) -> f64 {
    (generator.next_u64() >> 11) as f64 * f64::from_bits(0x3CA0_0000_0000_0000)
}

/// Standard normal.
fn normal(generator: &mut Generator) -> f64 {
    StandardNormal.sample(generator)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use rand::SeedableRng;
    use std::vec;
    use std::vec::Vec;

    const ROWS: usize = 100;
    const COLUMNS: usize = 300;

    fn filled(init: Init, seed: u64) -> Vec<f64> {
        let mut value = vec![f64::NAN; ROWS * COLUMNS];
        init.fill(
            ROWS,
            COLUMNS,
            &mut value,
            &mut Generator::seed_from_u64(seed),
        );
        value
    }

    #[track_caller]
    fn assert_moments(init: Init, mean: f64, variance: f64, kurtosis: f64) {
        let value = filled(init, 7);
        let n = value.len() as f64;
        let moment = |k: i32| {
            value
                .iter()
                .map(|v| libm::pow(v - mean, f64::from(k)))
                .sum::<f64>()
                / n
        };
        let deviation = libm::sqrt(variance);
        // Four standard errors.
        assert!(
            moment(1).abs() < 4.0 * deviation / libm::sqrt(n),
            "mean of {init:?}"
        );
        let spread = libm::sqrt((kurtosis - 1.0) / n);
        assert!(
            (moment(2) / variance - 1.0).abs() < 4.0 * spread,
            "variance of {init:?}: {} instead of {variance}",
            moment(2)
        );
        // 3 tells a normal distribution from a uniform one, 1.8.
        let actual = moment(4) / (variance * variance);
        assert!(
            (actual - kurtosis).abs() < 0.25,
            "kurtosis of {init:?}: {actual}"
        );
    }

    #[test]
    fn variances_are_those_of_the_formulas() {
        const NORMAL: f64 = 3.0;
        const UNIFORM: f64 = 1.8;
        let (fan_in, fan_out) = (COLUMNS as f64, ROWS as f64);
        assert_moments(
            Init::Uniform {
                low: -1.0,
                high: 3.0,
            },
            1.0,
            16.0 / 12.0,
            UNIFORM,
        );
        let normal = Init::Normal {
            mean: 2.0,
            standard_deviation: 0.5,
        };
        assert_moments(normal, 2.0, 0.25, NORMAL);
        let xavier = 2.0 * 2.25 / (fan_in + fan_out);
        assert_moments(Init::XavierUniform { gain: 1.5 }, 0.0, xavier, UNIFORM);
        assert_moments(Init::XavierNormal { gain: 1.5 }, 0.0, xavier, NORMAL);
        let gain = Gain::RELU;
        for (fan, n) in [(Fan::FanIn, fan_in), (Fan::FanOut, fan_out)] {
            assert_moments(Init::HeUniform { gain, fan }, 0.0, 2.0 / n, UNIFORM);
            assert_moments(Init::HeNormal { gain, fan }, 0.0, 2.0 / n, NORMAL);
        }
        assert_moments(Init::LecunUniform, 0.0, 1.0 / fan_in, UNIFORM);
        assert_moments(Init::LecunNormal, 0.0, 1.0 / fan_in, NORMAL);
        assert_moments(Init::PytorchDefault, 0.0, 1.0 / (3.0 * fan_in), UNIFORM);
    }

    #[test]
    fn uniform_values_stay_within_their_bounds() {
        let value = filled(
            Init::Uniform {
                low: -1.0,
                high: 3.0,
            },
            1,
        );
        assert!(value.iter().all(|v| (-1.0..3.0).contains(v)));
        let bound = 1.0 / libm::sqrt(COLUMNS as f64);
        let value = filled(Init::PytorchDefault, 1);
        assert!(value.iter().all(|v| (-bound..=bound).contains(v)));
    }

    #[test]
    fn constants_are_constant() {
        assert!(filled(Init::Zeros, 1).iter().all(|v| *v == 0.0));
        assert!(filled(Init::Constant(-0.25), 1).iter().all(|v| *v == -0.25));
    }

    #[test]
    fn a_bias_is_drawn_with_the_fans_of_its_weight() {
        let mut bias = [f64::NAN; 1000];
        Init::PytorchDefault.fill_bias(1000, 16, &mut bias, &mut Generator::seed_from_u64(1));
        let largest = bias.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
        assert!(largest <= 0.25 && largest > 0.24, "{largest}");
        Init::Constant(0.5).fill_bias(1000, 16, &mut bias, &mut Generator::seed_from_u64(1));
        assert_eq!(bias, [0.5; 1000]);
    }

    #[test]
    fn a_matrix_is_drawn_row_by_row() {
        let mut generator = Generator::seed_from_u64(3);
        let expected: [f64; 6] = core::array::from_fn(|_| unit(&mut generator));
        let mut value = [0.0; 6];
        let init = Init::Uniform {
            low: 0.0,
            high: 1.0,
        };
        init.fill(2, 3, &mut value, &mut Generator::seed_from_u64(3));
        let row_major = [0, 2, 4, 1, 3, 5].map(|index| value[index]);
        assert_eq!(row_major, expected);
    }

    #[test]
    fn a_seed_pins_the_values() {
        let mut generator = Generator::seed_from_u64(2024);
        let mut value = [0.0f64; 4];
        Init::HeNormal {
            gain: Gain::RELU,
            fan: Fan::FanIn,
        }
        .fill(2, 2, &mut value, &mut generator);
        let expected = [
            0.047_009_420_004_691_625,
            -1.158_962_221_061_165_6,
            -0.190_177_622_006_244_08,
            -0.262_285_940_235_482_35,
        ];
        assert_eq!(value, expected);
        Init::XavierUniform { gain: 1.0 }.fill(2, 2, &mut value, &mut generator);
        let expected = [
            0.607_939_384_737_508_4,
            1.172_146_645_631_095_2,
            0.755_174_831_769_550_5,
            0.399_171_768_048_829_87,
        ];
        assert_eq!(value, expected);
    }

    #[test]
    fn f32_starts_as_f64_rounded() {
        let init = Init::LecunNormal;
        let mut narrow = [0.0f32; 12];
        let mut wide = [0.0f64; 12];
        init.fill(3, 4, &mut narrow, &mut Generator::seed_from_u64(5));
        init.fill(3, 4, &mut wide, &mut Generator::seed_from_u64(5));
        assert_eq!(narrow, wide.map(|v| v as f32));
    }
}
