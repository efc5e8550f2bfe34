//! Numbers: what a formula needs of them ([`Real`]) and what a network stores ([`Scalar`]).

use crate::kernels::math::{double, single};
use crate::kernels::{Convolutions, Convolutions1d, Number, Products, Unfused, primitive};
use core::fmt::{Debug, Display};
use core::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

/// A number that formulas are written over.
///
/// Elementwise mathematics is written once, generic over `Real`, branch-free,
/// and `#[inline(always)]`, so that one body is vectorised for every
/// instruction set. The functions are polynomials whose results are the same bits
/// on every machine with a fused multiply-add.
///
/// The largest errors measured, in units in the last place (ULP); subnormal numbers, infinities
/// and NaN are right:
///
/// | function | `f32` | `f64` |
/// |---|---|---|
/// | `exp` | 1.1 | 1 |
/// | `exp_m1` | 1.6 | 2 |
/// | `ln` | 0.8 | 1 |
/// | `tanh` | 2.7 | 4 |
/// | `sigmoid` | 2.4 | 2 |
/// | `softplus` | 2.0 | 2 |
/// | `erf` | 1.1 | 2 |
/// | `normal_cdf` | 5.9 | 7 |
///
/// Those of `f32` are against double precision: `exp`, `tanh` and `sigmoid` over all numbers, the
/// others over every 257th
/// (`NETWORK_MATH_STRIDE=257 cargo test --release -p network-core --test math -- --nocapture`;
/// with 1, over all). Where a product and a sum are rounded twice
/// ([`SimdPath::is_fused`](crate::kernels::SimdPath::is_fused)) they are up to 0.5 larger, and
/// none but that of `normal_cdf` is above 3. Those of `f64` are over grids of
/// 200,003 numbers, against a library that is off by up to 1 itself.
pub trait Real:
    Copy
    + Debug
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + Send
    + Sync
    + 'static
{
    /// The number 0.
    const ZERO: Self;
    /// The number 1.
    const ONE: Self;
    /// Rounds a constant or hyperparameter to this type.
    fn from_f64(value: f64) -> Self;
    /// Widens to `f64`.
    fn to_f64(self) -> f64;
    /// `self * factor + term`, rounded once where the instruction set has it.
    fn mul_add(self, factor: Self, term: Self) -> Self;
    /// Absolute value.
    fn abs(self) -> Self;
    /// This value with the sign of another.
    fn copysign(self, sign: Self) -> Self;
    /// The smaller of two numbers; NaN if this one is NaN.
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self::select(other < self, other, self)
    }
    /// The larger of two numbers; NaN if this one is NaN.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Self::select(self < other, other, self)
    }
    /// `yes` where `condition` holds, else `no`, without a branch.
    #[inline(always)]
    fn select(condition: bool, yes: Self, no: Self) -> Self {
        core::hint::select_unpredictable(condition, yes, no)
    }
    /// Square root.
    fn sqrt(self) -> Self;
    /// Square root within 2 ULP by multiply-adds, which take less time than the
    /// instruction where there are many; below 2^-124, also of negative numbers, it is
    /// 2^-62, and infinity counts as the largest number. `f64`: as [`Real::sqrt`].
    fn quick_sqrt(self) -> Self;
    /// `e^x`.
    fn exp(self) -> Self;
    /// `e^x - 1`, exact near 0 too.
    fn exp_m1(self) -> Self;
    /// Natural logarithm.
    fn ln(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// Logistic function `1 / (1 + e^-x)`.
    fn sigmoid(self) -> Self;
    /// `ln(1 + e^x)`.
    fn softplus(self) -> Self;
    /// Error function.
    fn erf(self) -> Self;
    /// The standard normal distribution `(1 + erf(x / sqrt 2)) / 2`, with full
    /// relative accuracy in its left tail, which that formula loses.
    fn normal_cdf(self) -> Self;
    /// Whether this is neither infinite nor NaN.
    fn is_finite(self) -> bool;
}

/// A number that networks store: `f32` or `f64`.
pub trait Scalar:
    Real
    + Number<Self>
    + Products
    + Convolutions
    + Convolutions1d
    + bytemuck::Pod
    + nalgebra::Scalar
    + Display
    + Default
{
    /// The type's name, as declarations and files spell it.
    const NAME: &'static str;
    /// Computes with these numbers where there is no fused multiply-add.
    #[doc(hidden)]
    type Unfused: Number<Self>;
}

/// Implements [`Real`] for a type that wraps, or is, the primitive type `$raw`.
macro_rules! real {
    ($ty:ty, $raw:ident, $math:ident, $zero:expr, $one:expr, |$a:ident, $factor:ident, $term:ident| $mul_add:expr) => {
        impl Real for $ty {
            const ZERO: Self = $zero;
            const ONE: Self = $one;
            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                Self::new(value as $raw)
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self.get())
            }
            #[inline(always)]
            fn mul_add(self, $factor: Self, $term: Self) -> Self {
                let $a = self;
                $mul_add
            }
            #[inline(always)]
            fn abs(self) -> Self {
                Self::new(self.get().abs())
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                $math::copysign(self, sign)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                Self::new($math::sqrt(self.get()))
            }
            #[inline(always)]
            fn quick_sqrt(self) -> Self {
                $math::quick_sqrt(self)
            }
            #[inline(always)]
            fn exp(self) -> Self {
                $math::exp(self)
            }
            #[inline(always)]
            fn exp_m1(self) -> Self {
                $math::exp_m1(self)
            }
            #[inline(always)]
            fn ln(self) -> Self {
                $math::ln(self)
            }
            #[inline(always)]
            fn tanh(self) -> Self {
                $math::tanh(self)
            }
            #[inline(always)]
            fn sigmoid(self) -> Self {
                $math::sigmoid(self)
            }
            #[inline(always)]
            fn softplus(self) -> Self {
                $math::softplus(self)
            }
            #[inline(always)]
            fn erf(self) -> Self {
                $math::erf(self)
            }
            #[inline(always)]
            fn normal_cdf(self) -> Self {
                $math::normal_cdf(self)
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                self.get().is_finite()
            }
        }
    };
}
pub(crate) use real;

macro_rules! scalar {
    ($ty:ident, $math:ident, $mul_add:ident) => {
        real!($ty, $ty, $math, 0.0, 1.0, |a, factor, term| {
            primitive::$mul_add(a, factor, term)
        });

        impl Scalar for $ty {
            const NAME: &'static str = stringify!($ty);
            type Unfused = Unfused<$ty>;
        }
    };
}

scalar!(f32, single, mul_add_f32);
scalar!(f64, double, mul_add_f64);
