//! Products of at most eight rows with AVX-512: a register holds several terms of each
//! row's sum side by side, so that none of its lanes is empty:
//! `C[row, j] = start + sum over k of A[row, k] B[k, j]`, as [`Panel`] says.
//!
//! Lane `row * SPLIT + s` has a row's partial sum `s`, which takes every `SPLIT`th term.
//! That is what [`columns`](super::tile::columns) computes in `SPLIT` registers: the sums
//! are the same bits. A is packed so first; numbers of B come in pairs or fours, which a
//! load repeats over the register.

use super::tile::{Panel, Start};
use core::arch::x86_64::{
    __m128, __m256d, __m512, __m512i, __mmask16, _mm_castps_pd, _mm_load_sd, _mm_loadu_ps,
    _mm_maskz_loadu_ps, _mm_movehl_ps, _mm_movelh_ps, _mm_storeu_ps, _mm_unpackhi_ps,
    _mm_unpacklo_ps, _mm256_castpd_ps, _mm256_castps_pd, _mm256_loadu_ps, _mm256_permute2f128_pd,
    _mm256_setzero_pd, _mm256_storeu_ps, _mm256_unpackhi_pd, _mm256_unpacklo_pd, _mm512_add_ps,
    _mm512_broadcast_f32x4, _mm512_broadcastsd_pd, _mm512_castpd_ps, _mm512_castps_pd,
    _mm512_castps512_ps128, _mm512_castps512_ps256, _mm512_extractf32x8_ps, _mm512_fmadd_ps,
    _mm512_loadu_ps, _mm512_mask_loadu_ps, _mm512_mask_storeu_ps, _mm512_maskz_loadu_ps,
    _mm512_maskz_permutexvar_ps, _mm512_permutex2var_ps, _mm512_permutexvar_pd,
    _mm512_permutexvar_ps, _mm512_set1_ps, _mm512_setr_epi32, _mm512_setr_epi64, _mm512_setzero_ps,
    _mm512_shuffle_ps, _mm512_srli_epi32, _mm512_storeu_ps,
};

/// How many numbers a group holds: the next `SPLIT` terms of each row.
const GROUP: usize = 16;

/// See [`Engine::narrow`](super::engine::Engine::narrow).
///
/// # Safety
///
/// Those of [`Panel`], on a machine with AVX-512; `buffer` holds as many groups as there are.
#[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
pub(super) unsafe fn run(panel: &Panel<f32>, split: usize, transposed: bool, buffer: *mut f32) {
    // SAFETY: the caller's conditions.
    unsafe {
        match (split, transposed) {
            (2, false) => pack_rows::<2>(panel, buffer),
            (2, true) => pack_transposed::<2>(panel, buffer),
            (_, false) => pack_rows::<4>(panel, buffer),
            (_, true) => pack_transposed::<4>(panel, buffer),
        }
        if split == 2 {
            columns::<2>(buffer, panel);
        } else {
            columns::<4>(buffer, panel);
        }
    }
}

/// As [`columns`](super::tile::columns) with a split of 2 for at most eight rows, or of 4
/// for at most four.
///
/// `packed` is A in groups of [`GROUP`] numbers: in group `g`, number `row * SPLIT + s` is
/// `A[row, g * SPLIT + s]`. What rows there are not is never looked at; terms that there
/// are not are `-0.0`.
#[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
unsafe fn columns<const SPLIT: usize>(packed: *const f32, panel: &Panel<f32>) {
    // SAFETY: the caller's conditions; tiles cover the columns without overlap.
    unsafe {
        let mut first = 0;
        while panel.columns - first >= 16 {
            tile::<SPLIT, 16, 4>(packed, panel, first);
            first += 16;
        }
        if panel.columns - first >= 8 {
            tile::<SPLIT, 8, 4>(packed, panel, first);
            first += 8;
        }
        if panel.columns - first >= 4 {
            tile::<SPLIT, 4, 4>(packed, panel, first);
            first += 4;
        }
        let left = panel.columns - first;
        if left > 0 {
            tile::<SPLIT, 4, 1>(packed, panel, first);
        }
        if left > 1 {
            tile::<SPLIT, 4, 1>(packed, panel, first + 1);
        }
        if left > 2 {
            tile::<SPLIT, 4, 1>(packed, panel, first + 2);
        }
    }
}

