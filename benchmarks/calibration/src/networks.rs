//! The declared networks, written by the build script.

use declarations::{INPUTS, OUTPUTS};
use network_core::nalgebra::SVector;
use network_core::prelude::*;

include!("sets.rs");
include!(concat!(env!("OUT_DIR"), "/networks.rs"));

/// One input.
pub type Input = SVector<f32, INPUTS>;

/// A network with the ends that all declarations have.
pub trait Declared: Network<Scalar = f32, Input = Input, Output = SVector<f32, OUTPUTS>> {}
impl<N: Network<Scalar = f32, Input = Input, Output = SVector<f32, OUTPUTS>>> Declared for N {}

/// Something to do with every network.
pub trait Visitor {
    /// Does it with `N`, and with the same network as it is judged for Adam and for RMSprop.
    fn visit<N: Declared, Adam: Declared, RmsProp: Declared>(&mut self);
}
