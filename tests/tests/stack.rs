//! Big networks are built, trained, copied, saved and used in a thread with a stack of 1 MiB;
//! a training step and an inference need less than 64 KiB, whatever the network.

use network_core::data::Dataset;
use network_core::prelude::*;
use network_core::save::{from_bytes, to_bytes};
use network_core::train::Trainer;

network! {
    /// 5.8 million parameters: 23 MB.
    #[derive(Clone, Copy, Debug)]
    pub struct Wide(784) -> 10 {
        dense(2048) -> relu;
        dense(2048) -> relu;
        dense(10);
    }
}

network! {
    /// 201 weight layers, 3.4 MB.
    #[derive(Clone, Copy, Debug)]
    pub struct Deep(64) -> 10 {
        stem: dense(64) -> batch_norm -> relu;
        blocks: repeat(100) {
            residual { dense(64) -> batch_norm -> relu -> dense(64) -> batch_norm(scale = 0.0) } -> relu;
        }
        head: dense(10);
    }
}

network! {
    /// Layers of the largest width that is promised.
    #[derive(Clone, Copy, Debug)]
    pub struct Widest(3) -> 2 {
        scalar = f64;
        dense(16384, bias = false) -> batch_norm -> gelu -> dropout(0.1) -> layer_norm;
        residual { dense(4) -> dense(16384) -> prelu };
        concat(input) -> dense(2);
    }
}

/// Runs `task` in a thread with a stack of 1 MiB.
fn on_a_small_stack(task: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(task);
    thread.expect("a thread").join().expect("no panic");
}

/// A few samples with classes.
fn samples<const N: usize>(classes: usize) -> Dataset<SVector<f32, N>, usize> {
    Dataset::from_pairs((0..3).map(|sample| {
        let x = SVector::from_fn(|feature, _| ((sample * 7 + feature) as f32).sin());
        (x, sample % classes)
    }))
    .expect("finite samples")
}

#[test]
fn a_wide_network_is_built_and_trained() {
    on_a_small_stack(|| {
        let data = samples::<784>(10);
        let (x, classes) = (data.inputs(), data.targets());
        let mut net = Wide::boxed(1);
        let mut workspace = Wide::workspace::<4>();
        let mut gradient = Wide::gradient();
        let mut adam = Adam::new(1e-3).for_network::<Wide>();
        net.forward(x, &mut workspace);
        let before = workspace.loss(&CrossEntropy::default(), classes).unwrap();
        net.backward(x, &mut workspace, &mut gradient);
        clip_by_norm::<Wide>(&mut gradient, 1.0).unwrap();
        adam.step(&mut *net, &gradient);
        net.forward(x, &mut workspace);
        let after = workspace.loss(&CrossEntropy::default(), classes).unwrap();
        assert!(
            after < before,
            "one step brings the loss from {before} to {after}"
        );

        let mut y = vec![SVector::zeros(); x.len()];
        net.infer(x, &mut y);
        assert_eq!(workspace.output(), &y[..]);
        assert_eq!(net.predict(&x[2]), y[2]);
    });
}

#[test]
fn a_deep_network_is_trained_copied_and_saved() {
    on_a_small_stack(|| {
        let data = samples::<64>(10);
        let mut net = Deep::boxed(1);
        let history = Trainer::<_, _, _, 4>::new(CrossEntropy::default(), Sgd::new(0.01))
            .epochs(2)
            .progress(false)
            .fit(&mut *net, &data, Some(&data))
            .unwrap();
        assert!(history.epochs()[1].train_loss < history.epochs()[0].train_loss);

        let bytes = to_bytes(&*net).unwrap();
        let mut loaded = Deep::boxed(2);
        from_bytes(&mut *loaded, &bytes).unwrap();
        let copy = net.clone();
        for x in data.inputs() {
            assert_eq!(loaded.predict(x), net.predict(x));
            assert_eq!(copy.predict(x), net.predict(x));
        }
    });
}

#[test]
fn the_widest_layers_are_trained() {
    on_a_small_stack(|| {
        let x = [
            SVector::from([0.5, -1.0, 2.0]),
            SVector::from([1.5, 0.0, -1.0]),
        ];
        let target = [SVector::from([1.0, 0.0]), SVector::from([0.0, 1.0])];
        let mut net = Widest::boxed(1);
        let mut workspace = Widest::workspace::<2>();
        let mut gradient = Widest::gradient();
        let mut adam_w = AdamW::new(1e-3).for_network::<Widest>();
        net.forward(&x, &mut workspace);
        workspace.loss(&Mse::default(), &target).unwrap();
        net.backward(&x, &mut workspace, &mut gradient);
        clip_by_value::<Widest>(&mut gradient, 0.1).unwrap();
        adam_w.step(&mut *net, &gradient);

        let mut y = [SVector::zeros(); 2];
        net.infer(&x, &mut y);
        assert_eq!(net.predict(&x[1]), y[1]);
        let copy = net.clone();
        assert_eq!(copy.predict(&x[0]), y[0]);
    });
}