/// The next `SPLIT` numbers of a column of B, over and over.
#[inline(always)]
unsafe fn repeated<const SPLIT: usize>(from: *const f32) -> __m512 {
    // SAFETY: the caller vouches for the numbers, and the instruction set.
    unsafe {
        if SPLIT == 2 {
            let pair = _mm_load_sd(from.cast());
            _mm512_castpd_ps(_mm512_broadcastsd_pd(pair))
        } else {
            _mm512_broadcast_f32x4(_mm_loadu_ps(from))
        }
    }
}

/// `COLUMNS` columns; if `STEP` is 1, only the first of them exists and counts.
#[inline(always)]
unsafe fn tile<const SPLIT: usize, const COLUMNS: usize, const STEP: usize>(
    packed: *const f32,
    panel: &Panel<f32>,
    first: usize,
) {
    // SAFETY: the panel's conditions; groups hold whole registers; loads of the last terms
    // of B are masked, and so are stores; `first + COLUMNS` is at most the panel's columns.
    unsafe {
        let stride = if STEP == 1 { 0 } else { panel.b_stride };
        let mut sums = start::<SPLIT, COLUMNS>(panel, first, STEP == 1);
        // Four columns from one pointer: there are not enough registers for more.
        let mut b = [panel.b.add(first * panel.b_stride); 4];
        for (k, b) in b.iter_mut().enumerate() {
            *b = b.wrapping_add(4 * k * stride);
        }
        let mut a = packed;
        let mut groups = panel.depth / SPLIT;
        while groups >= 2 {
            let both = [_mm512_loadu_ps(a), _mm512_loadu_ps(a.add(GROUP))];
            for j in 0..COLUMNS {
                let b = b[j / 4].add(j % 4 * stride);
                sums[j] = _mm512_fmadd_ps(both[0], repeated::<SPLIT>(b), sums[j]);
                sums[j] = _mm512_fmadd_ps(both[1], repeated::<SPLIT>(b.add(SPLIT)), sums[j]);
            }
            a = a.add(2 * GROUP);
            for b in &mut b {
                *b = b.wrapping_add(2 * SPLIT);
            }
            groups -= 2;
        }
        if groups > 0 {
            let group = _mm512_loadu_ps(a);
            for j in 0..COLUMNS {
                let b = repeated::<SPLIT>(b[j / 4].add(j % 4 * stride));
                sums[j] = _mm512_fmadd_ps(group, b, sums[j]);
            }
            a = a.add(GROUP);
            for b in &mut b {
                *b = b.wrapping_add(SPLIT);
            }
        }
        let left = panel.depth % SPLIT;
        if left > 0 {
            let group = _mm512_loadu_ps(a);
            for j in 0..COLUMNS {
                let b = b[j / 4].add(j % 4 * stride);
                let b = _mm_maskz_loadu_ps((1 << left) - 1, b);
                let b = if SPLIT == 2 {
                    let pair = _mm_castps_pd(b);
                    _mm512_castpd_ps(_mm512_broadcastsd_pd(pair))
                } else {
                    _mm512_broadcast_f32x4(b)
                };
                sums[j] = _mm512_fmadd_ps(group, b, sums[j]);
            }
        }
        let rows: __mmask16 = (1 << panel.rows) - 1;
        let to = panel.c.add(first * panel.c_stride);
        let mut j = 0;
        while j < COLUMNS {
            let at = |k: usize| to.wrapping_add((j + k) * panel.c_stride);
            if SPLIT == 2 {
                let both = two_columns(sums[j], sums[j + 1]);
                if STEP > 1 && panel.rows == 8 {
                    _mm256_storeu_ps(at(0), _mm512_castps512_ps256(both));
                    _mm256_storeu_ps(at(1), _mm512_extractf32x8_ps::<1>(both));
                    j += 2;
                    continue;
                }
                _mm512_mask_storeu_ps(at(0), rows, both);
                if STEP > 1 {
                    _mm512_mask_storeu_ps(at(1).wrapping_sub(8), rows << 8, both);
                }
                j += if STEP == 1 { COLUMNS } else { 2 };
            } else {
                let four = four_columns([sums[j], sums[j + 1], sums[j + 2], sums[j + 3]]);
                _mm512_mask_storeu_ps(at(0), rows, four);
                if STEP > 1 {
                    _mm512_mask_storeu_ps(at(1).wrapping_sub(4), rows << 4, four);
                    _mm512_mask_storeu_ps(at(2).wrapping_sub(8), rows << 8, four);
                    _mm512_mask_storeu_ps(at(3).wrapping_sub(12), rows << 12, four);
                }
                j += 4;
            }
        }
    }
}

