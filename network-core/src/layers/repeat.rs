//! `repeat(n) { .. }`: an array of blocks is a layer.

use crate::kernels::SimdPath;
use crate::{Generator, Layer, Name, Pass, Sample, Visitor, VisitorMut};
use bytemuck::{Zeroable, cast_slice_mut};

/// What an array of blocks keeps for `backward`: each block's cache and output.
///
/// The last block writes its output to the caller's memory, so `outputs[N - 1]`
/// stays unused.
#[derive(Clone, Copy, Debug, Zeroable)]
#[repr(C)]
pub struct RepeatCache<C, O, const BATCH: usize, const N: usize> {
    /// Each block's own cache.
    pub blocks: [C; N],
    /// Each block's output.
    pub outputs: [[O; BATCH]; N],
}

/// `N` blocks one after the other, each with its own parameters.
impl<L, const N: usize> Layer for [L; N]
where
    L: Layer<Output = <L as Layer>::Input>,
{
    type Scalar = L::Scalar;
    type Input = L::Input;
    type Output = L::Input;
    type Config = L::Config;
    type Gradient = [L::Gradient; N];
    type Cache<const BATCH: usize> = RepeatCache<L::Cache<BATCH>, L::Input, BATCH, N>;
    /// A block's scratch, and one sample: the block's input.
    const INFER_SCRATCH: usize = L::INFER_SCRATCH + <L::Input as Sample>::LEN;
    /// A block's scratch, and two samples: d_x and d_y take turns.
    const SCRATCH: usize = L::SCRATCH + 2 * <L::Input as Sample>::LEN;

    const MULTIPLY_ADDS: usize = N * L::MULTIPLY_ADDS;
    const INPUT_MULTIPLY_ADDS: usize = L::INPUT_MULTIPLY_ADDS;
    const COUPLES_SAMPLES: bool = L::COUPLES_SAMPLES;

    fn initialize(&mut self, config: &L::Config, generator: &mut Generator) {
        for block in self {
            block.initialize(config, generator);
        }
    }

    fn infer(&self, path: SimdPath, x: &[L::Input], y: &mut [L::Input], scratch: &mut [L::Scalar]) {
        let (input, scratch) = scratch.split_at_mut(x.len() * <L::Input as Sample>::LEN);
        let input: &mut [L::Input] = cast_slice_mut(input);
        let mut blocks = self.iter();
        match blocks.next() {
            Some(first) => first.infer(path, x, y, scratch),
            None => y.copy_from_slice(x),
        }
        for block in blocks {
            input.copy_from_slice(y);
            block.infer(path, input, y, scratch);
        }
    }

    fn forward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[L::Input],
        y: &mut [L::Input],
        cache: &mut Self::Cache<BATCH>,
        scratch: &mut [L::Scalar],
    ) {
        let n = x.len();
        if N == 0 {
            y.copy_from_slice(x);
        }
        for (index, block) in self.iter().enumerate() {
            let (before, after) = cache.outputs.split_at_mut(index);
            let x = before.last().map_or(x, |output| &output[..n]);
            let y = if index == N - 1 {
                &mut *y
            } else {
                &mut after[0][..n]
            };
            pass.enter(Name::Index(index), "");
            block.forward(pass, x, y, &mut cache.blocks[index], scratch);
            pass.leave();
        }
    }

    fn backward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[L::Input],
        y: &[L::Input],
        d_y: &[L::Input],
        mut d_x: Option<&mut [L::Input]>,
        cache: &mut Self::Cache<BATCH>,
        gradient: &mut Self::Gradient,
        scratch: &mut [L::Scalar],
    ) {
        let n = x.len();
        let size = n * <L::Input as Sample>::LEN;
        let (from, scratch) = scratch.split_at_mut(size);
        let (to, scratch) = scratch.split_at_mut(size);
        let mut from: &mut [L::Input] = cast_slice_mut(from);
        let mut to: &mut [L::Input] = cast_slice_mut(to);
        for index in (0..N).rev() {
            let x = if index == 0 {
                x
            } else {
                &cache.outputs[index - 1][..n]
            };
            let y = if index == N - 1 {
                y
            } else {
                &cache.outputs[index][..n]
            };
            let d_y = if index == N - 1 { d_y } else { &*from };
            let d_x = if index == 0 {
                d_x.take()
            } else {
                Some(&mut *to)
            };
            pass.enter(Name::Index(index), "");
            self[index].backward(
                pass,
                x,
                y,
                d_y,
                d_x,
                &mut cache.blocks[index],
                &mut gradient[index],
                scratch,
            );
            pass.leave();
            core::mem::swap(&mut from, &mut to);
        }
        if let (0, Some(d_x)) = (N, d_x) {
            d_x.copy_from_slice(d_y);
        }
    }

    fn update_statistics<const BATCH: usize>(&mut self, cache: &Self::Cache<BATCH>) {
        for (block, cache) in self.iter_mut().zip(&cache.blocks) {
            block.update_statistics(cache);
        }
    }

    fn visit(&self, visitor: &mut dyn Visitor<L::Scalar>) {
        for (index, block) in self.iter().enumerate() {
            visitor.enter(Name::Index(index));
            block.visit(visitor);
            visitor.leave();
        }
    }

    fn visit_mut(&mut self, visitor: &mut dyn VisitorMut<L::Scalar>) {
        for (index, block) in self.iter_mut().enumerate() {
            visitor.enter(Name::Index(index));
            block.visit_mut(visitor);
            visitor.leave();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::Init;
    use crate::layers::{BatchNorm, BatchNormConfig, Dense, DenseConfig, check};

    const DENSE: DenseConfig = DenseConfig {
        weight: Init::LecunNormal,
        bias: Init::PytorchDefault,
    };

    #[test]
    fn blocks_run_one_after_the_other() {
        let layers = check::layer::<[Dense<f64, 3, 3>; 4]>(&DENSE, 1);
        assert_ne!(layers[0], layers[1]);
        let x = check::normal(5, 1);
        let expected = layers
            .iter()
            .fold(x.clone(), |x, layer| check::infer(layer, &x));
        assert_eq!(check::infer(&*layers, &x), expected);
        check::infers_as_it_trains(&*layers);
    }

    #[test]
    fn gradients_agree_with_differences() {
        check::gradients(
            &mut *check::layer::<[Dense<f64, 3, 3>; 0]>(&DENSE, 1),
            check::anywhere,
        );
        check::gradients(
            &mut *check::layer::<[Dense<f64, 3, 3>; 1]>(&DENSE, 1),
            check::anywhere,
        );
        check::gradients(
            &mut *check::layer::<[Dense<f64, 5, 5>; 4]>(&DENSE, 1),
            check::anywhere,
        );
        let nested = &mut *check::layer::<[[Dense<f64, 2, 2>; 3]; 2]>(&DENSE, 1);
        check::gradients(nested, check::anywhere);
    }

    #[test]
    fn every_block_updates_its_own_statistics() {
        let config = BatchNormConfig::default();
        let mut layers = check::layer::<[BatchNorm<f64, 2>; 3]>(&config, 1);
        for (k, layer) in layers.iter_mut().enumerate() {
            layer.bias.fill(k as f64);
        }
        let x = check::normal(5, 1);
        let mut cache = check::cache::<[BatchNorm<f64, 2>; 3]>();
        check::forward(&*layers, 0, &x, &mut cache);
        layers.update_statistics::<7>(&cache);
        // A block's batch mean is the bias of the block before it.
        for k in 1..3 {
            let expected = [0.1 * (k - 1) as f64; 2];
            check::assert_close("mean", layers[k].running_mean.as_slice(), &expected, 1e-12);
            assert_eq!(layers[k].num_batches_tracked, 1);
        }
    }

    #[test]
    fn paths_lead_through_the_index() {
        #[derive(Default)]
        struct Depth(usize, usize);
        impl Visitor<f32> for Depth {
            fn enter(&mut self, name: Name) {
                assert_eq!(name, Name::Index(self.1));
                self.0 += 1;
            }
            fn leave(&mut self) {
                self.0 -= 1;
                self.1 += 1;
            }
            fn parameter(&mut self, _: crate::Parameter<'_, f32>) {
                assert_eq!(self.0, 1);
            }
        }
        let mut depth = Depth::default();
        check::layer::<[Dense<f32, 2, 2>; 3]>(&DENSE, 1).visit(&mut depth);
        assert_eq!((depth.0, depth.1), (0, 3));
    }
}
