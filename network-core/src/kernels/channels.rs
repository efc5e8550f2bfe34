//! Convolutions with neighbouring channels of the output side by side in a register: the
//! image's pixels are broadcast, and no lane is wasted on a narrow image.
//!
//! A tile is one or two registers of channels by a few pixels, or by a few weights in the
//! weight's gradient. Every sum has one order, on every path: of an output, kernel
//! columns, then rows, then channels, as in [`super::slide`]; of a weight's gradient,
//! pixels row by row.

use super::slide::Seen;
use super::vector::Vector;
use crate::Real;

/// `C[p, j] = start[j] + sum over taps t and channels i of A[i, p + t] B[t, i, j]`.
///
/// # Safety
///
/// Whoever runs one vouches that all that the strides lead to can be read from `a` and
/// `b` and, in whole registers, written to `c`, which overlaps neither.
#[derive(Clone, Copy)]
pub(super) struct Channels<T> {
    /// Columns of an output plane.
    pub(super) width: usize,
    /// Which of its pixels.
    pub(super) first: usize,
    pub(super) pixels: usize,
    /// Channels of the output.
    pub(super) outputs: usize,
    pub(super) seen: Seen<T>,
    pub(super) b: *const T,
    /// In B, from one tap to the next (rows fastest) and one input channel to the next;
    /// output channels follow each other.
    pub(super) b_tap: isize,
    pub(super) b_input: usize,
    /// The first of these pixels.
    pub(super) c: *mut T,
    /// In C, from one pixel to the next.
    pub(super) c_pixel: usize,
    /// A number for each output channel, or null.
    pub(super) start: *const T,
}

/// Runs over the pixels with tiles of `ROWS` registers by `COLUMNS` or `FEW` pixels.
#[inline(always)]
pub(super) unsafe fn channels<
    V: Vector,
    const ROWS: usize,
    const COLUMNS: usize,
    const FEW: usize,
    const MASKED: bool,
>(
    work: &Channels<V::Element>,
) {
    let mut done = 0;
    // SAFETY: the caller's conditions; tiles cover the pixels without overlap.
    unsafe {
        while done < work.pixels {
            let left = work.pixels - done;
            if left > FEW {
                tile::<V, ROWS, COLUMNS, MASKED>(work, done, left.min(COLUMNS));
            } else {
                tile::<V, ROWS, FEW, MASKED>(work, done, left);
            }
            done += if left > FEW { COLUMNS } else { FEW };
        }
    }
}

/// A column of channels. With `MASKED`, the last register may have missing lanes.
#[inline(always)]
unsafe fn load<V: Vector, const ROWS: usize, const MASKED: bool>(
    from: *const V::Element,
    mask: V::Mask,
) -> [V; ROWS] {
    // SAFETY: the caller vouches for the numbers at `from`.
    unsafe {
        let mut column = [V::splat(V::Element::ZERO); ROWS];
        for m in 0..ROWS {
            let from = from.add(m * V::LANES);
            column[m] = if MASKED && m == ROWS - 1 {
                V::load_masked(from, mask)
            } else {
                V::load(from)
            };
        }
        column
    }
}

/// `count` pixels; the rest of a tile repeats the last and is dropped.
#[inline(always)]
unsafe fn tile<V: Vector, const ROWS: usize, const COLUMNS: usize, const MASKED: bool>(
    work: &Channels<V::Element>,
    done: usize,
    count: usize,
) {
    let seen = &work.seen;
    // SAFETY: the caller's conditions.
    unsafe {
        let mask = V::mask(work.outputs - (ROWS - 1) * V::LANES);
        let mut a = [seen.a; COLUMNS];
        let pixel = work.first + done;
        let (mut row, mut column) = (pixel / work.width, pixel % work.width);
        for j in 0..COLUMNS {
            a[j] = seen.a.add(row * seen.row + column * seen.column);
            if j + 1 < count {
                column += 1;
                if column == work.width {
                    (row, column) = (row + 1, 0);
                }
            }
        }
        let mut sums = [[V::splat(V::Element::ZERO); ROWS]; COLUMNS];
        if !work.start.is_null() {
            sums = [load::<V, ROWS, MASKED>(work.start, mask); COLUMNS];
        }
        let mut b_tap = work.b;
        for kx in 0..seen.kernel[1] {
            for ky in 0..seen.kernel[0] {
                let mut at = ky * seen.tap[0] + kx * seen.tap[1];
                let mut b = b_tap;
                for _ in 0..seen.inputs {
                    let weights = load::<V, ROWS, MASKED>(b, mask);
                    for j in 0..COLUMNS {
                        let pixel = V::splat(*a[j].add(at));
                        for m in 0..ROWS {
                            sums[j][m] = weights[m].mul_add(pixel, sums[j][m]);
                        }
                    }
                    at += seen.input;
                    b = b.wrapping_add(work.b_input);
                }
                b_tap = b_tap.wrapping_offset(work.b_tap);
            }
        }
        for j in 0..COLUMNS {
            if j < count {
                let to = work.c.add((done + j) * work.c_pixel);
                for m in 0..ROWS {
                    sums[j][m].store(to.add(m * V::LANES));
                }
            }
        }
    }
}

