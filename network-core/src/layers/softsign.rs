//! `softsign`: `x / (1 + |x|)`.

use super::Activation;
use crate::Real;
use bytemuck::Zeroable;

/// `x / (1 + |x|)`, with derivative `1 / (1 + |x|)^2` (Bergstra et al. 2009): like
/// tanh, but slower to saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
pub struct Softsign;

impl Activation for Softsign {
    // Not from the output: (1 - |y|)^2 has no digits left where y is near 1.
    #[inline(always)]
    fn value<R: Real>(&self, x: R) -> R {
        x / (R::ONE + x.abs())
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, x: R, _y: R) -> R {
        let inverse = R::ONE / (R::ONE + x.abs());
        inverse * inverse
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    #[test]
    fn agrees_with_its_definition() {
        check::activation(
            Softsign,
            // The second derivative jumps at 0.
            &[0.0],
            &[
                (-99.0, -0.99, 0.0001),
                (-3.0, -0.75, 0.0625),
                (0.0, 0.0, 1.0),
                (0.25, 0.2, 0.64),
                (1.0, 0.5, 0.25),
                (1e4, 1e4 / 10_001.0, 1.0 / (10_001.0 * 10_001.0)),
            ],
        );
    }
}
