//! Sizes known at run time, products by the crate `matrixmultiply`.

pub type M<const R: usize, const C: usize> = nalgebra::DMatrix<f32>;

pub fn zeros<const R: usize, const C: usize>() -> M<R, C> {
    nalgebra::DMatrix::zeros(R, C)
}

#[path = "net.rs"]
pub mod net;