/// The first partial sums with what they start with, the others zero.
#[inline(always)]
unsafe fn start<const SPLIT: usize, const COLUMNS: usize>(
    panel: &Panel<f32>,
    first: usize,
    single: bool,
) -> [__m512; COLUMNS] {
    // SAFETY: the panel's conditions.
    unsafe {
        let mask: __mmask16 = (1 << panel.rows) - 1;
        let rows = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        let (rows, firsts) = if SPLIT == 2 {
            (_mm512_srli_epi32::<1>(rows), 0x5555)
        } else {
            (_mm512_srli_epi32::<2>(rows), 0x1111)
        };
        let spread = |from: *const f32| {
            _mm512_maskz_permutexvar_ps(firsts, rows, _mm512_maskz_loadu_ps(mask, from))
        };
        match panel.start {
            Start::Zero => [_mm512_setzero_ps(); COLUMNS],
            Start::Bias(bias) => [spread(bias); COLUMNS],
            Start::Columns(_) => unreachable!("only convolutions start so"),
            Start::Resume => {
                let mut sums = [_mm512_setzero_ps(); COLUMNS];
                for (j, sum) in sums.iter_mut().enumerate() {
                    if j == 0 || !single {
                        *sum = spread(panel.c.add((first + j) * panel.c_stride));
                    }
                }
                sums
            }
        }
    }
}

/// The sums of neighbouring lanes of two registers, quarter by quarter.
#[target_feature(enable = "avx512f")]
#[inline]
fn neighbours(a: __m512, b: __m512) -> __m512 {
    _mm512_add_ps(
        _mm512_shuffle_ps::<0b10_00_10_00>(a, b),
        _mm512_shuffle_ps::<0b11_01_11_01>(a, b),
    )
}

/// `0 + 1` of the rows of two columns, eight rows each.
#[target_feature(enable = "avx512f")]
#[inline]
fn two_columns(a: __m512, b: __m512) -> __m512 {
    let order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
    let pairs = _mm512_castps_pd(neighbours(a, b));
    _mm512_castpd_ps(_mm512_permutexvar_pd(order, pairs))
}

/// `(0 + 1) + (2 + 3)` of the rows of four columns, four rows each.
#[target_feature(enable = "avx512f")]
#[inline]
fn four_columns([a, b, c, d]: [__m512; 4]) -> __m512 {
    let order: __m512i = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    let fours = neighbours(neighbours(a, b), neighbours(c, d));
    _mm512_permutexvar_ps(order, fours)
}

