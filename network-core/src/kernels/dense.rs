//! The three products of a dense layer, on slices.
//!
//! The sizes are constants of the network, but values here: the loops are compiled
//! once for each path and number type, not once for each layer.

use super::engine::{Engine, PortableF32, PortableF64};
use super::path::{BASELINE_FMA, Kind};
use super::tile::{Panel, Start};
use super::transpose::Block;
use super::{SimdPath, Unfused};
use crate::{Real, Scalar};
use core::mem::MaybeUninit;

#[cfg(target_arch = "x86_64")]
use super::engine::{Avx2F32, Avx2F64, Avx512F32, Avx512F64};

/// `Y = W X + b` for a batch: `y[o, s] = b[o] + sum_i W[o, i] x[i, s]`.
///
/// All column-major: `weight` is `OUTPUT x INPUT`, `x` is `INPUT x n`, `y` is
/// `OUTPUT x n`; `bias` has `OUTPUT` entries, or none.
///
/// A sample's result is the same bits alone and in any batch.
///
/// # Panics
///
/// If the slices are not of these sizes.
#[inline]
pub fn dense_forward<T: Scalar, const INPUT: usize, const OUTPUT: usize>(
    path: SimdPath,
    weight: &[T],
    bias: &[T],
    x: &[T],
    y: &mut [T],
) {
    T::forward(path, Sizes::new::<INPUT, OUTPUT>(), weight, bias, x, y);
}

/// `dX = W^T dY` for a batch; layouts as in [`dense_forward`].
///
/// # Panics
///
/// If the slices are not of these sizes.
#[inline]
pub fn dense_d_input<T: Scalar, const INPUT: usize, const OUTPUT: usize>(
    path: SimdPath,
    weight: &[T],
    d_y: &[T],
    d_x: &mut [T],
) {
    T::d_input(path, Sizes::new::<INPUT, OUTPUT>(), weight, d_y, d_x);
}

/// `dW = dY X^T` and `db = dY 1` for a batch; layouts as in [`dense_forward`].
/// Adds to the old gradient if `accumulate`, else replaces it. `d_bias` may be empty.
///
/// # Panics
///
/// If the slices are not of these sizes.
#[inline]
pub fn dense_d_weight<T: Scalar, const INPUT: usize, const OUTPUT: usize>(
    path: SimdPath,
    x: &[T],
    d_y: &[T],
    d_weight: &mut [T],
    d_bias: &mut [T],
    accumulate: bool,
) {
    let sizes = Sizes::new::<INPUT, OUTPUT>();
    T::d_weight(path, sizes, x, d_y, d_weight, d_bias, accumulate);
}

/// The sizes of a dense layer.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// The layer's number of inputs.
    pub input: usize,
    /// The layer's number of outputs.
    pub output: usize,
}

impl Sizes {
    #[inline(always)]
    fn new<const INPUT: usize, const OUTPUT: usize>() -> Self {
        Self {
            input: INPUT,
            output: OUTPUT,
        }
    }

    /// The batch size of `x` and `y`, which must fit each other and the layer.
    fn batch<T>(self, weight: &[T], x: &[T], y: &[T]) -> usize {
        assert_eq!(
            weight.len(),
            self.input * self.output,
            "the weight does not fit the layer"
        );
        let batch = match (self.input, self.output) {
            (0, 0) => 0,
            (0, output) => y.len() / output,
            (input, _) => x.len() / input,
        };
        assert_eq!(
            x.len(),
            self.input * batch,
            "the input does not fit the layer"
        );
        assert_eq!(
            y.len(),
            self.output * batch,
            "the output does not fit the layer's input"
        );
        batch
    }
}

/// The products of a dense layer for one number type.
#[doc(hidden)]
pub trait Products: Sized {
    fn forward(
        path: SimdPath,
        sizes: Sizes,
        weight: &[Self],
        bias: &[Self],
        x: &[Self],
        y: &mut [Self],
    );
    fn d_input(path: SimdPath, sizes: Sizes, weight: &[Self], d_y: &[Self], d_x: &mut [Self]);
    fn d_weight(
        path: SimdPath,
        sizes: Sizes,
        x: &[Self],
        d_y: &[Self],
        d_weight: &mut [Self],
        d_bias: &mut [Self],
        accumulate: bool,
    );
}

