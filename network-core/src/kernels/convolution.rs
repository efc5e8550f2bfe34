//! The three products of a convolution of images, on slices.
//!
//! An image lies channel by channel, row by row. Where it fits a small buffer with its
//! zeros, register tiles move over it: either a register holds neighbouring pixels of a
//! row ([`super::slide`], and [`super::correlate`] for weights), or neighbouring channels
//! of the output ([`super::channels`]), whichever leaves fewer lanes empty. Else a block
//! of its patches at a time is copied to the buffer, one row for each weight of an output,
//! one column for each output pixel ([`lower`]), and the register tiles of the dense
//! layers do the work; a kernel of one pixel needs no copy. All that depends on the layer
//! alone, and with it the order of every sum.

mod frame;
mod lower;
mod panels;
mod planes;
mod window;

pub use window::Window;

use super::dense::dispatch;
use super::engine::{Engine, PortableF32, PortableF64};
use super::path::{BASELINE_FMA, Kind};
use super::tile::{Panel, Start};
use super::transpose;
use super::{SimdPath, Unfused};
use crate::{Real, Scalar};
use core::ptr;
use frame::{Frame, slide_backward, slide_forward};
use lower::{Lowered, PIXELS, Tap};
use panels::WIDEST;

#[cfg(target_arch = "x86_64")]
use super::engine::{Avx2F32, Avx2F64, Avx512F32, Avx512F64};

/// A convolution's sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// How its kernel moves over the image, with all the image's channels.
    pub window: Window,
    /// Channels of the output.
    pub channels: usize,
    /// Into how many groups the channels are divided, each with its own weights.
    pub groups: usize,
}

impl Convolution {
    /// Channels of the input that an output looks at.
    fn inputs(&self) -> usize {
        self.window.channels / self.groups
    }

    /// Channels of the output that look at the same inputs.
    fn outputs(&self) -> usize {
        self.channels / self.groups
    }

    /// The number of weights that an output sums over.
    pub const fn fan_in(&self) -> usize {
        self.window.channels / self.groups * self.window.taps()
    }

    /// The shares of lanes that hold something, where a register of 64 bytes holds
    /// channels of the output, and where it holds pixels of a row.
    fn shares<T>(&self) -> [f64; 2] {
        [self.outputs(), self.window.output[1]].map(|n| {
            let lanes = 64 / size_of::<T>();
            n as f64 / n.next_multiple_of(lanes) as f64
        })
    }

    /// How the output is computed, if the image fits its frame.
    fn way<T>(&self) -> Way {
        let [channels, pixels] = self.shares::<T>();
        if self.window.is_point() {
            Way::Patches
        } else if self.window.stride[1] > 1 || channels > 1.25 * pixels {
            Way::Panels
        } else {
            Way::Planes
        }
    }

    /// How the weight's gradient is computed, if the image fits its frame.
    fn d_weight_way<T>(&self) -> Way {
        let [channels, pixels] = self.shares::<T>();
        let wide = self.window.output[1] > WIDEST;
        let planes = Frame::rows_of::<T>(self).is_some();
        if self.window.is_point() || (wide && !planes) {
            Way::Patches
        } else if !planes || (!wide && channels > 0.52 * pixels) {
            Way::Panels
        } else {
            Way::Planes
        }
    }

    fn check<T>(&self, weight: &[T], x: &[T], y: &[T]) {
        let Window { channels, .. } = self.window;
        assert!(
            self.groups > 0
                && channels.is_multiple_of(self.groups)
                && self.channels.is_multiple_of(self.groups),
            "the channels cannot be divided into these groups"
        );
        assert_eq!(
            weight.len(),
            self.channels * self.fan_in(),
            "the weight does not fit the convolution"
        );
        let (input, output) = (self.window.input(), self.channels * self.window.pixels());
        assert!(
            x.len().is_multiple_of(input) && x.len() / input * output == y.len(),
            "input and output do not fit the convolution"
        );
    }
}

/// `y[o, p] = b[o] + sum W[o, i, ky, kx] x[i, p * stride + (ky, kx) * dilation - padding]`
/// for each image of a batch.
///
/// In `weight`, `[channels, inputs, kernel height, kernel width]`, the first index
/// runs fastest; `bias` has an entry for each output channel, or none.
///
/// # Panics
///
/// If the slices do not fit the convolution.
#[inline]
pub fn conv2d_forward<T: Scalar>(
    path: SimdPath,
    sizes: &Convolution,
    weight: &[T],
    bias: &[T],
    x: &[T],
    y: &mut [T],
) {
    T::convolve(path, sizes, weight, bias, x, y);
}

