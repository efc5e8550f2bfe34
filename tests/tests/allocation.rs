//! A training step and an inference allocate nothing, whatever a network is made of.

use allocation_counter::measure;
use network_core::bytemuck::Zeroable;
use network_core::data::Dataset;
use network_core::prelude::*;
use network_core::report::{Finding, Observer};
use network_core::train::{Clip, Trainer};
use network_core::{Real, Sample, Scalar};
use network_tests::custom::{InverseSquareRoot, Swish};

/// Declares networks in both precisions, and tests the last one.
macro_rules! allocation_free {
    ($test:ident, $($network:ident $input:tt -> $output:tt $body:tt)+) => {
        mod $test {
            allocation_free!(@module single, f32, $($network $input -> $output $body)+);
            allocation_free!(@module double, f64, $($network $input -> $output $body)+);

            #[test]
            fn allocates_nothing() {
                super::assert_allocates_nothing::<f32, single::Network, _>();
                super::assert_allocates_nothing::<f64, double::Network, _>();
            }
        }
    };
    (@module $module:ident, $scalar:ident,
        $($network:ident $input:tt -> $output:tt { $($statements:tt)* })+) => {
        pub(super) mod $module {
            #[allow(unused_imports)]
            use super::super::*;
            #[allow(dead_code)]
            type Number = $scalar;
            $(network! {
                #[gradient_flow(allow)]
                pub struct $network $input -> $output { scalar = $scalar; $($statements)* }
            })+
        }
    };
}

allocation_free!(deep_residual, Network(8) -> 3 {
    stem: dense(12) -> batch_norm -> relu;
    repeat(40) {
        residual { dense(12) -> batch_norm -> relu -> dense(12) -> batch_norm(scale = 0.0) } -> relu;
    }
    head: dense(3);
});

allocation_free!(dropout, Network(5) -> 2 {
    dense(9) -> layer_norm -> gelu -> dropout(0.3);
    dense(9) -> prelu -> dropout(0.5);
    dense(2);
});

allocation_free!(long_skips, Network(6) -> 3 {
    a: dense(7) -> tanh;
    b: dense(5) -> sigmoid -> concat(a, input);
    residual(scale = 0.5, project = true) { dense(7) -> mish };
    add(a) -> dense(3) -> softmax;
});

allocation_free!(nested,
    Encoder(4) -> 5 { dense(6) -> batch_norm -> elu -> dense(5); }
    Same(6) -> 6 { residual { dense(6) -> dropout(0.1) } }
    Network(4) -> 2 {
        Encoder -> dense(6) -> silu;
        repeat(3) { Same -> relu; }
        dense(2);
    }
);

allocation_free!(sequences, Network([3; 9]) -> 2 {
    gate: dense(5) -> sigmoid;
    lstm(5, bidirectional = true, padding = input) -> dense(5) -> multiply(gate) -> mask(input);
    gru(4, truncate = 4) -> layer_norm -> rnn(4);
    mean_over_steps(padding = input) -> dense(2);
});

allocation_free!(images, Network(2, 9, 8) -> 3 {
    conv2d(6, kernel = 3, padding = 1, bias = false) -> batch_norm -> relu -> max_pool2d(2);
    residual(project = true) {
        conv2d(8, kernel = 3, stride = 2, padding = 1) -> tanh -> conv2d(8, kernel = 3, padding = 1)
    } -> dropout(0.1, per_channel = true);
    conv2d(8, kernel = 3, padding = 1, depthwise = true) -> sigmoid -> avg_pool2d(2, stride = 1);
    upsample((2, 1)) -> conv_transpose2d(4, kernel = (2, 3), stride = 2, groups = 2) -> gelu;
    repeat(2) { residual { conv2d(4, kernel = (3, 5), padding = (1, 2), groups = 2) } };
    global_avg_pool -> reshape(1, 2, 2) -> flatten -> dense(3);
});

allocation_free!(signals, Network([2; 16]) -> 3 {
    conv1d(6, kernel = 3, padding = causal, dilation = 2) -> batch_norm -> relu;
    residual { conv1d(6, kernel = 5, padding = 2, groups = 3) -> tanh };
    half: max_pool1d(2) -> conv1d(4, kernel = 2, stride = 2) -> upsample(2) -> avg_pool1d(2);
    rnn(4, activation = relu) -> concat(half) -> last -> dense(3);
});

