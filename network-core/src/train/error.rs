//! Why training stopped before its end.

use super::History;
use crate::HyperparameterError;
use crate::format::short;
use crate::losses::LossError;
use core::fmt;

/// Why training could not begin or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The loss, the gradient or a parameter became NaN or infinite. The network has
    /// its last good parameters.
    #[error("{0}")]
    NonFinite(Box<NonFinite>),
    /// A target does not fit the network or the loss. Samples are counted from 0, in
    /// the order of the data set.
    #[error("the {set} set cannot be used: {source}")]
    Target {
        /// `training` or `validation`.
        set: &'static str,
        /// What is wrong, and with which sample.
        source: LossError,
    },
    /// A setting is out of range.
    #[error(transparent)]
    Hyperparameter(#[from] HyperparameterError),
}

/// What became NaN or infinite in training, when and where, as far as known.
#[derive(Debug)]
#[non_exhaustive]
pub struct NonFinite {
    /// What it was.
    pub quantity: Quantity,
    /// The epoch, from 1.
    pub epoch: usize,
    /// The step, from 1, counted through all epochs.
    pub step: u64,
    /// The first parameter or running statistic, in the order of the layers, that
    /// (or whose gradient) was not finite, such as `blocks.3.dense_1.weight`.
    pub place: Option<String>,
    /// The first sample of the training set, from 0, whose own loss was not finite.
    pub sample: Option<usize>,
    /// The parameter with the largest finite entry, and its size.
    pub largest: Option<(String, f64)>,
    /// The step whose parameters the network has now: the last one that was followed by
    /// a finite loss and gradient; 0 for those that training began with.
    pub kept_step: u64,
    /// The epochs before this one.
    pub history: History,
}

/// What became NaN or infinite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Quantity {
    /// The loss of a batch.
    Loss,
    /// The gradient.
    Gradient,
    /// A parameter or running statistic.
    Parameter,
    /// The loss of the validation set.
    ValidationLoss,
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loss => "loss",
            Self::Gradient => "gradient",
            Self::Parameter => "result",
            Self::ValidationLoss => "validation loss",
        })
    }
}

impl fmt::Display for NonFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the {} of step {} (epoch {}) is not a finite number",
            self.quantity, self.step, self.epoch
        )?;
        if let Some(place) = &self.place {
            write!(f, "; first seen in `{place}`")?;
        }
        if let Some(sample) = self.sample {
            write!(f, "; first in training sample {sample}")?;
        }
        if let Some((name, size)) = &self.largest {
            write!(
                f,
                "; the largest finite parameter is {} in `{name}`",
                short(*size)
            )?;
        }
        match self.kept_step {
            0 => write!(f, "; the network has the parameters it began with")?,
            step => write!(f, "; the network has the parameters of step {step}")?,
        }
        write!(
            f,
            "\nhelp: try a lower learning rate, or clip the gradient by its norm"
        )
    }
}
