//! Healthy networks of several depths, activations and optimizers, on several tasks, get no
//! verdict above a note.

use super::common::{Input, Task, describe, train, train_on};
use network_core::losses::Loss;
use network_core::optimizers::Optimizer;
use network_core::prelude::*;
use network_core::report::GradientFlow;

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
    assert_healthy(&train(&mut net, optimizer, &mut Task::new(seed), 301));
}

fn assert_healthy(flow: &GradientFlow) {
    let loud = flow
        .findings
        .iter()
        .any(|f| f.severity > network_core::flow::Severity::Note);
    assert!(!loud, "{}", describe(flow));
    let last = flow.last().unwrap().step.loss;
    let first = flow.readings.get(0).step.loss;
    assert!(last < 0.8 * first, "it does not learn: {}", describe(flow));
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

network! {
    struct Smooth(12) -> 2 { dense(32) -> tanh -> dense(32) -> silu -> dense(2); }
}
network! {
    struct Selu(12) -> 2 { stem: dense(24) -> selu; repeat(3) { dense(24) -> selu; } dense(2); }
}

/// A smooth function of two of twelve numbers.
fn regression<N>(mut net: N, optimizer: impl Optimizer, seed: u64)
where
    N: Network<Input = Input, Output = SVector<f32, 2>, Scalar = f32>,
{
    let mut task = Task::new(seed);
    let batch = || {
        let (x, _) = task.batch(32);
        let y = x
            .iter()
            .map(|x| SVector::from([(2.0 * x[0]).sin(), x[0] * x[1]]));
        let y = y.collect();
        (x, y)
    };
    assert_healthy(&train_on::<_, _, _, _, 32>(
        &mut net,
        optimizer,
        &Mse::default(),
        batch,
        301,
    ));
}

#[test]
fn regressions() {
    regression(Smooth::new(1), Sgd::new(0.1), 1);
    regression(Smooth::new(2), Adam::new(3e-3), 2);
    regression(Selu::new(3), Sgd::with_momentum(0.02, 0.9), 3);
    regression(Selu::new(4), Adam::new(1e-3), 4);
}

network! {
    struct Gated([3; 12]) -> 3 { gru(16) -> last -> dense(3); }
}
network! {
    struct Memory([3; 12]) -> 3 { lstm(16) -> mean_over_steps -> dense(3); }
}

/// Which of three features is largest, over twelve steps together.
fn sequences<N>(mut net: N, optimizer: impl Optimizer, seed: u64)
where
    N: Network<Input = SVector<f32, 36>, Scalar = f32>,
    CrossEntropy: Loss<N::Output, usize>,
{
    let mut task = Task::new(seed);
    let batch = || {
        let parts: [Vec<Input>; 3] = std::array::from_fn(|_| task.batch(32).0);
        let x = (0..32).map(|i| SVector::from_fn(|j, _| parts[j % 3][i][j / 3]));
        let x: Vec<SVector<f32, 36>> = x.collect();
        let sum = |x: &SVector<f32, 36>, k| x.iter().skip(k).step_by(3).sum::<f32>();
        let largest = |x| (0..3).max_by(|a, b| sum(x, *a).total_cmp(&sum(x, *b)));
        let y = x.iter().map(|x| largest(x).unwrap()).collect();
        (x, y)
    };
    let loss = CrossEntropy::default();
    assert_healthy(&train_on::<_, _, _, _, 32>(
        &mut net, optimizer, &loss, batch, 301,
    ));
}

#[test]
fn recurrent_networks() {
    sequences(Gated::new(1), Adam::new(1e-2), 1);
    sequences(Gated::new(2), Sgd::with_momentum(0.1, 0.9), 2);
    sequences(Memory::new(3), Adam::new(1e-2), 3);
    sequences(Memory::new(4), RmsProp::new(3e-3), 4);
}

network! {
    struct Image(1, 6, 6) -> 4 {
        conv2d(8, kernel = 3) -> relu -> max_pool2d(2);
        flatten -> dense(16) -> relu -> dense(4);
    }
}

/// Which quarter of an image is brightest.
fn images(optimizer: impl Optimizer, seed: u64) {
    let mut net = Image::new(seed);
    let mut task = Task::new(seed);
    let batch = || {
        let parts: [Vec<Input>; 3] = std::array::from_fn(|_| task.batch(32).0);
        let x = (0..32).map(|i| SVector::from_fn(|j, _| parts[j % 3][i][j / 3]));
        let x: Vec<SVector<f32, 36>> = x.collect();
        let quarter = |x: &SVector<f32, 36>, k: usize| -> f32 {
            let pixels = (0..9).map(|at| (3 * (k / 2) + at / 3, 3 * (k % 2) + at % 3));
            pixels.map(|(row, column)| x[6 * row + column]).sum()
        };
        let brightest = |x| (0..4).max_by(|a, b| quarter(x, *a).total_cmp(&quarter(x, *b)));
        let y = x.iter().map(|x| brightest(x).unwrap()).collect();
        (x, y)
    };
    let loss = CrossEntropy::default();
    assert_healthy(&train_on::<_, _, _, _, 32>(
        &mut net, optimizer, &loss, batch, 301,
    ));
}

#[test]
fn convolutional_networks() {
    images(Sgd::new(0.1), 1);
    images(Sgd::with_momentum(0.05, 0.9), 2);
    images(Adam::new(3e-3), 3);
    images(RmsProp::new(1e-3), 4);
}
