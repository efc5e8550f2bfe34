//! Each verdict has a network made to have that trouble, and is found at the right layer within
//! a stated number of steps.

use super::common::{Input, Task, describe, train, train_batches, train_on};
use network_core::Real;
use network_core::bytemuck::Zeroable;
use network_core::flow::{self, Severity};
use network_core::layers::Activation;
use network_core::prelude::*;
use network_core::report::{Finding, GradientFlow, Kind, Tensor};

network! {
    #[gradient_flow(allow)]
    struct Plain(12) -> 4 {
        first: dense(24) -> relu;
        second: dense(24) -> relu;
        head: dense(4);
    }
}

network! {
    struct Price(12) -> 1 { dense(8) -> tanh; dense(1); }
}

network! {
    #[gradient_flow(allow)]
    struct Sigmoids(12) -> 4 {
        init = xavier_normal;
        stem: dense(24) -> sigmoid;
        blocks: repeat(7) { dense(24) -> sigmoid; }
        head: dense(4);
    }
}

network! {
    #[gradient_flow(allow)]
    struct Small(12) -> 4 {
        init = pytorch_default;
        stem: dense(24) -> relu;
        blocks: repeat(9) { dense(24) -> relu; }
        head: dense(4);
    }
}

network! {
    #[gradient_flow(allow)]
    struct Large(12) -> 4 {
        init = normal(0.0, 0.6);
        stem: dense(24) -> relu;
        blocks: repeat(9) { dense(24) -> relu; }
        head: dense(4, init = xavier_normal);
    }
}

network! {
    #[gradient_flow(allow)]
    struct Saturated(12) -> 4 {
        first: dense(24) -> tanh;
        second: dense(24, init = normal(0.0, 4.0)) -> tanh;
        head: dense(4);
    }
}

network! {
    #[gradient_flow(allow)]
    struct Normed(12) -> 4 {
        stem: dense(24) -> batch_norm -> relu;
        blocks: repeat(24) { dense(24) -> batch_norm -> relu; }
        head: dense(4);
    }
}

network! {
    #[gradient_flow(allow)]
    struct Mistaken(12) -> 4 {
        first: dense(24) -> relu;
        mine: dense(24) -> activation(Wrong);
        head: dense(4);
    }
}

/// tanh with the derivative of another function.
#[derive(Clone, Copy, Debug, Default, Zeroable)]
struct Wrong;
impl Activation for Wrong {
    fn value<R: Real>(&self, x: R) -> R {
        x.tanh()
    }
    fn derivative<R: Real>(&self, _: R, y: R) -> R {
        R::ONE - y
    }
}

/// The finding of a kind that is open and at least a warning.
fn found(flow: &GradientFlow, kind: Kind) -> &Finding {
    let found = flow
        .findings
        .iter()
        .find(|f| f.kind == kind && f.is_trouble());
    let found = found.unwrap_or_else(|| panic!("no {kind:?}: {}", describe(flow)));
    for edit in found.edits.iter().filter(|e| !e.replacements.is_empty()) {
        let edited = flow.declaration.edited(&edit.replacements);
        assert_ne!(edited, flow.declaration.source, "{found}");
    }
    found
}

/// The name of the layer that a finding blames.
fn blamed<'a>(flow: &'a GradientFlow, finding: &Finding) -> &'a str {
    &flow.layers[finding.layer.expect("a layer")].name
}

fn without(flow: &GradientFlow, kinds: &[Kind]) {
    for kind in kinds {
        let found = flow
            .findings
            .iter()
            .any(|f| f.kind == *kind && f.severity >= Severity::Warning);
        assert!(!found, "{kind:?}: {}", describe(flow));
    }
}

#[test]
fn a_sigmoid_stack_vanishes_at_its_sigmoids() {
    let mut net = Sigmoids::new(1);
    let flow = train(&mut net, Sgd::new(0.1), &mut Task::new(1), 61);
    let finding = found(&flow, Kind::Vanishing);
    let blamed = blamed(&flow, finding);
    assert!(
        blamed.ends_with("sigmoid") || blamed.ends_with("sigmoid_1"),
        "{blamed}"
    );
    assert_eq!((finding.severity, finding.began), (Severity::Error, 0));
    assert!(finding.layers.len() >= 7, "{finding:?}");
    let edit = &finding.edits[0];
    assert!(
        edit.after.is_some_and(|after| after.abs() < 1.0),
        "{edit:?}"
    );
    let edited = flow.declaration.edited(&edit.replacements);
    assert!(!edit.replacements.is_empty(), "{finding:?}");
    assert_ne!(edited, flow.declaration.source);
}

#[test]
fn its_loss_stands_still_for_want_of_signal_and_inputs_collapse() {
    let flow = train(&mut Sigmoids::new(1), Sgd::new(0.1), &mut Task::new(1), 201);
    let finding = found(&flow, Kind::NoSignal);
    assert_eq!(blamed(&flow, finding), "stem");
    found(&flow, Kind::Collapse);
    without(
        &flow,
        &[Kind::BadStepSize, Kind::NoInformation, Kind::LargeUpdate],
    );
}

