//! Tasks and a training loop for all tests of the report.

use network_core::losses::Loss;
use network_core::optimizers::Optimizer;
use network_core::prelude::*;
use network_core::rand::{RngExt, SeedableRng};
use network_core::report::{GradientFlow, Observer};
use network_core::{Generator, Workspace};

pub type Input = SVector<f32, 12>;

/// A task that a small network learns: which of four random directions an input leans to most.
pub struct Task {
    generator: Generator,
    directions: [Input; 4],
    /// What inputs are multiplied by.
    pub scale: f32,
    /// How often a label is drawn at random.
    pub noise: f32,
}

impl Task {
    pub fn new(seed: u64) -> Self {
        let mut generator = Generator::seed_from_u64(seed);
        let directions = std::array::from_fn(|_| normal(&mut generator));
        Self {
            generator,
            directions,
            scale: 1.0,
            noise: 0.0,
        }
    }

    pub fn batch(&mut self, n: usize) -> (Vec<Input>, Vec<usize>) {
        (0..n)
            .map(|_| {
                let x = normal(&mut self.generator);
                let lean = |k: &usize| self.directions[*k].dot(&x);
                let best = (0..4).max_by(|a, b| lean(a).total_cmp(&lean(b))).unwrap();
                let drawn = self.generator.random::<f32>() < self.noise;
                let label = if drawn {
                    self.generator.random_range(0..4)
                } else {
                    best
                };
                (x * self.scale, label)
            })
            .unzip()
    }
}

fn normal(generator: &mut Generator) -> Input {
    // A sum of uniform numbers is normal enough.
    Input::from_fn(|_, _| (0..12).map(|_| generator.random::<f32>()).sum::<f32>() - 6.0)
}

/// Trains on fresh batches of 32.
pub fn train<N, O>(net: &mut N, optimizer: O, task: &mut Task, steps: usize) -> GradientFlow
where
    N: Network<Input = Input, Scalar = f32>,
    CrossEntropy: Loss<N::Output, usize>,
    O: Optimizer,
{
    train_batches::<N, O, 32>(net, optimizer, task, steps)
}

/// Trains on fresh batches.
pub fn train_batches<N, O, const BATCH: usize>(
    net: &mut N,
    optimizer: O,
    task: &mut Task,
    steps: usize,
) -> GradientFlow
where
    N: Network<Input = Input, Scalar = f32>,
    CrossEntropy: Loss<N::Output, usize>,
    O: Optimizer,
{
    let loss = CrossEntropy::default();
    train_on::<_, _, _, _, BATCH>(net, optimizer, &loss, || task.batch(BATCH), steps)
}

/// Trains on any task.
pub fn train_on<N, O, L, Y, const BATCH: usize>(
    net: &mut N,
    optimizer: O,
    loss: &L,
    mut batch: impl FnMut() -> (Vec<N::Input>, Vec<Y>),
    steps: usize,
) -> GradientFlow
where
    N: Network<Scalar = f32>,
    L: Loss<N::Output, Y>,
    O: Optimizer,
{
    let mut workspace: Box<Workspace<N, BATCH>> = N::workspace();
    let mut gradient = N::gradient();
    let mut optimizer = optimizer.for_network::<N>();
    let mut observer = Observer::<N>::new();
    for _ in 0..steps {
        let (x, y) = batch();
        observer.forward(net, &x, &mut workspace);
        let loss = workspace.loss(loss, &y).unwrap();
        observer.backward(net, &x, &mut workspace, &mut gradient, loss);
        if !loss.is_finite() {
            break;
        }
        let _ = observer.step(net, &gradient, &mut optimizer);
    }
    observer.into_report()
}

/// A line for each finding, for messages of failed tests.
#[allow(clippy::format_push_string, reason = "a message for failed tests")]
pub fn describe(flow: &GradientFlow) -> String {
    let mut text = format!("{} after {} steps\n", flow.network, flow.steps);
    for finding in &flow.findings {
        text += &format!(
            "{:?} {:?} {:.3} since {} at {:?}: {finding}\n",
            finding.severity, finding.kind, finding.value, finding.began, finding.layer
        );
    }
    for reading in flow.readings.iter().step_by(3) {
        text += &format!(
            "step {:>4} loss {:.4} (+-{:.4}) G {:+.2} gradient {:.2e} cosine {:?}\n",
            reading.step.step,
            reading.step.loss,
            reading.step.loss_deviation,
            flow.decades(reading).unwrap_or(f64::NAN),
            reading.step.gradient_norm,
            reading.step.gradient_cosine,
        );
    }
    if let Some(last) = flow.last() {
        for (layer, seen) in flow.layers.iter().zip(last.layers) {
            text += &format!(
                "{:<20} {:<12} rms {:.3} varies {:.3} cos {:.3} delta {:.2e} factor {:?} ratio {:?} dead {:?} saturated {:?}\n",
                layer.name,
                layer.layer,
                seen.activation.rms,
                seen.activation.variation,
                seen.activation.cosine,
                seen.delta_rms,
                seen.factor,
                seen.gradient.and_then(|g| g.update_ratio()),
                seen.activation.dead,
                seen.activation.saturated,
            );
        }
    }
    text
}
