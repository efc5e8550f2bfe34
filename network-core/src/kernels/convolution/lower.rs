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
    /// A block holds whole rows of the output, if it holds one.
    pub(super) fn blocks(
        window: &Window,
        rows: usize,
        depth: usize,
    ) -> impl Iterator<Item = Self> + use<> {
        let (pixels, width) = (window.pixels(), window.output[1]);
        let most = match PIXELS / width {
            _ if window.is_point() => PIXELS,
            0 => PIXELS,
            rows => rows * width,
        };
        (0..pixels).step_by(most).flat_map(move |pixel| {
            (0..rows).step_by(depth).map(move |row| Self {
                row,
                depth: depth.min(rows - row),
                pixel,
                pixels: most.min(pixels - pixel),
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

/// A part of a block that lies in one row of the output, and what it sees of the image.
struct Part {
    /// Where the part begins in the block.
    at: usize,
    /// How many pixels lie left of the image, inside and right of it.
    before: usize,
    inside: usize,
    after: usize,
    /// The image's entry that the first pixel inside sees.
    from: usize,
}

/// Calls `visit` for all parts of a block.
#[inline(always)]
fn parts(window: &Window, tap: &Tap, channels: usize, mut visit: impl FnMut(&Part)) {
    let [kernel_height, _] = window.kernel;
    let [row_stride, stride] = window.stride;
    let width = window.output[1];
    let (top, left) = (tap.pixel / width, tap.pixel % width);
    // The order of the weights: channels fastest, then the kernel's rows, then its columns.
    let mut channel = tap.row % channels;
    let mut ky = tap.row / channels % kernel_height;
    let mut kx = tap.row / channels / kernel_height;
    let (mut low, mut high) = window.inside(kx, 0, width);
    for k in 0..tap.depth {
        let plane = channel * window.height * window.width;
        let shift = kx * window.dilation[1];
        let (mut first, mut done) = (left, 0);
        // The row that the kernel sees, below the padding's first.
        let mut below = top * row_stride + ky * window.dilation[0];
        while done < tap.pixels {
            let end = width.min(first + tap.pixels - done);
            let row = below.wrapping_sub(window.padding[0]);
            let (low, high) = if row < window.height {
                (low.clamp(first, end), high.clamp(first, end))
            } else {
                (end, end)
            };
            let high = high.max(low);
            visit(&Part {
                at: k * PIXELS + done,
                before: low - first,
                inside: high - low,
                after: end - high,
                from: if high > low {
                    plane + row * window.width + low * stride + shift - window.padding[1]
                } else {
                    0
                },
            });
            done += end - first;
            first = 0;
            below += row_stride;
        }
        channel += 1;
        if channel == channels {
            (channel, ky) = (0, ky + 1);
            if ky == kernel_height {
                (ky, kx) = (0, kx + 1);
                (low, high) = window.inside(kx, 0, width);
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
            |part| {
                let mut at = part.at;
                if part.before > 0 {
                    zeros(buffer, at, part.before);
                    at += part.before;
                }
                if part.inside > 0 {
                    copy(x, part.from, stride, buffer, at, part.inside);
                    at += part.inside;
                }
                if part.after > 0 {
                    zeros(buffer, at, part.after);
                }
            },
        );
    }
}

/// Writes `count` zeros. May write more behind them, as [`copy`].
#[inline(always)]
fn zeros<T: Scalar>(buffer: &mut [T], at: usize, count: usize) {
    let mut done = 0;
    while done < count {
        match buffer.get_mut(at + done..at + done + STEP) {
            Some(target) => target.copy_from_slice(&[T::ZERO; STEP]),
            None => buffer[at + done..at + count].fill(T::ZERO),
        }
        done += STEP;
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
            |part| {
                let at = part.at + part.before;
                let block = &buffer[at..at + part.inside];
                let from = part.from;
                if stride == 1 {
                    add(&mut d_x[from..from + block.len()], block);
                } else {
                    for (d_x, term) in d_x[from..].iter_mut().step_by(stride).zip(block) {
                        *d_x += *term;
                    }
                }
            },
        );
    }
}

#[inline(always)]
fn add<R: crate::Real>(to: &mut [R], terms: &[R]) {
    let (to, to_rest) = to.as_chunks_mut::<8>();
    let (terms, terms_rest) = terms.as_chunks::<8>();
    for (to, terms) in to.iter_mut().zip(terms) {
        for lane in 0..8 {
            to[lane] += terms[lane];
        }
    }
    for (to, term) in to_rest.iter_mut().zip(terms_rest) {
        *to += *term;
    }
}
