//! A kernel that slides over images, tile by tile, in registers: no patch is copied.
//!
//! A register holds neighbouring pixels of one row of the output; a tile is a few
//! registers by a few output channels, all of whose sums stay in registers while the
//! loop runs over the kernel's entries and, inside, over the input's channels. Every
//! sum has that order, on every path.

use super::vector::Vector;
use crate::Real;

/// What a kernel sees of an image, from one output pixel to the next.
///
/// # Safety
///
/// Whoever makes one vouches that all that the strides lead to can be read from `a`.
#[derive(Clone, Copy)]
pub(super) struct Seen<T> {
    /// The kernel's rows and columns.
    pub(super) kernel: [usize; 2],
    /// Channels of the image.
    pub(super) inputs: usize,
    pub(super) a: *const T,
    /// In A, from one output row or column to the next, one row or column of the kernel
    /// to the next, and one channel to the next.
    pub(super) row: usize,
    pub(super) column: usize,
    pub(super) tap: [usize; 2],
    pub(super) input: usize,
}

impl<T> Seen<T> {
    /// How many weights an output sums over.
    pub(super) fn weights(&self) -> usize {
        self.inputs * self.kernel[0] * self.kernel[1]
    }

    /// What `count` weights from `first` on see from the first output pixel; the rest of
    /// the places repeats the last. Channels run fastest, then the kernel's rows.
    #[inline(always)]
    pub(super) fn places<const N: usize>(&self, first: usize, count: usize) -> [*const T; N] {
        let (mut input, tap) = (first % self.inputs, first / self.inputs);
        let (mut ky, mut kx) = (tap % self.kernel[0], tap / self.kernel[0]);
        let mut places = [self.a; N];
        for (k, place) in places.iter_mut().enumerate() {
            let at = input * self.input + ky * self.tap[0] + kx * self.tap[1];
            *place = self.a.wrapping_add(at);
            if k + 1 < count {
                input += 1;
                if input == self.inputs {
                    (input, ky) = (0, ky + 1);
                    if ky == self.kernel[0] {
                        (ky, kx) = (0, kx + 1);
                    }
                }
            }
        }
        places
    }
}

/// `C[j, p] = start[j] + sum over taps t and channels i of A[i, p + t] B[t, i, j]`.
///
/// # Safety
///
/// Whoever runs one vouches that all that the strides lead to can be read from `a` and
/// `b` and written to `c`, and that `c` overlaps neither.
#[derive(Clone, Copy)]
pub(super) struct Slide<T> {
    /// Rows and columns of an output plane.
    pub(super) rows: usize,
    pub(super) width: usize,
    /// Channels of the output.
    pub(super) outputs: usize,
    /// The input, whose columns follow each other.
    pub(super) seen: Seen<T>,
    pub(super) b: *const T,
    /// In B, from one tap to the next (rows fastest), one input channel to the next, and
    /// one output channel to the next.
    pub(super) b_tap: isize,
    pub(super) b_input: usize,
    pub(super) b_output: usize,
    pub(super) c: *mut T,
    /// In C, from one output channel to the next; rows follow each other.
    pub(super) c_output: usize,
    /// A number for each output channel, or null.
    pub(super) start: *const T,
}

/// Registers of a tile.
struct Registers<V: Vector, const ROWS: usize> {
    a: [*const V::Element; ROWS],
    c: [*mut V::Element; ROWS],
    mask: [V::Mask; ROWS],
}

/// Runs over all pixels with tiles of `ROWS` registers, then of two and one.
#[inline(always)]
pub(super) unsafe fn slide<
    V: Vector,
    const ROWS: usize,
    const COLUMNS: usize,
    const MASKED: bool,
