//! The gradient-flow report: what was measured while a network trained, what is wrong with it,
//! and which edit of the declaration cures it.
//!
//! Three places: measurement ([`Observer`], [`Readings`]), judgement ([`Finding`], [`RULES`]), and
//! renderings, which compute nothing: [`GradientFlow::terminal`], [`GradientFlow::html`],
//! [`Comparison`], [`LivePage`], and files for programs ([`GradientFlow::save_json`] and its kin).
//! Predictions of the same quantities are in [`flow`](crate::flow).

mod check;
mod cures;
mod declaration;
mod derivative;
mod edits;
mod evidence;
mod finding;
mod histograms;
mod judge;
mod not_finite;
mod observer;
mod parameters;
mod readings;
mod recorder;
#[cfg(feature = "std")]
mod renderings;
mod rules;
mod spread;
mod statistics;
mod words;

pub use crate::declaration::{Declaration, Place};
pub use check::check;
pub use cures::unit_variance;
pub use finding::{Edit, Finding, Kind, Replacement};
pub use observer::Observer;
pub use readings::{
    Activations, Gradients, Histogram, LayerFlow, Reading, Readings, StepFlow, TimeFlow,
};
#[cfg(feature = "std")]
pub use renderings::{Comparison, LivePage, Terminal};
pub use rules::{RULES, Rule};

use crate::flow::{Prediction, Remedy};
use alloc::string::String;
use alloc::vec::Vec;

/// How the gradient flowed through a network while it trained: the report, as data.
///
/// Made by an observer; [`GradientFlow::readings`] holds the measurements, in order,
/// and [`GradientFlow::findings`] the judgement, worst first.
#[derive(Clone, Debug)]
pub struct GradientFlow {
    /// The network's name.
    pub network: &'static str,
    /// The network as it was declared.
    pub declaration: Declaration,
    /// What the theory of signal propagation said of it.
    pub prediction: Prediction,
    /// Edits of the declaration that the theory has evaluated.
    pub remedies: &'static [Remedy],
    /// The number type, `f32` or `f64`.
    pub scalar: &'static str,
    /// The optimizer, such as `Adam`.
    pub optimizer: String,
    /// Samples in a batch.
    pub batch: usize,
    /// Steps from the last reading to the next.
    pub every: u64,
    /// Steps trained so far.
    pub steps: u64,
    /// RMS of the network's input in the last reading; 1 for standardised data.
    pub input_rms: f32,
    /// What was observed, in the order of the forward pass; layers inside a `repeat` come once
    /// for each round.
    pub layers: Vec<ObservedLayer>,
    /// The measurements.
    pub readings: Readings,
    /// What is or was wrong, worst first; empty for a healthy network.
    pub findings: Vec<Finding>,
    /// The first number that was NaN or infinite.
    pub non_finite: Option<NonFinite>,
}

/// A layer of the running network, and what was predicted for it.
#[derive(Clone, Debug, PartialEq)]
pub struct ObservedLayer {
    /// Its path, such as `blocks.3.dense_1`.
    pub name: String,
    /// The layer as it was declared, such as `dense(64)`.
    pub layer: &'static str,
    /// Width of its output.
    pub width: usize,
    /// How many numbers it trains.
    pub parameters: usize,
    /// Index of its place in [`Declaration::places`].
    pub place: Option<usize>,
    /// What the theory predicted for it, at initialisation.
    pub predicted: Option<PredictedFlow>,
    /// Where its time steps are in [`Reading::times`]; empty for layers without time.
    pub times: core::ops::Range<usize>,
}

impl ObservedLayer {
    /// The word of the language, such as `dense`.
    pub fn word(&self) -> &'static str {
        self.layer.split('(').next().unwrap_or(self.layer)
    }

    /// Whether it has weights: the layers of which gradients are compared.
    pub fn is_trained(&self) -> bool {
        self.parameters > 0
    }
}

