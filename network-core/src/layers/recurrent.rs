//! A recurrent cell over the steps of a sequence, and back-propagation through time.
//!
//! The products with the inputs of all steps are one product; the products with
//! the hidden state are one for each step, of all gates at once.

use super::cell::{Cell, CellConfig, Gating, GradientOf, Retreat};
use crate::kernels::{self, Number, SimdPath, Task};
use crate::{Generator, Layer, Pass, Scalar, Step, Visitor, VisitorMut};
use bytemuck::{Zeroable, cast_slice, cast_slice_mut};
use nalgebra::{SMatrix, SVector};

/// A recurrent layer: a [`Cell`] over the steps of a sequence, from a state of zeros.
///
/// # Shapes
///
/// `x`: `STEPS` steps of the cell's `INPUT` features, one after the other (`X`
/// numbers); `y`: `STEPS` hidden states of `UNITS` (`Y` numbers).
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "C: Zeroable")]
#[repr(C)]
pub struct Recurrent<C, const STEPS: usize, const X: usize, const Y: usize> {
    /// The cell: the same parameters at every step.
    pub cell: C,
    /// Back-propagation through time stops after so many steps; 0 for never.
    pub truncate: usize,
}

/// What a [`Recurrent`] layer keeps of a forward pass.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
pub struct RecurrentCache<
    T: Scalar,
    const UNITS: usize,
    const GATES: usize,
    const STEPS: usize,
    const BATCH: usize,
> {
    gates: [[SVector<T, GATES>; STEPS]; BATCH],
    kept: [[SVector<T, UNITS>; STEPS]; BATCH],
    transposed: SMatrix<T, UNITS, GATES>,
}

/// In inference, for how many steps the products with the inputs are made at a time.
const AT_ONCE: usize = 8;

/// How a dimension runs through a slice: sample after sample, step after step.
#[derive(Clone, Copy)]
struct Steps {
    /// Numbers of one step.
    width: usize,
    /// Numbers of one sample.
    stride: usize,
}

impl Steps {
    #[inline(always)]
    fn of<'a, T>(&self, slice: &'a [T], sample: usize, step: usize) -> &'a [T] {
        &slice[sample * self.stride + step * self.width..][..self.width]
    }

    #[inline(always)]
    fn of_mut<'a, T>(&self, slice: &'a mut [T], sample: usize, step: usize) -> &'a mut [T] {
        &mut slice[sample * self.stride + step * self.width..][..self.width]
    }
}

/// One step of all samples, after the products.
struct Advance<'a, G, T> {
    gating: &'a G,
    units: usize,
    /// The step within `gates`, and within `y` and `kept`.
    at: [usize; 2],
    gates: (&'a mut [T], Steps),
    recurrent: &'a [T],
    hidden: &'a mut [T],
    cell: &'a mut [T],
    y: (&'a mut [T], Steps),
    kept: Option<(&'a mut [T], Steps)>,
}

impl<T: Scalar, G: Gating> Task<T> for Advance<'_, G, T> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(mut self) {
        let units = self.units;
        let rows = self.recurrent.chunks_exact(units * G::GATES);
        let hidden = self.hidden.chunks_exact_mut(units);
        let cell = self.cell.chunks_exact_mut(units);
        for (s, ((recurrent, hidden), cell)) in rows.zip(hidden).zip(cell).enumerate() {
            let gates = self.gates.1.of_mut(self.gates.0, s, self.at[0]);
            self.gating.advance(
                R::slice_mut(gates),
                R::slice(recurrent),
                R::slice_mut(hidden),
                R::slice_mut(cell),
            );
            let y = self.y.1.of_mut(self.y.0, s, self.at[1]);
            y.copy_from_slice(hidden);
            if let Some((kept, steps)) = &mut self.kept {
                let kept = steps.of_mut(kept, s, self.at[1]);
                kept.copy_from_slice(G::kept(recurrent, cell));
            }
        }
    }
}

/// dL/dh of one step of all samples: what later steps and the output contribute.
struct Total<'a, T> {
    units: usize,
    step: usize,
    steps: Steps,
    d_y: &'a [T],
    /// Through the recurrent product of the step after.
    from_later: &'a [T],
    /// Past that product; becomes the total.
    d_hidden: &'a mut [T],
}

impl<T: Scalar> Task<T> for Total<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(self) {
        let samples = self.d_hidden.chunks_exact_mut(self.units);
        let samples = samples.zip(self.from_later.chunks_exact(self.units));
        for (s, (d_hidden, from_later)) in samples.enumerate() {
            let d_y = self.steps.of(self.d_y, s, self.step);
            kernels::zip(
                #[inline(always)]
                |d, [], [later, d_y]| (d + later + d_y, []),
                R::slice_mut(d_hidden),
                [],
                [R::slice(from_later), R::slice(d_y)],
            );
        }
    }
}

