//! The observer: samples every so many steps of a training, keeps the readings, has them judged,
//! and tells of findings when they appear.

use super::judge::Judge;
use super::parameters::{Find, Look, Updates, Weights, place, predictions};
use super::recorder::{Key, Recorder};
use super::{
    Finding, GradientFlow, Gradients, NonFinite, ObservedLayer, Readings, StepFlow, Tensor,
};
use super::{histograms, statistics};
use crate::kernels::SimdPath;
use crate::losses::Reduction;
use crate::optimizers::{Optimizer, OptimizerFor};
use crate::{Network, Real, Scalar, Workspace, gradient};
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::ControlFlow;

/// Steps from one reading to the next, unless the user says otherwise: so many for each
/// `MANY` layers.
const EVERY: u64 = 20;
const MANY: usize = 40;
/// From this step on, `EVERY` steps more.
const SETTLED: u64 = 1000;

type OnFinding<'a> = Box<dyn FnMut(&Finding, &GradientFlow) -> ControlFlow<()> + 'a>;
type OnReading<'a> = Box<dyn FnMut(&GradientFlow) -> ControlFlow<()> + 'a>;

/// Watches a network train: measures, judges, and tells.
///
/// With the trainer: [`Trainer::observe`](crate::train::Trainer::observe). Without, its three
/// calls take the place of the network's and the optimizer's:
///
/// ```
/// use network_core::prelude::*;
/// use network_core::report::Observer;
///
/// network! {
///     pub struct Curve(1) -> 1 {
///         dense(32) -> tanh -> dense(1);
///     }
/// }
///
/// # fn main() -> Result<(), LossError> {
/// let x: Vec<_> = (0..64).map(|i| SVector::from([i as f32 / 32.0 - 1.0])).collect();
/// let y: Vec<_> = x.iter().map(|x| x.map(|x| (3.0 * x).sin())).collect();
/// let mut net = Curve::new(1);
/// let mut workspace = Curve::workspace::<64>();
/// let mut gradient = Curve::gradient();
/// let mut adam = Adam::new(1e-2).for_network::<Curve>();
/// let mut observer = Observer::new();
/// for _ in 0..100 {
///     observer.forward(&mut net, &x, &mut workspace);
///     let loss = workspace.loss(&Mse::default(), &y)?;
///     observer.backward(&mut net, &x, &mut workspace, &mut gradient, loss);
///     observer.step(&mut net, &gradient, &mut adam);
/// }
/// let flow = observer.report();
/// assert!(flow.is_healthy(), "{:?}", flow.findings);
/// assert_eq!(flow.readings.len(), 5);
/// # Ok(())
/// # }
/// ```
///
/// Memory is laid out in the first step; after that, sampling allocates only to put a new finding
/// in words. To be cheap it looks at parts, evenly spread: of a batch at 32 examples, and in layers
/// of more than 32 units at fewer, but at least 16; of a matrix of more than 512 weights at 512; and
/// histograms count one of 64 entries, but at least 64 and at most about 256. A mean cosine is that of 16 examples, and of 8
/// from 64 units on. A gradient's norm is that of all entries, and whether a unit is dead is asked
/// of all examples. What it costs is measured in `docs/verdicts.md`.
pub struct Observer<'a, N: Network> {
    /// If the user said so.
    every: Option<u64>,
    capacity: usize,
    pub(super) recorder: Recorder,
    pub(super) judge: Judge,
    pub(super) flow: GradientFlow,
    /// Where each layer's weights are among the trained numbers.
    pub(super) ranges: Vec<Weights>,
    /// The weights before the update: of those and the following the part that is looked at.
    before: Vec<N::Scalar>,
    /// The gradient, without biases and shifts.
    looked: Vec<N::Scalar>,
    /// The gradient of the reading before.
    previous: Vec<N::Scalar>,
    /// Sum of squares of `looked`.
    looked_squares: f64,
    /// Sum of squares of `previous`.
    previous_squares: f64,
    pub(super) step: u64,
    sampled: bool,
    losses: Losses,
    clipped: u64,
    since: u64,
    current: StepFlow,
    on_finding: Option<OnFinding<'a>>,
    on_reading: Option<OnReading<'a>>,
    #[cfg(feature = "std")]
    print: bool,
}

