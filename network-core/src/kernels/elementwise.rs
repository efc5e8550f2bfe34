//! The same function for every entry: in place, from one slice to another, and
//! with the state of an optimizer.
//!
//! Slices are worked off in chunks of twice [`LANES`] numbers, then of [`LANES`], the
//! last one padded, so that no entry is ever computed alone.

use super::{Number, SimdPath, Task, run};
use crate::{Real, Scalar};
use core::hint::black_box;

/// How many numbers a chunk has: one AVX-512 vector of `f32`, or several smaller ones.
pub const LANES: usize = 16;
/// As many chunks side by side, so that the steps of one fill the latency of the other.
const WIDE: usize = 2 * LANES;

// The functions are copied before a loop: what they hold is then known not to change in
// it, and is converted to `R` once.

/// A function of one number, for [`map`].
pub trait Unary: Copy {
    /// The function's value.
    fn call<R: Real>(&self, x: R) -> R;
}

/// A function of two numbers, for [`map2`].
pub trait Binary: Copy {
    /// The function's value.
    fn call<R: Real>(&self, a: R, b: R) -> R;
}

/// A function of three numbers, for [`map3`].
pub trait Ternary: Copy {
    /// The function's value.
    fn call<R: Real>(&self, a: R, b: R, c: R) -> R;
}

/// One entry's optimizer update, for [`update`].
pub trait Update<const STATES: usize>: Copy {
    /// From an entry's value, gradient and state to its new value and state.
    fn call<R: Real>(&self, value: R, gradient: R, state: [R; STATES]) -> (R, [R; STATES]);
}

/// Keeps the compiler from vectorising over chunks instead of within them, which
/// ends in gather instructions, and from turning `x = select(c, f(x), x)` into
/// masked stores, which AMD's cores are slow at. Costs no instruction.
#[inline(always)]
pub(super) fn barrier() {
    black_box(());
}

/// The first numbers of a slice, padded with zeros to a chunk.
#[inline(always)]
fn padded<R: Real, const WIDTH: usize>(values: &[R]) -> [R; WIDTH] {
    let mut chunk = [R::ZERO; WIDTH];
    chunk[..values.len()].copy_from_slice(values);
    chunk
}

/// The chunk that begins at `start`.
#[inline(always)]
fn chunk<R: Real, const WIDTH: usize>(values: &[R], start: usize) -> [R; WIDTH] {
    let mut chunk = [R::ZERO; WIDTH];
    chunk.copy_from_slice(&values[start..start + WIDTH]);
    chunk
}

/// `(a, more) = f(a, more, inputs)` for the entries of a chunk.
#[inline(always)]
fn compute<R: Real, const MORE: usize, const INPUTS: usize, const WIDTH: usize>(
    f: &impl Fn(R, [R; MORE], [R; INPUTS]) -> (R, [R; MORE]),
    a: [R; WIDTH],
    more: [[R; WIDTH]; MORE],
    inputs: [[R; WIDTH]; INPUTS],
) -> ([R; WIDTH], [[R; WIDTH]; MORE]) {
    barrier();
    let mut new_a = [R::ZERO; WIDTH];
    let mut new_more = [[R::ZERO; WIDTH]; MORE];
    for lane in 0..WIDTH {
        let mut old = [R::ZERO; MORE];
        for k in 0..MORE {
            old[k] = more[k][lane];
        }
        let mut input = [R::ZERO; INPUTS];
        for k in 0..INPUTS {
            input[k] = inputs[k][lane];
        }
        let (value, new) = f(a[lane], old, input);
        new_a[lane] = value;
        for k in 0..MORE {
            new_more[k][lane] = new[k];
        }
    }
    (new_a, new_more)
}

