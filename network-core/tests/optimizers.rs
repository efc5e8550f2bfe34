//! Optimizers on layers and problems of known answer: convergence, memory, resuming, decay.

use network_core::bytemuck::{Zeroable, zeroed_box};
use network_core::gradient::{entries, entries_mut};
use network_core::kernels::SimdPath;
use network_core::layers::{BatchNorm, BatchNormConfig, Dense};
use network_core::losses::{Huber, Loss, Mse};
use network_core::nalgebra::SVector;
use network_core::optimizers::{Adam, AdamW, Optimizer, OptimizerFor, RmsProp, Sgd};
use network_core::rand::SeedableRng;
use network_core::schedules::{CosineDecay, OneCycle, Schedule};
use network_core::{Generator, Layer, Pass};

type Map = Dense<f64, 3, 2>;

/// An affine map to be found, and 12 samples of it.
fn problem() -> (Map, Vec<SVector<f64, 3>>, Vec<SVector<f64, 2>>) {
    let mut map: Map = Zeroable::zeroed();
    map.weight
        .as_mut_slice()
        .copy_from_slice(&[1.0, -2.0, 0.5, 0.0, -1.5, 3.0]);
    map.bias.as_mut_slice().copy_from_slice(&[0.25, -0.75]);
    let x: Vec<SVector<f64, 3>> = (0..12)
        .map(|i| SVector::from_fn(|row, _| ((3 * i + row).pow(2) as f64 * 0.37).sin()))
        .collect();
    let y = x.iter().map(|x| map.weight * x + map.bias).collect();
    (map, x, y)
}

/// Trains from zeros; returns the loss before and after, and the furthest parameter.
fn train<O: Optimizer>(
    optimizer: O,
    schedule: &impl Schedule,
    loss: &impl Loss<SVector<f64, 2>, SVector<f64, 2>>,
    steps: u64,
) -> (f64, f64, f64) {
    let (truth, x, target) = problem();
    let mut map: Map = Zeroable::zeroed();
    let mut optimizer = optimizer.for_network::<Map>();
    let mut generator = Generator::seed_from_u64(0);
    let path = SimdPath::detect();
    let mut pass = Pass {
        path,
        generator: &mut generator,
        accumulate: false,
        probe: None,
    };
    let mut y = vec![SVector::zeros(); x.len()];
    let mut d_y = y.clone();
    let mut gradient: <Map as Layer>::Gradient = Zeroable::zeroed();
    let mut losses = Vec::new();
    for step in 0..steps {
        map.forward::<12>(&mut pass, &x, &mut y, &mut (), &mut []);
        losses.push(loss.evaluate(path, &y, &target, Some(&mut d_y)).unwrap());
        map.backward::<12>(
            &mut pass,
            &x,
            &y,
            &d_y,
            None,
            &mut (),
            &mut gradient,
            &mut [],
        );
        optimizer.set_learning_rate(schedule.learning_rate(step));
        optimizer.step(&mut map, &gradient);
    }
    assert_eq!(optimizer.steps(), steps);
    let distance = (map.weight - truth.weight)
        .amax()
        .max((map.bias - truth.bias).amax());
    (losses[0], losses[losses.len() - 1], distance)
}

#[test]
fn every_optimizer_finds_the_affine_map() {
    let check = |name: &str, (first, last, distance): (f64, f64, f64)| {
        assert!(
            last < 1e-6 * first,
            "{name}: the loss went from {first} to {last}"
        );
        assert!(distance < 1e-2, "{name}: a parameter is off by {distance}");
    };
    let mse = Mse::default();
    let sgd = Sgd::new(0.0);
    check("sgd", train(sgd, &0.5, &mse, 2000));
    let momentum = Sgd {
        momentum: 0.9,
        ..sgd
    };
    check("momentum", train(momentum, &0.1, &mse, 1000));
    let nesterov = Sgd {
        nesterov: true,
        ..momentum
    };
    check("nesterov", train(nesterov, &0.1, &mse, 1000));
    check(
        "adam",
        train(Adam::new(0.0), &CosineDecay::new(0.1, 2000), &mse, 2000),
    );
    let adam_w = AdamW {
        weight_decay: 0.0,
        ..AdamW::new(0.0)
    };
    check(
        "adam_w",
        train(adam_w, &OneCycle::new(0.2, 2000), &mse, 2000),
    );
    let rms_prop = RmsProp::new(0.0);
    check(
        "rms_prop",
        train(rms_prop, &CosineDecay::new(0.05, 2000), &mse, 2000),
    );
    let centered = RmsProp {
        centered: true,
        momentum: 0.5,
        ..rms_prop
    };
    check(
        "rms_prop, centered",
        train(centered, &CosineDecay::new(0.02, 3000), &mse, 3000),
    );
    let huber = Huber::new(0.1);
    check(
        "adam on huber",
        train(Adam::new(0.0), &CosineDecay::new(0.1, 3000), &huber, 3000),
    );
}

