//! The share of a core's peak that the products of a convolution reach: LeNet-5's two, and
//! others of many shapes. The fastest of many calls counts.
//!
//! `cargo run --release -p ours --bin convolutions`

use harness::peak::{OPERATIONS, Peak};
use network_core::kernels::{
    Convolution, SimdPath, Window, conv2d_d_input, conv2d_d_weight, conv2d_forward,
};
use std::hint::black_box;
use std::time::{Duration, Instant};

const BATCH: usize = 64;
/// How long one product is repeated.
const BUDGET: Duration = Duration::from_millis(60);

/// A convolution of square images by a square kernel.
struct Shape {
    channels: usize,
    size: usize,
    outputs: usize,
    kernel: usize,
    padding: usize,
    stride: usize,
    depthwise: bool,
}

/// Channels, size, outputs, kernel, padding and stride of a shape.
const fn shape(
    [channels, size, outputs, kernel, padding, stride]: [usize; 6],
    depthwise: bool,
) -> Shape {
    Shape {
        channels,
        size,
        outputs,
        kernel,
        padding,
        stride,
        depthwise,
    }
}

const SHAPES: [Shape; 12] = [
    shape([1, 28, 6, 5, 2, 1], false),
    shape([6, 14, 16, 5, 0, 1], false),
    shape([1, 28, 6, 5, 0, 1], false),
    shape([3, 32, 16, 3, 1, 1], false),
    shape([3, 32, 16, 3, 1, 2], false),
    shape([16, 16, 32, 3, 1, 1], false),
    shape([32, 8, 64, 3, 1, 1], false),
    shape([64, 4, 64, 3, 1, 1], false),
    shape([8, 8, 16, 1, 0, 1], false),
    shape([32, 14, 32, 3, 1, 1], true),
    shape([32, 14, 32, 3, 1, 2], true),
    shape([16, 28, 16, 5, 2, 1], true),
];

fn least(mut call: impl FnMut()) -> f64 {
    let (start, mut least) = (Instant::now(), f64::MAX);
    while start.elapsed() < BUDGET {
        let start = Instant::now();
        call();
        least = least.min(start.elapsed().as_secs_f64());
    }
    least
}

fn numbers(count: usize) -> Vec<f32> {
    (0..count).map(|i| (i as f32 * 0.37).sin()).collect()
}

fn main() {
    let (path, peak) = (SimdPath::detect(), Peak::new());
    let peak = OPERATIONS as f64 / least(|| peak.run());
    println!(
        "{path}, f32, {BATCH} images; peak {:.0} GFLOP/s",
        peak / 1e9
    );
    println!("us and share of the peak: forward, input's gradient, weight's gradient");
    for s in SHAPES {
        let output = (s.size + 2 * s.padding - s.kernel) / s.stride + 1;
        let sizes = Convolution {
            window: Window {
                channels: s.channels,
                height: s.size,
                width: s.size,
                kernel: [s.kernel; 2],
                stride: [s.stride; 2],
                padding: [s.padding; 2],
                dilation: [1; 2],
                output: [output; 2],
            },
            channels: s.outputs,
            groups: if s.depthwise { s.channels } else { 1 },
        };
        let x = numbers(BATCH * sizes.window.input());
        let y = numbers(BATCH * s.outputs * output * output);
        let (weight, bias) = (numbers(s.outputs * sizes.fan_in()), numbers(s.outputs));
        let operations = (2 * y.len() * sizes.fan_in()) as f64;
        let mut out = y.clone();
        let forward =
            least(|| conv2d_forward(path, &sizes, black_box(&weight), &bias, &x, &mut out));
        let mut d_x = x.clone();
        let d_input = least(|| conv2d_d_input(path, &sizes, black_box(&weight), &[], &y, &mut d_x));
        let (mut d_weight, mut d_bias) = (weight.clone(), bias.clone());
        let d_weight = least(|| {
            conv2d_d_weight(
                path,
                &sizes,
                black_box(&x),
                &y,
                &mut d_weight,
                &mut d_bias,
                false,
            );
        });
        print!(
            "{}x{}x{} to {}, kernel {}, padding {}, stride {}{}:",
            s.channels,
            s.size,
            s.size,
            s.outputs,
            s.kernel,
            s.padding,
            s.stride,
            if s.depthwise { ", depthwise" } else { "" },
        );
        for time in [forward, d_input, d_weight] {
            let share = 100.0 * operations / time / peak;
            print!("  {:.0} ({share:.0} %)", time * 1e6);
        }
        println!();
    }
}