/// `(a, more) = f(a, more, inputs)` for the `WIDTH` entries from `start` on.
#[inline(always)]
fn step<R: Real, const MORE: usize, const INPUTS: usize, const WIDTH: usize>(
    f: &impl Fn(R, [R; MORE], [R; INPUTS]) -> (R, [R; MORE]),
    start: usize,
    a: &mut [R],
    more: &mut [&mut [R]; MORE],
    inputs: &[&[R]; INPUTS],
) {
    let mut old = [[R::ZERO; WIDTH]; MORE];
    for k in 0..MORE {
        old[k] = chunk(more[k], start);
    }
    let mut input = [[R::ZERO; WIDTH]; INPUTS];
    for k in 0..INPUTS {
        input[k] = chunk(inputs[k], start);
    }
    let (value, new) = compute(f, chunk(a, start), old, input);
    a[start..start + WIDTH].copy_from_slice(&value);
    for k in 0..MORE {
        more[k][start..start + WIDTH].copy_from_slice(&new[k]);
    }
}

/// `(a, more) = f(a, more, inputs)` for every entry: the loop behind all of this file.
#[inline(always)]
pub(crate) fn zip<R: Real, const MORE: usize, const INPUTS: usize>(
    f: impl Fn(R, [R; MORE], [R; INPUTS]) -> (R, [R; MORE]),
    a: &mut [R],
    mut more: [&mut [R]; MORE],
    inputs: [&[R]; INPUTS],
) {
    let len = a.len();
    for slice in &more {
        assert_eq!(slice.len(), len, "slices must be of the same length");
    }
    for slice in &inputs {
        assert_eq!(slice.len(), len, "slices must be of the same length");
    }
    let mut start = 0;
    while len - start >= WIDE {
        step::<R, MORE, INPUTS, WIDE>(&f, start, a, &mut more, &inputs);
        start += WIDE;
    }
    if len - start >= LANES {
        step::<R, MORE, INPUTS, LANES>(&f, start, a, &mut more, &inputs);
        start += LANES;
    }
    if start < len {
        let mut old = [[R::ZERO; LANES]; MORE];
        for k in 0..MORE {
            old[k] = padded(&more[k][start..]);
        }
        let mut input = [[R::ZERO; LANES]; INPUTS];
        for k in 0..INPUTS {
            input[k] = padded(&inputs[k][start..]);
        }
        let (value, new) = compute(&f, padded(&a[start..]), old, input);
        a[start..].copy_from_slice(&value[..len - start]);
        for k in 0..MORE {
            more[k][start..].copy_from_slice(&new[k][..len - start]);
        }
    }
}

/// As [`zip`], for few entries: after the whole chunks come narrower ones, so that little
/// is padded. What an entry becomes does not depend on the width of its chunk.
#[inline(always)]
pub(crate) fn zip_few<R: Real, const MORE: usize, const INPUTS: usize>(
    f: impl Fn(R, [R; MORE], [R; INPUTS]) -> (R, [R; MORE]),
    a: &mut [R],
    mut more: [&mut [R]; MORE],
    inputs: [&[R]; INPUTS],
) {
    let len = a.len();
    for slice in &more {
        assert_eq!(slice.len(), len, "slices must be of the same length");
    }
    for slice in &inputs {
        assert_eq!(slice.len(), len, "slices must be of the same length");
    }
    let mut start = 0;
    while len - start >= LANES {
        step::<R, MORE, INPUTS, LANES>(&f, start, a, &mut more, &inputs);
        start += LANES;
    }
    if len - start >= LANES / 2 {
        step::<R, MORE, INPUTS, { LANES / 2 }>(&f, start, a, &mut more, &inputs);
        start += LANES / 2;
    }
    if len - start >= LANES / 4 {
        step::<R, MORE, INPUTS, { LANES / 4 }>(&f, start, a, &mut more, &inputs);
        start += LANES / 4;
    }
    if start < len {
        let left = len - start;
        let mut old = [[R::ZERO; LANES / 4]; MORE];
        for k in 0..MORE {
            old[k] = padded(&more[k][start..]);
        }
        let mut input = [[R::ZERO; LANES / 4]; INPUTS];
        for k in 0..INPUTS {
            input[k] = padded(&inputs[k][start..]);
        }
        let (value, new) = compute(&f, padded(&a[start..]), old, input);
        a[start..].copy_from_slice(&value[..left]);
        for k in 0..MORE {
            more[k][start..].copy_from_slice(&new[k][..left]);
        }
    }
}

