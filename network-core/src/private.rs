//! What generated code calls besides layers: skips, concatenation, scratch
//! memory, and messages of compile-time checks. Not for use by hand.

pub use crate::network::{Footprint, STACK_LIMIT, chunk};

use crate::kernels::{self, Binary, SimdPath, Unary};
use crate::{Real, Scalar};
use bytemuck::{cast_slice, cast_slice_mut};
use nalgebra::SVector;

/// The first `n` samples of a slot of scratch memory.
#[inline]
pub fn samples<T: Scalar, const N: usize>(slot: &[T], n: usize) -> &[SVector<T, N>] {
    cast_slice(&slot[..n * N])
}

/// The first `n` samples of a slot of scratch memory, to be changed.
#[inline]
pub fn samples_mut<T: Scalar, const N: usize>(slot: &mut [T], n: usize) -> &mut [SVector<T, N>] {
    cast_slice_mut(&mut slot[..n * N])
}

/// Samples of a layer whose types the macro does not know; a compile-time check
/// has made sure that their lengths agree.
#[inline]
pub fn cast<A: bytemuck::Pod, B: bytemuck::Pod>(samples: &[A]) -> &[B] {
    cast_slice(samples)
}

/// As [`cast`], to be changed.
#[inline]
pub fn cast_mut<A: bytemuck::Pod, B: bytemuck::Pod>(samples: &mut [A]) -> &mut [B] {
    cast_slice_mut(samples)
}

/// `b + scale * a`.
struct AddScaled(f64);
impl Binary for AddScaled {
    #[inline(always)]
    fn call<R: Real>(&self, a: R, b: R) -> R {
        a.mul_add(R::from_f64(self.0), b)
    }
}

struct Scale(f64);
impl Unary for Scale {
    #[inline(always)]
    fn call<R: Real>(&self, x: R) -> R {
        x * R::from_f64(self.0)
    }
}

struct Add;
impl Binary for Add {
    #[inline(always)]
    fn call<R: Real>(&self, a: R, b: R) -> R {
        a + b
    }
}

/// `y = skip + scale * y`.
///
/// `SKIP` is `N`: where the macro cannot know, a compile-time check says so in
/// better words than a type error.
pub fn residual_in_place<T: Scalar, const SKIP: usize, const N: usize>(
    path: SimdPath,
    scale: f64,
    skip: &[SVector<T, SKIP>],
    y: &mut [SVector<T, N>],
) {
    let (y, skip) = (cast_slice_mut::<_, T>(y), cast_slice::<_, T>(skip));
    if scale == 1.0 {
        kernels::map2(path, &Add, y, skip);
    } else {
        kernels::map2(path, &AddScaled(scale), y, skip);
    }
}

/// `y = skip + scale * branch`.
pub fn residual<T: Scalar, const SKIP: usize, const N: usize>(
    path: SimdPath,
    scale: f64,
    skip: &[SVector<T, SKIP>],
    branch: &[SVector<T, N>],
    y: &mut [SVector<T, N>],
) {
    y.copy_from_slice(branch);
    residual_in_place(path, scale, skip, y);
}

/// `a += b`.
pub fn add<T: Scalar, const M: usize, const N: usize>(
    path: SimdPath,
    a: &mut [SVector<T, N>],
    b: &[SVector<T, M>],
) {
    kernels::map2(path, &Add, cast_slice_mut::<_, T>(a), cast_slice(b));
}

/// `to = scale * from`.
pub fn scale<T: Scalar, const M: usize, const N: usize>(
    path: SimdPath,
    scale: f64,
    from: &[SVector<T, M>],
    to: &mut [SVector<T, N>],
) {
    let (from, to) = (cast_slice::<_, T>(from), cast_slice_mut::<_, T>(to));
    if scale == 1.0 {
        to.copy_from_slice(from);
    } else {
        kernels::map_to(path, &Scale(scale), from, to);
    }
}

/// Copies a part of each sample of `y`, from `offset` on.
pub fn concat_write<T: Scalar, const PART: usize, const N: usize>(
    part: &[SVector<T, PART>],
    offset: usize,
    y: &mut [SVector<T, N>],
) {
    for (part, y) in part.iter().zip(y) {
        y.as_mut_slice()[offset..offset + PART].copy_from_slice(part.as_slice());
    }
}

/// Copies a part out of each sample of `y`, from `offset` on.
pub fn concat_read<T: Scalar, const PART: usize, const N: usize>(
    y: &[SVector<T, N>],
    offset: usize,
    part: &mut [SVector<T, PART>],
) {
    for (part, y) in part.iter_mut().zip(y) {
        part.as_mut_slice().copy_from_slice(&y.as_slice()[offset..offset + PART]);
    }
}

/// The largest of some sizes; 0 of none.
pub const fn max(sizes: &[usize]) -> usize {
    let mut max = 0;
    let mut index = 0;
    while index < sizes.len() {
        if sizes[index] > max {
            max = sizes[index];
        }
        index += 1;
    }
    max
}

/// Text put together at compile time, for the messages of failed checks.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    bytes: [u8; Self::CAPACITY],
    len: usize,
}

impl Text {
    const CAPACITY: usize = 1024;

    /// Begins with `text`, cut off at the capacity.
    pub const fn new(text: &str) -> Self {
        Self { bytes: [0; Self::CAPACITY], len: 0 }.text(text)
    }

    /// Appends text.
    pub const fn text(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut index = 0;
        while index < text.len() && self.len < Self::CAPACITY {
            self.bytes[self.len] = text[index];
            self.len += 1;
            index += 1;
        }
        self
    }

    /// Appends a number in decimal digits.
    pub const fn number(mut self, number: usize) -> Self {
        let mut divisor = 1;
        while number / divisor >= 10 {
            divisor *= 10;
        }
        while divisor > 0 && self.len < Self::CAPACITY {
            self.bytes[self.len] = b'0' + (number / divisor % 10) as u8;
            self.len += 1;
            divisor /= 10;
        }
        self
    }

    /// The text.
    pub const fn as_str(&self) -> &str {
        let (text, _) = self.bytes.split_at(self.len);
        match core::str::from_utf8(text) {
            Ok(text) => text,
            Err(_) => "sizes differ",
        }
    }
}
