//! The work with candle: `Linear` and `BatchNorm` of candle-nn, its AdamW without decay.

use candle_core::{DType, Device, Error, Tensor, Var};
use candle_nn::{AdamW, BatchNorm, Linear, Module, Optimizer, ParamsAdamW, loss};
use harness::data::{self, Dense};
use harness::{Activation, Loss, Measured, Peer, Skip, Training, Work, works};

const CPU: Device = Device::Cpu;

type Result<T> = std::result::Result<T, Error>;

/// The layers of a network, in order.
enum Layer {
    Linear(Linear),
    Activation(Activation),
    Block(Box<[(Linear, BatchNorm); 2]>),
}

fn forward(layers: &[Layer], x: &Tensor) -> Result<Tensor> {
    let mut x = x.clone();
    for layer in layers {
        x = match layer {
            Layer::Linear(linear) => linear.forward(&x)?,
            Layer::Activation(Activation::Relu) => x.relu()?,
            Layer::Activation(Activation::Tanh) => x.tanh()?,
            Layer::Block(block) => {
                let [(first, norm1), (second, norm2)] = &**block;
                let y = norm1.forward_train(&first.forward(&x)?)?.relu()?;
                let y = norm2.forward_train(&second.forward(&y)?)?;
                (x + y)?.relu()?
            }
        };
    }
    Ok(x)
}

/// What makes tensors that are trained or not.
struct Builder {
    vars: Option<Vec<Var>>,
}

impl Builder {
    fn tensor(&mut self, values: &[f32], shape: &[usize]) -> Result<Tensor> {
        let tensor = Tensor::from_slice(values, shape, &CPU)?;
        Ok(match &mut self.vars {
            None => tensor,
            Some(vars) => {
                vars.push(Var::from_tensor(&tensor)?);
                vars[vars.len() - 1].as_tensor().clone()
            }
        })
    }

    fn linear(&mut self, dense: &Dense) -> Result<Linear> {
        let weight = self.tensor(&dense.weight, &[dense.output, dense.input])?;
        Ok(Linear::new(
            weight,
            Some(self.tensor(&dense.bias, &[dense.output])?),
        ))
    }

    fn batch_norm(&mut self, width: usize) -> Result<BatchNorm> {
        let mean = Tensor::zeros(width, DType::F32, &CPU)?;
        let variance = Tensor::ones(width, DType::F32, &CPU)?;
        let scale = self.tensor(&vec![1.0; width], &[width])?;
        let shift = self.tensor(&vec![0.0; width], &[width])?;
        BatchNorm::new(width, mean, variance, scale, shift, 1e-5)
    }

    fn chain(&mut self, dense: &[Dense], activation: Activation) -> Result<Vec<Layer>> {
        let mut layers = Vec::new();
        for dense in dense {
            layers.push(Layer::Linear(self.linear(dense)?));
            layers.push(Layer::Activation(activation));
        }
        layers.pop();
        Ok(layers)
    }

    fn residual(&mut self, dense: &[Dense]) -> Result<Vec<Layer>> {
        let (head, blocks) = dense.split_last().expect("a head");
        let mut layers = Vec::new();
        for pair in blocks.chunks_exact(2) {
            let first = (self.linear(&pair[0])?, self.batch_norm(pair[0].output)?);
            let second = (self.linear(&pair[1])?, self.batch_norm(pair[1].output)?);
            layers.push(Layer::Block(Box::new([first, second])));
        }
        layers.push(Layer::Linear(self.linear(head)?));
        Ok(layers)
    }
}

struct Train {
    dense: Vec<Dense>,
    /// The activation of a chain; a residual network has its own.
    activation: Option<Activation>,
    loss: Loss,
    x: Vec<Tensor>,
    y: Vec<Tensor>,
    layers: Vec<Layer>,
    adam: AdamW,
    last: Tensor,
}

