//! The layers: one file each, with its mathematics and its tests.

#[cfg(test)]
mod check;
mod dense;
mod elementwise;
mod elu;
mod functions;
mod gelu;
mod gelu_tanh;
mod hard_sigmoid;
mod hard_swish;
mod hard_tanh;
mod identity;
mod leaky_relu;
mod mish;
mod relu;
mod relu6;
mod repeat;
mod selu;
mod sigmoid;
mod silu;
mod softplus;
mod tanh;

pub use dense::{Dense, DenseConfig};
pub use elementwise::{Activation, Elementwise};
pub use elu::Elu;
pub use gelu::Gelu;
pub use gelu_tanh::GeluTanh;
pub use hard_sigmoid::HardSigmoid;
pub use hard_swish::HardSwish;
pub use hard_tanh::HardTanh;
pub use identity::Identity;
pub use leaky_relu::LeakyRelu;
pub use mish::Mish;
pub use relu::Relu;
pub use relu6::Relu6;
pub use repeat::RepeatCache;
pub use selu::Selu;
pub use sigmoid::Sigmoid;
pub use silu::Silu;
pub use softplus::Softplus;
pub use tanh::Tanh;