/// Declares networks whose training steps and inferences run in threads of 64 KiB.
macro_rules! little_stack {
    ($($test:ident: $scalar:ident $input:tt -> $output:literal $body:tt)+) => {$(
        #[test]
        fn $test() {
            little_stack!(@network $scalar $input -> $output $body);
            steps_and_infers_in_64_kib::<$scalar, Network, $output>();
        }
    )+};
    (@network $scalar:ident $input:tt -> $output:literal { $($statements:tt)* }) => {
        network! {
            #[gradient_flow(allow)]
            struct Network $input -> $output { scalar = $scalar; $($statements)* }
        }
    };
}

little_stack! {
    dense_layers_need_little_stack: f32 (8) -> 4 { dense(64) -> tanh -> dense(64) -> tanh -> dense(4); }
    wide_layers_need_little_stack: f32 (784) -> 10 { dense(2048) -> relu -> dense(2048) -> prelu -> dense(10); }
    just_as_wide_as_fits_needs_little_stack: f64 (30) -> 3 { dense(2000) -> gelu -> dense(2048) -> tanh -> dense(3); }
    many_classes_need_little_stack: f64 (64) -> 1000 { dense(40) -> mish -> dense(1000); }
    norms_need_little_stack: f32 (64) -> 10 {
        dense(64) -> batch_norm -> relu;
        repeat(20) {
            residual { dense(64) -> batch_norm -> relu -> dense(64) -> layer_norm -> dropout(0.1) } -> relu;
        }
        dense(10);
    }
    long_skips_need_little_stack: f32 (6) -> 3 {
        a: dense(70) -> tanh;
        b: dense(50) -> sigmoid -> concat(a, input);
        residual(scale = 0.5, project = true) { dense(70) -> mish };
        add(a) -> dense(3) -> softmax;
    }
    images_need_little_stack: f32 (1, 28, 28) -> 10 {
        conv2d(6, kernel = 5, padding = 2) -> relu -> max_pool2d(2);
        conv2d(16, kernel = 5) -> relu -> max_pool2d(2);
        flatten -> dense(120) -> relu -> dense(10);
    }
    big_images_need_little_stack: f64 (3, 64, 64) -> 10 {
        conv2d(32, kernel = 3, padding = 1) -> relu -> max_pool2d(4);
        conv2d(64, kernel = 3) -> relu -> avg_pool2d(2);
        flatten -> dense(10);
    }
    sequences_need_little_stack: f32 ([8; 30]) -> 3 { lstm(64) -> gru(40) -> last -> dense(3); }
}

/// One step with each kind of loss, and inferences of one and of many samples, where a
/// stack overflow would end the test.
fn steps_and_infers_in_64_kib<T, N, const OUTPUT: usize>()
where
    T: network_core::Scalar,
    N: Network<Scalar = T, Output = SVector<T, OUTPUT>>,
    N::Gradient: Send,
    Workspace<N, 48>: Send,
{
    let mut x = vec![<N::Input as network_core::bytemuck::Zeroable>::zeroed(); 48];
    for (index, x) in network_core::bytemuck::cast_slice_mut::<_, T>(&mut x)
        .iter_mut()
        .enumerate()
    {
        *x = T::from_f64((index as f64).sin());
    }
    let classes: Vec<usize> = (0..x.len()).map(|sample| sample % OUTPUT).collect();
    let target = vec![SVector::<T, OUTPUT>::repeat(T::from_f64(0.5)); x.len()];
    let mut y = target.clone();
    let mut net = N::boxed(1);
    let mut workspace = N::workspace::<48>();
    let mut gradient = <N as Network>::gradient();
    let mut adam = Adam::new(1e-3).for_network::<N>();
    // Found before, since looking for it is no part of a step.
    let _ = network_core::kernels::simd_path();
    // Of the 64 KiB, the thread itself takes a few.
    let thread = std::thread::Builder::new().stack_size(64 * 1024);
    std::thread::scope(|scope| {
        let (x, y) = (&x[..], &mut y[..]);
        let task = move || {
            Network::forward(&mut *net, x, &mut workspace);
            let mut loss = workspace.loss(&CrossEntropy::default(), &classes).unwrap();
            Network::backward(&*net, x, &mut workspace, &mut gradient);
            loss += workspace.loss(&Mse::default(), &target).unwrap();
            net.backward_accumulate(x, &mut workspace, &mut gradient);
            clip_by_norm::<N>(&mut gradient, 1.0).unwrap();
            adam.step(&mut net, &gradient);
            Network::infer(&*net, x, y);
            y[0] = net.predict(&x[0]);
            loss.is_finite()
        };
        assert!(thread.spawn_scoped(scope, task).unwrap().join().unwrap());
    });
}
