//! A layer at every step of a sequence, with the same parameters.

use crate::kernels::SimdPath;
use crate::{Generator, Layer, Pass, Sample, Step, Visitor, VisitorMut, step};
use bytemuck::{Zeroable, cast_slice, cast_slice_mut};
use core::mem::size_of;
use nalgebra::SVector;

/// A layer at every step of a sequence: its samples are the steps.
///
/// # Shapes
///
/// `x`: `STEPS` of the layer's inputs, one after the other (`X` numbers); `y`: as many
/// of its outputs (`Y` numbers).
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "L: Zeroable")]
#[repr(transparent)]
pub struct PerStep<L, const STEPS: usize, const X: usize, const Y: usize> {
    /// The layer. It must not hold running statistics.
    pub layer: L,
}

impl<L: Layer, const STEPS: usize, const X: usize, const Y: usize> Layer
    for PerStep<L, STEPS, X, Y>
{
    type Scalar = L::Scalar;
    type Input = SVector<L::Scalar, X>;
    type Output = SVector<L::Scalar, Y>;
    type Config = L::Config;
    type Gradient = L::Gradient;
    type Cache<const BATCH: usize> = [L::Cache<STEPS>; BATCH];
    const INFER_SCRATCH: usize = STEPS * L::INFER_SCRATCH;
    const SCRATCH: usize = STEPS * L::SCRATCH;
    const MULTIPLY_ADDS: usize = STEPS * L::MULTIPLY_ADDS;
    const INPUT_MULTIPLY_ADDS: usize = STEPS * L::INPUT_MULTIPLY_ADDS;
    const COUPLES_SAMPLES: bool = L::COUPLES_SAMPLES;

    fn initialize(&mut self, config: &L::Config, generator: &mut Generator) {
        const { assert!(X == STEPS * L::Input::LEN && Y == STEPS * L::Output::LEN) };
        self.layer.initialize(config, generator);
    }

    fn infer(
        &self,
        path: SimdPath,
        x: &[Self::Input],
        y: &mut [Self::Output],
        scratch: &mut [L::Scalar],
    ) {
        self.layer
            .infer(path, cast_slice(x), cast_slice_mut(y), scratch);
    }

    fn forward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut Self::Cache<BATCH>,
        scratch: &mut [L::Scalar],
    ) {
        for (range, cache) in parts::<L, STEPS, BATCH>(x.len(), cache) {
            let (x, y) = (cast_slice(&x[range.clone()]), cast_slice_mut(&mut y[range]));
            self.layer.forward(pass, x, y, cache, scratch);
        }
    }

    fn backward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &[Self::Output],
        d_y: &[Self::Output],
        mut d_x: Option<&mut [Self::Input]>,
        cache: &mut Self::Cache<BATCH>,
        gradient: &mut L::Gradient,
        scratch: &mut [L::Scalar],
    ) {
        let accumulate = pass.accumulate;
        for (range, cache) in parts::<L, STEPS, BATCH>(x.len(), cache) {
            let d_x = d_x.as_deref_mut();
            self.layer.backward(
                pass,
                cast_slice(&x[range.clone()]),
                cast_slice(&y[range.clone()]),
                cast_slice(&d_y[range.clone()]),
                d_x.map(|d_x| cast_slice_mut(&mut d_x[range])),
                cache,
                gradient,
                scratch,
            );
            pass.accumulate = true;
        }
        pass.accumulate = accumulate;
    }

    fn visit(&self, visitor: &mut dyn Visitor<L::Scalar>) {
        self.layer.visit(visitor);
    }

    fn visit_mut(&mut self, visitor: &mut dyn VisitorMut<L::Scalar>) {
        self.layer.visit_mut(visitor);
    }
}

/// A step is an inference of the layer.
impl<L: Layer, const STEPS: usize, const X: usize, const Y: usize> Step
    for PerStep<L, STEPS, X, Y>
{
    type State = ();
    const STEP_SCRATCH: usize = L::INFER_SCRATCH;

    #[inline]
    fn advance(
        &self,
        path: SimdPath,
        x: &[L::Scalar],
        y: &mut [L::Scalar],
        (): &mut (),
        scratch: &mut [L::Scalar],
    ) {
        step::alone(&self.layer, path, x, y, scratch);
    }
}

/// The samples that are worked on together, with their cache: each sample's steps, or, for
/// a layer that keeps nothing, all steps of the batch.
fn parts<L: Layer, const STEPS: usize, const BATCH: usize>(
    n: usize,
    cache: &mut [L::Cache<STEPS>; BATCH],
) -> impl Iterator<Item = (core::ops::Range<usize>, &mut L::Cache<STEPS>)> {
    let together = if size_of::<L::Cache<STEPS>>() == 0 || n == 0 {
        n
    } else {
        1
    };
    let count = if n == 0 { 1 } else { n / together };
    cache
        .iter_mut()
        .take(count)
        .enumerate()
        .map(move |(part, cache)| (part * together..(part + 1) * together, cache))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::Init;
    use crate::layers::{Dense, DenseConfig, LayerNorm, LayerNormConfig, check};

    const DENSE: DenseConfig = DenseConfig {
        weight: Init::LecunNormal,
        bias: Init::PytorchDefault,
    };

    #[test]
    fn every_step_is_a_sample() {
        type Sequence = PerStep<Dense<f32, 3, 2>, 4, 12, 8>;
        let layer = check::layer::<Sequence>(&DENSE, 1);
        let x = check::normal::<SVector<f32, 12>>(5, 1);
        let steps: &[SVector<f32, 3>] = cast_slice(&x);
        let y = check::infer(&*layer, &x);
        assert_eq!(
            cast_slice::<_, SVector<f32, 2>>(&y),
            check::infer(&layer.layer, steps)
        );
        check::infers_as_it_trains(&*layer);
        check::agrees_on_all_paths(&*layer);
    }

    #[test]
    fn gradients_agree_with_differences() {
        type Sequence = PerStep<Dense<f64, 3, 2>, 4, 12, 8>;
        check::gradients(&mut *check::layer::<Sequence>(&DENSE, 1), check::anywhere);
        type Normed = PerStep<LayerNorm<f64, 5>, 3, 15, 15>;
        let config = LayerNormConfig {
            epsilon: 0.1,
            ..LayerNormConfig::default()
        };
        check::gradients(&mut *check::layer::<Normed>(&config, 1), check::anywhere);
    }

    #[test]
    fn parameters_are_those_of_the_layer() {
        let shown = check::Shown::of(&mut *check::layer::<PerStep<Dense<f32, 3, 2>, 4, 12, 8>>(
            &DENSE, 1,
        ));
        assert_eq!(shown.names(), [("weight", &[2, 3][..]), ("bias", &[2][..])]);
    }
}
