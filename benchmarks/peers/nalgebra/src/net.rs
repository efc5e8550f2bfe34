//! The networks, for the matrix type `M` of the module above.

use super::{M, zeros};
use crate::steps::{State, cross_entropy, mse};
use harness::data::{self, Set};
use harness::{Activation, Loss, Measured, Skip, Training, Work, works};

/// A dense layer with `N` samples.
struct Dense<const I: usize, const O: usize, const N: usize> {
    weight: M<O, I>,
    bias: M<O, 1>,
    y: M<O, N>,
    d_y: M<O, N>,
    x_transposed: M<N, I>,
    d_weight: M<O, I>,
    weight_state: State,
    bias_state: State,
}

impl<const I: usize, const O: usize, const N: usize> Dense<I, O, N> {
    fn new() -> Self {
        Self {
            weight: zeros::<O, I>(),
            bias: zeros::<O, 1>(),
            y: zeros::<O, N>(),
            d_y: zeros::<O, N>(),
            x_transposed: zeros::<N, I>(),
            d_weight: zeros::<O, I>(),
            weight_state: State::new(I * O),
            bias_state: State::new(O),
        }
    }

    fn load(&mut self, dense: &data::Dense) {
        self.weight
            .as_mut_slice()
            .copy_from_slice(&dense.weight_transposed());
        self.bias.as_mut_slice().copy_from_slice(&dense.bias);
        self.weight_state.reset();
        self.bias_state.reset();
    }

    fn forward(&mut self, x: &M<I, N>) {
        self.y.gemm(1.0, &self.weight, x, 0.0);
        for mut y in self.y.column_iter_mut() {
            y += self.bias.column(0);
        }
    }

    /// From `d_y` to the gradient.
    fn backward(&mut self, x: &M<I, N>) {
        x.transpose_to(&mut self.x_transposed);
        self.d_weight.gemm(1.0, &self.d_y, &self.x_transposed, 0.0);
        self.weight_state
            .gradient
            .copy_from_slice(self.d_weight.as_slice());
        self.bias_state.gradient.fill(0.0);
        for d_y in self.d_y.as_slice().chunks_exact(O) {
            for (sum, d_y) in self.bias_state.gradient.iter_mut().zip(d_y) {
                *sum += d_y;
            }
        }
    }

    fn d_input(&self, d_x: &mut M<I, N>) {
        d_x.gemm_tr(1.0, &self.weight, &self.d_y, 0.0);
    }

    fn update(&mut self, step: i32) {
        self.weight_state.update(self.weight.as_mut_slice(), step);
        self.bias_state.update(self.bias.as_mut_slice(), step);
    }
}

fn activate(activation: Activation, y: &mut [f32]) {
    match activation {
        Activation::Relu => y.iter_mut().for_each(|y| *y = y.max(0.0)),
        Activation::Tanh => y.iter_mut().for_each(|y| *y = y.tanh()),
    }
}

/// Multiplies `d` with the derivative at the output `y`.
fn deactivate(activation: Activation, y: &[f32], d: &mut [f32]) {
    let pairs = y.iter().zip(d);
    match activation {
        Activation::Relu => pairs.for_each(|(y, d)| *d = if *y > 0.0 { *d } else { 0.0 }),
        Activation::Tanh => pairs.for_each(|(y, d)| *d *= 1.0 - y * y),
    }
}

struct Chain<const A: usize, const B: usize, const C: usize, const D: usize, const N: usize> {
    activation: Activation,
    first: Dense<A, B, N>,
    second: Dense<B, C, N>,
    third: Dense<C, D, N>,
}

