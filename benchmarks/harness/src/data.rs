//! Weights, inputs and targets from a formula that gives the same bits in every language:
//! SplitMix64 of (stream, index), and `f32` operations that are exact or rounded once.
//! `peers/python/data.py` is the same in numpy.

use crate::works::{BLOCKS, SEED};

/// Which numbers of a work a stream is for; layers count from 0 in the order of the forward pass.
#[derive(Clone, Copy)]
pub enum Part {
    Input = 1,
    Noise = 2,
    Prototype = 3,
    Weight = 256,
    Bias = 512,
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// `len` numbers from [-1, 1), multiples of 2^-23.
pub fn uniform(stream: u64, part: u64, len: usize) -> Vec<f32> {
    let key = mix(SEED.wrapping_add(stream << 32).wrapping_add(part));
    (0..len as u64)
        .map(|index| {
            let bits = mix(key.wrapping_add((index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)));
            (bits >> 40) as f32 * (2.0_f32).powi(-23) - 1.0
        })
        .collect()
}

/// The weight of a layer, row after row (`[output, input]`, as PyTorch keeps it):
/// uniform with variance `gain^2 / input`.
pub fn weight(stream: u64, layer: u64, input: usize, output: usize, gain_squared: f64) -> Vec<f32> {
    let bound = (3.0 * gain_squared / input as f64).sqrt() as f32;
    let mut weight = uniform(stream, Part::Weight as u64 + layer, input * output);
    weight.iter_mut().for_each(|w| *w *= bound);
    weight
}

/// The bias of a layer: uniform up to 0.1.
pub fn bias(stream: u64, layer: u64, output: usize) -> Vec<f32> {
    let mut bias = uniform(stream, Part::Bias as u64 + layer, output);
    bias.iter_mut().for_each(|b| *b *= 0.1);
    bias
}

/// A matrix of `rows` rows, row after row, turned into column after column.
pub fn transpose(matrix: &[f32], rows: usize) -> Vec<f32> {
    let columns = matrix.len() / rows;
    (0..matrix.len())
        .map(|index| matrix[index % rows * columns + index / rows])
        .collect()
}

/// A dense layer's size and initial values.
pub struct Dense {
    pub input: usize,
    pub output: usize,
    /// `[output, input]`, row after row.
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
}

impl Dense {
    fn new(stream: u64, layer: u64, input: usize, output: usize, gain_squared: f64) -> Self {
        Self {
            input,
            output,
            weight: weight(stream, layer, input, output, gain_squared),
            bias: bias(stream, layer, output),
        }
    }

    /// The weight column after column, which is `[input, output]` row after row.
    pub fn weight_transposed(&self) -> Vec<f32> {
        transpose(&self.weight, self.output)
    }
}

/// The layers of a chain of dense layers, Xavier's gain for tanh and He's for relu.
pub fn chain(stream: u64, widths: &[usize], activation: crate::Activation) -> Vec<Dense> {
    let gain_squared = match activation {
        crate::Activation::Relu => 2.0,
        crate::Activation::Tanh => 1.0,
    };
    widths
        .windows(2)
        .enumerate()
        .map(|(layer, widths)| Dense::new(stream, layer as u64, widths[0], widths[1], gain_squared))
        .collect()
}

/// The dense layers of work 5: two for each block (64 to 64), and the head (64 to 10).
/// Batch norms start with scale 1 and shift 0; their epsilon is 1e-5, their momentum 0.1.
pub fn residual(stream: u64) -> Vec<Dense> {
    let layers = 2 * BLOCKS as u64 + 1;
    (0..layers)
        .map(|layer| {
            Dense::new(
                stream,
                layer,
                64,
                if layer + 1 == layers { 10 } else { 64 },
                2.0,
            )
        })
        .collect()
}

/// The layers of a recurrent cell with `gates` gates: input weights and bias, recurrent weights
/// and bias, gate after gate in PyTorch's order; each `[gates * hidden, ..]`.
pub fn cell(stream: u64, input: usize, hidden: usize, gates: usize) -> [Dense; 2] {
    let rows = gates * hidden;
    [
        Dense::new(stream, 0, input, rows, 1.0),
        Dense::new(stream, 1, hidden, rows, 1.0),
    ]
}

/// The dense layer behind the LSTM of work 9.
pub fn lstm_head(stream: u64, hidden: usize) -> Dense {
    Dense::new(stream, 2, hidden, 1, 1.0)
}

/// The layers of LeNet-5; a convolution's input is what one output sees, `[channel, row, column]`.
pub fn lenet(stream: u64) -> Vec<Dense> {
    let sizes = [(25, 6), (6 * 25, 16), (400, 120), (120, 84), (84, 10)];
    let layer = |(index, (input, output))| Dense::new(stream, index as u64, input, output, 2.0);
    sizes.into_iter().enumerate().map(layer).collect()
}

/// A convolution over time; a row of its weight is `[channel, step]`.
pub fn conv1d(stream: u64, channels: usize, kernel: usize) -> Dense {
    Dense::new(stream, 0, channels * kernel, channels, 1.0)
}

/// Inputs, sample after sample.
pub fn inputs(stream: u64, samples: usize, features: usize) -> Vec<f32> {
    uniform(stream, Part::Input as u64, samples * features)
}

/// Operands of work 8: a weight (`output x input`, column after column), inputs and output
/// gradients (sample after sample).
pub fn product(input: usize, output: usize, batch: usize) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
    let stream = 8 + ((input * 1024 + output) << 8) as u64;
    (
        uniform(stream, 1, input * output),
        uniform(stream, 2, input * batch),
        uniform(stream, 3, output * batch),
    )
}

