//! The backward pass of the theory: squared gradient norms along the tape, and their error bar.
//!
//! Norms are kept as logarithms, so that a thousand sigmoid layers do not underflow. Where the
//! law of a unit is carried as points, so is the gradient's second moment given the value: after
//! `relu(x + f(x))` a unit's gradient depends on where the unit is.

use crate::init::Width;
use crate::law::{Points, each, pairwise};
use crate::tape::{Kind, Op, Tape};

/// The squared norm of the gradient at one value.
#[derive(Clone, Debug)]
struct Flow {
    /// `ln` of the squared norm, relative to that at the end.
    ln: f64,
    /// Second moment given the value, at each of its points, with mean one.
    shape: Option<Vec<f64>>,
}

/// What the backward pass found.
#[derive(Debug)]
pub(crate) struct Gradients {
    /// `ln` of the squared gradient norm at each value; minus infinity where none arrives.
    pub(crate) ln: Vec<f64>,
    /// `ln` of the squared-norm factor of each operation, towards each of its inputs.
    pub(crate) factors: Vec<Vec<f64>>,
    /// Variance of `ln` of the squared norm at the first layer, by the finite widths.
    pub(crate) variance: f64,
    /// The part of it that multiplies independently: it lowers the mean of `ln` by its half.
    pub(crate) multiplied: f64,
    /// The share of it that has gathered between the last layer and each operation's output.
    pub(crate) gathered: Vec<f64>,
}

/// A gradient that reaches a value through one consumer.
struct Arrival {
    op: usize,
    flow: Flow,
}

pub(crate) fn backward(tape: &Tape) -> Gradients {
    let n_values = tape.values.len();
    let mut arrivals: Vec<Vec<Arrival>> = (0..n_values).map(|_| Vec::new()).collect();
    let mut ln = vec![f64::NEG_INFINITY; n_values];
    let mut factors = vec![Vec::new(); tape.ops.len()];
    let mut shares: Vec<Vec<(usize, f64)>> = vec![Vec::new(); n_values];
    let last = tape.last.unwrap_or(n_values - 1);

    for (index, op) in tape.ops.iter().enumerate().rev() {
        let flow = if op.output == last {
            Flow {
                ln: 0.0,
                shape: None,
            }
        } else {
            merge(tape, op.output, &mut arrivals, &mut shares)
        };
        arrivals[op.output].clear();
        ln[op.output] = flow.ln;
        if flow.ln == f64::NEG_INFINITY {
            factors[index] = vec![f64::NAN; op.inputs.len()];
            continue;
        }
        for (slot, arriving) in through(tape, op, &flow).into_iter().enumerate() {
            factors[index].push(arriving.ln - flow.ln);
            arrivals[op.inputs[slot]].push(Arrival {
                op: index,
                flow: arriving,
            });
        }
    }
    ln[0] = merge(tape, 0, &mut arrivals, &mut shares).ln;
    if last == 0 {
        ln[0] = 0.0;
    }
    let (variance, multiplied, gathered) = spread(tape, &shares, last);
    Gradients {
        ln,
        factors,
        variance,
        multiplied,
        gathered,
    }
}

/// Adds what arrives at a value and notes the share of each consumer.
fn merge(
    tape: &Tape,
    value: usize,
    arrivals: &mut [Vec<Arrival>],
    shares: &mut [Vec<(usize, f64)>],
) -> Flow {
    let arrivals = &mut arrivals[value];
    if let [only] = &mut arrivals[..] {
        shares[value] = if only.flow.ln == f64::NEG_INFINITY {
            Vec::new()
        } else {
            vec![(only.op, 1.0)]
        };
        let shape = only.flow.shape.take();
        return Flow {
            ln: only.flow.ln,
            shape: shape.filter(|_| !tape.values[value].normal),
        };
    }
    let top = arrivals
        .iter()
        .map(|a| a.flow.ln)
        .fold(f64::NEG_INFINITY, f64::max);
    if top == f64::NEG_INFINITY {
        return Flow {
            ln: top,
            shape: None,
        };
    }
    let weights: Vec<f64> = arrivals.iter().map(|a| (a.flow.ln - top).exp()).collect();
    let total: f64 = weights.iter().sum();
    shares[value] = arrivals
        .iter()
        .zip(&weights)
        .map(|(arrival, w)| (arrival.op, w / total))
        .collect();
    // A normal value only meets dense layers, sums of normal values and norms before it, none of
    // which ask for the shape.
    let points = arrivals
        .iter()
        .find_map(|a| a.flow.shape.as_ref())
        .map(Vec::len);
    let shape = points.filter(|_| !tape.values[value].normal).map(|points| {
        let mut sum = vec![0.0; points];
        for (arrival, weight) in arrivals.iter().zip(&weights) {
            let share = weight / total;
            let (cells, mut i) = (&mut sum[..], 0);
            match &arrival.flow.shape {
                Some(shape) => {
                    let shape = &shape[..];
                    while i < cells.len() {
                        cells[i] += share * shape[i];
                        i += 1;
                    }
                }
                None => {
                    while i < cells.len() {
                        cells[i] += share;
                        i += 1;
                    }
                }
            }
        }
        sum
    });
    Flow {
        ln: top + total.ln(),
        shape,
    }
}

