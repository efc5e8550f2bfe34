//! The forward pass of the theory: a chain becomes a tape of operations on laws.
//!
//! A value is known by three moments over units and examples (second moment `q`, cross moment of
//! two examples, mean over units) and by the law of one unit. A dense layer forgets the law: its
//! output is normal. Everything else passes laws on.

use std::collections::HashMap;
use std::rc::Rc;

use crate::activation::Activation;
use crate::chain::{Chain, Dense, Layer, Node, Norm, Pool, Residual};
use crate::effect::Effect;
use crate::init::Width;
use crate::moments::MomentCache;
use crate::pool::Largest;
use crate::predict::{FlowError, Unknown};
use crate::tape::{Kind, Laws, Noise, Op, Tape, Value};

/// More operations than this are refused: nobody declares such a network on purpose.
const MAX_OPERATIONS: usize = 200_000;

/// Examples in a batch where nothing is said.
const USUAL_BATCH: usize = 32;

pub(crate) fn forward(chain: &Chain, cache: &mut MomentCache) -> Result<Tape, FlowError> {
    let input = chain.input;
    if !(input.second_moment.is_finite() && input.second_moment >= 0.0 && input.cosine.abs() <= 1.0)
    {
        return Err(FlowError::Input);
    }
    let mut builder = Builder {
        tape: Tape {
            values: vec![Value {
                q: input.second_moment,
                cross: input.second_moment * input.cosine,
                mean: 0.0,
                normal: true,
                uneven: false,
                units: None,
                sources: (0, 0),
            }],
            ops: Vec::new(),
            first: None,
            last: None,
            widths_known: true,
            unknown: None,
            memories: Vec::new(),
            batch: chain.batch.unwrap_or(USUAL_BATCH).max(1),
            laws: Laws::default(),
        },
        labels: HashMap::new(),
        batch: chain.batch,
        depth: 0,
        cache,
    };
    let end = builder.run(&chain.nodes, 0)?;
    let mut tape = builder.tape;
    tape.last = tape.last.or(tape.first.map(|_| end));
    Ok(tape)
}

struct Builder<'a> {
    tape: Tape,
    labels: HashMap<usize, usize>,
    batch: Option<usize>,
    /// How many residual branches we are in.
    depth: usize,
    cache: &'a mut MomentCache,
}

