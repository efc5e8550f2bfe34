//! `hard_sigmoid`: `min(max(x + 3, 0), 6) / 6`.

use super::Activation;
use crate::Real;
use bytemuck::Zeroable;

/// Piecewise linear sigmoid `min(max(x + 3, 0), 6) / 6`, with derivative 1/6 for
/// `-3 < x < 3`, else 0 (PyTorch's `Hardsigmoid`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
pub struct HardSigmoid;

impl Activation for HardSigmoid {
    const DERIVATIVE_FROM_OUTPUT: bool = true;

    #[inline(always)]
    fn value<R: Real>(&self, x: R) -> R {
        let six = R::from_f64(6.0);
        (x + R::from_f64(3.0)).max(R::ZERO).min(six) / six
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, _x: R, y: R) -> R {
        let inside = y > R::ZERO && y < R::ONE;
        R::select(inside, R::from_f64(1.0 / 6.0), R::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    #[test]
    fn agrees_with_its_definition() {
        check::activation(
            HardSigmoid,
            &[-3.0, 3.0],
            &[
                (-4.0, 0.0, 0.0),
                (-3.0, 0.0, 0.0),
                (-1.5, 0.25, 1.0 / 6.0),
                (0.0, 0.5, 1.0 / 6.0),
                (2.25, 0.875, 1.0 / 6.0),
                (3.0, 1.0, 0.0),
                (9.0, 1.0, 0.0),
            ],
        );
    }
}