/// The derivative of one step of all samples, before the product.
struct RetreatAll<'a, G, T> {
    gating: &'a G,
    units: usize,
    step: usize,
    gates: (&'a [T], Steps),
    /// Steps of `y` and `kept`.
    hidden_steps: Steps,
    kept: &'a [T],
    y: &'a [T],
    zeros: &'a [T],
    d_hidden: &'a mut [T],
    d_cell: &'a mut [T],
    d_gates: &'a mut [T],
    /// dL/db of this step, sample by sample.
    d_recurrent: &'a mut [T],
    /// dL/db of all steps, where it differs from dL/da.
    d_recurrent_steps: Option<&'a mut [T]>,
}

impl<T: Scalar, G: Gating> Task<T> for RetreatAll<'_, G, T> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(mut self) {
        let (units, t) = (self.units, self.step);
        let samples = self.d_hidden.chunks_exact_mut(units);
        let samples = samples.zip(self.d_cell.chunks_exact_mut(units));
        let rows = self.d_recurrent.chunks_exact_mut(units * G::GATES);
        for (s, ((d_hidden, d_cell), d_recurrent)) in samples.zip(rows).enumerate() {
            let of = |slice, t| R::slice(self.hidden_steps.of(slice, s, t));
            let before = |slice| match t {
                0 => R::slice(self.zeros),
                t => of(slice, t - 1),
            };
            let d_hidden = R::slice_mut(d_hidden);
            let d_gates = self.gates.1.of_mut(self.d_gates, s, t);
            self.gating.retreat(Retreat {
                gates: R::slice(self.gates.1.of(self.gates.0, s, t)),
                kept: of(self.kept, t),
                kept_before: before(self.kept),
                hidden_before: before(self.y),
                d_hidden,
                d_cell: R::slice_mut(d_cell),
                d_gates: R::slice_mut(d_gates),
                d_recurrent: R::slice_mut(d_recurrent),
            });
            if let Some(all) = &mut self.d_recurrent_steps {
                self.gates.1.of_mut(all, s, t).copy_from_slice(d_recurrent);
            } else {
                d_recurrent.copy_from_slice(d_gates);
            }
        }
    }
}

/// What a recurrent layer remembers from one step to the next.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
pub struct RecurrentState<T: Scalar, const UNITS: usize> {
    /// The hidden state h.
    pub hidden: SVector<T, UNITS>,
    /// The cell c of an LSTM; zeros in other cells.
    pub cell: SVector<T, UNITS>,
}

/// Names of a layer's parameters, as PyTorch's.
pub(super) const NAMES: [&str; 4] = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"];

impl<
    T: Scalar,
    G: Gating,
    const INPUT: usize,
    const UNITS: usize,
    const GATES: usize,
    const BIAS: usize,
    const STEPS: usize,
    const X: usize,
    const Y: usize,
