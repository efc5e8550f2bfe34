//! Cures that need no new declaration, made only when asked for: clipping and learning rate by
//! what was measured, dead units drawn anew, initial weights scaled by data.

use super::recorder::{Key, Recorder};
use super::{GradientFlow, Observer};
use crate::{Generator, Name, Network, ParameterKind, ParameterMut, Scalar, VisitorMut, Workspace};
use alloc::boxed::Box;
use alloc::vec::Vec;
use rand_distr::{Distribution, StandardNormal};

/// Updates that move weights by so much in a step suit most networks.
const SOUND_RATIO: f64 = 1e-3;

impl GradientFlow {
    /// The median of the gradient's norm over all readings: where to clip, so that half of the
    /// steps pass and none is much longer. `None` without readings.
    ///
    /// For [`Clip::Norm`](crate::train::Clip::Norm) or [`clip_by_norm`](crate::clip::clip_by_norm).
    pub fn median_gradient_norm(&self) -> Option<f64> {
        let norms = self
            .readings
            .iter()
            .map(|reading| reading.step.gradient_norm);
        median(norms.filter(|norm| norm.is_finite()).collect())
    }

    /// The median over layers of `|update| / |weights|` in the last reading.
    pub fn median_update_ratio(&self) -> Option<f64> {
        let ratios = self
            .last()?
            .layers
            .iter()
            .filter_map(|layer| layer.gradient?.update_ratio());
        median(
            ratios
                .map(f64::from)
                .filter(|ratio| ratio.is_finite())
                .collect(),
        )
    }

    /// The learning rate at which the median layer would move by a thousandth of its weights in a
    /// step, from the last reading. `None` where nothing moved.
    pub fn suggested_learning_rate(&self) -> Option<f64> {
        let ratio = self.median_update_ratio().filter(|ratio| *ratio > 0.0)?;
        let rate = self.last()?.step.learning_rate;
        // A single reading does not carry further than that.
        Some(rate * (SOUND_RATIO / ratio).clamp(1e-4, 1e4))
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

impl<N: Network> Observer<'_, N> {
    /// Draws the weights of dead units anew, He-normally, with biases of zero; returns how many
    /// units there were. Dead are those that the last readings found so.
    ///
    /// What an optimizer remembers of these weights stays: for Adam that is forgotten within some
    /// ten steps.
    pub fn revive(&mut self, network: &mut N, generator: &mut Generator) -> usize {
        let mut units: Vec<(Key, Vec<usize>)> = Vec::new();
        for (index, dead) in self.recorder().dead_units() {
            let layers = &self.recorder().layers;
            let width = layers[index].width;
            // The linear layer that feeds the activation, perhaps through a norm.
            let feeds = |at: &usize| {
                layers[*at].width == width && super::recorder::word(layers[*at].layer) == "dense"
            };
            if let Some(layer) = (0..index).rev().take(2).find(feeds) {
                units.push((layers[layer].key, dead));
            }
        }
        let mut revive = Revive {
            keys: alloc::vec![Key::ROOT],
            units: &units,
            generator,
        };
        network.visit_mut(&mut revive);
        self.forget_silence();
        units.iter().map(|(_, units)| units.len()).sum()
    }
}

struct Revive<'a> {
    keys: Vec<Key>,
    units: &'a [(Key, Vec<usize>)],
    generator: &'a mut Generator,
}

impl<T: Scalar> VisitorMut<T> for Revive<'_> {
    fn enter(&mut self, name: Name) {
        let key = self.keys.last().copied().unwrap_or(Key::ROOT);
        self.keys.push(key.of(name));
    }
    fn leave(&mut self) {
        self.keys.pop();
    }
    fn parameter(&mut self, parameter: ParameterMut<'_, T>) {
        let Some((_, units)) = self
            .units
            .iter()
            .find(|(key, _)| self.keys.last() == Some(key))
        else {
            return;
        };
        match (parameter.kind, parameter.shape) {
            // The first index, the output's, runs fastest.
            (ParameterKind::Weight, [outputs, inputs]) => {
                let deviation = libm::sqrt(2.0 / *inputs as f64);
                for unit in units {
                    for input in 0..*inputs {
                        let drawn: f64 = StandardNormal.sample(self.generator);
                        parameter.value[unit + outputs * input] = T::from_f64(deviation * drawn);
                    }
                }
            }
            (ParameterKind::Bias, _) => {
                for unit in units {
                    parameter.value[*unit] = T::ZERO;
                }
            }
            _ => {}
        }
    }
}

/// How many examples initial weights are scaled by.
const EXAMPLES: usize = 64;
/// How often a layer is scaled at most.
const ROUNDS: usize = 10;

/// Layer-sequential unit variance ([Mishkin & Matas 2016](https://arxiv.org/abs/1511.06422)):
/// from the first linear layer to the last, scales the weights so that the outputs for these
/// inputs (at most 64) have variance 1. Returns how many layers were scaled.
///
/// To be called before training. Fits networks whose activations keep about half of a variance
/// or more; where a norm follows a layer, it changes nothing.
///
/// ```
/// use network_core::prelude::*;
/// use network_core::report::unit_variance;
///
/// network! {
///     #[gradient_flow(allow)]
///     struct Faint(16) -> 2 {
///         init = normal(0.0, 0.01);
///         repeat(6) { dense(16) -> relu; }
///         dense(2);
///     }
/// }
///
/// let mut net = Faint::new(1);
/// let x: Vec<_> = (0..64).map(|i| SVector::from_fn(|j, _| ((i * 5 + j * 3) as f32).sin())).collect();
/// assert_eq!(unit_variance(&mut net, &x), 7);
/// ```
pub fn unit_variance<N: Network>(network: &mut N, x: &[N::Input]) -> usize {
    let x = &x[..x.len().min(EXAMPLES)];
    let mut workspace: Box<Workspace<N, EXAMPLES>> = N::workspace();
    let mut recorder = Recorder::new();
    let mut scaled = 0;
    workspace.forward_probed(network, x, &mut recorder);
    let linear: Vec<usize> = (0..recorder.layers.len())
        .filter(|index| super::is_linear(super::recorder::word(recorder.layers[*index].layer)))
        .collect();
    for layer in linear {
        let key = recorder.layers[layer].key;
        let mut changed = false;
        for _ in 0..ROUNDS {
            let deviation = f64::from(recorder.flows[layer].activation.deviation);
            if !deviation.is_normal() || (deviation - 1.0).abs() < 0.02 {
                break;
            }
            network.visit_mut(&mut Divide {
                keys: alloc::vec![Key::ROOT],
                key,
                by: deviation,
            });
            changed = true;
            recorder.begin(0);
            workspace.forward_probed(network, x, &mut recorder);
        }
        scaled += usize::from(changed);
    }
    scaled
}

/// Divides a layer's weights.
struct Divide {
    keys: Vec<Key>,
    key: Key,
    by: f64,
}

impl<T: Scalar> VisitorMut<T> for Divide {
    fn enter(&mut self, name: Name) {
        let key = self.keys.last().copied().unwrap_or(Key::ROOT);
        self.keys.push(key.of(name));
    }
    fn leave(&mut self) {
        self.keys.pop();
    }
    fn parameter(&mut self, parameter: ParameterMut<'_, T>) {
        if parameter.kind == ParameterKind::Weight && self.keys.contains(&self.key) {
            for weight in parameter.value {
                *weight = T::from_f64(weight.to_f64() / self.by);
            }
        }
    }
}
