//! All sizes in the types.

pub type M<const R: usize, const C: usize> = Box<nalgebra::SMatrix<f32, R, C>>;

pub fn zeros<const R: usize, const C: usize>() -> M<R, C> {
    Box::new(nalgebra::SMatrix::zeros())
}

#[path = "net.rs"]
pub mod net;
