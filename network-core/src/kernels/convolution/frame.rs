//! Images with zeros around them, over which kernels slide without a look at the border.

use super::{BUFFER, Convolution};
use crate::Scalar;
use crate::kernels::correlate::Correlate;
use crate::kernels::engine::Engine;
use crate::kernels::slide::Slide;
use core::ptr;

/// The most images of which a weight's products are summed in lanes.
const IMAGES: usize = 8;

/// Images with zeros around them.
pub(super) struct Frame {
    pub(super) height: usize,
    pub(super) width: usize,
    /// Rows and columns of zeros before the first.
    pub(super) before: [usize; 2],
    /// The size with the zeros.
    pub(super) framed: [usize; 2],
}

impl Frame {
    /// The frame of the input, if a kernel can slide over it.
    pub(super) fn forward<T>(sizes: &Convolution) -> Option<Self> {
        let w = &sizes.window;
        let frame = Self {
            height: w.height,
            width: w.width,
            before: w.padding,
            framed: [w.height + 2 * w.padding[0], w.width + 2 * w.padding[1]],
        };
        (w.stride[1] == 1 && frame.fits::<T>(w.channels)).then_some(frame)
    }

    /// The frame of the output's gradient, if the turned kernel can slide over it.
    pub(super) fn backward<T>(sizes: &Convolution) -> Option<Self> {
        let w = &sizes.window;
        if w.stride != [1, 1] {
            return None;
        }
        let reach = [0, 1].map(|k| w.dilation[k] * (w.kernel[k] - 1));
        let frame = Self {
            height: w.output[0],
            width: w.output[1],
            before: [
                reach[0].checked_sub(w.padding[0])?,
                reach[1].checked_sub(w.padding[1])?,
            ],
            framed: [w.height + reach[0], w.width + reach[1]],
        };
        frame.fits::<T>(sizes.channels).then_some(frame)
    }

    pub(super) fn fits<T>(&self, channels: usize) -> bool {
        self.is_bare() || channels * self.plane() <= BUFFER / size_of::<T>()
    }

    /// Of how many images a weight's products are summed in lanes.
    pub(super) fn images<T>(&self, sizes: &Convolution) -> usize {
        if self.is_bare() {
            IMAGES
        } else {
            let framed = sizes.window.channels * self.plane();
            (BUFFER / size_of::<T>() / framed).min(IMAGES)
        }
    }

    /// Registers of 64 bytes that hold an output plane, row by row.
    pub(super) fn registers<T>(sizes: &Convolution) -> usize {
        let [rows, width] = sizes.window.output;
        rows * (width * size_of::<T>()).div_ceil(64)
    }

    /// Whether there are no zeros.
    pub(super) fn is_bare(&self) -> bool {
        self.framed == [self.height, self.width]
    }

    /// Entries of a channel with its zeros.
    pub(super) fn plane(&self) -> usize {
        self.framed[0] * self.framed[1]
    }

    /// Writes the zeros of so many channels.
    pub(super) fn clear<T: Scalar>(&self, channels: usize, buffer: &mut [T]) {
        if !self.is_bare() {
            buffer[..channels * self.plane()].fill(T::ZERO);
        }
    }

    /// The image within its zeros, which are there already.
    pub(super) fn place<'a, T: Scalar>(&self, x: &'a [T], buffer: &'a mut [T]) -> &'a [T] {
        if self.is_bare() {
            return x;
        }
        let start = self.before[0] * self.framed[1] + self.before[1];
        let planes = x.chunks_exact(self.height * self.width);
        for (x, framed) in planes.zip(buffer.chunks_exact_mut(self.plane())) {
            let rows = framed[start..].chunks_mut(self.framed[1]);
            for (x, framed) in x.chunks_exact(self.width).zip(rows) {
                framed[..self.width].copy_from_slice(x);
            }
        }
        buffer
    }
}

