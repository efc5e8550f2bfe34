//! Predictions against networks that were declared, drawn and run backward: theory and engine
//! test each other.
//!
//! `cargo test -p network-core --test flow -- --nocapture` prints the table in `docs/prediction.md`.

use network_core::bytemuck::{Zeroable, cast_slice_mut};
use network_core::prelude::*;
use network_core::probe::{Entries, Probe, Signal};
use network_core::rand::SeedableRng;
use network_core::{Generator, Name};
use rand_distr::{Distribution, StandardNormal};
use std::fmt::Write;

/// Examples in a batch.
const BATCH: usize = 64;
/// Initialisations of every network.
const DRAWS: u64 = 3;

/// Declares networks and lists them with their declaration's words.
macro_rules! networks {
    ($($group:literal: [$($name:ident $input:tt -> $output:tt { $($body:tt)* })*])*) => {
        $($(network! {
            #[gradient_flow(allow)]
            struct $name $input -> $output { scalar = f64; $($body)* }
        })*)*
        fn all() -> Vec<Measured> {
            vec![$($(measure::<$name>($group, stringify!($($body)*)),)*)*]
        }
    };
}

networks! {
    "dense chains": [
        Identity(64) -> 64 { init = lecun_normal; stem: dense(64) -> identity; repeat(18) { dense(64) -> identity; } head: dense(64); }
        Sigmoid(128) -> 128 { init = xavier_normal; stem: dense(128) -> sigmoid; repeat(8) { dense(128) -> sigmoid; } head: dense(128); }
        DeepSigmoid(64) -> 64 { init = xavier_uniform; stem: dense(64) -> sigmoid; repeat(48) { dense(64) -> sigmoid; } head: dense(64); }
        HeSigmoid(64) -> 64 { init = he_uniform; stem: dense(64) -> sigmoid; repeat(3) { dense(64) -> sigmoid; } head: dense(64); }
        HardSigmoid(64) -> 64 { init = xavier_normal; stem: dense(64) -> hard_sigmoid; repeat(8) { dense(64) -> hard_sigmoid; } head: dense(64); }
        Tanh(64) -> 64 { init = xavier_normal; stem: dense(64) -> tanh; repeat(28) { dense(64) -> tanh; } head: dense(64); }
        HeTanh(64) -> 64 { init = he_normal; stem: dense(64) -> tanh; repeat(48) { dense(64) -> tanh; } head: dense(64); }
        SmallTanh(64) -> 64 { init = pytorch_default; stem: dense(64) -> tanh; repeat(18) { dense(64) -> tanh; } head: dense(64); }
        OrthogonalTanh(64) -> 64 { init = orthogonal; stem: dense(64) -> tanh; repeat(18) { dense(64) -> tanh; } head: dense(64); }
        GainTanh(128) -> 128 { init = xavier_normal(gain = 1.67); stem: dense(128) -> tanh; repeat(28) { dense(128) -> tanh; } head: dense(128); }
        HardTanh(64) -> 64 { init = he_normal; stem: dense(64) -> hard_tanh; repeat(18) { dense(64) -> hard_tanh; } head: dense(64); }
        Softsign(64) -> 64 { init = xavier_uniform; stem: dense(64) -> softsign; repeat(18) { dense(64) -> softsign; } head: dense(64); }
        Relu(256) -> 256 { init = he_normal; stem: dense(256) -> relu; repeat(18) { dense(256) -> relu; } head: dense(256); }
        DeepRelu(128) -> 128 { init = he_uniform; stem: dense(128) -> relu; repeat(48) { dense(128) -> relu; } head: dense(128); }
        XavierRelu(128) -> 128 { init = xavier_uniform; stem: dense(128) -> relu; repeat(18) { dense(128) -> relu; } head: dense(128); }
        SmallRelu(64) -> 64 { init = pytorch_default; stem: dense(64) -> relu; repeat(8) { dense(64) -> relu; } head: dense(64); }
        NormalRelu(64) -> 64 { init = normal(0.0, 0.2); stem: dense(64) -> relu; repeat(13) { dense(64) -> relu; } head: dense(64); }
        UniformRelu(64) -> 64 { init = uniform(-0.2, 0.2); stem: dense(64) -> relu; repeat(13) { dense(64) -> relu; } head: dense(64); }
        OrthogonalRelu(64) -> 64 { init = orthogonal; stem: dense(64) -> relu; repeat(18) { dense(64) -> relu; } head: dense(64); }
        Relu6(64) -> 64 { init = he_normal; stem: dense(64) -> relu6; repeat(8) { dense(64) -> relu6; } head: dense(64); }
        Leaky(64) -> 64 { init = he_normal; stem: dense(64) -> leaky_relu(0.01); repeat(18) { dense(64) -> leaky_relu(0.01); } head: dense(64); }
        SteepLeaky(128) -> 128 { init = he_normal; stem: dense(128) -> leaky_relu(0.2); repeat(48) { dense(128) -> leaky_relu(0.2); } head: dense(128); }
        Prelu(64) -> 64 { init = he_normal(gain = 1.41); stem: dense(64) -> prelu; repeat(18) { dense(64) -> prelu; } head: dense(64); }
        Elu(64) -> 64 { init = he_normal; stem: dense(64) -> elu; repeat(18) { dense(64) -> elu; } head: dense(64); }
        FlatElu(64) -> 64 { init = he_normal; stem: dense(64) -> elu(0.4); repeat(18) { dense(64) -> elu(0.4); } head: dense(64); }
        Selu(64) -> 64 { init = lecun_normal; stem: dense(64) -> selu; repeat(48) { dense(64) -> selu; } head: dense(64); }
        Gelu(128) -> 128 { init = he_normal; stem: dense(128) -> gelu; repeat(8) { dense(128) -> gelu; } head: dense(128); }
        GeluTanh(128) -> 128 { init = he_normal; stem: dense(128) -> gelu_tanh; repeat(13) { dense(128) -> gelu_tanh; } head: dense(128); }
        Silu(128) -> 128 { init = he_normal; stem: dense(128) -> silu; repeat(18) { dense(128) -> silu; } head: dense(128); }
        HardSwish(128) -> 128 { init = he_normal; stem: dense(128) -> hard_swish; repeat(18) { dense(128) -> hard_swish; } head: dense(128); }
        Softplus(64) -> 64 { init = xavier_normal; stem: dense(64) -> softplus; repeat(18) { dense(64) -> softplus; } head: dense(64); }
        Mish(128) -> 128 { init = he_normal; stem: dense(128) -> mish; repeat(18) { dense(128) -> mish; } head: dense(128); }
    ]
    "widths, biases, synthesised init": [
        Funnel(64) -> 64 { init = xavier_normal; stem: dense(128) -> tanh -> dense(256) -> tanh -> dense(128) -> tanh -> dense(64) -> tanh; head: dense(64); }
        ReluFunnel(256) -> 64 { init = he_normal; stem: dense(256) -> relu -> dense(128) -> relu -> dense(64) -> relu -> dense(128) -> relu; head: dense(64); }
        FanOut(64) -> 64 { init = he_normal(fan = fan_out); stem: dense(128) -> relu -> dense(64) -> relu -> dense(128) -> relu -> dense(96) -> relu; head: dense(64); }
        Bias(64) -> 64 { init = xavier_normal; stem: dense(64) -> tanh; repeat(18) { dense(64, bias_init = normal(0.0, 0.4)) -> tanh; } head: dense(64); }
        ReluBias(64) -> 64 { stem: dense(64) -> relu; repeat(13) { dense(64, bias_init = constant(0.1)) -> relu; } head: dense(64); }
        AutoTanh(64) -> 64 { init = auto; stem: dense(64) -> tanh; repeat(28) { dense(64) -> tanh; } head: dense(64); }
        AutoLeaky(64) -> 64 { init = auto; stem: dense(64) -> leaky_relu(0.3); repeat(18) { dense(64) -> leaky_relu(0.3); } head: dense(64); }
        AutoSoftsign(64) -> 64 { init = auto; stem: dense(64) -> softsign; repeat(18) { dense(64) -> softsign; } head: dense(64); }
    ]
    "norms and dropout": [
        BatchNormRelu(128) -> 128 { stem: dense(128) -> batch_norm -> relu; repeat(18) { dense(128) -> batch_norm -> relu; } head: dense(128); }
        BatchNormTanh(64) -> 64 { stem: dense(64) -> batch_norm -> tanh; repeat(18) { dense(64) -> batch_norm -> tanh; } head: dense(64); }
        BatchNormSigmoid(64) -> 64 { stem: dense(64) -> batch_norm -> sigmoid; repeat(18) { dense(64) -> batch_norm -> sigmoid; } head: dense(64); }
        BatchNormGelu(64) -> 64 { stem: dense(64) -> batch_norm -> gelu; repeat(18) { dense(64) -> batch_norm -> gelu; } head: dense(64); }
        ReluBatchNorm(128) -> 128 { stem: dense(128) -> relu -> batch_norm; repeat(18) { dense(128) -> relu -> batch_norm; } head: dense(128); }
        LayerNormRelu(64) -> 64 { stem: dense(64) -> layer_norm -> relu; repeat(18) { dense(64) -> layer_norm -> relu; } head: dense(64); }
        LayerNormTanh(64) -> 64 { stem: dense(64) -> layer_norm -> tanh; repeat(18) { dense(64) -> layer_norm -> tanh; } head: dense(64); }
        LayerNormSigmoid(64) -> 64 { stem: dense(64) -> layer_norm -> sigmoid; repeat(18) { dense(64) -> layer_norm -> sigmoid; } head: dense(64); }
        ReluLayerNorm(64) -> 64 { stem: dense(64) -> relu -> layer_norm; repeat(18) { dense(64) -> relu -> layer_norm; } head: dense(64); }
        HalfDropped(128) -> 128 { stem: dense(128) -> relu -> dropout(0.5); repeat(18) { dense(128) -> relu -> dropout(0.5); } head: dense(128); }
        TenthDropped(128) -> 128 { stem: dense(128) -> relu -> dropout(0.1); repeat(18) { dense(128) -> relu -> dropout(0.1); } head: dense(128); }
        EarlyDropout(64) -> 64 { stem: dense(64) -> dropout(0.3) -> tanh; repeat(18) { dense(64) -> dropout(0.3) -> tanh; } head: dense(64); }
    ]
    "residual blocks": [
        Bare(64) -> 64 { init = he_normal; stem: dense(64); repeat(18) { residual { relu -> dense(64) }; } head: dense(64); }
        BareTanh(64) -> 64 { init = he_normal; stem: dense(64); repeat(18) { residual { tanh -> dense(64) }; } head: dense(64); }
        BareSigmoid(64) -> 64 { init = xavier_normal; stem: dense(64); repeat(48) { residual { sigmoid -> dense(64) }; } head: dense(64); }
        Scaled(64) -> 64 { init = he_normal; stem: dense(64); repeat(48) { residual(scale = 0.1) { relu -> dense(64) }; } head: dense(64); }
        PreBatchNorm(64) -> 64 { init = he_normal; stem: dense(64); repeat(48) { residual { batch_norm -> relu -> dense(64) }; } head: dense(64); }
        PreLayerNorm(64) -> 64 { init = he_normal; stem: dense(64); repeat(48) { residual { layer_norm -> gelu -> dense(64) }; } head: dense(64); }
        TwoLayers(64) -> 64 { init = he_normal; stem: dense(64); repeat(12) { residual { batch_norm -> relu -> dense(64) -> batch_norm -> relu -> dense(64) }; } head: dense(64); }
        Transformer(64) -> 64 { init = xavier_uniform; stem: dense(64); repeat(12) { residual { layer_norm -> dense(256) -> gelu -> dense(64) }; } head: dense(64); }
        NormAfter(64) -> 64 { init = he_normal; stem: dense(64); repeat(12) { residual { relu -> dense(64) } -> layer_norm; } head: dense(64); }
        EndsInRelu(128) -> 128 { init = he_normal; stem: dense(128) -> relu; repeat(10) { residual { dense(128) -> relu }; } head: dense(128); }
        Projected(64) -> 128 { init = he_normal; stem: dense(64) -> relu; residual(project = true) { dense(128) -> relu -> dense(128) } -> relu; residual(project = true) { dense(64) -> relu -> dense(64) } -> relu; residual(project = true) { dense(128) -> relu -> dense(128) } -> relu; head: dense(128); }
        Nested(64) -> 64 { init = he_normal; stem: dense(64); repeat(8) { residual(scale = 0.5) { relu -> dense(64); residual { relu -> dense(64) }; relu -> dense(64); }; } head: dense(64); }
        DroppedBranch(64) -> 64 { init = he_normal; stem: dense(64); repeat(12) { residual { layer_norm -> relu -> dense(64) -> dropout(0.2) }; } head: dense(64); }
    ]
    "activation after the sum": [
        Post10(128) -> 128 { init = he_normal; stem: dense(128) -> relu; repeat(10) { residual { dense(128) } -> relu; } head: dense(128); }
        Post20(128) -> 128 { init = he_normal; stem: dense(128) -> relu; repeat(20) { residual { dense(128) } -> relu; } head: dense(128); }
        Post50(128) -> 128 { init = he_normal; stem: dense(128) -> relu; repeat(50) { residual { dense(128) } -> relu; } head: dense(128); }
        PostScaled(64) -> 64 { init = lecun_normal; stem: dense(64) -> relu; repeat(48) { residual(scale = 0.14) { dense(64) } -> relu; } head: dense(64); }
        PostTwoLayers(64) -> 64 { init = xavier_normal; stem: dense(64) -> relu; repeat(12) { residual { dense(64) -> relu -> dense(64) } -> relu; } head: dense(64); }
        PostBatchNorm(64) -> 64 { stem: dense(64) -> relu; repeat(48) { residual { dense(64) -> batch_norm } -> relu; } head: dense(64); }
        Resnet(64) -> 64 { init = he_normal; stem: dense(64) -> batch_norm -> relu; repeat(16) { residual { dense(64) -> batch_norm -> relu -> dense(64) -> batch_norm } -> relu; } head: dense(64); }
        ZeroInitResnet(64) -> 64 { init = he_normal; stem: dense(64) -> batch_norm -> relu; repeat(16) { residual { dense(64) -> batch_norm -> relu -> dense(64) -> batch_norm(scale = 0.0) } -> relu; } head: dense(64); }
        PostLayerNorm(64) -> 64 { stem: dense(64) -> relu; repeat(16) { residual { dense(64) -> layer_norm } -> relu; } head: dense(64); }
        PostLeaky(64) -> 64 { stem: dense(64) -> leaky_relu(0.1); repeat(16) { residual { dense(64) -> batch_norm } -> leaky_relu(0.1); } head: dense(64); }
        PostTanh(64) -> 64 { init = xavier_normal; stem: dense(64) -> tanh; repeat(16) { residual { dense(64) } -> tanh; } head: dense(64); }
        PostGelu(64) -> 64 { init = lecun_normal; stem: dense(64) -> gelu; repeat(10) { residual { dense(64) } -> gelu; } head: dense(64); }
    ]
    "long skips": [
        Added(128) -> 128 { init = he_normal; stem: dense(128) -> relu; repeat(6) { dense(128) -> relu; } dense(128) -> add(stem) -> relu; head: dense(128); }
        Joined(64) -> 64 { init = he_normal; stem: dense(64) -> relu; repeat(6) { dense(64) -> relu; } concat(stem) -> dense(64) -> relu; head: dense(64); }
        DenseNet(64) -> 64 {
            init = he_normal;
            stem: dense(32);
            a: batch_norm -> relu -> dense(32) -> concat(stem);
            b: batch_norm -> relu -> dense(32) -> concat(a);
            c: batch_norm -> relu -> dense(32) -> concat(b);
            d: batch_norm -> relu -> dense(32) -> concat(c);
            head: dense(64);
        }
    ]
    "images and sequences": [
        LeNet(1, 16, 16) -> 10 { stem: conv2d(6, kernel = 5, padding = 2) -> relu -> max_pool2d(2); conv2d(16, kernel = 5) -> relu -> max_pool2d(2) -> flatten; dense(120) -> relu -> dense(84) -> relu; head: dense(10); }
        TanhLeNet(1, 16, 16) -> 10 { init = xavier_uniform; stem: conv2d(6, kernel = 5, padding = 2) -> tanh -> avg_pool2d(2); conv2d(16, kernel = 5) -> tanh -> avg_pool2d(2) -> flatten; dense(84) -> tanh; head: dense(10); }
        Convolutions(3, 12, 12) -> 10 { init = he_normal; stem: conv2d(16, kernel = 3, padding = 1) -> relu; repeat(10) { conv2d(16, kernel = 3, padding = 1) -> relu; } global_avg_pool; head: dense(10); }
        Unpadded(3, 16, 16) -> 10 { init = xavier_normal; stem: conv2d(16, kernel = 3) -> tanh; conv2d(24, kernel = 3, stride = 2) -> tanh -> conv2d(32, kernel = 3) -> tanh -> flatten; head: dense(10); }
        Vgg(3, 16, 16) -> 10 { init = he_normal; stem: conv2d(16, kernel = 3, padding = 1) -> batch_norm -> relu; conv2d(16, kernel = 3, padding = 1) -> batch_norm -> relu -> max_pool2d(2); conv2d(32, kernel = 3, padding = 1) -> batch_norm -> relu -> max_pool2d(2); conv2d(32, kernel = 3, padding = 1) -> relu -> max_pool2d(2) -> flatten; dense(64) -> relu; head: dense(10); }
        ResidualImages(3, 8, 8) -> 10 { init = he_normal; stem: conv2d(16, kernel = 3, padding = 1) -> batch_norm -> relu; repeat(4) { residual { conv2d(16, kernel = 3, padding = 1) -> batch_norm -> relu -> conv2d(16, kernel = 3, padding = 1) -> batch_norm } -> relu; } residual(project = true) { conv2d(32, kernel = 3, stride = 2, padding = 1) -> batch_norm -> relu -> conv2d(32, kernel = 3, padding = 1) -> batch_norm } -> relu; global_avg_pool; head: dense(10); }
        Overlapping(3, 13, 13) -> 10 { init = he_normal; stem: conv2d(16, kernel = 3) -> relu -> max_pool2d(3, stride = 2, padding = 1); conv2d(32, kernel = 3) -> relu -> max_pool2d(2) -> flatten; head: dense(10); }
        GeluPool(1, 12, 12) -> 10 { init = he_normal; stem: conv2d(16, kernel = 3, padding = 1) -> gelu -> max_pool2d(2); conv2d(32, kernel = 3) -> max_pool2d(2) -> gelu -> flatten; dense(32) -> gelu; head: dense(10); }
        Enlarged(4, 4, 4) -> 64 { init = he_normal; stem: conv2d(16, kernel = 3, padding = 1) -> relu; upsample(2) -> conv2d(16, kernel = 3, padding = 1) -> relu -> conv_transpose2d(16, kernel = 4, stride = 2, padding = 1) -> relu -> conv2d(8, kernel = 3, stride = 2, padding = 1) -> relu -> flatten; head: dense(64); }
        Depthwise(16, 8, 8) -> 10 { init = he_normal; stem: conv2d(16, kernel = 1) -> relu; repeat(4) { conv2d(16, kernel = 3, padding = 1, depthwise = true) -> conv2d(16, kernel = 1) -> relu; } avg_pool2d(2) -> flatten; head: dense(10); }
        Steps([8; 32]) -> 10 { init = he_normal; stem: conv1d(16, kernel = 5, padding = causal) -> relu; repeat(4) { conv1d(16, kernel = 3, padding = causal, dilation = 2) -> relu; } max_pool1d(2) -> conv1d(16, kernel = 3) -> relu -> avg_pool1d(2) -> mean_over_steps; head: dense(10); }
    ]
}