/// Packs rows whose columns lie `a_stride` apart.
#[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
unsafe fn pack_rows<const SPLIT: usize>(panel: &Panel<f32>, packed: *mut f32) {
    let Panel {
        a: from,
        a_stride: stride,
        rows,
        depth,
        ..
    } = *panel;
    let none = _mm512_set1_ps(-0.0);
    let mask: __mmask16 = (1 << rows) - 1;
    let pairs = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    // SAFETY: the caller's conditions; loads are masked to the rows.
    unsafe {
        let column = |k: usize| {
            if k < depth {
                _mm512_maskz_loadu_ps(mask, from.add(k * stride))
            } else {
                none
            }
        };
        let mut k = 0;
        let mut to = packed;
        while k < depth {
            if SPLIT == 2 {
                let group = _mm512_permutex2var_ps(column(k), pairs, column(k + 1));
                _mm512_storeu_ps(to, group);
            } else {
                let low = |k| _mm512_castps512_ps128(column(k));
                let [a, b, c, d]: [__m128; 4] = [low(k), low(k + 1), low(k + 2), low(k + 3)];
                let (ab, ab_high) = (_mm_unpacklo_ps(a, b), _mm_unpackhi_ps(a, b));
                let (cd, cd_high) = (_mm_unpacklo_ps(c, d), _mm_unpackhi_ps(c, d));
                _mm_storeu_ps(to, _mm_movelh_ps(ab, cd));
                _mm_storeu_ps(to.add(4), _mm_movehl_ps(cd, ab));
                _mm_storeu_ps(to.add(8), _mm_movelh_ps(ab_high, cd_high));
                _mm_storeu_ps(to.add(12), _mm_movehl_ps(cd_high, ab_high));
            }
            to = to.add(GROUP);
            k += SPLIT;
        }
    }
}

/// Packs rows that lie `a_stride` apart.
#[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
unsafe fn pack_transposed<const SPLIT: usize>(panel: &Panel<f32>, packed: *mut f32) {
    let Panel {
        a: from,
        a_stride: stride,
        rows,
        depth,
        ..
    } = *panel;
    // SAFETY: the caller's conditions; rows beyond the last are the last once more.
    unsafe {
        let row = |row: usize| from.add(row.min(rows - 1) * stride);
        let mut k = 0;
        let mut to = packed;
        if SPLIT == 2 {
            while depth - k >= 8 {
                for half in 0..2 {
                    let mut pairs: [__m256d; 4] = [_mm256_setzero_pd(); 4];
                    for (j, pairs) in pairs.iter_mut().enumerate() {
                        *pairs = _mm256_castps_pd(_mm256_loadu_ps(row(4 * half + j).add(k)));
                    }
                    let low01 = _mm256_unpacklo_pd(pairs[0], pairs[1]);
                    let high01 = _mm256_unpackhi_pd(pairs[0], pairs[1]);
                    let low23 = _mm256_unpacklo_pd(pairs[2], pairs[3]);
                    let high23 = _mm256_unpackhi_pd(pairs[2], pairs[3]);
                    let groups = [
                        _mm256_permute2f128_pd::<0x20>(low01, low23),
                        _mm256_permute2f128_pd::<0x20>(high01, high23),
                        _mm256_permute2f128_pd::<0x31>(low01, low23),
                        _mm256_permute2f128_pd::<0x31>(high01, high23),
                    ];
                    for (g, group) in groups.into_iter().enumerate() {
                        _mm256_storeu_ps(to.add(g * GROUP + 8 * half), _mm256_castpd_ps(group));
                    }
                }
                to = to.add(4 * GROUP);
                k += 8;
            }
        } else {
            while depth - k >= 4 {
                for j in 0..4 {
                    _mm_storeu_ps(to.add(4 * j), _mm_loadu_ps(row(j).add(k)));
                }
                to = to.add(GROUP);
                k += 4;
            }
        }
        while k < depth {
            for j in 0..GROUP / SPLIT {
                for s in 0..SPLIT {
                    let missing = k + s >= depth;
                    *to.add(j * SPLIT + s) = if missing { -0.0 } else { *row(j).add(k + s) };
                }
            }
            to = to.add(GROUP);
            k += SPLIT;
        }
    }
}

/// The most groups in a tile of [`outer`].
const GROUPS: usize = 16;

/// As [`outer`](super::tile::outer) for at most eight rows: a register holds two columns of
/// C side by side, or four of at most four rows. Lane `row * WIDTH + c` is that of
/// column `c`.
///
/// # Safety
///
/// Those of [`Panel`], on a machine with AVX-512. There are at least four columns.
#[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
pub(super) unsafe fn outer(panel: &Panel<f32>) {
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