/// The input's gradient (replaced) from the output's; layouts as in [`conv2d_forward`].
/// It is what a transposed convolution computes, with `bias` for each input channel.
///
/// # Panics
///
/// If the slices do not fit the convolution.
#[inline]
pub fn conv2d_d_input<T: Scalar>(
    path: SimdPath,
    sizes: &Convolution,
    weight: &[T],
    bias: &[T],
    d_y: &[T],
    d_x: &mut [T],
) {
    T::convolve_d_input(path, sizes, weight, bias, d_y, d_x);
}

/// The gradients of weight and bias; layouts as in [`conv2d_forward`]. Adds to the old
/// gradients if `accumulate`, else replaces them. `d_bias` may be empty.
///
/// # Panics
///
/// If the slices do not fit the convolution.
#[inline]
pub fn conv2d_d_weight<T: Scalar>(
    path: SimdPath,
    sizes: &Convolution,
    x: &[T],
    d_y: &[T],
    d_weight: &mut [T],
    d_bias: &mut [T],
    accumulate: bool,
) {
    T::convolve_d_weight(path, sizes, x, d_y, d_weight, d_bias, accumulate);
}

/// The products of a convolution for one number type.
#[doc(hidden)]
pub trait Convolutions: Sized {
    fn convolve(
        path: SimdPath,
        sizes: &Convolution,
        weight: &[Self],
        bias: &[Self],
        x: &[Self],
        y: &mut [Self],
    );
    fn convolve_d_input(
        path: SimdPath,
        sizes: &Convolution,
        weight: &[Self],
        bias: &[Self],
        d_y: &[Self],
        d_x: &mut [Self],
    );
    fn convolve_d_weight(
        path: SimdPath,
        sizes: &Convolution,
        x: &[Self],
        d_y: &[Self],
        d_weight: &mut [Self],
        d_bias: &mut [Self],
        accumulate: bool,
    );
}

macro_rules! convolutions {
    ($element:ident, $avx512:ident, $avx2:ident, $portable:ident) => {
        impl Convolutions for $element {
            fn convolve(
                path: SimdPath,
                sizes: &Convolution,
                weight: &[Self],
                bias: &[Self],
                x: &[Self],
                y: &mut [Self],
            ) {
                dispatch!(
                    path,
                    $element,
                    $avx512,
                    $avx2,
                    $portable,
                    forward_with(path, sizes, weight, bias, x, y)
                );
            }

            fn convolve_d_input(
                path: SimdPath,
                sizes: &Convolution,
                weight: &[Self],
                bias: &[Self],
                d_y: &[Self],
                d_x: &mut [Self],
            ) {
                dispatch!(
                    path,
                    $element,
                    $avx512,
                    $avx2,
                    $portable,
                    d_input_with(path, sizes, weight, bias, d_y, d_x)
                );
            }

            fn convolve_d_weight(
                path: SimdPath,
                sizes: &Convolution,
                x: &[Self],
                d_y: &[Self],
                d_weight: &mut [Self],
                d_bias: &mut [Self],
                accumulate: bool,
            ) {
                dispatch!(
                    path,
                    $element,
                    $avx512,
                    $avx2,
                    $portable,
                    d_weight_with(path, sizes, x, d_y, d_weight, d_bias, accumulate)
                );
            }
        }
    };
}

convolutions!(f32, Avx512F32, Avx2F32, PortableF32);
convolutions!(f64, Avx512F64, Avx2F64, PortableF64);

/// What lies side by side in a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Channels of the output ([`panels`]).
    Panels,
    /// Pixels of a row ([`frame`]).
    Planes,
    /// Whatever the dense layers' products find in copied patches ([`lower`]).
    Patches,
}

/// Memory for a block of patches, or for an image with its zeros.
const BUFFER: usize = 24 * 1024;

/// Memory for a block of the output's gradient with its channels side by side.
const TURNED: usize = 16 * 1024;

#[repr(C, align(64))]
struct Buffer<const BYTES: usize>([u8; BYTES]);

impl<const BYTES: usize> Buffer<BYTES> {
    /// Zeroed memory.
    fn new() -> Self {
        Self([0; BYTES])
    }

    fn numbers<T: Scalar>(&mut self) -> &mut [T] {
        bytemuck::cast_slice_mut(&mut self.0)
    }
}

/// The rows of patches that fit the buffer: blocks of nearly the same depth.
fn depth<T>(fan_in: usize) -> usize {
    // The last row's copies may reach beyond its end.
    let most = BUFFER / size_of::<T>() / PIXELS - 1;
    fan_in.div_ceil(fan_in.div_ceil(most))
}

