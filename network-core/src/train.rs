//! Training: epochs of shuffled batches, with everything around a step that a long
//! run needs. What a step does is in [`Trainer::fit`]'s documentation, to be written
//! by hand where a person wants to.

mod batches;
mod error;
mod history;
mod parameters;
mod progress;
mod run;
mod settings;

pub use error::{NonFinite, Quantity, TrainError};
pub use history::{EpochRecord, History, Stop};
pub use settings::{Clip, EarlyStopping, EpochReport, StepReport};

use crate::clip::{self, ClipError};
use crate::data::{Dataset, Target};
use crate::hyperparameter::Range;
use crate::kernels::SimdPath;
use crate::losses::{Loss, Reduction};
use crate::metrics::{self, Mean};
use crate::optimizers::{Optimizer, OptimizerFor};
use crate::report::{GradientFlow, Observer};
use crate::schedules::Schedule;
use crate::snapshot::Snapshot;
use crate::{Network, Real};
use batches::Batches;
use bytemuck::Zeroable;
use core::ops::ControlFlow;
use progress::Progress;
use run::{Best, Run, scale_derivative};
use std::time::Instant;

type OnStep<'a, N> = Box<dyn FnMut(&StepReport<'_, N>) -> ControlFlow<()> + 'a>;
type OnEpoch<'a, N> = Box<dyn FnMut(&EpochReport<'_, N>) -> ControlFlow<()> + 'a>;

/// Trains networks in batches of `BATCH` samples.
///
/// ```
/// use network_core::data::Dataset;
/// use network_core::prelude::*;
/// use network_core::train::Trainer;
///
/// network! {
///     pub struct Xor(2) -> 2 {
///         dense(16) -> tanh -> dense(2);
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let data = Dataset::new(
///     [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]].map(SVector::from),
///     [0_usize, 1, 1, 0],
/// )?;
/// let mut net = Xor::new(1);
/// let history = Trainer::<Xor, _, _, 4>::new(CrossEntropy::default(), Adam::new(0.03))
///     .epochs(200)
///     .fit(&mut net, &data, None)?;
/// assert_eq!(history.last().unwrap().train_accuracy, Some(1.0));
/// # Ok(())
/// # }
/// ```
pub struct Trainer<'a, N: Network, L, O: Optimizer, const BATCH: usize> {
    loss: L,
    optimizer: Box<OptimizerFor<N, O>>,
    epochs: usize,
    seed: u64,
    schedule: Option<Box<dyn Schedule + 'a>>,
    clip: Option<Clip>,
    accumulate: usize,
    early_stopping: Option<EarlyStopping>,
    progress: bool,
    on_step: Option<OnStep<'a, N>>,
    on_epoch: Option<OnEpoch<'a, N>>,
    observer: Option<Observer<'a, N>>,
}

impl<N: Network, L: core::fmt::Debug, O: Optimizer, const BATCH: usize> core::fmt::Debug
    for Trainer<'_, N, L, O, BATCH>
{
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Trainer")
            .field("network", &N::NAME)
            .field("loss", &self.loss)
            .field("optimizer", &self.optimizer)
            .field("batch", &BATCH)
            .field("epochs", &self.epochs)
            .field("seed", &self.seed)
            .field("clip", &self.clip)
            .field("accumulate", &self.accumulate)
            .field("early_stopping", &self.early_stopping)
            .finish_non_exhaustive()
    }
}

impl<'a, N: Network, L, O: Optimizer, const BATCH: usize> Trainer<'a, N, L, O, BATCH> {
    /// Ten epochs with this loss and optimizer; seed 0, no schedule, no clipping, no
    /// early stopping, a progress bar if standard error is a terminal.
    pub fn new(loss: L, optimizer: O) -> Self {
        const { assert!(BATCH > 0, "a batch needs at least one sample") };
        Self {
            loss,
            optimizer: OptimizerFor::boxed(optimizer),
            epochs: 10,
            seed: 0,
            schedule: None,
            clip: None,
            accumulate: 1,
            early_stopping: None,
            progress: true,
            on_step: None,
            on_epoch: None,
            observer: None,
        }
    }

