//! Activations as layers: a function of one number, applied to every entry.

use crate::kernels::{self, Binary, SimdPath, Ternary, Unary};
use crate::{Generator, Layer, Pass, Real, Scalar, Step};
use bytemuck::{Zeroable, cast_slice, cast_slice_mut};
use core::marker::PhantomData;
use nalgebra::SVector;

/// A function of one number and its derivative, for `network!`'s activations
/// and for `activation(MyFunction)`.
///
/// Write both without branches (see [`Real::select`]) and mark them
/// `#[inline(always)]`: then they are vectorised.
pub trait Activation: Copy + Zeroable {
    /// Whether [`Activation::derivative`] looks at `y` alone. Then the layer may
    /// overwrite its input.
    const DERIVATIVE_FROM_OUTPUT: bool = false;

    /// `y = f(x)`.
    fn value<R: Real>(&self, x: R) -> R;

    /// `f'(x)`, where `y = f(x)` is given too.
    fn derivative<R: Real>(&self, x: R, y: R) -> R;
}

/// The layer `y = f(x)`, entry by entry.
///
/// # Shapes
///
/// `x`, `y`: `N`. No parameters.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[zeroable(bound = "")]
#[repr(C)]
pub struct Elementwise<T: Scalar, const N: usize, F> {
    /// The function.
    pub function: F,
    scalar: PhantomData<T>,
}

#[derive(Clone, Copy)]
struct Value<F>(F);
impl<F: Activation> Unary for Value<F> {
    #[inline(always)]
    fn call<R: Real>(&self, x: R) -> R {
        self.0.value(x)
    }
}

#[derive(Clone, Copy)]
struct ChainRule<F>(F);
impl<F: Activation> Ternary for ChainRule<F> {
    #[inline(always)]
    fn call<R: Real>(&self, d: R, x: R, y: R) -> R {
        d * self.0.derivative(x, y)
    }
}
impl<F: Activation> Binary for ChainRule<F> {
    #[inline(always)]
    fn call<R: Real>(&self, d: R, y: R) -> R {
        d * self.0.derivative(y, y)
    }
}

impl<T: Scalar, const N: usize, F: Activation> Elementwise<T, N, F> {
    /// `y = f(y)`: overwrites its input, in inference and, where the derivative
    /// needs only the output, in training.
    pub fn forward_in_place(&self, path: SimdPath, y: &mut [SVector<T, N>]) {
        kernels::map(path, &Value(self.function), cast_slice_mut::<_, T>(y));
    }

    /// Turns `d_y` into `d_x` in place, from the output alone.
    pub fn backward_in_place(&self, path: SimdPath, y: &[SVector<T, N>], d: &mut [SVector<T, N>]) {
        const { assert!(F::DERIVATIVE_FROM_OUTPUT) };
        kernels::map2(
            path,
            &ChainRule(self.function),
            cast_slice_mut::<_, T>(d),
            cast_slice(y),
        );
    }
}

impl<T: Scalar, const N: usize, F: Activation> Layer for Elementwise<T, N, F> {
    type Scalar = T;
    type Input = SVector<T, N>;
    type Output = SVector<T, N>;
    type Config = F;
    type Gradient = ();
    type Cache<const BATCH: usize> = ();

    fn initialize(&mut self, config: &F, _generator: &mut Generator) {
        self.function = *config;
    }

    fn infer(&self, path: SimdPath, x: &[Self::Input], y: &mut [Self::Output], _scratch: &mut [T]) {
        kernels::map_to(
            path,
            &Value(self.function),
            cast_slice::<_, T>(x),
            cast_slice_mut(y),
        );
    }

    fn forward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        _cache: &mut (),
        scratch: &mut [T],
    ) {
        self.infer(pass.path, x, y, scratch);
    }

    fn backward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &[Self::Output],
        d_y: &[Self::Output],
        d_x: Option<&mut [Self::Input]>,
        _cache: &mut (),
        _gradient: &mut (),
        _scratch: &mut [T],
    ) {
        if let Some(d_x) = d_x {
            d_x.copy_from_slice(d_y);
            kernels::map3(
                pass.path,
                &ChainRule(self.function),
                cast_slice_mut::<_, T>(d_x),
                cast_slice(x),
                cast_slice(y),
            );
        }
    }
}

/// The function of a step's entries, however many the layer has.
impl<T: Scalar, const N: usize, F: Activation> Step for Elementwise<T, N, F> {
    type State = ();

    #[inline]
    fn advance(&self, path: SimdPath, x: &[T], y: &mut [T], (): &mut (), _scratch: &mut [T]) {
        kernels::map_to(path, &Value(self.function), x, y);
    }
}
