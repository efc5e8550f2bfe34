//! Weight and bias side by side as plain numbers: the gradient type of most layers.

use crate::Scalar;
use bytemuck::{Pod, Zeroable};
use nalgebra::SMatrix;

/// The gradient of a weight and of a bias (or of a scale and a shift).
///
/// In memory it is the entries of `weight`, then those of `bias`, and nothing
/// else, so that optimizers see one slice of numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Affine<W, B> {
    /// dL/dweight.
    pub weight: W,
    /// dL/dbias.
    pub bias: B,
}

/// Memory that holds numbers of one type and nothing else.
pub trait Block: Pod + sealed::Sealed {
    /// The number type.
    type Scalar: Scalar;
}

impl<T: Scalar, const R: usize, const C: usize> Block for SMatrix<T, R, C> {
    type Scalar = T;
}

impl<W: Block, B: Block<Scalar = W::Scalar>> Block for Affine<W, B> {
    type Scalar = W::Scalar;
}

mod sealed {
    pub trait Sealed {}
    impl<T: crate::Scalar, const R: usize, const C: usize> Sealed for nalgebra::SMatrix<T, R, C> {}
    impl<W: super::Block, B: super::Block> Sealed for super::Affine<W, B> {}
}

// SAFETY: both fields accept all-zero bytes, and `repr(C)` adds nothing but padding.
unsafe impl<W: Block, B: Block<Scalar = W::Scalar>> Zeroable for Affine<W, B> {}

// SAFETY: `Block` is sealed: its implementors are arrays of one scalar type, all of the
// same alignment, so `repr(C)` places them without padding; every bit pattern of a
// scalar is a value, and nothing here is a pointer or has interior mutability.
unsafe impl<W: Block, B: Block<Scalar = W::Scalar>> Pod for Affine<W, B> {}
