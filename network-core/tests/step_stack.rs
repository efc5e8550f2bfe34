//! A training step and an inference need less than 64 KiB of stack, whatever the network.
//!
//! ```sh
//! cargo test --release -p network-core --test step_stack -- --nocapture --test-threads 1
//! ```
//!
//! prints how much each part of a step takes.
#![cfg(target_os = "linux")]

use network_core::kernels::SimdPath;
use network_core::prelude::*;
use network_core::{Real, Sample, Scalar, bytemuck};
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// What a step may take, of a thread that runs it.
const LIMIT: usize = 64 * 1024;

/// Calls `task` with a frame of its own.
#[inline(never)]
fn below(task: impl FnOnce()) {
    task();
    std::hint::black_box(());
}

/// How many bytes of stack `task` takes, in whole pages.
///
/// The kernel says which pages of a new thread's stack have been touched; the compiler lets
/// every function touch all pages of its frame.
fn stack_of(task: impl FnOnce() + Send) -> usize {
    const PAGE: usize = 4096;
    // Used stacks are given again to threads that ask for no more: each asks for more.
    static ASKED: AtomicUsize = AtomicUsize::new(2 << 20);
    let size = ASKED.fetch_add(16 * PAGE, Ordering::Relaxed);
    let measured = move || {
        let here = 0_u8;
        let top = (&raw const here).addr();
        let lowest = || {
            // One number for each page; the highest bits say whether it is in memory.
            let pagemap = std::fs::File::open("/proc/self/pagemap").expect("the page map");
            let pages = top / PAGE - (top - size + 16 * PAGE) / PAGE;
            let mut entries = vec![0_u8; 8 * (pages + 1)];
            pagemap
                .read_exact_at(&mut entries, 8 * (top / PAGE - pages) as u64)
                .expect("a readable page map");
            let untouched = entries.chunks(8).take_while(|entry| entry[7] >> 6 == 0);
            top.saturating_sub((top / PAGE - pages + untouched.count()) * PAGE)
        };
        let before = lowest();
        assert!(before <= 4 * PAGE, "a new stack has {before} bytes in use");
        below(task);
        lowest()
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(size);
        let thread = thread.spawn_scoped(scope, measured).expect("a thread");
        thread.join().expect("no panic")
    })
}

/// Measures tasks, prints them in one line, and asserts the limit.
macro_rules! assert_little_stack {
    ($name:expr, $($part:literal: $task:expr;)+) => {
        let parts = [$(($part, stack_of(|| { $task; }))),+];
        let text: Vec<String> = parts
            .iter()
            .map(|(part, bytes)| format!("{part} {:.1}", *bytes as f64 / 1024.0))
            .collect();
        println!("{}: {} KiB", $name, text.join(", "));
        for (part, bytes) in parts {
            assert!(bytes <= LIMIT, "{}: {part} takes {bytes} bytes of stack", $name);
        }
    };
}

/// Declares networks and tests them.
macro_rules! little_stack {
    ($($test:ident: $scalar:ident $input:tt -> $output:literal $body:tt)+) => {$(
        #[test]
        fn $test() {
            little_stack!(@network $scalar $input -> $output $body);
            assert_step::<$scalar, Net, $output>(stringify!($test));
        }
    )+};
    (@network $scalar:ident $input:tt -> $output:literal { $($statements:tt)* }) => {
        network! {
            #[gradient_flow(allow)]
            struct Net $input -> $output { scalar = $scalar; $($statements)* }
        }
    };
}

little_stack! {
    small: f32 (8) -> 4 { dense(64) -> tanh -> dense(64) -> tanh -> dense(4); }
    // Scratch memory of one sample just fits on the stack.
    just_below_the_heap: f64 (30) -> 3 { dense(2000) -> gelu -> dense(2048) -> tanh -> dense(3); }
    // Layers of the largest width that is promised.
    widest: f64 (3) -> 2 {
        dense(16384, bias = false) -> batch_norm -> gelu -> dropout(0.1) -> layer_norm;
        residual { dense(4) -> dense(16384) -> prelu };
        concat(input) -> dense(2);
    }
    residual_100: f32 (64) -> 10 {
        dense(64) -> batch_norm -> relu;
        repeat(100) {
            residual { dense(64) -> batch_norm -> relu -> dense(64) -> layer_norm -> dropout(0.1) } -> relu;
        }
        dense(10);
    }
    lenet: f32 (1, 28, 28) -> 10 {
        conv2d(6, kernel = 5, padding = 2) -> relu -> max_pool2d(2);
        conv2d(16, kernel = 5) -> relu -> max_pool2d(2);
        flatten -> dense(120) -> relu -> dense(10);
    }
    big_images: f64 (3, 64, 64) -> 10 {
        conv2d(32, kernel = 3, padding = 1) -> relu -> max_pool2d(4);
        conv2d(64, kernel = 3) -> relu -> avg_pool2d(2);
        conv_transpose2d(16, kernel = 2, stride = 2) -> global_avg_pool -> dense(10);
    }
    sequences: f32 ([8; 30]) -> 3 {
        conv1d(16, kernel = 3, padding = causal) -> relu;
        lstm(64, bidirectional = true) -> gru(40) -> rnn(300) -> last -> dense(3);
    }
}

