//! Sequences as a user meets them: streams, padding, clipping, files.

use network_core::clip::clip_by_norm;
use network_core::kernels::SimdPath;
use network_core::layers::padding::pad;
use network_core::prelude::*;
use network_tests::{check_gradients, check_streaming, fill, samples};

network! {
    /// All layers that can work on a stream.
    #[gradient_flow(allow)]
    struct Stream([3; 20]) -> [2; 20] {
        scalar = f64;
        first: gru(5) -> layer_norm -> dropout(0.1) -> concat(input) -> batch_norm;
        gate: dense(7) -> sigmoid;
        dense(7, bias = false) -> prelu -> multiply(gate);
        repeat(2) { residual(scale = 0.5) { lstm(7) } -> tanh; }
        rnn(4, activation = relu, truncate = 5) -> mask(input) -> dense(2) -> softmax;
    }
}

network! {
    #[gradient_flow(allow)]
    struct StreamToLast([3; 20]) -> 2 {
        scalar = f64;
        lstm(17) -> last -> dense(4) -> layer_norm -> elu;
        dense(2);
    }
}

network! {
    #[gradient_flow(allow)]
    struct StreamToMean([3; 20]) -> 2 {
        scalar = f64;
        gru(5) -> mean_over_steps -> dense(2);
    }
}

/// A layer of one's own over a sequence: each step plus half of the one before.
#[derive(Clone, Copy, Debug, network_core::bytemuck::Zeroable)]
#[bytemuck(crate = "network_core::bytemuck")]
#[repr(C)]
struct Echo<const FEATURES: usize, const LEN: usize>;

impl<const FEATURES: usize, const LEN: usize> network_core::Layer for Echo<FEATURES, LEN> {
    type Scalar = f64;
    type Input = SVector<f64, LEN>;
    type Output = SVector<f64, LEN>;
    type Config = ();
    type Gradient = ();
    type Cache<const BATCH: usize> = ();

    fn initialize(&mut self, (): &(), _generator: &mut network_core::Generator) {}

    fn infer(&self, _path: SimdPath, x: &[Self::Input], y: &mut [Self::Output], _s: &mut [f64]) {
        for (x, y) in x.iter().zip(y) {
            y.copy_from(x);
            for index in FEATURES..LEN {
                y[index] += 0.5 * x[index - FEATURES];
            }
        }
    }

    fn forward<const BATCH: usize>(
        &self,
        pass: &mut network_core::Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        _cache: &mut (),
        scratch: &mut [f64],
    ) {
        self.infer(pass.path, x, y, scratch);
    }

    fn backward<const BATCH: usize>(
        &self,
        _pass: &mut network_core::Pass<'_>,
        _x: &[Self::Input],
        _y: &[Self::Output],
        d_y: &[Self::Output],
        d_x: Option<&mut [Self::Input]>,
        _cache: &mut (),
        _gradient: &mut (),
        _scratch: &mut [f64],
    ) {
        for (d_x, d_y) in d_x.into_iter().flatten().zip(d_y) {
            d_x.copy_from(d_y);
            for index in FEATURES..LEN {
                d_x[index - FEATURES] += 0.5 * d_y[index];
            }
        }
    }
}

impl<const FEATURES: usize, const LEN: usize> network_core::Step for Echo<FEATURES, LEN> {
    type State = SVector<f64, FEATURES>;

    fn advance(
        &self,
        _path: SimdPath,
        x: &[f64],
        y: &mut [f64],
        state: &mut Self::State,
        _scratch: &mut [f64],
    ) {
        for ((y, x), before) in y.iter_mut().zip(x).zip(state.as_mut_slice()) {
            *y = *x + 0.5 * *before;
            *before = *x;
        }
    }
}

network! {
    #[derive(Clone, Debug)]
    #[gradient_flow(allow)]
    struct Encoder([3; 20]) -> [6; 20] {
        scalar = f64;
        conv1d(4, kernel = 3, padding = causal) -> lstm(6);
    }
}

network! {
    #[derive(Clone, Debug)]
    #[gradient_flow(allow)]
    struct Newest([5; 20]) -> 4 {
        scalar = f64;
        gru(4) -> last;
    }
}

network! {
    #[derive(Clone, Debug)]
    #[gradient_flow(allow)]
    struct Head(4) -> 2 {
        scalar = f64;
        dense(9) -> tanh -> dense(2);
    }
}

network! {
    /// Networks and a layer of one's own within a network, to a sequence.
    #[gradient_flow(allow)]
    struct StreamOfParts([3; 20]) -> [8; 20] {
        scalar = f64;
        encoder: Encoder(output = [6; 20]);
        echo: layer(Echo<6, 120>);
        residual { Sixes(output = [6; 20]) } -> dense(5);
        concat(input);
    }
}

