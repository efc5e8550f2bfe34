//! Training gives the same bits on every instruction set that rounds alike, and on any number
//! of threads, whatever a network is made of and however it is trained.

use network_core::prelude::*;
use network_core::{ParallelWorkspace, Real, Sample, Scalar, gradient};
use network_tests::paths::{assert_same, on_every_path};

/// Declares a network in both precisions and compares its training.
macro_rules! same_bits {
    ($check:ident: $($test:ident: $input:tt -> $output:literal { $($statements:tt)* })+) => {$(
        #[test]
        fn $test() {
            mod single {
                network_core::network! {
                    #[gradient_flow(allow)]
                    pub(super) struct Net $input -> $output { $($statements)* }
                }
            }
            mod double {
                network_core::network! {
                    #[gradient_flow(allow)]
                    pub(super) struct Net $input -> $output { scalar = f64; $($statements)* }
                }
            }
            $check::<f32, single::Net, $output>();
            $check::<f64, double::Net, $output>();
        }
    )+};
}

same_bits! { on_paths:
    // Batch norm couples the samples of a batch: its batches are never split over threads.
    dense_and_batch_norm: (7) -> 3 {
        dense(33) -> batch_norm -> gelu -> dense(20) -> batch_norm -> tanh;
        repeat(3) { residual(scale = 0.5) { dense(20) -> batch_norm -> mish -> dense(20) } -> softplus; }
        dense(3);
    }
}

same_bits! { on_paths_and_threads:
    dense_and_layer_norm: (70) -> 5 {
        a: dense(65) -> layer_norm -> silu -> dropout(0.2);
        residual(project = true) { dense(40) -> selu -> dense(17) } -> concat(a);
        dense(65) -> sigmoid -> multiply(a) -> prelu -> dense(5);
    }
    recurrent: ([3; 12]) -> 4 {
        conv1d(9, kernel = 3, padding = causal) -> relu -> max_pool1d(2);
        lstm(18, bidirectional = true) -> layer_norm -> gru(21) -> dense(7) -> elu;
        rnn(10, truncate = 3) -> last -> dense(4);
    }
}

fn inputs<N: Network>(count: usize) -> Vec<N::Input> {
    let mut x = vec![<N::Input as network_core::bytemuck::Zeroable>::zeroed(); count];
    for (index, x) in x.iter_mut().flat_map(Sample::as_mut_slice).enumerate() {
        *x = N::Scalar::from_f64((index as f64 * 0.7).sin());
    }
    x
}

/// Losses, gradients, parameters and outputs of some steps with every loss and optimizer.
fn train<T, N, const OUTPUT: usize>() -> Vec<f64>
where
    T: Scalar,
    N: Network<Scalar = T, Output = SVector<T, OUTPUT>>,
{
    let x = inputs::<N>(37);
    let classes: Vec<usize> = (0..x.len()).map(|sample| sample % OUTPUT).collect();
    let target: Vec<N::Output> = (0..x.len())
        .map(|sample| SVector::from_fn(|row, _| T::from_f64(((sample + row) % 3) as f64 * 0.5)))
        .collect();
    let mut net = N::boxed(3);
    let mut workspace = N::workspace::<16>();
    let mut gradient = <N as Network>::gradient();
    let mut sgd = Sgd::with_momentum(1e-2, 0.9).for_network::<N>();
    let mut rms_prop = RmsProp::new(1e-3).for_network::<N>();
    let mut adam = Adam::new(1e-3).for_network::<N>();
    let mut adam_w = AdamW::new(1e-3).for_network::<N>();
    let mut results = Vec::new();
    let batches = x.chunks(16).zip(classes.chunks(16)).zip(target.chunks(16));
    for ((x, classes), target) in batches {
        let mut d_x = x.to_vec();
        for kind in 0..5 {
            Network::forward(&mut *net, x, &mut workspace);
            let loss = match kind {
                0 => workspace.loss(&CrossEntropy::default(), classes),
                1 => workspace.loss(&BinaryCrossEntropy::default(), target),
                2 => workspace.loss(&Huber::new(0.5), target),
                3 => workspace.loss(&Mae::default(), target),
                _ => workspace.loss(&Mse::default(), target),
            };
            results.push(loss.unwrap().to_f64());
            workspace.backward(&net, x, Some(&mut d_x), &mut gradient, kind > 0);
            results.extend(d_x[0].as_slice().iter().map(|d| d.to_f64()));
        }
        results.push(clip_by_norm::<N>(&mut gradient, 1.0).unwrap().to_f64());
        results.extend(gradient::entries::<N>(&gradient).iter().map(|g| g.to_f64()));
        sgd.step(&mut net, &gradient);
        rms_prop.step(&mut net, &gradient);
        adam.step(&mut net, &gradient);
        adam_w.step(&mut net, &gradient);
    }
    results.extend(parameters(&*net));
    results
}

