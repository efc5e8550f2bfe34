//! Registers: what the matrix products need of them, and their portable form.
//!
//! The instruction sets' own registers are in the files below this one.

use super::Number;
use crate::Scalar;

#[cfg(target_arch = "x86_64")]
pub(super) mod avx2;
#[cfg(target_arch = "x86_64")]
pub(super) mod avx512;

/// A register of numbers.
///
/// # Safety
///
/// The methods may be called only where the register's instruction set is
/// enabled; all are inlined into functions that enable it. Pointers must be good
/// for the lanes that are read or written, and need no alignment.
pub(super) unsafe trait Vector: Copy {
    /// What a lane holds.
    type Element: Scalar;
    /// How many lanes it has.
    const LANES: usize;
    /// Which of the first lanes take part.
    type Mask: Copy;
    /// The first `count` lanes, at most all.
    unsafe fn mask(count: usize) -> Self::Mask;
    /// The same number in every lane.
    unsafe fn splat(value: Self::Element) -> Self;
    /// All lanes from memory.
    unsafe fn load(from: *const Self::Element) -> Self;
    /// The masked lanes from memory, the others zero.
    unsafe fn load_masked(from: *const Self::Element, mask: Self::Mask) -> Self;
    /// All lanes to memory.
    unsafe fn store(self, to: *mut Self::Element);
    /// The masked lanes to memory.
    unsafe fn store_masked(self, to: *mut Self::Element, mask: Self::Mask);
    /// `self * factor + term`.
    unsafe fn mul_add(self, factor: Self, term: Self) -> Self;
    /// `self + other`.
    unsafe fn add(self, other: Self) -> Self;
}

/// A register that the compiler chooses: the baseline's 128 bits on most machines.
#[derive(Clone, Copy)]
pub(super) struct Lanes<T, R, const N: usize>([R; N], core::marker::PhantomData<T>);

impl<T, R: Copy, const N: usize> Lanes<T, R, N> {
    #[inline(always)]
    fn new(lanes: [R; N]) -> Self {
        Self(lanes, core::marker::PhantomData)
    }
}

// SAFETY: needs no instruction set; memory is touched only in the lanes asked for.
unsafe impl<T: Scalar, R: Number<T>, const N: usize> Vector for Lanes<T, R, N> {
    type Element = T;
    const LANES: usize = N;
    type Mask = usize;

    #[inline(always)]
    unsafe fn mask(count: usize) -> usize {
        count
    }

    #[inline(always)]
    unsafe fn splat(value: T) -> Self {
        Self::new([R::new(value); N])
    }

    #[inline(always)]
    unsafe fn load(from: *const T) -> Self {
        // SAFETY: the caller vouches for all lanes.
        let values = unsafe { from.cast::<[T; N]>().read_unaligned() };
        let mut lanes = [R::ZERO; N];
        for k in 0..N {
            lanes[k] = R::new(values[k]);
        }
        Self::new(lanes)
    }

    #[inline(always)]
    unsafe fn load_masked(from: *const T, mask: usize) -> Self {
        let mut lanes = [R::ZERO; N];
        for (k, lane) in lanes.iter_mut().enumerate() {
            if k < mask {
                // SAFETY: the caller vouches for the masked lanes.
                *lane = R::new(unsafe { *from.add(k) });
            }
        }
        Self::new(lanes)
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut T) {
        let mut values = [T::ZERO; N];
        for k in 0..N {
            values[k] = self.0[k].get();
        }
        // SAFETY: the caller vouches for all lanes.
        unsafe { to.cast::<[T; N]>().write_unaligned(values) };
    }

    #[inline(always)]
    unsafe fn store_masked(self, to: *mut T, mask: usize) {
        for (k, lane) in self.0.iter().enumerate() {
            if k < mask {
                // SAFETY: the caller vouches for the masked lanes.
                unsafe { *to.add(k) = lane.get() };
            }
        }
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, term: Self) -> Self {
        let mut lanes = term.0;
        for k in 0..N {
            lanes[k] = self.0[k].mul_add(factor.0[k], lanes[k]);
        }
        Self::new(lanes)
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        let mut lanes = self.0;
        for k in 0..N {
            lanes[k] += other.0[k];
        }
        Self::new(lanes)
    }
}
