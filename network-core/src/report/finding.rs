//! What is wrong with a network that trains: one finding for each trouble, with its number,
//! threshold, beginning, likely cause, and the edits that cure it.

use crate::flow::Severity;
use alloc::string::String;
use alloc::vec::Vec;

/// The kinds of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// A number is NaN or infinite.
    NonFinite,
    /// The gradient grows on its way back, or from step to step.
    Exploding,
    /// The gradient shrinks on its way back.
    Vanishing,
    /// Signal and gradient shrink together, so that the ratios between weight gradients look
    /// healthy: the blind spot of ratio rules.
    Faint,
    /// Units that are zero for every input, and so learn nothing.
    DyingRelu,
    /// Units that sit where their activation is flat.
    Saturation,
    /// Different inputs give the same activations.
    Collapse,
    /// Steps are so small that weights hardly move.
    SmallUpdate,
    /// Steps are so large that weights do not settle.
    LargeUpdate,
    /// The loss stays at what a constant prediction has, since no gradient arrives.
    NoSignal,
    /// The loss stays although gradients arrive: the step size does not fit.
    BadStepSize,
    /// The loss stays although gradients arrive and steps are sound: inputs say nothing of the
    /// targets.
    NoInformation,
    /// Successive gradients point in unrelated directions and the loss does not fall.
    Noise,
    /// The gradient explodes through batch norms at the start, and heals by itself.
    BatchNormHealing,
    /// The measurement at step 0 is far from what the theory predicts: probably the data's scale,
    /// or the derivative of a custom layer.
    Unpredicted,
}

impl Kind {
    /// In words, such as `gradient vanishes`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NonFinite => "not a finite number",
            Self::Exploding => "gradient explodes",
            Self::Vanishing => "gradient vanishes",
            Self::Faint => "signal is uniformly faint",
            Self::DyingRelu => "units are dead",
            Self::Saturation => "units are saturated",
            Self::Collapse => "inputs collapse",
            Self::SmallUpdate => "updates are too small",
            Self::LargeUpdate => "updates are too large",
            Self::NoSignal => "loss stands still: no signal",
            Self::BadStepSize => "loss stands still: bad step size",
            Self::NoInformation => "loss stands still: no information",
            Self::Noise => "gradient is mostly noise",
            Self::BatchNormHealing => "batch norm explosion, healing",
            Self::Unpredicted => "measurement is far from prediction",
        }
    }

    /// A word for files and charts, such as `vanishing`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::NonFinite => "non_finite",
            Self::Exploding => "exploding",
            Self::Vanishing => "vanishing",
            Self::Faint => "faint",
            Self::DyingRelu => "dying_relu",
            Self::Saturation => "saturation",
            Self::Collapse => "collapse",
            Self::SmallUpdate => "small_update",
            Self::LargeUpdate => "large_update",
            Self::NoSignal => "no_signal",
            Self::BadStepSize => "bad_step_size",
            Self::NoInformation => "no_information",
            Self::Noise => "noise",
            Self::BatchNormHealing => "batch_norm_healing",
            Self::Unpredicted => "unpredicted",
        }
    }
}

/// One trouble.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What is wrong.
    pub kind: Kind,
    /// How bad it is; how bad it was at its worst, once it is over.
    pub severity: Severity,
    /// The layer to blame, by its index in [`GradientFlow::layers`](super::GradientFlow::layers);
    /// `None` if the whole network is.
    pub layer: Option<usize>,
    /// All layers that have this trouble.
    pub layers: Vec<usize>,
    /// The number that shows it, when it was seen last.
    pub value: f64,
    /// The number that the headline tells: that of when it appeared, or last got worse.
    pub told: f64,
    /// The threshold that the number crossed.
    pub threshold: f64,
    /// What the number is, such as `decades of gradient norm, first layer to last`.
    pub quantity: &'static str,
    /// The step at which it began.
    pub began: u64,
    /// The last step at which it was seen.
    pub seen: u64,
    /// The step at which it was over.
    pub ended: Option<u64>,
    /// What is wrong, in one sentence with the layer and its number.
    pub headline: String,
    /// The likely cause, in a sentence.
    pub cause: String,
    /// Why the threshold is where it is.
    pub reason: &'static str,
    /// What to change, best first.
    pub edits: Vec<Edit>,
}

impl Finding {
    /// Whether it goes on.
    pub fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    /// Whether it goes on and is worse than a note.
    pub fn is_trouble(&self) -> bool {
        self.is_open() && self.severity >= Severity::Warning
    }
}

/// A change that cures.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// What to write, such as `` `sigmoid` -> `relu`, `init = he_normal` ``.
    pub text: String,
    /// The same change as replacements in the declaration's source; empty if it is made elsewhere,
    /// such as a learning rate.
    pub replacements: Vec<Replacement>,
    /// `G` before, as predicted.
    pub before: Option<f64>,
    /// `G` after, as the theory predicts it.
    pub after: Option<f64>,
    /// The standard deviation of `after`.
    pub deviation: Option<f64>,
}

/// Text that takes the place of other text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// First byte to replace in [`Declaration::source`](super::Declaration::source).
    pub start: usize,
    /// The byte after the last one; `start` to insert.
    pub end: usize,
    /// What to write there.
    pub text: String,
}
