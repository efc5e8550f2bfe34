//! Sums over many numbers in one pass, on the kernels' instruction sets: what measuring costs.

use crate::kernels::{self, Number, SimdPath, Task};
use crate::probe::{Entries, Signal};
use crate::{Real, Scalar};
use alloc::vec::Vec;

/// Numbers that run side by side.
const LANES: usize = 16;
/// How many entries are summed in the network's number type before `f64` takes over.
const BLOCK: usize = 2048;
/// How many examples of a larger batch are looked at, evenly spread over it.
const EXAMPLES: usize = 32;
/// How many of them are compared with each other.
const COMPARED: usize = 16;
/// How many entries of a larger parameter are looked at, evenly spread over it.
const WEIGHTS: usize = 1024;
/// Entries that lie side by side where a part is looked at.
const SIDE_BY_SIDE: usize = 64;

/// Which entries are looked at: the first `block` of every `stride`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    block: usize,
    stride: usize,
}

impl Part {
    /// Whole examples of a batch.
    fn of_examples(len: usize, width: usize) -> Self {
        let (width, examples) = (width.max(1), len / width.max(1));
        if examples <= EXAMPLES {
            return Self::all(len);
        }
        let group = (SIDE_BY_SIDE / width).clamp(1, EXAMPLES);
        Self {
            block: group * width,
            stride: examples / (EXAMPLES / group) * width,
        }
    }

    /// Of a weight matrix and its like.
    fn of_parameter(len: usize) -> Self {
        if len <= WEIGHTS {
            return Self::all(len);
        }
        Self {
            block: SIDE_BY_SIDE,
            stride: len.div_ceil(WEIGHTS) * SIDE_BY_SIDE,
        }
    }

    fn all(len: usize) -> Self {
        Self {
            block: len.max(1),
            stride: len.max(1),
        }
    }

    #[inline(always)]
    fn of<T>(self, entries: &[T]) -> impl Iterator<Item = &[T]> {
        let block = self.block;
        let blocks = entries.chunks(self.stride);
        blocks.map(move |entries| &entries[..entries.len().min(block)])
    }
}

/// Appends the entries of a parameter that are looked at.
pub(super) fn look<T: Scalar>(entries: &[T], to: &mut Vec<T>) {
    for block in Part::of_parameter(entries.len()).of(entries) {
        to.extend_from_slice(block);
    }
}

/// How many those are.
pub(super) fn looked_at(len: usize) -> usize {
    let Part { block, stride } = Part::of_parameter(len);
    len / stride * block + (len % stride).min(block)
}

/// Where an activation is nearly flat: at or below the first number, at or above the second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Flat(pub(super) f64, pub(super) f64);

impl Flat {
    /// Nowhere.
    pub(super) const NEVER: Self = Self(f64::NEG_INFINITY, f64::INFINITY);
}

/// Sums over all entries of a signal.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sums {
    pub(super) count: usize,
    pub(super) sum: f64,
    pub(super) squares: f64,
    zeros: isize,
    flat: isize,
}

impl Sums {
    pub(super) fn rms(&self) -> f64 {
        libm::sqrt(self.squares / self.count.max(1) as f64)
    }

    pub(super) fn mean(&self) -> f64 {
        self.sum / self.count.max(1) as f64
    }

    pub(super) fn deviation(&self) -> f64 {
        let mean = self.mean();
        let variance = self.squares / self.count.max(1) as f64 - mean * mean;
        // Not `max`, which would hide NaN.
        libm::sqrt(if variance < 0.0 { 0.0 } else { variance })
    }

    pub(super) fn is_finite(&self) -> bool {
        self.squares.is_finite()
    }

    /// Adds what the lanes hold, and empties them.
    #[inline(always)]
    fn take<R: Real>(&mut self, lanes: &mut [[R; LANES]; 4]) {
        let [sum, squares, zeros, flat] = *lanes;
        self.sum += total(sum);
        self.squares += total(squares);
        self.zeros += total(zeros) as isize;
        self.flat += total(flat) as isize;
        *lanes = [[R::ZERO; LANES]; 4];
    }

    fn share(&self, part: isize) -> f32 {
        part as f32 / self.count.max(1) as f32
    }