impl<const A: usize, const B: usize, const C: usize, const D: usize, const N: usize>
    Chain<A, B, C, D, N>
{
    fn new(activation: Activation) -> Self {
        Self {
            activation,
            first: Dense::new(),
            second: Dense::new(),
            third: Dense::new(),
        }
    }

    fn forward(&mut self, x: &M<A, N>) {
        self.first.forward(x);
        activate(self.activation, self.first.y.as_mut_slice());
        self.second.forward(&self.first.y);
        activate(self.activation, self.second.y.as_mut_slice());
        self.third.forward(&self.second.y);
    }

    fn infer(layers: &[data::Dense], activation: Activation, values: &[f32]) -> Measured {
        let mut chain = Self::new(activation);
        chain.load(layers);
        let mut x = zeros::<A, N>();
        x.as_mut_slice().copy_from_slice(values);
        Measured::call(
            (chain, x),
            |(chain, x)| chain.forward(x),
            |(chain, _)| chain.third.y.as_slice().to_vec(),
        )
    }
}

/// A network that learns.
trait Net<const I: usize, const O: usize, const N: usize> {
    fn load(&mut self, layers: &[data::Dense]);
    /// Output, and where its derivative is wanted.
    fn forward(&mut self, x: &M<I, N>) -> (&[f32], &mut [f32]);
    fn backward(&mut self, x: &M<I, N>);
    fn update(&mut self, step: i32);
}

impl<const A: usize, const B: usize, const C: usize, const D: usize, const N: usize> Net<A, D, N>
    for Chain<A, B, C, D, N>
{
    fn load(&mut self, layers: &[data::Dense]) {
        self.first.load(&layers[0]);
        self.second.load(&layers[1]);
        self.third.load(&layers[2]);
    }

    fn forward(&mut self, x: &M<A, N>) -> (&[f32], &mut [f32]) {
        Chain::forward(self, x);
        (self.third.y.as_slice(), self.third.d_y.as_mut_slice())
    }

    fn backward(&mut self, x: &M<A, N>) {
        self.third.backward(&self.second.y);
        self.third.d_input(&mut self.second.d_y);
        deactivate(
            self.activation,
            self.second.y.as_slice(),
            self.second.d_y.as_mut_slice(),
        );
        self.second.backward(&self.first.y);
        self.second.d_input(&mut self.first.d_y);
        deactivate(
            self.activation,
            self.first.y.as_slice(),
            self.first.d_y.as_mut_slice(),
        );
        self.first.backward(x);
    }

    fn update(&mut self, step: i32) {
        self.first.update(step);
        self.second.update(step);
        self.third.update(step);
    }
}

/// Batch norm of `W` features, in place.
struct BatchNorm<const W: usize, const N: usize> {
    scale: [f32; W],
    shift: [f32; W],
    mean: [f32; W],
    variance: [f32; W],
    normalized: M<W, N>,
    inverse: [f32; W],
    scale_state: State,
    shift_state: State,
}

impl<const W: usize, const N: usize> BatchNorm<W, N> {
    fn new() -> Self {
        Self {
            scale: [1.0; W],
            shift: [0.0; W],
            mean: [0.0; W],
            variance: [1.0; W],
            normalized: zeros::<W, N>(),
            inverse: [0.0; W],
            scale_state: State::new(W),
            shift_state: State::new(W),
        }
    }

    fn forward(&mut self, y: &mut [f32]) {
        let share = 1.0 / N as f32;
        let (mut mean, mut variance) = ([0.0; W], [0.0; W]);
        for y in y.chunks_exact(W) {
            (0..W).for_each(|i| mean[i] += y[i]);
        }
        mean.iter_mut().for_each(|mean| *mean *= share);
        for y in y.chunks_exact(W) {
            (0..W).for_each(|i| variance[i] += (y[i] - mean[i]) * (y[i] - mean[i]));
        }
        for i in 0..W {
            variance[i] *= share;
            self.inverse[i] = 1.0 / (variance[i] + 1e-5).sqrt();
            self.mean[i] += 0.1 * (mean[i] - self.mean[i]);
            self.variance[i] +=
                0.1 * (variance[i] * (N as f32 / (N - 1) as f32) - self.variance[i]);
        }
        let normalized = self.normalized.as_mut_slice().chunks_exact_mut(W);
        for (y, normalized) in y.chunks_exact_mut(W).zip(normalized) {
            for i in 0..W {
                normalized[i] = (y[i] - mean[i]) * self.inverse[i];
                y[i] = normalized[i] * self.scale[i] + self.shift[i];
            }
        }
    }

