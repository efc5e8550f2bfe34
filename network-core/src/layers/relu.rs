//! `relu`: `max(x, 0)`.

use super::Activation;
use crate::Real;
use bytemuck::Zeroable;

/// Rectified linear unit: `max(x, 0)`, with derivative 0 at 0 (Nair & Hinton 2010).
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
pub struct Relu;

impl Activation for Relu {
    const DERIVATIVE_FROM_OUTPUT: bool = true;

    #[inline(always)]
    fn value<R: Real>(&self, x: R) -> R {
        x.max(R::ZERO)
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, _x: R, y: R) -> R {
        R::select(y > R::ZERO, R::ONE, R::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    #[test]
    fn agrees_with_its_definition() {
        check::activation(
            Relu,
            &[0.0],
            &[
                (-2.0, 0.0, 0.0),
                (0.0, 0.0, 0.0),
                (1e-9, 1e-9, 1.0),
                (3.5, 3.5, 1.0),
            ],
        );
    }
}