    pub(super) fn sparsity(&self) -> f32 {
        self.share(self.zeros)
    }

    pub(super) fn saturated(&self) -> f32 {
        self.share(self.flat)
    }
}

#[inline(always)]
fn total<R: Real>(lanes: [R; LANES]) -> f64 {
    let mut sums = [0.0; LANES];
    for lane in 0..LANES {
        sums[lane] = lanes[lane].to_f64();
    }
    let mut half = LANES;
    while half > 1 {
        half /= 2;
        for lane in 0..half {
            sums[lane] += sums[lane + half];
        }
    }
    sums[0]
}

/// Fewer than [`LANES`] numbers, and zeros. (Lanes that are reached by a number known only at run
/// time would live in memory.)
#[inline(always)]
fn padded<R: Real>(numbers: &[R]) -> [R; LANES] {
    let mut lanes = [R::ZERO; LANES];
    for (lane, x) in lanes.iter_mut().zip(numbers) {
        *lane = *x;
    }
    lanes
}

/// Adds squares.
#[inline(always)]
fn square<R: Real>(sums: &mut [R; LANES], x: &[R; LANES]) {
    for lane in 0..LANES {
        sums[lane] = x[lane].mul_add(x[lane], sums[lane]);
    }
}

/// Adds an entry to its sum, squares, zeros and flat places.
#[inline(always)]
fn add<R: Real>(sums: &mut [[R; LANES]; 4], lane: usize, x: R, low: R, high: R) {
    sums[0][lane] += x;
    sums[1][lane] = x.mul_add(x, sums[1][lane]);
    sums[2][lane] += R::select(x == R::ZERO, R::ONE, R::ZERO);
    sums[3][lane] += R::select(x <= low, R::ONE, R::ZERO);
    sums[3][lane] += R::select(x >= high, R::ONE, R::ZERO);
}

/// Adds two entries to squares, products and squared differences.
#[inline(always)]
fn multiply<R: Real>(sums: &mut [[R; LANES]; 3], lane: usize, a: R, b: R) {
    sums[0][lane] = a.mul_add(a, sums[0][lane]);
    sums[1][lane] = a.mul_add(b, sums[1][lane]);
    let d = a - b;
    sums[2][lane] = d.mul_add(d, sums[2][lane]);
}

struct Full<'a, T> {
    entries: &'a [T],
    part: Part,
    flat: Flat,
}

impl<T: Scalar> Task<T> for Full<'_, T> {
    type Output = Sums;
    #[inline(always)]
    fn run<R: Number<T>>(self) -> Sums {
        let (low, high) = (R::from_f64(self.flat.0), R::from_f64(self.flat.1));
        let mut sums = Sums::default();
        let mut lanes = [[R::ZERO; LANES]; 4];
        let mut pending = 0;
        let blocks = self.part.of(R::slice(self.entries));
        for block in blocks.flat_map(|block| block.chunks(BLOCK)) {
            if pending + block.len() > BLOCK {
                sums.take(&mut lanes);
                pending = 0;
            }
            pending += block.len();
            sums.count += block.len();
            let (rows, rest) = block.as_chunks::<LANES>();
            for row in rows {
                for lane in 0..LANES {
                    add(&mut lanes, lane, row[lane], low, high);
                }
            }
            if !rest.is_empty() {
                let row = padded(rest);
                for lane in 0..LANES {
                    add(&mut lanes, lane, row[lane], low, high);
                }
                let padding = LANES - rest.len();
                sums.zeros -= padding as isize;
                if R::ZERO <= low || R::ZERO >= high {
                    sums.flat -= padding as isize;
                }
            }
        }
        sums.take(&mut lanes);
        sums
    }
}

/// Sums over the examples that are looked at.
pub(super) fn sums(path: SimdPath, signal: Signal<'_>, flat: Flat) -> Sums {
    let part = Part::of_examples(signal.len(), signal.width);
    match signal.entries {
        Entries::F32(entries) => kernels::run(
            path,
            Full {
                entries,
                part,
                flat,
            },
        ),
        Entries::F64(entries) => kernels::run(
            path,
            Full {
                entries,
                part,
                flat,
            },
        ),
    }
}

