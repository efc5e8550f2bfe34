//! The work: which networks, which batches, which products. `peers/python/works.py` says the same.

/// What follows each hidden layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    Relu,
    Tanh,
}

/// What is minimised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Mean over samples, from logits.
    CrossEntropy,
    /// Mean over samples and outputs.
    Mse,
}

/// The seed of all data and weights.
pub const SEED: u64 = 20_260_101;
/// Adam's learning rate; betas 0.9 and 0.999, epsilon 1e-8, no decay.
pub const LEARNING_RATE: f64 = 1e-3;
/// Residual blocks of work 5.
pub const BLOCKS: usize = 16;
/// Steps after which losses are compared; the last is the one that is published.
pub const CHECKPOINTS: [usize; 4] = [1, 10, 50, 200];
/// Samples of a training set; work 7 takes all its 10,000 at once.
pub const SAMPLES: usize = 512;
/// Samples of a stream that works 9 to 12 read round and round, and steps of a call of work 9b.
pub const STREAM: usize = 2048;
/// Steps from an empty past whose outputs are compared.
pub const STREAM_CHECKED: usize = 64;
/// Columns of work 8.
pub const PRODUCT_BATCH: usize = 64;

/// The layer sizes of work 8: each dense layer of works 1 to 7 (input, output), and squares.
pub const PRODUCTS: [(usize, usize); 15] = [
    (4, 32),
    (32, 16),
    (16, 4),
    (8, 64),
    (64, 4),
    (64, 10),
    (8, 8),
    (16, 16),
    (32, 32),
    (64, 64),
    (64, 128),
    (128, 128),
    (128, 64),
    (128, 10),
    (784, 128),
];

/// One of the three products of a dense layer with weight W (output x input), for a batch of
/// inputs X (input x batch) and output gradients D (output x batch), all column-major.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// Y = W X.
    Forward,
    /// W^T D.
    InputGradient,
    /// D X^T.
    WeightGradient,
}

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    Infer {
        stream: u64,
        widths: &'static [usize],
        activation: Activation,
        batch: usize,
    },
    Train {
        stream: u64,
        widths: &'static [usize],
        activation: Activation,
        loss: Loss,
        batch: usize,
        samples: usize,
    },
    /// 64, 16 residual blocks, 10.
    TrainResidual {
        stream: u64,
        batch: usize,
        samples: usize,
    },
    Product {
        product: Product,
        input: usize,
        output: usize,
        batch: usize,
    },
    /// One feature a step into an LSTM, and a dense layer to one output: so many steps a call,
    /// from one call to the next with its state.
    Lstm {
        stream: u64,
        hidden: usize,
        steps: usize,
    },
    /// A GRU as wide as its input, one step a call, with its state.
    Gru { stream: u64, width: usize },
    /// LeNet-5 with relu and max pooling, He's gain; cross-entropy, Adam.
    LeNet {
        stream: u64,
        batch: usize,
        samples: usize,
    },
    /// A causal convolution of as many channels as its input has, one frame a call, with its past.
    Conv1d {
        stream: u64,
        channels: usize,
        kernel: usize,
    },
    /// Multiply-adds in registers: what the core can do at most.
    Peak,
}

impl Work {
    /// What a training step minimises.
    pub fn loss(&self) -> Loss {
        match *self {
            Self::Train { loss, .. } => loss,
            _ => Loss::CrossEntropy,
        }
    }

    /// The work called `name`, such as `3a` or `8:forward:64x128`.
    pub fn parse(name: &str) -> Option<Self> {
        use Activation::{Relu, Tanh};
        const SMALL: &[usize] = &[8, 64, 64, 4];
        const MIDDLE: &[usize] = &[64, 128, 128, 10];
        let infer = |stream, widths, activation, batch| Self::Infer {
            stream,
            widths,
            activation,
            batch,
        };
        Some(match name {
            "1" => infer(1, SMALL, Tanh, 1),
            "2" => infer(1, SMALL, Tanh, 64),
            "3a" => infer(3, MIDDLE, Relu, 1),
            "3b" => infer(3, MIDDLE, Relu, 256),
            "4" => Self::Train {
                stream: 4,
                widths: &[784, 128, 64, 10],
                activation: Relu,
                loss: Loss::CrossEntropy,
                batch: 64,
                samples: SAMPLES,
            },
            "5" => Self::TrainResidual {
                stream: 5,
                batch: 64,
                samples: SAMPLES,
            },
            "6" => Self::Train {
                stream: 6,
                widths: SMALL,
                activation: Tanh,
                loss: Loss::Mse,
                batch: 64,
                samples: SAMPLES,
            },
            "7" => Self::Train {
                stream: 7,
                widths: &[4, 32, 16, 4],
                activation: Tanh,
                loss: Loss::Mse,
                batch: 10_000,
                samples: 10_000,
            },
            "8:peak" => Self::Peak,
            "9a" => Self::Lstm {
                stream: 9,
                hidden: 20,
                steps: 1,
            },
            "9b" => Self::Lstm {
                stream: 9,
                hidden: 20,
                steps: STREAM,
            },
            "10a" => Self::Gru {
                stream: 10,
                width: 8,
            },
            "10b" => Self::Gru {
                stream: 10,
                width: 16,
            },
            "10c" => Self::Gru {
                stream: 10,
                width: 32,
            },
            "10d" => Self::Gru {
                stream: 10,
                width: 64,
            },
            "11" => Self::LeNet {
                stream: 11,
                batch: 64,
                samples: SAMPLES,
            },
            "12a" => Self::Conv1d {
                stream: 12,
                channels: 4,
                kernel: 3,
            },
            "12b" => Self::Conv1d {
                stream: 12,
                channels: 8,
                kernel: 7,
            },
            "12c" => Self::Conv1d {
                stream: 12,
                channels: 16,
                kernel: 15,
            },
            "12d" => Self::Conv1d {
                stream: 12,
                channels: 32,
                kernel: 31,
            },
            _ => {
                let mut parts = name.strip_prefix("8:")?.split(':');
                let product = match parts.next()? {
                    "forward" => Product::Forward,
                    "input_gradient" => Product::InputGradient,
                    "weight_gradient" => Product::WeightGradient,
                    _ => return None,
                };
                let (input, output) = parts.next()?.split_once('x')?;
                Self::Product {
                    product,
                    input: input.parse().ok()?,
                    output: output.parse().ok()?,
                    batch: PRODUCT_BATCH,
                }
            }
        })
    }
}
