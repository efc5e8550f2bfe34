//! Convolutions against their formula, entry by entry.

extern crate std;

use super::*;
use crate::Generator;
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use std::vec;
use std::vec::Vec;

const IMAGES: usize = 3;

fn normal(n: usize, seed: u64) -> Vec<f64> {
    let mut generator = Generator::seed_from_u64(seed);
    (0..n)
        .map(|_| StandardNormal.sample(&mut generator))
        .collect()
}

/// Calls `visit` with the indices of every product of a convolution: image's output,
/// weight, image's input.
fn products(sizes: &Convolution, mut visit: impl FnMut(usize, usize, usize)) {
    let w = &sizes.window;
    let (inputs, outputs) = (sizes.inputs(), sizes.outputs());
    for n in 0..IMAGES {
        for o in 0..sizes.channels {
            for p in 0..w.pixels() {
                let (row, column) = (p / w.output[1], p % w.output[1]);
                for k in 0..sizes.fan_in() {
                    let (i, ky, kx) = (
                        k % inputs,
                        k / inputs % w.kernel[0],
                        k / inputs / w.kernel[0],
                    );
                    let iy = (row * w.stride[0] + ky * w.dilation[0]).wrapping_sub(w.padding[0]);
                    let ix = (column * w.stride[1] + kx * w.dilation[1]).wrapping_sub(w.padding[1]);
                    if iy < w.height && ix < w.width {
                        let channel = o / outputs * inputs + i;
                        visit(
                            (n * sizes.channels + o) * w.pixels() + p,
                            o + k * sizes.channels,
                            ((n * w.channels + channel) * w.height + iy) * w.width + ix,
                        );
                    }
                }
            }
        }
    }
}

fn close(actual: &[f64], expected: &[f64], what: &str) {
    for (index, (a, e)) in actual.iter().zip(expected).enumerate() {
        std::assert!(
            (a - e).abs() < 1e-11 * (1.0 + e.abs()),
            "{what} {index}: {a} instead of {e}"
        );
    }
}

fn agrees(sizes: &Convolution) {
    let w = &sizes.window;
    let x = normal(IMAGES * w.input(), 1);
    let weight = normal(sizes.channels * sizes.fan_in(), 2);
    let bias = normal(sizes.channels, 3);
    let d_y = normal(IMAGES * sizes.channels * w.pixels(), 4);

    let mut y = vec![0.0; d_y.len()];
    let mut d_bias = vec![0.0; bias.len()];
    for (index, y) in y.iter_mut().enumerate() {
        let channel = index / w.pixels() % sizes.channels;
        *y = bias[channel];
        d_bias[channel] += d_y[index];
    }
    let (mut d_x, mut d_weight) = (vec![0.0; x.len()], vec![0.0; weight.len()]);
    products(sizes, |o, k, i| {
        y[o] += weight[k] * x[i];
        d_x[i] += weight[k] * d_y[o];
        d_weight[k] += x[i] * d_y[o];
    });

    let mut bits: Option<Vec<u64>> = None;
    for path in SimdPath::available() {
        let mut actual = vec![f64::NAN; y.len()];
        conv2d_forward(path, sizes, &weight, &bias, &x, &mut actual);
        close(&actual, &y, "y");
        let mut all = actual;
        let mut actual = vec![f64::NAN; x.len()];
        conv2d_d_input(path, sizes, &weight, &[], &d_y, &mut actual);
        close(&actual, &d_x, "d_x");
        all.append(&mut actual);
        let (mut actual, mut bias) = (vec![f64::NAN; weight.len()], vec![f64::NAN; bias.len()]);
        conv2d_d_weight(path, sizes, &x, &d_y, &mut actual, &mut bias, false);
        close(&actual, &d_weight, "d_weight");
        close(&bias, &d_bias, "d_bias");
        all.extend(&actual);
        all.extend(&bias);
        if path.is_fused() {
            let all: Vec<u64> = all.iter().map(|v| v.to_bits()).collect();
            let bits = bits.get_or_insert_with(|| all.clone());
            std::assert!(*bits == all, "{path:?} has other bits");
        }
        let (mut twice, mut bias_twice) = (actual.clone(), bias.clone());
        conv2d_d_weight(path, sizes, &x, &d_y, &mut twice, &mut bias_twice, true);
        close(
            &twice,
            &d_weight.iter().map(|d| 2.0 * d).collect::<Vec<_>>(),
            "accumulated",
        );
        close(
            &bias_twice,
            &d_bias.iter().map(|d| 2.0 * d).collect::<Vec<_>>(),
            "accumulated",
        );
    }
}

fn sizes(
    [channels, height, width]: [usize; 3],
    outputs: usize,
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    dilation: [usize; 2],
    groups: usize,
) -> Convolution {
    let out = |k: usize, size: usize| {
        (size + 2 * padding[k] - dilation[k] * (kernel[k] - 1) - 1) / stride[k] + 1
    };
    Convolution {
        window: Window {
            channels,
            height,
            width,
            kernel,
            stride,
            padding,
            dilation,
            output: [out(0, height), out(1, width)],
        },
        channels: outputs,
        groups,
    }
}

#[test]
fn agrees_with_the_formula() {
    let one = [1, 1];
    agrees(&sizes([1, 1, 1], 1, one, one, [0, 0], one, 1));
    agrees(&sizes([1, 9, 8], 2, [5, 5], one, [2, 2], one, 1));
    agrees(&sizes([3, 7, 6], 5, [3, 3], one, [0, 0], one, 1));
    agrees(&sizes([3, 7, 6], 5, [3, 2], [2, 3], [1, 0], [1, 2], 1));
    agrees(&sizes([4, 5, 9], 6, [2, 3], one, [1, 2], [2, 2], 2));
    agrees(&sizes([5, 6, 6], 5, [3, 3], [1, 1], [1, 1], one, 5));
    agrees(&sizes([4, 6, 6], 9, one, one, [0, 0], one, 1));
    agrees(&sizes([4, 6, 6], 3, one, [2, 2], [0, 0], one, 1));
    // More pixels than a block, more weights than a block, more outputs than a panel.
    agrees(&sizes([2, 17, 19], 3, [3, 3], one, [1, 1], one, 1));
    agrees(&sizes([40, 5, 5], 4, [3, 3], one, [1, 1], one, 1));
    agrees(&sizes([2, 5, 5], 70, [3, 3], one, [1, 1], one, 1));
    // More rows than lie in their frame at a time, with six and with eight outputs; more
    // weights than have lanes at a time; strides; several panels; a wide row.
    agrees(&sizes([1, 20, 45], 6, [5, 5], one, [2, 2], one, 1));
    agrees(&sizes([2, 9, 62], 8, [3, 3], [2, 1], [1, 1], one, 2));
    agrees(&sizes([10, 6, 9], 2, [3, 3], one, [0, 0], one, 1));
    agrees(&sizes([3, 9, 11], 20, [3, 3], [2, 2], [1, 1], one, 1));
    agrees(&sizes([2, 4, 110], 6, [2, 3], [1, 2], [0, 1], one, 2));
    agrees(&sizes([1, 4, 220], 2, [2, 3], [1, 2], [0, 1], one, 1));
    // A kernel that sees nothing but padding in places.
    agrees(&sizes([1, 2, 2], 2, [5, 5], one, [4, 4], one, 1));
    agrees(&sizes([1, 40, 1], 2, [3, 1], one, [1, 0], [4, 1], 1));
}
