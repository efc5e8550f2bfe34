//! Sums over many numbers in one pass, on the kernels' instruction sets: what measuring costs.

use crate::kernels::{self, Number, SimdPath, Task, add_up};
use crate::probe::{Entries, Signal};
use crate::{Real, Scalar};
use alloc::vec::Vec;

/// Running sums side by side, where several are made in one pass: two registers of each hide an
/// addition's latency.
const LANES: usize = 32;
/// How many entries are summed in the network's number type before `f64` takes over.
const BLOCK: usize = 2048;
/// How many examples of a larger batch are looked at, evenly spread over it: fewer where each has
/// many entries.
const EXAMPLES: core::ops::RangeInclusive<usize> = 16..=32;
/// How many entries those have together, if as many examples do.
const ENTRIES: usize = 1024;
/// How many entries of a larger parameter are looked at, evenly spread over it.
const WEIGHTS: usize = 512;
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
        let looked = (ENTRIES / width).clamp(*EXAMPLES.start(), *EXAMPLES.end());
        if examples <= looked {
            return Self::all(len);
        }
        let group = (SIDE_BY_SIDE / width).clamp(1, looked);
        Self {
            block: group * width,
            stride: examples / (looked / group) * width,
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
        self.sum += add_up(sum).to_f64();
        self.squares += add_up(squares).to_f64();
        self.zeros += add_up(zeros).to_f64() as isize;
        self.flat += add_up(flat).to_f64() as isize;
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

/// Fewer than `N` numbers, and zeros. (Lanes that are reached by a number known only at run time
/// would live in memory.)
#[inline(always)]
fn padded<R: Real, const N: usize>(numbers: &[R]) -> [R; N] {
    let mut lanes = [R::ZERO; N];
    for (lane, x) in lanes.iter_mut().zip(numbers) {
        *lane = *x;
    }
    lanes
}

/// Adds squares.
#[inline(always)]
pub(super) fn square<R: Real, const N: usize>(sums: &mut [R; N], x: &[R; N]) {
    for lane in 0..N {
        sums[lane] = x[lane].mul_add(x[lane], sums[lane]);
    }
}

/// Adds the squares of all numbers.
#[inline(always)]
pub(super) fn square_all<R: Real, const N: usize>(sums: &mut [R; N], numbers: &[R]) {
    let (rows, rest) = numbers.as_chunks::<N>();
    for row in rows {
        square(sums, row);
    }
    if !rest.is_empty() {
        square(sums, &padded(rest));
    }
}

/// Whether a sum of squares is far from the ends of what `f32` can hold.
pub(super) fn fits(sum: f64) -> bool {
    (1e-25..1e30).contains(&sum)
}

/// Adds entries to their sum, squares, zeros and, if there are any, flat places.
#[inline(always)]
fn add<R: Real, const FLAT: bool>(sums: &mut [[R; LANES]; 4], x: &[R; LANES], low: R, high: R) {
    for lane in 0..LANES {
        let x = x[lane];
        sums[0][lane] += x;
        sums[1][lane] = x.mul_add(x, sums[1][lane]);
        sums[2][lane] += R::select(x == R::ZERO, R::ONE, R::ZERO);
        if FLAT {
            let flat = x <= low || x >= high;
            sums[3][lane] += R::select(flat, R::ONE, R::ZERO);
        }
    }
}

/// What gradients are multiplied by before they are squared: squares of numbers that are tiny but
/// normal would be subnormal, and those take processors a hundred times as long.
const LARGER: f64 = 1_048_576.0;

/// Adds [`LARGER`] entries of two parameters to squares, products and squared differences.
#[inline(always)]
fn multiply<R: Real>(sums: &mut [[R; LANES]; 3], a: &[R; LANES], b: &[R; LANES]) {
    let larger = R::from_f64(LARGER);
    for lane in 0..LANES {
        let (a, b) = (a[lane] * larger, b[lane] * larger);
        sums[0][lane] = a.mul_add(a, sums[0][lane]);
        sums[1][lane] = a.mul_add(b, sums[1][lane]);
        let d = a - b;
        sums[2][lane] = d.mul_add(d, sums[2][lane]);
    }
}

struct Full<'a, T> {
    entries: &'a [T],
    part: Part,
    flat: Flat,
}