/// The losses since the last reading: sums of what each is above the first.
#[derive(Clone, Copy, Debug, Default)]
struct Losses {
    first: f64,
    count: u32,
    sum: f64,
    squares: f64,
}

impl Losses {
    fn add(&mut self, loss: f64) {
        if self.count == 0 {
            self.first = loss;
        }
        self.count += 1;
        let above = loss - self.first;
        self.sum += above;
        self.squares += above * above;
    }

    fn mean(&self) -> f64 {
        self.first + self.sum / f64::from(self.count.max(1))
    }

    fn deviation(&self) -> f64 {
        let count = f64::from(self.count.max(1));
        let squares = self.squares - self.sum * self.sum / count;
        // Not `max`, which would hide NaN.
        let squares = if squares < 0.0 { 0.0 } else { squares };
        libm::sqrt(squares / f64::max(count - 1.0, 1.0))
    }
}

impl<N: Network> core::fmt::Debug for Observer<'_, N> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Observer")
            .field("network", &N::NAME)
            .field("every", &self.flow.every)
            .field("step", &self.step)
            .field("readings", &self.flow.readings.len())
            .finish_non_exhaustive()
    }
}

impl<N: Network> Default for Observer<'_, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a, N: Network> Observer<'a, N> {
    /// Samples every 20th step and keeps 512 readings; prints nothing by itself.
    ///
    /// Networks of more than 40 observed layers every 40th, of more than 80 every 60th, and so
    /// on: where layers are many they are often narrow, and to look at one takes nearly as long
    /// as its step. Layers inside of a `repeat` count once for each round. From step 1000 on,
    /// 20 steps more lie between two readings: 40, 60, 80.
    pub fn new() -> Self {
        Self {
            every: None,
            capacity: 512,
            recorder: Recorder::new(),
            judge: Judge::new(),
            flow: GradientFlow {
                network: N::NAME,
                declaration: N::DECLARATION,
                prediction: N::FLOW,
                remedies: N::REMEDIES,
                scalar: <N::Scalar as Scalar>::NAME,
                optimizer: String::new(),
                batch: 0,
                every: EVERY,
                steps: 0,
                input_rms: 0.0,
                layers: Vec::new(),
                readings: Readings::new(0, 0, 0),
                findings: Vec::new(),
                non_finite: None,
            },
            ranges: Vec::new(),
            before: Vec::new(),
            looked: Vec::new(),
            previous: Vec::new(),
            looked_squares: 0.0,
            previous_squares: 0.0,
            step: 0,
            sampled: false,
            losses: Losses::default(),
            clipped: 0,
            since: 0,
            current: StepFlow::EMPTY,
            on_finding: None,
            on_reading: None,
            #[cfg(feature = "std")]
            print: false,
        }
    }

    /// Steps from one reading to the next, from the first to the last; at least 1.
    pub fn every(mut self, steps: u64) -> Self {
        let steps = steps.max(1);
        self.every = Some(steps);
        self.flow.every = steps;
        self
    }

    /// How many readings are kept: see [`Readings`].
    pub fn capacity(mut self, readings: usize) -> Self {
        self.capacity = readings;
        self
    }

    /// How the loss joins the examples of a batch; the mean unless said otherwise. A delta is
    /// reported for each example.
    pub fn reduction(mut self, reduction: Reduction) -> Self {
        self.recorder.mean_reduction = reduction == Reduction::Mean;
        self
    }

    /// What the loss of the step to come is the mean (or sum) of.
    #[cfg(feature = "std")]
    pub(crate) fn begin(&mut self, reduction: Reduction, samples: usize) {
        self.recorder.mean_reduction = reduction == Reduction::Mean;
        self.recorder.samples = Some(samples);
    }

    /// Whether findings are printed to standard error when they appear and when they end.
    #[cfg(feature = "std")]
    pub fn print(mut self, print: bool) -> Self {
        self.print = print;
        self
    }