    fn backward(&mut self, d: &mut [f32]) {
        let (mut sum, mut product) = ([0.0; W], [0.0; W]);
        let normalized = self.normalized.as_slice();
        for (d, normalized) in d.chunks_exact(W).zip(normalized.chunks_exact(W)) {
            for i in 0..W {
                sum[i] += d[i];
                product[i] += d[i] * normalized[i];
            }
        }
        self.shift_state.gradient.copy_from_slice(&sum);
        self.scale_state.gradient.copy_from_slice(&product);
        let share = 1.0 / N as f32;
        for (d, normalized) in d.chunks_exact_mut(W).zip(normalized.chunks_exact(W)) {
            for i in 0..W {
                let centred = d[i] - share * sum[i] - normalized[i] * (share * product[i]);
                d[i] = self.scale[i] * self.inverse[i] * centred;
            }
        }
    }

    fn update(&mut self, step: i32) {
        self.scale_state.update(&mut self.scale, step);
        self.shift_state.update(&mut self.shift, step);
    }
}

struct Block<const N: usize> {
    first: Dense<64, 64, N>,
    norm1: BatchNorm<64, N>,
    second: Dense<64, 64, N>,
    norm2: BatchNorm<64, N>,
    y: M<64, N>,
    d_y: M<64, N>,
}

struct Residual<const N: usize> {
    blocks: Vec<Block<N>>,
    head: Dense<64, 10, N>,
    d_x: M<64, N>,
}

impl<const N: usize> Residual<N> {
    fn new() -> Self {
        let block = || Block {
            first: Dense::new(),
            norm1: BatchNorm::new(),
            second: Dense::new(),
            norm2: BatchNorm::new(),
            y: zeros::<64, N>(),
            d_y: zeros::<64, N>(),
        };
        let blocks = (0..works::BLOCKS).map(|_| block()).collect();
        Self {
            blocks,
            head: Dense::new(),
            d_x: zeros::<64, N>(),
        }
    }
}

impl<const N: usize> Net<64, 10, N> for Residual<N> {
    fn load(&mut self, layers: &[data::Dense]) {
        for (block, layers) in self.blocks.iter_mut().zip(layers.chunks(2)) {
            block.first.load(&layers[0]);
            block.second.load(&layers[1]);
            block.norm1 = BatchNorm::new();
            block.norm2 = BatchNorm::new();
        }
        self.head.load(&layers[2 * works::BLOCKS]);
    }

    fn forward(&mut self, x: &M<64, N>) -> (&[f32], &mut [f32]) {
        for index in 0..self.blocks.len() {
            let (before, rest) = self.blocks.split_at_mut(index);
            let x = before.last().map_or(x, |block| &block.y);
            let block = &mut rest[0];
            block.first.forward(x);
            block.norm1.forward(block.first.y.as_mut_slice());
            activate(Activation::Relu, block.first.y.as_mut_slice());
            block.second.forward(&block.first.y);
            block.norm2.forward(block.second.y.as_mut_slice());
            let terms = x.as_slice().iter().zip(block.second.y.as_slice());
            for (y, (x, branch)) in block.y.as_mut_slice().iter_mut().zip(terms) {
                *y = (x + branch).max(0.0);
            }
        }
        self.head.forward(&self.blocks[works::BLOCKS - 1].y);
        (self.head.y.as_slice(), self.head.d_y.as_mut_slice())
    }