struct Products<'a, T>(&'a [T], &'a [T]);

impl<T: Scalar> Task<T> for Products<'_, T> {
    /// Sum of squares of the first, of the products, and of the squared differences.
    type Output = [f64; 3];
    #[inline(always)]
    fn run<R: Number<T>>(self) -> [f64; 3] {
        let mut sums = [0.0; 3];
        let blocks = R::slice(self.0).chunks(BLOCK);
        for (a, b) in blocks.zip(R::slice(self.1).chunks(BLOCK)) {
            let mut lanes = [[R::ZERO; LANES]; 3];
            let (a_rows, a_rest) = a.as_chunks::<LANES>();
            let (b_rows, b_rest) = b.as_chunks::<LANES>();
            for (a, b) in a_rows.iter().zip(b_rows) {
                for lane in 0..LANES {
                    multiply(&mut lanes, lane, a[lane], b[lane]);
                }
            }
            let (a, b) = (padded(a_rest), padded(b_rest));
            for lane in 0..LANES {
                multiply(&mut lanes, lane, a[lane], b[lane]);
            }
            for (sum, lanes) in sums.iter_mut().zip(lanes) {
                *sum += total(lanes);
            }
        }
        sums
    }
}

/// `[sum a^2, sum a b, sum (a - b)^2]`, where small or large numbers of `f32` would leave its
/// range when squared in `f64`.
pub(super) fn products<T: Scalar>(path: SimdPath, a: &[T], b: &[T]) -> [f64; 3] {
    let sums = kernels::run(path, Products(a, b));
    let fits = |sum: f64| sum == 0.0 || (1e-25..1e30).contains(&sum.abs());
    if sums.iter().all(|sum| fits(*sum)) && sums[0] != 0.0 {
        return sums;
    }
    let mut sums = [0.0; 3];
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a.to_f64(), b.to_f64());
        sums[0] += a * a;
        sums[1] += a * b;
        sums[2] += (a - b) * (a - b);
    }
    sums
}

/// Sum of squares, of numbers of any size.
pub(super) fn squares<T: Scalar>(path: SimdPath, entries: &[T]) -> f64 {
    let sum: f64 = entries
        .chunks(BLOCK)
        .map(|block| kernels::sum_of_squares(path, block).to_f64())
        .sum();
    if (1e-25..1e30).contains(&sum) {
        return sum;
    }
    entries.iter().map(|x| x.to_f64() * x.to_f64()).sum()
}

struct Squares<'a, T>(&'a [T], Part);

impl<T: Scalar> Task<T> for Squares<'_, T> {
    /// The sum, and of how many entries.
    type Output = (f64, usize);
    #[inline(always)]
    fn run<R: Number<T>>(self) -> (f64, usize) {
        let (mut sum, mut count) = (0.0, 0);
        let mut lanes = [R::ZERO; LANES];
        let blocks = self.1.of(R::slice(self.0));
        for block in blocks.flat_map(|block| block.chunks(BLOCK)) {
            count += block.len();
            let (rows, rest) = block.as_chunks::<LANES>();
            for row in rows {
                square(&mut lanes, row);
            }
            square(&mut lanes, &padded(rest));
            if block.len() == BLOCK {
                sum += total(lanes);
                lanes = [R::ZERO; LANES];
            }
        }
        (sum + total(lanes), count)
    }
}

/// Mean square over the examples that are looked at, of numbers of any size.
pub(super) fn mean_square(path: SimdPath, signal: Signal<'_>) -> f64 {
    fn of<T: Scalar>(path: SimdPath, entries: &[T], part: Part) -> f64 {
        let (sum, count) = kernels::run(path, Squares(entries, part));
        let count = count.max(1) as f64;
        if (1e-25..1e30).contains(&sum) {
            return sum / count;
        }
        let all = part.of(entries).flatten();
        all.map(|x| x.to_f64() * x.to_f64()).sum::<f64>() / count
    }
    let part = Part::of_examples(signal.len(), signal.width);
    match signal.entries {
        Entries::F32(entries) => of(path, entries, part),
        Entries::F64(entries) => of(path, entries, part),
    }
}

