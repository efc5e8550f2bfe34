//! Measures a forward and a backward pass from inside: the probe that fills a reading.

use super::derivative::Derivative;
use super::histograms;
use super::spread;
use super::statistics::{self, Flat, Sums};
use super::{Activations, Histogram, LayerFlow, NonFinite, Tensor, TimeFlow};
use crate::Name;
use crate::kernels::SimdPath;
use crate::probe::{Entries, Probe, Signal};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;
use core::ops::Range;

/// A unit is dead if it was zero for every example of so many readings.
pub(super) const DEAD_READINGS: u8 = 5;

/// A path of names, as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(u64);

impl Key {
    pub(super) const ROOT: Self = Self(0xCBF2_9CE4_8422_2325);

    /// The path of a part.
    pub(super) fn of(self, name: Name) -> Self {
        let mix =
            |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x100_0000_01B3).rotate_left(29);
        // Lengths and marks, so that `a.bc` is not `ab.c`, and no name an index.
        Self(match name {
            Name::Field(name) => {
                let words = name.as_bytes().chunks(8).map(|bytes| {
                    let shifted = |word: u64, byte: &u8| word << 8 | u64::from(*byte);
                    bytes.iter().fold(0, shifted)
                });
                words.fold(mix(self.0, name.len() as u64), mix)
            }
            Name::Index(index) => mix(mix(self.0, u64::MAX), index as u64),
        })
    }
}

/// A part that was entered and not yet left.
struct Frame {
    key: Key,
    name: Name,
    layer: &'static str,
    /// Whether something inside told of itself: then this is no layer but holds layers.
    holds: bool,
    /// Time steps told of.
    times: usize,
    /// Its layer, if it was found.
    found: Option<usize>,
}

/// A layer that was found.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) key: Key,
    pub(super) name: String,
    pub(super) layer: &'static str,
    pub(super) width: usize,
    pub(super) times: Range<usize>,
    flat: Flat,
    /// For each unit, in how many successive readings it was zero; empty if it cannot die.
    silent: Vec<u8>,
    /// `|d_y|^2` of the last backward pass.
    d_y: f64,
    /// How a custom activation's derivative compares with its values, in the first reading.
    pub(super) derivative: Option<Derivative>,
}

/// The word of the language that a declaration begins with.
pub(super) fn word(layer: &str) -> &str {
    layer.split('(').next().unwrap_or(layer)
}

/// Where an activation is nearly flat.
fn flat(word: &str) -> Flat {
    match word {
        // Its derivative is below a fifth of the largest.
        "sigmoid" => Flat(0.05, 0.95),
        // Its derivative is below 6 % of the largest.
        "tanh" => Flat(-0.97, 0.97),
        "hard_sigmoid" => Flat(0.0, 1.0),
        "hard_tanh" => Flat(-1.0, 1.0),
        // Its derivative is below 4 % of the largest.
        "softsign" => Flat(-0.8, 0.8),
        "relu6" => Flat(f64::NEG_INFINITY, 6.0),
        _ => Flat::NEVER,
    }
}

/// Whether units of this activation can be zero for good.
fn dies(word: &str) -> bool {
    matches!(word, "relu" | "relu6" | "activation")
}

impl LayerFlow {
    pub(super) const EMPTY: Self = Self {
        activation: Activations {
            rms: 0.0,
            mean: 0.0,
            deviation: 0.0,
            variation: 0.0,
            sparsity: 0.0,
            dead: None,
            saturated: None,
            cosine: 0.0,
            histogram: Histogram::EMPTY,
        },
        delta_rms: 0.0,
        factor: None,
        gradient: None,
        skip_share: None,
    };
}

/// Fills readings.
pub(super) struct Recorder {
    path: SimdPath,
    frames: Vec<Frame>,
    pub(super) layers: Vec<Seen>,
    /// Layers by key.
    order: Vec<(Key, usize)>,
    /// The layer that was entered last.
    recent: usize,
    /// Whether layers are still being found.
    first: bool,
    readings: u64,
    /// Whether the loss divides by the number of examples.
    pub(super) mean_reduction: bool,
    /// That number, if it is not the batch's.
    pub(super) samples: Option<usize>,
    pub(super) step: u64,
    pub(super) input: Sums,
    /// How far the network's derivative is from differences of the loss, if that was looked at.
    pub(super) derivative_error: Option<f64>,
    pub(super) flows: Vec<LayerFlow>,
    pub(super) times: Vec<TimeFlow>,
    memory: Vec<f32>,
    pub(super) non_finite: Option<NonFinite>,
    /// Whether the pass is run again to find a number that is not finite.
    pub(super) searching: bool,
    /// The output told of last, for the first reading.
    last: Vec<f64>,
    d_y: Vec<f64>,
}

impl core::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Recorder")
            .field("layers", &self.layers.len())
            .field("step", &self.step)
            .finish_non_exhaustive()
    }
}

