//! What a core can do at most: fused multiply-adds between registers, without memory.

use std::hint::black_box;
use std::time::Instant;

/// Accumulators: enough to hide the latency on every core known, and room for two operands.
const ACCUMULATORS: usize = 12;
/// Rounds of 512-bit multiply-adds in a call.
const ROUNDS: usize = 2048;
/// Floating-point operations (two for a multiply-add) in a call of [`Peak::run`].
pub const OPERATIONS: usize = 2 * 16 * ACCUMULATORS * ROUNDS;

/// The fastest instruction set for multiply-adds on this core.
pub struct Peak {
    call: fn(),
}

impl Default for Peak {
    fn default() -> Self {
        Self::new()
    }
}

impl Peak {
    /// Tries each instruction set.
    pub fn new() -> Self {
        let mut calls: Vec<fn()> = vec![portable];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                // SAFETY: the feature was just detected.
                calls.push(|| unsafe { avx2() });
            }
            if is_x86_feature_detected!("avx512f") {
                // SAFETY: the feature was just detected.
                calls.push(|| unsafe { avx512() });
            }
        }
        let time = |call: &fn()| {
            (0..20)
                .map(|_| {
                    let start = Instant::now();
                    call();
                    start.elapsed()
                })
                .min()
        };
        Self {
            call: calls.into_iter().min_by_key(time).unwrap_or(portable),
        }
    }

    /// Does [`OPERATIONS`].
    pub fn run(&self) {
        (self.call)();
    }
}

/// What the compiler makes of it for the build's target, such as NEON.
fn portable() {
    let (factor, term) = (black_box(0.999_f32), black_box(0.001_f32));
    let mut sums = [[black_box(1.0_f32); 4]; 16];
    for _ in 0..OPERATIONS / (2 * 4 * 16) {
        for sum in &mut sums {
            for lane in sum {
                *lane = if cfg!(target_feature = "fma") || cfg!(target_arch = "aarch64") {
                    lane.mul_add(factor, term)
                } else {
                    *lane * factor + term
                };
            }
        }
    }
    black_box(sums);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2() {
    use std::arch::x86_64::{_mm256_fmadd_ps, _mm256_set1_ps};
    let (factor, term) = (
        _mm256_set1_ps(black_box(0.999)),
        _mm256_set1_ps(black_box(0.001)),
    );
    let mut sums = [_mm256_set1_ps(black_box(1.0)); ACCUMULATORS];
    for _ in 0..2 * ROUNDS {
        for sum in &mut sums {
            *sum = _mm256_fmadd_ps(*sum, factor, term);
        }
    }
    black_box(sums);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn avx512() {
    use std::arch::x86_64::{_mm512_fmadd_ps, _mm512_set1_ps};
    let (factor, term) = (
        _mm512_set1_ps(black_box(0.999)),
        _mm512_set1_ps(black_box(0.001)),
    );
    let mut sums = [_mm512_set1_ps(black_box(1.0)); ACCUMULATORS];
    for _ in 0..ROUNDS {
        for sum in &mut sums {
            *sum = _mm512_fmadd_ps(*sum, factor, term);
        }
    }
    black_box(sums);
}
