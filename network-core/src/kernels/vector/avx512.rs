//! AVX-512 registers, whole and half: every load and store can be masked at no cost.

use super::Vector;
use core::arch::x86_64::{
    __m256, __m256d, __m512, __m512d, __mmask8, __mmask16, _mm256_add_pd, _mm256_add_ps,
    _mm256_fmadd_pd, _mm256_fmadd_ps, _mm256_loadu_pd, _mm256_loadu_ps, _mm256_mask_storeu_pd,
    _mm256_mask_storeu_ps, _mm256_maskz_loadu_pd, _mm256_maskz_loadu_ps, _mm256_set1_pd,
    _mm256_set1_ps, _mm256_storeu_pd, _mm256_storeu_ps, _mm512_add_pd, _mm512_add_ps,
    _mm512_fmadd_pd, _mm512_fmadd_ps, _mm512_loadu_pd, _mm512_loadu_ps, _mm512_mask_storeu_pd,
    _mm512_mask_storeu_ps, _mm512_maskz_loadu_pd, _mm512_maskz_loadu_ps, _mm512_set1_pd,
    _mm512_set1_ps, _mm512_storeu_pd, _mm512_storeu_ps,
};

macro_rules! register {
    (
        $(#[$doc:meta])* $name:ident, $register:ident, $element:ident, $lanes:literal, $mask:ident,
        $splat:ident, $load:ident, $load_masked:ident, $store:ident, $store_masked:ident,
        $mul_add:ident, $add:ident
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(in crate::kernels) struct $name($register);

        // SAFETY: each method is one instruction of AVX-512 (F and VL), which callers
        // vouch for; masked loads and stores touch no memory outside their mask.
        #[allow(
            clippy::undocumented_unsafe_blocks,
            reason = "one instruction each, under the trait's conditions"
        )]
        unsafe impl Vector for $name {
            type Element = $element;
            const LANES: usize = $lanes;
            type Mask = $mask;

            #[inline(always)]
            unsafe fn mask(count: usize) -> $mask {
                (u32::MAX >> (32 - count)) as $mask
            }
            #[inline(always)]
            unsafe fn splat(value: $element) -> Self {
                Self(unsafe { $splat(value) })
            }
            #[inline(always)]
            unsafe fn load(from: *const $element) -> Self {
                Self(unsafe { $load(from) })
            }
            #[inline(always)]
            unsafe fn load_masked(from: *const $element, mask: $mask) -> Self {
                Self(unsafe { $load_masked(mask, from) })
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $element) {
                unsafe { $store(to, self.0) }
            }
            #[inline(always)]
            unsafe fn store_masked(self, to: *mut $element, mask: $mask) {
                unsafe { $store_masked(to, mask, self.0) }
            }
            #[inline(always)]
            unsafe fn mul_add(self, factor: Self, term: Self) -> Self {
                Self(unsafe { $mul_add(self.0, factor.0, term.0) })
            }
            #[inline(always)]
            unsafe fn add(self, other: Self) -> Self {
                Self(unsafe { $add(self.0, other.0) })
            }
        }
    };
}

register!(
    /// 16 numbers.
    F32x16, __m512, f32, 16, __mmask16,
    _mm512_set1_ps, _mm512_loadu_ps, _mm512_maskz_loadu_ps, _mm512_storeu_ps,
    _mm512_mask_storeu_ps, _mm512_fmadd_ps, _mm512_add_ps
);
register!(
    /// 8 numbers: half a register for layers that would leave a whole one half empty.
    F32x8, __m256, f32, 8, __mmask8,
    _mm256_set1_ps, _mm256_loadu_ps, _mm256_maskz_loadu_ps, _mm256_storeu_ps,
    _mm256_mask_storeu_ps, _mm256_fmadd_ps, _mm256_add_ps
);
register!(
    /// 8 numbers.
    F64x8, __m512d, f64, 8, __mmask8,
    _mm512_set1_pd, _mm512_loadu_pd, _mm512_maskz_loadu_pd, _mm512_storeu_pd,
    _mm512_mask_storeu_pd, _mm512_fmadd_pd, _mm512_add_pd
);
register!(
    /// 4 numbers: half a register for layers that would leave a whole one half empty.
    F64x4, __m256d, f64, 4, __mmask8,
    _mm256_set1_pd, _mm256_loadu_pd, _mm256_maskz_loadu_pd, _mm256_storeu_pd,
    _mm256_mask_storeu_pd, _mm256_fmadd_pd, _mm256_add_pd
);
