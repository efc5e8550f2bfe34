//! Sizes of images and of kernels that move over them, as types.

use crate::kernels::Window;
use core::fmt::Debug;
use core::marker::PhantomData;

/// An image, channel by channel, row by row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Image<const CHANNELS: usize, const HEIGHT: usize, const WIDTH: usize>;

/// Two numbers: one for rows, one for columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pair<const ROWS: usize, const COLUMNS: usize>;

/// A kernel of size `K` that moves over an image `I`, with a stride, a padding and a
/// dilation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slide<I, K, S = Pair<1, 1>, P = Pair<0, 0>, D = Pair<1, 1>>(
    PhantomData<(I, K, S, P, D)>,
);

/// How a kernel moves over an image.
pub trait Geometry: Copy + Debug + PartialEq + Send + Sync + 'static {
    /// All sizes.
    const WINDOW: Window;
}

impl<
    const C: usize,
    const H: usize,
    const W: usize,
    const KH: usize,
    const KW: usize,
    const SH: usize,
    const SW: usize,
    const PH: usize,
    const PW: usize,
    const DH: usize,
    const DW: usize,
> Geometry for Slide<Image<C, H, W>, Pair<KH, KW>, Pair<SH, SW>, Pair<PH, PW>, Pair<DH, DW>>
{
    const WINDOW: Window = Window {
        channels: C,
        height: H,
        width: W,
        kernel: [KH, KW],
        stride: [SH, SW],
        padding: [PH, PW],
        dilation: [DH, DW],
        output: [
            positions(H, 2 * PH, KH, SH, DH),
            positions(W, 2 * PW, KW, SW, DW),
        ],
    };
}

/// How many positions a kernel has along `size` entries with so much padding in all:
/// `(size + padding - dilation (kernel - 1) - 1) / stride + 1`, or 0 if it does not fit.
pub const fn positions(
    size: usize,
    padding: usize,
    kernel: usize,
    stride: usize,
    dilation: usize,
) -> usize {
    if kernel == 0 || stride == 0 {
        return 0;
    }
    let reach = dilation.saturating_mul(kernel - 1).saturating_add(1);
    match (size + padding).checked_sub(reach) {
        Some(rest) => rest / stride + 1,
        None => 0,
    }
}

/// Refuses, at compile time, sizes of a pooling that do not agree.
pub(super) const fn check_pooling(window: &Window, input: usize, output: usize) {
    assert!(
        window.input() == input && window.channels * window.pixels() == output,
        "the sizes of this pooling do not agree"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_those_of_the_formula() {
        assert_eq!(positions(28, 0, 5, 1, 1), 24);
        assert_eq!(positions(28, 4, 5, 1, 1), 28);
        assert_eq!(positions(7, 0, 2, 2, 1), 3);
        assert_eq!(positions(7, 0, 3, 1, 3), 1);
        assert_eq!(positions(6, 0, 3, 1, 3), 0);
        assert_eq!(positions(6, 0, 0, 1, 3), 0);
    }
}
