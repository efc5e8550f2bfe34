//! A convolution's weight gradient where neighbouring pixels lie side by side in a
//! register: products of an output's gradient with shifted images, summed over pixels.
//!
//! The gradient lies in rows as long as the image's, with zeros behind its own, so that
//! the products run from the first pixel to the last without a look at the rows. A tile
//! is a few output channels by a few weights. Its sums have as many lanes as fit 64 bytes,
//! whatever the path: lane `l` takes the pixels whose place is `l` modulo that number, in
//! order; whoever calls adds up the lanes in the end ([`fold`]).

use super::slide::Seen;
use super::sum::add_up;
use super::vector::Vector;
use crate::Real;

/// `S[j, t, l] += sum over pixels p, lane l, of D[j, p] A[p + t]`.
///
/// # Safety
///
/// Whoever runs one vouches that all that the strides lead to can be read from `a` and
/// `d` and changed at `sums`, which overlaps neither.
#[derive(Clone, Copy)]
pub(super) struct Correlate<T> {
    /// Pixels, those between the rows included.
    pub(super) pixels: usize,
    /// Channels of the output.
    pub(super) outputs: usize,
    /// Which weights of an output, in the order of [`Seen::places`].
    pub(super) first: usize,
    pub(super) weights: usize,
    pub(super) seen: Seen<T>,
    pub(super) d: *const T,
    /// In D, from one channel to the next.
    pub(super) d_output: usize,
    /// The lanes of each output's weights, output after output.
    pub(super) sums: *mut T,
}

/// The lanes of a sum: 64 bytes.
pub(super) const fn lanes<T>() -> usize {
    64 / size_of::<T>()
}

/// Runs over all sums with tiles of `OUTPUTS` by `WEIGHTS`, and smaller ones.
#[inline(always)]
pub(super) unsafe fn correlate<
    V: Vector,
    const OUTPUTS: usize,
    const WEIGHTS: usize,
    const MANY: usize,
>(
    work: &Correlate<V::Element>,
) {
    let mut output = 0;
    // SAFETY: the caller's conditions; tiles cover the sums without overlap.
    unsafe {
        while output < work.outputs {
            let left = work.outputs - output;
            // Two tiles of four are better than one of six and a rest.
            let outputs = if left == 7 || left == 8 { 4 } else { left }.min(OUTPUTS);
            match outputs {
                1 => row::<V, 1, MANY>(work, output, outputs),
                2 => row::<V, 2, WEIGHTS>(work, output, outputs),
                3 | 4 if OUTPUTS > 4 => row::<V, 4, WEIGHTS>(work, output, outputs),
                _ => row::<V, OUTPUTS, WEIGHTS>(work, output, outputs),
            }
            output += outputs;
        }
    }
}

/// All weights of a few outputs.
#[inline(always)]
unsafe fn row<V: Vector, const OUTPUTS: usize, const WEIGHTS: usize>(
    work: &Correlate<V::Element>,
    output: usize,
    outputs: usize,
) {
    let mut weight = 0;
    // SAFETY: the caller's conditions.
    unsafe {
        while weight < work.weights {
            let weights = (work.weights - weight).min(WEIGHTS);
            if weights == 1 {
                tile::<V, OUTPUTS, 1>(work, [output, weight], [outputs, weights]);
            } else {
                tile::<V, OUTPUTS, WEIGHTS>(work, [output, weight], [outputs, weights]);
            }
            weight += weights;
        }
    }
}

/// `count` outputs and weights from `first` on; the rest of a tile repeats the last and is
/// dropped.
#[inline(always)]
unsafe fn tile<V: Vector, const OUTPUTS: usize, const WEIGHTS: usize>(
    work: &Correlate<V::Element>,
    first: [usize; 2],
    count: [usize; 2],
) {
    let lanes = lanes::<V::Element>();
    let whole = work.pixels / lanes * lanes;
    let rest = work.pixels - whole;
    // SAFETY: the caller's conditions.
    unsafe {
        let mut d = [work.d; OUTPUTS];
        for j in 0..OUTPUTS {
            d[j] = work.d.add((first[0] + j.min(count[0] - 1)) * work.d_output);
        }
        let a = work.seen.places::<WEIGHTS>(work.first + first[1], count[1]);
        let sums = |j: usize, t: usize| {
            let index = (first[0] + j.min(count[0] - 1)) * work.weights;
            let index = index + first[1] + t.min(count[1] - 1);
            work.sums.wrapping_add(index * lanes)
        };
        let mut lane = 0;
        while lane < lanes {
            let mut registers = [[V::splat(V::Element::ZERO); WEIGHTS]; OUTPUTS];
            for j in 0..OUTPUTS {
                for t in 0..WEIGHTS {
                    registers[j][t] = V::load(sums(j, t).add(lane));
                }
            }
            let mut at = lane;
            while at < whole {
                products::<V, OUTPUTS, WEIGHTS, false>(&mut registers, &a, &d, at, V::LANES);
                at += lanes;
            }
            if lane < rest {
                let left = (rest - lane).min(V::LANES);
                products::<V, OUTPUTS, WEIGHTS, true>(&mut registers, &a, &d, at, left);
            }
            for j in 0..OUTPUTS {
                for t in 0..WEIGHTS {
                    if j < count[0] && t < count[1] {
                        registers[j][t].store(sums(j, t).add(lane));
                    }
                }
            }
            lane += V::LANES;
        }
    }
}

#[inline(always)]
unsafe fn products<V: Vector, const OUTPUTS: usize, const WEIGHTS: usize, const MASKED: bool>(
    registers: &mut [[V; WEIGHTS]; OUTPUTS],
    a: &[*const V::Element; WEIGHTS],
    d: &[*const V::Element; OUTPUTS],
    at: usize,
    count: usize,
) {
    // SAFETY: the caller vouches for `count` numbers at all of these places.
    unsafe {
        let mask = V::mask(count);
        let load = |from: *const V::Element| {
            if MASKED {
                V::load_masked(from, mask)
            } else {
                V::load(from)
            }
        };
        let mut x = [V::splat(V::Element::ZERO); WEIGHTS];
        for t in 0..WEIGHTS {
            x[t] = load(a[t].add(at));
        }
        for j in 0..OUTPUTS {
            let d = load(d[j].add(at));
            for t in 0..WEIGHTS {
                registers[j][t] = d.mul_add(x[t], registers[j][t]);
            }
        }
    }
}

/// The sum of the lanes of a sum.
#[inline(always)]
pub(super) fn fold<R: Real>(sums: &[R]) -> R {
    let mut lanes = [R::ZERO; 16];
    lanes[..sums.len()].copy_from_slice(sums);
    add_up(lanes)
}
