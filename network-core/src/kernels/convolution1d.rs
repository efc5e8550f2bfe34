//! The three products of a convolution of sequences, on slices.
//!
//! A sequence lies step by step, so that what a kernel sees of it is one run of numbers
//! (or one for each of its entries, if it is dilated or grouped): the register tiles of
//! the dense layers read it where it lies, and nothing is copied.

use super::dense::{dispatch, split};
use super::engine::{Engine, PortableF32, PortableF64};
use super::path::{BASELINE_FMA, Kind};
use super::tile::{Panel, Start};
use super::transpose::Block;
use super::{SimdPath, Unfused};
use crate::{Real, Scalar};
use core::mem::MaybeUninit;
use core::ptr;

#[cfg(target_arch = "x86_64")]
use super::engine::{Avx2F32, Avx2F64, Avx512F32, Avx512F64};

/// The sizes of a convolution of sequences, whose padding has been written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution1d {
    /// Features of the input.
    pub inputs: usize,
    /// Features of the output.
    pub outputs: usize,
    /// Size of the kernel.
    pub kernel: usize,
    /// Steps from one position of the kernel to the next.
    pub stride: usize,
    /// Steps from one entry of the kernel to the next.
    pub dilation: usize,
    /// Into how many groups the features are divided, each with its own weights.
    pub groups: usize,
    /// Positions of the kernel: steps of the output.
    pub steps: usize,
}

/// What a kernel sees as one run of numbers.
#[derive(Clone, Copy)]
struct Run {
    /// Of the group's columns of the weight.
    column: usize,
    /// From the position's first entry.
    start: usize,
    /// How many numbers.
    len: usize,
}

impl Convolution1d {
    /// Steps of the input that the kernel sees at one position.
    pub const fn reach(&self) -> usize {
        self.dilation * (self.kernel - 1) + 1
    }

    /// Steps of the input that the kernel sees at all positions.
    pub const fn input_steps(&self) -> usize {
        (self.steps - 1) * self.stride + self.reach()
    }

    /// The number of weights that an output sums over.
    pub const fn fan_in(&self) -> usize {
        self.inputs / self.groups * self.kernel
    }

    /// Numbers from one position to the next.
    const fn hop(&self) -> usize {
        self.stride * self.inputs
    }

    /// What the kernel sees of a group, run by run.
    fn runs(&self, group: usize) -> impl Iterator<Item = Run> {
        let (each, sizes) = (self.inputs / self.groups, *self);
        let whole = self.dilation == 1 && self.groups == 1;
        let count = if whole { 1 } else { self.kernel };
        (0..count).map(move |tap| Run {
            column: tap * each,
            start: tap * sizes.dilation * sizes.inputs + group * each,
            len: if whole { sizes.fan_in() } else { each },
        })
    }

    /// The number of sequences; `x` is `x_steps` long.
    fn check<T>(&self, weight: &[T], x: &[T], x_steps: usize, y: &[T]) -> usize {
        assert!(
            self.groups > 0
                && self.inputs.is_multiple_of(self.groups)
                && self.outputs.is_multiple_of(self.groups)
                && self.kernel > 0
                && self.steps > 0,
            "the features cannot be divided into these groups"
        );
        assert_eq!(
            weight.len(),
            self.outputs * self.fan_in(),
            "the weight does not fit the convolution"
        );
        let (input, output) = (self.inputs * x_steps, self.outputs * self.steps);
        let batch = x.len() / input;
        assert!(
            x_steps >= self.input_steps() && x.len() == batch * input && y.len() == batch * output,
            "input and output do not fit the convolution"
        );
        batch
    }
}

/// `y[t, o] = b[o] + sum W[o, i, k] x[t * stride + k * dilation, i]` for each sequence of
/// `x_steps` steps of a batch.
///
/// In `weight`, `[outputs, inputs / groups, kernel]`, the first index runs fastest; `bias`
/// has an entry for each output, or none. A step's result is the same bits in any
/// sequence.
///
/// # Panics
///
/// If the slices do not fit the convolution.
#[inline]
pub fn conv1d_forward<T: Scalar>(
    path: SimdPath,
    sizes: &Convolution1d,
    weight: &[T],
    bias: &[T],
    x: &[T],
    x_steps: usize,
    y: &mut [T],
) {
    T::convolve1d(path, sizes, weight, bias, x, x_steps, y);
}

/// The input's gradient (replaced) from the output's; layouts as in [`conv1d_forward`].
///
/// # Panics
///
/// If the slices do not fit the convolution.
#[inline]
pub fn conv1d_d_input<T: Scalar>(
    path: SimdPath,
    sizes: &Convolution1d,
    weight: &[T],
    d_y: &[T],
    d_x: &mut [T],
    x_steps: usize,
) {
    T::convolve1d_d_input(path, sizes, weight, d_y, d_x, x_steps);
}

