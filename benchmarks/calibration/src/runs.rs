//! The outcomes of training, and the file that keeps them.

use serde::{Deserialize, Serialize};
use std::error::Error;
use std::path::Path;

/// The optimisers compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Optimizer {
    /// Plain gradient descent.
    Sgd,
    /// Adam with its usual decays.
    Adam,
    /// Adam with decoupled weight decay of 0.01.
    AdamW,
    /// RMSprop with its usual decay.
    RmsProp,
}

impl Optimizer {
    pub const ALL: [Self; 4] = [Self::Sgd, Self::Adam, Self::AdamW, Self::RmsProp];

    /// The three that divide gradients by their size.
    pub const ADAPTIVE: [Self; 3] = [Self::Adam, Self::AdamW, Self::RmsProp];

    pub fn name(self) -> &'static str {
        match self {
            Self::Sgd => "SGD",
            Self::Adam => "Adam",
            Self::AdamW => "AdamW",
            Self::RmsProp => "RMSprop",
        }
    }
}

/// One initialisation of a network trained on one task: for each learning rate the mean
/// cross-entropy over the whole training set after the last step, infinite if training diverged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub network: String,
    pub task: String,
    pub optimizer: Optimizer,
    pub seed: u64,
    pub loss_low_rate: f64,
    pub loss_middle_rate: f64,
    pub loss_high_rate: f64,
}

impl Run {
    /// The loss at the best learning rate.
    pub fn best(&self) -> f64 {
        self.loss_low_rate
            .min(self.loss_middle_rate)
            .min(self.loss_high_rate)
    }
}

/// Writes all runs.
///
/// # Errors
/// If the file cannot be written.
pub fn write(path: &Path, runs: &[Run]) -> Result<(), Box<dyn Error>> {
    let mut writer = csv::Writer::from_path(path)?;
    for run in runs {
        writer.serialize(run)?;
    }
    Ok(writer.flush()?)
}

/// Reads what [`write`] wrote.
///
/// # Errors
/// If the file cannot be read.
pub fn read(path: &Path) -> Result<Vec<Run>, Box<dyn Error>> {
    Ok(csv::Reader::from_path(path)?
        .deserialize()
        .collect::<Result<_, _>>()?)
}
