//! Weights and biases side by side as plain numbers: the gradient types of layers.

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

/// The gradient of a recurrent cell's two weights and two biases.
///
/// In memory it is their entries one after the other, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct CellGradient<I, H, B> {
    /// dL/dweight of the input.
    pub weight_ih: I,
    /// dL/dweight of the hidden state.
    pub weight_hh: H,
    /// dL/dbias of the input's part.
    pub bias_ih: B,
    /// dL/dbias of the hidden state's part.
    pub bias_hh: B,
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

impl<I: Block, H: Block<Scalar = I::Scalar>, B: Block<Scalar = I::Scalar>> Block
    for CellGradient<I, H, B>
{
    type Scalar = I::Scalar;
}

mod sealed {
    pub trait Sealed {}
    impl<T: crate::Scalar, const R: usize, const C: usize> Sealed for nalgebra::SMatrix<T, R, C> {}
    impl<W: super::Block, B: super::Block> Sealed for super::Affine<W, B> {}
    impl<I: super::Block, H: super::Block, B: super::Block> Sealed for super::CellGradient<I, H, B> {}
}

// SAFETY: both fields accept all-zero bytes, and `repr(C)` adds nothing but padding.
unsafe impl<W: Block, B: Block<Scalar = W::Scalar>> Zeroable for Affine<W, B> {}

// SAFETY: `Block` is sealed: its implementors are arrays of one scalar type, all of the
// same alignment, so `repr(C)` places them without padding; every bit pattern of a
// scalar is a value, and nothing here is a pointer or has interior mutability.
unsafe impl<W: Block, B: Block<Scalar = W::Scalar>> Pod for Affine<W, B> {}

// SAFETY: all fields accept all-zero bytes, and `repr(C)` adds nothing but padding.
unsafe impl<I: Block, H: Block<Scalar = I::Scalar>, B: Block<Scalar = I::Scalar>> Zeroable
    for CellGradient<I, H, B>
{
}

// SAFETY: as for `Affine`: arrays of one scalar type, all of the same alignment.
unsafe impl<I: Block, H: Block<Scalar = I::Scalar>, B: Block<Scalar = I::Scalar>> Pod
    for CellGradient<I, H, B>
{
}
