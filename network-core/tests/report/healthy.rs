//! Healthy networks of several depths, activations and optimizers get no verdict above a note.

use super::common::{Input, Task, describe, train};
use network_core::losses::Loss;
use network_core::optimizers::Optimizer;
use network_core::prelude::*;

network! {
    struct Shallow(12) -> 4 { dense(32) -> relu -> dense(4); }
}
network! {
    struct Tanh(12) -> 4 { repeat(1) { dense(12) -> tanh; } repeat(3) { dense(12) -> tanh; } dense(4); }
}
network! {
    struct Deep(12) -> 4 {
        stem: dense(24) -> relu;
        repeat(5) { dense(24) -> relu; }
        dense(4);
    }
}
network! {
    struct Norm(12) -> 4 {
        stem: dense(24) -> batch_norm -> relu;
        repeat(4) { dense(24, bias = false) -> batch_norm -> relu; }
        dense(4);
    }
}
network! {
    struct Skips(12) -> 4 {
        stem: dense(24);
        repeat(6) { residual { layer_norm -> dense(24) -> relu -> dense(24) }; }
        layer_norm -> dense(4);
    }
}

fn healthy<N>(net: fn(u64) -> N)
where
    N: Network<Input = Input, Scalar = f32>,
    CrossEntropy: Loss<N::Output, usize>,
{
    one(net(1), Sgd::new(0.05), 1);
    one(net(2), Sgd::with_momentum(0.02, 0.9), 2);
    one(net(3), Adam::new(3e-3), 3);
    one(net(4), RmsProp::new(1e-3), 4);
}

fn one<N, O>(mut net: N, optimizer: O, seed: u64)
where
    N: Network<Input = Input, Scalar = f32>,
    CrossEntropy: Loss<N::Output, usize>,
    O: Optimizer,
{
    let flow = train(&mut net, optimizer, &mut Task::new(seed), 301);
    let loud = flow
        .findings
        .iter()
        .any(|f| f.severity > network_core::flow::Severity::Note);
    assert!(!loud, "{}", describe(&flow));
    let last = flow.last().unwrap().step.loss;
    let first = flow.readings.get(0).step.loss;
    assert!(last < 0.8 * first, "it does not learn: {}", describe(&flow));
}

#[test]
fn shallow_networks() {
    healthy(Shallow::new);
}

#[test]
fn tanh_networks() {
    healthy(Tanh::new);
}

#[test]
fn deep_networks() {
    healthy(Deep::new);
}

#[test]
fn normalised_networks() {
    healthy(Norm::new);
}

#[test]
fn residual_networks() {
    healthy(Skips::new);
}
