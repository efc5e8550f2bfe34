//! A convolution's weight gradient, tile by tile, in registers: products of an output's
//! gradient with shifted images, summed over pixels and images.
//!
//! A tile is a few output channels by a few weights. Its sums have as many lanes as fit
//! 64 bytes, whatever the path: lane `l` takes the pixels of each row whose column is
//! `l` modulo that number, row by row and image by image; in the end the lanes are added
//! by halves.

use super::vector::Vector;
use crate::Real;

/// `W[j, i, t] += sum over images and pixels p of D[j, p] A[i, p + t]`.
///
/// # Safety
///
/// Whoever runs one vouches that all that the strides lead to can be read from `a` and
/// `d` and changed at `w`, which overlaps neither.
#[derive(Clone, Copy)]
pub(super) struct Correlate<T> {
    /// How many images, and their distances in A and D.
    pub(super) images: usize,
    pub(super) a_image: usize,
    pub(super) d_image: usize,
    /// Rows and columns of an output plane.
    pub(super) rows: usize,
    pub(super) width: usize,
    /// The kernel's rows and columns.
    pub(super) kernel: [usize; 2],
    /// Channels of the input.
    pub(super) inputs: usize,
    /// Channels of the output.
    pub(super) outputs: usize,
    pub(super) a: *const T,
    /// In A, from one output row to the next, one row or column of the kernel to the
    /// next, and one channel to the next.
    pub(super) a_row: usize,
    pub(super) a_tap: [usize; 2],
    pub(super) a_input: usize,
    pub(super) d: *const T,
    /// In D, from one channel to the next; rows follow each other.
    pub(super) d_output: usize,
    pub(super) w: *mut T,
    /// In W, from one weight of an output to the next: channels of the input fastest, then
    /// rows of the kernel. Outputs follow each other.
    pub(super) w_weight: usize,
}

/// The lanes of a sum of `f32`; those of `f64` are half as many.
const LANES: usize = 16;

/// Runs over all weights with tiles of `OUTPUTS` by `WEIGHTS`.
#[inline(always)]
pub(super) unsafe fn correlate<V: Vector, const OUTPUTS: usize, const WEIGHTS: usize>(
    work: &Correlate<V::Element>,
) {
    let weights = work.inputs * work.kernel[0] * work.kernel[1];
    let mut output = 0;
    // SAFETY: the caller's conditions; tiles cover the weights without overlap.
    unsafe {
        while output < work.outputs {
            let mut weight = 0;
            let outputs = (work.outputs - output).min(OUTPUTS);
            while weight < weights {
                let count = (weights - weight).min(WEIGHTS);
                if outputs >= 3 {
                    tile::<V, OUTPUTS, WEIGHTS>(work, output, outputs, weight, count);
                } else {
                    tile::<V, 2, WEIGHTS>(work, output, outputs, weight, count);
                }
                weight += count;
            }
            output += outputs;
        }
    }
}

/// `outputs` by `weights` of a tile; the rest of it repeats the last and is dropped.
#[inline(always)]
unsafe fn tile<V: Vector, const OUTPUTS: usize, const WEIGHTS: usize>(
    work: &Correlate<V::Element>,
    output: usize,
    outputs: usize,
    weight: usize,
    weights: usize,
) {
    let lanes = 64 / size_of::<V::Element>();
    let mut sums = [[[V::Element::ZERO; LANES]; WEIGHTS]; OUTPUTS];
    // SAFETY: the caller's conditions; registers reach at most to the end of a row.
    unsafe {
        let mut d = [work.d; OUTPUTS];
        for j in 0..OUTPUTS {
            d[j] = work.d.add((output + j.min(outputs - 1)) * work.d_output);
        }
        let mut a = [work.a; WEIGHTS];
        for t in 0..WEIGHTS {
            let index = weight + t.min(weights - 1);
            let (input, tap) = (index % work.inputs, index / work.inputs);
            let (ky, kx) = (tap % work.kernel[0], tap / work.kernel[0]);
            let at = input * work.a_input + ky * work.a_tap[0] + kx * work.a_tap[1];
            a[t] = work.a.add(at);
        }
        let mut lane = 0;
        while lane < lanes.min(work.width) {
            let mut registers = [[V::splat(V::Element::ZERO); WEIGHTS]; OUTPUTS];
            for image in 0..work.images {
                for row in 0..work.rows {
                    let from_d = image * work.d_image + row * work.width;
                    let from_a = image * work.a_image + row * work.a_row;
                    let mut column = lane;
                    while column < work.width {
                        let mask = V::mask((work.width - column).min(V::LANES));
                        let mut x = [V::splat(V::Element::ZERO); WEIGHTS];
                        for t in 0..WEIGHTS {
                            x[t] = V::load_masked(a[t].add(from_a + column), mask);
                        }
                        for j in 0..OUTPUTS {
                            let d = V::load_masked(d[j].add(from_d + column), mask);
                            for t in 0..WEIGHTS {
                                registers[j][t] = d.mul_add(x[t], registers[j][t]);
                            }
                        }
                        column += lanes;
                    }
                }
            }
            for j in 0..OUTPUTS {
                for t in 0..WEIGHTS {
                    registers[j][t].store(sums[j][t].as_mut_ptr().add(lane));
                }
            }
            lane += V::LANES;
        }
        for j in 0..outputs {
            for t in 0..weights {
                let sums = &mut sums[j][t];
                let mut half = lanes;
                while half > 1 {
                    half /= 2;
                    for k in 0..half {
                        let other = sums[k + half];
                        sums[k] += other;
                    }
                }
                *work.w.add(output + j + (weight + t) * work.w_weight) += sums[0];
            }
        }
    }
}