> Layer for Recurrent<Cell<T, G, INPUT, UNITS, GATES, BIAS>, STEPS, X, Y>
{
    type Scalar = T;
    type Input = SVector<T, X>;
    type Output = SVector<T, Y>;
    type Config = CellConfig<G>;
    type Gradient = GradientOf<T, INPUT, UNITS, GATES, BIAS>;
    type Cache<const BATCH: usize> = RecurrentCache<T, UNITS, GATES, STEPS, BATCH>;
    /// The gates of some steps, the recurrent product, h and c.
    const INFER_SCRATCH: usize = Self::AT_ONCE * GATES + GATES + 2 * UNITS;
    /// dL/da and, where it differs, dL/db of all steps; as many of one step, dL/dh twice,
    /// dL/dc, zeros.
    const SCRATCH: usize = (1 + G::SPLIT as usize) * STEPS * GATES + GATES + 4 * UNITS;
    const MULTIPLY_ADDS: usize = STEPS * GATES * (INPUT + UNITS);
    const INPUT_MULTIPLY_ADDS: usize = STEPS * GATES * INPUT;

    fn initialize(&mut self, config: &CellConfig<G>, generator: &mut Generator) {
        const { assert!(X == INPUT * STEPS && Y == UNITS * STEPS) };
        self.truncate = config.truncate;
        self.cell.initialize(config, generator);
    }

    fn infer(&self, path: SimdPath, x: &[Self::Input], y: &mut [Self::Output], scratch: &mut [T]) {
        let n = x.len();
        let (x, y) = (cast_slice::<_, T>(x), cast_slice_mut::<_, T>(y));
        let (gates, scratch) = scratch.split_at_mut(n * Self::AT_ONCE * GATES);
        let (recurrent, scratch) = scratch.split_at_mut(n * GATES);
        let (hidden, scratch) = scratch.split_at_mut(n * UNITS);
        let cell = &mut scratch[..n * UNITS];
        hidden.fill(T::ZERO);
        cell.fill(T::ZERO);
        let gate_steps = Steps {
            width: GATES,
            stride: Self::AT_ONCE * GATES,
        };
        for first in (0..STEPS).step_by(Self::AT_ONCE) {
            let steps = Self::AT_ONCE.min(STEPS - first);
            for (x, gates) in x.chunks_exact(X).zip(gates.chunks_mut(gate_steps.stride)) {
                let x = &x[first * INPUT..][..steps * INPUT];
                self.cell
                    .input_product(path, x, &mut gates[..steps * GATES]);
            }
            for step in 0..steps {
                self.cell.hidden_product(path, hidden, recurrent);
                let task = Advance {
                    gating: &self.cell.gating,
                    units: UNITS,
                    at: [step, first + step],
                    gates: (&mut *gates, gate_steps),
                    recurrent,
                    hidden,
                    cell,
                    y: (&mut *y, Self::HIDDEN),
                    kept: None,
                };
                kernels::run(path, task);
            }
        }
    }

    fn forward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut Self::Cache<BATCH>,
        scratch: &mut [T],
    ) {
        let n = x.len();
        let (recurrent, scratch) = scratch.split_at_mut(n * GATES);
        let (hidden, scratch) = scratch.split_at_mut(n * UNITS);
        let cell = &mut scratch[..n * UNITS];
        hidden.fill(T::ZERO);
        cell.fill(T::ZERO);
        let gates = cast_slice_mut::<_, T>(cache.gates[..n].as_flattened_mut());
        let kept = cast_slice_mut::<_, T>(cache.kept[..n].as_flattened_mut());
        let y = cast_slice_mut::<_, T>(y);
        self.cell.input_product(pass.path, cast_slice(x), gates);
        for step in 0..STEPS {
            self.cell.hidden_product(pass.path, hidden, recurrent);
            let task = Advance {
                gating: &self.cell.gating,
                units: UNITS,
                at: [step, step],
                gates: (&mut *gates, Self::GATE),
                recurrent,
                hidden,
                cell,
                y: (&mut *y, Self::HIDDEN),
                kept: Some((&mut *kept, Self::HIDDEN)),
            };
            kernels::run(pass.path, task);
            pass.forward_time(step, UNITS, hidden);
        }
    }

    fn backward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &[Self::Output],
        d_y: &[Self::Output],
        d_x: Option<&mut [Self::Input]>,
        cache: &mut Self::Cache<BATCH>,
        gradient: &mut Self::Gradient,
        scratch: &mut [T],
    ) {
        let (n, path) = (x.len(), pass.path);
        let (x, y, d_y) = (
            cast_slice::<_, T>(x),
            cast_slice::<_, T>(y),
            cast_slice(d_y),
        );
        let (d_gates, scratch) = scratch.split_at_mut(n * STEPS * GATES);
        let split = if G::SPLIT { n * STEPS * GATES } else { 0 };
        let (d_recurrent_steps, scratch) = scratch.split_at_mut(split);
        let (d_recurrent, scratch) = scratch.split_at_mut(n * GATES);
        let (from_later, scratch) = scratch.split_at_mut(n * UNITS);
        let (d_hidden, scratch) = scratch.split_at_mut(n * UNITS);
        let (d_cell, scratch) = scratch.split_at_mut(n * UNITS);
        let zeros = &mut scratch[..n * UNITS];
        for part in [&mut *from_later, d_hidden, d_cell, zeros] {
            part.fill(T::ZERO);
        }
        let zeros = zeros.get(..UNITS).unwrap_or(&[]);
        self.cell.weight_hh.transpose_to(&mut cache.transposed);
        for step in (0..STEPS).rev() {
            let total = Total {
                units: UNITS,
                step,
                steps: Self::HIDDEN,
                d_y,
                from_later,
                d_hidden,
            };
            kernels::run(path, total);
            pass.backward_time(step, UNITS, d_hidden);
            let task = RetreatAll {
                gating: &self.cell.gating,
                units: UNITS,
                step,
                gates: (cast_slice(cache.gates[..n].as_flattened()), Self::GATE),
                hidden_steps: Self::HIDDEN,
                kept: cast_slice(cache.kept[..n].as_flattened()),
                y,
                zeros,
                d_hidden: &mut *d_hidden,
                d_cell: &mut *d_cell,
                d_gates: &mut *d_gates,
                d_recurrent: &mut *d_recurrent,
                d_recurrent_steps: G::SPLIT.then_some(&mut *d_recurrent_steps),
            };
            kernels::run(path, task);
            if self.truncate > 0 && step % self.truncate == 0 {
                for part in [&mut *from_later, d_hidden, d_cell] {
                    part.fill(T::ZERO);
                }
            } else if step > 0 {
                kernels::dense_forward::<T, GATES, UNITS>(
                    path,
                    cache.transposed.as_slice(),
                    &[],
                    d_recurrent,
                    from_later,
                );
            }
        }
        let d_recurrent = if G::SPLIT {
            &*d_recurrent_steps
        } else {
            &*d_gates
        };
        kernels::dense_d_weight::<T, INPUT, GATES>(
            path,
            x,
            d_gates,
            gradient.weight_ih.as_mut_slice(),
            gradient.bias_ih.as_mut_slice(),
            pass.accumulate,
        );
        kernels::dense_d_weight::<T, 0, GATES>(
            path,
            &[],
            d_recurrent,
            &mut [],
            gradient.bias_hh.as_mut_slice(),
            pass.accumulate,
        );
        // A sample's steps from the second on, with its states up to the last but one: the
        // state before the first step is zero.
        let mut accumulate = pass.accumulate;
        for sample in 0..n {
            let states = &y[sample * Y..][..Y - UNITS];
            let steps = &d_recurrent[sample * STEPS * GATES..][GATES..STEPS * GATES];
            kernels::dense_d_weight::<T, UNITS, GATES>(
                path,
                states,
                steps,
                gradient.weight_hh.as_mut_slice(),
                &mut [],
                accumulate,
            );
            accumulate = true;
        }
        if let Some(d_x) = d_x {
            kernels::dense_d_input::<T, INPUT, GATES>(
                path,
                self.cell.weight_ih.as_slice(),
                d_gates,
                cast_slice_mut(d_x),
            );
        }
    }

    fn visit(&self, visitor: &mut dyn Visitor<T>) {
        self.cell.visit(&NAMES, visitor);
    }

    fn visit_mut(&mut self, visitor: &mut dyn VisitorMut<T>) {
        self.cell.visit_mut(&NAMES, visitor);
    }
}

