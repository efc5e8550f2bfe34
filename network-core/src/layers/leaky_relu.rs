//! `leaky_relu`: `x` above 0, `slope * x` below.

use super::Activation;
use crate::Real;
use bytemuck::Zeroable;

/// Leaky ReLU: `x` for `x > 0`, else `slope * x`, with derivative `slope` at 0
/// (Maas et al. 2013).
///
/// The slope is not negative: the derivative is read off the sign of the output.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
pub struct LeakyRelu {
    /// The slope below 0: at least 0.
    pub slope: f64,
}

impl LeakyRelu {
    /// Leaky ReLU of a slope, which is checked.
    ///
    /// # Panics
    ///
    /// If the slope is negative or not finite; in a constant, that is a compile error.
    pub const fn new(slope: f64) -> Self {
        assert!(
            slope >= 0.0 && slope.is_finite(),
            "the slope of a leaky ReLU is a finite number of at least 0"
        );
        Self { slope }
    }
}

impl Default for LeakyRelu {
    /// A slope of 0.01.
    fn default() -> Self {
        Self::new(0.01)
    }
}

impl Activation for LeakyRelu {
    const DERIVATIVE_FROM_OUTPUT: bool = true;

    #[inline(always)]
    fn value<R: Real>(&self, x: R) -> R {
        R::select(x > R::ZERO, x, x * R::from_f64(self.slope))
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, _x: R, y: R) -> R {
        R::select(y > R::ZERO, R::ONE, R::from_f64(self.slope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    #[test]
    fn agrees_with_its_definition() {
        check::activation(
            LeakyRelu::new(0.2),
            &[0.0],
            &[
                (-2.0, -0.4, 0.2),
                (0.0, 0.0, 0.2),
                (1e-9, 1e-9, 1.0),
                (3.5, 3.5, 1.0),
            ],
        );
    }

    #[test]
    fn a_slope_of_zero_is_relu() {
        check::activation(
            LeakyRelu::new(0.0),
            &[0.0],
            &[(-2.0, 0.0, 0.0), (0.0, 0.0, 0.0), (3.5, 3.5, 1.0)],
        );
        check::activation(LeakyRelu::default(), &[0.0], &[(-2.0, -0.02, 0.01)]);
    }

    #[test]
    #[should_panic(expected = "at least 0")]
    fn a_negative_slope_is_refused() {
        let _ = LeakyRelu::new(-0.1);
    }
}
