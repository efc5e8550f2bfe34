//! Convolutions by panels of output channels, whose pixels lie channel by channel in a
//! small buffer until they are turned into planes, or out of them.

use super::{Buffer, Convolution, Frame};
use crate::kernels::SimdPath;
use crate::kernels::channels::{Channels, Gather};
use crate::kernels::engine::Engine;
use crate::kernels::slide::Seen;
use crate::kernels::transpose::Block;
use core::ptr;

/// Memory for the output's pixels of a panel.
const OUTPUT: usize = 8 * 1024;

/// Memory for the pixels of a panel of the output's gradient.
pub(super) const PANEL: usize = 12 * 1024;

/// The widest output that such a panel holds a row of: two registers of 64 bytes a pixel.
pub(super) const WIDEST: usize = PANEL / 128;

/// A panel of at most two registers.
fn height<E: Engine>(left: usize) -> usize {
    E::height(left, 2, false)
}

/// From one pixel to the next in a panel's memory: whole registers, whatever the path.
fn pitch<T>(rows: usize) -> usize {
    rows.next_multiple_of(64 / size_of::<T>())
}

/// The output, from images in their frames.
#[inline(never)]
pub(super) unsafe fn forward<E: Engine>(
    sizes: &Convolution,
    frame: &Frame,
    weight: &[E::Element],
    bias: &[E::Element],
    x: &[E::Element],
    y: &mut [E::Element],
    buffer: &mut [E::Element],
) {
    let mut panel = Buffer::<OUTPUT>::new();
    let panel = panel.numbers::<E::Element>();
    let w = &sizes.window;
    let (inputs, outputs, pixels) = (sizes.inputs(), sizes.outputs(), w.pixels());
    frame.clear(inputs, buffer);
    let images = x.chunks_exact(w.input());
    for (x, y) in images.zip(y.chunks_exact_mut(sizes.channels * pixels)) {
        for group in 0..sizes.groups {
            let x = frame.place(w.part(x, group, inputs), buffer);
            let mut row = 0;
            while row < outputs {
                let rows = height::<E>(outputs - row);
                let (from, pitch) = (group * outputs + row, pitch::<E::Element>(rows));
                let most = panel.len() / pitch;
                for first in (0..pixels).step_by(most) {
                    let count = most.min(pixels - first);
                    // SAFETY: the image with its zeros holds all that the kernel sees from
                    // every output pixel; the weight has `channels` rows, tap after tap
                    // `inputs` columns each; the panel holds `count` pixels of whole
                    // registers; `y` has `channels` planes.
                    unsafe {
                        E::channels(&Channels {
                            width: w.output[1],
                            first,
                            pixels: count,
                            outputs: rows,
                            seen: frame.seen(w, inputs, x),
                            b: weight.as_ptr().add(from),
                            b_tap: (inputs * sizes.channels) as isize,
                            b_input: sizes.channels,
                            c: panel.as_mut_ptr(),
                            c_pixel: pitch,
                            start: if bias.is_empty() {
                                ptr::null()
                            } else {
                                bias[from..].as_ptr()
                            },
                        });
                        E::transpose(&Block {
                            from: panel.as_ptr(),
                            from_stride: pitch,
                            rows,
                            columns: count,
                            to: y.as_mut_ptr().add(from * pixels + first),
                            to_stride: pixels,
                        });
                    }
                }
                row += rows;
            }
        }
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
    let panel = panel.numbers::<E::Element>();
    let w = &sizes.window;
    let (inputs, outputs, pixels) = (sizes.inputs(), sizes.outputs(), w.pixels());
    let [height_y, width] = w.output;
    frame.clear(inputs, buffer);
    let images = x.chunks_exact(w.input());
    for (x, d_y) in images.zip(d_y.chunks_exact(sizes.channels * pixels)) {
        for (d_bias, d_y) in d_bias.iter_mut().zip(d_y.chunks_exact(pixels)) {
            *d_bias += crate::kernels::sum(path, d_y);
        }
        for group in 0..sizes.groups {
            let x = frame.place(w.part(x, group, inputs), buffer);
            let mut row = 0;
            while row < outputs {
                let rows = height::<E>(outputs - row);
                let (from, pitch) = (group * outputs + row, pitch::<E::Element>(rows));
                let most = panel.len() / pitch / width;
                for first in (0..height_y).step_by(most) {
                    let count = most.min(height_y - first);
                    let seen = frame.seen(w, inputs, x);
                    // SAFETY: as in `forward`, with the roles of weight and output
                    // exchanged.
                    unsafe {
                        E::transpose(&Block {
                            from: d_y.as_ptr().add(from * pixels + first * width),
                            from_stride: pixels,
                            rows: count * width,
                            columns: rows,
                            to: panel.as_mut_ptr(),
                            to_stride: pitch,
                        });
                        E::gather(&Gather {
                            rows: count,
                            width,
                            outputs: rows,
                            seen: Seen {
                                a: seen.a.add(first * seen.row),
                                ..seen
                            },
                            d: panel.as_ptr(),
                            d_pixel: pitch,
                            w: d_weight.as_mut_ptr().add(from),
                            w_weight: sizes.channels,
                        });
                    }
                }
                row += rows;
            }
        }
    }
}