allocation_free!(words, Network(7) -> 2 {
    embedding(5, 4) -> gru(4) -> last -> dense(2);
});

network! {
    #[gradient_flow(allow)]
    struct Encoder([3; 9]) -> [4; 9] {
        conv1d(4, kernel = 3, padding = causal) -> gru(4);
    }
}

network! {
    #[gradient_flow(allow)]
    struct Stream([3; 9]) -> [2; 9] {
        Encoder(output = [4; 9]) -> lstm(20) -> dense(5) -> tanh;
        gru(64) -> layer_norm -> dense(2);
    }
}

#[test]
fn a_stream_allocates_nothing() {
    let net = Stream::boxed(1);
    let counted = measure(|| {
        let mut state = Stream::state();
        let mut y = [SVector::zeros(); 50];
        for step in 0..100 {
            let x = SVector::repeat(step as f32 / 100.0);
            std::hint::black_box(net.step(&x, &mut state));
            net.steps(&[x; 50], &mut y, &mut state);
        }
        assert!(y[49].iter().all(|y| y.is_finite()));
    });
    assert_eq!(counted.count_total, 0);
}

allocation_free!(own_layers, Network(4) -> 2 {
    dense(6) -> layer(Swish<Number, 6>) -> dense(6) -> activation(InverseSquareRoot);
    dense(2);
});

const BATCH: usize = 16;

fn assert_allocates_nothing<T, N, const OUTPUT: usize>()
where
    T: Scalar,
    N: Network<Scalar = T, Output = SVector<T, OUTPUT>>,
{
    assert_steps_allocate_nothing::<T, N, _, OUTPUT>(Sgd::new(0.1));
    assert_steps_allocate_nothing::<T, N, _, OUTPUT>(RmsProp::new(1e-3));
    assert_steps_allocate_nothing::<T, N, _, OUTPUT>(Adam::new(1e-3));
    assert_steps_allocate_nothing::<T, N, _, OUTPUT>(AdamW::new(1e-3));
    assert_inference_allocates_nothing::<N>();
}

/// Full batches and one that is smaller, of inputs that differ from each other: whole
/// numbers from 0 to 4, which can be words.
fn inputs<N: Network>(count: usize) -> Vec<N::Input> {
    let mut x = vec![N::Input::zeroed(); count];
    for (sample, x) in x.iter_mut().enumerate() {
        for (feature, x) in x.as_mut_slice().iter_mut().enumerate() {
            *x = N::Scalar::from_f64(((sample * 31 + feature * 17) % 5) as f64);
        }
    }
    x
}

fn assert_steps_allocate_nothing<T, N, O, const OUTPUT: usize>(optimizer: O)
where
    T: Scalar,
    N: Network<Scalar = T, Output = SVector<T, OUTPUT>>,
    O: Optimizer,
{
    let mut network = N::boxed(1);
    let mut workspace = N::workspace::<BATCH>();
    let mut gradient = N::gradient();
    let mut optimizer = optimizer.for_network::<N>();
    let schedule = OneCycle::new(1e-3, 10).warm_up(2);
    let x = inputs::<N>(2 * BATCH + 3);
    let mut d_x = [N::Input::zeroed(); BATCH];
    let target: Vec<_> = (0..x.len())
        .map(|i| SVector::repeat(T::from_f64((i % 2) as f64)))
        .collect();
    let classes: Vec<usize> = (0..x.len()).map(|i| i % OUTPUT).collect();

    let mut loss = T::ZERO;
    let counted = measure(|| {
        let batches = x
            .chunks(BATCH)
            .zip(target.chunks(BATCH))
            .zip(classes.chunks(BATCH));
        for (step, ((x, target), classes)) in batches.enumerate() {
            Network::forward(&mut *network, x, &mut workspace);
            loss += workspace.loss(&Mse::default(), target).unwrap();
            Network::backward(&*network, x, &mut workspace, &mut gradient);
            loss += workspace.loss(&Mae::default(), target).unwrap();
            network.backward_accumulate(x, &mut workspace, &mut gradient);
            loss += workspace.loss(&Huber::new(0.5), target).unwrap();
            loss += workspace
                .loss(&BinaryCrossEntropy::default(), target)
                .unwrap();
            loss += workspace.loss(&CrossEntropy::default(), classes).unwrap();
            let d_x = &mut d_x[..x.len()];
            workspace.backward(&network, x, Some(d_x), &mut gradient, true);
            clip_by_value::<N>(&mut gradient, 0.5).unwrap();
            clip_by_norm::<N>(&mut gradient, 1.0).unwrap();
            optimizer.set_learning_rate(schedule.learning_rate(step as u64));
            optimizer.step(&mut network, &gradient);
        }
    });
    assert!(loss.is_finite(), "{}: the loss is {loss}", N::NAME);
    assert_eq!(counted.count_total, 0, "{} with {:?}", N::NAME, *optimizer);
}