/// Returns the gradient at each input of `op`, given that at its output.
fn through(tape: &Tape, op: &Op, flow: &Flow) -> Vec<Flow> {
    let input = &tape.values[op.inputs[0]];
    let scaled = |factor: f64| Flow {
        ln: flow.ln + factor.ln(),
        shape: flow.shape.clone(),
    };
    let plain = |factor: f64| Flow {
        ln: flow.ln + factor.ln(),
        shape: None,
    };
    match &op.kind {
        Kind::Dense { sigma_w2 } => vec![plain(*sigma_w2)],
        Kind::Scale { factor, .. } => vec![scaled(*factor)],
        Kind::Activation {
            activation,
            slope_second,
        } => {
            if flow.shape.is_none() && input.normal {
                return vec![plain(*slope_second)];
            }
            let points = tape.points(op.inputs[0]);
            let slopes = each(&points.x, |x| {
                let slope = activation.derivative(x);
                slope * slope
            });
            let met = match &flow.shape {
                Some(shape) => pairwise(&slopes, shape, |slope, d| slope * d),
                None => slopes.clone(),
            };
            // What the points get slightly wrong cancels in the quotient.
            let coupling = points.average(&met) / points.average(&slopes);
            vec![normalised(
                flow.ln + (slope_second * coupling).ln(),
                &points,
                met,
            )]
        }
        Kind::Dropout { keep } => {
            let shape = flow
                .shape
                .as_ref()
                .map(|shape| shape[..shape.len() - 1].to_vec());
            match shape {
                None => vec![plain(1.0 / keep)],
                Some(shape) => {
                    let points = tape.points(op.inputs[0]);
                    let mean = points.average(&shape);
                    vec![normalised(flow.ln + (mean / keep).ln(), &points, shape)]
                }
            }
        }
        // The gradient goes to the entry that is the largest, and to that one whole.
        Kind::Largest { weight } => {
            let points = tape.points(op.inputs[0]);
            let won = weight.iter().zip(&points.weight).enumerate();
            let shape = won.map(|(i, (after, before))| {
                let met = flow.shape.as_ref().map_or(1.0, |shape| shape[i]);
                met * after / before.max(1e-300)
            });
            vec![normalised(flow.ln, &points, shape.collect())]
        }
        // Each of n entries gets a share of 1/n, whose square is n times 1/n^2.
        Kind::Mean { window, .. } => vec![plain(window.recip())],
        Kind::Sum { scale } => {
            let weight = scale * scale;
            match &flow.shape {
                Some(shape) if !tape.adds_nothing(op) => {
                    let (left, right) = (tape.points(op.inputs[0]), tape.points(op.inputs[1]));
                    let (a, b) = tape.pair(op).adjoint(&left, &right, shape);
                    let (mean_a, mean_b) = (left.average(&a), right.average(&b));
                    vec![
                        normalised(flow.ln + mean_a.ln(), &left, a),
                        normalised(flow.ln + (mean_b * weight).ln(), &right, b),
                    ]
                }
                // Nothing is added, so points are unmoved; the branch is independent of them.
                _ => vec![scaled(1.0), plain(weight)],
            }
        }
        Kind::Concat { shares } => {
            let Some(shape) = &flow.shape else {
                return shares.iter().map(|share| plain(*share)).collect();
            };
            let points: Vec<_> = op.inputs.iter().map(|i| tape.points(*i)).collect();
            let parts: Vec<(&Points, f64)> = points
                .iter()
                .zip(shares)
                .map(|(points, share)| (&**points, *share))
                .collect();
            Points::mixture_adjoint(&parts, shape)
                .into_iter()
                .zip(&parts)
                .map(|(d, (points, share))| {
                    let mean = points.average(&d);
                    normalised(flow.ln + (mean * share).ln(), points, d)
                })
                .collect()
        }
    }
}

fn normalised(ln: f64, points: &Points, mut shape: Vec<f64>) -> Flow {
    let mean = points.average(&shape);
    if !(ln.is_finite() && mean > 0.0) {
        return Flow {
            ln: f64::NEG_INFINITY,
            shape: None,
        };
    }
    let (cells, mut i) = (&mut shape[..], 0);
    while i < cells.len() {
        cells[i] /= mean;
        i += 1;
    }
    Flow {
        ln,
        shape: Some(shape),
    }
}

