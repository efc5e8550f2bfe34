//! What can be asked of a trainer, and what its callbacks are told.

use super::EpochRecord;
use crate::Network;
#[allow(unused_imports, reason = "for the documentation")]
use {super::Trainer, crate::clip};

/// What happens to a gradient before the optimizer sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Clip {
    /// Every entry is brought into `-value ..= value`: see [`clip::clip_by_value`].
    Value(f64),
    /// The whole gradient is scaled to this norm if it is longer: see
    /// [`clip::clip_by_norm`].
    Norm(f64),
}

/// When to stop before the last epoch.
///
/// After `patience` epochs in which the validation loss (without a validation set:
/// the training loss) was not lower than the best by more than `min_delta`,
/// training stops. The network gets the parameters of the best epoch, also if all
/// epochs were run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EarlyStopping {
    /// Epochs to wait for something better.
    pub patience: usize,
    /// How much lower a loss must be to count as better; 0 by default.
    pub min_delta: f64,
}

impl EarlyStopping {
    /// Stops after `patience` epochs without a lower loss.
    pub fn patience(patience: usize) -> Self {
        Self {
            patience,
            min_delta: 0.0,
        }
    }
}

/// What [`Trainer::on_step`] is told after a step.
#[derive(Debug)]
pub struct StepReport<'a, N: Network> {
    /// The epoch, from 1.
    pub epoch: usize,
    /// The step, from 1, counted through all epochs.
    pub step: u64,
    /// The loss of the step's samples before the step.
    pub loss: f64,
    /// The learning rate of the step.
    pub learning_rate: f64,
    /// The gradient's norm before clipping.
    pub gradient_norm: f64,
    /// The network after the step.
    pub network: &'a N,
    /// The gradient, as the optimizer saw it.
    pub gradient: &'a N::Gradient,
}

/// What [`Trainer::on_epoch`] is told after an epoch.
#[derive(Debug)]
pub struct EpochReport<'a, N: Network> {
    /// Losses and the rest, as the history keeps them.
    pub record: &'a EpochRecord,
    /// The network after the epoch.
    pub network: &'a N,
}
