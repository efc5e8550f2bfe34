//! `identity`: `x`.

use super::Activation;
use crate::Real;
use bytemuck::Zeroable;

/// The identity `y = x`: no activation, said aloud.
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
pub struct Identity;

impl Activation for Identity {
    const DERIVATIVE_FROM_OUTPUT: bool = true;

    #[inline(always)]
    fn value<R: Real>(&self, x: R) -> R {
        x
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, _x: R, _y: R) -> R {
        R::ONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    #[test]
    fn agrees_with_its_definition() {
        check::activation(
            Identity,
            &[],
            &[(-2.5, -2.5, 1.0), (0.0, 0.0, 1.0), (7.0, 7.0, 1.0)],
        );
    }
}