/// Sets to 1 the units, of `alive.len()` in each example, that are not zero in every example.
pub(super) fn alive(path: SimdPath, signal: Signal<'_>, alive: &mut [f32]) {
    struct Alive<'a, T>(&'a [T], &'a mut [f32]);
    impl<T: Scalar> Task<T> for Alive<'_, T> {
        type Output = ();
        #[inline(always)]
        fn run<R: Number<T>>(self) {
            self.1.fill(0.0);
            for sample in R::slice(self.0).chunks_exact(self.1.len().max(1)) {
                for (x, alive) in sample.iter().zip(&mut *self.1) {
                    *alive = if *x == R::ZERO { *alive } else { 1.0 };
                }
            }
        }
    }
    match signal.entries {
        Entries::F32(entries) => kernels::run(path, Alive(entries, alive)),
        Entries::F64(entries) => kernels::run(path, Alive(entries, alive)),
    }
}

/// The index of the first entry that is NaN or infinite.
pub(super) fn first_non_finite(signal: Signal<'_>) -> Option<usize> {
    match signal.entries {
        Entries::F32(entries) => entries.iter().position(|x| !x.is_finite()),
        Entries::F64(entries) => entries.iter().position(|x| !x.is_finite()),
    }
}

/// How examples differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    /// Mean cosine between two of them.
    pub(super) cosine: f64,
    /// Standard deviation over examples, of a unit, as root mean square over units.
    pub(super) variation: f64,
}

