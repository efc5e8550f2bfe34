//! Draws random networks from a chain and measures their gradients: what the theory predicts,
//! found without it.

use std::collections::HashMap;

use network_flow::{Activation, Chain, Dense, Init, Layer, Node, Norm};

/// A small generator of its own, so that the figures do not change with a dependency.
pub(crate) struct Random {
    state: u64,
    spare: Option<f64>,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d,
            spare: None,
        }
    }

    // SplitMix64.
    fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    // Box and Muller.
    pub(crate) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        let (sin, cos) = (std::f64::consts::TAU * self.uniform()).sin_cos();
        self.spare = Some(radius * sin);
        radius * cos
    }

    pub(crate) fn normals(&mut self, n: usize, deviation: f64) -> Vec<f64> {
        (0..n).map(|_| deviation * self.normal()).collect()
    }
}

/// A batch of examples, one per row.
#[derive(Clone)]
struct Batch {
    width: usize,
    data: Vec<f64>,
}

impl Batch {
    fn rows(&self) -> usize {
        self.data.len() / self.width
    }

    fn map(&self, f: impl Fn(f64) -> f64) -> Self {
        Self {
            width: self.width,
            data: self.data.iter().map(|x| f(*x)).collect(),
        }
    }

    fn zip(&self, other: &Self, f: impl Fn(f64, f64) -> f64) -> Self {
        let data = self
            .data
            .iter()
            .zip(&other.data)
            .map(|(a, b)| f(*a, *b))
            .collect();
        Self {
            width: self.width,
            data,
        }
    }

    /// Rows times a matrix of `width` rows.
    fn times(&self, matrix: &[f64], columns: usize) -> Self {
        let mut data = vec![0.0; self.rows() * columns];
        for (row, out) in self.data.chunks(self.width).zip(data.chunks_mut(columns)) {
            for (x, weights) in row.iter().zip(matrix.chunks(columns)) {
                for (cell, weight) in out.iter_mut().zip(weights) {
                    *cell += x * weight;
                }
            }
        }
        Self {
            width: columns,
            data,
        }
    }

    fn square(&self) -> f64 {
        self.data.iter().map(|x| x * x).sum()
    }
}

enum Op {
    Dense {
        weight: Vec<f64>,
        columns: usize,
    },
    Activation(Activation),
    /// Normalised values, and the reciprocal deviation of each; over columns or over rows.
    Norm {
        unit: Batch,
        inverse: Batch,
        scale: f64,
        over_batch: bool,
        centred: bool,
    },
    Mask(Batch),
    Sum(f64),
    Concat,
}

struct Step {
    op: Op,
    inputs: Vec<usize>,
}

/// A network drawn from a chain, with one batch passed through.
struct Drawn<'a> {
    random: &'a mut Random,
    values: Vec<Batch>,
    steps: Vec<Step>,
    labels: HashMap<usize, usize>,
    first: Option<usize>,
    last: Option<usize>,
    depth: usize,
}

/// What was measured on one drawn network.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    /// `log10` of the ratio of root mean square gradient norms, first layer over last.
    pub(crate) decades: f64,
    /// `log10` of the root mean square of the last layer's output.
    pub(crate) forward: f64,
    /// Mean cosine between the inputs of the last layer for two examples.
    pub(crate) cosine: f64,
}

/// Draws `chain` once with normal inputs of the given width and normal cotangents.
pub(crate) fn simulate(chain: &Chain, width: usize, batch: usize, seed: u64) -> Measured {
    let random = &mut Random::new(seed);
    let input = Batch {
        width,
        data: random.normals(batch * width, chain.input.second_moment.sqrt()),
    };
    let mut drawn = Drawn {
        random,
        values: vec![input],
        steps: Vec::new(),
        labels: HashMap::new(),
        first: None,
        last: None,
        depth: 0,
    };
    let end = drawn.run(&chain.nodes, 0);
    let last = drawn.last.unwrap_or(end);
    let gradients = drawn.backward(last);
    let size = |at: usize| gradients[at].as_ref().map_or(0.0, Batch::square);
    let first = drawn.first.unwrap();
    let before = &drawn.values[drawn.steps[last - 1].inputs[0]];
    Measured {
        decades: 0.5 * (size(first) / size(last)).log10(),
        forward: 0.5 * (drawn.values[last].square() / drawn.values[last].data.len() as f64).log10(),
        cosine: cosine(before),
    }
}

fn cosine(batch: &Batch) -> f64 {
    let rows: Vec<&[f64]> = batch.data.chunks(batch.width).collect();
    let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    let (mut across, mut own, mut pairs) = (0.0, 0.0, 0.0);
    for (i, a) in rows.iter().enumerate() {
        own += dot(a, a) / rows.len() as f64;
        for b in &rows[..i] {
            across += dot(a, b);
            pairs += 1.0;
        }
    }
    across / pairs / own
}

