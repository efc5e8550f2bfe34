//! Where the trained numbers of each observed layer lie, and what the theory predicted for it.

use super::recorder::{Key, Recorder};
use super::statistics;
use super::{LayerFlow, PredictedFlow};
use crate::kernels::SimdPath;
use crate::{Name, Network, Parameter, ParameterKind, Scalar, Visitor};
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

/// A parameter among all trained numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weights {
    pub(super) layer: Option<usize>,
    pub(super) start: usize,
    pub(super) len: usize,
    pub(super) kind: ParameterKind,
    /// Its first entry among those that are looked at, and how many of them there are: none of
    /// biases and shifts.
    pub(super) looked: usize,
    pub(super) looked_len: usize,
    /// Sum of squares of the gradient's part that was looked at in the reading before.
    pub(super) squares: f64,
}

impl Weights {
    pub(super) fn all(&self) -> Range<usize> {
        self.start..self.start + self.len
    }

    pub(super) fn part(&self) -> Range<usize> {
        self.looked..self.looked + self.looked_len
    }

    /// From the squares of a part to those of all entries.
    pub(super) fn scale(&self) -> f64 {
        self.len as f64 / self.looked_len.max(1) as f64
    }
}

/// A path with the rounds of `repeat` left open: `blocks.3.dense_1` is `blocks.*.dense_1`.
fn pattern(name: &str) -> String {
    let parts = name.split('.').map(|part| match part.parse::<usize>() {
        Ok(_) => "*",
        Err(_) => part,
    });
    parts.collect::<Vec<_>>().join(".")
}

pub(super) fn place<N: Network>(name: &str) -> Option<usize> {
    let pattern = pattern(name);
    let places = N::DECLARATION.places;
    // A layer inside of another network is written where that network stands.
    let exact = places.iter().position(|place| place.name == pattern);
    exact.or_else(|| {
        places.iter().position(|place| {
            pattern
                .strip_prefix(place.name)
                .is_some_and(|rest| rest.starts_with('.'))
        })
    })
}

/// The theory's record of each observed layer: those of one name come in the order of rounds.
pub(super) fn predictions<N: Network>(recorder: &Recorder) -> Vec<Option<PredictedFlow>> {
    let mut used: Vec<(String, usize)> = Vec::new();
    recorder
        .layers
        .iter()
        .map(|seen| {
            let pattern = pattern(&seen.name);
            let round = match used.iter_mut().find(|(name, _)| *name == pattern) {
                Some((_, rounds)) => {
                    *rounds += 1;
                    *rounds
                }
                None => {
                    used.push((pattern.clone(), 0));
                    0
                }
            };
            let record = N::FLOW
                .layers()
                .filter(|layer| layer.name == pattern)
                .nth(round)?;
            Some(PredictedFlow {
                activation_rms: libm::sqrtf(record.second_moment),
                delta_decades: record.gradient,
                deviation: N::FLOW.deviation.unwrap_or(0.0) as f32,
                factor: record.factor,
                cosine: record.cosine,
            })
        })
        .collect()
}

/// Finds the layers of all trained numbers.
pub(super) struct Find<'a> {
    pub(super) recorder: &'a Recorder,
    pub(super) keys: Vec<Key>,
    pub(super) ranges: Vec<Weights>,
    pub(super) position: usize,
    pub(super) looked: usize,
}

impl<T> Visitor<T> for Find<'_> {
    fn enter(&mut self, name: Name) {
        let key = self.keys.last().copied().unwrap_or(Key::ROOT);
        self.keys.push(key.of(name));
    }
    fn leave(&mut self) {
        self.keys.pop();
    }
    fn parameter(&mut self, parameter: Parameter<'_, T>) {
        if parameter.kind.is_trained() {
            let layer = self
                .keys
                .iter()
                .rev()
                .find_map(|key| self.recorder.find(*key));
            let looked_len = if parameter.kind.is_multiplied() {
                statistics::looked_at(parameter.value.len())
            } else {
                0
            };
            self.ranges.push(Weights {
                layer,
                start: self.position,
                len: parameter.value.len(),
                kind: parameter.kind,
                looked: self.looked,
                looked_len,
                squares: 0.0,
            });
            self.position += parameter.value.len();
            self.looked += looked_len;
        }
    }
}

/// Copies the part of all weights that is looked at.
pub(super) struct Look<'a, T>(pub(super) &'a mut Vec<T>);

impl<T: Scalar> Visitor<T> for Look<'_, T> {
    fn parameter(&mut self, parameter: Parameter<'_, T>) {
        if parameter.kind.is_multiplied() {
            statistics::look(parameter.value, self.0);
        }
    }
}

/// Measures weights and what an update changed of them, where they lie.
pub(super) struct Updates<'a, T> {
    pub(super) path: SimdPath,
    /// Those not yet seen.
    pub(super) ranges: core::slice::Iter<'a, Weights>,
    /// What was looked at before the update.
    pub(super) before: &'a [T],
    pub(super) flows: &'a mut [LayerFlow],
    /// The first layer with a weight that is not finite.
    pub(super) not_finite: Option<usize>,
}

impl<T: Scalar> Visitor<T> for Updates<'_, T> {
    fn parameter(&mut self, parameter: Parameter<'_, T>) {
        if !parameter.kind.is_trained() {
            return;
        }
        let Some(weights) = self.ranges.next() else {
            return;
        };
        let Some(layer) = weights.layer.filter(|_| weights.kind.is_multiplied()) else {
            return;
        };
        let before = &self.before[weights.part()];
        let [squares, _, update] = statistics::products(self.path, before, parameter.value);
        if let Some(flow) = &mut self.flows[layer].gradient {
            let add = |norm: &mut f32, squares: f64| {
                let other = f64::from(*norm);
                *norm = libm::sqrt(other * other + weights.scale() * squares) as f32;
            };
            add(&mut flow.weight_norm, squares);
            add(&mut flow.update_norm, update);
        }
        if !update.is_finite() && parameter.value.iter().any(|x| !x.is_finite()) {
            self.not_finite.get_or_insert(layer);
        }
    }
}
