//! How the examples of a batch differ.

use super::statistics::{fits, square, square_all};
use crate::Scalar;
use crate::kernels::{self, Number, SimdPath, Task, add_up};
use crate::probe::{Entries, Signal};

/// Numbers side by side.
const LANES: usize = 16;
/// How many examples of a batch are compared with each other, evenly spread over it.
const COMPARED: usize = 16;
/// Half as many of them tell as much where each has so many entries.
const WIDE: usize = 64;

/// How examples differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    /// Mean cosine between two of them.
    pub(super) cosine: f64,
    /// Standard deviation over examples, of a unit, as root mean square over units.
    pub(super) variation: f64,
}

/// Sums over the examples that are compared.
#[derive(Clone, Copy, Debug)]
struct Sums {
    /// How many examples there are, and how many of them are not zero.
    examples: f64,
    directed: f64,
    /// All squares.
    squares: f64,
    /// The squared norm of the sum of all directions, and of the sum of all examples.
    resultant: f64,
    of_means: f64,
}

impl Sums {
    /// The mean cosine of all pairs of `n` examples `x` with directions `d = x / |x|` is
    /// `(|sum d|^2 - n) / (n (n - 1))`; the variance of a unit is
    /// `(sum x^2 - (sum x)^2 / n) / (n - 1)`.
    fn spread(self, width: usize) -> Spread {
        let (n, directed) = (self.examples, self.directed);
        let variance = (self.squares - self.of_means / f64::max(n, 1.0))
            / width as f64
            / f64::max(n - 1.0, 1.0);
        Spread {
            cosine: if directed > 1.0 {
                (self.resultant - directed) / (directed * (directed - 1.0))
            } else {
                0.0
            },
            // Not `max`, which would hide NaN.
            variation: libm::sqrt(if variance < 0.0 { 0.0 } else { variance }),
        }
    }
}

/// Examples of so many numbers each, one after the other.
#[derive(Clone, Copy)]
struct Examples<'a, T> {
    width: usize,
    entries: &'a [T],
}

impl<T> Examples<'_, T> {
    /// How many are compared.
    fn count(&self) -> usize {
        let compared = if self.width < WIDE {
            COMPARED
        } else {
            COMPARED / 2
        };
        (self.entries.len() / self.width).min(compared)
    }

    /// Where one of them begins.
    fn start(&self, example: usize) -> usize {
        let apart = self.entries.len() / self.width / self.count().max(1);
        example * apart * self.width
    }
}

impl<T: Scalar> Task<T> for Examples<'_, T> {
    type Output = Sums;
    #[inline(always)]
    fn run<R: Number<T>>(self) -> Sums {
        let (width, count) = (self.width, self.count());
        let entries = R::slice(self.entries);
        let mut squares = [R::ZERO; COMPARED];
        for (example, squares) in squares[..count].iter_mut().enumerate() {
            let mut lanes = [R::ZERO; LANES];
            square_all(&mut lanes, &entries[self.start(example)..][..width]);
            *squares = add_up(lanes);
        }
        let mut inverse = [R::ZERO; COMPARED];
        let mut directed = [R::ZERO; COMPARED];
        for example in 0..COMPARED {
            let some = squares[example] > R::ZERO;
            directed[example] = R::select(some, R::ONE, R::ZERO);
            let norm = R::select(some, squares[example], R::ONE).quick_sqrt();
            inverse[example] = directed[example] / norm;
        }
        let (mut resultant, mut of_means) = ([R::ZERO; LANES], [R::ZERO; LANES]);
        let whole = width / LANES * LANES;
        for at in (0..whole).step_by(LANES) {
            let (mut direction, mut mean) = ([R::ZERO; LANES], [R::ZERO; LANES]);
            for (example, inverse) in inverse[..count].iter().enumerate() {
                let units = &entries[self.start(example) + at..][..LANES];
                for lane in 0..LANES {
                    direction[lane] = units[lane].mul_add(*inverse, direction[lane]);
                    mean[lane] += units[lane];
                }
            }
            square(&mut resultant, &direction);
            square(&mut of_means, &mean);
        }
        if whole < width {
            let (mut direction, mut mean) = ([R::ZERO; LANES], [R::ZERO; LANES]);
            for (example, inverse) in inverse[..count].iter().enumerate() {
                let rest = &entries[self.start(example)..][whole..width];
                for (lane, unit) in rest.iter().enumerate().take(LANES) {
                    direction[lane] = unit.mul_add(*inverse, direction[lane]);
                    mean[lane] += *unit;
                }
            }
            square(&mut resultant, &direction);
            square(&mut of_means, &mean);
        }
        Sums {
            examples: count as f64,
            directed: add_up(directed).to_f64(),
            squares: add_up(squares).to_f64(),
            resultant: add_up(resultant).to_f64(),
            of_means: add_up(of_means).to_f64(),
        }
    }
}

