//! The weight gradient of a dense layer, in whichever of two arrangements fills the registers:
//! `dW[o, i] = sum over samples n of dY[n, o] X[n, i]`, and `db[o] = sum over n of dY[n, o]`.

use super::{Buffer, MANY, SMALL_BUFFER, Sizes, WHOLE};
use crate::Real;
use crate::kernels::engine::Engine;
use crate::kernels::tile::{Panel, Start};
use crate::kernels::transpose::Block;
use core::mem::MaybeUninit;

/// How many samples a sweep over the gradient takes at a time, so that they stay in
/// the nearest caches.
const SAMPLES: usize = 256;

pub(super) unsafe fn d_weight_with<E: Engine>(
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
            if output <= E::LANES && input > output && turning_pays::<E>(sizes, samples) {
                transposed_outer::<E>(&all);
            } else {
                by_outer_panels::<E>(&all, |panel, _| outer::<E>(panel));
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
    let mut left = all.rows;
    let mut panel = *all;
    while left > 0 {
        panel.rows = E::height(left, 1, false);
        run(&panel, all.rows - left);
        left -= panel.rows;
        panel = panel.below();
    }
}

/// As [`by_panels`], the last panel narrow if there is one.
unsafe fn by_outer_panels<E: Engine>(
    all: &Panel<E::Element>,
    mut run: impl FnMut(&Panel<E::Element>, usize),
) {
    let rest = narrow_rows::<E>(all.rows, all.columns, all.depth);
    let whole = Panel {
        rows: all.rows - rest,
        ..*all
    };
    // SAFETY: the conditions of `all`.
    unsafe { by_panels::<E>(&whole, &mut run) };
    if rest > 0 {
        let narrow = Panel {
            rows: rest,
            ..whole.below()
        };
        run(&narrow, whole.rows);
    }
}

/// [`Engine::outer`], or what is faster for a narrow panel.
unsafe fn outer<E: Engine>(panel: &Panel<E::Element>) {
    // SAFETY: the conditions of `panel`.
    unsafe {
        if narrow_rows::<E>(panel.rows, panel.columns, panel.depth) == panel.rows {
            E::narrow_outer(panel);
        } else {
            E::outer(panel);
        }
    }
}

/// How many of the last rows of a matrix are left to [`Engine::narrow_outer`].
fn narrow_rows<E: Engine>(rows: usize, columns: usize, samples: usize) -> usize {
    let rest = rows % WHOLE;
    if E::NARROW && rest <= 8 && columns >= 4 && samples >= MANY {
        rest
    } else {
        0
    }
}

/// Whether [`transposed_outer`] is faster: to turn the gradient around takes as long as some
/// multiply-adds.
fn turning_pays<E: Engine>(Sizes { input, output }: Sizes, samples: usize) -> bool {
    let turning = input * output * 2 / 5;
    let [turned, as_it_is] = [(input, output), (output, input)]
        .map(|(rows, columns)| work::<E>(rows, columns, samples) * samples);
    turned + turning <= as_it_is
}

/// As how many multiply-adds of whole registers [`Engine::outer`] counts for each term.
fn work<E: Engine>(rows: usize, columns: usize, samples: usize) -> usize {
    let rest = narrow_rows::<E>(rows, columns, samples);
    let side_by_side = if rest > 4 { 2 } else { 4 };
    let narrow = if rest > 0 {
        columns.div_ceil(side_by_side)
    } else {
        0
    };
    let registers = (rows - rest).div_ceil(E::LANES);
    // A load for every multiply-add takes longer than the multiply-add.
    let slow = narrow + if registers == 1 { columns } else { 0 };
    registers * columns + narrow + slow * 2 / 5
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
        by_outer_panels::<E>(&transposed, |panel, row| {
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
            outer::<E>(&Panel {
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
