//! AVX2 registers with fused multiply-add.

use super::Vector;
use core::arch::x86_64::{
    __m256, __m256d, __m256i, _mm256_add_pd, _mm256_add_ps, _mm256_cmpgt_epi32, _mm256_cmpgt_epi64,
    _mm256_fmadd_pd, _mm256_fmadd_ps, _mm256_loadu_pd, _mm256_loadu_ps, _mm256_maskload_pd,
    _mm256_maskload_ps, _mm256_maskstore_pd, _mm256_maskstore_ps, _mm256_set1_epi32,
    _mm256_set1_epi64x, _mm256_set1_pd, _mm256_set1_ps, _mm256_setr_epi32, _mm256_setr_epi64x,
    _mm256_storeu_pd, _mm256_storeu_ps,
};

macro_rules! register {
    (
        $(#[$doc:meta])* $name:ident, $register:ident, $element:ident, $lanes:literal,
        $index:expr, $count:ident, $greater:ident,
        $splat:ident, $load:ident, $load_masked:ident, $store:ident, $store_masked:ident,
        $mul_add:ident, $add:ident
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(in crate::kernels) struct $name($register);

        // SAFETY: the methods are instructions of AVX2 and FMA, which callers vouch for;
        // masked loads and stores touch no memory outside their mask.
        #[allow(
            clippy::undocumented_unsafe_blocks,
            reason = "one instruction each, under the trait's conditions"
        )]
        unsafe impl Vector for $name {
            type Element = $element;
            const LANES: usize = $lanes;
            type Mask = __m256i;

            #[inline(always)]
            unsafe fn mask(count: usize) -> __m256i {
                unsafe { $greater($count(count as _), $index) }
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
            unsafe fn load_masked(from: *const $element, mask: __m256i) -> Self {
                Self(unsafe { $load_masked(from, mask) })
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $element) {
                unsafe { $store(to, self.0) }
            }
            #[inline(always)]
            unsafe fn store_masked(self, to: *mut $element, mask: __m256i) {
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
    /// 8 numbers.
    F32x8, __m256, f32, 8,
    _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_epi32, _mm256_cmpgt_epi32,
    _mm256_set1_ps, _mm256_loadu_ps, _mm256_maskload_ps, _mm256_storeu_ps,
    _mm256_maskstore_ps, _mm256_fmadd_ps, _mm256_add_ps
);
register!(
    /// 4 numbers.
    F64x4, __m256d, f64, 4,
    _mm256_setr_epi64x(0, 1, 2, 3), _mm256_set1_epi64x, _mm256_cmpgt_epi64,
    _mm256_set1_pd, _mm256_loadu_pd, _mm256_maskload_pd, _mm256_storeu_pd,
    _mm256_maskstore_pd, _mm256_fmadd_pd, _mm256_add_pd
);
