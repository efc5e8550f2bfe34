//! How good predictions are: accuracy and confusion matrix for classes, R² and root
//! mean squared error for numbers, the mean loss of a data set.

mod confusion_matrix;

pub use confusion_matrix::ConfusionMatrix;

use crate::data::{Dataset, Target, argmax};
use crate::kernels::SimdPath;
use crate::losses::{Loss, LossError, Reduction};
use crate::{Network, Real, Sample};
use bytemuck::Zeroable;

/// Why a metric has no value.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MetricError {
    /// There are no samples.
    #[error("there are no samples to measure")]
    Empty,
    /// There are not as many targets as predictions.
    #[error("{targets} targets do not fit {predictions} predictions")]
    Length {
        /// Number of predictions.
        predictions: usize,
        /// Number of targets.
        targets: usize,
    },
    /// A prediction is NaN or infinite.
    #[error("the prediction of sample {sample}, entry {entry} is {value}")]
    NonFinite {
        /// Which sample, from 0.
        sample: usize,
        /// Which entry, from 0.
        entry: usize,
        /// What stands there.
        value: f64,
    },
    /// A target is a class that no prediction can name.
    #[error("sample {sample} has class {class}, but a prediction has {classes} entries")]
    Class {
        /// Which sample, from 0.
        sample: usize,
        /// Its class.
        class: usize,
        /// Entries of a prediction.
        classes: usize,
    },
}

/// A network's answers to all samples of a data set, in its order.
pub fn predictions<N: Network, Y: Target>(
    network: &N,
    data: &Dataset<N::Input, Y>,
) -> Vec<N::Output> {
    let mut predictions = vec![N::Output::zeroed(); data.len()];
    Network::infer(network, data.inputs(), &mut predictions);
    predictions
}

/// What every metric needs: samples, as many targets as predictions, finite predictions.
fn check<P: Sample, Y>(prediction: &[P], target: &[Y]) -> Result<(), MetricError> {
    if prediction.len() != target.len() {
        let (predictions, targets) = (prediction.len(), target.len());
        return Err(MetricError::Length {
            predictions,
            targets,
        });
    }
    if prediction.is_empty() {
        return Err(MetricError::Empty);
    }
    for (sample, prediction) in prediction.iter().enumerate() {
        if let Some(entry) = prediction.as_slice().iter().position(|p| !p.is_finite()) {
            let value = prediction.as_slice()[entry].to_f64();
            return Err(MetricError::NonFinite {
                sample,
                entry,
                value,
            });
        }
    }
    Ok(())
}

fn check_classes<P: Sample>(prediction: &[P], target: &[usize]) -> Result<(), MetricError> {
    check(prediction, target)?;
    match target.iter().position(|&class| class >= P::LEN) {
        None => Ok(()),
        Some(sample) => Err(MetricError::Class {
            sample,
            class: target[sample],
            classes: P::LEN,
        }),
    }
}

/// The fraction of samples whose class has the largest entry in the prediction; of
/// equal entries, the first counts. From 0 to 1.
///
/// # Errors
///
/// [`MetricError`].
pub fn accuracy<P: Sample>(prediction: &[P], target: &[usize]) -> Result<f64, MetricError> {
    check_classes(prediction, target)?;
    let hits = prediction
        .iter()
        .zip(target)
        .filter(|(p, t)| argmax(p.as_slice()) == **t)
        .count();
    Ok(hits as f64 / target.len() as f64)
}

/// The coefficient of determination R²: `1 - sum (target - prediction)^2 / sum (target - mean)^2`,
/// the mean over the entries of a target.
///
/// 1 for perfect predictions, 0 for those no better than the targets' mean, below 0
/// for worse. As scikit-learn's `r2_score`: for an entry that never changes it is 1
/// if every prediction is right, else 0.
///
/// # Errors
///
/// [`MetricError`].
pub fn r_squared<P: Sample>(prediction: &[P], target: &[P]) -> Result<f64, MetricError> {
    check(prediction, target)?;
    let n = target.len() as f64;
    let mut sum = 0.0;
    for entry in 0..P::LEN {
        let at = |sample: &P| sample.as_slice()[entry].to_f64();
        let mean = target.iter().map(|t| at(t) / n).sum::<f64>();
        let total: f64 = target.iter().map(|t| (at(t) - mean).powi(2)).sum();
        let residual: f64 = prediction
            .iter()
            .zip(target)
            .map(|(p, t)| (at(t) - at(p)).powi(2))
            .sum();
        sum += if total > 0.0 {
            1.0 - residual / total
        } else if residual == 0.0 {
            1.0
        } else {
            0.0
        };
    }
    Ok(sum / P::LEN.max(1) as f64)
}

