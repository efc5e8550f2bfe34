//! Sums and maxima in one fixed order that vector instructions can follow.

use crate::Scalar;

/// Entries are dealt to this many running sums, entry `i` to sum `i % LANES`.
pub(super) const LANES: usize = 8;

/// A running sum, the same bits however its entries are cut into blocks, as long
/// as every block but the last is a multiple of [`LANES`] long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sum<T>([T; LANES]);

impl<T: Scalar> Sum<T> {
    pub(super) fn zero() -> Self {
        Self([T::ZERO; LANES])
    }

    /// Adds `f(i)` for all `i` below `count`.
    #[inline(always)]
    pub(super) fn add_each(&mut self, count: usize, f: impl Fn(usize) -> T) {
        let whole = count - count % LANES;
        for start in (0..whole).step_by(LANES) {
            for (lane, sum) in self.0.iter_mut().enumerate() {
                *sum += f(start + lane);
            }
        }
        for (index, sum) in (whole..count).zip(&mut self.0) {
            *sum += f(index);
        }
    }

    #[inline(always)]
    pub(super) fn add(&mut self, entries: &[T]) {
        self.add_each(entries.len(), |index| entries[index]);
    }

    pub(super) fn total(self) -> T {
        let [a, b, c, d, e, f, g, h] = self.0;
        ((a + e) + (c + g)) + ((b + f) + (d + h))
    }
}

/// The sum of all entries.
#[inline(always)]
pub(super) fn sum<T: Scalar>(entries: &[T]) -> T {
    let mut sum = Sum::zero();
    sum.add(entries);
    sum.total()
}

/// The largest entry; NaN is passed over.
#[inline(always)]
pub(super) fn largest<T: Scalar>(entries: &[T]) -> T {
    let mut lanes = [T::from_f64(f64::NEG_INFINITY); LANES];
    let mut chunks = entries.chunks_exact(LANES);
    // Written as a comparison, since `max` does not become one instruction.
    let larger = |a: T, b: T| if b > a { b } else { a };
    for chunk in &mut chunks {
        for (lane, entry) in lanes.iter_mut().zip(chunk) {
            *lane = larger(*lane, *entry);
        }
    }
    for (lane, entry) in lanes.iter_mut().zip(chunks.remainder()) {
        *lane = larger(*lane, *entry);
    }
    lanes.into_iter().fold(lanes[0], larger)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn a_sum_does_not_depend_on_its_blocks() {
        let entries: Vec<f32> = (1..=1003_u16).map(|i| 1.0 / f32::from(i)).collect();
        let whole = sum(&entries);
        let mut blocks = Sum::zero();
        for block in entries.chunks(64) {
            blocks.add(block);
        }
        assert_eq!(whole.to_bits(), blocks.total().to_bits());
        let exact: f64 = entries.iter().map(|e| f64::from(*e)).sum();
        assert!((f64::from(whole) - exact).abs() < 1e-6, "{whole} {exact}");
    }

    #[test]
    fn largest_looks_at_every_place() {
        for length in 1..40 {
            for place in 0..length {
                let mut entries = std::vec![-3.0_f64; length];
                entries[place] = -1.0;
                assert_eq!(largest(&entries), -1.0);
            }
        }
        assert_eq!(largest(&[1.0, f64::NAN, 2.0]), 2.0);
    }
}
