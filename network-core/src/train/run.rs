//! The state of one training: its memory, what it falls back to, and its best epoch.

use super::batches::Batches;
use super::error::{NonFinite, Quantity, TrainError};
use super::history::{EpochRecord, History, Stop};
use super::parameters;
use super::settings::EarlyStopping;
use crate::snapshot::Snapshot;
use crate::{Network, Real, Sample, Workspace};

/// Makes the derivative of a batch's mean the batch's part in the mean of several.
pub(super) fn scale_derivative<N: Network, const BATCH: usize>(
    workspace: &mut Workspace<N, BATCH>,
    factor: f64,
) {
    for sample in workspace.d_output() {
        for d in sample.as_mut_slice() {
            *d = Real::from_f64(d.to_f64() * factor);
        }
    }
}

/// The memory of one training.
pub(super) struct Run<N: Network, Y, const BATCH: usize> {
    pub(super) workspace: Box<Workspace<N, BATCH>>,
    pub(super) gradient: Box<N::Gradient>,
    pub(super) batches: Batches<N::Input, Y>,
    /// The parameters of the last step whose loss and gradient were finite.
    pub(super) last_good: Snapshot<N::Scalar>,
    pub(super) history: History,
    pub(super) step: u64,
}

impl<N: Network, Y, const BATCH: usize> Run<N, Y, BATCH> {
    /// Goes back to the last good parameters and says what happened.
    pub(super) fn failure(
        &mut self,
        network: &mut N,
        quantity: Quantity,
        epoch: usize,
        place: Option<String>,
        sample: Option<usize>,
    ) -> TrainError {
        let largest = parameters::largest(network);
        self.last_good.restore(network);
        self.history.set_stop(Stop::NonFinite);
        TrainError::NonFinite(Box::new(NonFinite {
            quantity,
            epoch,
            step: self.step,
            place,
            sample,
            largest,
            kept_step: self.last_good.step(),
            history: core::mem::take(&mut self.history),
        }))
    }
}

/// The best epoch so far.
pub(super) struct Best<T> {
    settings: EarlyStopping,
    pub(super) snapshot: Snapshot<T>,
    loss: f64,
    pub(super) epoch: Option<usize>,
    waited: usize,
}

impl<T: crate::Scalar> Best<T> {
    pub(super) fn new<N: Network<Scalar = T>>(settings: EarlyStopping, network: &N) -> Self {
        let snapshot = Snapshot::of(network);
        Self {
            settings,
            snapshot,
            loss: f64::INFINITY,
            epoch: None,
            waited: 0,
        }
    }

    /// Takes note of an epoch; whether patience is at an end.
    pub(super) fn is_over<N: Network<Scalar = T>>(
        &mut self,
        record: &EpochRecord,
        network: &N,
    ) -> bool {
        let loss = record.validation_loss.unwrap_or(record.train_loss);
        if loss < self.loss - self.settings.min_delta || self.epoch.is_none() {
            self.loss = loss;
            self.epoch = Some(record.epoch);
            self.waited = 0;
            self.snapshot.take(network, 0);
        } else {
            self.waited += 1;
        }
        self.waited > 0 && self.waited >= self.settings.patience
    }
}
