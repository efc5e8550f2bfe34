//! Training steps on several threads.

use crate::{Train, load};
use harness::data::Dense;
use harness::{Measured, Training};
use network_core::ParallelWorkspace;
use network_core::prelude::*;
use std::hint::black_box;

/// As [`Train`], with the memory of parts.
struct Parallel<N: Network<Scalar = f32>, L, Y, const BATCH: usize, const PART: usize> {
    train: Train<N, L, Y, BATCH>,
    workspace: ParallelWorkspace<N, PART>,
}

impl<N, L, Y, const BATCH: usize, const PART: usize> Training for Parallel<N, L, Y, BATCH, PART>
where
    N: Network<Scalar = f32>,
    N::Gradient: Send,
    N::Cache<PART>: Send,
    N::Scratch: Send,
    L: Loss<N::Output, Y> + Sync,
    Y: Sync,
{
    fn reset(&mut self) {
        load(&mut *self.train.network, &self.train.layers);
        self.train.adam.reset();
    }

    fn step(&mut self, batch: usize) {
        let Train {
            network,
            gradient,
            adam,
            loss,
            x,
            y,
            last,
            ..
        } = &mut self.train;
        let range = batch * BATCH..(batch + 1) * BATCH;
        let x = black_box(&x[range.clone()]);
        *last = self
            .workspace
            .step(network, loss, x, &y[range], gradient)
            .expect("targets that fit");
        adam.step(network, gradient);
    }

    fn loss(&mut self) -> f64 {
        f64::from(self.train.last)
    }
}

pub fn train<N, L, Y, const BATCH: usize, const PART: usize>(
    layers: Vec<Dense>,
    loss: L,
    x: &[f32],
    y: Vec<Y>,
    batches: usize,
    threads: usize,
) -> Measured
where
    N: Network<Scalar = f32> + 'static,
    N::Gradient: Send,
    N::Cache<PART>: Send,
    N::Scratch: Send,
    L: Loss<N::Output, Y> + Sync + 'static,
    Y: Sync + 'static,
{
    let train = Train::<N, L, Y, BATCH>::new(layers, loss, x, y);
    if threads == 1 {
        return Measured::training(train, batches);
    }
    let workspace = ParallelWorkspace::<N, PART>::new(BATCH);
    Measured::training(Parallel { train, workspace }, batches)
}