impl<T: Scalar> Examples<'_, T> {
    /// The same in `f64`, for numbers whose squares leave the range of `f32`.
    fn slow(self) -> Sums {
        let count = self.count();
        let example = |example: usize| &self.entries[self.start(example)..][..self.width];
        let mut sums = Sums {
            examples: count as f64,
            directed: 0.0,
            squares: 0.0,
            resultant: 0.0,
            of_means: 0.0,
        };
        let mut inverse = [0.0; COMPARED];
        for (index, inverse) in inverse[..count].iter_mut().enumerate() {
            let squares = example(index).iter().map(|x| x.to_f64() * x.to_f64());
            let squares: f64 = squares.sum();
            sums.squares += squares;
            if squares > 0.0 {
                sums.directed += 1.0;
                *inverse = 1.0 / libm::sqrt(squares);
            }
        }
        for unit in 0..self.width {
            let (mut direction, mut mean) = (0.0, 0.0);
            for (index, inverse) in inverse[..count].iter().enumerate() {
                let x = example(index)[unit].to_f64();
                direction += x * inverse;
                mean += x;
            }
            sums.resultant += direction * direction;
            sums.of_means += mean * mean;
        }
        sums
    }
}

/// Compares up to [`COMPARED`] examples.
pub(super) fn spread(path: SimdPath, signal: Signal<'_>) -> Spread {
    fn of<T: Scalar>(path: SimdPath, width: usize, entries: &[T]) -> Spread {
        let examples = Examples { width, entries };
        let sums = kernels::run(path, examples);
        if fits(sums.squares) {
            sums.spread(width)
        } else {
            examples.slow().spread(width)
        }
    }
    let width = signal.width.max(1);
    match signal.entries {
        Entries::F32(entries) => of(path, width, entries),
        Entries::F64(entries) => of(path, width, entries),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    fn signal(width: usize, entries: &[f32]) -> Signal<'_> {
        Signal {
            width,
            entries: Entries::F32(entries),
        }
    }

    #[test]
    fn spread_tells_equal_examples_from_different_ones() {
        let path = SimdPath::detect();
        let same: Vec<f32> = (0..200).map(|i| (i % 20) as f32 + 1.0).collect();
        let equal = spread(path, signal(20, &same));
        assert!(
            (equal.cosine - 1.0).abs() < 1e-5 && equal.variation < 1e-2,
            "{equal:?}"
        );
        for (width, size) in [(COMPARED, 2.0), (COMPARED + 5, 2.0), (COMPARED + 5, 2e30)] {
            let mut axes = vec![0.0; COMPARED * width];
            for i in 0..COMPARED {
                axes[i * width + i] = size;
            }
            let apart = spread(path, signal(width, &axes));
            assert!(apart.cosine.abs() < 1e-6, "{apart:?}");
            // Of most units: one of that size, and 0 in all others.
            let n = COMPARED as f64;
            let expected = libm::sqrt((1.0 - 1.0 / n) / (n - 1.0) * n / width as f64);
            let variation = apart.variation / f64::from(size);
            assert!((variation - expected).abs() < 1e-6, "{apart:?}");
        }
    }

    #[test]
    fn both_ways_agree() {
        let x: Vec<f32> = (0..37 * 53)
            .map(|i| ((i * 37 % 101) as f32 - 20.0) / 50.0)
            .collect();
        let fast = spread(SimdPath::detect(), signal(37, &x));
        let slow = Examples {
            width: 37,
            entries: &x,
        };
        let slow = slow.slow().spread(37);
        assert!(
            (fast.cosine - slow.cosine).abs() < 1e-5,
            "{fast:?} {slow:?}"
        );
        assert!(
            (fast.variation - slow.variation).abs() < 1e-5,
            "{fast:?} {slow:?}"
        );
    }
}