/// Compares up to [`COMPARED`] examples.
///
/// The mean cosine of all pairs of `n` examples `x` with directions `d = x / |x|` is
/// `(|sum d|^2 - n) / (n (n - 1))`; the variance of a unit is
/// `(sum x^2 - (sum x)^2 / n) / (n - 1)`.
pub(super) fn spread(path: SimdPath, signal: Signal<'_>) -> Spread {
    struct Directions<'a, T> {
        width: usize,
        entries: &'a [T],
    }
    impl<T: Scalar> Task<T> for Directions<'_, T> {
        type Output = Spread;
        #[inline(always)]
        fn run<R: Number<T>>(self) -> Spread {
            let (width, entries) = (self.width.max(1), R::slice(self.entries));
            let samples = entries.len() / width;
            let apart = (samples / COMPARED).max(1);
            let count = samples.min(COMPARED);
            let mut inverse = [R::ZERO; COMPARED];
            let (mut directed, mut all_squares) = (0.0, 0.0);
            for (sample, inverse) in inverse[..count].iter_mut().enumerate() {
                let mut lanes = [R::ZERO; LANES];
                let (rows, rest) = entries[sample * apart * width..][..width].as_chunks::<LANES>();
                for row in rows {
                    square(&mut lanes, row);
                }
                square(&mut lanes, &padded(rest));
                let squares = total(lanes);
                all_squares += squares;
                if squares > 0.0 {
                    directed += 1.0;
                    *inverse = R::from_f64(1.0 / libm::sqrt(squares));
                }
            }
            // Squares of the sum of all directions, and of the sum of all examples.
            let (mut resultant, mut of_means) = ([R::ZERO; LANES], [R::ZERO; LANES]);
            for at in (0..width).step_by(LANES) {
                let lanes = LANES.min(width - at);
                let (mut direction, mut mean) = ([R::ZERO; LANES], [R::ZERO; LANES]);
                for (sample, inverse) in inverse[..count].iter().enumerate() {
                    let units = &entries[sample * apart * width + at..][..lanes];
                    let units = units
                        .first_chunk()
                        .copied()
                        .unwrap_or_else(|| padded(units));
                    for lane in 0..LANES {
                        direction[lane] = units[lane].mul_add(*inverse, direction[lane]);
                        mean[lane] += units[lane];
                    }
                }
                square(&mut resultant, &direction);
                square(&mut of_means, &mean);
            }
            let examples = count as f64;
            let variance = (all_squares - total(of_means) / f64::max(examples, 1.0))
                / width as f64
                / f64::max(examples - 1.0, 1.0);
            Spread {
                cosine: if directed > 1.0 {
                    (total(resultant) - directed) / (directed * (directed - 1.0))
                } else {
                    0.0
                },
                variation: libm::sqrt(if variance < 0.0 { 0.0 } else { variance }),
            }
        }
    }
    let width = signal.width;
    match signal.entries {
        Entries::F32(entries) => kernels::run(path, Directions { width, entries }),
        Entries::F64(entries) => kernels::run(path, Directions { width, entries }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn signal(width: usize, entries: &[f32]) -> Signal<'_> {
        Signal {
            width,
            entries: Entries::F32(entries),
        }
    }

    #[test]
    fn sums_are_those_of_the_definition() {
        let x: Vec<f32> = (0..5000)
            .map(|i| ((i * 37 % 101) as f32 - 50.0) / 50.0)
            .collect();
        let sums = sums(SimdPath::detect(), signal(200, &x), Flat(-0.9, 0.9));
        let n = x.len() as f64;
        let mean = x.iter().map(|x| f64::from(*x)).sum::<f64>() / n;
        let squares = x.iter().map(|x| f64::from(x * x)).sum::<f64>() / n;
        assert!((sums.mean() - mean).abs() < 1e-5);
        assert!((sums.rms() - squares.sqrt()).abs() < 1e-5);
        assert!((sums.deviation() - (squares - mean * mean).sqrt()).abs() < 1e-5);
        let count = |what: fn(&&f32) -> bool| x.iter().filter(what).count() as isize;
        assert_eq!(sums.zeros, count(|x| **x == 0.0));
        assert_eq!(sums.flat, count(|x| x.abs() >= 0.9));
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
        for width in [COMPARED, COMPARED + 5] {
            let mut axes = vec![0.0; COMPARED * width];
            for i in 0..COMPARED {
                axes[i * width + i] = 2.0;
            }
            let apart = spread(path, signal(width, &axes));
            assert!(apart.cosine.abs() < 1e-6, "{apart:?}");
            // Of most units: one 2, and 0 in all others.
            let n = COMPARED as f64;
            let expected = libm::sqrt((4.0 - 4.0 / n) / (n - 1.0) * n / width as f64);
            assert!((apart.variation - expected).abs() < 1e-6, "{apart:?}");
        }
    }

    #[test]
    fn parts_are_whole_examples_spread_over_the_batch() {
        // 100 examples of 10: blocks of six, 20 examples apart.
        let x: Vec<f32> = (0..1000).map(|i| (i / 10) as f32).collect();
        let part = Part::of_examples(x.len(), 10);
        let seen: Vec<f32> = part.of(&x).flatten().step_by(10).copied().collect();
        assert!(
            (EXAMPLES - 6..=EXAMPLES + 6).contains(&seen.len()),
            "{seen:?}"
        );
        assert!(seen[0] == 0.0 && seen.contains(&81.0), "{seen:?}");
        let mean = sums(SimdPath::detect(), signal(10, &x), Flat::NEVER).mean();
        assert!((mean - 49.5).abs() < 10.0, "{mean}");
        assert_eq!(Part::of_examples(320, 10), Part::all(320));
    }

    #[test]
    fn large_parameters_are_looked_at_in_part() {
        for len in [0, 1, 1024, 1025, 5000, 100_000, 1_000_003] {
            let mut looked = Vec::new();
            look(&vec![1.0_f32; len], &mut looked);
            assert_eq!(looked.len(), looked_at(len), "of {len}");
            assert!(looked.len() <= WEIGHTS + SIDE_BY_SIDE && looked.len() * 2 >= len.min(WEIGHTS));
        }
    }

    #[test]
    fn tiny_and_huge_numbers_keep_their_norm() {
        let path = SimdPath::detect();
        for x in [1e-30_f32, 1e30] {
            let norm = squares(path, &[x; 4]).sqrt();
            let mean = mean_square(path, signal(1, &[x; 4])).sqrt();
            assert!((mean / f64::from(x) - 1.0).abs() < 1e-6);
            assert!((norm / f64::from(x) - 2.0).abs() < 1e-6);
            let [a, ab, d] = products(path, &[x; 4], &[-x; 4]);
            assert!((ab / a + 1.0).abs() < 1e-6 && (d / a - 4.0).abs() < 1e-6);
        }
    }
}
