//! Two recurrent cells over one sequence: one forwards in time, one backwards.

use super::cell::{Cell, CellConfig, Gating};
use super::padding::{Padded, length};
use super::recurrent::{NAMES, Recurrent, RecurrentCache};
use crate::kernels::SimdPath;
use crate::{Generator, Layer, Pass, Scalar, Visitor, VisitorMut};
use bytemuck::{Zeroable, cast_slice_mut};
use nalgebra::SVector;

/// Two recurrent layers over the same sequence, as PyTorch's `bidirectional=True`: each
/// step of `y` is the hidden state of `forward` and then that of `reverse`, which has
/// seen this step and all later ones.
///
/// Of padded sequences ([`Padded`]) the reverse cell starts at the last own step of each,
/// and `y` is 0 where the padding is, as of PyTorch's packed sequences.
///
/// # Shapes
///
/// `x`: `STEPS` steps of `INPUT` (`X` numbers); `y`: `STEPS` steps of twice `UNITS` (`Y`
/// numbers); `H` is `STEPS * UNITS`.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "C: Zeroable")]
#[repr(C)]
pub struct Bidirectional<C, const STEPS: usize, const X: usize, const H: usize, const Y: usize> {
    /// From the first step to the last.
    pub forward: Recurrent<C, STEPS, X, H>,
    /// From the last step to the first.
    pub reverse: Recurrent<C, STEPS, X, H>,
}

/// What a [`Bidirectional`] layer keeps of a forward pass.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
pub struct BidirectionalCache<
    T: Scalar,
    const UNITS: usize,
    const GATES: usize,
    const STEPS: usize,
    const X: usize,
    const H: usize,
    const BATCH: usize,
> {
    forward: RecurrentCache<T, UNITS, GATES, STEPS, BATCH>,
    reverse: RecurrentCache<T, UNITS, GATES, STEPS, BATCH>,
    reversed: [SVector<T, X>; BATCH],
    hidden: [[SVector<T, H>; BATCH]; 2],
}

const REVERSE_NAMES: [&str; 4] = [
    "weight_ih_l0_reverse",
    "weight_hh_l0_reverse",
    "bias_ih_l0_reverse",
    "bias_hh_l0_reverse",
];

/// Copies the first `own` steps, the last of them first; the others become zeros.
fn reverse<T: Scalar>(width: usize, own: usize, from: &[T], to: &mut [T]) {
    let (to, padding) = to.split_at_mut(own * width);
    let from = from[..own * width].chunks_exact(width).rev();
    for (from, to) in from.zip(to.chunks_exact_mut(width)) {
        to.copy_from_slice(from);
    }
    padding.fill(T::ZERO);
}

/// Puts the two directions' states side by side, step by step, and zeros after the first
/// `own` steps.
fn join<T: Scalar>(units: usize, own: usize, forward: &[T], reverse: &[T], y: &mut [T]) {
    let (y, padding) = y.split_at_mut(own * 2 * units);
    let states = forward
        .chunks_exact(units)
        .zip(reverse[..own * units].chunks_exact(units).rev());
    for ((forward, reverse), y) in states.zip(y.chunks_exact_mut(2 * units)) {
        y[..units].copy_from_slice(forward);
        y[units..].copy_from_slice(reverse);
    }
    padding.fill(T::ZERO);
}

