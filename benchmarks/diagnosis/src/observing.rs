//! One training under observation: its outcome, what was said of it and when, and the edit that
//! the report proposes.

use crate::cases::observed_rate;
use crate::networks::Declared;
use crate::published;
use crate::runs::Optimizer;
use crate::tasks::Task;
use crate::training::{BATCH, STEPS};
use declarations::OUTPUTS;
use network_core::nalgebra::SVector;
use network_core::prelude::{Adam, CrossEntropy, Network, Sgd};
use network_core::report::{Edit, Finding, GradientFlow, Observer};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::fmt::Write;
use std::ops::ControlFlow;

/// Steps from one reading to the next, for networks of any depth.
const EVERY: u64 = 20;

/// A training that was observed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Observed {
    pub network: String,
    pub task: String,
    pub optimizer: Optimizer,
    pub learning_rate: f64,
    /// Mean cross-entropy over the whole training set after the last step.
    pub loss: f64,
    /// `tool/rule:step` of each first alarm, with blanks between.
    pub alarms: String,
    /// The loudest finding at the end, and how loud it is.
    pub kind: String,
    pub severity: String,
    pub headline: String,
    /// The first edit of the first finding that has one.
    pub edit: String,
    /// The declaration with this edit made; empty if the edit is not one of the declaration.
    pub source: String,
}

/// Trains `N` on every task with every optimiser at its middle learning rate, from its first
/// initialisation.
pub fn observe<N: Declared>(tasks: &[Task]) -> Vec<Observed> {
    let mut all = Vec::new();
    for task in tasks {
        all.push(one::<N, _>(
            task,
            Optimizer::Sgd,
            Sgd::new(observed_rate(Optimizer::Sgd)),
        ));
        all.push(one::<N, _>(
            task,
            Optimizer::Adam,
            Adam::new(observed_rate(Optimizer::Adam)),
        ));
    }
    all
}

fn one<N: Declared, O: network_core::optimizers::Optimizer>(
    task: &Task,
    kind: Optimizer,
    optimizer: O,
) -> Observed {
    let alarm = Cell::new(None);
    let mut observer = Observer::<N>::new()
        .every(EVERY)
        .on_finding(|finding: &Finding, flow| {
            if finding.is_trouble() && alarm.get().is_none() {
                alarm.set(Some(flow.steps));
            }
            ControlFlow::Continue(())
        });
    let (loss, accuracy) = train(task, optimizer, &mut observer);
    let flow = observer.into_report();
    let mut alarms = String::new();
    if let Some(step) = alarm.get() {
        let _ = write!(alarms, "report/findings:{step} ");
    }
    for (rule, step) in published::alarms(&flow, &accuracy) {
        let _ = write!(alarms, "{}/{}:{step} ", rule.tool, rule.name);
    }
    let first = flow.findings.first();
    let edit = proposal(&flow);
    Observed {
        network: N::NAME.to_owned(),
        task: task.name.to_owned(),
        optimizer: kind,
        learning_rate: observed_rate(kind),
        loss: (1e4 * loss).round() / 1e4,
        alarms: alarms.trim_end().to_owned(),
        kind: first.map_or("", |finding| finding.kind.key()).to_owned(),
        severity: first.map_or_else(String::new, |finding| format!("{:?}", finding.severity)),
        headline: first.map_or_else(String::new, |finding| finding.headline.clone()),
        edit: edit.map_or_else(String::new, ToString::to_string),
        source: edit
            .filter(|edit| !edit.replacements.is_empty())
            .map_or_else(String::new, |edit| {
                flow.declaration.edited(&edit.replacements)
            }),
    }
}

/// The first edit of the first open finding that has one.
pub fn proposal(flow: &GradientFlow) -> Option<&Edit> {
    let open = flow.findings.iter().filter(|finding| finding.is_open());
    open.flat_map(|finding| finding.edits.first()).next()
}

/// Trains for [`STEPS`] steps: the final loss, and the share of right answers in the batches of
/// each epoch with the step it ended at.
fn train<N: Declared, O: network_core::optimizers::Optimizer>(
    task: &Task,
    optimizer: O,
    observer: &mut Observer<'_, N>,
) -> (f64, Vec<(u64, f64)>) {
    let mut network = N::boxed(0);
    let mut workspace = N::workspace::<BATCH>();
    let mut gradient = N::gradient();
    let mut optimizer = optimizer.for_network::<N>();
    let mut data = task.data.clone();
    let mut accuracy = Vec::new();
    let mut step = 0;
    workspace.seed(0);
    for epoch in 0.. {
        data.shuffle(epoch);
        let (mut right, mut seen) = (0, 0);
        let Ok(batches) = data.batches(BATCH) else {
            return (f64::NAN, accuracy);
        };
        for (x, y) in batches.filter(|(x, _)| x.len() == BATCH) {
            let outputs = observer.forward(&mut network, x, &mut workspace);
            right += (outputs.iter().zip(y))
                .filter(|(logits, class)| logits.imax() == **class)
                .count();
            seen += BATCH;
            let Ok(loss) = workspace.loss(&CrossEntropy::default(), y) else {
                return (f64::INFINITY, accuracy);
            };
            observer.backward(&mut network, x, &mut workspace, &mut gradient, loss);
            if !loss.is_finite() {
                return (f64::INFINITY, accuracy);
            }
            let _ = observer.step(&mut network, &gradient, &mut optimizer);
            step += 1;
            if step == STEPS {
                return (final_loss(&*network, task), accuracy);
            }
        }
        accuracy.push((
            step as u64,
            f64::from(right as u32) / f64::from(seen as u32),
        ));
    }
    unreachable!("every epoch takes steps")
}

fn final_loss<N: Declared>(network: &N, task: &Task) -> f64 {
    let mut outputs = vec![SVector::<f32, OUTPUTS>::zeros(); task.data.len()];
    Network::infer(network, task.data.inputs(), &mut outputs);
    let losses = outputs
        .iter()
        .zip(task.data.targets())
        .map(|(logits, class)| {
            let logits = logits.map(f64::from);
            let most = logits.max();
            most + logits.map(|z| (z - most).exp()).sum().ln() - logits[*class]
        });
    let mean = losses.sum::<f64>() / task.data.len() as f64;
    if mean.is_finite() {
        mean
    } else {
        f64::INFINITY
    }
}