/// What was predicted for a network, and what its draws did.
struct Measured {
    group: &'static str,
    name: &'static str,
    declaration: String,
    predicted: f64,
    deviation: f64,
    /// Mean over the draws, and their standard deviation.
    decades: f64,
    spread: f64,
    /// Decades of the signal's root mean square at the head: predicted and measured.
    forward: (f64, f64),
}

/// Squares of signals at the first and the last layer.
#[derive(Default)]
struct Squares {
    path: Vec<Name>,
    first: f64,
    last: f64,
    output: f64,
}

impl Probe for Squares {
    fn enter(&mut self, name: Name, _: &'static str) {
        self.path.push(name);
    }
    fn leave(&mut self) {
        self.path.pop();
    }
    fn forward(&mut self, y: Signal<'_>) {
        if matches!(self.path[..], [Name::Field("head")]) {
            self.output = square(y) / (BATCH * y.width) as f64;
        }
    }
    fn backward(&mut self, d_y: Signal<'_>) {
        match self.path[..] {
            [Name::Field("stem")] => self.first = square(d_y),
            [Name::Field("head")] => self.last = square(d_y),
            _ => {}
        }
    }
}

fn square(signal: Signal<'_>) -> f64 {
    match signal.entries {
        Entries::F64(entries) => entries.iter().map(|x| x * x).sum(),
        Entries::F32(_) => panic!("the networks are f64"),
    }
}