impl<
    T: Scalar,
    G: Gating,
    const INPUT: usize,
    const UNITS: usize,
    const GATES: usize,
    const BIAS: usize,
    const STEPS: usize,
    const X: usize,
    const Y: usize,
> Step for Recurrent<Cell<T, G, INPUT, UNITS, GATES, BIAS>, STEPS, X, Y>
{
    type State = RecurrentState<T, UNITS>;
    /// The two parts of the gates.
    const STEP_SCRATCH: usize = 2 * GATES;

    fn advance(
        &self,
        path: SimdPath,
        x: &[T],
        y: &mut [T],
        state: &mut Self::State,
        scratch: &mut [T],
    ) {
        let (gates, scratch) = scratch.split_at_mut(GATES);
        let recurrent = &mut scratch[..GATES];
        self.cell.input_product(path, x, gates);
        self.cell
            .hidden_product(path, state.hidden.as_slice(), recurrent);
        let task = Advance {
            gating: &self.cell.gating,
            units: UNITS,
            at: [0, 0],
            gates: (gates, Self::GATE),
            recurrent,
            hidden: state.hidden.as_mut_slice(),
            cell: state.cell.as_mut_slice(),
            y: (y, Self::HIDDEN),
            kept: None,
        };
        kernels::run(path, task);
    }
}

impl<
    T: Scalar,
    G: Gating,
    const INPUT: usize,
    const UNITS: usize,
    const GATES: usize,
    const BIAS: usize,
    const STEPS: usize,
    const X: usize,
    const Y: usize,
> Recurrent<Cell<T, G, INPUT, UNITS, GATES, BIAS>, STEPS, X, Y>
{
    const AT_ONCE: usize = if STEPS < AT_ONCE { STEPS } else { AT_ONCE };
    const GATE: Steps = Steps {
        width: GATES,
        stride: GATES * STEPS,
    };
    const HIDDEN: Steps = Steps {
        width: UNITS,
        stride: Y,
    };
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
    /// `a = W_ih x + b_ih` for any number of steps.
    fn input_product(&self, path: SimdPath, x: &[T], gates: &mut [T]) {
        kernels::dense_forward::<T, INPUT, GATES>(
            path,
            self.weight_ih.as_slice(),
            self.bias_ih.as_slice(),
            x,
            gates,
        );
    }

    /// `b = W_hh h + b_hh` for any number of samples.
    fn hidden_product(&self, path: SimdPath, hidden: &[T], recurrent: &mut [T]) {
        kernels::dense_forward::<T, UNITS, GATES>(
            path,
            self.weight_hh.as_slice(),
            self.bias_hh.as_slice(),
            hidden,
            recurrent,
        );
    }
}

#[cfg(test)]
mod tests;