/// Returns the variance of `ln` of the squared gradient norm at the first layer, averaged over a
/// batch, the part of it that multiplies, and the share of it that has gathered at each operation.
///
/// An operation counts by the share of the first layer's gradient that comes through it. Noise
/// of the forward pass counts by how much a change of `q` there changes that gradient. Averaging
/// over examples removes what they do not have in common: with `r` the squared cosine of their
/// gradients, a layer adds `((1 + 2 r) E[phi'_a^2 phi'_b^2] / E[phi'^2]^2 - 1) / width`, which is
/// `(3 kappa - 1) / width` for one example. The theory's own error, one part in `width` for each
/// layer's factor, is added in one direction.
fn spread(tape: &Tape, shares: &[Vec<(usize, f64)>], last: usize) -> (f64, f64, Vec<f64>) {
    let mut gathered = vec![0.0; tape.ops.len()];
    let Some(first) = tape.first else {
        return (0.0, 0.0, gathered);
    };
    let alone = 1.0 / tape.batch as f64;
    let alignment = alignments(tape, shares, last);
    let mut importance = vec![0.0; tape.values.len()];
    let mut through = vec![0.0; tape.ops.len()];
    let mut crossed = 0.0;
    importance[first] = 1.0;
    for value in first..last {
        let own: f64 = importance[value];
        if own == 0.0 {
            continue;
        }
        let squares: f64 = shares[value].iter().map(|(_, share)| share * share).sum();
        for (op, share) in &shares[value] {
            through[*op] += own * share;
            importance[tape.ops[*op].output] += own * share;
        }
        // Two paths of shares s and t meet at a random angle: 4 s t / units.
        if let Some(units) = tape.values[value].units.and_then(Width::known) {
            let common = alone + (1.0 - alone) * alignment[value].powi(2);
            crossed += common * own * own * 2.0 * (1.0 - squares).max(0.0) / units.max(1) as f64;
        }
    }
    let mut sensitivity = vec![0.0; tape.values.len()];
    let (mut moved, mut multiplied, mut model) = (0.0, 0.0, 0.0);
    for (index, op) in tape.ops.iter().enumerate().rev() {
        let own: f64 = sensitivity[op.output];
        let noise = op.noise;
        // Where the variance map is unstable, examples that stay up longest dominate the average.
        let shared = if op.elasticity[0] > 1.0 {
            1.0
        } else {
            noise.common
        };
        moved += noise.forward * own * own * (alone + (1.0 - alone) * shared);
        let r = alignment[op.output].powi(2);
        let (one, two) = match op.kind {
            Kind::Dense { .. } => (2.0, 2.0 * r),
            _ => (
                3.0 * noise.slope_excess,
                (1.0 + 2.0 * r) * noise.slope_excess * noise.common,
            ),
        };
        let added = noise.per_unit * (alone * one + (1.0 - alone) * two);
        gathered[index] = multiplied + model * model;
        multiplied += added * through[index] * through[index];
        if matches!(op.kind, Kind::Dense { .. }) {
            model += noise.per_unit * through[index];
        }
        for (slot, input) in op.inputs.iter().enumerate() {
            sensitivity[*input] += op.elasticity[slot] * own;
        }
        sensitivity[op.inputs[0]] += through[index] * op.factor_elasticity;
    }
    let whole = (multiplied + model * model).max(f64::MIN_POSITIVE);
    for share in &mut gathered {
        *share /= whole;
    }
    (
        multiplied + crossed + moved + model * model,
        multiplied,
        gathered,
    )
}

/// Returns the variance of `ln` of the second moment of each value, averaged over a batch.
pub(crate) fn forward_spread(tape: &Tape) -> Vec<f64> {
    let alone = 1.0 / tape.batch as f64;
    let mut variance = vec![0.0; tape.values.len()];
    for op in &tape.ops {
        let noise = op.noise;
        let inputs = op.inputs.iter().zip(&op.elasticity);
        let passed: f64 = inputs
            .map(|(input, slope)| slope * slope * variance[*input])
            .sum();
        variance[op.output] = passed + noise.forward * (alone + (1.0 - alone) * noise.common);
    }
    variance
}

/// Returns the typical cosine between the gradients of two examples at each value, for cotangents
/// that have nothing in common: `r` starts at one over the width, and each layer turns them
/// towards each other by as much again, less what different slopes tear apart.
fn alignments(tape: &Tape, shares: &[Vec<(usize, f64)>], last: usize) -> Vec<f64> {
    let mut alignment = vec![0.0; tape.values.len()];
    let units = tape.values[last]
        .units
        .and_then(Width::known)
        .unwrap_or(usize::MAX);
    alignment[last] = (1.0 / units.max(1) as f64).sqrt();
    for value in (0..last).rev() {
        alignment[value] = shares[value]
            .iter()
            .map(|(op, share)| {
                let op = &tape.ops[*op];
                let after: f64 = alignment[op.output];
                let before = match op.kind {
                    Kind::Dense { .. } => {
                        let r = after * after;
                        (r + (1.0 - r).powi(2) * op.noise.per_unit).sqrt()
                    }
                    Kind::Dropout { keep } => keep * after,
                    _ => op.noise.slope_overlap * after,
                };
                share * before
            })
            .sum();
    }
    alignment
}