/// The prediction for one observed layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PredictedFlow {
    /// RMS of its output, for standardised inputs.
    pub activation_rms: f32,
    /// `log10` of the gradient norm at its output, relative to the last layer's.
    pub delta_decades: f32,
    /// Standard deviation of `delta_decades` over initialisations.
    pub deviation: f32,
    /// Factor on the squared gradient norm, from its output to its input.
    pub factor: f32,
    /// Cosine between its outputs for two unrelated inputs.
    pub cosine: f32,
}

/// Where a number was first NaN or infinite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NonFinite {
    /// The step.
    pub step: u64,
    /// Index of the layer in [`GradientFlow::layers`].
    pub layer: usize,
    /// Which of its tensors.
    pub tensor: Tensor,
    /// The sample in the batch, for activations and deltas.
    pub sample: Option<usize>,
}

/// What a number belonged to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tensor {
    /// The layer's output.
    Activation,
    /// dL/d output.
    Delta,
    /// dL/d weights.
    Gradient,
    /// The weights themselves.
    Weight,
}

impl Tensor {
    /// In words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Activation => "activation",
            Self::Delta => "delta",
            Self::Gradient => "gradient",
            Self::Weight => "weight",
        }
    }
}

impl GradientFlow {
    /// The measurements of one layer, in order of steps.
    pub fn layer(&self, index: usize) -> impl DoubleEndedIterator<Item = (u64, &LayerFlow)> {
        self.readings
            .iter()
            .filter_map(move |reading| Some((reading.step.step, reading.layers.get(index)?)))
    }

    /// The last reading.
    pub fn last(&self) -> Option<Reading<'_>> {
        self.readings
            .len()
            .checked_sub(1)
            .map(|index| self.readings.get(index))
    }

    /// Whether nothing is wrong now: no open finding above a note.
    pub fn is_healthy(&self) -> bool {
        !self.findings.iter().any(Finding::is_trouble)
    }

    /// Of a finding, by its index in [`GradientFlow::findings`], the louder one that has the same
    /// cause: both go on, and the same edit comes first.
    pub fn goes_with(&self, finding: usize) -> Option<usize> {
        let first = |finding: &Finding| {
            let edit = finding.edits.first().filter(|_| finding.is_open());
            edit.map(|edit| edit.text.clone())
        };
        let edit = first(self.findings.get(finding)?)?;
        let louder = self.findings[..finding].iter();
        louder
            .map(first)
            .position(|other| other.as_ref() == Some(&edit))
    }

    /// Whether the optimizer divides gradients by their own size, so that a uniform scale of them
    /// does not matter.
    pub(crate) fn is_adaptive(&self) -> bool {
        matches!(self.optimizer.as_str(), "Adam" | "AdamW" | "RmsProp")
    }

    /// Linear layers (dense, convolutions, recurrent ones), in order.
    pub fn linear(&self) -> impl DoubleEndedIterator<Item = usize> {
        (0..self.layers.len()).filter(|index| {
            let layer = &self.layers[*index];
            layer.is_trained() && is_linear(layer.word())
        })
    }

    /// Decades of gradient norm between the first and the last linear layer,
    /// `G = log10(delta_first / delta_last)`: below zero it vanishes, above it explodes.
    pub fn decades(&self, reading: Reading<'_>) -> Option<f64> {
        let mut linear = self.linear();
        let first = linear.next()?;
        self.decades_between(first, linear.next_back()?, reading)
    }

    /// The same between two layers that are known.
    pub(crate) fn decades_between(
        &self,
        first: usize,
        last: usize,
        reading: Reading<'_>,
    ) -> Option<f64> {
        let norm = |index: usize| {
            let width = libm::sqrt(self.layers[index].width as f64);
            Some(f64::from(reading.layers.get(index)?.delta_rms) * width)
        };
        Some(libm::log10(norm(first)? / norm(last)?))
    }
}

/// Whether a layer of this word multiplies by a matrix.
fn is_linear(word: &str) -> bool {
    matches!(
        word,
        "dense" | "conv1d" | "conv2d" | "rnn" | "gru" | "lstm" | "layer"
    )
}
