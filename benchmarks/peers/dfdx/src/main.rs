//! The work with dfdx: its layers and its Adam, all sizes in the types.

use dfdx::nn::builders::{BatchNorm1D, Linear, ReLU, Repeated, Residual, Tanh};
use dfdx::nn::modules;
use dfdx::optim::Adam;
use dfdx::prelude::*;
use harness::data::{self, Dense};
use harness::{Measured, Peer, Skip, Training, Work, works};

type Small = ((Linear<8, 64>, Tanh), (Linear<64, 64>, Tanh), Linear<64, 4>);
type Middle = (
    (Linear<64, 128>, ReLU),
    (Linear<128, 128>, ReLU),
    Linear<128, 10>,
);
type Wide = (
    (Linear<784, 128>, ReLU),
    (Linear<128, 64>, ReLU),
    Linear<64, 10>,
);
type Exponential = ((Linear<4, 32>, Tanh), (Linear<32, 16>, Tanh), Linear<16, 4>);
type Branch = (
    Linear<64, 64>,
    BatchNorm1D<64>,
    ReLU,
    Linear<64, 64>,
    BatchNorm1D<64>,
);
type Blocks = (
    Repeated<(Residual<Branch>, ReLU), { works::BLOCKS }>,
    Linear<64, 10>,
);

/// A block of [`Blocks`] with memory.
type BuiltBlock = (
    Residual<(
        modules::Linear<64, 64, f32, Cpu>,
        modules::BatchNorm1D<64, f32, Cpu>,
        ReLU,
        modules::Linear<64, 64, f32, Cpu>,
        modules::BatchNorm1D<64, f32, Cpu>,
    )>,
    ReLU,
);

/// Takes the common initial values.
trait Load {
    fn load(&mut self, dense: &[Dense]);
}

impl<const I: usize, const O: usize> Load for modules::Linear<I, O, f32, Cpu> {
    fn load(&mut self, dense: &[Dense]) {
        self.weight.copy_from(&dense[0].weight);
        self.bias.copy_from(&dense[0].bias);
    }
}

impl<const I: usize, const M: usize, const N: usize, const O: usize, A, B> Load
    for (
        (modules::Linear<I, M, f32, Cpu>, A),
        (modules::Linear<M, N, f32, Cpu>, B),
        modules::Linear<N, O, f32, Cpu>,
    )
{
    fn load(&mut self, dense: &[Dense]) {
        self.0.0.load(dense);
        self.1.0.load(&dense[1..]);
        self.2.load(&dense[2..]);
    }
}

impl Load
    for (
        Repeated<BuiltBlock, { works::BLOCKS }>,
        modules::Linear<64, 10, f32, Cpu>,
    )
{
    fn load(&mut self, dense: &[Dense]) {
        for (index, (block, _)) in self.0.modules.iter_mut().enumerate() {
            block.0.0.load(&dense[2 * index..]);
            block.0.3.load(&dense[2 * index + 1..]);
        }
        self.1.load(&dense[2 * works::BLOCKS..]);
    }
}

struct Infer<M, X, Y> {
    net: M,
    x: X,
    y: Y,
}

macro_rules! infer {
    ($net:ty, $input:literal, $batch:literal, $dense:expr, $x:expr) => {{
        let device = Cpu::default();
        let mut net = device.build_module::<$net, f32>();
        net.load(&$dense);
        let x: Tensor<Rank2<$batch, $input>, f32, Cpu> = device.tensor_from_vec($x, (Const, Const));
        let y = net.forward(x.clone());
        Measured::call(
            Infer { net, x, y },
            |s| s.y = s.net.forward(s.x.clone()),
            |s| s.y.as_vec(),
        )
    }};
}

type Batch<const N: usize, const F: usize> = Tensor<Rank2<N, F>, f32, Cpu>;
type Taped<const N: usize, const F: usize> = Tensor<Rank2<N, F>, f32, Cpu, OwnedTape<f32, Cpu>>;

struct Train<M, const N: usize, const I: usize, const O: usize> {
    dense: Vec<Dense>,
    build: fn(&Cpu) -> M,
    device: Cpu,
    net: M,
    adam: Adam<M, f32, Cpu>,
    gradient: Option<Gradients<f32, Cpu>>,
    loss: harness::Loss,
    x: Vec<Batch<N, I>>,
    y: Vec<Batch<N, O>>,
    last: f32,
}

