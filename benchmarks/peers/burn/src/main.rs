//! The work with burn: `Linear` and `BatchNorm` of burn-nn, its Adam.
//! The first argument chooses the backend: `ndarray` or `flex`.

use burn::module::{Module, Param};
use burn::nn::loss::{CrossEntropyLoss, CrossEntropyLossConfig, MseLoss, Reduction};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Int, Tensor, TensorData, activation};
use harness::data::{self, Dense};
use harness::{Activation, Loss, Measured, Peer, Skip, Training, Work, works};

fn backend() -> String {
    std::env::args().nth(1).unwrap_or_else(|| "flex".to_owned())
}

fn device() -> Device {
    match &*backend() {
        "ndarray" => Device::ndarray(),
        _ => Device::flex(),
    }
}

#[derive(Module, Debug)]
struct Block {
    first: Linear,
    norm1: BatchNorm,
    second: Linear,
    norm2: BatchNorm,
}

/// A chain of dense layers, behind the blocks if there are any.
#[derive(Module, Debug)]
struct Net {
    blocks: Vec<Block>,
    chain: Vec<Linear>,
}

fn linear(dense: &Dense, device: &Device) -> Linear {
    let mut linear = LinearConfig::new(dense.input, dense.output).init(device);
    // burn keeps weights as [input, output].
    let weight = TensorData::new(dense.weight_transposed(), [dense.input, dense.output]);
    linear.weight = Param::from_data(weight, device);
    linear.bias = Some(Param::from_data(
        TensorData::new(dense.bias.clone(), [dense.output]),
        device,
    ));
    linear
}

impl Net {
    fn chain(dense: &[Dense], device: &Device) -> Self {
        Self {
            blocks: Vec::new(),
            chain: dense.iter().map(|dense| linear(dense, device)).collect(),
        }
    }

    fn residual(dense: &[Dense], device: &Device) -> Self {
        let (head, blocks) = dense.split_last().expect("a head");
        let norm = |dense: &Dense| BatchNormConfig::new(dense.output).init(device);
        let block = |pair: &[Dense]| Block {
            first: linear(&pair[0], device),
            norm1: norm(&pair[0]),
            second: linear(&pair[1], device),
            norm2: norm(&pair[1]),
        };
        Self {
            blocks: blocks.chunks_exact(2).map(block).collect(),
            chain: vec![linear(head, device)],
        }
    }

    fn forward(&self, mut x: Tensor<2>, activation: Activation) -> Tensor<2> {
        for block in &self.blocks {
            let y = activation::relu(block.norm1.forward(block.first.forward(x.clone())));
            x = activation::relu(x + block.norm2.forward(block.second.forward(y)));
        }
        for (index, linear) in self.chain.iter().enumerate() {
            if index > 0 {
                x = match activation {
                    Activation::Relu => activation::relu(x),
                    Activation::Tanh => activation::tanh(x),
                };
            }
            x = linear.forward(x);
        }
        x
    }
}

enum Target {
    Classes(Vec<Tensor<1, Int>>, CrossEntropyLoss),
    Values(Vec<Tensor<2>>),
}

struct Train {
    dense: Vec<Dense>,
    residual: bool,
    activation: Activation,
    x: Vec<Tensor<2>>,
    y: Target,
    /// Moved through a step.
    net: Option<Net>,
    adam: ModuleOptimizer,
    last: Option<Tensor<1>>,
    device: Device,
}

fn adam() -> ModuleOptimizer {
    AdamConfig::new()
        .with_beta_1(0.9)
        .with_beta_2(0.999)
        .with_epsilon(1e-8)
        .init()
}

impl Train {
    fn new(work: &Work, dense: Vec<Dense>, activation: Activation, batch: usize) -> Self {
        let device = device().autodiff();
        let set = data::set(work);
        let matrices = |values: &[f32], columns: usize| -> Vec<Tensor<2>> {
            let matrix = |x: &[f32]| {
                Tensor::from_data(TensorData::new(x.to_vec(), [batch, columns]), &device)
            };
            values.chunks_exact(batch * columns).map(matrix).collect()
        };
        let y = match work.loss() {
            Loss::CrossEntropy => {
                let class: Vec<i64> = set.class.iter().map(|&class| class as i64).collect();
                let vector =
                    |y: &[i64]| Tensor::from_data(TensorData::new(y.to_vec(), [batch]), &device);
                let classes = class.chunks_exact(batch).map(vector).collect();
                Target::Classes(classes, CrossEntropyLossConfig::new().init(&device))
            }
            Loss::Mse => Target::Values(matrices(&set.y, dense[dense.len() - 1].output)),
        };
        Self {
            x: matrices(&set.x, dense[0].input),
            y,
            residual: matches!(work, Work::TrainResidual { .. }),
            dense,
            activation,
            net: None,
            adam: adam(),
            last: None,
            device,
        }
    }
}

impl Training for Train {
    fn reset(&mut self) {
        self.net = Some(match self.residual {
            true => Net::residual(&self.dense, &self.device),
            false => Net::chain(&self.dense, &self.device),
        });
        self.adam = adam();
    }

    fn step(&mut self, batch: usize) {
        let net = self.net.take().expect("a network");
        let y = net.forward(self.x[batch].clone(), self.activation);
        let loss = match &self.y {
            Target::Classes(classes, loss) => loss.forward(y, classes[batch].clone()),
            Target::Values(values) => {
                MseLoss::new().forward(y, values[batch].clone(), Reduction::Mean)
            }
        };
        let gradients = GradientsParams::from_grads(loss.backward(), &net);
        self.net = Some(self.adam.step(works::LEARNING_RATE, net, gradients));
        self.last = Some(loss);
    }

    fn loss(&mut self) -> f64 {
        self.last.as_ref().map_or(f64::NAN, |loss| {
            f64::from(loss.clone().into_scalar::<f32>())
        })
    }
}

fn numbers(y: &Tensor<2>) -> Vec<f32> {
    y.to_data().to_vec().expect("numbers")
}

struct Burn;

impl Peer for Burn {
    fn describe() -> String {
        backend()
    }

    fn prepare(work: &Work, _threads: usize) -> Result<Measured, Skip> {
        Ok(match *work {
            Work::Infer {
                stream,
                widths,
                activation,
                batch,
            } => {
                let device = device();
                let net = Net::chain(&data::chain(stream, widths, activation), &device);
                let x = TensorData::new(data::inputs(stream, batch, widths[0]), [batch, widths[0]]);
                let x: Tensor<2> = Tensor::from_data(x, &device);
                let y = net.forward(x.clone(), activation);
                Measured::call(
                    (net, x, y),
                    move |(net, x, y)| *y = net.forward(x.clone(), activation),
                    |(_, _, y)| numbers(y),
                )
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
                Measured::training(Train::new(work, dense, activation, batch), samples / batch)
            }
            Work::TrainResidual {
                stream,
                batch,
                samples,
            } => {
                let train = Train::new(work, data::residual(stream), Activation::Relu, batch);
                Measured::training(train, samples / batch)
            }
            _ => return Err("not written".into()),
        })
    }
}

fn main() {
    harness::serve::<Burn>();
}
