//! Products of at most four rows with AVX-512: one register holds the rows' four partial
//! sums side by side.
//!
//! A layer of one to four outputs would leave three quarters of each register empty.
//! Instead a register takes four columns of A at once, and four numbers of B, each
//! repeated for the rows of its column. Every sum is that of `columns` with a split of 4.

use super::tile::{Panel, Start};
use core::arch::x86_64::{
    __m128, __m512, __mmask8, _mm_add_ps, _mm_loadu_ps, _mm_mask_storeu_ps, _mm_maskz_loadu_ps,
    _mm512_add_ps, _mm512_broadcast_f32x4, _mm512_castps512_ps128, _mm512_extractf32x4_ps,
    _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_maskz_loadu_ps, _mm512_permutevar_ps,
    _mm512_setr_epi32, _mm512_setzero_ps, _mm512_shuffle_f32x4, _mm512_zextps128_ps512,
};

/// # Safety
///
/// Those of [`Panel`], on a machine with AVX-512. The panel has one to four rows, and its
/// A has columns of four numbers without gaps, of which the last may lack its padding.
#[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
pub(super) unsafe fn avx512(panel: &Panel<f32>) {
    // SAFETY: the panel's conditions; tiles cover the columns without overlap.
    unsafe {
        let mut first = 0;
        while panel.columns - first >= 8 {
            tile::<8>(panel, first);
            first += 8;
        }
        while first < panel.columns {
            tile::<1>(panel, first);
            first += 1;
        }
    }
}

#[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
unsafe fn tile<const COLUMNS: usize>(panel: &Panel<f32>, first: usize) {
    let rows: __mmask8 = (1 << panel.rows) - 1;
    let repeat = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    // SAFETY: the panel's conditions; loads of the last columns are masked, and so are
    // stores; `first + COLUMNS` is at most the panel's columns.
    unsafe {
        let mut sums = [_mm512_setzero_ps(); COLUMNS];
        for (j, sum) in sums.iter_mut().enumerate() {
            let start = match panel.start {
                Start::Zero => continue,
                Start::Bias(bias) => bias,
                Start::Columns(_) => unreachable!("only convolutions start so"),
                Start::Resume => panel.c.add((first + j) * panel.c_stride),
            };
            *sum = _mm512_zextps128_ps512(_mm_maskz_loadu_ps(rows, start));
        }
        let mut b = [panel.b; COLUMNS];
        for (j, b) in b.iter_mut().enumerate() {
            *b = b.add((first + j) * panel.b_stride);
        }
        let mut k = 0;
        // The last four columns of A may end before a whole register does.
        while k + 4 < panel.depth {
            let a = _mm512_loadu_ps(panel.a.add(4 * k));
            for j in 0..COLUMNS {
                let b = _mm512_broadcast_f32x4(_mm_loadu_ps(b[j].add(k)));
                sums[j] = _mm512_fmadd_ps(a, _mm512_permutevar_ps(b, repeat), sums[j]);
            }
            k += 4;
        }
        if k < panel.depth {
            let left = panel.depth - k;
            let numbers = 4 * (left - 1) + panel.rows;
            let a = _mm512_maskz_loadu_ps(((1_u32 << numbers) - 1) as u16, panel.a.add(4 * k));
            for j in 0..COLUMNS {
                let b = _mm_maskz_loadu_ps((1 << left) - 1, b[j].add(k));
                let b = _mm512_permutevar_ps(_mm512_broadcast_f32x4(b), repeat);
                sums[j] = _mm512_fmadd_ps(a, b, sums[j]);
            }
        }
        for (j, sum) in sums.iter().enumerate() {
            let to = panel.c.add((first + j) * panel.c_stride);
            _mm_mask_storeu_ps(to, rows, added(*sum));
        }
    }
}

/// `(0 + 1) + (2 + 3)` of the four partial sums.
#[target_feature(enable = "avx512f,avx512dq")]
#[inline]
fn added(sums: __m512) -> __m128 {
    let pairs = _mm512_add_ps(sums, _mm512_shuffle_f32x4::<0b10_11_00_01>(sums, sums));
    _mm_add_ps(
        _mm512_castps512_ps128(pairs),
        _mm512_extractf32x4_ps::<2>(pairs),
    )
}
