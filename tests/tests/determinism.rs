//! Same seed, same bits: on this machine, on others, on every instruction set that rounds alike.
//!
//! The pinned figures are meant to last. After a deliberate change of a formula or of the order
//! of a sum run `UPDATE_EXPECT=1 cargo test -p network-tests --test determinism`, and say so in
//! the change log: everybody's results change.

use expect_test::{Expect, expect};
use network_core::data::Dataset;
use network_core::kernels::SimdPath;
use network_core::prelude::*;
use network_core::save::to_bytes;
use network_core::train::Trainer;
use network_core::{Name, Parameter, Scalar, Visitor};
use network_tests::paths::{assert_same, on_every_path};
use std::fmt::Write;

/// Every initialiser, each in a layer of its own.
macro_rules! initialisers {
    ($name:ident, $scalar:ident) => {
        network! {
            struct $name(5) -> 4 {
                scalar = $scalar;
                zeros: dense(3, init = zeros);
                constant: dense(3, init = constant(0.1), bias_init = constant(-0.2));
                uniform: dense(4, init = uniform(-0.3, 0.2));
                normal: dense(4, init = normal(0.1, 0.5));
                xavier_uniform: dense(6, init = xavier_uniform);
                xavier_normal: dense(6, init = xavier_normal(gain = 0.5));
                he_uniform: dense(5, init = he_uniform) -> relu;
                he_normal: dense(5, init = he_normal) -> leaky_relu(0.1);
                he_fan_out: dense(7, init = he_normal(fan = fan_out)) -> relu;
                lecun_uniform: dense(4, init = lecun_uniform);
                lecun_normal: dense(4, init = lecun_normal) -> selu;
                orthogonal: dense(6, init = orthogonal);
                orthogonal_narrow: dense(3, init = orthogonal) -> tanh;
                pytorch_default: dense(4, init = pytorch_default, bias_init = pytorch_default);
            }
        }
    };
}

initialisers!(Initialisers, f32);
initialisers!(InitialisersInDouble, f64);

network! {
    /// Everything random and every kind of sum.
    struct Trained(4) -> 3 {
        stem: dense(20) -> batch_norm -> gelu -> dropout(0.2);
        blocks: repeat(3) {
            residual(scale = 0.5) { dense(20) -> layer_norm -> silu -> dropout(0.1) -> dense(20) } -> prelu;
        }
        concat(stem) -> dense(9) -> tanh -> dense(3);
    }
}

network! {
    /// As above, in double precision.
    struct TrainedInDouble(4) -> 3 {
        scalar = f64;
        stem: dense(12) -> batch_norm -> mish -> dropout(0.2);
        residual { dense(12) -> layer_norm -> softplus -> dense(12) };
        dense(3);
    }
}

network! {
    /// Images and sequences: kernels of every shape that moves over something.
    #[gradient_flow(allow)]
    struct Moving(4) -> 3 {
        dense(150) -> tanh -> reshape(6, 5, 5);
        conv2d(9, kernel = 3, padding = 1) -> batch_norm -> relu;
        conv2d(18, kernel = (3, 2), stride = 2, depthwise = true) -> conv2d(12, kernel = 1) -> gelu;
        residual { conv2d(12, kernel = 3, padding = 1, groups = 3) -> tanh } -> avg_pool2d(2, stride = 1, padding = 1);
        conv_transpose2d(5, kernel = 3, stride = 2) -> max_pool2d(2) -> upsample((2, 1));
        reshape([10; 9]) -> conv1d(7, kernel = 3, padding = causal) -> max_pool1d(2, stride = 1);
        lstm(6, bidirectional = true) -> dropout(0.1, per_channel = true) -> gru(17);
        rnn(5) -> mean_over_steps -> dense(3);
    }
}

/// Writes every parameter's first entries, and a checksum of all of its bits.
struct Pinned {
    text: String,
    path: Vec<&'static str>,
}

impl<T: Scalar> Visitor<T> for Pinned {
    fn enter(&mut self, name: Name) {
        self.path.push(match name {
            Name::Field(field) => field,
            Name::Index(_) => "*",
        });
    }
    fn leave(&mut self) {
        self.path.pop();
    }
    fn parameter(&mut self, parameter: Parameter<'_, T>) {
        // In the manner of FNV-1a, over numbers that `f64` holds exactly.
        let checksum = parameter
            .value
            .iter()
            .fold(0xCBF2_9CE4_8422_2325_u64, |sum, value| {
                (sum.rotate_left(29) ^ value.to_f64().to_bits()).wrapping_mul(0x0000_0100_0000_01B3)
            });
        let first: Vec<String> = parameter
            .value
            .iter()
            .take(2)
            .map(ToString::to_string)
            .collect();
        let name = format!("{}.{}", self.path.join("."), parameter.name);
        let _ = writeln!(self.text, "{name} {checksum:016x} {}", first.join(" "));
    }
}

