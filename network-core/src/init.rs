//! Initial values of parameters: the schemes by name, and how they fill a matrix.

use crate::{Generator, Scalar};
use rand_distr::{Distribution, StandardNormal, Uniform};

/// How a parameter starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// All zero.
    Zeros,
    /// `N(0, gain^2 / fan_in)`: He et al. 2015, with gain sqrt 2 for ReLU.
    HeNormal {
        /// Multiplies the standard deviation.
        gain: f64,
    },
}

impl Init {
    /// Fills a column-major `fan_out x fan_in` matrix.
    pub fn fill<T: Scalar>(
        &self,
        fan_out: usize,
        fan_in: usize,
        value: &mut [T],
        generator: &mut Generator,
    ) {
        let _ = fan_out;
        match *self {
            Self::Zeros => value.fill(T::ZERO),
            Self::HeNormal { gain } => {
                let deviation = gain / libm::sqrt(fan_in as f64);
                for value in value {
                    let z: f64 = StandardNormal.sample(generator);
                    *value = T::from_f64(deviation * z);
                }
            }
        }
    }
}