network! {
    #[derive(Clone, Debug)]
    #[gradient_flow(allow)]
    struct Sixes([6; 20]) -> [6; 20] {
        scalar = f64;
        layer(Echo<6, 120>, output = [6; 20]) -> rnn(6);
    }
}

network! {
    /// To a vector, from which another network goes on.
    #[gradient_flow(allow)]
    struct StreamOfPartsToVector([3; 20]) -> 2 {
        scalar = f64;
        rnn(5);
        newest: Newest;
        head: Head(output = 2);
    }
}

#[test]
fn networks_and_own_layers_stream_within_a_network() {
    for path in SimdPath::available() {
        SimdPath::force(Some(path));
        check_streaming::<StreamOfParts>(1);
        check_streaming::<StreamOfPartsToVector>(2);
    }
    SimdPath::force(None);
    check_gradients::<StreamOfParts>(3, 9);
    check_gradients::<StreamOfPartsToVector>(4, 9);
}

network! {
    #[gradient_flow(allow)]
    struct Reader(6) -> 3 {
        scalar = f64;
        words: embedding(5, 3);
        gru(4) -> last -> dense(3);
    }
}

#[test]
fn gradients_of_words_agree_with_differences() {
    let mut net = Reader::boxed(1);
    fill(&mut *net, 2);
    let x = [[0.0, 3.0, 3.0, 1.0, 0.0, 4.0], [4.0; 6]].map(SVector::from);
    let target: Vec<SVector<f64, 3>> = samples(2, 3);
    let mut workspace = Reader::workspace::<2>();
    let mut gradient = Reader::gradient();
    workspace.forward(&net, &x);
    workspace.loss(&Mse::default(), &target).expect("fits");
    workspace.backward(&net, &x, None, &mut gradient, false);
    for entry in 0..15 {
        let mut at = |step: f64| {
            net.words.weight[entry] += step;
            workspace.forward(&net, &x);
            net.words.weight[entry] -= step;
            workspace.loss(&Mse::default(), &target).expect("fits")
        };
        let difference = (at(1e-5) - at(-1e-5)) / 2e-5;
        let derivative = gradient.words[entry];
        assert!(
            (difference - derivative).abs() < 1e-9,
            "{derivative} instead of {difference}"
        );
    }
}

#[test]
fn a_stream_gives_the_bits_of_the_whole_sequence() {
    for path in SimdPath::available() {
        SimdPath::force(Some(path));
        check_streaming::<Stream>(1);
        check_streaming::<StreamToLast>(2);
        check_streaming::<StreamToMean>(3);
    }
    SimdPath::force(None);
}

#[test]
fn many_steps_are_as_many_single_steps() {
    let net = StreamToLast::new(1);
    let x: Vec<SVector<f64, 3>> = samples(50, 1);
    let mut one_by_one = StreamToLast::state();
    let expected: Vec<_> = x.iter().map(|x| net.step(x, &mut one_by_one)).collect();
    let mut y = vec![SVector::zeros(); 50];
    let mut state = StreamToLast::state();
    let (first, second) = y.split_at_mut(13);
    net.steps(&x[..13], first, &mut state);
    net.steps(&x[13..], second, &mut state);
    assert_eq!(y, expected);
}

macro_rules! padded {
    ($name:ident, $steps:literal, $end:ident $arguments:tt) => {
        network! {
            #[gradient_flow(allow)]
            struct $name([2; $steps]) -> 3 {
                scalar = f64;
                gru(4) -> dense(5) -> tanh -> lstm(4);
                $end $arguments -> dense(3);
            }
        }
    };
}
padded!(LongLast, 7, last(padding = input));
padded!(ShortLast, 4, last());
padded!(LongMean, 7, mean_over_steps(padding = input));
padded!(ShortMean, 4, mean_over_steps());

macro_rules! padded_both_ways {
    ($name:ident, $steps:literal, $cell:tt, $mask:ident $label:tt, $end:ident $arguments:tt) => {
        network! {
            #[gradient_flow(allow)]
            struct $name([2; $steps]) -> 3 {
                scalar = f64;
                gru $cell -> tanh -> dense(5);
                repeat(2) { residual { lstm(5) -> softsign } }
                $mask $label -> conv1d(6, kernel = 3, padding = 1) -> lstm $cell;
                $end $arguments -> dense(3);
            }
        }
    };
}
padded_both_ways!(
    LongBoth,
    7,
    (3, bidirectional = true, padding = input),
    mask(input),
    last(padding = input)
);
padded_both_ways!(ShortBoth, 4, (3, bidirectional = true), identity(), last());
padded_both_ways!(
    LongBothMean,
    7,
    (3, bidirectional = true, padding = input),
    mask(input),
    mean_over_steps(padding = input)
);
padded_both_ways!(
    ShortBothMean,
    4,
    (3, bidirectional = true),
    identity(),
    mean_over_steps()
);