impl Train {
    fn new(
        work: &Work,
        dense: Vec<Dense>,
        activation: Option<Activation>,
        batch: usize,
    ) -> Result<Self> {
        let set = data::set(work);
        let features = dense[0].input;
        let x = set
            .x
            .chunks_exact(features * batch)
            .map(|x| Tensor::from_slice(x, (batch, features), &CPU))
            .collect::<Result<_>>()?;
        let loss = work.loss();
        let outputs = dense[dense.len() - 1].output;
        let y = match loss {
            Loss::CrossEntropy => {
                let class: Vec<u32> = set.class.iter().map(|&class| class as u32).collect();
                class
                    .chunks_exact(batch)
                    .map(|y| Tensor::from_slice(y, batch, &CPU))
                    .collect::<Result<_>>()?
            }
            Loss::Mse => set
                .y
                .chunks_exact(outputs * batch)
                .map(|y| Tensor::from_slice(y, (batch, outputs), &CPU))
                .collect::<Result<_>>()?,
        };
        let (layers, adam) = start(&dense, activation)?;
        let last = Tensor::zeros((), DType::F32, &CPU)?;
        Ok(Self {
            dense,
            activation,
            loss,
            x,
            y,
            layers,
            adam,
            last,
        })
    }

    fn try_step(&mut self, batch: usize) -> Result<()> {
        let y = forward(&self.layers, &self.x[batch])?;
        let loss = match self.loss {
            Loss::CrossEntropy => loss::cross_entropy(&y, &self.y[batch])?,
            Loss::Mse => loss::mse(&y, &self.y[batch])?,
        };
        self.adam.backward_step(&loss)?;
        self.last = loss;
        Ok(())
    }
}

fn start(dense: &[Dense], activation: Option<Activation>) -> Result<(Vec<Layer>, AdamW)> {
    let mut builder = Builder {
        vars: Some(Vec::new()),
    };
    let layers = match activation {
        Some(activation) => builder.chain(dense, activation)?,
        None => builder.residual(dense)?,
    };
    let parameters = ParamsAdamW {
        lr: works::LEARNING_RATE,
        beta1: 0.9,
        beta2: 0.999,
        eps: 1e-8,
        weight_decay: 0.0,
    };
    Ok((
        layers,
        AdamW::new(builder.vars.unwrap_or_default(), parameters)?,
    ))
}

impl Training for Train {
    fn reset(&mut self) {
        (self.layers, self.adam) = start(&self.dense, self.activation).expect("as before");
    }

    fn step(&mut self, batch: usize) {
        self.try_step(batch).expect("a step");
    }

    fn loss(&mut self) -> f64 {
        self.last.to_scalar::<f32>().map_or(f64::NAN, f64::from)
    }
}

fn infer(dense: &[Dense], activation: Activation, x: &[f32], batch: usize) -> Result<Measured> {
    let layers = Builder { vars: None }.chain(dense, activation)?;
    let x = Tensor::from_slice(x, (batch, dense[0].input), &CPU)?;
    let y = forward(&layers, &x)?;
    Ok(Measured::call(
        (layers, x, y),
        |(layers, x, y)| *y = forward(layers, x).expect("an inference"),
        |(_, _, y)| y.flatten_all().and_then(|y| y.to_vec1()).expect("numbers"),
    ))
}

struct Candle;

impl Peer for Candle {
    fn describe() -> String {
        format!("avx2 compiled in: {}", candle_core::utils::with_avx())
    }

    fn prepare(work: &Work, _threads: usize) -> std::result::Result<Measured, Skip> {
        let measured = match *work {
            Work::Infer {
                stream,
                widths,
                activation,
                batch,
            } => {
                let x = data::inputs(stream, batch, widths[0]);
                infer(
                    &data::chain(stream, widths, activation),
                    activation,
                    &x,
                    batch,
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
                Train::new(work, dense, Some(activation), batch)
                    .map(|train| Measured::training(train, samples / batch))
            }
            Work::TrainResidual {
                stream,
                batch,
                samples,
            } => Train::new(work, data::residual(stream), None, batch)
                .map(|train| Measured::training(train, samples / batch)),
            _ => return Err("not written".into()),
        };
        measured.map_err(|error| error.to_string().into())
    }
}

fn main() {
    harness::serve::<Candle>();
}
