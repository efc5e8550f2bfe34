//! The work with `network!`.

#[cfg(feature = "rayon")]
mod parallel;
mod parts;
mod products;
mod sequences;

use harness::data::{self, Dense};
use harness::{Measured, Peer, Skip, Training, Work, works};
use network_core::bytemuck::{cast_slice, cast_slice_mut};
use network_core::prelude::*;
use network_core::{ParameterKind, ParameterMut, VisitorMut};
use ours::{Exponential, LeNet, Middle, Residual, Small, Wide};
use std::hint::black_box;

/// From the last index fastest, as PyTorch keeps tensors.
fn first_index_fastest(from: &[f32], shape: &[usize], to: &mut [f32]) {
    for (mut index, to) in to.iter_mut().enumerate() {
        let mut at = 0;
        let mut stride = from.len();
        for size in shape {
            stride /= size;
            at += index % size * stride;
            index /= size;
        }
        *to = from[at];
    }
}

/// Gives weights and biases, each in order, the common initial values.
struct Load<'a> {
    weights: std::slice::Iter<'a, Dense>,
    biases: std::slice::Iter<'a, Dense>,
}

impl VisitorMut<f32> for Load<'_> {
    fn parameter(&mut self, parameter: ParameterMut<'_, f32>) {
        match parameter.kind {
            ParameterKind::Weight => {
                let dense = self
                    .weights
                    .next()
                    .expect("as many layers as there are weights");
                first_index_fastest(&dense.weight, parameter.shape, parameter.value);
            }
            ParameterKind::Bias => {
                let dense = self
                    .biases
                    .next()
                    .expect("as many layers as there are biases");
                parameter.value.copy_from_slice(&dense.bias);
            }
            ParameterKind::Scale => parameter.value.fill(1.0),
            ParameterKind::Shift => parameter.value.fill(0.0),
            _ => {}
        }
    }
}

fn load<N: Network<Scalar = f32>>(network: &mut N, layers: &[Dense]) {
    let mut load = Load {
        weights: layers.iter(),
        biases: layers.iter(),
    };
    network.visit_mut(&mut load);
    assert!(
        load.weights.next().is_none(),
        "as many weights as there are layers"
    );
    assert!(
        load.biases.next().is_none(),
        "as many biases as there are layers"
    );
}

fn infer<N: Network<Scalar = f32>>(layers: &[Dense], x: &[f32], batch: usize) -> Measured {
    let mut network = N::boxed(1);
    load(&mut *network, layers);
    let mut inputs = vec![<N::Input as network_core::bytemuck::Zeroable>::zeroed(); batch];
    cast_slice_mut(&mut inputs).copy_from_slice(x);
    let outputs = vec![<N::Output as network_core::bytemuck::Zeroable>::zeroed(); batch];
    let state = (network, inputs, outputs);
    let output = |(_, _, y): &mut (Box<N>, Vec<N::Input>, Vec<N::Output>)| cast_slice(y).to_vec();
    if batch == 1 {
        let call = |(network, x, y): &mut (Box<N>, Vec<N::Input>, Vec<N::Output>)| {
            y[0] = black_box(&*network).predict(black_box(&x[0]));
            black_box(y);
        };
        return Measured::call(state, call, output);
    }
    let call = |(network, x, y): &mut (Box<N>, Vec<N::Input>, Vec<N::Output>)| {
        Network::infer(black_box(&**network), black_box(x), y);
        black_box(y);
    };
    Measured::call(state, call, output)
}

struct Train<N: Network<Scalar = f32>, L, Y, const BATCH: usize> {
    layers: Vec<Dense>,
    network: Box<N>,
    workspace: Box<Workspace<N, BATCH>>,
    gradient: Box<N::Gradient>,
    adam: Box<OptimizerFor<N, Adam>>,
    loss: L,
    x: Vec<N::Input>,
    y: Vec<Y>,
    last: f32,
}

