//! Copies patches of an image to the rows of a matrix, and adds such a matrix back.

use super::Window;
use crate::Scalar;
use crate::kernels::{Number, SimdPath, Task, run};

/// The columns of a block of patches.
pub(super) const PIXELS: usize = 64;

/// How many numbers are copied at a time.
const STEP: usize = 16;

/// A block of the matrix of patches: `depth` of its rows (weights of an output) from
/// `row` on, and `pixels` of its columns (pixels of an output plane) from `pixel` on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tap {
    pub(super) row: usize,
    pub(super) depth: usize,
    pub(super) pixel: usize,
    pub(super) pixels: usize,
}

impl Tap {
    /// The blocks of the whole matrix, all rows of the same pixels one after the other.
    pub(super) fn blocks(pixels: usize, rows: usize, depth: usize) -> impl Iterator<Item = Self> {
        (0..pixels).step_by(PIXELS).flat_map(move |pixel| {
            (0..rows).step_by(depth).map(move |row| Self {
                row,
                depth: depth.min(rows - row),
                pixel,
                pixels: PIXELS.min(pixels - pixel),
            })
        })
    }
}

/// A block of patches: in the buffer, or in the image itself.
pub(super) enum Lowered<'a, T> {
    /// Rows of [`PIXELS`].
    Buffer(&'a [T]),
    /// From the first entry on, rows of so many.
    Image(&'a [T], usize),
}

impl<'a, T: Scalar> Lowered<'a, T> {
    /// The patches of a group's channels `x`.
    pub(super) fn new(
        path: SimdPath,
        window: &Window,
        x: &'a [T],
        tap: &Tap,
        buffer: &'a mut [T],
    ) -> Self {
        if window.is_point() {
            let plane = window.pixels();
            return Self::Image(&x[tap.row * plane + tap.pixel..], plane);
        }
        run(
            path,
            Lower {
                window,
                x,
                tap,
                buffer,
            },
        );
        Self::Buffer(buffer)
    }

    pub(super) fn pointer(&self) -> *const T {
        match self {
            Self::Buffer(numbers) | Self::Image(numbers, _) => numbers.as_ptr(),
        }
    }

    /// The distance of one row from the next.
    pub(super) fn stride(&self) -> usize {
        match self {
            Self::Buffer(_) => PIXELS,
            Self::Image(_, stride) => *stride,
        }
    }
}

/// Calls `visit` for the parts of a block that lie in one output row each: with the row
/// of the block, the kernel's column, the image's row (an index of its first entry, if
/// the image has it), the output's columns from and to, and where the first of them
/// lies in the block.
#[inline(always)]
fn parts(
    window: &Window,
    tap: &Tap,
    channels: usize,
    mut visit: impl FnMut(usize, Option<usize>, usize, usize, usize),
) {
    let [kernel_height, _] = window.kernel;
    let width = window.output[1];
    let (top, left) = (tap.pixel / width, tap.pixel % width);
    // The order of the weights: channels fastest, then the kernel's rows, then its columns.
    let mut channel = tap.row % channels;
    let mut ky = tap.row / channels % kernel_height;
    let mut kx = tap.row / channels / kernel_height;
    for k in 0..tap.depth {
        let plane = channel * window.height;
        let (mut row, mut first, mut done) = (top, left, 0);
        while done < tap.pixels {
            let end = width.min(first + tap.pixels - done);
            let from = window.row(ky, row).map(|row| (plane + row) * window.width);
            visit(kx, from, first, end, k * PIXELS + done);
            done += end - first;
            (row, first) = (row + 1, 0);
        }
        channel += 1;
        if channel == channels {
            (channel, ky) = (0, ky + 1);
            if ky == kernel_height {
                (ky, kx) = (0, kx + 1);
            }
        }
    }
}

struct Lower<'a, T> {
    window: &'a Window,
    x: &'a [T],
    tap: &'a Tap,
    buffer: &'a mut [T],
}

impl<T: Scalar> Task<T> for Lower<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(self) {
        let Self {
            window,
            x,
            tap,
            buffer,
        } = self;
        let channels = x.len() / (window.height * window.width);
        let stride = window.stride[1];
        parts(
            window,
            tap,
            channels,
            #[inline(always)]
            |kx, from, first, end, at| {
                let Some(from) = from else {
                    buffer[at..at + end - first].fill(T::ZERO);
                    return;
                };
                let (low, high) = window.inside(kx, first, end);
                if low > first {
                    buffer[at..at + low - first].fill(T::ZERO);
                }
                if high > low {
                    let from = from + low * stride + kx * window.dilation[1] - window.padding[1];
                    copy(x, from, stride, buffer, at + low - first, high - low);
                }
                if end > high {
                    buffer[at + high - first..at + end - first].fill(T::ZERO);
                }
            },
        );
    }
}

/// Copies `count` numbers, `stride` apart. May write more behind them: those are
/// written later, or never read.
#[inline(always)]
fn copy<T: Scalar>(x: &[T], from: usize, stride: usize, buffer: &mut [T], at: usize, count: usize) {
    if stride == 1 {
        let mut done = 0;
        while done < count {
            let source = x.get(from + done..from + done + STEP);
            let target = buffer.get_mut(at + done..at + done + STEP);
            if let (Some(source), Some(target)) = (source, target) {
                target.copy_from_slice(source);
            } else {
                let (source, target) = (&x[from + done..], &mut buffer[at + done..]);
                for (target, source) in target.iter_mut().zip(source).take(count - done) {
                    *target = *source;
                }
            }
            done += STEP;
        }
    } else {
        let target = &mut buffer[at..at + count];
        for (target, source) in target.iter_mut().zip(x[from..].iter().step_by(stride)) {
            *target = *source;
        }
    }
}

/// Adds a block of patches to the images' entries that they are copies of.
pub(super) fn add_back<T: Scalar>(
    path: SimdPath,
    window: &Window,
    buffer: &[T],
    tap: &Tap,
    d_x: &mut [T],
) {
    run(
        path,
        AddBack {
            window,
            buffer,
            tap,
            d_x,
        },
    );
}

struct AddBack<'a, T> {
    window: &'a Window,
    buffer: &'a [T],
    tap: &'a Tap,
    d_x: &'a mut [T],
}

impl<T: Scalar> Task<T> for AddBack<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(self) {
        let Self {
            window,
            buffer,
            tap,
            d_x,
        } = self;
        let channels = d_x.len() / (window.height * window.width);
        let stride = window.stride[1];
        let (buffer, d_x) = (R::slice(buffer), R::slice_mut(d_x));
        parts(
            window,
            tap,
            channels,
            #[inline(always)]
            |kx, from, first, end, at| {
                let Some(from) = from else { return };
                let (low, high) = window.inside(kx, first, end);
                if high == low {
                    return;
                }
                let from = from + low * stride + kx * window.dilation[1] - window.padding[1];
                let block = &buffer[at + low - first..at + high - first];
                if stride == 1 {
                    let d_x = &mut d_x[from..from + block.len()];
                    for (d_x, term) in d_x.iter_mut().zip(block) {
                        *d_x += *term;
                    }
                } else {
                    for (d_x, term) in d_x[from..].iter_mut().step_by(stride).zip(block) {
                        *d_x += *term;
                    }
                }
            },
        );
    }
}