fn adam<M>(net: &M) -> Adam<M, f32, Cpu> {
    let config = AdamConfig {
        lr: works::LEARNING_RATE,
        betas: [0.9, 0.999],
        eps: 1e-8,
        weight_decay: None,
    };
    Adam::new(net, config)
}

impl<M, const N: usize, const I: usize, const O: usize> Train<M, N, I, O> {
    fn new(work: &Work, dense: Vec<Dense>, build: fn(&Cpu) -> M) -> Self {
        let device = Cpu::default();
        let set = data::set(work);
        let y = match work.loss() {
            harness::Loss::Mse => set.y,
            harness::Loss::CrossEntropy => {
                let one_hot = |&class: &usize| (0..O).map(move |o| f32::from(u8::from(o == class)));
                set.class.iter().flat_map(one_hot).collect()
            }
        };
        let batch = |x: &[f32]| device.tensor_from_vec(x.to_vec(), (Const, Const));
        let x = set.x.chunks_exact(N * I).map(batch).collect();
        let batch = |y: &[f32]| device.tensor_from_vec(y.to_vec(), (Const, Const));
        let y = y.chunks_exact(N * O).map(batch).collect();
        let net = build(&device);
        let adam = adam(&net);
        Self {
            dense,
            build,
            net,
            adam,
            gradient: None,
            loss: work.loss(),
            x,
            y,
            last: 0.0,
            device,
        }
    }
}

impl<M, const N: usize, const I: usize, const O: usize> Training for Train<M, N, I, O>
where
    M: Load + TensorCollection<f32, Cpu> + ModuleMut<Taped<N, I>, Output = Taped<N, O>>,
{
    fn reset(&mut self) {
        self.net = (self.build)(&self.device);
        self.net.load(&self.dense);
        self.adam = adam(&self.net);
        self.gradient = Some(self.net.alloc_grads());
    }

    fn step(&mut self, batch: usize) {
        let gradient = self
            .gradient
            .take()
            .unwrap_or_else(|| self.net.alloc_grads());
        let y = self.net.forward_mut(self.x[batch].trace(gradient));
        let target = self.y[batch].clone();
        let loss = match self.loss {
            harness::Loss::CrossEntropy => cross_entropy_with_logits_loss(y, target),
            harness::Loss::Mse => mse_loss(y, target),
        };
        self.last = loss.array();
        let mut gradient = loss.backward();
        self.adam
            .update(&mut self.net, &gradient)
            .expect("a gradient for each parameter");
        self.net.zero_grads(&mut gradient);
        self.gradient = Some(gradient);
    }

    fn loss(&mut self) -> f64 {
        f64::from(self.last)
    }
}

fn build<M: BuildOnDevice<Cpu, f32>>(device: &Cpu) -> M::Built {
    M::build_on_device(device)
}

struct Dfdx;

impl Peer for Dfdx {
    fn prepare(work: &Work, _threads: usize) -> Result<Measured, Skip> {
        dfdx::flush_denormals_to_zero();
        Ok(match *work {
            Work::Infer {
                stream,
                widths,
                activation,
                batch,
            } => {
                let dense = data::chain(stream, widths, activation);
                let x = data::inputs(stream, batch, widths[0]);
                match (stream, batch) {
                    (1, 1) => infer!(Small, 8, 1, dense, x),
                    (1, _) => infer!(Small, 8, 64, dense, x),
                    (_, 1) => infer!(Middle, 64, 1, dense, x),
                    (_, _) => infer!(Middle, 64, 256, dense, x),
                }
            }
            Work::Train {
                stream,
                widths,
                activation,
                batch,
                samples,
                ..
            } => {
                let dense = data::chain(stream, widths, activation);
                let batches = samples / batch;
                match stream {
                    4 => Measured::training(
                        Train::<_, 64, 784, 10>::new(work, dense, build::<Wide>),
                        batches,
                    ),
                    6 => Measured::training(
                        Train::<_, 64, 8, 4>::new(work, dense, build::<Small>),
                        batches,
                    ),
                    _ => Measured::training(
                        Train::<_, 10_000, 4, 4>::new(work, dense, build::<Exponential>),
                        batches,
                    ),
                }
            }
            Work::TrainResidual {
                stream,
                batch,
                samples,
            } => {
                let dense = data::residual(stream);
                Measured::training(
                    Train::<_, 64, 64, 10>::new(work, dense, build::<Blocks>),
                    samples / batch,
                )
            }
            _ => return Err("not written".into()),
        })
    }
}

fn main() {
    harness::serve::<Dfdx>();
}