/// Calls a driver with the engine of a path.
macro_rules! dispatch {
    ($path:expr, $element:ident, $avx512:ident, $avx2:ident, $portable:ident, $call:ident($($argument:expr),*)) => {
        // SAFETY: a `SimdPath` exists only on machines that have the path.
        unsafe {
            match $path.0 {
                #[cfg(target_arch = "x86_64")]
                Kind::Avx512 => $call::<$avx512>($($argument),*),
                #[cfg(target_arch = "x86_64")]
                Kind::Avx2Fma => $call::<$avx2>($($argument),*),
                Kind::Portable if !BASELINE_FMA => {
                    $call::<$portable<Unfused<$element>>>($($argument),*)
                }
                Kind::Portable | Kind::PortableFused => {
                    $call::<$portable<$element>>($($argument),*)
                }
            }
        }
    };
}

pub(super) use dispatch;

macro_rules! products {
    ($element:ident, $avx512:ident, $avx2:ident, $portable:ident) => {
        impl Products for $element {
            fn forward(
                path: SimdPath,
                sizes: Sizes,
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
                    forward_with(sizes, weight, bias, x, y)
                );
            }

            fn d_input(
                path: SimdPath,
                sizes: Sizes,
                weight: &[Self],
                d_y: &[Self],
                d_x: &mut [Self],
            ) {
                dispatch!(
                    path,
                    $element,
                    $avx512,
                    $avx2,
                    $portable,
                    d_input_with(sizes, weight, d_y, d_x)
                );
            }

            fn d_weight(
                path: SimdPath,
                sizes: Sizes,
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
                    d_weight_with(sizes, x, d_y, d_weight, d_bias, accumulate)
                );
            }
        }
    };
}

products!(f32, Avx512F32, Avx2F32, PortableF32);
products!(f64, Avx512F64, Avx2F64, PortableF64);

/// How many partial sums an output has that is a sum of `depth` terms, in a layer with so
/// many outputs: more than one where the latency of one addition after the other would
/// show, for a sample alone.
pub(super) fn split<T>(outputs: usize, depth: usize) -> usize {
    const FEW: usize = 4;
    const SHALLOW: usize = 32;
    const TWO_LINES: usize = 128;
    if outputs <= FEW {
        4
    } else if depth <= SHALLOW || outputs * size_of::<T>() > TWO_LINES {
        1
    } else {
        2
    }
}

unsafe fn forward_with<E: Engine>(
    sizes: Sizes,
    weight: &[E::Element],
    bias: &[E::Element],
    x: &[E::Element],
    y: &mut [E::Element],
) {
    let Sizes { input, output } = sizes;
    let batch = sizes.batch(weight, x, y);
    assert!(
        bias.is_empty() || bias.len() == output,
        "the bias does not fit the layer"
    );
    if batch == 0 || output == 0 {
        return;
    }
    let split = split::<E::Element>(output, input);
    if output <= 4 && batch >= 8 {
        let start = if bias.is_empty() {
            Start::Zero
        } else {
            Start::Bias(bias.as_ptr())
        };
        // SAFETY: the slices have the sizes checked above; the panel is all there is.
        let done = unsafe {
            quads::<E>(&Panel {
                rows: output,
                depth: input,
                columns: batch,
                a: weight.as_ptr(),
                a_stride: output,
                b: x.as_ptr(),
                b_stride: input,
                c: y.as_mut_ptr(),
                c_stride: output,
                start,
            })
        };
        if done {
            return;
        }
    }
    let mut row = 0;
    while row < output {
        let rows = E::height(output - row, split, batch == 1);
        // SAFETY: the slices have the sizes checked above; the panel is rows `row` to
        // `row + rows` of `weight`, `bias` and `y`.
        unsafe {
            let panel = Panel {
                rows,
                depth: input,
                columns: batch,
                a: weight.as_ptr().wrapping_add(row),
                a_stride: output,
                b: x.as_ptr(),
                b_stride: input,
                c: y.as_mut_ptr().add(row),
                c_stride: output,
                start: if bias.is_empty() {
                    Start::Zero
                } else {
                    Start::Bias(bias.as_ptr().add(row))
                },
            };
            E::columns(&panel, split);
        }
        row += rows;
    }
}

