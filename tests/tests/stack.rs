//! Big networks are built, trained, copied, saved and used in a thread with a stack of 1 MiB.

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