unsafe fn forward_with<E: Engine>(
    path: SimdPath,
    sizes: &Convolution,
    weight: &[E::Element],
    bias: &[E::Element],
    x: &[E::Element],
    y: &mut [E::Element],
) {
    sizes.check(weight, x, y);
    assert!(
        bias.is_empty() || bias.len() == sizes.channels,
        "the bias does not fit the convolution"
    );
    let mut buffer = Buffer::<BUFFER>::new();
    let way = sizes.way::<E::Element>();
    if let Some(frame) = Frame::forward::<E::Element>(sizes)
        && way != Way::Patches
    {
        let buffer = buffer.numbers();
        // SAFETY: the slices have the sizes checked above.
        unsafe {
            if way == Way::Panels {
                panels::forward::<E>(sizes, &frame, weight, bias, x, y, buffer);
            } else {
                slide_forward::<E>(sizes, &frame, weight, bias, x, y, buffer);
            }
        }
        return;
    }
    let (pixels, outputs) = (sizes.window.pixels(), sizes.outputs());
    let depth = depth::<E::Element>(sizes.fan_in());
    for (x, y) in x
        .chunks_exact(sizes.window.input())
        .zip(y.chunks_exact_mut(sizes.channels * pixels))
    {
        for group in 0..sizes.groups {
            let x = sizes.window.part(x, group, sizes.inputs());
            let (from, to) = (group * outputs, (group + 1) * outputs);
            for tap in Tap::blocks(&sizes.window, sizes.fan_in(), depth) {
                let lowered = Lowered::new(path, &sizes.window, x, &tap, buffer.numbers());
                let mut row = 0;
                while row < tap.pixels {
                    let rows = E::height(tap.pixels - row, 1, false);
                    // SAFETY: `lowered` holds `tap.depth` rows of `tap.pixels` numbers;
                    // the weight has `channels` rows and `fan_in` columns, of which these
                    // are `from..to` and those of the tap; `y` has `channels` rows of
                    // `pixels` numbers, of which these are the tap's.
                    unsafe {
                        let start = if tap.row > 0 {
                            Start::Resume
                        } else if bias.is_empty() {
                            Start::Zero
                        } else {
                            Start::Columns(bias[from..to].as_ptr())
                        };
                        E::outer(&Panel {
                            rows,
                            depth: tap.depth,
                            columns: outputs,
                            a: lowered.pointer().add(row),
                            a_stride: lowered.stride(),
                            b: weight.as_ptr().add(from + tap.row * sizes.channels),
                            b_stride: sizes.channels,
                            c: y.as_mut_ptr().add(from * pixels + tap.pixel + row),
                            c_stride: pixels,
                            start,
                        });
                    }
                    row += rows;
                }
            }
        }
    }
}

unsafe fn d_input_with<E: Engine>(
    path: SimdPath,
    sizes: &Convolution,
    weight: &[E::Element],
    bias: &[E::Element],
    d_y: &[E::Element],
    d_x: &mut [E::Element],
) {
    sizes.check(weight, d_x, d_y);
    assert!(
        bias.is_empty() || bias.len() == sizes.window.channels,
        "the bias does not fit the convolution"
    );
    let mut buffer = Buffer::<BUFFER>::new();
    let buffer = buffer.numbers::<E::Element>();
    if let Some(frame) = Frame::backward::<E::Element>(sizes) {
        // SAFETY: the slices have the sizes checked above.
        unsafe { slide_backward::<E>(sizes, &frame, weight, bias, d_y, d_x, buffer) };
        return;
    }
    let (pixels, outputs) = (sizes.window.pixels(), sizes.outputs());
    let depth = depth::<E::Element>(sizes.fan_in());
    let plane = sizes.window.height * sizes.window.width;
    for (d_x, d_y) in d_x
        .chunks_exact_mut(sizes.window.input())
        .zip(d_y.chunks_exact(sizes.channels * pixels))
    {
        for (channel, d_x) in d_x.chunks_exact_mut(plane).enumerate() {
            d_x.fill(bias.get(channel).copied().unwrap_or(E::Element::ZERO));
        }
        for group in 0..sizes.groups {
            let d_x = sizes.window.part_mut(d_x, group, sizes.inputs());
            let from = group * outputs;
            for tap in Tap::blocks(&sizes.window, sizes.fan_in(), depth) {
                let mut row = 0;
                while row < tap.pixels {
                    let rows = E::height(tap.pixels - row, 1, false);
                    // SAFETY: `d_y` has `channels` rows of `pixels` numbers, of which these
                    // are the group's and the tap's; the weight has `channels` rows and
                    // `fan_in` columns; the buffer has `tap.depth` rows of `PIXELS`.
                    unsafe {
                        E::columns(
                            &Panel {
                                rows,
                                depth: outputs,
                                columns: tap.depth,
                                a: d_y.as_ptr().add(from * pixels + tap.pixel + row),
                                a_stride: pixels,
                                b: weight.as_ptr().add(from + tap.row * sizes.channels),
                                b_stride: sizes.channels,
                                c: buffer.as_mut_ptr().add(row),
                                c_stride: PIXELS,
                                start: Start::Zero,
                            },
                            1,
                        );
                    }
                    row += rows;
                }
                lower::add_back(path, &sizes.window, buffer, &tap, d_x);
            }
        }
    }
}

