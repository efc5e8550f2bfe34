//! Training one network on one task, and what is kept of it.

use crate::networks::{Declared, Input};
use crate::runs::{Optimizer, Run};
use crate::tasks::Task;
use declarations::OUTPUTS;
use network_core::nalgebra::SVector;
use network_core::prelude::{Adam, AdamW, CrossEntropy, Dataset, Network, RmsProp, Sgd};

/// Samples in a step.
pub const BATCH: usize = 32;
/// Steps of a training.
pub const STEPS: usize = 500;
/// Initialisations of each network.
pub const SEEDS: u64 = 3;
/// Learning rates of gradient descent, of which the best counts.
pub const SGD: [f64; 3] = [0.003, 0.03, 0.3];
/// Learning rates of Adam, AdamW and RMSprop, of which the best counts.
pub const ADAPTIVE: [f64; 3] = [0.0003, 0.001, 0.003];

/// Trains `N` on every task with every optimiser, initialisation and learning rate.
pub fn study<N: Declared>(tasks: &[Task]) -> Vec<Run> {
    let mut runs = Vec::new();
    for task in tasks {
        for seed in 0..SEEDS {
            runs.extend(Optimizer::ALL.map(|optimizer| run::<N>(task, seed, optimizer)));
        }
    }
    runs
}

/// Trains `N` on a task with an optimiser, from one initialisation, with every learning rate.
pub fn run<N: Declared>(task: &Task, seed: u64, optimizer: Optimizer) -> Run {
    let losses = match optimizer {
        Optimizer::Sgd => SGD.map(|rate| train::<N, _>(task, seed, Sgd::new(rate))),
        Optimizer::Adam => ADAPTIVE.map(|rate| train::<N, _>(task, seed, Adam::new(rate))),
        Optimizer::AdamW => ADAPTIVE.map(|rate| train::<N, _>(task, seed, AdamW::new(rate))),
        Optimizer::RmsProp => ADAPTIVE.map(|rate| train::<N, _>(task, seed, RmsProp::new(rate))),
    };
    // Four digits are enough.
    let [low, middle, high] = losses.map(|loss| (1e4 * loss).round() / 1e4);
    Run {
        network: N::NAME.to_owned(),
        task: task.name.to_owned(),
        optimizer,
        seed,
        loss_low_rate: low,
        loss_middle_rate: middle,
        loss_high_rate: high,
    }
}

/// Trains for [`STEPS`] steps; returns the final loss.
fn train<N: Declared, O: network_core::optimizers::Optimizer>(
    task: &Task,
    seed: u64,
    optimizer: O,
) -> f64 {
    let mut network = N::boxed(seed);
    let mut workspace = N::workspace::<BATCH>();
    let mut gradient = N::gradient();
    let mut optimizer = optimizer.for_network::<N>();
    let mut data = task.data.clone();
    let mut step = 0;
    workspace.seed(seed);
    for epoch in 0.. {
        data.shuffle(1000 * seed + epoch);
        let Ok(batches) = data.batches(BATCH) else {
            return f64::NAN;
        };
        for (x, y) in batches.filter(|(x, _)| x.len() == BATCH) {
            Network::forward(&mut *network, x, &mut workspace);
            match workspace.loss(&CrossEntropy::default(), y) {
                Ok(loss) if loss.is_finite() => {}
                _ => return f64::INFINITY,
            }
            Network::backward(&*network, x, &mut workspace, &mut gradient);
            optimizer.step(&mut network, &gradient);
            step += 1;
            if step == STEPS {
                return loss(&*network, &task.data);
            }
        }
    }
    unreachable!("every epoch takes steps")
}

fn loss<N: Declared>(network: &N, data: &Dataset<Input, usize>) -> f64 {
    let mut outputs = vec![SVector::<f32, OUTPUTS>::zeros(); data.len()];
    Network::infer(network, data.inputs(), &mut outputs);
    let sum: f64 = outputs
        .iter()
        .zip(data.targets())
        .map(|(logits, class)| {
            let logits = logits.map(f64::from);
            let most = logits.max();
            most + logits.map(|z| (z - most).exp()).sum().ln() - logits[*class]
        })
        .sum();
    let mean = sum / data.len() as f64;
    if mean.is_finite() {
        mean
    } else {
        f64::INFINITY
    }
}
