//! `hard_swish`: `x * min(max(x + 3, 0), 6) / 6`.

use super::Activation;
use crate::Real;
use bytemuck::Zeroable;

/// Piecewise quadratic swish `x * min(max(x + 3, 0), 6) / 6`, with derivative 0 for
/// `x <= -3`, 1 for `x >= 3`, and `x / 3 + 1 / 2` between (Howard et al. 2019).
///
/// At -3 and 3 themselves PyTorch before 2.8 had -1/2 and 3/2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
pub struct HardSwish;

impl Activation for HardSwish {
    #[inline(always)]
    fn value<R: Real>(&self, x: R) -> R {
        let six = R::from_f64(6.0);
        x * (x + R::from_f64(3.0)).max(R::ZERO).min(six) / six
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, x: R, _y: R) -> R {
        let three = R::from_f64(3.0);
        let middle = x / three + R::from_f64(0.5);
        R::select(x <= -three, R::ZERO, R::select(x >= three, R::ONE, middle))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    #[test]
    fn agrees_with_its_definition() {
        check::activation(
            HardSwish,
            &[-3.0, 3.0],
            &[
                (-4.0, 0.0, 0.0),
                (-3.0, 0.0, 0.0),
                (-1.5, -0.375, 0.0),
                (0.0, 0.0, 0.5),
                (1.5, 1.125, 1.0),
                (2.25, 1.96875, 1.25),
                (3.0, 3.0, 1.0),
                (9.0, 9.0, 1.0),
            ],
        );
    }
}
