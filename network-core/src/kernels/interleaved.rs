//! Products of at most twelve rows with AVX-512: a register holds several terms of each
//! row's sum side by side, so that none of its lanes is empty:
//! `C[row, j] = start + sum over k of A[row, k] B[k, j]`, as [`Panel`] says.
//!
//! A register is for `16 / SPLIT` rows. Its lane `row * SPLIT + s` has a row's partial sum
//! `s`, which takes every `SPLIT`th term.
//! That is what [`columns`](super::tile::columns) computes in `SPLIT` registers: the sums
//! are the same bits. A is packed so first; numbers of B come in pairs or fours, which a
//! load repeats over the register.

use super::tile::{Panel, Start};
use core::arch::x86_64::{
    __m256d, __m512, __m512i, __mmask16, _mm_castps_pd, _mm_load_sd, _mm_loadu_ps,
    _mm_maskz_loadu_ps, _mm_storeu_ps, _mm256_castpd_ps, _mm256_castps_pd, _mm256_loadu_ps,
    _mm256_permute2f128_pd, _mm256_setzero_pd, _mm256_storeu_ps, _mm256_unpackhi_pd,
    _mm256_unpacklo_pd, _mm512_add_ps, _mm512_broadcast_f32x4, _mm512_broadcastsd_pd,
    _mm512_castpd_ps, _mm512_castps_pd, _mm512_castps512_ps128, _mm512_extractf32x4_ps,
    _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_mask_loadu_ps, _mm512_mask_storeu_ps,
    _mm512_maskz_loadu_ps, _mm512_maskz_permutexvar_ps, _mm512_permutex2var_ps,
    _mm512_permutexvar_pd, _mm512_permutexvar_ps, _mm512_set1_ps, _mm512_setr_epi32,
    _mm512_setr_epi64, _mm512_setzero_ps, _mm512_shuffle_ps, _mm512_srli_epi32, _mm512_storeu_ps,
    _mm512_unpackhi_pd, _mm512_unpackhi_ps, _mm512_unpacklo_pd, _mm512_unpacklo_ps,
};

/// How many numbers a group holds: the next `SPLIT` terms of each of a register's rows.
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
        match (split, panel.rows) {
            (2, _) => packed::<2, 1, 16>(panel, transposed, buffer),
            (4, ..=4) => packed::<4, 1, 16>(panel, transposed, buffer),
            (4, _) => packed::<4, 3, 8>(panel, transposed, buffer),
            _ => unreachable!("no such split"),
        }
    }
}

#[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
unsafe fn packed<const SPLIT: usize, const REGISTERS: usize, const COLUMNS: usize>(
    panel: &Panel<f32>,
    transposed: bool,
    buffer: *mut f32,
) {
    // SAFETY: the caller's conditions.
    unsafe {
        if transposed {
            pack_transposed::<SPLIT, REGISTERS>(panel, buffer);
        } else {
            pack_rows::<SPLIT, REGISTERS>(panel, buffer);
        }
        columns::<SPLIT, REGISTERS, COLUMNS>(buffer, panel);
    }
}

