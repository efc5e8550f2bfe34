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
