//! `mish`: `x * tanh(softplus(x))`.

use super::Activation;
use crate::Real;
use bytemuck::Zeroable;

/// `x tanh(ln(1 + e^x))` (Misra 2019).
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
pub struct Mish;

/// `x`, `e = e^x`, and `n = e (e + 2)`, with which `tanh(ln(1 + e^x)) = n / (n + 2)`:
/// one exponential instead of three functions.
///
/// Beyond 20 the quotient is 1 to the last bit of `f64`: `x` is cut there, so
/// that `e` and its powers stay finite in `f32`.
#[inline(always)]
fn powers<R: Real>(x: R) -> (R, R, R) {
    let limit = R::from_f64(20.0);
    let x = R::select(x > limit, limit, x);
    let e = x.exp();
    (x, e, e * (e + R::from_f64(2.0)))
}

impl Activation for Mish {
    #[inline(always)]
    fn value<R: Real>(&self, x: R) -> R {
        let (_, _, n) = powers(x);
        x * (n / (n + R::from_f64(2.0)))
    }

    // With t = n / (n + 2): f' = t + x (1 - t^2) sigmoid(x)
    //                          = t + 4 x e (1 + e) / (n + 2)^2.
    #[inline(always)]
    fn derivative<R: Real>(&self, x: R, _y: R) -> R {
        let (x, e, n) = powers(x);
        let inverse = R::ONE / (n + R::from_f64(2.0));
        let slope = R::from_f64(4.0) * e * (R::ONE + e) * inverse * inverse;
        n * inverse + x * slope
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check;

    #[test]
    fn agrees_with_its_definition() {
        check::activation(
            Mish,
            &[],
            &[
                (
                    -30.0,
                    -2.807_286_890_651_921e-12,
                    -2.713_710_660_963_392e-12,
                ),
                (-5.0, -0.033_576_237_730_161_704, -0.026_747_498_019_901_932),
                (-1.25, -0.308_413_961_141_527_7, -0.014_697_562_473_019_54),
                (
                    -0.001,
                    -0.000_599_679_984_045_866_3,
                    0.599_359_952_183_464_7,
                ),
                (0.0, 0.0, 0.6),
                (0.5, 0.375_245_211_304_895_13, 0.886_424_375_357_727_2),
                (2.0, 1.943_958_959_533_994_6, 1.069_317_934_279_489_6),
                (25.0, 25.0, 1.0),
            ],
        );
    }
}
