//! What all declared networks have in common.

use declarations::{INPUTS, OUTPUTS};
use network_core::nalgebra::SVector;
use network_core::prelude::*;

include!("sets.rs");

/// One input.
pub type Input = SVector<f32, INPUTS>;

/// A network with the ends that all declarations have.
pub trait Declared: Network<Scalar = f32, Input = Input, Output = SVector<f32, OUTPUTS>> {}
impl<N: Network<Scalar = f32, Input = Input, Output = SVector<f32, OUTPUTS>>> Declared for N {}

/// Something to do with every network.
pub trait Visitor {
    /// Does it with `N`.
    fn visit<N: Declared>(&mut self);
}