    /// Called when a finding appears, gets worse or ends; `ControlFlow::Break(())` ends the
    /// training with it.
    pub fn on_finding(
        mut self,
        callback: impl FnMut(&Finding, &GradientFlow) -> ControlFlow<()> + 'a,
    ) -> Self {
        self.on_finding = Some(Box::new(callback));
        self
    }

    /// Called after each reading; `ControlFlow::Break(())` ends the training with it.
    pub fn on_reading(
        mut self,
        callback: impl FnMut(&GradientFlow) -> ControlFlow<()> + 'a,
    ) -> Self {
        self.on_reading = Some(Box::new(callback));
        self
    }

    /// What has been seen so far.
    pub fn report(&self) -> &GradientFlow {
        &self.flow
    }

    /// What has been seen.
    pub fn into_report(self) -> GradientFlow {
        self.flow
    }

    /// [`Network::forward`], watched if this step is sampled.
    ///
    /// # Panics
    ///
    /// If `x` has more than `BATCH` samples.
    pub fn forward<'w, const BATCH: usize>(
        &mut self,
        network: &mut N,
        x: &[N::Input],
        workspace: &'w mut Workspace<N, BATCH>,
    ) -> &'w [N::Output] {
        if self.every.is_none() {
            let layers = self.flow.layers.len().div_ceil(MANY).max(1) as u64;
            let later = u64::from(self.step >= SETTLED);
            self.flow.every = EVERY * (layers + later);
        }
        self.sampled = self.step.is_multiple_of(self.flow.every);
        if !self.sampled {
            return Network::forward(network, x, workspace);
        }
        self.recorder.begin(self.step);
        self.flow.batch = x.len();
        network.forward_probed(x, workspace, &mut self.recorder)
    }

    /// [`Network::backward`], watched if this step is sampled. A loss that is not finite is
    /// followed to the layer it came from.
    ///
    /// # Panics
    ///
    /// If `x` is not as long as it was in `forward`.
    pub fn backward<const BATCH: usize>(
        &mut self,
        network: &mut N,
        x: &[N::Input],
        workspace: &mut Workspace<N, BATCH>,
        gradient: &mut N::Gradient,
        loss: N::Scalar,
    ) {
        self.backward_pass(network, x, workspace, gradient);
        self.gradient(network, gradient, loss.to_f64());
        if !loss.is_finite() && self.flow.non_finite.is_none() {
            self.locate(network, x, workspace);
        }
    }

    /// The backward pass of the first of the batches that make a step.
    pub(crate) fn backward_pass<const BATCH: usize>(
        &mut self,
        network: &N,
        x: &[N::Input],
        workspace: &mut Workspace<N, BATCH>,
        gradient: &mut N::Gradient,
    ) {
        if self.sampled {
            network.backward_probed(x, workspace, gradient, false, &mut self.recorder);
        } else {
            Network::backward(network, x, workspace, gradient);
        }
    }

    /// Measures a step's whole gradient, before it is clipped.
    pub(crate) fn gradient(&mut self, network: &N, gradient: &N::Gradient, loss: f64) {
        self.losses.add(loss);
        if !self.sampled {
            return;
        }
        if self.ranges.is_empty() {
            self.lay_out(network);
        }
        let entries = gradient::entries::<N>(gradient);
        let path = SimdPath::detect();
        let first = self.flow.readings.is_empty();
        for flow in &mut self.recorder.flows {
            if let Some(gradient) = &mut flow.gradient {
                *gradient = Gradients::EMPTY;
            }
        }
        self.looked.clear();
        let (mut all, mut product) = (0.0, 0.0);
        self.looked_squares = 0.0;
        for weights in &mut self.ranges {
            let now = &entries[weights.all()];
            let (mut looked, mut products) = (0.0, 0.0);
            if weights.looked_len > 0 {
                statistics::look(now, &mut self.looked);
                let (now, before) = (&self.looked, &self.previous);
                [looked, products, _] =
                    statistics::products(path, &now[weights.part()], &before[weights.part()]);
            }
            let squares = if weights.looked_len == weights.len {
                looked
            } else {
                statistics::squares(path, now)
            };
            if !squares.is_finite()
                && self.recorder.non_finite.is_none()
                && now.iter().any(|x| !x.is_finite())
                && let Some(layer) = weights.layer
            {
                self.recorder.non_finite = Some(NonFinite {
                    step: self.step,
                    layer,
                    tensor: Tensor::Gradient,
                    sample: None,
                });
            }
            all += squares;
            product += products;
            self.looked_squares += looked;
            if let Some(layer) = weights.layer
                && weights.looked_len > 0
                && let Some(flow) = &mut self.recorder.flows[layer].gradient
            {
                let part = &self.looked[weights.part()];
                let other = f64::from(flow.gradient_norm);
                flow.gradient_norm = libm::sqrt(other * other + squares) as f32;
                (flow.histogram, flow.zero) = histograms::magnitudes(path, part);
                flow.cosine = cosine(products, looked, weights.squares).filter(|_| !first);
            }
            weights.squares = looked;
        }
        let gradient_cosine =
            cosine(product, self.looked_squares, self.previous_squares).filter(|_| !first);
        core::mem::swap(&mut self.looked, &mut self.previous);
        self.previous_squares = self.looked_squares;
        self.current = StepFlow {
            step: self.step,
            loss: self.losses.mean(),
            loss_deviation: self.losses.deviation(),
            learning_rate: 0.0,
            gradient_norm: libm::sqrt(all),
            clipped_norm: libm::sqrt(all),
            clipped_share: 0.0,
            gradient_cosine,
        };
    }

    /// The optimizer's step. `Break` if a callback wants training to end.
    ///
    /// # Panics
    ///
    /// As [`OptimizerFor::step`].
    pub fn step<O: Optimizer>(
        &mut self,
        network: &mut N,
        gradient: &N::Gradient,
        optimizer: &mut OptimizerFor<N, O>,
    ) -> ControlFlow<()> {
        self.before_step(network, gradient, optimizer, None);
        optimizer.step(network, gradient);
        self.after_step(network)
    }

    /// What has to be seen before the update; `norm` is the gradient's norm before clipping and
    /// the largest that is let through, if those are known.
    pub(crate) fn before_step<O: Optimizer>(
        &mut self,
        network: &N,
        gradient: &N::Gradient,
        optimizer: &OptimizerFor<N, O>,
        clipped: Option<bool>,
    ) {
        self.since += 1;
        self.clipped += u64::from(clipped == Some(true));
        if !self.sampled {
            return;
        }
        self.current.learning_rate = optimizer.learning_rate();
        // The part that was looked at shrinks with the whole.
        let (path, entries) = (SimdPath::detect(), gradient::entries::<N>(gradient));
        let looked = self.ranges.iter().filter(|weights| weights.looked_len > 0);
        let parts = looked.map(|weights| &entries[weights.all()]);
        let after: f64 = parts
            .map(|part| statistics::looked_squares(path, part))
            .sum();
        if self.looked_squares > 0.0 {
            self.current.clipped_norm *= libm::sqrt(after / self.looked_squares);
        }
        if clipped.is_none()
            && self.current.clipped_norm < self.current.gradient_norm * (1.0 - 1e-4)
        {
            // By hand, it is only seen in sampled steps.
            self.clipped = self.since;
        }
        self.current.clipped_share = (self.clipped as f64 / self.since as f64) as f32;
        if self.flow.optimizer.is_empty() {
            let text = alloc::format!("{:?}", &**optimizer);
            self.flow.optimizer = text
                .split([' ', '{', '('])
                .next()
                .unwrap_or_default()
                .to_string();
        }
        self.before.clear();
        network.visit(&mut Look(&mut self.before));
    }

    /// Measures the update, completes the reading, and judges.
    pub(crate) fn after_step(&mut self, network: &N) -> ControlFlow<()> {
        self.step += 1;
        self.flow.steps = self.step;
        if !self.sampled {
            return ControlFlow::Continue(());
        }
        self.sampled = false;
        self.update(network);
        self.complete()
    }

    /// Norms of weights and updates.
    fn update(&mut self, network: &N) {
        let mut updates = Updates {
            path: SimdPath::detect(),
            ranges: self.ranges.iter(),
            before: &self.before,
            flows: &mut self.recorder.flows,
            not_finite: None,
        };
        network.visit(&mut updates);
        if let Some(layer) = updates.not_finite {
            self.recorder.non_finite.get_or_insert(NonFinite {
                step: self.recorder.step,
                layer,
                tensor: Tensor::Weight,
                sample: None,
            });
        }
    }

    /// A reading is complete.
    fn complete(&mut self) -> ControlFlow<()> {
        self.recorder.end();
        self.flow.input_rms = self.recorder.input.rms() as f32;
        self.flow.non_finite = self.flow.non_finite.or(self.recorder.non_finite);
        self.flow
            .readings
            .push(self.current, &self.recorder.flows, &self.recorder.times);
        self.losses = Losses::default();
        self.clipped = 0;
        self.since = 0;
        self.judge.judge(&mut self.flow, &self.recorder);
        self.tell()
    }

    /// Tells of what is new.
    pub(super) fn tell(&mut self) -> ControlFlow<()> {
        let mut end = ControlFlow::Continue(());
        for index in self.judge.news() {
            let finding = &self.flow.findings[*index];
            #[cfg(feature = "std")]
            if self.print {
                eprintln!("{finding}");
            }
            if let Some(on_finding) = &mut self.on_finding
                && on_finding(finding, &self.flow).is_break()
            {
                end = ControlFlow::Break(());
            }
        }
        if let Some(on_reading) = &mut self.on_reading
            && on_reading(&self.flow).is_break()
        {
            end = ControlFlow::Break(());
        }
        end
    }

    pub(super) fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// Dead units were brought back to life.
    pub(super) fn forget_silence(&mut self) {
        self.recorder.forget_silence();
    }

    /// A forward pass that changes nothing, to be judged at once.
    pub(super) fn check_forward<const BATCH: usize>(
        &mut self,
        network: &N,
        x: &[N::Input],
        workspace: &mut Workspace<N, BATCH>,
    ) {
        self.sampled = true;
        self.judge.at_once();
        self.recorder.begin(0);
        self.flow.batch = x.len();
        workspace.forward_probed(network, x, &mut self.recorder);
    }

    /// Completes a reading without an update; `error` is that of the whole network's derivative.
    pub(super) fn check_judge(&mut self, network: &N, error: Option<f64>) {
        self.recorder.derivative_error = error;
        self.before.clear();
        network.visit(&mut Look(&mut self.before));
        // Nobody listens yet.
        let _ = self.after_step(network);
    }

    /// After the first pass all layers are known: memory for readings.
    pub(super) fn lay_out(&mut self, network: &N) {
        let mut find = Find {
            recorder: &self.recorder,
            keys: alloc::vec![Key::ROOT],
            ranges: Vec::new(),
            position: 0,
            looked: 0,
        };
        network.visit(&mut find);
        let total = find.looked;
        self.ranges = find.ranges;
        self.previous = alloc::vec![N::Scalar::ZERO; total];
        self.looked = Vec::with_capacity(total);
        self.before = Vec::with_capacity(total);
        for weights in &self.ranges {
            if let Some(layer) = weights.layer
                && weights.kind.is_multiplied()
            {
                self.recorder.flows[layer].gradient = Some(Gradients::EMPTY);
            }
        }
        let mut parameters = alloc::vec![0; self.recorder.layers.len()];
        for weights in &self.ranges {
            if let Some(layer) = weights.layer {
                parameters[layer] += weights.len;
            }
        }
        let predicted = predictions::<N>(&self.recorder);
        self.flow.layers = (self.recorder.layers.iter().zip(parameters).zip(predicted))
            .map(|((seen, parameters), predicted)| ObservedLayer {
                name: seen.name.clone(),
                layer: seen.layer,
                width: seen.width,
                parameters,
                place: place::<N>(&seen.name),
                predicted,
                times: seen.times.clone(),
            })
            .collect();
        let (layers, times) = (self.recorder.layers.len(), self.recorder.times.len());
        self.flow.readings = Readings::new(self.capacity, layers, times);
    }
}

fn cosine(product: f64, a: f64, b: f64) -> Option<f32> {
    (a > 0.0 && b > 0.0).then(|| (product / (libm::sqrt(a) * libm::sqrt(b))) as f32)
}
