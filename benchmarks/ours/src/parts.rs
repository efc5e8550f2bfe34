//! Work 7: a batch too big for the nearest caches, worked off in parts that are not.

use crate::load;
use harness::data::Dense;
use harness::{Training, works};
use network_core::bytemuck::{Zeroable, cast_slice_mut};
use network_core::prelude::*;
use std::hint::black_box;

/// Training on all samples at once, `PART` at a time.
pub struct TrainInParts<N: Network<Scalar = f32>, L, Y, const PART: usize> {
    layers: Vec<Dense>,
    network: Box<N>,
    workspace: Box<Workspace<N, PART>>,
    gradient: Box<N::Gradient>,
    adam: Box<OptimizerFor<N, Adam>>,
    loss: L,
    x: Vec<N::Input>,
    y: Vec<Y>,
    last: f32,
}

impl<N: Network<Scalar = f32>, L, Y, const PART: usize> TrainInParts<N, L, Y, PART> {
    pub fn new(layers: Vec<Dense>, loss: L, x: &[f32], y: Vec<Y>) -> Self {
        let mut inputs = vec![N::Input::zeroed(); y.len()];
        cast_slice_mut(&mut inputs).copy_from_slice(x);
        Self {
            layers,
            network: N::boxed(1),
            workspace: N::workspace(),
            gradient: <N as Network>::gradient(),
            adam: Adam::new(works::LEARNING_RATE).for_network::<N>(),
            loss,
            x: inputs,
            y,
            last: 0.0,
        }
    }
}

impl<N, L, Y, const PART: usize> Training for TrainInParts<N, L, Y, PART>
where
    N: Network<Scalar = f32>,
    L: Loss<N::Output, Y>,
{
    fn reset(&mut self) {
        load(&mut *self.network, &self.layers);
        self.adam.reset();
    }

    fn step(&mut self, _batch: usize) {
        let x = black_box(&self.x);
        let loss = self.workspace.step_in_parts(
            &mut self.network,
            &self.loss,
            x,
            &self.y,
            &mut self.gradient,
        );
        self.last = loss.expect("targets that fit");
        self.adam.step(&mut self.network, &self.gradient);
    }

    fn loss(&mut self) -> f64 {
        f64::from(self.last)
    }
}
