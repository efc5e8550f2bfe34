//! How a stored number computes: as it is, or with multiply and add rounded apart.
//!
//! A path without a fused multiply-add runs the same generic body over
//! [`Unfused`], because `f32::mul_add` would be a slow library call there.

use super::math::{double, single};
use crate::Real;
use crate::scalar::real;
use bytemuck::TransparentWrapper;
use core::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

/// A number to compute with, that stands for a stored `T`.
pub trait Number<T>: Real {
    /// Whether `mul_add` rounds once.
    const FUSED: bool;
    /// The number that stands for `value`.
    fn new(value: T) -> Self;
    /// The stored number.
    fn get(self) -> T;
    /// Stored numbers as numbers to compute with.
    fn slice(values: &[T]) -> &[Self];
    /// Stored numbers as numbers to compute with, to be changed.
    fn slice_mut(values: &mut [T]) -> &mut [Self];
}

/// A number whose `mul_add` rounds the product and then the sum.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, TransparentWrapper)]
#[repr(transparent)]
pub struct Unfused<T>(T);

macro_rules! number {
    ($ty:ident, $math:ident) => {
        impl Number<$ty> for $ty {
            const FUSED: bool = true;
            #[inline(always)]
            fn new(value: $ty) -> Self {
                value
            }
            #[inline(always)]
            fn get(self) -> $ty {
                self
            }
            #[inline(always)]
            fn slice(values: &[$ty]) -> &[Self] {
                values
            }
            #[inline(always)]
            fn slice_mut(values: &mut [$ty]) -> &mut [Self] {
                values
            }
        }

        impl Number<$ty> for Unfused<$ty> {
            const FUSED: bool = false;
            #[inline(always)]
            fn new(value: $ty) -> Self {
                Self(value)
            }
            #[inline(always)]
            fn get(self) -> $ty {
                self.0
            }
            #[inline(always)]
            fn slice(values: &[$ty]) -> &[Self] {
                Self::wrap_slice(values)
            }
            #[inline(always)]
            fn slice_mut(values: &mut [$ty]) -> &mut [Self] {
                Self::wrap_slice_mut(values)
            }
        }

        real!(
            Unfused<$ty>,
            $ty,
            $math,
            Unfused(0.0),
            Unfused(1.0),
            |a, factor, term| a * factor + term
        );
    };
}

number!(f32, single);
number!(f64, double);

macro_rules! operator {
    ($($trait:ident $function:ident, $assign:ident $assign_function:ident;)*) => {$(
        impl<T: $trait<Output = T>> $trait for Unfused<T> {
            type Output = Self;
            #[inline(always)]
            fn $function(self, other: Self) -> Self {
                Self(self.0.$function(other.0))
            }
        }
        impl<T: $assign> $assign for Unfused<T> {
            #[inline(always)]
            fn $assign_function(&mut self, other: Self) {
                self.0.$assign_function(other.0);
            }
        }
    )*};
}

operator! {
    Add add, AddAssign add_assign;
    Sub sub, SubAssign sub_assign;
    Mul mul, MulAssign mul_assign;
}

impl<T: Div<Output = T>> Div for Unfused<T> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        Self(self.0 / other.0)
    }
}

impl<T: Neg<Output = T>> Neg for Unfused<T> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(-self.0)
    }
}
