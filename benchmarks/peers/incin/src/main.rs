//! The work with incin: its `Linear` and its Adam, all sizes in the types.

use harness::data::{self, Dense, Set};
use harness::{Loss, Measured, Peer, Skip, Training, Work, works};
use incin::backend_authoring::{HostInterop, VariableBackend};
use incin::prelude::*;

type B = DefaultBackend;
type Outcome<T> = std::result::Result<T, incin::Error>;

fn numbers(bytes: &[u8]) -> Vec<f32> {
    bytes
        .chunks_exact(4)
        .map(|b| f32::from_ne_bytes([b[0], b[1], b[2], b[3]]))
        .collect()
}

/// A chain of three dense layers for batches of one size, as a module.
macro_rules! chain {
    ($name:ident, $batch:tt, $a:tt, $b:tt, $c:tt, $d:tt, $activation:ident) => {
        mod $name {
            use super::*;

            #[module]
            pub struct Net {
                first: Linear<s![$a, $b]>,
                second: Linear<s![$b, $c]>,
                third: Linear<s![$c, $d]>,
            }

            macro_rules! layer {
                ($dense:expr, $i:tt, $o:tt) => {{
                    let weight = Tensor::<s![$o, $i]>::from_slice(&$dense.weight, ())?;
                    let bias = Tensor::<s![$o]>::from_slice(&$dense.bias, ())?;
                    Linear::from_raw_parts(
                        incin::nn::param::Param::from_raw(
                            B::var_from_tensor::<f32>(weight.inner())?,
                            (),
                        )?,
                        Some(incin::nn::param::Param::from_raw(
                            B::var_from_tensor::<f32>(bias.inner())?,
                            (),
                        )?),
                    )
                }};
            }

            impl Net {
                /// With the common initial values.
                pub fn new(dense: &[Dense]) -> Outcome<Self> {
                    Ok(Self {
                        first: layer!(dense[0], $a, $b),
                        second: layer!(dense[1], $b, $c),
                        third: layer!(dense[2], $c, $d),
                    })
                }

                pub fn forward(
                    &self,
                    x: Tensor<s![$batch, $a]>,
                ) -> Outcome<Tensor<s![$batch, $d], B, f32, Grad>> {
                    let x = self.first.forward(x)?.$activation()?;
                    let x = self.second.forward(x)?.$activation()?;
                    self.third.forward(x)
                }
            }

            fn inputs(x: &[f32]) -> Outcome<Vec<Tensor<s![$batch, $a]>>> {
                x.chunks_exact($batch * $a)
                    .map(|x| Tensor::from_slice(x, ()))
                    .collect()
            }

            pub fn infer(dense: &[Dense], x: &[f32]) -> Outcome<Measured> {
                let net = Net::new(dense)?;
                let x = inputs(x)?.remove(0);
                let y = net.forward(x.clone())?;
                Ok(Measured::call(
                    (net, x, y),
                    |(net, x, y)| *y = net.forward(x.clone()).expect("an inference"),
                    |(_, _, y)| numbers(&B::to_bytes::<f32>(y.inner()).expect("bytes")),
                ))
            }

            enum Targets {
                Classes(Vec<Tensor<s![$batch], B, u32>>),
                Values(Vec<Tensor<s![$batch, $d]>>),
            }

            pub struct Train {
                dense: Vec<Dense>,
                net: Net,
                adam: incin::Adam<B>,
                x: Vec<Tensor<s![$batch, $a]>>,
                targets: Targets,
                last: f32,
            }

            impl Train {
                pub fn new(dense: Vec<Dense>, set: &Set, loss: Loss) -> Outcome<Self> {
                    let net = Net::new(&dense)?;
                    let adam = incin::Adam::from_module(&net, works::LEARNING_RATE)?;
                    let targets = match loss {
                        Loss::CrossEntropy => {
                            let class: Vec<u32> =
                                set.class.iter().map(|&class| class as u32).collect();
                            let batches = class.chunks_exact($batch);
                            Targets::Classes(
                                batches
                                    .map(|y| Tensor::from_slice(y, ()))
                                    .collect::<Outcome<_>>()?,
                            )
                        }
                        Loss::Mse => {
                            let batches = set.y.chunks_exact($batch * $d);
                            Targets::Values(
                                batches
                                    .map(|y| Tensor::from_slice(y, ()))
                                    .collect::<Outcome<_>>()?,
                            )
                        }
                    };
                    Ok(Self {
                        dense,
                        net,
                        adam,
                        x: inputs(&set.x)?,
                        targets,
                        last: 0.0,
                    })
                }

                fn try_step(&mut self, batch: usize) -> Outcome<()> {
                    let y = self.net.forward(self.x[batch].clone())?;
                    let loss = match &self.targets {
                        Targets::Classes(classes) => y.cross_entropy_loss(&classes[batch])?,
                        Targets::Values(values) => y.mse_loss(&values[batch])?,
                    };
                    let gradient = loss.backward()?;
                    self.adam.step(&gradient)?;
                    self.last = loss.to_scalar::<f32>()?;
                    Ok(())
                }
            }

            impl Training for Train {
                fn reset(&mut self) {
                    self.net = Net::new(&self.dense).expect("as before");
                    self.adam = incin::Adam::from_module(&self.net, works::LEARNING_RATE)
                        .expect("as before");
                }
                fn step(&mut self, batch: usize) {
                    self.try_step(batch).expect("a step");
                }
                fn loss(&mut self) -> f64 {
                    f64::from(self.last)
                }
            }
        }
    };
}

chain!(small_1, 1, 8, 64, 64, 4, tanh);
chain!(small_64, 64, 8, 64, 64, 4, tanh);
chain!(middle_1, 1, 64, 128, 128, 10, relu);
chain!(middle_256, 256, 64, 128, 128, 10, relu);
chain!(wide, 64, 784, 128, 64, 10, relu);
chain!(exponential, 10000, 4, 32, 16, 4, tanh);

struct Incin;

impl Incin {
    fn try_prepare(work: &Work) -> Outcome<Option<Measured>> {
        Ok(Some(match *work {
            Work::Infer {
                stream,
                widths,
                activation,
                batch,
            } => {
                let dense = data::chain(stream, widths, activation);
                let x = data::inputs(stream, batch, widths[0]);
                match (stream, batch) {
                    (1, 1) => small_1::infer(&dense, &x)?,
                    (1, _) => small_64::infer(&dense, &x)?,
                    (_, 1) => middle_1::infer(&dense, &x)?,
                    (_, _) => middle_256::infer(&dense, &x)?,
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
                let (set, loss, batches) = (data::set(work), work.loss(), samples / batch);
                match stream {
                    4 => Measured::training(wide::Train::new(dense, &set, loss)?, batches),
                    6 => Measured::training(small_64::Train::new(dense, &set, loss)?, batches),
                    _ => Measured::training(exponential::Train::new(dense, &set, loss)?, batches),
                }
            }
            _ => return Ok(None),
        }))
    }
}

impl Peer for Incin {
    fn prepare(work: &Work, _threads: usize) -> std::result::Result<Measured, Skip> {
        match Self::try_prepare(work) {
            Ok(Some(measured)) => Ok(measured),
            Ok(None) if matches!(work, Work::TrainResidual { .. }) => {
                Err("has no batch norm of vectors".into())
            }
            Ok(None) => Err("not written".into()),
            Err(error) => Err(error.to_string().into()),
        }
    }
}

fn main() {
    harness::serve::<Incin>();
}