struct Map<'a, F, T>(&'a F, &'a mut [T]);
impl<T: Scalar, F: Unary> Task<T> for Map<'_, F, T> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(self) {
        let f = *self.0;
        zip(
            #[inline(always)]
            |a, [], []| (f.call(a), []),
            R::slice_mut(self.1),
            [],
            [],
        );
    }
}

/// `a = f(a)` for every entry.
pub fn map<T: Scalar>(path: SimdPath, f: &impl Unary, a: &mut [T]) {
    run(path, Map(f, a));
}

struct MapTo<'a, F, T>(&'a F, &'a [T], &'a mut [T]);
impl<T: Scalar, F: Unary> Task<T> for MapTo<'_, F, T> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(self) {
        let f = *self.0;
        zip(
            #[inline(always)]
            |_, [], [x]| (f.call(x), []),
            R::slice_mut(self.2),
            [],
            [R::slice(self.1)],
        );
    }
}

/// `y = f(x)` for every entry.
///
/// # Panics
///
/// If the slices differ in length.
pub fn map_to<T: Scalar>(path: SimdPath, f: &impl Unary, x: &[T], y: &mut [T]) {
    run(path, MapTo(f, x, y));
}

struct Map2<'a, F, T>(&'a F, &'a mut [T], &'a [T]);
impl<T: Scalar, F: Binary> Task<T> for Map2<'_, F, T> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(self) {
        let f = *self.0;
        zip(
            #[inline(always)]
            |a, [], [b]| (f.call(a, b), []),
            R::slice_mut(self.1),
            [],
            [R::slice(self.2)],
        );
    }
}

/// `a = f(a, b)` for every entry.
///
/// # Panics
///
/// If the slices differ in length.
pub fn map2<T: Scalar>(path: SimdPath, f: &impl Binary, a: &mut [T], b: &[T]) {
    run(path, Map2(f, a, b));
}

struct Map3<'a, F, T>(&'a F, &'a mut [T], [&'a [T]; 2]);
impl<T: Scalar, F: Ternary> Task<T> for Map3<'_, F, T> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(self) {
        let f = *self.0;
        zip(
            #[inline(always)]
            |a, [], [b, c]| (f.call(a, b, c), []),
            R::slice_mut(self.1),
            [],
            self.2.map(R::slice),
        );
    }
}

/// `a = f(a, b, c)` for every entry.
///
/// # Panics
///
/// If the slices differ in length.
pub fn map3<T: Scalar>(path: SimdPath, f: &impl Ternary, a: &mut [T], b: &[T], c: &[T]) {
    run(path, Map3(f, a, [b, c]));
}

struct UpdateAll<'a, F, T, const STATES: usize> {
    f: &'a F,
    value: &'a mut [T],
    gradient: &'a [T],
    state: [&'a mut [T]; STATES],
}
impl<T: Scalar, F: Update<STATES>, const STATES: usize> Task<T> for UpdateAll<'_, F, T, STATES> {
    type Output = ();
    #[inline(always)]
    fn run<R: Number<T>>(self) {
        let f = *self.f;
        zip(
            #[inline(always)]
            |value, state, [gradient]| f.call(value, gradient, state),
            R::slice_mut(self.value),
            self.state.map(R::slice_mut),
            [R::slice(self.gradient)],
        );
    }
}

/// One optimizer update of every entry, in one pass over the memory.
///
/// # Panics
///
/// If the slices differ in length.
pub fn update<T: Scalar, const STATES: usize>(
    path: SimdPath,
    f: &impl Update<STATES>,
    value: &mut [T],
    gradient: &[T],
    state: [&mut [T]; STATES],
) {
    run(
        path,
        UpdateAll {
            f,
            value,
            gradient,
            state,
        },
    );
}
