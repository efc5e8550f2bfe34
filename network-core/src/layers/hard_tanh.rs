//! `hard_tanh`: `min(max(x, -1), 1)`.

use super::Activation;
use crate::Real;
use bytemuck::Zeroable;

/// Piecewise linear tanh `min(max(x, -1), 1)`, with derivative 1 for `-1 < x < 1`,
/// else 0 (Collobert 2004; PyTorch's `Hardtanh`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
pub struct HardTanh;

impl Activation for HardTanh {
    const DERIVATIVE_FROM_OUTPUT: bool = true;

    #[inline(always)]
    fn value<R: Real>(&self, x: R) -> R {
        x.max(-R::ONE).min(R::ONE)
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, _x: R, y: R) -> R {
        let inside = y > -R::ONE && y < R::ONE;
        R::select(inside, R::ONE, R::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    #[test]
    fn agrees_with_its_definition() {
        check::activation(
            HardTanh,
            &[-1.0, 1.0],
            &[
                (-2.0, -1.0, 0.0),
                (-1.0, -1.0, 0.0),
                (-0.5, -0.5, 1.0),
                (0.0, 0.0, 1.0),
                (1.0, 1.0, 0.0),
                (3.0, 1.0, 0.0),
            ],
        );
    }
}