impl Recorder {
    pub(super) fn new() -> Self {
        Self {
            path: SimdPath::detect(),
            frames: Vec::new(),
            layers: Vec::new(),
            order: Vec::new(),
            recent: 0,
            first: true,
            readings: 0,
            mean_reduction: true,
            samples: None,
            step: 0,
            input: Sums::default(),
            derivative_error: None,
            flows: Vec::new(),
            times: Vec::new(),
            memory: Vec::new(),
            non_finite: None,
            searching: false,
            last: Vec::new(),
            d_y: Vec::new(),
        }
    }

    /// A reading begins.
    pub(super) fn begin(&mut self, step: u64) {
        self.step = step;
        self.frames.clear();
        for flow in &mut self.flows {
            flow.skip_share = None;
        }
    }

    /// The first reading is complete: from now on nothing is allocated.
    pub(super) fn end(&mut self) {
        self.first = false;
        self.readings += 1;
        self.last = Vec::new();
        self.d_y = Vec::new();
    }

    /// Layers with dead units, and which those are.
    pub(super) fn dead_units(&self) -> impl Iterator<Item = (usize, Vec<usize>)> {
        let long = self.readings.min(u64::from(DEAD_READINGS)).max(1) as u8;
        self.layers
            .iter()
            .enumerate()
            .filter_map(move |(index, seen)| {
                let dead = seen
                    .silent
                    .iter()
                    .enumerate()
                    .filter(|(_, silent)| **silent >= long);
                let dead: Vec<usize> = dead.map(|(unit, _)| unit).collect();
                (!dead.is_empty()).then_some((index, dead))
            })
    }

    /// All units are alive.
    pub(super) fn forget_silence(&mut self) {
        for seen in &mut self.layers {
            seen.silent.fill(0);
        }
    }

    pub(super) fn find(&self, key: Key) -> Option<usize> {
        // Most often it is the layer after that before, or the one before.
        let is = |index: &usize| self.layers.get(*index).is_some_and(|seen| seen.key == key);
        let near = [self.recent + 1, self.recent.wrapping_sub(1)];
        if let Some(index) = near.into_iter().find(is) {
            return Some(index);
        }
        let found = self.order.binary_search_by_key(&key, |(key, _)| *key);
        found.ok().map(|index| self.order[index].1)
    }

    fn key(&self) -> Key {
        self.frames.last().map_or(Key::ROOT, |frame| frame.key)
    }

    fn current(&self) -> Option<usize> {
        self.frames.last().and_then(|frame| frame.found)
    }

    fn path(&self) -> String {
        let mut path = String::new();
        for (index, frame) in self.frames.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            // Writing to a string cannot fail.
            let _ = match frame.name {
                Name::Field(name) => write!(path, "{dot}{name}"),
                Name::Index(index) => write!(path, "{dot}{index}"),
            };
        }
        path
    }

    /// Adds the layer of the innermost frame.
    fn add(&mut self, width: usize) -> Option<usize> {
        let name = self.path();
        let frame = self.frames.last()?;
        let word = word(frame.layer);
        let end = self.times.len();
        let index = self.layers.len();
        self.layers.push(Seen {
            key: frame.key,
            name,
            layer: frame.layer,
            width,
            times: end - frame.times..end,
            flat: flat(word),
            silent: if dies(word) {
                alloc::vec![0; width]
            } else {
                Vec::new()
            },
            d_y: 0.0,
            derivative: None,
        });
        self.flows.push(LayerFlow::EMPTY);
        let place = self.order.partition_point(|(key, _)| *key < frame.key);
        self.order.insert(place, (frame.key, index));
        if let Some(frame) = self.frames.last_mut() {
            frame.found = Some(index);
        }
        if self.memory.len() < width {
            self.memory.resize(width, 0.0);
        }
        Some(index)
    }

    /// Notes the first number that is not finite.
    fn suspect(&mut self, layer: usize, tensor: Tensor, signal: Signal<'_>) {
        if self.non_finite.is_none()
            && let Some(entry) = statistics::first_non_finite(signal)
        {
            self.non_finite = Some(NonFinite {
                step: self.step,
                layer,
                tensor,
                sample: Some(entry / signal.width.max(1)),
            });
        }
    }

    fn per_example(&self, signal: Signal<'_>) -> f64 {
        if self.mean_reduction {
            self.samples.unwrap_or_else(|| signal.samples()) as f64
        } else {
            1.0
        }
    }

    /// Counts units that are zero for every example.
    fn dead(&mut self, layer: usize, signal: Signal<'_>) -> Option<f32> {
        let silent = &mut self.layers[layer].silent;
        if silent.is_empty() {
            return None;
        }
        let alive = &mut self.memory[..silent.len()];
        statistics::alive(self.path, signal, alive);
        for (silent, alive) in silent.iter_mut().zip(alive) {
            *silent = if *alive == 0.0 {
                silent.saturating_add(1)
            } else {
                0
            };
        }
        let long = (self.readings + 1).min(u64::from(DEAD_READINGS)) as u8;
        let dead = silent.iter().filter(|unit| **unit >= long).count();
        Some(dead as f32 / silent.len() as f32)
    }
}