>(
    slide: &Slide<V::Element>,
) {
    let each = slide.width.div_ceil(V::LANES);
    let total = slide.rows * each;
    let mut first = 0;
    // SAFETY: the caller's conditions; tiles cover the registers without overlap.
    unsafe {
        while total - first >= ROWS {
            columns::<V, ROWS, COLUMNS, MASKED>(slide, first);
            first += ROWS;
        }
        while ROWS > 2 && total - first >= 2 {
            columns::<V, 2, COLUMNS, MASKED>(slide, first);
            first += 2;
        }
        while first < total {
            columns::<V, 1, COLUMNS, MASKED>(slide, first);
            first += 1;
        }
    }
}

/// The tiles of `ROWS` registers from the register `first` on.
#[inline(always)]
unsafe fn columns<V: Vector, const ROWS: usize, const COLUMNS: usize, const MASKED: bool>(
    slide: &Slide<V::Element>,
    first: usize,
) {
    let each = slide.width.div_ceil(V::LANES);
    // SAFETY: the caller's conditions; all registers lie in the plane.
    unsafe {
        let mut registers = Registers::<V, ROWS> {
            a: [slide.seen.a; ROWS],
            c: [slide.c; ROWS],
            mask: [V::mask(V::LANES); ROWS],
        };
        for m in 0..ROWS {
            let (row, column) = ((first + m) / each, (first + m) % each * V::LANES);
            registers.a[m] = slide.seen.a.add(row * slide.seen.row + column);
            registers.c[m] = slide.c.add(row * slide.width + column);
            registers.mask[m] = V::mask((slide.width - column).min(V::LANES));
        }
        let mut output = 0;
        while slide.outputs - output >= COLUMNS {
            tile::<V, ROWS, COLUMNS, MASKED>(slide, &registers, output);
            output += COLUMNS;
        }
        while COLUMNS > 2 && slide.outputs - output >= 2 {
            tile::<V, ROWS, 2, MASKED>(slide, &registers, output);
            output += 2;
        }
        while output < slide.outputs {
            tile::<V, ROWS, 1, MASKED>(slide, &registers, output);
            output += 1;
        }
    }
}

#[inline(always)]
unsafe fn tile<V: Vector, const ROWS: usize, const COLUMNS: usize, const MASKED: bool>(
    slide: &Slide<V::Element>,
    registers: &Registers<V, ROWS>,
    output: usize,
) {
    // SAFETY: the caller's conditions.
    unsafe {
        let zero = V::splat(V::Element::ZERO);
        let mut sums = [[zero; ROWS]; COLUMNS];
        if !slide.start.is_null() {
            for j in 0..COLUMNS {
                sums[j] = [V::splat(*slide.start.add(output + j)); ROWS];
            }
        }
        let mut b_tap = slide.b.add(output * slide.b_output);
        for kx in 0..slide.seen.kernel[1] {
            for ky in 0..slide.seen.kernel[0] {
                let mut at = ky * slide.seen.tap[0] + kx * slide.seen.tap[1];
                let mut b = b_tap;
                for _ in 0..slide.seen.inputs {
                    let mut a = [zero; ROWS];
                    for m in 0..ROWS {
                        let from = registers.a[m].add(at);
                        a[m] = if MASKED {
                            V::load_masked(from, registers.mask[m])
                        } else {
                            V::load(from)
                        };
                    }
                    for j in 0..COLUMNS {
                        let b = V::splat(*b.add(j * slide.b_output));
                        for m in 0..ROWS {
                            sums[j][m] = a[m].mul_add(b, sums[j][m]);
                        }
                    }
                    at += slide.seen.input;
                    b = b.wrapping_add(slide.b_input);
                }
                b_tap = b_tap.wrapping_offset(slide.b_tap);
            }
        }
        for j in 0..COLUMNS {
            for m in 0..ROWS {
                let to = registers.c[m].add((output + j) * slide.c_output);
                if MASKED {
                    sums[j][m].store_masked(to, registers.mask[m]);
                } else {
                    sums[j][m].store(to);
                }
            }
        }
    }
}