impl<T: Scalar> Full<'_, T> {
    /// `FLAT`: whether there are flat places to be counted.
    #[inline(always)]
    fn sums<R: Number<T>, const FLAT: bool>(self) -> Sums {
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
                add::<R, FLAT>(&mut lanes, row, low, high);
            }
            if !rest.is_empty() {
                add::<R, FLAT>(&mut lanes, &padded(rest), low, high);
                let padding = (LANES - rest.len()) as isize;
                sums.zeros -= padding;
                if FLAT && (R::ZERO <= low || R::ZERO >= high) {
                    sums.flat -= padding;
                }
            }
        }
        sums.take(&mut lanes);
        sums
    }
}

impl<T: Scalar> Task<T> for Full<'_, T> {
    type Output = Sums;
    #[inline(always)]
    fn run<R: Number<T>>(self) -> Sums {
        if self.flat == Flat::NEVER {
            self.sums::<R, false>()
        } else {
            self.sums::<R, true>()
        }
    }
}

/// Sums over the examples that are looked at, of numbers of any size.
pub(super) fn sums(path: SimdPath, signal: Signal<'_>, flat: Flat) -> Sums {
    fn of<T: Scalar>(path: SimdPath, entries: &[T], part: Part, flat: Flat) -> Sums {
        let task = Full {
            entries,
            part,
            flat,
        };
        let mut sums = kernels::run(path, task);
        if !fits(sums.squares) && sums.zeros < sums.count as isize {
            (sums.sum, sums.squares) = (0.0, 0.0);
            for x in part.of(entries).flatten().map(|x| x.to_f64()) {
                sums.sum += x;
                sums.squares += x * x;
            }
        }
        sums
    }
    let part = Part::of_examples(signal.len(), signal.width);
    match signal.entries {
        Entries::F32(entries) => of(path, entries, part, flat),
        Entries::F64(entries) => of(path, entries, part, flat),
    }
}

/// Some numbers, and a part of others that holds as many.
struct Products<'a, T>(&'a [T], &'a [T], Part);

impl<T: Scalar> Task<T> for Products<'_, T> {
    /// Sum of squares of the first, of the products, and of the squared differences, all of
    /// entries made [`LARGER`].
    type Output = [f64; 3];
    #[inline(always)]
    fn run<R: Number<T>>(self) -> [f64; 3] {
        let mut sums = [[R::ZERO; LANES]; 3];
        let mut a = R::slice(self.0);
        for b in self.2.of(R::slice(self.1)) {
            let (block, rest) = a.split_at(b.len().min(a.len()));
            a = rest;
            let (a_rows, a_rest) = block.as_chunks::<LANES>();
            let (b_rows, b_rest) = b.as_chunks::<LANES>();
            for (a, b) in a_rows.iter().zip(b_rows) {
                multiply(&mut sums, a, b);
            }
            if !a_rest.is_empty() {
                multiply(&mut sums, &padded(a_rest), &padded(b_rest));
            }
        }
        sums.map(|lanes| add_up(lanes).to_f64())
    }
}

/// `[sum a^2, sum a b, sum (a - b)^2]` of what was looked at of two parameters; of `b` all is
/// given. Where small or large numbers of `f32` would leave its range when squared, in `f64`.
pub(super) fn products<T: Scalar>(path: SimdPath, a: &[T], b: &[T]) -> [f64; 3] {
    let part = if a.len() == b.len() {
        Part::all(b.len())
    } else {
        Part::of_parameter(b.len())
    };
    let sums = kernels::run(path, Products(a, b, part));
    if sums.iter().all(|sum| *sum == 0.0 || fits(libm::fabs(*sum))) && sums[0] != 0.0 {
        return sums.map(|sum| sum / (LARGER * LARGER));
    }
    let mut sums = [0.0; 3];
    for (a, b) in a.iter().zip(part.of(b).flatten()) {
        let (a, b) = (a.to_f64(), b.to_f64());
        sums[0] += a * a;
        sums[1] += a * b;
        sums[2] += (a - b) * (a - b);
    }
    sums
}