fn copy(signal: Signal<'_>, to: &mut Vec<f64>) {
    to.clear();
    match signal.entries {
        Entries::F32(entries) => to.extend(entries.iter().map(|x| f64::from(*x))),
        Entries::F64(entries) => to.extend_from_slice(entries),
    }
}

impl Probe for Recorder {
    fn enter(&mut self, name: Name, layer: &'static str) {
        let key = self.key().of(name);
        let found = self.find(key);
        self.frames.push(Frame {
            key,
            name,
            layer,
            holds: false,
            times: 0,
            found,
        });
        self.recent = found.unwrap_or(self.recent);
    }

    fn leave(&mut self) {
        if let Some(frame) = self.frames.pop()
            && let Some(outer) = self.frames.last_mut()
        {
            outer.holds |= frame.holds || frame.found.is_some();
        }
    }

    fn input(&mut self, x: Signal<'_>) {
        self.input = statistics::sums(self.path, x, Flat::NEVER);
        if self.first {
            copy(x, &mut self.last);
        }
    }

    fn forward(&mut self, y: Signal<'_>) {
        let layer = match self.current() {
            Some(layer) => layer,
            None if !self.first || self.frames.last().is_none_or(|frame| frame.holds) => return,
            None => match self.add(y.width) {
                Some(layer) => layer,
                None => return,
            },
        };
        let sums = statistics::sums(self.path, y, self.layers[layer].flat);
        if self.searching || !sums.is_finite() {
            self.suspect(layer, Tensor::Activation, y);
        }
        let spread = spread::spread(self.path, y);
        let (mean, deviation) = (sums.mean(), sums.deviation());
        let flat = self.layers[layer].flat;
        self.flows[layer].activation = Activations {
            rms: sums.rms() as f32,
            mean: mean as f32,
            deviation: deviation as f32,
            variation: spread.variation as f32,
            sparsity: sums.sparsity(),
            dead: self.dead(layer, y),
            saturated: (flat != Flat::NEVER).then(|| sums.saturated()),
            cosine: spread.cosine as f32,
            histogram: histograms::histogram(self.path, y, mean, deviation),
        };
        if self.first {
            if word(self.layers[layer].layer) == "activation" {
                let mut values = Vec::new();
                copy(y, &mut values);
                let x = core::mem::take(&mut self.last);
                self.layers[layer].derivative = Derivative::new(x, values);
            }
            copy(y, &mut self.last);
        }
    }

    fn backward(&mut self, d_y: Signal<'_>) {
        let Some(layer) = self.current() else { return };
        let square = statistics::mean_square(self.path, d_y);
        if !square.is_finite() {
            self.suspect(layer, Tensor::Delta, d_y);
        }
        let rms = libm::sqrt(square) * self.per_example(d_y);
        self.flows[layer].delta_rms = rms as f32;
        self.flows[layer].factor = None;
        self.layers[layer].d_y = square * d_y.len() as f64;
        if self.first && self.layers[layer].derivative.is_some() {
            copy(d_y, &mut self.d_y);
        }
    }

    fn backward_input(&mut self, d_x: Signal<'_>) {
        let Some(layer) = self.current() else { return };
        let squares = statistics::mean_square(self.path, d_x) * d_x.len() as f64;
        let d_y = self.layers[layer].d_y;
        self.flows[layer].factor = (d_y > 0.0).then(|| (squares / d_y) as f32);
        if self.first
            && let Some(derivative) = &mut self.layers[layer].derivative
        {
            let mut values = Vec::new();
            copy(d_x, &mut values);
            derivative.claim(&self.d_y, &values);
        }
    }

    fn skip(&mut self, name: &'static str, d_skip: Signal<'_>, d_branch: Signal<'_>) {
        let Some(layer) = self.find(self.key().of(Name::Field(name))) else {
            return;
        };
        let skip = statistics::mean_square(self.path, d_skip);
        let branch = statistics::mean_square(self.path, d_branch);
        self.flows[layer].skip_share =
            (skip + branch > 0.0).then(|| (skip / (skip + branch)) as f32);
    }

    fn forward_time(&mut self, time: usize, hidden: Signal<'_>) {
        let sums = statistics::sums(self.path, hidden, Flat::NEVER);
        let flow = TimeFlow {
            activation_rms: sums.rms() as f32,
            delta_rms: 0.0,
        };
        match self.current() {
            Some(layer) => {
                let range = self.layers[layer].times.clone();
                if let Some(at) = self.times[range].get_mut(time) {
                    *at = flow;
                }
            }
            None if self.first => {
                if let Some(frame) = self.frames.last_mut()
                    && time == frame.times
                {
                    frame.times += 1;
                    self.times.push(flow);
                }
            }
            None => {}
        }
    }

    fn backward_time(&mut self, time: usize, d_hidden: Signal<'_>) {
        let Some(layer) = self.current() else { return };
        let square = statistics::mean_square(self.path, d_hidden);
        let rms = libm::sqrt(square) * self.per_example(d_hidden);
        let range = self.layers[layer].times.clone();
        if let Some(at) = self.times[range].get_mut(time) {
            at.delta_rms = rms as f32;
        }
    }
}
