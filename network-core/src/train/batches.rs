//! Batches in random order, gathered from a data set that stays as it is.

use crate::data::{Dataset, Target, shuffle};
use crate::{Generator, Sample};
use rand::SeedableRng;

/// A data set's samples in random order, batch by batch.
pub(super) struct Batches<X, Y> {
    generator: Generator,
    order: Vec<usize>,
    position: usize,
    /// Where the last batch began.
    start: usize,
    size: usize,
    inputs: Vec<X>,
    targets: Vec<Y>,
}

impl<X: Sample, Y: Target> Batches<X, Y> {
    pub(super) fn new(data: &Dataset<X, Y>, size: usize, seed: u64) -> Self {
        Self {
            generator: Generator::seed_from_u64(seed),
            order: (0..data.len()).collect(),
            position: 0,
            start: 0,
            size,
            inputs: Vec::with_capacity(size.min(data.len())),
            targets: Vec::with_capacity(size.min(data.len())),
        }
    }

    /// Starts anew, in another order.
    pub(super) fn shuffle(&mut self) {
        shuffle(&mut self.order, &mut self.generator);
        self.position = 0;
    }

    /// How many samples this epoch still has.
    pub(super) fn remaining(&self) -> usize {
        self.order.len() - self.position
    }

    /// The next batch, of at most `limit` samples; empty at the end.
    pub(super) fn next(&mut self, data: &Dataset<X, Y>, limit: usize) -> (&[X], &[Y]) {
        let count = self.size.min(limit).min(self.remaining());
        self.start = self.position;
        self.position += count;
        self.inputs.clear();
        self.targets.clear();
        for &index in &self.order[self.start..self.position] {
            self.inputs.push(data.inputs()[index]);
            self.targets.push(data.targets()[index]);
        }
        (&self.inputs, &self.targets)
    }
}

impl<X, Y> Batches<X, Y> {
    /// Which sample of the data set is the last batch's sample `index`.
    pub(super) fn sample(&self, index: usize) -> usize {
        self.order[self.start + index]
    }
}