/// [`Engine::quads`], for which columns of fewer than four rows are padded.
unsafe fn quads<E: Engine>(panel: &Panel<E::Element>) -> bool {
    // SAFETY: the caller's conditions; the buffer holds four numbers for each column.
    unsafe {
        if panel.rows == 4 {
            return E::quads(panel);
        }
        if panel.depth > SMALL_BUFFER / (4 * size_of::<E::Element>()) {
            return false;
        }
        let mut buffer = Buffer::<SMALL_BUFFER>(MaybeUninit::uninit());
        let buffer: *mut E::Element = buffer.0.as_mut_ptr().cast();
        for k in 0..panel.depth {
            for row in 0..4 {
                *buffer.add(4 * k + row) = if row < panel.rows {
                    *panel.a.add(k * panel.a_stride + row)
                } else {
                    E::Element::ZERO
                };
            }
        }
        E::quads(&Panel {
            a: buffer,
            a_stride: 4,
            ..*panel
        })
    }
}

/// Bytes for a transposed panel of a weight.
const BUFFER: usize = 32 * 1024;
/// Bytes for a few rows or columns of a weight.
const SMALL_BUFFER: usize = 4 * 1024;

#[repr(align(64))]
struct Buffer<const BYTES: usize>(MaybeUninit<[u8; BYTES]>);

unsafe fn d_input_with<E: Engine>(
    sizes: Sizes,
    weight: &[E::Element],
    d_y: &[E::Element],
    d_x: &mut [E::Element],
) {
    let Sizes { input, output } = sizes;
    let batch = sizes.batch(weight, d_x, d_y);
    if batch == 0 || input == 0 {
        return;
    }
    if output == 0 {
        d_x.fill(E::Element::ZERO);
        return;
    }
    let mut buffer = Buffer::<BUFFER>(MaybeUninit::uninit());
    let buffer: *mut E::Element = buffer.0.as_mut_ptr().cast();
    let capacity = BUFFER / size_of::<E::Element>();
    let split = split::<E::Element>(input, output);
    let mut row = 0;
    while row < input {
        let rows = E::height(input - row, split, false);
        // Columns of whole cache lines are loaded fastest.
        let stride = rows.next_multiple_of(64 / size_of::<E::Element>());
        // Where a sum is split, the parts that a block adds are part of the fixed order:
        // the block's depth must depend on the shape alone.
        let most = if split == 1 {
            capacity / stride
        } else {
            capacity / (64 / split)
        };
        let mut first = 0;
        while first < output {
            let depth = most.min(output - first);
            // SAFETY: the slices have the sizes checked above. The block is rows `first`
            // to `first + depth` of the weight's columns `row` to `row + rows`; its
            // transpose fits the buffer because `depth * stride` is at most `capacity`.
            unsafe {
                E::transpose(&Block {
                    from: weight.as_ptr().add(first + row * output),
                    from_stride: output,
                    rows: depth,
                    columns: rows,
                    to: buffer,
                    to_stride: stride,
                });
                let panel = Panel {
                    rows,
                    depth,
                    columns: batch,
                    a: buffer,
                    a_stride: stride,
                    b: d_y.as_ptr().add(first),
                    b_stride: output,
                    c: d_x.as_mut_ptr().add(row),
                    c_stride: input,
                    start: if first == 0 {
                        Start::Zero
                    } else {
                        Start::Resume
                    },
                };
                E::columns(&panel, split);
            }
            first += depth;
        }
        row += rows;
    }
}

