//! Small deep networks inside your program: declared with [`network!`], checked
//! at compile time, trained, and explained.
#![deny(unsafe_code)]
#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(feature = "alloc")]
extern crate alloc;

pub use bytemuck;
pub use nalgebra;
pub use rand;

pub mod init;
pub mod kernels;
mod layer;
pub mod layers;
pub mod losses;
mod network;
pub mod optimizers;
pub mod prelude;
mod scalar;

pub use kernels::simd_path;
pub use layer::{
    Generator, Layer, Name, Parameter, ParameterKind, ParameterMut, Pass, Sample, Visitor,
    VisitorMut,
};
pub use network::{Network, Workspace};
pub use scalar::{Real, Scalar};

#[doc(hidden)]
pub use network_macros::__network;

/// See the crate's documentation for the language.
#[macro_export]
macro_rules! network {
    ($($tokens:tt)*) => {
        $crate::__network! { ($crate) $($tokens)* }
    };
}