impl Drawn<'_> {
    fn run(&mut self, nodes: &[Node], mut at: usize) -> usize {
        for node in nodes {
            at = self.node(&node.layer, at);
            if let Some(label) = node.label {
                self.labels.insert(label, at);
            }
        }
        at
    }

    fn push(&mut self, op: Op, inputs: Vec<usize>, value: Batch) -> usize {
        self.steps.push(Step { op, inputs });
        self.values.push(value);
        self.values.len() - 1
    }

    fn node(&mut self, layer: &Layer, at: usize) -> usize {
        match layer {
            Layer::Dense(dense) => self.dense(dense, at),
            Layer::Activation(activation) => {
                let value = self.values[at].map(|x| activation.value(x));
                self.push(Op::Activation(activation.clone()), vec![at], value)
            }
            Layer::BatchNorm(norm) => self.norm(*norm, true, true, at),
            Layer::LayerNorm(norm) => self.norm(*norm, false, true, at),
            Layer::RmsNorm(norm) => self.norm(*norm, false, false, at),
            Layer::Dropout(p) => {
                let width = self.values[at].width;
                let data = (0..self.values[at].data.len())
                    .map(|_| {
                        if self.random.uniform() < *p {
                            0.0
                        } else {
                            1.0 / (1.0 - p)
                        }
                    })
                    .collect();
                let mask = Batch { width, data };
                let value = self.values[at].zip(&mask, |x, m| x * m);
                self.push(Op::Mask(mask), vec![at], value)
            }
            Layer::Residual(residual) => {
                let trunk = self.depth == 0;
                if trunk {
                    self.first.get_or_insert(at);
                }
                self.depth += 1;
                let branch = self.run(&residual.body, at);
                let skip = match &residual.projection {
                    Some(projection) => self.dense(projection, at),
                    None => at,
                };
                self.depth -= 1;
                let output = self.sum(skip, branch, residual.scale);
                if trunk {
                    self.last = Some(output);
                }
                output
            }
            Layer::Repeat { count, body } => (0..*count).fold(at, |at, _| self.run(body, at)),
            Layer::Add(label) => self.sum(at, self.labels[label], 1.0),
            Layer::Concat(labels) => {
                let mut inputs = vec![at];
                inputs.extend(labels.iter().map(|label| self.labels[label]));
                let width = inputs.iter().map(|i| self.values[*i].width).sum();
                let rows = self.values[at].rows();
                let mut data = Vec::with_capacity(width * rows);
                for row in 0..rows {
                    for input in &inputs {
                        let part = &self.values[*input];
                        data.extend_from_slice(&part.data[row * part.width..][..part.width]);
                    }
                }
                self.push(Op::Concat, inputs, Batch { width, data })
            }
            other => panic!("{other:?} is not simulated"),
        }
    }

    fn dense(&mut self, dense: &Dense, at: usize) -> usize {
        let (rows, columns) = (
            dense.fan_in.known().unwrap(),
            dense.fan_out.known().unwrap(),
        );
        assert_eq!(rows, self.values[at].width);
        let sigma_w2 = dense.sigma_w2().unwrap();
        let deviation = (sigma_w2 / rows as f64).sqrt();
        let weight = match dense.init {
            Init::Orthogonal => {
                let mut weight = self.random.normals(rows * columns, 1.0);
                orthogonalise(&mut weight, columns);
                for w in &mut weight {
                    *w *= dense.gain;
                }
                weight
            }
            Init::XavierUniform | Init::HeUniform | Init::PytorchDefault | Init::Uniform(_) => {
                let limit = deviation * 3.0_f64.sqrt();
                (0..rows * columns)
                    .map(|_| limit * (2.0 * self.random.uniform() - 1.0))
                    .collect()
            }
            _ => self.random.normals(rows * columns, deviation),
        };
        let mut value = self.values[at].times(&weight, columns);
        let bias = self
            .random
            .normals(columns, dense.bias_variance.unwrap_or(0.0).sqrt());
        for row in value.data.chunks_mut(columns) {
            row.iter_mut().zip(&bias).for_each(|(x, b)| *x += b);
        }
        let output = self.push(Op::Dense { weight, columns }, vec![at], value);
        if self.depth == 0 {
            self.first.get_or_insert(output);
            self.last = Some(output);
        }
        output
    }

    fn sum(&mut self, left: usize, right: usize, scale: f64) -> usize {
        let value = self.values[left].zip(&self.values[right], |a, b| a + scale * b);
        self.push(Op::Sum(scale), vec![left, right], value)
    }

    fn norm(&mut self, norm: Norm, over_batch: bool, centred: bool, at: usize) -> usize {
        let x = &self.values[at];
        let mean = if centred {
            average(x, over_batch)
        } else {
            x.map(|_| 0.0)
        };
        let centre = x.zip(&mean, |x, m| x - m);
        let variance = average(&centre.map(|x| x * x), over_batch);
        let inverse = variance.map(|v| 1.0 / (v + norm.epsilon).sqrt());
        let unit = centre.zip(&inverse, |x, i| x * i);
        let value = unit.map(|x| norm.scale * x);
        let op = Op::Norm {
            unit,
            inverse,
            scale: norm.scale,
            over_batch,
            centred,
        };
        self.push(op, vec![at], value)
    }

    fn backward(&mut self, last: usize) -> Vec<Option<Batch>> {
        let mut gradients: Vec<Option<Batch>> = vec![None; self.values.len()];
        let end = &self.values[last];
        let data = self.random.normals(end.data.len(), 1.0);
        gradients[last] = Some(Batch {
            width: end.width,
            data,
        });
        for index in (0..last).rev() {
            let Some(d) = gradients[index + 1].clone() else {
                continue;
            };
            let step = &self.steps[index];
            let input = &self.values[step.inputs[0]];
            let parts = match &step.op {
                Op::Dense { weight, columns } => {
                    vec![d.times(&transpose(weight, *columns), input.width)]
                }
                Op::Activation(activation) => {
                    vec![input.zip(&d, |x, d| d * activation.derivative(x))]
                }
                Op::Norm {
                    unit,
                    inverse,
                    scale,
                    over_batch,
                    centred,
                } => {
                    let mean = average(&d, *over_batch);
                    let along = average(&d.zip(unit, |d, u| d * u), *over_batch);
                    let mean = if *centred { mean } else { mean.map(|_| 0.0) };
                    let left = d.zip(&mean, |d, m| d - m);
                    let left = left.zip(&unit.zip(&along, |u, a| u * a), |d, u| d - u);
                    vec![left.zip(inverse, |d, i| scale * d * i)]
                }
                Op::Mask(mask) => vec![d.zip(mask, |d, m| d * m)],
                Op::Sum(scale) => vec![d.clone(), d.map(|d| scale * d)],
                Op::Concat => {
                    let mut start = 0;
                    let mut parts = Vec::new();
                    for input in &step.inputs {
                        let width = self.values[*input].width;
                        let rows = d.data.chunks(d.width);
                        let data = rows.flat_map(|row| row[start..start + width].to_vec());
                        parts.push(Batch {
                            width,
                            data: data.collect(),
                        });
                        start += width;
                    }
                    parts
                }
            };
            for (input, part) in step.inputs.iter().zip(parts) {
                gradients[*input] = Some(match gradients[*input].take() {
                    None => part,
                    Some(before) => before.zip(&part, |a, b| a + b),
                });
            }
        }
        gradients
    }
}

