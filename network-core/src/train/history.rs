//! What happened in training, epoch by epoch: to be printed, plotted or saved.

use crate::files;
use crate::format::{percent, short};
use crate::table::{Align, Table};
use core::fmt;
use std::io;
use std::path::Path;

/// One epoch of training.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EpochRecord {
    /// The epoch, from 1.
    pub epoch: usize,
    /// The mean loss over the epoch's batches, each before its step (with a loss
    /// that sums: their sum).
    pub train_loss: f64,
    /// The fraction of right classes over the epoch's batches, each before its step; `None` where
    /// targets are no classes.
    pub train_accuracy: Option<f64>,
    /// The loss of the validation set after the epoch, as inference computes it.
    pub validation_loss: Option<f64>,
    /// The fraction of right classes in the validation set after the epoch.
    pub validation_accuracy: Option<f64>,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    /// The mean norm of the gradients before clipping.
    pub gradient_norm: f64,
    /// How long the epoch took, in seconds, validation included.
    pub seconds: f64,
}

/// Why training ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// All epochs were run.
    #[default]
    Finished,
    /// Nothing got better for as long as patience lasted.
    EarlyStopping,
    /// A callback asked for it.
    Callback,
    /// A loss, gradient or parameter became NaN or infinite.
    NonFinite,
}

/// The epochs of a training, in order; printed as a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    epochs: Vec<EpochRecord>,
    stop: Stop,
    best_epoch: Option<usize>,
}

impl History {
    pub(super) fn with_capacity(epochs: usize) -> Self {
        // Room for so many that no step will have to wait; more will be made in time.
        Self {
            epochs: Vec::with_capacity(epochs.min(100_000)),
            ..Self::default()
        }
    }

    pub(super) fn push(&mut self, record: EpochRecord) {
        self.epochs.push(record);
    }

    pub(super) fn set_stop(&mut self, stop: Stop) {
        self.stop = stop;
    }

    pub(super) fn set_best(&mut self, epoch: Option<usize>) {
        self.best_epoch = epoch;
    }

    /// The epochs.
    pub fn epochs(&self) -> &[EpochRecord] {
        &self.epochs
    }

    /// The last epoch; `None` if there was none.
    pub fn last(&self) -> Option<&EpochRecord> {
        self.epochs.last()
    }

    /// Why training ended.
    pub fn stop(&self) -> Stop {
        self.stop
    }

    /// The epoch, from 1, whose parameters the network got; only with early stopping.
    pub fn best_epoch(&self) -> Option<usize> {
        self.best_epoch
    }

    /// How long all epochs took, in seconds.
    pub fn seconds(&self) -> f64 {
        self.epochs.iter().map(|record| record.seconds).sum()
    }

    /// Saves the epochs as CSV, with a header; what there is not is an empty cell. The
    /// file is replaced atomically.
    ///
    /// # Errors
    ///
    /// If the file cannot be written; then it is as it was.
    pub fn save_csv(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let cell = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        files::replace(path.as_ref(), |to| {
            let mut csv = ::csv::Writer::from_writer(to);
            csv.write_record([
                "epoch",
                "train_loss",
                "train_accuracy",
                "validation_loss",
                "validation_accuracy",
                "learning_rate",
                "gradient_norm",
                "seconds",
            ])?;
            for record in &self.epochs {
                csv.write_record([
                    record.epoch.to_string(),
                    record.train_loss.to_string(),
                    cell(record.train_accuracy),
                    cell(record.validation_loss),
                    cell(record.validation_accuracy),
                    record.learning_rate.to_string(),
                    record.gradient_norm.to_string(),
                    record.seconds.to_string(),
                ])?;
            }
            csv.flush()
        })
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// A column: its heading, and its cell for an epoch if it has one.
        type Column = (&'static str, fn(&EpochRecord) -> Option<String>);
        const COLUMNS: [Column; 8] = [
            ("epoch", |r| Some(r.epoch.to_string())),
            ("train loss", |r| Some(short(r.train_loss))),
            ("accuracy", |r| r.train_accuracy.map(percent)),
            ("validation loss", |r| r.validation_loss.map(short)),
            ("accuracy", |r| r.validation_accuracy.map(percent)),
            ("learning rate", |r| Some(short(r.learning_rate))),
            ("gradient norm", |r| Some(short(r.gradient_norm))),
            ("seconds", |r| Some(format!("{:.2}", r.seconds))),
        ];
        let columns = || {
            COLUMNS
                .iter()
                .filter(|(_, cell)| self.epochs.iter().any(|r| cell(r).is_some()))
        };
        if self.epochs.is_empty() {
            return f.write_str("no epoch was finished");
        }
        let mut table = Table::new(columns().map(|(name, _)| (*name, Align::Right)));
        for record in &self.epochs {
            table.row(columns().map(|(_, cell)| cell(record).unwrap_or_default()));
        }
        table.fmt(f)?;
        match self.stop {
            Stop::Finished => {}
            Stop::EarlyStopping => write!(f, "\nstopped early: nothing got better")?,
            Stop::Callback => write!(f, "\nstopped by a callback")?,
            Stop::NonFinite => write!(f, "\nstopped: a number was no longer finite")?,
        }
        match self.best_epoch {
            Some(epoch) => write!(f, "\nparameters of epoch {epoch}, the best"),
            None => Ok(()),
        }
    }
}
