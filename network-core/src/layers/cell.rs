//! Recurrent cells: parameters in PyTorch's layout, how they start, and the
//! contract of what a step does with them.

use crate::init::Init;
use crate::kernels::CellGradient;
use crate::{Generator, Parameter, ParameterKind, ParameterMut, Real, Scalar, Visitor, VisitorMut};
use bytemuck::Zeroable;
use nalgebra::{SMatrix, SVector};

/// What a recurrent cell does with its pre-activations, unit by unit.
///
/// A step computes for each unit `GATES` numbers `a = W_ih x + b_ih` from the
/// input and as many `b = W_hh h + b_hh` from the hidden state before; the
/// slices below hold the first gate of all units, then the second, and so on.
pub trait Gating: Copy + Zeroable {
    /// Pre-activations of each unit.
    const GATES: usize;
    /// Whether `b` enters by more than the sum `a + b`: then its derivative differs.
    const SPLIT: bool = false;

    /// One step of one sample: turns `gates`, which hold `a`, into what `retreat`
    /// needs of them, and `hidden` (h) and `cell` (c, if there is one) into those
    /// after the step.
    fn advance<R: Real>(&self, gates: &mut [R], recurrent: &[R], hidden: &mut [R], cell: &mut [R]);

    /// What else `retreat` needs of a step, a number for each unit.
    fn kept<'a, R>(recurrent: &'a [R], cell: &'a [R]) -> &'a [R];

    /// The derivative of a step of one sample.
    fn retreat<R: Real>(&self, step: Retreat<'_, R>);

    /// Sets the gate that remembers to a bias, in a bias of all gates.
    fn remember<T: Scalar>(_forget: Forget, _bias: &mut [T], _generator: &mut Generator) {}
}

/// What [`Gating::retreat`] works on.
#[derive(Debug)]
pub struct Retreat<'a, R> {
    /// As `advance` left them.
    pub gates: &'a [R],
    /// As [`Gating::kept`] gave them.
    pub kept: &'a [R],
    /// Those of the step before.
    pub kept_before: &'a [R],
    /// The hidden state of the step before.
    pub hidden_before: &'a [R],
    /// dL/dh; becomes the part of dL/dh of the step before that does not go
    /// through the recurrent product.
    pub d_hidden: &'a mut [R],
    /// dL/dc; becomes that of the step before.
    pub d_cell: &'a mut [R],
    /// dL/da, to be set.
    pub d_gates: &'a mut [R],
    /// dL/db, to be set if [`Gating::SPLIT`]; else it equals dL/da.
    pub d_recurrent: &'a mut [R],
}

/// Parameters of a recurrent cell, named and laid out as PyTorch's.
///
/// # Shapes
///
/// `weight_ih`: `GATES x INPUT`, `weight_hh`: `GATES x UNITS`, both biases: `BIAS`,
/// where `GATES` is `UNITS` times [`Gating::GATES`], and `BIAS` is `GATES`, or 0
/// without biases. The gates are one below the other, each `UNITS` rows.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "G: Zeroable")]
#[repr(C)]
// As in `Dense`: a weight that begins with a cache line is read faster.
#[cfg_attr(target_arch = "x86_64", repr(align(64)))]
pub struct Cell<
    T: Scalar,
    G,
    const INPUT: usize,
    const UNITS: usize,
    const GATES: usize,
    const BIAS: usize = GATES,
> {
    /// From the input to the gates.
    pub weight_ih: SMatrix<T, GATES, INPUT>,
    /// From the hidden state to the gates.
    pub weight_hh: SMatrix<T, GATES, UNITS>,
    /// Added to the input's part.
    pub bias_ih: SVector<T, BIAS>,
    /// Added to the hidden state's part.
    pub bias_hh: SVector<T, BIAS>,
    /// What a step does.
    pub gating: G,
}

/// How a recurrent layer starts and trains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CellConfig<G> {
    /// What a step does.
    pub gating: G,
    /// Initial `weight_ih`, gate by gate: fans are those of one gate.
    pub weight_ih: Init,
    /// Initial `weight_hh`, gate by gate.
    pub weight_hh: Init,
    /// Initial biases, both.
    pub bias: Init,
    /// The bias of the gate that remembers, if it starts apart: all of it in `bias_ih`.
    pub forget: Option<Forget>,
    /// Back-propagation through time stops after so many steps; 0 for never.
    pub truncate: usize,
}

/// The initial bias of the gate that remembers: the forget gate of an LSTM, the
/// update gate of a GRU (in PyTorch's sense, `h' = (1 - z) n + z h`). The larger,
/// the longer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Forget {
    /// The same in every unit.
    Bias(f64),
    /// `ln u` with `u` uniform on `[1, steps - 1]`, so that the units' memories
    /// reach over all lengths up to `steps`; an LSTM's input gate gets `-ln u`
    /// ([Tallec and Ollivier 2018](https://arxiv.org/abs/1804.11188)).
    Chrono {
        /// The longest dependency to expect.
        steps: usize,
    },
}

impl Forget {
    /// One unit's bias.
    pub(super) fn draw(self, generator: &mut Generator) -> f64 {
        match self {
            Self::Bias(bias) => bias,
            Self::Chrono { steps } => {
                let high = (steps as f64 - 1.0).max(1.0);
                let mut u = [0.0_f64];
                Init::Uniform { low: 1.0, high }.fill(1, 1, &mut u, generator);
                libm::log(u[0])
            }
        }
    }
}

