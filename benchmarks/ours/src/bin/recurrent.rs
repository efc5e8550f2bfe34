//! One step of recurrent networks on a stream: nanoseconds a step, one sample a call and
//! 2048 samples a call.
//!
//! `cargo run --release -p ours --bin recurrent`

use network_core::prelude::*;
use std::hint::black_box;
use std::time::Instant;

macro_rules! declare {
    ($($name:ident: $input:literal -> $output:literal { $($body:tt)* })*) => {$(
        network! {
            #[gradient_flow(allow)]
            pub struct $name([$input; 2048]) -> [$output; 2048] { $($body)* }
        }
    )*};
}

declare! {
    // The common model of neural guitar amplifiers.
    Lstm20: 1 -> 1 { lstm(20); dense(1); }
    Gru8: 8 -> 8 { gru(8); }
    Gru16: 16 -> 16 { gru(16); }
    Gru32: 32 -> 32 { gru(32); }
    Gru64: 64 -> 64 { gru(64); }
    Lstm8: 8 -> 8 { lstm(8); }
    Lstm16: 16 -> 16 { lstm(16); }
    Lstm32: 32 -> 32 { lstm(32); }
    Lstm64: 64 -> 64 { lstm(64); }
}

const ROUNDS: usize = 15;

/// The least time of some rounds, in nanoseconds for each of `count`.
fn least(count: usize, mut round: impl FnMut()) -> f64 {
    let time = |_| {
        let start = Instant::now();
        round();
        start.elapsed().as_secs_f64() * 1e9 / count as f64
    };
    (0..ROUNDS).map(time).fold(f64::INFINITY, f64::min)
}

fn measure<N: Streaming<Scalar = f32> + Network<Scalar = f32>>(text: &str) {
    let net = N::boxed(1);
    let mut x = vec![<N::StepInput as network_core::bytemuck::Zeroable>::zeroed(); 2048];
    let numbers: &mut [f32] = network_core::bytemuck::cast_slice_mut(&mut x);
    for (index, number) in numbers.iter_mut().enumerate() {
        *number = (0.37 * index as f32).sin();
    }
    let mut y = vec![<N::StepOutput as network_core::bytemuck::Zeroable>::zeroed(); 2048];
    let mut state = N::state();
    let one = least(x.len(), || {
        for (x, y) in x.iter().zip(&mut y) {
            *y = black_box(&*net).step(black_box(x), &mut state);
        }
    });
    let many = least(x.len(), || {
        black_box(&*net).steps(black_box(&x), &mut y, &mut state);
    });
    black_box(&y);
    println!("{text:<14} {one:>8.0} {many:>8.0}");
}

fn main() {
    println!(
        "{}; ns a step, one sample a call and 2048 a call",
        network_core::simd_path()
    );
    measure::<Lstm20>("LSTM 1-20-1");
    measure::<Gru8>("GRU 8");
    measure::<Gru16>("GRU 16");
    measure::<Gru32>("GRU 32");
    measure::<Gru64>("GRU 64");
    measure::<Lstm8>("LSTM 8");
    measure::<Lstm16>("LSTM 16");
    measure::<Lstm32>("LSTM 32");
    measure::<Lstm64>("LSTM 64");
}
