//! `rnn`: the plain recurrent cell, `h' = f(W_ih x + b_ih + W_hh h + b_hh)`.

use super::{Activation, Gating, Retreat};
use crate::Real;
use crate::kernels::zip_few;
use bytemuck::Zeroable;

/// The plain recurrent cell (Elman 1990), `h' = f(W_ih x + b_ih + W_hh h + b_hh)`,
/// where `f` is tanh or relu, as PyTorch's `RNN`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
#[zeroable(bound = "F: Zeroable")]
#[repr(transparent)]
pub struct Rnn<F>(
    /// The function f, whose derivative needs only its output.
    pub F,
);

impl<F: Activation> Gating for Rnn<F> {
    const GATES: usize = 1;

    #[inline(always)]
    fn advance<R: Real>(
        &self,
        gates: &mut [R],
        recurrent: &[R],
        hidden: &mut [R],
        _cell: &mut [R],
    ) {
        const { assert!(F::DERIVATIVE_FROM_OUTPUT) };
        zip_few(
            #[inline(always)]
            |_, [a], [b]| {
                let h = self.0.value(a + b);
                (h, [h])
            },
            hidden,
            [gates],
            [recurrent],
        );
    }

    #[inline(always)]
    fn kept<'a, R>(_recurrent: &'a [R], cell: &'a [R]) -> &'a [R] {
        cell
    }

    #[inline(always)]
    fn retreat<R: Real>(&self, step: Retreat<'_, R>) {
        zip_few(
            #[inline(always)]
            |d_h, [_], [h]| (R::ZERO, [d_h * self.0.derivative(h, h)]),
            step.d_hidden,
            [step.d_gates],
            [step.gates],
        );
    }
}
