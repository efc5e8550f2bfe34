//! `lstm`: long short-term memory.

use super::cell::{Forget, Gating, Retreat};
use crate::kernels::zip_few;
use crate::{Generator, Real, Scalar};
use bytemuck::Zeroable;

/// Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of
/// Gers et al. 2000), gates in PyTorch's order i, f, g, o:
///
/// ```text
/// i = sigmoid(W_ii x + b_ii + W_hi h + b_hi)    how much of the candidate enters
/// f = sigmoid(W_if x + b_if + W_hf h + b_hf)    how much of the cell is kept
/// g = tanh(W_ig x + b_ig + W_hg h + b_hg)       the candidate
/// o = sigmoid(W_io x + b_io + W_ho h + b_ho)    how much of the cell is shown
/// c' = f * c + i * g
/// h' = o * tanh(c')
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroable)]
#[repr(C)]
pub struct Lstm;

/// The four gates of all units.
#[inline(always)]
fn gates<R>(of: &[R]) -> [&[R]; 4] {
    let (low, high) = of.split_at(of.len() / 2);
    let ((i, f), (g, o)) = (low.split_at(of.len() / 4), high.split_at(of.len() / 4));
    [i, f, g, o]
}

/// As [`gates`], to be changed.
#[inline(always)]
fn gates_mut<R>(of: &mut [R]) -> [&mut [R]; 4] {
    let units = of.len() / 4;
    let (low, high) = of.split_at_mut(2 * units);
    let ((i, f), (g, o)) = (low.split_at_mut(units), high.split_at_mut(units));
    [i, f, g, o]
}

impl Gating for Lstm {
    const GATES: usize = 4;

    #[inline(always)]
    fn advance<R: Real>(&self, gates: &mut [R], recurrent: &[R], hidden: &mut [R], cell: &mut [R]) {
        let [i, f, g, o] = gates_mut(gates);
        zip_few(
            #[inline(always)]
            |_, [i, f, g, o, c], [b_i, b_f, b_g, b_o]| {
                let i = (i + b_i).sigmoid();
                let f = (f + b_f).sigmoid();
                let g = (g + b_g).tanh();
                let o = (o + b_o).sigmoid();
                let c = f.mul_add(c, i * g);
                (o * c.tanh(), [i, f, g, o, c])
            },
            hidden,
            [i, f, g, o, cell],
            self::gates(recurrent),
        );
    }

    #[inline(always)]
    fn kept<'a, R>(_recurrent: &'a [R], cell: &'a [R]) -> &'a [R] {
        cell
    }

    #[inline(always)]
    fn retreat<R: Real>(&self, step: Retreat<'_, R>) {
        let [i, f, g, o] = gates(step.gates);
        let [d_i, d_f, d_g, d_o] = gates_mut(step.d_gates);
        zip_few(
            #[inline(always)]
            |d_h, [d_c, _, _, _, _], [i, f, g, o, c, c_before]| {
                let t = c.tanh();
                let d_c = (d_h * o).mul_add(R::ONE - t * t, d_c);
                let d_i = d_c * g * i * (R::ONE - i);
                let d_f = d_c * c_before * f * (R::ONE - f);
                let d_g = d_c * i * (R::ONE - g * g);
                let d_o = d_h * t * o * (R::ONE - o);
                (R::ZERO, [d_c * f, d_i, d_f, d_g, d_o])
            },
            step.d_hidden,
            [step.d_cell, d_i, d_f, d_g, d_o],
            [i, f, g, o, step.kept, step.kept_before],
        );
    }

    fn remember<T: Scalar>(forget: Forget, bias: &mut [T], generator: &mut Generator) {
        let [i, f, ..] = gates_mut(bias);
        for (i, f) in i.iter_mut().zip(f) {
            let drawn = forget.draw(generator);
            *f = T::from_f64(drawn);
            if let Forget::Chrono { .. } = forget {
                *i = T::from_f64(-drawn);
            }
        }
    }
}
