//! `gelu_tanh`: GELU through tanh, as BERT and GPT-2 compute it.

use super::Activation;
use super::functions::clamp;
use crate::Real;
use bytemuck::Zeroable;

/// `x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2`: within 5e-4 of
/// [`Gelu`](super::Gelu) (Hendrycks & Gimpel 2016; PyTorch's `GELU(approximate="tanh")`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
pub struct GeluTanh;

/// sqrt(2 / pi)
const FACTOR: f64 = 0.797_884_560_802_865_4;
const CUBIC: f64 = 0.044_715;

/// `s = (1 + tanh(u(x))) / 2` and `2 u'(x)`, where u is the inner polynomial.
///
/// s is the logistic function of 2 u, which keeps its digits where it is near 0;
/// `1 + tanh` would not, and `x` multiplies what is left.
/// Beyond 10 the tangent is 1 to the last bit of `f64`: `x` is cut there, so
/// that its powers stay finite.
#[inline(always)]
fn inner<R: Real>(x: R) -> (R, R) {
    let x = clamp(x, R::from_f64(-10.0), R::from_f64(10.0));
    let square = x * x;
    let u = R::from_f64(FACTOR) * x * (R::ONE + R::from_f64(CUBIC) * square);
    let d_u = R::from_f64(FACTOR) * (R::ONE + R::from_f64(3.0 * CUBIC) * square);
    ((u + u).sigmoid(), d_u + d_u)
}

impl Activation for GeluTanh {
    #[inline(always)]
    fn value<R: Real>(&self, x: R) -> R {
        let (s, _) = inner(x);
        x * s
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, x: R, _y: R) -> R {
        // tanh' = 1 - tanh^2 = 4 s (1 - s)
        let (s, slope) = inner(x);
        s + x * (s * (R::ONE - s)) * slope
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
        for x in [9.99, 10.0, 10.01, 50.0, 1e30] {
            assert_eq!(GeluTanh.value(x), x);
            assert_eq!(GeluTanh.value(-x).abs(), 0.0);
            assert_eq!(GeluTanh.derivative(x, x), 1.0);
            assert_eq!(GeluTanh.derivative(-x, 0.0), 0.0);
        }
    }
}
