//! The layers: one file each, with its mathematics and its tests.

mod dense;
mod elementwise;
mod relu;
mod repeat;

pub use dense::{Dense, DenseConfig};
pub use elementwise::{Activation, Elementwise};
pub use relu::Relu;
pub use repeat::RepeatCache;