/// Runs `task` on every instruction set of this machine; the path is one for the whole process.
fn on_every_path(mut task: impl FnMut()) {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    // The library's multiply-add is slow, and its code is that of the portable path.
    let quick = |path: &SimdPath| path.to_string() != "portable with FMA";
    for path in SimdPath::available().filter(quick) {
        SimdPath::force(Some(path));
        task();
    }
    SimdPath::force(None);
}

fn inputs<N: Network>(count: usize) -> Vec<N::Input> {
    let mut x = vec![<N::Input as bytemuck::Zeroable>::zeroed(); count];
    for (index, x) in x.iter_mut().flat_map(Sample::as_mut_slice).enumerate() {
        *x = N::Scalar::from_f64((index as f64).sin());
    }
    x
}

/// A step with every loss and optimizer, and inferences of one and of many samples.
fn assert_step<T, N, const OUTPUT: usize>(name: &str)
where
    T: Scalar,
    N: Network<Scalar = T, Output = SVector<T, OUTPUT>>,
    N::Gradient: Send + Sync,
    Workspace<N, 16>: Send + Sync,
{
    let x = &inputs::<N>(16)[..];
    let classes: Vec<usize> = (0..x.len()).map(|sample| sample % OUTPUT).collect();
    let target = vec![SVector::<T, OUTPUT>::repeat(T::from_f64(0.5)); x.len()];
    let mut y = target.clone();
    let mut net = N::boxed(1);
    let mut workspace = N::workspace::<16>();
    let mut gradient = <N as Network>::gradient();
    let mut sgd = Sgd::new(1e-3).for_network::<N>();
    let mut rms_prop = RmsProp::new(1e-3).for_network::<N>();
    let mut adam = Adam::new(1e-3).for_network::<N>();
    let mut adam_w = AdamW::new(1e-3).for_network::<N>();
    on_every_path(|| {
        // A full chunk and part of another: with more, other threads would help.
        let alone = x.len().min(2 * N::CHUNK - 1);
        assert_little_stack! { format!("{name}, {}", SimdPath::detect()),
            "forward": Network::forward(&mut *net, x, &mut workspace);
            "loss": {
                workspace.loss(&CrossEntropy::default(), &classes).unwrap();
                workspace.loss(&BinaryCrossEntropy::default(), &target).unwrap();
                workspace.loss(&Huber::new(0.5), &target).unwrap();
                workspace.loss(&Mae::default(), &target).unwrap();
                workspace.loss(&Mse::default(), &target).unwrap();
            };
            "backward": {
                Network::backward(&*net, x, &mut workspace, &mut gradient);
                net.backward_accumulate(x, &mut workspace, &mut gradient);
            };
            "clip": {
                clip_by_value::<N>(&mut gradient, 0.5).unwrap();
                clip_by_norm::<N>(&mut gradient, 1.0).unwrap();
            };
            "optimizers": {
                sgd.step(&mut net, &gradient);
                rms_prop.step(&mut net, &gradient);
                adam.step(&mut net, &gradient);
                adam_w.step(&mut net, &gradient);
            };
            "infer": Network::infer(&*net, &x[..alone], &mut y[..alone]);
            "predict": y[0] = net.predict(&x[0]);
        }
    });
    assert!(y[0].iter().all(|y| y.to_f64().is_finite()));
}

network! {
    #[gradient_flow(allow)]
    struct Stream([3; 4000]) -> [2; 4000] {
        conv1d(32, kernel = 3, padding = causal) -> relu;
        repeat(3) { lstm(32) -> layer_norm; }
        lstm(500) -> dense(2000) -> tanh;
        dense(2000) -> tanh;
        dense(2000) -> tanh;
        dense(2000) -> tanh;
        gru(300) -> dense(2);
    }
}

#[test]
fn stream() {
    let net = Stream::boxed(1);
    let mut state = Stream::state();
    let x = SVector::repeat(0.5);
    let mut y = SVector::zeros();
    on_every_path(|| {
        let name = format!("stream, {}", SimdPath::detect());
        assert_little_stack! { name, "step": y = net.step(&x, &mut state); }
    });
    assert!(y.iter().all(|y| *y != 0.0));
}

#[test]
#[allow(clippy::large_stack_arrays, reason = "it is what is measured")]
fn what_is_measured_is_what_is_taken() {
    let small = stack_of(|| {});
    let big = stack_of(|| {
        std::hint::black_box([1_u8; 100 * 1024]);
    });
    assert!(small <= 16 * 1024, "{small}");
    let taken = big - small;
    assert!((92 * 1024..=320 * 1024).contains(&taken), "{taken}");
}