/// Means over the batch (per column) or over the units (per row), spread back over all cells.
fn average(x: &Batch, over_batch: bool) -> Batch {
    let rows = x.rows();
    let mut data = vec![0.0; x.data.len()];
    if over_batch {
        let mut means = vec![0.0; x.width];
        for row in x.data.chunks(x.width) {
            means
                .iter_mut()
                .zip(row)
                .for_each(|(m, x)| *m += x / rows as f64);
        }
        data.chunks_mut(x.width)
            .for_each(|row| row.copy_from_slice(&means));
    } else {
        for (row, out) in x.data.chunks(x.width).zip(data.chunks_mut(x.width)) {
            out.fill(row.iter().sum::<f64>() / x.width as f64);
        }
    }
    Batch {
        width: x.width,
        data,
    }
}

fn transpose(matrix: &[f64], columns: usize) -> Vec<f64> {
    let rows = matrix.len() / columns;
    let mut result = vec![0.0; matrix.len()];
    for (i, row) in matrix.chunks(columns).enumerate() {
        for (j, x) in row.iter().enumerate() {
            result[j * rows + i] = *x;
        }
    }
    result
}

/// Gram and Schmidt on the rows of a square matrix.
fn orthogonalise(matrix: &mut [f64], columns: usize) {
    assert_eq!(matrix.len(), columns * columns, "only square matrices");
    for i in 0..columns {
        let (done, rest) = matrix.split_at_mut(i * columns);
        let row = &mut rest[..columns];
        for _ in 0..2 {
            for other in done.chunks(columns) {
                let dot: f64 = row.iter().zip(other).map(|(a, b)| a * b).sum();
                row.iter_mut().zip(other).for_each(|(a, b)| *a -= dot * b);
            }
        }
        let norm: f64 = row.iter().map(|x| x * x).sum::<f64>().sqrt();
        for x in row {
            *x /= norm;
        }
    }
}