/// How many samples a sweep over the gradient takes at a time, so that they stay in
/// the nearest caches.
const SAMPLES: usize = 256;

unsafe fn d_weight_with<E: Engine>(
    sizes: Sizes,
    x: &[E::Element],
    d_y: &[E::Element],
    d_weight: &mut [E::Element],
    d_bias: &mut [E::Element],
    accumulate: bool,
) {
    let Sizes { input, output } = sizes;
    let batch = sizes.batch(d_weight, x, d_y);
    assert!(
        d_bias.is_empty() || d_bias.len() == output,
        "the bias does not fit the layer"
    );
    if !accumulate && batch == 0 {
        d_weight.fill(E::Element::ZERO);
        d_bias.fill(E::Element::ZERO);
    }
    if batch == 0 || output == 0 {
        return;
    }
    let mut first = 0;
    while first < batch {
        let samples = SAMPLES.min(batch - first);
        let start = if accumulate || first > 0 {
            Start::Resume
        } else {
            Start::Zero
        };
        // SAFETY: the slices have the sizes checked above; the matrices are d_y and x of
        // samples `first` to `first + samples`, and the whole gradient.
        unsafe {
            let all = Panel {
                rows: output,
                depth: samples,
                columns: input,
                a: d_y.as_ptr().add(first * output),
                a_stride: output,
                b: x.as_ptr().add(first * input),
                b_stride: input,
                c: d_weight.as_mut_ptr(),
                c_stride: output,
                start,
            };
            if !d_bias.is_empty() {
                by_panels::<E>(&all, |panel, row| {
                    E::row_sums(&Panel {
                        columns: 1,
                        c: d_bias.as_mut_ptr().add(row),
                        ..*panel
                    });
                });
            }
            if output <= E::LANES && input > output {
                transposed_outer::<E>(&all);
            } else {
                by_panels::<E>(&all, |panel, _| E::outer(panel));
            }
        }
        first += samples;
    }
}

/// Calls `run` with each panel of rows of `all`, and with its first row.
unsafe fn by_panels<E: Engine>(
    all: &Panel<E::Element>,
    mut run: impl FnMut(&Panel<E::Element>, usize),
) {
    let mut row = 0;
    while row < all.rows {
        let rows = E::height(all.rows - row, 1, false);
        run(
            &Panel {
                rows,
                a: all.a.wrapping_add(row),
                c: all.c.wrapping_add(row),
                ..*all
            },
            row,
        );
        row += rows;
    }
}

/// As [`Engine::outer`] for all of a matrix of few rows and more columns: computes its
/// transpose, which fills the registers, in the same order of every sum.
unsafe fn transposed_outer<E: Engine>(all: &Panel<E::Element>) {
    let mut buffer = Buffer::<SMALL_BUFFER>(MaybeUninit::uninit());
    let buffer: *mut E::Element = buffer.0.as_mut_ptr().cast();
    let transposed = Panel {
        rows: all.columns,
        columns: all.rows,
        a: all.b,
        a_stride: all.b_stride,
        b: all.a,
        b_stride: all.a_stride,
        ..*all
    };
    // SAFETY: the conditions of `all`. A panel has at most four registers of rows, and
    // there are no more columns than a register has numbers: at most 4 KiB in `buffer`.
    unsafe {
        by_panels::<E>(&transposed, |panel, row| {
            let target = all.c.add(row * all.c_stride);
            if let Start::Resume = panel.start {
                E::transpose(&Block {
                    from: target,
                    from_stride: all.c_stride,
                    rows: all.rows,
                    columns: panel.rows,
                    to: buffer,
                    to_stride: panel.rows,
                });
            }
            E::outer(&Panel {
                c: buffer,
                c_stride: panel.rows,
                ..*panel
            });
            E::transpose(&Block {
                from: buffer,
                from_stride: panel.rows,
                rows: panel.rows,
                columns: all.rows,
                to: target,
                to_stride: all.c_stride,
            });
        });
    }
}

#[cfg(test)]
mod tests;
