//! `gelu_tanh`: GELU through tanh, as BERT and GPT-2 compute it.

use super::Activation;
use crate::Real;
use bytemuck::Zeroable;

/// `x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2`: within 5e-4 of
/// [`Gelu`](super::Gelu) (Hendrycks & Gimpel 2016; PyTorch's `GELU(approximate="tanh")`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
pub struct GeluTanh;

/// sqrt(2 / pi)
const FACTOR: f64 = 0.797_884_560_802_865_4;
const CUBIC: f64 = 0.044_715;

/// `x`, `e^(-2 |u|)` and `2 u'` of the inner polynomial `u(x)`, with which
/// `(1 + tanh(u)) / 2 = sigmoid(2 u)`, and nothing cancels.
///
/// Beyond 40 the exponential is 0: `x` is cut there, so that its powers stay finite.
#[inline(always)]
fn inner<R: Real>(x: R) -> (R, R, R) {
    let limit = R::from_f64(40.0);
    let x = x.max(-limit).min(limit);
    let square = x * x;
    let minus_two = R::from_f64(-2.0 * FACTOR);
    let e = (minus_two * x.abs() * (R::ONE + R::from_f64(CUBIC) * square)).exp();
    let d = R::from_f64(2.0 * FACTOR) * (R::ONE + R::from_f64(3.0 * CUBIC) * square);
    (x, e, d)
}

/// `sigmoid(2 u)` from `1 / (1 + e)`.
#[inline(always)]
fn gate<R: Real>(x: R, e: R, inverse: R) -> R {
    R::select(x < R::ZERO, e * inverse, inverse)
}

impl Activation for GeluTanh {
    #[inline(always)]
    fn value<R: Real>(&self, x: R) -> R {
        let (_, e, _) = inner(x);
        x * gate(x, e, R::ONE / (R::ONE + e))
    }

    // With s = sigmoid(2 u): f' = s + x s (1 - s) 2 u', s (1 - s) = e / (1 + e)^2.
    #[inline(always)]
    fn derivative<R: Real>(&self, x: R, _y: R) -> R {
        let (x, e, d) = inner(x);
        let inverse = R::ONE / (R::ONE + e);
        gate(x, e, inverse) + x * (e * inverse * inverse) * d
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    #[test]
    fn agrees_with_its_definition() {
        check::activation(
            GeluTanh,
            &[],
            &[
                (-30.0, 0.0, 0.0),
                (
                    -5.0,
                    -2.291_796_196_629_506e-07,
                    -1.546_361_987_532_594_6e-06,
                ),
                (-1.25, -0.132_285_797_030_285_4, -0.122_492_632_249_648_64),
                (-0.001, -0.000_499_601_057_786_418, 0.499_202_115_706_475),
                (0.0, 0.0, 0.5),
                (0.5, 0.345_714_009_825_143_94, 0.867_369_903_534_642_3),
                (2.0, 1.954_597_694_087_775, 1.086_099_256_623_618_3),
                (25.0, 25.0, 1.0),
            ],
        );
    }

    #[test]
    fn cutting_the_argument_changes_no_bit() {
        for x in [39.9, 40.0, 40.1, 1e4, 1e300] {
            assert_eq!(GeluTanh.value(x), x);
            assert_eq!(GeluTanh.value(-x).abs(), 0.0);
            assert_eq!(GeluTanh.derivative(x, x), 1.0);
            assert_eq!(GeluTanh.derivative(-x, 0.0), 0.0);
        }
    }
}
