//! `relu6`: `min(max(x, 0), 6)`.

use super::Activation;
use crate::Real;
use bytemuck::Zeroable;

/// ReLU that ends at 6: `min(max(x, 0), 6)`, with derivative 1 for `0 < x < 6`,
/// else 0 (Krizhevsky 2010).
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
pub struct Relu6;

impl Activation for Relu6 {
    const DERIVATIVE_FROM_OUTPUT: bool = true;

    #[inline(always)]
    fn value<R: Real>(&self, x: R) -> R {
        x.max(R::ZERO).min(R::from_f64(6.0))
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, _x: R, y: R) -> R {
        let inside = y > R::ZERO && y < R::from_f64(6.0);
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
            Relu6,
            &[0.0, 6.0],
            &[
                (-2.0, 0.0, 0.0),
                (0.0, 0.0, 0.0),
                (3.5, 3.5, 1.0),
                (6.0, 6.0, 0.0),
                (8.0, 6.0, 0.0),
            ],
        );
    }
}