    /// How many times every sample is used.
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = epochs;
        self
    }

    /// The seed of shuffling and dropout. The same seed gives the same bits.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The learning rate of each step, counted from 0 in each [`Trainer::fit`], in
    /// place of the optimizer's. [`Trainer::steps`] says how many there will be.
    pub fn schedule(mut self, schedule: impl Schedule + 'a) -> Self {
        self.schedule = Some(Box::new(schedule));
        self
    }

    /// What happens to a gradient before the optimizer sees it.
    pub fn clip(mut self, clip: Clip) -> Self {
        self.clip = Some(clip);
        self
    }

    /// Makes a step from the gradient of `batches` batches: the gradient is that of
    /// a batch of `batches * BATCH` samples, in the memory of `BATCH`. Batch norm
    /// still sees `BATCH` samples at a time.
    pub fn accumulate(mut self, batches: usize) -> Self {
        self.accumulate = batches;
        self
    }

    /// Stops when nothing gets better, and keeps the best.
    pub fn early_stopping(mut self, early_stopping: EarlyStopping) -> Self {
        self.early_stopping = Some(early_stopping);
        self
    }

    /// Whether a progress bar is shown on standard error if that is a terminal
    /// (default: yes). While it is shown, drawing it allocates.
    pub fn progress(mut self, progress: bool) -> Self {
        self.progress = progress;
        self
    }

    /// Called after every step; `ControlFlow::Break(())` ends the training with it.
    pub fn on_step(
        mut self,
        callback: impl FnMut(&StepReport<'_, N>) -> ControlFlow<()> + 'a,
    ) -> Self {
        self.on_step = Some(Box::new(callback));
        self
    }

    /// Called after every epoch; `ControlFlow::Break(())` ends the training with it.
    pub fn on_epoch(
        mut self,
        callback: impl FnMut(&EpochReport<'_, N>) -> ControlFlow<()> + 'a,
    ) -> Self {
        self.on_epoch = Some(Box::new(callback));
        self
    }

    /// Watches the gradient flow: a second [`Trainer::fit`] goes on with it.
    ///
    /// ```
    /// # use network_core::network;
    /// # network! { pub struct Digits(4) -> 10 { dense(10); } }
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use network_core::prelude::*;
    /// # use network_core::train::Trainer;
    /// # let x = [[1.0, -1.0, 0.5, -1.2], [-0.8, 1.1, 1.0, 0.9], [0.7, -0.6, -1.3, 1.0]];
    /// # let train = Dataset::new(x.map(SVector::<f32, 4>::from), [1_usize, 2, 3])?;
    /// use network_core::report::Observer;
    ///
    /// let mut net = Digits::boxed(1);
    /// let mut trainer = Trainer::<Digits, _, _, 32>::new(CrossEntropy::default(), Adam::new(1e-3))
    ///     .observe(Observer::new().print(true));
    /// trainer.fit(&mut net, &train, None)?;
    /// assert!(trainer.report().is_some_and(|flow| flow.is_healthy()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn observe(mut self, observer: Observer<'a, N>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// What the observer has seen, if there is one; also after a training that failed.
    pub fn report(&self) -> Option<&GradientFlow> {
        self.observer.as_ref().map(Observer::report)
    }

    /// How many steps all epochs take with so many samples: what
    /// schedules want to know. The last step of an epoch may see fewer samples.
    pub fn steps(&self, samples: usize) -> u64 {
        self.epochs.saturating_mul(self.steps_per_epoch(samples)) as u64
    }

    fn steps_per_epoch(&self, samples: usize) -> usize {
        samples.div_ceil(BATCH.saturating_mul(self.accumulate.max(1)))
    }

    /// The optimizer, with what it remembers; a second [`Trainer::fit`] goes on with it.
    pub fn optimizer(&mut self) -> &mut OptimizerFor<N, O> {
        &mut self.optimizer
    }

    /// Trains the network.
    ///
    /// Each epoch takes the samples in a new random order, `BATCH` at a time; the
    /// last batch holds what is left. With everything around it left out, an epoch is
    ///
    /// ```
    /// # use network_core::network;
    /// # network! { pub struct Digits(4) -> 10 { dense(10); } }
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use network_core::prelude::*;
    /// # const BATCH: usize = 2;
    /// # let train = Dataset::new([SVector::<f32, 4>::zeros(); 3], [1_usize, 2, 3])?;
    /// let mut net = Digits::boxed(1);
    /// let mut workspace = Digits::workspace::<BATCH>();
    /// let mut gradient = Digits::gradient();
    /// let mut adam = Adam::new(1e-3).for_network::<Digits>();
    ///
    /// for (x, y) in train.batches(BATCH)? {
    ///     net.forward(x, &mut workspace);
    ///     let loss = workspace.loss(&CrossEntropy::default(), y)?;
    ///     net.backward(x, &mut workspace, &mut gradient);
    ///     clip_by_norm::<Digits>(&mut gradient, 1.0)?;
    ///     adam.step(&mut net, &gradient);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// After its start it allocates only for the progress bar (if that is shown), in
    /// your callbacks, and to report an error.
    ///
    /// # Errors
    ///
    /// [`TrainError::Target`] for a target that the loss refuses and
    /// [`TrainError::Hyperparameter`], both found before the first step: the network
    /// then is as it was. (A schedule's learning rate is checked when its step comes.)
    /// [`TrainError::NonFinite`] if the loss, the gradient or a parameter becomes NaN
    /// or infinite: the network then has the last parameters whose loss and gradient
    /// were finite, and the error holds the history.
    pub fn fit<Y: Target>(
        &mut self,
        network: &mut N,
        train: &Dataset<N::Input, Y>,
        validation: Option<&Dataset<N::Input, Y>>,
    ) -> Result<History, TrainError>
    where
        L: Loss<N::Output, Y>,
    {
        let mut outputs = vec![N::Output::zeroed(); BATCH.min(train.len())];
        self.validate(train, validation, &mut outputs)?;

        let mut workspace = N::workspace::<BATCH>();
        workspace.seed(self.seed);
        let steps = self.steps_per_epoch(train.len());
        let mut run = Run {
            workspace,
            gradient: N::gradient(),
            batches: Batches::new(train, BATCH, self.seed),
            last_good: Snapshot::of(network),
            history: History::with_capacity(self.epochs),
            step: 0,
        };
        let mut best = self.early_stopping.map(|early| Best::new(early, network));
        let mut progress = Progress::new(self.progress, self.epochs, steps);

        for epoch in 1..=self.epochs {
            let start = Instant::now();
            run.batches.shuffle();
            let mut mean = Mean::default();
            let mut norms = 0.0;
            let mut taken = 0;
            let mut stop = false;
            for _ in 0..steps {
                let (report_loss, norm, end) =
                    self.step(network, train, &mut run, epoch, &mut mean)?;
                norms += norm;
                taken += 1;
                progress.step(epoch, report_loss);
                stop |= end;
                if let Some(on_step) = &mut self.on_step {
                    let report = StepReport {
                        epoch,
                        step: run.step,
                        loss: report_loss,
                        learning_rate: self.optimizer.learning_rate(),
                        gradient_norm: norm,
                        network,
                        gradient: &run.gradient,
                    };
                    stop |= on_step(&report).is_break();
                }
                if stop {
                    break;
                }
            }
            // The last step's result has not been through a forward pass yet.
            if let Some(place) = parameters::first_non_finite(network) {
                return Err(run.failure(network, Quantity::Parameter, epoch, Some(place), None));
            }
            let trained = mean.evaluation();
            let validated = match validation {
                None => None,
                Some(data) => Some(
                    metrics::evaluate(network, &self.loss, data, &mut outputs).map_err(
                        |source| TrainError::Target {
                            set: "validation",
                            source,
                        },
                    )?,
                ),
            };
            if let Some(evaluation) = validated
                && !evaluation.loss.is_finite()
            {
                return Err(run.failure(network, Quantity::ValidationLoss, epoch, None, None));
            }
            let record = EpochRecord {
                epoch,
                train_loss: trained.loss,
                train_accuracy: trained.accuracy,
                validation_loss: validated.map(|evaluation| evaluation.loss),
                validation_accuracy: validated.and_then(|evaluation| evaluation.accuracy),
                learning_rate: self.optimizer.learning_rate(),
                gradient_norm: norms / f64::from(taken.max(1)),
                seconds: start.elapsed().as_secs_f64(),
            };
            progress.epoch(&record);
            if let Some(on_epoch) = &mut self.on_epoch {
                stop |= on_epoch(&EpochReport {
                    record: &record,
                    network,
                })
                .is_break();
            }
            let worse = best
                .as_mut()
                .is_some_and(|best| best.is_over(&record, network));
            run.history.push(record);
            if stop {
                run.history.set_stop(Stop::Callback);
                break;
            }
            if worse {
                run.history.set_stop(Stop::EarlyStopping);
                break;
            }
        }
        if let Some(best) = best {
            run.history.set_best(best.epoch);
            best.snapshot.restore(network);
        }
        Ok(run.history)
    }

    /// One optimizer step; returns its loss, the gradient's norm, and whether the observer wants
    /// training to end.
    fn step<Y: Target>(
        &mut self,
        network: &mut N,
        train: &Dataset<N::Input, Y>,
        run: &mut Run<N, Y, BATCH>,
        epoch: usize,
        mean: &mut Mean,
    ) -> Result<(f64, f64, bool), TrainError>
    where
        L: Loss<N::Output, Y>,
    {
        if let Some(schedule) = &self.schedule {
            self.optimizer
                .set_learning_rate(schedule.learning_rate(run.step));
            self.optimizer.validate()?;
        }
        run.step += 1;
        let reduction = self.loss.reduction();
        let samples = run
            .batches
            .remaining()
            .min(BATCH.saturating_mul(self.accumulate));
        let mut step_mean = Mean::default();
        let mut done = 0;
        while done < samples {
            let (x, y) = run.batches.next(train, samples - done);
            // The first of several batches stands for the step.
            let mut observer = self.observer.as_mut().filter(|_| done == 0);
            match &mut observer {
                Some(observer) => {
                    observer.begin(reduction, samples);
                    observer.forward(network, x, &mut run.workspace);
                }
                None => {
                    Network::forward(network, x, &mut run.workspace);
                }
            }
            let loss = run.workspace.loss(&self.loss, y);
            let loss = match loss {
                Ok(loss) => loss,
                Err(source) => {
                    let source = source.renumbered(|index| run.batches.sample(index));
                    return Err(TrainError::Target {
                        set: "training",
                        source,
                    });
                }
            };
            if !loss.is_finite() {
                let sample = self.bad_sample(run.workspace.output(), y);
                if let Some(observer) = &mut self.observer {
                    observer.locate(network, x, &mut run.workspace);
                }
                let sample = sample.map(|index| run.batches.sample(index));
                let place = parameters::first_non_finite(network);
                return Err(run.failure(network, Quantity::Loss, epoch, place, sample));
            }
            if x.len() < samples && reduction == Reduction::Mean {
                scale_derivative(&mut run.workspace, x.len() as f64 / samples as f64);
            }
            match &mut observer {
                Some(observer) => {
                    observer.backward_pass(network, x, &mut run.workspace, &mut run.gradient);
                }
                None if done == 0 => {
                    Network::backward(network, x, &mut run.workspace, &mut run.gradient);
                }
                None => network.backward_accumulate(x, &mut run.workspace, &mut run.gradient),
            }
            step_mean.add(reduction, loss.to_f64(), run.workspace.output(), y);
            mean.add(reduction, loss.to_f64(), run.workspace.output(), y);
            done += x.len();
        }
        let loss = step_mean.evaluation().loss;
        if let Some(observer) = &mut self.observer {
            observer.gradient(network, &run.gradient, loss);
        }
        let norm = match self.clip {
            Some(Clip::Norm(max_norm)) => clip::clip_by_norm::<N>(&mut run.gradient, max_norm),
            Some(Clip::Value(_)) | None => clip::norm::<N>(&run.gradient),
        };
        let norm = match norm {
            Ok(norm) => norm,
            Err(ClipError::NonFinite { entry }) => {
                let place = parameters::name_of_entry(network, entry);
                if let Some(observer) = &mut self.observer {
                    observer.blame_entry(network, entry);
                }
                return Err(run.failure(network, Quantity::Gradient, epoch, place, None));
            }
            Err(ClipError::Hyperparameter(error)) => return Err(error.into()),
        };
        if let Some(Clip::Value(max_value)) = self.clip {
            clip::clip_by_value::<N>(&mut run.gradient, max_value)?;
        }
        run.last_good.take(network, run.step - 1);
        let clipped = match self.clip {
            Some(Clip::Norm(max_norm)) => Some(norm > max_norm),
            Some(Clip::Value(_)) => None,
            None => Some(false),
        };
        let end = match &mut self.observer {
            None => {
                self.optimizer.step(network, &run.gradient);
                false
            }
            Some(observer) => {
                observer.before_step(network, &run.gradient, &self.optimizer, clipped);
                self.optimizer.step(network, &run.gradient);
                observer.after_step(network).is_break()
            }
        };
        Ok((loss, norm, end))
    }

    /// Finds what is wrong with settings and targets before anything is changed.
    fn validate<Y: Target>(
        &self,
        train: &Dataset<N::Input, Y>,
        validation: Option<&Dataset<N::Input, Y>>,
        outputs: &mut [N::Output],
    ) -> Result<(), TrainError>
    where
        L: Loss<N::Output, Y>,
    {
        self.optimizer.validate()?;
        Range::Positive.check("accumulate", self.accumulate as f64)?;
        match self.clip {
            Some(Clip::Norm(max_norm)) => Range::Positive.check("max_norm", max_norm)?,
            Some(Clip::Value(max_value)) => Range::Positive.check("max_value", max_value)?,
            None => {}
        }
        if let Some(early) = self.early_stopping {
            Range::NonNegative.check("min_delta", early.min_delta)?;
        }
        let size = outputs.len();
        let sets = [
            Some(("training", train)),
            validation.map(|data| ("validation", data)),
        ];
        for (set, data) in sets.into_iter().flatten() {
            for (batch, targets) in data.targets().chunks(size).enumerate() {
                let prediction = &mut outputs[..targets.len()];
                prediction.fill(Zeroable::zeroed());
                self.loss
                    .evaluate(SimdPath::detect(), prediction, targets, None)
                    .map_err(|source| TrainError::Target {
                        set,
                        source: source.renumbered(|sample| sample + batch * size),
                    })?;
            }
        }
        Ok(())
    }

    /// Which sample of a batch makes its loss NaN or infinite, if it is one.
    fn bad_sample<Y: Target>(&self, output: &[N::Output], target: &[Y]) -> Option<usize>
    where
        L: Loss<N::Output, Y>,
    {
        output
            .chunks(1)
            .zip(target.chunks(1))
            .position(|(output, target)| {
                let loss = self.loss.evaluate(SimdPath::detect(), output, target, None);
                loss.is_ok_and(|loss| !loss.is_finite())
            })
    }
}

#[cfg(test)]
mod tests;