/// The root mean squared error `sqrt(mean (target - prediction)^2)` over all entries of
/// all samples, in the targets' unit.
///
/// # Errors
///
/// [`MetricError`].
pub fn rmse<P: Sample>(prediction: &[P], target: &[P]) -> Result<f64, MetricError> {
    check(prediction, target)?;
    let squares: f64 = prediction
        .iter()
        .zip(target)
        .flat_map(|(p, t)| p.as_slice().iter().zip(t.as_slice()))
        .map(|(p, t)| (t.to_f64() - p.to_f64()).powi(2))
        .sum();
    Ok((squares / (target.len() * P::LEN).max(1) as f64).sqrt())
}

/// The loss over a whole data set, as inference computes the predictions: the mean, or
/// with [`Reduction::Sum`] the sum over all samples.
///
/// # Errors
///
/// [`LossError`] if a target does not fit; its sample is that of the data set.
pub fn mean_loss<N: Network, Y: Target>(
    network: &N,
    loss: &impl Loss<N::Output, Y>,
    data: &Dataset<N::Input, Y>,
) -> Result<f64, LossError> {
    let mut buffer = vec![N::Output::zeroed(); data.len().min(64)];
    evaluate(network, loss, data, &mut buffer).map(|evaluation| evaluation.loss)
}

/// The loss of a data set, and for classes the accuracy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evaluation {
    pub(crate) loss: f64,
    pub(crate) accuracy: Option<f64>,
}

/// Evaluates a network on a data set, as many samples at a time as `buffer` has.
/// Allocates nothing.
pub(crate) fn evaluate<N: Network, Y: Target>(
    network: &N,
    loss: &impl Loss<N::Output, Y>,
    data: &Dataset<N::Input, Y>,
    buffer: &mut [N::Output],
) -> Result<Evaluation, LossError> {
    let mut mean = Mean::default();
    let size = buffer.len().max(1);
    let batches = data.inputs().chunks(size).zip(data.targets().chunks(size));
    for (batch, (x, y)) in batches.enumerate() {
        let prediction = &mut buffer[..x.len()];
        Network::infer(network, x, prediction);
        let value = loss
            .evaluate(SimdPath::detect(), prediction, y, None)
            .map_err(|error| error.renumbered(|sample| sample + batch * size))?;
        mean.add(loss.reduction(), value.to_f64(), prediction, y);
    }
    Ok(mean.evaluation())
}

/// The running mean of a loss and of hits.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mean {
    loss: f64,
    hits: usize,
    /// Samples whose target is a class.
    classes: usize,
    samples: usize,
    summed: bool,
}

impl Mean {
    /// Adds a batch with its loss.
    pub(crate) fn add<P: Sample, Y: Target>(
        &mut self,
        reduction: Reduction,
        loss: f64,
        prediction: &[P],
        target: &[Y],
    ) {
        self.summed = reduction == Reduction::Sum;
        self.loss += if self.summed {
            loss
        } else {
            loss * target.len() as f64
        };
        self.samples += target.len();
        for (prediction, target) in prediction.iter().zip(target) {
            if let Some(hit) = target.is_hit(prediction) {
                self.classes += 1;
                self.hits += usize::from(hit);
            }
        }
    }

    pub(crate) fn evaluation(&self) -> Evaluation {
        let divisor = if self.summed { 1 } else { self.samples.max(1) };
        Evaluation {
            loss: self.loss / divisor as f64,
            accuracy: (self.classes > 0).then(|| self.hits as f64 / self.classes as f64),
        }
    }
}

#[cfg(test)]
mod tests;
