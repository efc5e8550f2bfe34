//! Sums of many numbers in one fixed order, whatever the path.
//!
//! [`SUM_LANES`] running sums, of which number `k` takes the entries `k`,
//! `k + SUM_LANES`, ..; in the end they are added in pairs.

use super::{Number, SimdPath, Task, run};
use crate::{Real, Scalar};

/// How many running sums a sum has: enough to hide the latency of an addition.
const SUM_LANES: usize = 32;

/// The sum over all entries of `a` of `f(sum, entry)`, in the fixed order.
///
/// `f` adds what it makes of an entry to a running sum.
#[inline(always)]
fn fold<R: Real>(f: impl Fn(R, R) -> R, a: &[R]) -> R {
    let mut sums = [R::ZERO; SUM_LANES];
    let (chunks, rest) = a.as_chunks::<SUM_LANES>();
    for chunk in chunks {
        for lane in 0..SUM_LANES {
            sums[lane] = f(sums[lane], chunk[lane]);
        }
    }
    for (sum, a) in sums.iter_mut().zip(rest) {
        *sum = f(*sum, *a);
    }
    add_up(sums)
}

/// The sum of running sums, as many as a power of two: the second half is added to the first
/// until one is left.
#[inline(always)]
pub(crate) fn add_up<R: Real, const LANES: usize>(mut lanes: [R; LANES]) -> R {
    let mut half = LANES;
    while half > 1 {
        half /= 2;
        for lane in 0..half {
            let other = lanes[lane + half];
            lanes[lane] += other;
        }
    }
    lanes[0]
}

struct SumOfSquares<'a, T>(&'a [T]);
impl<T: Scalar> Task<T> for SumOfSquares<'_, T> {
    type Output = T;
    #[inline(always)]
    fn run<R: Number<T>>(self) -> T {
        fold(
            #[inline(always)]
            |sum: R, a| a.mul_add(a, sum),
            R::slice(self.0),
        )
        .get()
    }
}

/// The sum of squares of all entries.
pub fn sum_of_squares<T: Scalar>(path: SimdPath, a: &[T]) -> T {
    run(path, SumOfSquares(a))
}

struct Sum<'a, T>(&'a [T]);
impl<T: Scalar> Task<T> for Sum<'_, T> {
    type Output = T;
    #[inline(always)]
    fn run<R: Number<T>>(self) -> T {
        fold(
            #[inline(always)]
            |sum: R, a| sum + a,
            R::slice(self.0),
        )
        .get()
    }
}

/// The sum of all entries.
pub fn sum<T: Scalar>(path: SimdPath, a: &[T]) -> T {
    run(path, Sum(a))
}