#[test]
fn small_weights_make_everything_faint() {
    let flow = train(&mut Small::new(1), Sgd::new(0.05), &mut Task::new(1), 61);
    let finding = found(&flow, Kind::Faint);
    let blamed = blamed(&flow, finding);
    assert!(
        blamed.starts_with("blocks.") || blamed.starts_with("stem"),
        "{blamed}"
    );
    without(&flow, &[Kind::Vanishing, Kind::Exploding]);
}

#[test]
fn large_weights_explode() {
    let flow = train(&mut Large::new(1), Sgd::new(1e-6), &mut Task::new(1), 61);
    let finding = found(&flow, Kind::Exploding);
    assert!(
        flow.layers[finding.layer.unwrap()]
            .layer
            .starts_with("dense"),
        "{finding:?}"
    );
    without(&flow, &[Kind::Vanishing, Kind::Faint]);
}

#[test]
fn units_far_below_zero_are_dead() {
    let mut net = Plain::new(1);
    net.second.bias.fill(-8.0);
    let flow = train(&mut net, Sgd::new(0.05), &mut Task::new(1), 81);
    let finding = found(&flow, Kind::DyingRelu);
    assert_eq!(blamed(&flow, finding), "second_relu");
    assert!(
        finding.value > 0.9 && finding.edits[0].text.contains("leaky_relu"),
        "{finding:?}"
    );
}

#[test]
fn large_weights_saturate_the_layer_they_feed() {
    let flow = train(
        &mut Saturated::new(1),
        Sgd::new(1e-3),
        &mut Task::new(1),
        61,
    );
    let finding = found(&flow, Kind::Saturation);
    assert_eq!(blamed(&flow, finding), "second_tanh");
}

#[test]
fn a_small_learning_rate_is_called_so() {
    let flow = train(&mut Plain::new(1), Sgd::new(1e-6), &mut Task::new(1), 201);
    found(&flow, Kind::SmallUpdate);
    found(&flow, Kind::BadStepSize);
    without(
        &flow,
        &[Kind::NoSignal, Kind::NoInformation, Kind::Vanishing],
    );
    assert!(flow.suggested_learning_rate().unwrap() > 1e-4);
}

#[test]
fn a_large_learning_rate_is_called_so() {
    let flow = train(&mut Plain::new(1), Adam::new(0.3), &mut Task::new(1), 121);
    let large = flow
        .findings
        .iter()
        .any(|f| f.kind == Kind::LargeUpdate && f.severity >= Severity::Warning);
    assert!(large, "{}", describe(&flow));
}

#[test]
fn labels_that_inputs_say_nothing_of_are_no_information() {
    let mut task = Task::new(1);
    task.noise = 1.0;
    let flow = train(&mut Plain::new(1), Sgd::new(0.05), &mut task, 401);
    found(&flow, Kind::NoInformation);
    without(
        &flow,
        &[
            Kind::NoSignal,
            Kind::BadStepSize,
            Kind::Vanishing,
            Kind::Exploding,
        ],
    );
}

#[test]
fn single_noisy_examples_are_noise() {
    let mut task = Task::new(1);
    task.noise = 0.15;
    let flow = train_batches::<_, _, 1>(&mut Plain::new(1), Sgd::new(0.1), &mut task, 1601);
    let noisy = flow
        .findings
        .iter()
        .any(|f| f.kind == Kind::Noise && f.severity >= Severity::Warning);
    assert!(noisy, "{}", describe(&flow));
}

#[test]
fn a_batch_norm_explosion_heals() {
    let flow = train(&mut Normed::new(1), Sgd::new(0.1), &mut Task::new(1), 201);
    let healing = flow
        .findings
        .iter()
        .any(|f| f.kind == Kind::BatchNormHealing);
    assert!(healing, "{}", describe(&flow));
    without(&flow, &[Kind::Vanishing, Kind::Faint, Kind::NonFinite]);
}

#[test]
fn a_number_that_is_not_finite_is_followed_to_its_layer() {
    let mut net = Plain::new(1);
    let mut workspace = Plain::workspace::<4>();
    let mut gradient = Plain::gradient();
    let mut optimizer = Sgd::new(0.1).for_network::<Plain>();
    let mut observer = network_core::report::Observer::<Plain>::new();
    let mut task = Task::new(1);
    for step in 0..8 {
        let (mut x, y) = task.batch(4);
        if step == 7 {
            x[2][3] = f32::NAN;
        }
        observer.forward(&mut net, &x, &mut workspace);
        let loss = workspace.loss(&CrossEntropy::default(), &y).unwrap();
        observer.backward(&mut net, &x, &mut workspace, &mut gradient, loss);
        let _ = observer.step(&mut net, &gradient, &mut optimizer);
    }
    let flow = observer.report();
    let first = flow.non_finite.expect("NaN was seen");
    assert_eq!(
        (first.step, first.tensor, first.sample),
        (7, Tensor::Activation, Some(2))
    );
    assert_eq!(flow.layers[first.layer].name, "first");
    assert_eq!(found(flow, Kind::NonFinite).severity, Severity::Error);
}