    fn backward(&mut self, x: &M<64, N>) {
        let last = self.blocks.last_mut().expect("a block");
        self.head.backward(&last.y);
        self.head.d_input(&mut last.d_y);
        for index in (0..self.blocks.len()).rev() {
            let (before, rest) = self.blocks.split_at_mut(index);
            let block = &mut rest[0];
            let x = before.last().map_or(x, |block| &block.y);
            deactivate(
                Activation::Relu,
                block.y.as_slice(),
                block.d_y.as_mut_slice(),
            );
            block
                .second
                .d_y
                .as_mut_slice()
                .copy_from_slice(block.d_y.as_slice());
            block.norm2.backward(block.second.d_y.as_mut_slice());
            block.second.backward(&block.first.y);
            block.second.d_input(&mut block.first.d_y);
            deactivate(
                Activation::Relu,
                block.first.y.as_slice(),
                block.first.d_y.as_mut_slice(),
            );
            block.norm1.backward(block.first.d_y.as_mut_slice());
            block.first.backward(x);
            if let Some(before) = before.last_mut() {
                block.first.d_input(&mut self.d_x);
                let terms = self.d_x.as_slice().iter().zip(block.d_y.as_slice());
                for (d, (branch, skip)) in before.d_y.as_mut_slice().iter_mut().zip(terms) {
                    *d = branch + skip;
                }
            }
        }
    }

    fn update(&mut self, step: i32) {
        for block in &mut self.blocks {
            block.first.update(step);
            block.norm1.update(step);
            block.second.update(step);
            block.norm2.update(step);
        }
        self.head.update(step);
    }
}

struct Train<T, const I: usize, const O: usize, const N: usize> {
    net: T,
    layers: Vec<data::Dense>,
    loss: Loss,
    set: Set,
    x: Vec<M<I, N>>,
    step: i32,
    last: f32,
}

impl<T: Net<I, O, N> + 'static, const I: usize, const O: usize, const N: usize> Train<T, I, O, N> {
    fn measured(work: &Work, net: T, layers: Vec<data::Dense>) -> Measured {
        let set = data::set(work);
        let batch = |values: &[f32]| {
            let mut x = zeros::<I, N>();
            x.as_mut_slice().copy_from_slice(values);
            x
        };
        let x: Vec<M<I, N>> = set.x.chunks_exact(I * N).map(batch).collect();
        let batches = x.len();
        Measured::training(
            Self {
                net,
                layers,
                loss: work.loss(),
                set,
                x,
                step: 0,
                last: 0.0,
            },
            batches,
        )
    }
}

impl<T: Net<I, O, N>, const I: usize, const O: usize, const N: usize> Training
    for Train<T, I, O, N>
{
    fn reset(&mut self) {
        self.net.load(&self.layers);
        self.step = 0;
    }

    fn step(&mut self, batch: usize) {
        self.step += 1;
        let (y, d) = self.net.forward(&self.x[batch]);
        self.last = match self.loss {
            Loss::CrossEntropy => cross_entropy(y, &self.set.class[batch * N..][..N], d),
            Loss::Mse => mse(y, &self.set.y[batch * N * O..][..N * O], d),
        };
        self.net.backward(&self.x[batch]);
        self.net.update(self.step);
    }

    fn loss(&mut self) -> f64 {
        f64::from(self.last)
    }
}

pub fn prepare(work: &Work) -> Result<Measured, Skip> {
    Ok(match *work {
        Work::Infer {
            stream,
            widths,
            activation,
            batch,
        } => {
            let layers = data::chain(stream, widths, activation);
            let x = data::inputs(stream, batch, widths[0]);
            match (stream, batch) {
                (1, 1) => Chain::<8, 64, 64, 4, 1>::infer(&layers, activation, &x),
                (1, _) => Chain::<8, 64, 64, 4, 64>::infer(&layers, activation, &x),
                (_, 1) => Chain::<64, 128, 128, 10, 1>::infer(&layers, activation, &x),
                (_, _) => Chain::<64, 128, 128, 10, 256>::infer(&layers, activation, &x),
            }
        }
        Work::Train {
            stream,
            widths,
            activation,
            ..
        } => {
            let layers = data::chain(stream, widths, activation);
            match stream {
                4 => Train::measured(work, Chain::<784, 128, 64, 10, 64>::new(activation), layers),
                6 => Train::measured(work, Chain::<8, 64, 64, 4, 64>::new(activation), layers),
                _ => Train::measured(work, Chain::<4, 32, 16, 4, 10_000>::new(activation), layers),
            }
        }
        Work::TrainResidual { stream, .. } => {
            Train::measured(work, Residual::<64>::new(), data::residual(stream))
        }
        _ => return Err("not written".into()),
    })
}
