//! What an observer measures, with and without the trainer.

use super::common::{Input, Task, describe, train};
use network_core::prelude::*;
use network_core::report::{GradientFlow, Kind, Observer, unit_variance};
use network_core::train::{Clip, Trainer};
use network_core::{Layer, ParameterMut, VisitorMut};
use std::ops::ControlFlow;

network! {
    #[gradient_flow(allow)]
    struct Net(12) -> 4 {
        stem: dense(16) -> relu;
        blocks: repeat(2) { residual { dense(16) -> tanh -> dense(16) }; }
        head: dense(4);
    }
}

fn data() -> Dataset<Input, usize> {
    let (x, y) = Task::new(7).batch(128);
    Dataset::new(x, y).unwrap()
}

fn weights(net: &Net) -> Vec<u32> {
    net.stem
        .weight
        .iter()
        .chain(net.head.weight.iter())
        .map(|w| w.to_bits())
        .collect()
}

#[test]
fn the_trainer_is_observed_and_no_bit_changes() {
    let data = data();
    let trainer = || {
        Trainer::<Net, _, _, 32>::new(CrossEntropy::default(), Adam::new(1e-2))
            .epochs(10)
            .progress(false)
    };
    let (mut plain, mut seen) = (Net::new(1), Net::new(1));
    trainer().fit(&mut plain, &data, None).unwrap();
    let mut observed = trainer().observe(Observer::new().every(4));
    observed.fit(&mut seen, &data, None).unwrap();
    assert_eq!(weights(&plain), weights(&seen));
    let flow = observed.report().unwrap();
    assert_eq!((flow.steps, flow.readings.len(), flow.batch), (40, 10, 32));
    assert_eq!(flow.optimizer, "Adam");
    let names: Vec<&str> = flow
        .layers
        .iter()
        .map(|layer| layer.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "stem",
            "stem_relu",
            "blocks.0.dense_1",
            "blocks.0.tanh_1",
            "blocks.0.dense_2",
            "blocks.0.residual_1",
            "blocks.1.dense_1",
            "blocks.1.tanh_1",
            "blocks.1.dense_2",
            "blocks.1.residual_1",
            "head",
        ]
    );
    // Each layer is found in the declaration, and predicted.
    for layer in &flow.layers {
        let place = flow.declaration.places[layer.place.expect("a place")];
        let text = &flow.declaration.source[place.start..place.end];
        assert!(text.starts_with(layer.word()), "{text} for {}", layer.name);
        assert!(layer.predicted.is_some(), "{}", layer.name);
    }
    assert!(
        flow.declaration.source.starts_with("struct Net(12) -> 4 {"),
        "{}",
        flow.declaration.source
    );
    let last = flow.last().unwrap();
    let skips: Vec<f32> = last
        .layers
        .iter()
        .filter_map(|layer| layer.skip_share)
        .collect();
    assert_eq!(skips.len(), 2);
    assert!(
        skips.iter().all(|share| (0.05..0.99).contains(share)),
        "{skips:?}"
    );
    assert!(
        flow.findings
            .iter()
            .all(|finding| finding.kind != Kind::Unpredicted),
        "{:?}",
        flow.findings
    );
}

#[test]
fn measured_norms_are_those_of_the_network() {
    let (x, y) = Task::new(7).batch(32);
    let mut net = Net::new(1);
    let before = net.clone_head();
    let mut workspace = Net::workspace::<32>();
    let mut gradient = Net::gradient();
    let mut sgd = Sgd::new(0.5).for_network::<Net>();
    let mut observer = Observer::<Net>::new();
    let outputs = observer.forward(&mut net, &x, &mut workspace).to_vec();
    let loss = workspace.loss(&CrossEntropy::default(), &y).unwrap();
    let d_output = workspace.d_output().to_vec();
    observer.backward(&mut net, &x, &mut workspace, &mut gradient, loss);
    let norm = clip_by_norm::<Net>(&mut gradient, 0.01).unwrap();
    let _ = observer.step(&mut net, &gradient, &mut sgd);
    let flow = observer.report();
    let last = flow.last().unwrap();
    let head = last.layers.last().unwrap();
    let close = |a: f32, b: f32| assert!((a - b).abs() <= 1e-4 * b.abs().max(1e-6), "{a} {b}");
    let rms = |v: &[SVector<f32, 4>]| {
        (v.iter().map(SVector::norm_squared).sum::<f32>() / (4 * v.len()) as f32).sqrt()
    };
    close(head.activation.rms, rms(&outputs));
    // Per example: the loss is a mean over 32.
    close(head.delta_rms, 32.0 * rms(&d_output));
    let seen = head.gradient.unwrap();
    close(seen.weight_norm, before.norm());
    close(seen.update_norm, (net.head.weight - before).norm());
    close(seen.update_norm, 0.5 * gradient.head.weight.norm());
    assert!((last.step.gradient_norm - norm).abs() < 1e-4 * norm);
    assert!((last.step.clipped_norm - 0.01).abs() < 1e-5);
    assert_eq!(last.step.clipped_share, 1.0);
    assert_eq!(last.step.learning_rate, 0.5);
    assert_eq!(last.step.loss, f64::from(loss));
}