impl<N, L, Y, const BATCH: usize> Train<N, L, Y, BATCH>
where
    N: Network<Scalar = f32>,
    L: Loss<N::Output, Y>,
{
    fn new(layers: Vec<Dense>, loss: L, x: &[f32], y: Vec<Y>) -> Self {
        let mut inputs = vec![<N::Input as network_core::bytemuck::Zeroable>::zeroed(); y.len()];
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

impl<N, L, Y, const BATCH: usize> Training for Train<N, L, Y, BATCH>
where
    N: Network<Scalar = f32>,
    L: Loss<N::Output, Y>,
{
    fn reset(&mut self) {
        load(&mut *self.network, &self.layers);
        self.adam.reset();
    }

    fn step(&mut self, batch: usize) {
        let range = batch * BATCH..(batch + 1) * BATCH;
        let x = black_box(&self.x[range.clone()]);
        Network::forward(&mut *self.network, x, &mut self.workspace);
        let loss = self.workspace.loss(&self.loss, &self.y[range]);
        self.last = loss.expect("targets that fit");
        Network::backward(&*self.network, x, &mut self.workspace, &mut self.gradient);
        self.adam.step(&mut self.network, &self.gradient);
    }

    fn loss(&mut self) -> f64 {
        f64::from(self.last)
    }
}

/// Training in batches of `BATCH`, on several threads in parts of `PART` if the build can.
#[cfg(not(feature = "rayon"))]
fn train<N, L, Y, const BATCH: usize, const PART: usize>(
    layers: Vec<Dense>,
    loss: L,
    x: &[f32],
    y: Vec<Y>,
    batches: usize,
    _threads: usize,
) -> Measured
where
    N: Network<Scalar = f32> + 'static,
    L: Loss<N::Output, Y> + 'static,
    Y: 'static,
{
    Measured::training(Train::<N, L, Y, BATCH>::new(layers, loss, x, y), batches)
}
#[cfg(feature = "rayon")]
use parallel::train;

fn vectors<const N: usize>(y: &[f32]) -> Vec<SVector<f32, N>> {
    y.chunks_exact(N).map(SVector::from_column_slice).collect()
}

struct Ours;

impl Peer for Ours {
    fn describe() -> String {
        network_core::kernels::simd_path().to_string()
    }

    fn prepare(work: &Work, threads: usize) -> Result<Measured, Skip> {
        Ok(match *work {
            Work::Infer {
                stream,
                widths,
                activation,
                batch,
            } => {
                let layers = data::chain(stream, widths, activation);
                let x = data::inputs(stream, batch, widths[0]);
                match stream {
                    1 => infer::<Small>(&layers, &x, batch),
                    _ => infer::<Middle>(&layers, &x, batch),
                }
            }
            Work::Train {
                stream,
                widths,
                activation,
                samples,
                ..
            } => {
                let layers = data::chain(stream, widths, activation);
                let set = data::set(work);
                let batches = samples / 64;
                match stream {
                    4 => train::<Wide, _, _, 64, 64>(
                        layers,
                        CrossEntropy::default(),
                        &set.x,
                        set.class,
                        batches,
                        threads,
                    ),
                    6 => train::<Small, _, _, 64, 64>(
                        layers,
                        Mse::default(),
                        &set.x,
                        vectors::<4>(&set.y),
                        batches,
                        threads,
                    ),
                    // The whole batch at once: in parts that stay in the nearest caches.
                    _ if threads == 1 => Measured::training(
                        parts::TrainInParts::<Exponential, _, _, 240>::new(
                            layers,
                            Mse::default(),
                            &set.x,
                            vectors::<4>(&set.y),
                        ),
                        1,
                    ),
                    _ => {
                        let y = vectors::<4>(&set.y);
                        train::<Exponential, _, _, 10_000, 240>(
                            layers,
                            Mse::default(),
                            &set.x,
                            y,
                            1,
                            threads,
                        )
                    }
                }
            }
            Work::LeNet {
                stream,
                batch,
                samples,
            } => {
                let (layers, set) = (data::lenet(stream), data::set(work));
                let batches = samples / batch;
                train::<LeNet, _, _, 64, 32>(
                    layers,
                    CrossEntropy::default(),
                    &set.x,
                    set.class,
                    batches,
                    threads,
                )
            }
            Work::TrainResidual {
                stream,
                batch,
                samples,
            } => {
                // Batch norm couples the samples of a batch: one thread.
                let (layers, set) = (data::residual(stream), data::set(work));
                let train = Train::<Residual, _, _, 64>::new(
                    layers,
                    CrossEntropy::default(),
                    &set.x,
                    set.class,
                );
                Measured::training(train, samples / batch)
            }
            Work::Lstm {
                stream,
                hidden,
                steps,
            } => sequences::lstm(stream, hidden, steps),
            Work::Gru { stream, width } => sequences::gru(stream, width),
            Work::Conv1d {
                stream,
                channels,
                kernel,
            } => sequences::conv1d(stream, channels, kernel),
            Work::Product {
                product,
                input,
                output,
                batch,
            } => products::prepare(product, input, output, batch)?,
            Work::Peak => unreachable!("the harness does it"),
        })
    }
}

fn main() {
    harness::serve::<Ours>();
}
