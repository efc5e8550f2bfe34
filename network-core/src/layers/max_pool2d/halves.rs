//! Max pooling two by two, side by side, over the whole image, the usual case:
//! `y[r, c] = max(x[2 r, 2 c], x[2 r, 2 c + 1], x[2 r + 1, 2 c], x[2 r + 1, 2 c + 1])`.
//!
//! An image whose width is even consists of pairs: two rows of them for each row of the
//! output, each as wide. Many outputs are worked on at a time; the last of a row are
//! worked on twice, or, in a narrow row, some of what follows it: that is written later.

use super::larger;
use crate::Real;
use crate::kernels::Window;

/// Outputs that are worked on at a time.
const LANES: usize = 16;

/// Whether windows are two by two, side by side, and cover the image.
pub(super) fn halves(window: &Window) -> bool {
    window.kernel == [2, 2]
        && window.stride == [2, 2]
        && window.padding == [0, 0]
        && window.dilation == [1, 1]
        && window.width.is_multiple_of(2)
        && window.height.is_multiple_of(2)
}

#[inline(always)]
fn largest<R: Real>(above: [R; 2], below: [R; 2]) -> R {
    larger(larger(larger(above[0], above[1]), below[0]), below[1])
}

/// Where to begin with `LANES` outputs of a row, the last ones not beyond its end.
#[inline(always)]
fn starts(row: usize, width: usize) -> impl Iterator<Item = usize> {
    let last = width.saturating_sub(LANES);
    (0..width).step_by(LANES).map(move |k| row + k.min(last))
}

/// The output of rows of `width` windows.
#[inline(always)]
pub(super) fn forward<R: Real>(width: usize, x: &[R], y: &mut [R]) {
    let (x, _) = x.as_chunks::<2>();
    for row in (0..y.len()).step_by(width) {
        for first in starts(row, width) {
            // A window's pairs: one in the row of twice the number, one in the next.
            let (above, below) = (first + row, first + row + width);
            let pairs = (
                x[above..].first_chunk::<LANES>(),
                x[below..].first_chunk::<LANES>(),
            );
            if let ((Some(above), Some(below)), Some(y)) =
                (pairs, y[first..].first_chunk_mut::<LANES>())
            {
                for k in 0..LANES {
                    y[k] = largest(above[k], below[k]);
                }
            } else {
                let windows = x[above..].iter().zip(&x[below..]);
                for (y, (above, below)) in y[first..][..LANES.min(width)].iter_mut().zip(windows) {
                    *y = largest(*above, *below);
                }
            }
        }
    }
}

/// The input's gradient of rows of `width` windows.
#[inline(always)]
pub(super) fn backward<R: Real>(width: usize, x: &[R], y: &[R], d_y: &[R], d_x: &mut [R]) {
    let ((x, _), (d_x, _)) = (x.as_chunks::<2>(), d_x.as_chunks_mut::<2>());
    for row in (0..y.len()).step_by(width) {
        for first in starts(row, width) {
            let (above, below) = (first + row, first + row + width);
            let outputs = (
                y[first..].first_chunk::<LANES>(),
                d_y[first..].first_chunk::<LANES>(),
            );
            let pairs = (
                x[above..].first_chunk::<LANES>(),
                x[below..].first_chunk::<LANES>(),
            );
            if let ((Some(y), Some(d_y)), (Some(x_above), Some(x_below))) = (outputs, pairs) {
                let mut d_above = [[R::ZERO; 2]; LANES];
                let mut d_below = [[R::ZERO; 2]; LANES];
                for k in 0..LANES {
                    [d_above[k], d_below[k]] = to_first([x_above[k], x_below[k]], y[k], d_y[k]);
                }
                d_x[above..above + LANES].copy_from_slice(&d_above);
                d_x[below..below + LANES].copy_from_slice(&d_below);
            } else {
                for k in 0..LANES.min(width) {
                    let window = [x[above + k], x[below + k]];
                    let d = to_first(window, y[first + k], d_y[first + k]);
                    [d_x[above + k], d_x[below + k]] = d;
                }
            }
        }
    }
}

/// The gradient for the first entry that is the largest, and zeros.
#[inline(always)]
fn to_first<R: Real>(x: [[R; 2]; 2], y: R, d_y: R) -> [[R; 2]; 2] {
    let mut left = d_y;
    let mut d_x = x;
    for row in &mut d_x {
        for entry in row {
            let hit = *entry == y;
            *entry = R::select(hit, left, R::ZERO);
            left = R::select(hit, R::ZERO, left);
        }
    }
    d_x
}
