//! Histograms of activations and of gradients, over some of the entries.

use super::Histogram;
use crate::Scalar;
use crate::kernels::{self, Number, SimdPath, Task};
use crate::probe::{Entries, Signal};

/// A histogram looks at one of so many entries..
const OF: usize = 64;
/// .. but at so many at least and at most, or somewhat more.
const SEEN: core::ops::RangeInclusive<usize> = 64..=256;
/// How many of them are sorted into bins side by side.
const LANES: usize = 32;

/// From one entry to the next that is looked at: odd, so that all units of a layer come in turn.
fn apart(len: usize) -> usize {
    let seen = (len / OF).clamp(*SEEN.start(), *SEEN.end());
    if len <= seen { 1 } else { (len / seen) | 1 }
}

/// Counts by bins. Of four neighbours each has its own, since they often fall into one bin, and
/// counting twice in one place takes its time.
struct Counts([[u16; Histogram::BINS]; 4]);

impl Counts {
    const NONE: Self = Self([[0; Histogram::BINS]; 4]);

    #[inline(always)]
    fn add(&mut self, bins: &[u8]) {
        for (at, bin) in bins.iter().enumerate() {
            self.0[at % 4][usize::from(*bin) % Histogram::BINS] += 1;
        }
    }

    #[inline(always)]
    fn histogram(self) -> Histogram {
        let mut counts = [0; Histogram::BINS];
        for table in self.0 {
            for bin in 0..Histogram::BINS {
                counts[bin] += table[bin];
            }
        }
        Histogram { counts }
    }
}

/// Counts every so manieth entry by the bin `(x - mean) * scale + BINS / 2`.
struct Linear<'a, T> {
    entries: &'a [T],
    mean: f64,
    scale: f64,
}

impl<T: Scalar> Task<T> for Linear<'_, T> {
    type Output = Histogram;
    #[inline(always)]
    fn run<R: Number<T>>(self) -> Histogram {
        let half = R::from_f64(Histogram::BINS as f64 / 2.0);
        let last = R::from_f64(Histogram::BINS as f64 - 1.0);
        let (mean, scale) = (R::from_f64(self.mean), R::from_f64(self.scale));
        let mut counts = Counts::NONE;
        let apart = apart(self.entries.len());
        for entries in R::slice(self.entries).chunks(LANES * apart) {
            let mut values = [R::ZERO; LANES];
            for (value, x) in values.iter_mut().zip(entries.iter().step_by(apart)) {
                *value = *x;
            }
            let mut bins = [0; LANES];
            for lane in 0..LANES {
                let bin = (values[lane] - mean).mul_add(scale, half);
                // NaN is in bin 0.
                let bin = R::select(bin > R::ZERO, bin, R::ZERO);
                let bin = R::select(bin < last, bin, last);
                // Beside 2^32 a double keeps 20 bits after the point.
                bins[lane] = ((bin.to_f64() + 4_294_967_296.0).to_bits() >> 20) as u8;
            }
            counts.add(&bins[..entries.len().div_ceil(apart).min(LANES)]);
        }
        counts.histogram()
    }
}

/// Entries between `mean - 4 deviation` and `mean + 4 deviation`; those outside are in the first
/// and last bin.
pub(super) fn histogram(
    path: SimdPath,
    signal: Signal<'_>,
    mean: f64,
    deviation: f64,
) -> Histogram {
    fn of<T: Scalar>(path: SimdPath, entries: &[T], mean: f64, scale: f64) -> Histogram {
        let task = Linear {
            entries,
            mean,
            scale,
        };
        kernels::run(path, task)
    }
    let scale = if deviation > 0.0 {
        Histogram::BINS as f64 / (8.0 * deviation)
    } else {
        0.0
    };
    match signal.entries {
        Entries::F32(entries) => of(path, entries, mean, scale.min(f64::from(f32::MAX))),
        Entries::F64(entries) => of(path, entries, mean, scale),
    }
}

/// Counts every so manieth entry by its magnitude.
struct Magnitudes<'a, T>(&'a [T]);

impl<T: Scalar> Task<T> for Magnitudes<'_, T> {
    /// The share of zeros is with it.
    type Output = (Histogram, f32);
    #[inline(always)]
    fn run<R: Number<T>>(self) -> (Histogram, f32) {
        let mut counts = Counts::NONE;
        let (mut zeros, mut seen) = (0_usize, 0_usize);
        let apart = apart(self.0.len());
        for entries in R::slice(self.0).chunks(LANES * apart) {
            let mut values = [R::ONE; LANES];
            for (value, x) in values.iter_mut().zip(entries.iter().step_by(apart)) {
                *value = *x;
            }
            let mut bins = [0; LANES];
            for lane in 0..LANES {
                // The exponent of two: 4^(bin - 24) <= |x|.
                let bits = values[lane].to_f64().to_bits();
                let exponent = (bits >> 52 & 0x7FF) as i32 - 1023;
                bins[lane] = ((exponent >> 1) + 24).clamp(0, Histogram::BINS as i32 - 1) as u8;
                zeros += usize::from(values[lane] == R::ZERO);
            }
            let count = entries.len().div_ceil(apart).min(LANES);
            seen += count;
            counts.add(&bins[..count]);
        }
        let mut histogram = counts.histogram();
        // Zeros are in none.
        histogram.counts[0] -= zeros as u16;
        (histogram, zeros as f32 / seen.max(1) as f32)
    }
}

/// Entries by magnitude, and the share of zeros: see [`Gradients::edge`](super::Gradients::edge).
pub(super) fn magnitudes<T: Scalar>(path: SimdPath, entries: &[T]) -> (Histogram, f32) {
    kernels::run(path, Magnitudes(entries))
}

#[cfg(test)]
mod tests {
    use super::super::Gradients;
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn magnitudes_fall_between_their_edges() {
        for x in [1e-9_f32, 3e-4, 0.25, 0.3, 1.0, 3.9, 4.0, 100.0] {
            let (histogram, zeros) = magnitudes(SimdPath::detect(), &[x]);
            let bin = histogram.counts.iter().position(|n| *n == 1).unwrap();
            assert_eq!(zeros, 0.0);
            let x = f64::from(x);
            assert!(
                Gradients::edge(bin) <= x && x < Gradients::edge(bin + 1),
                "{x} in {bin}"
            );
        }
        let (histogram, zeros) = magnitudes(SimdPath::detect(), &[0.0_f32, 1e-30, 1e30, 1.0]);
        assert_eq!(zeros, 0.25);
        assert_eq!((histogram.counts[0], histogram.counts[31]), (1, 1));
    }

    #[test]
    fn a_histogram_is_centred_on_the_mean() {
        let x: Vec<f32> = (0..100).map(|i| 5.0 + (i as f32 - 49.5) / 100.0).collect();
        let signal = Signal {
            width: 1,
            entries: Entries::F32(&x),
        };
        let histogram = histogram(SimdPath::detect(), signal, 5.0, 0.3);
        assert_eq!(histogram.total(), 100);
        let left: u16 = histogram.counts[..16].iter().sum();
        assert_eq!(left, 50);
    }
}
