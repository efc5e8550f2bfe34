//! Images with zeros around them, over which kernels slide without a look at the border.

use super::{BUFFER, Convolution, Window};
use crate::Scalar;
use crate::kernels::engine::Engine;
use crate::kernels::slide::{Seen, Slide};
use core::ptr;

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
    /// The frame of a group's input, if it fits the buffer.
    pub(super) fn forward<T>(sizes: &Convolution) -> Option<Self> {
        let w = &sizes.window;
        let frame = Self {
            height: w.height,
            width: w.width,
            before: w.padding,
            framed: [w.height + 2 * w.padding[0], w.width + 2 * w.padding[1]],
        };
        frame.fits::<T>(sizes.inputs()).then_some(frame)
    }

    /// The frame of a group's output's gradient, if the turned kernel can slide over it.
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
        frame.fits::<T>(sizes.outputs()).then_some(frame)
    }

    fn fits<T>(&self, channels: usize) -> bool {
        self.is_bare() || channels * self.plane() <= BUFFER / size_of::<T>()
    }

    /// Whether there are no zeros.
    fn is_bare(&self) -> bool {
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

impl Frame {
    /// What a kernel sees of so many channels with their zeros.
    pub(super) fn seen<T>(&self, w: &Window, inputs: usize, x: &[T]) -> Seen<T> {
        Seen {
            kernel: w.kernel,
            inputs,
            a: x.as_ptr(),
            row: w.stride[0] * self.framed[1],
            column: w.stride[1],
            tap: [w.dilation[0] * self.framed[1], w.dilation[1]],
            input: self.plane(),
        }
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
    frame.clear(inputs, buffer);
    let images = x.chunks_exact(w.input());
    for (x, y) in images.zip(y.chunks_exact_mut(sizes.channels * pixels)) {
        for group in 0..sizes.groups {
            let x = frame.place(w.part(x, group, inputs), buffer);
            let from = group * outputs;
            // SAFETY: the image with its zeros holds all that the kernel sees from every
            // output pixel; the weight has `channels` rows, tap after tap `inputs` columns
            // each; `y` has `channels` planes.
            unsafe {
                E::slide(&Slide {
                    rows: w.output[0],
                    width: w.output[1],
                    outputs,
                    seen: frame.seen(w, inputs, x),
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
    frame.clear(outputs, buffer);
    let images = d_y.chunks_exact(sizes.channels * pixels);
    for (d_y, d_x) in images.zip(d_x.chunks_exact_mut(w.input())) {
        for group in 0..sizes.groups {
            let planes = group * outputs * pixels..(group + 1) * outputs * pixels;
            let d_y = frame.place(&d_y[planes], buffer);
            let last_tap = (w.taps() - 1) * inputs * sizes.channels;
            // SAFETY: as in `slide_forward`, from the last tap to the first, with the roles
            // of input and output exchanged.
            unsafe {
                E::slide(&Slide {
                    rows: w.height,
                    width: w.width,
                    outputs: inputs,
                    seen: frame.seen(w, outputs, d_y),
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
