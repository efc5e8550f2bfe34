//! Weight gradients of at most eight rows with AVX-512: a register holds the rows of two columns
//! of C side by side, or of four.

use super::super::tile::{Panel, Start};
use super::{GROUP, repeated};
use core::arch::x86_64::{
    __m512, __m512i, __mmask16, _mm512_fmadd_ps, _mm512_mask_loadu_ps, _mm512_mask_storeu_ps,
    _mm512_maskz_loadu_ps, _mm512_permutexvar_ps, _mm512_setr_epi32, _mm512_setzero_ps,
    _mm512_srli_epi32,
};

/// The most groups in a tile of [`outer`].
const GROUPS: usize = 16;

/// As [`outer`](super::super::tile::outer) for at most eight rows: a register holds two columns of
/// C side by side, or four of at most four rows. Lane `row * WIDTH + c` is that of
/// column `c`.
///
/// # Safety
///
/// Those of [`Panel`], on a machine with AVX-512. There are at least four columns.
#[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
pub(in super::super) unsafe fn outer(panel: &Panel<f32>) {
    // SAFETY: the caller's conditions.
    unsafe {
        if panel.rows > 4 {
            outer_columns::<2>(panel);
        } else {
            outer_columns::<4>(panel);
        }
    }
}

#[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
unsafe fn outer_columns<const WIDTH: usize>(panel: &Panel<f32>) {
    let groups = panel.columns.div_ceil(WIDTH);
    let each = if groups <= GROUPS {
        groups
    } else {
        groups.div_ceil(groups.div_ceil(GROUPS))
    };
    let rows: __mmask16 = (1 << panel.rows) - 1;
    let lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    // From columns one after the other to lanes, and back.
    let (inward, outward) = if WIDTH == 2 {
        (
            _mm512_setr_epi32(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15),
            _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15),
        )
    } else {
        let square = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        (square, square)
    };
    let repeat = if WIDTH == 2 {
        _mm512_srli_epi32::<1>(lanes)
    } else {
        _mm512_srli_epi32::<2>(lanes)
    };
    // SAFETY: the panel's conditions; loads and stores of A and C are masked to the rows.
    // The last group ends with the last column, and leaves those of the group before alone.
    unsafe {
        let mut group = 0;
        while group < groups {
            let count = each.min(groups - group);
            let mut sums = [_mm512_setzero_ps(); GROUPS];
            let column = |k: usize| ((group + k) * WIDTH).min(panel.columns - WIDTH);
            if let Start::Resume = panel.start {
                for (k, sum) in sums.iter_mut().enumerate().take(count) {
                    let mut columns = _mm512_setzero_ps();
                    for c in 0..WIDTH {
                        let at = GROUP / WIDTH * c;
                        let from = panel.c.add((column(k) + c) * panel.c_stride);
                        let mask = rows << at;
                        columns = _mm512_mask_loadu_ps(columns, mask, from.wrapping_sub(at));
                    }
                    *sum = _mm512_permutexvar_ps(inward, columns);
                }
            }
            let mut b = [panel.b; GROUPS];
            for (k, b) in b.iter_mut().enumerate().take(count) {
                *b = b.add(column(k));
            }
            macro_rules! tiles {
                ($($count:literal)*) => {
                    match count {
                        $($count => outer_tile::<WIDTH, $count>(panel, rows, repeat, &b, &mut sums),)*
                        _ => unreachable!("no such tile"),
                    }
                };
            }
            tiles!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16);
            for (k, sum) in sums.iter().enumerate().take(count) {
                let columns = _mm512_permutexvar_ps(outward, *sum);
                let done = (group + k) * WIDTH - column(k);
                for c in done..WIDTH {
                    let at = GROUP / WIDTH * c;
                    let to = panel.c.add((column(k) + c) * panel.c_stride);
                    _mm512_mask_storeu_ps(to.wrapping_sub(at), rows << at, columns);
                }
            }
            group += count;
        }
    }
}

#[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
#[inline]
unsafe fn outer_tile<const WIDTH: usize, const COUNT: usize>(
    panel: &Panel<f32>,
    rows: __mmask16,
    repeat: __m512i,
    from: &[*const f32; GROUPS],
    all: &mut [__m512; GROUPS],
) {
    // SAFETY: the caller's conditions: each of `COUNT` groups has `WIDTH` columns.
    unsafe {
        let mut sums = [_mm512_setzero_ps(); COUNT];
        sums.copy_from_slice(&all[..COUNT]);
        let mut a = panel.a;
        // All groups but the last follow each other.
        let (mut b, last) = (from[0], from[COUNT - 1].offset_from(from[0]));
        for _ in 0..panel.depth {
            let column = _mm512_permutexvar_ps(repeat, _mm512_maskz_loadu_ps(rows, a));
            for k in 0..COUNT {
                let b = if k == COUNT - 1 {
                    b.offset(last)
                } else {
                    b.add(k * WIDTH)
                };
                sums[k] = _mm512_fmadd_ps(column, repeated::<WIDTH>(b), sums[k]);
            }
            a = a.wrapping_add(panel.a_stride);
            b = b.wrapping_add(panel.b_stride);
        }
        all[..COUNT].copy_from_slice(&sums);
    }
}