fn assert_inference_allocates_nothing<N: Network>() {
    let network = N::boxed(1);
    let x = inputs::<N>(200);
    let mut y = vec![N::Output::zeroed(); x.len()];
    let counted = measure(|| {
        Network::infer(&*network, &x, &mut y);
        y[0] = network.predict(&x[0]);
    });
    assert!(y[0] != N::Output::zeroed(), "{} computes nothing", N::NAME);
    assert_eq!(counted.count_total, 0, "{}", N::NAME);
}

#[test]
fn a_trainer_allocates_only_at_its_start() {
    let count = |epochs| {
        let x = inputs::<dropout::single::Network>(2 * BATCH + 3);
        let data = Dataset::from_pairs(x.into_iter().enumerate().map(|(i, x)| (x, i % 2))).unwrap();
        let mut network = dropout::single::Network::boxed(1);
        let loss = CrossEntropy::default();
        let mut trainer = Trainer::<_, _, _, BATCH>::new(loss, Adam::new(1e-3))
            .epochs(epochs)
            .schedule(CosineDecay::new(1e-3, 100))
            .clip(Clip::Norm(1.0))
            .progress(false);
        measure(|| drop(trainer.fit(&mut *network, &data, Some(&data)).unwrap())).count_total
    };
    assert_eq!(count(2), count(9));
}

#[test]
fn an_observer_allocates_only_to_put_findings_in_words() {
    type Net = deep_residual::single::Network;
    let x = inputs::<Net>(BATCH);
    let y: Vec<usize> = (0..BATCH).map(|i| i % 3).collect();
    let mut net = Net::boxed(1);
    let mut workspace = Net::workspace::<BATCH>();
    let mut gradient = Net::gradient();
    let mut adam = Adam::new(1e-3).for_network::<Net>();
    let mut observer = Observer::<Net>::new().every(1).capacity(16);
    let mut allocated = 0;
    for step in 0..120 {
        let said = observer.report().findings.clone();
        let counted = measure(|| {
            observer.forward(&mut net, &x, &mut workspace);
            let loss = workspace.loss(&CrossEntropy::default(), &y).unwrap();
            observer.backward(&mut net, &x, &mut workspace, &mut gradient, loss);
            let _ = observer.step(&mut net, &gradient, &mut adam);
        });
        let same = |a: &Finding, b: &Finding| (a.kind, a.severity) == (b.kind, b.severity);
        let now = &observer.report().findings;
        let news = now.len() != said.len() || !now.iter().zip(&said).all(|(a, b)| same(a, b));
        if step > 0 && !news {
            assert_eq!(counted.count_total, 0, "step {step}");
        }
        allocated += u32::from(counted.count_total > 0);
    }
    assert!((1..20).contains(&allocated), "in {allocated} steps");
    assert_eq!(observer.report().readings.len(), 16);
}

#[test]
fn the_counter_counts() {
    let counted = measure(|| drop(std::hint::black_box(Box::new(1))));
    assert_eq!(counted.count_total, 1);
    let counted = measure(|| drop(std::hint::black_box(own_layers::single::Network::boxed(1))));
    assert_eq!(counted.count_total, 1, "a network is one piece of memory");
}