fn parameters<N: Network>(net: &N) -> Vec<f64> {
    struct All(Vec<f64>);
    impl<T: Scalar> network_core::Visitor<T> for All {
        fn parameter(&mut self, parameter: network_core::Parameter<'_, T>) {
            self.0.extend(parameter.value.iter().map(|v| v.to_f64()));
        }
    }
    let mut all = All(Vec::new());
    net.visit(&mut all);
    all.0
}

/// Compares the paths that round once, and those that round twice, among themselves.
fn compare(results: Vec<(network_core::kernels::SimdPath, Vec<f64>)>) {
    for (_, numbers) in &results {
        assert!(numbers.iter().all(|number| number.is_finite()));
    }
    let (once, twice): (Vec<_>, Vec<_>) =
        results.into_iter().partition(|(path, _)| path.is_fused());
    assert_same(&once);
    assert_same(&twice);
}

fn on_paths<T, N, const OUTPUT: usize>()
where
    T: Scalar,
    N: Network<Scalar = T, Output = SVector<T, OUTPUT>>,
{
    compare(on_every_path(train::<T, N, OUTPUT>));
}

/// As [`on_paths`], and with batches that are split over one to three threads.
fn on_paths_and_threads<T, N, const OUTPUT: usize>()
where
    T: Scalar,
    N: Network<Scalar = T, Output = SVector<T, OUTPUT>>,
    N::Gradient: Send,
    N::Cache<16>: Send,
    N::Scratch: Send,
{
    on_paths::<T, N, OUTPUT>();
    let split = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(split::<T, N, OUTPUT>)
    };
    let on_threads = on_every_path(|| {
        let one = split(1);
        for threads in 2..=3 {
            // Which entry differs says more than all of them.
            let other = split(threads);
            let first = one.iter().zip(&other).position(|(one, other)| one != other);
            assert_eq!(first, None, "one thread and {threads}");
        }
        one
    });
    compare(on_threads);
}

/// Steps and inferences that are worth several threads.
fn split<T, N, const OUTPUT: usize>() -> Vec<f64>
where
    T: Scalar,
    N: Network<Scalar = T, Output = SVector<T, OUTPUT>>,
    N::Gradient: Send,
    N::Cache<16>: Send,
    N::Scratch: Send,
{
    /// Below so many multiply-adds one thread does all.
    const WORTH: usize = 2_000_000;
    let count = WORTH / N::INFER_MULTIPLY_ADDS + 5;
    let x = inputs::<N>(count);
    let classes: Vec<usize> = (0..count).map(|sample| sample % OUTPUT).collect();
    let mut net = N::boxed(3);
    let mut workspace = ParallelWorkspace::<N, 16>::new(count);
    let mut gradient = <N as Network>::gradient();
    let mut adam = Adam::new(1e-3).for_network::<N>();
    let mut results = Vec::new();
    for _ in 0..2 {
        let loss = CrossEntropy::default();
        let loss = workspace.step(&mut *net, &loss, &x, &classes, &mut gradient);
        results.push(loss.unwrap().to_f64());
        adam.step(&mut net, &gradient);
    }
    results.extend(parameters(&*net));
    let mut y = vec![<N::Output as network_core::bytemuck::Zeroable>::zeroed(); count];
    Network::infer(&*net, &x, &mut y);
    results.extend(y.iter().flat_map(|y| y.iter().map(|y| y.to_f64())));
    results
}