#[test]
fn weight_decay_pulls_towards_zero_and_leaves_biases_alone() {
    let mut map: Map = Zeroable::zeroed();
    map.weight.fill(2.0);
    map.bias.fill(2.0);
    let still: <Map as Layer>::Gradient = Zeroable::zeroed();
    let mut adam_w = AdamW {
        weight_decay: 0.5,
        ..AdamW::new(0.1)
    }
    .for_network::<Map>();
    adam_w.step(&mut map, &still);
    assert!(
        map.weight
            .iter()
            .all(|w| (w - 2.0 * (1.0 - 0.05)).abs() < 1e-15),
        "{}",
        map.weight
    );
    assert!(map.bias.iter().all(|b| *b == 2.0), "{}", map.bias);
    // Coupled decay goes through the moments: a first Adam step is as long as the learning rate.
    let mut adam = Adam {
        weight_decay: 0.5,
        ..Adam::new(0.1)
    }
    .for_network::<Map>();
    let before = map.weight;
    adam.step(&mut map, &still);
    assert!(
        (before - map.weight).iter().all(|d| (d - 0.1).abs() < 1e-7),
        "{}",
        map.weight
    );
    assert!(map.bias.iter().all(|b| *b == 2.0), "{}", map.bias);
}

#[test]
fn running_statistics_are_not_trained() {
    type Norm = BatchNorm<f32, 4>;
    let mut norm: Box<Norm> = zeroed_box();
    norm.initialize(
        &BatchNormConfig::default(),
        &mut Generator::seed_from_u64(1),
    );
    norm.running_mean.fill(0.5);
    let before = *norm;
    let mut gradient: <Norm as Layer>::Gradient = Zeroable::zeroed();
    entries_mut::<Norm>(&mut gradient).fill(1.0);
    let mut sgd = Sgd {
        weight_decay: 1.0,
        ..Sgd::new(0.5)
    }
    .for_network::<Norm>();
    sgd.step(&mut norm, &gradient);
    // By the gradient alone: scale and shift do not decay.
    assert_eq!(norm.weight, before.weight.add_scalar(-0.5));
    assert_eq!(norm.bias, before.bias.add_scalar(-0.5));
    assert_eq!(
        (norm.running_mean, norm.running_var),
        (before.running_mean, before.running_var)
    );
}

/// A gradient with different numbers for each step.
fn gradient_of(step: usize) -> <Map as Layer>::Gradient {
    let mut gradient = Zeroable::zeroed();
    for (index, entry) in entries_mut::<Map>(&mut gradient).iter_mut().enumerate() {
        *entry = ((step * 8 + index) as f64 * 0.7).sin();
    }
    gradient
}

#[test]
fn a_resumed_optimizer_goes_on_as_if_nothing_had_happened() {
    let mut whole = Adam::new(0.1).for_network::<Map>();
    let mut map: Map = Zeroable::zeroed();
    for step in 0..6 {
        whole.step(&mut map, &gradient_of(step));
    }

    let mut first = Adam::new(0.1).for_network::<Map>();
    let mut resumed_map: Map = Zeroable::zeroed();
    for step in 0..3 {
        first.step(&mut resumed_map, &gradient_of(step));
    }
    let (state, steps) = (first.state().to_vec(), first.steps());
    assert_eq!(state.len(), 2 * entries::<Map>(&gradient_of(0)).len());
    let mut second = Adam::new(0.1).for_network::<Map>();
    second.state_mut().copy_from_slice(&state);
    second.set_steps(steps);
    for step in 3..6 {
        second.step(&mut resumed_map, &gradient_of(step));
    }
    assert_eq!(map, resumed_map);
    assert_eq!(whole.state(), second.state());

    second.reset();
    assert_eq!(second.steps(), 0);
    assert!(second.state().iter().all(|moment| *moment == 0.0));
}

