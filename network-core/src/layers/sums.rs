//! Sums over the features of a sample and over the samples of a batch, each in
//! one fixed order, whatever the instruction set.

use crate::kernels::{self, Number, SimdPath, Task, add_up};
use crate::{Real, Scalar};

/// Partial sums that run side by side, so that they can share a vector register.
const LANES: usize = 16;

/// Sum over `i` of `term([x[0][i], x[1][i], ..])`.
///
/// Entry `i` goes to partial sum `i % 16`; those are then added by halves.
/// All slices have the same length.
#[inline(always)]
pub(super) fn sum_of<R: Real, const K: usize>(x: [&[R]; K], term: impl Fn([R; K]) -> R) -> R {
    let mut lanes = [R::ZERO; LANES];
    let parts = x.map(|x| x.as_chunks::<LANES>());
    for index in 0..parts[0].0.len() {
        let rows: [&[R; LANES]; K] = core::array::from_fn(|k| &parts[k].0[index]);
        for (lane, sum) in lanes.iter_mut().enumerate() {
            *sum += term(rows.map(|row| row[lane]));
        }
    }
    for (lane, sum) in lanes.iter_mut().enumerate().take(parts[0].1.len()) {
        *sum += term(parts.map(|(_, rest)| rest[lane]));
    }
    add_up(lanes)
}

/// Work on `WIDTH` neighbouring features of all samples, which keeps what it sums
/// in registers.
///
/// Compute a block in an array of its own and store that whole: what is stored one by
/// one into a slice is not vectorised, since it might overlap what is read.
pub(super) trait FeatureBlock<T> {
    /// Works on the features from `first` to `first + WIDTH`.
    fn block<R: Number<T>, const WIDTH: usize>(&mut self, first: usize);
}

struct ByFeature<'a, W> {
    features: usize,
    work: &'a mut W,
}

impl<T: Scalar, W: FeatureBlock<T>> Task<T> for ByFeature<'_, W> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(self) {
        let mut first = 0;
        while first + 64 <= self.features {
            self.work.block::<R, 64>(first);
            first += 64;
        }
        while first + 32 <= self.features {
            self.work.block::<R, 32>(first);
            first += 32;
        }
        while first + 8 <= self.features {
            self.work.block::<R, 8>(first);
            first += 8;
        }
        while first < self.features {
            self.work.block::<R, 1>(first);
            first += 1;
        }
    }
}

/// Works on all `features`, in wide blocks and then narrow ones.
///
/// Each feature's sums run over the samples in order, so that the width of the
/// block does not show.
pub(super) fn by_feature<T: Scalar>(
    path: SimdPath,
    features: usize,
    work: &mut impl FeatureBlock<T>,
) {
    kernels::run(path, ByFeature { features, work });
}

/// The entries of a sample from `first` to `first + WIDTH`, as numbers to compute with.
///
/// # Panics
///
/// If the sample is shorter.
#[inline(always)]
pub(super) fn part<T, R: Number<T>, const WIDTH: usize>(sample: &[T], first: usize) -> &[R; WIDTH] {
    let part = R::slice(&sample[first..]).first_chunk();
    part.expect("blocks end within the sample")
}

/// As [`part`], to change them.
#[inline(always)]
pub(super) fn part_mut<T, R: Number<T>, const WIDTH: usize>(
    sample: &mut [T],
    first: usize,
) -> &mut [R; WIDTH] {
    let part = R::slice_mut(&mut sample[first..]).first_chunk_mut();
    part.expect("blocks end within the sample")
}

/// Replaces an old gradient, or adds to it.
#[inline(always)]
pub(super) fn store<T, R: Number<T>, const WIDTH: usize>(
    gradient: &mut [T],
    first: usize,
    new: [R; WIDTH],
    accumulate: bool,
) {
    let gradient = part_mut::<T, R, WIDTH>(gradient, first);
    for (gradient, new) in gradient.iter_mut().zip(new) {
        *gradient = if accumulate { *gradient + new } else { new };
    }
}

/// `1 / sqrt(variance + epsilon)`, or 0 where both are 0: then there is nothing
/// to scale, and the result stays a number.
#[inline(always)]
pub(super) fn inverse_deviation<R: Real>(variance: R, epsilon: R) -> R {
    let sum = variance + epsilon;
    R::select(sum > R::ZERO, R::ONE / sum.sqrt(), R::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_run_over_every_entry_once() {
        let x: [f64; 100] = core::array::from_fn(|i| i as f64);
        for n in [0, 1, 15, 16, 17, 48, 100] {
            assert_eq!(sum_of([&x[..n]], |[x]| x), (0..n).sum::<usize>() as f64);
            let squares = sum_of([&x[..n], &x[..n]], |[a, b]| a * b);
            assert_eq!(squares, (0..n).map(|i| i * i).sum::<usize>() as f64);
        }
    }

    #[test]
    fn the_order_of_summation_is_pinned() {
        // 16 partial sums keep what a plain loop in f32 would lose.
        let x: [f32; 32] = core::array::from_fn(|i| if i == 0 { 1e8 } else { 1.0 });
        assert_eq!(sum_of([&x], |[x]| x), 100_000_024.0);
        assert_eq!(x.iter().sum::<f32>(), 1e8);
    }

    #[test]
    fn blocks_cover_every_feature_once() {
        struct Count([u32; 141]);
        impl FeatureBlock<f32> for Count {
            fn block<R: Number<f32>, const WIDTH: usize>(&mut self, first: usize) {
                for seen in &mut self.0[first..first + WIDTH] {
                    *seen += 1;
                }
            }
        }
        for n in 0..=141 {
            let mut count = Count([0; 141]);
            by_feature(SimdPath::detect(), n, &mut count);
            assert!(count.0[..n].iter().all(|seen| *seen == 1));
            assert!(count.0[n..].iter().all(|seen| *seen == 0));
        }
    }
}
