//! Transposing a block of a matrix into a small buffer, or from one.

/// A block to transpose: `to[c + r * to_stride] = from[r + c * from_stride]` for
/// each of `rows` rows and `columns` columns.
///
/// # Safety
///
/// Whoever transposes one vouches that `from` can be read there, and that `to` can be
/// written there.
#[derive(Clone, Copy)]
pub(super) struct Block<T> {
    pub(super) from: *const T,
    pub(super) from_stride: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) to: *mut T,
    pub(super) to_stride: usize,
}

/// Transposes in blocks of four by four, which compilers vectorise.
pub(super) unsafe fn portable<T: Copy>(block: &Block<T>) {
    let Block {
        from,
        from_stride,
        rows,
        columns,
        to,
        to_stride,
    } = *block;
    // SAFETY: all indices are below `rows` and `columns`.
    unsafe {
        let mut c = 0;
        while c < columns {
            let width = (columns - c).min(4);
            let mut r = 0;
            if width == 4 {
                while rows - r >= 4 {
                    let mut tile = [[*from; 4]; 4];
                    for (k, column) in tile.iter_mut().enumerate() {
                        *column = from
                            .add(r + (c + k) * from_stride)
                            .cast::<[T; 4]>()
                            .read_unaligned();
                    }
                    for k in 0..4 {
                        let row = [tile[0][k], tile[1][k], tile[2][k], tile[3][k]];
                        to.add(c + (r + k) * to_stride)
                            .cast::<[T; 4]>()
                            .write_unaligned(row);
                    }
                    r += 4;
                }
            }
            while r < rows {
                for k in 0..width {
                    *to.add(c + k + r * to_stride) = *from.add(r + (c + k) * from_stride);
                }
                r += 1;
            }
            c += 4;
        }
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) use x86::{avx2_f32, avx2_f64};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Block;
    use core::arch::x86_64::{
        __m256, _mm_loadu_ps, _mm256_castps128_ps256, _mm256_cmpgt_epi32, _mm256_cmpgt_epi64,
        _mm256_insertf128_ps, _mm256_maskload_pd, _mm256_maskload_ps, _mm256_maskstore_pd,
        _mm256_maskstore_ps, _mm256_permute2f128_pd, _mm256_permute2f128_ps, _mm256_set1_epi32,
        _mm256_set1_epi64x, _mm256_setr_epi32, _mm256_setr_epi64x, _mm256_setzero_pd,
        _mm256_setzero_ps, _mm256_shuffle_ps, _mm256_storeu_ps, _mm256_unpackhi_pd,
        _mm256_unpackhi_ps, _mm256_unpacklo_pd, _mm256_unpacklo_ps,
    };

    /// Transposes eight by eight.
    ///
    /// # Safety
    ///
    /// Those of [`Block`], on a machine with AVX2.
    #[target_feature(enable = "avx2")]
    pub(in super::super) unsafe fn avx2_f32(block: &Block<f32>) {
        // SAFETY: loads and stores are masked to `rows` and `columns`, and made only for
        // existing columns and rows.
        unsafe {
            let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            let mut c = 0;
            while c < block.columns {
                let width = (block.columns - c).min(8);
                let mut r = 0;
                while r < block.rows {
                    let height = (block.rows - r).min(8);
                    let from = block.from.add(r + c * block.from_stride);
                    let to = block.to.add(c + r * block.to_stride);
                    if height == 8 && width == 8 {
                        let mut halves = [_mm256_setzero_ps(); 8];
                        for k in 0..4 {
                            let (upper, lower) = (
                                from.add(k * block.from_stride),
                                from.add((k + 4) * block.from_stride),
                            );
                            halves[k] = two_halves(upper, lower);
                            halves[k + 4] = two_halves(upper.add(4), lower.add(4));
                        }
                        let t = transposed_halves(halves);
                        for k in 0..8 {
                            _mm256_storeu_ps(to.add(k * block.to_stride), t[k]);
                        }
                    } else {
                        let mask = _mm256_cmpgt_epi32(_mm256_set1_epi32(height as i32), lanes);
                        let mut t = [_mm256_setzero_ps(); 8];
                        for k in 0..8 {
                            if k < width {
                                t[k] = _mm256_maskload_ps(from.add(k * block.from_stride), mask);
                            }
                        }
                        let mut halves = t;
                        for k in 0..4 {
                            halves[k] = _mm256_permute2f128_ps::<0x20>(t[k], t[k + 4]);
                            halves[k + 4] = _mm256_permute2f128_ps::<0x31>(t[k], t[k + 4]);
                        }
                        let t = transposed_halves(halves);
                        let mask = _mm256_cmpgt_epi32(_mm256_set1_epi32(width as i32), lanes);
                        for k in 0..8 {
                            if k < height {
                                _mm256_maskstore_ps(to.add(k * block.to_stride), mask, t[k]);
                            }
                        }
                    }
                    r += 8;
                }
                c += 8;
            }
        }
    }

    /// Four numbers from each of two places: loads alone, which leave the shuffling
    /// units to the rest.
    #[target_feature(enable = "avx2")]
    #[inline]
    unsafe fn two_halves(upper: *const f32, lower: *const f32) -> __m256 {
        // SAFETY: the caller vouches for four numbers at both places.
        unsafe {
            _mm256_insertf128_ps::<1>(
                _mm256_castps128_ps256(_mm_loadu_ps(upper)),
                _mm_loadu_ps(lower),
            )
        }
    }

    /// Transposes the four by four blocks of each half: `halves[k]` holds rows 0 to 3 of
    /// columns `k` and `k + 4`, `halves[k + 4]` rows 4 to 7.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn transposed_halves(halves: [__m256; 8]) -> [__m256; 8] {
        let mut rows = [halves[0]; 8];
        for k in 0..2 {
            let [a, b, c, d] = [
                halves[4 * k],
                halves[4 * k + 1],
                halves[4 * k + 2],
                halves[4 * k + 3],
            ];
            let (ab_low, ab_high) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
            let (cd_low, cd_high) = (_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
            rows[4 * k] = _mm256_shuffle_ps::<0x44>(ab_low, cd_low);
            rows[4 * k + 1] = _mm256_shuffle_ps::<0xee>(ab_low, cd_low);
            rows[4 * k + 2] = _mm256_shuffle_ps::<0x44>(ab_high, cd_high);
            rows[4 * k + 3] = _mm256_shuffle_ps::<0xee>(ab_high, cd_high);
        }
        rows
    }

    /// Transposes four by four.
    ///
    /// # Safety
    ///
    /// Those of [`Block`], on a machine with AVX2.
    #[target_feature(enable = "avx2")]
    pub(in super::super) unsafe fn avx2_f64(block: &Block<f64>) {
        // SAFETY: loads and stores are masked to `rows` and `columns`, and made only for
        // existing columns and rows.
        unsafe {
            let lanes = _mm256_setr_epi64x(0, 1, 2, 3);
            let mut c = 0;
            while c < block.columns {
                let width = (block.columns - c).min(4);
                let mut r = 0;
                while r < block.rows {
                    let height = (block.rows - r).min(4);
                    let from = block.from.add(r + c * block.from_stride);
                    let mask = _mm256_cmpgt_epi64(_mm256_set1_epi64x(height as i64), lanes);
                    let mut t = [_mm256_setzero_pd(); 4];
                    for k in 0..4 {
                        if k < width {
                            t[k] = _mm256_maskload_pd(from.add(k * block.from_stride), mask);
                        }
                    }
                    let low01 = _mm256_unpacklo_pd(t[0], t[1]);
                    let high01 = _mm256_unpackhi_pd(t[0], t[1]);
                    let low23 = _mm256_unpacklo_pd(t[2], t[3]);
                    let high23 = _mm256_unpackhi_pd(t[2], t[3]);
                    let rows = [
                        _mm256_permute2f128_pd::<0x20>(low01, low23),
                        _mm256_permute2f128_pd::<0x20>(high01, high23),
                        _mm256_permute2f128_pd::<0x31>(low01, low23),
                        _mm256_permute2f128_pd::<0x31>(high01, high23),
                    ];
                    let to = block.to.add(c + r * block.to_stride);
                    let mask = _mm256_cmpgt_epi64(_mm256_set1_epi64x(width as i64), lanes);
                    for k in 0..4 {
                        if k < height {
                            _mm256_maskstore_pd(to.add(k * block.to_stride), mask, rows[k]);
                        }
                    }
                    r += 4;
                }
                c += 4;
            }
        }
    }
}
