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
use weight_gradient::d_weight_with;

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

/// The rows of a product: those that fill registers, and a narrow rest.
///
/// Up to four rows are left over, or all of up to twelve. Their sums are split in four, or in
/// two if there are five to eight: as many terms side by side fill a register. Nine to twelve
/// rows fill three of them, which pays where the sums are long. Where all sums are split in
/// two, five to eight rows are left over too.
#[derive(Clone, Copy)]
struct Rows {
    whole: usize,
    split: usize,
    rest: usize,
    rest_split: usize,
}

/// How many rows fill a register of any path.
const WHOLE: usize = 16;

impl Rows {
    /// The rows of a product, each a sum of `depth` terms. How the sums are split does not
    /// depend on `apart`: whether it pays to treat a rest apart that is split like the others.
    #[inline]
    fn new<T>(rows: usize, depth: usize, apart: bool) -> Self {
        const LONG: usize = 32;
        let single = size_of::<T>() == size_of::<f32>();
        let split = split::<T>(rows, depth);
        let (rest, rest_split) = match rows % WHOLE {
            rest @ ..=4 => (rest, 4),
            rest if rows <= 8 || rest <= 8 && split == 2 && apart => (rest, 2),
            rest if rows <= 12 && depth >= LONG && single => (rest, 4),
            _ => (0, 4),
        };
        Self {
            whole: rows - rest,
            split,
            rest,
            rest_split,
        }
    }

    /// How many rows from `row` on are split alike, and in how many.
    #[inline]
    fn from(self, row: usize) -> (usize, usize) {
        if row < self.whole {
            (self.whole - row, self.split)
        } else {
            (self.whole + self.rest - row, self.rest_split)
        }
    }

    /// How many rows of the rest, of which so many are packed, take room in the buffer.
    #[inline]
    fn packed(self, rows: usize) -> usize {
        rows.next_multiple_of(WHOLE / self.rest_split)
    }

    /// How many terms of the rest fit so many bytes.
    fn terms<T>(self, bytes: usize) -> usize {
        bytes / size_of::<T>() / (self.packed(self.rest) * self.rest_split) * self.rest_split
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
    let apart = E::NARROW && batch >= MANY;
    let of = Rows::new::<E::Element>(output, input, apart);
    let mut row = 0;
    while row < output {
        let (left, split) = of.from(row);
        let rows = E::height(left, split, batch == 1);
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
            if row < of.whole {
                E::columns(&panel, of.split);
            } else {
                narrow_columns::<E>(&panel, of);
            }
        }
        row += rows;
    }
}

/// How many columns or terms of a product pay for treating a narrow rest apart.
const MANY: usize = 8;

/// [`Engine::columns`] for the rest of the rows of a weight.
unsafe fn narrow_columns<E: Engine>(panel: &Panel<E::Element>, of: Rows) {
    let pays = E::NARROW && panel.columns >= MANY;
    // SAFETY: the caller's conditions; the buffers are big enough.
    unsafe {
        if pays && panel.depth <= of.terms::<E::Element>(SMALL_BUFFER) {
            narrow_with::<E, SMALL_BUFFER>(panel, of.rest_split);
        } else if pays && panel.depth <= of.terms::<E::Element>(BUFFER) {
            narrow_with::<E, BUFFER>(panel, of.rest_split);
        } else {
            E::columns(panel, of.rest_split);
        }
    }
}

// Not inlined: only where it is used does the stack get touched.
#[inline(never)]
unsafe fn narrow_with<E: Engine, const BYTES: usize>(panel: &Panel<E::Element>, split: usize) {
    let mut buffer = Buffer::<BYTES>(MaybeUninit::uninit());
    // SAFETY: the caller's conditions.
    unsafe { E::narrow(panel, split, false, buffer.0.as_mut_ptr().cast()) };
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
    let of = Rows::new::<E::Element>(input, output, E::NARROW && batch >= MANY);
    let mut row = 0;
    while row < input {
        let narrow = row >= of.whole;
        let (left, split) = of.from(row);
        let rows = E::height(left, split, false);
        // Columns of whole cache lines are loaded fastest.
        let stride = if narrow {
            of.packed(rows)
        } else {
            rows.next_multiple_of(64 / size_of::<E::Element>())
        };
        // Where a sum is split, the parts that a block adds are part of the fixed order:
        // the block's depth must depend on the shape alone.
        let most = match split {
            1 => capacity / stride,
            2 => capacity / 32,
            _ => of.terms::<E::Element>(BUFFER),
        };
        let mut first = 0;
        while first < output {
            let depth = most.min(output - first);
            // SAFETY: the slices have the sizes checked above. The block is rows `first`
            // to `first + depth` of the weight's columns `row` to `row + rows`; its
            // transpose fits the buffer because `depth * stride` is at most `capacity`, and
            // so do the groups of a narrow rest.
            unsafe {
                let from = weight.as_ptr().add(first + row * output);
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
                if narrow && E::NARROW {
                    let as_it_lies = Panel {
                        a: from,
                        a_stride: output,
                        ..panel
                    };
                    E::narrow(&as_it_lies, split, true, buffer);
                } else {
                    E::transpose(&Block {
                        from,
                        from_stride: output,
                        rows: depth,
                        columns: rows,
                        to: buffer,
                        to_stride: stride,
                    });
                    E::columns(&panel, split);
                }
            }
            first += depth;
        }
        row += rows;
    }
}

mod weight_gradient;

#[cfg(test)]
mod tests;