/// The kernel slides over the input.
pub(super) unsafe fn slide_forward<E: Engine>(
    sizes: &Convolution,
    frame: &Frame,
    weight: &[E::Element],
    bias: &[E::Element],
    x: &[E::Element],
    y: &mut [E::Element],
    buffer: &mut [E::Element],
) {
    let w = &sizes.window;
    let (inputs, outputs, pixels) = (sizes.inputs(), sizes.outputs(), w.pixels());
    frame.clear(w.channels, buffer);
    let images = x.chunks_exact(w.input());
    for (x, y) in images.zip(y.chunks_exact_mut(sizes.channels * pixels)) {
        let x = frame.place(x, buffer);
        for group in 0..sizes.groups {
            let from = group * outputs;
            // SAFETY: the image with its zeros holds all that the kernel sees from every
            // output pixel; the weight has `channels` rows, tap after tap `inputs` columns
            // each; `y` has `channels` planes.
            unsafe {
                E::slide(&Slide {
                    rows: w.output[0],
                    width: w.output[1],
                    kernel: w.kernel,
                    inputs,
                    outputs,
                    a: x.as_ptr().add(group * inputs * frame.plane()),
                    a_row: w.stride[0] * frame.framed[1],
                    a_tap: [w.dilation[0] * frame.framed[1], w.dilation[1]],
                    a_input: frame.plane(),
                    b: weight.as_ptr().add(from),
                    b_tap: (inputs * sizes.channels) as isize,
                    b_input: sizes.channels,
                    b_output: 1,
                    c: y.as_mut_ptr().add(from * pixels),
                    c_output: pixels,
                    start: if bias.is_empty() {
                        ptr::null()
                    } else {
                        bias[from..].as_ptr()
                    },
                });
            }
        }
    }
}

/// The input's gradient: the kernel, turned by half a circle, slides over the output's.
pub(super) unsafe fn slide_backward<E: Engine>(
    sizes: &Convolution,
    frame: &Frame,
    weight: &[E::Element],
    bias: &[E::Element],
    d_y: &[E::Element],
    d_x: &mut [E::Element],
    buffer: &mut [E::Element],
) {
    let w = &sizes.window;
    let (inputs, outputs, pixels) = (sizes.inputs(), sizes.outputs(), w.pixels());
    let plane = w.height * w.width;
    frame.clear(sizes.channels, buffer);
    let images = d_y.chunks_exact(sizes.channels * pixels);
    for (d_y, d_x) in images.zip(d_x.chunks_exact_mut(w.input())) {
        let d_y = frame.place(d_y, buffer);
        for group in 0..sizes.groups {
            let last_tap = (w.taps() - 1) * inputs * sizes.channels;
            // SAFETY: as in `slide_forward`, from the last tap to the first, with the roles
            // of input and output exchanged.
            unsafe {
                E::slide(&Slide {
                    rows: w.height,
                    width: w.width,
                    kernel: w.kernel,
                    inputs: outputs,
                    outputs: inputs,
                    a: d_y.as_ptr().add(group * outputs * frame.plane()),
                    a_row: frame.framed[1],
                    a_tap: [w.dilation[0] * frame.framed[1], w.dilation[1]],
                    a_input: frame.plane(),
                    b: weight.as_ptr().add(group * outputs + last_tap),
                    b_tap: -((inputs * sizes.channels) as isize),
                    b_input: 1,
                    b_output: sizes.channels,
                    c: d_x.as_mut_ptr().add(group * inputs * plane),
                    c_output: plane,
                    start: if bias.is_empty() {
                        ptr::null()
                    } else {
                        bias[group * inputs..].as_ptr()
                    },
                });
            }
        }
    }
}

/// The weight's gradient, added to the old one.
pub(super) unsafe fn correlate_with<E: Engine>(
    sizes: &Convolution,
    frame: &Frame,
    x: &[E::Element],
    d_y: &[E::Element],
    d_weight: &mut [E::Element],
    buffer: &mut [E::Element],
) {
    let w = &sizes.window;
    let (inputs, outputs, pixels) = (sizes.inputs(), sizes.outputs(), w.pixels());
    let framed = w.channels * frame.plane();
    let images = frame.images::<E::Element>(sizes);
    frame.clear(images * w.channels, buffer);
    let parts = x.chunks(images * w.input());
    for (x, d_y) in parts.zip(d_y.chunks(images * sizes.channels * pixels)) {
        let count = x.len() / w.input();
        let x = frame.place(x, buffer);
        for group in 0..sizes.groups {
            let from = group * outputs;
            // SAFETY: the images with their zeros hold all that the kernel sees from every
            // output pixel; `d_y` has `channels` planes for each; the weight has `channels`
            // rows, tap after tap `inputs` columns each.
            unsafe {
                E::correlate(&Correlate {
                    images: count,
                    a_image: framed,
                    d_image: sizes.channels * pixels,
                    rows: w.output[0],
                    width: w.output[1],
                    kernel: w.kernel,
                    inputs,
                    outputs,
                    a: x.as_ptr().add(group * inputs * frame.plane()),
                    a_row: w.stride[0] * frame.framed[1],
                    a_tap: [w.dilation[0] * frame.framed[1], w.dilation[1]],
                    a_input: frame.plane(),
                    d: d_y.as_ptr().add(from * pixels),
                    d_output: pixels,
                    w: d_weight.as_mut_ptr().add(from),
                    w_weight: sizes.channels,
                });
            }
        }
    }
}