unsafe fn d_weight_with<E: Engine>(
    path: SimdPath,
    sizes: &Convolution,
    x: &[E::Element],
    d_y: &[E::Element],
    d_weight: &mut [E::Element],
    d_bias: &mut [E::Element],
    accumulate: bool,
) {
    sizes.check(d_weight, x, d_y);
    assert!(
        d_bias.is_empty() || d_bias.len() == sizes.channels,
        "the bias does not fit the convolution"
    );
    if !accumulate {
        d_weight.fill(E::Element::ZERO);
        d_bias.fill(E::Element::ZERO);
    }
    let mut buffer = Buffer::<BUFFER>::new();
    let way = sizes.d_weight_way::<E::Element>();
    if let Some(frame) = Frame::forward::<E::Element>(sizes)
        && way != Way::Patches
    {
        let buffer = buffer.numbers();
        // SAFETY: the slices have the sizes checked above.
        unsafe {
            if way == Way::Panels {
                panels::d_weight::<E>(path, sizes, &frame, x, d_y, d_weight, d_bias, buffer);
            } else {
                planes::d_weight::<E>(path, sizes, &frame, x, d_y, d_weight, d_bias, buffer);
            }
        }
        return;
    }
    // SAFETY: the slices have the sizes checked above.
    unsafe { d_weight_from_patches::<E>(path, sizes, x, d_y, d_weight, d_bias, buffer.numbers()) };
}

/// A function of its own, as each way has its own memory on the stack.
#[inline(never)]
unsafe fn d_weight_from_patches<E: Engine>(
    path: SimdPath,
    sizes: &Convolution,
    x: &[E::Element],
    d_y: &[E::Element],
    d_weight: &mut [E::Element],
    d_bias: &mut [E::Element],
    buffer: &mut [E::Element],
) {
    let mut turned = Buffer::<TURNED>::new();
    let turned = turned.numbers::<E::Element>();
    let (pixels, outputs) = (sizes.window.pixels(), sizes.outputs());
    let depth = depth::<E::Element>(sizes.fan_in());
    let split = super::dense::split::<E::Element>(outputs, usize::MAX);
    for (x, d_y) in x
        .chunks_exact(sizes.window.input())
        .zip(d_y.chunks_exact(sizes.channels * pixels))
    {
        for group in 0..sizes.groups {
            let x = sizes.window.part(x, group, sizes.inputs());
            for tap in Tap::blocks(&sizes.window, sizes.fan_in(), depth) {
                let lowered = Lowered::new(path, &sizes.window, x, &tap, buffer);
                let mut row = 0;
                while row < outputs {
                    let rows = E::height(outputs - row, split, false);
                    let stride = rows.next_multiple_of(64 / size_of::<E::Element>());
                    let from = group * outputs + row;
                    debug_assert!(stride * tap.pixels <= turned.len(), "a panel fits");
                    // SAFETY: `d_y` has `channels` rows of `pixels` numbers, of which these
                    // are the panel's and the tap's; turned, they fit the buffer, which has
                    // `PIXELS` rows of 64 bytes for each register of a panel; `d_weight` has
                    // `channels` rows and `fan_in` columns.
                    unsafe {
                        E::transpose(&transpose::Block {
                            from: d_y.as_ptr().add(from * pixels + tap.pixel),
                            from_stride: pixels,
                            rows: tap.pixels,
                            columns: rows,
                            to: turned.as_mut_ptr(),
                            to_stride: stride,
                        });
                        let panel = Panel {
                            rows,
                            depth: tap.pixels,
                            columns: tap.depth,
                            a: turned.as_ptr(),
                            a_stride: stride,
                            b: lowered.pointer(),
                            b_stride: lowered.stride(),
                            c: d_weight.as_mut_ptr().add(from + tap.row * sizes.channels),
                            c_stride: sizes.channels,
                            start: Start::Resume,
                        };
                        if tap.row == 0 && !d_bias.is_empty() {
                            E::row_sums(&Panel {
                                columns: 1,
                                b: ptr::null(),
                                c: d_bias.as_mut_ptr().add(from),
                                ..panel
                            });
                        }
                        E::columns(&panel, split);
                    }
                    row += rows;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