/// A training set, sample after sample.
pub struct Set {
    pub x: Vec<f32>,
    /// Classes, for cross-entropy.
    pub class: Vec<usize>,
    /// Target vectors, for mean squared error.
    pub y: Vec<f32>,
}

/// Ten classes: each a prototype, drowned in noise. Sample `s` is of class `s % 10`.
pub fn classes(stream: u64, samples: usize, features: usize) -> Set {
    let prototype = uniform(stream, Part::Prototype as u64, 10 * features);
    let mut x = uniform(stream, Part::Noise as u64, samples * features);
    for (sample, x) in x.chunks_exact_mut(features).enumerate() {
        let prototype = &prototype[sample % 10 * features..][..features];
        for (x, prototype) in x.iter_mut().zip(prototype) {
            *x += 0.25 * *prototype;
        }
    }
    Set {
        x,
        class: (0..samples).map(|sample| sample % 10).collect(),
        y: Vec::new(),
    }
}

/// Four smooth functions of eight inputs.
pub fn functions(stream: u64, samples: usize) -> Set {
    let x = inputs(stream, samples, 8);
    let y = x
        .chunks_exact(8)
        .flat_map(|x| {
            [
                x[0] * x[1] + x[2],
                x[3] * x[3] - x[4],
                x[5] * x[6] * x[7],
                0.5 * x[0] - x[7] * x[7],
            ]
        })
        .collect();
    Set {
        x,
        class: Vec::new(),
        y,
    }
}

/// SimpleChains' task: a 2 x 2 matrix, nearly standard normal, and its exponential
/// (the first 24 terms of the series, in `f64`).
pub fn matrix_exponentials(stream: u64, samples: usize) -> Set {
    // The sum of three uniform numbers has variance 1, and the same bits everywhere.
    let uniform = uniform(stream, Part::Input as u64, samples * 4 * 3);
    let x: Vec<f32> = uniform
        .chunks_exact(3)
        .map(|u| u[0] + u[1] + u[2])
        .collect();
    let y = x
        .chunks_exact(4)
        .flat_map(|x| {
            let x: [f64; 4] = std::array::from_fn(|i| f64::from(x[i]));
            let mut term = [1.0, 0.0, 0.0, 1.0];
            let mut sum = term;
            for n in 1..24 {
                let [a, b, c, d] = term;
                let n = f64::from(n);
                term = [
                    (a * x[0] + b * x[2]) / n,
                    (a * x[1] + b * x[3]) / n,
                    (c * x[0] + d * x[2]) / n,
                    (c * x[1] + d * x[3]) / n,
                ];
                for (sum, term) in sum.iter_mut().zip(term) {
                    *sum += term;
                }
            }
            sum.map(|y| y as f32)
        })
        .collect();
    Set {
        x,
        class: Vec::new(),
        y,
    }
}

/// The training set of a work.
pub fn set(work: &crate::Work) -> Set {
    match *work {
        crate::Work::Train {
            stream: 7, samples, ..
        } => matrix_exponentials(7, samples),
        crate::Work::Train {
            stream,
            widths,
            loss: crate::Loss::CrossEntropy,
            samples,
            ..
        } => classes(stream, samples, widths[0]),
        crate::Work::Train {
            stream, samples, ..
        } => functions(stream, samples),
        crate::Work::TrainResidual {
            stream, samples, ..
        } => classes(stream, samples, 64),
        crate::Work::LeNet {
            stream, samples, ..
        } => classes(stream, samples, 784),
        _ => unreachable!("only training has a training set"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same figures come from `peers/python/data.py`.
    #[test]
    fn the_formula_stays_what_it_is() {
        assert_eq!(
            uniform(1, 1, 3),
            [-0.365_697_86, -0.365_991_12, -0.830_978_16]
        );
        assert_eq!(
            transpose(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2),
            [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]
        );
    }
}