/// The gradients of weight and bias; layouts as in [`conv1d_forward`]. Adds to the old
/// gradients if `accumulate`, else replaces them. `d_bias` may be empty.
///
/// # Panics
///
/// If the slices do not fit the convolution.
#[inline]
pub fn conv1d_d_weight<T: Scalar>(
    path: SimdPath,
    sizes: &Convolution1d,
    x: &[T],
    x_steps: usize,
    d_y: &[T],
    d_weight: &mut [T],
    d_bias: &mut [T],
    accumulate: bool,
) {
    T::convolve1d_d_weight(path, sizes, x, x_steps, d_y, d_weight, d_bias, accumulate);
}

/// The products of a convolution of sequences for one number type.
#[doc(hidden)]
pub trait Convolutions1d: Sized {
    fn convolve1d(
        path: SimdPath,
        sizes: &Convolution1d,
        weight: &[Self],
        bias: &[Self],
        x: &[Self],
        x_steps: usize,
        y: &mut [Self],
    );
    fn convolve1d_d_input(
        path: SimdPath,
        sizes: &Convolution1d,
        weight: &[Self],
        d_y: &[Self],
        d_x: &mut [Self],
        x_steps: usize,
    );
    fn convolve1d_d_weight(
        path: SimdPath,
        sizes: &Convolution1d,
        x: &[Self],
        x_steps: usize,
        d_y: &[Self],
        d_weight: &mut [Self],
        d_bias: &mut [Self],
        accumulate: bool,
    );
}

macro_rules! convolutions {
    ($element:ident, $avx512:ident, $avx2:ident, $portable:ident) => {
        impl Convolutions1d for $element {
            fn convolve1d(
                path: SimdPath,
                sizes: &Convolution1d,
                weight: &[Self],
                bias: &[Self],
                x: &[Self],
                x_steps: usize,
                y: &mut [Self],
            ) {
                dispatch!(
                    path,
                    $element,
                    $avx512,
                    $avx2,
                    $portable,
                    forward_with(sizes, weight, bias, x, x_steps, y)
                );
            }

            fn convolve1d_d_input(
                path: SimdPath,
                sizes: &Convolution1d,
                weight: &[Self],
                d_y: &[Self],
                d_x: &mut [Self],
                x_steps: usize,
            ) {
                dispatch!(
                    path,
                    $element,
                    $avx512,
                    $avx2,
                    $portable,
                    d_input_with(sizes, weight, d_y, d_x, x_steps)
                );
            }

            fn convolve1d_d_weight(
                path: SimdPath,
                sizes: &Convolution1d,
                x: &[Self],
                x_steps: usize,
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
                    d_weight_with(sizes, x, x_steps, d_y, d_weight, d_bias, accumulate)
                );
            }
        }
    };
}

convolutions!(f32, Avx512F32, Avx2F32, PortableF32);
convolutions!(f64, Avx512F64, Avx2F64, PortableF64);

unsafe fn forward_with<E: Engine>(
    sizes: &Convolution1d,
    weight: &[E::Element],
    bias: &[E::Element],
    x: &[E::Element],
    x_steps: usize,
    y: &mut [E::Element],
) {
    let batch = sizes.check(weight, x, x_steps, y);
    assert!(
        bias.is_empty() || bias.len() == sizes.outputs,
        "the bias does not fit the convolution"
    );
    let outputs = sizes.outputs / sizes.groups;
    let split = split::<E::Element>(outputs, usize::MAX);
    for group in 0..sizes.groups {
        let mut row = 0;
        while row < outputs {
            let rows = E::height(outputs - row, split, false);
            let from = group * outputs + row;
            for sequence in 0..batch {
                for (index, run) in sizes.runs(group).enumerate() {
                    let start = if index > 0 {
                        Start::Resume
                    } else if bias.is_empty() {
                        Start::Zero
                    } else {
                        Start::Bias(bias[from..].as_ptr())
                    };
                    // SAFETY: the slices have the sizes checked above: the weight has
                    // `outputs` rows and `fan_in` columns; a position's runs lie within
                    // `reach` steps from it; `y` has `outputs` numbers for each step.
                    unsafe {
                        E::columns(
                            &Panel {
                                rows,
                                depth: run.len,
                                columns: sizes.steps,
                                a: weight.as_ptr().add(from + run.column * sizes.outputs),
                                a_stride: sizes.outputs,
                                b: x.as_ptr()
                                    .add(sequence * x_steps * sizes.inputs + run.start),
                                b_stride: sizes.hop(),
                                c: y.as_mut_ptr()
                                    .add(sequence * sizes.steps * sizes.outputs + from),
                                c_stride: sizes.outputs,
                                start,
                            },
                            split,
                        );
                    }
                }
            }
            row += rows;
        }
    }
}

