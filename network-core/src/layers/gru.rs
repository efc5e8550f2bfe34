//! `gru`: the gated recurrent unit.

use super::cell::{Forget, Gating, Retreat};
use crate::kernels::zip_few;
use crate::{Generator, Real, Scalar};
use bytemuck::Zeroable;

/// The gated recurrent unit ([Cho et al. 2014](https://arxiv.org/abs/1406.1078)),
/// in PyTorch's form, gates in the order r, z, n:
///
/// ```text
/// r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)       what of the past the candidate sees
/// z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)       how much is kept
/// n = tanh(W_in x + b_in + r * (W_hn h + b_hn))    the candidate
/// h' = (1 - z) * n + z * h
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
#[repr(C)]
pub struct Gru;

/// The three gates of all units.
#[inline(always)]
fn gates<R>(of: &[R]) -> [&[R]; 3] {
    let (r, rest) = of.split_at(of.len() / 3);
    let (z, n) = rest.split_at(r.len());
    [r, z, n]
}

/// As [`gates`], to be changed.
#[inline(always)]
fn gates_mut<R>(of: &mut [R]) -> [&mut [R]; 3] {
    let (r, rest) = of.split_at_mut(of.len() / 3);
    let (z, n) = rest.split_at_mut(r.len());
    [r, z, n]
}

impl Gating for Gru {
    const GATES: usize = 3;
    const SPLIT: bool = true;

    #[inline(always)]
    fn advance<R: Real>(
        &self,
        gates: &mut [R],
        recurrent: &[R],
        hidden: &mut [R],
        _cell: &mut [R],
    ) {
        zip_few(
            #[inline(always)]
            |h, [r, z, n], [b_r, b_z, b_n]| {
                let r = (r + b_r).sigmoid();
                let z = (z + b_z).sigmoid();
                let n = r.mul_add(b_n, n).tanh();
                (z.mul_add(h - n, n), [r, z, n])
            },
            hidden,
            gates_mut(gates),
            self::gates(recurrent),
        );
    }

    #[inline(always)]
    fn kept<'a, R>(recurrent: &'a [R], _cell: &'a [R]) -> &'a [R] {
        gates(recurrent)[2]
    }

    #[inline(always)]
    fn retreat<R: Real>(&self, step: Retreat<'_, R>) {
        let [r, z, n] = gates(step.gates);
        let [d_r, d_z, d_n] = gates_mut(step.d_gates);
        let units = d_r.len();
        zip_few(
            #[inline(always)]
            |d_h, [_, _, _, _], [r, z, n, b_n, h]| {
                let d_n = d_h * (R::ONE - z) * (R::ONE - n * n);
                let d_z = d_h * (h - n) * z * (R::ONE - z);
                let d_r = d_n * b_n * r * (R::ONE - r);
                (d_h * z, [d_r, d_z, d_n, d_n * r])
            },
            step.d_hidden,
            [d_r, d_z, d_n, &mut step.d_recurrent[2 * units..]],
            [r, z, n, step.kept, step.hidden_before],
        );
        step.d_recurrent[..2 * units].copy_from_slice(&step.d_gates[..2 * units]);
    }

    fn remember<T: Scalar>(forget: Forget, bias: &mut [T], generator: &mut Generator) {
        for z in &mut *gates_mut(bias)[1] {
            *z = T::from_f64(forget.draw(generator));
        }
    }
}