impl Net {
    fn clone_head(&self) -> network_core::nalgebra::SMatrix<f32, 4, 16> {
        self.head.weight
    }
}

#[test]
fn a_callback_may_stop_training() {
    let data = data();
    let mut seen = Vec::new();
    let mut net = Net::new(1);
    net.stem.bias.fill(-50.0);
    let observer = Observer::new().every(2).on_finding(|finding, _| {
        seen.push(finding.kind);
        ControlFlow::Break(())
    });
    let mut trainer = Trainer::<Net, _, _, 32>::new(CrossEntropy::default(), Sgd::new(1e-3))
        .epochs(50)
        .clip(Clip::Norm(1.0))
        .progress(false)
        .observe(observer);
    let history = trainer.fit(&mut net, &data, None).unwrap();
    assert!(trainer.report().unwrap().steps < 20);
    assert!(history.to_string().contains("stopped by a callback"));
    drop(trainer);
    assert!(!seen.is_empty());
}

#[test]
fn dead_units_come_back_to_life() {
    let mut net = Net::new(1);
    for unit in 0..9 {
        net.stem.bias[unit] = -60.0;
    }
    let mut workspace = Net::workspace::<32>();
    let mut gradient = Net::gradient();
    let mut sgd = Sgd::new(1e-3).for_network::<Net>();
    let mut observer = Observer::<Net>::new().every(1);
    let mut task = Task::new(3);
    let mut generator =
        <network_core::Generator as network_core::rand::SeedableRng>::seed_from_u64(1);
    let mut revived = 0;
    for step in 0..16 {
        let (x, y) = task.batch(32);
        observer.forward(&mut net, &x, &mut workspace);
        let loss = workspace.loss(&CrossEntropy::default(), &y).unwrap();
        observer.backward(&mut net, &x, &mut workspace, &mut gradient, loss);
        let _ = observer.step(&mut net, &gradient, &mut sgd);
        let dead = observer.report().last().unwrap().layers[1]
            .activation
            .dead
            .unwrap();
        if step == 7 {
            assert_eq!(dead, 9.0 / 16.0);
            revived = observer.revive(&mut net, &mut generator);
        }
        if step == 15 {
            assert_eq!(dead, 0.0);
        }
    }
    assert_eq!(revived, 9);
}

#[test]
fn unit_variance_is_reached_layer_by_layer() {
    network! {
        #[gradient_flow(allow)]
        struct Faint(12) -> 4 {
            init = normal(0.0, 0.01);
            repeat(6) { dense(12) -> tanh; }
            head: dense(4);
        }
    }
    let (x, y) = Task::new(7).batch(64);
    let mut net = Faint::new(1);
    assert_eq!(unit_variance(&mut net, &x), 7);
    let flow = network_core::flow::check(&net, &x, &y, &CrossEntropy::default()).unwrap();
    for (layer, seen) in flow.layers.iter().zip(flow.last().unwrap().layers) {
        if layer.word() == "dense" {
            assert!(
                (seen.activation.deviation - 1.0).abs() < 0.05,
                "{}: {:?}",
                layer.name,
                seen.activation
            );
        }
    }
}

network! {
    #[gradient_flow(allow)]
    struct Forgets([3; 12]) -> 2 {
        memory: rnn(8) -> last;
        head: dense(2);
    }
}

/// Multiplies the recurrent weights, by which eight hidden units feed eight, and leaves out biases.
struct Recurrent(f32);

