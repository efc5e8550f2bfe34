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
            block.forward(pass, x, y, &mut cache.blocks[index], scratch);
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
