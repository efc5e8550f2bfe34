//! The table of thresholds: what is judged, from which number on, how loud, and why.

use std::fmt;

/// How loud a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Training will probably suffer.
    Warn,
    /// Training will fail: no false alarm in the calibration.
    Error,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// No gradient arrives at all.
    NoGradient,
    /// The gradient shrinks on its way to the first layer.
    Vanishing,
    /// The gradient grows on its way to the first layer.
    Exploding,
    /// Batch normalisation without skips makes it grow.
    BatchNormChain,
    /// Skips around branches without norm or scale make it grow.
    ResidualGrowth,
    /// A recurrent layer forgets, or explodes, within its sequence.
    RecurrentMemory,
    /// Different inputs become indistinguishable.
    Collapse,
    /// A layer may output zero for every input, from the start and for ever.
    BornDead,
    /// Most units sit where their activation is flat.
    Saturation,
    /// The weight variance does not fit the activation.
    InitMismatch,
    /// No gain keeps variance and gradient, where `init = auto` was to find one.
    NoBalance,
    /// Squares of gradients leave the range of `f32`.
    Underflow,
    /// A bias that batch normalisation removes again.
    BiasBeforeBatchNorm,
    /// Softmax before a loss that applies it itself.
    SoftmaxBeforeLoss,
}

/// What moves the weights, as far as verdicts depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Optimizer {
    /// Gradient descent, with or without momentum: a faint gradient makes a short step.
    #[default]
    Sgd,
    /// Adam: each gradient is divided by its own running size, so a faint one makes a step as
    /// long as a strong one's.
    Adam,
    /// As [`Optimizer::Adam`], with decoupled weight decay.
    AdamW,
    /// Divides like [`Optimizer::Adam`], without its running mean.
    RmsProp,
}

impl Optimizer {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sgd, Self::Adam, Self::AdamW, Self::RmsProp];

    /// Returns the word of a declaration for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sgd => "sgd",
            Self::Adam => "adam",
            Self::AdamW => "adam_w",
            Self::RmsProp => "rms_prop",
        }
    }
}

/// One row of the table of thresholds.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// What it judges.
    pub kind: Kind,
    /// From here on a note, a warning, an error; infinity for never.
    pub levels: [f64; 3],
    /// The same with [`Optimizer::Adam`] and [`Optimizer::AdamW`].
    pub adam: [f64; 3],
    /// The same with [`Optimizer::RmsProp`].
    pub rms_prop: [f64; 3],
    /// What the number is.
    pub measure: &'static str,
    /// Why these levels.
    pub reason: &'static str,
}

const NEVER: f64 = f64::INFINITY;
const CALIBRATED: &str = "of 45 small plain networks, those beyond 1.5 decades held 18 of the \
    19 that failed to train, and none of the 26 trained ones was beyond 3";

