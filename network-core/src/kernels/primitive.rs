//! Fused multiply-add and square root as the machine has them, with and without `std`.
//!
//! `core` has neither, so without `std` they come from the architecture's
//! intrinsics where the target has them; those are plain scalar operations to the
//! compiler, which vectorises them.

macro_rules! primitive {
    ($ty:ident, $mul_add:ident, $sqrt:ident, $libm_sqrt:path) => {
        /// `a * b + c`, rounded once if [`super::path::BASELINE_FMA`] or `std`.
        #[cfg(feature = "std")]
        #[inline(always)]
        pub(crate) fn $mul_add(a: $ty, b: $ty, c: $ty) -> $ty {
            a.mul_add(b, c)
        }

        /// `a * b + c`, rounded once if [`super::path::BASELINE_FMA`] or `std`.
        #[cfg(not(feature = "std"))]
        #[inline(always)]
        pub(crate) fn $mul_add(a: $ty, b: $ty, c: $ty) -> $ty {
            #[cfg(all(target_arch = "x86_64", target_feature = "fma"))]
            return x86::$mul_add(a, b, c);
            #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
            return aarch64::$mul_add(a, b, c);
            #[allow(unreachable_code, reason = "the rest of the targets")]
            {
                a * b + c
            }
        }

        /// Square root, correctly rounded.
        #[inline(always)]
        pub(crate) fn $sqrt(a: $ty) -> $ty {
            #[cfg(feature = "std")]
            return a.sqrt();
            #[cfg(all(not(feature = "std"), target_arch = "x86_64", target_feature = "sse2"))]
            return x86::$sqrt(a);
            #[cfg(all(not(feature = "std"), target_arch = "aarch64", target_feature = "neon"))]
            return aarch64::$sqrt(a);
            #[allow(unreachable_code, reason = "the rest of the targets")]
            {
                $libm_sqrt(a)
            }
        }
    };
}

primitive!(f32, mul_add_f32, sqrt_f32, libm::sqrtf);
primitive!(f64, mul_add_f64, sqrt_f64, libm::sqrt);

#[cfg(all(not(feature = "std"), target_arch = "x86_64"))]
mod x86 {
    use core::arch::x86_64::*;

    #[cfg(target_feature = "fma")]
    #[inline(always)]
    pub(super) fn mul_add_f32(a: f32, b: f32, c: f32) -> f32 {
        // SAFETY: the whole program is compiled for machines with FMA.
        unsafe { _mm_cvtss_f32(_mm_fmadd_ss(_mm_set_ss(a), _mm_set_ss(b), _mm_set_ss(c))) }
    }

    #[cfg(target_feature = "fma")]
    #[inline(always)]
    pub(super) fn mul_add_f64(a: f64, b: f64, c: f64) -> f64 {
        // SAFETY: the whole program is compiled for machines with FMA.
        unsafe { _mm_cvtsd_f64(_mm_fmadd_sd(_mm_set_sd(a), _mm_set_sd(b), _mm_set_sd(c))) }
    }

    #[cfg(target_feature = "sse2")]
    #[inline(always)]
    pub(super) fn sqrt_f32(a: f32) -> f32 {
        // SAFETY: the whole program is compiled for machines with SSE2.
        unsafe { _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(a))) }
    }

    #[cfg(target_feature = "sse2")]
    #[inline(always)]
    pub(super) fn sqrt_f64(a: f64) -> f64 {
        // SAFETY: the whole program is compiled for machines with SSE2.
        unsafe { _mm_cvtsd_f64(_mm_sqrt_sd(_mm_set_sd(a), _mm_set_sd(a))) }
    }
}

#[cfg(all(not(feature = "std"), target_arch = "aarch64", target_feature = "neon"))]
mod aarch64 {
    use core::arch::aarch64::*;

    #[inline(always)]
    pub(super) fn mul_add_f32(a: f32, b: f32, c: f32) -> f32 {
        // SAFETY: the whole program is compiled for machines with NEON.
        unsafe { vfmas_lane_f32::<0>(c, a, vdup_n_f32(b)) }
    }

    #[inline(always)]
    pub(super) fn mul_add_f64(a: f64, b: f64, c: f64) -> f64 {
        // SAFETY: the whole program is compiled for machines with NEON.
        unsafe { vfmad_lane_f64::<0>(c, a, vdup_n_f64(b)) }
    }

    #[inline(always)]
    pub(super) fn sqrt_f32(a: f32) -> f32 {
        // SAFETY: the whole program is compiled for machines with NEON.
        unsafe { vget_lane_f32::<0>(vsqrt_f32(vdup_n_f32(a))) }
    }

    #[inline(always)]
    pub(super) fn sqrt_f64(a: f64) -> f64 {
        // SAFETY: the whole program is compiled for machines with NEON.
        unsafe { vget_lane_f64::<0>(vsqrt_f64(vdup_n_f64(a))) }
    }
}