/// The derivative of [`join`].
fn part<T: Scalar>(units: usize, own: usize, y: &[T], forward: &mut [T], reverse: &mut [T]) {
    let (forward, after) = forward.split_at_mut(own * units);
    let (reverse, before) = reverse.split_at_mut(own * units);
    let states = forward
        .chunks_exact_mut(units)
        .zip(reverse.chunks_exact_mut(units).rev());
    for ((forward, reverse), y) in states.zip(y.chunks_exact(2 * units)) {
        forward.copy_from_slice(&y[..units]);
        reverse.copy_from_slice(&y[units..]);
    }
    after.fill(T::ZERO);
    before.fill(T::ZERO);
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
    const H: usize,
    const Y: usize,
> Bidirectional<Cell<T, G, INPUT, UNITS, GATES, BIAS>, STEPS, X, H, Y>
{
    /// Of sequences of `own` steps each.
    fn infer_own(
        &self,
        path: SimdPath,
        own: impl Fn(usize) -> usize,
        x: &[SVector<T, X>],
        y: &mut [SVector<T, Y>],
        scratch: &mut [T],
    ) {
        let n = x.len();
        let (reversed, scratch) = scratch.split_at_mut(n * X);
        let (forward, scratch) = scratch.split_at_mut(n * H);
        let (reverse, scratch) = scratch.split_at_mut(n * H);
        let reversed: &mut [SVector<T, X>] = cast_slice_mut(reversed);
        let forward: &mut [SVector<T, H>] = cast_slice_mut(forward);
        let reverse: &mut [SVector<T, H>] = cast_slice_mut(reverse);
        for (s, (x, reversed)) in x.iter().zip(&mut *reversed).enumerate() {
            self::reverse(INPUT, own(s), x.as_slice(), reversed.as_mut_slice());
        }
        self.forward.infer(path, x, forward, scratch);
        self.reverse.infer(path, reversed, reverse, scratch);
        let states = forward.iter().zip(reverse);
        for (s, ((forward, reverse), y)) in states.zip(y).enumerate() {
            join(
                UNITS,
                own(s),
                forward.as_slice(),
                reverse.as_slice(),
                y.as_mut_slice(),
            );
        }
    }

    fn forward_own<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        own: impl Fn(usize) -> usize,
        x: &[SVector<T, X>],
        y: &mut [SVector<T, Y>],
        cache: &mut BidirectionalCache<T, UNITS, GATES, STEPS, X, H, BATCH>,
        scratch: &mut [T],
    ) {
        let n = x.len();
        let reversed = &mut cache.reversed[..n];
        for (s, (x, reversed)) in x.iter().zip(&mut *reversed).enumerate() {
            self::reverse(INPUT, own(s), x.as_slice(), reversed.as_mut_slice());
        }
        let [forward, reverse] = &mut cache.hidden;
        let (forward, reverse) = (&mut forward[..n], &mut reverse[..n]);
        self.forward
            .forward(pass, x, forward, &mut cache.forward, scratch);
        self.reverse
            .forward(pass, reversed, reverse, &mut cache.reverse, scratch);
        let states = forward.iter().zip(reverse);
        for (s, ((forward, reverse), y)) in states.zip(y).enumerate() {
            join(
                UNITS,
                own(s),
                forward.as_slice(),
                reverse.as_slice(),
                y.as_mut_slice(),
            );
        }
    }

    fn backward_own<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        own: impl Fn(usize) -> usize,
        x: &[SVector<T, X>],
        d_y: &[SVector<T, Y>],
        d_x: Option<&mut [SVector<T, X>]>,
        cache: &mut BidirectionalCache<T, UNITS, GATES, STEPS, X, H, BATCH>,
        gradient: &mut <Self as Layer>::Gradient,
        scratch: &mut [T],
    ) {
        let n = x.len();
        let (d_reversed, scratch) = scratch.split_at_mut(n * X);
        let (d_forward, scratch) = scratch.split_at_mut(n * H);
        let (d_reverse, scratch) = scratch.split_at_mut(n * H);
        let d_reversed: &mut [SVector<T, X>] = cast_slice_mut(d_reversed);
        let d_forward: &mut [SVector<T, H>] = cast_slice_mut(d_forward);
        let d_reverse: &mut [SVector<T, H>] = cast_slice_mut(d_reverse);
        let states = d_forward.iter_mut().zip(&mut *d_reverse);
        for (s, (d_y, (forward, reverse))) in d_y.iter().zip(states).enumerate() {
            part(
                UNITS,
                own(s),
                d_y.as_slice(),
                forward.as_mut_slice(),
                reverse.as_mut_slice(),
            );
        }
        let [forward, reverse] = &cache.hidden;
        let (forward, reverse) = (&forward[..n], &reverse[..n]);
        let [forward_gradient, reverse_gradient] = gradient;
        let wanted = d_x.is_some();
        let mut d_x = d_x;
        self.forward.backward(
            pass,
            x,
            forward,
            d_forward,
            d_x.as_deref_mut(),
            &mut cache.forward,
            forward_gradient,
            scratch,
        );
        self.reverse.backward(
            pass,
            &cache.reversed[..n],
            reverse,
            d_reverse,
            wanted.then_some(&mut *d_reversed),
            &mut cache.reverse,
            reverse_gradient,
            scratch,
        );
        let Some(d_x) = d_x else { return };
        for (s, (d_x, d_reversed)) in d_x.iter_mut().zip(d_reversed).enumerate() {
            let reversed = &d_reversed.as_slice()[..own(s) * INPUT];
            let steps = d_x.as_mut_slice().chunks_exact_mut(INPUT);
            for (d_x, d) in steps.zip(reversed.chunks_exact(INPUT).rev()) {
                for (d_x, d) in d_x.iter_mut().zip(d) {
                    *d_x += *d;
                }
            }
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
    const STEPS: usize,
    const X: usize,
    const H: usize,
    const Y: usize,
> Layer for Bidirectional<Cell<T, G, INPUT, UNITS, GATES, BIAS>, STEPS, X, H, Y>
{
    type Scalar = T;
    type Input = SVector<T, X>;
    type Output = SVector<T, Y>;
    type Config = CellConfig<G>;
    type Gradient =
        [<Recurrent<Cell<T, G, INPUT, UNITS, GATES, BIAS>, STEPS, X, H> as Layer>::Gradient; 2];
    type Cache<const BATCH: usize> = BidirectionalCache<T, UNITS, GATES, STEPS, X, H, BATCH>;
    /// The reversed input, the states of both directions, and a direction's own.
    const INFER_SCRATCH: usize = X
        + 2 * H
        + <Recurrent<Cell<T, G, INPUT, UNITS, GATES, BIAS>, STEPS, X, H> as Layer>::INFER_SCRATCH;
    /// dL/dstates of both directions, dL/dx of one, and a direction's own.
    const SCRATCH: usize = X
        + 2 * H
        + <Recurrent<Cell<T, G, INPUT, UNITS, GATES, BIAS>, STEPS, X, H> as Layer>::SCRATCH;
    const MULTIPLY_ADDS: usize = 2 * STEPS * GATES * (INPUT + UNITS);
    const INPUT_MULTIPLY_ADDS: usize = 2 * STEPS * GATES * INPUT;

    fn initialize(&mut self, config: &CellConfig<G>, generator: &mut Generator) {
        const { assert!(Y == 2 * H) };
        self.forward.initialize(config, generator);
        self.reverse.initialize(config, generator);
    }

    fn infer(&self, path: SimdPath, x: &[Self::Input], y: &mut [Self::Output], scratch: &mut [T]) {
        self.infer_own(path, |_| STEPS, x, y, scratch);
    }

    fn forward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut Self::Cache<BATCH>,
        scratch: &mut [T],
    ) {
        self.forward_own::<BATCH>(pass, |_| STEPS, x, y, cache, scratch);
    }

    fn backward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        _y: &[Self::Output],
        d_y: &[Self::Output],
        d_x: Option<&mut [Self::Input]>,
        cache: &mut Self::Cache<BATCH>,
        gradient: &mut Self::Gradient,
        scratch: &mut [T],
    ) {
        self.backward_own::<BATCH>(pass, |_| STEPS, x, d_y, d_x, cache, gradient, scratch);
    }

    fn visit(&self, visitor: &mut dyn Visitor<T>) {
        self.forward.cell.visit(&NAMES, visitor);
        self.reverse.cell.visit(&REVERSE_NAMES, visitor);
    }

    fn visit_mut(&mut self, visitor: &mut dyn VisitorMut<T>) {
        self.forward.cell.visit_mut(&NAMES, visitor);
        self.reverse.cell.visit_mut(&REVERSE_NAMES, visitor);
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
    const H: usize,
    const Y: usize,
> Padded for Bidirectional<Cell<T, G, INPUT, UNITS, GATES, BIAS>, STEPS, X, H, Y>
{
    fn infer_padded<const P: usize>(
        &self,
        path: SimdPath,
        padded: &[SVector<T, P>],
        x: &[Self::Input],
        y: &mut [Self::Output],
        scratch: &mut [T],
    ) {
        let own = |s: usize| length(STEPS, &padded[s]);
        self.infer_own(path, own, x, y, scratch);
    }

    fn forward_padded<const BATCH: usize, const P: usize>(
        &self,
        pass: &mut Pass<'_>,
        padded: &[SVector<T, P>],
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut Self::Cache<BATCH>,
        scratch: &mut [T],
    ) {
        let own = |s: usize| length(STEPS, &padded[s]);
        self.forward_own::<BATCH>(pass, own, x, y, cache, scratch);
    }

    fn backward_padded<const BATCH: usize, const P: usize>(
        &self,
        pass: &mut Pass<'_>,
        padded: &[SVector<T, P>],
        x: &[Self::Input],
        _y: &[Self::Output],
        d_y: &[Self::Output],
        d_x: Option<&mut [Self::Input]>,
        cache: &mut Self::Cache<BATCH>,
        gradient: &mut Self::Gradient,
        scratch: &mut [T],
    ) {
        let own = |s: usize| length(STEPS, &padded[s]);
        self.backward_own::<BATCH>(pass, own, x, d_y, d_x, cache, gradient, scratch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::Init;
    use crate::layers::{Gru, Lstm, check};

    fn config<G>(gating: G) -> CellConfig<G> {
        CellConfig {
            gating,
            weight_ih: Init::LecunNormal,
            weight_hh: Init::Orthogonal { gain: 1.0 },
            bias: Init::Constant(0.2),
            forget: None,
            truncate: 0,
        }
    }

    #[test]
    fn gradients_agree_with_differences() {
        type Both = Bidirectional<Cell<f64, Gru, 2, 3, 9>, 4, 8, 12, 24>;
        check::gradients(&mut *check::layer::<Both>(&config(Gru), 1), check::anywhere);
        type Long = Bidirectional<Cell<f64, Lstm, 1, 2, 8, 0>, 10, 10, 20, 40>;
        check::gradients(
            &mut *check::layer::<Long>(&config(Lstm), 1),
            check::anywhere,
        );
    }

    #[test]
    fn the_second_half_runs_backwards() {
        type Both = Bidirectional<Cell<f32, Lstm, 2, 3, 12>, 4, 8, 12, 24>;
        let mut layer = check::layer::<Both>(&config(Lstm), 1);
        check::infers_as_it_trains(&*layer);
        check::agrees_on_all_paths(&*layer);
        let x = check::normal::<SVector<f32, 8>>(1, 1);
        let mut turned = x.clone();
        reverse(2, 4, x[0].as_slice(), turned[0].as_mut_slice());
        let y = check::infer(&*layer, &x)[0];
        let Bidirectional { forward, reverse } = &mut *layer;
        core::mem::swap(forward, reverse);
        let back = check::infer(&*layer, &turned)[0];
        for step in 0..4 {
            let there = &y.as_slice()[6 * step..][..6];
            let again = &back.as_slice()[6 * (3 - step)..][..6];
            assert_eq!((&there[..3], &there[3..]), (&again[3..], &again[..3]));
        }
    }

    #[test]
    fn parameters_are_named_as_in_pytorch() {
        type Both = Bidirectional<Cell<f32, Gru, 2, 3, 9>, 4, 8, 12, 24>;
        let shown = check::Shown::of(&mut *check::layer::<Both>(&config(Gru), 1));
        let names = [
            ("weight_ih_l0", &[9, 2][..]),
            ("weight_hh_l0", &[9, 3]),
            ("bias_ih_l0", &[9]),
            ("bias_hh_l0", &[9]),
            ("weight_ih_l0_reverse", &[9, 2]),
            ("weight_hh_l0_reverse", &[9, 3]),
            ("bias_ih_l0_reverse", &[9]),
            ("bias_hh_l0_reverse", &[9]),
        ];
        assert_eq!(shown.names(), names);
    }
}