/// The thresholds. Numbers in decades are reduced by two standard deviations before they are
/// compared.
pub const RULES: [Rule; 14] = [
    Rule {
        kind: Kind::NoGradient,
        levels: [0.0, NEVER, 1.0],
        adam: [0.0, NEVER, 1.0],
        rms_prop: [0.0, NEVER, 1.0],
        measure: "hidden layers whose weights are all equal",
        reason: "units with equal weights compute the same; behind a head of zeros, learning \
            starts with the second step",
    },
    Rule {
        kind: Kind::Vanishing,
        levels: [1.0, 1.5, 3.0],
        adam: [3.0, 4.5, 7.0],
        rms_prop: [3.0, 4.5, NEVER],
        measure: "decades of gradient norm lost",
        reason: CALIBRATED,
    },
    Rule {
        kind: Kind::Exploding,
        levels: [0.7, 1.0, 3.0],
        adam: [1.5, 2.5, 4.0],
        rms_prop: [1.5, 2.5, 4.0],
        measure: "decades of gradient norm gained",
        reason: "plain networks already diverged at 1.6 decades, at learning rates that suit the rest",
    },
    Rule {
        kind: Kind::BatchNormChain,
        levels: [1.0, 1.5, NEVER],
        adam: [1.5, 2.5, NEVER],
        rms_prop: [1.5, 2.5, NEVER],
        measure: "decades of gradient norm gained",
        reason: "each normalised layer multiplies the squared norm by E[phi'^2] / Var[phi] > 1; \
            never an error, because training partly heals it",
    },
    Rule {
        kind: Kind::ResidualGrowth,
        levels: [1.0, 1.5, 3.0],
        adam: [1.5, 2.5, 4.0],
        rms_prop: [1.5, 2.5, 4.0],
        measure: "decades of gradient norm gained",
        reason: "each block adds its branch to the skip: without norm or scale that doubles the square",
    },
    Rule {
        kind: Kind::RecurrentMemory,
        levels: [1.0, 1.5, NEVER],
        adam: [3.0, 4.5, NEVER],
        rms_prop: [3.0, 4.5, NEVER],
        measure: "decades over the sequence; for gated cells, 1.5 at a half-life of a 128th of it",
        reason: "what is forgotten by 1.5 decades no longer competes with recent steps",
    },
    Rule {
        kind: Kind::Collapse,
        levels: [NEVER, 0.99, NEVER],
        adam: [0.99, NEVER, NEVER],
        rms_prop: [0.99, NEVER, NEVER],
        measure: "cosine between unrelated inputs at the last hidden layer",
        reason: "sigmoid networks fail from the depth where it passes 0.99, before their gradient is gone",
    },
    Rule {
        kind: Kind::BornDead,
        levels: [0.02, 0.05, NEVER],
        adam: [0.02, 0.05, NEVER],
        rms_prop: [0.02, 0.05, NEVER],
        measure: "sum of 2^-width over the layers that can die",
        reason: "a layer is silent for a given input with probability 2^-width",
    },
    Rule {
        kind: Kind::Saturation,
        levels: [NEVER, 10.0, NEVER],
        adam: [NEVER, 10.0, NEVER],
        rms_prop: [NEVER, 10.0, NEVER],
        measure: "largest squared slope over the mean squared slope",
        reason: "below a tenth of the largest squared slope most units are flat",
    },
    Rule {
        kind: Kind::InitMismatch,
        levels: [0.15, NEVER, NEVER],
        adam: [0.15, NEVER, NEVER],
        rms_prop: [0.15, NEVER, NEVER],
        measure: "|log10| of the squared-norm factor of one layer",
        reason: "relu with a Xavier init loses 0.30 per layer; He's loses nothing",
    },
    Rule {
        kind: Kind::NoBalance,
        levels: [NEVER, 1.0, NEVER],
        adam: [NEVER, 1.0, NEVER],
        rms_prop: [NEVER, 1.0, NEVER],
        measure: "how far the best gain is from balance, over the depth of the network",
        reason: "1 where the gradient drifts by half a decade, or small errors of the variance \
            grow threefold",
    },
    Rule {
        kind: Kind::Underflow,
        levels: [NEVER, NEVER, 19.0],
        adam: [NEVER, NEVER, 19.0],
        rms_prop: [NEVER, NEVER, 19.0],
        measure: "decades below the last layer",
        reason: "squares of gradients below 1e-19 are zero in f32, so norms and Adam's second \
            moments are too",
    },
    Rule {
        kind: Kind::BiasBeforeBatchNorm,
        levels: [0.0, NEVER, NEVER],
        adam: [0.0, NEVER, NEVER],
        rms_prop: [0.0, NEVER, NEVER],
        measure: "layers",
        reason: "batch normalisation subtracts the mean, bias included",
    },
    Rule {
        kind: Kind::SoftmaxBeforeLoss,
        levels: [0.0, 1.0, NEVER],
        adam: [0.0, 1.0, NEVER],
        rms_prop: [0.0, 1.0, NEVER],
        measure: "1 where the loss is known to apply it, 0 where it may",
        reason: "applied twice, softmax can no longer give a confident answer",
    },
];

impl Kind {
    /// Returns the row of [`RULES`] for this kind.
    pub fn rule(self) -> &'static Rule {
        RULES
            .iter()
            .find(|rule| rule.kind == self)
            .expect("every kind has a rule")
    }
}

impl Kind {
    /// Returns whether it judges `G`, the decades of the gradient's norm.
    pub fn is_gradient(self) -> bool {
        matches!(
            self,
            Self::Vanishing | Self::Exploding | Self::BatchNormChain | Self::ResidualGrowth
        )
    }
}

impl Rule {
    /// Returns the levels that hold for training with `optimizer`.
    pub fn levels_for(&self, optimizer: Optimizer) -> [f64; 3] {
        match optimizer {
            Optimizer::Sgd => self.levels,
            Optimizer::Adam | Optimizer::AdamW => self.adam,
            Optimizer::RmsProp => self.rms_prop,
        }
    }

    /// Returns the severity of a number and the level that it passed.
    pub fn judge(&self, value: f64, optimizer: Optimizer) -> Option<(Severity, f64)> {
        let levels = self.levels_for(optimizer);
        [Severity::Error, Severity::Warn, Severity::Note]
            .into_iter()
            .map(|severity| (severity, levels[severity as usize]))
            .find(|(_, level)| level.is_finite() && value >= *level)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warn => "warning",
            Self::Error => "error",
        })
    }
}
