//! Histograms of activations and of gradients, over some of the entries.

use super::Histogram;
use crate::Scalar;
use crate::probe::{Entries, Signal};

/// How many entries a histogram looks at.
const SEEN: usize = 128;

/// Entries between `mean - 4 deviation` and `mean + 4 deviation`; those outside are in the first
/// and last bin.
pub(super) fn histogram(signal: Signal<'_>, mean: f64, deviation: f64) -> Histogram {
    fn count<T: Scalar>(entries: &[T], bin: impl Fn(f64) -> f64) -> Histogram {
        let mut histogram = Histogram::EMPTY;
        for x in entries.iter().step_by(apart(entries.len())) {
            // NaN is in bin 0.
            let bin = (bin(x.to_f64()) as i32).clamp(0, Histogram::BINS as i32 - 1);
            histogram.counts[bin as usize] += 1;
        }
        histogram
    }
    let half = Histogram::BINS as f64 / 2.0;
    let scale = if deviation > 0.0 {
        half / (4.0 * deviation)
    } else {
        0.0
    };
    let bin = |x: f64| half + (x - mean) * scale;
    match signal.entries {
        Entries::F32(entries) => count(entries, bin),
        Entries::F64(entries) => count(entries, bin),
    }
}

/// From one entry to the next of [`SEEN`] ones: odd, so that all units of a layer come in turn.
fn apart(len: usize) -> usize {
    if len <= SEEN { 1 } else { (len / SEEN) | 1 }
}

/// Entries by magnitude, and the share of zeros: see [`Gradients::edge`](super::Gradients::edge).
pub(super) fn magnitudes<T: Scalar>(entries: &[T]) -> (Histogram, f32) {
    let mut histogram = Histogram::EMPTY;
    let (mut zeros, mut seen) = (0_u32, 0_u32);
    for x in entries.iter().step_by(apart(entries.len())) {
        let x = x.to_f64();
        seen += 1;
        if x == 0.0 {
            zeros += 1;
            continue;
        }
        // The exponent of two: 4^(bin - 24) <= |x|.
        let exponent = (x.to_bits() >> 52 & 0x7FF) as i64 - 1023;
        let bin = (exponent.div_euclid(2) + 24).clamp(0, Histogram::BINS as i64 - 1);
        histogram.counts[bin as usize] += 1;
    }
    (histogram, zeros as f32 / seen.max(1) as f32)
}

#[cfg(test)]
mod tests {
    use super::super::Gradients;
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn magnitudes_fall_between_their_edges() {
        for x in [1e-9_f32, 3e-4, 0.25, 0.3, 1.0, 3.9, 4.0, 100.0] {
            let (histogram, zeros) = magnitudes(&[x]);
            let bin = histogram.counts.iter().position(|n| *n == 1).unwrap();
            assert_eq!(zeros, 0.0);
            let x = f64::from(x);
            assert!(
                Gradients::edge(bin) <= x && x < Gradients::edge(bin + 1),
                "{x} in {bin}"
            );
        }
        let (histogram, zeros) = magnitudes(&[0.0_f32, 1e-30, 1e30, 1.0]);
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
        let histogram = histogram(signal, 5.0, 0.3);
        assert_eq!(histogram.total(), 100);
        let left: u16 = histogram.counts[..16].iter().sum();
        assert_eq!(left, 50);
    }
}
