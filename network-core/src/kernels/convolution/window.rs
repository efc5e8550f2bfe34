//! How a kernel moves over an image.

/// A kernel that moves over an image of `channels` planes of `height` by `width`;
/// pairs are for rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Channels of the image.
    pub channels: usize,
    /// Rows of the image.
    pub height: usize,
    /// Columns of the image.
    pub width: usize,
    /// Size of the kernel.
    pub kernel: [usize; 2],
    /// Distance between one position of the kernel and the next.
    pub stride: [usize; 2],
    /// How far the kernel reaches beyond the image's first rows and columns.
    pub padding: [usize; 2],
    /// Distance between the entries of the kernel.
    pub dilation: [usize; 2],
    /// Size of the output.
    pub output: [usize; 2],
}

impl Window {
    /// Entries of an image.
    pub const fn input(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// Pixels of an output plane.
    pub const fn pixels(&self) -> usize {
        self.output[0] * self.output[1]
    }

    /// Entries of the kernel.
    pub const fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// Whether every output pixel looks at the same pixel of the image alone.
    pub(super) fn is_point(&self) -> bool {
        self.kernel == [1, 1]
            && self.stride == [1, 1]
            && self.padding == [0, 0]
            && self.output == [self.height, self.width]
    }

    /// A group's channels of an image.
    pub(super) fn part<'a, T>(&self, x: &'a [T], group: usize, channels: usize) -> &'a [T] {
        let entries = channels * self.height * self.width;
        &x[group * entries..(group + 1) * entries]
    }

    /// A group's channels of an image, to be changed.
    pub(super) fn part_mut<'a, T>(
        &self,
        x: &'a mut [T],
        group: usize,
        channels: usize,
    ) -> &'a mut [T] {
        let entries = channels * self.height * self.width;
        &mut x[group * entries..(group + 1) * entries]
    }

    /// Which of the output's columns `first..end` see the image at the kernel's
    /// column `tap`: from `.0` on, before `.1`; both lie in `first..=end`.
    #[inline(always)]
    pub(crate) fn inside(&self, tap: usize, first: usize, end: usize) -> (usize, usize) {
        let (stride, shift) = (self.stride[1], tap * self.dilation[1]);
        let padding = self.padding[1];
        let low = padding.saturating_sub(shift).div_ceil(stride);
        let high = (self.width + padding)
            .saturating_sub(shift)
            .div_ceil(stride);
        let low = low.clamp(first, end);
        (low, high.clamp(low, end))
    }

    /// The image's row that the kernel's row `tap` sees from the output's row `row`.
    #[inline(always)]
    pub(crate) fn row(&self, tap: usize, row: usize) -> Option<usize> {
        (row * self.stride[0] + tap * self.dilation[0])
            .checked_sub(self.padding[0])
            .filter(|row| *row < self.height)
    }
}