/// Sum of squares of the part of a parameter that is looked at.
pub(super) fn looked_squares<T: Scalar>(path: SimdPath, entries: &[T]) -> f64 {
    squares_of(path, entries, Part::of_parameter(entries.len())).0
}

/// Sum of squares, of numbers of any size.
pub(super) fn squares<T: Scalar>(path: SimdPath, entries: &[T]) -> f64 {
    squares_of(path, entries, Part::all(entries.len())).0
}

struct Squares<'a, T>(&'a [T], Part);

impl<T: Scalar> Task<T> for Squares<'_, T> {
    /// The sum of those made [`LARGER`], and of how many entries.
    type Output = (f64, usize);
    #[inline(always)]
    fn run<R: Number<T>>(self) -> (f64, usize) {
        let larger = R::from_f64(LARGER);
        let (mut sum, mut count) = (0.0, 0);
        let mut lanes = [R::ZERO; 2 * LANES];
        let mut pending = 0;
        let blocks = self.1.of(R::slice(self.0));
        for block in blocks.flat_map(|block| block.chunks(BLOCK)) {
            if pending + block.len() > BLOCK {
                sum += add_up(lanes).to_f64();
                lanes = [R::ZERO; 2 * LANES];
                pending = 0;
            }
            pending += block.len();
            count += block.len();
            let (rows, rest) = block.as_chunks();
            for row in rows {
                square(&mut lanes, &row.map(|x| x * larger));
            }
            if !rest.is_empty() {
                square(&mut lanes, &padded(rest).map(|x| x * larger));
            }
        }
        (sum + add_up(lanes).to_f64(), count)
    }
}

/// Sum of squares of a part, of numbers of any size, and of how many entries.
fn squares_of<T: Scalar>(path: SimdPath, entries: &[T], part: Part) -> (f64, usize) {
    let (sum, count) = kernels::run(path, Squares(entries, part));
    if fits(sum) {
        return (sum / (LARGER * LARGER), count);
    }
    let all = part.of(entries).flatten();
    (all.map(|x| x.to_f64() * x.to_f64()).sum(), count)
}

/// Mean square over the examples that are looked at, of numbers of any size.
pub(super) fn mean_square(path: SimdPath, signal: Signal<'_>) -> f64 {
    let part = Part::of_examples(signal.len(), signal.width);
    let (sum, count) = match signal.entries {
        Entries::F32(entries) => squares_of(path, entries, part),
        Entries::F64(entries) => squares_of(path, entries, part),
    };
    sum / count.max(1) as f64
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
    fn parts_are_whole_examples_spread_over_the_batch() {
        // 100 examples of 10: blocks of six, 20 examples apart.
        let x: Vec<f32> = (0..1000).map(|i| (i / 10) as f32).collect();
        let part = Part::of_examples(x.len(), 10);
        let seen: Vec<f32> = part.of(&x).flatten().step_by(10).copied().collect();
        assert!((26..=38).contains(&seen.len()), "{seen:?}");
        assert!(seen[0] == 0.0 && seen.contains(&81.0), "{seen:?}");
        let mean = sums(SimdPath::detect(), signal(10, &x), Flat::NEVER).mean();
        assert!((mean - 49.5).abs() < 10.0, "{mean}");
        assert_eq!(Part::of_examples(320, 10), Part::all(320));
    }

    #[test]
    fn large_parameters_are_looked_at_in_part() {
        for len in [0, 1, 512, 513, 5000, 100_000, 1_000_003] {
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
            let sums = sums(path, signal(1, &[x; 4]), Flat::NEVER);
            assert!((sums.rms() / f64::from(x) - 1.0).abs() < 1e-6);
            assert!((sums.mean() / f64::from(x) - 1.0).abs() < 1e-6);
        }
    }
}