/// Draws a network, sends normal inputs forward and normal cotangents back.
fn measure<N: Network<Scalar = f64>>(group: &'static str, body: &str) -> Measured {
    let mut workspace = N::workspace::<BATCH>();
    let mut gradient = N::gradient();
    let mut x = vec![N::Input::zeroed(); BATCH];
    let (mut decades, mut forward) = (Vec::new(), Vec::new());
    for draw in 0..DRAWS {
        let mut network = N::boxed(draw);
        let mut generator = Generator::seed_from_u64(1000 + draw);
        let mut normal = |entries: &mut [f64]| {
            for entry in entries {
                *entry = StandardNormal.sample(&mut generator);
            }
        };
        normal(cast_slice_mut(&mut x));
        let mut squares = Squares::default();
        network.forward_probed(&x, &mut workspace, &mut squares);
        normal(cast_slice_mut(workspace.d_output()));
        network.backward_probed(&x, &mut workspace, &mut gradient, false, &mut squares);
        decades.push(0.5 * (squares.first / squares.last).log10());
        forward.push(0.5 * squares.output.log10());
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let average = mean(&decades);
    let squares: f64 = decades.iter().map(|g| (g - average).powi(2)).sum();
    let last = N::FLOW.layers().last().expect("layers");
    Measured {
        group,
        name: N::NAME,
        declaration: body.split_whitespace().collect::<Vec<_>>().join(" "),
        predicted: N::FLOW.decades.expect("a prediction"),
        deviation: N::FLOW.deviation.expect("known widths"),
        decades: average,
        spread: (squares / (DRAWS - 1) as f64).sqrt(),
        forward: (0.5 * f64::from(last.second_moment).log10(), mean(&forward)),
    }
}

#[test]
fn predictions_hold_for_declared_networks() {
    let all = all();
    let mut table = String::from(
        "| network | predicted | measured | signal, predicted | measured |\n|---|---|---|---|---|\n",
    );
    let mut group = "";
    for network in &all {
        if group != network.group {
            group = network.group;
            let _ = writeln!(table, "| **{group}** | | | | |");
        }
        let _ = writeln!(
            table,
            "| `{}` | {:+.2} ± {:.2} | {:+.2} ± {:.2} | {:+.2} | {:+.2} |",
            network.declaration,
            network.predicted,
            network.deviation,
            network.decades,
            network.spread,
            network.forward.0,
            network.forward.1
        );
    }
    let n = all.len() as f64;
    let error = all
        .iter()
        .map(|m| (m.predicted - m.decades).abs())
        .sum::<f64>()
        / n;
    let forward = all
        .iter()
        .map(|m| (m.forward.0 - m.forward.1).abs())
        .sum::<f64>()
        / n;
    println!(
        "{table}\n{n} networks, {DRAWS} draws each: mean absolute error of the gradient {error:.3} decades, of the signal {forward:.3} decades"
    );
    let outside: Vec<String> = all
        .iter()
        .filter(|m| (m.predicted - m.decades).abs() > 3.0 * m.deviation)
        .map(|m| {
            format!(
                "{}: {} (sd {}), not {}",
                m.name, m.predicted, m.deviation, m.decades
            )
        })
        .collect();
    assert!(all.len() >= 60);
    assert!(outside.is_empty(), "{outside:#?}");
    assert!(error < 0.1, "mean absolute error {error}");
    assert!(forward < 0.1, "mean absolute error of the signal {forward}");
}
