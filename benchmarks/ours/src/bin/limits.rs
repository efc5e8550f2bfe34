//! What bounds the works that miss their goal: each beside the memory traffic or the
//! instruction that it cannot do without, in the same rounds.
//!
//! `cargo run --release -p ours --bin limits`

use network_core::Real;
use network_core::kernels::{Number, SimdPath, Task, Unary, Update, map_to, run, update};
use network_core::prelude::*;
use ours::{Middle, Wide};
use std::hint::black_box;
use std::time::Instant;

/// Numbers that begin with a cache line.
fn numbers(count: usize) -> &'static mut [f32] {
    let memory = vec![0.25_f32; count + 16].leak();
    let first = memory.as_ptr().align_offset(64);
    &mut memory[first..first + count]
}

/// Reads everything once, into as many sums as hide the latency of an addition.
struct Read<'a>(&'a [f32]);

impl Task<f32> for Read<'_> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<f32>>(self) {
        let mut sums = [R::ZERO; 128];
        for chunk in R::slice(self.0).as_chunks::<128>().0 {
            for (sum, x) in sums.iter_mut().zip(chunk) {
                *sum += *x;
            }
        }
        black_box(sums);
    }
}

#[derive(Clone, Copy)]
struct Tanh;
impl Unary for Tanh {
    #[inline(always)]
    fn call<R: Real>(&self, x: R) -> R {
        x.tanh()
    }
}

#[derive(Clone, Copy)]
struct Quotient;
impl Unary for Quotient {
    #[inline(always)]
    fn call<R: Real>(&self, x: R) -> R {
        R::ONE / x
    }
}

/// Adam's memory traffic, and next to no arithmetic.
#[derive(Clone, Copy)]
struct Traffic;
impl Update<2> for Traffic {
    #[inline(always)]
    fn call<R: Real>(&self, value: R, gradient: R, [m, v]: [R; 2]) -> (R, [R; 2]) {
        (value + gradient, [m + gradient, v + gradient])
    }
}

/// Nanoseconds of a call of each of the two: medians of interleaved rounds.
fn beside(times: usize, mut work: impl FnMut(), mut limit: impl FnMut()) -> [f64; 2] {
    let clock = |f: &mut dyn FnMut()| {
        let start = Instant::now();
        for _ in 0..times {
            f();
        }
        start.elapsed().as_nanos() as f64 / times as f64
    };
    let mut rounds: [Vec<f64>; 2] = Default::default();
    for _ in 0..101 {
        rounds[0].push(clock(&mut work));
        rounds[1].push(clock(&mut limit));
    }
    rounds.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    })
}

fn main() {
    let path = SimdPath::detect();

    let net = Middle::boxed(1);
    let x = SVector::<f32, 64>::from_fn(|i, _| (i as f32).sin());
    let bytes = Middle::PARAMETER_BYTES;
    let weights = numbers(bytes / 4);
    let [work, limit] = beside(
        2000,
        || {
            black_box(black_box(&net).predict(black_box(&x)));
        },
        || {
            run(path, Read(black_box(&*weights)));
        },
    );
    println!(
        "work 3a: {work:.0} ns; reading its {:.0} KiB of weights: {limit:.0} ns ({:.0} GB/s)",
        bytes as f64 / 1024.0,
        bytes as f64 / limit,
    );

    let (x, y, z) = (numbers(8192), numbers(8192), numbers(8192));
    let [work, limit] = beside(
        500,
        || map_to(path, &Tanh, black_box(&*x), y),
        || map_to(path, &Quotient, black_box(&*x), z),
    );
    println!(
        "tanh of 16 numbers: {:.2} ns; dividing by them: {:.2} ns",
        work / 512.0,
        limit / 512.0,
    );

    let (mut net, gradient) = (Wide::boxed(1), Wide::gradient());
    let mut adam = Adam::new(1e-3).for_network::<Wide>();
    let [value, g, m, v] = [0; 4].map(|_| numbers(Wide::PARAMETERS));
    let [work, limit] = beside(
        20,
        || adam.step(&mut net, &gradient),
        || update(path, &Traffic, value, g, [&mut *m, &mut *v]),
    );
    println!(
        "Adam of work 4: {:.1} us; its memory traffic: {:.1} us",
        work / 1000.0,
        limit / 1000.0,
    );
}