/// Outputs and gradients of padded sequences are those of a network whose shape fits them.
fn padding_makes_no_difference<Long, Short>()
where
    Long: Network<Scalar = f64, Input = SVector<f64, 14>, Output = SVector<f64, 3>>,
    Short: Network<Scalar = f64, Input = SVector<f64, 8>, Output = SVector<f64, 3>>,
{
    let (mut long, mut short) = (Long::boxed(1), Short::boxed(2));
    fill(&mut *long, 3);
    fill(&mut *short, 3);
    let x: Vec<SVector<f64, 8>> = samples(5, 4);
    let padded: Vec<SVector<f64, 14>> = x
        .iter()
        .map(|x| {
            pad(network_core::bytemuck::cast_slice::<f64, SVector<f64, 2>>(
                x.as_slice(),
            ))
        })
        .collect::<Result<_, _>>()
        .expect("fits");
    let target: Vec<SVector<f64, 3>> = samples(5, 5);

    fn run<N: Network<Scalar = f64, Output = SVector<f64, 3>>>(
        net: &N,
        x: &[N::Input],
        target: &[SVector<f64, 3>],
    ) -> (Vec<SVector<f64, 3>>, Vec<N::Input>, Vec<f64>) {
        let mut workspace = N::workspace::<8>();
        let mut gradient = N::gradient();
        let mut d_x = x.to_vec();
        workspace.forward(net, x);
        workspace.loss(&Mse::default(), target).expect("fits");
        workspace.backward(net, x, Some(&mut d_x), &mut gradient, false);
        let numbers = network_core::gradient::entries::<N>(&gradient).to_vec();
        assert_eq!(workspace.output()[0], net.predict(&x[0]));
        (workspace.output().to_vec(), d_x, numbers)
    }
    let (y, d_x, gradient) = run(&*short, &x, &target);
    let (y_padded, d_x_padded, gradient_padded) = run(&*long, &padded, &target);
    assert_eq!(y_padded, y);
    for (padded, own) in d_x_padded.iter().zip(&d_x) {
        assert_eq!(padded.as_slice()[..8], *own.as_slice());
        assert_eq!(padded.as_slice()[8..], [0.0; 6]);
    }
    for (padded, own) in gradient_padded.iter().zip(&gradient) {
        assert!((padded - own).abs() < 1e-14, "{padded} instead of {own}");
    }
}

#[test]
fn padded_sequences_are_as_good_as_short_ones() {
    padding_makes_no_difference::<LongLast, ShortLast>();
    padding_makes_no_difference::<LongMean, ShortMean>();
    padding_makes_no_difference::<LongBoth, ShortBoth>();
    padding_makes_no_difference::<LongBothMean, ShortBothMean>();
}

network! {
    /// Recurrent weights of gain 1.5: a hundred steps multiply the gradient by hundreds.
    #[derive(Clone)]
    #[gradient_flow(allow)]
    struct Exploding([2; 100]) -> 1 {
        scalar = f64;
        rnn(64, recurrent_init = normal(0.0, 0.1875)) -> last -> dense(1);
    }
}

#[test]
fn clipping_caps_the_update_and_keeps_its_direction() {
    let bound = 0.1;
    for seed in 0..5 {
        let mut net = Exploding::boxed(seed);
        let x: Vec<SVector<f64, 200>> = samples(16, seed);
        let target = vec![SVector::<f64, 1>::zeros(); 16];
        let mut workspace = Exploding::workspace::<16>();
        let mut gradient = Exploding::gradient();
        Network::forward(&mut *net, &x, &mut workspace);
        workspace.loss(&Mse::default(), &target).expect("fits");
        Network::backward(&*net, &x, &mut workspace, &mut gradient);
        let before = network_core::gradient::entries::<Exploding>(&gradient).to_vec();
        let length = |v: &[f64]| v.iter().map(|g| g * g).sum::<f64>().sqrt();
        assert!(
            length(&before) > 10.0 * bound,
            "seed {seed}: {}",
            length(&before)
        );

        let norm = clip_by_norm::<Exploding>(&mut gradient, bound).expect("finite");
        assert!((norm / length(&before) - 1.0).abs() < 1e-12);
        let mut moved = net.clone();
        Sgd::new(1.0)
            .for_network::<Exploding>()
            .step(&mut moved, &gradient);
        let parameters = |net: &Exploding| -> Vec<f64> {
            network_tests::reference::parameters(net)
                .into_iter()
                .flat_map(|p| p.values)
                .collect()
        };
        let update: Vec<f64> = parameters(&net)
            .iter()
            .zip(parameters(&moved))
            .map(|(old, new)| old - new)
            .collect();
        // As in PyTorch the divisor is the norm plus 1e-6, so that the bound is never exceeded.
        let capped = length(&update) / bound;
        assert!(capped <= 1.0 && capped >= 1.0 - 2e-6 / norm, "{capped}");
        let after = network_core::gradient::entries::<Exploding>(&gradient);
        let dot: f64 = after.iter().zip(&before).map(|(a, b)| a * b).sum();
        let cosine = dot / (length(after) * length(&before));
        assert!((cosine - 1.0).abs() < 1e-12, "{cosine}");
    }
}