/// As [`columns`](super::tile::columns) with a split of 2 for at most eight rows, or of 4
/// for at most twelve.
///
/// `packed` is A in groups of [`GROUP`] numbers, one for each of `REGISTERS` after the other:
/// in a register's group `g`, number `row * SPLIT + s` is `A[row, g * SPLIT + s]` of its rows.
/// What rows there are not is never looked at; terms that there are not are `-0.0`.
#[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
unsafe fn columns<const SPLIT: usize, const REGISTERS: usize, const COLUMNS: usize>(
    packed: *const f32,
    panel: &Panel<f32>,
) {
    // SAFETY: the caller's conditions; tiles cover the columns without overlap.
    unsafe {
        let mut first = 0;
        while panel.columns - first >= COLUMNS {
            tile::<SPLIT, REGISTERS, COLUMNS, 4>(packed, panel, first);
            first += COLUMNS;
        }
        if COLUMNS > 8 && panel.columns - first >= 8 {
            tile::<SPLIT, REGISTERS, 8, 4>(packed, panel, first);
            first += 8;
        }
        if panel.columns - first >= 4 {
            tile::<SPLIT, REGISTERS, 4, 4>(packed, panel, first);
            first += 4;
        }
        while first < panel.columns {
            tile::<SPLIT, REGISTERS, 4, 1>(packed, panel, first);
            first += 1;
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

/// The masks of a panel's rows, register by register.
#[inline(always)]
fn masks<const SPLIT: usize, const REGISTERS: usize>(rows: usize) -> [__mmask16; REGISTERS] {
    let height = GROUP / SPLIT;
    let mut masks = [0; REGISTERS];
    for (m, mask) in masks.iter_mut().enumerate() {
        *mask = (1 << (rows - m * height).min(height)) - 1;
    }
    masks
}

/// `COLUMNS` columns; if `STEP` is 1, only the first of them exists and counts.
#[inline(always)]
unsafe fn tile<
    const SPLIT: usize,
    const REGISTERS: usize,
    const COLUMNS: usize,
    const STEP: usize,
>(
    packed: *const f32,
    panel: &Panel<f32>,
    first: usize,
) {
    // SAFETY: the panel's conditions; groups hold whole registers; loads of the last terms
    // of B are masked, and so are stores; `first + COLUMNS` is at most the panel's columns.
    unsafe {
        let stride = if STEP == 1 { 0 } else { panel.b_stride };
        let mut sums = start::<SPLIT, REGISTERS, COLUMNS>(panel, first, STEP == 1);
        // Four columns from one pointer: there are not enough registers for more.
        let mut b = [panel.b.add(first * panel.b_stride); 4];
        for (k, b) in b.iter_mut().enumerate() {
            *b = b.wrapping_add(4 * k * stride);
        }
        let mut a = packed;
        let group = |a: *const f32| {
            let mut group = [_mm512_setzero_ps(); REGISTERS];
            for m in 0..REGISTERS {
                group[m] = _mm512_loadu_ps(a.add(m * GROUP));
            }
            group
        };
        let mut groups = panel.depth / SPLIT;
        // Two at once, where that leaves enough registers.
        while REGISTERS == 1 && groups >= 2 {
            let both = [group(a), group(a.add(GROUP))];
            for j in 0..COLUMNS {
                let b = b[j / 4].add(j % 4 * stride);
                for (g, group) in both.iter().enumerate() {
                    let b = repeated::<SPLIT>(b.add(g * SPLIT));
                    sums[j][0] = _mm512_fmadd_ps(group[0], b, sums[j][0]);
                }
            }
            a = a.add(2 * GROUP);
            for b in &mut b {
                *b = b.wrapping_add(2 * SPLIT);
            }
            groups -= 2;
        }
        while groups > 0 {
            let group = group(a);
            for j in 0..COLUMNS {
                let b = repeated::<SPLIT>(b[j / 4].add(j % 4 * stride));
                for m in 0..REGISTERS {
                    sums[j][m] = _mm512_fmadd_ps(group[m], b, sums[j][m]);
                }
            }
            a = a.add(REGISTERS * GROUP);
            for b in &mut b {
                *b = b.wrapping_add(SPLIT);
            }
            groups -= 1;
        }
        let left = panel.depth % SPLIT;
        if left > 0 {
            let group = group(a);
            for j in 0..COLUMNS {
                let b = b[j / 4].add(j % 4 * stride);
                let b = _mm_maskz_loadu_ps((1 << left) - 1, b);
                let b = if SPLIT == 2 {
                    let pair = _mm_castps_pd(b);
                    _mm512_castpd_ps(_mm512_broadcastsd_pd(pair))
                } else {
                    _mm512_broadcast_f32x4(b)
                };
                for m in 0..REGISTERS {
                    sums[j][m] = _mm512_fmadd_ps(group[m], b, sums[j][m]);
                }
            }
        }
        let height = GROUP / SPLIT;
        let rows = masks::<SPLIT, REGISTERS>(panel.rows);
        // A whole layer of eight or four outputs: columns follow each other, and one store
        // takes two or four of them.
        let dense = STEP > 1 && panel.rows == height && panel.c_stride == height;
        for m in 0..REGISTERS {
            let to = panel.c.add(first * panel.c_stride + m * height);
            let mut j = 0;
            while j < COLUMNS {
                let at = |k: usize| to.wrapping_add((j + k) * panel.c_stride);
                let packed = if SPLIT == 2 {
                    two_columns(sums[j][m], sums[j + 1][m])
                } else {
                    four_columns([sums[j][m], sums[j + 1][m], sums[j + 2][m], sums[j + 3][m]])
                };
                if dense {
                    _mm512_storeu_ps(at(0), packed);
                } else {
                    _mm512_mask_storeu_ps(at(0), rows[m], packed);
                    if STEP > 1 {
                        for k in 1..SPLIT {
                            let lane = k * height;
                            let to = at(k).wrapping_sub(lane);
                            _mm512_mask_storeu_ps(to, rows[m] << lane, packed);
                        }
                    }
                }
                j += if STEP == 1 { COLUMNS } else { SPLIT };
            }
        }
    }
}

/// The first partial sums with what they start with, the others zero.
#[inline(always)]
unsafe fn start<const SPLIT: usize, const REGISTERS: usize, const COLUMNS: usize>(
    panel: &Panel<f32>,
    first: usize,
    single: bool,
) -> [[__m512; REGISTERS]; COLUMNS] {
    // SAFETY: the panel's conditions.
    unsafe {
        let masks = masks::<SPLIT, REGISTERS>(panel.rows);
        let rows = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        let (rows, firsts) = if SPLIT == 2 {
            (_mm512_srli_epi32::<1>(rows), 0x5555)
        } else {
            (_mm512_srli_epi32::<2>(rows), 0x1111)
        };
        let spread = |from: *const f32| {
            let mut column = [_mm512_setzero_ps(); REGISTERS];
            for m in 0..REGISTERS {
                let numbers = _mm512_maskz_loadu_ps(masks[m], from.add(m * GROUP / SPLIT));
                column[m] = _mm512_maskz_permutexvar_ps(firsts, rows, numbers);
            }
            column
        };
        match panel.start {
            Start::Zero => [[_mm512_setzero_ps(); REGISTERS]; COLUMNS],
            Start::Bias(bias) => [spread(bias); COLUMNS],
            Start::Columns(_) => unreachable!("only convolutions start so"),
            Start::Resume => {
                let mut sums = [[_mm512_setzero_ps(); REGISTERS]; COLUMNS];
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
unsafe fn pack_rows<const SPLIT: usize, const REGISTERS: usize>(
    panel: &Panel<f32>,
    packed: *mut f32,
) {
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
        let column = |k: usize| _mm512_maskz_loadu_ps(mask, from.add(k * stride));
        let group = |columns: [__m512; SPLIT], to: *mut f32| {
            if SPLIT == 2 {
                let group = _mm512_permutex2var_ps(columns[0], pairs, columns[1]);
                _mm512_storeu_ps(to, group);
                return;
            }
            // Quarter `m` of register `r` holds the terms of row `r` of group `m`.
            let lows = |a, b| _mm512_castps_pd(_mm512_unpacklo_ps(a, b));
            let highs = |a, b| _mm512_castps_pd(_mm512_unpackhi_ps(a, b));
            let [a, b, c, d] = [columns[0], columns[1], columns[2], columns[3]];
            let [ab, cd] = [lows(a, b), lows(c, d)];
            let [ab_high, cd_high] = [highs(a, b), highs(c, d)];
            let rows = [
                _mm512_unpacklo_pd(ab, cd),
                _mm512_unpackhi_pd(ab, cd),
                _mm512_unpacklo_pd(ab_high, cd_high),
                _mm512_unpackhi_pd(ab_high, cd_high),
            ]
            .map(|row| _mm512_castpd_ps(row));
            for (r, row) in rows.into_iter().enumerate() {
                let to = to.add(4 * r);
                _mm_storeu_ps(to, _mm512_castps512_ps128(row));
                if REGISTERS > 1 {
                    _mm_storeu_ps(to.add(GROUP), _mm512_extractf32x4_ps::<1>(row));
                    _mm_storeu_ps(to.add(2 * GROUP), _mm512_extractf32x4_ps::<2>(row));
                }
            }
        };
        let mut k = 0;
        let mut to = packed;
        while depth - k >= SPLIT {
            let mut columns = [none; SPLIT];
            for (s, next) in columns.iter_mut().enumerate() {
                *next = column(k + s);
            }
            group(columns, to);
            to = to.add(REGISTERS * GROUP);
            k += SPLIT;
        }
        if k < depth {
            let mut columns = [none; SPLIT];
            for (s, next) in columns.iter_mut().enumerate().take(depth - k) {
                *next = column(k + s);
            }
            group(columns, to);
        }
    }
}

/// Packs rows that lie `a_stride` apart.
#[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
unsafe fn pack_transposed<const SPLIT: usize, const REGISTERS: usize>(
    panel: &Panel<f32>,
    packed: *mut f32,
) {
    let Panel {
        a: from,
        a_stride: stride,
        rows,
        depth,
        ..
    } = *panel;
    let group = REGISTERS * GROUP;
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
                for j in 0..4 * REGISTERS {
                    _mm_storeu_ps(to.add(4 * j), _mm_loadu_ps(row(j).add(k)));
                }
                to = to.add(group);
                k += 4;
            }
        }
        while k < depth {
            for j in 0..group / SPLIT {
                for s in 0..SPLIT {
                    let missing = k + s >= depth;
                    *to.add(j * SPLIT + s) = if missing { -0.0 } else { *row(j).add(k + s) };
                }
            }
            to = to.add(group);
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
