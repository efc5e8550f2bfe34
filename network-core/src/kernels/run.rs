//! Running a generic body on a chosen path, so that the compiler vectorises it there.

use super::path::{BASELINE_FMA, Kind};
use super::{Number, SimdPath};
use crate::Scalar;

/// A computation over stored numbers of type `T`, for [`run`].
///
/// Mark `run`, and all that it calls, `#[inline(always)]`; write loops over arrays
/// of [`LANES`](super::LANES) numbers; turn the
/// stored slices into numbers to compute with by [`Number::slice`].
///
/// ```
/// use network_core::kernels::{self, Number, SimdPath, Task};
///
/// struct Double<'a>(&'a mut [f32]);
///
/// impl Task<f32> for Double<'_> {
///     type Output = ();
///     #[inline(always)]
///     fn run<R: Number<f32>>(self) {
///         for x in R::slice_mut(self.0) {
///             *x += *x;
///         }
///     }
/// }
///
/// let mut x = [1.0, 2.0];
/// kernels::run(SimdPath::detect(), Double(&mut x));
/// assert_eq!(x, [2.0, 4.0]);
/// ```
pub trait Task<T: Scalar> {
    /// What it returns.
    type Output;
    /// The computation, in numbers that stand for `T`.
    fn run<R: Number<T>>(self) -> Self::Output;
}

/// Runs a task with the instructions of a path.
#[inline]
pub fn run<T: Scalar, K: Task<T>>(path: SimdPath, task: K) -> K::Output {
    match path.0 {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a `SimdPath` of this kind exists only on machines with these features.
        Kind::Avx512 => unsafe { run_avx512(task) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a `SimdPath` of this kind exists only on machines with these features.
        Kind::Avx2Fma => unsafe { run_avx2_fma(task) },
        Kind::Portable if !BASELINE_FMA => run_unfused(task),
        Kind::Portable | Kind::PortableFused => run_fused(task),
    }
}

// The wrappers are not inlined: a body then exists once for each task and path.

#[inline(never)]
fn run_fused<T: Scalar, K: Task<T>>(task: K) -> K::Output {
    task.run::<T>()
}

#[inline(never)]
fn run_unfused<T: Scalar, K: Task<T>>(task: K) -> K::Output {
    task.run::<T::Unfused>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
#[inline(never)]
fn run_avx2_fma<T: Scalar, K: Task<T>>(task: K) -> K::Output {
    task.run::<T>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
#[inline(never)]
fn run_avx512<T: Scalar, K: Task<T>>(task: K) -> K::Output {
    task.run::<T>()
}