/// What a probe is told of each time step: the norm of the hidden states or of their
/// derivatives, with the number of samples.
#[derive(Default)]
struct Times {
    forward: Vec<(usize, f64, usize)>,
    backward: Vec<(usize, f64, usize)>,
}

impl Times {
    fn note(time: usize, signal: network_core::probe::Signal<'_>) -> (usize, f64, usize) {
        let network_core::probe::Entries::F64(entries) = signal.entries else {
            panic!("the network is f64");
        };
        let square: f64 = entries.iter().map(|x| x * x).sum();
        (time, square.sqrt(), entries.len() / signal.width)
    }
}

impl network_core::probe::Probe for Times {
    fn forward_time(&mut self, time: usize, hidden: network_core::probe::Signal<'_>) {
        self.forward.push(Self::note(time, hidden));
    }
    fn backward_time(&mut self, time: usize, d_hidden: network_core::probe::Signal<'_>) {
        self.backward.push(Self::note(time, d_hidden));
    }
}

#[test]
fn a_probe_sees_the_gradient_at_every_time_step() {
    let mut net = Exploding::boxed(1);
    let x: Vec<SVector<f64, 200>> = samples(16, 1);
    let target = vec![SVector::<f64, 1>::zeros(); 16];
    let mut workspace = Exploding::workspace::<16>();
    let mut gradient = Exploding::gradient();
    let mut times = Times::default();
    net.forward_probed(&x, &mut workspace, &mut times);
    workspace.loss(&Mse::default(), &target).expect("fits");
    net.backward_probed(&x, &mut workspace, &mut gradient, false, &mut times);
    assert!(times.forward.iter().map(|(time, ..)| *time).eq(0..100));
    assert!(
        times
            .backward
            .iter()
            .map(|(time, ..)| *time)
            .eq((0..100).rev())
    );
    assert!(
        times
            .forward
            .iter()
            .all(|(_, norm, samples)| *norm > 0.0 && *samples == 16)
    );
    let [(_, last, _), .., (_, first, _)] = times.backward[..] else {
        panic!("a hundred steps");
    };
    assert!(
        first > 10.0 * last,
        "the gradient explodes: {last} to {first}"
    );
}

network! {
    #[derive(Clone, Debug, PartialEq)]
    #[gradient_flow(allow)]
    struct Saved([2; 6]) -> 1 {
        first: lstm(3, bidirectional = true);
        second: gru(3) -> last -> dense(1);
    }
}

#[test]
fn files_name_parameters_as_pytorch_does() -> Result<(), Box<dyn std::error::Error>> {
    struct Names(Vec<String>, Vec<String>);
    impl network_core::Visitor<f32> for Names {
        fn enter(&mut self, name: network_core::Name) {
            if let network_core::Name::Field(field) = name {
                self.1.push(field.to_owned());
            }
        }
        fn leave(&mut self) {
            self.1.pop();
        }
        fn parameter(&mut self, parameter: network_core::Parameter<'_, f32>) {
            self.0
                .push(format!("{}.{}", self.1.join("."), parameter.name));
        }
    }
    let net = Saved::new(1);
    let mut names = Names(Vec::new(), Vec::new());
    network_core::Layer::visit(&net, &mut names);
    assert_eq!(
        names.0[..4].join(" "),
        "first.weight_ih_l0 first.weight_hh_l0 first.bias_ih_l0 first.bias_hh_l0"
    );
    assert_eq!(names.0[4], "first.weight_ih_l0_reverse");
    assert_eq!(names.0[8], "second.weight_ih_l0");

    let path = std::env::temp_dir().join(format!("sequences-{}.safetensors", std::process::id()));
    network_core::save::save(&net, &path)?;
    let mut other = Saved::new(2);
    assert_ne!(other, net);
    network_core::save::load(&mut other, &path)?;
    std::fs::remove_file(path)?;
    assert_eq!(other, net);
    Ok(())
}