impl Builder<'_> {
    fn run(&mut self, nodes: &[Node], mut at: usize) -> Result<usize, FlowError> {
        for (index, node) in nodes.iter().enumerate() {
            if self.tape.ops.len() > MAX_OPERATIONS {
                return Err(FlowError::TooLarge);
            }
            let ends = self.depth == 0 && index + 1 == nodes.len();
            at = self.node(node, at, ends)?;
            if let Some(label) = node.label {
                self.labels.insert(label, at);
            }
        }
        Ok(at)
    }

    fn node(&mut self, node: &Node, at: usize, ends: bool) -> Result<usize, FlowError> {
        let id = node.id;
        Ok(match &node.layer {
            Layer::Dense(dense) => self.dense(id, dense, at)?,
            Layer::Activation(activation) if activation.is_sane() => {
                self.activation(id, activation, at)
            }
            Layer::Activation(_) => {
                return Err(FlowError::Invalid {
                    id,
                    what: "its parameter must be finite",
                });
            }
            Layer::BatchNorm(norm) => self.batch_norm(id, *norm, at)?,
            Layer::LayerNorm(norm) => {
                let mean = self.tape.values[at].mean;
                self.unit_norm(id, *norm, mean, at)?
            }
            Layer::RmsNorm(norm) => self.unit_norm(id, *norm, 0.0, at)?,
            Layer::Dropout(p) => self.dropout(id, *p, at)?,
            Layer::Residual(residual) => self.residual(id, residual, at)?,
            Layer::Repeat { count, body } => {
                let mut at = at;
                // An empty body would spin without ever reaching the limit on operations.
                let count = if body.is_empty() { 0 } else { *count };
                for _ in 0..count {
                    let before = self.tape.ops.len();
                    at = self.run(body, at)?;
                    if self.tape.ops.len() == before {
                        break;
                    }
                }
                at
            }
            Layer::Add(label) => match self.labels.get(label) {
                Some(&other) => self.sum(id, at, other, 1.0),
                None => return Err(FlowError::UnknownLabel { id }),
            },
            Layer::Concat(labels) => self.concat(id, labels, at)?,
            Layer::Pool(Pool::Largest(window)) => self.largest(id, *window, at),
            Layer::Pool(Pool::Mean(window)) => self.mean(id, *window, at),
            Layer::Upsample => self.passed(id, self.tape.values[at].clone(), at),
            Layer::Embedding { variance } => {
                let value = Value {
                    q: *variance,
                    cross: 0.0,
                    mean: 0.0,
                    normal: true,
                    uneven: false,
                    ..self.tape.values[at].clone()
                };
                self.passed(id, value, at)
            }
            Layer::Softmax if ends => at,
            Layer::Softmax => self.opaque(
                id,
                Unknown {
                    id,
                    reason: "softmax between layers",
                },
                at,
            ),
            Layer::Recurrent(recurrent) => {
                let memory = recurrent.memory(self.cache);
                self.tape.memories.push((id, memory));
                let reason = "a recurrent layer: its memory is judged on its own";
                self.opaque(id, Unknown { id, reason }, at)
            }
            Layer::Opaque => self.opaque(
                id,
                Unknown {
                    id,
                    reason: "a layer of unknown effect",
                },
                at,
            ),
        })
    }

    /// Appends an operation with its output.
    fn push(&mut self, id: usize, kind: Kind, inputs: Vec<usize>, value: Value) -> usize {
        let output = self.tape.values.len();
        self.tape.values.push(value);
        self.tape.ops.push(Op {
            id,
            kind,
            elasticity: vec![1.0; inputs.len()],
            inputs,
            output,
            trunk: self.depth == 0,
            noise: Noise {
                slope_overlap: 1.0,
                ..Noise::default()
            },
            factor_elasticity: 0.0,
        });
        output
    }

    fn last_op(&mut self) -> &mut Op {
        self.tape
            .ops
            .last_mut()
            .expect("an operation was just pushed")
    }

    /// The operation that made a value.
    fn producer(&self, value: usize) -> Option<&Op> {
        self.tape.ops.get(value.checked_sub(1)?)
    }

    fn withhold(&mut self, unknown: Unknown) {
        self.tape.unknown.get_or_insert(unknown);
    }

    fn opaque(&mut self, id: usize, unknown: Unknown, at: usize) -> usize {
        self.withhold(unknown);
        let mut value = self.tape.values[at].clone();
        value.normal = true;
        value.mean = 0.0;
        let kind = Kind::Scale {
            factor: 1.0,
            slope: 1.0,
            centre: 0.0,
        };
        self.push(id, kind, vec![at], value)
    }

    /// `1 / units` of a value, or zero with a note that the error bar cannot be given.
    fn per_unit(&mut self, units: Option<f64>) -> f64 {
        self.tape.widths_known &= units.is_some();
        units.map_or(0.0, f64::recip)
    }

    fn dense(&mut self, id: usize, dense: &Dense, at: usize) -> Result<usize, FlowError> {
        let bias = dense.bias_variance.unwrap_or(0.0);
        let empty = dense.fan_in == Width::Known(0) || dense.fan_out == Width::Known(0);
        if empty || !dense.gain.is_finite() || !bias.is_finite() || bias < 0.0 {
            return Err(FlowError::Invalid {
                id,
                what: "widths, gain and bias must be sane",
            });
        }
        let sigma_w2 = dense.sigma_w2().unwrap_or_else(|| {
            self.withhold(Unknown {
                id,
                reason: "its weight variance depends on unknown widths",
            });
            1.0
        });
        if !sigma_w2.is_finite() {
            return Err(FlowError::Invalid {
                id,
                what: "the weight variance is not finite",
            });
        }
        let per_unit = self.per_unit(dense.units_in.known().map(|n| n.max(1) as f64));
        self.tape.values[at].units.get_or_insert(dense.units_in);
        let value = &self.tape.values[at];
        let (normal, q) = (value.normal, value.q);
        let common = value.cosine().powi(2);
        let index = self.tape.ops.len() + 1;
        let value = Value {
            q: (sigma_w2 * q + bias).min(1e250),
            cross: (sigma_w2 * value.cross + bias).clamp(-1e250, 1e250),
            mean: 0.0,
            normal: true,
            uneven: false,
            units: Some(dense.units_out),
            sources: (index, index),
        };
        let share = if value.q > 0.0 {
            (sigma_w2 * q / value.q).min(1.0)
        } else {
            0.0
        };
        let output = self.push(id, Kind::Dense { sigma_w2 }, vec![at], value);
        let op = self.last_op();
        op.elasticity = vec![share];
        if !dense.init.is_orthogonal() {
            op.noise.per_unit = per_unit;
            op.noise.forward = if normal { 2.0 * per_unit } else { 0.0 };
            op.noise.common = common;
        }
        if self.depth == 0 {
            self.tape.first.get_or_insert(output);
            self.tape.last = Some(output);
        }
        Ok(output)
    }

    fn activation(&mut self, id: usize, activation: &Activation, at: usize) -> usize {
        let units = self.tape.values[at].independent_units();
        let per_unit = self.per_unit(units);
        let from = &self.tape.values[at];
        let cosine = from.cosine();
        let curved = *activation != Activation::Identity;
        let effect = if from.normal {
            Effect::on_normal(&self.cache.get(activation, from.q), cosine)
        } else {
            Effect::on_points(&self.tape.points(at), activation, from)
        };
        let value = Value {
            q: effect.second,
            cross: effect.cross,
            mean: effect.mean,
            normal: false,
            uneven: from.uneven || (curved && from.between_units() > 0.05),
            ..from.clone()
        };
        let kind = Kind::Activation {
            activation: activation.clone(),
            slope_second: effect.slope_second,
        };
        let output = self.push(id, kind, vec![at], value);
        let op = self.last_op();
        op.noise = Noise {
            per_unit,
            slope_excess: (effect.slope_kurtosis - 1.0).max(0.0),
            forward: (effect.kurtosis - 1.0).max(0.0) * per_unit,
            slope_overlap: effect.slope_overlap,
            // The share for a step function; between a square's and a line's.
            common: cosine.abs().asin() / std::f64::consts::FRAC_PI_2,
        };
        op.elasticity = vec![effect.elasticity];
        op.factor_elasticity = effect.slope_elasticity;
        output
    }

    /// Over an infinite batch the variance of a unit is `q - cross`. A batch of `B` multiplies
    /// the gradient's square by (B - 2) / (B - 3).
    fn batch_norm(&mut self, id: usize, norm: Norm, at: usize) -> Result<usize, FlowError> {
        // Each unit is divided by its own deviation, so the parts of a concatenation each get
        // their own.
        if let Some(Op {
            kind: Kind::Concat { shares },
            inputs,
            ..
        }) = self.producer(at)
        {
            let (shares, parts) = (shares.clone(), inputs.clone());
            let parts = parts
                .into_iter()
                .map(|part| self.batch_norm(id, norm, part));
            let parts = parts.collect::<Result<Vec<_>, _>>()?;
            return Ok(self.join(id, parts, shares, self.tape.values[at].units));
        }
        if self.tape.values[at].uneven {
            let reason = "batch normalisation of units that vary unequally";
            self.withhold(Unknown { id, reason });
        }
        let from = &self.tape.values[at];
        let variance = (from.q - from.cross).max(0.0);
        let correction = match self.batch {
            Some(batch) if batch > 3 => (batch as f64 - 2.0) / (batch as f64 - 3.0),
            _ => 1.0,
        };
        // The shape of the law is kept, its mean and variance are not: the means of the units,
        // which batch normalisation removes, are taken to be distributed like the rest.
        let whole = from.q - from.mean * from.mean;
        let mean = from.mean;
        self.affine(id, norm, variance, correction, (mean, whole), 0.0, at)
    }

    /// Layer normalisation for the true mean, RMS normalisation for mean zero.
    fn unit_norm(
        &mut self,
        id: usize,
        norm: Norm,
        mean: f64,
        at: usize,
    ) -> Result<usize, FlowError> {
        let from = &self.tape.values[at];
        let variance = (from.q - mean * mean).max(0.0);
        let cross = (from.cross - mean * mean) / (variance + norm.epsilon).max(1e-300);
        self.affine(id, norm, variance, 1.0, (mean, variance), cross, at)
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "one call for the three norms, all its own"
    )]
    fn affine(
        &mut self,
        id: usize,
        norm: Norm,
        variance: f64,
        correction: f64,
        (centre, spread): (f64, f64),
        cross: f64,
        at: usize,
    ) -> Result<usize, FlowError> {
        if !norm.scale.is_finite() || !norm.epsilon.is_finite() || norm.epsilon < 0.0 {
            return Err(FlowError::Invalid {
                id,
                what: "scale and epsilon must be finite",
            });
        }
        let gamma = norm.scale * norm.scale;
        let divisor = (variance + norm.epsilon).max(1e-300);
        let q = gamma * variance / divisor;
        let from = &self.tape.values[at];
        let slope = (q / spread.max(1e-300)).sqrt();
        let mean = slope * (from.mean - centre);
        let value = Value {
            q: q + mean * mean,
            cross: gamma * cross,
            mean,
            ..from.clone()
        };
        let factor = gamma * correction / divisor;
        let output = self.push(
            id,
            Kind::Scale {
                factor,
                slope,
                centre,
            },
            vec![at],
            value,
        );
        let op = self.last_op();
        let felt = variance / divisor;
        op.elasticity = vec![1.0 - felt];
        op.factor_elasticity = -felt;
        Ok(output)
    }

    /// A layer that passes the gradient's norm on.
    fn passed(&mut self, id: usize, value: Value, at: usize) -> usize {
        let kind = Kind::Scale {
            factor: 1.0,
            slope: 1.0,
            centre: 0.0,
        };
        self.push(id, kind, vec![at], value)
    }

    /// The largest of the entries of a window. Positions are to each other what examples are.
    fn largest(&mut self, id: usize, window: usize, at: usize) -> usize {
        let from = &self.tape.values[at];
        // Where a normal value was squashed, the entries' correlation is known before that.
        let rho = match self.producer(at) {
            Some(op) if matches!(op.kind, Kind::Activation { .. }) => {
                let before = &self.tape.values[op.inputs[0]];
                if before.normal {
                    before.cosine()
                } else {
                    from.between_units()
                }
            }
            _ => from.between_units(),
        };
        let units = from.independent_units();
        let largest = Largest::of(&self.tape.points(at), window, rho);
        let per_unit = self.per_unit(units);
        let from = &self.tape.values[at];
        let value = Value {
            q: largest.second,
            cross: largest.cross,
            mean: largest.mean,
            normal: false,
            ..from.clone()
        };
        let weight = Rc::new(largest.weight);
        let output = self.push(id, Kind::Largest { weight }, vec![at], value);
        self.last_op().noise = Noise {
            forward: (largest.kurtosis - 1.0).max(0.0) * per_unit,
            // Two examples seldom have their largest entry at the same place.
            slope_overlap: (window.max(1) as f64).recip(),
            common: rho,
            ..Noise::default()
        };
        output
    }

    /// The mean of the entries of a window: what they do not share shrinks.
    fn mean(&mut self, id: usize, window: usize, at: usize) -> usize {
        let n = window.max(1) as f64;
        let from = &self.tape.values[at];
        let q = (from.q + (n - 1.0) * from.cross) / n;
        let square = from.mean * from.mean;
        let kind = Kind::Mean {
            window: n,
            mean: from.mean,
            shrink: ((q - square).max(0.0) / (from.q - square).max(1e-300)).sqrt(),
        };
        let value = Value { q, ..from.clone() };
        self.push(id, kind, vec![at], value)
    }

    fn dropout(&mut self, id: usize, p: f64, at: usize) -> Result<usize, FlowError> {
        if !(0.0..1.0).contains(&p) {
            return Err(FlowError::Invalid {
                id,
                what: "dropout must be at least 0 and below 1",
            });
        }
        let keep = 1.0 - p;
        let from = &self.tape.values[at];
        let value = Value {
            q: from.q / keep,
            normal: false,
            ..from.clone()
        };
        Ok(self.push(id, Kind::Dropout { keep }, vec![at], value))
    }

    fn residual(&mut self, id: usize, residual: &Residual, at: usize) -> Result<usize, FlowError> {
        if !residual.scale.is_finite() {
            return Err(FlowError::Invalid {
                id,
                what: "the residual scale must be finite",
            });
        }
        let trunk = self.depth == 0;
        if trunk {
            self.tape.first.get_or_insert(at);
        }
        self.depth += 1;
        let branch = self.run(&residual.body, at)?;
        let skip = match &residual.projection {
            Some(projection) => self.dense(id, projection, at)?,
            None => at,
        };
        self.depth -= 1;
        let output = self.sum(id, skip, branch, residual.scale);
        if trunk {
            self.tape.last = Some(output);
        }
        Ok(output)
    }

    fn sum(&mut self, id: usize, left: usize, right: usize, scale: f64) -> usize {
        let (a, b) = (&self.tape.values[left], &self.tape.values[right]);
        let dependent = a.shares_weights_with(b) && scale != 0.0 && b.q > 0.0;
        let weight = scale * scale;
        let both = 2.0 * scale * a.mean * b.mean;
        let q = (a.q + both + weight * b.q).clamp(0.0, 1e250);
        let silent = weight * b.q == 0.0;
        let value = Value {
            q,
            cross: (a.cross + both + weight * b.cross).clamp(-1e250, 1e250),
            mean: a.mean + scale * b.mean,
            normal: a.normal && (silent || b.normal),
            uneven: a.uneven || b.uneven,
            units: a.units,
            sources: if silent {
                a.sources
            } else {
                (a.sources.0.min(b.sources.0), a.sources.1.max(b.sources.1))
            },
        };
        let elasticity = if q > 0.0 {
            vec![(a.q + 0.5 * both) / q, (weight * b.q + 0.5 * both) / q]
        } else {
            vec![1.0, 0.0]
        };
        if dependent {
            self.withhold(Unknown {
                id,
                reason: "a sum of values that share random weights",
            });
        }
        let output = self.push(id, Kind::Sum { scale }, vec![left, right], value);
        self.last_op().elasticity = elasticity;
        output
    }

    /// Appends labelled values to the current one.
    fn concat(&mut self, id: usize, labels: &[usize], at: usize) -> Result<usize, FlowError> {
        let mut inputs = vec![at];
        for label in labels {
            inputs.push(
                *self
                    .labels
                    .get(label)
                    .ok_or(FlowError::UnknownLabel { id })?,
            );
        }
        let units: Option<Vec<f64>> = inputs
            .iter()
            .map(|input| self.tape.values[*input].units?.known().map(|n| n as f64))
            .collect();
        let equal = vec![1.0; inputs.len()];
        let same = inputs
            .iter()
            .all(|i| self.tape.values[*i].units == self.tape.values[at].units);
        let sizes = units.clone().unwrap_or_else(|| {
            if !same || self.tape.values[at].units.is_none() {
                self.withhold(Unknown {
                    id,
                    reason: "the widths of its parts are not known",
                });
            }
            equal
        });
        let total: f64 = sizes.iter().sum::<f64>().max(1.0);
        let shares: Vec<f64> = sizes.iter().map(|size| size / total).collect();
        let units = units.map(|_| Width::Known(total as usize));
        Ok(self.join(id, inputs, shares, units))
    }

    fn join(
        &mut self,
        id: usize,
        inputs: Vec<usize>,
        shares: Vec<f64>,
        units: Option<Width>,
    ) -> usize {
        let values: Vec<&Value> = inputs
            .iter()
            .map(|input| &self.tape.values[*input])
            .collect();
        let mix = |get: fn(&Value) -> f64| -> f64 {
            values
                .iter()
                .zip(&shares)
                .map(|(value, share)| share * get(value))
                .sum()
        };
        let q = mix(|value| value.q);
        let alike = |value: &&Value| value.normal && (value.q - q).abs() < 1e-4 * q;
        let value = Value {
            q,
            cross: mix(|value| value.cross),
            mean: mix(|value| value.mean),
            normal: values.iter().all(alike),
            uneven: values.iter().any(|value| value.uneven),
            units,
            sources: values.iter().fold(values[0].sources, |(low, high), value| {
                (low.min(value.sources.0), high.max(value.sources.1))
            }),
        };
        let elasticity = values
            .iter()
            .zip(&shares)
            .map(|(v, share)| share * v.q / q.max(1e-300))
            .collect();
        let output = self.push(id, Kind::Concat { shares }, inputs, value);
        self.last_op().elasticity = elasticity;
        output
    }
}