fn pinned<N: Network>(network: &N) -> String {
    let mut pinned = Pinned {
        text: String::new(),
        path: Vec::new(),
    };
    network.visit(&mut pinned);
    pinned.text
}

#[test]
fn initial_parameters_are_pinned() {
    let all = on_every_path(|| pinned(&*Initialisers::boxed(42)));
    assert_same(&all);
    expect![[r"
        zeros.weight 149bbf7383b72b36 0 0
        zeros.bias c439e8c3973f6820 0 0
        constant.weight 219e77d25bb92658 0.1 0.1
        constant.bias 9e7780a940dcd1d0 -0.2 -0.2
        uniform.weight 452be19025befc63 0.107152574 0.0505678
        uniform.bias c754d5f5adcccfc8 0 0
        normal.weight 3c0ccc4b9252599e 0.34739074 -0.53519386
        normal.bias c754d5f5adcccfc8 0 0
        xavier_uniform.weight 664e3cf036c9096f 0.036291745 0.33985996
        xavier_uniform.bias e6b4b07430e49198 0 0
        xavier_normal.weight 964c50ef0df39f9f -0.029975092 0.080138735
        xavier_normal.bias e6b4b07430e49198 0 0
        he_uniform.weight 80cefea06077a10c 0.23047796 0.65907615
        he_uniform.bias b4fb604556a4f0da 0 0
        he_normal.weight e0a526e36e02cd78 0.33234835 0.67043215
        he_normal.bias b4fb604556a4f0da 0 0
        he_fan_out.weight 88a1f3251bd98859 -0.2900422 0.038188998
        he_fan_out.bias b9227ada00a0f9ca 0 0
        lecun_uniform.weight 2a9bc596b115d317 -0.46676934 -0.12260263
        lecun_uniform.bias c754d5f5adcccfc8 0 0
        lecun_normal.weight 77718f26f21800c1 0.41336668 0.88930744
        lecun_normal.bias c754d5f5adcccfc8 0 0
        orthogonal.weight 0f0e70ed2954582f 0.11803795 -0.30842167
        orthogonal.bias e6b4b07430e49198 0 0
        orthogonal_narrow.weight e4d6f43d19b5a917 0.33361778 0.6094973
        orthogonal_narrow.bias c439e8c3973f6820 0 0
        pytorch_default.weight 111a44c4da0e3a62 -0.19741353 -0.053271048
        pytorch_default.bias 6db0c23cabe5f71b 0.26743075 -0.18433733
    "]]
    .assert_eq(&all[0].1);
}

#[test]
fn initial_parameters_in_double_precision_are_pinned() {
    let all = on_every_path(|| pinned(&*InitialisersInDouble::boxed(42)));
    assert_same(&all);
    expect![[r"
        zeros.weight 149bbf7383b72b36 0 0
        zeros.bias c439e8c3973f6820 0 0
        constant.weight 4d665f1ca29d5e47 0.1 0.1
        constant.bias aa89c78e3bf0c631 -0.2 -0.2
        uniform.weight 0be0553519c6cb1d 0.10715257256145494 0.050567799067377794
        uniform.bias c754d5f5adcccfc8 0 0
        normal.weight 715b31c5cc277dd6 0.34739075267746705 -0.5351938550998634
        normal.bias c754d5f5adcccfc8 0 0
        xavier_uniform.weight ca7280d66fd87004 0.036291746136288446 0.3398599644466793
        xavier_uniform.bias e6b4b07430e49198 0 0
        xavier_normal.weight d7615052f71fc027 -0.029975091355479457 0.0801387335947312
        xavier_normal.bias e6b4b07430e49198 0 0
        he_uniform.weight e08b73f996c9eb93 0.23047795258790216 0.6590761641502656
        he_uniform.bias b4fb604556a4f0da 0 0
        he_normal.weight eb4bb7c80fe51606 0.3323483511352686 0.6704321785438004
        he_normal.bias b4fb604556a4f0da 0 0
        he_fan_out.weight 58c3a30879c55ad4 -0.2900421897648851 0.03818899661265881
        he_fan_out.bias b9227ada00a0f9ca 0 0
        lecun_uniform.weight f790148d67d09db6 -0.4667693479802984 -0.12260262836224312
        lecun_uniform.bias c754d5f5adcccfc8 0 0
        lecun_normal.weight 67c165fc89dc4ae8 0.4133666785000774 0.8893074473773355
        lecun_normal.bias c754d5f5adcccfc8 0 0
        orthogonal.weight dd0a7d8d476ac36d 0.11803795219107283 -0.30842167042790614
        orthogonal.bias e6b4b07430e49198 0 0
        orthogonal_narrow.weight d57e33c645ce70ec 0.3336177549664656 0.6094972735819162
        orthogonal_narrow.bias c439e8c3973f6820 0 0
        pytorch_default.weight 08fd482587748de0 -0.19741353717403723 -0.05327104613120961
        pytorch_default.bias 9d266bd29bf16008 0.2674307455925312 -0.18433733692727508
    "]]
    .assert_eq(&all[0].1);
}

#[test]
fn single_precision_starts_with_the_rounded_numbers_of_double_precision() {
    let (single, double) = (Initialisers::boxed(9), InitialisersInDouble::boxed(9));
    let rounded = |value: &f64| *value as f32;
    assert_eq!(
        single.uniform.weight,
        double.uniform.weight.map(|value| rounded(&value))
    );
    assert_eq!(
        single.he_normal.weight,
        double.he_normal.weight.map(|value| rounded(&value))
    );
    // What comes last has seen as many random numbers.
    assert_eq!(
        single.pytorch_default.bias,
        double.pytorch_default.bias.map(|value| rounded(&value))
    );
}

fn data<T: Scalar>() -> Dataset<SVector<T, 4>, usize> {
    // Three classes along a curve; plain arithmetic, so that it is the same everywhere.
    let data = Dataset::from_pairs((0..150_u32).map(|sample| {
        let x = SVector::from_fn(|feature, _| {
            let mixed = (sample * 37 + feature as u32 * 101 + sample * sample * 7) % 1000;
            T::from_f64(f64::from(mixed) / 500.0 - 1.0)
        });
        (
            x,
            usize::from(x[0] + x[1] > x[2]) + usize::from(x[3] > T::ZERO),
        )
    }));
    data.expect("finite samples")
}

/// Losses of every epoch, and all parameters afterwards.
fn train<T, N>(network_seed: u64, training_seed: u64) -> (Vec<f64>, Vec<u8>)
where
    T: Scalar,
    N: Network<Scalar = T, Input = SVector<T, 4>, Output = SVector<T, 3>>,
{
    let mut data = data::<T>();
    data.shuffle(training_seed);
    let (train, test) = data
        .split_stratified(0.8, training_seed)
        .expect("enough samples");
    let mut network = N::boxed(network_seed);
    let loss = CrossEntropy::with_label_smoothing(0.1);
    let history = Trainer::<_, _, _, 16>::new(loss, AdamW::new(3e-3))
        .epochs(4)
        .seed(training_seed)
        .schedule(CosineDecay::new(3e-3, 35).warm_up(5))
        .clip(network_core::train::Clip::Norm(1.0))
        .accumulate(2)
        .progress(false)
        .fit(&mut *network, &train, Some(&test))
        .expect("finite training");
    let losses = history
        .epochs()
        .iter()
        .flat_map(|epoch| [Some(epoch.train_loss), epoch.validation_loss]);
    (
        losses.flatten().collect(),
        to_bytes(&*network).expect("parameters"),
    )
}

#[test]
fn two_runs_agree_in_every_bit() {
    let run = || {
        (
            train::<f32, Trained>(1, 2),
            train::<f64, TrainedInDouble>(1, 2),
            train::<f32, Moving>(1, 2),
        )
    };
    assert_eq!(on_every_path(run), on_every_path(run));
}

#[test]
fn other_seeds_give_other_results() {
    on_every_path(|| {
        let (losses, parameters) = train::<f32, Trained>(1, 2);
        for (network_seed, training_seed) in [(2, 2), (1, 3)] {
            let other = train::<f32, Trained>(network_seed, training_seed);
            assert_ne!(losses, other.0);
            assert_ne!(parameters, other.1);
        }
    });
}

/// Compares the losses of a run with what is pinned for the paths that round a product and a sum
/// once, and for those that round twice.
fn assert_losses(run: impl Fn() -> Vec<f64>, rounded_once: &Expect, rounded_twice: &Expect) {
    let text = |losses: Vec<f64>| -> String {
        losses.iter().fold(String::new(), |mut text, loss| {
            let _ = writeln!(text, "{:016x} {loss:.9}", loss.to_bits());
            text
        })
    };
    let all = on_every_path(|| text(run()));
    let (once, twice): (Vec<_>, Vec<_>) = all.into_iter().partition(|(path, _)| path.is_fused());
    for (results, expected) in [(once, rounded_once), (twice, rounded_twice)] {
        assert_same(&results);
        // On some machines every path rounds once.
        if let Some((_, text)) = results.first() {
            expected.assert_eq(text);
        }
    }
}

#[test]
fn losses_in_single_precision_are_pinned() {
    assert_losses(
        || train::<f32, Trained>(1, 2).0,
        &expect![[r#"
            3ff2471ce6666666 1.142361546
            3feb8f82a8888889 0.861268357
            3fed8989f7777777 0.923039420
            3fe7f104e6666666 0.748171282
            3fe76e111999999a 0.732185888
            3fe526c626666666 0.660983157
            3fe5249571111111 0.660715791
            3fe21e10e2222222 0.566170160
        "#]],
        &expect![[r#"
            3ff2471ce6666666 1.142361546
            3feb8e8842222222 0.861148957
            3fed898a11111111 0.923039468
            3fe7ecefa2222222 0.747672860
            3fe76e1126666666 0.732185912
            3fe5251a22222222 0.660779063
            3fe5249585555555 0.660715828
            3fe21bfa2ccccccd 0.565915191
        "#]],
    );
}

#[test]
fn losses_in_double_precision_are_pinned() {
    assert_losses(
        || train::<f64, TrainedInDouble>(1, 2).0,
        &expect![[r#"
            4002ddf2de3d1053 2.358373390
            4000ad34a588ae87 2.084573072
            3fffd9d690645fee 1.990683140
            3ff891b0091a556f 1.535568271
            3ff800de18124bdb 1.500211805
            3ff25985f4bf6de4 1.146856266
            3ff2b1a4831a7ce4 1.168369782
            3fef49cde27d607a 0.977759306
        "#]],
        &expect![[r#"
            4002ddf2de3d1053 2.358373390
            4000ad34a58871a3 2.084573072
            3fffd9d690645ff0 1.990683140
            3ff891b00919c4d1 1.535568271
            3ff800de18124bd9 1.500211805
            3ff25985f4bed049 1.146856266
            3ff2b1a4831a7ce4 1.168369782
            3fef49cde27c8d1a 0.977759306
        "#]],
    );
}

#[test]
fn losses_of_images_and_sequences_are_pinned() {
    assert_losses(
        || train::<f32, Moving>(1, 2).0,
        &expect![[r#"
            3ff10a227bbbbbbc 1.064974292
            3ff0ab851999999a 1.041874981
            3feee55c60000000 0.965498149
            3fed68c7c8888889 0.919040577
            3febecdc5dddddde 0.872663673
            3feb827675555555 0.859675626
            3feab1e65dddddde 0.834216293
            3feb314bddddddde 0.849767621
        "#]],
        &expect![[r#"
            3ff10a227dddddde 1.064974300
            3ff0ab8751111111 1.041877095
            3feee55c64444444 0.965498157
            3fed691a08888889 0.919079796
            3febecdc62222222 0.872663681
            3feb8292a2222222 0.859689061
            3feab1e660000000 0.834216297
            3feb31517bbbbbbc 0.849770300
        "#]],
    );
}

#[test]
fn an_answer_does_not_depend_on_the_samples_around() {
    answers_alone_and_together::<Trained>();
    answers_alone_and_together::<Moving>();
}

fn answers_alone_and_together<N>()
where
    N: Network<Scalar = f32, Input = SVector<f32, 4>, Output = SVector<f32, 3>>,
{
    let mut network = N::boxed(5);
    let x: Vec<_> = data::<f32>().inputs().to_vec();
    // Statistics that are not those of the start.
    Network::forward(&mut *network, &x[..64], &mut N::workspace::<64>());
    on_every_path(|| {
        let alone: Vec<_> = x.iter().map(|x| network.predict(x)).collect();
        for size in [2, 3, 7, 64, 150] {
            for (x, alone) in x.chunks(size).zip(alone.chunks(size)) {
                let mut y = vec![SVector::zeros(); x.len()];
                Network::infer(&*network, x, &mut y);
                assert_eq!(y, alone, "{}, {size} at a time", SimdPath::detect());
            }
        }
    });
}

#[test]
fn shuffling_and_splitting_are_pinned() {
    let mut data = data::<f64>();
    data.shuffle(7);
    let (train, test) = data.split_stratified(0.9, 7).expect("enough samples");
    let text = format!("{:?}\n{:?}\n", &train.origin()[..20], test.origin());
    expect![[r"
        [51, 62, 77, 23, 20, 100, 108, 78, 31, 146, 3, 13, 147, 113, 81, 73, 8, 85, 117, 126]
        [90, 139, 30, 36, 70, 80, 15, 116, 61, 29, 10, 99, 42, 37, 7]
    "]]
    .assert_eq(&text);
}