#[test]
fn each_moment_of_each_parameter_is_kept_apart() {
    // One entry's gradient is not 0; nothing else may move, whichever entry it is.
    for index in 0..8 {
        let mut map: Map = Zeroable::zeroed();
        let mut rms_prop = RmsProp {
            centered: true,
            momentum: 0.9,
            ..RmsProp::new(0.1)
        }
        .for_network::<Map>();
        let mut gradient: <Map as Layer>::Gradient = Zeroable::zeroed();
        entries_mut::<Map>(&mut gradient)[index] = 1.0;
        for _ in 0..3 {
            rms_prop.step(&mut map, &gradient);
        }
        let moved: Vec<bool> = map
            .weight
            .iter()
            .chain(&map.bias)
            .map(|value| *value != 0.0)
            .collect();
        let expected: Vec<bool> = (0..8).map(|i| i == index).collect();
        assert_eq!(moved, expected);
        for moment in rms_prop.state().chunks(8) {
            let touched: Vec<bool> = moment.iter().map(|value| *value != 0.0).collect();
            assert_eq!(touched, expected);
        }
    }
}

#[test]
fn a_big_network_needs_no_big_stack() {
    // 16 MiB of parameters, 32 MiB of moments; a stack of 256 KiB.
    type Wide = Dense<f32, 2048, 2048>;
    let work = || {
        let mut layer: Box<Wide> = zeroed_box();
        let mut gradient: Box<<Wide as Layer>::Gradient> = zeroed_box();
        entries_mut::<Wide>(&mut gradient).fill(1.0);
        let mut adam: Box<OptimizerFor<Wide, Adam>> = Adam::new(0.5).for_network();
        adam.step(&mut layer, &gradient);
        assert!(layer.weight.iter().all(|w| (w + 0.5).abs() < 1e-6));
    };
    std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(work)
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn hyperparameters_out_of_range_are_named() {
    let name = |result: Result<(), network_core::HyperparameterError>| result.unwrap_err().name;
    assert_eq!(name(Sgd::new(-0.1).validate()), "learning_rate");
    assert_eq!(name(Sgd::new(f64::NAN).validate()), "learning_rate");
    assert_eq!(
        name(
            Sgd {
                nesterov: true,
                ..Sgd::new(0.1)
            }
            .validate()
        ),
        "momentum"
    );
    let damped = Sgd {
        nesterov: true,
        momentum: 0.9,
        dampening: 0.1,
        ..Sgd::new(0.1)
    };
    assert_eq!(
        damped.validate().unwrap_err().to_string(),
        "`dampening` is 0.1, but must be 0 with `nesterov`"
    );
    assert_eq!(
        name(
            Adam {
                beta1: 1.0,
                ..Adam::default()
            }
            .validate()
        ),
        "beta1"
    );
    assert_eq!(
        name(
            AdamW {
                beta2: -0.1,
                ..AdamW::default()
            }
            .validate()
        ),
        "beta2"
    );
    assert_eq!(
        name(
            Adam {
                epsilon: -1.0,
                ..Adam::default()
            }
            .validate()
        ),
        "epsilon"
    );
    assert_eq!(
        name(
            RmsProp {
                smoothing: 1.5,
                ..RmsProp::default()
            }
            .validate()
        ),
        "smoothing"
    );
    assert_eq!(
        name(
            AdamW {
                weight_decay: -1.0,
                ..AdamW::default()
            }
            .validate()
        ),
        "weight_decay"
    );
    assert_eq!(Adam::default().validate(), Ok(()));
    assert_eq!(RmsProp::default().validate(), Ok(()));
}

#[test]
fn hyperparameters_are_read_and_set_as_fields() {
    let mut adam = Adam::new(0.1).for_network::<Map>();
    adam.learning_rate *= 0.5;
    assert_eq!((adam.learning_rate, adam.beta1), (0.05, 0.9));
    let text = format!("{adam:?}");
    assert!(
        text.contains("learning_rate: 0.05") && text.contains("steps: 0"),
        "{text}"
    );
}