/// Fills a `GATES x columns` matrix gate by gate.
fn fill<T: Scalar>(
    init: Init,
    units: usize,
    columns: usize,
    weight: &mut [T],
    generator: &mut Generator,
) {
    if units == 0 || columns == 0 {
        return;
    }
    let gates = weight.len() / (units * columns);
    for gate in weight.chunks_exact_mut(units * columns) {
        init.fill(units, columns, gate, generator);
    }
    // From gates of columns to columns of gates, in pieces of `units`: a transposition
    // in place, cycle by cycle.
    let pieces = gates * columns;
    let source = |to: usize| (to % gates) * columns + to / gates;
    for start in 0..pieces {
        let mut from = source(start);
        while from > start {
            from = source(from);
        }
        if from < start {
            continue;
        }
        let mut to = start;
        loop {
            let from = source(to);
            if from == start {
                break;
            }
            let (a, b) = (to.min(from), to.max(from));
            let (low, high) = weight.split_at_mut(b * units);
            low[a * units..][..units].swap_with_slice(&mut high[..units]);
            to = from;
        }
    }
}

impl<
    T: Scalar,
    G: Gating,
    const INPUT: usize,
    const UNITS: usize,
    const GATES: usize,
    const BIAS: usize,
> Cell<T, G, INPUT, UNITS, GATES, BIAS>
{
    pub(super) fn initialize(&mut self, config: &CellConfig<G>, generator: &mut Generator) {
        const { assert!(GATES == UNITS * G::GATES) };
        self.gating = config.gating;
        if config.weight_ih == Init::PytorchDefault {
            // PyTorch draws all of a cell with the bound of its units.
            let weight = self.weight_ih.as_mut_slice();
            config.weight_ih.fill_bias(GATES, UNITS, weight, generator);
        } else {
            let weight = self.weight_ih.as_mut_slice();
            fill(config.weight_ih, UNITS, INPUT, weight, generator);
        }
        let weight = self.weight_hh.as_mut_slice();
        fill(config.weight_hh, UNITS, UNITS, weight, generator);
        for bias in [&mut self.bias_ih, &mut self.bias_hh] {
            config
                .bias
                .fill_bias(UNITS, UNITS, bias.as_mut_slice(), generator);
        }
        if let (Some(forget), true) = (config.forget, BIAS > 0) {
            G::remember(Forget::Bias(0.0), self.bias_hh.as_mut_slice(), generator);
            G::remember(forget, self.bias_ih.as_mut_slice(), generator);
        }
    }

    pub(super) fn visit(&self, names: &[&'static str; 4], visitor: &mut dyn Visitor<T>) {
        for (name, columns, value) in [
            (names[0], INPUT, self.weight_ih.as_slice()),
            (names[1], UNITS, self.weight_hh.as_slice()),
        ] {
            visitor.parameter(Parameter {
                name,
                kind: ParameterKind::Weight,
                shape: &[GATES, columns],
                value,
            });
        }
        for (name, bias) in [(names[2], &self.bias_ih), (names[3], &self.bias_hh)] {
            if BIAS > 0 {
                visitor.parameter(Parameter {
                    name,
                    kind: ParameterKind::Bias,
                    shape: &[BIAS],
                    value: bias.as_slice(),
                });
            }
        }
    }

    pub(super) fn visit_mut(&mut self, names: &[&'static str; 4], visitor: &mut dyn VisitorMut<T>) {
        for (name, columns, value) in [
            (names[0], INPUT, self.weight_ih.as_mut_slice()),
            (names[1], UNITS, self.weight_hh.as_mut_slice()),
        ] {
            visitor.parameter(ParameterMut {
                name,
                kind: ParameterKind::Weight,
                shape: &[GATES, columns],
                value,
            });
        }
        for (name, bias) in [(names[2], &mut self.bias_ih), (names[3], &mut self.bias_hh)] {
            if BIAS > 0 {
                visitor.parameter(ParameterMut {
                    name,
                    kind: ParameterKind::Bias,
                    shape: &[BIAS],
                    value: bias.as_mut_slice(),
                });
            }
        }
    }
}

/// dL/dparameters of a [`Cell`].
pub type GradientOf<
    T,
    const INPUT: usize,
    const UNITS: usize,
    const GATES: usize,
    const BIAS: usize,
> = CellGradient<SMatrix<T, GATES, INPUT>, SMatrix<T, GATES, UNITS>, SVector<T, BIAS>>;

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn gates_are_filled_one_by_one() {
        for (gates, units, columns) in [(4, 3, 5), (3, 2, 1), (1, 4, 3), (4, 1, 4)] {
            let mut generator = Generator::seed_from_u64(1);
            let mut weight = std::vec![0.0_f64; gates * units * columns];
            fill(
                Init::LecunNormal,
                units,
                columns,
                &mut weight,
                &mut generator,
            );
            let mut generator = Generator::seed_from_u64(1);
            for gate in 0..gates {
                let mut alone = std::vec![0.0_f64; units * columns];
                Init::LecunNormal.fill(units, columns, &mut alone, &mut generator);
                for column in 0..columns {
                    for unit in 0..units {
                        let row = gate * units + unit;
                        assert_eq!(
                            weight[row + column * gates * units],
                            alone[unit + column * units]
                        );
                    }
                }
            }
        }
    }
}