#[test]
fn unscaled_data_is_found_in_the_first_step() {
    let mut task = Task::new(1);
    task.scale = 147.0;
    for steps in [1, 301] {
        let flow = train(&mut Plain::new(1), Sgd::new(1e-3), &mut task, steps);
        let finding = found(&flow, Kind::Unpredicted);
        assert!(finding.headline.contains("inputs have RMS 1"), "{finding}");
        assert!(finding.edits[0].text.contains("standardize"), "{finding}");
        // Training does not mend it, and all else follows from it.
        assert!(
            finding.is_open() && *finding == flow.findings[0],
            "{}",
            describe(&flow)
        );
    }
}

#[test]
fn unscaled_targets_are_found_in_the_first_step() {
    // House prices.
    let mut task = Task::new(1);
    for steps in [1, 301] {
        let batch = || {
            let (x, classes) = task.batch(32);
            let price = |class: usize| SVector::<f32, 1>::new(2e5 + 5e4 * class as f32);
            (x, classes.into_iter().map(price).collect())
        };
        let mut net = Price::new(1);
        let flow =
            train_on::<_, _, _, _, 32>(&mut net, Adam::new(1e-3), &Mse::default(), batch, steps);
        let finding = found(&flow, Kind::Unpredicted);
        assert!(
            finding.headline.contains("targets are far from 1"),
            "{finding}"
        );
        assert!(
            finding.edits[0].text.contains("standardize_targets"),
            "{finding}"
        );
        // Training does not mend it, and all else follows from it.
        assert!(
            finding.is_open() && *finding == flow.findings[0],
            "{}",
            describe(&flow)
        );
        // No edit of the declaration helps.
        let edits = flow.findings.iter().flat_map(|found| &found.edits);
        assert!(
            edits.clone().all(|edit| edit.replacements.is_empty()),
            "{}",
            describe(&flow)
        );
    }
}

#[test]
fn a_wrong_derivative_is_found_in_the_first_step() {
    let flow = train(&mut Mistaken::new(1), Sgd::new(0.01), &mut Task::new(1), 1);
    let finding = found(&flow, Kind::Unpredicted);
    assert_eq!(blamed(&flow, finding), "mine_activation");
    assert!(finding.cause.contains("derivative"), "{finding}");
}

#[test]
fn weights_that_are_not_as_declared_are_noted_in_the_first_step() {
    let mut net = Plain::new(1);
    net.second.weight *= 6.0;
    let flow = train(&mut net, Sgd::new(1e-3), &mut Task::new(1), 1);
    let noted = flow.findings.iter().find(|f| f.kind == Kind::Unpredicted);
    let finding = noted.unwrap_or_else(|| panic!("{}", describe(&flow)));
    assert_eq!(blamed(&flow, finding), "second", "{}", describe(&flow));
    // It may be meant: weights that were trained before.
    assert_eq!(finding.severity, Severity::Note);
    assert!(finding.cause.contains("not freshly initialised"));
}

#[test]
fn a_gradient_that_jumps_is_found_beside_its_median() {
    let mut task = Task::new(1);
    let mut step = 0;
    let batch = || {
        step += 1;
        // From here on the data is of another scale, as after a sensor's change.
        task.scale = if step > 200 { 60.0 } else { 1.0 };
        task.batch(32)
    };
    let loss = CrossEntropy::default();
    let flow = train_on::<_, _, _, _, 32>(&mut Plain::new(1), Sgd::new(1e-4), &loss, batch, 281);
    let finding = found(&flow, Kind::Exploding);
    assert!(finding.headline.contains("times its median"), "{finding}");
    assert_eq!(finding.began, 200);
    assert_eq!(finding.layer, None);
}

#[test]
fn a_check_before_training_finds_what_the_theory_can_see() {
    let (x, y): (Vec<Input>, _) = Task::new(1).batch(64);
    let loss = CrossEntropy::default();
    let flow = flow::check(&Plain::new(1), &x, &y, &loss).unwrap();
    flow.assert_healthy();
    flow.assert_decades(-0.7..=0.7);
    flow.assert_without(Kind::Unpredicted);
    found(
        &flow::check(&Sigmoids::new(1), &x, &y, &loss).unwrap(),
        Kind::Vanishing,
    );
    found(
        &flow::check(&Small::new(1), &x, &y, &loss).unwrap(),
        Kind::Faint,
    );
    found(
        &flow::check(&Large::new(1), &x, &y, &loss).unwrap(),
        Kind::Exploding,
    );
    found(
        &flow::check(&Saturated::new(1), &x, &y, &loss).unwrap(),
        Kind::Saturation,
    );
    found(
        &flow::check(&Mistaken::new(1), &x, &y, &loss).unwrap(),
        Kind::Unpredicted,
    );
    let sick = flow::check(&Sigmoids::new(1), &x, &y, &loss).unwrap();
    assert!(std::panic::catch_unwind(|| sick.assert_healthy()).is_err());
}
