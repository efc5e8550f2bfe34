//! Numbers: what a formula needs of them ([`Real`]) and what a network stores ([`Scalar`]).

use core::fmt::{Debug, Display};
use core::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

/// A number that formulas are written over.
///
/// Elementwise mathematics is written once, generic over `Real`, branch-free,
/// and `#[inline(always)]`, so that one body is vectorised for every
/// instruction set.
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
    /// The smaller of two numbers.
    fn min(self, other: Self) -> Self;
    /// The larger of two numbers.
    fn max(self, other: Self) -> Self;
    /// `yes` where `condition` holds, else `no`, without a branch.
    #[inline(always)]
    fn select(condition: bool, yes: Self, no: Self) -> Self {
        if condition { yes } else { no }
    }
    /// Square root.
    fn sqrt(self) -> Self;
    /// `e^x`.
    fn exp(self) -> Self;
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
    /// Whether this is neither infinite nor NaN.
    fn is_finite(self) -> bool;
}

/// A number that networks store: `f32` or `f64`.
pub trait Scalar: Real + bytemuck::Pod + nalgebra::Scalar + Display + Default {
    /// The type's name, as declarations and files spell it.
    const NAME: &'static str;
}

macro_rules! real {
    ($ty:ident, $sqrt:path, $exp:path, $ln:path, $tanh:path, $ln_1p:path, $erf:path) => {
        impl Real for $ty {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                value as Self
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn mul_add(self, factor: Self, term: Self) -> Self {
                self * factor + term
            }
            #[inline(always)]
            fn abs(self) -> Self {
                <$ty>::abs(self)
            }
            #[inline(always)]
            fn min(self, other: Self) -> Self {
                <$ty>::min(self, other)
            }
            #[inline(always)]
            fn max(self, other: Self) -> Self {
                <$ty>::max(self, other)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                $sqrt(self)
            }
            #[inline(always)]
            fn exp(self) -> Self {
                $exp(self)
            }
            #[inline(always)]
            fn ln(self) -> Self {
                $ln(self)
            }
            #[inline(always)]
            fn tanh(self) -> Self {
                $tanh(self)
            }
            #[inline(always)]
            fn sigmoid(self) -> Self {
                1.0 / (1.0 + $exp(-self))
            }
            #[inline(always)]
            fn softplus(self) -> Self {
                <$ty>::max(self, 0.0) + $ln_1p($exp(-<$ty>::abs(self)))
            }
            #[inline(always)]
            fn erf(self) -> Self {
                $erf(self)
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                <$ty>::is_finite(self)
            }
        }
        impl Scalar for $ty {
            const NAME: &'static str = stringify!($ty);
        }
    };
}

real!(f32, libm::sqrtf, libm::expf, libm::logf, libm::tanhf, libm::log1pf, libm::erff);
real!(f64, libm::sqrt, libm::exp, libm::log, libm::tanh, libm::log1p, libm::erf);