impl VisitorMut<f32> for Recurrent {
    fn parameter(&mut self, parameter: ParameterMut<'_, f32>) {
        if parameter.shape == [8, 8] {
            parameter.value.iter_mut().for_each(|w| *w *= self.0);
        } else if parameter.shape == [8] {
            parameter.value.fill(0.0);
        }
    }
}

/// Thirty steps on sines of this amplitude, with recurrent weights that are a multiple of
/// orthogonal ones.
fn remember(recurrent: f32, amplitude: f32) -> GradientFlow {
    let x: Vec<SVector<f32, 36>> = (0..32)
        .map(|i| SVector::from_fn(|j, _| amplitude * ((i * 7 + j * 5) as f32).sin()))
        .collect();
    let y: Vec<usize> = (0..32).map(|i| i % 2).collect();
    let mut net = Forgets::new(1);
    net.visit_mut(&mut Recurrent(recurrent));
    let mut workspace = Forgets::workspace::<32>();
    let mut gradient = Forgets::gradient();
    let mut sgd = Sgd::new(1e-4).for_network::<Forgets>();
    let mut observer = Observer::<Forgets>::new().every(1);
    for _ in 0..30 {
        observer.forward(&mut net, &x, &mut workspace);
        let loss = workspace.loss(&CrossEntropy::default(), &y).unwrap();
        observer.backward(&mut net, &x, &mut workspace, &mut gradient, loss);
        let _ = observer.step(&mut net, &gradient, &mut sgd);
    }
    observer.into_report()
}

#[test]
fn a_gradient_that_grows_through_time_is_found_at_its_cell() {
    let flow = remember(1.7, 1e-4);
    let found = flow.findings.iter().find(|f| f.kind == Kind::Exploding);
    let finding = found.unwrap_or_else(|| panic!("{}", describe(&flow)));
    assert_eq!(flow.layers[finding.layer.unwrap()].word(), "rnn");
    assert!(
        finding.headline.contains("explodes through time"),
        "{finding}"
    );
    // Eleven steps of a factor of 1.7.
    assert!((2.0..2.6).contains(&finding.value), "{finding}");
    assert_eq!(finding.began, 0);
}

#[test]
fn a_recurrent_layer_is_seen_at_each_time_step() {
    let flow = remember(0.2, 1.0);
    let find = |word: &str| flow.layers.iter().position(|l| l.word() == word).unwrap();
    let (rnn, last) = (find("rnn"), find("last"));
    assert_eq!(flow.layers[rnn].times.len(), 12);
    assert!(flow.layers[last].times.is_empty());
    let reading = flow.last().unwrap();
    let times = &reading.times[flow.layers[rnn].times.clone()];
    // What is handed on is the hidden state of the last step.
    let close = |a: f32, b: f32| assert!((a - b).abs() <= 1e-4 * b, "{a} {b}");
    let handed_on = &reading.layers[last];
    close(times[11].activation_rms, handed_on.activation.rms);
    close(times[11].delta_rms, handed_on.delta_rms);
    // Orthogonal weights, of which a fifth is left.
    for pair in times.windows(2) {
        assert!(pair[0].delta_rms < 0.25 * pair[1].delta_rms, "{times:?}");
    }
    let finding = flow
        .findings
        .iter()
        .find(|finding| finding.kind == Kind::Vanishing)
        .unwrap();
    assert_eq!(finding.layer, Some(rnn), "{finding}");
    assert!(finding.headline.contains("through time"), "{finding}");
}

network! {
    #[gradient_flow(allow)]
    struct Many(12) -> 4 {
        dense(6);
        repeat(50) { residual { dense(6) -> layer_norm } }
        dense(4);
    }
}

#[test]
fn networks_of_many_layers_and_once_settled_are_sampled_less_often() {
    let flow = train(&mut Many::new(1), Adam::new(1e-3), &mut Task::new(1), 1130);
    let steps: Vec<u64> = flow
        .readings
        .iter()
        .map(|reading| reading.step.step)
        .collect();
    let early = 20 * (flow.layers.len() as u64).div_ceil(40);
    assert!(early > 20);
    assert_eq!(flow.every, early + 20);
    assert_eq!(steps[..3], [0, early, 2 * early]);
    assert!(steps.contains(&(999 / early * early)), "{steps:?}");
    let late: Vec<u64> = steps.into_iter().filter(|step| *step > 1000).collect();
    assert!(
        late.iter().all(|step| step % flow.every == 0) && !late.is_empty(),
        "{late:?}"
    );
}