/// `W[t, i, j] += sum over pixels p of A[i, p + t] D[p, j]`.
///
/// # Safety
///
/// Whoever runs one vouches that all that the strides lead to can be read from `a` and, in
/// whole registers, from `d`, and changed at `w`, which overlaps neither.
#[derive(Clone, Copy)]
pub(super) struct Gather<T> {
    /// Rows and columns of an output plane.
    pub(super) rows: usize,
    pub(super) width: usize,
    /// Channels of the output.
    pub(super) outputs: usize,
    pub(super) seen: Seen<T>,
    pub(super) d: *const T,
    /// In D, from one pixel to the next; output channels follow each other.
    pub(super) d_pixel: usize,
    pub(super) w: *mut T,
    /// In W, from one weight of an output to the next, in the order of [`Seen::places`].
    pub(super) w_weight: usize,
}

/// Runs over the weights with tiles of `ROWS` registers by `COLUMNS` or `FEW` weights.
#[inline(always)]
pub(super) unsafe fn gather<
    V: Vector,
    const ROWS: usize,
    const COLUMNS: usize,
    const FEW: usize,
>(
    work: &Gather<V::Element>,
) {
    let weights = work.seen.weights();
    let mut done = 0;
    // SAFETY: the caller's conditions; tiles cover the weights without overlap.
    unsafe {
        while done < weights {
            let left = weights - done;
            if left > FEW {
                weights_tile::<V, ROWS, COLUMNS>(work, done, left.min(COLUMNS));
            } else {
                weights_tile::<V, ROWS, FEW>(work, done, left);
            }
            done += if left > FEW { COLUMNS } else { FEW };
        }
    }
}

/// `count` weights; the rest of a tile repeats the last and is dropped.
#[inline(always)]
unsafe fn weights_tile<V: Vector, const ROWS: usize, const COLUMNS: usize>(
    work: &Gather<V::Element>,
    done: usize,
    count: usize,
) {
    let seen = &work.seen;
    // SAFETY: the caller's conditions.
    unsafe {
        let mask = V::mask(work.outputs - (ROWS - 1) * V::LANES);
        let a = seen.places::<COLUMNS>(done, count);
        let mut sums = [[V::splat(V::Element::ZERO); ROWS]; COLUMNS];
        for t in 0..COLUMNS {
            let index = done + t.min(count - 1);
            let from = work.w.add(index * work.w_weight);
            for m in 0..ROWS {
                sums[t][m] = if m == ROWS - 1 {
                    V::load_masked(from.add(m * V::LANES), mask)
                } else {
                    V::load(from.add(m * V::LANES))
                };
            }
        }
        if seen.column == 1 {
            // A step that the compiler knows keeps the places in registers.
            pixels::<V, ROWS, COLUMNS>(work, &a, &mut sums, 1);
        } else {
            pixels::<V, ROWS, COLUMNS>(work, &a, &mut sums, seen.column);
        }
        for t in 0..COLUMNS {
            if t < count {
                let to = work.w.add((done + t) * work.w_weight);
                for m in 0..ROWS {
                    if m == ROWS - 1 {
                        sums[t][m].store_masked(to.add(m * V::LANES), mask);
                    } else {
                        sums[t][m].store(to.add(m * V::LANES));
                    }
                }
            }
        }
    }
}

/// The products of a tile, pixel by pixel.
#[inline(always)]
unsafe fn pixels<V: Vector, const ROWS: usize, const COLUMNS: usize>(
    work: &Gather<V::Element>,
    a: &[*const V::Element; COLUMNS],
    sums: &mut [[V; ROWS]; COLUMNS],
    step: usize,
) {
    // SAFETY: the caller's conditions.
    unsafe {
        let mut d = work.d;
        for row in 0..work.rows {
            let mut at = row * work.seen.row;
            for _ in 0..work.width {
                let mut channels = [V::splat(V::Element::ZERO); ROWS];
                for m in 0..ROWS {
                    channels[m] = V::load(d.add(m * V::LANES));
                }
                for t in 0..COLUMNS {
                    let pixel = V::splat(*a[t].add(at));
                    for m in 0..ROWS {
                        sums[t][m] = channels[m].mul_add(pixel, sums[t][m]);
                    }
                }
                at += step;
                d = d.add(work.d_pixel);
            }
        }
    }
}
