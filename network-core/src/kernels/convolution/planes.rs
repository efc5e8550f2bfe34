//! The weight's gradient plane by plane: the output's gradient lies in rows as long as
//! those of the image's frame.

use super::panels::PANEL;
use super::{Buffer, Convolution, Frame};
use crate::Real;
use crate::kernels::SimdPath;
use crate::kernels::correlate::{Correlate, fold, lanes};
use crate::kernels::engine::Engine;
use crate::kernels::slide::Seen;

/// Memory for the lanes of sums.
const SUMS: usize = 10 * 1024;

/// The most output channels at a time.
const TOGETHER: usize = 8;

/// How many output channels at a time: parts of nearly the same number.
fn together(outputs: usize) -> usize {
    outputs.div_ceil(outputs.div_ceil(TOGETHER))
}

impl Frame {
    /// How many rows of the output lie in memory at a time, if a row is not too long and
    /// its pixels follow each other.
    pub(super) fn rows_of<T>(sizes: &Convolution) -> Option<usize> {
        let w = &sizes.window;
        let pitch = w.stride[0] * (w.width + 2 * w.padding[1]);
        let rows = PANEL / size_of::<T>() / together(sizes.outputs()) / pitch;
        (w.stride[1] == 1 && rows > 0).then_some(rows)
    }
}

/// The gradients of weight and bias, added to the old ones.
#[inline(never)]
pub(super) unsafe fn d_weight<E: Engine>(
    path: SimdPath,
    sizes: &Convolution,
    frame: &Frame,
    x: &[E::Element],
    d_y: &[E::Element],
    d_weight: &mut [E::Element],
    d_bias: &mut [E::Element],
    buffer: &mut [E::Element],
) {
    let mut panel = Buffer::<PANEL>::new();
    let mut sums = Buffer::<SUMS>::new();
    let (panel, sums) = (panel.numbers::<E::Element>(), sums.numbers::<E::Element>());
    let w = &sizes.window;
    let (inputs, outputs, pixels) = (sizes.inputs(), sizes.outputs(), w.pixels());
    let [height, width] = w.output;
    let pitch = w.stride[0] * frame.framed[1];
    let rows = Frame::rows_of::<E::Element>(sizes).unwrap_or(1);
    let (lanes, together) = (lanes::<E::Element>(), together(outputs));
    let each = panel.len() / together;
    let most = sums.len() / lanes / together;
    frame.clear(inputs, buffer);
    for part in (0..sizes.groups).flat_map(|group| {
        (0..outputs)
            .step_by(together)
            .map(move |output| [group, output])
    }) {
        let [group, output] = part;
        let count = together.min(outputs - output);
        let from = group * outputs + output;
        for first in (0..sizes.fan_in()).step_by(most) {
            let weights = most.min(sizes.fan_in() - first);
            let sums = &mut sums[..count * weights * lanes];
            sums.fill(E::Element::ZERO);
            panel.fill(E::Element::ZERO);
            let images = x.chunks_exact(w.input());
            for (x, d_y) in images.zip(d_y.chunks_exact(sizes.channels * pixels)) {
                let x = frame.place(w.part(x, group, inputs), buffer);
                let d_y = &d_y[from * pixels..(from + count) * pixels];
                if first == 0 && !d_bias.is_empty() {
                    for (d_bias, d_y) in d_bias[from..].iter_mut().zip(d_y.chunks_exact(pixels)) {
                        *d_bias += crate::kernels::sum(path, d_y);
                    }
                }
                for row in (0..height).step_by(rows) {
                    let rows = rows.min(height - row);
                    let planes = d_y.chunks_exact(pixels).zip(panel.chunks_exact_mut(each));
                    for (d_y, framed) in planes {
                        let d_y = d_y[row * width..].chunks_exact(width);
                        for (d_y, framed) in d_y.zip(framed.chunks_mut(pitch)).take(rows) {
                            framed[..width].copy_from_slice(d_y);
                        }
                    }
                    let seen = frame.seen(w, inputs, x);
                    // SAFETY: the image with its zeros holds all that the kernel sees from
                    // every output pixel and, since its rows are longer than the output's
                    // by what the kernel reaches, from what lies between them; the panel
                    // holds `count` channels; there are lanes for all their weights.
                    unsafe {
                        E::correlate(&Correlate {
                            pixels: (rows - 1) * pitch + width,
                            outputs: count,
                            first,
                            weights,
                            seen: Seen {
                                a: seen.a.add(row * seen.row),
                                ..seen
                            },
                            d: panel.as_ptr(),
                            d_output: each,
                            sums: sums.as_mut_ptr(),
                        });
                    }
                }
            }
            for (index, sums) in sums.chunks_exact(lanes).enumerate() {
                let (output, weight) = (index / weights, first + index % weights);
                d_weight[from + output + weight * sizes.channels] += fold(sums);
            }
        }
    }
}