/// Memory for a turned part of a weight.
const BUFFER: usize = 16 * 1024;

#[repr(align(64))]
struct Buffer(MaybeUninit<[u8; BUFFER]>);

unsafe fn d_input_with<E: Engine>(
    sizes: &Convolution1d,
    weight: &[E::Element],
    d_y: &[E::Element],
    d_x: &mut [E::Element],
    x_steps: usize,
) {
    let batch = sizes.check(weight, d_x, x_steps, d_y);
    d_x.fill(E::Element::ZERO);
    let mut buffer = Buffer(MaybeUninit::uninit());
    let buffer: *mut E::Element = buffer.0.as_mut_ptr().cast();
    let capacity = BUFFER / size_of::<E::Element>();
    let (inputs, outputs) = (sizes.inputs / sizes.groups, sizes.outputs / sizes.groups);
    for group in 0..sizes.groups {
        for tap in 0..sizes.kernel {
            let mut row = 0;
            while row < inputs {
                let rows = E::height(inputs - row, 1, false);
                let stride = rows.next_multiple_of(64 / size_of::<E::Element>());
                let mut first = 0;
                while first < outputs {
                    let depth = (capacity / stride).min(outputs - first);
                    let from = group * outputs + first;
                    let column = tap * inputs + row;
                    // SAFETY: the slices have the sizes checked above: the weight has
                    // `outputs` rows and `fan_in` columns; a transposed block fits the
                    // buffer because `depth * stride` is at most its capacity; the panel's
                    // columns, one for each position, do not overlap, since a position has
                    // at most `inputs` rows and the next is at least as far.
                    unsafe {
                        E::transpose(&Block {
                            from: weight.as_ptr().add(from + column * sizes.outputs),
                            from_stride: sizes.outputs,
                            rows: depth,
                            columns: rows,
                            to: buffer,
                            to_stride: stride,
                        });
                        for sequence in 0..batch {
                            let at = tap * sizes.dilation * sizes.inputs + group * inputs + row;
                            E::columns(
                                &Panel {
                                    rows,
                                    depth,
                                    columns: sizes.steps,
                                    a: buffer,
                                    a_stride: stride,
                                    b: d_y
                                        .as_ptr()
                                        .add(sequence * sizes.steps * sizes.outputs + from),
                                    b_stride: sizes.outputs,
                                    c: d_x.as_mut_ptr().add(sequence * x_steps * sizes.inputs + at),
                                    c_stride: sizes.hop(),
                                    start: Start::Resume,
                                },
                                1,
                            );
                        }
                    }
                    first += depth;
                }
                row += rows;
            }
        }
    }
}

unsafe fn d_weight_with<E: Engine>(
    sizes: &Convolution1d,
    x: &[E::Element],
    x_steps: usize,
    d_y: &[E::Element],
    d_weight: &mut [E::Element],
    d_bias: &mut [E::Element],
    accumulate: bool,
) {
    let batch = sizes.check(d_weight, x, x_steps, d_y);
    assert!(
        d_bias.is_empty() || d_bias.len() == sizes.outputs,
        "the bias does not fit the convolution"
    );
    if !accumulate {
        d_weight.fill(E::Element::ZERO);
        d_bias.fill(E::Element::ZERO);
    }
    let outputs = sizes.outputs / sizes.groups;
    for sequence in 0..batch {
        for group in 0..sizes.groups {
            let mut row = 0;
            while row < outputs {
                let rows = E::height(outputs - row, 1, false);
                let from = group * outputs + row;
                for (index, run) in sizes.runs(group).enumerate() {
                    // SAFETY: as in `forward_with`, with the roles of weight and output
                    // exchanged.
                    unsafe {
                        let panel = Panel {
                            rows,
                            depth: sizes.steps,
                            columns: run.len,
                            a: d_y
                                .as_ptr()
                                .add(sequence * sizes.steps * sizes.outputs + from),
                            a_stride: sizes.outputs,
                            b: x.as_ptr()
                                .add(sequence * x_steps * sizes.inputs + run.start),
                            b_stride: sizes.hop(),
                            c: d_weight.as_mut_ptr().add(from + run.column * sizes.outputs),
                            c_stride: sizes.outputs,
                            start: Start::Resume,
                        };
                        if index == 0 && !d_bias.is_empty() {
                            E::row_sums(&Panel {
                                columns: 1,
                                b: ptr::null(),
                                c: d_bias.as_mut_ptr().add(from),
                                ..panel
                            });
                        }
                        E::outer(&panel);
                    }
                }
                row += rows;
            }
        }
    }
}
